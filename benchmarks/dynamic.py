"""How fast one rule is replayed, run live and run by SQL, beside peers, and whether the answers are the same.

Run on demand::

    .venv/bin/python benchmarks/dynamic.py              all: a quarter of an hour, 8 GB of memory, 2 GB of disk
    .venv/bin/python benchmarks/dynamic.py replay live  some of it

The rule: a complaint in the last 7 days, no reply since the latest complaint, and purchases of 500 or more in the last
90 days. Each run has a process of its own, those of crmlab and of a peer in turn, so that a busy machine slows all; a
figure is the median of the rounds. Beside the seconds on the clock stand those the processor was at work, of all its
cores together. Logs are loaded before the clock starts: crmlab has a frame, DuckDB a table of its own, polars its own
frame. polars and river get environments of their own under benchmarks/.peers, made at first use. The figures go into
benchmarks/RESULTS.md.
"""

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "RESULTS.md"
PEERS = HERE / ".peers"
TITLE = "## dynamic.py"
PACKAGES = {"polars": ["polars", "numpy"], "river": ["river"]}
TYPES = ["visit", "purchase", "complaint", "reply"]
SHARES = [0.45, 0.35, 0.08, 0.12]
AS_IN_THE_SHOP = [0.823, 0.159, 0.01, 0.008]  # dynamic.event_log of data/retail, what the rule does not read as visits
BEGIN = 1_735_689_600_000_000  # 2025-01-01 in UTC
YEAR_S = 365 * 86_400


def peer_python(peer):
    """A peer's own Python; crmlab and DuckDB run in this one."""
    if peer not in PACKAGES:
        return sys.executable
    python = PEERS / peer / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        uv = [sys.executable, "-m", "uv"]
        subprocess.run([*uv, "venv", "-q", PEERS / peer], check=True)
        subprocess.run([*uv, "pip", "install", "-q", "--python", python, *PACKAGES[peer]], check=True)
    return python


def run(kind, who, *words):
    """One run in a process of its own."""
    command = [peer_python(who), HERE / "dynamic_peers.py", kind, who, *words]
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{kind} {who}: {done.stderr.strip()[-2_000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def columns(events, customers, first, seed, years=1, shares=SHARES):
    """What happens to some customers: 20 events a year each, of which 9 do not matter to the rule."""
    dice = np.random.default_rng([seed, first])
    who = np.sort(dice.integers(first, first + customers, events))
    ts = BEGIN + dice.integers(0, years * YEAR_S, events) * 1_000_000
    ts = ts[np.lexsort((ts, who))]
    fresh = np.r_[True, (who[1:] != who[:-1]) | (ts[1:] != ts[:-1])]
    place = np.arange(events)
    seq = place - np.maximum.accumulate(np.where(fresh, place, 0))
    kind = dice.choice(4, events, p=shares).astype("int8")
    cents = np.where(kind == 1, np.rint(np.exp(dice.normal(9, 0.8, events))), 0).astype("int64")
    return {"customer_id": who, "ts": ts, "seq": seq, "type": kind, "amount_cents": cents}


def log_in_files(folder, events, customers, parts):
    """The log in order of customers, each part a file."""
    for part in range(parts):
        found = columns(events // parts, customers // parts, 1 + part * (customers // parts), seed=1)
        table = {
            "customer_id": found["customer_id"],
            "ts": pa.array(found["ts"], pa.timestamp("us", tz="UTC")),
            "seq": found["seq"],
            "type": pa.DictionaryArray.from_arrays(pa.array(found["type"]), pa.array(TYPES)),
            "amount_cents": pa.array(found["amount_cents"], mask=found["type"] != 1),
        }
        pq.write_table(pa.table(table), Path(folder) / f"{part:02}.parquet", compression="zstd")


def medians(found):
    return {name: statistics.median(one[name] for one in found) for name in found[0]}


def replay(events=10_000_000, customers=500_000, rounds=3):
    """Ten million events: replay beside rule.sql(), SQL and polars written by hand for this rule; all answers equal."""
    wanted = {"duckdb": "at least 1.5", "polars": "at least 2"}
    said = {
        "crmlab": "crmlab, replay",
        "sql": 'crmlab, rule.sql("duckdb")',
        "duckdb": "DuckDB, SQL windows by hand",
        "polars": "polars, by hand",
    }
    with tempfile.TemporaryDirectory() as folder:
        log_in_files(folder, events, customers, parts=1)
        found = {who: [] for who in said}
        for _ in range(rounds):
            for who, runs in found.items():
                runs.append(run("replay", who, Path(folder) / "00.parquet", Path(folder) / f"{who}.npz"))
        answers = {who: dict(np.load(Path(folder) / f"{who}.npz")) for who in said}
    ours = medians(found["crmlab"])
    for who, runs in found.items():
        same = all(np.array_equal(answers[who][name], answers["crmlab"][name]) for name in answers[who])
        row = {"part": "replay", "work": f"{events:,} events, {customers:,} customers", "who": said[who]}
        row |= {name: value for name, value in medians(runs).items() if name != "intervals"}
        if who != "crmlab":
            row |= {f"{name}_ratio": row[name] / ours[name] for name in ("seconds", "busy")}
        word = "the same" if same else "NOT the same"
        row["found"] = f"{runs[0]['intervals']:,.0f} intervals" + ("" if who == "crmlab" else f", {word}")
        yield row | {"wanted": wanted.get(who, "")}


def live(events=1_000_000, customers=50_000, rounds=3):
    """Events one by one, in order of time: crmlab's whole rule beside two rolling sums of river; two mixes."""
    for shares in (AS_IN_THE_SHOP, SHARES):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "log.npz"
            found = columns(events, customers, 1, seed=2, shares=shares)
            order = np.argsort(found["ts"], kind="stable")
            np.savez(path, **{name: column[order] for name, column in found.items()})
            runs = {"crmlab": [], "river": []}
            for _ in range(rounds):
                for who, times in runs.items():
                    times.append(run("live", who, path))
        ours = medians(runs["crmlab"])
        for who, times in runs.items():
            figures = medians(times)
            row = {
                "part": "live",
                "work": f"{events:,} events one by one, {1 - shares[0]:.0%} of them matter to the rule",
            }
            row |= {name: figures[name] for name in ("seconds", "busy")}
            row["who"] = "crmlab, the rule" if who == "crmlab" else "river, TimeRolling sums of two windows"
            row["found"] = (
                f"{events / figures['seconds'] / 1e6:.2f} million events a second; an event: "
                f"median {figures['p50_us']:.2f} µs, p99 {figures['p99_us']:.1f} µs; "
                f"an empty call {figures['empty_call_ns']:.0f} ns"
            )
            if who == "crmlab":
                row["wanted"] = "0.4 million a second, median under 2 µs, p99 under 10 µs"
            else:
                row |= {f"{name}_ratio": row[name] / ours[name] for name in ("seconds", "busy")}
                row["wanted"] = "at least 5"
            yield row


def memory(customers=20_000):
    """What the live engine holds at the end: of logs of one to four years, and with windows of twice the length."""
    with tempfile.TemporaryDirectory() as folder:
        for years, days in ((1, 90), (2, 90), (4, 90), (2, 45), (2, 180)):
            path = Path(folder) / f"{years}.npz"
            if not path.exists():
                found = columns(20 * customers * years, customers, 1, seed=3, years=years)
                order = np.argsort(found["ts"], kind="stable")
                np.savez(path, **{name: column[order] for name, column in found.items()})
            said = run("memory", "crmlab", path, days)
            span = f"{years} year{'s' * (years > 1)}"
            work = f"{said['events']:,} events of {span}, {customers:,} customers; windows {days} and 7 days"
            row = {"part": "memory", "work": work, "who": "crmlab, live"}
            wanted = "as with one year" if years in (2, 4) and days == 90 else ""
            yield row | {"found": f"{said['mib']:.1f} MiB, snapshot {said['snapshot_mib']:.1f} MiB", "wanted": wanted}


def linear(memory_gb=3):
    """One to fifty million events from files by DuckDB, in a process that stays under 4 GiB."""
    first = None
    for events in (1_000_000, 10_000_000, 50_000_000):
        with tempfile.TemporaryDirectory() as folder:
            log_in_files(folder, events, events // 20, parts=max(1, events // 5_000_000))
            said = run("files", "crmlab", folder, memory_gb)
        micros = said["seconds"] / events * 1e6
        first = first or micros
        row = {"part": "linear", "work": f"{events:,} events from Parquet", "who": "crmlab, rule.on_duckdb"}
        row |= {name: said[name] for name in ("seconds", "busy")}
        row["found"] = (
            f"{said['intervals']:,} intervals; {micros:.2f} µs an event, {micros / first:.2f} of that of a million; "
            f"peak {said['peak_gib']:.2f} GiB"
        )
        yield row | {"wanted": "linear, under 4 GiB"}


PARTS = {part.__name__: part for part in (replay, live, memory, linear)}
COLUMNS = ("part", "work", "who", "seconds", "busy", "seconds_ratio", "busy_ratio", "wanted", "found")


def written(names, rows):
    """Put the figures into RESULTS.md, in the place of those of the same parts."""
    text = RESULTS.read_text(encoding="utf-8")
    before, _, rest = text.partition(f"{TITLE}\n")
    old, mark, after = rest.partition("\n## ")
    fresh = {*names, "part"}
    kept = [line for line in old.splitlines() if line.startswith("| ") and line.split(" | ")[0][2:] not in fresh]
    order = list(PARTS)
    fresh_lines = [f"| {' | '.join(_cell(row.get(column)) for column in COLUMNS)} |" for row in rows]
    lines = sorted([*kept, *fresh_lines], key=lambda line: order.index(line.split(" | ")[0][2:]))
    told = [
        f"{platform.system()}, {os.cpu_count()} cores, Python {platform.python_version()}, {date.today().isoformat()};",
        "`python benchmarks/dynamic.py`. A ratio is the peer's time over crmlab's, on the clock and (busy) by what the",
        "processor was at work, all cores together. An empty call: what Python takes just then for one of nothing.",
    ]
    table = [f"| {' | '.join(COLUMNS)} |", "|---" * len(COLUMNS) + "|", *lines]
    body = "\n".join([*told, "", *table])
    RESULTS.write_text(f"{before.rstrip()}\n\n{TITLE}\n\n{body}\n{mark}{after}", encoding="utf-8", newline="\n")


def _cell(number):
    return "" if number is None else f"{number:.2f}" if isinstance(number, float) else str(number)


if __name__ == "__main__":
    unknown = [name for name in sys.argv[1:] if name not in PARTS]
    if unknown:
        raise SystemExit(f"unknown: {unknown[0]}; known: {', '.join(PARTS)}")
    for name in sys.argv[1:] or PARTS:
        found = []
        for row in PARTS[name]():
            found.append(row)
            print(json.dumps(row), flush=True)
        written([name], found)
