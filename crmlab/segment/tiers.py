"""Value-based segments: tiers by the share of all value they bring together."""

import math
from fractions import Fraction

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from crmlab.errors import CrmlabError, message
from crmlab.tables.cents import cents_of

__all__ = ["ValueTiers"]


class ValueTiers(BaseEstimator):
    """Sort customers into tiers by the share of total value they bring together.

    Customers are lined up from the most valuable down; a tier ends with the customer
    whose running total reaches one of `shares`. **Ties**: customers of equal value are
    always in the same tier, so a tier may bring a little more than its share.

    Parameters
    ----------
    shares : tuple of float, default=(0.5, 0.8, 0.95)
        Running shares of total value at which tiers end, rising, between 0 and 1.

    Attributes
    ----------
    floors_ : ndarray of shape (n_tiers - 1,), cents
        Least value that still enters tier 0, 1, …; what is below all of them is in
        the last tier.

    Examples
    --------
    >>> value_cents = pd.Series([900, 500, 300, 200, 100], index=list("abcde"))
    >>> tiers = ValueTiers(shares=(0.5, 0.8)).fit(value_cents)
    >>> tiers.predict(value_cents).tolist()
    [0, 0, 1, 2, 2]
    >>> tiers.floors_.tolist()
    [500, 300]
    """

    def __init__(self, shares=(0.5, 0.8, 0.95)):
        self.shares = shares

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
            When the shares or a value break their rule, or every value is 0.

        Examples
        --------
        >>> ValueTiers(shares=(0.5,)).fit([600, 300, 100]).floors_.tolist()
        [600]
        """
        shares = _checked_shares(self.shares)
        falling = np.sort(cents_of(value_cents, some=True).to_numpy())[::-1]
        running = falling.cumsum()
        # in whole cents: as a float, 55% of 100 is a little more than 55
        ends = [math.ceil(Fraction(repr(share)) * int(running[-1])) for share in shares.tolist()]
        self.floors_ = falling[np.searchsorted(running, ends)]
        return self

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
        check_is_fitted(
            self,
            msg=message(
                "%(name)s",
                "the tiers are not known yet.",
                next="call fit(value_cents) first, then predict(value_cents).",
            ),
        )
        values = cents_of(value_cents)
        tiers = np.searchsorted(-self.floors_, -values.to_numpy(), side="left")
        return pd.Series(tiers.astype("int64"), index=values.index, name="tier")

    def summary(self, value_cents):
        """See how many customers each tier holds and what they bring.

        Parameters
        ----------
        value_cents : array-like of shape (n_customers,), cents
            Value of each customer, 0 or more.

        Returns
        -------
        pandas.DataFrame of shape (n_tiers, 5)
            Indexed by tier: customers, share_of_customers, value_cents, share_of_value,
            floor_cents (0 for the last tier).

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
        return pd.DataFrame(
            {
                "customers": sums["size"],
                "share_of_customers": sums["size"] / len(values),
                "value_cents": sums["sum"],
                "share_of_value": sums["sum"] / max(values.sum(), 1),
                "floor_cents": np.append(self.floors_, 0),
            }
        ).rename_axis("tier")


def _checked_shares(shares):
    try:
        numbers = np.asarray(shares, dtype="float64")
        if numbers.ndim == 1 and len(numbers) and (np.diff([0, *numbers, 1]) > 0).all():
            return numbers
    except (ValueError, TypeError):
        pass
    raise CrmlabError(
        message(
            "shares",
            f"found {shares!r}.",
            allowed="numbers between 0 and 1 that rise",
            next="write for instance (0.5, 0.8, 0.95): tiers end at 50%, 80% and 95% of the value.",
        )
    )
