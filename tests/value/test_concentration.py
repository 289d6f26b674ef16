"""Lorenz, Gini, top share and whale curve against hand calculations and their laws."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmlab import value
from crmlab.errors import CrmlabError

values = st.lists(st.integers(0, 10**9), min_size=1, max_size=50).filter(any)


def test_the_curves_are_right_on_a_hand_worked_table():
    curve = value.lorenz([300, 100, 600])
    assert curve["share_of_customers"].tolist() == pytest.approx([0, 1 / 3, 2 / 3, 1])
    assert curve["share_of_value"].tolist() == pytest.approx([0, 0.1, 0.4, 1])
    # area below the curve: (0 + .1)/6 + (.1 + .4)/6 + (.4 + 1)/6 = 1/3; Gini = 1 - 2/3
    assert value.gini([300, 100, 600]) == pytest.approx(1 / 3)
    assert value.top_share([300, 100, 600], share=1 / 3) == pytest.approx(0.6)
    assert value.top_share([300, 100, 600], share=0.5) == pytest.approx(0.75)  # the second counts half


def test_the_whale_curve_rises_above_one_by_what_the_losses_cost():
    curve = value.whale_curve([-200, 700, 500])
    assert curve["share_of_profit"].tolist() == pytest.approx([0, 0.7, 1.2, 1.0])


@settings(max_examples=80, deadline=None)
@given(values)
def test_gini_is_twice_the_area_between_curve_and_equality(cents):
    curve = value.lorenz(cents)
    area = np.trapezoid(curve["share_of_value"], curve["share_of_customers"])
    assert value.gini(cents) == pytest.approx(1 - 2 * area, abs=1e-9)
    assert -1e-12 <= value.gini(cents) <= 1 - 1 / len(cents) + 1e-12


@settings(max_examples=80, deadline=None)
@given(values, st.randoms(use_true_random=False), st.integers(1, 1000))
def test_order_and_unit_of_money_play_no_part(cents, random, times):
    shuffled = [cent * times for cent in cents]
    random.shuffle(shuffled)
    assert value.gini(shuffled) == pytest.approx(value.gini(cents), abs=1e-9)
    assert value.top_share(shuffled) == pytest.approx(value.top_share(cents), abs=1e-9)


@settings(max_examples=80, deadline=None)
@given(values)
def test_the_best_and_the_others_make_the_whole(cents):
    curve = value.lorenz(cents)
    rest = np.interp(0.8, curve["share_of_customers"], curve["share_of_value"])
    assert value.top_share(cents, 0.2) + rest == pytest.approx(1)
    assert value.top_share(cents, 0) == 0
    assert value.top_share(cents, 1) == 1


def test_doubling_every_customer_leaves_the_concentration_as_it_was():
    cents = [5, 70, 300, 1200]
    assert value.gini(cents * 2) == pytest.approx(value.gini(cents))


def test_totals_beyond_what_a_product_in_int64_holds_stay_right():
    n = 200_000
    cents = np.full(n, 10**12)  # the sum of place times value would overflow
    assert value.gini(cents) == pytest.approx(0, abs=1e-12)
    assert value.lorenz(cents)["share_of_value"].iloc[n // 2] == pytest.approx(0.5)


@pytest.mark.parametrize("call", [value.lorenz, value.gini, value.top_share])
@pytest.mark.parametrize(
    ("cents", "words"),
    [
        ([100, -1], "0 or more"),
        ([100, 0.5], "round to whole cents"),
        ([100, None], "a missing value is not 0"),
        ([0, 0], "every value is 0"),
        ([], "there are no values"),
        (["100", "200"], "found values of type str"),
        (pd.Series([True, False]), "found values of type bool"),
    ],
)
def test_values_that_cannot_be_shared_out_get_their_message(call, cents, words):
    with pytest.raises(CrmlabError, match=words):
        call(cents)


def test_a_base_without_profit_gets_its_message():
    with pytest.raises(CrmlabError, match="a total above 0"):
        value.whale_curve([100, -100])


@pytest.mark.parametrize("share", [-0.1, 1.1, "a fifth", True])
def test_a_share_outside_its_ends_gets_its_message(share):
    with pytest.raises(CrmlabError, match=r"write 0\.2 for a fifth"):
        value.top_share([1, 2], share)


@pytest.mark.parametrize("measure", [value.lorenz, value.gini, value.top_share, value.whale_curve])
@pytest.mark.parametrize(
    ("cents", "words"),
    [
        ([2**62] * 4, "more than can be summed exactly"),
        (pd.DataFrame({"a": [1], "b": [2]}), "found a table of 2 columns"),
        (np.ones((3, 1)), "found a table of 1 columns"),
        ([1j], "found values of type complex128"),
    ],
)
def test_what_is_no_column_of_amounts_is_refused_in_plain_words(measure, cents, words):
    with pytest.raises(CrmlabError) as refused:
        measure(cents)
    assert words in str(refused.value)
    assert "  next    : " in str(refused.value)


def test_amounts_just_small_enough_are_still_shared_out():
    assert value.lorenz([2**60] * 4)["share_of_value"].tolist() == [0, 0.25, 0.5, 0.75, 1]


def test_abc_classes_are_right_by_hand_and_equal_customers_share_a_class():
    cents = pd.Series([100, 700, 100, 60, 40], index=list("wvxyz"))
    assert value.abc_classes(cents).to_dict() == {"w": "A", "v": "A", "x": "A", "y": "B", "z": "C"}
    assert value.abc_classes([50, 50]).tolist() == ["A", "A"]
    assert value.abc_classes([55, 45], shares=(0.55, 0.9)).tolist() == ["A", "B"]  # to the cent


@settings(max_examples=60, deadline=None)
@given(values, st.randoms(use_true_random=False))
def test_abc_classes_end_where_they_say_whatever_the_order(cents, random):
    series = pd.Series(cents)
    got = value.abc_classes(series)
    shuffled = list(series.index)
    random.shuffle(shuffled)
    assert value.abc_classes(series[shuffled]).reindex(series.index).tolist() == got.tolist()
    best = series[got == "A"]
    assert 10 * int(best.sum()) >= 8 * sum(cents)
    assert 10 * int(best[best > best.min()].sum()) < 8 * sum(cents)  # without its least customers it falls short
    assert best.min() > series[got != "A"].max() if (got != "A").any() else True


@pytest.mark.parametrize("shares", [(0.95, 0.8), (0.8,), (0.8, 1.2), "ab", 0.8])
def test_abc_shares_that_do_not_rise_get_their_message(shares):
    with pytest.raises(CrmlabError, match="two numbers between 0 and 1 that rise"):
        value.abc_classes([1, 2], shares=shares)
