"""The time of day: how the hours of a day are shared out among what happens in it."""

from functools import lru_cache

import numpy as np

from crmlab.simulate.columns import DAY
from crmlab.simulate.dice import lookup

__all__ = ["TICKS", "active_later", "clock", "time_of_day"]

TICKS = 1 << 20  # equal parts of a day's activity
_HOUR = 3_600


def time_of_day(ticks, weights):
    """Say at which second of the day so much of the day's activity is over.

    Whatever happens evenly in ticks follows the day's rhythm in seconds, and what
    comes first in ticks comes first in seconds: the rhythm of the day bends a process
    without changing it.

    Parameters
    ----------
    ticks : array of int
        From 0 to ``TICKS - 1``.
    weights : sequence of 24 int
        Weight of each hour.

    Returns
    -------
    ndarray of int64
        Seconds since midnight.

    Examples
    --------
    >>> nine_to_five = [0] * 9 + [1] * 8 + [0] * 7
    >>> (time_of_day([0, TICKS // 2, TICKS - 1], nine_to_five) / 3_600).round(2).tolist()
    [9.0, 13.0, 17.0]
    """
    hours, starts, lengths = _hours(tuple(weights))
    parts = TICKS // len(hours)
    ticks = np.asarray(ticks, dtype=np.int64)
    hour = hours[ticks // parts]
    return hour * np.int64(_HOUR) + (ticks - parts * starts[hour]) * _HOUR // (parts * lengths[hour])


def active_later(seconds, delay, weights):
    """Go on, or back, by so much activity.

    A day's activity counts as 24 hours: an hour of activity passes quickly in busy
    hours, and none passes while all is closed.

    Parameters
    ----------
    seconds : array of int
        Seconds since 1970.
    delay : array of int
        Seconds to go on; back where negative.
    weights : sequence of 24 int
        Weight of each hour of the day.

    Returns
    -------
    ndarray of int64
        Seconds since 1970.

    Examples
    --------
    >>> nine_to_five = [0] * 9 + [1] * 8 + [0] * 7
    >>> (active_later([10 * 3_600, 20 * 3_600], [6 * 3_600, 3 * 3_600], nine_to_five) / 3_600).tolist()
    [12.0, 34.0]
    """
    hours, starts, lengths = _hours(tuple(weights))
    parts = TICKS // len(hours)
    day, second = np.divmod(np.asarray(seconds, dtype=np.int64), DAY)
    hour, within = np.divmod(second, _HOUR)
    over = parts * (starts[hour] * _HOUR + lengths[hour] * within) // _HOUR
    day, tick = np.divmod(day * TICKS + over + np.asarray(delay) * TICKS // DAY, TICKS)
    return day * DAY + time_of_day(tick, weights)


def clock(block, n, who, table, *further):
    """Draw n times of the day, in seconds.

    Parameters
    ----------
    block : Block
    n : int
        How many.
    who : str
        Which of the spec's hour profiles.
    table : str
        What the times are for.
    *further : str or int
        More words for the dice.

    Returns
    -------
    ndarray of int64
    """
    return time_of_day(block.draw(table, "time", *further).integers(0, TICKS, n), block.spec["hours"][who])


@lru_cache
def _hours(weights):
    """The hour of each of 65,536 parts of the activity, and of each hour its first part and their number."""
    hours = lookup(weights)
    lengths = np.bincount(hours, minlength=len(weights))
    return hours, np.cumsum(lengths) - lengths, lengths
