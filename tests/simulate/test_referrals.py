"""Referrals: as many as asked, by customers who were there and near."""

import numpy as np
import pytest

from crmlab.simulate.asked import spec


@pytest.fixture(scope="module", params=["retail", "telco"])
def known(request):
    """A base, its spec, and its referrals with when both persons joined and the referrer left."""
    base = request.getfixturevalue(request.param)
    joined = base.customers.merge(base.truth.links, on="record_id").groupby("person_id")["created_at"].min()
    rows = base.truth.referrals.copy()
    rows["joined"] = joined.loc[rows["person_id"]].to_numpy()
    rows["other_joined"] = joined.loc[rows["referred_by"]].to_numpy()
    rows["other_left"] = base.truth.value.set_index("person_id")["alive_until"].loc[rows["referred_by"]].to_numpy()
    return base, spec(request.param)["referrals"], rows


@pytest.mark.parametrize("half", [0, 1], ids=["early persons", "late persons"])
def test_as_many_are_brought_as_asked(known, half):
    """A little fewer: there is nobody yet to bring the very first."""
    base, asked, rows = known
    n = len(base.truth.persons) / 2
    found = ((rows["person_id"] > n) == half).sum() / n
    error = 4 * np.sqrt(asked["share"] * (1 - asked["share"]) / n)
    assert asked["share"] * 0.88 - error < found < asked["share"] + error


def test_who_brought_somebody_joined_before_and_had_not_left(known):
    _, _, rows = known
    assert (rows["other_joined"] < rows["joined"]).all()
    assert (rows["other_left"].isna() | (rows["other_left"] > rows["joined"])).all()
    assert (rows["person_id"] != rows["referred_by"]).all()
    assert rows["person_id"].is_unique


def test_records_are_those_of_the_persons(known):
    base, _, rows = known
    persons = base.truth.links.set_index("record_id")["person_id"]
    seen = base.referrals.assign(
        person_id=persons.loc[base.referrals["record_id"]].to_numpy(),
        other=persons.loc[base.referrals["referred_by"]].to_numpy(),
    ).merge(rows, on="person_id", suffixes=("_record", ""))
    assert len(seen) == len(rows)
    assert (seen["other"] == seen["referred_by"]).all()
    assert (seen["ts"] == seen["joined"]).all()


def test_few_bring_many(known):
    base, _, rows = known
    brought = rows["referred_by"].value_counts()
    tenth = len(base.truth.persons) // 20
    assert brought.iloc[:tenth].sum() > 0.5 * len(rows)


def test_those_who_are_near_bring_more(known):
    base, asked, rows = known
    month = rows["joined"].dt.tz_localize(None).to_numpy().astype("M8[M]") - 1
    states = base.truth.states
    number = states["month"].dt.tz_localize(None).to_numpy().astype("M8[M]")
    state = states.assign(number=number)
    seen = rows.assign(number=month).merge(state, left_on=["referred_by", "number"], right_on=["person_id", "number"])
    by_state = seen["state"].value_counts()
    usual = states["state"].value_counts()
    rate = (by_state / usual).reindex(["distant", "occasional", "close"])
    assert rate["distant"] < rate["occasional"] < rate["close"]
    assert rate["occasional"] / rate["close"] == pytest.approx(asked["by_state"][1] / asked["by_state"][2], rel=0.35)
