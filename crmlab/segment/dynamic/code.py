"""A rule as the Python text that makes it again."""

import json
import keyword
import unicodedata

from crmlab.segment.dynamic.durations import written
from crmlab.segment.dynamic.tree import All, Any, Did, Follows, Not, Number, Regularly, Stopped, Trait

__all__ = ["as_code", "is_joined", "quoted"]

# Words that are arguments of their own beside an event, and one that Python forbids: written as prop("after").
_TAKEN = {"within", "same", "after", "of", "every", "__debug__"}


def as_code(tree):
    """Write a rule's tree as Python.

    Parameters
    ----------
    tree : tree of a rule

    Returns
    -------
    str

    Examples
    --------
    >>> from crmlab.segment.dynamic.tree import Happening, Match
    >>> as_code(Not(Did(Happening("each", Match("complaint")))))
    '~did("complaint")'
    """
    if isinstance(tree, All | Any):
        return (" & " if isinstance(tree, All) else " | ").join(map(_inside, tree.parts))
    if isinstance(tree, Not):
        return f"~{_inside(tree.part)}"
    if isinstance(tree, Did):
        return _happening("did", tree.happening)
    if isinstance(tree, Number):
        given = () if tree.property is None else (quoted(tree.property),)
        return f"{_happening(tree.kind, tree.happening, *given)} {tree.op} {tree.value:_}"
    if isinstance(tree, Follows):
        after = f"did({_match(tree.match)}).after({_match(tree.other)})"
        return after + _window(tree.window) + _period(tree.period)
    if isinstance(tree, Regularly):
        return f"regularly({_match(tree.match, str(tree.n), of=tree.of, every=quoted(written(tree.every)))})"
    if isinstance(tree, Stopped):
        return f"stopped({_match(tree.match, after=quoted(written(tree.after)))})"
    if isinstance(tree, Trait):
        return _condition("trait", tree.condition)
    return f"member({quoted(tree.name)})"


def is_joined(tree):
    """Tell whether a tree needs brackets when it stands inside another.

    Parameters
    ----------
    tree : tree of a rule

    Returns
    -------
    bool

    Examples
    --------
    >>> from crmlab.segment.dynamic.tree import Member
    >>> is_joined(Member("vip"))
    False
    """
    return isinstance(tree, All | Any | Number) or (isinstance(tree, Trait) and tree.condition.op != "in")


def _inside(tree):
    return f"({as_code(tree)})" if is_joined(tree) else as_code(tree)


def quoted(value):
    """Write a value as Python, texts in double quotes.

    Parameters
    ----------
    value : int, str, bool, or tuple of them

    Returns
    -------
    str

    Examples
    --------
    >>> quoted("Split"), quoted(50_000), quoted(("a", "b"))
    ('"Split"', '50_000', '["a", "b"]')
    """
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, tuple):
        return f"[{', '.join(map(quoted, value))}]"
    return str(value) if isinstance(value, bool) else f"{value:_}"


def _happening(word, happening, *given):
    kind, gap = happening.kind, None if happening.gap is None else quoted(written(happening.gap))
    if kind in ("first", "resumed"):
        after = {"after": gap} if kind == "resumed" else {}
        start = f"{kind}({_match(happening.match, **after)})"
    else:
        start = f"{word}({_match(happening.match, *given)})"
    if kind in ("then", "without"):
        same = {} if happening.same is None else {"same": quoted(happening.same)}
        start += f".{kind}({_match(happening.other, within=gap, **same)})"
    return start + _window(happening.window) + _period(happening.period)


def _match(match, *given, **named):
    """The event, what else stands without a name, its conditions, and what stands with one."""
    names = [c.name for c in match.where]
    once = [c for c in match.where if names.count(c.name) == 1]
    as_keyword = [c for c in once if c.op in ("==", "in") and _is_plain(c.name)]
    compared = [_condition("prop", c) for c in match.where if c not in as_keyword]
    named = [f"{key}={value}" for key, value in named.items()]
    return ", ".join(
        [quoted(match.type), *given, *compared, *named, *(f"{c.name}={quoted(c.value)}" for c in as_keyword)]
    )


def _is_plain(name):
    is_word = name.isidentifier() and not keyword.iskeyword(name) and name not in _TAKEN
    return is_word and name == unicodedata.normalize("NFKC", name)  # as Python reads a word in code


def _condition(word, condition):
    if condition.op == "in":
        return f"{word}({quoted(condition.name)}).isin({quoted(condition.value)})"
    return f"{word}({quoted(condition.name)}) {condition.op} {quoted(condition.value)}"


def _window(window):
    if window is None:
        return ""
    older, newer = (quoted(written(end)) if end else None for end in (window.older, window.newer))
    if older is None:
        return f".before({newer})"
    return f".within({older})" if newer is None else f".between({older}, {newer})"


def _period(period):
    if period is None:
        return ""
    tz = "" if period.tz == "UTC" else f", tz={quoted(period.tz)}"
    return f".during({quoted(period.start)}, {quoted(period.end)}{tz})"
