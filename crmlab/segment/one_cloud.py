"""Answers of the same people if there were no segments: one cloud with the same items and the same correlations."""

import numpy as np
from scipy.optimize import isotonic_regression
from scipy.special import ndtri

__all__ = ["OneCloud"]

_DRAWN = 20_000
_ROUNDS = 6
_BANDS, _STEPS = 20, 30
_BY_CHANCE = 0.35  # of the square root of bands by people: so far a margin differs from one hill by chance alone


class OneCloud:
    """Draws answers that have no segments in them, but all else.

    A Gaussian copula: every item keeps its own distribution of answers and every pair of items its
    correlation, but apart from these there is nothing (the parametric bootstrap against
    clustering of C. Hennig and C.-J. Lin, *Flexible parametric bootstrap for testing homogeneity
    against clustering*, Statistics and Computing 25, 2015). An item whose answers have several hills
    is given the nearest distribution with one: two hills in an item are two segments already.

    Parameters
    ----------
    values : ndarray of shape (n_patterns, n_items)
        NaN where an answer is missing.
    weight : ndarray of shape (n_patterns,)
    rng : numpy.random.Generator

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> cloud = OneCloud(np.array([[0.0, 0.0], [1.0, 1.0]]), np.array([3.0, 1.0]), rng)
    >>> drawn = cloud.draw(1000, rng)
    >>> bool((drawn[:, 0] == drawn[:, 1]).mean() > 0.95), bool(0.2 < drawn.mean() < 0.3)
    (True, True)
    """

    def __init__(self, values, weight, rng):
        self._items = [_quantiles(column, weight) for column in values.T]
        wanted = _correlation(values, weight)
        normal = rng.standard_normal((_DRAWN, values.shape[1]))
        latent = wanted
        for _ in range(_ROUNDS):  # cutting a normal variable into answers weakens its correlations: start stronger
            self._root = _root(latent)
            reached = _correlation(self._answers(normal @ self._root.T), np.ones(_DRAWN))
            latent = np.clip(latent + (wanted - reached), -0.999, 0.999)
            np.fill_diagonal(latent, 1.0)
        self._root = _root(latent)

    def draw(self, people, rng):
        """Draw the answers of so many people.

        Parameters
        ----------
        people : int
        rng : numpy.random.Generator

        Returns
        -------
        ndarray of shape (people, n_items)
        """
        return self._answers(rng.standard_normal((people, len(self._items))) @ self._root.T)

    def _answers(self, normal):
        columns = [
            answers[np.searchsorted(edges, column)]
            for (answers, edges), column in zip(self._items, normal.T, strict=True)
        ]
        return np.stack(columns, axis=1)


def _quantiles(column, weight):
    """The different answers, and the edges between them on a normal scale."""
    told = ~np.isnan(column)
    answers, place = np.unique(column[told], return_inverse=True)
    share = np.bincount(place, weights=weight[told])
    people = share.sum()
    answers, share = _one_hill(answers, share / people, people)
    return answers, ndtri(np.clip(share.cumsum()[:-1] / share.sum(), 0, 1))


def _one_hill(answers, share, people):
    """Answers and their shares, with one hill; as they are where they have no second beyond chance."""
    if len(answers) < 3:
        return answers, share
    if (answers % 1 == 0).all() and answers[-1] - answers[0] < _STEPS:
        edges = np.arange(answers[0], answers[-1] + 2) - 0.5  # an answer that nobody gave is one too
        further = edges[:-1] + 0.5
    else:
        edges = np.unique(np.interp(np.linspace(0, 1, _BANDS + 1), share.cumsum() - share / 2, answers))
        further = (edges[:-1, None] + np.diff(edges)[:, None] * (np.arange(5) + 0.5) / 5).ravel()
    bands, width = len(edges) - 1, np.diff(edges)
    band = np.clip(np.searchsorted(edges, answers, side="right") - 1, 0, bands - 1)
    own = np.bincount(band, weights=share, minlength=bands)
    hill = _hill(own / width, width) * width
    if np.abs(hill - own).sum() / 2 <= _BY_CHANCE * np.sqrt(bands / people):
        return answers, share
    kept = share * np.minimum(hill / np.where(own > 0, own, 1), 1)[band]  # too many leave, too few get evenly more
    more = np.repeat(np.maximum(hill - own, 0), len(further) // bands) / (len(further) // bands)
    answers, place = np.unique(np.append(answers, further), return_inverse=True)
    share = np.bincount(place, weights=np.append(kept, more))
    return answers[share > 0], share[share > 0]


def _hill(height, width):
    """The nearest heights (least squares) that rise to one band and fall from it."""
    best = None
    for top in range(len(height)):
        rising = isotonic_regression(height[: top + 1], weights=width[: top + 1]).x
        falling = isotonic_regression(height[top + 1 :], weights=width[top + 1 :], increasing=False).x
        both = np.append(rising, falling)
        off = width @ (both - height) ** 2
        if best is None or off < best[0]:
            best = off, both
    return best[1]


def _correlation(values, weight):
    """Correlations between items, each pair over the people who answered both."""
    there = (~np.isnan(values)).astype("float64")
    known = np.where(there, values, 0)
    gaps = np.where(there, known - weight @ known / (weight @ there), 0)
    weighted = gaps * weight[:, None]
    spread = (weighted * gaps).T @ there  # of each item over the people who answered the other too
    return weighted.T @ gaps / np.sqrt(np.maximum(spread * spread.T, 1e-300))


def _root(matrix):
    """A square root of the nearest correlation matrix."""
    values, vectors = np.linalg.eigh(matrix)
    root = vectors * np.sqrt(np.maximum(values, 1e-8))
    return root / np.sqrt((root**2).sum(axis=1))[:, None]
