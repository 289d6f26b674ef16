"""What is compared: each field of a record brought to one plain form, for whatever columns there are."""

import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crmlab.quality.letters import key_of
from crmlab.quality.uniques import each_once, parts

__all__ = ["FIELDS", "derived", "plain"]

FIELDS = (
    "first",
    "last",
    "company",
    "birth",
    "phone",
    "email",
    "mailbox",
    "street",
    "house",
    "postcode",
    "city",
    "region",
    "oib",
    "iban",
)

_NOTHING = frozenset(
    "nema nepoznat nepoznato none null nan unknown unbekannt keine kein xx xxx xxxx test na".split()  # noqa: SIM905  words in a row read better than in quotes
)
_NOBODY = frozenset(
    "info office ured kontakt contact nema none noreply mail email test admin nepoznato".split()  # noqa: SIM905  words in a row read better than in quotes
)
_STREET = frozenset("ulica ul u cesta c street str st road rd strasse platz".split())  # noqa: SIM905  words in a row read better than in quotes
_FIRM = frozenset("d o doo j jdoo dd dionicko drustvo obrt vl gmbh ltd inc ag kg co za i".split())  # noqa: SIM905  words in a row read better than in quotes
_NUMBER_LAST = r"^(.*\D)\s+(\d{1,4}\s?[^\W\d]?(?:\s?/\s?\w+)?)\s*$"
_NUMBER_FIRST = r"^(\d{1,4}[^\W\d]?)\s+(\D.*)$"
_PHONE_DIGITS, _LEAST_DIGITS = 8, 6
_MAGIC_TIMES, _MAGIC_LEAST = 20, 10


def derived(customers, locale):
    """Bring every field to the form in which it is compared.

    Texts become plain ASCII, since a database counts bytes where people see letters;
    words for "nothing", addresses of offices and days of birth that far too many share
    become missing; a phone number keeps its last digits, an e-mail address its mailbox.

    Parameters
    ----------
    customers : pandas.DataFrame
        Any of the columns of the customers table.
    locale : str
        ``"hr"``, ``"en"`` or ``"de"``.

    Returns
    -------
    pandas.DataFrame
        One row per record, index 0, 1, …, columns ``FIELDS`` (texts or missing).

    Examples
    --------
    >>> records = pd.DataFrame({"last_name": ["Đurđević"], "phone": ["+385 (0)91 234 5678"], "email": ["nema@a.hr"]})
    >>> derived(records, "hr")[["last", "phone", "email"]].values.tolist()
    [['durdevic', '12345678', nan]]
    """
    table = customers.reset_index(drop=True)
    email, mailbox, phone = _reach(table)
    table = _numbers_apart(table)
    name = {new: _texts(table, old, locale) for new, old in (("first", "first_name"), ("last", "last_name"))}
    out = {
        **name,
        "company": _without(_texts(table, "company_name", locale), _FIRM),
        "birth": _births(table),
        "phone": phone,
        "email": email,
        "mailbox": mailbox,
        "street": _without(_texts(table, "street", locale), _STREET),
        "house": _each(table, "house_number", lambda text: re.sub(r"[\W_]+", "", plain(text, locale)).lstrip("0")),
        "postcode": _each(table, "postcode", lambda text: re.sub(r"[\W_]+", "", plain(text, locale))),
        "city": _texts(table, "city", locale),
        "region": _texts(table, "country", locale),
        "oib": _each(table, "oib", lambda text: re.sub(r"[\W_]+", "", text).lower()),
        "iban": _each(table, "iban", lambda text: re.sub(r"[\W_]+", "", text).lower()),
    }
    return pd.DataFrame(out, columns=FIELDS)


def plain(text, locale):
    """Write one text in the letters a to z, digits and blanks.

    Parameters
    ----------
    text : str
    locale : str

    Returns
    -------
    str
        A letter of a script that is not Latin or Cyrillic becomes its number, so that
        equal stays equal.

    Examples
    --------
    >>> plain("Đurđević-Šimić", "hr"), plain("Ђурђевић", "hr"), plain("王", "hr")
    ('durdevic simic', 'durdevic', 'u738b')
    """
    key = key_of(text, locale)
    return key if key.isascii() else "".join(sign if sign.isascii() else f"u{ord(sign):x}" for sign in key)


def _each(table, column, change):
    if column not in table:
        return pd.Series(np.nan, index=table.index, dtype="str")
    return each_once(table[column], lambda text: _known(change(text)))


def _known(text):
    return pd.NA if not text or text in _NOTHING else text


def _texts(table, column, locale):
    return _each(table, column, lambda text: plain(text, locale))


def _without(texts, words):
    """Leave out words that say nothing, and put the rest in order."""

    def shorter(text):
        kept = [word for word in text.split() if word not in words]
        return " ".join(sorted(kept or text.split()))

    return each_once(texts, shorter)


def _numbers_apart(table):
    """Where no house number is given, take the one that stands at an end of the street: Ilica 12, 12 High Street."""
    if "street" not in table:
        return table
    street = table["street"].astype("str")
    found = street.str.extract(_NUMBER_LAST).fillna(street.str.extract(_NUMBER_FIRST).rename(columns={0: 1, 1: 0}))
    given = table["house_number"] if "house_number" in table else pd.Series(np.nan, index=table.index, dtype="str")
    apart = given.isna() & found[1].notna()
    if not apart.any():
        return table
    house = given.astype("str").where(~apart, found[1]).where(given.notna() | apart)
    return table.assign(street=street.where(~apart, found[0]).where(table["street"].notna()), house_number=house)


def _births(table):
    """Days of birth as eight digits; a day that far too many share is a way of saying "not known"."""
    if "birth_date" not in table:
        return pd.Series(np.nan, index=table.index, dtype="str")
    values = table["birth_date"]
    if pd.api.types.is_datetime64_any_dtype(values):
        days = values.dt.strftime("%Y%m%d").astype("str")
    else:
        days = _each(table, "birth_date", lambda text: re.sub(r"\D", "", text)[:8])
    counts = days.value_counts()
    typical = counts.sum() / max(len(counts), 1)
    magic = counts.index[(counts > _MAGIC_TIMES * typical) & (counts > _MAGIC_LEAST)]
    return days.mask(days.isin(magic))


def _reach(table):
    """Mailbox and phone digits; a phone number in the field of the e-mail address, and the reverse, is put right."""
    email, phone = (_raw(table, name) for name in ("email", "phone"))
    mail_there, mail_here = (pc.fill_null(pc.match_substring(texts, "@"), False) for texts in (phone, email))
    number_here = pc.and_(pc.is_valid(email), pc.invert(mail_here))
    swapped = pc.or_(pc.and_(mail_there, pc.invert(mail_here)), pc.and_(number_here, pc.is_null(phone)))
    email, phone = pc.if_else(swapped, phone, email), pc.if_else(swapped, email, phone)
    digits = pc.utf8_slice_codeunits(pc.replace_substring_regex(phone, r"[^0-9]", ""), -_PHONE_DIGITS)
    digits = pc.if_else(pc.greater_equal(pc.utf8_length(digits), _LEAST_DIGITS), digits, None)
    lower = pc.utf8_lower(email)
    box = pc.replace_substring_regex(pc.replace_substring_regex(lower, r"@.*", ""), r"[^a-z0-9]", "")
    nobody = pc.or_(pc.is_in(box, pa.array(sorted({*_NOBODY, *_NOTHING, ""}), box.type)), pc.is_null(box))
    whole = pc.binary_join_element_wise(
        box, pc.replace_substring_regex(lower, r"^[^@]*", ""), pa.scalar("", pa.large_string())
    )
    return *(_series(pc.if_else(nobody, None, texts)) for texts in (whole, box)), _series(digits)


def _raw(table, column):
    if column not in table:
        return pa.nulls(len(table), pa.large_string())
    codes, found = parts(table[column])
    texts = pa.array([*found, None], pa.large_string())
    return texts.take(pa.array(np.where(codes < 0, len(found), codes)))


def _series(texts):
    return pd.Series(pd.array(texts.to_pandas(), dtype="str"))
