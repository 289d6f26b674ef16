"""An event as it comes in from outside, held to its promise before anything is changed."""

import numbers

import numpy as np
import pandas as pd

from crmlab.errors import CrmlabError, did_you_mean, message
from crmlab.segment.dynamic.durations import shown
from crmlab.tables.instant import instant

__all__ = ["FIRST", "LAST", "LEAST", "MOST", "checked_event", "checks_of", "is_text", "microseconds_of", "taken_before"]

FIRST, LAST = (pd.Timestamp(f"{year}-01-01").value // 1_000 for year in (1700, 2250))  # as in a log
LEAST = 10**14  # whole numbers nearer to 1970 (up to March 1973) are far more often milliseconds or seconds of today
MOST = 1 << 62
_MOST_FLOAT = 2**53  # a float holds no more whole numbers than these
_NEEDED = ("customer_id", "ts", "seq", "type")
_ANY = (int, str, bool)
_WORDS = {int: "a whole number", str: "a text", bool: "True or False"}
_MISSING = type(None)


def checks_of(plans):
    """Say what the properties of each type of event must be.

    Parameters
    ----------
    plans : list of Plan

    Returns
    -------
    dict of str to tuple of tuple (str, tuple of type)
        For each event type, the properties that are read: name and allowed classes (None among them:
        a property may be missing).
    """
    kinds = {}
    for marks, value in ((quantity.marks, quantity.value) for plan in plans for quantity in plan.quantities):
        for match in (marks.match, marks.other):
            if match is None:
                continue
            read = kinds.setdefault(match.type, {})
            for condition in match.where:
                of = condition.value[0] if condition.op == "in" else condition.value
                read.setdefault(condition.name, {}).update(dict.fromkeys(_ANY if of is None else (type(of),)))
            if marks.same is not None:
                read.setdefault(marks.same, {}).update(dict.fromkeys(_ANY))
            if value is not None:
                read.setdefault(value, {})[int] = None
    return {type_: tuple((name, (*of, _MISSING)) for name, of in read.items()) for type_, read in kinds.items()}


def is_text(text):
    """Tell whether a text can be written to a file; half of a letter, which JSON can hold, cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def microseconds_of(moment, where="ts"):
    """Take in a moment as whole microseconds since 1970 (UTC).

    Parameters
    ----------
    moment : int, str, datetime or timestamp
        A whole number is taken as microseconds; UTC when no zone is given.
    where : str, default="ts"
        What it is called in a message.

    Returns
    -------
    int

    Raises
    ------
    CrmlabError
        When it is no moment, or too far off.

    Examples
    --------
    >>> microseconds_of("1970-01-01 00:00:01"), microseconds_of(1_740_787_200_000_000)
    (1000000, 1740787200000000)
    >>> microseconds_of(1_740_787_200_000)
    Traceback (most recent call last):
        ...
    crmlab.errors.CrmlabError: ts: found 1740787200000: as microseconds 1970-01-21, so it looks like milliseconds.
      allowed : a timestamp, or microseconds since 1970 (before 1973 only a timestamp)
      next    : multiply it by 1,000.
    """
    is_whole = isinstance(moment, numbers.Integral) and not isinstance(moment, bool)
    if is_whole and abs(int(moment)) < LEAST:
        day = pd.Timestamp(int(moment), unit="us").date()
        unit, step = ("milliseconds", "1,000") if abs(int(moment)) >= 10**11 else ("seconds", "1,000,000")
        found = f"found {moment}: as microseconds {day}, so it looks like {unit}."
        allowed = "a timestamp, or microseconds since 1970 (before 1973 only a timestamp)"
        raise CrmlabError(message(where, found, allowed=allowed, next=f"multiply it by {step}."))
    if not is_whole:
        stamp = instant(moment, where=where)
        found = stamp.value // 1_000 if 1700 <= stamp.year < 2250 else None  # beyond, pandas cannot say
    else:
        found = int(moment) if FIRST <= int(moment) < LAST else None
    if found is None:
        raise CrmlabError(
            message(
                where,
                f"found {shown(moment)}.",
                allowed="moments from 1700 to 2249; a whole number counts microseconds since 1970",
                next="divide nanoseconds by 1,000, or give a timestamp."
                if is_whole
                else "choose another, or leave it out.",
            )
        )
    return found


def taken_before(ts):
    """Make of whole microseconds what is taken in again without asking whether they are milliseconds."""
    return pd.Timestamp(ts, unit="us", tz="UTC") if type(ts) is int and abs(ts) < LEAST else ts


def checked_event(event, checks, id_class=None):
    """Make an event plain: whole numbers, texts, yes and no; what is missing left out.

    Parameters
    ----------
    event : dict
        With customer_id, ts, seq, type and properties.
    checks : dict
        As from `checks_of`.
    id_class : {int, str}, optional
        What the ids of the others are.

    Returns
    -------
    dict
        Only what is read.

    Raises
    ------
    CrmlabError
        When something is missing, or of another kind: all faults together.

    Examples
    --------
    >>> checked_event({"customer_id": 7, "ts": "2025-03-01", "seq": 0, "type": "visit", "screen": "a"}, {})
    {'customer_id': 7, 'ts': 1740787200000000, 'seq': 0, 'type': 'visit'}
    >>> checked_event({"customer": 7, "ts": "2025-03-01", "seq": 0, "type": "visit"}, {})
    Traceback (most recent call last):
        ...
    crmlab.errors.CrmlabError: event: no 'customer_id'. Did you mean 'customer'?
      it has  : customer, ts, seq, type
      next    : give each event customer_id, ts, seq and type.
    """
    if not isinstance(event, dict):
        found = f"found a {type(event).__name__}."
        raise CrmlabError(message("event", found, allowed="a dict", next=f"give it {', '.join(_NEEDED)} by name."))
    faults, plain = [], {}
    takes = {"customer_id": _id, "ts": microseconds_of, "seq": _whole, "type": _text}
    if "record_id" in event and "customer_id" not in event:
        event = {**event, "customer_id": event["record_id"]}
    missing = [name for name in _NEEDED if name not in event]
    if missing:
        near = did_you_mean(missing[0], [given for given in map(str, event) if given not in _NEEDED])
        it_has = ", ".join(map(str, event)) or "nothing"
        step = "give each event customer_id, ts, seq and type."
        faults.append(message("event", f"no {', '.join(map(repr, missing))}.{near}", it_has=it_has, next=step))
    for name in _NEEDED:
        if name in event:
            _gather(faults, plain, name, takes[name], event[name], name)
    if id_class is not None and type(plain.get("customer_id", id_class())) is not id_class:
        told = {int: "whole numbers", str: "text"}
        found = f"found {shown(plain['customer_id'])}, but the ids so far are {told[id_class]}."
        faults.append(message("customer_id", found, next="write all ids alike, in the traits as well."))
    for name, classes in checks.get(plain.get("type"), ()):
        _gather(faults, plain, name, _property, event.get(name), classes, f"{plain['type']}, {name}")
    if faults:
        raise CrmlabError(*faults)
    return plain


def _gather(faults, plain, name, take, *given):
    try:
        found = take(*given)
    except CrmlabError as error:
        faults.extend(error.messages)
        return
    if found is not None:
        plain[name] = found


def _is_whole(value):
    return isinstance(value, numbers.Integral) and not isinstance(value, bool)


def _id(value, where):
    if isinstance(value, str):
        return _text(value, where)
    if _is_whole(value):
        return int(value)
    raise _refused(where, value, "a whole number or a text", "say whose event it is.")


def _whole(value, where):
    if _is_whole(value):
        return int(value)
    raise _refused(where, value, "a whole number", "number the events of one customer at one instant: 0, 1, 2 …")


def _text(value, where):
    if isinstance(value, str) and is_text(value):
        return str(value)
    if isinstance(value, str):
        raise _refused(where, value, "whole letters", "read the text anew where it came from.")
    raise _refused(where, value, "a text", 'name the type of the event, such as "purchase".')


def _property(value, classes, where):
    """A property as plain Python; None where it is missing."""
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value):
        return None
    value = _text(value, where) if isinstance(value, str) else value.item() if isinstance(value, np.generic) else value
    if isinstance(value, float) and int in classes and abs(value) < _MOST_FLOAT and value == int(value):
        value = int(value)  # a column with gaps that was read as floats
    if type(value) not in classes:
        allowed = " or ".join(_WORDS[kind] for kind in classes if kind is not _MISSING)
        raise _refused(where, value, allowed, "leave it out where it is missing; count money in cents.")
    if type(value) is int and not -MOST < value < MOST:
        raise _refused(
            where, value, f"a whole number of at most {len(str(MOST)) - 1} digits", "look where it came from."
        )
    return value


def _refused(where, value, allowed, next):
    return CrmlabError(message(where, f"found {shown(value)}.", allowed=allowed, next=next))
