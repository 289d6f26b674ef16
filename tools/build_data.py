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
from crmlab.tables.models import MODELS

DATA = Path(__file__).parent.parent / "data"
SIZES = {"telco": 200, "telco-en": 80, "bank": 80, "bank-en": 80}
SIZES |= {"retail": 100, "retail-en": 100, "b2b": 30, "b2b-en": 30}
BASES = {
    name: (name.removesuffix("-en"), {"customers": customers, "seed": 1, "locale": "en" if "-" in name else "hr"})
    for name, customers in SIZES.items()
}

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
MADE = """
## Customer bases

Made, not real: no person, address or number in them belongs to anybody. Each opens with, for instance,
`tables.CustomerBase.load("data/telco")`. The files under `truth/` hold what no firm knows of its customers;
analyses never read them.
"""
BASE = """
### {name}

Describes {as_of:%Y-%m-%d}, amounts in {currency}. The call that made it:

```python
{call}
```

| file | rows | columns |
|---|---|---|
"""
COLUMNS = """
## What the columns are
"""
TRUTH = {
    "person_id": ("", "number of the person"),
    "record_id": ("", "number of the customer record"),
    "gender": ("", "female or male"),
    "household_id": ("", "number of the household the person lives in"),
    "relation": ("", "place in the household or family"),
    "column": ("", "column that was changed"),
    "operation": ("", "kind of error"),
    "before": ("", "what should stand there"),
    "after": ("", "what stands there"),
    "source": ("", "clerk, channel or batch it came from"),
    "block": ("", "block of 65,536 customers it was made in"),
    "account_size": ("", "size of the firm"),
    "purchase_rate": ("per week", "how often the customer buys while a customer"),
    "dropout": ("", "chance of leaving after each repeat purchase"),
    "dropout_rate": ("per week", "how soon the customer leaves"),
    "churn_probability": ("", "chance of leaving after each month"),
    "left_by_failure": ("", "whether failed service moved the customer to leave"),
    "mean_balance_cents": ("cents", "balance the customer keeps on average"),
    "alive_until": ("UTC", "when the customer left; empty if not before the end of the holdout"),
    "alive_at_end": ("", "whether still a customer on the day the base describes"),
    "mean_spend_cents": ("cents", "what a purchase, or a month, is worth on average"),
    "future_purchases": ("count", "purchases or payments in the holdout"),
    "future_value_cents": ("cents", "amount of the holdout's purchases or payments"),
    "latent_expectation": ("1 to 9", "what the customer expected, before rounding"),
    "latent_desired": ("1 to 9", "service wished for, before rounding"),
    "latent_adequate": ("1 to 9", "service still put up with, before rounding"),
    "latent_perception": ("1 to 9", "service as it was felt, before rounding"),
    "effect_on_leaving": ("", "what it added to the customer's chance of leaving upon it"),
    "month": ("UTC", "month the state held in"),
    "state": ("", "state of the customer's life cycle"),
    "cause": ("", "what moved the customer to it"),
    "benefit_class": ("", "what the customer looks for"),
    **{f"p_class_{n}": ("", f"chance of class {n}, given the person's traits") for n in range(1, 5)},
    **{f"mean_{n:02}": ("1 to 7", f"what the person means for benefit {n}") for n in range(1, 13)},
    "by_customer": ("", "whether a customer wrote it"),
    "topic": ("", "what it is about"),
    "sentiment": ("", "how it is meant"),
    "handle": ("", "name the author goes by"),
    "table": ("", "table the event is in"),
    "event_id": ("", "number of the event"),
    "parent_id": ("", "event that set it off; empty where none did"),
    "chance_if_treated": ("", "chance to respond when treated"),
    "chance_if_not": ("", "chance to respond when left alone"),
    "outcome_if_treated": ("", "whether the customer responds when treated"),
    "outcome_if_not": ("", "whether the customer responds when left alone"),
    "referred_by": ("", "person who brought this one"),
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
    company, arguments = BASES[name]
    return simulate.company(company, **arguments)


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
    text = [README.format(cdnow_rows=len(log), cdnow_columns=", ".join(log.columns)), MADE]
    observed, hidden = {}, {}
    for name, (company, arguments) in BASES.items():
        base = made(name)
        given = ", ".join(f"{key}={value!r}" for key, value in arguments.items())
        call = f'simulate.company("{company}", {given}).save("data/{name}")'
        text.append(BASE.format(name=name, call=call, currency=base.currency, as_of=base.as_of))
        for frames, folder, seen in ((base, "", observed), (base.truth, "truth/", hidden)):
            for table, frame in frames.items():
                text.append(f"| {name}/{folder}{table}.parquet | {len(frame):,} | {len(frame.columns)} |\n")
                seen.setdefault(table, {}).update(dict.fromkeys(frame))
    text.append(COLUMNS)
    text.extend(promised(table, columns) for table, columns in observed.items())
    text.extend(known(table, columns) for table, columns in hidden.items())
    return "".join(text)


def facts(table):
    """Unit and meaning of the columns a table promises."""
    columns = tables.describe(table).columns.set_index("column")
    return {name: (columns.loc[name, "unit"], columns.loc[name, "meaning"]) for name in columns.index}


def promised(table, columns):
    """List the columns of an observed table."""
    known_facts = facts(table)
    rows = [(name, *known_facts[name]) for name in columns]
    return listed(f"{table}.parquet: one row is {tables.describe(table).row}", rows)


def known(table, columns):
    """List the columns of a truth table; those of other tables mean there what they mean here."""
    all_facts = {}
    for name in (*MODELS, "customers"):
        all_facts |= facts(name)
    all_facts |= TRUTH
    return listed(f"truth/{table}.parquet", [(name, *all_facts[name]) for name in columns])


def listed(title, rows):
    """A heading and a table of columns."""
    lines = [f"| {column} | {unit} | {meaning} |" for column, unit, meaning in rows]
    return "\n".join(["", f"### {title}", "", "| column | unit | meaning |", "|---|---|---|", *lines, ""])


TEXTS = {"README.md": readme, "CHECKSUMS": checksums}

if __name__ == "__main__":
    sys.exit(main())
