"""The normal form of a phone number and of an e-mail address."""

import re
from functools import lru_cache

import phonenumbers

from crmlab.quality.letters import folded
from crmlab.quality.words import words_of

__all__ = ["email_form", "phone_form", "phone_written"]

_NOT_DIGITS = re.compile(r"[\s\-–/.()]+")
_PLAIN_ADDRESS = re.compile(r"([a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*)@([a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z0-9]{2,})")
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]{2,}")
_FEWEST = 6  # digits; shorter numbers reach a service, no customer
_PROVIDERS = {
    "gmial.com": "gmail.com",
    "gmai.com": "gmail.com",
    "gmail.co": "gmail.com",
    "gmail.con": "gmail.com",
    "gmail.hr": "gmail.com",
    "gamil.com": "gmail.com",
    "gnail.com": "gmail.com",
    "hotmial.com": "hotmail.com",
    "hotmail.con": "hotmail.com",
    "homail.com": "hotmail.com",
    "yaho.com": "yahoo.com",
    "yahoo.con": "yahoo.com",
    "yahho.com": "yahoo.com",
    "outlok.com": "outlook.com",
    "outlook.con": "outlook.com",
    "nethr": "net.hr",
    "gmx.ed": "gmx.de",
}


def phone_form(text, locale):
    """Bring a phone number to its international form, digits only (E.164).

    Parameters
    ----------
    text : str
        One number, as it was typed.
    locale : str
        Where a number without a country's code is from: ``"hr"``, ``"en"`` or ``"de"``.

    Returns
    -------
    text : str or None
        None where no phone number can look like this.
    kinds : tuple of str
        What was changed.

    Examples
    --------
    >>> [phone_form(text, "hr")[0] for text in ("093/123-4567", "+385 (0)93 123 4567", "385 93 123 4567")]
    ['+385931234567', '+385931234567', '+385931234567']
    >>> phone_form("+43 1 234567", "hr")[0], phone_form("nema", "hr")
    ('+431234567', (None, ('no_phone',)))
    """
    head, pattern, lengths = _rules(locale)
    found = pattern.fullmatch(_NOT_DIGITS.sub("", text))
    if found and len(rest := found.group(1) or found.group(2)) in lengths:
        new = head + rest
    else:
        new = _any_number(text, words_of(locale).region)
        if new is None:
            return None, ("no_phone",)
    return new, () if new == text else ("phone",)


def phone_written(text, locale, how):
    """Write a phone number for people to read.

    Parameters
    ----------
    text : str
        A number in its normal form.
    locale : str
    how : str
        ``"international"`` (+385 1 234 5678), ``"national"`` (01 234 5678) or ``"e164"``.

    Returns
    -------
    str

    Examples
    --------
    >>> phone_written("+38512345678", "hr", "international"), phone_written("+38512345678", "hr", "national")
    ('+385 1 2345 678', '01 2345 678')
    """
    if how == "e164":
        return text
    number = phonenumbers.parse(text, words_of(locale).region)
    style = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(number, style.INTERNATIONAL if how == "international" else style.NATIONAL)


def email_form(text, locale):
    """Bring an e-mail address to its normal form.

    Parameters
    ----------
    text : str
    locale : str
        Whose words for "none" are known.

    Returns
    -------
    text : str or None
        None where there is no address, or one that says "none".
    kinds : tuple of str
        What was changed.

    Examples
    --------
    >>> email_form(" Ana.Novak@Posta.Example,", "hr")
    ('ana.novak@posta.example', ('email',))
    >>> email_form("ana@gmial.com", "hr")[0], email_form("nema@posta.example", "hr"), email_form("nema", "hr")
    ('ana@gmail.com', (None, ('nothing',)), (None, ('nothing',)))
    """
    words, kinds = words_of(locale), ()
    plain = _PLAIN_ADDRESS.fullmatch(text)
    if plain and plain.group(1) not in words.none_words and plain.group(2) not in _PROVIDERS:
        return text, kinds
    new = "".join(text.split()).removeprefix("mailto:").strip(".,;:<>()[]'\"").lower()
    new = re.sub(r"\.{2,}", ".", new.replace("(at)", "@").replace("[at]", "@"))
    if new != text:
        kinds = ("email",)
    name, at, domain = new.partition("@")
    if folded(name, locale) in words.none_words:
        return None, ("nothing",)
    domain = domain.replace(",", ".").strip(".")
    if domain in _PROVIDERS:
        domain = _PROVIDERS[domain]
    if domain != new.partition("@")[2]:
        kinds = (*kinds, "domain")
    new = name + at + domain
    if not _ADDRESS.fullmatch(new):
        return None, ("no_email",)
    return new, kinds


@lru_cache
def _rules(locale):
    """How a country's numbers begin, how they are typed (signs left out), and how long they can be."""
    found = phonenumbers.PhoneMetadata.metadata_for_region(words_of(locale).region)
    code, trunk = found.country_code, found.national_prefix
    pattern = re.compile(rf"(?:\+|00)?{code}{trunk}?([1-9][0-9]*)|{trunk}([1-9][0-9]*)")
    return f"+{code}", pattern, frozenset(found.general_desc.possible_length)


def _any_number(text, region):
    """Read a number of another country, or one with words around it."""
    if sum(sign.isdigit() for sign in text) < _FEWEST:
        return None
    new = _as_e164(text, region)
    rests = new is not None and len(new) > _FEWEST and _as_e164(new, region) == new
    return new if rests else None


def _as_e164(text, region):
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    number.extension = None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
