"""What holds of every generator: each company in each locale."""

import random

import numpy as np
import pandas as pd
import pytest

from crmlab import simulate
from crmlab.tables import CustomerBase, checksum

ALL = [(company, locale) for company in simulate.COMPANIES for locale in simulate.LOCALES]
every = pytest.mark.parametrize(("company", "locale"), ALL, ids="-".join)


def made(company, locale, **changed):
    return simulate.company(company, locale=locale, **({"customers": 300, "seed": 1} | changed))


def sums(base):
    return [{name: checksum(frame) for name, frame in tables.items()} for tables in (base, base.truth)]


def test_the_companies_and_locales_are_those_promised():
    assert {"retail", "telco"} <= set(simulate.COMPANIES)
    assert {"hr", "en"} <= set(simulate.LOCALES)
    assert simulate.LOCALES[0] == "hr"


@every
def test_the_same_seed_gives_the_same_base(company, locale):
    assert sums(made(company, locale)) == sums(made(company, locale))


@every
def test_another_seed_changes_every_table(company, locale):
    bases = made(company, locale), made(company, locale, seed=2)
    for one, other in zip(*map(sums, bases), strict=True):
        rare = [name for name in ("merges", "misbooked") if name in one]  # so few may have none
        assert all(one[name] != other[name] for name in one if name not in rare)


def of_the_first(tables, name, base, persons):
    """Rows of a table that belong to the first persons: by record, or by what only the truth knows of the author."""
    frame, links = tables[name], base.truth.links
    if name in ("outages", "branches"):
        return frame  # they are a town's, whoever lives there
    if "person_id" in frame:
        return frame[frame["person_id"] <= persons]
    if name == "mentions":
        known = base.truth.mentions
        return frame[frame["mention_id"].isin(known.loc[known["person_id"] <= persons, "mention_id"])]
    if name == "product_events":
        known = base.truth.devices
        return frame[frame["device_id"].isin(known.loc[known["person_id"] <= persons, "device_id"])]
    return frame[frame["record_id"].isin(links.loc[links["person_id"] <= persons, "record_id"])]


@every
def test_a_larger_base_begins_with_the_same_customers(company, locale):
    small, large = made(company, locale), made(company, locale, customers=700)
    for part, whole in ((small, large), (small.truth, large.truth)):
        for name, frame in part.items():
            assert checksum(of_the_first(whole, name, large, 300)) == checksum(frame), name


@every
def test_one_customer_is_enough(company, locale):
    base = made(company, locale, customers=1, months=1).check()
    assert len(base.customers) == len(base.truth.persons) == 1
    assert len(base.transactions) >= 1


@every
def test_kinds_of_column_are_those_the_design_asks(company, locale):
    base = made(company, locale).check()
    for tables in (base, base.truth):
        for frame in tables.values():
            assert isinstance(frame.index, pd.RangeIndex)
            for name, kind in frame.dtypes.items():
                assert str(kind) != "object", name
                if name.endswith("_id"):
                    assert str(kind) in ("int64", "Int64"), name
                if name.endswith("_cents"):
                    assert kind == "int64", name
                if isinstance(kind, pd.DatetimeTZDtype):
                    assert str(kind) == "datetime64[us, UTC]", name
    assert all(base[table]["channel"].dtype == "category" for table in ("transactions", "touchpoints"))


@every
def test_no_randomness_of_the_session_is_used_or_changed(company, locale):
    np.random.seed(5)  # noqa: NPY002 the session's own randomness is what is watched
    random.seed(5)
    before = np.random.get_state()[1].tolist(), random.getstate()  # noqa: NPY002 as above
    one = sums(made(company, locale))
    assert (np.random.get_state()[1].tolist(), random.getstate()) == before  # noqa: NPY002 as above
    np.random.seed(6)  # noqa: NPY002 as above
    random.seed(6)
    assert sums(made(company, locale)) == one


@every
def test_a_base_comes_back_from_disk_as_it_went(company, locale, tmp_path):
    base = made(company, locale)
    loaded = CustomerBase.load(base.save(tmp_path / "base"))
    assert sums(loaded) == sums(base)
    assert loaded.about == base.about
    for name, frame in base.items():
        assert loaded[name].dtypes.astype(str).equals(frame.dtypes.astype(str)), name


@every
def test_what_is_known_of_the_base_is_enough_to_make_it_again(company, locale):
    base = made(company, locale, months=5, as_of="2024-03-31")
    asked = {key: base.about[key] for key in ("customers", "seed", "locale", "months", "as_of")}
    assert sums(simulate.company(base.about["company"], **asked)) == sums(base)
