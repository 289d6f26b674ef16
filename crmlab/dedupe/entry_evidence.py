"""What speaks for and against a record being the customer who is typed in, in bits and in words."""

import numpy as np

from crmlab.dedupe.entry_forms import COLUMNS

__all__ = ["Evidence", "weighed"]

_SAME, _NEAR, _OTHER, _MISSING, _SWAPPED = range(5)
_LEVELS = {_SAME: "same", _NEAR: "similar", _OTHER: "other"}
_BY_NUMBER = ("oib", "iban", "phone", "email")
_TOLD = (*_BY_NUMBER, *(column for column in COLUMNS if column not in _BY_NUMBER))
_NAMES = ("first_name", "last_name")
_MOST_SWAPPED = 9.0  # names the other way round say at most this many bits each
_NEAR_SHARE = 0.5  # a value that is nearly the same says half as much
# What another value says against: people move and change their phone, seldom their day of birth.
_AGAINST = {"first_name": 6.0, "last_name": 4.0, "company_name": 4.0, "birth_date": 7.0, "oib": 10.0, "iban": 1.0}
_SPELT = ("first_name", "last_name", "company_name", "street", "city")
_ADDRESS = ("street", "house_number", "postcode", "city")
_LIKE = 0.88  # Jaro-Winkler similarity from which two names count as nearly the same
_PRIOR = -3.0  # one in eight of those typed in is there already
_SURE = ((5.0, "almost surely"), (0.0, "probably"))


class Evidence:
    """Weights of candidates, and the words for them.

    Parameters
    ----------
    levels : dict of str to ndarray of int
        How each candidate compares in each column.
    bits : ndarray of float64
        log2 of the odds that the candidate is the customer.
    """

    LEAST = -6.0  # candidates with less are not shown

    def __init__(self, levels, bits):
        self.levels, self.bits = levels, bits

    def take(self, order):
        """Keep some candidates, in this order.

        Parameters
        ----------
        order : ndarray of int

        Returns
        -------
        Evidence
        """
        return Evidence({column: level[order] for column, level in self.levels.items()}, self.bits[order])

    def how_sure(self):
        """Say how sure each candidate is.

        Returns
        -------
        list of str
        """
        return [next((words for least, words in _SURE if bits >= least), "perhaps") for bits in self.bits]

    def why(self, number, raw):
        """Say why one record is a candidate, what agrees first.

        Parameters
        ----------
        number : int
            Which candidate.
        raw : dict of str to object
            Its values as they stand in the table.

        Returns
        -------
        str
        """
        said = {_SAME: [], _NEAR: [], _OTHER: []}
        for column in _TOLD:
            level = self.levels[column][number] if column in self.levels else _MISSING
            if level in said:
                said[level].append(_words(column, level, raw[column]))
            elif level == _SWAPPED and column == "last_name":
                said[_SAME].append("first and last name the other way round")
        return ", ".join(text for texts in said.values() for text in texts)


def _words(column, level, raw):
    if column in _BY_NUMBER and level == _SAME:
        return f"same {COLUMNS[column]}"
    shown = f"{raw:%Y-%m-%d}" if hasattr(raw, "strftime") else raw
    return f"{_LEVELS[level]} {COLUMNS[column]} ({shown})"


def weighed(typed, rows, fields, turned):
    """Weigh every candidate: rare values that agree say much, those that differ speak against.

    Parameters
    ----------
    typed : dict of str to str
        What was typed, in plain form.
    rows : ndarray of int
        The candidates.
    fields : dict of str to Field
        All records, by column.
    turned : tuple of int
        The first and last name in the table that are the last and first name typed, −1 where there is none.

    Returns
    -------
    Evidence

    References
    ----------
    I. P. Fellegi & A. B. Sunter, A theory for record linkage, *JASA* 64, 1969: the weight of an agreement is the log of
    how rarely it happens by chance.
    """
    levels, bits = {}, {}
    for column, text in typed.items():
        levels[column], bits[column] = _compared(column, text, rows, fields[column])
    if min(turned) >= 0:
        _swap(rows, fields, turned, levels, bits)
    total = _PRIOR - np.log2(max(len(next(iter(fields.values())).codes), 2)) + _address(levels, bits, len(rows))
    for column, own in bits.items():
        if column not in _ADDRESS:
            total += own
    return Evidence(levels, total)


def _compared(column, text, rows, field):
    """Compare one column of the candidates with what was typed."""
    own = field.codes[rows]
    level = np.where(own < 0, _MISSING, _OTHER)
    bits = np.where(own < 0, 0.0, -_AGAINST.get(column, 0.0))
    code = field.places.get(text, -1)
    if code >= 0:
        is_same = own == code
        level[is_same], bits[is_same] = _SAME, field.worth(code)
    if column in _SPELT:
        near = _alike(text, np.unique(own[level == _OTHER]), field.words)
        for other in near.tolist():
            is_near = own == other
            level[is_near], bits[is_near] = _NEAR, _NEAR_SHARE * field.worth(other)
    return level, bits


def _alike(text, codes, words):
    """Keep the texts that are spelt nearly the same; a first letter stands for its name."""
    from rapidfuzz.distance import JaroWinkler
    from rapidfuzz.process import cdist

    found = [words[code] for code in codes.tolist()]
    if not found:
        return codes
    is_like = cdist([text], found, scorer=JaroWinkler.similarity, score_cutoff=_LIKE)[0] > 0
    if len(text) == 1 or any(len(word) == 1 for word in found):
        is_like |= [min(len(text), len(word)) == 1 and text[0] == word[0] for word in found]
    return codes[is_like]


def _swap(rows, fields, turned, levels, bits):
    """First and last name that stand the other way round agree as well."""
    first, last = (fields[column].codes[rows] for column in _NAMES)
    is_swapped = (first == turned[0]) & (last == turned[1]) & (levels["last_name"] != _SAME)
    for column in _NAMES:
        worth = fields[column].worth(fields[column].codes[rows[is_swapped]])
        bits[column][is_swapped] = np.minimum(worth, _MOST_SWAPPED)
        levels[column][is_swapped] = _SWAPPED


def _address(levels, bits, n):
    """Weigh an address as one: a house says nothing without its street, a town nothing beside its postcode."""
    nothing, none = np.zeros(n), np.full(n, _MISSING)
    level = {column: levels.get(column, none) for column in _ADDRESS}
    worth = {column: bits.get(column, nothing) for column in _ADDRESS}
    street = np.where(level["street"] <= _NEAR, worth["street"], 0.0)
    house = np.select([level["house_number"] == _SAME, level["house_number"] == _OTHER], [2.0, -2.0], 0.0)
    town = np.maximum(np.maximum(worth["postcode"], worth["city"]), 0.0)
    with_street = np.maximum(street + house, town)
    other = np.where(level["street"] == _OTHER, -1.0, 0.0) + np.where(level["postcode"] == _OTHER, -1.0, 0.0)
    return np.where(level["street"] <= _NEAR, with_street, town + other)
