"""Blocking by hand: which pairs of records share a key."""

import pandas as pd

from crmlab.dedupe.given import column_faults, numbered
from crmlab.errors import CrmlabError, message

__all__ = ["pairs_sharing"]

_MOST = 20_000_000


def pairs_sharing(table, *columns):
    """List the pairs of records that one blocking key brings together.

    Parameters
    ----------
    table : pandas.DataFrame of shape (n_records, n_columns)
        Each record once, named by record_id, else customer_id, else the index.
    *columns : str
        The key: two records are a pair when they agree in all of these, and none is empty.

    Returns
    -------
    pandas.MultiIndex of shape (n_pairs,)
        record_id_a and record_id_b, the smaller first, in order; ``union`` and ``intersection`` put keys together.

    Raises
    ------
    CrmlabError
        When a column is not there, a record stands twice, or the key would make more than 20 million pairs.

    Examples
    --------
    >>> records = pd.DataFrame({"record_id": [3, 1, 2, 4], "city": ["Split", "Split", "Zadar", None]})
    >>> pairs_sharing(records, "city").tolist()
    [(1, 3)]
    """
    table = numbered(table, "table")
    faults = column_faults("table", table, columns, "name columns the table has.")
    if not columns:
        faults.append(message("pairs_sharing(table, *columns)", "no column is named.", next='name one: "last_name".'))
    if faults:
        raise CrmlabError(*faults)
    known = table[["record_id", *columns]].dropna()
    sizes = known.groupby(list(columns), observed=True).size().astype("int64")
    n_pairs = int((sizes * (sizes - 1) // 2).sum())
    if n_pairs > _MOST:
        key = " + ".join(columns)
        found = f"the key {key} makes {n_pairs:,} pairs."
        next_step = "add a column to the key, so that fewer records share it."
        raise CrmlabError(message("pairs_sharing", found, allowed=f"up to {_MOST:,}", next=next_step))
    known = known.assign(block=known.groupby(list(columns), observed=True).ngroup())[["record_id", "block"]]
    both = known.merge(known, on="block", suffixes=("_a", "_b"))
    both = both.loc[both["record_id_a"] < both["record_id_b"], ["record_id_a", "record_id_b"]]
    return pd.MultiIndex.from_frame(both).sortlevel()[0]
