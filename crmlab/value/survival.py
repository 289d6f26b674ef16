"""How long contracts last, with those that still run counted as far as they were seen."""

import numpy as np
import pandas as pd
from scipy.special import ndtri

from crmlab.chart import ACCENT, INK, MUTED, SHADES, Chart
from crmlab.errors import CrmlabError, few, message
from crmlab.tables import check
from crmlab.tables.instant import instant
from crmlab.value.summary import UNITS

__all__ = ["SurvivalCurve", "check_level", "kaplan_meier", "lifespans"]


def kaplan_meier(contracts, *, as_of, unit="M", level=0.95):
    """See what share of contracts lasts how long, without guessing how long the running ones will last.

    A contract that still runs counts among those at risk for as long as it was seen, and then
    leaves the count without having ended. Leaving such contracts out, or taking them as ended,
    makes customers look less loyal than they are.

    Parameters
    ----------
    contracts : pandas.DataFrame of shape (n_contracts, …)
        With start and end (UTC; end is empty while it runs). Pass a part of them to see a group.
    as_of : str or timestamp
        The moment up to which ends are known. What ends later still runs; what starts later is passed over.
    unit : {"D", "W", "M", "Y"}, default="M"
        Days, weeks, months (365.25 / 12 days) or years (365.25 days).
    level : float, default=0.95
        How often the interval at a given time holds the true share.

    Returns
    -------
    SurvivalCurve
        ``table``: one row per time at which a contract ended; ``at(t)``; ``median``; ``figure()``.

    Raises
    ------
    CrmlabError
        When a column is missing or breaks its promise, a contract ends before it starts, or there
        is no curve: fewer than two contracts, or none that ended.

    References
    ----------
    E. L. Kaplan and P. Meier, Nonparametric estimation from incomplete observations, *Journal of the
    American Statistical Association* 53, 1958: S(t) = Π (1 − ended / at risk). Standard error by
    Greenwood's formula; interval on the scale of log(−log S), so that it stays between 0 and 1
    (J. D. Kalbfleisch and R. L. Prentice, *The Statistical Analysis of Failure Time Data*, 1980).

    Examples
    --------
    >>> contracts = pd.DataFrame({
    ...     "start": pd.to_datetime(["2025-01-01"] * 4, utc=True),
    ...     "end": pd.to_datetime(["2025-01-08", "2025-01-22", None, "2025-01-22"], utc=True),
    ... })
    >>> curve = kaplan_meier(contracts, as_of="2025-02-05", unit="W")
    >>> curve.table[["at_risk", "ended", "still_running", "survival"]]
           at_risk  ended  still_running  survival
    weeks
    0.0          4      0              0      1.00
    1.0          4      1              0      0.75
    3.0          3      2              1      0.25
    >>> curve.median
    3.0
    """
    if not isinstance(unit, str) or unit not in UNITS:
        allowed = "'D' (days), 'W' (weeks), 'M' (months), 'Y' (years)"
        raise CrmlabError(message("unit", f"found {unit!r}.", allowed=allowed, next="choose one of these."))
    check_level(level)
    seen = lifespans(contracts, as_of)
    if len(seen) < 2:
        found = f"there {'is one contract' if len(seen) else 'are no contracts'} that started before as_of."
        raise CrmlabError(message("contracts", found, next="load more contracts, or choose a later as_of."))
    if not seen["has_ended"].any():
        found = f"none of {len(seen):,} contracts had ended: the curve would never fall."
        raise CrmlabError(message("contracts.end", found, next="watch longer, or check that ends are filled in."))
    return SurvivalCurve(_curve(seen["days"] / UNITS[unit][1], seen["has_ended"], level, unit), unit, level)


class SurvivalCurve:
    """What share of contracts lasts how long.

    Parameters
    ----------
    table : pandas.DataFrame of shape (n_times + 1, 7)
        Indexed by time since the start, in the unit asked for: at_risk (running just before),
        ended (at this time), still_running (seen no longer than from here to the next row),
        survival (0 to 1), standard_error, low, high. The first row is time 0. Where all have
        ended, no interval can be given.
    unit : {"D", "W", "M", "Y"}
        What time is counted in.
    level : float
        Of the interval.

    Attributes
    ----------
    longest : float
        How long the contract seen for longest was seen; beyond it nothing is known.
    median : float or None
        Time by which half the contracts have ended; None when more than half outlast what was seen.

    Examples
    --------
    Made by :func:`kaplan_meier`, with ``curve.at(12)`` and ``curve.figure()``:

    >>> SurvivalCurve.__name__
    'SurvivalCurve'
    """

    def __init__(self, table, unit, level):
        self.table, self.unit, self.level = table, unit, level
        self.longest = table.attrs["longest"]
        half = table.index[table["survival"] <= 0.5]
        self.median = float(half[0]) if len(half) else None

    def __repr__(self):
        return f"<SurvivalCurve: {self._finding()}>"

    def at(self, t):
        """Read the share still there after a given time off the curve.

        Parameters
        ----------
        t : float or array-like of float of shape (n,)
            Times since the start, in the unit of the curve.

        Returns
        -------
        pandas.DataFrame of shape (n, 3)
            survival, low and high; empty beyond the longest time seen.

        Raises
        ------
        CrmlabError
            When a time is negative or no number.

        Examples
        --------
        >>> start = pd.to_datetime(["2025-01-01"] * 3, utc=True)
        >>> end = pd.to_datetime(["2025-01-08", "2025-01-29", None], utc=True)
        >>> curve = kaplan_meier(pd.DataFrame({"start": start, "end": end}), as_of="2025-02-05", unit="W")
        >>> curve.at([2, 6])["survival"].round(2).tolist()
        [0.67, nan]
        """
        try:
            times = np.ravel(np.asarray(t, dtype="float64"))
        except (TypeError, ValueError):
            times = np.array([np.nan])
        if not (times >= 0).all():
            allowed = f"numbers of {UNITS[self.unit][0]}, 0 or more"
            raise CrmlabError(message("t", f"found {t!r}.", allowed=allowed, next="count from the start."))
        row = np.searchsorted(self.table.index, times, side="right") - 1
        got = self.table[["survival", "low", "high"]].iloc[row].set_axis(times).rename_axis(self.table.index.name)
        got.attrs = {}
        got.loc[times > self.longest] = np.nan
        return got

    def figure(self):
        """Draw the share still there over time, with its interval.

        Returns
        -------
        Chart
            Shows itself in a notebook; ``.words`` says how to read it.

        Examples
        --------
        >>> start = pd.to_datetime(["2025-01-01"] * 3, utc=True)
        >>> end = pd.to_datetime(["2025-01-08", "2025-01-29", None], utc=True)
        >>> kaplan_meier(pd.DataFrame({"start": start, "end": end}), as_of="2025-02-05", unit="W").figure()
        <Chart: Half the contracts have ended after 4.0 weeks.>
        """
        name = UNITS[self.unit][0]
        steps = self.table[["survival", "low", "high"]]
        steps = pd.concat([steps, steps.iloc[[-1]].set_axis([self.longest])])

        def draw(axes):
            axes.fill_between(
                steps.index, steps["low"], steps["high"], step="post", color=SHADES[3], linewidth=0, label="interval"
            )
            axes.step(steps.index, steps["survival"], where="post", color=SHADES[0], linewidth=2)
            if self.median is not None:
                axes.plot([0, self.median, self.median], [0.5, 0.5, 0], color=MUTED, linewidth=1, linestyle="--")
                axes.plot([self.median], [0.5], "o", color=ACCENT, markersize=8, markeredgecolor=INK)
            axes.set_xlim(0, max(self.longest, 1e-9))
            axes.set_ylim(0, 1.02)
            axes.yaxis.set_major_formatter(lambda share, _: f"{share:.0%}")
            axes.set_xlabel(f"time since the start of the contract ({name})")
            axes.set_ylabel("contracts still running (%)")

        words = (
            f"Each step down is a time at which contracts ended. Contracts that still run count for as long as they "
            f"were seen. The band holds the true share at a given time {self.level:.0%} of the time; it widens to the "
            f"right, where few contracts were seen that long. The line ends where nothing more is known."
        )
        return Chart(self._finding(), words, draw)

    def _finding(self):
        name = UNITS[self.unit][0]
        if self.median is not None:
            return f"Half the contracts have ended after {self.median:,.1f} {name}."
        left = self.table["survival"].iloc[-1]
        return f"After {self.longest:,.1f} {name}, {left:.0%} of the contracts still run."


def lifespans(contracts, as_of):
    """Tell how long each contract was seen, and whether it had ended by then.

    Parameters
    ----------
    contracts : pandas.DataFrame of shape (n_contracts, …)
        With start and end.
    as_of : str or timestamp
        The moment up to which ends are known.

    Returns
    -------
    pandas.DataFrame of shape (n_started, 4)
        start, end (empty while it runs), days (seen) and has_ended, of the contracts that started
        before `as_of`; the caller's index is kept.

    Raises
    ------
    CrmlabError
        When a column is missing or breaks its promise, or a contract ends before it starts.

    Examples
    --------
    >>> start = pd.to_datetime(["2025-01-01", "2025-01-01"], utc=True)
    >>> end = pd.to_datetime(["2025-01-08", None], utc=True)
    >>> lifespans(pd.DataFrame({"start": start, "end": end}), "2025-02-05")[["days", "has_ended"]]
       days  has_ended
    0   7.0       True
    1  35.0      False
    """
    check("contracts", contracts, columns=["start", "end"])
    as_of = instant(as_of)
    wrong = contracts["end"] < contracts["start"]
    if wrong.any():
        n = int(wrong.sum())
        found = f'{n:,} value{"s break" if n > 1 else " breaks"} the rule "not before the start".'
        rows = few(contracts.index[wrong])
        raise CrmlabError(message("contracts.end", found, rows=rows, next="mend or leave out these contracts."))
    seen = contracts.loc[contracts["start"] < as_of, ["start", "end"]]
    has_ended = seen["end"] < as_of
    days = (seen["end"].where(has_ended, as_of) - seen["start"]) / pd.Timedelta(days=1)
    return seen.assign(end=seen["end"].where(has_ended), days=days, has_ended=has_ended)


def check_level(level):
    """Refuse a level of an interval that is no share.

    Parameters
    ----------
    level : float
        The level.

    Raises
    ------
    CrmlabError
        When it is not between 0 and 1.

    Examples
    --------
    >>> check_level(0.9)
    """
    if isinstance(level, bool) or not isinstance(level, int | float | np.number) or not 0 < level < 1:
        step = "write 0.95 for 95 %."
        raise CrmlabError(message("level", f"found {level!r}.", allowed="between 0 and 1", next=step))


def _curve(time, has_ended, level, unit):
    """One row per time at which a contract ended; before it, time 0."""
    time, has_ended = time.to_numpy(), has_ended.to_numpy()
    at = np.union1d(0.0, time[has_ended])
    seen, ends = np.sort(time), np.sort(time[has_ended])
    at_risk = len(time) - np.searchsorted(seen, at)
    ended = np.searchsorted(ends, at, side="right") - np.searchsorted(ends, at)
    survival = np.cumprod(1 - ended / at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):  # all have ended: no interval; none yet: no width
        greenwood = np.cumsum(ended / (at_risk * (at_risk - ended)))
        width = ndtri((1 + level) / 2) * np.sqrt(greenwood) / np.abs(np.log(survival))
        low, high = survival ** np.exp(width), survival ** np.exp(-width)
        error = survival * np.sqrt(greenwood)
    sure, over = survival == 1, survival == 0
    error, low, high = (
        np.where(over, np.nan, np.where(sure, same, end)) for same, end in ((0, error), (1, low), (1, high))
    )
    table = pd.DataFrame(
        {
            "at_risk": at_risk,
            "ended": ended,
            "still_running": at_risk - ended - np.append(at_risk[1:], 0),
            "survival": survival,
            "standard_error": error,
            "low": low,
            "high": high,
        },
        index=pd.Index(at, name=UNITS[unit][0]),
    )
    table.attrs = {"unit": unit, "longest": float(seen[-1])}
    return table
