"""One record per customer: every field with its origin, nothing lost, any merge undone."""

import pandas as pd

from crmlab.dedupe.given import checked_clusters, numbered
from crmlab.dedupe.golden import APART, UNDONE, Merged
from crmlab.errors import CrmlabError, few, message
from crmlab.quality.letters import checked_locale

__all__ = ["Merged", "merge"]


def merge(customers, clusters, rules=None, *, trust=None, locale="hr"):
    """Make one golden record of the records of each customer, and keep where every field came from.

    For each column a rule says whose value survives: ``"newest"``, ``"oldest"``, ``"most complete"``,
    ``"most trusted"``, ``"most frequent"`` or, for consents, ``"strictest"`` (no, as soon as one record says no). A
    record without a value never wins over one with a value. Equals are decided by newest, then most complete, then
    the smallest record_id. First and last name come from one record, and so do the parts of an address.

    Parameters
    ----------
    customers : pandas.DataFrame of shape (n_records, …)
        The records, named as for ``dedupe.find``: by record_id, else customer_id, else the index. Left as they were.
    clusters : Clusters, pandas.Series or pandas.DataFrame
        Which customer each record is: ``found.clusters``, or a customer_id by record_id.
    rules : str or dict, optional
        One rule for all columns, or a rule for some: ``{"phone": "newest", "address": "most trusted"}``. ``"name"``
        and ``"address"`` name columns that belong together, ``"opened"`` when, where and by whom the record was opened,
        ``"*"`` all others; a list gives a second rule for equals. Without it: names, firms, days of birth and identity
        numbers by most frequent, ``"opened"`` by oldest, consents by strictest, all else by newest. One rule for all
        leaves consents, ``"opened"`` and updated_at as they are; name them to change them.
    trust : list of str, optional
        Sources, the most trusted first; for ``"most trusted"``.
    locale : str, default="hr"
        ``"hr"``, ``"en"`` or ``"de"``: which letters are the same for ``"most frequent"``.

    Returns
    -------
    Merged
        ``.customers`` (one row per customer), ``.provenance(customer_id)``, ``.losers``, ``.undo(customer_id)``,
        ``.apply(base)``.

    Raises
    ------
    CrmlabError
        When the records, the clusters or a rule break their form.

    Examples
    --------
    >>> customers = pd.DataFrame({
    ...     "record_id": [1, 2, 3],
    ...     "last_name": ["Đurđević", "DURDEVIC", "Novak"],
    ...     "phone": [None, "091 111", "098 222"],
    ...     "updated_at": pd.to_datetime(["2025-01-31", "2025-03-01", "2025-02-01"], utc=True),
    ... })
    >>> merged = merge(customers, pd.Series({1: 7, 2: 7, 3: 8}), {"name": "oldest", "phone": "newest"})
    >>> merged.customers[["customer_id", "last_name", "phone"]].to_numpy().tolist()
    [[7, 'Đurđević', '091 111'], [8, 'Novak', '098 222']]
    """
    customers = numbered(customers)
    records = pd.Index(customers["record_id"])
    customer_id = checked_clusters(clusters).reindex(records)
    without = records[customer_id.isna()]
    if len(without):
        raise CrmlabError(
            message(
                "clusters",
                f"{len(without):,} record{'s' if len(without) > 1 else ''} of the customers table "
                f"{'are' if len(without) > 1 else 'is'} in no customer.",
                records=few(without),
                next="make the clusters from the same table.",
            )
        )
    retired = getattr(clusters, "retired", pd.Series(dtype="Int64"))
    return Merged(
        customers.drop(columns="customer_id", errors="ignore"),
        customer_id,
        {"rules": rules, "trust": trust, "locale": checked_locale(locale), "retired": retired.index.tolist()},
        apart=pd.DataFrame({column: records[:0] for column in APART}),
        undone=pd.DataFrame(columns=UNDONE),
    )
