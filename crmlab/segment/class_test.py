"""Would one class less do? The bootstrap likelihood-ratio test."""

import sys

import numpy as np
import pandas as pd
from tqdm import tqdm

from crmlab.errors import CrmlabError, message
from crmlab.segment.asked import not_whole
from crmlab.segment.latent_em import Design, climb, design_of, random_starts, split_start
from crmlab.tables.rows import alike

__all__ = ["BootstrapTest", "bootstrap_test"]

_USUAL = 0.05
_TRY, _GO_ON = 20, 3  # steps that every start of a sample takes, and how many of them go on
_FLAT = 1e-9


class BootstrapTest:
    """What speaks for k classes rather than k − 1.

    Parameters
    ----------
    k : int
    statistic : float
        Twice what the log-likelihood rises from k − 1 classes to k.
    samples : pandas.Series
        The same in each sample in which k − 1 classes are the truth.

    Attributes
    ----------
    p_value : float
        Share of samples, this one among them, that rise as much.

    Examples
    --------
    >>> BootstrapTest(3, 12.0, pd.Series([9.0, 14.0, 11.0]))
    3 classes rather than 2: the likelihood-ratio statistic is 12.0.
    Were 2 the truth, 1 of 3 samples would reach it: p = 0.5. Nothing shows that more than 2 are needed.
    """

    def __init__(self, k, statistic, samples):
        self.k, self.statistic, self.samples = k, float(statistic), samples
        self.reached = int((samples >= statistic).sum())
        self.p_value = (1 + self.reached) / (1 + len(samples))

    def __repr__(self):
        needed = self.p_value <= _USUAL
        verdict = f"{self.k} classes are needed" if needed else f"Nothing shows that more than {self.k - 1} are needed"
        return (
            f"{self.k} classes rather than {self.k - 1}: the likelihood-ratio statistic is {self.statistic:.1f}.\n"
            f"Were {self.k - 1} the truth, {self.reached} of {len(self.samples):,} samples would reach it: "
            f"p = {self.p_value:.2g}. {verdict}."
        )


def bootstrap_test(answers, theta, log_likelihood, *, starts, samples, seeds):
    """Compare k classes with k − 1 as samples from k − 1 classes would.

    Parameters
    ----------
    answers : Answers
    theta : ndarray of shape (k, 1 + n_answers)
        The fitted model.
    log_likelihood : float
        Of the fitted model.
    starts : int
        Random starts for each model and sample; after a few steps the highest three go on. Beside
        them k − 1 classes start from the truth, and k from these with one split, so that no sample
        falls.
    samples : int
    seeds : tuple of (int, int)
        For the starts and for the samples.

    Returns
    -------
    BootstrapTest

    Raises
    ------
    CrmlabError
        For one class, or no sample.

    References
    ----------
    G. J. McLachlan, *On bootstrapping the likelihood ratio test statistic for the number of
    components in a normal mixture*, Applied Statistics 36, 1987; K. L. Nylund, T. Asparouhov & B. O.
    Muthén, *Deciding on the number of classes in latent class analysis and growth mixture modeling*,
    Structural Equation Modeling 14, 2007. Where people are weighted, a sample has as many people as
    the weights add up to.
    """
    k, faults = len(theta), []
    if k == 1:
        next_step = "fit k=2 and test it: that compares 2 classes with 1."
        faults.append(message("k", "the model has one class: there is none less.", next=next_step))
    faults += [*not_whole(1, samples=(samples, 100)), *not_whole(0, seed=(seeds[1], 1))]
    if faults:
        raise CrmlabError(*faults)
    design = design_of(answers)
    fewer = climb(design, random_starts(design, k - 1, [[seeds[0], start] for start in range(starts)]))
    draw = _People(answers, design, fewer.theta[fewer.best])
    rises = []
    for number in tqdm(range(samples), desc="samples", delay=2, leave=False, file=sys.stdout):
        rng = np.random.default_rng([seeds[1], number])
        rises.append(_rise(draw(rng), fewer.theta[[fewer.best]], starts, rng.integers(2**32)))
    statistic = 2 * (log_likelihood - fewer.log_likelihood.max())
    return BootstrapTest(k, statistic, pd.Series(rises, name="statistic").rename_axis("sample"))


def _rise(design, truth, starts, seed):
    k = truth.shape[1]
    fewer = _highest(design, truth, random_starts(design, k, [[seed, 0, n] for n in range(starts)]))
    split = split_start(fewer.theta[fewer.best], design)
    more = _highest(design, split, random_starts(design, k + 1, [[seed, 1, n] for n in range(starts)]))
    return 2 * (more.log_likelihood.max() - fewer.log_likelihood.max())


def _highest(design, likely, others):
    """Climb from a likely place, and from those of the others that a few steps have brought highest."""
    tried = climb(design, others, steps=_TRY)
    chosen = np.argsort(-tried.log_likelihood, kind="stable")[:_GO_ON]
    return climb(design, np.concatenate([likely, tried.theta[chosen]]), flat=_FLAT)


class _People:
    """As many people as there are, with the same items left out, from a model."""

    def __init__(self, answers, design, theta):
        whole = np.diff(np.rint(np.cumsum(answers.weight)), prepend=0).astype(int)
        self._left_out = np.isnan(answers.patterns)[np.repeat(np.arange(len(whole)), whole)]
        self._design = design
        self._shares = np.cumsum(theta[:, 0])
        self._answers = [np.cumsum(part, axis=1) for part in np.split(theta[:, 1:], design.begin[1:], axis=1)]

    def __call__(self, rng):
        n = len(self._left_out)
        kind = np.minimum(np.searchsorted(self._shares, rng.random(n), side="right"), len(self._shares) - 1)
        columns = {}
        for item, running in enumerate(self._answers):
            answer = (rng.random(n)[:, None] >= running[kind, :-1]).sum(axis=1).astype("float64")
            columns[item] = np.where(self._left_out[:, item], -1.0, answer)
        first, kind = alike(columns)
        patterns = np.stack([column[first] for column in columns.values()], axis=1)
        patterns[patterns < 0] = np.nan
        return Design(patterns, np.bincount(kind).astype("float64"), self._design.n_levels)
