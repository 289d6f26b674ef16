"""Groups of rows that are alike in some columns: their sizes, and columns made coarser."""

import numpy as np
import pandas as pd
from pandas.api import types

from crmlab.errors import CrmlabError, did_you_mean, few, message
from crmlab.quality.cells import as_dates, cells_of

__all__ = ["checked_columns", "checked_smallest", "coarser", "labels", "sizes"]

_BANDS = 10


def checked_columns(table, columns, *, where):
    """Refuse a selection without the columns it is to be grouped by.

    Parameters
    ----------
    table : object
        What was given for the selection.
    columns : str or list of str
    where : str
        What the columns are called in a message.

    Returns
    -------
    list of str

    Raises
    ------
    CrmlabError
        When `table` is no table, or a column is missing or none is named.

    Examples
    --------
    >>> checked_columns(pd.DataFrame({"city": ["Split"]}), "city", where="columns")
    ['city']
    """
    if not isinstance(table, pd.DataFrame):
        found = f"found a {type(table).__name__}."
        has_rows = isinstance(getattr(table, "customers", None), pd.DataFrame)
        step = "pass its rows: selection.customers." if has_rows else "pass the rows you want to use or hand on."
        raise CrmlabError(message("selection", found, allowed="a pandas DataFrame", next=step))
    columns = [columns] if isinstance(columns, str) else list(columns)
    missing = [column for column in columns if column not in table]
    if missing or not columns:
        found = f"no column {missing[0]!r}.{did_you_mean(missing[0], map(str, table))}" if missing else "none is named."
        step = 'name columns that others could know of a person, such as ["postcode", "birth_date"].'
        raise CrmlabError(message(where, found, it_has=few(table.columns, 12), next=step))
    return columns


def checked_smallest(smallest):
    """Refuse a smallest group that protects nobody.

    Parameters
    ----------
    smallest : int

    Returns
    -------
    int

    Raises
    ------
    CrmlabError
        When it is no whole number from 2 on.

    Examples
    --------
    >>> checked_smallest(5)
    5
    """
    if not isinstance(smallest, int | np.integer) or isinstance(smallest, bool) or smallest < 2:
        found = f"found {smallest!r}."
        raise CrmlabError(message("smallest", found, allowed="a whole number from 2", next="5 is a usual choice."))
    return int(smallest)


def sizes(columns):
    """How many rows are alike in all columns, for each row; a gap is a value of its own.

    Parameters
    ----------
    columns : list of pandas.Series

    Returns
    -------
    group : ndarray of int64
    size : ndarray of int64, shape (n_rows,)
    """
    group = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        codes, found = pd.factorize(labels(column).array, use_na_sentinel=True)
        group = pd.factorize(group * (len(found) + 1) + codes + 1)[0]
    return group, np.bincount(group, minlength=1)[group] if len(group) else np.zeros(0, dtype=np.int64)


def labels(column):
    """A column as texts without blanks around them; NA where nothing stands.

    Parameters
    ----------
    column : pandas.Series

    Returns
    -------
    pandas.Series of str
    """
    if types.is_datetime64_any_dtype(column.dtype):
        text = as_dates(column).dt.tz_localize(None).to_numpy().astype("M8[s]")
        different, codes = np.unique(text, return_inverse=True)
        names = [pd.NA if np.isnat(one) else str(one).removesuffix("T00:00:00") for one in different]
        return pd.Series(pd.array(names, dtype="str").take(codes), index=column.index, name=column.name)
    cells = cells_of(column)
    texts = pd.array([*cells.texts.to_pylist(), pd.NA], dtype="str")
    return pd.Series(texts.take(cells.codes), index=column.index, name=column.name)


def coarser(column):
    """Ways to say less in one column: years for days, the first digits of a postcode, bands of ten.

    Parameters
    ----------
    column : pandas.Series

    Returns
    -------
    dict of str to pandas.Series
        What is done, in words, and the column after it; from little to much.

    Examples
    --------
    >>> {way: column.tolist() for way, column in coarser(pd.Series(["10020", "21000"], name="postcode")).items()}
    {'first 3 signs': ['100', '210'], 'first 2 signs': ['10', '21'], 'first sign': ['1', '2']}
    """
    if types.is_bool_dtype(column.dtype):
        return {}
    if types.is_datetime64_any_dtype(column.dtype):
        year = as_dates(column).dt.year.astype("Int64")
        month = as_dates(column).dt.tz_localize(None).to_numpy().astype("M8[M]").astype(np.int64)
        month = pd.Series(month, index=column.index).mask(column.isna())
        return {"month and year": month, "year": year, "ten years": year // 10 * 10}
    if types.is_numeric_dtype(column.dtype):
        number = column.astype("Float64")
        return {f"bands of {width}": number // width * width for width in (_BANDS, 10 * _BANDS)}
    text = labels(column)
    filled = text.dropna()
    has_code = (
        len(filled) and filled.str.fullmatch(r"[A-Z0-9 \-]*\d[A-Z0-9 \-]*").all() and (filled.str.len() >= 3).all()
    )
    if not has_code:
        return {}
    widest = int(filled.str.len().max())
    widths = [width for width in (3, 2, 1) if width < widest]
    return {f"first {width} signs" if width > 1 else "first sign": text.str[:width] for width in widths}
