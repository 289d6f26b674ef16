"""What BG/NBD, MBG/NBD and Pareto/NBD share: the table they learn from and every question they answer."""

import numpy as np
import pandas as pd

from crmlab.errors import CrmlabError, message
from crmlab.tables.rows import Plain, alike, distinct
from crmlab.value.checks import (
    check_some_repeat,
    check_times,
    check_unit,
    force_of_interest,
    numbers,
    positive,
)
from crmlab.value.covariates import Scales
from crmlab.value.likelihood_model import LikelihoodModel
from crmlab.value.new_customers import NewCustomers
from crmlab.value.summary import UNITS, unit_of

__all__ = ["RepeatBuying"]

_NODES, _NODE_WEIGHTS = np.polynomial.legendre.leggauss(48)
_NEGLIGIBLE = 40.0  # e^-40 of what is counted


class RepeatBuying(NewCustomers, LikelihoodModel):
    """Base of the models of customers who buy at their own rate and one day leave unseen.

    A subclass gives the likelihood of a row, the chance that a customer is still one, and
    how fast one who is will buy later; all other answers follow from these.
    """

    _scales_ = Scales((), (), ())
    _unlike = "customers may be too few or too much alike: watch more of them, for longer, or try another model"

    def __init__(self, *, covariates=()):
        self.covariates = covariates

    def fit(self, summary, y=None, sample_weight=None):
        """Learn from customers how fast they buy and how soon they leave.

        Parameters
        ----------
        summary : pandas.DataFrame of shape (n_customers, …)
            Made by :func:`purchase_summary`: frequency, recency_<unit>, age_<unit>, and each
            of `covariates`.
        y : None
            Not used; here so that scikit-learn's tools can call it.
        sample_weight : array-like of shape (n_customers,), optional
            How many customers each row stands for.

        Returns
        -------
        RepeatBuying
            The same object, fitted. Where the search did not converge, ``converged_`` is
            False, ``convergence_`` says why, and a ConvergenceWarning is given.

        Raises
        ------
        CrmlabError
            When the table breaks its promise, or the data cannot tell: nobody bought again, everybody equally
            often, one customer, nobody watched for any time, times in another unit, a covariate alike for all.

        Examples
        --------
        >>> from crmlab.value import BGNBD
        >>> cdnow = BGNBD.with_params(unit="W", r=0.243, alpha=4.414, a=0.793, b=2.426)
        >>> BGNBD().fit(cdnow.sample(500, seed=1, age=39)).converged_
        True
        """
        columns = self._read(summary, fitting=True)
        self.unit_ = unit_of(summary)
        rows = distinct(columns, None if sample_weight is None else positive(sample_weight, len(summary)))
        self._scales_ = Scales.of(rows, self.covariates)
        self._seen_ = {name: rows.columns[name] for name in self.covariates}
        rows.columns |= self._scales_.scaled(rows.columns)
        age = float((rows.weight * rows.T).sum() / rows.total)
        start = [*np.log(self._start(age)), *np.zeros(2 * len(self.covariates))]
        effects = [f"{of}_{name}" for of in ("purchase", "dropout") for name in self.covariates]
        return self._fit(rows, start, (*self._names, *effects))

    def p_alive(self, summary):
        """Tell for each customer the chance of still being one at the end of the time watched.

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
        >>> from crmlab.value import BGNBD
        >>> cdnow = BGNBD.with_params(unit="W", r=0.243, alpha=4.414, a=0.793, b=2.426)
        >>> customers = pd.DataFrame({"frequency": [2, 0], "recency_weeks": [30.43, 0], "age_weeks": [38.86, 38.86]})
        >>> cdnow.p_alive(customers).round(3).tolist()
        [0.727, 1.0]
        """
        rows, parameters = self._rows(summary, "p_alive(summary)")
        return pd.Series(self._alive(rows, *parameters), index=summary.index, name="p_alive")

    def expected_purchases(self, summary, t):
        """Tell for each customer how many purchases to expect in the next `t` units of time.

        Parameters
        ----------
        summary : pandas.DataFrame of shape (n_customers, …)
            As for `fit`, in the same unit.
        t : float
            Length of the time to come, in the model's unit.

        Returns
        -------
        pandas.Series of shape (n_customers,)
            Count; the caller's index is kept.

        Raises
        ------
        CrmlabError
            When `t` is negative, or the table breaks its promise or is in another unit.
        sklearn.exceptions.NotFittedError
            When `fit` was not called before.

        References
        ----------
        Chance to be a customer × ∫₀ᵗ expected rate of one who is; for BG/NBD this is equation
        10 of Fader, Hardie and Lee (2005).

        Examples
        --------
        >>> from crmlab.value import BGNBD
        >>> cdnow = BGNBD.with_params(unit="W", r=0.243, alpha=4.414, a=0.793, b=2.426)
        >>> customers = pd.DataFrame({"frequency": [2, 0], "recency_weeks": [30.43, 0], "age_weeks": [38.86, 38.86]})
        >>> cdnow.expected_purchases(customers, 39).round(3).tolist()
        [1.226, 0.195]
        """
        return self._ahead(summary, self._time(t, "t"), 0.0, "expected_purchases(summary, t)")

    def discounted_purchases(self, summary, *, rate, rate_period, horizon=None):
        """Count the purchases to come, each worth less the later it is made.

        Parameters
        ----------
        summary : pandas.DataFrame of shape (n_customers, …)
            As for `fit`, in the same unit.
        rate : float
            Interest for one `rate_period`: 0.1 is 10 %.
        rate_period : {"D", "W", "M", "Y"}
            What the rate is for: a day, week, month or year. A rate without its period means nothing.
        horizon : float, optional
            How far to look, in the model's unit. Without it: for ever.

        Returns
        -------
        pandas.Series of shape (n_customers,)
            Discounted expected purchases (for ever: DERT, discounted expected residual
            transactions); the caller's index is kept.

        Raises
        ------
        CrmlabError
            When the rate is negative, above 1 (taken for a percentage) or 0 for ever, the period is
            unknown, or the table breaks its promise.
        sklearn.exceptions.NotFittedError
            When `fit` was not called before.

        References
        ----------
        P. S. Fader, B. G. S. Hardie and K. L. Lee, RFM and CLV: using iso-value curves, 2005;
        discounted continuously at ln(1 + rate) per period.

        Examples
        --------
        >>> from crmlab.value import BGNBD
        >>> cdnow = BGNBD.with_params(unit="W", r=0.243, alpha=4.414, a=0.793, b=2.426)
        >>> customers = pd.DataFrame({"frequency": [2, 0], "recency_weeks": [30.43, 0], "age_weeks": [38.86, 38.86]})
        >>> cdnow.discounted_purchases(customers, rate=0.15, rate_period="Y").round(2).tolist()
        [5.18, 1.02]
        """
        self._need_fit("discounted_purchases(summary, …)")
        force = force_of_interest(rate, rate_period, self.unit_, for_ever=horizon is None)
        horizon = np.inf if horizon is None else self._time(horizon, "horizon")
        return self._ahead(summary, horizon, force, "discounted_purchases(summary, …)", "discounted_purchases")

    # what a subclass gives: _start, _terms, _alive, _if_alive, _chances, _memory, _lives, _moved_by, _last_buys

    def _log_likelihood(self, place, rows):
        parameters = self._per_row(place, rows)
        value, slopes = self._terms(rows, *parameters)
        slopes = [slope * parameter for slope, parameter in zip(slopes, parameters, strict=True)]
        if not self.covariates:
            return float(value), np.array(slopes)
        gradient = [slope.sum() for slope in slopes]
        for which, sign in self._moved_by:
            gradient += [sign * (slopes[which] @ rows.columns[name]) for name in self.covariates]
        return float(value.sum()), np.array(gradient)

    def _per_row(self, place, rows):
        """The four parameters; where covariates move one, of each row."""
        parameters = np.exp(place[:4]).tolist()
        if not self.covariates:
            return parameters
        for (which, sign), effect in zip(self._moved_by, np.reshape(place[4:], (2, -1)), strict=True):
            moved = sum(by * rows.columns[name] for by, name in zip(effect, self.covariates, strict=True))
            parameters[which] = parameters[which] * np.exp(sign * moved)
        return parameters

    def _natural(self, place):
        logs, effects = self._scales_.leave(place, self._moved_by)
        return np.concatenate([np.exp(logs), effects])

    def _place_of(self, parameters):
        return self._scales_.enter(np.log(parameters[:4]), parameters[4:], self._moved_by)

    def _integral(self, rows, parameters, horizon, force):
        """Discounted purchases of a customer who is one at the end of the time watched."""
        scale = self._memory(rows, *parameters)
        end = np.minimum(horizon, _NEGLIGIBLE / force) if force else horizon
        width = np.log1p(end / scale)
        total = np.zeros(len(rows.T))
        for node, weight in zip((_NODES + 1) / 2, _NODE_WEIGHTS / 2, strict=True):
            ahead = scale * np.expm1(width * node)
            rate = self._if_alive(rows, ahead, *parameters) * np.exp(-force * ahead)
            total += weight * width * (scale + ahead) * rate
        return total

    def _ahead(self, summary, horizon, force, asked, name="expected_purchases"):
        rows, parameters = self._rows(summary, asked)
        alive = self._alive(rows, *parameters)
        if self.covariates:
            ahead = self._integral(rows, parameters, np.full(len(rows.T), horizon), force)
        else:  # a customer who is one has forgotten when they last bought: few x and T differ
            first, kind = alike({"x": rows.x, "T": rows.T})
            kinds = Plain({name: column[first] for name, column in rows.columns.items()})
            ahead = self._integral(kinds, parameters, np.full(len(first), horizon), force)[kind]
        return pd.Series(alive * ahead, index=summary.index, name=name)

    def _rows(self, summary, asked):
        self._need_fit(asked)
        columns = self._read(summary, fitting=False)
        rows = Plain(columns | self._scales_.scaled(columns))
        return rows, self._per_row(self._place_, rows)

    def _read(self, summary, *, fitting):
        unit = unit_of(summary)
        if not fitting and unit != self.unit_:
            found = f"this table counts in {UNITS[unit][0]}, the model was fitted in {UNITS[self.unit_][0]}."
            step = f'make the table with value.purchase_summary(transactions, unit="{self.unit_}").'
            raise CrmlabError(message("summary", found, next=step))
        name = UNITS[unit][0]
        recency, age = f"recency_{name}", f"age_{name}"
        columns = numbers(summary, "summary", ["frequency", recency, age], whole=("frequency",))
        if not isinstance(self.covariates, tuple | list):  # a text would be read letter by letter
            found, step = f"found {self.covariates!r}.", 'write for instance covariates=["web"].'
            raise CrmlabError(message("covariates", found, allowed="a list of columns of the table", next=step))
        if self.covariates:
            columns |= numbers(summary, "summary", list(self.covariates), least=None)
        columns["x"], columns["tx"], columns["T"] = (columns.pop(key) for key in ("frequency", recency, age))
        check_times(summary, columns, recency, age)
        if fitting:
            check_some_repeat(columns["x"], columns["T"], age)
            check_unit(summary, columns["T"], unit)
        return columns

    def _time(self, t, where):
        if isinstance(t, bool) or not isinstance(t, int | float | np.number) or not 0 <= t < np.inf:
            unit = UNITS[self.unit_][0] if hasattr(self, "unit_") else "the model's unit"
            allowed = f"a number of {unit}, 0 or more"
            raise CrmlabError(message(where, f"found {t!r}.", allowed=allowed, next="say how far to look."))
        return float(t)
