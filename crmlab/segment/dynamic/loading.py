"""Read rules that were saved; nothing in them is run, and what is odd is refused with its place."""

import json
from pathlib import Path

from crmlab.errors import CrmlabError, message
from crmlab.segment.dynamic.rules import Rule
from crmlab.segment.dynamic.runs import VERSION
from crmlab.segment.dynamic.saved import tree_of
from crmlab.segment.dynamic.segments import Segments
from crmlab.segment.dynamic.values import name

__all__ = ["from_json", "load"]

_MOST = 1_000_000
_MOST_RULES = 1_000
_STEP = "save it anew with rule.save(path)."


def from_json(text):
    """Make a rule, or segments, of the JSON text that ``to_json`` gave.

    Parameters
    ----------
    text : str

    Returns
    -------
    Rule or Segments

    Raises
    ------
    CrmlabError
        When it is no such JSON, holds anything that a rule cannot say, or is too large.

    Examples
    --------
    >>> from crmlab.segment.dynamic import did
    >>> from_json(did("complaint").named("complained").to_json())
    (did("complaint")).named("complained")
    >>> from_json('{"crmlab": "rule", "version": 1, "segment": "x", "rule": {"did": {"event": "a", "run": "rm"}}}')
    Traceback (most recent call last):
        ...
    crmlab.errors.CrmlabError: rule.did: 'run' is not known here.
      allowed : before, between, during, event, then, where, within, without
      next    : correct it, or write the rule anew.
    """
    if not isinstance(text, str):
        found = f"found {type(text).__name__}."
        raise CrmlabError(message("JSON", found, allowed="text", next="read a file with load(path)."))
    if len(text) > _MOST:
        raise CrmlabError(message("JSON", f"it has {len(text):,} letters.", allowed=f"up to {_MOST:,}", next=_STEP))
    try:
        told = json.loads(text, object_pairs_hook=_object, parse_float=_no_float, parse_constant=_no_float)
    except CrmlabError:
        raise
    except (ValueError, RecursionError) as fault:  # a whole number of very many digits is a ValueError too
        found = "the brackets lie too deep." if isinstance(fault, RecursionError) else f"it cannot be read: {fault}."
        raise CrmlabError(message("JSON", found, next=_STEP)) from None
    kind = told.get("crmlab") if isinstance(told, dict) else None
    keys = {"rule": {"segment", "rule"}, "segments": {"rules"}}.get(kind if isinstance(kind, str) else None)
    if keys is None or set(told) != keys | {"crmlab", "version"}:
        raise CrmlabError(message("JSON", "it is no saved rule and no saved segments.", next=_STEP))
    if type(told["version"]) is not int or told["version"] != VERSION:
        found = f"it is of version {str(told['version'])[:20]}; this crmlab reads version {VERSION}."
        raise CrmlabError(message("JSON", found, next="use the crmlab it was saved with, or write the rule anew."))
    if kind == "rule":
        return Rule(tree_of(told["rule"]), name(told["segment"], "segment"))
    if not isinstance(told["rules"], dict) or len(told["rules"]) > _MOST_RULES:
        raise CrmlabError(message("rules", "it is no group of named rules, or too large a one.", next=_STEP))
    trees = {segment: tree_of(inside, f"rules[{segment[:60]!r}]") for segment, inside in told["rules"].items()}
    return Segments({segment: Rule(tree) for segment, tree in trees.items()})


def _object(pairs):
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(key for i, (key, _) in enumerate(pairs) if key in dict(pairs[:i]))
        raise CrmlabError(message("JSON", f"{twice[:60]!r} is written twice in one group.", next="keep one."))
    return found


def _no_float(text):
    step = "count in the smaller unit, such as cents."
    raise CrmlabError(message("JSON", f"{text[:30]} is not a whole number.", allowed="whole numbers", next=step))


def load(path):
    """Read a rule, or segments, from the JSON file that ``save`` wrote.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    Rule or Segments

    Raises
    ------
    CrmlabError
        When there is no such file, or what is in it is no saved rule.

    Examples
    --------
    >>> load(tmp / "none.json")
    Traceback (most recent call last):
        ...
    crmlab.errors.CrmlabError: none.json: there is no such file.
      next    : look where it was saved: rule.save(path) says.
    """
    if not isinstance(path, str | Path):
        step = "give the path of the file: load(folder / 'rule.json')."
        raise CrmlabError(message("path", f"found a {type(path).__name__}.", allowed="a text or a Path", next=step))
    path = Path(path)
    try:
        if path.stat().st_size > 4 * _MOST:
            raise CrmlabError(message(path.name, "the file is too large for a rule.", next=_STEP))
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        step = "look where it was saved: rule.save(path) says."
        raise CrmlabError(message(path.name, "there is no such file.", next=step)) from None
    except (OSError, UnicodeDecodeError) as fault:
        raise CrmlabError(message(path.name, f"it cannot be read ({fault}).", next=_STEP)) from None
    return from_json(text)
