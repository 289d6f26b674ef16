"""Run the service rule over a log with crmlab or with a peer; print what it took as JSON.

Run by dynamic.py, each peer in an environment of its own::

    python dynamic_peers.py replay polars log.parquet intervals.npz
    python dynamic_peers.py live river log.npz
    python dynamic_peers.py memory crmlab log.npz 90
    python dynamic_peers.py files crmlab folder 3

The rule: a complaint in the last 7 days, no reply since the latest complaint, and purchases of 500 or more in the last
90 days. The replays write the intervals they found as plain numbers: customer, entered, left (or -1), how entered and
how left (1 by an event, 0 by the clock, -1 not yet).
"""

import gc
import json
import sys
import time

import numpy as np

DAY = 86_400_000_000
FLOOR_CENTS = 500_00


def rule(days=90):
    """The rule in the words of crmlab."""
    from crmlab.segment.dynamic import did, total

    spent = total("purchase", "amount_cents").within(f"{days}d") >= FLOOR_CENTS
    return did("complaint").within("7d") & ~did("reply").after("complaint") & spent


def numbers_of(intervals):
    """A frame of intervals as plain whole numbers."""
    codes = {"event": 1, "clock": 0}
    times = [intervals[column].astype("datetime64[us, UTC]") for column in ("entered_at", "left_at")]
    return [
        intervals["customer_id"].to_numpy("int64"),
        *(column.astype("int64").where(column.notna(), -1).to_numpy() for column in times),
        *(
            intervals[column].astype("object").map(codes).fillna(-1).to_numpy("int64")
            for column in ("entered_by", "reason")
        ),
    ]


def replay_crmlab(path):
    import pandas as pd

    log = pd.read_parquet(path)
    watched = rule()
    return (lambda: watched.replay(log)), numbers_of


def replay_sql(path):
    """The text of rule.sql() on a table of DuckDB's own."""
    con = _duckdb_table(path)
    text = rule().sql("duckdb")
    return (lambda: con.sql(text).df()), numbers_of


HAND = f"""
WITH matter AS (
  SELECT customer_id AS c, epoch_us(ts) AS t, seq, type, amount_cents AS cents
  FROM log WHERE type IN ('complaint', 'reply', 'purchase')
), ends AS (SELECT max(epoch_us(ts)) AS last FROM log),
steps AS (
  SELECT c, t, 1 AS k, seq, (type = 'complaint')::INT AS n, CASE type WHEN 'purchase' THEN cents ELSE 0 END AS cents,
    CASE type WHEN 'complaint' THEN 1 WHEN 'reply' THEN 0 END AS open
  FROM matter
  UNION ALL
  SELECT c, t + {7 * DAY}, 0, 0, -1, 0, NULL FROM matter, ends WHERE type = 'complaint' AND t + {7 * DAY} <= last
  UNION ALL
  SELECT c, t + {90 * DAY}, 0, 0, 0, -cents, NULL FROM matter, ends WHERE type = 'purchase' AND t + {90 * DAY} <= last
), sums AS (
  SELECT c, t, k, seq, sum(n) OVER w > 0 AND sum(cents) OVER w >= {FLOOR_CENTS}
      AND last_value(open IGNORE NULLS) OVER w = 1 AS inside,
    k = 0 AND lead(k) OVER w = 0 AND lead(t) OVER w = t AS passing
  FROM steps WINDOW w AS (PARTITION BY c ORDER BY t, k, seq ROWS UNBOUNDED PRECEDING)
), turns AS (
  SELECT * FROM sums WHERE NOT coalesce(passing, false)
  QUALIFY inside IS DISTINCT FROM lag(inside, 1, false) OVER (PARTITION BY c ORDER BY t, k, seq)
), stays AS (
  SELECT *, lead(t) OVER w AS t2, lead(k) OVER w AS k2
  FROM turns WINDOW w AS (PARTITION BY c ORDER BY t, k, seq)
)
SELECT c, t, coalesce(t2, -1) AS t2, k, coalesce(k2, -1) AS k2 FROM stays WHERE inside ORDER BY c, t, k, seq
"""


def replay_duckdb(path):
    """What an expert in SQL windows writes for this one rule: one sort, running sums."""
    con = _duckdb_table(path)
    return (lambda: con.sql(HAND).fetchnumpy()), lambda found: [
        np.asarray(found[name]) for name in ("c", "t", "t2", "k", "k2")
    ]


def _duckdb_table(path):
    import duckdb

    con = duckdb.connect()
    con.execute(f"CREATE TABLE log AS FROM '{path}'")
    return con


def replay_polars(path):
    """The same in polars: steps under each other, one sort, running sums by customer."""
    import polars as pl

    log = pl.read_parquet(path).with_columns(pl.col("type").cast(pl.String))
    kind, cents = pl.col("type"), pl.col("amount_cents").fill_null(0)

    def run():
        last = log["ts"].max()
        lazy = log.lazy().filter(kind.is_in(["complaint", "reply", "purchase"]))
        zero, none = pl.lit(0, pl.Int64), pl.lit(None, pl.Int8)
        at_events = lazy.select(
            c="customer_id",
            t="ts",
            k=pl.lit(1, pl.Int8),
            seq="seq",
            n=(kind == "complaint").cast(pl.Int64),
            cents=pl.when(kind == "purchase").then(cents).otherwise(0),
            open=pl.when(kind == "complaint").then(1).when(kind == "reply").then(0).otherwise(None).cast(pl.Int8),
        )

        def later(which, days, n, cents):
            moved = lazy.filter(kind == which).select(
                *(pl.col("customer_id").alias("c"), (pl.col("ts") + pl.duration(days=days)).alias("t")),
                *(
                    pl.lit(0, pl.Int8).alias("k"),
                    zero.alias("seq"),
                    n.alias("n"),
                    cents.alias("cents"),
                    none.alias("open"),
                ),
            )
            return moved.filter(pl.col("t") <= last)

        steps = pl.concat(
            [
                at_events,
                later("complaint", 7, pl.lit(-1, pl.Int64), zero),
                later("purchase", 90, zero, -cents),
            ]
        ).sort("c", "t", "k", "seq")
        sums = steps.with_columns(
            inside=(pl.col("n").cum_sum().over("c") > 0)
            & (pl.col("cents").cum_sum().over("c") >= FLOOR_CENTS)
            & (pl.col("open").forward_fill().over("c") == 1).fill_null(False),
        ).filter(
            ~(
                (pl.col("k") == 0)
                & (pl.col("k").shift(-1) == 0)
                & (pl.col("t").shift(-1) == pl.col("t"))
                & (pl.col("c").shift(-1) == pl.col("c"))
            ).fill_null(False)
        )
        own = pl.col("c") == pl.col("c").shift(1)
        turns = sums.filter(pl.col("inside") != (pl.col("inside").shift(1) & own).fill_null(False))
        following = pl.col("c").shift(-1) == pl.col("c")
        return (
            turns.with_columns(
                t2=pl.when(following).then(pl.col("t").shift(-1)), k2=pl.when(following).then(pl.col("k").shift(-1))
            )
            .filter("inside")
            .select(
                "c",
                pl.col("t").to_physical(),
                pl.col("t2").to_physical().fill_null(-1),
                "k",
                pl.col("k2").fill_null(-1),
            )
            .collect()
        )

    return run, lambda found: [found[name].to_numpy().astype("int64") for name in ("c", "t", "t2", "k", "k2")]


def live_crmlab(log):
    """Every event of the log goes through push."""
    return rule().live().push, list(events_of(log))


def events_of(log):
    """The events as push takes them, made as they are asked for."""
    words = np.array(["visit", "purchase", "complaint", "reply"], dtype=object)
    size = 100_000  # some at once: plain numbers of a whole log would be most of the memory
    for start in range(0, len(log["ts"]), size):
        part = {name: column[start : start + size] for name, column in log.items()}
        kinds = words[part["type"]].tolist()
        numbers = (part[name].tolist() for name in ("customer_id", "ts", "seq", "amount_cents"))
        for customer, ts, seq, cents, kind in zip(*numbers, kinds, strict=True):
            event = {"customer_id": customer, "ts": ts, "seq": seq, "type": kind}
            if kind == "purchase":
                event["amount_cents"] = cents
            yield event


def live_river(log):
    """The two sums the rule reads, by river's TimeRolling, right at each event that matters.

    A sum forgets what has left its window only when it is updated, so both are, with 0 where the event is not theirs.
    Which of complaint and reply came last is left out for river, and so is the clock.
    """
    from collections import defaultdict
    from datetime import datetime, timedelta

    from river import stats, utils

    complaints = defaultdict(lambda: utils.TimeRolling(stats.Sum, period=timedelta(days=7)))
    spent = defaultdict(lambda: utils.TimeRolling(stats.Sum, period=timedelta(days=90)))
    begin = datetime(1970, 1, 1)  # river wants times without a zone

    def push(event):
        customer, ts, kind, cents = event
        if kind == 0:  # a visit
            return False
        of_7_days, of_90_days = complaints[customer], spent[customer]
        of_7_days.update(int(kind == 2), t=ts)
        of_90_days.update(cents, t=ts)
        return of_7_days.get() >= 1 and of_90_days.get() >= FLOOR_CENTS

    events = [
        (customer, begin + timedelta(microseconds=ts), kind, cents)
        for customer, ts, kind, cents in zip(
            *(log[name].tolist() for name in ("customer_id", "ts", "type", "amount_cents")), strict=True
        )
    ]
    return push, events


def replay(who, path, place):
    run, numbers = globals()[f"replay_{who}"](path)
    begun, busy = time.perf_counter(), time.process_time()
    found = run()
    seconds, busy = time.perf_counter() - begun, time.process_time() - busy
    c, t, t2, k, k2 = numbers(found)
    np.savez(place, c=c, t=t, t2=t2, k=k, k2=k2)
    return {"seconds": seconds, "busy": busy, "intervals": len(c)}


def live(who, path):
    """All events at once for the pace; then the same events again, each with the clock read before and after."""
    log = dict(np.load(path))
    push, events = globals()[f"live_{who}"](log)
    gc.collect()
    gc.freeze()
    begun, busy = time.perf_counter(), time.process_time()
    for event in events:
        push(event)
    said = {"seconds": time.perf_counter() - begun, "busy": time.process_time() - busy, "events": len(events)}
    nothing = [empty_call_ns()]
    push, events = globals()[f"live_{who}"](log)
    gc.collect()
    gc.freeze()
    taken, clock = np.empty(len(events), dtype="int64"), time.perf_counter_ns
    for i, event in enumerate(events):
        begun = clock()
        push(event)
        taken[i] = clock() - begun
    nothing.append(empty_call_ns())
    said["empty_call_ns"] = sum(nothing) / 2
    return said | {f"p{at}_us": float(np.percentile(taken, at)) / 1_000 for at in (50, 99)}


def empty_call_ns(times=1_000_000):
    """What a call that does nothing takes, in a loop: how fast this Python is on this machine, at this moment."""

    def empty(event):
        pass

    begun = time.perf_counter_ns()
    for event in range(times):
        empty(event)
    return (time.perf_counter_ns() - begun) / times


def memory(who, path, days):
    """What Python holds more when all events are pushed, and how large a snapshot is."""
    import tempfile
    import tracemalloc
    from pathlib import Path

    log = dict(np.load(path))
    engine = rule(days).live()
    push = engine.push
    gc.collect()
    tracemalloc.start()
    for event in events_of(log):
        push(event)
    del event
    gc.collect()
    grown, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    with tempfile.TemporaryDirectory() as folder:
        engine.snapshot(Path(folder) / "snapshot")
        snapshot = (Path(folder) / "snapshot").stat().st_size
    mib = 1 << 20
    return {"events": len(log["ts"]), "mib": grown / mib, "snapshot_mib": snapshot / mib}


def files(who, folder, memory_gb):
    """The rule over Parquet files, and the most memory the process has held."""
    import psutil

    begun, busy = time.perf_counter(), time.process_time()
    found = rule().on_duckdb(folder, memory_gb=float(memory_gb))
    said = {"seconds": time.perf_counter() - begun, "busy": time.process_time() - busy, "intervals": len(found)}
    memory = psutil.Process().memory_info()
    try:
        import resource

        unit = 1 if sys.platform == "darwin" else 1024
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    except ImportError:
        peak = memory.peak_wset
    return said | {"peak_gib": peak / (1 << 30)}


RUNS = {"replay": replay, "live": live, "memory": memory, "files": files}

if __name__ == "__main__":
    kind, who, *places = sys.argv[1:]
    print(json.dumps(RUNS[kind](who, *places)))
