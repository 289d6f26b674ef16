"""All kinds of error: what each is done to, and the order in which they are done."""

from collections.abc import Callable
from dataclasses import dataclass

from crmlab.simulate.mess.letters import (
    confused_c,
    confused_ije,
    lost_marks,
    misspell,
    upper_case,
    utf8_twice,
    wrong_code_page,
)
from crmlab.simulate.mess.names import company_form, double_surname, maiden_surname, short_name, surname_first
from crmlab.simulate.mess.numbers import mistyped_number
from crmlab.simulate.mess.places import house_form, neighbour_postcode, stale_address, street_form
from crmlab.simulate.mess.reach import (
    default_birth_date,
    email_typo,
    phone_form,
    role_address,
    swapped_day_month,
    swapped_fields,
    wrong_merge,
)

__all__ = ["KINDS", "Kind"]

_NAMES = ("first_name", "last_name")
_ADDRESS = ("street", "house_number", "postcode", "city")
_TYPED = (*_NAMES, "street", "city")


@dataclass(frozen=True)
class Kind:
    """One kind of error.

    Parameters
    ----------
    change : callable
        What it does to a text, or to the tuple of a group's texts when ``as_one``.
    groups : tuple of tuple of str
        Columns that are drawn for together.
    as_one : bool
        Whether the cells of a group are changed as one.
    lot : str
        Whose lot settles what is left to chance: the ``"record"``'s own, or one for the
        ``"person"`` or the ``"household"``, the same on all their records.
    women : bool
        Whether it is done to women only.
    fills : bool
        Whether it also writes where there was nothing.
    """

    change: Callable
    groups: tuple
    as_one: bool = False
    lot: str = "record"
    women: bool = False
    fills: bool = False


def _single(*columns):
    return tuple((column,) for column in columns)


# First what is true of another person or time, then what is meant, typed and written, last what machines do to it.
KINDS = {
    "wrong_merge": Kind(wrong_merge, (("email", "phone", "birth_date", "oib", "iban"),), as_one=True),
    "stale_address": Kind(stale_address, (_ADDRESS,), as_one=True, lot="household"),
    "neighbour_postcode": Kind(neighbour_postcode, _single("postcode")),
    "default_birth_date": Kind(default_birth_date, _single("birth_date"), fills=True),
    "swapped_day_month": Kind(swapped_day_month, _single("birth_date")),
    "short_name": Kind(short_name, _single("first_name")),
    "double_surname": Kind(double_surname, _single("last_name"), lot="person", women=True),
    "maiden_surname": Kind(maiden_surname, _single("last_name"), lot="person", women=True),
    "confused_c": Kind(confused_c, _single(*_NAMES)),
    "confused_ije": Kind(confused_ije, _single(*_NAMES)),
    "misspell": Kind(misspell, _single(*_TYPED, "company_name")),
    "lost_marks": Kind(lost_marks, (_TYPED, ("company_name",))),
    "street_form": Kind(street_form, _single("street")),
    "house_form": Kind(house_form, _single("house_number")),
    "phone_form": Kind(phone_form, _single("phone")),
    "company_form": Kind(company_form, _single("company_name")),
    "mistyped_number": Kind(mistyped_number, _single("oib", "iban")),
    "email_typo": Kind(email_typo, _single("email")),
    "role_address": Kind(role_address, _single("email")),
    "surname_first": Kind(surname_first, (_NAMES,), as_one=True),
    "swapped_fields": Kind(swapped_fields, (("email", "phone"), ("postcode", "city")), as_one=True),
    "upper_case": Kind(upper_case, ((*_TYPED, "company_name"),)),
    "wrong_code_page": Kind(wrong_code_page, ((*_TYPED, "company_name"),)),
    "utf8_twice": Kind(utf8_twice, ((*_TYPED, "company_name"),)),
}
