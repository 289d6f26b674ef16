"""A log event by event: as a stream that a live engine reads, and as the intervals that come of it."""

import numpy as np

from crmlab.errors import CrmlabError, did_you_mean, few, message
from crmlab.segment.dynamic.cells import ORIGIN
from crmlab.segment.dynamic.engine import Engine
from crmlab.segment.dynamic.ids import check_alike
from crmlab.segment.dynamic.incoming import microseconds_of
from crmlab.segment.dynamic.intervals import LASTS, interval_table
from crmlab.segment.dynamic.kinds import kinds_read
from crmlab.segment.dynamic.log import read_log
from crmlab.segment.dynamic.plan import TraitIs, leaves
from crmlab.segment.dynamic.properties import Property, by_customer, kind_of_value, readers
from crmlab.segment.dynamic.unseen import warn_of_unseen

__all__ = ["changes_of", "events_of", "intervals_of", "streamed", "traits_by_name"]

_AT_ONCE = 1 << 16
_OWN = ("customer_id", "record_id", "ts", "seq", "type")


def events_of(log, kinds=None):
    """Read a log as a stream: one event after another, in order of ts, customers and seq.

    Parameters
    ----------
    log : pandas.DataFrame
        With customer_id (or record_id), ts (UTC), seq, type and properties.
    kinds : dict of str to set, optional
        The properties that are read, from `kinds_read`; without it all.

    Returns
    -------
    iterator of dict
        customer_id, ts (microseconds since 1970), seq, type and the properties that are whole
        numbers, text, or yes and no; what is missing is left out.

    Raises
    ------
    CrmlabError
        When the log breaks its promise, or lacks what is read.

    Examples
    --------
    >>> log = pd.DataFrame({
    ...     "customer_id": [1, 2], "ts": pd.to_datetime(["2025-01-02", "2025-01-01"], utc=True),
    ...     "seq": [0, 0], "type": ["purchase", "visit"], "amount_cents": pd.array([500, None], dtype="Int64"),
    ... })
    >>> for event in events_of(log):
    ...     print(event)
    {'customer_id': 2, 'ts': 1735689600000000, 'seq': 0, 'type': 'visit'}
    {'customer_id': 1, 'ts': 1735776000000000, 'seq': 0, 'type': 'purchase', 'amount_cents': 500}
    """
    if kinds is not None:
        return _events(read_log(log, kinds), readers(kinds, log, "log"))
    read, columns = read_log(log), {}
    for name in log:
        column = None if name in _OWN else Property(log[name], f"log.{name}")
        if column is not None and column.kind is not None:
            columns[name] = column
    return _events(read, columns)


def _events(read, columns):
    """The events of a log that was read, in order of time, a few at a time."""
    in_time = np.argsort(read.ts, kind="stable")
    whose = np.repeat(np.arange(len(read.customers)), np.diff(read.starts))
    seq = read.frame["seq"].to_numpy(dtype="int64")
    for start in range(0, len(in_time), _AT_ONCE):
        places = in_time[start : start + _AT_ONCE]
        rows = read.rows(places)
        types = [read.type_names[code] for code in read.type_codes[places].tolist()]
        ids, ts = read.customers[whose[places]].tolist(), read.ts[places].tolist()
        events = [
            {"customer_id": customer, "ts": at, "seq": number, "type": type_}
            for customer, at, number, type_ in zip(ids, ts, seq[rows].tolist(), types, strict=True)
        ]
        for name, column in columns.items():
            values, present = column.read(rows)
            there = range(len(rows)) if present is None else np.flatnonzero(present).tolist()
            values = values.tolist()
            for place in there:
                events[place][name] = values[place]
        yield from events


def traits_by_name(plans, traits, text_in_log=None):
    """Look traits up by customer.

    Parameters
    ----------
    plans : list of Plan
    traits : pandas.DataFrame or None
        By customer_id, index or column.
    text_in_log : bool, optional
        Whether the ids of the log are text; without it nothing is known of them.

    Returns
    -------
    dict of str to dict
        For each trait that is read: customer to value, where there is one.

    Raises
    ------
    CrmlabError
        When the traits are missing, or of another kind than the rules take them for.

    Examples
    --------
    >>> from crmlab.segment.dynamic import trait
    >>> people = pd.DataFrame({"customer_id": [1, 2], "city": ["Split", None]})
    >>> traits_by_name([(trait("city") == "Split").plan()], people)
    {'city': {1: 'Split'}}
    """
    kinds = {}
    for condition in (leaf.condition for plan in plans for leaf in leaves(plan.test) if isinstance(leaf, TraitIs)):
        kinds.setdefault(condition.name, set()).add(kind_of_value(condition.value))
    if not kinds:
        return {}
    frame = by_customer(traits)
    if text_in_log is not None:
        check_alike(frame.index, text_in_log, "traits")
    absent = [name for name in kinds if name not in frame]
    if absent:
        near = did_you_mean(absent[0], map(str, frame.columns))
        found = f"no column {absent[0]!r}.{near}"
        step = "add or rename the column."
        raise CrmlabError(message("traits", found, it_has=few(frame.columns, most=12), next=step))
    found, customers = {}, np.asarray(frame.index, dtype="object")
    for name, kind in kinds.items():
        values, present = Property(frame[name], f"traits.{name}", kind).read(np.arange(len(frame)))
        some = slice(None) if present is None else present
        found[name] = dict(zip(customers[some].tolist(), values[some].tolist(), strict=True))
    return found


def streamed(plans, log, *, traits=None, until=None):
    """Find the membership intervals of every plan by the live engine, event by event.

    Parameters
    ----------
    plans : list of Plan
    log : pandas.DataFrame
    traits : pandas.DataFrame, optional
    until : str or timestamp, optional
        The last instant that counts; without it that of the last event.

    Returns
    -------
    pandas.DataFrame
        As from ``replay``.

    Raises
    ------
    CrmlabError
        When the log or the traits break their promise, or lack what a plan reads.

    Examples
    --------
    >>> from crmlab.segment.dynamic import did
    >>> log = pd.DataFrame({
    ...     "customer_id": [1, 2], "ts": pd.to_datetime(["2025-01-01", "2025-01-09"], utc=True),
    ...     "seq": [0, 0], "type": ["complaint", "visit"],
    ... })
    >>> streamed([did("complaint").within("7d").plan()], log)[["customer_id", "left_at", "reason"]]
       customer_id                   left_at reason
    0            1 2025-01-08 00:00:00+00:00  clock
    """
    read = read_log(log, sorted({name for plan in plans for name in plan.properties}))
    return intervals_of(list(_changes(plans, log, read, traits, until)), plans, read)


def changes_of(plans, log, *, traits=None, until=None):
    """See every change of a log in order of time, as the live engine makes them.

    Parameters
    ----------
    plans : list of Plan
    log : pandas.DataFrame
    traits : pandas.DataFrame, optional
    until : str or timestamp, optional
        The last instant that counts; without it that of the last event.

    Yields
    ------
    Change

    Raises
    ------
    CrmlabError
        When the log or the traits break their promise, or lack what a plan reads.

    Examples
    --------
    >>> from crmlab.segment.dynamic import did
    >>> log = pd.DataFrame({"customer_id": [1], "seq": 0, "type": "complaint",
    ...     "ts": pd.to_datetime(["2025-03-01"], utc=True)})
    >>> [change.by for change in changes_of([did("complaint").within("1d").plan()], log, until="2025-03-05")]
    ['event', 'clock']
    """
    read = read_log(log, sorted({name for plan in plans for name in plan.properties}))
    warn_of_unseen(plans, read.type_names)
    yield from _changes(plans, log, read, traits, until)


def _changes(plans, log, read, traits, until):
    last = int(read.ts.max()) if len(read.ts) else 0
    last = last if until is None else microseconds_of(until, where="until")
    engine, columns = (
        Engine(plans, traits_by_name(plans, traits, _has_text_ids(read))),
        readers(kinds_read(plans)[0], log, "log"),
    )
    for event in _events(read, columns):
        if event["ts"] > last:
            break
        yield from engine.take(event["customer_id"], event["ts"] + ORIGIN, event["seq"], event["type"], event)
    yield from engine.pass_to(last + ORIGIN)


def _has_text_ids(read):
    return read.customers.dtype.kind != "i" if len(read.customers) else None


def intervals_of(changes, plans, read):
    """Pair entries with exits.

    Parameters
    ----------
    changes : list of Change
        All of them, in order.
    plans : list of Plan
    read : Log
        The log they are of.

    Returns
    -------
    pandas.DataFrame
        As from ``replay``.
    """
    places = {customer: place for place, customer in enumerate(read.customers.tolist())}
    found = {plan.segment: [] for plan in plans}
    lasting = {}
    for change in changes:
        key = change.segment, change.customer_id
        by_clock = change.by == "clock"
        if change.is_in:
            lasting[key] = [places[change.customer_id], change.ts, by_clock, LASTS, False]
            found[change.segment].append(lasting[key])
        else:
            lasting.pop(key)[3:] = change.ts, by_clock
    columns = [
        [np.array(column, dtype="int64") for column in zip(*sorted(rows, key=lambda row: row[0]), strict=True)]
        or [np.zeros(0, dtype="int64")] * 5
        for rows in found.values()
    ]
    return interval_table(plans, columns, read.customers)
