"""Who is in which segment at a moment, and what changed between two."""

import pandas as pd

from crmlab.errors import CrmlabError, few, message
from crmlab.tables.instant import instant

__all__ = ["Changes", "changes", "checked_intervals", "membership", "names_of"]

_COLUMNS = ("customer_id", "segment", "entered_at", "left_at", "entered_by", "reason")
_ENTERED, _LEFT, _PASSED = "entered", "left", "passed through"


def membership(intervals, *, at, customers):
    """See who is in which segment at a moment.

    Parameters
    ----------
    intervals : pandas.DataFrame
        From ``replay``, of one rule or of several, run at least up to `at`: what the clock ends
        later than the replay's ``until`` is not in it. How far it ran stands in ``.attrs["until"]``.
    at : str or datetime
        The moment, UTC when no zone is given; all that happens at that instant has happened.
    customers : array-like
        All customers, also those who were never in a segment.

    Returns
    -------
    pandas.DataFrame of bool
        One row per customer, in the order given; one column per segment.

    Raises
    ------
    CrmlabError
        When the intervals are none or end before `at`, a customer stands twice, or a member is
        not among them.

    Examples
    --------
    >>> day = pd.to_datetime(["2025-03-01", "2025-03-02", "2025-03-05"], utc=True)
    >>> intervals = pd.DataFrame({"customer_id": [1, 2], "segment": "calls", "entered_at": day[:2],
    ...     "left_at": [day[2], pd.NaT], "entered_by": "event", "reason": ["clock", None]})
    >>> membership(intervals, at="2025-03-05", customers=[1, 2, 3])
                 calls
    customer_id
    1            False
    2             True
    3            False
    """
    checked_intervals(intervals)
    at = instant(at, where="at")
    _check_reach(intervals, at, "at")
    if not pd.api.types.is_list_like(customers) or isinstance(customers, pd.DataFrame):
        step = 'give all customers of the log: log["customer_id"].unique().'
        raise CrmlabError(
            message("customers", f"found a {type(customers).__name__}.", allowed="a list of ids", next=step)
        )
    people = pd.Index(customers, name="customer_id")
    if not people.is_unique:
        twice = people[people.duplicated()].unique()
        found = f"{few(twice)} stand{'s' * (len(twice) == 1)} there more than once."
        raise CrmlabError(message("customers", found, next='give each once, for instance log["customer_id"].unique().'))
    strange = intervals["customer_id"][~intervals["customer_id"].isin(people)].unique()
    if len(strange):
        are = "members are" if len(strange) > 1 else "member is"
        found = f"{len(strange):,} {are} not among them: {few(strange)}."
        step = 'give all customers of the log: log["customer_id"].unique().'
        raise CrmlabError(message("customers", found, next=step))
    there = _inside(intervals, at)
    names = names_of(intervals)
    inside = {name: people.isin(there.loc[there["segment"] == name, "customer_id"]) for name in names}
    return pd.DataFrame(inside, index=people, columns=names)


def changes(intervals, *, since, until):
    """See who entered and who left each segment between two moments, such as this week.

    Parameters
    ----------
    intervals : pandas.DataFrame
        From ``replay``, run at least up to `until`.
    since, until : str or datetime
        The two moments, UTC when no zone is given.

    Returns
    -------
    Changes
        ``table`` (sums), ``customers`` (who, when and why), ``figure()``.

    Raises
    ------
    CrmlabError
        When the intervals are none or end before `until`, or `until` is not later than `since`.

    Examples
    --------
    >>> day = pd.to_datetime(["2025-03-01", "2025-03-02", "2025-03-05"], utc=True)
    >>> intervals = pd.DataFrame({"customer_id": [1, 2], "segment": "calls", "entered_at": day[:2],
    ...     "left_at": [day[2], pd.NaT], "entered_by": "event", "reason": ["clock", None]})
    >>> changes(intervals, since="2025-03-01", until="2025-03-08").table
             before  entered  left  after  passed_through
    segment
    calls         1        1     1      1               0
    """
    checked_intervals(intervals)
    since, until = instant(since, where="since"), instant(until, where="until")
    if until <= since:
        found = f"{until:%Y-%m-%d %H:%M} is not later than since, {since:%Y-%m-%d %H:%M}."
        raise CrmlabError(message("until", found, next="write the earlier moment as since."))
    _check_reach(intervals, until, "until")
    return Changes(intervals, since, until)


class Changes:
    """Entries and exits between two moments; made by :func:`changes`.

    Parameters
    ----------
    intervals : pandas.DataFrame
    since, until : pandas.Timestamp

    Attributes
    ----------
    table : pandas.DataFrame
        By segment: customers in it before, entered, left, after (before + entered - left), and
        passed_through (entered and left in between). Who left and came back has stayed.
    customers : pandas.DataFrame
        One row per customer and segment that changed: customer_id, segment, change ("entered",
        "left", "passed through"), ts (of the last step that made it so) and by ("event" or "clock").

    Examples
    --------
    Made by :func:`changes`:

    >>> Changes.__name__
    'Changes'
    """

    def __init__(self, intervals, since, until):
        self.since, self.until = since, until
        pair = ["customer_id", "segment"]
        intervals = intervals.sort_values(["entered_at", "left_at"], kind="stable")
        before, after = _inside(intervals, since), _inside(intervals, until)
        touched = intervals[(intervals["entered_at"] > since) & (intervals["entered_at"] <= until)]
        last = intervals[intervals["entered_at"] <= until].drop_duplicates(pair, keep="last")
        was, is_in = _keys(last).isin(_keys(before)), _keys(last).isin(_keys(after))
        passed = _keys(last).isin(_keys(touched)) & ~was & ~is_in
        kinds = {_ENTERED: is_in & ~was, _LEFT: was & ~is_in, _PASSED: passed}
        parts = [last[some].assign(change=kind) for kind, some in kinds.items()]
        told = pd.concat(parts).sort_values(pair, ignore_index=True)
        came = told["change"] == _ENTERED
        told["ts"] = told["entered_at"].where(came, told["left_at"])
        told["by"] = told["entered_by"].astype("str").where(came, told["reason"].astype("str"))
        self.customers = told[[*pair, "change", "ts", "by"]]
        names = names_of(intervals)
        counts = {kind: _counted(told[told["change"] == kind], names) for kind in kinds}
        self.table = pd.DataFrame(
            {
                "before": _counted(before, names),
                "entered": counts[_ENTERED],
                "left": counts[_LEFT],
                "after": _counted(after, names),
                "passed_through": counts[_PASSED],
            }
        ).rename_axis("segment")

    def __repr__(self):
        span = f"{self.since:%Y-%m-%d %H:%M} to {self.until:%Y-%m-%d %H:%M} UTC"
        lines = [
            f"{row.Index}: {row.before:,} before, {row.entered:,} entered, {row.left:,} left, {row.after:,} after"
            for row in self.table.itertuples()
        ]
        return "\n".join([f"{span}. See .customers for who, when and why.", *lines])

    def figure(self):
        """Show how many entered and left each segment.

        Returns
        -------
        crmlab.chart.Chart

        Examples
        --------
        >>> day = pd.to_datetime(["2025-03-01", "2025-03-02"], utc=True)
        >>> intervals = pd.DataFrame({"customer_id": [1, 2], "segment": "calls", "entered_at": day,
        ...     "left_at": [day[1], pd.NaT], "entered_by": "event", "reason": ["clock", None]})
        >>> changes(intervals, since="2025-03-01", until="2025-03-08").figure()
        <Chart: 1 entry into a segment and 1 exit from one between 2025-03-01 and 2025-03-08.>
        """
        from crmlab.chart import ACCENT, INK, SHADES, Chart

        table = self.table
        n, out = int(table["entered"].sum()), int(table["left"].sum())
        entries = f"{n:,} entr{'y' if n == 1 else 'ies'} into a segment"
        exits = f"{out:,} exit{'s' * (out != 1)} from one"
        finding = f"{entries} and {exits} between {self.since:%Y-%m-%d} and {self.until:%Y-%m-%d}."

        def draw(axes):
            names = [str(name) for name in table.index]
            for column, sign, colour in (("entered", 1, SHADES[1]), ("left", -1, ACCENT)):
                axes.barh(names, sign * table[column], color=colour, height=0.6)
                for place, size in enumerate(table[column]):
                    offset, side = ((4 * sign, 0), "left" if sign > 0 else "right")
                    text = {"textcoords": "offset points", "va": "center", "ha": side}
                    axes.annotate(f"{size:,} {column}", (sign * size, place), offset, **text)
            most = max(int(table[["entered", "left"]].to_numpy().max(initial=0)), 1)
            axes.set(xlim=(-1.35 * most, 1.35 * most), xticks=[], xlabel="customers who left · customers who entered")
            axes.axvline(0, color=INK, linewidth=0.8)
            axes.grid(visible=False)
            axes.invert_yaxis()

        words = (
            "One line per segment: to the right the customers who are in it at the later moment and were not at the "
            "earlier one, to the left those who were in it and no longer are."
        )
        return Chart(finding, words, draw, size=(7.0, 1.4 + 0.6 * len(table)))


def checked_intervals(intervals):
    """Refuse what is no table of intervals.

    Parameters
    ----------
    intervals : object
        What was given.

    Raises
    ------
    CrmlabError
        When it is no table, or a column is missing.

    Examples
    --------
    >>> checked_intervals([])
    Traceback (most recent call last):
        ...
    crmlab.errors.CrmlabError: intervals: found a list.
      allowed : what rule.replay(log) gives
      next    : run the rule over a log first: intervals = rule.replay(log).
    """
    found = ""
    if not isinstance(intervals, pd.DataFrame):
        found = f"found a {type(intervals).__name__}."
    else:
        missing = [column for column in _COLUMNS if column not in intervals]
        found = f"no column {few(map(repr, missing))}." if missing else ""
        for column in () if missing else ("entered_at", "left_at"):
            if not isinstance(intervals[column].dtype, pd.DatetimeTZDtype):
                found = f"{column} is {intervals[column].dtype}, not a time in UTC."
    if found:
        step = "run the rule over a log first: intervals = rule.replay(log)."
        raise CrmlabError(message("intervals", found, allowed="what rule.replay(log) gives", next=step))


def names_of(intervals):
    """Names of the segments of a table of intervals, in their order.

    Parameters
    ----------
    intervals : pandas.DataFrame

    Returns
    -------
    list of str

    Examples
    --------
    >>> names_of(pd.DataFrame({"segment": ["b", "a", "b"]}))
    ['a', 'b']
    """
    segment = intervals["segment"]
    if isinstance(segment.dtype, pd.CategoricalDtype):
        return list(segment.cat.categories)
    return sorted(segment.unique())


def _check_reach(intervals, at, where):
    """Refuse a moment later than the replay ran to: whom the clock takes out after it would still be in."""
    reached = intervals.attrs.get("until")
    if reached is None or at.floor("us") <= pd.Timestamp(reached):
        return
    asked, ran = (moment.tz_localize(None) for moment in (at.floor("us"), pd.Timestamp(reached)))
    found = f"{asked} is later than the rule was run: up to {ran}."
    step = f'let the clock run up to then: rule.replay(log, until="{asked}").'
    raise CrmlabError(message(where, found, next=step))


def _inside(intervals, at):
    """The intervals that hold at a moment, all steps of that instant taken."""
    return intervals[(intervals["entered_at"] <= at) & ~(intervals["left_at"] <= at)]


def _keys(some):
    return pd.MultiIndex.from_arrays([some["customer_id"], some["segment"].astype("str")])


def _counted(some, names):
    """Customers by segment; a customer is in a segment once."""
    return some["segment"].astype("str").value_counts().reindex(names, fill_value=0)
