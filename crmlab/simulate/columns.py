"""Wrap plain arrays into the kinds of column the tables promise."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

__all__ = [
    "CHANNELS",
    "DAY",
    "days",
    "digits",
    "empty",
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
_NUMERALS = {width: pa.array([f"{n:0{width}}" for n in range(10**width)], pa.large_string()) for width in (2, 3, 4)}


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


def empty(n):
    """A text column with nothing in it yet."""
    return texts(pa.nulls(n, pa.large_string()))


def joined(*parts):
    """Put texts side by side, row by row; a plain word is repeated in each row."""
    texts = [pa.scalar(part, pa.large_string()) if isinstance(part, str) else part for part in (*parts, "")]
    return pc.binary_join_element_wise(*texts)


def digits(values, groups):
    """Write numbers with leading zeros, cut into groups of so many digits from the left."""
    rest, parts = np.asarray(values, dtype=np.int64), []
    for width in reversed(groups):
        rest, last = np.divmod(rest, 10**width)
        parts.append(_NUMERALS[width].take(pa.array(last)))
    return parts[::-1]


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
