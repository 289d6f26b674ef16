"""k-means for every number of segments asked, and how many random starts reached the best split found."""

import numpy as np
import pandas as pd

from crmlab.chart import ACCENT, SHADES, Chart
from crmlab.errors import CrmlabError, few, message
from crmlab.segment.answers import answers_of, new_answers
from crmlab.segment.asked import asked_numbers, is_whole, not_whole
from crmlab.segment.lloyd import Patterns, best_of_starts, nearest

__all__ = ["Solutions", "solutions"]

_SAME, _NOTHING = 1e-9, 1e-12  # of the criterion, and of all differences
_SPREAD = 10
_ONE_RULES = 0.8


def solutions(X, k=range(2, 9), *, starts=100, seed, weights=None, scale=None):
    """Split people into segments by their answers, for every k asked, and see how often the best split was found.

    k-means (Lloyd's algorithm) from `starts` sets of k random people each. A split that few starts
    reach is easily missed: where 2 of 100 starts reach it, ten starts mostly report a worse one.
    Beside two or more random starts, ten begin with people who lie far apart (k-means++), so that a
    few people far out are met as well. The best split *found* is given; that there is no better
    one, no number of starts can prove. **Missing answers**: a person is placed by what they
    answered, and a mean is over the answers given.

    Parameters
    ----------
    X : pandas.DataFrame of shape (n_people, n_items)
        Yes/no as 1 and 0, ratings, or amounts. Items on very different scales are told in `said`.
    k : int or iterable of int, default=range(2, 9)
        How many segments.
    starts : int, default=100
        Random starts for each k. One alone is taken as it comes, as a single click would be.
    seed : int
        The same seed gives the same solutions, whatever the order of the rows.
    weights : array-like of shape (n_people,), optional
        How much each person counts; a weight of 2 is the person asked twice.
    scale : tuple of (float, float), optional
        Lowest and highest answer there is, such as (1, 7): answers off it are refused.

    Returns
    -------
    Solutions

    Raises
    ------
    CrmlabError
        For answers that cannot be segmented, k below 1 or above the number of different answer
        patterns, starts below 1, a seed below 0.

    Examples
    --------
    >>> X = pd.DataFrame({"price": [1, 2, 1, 7, 6, 7], "service": [7, 6, 7, 1, 1, 2]})
    >>> solutions(X, k=[2, 3], starts=20, seed=1)
    k-means: 6 people, 2 items, 20 random starts for each k; the best split found
      criterion explained starts_at_best  optima smallest
    k
    2      2.67     0.970           1.00       1        3
    3      1.33     0.985           0.40       2        1
    """
    answers = answers_of(X, weights=weights, scale=scale)
    numbers = asked_numbers(k, answers)
    if wrong := [*not_whole(1, starts=(starts, 100)), *not_whole(0, seed=(seed, 1))]:
        raise CrmlabError(*wrong)
    return Solutions(answers, numbers, starts, seed)


class Solutions:
    """Splits into segments, one for each number of segments; made by :func:`solutions`.

    Segments are numbered from the largest, 0, to the smallest.

    Parameters
    ----------
    answers : Answers
    numbers : list of int
    starts : int
    seed : int

    Attributes
    ----------
    table : pandas.DataFrame
        Indexed by k: criterion (sum of squared distances within segments), explained (share of all
        squared distances that lies between segments), starts_at_best (share of the random starts that
        reached the best split found), optima (how many different splits the starts ended in),
        smallest (people in the smallest segment, by weight).
    said : str
        What the reader must know about missing answers, scales and splits that no random start
        reached; empty where there is nothing.

    Examples
    --------
    >>> found = solutions(pd.DataFrame({"price": [1, 2, 7]}), k=2, starts=5, seed=1)
    >>> found.table["smallest"].tolist(), found.said
    ([1], '')
    """

    def __init__(self, answers, numbers, starts, seed):
        self.answers, self.starts = answers, starts
        self.patterns = Patterns(answers.patterns, answers.weight)
        rng = np.random.default_rng(seed)
        self._centres, rows = {}, {}
        total = float(answers.weight @ self.patterns.length)
        for k in numbers:
            spread = _SPREAD if starts > 1 else 0
            centres, criteria = best_of_starts(self.patterns, answers.weight[None], k, starts, rng, spread=spread)
            label = nearest(self.patterns, centres)[0]
            size = np.bincount(label, weights=answers.weight, minlength=k)
            order = np.lexsort([*centres[0].T[::-1], -size])
            self._centres[k] = centres[0][order]
            optimum = _optimum(criteria[0], total)
            rows[k] = {
                "criterion": criteria.min(),
                "explained": 1 - criteria.min() / total,
                "starts_at_best": (optimum[:starts] == 0).mean(),
                "optima": optimum.max() + 1,
                "smallest": size.min() if size.min() % 1 else int(size.min()),
            }
        self.table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("k")
        self.said = " ".join(
            filter(None, [answers.said(), _scales(self.patterns, answers), _missed(self.table, starts)])
        )

    def labels(self, k):
        """Give each person's segment.

        Parameters
        ----------
        k : int
            One of the numbers of segments asked.

        Returns
        -------
        pandas.Series of shape (n_people,)
            Named "segment", 0 to k − 1, the caller's index kept; missing for people who answered
            nothing.

        Raises
        ------
        CrmlabError
            When there is no solution with k segments.

        Examples
        --------
        >>> X = pd.DataFrame({"price": [1, 2, 1, 7], "service": [7, 6, 7, 1]})
        >>> solutions(X, k=2, starts=5, seed=1).labels(2).tolist()
        [0, 0, 0, 1]
        """
        return self.answers.to_people(nearest(self.patterns, self.at(k)[None])[0], "segment")

    def centres(self, k):
        """Give the mean answers of each segment.

        Parameters
        ----------
        k : int
            One of the numbers of segments asked.

        Returns
        -------
        pandas.DataFrame of shape (k, n_items)
            In the units of the answers, indexed by segment.

        Raises
        ------
        CrmlabError
            When there is no solution with k segments.

        Examples
        --------
        >>> X = pd.DataFrame({"price": [1, 2, 1, 7], "service": [7, 6, 7, 1]})
        >>> solutions(X, k=2, starts=5, seed=1).centres(2).round(1)
                 price  service
        segment
        0          1.3      6.7
        1          7.0      1.0
        """
        middle = self.at(k) + self.patterns.middle
        return pd.DataFrame(middle, columns=self.answers.items).rename_axis("segment")

    def place(self, new, k):
        """Place new people in the segments found: each in the segment whose mean answers are nearest.

        Parameters
        ----------
        new : pandas.DataFrame
            Answers to the same items.
        k : int
            One of the numbers of segments asked.

        Returns
        -------
        pandas.Series of shape (n_new,)
            Named "segment".

        Raises
        ------
        CrmlabError
            When an item is missing, an answer is no number or off the scale that was given, or there is
            no solution with k segments.

        Examples
        --------
        >>> X = pd.DataFrame({"price": [1, 2, 1, 7], "service": [7, 6, 7, 1]})
        >>> solutions(X, k=2, starts=5, seed=1).place(pd.DataFrame({"service": [2.0], "price": [6.0]}), k=2).tolist()
        [1]
        """
        centres, (index, values) = self.at(k), new_answers(new, self.answers)
        if not len(values):
            return pd.Series([], index=index, name="segment", dtype="int64")
        patterns = Patterns(values, np.ones(len(values)))
        label = nearest(patterns, (centres + self.patterns.middle - patterns.middle)[None])[0]
        column = pd.Series(label, index=index, name="segment")
        empty = np.isnan(values).all(axis=1)
        return column.astype("Int64").mask(empty) if empty.any() else column

    def figure(self):
        """See how the criterion falls with k, and where few starts found the best split.

        Returns
        -------
        Chart

        Examples
        --------
        >>> X = pd.DataFrame({"price": [1, 2, 1, 7, 6, 7], "service": [7, 6, 7, 1, 1, 2]})
        >>> solutions(X, k=[2, 3], starts=20, seed=1).figure()
        <Chart: The best split found is reached most easily at k = 2, hardest at k = 3: by 8 of 20 random starts.>
        """
        table, starts = self.table, self.starts
        hardest = table["starts_at_best"].idxmin()
        reach = (table["starts_at_best"] * starts).round().astype(int)
        finding = (
            f"The best split found is reached most easily at k = {table['starts_at_best'].idxmax()}, hardest at "
            f"k = {hardest}: by {reach[hardest] or 'none'} of {starts} random starts."
        )
        if (reach == reach[hardest]).all():
            all_of = "Every one" if reach[hardest] == starts else f"{reach[hardest] or 'None'}"
            finding = f"{all_of} of {starts} random starts reaches the best split found"
            finding += f" at k = {hardest}." if len(table) == 1 else ", whatever the number of segments."

        def draw(axes):
            bars = axes.bar(table.index, table["explained"], color=SHADES[1])
            bars[list(table.index).index(hardest)].set_color(ACCENT if reach[hardest] < starts else SHADES[1])
            for at, share in table["explained"].items():
                axes.annotate(f"{reach[at]} of {starts}", (at, share), (0, 3), textcoords="offset points", ha="center")
            axes.set(xlabel="number of segments (k)", ylabel="share of the differences explained", xticks=table.index)
            axes.margins(y=0.1)
            axes.grid(axis="x", visible=False)

        words = (
            "Each bar is the best split found into k segments; the figure above it says how many of the random starts "
            "reached it. More segments always explain more: look for the step after which little is gained."
        )
        return Chart(finding, words, draw)

    def at(self, k):
        """Give the centres of the solution with k segments, as distances from the mean answers.

        Parameters
        ----------
        k : int
            One of the numbers of segments asked.

        Returns
        -------
        ndarray of shape (k, n_items)

        Raises
        ------
        CrmlabError
            When there is no solution with k segments.

        Examples
        --------
        >>> solutions(pd.DataFrame({"price": [1, 2, 6]}), k=3, starts=5, seed=1).at(3).tolist()
        [[-2.0], [-1.0], [3.0]]
        """
        if is_whole(k, 1) and k in self._centres:
            return self._centres[k]
        raise CrmlabError(
            message(
                "k",
                f"there is no solution with {k!r} segments.",
                it_has=", ".join(map(str, self._centres)),
                next="choose one of these, or ask solutions(...) for it.",
            )
        )

    def __repr__(self):
        shown = self.table.assign(
            criterion=self.table["criterion"].map("{:,.2f}".format),
            explained=self.table["explained"].map("{:.3f}".format),
            starts_at_best=self.table["starts_at_best"].map("{:.2f}".format),
            smallest=self.table["smallest"].map("{:,.0f}".format),
        )
        head = (
            f"k-means: {len(self.answers.index):,} people, {len(self.answers.items)} items, "
            f"{self.starts:,} random start{'s' if self.starts > 1 else ''} for each k; the best split found"
        )
        return "\n".join(filter(None, [head, shown.to_string(), self.said]))


def _optimum(criteria, total):
    """The number of the split each start ended in; 0 is the best."""
    order = np.argsort(criteria, kind="stable")
    falling = criteria[order]
    new = np.append(False, np.diff(falling) > np.maximum(_SAME * falling[1:], _NOTHING * total))
    optimum = np.empty(len(order), dtype=int)
    optimum[order] = new.cumsum()
    return optimum


def _missed(table, starts):
    if starts == 1:
        return "One start alone tells nothing of better splits: give starts=100."
    none = table.index[table["starts_at_best"] == 0]
    if not len(none):
        return ""
    return (
        f"At k = {few(none)} no random start reached the best split found; one from people far apart did. There may be "
        "a better one still: take more starts, and look whether a few people stand far from all others."
    )


def _scales(patterns, answers):
    spread = answers.weight @ patterns.filled**2
    share = spread / spread.sum()
    if len(share) == 1 or share.max() < max(_ONE_RULES, 2 / len(share)):
        return ""
    return (
        f"'{answers.items[share.argmax()]}' alone makes {share.max():.0%} of all differences between people, because "
        "its numbers are larger: bring the items to one scale, or the segments are bands of it."
    )
