"""Open a workbook (xlsx, xls, xlsb, ods) as a grid of text."""

import io

import python_calamine as calamine

from crmlab.errors import CrmlabError, did_you_mean, few, message
from crmlab.tables.own_data.cells import from_objects
from crmlab.tables.own_data.grid import build_grid

__all__ = ["read_workbook"]


def read_workbook(where, content, sheet, recognised):
    """Open one sheet of a workbook; lines are numbered as Excel shows them.

    Parameters
    ----------
    where : str
        Name of the file.
    content : bytes
        The file.
    sheet : str, int or None
        Name or position (from 0) of the sheet; None takes the first that is not empty.
    recognised : callable
        Tells whether a row is the line of names for certain.

    Returns
    -------
    Grid

    Raises
    ------
    CrmlabError
        When the workbook is locked by a password or damaged, or has no such sheet.

    Examples
    --------
    >>> read_workbook("orders.xlsx", b"PK junk", None, bool)
    Traceback (most recent call last):
        ...
    crmlab.errors.CrmlabError: orders.xlsx: this is no workbook, or a damaged one.
      next    : open it in Excel and save it again as .xlsx, or export it as CSV.
    """
    book = _open(where, content)
    name, rows, others = _choose(where, book, sheet)
    columns = [from_objects(column) for column in zip(*rows, strict=True)]
    texts = [texts.fill_null("").to_pylist() for texts, _ in columns]
    rows = [list(row) for row in zip(*texts, strict=True)]
    grid = build_grid(where, [f"sheet '{name}'"], [(range(1, len(rows) + 1), rows)], " | ", recognised)
    grid.numbers = {
        own: numbers[grid.lines - 1] for own, (_, numbers) in zip(grid.names, columns, strict=True) if numbers.any()
    }
    if others:
        grid.cautions.append(f"Only sheet '{name}' was read, not {few(others)}; choose with sheet=\"{others[0]}\".")
    return grid.without_hollow()


def _open(where, content):
    locked = content.startswith(b"\xd0\xcf\x11\xe0") and "EncryptedPackage".encode("utf-16-le") in content
    try:
        return calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    except calamine.PasswordError:
        locked = True
    except Exception:  # the library below has many names for damage
        pass
    if locked:
        found = "the workbook is locked by a password."
        raise CrmlabError(message(where, found, next="open it in Excel and save a copy without the password."))
    raise _damaged(where)


def _damaged(where):
    found = "this is no workbook, or a damaged one."
    return CrmlabError(message(where, found, next="open it in Excel and save it again as .xlsx, or export it as CSV."))


def _choose(where, book, sheet):
    """The sheet to read: its name, its rows, and the names of other sheets that are not empty."""
    names = book.sheet_names
    if (isinstance(sheet, int) and not 0 <= sheet < len(names)) or (isinstance(sheet, str) and sheet not in names):
        found = f"no sheet {sheet!r}.{did_you_mean(sheet, names)}"
        raise CrmlabError(message(where, found, it_has=few(names, 12), next="choose one of these with sheet=."))
    if sheet is not None:
        name = names[sheet] if isinstance(sheet, int) else sheet
        rows = _rows(where, book, name)
        if not rows:
            raise CrmlabError(message(where, f"sheet '{name}' is empty.", next="choose another with sheet=."))
        return name, rows, []
    filled = {name: rows for name in names if (rows := _rows(where, book, name))}
    if not filled:
        raise CrmlabError(message(where, "every sheet is empty.", next="export it again."))
    name, *others = filled
    return name, filled[name], others


def _rows(where, book, name):
    """All rows of a sheet down to the last that holds anything."""
    try:
        rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except Exception:  # charts have no rows; damage has many names
        if book.sheets_metadata[book.sheet_names.index(name)].typ != calamine.SheetTypeEnum.WorkSheet:
            return []
        raise _damaged(where) from None
    while rows and not any(cell != "" and cell is not None for cell in rows[-1]):
        rows.pop()
    return rows
