"""How alike two ways of grouping the same people are."""

import numpy as np

__all__ = ["adjusted_rand", "best_jaccard", "origins"]


def adjusted_rand(table):
    """Say how far two groupings of the same people agree: 1 when they are the same, about 0 by chance.

    L. Hubert and P. Arabie, *Comparing partitions*, Journal of Classification 2, 1985.

    Parameters
    ----------
    table : ndarray of shape (n_groups, n_other_groups)
        How many people are in each pair of groups.

    Returns
    -------
    float

    Examples
    --------
    >>> adjusted_rand(np.array([[3, 0], [0, 3]])), round(adjusted_rand(np.array([[2, 1], [1, 2]])), 3)
    (1.0, -0.111)
    """
    both, one, other = _pairs(table), _pairs(table.sum(axis=1)), _pairs(table.sum(axis=0))
    by_chance = one * other / max(_pairs(table.sum()), 1e-300)
    most = (one + other) / 2
    return 1.0 if most == by_chance else float((both - by_chance) / (most - by_chance))


def best_jaccard(table):
    """For each group, the overlap with the other grouping's group that is most like it.

    Parameters
    ----------
    table : ndarray of shape (n_groups, n_other_groups)
        How many people are in each pair of groups.

    Returns
    -------
    ndarray of shape (n_groups,)
        People in both by people in either, 0 to 1.

    Examples
    --------
    >>> best_jaccard(np.array([[3, 1], [0, 4]])).tolist()
    [0.75, 0.8]
    """
    either = table.sum(axis=1)[:, None] + table.sum(axis=0)[None] - table
    return (table / np.maximum(either, 1e-300)).max(axis=1)


def origins(table):
    """Say of each group whether its people come from one group of another solution (1) or from all alike (0).

    One less the entropy of where they come from, by its largest possible value (S. Dolnicar and
    F. Leisch, *Using segment level stability to select target segments*, Marketing Letters 28, 2017).

    Parameters
    ----------
    table : ndarray of shape (n_groups, n_other_groups)
        How many people are in each pair of groups.

    Returns
    -------
    ndarray of shape (n_groups,)

    Examples
    --------
    >>> origins(np.array([[4, 0], [2, 2]])).tolist()
    [1.0, 0.0]
    """
    if table.shape[1] == 1:
        return np.ones(len(table))
    share = table / np.maximum(table.sum(axis=1)[:, None], 1e-300)
    entropy = -(share * np.log(np.where(share > 0, share, 1))).sum(axis=1)
    return 1 - entropy / np.log(table.shape[1])


def _pairs(counts):
    return float((counts * (counts - 1.0)).sum() / 2)
