"""Make a customer base: check what is asked for, make its blocks, put them together."""

from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from multiprocessing import get_context

import numpy as np
import pandas as pd

from crmlab.simulate.acquisition import acquisition
from crmlab.simulate.asked import asked
from crmlab.simulate.columns import CHANNELS, DAY, times, whole, words
from crmlab.simulate.contracts import contracts, contracts_table, payments
from crmlab.simulate.people import people
from crmlab.simulate.purchases import purchases
from crmlab.simulate.records import consents, customers, record_numbers
from crmlab.simulate.touchpoints import by_record, touchpoints
from crmlab.tables import CustomerBase, checksum

__all__ = ["block", "company"]

_TRANSACTION_BITS = 28
_PROBE = 64


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
    numbers = range(plan.blocks)
    if workers > 1 and plan.blocks > 1:
        with ProcessPoolExecutor(min(workers, plan.blocks), mp_context=get_context("spawn")) as pool:
            parts = list(pool.map(_make, [plan] * plan.blocks, numbers))
    else:
        parts = [_make(plan, number) for number in numbers]
    return _base(plan, *(_together(tables) for tables in zip(*parts, strict=True)))


def block(name, number, *, customers, seed, locale="hr", months=None, as_of=None):
    """Make one block of a base alone, anywhere, as :func:`company` makes it.

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
        The block's customers and their events; all blocks one under the other are the base.

    Raises
    ------
    CrmlabError
        Naming each argument that cannot be used.

    Examples
    --------
    >>> whole = company("retail", customers=300, seed=7)
    >>> block("retail", 0, customers=300, seed=7).customers.equals(whole.customers)
    True
    """
    plan = asked(name, customers=customers, seed=seed, locale=locale, months=months, as_of=as_of, workers=1)
    return _base(plan, *_make(plan, number))


def _make(plan, number):
    """The observed tables and the truth of one block."""
    part = plan.block(number)
    joined, agreed, record_id = acquisition(part), consents(part), record_numbers(part)
    order = np.argsort(record_id)
    persons = people(part)
    tables = {"customers": customers(part, persons, joined, agreed, record_id, order)}
    left = np.full(part.size, part.end_second)
    if "contracts" in part.spec:
        terms, churn = contracts(part, joined)
        tables["contracts"] = contracts_table(part, terms, record_id, order)
        sales, value = payments(part, joined, terms, churn)
        left = np.minimum(left, terms["end"].to_numpy() * DAY)
    else:
        sales, value = purchases(part, joined)
    tables["transactions"] = _transactions(part, sales, record_id, order)
    tables["touchpoints"] = touchpoints(part, sales, joined, left, agreed, record_id, order)
    links = pd.DataFrame({"record_id": record_id[order], "person_id": part.person[order] + 1})
    return tables, {"persons": persons, "links": links, "value": value}


def _transactions(part, sales, record_id, order):
    """Write down the sales of the observed history."""
    seen = sales.second < part.end_second
    owner = sales.owner[seen]
    row = by_record(owner, order, part.size)
    ids = part.identities(np.arange(len(sales.owner)), _TRANSACTION_BITS, "transactions")
    table = {
        "transaction_id": ids[seen][row],
        "record_id": record_id[owner][row],
        "ts": times(sales.second[seen][row]),
        "amount_cents": sales.amount[seen][row],
        "margin_cents": sales.margin[seen][row],
        "product_group": words(sales.group[seen][row], sales.groups),
        "channel": words(sales.channel[seen][row], CHANNELS),
        "campaign_id": whole(np.zeros(len(row), np.int64), np.ones(len(row), bool)),
    }
    return pd.DataFrame(table, copy=False)


def _together(parts):
    """Put the blocks' tables one under the other."""
    if len(parts) == 1:
        return parts[0]
    return {name: pd.concat([part[name] for part in parts], ignore_index=True) for name in parts[0]}


def _base(plan, tables, truth):
    about = {
        "company": plan.company,
        "locale": plan.locale,
        "customers": plan.customers,
        "seed": plan.seed,
        "as_of": plan.as_of.isoformat(),
        "months": plan.months,
        "holdout_weeks": plan.spec["holdout_weeks"],
        "currency": plan.block(0).vocabulary.currency,
        "algorithm": fingerprint(plan.company, plan.locale),
    }
    return CustomerBase(tables, name=plan.company, about=about, truth=truth)


@lru_cache
def fingerprint(name, locale):
    """Tell whether two installations make the same bytes: a checksum of a tiny base."""
    tables, truth = _make(asked(name, customers=_PROBE, seed=0, locale=locale), 0)
    sums = "".join(checksum(frame) for frame in [*tables.values(), *truth.values()])
    import hashlib

    return hashlib.sha256(sums.encode()).hexdigest()[:16]
