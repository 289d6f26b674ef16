"""Wrap plain arrays into the kinds of column the tables promise."""

from functools import lru_cache

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

__all__ = [
    "CHANNELS",
    "DAY",
    "calendar",
    "days",
    "digits",
    "emptied",
    "empty",
    "equally_wide",
    "flags",
    "joined",
    "months_on",
    "texts",
    "times",
    "whole",
    "words",
]

DAY = 86_400
CHANNELS = ("branch", "call_centre", "web", "app", "email", "sms", "social", "qr", "partner", "field")
_MICRO = 1_000_000
_KINDS = {1: "u1", 2: "u2", 4: "u4"}  # widths that numbers have are moved faster than others


def words(codes, choices, missing=None):
    """Repeated words, as a category whose choices are the same in every block."""
    codes = np.asarray(codes)
    if missing is not None:
        codes = np.where(missing, -1, codes.astype(np.int32))
    return pd.Categorical.from_codes(codes, dtype=pd.CategoricalDtype(list(choices)), validate=False)


def times(seconds, missing=None):
    """Points in time, from seconds since 1970."""
    micro = np.asarray(seconds, dtype=np.int64) * _MICRO
    if missing is not None:
        micro[missing] = np.iinfo(np.int64).min
    return pd.DatetimeIndex(micro.view("M8[us]")).tz_localize("UTC")


def days(day_numbers, missing=None):
    """Calendar days, from days since 1970."""
    return times(np.asarray(day_numbers, dtype=np.int64) * DAY, missing)


def calendar(values):
    """The days of a column of times, as NumPy writes them."""
    return values.dt.tz_localize(None).to_numpy().astype("M8[D]")


def whole(values, missing):
    """Whole numbers, some of them missing."""
    return pd.arrays.IntegerArray(np.asarray(values, dtype=np.int64), np.asarray(missing))


def flags(values, missing):
    """Yes or no, sometimes neither."""
    return pd.arrays.BooleanArray(np.asarray(values, dtype=bool), np.asarray(missing))


def texts(values, missing=None):
    """Free text, from an Arrow array."""
    if missing is not None:
        values = pc.if_else(pa.array(missing), pa.scalar(None, pa.large_string()), values)
    return values.to_pandas()


def emptied(values, missing):
    """A column, some of its cells empty now."""
    if not isinstance(values.dtype, pd.StringDtype):
        return values.mask(missing)
    found = pa.Array.from_pandas(values)
    return texts(found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found, missing)


def empty(n):
    """A text column with nothing in it yet."""
    return texts(pa.nulls(n, pa.large_string()))


def joined(*parts):
    """Put texts side by side, row by row; a plain word is repeated in each row.

    Parameters
    ----------
    *parts : str, pyarrow.Array or the arrays that :func:`digits` and :func:`equally_wide` give

    Returns
    -------
    pyarrow.Array

    Examples
    --------
    >>> joined("no. ", *digits([7, 12], [2]), "/", equally_wide(["a", "b"])[[1, 0]]).tolist()
    ['no. 07/b', 'no. 12/a']
    """
    if any(isinstance(part, pa.Array) for part in parts):
        texts = [part if isinstance(part, pa.Array) else _scalar(part) for part in (*parts, "")]
        return pc.binary_join_element_wise(*texts)
    signs = [equally_wide([part])[0] if isinstance(part, str) else part for part in parts]
    n = max(part.size for part in signs)
    rows = np.empty(n, dtype=[(str(place), part.dtype) for place, part in enumerate(signs)])
    for place, part in enumerate(signs):
        rows[str(place)] = part
    ends = np.arange(n + 1, dtype=np.int64) * rows.itemsize
    return pa.LargeStringArray.from_buffers(n, pa.py_buffer(ends), pa.py_buffer(rows))


def _scalar(part):
    return pa.scalar(part, pa.large_string()) if isinstance(part, str) else joined(part)


def equally_wide(choices):
    """Words of one width, as their signs: quicker to put together than texts.

    Parameters
    ----------
    choices : sequence of str
        All of the same length, in plain letters.

    Returns
    -------
    ndarray
        One entry per word.
    """
    width = len(choices[0].encode())
    return np.frombuffer("".join(choices).encode(), dtype=_KINDS.get(width, f"V{width}"))


@lru_cache
def _numerals(width):
    return equally_wide([f"{n:0{width}}" for n in range(10**width)])


def digits(values, groups):
    """Write numbers with leading zeros, cut into groups of so many digits (4 at most) from the left."""
    rest, parts = np.asarray(values, dtype=np.int64), []
    for width in groups[:0:-1]:
        rest, last = np.divmod(rest, 10**width)
        parts.append(_numerals(width)[last])
    return [_numerals(groups[0])[rest], *parts[::-1]]


def months_on(day_numbers, months):
    """Go so many calendar months on; the 31st becomes the last day of a shorter month.

    Parameters
    ----------
    day_numbers : array of int
        Days since 1970.
    months : array of int
        How many months to go, for each day.

    Returns
    -------
    ndarray of int64
    """
    date = np.asarray(day_numbers, dtype=np.int64).astype("M8[D]")
    month = date.astype("M8[M]")
    day_of_month = (date - month.astype("M8[D]")).astype(np.int64)
    target = month + np.asarray(months, dtype=np.int64).astype("m8[M]")
    first = target.astype("M8[D]").astype(np.int64)
    length = (target + np.timedelta64(1, "M")).astype("M8[D]").astype(np.int64) - first
    return first + np.minimum(day_of_month, length - 1)
