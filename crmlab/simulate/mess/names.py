"""Errors in names of persons and firms: short, double, maiden, surname first, forms of a firm.

What each takes and gives is said in :mod:`crmlab.simulate.mess.letters`.
"""

__all__ = ["company_form", "double_surname", "maiden_surname", "short_name", "surname_first"]

_JOINTS = (" ", "-", " - ")


def short_name(text, die, words):
    """Write the short name a person goes by.

    Parameters
    ----------
    text, die
        As in :func:`crmlab.simulate.mess.letters.misspell`.
    words : Words
        Knows the ``short_names``.

    Returns
    -------
    str

    Examples
    --------
    >>> from crmlab.simulate.mess.words import mess_words
    >>> [short_name("Josip", die, mess_words("hr")) for die in range(3)]
    ['Joso', 'Joža', 'Jozo']
    """
    short = words.short_names.get(text)
    return short[die % len(short)] if short else text


def double_surname(text, die, words):
    """Add a second surname, as many do when they marry.

    Parameters
    ----------
    text, die
        As in :func:`crmlab.simulate.mess.letters.misspell`.
    words : Words
        Knows the ``surnames``.

    Returns
    -------
    str

    Examples
    --------
    >>> from crmlab.simulate.mess.words import mess_words
    >>> double_surname("Jurić", 1, mess_words("hr"))
    'Jurić-Horvat'
    """
    die, joint = divmod(die, len(_JOINTS))
    other = words.surname(die)
    return text if other == text else text + _JOINTS[joint] + other


def maiden_surname(text, die, words):
    """Write the surname from before the marriage.

    Parameters
    ----------
    text, die
        As in :func:`crmlab.simulate.mess.letters.misspell`.
    words : Words
        Knows the ``surnames``.

    Returns
    -------
    str

    Examples
    --------
    >>> from crmlab.simulate.mess.words import mess_words
    >>> maiden_surname("Jurić", 0, mess_words("hr"))
    'Horvat'
    """
    return words.surname(die)


def surname_first(cells, die, words):
    """Write the surname into the field of the first name, and the first name into that of the surname.

    Parameters
    ----------
    cells : tuple of str
        First name and surname.
    die, words
        Not needed.

    Returns
    -------
    tuple of str

    Examples
    --------
    >>> surname_first(("Ana", "Novak"), 0, None)
    ('Novak', 'Ana')
    """
    return cells[::-1]


def company_form(text, die, words):
    """Write the form of a firm in another way, take it for another form, or leave it out.

    Parameters
    ----------
    text, die
        As in :func:`crmlab.simulate.mess.letters.misspell`.
    words : Words
        Knows the ``company_forms``: of each form the ways in which it is written.

    Returns
    -------
    str

    Examples
    --------
    >>> from crmlab.simulate.mess.words import mess_words
    >>> [company_form("Lipa d.o.o.", die, mess_words("hr")) for die in range(5)]
    ['Lipa D.O.O.', 'Lipa d. o. o.', 'Lipa doo', 'Lipa j.d.o.o.', 'Lipa']
    """
    for form, others in words.company_forms.items():
        if text.endswith(" " + form):
            return (text[: -len(form)] + others[die % len(others)]).strip()
    return text
