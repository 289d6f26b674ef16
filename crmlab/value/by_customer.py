"""By customer where the table knows them, by record where it does not."""

import pandas as pd

__all__ = ["with_record_id"]


def with_record_id(table):
    """Take a table by customer or by record, and say which it was.

    Parameters
    ----------
    table : pandas.DataFrame
        With customer_id or record_id.

    Returns
    -------
    tuple of (pandas.DataFrame, str)
        The table with record_id, and the name it had.

    Examples
    --------
    >>> with_record_id(pd.DataFrame({"customer_id": [1]}))[1]
    'customer_id'
    """
    who = "record_id"
    if not isinstance(table, pd.DataFrame):
        return table, who
    if "customer_id" in table:
        who = "customer_id"
        table = table.drop(columns="record_id", errors="ignore").rename(columns={who: "record_id"})
    if "record_id" in table and isinstance(table["record_id"].dtype, pd.CategoricalDtype):
        table = table.astype({"record_id": table["record_id"].cat.categories.dtype})
    return table, who
