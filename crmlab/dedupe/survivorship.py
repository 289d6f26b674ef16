"""Which record's value survives a merge: the rules, and who wins under them."""

import numpy as np
import pandas as pd

from crmlab.dedupe.provenance import comparable
from crmlab.errors import CrmlabError, did_you_mean, few, message
from crmlab.quality import fold

__all__ = ["CHAIN", "RULES", "UNITS", "checked_rules", "winners"]

RULES = {
    "newest": "the record changed last (updated_at, else created_at)",
    "oldest": "the record opened first (created_at, else updated_at)",
    "most complete": "the record with the most fields filled",
    "most trusted": "the record whose source comes first in trust",
    "most frequent": "what most records say, however it is written; shown as most write it",
    "strictest": "no, as soon as one record says no; for consents",
}
# Fields that belong together come from one record: half of one address and half of another is nobody's.
# A record can give a unit when it has the first of its columns.
UNITS = {
    "opened": ("created_at", "source", "clerk_id"),
    "name": ("last_name", "first_name"),
    "address": ("street", "house_number", "postcode", "city", "country"),
}
CHAIN = ("newest", "most complete")  # what decides between equals; the smallest record_id decides last

_USUAL = {
    "name": "most frequent",
    "company_name": "most frequent",
    "birth_date": "most frequent",
    "oib": "most frequent",
    "iban": "newest",
    "opened": "oldest",
}
_FIXED = ("opened", "updated_at")


def checked_rules(customers, rules, trust):
    """Settle which rules decide each unit of columns.

    Parameters
    ----------
    customers : pandas.DataFrame
        The records.
    rules : None, str, or dict of str to (str or list of str)
        As given to merge.
    trust : list of str or None
        Sources, the most trusted first.

    Returns
    -------
    dict of tuple of str to tuple of str
        The columns of each unit: the rules that decide it, the first one first.
    """
    faults = _form_faults(customers, rules, trust)
    if faults:
        raise CrmlabError(*faults)
    asked = {} if rules is None else rules if isinstance(rules, dict) else {"*": rules}
    units = _units(customers, asked)
    can = {rule: _has_what_it_needs(rule, customers, trust) for rule in RULES}
    settled, faults = {}, []
    for name, columns in units.items():
        is_consent = all(pd.api.types.is_bool_dtype(customers[column]) for column in columns)
        own, is_own = _USUAL.get(name, "newest"), False
        if is_consent:
            own = "strictest"
        if name in asked or ("*" in asked and not is_consent and name not in _FIXED):
            own, is_own = asked.get(name, asked.get("*")), True
        own = [own] if isinstance(own, str) else list(own)
        if "strictest" in own and not is_consent:
            faults.append(message(f"rules for {name}", '"strictest" is for yes and no only.', next="choose another."))
        faults += [_cannot(name, rule) for rule in own if is_own and not can[rule]]
        chain = [rule for rule in (*own, *CHAIN) if can[rule]]
        settled[columns] = tuple(dict.fromkeys(chain))
    if faults:
        raise CrmlabError(*dict.fromkeys(faults))
    return settled


def _form_faults(customers, rules, trust):
    faults = []
    if not isinstance(rules, dict | str | type(None)):
        found = f"found a {type(rules).__name__}."
        allowed = "one rule for all columns, or a rule for each: {'phone': 'newest', 'address': 'most trusted'}"
        return [message("rules", found, allowed=allowed, next="write rules that way, or leave them out.")]
    for name, own in (rules if isinstance(rules, dict) else {"every column": rules or "newest"}).items():
        for rule in [own] if isinstance(own, str) else own if isinstance(own, list | tuple) else [own]:
            if rule not in RULES:
                found = f"no rule {rule!r}.{did_you_mean(rule, RULES)}"
                faults.append(
                    message(f"rules for {name}", found, allowed=", ".join(RULES), next="choose one of these.")
                )
        names = [*customers.columns, *UNITS, "*", "every column"]
        if name not in names:
            found = f"no column '{name}'.{did_you_mean(name, names[:-1])}"
            it_has = few([*UNITS, *customers.columns], 30)
            faults.append(message("rules", found, it_has=it_has, next='name a column, or "*" for all others.'))
    if trust is not None and (isinstance(trust, str) or not all(isinstance(source, str) for source in trust)):
        next_step = 'write for instance trust=["branch", "web", "app"].'
        faults.append(message("trust", f"found {trust!r}.", allowed="a list of sources", next=next_step))
    elif trust is not None and "source" in customers:
        there = list(map(str, customers["source"].dropna().unique()))
        for source in (source for source in trust if source not in there):
            found = f"no record has the source '{source}'.{did_you_mean(source, there)}"
            faults.append(message("trust", found, it_has=few(sorted(there), 12), next="name sources there are."))
    return faults


def _units(customers, asked):
    """Group the columns: those of a unit together, unless a rule names one of them."""
    left = [column for column in customers.columns if column not in ("record_id", "customer_id")]
    units = {}
    for name, columns in UNITS.items():
        own = tuple(column for column in columns if column in left and column not in asked)
        if own:
            units[name] = own
            left = [column for column in left if column not in own]
    return units | {column: (column,) for column in left}


def _has_what_it_needs(rule, customers, trust):
    if rule in ("newest", "oldest"):
        return "updated_at" in customers or "created_at" in customers
    return rule != "most trusted" or (trust is not None and "source" in customers)


def _cannot(name, rule):
    needs, next_step = {
        "newest": ("the column updated_at or created_at", "add the column, or choose another rule."),
        "oldest": ("the column created_at or updated_at", "add the column, or choose another rule."),
        "most trusted": ("the column source, and trust", 'say whom you trust: trust=["branch", "web"].'),
    }[rule]
    return message(f"rules for {name}", f'"{rule}" cannot decide here.', it_needs=needs, next=next_step)


def winners(customers, number, settled, trust, locale):
    """Find for every customer and unit the row whose value survives.

    Parameters
    ----------
    customers : pandas.DataFrame
        The records.
    number : ndarray of int64
        The customer of each row, 0 to n − 1.
    settled : dict of tuple of str to tuple of str
        The rules of each unit, from :func:`checked_rules`.
    trust : list of str or None
    locale : str

    Returns
    -------
    dict of tuple of str to ndarray of int32
        For each unit the winning row of each customer, −1 where no record has a value.
    """
    n = int(number.max(initial=-1)) + 1
    several = np.flatnonzero(np.bincount(number, minlength=n)[number] > 1)
    alone = np.flatnonzero(np.bincount(number, minlength=n)[number] == 1)
    rows, who = customers.iloc[several], number[several]
    ids = np.argsort(np.argsort(rows["record_id"].to_numpy(), kind="stable"))
    ranks = {rule: _rank(rule, rows, trust) for rule in ("newest", "oldest", "most complete", "most trusted")}
    won = {}
    for columns, rules in settled.items():
        winner = np.full(n, -1, dtype="int32")
        winner[number[alone]] = alone
        can_give = rows[columns[0]].notna().to_numpy(copy=True)
        for column in columns[1:]:  # where nobody has the first column, whoever has anything
            nobody = ~np.isin(who, who[can_give])
            can_give |= nobody & rows[column].notna().to_numpy()
        keys = [ids]
        for rule in reversed(rules):
            own = _own_rank(rule, rows, columns, who, locale)
            keys.append(ranks[rule] if own is None else own)
            if rule == "most complete" and len(columns) > 1:
                keys.append(-rows[list(columns)].notna().sum(axis=1).to_numpy())
        order = np.lexsort([*(key[can_give] for key in keys), who[can_give]])
        places = several[can_give][order]
        owner = who[can_give][order]
        first = np.ones(len(owner), dtype=bool)
        first[1:] = owner[1:] != owner[:-1]
        winner[owner[first]] = places[first]
        won[columns] = winner
    return won


def _rank(rule, rows, trust):
    """Rank the rows under a rule that looks at the record as a whole; less is better."""
    nothing = np.zeros(len(rows), dtype="int64")
    if rule == "most complete":
        return -rows.notna().sum(axis=1).to_numpy()
    if rule == "most trusted":
        if trust is None or "source" not in rows:
            return nothing
        place = {source: number for number, source in enumerate(trust)}
        return rows["source"].astype("str").map(place).fillna(len(place)).to_numpy()
    first, second = ("updated_at", "created_at") if rule == "newest" else ("created_at", "updated_at")
    times = [pd.to_datetime(rows[column], utc=True) for column in (first, second) if column in rows]
    if not times:
        return nothing
    when = times[0] if len(times) == 1 else times[0].fillna(times[1])
    place = when.rank(method="dense", ascending=rule == "oldest", na_option="bottom")
    return place.to_numpy()


def _own_rank(rule, rows, columns, who, locale):
    """Rank the rows under a rule that looks at the values themselves; None for another rule."""
    if rule == "strictest":
        return rows[columns[0]].astype("boolean").fillna(True).to_numpy("int64")
    if rule != "most frequent":
        return None
    said, meant = (
        pd.DataFrame({column: read(rows[column], locale) for column in columns}, index=rows.index).assign(who=who)
        for read in (_said, _meant)
    )
    often, as_written = (
        told.groupby([*columns, "who"], dropna=False)["who"].transform("size").to_numpy() for told in (meant, said)
    )
    return -(often * (len(rows) + 1) + as_written)  # among those who mean the same, the usual way of writing it


def _said(values, locale):
    return pd.factorize(comparable(values))[0]


def _meant(values, locale):
    """Bring texts to one form, so that capitals and marks do not make two values of one."""
    if isinstance(values.dtype, pd.CategoricalDtype) or pd.api.types.is_string_dtype(values):
        values = fold(values, locale=locale)
    return pd.factorize(comparable(values))[0]
