"""A rule: join it, read it, keep it, and run it three ways with the same answer."""

from dataclasses import dataclass, replace

from crmlab.errors import CrmlabError, message
from crmlab.segment.dynamic.code import as_code, quoted
from crmlab.segment.dynamic.lower import lowered
from crmlab.segment.dynamic.runs import VERSION, Runs
from crmlab.segment.dynamic.saved import plain
from crmlab.segment.dynamic.sentence import sentence
from crmlab.segment.dynamic.tree import All, Any, Not
from crmlab.segment.dynamic.values import name

__all__ = ["Rule", "needs_brackets"]


@dataclass(frozen=True, repr=False, eq=False)
class Rule(Runs):
    """Who is in the segment at each moment; made by ``did``, ``count`` and the other words.

    Rules are joined by ``&`` (and), ``|`` (or) and ``~`` (not). A rule speaks of one customer, from
    that customer's first event of any type on. ``print(rule)`` says it as a sentence.

    Parameters
    ----------
    tree : tree of a rule
        What is said.
    segment : str, default="segment"
        Name of the segment; set it with ``named``.

    Examples
    --------
    >>> from crmlab.segment.dynamic import count, did
    >>> rule = did("complaint").within("7d") & (count("purchase") >= 3)
    >>> rule
    did("complaint").within("7d") & (count("purchase") >= 3)
    >>> print(rule.named("to be called"))
    to be called: had "complaint" in the last 7 days, and the number of "purchase" is at least 3
    """

    tree: object
    segment: str = "segment"

    def __and__(self, other):
        return Rule(_joined(All, self, other))

    def __or__(self, other):
        return Rule(_joined(Any, self, other))

    def __invert__(self):
        return Rule(Not(self.tree))

    def __rand__(self, other):
        raise _not_a_rule(other)

    __ror__ = __rand__

    def __bool__(self):
        raise CrmlabError(
            message(
                "rule",
                "Python's and, or, not, if and chains such as 1 <= x <= 5 cannot join rules: one part would be lost.",
                next="write & for and, | for or, ~ for not.",
            )
        )

    def __eq__(self, other):
        # Its text, because True and 1 are equal in Python and not the same in a rule.
        return isinstance(other, Rule) and repr(self) == repr(other)

    def __hash__(self):
        return hash(repr(self))

    def __repr__(self):
        code = as_code(self.tree)
        if self.segment == "segment":
            return code
        return f"({code}).named({quoted(self.segment)})"

    def __str__(self):
        return f"{self.segment}: {sentence(self.tree)}"

    def within(self, *length, **zone):
        """Refuse a window on what cannot have one, and say why.

        Parameters
        ----------
        *length : str
        **zone : str

        Raises
        ------
        CrmlabError
            Always: windows belong to what happened, and are set before it is compared or joined.

        Examples
        --------
        >>> from crmlab.segment.dynamic import member
        >>> member("vip").within("7d")
        Traceback (most recent call last):
            ...
        crmlab.errors.CrmlabError: member("vip"): a window is of events, not of a whole rule.
          allowed : windows on did, first, resumed, count, total, lowest, highest and average
          next    : set it there: did("complaint").within("7d"), count("visit").within("7d") >= 3.
        """
        raise CrmlabError(
            message(
                repr(self),
                "a window is of events, not of a whole rule.",
                allowed="windows on did, first, resumed, count, total, lowest, highest and average",
                next='set it there: did("complaint").within("7d"), count("visit").within("7d") >= 3.',
            )
        )

    between = before = during = within

    def named(self, segment):
        """Give the segment a name.

        Parameters
        ----------
        segment : str

        Returns
        -------
        Rule

        Raises
        ------
        CrmlabError
            When it is no text.

        Examples
        --------
        >>> from crmlab.segment.dynamic import did
        >>> did("complaint").named("complained").segment
        'complained'
        """
        return replace(self, segment=name(segment, "named()"))

    def plan(self):
        """See the rule as every engine runs it.

        Returns
        -------
        Plan

        Raises
        ------
        CrmlabError
            When it asks for membership of another segment, or is too large.

        Examples
        --------
        >>> from crmlab.segment.dynamic import did
        >>> did("complaint").plan().types
        ('complaint',)
        """
        return lowered(self.tree, self.segment)

    def plans(self):
        """See the plans that are run: of a rule, one.

        Returns
        -------
        list of Plan

        Raises
        ------
        CrmlabError
            When it asks for membership of another segment, or is too large.

        Examples
        --------
        >>> from crmlab.segment.dynamic import did
        >>> len(did("complaint").plans())
        1
        """
        return [self.plan()]

    def _plain(self):
        return {"crmlab": "rule", "version": VERSION, "segment": self.segment, "rule": plain(self.tree)}


def _joined(kind, one, other):
    if not isinstance(other, Rule):
        raise _not_a_rule(other)
    parts = [
        part for rule in (one, other) for part in (rule.tree.parts if isinstance(rule.tree, kind) else (rule.tree,))
    ]
    return kind(tuple(parts))


def _not_a_rule(other):
    if hasattr(other, "_compared"):
        return needs_brackets(repr(other))
    return needs_brackets(repr(other), "it is not a rule")


def needs_brackets(what, fault="it is not compared with anything yet"):
    """Say that brackets are missing: Python reads & before >=.

    Parameters
    ----------
    what : str
        What stands beside the & or |.
    fault : str, optional

    Returns
    -------
    CrmlabError

    Examples
    --------
    >>> print(needs_brackets("3", "it is not a rule"))
    3: it is not a rule, so it cannot be joined by &, | or ~.
      why     : Python reads & and | before >= and ==
      next    : put each comparison in brackets: did("visit") & (count("purchase") >= 3).
    """
    return CrmlabError(
        message(
            what,
            f"{fault}, so it cannot be joined by &, | or ~.",
            why="Python reads & and | before >= and ==",
            next='put each comparison in brackets: did("visit") & (count("purchase") >= 3).',
        )
    )
