"""A table as the rules of the scorecard see it: cells, dates, what is filled, and when "now" is."""

import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from pandas.api import types

from crmlab.quality.cells import as_dates, cells_of
from crmlab.quality.placeholders import default_days, placeholders
from crmlab.quality.reach import phone_form
from crmlab.quality.words import words_of
from crmlab.tables.models import MODELS

__all__ = ["Found", "View"]

_FEW_SHARED = 2
_NOW = ("updated_at", "created_at", "ts")


@dataclass(frozen=True)
class Found:
    """What one rule found in one column.

    Parameters
    ----------
    dimension : str
        completeness, validity, consistency, uniqueness or timeliness.
    column, rule : str
        What was looked at, and the name of the rule.
    promise : str
        What the rule promises, in words.
    looked : ndarray of bool, shape (n_rows,)
        Rows the rule can say something about.
    failed : ndarray of bool, shape (n_rows,)
        Rows that break it.
    is_doubtful : bool
        Whether the rule itself may be wrong for a table: it is not counted where most rows break it.
    is_counted : bool
        Whether the score counts it.
    """

    dimension: str
    column: str
    rule: str
    promise: str
    looked: np.ndarray
    failed: np.ndarray
    is_doubtful: bool = False
    is_counted: bool = True


class View:
    """Look at a table the way rules need it; each column is taken apart once.

    Parameters
    ----------
    table : pandas.DataFrame
    locale : str
        ``"hr"``, ``"en"`` or ``"de"``.
    as_of : pandas.Timestamp or None
        The moment to look from; None: midnight after the table's last entry.

    Examples
    --------
    >>> view = View(pd.DataFrame({"phone": ["000000", None, "091 123 4567"]}), "hr", None)
    >>> view.is_empty("phone").tolist(), view.is_placeholder("phone").tolist()
    ([False, True, False], [True, False, False])
    """

    def __init__(self, table, locale, as_of):
        self.table, self.locale = table, locale
        self._cells, self._dates, self._placeholders = {}, {}, {}
        self.model = _nearest_model(table)
        self.as_of = as_of or self._midnight_after_the_last_entry()

    def __len__(self):
        return len(self.table)

    def has(self, *columns):
        """Whether the table has all of these columns."""
        return all(column in self.table for column in columns)

    def kind(self, column):
        """What the column is: ``"text"``, ``"date"`` or ``"other"``, as promised or, for a foreign one, as it looks."""
        promised = self.model.columns.get(column) if self.model else None
        if promised is not None:
            kind = promised.metadata["kind"]
            return {"word": "text", "text": "text", "time": "date", "date": "date"}.get(kind, kind)
        dtype = self.table[column].dtype
        if types.is_datetime64_any_dtype(dtype):
            return "date"
        return "text" if types.is_string_dtype(dtype) or isinstance(dtype, pd.CategoricalDtype) else "other"

    def cells(self, column):
        """The column's different texts and where they stand."""
        if column not in self._cells:
            self._cells[column] = cells_of(self.table[column])
        return self._cells[column]

    def dates(self, column):
        """The column as moments in UTC, as an array."""
        if column not in self._dates:
            read = as_dates(self.table[column]).astype("datetime64[us, UTC]")
            self._dates[column] = read.dt.tz_localize(None).to_numpy()
        return self._dates[column]

    def is_empty(self, column):
        """Rows where nothing stands."""
        series = self.table[column]
        if types.is_numeric_dtype(series.dtype) or types.is_datetime64_any_dtype(series.dtype):
            return series.isna().to_numpy()
        return ~self.cells(column).is_filled

    def is_placeholder(self, column):
        """Rows that are filled, but say nothing."""
        if column not in self._placeholders:
            self._placeholders[column] = self._found_placeholders(column)
        return self._placeholders[column]

    def is_good(self, column):
        """Rows that are filled, and say something."""
        return ~(self.is_empty(column) | self.is_placeholder(column))

    @cached_property
    def is_firm(self):
        """Rows that are about a firm."""
        return self.is_good("company_name") if self.has("company_name") else np.zeros(len(self), dtype=bool)

    @cached_property
    def phones(self):
        """Each different phone number in international form, None where it is none."""
        return [phone_form(text, self.locale)[0] for text in self.cells("phone").texts.to_pylist()]

    @cached_property
    def is_office(self):
        """Rows whose e-mail address is an office's (info@), not a person's."""
        roles = "|".join(map(re.escape, words_of(self.locale).roles))
        return self.cells("email").rows(self.cells("email").match(f"^(?:{roles})@", small=True))

    @cached_property
    def now(self):
        """The moment to look from, as NumPy has it."""
        return np.datetime64("NaT", "us") if self.as_of is None else self.as_of.tz_localize(None).to_datetime64()

    def _found_placeholders(self, column):
        kind = self.kind(column)
        if column == "birth_date":
            return default_days(self.dates(column).astype("M8[D]"))
        if kind != "text":
            return np.zeros(len(self), dtype=bool)
        cells = self.cells(column)
        return cells.rows(placeholders(column, cells))

    def _midnight_after_the_last_entry(self):
        last = pd.Series([pd.Series(self.dates(column)).max() for column in _NOW if column in self.table]).max()
        return None if pd.isna(last) else (last.normalize() + pd.Timedelta(days=1)).tz_localize("UTC")


def _nearest_model(table):
    """The promised table that shares most columns with this one, or None."""
    shared = {name: len(set(model.columns) & set(table.columns)) for name, model in MODELS.items()}
    best = max(shared, key=shared.get)
    return MODELS[best] if shared[best] >= min(_FEW_SHARED, len(table.columns)) > 0 else None
