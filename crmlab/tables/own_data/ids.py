"""Read ids: numbers where they are plain whole numbers, else the text as it stands."""

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from crmlab.tables.own_data.column import Reading
from crmlab.tables.own_data.words import counted

__all__ = ["read_ids"]

_WHOLE = r"^(?:0|[1-9]\d{0,17})(?:[.,]0+)?$"
_SHORTENED = r"^\d[.,]\d+[eE]\+\d+$"


def read_ids(column):
    """Read one column of ids.

    They become whole numbers only when every one is a plain whole number of at most 18
    digits (``123.0``, as spreadsheets write it, is 123). One with leading zeros, letters
    or more digits keeps the whole column as text. An id that a spreadsheet has shortened
    (``3.85916E+12``) has lost digits and cannot be read.

    Parameters
    ----------
    column : Column
        The written ids.

    Returns
    -------
    Reading
        Values in ``int64`` (``Int64`` where some are missing) or ``str``.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from crmlab.tables.own_data.column import Column
    >>> read_ids(Column("x", pa.array(["17", "18.0"]), np.arange(2))).series.tolist()
    [17, 18]
    >>> reading = read_ids(Column("x", pa.array(["00017", "18"]), np.arange(2)))
    >>> reading.series.tolist(), reading.how
    (['00017', '18'], 'text, for 1 value has leading zeros')
    """
    texts = column.distinct
    shortened = np.asarray(pc.match_substring_regex(texts, _SHORTENED))
    whole = np.asarray(pc.match_substring_regex(texts, _WHOLE))
    unreadable = column.spread(shortened, False)
    cautions = []
    if shortened.any():
        shown = column.show(np.flatnonzero(shortened))
        cautions = [f"{counted(unreadable.sum(), 'id')} lost digits in a spreadsheet: {shown}."]
    if (whole | shortened).all():
        kept = pc.replace_substring_regex(texts.filter(~shortened), r"[.,]0+$", "").cast("int64")
        numbers = np.zeros(len(texts), np.int64)
        numbers[~shortened] = np.asarray(kept)
        values = pd.array(column.spread(numbers, 0))
        values[column.missing | unreadable] = pd.NA
        values = pd.Series(values)
        return Reading(values if values.isna().any() else values.astype("int64"), unreadable, "whole numbers", cautions)
    words = np.append(np.asarray(texts.to_pylist(), object), np.array([None], object))[column.codes]
    words[unreadable] = None
    return Reading(pd.Series(words, dtype="str"), unreadable, _why_text(column, whole | shortened), cautions)


def _why_text(column, whole):
    odd = column.distinct.filter(~whole)
    zeros = int(pc.sum(pc.match_substring_regex(odd, r"^0\d+$")).as_py() or 0)
    digits = int(pc.sum(pc.match_substring_regex(odd, r"^[1-9]\d{18,}$")).as_py() or 0)
    if zeros:
        return f"text, for {counted(zeros, 'value')} {'has' if zeros == 1 else 'have'} leading zeros"
    if digits:
        return "text, for some have more than 18 digits"
    return f"text, such as {odd[0]}"
