"""BG/BB: customers who get a chance to buy once per period, and take it or not."""

import numpy as np
import pandas as pd
from scipy.special import betaln, logsumexp, psi

from crmlab.errors import CrmlabError, few, message
from crmlab.tables.rows import Rows, alike, distinct
from crmlab.value.checks import ages_of, check_some_repeat, check_unit, force_of_interest, numbers, positive
from crmlab.value.dice import dice_of
from crmlab.value.likelihood_model import LikelihoodModel
from crmlab.value.summary import UNITS, unit_of

__all__ = ["BGBB"]


class BGBB(LikelihoodModel):
    """Tell who is still a customer when each period is one chance to buy: yearly gifts, an annual event.

    In each period a customer who is one buys with chance p of their own, and before each period
    leaves for good with chance θ of their own. Both are beta distributed over customers:
    p (α, β), θ (γ, δ).

    Attributes
    ----------
    params_ : pandas.Series
        alpha, beta, gamma, delta.
    log_likelihood_, aic_, bic_ : float
        How well it fits.
    converged_ : bool
        Whether the search found the top; `convergence_` says it in words.
    unit_ : str
        The period.

    References
    ----------
    P. S. Fader, B. G. S. Hardie and J. Shang, Customer-base analysis in a discrete-time
    noncontractual setting, *Marketing Science* 29(6), 2010.

    Examples
    --------
    >>> gifts = BGBB.with_params(unit="Y", alpha=1.204, beta=0.750, gamma=0.657, delta=2.783)
    >>> BGBB().fit(gifts.sample(2_000, seed=1, age=6)).converged_
    True
    """

    _names = ("alpha", "beta", "gamma", "delta")
    _unlike = "watch the customers for more periods"

    def fit(self, summary, y=None, sample_weight=None):
        """Learn from customers how likely they buy in a period and how soon they leave.

        Parameters
        ----------
        summary : pandas.DataFrame of shape (n_customers, …)
            Made by :func:`purchase_summary` with the same unit and collapse, so that time is
            counted in whole periods: frequency, recency_<unit>, age_<unit>.
        y : None
            Not used; here so that scikit-learn's tools can call it.
        sample_weight : array-like of shape (n_customers,), optional
            How many customers each row stands for.

        Returns
        -------
        BGBB
            The same object, fitted.

        Raises
        ------
        CrmlabError
            When the table breaks its promise, times are not whole periods, or the data cannot tell.

        Examples
        --------
        >>> gifts = BGBB.with_params(unit="Y", alpha=1.204, beta=0.750, gamma=0.657, delta=2.783)
        >>> BGBB().fit(gifts.sample(500, seed=1, age=6)).unit_
        'Y'
        """
        columns = self._read(summary, fitting=True)
        self.unit_ = unit_of(summary)
        rows = distinct(columns, None if sample_weight is None else positive(sample_weight, len(summary)))
        return self._fit(rows, np.log([1.0, 1.0, 0.7, 3.0]))

    def p_alive(self, summary):
        """Tell for each customer the chance of still being one in the next period.

        Parameters
        ----------
        summary : pandas.DataFrame of shape (n_customers, …)
            As for `fit`, in the same unit.

        Returns
        -------
        pandas.Series of shape (n_customers,)
            0 to 1; the caller's index is kept.

        Raises
        ------
        CrmlabError
            When the table breaks its promise or is in another unit.
        sklearn.exceptions.NotFittedError
            When `fit` was not called before.

        Examples
        --------
        >>> gifts = BGBB.with_params(unit="Y", alpha=1.204, beta=0.750, gamma=0.657, delta=2.783)
        >>> donors = pd.DataFrame({"frequency": [6, 2, 0], "recency_years": [6, 2, 0], "age_years": [6, 6, 6]})
        >>> gifts.p_alive(donors).round(3).tolist()
        [0.93, 0.066, 0.108]
        """
        rows, of_row = self._rows(summary, "p_alive(summary)")
        alpha, beta, gamma, delta = np.exp(self._place_)
        total = _likelihood(rows, alpha, beta, gamma, delta)[0]
        here = _bought(rows, alpha, beta) + betaln(gamma, delta + rows.n + 1) - betaln(gamma, delta)
        return pd.Series(np.exp(here - total)[of_row], index=summary.index, name="p_alive")

    def expected_purchases(self, summary, t):
        """Tell for each customer in how many of the next `t` periods they will buy.

        Parameters
        ----------
        summary : pandas.DataFrame of shape (n_customers, …)
            As for `fit`, in the same unit.
        t : int
            Number of periods to come.

        Returns
        -------
        pandas.Series of shape (n_customers,)
            Count; the caller's index is kept.

        Raises
        ------
        CrmlabError
            When `t` is no whole number or negative, or the table breaks its promise.
        sklearn.exceptions.NotFittedError
            When `fit` was not called before.

        Examples
        --------
        >>> gifts = BGBB.with_params(unit="Y", alpha=1.204, beta=0.750, gamma=0.657, delta=2.783)
        >>> donors = pd.DataFrame({"frequency": [6, 2, 0], "recency_years": [6, 2, 0], "age_years": [6, 6, 6]})
        >>> gifts.expected_purchases(donors, 5).round(2).tolist()
        [3.75, 0.12, 0.07]
        """
        return self._ahead(summary, np.ones(_periods(t, "t")), "expected_purchases(summary, t)", "expected_purchases")

    def discounted_purchases(self, summary, *, rate, rate_period, horizon=None):
        """Count the purchases to come, each worth less the later it is made.

        Parameters
        ----------
        summary : pandas.DataFrame of shape (n_customers, …)
            As for `fit`, in the same unit.
        rate : float
            Interest for one `rate_period`: 0.1 is 10 %.
        rate_period : {"D", "W", "M", "Y"}
            What the rate is for.
        horizon : int, optional
            Periods to look ahead. Without it: until what is left counts less than a billionth.

        Returns
        -------
        pandas.Series of shape (n_customers,)
            Discounted expected purchases; the caller's index is kept.

        Raises
        ------
        CrmlabError
            When the rate is negative, above 1 (taken for a percentage) or 0 without a horizon, or the
            table breaks its promise.
        sklearn.exceptions.NotFittedError
            When `fit` was not called before.

        Examples
        --------
        >>> gifts = BGBB.with_params(unit="Y", alpha=1.204, beta=0.750, gamma=0.657, delta=2.783)
        >>> donors = pd.DataFrame({"frequency": [6, 2, 0], "recency_years": [6, 2, 0], "age_years": [6, 6, 6]})
        >>> gifts.discounted_purchases(donors, rate=0.1, rate_period="Y").round(2).tolist()
        [5.91, 0.19, 0.11]
        """
        self._need_fit("discounted_purchases(summary, …)")
        force = force_of_interest(rate, rate_period, self.unit_, for_ever=horizon is None)
        periods = int(np.ceil(np.log(1e9) / force)) if horizon is None else _periods(horizon, "horizon")
        worth = np.exp(-force * np.arange(1, periods + 1))
        return self._ahead(summary, worth, "discounted_purchases(summary, …)", "discounted_purchases")

    def expected_by(self, t):
        """Tell in how many periods a customer won today will buy, by period `t`.

        Parameters
        ----------
        t : int
            Number of periods.

        Returns
        -------
        float
            Count.

        Raises
        ------
        CrmlabError
            When `t` is no whole number or negative.
        sklearn.exceptions.NotFittedError
            When `fit` was not called before.

        Examples
        --------
        >>> gifts = BGBB.with_params(unit="Y", alpha=1.204, beta=0.750, gamma=0.657, delta=2.783)
        >>> round(gifts.expected_by(6), 2)
        2.22
        """
        self._need_fit("expected_by(t)")
        alpha, beta, gamma, delta = np.exp(self._place_)
        ahead = np.arange(1, _periods(t, "t") + 1)
        stays = np.exp(betaln(gamma, delta + ahead) - betaln(gamma, delta))
        return float(alpha / (alpha + beta) * stays.sum())

    def pmf(self, x, t):
        """Tell the chance that a customer won today buys in exactly x of the next t periods.

        Parameters
        ----------
        x : int or array-like of int of shape (n,)
            Periods with a purchase.
        t : int
            Number of periods.

        Returns
        -------
        float or ndarray of shape (n,)
            0 to 1.

        Raises
        ------
        CrmlabError
            When `x` or `t` is no whole number or negative.
        sklearn.exceptions.NotFittedError
            When `fit` was not called before.

        Examples
        --------
        >>> gifts = BGBB.with_params(unit="Y", alpha=1.204, beta=0.750, gamma=0.657, delta=2.783)
        >>> gifts.pmf(range(7), 6).round(3).tolist()
        [0.311, 0.17, 0.121, 0.1, 0.092, 0.092, 0.113]
        """
        self._need_fit("pmf(x, t)")
        t = _periods(t, "t")
        counts = numbers(pd.DataFrame({"x": np.ravel(x)}), "pmf", ["x"], whole=("x",))["x"]
        alpha, beta, gamma, delta = np.exp(self._place_)
        lived = np.arange(t + 1)  # periods before leaving
        chance = np.exp(betaln(gamma + (lived < t), delta + lived) - betaln(gamma, delta))
        took = counts[:, None]
        can = took <= lived
        missed = np.where(can, lived - took, 0)
        ways = -betaln(missed + 1.0, took + 1.0) - np.log(lived + 1.0)  # lived choose took
        buys = np.where(can, np.exp(ways + betaln(alpha + took, beta + missed) - betaln(alpha, beta)), 0.0)
        got = (chance * buys).sum(axis=1)
        return got if np.ndim(x) else float(got[0])

    def sample(self, n, seed, *, age=None):
        """Make up customers who behave as the model says.

        Parameters
        ----------
        n : int
            Number of customers.
        seed : int
            Chooses them.
        age : int or array-like of shape (n,), optional
            Periods each is watched. Without it drawn from the fitted customers.

        Returns
        -------
        pandas.DataFrame of shape (n, 3)
            frequency, recency_<unit>, age_<unit>, as `fit` takes them.

        Raises
        ------
        CrmlabError
            When `n` is no whole number above 0, an age is no whole number or negative, or the seed is none.
        sklearn.exceptions.NotFittedError
            When `fit` was not called before.

        Examples
        --------
        >>> gifts = BGBB.with_params(unit="Y", alpha=1.204, beta=0.750, gamma=0.657, delta=2.783)
        >>> gifts.sample(2, seed=1, age=6).shape
        (2, 3)
        """
        self._need_fit("sample(n, seed)")
        dice = dice_of(seed)
        alpha, beta, gamma, delta = np.exp(self._place_)
        if age is None:
            self._need_rows("sample(n, seed), or say for which age")
            age = dice.choice(self.rows_.n, size=ages_of(0, n).size, p=self.rows_.weight / self.rows_.total)
        age = ages_of(age, n, whole=True).astype("int64")
        lived = np.minimum(dice.geometric(np.clip(dice.beta(gamma, delta, n), 1e-12, 1)) - 1, age)
        chance = dice.beta(alpha, beta, n)
        took = dice.random((n, max(int(age.max()), 1))) < chance[:, None]
        took &= np.arange(1, took.shape[1] + 1) <= lived[:, None]
        last = (took * np.arange(1, took.shape[1] + 1)).max(axis=1)
        name = UNITS[self.unit_][0]
        return pd.DataFrame({"frequency": took.sum(axis=1), f"recency_{name}": last * 1.0, f"age_{name}": age * 1.0})

    def _log_likelihood(self, place, rows):
        parameters = np.exp(place)
        value, slopes = _likelihood(rows, *parameters)
        gradient = [(rows.weight * slope).sum() * by for slope, by in zip(slopes, parameters, strict=True)]
        return float((rows.weight * value).sum()), np.array(gradient)

    def _ahead(self, summary, worth, asked, name):
        """Sum of chances to buy in each period to come, times what each is worth."""
        rows, of_row = self._rows(summary, asked)
        alpha, beta, gamma, delta = np.exp(self._place_)
        total = _likelihood(rows, alpha, beta, gamma, delta)[0]
        buys = _bought(rows, alpha + 1, beta) + betaln(alpha + 1, beta) - betaln(alpha, beta)
        got = np.zeros(len(rows))
        for period, each in enumerate(worth, start=1):
            got += each * np.exp(betaln(gamma, delta + rows.n + period) - betaln(gamma, delta))
        return pd.Series((got * np.exp(buys - total))[of_row], index=summary.index, name=name)

    def _rows(self, summary, asked):
        self._need_fit(asked)
        columns = self._read(summary, fitting=False)
        first, of_row = alike(columns)
        return Rows({key: column[first] for key, column in columns.items()}, np.ones(len(first))), of_row

    def _read(self, summary, *, fitting):
        unit = unit_of(summary)
        if not fitting and unit != self.unit_:
            found = f"this table counts in {UNITS[unit][0]}, the model was fitted in {UNITS[self.unit_][0]}."
            unit = self.unit_
            step = f'make the table with value.purchase_summary(transactions, unit="{unit}", collapse="{unit}").'
            raise CrmlabError(message("summary", found, next=step))
        name = UNITS[unit][0]
        names = ["frequency", f"recency_{name}", f"age_{name}"]
        step = f'make the table with value.purchase_summary(transactions, unit="{unit}", collapse="{unit}").'
        read = numbers(summary, "summary", names, whole=names, step=step)
        columns = dict(zip(("x", "tx", "n"), read.values(), strict=True))
        x, tx, n = columns.values()
        bad = (tx > n) | (x > tx) | ((x == 0) & (tx > 0))
        if bad.any():
            n_bad = f"{int(bad.sum()):,} row{'s' if bad.sum() > 1 else ''}"
            found = f"{n_bad} cannot be: at most one purchase per period, none after the last."
            rows = few(summary.index[bad])
            raise CrmlabError(message("summary", found, rows=rows, next=step))
        if fitting:
            check_some_repeat(x, n, names[2])
            check_unit(summary, n, unit)
        return columns


def _periods(t, where):
    if isinstance(t, bool) or not isinstance(t, int | np.integer) or t < 0:
        allowed = "a whole number of periods, 0 or more"
        raise CrmlabError(message(where, f"found {t!r}.", allowed=allowed, next="say how many periods."))
    return int(t)


def _bought(rows, alpha, beta):
    return betaln(alpha + rows.x, beta + rows.n - rows.x) - betaln(alpha, beta)


def _likelihood(rows, alpha, beta, gamma, delta):
    """Log-likelihood of each row, and its slopes: a sum over the period after which the customer left."""
    x, tx, n = rows.x, rows.tx, rows.n
    longest = int((n - tx).max()) if len(n) else 0
    left = np.arange(longest + 1)[:, None] + tx  # lived through so many periods; n: is still here
    gone = left < n
    lived = np.minimum(left, n)
    misses = lived - x
    part = betaln(alpha + x, beta + misses) - betaln(alpha, beta)
    part = part + betaln(gamma + gone, delta + lived) - betaln(gamma, delta)
    part = np.where(left <= n, part, -np.inf)
    value = logsumexp(part, axis=0)
    share = np.exp(part - value)
    both, other = psi(alpha + beta + lived), psi(gamma + delta + lived + gone)
    slopes = (
        psi(alpha + x) - both - psi(alpha) + psi(alpha + beta),
        psi(beta + misses) - both - psi(beta) + psi(alpha + beta),
        psi(gamma + gone) - other - psi(gamma) + psi(gamma + delta),
        psi(delta + lived) - other - psi(delta) + psi(gamma + delta),
    )
    return value, tuple((share * slope).sum(axis=0) for slope in slopes)
