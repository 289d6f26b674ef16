"""What an entry standard may say, and what is wrong with one that says something else."""

import difflib

from crmlab.errors import did_you_mean, few, message
from crmlab.quality.letters import LOCALES

__all__ = ["COLUMNS", "faults_of"]

# The fields of a record that a standard speaks of, in the order of a form.
COLUMNS = (
    "first_name",
    "last_name",
    "company_name",
    "street",
    "house_number",
    "postcode",
    "city",
    "email",
    "phone",
    "birth_date",
    "oib",
    "iban",
)
_CAPITALS = ("first letter", "all", "as typed")
_FIELDS = {
    "title": str,
    "locale": LOCALES,
    "language": LOCALES,
    "names": {"capitals": _CAPITALS, "order": ("first name first", "last name first"), "titles": bool},
    "address": {
        "street_word": ("in full", "short", "as typed"),
        "capitals": _CAPITALS,
    },
    "phone": {"form": ("international", "national", "e164")},
    "email": {"role_addresses": bool},
    "numbers": {"check_digits": bool},
    "required": None,
}
_PATHS = [
    *(name for name, rule in _FIELDS.items() if not isinstance(rule, dict)),
    *(f"{part}.{name}" for part, rule in _FIELDS.items() if isinstance(rule, dict) for name in rule),
]
_NEXT = 'write it as in EntryStandard.load("en").save("standard.toml").'


def faults_of(rules):
    """Find everything that is wrong with what a standard says.

    Parameters
    ----------
    rules : dict
        What was read from the TOML file, and may have been changed since.

    Returns
    -------
    list of str
        One message per fault.

    Examples
    --------
    >>> print(faults_of({"phone": {"from": "national"}})[0])
    phone.from: there is no such field. Did you mean 'phone.form'?
      it has  : form
      next    : rename it, or leave it out.
    """
    return [*_unknown(rules), *_wrong(rules)]


def _unknown(rules):
    for name, value in rules.items():
        rule = _FIELDS.get(name)
        if name not in _FIELDS:
            yield _no_such(str(name), _FIELDS)
        elif isinstance(rule, dict) and isinstance(value, dict):
            for inner in value:
                if inner not in rule:
                    yield _no_such(f"{name}.{inner}", rule)


def _no_such(path, here):
    """Name the nearest field that there is: here, by its last part elsewhere, or by its whole name."""
    front, dot, last = path.rpartition(".")
    near = difflib.get_close_matches(last.lower(), here, n=1, cutoff=0.5)
    elsewhere = [known for known in _PATHS if known.rpartition(".")[2] == last]
    found = [f"{front}{dot}{near[0]}"] if near else elsewhere or difflib.get_close_matches(path, _PATHS, n=1)
    hint = f" Did you mean '{found[0]}'?" if found else ""
    return message(path, f"there is no such field.{hint}", it_has=few(here, 12), next="rename it, or leave it out.")


def _wrong(rules):
    for name, rule in _FIELDS.items():
        if name not in rules:
            yield message(name, "it is missing.", allowed=_allowed(rule), next=_NEXT)
        elif name == "required":
            yield from _wrong_required(rules[name])
        elif isinstance(rule, dict):
            if not isinstance(rules[name], dict):
                yield message(name, f"found {rules[name]!r}.", allowed=_allowed(rule), next=_NEXT)
                continue
            for inner, allowed in rule.items():
                if inner not in rules[name]:
                    yield message(f"{name}.{inner}", "it is missing.", allowed=_allowed(allowed), next=_NEXT)
                else:
                    yield from _wrong_value(f"{name}.{inner}", rules[name][inner], allowed)
        else:
            yield from _wrong_value(name, rules[name], rule)


def _wrong_value(path, value, allowed):
    if isinstance(allowed, tuple):
        if value not in allowed:
            hint = did_you_mean(value, allowed) if isinstance(value, str) else ""
            yield message(path, f"found {value!r}.{hint}", allowed=_allowed(allowed), next=_NEXT)
    elif not isinstance(value, allowed) or value == "":
        yield message(path, f"found {value!r}.", allowed=_allowed(allowed), next=_NEXT)


def _wrong_required(required):
    allowed = "for each purpose a list of fields; always holds always"
    if not isinstance(required, dict) or not all(isinstance(fields, list) for fields in required.values()):
        yield message("required", f"found {required!r}.", allowed=allowed, next=_NEXT)
        return
    if "always" not in required:
        yield message("required.always", "it is missing.", allowed="a list of fields, or []", next=_NEXT)
    for purpose, fields in required.items():
        if not isinstance(purpose, str):
            yield message("required", f"found {purpose!r}.", allowed="a text as the purpose", next="give it in quotes.")
        for field in fields:
            for name in str(field).split(" or "):
                if name not in COLUMNS:
                    found = f"there is no field {name!r}.{did_you_mean(name, COLUMNS)}"
                    step = "name the field as the table does."
                    yield message(f"required.{purpose}", found, it_has=few(COLUMNS, 12), next=step)


def _allowed(rule):
    if rule is None:
        return "a section"
    if isinstance(rule, dict):
        return f"a section with {few(rule)}"
    return {str: "a text", bool: "true or false"}.get(rule) or ", ".join(f'"{one}"' for one in rule)
