"""The normal form of a person's or a town's name, and the key of a short name."""

import re
import unicodedata

from crmlab.quality.letters import checked_locale, folded, key_of
from crmlab.quality.mojibake import repaired
from crmlab.quality.uniques import each_once, settled
from crmlab.quality.words import words_of

__all__ = ["first_name_key", "name_form", "tidied", "titled", "town_form"]

_NOT_IN_NAMES = re.compile(r"[^\w\s.,'’\-/&+()]|_")
_HYPHEN = re.compile(r"\s*[-‐‑–—]\s*")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_IRISH = re.compile(r"^(O['’]|Mc)(\w)")


@settled
def name_form(text, locale, *, titles=True, capitals=True, small=()):
    """Bring one name to its normal form.

    Letters a wrong code page spoilt are put back, signs that belong to no name go, as do
    titles; capitals stand only where a name begins, unless they were mixed on purpose.

    Parameters
    ----------
    text : str
        One name of a person or town.
    locale : str
        ``"hr"``, ``"en"`` or ``"de"``.
    titles : bool, default=True
        Whether titles before the name are taken out.
    capitals : bool, default=True
        Whether capitals are put right.
    small : collection of str, default=()
        Words that begin small, unless they come first.

    Returns
    -------
    text : str or None
        None where nothing is left.
    kinds : tuple of str
        What was changed.

    Examples
    --------
    >>> name_form("  ĐURĐEVIÆ - KOVAČ ", "hr")
    ('Đurđević-Kovač', ('letters', 'blanks', 'capitals'))
    >>> name_form("dr. Ana", "hr"), name_form("McDonald", "en")
    (('Ana', ('title',)), ('McDonald', ()))
    """
    text, kinds = tidied(text, locale)
    words = words_of(locale)
    if text and titles and (known := _without_title(text, words)) != text:
        text, kinds = known, (*kinds, "title")
    if folded(text, locale) in words.none_words or not any(sign.isalnum() for sign in text):
        return None, (*kinds, "nothing")
    if capitals and (new := titled(text, small)) != text:
        text, kinds = new, (*kinds, "capitals")
    return text, kinds


def town_form(text, locale, *, capitals=True):
    """Bring the name of a town to its normal form.

    Parameters
    ----------
    text : str
    locale : str
    capitals : bool, default=True
        Whether capitals are put right.

    Returns
    -------
    text : str or None
    kinds : tuple of str

    Examples
    --------
    >>> town_form("FRANKFURT AM MAIN", "de")[0], town_form("stoke-on-trent", "en")[0]
    ('Frankfurt am Main', 'Stoke-on-Trent')
    """
    return name_form(text, locale, titles=False, capitals=capitals, small=words_of(locale).small_words)


def tidied(text, locale):
    """Put letters and blanks of one text in order.

    Parameters
    ----------
    text : str
    locale : str

    Returns
    -------
    text : str
    kinds : tuple of str

    Examples
    --------
    >>> tidied("JuriÄ‡  😀", "hr")
    ('Jurić', ('letters', 'signs', 'blanks'))
    """
    kinds = []
    if (new := unicodedata.normalize("NFC", repaired(text, locale))) != text:
        text = new
        kinds.append("letters")
    if _NOT_IN_NAMES.search(text):
        text = _NOT_IN_NAMES.sub(" ", text)
        kinds.append("signs")
    new = " ".join(_HYPHEN.sub("-", text).split()).strip(" ,;-")
    if new != text:
        text = new
        kinds.append("blanks")
    return text, tuple(kinds)


def titled(text, small):
    """Write capitals only where a word begins; texts in mixed letters are left as they are.

    Parameters
    ----------
    text : str
    small : collection of str
        Words that begin small, unless they come first.

    Returns
    -------
    str

    Examples
    --------
    >>> titled("TRG BANA JELAČIĆA", ["bana"]), titled("o'brien", ()), titled("van der Berg", ())
    ('Trg bana Jelačića', "O'Brien", 'van der Berg')
    """
    if text != text.upper() and text != text.lower():
        return text

    def word(found):
        low = found.group().lower()
        if found.start() and low in small:
            return low
        return _IRISH.sub(lambda start: start.group(1) + start.group(2).upper(), low[:1].title() + low[1:])

    return _WORD.sub(word, text)


def first_name_key(text, locale="hr"):
    """Give one key to a first name and its short names: Josip, Joso, Joža, Joško.

    Parameters
    ----------
    text : pandas.Series or list of str
        First names, one per record.
    locale : str, default="hr"
        ``"hr"``, ``"en"`` or ``"de"``.

    Returns
    -------
    pandas.Series of str
        The :func:`name_key` of the formal name, where the name is a short one; the caller's
        index is kept.

    Raises
    ------
    CrmlabError
        When the locale is not known, or the texts are none.

    Examples
    --------
    >>> first_name_key(["Josip", "JOŽA", "Joso", "Jozo", "Ana"]).tolist()
    ['josip', 'josip', 'josip', 'josip', 'ana']
    """
    families = words_of(checked_locale(locale)).families

    def key(one):
        known = key_of(one, locale)
        return families.get(known, known) or None

    return each_once(text, key)


def _without_title(text, words):
    """Take the titles off the front, as long as a name is left."""
    parts = text.split()
    while len(parts) > 1:
        two = " ".join(parts[:2]).replace(".", "").casefold()
        if len(parts) > 2 and two in words.titles:
            parts = parts[2:]
        elif parts[0].rstrip(".").casefold() in words.titles and (parts[0].endswith(".") or len(parts[0]) > 1):
            parts = parts[1:]
        else:
            break
    return " ".join(parts)
