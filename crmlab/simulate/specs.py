"""Company specs: read them, and let a keyword or an own file overrule any of their fields."""

import numbers
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import numpy as np

from crmlab.errors import CrmlabError, did_you_mean, message
from crmlab.simulate.mess.presets import PRESETS, doses

__all__ = ["COMPANIES", "Source", "nested", "overruled", "source", "spec"]

_FOLDER = Path(__file__).parent / "companies"
COMPANIES = tuple(sorted(path.stem for path in _FOLDER.glob("*.toml")))
_LABELS = ("name", "product")  # what the entries of a list are called by
_USUAL = "usual"
_CALL = "crmlab.simulate.company('retail', customers=2_000, seed=7) is a whole call."


@lru_cache
def spec(company):
    """Read the spec of a company; it is shared, so nobody may change it."""
    return {**tomllib.loads((_FOLDER / f"{company}.toml").read_text(encoding="utf-8")), "mess": doses(_USUAL)}


class Source:
    """Where a spec comes from: whose dice it throws, what it changes, what it says in the end."""

    def __init__(self, company, name, changed, fields):
        self.company = company  # whose dice are thrown
        self.name = name  # what the base is called
        self.changed = changed  # what is not as in the company's own spec, or the whole of a spec without one
        self.fields = fields  # the whole spec


def source(asked, fields):
    """Find the spec that is asked for, and overrule what is to be overruled.

    Parameters
    ----------
    asked : str, path or dict
        Name of a company, a TOML file of one's own, or what such a file would say.
    fields : dict
        Fields to overrule, as keywords write them (see :func:`nested`).

    Returns
    -------
    Source

    Raises
    ------
    CrmlabError
        When there is no such company or file, or the file is no TOML.

    Examples
    --------
    >>> source("retail", {"purchases__alpha": 4.5}).changed
    {'base': 'retail', 'purchases': {'alpha': 4.5}}
    """
    own = {} if asked in COMPANIES and isinstance(asked, str) else _own(asked)
    base = own.pop("base", None if own else asked)
    if base is not None and base not in COMPANIES:
        found = f"there is no company {base!r}.{did_you_mean(base, COMPANIES)}"
        raise CrmlabError(message("base", found, it_has=", ".join(COMPANIES), next="name one of these in base."))
    own, fields = _with_preset(own), _with_preset(_bare(fields))
    changed = overruled(own, nested(fields))
    whole = _without_false(spec(base), overruled(spec(base), changed)) if base else {"mess": doses(_USUAL), **changed}
    name = str(whole.get("name", base or "company"))
    return Source(base or name, name, {**({"base": base} if base else {}), **changed} if changed else {}, whole)


def _with_preset(fields):
    """Put the doses of a preset of mess in the place of its name; single doses may still be overruled."""
    preset = fields.get("mess")
    if preset is False:
        preset = "none"
    if not isinstance(preset, str):
        return fields
    if preset not in PRESETS:
        found = f"there is no such preset {preset!r}.{did_you_mean(preset, PRESETS)}"
        raise CrmlabError(
            message("mess", found, it_has=", ".join(PRESETS), next="choose one of these, for instance mess='usual'.")
        )
    return {"mess": doses(preset), **{name: value for name, value in fields.items() if name != "mess"}}


def nested(fields):
    """Read keywords such as ``purchases__alpha`` as fields within fields.

    Parameters
    ----------
    fields : dict
        By keyword.

    Returns
    -------
    dict

    Examples
    --------
    >>> nested({"purchases__alpha": 4.5, "purchases": {"r": 1.2}, "holdout_weeks": 13})
    {'purchases': {'alpha': 4.5, 'r': 1.2}, 'holdout_weeks': 13}
    """
    whole = {}
    for path, value in fields.items():
        first, _, rest = path.partition("__")
        value = nested({rest: value}) if rest else value
        both = isinstance(value, dict) and isinstance(whole.get(first), dict)
        whole[first] = overruled(whole[first], value) if both else value
    return whole


def overruled(old, new):
    """Put what is new over what is old, field by field.

    Entries of a list that have names (contacts, plans) are changed by name, and new names
    come last. A section that names another ``process`` takes the place of the old one.

    Parameters
    ----------
    old, new : dict
        Fields within fields; they stay as they are.

    Returns
    -------
    dict

    Examples
    --------
    >>> overruled({"women": 0.5, "ages": [1, 2]}, {"women": 0.6, "ages": [3]})
    {'women': 0.6, 'ages': [3]}
    >>> overruled({"plans": [{"product": "S", "price": 9}]}, {"plans": {"S": {"price": 8}}})
    {'plans': [{'product': 'S', 'price': 8}]}
    """
    label = _label(old)
    if label and (isinstance(new, Mapping) or _label(new) == label):
        entries = {entry[label]: entry for entry in old}
        changes = new if isinstance(new, Mapping) else {entry[label]: entry for entry in new}
        changes = {_spelled(name, entries): change for name, change in changes.items()}
        changes = {name: {label: name, **change} if change else change for name, change in changes.items()}
        return list(overruled(entries, changes).values())
    if not isinstance(old, Mapping) or not isinstance(new, Mapping):
        return new
    if "process" in new and new["process"] != old.get("process"):
        return dict(new)
    out = dict(old)
    for name, value in new.items():
        name = _spelled(name, old)
        out[name] = overruled(out.get(name), value)
    return out


def _without_false(old, new):
    """Take out the sections and entries that stand at ``False`` in the place of one, or where there was none."""
    if isinstance(old, list) and isinstance(new, list):
        return [entry for entry in new if entry is not False]
    if not isinstance(old, Mapping) or not isinstance(new, Mapping):
        return new
    known = {name for company in COMPANIES for name in spec(company)}
    return {
        name: _without_false(old.get(name), value)
        for name, value in new.items()
        if value is not False or not (isinstance(old.get(name), Mapping | list) or (name not in old and name in known))
    }


def _own(asked):
    """What a spec of one's own says."""
    if isinstance(asked, Mapping):
        return _bare(asked)
    is_file = isinstance(asked, Path) or (isinstance(asked, str) and asked.lower().endswith(".toml"))
    if not is_file:
        found = f"there is no company {asked!r}.{did_you_mean(asked, COMPANIES)}"
        raise CrmlabError(message("company", found, it_has=", ".join(COMPANIES), next=f"choose one of these; {_CALL}"))
    path = Path(asked)
    try:
        own = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError:
        next_step = 'check the path; a spec of your own can be as short as: base = "telco"'
        raise CrmlabError(message(path, "there is no such file.", next=next_step)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        fault = "it is not written in UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)
        next_step = "mend that line; the specs of retail and telco show how fields are written."
        raise CrmlabError(message(path, f"this is no TOML ({fault}).", next=next_step)) from None
    return {"name": path.stem, **own}


def _bare(value):
    """Write values with the kinds that TOML and JSON have."""
    if isinstance(value, Mapping):
        return {str(name): _bare(entry) for name, entry in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [_bare(entry) for entry in value]
    if isinstance(value, np.generic):
        return value.item()
    return value if isinstance(value, str | numbers.Number) else str(value)


def _label(entries):
    """What the entries of a list are called by, or nothing where they have no names."""
    if isinstance(entries, list) and entries and all(isinstance(entry, Mapping) for entry in entries):
        return next((label for label in _LABELS if all(label in entry for entry in entries)), None)
    return None


def _spelled(name, names):
    """A keyword has no spaces: look_around is the entry ``look around``."""
    return next((known for known in names if str(known).replace(" ", "_").replace("-", "_") == name), name)
