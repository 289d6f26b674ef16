"""Letters that a machine spoilt: what was read in a wrong code page is read again in the right one."""

import re
import string

__all__ = ["repaired"]

_PAGES = ("cp1252", "cp1250", "latin-1")
_LETTERS = [chr(code) for code in (*range(0x80, 0x250), *map(ord, "–—‘’“”„…€Šš†‡"))]
# Croatian letters of code page 1250, read as 1252: š and ž have the same place in both.
_C1250 = str.maketrans("æÆðÐÈ", "ćĆđĐČ")
# è is a letter of French and Italian names too: č stands beside a vowel or after r, and not where é or ê is.
_E_GRAVE = re.compile(r"(?<=[aeiourAEIOUR])è|è(?=[aeiouAEIOU])|\bè", re.UNICODE)
# č and Đ read as 1252 end in a code that page leaves open; many programs drop it, and a lone Ä is left.
_CROATIAN = re.compile("[čćđČĆĐ]")
_LONE_C, _LONE_D = re.compile(r"(?<=[a-zšžđčć])Ä(?![A-Z])"), re.compile(r"\bÄ(?=[^\W\d_])|(?<=[A-ZŠŽĐČĆ])Ä")
# No name of the North ends in iæ; one from Zagreb or Belgrade does, once its -ić was read as 1252.
_ENDS_IN_C = re.compile(r"\w+[iI][æÆ]\b")
_FRENCH = re.compile("[éêÉÊ]")
# The seven-bit code of old Yugoslav machines (JUS I.B1.002), where signs stood for letters.
_SEVEN_BIT = dict(zip("[]^@\\{}~`|", "ŠĆČŽĐšćčžđ", strict=True))
_SEVEN_BIT_SIGN = re.compile(r"(?<=[A-Za-z])[\[\]^@\\{}~`|]|[\[\]^@\\{}~`|](?=[A-Za-z])")


def _spoilt():
    """What each letter becomes when its UTF-8 is read as a code page of one byte."""
    found = {}
    for page in _PAGES:
        for letter in _LETTERS:
            signs = [bytes([code]).decode(page, errors="ignore") or chr(code) for code in letter.encode("utf-8")]
            found.setdefault("".join(signs), letter)
    return found


_TWICE = _spoilt()
_LEADS = re.compile("[" + re.escape("".join(sorted({spoilt[0] for spoilt in _TWICE}))) + "]")
_TWICE_SIGNS = re.compile("|".join(map(re.escape, sorted(_TWICE, key=len, reverse=True))))


def repaired(text, locale):
    """Put back the letters that a wrong code page took away.

    Knows UTF-8 that was read as code page 1252, 1250 or Latin-1, once or several times, and
    surnames in -ić whose code page 1250 was read as 1252; and, for Croatian, any text read
    so, and the seven-bit code of old machines.

    Parameters
    ----------
    text : str
        One text.
    locale : str
        ``"hr"``, ``"en"`` or ``"de"``.

    Returns
    -------
    str
        The same text where nothing was spoilt.

    Examples
    --------
    >>> [repaired(text, "hr") for text in ("JuriÄ‡", "Kovaèiæ", "Kova~i}", "Adèle")]
    ['Jurić', 'Kovačić', 'Kovačić', 'Adèle']
    >>> [repaired(text, "en") for text in ("JuriÄ‡", "Ðurðeviæ", "Sæmundur Guðmundsson")]
    ['Jurić', 'Đurđević', 'Sæmundur Guðmundsson']
    """
    before = text
    while not text.isascii() and _LEADS.search(text):
        whole = _TWICE_SIGNS.sub(lambda found: _TWICE[found.group()], text)
        if whole == text:
            break
        text = whole
    if "Ä" in text and (locale == "hr" or (text != before and _CROATIAN.search(text))):
        text = _LONE_C.sub("č", text)
        text = _LONE_D.sub("Đ", text) if text != before else text
    if locale != "hr":
        return _ENDS_IN_C.sub(lambda found: _from_1250(found.group()), text) if "æ" in text or "Æ" in text else text
    if not text.isascii():
        text = _from_1250(text)
    if not text.isalpha() and any(sign in _SEVEN_BIT for sign in text):
        text = _as_seven_bit(text)
    return text


def _from_1250(text):
    """Read letters of code page 1252 as those in their place on page 1250."""
    text = text.translate(_C1250)
    return _E_GRAVE.sub("č", text) if "è" in text and not _FRENCH.search(text) else text


def _as_seven_bit(text):
    """Read signs between letters as letters; an open bracket and its closing one are brackets."""
    if any(opening in text and closing in text for opening, closing in ("[]", "{}")):
        inside = re.search(r"[\[{][^\]}]*[\]}]", text)
        if inside and not set(inside.group()[1:-1]) & set(string.ascii_letters):
            return text
    return _SEVEN_BIT_SIGN.sub(lambda found: _SEVEN_BIT[found.group()], text)
