"""Errors in phone numbers, e-mail addresses and days of birth, and in the fields they are typed into.

What each takes and gives is said in :mod:`crmlab.simulate.mess.letters`. Addresses stay within the
reserved domains, and numbers within the reserved ranges, whatever happens to them.
"""

from types import SimpleNamespace

from crmlab.simulate.mess.letters import misspell

__all__ = [
    "default_birth_date",
    "email_typo",
    "phone_form",
    "role_address",
    "swapped_day_month",
    "swapped_fields",
    "wrong_merge",
]

_RESERVED = ("example.com", "example.net", "example.org", "exampel.example", "exmaple.example", "eksample.example")
_PLAIN_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_NEAR = {
    key: "".join(row[max(place - 1, 0) : place] + row[place + 1 : place + 2])
    for row in _PLAIN_KEYS
    for place, key in enumerate(row)
}
_PLAIN = SimpleNamespace(neighbours=_NEAR)
_DEFAULT = "1970-01-01"


def phone_form(text, die, words):
    """Write a phone number in one of the ways people write them.

    Parameters
    ----------
    text : str
        As ``+385 93 123 4567``: country, area, the rest in groups.
    die, words
        As in :func:`crmlab.simulate.mess.letters.misspell`.

    Returns
    -------
    str

    Examples
    --------
    >>> [phone_form("+385 93 123 4567", die, None) for die in (0, 1, 2, 3)]
    ['093/123-4567', '093 1234567', '0931234567', '00385931234567']
    >>> [phone_form("+385 93 123 4567", die, None) for die in (4, 5, 6)]
    ['+385931234567', '+385 (0)93 123 4567', '385 93 123 4567']
    """
    country, area, *rest = text.lstrip("+").split(" ")
    if not text.startswith("+") or not rest:
        return text
    line, grouped = "".join(rest), " ".join(rest)
    ways = (
        f"0{area}/{'-'.join(rest)}",
        f"0{area} {line}",
        f"0{area}{line}",
        f"00{country}{area}{line}",
        f"+{country}{area}{line}",
        f"+{country} (0){area} {grouped}",
        f"{country} {area} {grouped}",
    )
    return ways[die % len(ways)]


def email_typo(text, die, words):
    """Slip in the domain of an address.

    Parameters
    ----------
    text, die, words
        As in :func:`crmlab.simulate.mess.letters.misspell`.

    Returns
    -------
    str

    Examples
    --------
    >>> [email_typo("ana@posta.example", die, None) for die in range(4)]
    ['ana@oosta.example', 'ana@osta.example', 'ana@pposta.example', 'ana@opsta.example']
    >>> email_typo("ana@example.com", 0, None)
    'ana@example.net'
    """
    name, at, domain = text.partition("@")
    if not at:
        return text
    if domain in _RESERVED:
        others = [one for one in _RESERVED if one != domain]
        return f"{name}@{others[die % len(others)]}"
    return f"{name}@{misspell(domain.removesuffix('.example'), die, _PLAIN)}.example"


def role_address(text, die, words):
    """Put an office, or a way of saying "none", in the place of the person.

    Parameters
    ----------
    text, die
        As in :func:`crmlab.simulate.mess.letters.misspell`.
    words : Words
        Knows the ``roles``.

    Returns
    -------
    str

    Examples
    --------
    >>> from crmlab.simulate.mess.words import mess_words
    >>> [role_address("ana@posta.example", die, mess_words("hr")) for die in (0, 4)]
    ['info@posta.example', 'nema@posta.example']
    """
    _, at, domain = text.partition("@")
    return words.roles[die % len(words.roles)] + at + domain if at else text


def swapped_day_month(text, die, words):
    """Read 3 April as 4 March.

    Parameters
    ----------
    text : str
        A day, year first.
    die, words
        Not needed.

    Returns
    -------
    str

    Examples
    --------
    >>> swapped_day_month("1986-04-03", 0, None), swapped_day_month("1986-04-13", 0, None)
    ('1986-03-04', '1986-04-13')
    """
    year, month, day = text.split("-")
    return f"{year}-{day}-{month}" if int(day) <= 12 else text


def default_birth_date(text, die, words):
    """Type the day that the form accepts: 1 January 1970.

    Parameters
    ----------
    text : str or None
        A day, year first; also where none is known.
    die, words
        Not needed.

    Returns
    -------
    str

    Examples
    --------
    >>> default_birth_date(None, 0, None)
    '1970-01-01'
    """
    return _DEFAULT


def swapped_fields(cells, die, words):
    """Type two cells into each other's field.

    Parameters
    ----------
    cells : tuple of str
        The two.
    die, words
        Not needed.

    Returns
    -------
    tuple of str

    Examples
    --------
    >>> swapped_fields(("ana@posta.example", "+385 93 123 4567"), 0, None)
    ('+385 93 123 4567', 'ana@posta.example')
    """
    return cells[::-1]


def wrong_merge(cells, other, die):
    """Keep what a merge with another person's record left behind; what was not known stays so.

    Parameters
    ----------
    cells : tuple of str
        E-mail, phone, day of birth, identity number and account.
    other : tuple of str
        The same of the other person.
    die : int
        Which of the cells are the other's: at least the phone number.

    Returns
    -------
    tuple of str

    Examples
    --------
    >>> wrong_merge(("a@example.com", "1", "1980-01-01", "2", "3"), ("b@example.com", "9", "1975-01-01", "8", "7"), 1)
    ('b@example.com', '9', '1980-01-01', '2', '3')
    """
    takes = (die & 1, 1, die >> 1 & 1, die >> 2 & 1, die >> 3 & 1)
    both = zip(cells, other, takes, strict=True)
    return tuple(theirs if take and mine is not None and theirs is not None else mine for mine, theirs, take in both)
