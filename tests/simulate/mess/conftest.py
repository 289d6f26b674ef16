"""Blocks of records with just the mess a test asks for."""

from dataclasses import dataclass, replace
from functools import lru_cache

import pandas as pd
import pytest

from crmlab.simulate.acquisition import acquisition
from crmlab.simulate.asked import asked
from crmlab.simulate.customers import customers
from crmlab.simulate.mess import doses
from crmlab.simulate.people import people
from crmlab.simulate.plan import Block
from crmlab.simulate.purchases import purchases
from crmlab.simulate.records import Records, consents, open_records


@dataclass(frozen=True)
class Made:
    """A block, its persons and records, and what was written down."""

    block: Block
    persons: pd.DataFrame
    records: Records
    table: pd.DataFrame
    edits: pd.DataFrame


@lru_cache
def _persons(company, locale, size):
    plan = asked(company, customers=size, seed=5, locale=locale, mess="none")
    return plan, people(plan.block(0))


@pytest.fixture(scope="session")
def made():
    """Make records with these doses of mess; every field is filled unless gaps are wanted."""

    def make(company="retail", locale="hr", size=12_000, gaps=False, preset="none", **mess):
        plan, persons = _persons(company, locale, size)
        spec = {**plan.spec, "mess": {**doses(preset), **mess}}
        if not gaps:
            spec["records"] = {**spec["records"], "known": dict.fromkeys(spec["records"]["known"], 1.0)}
        block = replace(plan, spec=spec).block(0)
        joined = acquisition(block)
        sales = purchases(block, joined)[0] if "purchases" in spec and spec["mess"]["duplicates"] else None
        records = open_records(block, joined, sales)
        return Made(block, persons, records, *customers(block, persons, records, consents(block)))

    return make
