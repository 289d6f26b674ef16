"""Who carries the base: Lorenz curve, Gini coefficient, top share, ABC classes and whale curve."""

import math
from fractions import Fraction

import numpy as np
import pandas as pd

from crmlab.errors import CrmlabError, message
from crmlab.tables.cents import cents_of

__all__ = ["abc_classes", "gini", "lorenz", "top_share", "whale_curve"]


def lorenz(value_cents):
    """See what share of all value the smaller customers bring together.

    Customers are lined up from the smallest value to the largest; each row says what
    share of the customers stands so far, and what share of the value they bring.

    Parameters
    ----------
    value_cents : array-like of shape (n_customers,), cents
        Value of each customer, 0 or more.

    Returns
    -------
    pandas.DataFrame of shape (n_customers + 1, 2)
        share_of_customers and share_of_value, both from 0 to 1.

    Raises
    ------
    CrmlabError
        When a value is missing, negative or no whole number, or all are 0.

    References
    ----------
    M. O. Lorenz, Methods of measuring the concentration of wealth, 1905.

    Examples
    --------
    >>> lorenz([100, 300, 600])["share_of_value"].tolist()
    [0.0, 0.1, 0.4, 1.0]
    """
    rising = np.sort(cents_of(value_cents, some=True).to_numpy())
    return _curve(rising, "share_of_value")


def gini(value_cents):
    """Put the concentration of value into one number from 0 to 1.

    0: every customer brings the same. Close to 1: a few bring nearly all. It is twice
    the area between the Lorenz curve and the line of equality.

    Parameters
    ----------
    value_cents : array-like of shape (n_customers,), cents
        Value of each customer, 0 or more.

    Returns
    -------
    float
        0 to 1 − 1/n.

    Raises
    ------
    CrmlabError
        When a value is missing, negative or no whole number, or all are 0.

    References
    ----------
    C. Gini, 1912: G = Σ (2i − n − 1) vᵢ / (n Σ vᵢ), values v rising, i = 1 … n.

    Examples
    --------
    >>> gini([500, 500, 500])
    0.0
    >>> round(gini([0, 0, 0, 1000]), 2)
    0.75
    """
    rising = np.sort(cents_of(value_cents, some=True).to_numpy()).astype("float64")
    n = len(rising)
    place = 2 * np.arange(1, n + 1) - n - 1
    return float(place @ rising / (n * rising.sum()))


def top_share(value_cents, share=0.2):
    """Tell what share of all value the best customers bring.

    Parameters
    ----------
    value_cents : array-like of shape (n_customers,), cents
        Value of each customer, 0 or more.
    share : float, default=0.2
        Share of the customers to count as best, 0 to 1. When it is no whole number of
        customers, the last one counts in part.

    Returns
    -------
    float
        0 to 1.

    Raises
    ------
    CrmlabError
        When `share` is not from 0 to 1, or the values are not as :func:`lorenz` needs them.

    Examples
    --------
    >>> top_share([600, 100, 100, 100, 100])
    0.6
    """
    if isinstance(share, bool) or not isinstance(share, int | float | np.number) or not 0 <= share <= 1:
        raise CrmlabError(
            message("share", f"found {share!r}.", allowed="a number from 0 to 1", next="write 0.2 for a fifth.")
        )
    falling = np.sort(cents_of(value_cents, some=True).to_numpy())[::-1]
    curve = _curve(falling, "share_of_value")
    return float(np.interp(share, curve["share_of_customers"], curve["share_of_value"]))


def abc_classes(value_cents, *, shares=(0.8, 0.95)):
    """Sort customers into A, B and C: those who bring most of the value, those next, and the rest.

    Customers are lined up from the most valuable down; A ends with the customer whose running
    total reaches the first share, B with the one who reaches the second. **Ties**: customers
    of equal value are always in the same class.

    Parameters
    ----------
    value_cents : array-like of shape (n_customers,), cents
        Value of each customer, 0 or more.
    shares : tuple of two floats, default=(0.8, 0.95)
        Running shares of the value at which A and B end, rising, between 0 and 1.

    Returns
    -------
    pandas.Series of shape (n_customers,), dtype category
        "A", "B" or "C", named "abc"; the caller's index is kept.

    Raises
    ------
    CrmlabError
        When the shares or a value break their rule, or every value is 0.

    References
    ----------
    H. F. Dickie, ABC inventory analysis shoots for dollars, not pennies, *Factory Management and
    Maintenance*, 1951.

    Examples
    --------
    >>> abc_classes(pd.Series([700, 100, 100, 60, 40], index=list("vwxyz"))).to_dict()
    {'v': 'A', 'w': 'A', 'x': 'A', 'y': 'B', 'z': 'C'}
    """
    try:
        good = np.diff([0, *map(float, shares), 1]).min() > 0 and len(shares) == 2
    except (TypeError, ValueError):
        good = False
    if not good:
        step = "write (0.8, 0.95): A brings 80 % of the value, A and B 95 %."
        allowed = "two numbers between 0 and 1 that rise"
        raise CrmlabError(message("shares", f"found {shares!r}.", allowed=allowed, next=step))
    values = cents_of(value_cents, some=True)
    falling = np.sort(values.to_numpy())[::-1]
    running = falling.cumsum()
    # in whole cents: as a float, 55% of 100 is a little more than 55
    ends = [math.ceil(Fraction(repr(float(share))) * int(running[-1])) for share in shares]
    least = falling[np.searchsorted(running, ends)]
    classes = np.searchsorted(-least, -values.to_numpy(), side="left")
    return pd.Series(pd.Categorical.from_codes(classes, list("ABC"), ordered=True), index=values.index, name="abc")


def whale_curve(profit_cents):
    """See how profit builds up from the best customer to the worst, and what the worst cost.

    Customers are lined up from the most profitable down. Where some lose money the
    curve rises above 1 before it falls back: its peak is what the firm would earn
    without them.

    Parameters
    ----------
    profit_cents : array-like of shape (n_customers,), cents
        Profit of each customer; a loss is negative.

    Returns
    -------
    pandas.DataFrame of shape (n_customers + 1, 2)
        share_of_customers (0 to 1) and share_of_profit (of the total; may pass 1).

    Raises
    ------
    CrmlabError
        When a value is missing or no whole number, or the total is not above 0.

    References
    ----------
    R. S. Kaplan and V. G. Narayanan, Measuring and managing customer profitability, 2001.

    Examples
    --------
    >>> whale_curve([700, 500, -200])["share_of_profit"].round(2).tolist()
    [0.0, 0.7, 1.2, 1.0]
    """
    falling = np.sort(cents_of(profit_cents, where="profit_cents", least=None).to_numpy())[::-1]
    if falling.sum() <= 0:
        raise CrmlabError(
            message(
                "profit_cents",
                f"all profits together are {falling.sum():,} cents.",
                allowed="a total above 0; shares of a loss mean nothing",
                next="look at the customers' profits themselves, or at their value with lorenz.",
            )
        )
    return _curve(falling, "share_of_profit")


def _curve(ordered, column):
    running = np.concatenate([[0], ordered.cumsum()])
    n = len(ordered)
    return pd.DataFrame({"share_of_customers": np.arange(n + 1) / n, column: running / running[-1]})
