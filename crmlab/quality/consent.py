"""Selections that respect what customers agreed to, and say who was left out and why."""

import html

import numpy as np
import pandas as pd
from pandas.api import types

from crmlab.errors import CrmlabError, did_you_mean, few, message
from crmlab.quality.cells import cells_of
from crmlab.quality.placeholders import placeholders

__all__ = ["Selection", "select"]

_YES = {"true", "yes", "y", "1", "1.0", "da", "d", "ja", "j", "opt-in", "opted in"}
_NO = {"false", "no", "n", "0", "0.0", "ne", "nein", "opt-out", "opted out"}
_REACHED_BY = {"email": ("email", "no e-mail address"), "phone": ("phone", "no phone number")}
_SAID_NO, _ELSEWHERE, _NO_ANSWER = "said no", "said no on another record of theirs", "never gave a clear answer"


class Selection:
    """The customers who may be contacted or profiled, and how many were left out and why.

    Made by :func:`select`.

    Parameters
    ----------
    customers : pandas.DataFrame
    left_out : pandas.DataFrame
    purposes : list of str

    Attributes
    ----------
    customers : pandas.DataFrame
        The rows that may be used for the purpose, as they were.
    left_out : pandas.DataFrame
        By reason: purpose, reason, customers. Each row is counted once, at its first reason.

    Examples
    --------
    >>> people = pd.DataFrame({"email": ["ana@posta.example", None], "consent_email": [True, True]})
    >>> len(select(people, purpose="email"))
    1
    """

    def __init__(self, customers, left_out, purposes):
        self.customers, self.left_out, self.purposes = customers, left_out, purposes

    def __len__(self):
        return len(self.customers)

    def __repr__(self):
        lines = [self._headline()]
        for row in self.left_out.itertuples():
            lines.append(f"  {row.customers:,} {row.reason} ({row.purpose})")
        return "\n".join(lines)

    def _repr_html_(self):
        table = self.left_out.to_html(index=False, border=0, justify="left") if len(self.left_out) else ""
        return f"<p><b>{html.escape(self._headline())}</b></p>{table}"

    def _headline(self):
        out = int(self.left_out["customers"].sum())
        purpose = " and ".join(self.purposes)
        told = f"{len(self.customers):,} of {len(self.customers) + out:,} customers may be used for {purpose}"
        return f"{told}; {out:,} left out:" if out else f"{told}; nobody had to be left out."


def select(customers, *, purpose, where=None):
    """Take only the customers who agreed, and say how many were left out and why.

    Only a clear yes is a consent: an empty cell is none. When one person has several
    records (a column ``customer_id``), a no on one of them is a no. For e-mail and phone,
    who has no address or number is left out too.

    Parameters
    ----------
    customers : pandas.DataFrame of shape (n_customers, …)
        With a column ``consent_`` and the purpose: ``consent_email`` for "email".
    purpose : str or list of str
        ``"email"``, ``"phone"``, ``"profiling"``, or another that has its column; with
        several, each is needed.
    where : Series of bool, optional
        Whom you would like to reach; the others are not counted as left out.

    Returns
    -------
    Selection
        ``.customers`` are the rows that may be used, ``.left_out`` the reasons.

    Raises
    ------
    CrmlabError
        When there is no column for the purpose, or `where` does not fit the table.

    References
    ----------
    General Data Protection Regulation, articles 4 (11) and 7: consent is a clear
    affirmative act, and can be shown.

    Examples
    --------
    >>> people = pd.DataFrame({
    ...     "email": ["ana@posta.example", "ivo@posta.example", None, "eva@posta.example"],
    ...     "consent_email": [True, False, True, None],
    ... })
    >>> chosen = select(people, purpose="email")
    >>> chosen
    1 of 4 customers may be used for email; 3 left out:
      1 said no (email)
      1 never gave a clear answer (email)
      1 no e-mail address (email)
    >>> chosen.customers.index.tolist()
    [0]
    """
    purposes = _checked(customers, purpose)
    wanted = _wanted(customers, where)
    reason = np.zeros(len(customers), dtype=np.int64)
    reasons = [("", "")]
    for name in purposes:
        for why, out in _refusals(customers, name):
            reasons.append((name, why))
            reason[(reason == 0) & out] = len(reasons) - 1
    counts = np.bincount(reason[wanted], minlength=len(reasons))
    left = [(*reasons[place], int(counts[place])) for place in range(1, len(reasons)) if counts[place]]
    left_out = pd.DataFrame(left, columns=["purpose", "reason", "customers"])
    return Selection(customers[wanted & (reason == 0)], left_out, purposes)


def _refusals(customers, purpose):
    """Reasons why a customer may not be used for a purpose, the weightiest first."""
    yes, no = _answers(customers[f"consent_{purpose}"])
    yield _SAID_NO, no
    if "customer_id" in customers:
        person = customers["customer_id"]
        of_others = pd.Series(no, index=customers.index).groupby(person.to_numpy()).transform("any").to_numpy()
        yield _ELSEWHERE, of_others.astype(bool) & person.notna().to_numpy()
    yield _NO_ANSWER, ~yes
    column, why = _REACHED_BY.get(purpose, (None, None))
    if column in customers:
        cells = cells_of(customers[column])
        yield why, ~cells.is_filled | cells.rows(placeholders(column, cells))


def _answers(column):
    """Who clearly said yes, and who clearly said no."""
    if types.is_bool_dtype(column.dtype):
        answer = column.astype("boolean")
        return answer.fillna(False).to_numpy(dtype=bool), (~answer).fillna(False).to_numpy(dtype=bool)
    cells = cells_of(column)
    return cells.rows(cells.each(lambda text: text.casefold() in _YES)), cells.rows(
        cells.each(lambda text: text.casefold() in _NO)
    )


def _checked(customers, purpose):
    if not isinstance(customers, pd.DataFrame):
        found = f"found a {type(customers).__name__}."
        step = "pass the table of customers, for instance base.customers."
        raise CrmlabError(message("customers", found, allowed="a pandas DataFrame", next=step))
    purposes = [purpose] if isinstance(purpose, str) else list(purpose)
    able = [str(column).removeprefix("consent_") for column in customers if str(column).startswith("consent_")]
    odd = [name for name in purposes if name not in able]
    if odd or not purposes:
        found = f"no column 'consent_{odd[0]}'.{did_you_mean(odd[0], able)}" if odd else "no purpose is named."
        step = "without a consent on record nobody may be chosen: ask first, and write the answer down."
        raise CrmlabError(message("purpose", found, it_has=few(able) or "no consents", next=step))
    return purposes


def _wanted(customers, where):
    if where is None:
        return np.ones(len(customers), dtype=bool)
    fits = isinstance(where, pd.Series) and where.index.equals(customers.index)
    fits = fits or (not isinstance(where, pd.Series) and np.shape(where) == (len(customers),))
    if not fits or not types.is_bool_dtype(getattr(where, "dtype", np.asarray(where).dtype)):
        found = "it is no column of True and False with the table's own rows."
        step = 'write a condition on the same table, for instance customers["city"] == "Split".'
        raise CrmlabError(message("where", found, next=step))
    return pd.array(where, dtype="boolean").fillna(False).to_numpy(dtype=bool)
