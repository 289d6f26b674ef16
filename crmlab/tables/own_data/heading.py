"""Find the line of names in a source, and give every column a name of its own."""

import re
from collections import Counter

from crmlab.tables.own_data.words import NOTHING

__all__ = ["can_be_header", "find_header", "unique_names"]

_VALUE = re.compile(r"^[-+(]?\s*(?:[€$£]\s*)?\d[\d.,:/' \-]*\)?\s*(?:[€$£%]|kn|eur)?$", re.IGNORECASE)


def can_be_header(cells):
    """Tell whether a row can be the line of names: filled, and no value among its cells.

    Parameters
    ----------
    cells : list of str
        The row.

    Returns
    -------
    bool

    Examples
    --------
    >>> can_be_header(["Kupac", "Datum", "Iznos"]), can_be_header(["A-17", "31.12.2025", "12,50"])
    (True, False)
    """
    filled = [cell.strip() for cell in cells if cell.strip()]
    if not filled or len(filled) < len(cells) / 2:
        return False
    return not any(_VALUE.match(cell) or cell.lower() in NOTHING or "@" in cell for cell in filled)


def find_header(first, recognised):
    """Find the line of names among the first rows of a source.

    Parameters
    ----------
    first : list of list of str
        The first rows.
    recognised : callable
        Tells whether a row is the line of names for certain (told or well-known names).

    Returns
    -------
    int or None
        Its position.

    Examples
    --------
    >>> rows = [["Sales 2025", "", ""], [], ["who", "when", "what"], ["7", "2025-01-01", "x"]]
    >>> find_header(rows, lambda cells: False)
    2
    """
    for at, cells in enumerate(first):
        if recognised(cells):
            return at
    filled = [sum(bool(cell.strip()) for cell in cells) for cells in first]
    usual = Counter(n for n in filled if n).most_common(1)
    enough = usual[0][0] * 0.6 if usual else 1
    for at, cells in enumerate(first):
        last = max((n for n, cell in enumerate(cells, 1) if cell.strip()), default=0)
        if filled[at] >= enough and can_be_header(cells[:last]):
            return at
    return None


def unique_names(cells):
    """Give every column a name of its own.

    Parameters
    ----------
    cells : list of str
        The line of names, as in the source.

    Returns
    -------
    names : list of str
    again : list of str
        Names that stood there more than once.

    Examples
    --------
    >>> unique_names(["Iznos", "", "Iznos"])
    (['Iznos', 'column 2', 'Iznos (2)'], ['Iznos'])
    """
    names, again = [], []
    for at, cell in enumerate(cells, 1):
        name = " ".join(cell.replace("\ufeff", "").split()) or f"column {at}"
        if name in names:
            again.append(name)
            name = next(f"{name} ({n})" for n in range(2, len(cells) + 2) if f"{name} ({n})" not in names)
        names.append(name)
    return names, list(dict.fromkeys(again))
