"""What all engines read: a rule taken apart into running whole numbers and one test on them."""

from dataclasses import dataclass

from crmlab.errors import CrmlabError, message

__all__ = ["All", "Any", "AtLeast", "Compare", "Condition", "Marks", "Match", "Not", "Plan", "Quantity", "TraitIs"]

# Time is whole microseconds since 1970 (UTC). A customer's timeline is a row of steps: at one
# instant first a clock step, if anything begins or lapses by the clock, then each event in order
# of seq. The test is true or false after each step; a run of true steps is one membership.


@dataclass(frozen=True)
class Condition:
    """What an event's property, or a customer's trait, must meet; a missing value never meets it.

    Parameters
    ----------
    name : str
        The property or trait.
    op : {"==", "!=", "<", "<=", ">", ">=", "in", "present"}
        "<" and its kind only with whole numbers; "present" is met by any value.
    value : int, str, bool, tuple of int or of str, or None
        What it is compared with; a tuple for "in", None for "present".

    Examples
    --------
    >>> Condition("amount_cents", ">=", 50_00)
    Condition(name='amount_cents', op='>=', value=5000)
    """

    name: str
    op: str
    value: int | str | bool | tuple | None = None

    def __bool__(self):
        # Python reads 1 <= prop("x") <= 5 as "and", and would drop the first half without a word.
        raise CrmlabError(
            message(
                f"prop({self.name!r})",
                "Python's and, or, not and chains such as 1 <= x <= 5 lose one of the conditions.",
                next='write them side by side: did("purchase", prop("x") >= 1, prop("x") <= 5).',
            )
        )

    def _joined(self, other):
        raise CrmlabError(
            message(
                f"prop({self.name!r})",
                "conditions on one event are not joined by & or |.",
                next='write them side by side with a comma; for "one of" use isin([...]), or join two did(...).',
            )
        )

    __and__ = __rand__ = __or__ = __ror__ = _joined


@dataclass(frozen=True)
class Match:
    """Which events are meant: one type, and conditions that all hold.

    Parameters
    ----------
    type : str
        The event type.
    where : tuple of Condition
        Conditions on the event's properties.

    Examples
    --------
    >>> Match("purchase").where
    ()
    """

    type: str
    where: tuple[Condition, ...] = ()


@dataclass(frozen=True)
class Marks:
    """The instants that are counted.

    Parameters
    ----------
    kind : {"each", "first", "resumed", "then", "without", "after"}
        each: every event that meets `match`. first: only the first ever. resumed: an event that
        meets `match` at least `gap` after the one before. then: an event that meets `match` (B),
        when the latest event before it in order that meets `other` (A; of the same value of
        `same`) is less than `gap` old. without: A meets `match`; the mark is set by the clock at
        A.ts + gap, when no event that meets `other` (B; of the same value) came after A in order
        and before that instant. after: not marks but a running 0 or 1: 1 while the latest event
        that meets `match` or `other` met only `match` and one that met `other` came before.
    match : Match
    other : Match, optional
    gap : int, optional, microseconds
    same : str, optional
        A property that must be equal in A and B; an event that lacks it never goes with another.
    start, end : int, optional, microseconds since 1970
        Only marks with start ≤ instant of the mark < end; for "without" that is A.ts + gap. Both or
        none.

    Examples
    --------
    >>> Marks("each", Match("purchase")).kind
    'each'
    """

    kind: str
    match: Match
    other: Match | None = None
    gap: int | None = None
    same: str | None = None
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True)
class Quantity:
    """A running whole number of one customer: the weights of the marks inside a moving window.

    A mark's weight is added when the mark is `enters` old and taken off when it is `leaves` old.

    Parameters
    ----------
    marks : Marks
    value : str, optional
        The weight is this property of the marked event, less `less`; an event that lacks it is
        left out. None: each mark weighs 1. Only with the kind "each".
    less : int, default=0
    enters : int, default=0, microseconds
        0: at the mark's own step (for "without" a clock step). Above 0: by the clock.
    leaves : int, optional, microseconds
        Above `enters`; always by the clock. None: never.

    Examples
    --------
    >>> Quantity(Marks("each", Match("purchase")), value="amount_cents", leaves=90 * 86_400_000_000).leaves
    7776000000000
    """

    marks: Marks
    value: str | None = None
    less: int = 0
    enters: int = 0
    leaves: int | None = None


@dataclass(frozen=True)
class Compare:
    """A test: one quantity beside one whole number.

    Parameters
    ----------
    quantity : int
        Place in ``Plan.quantities``.
    op : {"==", "!=", "<", "<=", ">", ">="}
    value : int

    Examples
    --------
    >>> Compare(0, ">=", 3).op
    '>='
    """

    quantity: int
    op: str
    value: int


@dataclass(frozen=True)
class TraitIs:
    """A test: a constant of the customer; not met when it is missing.

    Parameters
    ----------
    condition : Condition

    Examples
    --------
    >>> TraitIs(Condition("city", "==", "Split")).condition.name
    'city'
    """

    condition: Condition


@dataclass(frozen=True)
class All:
    """A test: every part holds.

    Parameters
    ----------
    parts : tuple of tests

    Examples
    --------
    >>> len(All((Compare(0, ">=", 1), Compare(1, "==", 0))).parts)
    2
    """

    parts: tuple


@dataclass(frozen=True)
class Any:
    """A test: at least one part holds.

    Parameters
    ----------
    parts : tuple of tests

    Examples
    --------
    >>> len(Any((Compare(0, ">=", 1), Compare(1, "==", 0))).parts)
    2
    """

    parts: tuple


@dataclass(frozen=True)
class Not:
    """A test: the part does not hold.

    Parameters
    ----------
    part : test

    Examples
    --------
    >>> Not(Compare(0, ">=", 1)).part.value
    1
    """

    part: object


@dataclass(frozen=True)
class AtLeast:
    """A test: so many of the parts hold.

    Parameters
    ----------
    n : int
    parts : tuple of tests

    Examples
    --------
    >>> AtLeast(1, (Compare(0, ">=", 1), Compare(1, ">=", 1))).n
    1
    """

    n: int
    parts: tuple


@dataclass(frozen=True)
class Plan:
    """A rule as every engine runs it.

    Parameters
    ----------
    segment : str
        Name of the segment.
    quantities : tuple of Quantity
        No two alike.
    test : Compare, TraitIs, All, Any, Not or AtLeast
        True while the customer is a member, from the customer's first event of any type on.

    Examples
    --------
    >>> bought = Quantity(Marks("each", Match("purchase")))
    >>> plan = Plan("buyers", (bought,), Compare(0, ">=", 1))
    >>> plan.types, plan.properties, plan.traits, plan.may_hold_at_zero
    (('purchase',), (), (), False)
    """

    segment: str
    quantities: tuple[Quantity, ...]
    test: Compare | TraitIs | All | Any | Not | AtLeast

    @property
    def types(self):
        """Event types that move a quantity, sorted; no other event can, save for a customer's first."""
        return tuple(sorted({match.type for match in self._matches()}))

    @property
    def properties(self):
        """Names of the event properties that are read, sorted."""
        names = {condition.name for match in self._matches() for condition in match.where}
        names |= {quantity.value for quantity in self.quantities} | {q.marks.same for q in self.quantities}
        return tuple(sorted(names - {None}))

    @property
    def traits(self):
        """Names of the traits that are read, sorted."""
        return tuple(sorted({leaf.condition.name for leaf in leaves(self.test) if isinstance(leaf, TraitIs)}))

    @property
    def may_hold_at_zero(self):
        """Can the test be true while every quantity is 0? Then a customer's first event of any type counts."""
        return _at_zero(self.test) is not False

    def _matches(self):
        marks = [quantity.marks for quantity in self.quantities]
        return [match for one in marks for match in (one.match, one.other) if match is not None]


def leaves(test):
    """List the comparisons a test is made of.

    Parameters
    ----------
    test : Compare, TraitIs, All, Any, Not or AtLeast

    Returns
    -------
    list of Compare or TraitIs

    Examples
    --------
    >>> leaves(Not(Compare(0, ">=", 1)))
    [Compare(quantity=0, op='>=', value=1)]
    """
    if isinstance(test, Compare | TraitIs):
        return [test]
    parts = (test.part,) if isinstance(test, Not) else test.parts
    return [leaf for part in parts for leaf in leaves(part)]


def _at_zero(test):
    """True, False, or None when it depends on a trait."""
    if isinstance(test, TraitIs):
        return None
    if isinstance(test, Compare):
        v = test.value
        return {"==": v == 0, "!=": v != 0, "<": v > 0, "<=": v >= 0, ">": v < 0, ">=": v <= 0}[test.op]
    if isinstance(test, Not):
        part = _at_zero(test.part)
        return None if part is None else not part
    parts = [_at_zero(part) for part in test.parts]
    least = {All: len(parts), Any: 1}.get(type(test)) or test.n
    sure, possible = parts.count(True), parts.count(True) + parts.count(None)
    return True if sure >= least else False if possible < least else None
