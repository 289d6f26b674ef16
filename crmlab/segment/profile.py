"""What segments are: their mean answers beside everybody's, and the items that mark them."""

import numpy as np
import pandas as pd

from crmlab.chart import ACCENT, INK, MUTED, SHADES, Chart
from crmlab.errors import CrmlabError, few, message
from crmlab.segment.answers import answers_of
from crmlab.segment.checked_labels import checked_labels

__all__ = ["Profile", "profile"]

_YES_NO, _OF_ALL, _SPREADS = 0.25, 0.5, 0.5


def profile(X, labels, *, weights=None):
    """See what each segment answers, and by which items it stands out.

    An item **marks** a segment where the segment's mean is far from everybody's: for yes/no items by
    25 points or by half of everybody's share (Dolnicar, Grün and Leisch, *Market Segmentation
    Analysis*, 2018, ch. 8), for other items by half a standard deviation.

    Parameters
    ----------
    X : pandas.DataFrame of shape (n_people, n_items)
        The answers, as given to :func:`solutions`.
    labels : pandas.Series of shape (n_people,)
        Segment of each person, with the index of `X`; people without one are left out.
    weights : array-like of shape (n_people,), optional
        How much each person counts.

    Returns
    -------
    Profile

    Raises
    ------
    CrmlabError
        For answers that are no numbers, or labels that do not fit them.

    Examples
    --------
    >>> X = pd.DataFrame({"price": [1, 1, 0, 0], "service": [1, 1, 1, 0]})
    >>> profile(X, pd.Series([0, 0, 1, 1]))
             everybody         0         1
    price         0.50  1.00 (*)  0.00 (*)
    service       0.75  1.00 (*)  0.50 (*)
    * marks the segment
    """
    answers = answers_of(X, weights=weights)
    labels = checked_labels(labels, answers.index)
    one = 1.0 if weights is None else weights
    one = one.reindex(answers.index) if isinstance(one, pd.Series) else pd.Series(one, index=answers.index)
    one = one.astype("float64").where(labels.notna().to_numpy(), 0.0)
    numbers = pd.DataFrame(
        np.vstack([answers.patterns, np.full(len(answers.items), np.nan)])[answers.kind],
        index=answers.index,
        columns=answers.items,
    )
    means = {segment: _mean(numbers, one.where(labels == segment, 0.0)) for segment in sorted(labels.dropna().unique())}
    everybody = _mean(numbers, one)
    spread = np.sqrt(_mean((numbers - everybody) ** 2, one))
    yes_no = numbers.isin([0.0, 1.0]).where(numbers.notna(), True).all()
    people = {segment: one[labels == segment].sum() for segment in means}
    return Profile(pd.DataFrame(means), everybody, spread, yes_no, pd.Series(people))


class Profile:
    """Mean answers of segments beside everybody's; made by :func:`profile`.

    Parameters
    ----------
    means : pandas.DataFrame of shape (n_items, n_segments)
    everybody : pandas.Series of shape (n_items,)
    spread : pandas.Series of shape (n_items,)
        Standard deviation over everybody.
    yes_no : pandas.Series of shape (n_items,), bool
    people : pandas.Series of shape (n_segments,)

    Attributes
    ----------
    table : pandas.DataFrame
        Indexed by item: everybody, then the mean of each segment.
    marks : pandas.DataFrame of shape (n_items, n_segments), bool
        Whether the item marks the segment.

    Examples
    --------
    >>> X = pd.DataFrame({"price": [1, 1, 0, 0], "service": [1, 1, 1, 0]})
    >>> profile(X, pd.Series([0, 0, 1, 1])).marks.loc["price"].tolist()
    [True, True]
    """

    def __init__(self, means, everybody, spread, yes_no, people):
        gap = means.sub(everybody, axis=0)
        far = gap.abs().ge(_SPREADS * spread, axis=0)
        points = gap.abs().ge(_YES_NO) | gap.abs().ge(_OF_ALL * everybody.abs(), axis=0)
        self.marks = far.where(~yes_no, points)
        self.marks.index.name = None
        self.people = people
        self.table = means.copy()
        self.table.insert(0, "everybody", everybody)
        self._gap = gap.div(spread.where(spread > 0, 1.0), axis=0)

    def figure(self, segment):
        """See one segment's answers beside everybody's, with the items that mark it shaded (profile plot).

        Parameters
        ----------
        segment : int or str
            One of the segments.

        Returns
        -------
        Chart
            One bar per item, from where the segment stands out most; the dot is everybody. Items that
            mark the segment are orange where it is above everybody, dark blue where it is below.

        Raises
        ------
        CrmlabError
            When there is no such segment.

        Examples
        --------
        >>> X = pd.DataFrame({"price": [1, 1, 0, 0], "service": [1, 1, 1, 0]})
        >>> profile(X, pd.Series([0, 0, 1, 1])).figure(0)
        <Chart: Segment 0 stands out by wanting price and service more.>
        """
        if segment not in list(self._gap):
            names = few(self._gap, 12)
            found = f"there is no segment {segment!r}."
            raise CrmlabError(message("segment", found, it_has=names, next="choose one of these."))
        order = self._gap[segment].sort_values().index
        mean, marks = self.table.loc[order, segment], self.marks.loc[order, segment]
        places = pd.Series(np.arange(len(order)), index=order)
        named = [item for item in order[::-1] if marks[item] and self._gap.loc[item, segment] > 0][:3]
        finding = f"Segment {segment} stands out by wanting {_and(named)} more." if named else None
        finding = finding or f"Segment {segment} wants no item clearly more than everybody does."

        def draw(axes):
            above = self._gap.loc[order, segment] > 0
            kinds = (("above, marks it", ACCENT, marks & above), ("below, marks it", SHADES[0], marks & ~above))
            for label, colour, of in (*kinds, ("near everybody", SHADES[3], ~marks)):
                if of.any():
                    axes.barh(places[of], mean[of], color=colour, label=label)
            everybody = {"color": "white", "markeredgecolor": INK, "markersize": 6, "linestyle": "none"}
            axes.plot(self.table.loc[order, "everybody"], places, marker="o", label="everybody", **everybody)
            axes.set_yticks(places, order)
            axes.set_xlabel(f"mean answer of segment {segment} ({self.people[segment]:,.0f} people)")
            axes.grid(axis="y", visible=False)
            axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))

        words = (
            "Each bar is the segment's mean answer to an item, each dot everybody's. Dark bars mark the segment, for "
            "its mean is far from everybody's: orange where it is above, blue where it is below. Pale bars do not."
        )
        return Chart(finding, words, draw, size=(8.0, max(2.2, 1.2 + 0.28 * len(order))))

    def snake(self):
        """See all segments on all items in one picture (snake plot).

        Returns
        -------
        Chart
            One line per segment, in standard deviations from everybody's mean.

        Examples
        --------
        >>> X = pd.DataFrame({"price": [1, 1, 0, 0], "service": [1, 1, 1, 0]})
        >>> profile(X, pd.Series([0, 0, 1, 1])).snake()
        <Chart: Segments differ most in price: segment 0 wants it most, segment 1 least.>
        """
        wide = self._gap.max(axis=1) - self._gap.min(axis=1)
        most = wide.idxmax()
        first, last = self._gap.loc[most].idxmax(), self._gap.loc[most].idxmin()

        def draw(axes):
            colours = [SHADES[0], ACCENT, SHADES[1], MUTED, SHADES[2]]
            styles = ["-", "--", ":"]
            for number, segment in enumerate(self._gap):
                axes.plot(
                    self._gap[segment],
                    self._gap.index,
                    styles[number // len(colours) % len(styles)],
                    color=colours[number % len(colours)],
                    marker="o",
                    markersize=4,
                    label=f"segment {segment}",
                )
            axes.axvline(0, color=MUTED, linewidth=0.8)
            axes.invert_yaxis()
            axes.set_xlabel("standard deviations from everybody's mean")
            axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))

        finding = f"Segments differ most in {most}: segment {first} wants it most, segment {last} least."
        words = (
            "Each line is a segment, each row an item; to the right, the segment answers higher than everybody. Lines "
            "that run together say that the item does not tell these segments apart."
        )
        return Chart(finding, words, draw, size=(8.0, 1.2 + 0.28 * len(self._gap)))

    def __repr__(self):
        shown = self.table.map("{:.2f}".format)
        shown[self.marks.columns] += self.marks.map({True: " (*)", False: "    "}.get)
        return shown.to_string() + "\n* marks the segment"


def _mean(numbers, weight):
    """Weighted mean of the answers given."""
    given = numbers.notna().mul(weight, axis=0).sum()
    return numbers.mul(weight, axis=0).sum() / given.where(given > 0)


def _and(names):
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
