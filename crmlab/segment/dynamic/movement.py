"""Where customers move: from one micro segment to another between two moments."""

import numpy as np
import pandas as pd

from crmlab.errors import CrmlabError, message
from crmlab.segment.dynamic.micro import APPEARED, GATHERED, GONE, MicroSegments, too_small, under

__all__ = ["Movement", "movement"]


def movement(before, after):
    """See how many customers moved from which micro segment to which between two moments.

    Parameters
    ----------
    before, after : MicroSegments
        The same rules and tiers at an earlier and a later moment. A micro segment gathered in
        either of the two is gathered at both, so that rows and columns mean the same, and nothing
        is learned by taking the sums of a row or column off the table of its moment.

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
                  none of these calls
    none of these              3        0
    calls                under 2        2
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
        column "no longer there" where the customers are not the same. A number below `smallest`
        of the two is told as "under 50".
    shares : pandas.DataFrame
        The transition matrix: each row of the counts as shares of its sum; missing where the row is
        empty or the number too small to be told.

    Notes
    -----
    A number that is not told can be worked out where it is the only one of its row or column, from
    the table of that moment less all others; and the bands of the figure are as thick as the
    numbers are, also the thin ones. Nobody becomes anonymous by this; see :func:`micro_segments`.

    Examples
    --------
    Made by :func:`movement`:

    >>> Movement.__name__
    'Movement'
    """

    def __init__(self, before, after):
        self.since, self.until = before.at, after.at
        sizes = [one.names.value_counts() for one in (before, after)]
        self._smallest = max(before.smallest, after.smallest)
        small = too_small(sizes, self._smallest, also=[*before.gathered, *after.gathered])
        was, now = (one.names.where(~one.names.isin(small), GATHERED) for one in (before, after))
        sizes = was.value_counts().add(now.value_counts(), fill_value=0)
        order = sorted(sizes.index, key=lambda name: (name == GATHERED, -sizes[name], name))
        everybody = was.index.union(now.index)
        was = was.reindex(everybody).fillna(APPEARED)
        now = now.reindex(everybody).fillna(GONE)
        rows = order + [APPEARED] * bool((was == APPEARED).any())
        columns = order + [GONE] * bool((now == GONE).any())
        counts = pd.crosstab(was, now).reindex(index=rows, columns=columns, fill_value=0)
        self._counts = counts.rename_axis(index=None, columns=None)
        self.counts = under(self._counts, self._smallest)
        whole, is_told = self._counts.sum(axis=1), (self._counts == 0) | (self._counts >= self._smallest)
        self.shares = self._counts.div(whole.where(whole > 0), axis=0).where(is_told)

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
        <Chart: Of 6 customers all but a few (under 2) are where they were a week before.>
        """
        from crmlab.chart import ACCENT, MUTED, SHADES, flow_chart

        source, _, _ = self._most()

        def colour(row, column):
            if row == APPEARED or column == GONE:
                return MUTED
            return SHADES[3] if row == column else ACCENT if row == source else SHADES[1]

        colours = [[colour(row, column) for column in self._counts.columns] for row in self._counts.index]
        orange = "" if source is None else "orange moved out of the one that most moved from, "
        words = (
            "Each band is the customers who were in the micro segment on the left and are in the one on the right, the "
            f"thicker the more. Pale stayed, blue moved, {orange}grey came new or is no longer there."
        )
        ends = (f"{self.since:%Y-%m-%d}", f"{self.until:%Y-%m-%d}")
        return flow_chart(self._counts, self._finding(), words, colours=colours, ends=ends)

    def _finding(self):
        both = [name for name in self._counts.index if name in self._counts.columns]
        stayed, n = int(np.trace(self._counts.loc[both, both])), int(self._counts.to_numpy().sum())
        days = (self.until - self.since).days
        ago = {1: "a day", 7: "a week"}.get(days, f"{days:,} days")
        few = f"under {self._smallest:,}"
        who = few if 0 < stayed < self._smallest else f"{stayed:,}"
        who = f"all but a few ({few})" if 0 < n - stayed < self._smallest else who
        told = f"Of {n:,} customers {who} are where they were {ago} before"
        row, column, most = self._most()
        return f"{told}; the most, {most:,}, moved from {row} to {column}." if most else f"{told}."

    def _most(self):
        """The largest move that may be told: from where, to where, how many."""
        counts = self._counts
        names = [name for name in counts.index if name in counts.columns]
        moves = [(int(counts.loc[row, column]), row, column) for row in names for column in names if row != column]
        most, row, column = max(moves, key=lambda move: move[0], default=(0, None, None))
        return (row, column, most) if most >= self._smallest else (None, None, 0)
