"""Moves between tiers as a flow from one date to another."""

import numpy as np

from crmlab.chart import ACCENT, INK, MUTED, SHADES, Chart

__all__ = ["flow_figure"]

_BAR, _GAP = 0.06, 0.02


def flow_figure(counts, finding):
    """Draw customers as bands that flow from their tier at the first date to that at the second.

    Parameters
    ----------
    counts : pandas.DataFrame of shape (n_tiers + 1, n_tiers + 1)
        Customers by tier before (rows, then "appeared") and after (columns, then "left").
    finding : str
        Title of the figure.

    Returns
    -------
    crmlab.chart.Chart

    Examples
    --------
    >>> import pandas as pd
    >>> counts = pd.DataFrame([[5, 1, 0], [0, 4, 2], [1, 0, 0]], ["A", "B", "appeared"], ["A", "B", "left"])
    >>> flow_figure(counts, "Most stayed.")
    <Chart: Most stayed.>
    """
    share = counts.to_numpy() / counts.to_numpy().sum()
    k = len(share)

    def draw(axes):
        starts, ends = _tops(share.sum(axis=1)), _tops(share.sum(axis=0))
        out, into = starts.copy(), ends.copy()
        across = np.linspace(_BAR, 1 - _BAR, 40)
        bend = 3 * np.linspace(0, 1, 40) ** 2 - 2 * np.linspace(0, 1, 40) ** 3
        for row in range(k):
            for column in range(k):
                size = share[row, column]
                if size:
                    top = out[row] + (into[column] - out[row]) * bend
                    axes.fill_between(across, top, top - size, color=_colour(row, column, k), alpha=0.75, linewidth=0)
                    out[row] -= size
                    into[column] -= size
        for at, tops, sizes, names in (
            (0, starts, share.sum(axis=1), counts.index),
            (1 - _BAR, ends, share.sum(axis=0), counts.columns),
        ):
            for top, size, name in zip(tops, sizes, names, strict=True):
                if size:
                    axes.bar(at + _BAR / 2, -size, _BAR, bottom=top, color=INK)
                    side, place = ("right", -0.015) if at == 0 else ("left", 1.015)
                    axes.text(place, top - size / 2, f"{name}", ha=side, va="center")
        axes.set(
            xticks=[_BAR / 2, 1 - _BAR / 2], xticklabels=["first date", "second date"], yticks=[], xlim=(-0.12, 1.12)
        )
        axes.grid(visible=False)
        axes.spines[:].set_visible(False)
        axes.tick_params(length=0)

    words = (
        "Each band is the customers who went from one tier (left, the best on top) to another (right), the thicker the "
        "more. Dark blue rose, orange fell or left, pale stayed, grey appeared."
    )
    return Chart(finding, words, draw, size=(7.0, 4.4))


def _tops(sizes):
    """Where each bar begins, from the top down."""
    above = np.append(0, sizes.cumsum()[:-1])
    return 1 - above - _GAP * np.arange(len(sizes))


def _colour(row, column, k):
    if row == k - 1:
        return MUTED
    if column > row:
        return ACCENT
    return SHADES[3] if row == column else SHADES[0]
