"""Rules of consistency: do the cells of one record, and the records of one table, agree with each other?"""

import numpy as np

from crmlab.quality.letters import folded
from crmlab.quality.mojibake import repaired
from crmlab.quality.view import Found

__all__ = ["consistency"]

_NAMES = ("first_name", "last_name")
_TYPED = (*_NAMES, "street", "city")
_MAIN_SHARE, _MAIN_LEAST = 0.8, 5  # a spelling is the usual one when four fifths write so, and at least five
_SELDOM = 0.1  # a town is odd for a postcode when ten times as many records name another
_SIDES = 5  # a word belongs to the other field when it stands there five times as often
_OLDEST_YEARS = 110
_SHORTEST_PART = 3
_NO_LETTER = {code: None for code in range(128) if not chr(code).isalpha()}
_NOTHING = ("\0",)  # stands in no address
_YEAR = np.timedelta64(365, "D")


def consistency(view):
    """Hold each record's cells against each other, and each spelling against the usual one.

    What is usual is learned from the table itself: the town most records with a postcode
    name, the spelling most of them use. A small table teaches little, and little is said.

    Parameters
    ----------
    view : View

    Yields
    ------
    Found
    """
    for column in _TYPED:
        if view.has(column):
            yield _capitals(view, column)
            yield _spelling(view, column)
    if view.has(*_NAMES):
        yield _own_field(view)
    if view.has("postcode", "city"):
        yield _town(view)
    if view.has("email"):
        looked = view.is_good("email") & ~view.is_firm
        promise = "an address of the person, not of an office (info@…)"
        yield Found("consistency", "email", "own_address", promise, looked, looked & view.is_office)
        if view.has(*_NAMES):
            yield _email_fits(view, looked & ~view.is_office)
    if view.has("birth_date", "created_at"):
        born, opened = view.dates("birth_date"), view.dates("created_at")
        looked = view.is_good("birth_date") & ~np.isnat(born) & ~np.isnat(opened)
        failed = looked & ((born > opened) | (opened - born > _OLDEST_YEARS * _YEAR))
        promise = f"born before the record was opened, and {_OLDEST_YEARS} years before at most"
        yield Found("consistency", "birth_date", "born_before_opened", promise, looked, failed)
    if view.has("updated_at", "created_at"):
        changed, opened = view.dates("updated_at"), view.dates("created_at")
        looked = ~np.isnat(changed) & ~np.isnat(opened)
        failed = looked & (changed < opened)
        yield Found(
            "consistency", "updated_at", "changed_after_opened", "not before the record was opened", looked, failed
        )


def _capitals(view, column):
    cells = view.cells(column)
    texts = cells.texts.to_pylist()
    plain = np.array([_is_plain(text) for text in texts], dtype=bool)
    looked = view.is_good(column) & cells.rows([any(sign.isalpha() for sign in text) for text in texts])
    promise = "a capital where a name begins, and not everywhere"
    return Found("consistency", column, "capitals", promise, looked, looked & ~cells.rows(plain), is_doubtful=True)


def _is_plain(text):
    letters = "".join(sign for sign in text if sign.isalpha())
    return len(letters) < _SHORTEST_PART or not (letters.isupper() or letters.islower())


def _spelling(view, column):
    """Marks and letters as most others write the same name: Horvatić, not Horvatic."""
    cells, looked = view.cells(column), view.is_good(column)
    counts = np.bincount(cells.codes[looked], minlength=len(cells.texts))
    usual, number = {}, {}
    written = [repaired(text, view.locale).casefold() for text in cells.texts.to_pylist()]
    keys = [folded(text, view.locale) for text in written]
    for key, text, count in zip(keys, written, counts.tolist(), strict=True):
        number[key] = number.get(key, 0) + count
        usual.setdefault(key, {})
        usual[key][text] = usual[key].get(text, 0) + count
    main = {key: max(forms, key=forms.get) for key, forms in usual.items()}
    known = {key for key, text in main.items() if usual[key][text] >= max(_MAIN_LEAST, _MAIN_SHARE * number[key])}
    breaks = [key in known and text != main[key] for key, text in zip(keys, written, strict=True)]
    looked = looked & cells.rows([key in known for key in keys])
    promise = "letters and marks as most records write this name"
    return Found("consistency", column, "spelling", promise, looked, looked & cells.rows(breaks))


def _own_field(view):
    """First and last name each in their own field, as far as the table knows which is which."""
    first, last = (
        view.cells(column).regrouped(
            [folded(text, view.locale) or None for text in view.cells(column).texts.to_pylist()]
        )
        for column in _NAMES
    )
    as_first, as_last = _times(first), _times(last)
    swapped_first = [as_last.get(key, 0) >= _SIDES * as_first[key] for key in first.texts.to_pylist()]
    swapped_last = [as_first.get(key, 0) >= _SIDES * as_last[key] for key in last.texts.to_pylist()]
    looked = view.is_good("first_name") & view.is_good("last_name")
    failed = looked & first.rows(swapped_first) & last.rows(swapped_last)
    return Found(
        "consistency", "first_name", "own_field", "first and last name each in their own field", looked, failed
    )


def _times(cells):
    counts = np.bincount(cells.codes[cells.is_filled], minlength=len(cells.texts))
    return dict(zip(cells.texts.to_pylist(), counts.tolist(), strict=True))


def _town(view):
    """The town that records with this postcode name, as far as there are enough of them."""
    postcode, city = view.cells("postcode"), view.cells("city")
    town = city.regrouped([folded(text, view.locale) or None for text in city.texts.to_pylist()])
    both = view.is_good("postcode") & view.is_good("city") & town.is_filled
    width = len(town.texts) + 1
    pair = postcode.codes.astype(np.int64) * width + town.codes
    different, at, count = np.unique(pair[both], return_inverse=True, return_counts=True)
    main = np.zeros(len(postcode.texts) + 1, dtype=np.int64)
    np.maximum.at(main, different // width, count)
    of_main = main[different // width]
    looked, failed = np.zeros(len(view), dtype=bool), np.zeros(len(view), dtype=bool)
    looked[both] = (of_main >= _MAIN_LEAST)[at]
    failed[both] = ((of_main >= _MAIN_LEAST) & (count <= _SELDOM * of_main))[at]
    return Found(
        "consistency", "postcode", "fits_town", "the town most records with this postcode name", looked, failed
    )


def _email_fits(view, looked):
    """A part of the name stands in the name of the mailbox."""
    cells = view.cells("email")
    boxes = [_letters(text.partition("@")[0], view.locale) for text in cells.texts.to_pylist()]
    looked = looked & cells.rows([len(box) >= _SHORTEST_PART for box in boxes])
    looked &= view.is_good("first_name") | view.is_good("last_name")
    rows = np.flatnonzero(looked)
    names = [_parts(view, column)[view.cells(column).codes[rows]].tolist() for column in _NAMES]
    failed = np.zeros(len(view), dtype=bool)
    failed[rows] = [
        last[0] not in box and first[0] not in box and not any(part in box for part in first + last)
        for box, first, last in zip((boxes[code] for code in cells.codes[rows].tolist()), *names, strict=True)
    ]
    promise = "a part of the name stands in the address"
    return Found("consistency", "email", "fits_name", promise, looked, failed, is_doubtful=True)


def _parts(view, column):
    """The parts of each different name, in small letters without marks; the last is for no name."""
    texts = view.cells(column).texts.to_pylist()
    out = np.empty(len(texts) + 1, dtype=object)
    for place, text in enumerate(texts):
        keys = [_letters(word, view.locale) for word in folded(text, view.locale).split()]
        keys += [key.replace("dj", "d") for key in keys if "dj" in key]
        out[place] = tuple(key for key in keys if len(key) >= _SHORTEST_PART) or _NOTHING
    out[-1] = _NOTHING
    return out


def _letters(text, locale):
    small = text.lower().translate(_NO_LETTER)
    return small if small.isascii() else folded(small, locale).replace(" ", "").translate(_NO_LETTER)
