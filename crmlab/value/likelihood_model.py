"""What every model fitted by maximum likelihood can do: standard errors, criteria, known parameters."""

import sys
import warnings
from functools import cache

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.validation import check_is_fitted
from tqdm import tqdm

from crmlab.engine.threads import one_thread
from crmlab.errors import CrmlabError, message
from crmlab.value.dice import dice_of
from crmlab.value.search import curvature, maximise, refit
from crmlab.value.summary import UNITS

__all__ = ["LikelihoodModel"]

_MANY = 0.1  # of the refits: beyond, leaving out those that found no top would flatter the rest


class LikelihoodModel(BaseEstimator):
    """Base of every model fitted by maximum likelihood: fit, standard errors, criteria.

    A subclass names its parameters, reads its rows off a table and gives the log-likelihood.
    """

    _names = ()
    _has_unit = True
    _unlike = "the data may be too few, or another model may suit them better"

    def _fit(self, rows, start, names=None):
        """Fit to the rows and keep what every model keeps."""
        self.rows_ = rows
        names = self._names if names is None else names
        place, value, self._hessian_, wrong = maximise(self._log_likelihood, np.asarray(start), rows, names)
        self._place_ = place
        self._keep_params(names)
        self.log_likelihood_ = float(value)
        self.n_customers_ = rows.total
        self.aic_ = 2 * len(place) - 2 * self.log_likelihood_
        self.bic_ = len(place) * float(np.log(rows.total)) - 2 * self.log_likelihood_
        self.converged_ = not wrong
        self.convergence_ = wrong or "converged: flat to 1e-7 per customer, and curved downwards"
        if wrong:
            said = f"{type(self).__name__} did not converge: {wrong}; {self._unlike}."
            warnings.warn(said, ConvergenceWarning, stacklevel=3)
        return self

    @classmethod
    def with_params(cls, *, unit=None, **params):
        """Take parameters that are known, from a paper or an earlier fit, in place of a fit.

        Parameters
        ----------
        unit : {"D", "W", "M", "Y"}, optional
            Unit of time they were fitted in, for models that know time.
        **params : float
            Every parameter of the model, each above 0.

        Returns
        -------
        LikelihoodModel
            Answers as if fitted, but has no log-likelihood and no standard errors.

        Raises
        ------
        CrmlabError
            When a parameter is missing, unknown or not above 0, or the unit is not one.

        Examples
        --------
        >>> from crmlab.value import BGNBD
        >>> cdnow = BGNBD.with_params(unit="W", r=0.243, alpha=4.414, a=0.793, b=2.426)
        >>> customer = pd.DataFrame({"frequency": [2], "recency_weeks": [30.43], "age_weeks": [38.86]})
        >>> cdnow.expected_purchases(customer, 39).round(3).tolist()
        [1.226]
        """
        good = {
            name for name, value in params.items() if isinstance(value, int | float | np.number) and 0 < value < np.inf
        }
        if set(params) != set(cls._names) or good != set(cls._names):
            found = f"found {', '.join(f'{name}={value!r}' for name, value in params.items()) or 'no parameters'}."
            allowed = f"{', '.join(cls._names)}, each a number above 0"
            raise CrmlabError(message(cls.__name__, found, allowed=allowed, next="give all of them by name."))
        if cls._has_unit and unit not in UNITS:
            allowed = "'D', 'W', 'M' or 'Y'"
            raise CrmlabError(message("unit", f"found {unit!r}.", allowed=allowed, next="say what time is counted in."))
        model = cls()
        if cls._has_unit:
            model.unit_ = unit
        model._place_ = np.log([float(params[name]) for name in cls._names])
        model._keep_params(cls._names)
        return model

    def _keep_params(self, names):
        self.params_ = pd.Series(self._natural(self._place_), index=_index(tuple(names)), name="estimate")

    def _natural(self, place):
        """Turn what the search moved back into the parameters themselves."""
        return np.exp(place)

    def standard_errors(self, *, seed, n=200, method="bootstrap"):
        """See how far each parameter could be off, had other customers come by chance.

        Parameters
        ----------
        seed : int
            Chooses the customers drawn.
        n : int, default=200
            Number of refits.
        method : {"bootstrap", "hessian"}, default="bootstrap"
            Draw customers anew and refit; or read it off the curvature, which is 10 to 25 %
            too small for these models.

        Returns
        -------
        pandas.Series of shape (n_parameters,)
            In the units of `params_`.

        Raises
        ------
        CrmlabError
            When the method is not one of the two, `n` is no whole number of 2 or more, the seed is none,
            the parameters were given and not learned, the weights are no whole numbers, or the data do
            not tell: the fit or more than a tenth of the refits did not converge, or there is no curvature.
        sklearn.exceptions.NotFittedError
            When `fit` was not called before.

        References
        ----------
        B. Efron and R. Tibshirani, *An Introduction to the Bootstrap*, 1993.

        Examples
        --------
        >>> from crmlab.value import BGNBD
        >>> cdnow = BGNBD.with_params(unit="W", r=0.243, alpha=4.414, a=0.793, b=2.426)
        >>> model = BGNBD().fit(cdnow.sample(500, seed=1, age=39))
        >>> model.standard_errors(seed=1, n=20).index.tolist()
        ['r', 'alpha', 'a', 'b']
        """
        return self._spread(seed, n, method).rename("standard_error")

    def _spread(self, seed, n, method):
        self._need_customers("standard_errors")
        if method == "hessian":
            bent = -curvature(self._log_likelihood, self._place_, self.rows_)  # of all rows; the search looked at some
            if not np.linalg.eigvalsh(bent).min() > 1e-12:
                found = f"no curvature to read errors off: {self.convergence_}."
                step = "take more customers, or fewer parameters."
                raise CrmlabError(message(type(self).__name__, found, next=step))
            slope = self._slope()
            cov = slope @ np.linalg.inv(bent * self.rows_.total) @ slope.T
            return pd.Series(np.sqrt(np.diag(cov)), index=self.params_.index)
        if method != "bootstrap":
            allowed = "'bootstrap' or 'hessian'"
            raise CrmlabError(
                message("method", f"found {method!r}.", allowed=allowed, next="bootstrap is the default.")
            )
        if not self.converged_:
            found = f"the fit did not converge ({self.convergence_}): the data do not tell its errors."
            raise CrmlabError(message(type(self).__name__, found, next=f"{self._unlike}."))
        refits, is_top, lost = self._refits(seed, n)
        if (~is_top).sum() > _MANY * n:
            raise CrmlabError(message(type(self).__name__, f"{lost}: the data do not tell.", next=f"{self._unlike}."))
        return _left(refits, is_top, lost, stacklevel=4).std(ddof=1)

    def _slope(self):
        """How fast each parameter (a row) moves with what the search moved (a column)."""
        by = 1e-5 * np.eye(len(self._place_))
        rise = [self._natural(self._place_ + step) - self._natural(self._place_ - step) for step in by]
        return np.array(rise).T / 2e-5

    def bootstrap(self, *, seed, n=200):
        """Refit to customers drawn anew, `n` times: the raw material of every interval.

        Parameters
        ----------
        seed : int
            Chooses the customers drawn.
        n : int, default=200
            Number of refits.

        Returns
        -------
        pandas.DataFrame of shape (n, n_parameters)
            One row per refit. Refits that did not converge are told by a ConvergenceWarning with
            their count; up to a tenth are left out, more stay in: then the data do not tell.

        Raises
        ------
        CrmlabError
            When `n` is no whole number of 2 or more, the seed is none, the parameters were given and not
            learned, or the weights of the fit are no whole numbers.
        sklearn.exceptions.NotFittedError
            When `fit` was not called before.

        Examples
        --------
        >>> from crmlab.value import BGNBD
        >>> cdnow = BGNBD.with_params(unit="W", r=0.243, alpha=4.414, a=0.793, b=2.426)
        >>> BGNBD().fit(cdnow.sample(500, seed=1, age=39)).bootstrap(seed=1, n=3).shape
        (3, 4)
        """
        refits, is_top, lost = self._refits(seed, n)
        if (~is_top).sum() > _MANY * n:
            warnings.warn(f"{lost}: the data do not tell; {self._unlike}.", ConvergenceWarning, stacklevel=2)
            return refits
        return _left(refits, is_top, lost, stacklevel=3)

    def _refits(self, seed, n):
        """All refits, which of them converged, and words on those that did not."""
        self._need_customers("bootstrap")
        if isinstance(n, bool) or not isinstance(n, int | np.integer) or n < 2:
            allowed = "a whole number, 2 or more"
            raise CrmlabError(message("n", f"found {n!r}.", allowed=allowed, next="200 refits are the usual number."))
        dice = dice_of(seed)
        share = self.rows_.weight / self.rows_.total
        places, is_top, away = [], np.ones(n, dtype=bool), np.zeros(len(self.params_), dtype=bool)
        with one_thread():
            said = f"refits of {type(self).__name__}"
            for turn in tqdm(range(n), desc=said, delay=5, leave=False, file=sys.stdout):
                rows = self.rows_.with_weight(dice.multinomial(round(self.rows_.total), share).astype("float64"))
                place, ran_off, is_flat = refit(self._log_likelihood, self._place_, rows, self._hessian_)
                places.append(self._natural(place))
                is_top[turn], away = is_flat and not ran_off.any(), away | ran_off
        lost = f"{(~is_top).sum():,} of {n:,} refits of {type(self).__name__} did not converge"
        if away.any():
            lost += f" ({' and '.join(self.params_.index[away])} ran off towards 0 or infinity)"
        return pd.DataFrame(places, columns=self.params_.index), is_top, lost

    def _need_fit(self, wanted):
        text = message("%(name)s", "the parameters are not known yet.", next=f"call fit(summary) first, then {wanted}.")
        check_is_fitted(self, "params_", msg=text)

    def _need_rows(self, wanted):
        self._need_fit(wanted)
        if not hasattr(self, "rows_"):
            found = "its parameters were given, not learned: how far they could be off is not known."
            raise CrmlabError(message(type(self).__name__, found, next=f"call fit(summary) first, then {wanted}."))

    def _need_customers(self, wanted):
        """Errors are those of so many customers: with parts of customers nobody knows how many there are."""
        self._need_rows(wanted)
        weight = self.rows_.weight
        if (weight != np.round(weight)).any():
            found = "the weights of the fit are no whole numbers: how many customers there are is not known."
            step = "fit with the number of customers that each row stands for; the estimates themselves hold."
            raise CrmlabError(message("sample_weight", found, allowed="1, 2, 3 …, for errors and intervals", next=step))


@cache
def _index(names):
    return pd.Index(names, name="parameter")


def _left(refits, is_top, lost, *, stacklevel):
    """The refits that converged; a word on the others."""
    if is_top.all():
        return refits
    warnings.warn(f"{lost} and are left out.", ConvergenceWarning, stacklevel=stacklevel)
    return refits[is_top].reset_index(drop=True)
