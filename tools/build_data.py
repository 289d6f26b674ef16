"""Rebuild the ready-made bases in data/, its README and its CHECKSUMS.

Run it when the bytes of simulated bases have changed::

    python tools/build_data.py            write what is out of step
    python tools/build_data.py --check    write nothing, say what is out of step
"""

import argparse
import hashlib
import sys
from functools import cache
from pathlib import Path

import pandas as pd

from crmlab import simulate, tables
from crmlab.errors import CrmlabError

DATA = Path(__file__).parent.parent / "data"
BASES = {"telco": {"customers": 2_000, "seed": 1, "locale": "hr"}}

README = """# Ready-made data

Small enough to come with the clone, so that a lesson opens at once. `CHECKSUMS` holds the SHA-256 of every file;
`python tools/build_data.py` rebuilds this folder, `python tools/build_data.py --check` says what is out of step.
All times are UTC, all money whole cents.

## cdnow

A real purchase log, as CSV. Columns, units, source and licence: [cdnow/README.md](cdnow/README.md).

| file | rows | columns |
|---|---|---|
| cdnow/cdnow.csv | {cdnow_rows:,} | {cdnow_columns} |
"""
BASE = """
## {name}

Made, not real: no person, address or number in it belongs to anybody. The call that made it:

```python
{call}
```

It opens with `tables.CustomerBase.load("data/{name}")`; amounts are in {currency}, and it describes {as_of:%Y-%m-%d}.
The files under `truth/` hold what no firm knows of its customers; analyses never read them.
"""
TRUTH = {
    "person_id": ("", "number of the person"),
    "record_id": ("", "number of the customer record"),
    "gender": ("", "female or male"),
    "purchase_rate": ("per week", "how often the customer buys while a customer"),
    "dropout": ("", "chance of leaving after each repeat purchase"),
    "churn_probability": ("", "chance of leaving after each month"),
    "alive_until": ("UTC", "when the customer left; empty if not before the end of the holdout"),
    "alive_at_end": ("", "whether still a customer on the day the base describes"),
    "mean_spend_cents": ("cents", "what a purchase, or a month, is worth on average"),
    "future_purchases": ("count", "purchases or payments in the holdout"),
    "future_value_cents": ("cents", "amount of the holdout's purchases or payments"),
}


def main(arguments=None):
    """Bring data/ into step, or say what is not."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing, say what is out of step")
    is_check = parser.parse_args(arguments).check
    names = out_of_step(DATA) if is_check else build(DATA)
    verb = "out of step" if is_check else "written"
    print("\n".join(f"{verb}: {name}" for name in names) or "data/ is in step.")
    return 1 if is_check and names else 0


def build(folder):
    """Write what is out of step: bases, then README, then CHECKSUMS."""
    written = []
    for name in BASES:
        if not same_content(folder / name, made(name)):
            made(name).save(folder / name)
            written.append(f"data/{name}")
    for name, text in TEXTS.items():
        if not same_text(folder / name, text(folder)):
            (folder / name).write_text(text(folder), encoding="utf-8", newline="\n")
            written.append(f"data/{name}")
    return written


def out_of_step(folder):
    """Name what is not as :func:`build` would leave it."""
    stale = [f"data/{name}" for name in BASES if not same_content(folder / name, made(name))]
    return stale + [f"data/{name}" for name, text in TEXTS.items() if not same_text(folder / name, text(folder))]


@cache
def made(name):
    """Make one of the bases, once."""
    return simulate.company(name, **BASES[name])


def same_content(folder, base):
    """Tell whether the base on disk says what the base in memory says, whatever the bytes of its files."""
    try:
        kept = tables.CustomerBase.load(folder)
    except CrmlabError:
        return False
    pairs = ((kept, base), (kept.truth, base.truth))
    return kept.about == base.about and all(sums(one) == sums(other) for one, other in pairs)


def same_text(path, text):
    """Tell whether a file holds this text."""
    return path.is_file() and path.read_text(encoding="utf-8") == text


def sums(frames):
    """One checksum of content per table."""
    return {name: tables.checksum(frame) for name, frame in frames.items()}


def checksums(folder):
    """One line per file: SHA-256 and path, sorted."""
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    lines = [
        f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}" for name in files if name != "CHECKSUMS"
    ]
    return "\n".join(lines) + "\n"


def readme(folder):
    """Say of each file: rows, columns, units, and where it is from."""
    log = pd.read_csv(folder / "cdnow" / "cdnow.csv", dtype=str)
    text = [README.format(cdnow_rows=len(log), cdnow_columns=", ".join(log.columns))]
    for name, arguments in BASES.items():
        base = made(name)
        given = ", ".join(f"{key}={value!r}" for key, value in arguments.items())
        call = f'simulate.company("{name}", {given}).save("data/{name}")'
        text.append(BASE.format(name=name, call=call, currency=base.currency, as_of=base.as_of))
        text.extend(promised(f"{name}/{table}", table, frame) for table, frame in base.items())
        text.extend(known(f"{name}/truth/{table}", frame) for table, frame in base.truth.items())
    return "".join(text)


def promised(path, table, frame):
    """List the columns of an observed table."""
    promise = tables.describe(table)
    rows = zip(*(promise.columns[name] for name in ("column", "unit", "meaning")), strict=True)
    return listed(f"{path}.parquet: {len(frame):,} rows, {promise.row} each", rows)


def known(path, frame):
    """List the columns of a truth table; what a person's columns mean is as in customers."""
    promise = tables.describe("customers").columns.set_index("column")
    facts = {name: (promise.loc[name, "unit"], promise.loc[name, "meaning"]) for name in promise.index} | TRUTH
    return listed(f"{path}.parquet: {len(frame):,} rows", [(name, *facts[name]) for name in frame.columns])


def listed(title, rows):
    """A heading and a table of columns."""
    lines = [f"| {column} | {unit} | {meaning} |" for column, unit, meaning in rows]
    return "\n".join(["", f"### {title}", "", "| column | unit | meaning |", "|---|---|---|", *lines, ""])


TEXTS = {"README.md": readme, "CHECKSUMS": checksums}

if __name__ == "__main__":
    sys.exit(main())
