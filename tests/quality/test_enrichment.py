"""Chances to complete a record: used, missed, and none."""

import numpy as np
import pandas as pd
import pytest

from crmlab import quality, simulate
from crmlab.errors import CrmlabError


def _log(*rows):
    log = pd.DataFrame(rows, columns=["record_id", "ts", "channel", "direction", "clerk_id"])
    return log.assign(
        ts=pd.to_datetime(log["ts"], utc=True, format="ISO8601"), clerk_id=log["clerk_id"].astype("Int64")
    )


def _people():
    return pd.DataFrame(
        {
            "record_id": [1, 2, 3],
            "email": [None, "ana@posta.example", "nema@posta.example"],
            "phone": ["091 123 4567", "091 123 4567", None],
            "created_at": pd.to_datetime(["2025-01-01 10:00"] * 3, utc=True),
            "updated_at": pd.to_datetime(["2025-03-02 09:00", "2025-01-01 10:00", "2025-01-01 10:00"], utc=True),
        }
    )


def test_each_contact_of_a_hand_worked_log_is_what_it_is():
    log = _log(
        (1, "2025-01-01 10:00", "branch", "in", 5),  # the opening itself
        (1, "2025-03-01 10:00", "branch", "in", 5),  # 23 hours before the change, but not the last chance
        (1, "2025-03-02 08:00", "call_centre", "in", 7),  # an hour before it
        (1, "2025-03-02 08:30", "email", "out", None),  # an advertisement asks nothing
        (1, "2025-04-01 10:00", "call_centre", "out", 7),  # a clerk rang, and the record lacks an address to this day
        (2, "2025-04-01 10:00", "web", "in", None),  # nothing is missing
        (3, "2025-04-01 10:00", "web", "in", None),
        (9, "2025-04-01 10:00", "web", "in", None),  # a record that is not in the table
    )
    found = quality.enrichment(log, _people())
    assert found.contacts["outcome"].tolist() == [
        *("no chance", "missed", "used", "no chance", "missed"),
        *("nothing missing", "missed", "no chance"),
    ]
    assert found.contacts["missing"].tolist() == [1, 1, 1, 1, 1, 0, 2, 0]
    assert found.columns.loc["email"].tolist() == [2, 3] and found.columns.loc["phone"].tolist() == [1, 1]
    assert found.by("clerk").loc[7, ["contacts", "chances", "used", "missed"]].tolist() == [2, 2, 1, 1]
    assert found.by("channel").loc["email"].isna()["share_used"]


def test_the_row_order_of_the_log_changes_nothing():
    base = simulate.company("telco", customers=800, seed=3, locale="hr")
    mixed = base.touchpoints.sample(frac=1, random_state=1)
    one = quality.enrichment(base.touchpoints, base.customers).contacts
    other = quality.enrichment(mixed, base.customers.sample(frac=1, random_state=2)).contacts
    pd.testing.assert_frame_equal(one, other.sort_index())


def test_a_clerk_who_asks_comes_out_ahead():
    rng = np.random.default_rng(2)
    n = 2_000
    asks = rng.random(n) < np.where(np.arange(n) % 2, 0.6, 0.1)  # clerk 1 asks six times in ten, clerk 0 once
    people = pd.DataFrame({"record_id": range(n), "email": np.where(asks, "ana@posta.example", None)})
    people["created_at"] = pd.Timestamp("2025-01-01", tz="UTC")
    people["updated_at"] = pd.Timestamp("2025-02-01 12:00", tz="UTC")
    people["updated_at"] = people["updated_at"].where(asks, people["created_at"])
    log = pd.DataFrame({"record_id": range(n), "clerk_id": np.arange(n) % 2, "direction": "in"})
    log["ts"] = pd.Timestamp("2025-02-01 11:00", tz="UTC")
    found = quality.enrichment(log, people).by("clerk")
    assert found["used"].to_dict() == {0: asks[::2].sum(), 1: asks[1::2].sum()}
    assert found["share_used"].to_dict() == {0: asks[::2].mean(), 1: asks[1::2].mean()}


def test_every_contact_has_one_outcome_and_missed_ones_lack_something():
    base = simulate.company("retail", customers=800, seed=3, locale="hr", mess="dirty")
    found = quality.enrichment(base.touchpoints, base.customers)
    assert found.contacts["outcome"].notna().all()
    assert (found.contacts.loc[found.contacts["outcome"] == "missed", "missing"] > 0).all()
    offers = base.touchpoints["clerk_id"].isna() & (base.touchpoints["direction"] == "out")
    assert (found.contacts.loc[offers, "outcome"] == "no chance").all()
    assert found.figure().finding.startswith("Missed:") and found.figure("clerk").words


def test_a_log_with_record_and_time_alone_is_enough():
    log = _log((3, "2025-04-01 10:00", "web", "in", None))[["record_id", "ts"]]
    found = quality.enrichment(log, _people()[["record_id", "email"]])
    assert found.contacts["outcome"].tolist() == ["missed"]
    with pytest.raises(CrmlabError, match="name the column"):
        found.by("clerk")


def test_an_empty_log_is_no_chance_at_all():
    found = quality.enrichment(_log((1, "2025-01-02", "web", "in", 1)).head(0), _people())
    assert (
        repr(found).startswith("0 contacts") and found.figure().finding == "No chance to complete a record was missed."
    )


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda log: quality.enrichment(log, _people(), columns=["emial"]), "Did you mean 'email'"),
        (lambda log: quality.enrichment(log, _people(), columns="email"), "in a list"),
        (lambda log: quality.enrichment(log, _people()[["record_id"]]), "none of the columns"),
        (lambda log: quality.enrichment(log, _people(), within_hours=0), "a whole number from 1"),
        (lambda log: quality.enrichment(log.drop(columns="ts"), _people()), "no column 'ts'"),
        (lambda log: quality.enrichment(log, _people()).by("month"), "allowed : channel, clerk"),
    ],
)
def test_wrong_calls_get_a_message_that_helps(call, words):
    with pytest.raises(CrmlabError, match=words):
        call(_log((1, "2025-04-01 10:00", "web", "in", None)))
