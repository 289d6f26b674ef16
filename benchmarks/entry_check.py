"""How fast possible duplicates are named while a record is typed, and how often the right one is among them.

Run on demand::

    .venv/bin/python benchmarks/entry_check.py            1,000,000 customers: some minutes and 3 GB of memory
    .venv/bin/python benchmarks/entry_check.py 100000     fewer

The first record of every person lies in the index; later ones are typed in, whole and in part. Beside the
milliseconds on the clock stands, on average, how long the processor was at work, since the machine may be busy with
other things; asking the processor takes milliseconds itself, so it is asked once for all checks. The figures go into
benchmarks/RESULTS.md.
"""

import os
import platform
import re
import statistics
import sys
import time
from datetime import date
from pathlib import Path

import pandas as pd

from crmlab import dedupe, simulate

RESULTS = Path(__file__).resolve().parent / "RESULTS.md"
TITLE = "## entry_check.py"
UNUSED = ("moments", "lifecycle", "survey", "campaigns", "mentions", "referrals", "product")
NAMES, ADDRESS = ["first_name", "last_name"], ["street", "house_number", "postcode", "city"]
TYPED = {
    "all fields": [*NAMES, *ADDRESS, "birth_date", "phone", "email"],
    "names and address": [*NAMES, *ADDRESS],
    "names and day of birth": [*NAMES, "birth_date"],
    "last name and phone": ["last_name", "phone"],
}
CHECKS = 1_000


def seconds(call):
    """What a call gives, the time on the clock, and the time the processor was at work."""
    work, clock = time.process_time(), time.perf_counter()
    gives = call()
    clock = time.perf_counter() - clock
    return gives, clock, time.process_time() - work


def checked(index, records, right):
    """The milliseconds of every check, and how often the right record is among the five."""
    clock, hits = [], 0
    for record, wanted in zip(records, right, strict=True):
        begun = time.perf_counter()
        found = index.check(record).table
        clock.append(1000 * (time.perf_counter() - begun))
        hits += wanted in set(found["record_id"])
    return clock, hits / len(records)


def run(n):
    """One base: the rows of the table of figures."""
    base = simulate.company("retail", customers=n, seed=1, locale="hr", mess="usual", **dict.fromkeys(UNUSED, False))
    person = base.customers["record_id"].map(base.truth["links"].set_index("record_id")["person_id"])
    again = person.duplicated().to_numpy()
    there = base.customers[~again]
    first = pd.Series(there["record_id"].to_numpy(), index=person[~again].to_numpy())
    typed = base.customers[again].sample(min(CHECKS, int(again.sum())), random_state=1)
    index, on_clock, at_work = seconds(lambda: dedupe.EntryIndex(there))
    print(f"index of {len(there):,} records: {on_clock:.1f} s, {at_work:.1f} s at work")
    lines = []
    for name, columns in TYPED.items():
        complete = typed.dropna(subset=columns) if len(columns) < 4 else typed
        records = complete[columns].astype(object).to_dict("records")
        right = first[person[complete.index]]
        (clock, hits), _, work = seconds(lambda records=records, right=right: checked(index, records, right))
        each = 1000 * work / len(records)
        p95 = statistics.quantiles(clock, n=20)[-1]
        lines.append(
            f"| {name} | {len(records):,} | {statistics.median(clock):.2f} | {each:.2f} | {p95:.1f} | {hits:.3f} |"
        )
        print(lines[-1])
    return f"{len(there):,} records, index in {on_clock:.1f} s on the clock ({at_work:.1f} s at work)", lines


def main():
    """Run, and put the figures in place of the old ones."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    headline, lines = run(n)
    text = "\n".join(
        [
            TITLE,
            "",
            f"{date.today():%Y-%m-%d}, Python {platform.python_version()}, {os.cpu_count()} cores; "
            f"`python benchmarks/entry_check.py`. {headline}.",
            "",
            "| typed | checks | median ms | at work on average, ms | 95 % under ms | right one among five |",
            "|---|---|---|---|---|---|",
            *lines,
            "",
        ]
    )
    old = RESULTS.read_text(encoding="utf-8")
    own = re.compile(rf"{re.escape(TITLE)}\n.*?(?=\n## |\Z)", re.DOTALL)
    new = own.sub(lambda _: text.rstrip("\n") + "\n", old) if own.search(old) else f"{old.rstrip()}\n\n{text}"
    RESULTS.write_text(new, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
