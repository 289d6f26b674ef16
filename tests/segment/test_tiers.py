"""Value tiers against hand calculations and their laws."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmlab.errors import CrmlabError
from crmlab.segment import ValueTiers, potential_grid

values = st.lists(st.integers(0, 10**9), min_size=1, max_size=60).filter(any)


def test_tiers_are_right_on_a_hand_worked_table():
    # total 2,000; running total from the best down: 900, 1400, 1700, 1900, 2000
    cents = pd.Series([200, 900, 100, 500, 300], index=list("dacbe"))
    tiers = ValueTiers(shares=(0.45, 0.8, 0.95)).fit(cents)
    assert tiers.floors_.tolist() == [900, 300, 200]
    assert tiers.predict(cents).to_dict() == {"d": 2, "a": 0, "c": 3, "b": 1, "e": 1}


@settings(max_examples=80, deadline=None)
@given(values)
def test_each_tier_reaches_its_share_and_no_sooner(cents):
    model = ValueTiers().fit(cents)
    value, tier = pd.Series(cents), model.predict(cents)
    for number, share in enumerate(model.shares):
        assert value[tier <= number].sum() >= share * value.sum() * (1 - 1e-12)
        above = value[value > model.floors_[number]].sum()
        assert above < share * value.sum() * (1 + 1e-12)


@settings(max_examples=80, deadline=None)
@given(values)
def test_more_value_never_means_a_lower_tier_and_equal_value_means_the_same(cents):
    tier = ValueTiers().fit(cents).predict(cents)
    by_value = tier.groupby(pd.Series(cents)).agg(["min", "max"])
    assert (by_value["min"] == by_value["max"]).all()
    assert by_value["min"].is_monotonic_decreasing


def test_the_summary_adds_up_to_the_base():
    cents = np.random.default_rng(3).integers(0, 10_000, 1_000)
    summary = ValueTiers().fit(cents).summary(cents)
    assert summary["customers"].sum() == 1_000
    assert summary["value_cents"].sum() == cents.sum()
    assert summary["share_of_value"].sum() == pytest.approx(1)
    assert summary["share_of_customers"].sum() == pytest.approx(1)


def test_one_customer_who_brings_nearly_all_leaves_tiers_empty_not_wrong():
    cents = [1_000_000, 1, 1]
    model = ValueTiers().fit(cents)
    assert model.predict(cents).tolist() == [0, 3, 3]
    assert model.summary(cents)["customers"].tolist() == [1, 0, 0, 2]
    assert model.said_.startswith("Tiers 1, 2 hold nobody: ")


def test_tiers_left_empty_by_ties_are_told_and_others_are_not():
    many = [500] * 90 + [100] * 10
    model = ValueTiers(quantiles=(0.2, 0.5)).fit(many)
    assert model.summary(many)["customers"].tolist() == [90, 0, 10]
    assert model.said_.endswith("may end where another does. 90 of 100 customers bring the same, 5.00.")
    assert ValueTiers().fit(range(1, 200)).said_ == ""


@pytest.mark.parametrize("shares", [(), (0.5, 0.5), (0.8, 0.5), (0, 0.5), (0.5, 1), "half", (0.5, float("nan")), 0.5])
def test_shares_that_do_not_rise_between_0_and_1_get_their_message(shares):
    with pytest.raises(CrmlabError, match="numbers between 0 and 1 that rise"):
        ValueTiers(shares=shares).fit([1, 2, 3])


def test_a_loss_making_customer_gets_a_message_that_names_the_row():
    with pytest.raises(CrmlabError, match="rows    : b"):
        ValueTiers().fit(pd.Series([100, -5], index=["a", "b"]))


def test_a_share_that_is_reached_to_the_cent_ends_its_tier():
    # 0.55 * 100 and 0.07 * 100 are a little more than 55 and 7 as floats; the tier must end all the same
    assert ValueTiers(shares=(0.55,)).fit([55, 45]).floors_.tolist() == [55]
    assert ValueTiers(shares=(0.07, 0.14)).fit([7] * 10 + [6] * 5).floors_.tolist() == [7, 7]
    assert ValueTiers(shares=(0.28, 0.56)).fit([28, 28, 22, 22]).predict([28, 22]).tolist() == [0, 2]


def test_tiers_by_rank_hold_their_share_of_customers_and_ties_stay_together():
    cents = pd.Series([100, 90, 80, 80, 80, 50, 40, 30, 20, 10])
    tiers = ValueTiers(quantiles=(0.2, 0.4)).fit(cents)
    assert tiers.floors_.tolist() == [90, 80]  # the fourth is one of three who bring 80
    assert tiers.summary(cents)["customers"].tolist() == [2, 3, 5]
    many = pd.Series(np.random.default_rng(1).permutation(10_000))
    assert ValueTiers(quantiles=(0.07, 0.55)).fit(many).summary(many)["customers"].tolist() == [700, 4800, 4500]


def test_tiers_by_fixed_values_are_what_was_asked():
    tiers = ValueTiers(least_cents=(500, 200)).fit([1])
    assert tiers.predict([500, 499, 200, 199, 0]).tolist() == [0, 1, 1, 2, 2]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"quantiles": (0.5, 0.2)}, r"(?s)quantiles: found \(0.5, 0.2\).*\(0.2, 0.5\)"),
        ({"least_cents": (100, 200)}, "(?s)least_cents: found .*that fall"),
        ({"least_cents": (100, 0)}, "least_cents: found"),
        ({"least_cents": "high"}, "least_cents: found 'high'"),
        ({"quantiles": (0.2,), "least_cents": (100,)}, "quantiles: least_cents is given too"),
    ],
)
def test_rules_that_cannot_be_get_their_message(options, told):
    with pytest.raises(CrmlabError, match=told):
        ValueTiers(**options).fit([5, 3])


@pytest.mark.parametrize("options", [{}, {"quantiles": (0.1, 0.4)}], ids=["shares", "quantiles"])
def test_cut_points_vary_as_samples_do(options):
    """The interval of a cut holds the cut of the whole of which the customers are a sample, in about 95 of 100."""
    whole = np.random.default_rng(0).lognormal(8, 1, 200_000).round()
    true = ValueTiers(**options).fit(whole).floors_
    held = []
    for seed in range(40):
        sample = np.random.default_rng(seed).choice(whole, 800)
        told = ValueTiers(**options).fit(sample).floor_intervals(sample, samples=100, seed=seed)
        held.append((told["low_cents"] <= true) & (true <= told["high_cents"]))
    assert np.mean(held) > 0.85
    assert np.mean(held) < 1


@pytest.mark.parametrize(
    ("options", "told"),
    [({"samples": 0}, "samples: found 0"), ({"samples": 2.5}, "samples: found 2.5"), ({"seed": -1}, "seed: found -1")],
)
def test_samples_that_cannot_be_get_their_message(options, told):
    with pytest.raises(CrmlabError, match=told):
        ValueTiers().fit([1, 2, 3]).floor_intervals([1, 2, 3], **{"seed": 1, **options})


def test_fixed_cut_points_do_not_vary():
    cents = np.arange(1, 500)
    told = ValueTiers(least_cents=(300, 100)).fit(cents).floor_intervals(cents, samples=20, seed=1)
    assert (told["low_cents"] == told["high_cents"]).all()
    assert told["moved"].tolist() == [0, 0]


def test_costs_and_yields_of_tiers_add_up():
    value, cost = pd.Series([900, 500, 300, 200, 100]), pd.Series([100, 50, 50, 100, 150])
    told = ValueTiers(shares=(0.5, 0.8)).fit(value).summary(value, cost)
    assert told["cost_cents"].tolist() == [150, 50, 250]
    assert told["yield_cents"].tolist() == [1250, 250, 50]
    assert told["yield_per_customer_cents"].tolist() == [625, 250, 25]
    with pytest.raises(CrmlabError, match="cost_cents: there are 4 costs for 5 customers"):
        ValueTiers().fit(value).summary(value, cost[:4])


def test_a_potential_grid_is_right_on_a_hand_worked_table():
    value = pd.Series([900, 800, 100, 50], index=list("abcd"))
    potential = pd.Series([1000, 4000, 5000, 60], index=list("abcd"))
    halves = ValueTiers(quantiles=(0.5,))
    told = potential_grid(value, potential, value_tiers=halves, potential_tiers=halves)
    assert told.table["customers"].tolist() == [1, 1, 1, 1]
    assert told.table["open_cents"].sum() == (potential - value).sum()
    assert (
        told.figure().finding == "60% of the open potential lies with 25% of customers: value tier 1, potential tier 0."
    )
    assert told.figure()._repr_png_()[:4] == b"\x89PNG"
    with pytest.raises(CrmlabError, match="1 customers bring more than they could, such as row d"):
        potential_grid(value, potential.replace(60, 10))
    with pytest.raises(CrmlabError, match="its index is not that of value_cents"):
        potential_grid(value, potential.reset_index(drop=True))
