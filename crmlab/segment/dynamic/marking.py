"""Which events are marks of a quantity: each, the first, after a break, A then B, A and no B."""

from collections import OrderedDict, deque
from operator import eq, ge, gt, le, lt, ne

from crmlab.segment.dynamic.cells import ALWAYS, NEVER, ORIGIN, cell

__all__ = ["COMPARED", "followed"]

COMPARED = {"==": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}


def followed(quantity, slots, thresholds):
    """Follow one quantity through a customer's events.

    Parameters
    ----------
    quantity : Quantity
    slots : Slots
        Where the customer's numbers are kept.
    thresholds : set of int
        All that is asked: is it at least so much?

    Returns
    -------
    updates : list of tuple (str, function of (state, ts, event), int or None)
        Called in this order for an event of the type; true when the event changed nothing. The number
        is a slot: while it is empty, the event would change nothing.
    kept : Counter, Latest, Window, Span, After or Without
        ``at_least(threshold)``, ``sweep(state, now)`` and ``stays``, as in ``cells.cell``.
    """
    marks = quantity.marks
    if marks.kind == "after":
        kept = After(slots)
        return [_when(marks.match, kept.follow, kept.is_open), _when(marks.other, kept.begin)], kept
    kept = cell(quantity, slots, thresholds)
    mark = _in_period(kept.mark, marks.start, marks.end)
    if marks.kind == "without":
        kept = Without(marks, kept, mark, slots)
        return [_when(marks.other, kept.close, kept.waiting), _when(marks.match, kept.open)], kept
    if marks.kind == "then":
        complete, begin, forget, latest = _then(marks, mark, slots)
        updates = [_when(marks.match, complete, latest), _when(marks.other, begin)]
        return updates, Remembering(kept, forget, marks.gap)
    make = {"each": lambda: mark, "first": lambda: _first(mark, slots), "resumed": lambda: _resumed(mark, marks, slots)}
    return [_when(marks.match, make[marks.kind]())], kept


def _when(match, update, gate=None):
    """Let only the events that are meant through."""
    tests = tuple(_meets(condition) for condition in match.where)
    if not tests:
        return match.type, update, gate

    def some(state, ts, event):
        for test in tests:
            if not test(event):
                return True
        return update(state, ts, event)

    return match.type, some, gate


def _meets(condition):
    name, op, value = condition.name, condition.op, condition.value
    if op == "==":
        return lambda event: event.get(name) == value
    if op == "in":
        allowed = frozenset(value)
        return lambda event: event.get(name) in allowed
    if op == "present":
        return lambda event: event.get(name) is not None
    compared = COMPARED[op]
    if op == "!=":
        return lambda event: (found := event.get(name)) is not None and found != value
    return lambda event: (found := event.get(name)).__class__ is int and compared(found, value)


def _in_period(mark, start, end):
    if start is None and end is None:
        return mark
    start = -1 if start is None else start + ORIGIN
    end = ALWAYS if end is None else end + ORIGIN

    def inside(state, at, event):
        if start <= at < end:
            return mark(state, at, event)
        return True

    return inside


def _first(mark, slots):
    seen = slots.take(0)

    def update(state, ts, event):
        if state[seen]:
            return True
        state[seen] = 1
        mark(state, ts, event)
        return False

    return update


def _resumed(mark, marks, slots):
    before, gap = slots.take(None), marks.gap

    def update(state, ts, event):
        last, state[before] = state[before], ts
        if last is not None and ts - last >= gap:
            mark(state, ts, event)

    return update


def _then(marks, mark, slots):
    """A then B: only the latest A matters, or the latest of each value."""
    latest, gap, same = slots.take(None), marks.gap, marks.same

    def complete(state, ts, event):
        if state[latest] is not None and ts - state[latest] < gap:
            mark(state, ts, event)

    def begin(state, ts, event):
        state[latest] = ts

    def forget(state, now):
        if state[latest] is None or state[latest] <= now - gap:
            state[latest] = None
            return 0
        return state[latest] + gap

    def complete_same(state, ts, event):
        begun = state[latest]
        if begun is not None:
            at = begun.get(event.get(same))  # nothing is ever begun under a missing value
            if at is not None and ts - at < gap:
                mark(state, ts, event)

    def begin_same(state, ts, event):
        value = event.get(same)
        if value is None:
            return
        begun = state[latest]
        if begun is None:
            begun = state[latest] = OrderedDict()
        begun[value] = ts
        begun.move_to_end(value)
        drop(begun, ts)

    def drop(begun, now):
        while begun and begun[next(iter(begun))] <= now - gap:
            begun.popitem(last=False)

    def forget_same(state, now):
        begun = state[latest]
        if begun is not None:
            drop(begun, now)
            if begun:
                return begun[next(reversed(begun))] + gap
            state[latest] = None
        return 0

    if same is None:
        return complete, begin, forget, latest
    return complete_same, begin_same, forget_same, latest


class Remembering:
    """A cell whose marks need something remembered for a while, to be swept as well.

    Parameters
    ----------
    kept : Counter, Latest, Window or Span
    forget : function of (state, now)
        Forgets what is too old, as ``sweep`` does.
    gap : int, microseconds
        How long it is remembered.
    """

    def __init__(self, kept, forget, gap):
        self._kept, self._forget = kept, forget
        self.at_least = kept.at_least
        self.stays = max(kept.stays, gap)

    def sweep(self, state, now):
        return max(self._forget(state, now), self._kept.sweep(state, now))


class After:
    """Did the latest of one kind come after the latest of another.

    Parameters
    ----------
    slots : Slots
    """

    stays = 0

    def __init__(self, slots):
        self.is_open, self._is_followed = is_open, is_followed = slots.take(0), slots.take(0)

        def follow(state, ts, event):
            if not state[is_open]:
                return True
            state[is_open], state[is_followed] = 0, 1
            return False

        def begin(state, ts, event):
            state[is_open], state[is_followed] = 1, 0

        self.follow, self.begin = follow, begin

    def at_least(self, threshold):
        is_followed = self._is_followed
        if threshold <= 0 or threshold > 1:
            answer = ALWAYS if threshold <= 0 else NEVER
            return lambda state, now: answer
        return lambda state, now: ALWAYS if state[is_followed] else NEVER

    def sweep(self, state, now):
        return 0


class Without:
    """A and no B in time: the mark is set by the clock, when the time is over.

    Parameters
    ----------
    marks : Marks
    kept : Counter, Latest, Window or Span
    mark : function of (state, at, event)
    slots : Slots

    Notes
    -----
    What is open waits in a queue of (until when, value of the same property), numbered in order. A B
    does not search it: it notes down how many had been opened until then, and what has a lower
    number is found closed when its turn comes.
    """

    def __init__(self, marks, kept, mark, slots):
        self._kept, self._mark, self._gap, self._same = kept, mark, marks.gap, marks.same
        self.stays = marks.gap + kept.stays
        self.waiting, self._number, self._closed = slots.take(None), slots.take(0), slots.take(None)
        self._enters = getattr(kept, "enters", 0)

    def open(self, state, ts, event):
        self._settle(state, ts)
        if state[self.waiting] is None:
            state[self.waiting] = deque()
        state[self.waiting].append((ts + self._gap, event.get(self._same) if self._same else None))

    def close(self, state, ts, event):
        if state[self.waiting] is None or not self._settle(state, ts):
            return
        if self._same is None:
            self._forget(state)
            return
        value = event.get(self._same)
        if value is None:
            return
        waiting = state[self.waiting]
        closed = state[self._closed] or {}
        closed[value] = state[self._number] + len(waiting)
        if len(closed) > 2 * len(waiting) + 16:
            open_values = {value for _, value in waiting}
            closed = {value: number for value, number in closed.items() if value in open_values}
        state[self._closed] = closed

    def _forget(self, state):
        state[self.waiting], state[self._number], state[self._closed] = None, 0, None

    def _settle(self, state, now):
        """Set the marks whose time is over, and say when the next can be (0: nothing waits)."""
        waiting = state[self.waiting]
        if waiting is None:
            return 0
        closed = state[self._closed] or {}
        while waiting:
            until, value = waiting[0]
            is_closed = closed.get(value, 0) > state[self._number]
            if until > now and not is_closed:
                return until
            waiting.popleft()
            state[self._number] += 1
            if not is_closed:
                self._mark(state, until, None)
        self._forget(state)
        return 0

    def at_least(self, threshold):
        look, settle, enters = self._kept.at_least(threshold), self._settle, self._enters

        def after_settling(state, now):
            next_mark = settle(state, now)
            answer = look(state, now)
            if answer < 0 and next_mark:
                return max(answer, ~(next_mark + enters))
            return answer

        return after_settling

    def sweep(self, state, now):
        waits = self._settle(state, now)
        until = self._kept.sweep(state, now)
        return max(until, state[self.waiting][-1][0] + self._kept.stays) if waits else until
