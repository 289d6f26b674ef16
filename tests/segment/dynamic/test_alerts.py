"""Entries become contacts: never without consent, never more than the cap, and what is held back is counted."""

import numpy as np
import pandas as pd
import pytest

from crmlab.segment.dynamic.alerts import ContactCap, alerts

EVERYBODY = pd.Series(True, index=range(50))


def entries(seed, n=600):
    rng = np.random.default_rng(seed)
    ts = pd.Timestamp("2025-01-01", tz="UTC") + pd.to_timedelta(rng.integers(0, 90 * 24, n), unit="h")
    table = pd.DataFrame(
        {"customer_id": rng.integers(0, 50, n), "segment": rng.choice(["a", "b"], n), "entered_at": ts}
    )
    return table.assign(left_at=table["entered_at"], entered_by="event", reason="event")


@pytest.mark.parametrize(("at_most", "days"), [(1, 7), (2, 14), (3, 30)])
def test_no_window_holds_more_contacts_than_the_cap(at_most, days):
    told = alerts(entries(1), at_most=at_most, within=f"{days}d", may_contact=EVERYBODY)
    width = pd.Timedelta(days=days)
    for _, some in told.contacts.groupby("customer_id"):
        for end in some["ts"]:
            assert ((some["ts"] > end - width) & (some["ts"] <= end)).sum() <= at_most
    capped = told.entries[told.entries["decision"] == "capped"]
    assert len(capped) > 0
    for row in capped.itertuples():  # nobody is held back without a reason
        made = told.contacts.loc[told.contacts["customer_id"] == row.customer_id, "ts"]
        assert ((made > row.entered_at - width) & (made <= row.entered_at)).sum() >= at_most


def test_a_contact_counts_until_the_window_is_over_and_not_at_its_end():
    cap = ContactCap(at_most=1, within="7d", may_contact=pd.Series({1: True}))
    week, T = 7 * 86_400_000_000, 1_740_787_200_000_000
    assert [cap.decide(1, ts) for ts in (T, T, T + week - 1, T + week, T + 2 * week)] == [
        "contact",
        "capped",
        "capped",
        "contact",
        "contact",
    ]


def test_who_did_not_agree_is_never_contacted_and_who_is_not_known_did_not_agree():
    agreed = pd.Series([True, False, pd.NA], index=[0, 1, 2], dtype="boolean")
    told = alerts(entries(2), at_most=1, within="7d", may_contact=agreed)
    assert set(told.contacts["customer_id"]) == {0}
    assert (told.entries.loc[told.entries["customer_id"] != 0, "decision"] == "no consent").all()


def test_every_entry_is_counted_once():
    told = alerts(entries(3), at_most=1, within="7d", may_contact=EVERYBODY.where(EVERYBODY.index > 10, other=False))
    assert told.table.to_numpy().sum() == len(told.entries) == 600
    assert told.table.sum().to_dict() == told.entries["decision"].value_counts().to_dict()
    n, capped, without = told.table.sum()
    held = f"Held back: {capped:,} by the cap of 1 in 7 days for each customer, {without:,} without consent."
    assert repr(told) == f"{n:,} contacts. {held}"


def test_entries_are_taken_in_order_of_time_whatever_the_order_of_rows():
    some = entries(4).drop_duplicates(["customer_id", "entered_at"])
    tidy = alerts(some, at_most=1, within="7d", may_contact=EVERYBODY).contacts
    mixed = alerts(some.sample(frac=1, random_state=1), at_most=1, within="7d", may_contact=EVERYBODY).contacts
    order = ["ts", "customer_id"]
    left, right = (one.sort_values(order, ignore_index=True) for one in (tidy, mixed))
    pd.testing.assert_frame_equal(left, right)


def test_one_by_one_gives_the_same_as_all_at_once():
    some = entries(5).sort_values("entered_at", kind="stable")
    cap = ContactCap(at_most=2, within="14d", may_contact=EVERYBODY)
    one_by_one = [cap.decide(row.customer_id, row.entered_at) for row in some.itertuples()]
    assert one_by_one == alerts(some, at_most=2, within="14d", may_contact=EVERYBODY).entries["decision"].tolist()


def test_customers_named_by_text_are_capped_alike():
    some = entries(6).assign(customer_id=lambda table: "c" + table["customer_id"].astype("str"))
    agreed = EVERYBODY.set_axis([f"c{number}" for number in EVERYBODY.index])
    numbers = alerts(entries(6), at_most=1, within="7d", may_contact=EVERYBODY)
    assert len(alerts(some, at_most=1, within="7d", may_contact=agreed).contacts) == len(numbers.contacts)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"at_most": 0}, ["at_most: found 0", "from 1"]),
        ({"within": "1month"}, ["within", "30d"]),
        ({"may_contact": [1, 2]}, ["may_contact: found a list", "consent_phone"]),
        ({"may_contact": pd.Series([1, 0])}, ["found int64 values"]),
        ({"may_contact": pd.Series([True, True], index=[1, 1])}, ["a customer stands twice"]),
    ],
)
def test_what_cannot_be_used_is_said(change, words):
    asked = {"at_most": 1, "within": "7d", "may_contact": EVERYBODY, **change}
    with pytest.raises(ValueError) as said:
        alerts(entries(1), **asked)
    for word in words:
        assert word in str(said.value)


def test_time_does_not_run_backwards():
    cap = ContactCap(at_most=2, within="7d", may_contact=EVERYBODY)
    cap.decide(1, pd.Timestamp("2025-03-02", tz="UTC"))
    with pytest.raises(ValueError, match="in order of time"):
        cap.decide(1, pd.Timestamp("2025-03-01", tz="UTC"))
