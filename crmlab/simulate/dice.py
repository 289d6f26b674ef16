"""Randomness that depends on words alone: the same words give the same dice, wherever and whenever they are thrown."""

import hashlib
from itertools import accumulate

import numpy as np

__all__ = ["Dice", "lookup", "scramble"]

_FACES = 1 << 16
_ROUNDS = 4
_AT_ONCE = 1 << 15


class Dice:
    """Give each column of each block a generator of its own.

    Because no two columns share a generator, a new column changes no other; because a
    block's customers are drawn in order, a smaller base draws the beginning of the same
    stream, and the first n customers stay what they are when the base grows.

    Parameters
    ----------
    *words : str or int
        What the dice depend on, such as the company and the seed.

    Examples
    --------
    >>> dice = Dice("retail", 7)
    >>> dice("people", "first_name", 0).integers(0, 100, 4).tolist()
    [71, 31, 10, 55]
    >>> dice("people", "first_name", 0).integers(0, 100, 6).tolist()
    [71, 31, 10, 55, 4, 74]
    """

    def __init__(self, *words):
        self.words = words

    def __call__(self, table, column, *further):
        """Make the generator of one column.

        Parameters
        ----------
        table, column : str
            What is drawn.
        *further : str or int
            The block, and more words where a column is drawn more than once.

        Returns
        -------
        numpy.random.Generator
        """
        key = int.from_bytes(_digest(*self.words, table, column, *further, size=16), "little")
        return np.random.Generator(np.random.Philox(key=key))

    def scramble(self, numbers, bits, table, column, *further):
        """Trade numbers for numbers of the same range that tell nothing (see :func:`scramble`)."""
        return scramble(numbers, bits, key=_digest(*self.words, table, column, *further, size=16 * _ROUNDS))


def scramble(numbers, bits, *, key):
    """Trade numbers one to one for others of the same range, without order or nearness.

    Parameters
    ----------
    numbers : array of int
        Whole numbers from 0 to ``2**bits - 1``.
    bits : int
        Size of the range, 63 at most.
    key : bytes of length 64
        Which of the many ways of trading.

    Returns
    -------
    ndarray of int64
        No two numbers become the same one.

    Examples
    --------
    >>> swapped = scramble(range(8), 3, key=bytes(range(64)))
    >>> sorted(swapped.tolist())
    [0, 1, 2, 3, 4, 5, 6, 7]
    """
    words = np.frombuffer(key, dtype="<u8").reshape(_ROUNDS, 2)
    mask = np.uint64((1 << bits) - 1)
    half = np.uint64((bits + 1) // 2)
    out = np.array(numbers, dtype=np.uint64)
    for some in np.array_split(out, 1 + len(out) // _AT_ONCE):  # each piece stays in the fast memory of a core
        for factor, shift in words:
            some *= factor | np.uint64(1)  # odd factors lose nothing
            some += shift
            some &= mask
            some ^= some >> half
    return out.view(np.int64)


def lookup(weights):
    """Turn whole weights into a table of 65,536 entries, so that a 16-bit draw picks by weight.

    Parameters
    ----------
    weights : sequence of int
        One weight per choice, 65,536 choices at most.

    Returns
    -------
    ndarray of shape (65536,), uint16
        Each choice as often as its weight asks, to within one entry.

    Examples
    --------
    >>> table = lookup([3, 1])
    >>> (table == 0).mean().item()
    0.75
    """
    sums = list(accumulate(int(weight) for weight in weights))
    ends = [up_to * _FACES // sums[-1] for up_to in sums]
    return np.repeat(np.arange(len(ends), dtype=np.uint16), np.diff(ends, prepend=0))


def _digest(*words, size):
    text = "\x1f".join(map(str, words))
    return hashlib.blake2b(text.encode("utf-8"), digest_size=size).digest()
