"""Lengths of time that are the same length everywhere: whole microseconds, written as "7d"."""

import re
from datetime import timedelta

from crmlab.errors import CrmlabError, message

__all__ = ["LONGEST", "microseconds", "shown", "spoken", "written"]

_UNITS = {"w": 604_800_000_000, "d": 86_400_000_000, "h": 3_600_000_000, "min": 60_000_000, "s": 1_000_000}
_UNITS |= {"ms": 1_000, "us": 1}
_NAMES = {"w": "week", "d": "day", "h": "hour", "min": "minute", "s": "second", "ms": "millisecond"}
_NAMES |= {"us": "microsecond"}
LONGEST = 36_525 * _UNITS["d"]
_UNEQUAL = re.compile(r"m|mon|mo|months?|q|quarters?|y|yr|years?|a", re.IGNORECASE)
_WRITTEN = re.compile(r"\s*([+-]?[0-9]{1,18})\s*([A-Za-z]+)\s*")


def microseconds(length, where):
    """Take in a length of time, or say why it cannot be one.

    Parameters
    ----------
    length : str or datetime.timedelta
        Such as "90s", "30min", "12h", "7d", "2w"; above zero, at most 100 years.
    where : str
        What the length is called in a message.

    Returns
    -------
    int
        Microseconds.

    Raises
    ------
    CrmlabError
        When it is no length, zero or negative, or one that differs from month to month.

    Examples
    --------
    >>> microseconds("7d", "within")
    604800000000
    >>> microseconds("1month", "within")
    Traceback (most recent call last):
        ...
    crmlab.errors.CrmlabError: within: '1month' is not one length: months and years differ.
      allowed : a length such as '90s', '30min', '12h', '7d' or '2w'
      next    : write days, for instance '30d'.
    """
    found = _parsed(length, where)
    if found <= 0:
        raise _refused(where, f"found {shown(length)}, which is not above zero.", "write a length above zero.")
    if found > LONGEST:
        raise _refused(where, f"{length!r} is longer than 100 years.", "write a shorter one, or leave the window out.")
    return found


def _parsed(length, where):
    if isinstance(length, timedelta):
        if getattr(length, "nanoseconds", 0):  # a pandas.Timedelta may hold them
            raise _refused(where, f"{length!r} has parts of a microsecond.", "write whole microseconds.")
        return length // timedelta(microseconds=1)
    parts = _WRITTEN.fullmatch(length) if isinstance(length, str) else None
    if parts is None:
        raise _refused(where, f"found {shown(length)}.", "write a whole number and its unit, for instance '7d'.")
    number, unit = parts.groups()
    if unit not in _UNITS:
        if _UNEQUAL.fullmatch(unit):
            meant = "write '30min' for minutes, '30d' for a month" if unit == "m" else "write days, for instance '30d'"
            raise _refused(where, f"{length!r} is not one length: months and years differ.", f"{meant}.")
        raise _refused(where, f"the unit in {shown(length)} is not known.", "write for instance '7d'.")
    return int(number) * _UNITS[unit]


def _refused(where, found, next):
    allowed = "a length such as '90s', '30min', '12h', '7d' or '2w'"
    return CrmlabError(message(where, found, allowed=allowed, next=next))


def shown(value):
    """Show a value as Python writes it, cut where it is long: it may come from a file of a stranger.

    Parameters
    ----------
    value : object

    Returns
    -------
    str

    Examples
    --------
    >>> shown("7d"), len(shown("9" * 200_000))
    ("'7d'", 60)
    """
    text = repr(value)
    return text if len(text) <= 60 else text[:59] + "…"


def written(length):
    """Write microseconds as the short text that makes them again.

    Parameters
    ----------
    length : int
        Microseconds, above zero.

    Returns
    -------
    str

    Examples
    --------
    >>> written(604_800_000_000), written(5_400_000_000)
    ('7d', '90min')
    """
    number, unit = _largest(length)
    return f"{number}{unit}"


def spoken(length):
    """Say microseconds in words.

    Parameters
    ----------
    length : int
        Microseconds, above zero.

    Returns
    -------
    str

    Examples
    --------
    >>> spoken(604_800_000_000), spoken(60_000_000)
    ('7 days', '1 minute')
    """
    number, unit = _largest(length)
    return f"{number:,} {_NAMES[unit]}{'' if number == 1 else 's'}"


def _largest(length):
    unit = next(unit for unit, size in _UNITS.items() if unit != "w" and length % size == 0)
    return length // _UNITS[unit], unit
