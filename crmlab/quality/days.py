"""The normal form of a day of birth."""

import re
from datetime import date

import pandas as pd

from crmlab.quality.uniques import parts

__all__ = ["birth_days", "is_default_day", "read_day"]

_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?")
_DAY_FIRST = re.compile(r"(\d{1,2})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{4})\.?(?:\s.*)?")
# What forms and programs put where nothing was typed: the first days of Unix, of spreadsheets, of centuries.
_DEFAULTS = ((1, 1), (1899, 12, 30), (1899, 12, 31), (1900, 1, 1), (1901, 1, 1), (1970, 1, 1), (9999, 12, 31))
_OLDEST = 125  # years; nobody is known to have lived longer than 122


def birth_days(column, today):
    """Read days of birth, and leave those empty that are none.

    Parameters
    ----------
    column : pandas.Series
        Days, or texts with the year or the day first.
    today : pandas.Timestamp
        No one is born after it.

    Returns
    -------
    days : pandas.Series of datetime64[us, UTC]
        Midnight of each day; the caller's index is kept.
    kinds : list of tuple of str
        What was changed, for each different day.
    codes : ndarray of int64
        Which of `kinds` belongs to each row; -1 where there was nothing.

    Examples
    --------
    >>> days, kinds, codes = birth_days(pd.Series(["3.4.1986.", "1970-01-01", None]), pd.Timestamp("2025-01-01"))
    >>> days.dt.strftime("%Y-%m-%d").tolist(), kinds, codes.tolist()
    (['1986-04-03', nan, nan], [('date',), ('default_day',)], [0, 1, -1])
    """
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        column = column.dt.tz_localize(None)
    codes, found = parts(column)
    read = [read_day(text, today.year) for text in found]
    days = pd.Series([day for day, _ in read] + [None], dtype="datetime64[us]").dt.tz_localize("UTC").array
    return pd.Series(days.take(codes), index=column.index, name=column.name), [kinds for _, kinds in read], codes


def is_default_day(day):
    """Tell whether a day is one that forms fill in.

    Parameters
    ----------
    day : datetime.date

    Returns
    -------
    bool

    Examples
    --------
    >>> is_default_day(date(1970, 1, 1)), is_default_day(date(1970, 1, 2))
    (True, False)
    """
    return (day.year, day.month, day.day) in _DEFAULTS


def read_day(text, year):
    """Read one day of birth.

    Parameters
    ----------
    text : str
        The year or the day first.
    year : int
        No one is born after it.

    Returns
    -------
    day : datetime.date or None
    kinds : tuple of str

    Examples
    --------
    >>> read_day("3. 4. 1986.", 2025), read_day("31.2.1986", 2025)
    ((datetime.date(1986, 4, 3), ('date',)), (None, ('no_day',)))
    """
    text = text.strip()
    if found := _YEAR_FIRST.fullmatch(text):
        numbers, kinds = found.groups(), () if re.match(r"\d{4}-\d\d-\d\d", text) else ("date",)
    elif found := _DAY_FIRST.fullmatch(text):
        numbers, kinds = found.groups()[::-1], ("date",)
    else:
        return None, ("no_day",)
    try:
        day = date(*map(int, numbers))
    except ValueError:
        return None, ("no_day",)
    if is_default_day(day):
        return None, ("default_day",)
    return (day, kinds) if year - _OLDEST <= day.year <= year else (None, ("no_day",))
