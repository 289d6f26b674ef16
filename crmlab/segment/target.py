"""Which segment to take: criteria set before looking, knock-outs first, attractiveness against competitiveness."""

import numpy as np
import pandas as pd

from crmlab.chart import ACCENT, MUTED, SHADES, Chart
from crmlab.segment.plan import checked_plan

__all__ = ["Targets", "targets"]


def targets(scores, *, attractive, competitive, knock_out=None, sizes=None):
    """Choose target segments by criteria whose weights are set before looking.

    First the knock-outs: a segment that misses one is out, however attractive. Then two weighted
    sums of scores for the others: how attractive the segment is to us, and how attractive we are to
    it, beside competitors (Dolnicar, Grün and Leisch, *Market Segmentation Analysis*, 2018, ch. 4
    and 10).

    Parameters
    ----------
    scores : pandas.DataFrame of shape (n_segments, n_criteria)
        One row per segment; scores of 0 or more, for instance from 1 to 10, where more is better.
        Columns for knock-outs may hold any numbers, such as the number of people.
    attractive : dict of str to float
        Criteria of how attractive a segment is, with their weights; only their proportions matter.
    competitive : dict of str to float
        Criteria of how attractive we are to it, with their weights.
    knock_out : dict of str to float or to tuple of (float or None, float or None), optional
        Least value of a column that a segment must reach; or least and most, of which one may be
        None: ``{"people": 100, "share_of_complaints": (None, 0.2)}``.
    sizes : pandas.Series of shape (n_segments,), optional
        What each segment is worth or how many it holds: the size of its circle.

    Returns
    -------
    Targets

    Raises
    ------
    CrmlabError
        When a criterion is no column, a score is missing, negative or no number, weights are not
        positive, or a knock-out has neither least nor most.

    Examples
    --------
    >>> scores = pd.DataFrame({"people": [900, 700, 40], "growth": [3, 8, 9], "fit": [9, 6, 9], "image": [7, 8, 9]})
    >>> targets(scores, attractive={"growth": 3, "fit": 1}, competitive={"image": 1}, knock_out={"people": 100})
      attractiveness competitiveness  rank           out_because
    1            7.5             8.0     1
    0            4.5             7.0     2
    2            9.0             9.0        people 40, under 100
    """
    scores, sizes, limits = checked_plan(scores, attractive, competitive, knock_out or {}, sizes)
    table = pd.DataFrame(
        {"attractiveness": _weighted(scores, attractive), "competitiveness": _weighted(scores, competitive)},
        index=scores.index,
    )
    table["out_because"] = ""
    for name, (least, most) in limits.items():
        for word, limit, misses in (("under", least, scores[name] < least), ("over", most, scores[name] > most)):
            told = [f"{name} {_told(found)}, {word} {_told(limit)}" for found in scores[name]]
            told = pd.Series(told, index=scores.index, dtype="str").where(misses, "")
            table["out_because"] += np.where(misses & (table["out_because"] != ""), "; ", "") + told
    return Targets(table, sizes)


class Targets:
    """Segments ranked as targets; made by :func:`targets`.

    Parameters
    ----------
    table : pandas.DataFrame
    sizes : pandas.Series or None

    Attributes
    ----------
    table : pandas.DataFrame
        Indexed by segment, the best first: attractiveness and competitiveness (weighted means of the
        scores), rank (by their product, 1 is best; missing for segments that are out), out_because.

    Examples
    --------
    >>> scores = pd.DataFrame({"growth": [3, 8], "image": [7, 8]})
    >>> targets(scores, attractive={"growth": 1}, competitive={"image": 1}).table["rank"].tolist()
    [1, 2]
    """

    def __init__(self, table, sizes):
        both = (table["attractiveness"] * table["competitiveness"]).where(table["out_because"] == "").round(9)
        table.insert(2, "rank", both.rank(ascending=False, method="min").astype("Int64"))
        self.table = table.sort_values("rank", kind="stable")
        self.sizes = sizes

    def figure(self):
        """See the segments on the two axes (segment evaluation plot).

        Returns
        -------
        Chart
            The target is orange (or several, where they come first together), segments that are out
            are grey.

        Examples
        --------
        >>> scores = pd.DataFrame({"growth": [3, 8], "image": [7, 8]})
        >>> targets(scores, attractive={"growth": 1}, competitive={"image": 1}).figure()
        <Chart: Segment 1 is the target: both most attractive and won most easily.>
        """
        table = self.table
        size = (
            pd.Series(1.0, index=table.index) if self.sizes is None else self.sizes.reindex(table.index).astype(float)
        )
        inside, first = table["rank"].notna(), (table["rank"] == 1).fillna(False).to_numpy(dtype=bool)
        best = [str(segment) for segment in table.index[first]]
        finding = "Every segment misses a knock-out: there is no target."
        if len(best) > 1:
            finding = f"Segments {', '.join(best[:-1])} and {best[-1]} come first together: the plan does not choose."
        elif best:
            most = (table[inside][["attractiveness", "competitiveness"]].max() == table[first].iloc[0, :2]).all()
            finding = f"Segment {best[0]} is the target: " + (
                "both most attractive and won most easily."
                if most
                else "no other is as attractive and as easily won at once."
            )

        def draw(axes):
            colours = np.where(~inside, MUTED, np.where(first, ACCENT, SHADES[1]))
            axes.scatter(
                table["competitiveness"],
                table["attractiveness"],
                s=150 + 1500 * size / size.max(),
                color=colours,
                alpha=0.85,
            )
            for segment, row in table.iterrows():
                axes.annotate(str(segment), (row["competitiveness"], row["attractiveness"]), ha="center", va="center")
            axes.set(xlabel="how attractive we are to the segment", ylabel="how attractive the segment is to us")
            axes.margins(0.2)

        words = (
            "Up: more attractive to us; right: we are more attractive to it. The orange segment comes first by the "
            "product of both; grey ones miss a knock-out criterion."
            + ("" if self.sizes is None else " Larger circles are larger segments.")
        )
        return Chart(finding, words, draw)

    def __repr__(self):
        shown = self.table.assign(rank=self.table["rank"].astype("object").where(self.table["rank"].notna(), ""))
        return shown.to_string(float_format="{:.1f}".format)


def _weighted(scores, weights):
    total = sum(weights.values())
    return sum(scores[name] * (weight / total) for name, weight in weights.items())


def _told(number):
    return f"{number:,.0f}" if abs(number) >= 1_000 or number % 1 == 0 else f"{number:.3g}"
