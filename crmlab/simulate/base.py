"""Make a customer base: check what is asked for, make its blocks, put them together."""

import hashlib
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import lru_cache
from multiprocessing import get_context

import numpy as np
import pandas as pd

from crmlab.errors import CrmlabError, message
from crmlab.simulate.acquisition import acquisition
from crmlab.simulate.asked import asked
from crmlab.simulate.columns import DAY
from crmlab.simulate.contracts import contracts, contracts_table, payments
from crmlab.simulate.people import people
from crmlab.simulate.purchases import purchases
from crmlab.simulate.records import consents, customers
from crmlab.simulate.sales import transactions
from crmlab.simulate.touchpoints import touchpoints
from crmlab.tables import CustomerBase, checksum

__all__ = ["block", "company"]

_PROBE_CUSTOMERS = 64


def company(name, *, customers, seed, locale="hr", months=None, as_of=None, workers=1):
    """Make a customer base whose truth is known.

    The same call gives the same bytes on every machine, however many processes make it,
    and the first customers of a larger base are those of a smaller one.

    Parameters
    ----------
    name : {"retail", "telco"}
        Retail: customers without a contract, who buy when they like and leave unseen.
        Telco: customers with a monthly contract.
    customers : int
        How many customers.
    seed : int
        Which of the many possible bases, 0 or more.
    locale : {"hr", "en"}, default="hr"
        Where the customers live: Croatia or the United Kingdom.
    months : int, optional
        How far back the base reaches; customers join all along. Without it: 24 for
        retail, 36 for telco.
    as_of : str or datetime, optional
        The day the base describes. Without it: 2026-01-01.
    workers : int, default=1
        Processes to share the work, for bases of more than 65,536 customers. In a script,
        more than one needs the usual ``if __name__ == "__main__":``.

    Returns
    -------
    CustomerBase
        Tables customers, contracts (telco), transactions and touchpoints. In ``.truth``:
        persons (clean values), links (whose record is whose) and value (how each customer
        really is, and what they did in the holdout of ``about["holdout_weeks"]`` weeks
        after ``as_of``).

    Raises
    ------
    CrmlabError
        Naming each argument that cannot be used.

    Notes
    -----
    Retail: BG/NBD (Fader, Hardie & Lee 2005) and gamma-gamma (Fader & Hardie 2013).
    Telco: shifted beta-geometric (Fader & Hardie 2007).

    Examples
    --------
    >>> base = company("retail", customers=500, seed=7)
    >>> base
    retail (hr, seed 7, as of 2026-01-01, EUR)
    table         rows  columns  period
    customers      500       22
    transactions  ...
    touchpoints   ...
    >>> base.truth.value["alive_at_end"].mean().item() < 1
    True
    """
    plan = asked(name, customers=customers, seed=seed, locale=locale, months=months, as_of=as_of, workers=workers)
    if workers > 1 and plan.blocks > 1:
        parts = _shared(plan, workers)
    else:
        parts = [_make(plan, number) for number in range(plan.blocks)]
    return _base(plan, *(_trimmed(_together(tables)) for tables in zip(*parts, strict=True)))


def block(name, number, *, customers, seed, locale="hr", months=None, as_of=None):
    """Make one block of a base alone, anywhere, just as :func:`company` makes it.

    Parameters
    ----------
    name : {"retail", "telco"}
        Which company.
    number : int
        Which block, from 0; each holds 65,536 customers, the last one what is left.
    customers, seed, locale, months, as_of
        As in :func:`company`: of the whole base.

    Returns
    -------
    CustomerBase
        The block's customers and their events; the tables of all blocks, one under the
        other, are those of the base.

    Raises
    ------
    CrmlabError
        Naming each argument that cannot be used.

    Examples
    --------
    >>> last = block("retail", 1, customers=65_600, seed=7)
    >>> len(last.customers), last.truth.persons["person_id"].min().item()
    (64, 65537)
    """
    plan = asked(name, customers=customers, seed=seed, locale=locale, months=months, as_of=as_of)
    if number not in range(plan.blocks):
        allowed = f"a whole number from 0 to {plan.blocks - 1}"
        next_step = f"choose one of the {plan.blocks} blocks that {plan.customers:,} customers fill."
        raise CrmlabError(message("number", f"found {number!r}.", allowed=allowed, next=next_step))
    return _base(plan, *_make(plan, int(number)))


def _make(plan, number):
    """The observed tables and the truth of one block."""
    part = plan.block(number)
    joined, agreed, persons = acquisition(part), consents(part), people(part)
    tables = {"customers": customers(part, persons, joined, agreed)}
    left = np.full(part.size, part.end_second)
    if "contracts" in part.spec:
        terms, churn = contracts(part, joined)
        tables["contracts"] = contracts_table(part, terms)
        sales, value = payments(part, joined, terms, churn)
        left = np.minimum(left, terms["end"].to_numpy() * DAY)
    else:
        sales, value = purchases(part, joined)
    tables["transactions"] = transactions(part, sales)
    tables["touchpoints"] = touchpoints(part, sales, joined, left, agreed)
    links = pd.DataFrame({"record_id": part.record_id[part.order], "person_id": part.person[part.order] + 1})
    return tables, {"persons": persons, "links": links, "value": value}


def _shared(plan, workers):
    """Share the blocks among processes; they come back in their order."""
    try:
        with ProcessPoolExecutor(min(workers, plan.blocks), mp_context=get_context("spawn")) as pool:
            return list(pool.map(_make, [plan] * plan.blocks, range(plan.blocks)))
    except BrokenProcessPool:
        found = "a process that was to help could not start, or was stopped."
        next_step = 'use workers=1, or put the call of a script under: if __name__ == "__main__":'
        raise CrmlabError(message("workers", found, next=next_step)) from None


def _together(parts):
    """Put the blocks' tables one under the other."""
    if len(parts) == 1:
        return parts[0]
    return {name: pd.concat([part[name] for part in parts], ignore_index=True) for name in parts[0]}


def _trimmed(tables):
    """Forget the words nobody drew, so that a count of towns names only towns that are there.

    Blocks keep them all: only with the same words does a category stay one when blocks are joined.
    """
    for frame in tables.values():
        for name in frame.columns[frame.dtypes == "category"]:
            frame[name] = frame[name].cat.remove_unused_categories()
    return tables


def _base(plan, tables, truth):
    """Wrap the tables, with everything their bytes depend on."""
    about = {
        "company": plan.company,
        "locale": plan.locale,
        "customers": plan.customers,
        "seed": plan.seed,
        "as_of": plan.as_of.isoformat(),
        "months": plan.months,
        "holdout_weeks": plan.spec["holdout_weeks"],
        "currency": plan.vocabulary.currency,
        "vocabulary": plan.vocabulary.source,
        "algorithm": _fingerprint(plan.company, plan.locale),
    }
    return CustomerBase(tables, name=plan.company, about=about, truth=truth)


@lru_cache
def _fingerprint(name, locale):
    """Tell whether two installations make the same bytes: a checksum over a tiny base."""
    tables, truth = _make(asked(name, customers=_PROBE_CUSTOMERS, seed=0, locale=locale), 0)
    sums = [checksum(frame) for frame in (*tables.values(), *truth.values())]
    return hashlib.sha256("".join(sums).encode()).hexdigest()[:16]
