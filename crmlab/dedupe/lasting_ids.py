"""Ids that last: a customer keeps the number it had, and what became of customers is told."""

import numpy as np
import pandas as pd

from crmlab.errors import few

__all__ = ["kept_ids"]

CHANGES = ["what", "customer_id", "customers_before", "record_ids", "words"]


def kept_ids(records, group, before, retired):
    """Give every group the customer_id most of its records had before, and say what changed.

    Parameters
    ----------
    records : pandas.Index
        All records, in rising order.
    group : ndarray of int64
        The group of each, numbered from 0 in the order of their first records.
    before : pandas.Series of int64
        Indexed by record_id: the customer_id of last time. May hold other records.
    retired : pandas.Series of Int64
        Indexed by a customer_id no longer used: where its records went.

    Returns
    -------
    customer_id : ndarray of int64
    changes : pandas.DataFrame
    retired : pandas.Series of Int64
    """
    was = before.reindex(records).astype("Int64")
    held = pd.DataFrame({"group": group, "was": was.array}).dropna().groupby(["group", "was"]).size()
    held = held.rename("records").reset_index()
    number = _numbers(held, int(group.max(initial=-1)) + 1, [*before.unique(), *retired.index])
    customer_id = number[group]
    changes = _changes(records, customer_id, was, number, held)
    heir = held.sort_values(["records", "group"], ascending=[False, True], kind="stable").drop_duplicates("was")
    heir = pd.Series(number[heir["group"]], index=heir["was"].astype("int64"), dtype="Int64")
    gone = pd.Index(before.unique()).difference(number)
    moved = retired.where(~retired.isin(heir.index), retired.map(heir)).astype("Int64")
    retired = pd.concat([moved, heir.reindex(gone)]).rename("customer_id").rename_axis("retired").sort_index()
    left = [
        ("gone", pd.NA, (old,), (), f"Customer {old} has no record any more.")
        for old in gone[~gone.isin(heir.index)].tolist()
    ]
    changes = pd.concat([changes, pd.DataFrame(left, columns=CHANGES)], ignore_index=True) if left else changes
    return customer_id, changes.astype({"customer_id": "Int64"}), retired


def _numbers(held, n, used):
    """Number the groups: by the customer most of their records were, each number once, the others anew."""
    number = np.full(n, -1, dtype="int64")
    alone = ~held["group"].duplicated(keep=False) & ~held["was"].duplicated(keep=False)
    number[held.loc[alone, "group"]] = held.loc[alone, "was"]
    rest = held[~alone].sort_values(["records", "was", "group"], ascending=[False, True, True], kind="stable")
    taken = set()
    for group, was in zip(rest["group"].tolist(), rest["was"].tolist(), strict=True):
        if number[group] < 0 and was not in taken:
            number[group] = was
            taken.add(was)
    fresh = number < 0
    number[fresh] = max(used, default=0) + 1 + np.arange(fresh.sum())
    return number


def _changes(records, customer_id, was, number, held):
    """Tell group by group: new customers, records that joined one, customers that merged, customers that split."""
    now = pd.DataFrame({"record": records, "now": customer_id, "was": was.array})
    known = pd.DataFrame({"now": number[held["group"]], "was": held["was"].astype("int64")})
    fresh = _by(now[now["was"].isna()], "now", "record")
    merged = _by(known[known["now"].duplicated(keep=False)], "now", "was")
    torn = now[now["was"].isin(known.loc[known["was"].duplicated(keep=False), "was"])]
    all_of = _by(now[now["now"].isin(list(merged))], "now", "record")
    had = dict(zip(known["now"].tolist(), known["was"].tolist(), strict=True))
    rows = [
        ("joined", now, merged.get(now, (had[now],)), which, f"{_records(which)} joined customer {now}.")
        if now in had
        else ("new", now, (), which, f"{_records(which)} {'are' if len(which) > 1 else 'is'} new: customer {now}.")
        for now, which in fresh.items()
    ]
    for now, olds in merged.items():
        words = f"Customers {few(olds)} are one now: customer {now}."
        rows.append(("merged", now, olds, all_of[now], words))
    for (old, now), which in _by(torn, ["was", "now"], "record").items():
        stays = "stays" if old == now else f"is now customer {now}"
        words = f"Customer {old} was split: {_records(which).lower()} {stays if len(which) == 1 else _plural(stays)}."
        rows.append(("split", now, (old,), which, words))
    return pd.DataFrame(rows, columns=CHANGES)


def _by(table, keys, column):
    """Gather the values of a column as tuples, by the values of other columns, both in rising order."""
    table = table.sort_values([*np.atleast_1d(keys), column])
    keyed = table[keys]
    labels = list(keyed.itertuples(index=False, name=None)) if isinstance(keys, list) else keyed.tolist()
    gathered = {}
    for label, value in zip(labels, table[column].tolist(), strict=True):
        gathered.setdefault(label, []).append(value)
    return {label: tuple(values) for label, values in gathered.items()}


def _records(which):
    return f"Record{'s' if len(which) > 1 else ''} {few(which)}"


def _plural(stays):
    return stays.replace("stays", "stay").replace("is now", "are now")
