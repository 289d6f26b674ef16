"""Turn a grid of text into a table that keeps its promise, and account for every row."""

import numpy as np
import pandas as pd
import pandera.pandas as pandera
import pyarrow as pa
import pyarrow.compute as pc

from crmlab.errors import CrmlabError, message
from crmlab.tables.models import MODELS
from crmlab.tables.own_data.column import Column
from crmlab.tables.own_data.currency import currency_in_name, currency_of
from crmlab.tables.own_data.kinds import read_kind, says_cents
from crmlab.tables.own_data.report import AS_TEXT, TableReport
from crmlab.tables.own_data.rows import Rows, repeated_names, totals
from crmlab.tables.own_data.synonyms import other_words
from crmlab.tables.own_data.words import PLAIN_COLUMN, counted, plain_name, short

__all__ = ["TableImport"]

_STEPS = {
    "id": "map another column to it, or take the rows without a customer out first.",
    "time": 'map another column to it, or say how its dates are written, for instance date_format="%d.%m.%Y".',
    "money": "map another column to it, or mend these amounts first.",
}


class TableImport:
    """One source on its way to a table.

    Parameters
    ----------
    table : str
        The table.
    grid : Grid
        The source.
    matches : list of Match
        Which column is which.
    told : Told
        What the reader told.

    Attributes
    ----------
    frame : pandas.DataFrame
        The table, in the order of the source.
    report : TableReport
        What became of every row and column.
    currencies : dict of str to str
        Currencies met, each with where.

    Examples
    --------
    >>> from crmlab.tables.own_data.mapping import map_columns
    >>> from crmlab.tables.own_data.source import from_frame
    >>> from crmlab.tables.own_data.told import Told
    >>> grid = from_frame("orders", pd.DataFrame({"Kupac": ["7"], "Datum": ["1.2.2025."], "Iznos": ["2,50 €"]}))
    >>> done = TableImport("transactions", grid, map_columns("transactions", grid, {})[0], Told())
    >>> done.frame["amount_cents"].tolist(), done.currencies
    ([250], {'EUR': 'Iznos 2,50 € (line 0)'})
    """

    def __init__(self, table, grid, matches, told):
        self.table, self.grid, self.told = table, grid, told
        self.matches = {match.ours: match for match in matches}
        self.promised = {ours: MODELS[table].columns[ours] for ours in self.matches}
        self.rows, self.readings, self.faults = Rows(len(grid.lines)), {}, []
        self.currencies = {}
        self.report = TableReport(table, grid.where, grid.facts, dropped=grid.dropped, cautions=grid.cautions)
        self._settle_rows()
        if self.faults:
            raise CrmlabError(*self.faults)
        self.frame = self._settle_columns()
        if self.faults:
            raise CrmlabError(*self.faults)
        self._look_for_currency()

    @property
    def needed(self):
        """Columns without which a row is no row: the promised ones, and a price where there is one."""
        return [
            ours
            for ours, column in self.promised.items()
            if column.required or (self._kind(ours) == "money" and not column.nullable)
        ]

    def _kind(self, ours):
        return self.promised[ours].metadata["kind"]

    def _where(self, ours):
        return f"{self.grid.where}, column '{self.matches[ours].theirs}' ({ours})"

    def _settle_rows(self):
        """Read every column and give each row that cannot stay its reason."""
        self.rows.drop(repeated_names(self.grid), "names repeated")
        dates = [ours for ours in self.needed if self._kind(ours) == "time"]
        self._read(dates)
        self._drop_totals(dates)
        for ours in dates:
            self._drop_failing(ours)
        for ours in (ours for ours in self.needed if ours not in dates):
            self._read([ours])  # only now: a footer under the table must not make all ids text
            self._drop_failing(ours)
        self._read([ours for ours in self.matches if ours not in self.needed])
        if self.table == "customers" and "record_id" in self.readings:
            again = self.readings["record_id"].series.where(self.rows.kept).duplicated()
            self._drop_unless_most("record_id", again.to_numpy(), "customer number again", "a number met before")
        if not self.faults and not self.rows.kept.any():
            found = "no row is left."
            self.faults.append(
                message(self.grid.where, found, next="see that it is the right file, and not only totals.")
            )

    def _read(self, names):
        out = pa.array(~self.rows.kept)
        for ours in names:
            theirs = self.matches[ours].theirs
            texts = pc.if_else(out, pa.scalar(None, pa.large_string()), self.grid.column(theirs))
            column = Column(self._where(ours), texts, self.grid.lines, self.grid.numbers.get(theirs))
            try:
                reading = read_kind(self._kind(ours), column, theirs, self.told)
            except CrmlabError as error:
                self.faults.extend(error.messages)
                continue
            broken = self._beyond(ours, reading.series)
            reading.series = reading.series.mask(broken) if broken.any() else reading.series
            reading.unreadable |= broken
            self.readings[ours] = reading

    def _beyond(self, ours, values):
        """Numbers that can be read and are not allowed, such as a price below nothing."""
        broken = np.zeros(len(values), bool)
        if self._kind(ours) in ("money", "number"):
            try:
                pandera.DataFrameSchema({ours: self.promised[ours]}).validate(pd.DataFrame({ours: values}), lazy=True)
            except pandera.errors.SchemaErrors as errors:
                cases = errors.failure_cases
                at = cases.loc[~cases["check"].isin(["not_nullable", "field_uniqueness"]), "index"].dropna()
                broken[at.astype(int)] = True
        return broken

    def _drop_totals(self, dates):
        ids = self.matches["record_id"].theirs
        no_id = np.asarray(self.grid.column(ids).is_null())
        no_date = np.zeros(len(no_id), bool)
        for ours in dates:
            no_date |= np.asarray(self.readings[ours].series.isna()) if ours in self.readings else no_date
        self.rows.drop(totals(self.grid, no_date if dates else no_id, ids), "total row")
        if dates:
            self.rows.drop(no_date & no_id, "no customer and no date")

    def _drop_failing(self, ours):
        if ours not in self.readings:
            return
        reading, plain = self.readings[ours], PLAIN_COLUMN[ours]
        failing = np.asarray(reading.series.isna()) & self.rows.kept
        if failing.sum() * 2 > self.rows.kept.sum():
            self._refuse(ours, failing, f"no {plain} that can be read")
        self.rows.drop(failing & reading.unreadable, f"{plain} not readable")
        self.rows.drop(failing, f"no {plain}")

    def _drop_unless_most(self, ours, which, reason, found):
        which = which & self.rows.kept
        if which.sum() * 2 > self.rows.kept.sum():
            self._refuse(ours, which, found)
        self.rows.drop(which, reason)

    def _refuse(self, ours, which, found):
        """More than half of the rows: that is a wrong column or a wrong reading, not a few bad rows."""
        match = self.matches[ours]
        texts, lines = self.grid.column(match.theirs), self.grid.lines
        first = [at for at in np.flatnonzero(which)[:1_000] if texts[at].is_valid][:3]
        step = _STEPS[self._kind(ours)]
        if self._kind(ours) == "id" and self.readings[ours].unreadable.any():
            step = "a spreadsheet has cut off digits; export again with this column formatted as text."
        if self._kind(ours) == "money" and says_cents(match.theirs):
            step = "its name says cents, so whole numbers are meant; rename it if these are not cents."
        said = f"{which.sum():,} of {self.rows.kept.sum():,} rows have {found}."
        values = ", ".join(f"{short(texts[at].as_py())} (line {lines[at]})" for at in first) or "empty"
        self.faults.append(message(self._where(ours), said, values=values, decided=match.how, next=step))

    def _settle_columns(self):
        """Put the frame together: promised columns first, then what else the source brings, as text."""
        kept = self.rows.kept
        for reason in dict.fromkeys(self.rows.reason[~kept]):
            which = self.rows.reason == reason
            rows = zip(self.grid.lines[which].tolist(), self.grid.texts(which), strict=True)
            self.report.dropped.extend((line, reason, text) for line, text in rows)
        columns = {}
        for ours in self.matches:
            values = self._settled(ours, kept)
            if values is not None:
                columns[ours] = values
                self._map(ours, self.matches[ours].theirs, self.matches[ours].how, self._in_words(ours, values))
        taken = {self.matches[ours].theirs for ours in columns}
        for name in self.grid.names:
            if name not in taken:
                own = _own_name(name, [*MODELS[self.table].columns, "customer_id", *columns])
                texts = self.grid.column(name).filter(pa.array(kept))
                columns[own] = pd.Series(texts.to_pandas(), dtype="str")
                self._map(own, name, AS_TEXT, "")
        frame = pd.DataFrame(columns)
        self.report.kept = len(frame)
        repeats = int(frame.duplicated().sum())
        if repeats:
            self.report.cautions.append(f"{counted(repeats, 'exact repeat')} of another row, kept.")
        return frame

    def _settled(self, ours, kept):
        """The values of a promised column, or None where it can only be kept as text."""
        reading, match = self.readings[ours], self.matches[ours]
        values = reading.series[kept].reset_index(drop=True)
        bad = reading.unreadable & kept
        reason = self._why_not(ours, values, bad)
        if reason and match.how == "told":
            step = "leave it out of columns=; it is then kept as text."
            self.faults.append(message(self._where(ours), f"it cannot be {ours}, for {reason}.", next=step))
        elif reason:
            self.report.cautions.append(f"'{match.theirs}' was kept as text and not as {ours}, for {reason}.")
        if reason:
            return None
        texts = self.grid.column(match.theirs).filter(pa.array(bad)).to_pylist()
        self.report.emptied.extend(
            (line, ours, text) for line, text in zip(self.grid.lines[bad].tolist(), texts, strict=True)
        )
        self.report.cautions.extend(reading.cautions)
        for code, at in reading.currency.items():
            self.currencies.setdefault(code, f"{match.theirs} {at}")
        return _narrow(values)

    def _why_not(self, ours, values, bad):
        column = self.promised[ours]
        filled = int(values.notna().sum()) + int(bad.sum())
        if ours in self.needed:
            return None
        if not filled:
            return "it is empty"
        if bad.sum() * 2 > filled:
            at = int(np.argmax(bad))
            text = self.grid.column(self.matches[ours].theirs)[at].as_py()
            return f"most of its values cannot be read ({short(text)!r} in line {self.grid.lines[at]})"
        if not column.nullable and values.isna().any():
            return f"{counted(int(values.isna().sum()), 'row')} have none"
        if column.unique and values.duplicated().any():
            return f"it repeats ({counted(int(values.duplicated().sum()), 'row')})"
        return None

    def _in_words(self, ours, values):
        reading, kind = self.readings[ours], self._kind(ours)
        words = [reading.how]
        if kind == "money":
            total = abs(int(values.sum()))
            words.append(f"sum {'-' if values.sum() < 0 else ''}{total // 100:,}.{total % 100:02d}")
        if kind in ("time", "date") and values.notna().any():
            words.append(f"{values.min():%Y-%m-%d} to {values.max():%Y-%m-%d}")
        return "; ".join(words)

    def _map(self, ours, theirs, how, read_as):
        self.report.mapping.append({"column": ours, "from": theirs, "how": how, "read_as": read_as})

    def _look_for_currency(self):
        """Currencies that the names of money columns, or a column of currencies, state."""
        for ours, match in self.matches.items():
            code = currency_in_name(match.theirs) if self._kind(ours) == "money" else None
            if code and ours in self.frame:
                self.currencies.setdefault(code, f"the name '{match.theirs}'")
        for name in self.grid.names:
            if plain_name(name) in other_words("currency"):
                words = self.grid.column(name).filter(pa.array(self.rows.kept)).unique().drop_null().to_pylist()
                for code in filter(None, map(currency_of, words)):
                    self.currencies.setdefault(code, f"column '{name}'")


def _own_name(name, taken):
    return name if name not in taken else _own_name(f"{name}_text", taken)


def _narrow(values):
    """Whole numbers and yes/no without a gap need no room for one."""
    plain = {"Int64": "int64", "boolean": "bool"}.get(str(values.dtype))
    return values.astype(plain) if plain and not values.isna().any() else values
