"""Records side by side: the pairs that share a value, and the points for what else agrees."""

import numpy as np
import pandas as pd

from crmlab.errors import CrmlabError, did_you_mean, few, message

__all__ = ["pairs", "points"]


def pairs(table, *, same):
    """Put every two records side by side that have the same value in one column.

    Parameters
    ----------
    table : pandas.DataFrame
        One row per record. A value that n records share makes n (n - 1) / 2 pairs.
    same : str
        The column they must share; records with nothing in it are in no pair.

    Returns
    -------
    pandas.DataFrame
        One row per pair, the earlier row first: every column twice, ending in ``_a`` and ``_b``.

    Raises
    ------
    CrmlabError
        When the table is none, or has no such column.

    Examples
    --------
    >>> people = pd.DataFrame({"name": ["Ana", "Eva", "Iva"], "phone": ["123456", None, "123456"]})
    >>> pairs(people, same="phone")[["name_a", "name_b"]].values.tolist()
    [['Ana', 'Iva']]
    """
    if not isinstance(table, pd.DataFrame):
        next_step = "give base.customers or another table."
        raise CrmlabError(message("table", f"found a {type(table).__name__}.", allowed="a table", next=next_step))
    if same not in table:
        found = f"there is no column {same!r}.{did_you_mean(same, table.columns)}"
        raise CrmlabError(message("same", found, it_has=few(table.columns, 12), next="choose one of these."))
    there = table[table[same].notna()]
    keys = pd.DataFrame({"key": pd.factorize(there[same])[0], "at": np.arange(len(there))})
    both = keys.merge(keys, on="key").query("at_x < at_y")
    sides = [
        there.iloc[both[at]].add_suffix(end).reset_index(drop=True) for at, end in (("at_x", "_a"), ("at_y", "_b"))
    ]
    return pd.concat(sides, axis=1)


def points(of_pairs, weights):
    """Add up, for each pair, the points of the fields that agree.

    Parameters
    ----------
    of_pairs : pandas.DataFrame
        What :func:`pairs` gives.
    weights : dict of str to float
        Points of each field; an empty field agrees with nothing.

    Returns
    -------
    pandas.Series
        One sum per pair.

    Raises
    ------
    CrmlabError
        When the pairs do not have a field.

    Examples
    --------
    >>> people = pd.DataFrame({"name": ["Ana", "Eva", "Ana"], "phone": ["123456"] * 3})
    >>> points(pairs(people, same="phone"), {"name": 1, "phone": 2}).tolist()
    [2, 3, 2]
    """
    fields = [name.removesuffix("_a") for name in of_pairs.columns if name.endswith("_a")]
    if unknown := [field for field in weights if field not in fields]:
        faults = [f"there is no field {field!r}.{did_you_mean(field, fields)}" for field in unknown]
        step = "name fields of the pairs."
        raise CrmlabError(*(message("weights", fault, it_has=few(fields, 12), next=step) for fault in faults))
    summed = pd.Series(0, index=of_pairs.index)
    for field, weight in weights.items():
        one, other = of_pairs[f"{field}_a"], of_pairs[f"{field}_b"]
        summed += (one.eq(other).fillna(False).astype(bool) & one.notna()) * weight
    return summed
