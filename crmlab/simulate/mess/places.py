"""Errors in addresses: forms of streets and house numbers, a neighbour's postcode, an address left long ago.

What each takes and gives is said in :mod:`crmlab.simulate.mess.letters`.
"""

import re

__all__ = ["house_form", "neighbour_postcode", "stale_address", "street_form"]

_HOUSE = re.compile(r"(\d+)([a-z]?)")
_WITH_LETTER = ("{0} {1}", "{0}{1}", "{0}/{1}", "{0}-{1}")
_SELDOM = 8


def street_form(text, die, words):
    """Shorten the word for street, write it small, or leave it out.

    Parameters
    ----------
    text, die
        As in :func:`crmlab.simulate.mess.letters.misspell`.
    words : Words
        Knows the ``street_forms``.

    Returns
    -------
    str

    Examples
    --------
    >>> from crmlab.simulate.mess.words import mess_words
    >>> [street_form("Ulica kralja Tomislava", die, mess_words("hr")) for die in range(4)]
    ['Ul. kralja Tomislava', 'ul. kralja Tomislava', 'Ul.kralja Tomislava', 'kralja Tomislava']
    """
    for form, others in words.street_forms.items():
        if form in text:
            return text.replace(form, others[die % len(others)], 1).strip()
    return text


def house_form(text, die, words):
    """Write 12a as 12 A or 12/A, 12 as br. 12 or 12.; now and then say that there is no number (bb).

    Parameters
    ----------
    text, die
        As in :func:`crmlab.simulate.mess.letters.misspell`.
    words : Words
        Knows the word for number and, where it is in use, the sign for none.

    Returns
    -------
    str

    Examples
    --------
    >>> from crmlab.simulate.mess.words import mess_words
    >>> [house_form("12a", die, mess_words("hr")) for die in (0, 1, 9, 17, 33)]
    ['bb', '12 A', '12A', '12/A', '12 a']
    >>> [house_form("12", die, mess_words("hr")) for die in (1, 9)]
    ['br. 12', '12.']
    """
    found = _HOUSE.fullmatch(text)
    if not found:
        return text
    number, letter = found.groups()
    die, seldom = divmod(die, _SELDOM)
    if words.without_number and seldom == 0:
        return words.without_number
    if letter:
        ways = [way.format(number, sign) for sign in (letter.upper(), letter) for way in _WITH_LETTER]
        ways.remove(text)
        return ways[die % len(ways)]
    return (f"{words.number_word} {number}", f"{number}.")[die % 2]


def neighbour_postcode(text, die, words):
    """Write the postcode of the next district or town.

    Parameters
    ----------
    text, die
        As in :func:`crmlab.simulate.mess.letters.misspell`.
    words : Words
        Knows the locale's ``postcodes`` in order.

    Returns
    -------
    str

    Examples
    --------
    >>> from crmlab.simulate.mess.words import mess_words
    >>> [neighbour_postcode("10000", die, mess_words("hr")) for die in range(2)]
    ['10010', '10010']
    """
    near = words.near_postcodes.get(text, ())
    return near[die % len(near)] if near else text


def stale_address(cells, die, words):
    """Keep the address from before the last move.

    Parameters
    ----------
    cells : tuple of str
        Street, house number, postcode and town.
    die : int
        The same for all records of a household, so that they left the same place.
    words : Words
        Knows streets and places.

    Returns
    -------
    tuple of str

    Examples
    --------
    >>> from crmlab.simulate.mess.words import mess_words
    >>> stale_address(("Nova ulica", "7", "21000", "Split"), 0, mess_words("hr"))
    ('Ulica kralja Tomislava', '1', '10000', 'Zagreb')
    """
    die, street = divmod(die, 1 << 12)
    die, place = divmod(die, 1 << 10)
    postcode, town = words.place(place << 6)
    old = (words.street(street << 4), str(1 + die % 120), postcode, town)
    return tuple(cell if cell is None else new for cell, new in zip(cells, old, strict=True))
