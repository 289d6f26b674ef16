"""How good the links are, estimated without labels: precision, recall, and what blocking lost."""

import numpy as np
import pandas as pd

from crmlab.dedupe.model import learnt

__all__ = ["estimated", "lost_by_blocking"]

_RESAMPLES, _ROUNDS = 20, 15
_SURE = 1.96  # half the width of a 95 % interval, in standard errors


def estimated(search, threshold):
    """Estimate precision and recall from the probabilities alone.

    Precision is the mean probability of the links. Recall has two parts: of the same
    customers' pairs that were compared, the share that became links; and the share that
    blocking let through. The intervals hold the chance of these very pairs and, by
    learning anew from resampled pairs, the doubt about what was learnt.

    Parameters
    ----------
    search : Search
    threshold : float

    Returns
    -------
    pandas.DataFrame
        Rows precision, recall, of which: recall_compared, recall_blocking; columns
        estimate, low, high (95 %).
    """
    chance, counts, keys = search.chance, search.counts, search.blocks.keys
    found = _figures(chance, counts, threshold, lost_by_blocking(keys, search.probability))
    dice = np.random.default_rng(0)
    others = []
    for _ in range(_RESAMPLES):
        drawn = dice.poisson(counts)
        model = learnt(
            search.model.asked,
            search.patterns,
            drawn,
            search.outside,
            search.model.total,
            begin=search.model,
            rounds=_ROUNDS,
        )
        again = model.chances(search.patterns)
        lost = dice.poisson(found[3] * (drawn @ again) / max(1 - found[3], 1e-9))
        others.append(_figures(again, drawn, threshold, lost / max(lost + drawn @ again, 1e-9)))
    width = _SURE * np.hypot(np.nanstd(others, axis=0), _chance_alone(chance, counts, threshold))
    precision, compared, _, lost = found
    names = ["precision", "recall", "recall_compared", "recall_blocking"]
    values = np.array([precision, compared * (1 - lost), compared, 1 - lost])
    width = np.array([width[0], np.hypot(width[1], width[3]), width[1], width[3]])
    table = {"estimate": values, "low": np.clip(values - width, 0, 1), "high": np.clip(values + width, 0, 1)}
    return pd.DataFrame(table, index=pd.Index(names, name="measure"))


def lost_by_blocking(keys, probability):
    """Estimate the share of pairs of one customer that no key brought together, by capture and recapture.

    Keys catch pairs as traps catch animals: if many are caught by one key alone, there
    are others that none has caught. Chao's estimator is a lower bound, since some pairs
    are harder to catch than others.

    Parameters
    ----------
    keys : ndarray of int
        For each pair, one bit per key that made it.
    probability : ndarray of float

    Returns
    -------
    float
        Between 0 and 1.

    References
    ----------
    A. Chao, Estimating the population size for capture-recapture data with unequal
    catchability, *Biometrics* 43, 1987.

    Examples
    --------
    >>> lost_by_blocking(np.array([1] * 4 + [3] * 9 + [7] * 85), np.ones(98)).round(3).item()
    0.004
    """
    times = np.bitwise_count(keys)
    traps = max(int(np.bitwise_count(np.bitwise_or.reduce(keys, initial=0))), 1)
    once, twice = (probability[times == number].sum() for number in (1, 2))
    lost = (traps - 1) / traps * once * max(once - 1, 0) / (2 * (twice + 1))
    return lost / max(lost + probability.sum(), 1e-9)


def _figures(chance, counts, threshold, lost):
    linked = chance >= threshold
    right, all_of = (chance * counts)[linked].sum(), (chance * counts).sum()
    return np.array([_ratio(right, counts[linked].sum()), _ratio(right, all_of), all_of, lost])


def _chance_alone(chance, counts, threshold):
    """Standard errors if the probabilities are right: each pair is then a throw of a biased coin."""
    linked = chance >= threshold
    spread = chance * (1 - chance) * counts
    of_links, of_all = counts[linked].sum(), (chance * counts).sum()
    return np.array([_ratio(spread[linked].sum() ** 0.5, of_links), _ratio(spread.sum() ** 0.5, of_all), 0, 0])


def _ratio(part, whole):
    return part / whole if whole > 0 else np.nan
