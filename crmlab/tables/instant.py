"""A moment as people write it, taken in as UTC."""

import datetime as dt
import re

import numpy as np
import pandas as pd

from crmlab.errors import CrmlabError, message

__all__ = ["instant", "read_moment"]

# "01.02.2025" is 1 February to one reader and 2 January to another; only year-month-day is the same to all.
_WRITTEN = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d([.,]\d{1,9})?)?( ?(Z|UTC|[+-]\d\d(:?\d\d)?))?)?", re.ASCII)
_SHOWN = 60


def read_moment(written):
    """Read a date or time that can mean one moment only.

    Parameters
    ----------
    written : str, date or timestamp
        A text is year-month-day, with a time and a zone if wanted.

    Returns
    -------
    pandas.Timestamp
        With a zone if there was one.

    Raises
    ------
    ValueError
        When it is anything else.

    Examples
    --------
    >>> read_moment("2026-01-31 09:30+01:00")
    Timestamp('2026-01-31 09:30:00+0100', tz='UTC+01:00')
    >>> read_moment("01.02.2026")
    Traceback (most recent call last):
        ...
    ValueError: not written year-month-day
    """
    if isinstance(written, str):
        if _WRITTEN.fullmatch(written.strip()) is None:
            raise ValueError("not written year-month-day")
    elif not isinstance(written, dt.date | np.datetime64):
        raise ValueError("no moment")
    moment = pd.Timestamp(written)
    if moment is pd.NaT:
        raise ValueError("no moment")
    return moment


def instant(written, *, where="as_of"):
    """Take a date or time as people write it, or say what is wrong with it.

    Parameters
    ----------
    written : str, date or timestamp
        Year-month-day, with a time if wanted; UTC when no zone is given.
    where : str, default="as_of"
        What the moment is called in a message.

    Returns
    -------
    pandas.Timestamp
        In UTC.

    Raises
    ------
    CrmlabError
        When it is no moment.

    Examples
    --------
    >>> instant("2026-01-01")
    Timestamp('2026-01-01 00:00:00+0000', tz='UTC')
    >>> instant("soon")
    Traceback (most recent call last):
        ...
    crmlab.errors.CrmlabError: as_of: found 'soon'.
      allowed : a date such as '2026-01-31'
      next    : write it year-month-day.
    """
    try:
        moment = read_moment(written)
        return moment.tz_localize("UTC") if moment.tz is None else moment.tz_convert("UTC")
    except (ValueError, OverflowError):  # no moment, or one that no clock of pandas reaches
        told = repr(written)
        told = told if len(told) <= _SHOWN else told[: _SHOWN - 1] + "…"
        raise CrmlabError(
            message(where, f"found {told}.", allowed="a date such as '2026-01-31'", next="write it year-month-day.")
        ) from None
