"""Bases made once and used by many tests."""

from functools import lru_cache

import pytest

from crmlab import simulate


@pytest.fixture(scope="session")
def base():
    """Make a base, or give the one that was already made."""
    return lru_cache(maxsize=None)(simulate.company)


# Every company, and every locale at one of them.
LARGE = {"retail": "hr", "telco": "en", "bank": "de", "b2b": "hr"}
# A record of two persons is tested alone; else what stands on a record is of the person it links to.
UNMERGED = {"mess__wrong_merge": 0.0}


@pytest.fixture(scope="session")
def large(base):
    """Make a base of 20,000 customers of a company, in the locale of LARGE."""
    size = {"customers": 20_000, "seed": 11, **UNMERGED}
    return lambda company, **fields: base(company, locale=LARGE[company], **size, **fields)


@pytest.fixture(
    scope="session",
    params=[(company, locale) for company in simulate.COMPANIES for locale in simulate.LOCALES],
    ids="-".join,
)
def small(request, base):
    """A base of 2,000 customers: every company in every locale."""
    company, locale = request.param
    return base(company, customers=2_000, seed=7, locale=locale)


@pytest.fixture(scope="session")
def retail(base):
    """A retail base large enough to fit a model to."""
    return base("retail", customers=20_000, seed=11, **UNMERGED)


@pytest.fixture(scope="session")
def telco(base):
    """A telco base large enough to fit a model to."""
    return base("telco", customers=20_000, seed=11, **UNMERGED)
