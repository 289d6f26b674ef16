"""One log out of many tables: nothing twice, nobody forgotten, the same in any order of rows."""

import pandas as pd
import pytest

from crmlab import simulate, tables
from crmlab.segment.dynamic.event_log import event_log


@pytest.fixture(scope="module")
def shop():
    return simulate.company("retail", customers=300, seed=3, mess="none")


def at(*days):
    return pd.to_datetime(list(days), utc=True)


def test_a_purchase_in_two_tables_is_one_event(shop):
    log = event_log(shop)
    assert (log["type"] == "purchase").sum() == len(shop.transactions)
    assert log["amount_cents"].sum() == shop.transactions["amount_cents"].sum()
    contacts_alone = event_log({"touchpoints": shop.touchpoints})
    assert (contacts_alone["type"] == "purchase").sum() == (shop.touchpoints["type"] == "purchase").sum()


def test_a_purchase_that_no_transaction_tells_of_stays():
    contacts = pd.DataFrame({"record_id": [1, 1], "ts": at("2025-03-01 09:00", "2025-03-02 09:00"), "type": "purchase"})
    sales = pd.DataFrame({"record_id": [1], "ts": at("2025-03-01 23:00"), "amount_cents": [500]})
    log = event_log({"touchpoints": contacts, "transactions": sales})
    assert log["ts"].dt.strftime("%d %H").tolist() == ["01 23", "02 09"]
    assert log["amount_cents"].tolist()[0] == 500 and log["amount_cents"].isna().tolist() == [False, True]


def test_every_customer_is_known_from_the_day_the_record_was_opened(shop):
    log = event_log(shop)
    assert set(log["customer_id"]) == set(shop.customers["record_id"])
    silent = event_log({"customers": shop.customers.head(5)})
    assert silent["type"].tolist() == ["joined"] * 5
    assert silent["channel"].tolist() == shop.customers.head(5).sort_values("record_id")["source"].tolist()


def test_names_and_addresses_stay_behind(shop):
    assert not {"first_name", "email", "phone", "street", "birth_date", "iban"} & set(event_log(shop).columns)


def test_customer_instant_and_seq_name_one_event(shop):
    log = event_log(shop)
    assert not log.duplicated(["customer_id", "ts", "seq"]).any()
    assert log.sort_values(["customer_id", "ts", "seq"]).index.equals(log.index)
    assert str(log["ts"].dtype) == "datetime64[us, UTC]"


def test_the_order_of_the_rows_changes_nothing(shop):
    mixed = {name: shop[name].sample(frac=1, random_state=1) for name in ("touchpoints", "customers", "transactions")}
    tidy = {name: shop[name] for name in mixed}
    pd.testing.assert_frame_equal(event_log(mixed), event_log(tidy))


def test_at_one_instant_the_opening_comes_first_and_own_seq_decides():
    noon = "2025-03-01 12:00"
    customers = pd.DataFrame({"record_id": [1], "created_at": at(noon)})
    contacts = pd.DataFrame({"record_id": [1, 1], "ts": at(noon, noon), "seq": [1, 0], "type": ["reply", "complaint"]})
    log = event_log({"touchpoints": contacts, "customers": customers})
    assert log["type"].tolist() == ["joined", "complaint", "reply"]
    assert log["seq"].tolist() == [0, 1, 2]


def test_a_return_is_an_event_of_its_own_and_a_contract_makes_payments():
    sales = pd.DataFrame({"record_id": [1, 1], "ts": at("2025-03-01", "2025-03-05"), "amount_cents": [900, -900]})
    assert event_log({"transactions": sales})["type"].tolist() == ["purchase", "return"]
    contracts = pd.DataFrame(
        {"record_id": [1, 2], "start": at("2025-01-01", "2025-01-01"), "end": at("2025-03-06", None)}
    )
    log = event_log({"transactions": sales, "contracts": contracts})
    assert log["type"].tolist() == ["payment", "return", "ended"]


def test_a_contract_that_is_still_to_end_has_not_ended():
    contracts = pd.DataFrame({"record_id": [1, 2, 3], "start": at(*["2025-01-01"] * 3)})
    contracts["end"] = at("2025-03-02", "2027-01-01", None)
    contacts = pd.DataFrame({"record_id": [1], "ts": at("2025-03-01 10:00"), "type": "visit"})
    log = event_log({"contracts": contracts, "touchpoints": contacts})
    assert log["type"].tolist() == ["visit", "ended"]
    assert log.attrs["left_out"] == {"contracts that are still to end": 1}


def test_what_nobody_is_known_to_have_done_is_left_out_and_counted(shop):
    log = event_log(shop)
    nobody = shop.product_events["record_id"].isna().sum()
    assert log.attrs["left_out"]["product events before anybody had logged in"] == nobody
    known = shop.product_events.dropna(subset="record_id")
    assert log["type"].isin(["screen", "scan"]).sum() == len(known)
    assert (log["type"] == "scan").sum() == known["qr_id"].notna().sum()


def test_merged_records_go_by_their_customer():
    contacts = pd.DataFrame({"customer_id": [7, 7], "record_id": [1, 2], "ts": at("2025-03-01", "2025-03-02")})
    log = event_log({"touchpoints": contacts.assign(type="visit")})
    assert log["customer_id"].tolist() == [7, 7]
    assert "record_id" not in log


def test_an_own_export_is_enough(tmp_path):
    (tmp_path / "orders.csv").write_text("Kupac;Datum;Iznos\n007;31.12.2025.;1.234,50\n008;2.1.2026.;-10,00\n", "utf-8")
    log = event_log(tables.from_export(transactions=tmp_path / "orders.csv"))
    assert log["customer_id"].tolist() == ["007", "008"]
    assert log["type"].tolist() == ["purchase", "return"]


def test_the_tables_are_left_as_they_were(shop):
    before = shop.touchpoints.copy(deep=True)
    event_log(shop)
    pd.testing.assert_frame_equal(shop.touchpoints, before)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (pd.DataFrame(), ["base: found a DataFrame.", 'event_log({"transactions": your_table})']),
        ({}, ["no table with events in it", "nothing"]),
        ({"transaction": pd.DataFrame({"record_id": [1]})}, ["Did you mean 'transactions'?"]),
        ({"customers": pd.DataFrame({"record_id": [1]})}, ["no table with events in it", "customers"]),
        ({"touchpoints": pd.DataFrame({"record_id": [1], "ts": at("2025-03-01")})}, ["touchpoints: no column 'type'"]),
        (
            {"transactions": pd.DataFrame({"record_id": [1], "ts": at("2025-03-01"), "amount_cents": [9.5]})},
            ["transactions.amount_cents", "a whole number of cents"],
        ),
        (
            {"transactions": pd.DataFrame({"record_id": [1], "ts": pd.to_datetime(["2025-03-01"])})},
            ["transactions.ts", "tz_localize"],
        ),
        (
            {
                "transactions": pd.DataFrame({"record_id": [1], "ts": at("2025-03-01"), "amount_cents": [1]}),
                "touchpoints": pd.DataFrame({"record_id": ["a"], "ts": at("2025-03-01"), "type": ["visit"]}),
            },
            ["numbers in one table and text in another", '.astype("str")'],
        ),
    ],
)
def test_what_cannot_be_used_is_said(given, words):
    with pytest.raises(ValueError) as said:
        event_log(given)
    for word in words:
        assert word in str(said.value)
