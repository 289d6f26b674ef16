"""Errors in letters: keyboard slips, lost marks, wrong code pages, upper case, letters that sound alike.

Each kind of error takes the text of one cell, a whole number that settles what is left to chance,
and the locale's words; it gives the text with the error, or the same text where it cannot occur.
"""

import re
import unicodedata

__all__ = ["confused_c", "confused_ije", "lost_marks", "misspell", "upper_case", "utf8_twice", "wrong_code_page"]

_SEVERAL = {"đ": ("d", "dj"), "Đ": ("D", "Dj"), "ä": ("a", "ae"), "Ä": ("A", "Ae"), "ö": ("o", "oe")}
_SEVERAL |= {"Ö": ("O", "Oe"), "ü": ("u", "ue"), "Ü": ("U", "Ue"), "ß": ("s", "ss"), "ł": ("l", "l"), "ø": ("o", "o")}
_C, _ANY_C, _IJE = str.maketrans("čćČĆ", "ćčĆČ"), re.compile("[čćČĆ]"), re.compile("i?je")
_BEYOND_ASCII = range(0x80, 0x250)


def misspell(text, die, words):
    """Slip on the keyboard once: a neighbouring key, a letter left out, doubled, or traded with the next.

    Parameters
    ----------
    text : str
        What was to be typed.
    die : int
        Settles what is left to chance.
    words : Words
        Knows the keyboard's ``neighbours``.

    Returns
    -------
    str
        With one slip; as it was when it has fewer than two letters.

    Examples
    --------
    >>> from crmlab.simulate.mess.words import mess_words
    >>> [misspell("Novak", die, mess_words("hr")) for die in range(4)]
    ['Bovak', 'ovak', 'Nnovak', 'Onvak']
    """
    places = [place for place, letter in enumerate(text) if letter.isalpha()]
    if len(places) < 2:
        return text
    die, way = divmod(die, 4)
    die, rank = divmod(die, len(places))
    place = places[rank]
    head, letter, tail = text[:place], text[place], text[place + 1 :]
    near = words.neighbours.get(letter.lower(), "")
    if way == 0 and near:
        new = near[die % len(near)]
        return head + (new.upper() if letter.isupper() else new) + tail
    if way == 1:
        return head + tail
    after = tail[:1]
    if way == 3 and after.isalpha() and after.lower() != letter.lower():
        first = after.upper() if letter.isupper() else after.lower()
        second = letter.upper() if after.isupper() else letter.lower()
        return head + first + second + tail[1:]
    return head + letter + letter.lower() + tail


def lost_marks(text, die, words):
    """Leave out the marks on letters; đ becomes d or dj, ü becomes u or ue.

    Parameters
    ----------
    text, die, words
        As in :func:`misspell`.

    Returns
    -------
    str

    Examples
    --------
    >>> lost_marks("Đurđević", 0, None), lost_marks("Đurđević", 1, None)
    ('Durdevic', 'Djurdjevic')
    """
    return text if text.isascii() else text.translate(_BARE[die % 2])


def confused_c(text, die, words):
    """Write one č as ć, or one ć as č.

    Parameters
    ----------
    text, die, words
        As in :func:`misspell`.

    Returns
    -------
    str

    Examples
    --------
    >>> confused_c("Kovačić", 0, None), confused_c("Kovačić", 1, None)
    ('Kovaćić', 'Kovačič')
    """
    return text if text.isascii() else _at_one_place(text, _ANY_C, die, lambda found: found.translate(_C))


def confused_ije(text, die, words):
    """Write ije for je, or je for ije.

    Parameters
    ----------
    text, die, words
        As in :func:`misspell`; only where the ``words`` say that the language has both.

    Returns
    -------
    str

    Examples
    --------
    >>> from crmlab.simulate.mess.words import mess_words
    >>> [confused_ije(name, 0, mess_words("hr")) for name in ("Bijelić", "Stjepan", "Novak")]
    ['Bjelić', 'Stijepan', 'Novak']
    """
    if not words.has_ije or "je" not in text:
        return text
    return _at_one_place(text, _IJE, die, lambda found: "je" if found == "ije" else "ije")


def upper_case(text, die, words):
    """Type with the capitals locked.

    Parameters
    ----------
    text, die, words
        As in :func:`misspell`.

    Returns
    -------
    str

    Examples
    --------
    >>> upper_case("Šime Žuvela", 0, None)
    'ŠIME ŽUVELA'
    """
    return text.upper()


def wrong_code_page(text, die, words):
    """Read letters written in code page 1250 (Central European) as 1252 (Western).

    Parameters
    ----------
    text, die, words
        As in :func:`misspell`.

    Returns
    -------
    str

    Examples
    --------
    >>> wrong_code_page("Đuro Kovačić", 0, None)
    'Ðuro Kovaèiæ'
    """
    return text if text.isascii() else text.translate(_AS_1252)


def utf8_twice(text, die, words):
    """Read letters written in UTF-8 as code page 1252, and write that in UTF-8 again.

    Parameters
    ----------
    text, die, words
        As in :func:`misspell`.

    Returns
    -------
    str

    Examples
    --------
    >>> utf8_twice("Jurić", 0, None)
    'JuriÄ‡'
    """
    return text if text.isascii() else text.translate(_TWICE)


def _at_one_place(text, sought, die, change):
    places = list(sought.finditer(text))
    if not places:
        return text
    place = places[die % len(places)]
    return text[: place.start()] + change(place.group()) + text[place.end() :]


def _western(codes):
    """Code page 1252; the five codes it leaves open are kept as control signs, as browsers do."""
    return "".join(bytes([code]).decode("cp1252", errors="ignore") or chr(code) for code in codes)


def _written(letter):
    try:
        return letter.encode("cp1250")
    except UnicodeEncodeError:
        return None


def _bare(letter, which):
    if letter in _SEVERAL:
        return _SEVERAL[letter][which]
    return "".join(sign for sign in unicodedata.normalize("NFD", letter) if not unicodedata.combining(sign))


_BARE = [{code: _bare(chr(code), which) for code in _BEYOND_ASCII} for which in (0, 1)]
_AS_1252 = {code: _western(found) for code in _BEYOND_ASCII if (found := _written(chr(code)))}
_TWICE = {code: _western(chr(code).encode("utf-8")) for code in _BEYOND_ASCII}
