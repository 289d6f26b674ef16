"""One plan with all its customers: what an event does, and who is to be looked after when."""

from collections import defaultdict
from functools import reduce

from crmlab.segment.dynamic.cells import ALWAYS, NEVER
from crmlab.segment.dynamic.machine import DUE, SEEN, SINCE, WHO, Machine, entry
from crmlab.segment.dynamic.states import States

__all__ = ["Running"]


class Running:
    """One plan with all its customers.

    Parameters
    ----------
    plan : Plan
    place : int
        Its place among the plans.
    traits : dict of str to dict
        For each trait, customer to value.
    dust : deque
        The engine's, of those that are to be looked after now.
    """

    def __init__(self, plan, place, traits, dust):
        self.plan, self.place, self.machine = plan, place, Machine(plan)
        self.segment, self.look, self.customers = plan.segment, self.machine.look, States()
        self.size = 0  # how many are in
        # Time goes by in numbered spans: of a customer only that is noted in which they were seen last. So many spans
        # later, all of theirs has left the windows. Where nothing leaves, one span is for ever.
        stays = self.machine.stays
        self.span, self.span_now, self.span_end = max(stays // 16, 1) if stays else ALWAYS, 0, 0
        self.away = -(-stays // self.span) + 1
        self.buckets, self._dust = defaultdict(list), dust  # whom to look after, by the number of the span
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

    def members(self):
        """List who is in.

        Returns
        -------
        list of tuple (int or str, int, str)
            In order of customers: who, since when (microseconds since 1970), and by "event" or "clock".
        """
        found = [(customer, *entry(state[SINCE])) for customer, state in self.customers.items() if state[SINCE]]
        return sorted(found, key=lambda one: (type(one[0]) is str, one[0]))

    def number(self, moment):
        """Number the span that a moment is in: 1, 2, 3 …

        Parameters
        ----------
        moment : int, microseconds since 1700
        """
        return moment // self.span + 1

    def begin_span(self, now):
        """Begin the span that a moment is in, and hand over whom to look after from then on.

        Parameters
        ----------
        now : int, microseconds since 1700
        """
        self.span_now = self.number(now)
        self.span_end = self.span_now * self.span
        for number in sorted(number for number in self.buckets if number <= self.span_now):
            self._dust.append((self, number, self.buckets.pop(number)))

    def step(self, type_, turn):
        """Say what an event of a type does, as one function.

        Parameters
        ----------
        type_ : str or None
            None: a type that no rule reads.
        turn : function
            The engine's.

        Returns
        -------
        function of (customer, ts, event, changes) or None
            It gives `changes`, and with them what the event did. None: the event can do nothing.
        """
        updates, holds_at_zero = self.machine.updates.get(type_, ()), self.plan.may_hold_at_zero
        if not updates and not holds_at_zero:
            return None
        running, customers, new, buckets, away = self, self.customers, self.new, self.buckets, self.away
        near, far = customers.near, customers.far
        update = reduce(_both, updates or [_nothing])
        look, gate, needed = self.look, self.machine.gate, self.machine.gates.get(type_, DUE)
        is_for_known = needed != DUE and not holds_at_zero  # of a customer not yet known, all else is empty

        def step(customer, ts, event, changes):
            is_near = customer.__class__ is int and 0 <= customer < customers.end
            state = near[customer] if is_near else far.get(customer)
            if state is None:
                if is_for_known:
                    return changes
                state = new(customer)
                if update(state, ts, event) and not holds_at_zero:
                    return changes  # nobody new need be kept
                customers[customer] = state
            elif not state[needed] or update(state, ts, event):
                return changes  # what time does was done before
            if state[gate]:
                until = look(state, ts)
                if until != NEVER or state[SINCE]:
                    change = turn(running, state, ts, until, "event")
                    if change is not None:
                        changes = (*changes, change) if changes else (change,)
            if ts >= running.span_end:
                running.begin_span(ts)
            seen, last = running.span_now, state[SEEN]
            if last is not seen:
                state[SEEN] = seen
                if not last:
                    buckets[seen + away].append(state)
            return changes

        return step


def _nothing(state, ts, event):
    return True


def _both(first, second):
    """Two updates as one: true when neither changed anything."""

    def update(state, ts, event):
        is_as_before = first(state, ts, event)
        return second(state, ts, event) and is_as_before

    return update
