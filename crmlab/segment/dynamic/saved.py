"""A rule's tree as plain lists and texts for JSON, and back; what comes back is checked as if written by hand."""

from crmlab.errors import CrmlabError, did_you_mean, message
from crmlab.segment.dynamic import values
from crmlab.segment.dynamic.durations import microseconds, shown, written
from crmlab.segment.dynamic.tree import (
    All,
    Any,
    Did,
    Follows,
    Happening,
    Match,
    Member,
    Not,
    Number,
    Regularly,
    Stopped,
    Trait,
    Window,
)
from crmlab.segment.dynamic.windows import between, period, stretches

__all__ = ["MOST_DEPTH", "MOST_PARTS", "plain", "tree_of"]

MOST_DEPTH = 60
MOST_PARTS = 5_000
_EVENT = {"event", "where"}
_WINDOWS = {"within", "between", "before", "during"}
_SECOND = {"event", "where", "within", "same"}
_NUMBERS = ("count", "total", "lowest", "highest", "average")
_COMPARED = ("==", "!=", "<", "<=", ">", ">=")


def plain(tree):
    """Turn a tree into what JSON can hold.

    Parameters
    ----------
    tree : tree of a rule

    Returns
    -------
    dict

    Examples
    --------
    >>> plain(Not(Member("vip")))
    {'not': {'member': 'vip'}}
    """
    if isinstance(tree, All | Any):
        return {"all" if isinstance(tree, All) else "any": [plain(part) for part in tree.parts]}
    if isinstance(tree, Not):
        return {"not": plain(tree.part)}
    if isinstance(tree, Did):
        kind = tree.happening.kind
        return {kind if kind in ("first", "resumed") else "did": _happening(tree.happening)}
    if isinstance(tree, Number):
        told = _happening(tree.happening) | ({} if tree.property is None else {"property": tree.property})
        return {tree.kind: told | {"is": tree.op, "value": tree.value}}
    if isinstance(tree, Follows):
        return {"did": _match(tree.match) | {"after": _match(tree.other)} | _when(tree)}
    if isinstance(tree, Regularly):
        return {"regularly": _match(tree.match) | {"n": tree.n, "of": tree.of, "every": written(tree.every)}}
    if isinstance(tree, Stopped):
        return {"stopped": _match(tree.match) | {"after": written(tree.after)}}
    if isinstance(tree, Trait):
        return {"trait": _condition(tree.condition)}
    return {"member": tree.name}


def _happening(happening):
    told = _match(happening.match)
    if happening.kind == "resumed":
        told["after"] = written(happening.gap)
    if happening.kind in ("then", "without"):
        same = {} if happening.same is None else {"same": happening.same}
        told[happening.kind] = _match(happening.other) | {"within": written(happening.gap)} | same
    return told | _when(happening)


def _match(match):
    return {"event": match.type} | ({"where": [_condition(c) for c in match.where]} if match.where else {})


def _condition(condition):
    value = list(condition.value) if isinstance(condition.value, tuple) else condition.value
    return {"name": condition.name, "is": condition.op, "value": value}


def _when(timed):
    told, window, period = {}, timed.window, timed.period
    if window is not None:
        newer, older = (written(end) if end else None for end in (window.newer, window.older))
        if older is None:
            told["before"] = newer
        elif newer is None:
            told["within"] = older
        else:
            told["between"] = [older, newer]
    if period is not None:
        told["during"] = {"start": period.start, "end": period.end, "tz": period.tz}
    return told


def tree_of(told, place="rule"):
    """Make a tree of what JSON held; nothing in it is run.

    Parameters
    ----------
    told : dict
    place : str, default="rule"
        Where it stands, for messages.

    Returns
    -------
    tree of a rule

    Raises
    ------
    CrmlabError
        When anything in it is not what a rule can say, with its place.

    Examples
    --------
    >>> tree_of({"not": {"member": "vip"}})
    Not(part=Member(name='vip'))
    >>> tree_of({"not": {"stopped": {"event": "purchase", "after": "1month"}}})
    Traceback (most recent call last):
        ...
    crmlab.errors.CrmlabError: rule.not.stopped.after: '1month' is not one length: months and years differ.
      allowed : a length such as '90s', '30min', '12h', '7d' or '2w'
      next    : write days, for instance '30d'.
    """
    return _tree(told, place, 1, [0])


def _tree(told, place, depth, parts):
    parts[0] += 1
    if depth > MOST_DEPTH or parts[0] > MOST_PARTS:
        raise _fault(place, "the rule is too large.", allowed=f"{MOST_PARTS:,} parts, {MOST_DEPTH} inside one another")
    if not isinstance(told, dict) or len(told) != 1:
        raise _fault(place, f"found {shown(told)}.", allowed='one word and what belongs to it: {"did": {…}}')
    ((word, inside),) = told.items()
    if word not in _WORDS:
        known = sorted([*_WORDS])
        raise _fault(
            place, f"{word[:60]!r} is no word of a rule.{did_you_mean(word[:60], known)}", allowed=", ".join(known)
        )
    here = f"{place}.{word}"
    if word in ("all", "any"):
        _check(isinstance(inside, list) and len(inside) > 1, here, inside, "a list of two or more")
        made = [_tree(part, f"{here}[{i}]", depth + 1, parts) for i, part in enumerate(inside)]
        return (All if word == "all" else Any)(tuple(made))
    if word == "not":
        return Not(_tree(inside, here, depth + 1, parts))
    try:
        return _WORDS[word](word, inside, here)
    except CrmlabError as fault:
        told = (one if one.startswith(place) else f"{here}: {one}" for one in fault.messages)
        raise CrmlabError(*told) from None


def _fault(place, found, **more):
    return CrmlabError(message(place, found, **more, next="correct it, or write the rule anew."))


def _check(is_right, place, value, allowed):
    if not is_right:
        raise _fault(place, f"found {shown(value)}.", allowed=allowed)


def _read(told, place, needed, optional=frozenset()):
    """Make sure that an object holds what it must, and nothing that nobody would read."""
    _check(isinstance(told, dict), place, told, "a group of " + ", ".join(sorted(needed | optional)))
    lacking, odd = sorted(needed - set(told)), sorted(set(told) - needed - optional)
    if odd:
        near = did_you_mean(odd[0][:60], needed | optional)
        raise _fault(place, f"{odd[0][:60]!r} is not known here.{near}", allowed=", ".join(sorted(needed | optional)))
    if lacking:
        raise _fault(place, f"{lacking[0]!r} is missing.")
    return told


def _length(text, place):
    _check(isinstance(text, str), place, text, 'a length such as "7d"')
    return microseconds(text, place)


def _number(value, place):
    _check(isinstance(value, int) and not isinstance(value, bool), place, value, "a whole number")
    return values.whole(value, place)


def _one_condition(told, place, name=values.name):
    _read(told, place, {"name", "is", "value"})
    _check(told["is"] in (*_COMPARED, "in"), f"{place}.is", told["is"], ", ".join((*_COMPARED, "in")))
    _check((told["is"] == "in") == isinstance(told["value"], list), place, told["value"], 'a list with "in", else none')
    return values.condition(name(told["name"], place), told["is"], told["value"], place)


def _meant(told, place):
    """The event and its conditions."""
    conditions = told.get("where", [])
    _check(isinstance(conditions, list), f"{place}.where", conditions, "a list of conditions")
    made = [_one_condition(c, f"{place}.where[{i}]", values.property_name) for i, c in enumerate(conditions)]
    return Match(values.name(told["event"], f"{place}.event"), tuple(made))


def _timed(told, place):
    """Window and period."""
    windows = sorted({"within", "between", "before"} & set(told))
    _check(len(windows) < 2, place, windows, "one of within, between, before")
    window = None
    if "within" in told:
        window = Window(older=_length(told["within"], f"{place}.within"))
    elif "before" in told:
        window = Window(newer=_length(told["before"], f"{place}.before"))
    elif "between" in told:
        ends = told["between"]
        _check(isinstance(ends, list) and len(ends) == 2, f"{place}.between", ends, 'two lengths: ["30d", "7d"]')
        _check(all(isinstance(end, str) for end in ends), f"{place}.between", ends, 'two lengths: ["30d", "7d"]')
        window = between(*ends)
    if "during" not in told:
        return {"window": window}
    dates = _read(told["during"], f"{place}.during", {"start", "end", "tz"})
    for name, text in dates.items():
        _check(isinstance(text, str) and len(text) < 100, f"{place}.during.{name}", text, "a text")
    return {"window": window, "period": period(dates["start"], dates["end"], dates["tz"])}


def _happened(told, place):
    """What did and count have in common: an event, or a sequence of two."""
    kinds = [kind for kind in ("then", "without") if kind in told]
    _check(len(kinds) < 2, place, kinds, "one of then, without")
    made = Happening("each", _meant(told, place), **_timed(told, place))
    if not kinds:
        return made
    here, second = f"{place}.{kinds[0]}", told[kinds[0]]
    _read(second, here, {"event", "within"}, _SECOND)
    same = None if "same" not in second else values.property_name(second["same"], f"{here}.same")
    gap = _length(second["within"], f"{here}.within")
    return Happening(kinds[0], made.match, _meant(second, here), gap, same, made.window, made.period)


def _did(word, told, place):
    if isinstance(told, dict) and "after" in told:
        _read(told, place, {"event", "after"}, _EVENT | _WINDOWS)
        after = _read(told["after"], f"{place}.after", {"event"}, _EVENT)
        return Follows(_meant(told, place), _meant(after, f"{place}.after"), **_timed(told, place))
    return Did(_happened(_read(told, place, {"event"}, _EVENT | _WINDOWS | {"then", "without"}), place))


def _once(word, told, place):
    gap = {"after"} if word == "resumed" else set()
    _read(told, place, {"event"} | gap, _EVENT | _WINDOWS)
    length = _length(told["after"], f"{place}.after") if gap else None
    return Did(Happening(word, _meant(told, place), gap=length, **_timed(told, place)))


def _compared(word, told, place):
    if word == "count":
        _read(told, place, {"event", "is", "value"}, _EVENT | _WINDOWS | {"then", "without"})
        property_ = None
    else:
        _read(told, place, {"event", "property", "is", "value"}, _EVENT | _WINDOWS)
        property_ = values.property_name(told["property"], f"{place}.property")
    _check(told["is"] in _COMPARED, f"{place}.is", told["is"], ", ".join(_COMPARED))
    return Number(word, _happened(told, place), property_, told["is"], _number(told["value"], f"{place}.value"))


def _regularly(word, told, place):
    _read(told, place, {"event", "n", "of", "every"}, _EVENT)
    n, of = (_number(told[key], f"{place}.{key}") for key in ("n", "of"))
    return stretches(_meant(told, place), n, of, _length(told["every"], f"{place}.every"))


def _stopped(word, told, place):
    _read(told, place, {"event", "after"}, _EVENT)
    return Stopped(_meant(told, place), _length(told["after"], f"{place}.after"))


def _trait(word, told, place):
    return Trait(_one_condition(told, place))


def _member(word, told, place):
    return Member(values.name(told, place))


_WORDS = dict.fromkeys(("all", "any", "not"))
_WORDS |= {"did": _did, "first": _once, "resumed": _once, "regularly": _regularly, "stopped": _stopped}
_WORDS |= {"trait": _trait, "member": _member} | dict.fromkeys(_NUMBERS, _compared)
