"""The running numbers of one customer: what an event adds to them, and until when they stay as they are.

A customer is a list of slots; each quantity of a plan keeps what it needs in some of them. Nothing
runs by itself: a number is brought up to date when it is asked for. What is asked is always "is it
at least so much?", and the answer says in one whole number whether it holds and until when at the
soonest: `until` when it holds, ``~until`` (below 0) when it does not. So that no instant is below 0,
time counts from 1700 here: `ORIGIN` is added where it comes in, and taken off where it goes out.
"""

__all__ = ["ALWAYS", "NEVER", "ORIGIN", "Slots", "cell"]

ALWAYS = 1 << 62  # holds, and no passing of time changes that
ORIGIN = 8_520_336_000_000_000  # microseconds from 1700 to 1970
NEVER = ~ALWAYS  # does not hold, and no passing of time changes that


class Slots:
    """The slots of a customer's list, given out one by one, with what they hold at first.

    Examples
    --------
    >>> slots = Slots()
    >>> slots.take(0), slots.take(None), slots.blank
    (0, 1, [0, None])
    """

    def __init__(self):
        self.blank = []

    def take(self, at_first):
        """Give out the next slot.

        Parameters
        ----------
        at_first : int or None

        Returns
        -------
        int
            Its place.
        """
        self.blank.append(at_first)
        return len(self.blank) - 1


def cell(quantity, slots, thresholds):
    """Keep one quantity in the way that costs least for what is asked of it.

    Parameters
    ----------
    quantity : Quantity
    slots : Slots
    thresholds : set of int
        All that is asked: is it at least so much?

    Returns
    -------
    Counter, Latest, Window or Span
        ``mark(state, at, event)`` takes a mark in; ``at_least(threshold)`` makes the function of
        (state, now) that answers; ``sweep(state, now)`` forgets what no longer counts, and says when
        the last of the rest can be forgotten (0: there is none). ``stays`` is how long a mark matters.
        ``gate``, where there is one, is a slot that is empty while there are no marks, and that no mark empties.
    """
    if quantity.enters:
        return Span(quantity, slots)
    if quantity.leaves is None:
        return Counter(quantity, slots)
    if quantity.value is None and thresholds <= {0, 1}:
        return Latest(quantity, slots)
    return Window(quantity, slots)


class Counter:
    """A number that no passing of time changes.

    Parameters
    ----------
    quantity : Quantity
    slots : Slots
    """

    def __init__(self, quantity, slots):
        self.slot = slot = slots.take(0)
        self.stays = 0  # how long a mark matters, where it is forgotten at all
        value, less = quantity.value, quantity.less

        def count(state, at, event):
            state[slot] += 1

        def add(state, at, event):
            weight = event.get(value)
            if weight is not None:
                state[slot] += weight - less

        self.mark = count if value is None else add

    def at_least(self, threshold):
        slot = self.slot
        return lambda state, now: ALWAYS if state[slot] >= threshold else NEVER

    def sweep(self, state, now):
        return 0


class Latest:
    """Is there any mark in the window: all it takes is when the latest leaves.

    Parameters
    ----------
    quantity : Quantity
    slots : Slots
    """

    def __init__(self, quantity, slots):
        self.slot = self.gate = slot = slots.take(0)
        self.stays = leaves = quantity.leaves

        def mark(state, at, event):
            state[slot] = at + leaves

        def sweep(state, now):
            until = state[slot]
            if until > now:
                return until
            state[slot] = 0
            return 0

        self.mark, self.sweep = mark, sweep

    def at_least(self, threshold):
        slot = self.slot
        if threshold <= 0:
            return lambda state, now: ALWAYS

        def look(state, now):
            until = state[slot]
            if until > now:
                return until
            if until:
                state[slot] = 0  # forgotten: to look at it again would mean to fetch it again
            return NEVER

        return look


class Window:
    """A sum over the marks of the last stretch of time.

    Parameters
    ----------
    quantity : Quantity
    slots : Slots

    Notes
    -----
    The marks lie in one list: where the first that still counts lies, up to where they are added up,
    whether any weighs less than nothing, their sum, then when each mark leaves and what it weighs. They
    are added up when somebody asks: mostly another part of the rule says no before that. Of what has
    left there are never many more than of what still counts. No list at all where there are no marks.
    """

    def __init__(self, quantity, slots):
        self.queue = self.gate = queue = slots.take(None)
        self.stays = leaves = quantity.leaves
        self.is_count = quantity.value is None
        value, less = quantity.value, quantity.less

        def settle(state, marks, now, is_asked):
            head, added, total, end = marks[0], marks[1], marks[3], len(marks)
            while head < added and marks[head] <= now:
                total -= marks[head + 1]
                head += 2
            if head == added:  # of the others none is added up
                while head < end and marks[head] <= now:
                    head += 2
                if head == end:
                    state[queue] = None
                    return None
                added = head
            if is_asked:
                while added < end:
                    total += marks[added + 1]
                    added += 2
            if head > end >> 1:
                del marks[4:head]
                added -= head - 4
                head = 4
            marks[0], marks[1] = head, added
            marks[3] = total
            return marks

        def mark(state, at, event):
            if value is None:
                weight = 1
            else:
                weight = event.get(value)
                if weight is None:
                    return
                weight -= less
            marks = state[queue]
            if marks is None:
                state[queue] = [4, 4, weight < 0, 0, at + leaves, weight]
                return
            marks.append(at + leaves)
            marks.append(weight)
            if weight < 0:
                marks[2] = 1
            end = len(marks)
            if not end & 7 and marks[end + 4 >> 2 << 1] <= at:  # has the mark in the middle left? So has half of them
                settle(state, marks, at, False)

        def sweep(state, now):
            marks = state[queue]
            if marks is not None and marks[marks[0]] <= now:
                marks = settle(state, marks, now, False)
            return 0 if marks is None else marks[-2]

        self.settle, self.mark, self.sweep = settle, mark, sweep

    def at_least(self, threshold):
        queue, settle, is_count = self.queue, self.settle, self.is_count

        def look(state, now):
            marks = state[queue]
            if marks is not None and (marks[1] != len(marks) or marks[marks[0]] <= now):
                marks = settle(state, marks, now, True)
            if marks is None:
                return ALWAYS if threshold <= 0 else NEVER
            above = marks[3] - threshold
            if above < 0:  # only what weighs less than nothing can lift it by leaving
                return ~marks[marks[0]] if marks[2] else NEVER
            if is_count:
                return marks[marks[0] + 2 * above] if threshold > 0 else ALWAYS
            return marks[marks[0]]

        return look


class Span:
    """A sum over the marks between two ages: they enter by the clock, and leave by it if they leave.

    Parameters
    ----------
    quantity : Quantity
    slots : Slots

    Notes
    -----
    One list as in `Window`: where the oldest that has not left lies, where the oldest that has
    not entered lies, how many weigh less than nothing, then the mark and its weight.
    """

    def __init__(self, quantity, slots):
        self.slot = slot = slots.take(0)
        self.queue = queue = slots.take(None)
        self.enters, self.leaves = enters, leaves = quantity.enters, quantity.leaves
        self.stays = enters if leaves is None else leaves
        self.is_count = quantity.value is None
        value, less = quantity.value, quantity.less

        def settle(state, now):
            marks = state[queue]
            if marks is None:
                return None
            left, entered, end, total = marks[0], marks[1], len(marks), state[slot]
            while entered < end and marks[entered] + enters <= now:
                total += marks[entered + 1]
                entered += 2
            if leaves is None:
                for place in range(left + 1, entered, 2):
                    marks[2] -= marks[place] < 0
                left = entered
            else:
                while left < entered and marks[left] + leaves <= now:
                    weight = marks[left + 1]
                    total -= weight
                    marks[2] -= weight < 0
                    left += 2
            state[slot] = total
            if left == end:
                state[queue] = None
                return None
            if left > 16 and left > end >> 1:
                del marks[3:left]
                entered -= left - 3
                left = 3
            marks[0], marks[1] = left, entered
            return marks

        def mark(state, at, event):
            weight = 1
            if value is not None:
                weight = event.get(value)
                if weight is None:
                    return
                weight -= less
            marks = settle(state, at)
            if marks is None:
                state[queue] = [3, 3, weight < 0, at, weight]
            else:
                marks.append(at)
                marks.append(weight)
                marks[2] += weight < 0

        self.settle, self.mark = settle, mark

    def at_least(self, threshold):
        slot, settle, is_count = self.slot, self.settle, self.is_count
        enters, leaves = self.enters, self.leaves

        def look(state, now):
            marks = settle(state, now)
            above = state[slot] - threshold
            if marks is None:
                return ALWAYS if above >= 0 else NEVER
            left, entered, end = marks[0], marks[1], len(marks)
            if is_count:  # so many must leave, or enter, before the answer can be another
                if above >= 0:
                    return ALWAYS if leaves is None or threshold <= 0 else marks[left + 2 * above] + leaves
                place = entered - 2 * (above + 1)
                return ~(marks[place] + enters) if place < end else NEVER
            # What enters lifts the sum, what leaves lowers it; what weighs less than nothing, the other way.
            until = ALWAYS
            if entered < end and (above < 0 or marks[2]):
                until = marks[entered] + enters
            if leaves is not None and left < entered and (above >= 0 or marks[2]):
                until = min(until, marks[left] + leaves)
            return until if above >= 0 else ~until

        return look

    def sweep(self, state, now):
        marks = self.settle(state, now)
        return 0 if marks is None else marks[-2] + self.stays
