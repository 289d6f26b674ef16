"""Who can be recognised in a selection though no name is in it, and what to say less of."""

import html

import numpy as np
import pandas as pd

from crmlab.quality.groups import checked_columns, checked_smallest, coarser, labels, sizes

__all__ = ["KAnonymity", "Suppressed", "k_anonymity", "suppress"]

_SHOWN = 8


class KAnonymity:
    """How well people hide among each other in a selection.

    Made by :func:`k_anonymity`.

    Parameters
    ----------
    selection : pandas.DataFrame
    columns : list of str
    smallest : int

    Attributes
    ----------
    k : int
        Rows in the smallest group; 0 when there is no row.
    groups : pandas.DataFrame
        One row per group, smallest first: the columns, and rows.
    rows : pandas.DataFrame
        The rows of the selection that stand out, with group_rows: how many are alike.
    coarser : pandas.DataFrame
        What could be said less of: column, coarsen (how), k after it, standing_out
        (rows), groups. The step after which fewest stand out comes first.

    Examples
    --------
    >>> people = pd.DataFrame({"postcode": ["10000", "10000", "10010", "21000"], "gender": ["f", "f", "f", "m"]})
    >>> found = k_anonymity(people, ["postcode", "gender"], smallest=2)
    >>> found.k, found.rows.index.tolist()
    (1, [2, 3])
    """

    def __init__(self, selection, columns, smallest):
        self.columns, self.smallest = columns, smallest
        series = [selection[column] for column in columns]
        group, size = sizes(series)
        self._n = len(selection)
        self.k = int(size.min()) if len(size) else 0
        self.groups = _listed(series, group, size)
        out = size < smallest
        self.rows = selection[out].assign(group_rows=size[out])
        self.coarser = self._steps(series)

    def _steps(self, series):
        steps = []
        for place, column in enumerate(series):
            for how, changed in {**coarser(column), "leave it out": None}.items():
                rest = [*series[:place], *([] if changed is None else [changed]), *series[place + 1 :]]
                group, size = sizes(rest) if rest else (np.zeros(self._n, int), np.full(self._n, self._n))
                k, out = (int(size.min()), int((size < self.smallest).sum())) if len(size) else (0, 0)
                steps.append([column.name, how, k, out, len(np.unique(group))])
        table = pd.DataFrame(steps, columns=["column", "coarsen", "k", "standing_out", "groups"])
        order = np.lexsort([-table["groups"], table["standing_out"]])  # of equal steps the one that keeps most
        return table.iloc[order].reset_index(drop=True)

    def __repr__(self):
        return "\n".join([self._headline(), "", self.coarser.head(_SHOWN).to_string(index=False)])

    def _repr_html_(self):
        table = self.coarser.head(_SHOWN).to_html(index=False, border=0, justify="left")
        return f"<p><b>{html.escape(self._headline())}</b></p><p>What would help, one step at a time:</p>{table}"

    def _headline(self):
        named = ", ".join(map(str, self.columns))
        if not self._n:
            return "There is no row in the selection: nobody can be recognised."
        if not len(self.rows):
            return f"Nobody stands out: at least {self.k:,} rows are alike in {named}."
        some = f"{len(self.rows):,} of {self._n:,} rows ({len(self.rows) / self._n:.1%})"
        alike = "is alone" if self.k == 1 else f"has only {self.k} rows"
        return f"{some} stand out by {named}: fewer than {self.smallest} are alike; the smallest group {alike}."


def k_anonymity(selection, columns, *, smallest=5):
    """Find who could be recognised in a selection by columns that others know too.

    No name is needed to find a person: postcode, day of birth and gender together are
    nearly as good. Rows alike in all these columns form a group; the smallest group's
    size is k, and whoever is in a small one stands out. A gap is a value of its own.

    Parameters
    ----------
    selection : pandas.DataFrame of shape (n_rows, …)
        What is to be used or handed on.
    columns : list of str
        Quasi-identifiers: columns that others could know of a person.
    smallest : int, default=5
        Rows a group must have at least.

    Returns
    -------
    KAnonymity
        With ``.k``, ``.groups``, ``.rows`` that stand out, and what to coarsen.

    Raises
    ------
    CrmlabError
        When a column is missing, or `smallest` is below 2.

    References
    ----------
    L. Sweeney, k-anonymity: a model for protecting privacy, 2002.

    Examples
    --------
    >>> people = pd.DataFrame({
    ...     "postcode": ["10000"] * 3 + ["10010"] * 2 + ["21000"],
    ...     "born": [1980, 1980, 1980, 1980, 1980, 1951],
    ... })
    >>> k_anonymity(people, ["postcode", "born"], smallest=3)
    3 of 6 rows (50.0%) stand out by postcode, born: fewer than 3 are alike; the smallest group is alone.
    <BLANKLINE>
      column       coarsen  k  standing_out  groups
    postcode first 3 signs  1             1       2
    postcode first 2 signs  1             1       2
    postcode    first sign  1             1       2
    postcode  leave it out  1             1       2
        born   bands of 10  1             3       3
        born  bands of 100  1             3       3
        born  leave it out  1             3       3
    """
    columns = checked_columns(selection, columns, where="columns")
    return KAnonymity(selection, columns, checked_smallest(smallest))


class Suppressed:
    """A selection without the groups that are too small, and what that cost.

    Made by :func:`suppress`.

    Parameters
    ----------
    kept : pandas.DataFrame
    left_out : pandas.DataFrame
        One row per group that was too small: the columns, and rows.
    columns : list of str
    smallest : int

    Attributes
    ----------
    kept : pandas.DataFrame
        The rows that may be used, as they were.
    left_out : pandas.DataFrame
        As above.

    Examples
    --------
    >>> suppress(pd.DataFrame({"segment": ["a", "a", "b"]}), "segment", smallest=2).left_out
      segment  rows
    0       b     1
    """

    def __init__(self, kept, left_out, columns, smallest):
        self.kept, self.left_out, self.columns, self.smallest = kept, left_out, columns, smallest

    def __len__(self):
        return len(self.kept)

    def __repr__(self):
        out, named = int(self.left_out["rows"].sum()), ", ".join(map(str, self.columns))
        told = f"{len(self.kept):,} of {len(self.kept) + out:,} rows kept."
        if not out:
            return f"{told} Every group by {named} has {self.smallest} rows or more."
        n = len(self.left_out)
        return f"{told} {n:,} group{'s' * (n > 1)} by {named} had fewer than {self.smallest}: {out:,} rows left out."

    def _repr_html_(self):
        table = self.left_out.head(_SHOWN).to_html(index=False, border=0, justify="left") if len(self.left_out) else ""
        return f"<p><b>{html.escape(repr(self))}</b></p>{table}"


def suppress(selection, columns, *, smallest=5):
    """Leave out groups that are too small to be spoken of, and say what was left out.

    Parameters
    ----------
    selection : pandas.DataFrame of shape (n_rows, …)
    columns : str or list of str
        What makes the groups, such as a segment, or the columns others know.
    smallest : int, default=5
        Rows a group must have to be kept.

    Returns
    -------
    Suppressed
        ``.kept`` are the rows that may be used; ``.left_out`` the groups that may not.

    Raises
    ------
    CrmlabError
        When a column is missing, or `smallest` is below 2.

    Examples
    --------
    >>> people = pd.DataFrame({"segment": ["loyal"] * 6 + ["gone"] * 2})
    >>> suppress(people, "segment")
    6 of 8 rows kept. 1 group by segment had fewer than 5: 2 rows left out.
    """
    columns = checked_columns(selection, columns, where="columns")
    smallest = checked_smallest(smallest)
    group, size = sizes([selection[column] for column in columns])
    groups = _listed([selection[column] for column in columns], group, size)
    return Suppressed(selection[size >= smallest], groups[groups["rows"] < smallest], columns, smallest)


def _listed(series, group, size):
    """Each group once, smallest first."""
    first = np.unique(group, return_index=True)[1]
    first = first[np.argsort(size[first], kind="stable")]
    groups = pd.DataFrame({column.name: labels(column.iloc[first]).to_numpy() for column in series})
    return groups.assign(rows=size[first])
