"""Words for what happened: did, first, resumed, regularly, stopped, and sequences."""

from dataclasses import replace

from crmlab.errors import CrmlabError, message
from crmlab.segment.dynamic.durations import microseconds
from crmlab.segment.dynamic.rules import Rule
from crmlab.segment.dynamic.tree import Did, Follows, Happening, Stopped
from crmlab.segment.dynamic.values import match, property_name
from crmlab.segment.dynamic.windows import Timed, stretches

__all__ = ["Happened", "did", "first", "regularly", "resumed", "sequence", "stopped"]


class Happened(Timed, Rule):
    """A rule about what happened; it can be given a window or a sequence.

    Parameters
    ----------
    tree : Did or Follows
    segment : str, default="segment"

    Examples
    --------
    >>> did("complaint").then("reply", within="2d", same="case_id").within("7d")
    did("complaint").then("reply", within="2d", same="case_id").within("7d")
    """

    def _timed(self):
        return self.tree.happening if isinstance(self.tree, Did) else self.tree

    def _with(self, timed):
        return Happened(Did(timed) if isinstance(timed, Happening) else timed, self.segment)

    def then(self, event, /, *conditions, within, same=None, **equal):
        """Say that another event followed in time; what counts is the moment of the second.

        Only the latest first event before it matters, and events at one instant have the order of seq.

        Parameters
        ----------
        event : str
            Type of the second event.
        *conditions : conditions made by ``prop``
            What the second event must meet.
        within : str or timedelta
            The second came less than this after the first.
        same : str, optional
            A property that must be equal in both.
        **equal : int, str, bool, or list
            Properties of the second event and what they must equal.

        Returns
        -------
        Rule

        Raises
        ------
        CrmlabError
            When a name, length or condition breaks its rule, or a window or sequence is already set.

        Examples
        --------
        >>> print(did("complaint").then("reply", within="2d", same="case_id"))
        segment: had "complaint" and then "reply" of the same case_id within 2 days
        """
        return self._with(sequence(self._timed(), "then", event, conditions, within, same, equal))

    def without(self, event, /, *conditions, within, same=None, **equal):
        """Say that no other event followed in time; what counts is the moment the time ran out.

        Parameters
        ----------
        event : str
            Type of the event that did not come.
        *conditions : conditions made by ``prop``
            What it would have had to meet.
        within : str or timedelta
            The time it had; it came too late at exactly this length.
        same : str, optional
            A property that must be equal in both.
        **equal : int, str, bool, or list
            Properties it would have had, and what they would have had to equal.

        Returns
        -------
        Rule

        Raises
        ------
        CrmlabError
            When a name, length or condition breaks its rule, or a window or sequence is already set.

        Examples
        --------
        >>> print(did("complaint").without("reply", within="2d").within("7d"))
        segment: had "complaint" and then no "reply" within 2 days, the time running out in the last 7 days
        """
        return self._with(sequence(self._timed(), "without", event, conditions, within, same, equal))

    def after(self, event, /, *conditions, **equal):
        """Say that the latest of these events came after the latest of others; there must be one of both.

        Parameters
        ----------
        event : str
            Type of the other event; an event that is both counts as this one.
        *conditions : conditions made by ``prop``
        **equal : int, str, bool, or list
            Properties of the other event and what they must equal.

        Returns
        -------
        Rule

        Raises
        ------
        CrmlabError
            When a name or condition breaks its rule, or a window or sequence is already set.

        Examples
        --------
        >>> print(did("reply").after("complaint"))
        segment: the latest "reply" came after the latest "complaint"
        """
        _check_plain(self._timed(), "after")
        return Happened(Follows(self.tree.happening.match, match(event, conditions, equal, "after()")), self.segment)


def sequence(happening, kind, event, conditions, within, same, equal):
    """Add the second event of a sequence to the first.

    Parameters
    ----------
    happening : Happening
        Of kind "each", without a window.
    kind : {"then", "without"}
    event : str
    conditions : tuple of Condition
    within : str or timedelta
    same : str or None
    equal : dict

    Returns
    -------
    Happening

    Raises
    ------
    CrmlabError
        When a name, length or condition breaks its rule, or a window or sequence is already set.

    Examples
    --------
    >>> from crmlab.segment.dynamic.tree import Match
    >>> sequence(Happening("each", Match("complaint")), "then", "reply", (), "2d", None, {}).gap
    172800000000
    """
    _check_plain(happening, kind)
    other = match(event, conditions, equal, f"{kind}()")
    same = None if same is None else property_name(same, f"{kind}(), same=")
    gap = microseconds(within, f"{kind}(), within=")
    return replace(happening, kind=kind, other=other, gap=gap, same=same)


def _check_plain(timed, word):
    if isinstance(timed, Follows) or timed.kind != "each":
        raise CrmlabError(
            message(
                word,
                "a sequence is two events, and this already is one, or first(...) or resumed(...).",
                next="write each pair by itself and join them by &.",
            )
        )
    if timed.window is not None or timed.period is not None:
        raise CrmlabError(
            message(
                word,
                "a window is set before the sequence is complete.",
                next=f'write the window last: did("a").{word}("b", …).within("7d").',
            )
        )


def did(event, /, *conditions, **equal):
    """Say that something happened.

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
    Rule
        Give it a window by ``within``, ``between``, ``before`` or ``during``; a sequence by ``then``,
        ``without`` or ``after``.

    Raises
    ------
    CrmlabError
        When a name or condition breaks its rule.

    Examples
    --------
    >>> from crmlab.segment.dynamic import prop
    >>> print(did("purchase", prop("amount_cents") >= 50_00, channel="web"))
    segment: had "purchase" (amount_cents is at least 5,000 and channel is "web")
    """
    return Happened(Did(Happening("each", match(event, conditions, equal, "did()"))))


def first(event, /, *conditions, **equal):
    """Say that something happened for the first time ever.

    Parameters
    ----------
    event : str
    *conditions : conditions made by ``prop``
    **equal : int, str, bool, or list

    Returns
    -------
    Rule

    Raises
    ------
    CrmlabError
        When a name or condition breaks its rule.

    Examples
    --------
    >>> print(first("purchase").within("30d"))
    segment: had the first "purchase" ever in the last 30 days
    """
    return Happened(Did(Happening("first", match(event, conditions, equal, "first()"))))


def resumed(event, /, *conditions, after, **equal):
    """Say that something happened again after a pause.

    Parameters
    ----------
    event : str
    *conditions : conditions made by ``prop``
    after : str or timedelta
        The least time since the one before.
    **equal : int, str, bool, or list

    Returns
    -------
    Rule

    Raises
    ------
    CrmlabError
        When a name, length or condition breaks its rule.

    Examples
    --------
    >>> print(resumed("purchase", after="90d").within("7d"))
    segment: had "purchase" again after 90 days or more without, and that in the last 7 days
    """
    found = match(event, conditions, equal, "resumed()")
    return Happened(Did(Happening("resumed", found, gap=microseconds(after, "resumed(), after="))))


def stopped(event, /, *conditions, after, **equal):
    """Say that something happened before, but not lately.

    Parameters
    ----------
    event : str
    *conditions : conditions made by ``prop``
    after : str or timedelta
        The stretch of time without it.
    **equal : int, str, bool, or list

    Returns
    -------
    Rule

    Raises
    ------
    CrmlabError
        When a name, length or condition breaks its rule.

    Examples
    --------
    >>> print(stopped("purchase", after="90d"))
    segment: had "purchase" before, but not in the last 90 days
    """
    return Rule(Stopped(match(event, conditions, equal, "stopped()"), microseconds(after, "stopped(), after=")))


def regularly(event, n, /, *conditions, of, every, **equal):
    """Say that something happened in most of the last stretches of time.

    Parameters
    ----------
    event : str
    n : int
        Stretches it must have happened in, at least.
    *conditions : conditions made by ``prop``
    of : int
        Stretches looked at, up to 100: the last one ends now.
    every : str or timedelta
        Length of one stretch.
    **equal : int, str, bool, or list

    Returns
    -------
    Rule

    Raises
    ------
    CrmlabError
        When a name, number, length or condition breaks its rule.

    Examples
    --------
    >>> print(regularly("purchase", 3, of=4, every="30d"))
    segment: had "purchase" in at least 3 of the last 4 stretches of 30 days
    """
    length = microseconds(every, "regularly(), every=")
    return Rule(stretches(match(event, conditions, equal, "regularly()"), n, of, length))
