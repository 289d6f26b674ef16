"""A rule as a sentence."""

from crmlab.segment.dynamic.code import quoted
from crmlab.segment.dynamic.durations import spoken
from crmlab.segment.dynamic.tree import All, Any, Did, Follows, Member, Not, Number, Regularly, Stopped, Trait

__all__ = ["sentence"]

_COMPARED = {"==": "is", "!=": "is not", "<": "is below", "<=": "is at most", ">": "is above", ">=": "is at least"}


def sentence(tree):
    """Say a rule's tree in words.

    Parameters
    ----------
    tree : tree of a rule

    Returns
    -------
    str

    Examples
    --------
    >>> from crmlab.segment.dynamic.tree import Happening, Match, Window
    >>> sentence(Did(Happening("each", Match("complaint"), window=Window(older=604_800_000_000))))
    'had "complaint" in the last 7 days'
    """
    if isinstance(tree, All | Any):
        word = "and" if isinstance(tree, All) else "or"
        return f", {word} ".join(_inside(part) for part in tree.parts)
    if isinstance(tree, Not):
        return _not(tree.part)
    if isinstance(tree, Did):
        return _had(tree.happening)
    if isinstance(tree, Number):
        return f"{_number(tree)} {_COMPARED[tree.op]} {tree.value:,}"
    if isinstance(tree, Follows):
        came = f"the latest {_match(tree.match)} came after the latest {_match(tree.other)}"
        when = _when(tree)
        return came + (f", with {_match(tree.match)}{when}" if when else "")
    if isinstance(tree, Regularly):
        stretches = "stretch" if tree.of == 1 else f"{tree.of} stretches"
        return f"had {_match(tree.match)} in at least {tree.n} of the last {stretches} of {spoken(tree.every)}"
    if isinstance(tree, Stopped):
        return f"had {_match(tree.match)} before, but not in the last {spoken(tree.after)}"
    if isinstance(tree, Trait):
        return _condition(tree.condition)
    return f"is in {quoted(tree.name)}"


def _inside(tree):
    return f"({sentence(tree)})" if isinstance(tree, All | Any) else sentence(tree)


def _not(tree):
    if isinstance(tree, Did) and tree.happening.kind == "each":
        return _had(tree.happening, "had no")
    if isinstance(tree, Member):
        return f"is not in {quoted(tree.name)}"
    return f"not ({sentence(tree)})"


def _had(happening, had="had"):
    kind, when = happening.kind, _when(happening)
    match = _match(happening.match)
    if kind == "first":
        return f"had the first {match} ever{when}"
    if kind == "each":
        return f"{had} {match}{when}"
    if kind == "resumed":
        text = f"had {match} again after {spoken(happening.gap)} or more without"
    else:
        text = f"had {_sequence(happening)}"
    mark = ", the time running out" if kind == "without" else ", and that"
    return text + (mark + when if when else "")


def _sequence(happening):
    joined = {"then": "and then", "without": "and then no"}[happening.kind]
    same = f" of the same {happening.same}" if happening.same else ""
    other = _match(happening.other)
    return f"{_match(happening.match)} {joined} {other}{same} within {spoken(happening.gap)}"


def _number(tree):
    happening, when = tree.happening, _when(tree.happening)
    if tree.kind != "count":
        return f"the {tree.kind} {tree.property} of {_match(happening.match)}{when}"
    if happening.kind == "each":
        return f"the number of {_match(happening.match)}{when}"
    return f"the number of times with {_sequence(happening)}{when}"


def _match(match):
    conditions = " and ".join(_condition(condition) for condition in match.where)
    return quoted(match.type) + (f" ({conditions})" if conditions else "")


def _condition(condition):
    if condition.op == "in":
        return f"{condition.name} is one of {', '.join(map(_said, condition.value))}"
    return f"{condition.name} {_COMPARED[condition.op]} {_said(condition.value)}"


def _said(value):
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else quoted(value)


def _when(said):
    """The window and the period, each with a space before it."""
    text, window, period = "", said.window, said.period
    if window is not None:
        newer, older = window.newer and spoken(window.newer), window.older and spoken(window.older)
        text = f" {newer} ago or earlier" if not older else f" in the last {older}"
        if older and newer:
            text = f" between {older} and {newer} ago"
    if period is not None:
        zone = "" if period.tz == "UTC" else f" ({period.tz})"
        text += f" from {period.start} up to {period.end}{zone}"
    return text
