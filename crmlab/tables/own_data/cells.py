"""From typed cells (Excel, DataFrame) to plain text, exact and without float noise."""

import datetime as dt
import math
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pandas.api import types

__all__ = ["clean", "from_objects", "from_series"]


def clean(texts):
    """Trim the cells of a text column; an empty one becomes missing.

    Parameters
    ----------
    texts : pyarrow.Array or pyarrow.ChunkedArray of string
        The cells as they stand in the source.

    Returns
    -------
    pyarrow.Array of large_string

    Examples
    --------
    >>> clean(pa.array(["  Split ", "", '="00012"'])).to_pylist()
    ['Split', None, '00012']
    """
    texts = texts.cast(pa.large_string())
    if isinstance(texts, pa.ChunkedArray):
        texts = texts.combine_chunks()
    texts = pc.utf8_trim(texts, "\ufeff\u200b \t\r\n\v\f\x85\xa0\u2000\u2007\u2009\u200a\u202f\u3000")
    shield = pc.match_substring_regex(texts, r'^="[^"]*"$')  # a trick that keeps zeros in Excel
    if pc.any(shield).as_py():
        texts = pc.if_else(shield, pc.replace_substring_regex(texts, r'^="([^"]*)"$', r"\1"), texts)
    return pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.large_string()), texts)


def from_objects(values):
    """Write Python values, such as the cells of a workbook, as plain text.

    Parameters
    ----------
    values : iterable
        Texts, numbers, dates, times, yes/no or nothing.

    Returns
    -------
    texts : pyarrow.Array of large_string
    numbers : ndarray of bool
        Which cells were numbers in the source: their decimal point is certain.

    Examples
    --------
    >>> texts, numbers = from_objects([123.0, "00123", 0.1 + 0.2, dt.date(2025, 12, 31)])
    >>> texts.to_pylist(), numbers.tolist()
    (['123', '00123', '0.3', '2025-12-31'], [True, False, True, False])
    """
    texts, numbers = [], []
    for value in values:
        number = isinstance(value, (int, float, Decimal, np.number)) and not isinstance(value, bool)
        texts.append(_number(value) if number else _other(value))
        numbers.append(number and texts[-1] is not None)
    return clean(pa.array(texts, pa.large_string())), np.array(numbers, bool)


def from_series(values):
    """Write one column of a DataFrame as plain text.

    Parameters
    ----------
    values : pandas.Series
        The column, of any type. It is left as it was.

    Returns
    -------
    texts : pyarrow.Array of large_string
    numbers : ndarray of bool
        Which cells were numbers.

    Examples
    --------
    >>> texts, numbers = from_series(pd.Series([19.99, None]))
    >>> texts.to_pylist(), numbers.tolist()
    (['19.99', None], [True, False])
    """
    if isinstance(values.dtype, pd.CategoricalDtype):
        values = values.astype(values.cat.categories.dtype)
    none = np.zeros(len(values), bool)
    if types.is_string_dtype(values.dtype) and not types.is_object_dtype(values.dtype):
        return clean(_arrow(values)), none
    if types.is_datetime64_any_dtype(values.dtype):
        return clean(_arrow(values).cast(pa.timestamp("us", tz=getattr(values.dt, "tz", None)))), none
    if types.is_integer_dtype(values.dtype):
        texts = clean(_arrow(values))
        return texts, np.asarray(texts.is_valid())
    return from_objects(values.array)


def _arrow(values):
    return pa.Array.from_pandas(values)


def _number(value):
    """Fifteen digits are what Excel shows and a float can promise."""
    if isinstance(value, Decimal):
        return format(value, "f") if value.is_finite() else None
    if isinstance(value, (int, np.integer)):
        return str(value)
    if not math.isfinite(value):
        return None
    text = f"{value:.15g}"
    return format(Decimal(text), "f") if "e" in text else text


def _other(value):
    if isinstance(value, str):
        return value
    if isinstance(value, dt.datetime) and not pd.isna(value):
        return value.isoformat(sep=" ").removesuffix(" 00:00:00")
    if value is None or (pd.api.types.is_scalar(value) and pd.isna(value)):
        return None
    return value.isoformat() if isinstance(value, (dt.date, dt.time)) else str(value)
