"""Read written numbers exactly; never guess between decimal and thousands."""

import re
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crmlab.errors import CrmlabError, message

__all__ = ["Digits", "take_digits"]

_READS = {
    ",": r"^(?P<i>[1-9]\d{0,2}(?:\.\d{3})+|\d*)(?:,(?P<f>\d*))?$",
    ".": r"^(?P<i>[1-9]\d{0,2}(?:,\d{3})+|\d*)(?:\.(?P<f>\d*))?$",
}
_GROUPED = r"^[1-9]\d{0,2}(?:[ ']\d{3})+(?:[.,]\d*)?$"
_WORD = {",": "decimal comma", ".": "decimal point"}
_MOST_DIGITS = 15


@dataclass
class Digits:
    """Numbers taken apart into digits, one entry per text.

    Parameters
    ----------
    whole : ndarray of int
        The whole part.
    fraction : pyarrow.Array of string
        The digits behind the decimal mark.
    good : ndarray of bool
        Whether the text is a number at all.
    how : str
        How the decimal mark was told.
    """

    whole: np.ndarray
    fraction: pa.Array
    good: np.ndarray
    how: str


def take_digits(column, bodies, decimal=None):
    """Take unsigned numbers apart, each by its own form where that is clear.

    ``12,50`` and ``1.234,5`` can only have a decimal comma, ``12.5`` and ``1,234.5``
    only a decimal point. ``1.234`` can be both: then the clear values of the column
    decide, and where there is none, or they disagree, the reader is asked.

    Parameters
    ----------
    column : Column
        Where the numbers come from, for messages.
    bodies : pyarrow.Array of large_string
        The distinct values of the column without sign and currency; missing where
        that left no number.
    decimal : {",", "."} or None
        As told by the reader.

    Returns
    -------
    Digits

    Raises
    ------
    CrmlabError
        When decimal and thousands cannot be told apart.

    Examples
    --------
    >>> from crmlab.tables.own_data.column import Column
    >>> texts = pa.array(["1.234", "12,50", "1 234 567"], pa.large_string())
    >>> digits = take_digits(Column("x", texts, np.arange(3)), texts)
    >>> digits.whole.tolist(), digits.fraction.to_pylist(), digits.how
    ([1234, 12, 1234567], ['', '50', ''], 'decimal comma')
    """
    grouped = pc.match_substring_regex(bodies, _GROUPED)
    bodies = pc.if_else(grouped, pc.replace_substring_regex(bodies, "[ ']", ""), bodies)
    marked = np.asarray(pc.fill_null(pc.match_substring_regex(bodies, "[.,]"), False))
    some = np.asarray(pc.fill_null(pc.match_substring_regex(bodies, r"\d"), False))
    found = {mark: pc.extract_regex(bodies, pattern) for mark, pattern in _READS.items()}
    fits = {mark: some & np.asarray(found[mark].is_valid()) for mark in _READS}
    both = fits[","] & fits["."] & marked
    clear = {mark: np.flatnonzero(fits[mark] & ~both & marked) for mark in _READS}
    if both.any():
        decimal = decimal or _decide(column, np.flatnonzero(both), clear)
    point = np.where(both, decimal == ".", fits["."])
    digits = {name: pc.if_else(pa.array(point), found["."].field(name), found[","].field(name)) for name in "if"}
    whole = pc.replace_substring_regex(pc.fill_null(digits["i"], ""), "[.,]", "")
    good = (fits[","] | fits["."]) & np.asarray(pc.less_equal(pc.utf8_length(whole), _MOST_DIGITS))
    whole = pc.if_else(pa.array(good & np.asarray(pc.not_equal(whole, ""))), whole, "0").cast(pa.int64())
    marks = [_WORD[mark] for mark in _READS if len(clear[mark]) or (both.any() and mark == decimal)]
    return Digits(np.asarray(whole), pc.fill_null(digits["f"], ""), good, " and ".join(marks) or "whole numbers")


def _decide(column, both, clear):
    """What the clear values of the column say about those that can be read both ways."""
    marks = [mark for mark in _READS if len(clear[mark])]
    if len(marks) == 1:
        return marks[0]
    if marks:
        found = "decimals are written both ways, so some of these numbers can be read two ways."
        clear_ones = {"commas": column.show(clear[","]), "points": column.show(clear["."])}
    else:
        found = "these numbers can be read two ways, and no value in the column decides."
        clear_ones = {}
    example = re.search(r"[\d.,]+", str(column.distinct[both[0]])).group()
    mark = "," if "," in example else "."
    other = "." if mark == "," else ","
    whole = int(example.split(mark)[0])
    step = f'say decimal="{other}" if {example} is {example.replace(mark, "")}, '
    step += f'or decimal="{mark}" if it lies between {whole} and {whole + 1}.'
    raise CrmlabError(message(column.where, found, values=column.show(both), **clear_ones, next=step))
