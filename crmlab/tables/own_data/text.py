"""From text to records: which character stands between values, quotes, and where each record begins."""

import csv
import io
from collections import Counter
from itertools import islice

from crmlab.errors import CrmlabError, message

__all__ = ["DELIMITERS", "find_delimiter", "lines_of", "records"]

DELIMITERS = {"\t": "tab", ";": "semicolon", "|": "bar", ",": "comma"}
_SAMPLE = 200
_BLOCK = 4_096


def lines_of(text):
    r"""Cut a text into lines at any kind of line end, keeping the ends.

    Parameters
    ----------
    text : str
        The file.

    Returns
    -------
    list of str

    Examples
    --------
    >>> lines_of("a;b\r\n1;2")
    ['a;b\r\n', '1;2']
    """
    return list(io.StringIO(text, newline=""))


def records(lines, delimiter, mended):
    """Read records, some thousands at a time, each with the number of the line it begins in.

    A value in quotes may hold the delimiter and line breaks. A quotation mark that
    is never closed would swallow every record to the end of the file: such a line is
    read again with the mark as an ordinary letter.

    Parameters
    ----------
    lines : list of str
        The file, line by line.
    delimiter : str
        The character between values.
    mended : list of int
        Receives the numbers of lines read again.

    Yields
    ------
    at : sequence of int
        Number of the first line of each record, counted from 1.
    rows : list of list of str
        The values; none for a blank line.

    Examples
    --------
    >>> list(records(['1;"a', 'b";2', "", '3;"x;4'], ";", []))
    [([1, 3, 4], [['1', 'ab', '2'], [], ['3', '"x', '4']])]
    """
    start, width = 0, 0
    while start < len(lines):
        block = lines[start : start + _BLOCK]
        rows = _all_at_once(block, delimiter)
        if rows is None:
            at, rows, start = _one_by_one(lines, start, delimiter, width, mended)
        else:
            at = range(start + 1, start + 1 + len(block))
            start += len(block)
        width = len(rows[-1]) or width
        yield at, rows


def _all_at_once(block, delimiter):
    """The quick way, where every line is a record of its own."""
    try:
        rows = list(csv.reader(block, delimiter=delimiter, skipinitialspace=True))
    except csv.Error:
        return None
    return rows if len(rows) == len(block) and block[-1].count('"') % 2 == 0 else None


def _one_by_one(lines, start, delimiter, width, mended):
    """The careful way, for records of several lines and quotation marks never closed."""
    position, end = start, min(start + _BLOCK, len(lines))

    def feed():
        nonlocal position
        while position < len(lines):
            position += 1
            yield lines[position - 1]

    at, rows, reader = [], [], csv.reader(feed(), delimiter=delimiter, skipinitialspace=True)
    while position < end:
        first = position
        try:
            cells = next(reader)
        except csv.Error:  # a value longer than any real one: swallowed
            swallowed = True
        else:
            several = position - first > 1 or position == len(lines)
            swallowed = several and _is_swallowed(lines[first:position], position == len(lines), delimiter, width)
        if swallowed:
            cells = lines[first].rstrip("\r\n").split(delimiter)
            position = first + 1
            reader = csv.reader(feed(), delimiter=delimiter, skipinitialspace=True)
            if '"' in lines[first]:
                mended.append(position)
        if cells and position - first == 1:
            width = len(cells)
        at.append(first + 1)
        rows.append(cells)
    return at, rows, position


def _is_swallowed(lines, is_last, delimiter, width):
    """Was a quotation mark opened in the first of these lines and never meant to be?"""
    if is_last and sum(line.count('"') for line in lines) % 2:
        return True
    return len(lines) > 1 and all(line.count(delimiter) == width - 1 > 0 for line in lines[:2])


def find_delimiter(lines, is_header, where):
    """Find the character between values: the one that cuts a header and equal rows.

    Parameters
    ----------
    lines : list of str
        The file, line by line.
    is_header : callable
        Tells whether a list of cells can be the line of names.
    where : str
        Name of the file, for messages.

    Returns
    -------
    str

    Raises
    ------
    CrmlabError
        When no character cuts the lines into columns.

    Examples
    --------
    >>> find_delimiter(["kupac;iznos", "1;2,50", "2;3,10"], lambda cells: len(cells) > 1, "orders.csv")
    ';'
    """
    sample = lines[:_SAMPLE]
    if sample and sample[0].lower().startswith("sep=") and len(sample[0].strip()) == 5:
        return sample[0].strip()[-1]
    best = max(DELIMITERS, key=lambda delimiter: _score(sample, delimiter, is_header))
    if _score(sample, best, is_header)[1] <= 1:
        single = [line.strip() for line in sample if line.strip()]
        if single and len(single[0].split()) == 1 and is_header([single[0]]):
            return best
        found = "no comma, semicolon, tab or bar cuts its lines into columns."
        raise CrmlabError(
            message(
                where,
                found,
                first_line=single[0][:80] if single else "",
                next='say what stands between the values, for instance delimiter=" ".',
            )
        )
    return best


def _score(sample, delimiter, is_header):
    rows = [cells for _, block in records(sample, delimiter, []) for cells in block if any(map(str.strip, cells))]
    widths = Counter(len(cells) for cells in rows)
    width, n = max(widths.items(), key=lambda item: (item[1] * (item[0] > 1), item[0]), default=(0, 0))
    header = any(len(cells) == width and is_header(cells) for cells in islice(rows, 50))
    return header and width > 1, width * n / max(len(rows), 1), -list(DELIMITERS).index(delimiter)
