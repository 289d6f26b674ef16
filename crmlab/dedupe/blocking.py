"""Which pairs are looked at at all: several keys, each held to a limit, none of which can explode."""

from itertools import product

import numpy as np
import pandas as pd

from crmlab.quality.uniques import each_once

__all__ = ["KEYS", "Blocks", "blocked", "codes_of"]

# A key is a ladder: a value that too many records share is looked at together with the next fields, and at the end of
# the ladder only with its nearest neighbours. "names" and "sounds" are the same whichever way round names are written.
KEYS = {
    "phone": (("phone",), ("first",), ("last",)),
    "email": (("mailbox",), ("first", "last"), ("city",)),
    "oib": (("oib",), ("first", "last")),
    "iban": (("iban",), ("first", "last")),
    "name": (("names",), ("city",), ("street",), ("house",)),
    "surname and birth": (("last", "birth"), ("first",)),
    "first name and birth": (("first", "birth"), ("last",)),
    "birth": (("birth",), ("sound_first",), ("city",)),
    "address": (("street", "house"), ("city",), ("last",), ("first",)),
    "company": (("company",), ("city",), ("street",)),
}
# For what the others lose, held to a lower limit.
LOOSE = {
    "surname": (("sound_last",), ("city",), ("street",), ("house",)),
    "a name and a word of the street": (("a_sound", "a_word"), ("house",), ("city",)),
}
# In a large base these bring almost nothing that the others do not, and cost as much as all of them.
IN_SMALL_BASES = {
    "first name": (("sound_first",), ("city",), ("street",), ("house",)),
    "a name and place": (("a_sound", "spot"), ("house",), ("birth_year",)),
    "place and a word of the street": (("spot", "a_word"), ("house",), ("sound_last",)),
    "place and house": (("city", "house"), ("sound_last",)),
    "postcode and house": (("spot", "house"), ("sound_first",)),
}
_SMALL = 200_000
# The limit of a block falls with the number of records, so that pairs grow no faster than records.
_LARGEST, _LIMIT, _LIMIT_OF_LOOSE = 100, (600_000, 5), (300_000, 3)
_EITHER = {"a_sound": ("sound_first", "sound_last"), "a_word": ("word", "other_word")}
_NEIGHBOURS = 2
_MIX = np.uint64(0x9E3779B97F4A7C15)


class Blocks:
    """Candidate pairs and the report of how they came about.

    Attributes
    ----------
    left, right : ndarray of int64
        Places of the two records, the lower one left; in order.
    keys : ndarray of int
        For each pair, one bit per key that made it.
    report : pandas.DataFrame
        One row per key: pairs, largest_block, too_large, adds.
    """

    def __init__(self, left, right, keys, report):
        self.left, self.right, self.keys, self.report = left, right, keys, report


def codes_of(fields):
    """Give each field numbers for its values, -1 where there is none.

    Parameters
    ----------
    fields : pandas.DataFrame
        As :func:`crmlab.dedupe.columns.derived` gives them.

    Returns
    -------
    dict of str to ndarray of int64
        The fields, and what keys are made of beside them: names whichever way round, sounds, words of the street.
    """
    out = {name: pd.factorize(fields[name])[0].astype(np.int64) for name in fields}
    n = len(fields)
    first, last = np.split(pd.factorize(pd.concat([fields["first"], fields["last"]]))[0].astype(np.int64), 2)
    out["names"] = _both_ways(first, last, n)
    sounds = [_sound(fields[name]) for name in ("first", "last")]
    one, two = np.split(pd.factorize(pd.concat(sounds))[0].astype(np.int64), 2)
    out["sound_first"], out["sound_last"] = one, two
    out["spot"] = pd.factorize(each_once(fields["postcode"], lambda text: "".join(sorted(text))))[0].astype(np.int64)
    words = [each_once(fields["street"], lambda text, place=place: _word(text, place)) for place in (0, 1)]
    out["word"], out["other_word"] = np.split(pd.factorize(pd.concat(words))[0].astype(np.int64), 2)
    out["birth_year"] = pd.factorize(fields["birth"].str[:4])[0].astype(np.int64)
    return out


def _word(street, place):
    """The longest words of a street."""
    words = sorted(street.split(), key=lambda word: (-len(word), word))
    return words[place][:4] if len(words) > place and len(words[place]) > 3 else pd.NA


def _both_ways(one, two, n):
    both = np.where((one >= 0) & (two >= 0), np.minimum(one, two) * (2 * n + 1) + np.maximum(one, two), -1)
    return both


def _sound(names):
    """First letter and the next two consonants."""
    return each_once(names, _heard)


_HEARD = str.maketrans("kqczsgjyvwdtpb", "kkcssgiivvttbb", "aeiouh ")


def _heard(name):
    return (name[0] + name[1:].translate(_HEARD))[:3]


def blocked(codes):
    """Choose the pairs that are looked at.

    Parameters
    ----------
    codes : dict of str to ndarray of int64
        As :func:`codes_of` gives them.

    Returns
    -------
    Blocks
    """
    n = len(codes["first"])
    found, rows = [], []
    loose = LOOSE | (IN_SMALL_BASES if n < _SMALL else {})
    for number, (name, ladder) in enumerate((KEYS | loose).items()):
        most, least = _LIMIT_OF_LOOSE if name in loose else _LIMIT
        pairs, row = _climb(codes, ladder, n, int(np.clip(most / max(n, 1), least, _LARGEST)))
        rows.append({"key": name, **row})
        found.append((number, pairs))
    code = np.unique(np.concatenate([pairs for _, pairs in found]))
    keys = np.zeros(len(code), np.int32)
    for number, pairs in found:
        keys[np.searchsorted(code, pairs)] |= 1 << number
    for number, row in enumerate(rows):
        row["adds"] = int((keys & ((2 << number) - 1) == 1 << number).sum())
    left, right = np.divmod(code, max(n, 1))
    return Blocks(left, right, keys, pd.DataFrame(rows).set_index("key"))


def _climb(codes, ladder, n, largest):
    """Pair the records of one key: what is too large for one step is looked at by the next."""
    ways = [dict(zip(_EITHER, way, strict=True)) for way in product(*_EITHER.values())]
    first = list(dict.fromkeys(tuple(way.get(name, name) for name in ladder[0]) for way in ways))
    rows = np.tile(np.arange(n), len(first))
    value = np.concatenate([_mixed(codes, way) for way in first])
    known = value != 0
    rows, value = rows[known], value[known]
    out, top, too_large = [], 0, 0
    for number, step in enumerate(ladder):
        if number:
            more = _mixed(codes, step)[rows]
            rows, value = rows[more != 0], (value * np.uint64(0xBF58476D1CE4E5B9) ^ more)[more != 0]
        if not len(rows):
            break
        order = np.argsort(value)
        rows, value = rows[order], value[order]
        starts = np.flatnonzero(np.concatenate([[True], value[1:] != value[:-1]]))
        sizes = np.diff(np.append(starts, len(rows)))
        fits = (sizes > 1) & (sizes <= largest)
        top = max(top, int(sizes[sizes <= largest].max(initial=1)))
        for size in np.unique(sizes[fits]):
            members = rows[starts[fits & (sizes == size)][:, None] + np.arange(size)]
            one, two = np.triu_indices(size, 1)
            out.append(_coded(members[:, one].ravel(), members[:, two].ravel(), n))
        big = np.repeat(sizes > largest, sizes)
        too_large += int((sizes > largest).sum())
        rows, value = rows[big], value[big]
    if len(rows) > 1:
        order = np.lexsort((rows, value))
        rows, value = rows[order], value[order]
        # What is still too large stands in order of the record; only near neighbours are paired.
        for step in range(1, _NEIGHBOURS + 1):
            same = value[step:] == value[:-step]
            out.append(_coded(rows[:-step][same], rows[step:][same], n))
    pairs = _unlike(np.unique(np.concatenate(out)), n) if out else np.zeros(0, np.int64)
    return pairs, {"pairs": len(pairs), "largest_block": top, "too_large": too_large}


def _mixed(codes, names):
    """Mix the values of some fields into one number; 0 where one of them is missing."""
    value = np.zeros(len(codes["first"]), np.uint64)
    known = np.ones(len(value), bool)
    for name in names:
        mixed = (codes[name].astype(np.uint64) + np.uint64(1)) * _MIX
        known &= codes[name] >= 0
        value = value * np.uint64(0xBF58476D1CE4E5B9) ^ (mixed ^ mixed >> np.uint64(29))
    return np.where(known, value | np.uint64(1), np.uint64(0))


def _coded(one, two, n):
    return np.minimum(one, two) * n + np.maximum(one, two)


def _unlike(pairs, n):
    return pairs[pairs // n != pairs % n]
