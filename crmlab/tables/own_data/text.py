"""From text to records: which character stands between values, quotes, and where each record begins."""

import csv
import io
from collections import Counter
from itertools import islice

from crmlab.errors import CrmlabError, message

__all__ = ["DELIMITERS", "find_delimiter", "lines_of", "records"]

DELIMITERS = {"\t": "tab", ";": "semicolon", "|": "bar", ",": "comma"}
_SAMPLE = 200


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
    """Read records, each with the number of the line it begins in.

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
    line : int
        Counted from 1.
    cells : list of str
        Empty for a blank line.

    Examples
    --------
    >>> list(records(['1;"a', 'b";2', "", '3;"x;4'], ";", []))
    [(1, ['1', 'ab', '2']), (3, []), (4, ['3', '"x', '4'])]
    """
    position, width = 0, 0

    def feed():
        nonlocal position
        while position < len(lines):
            position += 1
            yield lines[position - 1]

    reader = csv.reader(feed(), delimiter=delimiter)
    while True:
        start = position
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:  # a field longer than any real one: swallowed
            swallowed = True
            reader = csv.reader(feed(), delimiter=delimiter)
        else:
            several = position - start > 1 or position == len(lines)
            swallowed = several and _is_swallowed(lines[start:position], position == len(lines), delimiter, width)
        if swallowed:
            cells = next(csv.reader([lines[start]], delimiter=delimiter, quoting=csv.QUOTE_NONE))
            position = start + 1
            mended.append(position)
        if cells and position - start == 1:
            width = len(cells)
        yield start + 1, cells


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
    rows = [cells for _, cells in records(sample, delimiter, []) if any(cell.strip() for cell in cells)]
    widths = Counter(len(cells) for cells in rows)
    width, n = max(widths.items(), key=lambda item: (item[1] * (item[0] > 1), item[0]), default=(0, 0))
    header = any(len(cells) == width and is_header(cells) for cells in islice(rows, 50))
    return header and width > 1, width * n / max(len(rows), 1), -list(DELIMITERS).index(delimiter)
