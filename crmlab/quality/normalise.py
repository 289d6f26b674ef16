"""Bring a table of customers to normal forms, and say of every cell what was changed."""

from functools import cached_property

import numpy as np
import pandas as pd

from crmlab.errors import CrmlabError, message
from crmlab.quality.companies import company_form
from crmlab.quality.days import birth_days
from crmlab.quality.letters import checked_locale
from crmlab.quality.names import name_form, town_form
from crmlab.quality.numbers import number_form
from crmlab.quality.reach import email_form, phone_form
from crmlab.quality.streets import house_form, postcode_form, street_form
from crmlab.quality.swapped import put_back
from crmlab.quality.words import said

__all__ = ["FORMS", "Normalised", "normalise"]

# The form of each column that is a text; a day of birth has its own.
FORMS = {
    "first_name": name_form,
    "last_name": name_form,
    "company_name": company_form,
    "street": street_form,
    "house_number": house_form,
    "postcode": postcode_form,
    "city": town_form,
    "email": email_form,
    "phone": phone_form,
    "oib": number_form,
    "iban": number_form,
}


class Normalised:
    """A table in normal forms, beside the table as it was.

    Parameters
    ----------
    raw : pandas.DataFrame
        The table as it was given.
    table : pandas.DataFrame
        The same rows and columns in normal forms; other columns are as they were.
    kinds : dict of str to (ndarray of int64, list of tuple of str)
        For each column, what was done to each row: its place in the list, -1 for an empty cell.

    Examples
    --------
    >>> done = normalise(pd.DataFrame({"city": ["SPLIT", "Zadar"]}))
    >>> done.table["city"].tolist(), done.raw["city"].tolist(), len(done.changes)
    (['Split', 'Zadar'], ['SPLIT', 'Zadar'], 1)
    """

    def __init__(self, raw, table, kinds):
        self.raw, self.table, self._kinds = raw, table, kinds

    @cached_property
    def changes(self):
        """See every cell that was changed: row, record_id, column, before, after, what.

        Examples
        --------
        >>> table = pd.DataFrame({"record_id": [7], "last_name": ["KOVAČ"], "phone": ["091 234 5678"]})
        >>> for change in normalise(table).changes.drop(columns=["row", "record_id"]).values.tolist():
        ...     print(*change, sep=" | ")
        last_name | KOVAČ | Kovač | a capital only where a name begins
        phone | 091 234 5678 | +385912345678 | number with the country's code, digits only
        """
        frame = pd.concat([self._changed(column) for column in self._kinds], ignore_index=True)
        return frame.astype({"column": "category", "what": "category"})

    def summary(self):
        """Count what was changed, by column and kind of change.

        Returns
        -------
        pandas.DataFrame
            Columns column, what, cells, example_before, example_after; most frequent first.

        Examples
        --------
        >>> normalise(pd.DataFrame({"city": ["SPLIT", "ZADAR", "Pula"]})).summary().values.tolist()
        [['city', 'a capital only where a name begins', 2, 'SPLIT', 'Split']]
        """
        grouped = self.changes.groupby(["column", "what"], observed=True, sort=False)
        counted = grouped.agg(
            cells=("before", "size"), example_before=("before", "first"), example_after=("after", "first")
        )
        return counted.reset_index().sort_values("cells", ascending=False, kind="stable", ignore_index=True)

    def _changed(self, column):
        codes, kinds = self._kinds[column]
        has = np.array([bool(one) for one in kinds] + [False])
        at = np.flatnonzero(has[codes])
        what = pd.array([said(one) for one in kinds] + [""], dtype="str").take(codes[at])
        frame = {"row": self.raw.index.take(at)}
        if "record_id" in self.raw.columns:
            frame["record_id"] = self.raw["record_id"].to_numpy()[at]
        before, after = self.raw[column].take(at), self.table[column].take(at)
        if column == "birth_date":
            after = after.dt.strftime("%Y-%m-%d")
            before = before.dt.strftime("%Y-%m-%d") if hasattr(before, "dt") else before
        frame |= {"column": column, "before": before.astype("str").array, "after": after.astype("str").array}
        return pd.DataFrame(frame | {"what": what})


def normalise(customers, locale="hr"):
    """Bring a table of customers to normal forms, and keep account of every change.

    Parameters
    ----------
    customers : pandas.DataFrame
        One row per record; those of the columns first_name, last_name, company_name,
        street, house_number, postcode, city, email, phone, birth_date, oib and iban that
        there are. The table stays as it was.
    locale : str, default="hr"
        ``"hr"``, ``"en"`` or ``"de"``: the language of names and streets, and the country
        of phone numbers that do not say theirs.

    Returns
    -------
    Normalised
        ``table``, ``changes``, ``summary()`` and the ``raw`` table.

    Raises
    ------
    CrmlabError
        When the locale is not known, or the table is none or has none of these columns.

    Examples
    --------
    >>> table = pd.DataFrame({"last_name": ["ÐURÐEVIÆ"], "street": ["Ul.kralja Tomislava"], "phone": ["01/234-5678"]})
    >>> normalise(table).table.iloc[0].tolist()
    ['Đurđević', 'Ulica kralja Tomislava', '+38512345678']
    """
    checked_locale(locale)
    _check(customers)
    _, moved, apart = put_back(customers, locale)
    values, kinds = {}, {}
    for column, form in FORMS.items():
        if column in customers:
            codes, found = apart[column]
            new = [form(text, locale) for text in found]
            texts = pd.array([text for text, _ in new] + [pd.NA], dtype="str")
            values[column] = pd.Series(texts.take(codes), index=customers.index)
            kinds[column] = _with_moved([kind for _, kind in new], codes, moved.get(column))
    if "birth_date" in customers:
        values["birth_date"], found, codes = birth_days(customers["birth_date"], pd.Timestamp.now())
        kinds["birth_date"] = (codes, found)
    return Normalised(customers, customers.assign(**values), kinds)


def _with_moved(kinds, codes, moved):
    """Add to what was done to each text that it came from another field."""
    if moved is None or not len(moved):
        return codes, kinds
    kinds, codes = [*kinds], codes.copy()
    places = {}
    for kind, rows in moved:
        for row in rows.tolist():
            key = (kind, codes[row])
            if key not in places:
                places[key] = len(kinds)
                kinds.append((kind, *(kinds[codes[row]] if codes[row] >= 0 else ())))
            codes[row] = places[key]
    return codes, kinds


def _check(customers):
    if not isinstance(customers, pd.DataFrame):
        found = f"found a {type(customers).__name__}."
        raise CrmlabError(message("customers", found, allowed="a table", next="give base.customers or an own export."))
    double = customers.columns[customers.columns.duplicated()].unique()
    if len(double):
        found = f"column {double[0]!r} is there twice."
        raise CrmlabError(message("customers", found, next="rename one of the two."))
    if not {*FORMS, "birth_date"} & set(customers.columns):
        found = "it has none of the columns that can be brought to a normal form."
        allowed = ", ".join([*FORMS, "birth_date"])
        next_step = 'rename your columns, for instance customers.rename(columns={"Prezime": "last_name"}).'
        raise CrmlabError(message("customers", found, allowed=allowed, next=next_step))
