"""How long customer bases take to make, beside two peers and beside writing them to disk.

Run on demand::

    .venv/bin/python benchmarks/simulate.py              all but the last
    .venv/bin/python benchmarks/simulate.py peers mess   some of it
    .venv/bin/python benchmarks/simulate.py flat10m      10 million customers: half an hour and 2 GB of memory

What is compared runs in turn, and the ratio is the median of the ratios, so that a busy machine
slows both. The peers get an environment of their own under benchmarks/.peers, made at first
use. The figures go into benchmarks/RESULTS.md.
"""

import multiprocessing
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from crmlab import simulate
from crmlab.simulate.acquisition import acquisition
from crmlab.simulate.asked import asked
from crmlab.simulate.customers import customers
from crmlab.simulate.people import people
from crmlab.simulate.purchases import purchases
from crmlab.simulate.records import consents, open_records
from crmlab.simulate.touchpoints import touchpoints, touchpoints_table

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "RESULTS.md"
PEERS = HERE / ".peers"
TITLE = "## simulate.py"
TEN = (
    *("first_name", "last_name", "street", "house_number", "postcode", "city", "country"),
    *("email", "phone", "birth_date"),
)
CLEAN = {"mess": "none"}  # the mess is timed on its own


def seconds(call):
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


def paired(ours, other, runs):
    """Median time of each and of their ratio (ours to the other), taken in turn."""
    times = [(ours(), other()) for _ in range(runs)]
    mine, theirs = zip(*times, strict=True)
    return statistics.median(mine), statistics.median(theirs), statistics.median(a / b for a, b in times)


def customers_tables(n, locale):
    """The customers table alone, block by block."""
    plan = asked("retail", customers=n, seed=1, locale=locale, **CLEAN)
    for number in range(plan.blocks):
        part = plan.block(number)
        yield customers(part, people(part), open_records(part, acquisition(part)), consents(part))[0]


def ten_columns(n, locale):
    """What the peers make, and no more: of each customer ten columns without gaps, households and family names kept."""
    plan = asked("retail", customers=n, seed=1, locale=locale, **CLEAN)
    return [people(plan.block(number))[list(TEN)] for number in range(plan.blocks)]


def written(frames, folder):
    """Seconds pyarrow needs to write tables as zstd Parquet, one part each; turning them into Arrow is not counted."""
    taken = 0
    for place, frame in enumerate(frames):
        table = pa.Table.from_pandas(frame, preserve_index=False)
        taken += seconds(lambda: pq.write_table(table, folder / f"{place}.parquet", compression="zstd"))  # noqa: B023 it is called at once
    return taken


def made_and_written(blocks, folder):
    """Seconds to make tables block by block, and to write them."""
    make = write = 0
    begun = time.perf_counter()
    for frames in blocks:
        make += time.perf_counter() - begun
        write += written(frames, folder)
        del frames
        begun = time.perf_counter()
    return make, write


def peer_python():
    """The peers' own Python."""
    python = PEERS / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        uv = [sys.executable, "-m", "uv"]
        subprocess.run([*uv, "venv", "-q", PEERS], check=True)
        subprocess.run([*uv, "pip", "install", "-q", "--python", python, "faker", "mimesis"], check=True)
    return python


def peers(folder, n=100_000):
    """100,000 customers against Faker and Mimesis."""
    python = peer_python()
    for peer, locale, rows, wanted in (
        ("faker", "hr", n // 10, 100),
        ("faker", "en", n // 10, 100),
        ("mimesis", "hr", n, 20),
        ("mimesis", "en", n, 20),
    ):

        def ours(locale=locale):
            return seconds(lambda: ten_columns(n, locale))

        def all_columns(locale=locale):
            return seconds(lambda: list(customers_tables(n, locale)))

        def theirs(peer=peer, locale=locale, rows=rows):
            words = [python, HERE / "simulate_peers.py", peer, locale, str(rows)]
            return float(subprocess.run(words, capture_output=True, check=True, text=True).stdout) * n / rows

        ours(), all_columns()
        mine, other, ratio = paired(ours, theirs, 5)
        scaled = f", {rows:,} rows times {n // rows}" if rows < n else ""
        yield (
            *(f"{n:,} customers, the same ten columns, {locale}", mine, f"{peer} row loop{scaled}", other),
            *(f"{1 / ratio:.0f} times as fast", f"at least {wanted}"),
        )
        whole_table = statistics.median(all_columns() for _ in range(5))
        yield (
            *(f"{n:,} customers, the whole table of 22 columns, {locale}", whole_table, f"{peer} as above", other),
            *(f"{other / whole_table:.0f} times as fast", ""),
        )


def table(folder, n=1_000_000):
    """A million customers against the write."""
    blocks = ([frame] for frame in customers_tables(n, "hr"))
    make, write = made_and_written(blocks, folder)
    yield f"customers table, {n:,}", make, "pyarrow writes it (zstd)", write, f"{make / write:.2f}", "at most 2"


def blocks_of(company, n, **changed):
    plan = asked(company, customers=n, seed=1, **changed)
    return (
        simulate.block(company, number, customers=n, seed=1, **changed) for number in range(plan.blocks)
    ), plan.blocks


def whole(folder, n=1_000_000):
    """A million retail customers with all tables and the truth, against the write."""
    blocks, _ = blocks_of("retail", n)
    frames = ([*base.values(), *base.truth.values()] for base in blocks)
    make, write = made_and_written(frames, folder)
    yield (
        f"retail, {n:,} customers, all tables and truth",
        make,
        "pyarrow writes them",
        write,
        f"{make / write:.2f}",
        "",
    )
    few = ("customers", "transactions"), ("persons", "links", "merges", "misbooked", "edits", "value")
    asked_for = dict.fromkeys(
        ("moments", "lifecycle", "survey", "mentions", "product", "campaigns", "referrals"), False
    )
    blocks, _ = blocks_of("retail", n, **asked_for)
    frames = (
        [
            tables[name]
            for tables, names in zip((base, base.truth), few, strict=True)
            for name in names
            if name in tables
        ]
        for base in blocks
    )
    only, write = made_and_written(frames, folder)
    yield (
        *(f"retail, {n:,} customers, purchases, contacts and their truth", only),
        *("pyarrow writes customers, transactions and their truth", write, f"{only / write:.2f}", "at most 4"),
    )


def touch_logs(n):
    """The touch points alone, block by block, with what they follow from: joining, buying, records."""
    plan = asked("retail", customers=n, seed=1, **CLEAN)
    for number in range(plan.blocks):
        part = plan.block(number)
        joined, agreed = acquisition(part), consents(part)
        sales, _ = purchases(part, joined)
        left = np.full(part.size, part.end_second)
        records = open_records(part, joined, sales)
        yield touchpoints_table(touchpoints(part, sales, joined, left, agreed, records)[0], records, joined)[0]


def _log(folder, out):
    rows = 0

    def tables():
        nonlocal rows
        for frame in touch_logs(22 * 65_536):
            rows += len(frame)
            yield [frame]

    make, write = made_and_written(tables(), Path(folder))
    import resource

    out.put((rows, make, write, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20))


def log(folder):
    """20 million touch points in order, made block by block in one process of its own."""
    context = multiprocessing.get_context("spawn")
    out = context.Queue()
    process = context.Process(target=_log, args=(str(folder), out))
    process.start()
    rows, make, write, peak = out.get()
    process.join()
    yield (
        *(f"{rows:,} touch points, in order", make, "pyarrow writes the touch points", write),
        *(f"{make / write:.2f}; peak {peak:.2f} GiB", "at most 4; 2 GiB"),
    )


def mess(folder, n=100_000):
    """What duplicates, errors and their log add."""

    def base(preset):
        return lambda: seconds(lambda: simulate.company("retail", customers=n, seed=1, mess=preset))

    base("usual")(), base("none")()
    usual, clean, ratio = paired(base("usual"), base("none"), 5)
    yield (
        f"retail, {n:,} customers, usual mess",
        usual,
        "the same without",
        clean,
        f"+ {ratio - 1:.0%}",
        "at most + 50 %",
    )


def flat(folder, sizes=(10_000, 100_000, 1_000_000)):
    """Cost per customer as the base grows."""
    first = None
    for n in sizes:

        def run(n=n):
            return seconds(lambda: [None for base in blocks_of("retail", n)[0]])

        run(min(n, 10_000))
        each = statistics.median(run() for _ in range(5 if n < 1_000_000 else 1)) / n * 1e6
        first = first or each
        work = f"retail, {n:,} customers: microseconds for each"
        yield work, each, f"{sizes[0]:,} customers", first, f"{each / first:.2f}", "flat"


def flat10m(folder):
    """The same with 10 million."""
    yield from flat(folder, sizes=(10_000, 10_000_000))


PARTS = {part.__name__: part for part in (peers, table, whole, log, mess, flat, flat10m)}


def main(names):
    asked_for = names or [name for name in PARTS if name != "flat10m"]
    lines = []
    for name in asked_for:
        folder = Path(tempfile.mkdtemp())
        try:
            for work, ours, other, theirs, ratio, wanted in PARTS[name](folder):
                lines.append(f"| {name} | {work} | {ours:.3f} | {other} | {theirs:.3f} | {ratio} | {wanted} |")
                print(lines[-1], flush=True)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    keep(asked_for, lines)


def keep(names, lines):
    """Put new lines in place of old ones of the same parts."""
    head = [
        TITLE,
        "",
        f"`python benchmarks/simulate.py` on {date.today()}, {os.cpu_count()} cores,",
        f"Python {platform.python_version()}; seconds where nothing else is said, in one process.",
        "",
        "| part | work | crmlab | beside it | its time | ratio | wanted |",
        "|---|---|---|---|---|---|---|",
    ]
    text = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else "# Results\n"
    before, _, mine = text.partition(TITLE)
    mine, later, rest = mine.partition("\n## ")
    old = [line for line in mine.splitlines() if line.startswith("| ") and not line.startswith("| part")]
    old = [line for line in old if line.split(" | ")[0][2:] not in names]
    order = list(PARTS)
    rows = sorted([*old, *lines], key=lambda line: order.index(line.split(" | ")[0][2:]))
    text = f"{before.rstrip()}\n\n" + "\n".join([*head, *rows]) + "\n" + (later + rest if later else "")
    RESULTS.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
