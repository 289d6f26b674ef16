"""One form for texts that differ only in capitals, marks, code page or signs; one key for a name however written."""

import re
import unicodedata
from functools import lru_cache

import pandas as pd

from crmlab.errors import CrmlabError, did_you_mean, message
from crmlab.quality.mojibake import repaired
from crmlab.quality.uniques import each_once

__all__ = ["LOCALES", "checked_locale", "fold", "folded", "key_of", "name_key"]

LOCALES = ("hr", "en", "de")

_APOSTROPHES = dict.fromkeys(map(ord, "'’‘´ʼ`ʻ′"))
_SIGNS = re.compile(r"[\W_]+")
# Letters that Unicode does not take apart; Serbian, Macedonian, Bulgarian, Russian and Ukrainian Cyrillic.
_LATIN = {"đ": "dj", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "ı": "i", "ħ": "h", "ŋ": "n"}
_CYRILLIC = dict(zip("абвгдђежзијклмнопрстћуфхцчџшыэѓќѕіґє", "abvgdđežzijklmnoprstćufhcčǆšieđćzige", strict=True))
_CYRILLIC |= {"љ": "lj", "њ": "nj", "щ": "šč", "ъ": "", "ь": "", "ю": "ju", "я": "ja", "ё": "jo", "й": "j", "ї": "ji"}
_CYRILLIC = {sign: "dž" if latin == "ǆ" else latin.replace("đ", "dj") for sign, latin in _CYRILLIC.items()}
_UMLAUTS = {"de": {"ä": "ae", "ö": "oe", "ü": "ue"}, "hr": {}, "en": {}}
_TABLES = {locale: str.maketrans(_LATIN | _CYRILLIC | _UMLAUTS[locale]) for locale in LOCALES}
# What a key does not tell apart beyond the fold: đ written d or dj, in every language; je and ije; umlauts with or
# without e.
_DOUBLED = (re.compile(r"([^\W\d_])\1+"), r"\1")
_DJ = (re.compile("dj"), "d")
_KEY = {
    "hr": (_DOUBLED, (re.compile("ije"), "je"), _DJ),
    "en": (_DOUBLED, _DJ),
    "de": (_DOUBLED, _DJ, (re.compile("ae"), "a"), (re.compile("oe"), "o"), (re.compile("ue"), "u")),
}


def checked_locale(locale):
    """Refuse a locale whose letters are not known.

    Parameters
    ----------
    locale : str

    Returns
    -------
    str
        The same.

    Raises
    ------
    CrmlabError
        When it is none of ``"hr"``, ``"en"``, ``"de"``.

    Examples
    --------
    >>> checked_locale("HR")
    Traceback (most recent call last):
        ...
    crmlab.errors.CrmlabError: locale: found 'HR'. Did you mean 'hr'?
      allowed : hr, en, de
      next    : choose the language most of the records are written in.
    """
    if locale not in LOCALES:
        found = f"found {locale!r}.{did_you_mean(locale, LOCALES)}"
        next_step = "choose the language most of the records are written in."
        raise CrmlabError(message("locale", found, allowed=", ".join(LOCALES), next=next_step))
    return locale


def fold(text, locale="hr"):
    """Bring texts to one form, so that only what was meant still differs.

    Letters a wrong code page spoilt are put back; then everything becomes small, marks
    are dropped (đ becomes dj; in German ä becomes ae and ß ss), Cyrillic becomes Latin,
    apostrophes go, other signs become a blank, and blanks are joined.

    Parameters
    ----------
    text : pandas.Series or list of str
        Texts, one per record.
    locale : str, default="hr"
        ``"hr"``, ``"en"`` or ``"de"``.

    Returns
    -------
    pandas.Series of str
        The caller's index is kept; NA where there was nothing, or no letter and no digit.

    Raises
    ------
    CrmlabError
        When the locale is not known, or the texts are none.

    Examples
    --------
    >>> fold(["Đurđević", "ÐURÐEVIÆ", "Djurdjevic", "DjurÄ‘eviÄ‡", "Ђурђевић"]).unique().tolist()
    ['djurdjevic']
    >>> fold(["Ul. kralja  Tomislava", "O'Brien-Kovač"]).tolist()
    ['ul kralja tomislava', 'obrien kovac']
    """
    checked_locale(locale)
    return each_once(text, lambda one: folded(one, locale) or pd.NA)


def name_key(text, locale="hr"):
    """Give one key to a name however it was written.

    Coarser than :func:`fold`: đ written as d or as dj, ije or je, ü or ue or u, and
    doubled letters are not told apart either. A key is for finding candidates; two
    names with one key need not be the same name.

    Parameters
    ----------
    text : pandas.Series or list of str
        Names, one per record.
    locale : str, default="hr"
        ``"hr"``, ``"en"`` or ``"de"``.

    Returns
    -------
    pandas.Series of str
        The caller's index is kept; NA where there was nothing.

    Raises
    ------
    CrmlabError
        When the locale is not known, or the texts are none.

    Examples
    --------
    >>> name_key(["Đurđević", "Djurdjević", "Durdevic", "ĐURĐEVIĆ", "Ðurðeviæ", "ÄurÄ‘eviÄ‡"]).unique().tolist()
    ['durdevic']
    """
    checked_locale(locale)
    return each_once(text, lambda one: key_of(one, locale) or pd.NA)


@lru_cache(1 << 16)
def folded(text, locale):
    """Bring one text to the form of :func:`fold`; empty where it has no letter and no digit.

    Parameters
    ----------
    text : str
    locale : str
        ``"hr"``, ``"en"`` or ``"de"``; it is not checked here.

    Returns
    -------
    str

    Examples
    --------
    >>> folded("Müller-Weiß", "de"), folded("Müller-Weiß", "en")
    ('mueller weiss', 'muller weiss')
    """
    text = repaired(text, locale)
    if not text.isascii():
        # composed first, so that ä is one sign; casefold before and after, for signs such as ™ and İ
        text = unicodedata.normalize("NFKC", text).casefold().translate(_TABLES[locale])
        text = unicodedata.normalize("NFKD", text)
        text = "".join(sign for sign in text if not unicodedata.combining(sign)).translate(_TABLES[locale])
        text = unicodedata.normalize("NFC", text)
    return " ".join(_SIGNS.sub(" ", text.casefold().translate(_APOSTROPHES)).split())


@lru_cache(1 << 16)
def key_of(text, locale):
    """Give one name its key, as :func:`name_key` does.

    Parameters
    ----------
    text : str
    locale : str
        ``"hr"``, ``"en"`` or ``"de"``; it is not checked here.

    Returns
    -------
    str

    Examples
    --------
    >>> key_of("Stijepan", "hr"), key_of("Mueller", "de"), key_of("Gooran", "hr")
    ('stjepan', 'muler', 'goran')
    """
    key, before = folded(text, locale), None
    while key != before:  # one may lead to another: ijije, ijje, ije, je
        before = key
        for pattern, short in _KEY[locale]:
            key = pattern.sub(short, key)
    return key
