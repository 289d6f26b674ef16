"""Service recovery: the planted chances come out, nobody is moved both ways, and a lot finds the planted uplift."""

import numpy as np
import pandas as pd
import pytest

from crmlab import simulate, tables
from crmlab.simulate.asked import spec


@pytest.fixture(scope="module")
def telco(base):
    return base("telco", customers=6_000, seed=5, mess="none")


@pytest.fixture(scope="module")
def calls(telco):
    complaints = telco.touchpoints[telco.touchpoints["type"] == "complaint"]
    arm = np.where(np.random.default_rng(1).random(len(complaints)) < 0.5, "treated", "holdout")
    return complaints[["record_id", "ts"]].assign(arm=arm)


@pytest.fixture(scope="module")
def played(telco, calls):
    return simulate.service_recovery(telco, calls)


def test_the_chances_follow_from_the_spec_by_hand(played):
    usual = {name: one["usual"] for name, one in spec("telco")["campaigns"]["states"].items()}
    assert (usual["distant"], usual["occasional"], usual["close"]) == (0.06, 0.10, 0.24)
    moves = spec("telco")["lifecycle"]["moves"]
    assert (moves["recovery"], moves["failure"]) == (0.35, 0.45)
    by_hand = {
        "distant": (0.35 * 0.10 + 0.65 * 0.06, 0.06),
        "occasional": (0.35 * 0.24 + 0.65 * 0.10, 0.45 * 0.06 + 0.55 * 0.10),
        "close": (0.24, 0.45 * 0.10 + 0.55 * 0.24),
        "gone": (0.0, 0.0),
    }
    for state, some in played.truth.groupby("state"):
        assert some["chance_if_treated"].round(9).unique().tolist() == pytest.approx([by_hand[state][0]])
        assert some["chance_if_not"].round(9).unique().tolist() == pytest.approx([by_hand[state][1]])


def test_the_planted_chance_is_the_share_that_comes_out(played):
    for state, some in played.truth.groupby("state"):
        for way in ("treated", "not"):
            chance = some[f"chance_if_{way}"].mean()
            error = 4 * np.sqrt(chance * (1 - chance) / len(some))
            assert abs(some[f"outcome_if_{way}"].mean() - chance) <= error, state


def test_what_is_seen_is_the_outcome_of_the_arm_and_nobody_is_moved_both_ways(played, calls):
    truth = played.truth
    expected = np.where(calls["arm"] == "treated", truth["outcome_if_treated"], truth["outcome_if_not"])
    assert (played.bought == expected).all()
    assert not (truth["outcome_if_not"] & ~truth["outcome_if_treated"]).any()
    assert (truth["outcome_if_treated"] & ~truth["outcome_if_not"]).any()


def test_a_lot_finds_the_planted_uplift(played, calls):
    treated, held = (played.bought[calls["arm"] == arm] for arm in ("treated", "holdout"))
    found = treated.mean() - held.mean()
    error = np.sqrt(treated.var() / len(treated) + held.var() / len(held))
    assert abs(found - played.uplift) < 4 * error
    assert played.uplift > 0.03


def test_the_state_is_that_of_the_month_before(telco, calls, played):
    states = telco.truth["states"].set_index(["person_id", "month"])["state"].astype("str")
    person = telco.truth["links"].set_index("record_id")["person_id"]
    for row in calls.index[:50]:
        who = person[calls.loc[row, "record_id"]]
        this = calls.loc[row, "ts"].normalize().replace(day=1)
        before = (this - pd.Timedelta(days=1)).replace(day=1)
        expected = states.get((who, before), states.get((who, this)))
        assert played.truth.loc[row, "state"] == expected


def test_the_same_contact_has_the_same_outcome_whatever_rows_stand_beside_it(telco, calls, played):
    some = calls.sample(40, random_state=2)
    again = simulate.service_recovery(telco, some.rename(columns={"record_id": "customer_id"}))
    pd.testing.assert_series_equal(again.bought, played.bought[some.index])
    pd.testing.assert_frame_equal(again.truth, played.truth.loc[some.index])


def test_another_seed_draws_otherwise(base, telco, calls, played):
    other = base("telco", customers=6_000, seed=6, mess="none")
    complaints = other.touchpoints[other.touchpoints["type"] == "complaint"]
    there = simulate.service_recovery(other, complaints[["record_id", "ts"]].assign(arm="treated"))
    n = min(len(there.truth), len(played.truth))
    assert (there.truth["outcome_if_treated"].to_numpy()[:n] != played.truth["outcome_if_treated"].to_numpy()[:n]).any()


def test_who_has_left_buys_nothing(telco):
    value = telco.truth["value"]
    gone = value[value["alive_until"] < telco.as_of - pd.Timedelta("60D")].head(30)
    record = telco.truth["links"].set_index("person_id")["record_id"].loc[gone["person_id"]]
    late = pd.DataFrame({"record_id": record.to_numpy(), "ts": telco.as_of - pd.Timedelta("1D"), "arm": "treated"})
    played = simulate.service_recovery(telco, late)
    assert set(played.truth["state"]) == {"gone"}
    assert not played.bought.any()


def test_what_cannot_be_played_out_is_said(telco, calls):
    def fails(base, contacts, *words):
        with pytest.raises(ValueError) as said:
            simulate.service_recovery(base, contacts)
        for word in words:
            assert word in str(said.value)

    fails(telco, calls.drop(columns="arm"), "no column 'arm'", "customer_id, ts and arm")
    fails(telco, [], "it has  : list")
    wrong = calls.head(3).assign(arm="called", record_id=-1, ts=pd.Timestamp("2031-01-01", tz="UTC"))
    fails(telco, wrong, "3 not in this base", "contacts.arm: found called", "outside what is known")
    fails(telco, calls.assign(ts=calls["ts"].astype("str")), "pd.to_datetime")
    own = tables.CustomerBase({"customers": telco.customers}, name="own")
    fails(own, calls, "not made by crmlab", "call by lot")
