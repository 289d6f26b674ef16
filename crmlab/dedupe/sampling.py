"""Draw pairs where looking tells most, and weigh the answers back to all pairs."""

import numpy as np
import pandas as pd

__all__ = ["STRATA", "drawn", "stratum_of", "weighted_quality"]

# Bounds of the strata, as shares of the way from 0 to the threshold and from the threshold to 1: finer towards the
# ends, where most pairs lie and where one wrong pair stands for many.
_BELOW = (0.0, 0.02, 0.2)
_ABOVE = (0.0, 0.8, 0.98)
STRATA = len(_BELOW) + len(_ABOVE)
_PRIOR = 1.0  # what the probabilities of the matching count for, in answers per stratum
_LEAST = 3  # pairs from every stratum that has them


def stratum_of(probability, threshold):
    """Sort pairs by probability into strata; the threshold is a bound.

    Parameters
    ----------
    probability : ndarray of float64
    threshold : float

    Returns
    -------
    ndarray of int64
        0 to STRATA − 1; those from ``STRATA // 2`` on are at or above the threshold.

    Examples
    --------
    >>> stratum_of(np.array([0.0, 0.3, 0.5, 0.95, 1.0]), 0.5).tolist()
    [0, 2, 3, 4, 5]
    """
    bounds = [share * threshold for share in _BELOW[1:]] + [threshold + share * (1 - threshold) for share in _ABOVE]
    return np.searchsorted(bounds, probability, side="right")


def drawn(probability, stratum, n, seed):
    """Draw pairs, more from strata that are large and in doubt, and mix them.

    Parameters
    ----------
    probability : ndarray of float64
    stratum : ndarray of int64
    n : int
        Pairs wanted; fewer when there are fewer.
    seed : int

    Returns
    -------
    ndarray of int64
        Places of the pairs drawn, in mixed order.

    References
    ----------
    Numbers in proportion to N · s are Neyman's: J. Neyman, *Journal of the Royal Statistical Society* 97, 1934.
    """
    sizes = np.bincount(stratum, minlength=STRATA)
    mean = np.bincount(stratum, weights=probability, minlength=STRATA) / np.maximum(sizes, 1)
    # no stratum is as sure as it says it is: one wrong answer in twenty is thought possible everywhere
    doubt = np.sqrt(np.clip(mean, 0.05, 0.95) * (1 - np.clip(mean, 0.05, 0.95)))
    wanted = _shared_out(sizes, np.sqrt(sizes) * doubt, min(n, len(stratum)))
    dice = np.random.default_rng(seed)
    chosen = [dice.choice(np.flatnonzero(stratum == number), wanted[number], replace=False) for number in range(STRATA)]
    return dice.permutation(np.concatenate(chosen))


def _shared_out(sizes, weight, n):
    """Share n out in proportion to the weights: some from every stratum, none more than there are."""
    got = np.minimum(sizes, min(_LEAST, n // STRATA))
    while got.sum() < n:
        room = got < sizes
        want = np.where(room, weight / (got + 1), 0.0)
        got[int(np.argmax(np.where(room, np.maximum(want, 1e-12), -1.0)))] += 1
    return got


def weighted_quality(strata, level):
    """Estimate precision and recall from answers by stratum, with intervals.

    The share of right pairs in a stratum has a beta prior at the mean probability of its pairs, worth one answer, so
    that with answers they decide and without them the matching's own word stands; what was answered counts as it was
    answered.

    Parameters
    ----------
    strata : pandas.DataFrame of shape (STRATA, 4)
        pairs, expected (sum of their probabilities), asked, yes.
    level : float
        How often the intervals hold the truth.

    Returns
    -------
    pandas.DataFrame
        Indexed by measure: estimate, low, high, without_answers.

    References
    ----------
    Stratified estimation: W. G. Cochran, *Sampling Techniques*, Wiley 1977, chapter 5; intervals by the delta method on
    the log odds, so that they stay between 0 and 1.
    """
    from scipy.stats import norm

    pairs, expected, asked, yes = (
        strata[column].to_numpy("float64") for column in ("pairs", "expected", "asked", "yes")
    )
    prior = np.clip(expected / np.maximum(pairs, 1), 0.001, 0.999)
    weight, left = _PRIOR + asked, pairs - asked
    share = (_PRIOR * prior + yes) / weight
    right = yes + left * share
    variance = left * share * (1 - share) * (weight + left) / (weight + 1)  # of a beta-binomial count
    half = STRATA // 2
    found, missed = right[half:].sum(), right[:half].sum()
    var_found, var_missed = variance[half:].sum(), variance[:half].sum()
    of, all_right = pairs[half:].sum(), found + missed
    precision = found / of if of else np.nan
    recall = found / all_right if all_right else np.nan
    recall_var = (missed**2 * var_found + found**2 * var_missed) / all_right**4 if all_right else np.nan
    z = norm.ppf(0.5 + level / 2)
    rows = {
        "precision": (*_interval(precision, var_found / of**2 if of else np.nan, z), _ratio(expected[half:].sum(), of)),
        "recall": (*_interval(recall, recall_var, z), _ratio(expected[half:].sum(), expected.sum())),
    }
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["estimate", "low", "high", "without_answers"])
    return table.rename_axis("measure")


def _ratio(part, whole):
    return part / whole if whole else np.nan


def _interval(value, variance, z):
    if not 0 < value < 1:
        return value, value, value
    odds, wide = np.log(value / (1 - value)), z * np.sqrt(variance) / (value * (1 - value))
    return value, 1 / (1 + np.exp(wide - odds)), 1 / (1 + np.exp(-wide - odds))
