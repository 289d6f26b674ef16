"""Moves between tiers as a flow from one date to another."""

from crmlab.chart import ACCENT, MUTED, SHADES, flow_chart

__all__ = ["flow_figure"]


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
    words = (
        "Each band is the customers who went from one tier (left, the best on top) to another (right), the thicker the "
        "more. Dark blue rose, orange fell or left, pale stayed, grey appeared."
    )
    k = len(counts)
    colours = [[_colour(row, column, k) for column in range(k)] for row in range(k)]
    return flow_chart(counts, finding, words, colours=colours, ends=("first date", "second date"))


def _colour(row, column, k):
    if row == k - 1:
        return MUTED
    if column > row:
        return ACCENT
    return SHADES[3] if row == column else SHADES[0]
