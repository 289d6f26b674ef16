"""Where a field of a golden record came from, and whose row a row of another table is."""

import pandas as pd

from crmlab.errors import few

__all__ = ["carried", "comparable", "traced"]


def comparable(values):
    """Write lists and the like as texts, so that they can be counted and told apart; other values stay.

    Parameters
    ----------
    values : pandas.Series

    Returns
    -------
    pandas.Series

    Examples
    --------
    >>> comparable(pd.Series([["a"], None, ["a"]])).nunique()
    1
    """
    if values.dtype == object and any(map(pd.api.types.is_list_like, values)):
        return values.map(str, na_action="ignore")
    return values


def traced(records, own, column, rules, winner):
    """Tell where one field of one customer came from.

    Parameters
    ----------
    records, own : pandas.DataFrame
        All records, and those of the customer.
    column : str
    rules : tuple of str
        What decided the column.
    winner : int
        Row of the winning record, −1 if there is none.

    Returns
    -------
    tuple
        column, value, record_id, why, other_values.
    """
    values = comparable(own.set_index("record_id")[column].dropna())
    record_id = records["record_id"].iloc[winner] if winner >= 0 else None
    if record_id not in values.index:
        why = "no record has it" if values.empty else "left empty, so as not to mix two records"
        return column, None, None, why, few(values.unique(), 3)
    value = values[record_id]
    others = [other for other in values.drop(record_id).unique() if other != value]
    if len(values) == 1:
        why = "only this record has it" if len(own) > 1 else "the only record"
    elif not others:
        why = "all records say so" if len(values) == len(own) else "all that have it say so"
    else:
        why = f"{rules[0] if rules else 'smallest record_id'} of {len(values)} said"
    return column, value, record_id, why, few(others, 3)


def carried(table, customer_id):
    """Put the customer of each row in front of a table.

    Parameters
    ----------
    table : pandas.DataFrame
        With record_id, and perhaps referred_by.
    customer_id : pandas.Series
        Indexed by record_id.

    Returns
    -------
    pandas.DataFrame
    """
    out = table.drop(columns="customer_id", errors="ignore")
    for place, (column, new) in enumerate({"record_id": "customer_id", "referred_by": "referred_by_customer"}.items()):
        if column in out:
            of = customer_id.reindex(out[column]).array
            kind = "Int64" if pd.isna(of).any() else customer_id.dtype
            at = 0 if place == 0 else out.columns.get_loc(column)
            out.insert(at, new, pd.Series(of, index=out.index).astype(kind))
    return out
