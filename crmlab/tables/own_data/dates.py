"""Read dates and times as people write them; never guess between day first and month first."""

import re

import numpy as np
import pandas as pd

from crmlab.errors import CrmlabError, message
from crmlab.tables.own_data.column import Reading
from crmlab.tables.own_data.shapes import RUNNING, take_apart

__all__ = ["read_dates"]

_NOTHING = np.iinfo(np.int64).min
_DAY = 86_400_000_000
_OPEN = {mark: (mark.join(["12", "31", "2025"]), mark.join(["31", "12", "2025"])) for mark in "./-"}
_MONTH_NAMES = "January February March April May June July August September October November December"
_ENOUGH = 12  # real dates that hardly fall on days 1 to 12 by chance
_FIRST_YEAR = {"time": 1970, "date": 1920}  # of the hundred years that two digits can mean


def read_dates(column, *, kind="time", day_first=None, date_format=None, timezone="UTC"):
    """Read one column of dates, and say how it was read.

    A value in the column that can only be day first (or month first) decides for all
    written with the same mark. Dots without such a value are day first; slashes and
    dashes without one are a question to the reader.

    Parameters
    ----------
    column : Column
        The written dates.
    kind : {"time", "date"}
        A moment, or a calendar day (kept as midnight UTC whatever the time zone).
    day_first : bool or None
        As told by the reader.
    date_format : str or None
        As told by the reader, in the letters of ``strftime``.
    timezone : str
        Where moments without a zone were written down.

    Returns
    -------
    Reading
        Values in ``datetime64[us, UTC]``.

    Raises
    ------
    CrmlabError
        When day and month cannot be told apart, or must be read in both orders.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from crmlab.tables.own_data.column import Column
    >>> reading = read_dates(Column("x", pa.array(["31.12.2025.", "1.2.25", "soon"]), np.arange(3)))
    >>> list(reading.series.dt.strftime("%Y-%m-%d")), reading.unreadable.tolist()
    (['2025-12-31', '2025-02-01', nan], [False, False, True])
    """
    told, left = _as_told(column, date_format)
    parts = take_apart(column.distinct, *([("year first", "Excel day numbers")] if date_format else []))
    shapes = parts.shape.copy()
    ways = {mark: _order(column, parts, mark, day_first) for mark in _OPEN if (shapes == mark).any()}
    for mark, (is_day_first, _) in ways.items():
        at = shapes == mark
        parts.d[at], parts.m[at] = (parts.a[at], parts.b[at]) if is_day_first else (parts.b[at], parts.a[at])
    first = _FIRST_YEAR[kind]
    parts.y[parts.short_year] = first + (parts.y[parts.short_year] - first) % 100
    written = _instants(parts)
    clear = np.where(left, written, told)
    naive = np.where(left, ~parts.has_zone, "%z" not in str(date_format))
    if kind == "date":
        stamps = pd.DatetimeIndex(np.where(clear == _NOTHING, clear, clear // _DAY * _DAY).view("M8[us]"), tz="UTC")
    else:
        stamps = _in_utc(np.where(left, written - np.where(written == _NOTHING, 0, parts.zone), told), naive, timezone)
    good = np.asarray(stamps.notna())
    values = pd.Series(stamps.append(pd.DatetimeIndex([pd.NaT], tz="UTC").as_unit("us"))[column.codes])
    unreadable = column.spread(~good, False)
    shapes[~left] = f"as told ({date_format})"
    how = _in_words(column, np.where(good, shapes, ""), ways)
    if (parts.short_year & good).any():
        how += f"; two-digit years as {first} to {first + 99}"
    if kind == "time" and (naive & good & (timezone != "UTC" or clear % _DAY != 0)).any():
        how += f"; time zone taken as {timezone}"
    return Reading(values.reset_index(drop=True), unreadable, how, _swapped(column, parts, shapes))


def _as_told(column, date_format):
    """Read with the reader's own format; what it does not fit is left to be read by its shape."""
    size = len(column.distinct)
    if date_format is None:
        return np.full(size, _NOTHING), np.ones(size, bool)
    try:
        texts = pd.Series(column.distinct.to_pylist(), dtype="str")
        stamps = pd.to_datetime(texts, format=date_format, errors="coerce", utc=True).dt.as_unit("us")
    except ValueError as error:
        found = f"found {date_format!r} ({str(error).splitlines()[0][:80]})."
        step = 'write it like "%d.%m.%Y" (31.12.2025) or "%m/%d/%y %H:%M" (12/31/25 14:05).'
        raise CrmlabError(message("date_format", found, next=step)) from None
    return np.asarray(stamps.dt.tz_localize(None), "M8[us]").view(np.int64), np.asarray(stamps.isna())


def _order(column, parts, mark, day_first):
    """Is the day first in dates written with this mark, and how is that known?"""
    at = np.flatnonzero(parts.shape == mark)
    a, b = parts.a[at], parts.b[at]
    day = at[(a > 12) & (a <= 31) & (b <= 12)]
    month = at[(b > 12) & (b <= 31) & (a <= 12)]
    if day_first is not None:
        return day_first, "as told"
    if len(day) and len(month):
        raise CrmlabError(_both(column, day, month))
    if len(day) or len(month):
        n = np.isin(column.codes, np.append(day, month)).sum()
        return bool(len(day)), f"{n:,} can be nothing else"
    if mark == "." or (a == b).all():
        return True, "no value decides; dots mean day first" if mark == "." else "day and month are the same number"
    raise CrmlabError(_neither(column, at[a != b]))


def _both(column, day, month):
    return message(
        column.where,
        "some of these dates must be day first and others month first.",
        must_be=f"day first: {column.show(day)}; month first: {column.show(month)}",
        next="mend the file, for no order is safe for all; or say day_first=True (or False): "
        "what cannot be read that way is then left out and listed.",
    )


def _neither(column, at):
    a, b, y = (int(n) for n in re.findall(r"\d+", str(column.distinct[at[0]]))[:3])
    one, other = (f"{d} {_MONTH_NAMES.split()[m - 1]} {y}" for d, m in ((a, b), (b, a)))
    return message(
        column.where,
        "these dates can be read two ways, and no value in the column decides.",
        values=column.show(at),
        readings=f"{one} (day first) or {other} (month first)",
        next=f"say day_first=True if {column.distinct[at[0]]} is {one}, or day_first=False if it is {other}.",
    )


def _swapped(column, parts, shapes):
    """A spreadsheet of the other order turns 3/4 into a real date, day and month swapped, and leaves 13/4 as text."""
    rows = column.codes[~column.missing]
    real = parts.d[rows[shapes[rows] == "year first"]]
    texts = rows[np.isin(shapes[rows].astype("U"), list(_OPEN))]
    if len(real) < _ENOUGH or len(texts) < 3 or (real > 12).any() or (np.maximum(parts.a, parts.b)[texts] <= 12).any():
        return []
    return [
        f"All {len(real):,} real dates fall on days 1 to 12 and all {len(texts):,} written ones later: a spreadsheet "
        "seems to have swapped day and month. Export again, with dates as text."
    ]


def _instants(parts):
    """Microseconds since 1970 as the clock on the wall shows them; nothing where there is no such day."""
    months = (parts.y - 1970) * 12 + parts.m - 1
    first = months.astype("M8[M]").astype("M8[D]")
    days = first + (parts.d - 1)
    legal = (parts.m >= 1) & (parts.m <= 12) & (days.astype("M8[M]").astype(np.int64) == months) & (parts.y > 0)
    written = days.astype("M8[us]").view(np.int64) + parts.clock
    written = np.where(legal & (parts.clock >= 0) & (parts.shape != ""), written, _NOTHING)
    return np.where(np.isin(parts.shape.astype("U"), list(RUNNING)), parts.instant, written)


def _in_utc(instants, naive, timezone):
    """Moments in UTC; those without a zone are taken as written in ``timezone``."""
    stamps = pd.DatetimeIndex(instants.view("M8[us]"))
    if timezone == "UTC":
        return stamps.tz_localize("UTC")
    # an hour that comes twice in autumn is the second one; an hour that is left out in spring is moved on
    second = np.zeros(len(stamps), bool)
    local = stamps.tz_localize(timezone, ambiguous=second, nonexistent="shift_forward").tz_convert("UTC")
    return local.where(naive, stamps.tz_localize("UTC"))


def _in_words(column, shapes, ways):
    """How the dates of a column are written, the most frequent way first."""
    counts = pd.Series(shapes[column.codes[~column.missing]], dtype=object).value_counts()
    words = []
    for shape in counts.index:
        if shape in ways:
            is_day_first, reason = ways[shape]
            words.append(f"{_OPEN[shape][is_day_first]}, {'day' if is_day_first else 'month'} first ({reason})")
        elif shape:
            words.append(shape)
    return "; ".join(words)
