"""What a graph of links looks like: its connected parts, and the links that alone hold a part together."""

import numpy as np

__all__ = ["bridges", "parts", "strongest_tree"]


def parts(n, left, right):
    """Number the connected parts of a graph.

    Parameters
    ----------
    n : int
        Number of nodes.
    left, right : ndarray of int
        The two ends of each link, 0 to n − 1.

    Returns
    -------
    ndarray of shape (n,), dtype int64
        The part of each node, numbered from 0 in the order of their first nodes.

    Examples
    --------
    >>> parts(4, np.array([0]), np.array([2])).tolist()
    [0, 1, 0, 2]
    """
    from scipy.sparse.csgraph import connected_components

    _, labels = connected_components(_matrix(n, left, right), directed=False)
    first = np.unique(labels, return_index=True)[1]
    order = np.empty(len(first), dtype="int64")
    order[np.argsort(first)] = np.arange(len(first))
    return order[labels]


def bridges(n, left, right):
    """Find the links whose loss would break a connected part in two.

    A spanning forest is walked level by level; with nodes numbered in preorder, the link above node v is a bridge
    exactly when no other link leads out of the nodes under v.

    Parameters
    ----------
    n : int
        Number of nodes.
    left, right : ndarray of int
        The two ends of each link, 0 to n − 1; no link twice, none from a node to itself.

    Returns
    -------
    ndarray of shape (n_links,), dtype bool

    References
    ----------
    R. E. Tarjan, A note on finding the bridges of a graph, *Information Processing Letters* 2(6), 1974.

    Examples
    --------
    A triangle and a tail:

    >>> bridges(4, np.array([0, 1, 0, 2]), np.array([1, 2, 2, 3])).tolist()
    [False, False, False, True]
    """
    if not len(left):
        return np.zeros(0, dtype=bool)
    order, above, levels = _forest(n, left, right)
    size = np.ones(n + 1, dtype="int64")
    for start, end in levels[:0:-1]:
        below = order[start:end]
        np.add.at(size, above[below], size[below])
    place = _preorder(order, above, size, levels)
    is_tree = (above[left] == right) | (above[right] == left)
    low, high = place.copy(), place.copy()
    for one, other in ((left, right), (right, left)):
        np.minimum.at(low, one[~is_tree], place[other[~is_tree]])
        np.maximum.at(high, one[~is_tree], place[other[~is_tree]])
    for start, end in levels[:0:-1]:
        below = order[start:end]
        np.minimum.at(low, above[below], low[below])
        np.maximum.at(high, above[below], high[below])
    closed = (low >= place) & (high < place + size)
    lower = np.where(above[left] == right, left, right)
    return is_tree & closed[lower]


def strongest_tree(n, left, right, probability):
    """Find the links that hold each connected part together at the strongest.

    Parameters
    ----------
    n : int
        Number of nodes.
    left, right : ndarray of int
        The two ends of each link, 0 to n − 1, the smaller first; no link twice.
    probability : ndarray of float64
        Of each link, 0 to 1.

    Returns
    -------
    ndarray of int64
        The places of the links of a maximum spanning forest.

    Examples
    --------
    >>> strongest_tree(3, np.array([0, 0, 1]), np.array([1, 2, 2]), np.array([0.9, 0.6, 0.8])).tolist()
    [0, 2]
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import minimum_spanning_tree

    tree = minimum_spanning_tree(coo_array((2 - probability, (left, right)), shape=(n, n)).tocsr()).tocoo()
    held = np.isin(left * np.int64(n) + right, tree.row * np.int64(n) + tree.col)
    return np.flatnonzero(held)


def _matrix(n, left, right):
    from scipy.sparse import coo_array

    return coo_array((np.ones(len(left), dtype="int8"), (left, right)), shape=(n, n)).tocsr()


def _forest(n, left, right):
    """Walk all parts breadth first from node n, which is tied to one node of each part.

    Returns the nodes in the order of the walk, the node above each, and where each level starts and ends.
    """
    from scipy.sparse.csgraph import breadth_first_order

    roots = np.unique(parts(n, left, right), return_index=True)[1]
    top = np.full(len(roots), n)
    both = _matrix(n + 1, np.concatenate([left, right, top]), np.concatenate([right, left, roots]))
    order, above = breadth_first_order(both, n, directed=True, return_predecessors=True)
    position = np.empty(n + 1, dtype="int64")
    position[order] = np.arange(n + 1)
    from_position = position[above[order[1:]]]  # rising, since the walk is breadth first
    levels = [(0, 1)]
    while levels[-1][1] <= n:
        end = levels[-1][1]
        levels.append((end, 1 + int(np.searchsorted(from_position, end, side="left"))))
    return order, above.astype("int64"), levels


def _preorder(order, above, size, levels):
    """Number the nodes so that those under a node follow it without a gap."""
    walked = size[order]
    before = np.cumsum(walked) - walked
    over = above[order[1:]]
    is_first = np.concatenate([[True], over[1:] != over[:-1]])
    first = np.maximum.accumulate(np.where(is_first, np.arange(1, len(order)), 0))
    place = np.zeros(len(order), dtype="int64")
    for start, end in levels[1:]:
        below = order[start:end]
        earlier = before[start:end] - before[first[start - 1 : end - 1]]
        place[below] = place[above[below]] + 1 + earlier
    return place
