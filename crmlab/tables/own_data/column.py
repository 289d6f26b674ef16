"""What every reader of a column works on, and what it gives back."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crmlab.errors import few
from crmlab.tables.own_data.words import NOTHING, short

__all__ = ["Column", "Reading"]


@dataclass
class Column:
    """One column of an export, its different values once each.

    Parameters
    ----------
    where : str
        File and column, for messages.
    texts : pyarrow.Array of large_string
        The cells; words for nothing (NULL, n/a, a dash) count as missing.
    lines : ndarray of int
        Where each cell stands in the source.
    numbers : ndarray of bool, optional
        Which cells were typed numbers in the source.

    Attributes
    ----------
    distinct : pyarrow.Array of large_string
        The different values.
    codes : ndarray of int
        For each cell the position of its value; -1 where it is missing.

    Examples
    --------
    >>> column = Column("orders.csv, column 'Datum'", pa.array(["a", None, "b", "a", "n/a"]), np.arange(2, 7))
    >>> column.distinct.to_pylist(), column.codes, column.show([1])
    (['a', 'b'], array([ 0, -1,  1,  0, -1]), 'b (line 4)')
    """

    where: str
    texts: pa.Array
    lines: np.ndarray
    numbers: np.ndarray | None = None
    distinct: pa.Array = field(init=False)
    codes: np.ndarray = field(init=False)

    def __post_init__(self):
        words = self.texts.cast(pa.large_string()).dictionary_encode()
        values = words.dictionary
        codes = np.asarray(words.indices.cast(pa.int64()).fill_null(-1))
        empty = np.asarray(pc.is_in(pc.utf8_lower(values), pa.array(NOTHING, pa.large_string())))
        to = np.append(np.where(empty, -1, np.cumsum(~empty) - 1), -1)
        self.distinct, self.codes = values.filter(pa.array(~empty)), to[codes]

    @property
    def missing(self):
        """Which cells hold nothing."""
        return self.codes < 0

    def spread(self, per_value, nothing):
        """Hand what was found for each value to each cell; a missing cell gets ``nothing``."""
        return np.append(per_value, np.array([nothing], dtype=per_value.dtype))[self.codes]

    def show(self, which, most=3):
        """Show some values (by position), each with the first line it stands in."""
        which = list(which)
        lines = [self.lines[np.argmax(self.codes == at)] for at in which[:most]]
        texts = [short(self.distinct[at].as_py()) for at in which[:most]]
        shown = [f"{text} (line {line})" for text, line in zip(texts, lines, strict=True)]
        return few([*shown, *which[most:]], most)


@dataclass
class Reading:
    """A column as it was read.

    Parameters
    ----------
    series : pandas.Series
        One value per cell; missing where there was nothing or it could not be read.
    unreadable : ndarray of bool
        Cells that held something which could not be read.
    how : str
        How the column was read, in words.
    cautions : list of str
        What the reader should look at.
    currency : dict of str to str
        Currencies met, each with where it was met first; for money only.

    Examples
    --------
    >>> Reading(pd.Series([120, None], dtype="Int64"), np.array([False, True]), "decimal comma").cautions
    []
    """

    series: pd.Series
    unreadable: np.ndarray
    how: str
    cautions: list = field(default_factory=list)
    currency: dict = field(default_factory=dict)
