"""Hold a spec of one's own to what a spec may say, and name every fault with the nearest right word."""

import difflib
from functools import lru_cache

from crmlab.errors import few, message
from crmlab.simulate.fields import ALWAYS, FIELDS, STANDS_ON, TOGETHER, Field, Listed, like
from crmlab.simulate.specs import COMPANIES, spec

__all__ = ["spec_faults"]

_MOST_NAMES = 14
_OPEN = "*"
_WEIGHTED = ("acquisition.channels", "payments.channels", "end_reasons", "invoices.days", "mentions.topics")
_WEIGHTED += ("mentions.platforms", "product.screens")


def spec_faults(source):
    """Say what is wrong with a spec, all at once.

    Parameters
    ----------
    source : Source

    Returns
    -------
    list of str
        One message per fault.
    """
    whole = source.fields
    tree = dict(_tree())
    process = _process(whole)
    tree["purchases"] = FIELDS["purchases"].get(process) or {"process": FIELDS["purchases"]["bg_nbd"]["process"]}
    faults = list(_held("", whole, tree))
    faults += _missing_sections(whole)
    return faults or list(_at_odds(whole))


def _process(whole):
    asked = whole.get("purchases")
    return asked.get("process", "bg_nbd") if isinstance(asked, dict) else "bg_nbd"


@lru_cache
def _tree():
    """What every section may say: as written in fields, else as the companies' own specs say it."""
    shipped = {}
    for company in COMPANIES:
        for section, value in spec(company).items():
            shipped.setdefault(section, []).append(value)
    return {section: FIELDS.get(section) or like(values) for section, values in shipped.items()} | FIELDS


def _held(path, value, rule):
    """Yield what is wrong with a value and with everything in it."""
    if isinstance(rule, Field):
        if not _is_right(rule, value):
            yield message(path, f"found {_short(value)}.", allowed=rule.allowed, next=_next(path))
    elif isinstance(rule, Listed):
        if not isinstance(value, list) or not value or not all(isinstance(entry, dict) for entry in value):
            allowed = "a list of at least one entry, each with " + few(rule.entry, _MOST_NAMES)
            yield message(path, f"found {_short(value)}.", allowed=allowed, next=f"write each entry under [[{path}]].")
            return
        for nth, entry in enumerate(value, start=1):
            name = entry.get("name", entry.get("product", nth))
            yield from _held(f"{path}.{name}", entry, rule.entry)
    elif not isinstance(value, dict):
        allowed = f"a section with {few((name for name in rule if name != _OPEN), _MOST_NAMES) or 'names'}"
        yield message(path, f"found {_short(value)}.", allowed=allowed, next=f"write its fields under [{path}].")
    else:
        yield from _held_section(path, value, rule)


def _held_section(path, section, rule):
    front = f"{path}." if path else ""
    if not section:
        yield message(path, "there is nothing in it.", next="fill it, or take the whole section out.")
    for name, value in section.items():
        if name in rule or _OPEN in rule:
            yield from _held(f"{front}{name}", value, rule.get(name, rule.get(_OPEN)))
        elif name not in ("base", "name") or path:
            yield _unknown(f"{front}{name}", name, front, rule)
    for name, field in rule.items():
        needed = path and name != _OPEN and not (isinstance(field, Field) and field.optional)
        if needed and name not in section:
            yield message(f"{front}{name}", "it is missing.", allowed=_allowed(field), next=_next(f"{front}{name}"))


def _unknown(path, name, front, rule):
    """Name a field that is not there, and the nearest that is."""
    here = [known for known in rule if known != _OPEN]
    near = difflib.get_close_matches(str(name).lower(), here, n=1, cutoff=0.5)
    by_last = [known for known in _paths() if known.rpartition(".")[2] == name]
    candidates = [f"{front}{near[0]}"] if near else by_last or difflib.get_close_matches(path, _paths(), n=1)
    hint = f" Did you mean '{candidates[0]}'?" if candidates else ""
    return message(
        path, f"there is no such field.{hint}", it_has=few(here, _MOST_NAMES), next="rename it, or leave it out."
    )


@lru_cache
def _paths():
    """Every field there is, in full."""
    paths = ["customers", "seed", "locale", "months", "as_of", "workers"]

    def walk(front, rule):
        if isinstance(rule, dict):
            for name, field in rule.items():
                walk(f"{front}.{name}" if front else name, field)
        elif front not in paths:
            paths.append(front)

    walk("", {**_tree(), "purchases": {k: v for one in FIELDS["purchases"].values() for k, v in one.items()}})
    return paths


def _missing_sections(whole):
    """Sections that a company cannot be without, on its own or beside another."""
    kinds = [kind for kind in TOGETHER if kind in whole]
    if len(kinds) != 1:
        found = "there are both purchases and contracts." if kinds else "there are neither purchases nor contracts."
        yield message("spec", found, allowed="one of the two", next='start from a company: base = "retail" or "telco".')
    needed = [*ALWAYS, *(name for kind in kinds[:1] for name in TOGETHER[kind])]
    absent = [name for name in needed if name not in whole]
    if absent:
        next_step = 'write them, or start from a company: base = "retail" as the first line.'
        yield message("spec", f"it lacks {few(absent, _MOST_NAMES)}.", next=next_step)


def _at_odds(whole):
    """Yield what is right alone and wrong together."""
    for path in _WEIGHTED:
        section = whole
        for name in path.split("."):
            section = section.get(name, {})
        if section and not sum(section.values()):
            yield message(path, "every weight is 0.", allowed="at least one above 0", next=_next(path))
    for path in ("plans", "accounts"):
        if path in whole and not sum(entry["weight"] for entry in whole[path]):
            yield message(f"{path}.weight", "every weight is 0.", allowed="at least one above 0", next=_next(path))
    if "product_groups" in whole and not sum(weight for weight, _ in whole["product_groups"].values()):
        yield message("product_groups", "every weight is 0.", allowed="at least one above 0", next=_next(path))
    for plan in [*whole.get("plans", ()), *whole.get("cards", ())]:
        if plan["group"] not in whole.get("margins", {}):
            found = f"{plan['group']!r} of {plan['product']!r} has no margin."
            yield message("margins", found, it_has=few(whole.get("margins", {})), next="give every group a margin.")
    for section, ground in STANDS_ON.items():
        if section in whole and ground not in whole:
            found = f"it stands on {ground}, which is not there."
            yield message(section, found, next=f"take {section} out too, or leave {ground} in.")
    yield from _branches_at_odds(whole)
    yield from _states_at_odds(whole)
    if "contracts" in whole and "payments" not in whole["hours"]:
        yield message("hours.payments", "it is missing.", allowed="24 whole weights", next=_next("hours.payments"))
    yield from _contacts_at_odds(whole)


def _branches_at_odds(whole):
    """Yield branches without anybody to work there, or none that is open all along."""
    branches = whole.get("branches")
    if not branches:
        return
    clerks, number = whole["channels"].get("branch", {}).get("clerks", 0), branches["number"]
    if clerks < number:
        found = f"found {number}, but channels.branch has {clerks} clerks."
        yield message("branches.number", found, next="give every branch a clerk, or take branches out.")
    if number <= round(number * branches["opened"]) + round(number * branches["closed"]):
        found = f"found {branches['closed']}, and {branches['opened']} open during the history."
        yield message("branches.closed", found, next="leave at least one branch that is open all along.")


def _states_at_odds(whole):
    """Yield lists and sections that do not fit the states of the life cycle."""
    states = list(whole.get("lifecycle", {}).get("states", {}))
    fits = {
        "survey": "answers_by_state",
        "product": "sessions_by_state",
        "referrals": "by_state",
        "campaigns": "states",
    }
    for section, name in fits.items():
        given = whole.get(section, {}).get(name)
        if given is not None and (len(given) != len(states) or (isinstance(given, dict) and list(given) != states)):
            allowed = f"one entry for each of {few(states)}, in this order"
            yield message(
                f"{section}.{name}", f"found {_short(given)}.", allowed=allowed, next="give as many as there are."
            )
    if states and not sum(one["start"] for one in whole["lifecycle"]["states"].values()):
        yield message("lifecycle.states", "no state has a start above 0.", next=_next("lifecycle.states"))


def _contacts_at_odds(whole):
    known = ["transaction", "outage"]
    for kind in whole["contacts"]:
        path = f"contacts.{kind['name']}"
        if kind["name"] in known:
            yield message(path, "this name is there twice.", next="give each kind of contact a name of its own.")
        if ("with" in kind) == ("per_year" in kind):
            found = "it goes with something and also has a rate." if "with" in kind else "nothing says when it happens."
            yield message(path, found, allowed="with, chance and hours; or per_year", next="keep one of the two.")
        elif "with" in kind:
            if kind["with"] not in known:
                found = f"it goes with {kind['with']!r}, which is not there before it."
                yield message(f"{path}.with", found, it_has=few(known, _MOST_NAMES), next="name one of these.")
            absent = [name for name in ("chance", "hours") if name not in kind]
            if absent:
                yield message(path, f"it lacks {' and '.join(absent)}.", next="write them beside with.")
        if ("branching" in kind) != ("branching_hours" in kind):
            yield message(path, "branching and branching_hours go together.", next="write both, or neither.")
        if "branching" in kind and kind["channels"] == "same":
            yield message(
                f"{path}.channels", "found 'same'.", allowed="weights by channel, with branching", next=_next(path)
            )
        if kind["channels"] != "same" and not sum(kind["channels"].values()):
            yield message(f"{path}.channels", "every weight is 0.", allowed="at least one above 0", next=_next(path))
        if kind["channels"] == "same" and kind.get("with") != "transaction":
            allowed = 'weights by channel; "same" only where it goes with a transaction'
            yield message(f"{path}.channels", "found 'same'.", allowed=allowed, next=_next(path))
        known.append(kind["name"])


def _is_right(rule, value):
    try:
        return bool(rule.is_right(value))
    except (TypeError, ValueError, IndexError, KeyError):
        return False


def _allowed(field):
    if isinstance(field, Field):
        return field.allowed
    return "a list of entries" if isinstance(field, Listed) else "a section of fields"


def _next(path):
    """Show the field as one of the companies has it."""
    for company in COMPANIES:
        value = spec(company)
        for name in path.split("."):
            entries = value if isinstance(value, list) else ()
            value = {str(entry.get("name", entry.get("product"))): entry for entry in entries} if entries else value
            value = value.get(name) if isinstance(value, dict) else None
        if value is not None and not isinstance(value, dict | list):
            return f"give such a value; {company} has {value!r}."
    return "give such a value; the specs of retail, telco, bank and b2b show how."


def _short(value):
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
