"""Tables by name: how customer bases and their truth are looked into and shown."""

import html
from collections.abc import Mapping

import pandas as pd

from crmlab.errors import CrmlabError, did_you_mean, few, message

__all__ = ["Tables"]


class _NoSuchTable(CrmlabError, KeyError, AttributeError):
    """No table of that name: also what ``get``, ``in`` and ``hasattr`` expect."""


class Tables(Mapping):
    """Tables by name, reached as ``tables["persons"]`` or ``tables.persons``.

    Parameters
    ----------
    tables : dict of str to pandas.DataFrame
        The tables.
    name : str
        What the whole is called in messages.

    Examples
    --------
    >>> truth = Tables({"persons": pd.DataFrame({"person_id": [1, 2]})}, name="truth")
    >>> len(truth.persons)
    2
    """

    def __init__(self, tables, name):
        self._tables = dict(tables)
        self.name = name

    def __getitem__(self, table):
        if table not in self._tables:
            raise self._unknown(table)
        return self._tables[table]

    def __iter__(self):
        return iter(self._tables)

    def __len__(self):
        return len(self._tables)

    def __getattr__(self, table):
        if table.startswith("_"):
            raise AttributeError(table)
        return self[table]

    def __dir__(self):
        return [*super().__dir__(), *self._tables]

    def __reduce__(self):
        return type(self), (self._tables, self.name)

    def _unknown(self, table):
        found = f"no table '{table}'.{did_you_mean(table, self._tables)}"
        return _NoSuchTable(
            message(self.name, found, it_has=few(self._tables, 12) or "no tables", next="choose one of these.")
        )

    def overview(self):
        """List the tables with their size and period.

        Returns
        -------
        list of tuple of str
            Per table its name, rows, columns, and first and last day where it has times.

        Examples
        --------
        >>> Tables({"persons": pd.DataFrame({"person_id": [1, 2]})}, name="truth").overview()
        [('persons', '2', '1', '')]
        """
        lines = []
        for name, frame in self._tables.items():
            times = frame["ts"] if "ts" in frame and len(frame) else None
            period = f"{times.min():%Y-%m-%d} to {times.max():%Y-%m-%d}" if times is not None else ""
            lines.append((name, f"{len(frame):,}", f"{frame.shape[1]}", period))
        return lines

    def _title(self):
        return self.name

    def __repr__(self):
        rows = [("table", "rows", "columns", "period"), *self.overview()]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        text = [
            f"{name:<{widths[0]}}  {n:>{widths[1]}}  {columns:>{widths[2]}}  {period}".rstrip()
            for name, n, columns, period in rows
        ]
        return "\n".join([self._title(), *text])

    def _repr_html_(self):
        frame = pd.DataFrame(self.overview(), columns=["table", "rows", "columns", "period"])
        return f"<p><b>{html.escape(self._title())}</b></p>{frame.to_html(index=False, border=0)}"
