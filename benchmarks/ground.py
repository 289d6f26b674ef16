"""How long the ground takes: import, set-up in step, an own export, a base on disk, RFM.

Run on demand: ``.venv/bin/python benchmarks/ground.py`` prints a table for RESULTS.md.
Each figure is the median of several runs; where a peer can do the same, it is timed in
turn with ours and the ratio is given.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from crmlab import simulate, tables, value

ROWS = 1_000_000
ROOT = Path(__file__).resolve().parents[1]


def seconds(call):
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


def paired(ours, peer, runs=5):
    """Median time of each and of their ratio, taken in turn so that drift hits both."""
    times = [(seconds(ours), seconds(peer)) for _ in range(runs)]
    mine, theirs = zip(*times, strict=True)
    ratio = statistics.median(peer_time / own for own, peer_time in times)
    return statistics.median(mine), statistics.median(theirs), ratio


def alone(call, runs=5):
    return statistics.median(seconds(call) for _ in range(runs))


def python(*words):
    return lambda: subprocess.run([sys.executable, *words], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def purchases():
    draw = np.random.default_rng(1)
    return pd.DataFrame(
        {
            "record_id": draw.integers(1, ROWS // 20, ROWS),
            "ts": pd.Timestamp("2025-01-01", tz="UTC") + pd.to_timedelta(draw.integers(0, 31_000_000, ROWS), unit="s"),
            "amount_cents": draw.integers(100, 100_000, ROWS),
        }
    )


def plain_rfm(log):
    """What a careful analyst types by hand: the same numbers, scores by pandas.qcut on ranks."""
    as_of = log["ts"].max().normalize() + pd.Timedelta(days=1)
    groups = log.groupby("record_id")
    table = pd.DataFrame(
        {
            "recency": (as_of - groups["ts"].max()).dt.days,
            "frequency": groups.size(),
            "monetary": groups["amount_cents"].sum(),
        }
    )
    for column in list(table):
        table[column[0]] = pd.qcut(table[column].rank(method="first"), 5, labels=False) + 1
    return table


def main():
    log = purchases()
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        export = log.assign(ts=log["ts"].dt.strftime("%d.%m.%Y %H:%M:%S"))
        export["amount_cents"] = (export["amount_cents"] // 100).astype("str") + ",50"
        export = export.rename(columns={"record_id": "Kupac", "ts": "Datum", "amount_cents": "Iznos"})
        export.to_csv(folder / "export.csv", sep=";", index=False)
        plain = {"sep": ";", "decimal": ",", "parse_dates": ["Datum"], "date_format": "%d.%m.%Y %H:%M:%S"}
        base = tables.CustomerBase({"transactions": log}, name="bench")
        rows = [
            ("import crmlab", alone(python("-c", "import crmlab")), "python -c pass", alone(python("-c", "pass"))),
            (
                "1 M row export (; and decimal comma) through the own-data door",
                *(
                    result := paired(
                        lambda: tables.from_export(transactions=folder / "export.csv"),
                        lambda: pd.read_csv(folder / "export.csv", **plain),
                        runs=3,
                    )
                )[:1],
                "pandas.read_csv told everything",
                result[1],
            ),
            ("save a base of 1 M rows", alone(lambda: base.save(folder / "base"), 3), "", None),
            ("load and verify it", alone(lambda: tables.CustomerBase.load(folder / "base"), 3), "", None),
            (
                "RFM with scores, 1 M transactions",
                *(result := paired(lambda: value.rfm(log), lambda: plain_rfm(log)))[:1],
                "plain pandas, scores by qcut",
                result[1],
            ),
            (
                "retail base of 100,000 customers, all tables and truth",
                alone(lambda: simulate.company("retail", customers=100_000, seed=1), 3),
                "",
                None,
            ),
            (
                "telco base of 100,000 customers, all tables and truth",
                alone(lambda: simulate.company("telco", customers=100_000, seed=1), 3),
                "",
                None,
            ),
        ]
    print("| work | crmlab, s | beside it | s |")
    print("|---|---|---|---|")
    for work, ours, peer, theirs in rows:
        print(f"| {work} | {ours:.3f} | {peer} | {'' if theirs is None else f'{theirs:.3f}'} |")


if __name__ == "__main__":
    main()
