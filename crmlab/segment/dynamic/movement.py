"""Where customers move: from one micro segment to another between two moments."""

import numpy as np
import pandas as pd

from crmlab.errors import CrmlabError, message
from crmlab.segment.dynamic.micro import GATHERED, MicroSegments, too_small

__all__ = ["Movement", "movement"]

_APPEARED, _GONE = "appeared", "no longer there"


def movement(before, after):
    """See how many customers moved from which micro segment to which between two moments.

    Parameters
    ----------
    before, after : MicroSegments
        The same rules and tiers at an earlier and a later moment. A micro segment too small at
        either of the two is gathered at both, so that rows and columns mean the same.

    Returns
    -------
    Movement
        ``counts``, ``shares``, ``flow_figure()``.

    Raises
    ------
    CrmlabError
        When one of them is no MicroSegments, or they are in the wrong order.

    Examples
    --------
    >>> def at(day, *inside):
    ...     inside = pd.DataFrame({"calls": inside}, index=range(1, 7))
    ...     return MicroSegments(inside, None, 2, pd.Timestamp(day, tz="UTC"))
    >>> week = movement(at("2025-03-01", *[True] * 3, *[False] * 3), at("2025-03-08", *[True] * 2, *[False] * 4))
    >>> week.counts
                   none of these  calls
    none of these              3      0
    calls                      1      2
    """
    for name, one in (("before", before), ("after", after)):
        if not isinstance(one, MicroSegments):
            found = f"found a {type(one).__name__}."
            step = "make both with micro_segments(intervals, at=…, customers=…)."
            raise CrmlabError(message(name, found, allowed="MicroSegments", next=step))
    if after.at <= before.at:
        found = f"{after.at:%Y-%m-%d %H:%M} is not later than {before.at:%Y-%m-%d %H:%M}."
        raise CrmlabError(message("after", found, next="write the earlier moment first."))
    return Movement(before, after)


class Movement:
    """Moves between micro segments; made by :func:`movement`.

    Parameters
    ----------
    before, after : MicroSegments

    Attributes
    ----------
    counts : pandas.DataFrame
        Customers by micro segment before (rows) and after (columns); with a row "appeared" and a
        column "no longer there" where the customers are not the same.
    shares : pandas.DataFrame
        The transition matrix: each row of the counts as shares of its sum; missing where it is empty.

    Examples
    --------
    Made by :func:`movement`:

    >>> Movement.__name__
    'Movement'
    """

    def __init__(self, before, after):
        self.since, self.until = before.at, after.at
        sizes = [one.names.value_counts() for one in (before, after)]
        small = too_small(sizes, max(before.smallest, after.smallest))
        was, now = (one.names.where(~one.names.isin(small), GATHERED) for one in (before, after))
        sizes = was.value_counts().add(now.value_counts(), fill_value=0)
        order = sorted(sizes.index, key=lambda name: (name == GATHERED, -sizes[name], name))
        everybody = was.index.union(now.index)
        was = was.reindex(everybody).fillna(_APPEARED)
        now = now.reindex(everybody).fillna(_GONE)
        rows = order + [_APPEARED] * bool((was == _APPEARED).any())
        columns = order + [_GONE] * bool((now == _GONE).any())
        counts = pd.crosstab(was, now).reindex(index=rows, columns=columns, fill_value=0)
        self.counts = counts.rename_axis(index=None, columns=None)
        whole = self.counts.sum(axis=1)
        self.shares = self.counts.div(whole.where(whole > 0), axis=0)

    def __repr__(self):
        return f"{self._finding()} See .counts, .shares and .flow_figure()."

    def flow_figure(self):
        """Show the moves as bands that flow from micro segment to micro segment.

        Returns
        -------
        crmlab.chart.Chart

        Examples
        --------
        >>> def at(day, *inside):
        ...     inside = pd.DataFrame({"calls": inside}, index=range(1, 7))
        ...     return MicroSegments(inside, None, 2, pd.Timestamp(day, tz="UTC"))
        >>> week = movement(at("2025-03-01", *[True] * 3, *[False] * 3), at("2025-03-08", *[True] * 2, *[False] * 4))
        >>> week.flow_figure()
        <Chart: Of 6 customers 5 are where they were a week before; the most, 1, moved from calls to none of these.>
        """
        from crmlab.chart import ACCENT, MUTED, SHADES, flow_chart

        source, _, _ = _most(self.counts)

        def colour(row, column):
            if row == _APPEARED or column == _GONE:
                return MUTED
            return SHADES[3] if row == column else ACCENT if row == source else SHADES[1]

        colours = [[colour(row, column) for column in self.counts.columns] for row in self.counts.index]
        words = (
            "Each band is the customers who were in the micro segment on the left and are in the one on the right, the "
            "thicker the more. Pale stayed, blue moved, orange moved out of the one that most moved from, grey came "
            "new or is no longer there."
        )
        ends = (f"{self.since:%Y-%m-%d}", f"{self.until:%Y-%m-%d}")
        return flow_chart(self.counts, self._finding(), words, colours=colours, ends=ends)

    def _finding(self):
        both = [name for name in self.counts.index if name in self.counts.columns]
        stayed, n = int(np.trace(self.counts.loc[both, both])), int(self.counts.to_numpy().sum())
        days = (self.until - self.since).days
        ago = {1: "a day", 7: "a week"}.get(days, f"{days:,} days")
        told = f"Of {n:,} customers {stayed:,} are where they were {ago} before"
        row, column, most = _most(self.counts)
        return f"{told}; the most, {most:,}, moved from {row} to {column}." if most else f"{told}."


def _most(counts):
    """The largest move between micro segments: from where, to where, how many."""
    names = [name for name in counts.index if name in counts.columns]
    moves = [(int(counts.loc[row, column]), row, column) for row in names for column in names if row != column]
    most, row, column = max(moves, key=lambda move: move[0], default=(0, None, None))
    return row, column, most
