"""Run the three ways over one log and lay the answers side by side."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmlab.segment.dynamic.on_duckdb import on_duckdb
from crmlab.segment.dynamic.replay import replay
from crmlab.segment.dynamic.streamed import streamed
from crmlab.segment.dynamic.unseen import told_once

__all__ = ["ENGINES", "Verified", "verified"]

ENGINES = {"replay": replay, "live": streamed, "DuckDB": on_duckdb}


@dataclass(frozen=True, repr=False)
class Verified:
    """Whether replay, live and DuckDB say the same; printed, it says so in words.

    Parameters
    ----------
    intervals : dict of str to pandas.DataFrame
        The intervals of each engine, by its name.

    Examples
    --------
    >>> from crmlab.segment.dynamic import did
    >>> log = pd.DataFrame({
    ...     "customer_id": [1], "ts": pd.to_datetime(["2025-01-01"], utc=True), "seq": [0], "type": ["complaint"],
    ... })
    >>> one, another = did("complaint").replay(log), did("complaint").within("7d").replay(log, until="2025-02-01")
    >>> print(Verified({"replay": one, "live": another, "DuckDB": one[:0]}))
    replay, live and DuckDB do not agree. The first difference: customer 1 in "segment".
      replay  : from 2025-01-01 00:00:00 (event), and lasts
      live    : from 2025-01-01 00:00:00 (event) to 2025-01-08 00:00:00 (clock)
      DuckDB  : no such interval
      next    : this is a fault of crmlab; report it with the rule, repr(rule), and the events of this customer.
    """

    intervals: dict

    @property
    def agree(self):
        """Do all of them give the same intervals?"""
        return self._first_place() is None

    def __bool__(self):
        return self.agree

    def __str__(self):
        *names, last = self.intervals
        who = f"{', '.join(names)} and {last}"
        first = next(iter(self.intervals.values()))
        if self.agree:
            customers = first["customer_id"].nunique()
            return f"{who} agree on {_counted(len(first), 'interval')} of {_counted(customers, 'customer')}."
        segment, customer, said = self._first_difference()
        lines = [f'{who} do not agree. The first difference: customer {customer} in "{segment}".']
        lines += [f"  {name:<8}: {words}" for name, words in said.items()]
        step = "this is a fault of crmlab; report it with the rule, repr(rule), and the events of this customer."
        return "\n".join([*lines, f"  {'next':<8}: {step}"])

    __repr__ = __str__

    def _first_place(self):
        """The row in which not all say the same; None if there is none."""
        first, *others = [_columns(frame) for frame in self.intervals.values()]
        lengths = [len(frame) for frame in self.intervals.values()]
        common = min(lengths)
        differs = np.zeros(common, dtype=bool)
        for other in others:
            for mine, theirs in zip(first, other, strict=True):
                differs |= mine[:common] != theirs[:common]
        if differs.any():
            return int(differs.argmax())
        return common if max(lengths) > common else None

    def _first_difference(self):
        """The segment, the customer, and what each engine says of the interval."""
        place = self._first_place()
        here = {name: frame.iloc[place] for name, frame in self.intervals.items() if place < len(frame)}
        order = list(next(iter(self.intervals.values()))["segment"].cat.categories)
        segment, customer = min(
            ((row["segment"], row["customer_id"]) for row in here.values()),
            key=lambda key: (order.index(key[0]), key[1]),
        )
        said = {
            name: _told(here[name])
            if name in here and (here[name]["segment"], here[name]["customer_id"]) == (segment, customer)
            else "no such interval"
            for name in self.intervals
        }
        return segment, customer, said


def verified(plans, log, *, traits=None, until=None):
    """Run replay, live and DuckDB over one log.

    Parameters
    ----------
    plans : list of Plan
    log : pandas.DataFrame
    traits : pandas.DataFrame, optional
    until : str or timestamp, optional

    Returns
    -------
    Verified

    Raises
    ------
    CrmlabError
        When the log or the traits break their promise, or lack what a rule reads.

    Examples
    --------
    >>> from crmlab.segment.dynamic import did
    >>> log = pd.DataFrame({
    ...     "customer_id": [1], "ts": pd.to_datetime(["2025-01-01"], utc=True), "seq": [0], "type": ["complaint"],
    ... })
    >>> verified([did("complaint").plan()], log)
    replay, live and DuckDB agree on 1 interval of 1 customer.
    """
    first, *others = ENGINES
    found = {first: ENGINES[first](plans, log, traits=traits, until=until)}
    with told_once():
        found |= {name: ENGINES[name](plans, log, traits=traits, until=until) for name in others}
    return Verified(found)


def _columns(intervals):
    """The intervals as arrays that can be compared."""
    codes = [intervals[name].cat.codes.to_numpy() for name in ("segment", "entered_by", "reason")]
    times = [intervals[name].astype("int64").to_numpy() for name in ("entered_at", "left_at")]
    return [intervals["customer_id"].to_numpy(dtype="object"), *codes, *times]


def _told(row):
    """One interval in words."""
    told = f"from {_moment(row['entered_at'])} ({row['entered_by']})"
    told += ", and lasts" if pd.isna(row["left_at"]) else f" to {_moment(row['left_at'])}"
    return told + ("" if pd.isna(row["reason"]) else f" ({row['reason']})")


def _moment(at):
    return str(pd.Timestamp(at).tz_localize(None))


def _counted(n, what):
    return f"{n:,} {what}{'' if n == 1 else 's'}"
