"""The small things a rule is made of, checked as they come in: names, whole numbers, conditions."""

import numbers

from crmlab.errors import CrmlabError, message
from crmlab.segment.dynamic.plan import Condition, Match

__all__ = ["OPPOSITES", "RESERVED", "condition", "equal_to", "match", "name", "prop", "whole"]

RESERVED = ("customer_id", "record_id", "ts", "seq", "type")
OPPOSITES = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_MOST = 10**15
_LONGEST = 1_000
_MOST_VALUES = 10_000
_ALLOWED = "a whole number, a text, or True and False"


def name(text, where):
    """Take in the name of an event type, a property or a segment.

    Parameters
    ----------
    text : str
    where : str
        What it is called in a message.

    Returns
    -------
    str

    Raises
    ------
    CrmlabError
        When it is no text, empty, longer than 1,000 letters, or holds what no file can keep.

    Examples
    --------
    >>> name("complaint", "did()")
    'complaint'
    """
    if not isinstance(text, str):
        raise CrmlabError(message(where, f"found {text!r}.", allowed="a text", next='write it in quotes: "complaint".'))
    _check_text(text, where)
    if not text.strip():
        raise CrmlabError(message(where, "found an empty text.", next='write a name, for instance "complaint".'))
    return str(text)


def _check_text(text, where):
    try:
        text.encode()
    except UnicodeEncodeError:
        text = "\0"  # half of a letter is as bad as no letter
    if len(text) > _LONGEST or "\0" in text:
        fault = f"it has {len(text):,} letters." if "\0" not in text else "it holds a sign that is no letter."
        raise CrmlabError(
            message(where, fault, allowed=f"up to {_LONGEST:,} letters", next="write a shorter, plain text.")
        )


def whole(number, where):
    """Take in a threshold: a whole number.

    Parameters
    ----------
    number : int
    where : str
        What it is called in a message.

    Returns
    -------
    int

    Raises
    ------
    CrmlabError
        When it is no whole number, or further than 10¹⁵ from 0.

    Examples
    --------
    >>> whole(500_00, "total()")
    50000
    >>> whole(500.5, "total()")
    Traceback (most recent call last):
        ...
    crmlab.errors.CrmlabError: total(): found 500.5, which is not a whole number.
      allowed : a whole number: sums of others differ from engine to engine
      next    : count in the smaller unit, such as cents.
    """
    if isinstance(number, numbers.Integral) and not isinstance(number, bool):
        if abs(int(number)) <= _MOST:
            return int(number)
        raise CrmlabError(
            message(
                where,
                f"found {number:,}.",
                allowed=f"up to {_MOST:,} on both sides of 0",
                next="use a smaller one.",
            )
        )
    if callable(number):
        raise CrmlabError(
            message(where, "found a function.", next="write a number: SQL and a saved rule run no Python functions.")
        )
    raise CrmlabError(
        message(
            where,
            f"found {number!r}, which is not a whole number.",
            allowed="a whole number: sums of others differ from engine to engine",
            next="count in the smaller unit, such as cents.",
        )
    )


def _value(value, where):
    if isinstance(value, str):
        _check_text(value, where)
        return str(value)
    if isinstance(value, bool):
        return value
    if type(value).__name__ == "bool" and type(value).__module__ == "numpy":
        return bool(value)
    if getattr(value, "ndim", 0):  # an array, a column, a table
        step = "for one of several values, use isin([...])."
        raise CrmlabError(message(where, f"found a {type(value).__name__}.", allowed=_ALLOWED, next=step))
    if value is None or type(value).__name__ == "NAType" or value != value:
        raise CrmlabError(
            message(
                where,
                "found a missing value.",
                allowed=_ALLOWED,
                next="leave it out: what is missing is never met.",
            )
        )
    return whole(value, where)


def condition(name_, op, value, where):
    """Make one condition on a property or a trait, or say what is wrong with it.

    Parameters
    ----------
    name_ : str
        The property or trait.
    op : {"==", "!=", "<", "<=", ">", ">=", "in"}
    value : int, str, bool; or a list of int or of str for "in"
    where : str
        What it is called in a message.

    Returns
    -------
    Condition

    Raises
    ------
    CrmlabError
        When the value is no whole number, text, or yes and no, or cannot be compared so.

    Examples
    --------
    >>> condition("channel", "in", ["web", "app"], "prop('channel')")
    Condition(name='channel', op='in', value=('web', 'app'))
    """
    if op == "in":
        return Condition(name_, op, _several(value, where))
    value = _value(value, where)
    if op not in ("==", "!=") and (isinstance(value, bool) or not isinstance(value, int)):
        raise CrmlabError(
            message(
                where,
                f"{value!r} is no number, so {op} cannot compare it.",
                allowed="whole numbers there",
                next="compare it by ==, != or isin.",
            )
        )
    return Condition(name_, op, value)


def _several(values, where):
    if isinstance(values, str) or not hasattr(values, "__iter__"):
        raise CrmlabError(message(where, f"found {values!r}.", allowed="a list", next='write ["web", "app"].'))
    values = tuple(dict.fromkeys(_value(value, where) for value in values))
    if not values or len(values) > _MOST_VALUES or len({type(value) for value in values} - {bool}) != 1:
        raise CrmlabError(
            message(
                where,
                f"found a list of {len(values):,}" + (", of several kinds." if values else "."),
                allowed=f"1 to {_MOST_VALUES:,} whole numbers, or so many texts",
                next="list values of one kind; compare yes and no by ==.",
            )
        )
    if any(isinstance(value, bool) for value in values):
        raise CrmlabError(message(where, "found a list with True or False.", next="compare yes and no by ==."))
    return values


def equal_to(name_, value, where):
    """Make the condition behind a keyword: equal to the value, or to one of a list.

    Parameters
    ----------
    name_ : str
        The property.
    value : int, str, bool, or list
    where : str
        What it is called in a message.

    Returns
    -------
    Condition

    Raises
    ------
    CrmlabError
        When the value cannot be compared.

    Examples
    --------
    >>> equal_to("channel", "web", "did()").op
    '=='
    """
    several = isinstance(value, list | tuple | set | frozenset)
    values = sorted(value, key=repr) if isinstance(value, set | frozenset) else value
    return condition(property_name(name_, where), "in" if several else "==", values, where)


def property_name(text, where):
    """Take in the name of a property: any column of the log but those every event has."""
    if isinstance(text, str) and text.casefold() in RESERVED:
        raise CrmlabError(
            message(
                where,
                f"{text!r} is what every event has, not a property.",
                next="use a window for the time, and did(...) for the type.",
            )
        )
    return name(text, where)


def match(type_, conditions, equal, where):
    """Say which events are meant.

    Parameters
    ----------
    type_ : str
        Event type.
    conditions : tuple of Condition
        Made by ``prop``.
    equal : dict of str to value
        Properties and what they must equal.
    where : str
        What it is called in a message.

    Returns
    -------
    Match

    Raises
    ------
    CrmlabError
        When a name or condition breaks its rule.

    Examples
    --------
    >>> match("purchase", (), {"channel": "web"}, "did()").where[0].value
    'web'
    """
    for given in conditions:
        if not isinstance(given, Condition):
            raise CrmlabError(
                message(
                    where,
                    f"found {given!r} among the conditions.",
                    allowed='conditions such as prop("amount_cents") >= 50_00',
                    next='compare a prop(...), or write channel="web".',
                )
            )
    told = [equal_to(key, value, f"{where}, {key}=") for key, value in equal.items()]
    return Match(name(type_, where), (*conditions, *told))


class prop:
    """Name a property of an event, to be compared: ``prop("amount_cents") >= 50_00``.

    Parameters
    ----------
    name : str
        A column of the log.

    Examples
    --------
    >>> prop("amount_cents") >= 50_00
    Condition(name='amount_cents', op='>=', value=5000)
    >>> prop("channel").isin(["web", "app"])
    Condition(name='channel', op='in', value=('web', 'app'))
    """

    __hash__ = None

    def __init__(self, name):
        self._where = f"prop({name!r})"
        self._name = property_name(name, self._where)

    def __repr__(self):
        return self._where

    def __bool__(self):
        raise CrmlabError(
            message(
                self._where, "it is not compared with anything.", next=f"write for instance {self._where} >= 50_00."
            )
        )

    def _compared(self, op, value):
        return condition(self._name, op, value, self._where)

    def __eq__(self, value):
        return self._compared("==", value)

    def __ne__(self, value):
        return self._compared("!=", value)

    def __lt__(self, value):
        return self._compared("<", value)

    def __le__(self, value):
        return self._compared("<=", value)

    def __gt__(self, value):
        return self._compared(">", value)

    def __ge__(self, value):
        return self._compared(">=", value)

    def isin(self, values):
        """Say that it is one of several values.

        Parameters
        ----------
        values : list of int or of str

        Returns
        -------
        Condition

        Examples
        --------
        >>> prop("shop").isin([1, 2]).value
        (1, 2)
        """
        return self._compared("in", values)
