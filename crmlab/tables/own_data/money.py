"""Read written amounts as whole cents, exactly."""

import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crmlab.tables.own_data.column import Column, Reading
from crmlab.tables.own_data.currency import SIGNS
from crmlab.tables.own_data.digits import take_digits
from crmlab.tables.own_data.words import counted

__all__ = ["read_amounts", "read_measures"]

_PLAIN = (
    ("[−–—‒‐]", "-"),
    (r"[\s\p{Z}]+", " "),
    ("[’ʼ`´′]", "'"),
    (r"(\d)[.,] ?-{1,2}( ?\D*)$", r"\1\2"),  # 12,- is 12
)
_HERE = "\x01"  # stands where a currency stood
_AMOUNT = rf"^(?P<head>[-+({_HERE}]*)(?P<body>(?:\d[\d.,' ]*|[.,]\d+))(?P<tail>[-+){_HERE}]*)$"


def read_amounts(column, *, decimal=None, in_cents=False):
    """Read one column of amounts as whole cents, and say how it was read.

    Signs may stand before or behind, a loss may stand in brackets, thousands may be
    set apart by a dot, a comma, a space or an apostrophe. More than two decimals are
    rounded half away from zero, and that is said.

    Parameters
    ----------
    column : Column
        The written amounts.
    decimal : {",", "."} or None
        As told by the reader.
    in_cents : bool, default=False
        Whether the amounts are whole cents already.

    Returns
    -------
    Reading
        Values in ``Int64``, in cents.

    Raises
    ------
    CrmlabError
        When decimal and thousands cannot be told apart.

    Examples
    --------
    >>> reading = read_amounts(Column("x", pa.array(["1.234,50 €", "(7,00)", "12-", "free"]), np.arange(4)))
    >>> reading.series.tolist(), reading.how, reading.currency
    ([123450, -700, -1200, <NA>], 'decimal comma', {'EUR': '1.234,50 € (line 0)'})
    """
    pieces = [_cents(piece, mark, in_cents) for piece, mark in _by_type(column, decimal)]
    values = _together(column, [values for values, *_ in pieces])
    rounded = np.logical_or.reduce([rounded for _, rounded, *_ in pieces])
    currency = {code: at for *_, currency in pieces for code, at in currency.items()}
    how = "in cents already" if in_cents else _how(pieces)
    cautions = []
    if rounded.any():
        at = int(np.argmax(rounded))
        amounts = counted(rounded.sum(), "amount")
        cautions = [f"{amounts} had parts of a cent, rounded ({column.texts[at]} is now {values[at]} cents)."]
    return Reading(values, np.asarray(values.isna()) & ~column.missing, how, cautions, currency)


def read_measures(column, *, decimal=None):
    """Read one column of numbers that are no money, such as seconds.

    Parameters
    ----------
    column : Column
        The written numbers.
    decimal : {",", "."} or None
        As told by the reader.

    Returns
    -------
    Reading
        Values in ``Int64`` where all are whole, else in ``Float64``.

    Raises
    ------
    CrmlabError
        When decimal and thousands cannot be told apart.

    Examples
    --------
    >>> read_measures(Column("x", pa.array(["12,5", None]), np.arange(2))).series.tolist()
    [12.5, <NA>]
    """
    pieces = [_plain(piece, mark) for piece, mark in _by_type(column, decimal)]
    values = _together(column, [values for values, *_ in pieces])
    if (values.dropna() % 1 == 0).all():
        values = values.astype("Int64")
    return Reading(values, np.asarray(values.isna()) & ~column.missing, _how(pieces))


def _by_type(column, decimal):
    """Typed numbers and texts apart: how the ones are written says nothing of the others."""
    if column.numbers is None:
        return [(column, decimal)]
    typed = pa.array(column.numbers)
    nothing = pa.scalar(None, pa.large_string())
    texts = pc.if_else(typed, nothing, column.texts)
    numbers = pc.if_else(typed, column.texts, nothing)
    return [(Column(column.where, texts, column.lines), decimal), (Column(column.where, numbers, column.lines), ".")]


def _together(column, pieces):
    return pieces[0] if len(pieces) == 1 else pieces[0].where(~column.numbers, pieces[1])


def _how(pieces):
    words = [how for _, _, how, _ in pieces]
    if len(words) == 1:
        return words[0]
    texts, numbers = (values.notna().any() for values, *_ in pieces)
    return " and ".join(([words[0]] if texts else []) + (["typed numbers"] if numbers else []))


def _take(column, decimal):
    """The sign, the digits and the currency of each distinct value."""
    texts = pc.utf8_lower(column.distinct)
    for pattern, plain in _PLAIN:
        texts = pc.replace_substring_regex(texts, pattern, plain)
    texts, words = _without_currency(texts)
    texts = pc.replace_substring_regex(texts, rf" *([-+(){_HERE}]) *", r"\1")
    found = pc.extract_regex(texts, _AMOUNT)
    around = pc.binary_join_element_wise(found.field("head"), found.field("tail"), pa.scalar(" ", pa.large_string()))
    around = around.dictionary_encode()
    ways = np.array([_sign(*marks.split(" ")) for marks in around.dictionary.to_pylist()] + [0])
    sign = ways[np.asarray(around.indices.fill_null(len(ways) - 1))]
    fits = pa.array(np.asarray(found.is_valid()) & (sign != 0))
    bodies = pc.if_else(fits, found.field("body"), pa.scalar(None, pa.large_string()))
    return sign, take_digits(column, bodies, decimal), words


def _without_currency(texts):
    """Put a mark where a currency stands, and say for each text which one it was."""
    words = pc.replace_substring_regex(texts, r"[\d.,'()+\- ]+", "").dictionary_encode()
    codes = np.asarray(words.indices)
    for at, word in enumerate(words.dictionary.to_pylist()):
        if word in SIGNS:
            marked = pc.replace_substring_regex(texts, re.escape(word) + r"\.?", _HERE)
            texts = pc.if_else(pa.array(codes == at), marked, texts)
    return texts, np.array(words.dictionary.to_pylist(), object)[codes]


def _sign(head, tail):
    """1, -1, or 0 where the marks around a number make no sense."""
    marks = head + tail
    signs = marks.count("-") + marks.count("+") + marks.count("(")
    if signs > 1 or marks.count(_HERE) > 1 or head.count("(") != tail.count(")"):
        return 0
    return -1 if "-" in marks or "(" in marks else 1


def _cents(column, decimal, in_cents):
    sign, digits, words = _take(column, decimal)
    padded = pc.utf8_rpad(digits.fraction, 3, "0")
    two = np.asarray(pc.utf8_slice_codeunits(padded, 0, 2).cast(pa.int64()))
    third = np.asarray(pc.utf8_slice_codeunits(padded, 2, 3).cast(pa.int64()))
    cents = sign * (digits.whole if in_cents else digits.whole * 100 + two + (third >= 5))
    parts = np.asarray(pc.match_substring_regex(digits.fraction, "[1-9]" if in_cents else r"^..\d*[1-9]"))
    good = digits.good & ~(parts & in_cents)
    values = _spread(column, cents, good)
    rounded = column.spread(parts & good, False)
    return values, rounded, digits.how, _currency(column, words, good)


def _plain(column, decimal):
    sign, digits, _ = _take(column, decimal)
    text = pc.binary_join_element_wise(pa.array(digits.whole).cast(pa.string()), digits.fraction.cast(pa.string()), ".")
    numbers = sign * np.asarray(text.cast(pa.float64()))
    return _spread(column, numbers, digits.good), None, digits.how, {}


def _spread(column, numbers, good):
    values = pd.array(column.spread(numbers, 0))
    values[column.missing | ~column.spread(good, True)] = pd.NA
    return pd.Series(values)


def _currency(column, words, good):
    """Each currency written beside an amount, with where it was met first."""
    met = {}
    for word in dict.fromkeys(words[good]):
        if word:
            met.setdefault(SIGNS[word], column.show(np.flatnonzero((words == word) & good)[:1]))
    return met
