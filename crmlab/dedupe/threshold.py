"""From what errors cost to the probability from which records should be merged."""

import html

import numpy as np
import pandas as pd

from crmlab.chart import ACCENT, INK, MUTED, SHADES, Chart
from crmlab.errors import CrmlabError, message

__all__ = ["Threshold", "weighed_up"]

_GRID = np.round(np.arange(0.01, 1, 0.01), 2)


class Threshold:
    """The probability from which merging costs least, and what to expect of it.

    Made by :meth:`Found.threshold`; ``float(threshold)`` is the number.

    Attributes
    ----------
    value : float
        Link pairs at least this probable.
    table : pandas.DataFrame
        One row per threshold from .01 to .99, and the chosen one: links, false_merges and missed (expected pairs),
        cost (in the unit the costs were given in). Pairs that blocking lost cost the same at every threshold and are
        left out.
    chart : Chart
        Cost against threshold.
    """

    def __init__(self, value, table, costs):
        self.value, self.table, self._costs = value, table, costs

    def __float__(self):
        return self.value

    @property
    def chart(self):
        """Cost against threshold, as a figure."""
        table, value = self.table, self.value
        chosen = table.loc[value]

        def draw(axes):
            axes.fill_between(table.index, table["cost"], color=SHADES[3])
            axes.plot(table.index, table["cost"], color=INK)
            axes.plot([value], [chosen["cost"]], "o", color=ACCENT, markersize=9)
            axes.annotate(
                f"{value:.2f}", (value, chosen["cost"]), textcoords="offset points", xytext=(0, 10), ha="center"
            )
            half = table.loc[0.5, "cost"]
            axes.plot([0.5], [half], "o", color=MUTED)
            axes.set_xlabel("threshold (probability from which records are merged)")
            axes.set_ylabel("expected cost (unit of the costs given)")
            axes.set_ylim(bottom=0)
            axes.set_xlim(0, 1)

        finding = f"Merging from a probability of {value:.2f} costs least"
        words = (
            f"Each point is a threshold. At {value:.2f}, about {chosen['false_merges']:,.0f} false merges and"
            f" {chosen['missed']:,.0f} missed pairs are to be expected."
        )
        return Chart(finding, words, draw)

    def _words(self):
        chosen = self.table.loc[self.value]
        false_merge, missed = self._costs
        costs = f"A false merge costs {false_merge:g}, a missed pair {missed:g}"
        return (
            f"{costs}: merge from a probability of {self.value:.3g}.",
            f"Of {chosen['links']:,.0f} links, about {chosen['false_merges']:,.1f} will be false;"
            f" about {chosen['missed']:,.1f} pairs will be missed.",
        )

    def __repr__(self):
        return "\n".join(self._words())

    def _repr_html_(self):
        return f"<p>{'<br>'.join(html.escape(line) for line in self._words())}</p>{self.chart.svg()}"


def weighed_up(chance, counts, cost_false_merge, cost_missed):
    """Find the threshold that costs least.

    A pair of probability p costs (1 - p) · `cost_false_merge` if merged and p · `cost_missed` if not; merging is the
    cheaper from p = `cost_false_merge` / (`cost_false_merge` + `cost_missed`) on.

    Parameters
    ----------
    chance : ndarray of float
        Probability of each kind of pair.
    counts : ndarray of int
        Pairs of each kind.
    cost_false_merge, cost_missed : float
        In one unit; above 0.

    Returns
    -------
    Threshold

    Raises
    ------
    CrmlabError
        When a cost is no number above 0.

    Examples
    --------
    >>> weighed_up(np.array([0.2, 0.6, 0.95]), np.array([10, 10, 100]), cost_false_merge=30, cost_missed=10)
    A false merge costs 30, a missed pair 10: merge from a probability of 0.75.
    Of 100 links, about 5.0 will be false; about 8.0 pairs will be missed.
    """
    faults = []
    for name, cost in (("cost_false_merge", cost_false_merge), ("cost_missed", cost_missed)):
        if isinstance(cost, bool) or not isinstance(cost, (int, float, np.number)) or not 0 < cost < np.inf:
            next_step = "give what one such error costs, both in one unit (euros, or minutes of work)."
            faults.append(message(name, f"found {cost!r}.", allowed="a number above 0", next=next_step))
    if faults:
        raise CrmlabError(*faults)
    value = float(cost_false_merge / (cost_false_merge + cost_missed))
    order = np.argsort(chance, kind="stable")
    rising = chance[order]
    grid = np.unique(np.append(_GRID, value))
    at = np.searchsorted(rising, grid, side="left")
    false, right, links = (
        np.append(np.cumsum((part * counts)[order][::-1])[::-1], 0.0)[at] for part in (1 - chance, chance, 1.0)
    )
    missed = (chance * counts).sum() - right
    table = pd.DataFrame(
        {"links": links, "false_merges": false, "missed": missed}, index=pd.Index(grid, name="threshold")
    )
    table["cost"] = false * cost_false_merge + missed * cost_missed
    return Threshold(value, table, (float(cost_false_merge), float(cost_missed)))
