"""Merged customers: see them, ask where a field came from, undo, carry on to other tables, keep."""

import html
from itertools import count, islice

import numpy as np
import pandas as pd

from crmlab.dedupe.provenance import carried, traced
from crmlab.dedupe.survivorship import checked_rules, winners
from crmlab.errors import CrmlabError, few, message
from crmlab.tables import CustomerBase

__all__ = ["APART", "UNDONE", "Merged"]

APART = ["record_id_a", "record_id_b"]
UNDONE = ["step", "customer_id", "words"]


class Merged:
    """Work with merged customers: see them, ask where a field came from, undo, carry on to other tables.

    Made by :func:`merge`, :meth:`undo` or :meth:`load`; none of them changes another.

    Parameters
    ----------
    records : pandas.DataFrame
        Every record as it came.
    customer_id : pandas.Series
        Indexed by record_id.
    how : dict
        The rules, trust and locale given, and the customer_ids that are no longer used.
    apart : pandas.DataFrame
        record_id_a, record_id_b: pairs that an undo said are not the same; give it to the next clustering.
    undone : pandas.DataFrame
        What was undone: step, customer_id, words.

    Attributes
    ----------
    customers : pandas.DataFrame of shape (n_customers, …)
        One row per customer, by rising customer_id; record_id is that of the record opened first.

    Examples
    --------
    >>> customers = pd.DataFrame({"record_id": [1, 2], "last_name": ["Novak", "Nowak"]})
    >>> from crmlab.dedupe.merging import merge
    >>> merge(customers, pd.Series({1: 1, 2: 1}))
    2 records became 1 customer; 1 customer has more than one record.
    """

    def __init__(self, records, customer_id, how, *, apart, undone):
        self.records, self.customer_id = records, customer_id
        self.apart, self.undone = apart, undone
        self._how = how
        self._settled = checked_rules(records, how["rules"], how["trust"])
        self._ids, number = np.unique(customer_id.to_numpy(), return_inverse=True)
        lead = {("record_id",): ("oldest",) if {"created_at", "updated_at"} & set(records) else ()}
        self._won = winners(records, number, self._settled | lead, how["trust"], how["locale"])
        self.customers = self._golden()

    def _golden(self):
        columns = {}
        for unit, winner in self._won.items():
            for column in unit:
                values = self.records[column].array
                is_there = (winner >= 0).all()
                columns[column] = values.take(winner) if is_there else values.take(winner, allow_fill=True)
        golden = pd.DataFrame({column: columns[column] for column in self.records})
        golden.insert(0, "customer_id", self._ids)
        return golden

    @property
    def losers(self):
        """The records of customers with more than one, other than the one opened first; each as it came."""
        lost = ~self.records["record_id"].isin(self.customers["record_id"])
        lost = self.records[lost]
        return lost.assign(customer_id=self.customer_id.reindex(lost["record_id"]).array)[
            ["customer_id", *self.records.columns]
        ].sort_values(["customer_id", "record_id"])

    @property
    def rules(self):
        """What decides each column: a table of column and rule."""
        decides = {column: ", then ".join(rules) for unit, rules in self._settled.items() for column in unit}
        there = [column for column in self.records if column in decides]
        return pd.DataFrame({"column": there, "rule": [decides[column] for column in there]})

    @property
    def origin(self):
        """The record each field came from, by customer_id and column; empty where no record has it."""
        ids = self.records["record_id"].array
        found = {}
        for unit in self._settled:
            winner = self._won[unit]
            for column in unit:
                is_there = self.customers[column].notna().to_numpy() & (winner >= 0)
                found[column] = pd.Series(ids.take(winner), dtype=_with_gaps(ids)).where(is_there)
        order = [column for column in self.records if column in found]
        return pd.DataFrame(
            {column: found[column].array for column in order}, index=pd.Index(self._ids, name="customer_id")
        )

    def provenance(self, customer_id):
        """See where every field of one customer came from, by which rule, and what the other records said.

        Parameters
        ----------
        customer_id : int
            The customer.

        Returns
        -------
        pandas.DataFrame
            One row per field: column, value, record_id it came from, why, other_values.

        Raises
        ------
        CrmlabError
            When there is no such customer.

        Examples
        --------
        >>> from crmlab.dedupe.merging import merge
        >>> customers = pd.DataFrame({"record_id": [1, 2], "last_name": ["Novak", "Nowak"], "phone": [None, "091 1"]})
        >>> merged = merge(customers, pd.Series({1: 1, 2: 1}), {"name": "most complete"})
        >>> merged.provenance(1)[["column", "value", "record_id", "why"]]
              column  value  record_id                      why
        0  last_name  Nowak          2  most complete of 2 said
        1      phone  091 1          2     only this record has it
        """
        place = self._place(customer_id)
        own = self.records[(self.customer_id == customer_id).to_numpy()]
        rows = []
        for unit, rules in self._settled.items():
            winner = int(self._won[unit][place])
            for column in unit:
                rows.append(traced(self.records, own, column, rules, winner))
        order = {column: number for number, column in enumerate(self.records)}
        rows.sort(key=lambda row: order[row[0]])
        table = pd.DataFrame(rows, columns=["column", "value", "record_id", "why", "other_values"])
        return table.astype({"record_id": _with_gaps(self.records["record_id"])})

    def _place(self, customer_id):
        place = int(pd.Index(self._ids).get_indexer([customer_id])[0]) if np.isscalar(customer_id) else -1
        if place < 0:
            raise CrmlabError(
                message(
                    "customer_id",
                    f"no customer {customer_id!r}.",
                    it_has=f"{few(self._ids)}",
                    next="take a customer_id from merged.customers.",
                )
            )
        return place

    def undo(self, customer_id, *, records=None):
        """Take a wrong merge back: its records are customers of their own again.

        Parameters
        ----------
        customer_id : int
            The customer whose merge was wrong.
        records : list, optional
            The record_ids that do not belong to it; they leave together, as one other customer. Without it, every
            record of the customer goes its own way, and the record opened first keeps the number.

        Returns
        -------
        Merged
            As this one, without that merge. Its ``apart`` keeps the next clustering from merging them again.

        Raises
        ------
        CrmlabError
            When there is no such customer, or the records are not some of its own.

        Examples
        --------
        >>> from crmlab.dedupe.merging import merge
        >>> customers = pd.DataFrame({"record_id": [1, 2], "last_name": ["Novak", "Nowak"]})
        >>> merged = merge(customers, pd.Series({1: 1, 2: 1}))
        >>> merged.undo(1).customers.to_numpy().tolist()
        [[1, 1, 'Novak'], [2, 2, 'Nowak']]
        """
        place = self._place(customer_id)
        own = self.customer_id.index[self.customer_id == customer_id].sort_values()
        if len(own) == 1:
            found = f"customer {customer_id} has one record; there is no merge to undo."
            raise CrmlabError(message("customer_id", found, next="choose a customer with more than one."))
        first = self.customers["record_id"].iloc[place]
        leaving = [[record] for record in own if record != first] if records is None else [self._some(own, records)]
        now = self.customer_id.copy()
        numbers = self._unused(customer_id, len(leaving))
        for number, group in zip(numbers, leaving, strict=True):
            now.loc[group] = number
        torn = [(a, b) for i, a in enumerate(own) for b in own[i + 1 :] if now[a] != now[b]]
        apart = pd.concat([self.apart, pd.DataFrame(torn, columns=APART)], ignore_index=True)
        moved = [f"{few(group, 20)} became customer {new}" for new, group in zip(numbers, leaving, strict=True)]
        stayed = few(own[(now[own] == customer_id).to_numpy()], 20)
        words = "; ".join([f"Customer {customer_id} keeps record {stayed}", *moved])
        step = pd.DataFrame([(len(self.undone) + 1, customer_id, f"{words}.")], columns=UNDONE)
        undone = pd.concat([self.undone, step], ignore_index=True) if len(self.undone) else step
        return Merged(self.records, now, self._how, apart=apart.drop_duplicates(ignore_index=True), undone=undone)

    def _unused(self, customer_id, n):
        """Give n customer_ids that nobody has or had: the next numbers; beside a text K7, the texts K7-2, K7-3 …"""
        used = {*self._ids.tolist(), *self._how["retired"]}
        if not isinstance(customer_id, str):
            return list(range(int(max(used)) + 1, int(max(used)) + 1 + n))
        free = (f"{customer_id}-{number}" for number in count(2))
        return list(islice((new for new in free if new not in used), n))

    def _some(self, own, records):
        asked = list(dict.fromkeys([records] if np.isscalar(records) else records))
        strangers = [record for record in asked if record not in own]
        if strangers or not asked or len(asked) == len(own):
            found = (
                f"not of this customer: {few(strangers)}."
                if strangers
                else "none are named."
                if not asked
                else "all records of the customer are named; one at least must stay."
            )
            next_step = "name the ones that do not belong, or leave records out to part them all."
            raise CrmlabError(message("records", found, it_has=few(own, 20), next=next_step))
        return asked

    def apply(self, base):
        """Carry the customers on to every other table: each gets customer_id, one per person.

        Parameters
        ----------
        base : CustomerBase
            The base the records came from. Left as it was.

        Returns
        -------
        CustomerBase
            Its customers are the golden records; every table with a record_id has customer_id in front of it.
            Analyses then count customers instead of records. Save and load it like any other.

        Raises
        ------
        CrmlabError
            When a table names records that were not merged.

        Examples
        --------
        >>> customers = pd.DataFrame({"record_id": [1, 2], "last_name": ["Novak", "Nowak"]})
        >>> visits = pd.DataFrame({"record_id": [2, 1, 2]})
        >>> base = CustomerBase({"customers": customers, "visits": visits}, name="shop")
        >>> from crmlab.dedupe.merging import merge
        >>> merge(customers, pd.Series({1: 7, 2: 7})).apply(base)["visits"]["customer_id"].tolist()
        [7, 7, 7]
        """
        if not isinstance(base, CustomerBase):
            found = f"found a {type(base).__name__}."
            raise CrmlabError(message("base", found, allowed="a CustomerBase", next="pass the whole base."))
        tables, faults = {}, []
        for name, table in base.items():
            if name == "customers" or "record_id" not in table:
                tables[name] = self.customers if name == "customers" else table
                continue
            strangers = table.loc[table["record_id"].notna() & ~table["record_id"].isin(self.customer_id.index)]
            if len(strangers):
                n = strangers["record_id"].nunique()
                found = f"{n:,} record{'s were' if n > 1 else ' was'} not merged."
                values, next_step = few(strangers["record_id"].unique()), "merge the customers of this same base."
                faults.append(message(f"{name}.record_id", found, values=values, next=next_step))
                continue
            tables[name] = carried(table, self.customer_id)
        if faults:
            raise CrmlabError(*faults)
        return CustomerBase(tables, name=base.name, about=base.about)

    def save(self, folder):
        """Write the merge into a folder, records, rules and what was undone, whole or not at all.

        Parameters
        ----------
        folder : str or path
            Where it goes. A merge already there is replaced.

        Returns
        -------
        pathlib.Path
            The folder.

        Examples
        --------
        >>> customers = pd.DataFrame({"record_id": [1, 2], "last_name": ["Novak", "Nowak"]})
        >>> from crmlab.dedupe.merging import merge
        >>> merge(customers, pd.Series({1: 1, 2: 1})).save(tmp / "merged").name
        'merged'
        """
        links = self.customer_id.rename_axis("record_id").reset_index()
        tables = {"customers": self.records, "links": links, "apart": self.apart, "undone": self.undone}
        return CustomerBase(tables, name="merged", about={"merge": self._how}).save(folder)

    @classmethod
    def load(cls, folder):
        """Read a merge that :meth:`save` wrote.

        Parameters
        ----------
        folder : str or path
            The folder.

        Returns
        -------
        Merged

        Raises
        ------
        CrmlabError
            When there is none, or it is damaged.

        Examples
        --------
        >>> from crmlab.dedupe.merging import merge
        >>> customers = pd.DataFrame({"record_id": [1, 2], "last_name": ["Novak", "Nowak"]})
        >>> Merged.load(merge(customers, pd.Series({1: 1, 2: 1})).save(tmp / "kept"))
        2 records became 1 customer; 1 customer has more than one record.
        """
        base = CustomerBase.load(folder)
        if "merge" not in base.about or "links" not in base:
            found = "this is a base, but no merge."
            raise CrmlabError(message(str(folder), found, next="load a folder that merged.save wrote."))
        customer_id = base["links"].set_index("record_id")["customer_id"].reindex(base.customers["record_id"])
        return cls(base.customers, customer_id, base.about["merge"], apart=base["apart"], undone=base["undone"])

    def __repr__(self):
        n, several = len(self.customers), int((self.customer_id.value_counts() > 1).sum())
        return (
            f"{len(self.records):,} record{'s' if len(self.records) != 1 else ''} became {n:,} "
            f"customer{'s' if n != 1 else ''}; {several:,} {'have' if several != 1 else 'customer has'} "
            "more than one record."
        )

    def _repr_html_(self):
        return f"<p>{html.escape(repr(self))}</p>{self.customers.head().to_html(index=False, border=0)}"


def _with_gaps(ids):
    return "Int64" if pd.api.types.is_integer_dtype(ids.dtype) else ids.dtype
