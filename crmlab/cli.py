"""The command ``crmlab``: a thin door to the rooms."""

import contextlib
import re
import sys
import tomllib
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from crmlab import __version__, report, simulate, tables
from crmlab.errors import CrmlabError, message
from crmlab.tables.files import read_manifest

__all__ = ["app", "main"]

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="A training toolkit for CRM analytics, on customer bases whose truth is known.",
)
_console = Console(soft_wrap=True, highlight=False)
_COURSE = Path(__file__).resolve().parents[1]
_Out = Annotated[Path, typer.Option(help="Folder for the pages; made when it is not there.")]


@app.callback(invoke_without_command=True)
def _version(version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False):
    if version:
        _console.print(f"crmlab {__version__}")
        raise typer.Exit


@app.command()
def tour(
    out: _Out = Path("out"),
    seed: Annotated[int, typer.Option(help="Number the fresh base grows from.")] = 2026,
):
    """Work three bases through the same calls: a real log, a ready-made telco, a fresh one."""
    bases = {
        "cdnow": lambda: tables.from_export(transactions=_lesson_data("cdnow/cdnow.csv"), name="CDNOW", currency="USD"),
        "telco": lambda: tables.CustomerBase.load(_lesson_data("telco")),
        "fresh": lambda: simulate.company("retail", customers=2_000, seed=seed, locale="hr", mess="none"),
    }
    for number, (folder, make) in enumerate(bases.items(), start=1):
        with _console.status(f"{number} of {len(bases)}: {folder}"):
            result = report.audit(make(), out / folder)
        _say(result)


@app.command()
def audit(
    source: Annotated[Path, typer.Argument(help="A base's folder, or an export of purchases (CSV or Excel).")],
    out: _Out = Path("out"),
    column: Annotated[
        list[str] | None, typer.Option(help="Name in your file = name in crmlab, such as Kupac=record_id. Repeat it.")
    ] = None,
    day_first: Annotated[
        bool | None, typer.Option("--day-first/--month-first", help="How 03/04/2025 is meant.")
    ] = None,
    decimal: Annotated[str | None, typer.Option(help="Sign before the cents: , or .")] = None,
    sheet: Annotated[str | None, typer.Option(help="Sheet of the workbook.")] = None,
    encoding: Annotated[str | None, typer.Option(help="How letters are stored, such as cp1250.")] = None,
    delimiter: Annotated[str | None, typer.Option(help="Sign between the values, such as ;.")] = None,
    currency: Annotated[str | None, typer.Option(help="Currency of the amounts, such as EUR.")] = None,
):
    """Check a base or an own export, see who carries it, write the audit page."""
    if source.is_dir() and any(source.glob("*.parquet")):  # another folder holds exports; the door says which
        base = tables.CustomerBase.load(source)
    else:
        columns = dict(map(_pair, column)) if column else None
        base = tables.from_export(
            transactions=source,
            columns=columns,
            day_first=day_first,
            decimal=decimal,
            sheet=sheet,
            encoding=encoding,
            delimiter=delimiter,
            currency=currency,
        )
        _console.print(_as_typed(str(base.import_report)), markup=False)
    _say(report.audit(base, out / (source.name if source.is_dir() else source.stem)))


@app.command(name="simulate")
def simulate_(
    name: Annotated[str, typer.Argument(help="A company (retail, telco, bank, b2b), or a TOML file of your own.")] = "",
    out: Annotated[Path | None, typer.Option(help="Folder for the base; a base already there is replaced.")] = None,
    customers: Annotated[int, typer.Option(help="How many customers.")] = 2_000,
    seed: Annotated[int | None, typer.Option(help="Which of the many possible bases.")] = None,
    locale: Annotated[str, typer.Option(help="hr, en, de, or a locale of Faker such as fr_FR.")] = "hr",
    months: Annotated[int | None, typer.Option(help="How far back it reaches.")] = None,
    as_of: Annotated[str | None, typer.Option(help="The day it describes, such as 2026-01-01.")] = None,
    field: Annotated[
        list[str] | None, typer.Option("--set", help="A field to overrule, such as purchases.alpha=4.5. Repeat it.")
    ] = None,
    workers: Annotated[int, typer.Option(help="Processes that share the work.")] = 1,
    part: Annotated[str | None, typer.Option(help="Make one part alone, such as 3/16.")] = None,
    join: Annotated[bool, typer.Option("--join", help="Make one base of parts made apart.")] = False,
):
    """Make a customer base whose truth is known, however large, in a folder."""
    if out is None:
        raise CrmlabError(message("--out", "no folder is named.", next="write --out bases/telco."))
    if join:
        _say_written(simulate.join(out))
        return
    if seed is None:
        raise CrmlabError(message("--seed", "no seed is given.", next="choose any whole number, such as --seed 7."))
    asked = {"customers": customers, "seed": seed, "locale": locale, "months": months, "as_of": as_of}
    bar = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    left = (TextColumn("to go"), TimeRemainingColumn())
    with Progress(*bar, *left, console=_console, transient=True, disable=not _console.is_terminal) as shown:
        task = shown.add_task("blocks made", total=None)
        try:
            folder = simulate.write(
                *(name, out),
                **asked,
                workers=workers,
                part=part,
                progress=lambda done, of: shown.update(task, completed=done, total=of),
                **dict(map(_field, field or ())),
            )
        except KeyboardInterrupt:
            made = shown.tasks[task]
            so_far = f"{made.completed:.0f} of {made.total:.0f} blocks" if made.total else "nothing yet"
            found = f"stopped when {so_far} had been made; a base that stood here before is as it was."
            step = "give the same command again: it goes on where it stopped."
            raise CrmlabError(message(out, found, next=step)) from None
    _say_written(folder)


def main():
    """Run the command; a fault is one message, not a trace of calls.

    Examples
    --------
    >>> import sys
    >>> sys.argv = ["crmlab", "--version"]
    >>> main()
    Traceback (most recent call last):
        ...
    SystemExit: 0
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # an older terminal may lack letters: a sign in their place, not a fault
            stream.reconfigure(errors="replace")
    try:
        app()
    except CrmlabError as error:
        Console(stderr=True, soft_wrap=True).print(_as_typed(str(error)), markup=False, highlight=False)
        sys.exit(1)


def _say(result):
    _console.print(str(result), markup=False)
    _console.print()


def _say_written(folder):
    """Say in one line what was written; a narrow window breaks it between words."""
    manifest = read_manifest(folder)
    rows = ", ".join(f"{entry['rows']:,} {name}" for name, entry in manifest["tables"].items())
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    part = f" part {manifest['part']}" if "part" in manifest else ""
    line = f"{manifest['name']}{part}: {rows or 'nothing of its own'}; {size / 1e6:,.1f} MB in {folder}"
    _console.print(line, markup=False, soft_wrap=not _console.is_terminal)


def _field(written):
    path, equals, value = written.partition("=")
    if not (path and equals and value):
        next_step = "write --set purchases.alpha=4.5."
        raise CrmlabError(message("--set", f"found '{written}'.", allowed="field=value", next=next_step))
    with contextlib.suppress(tomllib.TOMLDecodeError):  # a word without quotes stays a word
        value = tomllib.loads(f"value = {value}")["value"]
    return path.strip().replace(".", "__"), value


def _as_typed(text):
    """Turn settings that a message writes as in Python into what is typed after the command."""
    ways = (
        (r'\bcolumns=\{"([^"]+)": "([^"]+)"\}', r'--column "\1=\2"'),
        (r"\bday_first=True \(or False\)", "--day-first (or --month-first)"),
        (r"\bday_first=True", "--day-first"),
        (r"\bday_first=False", "--month-first"),
        (r"\b(decimal|sheet|encoding|delimiter)=(?=[\"'\w])", r"--\1 "),
        (r"\b(sheet|encoding|currency)=", r"--\1"),
        (r"\nEvery row left out stands in import_report\.dropped\.", ""),  # the lines are named above it
    )
    for written, typed in ways:
        text = re.sub(written, typed, text)
    return text


def _pair(written):
    theirs, equals, ours = written.partition("=")
    if not (theirs and equals and ours):
        raise CrmlabError(
            message("--column", f"found '{written}'.", allowed="theirs=ours", next="write --column Kupac=record_id.")
        )
    return theirs, ours


def _lesson_data(name):
    path = _COURSE / "data" / name
    if not path.exists():
        raise CrmlabError(
            message(path, "the course's data is not here.", next="run this from a full copy (clone) of crmlab.")
        )
    return path
