"""Micro segments: what happens to customers now, crossed with what they are worth, none of them too small."""

import textwrap

import numpy as np
import pandas as pd

from crmlab.errors import CrmlabError, few, message
from crmlab.segment.dynamic.membership import membership
from crmlab.tables.instant import instant

__all__ = ["APPEARED", "GATHERED", "GONE", "MicroSegments", "micro_segments", "too_small", "under"]

GATHERED = "small ones together"
APPEARED, GONE = "appeared", "no longer there"
_NONE = "none of these"
_TAKEN = (_NONE, GATHERED, APPEARED, GONE)
_JOINTS = (" + ", " · ")
_LABEL_WIDTH = 14


def micro_segments(intervals, *, at, customers, tiers=None, smallest=50):
    """Cross the segments a customer is in at a moment with a tier, and gather what would be too small.

    Parameters
    ----------
    intervals : pandas.DataFrame
        From ``replay``, of one rule or of several, run at least up to `at`.
    at : str or datetime
        The moment, UTC when no zone is given.
    customers : array-like
        All customers, also those in no segment.
    tiers : pandas.Series, optional
        Tier of each customer, for instance from ``segment.ValueTiers.predict``, or the benefit
        sought; indexed by customer. Its name goes before it. Who has none is in "no tier".
    smallest : int, default=50
        Least customers a micro segment may hold. Smaller ones are too few to plan for or to
        measure, and so particular that a person may be known by them.

    Returns
    -------
    MicroSegments
        ``labels``, ``table``, ``gathered``, ``overlaps``, ``overlap_figure()``.

    Raises
    ------
    CrmlabError
        When there are fewer customers than `smallest`, the name of a segment could be read as
        something else ("A + B" as both A and B), or an argument cannot be used.

    Notes
    -----
    Micro segments below `smallest` are put together. Should they be fewer than `smallest` even
    then, the next smallest one joins them: else who is in the rest could be told by taking off.

    This keeps plans and figures from resting on a handful of people. It makes nobody anonymous:
    whoever holds ``overlaps``, ``changes`` and ``table`` of the same day, or tables of two moments
    or with two values of `smallest`, can take one off the other and may be left with a few; and
    ``labels``, ``names`` and ``membership`` say of each customer where they are. Give tables out
    of the house only after somebody has looked at all that was given out before.

    Examples
    --------
    >>> day, never = (pd.to_datetime([one] * 5, utc=True) for one in ("2025-03-01", None))
    >>> intervals = pd.DataFrame({"customer_id": [1, 2, 3, 4, 1], "segment": ["calls"] * 4 + ["visits"],
    ...     "entered_at": day, "left_at": never, "entered_by": "event", "reason": None})
    >>> tiers = pd.Series([0, 0, 0, 1, 1, 1, 1], index=range(1, 8), name="tier")
    >>> now = micro_segments(intervals, at="2025-03-08", customers=range(1, 8), tiers=tiers, smallest=2)
    >>> now.table
                            customers  share
    micro_segment
    none of these · tier 1          3  0.429
    calls · tier 0                  2  0.286
    small ones together             2  0.286
    """
    at = instant(at, where="at")
    if not isinstance(smallest, int | np.integer) or isinstance(smallest, bool) or smallest < 2:
        found = f"found {smallest!r}."
        raise CrmlabError(message("smallest", found, allowed="a whole number from 2", next="50 is a usual choice."))
    inside = membership(intervals, at=at, customers=customers)
    if len(inside) < smallest:
        found = f"{len(inside):,} customers are fewer than the smallest allowed group of {smallest:,}."
        raise CrmlabError(message("customers", found, next="take more customers, or allow smaller groups."))
    return MicroSegments(inside, _tier_names(tiers, inside.index), int(smallest), at)


class MicroSegments:
    """Customers by what happens to them and by tier; made by :func:`micro_segments`.

    Parameters
    ----------
    inside : pandas.DataFrame of bool
        Customers by segments.
    tiers : pandas.Series or None
        Tier of each customer, in words.
    smallest : int
    at : pandas.Timestamp

    Attributes
    ----------
    membership : pandas.DataFrame of bool
        Customers by segments, as given.
    names : pandas.Series of str
        Micro segment of each customer before small ones are gathered.
    labels : pandas.Series of str
        Micro segment of each customer; small ones are "small ones together".
    table : pandas.DataFrame
        By micro segment, the largest first: customers, and their share.
    gathered : list of str
        Micro segments that were gathered; how many customers they have together is in `table`.
    overlaps : pandas.DataFrame
        How many customers are in both of two segments; on the diagonal, in the segment. A number
        below `smallest` is told as "under 50".

    Examples
    --------
    Made by :func:`micro_segments`:

    >>> MicroSegments.__name__
    'MicroSegments'
    """

    def __init__(self, inside, tiers, smallest, at):
        self.membership, self.smallest, self.at = inside, smallest, at
        self.names = _names(inside, tiers)
        sizes = self.names.value_counts()
        small = too_small([sizes], smallest)
        self.gathered = sorted(small)
        self.labels = self.names.where(~self.names.isin(small), GATHERED)
        counts = self.labels.value_counts().rename("customers").to_frame()
        order = np.lexsort((counts.index, -counts["customers"], counts.index == GATHERED))
        counts = counts.iloc[order].rename_axis("micro_segment")
        self.table = counts.assign(share=(counts["customers"] / len(inside)).round(3))
        both = inside.to_numpy().astype("int64")
        self._both = pd.DataFrame(both.T @ both, inside.columns, inside.columns)
        self.overlaps = under(self._both, smallest)

    def __repr__(self):
        n, some = len(self.table) - bool(self.gathered), int((self.labels == GATHERED).sum())
        told = f"{n:,} micro segment{'s' * (n != 1)} of {self.smallest:,} customers or more, as of {self.at:%Y-%m-%d}."
        if not some:
            return f"{told} None was too small. See .table, .labels and .overlaps."
        k = len(self.gathered)
        return f"{told} {k:,} others with {some:,} customers in all are gathered: see .gathered, .table and .labels."

    def overlap_figure(self):
        """Show how far segments hold the same customers.

        Returns
        -------
        crmlab.chart.Chart

        Raises
        ------
        CrmlabError
            When there is only one segment.

        Examples
        --------
        >>> inside = pd.DataFrame({"calls": [True, True, True], "visits": [True, True, False]})
        >>> MicroSegments(inside, None, 2, pd.Timestamp("2025-03-08", tz="UTC")).overlap_figure()
        <Chart: Of 2 in 'visits' 100% are in 'calls' too.>
        """
        from matplotlib.colors import LinearSegmentedColormap

        from crmlab.chart import INK, SHADES, Chart

        names, counts, told = [str(name) for name in self._both], self._both.to_numpy(), self.overlaps.to_numpy()
        if len(names) < 2:
            raise CrmlabError(message("overlaps", "there is only one segment.", next="replay two or more rules."))
        is_told = (counts == 0) | (counts >= self.smallest)
        share = np.where(is_told, counts, 0) / np.maximum(counts.diagonal(), 1)[:, None]
        off = np.where(np.eye(len(names), dtype=bool), -1.0, share)
        row, column = np.unravel_index(off.argmax(), off.shape)
        finding = f"Of {counts[row, row]:,} in {names[row]!r} {share[row, column]:.0%} are in {names[column]!r} too."
        if not share[row, column]:
            finding = f"No two of these segments have {self.smallest:,} customers or more in common."
        if not counts[off >= 0].any():
            finding = "No customer is in two of these segments (0 of them overlap)."

        def draw(axes):
            blues = LinearSegmentedColormap.from_list("crmlab", ["#ffffff", *SHADES[::-1]])
            k = range(len(names))
            cells = {"cmap": blues, "vmin": 0, "vmax": 1, "edgecolors": "white", "linewidth": 1.5, "shading": "nearest"}
            axes.pcolormesh(k, k, off.clip(0), **cells)
            for (down, across), cell in np.ndenumerate(share):
                said = f"{counts[down, across]:,}" if is_told[down, across] else told[down, across]
                if down != across and is_told[[down, down], [down, across]].all():
                    said += f"\n{cell:.0%}"
                colour = "white" if off[down, across] > 0.5 else INK
                axes.text(across, down, said, ha="center", va="center", color=colour, fontsize=9)
            labels = ["\n".join(textwrap.wrap(name, _LABEL_WIDTH)) for name in names]
            axes.set_xticks(k, labels)
            axes.set_yticks(k, labels)
            axes.invert_yaxis()
            axes.grid(visible=False)
            axes.spines[:].set_visible(False)
            axes.tick_params(length=0)
            axes.set_xlabel("also in this segment (customers, and % of the row)")

        words = (
            "Each row is a segment, its customers on the diagonal. Along the row stands how many of them are in the "
            "segment of the column too. Dark: nearly all of them, so that one of the two tells little. "
            f"Numbers under {self.smallest:,} are not told."
        )
        return Chart(finding, words, draw, size=(7.0, 1.6 + 0.62 * len(names)))


def _names(inside, tiers):
    """In words: the segments a customer is in, and the tier."""
    _check_names([str(name) for name in inside.columns])
    cells = inside.to_numpy(dtype=bool)
    if not cells.shape[1]:  # no segment at all: everybody is alike
        cells = np.zeros((len(inside), 1), dtype=bool)
        inside = pd.DataFrame(cells, index=inside.index)
    different, place = np.unique(cells, axis=0, return_inverse=True)
    said = [" + ".join(map(str, inside.columns[row])) or _NONE for row in different]
    names = pd.Series(np.array(said, dtype=object)[np.ravel(place)], index=inside.index, dtype="str")
    if tiers is not None:
        names = names + " · " + tiers
    return names.rename("micro_segment")


def _check_names(segments):
    """Refuse names that could be read as those of other groups: customers of two would be counted as one."""
    unclear = [name for name in segments if name.strip() in ("", *_TAKEN) or any(j in f" {name} " for j in _JOINTS)]
    unclear += sorted({name for name in segments if segments.count(name) > 1})
    if unclear:
        found = f"micro segments could not be told apart with segments called {few(map(repr, unclear))}."
        allowed = f"each name once, without {' and '.join(map(repr, _JOINTS))}, and none of {few(map(repr, _TAKEN), 4)}"
        raise CrmlabError(message("segment", found, allowed=allowed, next="name the rule otherwise and replay it."))


def _tier_names(tiers, people):
    """Each customer's tier in words."""
    if tiers is None:
        return None
    if not isinstance(tiers, pd.Series) or not tiers.index.is_unique:
        found = "a customer stands twice." if isinstance(tiers, pd.Series) else f"found a {type(tiers).__name__}."
        allowed = "a pandas Series of tiers, indexed by customer"
        raise CrmlabError(message("tiers", found, allowed=allowed, next="give one tier per customer."))
    known = tiers.reindex(people)
    if known.isna().all():
        found = f"none of the customers is in its index, which begins {few(tiers.index, 3)}."
        raise CrmlabError(message("tiers", found, next="index the tiers by the same customer numbers."))
    name = str(tiers.name) if tiers.name is not None else "tier"
    said = f"{name} " + tiers.astype("str")
    return said.where(tiers.notna()).reindex(people).fillna(f"no {name}")


def under(counts, smallest):
    """Tell small counts as "under so many"; 0 tells of nobody and stays.

    Parameters
    ----------
    counts : pandas.DataFrame of int
    smallest : int

    Returns
    -------
    pandas.DataFrame
        Whole numbers, and text where it was too small.

    Examples
    --------
    >>> under(pd.DataFrame({"a": [70, 3, 0]}), 50)["a"].tolist()
    [70, 'under 50', 0]
    """
    return counts.astype("object").mask((counts > 0) & (counts < smallest), f"under {smallest:,}")


def too_small(sizes_at, smallest, *, also=()):
    """Choose which groups to gather so that none, nor the gathered together, is smaller than allowed.

    Parameters
    ----------
    sizes_at : list of pandas.Series
        Customers by group, at one moment or at several. A group that is empty at a moment tells
        of nobody and is not too small there.
    smallest : int
    also : sequence of str
        Groups to gather whatever their size.

    Returns
    -------
    list of str
        Names of the groups to gather.

    Examples
    --------
    >>> too_small([pd.Series({"a": 90, "b": 60, "c": 10})], 50)
    ['c', 'b']
    """
    sizes = pd.concat(sizes_at, axis=1).fillna(0).astype("int64")
    sizes = sizes.iloc[np.lexsort((sizes.index, sizes.min(axis=1), sizes.max(axis=1)))]  # the smallest first
    lacks = ((sizes > 0) & (sizes < smallest)).any(axis=1) | sizes.index.isin(also)
    small = list(sizes.index[lacks])
    for name in sizes.index[~lacks]:
        together = sizes.loc[small].sum()
        if not ((together > 0) & (together < smallest)).any():
            break
        small.append(name)
    return small
