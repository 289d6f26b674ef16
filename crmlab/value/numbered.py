"""Sums of customers who have running numbers: each number is a place, so nobody has to be looked up."""

import numpy as np
import pandas as pd

__all__ = ["NEVER", "summed_by_number"]

NEVER = 2**31 - 2  # days since the last purchase of those who only sent things back
_NOBODY = 2**31 - 1  # of a place without a customer
_MOST_PLACES = 2**24  # 16 bytes each: at most 270 MB
_MOST_ROWS = 2**31
_SAFE = 2**62


def summed_by_number(batches):
    """Add up a purchase log customer by customer, with less work than grouping it.

    Parameters
    ----------
    batches : iterable of pyarrow.RecordBatch
        With who, days (since then, int32) and cents, without gaps. Cents above 0 are a purchase.

    Returns
    -------
    pandas.DataFrame or None
        who (rising), days (since the last purchase, NEVER without one), frequency (purchases) and
        monetary_cents. None where customers have no whole numbers from 0 to 16 million, or there
        might be too many rows or cents for whole numbers: then they have to be grouped.

    Examples
    --------
    >>> import pyarrow as pa
    >>> log = pd.DataFrame({"who": [7, 2, 7], "days": np.int32([9, 6, 4]), "cents": [5, -1, 3]})
    >>> summed_by_number([pa.RecordBatch.from_pandas(log)]).replace(NEVER, "never")
       who   days  frequency  monetary_cents
    0    2  never          0              -1
    1    7      4          2               8
    """
    kind, rows, most_cents = "int64", 0, 0
    days, purchases, sums = np.zeros(0, "int32"), np.zeros(0, "int32"), np.zeros(0, "int64")
    for batch in batches:
        who, since, cents = (batch.column(name).to_numpy(zero_copy_only=False) for name in ("who", "days", "cents"))
        if not len(who):
            continue
        cents = cents.astype("int64", copy=False)
        rows += len(cents)
        most_cents += len(cents) * max(abs(int(cents.max())), abs(int(cents.min())))
        if who.dtype.kind not in "iu" or who.min() < 0 or who.max() >= _MOST_PLACES:
            return None
        if rows >= _MOST_ROWS or most_cents >= _SAFE:
            return None
        kind, who = who.dtype, who.astype("int64", copy=False)
        if who.max() >= len(sums):
            places = 2 * int(who.max()) + 1
            days, purchases, sums = (
                _longer(column, places, rest) for column, rest in ((days, _NOBODY), (purchases, 0), (sums, 0))
            )
        is_bought = cents > 0
        np.minimum.at(days, who, np.where(is_bought, since, np.int32(NEVER)))
        np.add.at(purchases, who, is_bought.astype("int32"))
        np.add.at(sums, who, cents)
    who = np.flatnonzero(days < _NOBODY)
    columns = {"who": who.astype(kind), "days": days[who], "frequency": purchases[who], "monetary_cents": sums[who]}
    return pd.DataFrame(columns)


def _longer(column, places, rest):
    longer = np.full(places, rest, column.dtype)
    longer[: len(column)] = column
    return longer
