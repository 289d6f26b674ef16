"""A table that is being written over cell by cell, and the log of it."""

import numpy as np
import pandas as pd
import pyarrow as pa

from crmlab.simulate.columns import calendar, days, texts, words

__all__ = ["Sheet"]


class Sheet:
    """Read and write single cells of a table as text, and keep account of it.

    Parameters
    ----------
    table : pandas.DataFrame
        It stays as it was.
    columns : sequence of str
        The columns that may be written over.
    kinds : sequence of str
        The kinds of error that may be logged.

    Examples
    --------
    >>> sheet = Sheet(pd.DataFrame({"city": pd.Categorical(["Split", "Zadar"])}), ["city"], ["upper_case"])
    >>> sheet.write("upper_case", "city", np.array([1]), sheet.read("city", np.array([1])), ["ZADAR"])
    >>> sheet.table(np.array([1, 0]))["city"].tolist(), sheet.log["after"].tolist()
    (['ZADAR', 'Split'], ['ZADAR'])
    """

    def __init__(self, table, columns, kinds):
        self._table, self._kinds = table, tuple(kinds)
        self._columns = {name: _column(table[name]) for name in columns}
        self._edits = []

    def read(self, column, rows):
        """The texts of some cells; None where there is nothing."""
        return self._columns[column].read(rows)

    def is_empty(self, column):
        """Whether a column has nothing in it at all."""
        return bool(self._table[column].isna().all())

    def write(self, kind, column, rows, before, after):
        """Write over those of some cells whose text changes, and log it."""
        changed = [n for n, (old, new) in enumerate(zip(before, after, strict=True)) if old != new]
        if changed:
            rows, new = rows[changed], [after[n] for n in changed]
            self._columns[column].write(rows, new)
            self._edits.append((kind, column, rows, [before[n] for n in changed], new))

    def table(self, order):
        """The table as it is now, its rows in this order."""
        edited = {name: column for name, column in self._columns.items() if column.fresh}
        columns = {
            name: edited[name].done(order) if name in edited else self._table[name].array.take(order)
            for name in self._table
        }
        return pd.DataFrame(columns, copy=False)

    @property
    def log(self):
        """One row per edit, in the order in which they were made: row, column, operation, before, after."""
        counts = [len(rows) for _, _, rows, *_ in self._edits]
        kinds, columns = ([edit[place] for edit in self._edits] for place in (0, 1))
        return pd.DataFrame(
            {
                "row": np.concatenate([np.zeros(0, np.int64), *(rows for _, _, rows, *_ in self._edits)]),
                "column": _named(columns, self._columns, counts),
                "operation": _named(kinds, self._kinds, counts),
                "before": _flat(edit[3] for edit in self._edits),
                "after": _flat(edit[4] for edit in self._edits),
            }
        )


def _named(names, choices, counts):
    place = {name: n for n, name in enumerate(choices)}
    return words(np.repeat(np.array([place[name] for name in names], np.int8), np.array(counts, np.int64)), place)


def _flat(parts):
    return texts(pa.array([text for part in parts for text in part], pa.large_string()))


def _column(values):
    if isinstance(values.dtype, pd.CategoricalDtype):
        return _Words(values)
    return _Days(values) if isinstance(values.dtype, pd.DatetimeTZDtype) else _Texts(values)


class _Texts:
    """Texts, each its own."""

    def __init__(self, values):
        found = pa.Array.from_pandas(values)
        found = found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found
        self.base = found.cast(pa.large_string())
        self.at = np.arange(len(self.base))
        self.fresh = []

    def read(self, rows):
        at, size = self.at[rows], len(self.base)
        if not self.fresh:
            return self._old(at)
        late = at >= size
        out = self._old(np.where(late, -1, at))
        for n in np.flatnonzero(late):
            out[n] = self.fresh[at[n] - size]
        return out

    def _old(self, at):
        return self.base.take(pa.array(at, mask=at < 0)).to_pylist()

    def write(self, rows, new):
        self.at[rows] = len(self.base) + len(self.fresh) + np.arange(len(rows))
        self.fresh.extend(new)

    def done(self, order):
        now = pa.concat_arrays([self.base, pa.array(self.fresh, pa.large_string())])
        return texts(now.take(pa.array(self.at[order])))


class _Words(_Texts):
    """Repeated words; new ones are added to the known ones."""

    def __init__(self, values):
        self.base = pa.array(values.cat.categories, pa.large_string())
        self.at = values.cat.codes.to_numpy().astype(np.int64)
        self.fresh = []

    def done(self, order):
        place = {word: n for n, word in enumerate(self.base.to_pylist())}
        known = np.array([place.setdefault(word, len(place)) for word in self.fresh])
        size = len(self.base)
        late = self.at >= size
        self.at[late] = known[self.at[late] - size]
        return words(self.at[order].astype(np.int32), place)


class _Days:
    """Calendar days, read and written year first."""

    def __init__(self, values):
        self.empty = values.isna().to_numpy().copy()
        self.at = calendar(values).copy()
        self.fresh = False

    def read(self, rows):
        found = np.datetime_as_string(self.at[rows]).tolist()
        return [None if empty else day for day, empty in zip(found, self.empty[rows], strict=True)]

    def write(self, rows, new):
        self.at[rows], self.empty[rows], self.fresh = np.array(new, "M8[D]"), False, True

    def done(self, order):
        is_empty = self.empty[order]
        return days(np.where(is_empty, 0, self.at[order].astype(np.int64)), is_empty)
