"""Rules of uniqueness and timeliness: is each thing there once, and has it been looked at lately?"""

import numpy as np
import pandas as pd

from crmlab.quality.letters import folded
from crmlab.quality.view import Found

__all__ = ["timeliness", "uniqueness"]

_DAY = np.timedelta64(1, "D")


def uniqueness(view):
    """Find what stands in the table twice; the record opened first is not the one at fault.

    Parameters
    ----------
    view : View

    Yields
    ------
    Found
    """
    order = _by_opening(view)
    everything = np.ones(len(view), dtype=bool)
    for column in _keys(view):
        looked = ~view.is_empty(column)
        failed = _again(view.cells(column).codes, looked, order)
        yield Found("uniqueness", column, "number_once", "each number once", looked, failed)
    others = [column for column in view.table.columns if column not in _keys(view)]
    if others:
        again = pd.util.hash_pandas_object(_plain(view.table[others].iloc[order]), index=False).duplicated().to_numpy()
        failed = np.zeros(len(view), dtype=bool)
        failed[order] = again
        yield Found("uniqueness", "all columns", "row_once", "no two rows alike", everything, failed)
    for column in ("oib", "iban"):
        if view.has(column):
            looked = view.is_good(column)
            yield Found(
                "uniqueness",
                column,
                "once",
                "on one record only",
                looked,
                _again(view.cells(column).codes, looked, order),
            )
    if view.has("email"):
        cells = view.cells("email").regrouped([text.lower() for text in view.cells("email").texts.to_pylist()])
        looked = view.is_good("email") & ~view.is_office
        yield Found("uniqueness", "email", "once", "on one record only", looked, _again(cells.codes, looked, order))
    if view.has("phone", "first_name"):
        number = np.where(view.is_good("phone"), view.cells("phone").regrouped(view.phones).codes, -1)
        promise = "with one first name only once"
        yield _together(view, "phone", "once", promise, [number, _name(view, "first_name")], order)
    if view.has("first_name", "last_name", "birth_date"):
        born = view.dates("birth_date").astype("M8[D]")
        days = np.where(view.is_good("birth_date") & ~np.isnat(born), pd.factorize(born)[0], -1)
        names = [_name(view, "first_name"), _name(view, "last_name")]
        yield _together(
            view, "last_name", "name_and_birth", "name and day of birth on one record only", [*names, days], order
        )


def timeliness(view, fresh_days):
    """Find records that nobody has changed or confirmed for long.

    Parameters
    ----------
    view : View
    fresh_days : int

    Yields
    ------
    Found
    """
    columns = [column for column in ("updated_at", "created_at") if view.has(column)]
    if not columns or view.as_of is None:
        return
    last = view.dates(columns[0])
    if len(columns) > 1:
        last = np.fmax(last, view.dates(columns[1]))
    looked = ~np.isnat(last)
    failed = looked & (view.now - last > fresh_days * _DAY)
    yield Found("timeliness", columns[0], "fresh", f"opened or changed within {fresh_days:,} days", looked, failed)


def _keys(view):
    """Columns that promise each value once."""
    columns = view.model.columns.items() if view.model else ()
    return [name for name, promised in columns if promised.unique and name in view.table]


def _by_opening(view):
    if not view.has("created_at"):
        return np.arange(len(view))
    return np.argsort(view.dates("created_at"), kind="stable")


def _again(codes, looked, order):
    """Rows whose code stood on an earlier row already."""
    first = np.flatnonzero(looked[order])
    rows = order[first]
    failed = np.zeros(len(looked), dtype=bool)
    failed[rows] = pd.Series(codes[rows]).duplicated().to_numpy()
    return failed


def _together(view, column, rule, promise, codes, order):
    looked = np.logical_and.reduce([code >= 0 for code in codes])
    pair = np.zeros(len(view), dtype=np.int64)
    for code in codes:
        pair = pd.factorize(pair * (int(code.max(initial=0)) + 1) + code)[0]
    return Found("uniqueness", column, rule, promise, looked, _again(pair, looked, order))


def _name(view, column):
    cells = view.cells(column)
    codes = cells.regrouped([folded(text, view.locale) or None for text in cells.texts.to_pylist()]).codes
    return np.where(view.is_good(column), codes, -1)


def _plain(table):
    """Lists and the like cannot be compared; their text can."""
    odd = [column for column in table if table[column].dtype == object]
    return table.assign(**{column: table[column].astype("str") for column in odd})
