"""A source as a grid of text: names on top, rows below, what is no row of the table set aside."""

from dataclasses import dataclass, field
from itertools import chain

import numpy as np
import pyarrow as pa

from crmlab.errors import CrmlabError, message
from crmlab.tables.own_data.cells import clean
from crmlab.tables.own_data.heading import find_header, unique_names

__all__ = ["Grid", "build_grid"]

_LOOK = 60


@dataclass
class Grid:
    """One table as it stands in its source: every cell a text.

    Parameters
    ----------
    where : str
        Name of the source, for messages.
    facts : list of str
        How the source was read: encoding, delimiter, sheet, line of names.
    cells : pyarrow.Table
        The columns under their own (made unique) names.
    header : list of str
        The names as they stand in the source; empty where there is none.
    lines : ndarray of int
        Where each row begins in the source.
    joiner : str
        What stands between values when a row is shown.
    numbers : dict of str to ndarray of bool
        Per column, which cells were typed numbers in the source.
    dropped : list of tuple (line, reason, text)
        What was no row of the table.
    cautions : list of str
        What the reader should look at.

    Examples
    --------
    >>> rows = [["id", "sum"], [], ["7", "1,50"]]
    >>> grid = build_grid("x.csv", [], [([1, 2, 3], rows)], ";", lambda cells: True)
    >>> grid.cells.to_pylist(), grid.lines, grid.dropped
    ([{'id': '7', 'sum': '1,50'}], array([3]), [(2, 'blank line', '')])
    """

    where: str
    facts: list
    cells: pa.Table
    header: list
    lines: np.ndarray
    joiner: str
    numbers: dict = field(default_factory=dict)
    dropped: list = field(default_factory=list)
    cautions: list = field(default_factory=list)

    @property
    def names(self):
        """The names of the columns."""
        return self.cells.column_names

    def column(self, name):
        """One column as a pyarrow array of text."""
        return self.cells.column(name).chunk(0)

    def without_hollow(self):
        """The same grid without columns that have neither a name nor a value."""
        names = dict(zip(self.names, self.header, strict=True))
        hollow = [name for name in names if not names[name] and not self.column(name).drop_null()]
        self.header = [names[name] for name in names if name not in hollow]
        self.cells = self.cells.drop_columns(hollow)
        return self

    def texts(self, rows):
        """The rows of a mask as they would stand in a file."""
        columns = [self.column(name).filter(pa.array(rows)).to_pylist() for name in self.names]
        return [self.joiner.join(cell or "" for cell in row) for row in zip(*columns, strict=True)]


def build_grid(where, facts, blocks, joiner, recognised):
    """Find the line of names and set the rows below it into columns.

    Parameters
    ----------
    where : str
        Name of the source.
    facts : list of str
        How it was read; the line of names is added.
    blocks : iterable of (lines, rows)
        All rows of the source, some thousands at a time, title lines included.
    joiner : str
        What stands between values when a row is shown.
    recognised : callable
        Tells whether a row is the line of names for certain.

    Returns
    -------
    Grid

    Raises
    ------
    CrmlabError
        When there is no line of names, or nothing below it.

    Examples
    --------
    >>> build_grid("x.csv", [], [([1], [["id", "sum"]])], ";", lambda cells: True)
    Traceback (most recent call last):
        ...
    crmlab.errors.CrmlabError: x.csv: it has a line of names and no rows below.
      it has  : id;sum
      next    : export it again, with its rows.
    """
    blocks = iter(blocks)
    at, rows = next(blocks, ((), []))
    head = find_header(rows[:_LOOK], recognised)
    if head is None:
        raise CrmlabError(_no_header(where, rows, joiner))
    header = [" ".join(cell.split()) for cell in rows[head]]
    names, again = unique_names(header)
    above = zip(at[:head], rows[:head], strict=True)
    dropped = [(line, _blank(cells) or "above the names", _shown(cells, joiner)) for line, cells in above]
    parts, lines, faults = _below(chain([(at[head + 1 :], rows[head + 1 :])], blocks), names, joiner)
    dropped += faults
    if sum(reason != "blank line" for _, reason, _ in faults) > sum(map(len, lines)):
        raise CrmlabError(_too_wide(where, names, faults))
    if not parts:
        found = "it has a line of names and no rows below."
        raise CrmlabError(message(where, found, it_has=joiner.join(names), next="export it again, with its rows."))
    facts = [*facts, f"names in line {at[head]}"]
    grid = Grid(
        where, facts, pa.concat_tables(parts).combine_chunks(), header, np.concatenate(lines), joiner, dropped=dropped
    )
    grid.cautions += [f"The name '{name}' stands over more than one column." for name in again]
    return grid


def _below(blocks, names, joiner):
    """Set rows into columns, block by block so that a long file fits."""
    parts, lines, faults = [], [], []
    width = len(names)
    for at, rows in blocks:
        if set(map(len, rows)) != {width} or not all(row[0] for row in rows):
            at, rows = _sorted_out(at, rows, width, joiner, faults)
        if rows:
            lines.append(np.asarray(at, np.int64))
            parts.append(pa.table([clean(pa.array(column)) for column in zip(*rows, strict=True)], names=names))
    return parts, lines, faults


def _sorted_out(at, rows, width, joiner, faults):
    """Set aside what is no row of the table, and bring the others to one width."""
    lines, kept = [], []
    for line, row in zip(at, rows, strict=True):
        fault = _blank(row) or ("more values than names" if any(map(str.strip, row[width:])) else None)
        if fault:
            faults.append((line, fault, _shown(row, joiner)))
        else:
            lines.append(line)
            kept.append((row + [""] * (width - len(row)))[:width])
    return lines, kept


def _blank(cells):
    return None if any(map(str.strip, cells)) else "blank line"


def _shown(cells, joiner):
    """A row as it would stand in a file, without what is empty at its end."""
    last = max((at for at, cell in enumerate(cells, 1) if cell.strip()), default=0)
    return joiner.join(cells[:last])


def _no_header(where, rows, joiner):
    shown = next((joiner.join(cells) for cells in rows if not _blank(cells)), None)
    if shown is None:
        return message(where, "the file is empty.", next="export it again.")
    found = "there is no line of names; its first lines look like values."
    return message(where, found, first_line=shown[:80], next="write the names of the columns into the first line.")


def _too_wide(where, names, faults):
    line, _, text = next(fault for fault in faults if fault[1] != "blank line")
    found = f"most rows have more values than the {len(names)} names above them."
    step = "if a comma is both decimal and delimiter, export it again with semicolons, or as an Excel workbook."
    return message(where, found, line=f"{line}: {text[:80]}", next=step)
