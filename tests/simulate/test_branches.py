"""Branches stand where customers are, serve those of their town, and have clerks of their own."""

import numpy as np
import pandas as pd
import pytest

from crmlab import simulate
from crmlab.errors import CrmlabError
from crmlab.simulate.asked import asked, spec
from crmlab.simulate.branches import Branches, _shared_out
from crmlab.simulate.people import people
from crmlab.tables import checksum

QUIET = {name: False for name in ("survey", "moments", "mentions", "lifecycle", "product", "campaigns", "referrals")}
COMPANIES = ("telco", "bank")


@pytest.fixture(scope="module", params=COMPANIES)
def served(request, base):
    """Everybody written down once; only what branches are about."""
    return base(request.param, customers=20_000, seed=4, mess="none", **QUIET)


def at_counters(base):
    """Contacts at branches, with the branch and the customer's town."""
    log = base.touchpoints[base.touchpoints["channel"] == "branch"]
    log = log.merge(base.truth.links, on="record_id").merge(base.truth.persons[["person_id", "city"]], on="person_id")
    return log.astype({"city": str}).merge(base.branches, on="branch_id", suffixes=("_of_customer", ""))


def network(company, **fields):
    block = asked(company, customers=200, seed=4, **fields).block(0)
    return Branches(block, people(block))


def test_contacts_at_a_branch_say_at_which_and_no_others_do(served):
    log = served.touchpoints
    assert (log["branch_id"].notna() == (log["channel"] == "branch")).all()
    met = set(log["branch_id"].dropna())
    assert met <= set(served.branches["branch_id"])
    assert len(met) >= len(served.branches) - 2  # one may have closed early


def test_companies_without_branches_have_no_such_column(base):
    for company in ("retail", "b2b"):
        made = base(company, customers=2_000, seed=7, locale="hr")
        assert "branches" not in made
        assert "branch_id" not in made.touchpoints


@pytest.mark.parametrize("company", COMPANIES)
@pytest.mark.parametrize("locale", simulate.LOCALES)
def test_every_town_has_a_branch_and_large_towns_more(base, company, locale):
    made = base(company, customers=2_000, seed=7, locale=locale)
    branches, wanted = made.branches, spec(company)["branches"]
    assert len(branches) == wanted["number"]
    per_town = branches["city"].value_counts()
    assert set(made.truth.persons["city"]) <= set(branches["city"].astype(str))
    assert per_town.max() > 2 * per_town.median()
    of_branches = set(zip(branches["postcode"].astype(str), branches["city"].astype(str), strict=True))
    lists = asked(company, customers=1, seed=1, locale=locale).vocabulary
    assert of_branches <= set(lists.places.words)
    codes = pd.Series([town for _, town in lists.places.words]).value_counts()
    apart = np.minimum(per_town, codes.reindex(per_town.index.astype(str)).to_numpy())
    assert len(of_branches) == apart.sum()  # branches of one town stand at postcodes of their own, as far as there are


@pytest.mark.parametrize("company", COMPANIES)
@pytest.mark.parametrize("home", [0.0, 0.6, 1.0])
def test_the_asked_share_of_contacts_is_at_one_s_own_branch(base, company, home):
    fields = {"branches__opened": 0.0, "branches__closed": 0.0, "branches__home": home}
    made = base(company, customers=8_000, seed=4, mess="none", **fields, **QUIET)
    block = asked(company, customers=8_000, seed=4, **fields).block(0)
    branches = Branches(block, made.truth.persons)
    log = at_counters(made)
    for early in (True, False):
        some = log[(log["person_id"] <= 4_000) == early]
        own = branches.own[some["person_id"] - 1]
        by_chance = np.bincount(branches.own, minlength=len(branches.town))[own].mean() / 8_000
        expected = home + (1 - home) * by_chance  # who goes anywhere, by size, may come home
        assert abs((some["branch_id"] - 1 == own).mean() - expected) < 4 * np.sqrt(0.25 / len(some)) * (home < 1) + 1e-9
        if home == 1:
            assert (some["city_of_customer"] == some["city"].astype(str)).all()


def test_nobody_is_served_where_it_is_shut(served):
    log, branches = at_counters(served), served.branches
    day = log["ts"].dt.normalize()
    assert (day >= log["opened_at"]).all()
    assert (day < log["closed_at"].fillna(served.as_of)).all()
    wanted, began = (
        spec(served.about["company"])["branches"],
        served.as_of - pd.DateOffset(months=served.about["months"]),
    )
    assert branches["closed_at"].notna().sum() == round(wanted["number"] * wanted["closed"])
    assert (branches["opened_at"] >= began).sum() == round(wanted["number"] * wanted["opened"])
    assert not (branches["closed_at"].notna() & (branches["opened_at"] >= began)).any()


def test_customers_of_a_branch_that_closes_go_on_to_another_one_mostly_in_their_town(served):
    log, shut = at_counters(served), served.branches.dropna(subset="closed_at")
    own = log[log["city_of_customer"].isin(shut["city"].astype(str))]
    late = own[own["ts"] > shut["closed_at"].max()]
    assert len(late) > 50
    assert not late["branch_id"].isin(shut["branch_id"]).any()


def test_a_clerk_belongs_to_one_branch_and_opens_records_there_too(served):
    log = at_counters(served)
    assert log.groupby("clerk_id")["branch_id"].nunique().max() == 1
    assert log["clerk_id"].nunique() > 0.95 * spec(served.about["company"])["channels"]["branch"]["clerks"]
    town_of = log.drop_duplicates("clerk_id").set_index("clerk_id")["city"].astype(str)
    opened = served.customers[served.customers["source"] == "branch"]
    town = served.truth.links.merge(served.truth.persons, on="person_id").set_index("record_id")["city"].astype(str)
    same = town_of.reindex(opened["clerk_id"]).to_numpy() == town[opened["record_id"]].to_numpy()
    assert same.mean() > 0.75


def test_clerks_have_about_as_much_to_do_as_their_weight_says(served):
    company = served.about["company"]
    branches = network(company)
    per_clerk = served.customers.loc[served.customers["source"] == "branch", "clerk_id"].value_counts()
    numbers = per_clerk.index.to_numpy() % 1_000 - 1
    expected = branches.clerk_weights * per_clerk.sum()
    assert expected.sum() == pytest.approx(per_clerk.sum())
    off = (per_clerk.to_numpy() - expected[numbers]) ** 2 / expected[numbers]
    assert off.sum() < 1.5 * len(expected)


@pytest.mark.parametrize("rate", [0.02, 0.2])
def test_an_error_is_as_frequent_as_asked_though_some_clerks_do_more_than_others(base, rate):
    made = base("telco", customers=20_000, seed=4, mess="none", mess__upper_case=rate, mess__habits=1.0, **QUIET)
    wrong = made.customers["record_id"].isin(made.truth.edits["record_id"])
    for half in (wrong[:10_000], wrong[10_000:]):
        clusters = 12 * np.sqrt(rate * (1 - rate) * len(half))  # records of one clerk share their fate
        assert abs(half.sum() - rate * len(half)) < clusters


def test_things_are_shared_out_one_each_and_then_by_size_by_hand():
    assert _shared_out([50, 30, 20], 3).tolist() == [1, 1, 1]
    assert _shared_out([50, 30, 20], 5).tolist() == [2, 2, 1]  # next come 50 / 1, then 30 / 1
    assert _shared_out([50, 30, 20], 8).tolist() == [4, 2, 2]  # then 50 / 2, 20 / 1 and 50 / 3 before 30 / 2
    assert _shared_out([50, 30, 20], 2).tolist() == [1, 1, 0]
    assert _shared_out([0, 30, 20], 4).tolist() == [0, 2, 2]


@pytest.mark.parametrize("locale", simulate.LOCALES)
def test_every_branch_has_a_clerk_and_something_to_do_whatever_the_seed(locale):
    for seed in range(40):
        block = asked("bank", customers=2, seed=seed, locale=locale, months=1).block(0)
        branches = Branches(block, people(block))
        assert branches.clerks.min() > 0
        assert branches.load.min() > 0
        assert branches.load.sum() == pytest.approx(1)
        assert branches.clerk_weights.sum() == pytest.approx(1)


def test_a_town_without_a_branch_goes_to_the_nearest_postcode():
    branches = network("telco", branches__number=3, branches__opened=0, branches__closed=0)
    towns = asked("telco", customers=200, seed=4).vocabulary.towns
    assert len(branches.town) == 3
    by_town = {towns[town]: nth for nth, town in enumerate(branches.town)}
    assert {"Zagreb", "Split", "Rijeka"} == set(by_town)
    serves = dict(zip(towns, branches._first, strict=True))
    assert serves["Velika Gorica"] == by_town["Zagreb"]  # 10410
    assert serves["Solin"] == by_town["Split"]  # 21210


def test_every_block_knows_the_same_branches_and_the_first_alone_lists_them():
    size = {"customers": 65_600, "seed": 2, "months": 3}
    first, second = (simulate.block("telco", number, **size, **QUIET) for number in (0, 1))
    assert len(first.branches) == spec("telco")["branches"]["number"]
    assert len(second.branches) == 0
    assert first.branches.dtypes.equals(second.branches.dtypes)
    assert set(second.touchpoints["branch_id"].dropna()) <= set(first.branches["branch_id"])


def test_a_retailer_may_have_branches_too():
    some = {"number": 12, "home": 0.7, "opened": 0.0, "closed": 0.0}
    shops = simulate.company("retail", customers=600, seed=1, branches=some).check()
    plain = simulate.company("retail", customers=600, seed=1)
    assert len(shops.branches) == 12
    assert checksum(shops.transactions) == checksum(plain.transactions)
    bought = shops.touchpoints[(shops.touchpoints["type"] == "purchase") & (shops.touchpoints["channel"] == "branch")]
    assert bought["branch_id"].notna().all()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"branches__number": 500}, "branches.number: found 500, but channels.branch has 120 clerks."),
        ({"branches__number": 0}, "branches.number: found 0."),
        ({"branches__closed": 0.97}, "branches.closed: found 0.97, and 0.04 open during the history."),
        ({"branches__home": 1.5}, "branches.home: found 1.5."),
        ({"branches__hom": 0.5}, "branches.hom: there is no such field. Did you mean 'branches.home'?"),
    ],
)
def test_branches_that_cannot_be_are_named(fields, words):
    with pytest.raises(CrmlabError) as error:
        simulate.company("telco", customers=10, seed=1, **fields)
    assert any(fault.startswith(words) and "\n  next    : " in fault for fault in error.value.messages)
