"""How good a table is: five dimensions, by column, channel, clerk and month."""

import numpy as np
import pandas as pd

from crmlab.errors import CrmlabError, did_you_mean, few, message
from crmlab.quality.card import Scorecard
from crmlab.quality.consistency import consistency
from crmlab.quality.letters import checked_locale
from crmlab.quality.once import timeliness, uniqueness
from crmlab.quality.validity import validity
from crmlab.quality.view import Found, View
from crmlab.tables.instant import instant

__all__ = ["scorecard"]

# What is needed to know a customer and to reach them; the rest is asked for where a process needs it.
_NEEDED = (
    *("first_name", "last_name", "street", "house_number", "postcode", "city"),
    *("email", "phone", "birth_date"),
)
_OF_PERSONS = ("first_name", "last_name", "birth_date")
_MOST_DOUBTED = 0.5


def scorecard(table, *, locale="hr", as_of=None, required=None, fresh_days=365):
    """Score a table's completeness, validity, consistency, uniqueness and timeliness.

    Works on any table, and on a customers table with only some of its columns: each rule
    is used where its columns are. A cell that is filled but says nothing (nepoznato, xxx,
    000000, a birthday on 1.1.1970) counts as empty. What is usual, such as the town of a
    postcode, is learned from the table itself.

    A rule that may itself be wrong for a table, such as a check digit, is not counted in
    the scores where more than half of the cells break it: no clerk does that. It stays in
    ``.rules`` with its figure, and the card says so. (Simulated identity and account
    numbers fail their check digits on purpose, so that nobody's real number can appear.)

    Parameters
    ----------
    table : pandas.DataFrame of shape (n_rows, …)
        Records, such as ``base.customers``, or any other table.
    locale : str, default="hr"
        ``"hr"``, ``"en"`` or ``"de"``: where phone numbers and postcodes belong.
    as_of : str or timestamp, optional
        The moment to look from, UTC; the card says it. Without it: midnight after the
        table's last entry, which an entry dated into the future moves.
    required : list of str, optional
        Columns that must be filled. Without it: what is needed to know and reach a
        customer, or what a table's promise never leaves empty; where it has none of
        these, all.
    fresh_days : int, default=365
        A record changed or opened within so many days is fresh.

    Returns
    -------
    Scorecard
        Shows itself as a table; ``.by("clerk")`` traces faults to who made them,
        ``.figure()`` draws them, ``.faults()`` lists the cells.

    Raises
    ------
    CrmlabError
        When `table` is no table, or a setting breaks its rule.

    References
    ----------
    DAMA UK, *The Six Primary Dimensions for Data Quality Assessment*, 2013: the
    dimensions; its sixth, accuracy, needs the truth and cannot be seen in a table.

    Examples
    --------
    >>> phones = ["091 123 4567", "000000", "12", None]
    >>> people = pd.DataFrame({"city": ["Split", "xxx", None, "Zadar"], "phone": phones})
    >>> scorecard(people)
    4 rows, 2 columns: of 100 cells checked 72 keep their rule.
    dimension     cells  faults  score
    completeness      8       4    50%
    validity          4       1    75%
    consistency       2       0   100%
    uniqueness        4       0   100%
    """
    _check(table, required, fresh_days)
    view = View(table, checked_locale(locale), None if as_of is None else instant(as_of))
    found = [*_completeness(view, required), *validity(view), *consistency(view), *uniqueness(view)]
    found += timeliness(view, fresh_days)
    return Scorecard(table, [_with_doubt(one) for one in found], view.as_of)


def _completeness(view, required):
    """Say of each column what is empty, and what is filled but says nothing."""
    required = _required(view) if required is None else required
    for column in view.table.columns:
        looked = ~view.is_firm if column in _OF_PERSONS else np.ones(len(view), dtype=bool)
        counted = column in required
        empty = view.is_empty(column) & looked
        yield Found("completeness", column, "filled", "something stands there", looked, empty, is_counted=counted)
        says_nothing = view.is_placeholder(column) & looked
        promise = "what stands there says something (not xxx, 000000, 1.1.1970 …)"
        yield Found(
            "completeness", column, "says_something", promise, looked & ~empty, says_nothing, is_counted=counted
        )


def _required(view):
    if view.model is None:
        return set(view.table.columns)
    promised = {name for name, column in view.model.columns.items() if not column.nullable}
    needed = set(_NEEDED if view.model.name == "customers" else promised) & set(view.table.columns)
    return needed or set(view.table.columns)


def _with_doubt(found):
    """Leave a doubtful rule uncounted where most cells break it."""
    if found.is_doubtful and found.failed.sum() > _MOST_DOUBTED * found.looked.sum():
        return Found(**{**vars(found), "is_counted": False})
    return found


def _check(table, required, fresh_days):
    if not isinstance(table, pd.DataFrame):
        found = f"found a {type(table).__name__}."
        step = "pass the table itself, for instance base.customers."
        raise CrmlabError(message("table", found, allowed="a pandas DataFrame", next=step))
    if not len(table) or not len(table.columns):
        found = "there is no row in it." if len(table.columns) else "there is no column in it."
        raise CrmlabError(message("table", found, next="check the selection or the export before."))
    names = [str(column) for column in table.columns]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        found = f"two columns have the same name: {few(twice)}."
        raise CrmlabError(message("table", found, next="rename one of them or take it out."))
    if isinstance(required, str) or not all(column in table for column in required or ()):
        odd = required if isinstance(required, str) else next(column for column in required if column not in table)
        found = f"no column {odd!r} in a list.{did_you_mean(odd, names)}" if odd not in names else f"found {odd!r}."
        step = 'name columns of the table in a list, such as ["email", "phone"].'
        raise CrmlabError(message("required", found, it_has=few(names, 12), next=step))
    if not isinstance(fresh_days, int | np.integer) or isinstance(fresh_days, bool) or fresh_days < 1:
        found = f"found {fresh_days!r}."
        raise CrmlabError(message("fresh_days", found, allowed="a whole number from 1", next="365 is a year."))
