"""Open what the reader gave (a file or a DataFrame) as a grid of text."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from crmlab.errors import CrmlabError, did_you_mean, few, message
from crmlab.tables.own_data.cells import from_series
from crmlab.tables.own_data.encoding import decode
from crmlab.tables.own_data.excel import read_workbook
from crmlab.tables.own_data.grid import Grid, build_grid
from crmlab.tables.own_data.heading import can_be_header, unique_names
from crmlab.tables.own_data.text import DELIMITERS, find_delimiter, lines_of, records

__all__ = ["from_frame", "open_source"]

_WORKBOOK = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_OTHER = {
    b"%PDF": ("a PDF", "export the table itself, as CSV or Excel."),
    b"PAR1": ("a Parquet file", "read it with pandas.read_parquet and give the DataFrame."),
    b"\x1f\x8b": ("a packed file (gzip)", "unpack it first."),
    b"SQLite": ("a database", "export the table itself, as CSV or Excel."),
    b"<": ("a web page (HTML or XML), whatever its ending", "open it in Excel and save it as .xlsx, then load that."),
    b"{": ("a JSON file", "read it with pandas.read_json and give the DataFrame."),
    b"[{": ("a JSON file", "read it with pandas.read_json and give the DataFrame."),
}


def open_source(table, source, *, encoding, delimiter, sheet, recognised):
    """Open a file or a DataFrame as a grid of text.

    Parameters
    ----------
    table : str
        The table it is given for, for messages.
    source : str, path or pandas.DataFrame
        CSV, TXT or TSV; xlsx, xls, xlsb or ods; or the table itself. What a file is
        is told from its content, not from its ending.
    encoding, delimiter, sheet : str or None
        As told by the reader.
    recognised : callable
        Tells whether a row is the line of names for certain.

    Returns
    -------
    Grid

    Raises
    ------
    CrmlabError
        When there is no such file, it cannot be opened, or it holds no table.

    Examples
    --------
    >>> path = tmp / "orders.csv"
    >>> _ = path.write_text("kupac;iznos\\n1;2,50\\n", encoding="utf-8")
    >>> grid = open_source("transactions", path, encoding=None, delimiter=None, sheet=None, recognised=can_be_header)
    >>> grid.facts, grid.cells.to_pylist()
    (['UTF-8', 'semicolon', 'names in line 1'], [{'kupac': '1', 'iznos': '2,50'}])
    """
    if isinstance(source, pd.DataFrame):
        return from_frame(f"the {table} DataFrame", source)
    if not isinstance(source, (str, Path)):
        raise CrmlabError(
            message(
                table,
                f"found a {type(source).__name__}.",
                allowed="the path of a file, or a pandas DataFrame",
                next='give one, for instance transactions="orders.csv".',
            )
        )
    path = Path(source).expanduser()
    content = _content(path)
    if content.startswith(_WORKBOOK):
        return read_workbook(path.name, content, sheet, recognised)
    if sheet is not None:
        found = "a sheet was named, but this is no workbook."
        raise CrmlabError(message(path.name, found, next="leave sheet= out, or give the workbook."))
    _refuse_other(path.name, content)
    return _from_text(path.name, content, encoding, delimiter, recognised)


def _content(path):
    """All bytes of a file, or a message that says why there are none."""
    try:
        content = path.read_bytes()
    except PermissionError:
        if not path.is_dir():
            found = "the file may not be read; perhaps it is open in Excel."
            raise CrmlabError(message(path.name, found, next="close it there, or copy it, then try again.")) from None
        content = None
    except (OSError, ValueError):
        content = None
    if content is None and path.is_dir():
        files = sorted(item.name for item in path.iterdir() if item.is_file())
        step = "name the file itself."
        raise CrmlabError(message(path, "this is a folder.", it_has=few(files) or "no files", next=step))
    if content is None:
        folder = path.parent
        near = did_you_mean(path.name, [item.name for item in folder.iterdir()]) if folder.is_dir() else ""
        step = f"check name and folder; it was looked for in {folder.absolute()}."
        raise CrmlabError(message(path.name, f"there is no such file.{near}", next=step))
    if not content.strip():
        raise CrmlabError(message(path.name, "the file is empty.", next="export it again."))
    return content


def _refuse_other(where, content):
    head = content[:200].removeprefix(b"\xef\xbb\xbf").lstrip()
    for mark, (kind, step) in _OTHER.items():
        if head.startswith(mark):
            raise CrmlabError(message(where, f"this is {kind}.", allowed="CSV or an Excel workbook", next=step))


def _from_text(where, content, encoding, delimiter, recognised):
    text, name, caution = decode(content, encoding, where)
    lines = lines_of(text)
    delimiter = delimiter or find_delimiter(lines, lambda cells: recognised(cells) or can_be_header(cells), where)
    mended = []
    facts = [name, DELIMITERS.get(delimiter, f"'{delimiter}'")]
    grid = build_grid(where, facts, records(lines, delimiter, mended), delimiter, recognised)
    grid.cautions += [caution] if caution else []
    if mended:
        grid.cautions.append(f"A quotation mark is opened and never closed (line {few(mended)}); taken as a letter.")
    return grid.without_hollow()


def from_frame(where, frame):
    """Take a DataFrame as a grid of text; it is left as it was.

    Parameters
    ----------
    where : str
        What it is called in messages.
    frame : pandas.DataFrame
        The table.

    Returns
    -------
    Grid
        Its lines are positions, counted from 0.

    Raises
    ------
    CrmlabError
        When it has no rows, or names of several levels.

    Examples
    --------
    >>> from_frame("orders", pd.DataFrame({"customer": [7], "paid": [2.5]})).cells.to_pylist()
    [{'customer': '7', 'paid': '2.5'}]
    """
    if frame.columns.nlevels > 1:
        raise CrmlabError(
            message(where, "its columns have names of several levels.", next="give it one line of names first.")
        )
    if not len(frame):
        raise CrmlabError(message(where, "it has no rows.", next="give a DataFrame with rows."))
    names, again = unique_names([str(name) for name in frame.columns])
    columns, numbers = {}, {}
    for at, name in enumerate(names):
        columns[name], numbers[name] = from_series(frame.iloc[:, at])
    lines = np.arange(len(frame))
    grid = Grid(where, ["lines are positions, from 0"], pa.table(columns), list(names), lines, " | ", numbers)
    grid.cautions += [f"The name '{name}' stands over more than one column." for name in again]
    return grid
