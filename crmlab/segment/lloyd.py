"""k-means over answer patterns: many starts and many weightings of the same patterns in one go."""

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from crmlab.engine.threads import one_thread

__all__ = ["Patterns", "best_of_starts", "nearest"]

_ROUNDS = 300
_QUICK, _FULL = "float32", "float64"  # for the search; what is found is worked out again in full
_FAR = 1_000  # times as far from the middle as most: so far out that quick numbers would not tell the others apart
_AT_ONCE = 400_000  # numbers of one piece of work, so that it stays in the processor's cache
_WORTH, _PIECES = 100_000, 8  # less work is cut into so many pieces, of no less than this
_STILL = 1e-4  # of the variance of an item: centres that move less have come to rest, as scikit-learn has it


class Patterns:
    """Answer patterns, made ready for distances: centred, missing answers marked.

    Parameters
    ----------
    values : ndarray of shape (n_patterns, n_items)
        NaN where an answer is missing.
    weight : ndarray of shape (n_patterns,)

    Examples
    --------
    >>> Patterns(np.array([[1.0, np.nan], [3.0, 2.0]]), np.ones(2)).filled.tolist()
    [[-1.0, 0.0], [1.0, 0.0]]
    """

    def __init__(self, values, weight):
        self.there = ~np.isnan(values)
        self.complete = bool(self.there.all())
        known = np.where(self.there, values, 0.0)
        self.middle = weight @ known / np.maximum(weight @ self.there, 1e-300)
        self.filled = np.where(self.there, known - self.middle, 0.0)
        self.length = (self.filled**2).sum(axis=1)
        self.kind = _FULL if self.length.max() > _FAR * np.median(self.length) else _QUICK
        self.still = _STILL * float(weight @ self.length / np.maximum(weight @ self.there, 1e-300).sum())
        self.there = self.there.astype(self.kind)
        self.quick = self.filled.astype(self.kind)

    def __len__(self):
        return len(self.filled)

    def gaps(self, centres):
        """Squared distances from each centre to each pattern, less what is the same for every centre.

        Only answered items count.

        Parameters
        ----------
        centres : ndarray of shape (n_centres, n_items)

        Returns
        -------
        ndarray of shape (n_centres, n_patterns)
        """
        own = (centres**2).sum(axis=1)[:, None] if self.complete else centres**2 @ self.there.T
        gaps = (-2 * centres) @ self.quick.T
        gaps += own
        return gaps


def best_of_starts(patterns, weights, k, starts, rng, *, spread=0, only_best=False):
    """Run k-means from many starts for each weighting of the patterns and keep the best run of each.

    Lloyd's algorithm. A random start has k patterns drawn by weight as first centres; a spread start
    draws one after the other, each the likelier the farther it is from those before (D. Arthur and
    S. Vassilvitskii, *k-means++*, Proceedings of SODA, 2007): it meets people far out, whom random
    starts hardly ever draw. Missing answers: a pattern goes to the nearest centre by what it
    answered, a centre is the mean of the answers given (E. Chi, J. Chi and R. Baraniuk, *k-POD*,
    The American Statistician 70, 2016).

    Parameters
    ----------
    patterns : Patterns
    weights : ndarray of shape (n_weightings, n_patterns)
    k : int
    starts : int
        Random starts.
    rng : numpy.random.Generator
    spread : int, default=0
        Spread starts.
    only_best : bool, default=False
        Stop a run when its centres hardly move any more, and let only the best of each weighting go
        on until nobody changes segments: criteria of the others are a little too large.

    Returns
    -------
    centres : ndarray of shape (n_weightings, k, n_items)
        Of the best run, as distances from ``patterns.middle``.
    criteria : ndarray of shape (n_weightings, starts + spread)
        Sum of squared distances within segments, of every run; random starts first.

    Examples
    --------
    >>> patterns = Patterns(np.array([[0.0], [1.0], [9.0]]), np.ones(3))
    >>> centres, criteria = best_of_starts(patterns, np.ones((1, 3)), 2, 5, np.random.default_rng(1))
    >>> (np.sort(centres[0].ravel()) + patterns.middle).round(2).tolist(), float(criteria.min())
    ([0.5, 9.0], 0.5)
    """
    with one_thread():
        first = np.stack([_starts(weight, k, starts, rng) for weight in weights])
        if spread:
            first = np.concatenate([first, _spread(patterns, weights, k, spread, rng)], axis=1)
        sets, starts, _ = first.shape
        runs, first = np.repeat(np.arange(sets), starts), patterns.quick[first.reshape(-1, k)]
        centres, criteria = _at_rest(patterns, weights, runs, first, still=patterns.still if only_best else 0.0)
        best = np.arange(sets) * starts + criteria.reshape(sets, starts).argmin(axis=1)
        centres = centres[best]
        if only_best:
            centres, criteria[best] = _at_rest(patterns, weights, np.arange(sets), centres.astype(patterns.kind))
    return centres, criteria.reshape(sets, starts)


def _at_rest(patterns, weights, runs, first, *, still=0.0):
    """Where runs come to rest from their first centres, and their criteria: piece by piece, on all cores."""
    size = min(_AT_ONCE, max(_WORTH, len(runs) * len(patterns) // _PIECES)) // len(patterns)
    cuts = range(0, len(runs), max(1, size))
    if len(cuts) == 1:
        return _piece(patterns, weights, runs, first, still)
    with ThreadPoolExecutor(os.cpu_count()) as workers:
        pieces = (slice(at, at + cuts.step) for at in cuts)
        done = workers.map(lambda piece: _piece(patterns, weights, runs[piece], first[piece], still), pieces)
        centres, criteria = zip(*done, strict=True)
    return np.concatenate(centres), np.concatenate(criteria)


def nearest(patterns, centres):
    """Tell the nearest centre of each pattern, for many solutions.

    Parameters
    ----------
    patterns : Patterns
    centres : ndarray of shape (n_solutions, k, n_items)

    Returns
    -------
    ndarray of shape (n_solutions, n_patterns), int

    Examples
    --------
    >>> patterns = Patterns(np.array([[0.0], [9.0]]), np.ones(2))
    >>> nearest(patterns, np.array([[[-4.0], [4.0]]])).tolist()
    [[0, 1]]
    """
    return np.stack([patterns.gaps(one.astype(patterns.kind)).argmin(axis=0) for one in centres])


def _starts(weight, k, starts, rng):
    """For each start k different patterns, each as likely as its weight."""
    upto = weight.cumsum()
    draws = np.searchsorted(upto, rng.random((starts, 3 * k)) * upto[-1], side="right")
    chosen = [list(dict.fromkeys(row))[:k] for row in draws.tolist()]
    share = (weight + 1e-9 * upto[-1]) / (
        upto[-1] * (1 + 1e-9 * len(weight))
    )  # a sample may hold fewer than k patterns
    return np.array([one if len(one) == k else rng.choice(len(weight), k, replace=False, p=share) for one in chosen])


def _spread(patterns, weights, k, starts, rng):
    """For each start k patterns, each the likelier the farther it is from those drawn before it."""
    runs = np.repeat(np.arange(len(weights)), starts)
    chosen = np.empty((len(runs), k), dtype="int64")
    by_set = weights.cumsum(axis=1)
    worth, length = weights.astype(patterns.kind), patterns.length.astype(patterns.kind)
    far = np.full((len(runs), len(patterns)), np.inf, dtype=patterns.kind)
    for one in range(k):
        upto = (far * worth[runs]).cumsum(axis=1, dtype=_FULL) if one else by_set[runs]
        none = upto[:, -1] <= 0  # everybody stands on one of those drawn
        upto[none] = by_set[runs[none]]
        draw = rng.random(len(runs)) * upto[:, -1]
        chosen[:, one] = np.minimum((upto <= draw[:, None]).sum(axis=1), len(patterns) - 1)
        np.minimum(far, np.maximum(patterns.gaps(patterns.quick[chosen[:, one]]) + length, 0), out=far)
    return chosen.reshape(len(weights), starts, k)


def _piece(patterns, weights, runs, first, still):
    weights = weights[runs]
    labels = _lloyd(patterns, weights.astype(patterns.kind), first, still)
    return _exactly(patterns, weights, labels, first.shape[1])


def _lloyd(patterns, weights, centres, still):
    """The segments each run comes to rest in; a run that stands still leaves."""
    labels = np.empty((len(centres), len(patterns)), dtype="int8")
    going, before, goes_on = np.arange(len(centres)), None, None
    for _ in range(_ROUNDS):
        now, gap = _assigned(patterns, centres)
        labels[going] = now
        if before is not None:
            moved = (now != before).any(axis=1) & goes_on
            going, now, gap, centres = going[moved], now[moved], gap[moved], centres[moved]
        if not len(going):
            break
        last, centres = centres, _means(patterns, weights[going], now, gap, centres)
        before, goes_on = now, ((centres - last) ** 2).sum(axis=(1, 2)) > still
    return labels


def _assigned(patterns, centres):
    """The nearest centre of each pattern in each run, and how far it is."""
    runs, k, items = centres.shape
    gaps = patterns.gaps(centres.reshape(-1, items)).reshape(runs, k, -1)
    gap, labels = gaps[:, 0], np.zeros((runs, len(patterns)), dtype="int8")
    for one in range(1, k):
        nearer = gaps[:, one] < gap
        np.maximum(labels, nearer.view("int8") * np.int8(one), out=labels)
        np.minimum(gap, gaps[:, one], out=gap)
    return labels, gap


def _means(patterns, weights, labels, gap, centres):
    """The mean answers of each segment; a segment that lost everybody starts again at the worst placed pattern."""
    runs, k, items = centres.shape
    mine = (labels[:, None] == np.arange(k, dtype="int8")[:, None]) * weights[:, None]
    total, mine = mine.sum(axis=2), mine.reshape(runs * k, -1)
    count = total.reshape(-1, 1) if patterns.complete else mine @ patterns.there
    with np.errstate(invalid="ignore", divide="ignore"):
        new = np.where(count > 0, mine @ patterns.quick / count, centres.reshape(runs * k, items))
    new = new.reshape(runs, k, items)
    for run, one in zip(*np.nonzero(total <= 0), strict=True):
        worst = ((gap[run] + patterns.length) * (weights[run] > 0)).argmax()
        gap[run, worst] = -patterns.length[worst]  # the next one that is empty takes another
        new[run, one] = patterns.quick[worst]
    return new


def _exactly(patterns, weights, labels, k):
    """Centres and criterion of the segments found, in full precision."""
    centres, criteria = np.zeros((len(weights), k, patterns.filled.shape[1])), weights @ patterns.length
    there = patterns.there.astype("float64")
    for one in range(k):
        mine = weights * (labels == one)
        sums, count = mine @ patterns.filled, mine @ there
        np.divide(sums, count, out=centres[:, one], where=count > 0)
        criteria -= (sums * centres[:, one]).sum(axis=1)
    if patterns.kind == _FULL:  # the difference of two huge numbers says little: add up the distances
        for run, (weight, label) in enumerate(zip(weights, labels, strict=True)):
            criteria[run] = weight @ ((patterns.filled - centres[run, label]) ** 2 * there).sum(axis=1)
    return centres, criteria
