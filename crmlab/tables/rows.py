"""Customers who are alike are counted once: a million are often a few thousand different ones."""

import numpy as np
import pandas as pd

__all__ = ["Plain", "Rows", "alike", "distinct", "numbered"]

_SMALL = 1_000


class Rows:
    """Distinct rows of numbers with their weights: a million customers are often a few thousand.

    Parameters
    ----------
    columns : dict of str to ndarray of shape (n_rows,)
        The numbers of each row.
    weight : ndarray of shape (n_rows,)
        How many customers each row stands for.

    Examples
    --------
    >>> Rows({"x": np.array([0, 2])}, np.array([5.0, 1.0])).total
    6.0
    """

    def __init__(self, columns, weight):
        self.columns, self.weight = columns, weight
        self.total = float(weight.sum())
        self._levels, self._over_levels = {}, {}

    def __getattr__(self, name):
        if name.startswith("_") or name not in self.columns:
            raise AttributeError(name)
        return self.columns[name]

    def __len__(self):
        return len(self.weight)

    def with_weight(self, weight):
        """Give the same rows other weights; rows of weight 0 stay.

        Parameters
        ----------
        weight : ndarray of shape (n_rows,)

        Returns
        -------
        Rows

        Examples
        --------
        >>> Rows({"x": np.array([0, 2])}, np.ones(2)).with_weight(np.array([3.0, 1.0])).total
        4.0
        """
        rows = Rows(self.columns, weight)
        rows._levels = self._levels
        return rows

    def levels(self, name, *, apart=False):
        """Give the different values of a column and which of them each row has: costly functions are worked out once.

        Parameters
        ----------
        name : str
            Name of the column.
        apart : bool, default=False
            Leave each row a level of its own: for functions in which the rows differ otherwise, too.

        Returns
        -------
        tuple
            (values, number of the value of each row, or what else picks it).

        Examples
        --------
        >>> Rows({"x": np.array([3, 0, 3])}, np.ones(3)).levels("x")
        (array([0, 3]), array([1, 0, 1]))
        """
        if apart:
            return self.columns[name], slice(None)
        if name not in self._levels:
            first, of_row = alike({name: self.columns[name]})
            self._levels[name] = self.columns[name][first], of_row
        return self._levels[name]

    def over_levels(self, name, what=None, *, apart=False):
        """Add up the weights of the rows of each level of a column, or the weights times another column.

        Parameters
        ----------
        name : str
            Name of the column.
        what : str, optional
            Name of the other.
        apart : bool, default=False
            As for `levels`.

        Returns
        -------
        ndarray of shape (n_levels,)

        Examples
        --------
        >>> rows = Rows({"x": np.array([3, 0, 3])}, np.array([1.0, 5.0, 2.0]))
        >>> rows.over_levels("x").tolist(), rows.over_levels("x", "x").tolist()
        ([5.0, 3.0], [0.0, 9.0])
        """
        if (name, what, apart) not in self._over_levels:
            added = self.weight if what is None else self.weight * self.columns[what]
            levels, of_row = self.levels(name, apart=apart)
            added = added if apart else np.bincount(of_row, added, len(levels))
            self._over_levels[name, what, apart] = added
        return self._over_levels[name, what, apart]

    def sample(self, size):
        """Take about `size` of them, evenly through the weights: always the same ones.

        Parameters
        ----------
        size : int

        Returns
        -------
        Rows

        Examples
        --------
        >>> Rows({"x": np.arange(10)}, np.ones(10)).sample(2).x.tolist()
        [2, 7]
        """
        running = np.cumsum(self.weight)
        points = (np.arange(size) + 0.5) * running[-1] / size
        chosen, counts = np.unique(np.searchsorted(running, points), return_counts=True)
        return Rows({name: column[chosen] for name, column in self.columns.items()}, counts.astype("float64"))


def distinct(columns, weight=None):
    """Count equal rows once, in an order that the order of customers does not touch.

    Parameters
    ----------
    columns : dict of str to ndarray of shape (n_customers,)
        Numbers of each customer.
    weight : ndarray of shape (n_customers,), optional
        How much each customer counts; without it 1.

    Returns
    -------
    Rows
        Sorted by the columns, the last first.

    Examples
    --------
    >>> rows = distinct({"x": np.array([2, 0, 2]), "T": np.array([5.0, 5.0, 5.0])})
    >>> rows.x.tolist(), rows.weight.tolist()
    ([0, 2], [1.0, 2.0])
    """
    first, codes = alike(columns)
    weight = np.bincount(codes, weights=weight, minlength=len(first)).astype("float64")
    return Rows({name: array[first] for name, array in columns.items()}, weight)


def alike(columns):
    """Number the rows so that equal rows, and only they, have the same number.

    Parameters
    ----------
    columns : dict of str to ndarray of shape (n_rows,)
        Numbers of each row.

    Returns
    -------
    tuple of ndarray
        (a row of each kind, of shape (n_kinds,); the kind of each row, of shape (n_rows,)). Kinds
        are sorted by the columns, the last first.

    Examples
    --------
    >>> first, kind = alike({"x": np.array([2, 0, 2])})
    >>> first.tolist(), kind.tolist()
    ([1, 0], [1, 0, 1])
    """
    return numbered(*_key(columns))


def numbered(key, cells):
    """Number rows of equal keys alike.

    Parameters
    ----------
    key : ndarray of shape (n_rows,), int
        0 or more.
    cells : int
        How many different keys there can be.

    Returns
    -------
    tuple of ndarray
        As from `alike`; kinds are sorted by the key.

    Examples
    --------
    >>> first, kind = numbered(np.array([7, 3, 7]), 8)
    >>> first.tolist(), kind.tolist()
    ([1, 0], [1, 0, 1])
    """
    n = len(key)
    if cells <= 4 * n:  # a place for each possible kind, most of them taken
        first = np.full(cells, -1)
        first[key[::-1]] = np.arange(n - 1, -1, -1)
        kinds = np.flatnonzero(first >= 0)
        place = np.empty(cells, dtype="int64")
        place[kinds] = np.arange(len(kinds))
        return first[kinds], place[key]
    codes, kinds = pd.factorize(key)
    first = np.empty(len(kinds), dtype="int64")
    first[codes[::-1]] = np.arange(n - 1, -1, -1)
    order = np.argsort(kinds)
    place = np.empty(len(order), dtype="int64")
    place[order] = np.arange(len(order))
    return first[order], place[codes]


def _key(columns):
    """One whole number per row that sorts as the columns do, the last first, and how many there can be."""
    key, cells = None, 1
    for array in reversed(columns.values()):
        codes, levels = _ranked(np.asarray(array, dtype="float64"))
        if cells * levels >= 2**62:  # too many to be told apart by one number: leave out those that are not there
            taken, key = np.unique(key, return_inverse=True)
            cells = len(taken)
        key = codes if key is None else key * levels + codes
        cells *= levels
    return key, cells


def _ranked(values):
    """Whole numbers that rise as the values do, and how many there can be; small whole numbers are that already."""
    if len(values) and values.min() >= 0 and values.max() < _SMALL:
        whole = values.astype("int64")
        if (whole == values).all():
            return whole, int(whole.max()) + 1
    codes, kinds = pd.factorize(values)
    order = np.argsort(kinds)
    rank = np.empty(len(order), dtype="int64")
    rank[order] = np.arange(len(order))
    return rank[codes], len(kinds)


class Plain:
    """Rows as the caller has them, one each.

    Parameters
    ----------
    columns : dict of str to ndarray of shape (n_customers,)
        With x, tx and T.

    Examples
    --------
    >>> Plain({"x": np.zeros(1), "tx": np.zeros(1), "T": np.ones(1)}).T.tolist()
    [1.0]
    """

    def __init__(self, columns):
        self.columns = columns
        self.x, self.tx, self.T = columns["x"], columns["tx"], columns["T"]
