"""What the reader told the door, checked before anything is opened."""

import codecs
import io
import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from crmlab.errors import CrmlabError, did_you_mean, few, message
from crmlab.tables.models import MODELS

__all__ = ["Told", "told_columns"]


@dataclass(frozen=True)
class Told:
    """The reader's own word on how the sources are written.

    Parameters
    ----------
    day_first, date_format, decimal, encoding, delimiter, sheet, timezone, currency
        As in :func:`crmlab.tables.from_export`.

    Examples
    --------
    >>> Told(decimal=";").check()
    Traceback (most recent call last):
        ...
    crmlab.errors.CrmlabError: decimal: found ';'.
      allowed : ',' or '.'
      next    : leave it out, or give one of these.
    """

    day_first: bool | None = None
    date_format: str | None = None
    decimal: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | int | dict | None = None
    timezone: str = "UTC"
    currency: str | None = None

    def check(self):
        """Refuse what no source can be read with; all faults at once."""
        rules = [
            ("day_first", self.day_first in (None, True, False), "True or False"),
            ("date_format", self.date_format is None or "%" in str(self.date_format), 'letters like "%d.%m.%Y"'),
            ("decimal", self.decimal in (None, ",", "."), "',' or '.'"),
            ("encoding", self.encoding is None or _is_encoding(self.encoding), "utf-8, cp1250, cp1252, cp852 …"),
            ("delimiter", self.delimiter is None or _is_delimiter(self.delimiter), "one character, such as ';'"),
            ("timezone", _is_zone(self.timezone), 'a name such as "Europe/Zagreb" or "UTC"'),
            ("currency", self.currency is None or _is_currency(self.currency), 'three letters, such as "EUR"'),
        ]
        step = "leave it out, or give one of these."
        faults = [
            message(name, f"found {getattr(self, name)!r}.", allowed=allowed, next=step)
            for name, good, allowed in rules
            if not good
        ]
        if self.day_first is not None and self.date_format is not None:
            found = "both say how dates are written."
            faults.append(message("day_first, date_format", found, next="give one of the two."))
        if faults:
            raise CrmlabError(*faults)
        return self

    def sheet_of(self, table):
        """The sheet for a table: the same for all, or told by table."""
        return self.sheet.get(table) if isinstance(self.sheet, dict) else self.sheet


def told_columns(columns, grids):
    """Hand what the reader said of columns to each table.

    Parameters
    ----------
    columns : dict or None
        ``{their name: crmlab's name}``, or the same by table. ``None`` as crmlab's
        name leaves the column as it is.
    grids : dict of str to Grid
        The sources by table.

    Returns
    -------
    dict of str to dict
        For each table ``{their name: crmlab's name or None}``.

    Raises
    ------
    CrmlabError
        Naming every column that is not there, and every name crmlab does not have.

    Examples
    --------
    >>> told_columns(None, {"transactions": None})
    {'transactions': {}}
    """
    by_table = {table: {} for table in grids}
    if columns is None:
        return by_table
    if not isinstance(columns, dict) or not columns:
        step = 'write columns={"their name": "crmlab\'s name"}, for instance {"Iznos": "amount_cents"}.'
        raise CrmlabError(message("columns", f"found {columns!r:.60}.", allowed="a dict", next=step))
    nested = all(isinstance(names, dict) for names in columns.values())
    faults = []
    for table, names in columns.items() if nested else [(None, columns)]:
        if table is not None and table not in grids:
            found = f"no table '{table}' was given.{did_you_mean(table, grids)}"
            faults.append(message("columns", found, it_has=few(grids), next="use the name of a table you give."))
            continue
        tables = {table: grids[table]} if table else grids
        if _is_reversed(names, tables):
            turned = ", ".join(f'"{theirs}": "{ours}"' for ours, theirs in names.items())
            found = "the names are the wrong way round."
            faults.append(message("columns", found, next=f"turn them round: columns={{{turned}}}."))
            continue
        for theirs, ours in ((str(theirs), ours) for theirs, ours in names.items()):
            homes = [home for home in tables if theirs in tables[home].names and _takes(home, ours)]
            for home in homes:
                by_table[home][theirs] = "record_id" if ours == "customer_id" else ours
            if not homes:
                faults.append(_stray(theirs, ours, tables))
    faults += [fault for table, names in by_table.items() for fault in _twice(table, names)]
    if faults:
        raise CrmlabError(*faults)
    return by_table


def _takes(table, ours):
    return ours is None or ours == "customer_id" or ours in MODELS[table].columns


def _is_reversed(names, tables):
    theirs = {name for grid in tables.values() for name in grid.names}
    ours = {"customer_id", *(column for table in tables for column in MODELS[table].columns)}
    return all(key in ours - theirs and value in theirs for key, value in names.items())


def _stray(theirs, ours, tables):
    """Say which of the two names is not there."""
    there = [table for table, grid in tables.items() if theirs in grid.names]
    if not there:
        names = list(dict.fromkeys(name for grid in tables.values() for name in grid.names))
        where = few([grid.where for grid in tables.values()])
        found = f"no column '{theirs}', which columns= names.{did_you_mean(theirs, names)}"
        return message(where, found, it_has=few(names, 12), next="write the name as it stands in the file.")
    allowed = list(MODELS[there[0]].columns)
    found = f"'{theirs}' cannot become '{ours}': {there[0]} has no such column.{did_you_mean(ours, allowed)}"
    step = f'choose one of these, or None to leave it as text; crmlab.tables.describe("{there[0]}") explains them.'
    return message("columns", found, allowed=", ".join(allowed), next=step)


def _twice(table, names):
    """Two columns told to become the same one."""
    for ours in {ours for ours in names.values() if ours is not None}:
        several = [theirs for theirs in names if names[theirs] == ours]
        if len(several) > 1:
            found = f"{' and '.join(map(repr, several))} cannot both become '{ours}' of {table}."
            yield message("columns", found, next="keep one of them.")


def _is_delimiter(mark):
    return isinstance(mark, str) and len(mark) == 1 and mark not in '"\r\n'


def _is_encoding(name):
    try:
        codecs.lookup(name)
        io.TextIOWrapper(io.BytesIO(), encoding=name)  # refuses rot13 and zip, which make no text of bytes
    except (LookupError, TypeError, ValueError):
        return False
    return True


def _is_zone(name):
    try:
        ZoneInfo(name)
    except (ValueError, KeyError, TypeError, OSError):
        return False
    return True


def _is_currency(code):
    return re.fullmatch(r"[A-Z]{3}", str(code)) is not None
