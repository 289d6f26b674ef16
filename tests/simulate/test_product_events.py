"""Product events: rhythm, log-in and scans are as asked, and nobody is known before log-in."""

import numpy as np
import pandas as pd
import pytest

from crmlab.simulate.asked import spec


@pytest.fixture(scope="module", params=["retail", "telco"])
def known(request):
    """A base, its spec, and its events with the number of their session."""
    base = request.getfixturevalue(request.param)
    events = base.product_events.merge(base.truth.devices, on="device_id", how="left")
    return base, spec(request.param)["product"], events


@pytest.fixture(scope="module")
def sessions(known):
    """One row per session that nothing on the same device runs into."""
    _, _, events = known
    start = (events["seq"] == 0).cumsum()
    is_next = (events["seq"].diff() == 1) | (events["seq"] == 0)
    events = events.assign(start=start, known=events["record_id"].notna(), scan=events["qr_id"].notna())
    whole = events[is_next.groupby(start).transform("all")]
    grouped = whole.groupby("start")
    rows = grouped[["person_id", "ts", "scan"]].first()
    return rows.assign(screens=grouped.size(), known_at_end=grouped["known"].last())


def test_every_device_has_one_person(known):
    base, _, events = known
    assert events["person_id"].notna().all()
    assert base.truth.devices["device_id"].is_unique
    assert base.truth.devices.groupby("person_id").size().max() == 2


def test_a_record_known_after_log_in_is_one_of_the_persons(known):
    base, _, events = known
    seen = events[events["record_id"].notna()]
    persons = base.truth.links.set_index("record_id")["person_id"]
    assert (persons.loc[seen["record_id"]].to_numpy() == seen["person_id"].to_numpy()).all()
    assert 0.3 < events["record_id"].isna().mean() < 0.75


def test_nobody_is_known_before_and_everybody_after_log_in(known):
    _, _, events = known
    inside = events["seq"] > 0
    same = events["device_id"].eq(events["device_id"].shift()) & (events["seq"].diff() == 1) & inside
    forgets = same & events["record_id"].shift().notna() & events["record_id"].isna()
    assert forgets.sum() < 1e-4 * len(events)  # two sessions of one device at once


def test_sessions_are_as_long_as_asked(known, sessions):
    _, asked, _ = known
    mean = asked["screens_per_session"]
    error = 4 * np.sqrt(mean * (mean - 1) / len(sessions))  # geometric
    assert abs(sessions["screens"].mean() - mean) < error + 0.02  # sessions that run into others are left out


@pytest.mark.parametrize("half", [0, 1], ids=["early persons", "late persons"])
def test_as_many_sessions_begin_with_a_scan_as_asked(known, sessions, half):
    _, asked, _ = known
    some = sessions[(sessions["person_id"] > 10_000) == half]
    assert abs(some["scan"].mean() - asked["scans"]) < 4 * np.sqrt(asked["scans"] * (1 - asked["scans"]) / len(some))


def test_a_scan_is_the_first_screen_of_its_session_and_has_a_code(known):
    _, asked, events = known
    assert (events["qr_id"].notna() == (events["screen"] == "qr")).all()
    scans = events[events["qr_id"].notna()]
    assert (scans["seq"] == 0).all()
    assert scans["qr_id"].between(1, asked["codes"]).all()
    assert scans["qr_id"].nunique() == asked["codes"]


def test_log_in_is_rarer_after_a_scan(known, sessions):
    _, asked, _ = known
    seen = sessions.groupby("scan")["known_at_end"].mean()
    assert seen[True] < asked["logs_in_after_scan"]
    assert seen[False] < asked["logs_in"]
    assert seen[False] / seen[True] == pytest.approx(asked["logs_in"] / asked["logs_in_after_scan"], rel=0.1)


def test_days_follow_the_rhythm_of_the_week(known, sessions):
    _, asked, _ = known
    share = np.array(asked["days"]) / sum(asked["days"])
    found = sessions["ts"].dt.day_of_week.value_counts(normalize=True).sort_index().to_numpy()
    assert found == pytest.approx(share, abs=0.012)
    assert found.argmax() == share.argmax()


def test_hours_follow_the_rhythm_of_the_day(known, sessions):
    base, _, _ = known
    weight = np.array(spec(base.name)["hours"]["customers"])
    found = np.bincount(sessions["ts"].dt.hour, minlength=24) / len(sessions)
    assert found == pytest.approx(weight / weight.sum(), abs=0.012)


def test_as_many_use_the_product_as_asked(known):
    base, asked, events = known
    assert events["person_id"].nunique() / len(base.truth.persons) < asked["users"]
    since = base.truth.states.groupby("person_id").size()
    long = since.index[since > 18]
    share = pd.Series(long).isin(events["person_id"]).mean()
    assert share == pytest.approx(asked["users"], abs=0.06)


def test_nobody_uses_the_product_before_joining_or_after_leaving(known):
    base, _, events = known
    first, last = (events.groupby("person_id")["ts"].agg(which) for which in ("min", "max"))
    joined = base.customers.merge(base.truth.links, on="record_id").groupby("person_id")["created_at"].min()
    left = base.truth.value.set_index("person_id")["alive_until"].reindex(last.index)
    assert (first >= joined.reindex(first.index)).all()
    assert (last[left.notna()] < left[left.notna()] + pd.Timedelta(hours=2)).all()  # a session may outlast it
