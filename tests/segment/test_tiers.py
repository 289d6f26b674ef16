"""Value tiers against hand calculations and their laws."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmlab.errors import CrmlabError
from crmlab.segment import ValueTiers

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
