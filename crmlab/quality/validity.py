"""Rules of validity: does a filled cell keep what its column promises?"""

import re

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from crmlab.quality.check_digits import iban_passes, oib_passes
from crmlab.quality.mojibake import repaired
from crmlab.quality.phones import are_in_use
from crmlab.quality.view import Found
from crmlab.quality.words import words_of

__all__ = ["validity"]

_NAME = r"^[\pL\pM][\pL\pM .,'’`´\-–]*$"
_TOWN = r"^[\pL\pM][\pL\pM .,'’/()\-–]*$"
_STREET = r"^[^@]*\pL[^@]*\pL[^@]*$"
_HOUSE = r"(?i)^(?:\D{0,10}\d{1,4}[a-zčćđšž]?\.?(?:\s?[-/ ]\s?[0-9a-z]{1,4}\.?)*|bb|b\.b\.|nn)$"
_EMAIL = r"(?i)^[a-z0-9.!#$%&'*+/=?^_{|}~\-]+@(?:[a-z0-9](?:[a-z0-9\-]*[a-z0-9])?\.)+[a-z]{2,}$"
_OIB = r"(?i)^(?:HR)?\d{11}$"
_IBAN = r"^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$"
_IBAN_SIZES = {"HR": 21, "SI": 19, "AT": 20, "DE": 22, "GB": 22, "IT": 27, "BA": 20, "RS": 22, "HU": 28, "FR": 27}
_POSTCODES = {"HR": "hr", "DE": "de", "GB": "en"}
_OTHER_POSTCODE = re.compile(r"[A-Z0-9][A-Z0-9 \-]{1,9}", re.IGNORECASE)
_OLDEST = np.timedelta64(120 * 365, "D")

_BY_PATTERN = {
    "first_name": (("letters", _NAME, "letters only, as a name has"),),
    "last_name": (("letters", _NAME, "letters only, as a name has"),),
    "city": (("letters", _TOWN, "letters only, as a town has"),),
    "street": (("street_form", _STREET, "a street: letters, and no e-mail address"),),
    "house_number": (("house_form", _HOUSE, "a number, with or without a letter, or bb"),),
    "email": (("email_form", _EMAIL, "an e-mail address: name@domain.end"),),
}
_TYPED = ("first_name", "last_name", "company_name", "street", "city", "segment_note")


def validity(view):
    """Hold every column to its rules of form.

    Parameters
    ----------
    view : View

    Yields
    ------
    Found
    """
    for column in view.table.columns:
        spoilt = False
        if column in _TYPED:
            spoilt = view.cells(column).each(lambda text: repaired(text, view.locale) != text)
            yield _text(view, column, "whole_letters", "no letters spoilt by a machine (JuriÄ‡)", spoilt)
        for rule, pattern, promise in _BY_PATTERN.get(column, ()):
            yield _text(view, column, rule, promise, ~(view.cells(column).match(pattern) | spoilt))
        yield from _SPECIAL.get(column, _as_promised)(view, column)


def _text(view, column, rule, promise, breaks, *, looked=None, is_doubtful=False):
    looked = view.is_good(column) if looked is None else looked
    failed = view.cells(column).rows(breaks) & looked
    return Found("validity", column, rule, promise, looked, failed, is_doubtful)


def _phone(view, column):
    cells = view.cells(column)
    possible = np.array([number is not None for number in view.phones], dtype=bool)
    yield _text(view, column, "phone_form", "a phone number: digits, as many as its country has", ~possible)
    unused = ~are_in_use(view.phones, words_of(view.locale).region)
    looked = view.is_good(column) & cells.rows(possible)
    promise = "a number from a range its country gives out"
    yield _text(view, column, "phone_range", promise, unused, looked=looked, is_doubtful=True)


def _postcode(view, column):
    cells, home = view.cells(column), words_of(view.locale)
    texts, countries, of_country = [None, *cells.texts.to_pylist()], [home.region], 0
    if view.has("country"):
        countries += [text.upper() for text in view.cells("country").texts.to_pylist()]
        of_country = view.cells("country").codes.astype(np.int64) + 1
    pair, at = np.unique(of_country * len(texts) + cells.codes + 1, return_inverse=True)
    pairs = [(texts[one % len(texts)], countries[one // len(texts)]) for one in pair.tolist()]
    breaks = np.array([not _is_postcode(text, country, home) for text, country in pairs], dtype=bool)
    looked = view.is_good(column)
    yield Found("validity", column, "postcode_form", "a postcode as its country writes it", looked, breaks[at] & looked)


def _is_postcode(text, country, home):
    if text is None:
        return True
    pattern = words_of(_POSTCODES[country]).a_postcode if country in _POSTCODES else _OTHER_POSTCODE
    return bool(pattern.fullmatch(text if country == home.region else text.removeprefix(f"{country}-")))


def _oib(view, column):
    cells = view.cells(column)
    has_form = cells.match(_OIB)
    yield _text(view, column, "oib_form", "eleven digits", ~has_form)
    numbers = pc.utf8_slice_codeunits(pc.if_else(has_form, cells.texts, "0" * 11), -11, None)
    yield _check_digit(view, column, "oib_check_digit", has_form, oib_passes(numbers))


def _iban(view, column):
    cells = view.cells(column)
    numbers = pc.replace_substring(pc.utf8_upper(cells.texts), " ", "")
    has_form = pc.match_substring_regex(numbers, _IBAN).to_numpy(zero_copy_only=False)
    sizes = pc.utf8_length(numbers).to_numpy(zero_copy_only=False)
    for country, size in _IBAN_SIZES.items():
        has_form &= ~(pc.starts_with(numbers, country).to_numpy(zero_copy_only=False) & (sizes != size))
    yield _text(
        view, column, "iban_form", "an account number: country, two digits, as long as its country has", ~has_form
    )
    passes = iban_passes(pc.if_else(has_form, numbers, "GB00"))
    yield _check_digit(view, column, "iban_check_digit", has_form, passes)


def _check_digit(view, column, rule, has_form, passes):
    looked = view.is_good(column) & view.cells(column).rows(has_form)
    return _text(view, column, rule, "its check digit is right", ~passes, looked=looked, is_doubtful=True)


def _birth_date(view, column):
    yield _is_date(view, column)
    if view.as_of is not None:
        days = view.dates(column)
        looked = view.is_good(column) & ~np.isnat(days)
        failed = looked & ((days > view.now) | (days < view.now - _OLDEST))
        yield Found(
            "validity",
            column,
            "birth_range",
            "a day of birth, not in the future, 120 years ago at most",
            looked,
            failed,
        )


def _moment(view, column):
    yield _is_date(view, column)
    if view.as_of is not None:
        looked = view.is_good(column) & ~np.isnat(view.dates(column))
        failed = looked & (view.dates(column) > view.now)
        yield Found("validity", column, "not_in_future", "a moment that has been", looked, failed)


def _is_date(view, column):
    looked = view.is_good(column)
    return Found("validity", column, "date", "a date that can be read", looked, looked & np.isnat(view.dates(column)))


def _as_promised(view, column):
    """Hold any other column to its promise, where it has one that text cannot keep by itself."""
    promised = view.model.columns.get(column) if view.model else None
    if promised is None:
        return
    kind = promised.metadata["kind"]
    if kind in ("time", "date"):
        yield _is_date(view, column)
        return
    if kind not in ("number", "money", "yes/no"):
        return
    looked, values = ~view.is_empty(column), view.table[column]
    if kind == "yes/no":
        failed = looked & ~pd.api.types.is_bool_dtype(values.dtype)
    else:
        number = pd.to_numeric(values.astype("str") if values.dtype.kind not in "iuf" else values, errors="coerce")
        whole = number.dropna()
        if kind == "money":
            whole = whole[whole == whole.round()].astype("int64")
        kept = (
            pd.Series(promised.checks[0](whole).check_output, index=whole.index) if len(whole) else whole.astype(bool)
        )
        failed = looked & ~kept.reindex(values.index, fill_value=False).to_numpy()
    rule = promised.checks[0].error
    yield Found("validity", column, "promise", rule, looked, failed)


_SPECIAL = {
    "phone": _phone,
    "postcode": _postcode,
    "oib": _oib,
    "iban": _iban,
    "birth_date": _birth_date,
    "created_at": _moment,
    "updated_at": _moment,
}
