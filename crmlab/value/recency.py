"""Recency, frequency and monetary value: three numbers and three scores per customer."""

import numpy as np
import pandas as pd

from crmlab.errors import CrmlabError, message
from crmlab.tables import check
from crmlab.tables.cents import cents_of
from crmlab.tables.instant import instant
from crmlab.value.by_customer import with_record_id

__all__ = ["rfm"]

_DAY = pd.Timedelta(days=1)
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
    transactions : pandas.DataFrame of shape (n_transactions, …)
        With record_id (or customer_id), ts (UTC) and amount_cents (whole cents).
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
        When a column is missing or breaks its promise, nothing was booked before `as_of`, the
        amounts are too large to be summed, or the edges do not rise.

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
    transactions, who = with_record_id(transactions)
    check("transactions", transactions, columns=["record_id", "ts", "amount_cents"])
    as_of = _midnight_after(transactions["ts"]) if as_of is None else instant(as_of)
    log = transactions.loc[transactions["ts"] < as_of, ["record_id", "ts", "amount_cents"]]
    if log.empty:
        raise CrmlabError(
            message(
                "transactions",
                f"nothing was booked before {as_of:%Y-%m-%d %H:%M} (as_of).",
                it_has=_period(transactions["ts"]),
                next="choose a later as_of, or load the transactions of that time.",
            )
        )
    cents_of(log["amount_cents"], where="transactions.amount_cents", least=None)
    bought = log[log["amount_cents"] > 0].groupby("record_id", observed=True)["ts"].agg(["max", "size"])
    table = log.groupby("record_id", observed=True)["amount_cents"].sum().rename("monetary_cents").to_frame()
    last = bought["max"].reindex(table.index)
    table.insert(0, "recency_days", ((as_of - last) // _DAY).astype("Int64"))
    table.insert(1, "frequency", bought["size"].reindex(table.index, fill_value=0).astype("int64"))
    table["monetary_cents"] = table["monetary_cents"].astype("int64")
    if table["recency_days"].notna().all():
        table["recency_days"] = table["recency_days"].astype("int64")
    better = {"r": -table["recency_days"].astype("float64").fillna(np.inf)}
    better |= {"f": table["frequency"], "m": table["monetary_cents"]}
    for letter, numbers in better.items():
        if _NUMBERS[letter] in edges:
            table[letter] = np.searchsorted(edges[_NUMBERS[letter]], numbers, side="right") + 1
        else:
            within = [table[done] for done in better if done in table] if nested else []
            table[letter] = _scored(numbers, scores, within)
    table["rfm"] = table["r"].astype("str") + table["f"].astype("str") + table["m"].astype("str")
    return table.rename_axis(who)


def _midnight_after(ts):
    return ts.max().normalize() + _DAY if len(ts) else pd.Timestamp(0, tz="UTC")


def _period(ts):
    return f"transactions from {ts.min():%Y-%m-%d} to {ts.max():%Y-%m-%d}" if len(ts) else "no transactions"


def _scored(values, scores, within):
    """Score 1 to `scores`, in whole numbers throughout so that every machine agrees."""
    peers = values.groupby(within) if within else values
    low = peers.rank(method="min").astype("int64")
    high = peers.rank(method="max").astype("int64")
    n = peers.transform("size") if within else len(values)
    return (low + high - 1) * scores // (2 * n) + 1


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
