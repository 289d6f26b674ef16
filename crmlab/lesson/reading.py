"""Take an answer as people give it, and say in plain words what it is when it cannot be taken."""

import datetime
import inspect
import re
from collections.abc import Mapping, Set
from decimal import Decimal
from fractions import Fraction
from types import ModuleType

import numpy as np
import pandas as pd

__all__ = ["Differs", "a_what", "counted", "is_many", "key_of", "moment_of", "number_of", "text_of", "the_one_in"]

_MANY = (
    pd.DataFrame,
    pd.Series,
    pd.Index,
    np.ndarray,
    list,
    tuple,
    range,
    Set,
    Mapping,
    pd.api.extensions.ExtensionArray,
)

_MOST = 10**18


class Differs(Exception):
    """Carries the sentence that says how an answer differs from what was asked."""


def is_many(answer):
    """Tell whether an answer holds several values."""
    return isinstance(answer, _MANY) and not (isinstance(answer, np.ndarray) and answer.ndim == 0)


def a_what(answer):
    """Say what an answer is, as a learner would call it.

    Examples
    --------
    >>> a_what([1, 2, 3]), a_what("Split")
    ('a list of 3 values', 'a text')
    """
    if answer is pd.NA or answer is pd.NaT:
        return "a missing value"
    if isinstance(answer, bool | np.bool_):
        return "True or False"
    if isinstance(answer, str):
        return "a text"
    if isinstance(answer, datetime.timedelta | np.timedelta64):
        return "a length of time (take its number of days: `.days`)"
    if isinstance(answer, int | float | np.number | Decimal | Fraction):
        return "a number"
    if isinstance(answer, datetime.date | np.datetime64):
        return "a date"
    if isinstance(answer, pd.DataFrame):
        return f"a table of {counted(len(answer), 'row')} and {counted(answer.shape[1], 'column')}"
    if is_many(answer):
        kinds = {list: "list", tuple: "tuple", dict: "dict", set: "set", frozenset: "set", pd.Series: "column"}
        kind = kinds.get(type(answer), "row")
        return f"a {kind} of {counted(len(answer), 'value')}" if len(answer) else f"an empty {kind}"
    if isinstance(answer, ModuleType):
        return f"the library {answer.__name__} itself"
    if inspect.isroutine(answer) or inspect.isclass(answer):
        return "a function that was not called yet (did you forget the brackets `()`?)"
    if "GroupBy" in type(answer).__name__:
        return "a grouping that is not finished (say what to do with each group, for instance `.sum()`)"
    if hasattr(answer, "predict"):
        return "something that was fitted and not asked yet (did you forget `.predict(...)`?)"
    if hasattr(answer, "__next__"):
        return "a recipe for values, not the values (put `list(...)` around it)"
    return f"something of the kind {type(answer).__name__}"


def the_one_in(answer):
    """Take the single value out of a list, column or table that holds just one."""
    while is_many(answer):
        size = answer.size if isinstance(answer, pd.DataFrame | np.ndarray) else len(answer)
        if size != 1:
            return answer
        if isinstance(answer, pd.DataFrame):
            answer = answer.iloc[0, 0]
        elif isinstance(answer, pd.Series):
            answer = answer.iloc[0]
        elif isinstance(answer, np.ndarray):
            answer = answer.reshape(-1)[0]
        else:
            answer = next(iter(answer.values() if isinstance(answer, Mapping) else answer))
    return answer[()] if isinstance(answer, np.ndarray) else answer


def number_of(answer, asides):
    """Take an answer as a number; what had to be read into it is added to `asides`."""
    if isinstance(answer, tuple) and len(answer) == 2 and all(type(part) is int for part in answer):
        raise Differs(f"`{answer[0]},{answer[1]}` is two numbers here. Write a point: `{answer[0]}.{answer[1]}`.")
    if isinstance(answer, str):
        number = _number_in(answer)
        asides.append(f'I read your text "{answer.strip()}" as the number {number:g}. A number needs no quotes.')
        return number
    numbers = int | float | np.integer | np.floating | Decimal | Fraction
    if isinstance(answer, bool | np.timedelta64) or not isinstance(answer, numbers):
        raise Differs(f"a number is asked. This is {a_what(answer)}.")
    number = answer.item() if isinstance(answer, np.number) else answer
    number = number if isinstance(number, int) else float(number)
    if isinstance(number, int) and abs(number) > _MOST:
        raise Differs("your number is larger than anything a customer base can hold.")
    if number != number or abs(number) == float("inf"):
        raise Differs(
            f"your number is {number}. Somewhere a value is missing, or something was divided by 0."
            " Look at what you counted."
        )
    return number


def _number_in(text):
    """Read a number as people write it; refuse what could mean two things."""
    bare = re.sub(r"[\s\u00a0\u202f'’€$£]|EUR|kn", "", text).replace("−", "-")
    percent = bare.endswith("%")
    bare = bare.rstrip("%")
    if re.fullmatch(r"[+-]?[1-9]\d{0,2}[.,]\d{3}", bare):
        raise Differs(f'"{text.strip()}" can be read in two ways. Write the number without quotes and thousands marks.')
    if re.fullmatch(r"[+-]?\d{1,3}(\.\d{3})+,\d+|[+-]?\d+,\d+|[+-]?\d{1,3}(\.\d{3}){2,}", bare):
        bare = bare.replace(".", "").replace(",", ".")
    elif re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+\.\d+|[+-]?\d{1,3}(,\d{3}){2,}", bare):
        bare = bare.replace(",", "")
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?", bare, flags=re.IGNORECASE | re.ASCII):
        if re.match(r"\s*[+−-]?[.,]?\d", text):
            raise Differs(f'"{text.strip()[:40]}" holds more than a number. Write the number alone, without quotes.')
        raise Differs("a number is asked. This is a text.")
    return float(bare) / (100 if percent else 1)


def text_of(answer):
    """Take an answer as text: capitals and spaces at the ends do not count."""
    if isinstance(answer, bool | np.bool_) or not isinstance(answer, str | int | np.integer):
        raise Differs(f"a text is asked. This is {a_what(answer)}.")
    return " ".join(str(answer).split()).casefold()


def moment_of(answer):
    """Take an answer as a moment in UTC; dates as text are read year-month-day or day.month.year."""
    if isinstance(answer, str):
        text = answer.strip()
        by_dots = re.fullmatch(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})\.?", text)
        if by_dots:
            text = f"{by_dots[3]}-{by_dots[2]:0>2}-{by_dots[1]:0>2}"
        if not re.match(r"\d{4}-\d{2}-\d{2}", text):
            raise Differs('a date is asked. Write it year-month-day, for instance `"2026-01-31"`.')
        answer = text
    elif not isinstance(answer, datetime.date | np.datetime64):
        raise Differs(f"a date is asked. This is {a_what(answer)}.")
    try:
        moment = pd.Timestamp(answer)
    except ValueError:
        raise Differs('there is no such date. Write it year-month-day, for instance `"2026-01-31"`.') from None
    if pd.isna(moment):
        raise Differs("your date is missing (NaT). Look at what you took the date of.")
    return moment.tz_localize("UTC") if moment.tz is None else moment.tz_convert("UTC")


def key_of(label):
    """Make labels comparable: 17, 17.0 and "17" are one, "017" is another."""
    if isinstance(label, bool | np.bool_):
        return bool(label)
    if isinstance(label, np.generic):
        label = label.item()
    if isinstance(label, float) and label.is_integer():
        return int(label)
    if isinstance(label, str):
        text = " ".join(label.split()).casefold()
        return int(text) if re.fullmatch(r"0|[1-9]\d{0,17}", text, flags=re.ASCII) else text
    return label


def counted(n, thing):
    """Write a number of things down: "1 row", "2,000 rows"."""
    return f"{n:,} {thing}{'' if n == 1 else 's'}"
