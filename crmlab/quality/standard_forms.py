"""Each cell of a record as an entry standard wants it, and what keeps it from being so."""

import re
from datetime import date

from crmlab.quality.companies import company_form
from crmlab.quality.days import read_day
from crmlab.quality.letters import folded
from crmlab.quality.names import name_form, town_form
from crmlab.quality.numbers import number_fault, number_form
from crmlab.quality.reach import email_form, phone_form, phone_written
from crmlab.quality.streets import house_form, postcode_form, short_street, street_form
from crmlab.quality.words import words_of

__all__ = ["wanted"]

# Groups are left as they were typed: people group one number in several right ways.
_WRITTEN = {
    "international": re.compile(r"\+\d{1,3}( \d+)+"),
    "national": re.compile(r"0\d*([ -]\d+)+"),
    "e164": re.compile(r"\+\d+"),
}
_CHECKED = {"iban": ("hr", "en", "de"), "oib": ("hr",)}


def wanted(column, text, rules):
    """Write one cell as the standard wants it.

    Parameters
    ----------
    column : str
        Name of the column.
    text : str
        What was typed.
    rules : dict
        What the standard says.

    Returns
    -------
    offered : str or None
        None where it cannot be corrected, only asked for again.
    kinds : tuple of str
        What is not as it should be; empty where all is well.

    Examples
    --------
    >>> from crmlab.quality import EntryStandard
    >>> rules = EntryStandard.load("hr").rules
    >>> wanted("phone", "091/234-5678", rules), wanted("email", "info@posta.example", rules)
    (('+385 91 234 5678', ('phone_international',)), (None, ('role',)))
    """
    return _WANTED[column](column, text, rules)


def _name(column, text, rules):
    how, titles = rules["names"]["capitals"], not rules["names"]["titles"]
    new, kinds = name_form(text, rules["locale"], titles=titles, capitals=how == "first letter")
    return _all_capital(new, kinds, how)


def _town(column, text, rules):
    how = rules["address"]["capitals"]
    new, kinds = town_form(text, rules["locale"], capitals=how == "first letter")
    return _all_capital(new, kinds, how)


def _street(column, text, rules):
    how, word = rules["address"]["capitals"], rules["address"]["street_word"]
    new, kinds = street_form(text, rules["locale"], word=word != "as typed", capitals=how == "first letter")
    if new is not None and word == "short":
        kinds = tuple(kind for kind in kinds if kind != "street_word")
        new = short_street(new, rules["locale"])
        if new.casefold() != " ".join(text.split()).casefold() and not kinds:
            kinds = ("street_short",)
    new, kinds = _all_capital(new, kinds, how)
    return (new, ()) if new == text else (new, kinds)


def _all_capital(new, kinds, how):
    if how == "all" and new is not None and new != new.upper():
        return new.upper(), (*kinds, "capitals_all")
    return new, kinds


def _company(column, text, rules):
    return company_form(text, rules["locale"])


def _house(column, text, rules):
    return house_form(text, rules["locale"])


def _postcode(column, text, rules):
    new, kinds = postcode_form(text, rules["locale"])
    if new is not None and not words_of(rules["locale"]).a_postcode.fullmatch(new):
        return None, ("postcode_wrong",)
    return new, kinds


def _email(column, text, rules):
    new, kinds = email_form(text, rules["locale"])
    name = folded(new.partition("@")[0], rules["locale"]) if new is not None else ""
    if not rules["email"]["role_addresses"] and name in words_of(rules["locale"]).roles:
        return None, ("role",)
    return new, kinds


def _phone(column, text, rules):
    how = rules["phone"]["form"]
    new, kinds = phone_form(text, rules["locale"])
    if new is None or (_WRITTEN[how].fullmatch(text) and (how != "national" or text.startswith("0"))):
        return (None, kinds) if new is None else (text, ())
    new = phone_written(new, rules["locale"], how)
    return new, () if new == text else (f"phone_{how}",)


def _number(column, text, rules):
    new, kinds = number_form(text)
    checked = rules["numbers"]["check_digits"] and rules["locale"] in _CHECKED[column]
    if new is not None and checked and number_fault(new, column):
        return None, (*kinds, "check_digits")
    return new, kinds


def _day(column, text, rules):
    day, kinds = read_day(text, date.today().year)
    return (None, kinds) if day is None else (text, ())


_WANTED = {
    "first_name": _name,
    "last_name": _name,
    "city": _town,
    "company_name": _company,
    "street": _street,
    "house_number": _house,
    "postcode": _postcode,
    "email": _email,
    "phone": _phone,
    "oib": _number,
    "iban": _number,
    "birth_date": _day,
}
