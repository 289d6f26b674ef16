"""Replay over a log: hand calculations, clocks, odd logs, and what a log must be."""

import numpy as np
import pandas as pd

from crmlab.segment.dynamic import (
    Segments,
    average,
    count,
    did,
    member,
    regularly,
    resumed,
    stopped,
    total,
)
from tests.segment.dynamic.engines import rows
from tests.segment.dynamic.oracle import memberships


def log_of(*events, customer=1):
    """(time, type) or (time, type, properties) in order; the order of one instant is that of the list."""
    table = pd.DataFrame([{"ts": at, "type": type_, **(more[0] if more else {})} for at, type_, *more in events])
    table["ts"] = pd.to_datetime(table["ts"], utc=True, format="ISO8601").dt.as_unit("us")
    table["customer_id"] = customer
    table["seq"] = table.groupby(["customer_id", "ts"]).cumcount()
    return table


def stays(intervals):
    """Entered and left as text, and by what."""
    found = []
    for _, _, entered, left, by, reason in rows(intervals):
        ends = [None if at is None else f"{pd.Timestamp(at, unit='us'):%m-%d %H:%M}" for at in (entered, left)]
        found.append((*ends, by, reason))
    return found


BASE = log_of(("2025-01-01", "complaint"), ("2025-01-20", "visit"))


def test_the_clock_ends_a_window_to_the_microsecond():
    rule = did("complaint").within("7d")
    just_before = rule.replay(BASE, until="2025-01-07 23:59:59.999999")
    assert stays(just_before) == [("01-01 00:00", None, "event", None)]
    assert stays(rule.replay(BASE, until="2025-01-08")) == [("01-01 00:00", "01-08 00:00", "event", "clock")]
    assert stays(rule.replay(BASE)) == [("01-01 00:00", "01-08 00:00", "event", "clock")]


def test_an_event_at_the_instant_of_the_lapse_makes_two_intervals_that_touch():
    log = log_of(("2025-01-01", "complaint"), ("2025-01-08", "complaint"))
    assert stays(did("complaint").within("7d").replay(log)) == [
        ("01-01 00:00", "01-08 00:00", "event", "clock"),
        ("01-08 00:00", None, "event", None),
    ]


def test_two_events_of_one_instant_may_enter_and_leave_at_once():
    log = log_of(("2025-01-01", "complaint"), ("2025-01-01", "reply"))
    assert stays((did("complaint") & ~did("reply")).replay(log)) == [("01-01 00:00", "01-01 00:00", "event", "event")]


def test_a_sum_in_a_window_is_right_after_each_event_of_one_instant():
    log = log_of(
        ("2025-01-01", "purchase", {"x": 5}), ("2025-01-01", "purchase", {"x": -5}), ("2025-01-20", "visit", {"x": 0})
    )
    rule = total("purchase", "x").within("7d") >= 5
    assert stays(rule.replay(log)) == [("01-01 00:00", "01-01 00:00", "event", "event")]
    # By the clock both leave in one step: the sum is never 5 in between.
    assert stays((total("purchase", "x").within("7d") != 0).replay(log)) == stays(rule.replay(log))


def test_the_clock_runs_for_the_silent_until_the_last_event_of_anybody():
    log = pd.concat([log_of(("2025-01-01", "complaint")), log_of(("2025-03-01", "visit"), customer=2)])
    assert stays(did("complaint").within("7d").replay(log)) == [("01-01 00:00", "01-08 00:00", "event", "clock")]


def test_what_was_not_done_holds_from_the_first_event_of_any_kind():
    log = log_of(("2025-01-02", "visit"), ("2025-01-05", "purchase"))
    assert stays((~did("purchase")).replay(log)) == [("01-02 00:00", "01-05 00:00", "event", "event")]


def test_silence_after_a_complaint_is_told_by_the_clock():
    rule = did("complaint").without("reply", within="2d", same="case").within("7d")
    case = {"case": 5}
    other = log_of(("2025-01-01", "complaint", case), ("2025-01-02", "reply", {"case": 6}), ("2025-01-20", "visit"))
    assert stays(rule.replay(other)) == [("01-03 00:00", "01-10 00:00", "clock", "clock")]
    in_time = log_of(("2025-01-01", "complaint", case), ("2025-01-02 23:59", "reply", case), ("2025-01-20", "visit"))
    assert rule.replay(in_time).empty
    too_late = log_of(("2025-01-01", "complaint", case), ("2025-01-03", "reply", case), ("2025-01-20", "visit"))
    assert stays(rule.replay(too_late)) == [("01-03 00:00", "01-10 00:00", "clock", "clock")]


def test_a_reply_counts_for_the_latest_complaint_before_it_in_order():
    rule = did("complaint").then("reply", within="2d")
    on_time = log_of(("2025-01-01", "complaint"), ("2025-01-02", "reply"))
    at_the_gap = log_of(("2025-01-01", "complaint"), ("2025-01-03", "reply"))
    assert stays(rule.replay(on_time)) == [("01-02 00:00", None, "event", None)]
    assert rule.replay(at_the_gap).empty
    reversed_ = log_of(("2025-01-01", "reply"), ("2025-01-01", "complaint"))
    assert rule.replay(reversed_).empty


def test_regularly_stopped_and_resumed_follow_the_calendar_of_a_buyer():
    log = log_of(*((day, "purchase") for day in ("2025-01-05", "2025-02-04", "2025-06-01")), ("2025-06-30", "visit"))
    # 5 January and 4 February are 30 days apart: each in a stretch of its own until both move on by one.
    assert stays(regularly("purchase", 2, of=2, every="30d").replay(log)) == [
        ("02-04 00:00", "03-06 00:00", "event", "clock")
    ]
    assert stays(regularly("purchase", 2, of=3, every="30d").replay(log)) == [
        ("02-04 00:00", "04-05 00:00", "event", "clock")
    ]
    assert stays(stopped("purchase", after="60d").replay(log)) == [("04-05 00:00", "06-01 00:00", "clock", "event")]
    assert stays(resumed("purchase", after="90d").within("10d").replay(log)) == [
        ("06-01 00:00", "06-11 00:00", "event", "clock")
    ]


def test_an_average_is_compared_exactly():
    values = [{"x": x} for x in (1, 1, 2)]
    log = log_of(*(("2025-01-01", "a", value) for value in values))
    # 4/3 lies between 1 and 2; what is missing is left out, and nothing at all compares with nothing.
    assert len((average("a", "x") > 1).replay(log)) == 1
    assert (average("a", "x") >= 2).replay(log).empty
    assert (average("b", "x") < 10).replay(log).empty
    assert len((total("b", "x") < 10).replay(log)) == 1


def test_a_day_of_23_hours_is_23_hours_and_dates_are_of_their_place():
    # On 30 March 2025 the clock of Zagreb skips from 02:00 to 03:00.
    rule = did("visit").during("2025-03-30", "2025-03-31", tz="Europe/Zagreb")
    log = log_of(*((at, "visit") for at in ("2025-03-29 22:59:59", "2025-03-29 23:00", "2025-03-30 22:00")))
    assert stays(rule.replay(log.iloc[:1])) == []
    assert stays(rule.replay(log)) == [("03-29 23:00", None, "event", None)]
    assert rule.replay(log.iloc[[2]]).empty
    within = did("visit").within("24h").replay(log.iloc[:1], until="2025-04-02")
    assert stays(within) == [("03-29 22:59", "03-30 22:59", "event", "clock")]


def test_times_may_be_given_in_a_local_zone_and_in_any_unit():
    here = BASE.assign(ts=BASE["ts"].dt.tz_convert("Europe/Zagreb"))
    rule = did("complaint").within("7d")
    for unit in ("s", "ms", "us", "ns"):
        log = here.assign(ts=here["ts"].dt.as_unit(unit))
        pd.testing.assert_frame_equal(rule.replay(log), rule.replay(BASE))


def test_a_leap_day_is_a_day():
    log = log_of(("2024-02-28", "complaint"), ("2024-03-10", "visit"))
    assert stays(did("complaint").within("2d").replay(log)) == [("02-28 00:00", "03-01 00:00", "event", "clock")]
    assert len(did("complaint").during("2024-02-28", "2024-02-29").replay(log)) == 1


def test_large_ids_and_sixty_years_do_not_overflow():
    ids = [-(2**63), -1, 2**62, 2**63 - 1]
    log = pd.concat(
        [
            log_of(("1965-01-01", "complaint"), ("2025-01-01", "complaint"), ("2025-06-01", "visit"), customer=id_)
            for id_ in ids
        ]
    )
    found = did("complaint").within("36500d").replay(log, until="2249-12-31")
    assert found["customer_id"].tolist() == sorted(ids)
    assert rows(found)[0][2] < 0
    assert (found["left_at"].dt.year == 2124).all()


def test_many_customers_over_many_years_are_as_one_by_one():
    rng = np.random.default_rng(5)
    n = 30_000
    log = pd.DataFrame(
        {
            "customer_id": rng.integers(0, 3_000, n) * 10**15,
            "ts": pd.to_datetime(rng.integers(-(10**15), 10**15, n), unit="us", utc=True),
            "seq": np.arange(n),
            "type": rng.choice(["complaint", "reply"], n),
        }
    )
    rule = (count("complaint").within("2000d") >= 2) & ~did("reply").after("complaint")
    whole = rule.replay(log)
    some = log["customer_id"].drop_duplicates().head(25)
    until = log["ts"].max()
    for id_ in some:
        alone = rule.replay(log[log["customer_id"] == id_], until=until)
        pd.testing.assert_frame_equal(alone, whole[whole["customer_id"] == id_].reset_index(drop=True))
    assert len(whole) > 1_000


def test_one_customer_with_very_many_events_is_as_many_customers_with_few():
    n = 200_000
    at = 1_740_787_200_000_000 + np.arange(n) * 3_600_000_000
    log = pd.DataFrame(
        {
            "customer_id": 1,
            "ts": pd.to_datetime(at, unit="us", utc=True),
            "seq": 0,
            "type": pd.Categorical.from_codes(np.where(np.arange(n) % 10 == 0, 0, 1), ["complaint", "visit"]),
        }
    )
    found = did("complaint").within("5h").replay(log)
    assert len(found) == n // 10
    assert (found["left_at"] - found["entered_at"] == pd.Timedelta("5h")).all()
    assert found["reason"].value_counts().to_dict() == {"clock": n // 10, "event": 0}
    each = log.assign(customer_id=np.arange(n) // 10)
    again = did("complaint").within("5h").replay(each)
    assert len(again) == n // 10
    assert again["entered_at"].tolist() == found["entered_at"].tolist()


def test_very_many_customers_with_one_event_each():
    n = 300_000
    log = pd.DataFrame(
        {
            "customer_id": np.arange(n)[::-1],
            "ts": pd.Timestamp("2025-01-01", tz="UTC"),
            "seq": 0,
            "type": pd.Categorical.from_codes(np.arange(n) % 2, ["complaint", "visit"]),
        }
    )
    found = did("complaint").within("7d").replay(log, until="2025-02-01")
    assert len(found) == n // 2
    assert found["customer_id"].is_monotonic_increasing
    assert set(found["left_at"]) == {pd.Timestamp("2025-01-08", tz="UTC")}


def test_very_many_events_of_one_instant_keep_their_order():
    n = 5_000
    log = pd.DataFrame(
        {
            "customer_id": "Ana",
            "ts": pd.Timestamp("2025-01-01", tz="UTC"),
            "seq": np.arange(n),
            "type": np.where(np.arange(n) % 2 == 0, "complaint", "reply"),
        }
    )
    found = (did("complaint") & ~did("reply").after("complaint")).replay(log.sample(frac=1, random_state=1))
    assert len(found) == n // 2
    assert (found["left_at"] == found["entered_at"]).all()


def test_segments_built_upon_one_another_are_as_the_rule_written_out():
    complained = did("complaint").within("7d")
    segments = Segments(
        {"complained": complained, "calm": ~member("complained"), "both": did("visit") & member("calm")}
    )
    found = segments.replay(BASE)
    assert found["segment"].cat.categories.tolist() == ["complained", "calm", "both"]
    calm = found[found["segment"] == "calm"]
    assert stays(calm) == stays((~complained).replay(BASE)) == [("01-08 00:00", None, "clock", None)]
    assert stays(found[found["segment"] == "both"]) == [("01-20 00:00", None, "event", None)]


def test_the_oracle_itself_agrees_with_a_calculation_by_hand():
    day = 86_400_000_000
    log = [
        {"customer_id": 1, "ts": 0, "seq": 0, "type": "complaint"},
        {"customer_id": 1, "ts": 5 * day, "seq": 0, "type": "complaint"},
        {"customer_id": 1, "ts": 30 * day, "seq": 0, "type": "visit"},
    ]
    rule = did("complaint").within("7d") & ~did("visit")
    assert memberships(rule, log) == [(1, "segment", 0, 12 * day, "event", "clock")]
    assert memberships(~rule, log) == [(1, "segment", 12 * day, None, "clock", None)]
