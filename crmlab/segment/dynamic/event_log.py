"""One log of all that happened, from the tables of a customer base or an own export."""

import numpy as np
import pandas as pd
from pandas.api import types

from crmlab.errors import CrmlabError, did_you_mean, message
from crmlab.tables import CustomerBase, check

__all__ = ["event_log"]

# At one instant events stand in this order of tables. What a table must have, what its rows are numbered by.
_NEEDED = {
    "customers": ["record_id", "created_at"],
    "contracts": ["record_id", "end"],
    "transactions": ["record_id", "ts"],
    "touchpoints": ["record_id", "ts", "type"],
    "product_events": ["record_id", "ts"],
}
# Where a table has them; a column of that name in another table is a property like any other.
_CHECKED_TOO = {"transactions": ["amount_cents"], "touchpoints": ["seq"], "product_events": ["seq"]}
_OWN_IDS = {"transactions": "transaction_id", "touchpoints": "touchpoint_id", "product_events": "event_id"}
_BOUGHT = ("purchase", "payment")
_COMPLETE = ("customer_id", "_table", "_seq", "_own")


def event_log(base):
    """Put all that happened to customers into one log, which dynamic segments read.

    Parameters
    ----------
    base : CustomerBase, or dict of str to pandas.DataFrame
        With any of the tables below; an own export from ``tables.from_export`` does as well.
        Merged records go by their ``customer_id``, others by ``record_id``.

    Returns
    -------
    pandas.DataFrame
        One row per event, in order of customer_id, ts (UTC) and seq (0, 1, … at one instant):
        then type, and every further column of the tables, missing where it does not apply.
        ``.attrs["left_out"]`` says what was left out, and how many rows.

        ==============  ====================================================================
        table           type of the event
        ==============  ====================================================================
        customers       "joined", when the record was opened: so customers who never did a
                        thing are known too. Of the customer only the source is taken along,
                        as channel; names and addresses stay behind.
        contracts       "ended", with the reason, where a contract has ended; not where it is to
                        end after the day the base describes
        transactions    "purchase", or "payment" in a base with contracts; "return" where the
                        amount is below 0
        touchpoints     as they say: "complaint", "reply", "offer", "visit" …
        product_events  "scan" of a code, else "screen"; what nobody is known to have done
                        (before log-in) is left out
        ==============  ====================================================================

        A purchase or payment among the touch points is the same event as a transaction of
        that customer on that day, and is left out.

    Raises
    ------
    CrmlabError
        When there is no such table, a column is missing or breaks its promise, or customers
        are numbered in one table and named in another.

    Examples
    --------
    >>> day = pd.to_datetime(["2025-03-01", "2025-03-01", "2025-03-08"], utc=True)
    >>> contacts = pd.DataFrame({"record_id": [1, 1, 2], "ts": day, "type": ["complaint", "purchase", "visit"]})
    >>> sales = pd.DataFrame({"record_id": [1, 2], "ts": day[1:], "amount_cents": [20_00, -5_00]})
    >>> log = event_log({"touchpoints": contacts, "transactions": sales})
    >>> log[["customer_id", "seq", "type", "amount_cents"]]
       customer_id  seq       type  amount_cents
    0            1    0   purchase          2000
    1            1    1  complaint          <NA>
    2            2    0     return          -500
    3            2    1      visit          <NA>
    >>> log.attrs["left_out"]
    {'purchases among the touch points that are transactions too': 1}
    """
    base = _base(base)
    tables, left_out = _tables(base), {}
    parts = {name: _events(name, frame, base, left_out) for name, frame in tables.items()}
    kinds = {types.is_integer_dtype(part["customer_id"].dtype) for part in parts.values() if len(part)}
    if len(kinds) > 1:
        found = "customers are numbers in one table and text in another."
        raise CrmlabError(message("customer_id", found, next='write them alike: .astype("str") in every table.'))
    if "touchpoints" in parts and "transactions" in parts:
        parts["touchpoints"] = _without_doubles(parts["touchpoints"], parts["transactions"], left_out)
    log = _one_under_the_other([parts[name] for name in _NEEDED if name in parts])
    log = log.sort_values(["customer_id", "ts", "_table", "_seq", "_own"], kind="stable", ignore_index=True)
    is_new = (log["customer_id"] != log["customer_id"].shift()) | (log["ts"] != log["ts"].shift())
    log["type"] = log["type"].cat.remove_unused_categories()
    row = np.arange(len(log))
    log["seq"] = row - np.maximum.accumulate(np.where(is_new, row, 0))
    first = ["customer_id", "ts", "seq", "type"]
    log = log[first + [column for column in log if column not in first and not str(column).startswith("_")]]
    log.attrs["left_out"] = {why: n for why, n in left_out.items() if n}
    return log


def _base(base):
    """Tables by name are a base too."""
    if isinstance(base, dict):
        odd = [
            message(
                f"base[{name!r}]",
                f"found a {type(frame).__name__}.",
                allowed="a pandas DataFrame",
                next="read it into one first.",
            )
            for name, frame in base.items()
            if not isinstance(frame, pd.DataFrame)
        ]
        if odd:
            raise CrmlabError(*odd)
        base = CustomerBase(base, name="these tables")
    if not isinstance(base, CustomerBase):
        found = f"found a {type(base).__name__}."
        step = 'give a name to each table: event_log({"transactions": your_table}).'
        raise CrmlabError(message("base", found, allowed="a CustomerBase, or tables by name", next=step))
    return base


def _tables(base):
    """The tables a log is made of, each held to what is needed of it."""
    tables = {name: _by_customer(base[name]) for name in _NEEDED if name in base}
    # Without an opening or an end, a customer or contract has no event: only the others are held to their promise.
    optional = {"customers": "created_at", "contracts": "end"}
    tables = {name: frame for name, frame in tables.items() if optional.get(name, "record_id") in frame}
    if not tables:
        names = list(base)
        near = did_you_mean(names[0], _NEEDED) if names else ""
        found = f"no table with events in it.{near}"
        step = f'name at least one of {", ".join(_NEEDED)}: event_log({{"transactions": your_table}}).'
        raise CrmlabError(message("base", found, it_has=", ".join(names) or "nothing", next=step))
    faults = []
    for name, frame in tables.items():
        try:
            too = [column for column in _CHECKED_TOO.get(name, ()) if column in frame]
            check(name, frame, columns=[*_NEEDED[name], *too])
            if name == "touchpoints":
                _check_types(frame["type"])
        except CrmlabError as error:
            faults.extend(error.messages)
    if faults:
        raise CrmlabError(*faults)
    return tables


def _check_types(names):
    if types.infer_dtype(names, skipna=True) not in ("string", "categorical", "empty"):
        step = 'write them as text: .astype("str").'
        raise CrmlabError(message("touchpoints.type", "some event types are no text.", next=step))


def _by_customer(frame):
    """By person where records are merged, else by record."""
    if "customer_id" not in frame:
        return frame
    return frame.drop(columns="record_id", errors="ignore").rename(columns={"customer_id": "record_id"})


def _events(name, frame, base, left_out):
    """One table's rows as events; their columns go along as properties."""
    part = frame.drop(columns=["type", "seq", _OWN_IDS.get(name, "")], errors="ignore")
    part = part.assign(_table=list(_NEEDED).index(name), _seq=_own_seq(frame), _own=_own_order(name, frame))
    if name == "customers":
        part = part[["record_id", "created_at", "_table", "_seq", "_own"]].rename(columns={"created_at": "ts"})
        part = part.assign(type="joined", **({"channel": frame["source"]} if "source" in frame else {}))
    elif name == "contracts":
        part = part[["record_id", "end", "_table", "_seq", "_own"]].rename(columns={"end": "ts"})
        part = part.assign(type="ended", **({"end_reason": frame["end_reason"]} if "end_reason" in frame else {}))
        to_come = part["ts"] > _as_of(base)
        left_out["contracts that are still to end"] = int(to_come.sum())
        part = part[part["ts"].notna() & ~to_come]
    elif name == "transactions":
        bought = "payment" if "contracts" in base else "purchase"
        amount = frame.get("amount_cents", pd.Series(0, index=frame.index))
        part = part.assign(type=np.where(amount < 0, "return", bought))
    elif name == "touchpoints":
        part = part.assign(type=frame["type"])
    else:
        scanned = frame["qr_id"].notna() if "qr_id" in frame else False
        part = part.assign(type=np.where(scanned, "scan", "screen"))
    nobody = part["record_id"].isna()
    if name == "product_events":
        left_out["product events before anybody had logged in"] = int(nobody.sum())
    if name == "customers":
        left_out["customers without a day of opening"] = int(part["ts"].isna().sum())
    part = part[~nobody & part["ts"].notna()].rename(columns={"record_id": "customer_id"})
    part = part.astype({"type": "category"})
    if types.is_integer_dtype(part["customer_id"].dtype):
        return part.astype({"customer_id": "int64"})
    return part.astype({"customer_id": "str"})


def _as_of(base):
    """The day the base describes; where neither it nor a time is known, everything has happened."""
    if "as_of" in base.about or any("ts" in frame and len(frame) for frame in base.values()):
        return base.as_of
    return pd.Timestamp.max.tz_localize("UTC")


def _own_seq(frame):
    """The order at one instant where the table tells it in whole numbers, else none."""
    seq = frame.get("seq", pd.Series(0, index=frame.index))
    return seq if types.is_integer_dtype(seq.dtype) and seq.notna().all() else 0


def _own_order(name, frame):
    """What tells events of one instant apart when nothing else does: their own number, else their place."""
    number = frame.get(_OWN_IDS.get(name))
    if number is None or not types.is_integer_dtype(number.dtype) or number.isna().any():
        return np.arange(len(frame))
    return number.astype("int64")


def _without_doubles(contacts, sales, left_out):
    """Leave out the purchases among contacts that the transactions tell better: same customer, same day."""
    days = pd.MultiIndex.from_arrays([sales["customer_id"], sales["ts"].dt.floor("D")])
    mine = pd.MultiIndex.from_arrays([contacts["customer_id"], contacts["ts"].dt.floor("D")])
    double = contacts["type"].isin(_BOUGHT).to_numpy() & mine.isin(days)
    left_out["purchases among the touch points that are transactions too"] = int(double.sum())
    return contacts[~double]


def _one_under_the_other(parts):
    """Stack the parts; repeated words stay words, whole numbers whole."""
    ends = np.cumsum([len(part) for part in parts])
    parts = [part.set_axis(range(end - len(part), end)) for part, end in zip(parts, ends, strict=True)]
    columns = dict.fromkeys(column for part in parts for column in part)
    stacked = {column: _column([part[column] for part in parts if column in part], ends[-1]) for column in columns}
    return pd.DataFrame(stacked)


def _column(some, n):
    """One column of several tables, of which not all may have it."""
    if len(some) > 1 or len(some[0]) < n:
        some = [one.astype(_kind(some)) for one in some]
    whole = pd.concat(some)
    return whole if len(whole) == n else whole.reindex(range(n))


def _kind(some):
    """The kind of column that holds all of them, and gaps; an own export may bring different ones."""
    kinds = [one.dtype for one in some]
    if all(isinstance(kind, pd.DatetimeTZDtype) for kind in kinds):
        return "datetime64[us, UTC]"
    if all(types.is_bool_dtype(kind) and not isinstance(kind, pd.CategoricalDtype) for kind in kinds):
        return "boolean"
    if all(types.is_integer_dtype(kind) for kind in kinds):
        return "Int64" if some[0].name not in _COMPLETE else "int64"
    if any(isinstance(kind, pd.CategoricalDtype) for kind in kinds):
        words = {word for one in some for word in one.astype("category").cat.categories}
        return pd.CategoricalDtype(sorted(words, key=str))
    return "Float64" if all(types.is_numeric_dtype(kind) for kind in kinds) else "str"
