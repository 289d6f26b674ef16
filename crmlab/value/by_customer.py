"""By customer where the table knows them, by record where it does not."""

import pandas as pd

from crmlab.errors import CrmlabError, message

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

    Raises
    ------
    CrmlabError
        When some customers are named by numbers and others by texts: 1 and "1" would be two.

    Examples
    --------
    >>> with_record_id(pd.DataFrame({"customer_id": [1]}))[1]
    'customer_id'
    """
    who = "record_id"
    if not isinstance(table, pd.DataFrame) or not table.columns.is_unique:  # refused later, with all columns named
        return table, who
    if "customer_id" in table:
        who = "customer_id"
        table = table.drop(columns="record_id", errors="ignore").rename(columns={who: "record_id"})
    if "record_id" in table and isinstance(table["record_id"].dtype, pd.CategoricalDtype):
        table = table.astype({"record_id": table["record_id"].cat.categories.dtype})
    if "record_id" in table and table["record_id"].dtype == object:
        _of_one_kind(table["record_id"], who)
    return table, who


def _of_one_kind(ids, who):
    kind = pd.api.types.infer_dtype(ids, skipna=True)
    if kind.startswith("mixed"):
        found = "some customers are named by numbers, others by texts."
        step = f"write all as texts: table.astype({{'{who}': 'str'}})."
        raise CrmlabError(message(who, found, allowed="whole numbers, or texts", next=step))
