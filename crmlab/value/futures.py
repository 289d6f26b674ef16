"""What may come: one future of each customer, drawn from what a model knows of them."""

import numpy as np

__all__ = ["futures"]

_NEGLIGIBLE = 40.0  # e^-40 of what is counted


def futures(model, summary, *, dice, force, horizon, parameters=None):
    """Draw one future of each customer: how many purchases, and what they are worth today.

    Parameters
    ----------
    model : BGNBD, MBGNBD or ParetoNBD
        Fitted.
    summary : pandas.DataFrame of shape (n_customers, …)
        As for `fit`, in the same unit.
    dice : numpy.random.Generator
        Where chance comes from.
    force : float
        Continuous rate of interest per unit of time.
    horizon : float
        How far to look; with a `force` above 0 it may be infinite.
    parameters : array-like of shape (n_parameters,), optional
        Others than the fitted ones, such as a row of `bootstrap`.

    Returns
    -------
    tuple of ndarray of shape (n_customers,)
        (purchases, discounted purchases).

    Raises
    ------
    CrmlabError
        When the table breaks its promise or is in another unit.

    Examples
    --------
    >>> from crmlab.value import BGNBD
    >>> cdnow = BGNBD.with_params(unit="W", r=0.243, alpha=4.414, a=0.793, b=2.426)
    >>> alike = pd.DataFrame({"frequency": 2, "recency_weeks": 30.43, "age_weeks": 38.86}, index=range(20_000))
    >>> purchases, _ = futures(cdnow, alike, dice=np.random.default_rng(1), force=0.0, horizon=39.0)
    >>> round(float(purchases.mean()), 1)
    1.2
    """
    rows, fitted = model._rows(summary, "futures(model, summary, …)")
    if parameters is not None:
        fitted = model._per_row(model._place_of(np.asarray(parameters, dtype="float64")), rows)
    rate, until = model._lives(dice, rows, *fitted)
    until = np.where(dice.random(len(rows.x)) < model._alive(rows, *fitted), until, 0.0)
    last_buys = model._last_buys & (until > 0) & (until < horizon)
    worth = np.exp(-force * until) * last_buys if force else last_buys.astype("float64")
    until = np.minimum(until, min(horizon, _NEGLIGIBLE / force if force else np.inf))
    steady = dice.poisson(rate * until)
    return steady + last_buys, worth + _discounted(dice, steady, until, force)


def _discounted(dice, count, until, force):
    """Today's worth of purchases spread evenly over a time; beyond 30, the sum is as good as normal."""
    if not force:
        return count.astype("float64")
    worth = np.zeros(len(count))
    many = count > 30
    for turn in range(min(int(count.max(initial=0)), 30)):
        here = np.flatnonzero((count > turn) & ~many)
        worth[here] += np.exp(-force * until[here] * dice.random(len(here)))
    span = np.maximum(force * until[many], 1e-12)
    mean = -np.expm1(-span) / span
    spread = np.sqrt(np.maximum(-np.expm1(-2 * span) / (2 * span) - mean**2, 0.0) * count[many])
    worth[many] = np.maximum(mean * count[many] + spread * dice.standard_normal(int(many.sum())), 0.0)
    return worth
