"""A rule as a tree: what was said, not yet how it is worked out."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

import pandas as pd

from crmlab.segment.dynamic.plan import All, Any, Condition, Match, Not

__all__ = [
    "All",
    "Any",
    "Condition",
    "Did",
    "Follows",
    "Happening",
    "Match",
    "Member",
    "Not",
    "Number",
    "Period",
    "Regularly",
    "Stopped",
    "Trait",
    "Window",
    "children",
    "walk",
]


@dataclass(frozen=True)
class Window:
    """A moving window of the past: at t it holds what happened at s with t − older < s ≤ t − newer.

    Parameters
    ----------
    newer : int, default=0, microseconds
    older : int, optional, microseconds
        None: ever.

    Examples
    --------
    >>> Window(older=604_800_000_000).newer
    0
    """

    newer: int = 0
    older: int | None = None


@dataclass(frozen=True)
class Period:
    """A fixed stretch of time: from `start` up to, but without, `end`, on the clocks of one place.

    Parameters
    ----------
    start, end : str
        Date, or date and time, on the clock of `tz`.
    tz : str
        Name of a time zone.

    Examples
    --------
    >>> Period("1970-01-01", "1970-01-02", "Europe/Zagreb").microseconds
    (-3600000000, 82800000000)
    """

    start: str
    end: str
    tz: str = "UTC"

    @property
    def microseconds(self):
        """Start and end in microseconds since 1970 (UTC); a time that a clock skips or shows twice is a ValueError."""
        ends = [pd.Timestamp(end).as_unit("us").tz_localize(ZoneInfo(self.tz)) for end in (self.start, self.end)]
        return tuple(end.tz_convert("UTC").value // 1_000 for end in ends)


@dataclass(frozen=True)
class Happening:
    """What is counted: events, or sequences of two, in a window and a period.

    Parameters
    ----------
    kind : {"each", "first", "resumed", "then", "without"}
    match : Match
        Of a sequence the first event.
    other : Match, optional
        Of a sequence the second event.
    gap : int, optional, microseconds
    same : str, optional
    window : Window, optional
    period : Period, optional

    Examples
    --------
    >>> Happening("each", Match("complaint")).window is None
    True
    """

    kind: str
    match: Match
    other: Match | None = None
    gap: int | None = None
    same: str | None = None
    window: Window | None = None
    period: Period | None = None


@dataclass(frozen=True)
class Did:
    """It happened at least once.

    Parameters
    ----------
    happening : Happening

    Examples
    --------
    >>> Did(Happening("each", Match("complaint"))).happening.kind
    'each'
    """

    happening: Happening


@dataclass(frozen=True)
class Follows:
    """The latest `match` came after the latest `other`; an event that is both counts as `other`.

    Parameters
    ----------
    match, other : Match
    window : Window, optional
        A `match` (any) lies in it as well.
    period : Period, optional

    Examples
    --------
    >>> Follows(Match("reply"), Match("complaint")).other.type
    'complaint'
    """

    match: Match
    other: Match
    window: Window | None = None
    period: Period | None = None


@dataclass(frozen=True)
class Number:
    """A whole number worked out from what happened, beside a threshold.

    Parameters
    ----------
    kind : {"count", "total", "lowest", "highest", "average"}
    happening : Happening
        Of kind "each" for all but the count.
    property : str or None
        None for the count.
    op : {"==", "!=", "<", "<=", ">", ">="}
    value : int

    Examples
    --------
    >>> Number("count", Happening("each", Match("purchase")), None, ">=", 3).value
    3
    """

    kind: str
    happening: Happening
    property: str | None
    op: str
    value: int


@dataclass(frozen=True)
class Regularly:
    """It happened in at least `n` of the last `of` stretches of time.

    Parameters
    ----------
    match : Match
    n, of : int
    every : int, microseconds

    Examples
    --------
    >>> Regularly(Match("purchase"), 3, 4, 30 * 86_400_000_000).of
    4
    """

    match: Match
    n: int
    of: int
    every: int


@dataclass(frozen=True)
class Stopped:
    """It happened once, but not in the last stretch of time.

    Parameters
    ----------
    match : Match
    after : int, microseconds

    Examples
    --------
    >>> Stopped(Match("purchase"), 90 * 86_400_000_000).match.type
    'purchase'
    """

    match: Match
    after: int


@dataclass(frozen=True)
class Trait:
    """A constant of the customer meets a condition.

    Parameters
    ----------
    condition : Condition

    Examples
    --------
    >>> Trait(Condition("city", "==", "Split")).condition.op
    '=='
    """

    condition: Condition


@dataclass(frozen=True)
class Member:
    """The customer is in another segment of the same set.

    Parameters
    ----------
    name : str

    Examples
    --------
    >>> Member("vip").name
    'vip'
    """

    name: str


def children(tree):
    """List the parts a tree joins; nothing for a statement that stands alone.

    Parameters
    ----------
    tree : tree of a rule

    Returns
    -------
    tuple of trees

    Examples
    --------
    >>> children(Not(Member("vip")))
    (Member(name='vip'),)
    """
    if isinstance(tree, All | Any):
        return tree.parts
    return (tree.part,) if isinstance(tree, Not) else ()


def walk(tree):
    """List a tree and every part below it, with how deep it lies.

    Parameters
    ----------
    tree : tree of a rule

    Returns
    -------
    list of tuple (tree, int)

    Examples
    --------
    >>> walk(Not(Member("vip")))
    [(Not(part=Member(name='vip')), 1), (Member(name='vip'), 2)]
    """
    found = [(tree, 1)]
    for part, depth in found:  # it grows while it is read
        found.extend((child, depth + 1) for child in children(part))
    return found
