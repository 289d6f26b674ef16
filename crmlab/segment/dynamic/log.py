"""A log of events as replay reads it: held to its promise, in order, whole customers side by side."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas.api import types

from crmlab.errors import CrmlabError, did_you_mean, few, message

__all__ = ["Log", "read_log"]

# Times further off would not leave room for a customer's number beside them.
_EARLIEST, _LATEST = (pd.Timestamp(f"{year}-01-01").value // 1_000 for year in (1700, 2250))
_NEEDED = {
    "customer_id": "whole number or text",
    "ts": "time in UTC",
    "seq": "whole number: order at one instant",
    "type": "what happened",
}


@dataclass(frozen=True)
class Log:
    """Events in order of customer, ts and seq.

    Parameters
    ----------
    frame : pandas.DataFrame
        The log itself, for its properties.
    order : ndarray of int, optional
        Rows of `frame` in order; None: as they stand.
    customers : ndarray of shape (n_customers,)
        Ids, rising.
    starts : ndarray of shape (n_customers + 1,)
        Where each customer's rows begin, in order.
    ts : ndarray of int64, microseconds since 1970
    type_codes : ndarray of int
        Place in `type_names`; all three in order.
    type_names : tuple of str
    repeated : int
        Rows left out because they say again what another row says.

    Examples
    --------
    >>> read_log(pd.DataFrame({
    ...     "customer_id": [7, 7], "ts": pd.to_datetime(["2025-01-01", "2025-01-02"], utc=True),
    ...     "seq": [0, 0], "type": ["visit", "purchase"],
    ... })).starts.tolist()
    [0, 2]
    """

    frame: pd.DataFrame
    order: np.ndarray | None
    customers: np.ndarray
    starts: np.ndarray
    ts: np.ndarray
    type_codes: np.ndarray
    type_names: tuple
    repeated: int = 0

    def rows(self, places):
        """Tell which rows of the frame stand at these places."""
        return places if self.order is None else self.order[places]


def read_log(log, properties=()):
    """Hold a log to its promise and bring it in order.

    Parameters
    ----------
    log : pandas.DataFrame
        With customer_id (or record_id), ts, seq, type and the properties.
    properties : iterable of str, default=()
        Further columns that are read.

    Returns
    -------
    Log

    Raises
    ------
    CrmlabError
        When a column is missing or of the wrong kind, or two rows of one customer, ts and seq differ.

    Examples
    --------
    >>> read_log(pd.DataFrame({"customer_id": [1], "seq": [0], "type": ["visit"], "ts": [pd.Timestamp("2025-01-01")]}))
    Traceback (most recent call last):
        ...
    crmlab.errors.CrmlabError: log.ts: the times have no zone.
      next    : say which clock they were read from: log["ts"].dt.tz_localize("Europe/Zagreb"), or utc=True.
    """
    if not isinstance(log, pd.DataFrame):
        found = f"found a {type(log).__name__}."
        raise CrmlabError(message("log", found, allowed="a pandas DataFrame", next="read it into one first."))
    id_name = "record_id" if "record_id" in log and "customer_id" not in log else "customer_id"
    _check_columns(log, id_name, properties)
    faults, read = [], {}
    for name, reads in {id_name: _ids, "ts": _times, "seq": _sequence, "type": _types}.items():
        try:
            read[name] = reads(log[name], f"log.{name}")
        except CrmlabError as fault:
            faults.extend(fault.messages)
    if faults:
        raise CrmlabError(*faults)
    (codes, ids), (type_codes, type_names) = read[id_name], read["type"]
    order, repeated = _order(log, codes, read["ts"], read["seq"], id_name)
    ts = read["ts"]
    if order is not None:
        codes, ts, type_codes = codes[order], ts[order], type_codes[order]
    starts = np.flatnonzero(np.r_[True, codes[1:] != codes[:-1]]) if len(codes) else np.zeros(0, dtype="int64")
    customers = codes[starts] if ids is None else ids[codes[starts]]
    return Log(log, order, customers, np.r_[starts, len(codes)], ts, type_codes, type_names, repeated)


def _check_columns(log, id_name, properties):
    needed = [id_name, "ts", "seq", "type"]
    double = sorted({str(name) for name in log.columns[log.columns.duplicated()]})
    faults = [message("log", f"two columns are called {name!r}.", next="rename one.") for name in double]
    for name in dict.fromkeys([*needed, *properties]):
        if name not in log:
            near = did_you_mean(name, map(str, log.columns))
            step = (
                'number them: log.groupby(["customer_id", "ts"]).cumcount()' if name == "seq" else "rename the column"
            )
            known = (
                {"needs": f"{name}: {_NEEDED[name]}"} if name in _NEEDED else {"why": "the rule reads this property"}
            )
            has = few(log.columns, most=12)
            faults.append(message("log", f"no column {name!r}.{near}", **known, it_has=has, next=f"{step}."))
    if faults:
        raise CrmlabError(*faults)


def _ids(ids, where):
    """Numbers that rise as the ids do; with text ids also the ids they stand for."""
    _check_present(ids, where)
    if types.is_integer_dtype(ids.dtype) and not types.is_bool_dtype(ids.dtype):
        if types.is_unsigned_integer_dtype(ids.dtype) and len(ids) and int(ids.max()) > np.iinfo("int64").max:
            raise CrmlabError(message(where, "a number is too large.", next='keep ids as text: .astype("str").'))
        return ids.to_numpy(dtype="int64"), None
    if types.is_string_dtype(ids.dtype) or isinstance(ids.dtype, pd.CategoricalDtype):
        codes, names = pd.factorize(ids)
        if all(isinstance(name, str) for name in names):
            names = np.asarray(names, dtype="object")
            by_name = np.argsort(names, kind="stable")
            rank = np.empty(len(names), dtype="int64")
            rank[by_name] = np.arange(len(names))
            return rank[codes], names[by_name]
    raise CrmlabError(
        message(
            where,
            f"the ids are of kind {ids.dtype}.",
            allowed="whole numbers or text, one kind in the whole column",
            next='write them as text: .astype("str").',
        )
    )


def _times(times, where):
    _check_present(times, where)
    if not types.is_datetime64_any_dtype(times.dtype):
        raise CrmlabError(
            message(
                where,
                f"the times are of kind {times.dtype}.",
                next='turn them into times: pd.to_datetime(log["ts"], utc=True).',
            )
        )
    if isinstance(times.dtype, pd.ArrowDtype) and times.dtype.pyarrow_dtype.tz:
        step = 'turn them into times of pandas: log["ts"] = pd.to_datetime(log["ts"].astype("object"), utc=True).'
        raise CrmlabError(message(where, f"the times are of kind {times.dtype}.", next=step))
    if not isinstance(times.dtype, pd.DatetimeTZDtype):
        step = 'say which clock they were read from: log["ts"].dt.tz_localize("Europe/Zagreb"), or utc=True.'
        raise CrmlabError(message(where, "the times have no zone.", next=step))
    unit = times.dtype.unit
    ticks = times.array.asi8
    if unit == "ns" and (ticks % 1_000).any():
        step = 'cut them off: log["ts"].dt.floor("us").'
        raise CrmlabError(message(where, "some times have parts of a microsecond.", next=step))
    ticks = ticks // 1_000 if unit == "ns" else ticks if unit == "us" else times.dt.as_unit("us").array.asi8
    if len(ticks) and not _EARLIEST <= ticks.min() <= ticks.max() < _LATEST:
        far = times[(ticks < _EARLIEST) | (ticks >= _LATEST)]
        found = f"{len(far):,} times are before 1700 or after 2249."
        raise CrmlabError(message(where, found, rows=few(far.index), next="correct them, or leave these rows out."))
    return ticks


def _sequence(numbers, where):
    _check_present(numbers, where)
    if not types.is_integer_dtype(numbers.dtype) or types.is_bool_dtype(numbers.dtype):
        found = f"the numbers are of kind {numbers.dtype}."
        raise CrmlabError(
            message(where, found, allowed="whole numbers", next="number the events of one instant 0, 1, 2 …")
        )
    return numbers.to_numpy(dtype="int64")


def _types(kinds, where):
    _check_present(kinds, where)
    if isinstance(kinds.dtype, pd.CategoricalDtype):
        codes, names = kinds.cat.codes.to_numpy(), kinds.cat.categories
    else:
        try:
            codes, names = pd.factorize(kinds)
        except TypeError:  # lists and the like
            codes, names = None, [None]
    if not all(isinstance(name, str) for name in names):
        found = "some event types are no text."
        raise CrmlabError(message(where, found, next='write them as text: .astype("str").'))
    return codes, tuple(names)


def _check_present(column, where):
    missing = column.isna()
    if missing.any():
        found = f"{int(missing.sum()):,} values are missing."
        raise CrmlabError(
            message(where, found, rows=few(column.index[missing]), next="fill them, or leave these rows out.")
        )


def _order(log, codes, ts, seq, id_name):
    """Rows in order and how many are left out; no rows at all where they stand in order already."""
    if len(codes) < 2 or _rises(codes, ts, seq):
        return None, 0
    order = np.lexsort((seq, ts, codes))
    same = np.ones(len(order) - 1, dtype=bool)
    for key in (codes, ts, seq):
        ordered = key[order]
        same &= ordered[1:] == ordered[:-1]
    again = np.flatnonzero(same) + 1
    if not len(again):
        return order, 0
    both = np.union1d(again, again - 1)
    rows = log.take(order[both])
    rows = rows.astype({name: "str" for name in rows if name == "type" or rows[name].dtype == object})
    doubled = rows.drop_duplicates()
    key = [id_name, "ts", "seq"]
    differ = doubled[doubled.duplicated(key, keep=False)]
    if len(differ):
        one = differ.iloc[0]
        raise CrmlabError(
            message(
                "log",
                f"{len(differ):,} rows have the customer, ts and seq of another row but say something else.",
                rows=few(differ.index),
                first=f"{id_name} {one[id_name]}, {one['ts']}, seq {one['seq']}",
                allowed="one event for each customer, ts and seq; the same row twice is read once",
                next='number the events of one instant: log["seq"] = log.groupby(["customer_id", "ts"]).cumcount().',
            )
        )
    return np.delete(order, again), len(again)


def _rises(codes, ts, seq, at_once=1 << 20):
    """Is every row after the one before it; looked at in pieces, which stay in the processor."""
    for start in range(0, len(codes) - 1, at_once):
        here, next_ = slice(start, start + at_once), slice(start + 1, start + at_once + 1)
        pairs = len(codes[next_])
        c, d = codes[here][:pairs], codes[next_]
        t, u = ts[here][:pairs], ts[next_]
        later = u > t
        later |= (u == t) & (seq[next_] > seq[here][:pairs])
        later &= c == d
        later |= d > c
        if not later.all():
            return False
    return True
