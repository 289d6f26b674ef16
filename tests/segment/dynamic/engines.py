"""Each engine, and the definition, as a function (segments, log, traits, until) → rows that can be compared."""

from functools import cache

import duckdb
import pandas as pd
import pyarrow as pa

from crmlab.segment.dynamic.incoming import taken_before
from tests.segment.dynamic.oracle import as_frame, memberships

TRAITS = {"city": "str", "age": "Int64"}


def traits_frame(traits):
    """The traits as engines take them."""
    columns = {"customer_id": pd.array(list(traits), dtype="int64")}
    for name, kind in TRAITS.items():
        columns[name] = pd.array([known[name] for known in traits.values()], dtype=kind)
    return pd.DataFrame(columns)


def moment(microseconds):
    """An instant as engines take it."""
    return None if microseconds is None else pd.Timestamp(microseconds, unit="us", tz="UTC")


def rows(intervals):
    """Intervals as plain tuples, in their order."""
    found = []
    for row in intervals.itertuples(index=False):
        left = None if pd.isna(row.left_at) else row.left_at.value // 1_000
        reason = None if pd.isna(row.reason) else row.reason
        found.append((row.customer_id, row.segment, row.entered_at.value // 1_000, left, row.entered_by, reason))
    return found


def by_definition(segments, log, traits, until):
    trees = {name: rule.tree for name, rule in segments.items()}
    return [row for rule in segments.values() for row in memberships(rule, log, traits, until, trees)]


def by_replay(segments, log, traits, until):
    frame = as_frame(log)
    if len(log) % 2:  # each kind of column half of the time
        frame = frame.astype({"type": "category", "word": "category", "flag": "object", "x": "float64"})
    return rows(segments.replay(frame, traits=traits_frame(traits), until=moment(until)))


def by_live(segments, log, traits, until):
    """Every event pushed in order, the clock taken to the end, and the changes put together to intervals."""
    until = max(event["ts"] for event in log) if until is None else until
    engine = segments.live(traits=traits_frame(traits))
    in_order = sorted(log, key=lambda event: (event["ts"], event["customer_id"], event["seq"]))
    changes = [change for event in in_order if event["ts"] <= until for change in engine.push(_sure(event))]
    changes += engine.advance(moment(until))
    inside, found = {}, []
    for change in changes:
        key = change.customer_id, change.segment
        if change.is_in:
            assert key not in inside
            inside[key] = (change.ts, change.by)
        else:
            entered, by = inside.pop(key)
            found.append((*key, entered, change.ts, by, change.by))
    found += [(*key, entered, None, by, None) for key, (entered, by) in inside.items()]
    # Intervals of one customer and segment come to be in their order, which a stable sort keeps.
    place = {name: number for number, name in enumerate(segments)}
    return sorted(found, key=lambda row: (place[row[1]], row[0], row[2]))


def _sure(event):
    """Near 1970 a whole number is taken for milliseconds, and refused."""
    return event | {"ts": taken_before(event["ts"])}


@cache
def duckdb_connection():
    """One for all, with one thread: to plan a query for a few rows takes longer than to run it."""
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def by_duckdb(segments, log, traits, until):
    connection = duckdb_connection()
    connection.register("log", pa.Table.from_pandas(as_frame(log)))
    connection.register("traits", pa.Table.from_pandas(traits_frame(traits)))
    text = segments.sql("duckdb", traits="traits", until=moment(until))
    return rows(connection.sql(text).to_arrow_table().to_pandas())


ENGINES = {"replay": by_replay, "live": by_live, "DuckDB": by_duckdb}
