"""Windows: only what happened lately, long ago, in between, or between two dates."""

import re
from dataclasses import replace
from zoneinfo import ZoneInfo

from crmlab.errors import CrmlabError, message
from crmlab.segment.dynamic.durations import LONGEST, microseconds, shown
from crmlab.segment.dynamic.tree import Period, Regularly, Window
from crmlab.tables.instant import read_moment

__all__ = ["Timed", "between", "period", "stretches"]

_MOST_STRETCHES = 100
# These are other clocks on other computers, or count leap seconds.
_NOT_ONE_CLOCK = re.compile(r"localtime|posixrules|factory|(posix|right)/.*", re.IGNORECASE)


class Timed:
    """What can be given a window: moving with the clock, or between two dates.

    Examples
    --------
    >>> from crmlab.segment.dynamic import did
    >>> did("complaint").within("7d")
    did("complaint").within("7d")
    """

    def within(self, length):
        """Only what happened in the last stretch of time: (t − length, t].

        Parameters
        ----------
        length : str or timedelta
            Such as "90s", "30min", "12h", "7d", "2w".

        Returns
        -------
        Rule or Counted

        Raises
        ------
        CrmlabError
            When it is no length, or a window is already set.

        Examples
        --------
        >>> from crmlab.segment.dynamic import did
        >>> print(did("complaint").within("7d"))
        segment: had "complaint" in the last 7 days
        """
        return self._windowed(Window(older=microseconds(length, "within")), "within")

    def between(self, older, newer):
        """Only what happened between two lengths of time ago: (t − older, t − newer].

        Parameters
        ----------
        older, newer : str or timedelta
            The longer one first.

        Returns
        -------
        Rule or Counted

        Raises
        ------
        CrmlabError
            When one is no length, the first is not the longer, or a window is already set.

        Examples
        --------
        >>> from crmlab.segment.dynamic import did
        >>> print(did("complaint").between("30d", "7d"))
        segment: had "complaint" between 30 days and 7 days ago
        """
        return self._windowed(between(older, newer), "between")

    def before(self, length):
        """Only what happened so long ago or earlier: s ≤ t − length.

        Parameters
        ----------
        length : str or timedelta

        Returns
        -------
        Rule or Counted

        Raises
        ------
        CrmlabError
            When it is no length, or a window is already set.

        Examples
        --------
        >>> from crmlab.segment.dynamic import did
        >>> print(did("purchase").before("90d"))
        segment: had "purchase" 90 days ago or earlier
        """
        return self._windowed(Window(newer=microseconds(length, "before")), "before")

    def during(self, start, end, *, tz="UTC"):
        """Only what happened from one date up to, but without, another.

        Parameters
        ----------
        start, end : str, date or timestamp
            On the clock of `tz`; a time with a zone of its own is carried over to it.
        tz : str, default="UTC"
            Name of a time zone, such as "Europe/Zagreb".

        Returns
        -------
        Rule or Counted

        Raises
        ------
        CrmlabError
            When one is no date, the clock of `tz` skips it or shows it twice, the end is not later
            than the start, or a period is already set.

        Examples
        --------
        >>> from crmlab.segment.dynamic import did
        >>> print(did("purchase").during("2025-01-01", "2025-02-01", tz="Europe/Zagreb"))
        segment: had "purchase" from 2025-01-01 up to 2025-02-01 (Europe/Zagreb)
        """
        return self._set("during", period=period(start, end, tz))

    def _windowed(self, window, where):
        return self._set(where, window=window)

    def _set(self, where, **part):
        (key,) = part
        if getattr(self._timed(), key) is not None:
            what = "a period" if key == "period" else "a window"
            raise CrmlabError(
                message(where, f"{what} is already set.", next="keep one; for two, join two rules by & or |.")
            )
        return self._with(replace(self._timed(), **part))


def between(older, newer):
    """Take in a window that begins and ends some time ago.

    Parameters
    ----------
    older, newer : str or timedelta
        The longer one first.

    Returns
    -------
    Window

    Raises
    ------
    CrmlabError
        When one is no length, or the first is not the longer.

    Examples
    --------
    >>> between("2h", "1h")
    Window(newer=3600000000, older=7200000000)
    """
    window = Window(microseconds(newer, "between, newer"), microseconds(older, "between, older"))
    if window.newer >= window.older:
        raise CrmlabError(
            message(
                "between",
                f"found {older!r} and {newer!r}: no time lies between.",
                next='write the longer first: between("30d", "7d") is 30 to 7 days ago.',
            )
        )
    return window


def stretches(match, n, of, every):
    """Take in how regularly something is to happen.

    Parameters
    ----------
    match : Match
    n, of : int
    every : int, microseconds

    Returns
    -------
    Regularly

    Raises
    ------
    CrmlabError
        When the numbers do not fit, or the stretches are longer than 100 years in all.

    Examples
    --------
    >>> from crmlab.segment.dynamic.tree import Match
    >>> stretches(Match("purchase"), 3, 4, 30 * 86_400_000_000).of
    4
    """
    whole = all(isinstance(number, int) and not isinstance(number, bool) for number in (n, of))
    if not whole or not 1 <= n <= of <= _MOST_STRETCHES:
        raise CrmlabError(
            message(
                "regularly()",
                f"found n={n!r}, of={of!r}.",
                allowed=f"whole numbers, 1 ≤ n ≤ of ≤ {_MOST_STRETCHES}",
                next='write for instance regularly("purchase", 3, of=4, every="30d").',
            )
        )
    if every * of > LONGEST:
        found = "the stretches are over 100 years long in all."
        raise CrmlabError(message("regularly()", found, next="take fewer or shorter ones."))
    return Regularly(match, n, of, every)


def period(start, end, tz):
    """Take in two dates, or say what is wrong with them.

    Parameters
    ----------
    start, end : str, date or timestamp
    tz : str
        Name of a time zone.

    Returns
    -------
    Period

    Raises
    ------
    CrmlabError
        When one is no date, the clock of `tz` skips it or shows it twice, or the end is not later.

    Examples
    --------
    >>> period("2025-01-01", "2025-02-01", "UTC").start
    '2025-01-01'
    """
    try:
        if _NOT_ONE_CLOCK.fullmatch(tz):
            raise ValueError
        zone = ZoneInfo(tz)
    except (ValueError, TypeError, KeyError, OSError):  # an unknown zone is a KeyError, its odd names the rest
        found, step = f"there is no time zone {shown(tz)}.", 'write for instance tz="Europe/Zagreb".'
        raise CrmlabError(message("during", found, next=step)) from None
    texts = [_local(moment, zone) for moment in (start, end)]
    found = Period(*texts, tz)
    try:
        from_, to = found.microseconds
    except ValueError:
        step = "choose a time it shows once, for instance midnight."
        said = f"the clock of {tz} skips {' or '.join(texts)}, or shows it twice."
        raise CrmlabError(message("during", said, next=step)) from None
    if from_ >= to:
        raise CrmlabError(
            message(
                "during",
                f"{shown(end)} is not later than {shown(start)}.",
                next="write the earlier first; the end itself is out.",
            )
        )
    return found


def _local(moment, zone):
    try:
        stamp = read_moment(moment)
        stamp = stamp if stamp.tz is None else stamp.tz_convert(zone).tz_localize(None)
        if stamp.nanosecond or not 1700 <= stamp.year < 2250:
            raise ValueError
    except (ValueError, OverflowError):
        allowed = "a date from 1700 to 2249, or a date and time in whole microseconds"
        raise CrmlabError(
            message("during", f"found {shown(moment)}.", allowed=allowed, next='write it year-month-day: "2025-01-31".')
        ) from None
    return stamp.isoformat().removesuffix("T00:00:00")
