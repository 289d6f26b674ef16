"""Hold a table, or one record as it is typed, to an entry standard."""

import html

import numpy as np
import pandas as pd

from crmlab.errors import CrmlabError, did_you_mean, few, message
from crmlab.quality.guide import guide_words
from crmlab.quality.standard_fields import COLUMNS
from crmlab.quality.standard_forms import wanted
from crmlab.quality.swapped import put_back
from crmlab.quality.uniques import parts
from crmlab.quality.words import said

__all__ = ["EntryCheck", "check_entries"]

_MOST_LINES = 12


class EntryCheck:
    """What is not as the standard wants it, and what should stand there instead.

    Parameters
    ----------
    findings : pandas.DataFrame
        One row per cell: row, record_id (if the table has one), column, found, offered
        (empty where only the customer knows), what.
    corrected : pandas.DataFrame or dict
        What was given, with every offered value put in.
    language : str
        What it speaks.

    Examples
    --------
    >>> from crmlab.quality import EntryStandard
    >>> check = EntryStandard.load("en").check(pd.DataFrame({"city": ["LEEDS", "York"]}))
    >>> check.findings[["row", "found", "offered"]].values.tolist(), check.corrected["city"].tolist()
    ([[0, 'LEEDS', 'Leeds']], ['Leeds', 'York'])
    """

    def __init__(self, findings, corrected, language):
        self.findings, self.corrected, self._language = findings, corrected, language

    @property
    def is_fine(self):
        """Whether nothing is to be changed."""
        return self.findings.empty

    def summary(self):
        """Count what is to be changed, by column and kind.

        Returns
        -------
        pandas.DataFrame
            Columns column, what, cells, found, offered (of the first such cell); most frequent first.

        Examples
        --------
        >>> from crmlab.quality import EntryStandard
        >>> check = EntryStandard.load("en").check(pd.DataFrame({"city": ["LEEDS", "YORK"]}))
        >>> check.summary().values.tolist()
        [['city', 'a capital only where a name begins', 2, 'LEEDS', 'Leeds']]
        """
        grouped = self.findings.groupby(["column", "what"], observed=True, sort=False)
        counted = grouped.agg(cells=("what", "size"), found=("found", "first"), offered=("offered", "first"))
        return counted.reset_index().sort_values("cells", ascending=False, kind="stable", ignore_index=True)

    def __repr__(self):
        words = guide_words(self._language)["words"]
        if self.is_fine:
            return words["none"]
        if isinstance(self.corrected, dict):
            return "\n".join([_count(words, len(self.findings)), *(f"  {line}" for line in self._lines())])
        touched = self.findings["row"].nunique()
        lines = [words["table"].format(rows=f"{len(self.corrected):,}", touched=f"{touched:,}")]
        for kind in self.summary().head(_MOST_LINES).itertuples(index=False):
            lines.append(f"  {self._named(kind.column)}: {kind.what} ({kind.cells:,})")
        return "\n".join(lines)

    def _repr_html_(self):
        if self.is_fine or isinstance(self.corrected, dict):
            return "".join(f"<div>{html.escape(line)}</div>" for line in repr(self).splitlines())
        words = guide_words(self._language)["words"]
        table = self.summary().head(_MOST_LINES).fillna("")
        table["column"] = table["column"].map(self._named)
        table.columns = [words[name] for name in ("field", "what", "cells", "found", "offered")]
        first = html.escape(repr(self).splitlines()[0])
        return f"<p>{first}</p>{table.to_html(index=False, border=0, justify='left')}"

    def _lines(self):
        for one in self.findings.itertuples(index=False):
            if pd.isna(one.found) and pd.isna(one.offered):
                yield f"{self._named(one.column)}: {one.what}"
            else:
                found = "" if pd.isna(one.found) else f" {one.found!r}"
                offered = "" if pd.isna(one.offered) else f" → {one.offered!r}"
                yield f"{self._named(one.column)}:{found}{offered} ({one.what})"

    def _named(self, column):
        guide = guide_words(self._language)
        return f" {guide['words']['or']} ".join(guide["fields"][name] for name in column.split(" or "))


def check_entries(entries, rules, purpose):
    """Hold a table or a record to a standard; see :meth:`crmlab.quality.EntryStandard.check`.

    Parameters
    ----------
    entries : pandas.DataFrame or dict
    rules : dict
        What the standard says.
    purpose : str or None

    Returns
    -------
    EntryCheck

    Examples
    --------
    >>> from crmlab.quality import EntryStandard
    >>> check_entries({"city": "LEEDS"}, EntryStandard.load("en").rules | {"required": {"always": []}}, None).corrected
    {'city': 'Leeds'}
    """
    _check(entries, rules, purpose)
    is_record = isinstance(entries, dict)
    table = pd.DataFrame([{**dict.fromkeys(COLUMNS), **entries}], dtype=object) if is_record else entries
    table = _blank_is_missing(table)
    moved, from_where, _ = put_back(table, rules["locale"])
    if "first_name" in table and "last_name" in table:
        moved, rows = _whole_names(moved, rules["names"]["order"])
        for column in ("first_name", "last_name"):
            from_where.setdefault(column, []).append(("whole_name", rows))
    found, values = [], {}
    for column in (column for column in COLUMNS if column in table):
        values[column], came = moved[column], from_where.get(column, [])
        if values[column].notna().any() or any(len(rows) for _, rows in came):
            values[column], frame = _column(table, values[column], column, came, rules)
            if len(frame):
                found.append(frame)
    found.extend(_missing(moved, rules, purpose, is_record))
    findings = pd.concat(found, ignore_index=True) if found else _frame(table, [], "", [], [], [])
    findings = findings.sort_values("place", kind="stable", ignore_index=True).drop(columns="place")
    if is_record:
        now = {name: None if pd.isna(value.iloc[0]) else value.iloc[0] for name, value in values.items()}
        corrected = entries | {name: value for name, value in now.items() if name in entries or value}
        return EntryCheck(findings.drop(columns="row"), corrected, rules["language"])
    return EntryCheck(findings, entries.assign(**values), rules["language"])


def _column(table, now, column, moved, rules):
    """What a column should hold, and the cells that do not hold it."""
    is_day = pd.api.types.is_datetime64_any_dtype(now.dtype)
    codes, texts = parts(now.dt.strftime("%Y-%m-%d") if is_day else now)
    judged = [wanted(column, text, rules) for text in texts]
    wrong = np.array([bool(kinds) for _, kinds in judged] + [False])[codes]
    before = {row: (kind,) for kind, rows in moved for row in rows.tolist()}
    wrong[list(before)] = True
    rows = np.flatnonzero(wrong)
    if not len(rows):
        return now, ()
    offered = [judged[code][0] if code >= 0 else None for code in codes[rows]]
    what = [
        said([*before.get(row, ()), *(judged[code][1] if code >= 0 else ())], rules["language"])
        for row, code in zip(rows.tolist(), codes[rows].tolist(), strict=True)
    ]
    corrected = now
    if not is_day:
        corrected = now.astype(object).to_numpy().copy()
        corrected[rows] = [typed if new is None else new for typed, new in zip(corrected[rows], offered, strict=True)]
        corrected = pd.Series(corrected, index=table.index, dtype="str")
    return corrected, _frame(table, rows, column, table[column].iloc[rows].astype("str").tolist(), offered, what)


def _missing(table, rules, purpose, is_record):
    """The fields that are needed and not there; of alternatives, one is enough.

    A table need not have every column: those it lacks are asked for by a purpose only.
    """
    guide = guide_words(rules["language"])["words"]
    needed = {field: guide["always"] for field in rules["required"]["always"]}
    for field in rules["required"].get(purpose, []):
        needed.setdefault(field, purpose)
    for field, why in needed.items():
        there = [table[name].notna().to_numpy() for name in field.split(" or ") if name in table]
        if not there and not is_record and why == guide["always"]:
            continue
        rows = np.flatnonzero(~np.any(there, axis=0)) if there else np.arange(len(table))
        if len(rows):
            what = f"{said(['missing'], rules['language'])} ({why})"
            yield _frame(table, rows, field, [None] * len(rows), [None] * len(rows), [what] * len(rows))


def _frame(table, rows, column, found, offered, what):
    frame = {"place": np.asarray(rows, dtype=np.int64), "row": table.index.take(rows)}
    if "record_id" in table:
        frame["record_id"] = table["record_id"].to_numpy()[rows]
    frame = pd.DataFrame(frame | {"column": pd.Series([column] * len(rows), dtype="str")})
    return frame.assign(**{name: pd.array(values, dtype="str") for name, values in _named(found, offered, what)})


def _named(found, offered, what):
    return (("found", found), ("offered", offered), ("what", what))


def _whole_names(table, order):
    """Split names of which the whole stands in one field."""
    first, last = table["first_name"].astype(object).to_numpy(), table["last_name"].astype(object).to_numpy()
    first, last, rows = first.copy(), last.copy(), []
    for row in np.flatnonzero(pd.isna(first) != pd.isna(last)):
        whole = first[row] if pd.isna(last[row]) else last[row]
        surname, comma, given = whole.partition(",")
        words = whole.split()
        if comma and given.strip():
            given, surname = given.strip(), surname.strip()
        elif pd.isna(last[row]) and len(words) > 1:
            at = -1 if order == "first name first" else 1
            head, tail = " ".join(words[:at]), " ".join(words[at:])
            given, surname = (head, tail) if at == -1 else (tail, head)
        else:
            continue
        first[row], last[row] = given, surname
        rows.append(row)
    rows = np.array(rows, dtype=np.int64)
    if not len(rows):
        return table, rows
    return table.assign(
        first_name=pd.Series(first, index=table.index, dtype="str"),
        last_name=pd.Series(last, index=table.index, dtype="str"),
    ), rows


def _blank_is_missing(table):
    """Read a text of nothing but blanks as nothing."""
    there = [column for column in COLUMNS if column in table and not hasattr(table[column], "dt")]
    return table.assign(**{column: _without_blanks(table[column]) for column in there})


def _without_blanks(column):
    codes, found = parts(column)
    texts = pd.array([text if text.strip() else None for text in found] + [None], dtype="str")
    return pd.Series(texts.take(codes), index=column.index)


def _count(words, count):
    return words["todo_one"] if count == 1 else words["todo"].format(count=count)


def _check(entries, rules, purpose):
    if isinstance(entries, dict):
        faults = [
            message(field, f"there is no such field.{did_you_mean(field, COLUMNS)}", it_has=few(COLUMNS, 12), next=step)
            for field in entries
            if field not in COLUMNS and (step := "name the field as the table does.") and did_you_mean(field, COLUMNS)
        ]
        if faults:
            raise CrmlabError(*faults)
        if not set(entries) & set(COLUMNS):
            found = f"it has none of the standard's fields: {few(entries) or 'it is empty'}."
            raise CrmlabError(message("record", found, allowed=few(COLUMNS, 12), next="name the fields so."))
    elif not isinstance(entries, pd.DataFrame):
        next_step = 'give base.customers, or one record such as {"last_name": "Novak"}.'
        found = f"found a {type(entries).__name__}."
        raise CrmlabError(message("entries", found, allowed="a table, or one record", next=next_step))
    purposes = [name for name in rules["required"] if name != "always"]
    if purpose is not None and purpose not in purposes:
        found = f"found {purpose!r}.{did_you_mean(purpose, purposes)}"
        raise CrmlabError(message("purpose", found, allowed=few(purposes, 12), next="choose one of these."))
