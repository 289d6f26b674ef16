"""Many customers under one clock: what is due when, who is in, and what can be forgotten."""

from heapq import heappop, heappush
from typing import NamedTuple

import pandas as pd

from crmlab.segment.dynamic.cells import ALWAYS, NEVER, ORIGIN
from crmlab.segment.dynamic.incoming import LAST
from crmlab.segment.dynamic.machine import DUE, IS_IN, SEEN, WHO, Machine

__all__ = ["Change", "Engine"]

_NOTHING = ()
_END = LAST + ORIGIN  # no event comes so late
_THOROUGH = 4  # of the looks after a customer who keeps coming, every fourth or so forgets what it can
_SWEEP = -1  # stands in the heap for the place of a plan whose customers can be swept


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


def _together(updates):
    """What an event of one type does to a customer, as one function: true when it changed nothing."""
    if len(updates) == 1:
        return updates[0]

    def update(state, ts, event):
        is_as_before = True
        for one in updates:
            if not one(state, ts, event):
                is_as_before = False
        return is_as_before

    return update


class Running:
    """One plan with all its customers.

    Parameters
    ----------
    plan : Plan
    place : int
        Its place among the plans.
    traits : dict of str to dict
        For each trait, customer to value.
    """

    def __init__(self, plan, place, traits):
        self.plan, self.place, self.machine = plan, place, Machine(plan)
        self.customers, self.members, self.buckets = {}, {}, {}
        # Time goes by in spans: of a customer only the end of the span is noted in which they were seen last, one
        # number for all that are seen in it. So many spans later, all of theirs has left the windows.
        self.span, self.span_end = max(self.machine.stays // 16, 1), 0
        self.away = -(-self.machine.stays // self.span) * self.span
        self._traits = {name: traits[name] for name in plan.traits}

    def new(self, customer):
        """Begin with a customer.

        Parameters
        ----------
        customer : int or str

        Returns
        -------
        list
            The state, as ``Machine.new`` makes it.
        """
        traits = {name: of.get(customer) for name, of in self._traits.items()} if self._traits else None
        state = self.machine.new(traits)
        state[WHO] = customer
        return state


class Engine:
    """Take events in order of time, and turn customers in and out.

    Parameters
    ----------
    plans : list of Plan
    traits : dict of str to dict
        For each trait, customer to value.

    Notes
    -----
    What is due at one instant comes in order of plans and customers. A customer waits in the heap only
    while passing time can change the answer, and once: when the moment moves away, the earlier entry
    stays, and the customer is looked at once more then. What has left all windows is swept out in
    small steps, a little with every event.
    """

    def __init__(self, plans, traits):
        self.clock = -1
        self.running = [Running(plan, place, traits) for place, plan in enumerate(plans)]
        self.accepted = self.late = self.duplicates = self.changed = 0
        self.heap, self.next_due = [], _END
        self.dust = []
        self.first, self.first_seq, self.tied = None, 0, None
        types = {type_ for running in self.running for type_ in running.machine.updates}
        self.work = {type_: self._work(type_) for type_ in types}
        self.other = self._work(None)

    def _work(self, type_):
        """What an event of a type must be shown to: those it moves, and those that must know the customer."""
        return tuple(
            (running, running.customers, _together(updates), running.machine.look, running.plan.may_hold_at_zero)
            for running in self.running
            if (updates := running.machine.updates.get(type_, _NOTHING)) or running.plan.may_hold_at_zero
        )

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
        elif self._is_passed(customer, seq):
            return _NOTHING
        self.accepted += 1
        work = self.work.get(type_, self.other)
        return self.work_in(work, customer, ts, event, changes) if work or self.dust else changes

    def work_in(self, work, customer, ts, event, changes):
        """Show an event to the plans it can move, when the clock has come to its instant.

        Parameters
        ----------
        work : tuple
            An entry of ``work``, or ``other``.
        customer : int or str
        ts : int, microseconds since 1700
        event : dict
        changes : list or tuple of Change
            What the clock did before.

        Returns
        -------
        list or tuple of Change
            With what the event did.
        """
        for running, customers, update, look, holds_at_zero in work:
            state = customers.get(customer)
            if state is None:
                state = running.new(customer)
                if update(state, ts, event) and not holds_at_zero:
                    continue  # nobody new need be kept
                customers[customer] = state
            elif update(state, ts, event):
                continue  # what time does was done before
            until = look(state, ts)
            if until != NEVER or state[IS_IN]:
                change = self._turn(running, customer, state, ts, until, "event")
                if change is not None:
                    changes = [*changes, change]
            seen = running.span_end
            if ts >= seen:
                seen = running.span_end = (ts // running.span + 1) * running.span
            last = state[SEEN]
            if last is not seen:
                state[SEEN] = seen
                if not last:
                    self._come_back(running, state, seen + running.away)
        if self.dust:
            self.sweep(1)
        return changes

    def _turn(self, running, customer, state, now, until, by):
        """Wait for the next moment that can bring a change, and make a note of this one, if it is one."""
        is_in = until >= 0
        due = until if is_in else ~until
        if due < state[DUE]:
            state[DUE] = due
            self.arm(running, customer, due)
        if is_in == state[IS_IN]:
            return None
        state[IS_IN] = is_in
        self.changed += 1
        if is_in:
            running.members[customer] = (now - ORIGIN, by)
        else:
            del running.members[customer]
        return Change(self.changed, customer, running.plan.segment, is_in, now - ORIGIN, by)

    def arm(self, running, customer, due):
        """Look at a customer again when something may be due.

        Parameters
        ----------
        running : Running
        customer : int or str
        due : int, microseconds since 1700
        """
        heappush(self.heap, (due, running.place, type(customer) is str, customer))
        if due < self.next_due:
            self.next_due = due

    def pass_to(self, now):
        """Let time pass, for all customers.

        Parameters
        ----------
        now : int, microseconds since 1700

        Returns
        -------
        list of Change
        """
        changes, heap = [], self.heap
        while heap and heap[0][0] <= now:
            due, place, _, customer = heappop(heap)
            if place == _SWEEP:
                running = self.running[customer]
                self.dust.append((running, running.buckets.pop(due)))
                continue
            running = self.running[place]
            state = running.customers.get(customer)
            if state is not None and state[DUE] == due:
                state[DUE] = ALWAYS
                change = self._turn(running, customer, state, due, running.machine.look(state, due), "clock")
                if change is not None:
                    changes.append(change)
        self.next_due = heap[0][0] if heap else _END
        if now > self.clock:
            self.clock, self.tied, self.first = now, None, None
        return changes

    def _is_passed(self, customer, seq):
        """At the instant of the clock: was this event, or one of the customer that comes after it, there before?"""
        if self.tied is None:
            self.tied = {self.first: (self.first_seq, {self.first_seq})}
        last, seen = self.tied.get(customer, (None, None))
        if seen is None:
            self.tied[customer] = (seq, {seq})
        elif seq > last:
            seen.add(seq)
            self.tied[customer] = (seq, seen)
        else:
            self.duplicates += seq in seen
            self.late += seq not in seen
            return True
        return False

    def to_sweep(self, running, state):
        """Forget what can be forgotten of a customer, and come back when the rest can be.

        Parameters
        ----------
        running : Running
        state : list
        """
        machine, span = running.machine, running.span
        until = state[SEEN] + running.away
        if until <= self.clock or until // span % _THOROUGH == 0:
            until = machine.sweep(state, self.clock)
            if not until:
                state[SEEN] = int(not machine.stays)
                if machine.is_blank(state):
                    del running.customers[state[WHO]]
                return
            until = (until // span + 1) * span
        self._come_back(running, state, until)

    def _come_back(self, running, state, at):
        """Look after a customer again at the end of a span."""
        states = running.buckets.get(at)
        if states is None:
            states = running.buckets[at] = []
            heappush(self.heap, (at, _SWEEP, False, running.place))
            self.next_due = min(self.next_due, at)
        states.append(state)

    def sweep(self, most):
        """Look after some of the customers of whom something may be forgotten.

        Parameters
        ----------
        most : int
            How many.
        """
        dust = self.dust
        while most and dust:
            running, states = dust[-1]
            if states:
                most -= 1
                self.to_sweep(running, states.pop())
            else:
                dust.pop()

    def sweep_all(self):
        """Look after all of them."""
        self.sweep(-1)
