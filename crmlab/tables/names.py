"""Names and facts a base on disk can hold, and none that lead out of its folder."""

import json
import re

import numpy as np

from crmlab.errors import CrmlabError, few, message

__all__ = ["check_names", "is_entry", "plain_fact"]


def check_names(about, tables, truth):
    """Refuse names that could not be kept: every name of a table becomes the name of a file.

    Parameters
    ----------
    about : dict
        What the manifest is to say of the base.
    tables, truth : dict of str to pandas.DataFrame
        The tables by name.

    Raises
    ------
    CrmlabError
        With every name or fact that a folder could not hold.

    Examples
    --------
    >>> check_names({}, {"../orders": pd.DataFrame()}, {})
    Traceback (most recent call last):
        ...
    crmlab.errors.CrmlabError: ../orders: no file can have this name.
      allowed : a letter, then letters, digits or _
      next    : name the table otherwise; nothing was changed.
    """
    faults = []
    for word in sorted({"format", "tables", "truth"}.intersection(about)):
        found = f"'{word}' is a word of the manifest itself."
        faults.append(message("about", found, next="call this fact otherwise; nothing was changed."))
    try:
        json.dumps(about, default=plain_fact)
    except (TypeError, ValueError) as error:
        step = "give plain facts: texts, numbers, dates; nothing was changed."
        faults.append(message("about", f"it cannot be saved ({error}).", next=step))
    for part in (tables, truth):
        met = {}
        for name, frame in part.items():
            if not _is_plain(name):
                rule = "a letter, then letters, digits or _"
                step = "name the table otherwise; nothing was changed."
                faults.append(message(name, "no file can have this name.", allowed=rule, next=step))
            elif met.setdefault(name.casefold(), name) != name:
                found = f"'{met[name.casefold()]}' is another table, and not every disk tells the two files apart."
                faults.append(message(name, found, next="name one of them otherwise; nothing was changed."))
            odd = [column for column in frame.columns if not isinstance(column, str)]
            if odd:
                found = f"names of columns that are no text: {few(map(repr, odd))}."
                step = "rename them, for instance frame.rename(columns=str); nothing was changed."
                faults.append(message(name, found, next=step))
    if faults:
        raise CrmlabError(*faults)


def is_entry(table, entry):
    """Tell whether a manifest names a table, and its parts if it has any, inside the base's own folder.

    Parameters
    ----------
    table : str
        Name of the table.
    entry : dict
        What the manifest says of it.

    Returns
    -------
    bool

    Examples
    --------
    >>> is_entry("orders", {"parts": ["0.parquet"]}), is_entry("orders", {"parts": ["../0.parquet"]})
    (True, False)
    """
    parts = entry.get("parts", ["0.parquet"])
    return _is_plain(table) and bool(parts) and all(re.fullmatch(r"[\w-]+\.parquet", part, re.ASCII) for part in parts)


def _is_plain(name):
    return isinstance(name, str) and re.fullmatch(r"[A-Za-z]\w{0,99}", name, re.ASCII) is not None


def plain_fact(fact):
    """Put a fact as JSON holds it: NumPy's numbers as plain ones, times as text.

    Parameters
    ----------
    fact : object
        What JSON does not take as it is.

    Returns
    -------
    bool, int, float or str

    Raises
    ------
    TypeError
        When it is no plain fact.

    Examples
    --------
    >>> plain_fact(pd.Timestamp("2025-01-31"))
    '2025-01-31T00:00:00'
    """
    if isinstance(fact, np.generic):
        return fact.item()
    if hasattr(fact, "isoformat"):
        return fact.isoformat()
    raise TypeError(f"a {type(fact).__name__} is no plain fact")
