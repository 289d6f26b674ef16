import datetime

import numpy as np
import pandas as pd
import pytest

from crmlab import simulate
from crmlab.errors import CrmlabError


def said(*arguments, **named):
    with pytest.raises(CrmlabError) as error:
        simulate.company(*arguments, **({"customers": 10, "seed": 1} | named))
    return error.value.messages


def test_an_unknown_company_is_answered_with_the_nearest():
    assert said("retial") == (
        "company: there is no company 'retial'. Did you mean 'retail'?\n"
        "  it has  : b2b, bank, retail, telco\n"
        "  next    : choose one of these; crmlab.simulate.company('retail', customers=2_000, seed=7) is a whole call.",
    )


def test_all_faults_of_a_call_are_said_at_once():
    faults = said("bnak", customers=0, seed=-1, locale="fr", months=0, as_of="soon", workers=0)
    assert [fault.split(":")[0] for fault in faults] == [
        *("company", "locale", "customers", "seed", "workers", "months", "as_of")
    ]
    assert all("\n  next    : " in fault for fault in faults)


@pytest.mark.parametrize("customers", [0, -5, 2.5, "100", None, True, float("nan")])
def test_customers_is_a_positive_whole_number(customers):
    assert said("retail", customers=customers) == (
        f"customers: found {customers!r}.\n"
        "  allowed : a whole number, 1 or more\n"
        "  next    : give such a number, for instance customers=2_000.",
    )


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("seed", -1, "a whole number, 0 or more"),
        ("seed", "7", "a whole number, 0 or more"),
        ("months", 0, "a whole number from 1 to 600"),
        ("months", 601, "a whole number from 1 to 600"),
        ("workers", 0, "a whole number, 1 or more"),
    ],
)
def test_the_other_numbers_have_their_range(name, value, allowed):
    assert f"allowed : {allowed}\n" in said("retail", **{name: value})[0]


@pytest.mark.parametrize(
    "as_of", ["01.02.2026", "02/01/2026", "2026-01-01T10:00", "2026-13-01", 20260101, pd.NaT, "1066-10-14"]
)
def test_the_day_is_a_whole_day_written_year_first(as_of):
    assert said("retail", as_of=as_of) == (
        f"as_of: found {as_of!r}.\n"
        "  allowed : a day between 1950 and 2150, written year first, such as '2026-01-01'\n"
        "  next    : give the day the base is to describe, or leave as_of out.",
    )


@pytest.mark.parametrize(
    "as_of",
    ["2024-02-29", datetime.date(2024, 2, 29), pd.Timestamp("2024-02-29", tz="UTC"), np.datetime64("2024-02-29")],
)
def test_every_kind_of_day_is_understood(as_of):
    base = simulate.company("retail", customers=np.int32(40), seed=1, as_of=as_of, months=6)
    assert base.as_of == pd.Timestamp("2024-02-29", tz="UTC")
    assert base.transactions["ts"].between("2023-08-29", "2024-02-29").all()


def test_a_block_beyond_the_last_is_refused():
    with pytest.raises(CrmlabError, match=r"number: found 1\.\n  allowed : a whole number from 0 to 0\n"):
        simulate.block("retail", 1, customers=65_536, seed=1)


def test_helpers_that_cannot_start_are_explained(monkeypatch):
    from concurrent.futures.process import BrokenProcessPool

    class Broken:
        def __init__(self, *arguments, **named):
            raise BrokenProcessPool

    monkeypatch.setattr("crmlab.simulate.base.ProcessPoolExecutor", Broken)
    with pytest.raises(CrmlabError, match="workers: a process that was to help could not start"):
        simulate.company("retail", customers=65_537, seed=1, workers=2)
