"""Whether identity and account numbers pass their check digits, for a whole column at once."""

import numpy as np
import pyarrow.compute as pc

__all__ = ["iban_passes", "oib_passes"]

_LETTER = 55  # A is 10, B is 11 …: the code of the sign less 55


def oib_passes(numbers):
    """Tell which personal identification numbers (OIB) pass their check digit.

    ISO 7064, MOD 11,10: https://www.iso.org/standard/31531.html

    Parameters
    ----------
    numbers : pyarrow.Array of large_string
        Eleven digits each.

    Returns
    -------
    ndarray of bool

    Examples
    --------
    >>> import pyarrow as pa
    >>> oib_passes(pa.array(["33392005961", "33392005962"], pa.large_string())).tolist()
    [True, False]
    """
    digits = _signs(numbers, 11).astype(np.int16) - ord("0")
    rest = np.full(len(digits), 10, dtype=np.int16)
    for place in range(10):
        rest = (rest + digits[:, place]) % 10
        rest = np.where(rest == 0, 10, rest) * 2 % 11
    return (11 - rest) % 10 == digits[:, 10]


def iban_passes(numbers):
    """Tell which account numbers (IBAN) pass their check digits.

    ISO 13616 with ISO 7064, MOD 97-10: the first four signs go to the end, A stands for
    10, B for 11 …, and the number divided by 97 leaves 1.

    Parameters
    ----------
    numbers : pyarrow.Array of large_string
        Capital letters and digits without blanks, each four signs or more.

    Returns
    -------
    ndarray of bool

    Examples
    --------
    >>> import pyarrow as pa
    >>> iban_passes(pa.array(["HR1210010051863000160", "HR1310010051863000160"], pa.large_string())).tolist()
    [True, False]
    """
    most = pc.max(pc.utf8_length(numbers)).as_py() or 0
    signs = _signs(numbers, max(most, 4)).astype(np.int64)
    rest = np.zeros(len(signs), dtype=np.int64)
    for place in [*range(4, signs.shape[1]), *range(4)]:
        sign = signs[:, place]
        is_digit = sign < ord("A")
        step = np.where(is_digit, rest * 10 + sign - ord("0"), rest * 100 + sign - _LETTER) % 97
        rest = np.where(sign == 0, rest, step)
    return rest == 1


def _signs(texts, width):
    """The signs of ASCII texts as numbers, one row each, 0 after the end."""
    return np.array(texts.to_pylist(), dtype=f"S{width}").view("u1").reshape(len(texts), width)
