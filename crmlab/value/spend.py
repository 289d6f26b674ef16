"""What a purchase of each customer is worth: the gamma-gamma model of spend."""

import numpy as np
import pandas as pd
from scipy.special import gammaln, psi, stdtr

from crmlab.errors import CrmlabError, few, message
from crmlab.tables.rows import distinct
from crmlab.value.checks import kind_of, numbers, positive
from crmlab.value.dice import dice_of
from crmlab.value.likelihood_model import LikelihoodModel
from crmlab.value.summary import once

__all__ = ["GammaGamma"]

# Cohen's small and medium correlation: a convention, as no test says how much of a tie the model bears
_HARDLY, _TIED = 0.1, 0.3
_FEWEST = 10


class GammaGamma(LikelihoodModel):
    """Tell what a customer's average purchase really is, not what a few purchases happened to be.

    A purchase of a customer is gamma distributed (shape p) around a mean of their own; the means
    differ over customers (q, γ). Few purchases are pulled towards the mean of all, many are
    trusted. The model holds only where how much a customer spends does not depend on how often
    they buy: `independence_` says whether that is so here.

    Attributes
    ----------
    params_ : pandas.Series
        p, q and gamma (in cents).
    independence_ : pandas.Series
        rank_correlation between frequency and mean value of those who bought again, its
        p_value, and verdict in words: up to 0.1 they are hardly tied, up to 0.3 a little.
    log_likelihood_, aic_, bic_ : float
        How well it fits.
    converged_ : bool
        Whether the search found the top; `convergence_` says it in words.

    References
    ----------
    P. S. Fader and B. G. S. Hardie, The gamma-gamma model of monetary value, 2013. The limits of the
    verdict are what J. Cohen, *Statistical Power Analysis for the Behavioral Sciences*, 1988, calls
    a small and a medium correlation.

    Examples
    --------
    >>> cdnow = GammaGamma.with_params(p=6.25, q=3.74, gamma=1544.0)
    >>> customer = pd.DataFrame({"frequency": [2], "mean_value_cents": [2234.5]})
    >>> cdnow.expected_value(customer).round().tolist()
    [2466.0]
    """

    _names = ("p", "q", "gamma")
    _has_unit = False
    _unlike = "take customers with more purchases"

    def fit(self, summary, y=None, sample_weight=None):
        """Learn from those who bought again how spend varies within and between customers.

        Parameters
        ----------
        summary : pandas.DataFrame of shape (n_customers, …)
            Made by :func:`purchase_summary`: frequency and mean_value_cents. Customers with
            frequency 0, or whose purchases were all free, are passed over.
        y : None
            Not used; here so that scikit-learn's tools can call it.
        sample_weight : array-like of shape (n_customers,), optional
            How many customers each row stands for.

        Returns
        -------
        GammaGamma
            The same object, fitted.

        Raises
        ------
        CrmlabError
            When a column is missing or breaks its rule, or fewer than ten customers bought again.

        Examples
        --------
        >>> cdnow = GammaGamma.with_params(p=6.25, q=3.74, gamma=1544.0)
        >>> summary = cdnow.sample([0, 1, 2, 3, 4] * 100, seed=1)
        >>> float(GammaGamma().fit(summary).n_customers_)
        400.0
        """
        x, mean = self._read(summary)
        weight = np.ones(len(x)) if sample_weight is None else positive(sample_weight, len(x))
        use = (x > 0) & (mean > 0)
        if use.sum() < _FEWEST:
            found = f"{int(use.sum())} customers bought again and paid something."
            step = "take a longer log: spend is learned from repeat purchases."
            raise CrmlabError(message("summary", found, allowed=f"{_FEWEST} or more", next=step))
        if len(np.unique(mean[use])) == 1:
            found = "every customer's mean value is the same: there is nothing to tell apart."
            raise CrmlabError(message("summary.mean_value_cents", found, next="use that value for every customer."))
        self.independence_ = _independence(x[use], mean[use], weight[use])
        rows = distinct({"x": x[use], "mean": mean[use]}, weight[use])
        middle = float((rows.weight * rows.mean).sum() / rows.total)
        return self._fit(rows, np.log([3.0, 3.0, 2 / 3 * middle]))

    def expected_value(self, summary):
        """Tell for each customer what a purchase of theirs is worth on average.

        Parameters
        ----------
        summary : pandas.DataFrame of shape (n_customers, …)
            frequency and mean_value_cents; without repeat purchases a customer gets the mean of all.

        Returns
        -------
        pandas.Series of shape (n_customers,), cents
            The caller's index is kept.

        Raises
        ------
        CrmlabError
            When a column is missing or breaks its rule, or a mean is infinite (p x + q of 1 or less).
        sklearn.exceptions.NotFittedError
            When `fit` was not called before.

        References
        ----------
        E[M | z̄, x] = p (γ + x z̄) / (p x + q − 1).

        Examples
        --------
        >>> cdnow = GammaGamma.with_params(p=6.25, q=3.74, gamma=1544.0)
        >>> customers = pd.DataFrame({"frequency": [1, 20, 0], "mean_value_cents": [900.0, 900.0, None]})
        >>> cdnow.expected_value(customers).round().tolist()
        [1699.0, 956.0, 3522.0]
        """
        self._need_fit("expected_value(summary)")
        x, mean = self._read(summary)
        p, q, gamma = self.params_
        x = np.where(mean > 0, x, 0.0)
        endless = p * x + q <= 1
        if endless.any():
            n, least = int(endless.sum()), int(np.floor((1 - q) / p)) + 1
            who = f"{n:,} customer{'s' if n > 1 else ''} who bought too seldom"
            found = f"p is {p:.2f} and q {q:.2f}: the mean has no end for {who}."
            step = f"value only those with {least:,} or more paid repeat purchases, or fit to more customers."
            raise CrmlabError(message("GammaGamma", found, rows=few(summary.index[endless]), next=step))
        got = p * (gamma + x * np.where(x > 0, mean, 0.0)) / (p * x + q - 1)
        return pd.Series(got, index=summary.index, name="expected_value_cents")

    def sample(self, frequency, seed):
        """Make up mean values of customers who spend as the model says.

        Parameters
        ----------
        frequency : array-like of int of shape (n,)
            Repeat purchases of each customer.
        seed : int
            Chooses them.

        Returns
        -------
        pandas.DataFrame of shape (n, 2)
            frequency and mean_value_cents, as `fit` takes them; empty where frequency is 0.

        Raises
        ------
        CrmlabError
            When a frequency is no whole number or negative, or the seed is none.
        sklearn.exceptions.NotFittedError
            When `fit` was not called before.

        Examples
        --------
        >>> cdnow = GammaGamma.with_params(p=6.25, q=3.74, gamma=1544.0)
        >>> cdnow.sample([0, 3], seed=1)["mean_value_cents"].isna().tolist()
        [True, False]
        """
        self._need_fit("sample(frequency, seed)")
        given = pd.DataFrame({"frequency": np.ravel(frequency)})
        x = numbers(given, "sample", ["frequency"], whole=("frequency",))["frequency"]
        dice = dice_of(seed)
        p, q, gamma = self.params_
        scale = dice.gamma(q, 1 / gamma, len(x))
        mean = dice.gamma(np.maximum(p * x, p)) / scale / np.maximum(x, 1)
        return pd.DataFrame({"frequency": x.astype("int64"), "mean_value_cents": np.where(x > 0, mean, np.nan)})

    def _log_likelihood(self, place, rows):
        p, q, gamma = np.exp(place)
        x, mean, weight = rows.x, rows.mean, rows.weight
        kinds, of_row = rows.levels("x")  # few numbers of purchases, many means: what depends on x is worked out once
        shape, both = p * kinds, psi(p * kinds + q)
        ways = gammaln(shape + q) - gammaln(shape) - gammaln(q)
        paid = x * mean
        total = gamma + paid
        log_total = np.log(total)
        share = np.log(paid) - log_total
        value = ways[of_row] + q * (np.log(gamma) - log_total) + p * x * share - np.log(mean)
        slopes = (
            (kinds * (both - psi(shape)))[of_row] + x * share,
            (both - psi(q) + np.log(gamma))[of_row] - log_total,
            q / gamma - (p * x + q) / total,
        )
        gradient = [(weight * slope).sum() * by for slope, by in zip(slopes, (p, q, gamma), strict=True)]
        return float((weight * value).sum()), np.array(gradient)

    def _read(self, summary):
        if not isinstance(summary, pd.DataFrame):
            step = "make it with value.purchase_summary(transactions)."
            raise CrmlabError(message("summary", f"found {kind_of(summary)}.", allowed="a pandas DataFrame", next=step))
        once(summary)
        gaps = ("mean_value_cents",)
        columns = numbers(summary, "summary", ["frequency", *gaps], whole=("frequency",), missing_ok=gaps)
        x, mean = columns["frequency"], columns["mean_value_cents"]
        lost = (x > 0) & np.isnan(mean)
        if lost.any():
            found = f"{int(lost.sum()):,} customers bought again, but no value is known."
            rows = few(summary.index[lost])
            raise CrmlabError(message("summary.mean_value_cents", found, rows=rows, next="leave these customers out."))
        return x, np.nan_to_num(mean)


def _independence(x, mean, weight):
    """Does how often say how much? Spearman's rank correlation over those who bought again."""
    if len(np.unique(x)) == 1:
        verdict = "everybody bought equally often: whether spend goes with frequency cannot be seen"
        correlation = chance = np.nan
    else:
        total = weight.sum()
        ranks = np.stack([_ranks(x, weight), _ranks(mean, weight)]) - (total + 1) / 2
        (of_x, both), (_, of_mean) = (ranks * weight) @ ranks.T
        correlation = float(both / np.sqrt(of_x * of_mean))
        t = correlation * np.sqrt(max(total - 2, 0.0) / max(1 - correlation**2, 1e-12))
        chance = 2 * float(stdtr(total - 2, -abs(t)))
    if abs(correlation) <= _HARDLY:  # nan is not
        verdict = "how often customers buy hardly says how much they spend: the model may be used"
    elif abs(correlation) <= _TIED:
        verdict = "how often customers buy says a little of how much they spend: the model may be used, with some care"
    elif abs(correlation) > _TIED:
        more = "more" if correlation > 0 else "less"
        verdict = f"customers who buy often spend {more} per purchase: the model's values are off; value groups apart"
    return pd.Series(
        {"rank_correlation": float(correlation), "p_value": float(chance), "verdict": verdict}, name="independence"
    )


def _ranks(values, weight):
    """Rank of each value, equal ones sharing the middle; a row of weight 2 takes two places."""
    kinds, kind = np.unique(values, return_inverse=True)
    places = np.bincount(kind, weights=weight, minlength=len(kinds))
    return (np.cumsum(places) - (places - 1) / 2)[kind]
