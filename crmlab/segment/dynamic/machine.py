"""One customer and one plan: take an event in, let time pass, say when to look again."""

import json
from collections import OrderedDict, deque
from operator import index

from crmlab.errors import CrmlabError, message
from crmlab.segment.dynamic.cells import ALWAYS, NEVER, ORIGIN, Latest, Slots, Window
from crmlab.segment.dynamic.incoming import checks_of
from crmlab.segment.dynamic.marking import COMPARED, After, followed
from crmlab.segment.dynamic.plan import All, Any, AtLeast, Compare, Not, TraitIs, leaves

__all__ = ["DUE", "SEEN", "SINCE", "WHO", "Machine", "entry", "since"]

# The first slots of every customer. SINCE is 0 for who is not in; SEEN and WHO are the engine's, WHO not written down.
SINCE, DUE, SEEN, WHO = range(4)


def since(now, by):
    """Write an entry as one number, which is never 0.

    Parameters
    ----------
    now : int, microseconds since 1700
    by : {"event", "clock"}

    Returns
    -------
    int

    Examples
    --------
    >>> entry(since(ORIGIN + 7, "clock")), since(0, "event")
    ((7, 'clock'), 1)
    """
    return 2 * now + (1 if by == "event" else 2)


def entry(number):
    """Read what `since` has written.

    Parameters
    ----------
    number : int

    Returns
    -------
    tuple of (int, str)
        When (microseconds since 1970), and by "event" or "clock".
    """
    return (number - 1 >> 1) - ORIGIN, "event" if number & 1 else "clock"


class Machine:
    """Run a plan for one customer at a time: the heart of the live engine, and of the one inside Spark.

    A customer is a plain list, made by `new`. Between two calls it may be put away as JSON by `dump`.

    Parameters
    ----------
    plan : Plan

    Examples
    --------
    >>> from crmlab.segment.dynamic.plan import Marks, Match, Plan, Quantity
    >>> lately = Quantity(Marks("each", Match("complaint")), leaves=60_000_000)
    >>> machine = Machine(Plan("complained", (lately,), Compare(0, ">=", 1)))
    >>> customer = machine.new()
    >>> machine.push(customer, {"ts": 1_000_000, "seq": 0, "type": "complaint"})
    [(1000000, True, 'event')]
    >>> machine.due(customer)
    61000000
    >>> customer = machine.load(machine.dump(customer))
    >>> machine.advance(customer, 90_000_000)
    [(61000000, False, 'clock')]
    """

    def __init__(self, plan):
        self.plan = plan
        slots = Slots()
        for at_first in (0, ALWAYS, 0, None):
            slots.take(at_first)
        thresholds = _thresholds(plan)
        self.updates, gates, kept = {}, {}, []
        for place, quantity in enumerate(plan.quantities):
            updates, one = followed(quantity, slots, thresholds[place])
            kept.append(one)
            for type_, update, gate in updates:
                self.updates.setdefault(type_, []).append(update)
                gates.setdefault(type_, set()).add(DUE if gate is None else gate)
        self.updates = {type_: tuple(updates) for type_, updates in self.updates.items()}
        # A gate is a slot. While it is empty, an event of the type changes nothing, or the answer is NEVER. Where there
        # is none, it is DUE, which is never empty.
        self.gates = {type_: gates.pop() if len(gates) == 1 else DUE for type_, gates in gates.items()}
        self.checks = checks_of([plan])
        self._own = len(slots.blank)  # traits lie behind
        # The text is the key: True and 1 are equal in Python, and not the same in a rule.
        asked = {repr(leaf.condition): leaf.condition for leaf in leaves(plan.test) if isinstance(leaf, TraitIs)}
        self._traits = {text: (slots.take(False), condition) for text, condition in asked.items()}
        self.look, _, gate = _look(plan.test, kept, plan, self._traits)
        self.gate = DUE if gate is None else gate
        self._blank, self._sweeps = slots.blank, tuple(one.sweep for one in kept if one.stays)
        self.stays = max((one.stays for one in kept), default=0)
        self._is_kept = plan.may_hold_at_zero
        self._blank[SEEN] = int(not self.stays)  # where nothing is ever forgotten, nobody need look

    def new(self, traits=None):
        """Begin with a customer of whom nothing is known but traits.

        Parameters
        ----------
        traits : dict of str to value, optional

        Returns
        -------
        list
        """
        state = self._blank.copy()
        if traits:
            for slot, condition in self._traits.values():
                state[slot] = _is_met(condition, traits.get(condition.name))
        return state

    def push(self, state, event):
        """Take one event in, after all that the clock did before it.

        Parameters
        ----------
        state : list
            The customer; changed in place.
        event : dict
            With ts (whole microseconds since 1970, UTC), type and properties; events come in order
            of (ts, seq).

        Returns
        -------
        list of tuple (int, bool, str)
            Each change: when (microseconds), whether the customer is in from then on, and whether
            an "event" or the "clock" did it.
        """
        changes = self.advance(state, event["ts"])
        ts = event["ts"] + ORIGIN
        for update in self.updates.get(event["type"], ()):
            update(state, ts, event)
        return changes + self._turned(state, ts, "event")

    def advance(self, state, now):
        """Let time pass for a customer.

        Parameters
        ----------
        state : list
            The customer; changed in place.
        now : int, microseconds since 1970

        Returns
        -------
        list of tuple (int, bool, str)
            As from `push`.
        """
        changes = []
        while state[DUE] <= now + ORIGIN:
            changes += self._turned(state, state[DUE], "clock")
        return changes

    def _turned(self, state, now, by):
        until = self.look(state, now)
        is_in = until >= 0
        state[DUE] = until if is_in else ~until
        if is_in == bool(state[SINCE]):
            return []
        state[SINCE] = since(now, by) if is_in else 0
        return [(now - ORIGIN, is_in, by)]

    def due(self, state):
        """Say when the passing of time can change something, if no event comes before.

        Parameters
        ----------
        state : list

        Returns
        -------
        int or None
            Microseconds since 1970; None: never.
        """
        return None if state[DUE] == ALWAYS else state[DUE] - ORIGIN

    def sweep(self, state, now):
        """Forget what has left all windows.

        Parameters
        ----------
        state : list
            The customer; changed in place.
        now : int, microseconds since 1700

        Returns
        -------
        int
            When the last of what is left can be forgotten too; 0: nothing of that kind is left.
        """
        last = 0
        for sweep in self._sweeps:
            until = sweep(state, now)
            if until > last:
                last = until
        return last

    def is_blank(self, state):
        """Whether a customer is as if there had been no event: it need not be kept.

        Parameters
        ----------
        state : list

        Returns
        -------
        bool
        """
        if self._is_kept or state[SINCE]:
            return False
        return state[WHO + 1 : self._own] == self._blank[WHO + 1 : self._own]

    def dump(self, state):
        """Write a customer down as JSON.

        Parameters
        ----------
        state : list

        Returns
        -------
        str
        """
        told = [*state[:WHO], None, *map(_plain, state[WHO + 1 :])]
        return json.dumps(told, ensure_ascii=False, separators=(",", ":"))

    def load(self, text):
        """Read a customer that was written down.

        Parameters
        ----------
        text : str

        Returns
        -------
        list

        Raises
        ------
        CrmlabError
            When it is not a customer of this plan.
        """
        try:
            state = [_alive(value) for value in json.loads(text)]
            if len(state) != len(self._blank) or state[WHO] is not None:
                raise ValueError
        # All that another text can lead to.
        except (ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError):
            found = "it is not a customer of this plan as it was written down."
            raise CrmlabError(message("state", found, next="restore it with the rule it was saved with.")) from None
        return state


_KINDS = {
    "row": (list, list, lambda found: list(map(index, found))),
    "waiting": (deque, lambda waiting: [list(one) for one in waiting], lambda found: deque(map(tuple, found))),
    "begun": (OrderedDict, lambda begun: [list(one) for one in begun.items()], OrderedDict),
    "closed": (dict, lambda closed: [list(one) for one in closed.items()], dict),
}


def _plain(value):
    """A slot as JSON can hold it: a number as it is, all else by its kind."""
    if value is None or isinstance(value, int):
        return value
    return next({name: plain(value)} for name, (kind, plain, _) in _KINDS.items() if type(value) is kind)


def _alive(value):
    if value is None or isinstance(value, int):
        return value
    ((name, found),) = value.items()
    return _KINDS[name][2](found)


def _is_met(condition, value):
    if value is None:
        return False
    if condition.op == "present":
        return True
    return value in condition.value if condition.op == "in" else COMPARED[condition.op](value, condition.value)


def _thresholds(plan):
    """What is asked of each quantity: is it at least so much?"""
    asked = [set() for _ in plan.quantities]
    for leaf in leaves(plan.test):
        if isinstance(leaf, Compare):
            asked[leaf.quantity] |= {threshold for threshold, _ in _asked(leaf, plan)}
    return asked


def _asked(leaf, plan):
    """A comparison as one or two questions "at least so much?", with whether the answer should be yes."""
    quantity, value = plan.quantities[leaf.quantity], leaf.value
    if leaf.op in ("==", "!="):
        if quantity.value is None and value == 0:
            return [(1, False)]  # no number of marks is below 0
        if quantity.marks.kind == "after" and value == 1:
            return [(1, True)]
        return [(value, True), (value + 1, False)]
    return [(value + (leaf.op in (">", "<=")), leaf.op in (">", ">="))]


def _look(test, kept, plan, traits):
    """Make the function of (state, now) that says whether a test holds and until when, how dear it is, and its gate.

    While its gate, a slot, is empty, the test does not hold, and no passing of time changes that; None: no such slot.
    """
    if isinstance(test, Compare):
        one, asked = kept[test.quantity], _asked(test, plan)
        looks = [_signed(one.at_least(threshold), is_yes) for threshold, is_yes in asked]
        look = _all(looks) if len(looks) > 1 else looks[0]
        cost = 0 if isinstance(one, Latest | After) or not one.stays else 1 if isinstance(one, Window) else 2
        at_least, is_yes = asked[0]
        gate = getattr(one, "gate", None) if is_yes and at_least > 0 and test.op != "!=" else None
        return _signed(look, test.op != "!="), cost, gate
    if isinstance(test, Not):
        look, cost, _ = _look(test.part, kept, plan, traits)
        return _signed(look, False), cost, None
    if isinstance(test, All | Any | AtLeast):
        # What is cheap to ask comes first: often the rest need not be asked.
        parts = sorted((_look(part, kept, plan, traits) for part in test.parts), key=lambda part: part[1])
        looks = tuple(look for look, _, _ in parts)
        make = {All: _all, Any: _any}.get(type(test)) or (lambda looks: _at_least(test.n, looks))
        gates = [gate for _, _, gate in parts if gate is not None] if isinstance(test, All) else []
        return make(looks), parts[-1][1] if parts else 0, next(iter(gates), None)
    slot, _ = traits[repr(test.condition)]
    return lambda state, now: ALWAYS if state[slot] else NEVER, 0, slot


def _signed(look, is_yes):
    return look if is_yes else lambda state, now: ~look(state, now)


def _all(looks):
    if not looks:
        return lambda state, now: ALWAYS
    first, *others = looks

    def look(state, now):
        until = first(state, now)
        if until == NEVER:
            return NEVER
        holds, fails = (until, 0) if until >= 0 else (ALWAYS, until)
        for part in others:
            until = part(state, now)
            if until >= 0:
                if until < holds:
                    holds = until
            elif until == NEVER:
                return NEVER
            elif until < fails:  # all that fail must come to hold: the latest of them decides
                fails = until
        return fails or holds

    return look


def _any(looks):
    def look(state, now):
        holds, fails = -1, NEVER
        for part in looks:
            until = part(state, now)
            if until < 0:
                if until > fails:
                    fails = until
            elif until == ALWAYS:
                return ALWAYS
            elif until > holds:
                holds = until
        return holds if holds >= 0 else fails

    return look


def _at_least(n, looks):
    def look(state, now):
        answers = sorted(
            part(state, now) for part in looks
        )  # those that fail, from the latest to turn; those that hold
        holding = sum(until >= 0 for until in answers)
        failing = len(answers) - holding
        if holding >= n:
            return answers[failing + holding - n]
        return answers[failing - (n - holding)]

    return look
