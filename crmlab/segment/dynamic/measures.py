"""Words for numbers: count, total, lowest, highest and average, each compared with a whole number."""

from crmlab.errors import CrmlabError, message
from crmlab.segment.dynamic.events import sequence
from crmlab.segment.dynamic.rules import Rule, needs_brackets
from crmlab.segment.dynamic.tree import Happening, Number
from crmlab.segment.dynamic.values import match, property_name, whole
from crmlab.segment.dynamic.windows import Timed

__all__ = ["Counted", "average", "count", "highest", "lowest", "total"]


class Counted(Timed):
    """A number worked out from what happened; compared with a whole number it is a rule.

    Parameters
    ----------
    kind : {"count", "total", "lowest", "highest", "average"}
    happening : Happening
    property : str, optional

    Examples
    --------
    >>> print(count("purchase").within("90d") >= 3)
    segment: the number of "purchase" in the last 90 days is at least 3
    """

    __hash__ = None

    def __init__(self, kind, happening, property=None):
        self._kind, self._happening, self._property = kind, happening, property

    def _timed(self):
        return self._happening

    def _with(self, happening):
        return Counted(self._kind, happening, self._property)

    def __repr__(self):
        from crmlab.segment.dynamic.code import as_code

        return as_code(Number(self._kind, self._happening, self._property, ">=", 0)).removesuffix(" >= 0")

    def _compared(self, op, value):
        return Rule(Number(self._kind, self._happening, self._property, op, whole(value, f"{self!r} {op}")))

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

    def _alone(self, other=None):
        raise needs_brackets(repr(self))

    __and__ = __rand__ = __or__ = __ror__ = __invert__ = __bool__ = _alone

    def replay(self, *_, **__):
        """Refuse to run what is no rule yet, and say what is missing.

        Parameters
        ----------
        *_, **__ : object
            Whatever a rule would take.

        Raises
        ------
        CrmlabError
            Always: a number is neither true nor false until it is compared.

        Examples
        --------
        >>> count("purchase").replay(pd.DataFrame())
        Traceback (most recent call last):
            ...
        crmlab.errors.CrmlabError: count("purchase"): it is a number, and not compared with anything yet.
          next    : compare it, in brackets: (count("purchase") >= 3).replay(log).
        """
        step = 'compare it, in brackets: (count("purchase") >= 3).replay(log).'
        raise CrmlabError(message(repr(self), "it is a number, and not compared with anything yet.", next=step))

    live = sql = on_duckdb = verify = explain = plans = named = to_json = save = replay

    def then(self, event, /, *conditions, within, same=None, **equal):
        """Count sequences: how often another event followed in time.

        Parameters
        ----------
        event : str
            Type of the second event.
        *conditions : conditions made by ``prop``
        within : str or timedelta
            The second came less than this after the first.
        same : str, optional
            A property that must be equal in both.
        **equal : int, str, bool, or list

        Returns
        -------
        Counted

        Raises
        ------
        CrmlabError
            When a name, length or condition breaks its rule, or it is no count.

        Examples
        --------
        >>> print(count("complaint").then("reply", within="2d").within("30d") >= 2)
        segment: the number of times with "complaint" and then "reply" within 2 days in the last 30 days is at least 2
        """
        return self._sequence("then", event, conditions, within, same, equal)

    def without(self, event, /, *conditions, within, same=None, **equal):
        """Count silences: how often no other event followed in time.

        Parameters
        ----------
        event : str
            Type of the event that did not come.
        *conditions : conditions made by ``prop``
        within : str or timedelta
            The time it had.
        same : str, optional
            A property that must be equal in both.
        **equal : int, str, bool, or list

        Returns
        -------
        Counted

        Raises
        ------
        CrmlabError
            When a name, length or condition breaks its rule, or it is no count.

        Examples
        --------
        >>> print(count("complaint").without("reply", within="2d") >= 2)
        segment: the number of times with "complaint" and then no "reply" within 2 days is at least 2
        """
        return self._sequence("without", event, conditions, within, same, equal)

    def _sequence(self, kind, event, conditions, within, same, equal):
        if self._kind != "count":
            raise CrmlabError(
                message(
                    f"{self._kind}()",
                    "a sequence of two events has no one value.",
                    next=f'count sequences: count("a").{kind}("b", within="2d") >= 2.',
                )
            )
        return self._with(sequence(self._happening, kind, event, conditions, within, same, equal))


def count(event, /, *conditions, **equal):
    """Count events.

    Parameters
    ----------
    event : str
        Event type.
    *conditions : conditions made by ``prop``
        All must hold for the event.
    **equal : int, str, bool, or list
        Properties and what they must equal; a list is one of.

    Returns
    -------
    Counted
        Give it a window, then compare it with a whole number.

    Raises
    ------
    CrmlabError
        When a name or condition breaks its rule.

    Examples
    --------
    >>> count("purchase", channel="web").within("90d") >= 3
    count("purchase", channel="web").within("90d") >= 3
    """
    return Counted("count", Happening("each", match(event, conditions, equal, "count()")))


def _measured(kind, event, property, conditions, equal):
    found = match(event, conditions, equal, f"{kind}()")
    return Counted(kind, Happening("each", found), property_name(property, f"{kind}()"))


def total(event, property, /, *conditions, **equal):
    """Add up a property; events that lack it add nothing, and the total of no event is 0.

    Parameters
    ----------
    event : str
        Event type.
    property : str
        A column of whole numbers, such as amount_cents.
    *conditions : conditions made by ``prop``
    **equal : int, str, bool, or list

    Returns
    -------
    Counted
        Give it a window, then compare it with a whole number.

    Raises
    ------
    CrmlabError
        When a name or condition breaks its rule.

    Examples
    --------
    >>> total("purchase", "amount_cents").within("90d") >= 500_00
    total("purchase", "amount_cents").within("90d") >= 50_000
    """
    return _measured("total", event, property, conditions, equal)


def lowest(event, property, /, *conditions, **equal):
    """Find the lowest value of a property; without any value no comparison holds.

    Parameters
    ----------
    event : str
        Event type.
    property : str
        A column of whole numbers.
    *conditions : conditions made by ``prop``
    **equal : int, str, bool, or list

    Returns
    -------
    Counted
        Give it a window, then compare it with a whole number.

    Raises
    ------
    CrmlabError
        When a name or condition breaks its rule.

    Examples
    --------
    >>> print(lowest("survey", "nps").within("180d") <= 6)
    segment: the lowest nps of "survey" in the last 180 days is at most 6
    """
    return _measured("lowest", event, property, conditions, equal)


def highest(event, property, /, *conditions, **equal):
    """Find the highest value of a property; without any value no comparison holds.

    Parameters
    ----------
    event : str
        Event type.
    property : str
        A column of whole numbers.
    *conditions : conditions made by ``prop``
    **equal : int, str, bool, or list

    Returns
    -------
    Counted
        Give it a window, then compare it with a whole number.

    Raises
    ------
    CrmlabError
        When a name or condition breaks its rule.

    Examples
    --------
    >>> print(highest("purchase", "amount_cents") > 100_00)
    segment: the highest amount_cents of "purchase" is above 10,000
    """
    return _measured("highest", event, property, conditions, equal)


def average(event, property, /, *conditions, **equal):
    """Compare the average of a property exactly; events that lack it are left out.

    Parameters
    ----------
    event : str
        Event type.
    property : str
        A column of whole numbers.
    *conditions : conditions made by ``prop``
    **equal : int, str, bool, or list

    Returns
    -------
    Counted
        Give it a window, then compare it with a whole number. Without any value no comparison holds.

    Raises
    ------
    CrmlabError
        When a name or condition breaks its rule.

    Examples
    --------
    >>> print(average("survey", "nps").within("365d") >= 9)
    segment: the average nps of "survey" in the last 365 days is at least 9
    """
    return _measured("average", event, property, conditions, equal)
