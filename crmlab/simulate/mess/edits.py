"""Do errors to records, each kind by its dose, and log every edit."""

import numpy as np
import pandas as pd

from crmlab.simulate.columns import words
from crmlab.simulate.mess.kinds import KINDS
from crmlab.simulate.mess.sheet import Sheet
from crmlab.simulate.mess.words import mess_words

__all__ = ["mess"]

_COLUMNS = ("record_id", "column", "operation", "before", "after", "source", "block")
_CLEANING = "cleaning"  # who merges records, rightly or wrongly
_LOW = np.uint64(0xFFFFFFFF)


def mess(block, persons, records, habits, table):
    """Do errors to the records of a block.

    Parameters
    ----------
    block : Block
        The ``[mess]`` of its spec holds the dose of each kind of error.
    persons : pandas.DataFrame
        The clean values.
    records : Records
    habits : Habits
    table : pandas.DataFrame
        The records as they should be, one row each, in the order of ``records``.

    Returns
    -------
    table : pandas.DataFrame
        The records as they are, in order of record.
    edits : pandas.DataFrame
        The truth, one row per cell and kind of error, in order of record and then of
        what was done: record_id, column, operation, before, after (empty: nothing
        there), source (who or what did it; "cleaning" where records were merged) and
        block. What is in the table is the clean value, or a gap, with the edits of its
        cell done one after the other.
    """
    columns = dict.fromkeys(column for kind in KINDS.values() for group in kind.groups for column in group)
    sheet = Sheet(table, columns, KINDS)
    owner = records.frame["owner"].to_numpy()
    who = _Who(block, persons, owner)
    for name, kind in KINDS.items():
        dose = block.spec["mess"][name]
        if dose <= 0:
            continue
        rate = habits.rates(name, dose)
        for group in kind.groups:
            group = [column for column in group if not sheet.is_empty(column)]
            if name == "wrong_merge":
                _merge(sheet, name, kind, records, who)
            else:
                _do(sheet, name, kind, group, rate, records, who)
    return sheet.table(records.order), _log(block, sheet.log, records, habits)


class _Who:
    """What errors need to know of the persons behind the records."""

    def __init__(self, block, persons, owner):
        self.block, self.owner, self.persons = block, owner, persons
        self.words = mess_words(block.plan.locale)
        self.is_woman = (persons["gender"] == "female").to_numpy()[owner]
        self.home = persons["household_id"].to_numpy() - 1 - block.person[0]

    def lots(self, name, kind, numbers):
        """Settle what is left to chance."""
        if kind.lot == "record":
            return numbers & _LOW
        whose = self.owner if kind.lot == "person" else self.home[self.owner]
        return self.block.draw("mess", name, "lot").integers(0, 1 << 32, self.block.size, dtype=np.uint64)[whose]


def _do(sheet, name, kind, group, rate, records, who):
    """Draw for each record whether it gets the error, and do it."""
    if not group or (kind.as_one and len(group) < 2):
        return
    numbers = records.drawn(_sixty_four_bits, name, *group)
    gets = (numbers >> np.uint64(32)) < rate.astype(np.uint64)
    rows = np.flatnonzero(gets & who.is_woman if kind.women else gets)
    if not len(rows):
        return
    lots = who.lots(name, kind, numbers)[rows].tolist()
    if kind.as_one:
        before = [sheet.read(column, rows) for column in group]
        after = zip(
            *(_as_one(kind, cells, lot, who.words) for *cells, lot in zip(*before, lots, strict=True)), strict=True
        )
        for column, old, new in zip(group, before, after, strict=True):
            sheet.write(name, column, rows, old, new)
    else:
        for column in group:
            old = sheet.read(column, rows)
            new = [
                kind.change(text, lot, who.words) if kind.fills or text is not None else None
                for text, lot in zip(old, lots, strict=True)
            ]
            sheet.write(name, column, rows, old, new)


def _as_one(kind, cells, lot, words):
    return tuple(cells) if None in cells else kind.change(tuple(cells), lot, words)


def _merge(sheet, name, kind, records, who):
    """Leave on a record that swallowed that of the person before some of what was that person's."""
    (group,) = kind.groups
    rows = np.flatnonzero(np.isin(who.owner, records.swallowing) & (records.frame["slot"] == 0).to_numpy())
    lots = who.lots(name, kind, records.drawn(_sixty_four_bits, name, *group))[rows].tolist()
    theirs = Sheet(who.persons.take(who.owner[rows] - 1), group, ())
    before = [sheet.read(column, rows) for column in group]
    other = (theirs.read(column, np.arange(len(rows))) for column in group)
    both = zip(zip(*before, strict=True), zip(*other, strict=True), lots, strict=True)
    merged = [kind.change(*cells) for cells in both]
    for column, old, new in zip(group, before, zip(*merged, strict=True), strict=False):
        sheet.write(name, column, rows, old, new)


def _sixty_four_bits(dice, n):
    return dice.integers(0, 1 << 64, n, dtype=np.uint64)


def _log(block, log, records, habits):
    """Put the edits in order of record, with their source."""
    row = log["row"].to_numpy()
    record_id = records.frame["record_id"].to_numpy()[row]
    unit = np.where(log["operation"] == "wrong_merge", len(habits.names), habits.unit[row])
    log = log.assign(record_id=record_id, source=words(unit, [*habits.names, _CLEANING]), block=block.number)
    return pd.DataFrame(log, columns=_COLUMNS).take(np.argsort(record_id, kind="stable")).reset_index(drop=True)
