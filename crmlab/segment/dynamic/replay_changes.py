"""When a running quantity passes a threshold: the steps at which "at least so much" begins or ceases to hold."""

import numpy as np

from crmlab.errors import CrmlabError, message

__all__ = ["Changes"]

_MOST = 2**62


class Changes:
    """The changes of every quantity of a block, worked out once each.

    Parameters
    ----------
    block : Block
    """

    def __init__(self, block):
        self._block, self._scale = block, block.scale
        self._sums, self._edges = {}, {}

    def of(self, quantity, threshold):
        """Find where "the quantity is at least the threshold" changes.

        Parameters
        ----------
        quantity : Quantity
        threshold : int

        Returns
        -------
        at_first : bool
            Does it hold before anything happened?
        steps : ndarray of int64, rising
        places : ndarray of int
            Place of the event; −1 at a clock step.
        holds : ndarray of bool
            Does it hold from this step on?
        """
        if quantity.marks.kind == "after":
            return self._following(quantity.marks, threshold)
        if quantity.value is None:
            return self._counted(quantity, threshold)
        steps, places, sums = self._summed(quantity)
        return threshold <= 0, *self._crossed(steps, places, sums >= threshold, threshold <= 0)

    def _crossed(self, steps, places, holds, at_first):
        """Keep the steps after which it is another than before."""
        whose = self._scale.customers(steps)
        before = np.empty_like(holds)
        before[:1] = at_first
        before[1:] = np.where(whose[1:] == whose[:-1], holds[:-1], at_first)
        kept = holds != before
        return steps[kept], places[kept], holds[kept]

    def _following(self, marks, threshold):
        block = self._block
        if threshold != 1:  # it is 0 or 1
            none = np.zeros(0, dtype="int64")
            return threshold < 1, none, none, none.astype(bool)
        is_other, is_either = np.zeros((2, len(block.steps)), dtype=bool)
        is_other[block.matched(marks.other)] = True
        is_either[block.matched(marks.match)] = True
        places = np.flatnonzero(is_other | is_either)
        is_other = is_other[places]
        # The number of others up to here, less that of all customers before: above 0 when one came.
        seen, whose = np.cumsum(is_other), block.whose[places]
        begins = np.r_[True, whose[1:] != whose[:-1]][: len(places)]
        before = np.repeat((seen - is_other)[begins], np.diff(np.r_[np.flatnonzero(begins), len(places)]))
        return False, *self._crossed(block.steps[places], places, ~is_other & (seen > before), False)

    def _both_ends(self, quantity):
        """Where the weights of all marks enter and leave; later than all that counts: at the instant after it."""
        key = (quantity.marks, quantity.enters, quantity.leaves)
        if key not in self._edges:
            self._edges[key] = self._ends(*key)
        return self._edges[key]

    def _ends(self, marks, enters, leaves):
        block, scale = self._block, self._scale
        places, instants = block.marks(marks)
        whose = block.whose[places]
        if enters or instants is not None:
            at = (block.ts[places] if instants is None else instants) + enters
            inside = at <= scale.until
            places, whose, at = places[inside], whose[inside], at[inside]
            entering, seats = scale.clock(whose, at), np.full(len(places), -1)
        else:
            at, entering, seats = block.ts[places], block.steps[places], places
        if leaves is None:
            return places, seats, entering, None
        return places, seats, entering, scale.clock(whose, np.minimum(at + (leaves - enters), scale.until + 1))

    def _counted(self, quantity, threshold):
        """So many marks are in the window from the entry of one until the mark so many before it leaves."""
        places, seats, entering, leaving = self._both_ends(quantity)
        whose = self._block.whose[places]
        if threshold <= 0 or threshold > len(places):
            none = np.zeros(0, dtype="int64")
            return threshold <= 0, none, none, none.astype(bool)
        back = threshold - 1
        last = np.flatnonzero(whose[back:] == whose[: len(whose) - back]) + back
        if leaving is None:
            # Never left again: only the first time counts.
            fresh = last[np.r_[True, whose[last[1:]] != whose[last[:-1]]][: len(last)]]
            return False, entering[fresh], seats[fresh], np.ones(len(fresh), dtype=bool)
        last = last[leaving[last - back] > entering[last]]
        begins, ends = entering[last], leaving[last - back]
        # It goes on when the next entry is not after the end: at one clock step both are one.
        apart = begins[1:] > ends[:-1]
        opens, closes = np.r_[True, apart][: len(last)], np.r_[apart, True][: len(last)]
        begins, ends = begins[opens], ends[closes]
        steps = np.column_stack([begins, ends]).ravel()
        both = np.column_stack([seats[last][opens], np.full(len(ends), -1)]).ravel()
        holds = np.tile([True, False], len(begins))
        counts = self._scale.instants(steps) <= self._scale.until
        return False, steps[counts], both[counts], holds[counts]

    def _summed(self, quantity):
        """The running sum after each step that moves it."""
        key = (quantity.marks, quantity.value, quantity.less, quantity.enters, quantity.leaves)
        if key not in self._sums:
            self._sums[key] = self._running(quantity)
        return self._sums[key]

    def _running(self, quantity):
        scale = self._scale
        places, seats, entering, leaving = self._both_ends(quantity)
        weights, present = self._block.read(quantity.value, places)
        if present is not None:
            places, seats, entering, weights = places[present], seats[present], entering[present], weights[present]
            leaving = None if leaving is None else leaving[present]
        weights = weights - quantity.less
        self._check_room(quantity, places, weights)
        if leaving is None:
            steps = entering
        else:
            inside = scale.instants(leaving) <= scale.until
            steps = np.concatenate([entering, leaving[inside]])
            weights = np.concatenate([weights, -weights[inside]])
            seats = np.concatenate([seats, np.full(len(steps) - len(seats), -1)])
            # Both halves rise, so a stable sort only merges them.
            order = np.argsort(steps, kind="stable")
            steps, weights, seats = steps[order], weights[order], seats[order]
        whose = scale.customers(steps)
        sums = np.cumsum(weights)
        begins = np.flatnonzero(np.r_[True, whose[1:] != whose[:-1]][: len(whose)])
        sums -= np.repeat(sums[begins] - weights[begins], np.diff(np.r_[begins, len(whose)]))
        if (seats < 0).any():
            ends = np.r_[(steps[1:] != steps[:-1]) | (seats[1:] >= 0), True][: len(steps)]
            steps, seats, sums = steps[ends], seats[ends], sums[ends]
        return steps, seats, sums

    def _check_room(self, quantity, places, weights):
        if not len(weights):
            return
        most = int(max(weights.max(), -weights.min())) * int(np.bincount(self._block.whose[places]).max())
        if most > _MOST:
            raise CrmlabError(
                message(
                    f"log.{quantity.value}",
                    "the numbers are too large to be added up exactly.",
                    next="correct what is far too large, or count in a larger unit.",
                )
            )
