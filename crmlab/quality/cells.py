"""A column as its different texts and the place of each row's among them: rules look at each text once."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["Cells", "as_dates", "cells_of"]


class Cells:
    """The texts of one column, each different one once.

    Parameters
    ----------
    codes : ndarray of int32, shape (n_rows,)
        Place of each row's text among the different ones, -1 where there is nothing.
    texts : pyarrow.Array of large_string
        The different texts, without blanks around them.

    Examples
    --------
    >>> cells = cells_of(pd.Series(["Split", " ", None, "Split "]))
    >>> cells.codes.tolist(), cells.texts.to_pylist()
    ([0, -1, -1, 0], ['Split'])
    """

    def __init__(self, codes, texts):
        self.codes, self.texts = codes, texts

    def __len__(self):
        return len(self.codes)

    @property
    def is_filled(self):
        """Whether each row holds anything at all."""
        return self.codes >= 0

    def rows(self, of_texts):
        """Say of each row what was found of its text; False where there is nothing."""
        return np.append(np.asarray(of_texts, dtype=bool), False)[self.codes]

    def each(self, judge):
        """Say of each different text what a function says of it."""
        return np.fromiter(map(judge, self.texts.to_pylist()), dtype=bool, count=len(self.texts))

    def match(self, pattern, *, small=False):
        """Say of each different text whether a pattern (RE2) is found in it."""
        texts = pc.utf8_lower(self.texts) if small else self.texts
        return pc.match_substring_regex(texts, pattern).to_numpy(zero_copy_only=False)

    def regrouped(self, keys):
        """Put rows together whose texts have the same key; a key of None is nothing."""
        codes, found = _encoded(pa.array(keys, pa.large_string()))
        return Cells(np.append(codes, np.int32(-1))[self.codes], found)


def cells_of(column):
    """Take a column apart into different texts; empty and blank texts are nothing.

    Parameters
    ----------
    column : pandas.Series
        Of any kind; what is no text is read as one.

    Returns
    -------
    Cells

    Examples
    --------
    >>> cells_of(pd.Series([10_000, 21_000, 10_000], dtype="category")).texts.to_pylist()
    ['10000', '21000']
    """
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes = column.cat.codes.to_numpy().astype(np.int32)
        texts = _as_texts(column.cat.categories.to_series())
    else:
        codes, texts = _encoded(_as_texts(column))
    whole = pc.utf8_trim_whitespace(texts)
    whole = pc.if_else(pc.equal(whole, ""), pa.scalar(None, pa.large_string()), whole)
    return Cells(codes, texts).regrouped(whole)


def as_dates(column):
    """Read a column as days or moments in UTC, day before month where it is written in numbers.

    Parameters
    ----------
    column : pandas.Series

    Returns
    -------
    pandas.Series of datetime64, UTC
        NaT where there is nothing or no date.

    Examples
    --------
    >>> as_dates(pd.Series(["2025-03-01", "1.3.2025", "soon"])).dt.strftime("%Y-%m-%d").tolist()
    ['2025-03-01', '2025-03-01', nan]
    """
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        return column
    if pd.api.types.is_datetime64_dtype(column.dtype):
        return column.dt.tz_localize("UTC")
    cells = cells_of(column)
    texts = pd.Series(cells.texts.to_pylist(), dtype="str").str.removesuffix(".")
    year_first = texts.str.match(r"\d{4}-")
    read = pd.to_datetime(texts.where(year_first), errors="coerce", utc=True, format="ISO8601")
    other = pd.to_datetime(texts.mask(year_first), errors="coerce", utc=True, format="mixed", dayfirst=True)
    read = pd.concat([read.fillna(other).astype("datetime64[us, UTC]"), pd.Series([pd.NaT], dtype=_MOMENT)])
    return pd.Series(read.array.take(cells.codes), index=column.index, name=column.name)


_MOMENT = "datetime64[us, UTC]"


def _as_texts(column):
    if not pd.api.types.is_string_dtype(column.dtype) or column.dtype == object:
        if pd.api.types.is_float_dtype(column.dtype):
            column = column.convert_dtypes()  # 10000.0 was a whole number until a gap stood beside it
        column = column.astype("str").mask(column.isna())
    found = pa.Array.from_pandas(column.astype("str"))
    found = found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found
    return found.cast(pa.large_string())


def _encoded(texts):
    encoded = pc.dictionary_encode(texts)
    encoded = encoded.combine_chunks() if isinstance(encoded, pa.ChunkedArray) else encoded
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
    return codes, encoded.dictionary
