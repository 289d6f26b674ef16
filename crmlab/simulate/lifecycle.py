"""Life cycle: hidden states by month, moved by what customers live through."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmlab.simulate.columns import DAY, days, whole, words
from crmlab.simulate.encounters import seconds_of
from crmlab.simulate.sales import rank_within

__all__ = ["CAUSES", "LifeCycle", "lifecycle"]

CAUSES = ("start", "none", "time", "delight", "failure", "recovery", "left")
_START, _NONE, _TIME, _DELIGHT, _FAILURE, _RECOVERY, _LEFT = range(len(CAUSES))
_FOREVER = np.iinfo(np.int64).max


@dataclass(frozen=True)
class LifeCycle:
    """Hidden state of each customer at the end of each month."""

    names: tuple  # of the states, from the farthest to the nearest
    first_month: int  # months since 1970 of the first column
    state: np.ndarray  # (customers, months): place in names, -1 before joining, len(names) once gone
    gone: np.ndarray  # second at which each customer leaves

    def at(self, owner, second):
        """State of customers at moments: that of the end of the month before, or of the month they joined in.

        Parameters
        ----------
        owner : ndarray of int64
        second : ndarray of int64
            Not before the customer joined.

        Returns
        -------
        ndarray of int
            Place in names; a customer who has left keeps the last one, see ``gone``.
        """
        month = np.clip(_month_of(second) - self.first_month, 0, self.state.shape[1] - 1)
        before = self.state[owner, np.maximum(month - 1, 0)]
        state = np.where(before < 0, self.state[owner, month], before)
        return np.clip(state, 0, len(self.names) - 1)

    def month_starts(self):
        """Day each month begins on, and the day after the last month, in days since 1970."""
        months = np.arange(self.first_month, self.first_month + self.state.shape[1] + 1)
        return months.astype("M8[M]").astype("M8[D]").astype(np.int64)


def lifecycle(block, joined, lives, value):
    """Let customers come nearer and drift away, month by month.

    Parameters
    ----------
    block : Block
    joined : Acquisition
    lives : Lived
        Their encounters and what they felt.
    value : pandas.DataFrame
        The truth of each person: who leaves when.

    Returns
    -------
    cycle : LifeCycle
    truth : dict
        states: one row per person and month, from joining to leaving.

    Notes
    -----
    A hidden Markov chain whose moves depend on encounters (Netzer, Lattin & Srinivasan
    2008). Each encounter that delights, fails or is put right moves the customer one state
    with the spec's chance; where several do in a month, the last one counts. A customer
    whom none moves may move by time alone. So each switch has one cause, and is kept
    with it. What the customer does each month (sessions, answers, posts) depends on the
    state and shows it only by chance.
    """
    spec, plan, n = block.spec["lifecycle"], block.plan, block.size
    names = tuple(spec["states"])
    first = int(_month_of(plan.first_day * DAY))
    months = int(_month_of(block.end_second - 1)) - first + 1
    join_month = _month_of(joined.second) - first
    gone = np.where(value["alive_until"].isna(), _FOREVER, seconds_of(value["alive_until"]))
    last_month = np.where(gone < block.end_second, _month_of(np.minimum(gone, block.end_second)) - first, months)
    move, cause, touchpoint = _moves(block, lives, first, months)
    state, why = np.empty((2, months, n), np.int8).transpose(0, 2, 1)  # each month is written at once
    rise, fall = (np.array([spec["states"][name][way] for name in names]) for way in ("rise", "fall"))
    shares = np.cumsum([spec["states"][name]["start"] for name in names])
    now = np.searchsorted(shares / shares[-1], block.draw("lifecycle", "start").random(n), side="right").astype(np.int8)
    for month in range(months):
        height = block.draw("lifecycle", "month", month).random(n)
        by_time = (height >= 1 - rise[now]).astype(np.int8) - (height < fall[now])
        moved = move[:, month]
        step = np.where(moved != 0, moved, by_time)
        step[join_month >= month] = 0
        then = np.clip(now + step, 0, len(names) - 1)
        why[:, month] = np.where(then != now, np.where(moved != 0, cause[:, month], _TIME), _NONE)
        now = then
        state[:, month] = now
    column = np.arange(months)
    state[column < join_month[:, None]] = -1
    why[np.arange(n), join_month] = _START
    state[column >= last_month[:, None]] = len(names)
    leaves = np.flatnonzero(last_month < months)
    why[leaves, last_month[leaves]] = _LEFT
    cycle = LifeCycle(names, first, state, gone)
    told = np.minimum(last_month, months - 1) - join_month + 1
    owner = np.repeat(np.arange(n), told)
    return cycle, {"states": _table(block, cycle, why, touchpoint, owner, join_month[owner] + rank_within(told))}


def _moves(block, lives, first, months):
    """By month: the move an encounter made (1 nearer, -1 farther), what it was, and its touch point."""
    spec, events = block.spec["lifecycle"]["moves"], lives.events
    height = block.draw("lifecycle", "moves").random(len(events))
    complains = events.of_type("complaint")
    recovers, fails = complains & (events.resolved == 1), lives.loss > 0
    delights = (lives.gain > 0) & ~complains
    kind = np.select([recovers, fails, delights], [_RECOVERY, _FAILURE, _DELIGHT], _NONE)
    chance = np.select([recovers, fails, delights], [spec["recovery"], spec["failure"], spec["delight"]], 0.0)
    row = np.flatnonzero(height < chance)
    month = _month_of(events.second[row]) - first
    move = np.zeros((months, block.size), np.int8).T
    cause = np.zeros((months, block.size), np.int8).T
    touchpoint = np.zeros((block.size, months), np.int64)
    place = events.owner[row], month  # in order of time, so that the last of a month stays
    move[place] = np.where(kind[row] == _FAILURE, -1, 1)
    cause[place], touchpoint[place] = kind[row], events.touchpoint[row]
    return move, cause, touchpoint


def _table(block, cycle, why, touchpoint, owner, month):
    """Write the states down, one row per person and month."""
    cause = why[owner, month]
    by_encounter = (cause >= _DELIGHT) & (cause <= _RECOVERY)
    table = {
        "person_id": block.person[owner] + 1,
        "month": days(cycle.month_starts())[month],
        "state": words(cycle.state[owner, month], (*cycle.names, "gone")),
        "cause": words(cause, CAUSES, cause == _NONE),
        "touchpoint_id": whole(np.where(by_encounter, touchpoint[owner, month], 0), ~by_encounter),
    }
    return pd.DataFrame(table, copy=False)


def _month_of(second):
    """Months since 1970."""
    return (np.asarray(second, np.int64) // DAY).astype("M8[D]").astype("M8[M]").astype(np.int64)
