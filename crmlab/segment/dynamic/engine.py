"""Many customers under one clock: what is due when, who is in, and what can be forgotten."""

from bisect import bisect_left
from collections import deque
from heapq import heapify, heappop, heappush
from typing import NamedTuple

import pandas as pd

from crmlab.segment.dynamic.cells import ALWAYS, ORIGIN
from crmlab.segment.dynamic.incoming import LAST
from crmlab.segment.dynamic.machine import DUE, SEEN, SINCE, WHO, since
from crmlab.segment.dynamic.running import Running

__all__ = ["Change", "Engine"]

_NOTHING = ()
_END = LAST + ORIGIN  # no event comes so late
_new = tuple.__new__  # to make a change by its own name takes twice as long


class Change(NamedTuple):
    """One customer entered a segment, or left it.

    Parameters
    ----------
    number : int
        1, 2, 3 … in the order in which changes come to be: who has seen 17 has seen all up to it.
    customer_id : int or str
    segment : str
    is_in : bool
        True: entered.
    ts : int, microseconds since 1970 (UTC)
    by : {"event", "clock"}

    Examples
    --------
    >>> change = Change(1, 7, "complained", True, 1_740_787_200_000_000, "event")
    >>> print(change)
    2025-03-01 00:00:00 UTC: customer 7 entered "complained" by an event
    >>> change.at
    Timestamp('2025-03-01 00:00:00+0000', tz='UTC')
    """

    number: int
    customer_id: int | str
    segment: str
    is_in: bool
    ts: int
    by: str

    @property
    def at(self):
        """When, as a timestamp."""
        return pd.Timestamp(self.ts, unit="us", tz="UTC")

    def __str__(self):
        what, by = "entered" if self.is_in else "left", "an event" if self.by == "event" else "the clock"
        return f'{self.at:%Y-%m-%d %H:%M:%S} UTC: customer {self.customer_id} {what} "{self.segment}" by {by}'


def _in_turn(steps):
    """Several steps as one; None when there are none."""
    if len(steps) < 2:
        return steps[0] if steps else None

    def step(customer, ts, event, changes):
        for one in steps:
            changes = one(customer, ts, event, changes)
        return changes

    return step


def _key(waiting):
    """Who waits, and where they come among those of the same moment."""
    running, state = waiting
    return running.place, type(state[WHO]) is str, state[WHO]


def _is_thorough(number):
    """Whether of who keeps coming is forgotten what can be: in every eighth span, in no rhythm they could share."""
    return not number * 2_654_435_769 >> 20 & 7


class Engine:
    """Take events in order of time, and turn customers in and out.

    Parameters
    ----------
    plans : list of Plan
    traits : dict of str to dict
        For each trait, customer to value.

    Notes
    -----
    What is due at one instant comes in order of plans and customers. A customer waits only while
    passing time can change the answer, and once: when the moment moves away, the earlier one
    stays, and the customer is looked at once more then. What has left all windows is swept out in
    small steps: for each event as many as it can leave behind, one for each plan.
    """

    def __init__(self, plans, traits):
        self.clock = -1
        # The moments at which something is due, and whose at each: one (running, state), or a dict of them by key.
        self.moments, self.due_at, self.next_due = [], {}, _END
        self.dust = deque()
        self.running = [Running(plan, place, traits, self.dust) for place, plan in enumerate(plans)]
        self.accepted = self.late = self.duplicates = self.changed = 0
        self.first, self.first_seq, self.tied = None, 0, None
        types = {type_ for running in self.running for type_ in running.machine.updates}
        self.work = {type_: self._work(type_) for type_ in types}
        self.other = self._work(None)

    def _work(self, type_):
        """What an event of a type does, plan by plan."""
        steps = [running.step(type_, self._turn) for running in self.running]
        return _in_turn([step for step in steps if step is not None])

    def take(self, customer, ts, seq, type_, event):
        """Work one event in, after all that the clock does up to its instant.

        Parameters
        ----------
        customer : int or str
        ts : int, microseconds since 1700
        seq : int
        type_ : str
        event : dict
            Its properties, checked.

        Returns
        -------
        list or tuple of Change
        """
        changes = _NOTHING
        if ts > self.clock:
            if ts >= self.next_due:
                changes = self.pass_to(ts)
            self.clock, self.tied, self.first, self.first_seq = ts, None, customer, seq
        elif ts < self.clock:
            self.late += 1
            return _NOTHING
        else:
            tied = self.tied
            if tied is None:
                tied = self.tied = {self.first: [self.first_seq]}
            taken = tied.get(customer)  # at this instant, in order
            if taken is None:
                tied[customer] = [seq]
            elif seq > taken[-1]:
                taken.append(seq)
            else:  # this event, or one of the customer that comes after it, was there before
                is_twice = taken[bisect_left(taken, seq)] == seq
                self.duplicates += is_twice
                self.late += not is_twice
                return _NOTHING
        self.accepted += 1
        work = self.work.get(type_, self.other)
        if work is not None:
            changes = work(customer, ts, event, changes)
        if self.dust:
            self.sweep()
        return changes

    def _turn(self, running, state, now, until, by):
        """Wait for the next moment that can bring a change, and make a note of this one, if it is one."""
        is_in = until >= 0
        due = until if is_in else ~until
        if due < state[DUE]:
            if state[DUE] != ALWAYS:
                self._disarm(running, state)
            state[DUE] = due
            self.arm(running, state, due)
        if is_in:
            if state[SINCE]:
                return None
            state[SINCE] = since(now, by)
            running.size += 1
        else:
            if not state[SINCE]:
                return None
            state[SINCE] = 0
            running.size -= 1
        self.changed += 1
        return _new(Change, (self.changed, state[WHO], running.segment, is_in, now - ORIGIN, by))

    def arm(self, running, state, due):
        """Look at a customer again when something may be due.

        Parameters
        ----------
        running : Running
        state : list
        due : int, microseconds since 1700
        """
        waiting = running, state
        found = self.due_at.setdefault(due, waiting)
        if found is waiting:
            heappush(self.moments, due)
            if due < self.next_due:
                self.next_due = due
        elif found.__class__ is dict:
            found[_key(waiting)] = waiting
        else:
            self.due_at[due] = {_key(found): found, _key(waiting): waiting}

    def _disarm(self, running, state):
        """Let a customer wait no more."""
        due = state[DUE]
        found = self.due_at[due]
        if found.__class__ is dict and len(found) > 1:
            del found[_key((running, state))]
            return
        del self.due_at[due]
        if len(self.moments) > 2 * len(self.due_at) + 16:  # most have nothing due any more
            self.moments[:] = self.due_at
            heapify(self.moments)

    def pass_to(self, now):
        """Let time pass, for all customers.

        Parameters
        ----------
        now : int, microseconds since 1700

        Returns
        -------
        list of Change
        """
        changes, moments = [], self.moments
        while moments and moments[0] <= now:
            due = heappop(moments)
            found = self.due_at.pop(due, _NOTHING)
            if found.__class__ is dict:
                found = [waiting for _, waiting in sorted(found.items())]
            elif found:
                found = (found,)
            for running, state in found:
                if state[DUE] == due:
                    state[DUE] = ALWAYS
                    change = self._turn(running, state, due, running.look(state, due), "clock")
                    if change is not None:
                        changes.append(change)
        self.next_due = moments[0] if moments else _END
        if now > self.clock:
            self.clock, self.tied, self.first = now, None, None
        return changes

    def to_sweep(self, running, state, number):
        """Forget what can be forgotten of a customer, and come back when the rest can be.

        Parameters
        ----------
        running : Running
        state : list
        number : int
            The span that has begun.
        """
        until = state[SEEN] + running.away
        is_back = until > number
        if not is_back or _is_thorough(number):
            last = running.machine.sweep(state, self.clock)
            if not last:
                state[SEEN] = 0
                if running.machine.is_blank(state):
                    if state[DUE] != ALWAYS:
                        self._disarm(running, state)
                    del running.customers[state[WHO]]
                return
            until = running.number(last) + 1
        running.buckets[until + running.away if is_back else until].append(state)

    def sweep(self):
        """Look after some of the customers of whom something may be forgotten: as many as there are plans."""
        for _ in self.running:
            if self.dust:
                running, number, states = self.dust[0]
                self.to_sweep(running, states.pop(), number)
                if not states:
                    self.dust.popleft()

    def sweep_all(self):
        """Look after all of them."""
        for running in self.running:
            running.begin_span(self.clock)
        while self.dust:
            self.sweep()
