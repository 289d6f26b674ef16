"""Recency, frequency and monetary value: three numbers and three scores per customer."""

import numpy as np
import pandas as pd

from crmlab.errors import CrmlabError, message
from crmlab.tables import check
from crmlab.tables.cents import cents_of
from crmlab.tables.instant import instant
from crmlab.value.by_customer import with_record_id
from crmlab.value.numbered import NEVER, summed_by_number
from crmlab.value.parquet_log import is_path, parquet_log, summed

__all__ = ["rfm"]

_DAY = pd.Timedelta(days=1)
_ROWS_AT_ONCE = 1_000_000
_ROWS_SQL = """
SELECT who, (({as_of} - greatest(us, {earliest})) // {day})::INTEGER AS days, cents FROM ({log}) WHERE us < {as_of}
"""
_FIXED = {"day": 86_400_000_000, "earliest": -(2**62)}  # days from before that would be too many to count
_SUMS_SQL = """
SELECT who, min(CASE WHEN cents > 0 THEN days ELSE {never} END) AS days, sum((cents > 0)::INTEGER) AS frequency,
       sum(cents)::BIGINT AS monetary_cents
FROM ({rows}) GROUP BY who ORDER BY who
"""
_NUMBERS = {"r": "recency_days", "f": "frequency", "m": "monetary_cents"}


def rfm(transactions, *, as_of=None, scores=5, nested=False, edges=None):
    """See for every customer how recently, how often and for how much they bought.

    A purchase is a transaction above 0. A return (below 0) lowers the monetary value,
    but is no purchase: it changes neither recency nor frequency. A customer with
    nothing but returns has frequency 0 and no recency, and scores lowest in both.

    Each score cuts the customers into `scores` groups of equal size, the best group
    scoring highest. **Ties**: customers with equal numbers always get the same score,
    that of the middle of their places; the order of rows plays no part.

    Parameters
    ----------
    transactions : pandas.DataFrame of shape (n_transactions, …), str or Path
        With record_id (or customer_id), ts (UTC) and amount_cents (whole cents). A path is a
        Parquet file or a folder of them, read by DuckDB without loading the whole; the scores
        are the same.
    as_of : str or timestamp, optional
        The moment to look back from, UTC when no zone is given; only what was booked
        before it counts. Without it: midnight after the last transaction.
    scores : int, default=5
        Number of groups, 2 to 9.
    nested : bool, default=False
        False: each score is cut over all customers. True: F is cut anew among the
        customers of each R, and M among those of each R and F; so all R-F-M cells hold
        about as many customers, and an F says nothing outside its R.
    edges : dict of str to list of number, optional
        Own edges in place of equal groups, for one or more of recency_days, frequency and
        monetary_cents: one to eight rising numbers, which make one score more than there are
        edges. **At an edge** the better score is given: with edges [30, 90] exactly 30
        days ago is "up to 30 days", and with [2, 5] exactly 5 purchases is "5 or more".

    Returns
    -------
    pandas.DataFrame of shape (n_customers, 7)
        Indexed by customer, in rising order: recency_days (whole days since the last
        purchase), frequency (purchases), monetary_cents (sum of amounts), the scores
        r, f, m (from 1, higher is better) and rfm, the three as text.

    Raises
    ------
    CrmlabError
        When a column is missing or breaks its promise, there are no Parquet files, nothing was
        booked before `as_of`, the amounts are too large to be summed, or the edges do not rise.

    References
    ----------
    A. M. Hughes, *Strategic Database Marketing*, 1994, for the idea, there nested. With average
    places lo … hi among n customers the score is ⌊(lo + hi − 1) · scores / 2n⌋ + 1.

    Examples
    --------
    >>> log = pd.DataFrame({
    ...     "record_id": [1, 1, 2, 3],
    ...     "ts": pd.to_datetime(["2025-03-01", "2025-03-09", "2025-03-08", "2025-01-01"], utc=True),
    ...     "amount_cents": [20_00, 30_00, 10_00, 90_00],
    ... })
    >>> rfm(log, as_of="2025-03-11", scores=3)
               recency_days  frequency  monetary_cents  r  f  m  rfm
    record_id
    1                     2          2            5000  3  3  2  332
    2                     3          1            1000  2  2  1  221
    3                    69          1            9000  1  2  3  123

    >>> rfm(log, as_of="2025-03-11", scores=3, edges={"recency_days": [2, 30]})["r"].tolist()
    [3, 2, 1]
    """
    if not isinstance(scores, int | np.integer) or isinstance(scores, bool) or not 2 <= scores <= 9:
        raise CrmlabError(
            message("scores", f"found {scores!r}.", allowed="a whole number from 2 to 9", next="5 is the usual choice.")
        )
    edges = _checked_edges(edges, nested)
    table, who = (_of_files if is_path(transactions) else _of_table)(transactions, as_of)
    better = {"r": -table["recency_days"].astype("float64").fillna(np.inf).to_numpy()}
    better |= {"f": table["frequency"].to_numpy(), "m": table["monetary_cents"].to_numpy()}
    for letter, numbers in better.items():
        if _NUMBERS[letter] in edges:
            table[letter] = np.searchsorted(edges[_NUMBERS[letter]], numbers, side="right") + 1
        elif nested and letter != "r":
            within = table.groupby([done for done in better if done in table]).indices
            table[letter] = 0
            for places in within.values():
                table.iloc[places, table.columns.get_loc(letter)] = _scored(numbers[places], scores)
        else:
            table[letter] = _scored(numbers, scores)
    codes = (100 * table["r"] + 10 * table["f"] + table["m"]).to_numpy()
    table["rfm"] = pd.array([f"{code:03}" for code in range(1000)], dtype="str").take(codes)
    return table.rename_axis(who)


def _of_table(transactions, as_of):
    """Recency, frequency and monetary value of each customer of a table."""
    transactions, who = with_record_id(transactions)
    columns = ["record_id", "ts", "amount_cents"]
    if isinstance(transactions, pd.DataFrame) and transactions.empty and {*columns} <= {*transactions}:
        raise CrmlabError(_no_rows())
    check("transactions", transactions, columns=columns)
    as_of = _midnight_after(transactions["ts"].max()) if as_of is None else instant(as_of)
    log = transactions.loc[transactions["ts"] < as_of, ["record_id", "ts", "amount_cents"]]
    if log.empty:
        raise CrmlabError(_nothing_before(as_of, transactions["ts"].min(), transactions["ts"].max()))
    cents_of(log["amount_cents"], where="transactions.amount_cents", least=None)
    bought = log[log["amount_cents"] > 0].groupby("record_id", observed=True)["ts"].agg(["max", "size"])
    table = log.groupby("record_id", observed=True)["amount_cents"].sum().rename("monetary_cents").to_frame()
    last = bought["max"].reindex(table.index)
    table.insert(0, "recency_days", _days((as_of - last) // _DAY))
    table.insert(1, "frequency", bought["size"].reindex(table.index, fill_value=0).astype("int64"))
    table["monetary_cents"] = table["monetary_cents"].astype("int64")
    return table, who


def _of_files(path, as_of):
    """The same of a log in Parquet: DuckDB adds up, customer by customer, in whole numbers."""
    import duckdb

    with duckdb.connect() as engine:
        log, who = parquet_log(engine, path)
        as_of = _midnight_after(_ends(engine, log)[1]) if as_of is None else instant(as_of)
        engine.execute("SET streaming_buffer_size = '128MiB'")  # so that reading need not wait for adding up
        rows = _ROWS_SQL.format(log=log, as_of=_microseconds(as_of), **_FIXED)
        got = summed_by_number(engine.sql(rows).arrow(_ROWS_AT_ONCE))
        if got is None:
            got = summed(engine, _SUMS_SQL.format(rows=rows, never=NEVER), str(path))
        if got.empty:
            raise CrmlabError(_nothing_before(as_of, *_ends(engine, log)))
    days = got["days"].astype("Int64").mask(got["days"] == NEVER)
    columns = {"recency_days": _days(days), "frequency": got["frequency"].astype("int64")}
    columns["monetary_cents"] = got["monetary_cents"].astype("int64")
    return pd.DataFrame(columns).set_axis(pd.Index(got["who"])), who


def _ends(engine, log):
    """First and last moment of a log."""
    ends = engine.sql(f"SELECT min(us), max(us) FROM ({log})").fetchall()[0]
    return [pd.NaT if us is None else pd.Timestamp(us, unit="us", tz="UTC") for us in ends]


def _days(days):
    """Whole days; where all customers bought, plain whole numbers."""
    days = days.astype("Int64")
    return days if days.isna().any() else days.astype("int64")


def _microseconds(moment):
    return (moment - pd.Timestamp(0, tz="UTC")) // pd.Timedelta(microseconds=1)


def _midnight_after(last):
    return pd.Timestamp(0, tz="UTC") if pd.isna(last) else last.normalize() + _DAY


def _no_rows():
    return message("transactions", "there are no rows.", next="load the log of a longer time.")


def _nothing_before(as_of, first, last):
    if pd.isna(last):
        return _no_rows()
    period = f"transactions from {first:%Y-%m-%d} to {last:%Y-%m-%d}"
    found = f"nothing was booked before {as_of:%Y-%m-%d %H:%M} (as_of)."
    step = "choose a later as_of, or load the transactions of that time."
    return message("transactions", found, it_has=period, next=step)


def _scored(values, scores):
    """Score 1 to `scores`, in whole numbers throughout so that every machine agrees."""
    ordered = np.sort(values)
    ends = np.append(np.flatnonzero(ordered[1:] != ordered[:-1]) + 1, len(ordered))  # places of the last of each kind
    of_kind = (np.append(1, ends[:-1] + 1) + ends - 1) * scores // (2 * len(ordered)) + 1
    better = np.flatnonzero(np.diff(of_kind)) + 1  # kinds at which the score rises
    return np.append(of_kind[0], of_kind[better])[np.searchsorted(ordered[ends[better] - 1], values, side="right")]


def _checked_edges(edges, nested):
    """Take the user's edges as rising numbers of which more is better."""
    if edges is None:
        return {}
    step = 'write for instance {"recency_days": [30, 90, 365]}: within 30 days is the best score.'
    if not isinstance(edges, dict):
        allowed = f"a dict of {', '.join(_NUMBERS.values())} to rising numbers"
        raise CrmlabError(message("edges", f"found a {type(edges).__name__}.", allowed=allowed, next=step))
    faults, got = [], {}
    for name, given in edges.items():
        try:
            numbers = np.asarray(given, dtype="float64")
        except (TypeError, ValueError):
            numbers = np.empty(0)
        rises = numbers.ndim == 1 and 1 <= len(numbers) <= 8 and np.isfinite(numbers).all()
        if name not in _NUMBERS.values():
            found = f"no number is called {name!r}."
            faults.append(message("edges", found, it_has=", ".join(_NUMBERS.values()), next=step))
        elif not rises or (np.diff(numbers) <= 0).any():
            found = f"found {given!r}."
            faults.append(message(f"edges[{name!r}]", found, allowed="one to eight rising numbers", next=step))
        else:
            got[name] = -numbers[::-1] if name == "recency_days" else numbers
    if nested and edges:
        found = "own edges are the same for everybody, nested scores are cut anew in each group."
        faults.append(message("nested", found, next="choose one of the two: edges=… or nested=True."))
    if faults:
        raise CrmlabError(*faults)
    return got
