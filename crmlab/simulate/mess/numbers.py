"""Errors in identity numbers and accounts, whose check digits stay wrong.

What each takes and gives is said in :mod:`crmlab.simulate.mess.letters`.
"""

from crmlab.simulate.identity import mod_11_10

__all__ = ["is_checked", "mistyped_number"]

_KEYS = "1234567890"  # as they lie on the keyboard
_BESIDE = {key: _KEYS[place + 1 : place + 2] + _KEYS[max(place - 1, 0) : place] for place, key in enumerate(_KEYS)}
_OIB_DIGITS, _HEAD = 11, 4


def mistyped_number(text, die, words):
    """Slip once on the digits: two neighbours traded, or one taken for the key beside it.

    A slip that would make the check digit right by chance is passed over for the next one.

    Parameters
    ----------
    text, die, words
        As in :func:`crmlab.simulate.mess.letters.misspell`.

    Returns
    -------
    str
        As long as it was; as it was when it has no digit.

    Examples
    --------
    >>> [mistyped_number("12345678901", die, None) for die in (0, 1, 10)]
    ['21345678901', '13245678901', '22345678901']
    """
    slips = _slips(text)
    for step in range(len(slips)):
        place, new = slips[(die + step) % len(slips)]
        slip = text[:place] + new + text[place + len(new) :]
        if not is_checked(slip):
            return slip
    return text


def _slips(text):
    """Each slip as a place and what stands there after it: first trades, then keys beside."""
    trades = [
        (place, text[place + 1] + text[place])
        for place in range(len(text) - 1)
        if text[place : place + 2].isdigit() and text[place] != text[place + 1]
    ]
    return trades + [(place, key) for place, sign in enumerate(text) for key in _BESIDE.get(sign, "")]


def is_checked(text):
    """Say whether the check digits of an identity number or an account are right.

    Parameters
    ----------
    text : str
        Eleven digits are an OIB, all else an IBAN.

    Returns
    -------
    bool

    Examples
    --------
    >>> is_checked("33392005961"), is_checked("33392005962")
    (True, False)
    >>> is_checked("HR1210010051863000160"), is_checked("HR1310010051863000160")
    (True, False)
    """
    if len(text) == _OIB_DIGITS and text.isdigit():
        return int(mod_11_10([int(text[:-1])], _OIB_DIGITS - 1)[0]) == int(text[-1])
    return int("".join(str(int(sign, 36)) for sign in text[_HEAD:] + text[:_HEAD])) % 97 == 1
