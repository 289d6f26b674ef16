"""Why a customer is in a segment or not: part by part, since when, and until when if nothing happens."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmlab.errors import CrmlabError, did_you_mean, message
from crmlab.segment.dynamic.incoming import LAST, microseconds_of
from crmlab.segment.dynamic.log import read_log
from crmlab.segment.dynamic.lower import lowered
from crmlab.segment.dynamic.replay import replay
from crmlab.segment.dynamic.sentence import sentence
from crmlab.segment.dynamic.tree import All, Any, Member, Not, children
from crmlab.segment.dynamic.unseen import told_once, types_of, warn_of_unseen

__all__ = ["Explanation", "explained"]

_JOINED = {All: "all of these:", Any: "at least one of these:", Not: "not this:"}


@dataclass(frozen=True, repr=False)
class Explanation:
    """Why a customer is in a segment or not; printed, it says so in words.

    Parameters
    ----------
    customer : int or str
    at : pandas.Timestamp
        All that happened up to and at this instant is known, and nothing later.
    table : pandas.DataFrame
        One row per part of the rule, a part's own parts below it: segment, depth (0: the whole
        rule), part (in words), holds, since (when that began; missing if it was never otherwise),
        by ("event" or "clock"), until (when the clock will change it if nothing happens; missing
        if never).

    Examples
    --------
    >>> from crmlab.segment.dynamic import did
    >>> log = pd.DataFrame({
    ...     "customer_id": [7, 7], "ts": pd.to_datetime(["2025-03-01", "2025-03-03"], utc=True),
    ...     "seq": [0, 0], "type": ["complaint", "reply"],
    ... })
    >>> rule = did("complaint").within("7d") & ~did("reply").after("complaint")
    >>> print(rule.explain(7, at="2025-03-02", log=log))
    Customer 7 at 2025-03-02 00:00:00 (UTC):
    in "segment" since 2025-03-01 00:00:00 (event), until 2025-03-08 00:00:00 if nothing happens
      yes  had "complaint" in the last 7 days
           since 2025-03-01 00:00:00 (event), until 2025-03-08 00:00:00 if nothing happens
      yes  not (the latest "reply" came after the latest "complaint")
           since 2025-03-01 00:00:00 (event), and stays so if nothing happens
    """

    customer: object
    at: pd.Timestamp
    table: pd.DataFrame

    def __str__(self):
        lines = [f"Customer {self.customer} at {_moment(self.at)} (UTC):"]
        for row in self.table.itertuples(index=False):
            if row.depth == 0:
                lines.append(f'{"in" if row.holds else "not in"} "{row.segment}" {_times(row)}')
            else:
                space = "  " * row.depth
                lines.append(f"{space}{'yes' if row.holds else 'no ':<3}  {row.part}")
                lines.append(f"{space}     {_times(row)}")
        return "\n".join(lines)

    __repr__ = __str__


def explained(rules, customer, *, at, log, traits=None):
    """Take a customer's membership apart.

    Parameters
    ----------
    rules : dict of str to Rule
        By segment.
    customer : int or str
    at : str or timestamp
    log : pandas.DataFrame
    traits : pandas.DataFrame, optional

    Returns
    -------
    Explanation

    Raises
    ------
    CrmlabError
        When the log has no event of the customer up to then, or breaks its promise.

    Examples
    --------
    >>> from crmlab.segment.dynamic import did
    >>> log = pd.DataFrame({
    ...     "customer_id": [7], "ts": pd.to_datetime(["2025-03-01"], utc=True), "seq": [0], "type": ["visit"],
    ... })
    >>> explained({"seen": did("visit").within("7d")}, 7, at="2025-03-10", log=log)
    Customer 7 at 2025-03-10 00:00:00 (UTC):
    not in "seen" since 2025-03-08 00:00:00 (clock), and stays so if nothing happens
    """
    now = microseconds_of(at, where="at")
    at = pd.Timestamp(now, unit="us", tz="UTC")
    events = _events(log, customer, at)
    trees = {segment: rule.tree for segment, rule in rules.items()}
    parts = [(segment, *part) for segment, tree in trees.items() for part in _parts(tree)]
    plans = [lowered(_filled(tree, trees), str(place)) for place, (_, _, tree) in enumerate(parts)]
    ahead = max((q.enters + (q.leaves or 0) + (q.marks.gap or 0) for plan in plans for q in plan.quantities), default=0)
    warn_of_unseen(plans, types_of(log))
    until = pd.Timestamp(min(now + ahead, LAST - 1), unit="us", tz="UTC")
    with told_once():  # of one customer's events many types are missing
        found = replay(plans, events, traits=traits, until=until)
    rows = [
        (segment, depth, _words(tree), *_state(found[found["segment"] == str(place)], at))
        for place, (segment, depth, tree) in enumerate(parts)
    ]
    table = pd.DataFrame(rows, columns=["segment", "depth", "part", "holds", "since", "by", "until"])
    for name in ("since", "until"):
        table[name] = pd.to_datetime(table[name], utc=True).dt.as_unit("us")
    return Explanation(customer, at, table)


def _events(log, customer, at):
    """What is known of the customer at the moment."""
    if not isinstance(log, pd.DataFrame):
        read_log(log)  # it says what was given
    if not isinstance(customer, str | int | np.integer):
        found = f"found a {type(customer).__name__}."
        raise CrmlabError(message("customer", found, allowed="one id of the log", next="ask for one after another."))
    id_name = "customer_id" if "customer_id" in log or "record_id" not in log else "record_id"
    if id_name not in log or "ts" not in log:
        read_log(log)  # it says what is missing
    mine = log[log[id_name] == customer]
    if len(mine):
        read_log(mine)  # it says what is of another kind
        events = mine[mine["ts"] <= at]
        if len(events):
            return events
        found, step = (
            f"the first event is at {_moment(mine['ts'].min())} UTC, later than that.",
            "ask for a later moment.",
        )
    else:
        near = did_you_mean(customer, map(str, log[id_name].unique())) if isinstance(customer, str) else ""
        found, step = f"the log has no event of customer {customer!r}.{near}", "give one of the ids of the log."
    raise CrmlabError(message("explain()", found, next=step))


def _parts(tree, depth=0):
    """The rule and its parts, each with how deep it lies."""
    yield depth, tree
    whole = isinstance(tree, Not) and not children(tree.part)  # said in one sentence
    for child in () if whole else children(tree):
        yield from _parts(child, depth + 1)


def _words(tree):
    whole = not children(tree) or (isinstance(tree, Not) and not children(tree.part))
    return sentence(tree) if whole else _JOINED[type(tree)]


def _filled(tree, trees):
    """The tree of another segment in the place of its name."""
    if isinstance(tree, Member):
        return _filled(trees[tree.name], trees) if tree.name in trees else tree
    if isinstance(tree, All | Any):
        return type(tree)(tuple(_filled(part, trees) for part in tree.parts))
    return Not(_filled(tree.part, trees)) if isinstance(tree, Not) else tree


def _state(intervals, at):
    """Whether it holds, since when and by what, and when the clock will change that."""
    begun, ended = intervals[intervals["entered_at"] <= at], intervals[intervals["left_at"] <= at]
    holds = len(begun) > len(ended)
    if holds:
        last = begun.iloc[-1]
        return True, last["entered_at"], last["entered_by"], last["left_at"]
    coming = intervals["entered_at"][intervals["entered_at"] > at]
    since, by = (ended["left_at"].iloc[-1], ended["reason"].iloc[-1]) if len(ended) else (pd.NaT, None)
    return False, since, by, coming.iloc[0] if len(coming) else pd.NaT


def _times(row):
    since = "never so far" if pd.isna(row.since) else f"since {_moment(row.since)} ({row.by})"
    return f"{since}, " + (
        "and stays so if nothing happens" if pd.isna(row.until) else f"until {_moment(row.until)} if nothing happens"
    )


def _moment(at):
    return str(at.tz_convert("UTC").tz_localize(None))
