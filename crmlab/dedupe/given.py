"""Hold what callers give to its form: records, pairs and clusters."""

import numpy as np
import pandas as pd

from crmlab.errors import CrmlabError, did_you_mean, few, message

__all__ = [
    "checked_clusters",
    "checked_pairs",
    "checked_records",
    "checked_share",
    "column_faults",
    "numbered",
    "positions",
]


def numbered(customers, where="customers"):
    """Give a table of records the number of each: record_id, else customer_id, else the index.

    Parameters
    ----------
    customers : pandas.DataFrame
        One row per record.
    where : str
        What the table is called in messages.

    Returns
    -------
    pandas.DataFrame
        The same with record_id, in front where it was not there; the one given stays as it was. Where customer_id was
        the number of a record, it becomes record_id: customers are what duplicates are merged into.

    Raises
    ------
    CrmlabError
        When it is no table, a column is there twice, or the numbers break their form.

    Examples
    --------
    >>> numbered(pd.DataFrame({"last_name": ["Kos", "Bas"], "customer_id": ["K7", "K9"]})).columns.tolist()
    ['record_id', 'last_name']
    >>> numbered(pd.DataFrame({"last_name": ["Kos", "Bas"]}))["record_id"].tolist()
    [0, 1]
    """
    if not isinstance(customers, pd.DataFrame):
        next_step = "pass a table with one row per record, for instance base.customers."
        raise CrmlabError(
            message(where, f"found a {type(customers).__name__}.", allowed="a pandas DataFrame", next=next_step)
        )
    twice = customers.columns[customers.columns.duplicated()].unique()
    if len(twice):
        found = f"there are several columns named {few(map(repr, twice))}."
        raise CrmlabError(message(where, found, next="rename them, or drop all but one of each."))
    if "record_id" in customers:
        checked_records(customers["record_id"], f"{where}.record_id")
        return customers
    by_customer = "customer_id" in customers
    ids = customers["customer_id"] if by_customer else customers.index
    records = checked_records(ids, f"{where}.customer_id" if by_customer else f"the index of {where}")
    table = customers.drop(columns="customer_id", errors="ignore")
    table.insert(0, "record_id", records.array)
    return table


def checked_records(record_ids, where="record_ids"):
    """Hold record numbers to their form: each there, each once.

    Parameters
    ----------
    record_ids : array-like
        The record numbers.
    where : str
        What they are called in messages.

    Returns
    -------
    pandas.Index
        In the order given.
    """
    records = pd.Index(record_ids)
    if isinstance(records, pd.MultiIndex) or any(map(pd.api.types.is_list_like, records[:1])):
        next_step = "name every record in one column, record_id."
        raise CrmlabError(message(where, f"found {records[0]!r}.", allowed="one number or text each", next=next_step))
    faults = []
    if records.hasnans:
        faults.append(
            message(where, f"{records.isna().sum():,} are empty.", next="give every record its number, or drop it.")
        )
    twice = records[records.duplicated()].dropna().unique()
    if len(twice):
        faults.append(
            message(
                where,
                f"{len(twice):,} number{'s stand' if len(twice) > 1 else ' stands'} more than once.",
                values=few(twice),
                next="a record has one row; number the rows anew if they are different records.",
            )
        )
    if records.inferred_type.startswith("mixed"):
        faults.append(message(where, "numbers and texts are mixed.", next='turn them all into text: .astype("str").'))
    if faults:
        raise CrmlabError(*faults)
    return records


def checked_pairs(pairs, records, *, needs_probability=True):
    """Hold a table of pairs to its form; a pair that is there twice counts once, with its higher probability.

    Parameters
    ----------
    pairs : pandas.DataFrame
        record_id_a, record_id_b and, if needed, probability.
    records : pandas.Index
        All records there are, each once.
    needs_probability : bool
        Whether the column probability must be there; without it every pair counts as sure.

    Returns
    -------
    left, right : ndarray of int64
        Place of either record in `records`, the smaller first.
    probability : ndarray of float64
    """
    columns = ["record_id_a", "record_id_b", *(["probability"] if needs_probability else [])]
    if faults := column_faults("pairs", pairs, columns, "take found.pairs."):
        raise CrmlabError(*faults)
    left = records.get_indexer(pairs["record_id_a"])
    right = records.get_indexer(pairs["record_id_b"])
    given = pairs["probability"] if "probability" in pairs else pd.Series(1.0, index=pairs.index)
    probability = pd.to_numeric(given, errors="coerce").to_numpy("float64", na_value=np.nan)
    faults = []
    for column, places in (("record_id_a", left), ("record_id_b", right)):
        strangers = pairs.loc[places < 0, column]
        if len(strangers):
            faults.append(
                message(
                    f"pairs.{column}",
                    f"{len(strangers):,} name{'' if len(strangers) > 1 else 's'} no record there is.",
                    values=few(strangers.unique()),
                    next="use pairs and records of the same base.",
                )
            )
    selves = pairs.index[(left == right) & (left >= 0)]
    if len(selves):
        found = f"{len(selves):,} pair{'s join a record' if len(selves) > 1 else ' joins a record'} with itself."
        faults.append(message("pairs", found, rows=few(selves), next="take these rows out."))
    unfit = pairs.index[~((probability >= 0) & (probability <= 1))]
    if len(unfit):
        faults.append(
            message(
                "pairs.probability",
                f"{len(unfit):,} value{'s are' if len(unfit) > 1 else ' is'} no probability.",
                allowed="a number from 0 to 1",
                rows=few(unfit),
                next="take the probabilities as find gives them.",
            )
        )
    if faults:
        raise CrmlabError(*faults)
    return _each_once(np.minimum(left, right), np.maximum(left, right), probability)


def _each_once(left, right, probability):
    order = np.lexsort((-probability, right, left))
    left, right, probability = left[order], right[order], probability[order]
    first = np.ones(len(left), dtype=bool)
    first[1:] = (left[1:] != left[:-1]) | (right[1:] != right[:-1])
    return left[first], right[first], probability[first]


def checked_clusters(clusters, where="clusters"):
    """Hold clusters to their form, however they were given.

    Parameters
    ----------
    clusters : Clusters or pandas.Series
        A customer_id for each record_id.
    where : str
        What they are called in messages.

    Returns
    -------
    pandas.Series
        Indexed by record_id, named customer_id.
    """
    customer_id = getattr(clusters, "customer_id", clusters)
    if isinstance(clusters, pd.DataFrame):
        if faults := column_faults(where, clusters, ["record_id", "customer_id"], "take found.clusters."):
            raise CrmlabError(*faults)
        customer_id = clusters.set_index("record_id")["customer_id"]
    if not isinstance(customer_id, pd.Series):
        raise CrmlabError(
            message(
                where,
                f"found a {type(clusters).__name__}.",
                allowed="what dedupe.find gives as found.clusters, or a customer_id for each record_id",
                next="pass found.clusters.",
            )
        )
    records = checked_records(customer_id.index, f"{where}: record_id")
    if customer_id.isna().any():
        without = records[customer_id.isna()]
        found = f"{len(without):,} record{'s have' if len(without) > 1 else ' has'} no customer_id."
        raise CrmlabError(message(where, found, records=few(without), next="give each a number of its own."))
    kind = pd.api.types.infer_dtype(customer_id)
    if kind == "floating" and (customer_id % 1 == 0).all():
        customer_id = customer_id.astype("int64")
    elif kind not in ("integer", "string", "empty"):
        found = "they are neither all whole numbers nor all texts."
        next_step = 'turn them all into text: .astype("str").'
        raise CrmlabError(message(f"{where}: customer_id", found, values=few(customer_id.unique()), next=next_step))
    return customer_id.rename("customer_id").rename_axis("record_id")


def checked_share(value, where, next_step):
    """Hold a number to lie between 0 and 1.

    Parameters
    ----------
    value : float
        What was given.
    where : str
        The argument it was given for.
    next_step : str
        What the message tells the reader to do.

    Returns
    -------
    float
    """
    if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not 0 <= value <= 1:
        raise CrmlabError(message(where, f"found {value!r}.", allowed="a number from 0 to 1", next=next_step))
    return float(value)


def column_faults(where, frame, columns, next_step):
    """List what keeps a table from being used: it is no table, or columns are not there.

    Parameters
    ----------
    where : str
        What the table is called.
    frame : object
        What was given for it.
    columns : list of str
        The columns it needs.
    next_step : str
        What the message tells the reader to do.

    Returns
    -------
    list of str
        One message per fault.
    """
    if not isinstance(frame, pd.DataFrame):
        return [message(where, f"found a {type(frame).__name__}.", allowed="a pandas DataFrame", next=next_step)]
    return [
        message(
            where,
            f"no column '{column}'.{did_you_mean(column, frame.columns)}",
            it_has=few(frame.columns, 12) or "no columns",
            next=next_step,
        )
        for column in columns
        if column not in frame
    ]


def positions(records, asked):
    """Find where records stand.

    Parameters
    ----------
    records : pandas.Index
        All records, each once.
    asked : array-like
        The ones looked for.

    Returns
    -------
    ndarray of int64
        Place of each in `records`, −1 where it is not there.
    """
    return records.get_indexer(pd.Index(asked))
