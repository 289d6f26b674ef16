"""The hidden life cycle: states move as often as planted, and each switch has its cause."""

import numpy as np
import pandas as pd
import pytest

from crmlab.simulate.asked import spec

BY_ENCOUNTER = {"delight": 1, "failure": -1, "recovery": 1}


def months_of(times):
    return times.dt.year * 12 + times.dt.month


@pytest.fixture(scope="module", params=["retail", "telco", "bank", "b2b"])
def known(request, large):
    """A base, its spec, and its states with the state of the month before."""
    base = large(request.param)
    asked = spec(request.param)["lifecycle"]
    rows = base.truth.states.copy()
    rows["number"] = months_of(rows["month"])
    rows["place"] = rows["state"].astype(str).map({name: place for place, name in enumerate(asked["states"])})
    is_same = rows["person_id"].eq(rows["person_id"].shift())
    rows["before"] = rows["place"].shift().where(is_same)
    return base, asked, rows


def test_every_month_from_joining_to_leaving_has_one_state(known):
    base, _, rows = known
    by_person = rows.groupby("person_id")["number"]
    assert (by_person.diff().dropna() == 1).all()
    customers = base.customers.merge(base.truth.links, on="record_id").groupby("person_id")["created_at"].min()
    assert by_person.min().eq(months_of(customers)).all()
    ends = base.truth.value.set_index("person_id")["alive_until"]
    ends = ends.where(ends < base.as_of, base.as_of - pd.Timedelta(seconds=1))
    assert by_person.max().eq(months_of(ends)).all()


def test_the_last_state_is_gone_for_those_who_left(known):
    base, _, rows = known
    left = base.truth.value.set_index("person_id")["alive_until"] < base.as_of
    last = rows.groupby("person_id")["state"].last() == "gone"
    assert last.eq(left.reindex(last.index)).all()
    assert (rows["state"] == "gone").sum() == left.sum()
    assert (rows["cause"] == "left").eq(rows["state"] == "gone").all()


def test_first_states_are_as_many_as_asked(known):
    _, asked, rows = known
    starts = rows[rows["cause"] == "start"]
    for name, one in asked["states"].items():
        share = (starts["state"] == name).mean()
        assert abs(share - one["start"]) < 4 * np.sqrt(one["start"] * (1 - one["start"]) / len(starts)), name


def test_states_change_where_there_is_a_cause_and_only_there(known):
    _, _, rows = known
    stays = rows["before"].notna() & (rows["state"] != "gone")
    changed = rows[stays & (rows["place"] != rows["before"])]
    assert (rows[stays]["cause"].notna()).sum() == len(changed)
    step = changed["place"] - changed["before"]
    assert set(step) == {-1, 1}
    for cause, way in BY_ENCOUNTER.items():
        assert (changed["cause"] == cause).sum() > 50, cause
        assert (step[changed["cause"] == cause] == way).all(), cause


def test_the_touch_point_behind_a_switch_is_the_persons_and_of_that_month(known):
    base, _, rows = known
    moved = rows[rows["cause"].isin(BY_ENCOUNTER)]
    assert moved["touchpoint_id"].notna().all()
    assert rows["touchpoint_id"].notna().sum() == len(moved)
    log = base.touchpoints.merge(base.truth.links, on="record_id")[["touchpoint_id", "person_id", "ts", "type"]]
    both = moved.merge(log, on="touchpoint_id", suffixes=("", "_of"))
    assert len(both) == len(moved)
    assert (both["person_id"] == both["person_id_of"]).all()
    assert (both["number"] == months_of(both["ts"])).all()
    assert (both.loc[both["cause"] == "recovery", "type"] == "complaint").all()


def test_time_alone_moves_customers_as_often_as_planted(known, request):
    """Counted in months without any encounter, where nothing else can move them."""
    base, asked, rows = known
    types = spec(base.name)["moments"]["types"]
    log = base.touchpoints[base.touchpoints["type"].isin(types)].merge(base.truth.links, on="record_id")
    lived = set(zip(log["person_id"], months_of(log["ts"]), strict=True))
    quiet = np.array([pair not in lived for pair in zip(rows["person_id"], rows["number"], strict=True)])
    quiet &= rows["before"].notna().to_numpy() & (rows["state"] != "gone").to_numpy()
    for place, (name, one) in enumerate(asked["states"].items()):
        some = rows[quiet & (rows["before"] == place).to_numpy()]
        for way, step in (("rise", 1), ("fall", -1)):
            found = (some["place"] - place == step).mean()
            assert abs(found - one[way]) <= 4 * np.sqrt(one[way] * (1 - one[way]) / len(some)), (name, way)


def test_sessions_show_the_state_by_chance(known):
    """The emission of the hidden states: sessions a month, counted in whole months of each state."""
    base, _, rows = known
    product = spec(base.name)["product"]
    first = base.product_events[base.product_events["seq"] == 0].merge(base.truth.devices, on="device_id")
    counts = first.groupby(["person_id", months_of(first["ts"]).rename("number")]).size().rename("sessions")
    whole = rows[rows["before"].notna() & (rows["state"] != "gone")].join(counts, on=["person_id", "number"])
    mean = whole["sessions"].fillna(0).groupby(whole["place"]).mean()
    for place, rate in enumerate(product["sessions_by_state"]):
        assert mean[place] == pytest.approx(rate * product["users"], rel=0.08), place
