"""What BG/NBD, MBG/NBD and Pareto/NBD say of customers won today, of whom nothing was seen yet."""

import numpy as np
import pandas as pd

from crmlab.errors import CrmlabError, few, message
from crmlab.tables.rows import Plain
from crmlab.value.checks import ages_of, numbers
from crmlab.value.dice import dice_of
from crmlab.value.summary import UNITS

__all__ = ["NewCustomers"]


class NewCustomers:
    """Questions about new customers, which every model of repeat buying answers.

    Examples
    --------
    >>> from crmlab.value import BGNBD
    >>> isinstance(BGNBD(), NewCustomers)
    True
    """

    def expected_by(self, t, *, customer=None):
        """Tell how many repeat purchases to expect of a customer won today, by each time.

        Parameters
        ----------
        t : float or array-like of shape (n_times,)
            Times since the first purchase, in the model's unit.
        customer : dict of str to number, optional
            For a model with covariates, and then needed: the value of each, such as ``{"web": 1}``.

        Returns
        -------
        float or ndarray of shape (n_times,)
            Count.

        Raises
        ------
        CrmlabError
            When a time is negative, or `customer` does not name the model's covariates.
        sklearn.exceptions.NotFittedError
            When `fit` was not called before.

        Examples
        --------
        >>> from crmlab.value import BGNBD
        >>> cdnow = BGNBD.with_params(unit="W", r=0.243, alpha=4.414, a=0.793, b=2.426)
        >>> cdnow.expected_by([0, 39]).round(3).tolist()
        [0.0, 1.197]
        """
        parameters = self._of_one("expected_by(t)", customer)
        times = np.array([self._time(one, "t") for one in np.ravel(t)])
        new = Plain({name: np.zeros(len(times)) for name in ("x", "tx", "T")})
        got = self._alive(new, *parameters) * self._integral(new, parameters, times, 0.0)
        return got if np.ndim(t) else float(got[0])

    def pmf(self, x, t, *, customer=None):
        """Tell the chance that a customer won today makes exactly x repeat purchases in time t.

        Parameters
        ----------
        x : int or array-like of int of shape (n,)
            Repeat purchases.
        t : float
            Time since the first purchase, in the model's unit.
        customer : dict of str to number, optional
            For a model with covariates, and then needed: the value of each, such as ``{"web": 1}``.

        Returns
        -------
        float or ndarray of shape (n,)
            0 to 1.

        Raises
        ------
        CrmlabError
            When `x` or `t` is negative, or `customer` does not name the model's covariates.
        sklearn.exceptions.NotFittedError
            When `fit` was not called before.

        Examples
        --------
        >>> from crmlab.value import BGNBD
        >>> cdnow = BGNBD.with_params(unit="W", r=0.243, alpha=4.414, a=0.793, b=2.426)
        >>> cdnow.pmf([0, 1, 2], 39).round(3).tolist()
        [0.574, 0.199, 0.085]
        """
        t = self._time(t, "t")
        counts = numbers(pd.DataFrame({"x": np.ravel(x)}), "pmf", ["x"], whole=("x",))["x"]
        got = self._chances(counts, t, *self._of_one("pmf(x, t)", customer))
        return got if np.ndim(x) else float(got[0])

    def sample(self, n, seed, *, age=None):
        """Make up customers who behave as the model says: to see what chance alone can do.

        Parameters
        ----------
        n : int
            Number of customers.
        seed : int
            Chooses them.
        age : float or array-like of shape (n,), optional
            How long each is watched, in the model's unit. Without it drawn from the fitted customers.

        Returns
        -------
        pandas.DataFrame of shape (n, 3 + n_covariates)
            frequency, recency_<unit>, age_<unit>, and the covariates, which are those of fitted
            customers drawn by chance: as `fit` takes them.

        Raises
        ------
        CrmlabError
            When `n` is no whole number above 0, an age is negative, or the seed is none.
        sklearn.exceptions.NotFittedError
            When `fit` was not called before.

        Examples
        --------
        >>> from crmlab.value import BGNBD
        >>> cdnow = BGNBD.with_params(unit="W", r=0.243, alpha=4.414, a=0.793, b=2.426)
        >>> cdnow.sample(3, seed=1, age=39).columns.tolist()
        ['frequency', 'recency_weeks', 'age_weeks']
        """
        self._need_fit("sample(n, seed)")
        dice = dice_of(seed)
        columns = {name: np.zeros(ages_of(0, n).size) for name in ("x", "tx", "T")}
        whose = slice(0)
        if age is None or self.covariates:
            self._need_rows("sample(n, seed), or say for which age")
            whose = dice.choice(len(self.rows_), size=n, p=self.rows_.weight / self.rows_.total)
        age = ages_of(self.rows_.T[whose] if age is None else age, n)
        new = Plain(columns | {name: self.rows_.columns[name][whose] for name in self.covariates})
        parameters = self._per_row(self._place_, new)
        rate, until = self._lives(dice, new, *parameters)
        until = np.where(dice.random(n) < self._alive(new, *parameters), until, 0.0)
        steady = dice.poisson(rate * np.minimum(until, age))
        leaves = self._last_buys & (until > 0) & (until < age)
        last = np.minimum(until, age) * dice.beta(np.maximum(steady, 1), 1.0)
        x, last = steady + leaves, np.where(leaves, until, np.where(steady > 0, last, 0.0))
        name = UNITS[self.unit_][0]
        known = {name: self._seen_[name][whose] for name in self.covariates}
        return pd.DataFrame({"frequency": x, f"recency_{name}": last, f"age_{name}": age} | known)

    def _of_one(self, asked, customer):
        """The four parameters of one customer, whom covariates may move."""
        self._need_fit(asked)
        needed, given = list(self.covariates), {} if customer is None else customer
        if not isinstance(given, dict) or set(given) != set(needed):
            example = "{" + ", ".join(f'"{name}": 1' for name in needed) + "}"
            found = f"found {few(given) or 'no values'}." if isinstance(given, dict) else f"found {given!r}."
            allowed = f"a value for each of {few(needed, 12)}" if needed else "nothing: this model has no covariates"
            step = f"say which customer is meant: customer={example}." if needed else "leave it out."
            raise CrmlabError(message("customer", found, allowed=allowed, next=step))
        one = {name: pd.Series([number], dtype="object") for name, number in given.items()}
        columns = numbers(pd.DataFrame(one, index=[0]), "customer", needed, least=None, step="give a number.")
        one = Plain({name: np.zeros(1) for name in ("x", "tx", "T")} | self._scales_.scaled(columns))
        return [float(np.ravel(parameter)[0]) for parameter in self._per_row(self._place_, one)]
