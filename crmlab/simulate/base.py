"""Make a customer base: check what is asked for, make its blocks, put them together."""

import hashlib
import json
import signal
import threading
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import lru_cache
from multiprocessing import get_context

import numpy as np
import pandas as pd

from crmlab.errors import CrmlabError, message
from crmlab.simulate.accounts import contact_persons, invoices
from crmlab.simulate.acquisition import acquisition
from crmlab.simulate.asked import asked
from crmlab.simulate.branches import Branches, branches_table
from crmlab.simulate.campaigns import sent
from crmlab.simulate.columns import CHANNELS, DAY
from crmlab.simulate.contracts import contracts, contracts_table, payments
from crmlab.simulate.customers import customers
from crmlab.simulate.experience import experience
from crmlab.simulate.outages import failures, failures_truth, outages_table
from crmlab.simulate.people import people
from crmlab.simulate.purchases import purchases
from crmlab.simulate.records import consents, open_records
from crmlab.simulate.sales import transactions
from crmlab.simulate.touchpoints import touchpoints, touchpoints_table
from crmlab.tables import CustomerBase, checksum
from crmlab.tables.stack import stacked

__all__ = ["about", "block", "company", "helpers", "made", "no_helpers"]

_PROBE_CUSTOMERS = 64


def company(name, *, customers, seed, locale="hr", months=None, as_of=None, workers=1, **fields):
    """Make a customer base whose truth is known.

    The same call gives the same bytes on every machine, however many processes make it,
    and the first customers of a larger base are those of a smaller one.

    Parameters
    ----------
    name : {"retail", "telco", "bank", "b2b"}, path or dict
        Retail: customers without a contract, who buy when they like and leave unseen.
        Telco: customers with a monthly contract. Bank: accounts with a balance, and
        cards. B2b: customers that are firms, with contact persons and invoices. Or a spec
        of your own, as a TOML file or what it would say; with ``base = "telco"`` it need
        only say what differs.
    customers : int
        How many customers.
    seed : int
        Which of the many possible bases, 0 or more.
    locale : {"hr", "en", "de"} or str, default="hr"
        Where the customers live: Croatia, the United Kingdom or Germany; or any locale of
        Faker, such as ``"fr_FR"``, where that library is installed.
    months : int, optional
        How far back the base reaches; customers join all along. Without it: as the spec
        says, such as 24 for retail and 36 for telco.
    as_of : str or datetime, optional
        The day the base describes. Without it: 2026-01-01.
    workers : int, default=1
        Processes to share the work, for bases of more than 65,536 customers. In a script,
        more than one needs the usual ``if __name__ == "__main__":``.
    **fields
        ``mess``: how many records are duplicates, and how much is wrong with all of them:
        ``"clean"``, ``"usual"`` (8 % of records; without it), ``"dirty"``, or ``"none"``;
        one dose alone is ``mess__misspell=0.1``. Fields of the spec to overrule, such as ``purchases__alpha=4.5`` or
        ``spend={"p": 5.0}``; ``False`` takes a section out. Entries of a list go by name:
        ``contacts__complaint__per_year=1.0``.

    Returns
    -------
    CustomerBase
        Tables customers, contracts, outages and branches (telco, bank), transactions,
        touchpoints, moments, survey, mentions, product_events, campaigns, referrals. In
        ``.truth``: persons (clean values), links (whose record is whose), merges (who else
        stands on a record, since theirs was wrongly merged into it) and misbooked (which
        events on such a record are theirs), edits (every error in a record, see
        :func:`crmlab.simulate.mess.mess`), value (how each customer really is, and what
        they did in the holdout of ``about["holdout_weeks"]`` weeks after ``as_of``),
        moments (what lies behind each), states (of the life cycle, by month), benefits
        (class sought), mentions and authors, devices, causes (which event brought which),
        uplift (both outcomes of each campaign) and referrals.

    Raises
    ------
    CrmlabError
        Naming each argument that cannot be used.

    Notes
    -----
    Retail: BG/NBD (Fader, Hardie & Lee 2005) and gamma-gamma (Fader & Hardie 2013).
    Telco: shifted beta-geometric (Fader & Hardie 2007). What customers live through: see
    :mod:`crmlab.simulate.experience` and the source beside each section of the specs.

    Examples
    --------
    >>> base = company("retail", customers=500, seed=7)
    >>> base
    retail (hr, seed 7, as of 2026-01-01, EUR)
    table         rows  columns  period
    customers     ...       22
    transactions  ...
    touchpoints   ...
    >>> base.truth.value["alive_at_end"].mean().item() < 1
    True
    """
    size = {"customers": customers, "seed": seed, "locale": locale, "months": months, "as_of": as_of}
    plan = asked(name, **size, workers=workers, **fields)
    if workers > 1 and plan.blocks > 1:
        parts = _shared(plan, workers)
    else:
        parts = [made(plan, number) for number in range(plan.blocks)]
    return _base(
        plan,
        *(
            {name: stacked([part[name] for part in tables]) for name in tables[0]}
            for tables in zip(*parts, strict=True)
        ),
    )


def block(name, number, *, customers, seed, locale="hr", months=None, as_of=None, **fields):
    """Make one block of a base alone, anywhere, just as :func:`company` makes it.

    Parameters
    ----------
    name : str, path or dict
        Which company, as in :func:`company`.
    number : int
        Which block, from 0; each holds 65,536 customers, the last one what is left.
    customers, seed, locale, months, as_of, **fields
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
    >>> len(last.truth.persons), last.truth.persons["person_id"].min().item()
    (64, 65537)
    """
    plan = asked(name, customers=customers, seed=seed, locale=locale, months=months, as_of=as_of, **fields)
    if number not in range(plan.blocks):
        allowed = f"a whole number from 0 to {plan.blocks - 1}"
        next_step = f"choose one of the {plan.blocks} blocks that {plan.customers:,} customers fill."
        raise CrmlabError(message("number", f"found {number!r}.", allowed=allowed, next=next_step))
    return _base(plan, *made(plan, int(number)))


def made(plan, number):
    """Make the observed tables and the truth of one block.

    Parameters
    ----------
    plan : Plan
    number : int

    Returns
    -------
    tables, truth : dict of str to pandas.DataFrame
    """
    part = plan.block(number)
    joined, agreed, persons = acquisition(part), consents(part), people(part)
    left = np.full(part.size, part.end_second)
    felt = failures(part, persons, joined) if "outages" in part.spec else None
    branches = Branches(part, persons) if "branches" in part.spec else None
    tables, misbooked = {"customers": None}, []

    def told(made):
        misbooked.append(made[1])
        return made[0]

    if "contracts" in part.spec:
        terms, churn = contracts(part, joined, felt)
        sales, value = payments(part, joined, terms, churn)
        left = np.minimum(left, terms["end"].to_numpy() * DAY)
        records = open_records(part, joined)
        tables["contracts"] = told(contracts_table(part, terms, records))
    else:
        sales, value = purchases(part, joined)
        records = open_records(part, joined, sales)
    tables["customers"], edits = customers(part, persons, records, agreed, branches)
    agreed = {name: one & ~records.is_merged for name, one in agreed.items()}  # nobody writes to who is not known
    out, offered = None, ()
    if "campaigns" in part.spec:
        out = sent(part, joined, left, agreed)
        offered = out.contacts([CHANNELS.index(one["channel"]) for one in part.spec["campaigns"]["sent"]])
    log, brought = touchpoints(part, sales, joined, left, agreed, records, felt and felt.until(left), offered)
    lived, behind, answers = experience(
        part, persons, records, joined, left, agreed, sales, value, log, brought, felt, out
    )
    tables["transactions"] = told(transactions(part, sales, records, answers))
    tables["touchpoints"] = told(touchpoints_table(log, records, joined, answers, branches))
    if "accounts" in part.spec:
        tables["contact_persons"] = told(contact_persons(part, persons, records))
    truth = {"persons": persons, "links": records.links, "merges": records.merges}
    truth |= {"misbooked": pd.concat(misbooked, ignore_index=True), "edits": edits, "value": value}
    if "invoices" in part.spec:
        tables["invoices"] = invoices(part, tables["transactions"])
    if felt is not None:
        tables["outages"] = outages_table(part)
        truth["failures"] = failures_truth(part, felt.until(left))
    if branches is not None:
        tables["branches"] = branches_table(part, branches)
    return records.without_lost(tables | lived), truth | behind


def _shared(plan, workers):
    """Share the blocks among processes; they come back in their order."""
    try:
        with helpers(min(workers, plan.blocks)) as pool:
            return list(pool.map(made, [plan] * plan.blocks, range(plan.blocks)))
    except BrokenProcessPool:
        raise no_helpers() from None


@contextmanager
def helpers(n):
    """Start processes that share the work; Ctrl-C is for the one who asked, and they finish the block at hand.

    Parameters
    ----------
    n : int
        How many.

    Yields
    ------
    concurrent.futures.ProcessPoolExecutor
    """
    deaf = (signal.SIGINT, signal.SIG_IGN)
    with ProcessPoolExecutor(n, get_context("spawn"), initializer=signal.signal, initargs=deaf) as pool:
        if threading.current_thread() is threading.main_thread():  # they are deaf from birth where this is inherited
            hears = signal.signal(*deaf)
            try:
                for _ in range(n):  # each starts another process
                    pool.submit(int)
            finally:
                signal.signal(signal.SIGINT, hears)
        yield pool


def no_helpers():
    """Say that a process that was to help did not.

    Returns
    -------
    CrmlabError
        Ready to be raised.
    """
    found = "a process that was to help could not start, or was stopped."
    next_step = 'use workers=1, or put the call of a script under: if __name__ == "__main__":'
    return CrmlabError(message("workers", found, next=next_step))


def _base(plan, tables, truth):
    """Wrap the tables, with everything their bytes depend on."""
    return CustomerBase(tables, name=plan.name, about=about(plan), truth=truth)


def about(plan):
    """Say everything the bytes of a base depend on.

    Parameters
    ----------
    plan : Plan

    Returns
    -------
    dict
        ``company`` and, where fields were overruled, ``spec``: either makes the base again.
    """
    return {
        "company": plan.company,
        **({"spec": plan.changed} if plan.changed else {}),
        "locale": plan.locale,
        "customers": plan.customers,
        "seed": plan.seed,
        "as_of": plan.as_of.isoformat(),
        "months": plan.months,
        "holdout_weeks": plan.spec["holdout_weeks"],
        "currency": plan.vocabulary.currency,
        "vocabulary": plan.vocabulary.source,
        "algorithm": _fingerprint(plan.company, plan.locale, json.dumps(plan.changed)),
    }


@lru_cache
def _fingerprint(name, locale, changed="{}"):
    """Tell whether two installations make the same bytes: a checksum over a tiny base."""
    tables, truth = made(asked(json.loads(changed) or name, customers=_PROBE_CUSTOMERS, seed=0, locale=locale), 0)
    sums = [checksum(frame) for frame in (*tables.values(), *truth.values())]
    return hashlib.sha256("".join(sums).encode()).hexdigest()[:16]
