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

    Examples
    --------
    >>> table, moved = put_back(pd.DataFrame({"email": ["091 234 5678"], "phone": ["ana@example.com"]}), "hr")
    >>> table.values.tolist(), sorted(moved)
    ([['ana@example.com', '091 234 5678']], ['email', 'phone'])
    """
    table, moved = customers, {}
    for one, other, where in (
        ("email", "phone", _is_address_for_number),
        ("postcode", "city", _is_town_for_postcode),
        ("first_name", "last_name", _is_surname_first),
    ):
        for _ in range(_ROUNDS):  # what was put back shows more clearly still where names belong
            if one not in table or other not in table:
                break
            rows = np.flatnonzero(where(table[one], table[other], locale))
            if not len(rows):
                break
            table = _exchanged(table, one, other, rows)
            for column in (one, other):
                moved.setdefault(column, []).append(("swapped", rows))
    if "street" in table and "house_number" in table and len(found := _houses(table)):
        table = _split(table, found)
        rows = np.array(sorted(found))
        moved.setdefault("street", []).append(("house_split", rows))
        moved.setdefault("house_number", []).append(("house_split", rows))
    return table, moved


def _judged(column, judge):
    """Judge every different text of a column once; False where there is nothing."""
    codes, found = parts(column)
    return np.array([judge(text) for text in found] + [False], dtype=bool)[codes]


def _is_address_for_number(email, phone, locale):
    has_number = _judged(email, lambda text: "@" not in text and sum(map(str.isdigit, text)) >= 6)
    return _judged(phone, lambda text: "@" in text) & (has_number | email.isna().to_numpy())


def _is_town_for_postcode(postcode, city, locale):
    pattern = words_of(locale).a_postcode
    is_town = _judged(postcode, lambda text: not any(sign.isdigit() for sign in text))
    is_postcode = _judged(city, lambda text: bool(pattern.fullmatch(text.strip().upper())))
    return is_postcode & (is_town | postcode.isna().to_numpy())


def _is_surname_first(first, last, locale):
    """Rows whose two names, by all other rows of the table, are far more usual in each other's field."""
    keys = pd.DataFrame({"f": _keys(first, locale), "l": _keys(last, locale)})
    counts = {field: keys[field].value_counts() for field in keys}
    both = keys.notna().all(axis=1)
    seen = {
        (name, field): keys.loc[both, name].map(counts[field]).fillna(0).to_numpy() - (name == field) + _SMALL
        for name in keys
        for field in keys
    }
    odds = seen["f", "l"] / seen["f", "f"] * seen["l", "f"] / seen["l", "l"]
    found = np.zeros(len(keys), dtype=bool)
    found[both.to_numpy()] = (odds >= _MORE) & (seen["l", "f"] > seen["l", "l"])
    return found


def _keys(column, locale):
    codes, found = parts(column)
    keys = pd.array([folded(text, locale) or pd.NA for text in found] + [pd.NA], dtype="str")
    return pd.Series(keys.take(codes))


def _houses(table):
    """Street and house number of the rows whose house number stands behind the street."""
    street, rows = table["street"], np.flatnonzero(table["house_number"].isna().to_numpy())
    codes, found = parts(street.iloc[rows])
    split = [with_house(text) for text in found] + [None]
    return {row: split[code] for row, code in zip(rows.tolist(), codes.tolist(), strict=True) if split[code]}


def _split(table, found):
    street, house = table["street"].astype(object).to_numpy(), table["house_number"].astype(object).to_numpy()
    street, house = street.copy(), house.copy()
    for row, (name, number) in found.items():
        street[row], house[row] = name, number
    return table.assign(street=_texts(street, table.index), house_number=_texts(house, table.index))


def _exchanged(table, one, other, rows):
    left, right = (table[column].astype(object).to_numpy().copy() for column in (one, other))
    left[rows], right[rows] = right[rows], left[rows]
    return table.assign(**{one: _texts(left, table.index), other: _texts(right, table.index)})


def _texts(values, index):
    return pd.Series(values, index=index, dtype="str")
