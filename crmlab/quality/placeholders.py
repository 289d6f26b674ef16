"""Filled but empty: words, signs, numbers and days that stand where nobody knew the answer."""

import re
import string
import tomllib
from pathlib import Path

import numpy as np

__all__ = ["default_days", "is_placeholder", "placeholders"]

_KNOWN = tomllib.loads(Path(__file__).with_name("placeholders.toml").read_text(encoding="utf-8"))
_WORDS, _NAMES_TOO, _NO_MAILBOX, _NO_DOMAIN = (
    set(_KNOWN[key]) for key in ("words", "names_too", "mailboxes", "domains")
)
_NAME_COLUMNS = {"first_name", "last_name"}
_ENDS = " .,-_/\\*?!()[]<>\"'"
_ONE_SIGN = re.compile(r"[^\w]*(\w)\1{2,}[^\w]*|[\W_]+")
_DIGITS = re.compile(r"\D")
_RUNS = ("01234567890", "9876543210")
_SAME_DIGIT = re.compile(r"(\d)\1*")
_LEAST_PHONE, _LEAST_RUN = 5, 4
_FIRST_RUNS = {run[:end] for run in ("01234567890", "12345678901") for end in range(_LEAST_RUN, 12)}
_FAR_TOO_OFTEN, _LEAST_OFTEN = 20, 10


def _any(words):
    return "|".join(map(re.escape, sorted(words)))


# Columns where nearly every text is different: only what has a chance to be a placeholder is looked at closely.
_ALIKE = "|".join(rf"(?:{digit}\D*){{4}}" for digit in range(10))
_START = "|".join(r"\D*".join(run[at : at + _LEAST_RUN]) for run in _RUNS for at in range(len(run) - _LEAST_RUN + 1))
_NUMBER = rf"{_ALIKE}|^\D*(?:{_START})|^\D*(?:\d\D*){{0,4}}$"
_LETTER_RUNS = "|".join(f"{sign}{sign}{sign}+" for sign in string.ascii_lowercase + string.digits)
_MAIL = rf"^[\W_]*(?:{_any(_NO_MAILBOX)}|{_LETTER_RUNS}|)[\W_]*@|@(?:{_any(_NO_DOMAIN)})|^[^@]*$"
_ONE_DIGIT = "|".join(rf"{digit}(?:\D*{digit})*" for digit in range(10))
_LONG = rf"^\D*(?:{_ONE_DIGIT})?\D*$|^\D*0?\D*1\D*2\D*3\D*4"
_SUSPECT = {"email": _MAIL, "phone": _NUMBER, "oib": _LONG, "iban": _LONG}


def placeholders(column, cells):
    """Tell of each different text of a column whether it says nothing.

    Parameters
    ----------
    column : str
    cells : Cells

    Returns
    -------
    ndarray of bool, shape (n_texts,)

    Examples
    --------
    >>> from crmlab.quality.cells import cells_of
    >>> placeholders("phone", cells_of(pd.Series(["091 123 4567", "000000"]))).tolist()
    [False, True]
    """
    if column not in _SUSPECT:
        return cells.each(lambda text: is_placeholder(column, text))
    found = cells.match(_SUSPECT[column], small=True)
    at = np.flatnonzero(found)
    found[at] = [is_placeholder(column, text) for text in cells.texts.take(at).to_pylist()]
    return found


def is_placeholder(column, text):
    """Tell whether a filled cell says nothing: nepoznato, xxx, 000000, nema@….

    Parameters
    ----------
    column : str
        Name of the column the text stands in: what is empty in a phone number may be full in another.
    text : str

    Returns
    -------
    bool

    Examples
    --------
    >>> [is_placeholder("city", text) for text in ("Nepoznato", "xxx", "-", "Split")]
    [True, True, True, False]
    >>> [is_placeholder("phone", text) for text in ("000000", "+385 99 999 9999", "091/123-4567", "123456")]
    [True, True, False, True]
    >>> is_placeholder("email", "nema@posta.example"), is_placeholder("email", "ana@posta.example")
    (True, False)
    """
    small = text.casefold().strip(_ENDS)
    if not small or _ONE_SIGN.fullmatch(text.casefold()):
        return not (column == "house_number" and small.isdigit() and set(small) != {"0"})
    if column == "email":
        name, at, domain = small.partition("@")
        if at:
            return name in _NO_MAILBOX or domain in _NO_DOMAIN or bool(_ONE_SIGN.fullmatch(name))
    if column == "phone":
        return _is_no_number(text)
    if column in ("oib", "iban", "postcode"):
        digits = _DIGITS.sub("", text)
        return small in _WORDS or (len(digits) > 3 and bool(_SAME_DIGIT.fullmatch(digits) or digits in _FIRST_RUNS))
    return small in _WORDS and not (column in _NAME_COLUMNS and small in _NAMES_TOO)


def _is_no_number(text):
    digits = _DIGITS.sub("", text)
    if not digits:
        return text.casefold().strip(_ENDS) in _WORDS
    if len(digits) < _LEAST_PHONE:
        return False
    # country and area may be right and what follows be one sign: the last six digits, or all but the first
    return bool(_SAME_DIGIT.fullmatch(digits[-6:]) or _SAME_DIGIT.fullmatch(digits[1:]) or _is_run(digits))


def _is_run(digits):
    return len(digits) >= _LEAST_RUN and any(digits in run for run in _RUNS)


def default_days(days):
    """Find the days of birth that stand for "not known": the first day of a calendar, or one far too common.

    A day that stands on at least ten records, and on twenty times as many as days do on
    average, is nobody's birthday but a habit.

    Parameters
    ----------
    days : ndarray of datetime64[D], shape (n_rows,)

    Returns
    -------
    ndarray of bool, shape (n_rows,)

    Examples
    --------
    >>> import numpy as np
    >>> default_days(np.array(["1970-01-01", "1981-07-19", "NaT"], dtype="M8[D]")).tolist()
    [True, False, False]
    """
    is_default = np.isin(days, np.array(_KNOWN["days"], dtype="M8[D]"))
    known = ~(np.isnat(days) | is_default)
    if known.any():
        _, at, count = np.unique(days[known], return_inverse=True, return_counts=True)
        is_common = (count >= _LEAST_OFTEN) & (count >= _FAR_TOO_OFTEN * count.mean())
        is_default[known] = is_common[at]
    return is_default
