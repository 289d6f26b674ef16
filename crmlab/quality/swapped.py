"""Put cells back that were typed into each other's field."""

import numpy as np
import pandas as pd

from crmlab.quality.letters import folded
from crmlab.quality.streets import with_house
from crmlab.quality.uniques import parts
from crmlab.quality.words import words_of

__all__ = ["put_back"]

# How many times likelier two names must be in each other's field, and what is added to every count so that a name
# never seen elsewhere says little.
_MORE, _SMALL = 40, 0.5
_ROUNDS = 5


def put_back(customers, locale):
    """Put back what stands in the wrong field.

    An e-mail address in the place of the phone number, a town in the place of the
    postcode, a house number behind the street; and a surname in the place of the first
    name, where the table itself shows by how often it holds the two in which field that
    each belongs to the other.

    Parameters
    ----------
    customers : pandas.DataFrame
        It stays as it was.
    locale : str

    Returns
    -------
    table : pandas.DataFrame
    moved : dict of str to list of (str, ndarray of int)
        For each column the rows whose cell came from another field, with the kind of change.
    apart : Apart
        The columns of that table as :func:`crmlab.quality.uniques.parts` gives them.

    Examples
    --------
    >>> table, moved, _ = put_back(pd.DataFrame({"email": ["091 234 5678"], "phone": ["ana@example.com"]}), "hr")
    >>> table.values.tolist(), sorted(moved)
    ([['ana@example.com', '091 234 5678']], ['email', 'phone'])
    """
    apart, moved = Apart(customers), {}
    for one, other, where in (
        ("email", "phone", _is_address_for_number),
        ("postcode", "city", _is_town_for_postcode),
        ("first_name", "last_name", _is_surname_first),
    ):
        for _ in range(_ROUNDS):  # what was put back shows more clearly still where names belong
            if one not in customers or other not in customers:
                break
            rows = np.flatnonzero(where(apart[one], apart[other], locale))
            if not len(rows):
                break
            apart[one], apart[other] = _with(apart[one], rows, apart[other]), _with(apart[other], rows, apart[one])
            for column in (one, other):
                moved.setdefault(column, []).append(("swapped", rows))
    if "street" in customers and "house_number" in customers:
        rows, streets, houses = _houses(apart["street"], apart["house_number"])
        if len(rows):
            for column, cells in (("street", streets), ("house_number", houses)):
                apart[column] = _with(apart[column], rows, cells)
                moved.setdefault(column, []).append(("house_split", rows))
    return customers.assign(**{column: _texts(apart[column], customers.index) for column in moved}), moved, apart


class Apart(dict):
    """The columns of a table, each taken apart into its different texts when first asked for.

    Parameters
    ----------
    table : pandas.DataFrame
    """

    def __init__(self, table):
        super().__init__()
        self._table = table

    def __missing__(self, column):
        """Take apart a column that is asked for the first time."""
        self[column] = parts(self._table[column])
        return self[column]


def _judged(cells, judge):
    """Judge every different text of a column once; False where there is nothing."""
    codes, found = cells
    return np.array([judge(text) for text in found] + [False], dtype=bool)[codes]


def _is_address_for_number(email, phone, locale):
    has_number = _judged(email, lambda text: "@" not in text and sum(map(str.isdigit, text)) >= 6)
    return _judged(phone, lambda text: "@" in text) & (has_number | (email[0] < 0))


def _is_town_for_postcode(postcode, city, locale):
    pattern = words_of(locale).a_postcode
    is_town = _judged(postcode, lambda text: not any(sign.isdigit() for sign in text))
    is_postcode = _judged(city, lambda text: bool(pattern.fullmatch(text.strip().upper())))
    return is_postcode & (is_town | (postcode[0] < 0))


def _is_surname_first(first, last, locale):
    """Rows whose two names, by all other rows of the table, are far more usual in each other's field."""
    numbers = {}
    keys = []
    for codes, found in (first, last):
        of_texts = [folded(text, locale) for text in found]
        of_texts = [numbers.setdefault(key, len(numbers)) if key else -1 for key in of_texts]
        keys.append(np.array([*of_texts, -1])[codes])
    counts = [np.bincount(key[key >= 0], minlength=len(numbers)) for key in keys]
    both = np.flatnonzero((keys[0] >= 0) & (keys[1] >= 0))
    seen = [
        [count[key[both]] - (own is count) + _SMALL for count in counts] for own, key in zip(counts, keys, strict=True)
    ]
    (first_first, first_last), (last_first, last_last) = seen
    odds = first_last / first_first * last_first / last_last
    found = np.zeros(len(first[0]), dtype=bool)
    found[both] = (odds >= _MORE) & (last_first > last_last)
    return found


def _houses(street, house):
    """Rows whose house number stands behind the street; for them the street alone, and the house number."""
    (codes, found), is_empty = street, house[0] < 0
    split = {code: with_house(found[code]) for code in np.unique(codes[is_empty & (codes >= 0)]).tolist()}
    split = {code: both for code, both in split.items() if both}
    place = np.full(len(found) + 1, -1)
    place[list(split)] = np.arange(len(split))
    places = np.where(is_empty, place[codes], -1)
    return np.flatnonzero(places >= 0), *((places, [both[side] for both in split.values()]) for side in (0, 1))


def _with(cells, rows, others):
    """Put the texts of other cells in some rows."""
    (codes, found), (other, texts) = cells, others
    new = other[rows]
    different, place = np.unique(new[new >= 0], return_inverse=True)
    codes = codes.copy()
    codes[rows] = -1
    codes[rows[new >= 0]] = len(found) + place
    return codes, [*found, *(texts[code] for code in different.tolist())]


def _texts(cells, index):
    codes, found = cells
    return pd.Series(pd.array([*found, pd.NA], dtype="str").take(codes), index=index)
