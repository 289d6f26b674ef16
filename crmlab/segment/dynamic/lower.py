"""From what a rule says to what an engine runs: windows, sequences and numbers become running quantities."""

from dataclasses import replace

from crmlab.errors import CrmlabError, message
from crmlab.segment.dynamic.kinds import check_names
from crmlab.segment.dynamic.plan import AtLeast, Compare, Condition, Marks, Plan, Quantity, TraitIs
from crmlab.segment.dynamic.saved import MOST_DEPTH, MOST_PARTS
from crmlab.segment.dynamic.tree import (
    All,
    Any,
    Did,
    Follows,
    Happening,
    Member,
    Not,
    Number,
    Regularly,
    Trait,
    Window,
    walk,
)

__all__ = ["lowered", "parts_of", "too_large"]


def lowered(tree, segment="segment"):
    """Take a rule's tree apart into the plan that replay, live and SQL all run.

    Parameters
    ----------
    tree : tree of a rule
        Without membership of other segments: ``Segments`` puts their trees in its place.
    segment : str, default="segment"

    Returns
    -------
    Plan

    Raises
    ------
    CrmlabError
        When it asks for membership of another segment, or is too large.

    Examples
    --------
    >>> from crmlab.segment.dynamic.tree import Match
    >>> plan = lowered(Did(Happening("each", Match("complaint"), window=Window(older=604_800_000_000))))
    >>> plan.test
    Compare(quantity=0, op='>=', value=1)
    >>> plan.quantities[0].leaves
    604800000000
    """
    _check_size(tree, segment)
    quantities = {}

    def at(quantity):
        # Its text is the key: True and 1 are equal in Python, and not the same in a rule.
        return quantities.setdefault(repr(quantity), (len(quantities), quantity))[0]

    test = _test(tree, at)
    plan = Plan(segment, tuple(quantity for _, quantity in quantities.values()), test)
    check_names([plan])
    return plan


def _check_size(tree, segment):
    size = deepest = 0
    for part, depth in walk(tree):
        size, deepest = size + parts_of(part), max(deepest, depth)
        if isinstance(part, Member):
            found = "a rule by itself does not know the other segments."
            step = "put the rules into one Segments({...}) and run that."
            raise CrmlabError(message(f'member("{part.name}")', found, next=step))
    if size > MOST_PARTS or deepest > MOST_DEPTH:
        raise too_large(segment, size, deepest)


def parts_of(part):
    """Count what a part asks for: a rhythm asks for each of its stretches."""
    return part.of if isinstance(part, Regularly) else 1


def too_large(segment, size, deepest):
    """Say that a rule has too many parts, or that they lie too deep in one another.

    Parameters
    ----------
    segment : str
    size, deepest : int

    Returns
    -------
    CrmlabError

    Examples
    --------
    >>> print(too_large("vip", 10_000, 20))
    vip: the rule is too large: 10,000 parts or more, up to 20 inside one another.
      allowed : 5,000 parts, with those of segments it asks for and each stretch of regularly(); 60 inside one another
      next    : split it into several segments, and run them one by one.
    """
    return CrmlabError(
        message(
            segment,
            f"the rule is too large: {size:,} parts or more, up to {deepest:,} inside one another.",
            allowed=f"{MOST_PARTS:,} parts, with those of segments it asks for and each stretch of regularly(); "
            f"{MOST_DEPTH} inside one another",
            next="split it into several segments, and run them one by one.",
        )
    )


def _test(tree, at):
    if isinstance(tree, All | Any):
        return type(tree)(tuple(_test(part, at) for part in tree.parts))
    if isinstance(tree, Not):
        return Not(_test(tree.part, at))
    if isinstance(tree, Trait):
        return TraitIs(tree.condition)
    if isinstance(tree, Did):
        return Compare(at(_quantity(tree.happening)), ">=", 1)
    if isinstance(tree, Number):
        return _number(tree, at)
    if isinstance(tree, Follows):
        follows = Compare(at(Quantity(Marks("after", tree.match, tree.other))), "==", 1)
        if tree.window is None and tree.period is None:
            return follows
        inside = Happening("each", tree.match, window=tree.window, period=tree.period)
        return All((follows, Compare(at(_quantity(inside)), ">=", 1)))
    each = Happening("each", tree.match)
    if isinstance(tree, Regularly):
        windows = [Window(tree.every * i, tree.every * (i + 1)) for i in range(tree.of)]
        found = [Compare(at(_quantity(replace(each, window=window))), ">=", 1) for window in windows]
        return AtLeast(tree.n, tuple(found))
    lately = replace(each, window=Window(older=tree.after))
    return All((Compare(at(_quantity(each)), ">=", 1), Compare(at(_quantity(lately)), "==", 0)))


def _quantity(happening, value=None, less=0):
    start, end = happening.period.microseconds if happening.period else (None, None)
    match, other = happening.match, happening.other
    if happening.kind == "then":  # the mark is set by the second
        match, other = other, match
    marks = Marks(happening.kind, match, other, happening.gap, happening.same, start, end)
    window = happening.window or Window()
    return Quantity(marks, value, less, window.newer, window.older)


def _number(tree, at):
    """Extremes become counts of events beyond the threshold, an average a sum of distances from it: all whole."""
    op, value = tree.op, tree.value
    if tree.kind == "count":
        return Compare(at(_quantity(tree.happening)), op, value)
    if tree.kind == "total":
        return Compare(at(_quantity(tree.happening, tree.property)), op, value)

    def some(op, value=None):
        match = tree.happening.match
        narrowed = replace(match, where=(*match.where, Condition(tree.property, op, value)))
        return Compare(at(_quantity(replace(tree.happening, match=narrowed))), ">=", 1)

    if tree.kind == "average":
        distance = Compare(at(_quantity(tree.happening, tree.property, value)), op, 0)
        return All((distance, some("present"))) if op in ("==", "<=", ">=") else distance
    if op == "!=":
        return All((some("present"), Not(_number(replace(tree, op="=="), at))))
    beyond = {"highest": ">", "lowest": "<"}[tree.kind]
    if op == "==":
        return All((some("==", value), Not(some(beyond, value))))
    if op in (beyond, beyond + "="):
        return some(op, value)
    return All((some("present"), Not(some({"<": ">=", "<=": ">", ">": "<=", ">=": "<"}[op], value))))
