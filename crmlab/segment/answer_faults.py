"""What is wrong with the answers to one item, if anything is."""

import numpy as np
import pandas as pd
from pandas.api import types

from crmlab.errors import CrmlabError, few, message

__all__ = ["checked_scale", "constant", "in_categories", "in_numbers"]

_MOST_LEVELS = 30
_CODES = np.array([77, 88, 97, 98, 99, 777, 888, 997, 998, 999, 7777, 8888, 9998, 9999])
_CODES = np.concatenate([_CODES, -_CODES, [-7, -8, -9]])  # what stands for "did not answer" in many files
_RATINGS = 11  # 0 to 10 is the longest usual scale


def checked_scale(scale):
    """Take the lowest and the highest answer there is, or say why they cannot be.

    Parameters
    ----------
    scale : tuple of (float, float) or None

    Returns
    -------
    tuple of (float, float) or None

    Raises
    ------
    CrmlabError
        For anything but two numbers, the lower first.

    Examples
    --------
    >>> checked_scale((1, 7))
    (1.0, 7.0)
    """
    if scale is None:
        return None
    try:
        low, high = (float(one) for one in scale)
    except (TypeError, ValueError):  # no pair, or words
        low = high = np.nan
    if low < high:
        return low, high
    step = f"write scale=({high:g}, {low:g})." if high < low else "write for instance scale=(1, 7)."
    allowed = "the lowest and the highest answer there is, such as (1, 7)"
    raise CrmlabError(message("scale", f"found {scale!r}.", allowed=allowed, next=step))


def in_numbers(column, scale):
    """Take the answers to an item as numbers, or say why they cannot be.

    Parameters
    ----------
    column : pandas.Series of shape (n_people,)
    scale : tuple of (float, float) or None
        Lowest and highest answer there is. Where it is not known, codes such as 99 are found out.

    Returns
    -------
    tuple of (ndarray of shape (n_people,), None, dict or None)
        The numbers, nothing, and the fault as :func:`crmlab.errors.message` takes it.

    Examples
    --------
    >>> in_numbers(pd.Series([1, 5, 7, 99]), None)[2]["found"]
    '1 answer is 99, the others lie between 1 and 7.'
    """
    numbers, fault = _number(column)
    fault = fault or (_code(numbers[~np.isnan(numbers)]) if scale is None else _off_scale(numbers, scale))
    return numbers, None, fault


def in_categories(column):
    """Take the answers to an item as places among the different answers, or say why they cannot be.

    Parameters
    ----------
    column : pandas.Series of shape (n_people,)

    Returns
    -------
    tuple of (ndarray of shape (n_people,), int, ndarray, dict or None)
        The place of each answer (-1 where none was given), the different answers in order, and the fault.

    Examples
    --------
    >>> place, levels, fault = in_categories(pd.Series(["b", "a", "b", None]))
    >>> place.tolist(), levels.tolist(), fault
    ([1, 0, 1, -1], ['a', 'b'], None)
    """
    place, levels = _category(column)
    if len(levels) > _MOST_LEVELS:
        fault = {
            "found": f"there are {len(levels):,} different answers.",
            "allowed": f"at most {_MOST_LEVELS}",
            "next": "leave the column out, or put the answers into bands first.",
        }
        return place, levels, fault
    return place, levels, _code(levels, place)


def constant(numbers, levels):
    """Say that nobody answered an item, or that everybody answered alike.

    Parameters
    ----------
    numbers : ndarray of shape (n_people,)
    levels : ndarray or None
        The different answers, where the numbers are places among them.

    Returns
    -------
    dict or None

    Examples
    --------
    >>> constant(np.array([4.0, 4.0]), None)["found"]
    'everybody gave the same answer, 4.'
    """
    told = numbers[~np.isnan(numbers)] if levels is None else levels
    if not len(told):
        return {"found": "nobody answered it.", "next": "leave the item out."}
    if (told == told[0]).all():
        answer = f"{told[0]:g}" if levels is None else levels[0]
        return {
            "found": f"everybody gave the same answer, {answer}.",
            "next": "leave the item out: it cannot tell people apart.",
        }
    return None


def _number(column):
    """The answers as numbers, or why they are none."""
    if types.is_bool_dtype(column) or types.is_numeric_dtype(column):
        numbers = column.to_numpy(dtype="float64", na_value=np.nan)
        if np.isinf(numbers).any():
            return numbers, {"found": "an answer is infinite.", "next": "set it to missing."}
        return numbers, None
    numbers = pd.to_numeric(column.astype("object"), errors="coerce").astype("float64").to_numpy()
    text = column[np.isnan(numbers) & column.notna().to_numpy()].unique()
    if not len(text):
        return numbers, None
    fault = {
        "found": f"answers are words, such as {few([repr(str(one)) for one in text], 3)}.",
        "allowed": "numbers: yes/no as 1 and 0, ratings, amounts",
        "next": "turn them into numbers, leave the column out, or use LatentClasses, which takes words.",
    }
    return numbers, fault


def _category(column):
    """The places of the answers among the different answers, and these."""
    if types.is_integer_dtype(column) and isinstance(column.dtype, np.dtype) and len(column):
        numbers = column.to_numpy()
        if numbers.min() >= 0 and numbers.max() < _MOST_LEVELS:  # a place for each number there may be
            place = numbers.astype("int8")
            levels = np.array([level for level in range(numbers.max() + 1) if (place == level).any()], numbers.dtype)
            return (place if levels[-1] < len(levels) else np.searchsorted(levels, place).astype("int8")), levels
    codes, levels = pd.factorize(column, sort=False)
    try:
        order = np.argsort(levels)
    except TypeError:
        order = np.argsort([str(level) for level in levels])
    kind = "int8" if len(levels) <= _MOST_LEVELS else "int64"
    return np.append(np.argsort(order), -1).astype(kind)[codes], np.asarray(levels)[order]


def _code(told, place=None):
    """Why some answers of a rating are rather codes than answers: 1 to 7, and 99 for those not given.

    `told` are the answers; or the different ones, with the place of each answer among them.
    """
    if not types.is_numeric_dtype(told) or types.is_bool_dtype(told):
        return None
    coded = np.isin(told, _CODES)
    if not coded.any() or coded.all():
        return None
    others = told[~coded]
    if others.min() < 0 or others.max() >= _RATINGS or (others % 1).any():
        return None
    code = told[coded][0]
    many = coded.sum() if place is None else coded[place[place >= 0]].sum()
    real = (
        f"give scale=({others.min():g}, {told.max():g})" if place is None else "write all answers of the item as words"
    )
    return {
        "found": f"{f'{many:,} answers are' if many > 1 else '1 answer is'} {code:g}, "
        f"the others lie between {others.min():g} and {others.max():g}.",
        "allowed": "answers; a code such as 99 mostly means that none was given",
        "next": f"set the code to missing, for instance X.replace({code:g}, float('nan')); were it an answer, {real}.",
    }


def _off_scale(numbers, scale):
    low, high = scale
    off = numbers[(numbers < low) | (numbers > high)]
    if not len(off):
        return None
    return {
        "found": f"{len(off):,} answer{'s lie' if len(off) > 1 else ' lies'} off the scale, such as {off[0]:g}.",
        "allowed": f"{low:g} to {high:g}",
        "next": "mend these answers or set them to missing; or give the scale that was used.",
    }
