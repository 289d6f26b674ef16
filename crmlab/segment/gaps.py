"""Are there fewer people between segments than in them, or is the border drawn through a crowd?"""

from itertools import combinations

import numpy as np

from crmlab.engine.threads import one_thread

__all__ = ["least_gap"]

_PEOPLE = 500  # as many show where the crowd is
_NEAR = 0.25  # share of each segment's people who tell where its border runs
_FEW = 0.01  # with fewer people between them two segments are no neighbours
_STEPS = np.linspace(-1, 1, 11)  # from the middle of one segment to the middle of the other


def least_gap(patterns, centres, weight, rng):
    """Walk from each segment to its neighbours and see how far the crowd thins out on the way.

    The people nearest the border are moved along the line between both centres, and the density of
    people is taken at each step (Gaussian kernels in the space of the centres, for two centres with
    one axis more, as wide as the rule of Scott says, times √2). The gap is how far it falls below
    the lower of the two hills on either side: 0 where there is one hill or a plain, 1 where nobody
    stands between. A straight cut through a round cloud, a plain or a ring has no gap, however often
    samples repeat it. An answer that is missing counts as everybody's mean: where many are, a gap is
    told smaller than it is.

    Parameters
    ----------
    patterns : Patterns
    centres : ndarray of shape (k, n_items)
        As distances from ``patterns.middle``; two or more.
    weight : ndarray of shape (n_patterns,)
    rng : numpy.random.Generator
        Draws 500 people where there are more patterns.

    Returns
    -------
    float
        Of the two neighbours that are least apart, 0 to 1.

    References
    ----------
    D. W. Scott, *Multivariate Density Estimation*, 1992, for the width of the kernels.

    Examples
    --------
    >>> from crmlab.segment.lloyd import Patterns
    >>> def gap_of(numbers, cut):
    ...     patterns = Patterns(numbers[:, None], np.ones(400))
    ...     parts = (patterns.filled[numbers < cut], patterns.filled[numbers >= cut])
    ...     centres = np.stack([part.mean(axis=0) for part in parts])
    ...     return round(least_gap(patterns, centres, np.ones(400), np.random.default_rng(1)), 1)
    >>> people = np.random.default_rng(1).normal(size=400)
    >>> gap_of(people, 0), gap_of(people + 6 * (np.arange(400) % 2), 3)
    (0.0, 1.0)
    """
    people, weight = patterns.filled, weight.astype("float64")
    if len(people) > _PEOPLE:
        people = people[rng.choice(len(people), _PEOPLE, p=weight / weight.sum())]
        weight = np.ones(_PEOPLE)
    axes = _axes(centres, people, weight)
    people, centres = people @ axes.T, centres @ axes.T
    far = ((people[:, None] - centres) ** 2).sum(axis=2)
    own, second = np.argsort(far, axis=1)[:, :2].T
    rows = np.arange(len(people))
    lead, apart = far[rows, second] - far[rows, own], ((centres[own] - centres[second]) ** 2).sum(axis=1)
    foot = people + (lead / (2 * np.maximum(apart, 1e-300)))[:, None] * (centres[second] - centres[own])
    others = ((foot[:, None] - centres) ** 2).sum(axis=2).min(axis=1)
    at_border = others >= ((foot - centres[own]) ** 2).sum(axis=1) - 1e-9 * apart  # no third segment lies between
    gaps = []
    with one_thread():
        width = _width(people, far[rows, own], weight, _step(patterns, axes))
        for one, other in combinations(range(len(centres)), 2):
            sides = ((one, other), (other, one))
            near = [_nearest(rows[at_border & (own == a) & (second == b)], lead, weight, own == a) for a, b in sides]
            near = np.concatenate(near)
            if weight[near].sum() >= max(2, _FEW * weight.sum()):
                line = (centres[other] - centres[one]) / 2
                gaps.append(_fall([_crowd(foot[near] + at * line, near, people, weight, width) for at in _STEPS]))
    return float(min(gaps, default=1.0))


def _axes(centres, people, weight):
    """The space that the centres span: elsewhere no two segments differ.

    One axis alone sees two hills where a ring is looked at from the side: then the one along which
    people differ most beside it is looked at too.
    """
    _, size, axes = np.linalg.svd(centres - centres.mean(axis=0), full_matrices=False)
    axes = axes[size > 1e-9 * max(size[0], 1e-300)]
    if len(axes) > 1:
        return axes
    beside = people - np.average(people, axis=0, weights=weight)
    beside -= beside @ axes.T @ axes
    spread, ways = np.linalg.eigh(beside.T @ (weight[:, None] * beside))
    return np.concatenate([axes, ways[:, -1:].T]) if spread[-1] > 1e-9 * weight.sum() else axes


def _step(patterns, axes):
    """Square of the step from one answer to the next, as it is seen in the space of the centres."""
    seen = (axes**2).sum(axis=0)
    steps = np.zeros(len(seen))
    for item in np.flatnonzero(seen > 1e-9):
        values = (patterns.filled[:, item] + patterns.middle[item])[patterns.there[:, item] > 0]
        apart = np.diff(np.unique(values.round(9)))
        whole = np.abs(apart - apart.round()).max(initial=0) < 1e-6
        steps[item] = 1.0 if whole else apart.min()
    return seen**2 @ steps**2 / seen.sum()


def _width(people, far, weight, step):
    """Squared width of the kernels: no narrower than half a step of the answers."""
    spread = weight @ far / weight.sum() / people.shape[1]
    return max(2 * spread * weight.sum() ** (-2 / (people.shape[1] + 4)), step / 4, 1e-300)


def _nearest(rows, lead, weight, segment):
    """Those of some people who are nearest the border: a quarter of their segment."""
    rows = rows[np.argsort(lead[rows], kind="stable")]
    return rows[: np.searchsorted(weight[rows].cumsum(), _NEAR * weight[segment].sum()) + 1]


def _crowd(places, near, people, weight, width):
    """Mean density of people at these places, those who were moved there apart."""
    density = np.exp(_squares(places, people) / (-2 * width)) @ weight
    density -= np.exp(((places - people[near]) ** 2).sum(axis=1) / (-2 * width))
    return np.average(density, weights=weight[near])


def _fall(crowd):
    """How far a row of densities falls between two hills, as a share of the lower hill."""
    crowd = np.array(crowd)
    hills = np.minimum(np.maximum.accumulate(crowd), np.maximum.accumulate(crowd[::-1])[::-1])
    return (1 - crowd / np.maximum(hills, 1e-300)).max()


def _squares(one, other):
    squares = (one**2).sum(axis=1)[:, None] + (other**2).sum(axis=1) - 2 * one @ other.T
    return np.maximum(squares, 0, out=squares)
