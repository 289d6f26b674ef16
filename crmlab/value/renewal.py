"""With a contract: how long customers stay, read off who renewed so far."""

import numpy as np
import pandas as pd
from scipy.special import betaln, psi

from crmlab.errors import CrmlabError, few, message
from crmlab.tables.rows import distinct
from crmlab.value.checks import force_of_interest
from crmlab.value.likelihood_model import LikelihoodModel
from crmlab.value.summary import UNITS

__all__ = ["BetaDiscreteWeibull", "ShiftedBetaGeometric"]

_ONE_BY_ONE = 10_000  # renewals
_NODES, _NODE_WEIGHTS = np.polynomial.legendre.leggauss(200)


class ShiftedBetaGeometric(LikelihoodModel):
    """Tell how many customers will renew again, from how many renewed so far.

    Each customer ends the contract at a renewal with a chance of their own, beta distributed over
    customers (α, β). Those with a high chance leave first, so retention rises although nobody
    changes.

    Parameters
    ----------
    period : {"D", "W", "M", "Y"}, default="Y"
        Time between two renewals.

    Attributes
    ----------
    params_ : pandas.Series
        alpha, beta.
    log_likelihood_, aic_, bic_ : float
        How well it fits.
    converged_ : bool
        Whether the search found the top; `convergence_` says it in words.

    References
    ----------
    P. S. Fader and B. G. S. Hardie, How to project customer retention, *Journal of Interactive
    Marketing* 21(1), 2007.

    Examples
    --------
    >>> model = ShiftedBetaGeometric().fit([1000, 631, 468, 382, 326, 289, 262, 241])
    >>> model.params_.round(3).to_dict()
    {'alpha': 0.704, 'beta': 1.182}
    """

    _names = ("alpha", "beta")
    _has_unit = False
    _unlike = "watch more renewals, or more customers"

    def __init__(self, *, period="Y"):
        self.period = period

    def fit(self, survivors, y=None):
        """Learn from how many customers were left at each renewal.

        Parameters
        ----------
        survivors : array-like of shape (n_renewals + 1,) or DataFrame of shape (n_renewals + 1, n_cohorts)
            Customers at the start, then those left after the first renewal, the second …; one
            column for each cohort, empty where not yet seen.
        y : None
            Not used; here so that scikit-learn's tools can call it.

        Returns
        -------
        ShiftedBetaGeometric
            The same object, fitted.

        Raises
        ------
        CrmlabError
            When the numbers rise, are no whole numbers or of another period, or the data cannot tell:
            fewer than two renewals, one customer only, nobody left, everybody left at once.

        Examples
        --------
        >>> ShiftedBetaGeometric().fit([1000, 631, 468, 382, 326]).converged_
        True
        """
        if not isinstance(self.period, str) or self.period not in UNITS:
            allowed = "'D', 'W', 'M' or 'Y'"
            raise CrmlabError(
                message("period", f"found {self.period!r}.", allowed=allowed, next="choose one of these.")
            )
        _check_period(survivors, self.period, type(self).__name__)
        renewal, has_left, count = _losses(survivors)
        rows = distinct({"t": renewal, "has_left": has_left}, count)
        return self._fit(rows, np.zeros(len(self._names)))

    def survival(self, t):
        """Tell what share of new customers is still there after each renewal.

        Parameters
        ----------
        t : int or array-like of int of shape (n,)
            Number of renewals.

        Returns
        -------
        float or ndarray of shape (n,)
            0 to 1; 1 for t = 0.

        Raises
        ------
        CrmlabError
            When `t` is negative.
        sklearn.exceptions.NotFittedError
            When `fit` was not called before.

        Examples
        --------
        >>> model = ShiftedBetaGeometric.with_params(alpha=0.704, beta=1.182)
        >>> model.survival([0, 1, 12]).round(3).tolist()
        [1.0, 0.627, 0.17]
        """
        self._need_fit("survival(t)")
        t = _renewals(t)
        got = np.exp(self._log_survival(self._place_, t.astype("float64")))
        return got if np.ndim(t) else float(got)

    def retention(self, t):
        """Tell what share of those who are still there renews at each renewal.

        Parameters
        ----------
        t : int or array-like of int of shape (n,)
            Number of the renewal, from 1.

        Returns
        -------
        float or ndarray of shape (n,)
            0 to 1.

        Raises
        ------
        CrmlabError
            When `t` is below 1.
        sklearn.exceptions.NotFittedError
            When `fit` was not called before.

        Examples
        --------
        >>> model = ShiftedBetaGeometric.with_params(alpha=0.704, beta=1.182)
        >>> model.retention([1, 2, 8]).round(3).tolist()
        [0.627, 0.756, 0.921]
        """
        self._need_fit("retention(t)")
        t = _renewals(t, least=1)
        t = t.astype("float64")
        got = np.exp(self._log_survival(self._place_, t) - self._log_survival(self._place_, t - 1))
        return got if np.ndim(t) else float(got)

    def discounted_lifetime(self, *, rate, rate_period, renewals=0):
        """Count the periods a customer will still pay for, each worth less the later it is.

        Seen at a point of renewal: just before the customer decides whether to renew. With
        `renewals` of 0 it is a new customer, who pays for the first period at once.

        Parameters
        ----------
        rate : float
            Interest for one `rate_period`: 0.1 is 10 %.
        rate_period : {"D", "W", "M", "Y"}
            What the rate is for.
        renewals : int, default=0
            Periods the customer has stayed; the decision after them is the next one.

        Returns
        -------
        float
            Periods; times the margin of a period it is the (residual) lifetime value.

        Raises
        ------
        CrmlabError
            When the rate is not above 0 or is above 1 (taken for a percentage), the period is
            unknown, or `renewals` is negative.
        sklearn.exceptions.NotFittedError
            When `fit` was not called before.

        References
        ----------
        P. S. Fader and B. G. S. Hardie, Customer-base valuation in a contractual setting: the
        perils of ignoring heterogeneity, *Marketing Science* 29(1), 2010 (DEL and DERL).

        Examples
        --------
        >>> model = ShiftedBetaGeometric.with_params(alpha=3.8, beta=15.2)
        >>> round(model.discounted_lifetime(rate=0.1, rate_period="Y", renewals=1), 2)
        3.31
        """
        self._need_fit("discounted_lifetime(rate=…, rate_period=…)")
        force = force_of_interest(rate, rate_period, self.period, for_ever=True)
        start = _renewals(renewals, where="renewals")
        if np.ndim(start):
            found, step = f"found {renewals!r}.", "ask for one number of renewals at a time."
            raise CrmlabError(message("renewals", found, allowed="one whole number, 0 or more", next=step))
        last = np.ceil(np.log(1e9) / force)  # beyond, what is left counts less than a billionth
        ahead = np.arange(0, min(last, _ONE_BY_ONE) + 1)
        before = self._log_survival(self._place_, np.array([max(start - 1.0, 0.0)]))[0]

        def worth(ahead):
            return np.exp(self._log_survival(self._place_, start + ahead) - before - force * ahead)

        total = worth(ahead).sum()
        if last > _ONE_BY_ONE:  # far out all runs smoothly: an integral from half a period on is the sum
            first, width = _ONE_BY_ONE + 0.5, np.log((last + 0.5) / (_ONE_BY_ONE + 0.5))
            times = first * np.exp(width * (_NODES + 1) / 2)
            total += (worth(times) * times * _NODE_WEIGHTS).sum() * width / 2
        return float(total)

    def _log_likelihood(self, place, rows):
        left = rows.has_left > 0
        value, slope = self._log_survival(place, rows.t, slopes=True)
        before, before_slope = self._log_survival(place, np.maximum(rows.t - 1, 0), slopes=True)
        gap = np.where(left, -np.expm1(np.minimum(value - before, -1e-300)), 1.0)
        share = np.where(left, np.exp(value - before) / gap, 0.0)
        value = np.where(left, before + np.log(gap), value)
        gradient = [
            (rows.weight * np.where(left, old + share * (old - new), new)).sum()
            for new, old in zip(slope, before_slope, strict=True)
        ]
        return float((rows.weight * value).sum()), np.array(gradient)

    def _log_survival(self, place, t, *, slopes=False):
        """ln S(t) = ln B(α, β + tᶜ) − ln B(α, β), and its slopes in the logarithms of the parameters."""
        alpha, beta, c = (*np.exp(place), 1.0)[:3]
        log_t = np.log(np.maximum(t, 1e-300))
        power = t if len(place) == 2 else np.where(t > 0, np.exp(np.clip(c * log_t, -700, 500)), 0.0)
        value = betaln(alpha, beta + power) - betaln(alpha, beta)
        if not slopes:
            return value
        rest, total = psi(beta + power) - psi(alpha + beta + power), psi(alpha + beta)
        of_alpha = total - psi(alpha + beta + power)
        of_beta = rest - psi(beta) + total
        of_c = rest * power * log_t * c
        return value, (of_alpha * alpha, of_beta * beta, np.where(t > 0, of_c, 0.0))[: len(place)]


class BetaDiscreteWeibull(ShiftedBetaGeometric):
    """Tell how many customers will renew again when each one's own chance to leave may change with time.

    Adds one number to :class:`ShiftedBetaGeometric`: with c above 1 customers grow more likely to
    leave the longer they stay, with c below 1 less; with c of 1 it is the same model.

    Parameters
    ----------
    period : {"D", "W", "M", "Y"}, default="Y"
        Time between two renewals.

    Attributes
    ----------
    params_ : pandas.Series
        alpha, beta, c.
    log_likelihood_, aic_, bic_, converged_
        As for :class:`ShiftedBetaGeometric`.

    References
    ----------
    P. S. Fader, B. G. S. Hardie, Y. Liu, J. Davin and T. Steenburgh, "How to project customer
    retention" revisited: the role of duration dependence, *Journal of Interactive Marketing* 43, 2018.

    Examples
    --------
    >>> model = BetaDiscreteWeibull().fit([1000, 869, 743, 653, 593, 551, 517, 491])
    >>> model.params_.round(2).to_dict()
    {'alpha': 0.21, 'beta': 1.43, 'c': 1.72}
    """

    _names = ("alpha", "beta", "c")


def _check_period(survivors, period, model):
    """Refuse cohorts that know they renew at another pace: a rate a year would count a month as a year."""
    unit = survivors.attrs.get("unit") if isinstance(survivors, pd.DataFrame | pd.Series) else None
    if unit in UNITS and unit != period:
        names = UNITS[unit][0], UNITS[period][0]
        found = f"these survivors were counted in {names[0]}, the model renews in {names[1]}."
        raise CrmlabError(message("survivors", found, next=f'make the model with value.{model}(period="{unit}").'))


def _losses(survivors):
    """Turn the numbers left into one row per renewal lost at, and one for those still there."""
    try:
        table = pd.DataFrame(survivors).astype("float64")
    except (TypeError, ValueError):
        found = f"found {survivors!r}."
        raise CrmlabError(message("survivors", found, allowed="numbers of customers", next="pass counts.")) from None
    faults, renewal, has_left, count = [], [], [], []
    for name, column in table.items():
        where = "survivors" if table.shape[1] == 1 else f"survivors['{name}']"
        seen = column.dropna().to_numpy()
        if column.first_valid_index() is None:
            continue
        if column.iloc[: len(seen)].isna().any():
            faults.append(message(where, "a number is missing in the middle.", next="fill it, or begin after it."))
        elif not np.isfinite(seen).all() or (seen != np.round(seen)).any() or (seen < 0).any():
            allowed = "whole numbers of customers, 0 or more"
            faults.append(message(where, f"found {few(seen)}.", allowed=allowed, next="pass counts, not shares."))
        elif (np.diff(seen) > 0).any():
            found = f"the number left rises: {few(seen.astype(int), 8)}."
            faults.append(message(where, found, next="count only customers who were there at the start."))
        else:
            lost = -np.diff(seen)
            renewal += [*range(1, len(seen)), len(seen) - 1]
            has_left += [*np.ones(len(lost)), 0.0]
            count += [*lost, seen[-1]]
    if faults:
        raise CrmlabError(*faults)
    renewal, has_left, count = (np.array(part, dtype="float64") for part in (renewal, has_left, count))
    _check_tells(renewal, has_left, count)
    use = (count > 0) & (renewal > 0)
    return renewal[use], has_left[use], count[use]


def _check_tells(renewal, has_left, count):
    lost = count[has_left > 0].sum()
    found, step = "", ""
    if not count.sum():
        found, step = "there are no customers.", "pass the number at the start, then those left."
    elif count.sum() == 1:
        found, step = "there is one customer.", "load more customers: one says nothing of how they differ."
    elif renewal.max() < 2:
        found, step = (
            "fewer than two renewals were seen.",
            "wait for the second: one says nothing of how retention changes.",
        )
    elif not lost:
        found, step = "nobody left.", "watch longer: without a loss no end can be told."
    elif count[(has_left > 0) & (renewal == 1)].sum() == count.sum():
        found, step = "everybody left at the first renewal.", "there is nobody left to project."
    if found:
        raise CrmlabError(message("survivors", found, next=step))


def _renewals(t, least=0, where="t"):
    try:
        got = np.asarray(t, dtype="float64")
    except (TypeError, ValueError):
        got = np.array(-1.0)
    if not np.isfinite(got).all() or (got < least).any() or (got != np.round(got)).any():
        allowed = f"whole numbers of renewals, {least} or more"
        raise CrmlabError(message(where, f"found {t!r}.", allowed=allowed, next="count renewals from the start."))
    return got.astype("int64")
