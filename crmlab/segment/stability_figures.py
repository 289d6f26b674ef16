"""The figures of a stability check: agreement by k, segments within a solution and across solutions, gorges."""

import numpy as np

from crmlab.chart import ACCENT, MUTED, SHADES, Chart
from crmlab.errors import CrmlabError, message

__all__ = ["MODERATE", "StabilityFigures", "gorge"]

MODERATE = 0.65  # of the adjusted Rand index: less is no agreement to build on
_BARS = 20
_WHOLE = 0.9


class StabilityFigures:
    """Figures of :class:`Stability`."""

    def figure(self):
        """See how far samples agree for each number of segments.

        Returns
        -------
        Chart
            One box per k: the middle half of the pairs, with the median. The k on which samples agree
            most surely is orange: the one whose box ends highest at its lower end.
        """
        rand, low = self.adjusted_rand, self.table["adjusted_rand_low"]
        best = low.idxmax()
        sure = low[best] >= MODERATE

        def draw(axes):
            _boxes(axes, rand, best if sure else None)
            axes.set(xlabel="number of segments (k)", ylabel="agreement of two samples\n(adjusted Rand index)")

        finding = f"Samples agree most surely at k = {best}: adjusted Rand {low[best]:.2f} or more in 3 of 4 pairs."
        if not sure:
            finding = f"Samples agree surely at no k: even at k = {best} 1 pair in 4 has less than {low[best]:.2f}."
        words = (
            "Each box holds the middle half of the pairs of samples, its line the median. 1 means that two samples "
            "give everybody the same segments, 0 that they agree no more than by chance. A long box means that they "
            "agree sometimes. Orange is the box that ends highest at its lower end, where that is "
            f"{MODERATE} or more."
        )
        return Chart(finding, words, draw)

    def within_figure(self, k):
        """See which segments of a solution are found again in samples (SLSW).

        Parameters
        ----------
        k : int

        Returns
        -------
        Chart
            One box per segment.

        Raises
        ------
        CrmlabError
            When k was not asked for.
        """
        within = self.within(k)
        middle = within.median()
        best, worst = middle.idxmax(), middle.idxmin()

        def draw(axes):
            _boxes(axes, within, best)
            axes.set(xlabel="segment", ylabel="found again in a sample\n(best Jaccard overlap)")

        finding = (
            f"Segment {best} is found again best ({middle[best]:.2f}), segment {worst} worst ({middle[worst]:.2f})."
        )
        if best == worst:
            finding = f"Every segment is found again equally well ({middle[best]:.2f})."
        words = (
            "Each box is one segment over all samples: 1 means that a sample gave exactly its people again. A target "
            "should be a segment that is found again, whatever the solution as a whole does."
        )
        return Chart(finding, words, draw)

    def across_figure(self):
        """See which segments stay whole from one number of segments to the next (SLSA).

        Returns
        -------
        Chart
            One column of segments per k; lines lead to where their people come from.

        Raises
        ------
        CrmlabError
            When one k alone was asked for.
        """
        if len(self._within) < 2:
            found, step = f"one number of segments was asked, {self._numbers[0]}.", "ask for several: k=range(2, 9)."
            raise CrmlabError(message("k", found, allowed="two or more, to compare", next=step))
        across, sizes = self.across(), {}
        for k in self._within:
            label = self._segments(k)
            sizes[k] = np.bincount(label, weights=self.answers.weight, minlength=k) / self.answers.people
        last = max(sizes)
        whole = across["stability"][last].loc[lambda held: held > _WHOLE].index

        def draw(axes):
            at = _heights(across, sizes)
            for (k, segment), row in across.iterrows():
                before = max(one for one in sizes if one < k)
                ends = [at[before][int(row["from_segment"])], at[k][segment]]
                axes.plot(
                    [before, k], ends, color=SHADES[2], linewidth=1 + 5 * row["share"], zorder=1, solid_capstyle="butt"
                )
            for k, share in sizes.items():
                steady = (
                    across.loc[k, "stability"].to_numpy() if k in across.index.get_level_values("k") else np.zeros(k)
                )
                colours = [ACCENT if one > _WHOLE else SHADES[1] for one in steady]
                axes.scatter([k] * k, at[k], s=200 + 900 * share, color=colours, zorder=2)
                for segment, height in enumerate(at[k]):
                    axes.annotate(str(segment), (k, height), ha="center", va="center", color="white", zorder=3)
            axes.set(xlabel="number of segments (k)", yticks=[], xticks=list(sizes))
            axes.margins(x=0.08, y=0.12)
            axes.grid(visible=False)
            axes.spines["left"].set_visible(False)

        finding = f"At k = {last}, {len(whole) or 'no'} of {last} segments come whole from one segment before."
        words = (
            "Each circle is a segment, as large as its share of people; a line leads to the segment of the solution "
            "before that most of its people come from, thick where nearly all do. Orange segments stay whole "
            f"(stability above {_WHOLE})."
        )
        return Chart(finding, words, draw)

    def gorge_figure(self, k):
        """See whether people belong clearly to one segment, or lie between several (gorge plot).

        Parameters
        ----------
        k : int

        Returns
        -------
        Chart
            One histogram per segment of how alike each person is to it; a gorge in the middle means
            that people either belong or do not.

        Raises
        ------
        CrmlabError
            When k was not asked for.
        """
        counts = gorge(self.solutions.patterns, self.solutions.at(k), self.answers.weight)
        between = _between(_likeness(self.solutions.patterns, self.solutions.at(k)), self.answers.weight)

        def draw(axes):
            width = 1 / _BARS
            for segment, row in enumerate(counts):
                floor = k - 1 - segment
                axes.bar(
                    (np.arange(_BARS) + 0.5) * width, 0.9 * row / row.max(), width * 0.9, bottom=floor, color=SHADES[1]
                )
            axes.set(
                xlabel="how alike a person is to the segment (0 not at all, 1 wholly)",
                ylabel="segment, with the people at each likeness",
                yticks=np.arange(k) + 0.3,
                yticklabels=range(k - 1, -1, -1),
            )
            axes.grid(axis="y", visible=False)

        finding = f"{between:.0%} of people lie between segments: a second one is more than half as like them."
        words = (
            "One row per segment: how many people are how alike to it, as against the other segments. Two hills with a "
            "gorge between them mean that people either belong or do not; without a gorge, borders are drawn through a "
            "crowd. Likeness counts distance in the units of the answers: compare only answers on the same scale."
        )
        return Chart(finding, words, draw)


def gorge(patterns, centres, weight):
    """Count people by how alike they are to each segment.

    The likeness of a person to a segment is exp(−distance), as a share of that of all segments
    (Dolnicar, Grün and Leisch, *Market Segmentation Analysis*, 2018).

    Parameters
    ----------
    patterns : Patterns
    centres : ndarray of shape (k, n_items)
        As distances from ``patterns.middle``.
    weight : ndarray of shape (n_patterns,)

    Returns
    -------
    ndarray of shape (k, 20)
        People in each twentieth of 0 to 1.

    Examples
    --------
    >>> from crmlab.segment.lloyd import Patterns
    >>> patterns = Patterns(np.array([[0.0], [100.0]]), np.ones(2))
    >>> counts = gorge(patterns, np.array([[-50.0], [50.0]]), np.ones(2))
    >>> counts[:, [0, -1]].tolist()
    [[1.0, 1.0], [1.0, 1.0]]
    """
    likeness = _likeness(patterns, centres)
    place = np.minimum((likeness * _BARS).astype(int), _BARS - 1)
    return np.stack([np.bincount(row, weights=weight, minlength=_BARS) for row in place])


def _heights(across, sizes):
    """The height of each segment at each k: as near as can be to where its people come from."""
    at, before = {}, None
    for k in sizes:
        came = across["from_segment"][k].to_numpy() if before else np.arange(k)
        order = np.lexsort([np.arange(k), -at[before][came] if before else came])
        at[k] = np.empty(k)
        at[k][order] = (k - 1) / 2 - np.arange(k)
        before = k
    return at


def _boxes(axes, columns, best):
    drawn = axes.boxplot(
        columns, positions=columns.columns, widths=0.5, patch_artist=True, medianprops={"color": "black"}
    )
    for name, box in zip(columns.columns, drawn["boxes"], strict=True):
        box.set(facecolor=ACCENT if name == best else SHADES[2], edgecolor=MUTED)
    axes.set_ylim(-0.05, 1.05)


def _likeness(patterns, centres):
    """How alike each pattern is to each segment, as a share of all segments."""
    distance = np.sqrt(np.maximum(patterns.gaps(centres) + patterns.length, 0))
    likeness = np.exp(distance.min(axis=0) - distance)
    return likeness / likeness.sum(axis=0)


def _between(likeness, weight):
    """Share of people to whom a second segment is more than half as alike as the first."""
    second, first = np.sort(likeness, axis=0)[-2:]
    return float(weight @ (second > first / 2) / weight.sum())
