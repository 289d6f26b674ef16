"""Latent classes: groups of people behind their answers, and how likely each person belongs to each."""

import sys
import warnings

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.validation import check_is_fitted
from tqdm import tqdm

from crmlab.errors import message
from crmlab.segment.answers import answers_of
from crmlab.segment.class_criteria import criteria, optima
from crmlab.segment.class_limits import checked, free_numbers, identified
from crmlab.segment.class_scoring import known_answers
from crmlab.segment.class_test import bootstrap_test
from crmlab.segment.latent_em import climb, design_of, posterior, random_starts
from crmlab.segment.typing_tool import typing_tool

__all__ = ["LatentClasses"]

_NOBODY = 0.5  # people
_FLAT = 1e-13  # the best start goes on until a step gains less than this for each person


class LatentClasses(BaseEstimator):
    """Find the classes behind yes/no, categorical and 7-point answers, and how likely each person is in each.

    A class is a set of probabilities: how likely each answer to each item is in it. Within a class
    the items are independent; what they share is the class. Every answer counts as a category, so
    a 7-point item may rise in one class and have its peak in the middle in another. **Missing
    answers**: the item drops out of that person's likelihood, which is right where leaving it out
    depends on nothing but answers that are there (missing at random).

    Classes are numbered from the largest, 0, to the smallest.

    Parameters
    ----------
    k : int
        Number of classes.
    seed : int
        The same seed gives the same classes, whatever the order of the rows.
    starts : int, default=20
        Random starts. One start alone is easily caught on a lower peak of the likelihood;
        `local_optima_` tells how many found the best.

    Attributes
    ----------
    class_shares_ : pandas.Series of shape (k,)
        Share of people in each class.
    answer_probabilities_ : pandas.DataFrame
        One row per class, item and answer: class, item, answer, probability.
    log_likelihood_ : float
    n_parameters_ : int
        Numbers the model is free to choose: k − 1 shares, and for each class one less than an
        item has answers.
    n_people_ : float
        Sum of weights.
    aic_, bic_, adjusted_bic_, caic_, icl_ : float
        Criteria: the number of classes with the lowest is the one they would choose.
    entropy_ : float
        1 where everybody's class is certain, 0 where nobody's is.
    local_optima_ : pandas.DataFrame
        One row per different peak that starts ended on, the highest first: log_likelihood, starts,
        share_of_starts, converged (starts that really came to rest there; one that crawls far
        below the highest is given up).
    converged_ : bool
        Whether the best start came to rest.
    convergence_ : str
        The same in words.
    identified_ : bool
        Whether the answers tell these classes from others close by (local identifiability). Where
        not, other probabilities fit exactly as well: do not read them.
    said_ : str
        What the reader must know of all this, of classes that hold nobody and of missing answers;
        empty where there is nothing.
    answers_ : Answers
        What was learned from: the distinct patterns and their weights.

    References
    ----------
    P. F. Lazarsfeld & N. W. Henry, *Latent Structure Analysis*, 1968; L. A. Goodman, Biometrika 61,
    1974; for missing answers D. A. Linzer & J. B. Lewis, Journal of Statistical Software 42(10),
    2011. The likelihood of a pattern is the sum over classes of share × product of the
    probabilities of its answers. Local identifiability is judged as L. A. Goodman does, by the rank
    of the derivatives of the log-probabilities of the patterns.

    Examples
    --------
    >>> X = pd.DataFrame({"price": [1, 1, 0, 0, 1, 0], "taste": [0, 0, 1, 1, 0, 1], "fast": [1, 1, 0, 1, 0, 0]})
    >>> X = pd.concat([X] * 50, ignore_index=True)
    >>> model = LatentClasses(2, seed=1).fit(X)
    >>> model.predict(X.head(3)).tolist()
    [0, 0, 1]
    >>> model.class_shares_.round(2).tolist()
    [0.5, 0.5]
    """

    def __init__(self, k, *, seed, starts=20):
        self.k = k
        self.seed = seed
        self.starts = starts

    def fit(self, X, y=None, *, weights=None):
        """Find the classes that make the answers most likely.

        Parameters
        ----------
        X : pandas.DataFrame of shape (n_people, n_items)
            One row per person, one column per item: numbers or words, at most 30 different
            answers each; missing where none was given.
        y : None
            Not used; here so that scikit-learn's tools can call it.
        weights : array-like of shape (n_people,), optional
            How much each person counts; a weight of 2 is the person asked twice. Criteria and
            tests take their sum for the number of people.

        Returns
        -------
        LatentClasses
            The same object, fitted. A warning says when the best start did not come to rest.

        Raises
        ------
        CrmlabError
            For answers that cannot be used, k below 1, above the number of different patterns or
            with more to find than the answers can tell.

        Examples
        --------
        >>> answers = pd.DataFrame({"price": ["yes", "no", None, "yes"], "taste": ["no", "yes", "yes", "no"]})
        >>> LatentClasses(1, seed=1).fit(answers).answer_probabilities_
           class   item answer  probability
        0      0  price     no     0.333333
        1      0  price    yes     0.666667
        2      0  taste     no     0.500000
        3      0  taste    yes     0.500000
        """
        return self._learn(answers_of(X, weights=weights, categories=True))

    def predict(self, X):
        """Tell the likeliest class of each person, known or new.

        Parameters
        ----------
        X : pandas.DataFrame of shape (n_people, n_items)
            Answers to the same items; missing ones are allowed, other columns are left aside.

        Returns
        -------
        pandas.Series of shape (n_people,)
            Named "class", 0 to k − 1, the caller's index kept; missing for people who answered
            nothing. Of two equally likely classes the larger.

        Raises
        ------
        CrmlabError
            When an item is not there, or an answer is one that nobody gave before.
        sklearn.exceptions.NotFittedError
            When `fit` was not called before.
        """
        new = self._known(X)
        column = pd.Series(self._shares(new).argmax(axis=1)[new.kind], index=new.index, name="class", dtype="int64")
        silent = np.isnan(new.patterns).all(axis=1)[new.kind]
        return column.astype("Int64").mask(silent) if silent.any() else column

    def predict_proba(self, X):
        """Tell how likely each class is for each person, known or new.

        Parameters
        ----------
        X : pandas.DataFrame of shape (n_people, n_items)
            Answers to the same items; missing ones are allowed, other columns are left aside.

        Returns
        -------
        pandas.DataFrame of shape (n_people, k)
            Each row adds up to 1; who answered nothing gets the shares of the classes.

        Raises
        ------
        CrmlabError
            When an item is not there, or an answer is one that nobody gave before.
        sklearn.exceptions.NotFittedError
            When `fit` was not called before.

        Examples
        --------
        >>> X = pd.DataFrame({"a": [1, 1, 0, 0] * 20, "b": [1, 1, 0, 0] * 20, "c": [1, 0, 1, 0] * 20})
        >>> model = LatentClasses(2, seed=1).fit(X)
        >>> model.predict_proba(pd.DataFrame({"a": [None], "b": [None], "c": [None]})).round(2).values.tolist()
        [[0.5, 0.5]]
        """
        new = self._known(X)
        return pd.DataFrame(self._shares(new)[new.kind], index=new.index, columns=self.class_shares_.index)

    def bootstrap_test(self, *, samples=100, seed):
        """Test whether the people need all k classes, or one less would do.

        The likelihood always rises with one class more. How much it rises where that class is not
        there is seen in samples: people drawn from the fitted model of k − 1 classes, as many as
        were asked and with the same items left out, and both models fitted to them anew.

        Parameters
        ----------
        samples : int, default=100
            Samples to draw; the smallest p-value there can be is 1 / (samples + 1).
        seed : int
            For the samples.

        Returns
        -------
        BootstrapTest
            statistic, p_value, samples; shown as a sentence.

        Raises
        ------
        CrmlabError
            When the model has one class only, samples is below 1, or weights add up to fewer
            people than there are different answers.
        sklearn.exceptions.NotFittedError
            When `fit` was not called before.

        Examples
        --------
        >>> rng = np.random.default_rng(1)
        >>> kind = rng.random(300) < 0.4
        >>> X = pd.DataFrame({item: rng.random(300) < np.where(kind, 0.9, 0.2) for item in "abcd"})
        >>> LatentClasses(2, seed=1, starts=5).fit(X).bootstrap_test(samples=19, seed=1)
        2 classes rather than 1: the likelihood-ratio statistic is 330.7.
        Were 1 the truth, 0 of 19 samples would reach it: p = 0.05. 2 classes are needed.
        """
        self._check_fitted()
        return bootstrap_test(
            self.answers_,
            self._theta_,
            self.log_likelihood_,
            starts=self.starts,
            samples=samples,
            seeds=(self.seed, seed),
        )

    def typing_tool(self, questions=5):
        """Choose the few questions that tell the class nearly as well as all of them.

        Parameters
        ----------
        questions : int, default=5
            How many.

        Returns
        -------
        TypingTool
            Places new people by these questions alone; printed it is a short questionnaire.

        Raises
        ------
        CrmlabError
            When questions is below 1 or above the number of items, or the model has one class only.
        sklearn.exceptions.NotFittedError
            When `fit` was not called before.

        Examples
        --------
        >>> rng = np.random.default_rng(1)
        >>> kind = rng.random(400) < 0.4
        >>> says = {"price": 0.9, "speed": 0.8, "taste": 0.6, "brand": 0.5}
        >>> X = pd.DataFrame({item: rng.random(400) < np.where(kind, share, 0.2) for item, share in says.items()})
        >>> LatentClasses(2, seed=1, starts=5).fit(X.astype(int)).typing_tool(2)
        2 questions: 92% of people get the class that all items give them, counted on people not used to choose these.
        Add up the points of each answer given, column by column, beginning with those "to start with".
        The column with the most is the class.
        <BLANKLINE>
        class                  0   1
        question      answer
        to start with          2   0
        price         0       26   0
                      1        8  27
        speed         0       15   2
                      1        0  15
        """
        self._check_fitted()
        return typing_tool(self.answers_, self._theta_, questions)

    def _learn(self, answers):
        checked(self, answers)
        design = design_of(answers)
        starts = random_starts(design, self.k, [[self.seed, start] for start in range(self.starts)])
        with tqdm(total=self.starts, desc=f"{self.k} classes", delay=2, leave=False, file=sys.stdout) as bar:
            climbed = climb(design, starts, rested=bar.update)
        last = climb(design, climbed.theta[[climbed.best]], flat=_FLAT)
        self.answers_, self.n_people_ = answers, design.total
        self._keep(design, last.theta[0], float(last.log_likelihood[0]))
        self.identified_ = identified(design, self._theta_)
        self.local_optima_ = optima(climbed, design.total)
        self.converged_ = bool(last.converged[0])
        self.convergence_ = _said(self.converged_, self.local_optima_, self.starts)
        self.said_ = " ".join(filter(None, [answers.said(), *self._warned()]))
        if not self.converged_:
            warnings.warn(self.convergence_, ConvergenceWarning, stacklevel=3)
        return self

    def _warned(self):
        """What is wrong with the classes found."""
        told = [] if self.converged_ else [f"With k = {self.k} the best start {self.convergence_}."]
        empty = (self.class_shares_ * self.n_people_ < _NOBODY).sum()
        if empty:
            who = "one class holds" if empty == 1 else f"{empty} classes hold"
            told.append(f"With k = {self.k} {who} nobody: {self.k - empty} fit as well, ask for fewer.")
        elif not self.identified_:
            told.append(
                f"With k = {self.k} the answers do not fix the classes: others fit exactly as well (not locally "
                "identified). Do not read their probabilities; ask for fewer classes, or more items."
            )
        return told

    def _check_fitted(self):
        next_step = "call fit(X) first, then ask."
        check_is_fitted(self, msg=message("%(name)s", "the classes are not known yet.", next=next_step))

    def _known(self, X):
        self._check_fitted()
        return known_answers(X, self.answers_.items, self.answers_.levels)

    def _shares(self, answers):
        return posterior(design_of(answers), self._theta_)[0]

    def _keep(self, design, theta, log_likelihood):
        order = np.lexsort([*theta[:, :0:-1].round(3).T, -theta[:, 0].round(9)])
        self._theta_ = theta = theta[order]
        self.log_likelihood_, self.n_parameters_ = log_likelihood, self.k * (free_numbers(self.answers_) + 1) - 1
        index = pd.RangeIndex(self.k, name="class")
        self.class_shares_ = pd.Series(theta[:, 0], index=index, name="share")
        self.answer_probabilities_ = pd.DataFrame(
            {
                "class": np.repeat(np.arange(self.k), len(design.item)),
                "item": np.tile(np.asarray(self.answers_.items, dtype="object")[design.item], self.k),
                "answer": [answer for level in self.answers_.levels for answer in level.tolist()] * self.k,
                "probability": theta[:, 1:].ravel(),
            }
        )
        shares = posterior(design, theta)[0]
        for name, value in criteria(
            log_likelihood, self.n_parameters_, self.n_people_, shares, self.answers_.weight
        ).items():
            setattr(self, f"{name}_", value)


def _said(converged, optima, starts):
    reached = f"{optima['starts'].iloc[0]} of {starts} starts reached it"
    if not converged:
        return f"did not converge: it was still climbing when it was stopped; {reached}"
    return f"converged: a step gains less than 1e-13 for each person; {reached}"
