"""The plain form of one field as it is typed, in which it is looked up."""

import re
from datetime import date
from functools import lru_cache

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crmlab.quality.companies import split_company
from crmlab.quality.letters import folded, key_of
from crmlab.quality.streets import house_form, street_form
from crmlab.quality.uniques import parts
from crmlab.quality.words import words_of

__all__ = ["COLUMNS", "Field", "plain_form"]

# The fields that are looked up, by the column they are in.
COLUMNS = {
    "first_name": "first name",
    "last_name": "last name",
    "company_name": "firm",
    "birth_date": "day of birth",
    "phone": "phone",
    "email": "e-mail",
    "street": "street",
    "house_number": "house number",
    "postcode": "postcode",
    "city": "town",
    "oib": "identity number",
    "iban": "bank account",
}
_CAP = 18.0  # no field says more than this many bits
_UNSEEN = 100  # a small table has not seen all texts there are
_LAST_DIGITS, _LEAST_DIGITS = 8, 6
_YEAR_FIRST = re.compile(r"(\d{4})\W+(\d{1,2})\W+(\d{1,2})\b.*")
_DAY_FIRST = re.compile(r"(\d{1,2})\W+(\d{1,2})\W+(\d{4})\W*")


def plain_form(column, value, locale):
    """Bring what was typed to the form it is looked up in.

    Parameters
    ----------
    column : str
        One of ``COLUMNS``.
    value : object
        What was typed.
    locale : str

    Returns
    -------
    str
        Empty when nothing can be looked up.

    Examples
    --------
    >>> [plain_form("phone", text, "hr") for text in ("+385 (0)91 234-5678", "091/234 5678", "091")]
    ['12345678', '12345678', '']
    >>> plain_form("last_name", "ĐURĐEVIĆ", "hr"), plain_form("birth_date", "3.4.1986.", "hr")
    ('durdevic', '19860403')
    """
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
        return ""
    if column == "birth_date" and isinstance(value, date):
        return f"{value:%Y%m%d}"
    text = str(value).strip()
    return _FORMS[column](text, locale) if text else ""


def _first(text, locale):
    known = key_of(text, locale)
    return words_of(locale).families.get(known, known)


def _company(text, locale):
    return folded(split_company(" ".join(text.split()), locale)[0], locale)


def _street(text, locale):
    words = folded(street_form(text, locale)[0] or "", locale).split()
    return " ".join([word for word in words if word not in _street_words(locale)] or words)


@lru_cache
def _street_words(locale):
    words = words_of(locale)
    written = [*words.street_first.items(), *words.street_last.items()]
    return {folded(word, locale) for full, shorts in written for word in (full, *shorts)}


def _birth(text, locale):
    if found := _YEAR_FIRST.fullmatch(text):
        year, month, day = found.groups()
    elif found := _DAY_FIRST.fullmatch(text):
        day, month, year = found.groups()
    else:
        return ""
    try:
        date(int(year), int(month), int(day))
    except ValueError:  # 31.13.1980
        return ""
    return f"{year}{int(month):02}{int(day):02}"


def _phone(text, locale):
    digits = re.sub(r"[^0-9]", "", text)
    return digits[-_LAST_DIGITS:] if len(digits) >= _LEAST_DIGITS else ""


def _email(text, locale):
    box, at, _ = text.partition("@")
    return re.sub(r"[^a-z0-9]", "", box.lower()) if at else ""


def _number(text, locale):
    return re.sub(r"[\W_]", "", text).upper()


_FORMS = {
    "first_name": _first,
    "last_name": key_of,
    "company_name": _company,
    "birth_date": _birth,
    "phone": _phone,
    "email": _email,
    "street": _street,
    "house_number": lambda text, locale: house_form(text, locale)[0] or "",
    "postcode": _number,
    "city": key_of,
    "oib": _number,
    "iban": _number,
}


def _only(texts, kept, usual):
    """Take out all signs but some: the usual ones one by one, which is faster, and by a pattern where others are."""
    for sign in usual:
        texts = pc.replace_substring(texts, sign, "")
    has_others = pc.match_substring_regex(texts, f"[^{kept}]")
    return pc.replace_with_mask(
        texts, has_others, pc.replace_substring_regex(texts.filter(has_others), f"[^{kept}]", "")
    )


def _phones(texts):
    """The same as _phone, for very many at once."""
    digits = pc.utf8_slice_codeunits(_only(texts, "0-9", "+ -/"), -_LAST_DIGITS)
    return pc.if_else(pc.greater_equal(pc.utf8_length(digits), _LEAST_DIGITS), digits, "")


def _emails(texts):
    """The same as _email, for very many at once."""
    box = pc.list_element(pc.split_pattern(texts, "@", max_splits=1), 0)
    return pc.if_else(pc.match_substring(texts, "@"), _only(pc.utf8_lower(box), "a-z0-9", "._"), "")


_AT_ONCE = {"phone": _phones, "email": _emails}


def _encoded(texts):
    """The number of each text, −1 where there is none, and the different texts."""
    encoded = pc.dictionary_encode(texts)
    encoded = encoded.combine_chunks() if isinstance(encoded, pa.ChunkedArray) else encoded
    return encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False), encoded.dictionary


class Field:
    """One column in plain form, as numbers that stand for the different texts.

    Parameters
    ----------
    values : pandas.Series
        The column.
    column : str
        One of ``COLUMNS``.
    locale : str

    Attributes
    ----------
    codes : ndarray of int32
        The text of each row, −1 where there is nothing to look up.
    words : list of str
        The different texts.
    places : dict of str to int
        The number of each text.
    counts : ndarray of int64
        How many rows have each text.

    Examples
    --------
    >>> field = Field(pd.Series(["Ćosić", None, "COSIC"]), "last_name", "hr")
    >>> field.codes.tolist(), field.words, field.counts.tolist()
    ([0, -1, 0], ['cosic'], [2])
    """

    def __init__(self, values, column, locale):
        if pd.api.types.is_datetime64_any_dtype(values):
            codes, days = pd.factorize(values)
            found = pd.DatetimeIndex(days).strftime("%Y%m%d").tolist()
        elif column in _AT_ONCE:
            is_text = isinstance(values.dtype, pd.StringDtype)
            codes, texts = _encoded(pa.array(values)) if is_text else parts(values)
            forms, words = _encoded(_AT_ONCE[column](pa.array(texts, pa.large_string())))
            codes, found = np.append(forms, -1)[codes], words.to_pylist()
        else:
            codes, texts = parts(values)
            found = [plain_form(column, text, locale) for text in texts]
        self.places = {}
        new = [self.places.setdefault(one, len(self.places)) if one else -1 for one in found]
        self.codes = np.array([*new, -1], dtype="int32")[codes]
        self.words = list(self.places)
        self.counts = np.bincount(self.codes + 1, minlength=1 + len(self.words))[1:]
        self._worth = np.minimum(np.log2((self.counts.sum() + _UNSEEN) / np.maximum(self.counts, 1)), _CAP)

    def worth(self, code):
        """Tell how many bits it says when a record agrees on this text: the rarer, the more.

        Parameters
        ----------
        code : int or ndarray of int

        Returns
        -------
        float or ndarray of float64
        """
        return self._worth[code]
