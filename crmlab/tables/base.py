"""A customer base: its tables by name, what is known about it, and its truth in a room of its own."""

from pathlib import Path

import pandas as pd

from crmlab.errors import CrmlabError, few, message
from crmlab.tables.by_name import Tables
from crmlab.tables.files import read_manifest, read_tables, write_folder
from crmlab.tables.instant import instant
from crmlab.tables.models import MODELS
from crmlab.tables.promise import check
from crmlab.tables.truth import Truth

__all__ = ["CustomerBase", "Tables"]


class CustomerBase(Tables):
    """Hold the tables of one customer base, show them, keep them on disk.

    Parameters
    ----------
    tables : dict of str to pandas.DataFrame
        The observed tables. A column ``customer_id`` is taken as ``record_id``.
    name : str
        What the base is called.
    about : dict, optional
        What is known about it: company, locale, seed, as_of, currency …
    truth : dict of str to pandas.DataFrame, optional
        The truth tables, for a simulated base.
    import_report : object, optional
        What the own-data door found and dropped on the way in.

    Attributes
    ----------
    about : dict
        As given; ``as_of`` and ``currency`` have properties of their own.
    truth : Truth
        The truth, read from disk when first asked for. Analyses never look here.

    Examples
    --------
    >>> base = CustomerBase({"customers": pd.DataFrame({"record_id": [1, 2]})}, name="shop")
    >>> base
    shop
    table      rows  columns  period
    customers     2        1
    >>> list(base.customers["record_id"])
    [1, 2]
    """

    def __init__(self, tables, *, name, about=None, truth=None, import_report=None):
        tables = {table: _with_record_id(frame) for table, frame in tables.items()}
        super().__init__(tables, name)
        self.about = dict(about or {})
        self.import_report = import_report
        self._truth = None if truth is None else dict(truth)
        self._folder = None

    def __reduce__(self):
        return _rebuild, (self._tables, self.name, self.about, self._truth, self.import_report, self._folder)

    @property
    def as_of(self):
        """The moment the base describes (UTC): as stated, or midnight after its last event."""
        if "as_of" in self.about:
            return instant(self.about["as_of"])
        ends = [frame["ts"].max() for frame in self.values() if "ts" in frame and len(frame)]
        if not ends:
            raise CrmlabError(
                message(self.name, "no table has a time (ts).", next="state as_of, for instance as_of='2026-01-01'.")
            )
        return max(ends).normalize() + pd.Timedelta(days=1)

    @property
    def currency(self):
        """Currency of every amount, three letters, or an empty text when it is not known."""
        return self.about.get("currency", "")

    @property
    def truth(self):
        """The truth behind a simulated base (see the class)."""
        if self._truth is None and self._folder is not None:
            promised = read_manifest(self._folder).get("truth", {})
            self._truth = read_tables(self._folder / "truth", promised)
        if not self._truth:
            raise CrmlabError(
                message(
                    self.name,
                    "this base has no truth.",
                    next="only simulated bases know theirs; make one with crmlab.simulate.company.",
                )
            )
        return Truth(self._truth, f"truth of {self.name}", self._tables.get("customers"))

    def check(self):
        """Hold every table to its promise, and every record named to the customers table.

        Returns
        -------
        CustomerBase
            The same base, so that calls can be chained.

        Raises
        ------
        CrmlabError
            With all faults of all tables.

        Examples
        --------
        >>> CustomerBase({"customers": pd.DataFrame({"record_id": [1, 1]})}, name="shop").check()
        Traceback (most recent call last):
            ...
        crmlab.errors.CrmlabError: customers.record_id: 2 values break the rule "each value once only".
          rows    : 0, 1
          values  : 1, 1
          next    : mend or take out these rows; crmlab.tables.describe("customers") says what is promised.
        """
        faults = []
        for name, frame in self.items():
            if name in MODELS:
                try:
                    check(name, frame)
                except CrmlabError as error:
                    faults.extend(error.messages)
        faults.extend(self._strangers())
        if faults:
            raise CrmlabError(*faults)
        return self

    def _strangers(self):
        """Records that a table names and the customers table does not have."""
        if "customers" not in self or "record_id" not in self["customers"]:
            return
        customers = self["customers"]
        for name, frame in self.items():
            if name == "customers" or "record_id" not in frame:
                continue
            # once records are merged, a table still names each of them; the customer is who must be known
            key = "customer_id" if "customer_id" in frame and "customer_id" in customers else "record_id"
            unknown = frame.loc[frame[key].notna() & ~frame[key].isin(customers[key]), key].unique()
            if len(unknown):
                found = f"{len(unknown):,} {key[:-3]}{'s' if len(unknown) > 1 else ''} not in the customers table."
                next_step = "add them to customers, or leave the customers table out."
                yield message(f"{name}.{key}", found, values=few(unknown), next=next_step)

    def save(self, folder):
        """Write the base into a folder of Parquet files, whole or not at all.

        Parameters
        ----------
        folder : str or path
            Where the base goes. A base already there is replaced.

        Returns
        -------
        pathlib.Path
            The folder.

        Raises
        ------
        CrmlabError
            When the folder holds something that is no base, or the disk refuses.

        Examples
        --------
        >>> base = CustomerBase({"customers": pd.DataFrame({"record_id": [1, 2]})}, name="shop")
        >>> folder = base.save(tmp / "shop")
        >>> CustomerBase.load(folder)
        shop
        table      rows  columns  period
        customers     2        1
        """
        truth = dict(self.truth) if self._truth is not None or self._folder is not None else None
        return write_folder(folder, dict(self), {"name": self.name, **self.about}, truth)

    @classmethod
    def load(cls, folder):
        """Read a base that :meth:`save` wrote; a damaged or half one is refused.

        Parameters
        ----------
        folder : str or path
            The base's folder.

        Returns
        -------
        CustomerBase

        Raises
        ------
        CrmlabError
            When there is no base, or any of its files is missing or damaged.

        Examples
        --------
        >>> folder = CustomerBase({"customers": pd.DataFrame({"record_id": [7]})}, name="shop").save(tmp / "one")
        >>> CustomerBase.load(folder).customers["record_id"].item()
        7
        """
        folder = Path(folder).absolute()
        manifest = read_manifest(folder)
        about = {key: value for key, value in manifest.items() if key not in ("format", "name", "tables", "truth")}
        base = cls(read_tables(folder, manifest["tables"]), name=str(manifest.get("name", folder.name)), about=about)
        base._folder = folder if "truth" in manifest else None
        return base

    def _title(self):
        facts = [self.about.get(key) for key in ("company", "locale")]
        if "seed" in self.about:
            facts.append(f"seed {self.about['seed']}")
        if "as_of" in self.about:
            facts.append(f"as of {self.as_of:%Y-%m-%d}")
        if self.currency:
            facts.append(self.currency)
        facts = [str(fact) for fact in facts if fact not in (None, self.name)]
        return f"{self.name} ({', '.join(facts)})" if facts else self.name


def _with_record_id(frame):
    if "customer_id" in frame and "record_id" not in frame:
        return frame.rename(columns={"customer_id": "record_id"})
    return frame


def _rebuild(tables, name, about, truth, import_report, folder):
    base = CustomerBase(tables, name=name, about=about, truth=truth, import_report=import_report)
    base._folder = folder
    return base
