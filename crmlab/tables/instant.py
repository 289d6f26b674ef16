"""A moment as people write it, taken in as UTC."""

import pandas as pd

from crmlab.errors import CrmlabError, message

__all__ = ["instant"]


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
        if isinstance(written, int | float):
            raise TypeError
        moment = pd.Timestamp(written)
        if pd.isna(moment):
            raise ValueError
    except (ValueError, TypeError):
        raise CrmlabError(
            message(
                where, f"found {written!r}.", allowed="a date such as '2026-01-31'", next="write it year-month-day."
            )
        ) from None
    return moment.tz_localize("UTC") if moment.tz is None else moment.tz_convert("UTC")
