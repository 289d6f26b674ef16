"""Phone, identity and account numbers that look right and can reach nobody."""

from functools import lru_cache

import numpy as np
import pyarrow as pa

from crmlab.simulate.columns import digits, equally_wide, joined
from crmlab.simulate.dice import lookup

__all__ = ["ibans", "oibs", "phones"]


def phones(block, rules, kind="phone", person=None):
    """Give each person a phone number of a range that belongs to nobody.

    Parameters
    ----------
    block : Block
    rules : dict
        The locale's ``country``, ``prefixes`` and digit ``groups``.
    kind : str, default="phone"
        What the numbers are for.
    person : ndarray of int64, optional
        Whose numbers; without it, those of the block's persons.

    Returns
    -------
    pyarrow.Array
        Such as ``+385 93 123 4567``; no two alike while the range lasts
        (16 million people in hr, 4 million in en).
    """
    size = 10 ** sum(rules["groups"])
    pool = size * len(rules["prefixes"])
    bits = pool.bit_length() - 1
    person = block.person if person is None else person
    spread = block.dice.scramble(person % (1 << bits), bits, "people", kind) * pool >> bits
    prefix, rest = np.divmod(spread, size)
    head = _taken([f"{rules['country']} {prefix} " for prefix in rules["prefixes"]], prefix)
    groups = digits(rest, rules["groups"])
    return joined(head, groups[0], *(part for group in groups[1:] for part in (" ", group)))


def oibs(block, rules):
    """Give each person an OIB whose check digit is wrong.

    Parameters
    ----------
    block : Block
    rules : dict
        Number of ``digits``, the check digit among them.

    Returns
    -------
    pyarrow.Array
        Eleven digits; no two persons share the first ten.

    Notes
    -----
    The right check digit is ISO 7064, MOD 11,10.
    """
    width = rules["digits"] - 1
    bits = (10**width).bit_length() - 1
    number = block.dice.scramble(block.person, bits, "people", "oib")
    wrong = 1 + block.draw("people", "oib_check").integers(0, 9, block.size)
    check = (mod_11_10(number, width) + wrong) % 10
    return joined(*digits(number * 10 + check, [3, 4, 4]))


def mod_11_10(numbers, width):
    """Work out the check digit of ISO 7064, MOD 11,10.

    Parameters
    ----------
    numbers : array of int
        The digits before the check digit, as numbers.
    width : int
        How many digits that is, leading zeros included.

    Returns
    -------
    ndarray of int64

    Examples
    --------
    >>> mod_11_10([3339200596], 10).tolist()
    [1]
    """
    rest, state = np.asarray(numbers, dtype=np.int64), 10
    for place in range(4 * ((width - 1) // 4), -1, -4):  # four digits at once
        head, rest = np.divmod(rest, 10**place)
        state = _states(min(4, width - place))[state, head]
    return (11 - state.astype(np.int64)) % 10


@lru_cache
def _states(width):
    """State after so many digits, by the state before (1 to 10) and the digits."""
    numbers = np.arange(10**width)
    state = np.arange(11, dtype=np.int64)[:, None]
    for place in range(width - 1, -1, -1):
        state = (state + numbers // 10**place % 10) % 10
        state = np.where(state == 0, 10, state) * 2 % 11
    return state.astype(np.uint8)


def ibans(block, rules, country):
    """Give each person a bank account whose check digits are wrong.

    Parameters
    ----------
    block : Block
    rules : dict
        The locale's made-up ``banks`` and the number of ``digits`` of an account.
    country : str
        Two letters.

    Returns
    -------
    pyarrow.Array

    Notes
    -----
    The right check digits are ISO 7064, MOD 97-10.
    """
    banks, width = rules["banks"], rules["digits"]
    bank = block.pick(lookup([1] * len(banks)), block.size, "people", "iban_bank")
    account = block.draw("people", "iban_account").integers(0, 10**width, block.size)
    wrong = block.draw("people", "iban_check").integers(0, 96, block.size)
    right = mod_97([_as_digits(name) for name in banks], bank, account, width, _as_digits(country))
    check = 2 + (right - 2 + 1 + wrong) % 97  # 02 to 98, never the right one
    head, parts = _taken(banks, bank), digits(account, [4] * (width // 4) + [width % 4] * (width % 4 > 0))
    return joined(country, *digits(check, [2]), head, *parts)


def mod_97(banks, bank, account, width, country):
    """Work out the check digits of an IBAN.

    Parameters
    ----------
    banks : list of str
        Each bank's code, letters written as numbers (A is 10).
    bank : array of int
        Which bank each account is of.
    account : array of int
        Account numbers.
    width : int
        How many digits an account has.
    country : str
        The country, letters written as numbers.

    Returns
    -------
    ndarray of int64
        98 less the remainder by 97: from 2 to 98.

    Examples
    --------
    >>> mod_97(["1001005"], [0], [1863000160], 10, "1727").tolist()
    [12]
    """
    tail = 10 ** (len(country) + 2)
    heads = np.array([int(code) % 97 for code in banks])[np.asarray(bank)]
    rest = (heads * (10**width % 97) + np.asarray(account) % 97) % 97
    return 98 - (rest * (tail % 97) + int(country) * 100) % 97


def _as_digits(text):
    return "".join(str(int(sign, 36)) for sign in text)


def _taken(texts, codes):
    if len({len(text) for text in texts}) == 1:
        return equally_wide(texts)[codes]
    return pa.array(texts, pa.large_string()).take(pa.array(codes))
