"""Draw pairs where looking tells most, and weigh the answers back to all pairs."""

import numpy as np
import pandas as pd

__all__ = ["STRATA", "drawn", "lots_of", "stratum_of", "weighted_quality"]

# Bounds of the strata, as shares of the way from 0 to the threshold and from the threshold to 1: finer towards the
# ends, where most pairs lie and where one wrong pair stands for many.
_BELOW = (0.0, 0.002, 0.02, 0.2)
_ABOVE = (0.0, 0.8, 0.98, 0.998)
STRATA = len(_BELOW) + len(_ABOVE)
_LEAST = 3  # pairs from every stratum that has them
_SLIPS = np.array([0.002, 0.01, 0.02, 0.04])  # shares of answers that may be slips of the one who answers
# By how much the log odds of the matching may be off: all of them alike, and those of one stratum beside.
_ALL_OFF, _ONE_OFF = 1.5, 0.5
_SUREST = np.log(0.97 / 0.03)  # log odds
_WIDE = 0.2  # an interval of a precision that says next to nothing
_DRAWS = 1_000


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
    [0, 3, 4, 5, 7]
    """
    bounds = [share * threshold for share in _BELOW[1:]] + [threshold + share * (1 - threshold) for share in _ABOVE]
    return np.searchsorted(bounds, probability, side="right")


def lots_of(left, right, seed=None):
    """Give each pair a lot that its two records alone decide, whichever stands first: no dice, the same everywhere.

    Parameters
    ----------
    left, right : array-like of shape (n_pairs,)
        The records' names.
    seed : int, optional
        Mixed in, for other lots.

    Returns
    -------
    ndarray of uint64, shape (n_pairs,)
        As good as drawn blindly.

    References
    ----------
    The mixing is that of G. L. Steele, D. Lea and C. H. Flood, Fast splittable pseudorandom number generators,
    *OOPSLA* 2014.

    Examples
    --------
    >>> lots = lots_of(pd.Index([1, 1]), pd.Index([2, 3]))
    >>> bool(lots[0] == lots_of(pd.Index([1]), pd.Index([2]))[0]), bool(lots[0] == lots[1])
    (True, False)
    """
    one, other = (pd.util.hash_array(np.asarray(side), categorize=False) for side in (left, right))
    low, high = np.minimum(one, other), np.maximum(one, other)
    return _mixed(_mixed(low + np.uint64(0 if seed is None else seed + 1)) + high)


def _mixed(lots):
    for by, times in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        lots = (lots ^ (lots >> np.uint64(by))) * np.uint64(times)
    return lots ^ (lots >> np.uint64(31))


def drawn(probability, stratum, n, lots):
    """Draw the pairs of the lowest lots, more from strata that are large and in doubt, and mix them.

    Parameters
    ----------
    probability : ndarray of float64
    stratum : ndarray of int64
    n : int
        Pairs wanted; fewer when there are fewer.
    lots : ndarray of uint64
        As :func:`lots_of` gives them.

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
    # No stratum of links is as sure as it says: one wrong answer in twenty is thought possible. Among the very many
    # pairs that are no links hardly any is right, and looking at them tells little.
    share = np.clip(mean, 1e-4, 0.95)
    doubt = np.sqrt(share * (1 - share))
    wanted = _shared_out(sizes, np.sqrt(sizes) * doubt, min(n, len(stratum)))
    order = np.lexsort((lots, stratum))
    first = np.cumsum(sizes) - sizes
    chosen = np.concatenate([order[first[number] : first[number] + wanted[number]] for number in range(STRATA)])
    return chosen[np.argsort(_mixed(lots[chosen]))]  # by other lots: low ones come from large strata


def _shared_out(sizes, weight, n):
    """Share n out in proportion to the weights: some from every stratum, none more than there are."""
    got = np.minimum(sizes, min(_LEAST, n // STRATA))
    while got.sum() < n:
        room = got < sizes
        want = np.where(room, weight / (got + 1), 0.0)
        got[int(np.argmax(np.where(room, np.maximum(want, 1e-12), -1.0)))] += 1
    return got


def weighted_quality(strata, level, told=None):
    """Estimate precision and recall from answers by stratum, with intervals that allow for slips.

    What the matching says is a guess that may boast or be modest: the log odds of right pairs may be off, in all strata
    alike and in each a little more, and the answers tell by how much. An answer may be a slip, as far as the answers
    leave room for it: so one wrong "same" among very many pairs that are surely different does not become thousands of
    missed pairs, while many of them do count.

    Parameters
    ----------
    strata : pandas.DataFrame of shape (STRATA, 4)
        pairs, expected (sum of their probabilities), asked, yes.
    level : float
        How often the intervals hold the truth.
    told : pandas.DataFrame, optional
        estimate, low and high (95 %) of precision and recall as the matching tells them itself: a second witness.

    Returns
    -------
    pandas.DataFrame
        Indexed by measure: estimate, low, high, without_answers.

    References
    ----------
    Stratified estimation: W. G. Cochran, *Sampling Techniques*, Wiley 1977, chapter 5. Answers that may be wrong: W. J.
    Rogan & B. Gladen, *American Journal of Epidemiology* 107, 1978.
    """
    pairs, expected = (strata[column].to_numpy("float64") for column in ("pairs", "expected"))
    half = STRATA // 2
    doubt = 1.0 if told is None else 1 + _in_doubt(told.loc["precision"])
    answers = (strata[column].to_numpy("float64") for column in ("asked", "yes"))
    right = _plausible(pairs, expected, *answers, doubt)
    found, missed, of = right[:, half:].sum(axis=1), right[:, :half].sum(axis=1), pairs[half:].sum()
    figures = {
        "precision": (found / of if of else np.full(_DRAWS, np.nan), _ratio(expected[half:].sum(), of)),
        "recall": (found / np.maximum(found + missed, 1), _ratio(expected[half:].sum(), expected.sum())),
    }
    weight = np.ones(_DRAWS)
    for name, (drawn_values, _) in figures.items() if told is not None else ():
        weight *= _witness(drawn_values, *told.loc[name, ["estimate", "low", "high"]])
    shares = [0.5, 0.5 - level / 2, 0.5 + level / 2]
    rows = {name: [*_quantiles(values, weight, shares), without] for name, (values, without) in figures.items()}
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["estimate", "low", "high", "without_answers"])
    return table.rename_axis("measure")


def _plausible(pairs, expected, asked, yes, doubt):
    """Draw how many pairs of each stratum may be right, given the answers."""
    from scipy.stats import t as student

    prior = np.clip(expected / np.maximum(pairs, 1), 1e-9, 1 - 1e-5)
    all_off, one_off = np.linspace(-6, 6, 25), np.linspace(-16, 16, 97)
    odds = np.log(prior / (1 - prior))
    share = 1 / (1 + np.exp(-(odds[:, None, None] + all_off[:, None] + one_off)))
    one = student.pdf(one_off / (_ONE_OFF * doubt), 2)
    # Links that the matching is surest of may all share what makes it so; as likely as not it is no surer than that,
    # however far all are off alike.
    down = np.minimum(_SUREST - odds[:, None] - all_off, 0)[..., None]
    one = one + student.pdf((one_off - down) / (_ONE_OFF * doubt), 2)
    says = share + (1 - 2 * share) * _SLIPS[:, None, None, None]  # how often the answer is "same"
    yes, no = yes[:, None, None], (asked - yes)[:, None, None]
    fits = np.exp(yes * np.log(says) + no * np.log1p(-says)) * (one / one.sum(axis=-1, keepdims=True))
    together = np.log(np.maximum(fits.sum(axis=-1), 1e-300)).sum(axis=1)
    together = np.exp(together - together.max()) * student.pdf(all_off / (_ALL_OFF * doubt), 3)
    dice = np.random.default_rng(0)
    slip, off = np.divmod(dice.choice(together.size, _DRAWS, p=together.ravel() / together.sum()), len(all_off))
    right = np.zeros((_DRAWS, STRATA))
    for number in range(STRATA):
        rising = fits[slip, number, off].cumsum(axis=1)
        place = (dice.random((_DRAWS, 1)) * rising[:, -1:] > rising).sum(axis=1)
        here, wrong = share[number, off, np.minimum(place, len(one_off) - 1)], _SLIPS[slip]
        if_yes = here * (1 - wrong) / (here * (1 - wrong) + (1 - here) * wrong)
        if_no = here * wrong / (here * wrong + (1 - here) * (1 - wrong))
        left = pairs[number] - yes[number].item() - no[number].item()
        for count, chance in ((yes[number].item(), if_yes), (no[number].item(), if_no), (left, here)):
            right[:, number] += dice.binomial(int(count), chance)
    return right


def _in_doubt(told):
    """How far the matching doubts what it says itself, 0 to 1; where it says nothing, 1."""
    return min(told["high"] - told["low"], _WIDE) / _WIDE if told[["estimate", "low", "high"]].notna().all() else 1.0


def _witness(values, estimate, low, high):
    """How well values go with what the matching tells; it may be wrong altogether, so nothing is ruled out."""
    from scipy.stats import t as student

    if not low <= estimate <= high:
        return np.ones(len(values))
    wide = np.where(values < estimate, estimate - low, high - estimate) / 1.96
    return student.pdf((values - estimate) / np.maximum(wide, 0.005), 3)


def _quantiles(values, weight, shares):
    order = np.argsort(values, kind="stable")
    rising = weight[order].cumsum()
    return values[order][np.minimum(np.searchsorted(rising, np.array(shares) * rising[-1]), len(values) - 1)]


def _ratio(part, whole):
    return part / whole if whole else np.nan
