"""RFM against hand-worked tables and its laws."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmlab import value
from crmlab.errors import CrmlabError

_START = pd.Timestamp("2025-01-01")


def log_of(rows):
    frame = pd.DataFrame(rows, columns=["record_id", "ts", "amount_cents"])
    return frame.assign(ts=pd.to_datetime(frame["ts"], utc=True))


HAND_WORKED = log_of(
    [
        ("ana", "2025-01-10 09:00", 50_00),
        ("ana", "2025-06-20 18:30", 70_00),
        ("ana", "2025-06-21 10:00", -20_00),  # a return
        ("bruno", "2025-06-29 23:59", 15_00),
        ("cvita", "2024-12-31 00:00", 400_00),
        ("cvita", "2025-07-01 00:00", 999_00),  # booked at as_of: not before it
        ("dora", "2025-05-01 12:00", -30_00),  # nothing but a return
        ("edo", "2025-06-01 08:00", 0),  # a free item is no purchase
        ("edo", "2025-06-02 08:00", 15_00),
    ]
)


def test_rfm_is_right_on_a_hand_worked_table():
    got = value.rfm(HAND_WORKED, as_of="2025-07-01")
    assert got.index.tolist() == ["ana", "bruno", "cvita", "dora", "edo"]
    assert got["recency_days"].tolist() == [10, 1, 182, pd.NA, 28]
    assert got["frequency"].tolist() == [2, 1, 1, 0, 1]
    assert got["monetary_cents"].tolist() == [100_00, 15_00, 400_00, -30_00, 15_00]
    assert got["r"].tolist() == [4, 5, 2, 1, 3]
    assert got["f"].tolist() == [5, 3, 3, 1, 3]  # three ties share the middle place, 3 of 5
    assert got["m"].tolist() == [4, 3, 5, 1, 3]  # two ties in places 2 and 3: middle 2.5, the cut between 2 and 3
    assert got["rfm"].tolist() == ["454", "533", "235", "111", "333"]


def test_without_as_of_the_look_back_starts_at_midnight_after_the_last_transaction():
    got = value.rfm(log_of([(1, "2025-03-09 15:00", 100), (2, "2025-03-08 15:00", 100)]))
    assert got["recency_days"].tolist() == [0, 1]


def test_as_of_is_taken_in_any_zone():
    zagreb = pd.Timestamp("2025-07-01 02:00", tz="Europe/Zagreb")
    pd.testing.assert_frame_equal(value.rfm(HAND_WORKED, as_of=zagreb), value.rfm(HAND_WORKED, as_of="2025-07-01"))


def test_five_distinct_customers_get_the_five_scores():
    got = value.rfm(log_of([(i, f"2025-01-0{i}", 100 * i) for i in range(1, 6)]))
    assert got["m"].tolist() == [1, 2, 3, 4, 5]
    assert got["r"].tolist() == [1, 2, 3, 4, 5]


def test_customers_all_alike_share_the_middle_score():
    got = value.rfm(log_of([(i, "2025-01-01", 100) for i in range(7)]))
    assert set(got["rfm"]) == {"333"}


rows = st.lists(st.tuples(st.integers(1, 9), st.integers(0, 40), st.integers(-5, 9)), min_size=1, max_size=60)
logs = rows.map(lambda drawn: log_of([(who, _START + pd.Timedelta(days=day), 100 * n) for who, day, n in drawn]))


@settings(max_examples=60, deadline=None)
@given(logs, st.randoms(use_true_random=False), st.integers(2, 9))
def test_the_order_of_rows_plays_no_part(log, random, scores):
    order = list(range(len(log)))
    random.shuffle(order)
    pd.testing.assert_frame_equal(value.rfm(log, scores=scores), value.rfm(log.iloc[order], scores=scores))


@settings(max_examples=60, deadline=None)
@given(logs)
def test_equal_numbers_get_equal_scores_and_better_numbers_never_worse_ones(log):
    got = value.rfm(log)
    for number, score, better in [("recency_days", "r", -1), ("frequency", "f", 1), ("monetary_cents", "m", 1)]:
        ordered = (better * got[number].astype("float64").fillna(np.inf if better < 0 else 0)).rename("number")
        scores = pd.concat([ordered, got[score]], axis=1).groupby("number")[score].agg(["min", "max"])
        assert (scores["min"] == scores["max"]).all()
        assert scores["min"].is_monotonic_increasing
        assert got[score].between(1, 5).all()


def test_scores_split_distinct_customers_into_equal_groups_also_at_scale():
    n = 100_000
    amounts = np.random.default_rng(5).permutation(n) + 1
    log = pd.DataFrame({"record_id": np.arange(n), "ts": pd.Timestamp("2025-01-01", tz="UTC"), "amount_cents": amounts})
    got = value.rfm(log)
    assert got["m"].value_counts().tolist() == [n // 5] * 5
    assert got["m"].to_numpy()[amounts == n].item() == 5


def test_a_log_that_carries_customer_id_keeps_the_name():
    got = value.rfm(HAND_WORKED.rename(columns={"record_id": "customer_id"}))
    assert got.index.name == "customer_id"


def test_categorical_ids_without_a_transaction_do_not_appear():
    log = HAND_WORKED.assign(record_id=HAND_WORKED["record_id"].astype("category"))
    assert "bruno" not in value.rfm(log[log["record_id"] != "bruno"]).index


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: value.rfm(HAND_WORKED.drop(columns="ts")), "no column 'ts'"),
        (lambda: value.rfm(HAND_WORKED.rename(columns={"amount_cents": "amount_euro"})), "Did you mean 'amount_euro'"),
        (lambda: value.rfm(HAND_WORKED.assign(amount_cents=1.5)), 'breaks the rule "a whole number of cents"'),
        (lambda: value.rfm(HAND_WORKED.assign(ts="2025-01-01")), "a point in time in UTC"),
        (lambda: value.rfm(HAND_WORKED, as_of="2020-01-01"), "nothing was booked before 2020-01-01"),
        (lambda: value.rfm(HAND_WORKED.head(0)), "there are no rows"),
        (lambda: value.rfm(pd.DataFrame({"record_id": [], "ts": [], "amount_cents": []})), "there are no rows"),
        (lambda: value.rfm(HAND_WORKED, as_of="soon"), "found 'soon'"),
        (lambda: value.rfm(HAND_WORKED, as_of=20250101), "a date such as"),
        (lambda: value.rfm(HAND_WORKED, scores=1), "a whole number from 2 to 9"),
        (lambda: value.rfm([1, 2]), "a pandas DataFrame"),
    ],
)
def test_bad_input_gets_its_message(call, words):
    with pytest.raises(CrmlabError, match=words) as caught:
        call()
    assert "  next    : " in str(caught.value)


def test_amounts_too_large_to_be_summed_are_refused_and_not_turned_negative():
    log = pd.DataFrame({"record_id": [1, 1], "amount_cents": [2**62, 2**62]})
    log["ts"] = pd.to_datetime("2025-03-01", utc=True)
    with pytest.raises(CrmlabError, match=r"transactions\.amount_cents: .* more than can be summed exactly"):
        value.rfm(log)


def test_nested_scores_are_cut_anew_inside_each_group():
    # 1 to 4 bought in June, 5 to 8 times; 5 to 8 bought in January, 1 to 4 times
    rows = [(i, f"2025-06-{1 + day:02}", 100) for i in range(1, 5) for day in range(4 + i)]
    rows += [(i, f"2025-01-{1 + day:02}", 100) for i in range(5, 9) for day in range(i - 4)]
    alone, nested = value.rfm(log_of(rows), scores=2), value.rfm(log_of(rows), scores=2, nested=True)
    assert alone["r"].tolist() == nested["r"].tolist() == [2, 2, 2, 2, 1, 1, 1, 1]
    assert alone["f"].tolist() == [2, 2, 2, 2, 1, 1, 1, 1]
    assert nested["f"].tolist() == [1, 1, 2, 2, 1, 1, 2, 2]


@pytest.mark.parametrize("seed", [1, 2])
def test_nested_scores_of_a_group_are_the_scores_the_group_gets_alone(seed):
    dice = np.random.default_rng(seed)
    days = pd.to_datetime(_START + pd.to_timedelta(dice.integers(0, 60, 300), unit="D")).astype("str")
    log = log_of(list(zip(dice.integers(0, 60, 300), days, dice.integers(-3, 9, 300) * 100, strict=True)))
    as_of = "2026-01-01"
    nested = value.rfm(log[::-1], as_of=as_of, scores=3, nested=True)
    assert nested["r"].tolist() == value.rfm(log, as_of=as_of, scores=3)["r"].tolist()
    for cut, score in ((["r"], "f"), (["r", "f"], "m")):
        for _, group in nested.groupby(cut):
            alone = value.rfm(log[log["record_id"].isin(group.index)], as_of=as_of, scores=3)
            assert group[score].tolist() == alone[score].tolist()


def test_own_edges_give_the_better_score_at_the_edge():
    edges = {"recency_days": [10, 28], "frequency": [1, 2], "monetary_cents": [0, 15_00, 15_01]}
    got = value.rfm(HAND_WORKED, as_of="2025-07-01", edges=edges)
    assert got["r"].tolist() == [3, 3, 1, 1, 2]  # 10 days is within 10, 28 within 28; never bought scores lowest
    assert got["f"].tolist() == [3, 2, 2, 1, 2]
    assert got["m"].tolist() == [4, 3, 4, 1, 3]


def test_edges_for_one_number_leave_the_other_two_as_they_were():
    plain = value.rfm(HAND_WORKED, as_of="2025-07-01")
    got = value.rfm(HAND_WORKED, as_of="2025-07-01", edges={"frequency": [2]})
    assert got["f"].tolist() == [2, 1, 1, 1, 1]
    pd.testing.assert_frame_equal(got.drop(columns=["f", "rfm"]), plain.drop(columns=["f", "rfm"]))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"edges": {"recency": [30]}}, "no number is called 'recency'"),
        ({"edges": {"frequency": [5, 2]}}, "one to eight rising numbers"),
        ({"edges": {"frequency": "often"}}, "one to eight rising numbers"),
        ({"edges": {"frequency": []}}, "one to eight rising numbers"),
        ({"edges": [30, 90]}, "found a list"),
        ({"edges": {"frequency": [2]}, "nested": True}, "choose one of the two"),
    ],
)
def test_edges_that_cannot_be_get_their_message(options, words):
    with pytest.raises(CrmlabError, match=words):
        value.rfm(HAND_WORKED, **options)


def test_customers_are_counted_wherever_their_column_stands():
    log = pd.DataFrame(
        {
            "record_id": [1, 2, 3],
            "ts": pd.to_datetime(["2025-03-01", "2025-03-02", "2025-03-03"], utc=True),
            "amount_cents": [100, 200, 400],
            "customer_id": [9, 9, 8],
        }
    )
    assert value.rfm(log)["monetary_cents"].to_dict() == {8: 400, 9: 300}
    assert value.purchase_summary(log)["frequency"].to_dict() == {8: 0, 9: 1}
