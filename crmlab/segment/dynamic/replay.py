"""Run rules over a whole log at once: who was in which segment, from when to when."""

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from crmlab.segment.dynamic.ids import check_alike
from crmlab.segment.dynamic.incoming import microseconds_of
from crmlab.segment.dynamic.intervals import LASTS, interval_table, ran_to
from crmlab.segment.dynamic.kinds import kinds_read
from crmlab.segment.dynamic.log import read_log
from crmlab.segment.dynamic.plan import All, Any, Compare, Not, TraitIs, leaves
from crmlab.segment.dynamic.properties import by_customer, readers
from crmlab.segment.dynamic.replay_block import Block, Scale
from crmlab.segment.dynamic.replay_changes import Changes
from crmlab.segment.dynamic.unseen import warn_of_unseen

__all__ = ["replay"]

_ROWS_AT_ONCE = 1 << 18
_THREADS = min(4, os.cpu_count() or 1)


def replay(plans, log, *, traits=None, until=None):
    """Find the membership intervals of every plan.

    Parameters
    ----------
    plans : list of Plan
    log : pandas.DataFrame
        Events with customer_id (or record_id), ts (UTC), seq, type and properties.
    traits : pandas.DataFrame, optional
        Constants of the customers, by customer_id (index or column).
    until : str or timestamp, optional
        The last instant that counts; without it that of the last event.

    Returns
    -------
    pandas.DataFrame
        One row per interval, for each plan in order of customer_id and entered_at: customer_id,
        segment, entered_at, left_at (missing while it lasts), entered_by and reason ("event" or
        "clock"; reason says why it ended, missing while it lasts). ``.attrs["until"]`` is the last
        instant that counted.

    Raises
    ------
    CrmlabError
        When the log or the traits break their promise, or lack what a plan reads.

    Examples
    --------
    >>> from crmlab.segment.dynamic import did
    >>> log = pd.DataFrame({
    ...     "customer_id": [1, 2], "ts": pd.to_datetime(["2025-01-01", "2025-01-09"], utc=True),
    ...     "seq": [0, 0], "type": ["complaint", "visit"],
    ... })
    >>> replay([did("complaint").within("7d").plan()], log)[["customer_id", "left_at", "reason"]]
       customer_id                   left_at reason
    0            1 2025-01-08 00:00:00+00:00  clock
    """
    kinds, kinds_of_traits = kinds_read(plans)
    read = read_log(log, kinds)
    warn_of_unseen(plans, read.type_names)
    properties = readers(kinds, log, "log")
    met = _met(plans, kinds_of_traits, read, traits)
    first, last = (int(read.ts.min()), int(read.ts.max())) if len(read.ts) else (0, 0)
    reached = last if until is None else microseconds_of(until, "until")
    scale = Scale(first, max(reached, first - 1))
    found = [_run(plan, read, scale, properties, met) for plan in plans]
    has_end = len(read.ts) or until is not None
    return ran_to(interval_table(plans, found, read.customers), reached if has_end else None)


def _met(plans, kinds, log, traits):
    """For each condition on a trait, which customers of the log meet it."""
    if not kinds:
        return {}
    frame = by_customer(traits)
    columns = readers(kinds, frame, "traits")
    if len(log.customers):
        check_alike(frame.index, log.customers.dtype.kind != "i", "traits")
    places = frame.index.get_indexer(log.customers)
    is_known = places >= 0
    met = {}
    conditions = (leaf.condition for plan in plans for leaf in leaves(plan.test) if isinstance(leaf, TraitIs))
    for condition in dict.fromkeys(conditions):
        met[condition] = np.zeros(len(places), dtype=bool)
        met[condition][is_known] = columns[condition.name].met(condition, places[is_known])
    return met


def _blocks(log, scale):
    """Cut the customers into blocks that stay in the processor; a customer is never cut."""
    low, starts, last = 0, log.starts, len(log.customers)
    while low < last:
        high = int(np.searchsorted(starts, starts[low] + _ROWS_AT_ONCE, side="right")) - 1
        high = min(max(high, low + 1), low + scale.most_customers, last)
        yield low, high
        low = high


def _run(plan, log, scale, properties, traits):
    names, wanted_types = log.type_names, set(plan.types)
    wanted = np.array([name in wanted_types for name in names], dtype=bool)
    with_first = plan.may_hold_at_zero
    asked = list(dict.fromkeys(_asked(plan.test)))

    def work(ends):
        block = Block(log, *ends, scale, wanted, with_first, properties)
        return _intervals(plan, block, asked, traits)

    blocks = list(_blocks(log, scale))
    if len(blocks) < 2:
        parts = [work(ends) for ends in blocks]
    else:  # NumPy lets go of Python's lock while it works, so threads share the blocks
        with ThreadPoolExecutor(_THREADS) as pool:
            parts = list(pool.map(work, blocks))
    return [np.concatenate(column) for column in zip(*parts, strict=True)] or [np.zeros(0, dtype="int64")] * 5


def _asked(test):
    """All that is asked of the quantities: is number so and so at least so much?"""
    for leaf in leaves(test):
        if isinstance(leaf, Compare):
            if leaf.op in (">=", "<", "==", "!="):
                yield leaf.quantity, leaf.value
            if leaf.op in (">", "<=", "==", "!="):
                yield leaf.quantity, leaf.value + 1


def _intervals(plan, block, asked, traits):
    """Whose, entered when, by the clock or not, left when, by the clock or not."""
    changes, scale = Changes(block), block.scale
    found = [changes.of(plan.quantities[quantity], threshold) for quantity, threshold in asked]
    runs = [one[1:] for one in found]
    if plan.may_hold_at_zero:
        runs.append((block.steps[block.firsts], block.firsts, np.ones(len(block.firsts), dtype=bool)))
    steps, places, holds, source = _merged(runs, block.has_ties)
    whose = scale.customers(steps)
    begins = np.flatnonzero(np.r_[True, whose[1:] != whose[:-1]][: len(whose)])
    lengths = np.diff(np.r_[begins, len(whose)])
    truths = {}
    for i, key in enumerate(asked):
        moves = np.where(source == i, np.where(holds, 1, -1), 0)
        running = np.cumsum(moves)
        running -= np.repeat(running[begins] - moves[begins], lengths)
        truths[key] = running + found[i][0] > 0
    met = {condition: truth[block.low :][whose] for condition, truth in traits.items()}
    state = np.broadcast_to(_state(plan.test, truths, met), steps.shape)
    ends = np.r_[(steps[1:] != steps[:-1]) | (places[1:] != places[:-1]), True][: len(steps)]
    steps, places, whose, state = steps[ends], places[ends], whose[ends], state[ends]
    before = np.r_[False, state[:-1] & (whose[1:] == whose[:-1])][: len(state)]
    turns = np.flatnonzero(state != before)
    steps, places, whose, state = steps[turns], places[turns], whose[turns], state[turns]
    entry = np.flatnonzero(state)
    exit_ = np.minimum(entry + 1, len(state) - 1)
    is_over = (exit_ > entry) & (whose[exit_] == whose[entry])
    at, by_clock = scale.instants(steps), places < 0
    left = np.where(is_over, at[exit_], LASTS)
    return whose[entry] + block.low, at[entry], by_clock[entry], left, by_clock[exit_]


def _merged(runs, has_ties):
    """All changes in the order of steps, and which run each is from; several may share a step."""
    steps, places, holds = (np.concatenate(column) for column in zip(*runs, strict=True))
    source = np.repeat(np.arange(len(runs)), [len(run[0]) for run in runs])
    if len(runs) == 1:
        return steps, places, holds, source
    # Events of one instant are told apart by their place.
    order = np.lexsort((places, steps)) if has_ties else np.argsort(steps, kind="stable")
    return steps[order], places[order], holds[order], source[order]


def _state(test, truths, met):
    """Work out the test for all steps at once."""
    if isinstance(test, TraitIs):
        return met[test.condition]
    if isinstance(test, Compare):
        key, next_ = (test.quantity, test.value), (test.quantity, test.value + 1)
        if test.op in (">=", "<"):
            return truths[key] ^ (test.op == "<")
        if test.op in (">", "<="):
            return truths[next_] ^ (test.op == "<=")
        return (truths[key] & ~truths[next_]) ^ (test.op == "!=")
    if isinstance(test, Not):
        return ~_state(test.part, truths, met)
    parts = [_state(part, truths, met) for part in test.parts]
    least = {All: len(parts), Any: 1}.get(type(test)) or test.n
    return np.sum(parts, axis=0) >= least
