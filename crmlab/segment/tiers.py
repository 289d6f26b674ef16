"""Value-based segments: tiers by the share of all value they bring together."""

import math
from fractions import Fraction

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from crmlab.errors import CrmlabError, few, message
from crmlab.segment.asked import not_whole
from crmlab.tables.cents import cents_of

__all__ = ["ValueTiers"]


class ValueTiers(BaseEstimator):
    """Sort customers into tiers: by the share of value they bring together, by rank, or by fixed values.

    Customers are lined up from the most valuable down. A tier ends with the customer whose running
    total reaches one of `shares`; or whose place reaches one of `quantiles`; or it holds everybody
    from one of `least_cents` up. Value may be anything in cents: sales, margin, or what
    ``value.lifetime_value`` foretells. **Ties**: customers of equal value are always in the same
    tier, so a tier may bring or hold a little more than its share.

    Parameters
    ----------
    shares : tuple of float, default=(0.5, 0.8, 0.95)
        Running shares of total value at which tiers end, rising, between 0 and 1. They play no part
        when one of the next two is given.
    quantiles : tuple of float, optional
        Running shares of customers at which tiers end, rising: (0.2, 0.5) is the best fifth, the
        next to the half, and the rest.
    least_cents : tuple of int, optional
        Least value of each tier, falling: (100_000, 20_000).

    Attributes
    ----------
    floors_ : ndarray of shape (n_tiers - 1,), cents
        Least value that still enters tier 0, 1, …; what is below all of them is in
        the last tier.
    said_ : str
        Which tiers hold nobody, and why; empty where each holds somebody.

    Examples
    --------
    >>> value_cents = pd.Series([900, 500, 300, 200, 100], index=list("abcde"))
    >>> tiers = ValueTiers(shares=(0.5, 0.8)).fit(value_cents)
    >>> tiers.predict(value_cents).tolist()
    [0, 0, 1, 2, 2]
    >>> tiers.floors_.tolist()
    [500, 300]
    """

    def __init__(self, shares=(0.5, 0.8, 0.95), quantiles=None, least_cents=None):
        self.shares = shares
        self.quantiles = quantiles
        self.least_cents = least_cents

    def fit(self, value_cents, y=None):
        """Find the least value of each tier.

        Parameters
        ----------
        value_cents : array-like of shape (n_customers,), cents
            Value of each customer, 0 or more.
        y : None
            Not used; here so that scikit-learn's tools can call it.

        Returns
        -------
        ValueTiers
            The same object, fitted.

        Raises
        ------
        CrmlabError
            When the shares, quantiles or least values break their rule, two of them are given, or
            every value is 0.

        Examples
        --------
        >>> ValueTiers(shares=(0.5,)).fit([600, 300, 100]).floors_.tolist()
        [600]
        """
        rule = self._rule()
        values = cents_of(value_cents, some=True)
        self.floors_ = rule(np.sort(values.to_numpy())[::-1])
        self.said_ = _empty(self.predict(values), values, self.floors_)
        return self

    def _rule(self):
        """How the least value of each tier is found in values that fall."""
        if self.quantiles is not None and self.least_cents is not None:
            raise CrmlabError(
                message("quantiles", "least_cents is given too.", next="choose one of them: tiers end by one rule.")
            )
        if self.least_cents is not None:
            least = _checked_least(self.least_cents)
            return lambda falling: least
        if self.quantiles is not None:
            shares = _checked_shares(self.quantiles, "quantiles", "20% and 50% of the customers", "(0.2, 0.5)")
            return lambda falling: falling[np.maximum(_reached(shares, len(falling)) - 1, 0)]
        shares = _checked_shares(self.shares, "shares", "50%, 80% and 95% of the value", "(0.5, 0.8, 0.95)")
        return lambda falling: falling[np.searchsorted(falling.cumsum(), _reached(shares, int(falling.sum())))]

    def floor_intervals(self, value_cents, *, samples=200, seed):
        """See how far the cut points would move with another sample of such customers.

        Parameters
        ----------
        value_cents : array-like of shape (n_customers,), cents
            Value of each customer, 0 or more.
        samples : int, default=200
            Bootstrap samples.
        seed : int
            The same seed gives the same samples.

        Returns
        -------
        pandas.DataFrame of shape (n_tiers - 1, 4)
            Indexed by tier: floor_cents, low_cents and high_cents (the middle 95 % of the samples),
            moved (share of customers whom a sample puts into another tier at this cut, mean).

        Raises
        ------
        CrmlabError
            When a value breaks its rule, samples is below 1 or the seed below 0.

        Examples
        --------
        >>> value_cents = np.arange(1, 1001) * 100
        >>> ValueTiers(quantiles=(0.2,)).fit(value_cents).floor_intervals(value_cents, seed=1)
              floor_cents  low_cents  high_cents    moved
        tier
        0           80100    77497.5     82210.0  0.00975
        """
        self._check_fitted()
        if wrong := [*not_whole(1, samples=(samples, 200)), *not_whole(0, seed=(seed, 1))]:
            raise CrmlabError(*wrong)
        values = cents_of(value_cents, some=True).to_numpy()
        rule, rng = self._rule(), np.random.default_rng(seed)
        floors = np.stack([rule(np.sort(rng.choice(values, len(values)))[::-1]) for _ in range(samples)])
        inside = values[:, None] >= self.floors_
        moved = [
            (inside[:, [tier]] != (values[:, None] >= floors[:, tier])).mean() for tier in range(len(self.floors_))
        ]
        low, high = np.quantile(floors, [0.025, 0.975], axis=0)
        table = {"floor_cents": self.floors_, "low_cents": low, "high_cents": high, "moved": moved}
        return pd.DataFrame(table).rename_axis("tier")

    def predict(self, value_cents):
        """Tell each customer's tier; 0 is the best.

        Parameters
        ----------
        value_cents : array-like of shape (n_customers,), cents
            Value of each customer, 0 or more; customers seen in `fit` or new ones.

        Returns
        -------
        pandas.Series of shape (n_customers,), dtype int64
            Named "tier"; the caller's index is kept.

        Raises
        ------
        CrmlabError
            When a value breaks its rule.
        sklearn.exceptions.NotFittedError
            When `fit` was not called before.

        Examples
        --------
        >>> ValueTiers(shares=(0.5,)).fit([600, 300, 100]).predict([10_000, 0]).tolist()
        [0, 1]
        """
        self._check_fitted()
        values = cents_of(value_cents)
        tiers = np.searchsorted(-self.floors_, -values.to_numpy(), side="left")
        return pd.Series(tiers.astype("int64"), index=values.index, name="tier")

    def summary(self, value_cents, cost_cents=None):
        """See how many customers each tier holds, what they bring, and what they cost.

        Parameters
        ----------
        value_cents : array-like of shape (n_customers,), cents
            Value of each customer, 0 or more.
        cost_cents : array-like of shape (n_customers,), cents, optional
            What it costs to serve each customer, for instance the cost_to_serve_cents of
            ``value.customer_profit``.

        Returns
        -------
        pandas.DataFrame of shape (n_tiers, 5) or (n_tiers, 8)
            Indexed by tier: customers, share_of_customers, value_cents, share_of_value,
            floor_cents (0 for the last tier); with costs also cost_cents, yield_cents (value less
            cost) and yield_per_customer_cents (missing for a tier without customers).

        Raises
        ------
        CrmlabError
            When a value breaks its rule.
        sklearn.exceptions.NotFittedError
            When `fit` was not called before.

        Examples
        --------
        >>> value_cents = [900, 500, 300, 200, 100]
        >>> ValueTiers(shares=(0.5, 0.8)).fit(value_cents).summary(value_cents)
              customers  share_of_customers  value_cents  share_of_value  floor_cents
        tier
        0             2                 0.4         1400            0.70          500
        1             1                 0.2          300            0.15          300
        2             2                 0.4          300            0.15            0
        """
        tier = self.predict(value_cents)
        values = cents_of(value_cents)
        sums = values.groupby(tier).agg(["size", "sum"]).reindex(range(len(self.floors_) + 1), fill_value=0)
        table = pd.DataFrame(
            {
                "customers": sums["size"],
                "share_of_customers": sums["size"] / len(values),
                "value_cents": sums["sum"],
                "share_of_value": sums["sum"] / max(values.sum(), 1),
                "floor_cents": np.append(self.floors_, 0),
            }
        ).rename_axis("tier")
        if cost_cents is not None:
            cost = cents_of(cost_cents, where="cost_cents")
            if len(cost) != len(values) or not cost.index.equals(values.index):
                raise CrmlabError(
                    message(
                        "cost_cents",
                        f"there are {len(cost):,} costs for {len(values):,} customers, or their index differs.",
                        next="give one cost per customer, in the same order and with the same index.",
                    )
                )
            table["cost_cents"] = cost.groupby(tier).sum().reindex(table.index, fill_value=0)
            table["yield_cents"] = table["value_cents"] - table["cost_cents"]
            table["yield_per_customer_cents"] = table["yield_cents"] / table["customers"].where(table["customers"] > 0)
        return table

    def _check_fitted(self):
        check_is_fitted(
            self,
            msg=message(
                "%(name)s",
                "the tiers are not known yet.",
                next="call fit(value_cents) first, then predict(value_cents).",
            ),
        )


def _empty(tier, values, floors):
    """Which tiers hold nobody: where many bring the same, or one brings much, two tiers end at one value."""
    empty = [number for number in range(len(floors) + 1) if not (tier == number).any()]
    if not empty:
        return ""
    many, most = values.value_counts().iloc[0], values.value_counts().index[0]
    why = f" {many:,} of {len(values):,} customers bring the same, {most / 100:,.2f}." if many > 1 else ""
    which = f"Tier {empty[0]} holds" if len(empty) == 1 else f"Tiers {few(empty)} hold"
    return f"{which} nobody: equal value is never parted, and a tier may end where another does.{why}"


def _reached(shares, total):
    """The first whole number that reaches each share: as a float, 55% of 100 is a little more than 55."""
    return np.array([math.ceil(Fraction(repr(share)) * total) for share in shares.tolist()])


def _checked_least(least_cents):
    try:
        numbers = np.asarray(least_cents, dtype="float64")
        if numbers.ndim == 1 and len(numbers) and (np.diff(numbers) < 0).all() and numbers[-1] > 0:
            return numbers.astype("int64")
    except (ValueError, TypeError):
        pass
    raise CrmlabError(
        message(
            "least_cents",
            f"found {least_cents!r}.",
            allowed="amounts in cents above 0 that fall",
            next="write for instance (100_000, 20_000): tiers from 1,000.00 and from 200.00 up, and the rest.",
        )
    )


def _checked_shares(shares, where, meaning, example):
    try:
        numbers = np.asarray(shares, dtype="float64")
        if numbers.ndim == 1 and len(numbers) and (np.diff([0, *numbers, 1]) > 0).all():
            return numbers
    except (ValueError, TypeError):
        pass
    raise CrmlabError(
        message(
            where,
            f"found {shares!r}.",
            allowed="numbers between 0 and 1 that rise",
            next=f"write for instance {example}: tiers end at {meaning}.",
        )
    )
