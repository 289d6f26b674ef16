"""A block of whole customers: the steps of their events as numbers that can be ordered, and the marks among them."""

import numpy as np

__all__ = ["Block", "Scale"]


class Scale:
    """How a customer and an instant become one whole number that orders steps.

    Parameters
    ----------
    first, until : int, microseconds
        The earliest and the last instant that counts.

    Notes
    -----
    From high to low bits: the customer's place in the block, the time since `first`, and 0 for a
    clock step or 1 for an event. So the number of customers in a block follows from the time that
    the log covers, and nothing overflows however many customers there are.

    Examples
    --------
    >>> scale = Scale(0, 10)
    >>> scale.clock(1, 7) < scale.event(1, 7) < scale.clock(2, 0)
    True
    """

    def __init__(self, first, until):
        self.first, self.until = first, until
        # One instant more than counts stands for everything later.
        self.bits = (2 * (until + 1 - first) + 1).bit_length()
        self.most_customers = 1 << (62 - self.bits)

    def event(self, customers, ts):
        """The step of an event."""
        return (customers << self.bits) + ((ts - self.first) << 1) + 1

    def clock(self, customers, ts):
        """The clock's step at an instant."""
        return (customers << self.bits) + ((ts - self.first) << 1)

    def customers(self, steps):
        """Whose step it is."""
        return steps >> self.bits

    def instants(self, steps):
        """When it is."""
        return ((steps & ((1 << self.bits) - 1)) >> 1) + self.first


class Block:
    """Some whole customers' events of the types that matter.

    Parameters
    ----------
    log : Log
    low, high : int
        The customers, by place: from `low` up to but without `high`.
    scale : Scale
    wanted : ndarray of bool, by type code
    with_first : bool
        Also the first event of each customer, of whatever type.
    properties : dict of str to Property
    """

    def __init__(self, log, low, high, scale, wanted, with_first, properties):
        self.scale, self.customers, self.low = scale, high - low, low
        self._log, self._properties = log, properties
        self._matched, self._of_type = {}, {}
        start, end = log.starts[low], log.starts[high]
        types = log.type_codes[start:end]
        chosen = wanted[types]
        begins = log.starts[low:high] - start
        if with_first:
            chosen[begins] = True
        ts = log.ts[start:end]
        chosen &= ts <= scale.until
        rows = np.flatnonzero(chosen)
        self.ts, self._types = ts[rows], types[rows]
        whose = np.repeat(np.arange(high - low), np.diff(log.starts[low : high + 1]))
        self.whose = whose[rows]
        self.steps = scale.event(self.whose, self.ts)
        self._rows = rows + start
        self.has_ties = bool((self.steps[1:] == self.steps[:-1]).any())
        if with_first:
            self.firsts = np.flatnonzero(np.r_[True, self.whose[1:] != self.whose[:-1]][: len(rows)])

    def read(self, name, places):
        """Read a property of the events at these places: values, and where they are present."""
        return self._properties[name].read(self._log.rows(self._rows[places]))

    def matched(self, match):
        """Find the places of the events that are meant, rising."""
        if match not in self._matched:
            places = self._places(match.type)
            for condition in match.where:
                rows = self._log.rows(self._rows[places])
                places = places[self._properties[condition.name].met(condition, rows)]
            self._matched[match] = places
        return self._matched[match]

    def _places(self, type_):
        if type_ not in self._of_type:
            names = self._log.type_names
            code = names.index(type_) if type_ in names else -2
            self._of_type[type_] = np.flatnonzero(self._types == code)
        return self._of_type[type_]

    def marks(self, marks):
        """Find the marks: the places of their events, and the instants they are set at (None: as the events).

        Parameters
        ----------
        marks : Marks
            Of any kind but "after".

        Returns
        -------
        places : ndarray of int, rising
        instants : ndarray of int64, or None
        """
        places, instants = self.matched(marks.match), None
        whose, ts = self.whose, self.ts
        if marks.kind == "first":
            places = places[np.r_[True, whose[places[1:]] != whose[places[:-1]]][: len(places)]]
        elif marks.kind == "resumed":
            one, next_ = places[:-1], places[1:]
            places = next_[(whose[one] == whose[next_]) & (ts[next_] - ts[one] >= marks.gap)]
        elif marks.kind == "then":
            latest = self._beside(places, self.matched(marks.other), marks.same, before=True)
            found = latest >= 0
            found[found] = ts[places[found]] - ts[latest[found]] < marks.gap
            places = places[found]
        elif marks.kind == "without":
            next_ = self._beside(places, self.matched(marks.other), marks.same, before=False)
            came = next_ >= 0
            came[came] = ts[next_[came]] - ts[places[came]] < marks.gap
            places = places[~came & (ts[places] <= self.scale.until - marks.gap)]
            instants = ts[places] + marks.gap
        if marks.start is not None:
            at = ts[places] if instants is None else instants
            inside = (at >= marks.start) & (at < marks.end)
            places, instants = places[inside], None if instants is None else instants[inside]
        return places, instants

    def _beside(self, places, others, same, *, before):
        """For each place the nearest other place before (or after) it of the same customer and value; −1: none."""
        found = np.full(len(places), -1)
        if not len(places) or not len(others):
            return found
        if same is None:
            groups = self.whose
            keys, other_keys, asked = places, others, np.arange(len(places))
        else:
            both = np.union1d(places, others)
            values = np.full(len(self.whose), -1)
            values[both] = self._properties[same].codes(self._log.rows(self._rows[both]))
            groups = np.where(values < 0, -1, self.whose * (values.max() + 1) + values)
            others, asked = others[groups[others] >= 0], np.flatnonzero(groups[places] >= 0)
            others = others[np.lexsort((others, groups[others]))]
            size = len(self.whose)
            keys, other_keys = groups[places[asked]] * size + places[asked], groups[others] * size + others
        nearest = np.searchsorted(other_keys, keys, side="left" if before else "right") - before
        inside = (nearest >= 0) & (nearest < len(others))
        asked, nearest = asked[inside], others[nearest[inside]]
        alike = groups[nearest] == groups[places[asked]]
        found[asked[alike]] = nearest[alike]
        return found
