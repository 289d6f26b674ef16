"""Read a column by the kind of value its table promises."""

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from crmlab.tables.own_data.column import Reading
from crmlab.tables.own_data.dates import read_dates
from crmlab.tables.own_data.ids import read_ids
from crmlab.tables.own_data.money import read_amounts, read_measures
from crmlab.tables.own_data.words import NO, YES, plain_name

__all__ = ["read_kind", "says_cents"]

_CENTS = frozenset(["cent", "cents", "centi", "centa", "lipa", "lipe", "lipama", "pence", "minor"])


def says_cents(name):
    """Tell whether the name of a column says that its amounts are cents already.

    Parameters
    ----------
    name : str
        Name of the column, as in the file.

    Returns
    -------
    bool

    Examples
    --------
    >>> says_cents("amount_cents"), says_cents("Iznos u lipama"), says_cents("Iznos")
    (True, True, False)
    """
    return not _CENTS.isdisjoint(plain_name(name).split())


def read_kind(kind, column, name, told):
    """Read a column by its kind.

    Parameters
    ----------
    kind : {"id", "time", "date", "money", "number", "yes/no", "word", "text"}
        What the table promises of the column.
    column : Column
        The cells.
    name : str
        Name of the column in the file.
    told : Told
        What the reader told of dates, decimals and time zone.

    Returns
    -------
    Reading

    Raises
    ------
    CrmlabError
        When a value can be read two ways and nothing decides.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from crmlab.tables.own_data.column import Column
    >>> from crmlab.tables.own_data.told import Told
    >>> read_kind("yes/no", Column("x", pa.array(["da", "ne", None]), np.arange(3)), "privola", Told()).series.tolist()
    [True, False, <NA>]
    """
    if kind == "id":
        return read_ids(column)
    if kind in ("time", "date"):
        ways = {"day_first": told.day_first, "date_format": told.date_format, "timezone": told.timezone}
        return read_dates(column, kind=kind, **ways)
    if kind == "money":
        return read_amounts(column, decimal=told.decimal, in_cents=says_cents(name))
    if kind == "number":
        return read_measures(column, decimal=told.decimal)
    if kind == "yes/no":
        return _flags(column)
    texts = pd.Series(column.texts.to_pandas(), dtype="str")
    values = texts.astype("category") if kind == "word" else texts
    return Reading(values, np.zeros(len(texts), bool), "text")


def _flags(column):
    texts = pc.utf8_lower(column.distinct).to_pylist()
    meaning = np.array([1 if text in YES else 0 if text in NO else -1 for text in texts], np.int64)
    cells = column.spread(meaning, -1)
    values = pd.array(cells == 1, dtype="boolean")
    values[cells < 0] = pd.NA
    return Reading(pd.Series(values), (cells < 0) & ~column.missing, "yes or no")
