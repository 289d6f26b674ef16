"""Hold an answer against what is expected, and say exactly what differs."""

import datetime
from collections.abc import Mapping, Set

import numpy as np
import pandas as pd

from crmlab.errors import few
from crmlab.lesson.columns import compare_column, compare_table
from crmlab.lesson.numbers import compare_number
from crmlab.lesson.reading import Differs, a_what, is_many, key_of, moment_of, text_of, the_one_in

__all__ = ["compare", "names_in"]

_YES = {"true", "yes", "da", "1"}
_NO = {"false", "no", "ne", "0"}


def compare(answer, expected, within=None):
    """Hold an answer against what is expected.

    Parameters
    ----------
    answer : object
        Anything a learner may give.
    expected : bool, number, str, timestamp, set, list, dict, Series or DataFrame
        The right answer. A set stands for names in any order. The labels of a Series
        count unless they only number its rows.
    within : float, optional
        Distance at which two numbers still count as equal, in their own unit. Without
        it: 0.5% of the expected number, and none for whole numbers.

    Returns
    -------
    list of str
        What had to be read into the answer, to be said beside the praise.

    Raises
    ------
    Differs
        With one sentence that says what differs.

    Examples
    --------
    >>> compare(0.62, 0.6183)
    []
    >>> compare(62, 0.6183)
    Traceback (most recent call last):
        ...
    crmlab.lesson.reading.Differs: your number is 100 times too large. Is it a percentage...
    """
    asides = []
    if isinstance(expected, pd.DataFrame):
        compare_table(answer, expected, within, asides)
    elif isinstance(expected, Set):
        _compare_names(answer, expected, asides)
    elif is_many(expected):
        compare_column(answer, _column(expected), within, asides)
    else:
        _compare_one(the_one_in(answer), expected, within, asides)
    return asides


def _column(expected):
    return expected if isinstance(expected, pd.Series) else pd.Series(expected)


def _compare_one(answer, expected, within, asides):
    if isinstance(expected, bool | np.bool_):
        if _yes_or_no(answer) != bool(expected):
            raise Differs("it is the other one. Look at the figures once more.")
    elif isinstance(expected, str):
        if is_many(answer):
            raise Differs(f"one text is asked. This is {a_what(answer)}.")
        if text_of(answer) != text_of(expected):
            raise Differs(f'it is not "{str(answer)[:40]}".')
    elif isinstance(expected, datetime.date):
        _compare_moments(moment_of(answer), moment_of(expected))
    else:
        compare_number(answer, expected, within, asides)


def _yes_or_no(answer):
    if isinstance(answer, bool | np.bool_):
        return bool(answer)
    word = str(answer).strip().casefold() if isinstance(answer, str | int | np.integer) else ""
    if word not in _YES | _NO:
        raise Differs(f"True or False is asked. This is {a_what(answer)}.")
    return word in _YES


def _compare_moments(got, want):
    if want == want.normalize():
        got = got.normalize()
    if got != want:
        days = abs(got.normalize() - want.normalize()).days
        side = "late" if got > want else "early"
        raise Differs(
            f"your date is {days:,} day{'' if days == 1 else 's'} too {side}."
            if days
            else "the day is right, the time of day is not."
        )


def _compare_names(answer, expected, asides):
    """Names in any order: the values count, or the labels when the answer is a selection of rows."""
    want = {key_of(name) for name in expected}
    offers = names_in(answer, 10 * len(want) + 100)
    said, got, _ = max(offers, key=lambda offer: len(offer[1] & want))
    missing, extra = want - got, [name for name in got if name not in want]
    if not missing and not extra:
        asides.extend(said)
        return
    parts = [f"{len(missing):,} of {len(want):,} missing" if missing else "all are there"]
    if extra:
        strangers = few(sorted(str(name)[:20] for name in extra))
        parts.append(f"{len(extra):,} do{'es' if len(extra) == 1 else ''} not belong: {strangers}")
    raise Differs(f"{', and '.join(parts)}.")


def names_in(answer, most):
    """Read several names out of an answer, each way they may be meant.

    Returns
    -------
    list of (list of str, set, int)
        What had to be read into it, the names, and how many entries repeat one that was there before.
    """
    if not is_many(answer):
        answer = [answer]
        if not isinstance(answer[0], str | int | float | np.generic):
            raise Differs(f"several names are asked. This is {a_what(answer[0])}.")
    if len(answer) > most:
        raise Differs(f"these are {len(answer):,}, far too many.")
    if _is_mask(answer):
        raise Differs(
            "these are True and False, one for each row: they only say who is meant. Select with them first, "
            "`table[mask]`, then give the labels of the rows that are left, `.index`."
        )
    if isinstance(answer, pd.DataFrame):
        offers = [([f"I took your column {name}."], answer[name]) for name in answer.columns]
    elif isinstance(answer, Mapping):
        return [([], *_keys(answer)), ([], *_keys(answer.values()))]
    else:
        offers = [([], np.ravel(answer) if isinstance(answer, np.ndarray) else answer)]
    if isinstance(answer, pd.DataFrame | pd.Series):
        offers.append((["I took the labels of your rows."], answer.index))
    return [(said, *_keys(names)) for said, names in offers]


def _is_mask(answer):
    """Tell a column that says True or False of every row from the labels of those it says True of."""
    values = answer.iloc[:, 0] if isinstance(answer, pd.DataFrame) and answer.shape[1] == 1 else answer
    if isinstance(values, pd.DataFrame | Mapping | Set):
        return False
    flags = list(np.ravel(values) if isinstance(values, np.ndarray) else values)
    return bool(flags) and all(isinstance(flag, bool | np.bool_) for flag in flags) and not all(flags)


def _keys(names):
    keys = [key_of(name) for name in names]
    if any(isinstance(key, list | dict | set | pd.Series | pd.DataFrame | np.ndarray) for key in keys):
        raise Differs("your list holds further lists. One plain list of names is asked.")
    return set(keys), len(keys) - len(set(keys))
