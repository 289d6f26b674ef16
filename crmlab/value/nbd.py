"""The negative binomial: how often customers buy who all stay, each at a rate of their own."""

import numpy as np
from scipy.special import betainc, gammaln

__all__ = ["nbd", "nbd_or_more"]


def nbd(x, t, r, alpha):
    """Chance of x purchases in time t of customers who all stay: the negative binomial.

    Parameters
    ----------
    x : ndarray of shape (n,)
        Purchases.
    t : float
        Time.
    r, alpha : float
        Shape, and scale in units of time, of the purchase rates.

    Returns
    -------
    ndarray of shape (n,)

    References
    ----------
    A. S. C. Ehrenberg, The pattern of consumer purchases, 1959.

    Examples
    --------
    >>> nbd(np.array([0, 1]), 1.0, 1.0, 1.0).round(6).tolist()
    [0.5, 0.25]
    """
    if t == 0:
        return np.where(x == 0, 1.0, 0.0)
    ways = gammaln(r + x) - gammaln(r) - gammaln(x + 1.0)
    return np.exp(ways - r * np.log1p(t / alpha) - x * np.log1p(alpha / t))


def nbd_or_more(x, t, r, alpha):
    """Chance of x purchases or more in time t of customers who all stay.

    Parameters
    ----------
    x : ndarray of shape (n,)
        Purchases.
    t : float
        Time.
    r, alpha : float
        Shape, and scale in units of time, of the purchase rates.

    Returns
    -------
    ndarray of shape (n,)

    Examples
    --------
    >>> nbd_or_more(np.array([0, 1, 2]), 1.0, 1.0, 1.0).round(6).tolist()
    [1.0, 0.5, 0.25]
    """
    return np.where(x > 0, betainc(np.maximum(x, 1), r, t / (alpha + t)), 1.0)
