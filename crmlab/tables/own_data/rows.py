"""Tell the rows of a table from what only stands between them: repeated names, totals."""

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crmlab.tables.own_data.words import TOTAL

__all__ = ["Rows", "repeated_names", "totals"]

_REST = re.compile(r"[\s:.]*|.*[:\d].*")


class Rows:
    """Which rows stay, and why the others go.

    Parameters
    ----------
    size : int
        How many rows there are.

    Examples
    --------
    >>> rows = Rows(3)
    >>> rows.drop(np.array([False, True, False]), "total row")
    >>> rows.drop(np.array([False, True, True]), "no date")
    >>> rows.kept.tolist(), rows.reason.tolist()
    ([True, False, False], ['', 'total row', 'no date'])
    """

    def __init__(self, size):
        self.reason = np.full(size, "", object)

    @property
    def kept(self):
        """Rows with no reason to go."""
        return self.reason == ""

    def drop(self, which, reason):
        """Give rows a reason to go; the first reason stays."""
        self.reason[which & self.kept] = reason


def repeated_names(grid):
    """Find rows that only repeat the names of the columns, as printed pages do.

    Parameters
    ----------
    grid : Grid
        The source.

    Returns
    -------
    ndarray of bool

    Examples
    --------
    >>> from crmlab.tables.own_data.source import from_frame
    >>> repeated_names(from_frame("orders", pd.DataFrame({"Kupac": ["7", "Kupac"], "Iznos": ["2", "Iznos"]}))).tolist()
    [False, True]
    """
    same = np.full(len(grid.lines), any(grid.header))
    for name, written in zip(grid.names, grid.header, strict=True):
        if written:
            same &= np.asarray(pc.fill_null(pc.equal(grid.column(name), written), False))
        if not same.any():
            break
    return same


def totals(grid, where, ids):
    """Find rows of totals, such as ``Ukupno`` or ``Total``.

    Parameters
    ----------
    grid : Grid
        The source.
    where : ndarray of bool
        Rows that lack what a row needs: there, one cell with such a word is enough.
    ids : str
        Name of the column with the customer; elsewhere the word must stand there,
        alone or with a number.

    Returns
    -------
    ndarray of bool

    Examples
    --------
    >>> from crmlab.tables.own_data.source import from_frame
    >>> grid = from_frame("orders", pd.DataFrame({"Kupac": ["7", "Ukupno:", None], "Opis": ["x", None, "Total"]}))
    >>> totals(grid, np.array([False, False, True]), "Kupac").tolist()
    [False, True, True]
    """
    found = _cells_that(grid.column(ids), lambda text: (hit := TOTAL.match(text)) and _REST.fullmatch(text, hit.end()))
    at = np.flatnonzero(where)
    for name in grid.names if len(at) else ():
        found[at] |= _cells_that(grid.column(name).take(pa.array(at)), TOTAL.match)
    return found


def _cells_that(cells, test):
    """Test each distinct text once."""
    words = cells.dictionary_encode()
    yes = np.array([bool(test(text)) for text in words.dictionary.to_pylist()] + [False])
    return yes[np.asarray(words.indices.fill_null(len(yes) - 1))]
