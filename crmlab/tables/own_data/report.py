"""Tell what the own-data door read, how, and what it left out."""

import html
from dataclasses import dataclass, field

import pandas as pd

from crmlab.errors import few
from crmlab.tables.own_data.words import counted, short

__all__ = ["AS_TEXT", "ImportReport", "TableReport"]

AS_TEXT = "kept as text"


@dataclass
class TableReport:
    """What became of one source.

    Parameters
    ----------
    table : str
        The table made of it.
    source : str
        Name of the file.
    facts : list of str
        How it was opened: encoding, delimiter, sheet, line of names.
    mapping : list of dict
        Per column: column, from, how, read_as.
    kept : int
        Rows of the table.
    dropped : list of tuple (line, reason, text)
        Rows left out.
    emptied : list of tuple (line, column, value)
        Cells that could not be read in columns that may be empty.
    cautions : list of str
        What the reader should look at.
    """

    table: str
    source: str
    facts: list
    mapping: list = field(default_factory=list)
    kept: int = 0
    dropped: list = field(default_factory=list)
    emptied: list = field(default_factory=list)
    cautions: list = field(default_factory=list)

    @property
    def read(self):
        """All rows of the source but the line of names."""
        return self.kept + len(self.dropped)


class ImportReport:
    """Show what the own-data door did: short when printed, in full as frames.

    Parameters
    ----------
    tables : list of TableReport
        One per source.

    Attributes
    ----------
    mapping : pandas.DataFrame
        Per column: table, column (crmlab's name), from (their name), how (told, named,
        guessed, or kept as text) and read_as.
    dropped : pandas.DataFrame
        Per row left out: table, line in the source, reason, text of the row.
    emptied : pandas.DataFrame
        Per cell that could not be read where a column may be empty: table, line,
        column, value.

    Examples
    --------
    >>> report = ImportReport([TableReport("transactions", "orders.csv", ["UTF-8", "comma"], kept=2)])
    >>> report
    transactions from orders.csv: 2 rows read, all kept.
      read as  : UTF-8, comma
    >>> len(report.dropped)
    0
    """

    def __init__(self, tables):
        self.tables = list(tables)

    @property
    def mapping(self):
        rows = [{"table": part.table, **column} for part in self.tables for column in part.mapping]
        return pd.DataFrame(rows, columns=["table", "column", "from", "how", "read_as"])

    @property
    def dropped(self):
        rows = [(part.table, *row) for part in self.tables for row in sorted(part.dropped)]
        return pd.DataFrame(rows, columns=["table", "line", "reason", "text"])

    @property
    def emptied(self):
        rows = [(part.table, *cell) for part in self.tables for cell in sorted(part.emptied)]
        return pd.DataFrame(rows, columns=["table", "line", "column", "value"])

    def __repr__(self):
        return "\n".join([*(line for part in self.tables for line in _lines(part)), *self._advice()])

    def _repr_html_(self):
        advice = "".join(f"<p>{html.escape(line)}</p>" for line in self._advice())
        return "".join(_page(part) for part in self.tables) + advice

    def _advice(self):
        """What the reader can do with this."""
        if any(row["how"] == "guessed" for part in self.tables for row in part.mapping):
            yield 'Is a guess wrong? Say columns={"their name": "crmlab\'s name"}.'
        if any(part.dropped for part in self.tables):
            yield "Every row left out stands in import_report.dropped."


def _title(part):
    out = f"{len(part.dropped):,} dropped, {part.kept:,} kept" if part.dropped else "all kept"
    return f"{part.table} from {part.source}: {counted(part.read, 'row')} read, {out}."


def _lines(part):
    yield _title(part)
    yield f"  read as  : {', '.join(part.facts)}"
    rows = [(row["column"], row["from"], row["how"], row["read_as"]) for row in part.mapping]
    known = [row for row in rows if row[2] != AS_TEXT]
    widths = [max((len(row[at]) for row in known), default=0) for at in range(3)]
    for ours, theirs, how, read_as in known:
        yield f"  {ours:<{widths[0]}} <- {theirs:<{widths[1]}}  {how:<{widths[2]}}  {read_as}".rstrip()
    if len(known) < len(rows):
        yield f"  as text  : {few([ours for ours, *_ in rows[len(known) :]], 8)}"
    for label, text in _notes(part):
        yield f"  {label:<9}: {text}"


def _notes(part):
    """What was left out or needs a look, as label and text."""
    for reason, lines in _by_reason(part.dropped):
        yield "dropped", f"{reason}, {counted(len(lines), 'row')} ({_first(lines)})"
    for column in dict.fromkeys(column for _, column, _ in part.emptied):
        cells = [(line, value) for line, name, value in sorted(part.emptied) if name == column]
        shown = f"{short(cells[0][1])!r} in line {cells[0][0]}"
        yield "emptied", f"{column}, {counted(len(cells), 'value')} could not be used (first {shown})"
    for caution in part.cautions:
        yield "look", caution


def _by_reason(dropped):
    reasons = dict.fromkeys(reason for _, reason, _ in sorted(dropped))
    return [(reason, sorted(line for line, why, _ in dropped if why == reason)) for reason in reasons]


def _first(lines):
    shown = ", ".join(map(str, lines[:3]))
    return f"line{'s' if len(lines) > 1 else ''} {shown}{' …' if len(lines) > 3 else ''}"


def _page(part):
    frame = pd.DataFrame(part.mapping, columns=["column", "from", "how", "read_as"])
    notes = "".join(f"<li>{html.escape(label)}: {html.escape(text)}</li>" for label, text in _notes(part))
    with pd.option_context("display.max_colwidth", None):
        table = frame.to_html(index=False, border=0, justify="left")
    facts = html.escape(", ".join(part.facts))
    return f"<p><b>{html.escape(_title(part))}</b><br>{facts}</p>{table}<ul>{notes}</ul>"
