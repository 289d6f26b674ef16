"""Tables and whole numbers that were asked for, and what is said of others."""

import numpy as np
import pandas as pd

from crmlab.errors import CrmlabError, few, message

__all__ = ["asked_numbers", "checked_table", "is_whole", "not_whole"]

_MOST = 100


def is_whole(number, least):
    """Tell whether something is a whole number, and no less than another.

    Parameters
    ----------
    number : object
    least : int

    Returns
    -------
    bool

    Examples
    --------
    >>> is_whole(3, 1), is_whole(3.0, 1), is_whole(True, 1)
    (True, False, False)
    """
    return isinstance(number, int | np.integer) and not isinstance(number, bool) and number >= least


def not_whole(least, **given):
    """Say which of several arguments are no whole numbers, or too small.

    Parameters
    ----------
    least : int
    **given : object
        Arguments by name, each a pair: what was given, and what would do.

    Returns
    -------
    list of str
        One message for each that is wrong.

    Examples
    --------
    >>> print(*not_whole(0, seed=(-1, 1)))
    seed: found -1.
      allowed : a whole number, 0 or more
      next    : give for instance seed=1.
    """
    return [
        message(
            name,
            f"found {found!r}.",
            allowed=f"a whole number, {least} or more",
            next=f"give for instance {name}={usual}.",
        )
        for name, (found, usual) in given.items()
        if not is_whole(found, least)
    ]


def asked_numbers(k, answers, *, least=1):
    """Take the numbers of segments asked, or say why they cannot be.

    Parameters
    ----------
    k : int or iterable of int
    answers : Answers
    least : int, default=1
        Smallest number that makes sense.

    Returns
    -------
    list of int
        Rising, each once.

    Raises
    ------
    CrmlabError
        For a k that is no whole number, too small, or above the number of different patterns.

    Examples
    --------
    >>> from crmlab.segment.answers import answers_of
    >>> asked_numbers([3, 2], answers_of(pd.DataFrame({"a": [1, 2, 3]})))
    [2, 3]
    """
    numbers = list(k) if np.iterable(k) and not isinstance(k, str | dict) else [k]
    different = int((answers.weight > 0).sum())
    most = min(different, _MOST)
    wrong = [one for one in numbers if not is_whole(one, least) or one > most]
    if numbers and not wrong:
        return sorted({int(one) for one in numbers})
    found, step = "no number is given.", "give one, for instance k=4, or several: k=range(2, 9)."
    if wrong and is_whole(wrong[0], wrong[0]):
        found, step = f"found {wrong[0]}; there are {different:,} different answer patterns.", "ask for fewer segments."
        step = step if wrong[0] > most else f"ask for {least} or more."
    elif wrong:
        found = f"found {wrong[0]!r}, which is no whole number."
    raise CrmlabError(message("k", found, allowed=f"whole numbers from {least} to {most}", next=step))


def checked_table(where, table, one_row):
    """Refuse what is no table, or one in which two columns have the same name.

    Parameters
    ----------
    where : str
        What the table is called.
    table : pandas.DataFrame
    one_row : str
        What a row of it is, for the message.

    Returns
    -------
    pandas.DataFrame
        The same.

    Raises
    ------
    CrmlabError

    Examples
    --------
    >>> checked_table("tasks", None, "task")
    Traceback (most recent call last):
        ...
    crmlab.errors.CrmlabError: tasks: found NoneType, which is no table.
      next    : give a table with one row per task.
    """
    if not isinstance(table, pd.DataFrame):
        found = f"found {type(table).__name__}, which is no table."
        raise CrmlabError(message(where, found, next=f"give a table with one row per {one_row}."))
    twice = table.columns[table.columns.duplicated()].unique()
    if len(twice):
        found = f"two columns have the same name: {few(twice)}."
        raise CrmlabError(message(where, found, next="rename or drop one of them."))
    return table
