"""Possible duplicates while somebody is still typing: looked up by keys that lie ready in order."""

import html
from collections.abc import Mapping

import numpy as np
import pandas as pd
import pyarrow as pa

from crmlab.dedupe.entry_evidence import weighed
from crmlab.dedupe.entry_forms import COLUMNS, Field, plain_form
from crmlab.dedupe.given import numbered
from crmlab.errors import CrmlabError, did_you_mean, few, message
from crmlab.quality.letters import checked_locale

__all__ = ["Candidates", "EntryIndex"]

# What two records of one person share though the rest differs; each is a way in.
_KEYS = (
    ("oib",),
    ("iban",),
    ("phone",),
    ("email",),
    ("company_name",),
    ("last_name",),
    ("first_name", "last_name"),
    ("last_name", "birth_date"),
    ("first_name", "birth_date"),
    ("last_name", "street"),
    ("last_name", "postcode"),
    ("first_name", "street"),
    ("street", "house_number"),
)
_MOST = 200  # records behind one key; where there are more, the key says nothing
_NEAR = 20  # spellings of a last name that are tried
_NAMES = ("first_name", "last_name")
_LONGEST = 40  # signs of a value in a message
# Why a field that was typed is not looked up.
_UNREAD = {
    "birth_date": "it is no day; write it like 3.4.1986",
    "phone": "it is too short for a phone number",
    "email": "it has no @",
}


class EntryIndex:
    """See at once, while a record is typed, whether the customer is already there.

    Parameters
    ----------
    customers : pandas.DataFrame of shape (n_records, …)
        The records, with any of the columns first_name, last_name, company_name, birth_date, phone, email, street,
        house_number, postcode, city, oib, iban. They are named by record_id, else customer_id, else the index.
    locale : str, default="hr"
        ``"hr"``, ``"en"`` or ``"de"``.

    Raises
    ------
    CrmlabError
        When there is none of the columns, or a record number stands twice.

    Examples
    --------
    >>> customers = pd.DataFrame({
    ...     "record_id": [1, 2],
    ...     "first_name": ["Josip", "Ana"],
    ...     "last_name": ["Đurđević", "Novak"],
    ...     "phone": ["+385 91 234 5678", None],
    ... })
    >>> index = EntryIndex(customers)
    >>> index
    Ready to check what is typed against 2 records: first name, last name, phone.
    >>> index.check({"last_name": "djurdjevic", "first_name": "Joso"}).table[["record_id", "why"]].to_numpy().tolist()
    [[1, 'same first name (Josip), same last name (Đurđević)']]
    """

    def __init__(self, customers, *, locale="hr"):
        self.locale = checked_locale(locale)
        known = numbered(customers)
        self._columns = [column for column in COLUMNS if column in customers]
        if not self._columns:
            it_has, next_step = few(customers.columns, 12), f"name a column one of: {', '.join(COLUMNS)}."
            raise CrmlabError(message("customers", "nothing to look up.", it_has=it_has, next=next_step))
        self._known = {*COLUMNS, *customers.columns}
        self._records = pd.Index(known["record_id"])
        self._raw = {column: _Column(customers[column]) for column in self._columns}
        self._fields = {column: Field(customers[column], column, locale) for column in self._columns}
        self._keys = {key: self._sorted(key) for key in _KEYS if set(key) <= set(self._columns)}
        self._last_names = {}
        for code, word in enumerate(self._fields["last_name"].words if "last_name" in self._columns else ()):
            words, codes = self._last_names.setdefault(word[0], ([], []))
            words.append(word)
            codes.append(code)

    def _sorted(self, key):
        """Put one key of all records in order, to be found by halving."""
        is_there = np.logical_and.reduce([self._fields[column].codes >= 0 for column in key])
        rows = np.flatnonzero(is_there).astype("int32")
        values = self._joint(key, [self._fields[column].codes[rows] for column in key])
        order = np.argsort(values)
        return values[order], rows[order]

    def _joint(self, key, codes):
        values = codes[0].astype("int64")
        return values if len(key) == 1 else values * len(self._fields[key[1]].words) + codes[1]

    def check(self, record, *, most=5):
        """Find the records that may be the customer being typed.

        Parameters
        ----------
        record : dict
            What has been typed so far, by column; the rest may be missing.
        most : int, default=5
            How many to show.

        Returns
        -------
        Candidates
            The likeliest first, each with how sure it is and why.

        Raises
        ------
        CrmlabError
            When the record is no dict, or names an unknown column.

        Examples
        --------
        >>> customers = pd.DataFrame({"record_id": [1], "last_name": ["Novak"], "phone": ["091 234 5678"]})
        >>> EntryIndex(customers).check({"phone": "+385912345678"})
        1 possible duplicate.
        Record 1, probably: same phone.
        """
        typed, unread = self._typed(record)
        codes = {column: self._fields[column].places.get(text, -1) for column, text in typed.items()}
        turned = self._turned(record) if set(_NAMES) <= set(typed) else (-1, -1)
        rows, crowded = self._found(typed, codes, self._near(typed, codes), turned)
        evidence = weighed(typed, rows, self._fields, turned)
        order = np.lexsort((rows, -evidence.bits))[:most]
        order = order[evidence.bits[order] >= evidence.LEAST]
        said = _Said(set(typed), unread, crowded)
        return Candidates(self._raw, self._records, rows[order], evidence.take(order), said)

    def __repr__(self):
        n, fields = len(self._records), ", ".join(COLUMNS[column] for column in self._columns)
        return f"Ready to check what is typed against {n:,} record{'' if n == 1 else 's'}: {fields}."

    def _typed(self, record):
        if not isinstance(record, Mapping | pd.Series):
            found = f"found a {type(record).__name__}."
            allowed = 'a dict: {"last_name": "Novak", "phone": "091 234 5678"}'
            raise CrmlabError(message("record", found, allowed=allowed, next="write column and value in pairs."))
        strangers = [name for name in record.keys() if name not in self._known]  # noqa: SIM118  a Series gives its values, not its names
        if strangers:
            raise CrmlabError(
                *(
                    message(
                        f"record['{name}']",
                        f"no such column.{did_you_mean(name, COLUMNS)}",
                        allowed=", ".join(COLUMNS),
                        next="name the column as the customers table does.",
                    )
                    for name in strangers
                )
            )
        typed, unread = {}, []
        for column in (column for column in COLUMNS if _is_there(record.get(column))):
            if column not in self._columns:
                unread.append((column, record[column], "the table has no such column"))
            elif text := plain_form(column, record[column], self.locale):
                typed[column] = text
            else:
                unread.append((column, record[column], _UNREAD.get(column, "it has no letter and no digit")))
        return typed, unread

    def _near(self, typed, codes):
        """Find the last names that are spelt nearly as the one typed, with that one itself."""
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        word = typed.get("last_name")
        if word is None:
            return np.zeros(0, dtype="int64")
        words, places = self._last_names.get(word[0], ([], []))
        slips = 1 if len(word) < 6 else 2
        alike = process.extract(word, words, scorer=OSA.distance, processor=None, score_cutoff=slips, limit=_NEAR)
        near = {places[place] for _, _, place in alike} | ({codes["last_name"]} - {-1})
        return np.array(sorted(near), dtype="int64")

    def _turned(self, record):
        """Look the names up the other way round: what was typed as last name among the first names."""
        forms = (plain_form(column, record.get(other), self.locale) for column, other in (_NAMES, _NAMES[::-1]))
        first, last = (self._fields[column].places.get(text, -1) for column, text in zip(_NAMES, forms, strict=True))
        return first, last

    def _found(self, typed, codes, near, turned):
        """Gather the records behind every key; say which keys too many records share."""
        found, crowded = [np.zeros(0, dtype="int32")], []
        for key, (values, rows) in self._keys.items():
            if not set(key) <= set(typed):
                continue
            asked = [near if column == "last_name" else np.array([codes[column]]) for column in key]
            if min(part.min(initial=0) for part in asked) < 0:
                continue
            wanted = self._joint(key, asked)
            start, end = np.searchsorted(values, wanted, "left"), np.searchsorted(values, wanted, "right")
            for low, high in zip(start.tolist(), end.tolist(), strict=True):
                if high - low > _MOST:
                    crowded.append((high - low, key))
                elif high > low:
                    found.append(rows[low:high])
        if min(turned) >= 0:
            values, rows = self._keys[_NAMES]
            wanted = self._joint(_NAMES, np.array(turned)[:, None])
            found.append(np.sort(rows[slice(*np.searchsorted(values, [wanted[0], wanted[0] + 1]))])[:_MOST])
        return np.unique(np.concatenate(found)), crowded


def _is_there(value):
    """Whether anything was typed: not nothing, not only blanks."""
    return not (value is None or (pd.api.types.is_scalar(value) and pd.isna(value)) or not str(value).strip())


class _Column:
    """A column laid so that a few of its rows are read fast."""

    def __init__(self, values):
        self._words = None
        if isinstance(values.dtype, pd.CategoricalDtype):
            self._words = [*values.cat.categories, None]  # code −1 reads the last
            self._values = values.cat.codes.to_numpy()
        elif isinstance(values.dtype, pd.StringDtype):
            texts = pa.array(values)  # in pieces, it would be put together at each reading
            self._values = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
        else:
            self._values = values.array

    def read(self, rows):
        found = [self._values[row] for row in rows]
        if self._words is not None:
            return [self._words[code] for code in found]
        return [text.as_py() for text in found] if isinstance(self._values, pa.Array) else found


class _Said:
    """What is told beside the candidates: fields looked up, fields left out and why, keys too many records share."""

    def __init__(self, looked_up, unread, crowded):
        self.looked_up, self.unread, self.crowded = looked_up, unread, crowded

    def left_out(self):
        return [
            f"{COLUMNS[column].capitalize()} {_short(value)} was left out: {why}." for column, value, why in self.unread
        ]


def _as_day(value):
    return f"{value:%Y-%m-%d}" if hasattr(value, "strftime") and not pd.isna(value) else value


def _short(value):
    text = str(_as_day(value)).strip()
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


class Candidates:
    """The records that may be the customer being typed, with how sure and why.

    Made by :meth:`EntryIndex.check`.

    Parameters
    ----------
    raw : dict
        All records, by column.
    records : pandas.Index
        Their record_ids.
    rows : ndarray of int
        The candidates' rows, the likeliest first.
    evidence : Evidence
        What speaks for and against each.
    said : _Said
        What is told beside them.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per candidate: record_id, how_sure (almost surely, probably, perhaps), why, and the columns of the
        record.

    Examples
    --------
    >>> customers = pd.DataFrame({"record_id": [1], "last_name": ["Novak"]})
    >>> EntryIndex(customers).check({"last_name": "Kovač"})
    Nobody like this is there yet.
    """

    def __init__(self, raw, records, rows, evidence, said):
        self._raw, self._records, self._rows = raw, records, rows
        self._evidence, self._said = evidence, said

    def __len__(self):
        return len(self._rows)

    @property
    def table(self):
        """The candidates, the likeliest first (see the class)."""
        rows = self._rows.tolist()
        shown = {column: values.read(rows) for column, values in self._raw.items()}
        said = self._evidence
        why = [said.why(number, {column: shown[column][number] for column in shown}) for number in range(len(self))]
        heads = {"record_id": self._records.take(self._rows).tolist(), "how_sure": said.how_sure(), "why": why}
        columns = {**heads, **shown}
        cells = np.empty((len(self), len(columns)), dtype=object)
        for place, values in enumerate(columns.values()):
            cells[:, place] = values
        return pd.DataFrame(cells, columns=list(columns), dtype=object, copy=False)

    @property
    def words(self):
        """What to tell the one who types, in a sentence or two."""
        return " ".join([self._outcome(), *self._said.left_out()])

    def _outcome(self):
        n, said = len(self), self._said
        if n:
            return f"{n} possible duplicate{'s' if n > 1 else ''}."
        if not said.looked_up:
            return "Nothing has been typed yet that could be looked up."
        if said.crowded:
            many, key = min(said.crowded)
            shared = " and ".join(COLUMNS[column] for column in key)
            ask = [column for column in ("birth_date", "phone", "email", "street") if column in self._raw]
            ask = [COLUMNS[column] for column in ask if column not in said.looked_up]
            ask = f" Ask for {' or '.join(ask[:3])}." if ask else ""
            return f"{many:,} records share this {shared}; that alone says nothing.{ask}"
        return "Nobody like this is there yet."

    def __repr__(self):
        rows = self.table[["record_id", "how_sure", "why"]].itertuples(index=False)
        return "\n".join([self.words, *(f"Record {record}, {sure}: {why}." for record, sure, why in rows)])

    def _repr_html_(self):
        shown = self.table.dropna(axis=1, how="all").map(_as_day)
        shown = shown.rename(columns={**COLUMNS, "record_id": "record", "how_sure": "how sure"})
        table = shown.to_html(index=False, border=0, na_rep="") if len(self) else ""
        return f"<p>{html.escape(self.words)}</p>{table}"
