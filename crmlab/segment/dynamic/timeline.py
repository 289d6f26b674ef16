"""How many were in a segment, day by day: with a clock, and on a list that only events bring up to date."""

import numpy as np
import pandas as pd

from crmlab.errors import CrmlabError, message
from crmlab.segment.dynamic.intervals import INTERVALS
from crmlab.segment.dynamic.log import read_log
from crmlab.tables.instant import instant

__all__ = ["Timeline", "timeline"]


def timeline(intervals, log, *, until=None):
    """See over time how many were in a segment, and what a list without a clock would have said.

    Such a list looks at a customer only when an event of that customer comes. Who left by the clock
    stays on it until then, and who entered by the clock is missing until then.

    Parameters
    ----------
    intervals : pandas.DataFrame
        From ``replay``, of one segment.
    log : pandas.DataFrame
        The log it was replayed over.
    until : str or timestamp, optional
        As in ``replay``.

    Returns
    -------
    Timeline
        ``table`` and ``figure()``.

    Raises
    ------
    CrmlabError
        When the intervals are of several segments, or none.

    Examples
    --------
    >>> from crmlab.segment.dynamic import did
    >>> log = pd.DataFrame({
    ...     "customer_id": [1, 1, 2], "seq": 0, "type": ["complaint", "visit", "visit"],
    ...     "ts": pd.to_datetime(["2025-01-01", "2025-01-04", "2025-01-05"], utc=True),
    ... })
    >>> timeline(did("complaint").within("2d").replay(log), log).table
                               members  listed
    day
    2025-01-01 00:00:00+00:00        1       1
    2025-01-02 00:00:00+00:00        1       1
    2025-01-03 00:00:00+00:00        0       1
    2025-01-04 00:00:00+00:00        0       0
    2025-01-05 00:00:00+00:00        0       0
    """
    if not isinstance(intervals, pd.DataFrame) or not set(INTERVALS) <= set(intervals):
        step = "give what rule.replay(log) gave."
        raise CrmlabError(message("intervals", "these are no intervals.", next=step))
    segments = intervals["segment"].unique()
    if len(segments) > 1:
        found = f"they are of {len(segments)} segments."
        raise CrmlabError(message("intervals", found, next='choose one: stays[stays["segment"] == "waiting"].'))
    read = read_log(log)
    return Timeline(intervals, read, until)


class Timeline:
    """Members over time, with and without a clock; made by :func:`timeline`.

    Parameters
    ----------
    intervals : pandas.DataFrame
    log : Log
    until : str or timestamp, optional

    Attributes
    ----------
    table : pandas.DataFrame
        One row per day, at its midnight (UTC): members (really in the segment) and listed (on a list
        that only events bring up to date), in customers.

    Examples
    --------
    Made by :func:`timeline`:

    >>> Timeline.__name__
    'Timeline'
    """

    def __init__(self, intervals, log, until):
        self.segment = str(intervals["segment"].iloc[0]) if len(intervals) else "segment"
        noticed = {end: _noticed(intervals, end, log) for end in ("entered_at", "left_at")}
        seen = noticed["entered_at"].notna() & ~(noticed["left_at"] <= noticed["entered_at"])
        days = _days(log, until)
        self.table = pd.DataFrame(
            {
                "members": _count(intervals["entered_at"], intervals["left_at"], days),
                "listed": _count(noticed["entered_at"][seen], noticed["left_at"][seen], days),
            },
            index=days,
        )

    def __repr__(self):
        return self._finding()

    def _finding(self):
        if self.table.empty:
            return "There is no day to show."
        day, last = self.table.index[-1], self.table.iloc[-1]
        listed = f"Without a clock {last['listed']:,} count as “{self.segment}”"
        return f"{listed} on {day:%Y-%m-%d}; really it is {last['members']:,}."

    def figure(self):
        """Draw both counts day by day.

        Returns
        -------
        crmlab.chart.Chart

        Examples
        --------
        >>> from crmlab.segment.dynamic import did
        >>> log = pd.DataFrame({
        ...     "customer_id": [1, 2], "seq": 0, "type": ["complaint", "visit"],
        ...     "ts": pd.to_datetime(["2025-01-01", "2025-01-05"], utc=True),
        ... })
        >>> timeline(did("complaint").within("2d").named("waiting").replay(log), log).figure()
        <Chart: Without a clock 1 count as “waiting” on 2025-01-05; really it is 0.>
        """
        from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

        from crmlab.chart import ACCENT, INK, SHADES, Chart

        table = self.table

        def draw(axes):
            lines = {"listed": ("on a list without a clock", ACCENT), "members": ("really in the segment", SHADES[0])}
            for column, (label, colour) in lines.items():
                axes.plot(table.index, table[column], color=colour, linewidth=1.6, label=label)
            axes.set(ylabel="customers", xlabel="day (midnight, UTC)", ylim=(0, None))
            axes.legend(loc="upper left", labelcolor=INK)
            locator = AutoDateLocator(minticks=3)
            axes.xaxis.set(major_locator=locator, major_formatter=ConciseDateFormatter(locator))

        words = (
            "The dark line counts the customers in the segment at each midnight. The orange line counts those "
            "on a list that looks at a customer only when that customer does something: nobody is taken off "
            "it because time has passed."
        )
        return Chart(self._finding(), words, draw)


def _noticed(intervals, end, log):
    """When the first event of the same customer at or after the end of an interval came; missing: never."""
    events = pd.DataFrame(
        {
            "place": np.repeat(np.arange(len(log.customers)), np.diff(log.starts)),
            "noticed": pd.Series(log.ts.astype("datetime64[us]")).dt.tz_localize("UTC"),
        }
    ).sort_values("noticed", kind="stable")
    places = pd.Index(log.customers).get_indexer(intervals["customer_id"])
    asked = pd.DataFrame({"place": places, "at": intervals[end].dt.as_unit("us"), "row": range(len(intervals))})
    asked = asked.dropna().sort_values("at", kind="stable")
    met = pd.merge_asof(asked, events, left_on="at", right_on="noticed", by="place", direction="forward")
    return met.set_index("row")["noticed"].reindex(range(len(intervals)))


def _days(log, until):
    if not len(log.ts):
        return pd.DatetimeIndex([], tz="UTC", name="day")
    first, last = (pd.Timestamp(int(ts), unit="us", tz="UTC") for ts in (log.ts.min(), log.ts.max()))
    last = last if until is None else instant(until, where="until")
    return pd.date_range(first.ceil("D"), last, freq="D", name="day")


def _count(entered, left, days):
    """How many had entered and not left at each moment."""
    ends = [at.dropna().sort_values().to_numpy() for at in (entered, left)]
    came, went = (at.searchsorted(days.to_numpy(), side="right") for at in ends)
    return came - went
