"""Profit per customer and the reasons of those who cost money: by hand and by their laws."""

import numpy as np
import pandas as pd
import pytest

from crmlab import simulate, value
from crmlab.errors import CrmlabError


def table(rows, columns):
    frame = pd.DataFrame(rows, columns=["record_id", "ts", *columns])
    return frame.assign(ts=pd.to_datetime(frame["ts"], utc=True))


BOUGHT = table(
    [
        (1, "2025-01-10", 100_00, 40_00),
        (1, "2025-02-10", 100_00, 40_00),
        (2, "2025-01-11", 50_00, 10_00),
        (3, "2025-01-12", 60_00, 20_00),
        (3, "2025-01-20", -60_00, -20_00),
        (4, "2025-01-15", 30_00, 5_00),
        (6, "2025-03-01", 10_00, -1_00),
    ],
    ["amount_cents", "margin_cents"],
)
SERVED = table(
    [
        (1, "2025-01-10", 2_00, "web", "visit"),
        (2, "2025-01-12", 9_00, "call_centre", "complaint"),
        (2, "2025-01-13", 9_00, "branch", "service"),
        (2, "2025-01-14", None, "app", "visit"),
        (3, "2025-01-21", 3_00, "call_centre", "inquiry"),
        (4, "2025-01-16", 6_00, "field", "service"),
        (5, "2025-01-17", 1_00, "web", "visit"),
    ],
    ["cost_cents", "channel", "type"],
).astype({"cost_cents": "Int64"})


def test_profit_is_margin_less_the_cost_of_every_contact():
    got = value.customer_profit(BOUGHT, SERVED)
    assert got.index.tolist() == [1, 2, 3, 4, 5, 6]
    assert got["revenue_cents"].tolist() == [200_00, 50_00, 0, 30_00, 0, 10_00]
    assert got["margin_cents"].tolist() == [80_00, 10_00, 0, 5_00, 0, -1_00]
    assert got["cost_to_serve_cents"].tolist() == [2_00, 18_00, 3_00, 6_00, 1_00, 0]
    assert got["profit_cents"].tolist() == [78_00, -8_00, -3_00, -1_00, -1_00, -1_00]
    assert got["n_contacts"].tolist() == [1, 3, 1, 1, 1, 0]
    assert got["n_contacts_without_cost"].tolist() == [0, 1, 0, 0, 0, 0]
    assert got.loc[2, "dearest_service"] == "branch: service"  # as dear as the complaint; first by name
    assert pd.isna(got.loc[6, "dearest_service"])


def test_each_loss_has_its_reason_and_the_dearest_stands_first():
    lost = value.unprofitable(value.customer_profit(BOUGHT, SERVED))
    assert lost.index.tolist() == [2, 3, 4, 5, 6]
    # 5.00 is the average cost to serve
    assert lost["why"].tolist() == ["dear to serve", "returns", "dear to serve", "bought nothing", "sold too low"]
    cheap = value.customer_profit(BOUGHT, pd.concat([SERVED, SERVED.assign(record_id=1, cost_cents=10_00)]))
    assert value.unprofitable(cheap).loc[4, "why"] == "small margin"  # now 6.00 is less than the average


def test_only_the_time_asked_for_counts():
    got = value.customer_profit(BOUGHT, SERVED, start="2025-01-11", end="2025-01-15")
    assert got.index.tolist() == [2, 3]
    assert got["profit_cents"].tolist() == [10_00 - 18_00, 20_00]


def test_a_share_stands_in_for_margins_that_are_missing():
    got = value.customer_profit(BOUGHT.drop(columns="margin_cents"), SERVED, margin=0.4)
    assert got["margin_cents"].tolist() == [80_00, 20_00, 0, 12_00, 0, 4_00]
    some = BOUGHT.assign(margin_cents=BOUGHT["margin_cents"].where(BOUGHT["record_id"] != 4))
    assert value.customer_profit(some, SERVED, margin=0.5).loc[4, "margin_cents"] == 15_00


def test_a_service_whose_type_is_not_known_is_still_named_as_the_dearest():
    served = SERVED[SERVED["record_id"] == 2].assign(type=None)
    got = value.customer_profit(BOUGHT, served)
    assert got.loc[2, "dearest_service"].endswith(": not known")
    assert got.loc[2, "cost_to_serve_cents"] > 0


def test_order_of_rows_plays_no_part_and_customer_id_is_taken():
    got = value.customer_profit(BOUGHT, SERVED)
    pd.testing.assert_frame_equal(value.customer_profit(BOUGHT[::-1], SERVED[::-1]), got)
    named = value.customer_profit(*(frame.rename(columns={"record_id": "customer_id"}) for frame in (BOUGHT, SERVED)))
    pd.testing.assert_frame_equal(named, got.rename_axis("customer_id"))
    words = [frame.assign(record_id=frame["record_id"].astype("str").astype("category")) for frame in (BOUGHT, SERVED)]
    assert value.customer_profit(*words)["profit_cents"].tolist() == got["profit_cents"].tolist()


def test_no_cent_is_lost_on_a_whole_base():
    base = simulate.company("retail", customers=150, seed=4)
    got = value.customer_profit(base.transactions, base.touchpoints, margin=0.3)
    assert got["revenue_cents"].sum() == base.transactions["amount_cents"].sum()
    assert got["cost_to_serve_cents"].sum() == base.touchpoints["cost_cents"].sum()
    assert (got["profit_cents"] == got["margin_cents"] - got["cost_to_serve_cents"]).all()
    lost = value.unprofitable(got)
    assert set(lost.index) == set(got.index[got["profit_cents"] < 0])
    gained = value.whale_curve(got["profit_cents"])["share_of_profit"].max() - 1
    assert gained == pytest.approx(-lost["profit_cents"].sum() / got["profit_cents"].sum())


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: value.customer_profit(BOUGHT.drop(columns="margin_cents"), SERVED), "7 transactions have no margin"),
        (lambda: value.customer_profit(BOUGHT, SERVED, margin=40), "write 0.4 for 40 %"),
        (
            lambda: value.customer_profit(BOUGHT.assign(margin_cents=["a", *[None] * 6]), SERVED, margin=0.4),
            "margin_cents: found values of type",
        ),
        (
            lambda: value.customer_profit(BOUGHT, SERVED.astype({"record_id": "str"})),
            "made of numbers in transactions and of texts in touchpoints",
        ),
        (
            lambda: value.customer_profit(BOUGHT.rename(columns={"record_id": "customer_id"}), SERVED),
            "transactions name the customer by customer_id, touchpoints by record_id",
        ),
        (lambda: value.customer_profit(BOUGHT, SERVED.drop(columns="cost_cents")), "no column 'cost_cents'"),
        (
            lambda: value.customer_profit(BOUGHT, SERVED.assign(cost_cents=pd.NA).astype({"cost_cents": "Int64"})),
            "no co",
        ),
        (lambda: value.customer_profit(BOUGHT, SERVED, start="2030-01-01"), "nothing was booked in the time"),
        (lambda: value.customer_profit(BOUGHT, SERVED, end="soon"), "end: found 'soon'"),
        (lambda: value.unprofitable(BOUGHT), "no column 'n_purchases'"),
        (lambda: value.unprofitable([1]), "pass what customer_profit"),
    ],
)
def test_tables_that_do_not_do_get_their_message(call, words):
    with pytest.raises(CrmlabError, match=words) as refused:
        call()
    assert "  next    : " in str(refused.value)
    assert np.all([len(line) < 200 for line in str(refused.value).splitlines()])
