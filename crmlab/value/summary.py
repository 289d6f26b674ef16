"""From a purchase log to one row per customer: how often, how lately, watched for how long, worth what."""

import numpy as np
import pandas as pd

from crmlab.errors import CrmlabError, few, message
from crmlab.tables import check
from crmlab.tables.instant import instant
from crmlab.value.by_customer import with_record_id
from crmlab.value.parquet_log import is_path, parquet_log, summed

__all__ = ["UNITS", "once", "purchase_summary", "unit_of"]

UNITS = {"D": ("days", 1.0), "W": ("weeks", 7.0), "M": ("months", 365.25 / 12), "Y": ("years", 365.25)}
_PERIODS = {"D": "day", "W": "week, Monday to Sunday", "M": "calendar month", "Y": "calendar year"}
_DAY_US = 86_400_000_000
_BEGIN_US = -(2**62)

_PERIOD_SQL = {
    "D": "day",
    "W": "day - ((day + 3) % 7 + 7) % 7",
    "M": "datediff('day', DATE '1970-01-01', date_trunc('month', DATE '1970-01-01' + day::INTEGER)::DATE)",
    "Y": "datediff('day', DATE '1970-01-01', date_trunc('year', DATE '1970-01-01' + day::INTEGER)::DATE)",
}
# Where nothing was returned, what a customer paid within one period is one purchase.
_PAID_SQL = """
SELECT who, {period} AS period, sum(cents)::BIGINT AS net
FROM ({rows}) WHERE us >= {after} AND us < {until} GROUP BY who, period
"""
# Who returned something is followed from moment to moment. held: what all purchases so far still bring. A
# purchase brings what is left of it at the lowest that held falls to from then on.
_BROUGHT_SQL = """
WITH moment AS (
    SELECT who, us, day, sum(greatest(cents, 0)) AS paid, sum(cents) AS change, bool_or(cents >= 0) AS bought
    FROM ({rows}) SEMI JOIN sent_back USING (who) WHERE us < {until} GROUP BY who, us, day
), added AS (
    SELECT *, sum(change) OVER (PARTITION BY who ORDER BY us) AS total FROM moment
), followed AS (
    SELECT *, total - least(0, min(total) OVER (PARTITION BY who ORDER BY us)) AS held FROM added
), brought AS (
    SELECT *, greatest(0, min(held) OVER (PARTITION BY who ORDER BY us ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)
                          - coalesce(lag(held) OVER (PARTITION BY who ORDER BY us), 0)) AS net
    FROM followed
)
SELECT who, us, {period} AS period, held, net, bought AND (paid = 0 OR net > 0) AS counts FROM brought
"""
_SENT_BACK_SQL = "CREATE TEMP TABLE sent_back AS SELECT DISTINCT who FROM ({rows}) WHERE cents < 0"
_OTHERS_SQL = "SELECT * FROM ({rows}) ANTI JOIN sent_back USING (who)"
_PURCHASES_SQL = """
({paid}) UNION ALL (SELECT who, period, sum(net)::BIGINT AS net FROM ({brought}) WHERE counts GROUP BY who, period)
"""
_SUMMARY_SQL = """
WITH purchase AS ({purchases}), begun AS (SELECT who, min(period) AS first FROM purchase GROUP BY who)
SELECT who, first, count(*) - 1 AS frequency, max(period) AS last,
       (sum(net) FILTER (period > first))::DOUBLE / nullif(count(*) - 1, 0) AS mean_value_cents
FROM purchase JOIN begun USING (who) GROUP BY who, first ORDER BY who
"""
_HOLDOUT_SQL = "SELECT who, count(*) AS bought, sum(net)::BIGINT AS net FROM ({paid}) GROUP BY who"
_HOLDOUT_SENT_BACK_SQL = """
UNION ALL
SELECT who, count(DISTINCT period) FILTER (counts AND us >= {after}),
       (max_by(held, us) - coalesce(max_by(held, us) FILTER (us < {after}), 0))::BIGINT
FROM ({brought}) GROUP BY who
"""


def purchase_summary(transactions, *, unit="W", collapse="D", end=None, split=None):
    """Boil a purchase log down to what the models of repeat buying need: one row per customer.

    The **unit** is what time is counted in; the **collapse** is what counts as one purchase:
    everything a customer buys within one day (or week …) is one. They are two things, and
    both change a fit. A **day** is one of UTC, from midnight to midnight, so that every
    computer counts alike: in Zagreb it begins at 1 or 2 in the morning. Weeks, months and
    years are made of such days.

    **Returns**: a return (an amount below 0) is taken off the purchase before it on the clock;
    what is left over goes to the one before that, and so on; what no purchase is left for
    changes nothing. Only then are purchases collapsed. So in an exchange (bought, sent back,
    something else bought) the first purchase goes and the other stays. A purchase returned
    whole is no purchase. An amount of 0 is a purchase that was free; a return passes it by.
    What is booked at one and the same moment is one purchase, less what is returned at that
    moment: where a log has days without hours, a return is first taken off what was bought
    that day. **A split** hides the returns after it from what comes before it: they lower
    holdout_value_cents instead, also below 0, since the money went back in that time.

    A customer's clock starts with the first purchase in the log. Leave out customers who
    first bought before the log begins: their first purchases are missing. An `end` or `split`
    inside a week (month …) cuts that period short, though it counts as one: where purchases
    are collapsed by week, let both be Sundays.

    Parameters
    ----------
    transactions : pandas.DataFrame of shape (n_transactions, …), str or Path
        With record_id (or customer_id), ts (UTC) and amount_cents. A path is a Parquet file or
        a folder of them, read by DuckDB without loading the whole.
    unit : {"D", "W", "M", "Y"}, default="W"
        Days, weeks, months (365.25 / 12 days) or years (365.25 days). Where the collapse is the
        same, time is counted in whole periods, as :class:`BGBB` needs it.
    collapse : {"D", "W", "M", "Y"}, default="D"
        Purchases of one day, week (from Monday), calendar month or year count as one.
    end : str or timestamp, optional
        Last day that counts, whole. Without it: the day of the last transaction.
    split : str or timestamp, optional
        Last day a model may learn from; what comes after it, up to `end`, is held out.

    Returns
    -------
    pandas.DataFrame of shape (n_customers, 4 or 7)
        Indexed by customer, in rising order. frequency (x: repeat purchases), recency_<unit>
        (t_x: from the first purchase to the last), age_<unit> (T: from the first purchase to
        the end, or to the split) and mean_value_cents (of the repeat purchases; empty where
        there are none). With a split: holdout_purchases, holdout_value_cents (paid, less all
        that went back), holdout_<unit>.
        ``attrs`` holds unit, collapse, start, end and split.

    Raises
    ------
    CrmlabError
        When a column is missing or breaks its promise, a unit or a date is not one, or nothing
        was bought in the time asked for.

    References
    ----------
    P. S. Fader, B. G. S. Hardie and K. L. Lee, "Counting your customers" the easy way, 2005:
    (x, t_x, T).

    Examples
    --------
    >>> log = pd.DataFrame({
    ...     "record_id": [1, 1, 1, 2],
    ...     "ts": pd.to_datetime(["2025-01-06", "2025-01-13", "2025-01-27", "2025-01-13"], utc=True),
    ...     "amount_cents": [10_00, 20_00, 30_00, 40_00],
    ... })
    >>> purchase_summary(log, end="2025-02-03")
               frequency  recency_weeks  age_weeks  mean_value_cents
    record_id
    1                  2            3.0        4.0            2500.0
    2                  0            0.0        3.0               NaN

    An exchange: what was bought for 50 is sent back, and something for 30 bought.

    >>> exchange = log.assign(record_id=1, amount_cents=[10_00, 50_00, -50_00, 30_00]).assign(
    ...     ts=pd.to_datetime(["2025-01-06", "2025-01-13", "2025-01-20 10:00", "2025-01-20 10:05"],
    ...                       utc=True, format="ISO8601"))
    >>> purchase_summary(exchange, end="2025-02-03")
               frequency  recency_weeks  age_weeks  mean_value_cents
    record_id
    1                  1            2.0        4.0            3000.0
    """
    import duckdb

    _known("unit", unit, UNITS)
    _known("collapse", collapse, _PERIODS)
    with duckdb.connect() as engine:
        rows, who = _rows(engine, transactions)
        start_day, end_day, least = engine.sql(f"SELECT min(day), max(day), min(cents) FROM ({rows})").fetchall()[0]
        if start_day is None:
            raise CrmlabError(_no_rows())
        end_day = end_day if end is None else _day(end, "end")
        split_day = end_day if split is None else _day(split, "split")
        _in_order(start_day, split_day, end_day, has_split=split is not None)
        table, held = _reckoned(engine, rows, least < 0, _PERIOD_SQL[collapse], split_day, end_day)
        last_day, held_day = (_period_of(engine, day, collapse) for day in (split_day, end_day))
    if table.empty:
        found = "nothing was bought in the time asked for."
        raise CrmlabError(message("transactions", found, next="check end and split, and the signs of the amounts."))
    name = UNITS[unit][0]
    summary = pd.DataFrame(
        {
            "frequency": table["frequency"].to_numpy("int64"),
            f"recency_{name}": _time(table["first"], table["last"], unit, collapse),
            f"age_{name}": _time(table["first"], last_day, unit, collapse),
            "mean_value_cents": table["mean_value_cents"].to_numpy("float64"),
        },
        index=pd.Index(table["who"], name=who),
    )
    if split is not None:
        held = held.set_index("who").reindex(summary.index)
        summary["holdout_purchases"] = held["bought"].fillna(0).astype("int64")
        summary["holdout_value_cents"] = held["net"].fillna(0).astype("int64")
        summary[f"holdout_{name}"] = _time(last_day, held_day, unit, collapse)
    summary.attrs = {"unit": unit, "collapse": collapse, "start": _date(start_day), "end": _date(end_day)}
    summary.attrs["split"] = None if split is None else _date(split_day)
    return summary


def unit_of(summary):
    """Read the unit of time off a summary's columns.

    Parameters
    ----------
    summary : pandas.DataFrame
        Made by :func:`purchase_summary`, or with the same columns.

    Returns
    -------
    str
        "D", "W", "M" or "Y".

    Raises
    ------
    CrmlabError
        When the table has no such columns, or columns of two units or two of one name, or was made
        in another unit than its columns say.

    Examples
    --------
    >>> unit_of(pd.DataFrame({"frequency": [1], "recency_weeks": [2.0], "age_weeks": [3.0]}))
    'W'
    """
    columns = getattr(summary, "columns", ())
    once(summary)
    found = [unit for unit, (name, _) in UNITS.items() if f"age_{name}" in columns]
    if len(found) == 1:
        _as_made(summary, found[0])
        return found[0]
    says = "no column says how long each customer was watched" if not found else "two units of time in one table"
    raise CrmlabError(
        message(
            "summary",
            f"{says}.",
            it_has=few(columns, 12) or f"a {type(summary).__name__}",
            allowed="frequency, recency_weeks, age_weeks (or _days, _months, _years)",
            next="make it with value.purchase_summary(transactions).",
        )
    )


def once(summary):
    """Refuse a table in which two columns have the same name: nobody knows which one is meant.

    Parameters
    ----------
    summary : pandas.DataFrame
        The table; what is none is left for others to refuse.

    Raises
    ------
    CrmlabError
        Naming the columns.

    Examples
    --------
    >>> once(pd.DataFrame({"frequency": [1]}))
    """
    if isinstance(summary, pd.DataFrame) and not summary.columns.is_unique:
        twice = few(summary.columns[summary.columns.duplicated()].unique())
        found = f"two columns have the same name: {twice}."
        raise CrmlabError(message("summary", found, next="rename one of them or take it out."))


def _as_made(summary, unit):
    """Refuse columns named after another unit than the one the table was made in."""
    made = summary.attrs.get("unit")
    if made in UNITS and made != unit:
        found = f"the table was made in {UNITS[made][0]}, its column says {UNITS[unit][0]}."
        step = f'make it with unit="{unit}"; if you worked the times out anew, set summary.attrs["unit"] = "{unit}".'
        raise CrmlabError(message(f"summary.age_{UNITS[unit][0]}", found, next=step))


def _rows(engine, transactions):
    """Say in SQL where who, us (microseconds since 1970), day and cents stand; a table is held to its promise."""
    if is_path(transactions):
        log, who = parquet_log(engine, transactions)
    else:
        renamed, who = with_record_id(transactions)
        columns = ["record_id", "ts", "amount_cents"]
        if isinstance(renamed, pd.DataFrame) and renamed.empty and set(columns) <= set(renamed):
            raise CrmlabError(_no_rows())
        check("transactions", renamed, columns=columns)
        us = renamed["ts"].dt.as_unit("us").astype("int64")
        cents = renamed["amount_cents"].astype("int64")
        engine.register("log", pd.DataFrame({"who": renamed["record_id"].array, "us": us.array, "cents": cents.array}))
        log = "SELECT who, us, cents FROM log"
    day = f"(us - (us % {_DAY_US} + {_DAY_US}) % {_DAY_US}) // {_DAY_US}"
    return f"SELECT who, us, {day} AS day, cents FROM ({log})", who


def _reckoned(engine, rows, has_returns, period, split_day, end_day):
    """Add up what each customer bought up to the split, and what came of it up to the end."""
    split, end = (split_day + 1) * _DAY_US, (end_day + 1) * _DAY_US
    others = rows
    if has_returns:
        engine.execute(_SENT_BACK_SQL.format(rows=rows))
        others = _OTHERS_SQL.format(rows=rows)

    def paid(after, until):
        return _PAID_SQL.format(rows=others, period=period, after=after, until=until)

    def brought(until):
        return _BROUGHT_SQL.format(rows=rows, period=period, until=until)

    purchases = paid(_BEGIN_US, split)
    holdout = _HOLDOUT_SQL.format(paid=paid(split, end))
    if has_returns:
        purchases = _PURCHASES_SQL.format(paid=purchases, brought=brought(split))
        holdout += _HOLDOUT_SENT_BACK_SQL.format(brought=brought(end), after=split)
    table = summed(engine, _SUMMARY_SQL.format(purchases=purchases), "transactions.amount_cents")
    return table, summed(engine, holdout, "transactions.amount_cents") if split < end else None


def _no_rows():
    return message("transactions", "there are no rows.", next="load the log of a longer time.")


def _known(where, given, allowed):
    if not isinstance(given, str) or given not in allowed:
        means = {"D": "days", "W": "weeks", "M": "months", "Y": "years"}
        listed = ", ".join(f"'{name}' ({means[name]})" for name in allowed)
        raise CrmlabError(message(where, f"found {given!r}.", allowed=listed, next="choose one of these."))


def _day(written, where):
    return (instant(written, where=where).normalize() - pd.Timestamp(0, tz="UTC")) // pd.Timedelta(days=1)


def _date(day):
    return str(np.datetime64(int(day), "D"))


def _period_of(engine, day, collapse):
    return engine.sql(f"SELECT {_PERIOD_SQL[collapse]} FROM (SELECT {int(day)}::BIGINT AS day)").fetchall()[0][0]


def _time(first, last, unit, collapse):
    """Count the time between two days; where unit and collapse are one, in whole periods."""
    first, last = np.asarray(first, "datetime64[D]"), np.asarray(last, "datetime64[D]")
    if unit == collapse and unit in "MY":
        return (last.astype(f"datetime64[{unit}]") - first.astype(f"datetime64[{unit}]")).astype("float64")
    return (last - first).astype("float64") / UNITS[unit][1]


def _in_order(start, split, end, *, has_split):
    faults = []
    if end < start:
        faults.append(("end", _date(end), f"a day from {_date(start)} on, when the log begins"))
    if has_split and not start <= split < end:
        faults.append(("split", _date(split), f"a day from {_date(start)} to the day before {_date(end)}"))
    if faults:
        raise CrmlabError(
            *(
                message(where, f"found {day}.", allowed=allowed, next="choose a day inside the log.")
                for where, day, allowed in faults
            )
        )
