"""The kinds of column a table may promise: each gives one pandera column with its rule, unit and meaning."""

import pandas as pd
import pandera.pandas as pa
from pandas.api import types

__all__ = ["amount", "date", "flag", "identity", "measure", "moment", "table", "text", "word"]


def _is_text(values):
    return isinstance(values.dtype, pd.CategoricalDtype) or types.is_string_dtype(values.dtype)


def _column(kind, rule, check, meaning, *, needed, unit="", missing=False, unique=False):
    return pa.Column(
        None,
        checks=pa.Check(check, error=rule),
        required=needed,
        nullable=missing,
        unique=unique,
        description=meaning,
        metadata={"kind": kind, "unit": unit},
    )


def identity(meaning, *, needed=False, missing=False, unique=False):
    """An id: int64 inside crmlab, text when an own export brings text."""

    def check(values):
        if types.is_integer_dtype(values.dtype):
            return True
        return values.astype("str").str.strip().ne("") if _is_text(values) else False

    rule = "a whole number or a text, never empty"
    return _column("id", rule, check, meaning, needed=needed, missing=missing, unique=unique)


def moment(meaning, *, needed=False, missing=False):
    """A point in time, in UTC."""
    rule = "a point in time in UTC (datetime64 with time zone UTC)"

    def check(values):
        return isinstance(values.dtype, pd.DatetimeTZDtype) and str(values.dtype.tz) == "UTC"

    return _column("time", rule, check, meaning, needed=needed, unit="UTC", missing=missing)


def date(meaning, *, missing=True):
    """A calendar day, kept as midnight UTC."""

    def check(values):
        if not (isinstance(values.dtype, pd.DatetimeTZDtype) and str(values.dtype.tz) == "UTC"):
            return False
        return values == values.dt.normalize()

    return _column("date", "a day: midnight in UTC", check, meaning, needed=False, unit="day", missing=missing)


def amount(meaning, *, needed=False, missing=False, least=None):
    """Money in whole cents of the currency the manifest names."""
    rule = "a whole number of cents" + ("" if least is None else f", {least} or more")

    def check(values):
        if not types.is_integer_dtype(values.dtype):
            return False
        return True if least is None else values >= least

    return _column("money", rule, check, meaning, needed=needed, unit="cents", missing=missing)


def measure(meaning, unit, *, least=None, most=None, missing=True):
    """A number with a unit and, where it has them, ends."""
    ends = f" from {least} to {most}" if most is not None else f", {least} or more" if least is not None else ""

    def check(values):
        if not types.is_numeric_dtype(values.dtype) or types.is_bool_dtype(values.dtype):
            return False
        return values.between(-float("inf") if least is None else least, float("inf") if most is None else most)

    return _column("number", f"a number{ends}", check, meaning, needed=False, unit=unit, missing=missing)


def word(meaning, *, missing=True):
    """A word that comes back often, such as a channel; kept as ``category``."""
    return _column("word", "a text", _is_text, meaning, needed=False, missing=missing)


def text(meaning, *, missing=True):
    """Free text, mostly different in each row."""
    return _column("text", "a text", _is_text, meaning, needed=False, missing=missing)


def flag(meaning, *, missing=True):
    """Yes or no."""

    def check(values):
        return types.is_bool_dtype(values.dtype)

    return _column("yes/no", "True or False", check, meaning, needed=False, missing=missing)


def table(name, row, **columns):
    """Make the pandera model of one table.

    Parameters
    ----------
    name : str
        The table's name.
    row : str
        What one row is.
    **columns : pandera.pandas.Column
        The columns, in order.

    Returns
    -------
    pandera.pandas.DataFrameSchema
        Further columns are allowed: an own export keeps what it brings.

    Examples
    --------
    >>> visits = table("visits", "one visit", ts=moment("when the visit began", needed=True))
    >>> visits.name, list(visits.columns)
    ('visits', ['ts'])
    """
    return pa.DataFrameSchema(columns, name=name, description=row)
