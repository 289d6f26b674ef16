"""The normal form of a street, its house number and a postcode."""

import re

from crmlab.quality.letters import checked_locale, folded, key_of
from crmlab.quality.names import tidied, titled
from crmlab.quality.uniques import each_once, settled
from crmlab.quality.words import words_of

__all__ = ["house_form", "postcode_form", "short_street", "street_form", "street_key", "with_house"]

_HOUSE = re.compile(r"(\d+)(?:\s*[-/.]?\s*([^\W\d_]))?\.?")
_STREET_AND_HOUSE = re.compile(
    r"(.*?[^\W\d_].*?)[\s,]+((?:(?:k?br|broj|no|nr)\.?\s*)?\d+(?:\s*[-/]?\s*[^\W\d_])?\.?)", re.IGNORECASE
)
_FIRST = re.compile(r"([^\W\d_]+)(\.?)\s*(?=\S)")
_LAST = re.compile(r"\s([^\W\d_]+)\.?$")


@settled
def street_form(text, locale, *, word=True, capitals=True):
    """Bring the name of a street to its normal form, with the word for street in full.

    Parameters
    ----------
    text : str
        One street, without house number.
    locale : str
        ``"hr"``, ``"en"`` or ``"de"``.
    word : bool, default=True
        Whether the word for street is written in full.
    capitals : bool, default=True
        Whether capitals are put right.

    Returns
    -------
    text : str or None
        None where nothing is left.
    kinds : tuple of str
        What was changed.

    Examples
    --------
    >>> street_form("UL.KRALJA TOMISLAVA", "hr")
    ('Ulica kralja Tomislava', ('street_word', 'capitals'))
    >>> street_form("High St", "en")[0], street_form("Ringstr.", "de")[0], street_form("Školska ul", "hr")[0]
    ('High Street', 'Ringstraße', 'Školska ulica')
    """
    text, kinds = tidied(text, locale)
    words = words_of(locale)
    if folded(text, locale) in words.none_words or not any(sign.isalnum() for sign in text):
        return None, (*kinds, "nothing")
    new = _in_full(text, words) if word else text
    if new.lower() != text.lower():
        text, kinds = _in_case_of(text, new), (*kinds, "street_word")
    if capitals:
        new = _words_as_written(titled(text, words.small_words), words)
        new = new[:1].title() + new[1:]
        if new != text:
            text, kinds = new, (*kinds, "capitals")
    return text, kinds


def short_street(text, locale):
    """Write the word for street short.

    Parameters
    ----------
    text : str
        A street with the word in full.
    locale : str

    Returns
    -------
    str

    Examples
    --------
    >>> short_street("Ulica kralja Tomislava", "hr"), short_street("Ringstraße", "de")
    ('Ul. kralja Tomislava', 'Ringstr.')
    """
    for full, short in words_of(locale).street_short.items():
        if text.startswith(f"{full} "):
            return short + text[len(full) :]
        if text.endswith(full) and len(text) > len(full):
            return text[: -len(full)] + short
    return text


def street_key(text, locale="hr"):
    """Give one key to a street, with or without its word for street.

    Parameters
    ----------
    text : pandas.Series or list of str
        Streets, one per record.
    locale : str, default="hr"
        ``"hr"``, ``"en"`` or ``"de"``.

    Returns
    -------
    pandas.Series of str
        The caller's index is kept.

    Raises
    ------
    CrmlabError
        When the locale is not known, or the texts are none.

    Examples
    --------
    >>> street_key(["Ulica kralja Tomislava", "Ul.kralja Tomislava", "KRALJA TOMISLAVA"]).unique().tolist()
    ['kralja tomislava']
    """
    words = words_of(checked_locale(locale))
    first, last = ({key_of(full, locale) for full in table} for table in (words.street_first, words.street_last))

    def key(one):
        parts = key_of(street_form(one, locale)[0] or "", locale).split()
        if len(parts) > 1 and parts[0] in first:
            parts = parts[1:]
        if len(parts) > 1 and parts[-1] in last:
            parts = parts[:-1]
        return " ".join(parts) or None

    return each_once(text, key)


def house_form(text, locale):
    """Bring a house number to its normal form: the number, and a small letter.

    Parameters
    ----------
    text : str
    locale : str

    Returns
    -------
    text : str or None
    kinds : tuple of str

    Examples
    --------
    >>> [house_form(text, "hr")[0] for text in ("12/A", "br. 12", "12.", "12 a", "B.B.", "12-14")]
    ['12a', '12', '12', '12a', 'bb', '12-14']
    """
    words = words_of(locale)
    new = " ".join(text.split())
    plain = new.replace(".", "").replace(" ", "").casefold()
    if plain in words.no_number:
        new = plain
    else:
        for word in sorted(words.house_words, key=len, reverse=True):
            if new.casefold().startswith(word) and (rest := new[len(word) :].lstrip(". :"))[:1].isdigit():
                new = rest
                break
        if found := _HOUSE.fullmatch(new):
            new = found.group(1).lstrip("0") + (found.group(2) or "").lower()
    if not any(sign.isalnum() for sign in new):
        return None, ("nothing",)
    return new, () if new == text else ("house",)


def with_house(text):
    """Split a street from the house number that follows it.

    Parameters
    ----------
    text : str

    Returns
    -------
    tuple of str, or None
        Street and house number; None where no house number follows.

    Examples
    --------
    >>> with_house("Ilica 12a"), with_house("Ulica br. 5"), with_house("Ilica")
    (('Ilica', '12a'), ('Ulica', 'br. 5'), None)
    """
    found = _STREET_AND_HOUSE.fullmatch(text.strip())
    return (found.group(1).rstrip(" ,"), found.group(2)) if found else None


def postcode_form(text, locale):
    """Bring a postcode to the form the post gives it.

    Parameters
    ----------
    text : str
    locale : str

    Returns
    -------
    text : str or None
    kinds : tuple of str

    Examples
    --------
    >>> postcode_form("HR-10000", "hr")[0], postcode_form("1067", "de")[0], postcode_form("sw1a1aa", "en")[0]
    ('10000', '01067', 'SW1A 1AA')
    """
    words = words_of(locale)
    new = re.sub(r"\.0$", "", text.strip()).upper()
    new = re.sub(rf"^(?:{words.region}|{words.postcode_country})\s*[- ]\s*(?=\d)", "", new)
    if locale == "en":
        packed = "".join(new.split())
        new = f"{packed[:-3]} {packed[-3:]}" if words.a_postcode.fullmatch(f"{packed[:-3]} {packed[-3:]}") else new
    else:
        packed = "".join(new.split())
        new = packed if packed.isdigit() else new
        if locale == "de" and len(new) == 4 and new.isdigit():
            new = "0" + new  # spreadsheets drop the first nought
    if not any(sign.isalnum() for sign in new):
        return None, ("nothing",)
    if not any(sign.isdigit() for sign in new):
        new = text
    return new, () if new == text else ("postcode",)


def _in_full(text, words):
    """Write the word for street in full, where it stands first, last, or ends the last word."""
    found = _FIRST.match(text)
    if found and (found.group(2) or text[found.end(1)].isspace()):
        full = words.first_street_words.get(found.group(1).lower())
        if full:
            return f"{full} {text[found.end() :]}"
    if (found := _LAST.search(text)) and (full := words.last_street_words.get(found.group(1).lower())):
        return f"{text[: found.start()]} {full}"
    low = text.lower()
    for full, ways in words.street_end.items():
        for way in ways:
            if low.endswith(way) and len(text) > len(way) + 2 and text[-len(way) - 1].isalpha():
                return text[: -len(way)] + full
    return text


def _in_case_of(text, new):
    """Keep all letters large or small where they were."""
    if text == text.upper():
        return new.replace("ß", "ẞ").upper()  # the capital letter, which becomes ß again and not ss
    return new.lower() if text == text.lower() else new


def _words_as_written(text, words):
    """Write the word for street itself as the locale does: ulica last, Ulica first."""
    first, blank, rest = text.partition(" ")
    if blank and (full := words.first_street_words.get(first.lower())) and first.lower() == full.lower():
        text = f"{full} {rest}"
    head, blank, last = text.rpartition(" ")
    if blank and (full := words.last_street_words.get(last.lower())) and last.lower() == full.lower():
        text = f"{head} {full}"
    return text
