"""How good the links are, estimated without labels: precision, recall, and what blocking lost."""

import numpy as np
import pandas as pd

from crmlab.dedupe.graph import parts
from crmlab.dedupe.model import learnt
from crmlab.dedupe.sampling import weighted_quality

__all__ = ["estimated", "lost_by_blocking"]

_MEASURES = ["precision", "recall", "recall_compared", "recall_blocking"]
_RESAMPLES, _ROUNDS = 20, 15
_SURE = 1.96  # half the width of a 95 % interval, in standard errors
_PERHAPS = 0.01  # pairs at least this probable tie records together
# Fields that say the same twice count as one.
_ONE_FIELD = {"address": "place", "place": "place", "postcode": "place", "region": "place"}
# How many fields speak to each link on average: below the first nothing can be told; up to the second the interval
# reaches as far as it can, from the third on nothing is added to it.
_LEAST_FIELDS, _FEW_FIELDS, _ENOUGH_FIELDS = 2.5, 2.75, 3.25


def estimated(search, threshold, review=None):
    """Estimate precision and recall from the probabilities, and from answers if there are any.

    Precision is the mean probability of the links. Recall has two parts: of the same
    customers' pairs that were compared, the share that became links; and the share that
    blocking let through. The intervals hold the chance of these very pairs and, by
    learning anew from resampled pairs, the doubt about what was learnt; they allow for
    the pairs of one home being right or wrong together.

    The odds are learnt from fields agreeing with each other, so there must be some: with
    two fields, what one says of the other is all there is, and no figure is told. With
    three, two people may share two of them for a reason the third cannot see (father and
    son, twins); the interval then reaches to where the field that speaks loudest for a
    link says nothing.

    Parameters
    ----------
    search : Search
    threshold : float
    review : Review, optional
        With answers.

    Returns
    -------
    pandas.DataFrame
        Rows precision, recall, of which: recall_compared, recall_blocking; columns
        estimate, low, high (95 %), note.
    """
    chance, counts = search.chance, search.counts
    fields, supported = _rests_on(search, threshold)
    n_links = counts[chance >= threshold].sum()
    table = pd.DataFrame(np.nan, index=pd.Index(_MEASURES, name="measure"), columns=["estimate", "low", "high"])
    table["note"] = ""
    if fields >= _LEAST_FIELDS:
        table[["estimate", "low", "high"]] = _told(search, threshold, fields, supported)
    else:
        table["note"] = f"links rest on {fields:.1f} fields each: label a sample"
    if not n_links:
        table["note"] = "no pair is that probable"
    if review is None:
        return table
    told = table.rename(index={"recall_compared": "recall", "recall": "all"})
    answered = weighted_quality(review.strata, 0.95, told)[["estimate", "low", "high"]]
    n = int(review.strata["asked"].sum())
    table.loc["precision"] = [*answered.loc["precision"], f"with {n:,} answer{'s' if n > 1 else ''}"]
    table.loc["recall_compared"] = [*answered.loc["recall"], table.loc["precision", "note"]]
    parts = table.loc[["recall_compared", "recall_blocking"], ["estimate", "low", "high"]]
    estimate = parts["estimate"].prod(skipna=False)
    below, above = ((parts["estimate"] - parts[side]).pow(2).sum(skipna=False) ** 0.5 for side in ("low", "high"))
    table.loc["recall", ["estimate", "low", "high"]] = [estimate, max(estimate - below, 0), min(estimate + above, 1)]
    return table


def _rests_on(search, threshold):
    """How many fields speak to a link on average, and how sure links were without the field loudest for each."""
    weights, kinds = search.model.weights(search.patterns), {}
    for place, one in enumerate(search.model.asked):
        kinds.setdefault(_ONE_FIELD.get(one.name, one.name), []).append(place)
    known = np.array([(search.patterns[:, places] >= 0).any(axis=1) for places in kinds.values()])
    said = np.array([weights[:, 1:][:, places].sum(axis=1) for places in kinds.values()])
    linked = search.chance >= threshold
    of = search.counts * (linked if linked.any() else search.chance)
    without = weights.sum(axis=1) - np.maximum(said.max(axis=0), 0)
    sure = 1 / (1 + 2.0 ** -np.clip(without, -1000, 1000))
    return _ratio((known.sum(axis=0) * of).sum(), of.sum()), _ratio((sure * of).sum(), of.sum())


def _told(search, threshold, fields, supported):
    """Estimates and their bounds from the probabilities alone."""
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
    precision, compared, _, lost = found
    if np.isnan(precision):  # no links: recall is none, and there is no precision
        return np.array([[np.nan] * 3, [0] * 3, [0] * 3, [1 - lost] * 3])
    width = _SURE * _together(search) * np.hypot(np.nanstd(others, axis=0), _chance_alone(chance, counts, threshold))
    values = np.array([precision, compared * (1 - lost), compared, 1 - lost])
    width = np.array([width[0], np.hypot(width[1], width[3]), width[1], width[3]])
    doubt = np.clip((_ENOUGH_FIELDS - fields) / (_ENOUGH_FIELDS - _FEW_FIELDS), 0, 1)
    below = np.array([doubt * max(precision - supported, 0), 0, 0, 0])
    above = np.array([0, doubt * (1 - compared), doubt * (1 - compared), 0])
    low, high = values - np.hypot(width, below), values + np.hypot(width, above)
    return np.column_stack([values, np.clip(low, 0, 1), np.clip(high, 0, 1)])


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


def _together(search):
    """How many times wider intervals are because the pairs of one home are right or wrong together.

    The design effect of clusters whose pairs go all the same way: L. Kish, *Survey Sampling*, Wiley 1965, section 5.4.
    """
    chance = search.probability
    left, right, chance = (of[chance >= _PERHAPS] for of in (search.blocks.left, search.blocks.right, chance))
    spread = np.sqrt(chance * (1 - chance))
    of_part = np.bincount(parts(len(search.records), left, right)[left], weights=spread)
    return np.sqrt(max(1.0, _ratio((of_part**2).sum(), (spread**2).sum())))


def _ratio(part, whole):
    return part / whole if whole > 0 else np.nan
