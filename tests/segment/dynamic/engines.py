"""Each engine as a function (rule, log, traits, until) → rows that can be compared, and so the definition itself."""

import pandas as pd

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


def by_definition(rule, log, traits, until):
    return memberships(rule, log, traits, until)


def by_replay(rule, log, traits, until):
    return rows(rule.replay(as_frame(log), traits=traits_frame(traits), until=moment(until)))


ENGINES = {"replay": by_replay}
