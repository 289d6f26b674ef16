"""Replay over a log: hand calculations, clocks, odd logs, and what a log must be."""

import numpy as np
import pandas as pd
import pytest

from crmlab import errors
from crmlab.segment.dynamic import (
    Segments,
    average,
    count,
    did,
    member,
    prop,
    regularly,
    resumed,
    stopped,
    total,
    trait,
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


def refused(make):
    """The message with which it is refused."""
    with pytest.raises(errors.CrmlabError) as caught:
        make()
    return str(caught.value)


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


def test_the_order_of_rows_the_index_and_the_kind_of_type_play_no_part():
    log = pd.concat([log_of(("2025-01-01", "complaint"), ("2025-01-03", "reply"), customer=c) for c in (3, 1, 2)])
    rule = did("complaint").within("1d") | did("reply")
    meant = rule.replay(log.sort_values(["customer_id", "ts"]))
    before = log.copy()
    for other in (log, log.iloc[::-1], log.set_index("type", drop=False), log.astype({"type": "category"})):
        pd.testing.assert_frame_equal(rule.replay(other), meant)
    pd.testing.assert_frame_equal(log, before)


def test_text_ids_are_in_the_order_of_their_letters():
    log = pd.concat([log_of(("2025-01-01", "visit"), customer=c) for c in ("škrinja", "Ana", "10", "9", "z")])
    meant = ["10", "9", "Ana", "z", "škrinja"]
    assert did("visit").replay(log)["customer_id"].tolist() == meant
    assert did("visit").replay(log.astype({"customer_id": "category"}))["customer_id"].tolist() == meant


def test_record_id_is_taken_as_the_customer():
    found = did("visit").replay(BASE.rename(columns={"customer_id": "record_id"}))
    assert found.columns.tolist() == ["customer_id", "segment", "entered_at", "left_at", "entered_by", "reason"]
    assert len(found) == 1


def test_the_same_row_twice_counts_once():
    log = log_of(("2025-01-01", "purchase", {"x": 5}), ("2025-01-02", "purchase", {"x": 5}))
    twice = pd.concat([log, log.iloc[[0]], log.iloc[[0]]])
    assert (count("purchase") >= 3).replay(twice).empty
    pd.testing.assert_frame_equal(
        (total("purchase", "x") == 10).replay(twice), (total("purchase", "x") == 10).replay(log)
    )


def test_two_rows_of_one_customer_time_and_seq_that_differ_are_refused():
    log = log_of(("2025-01-01", "purchase", {"x": 5}), ("2025-01-02", "visit", {"x": None}))
    message = refused(lambda: did("purchase").replay(pd.concat([log, log.assign(x=6)])))
    assert "4 rows have the customer, ts and seq of another row but say something else" in message
    assert "customer_id 1" in message
    assert "cumcount()" in message


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("int64", pd.array([5, 0, 7], dtype="int64")),
        ("Int16", pd.array([5, None, 7], dtype="Int16")),
        ("float", [5.0, None, 7.0]),
        ("object", pd.Series([5, None, 7], dtype="object").array),
        ("category", pd.Categorical([5, None, 7])),
    ],
)
def test_whole_numbers_may_come_in_any_column(column, values):
    days = ("2025-01-01", "2025-01-02", "2025-01-03")
    log = log_of(*((day, "purchase") for day in days)).assign(x=values)
    assert stays((total("purchase", "x") >= 12).replay(log)) == [("01-03 00:00", None, "event", None)]
    assert stays(did("purchase", prop("x") > 6).replay(log)) == [("01-03 00:00", None, "event", None)]


@pytest.mark.parametrize("kind", ["str", "category", "object"])
def test_text_may_come_in_any_column(kind):
    log = log_of(*((day, "visit") for day in ("2025-01-01", "2025-01-02"))).assign(
        shop=pd.Series([None, "Čakovec"], dtype=kind)
    )
    assert stays(did("visit", shop="Čakovec").replay(log)) == [("01-02 00:00", None, "event", None)]
    assert did("visit", prop("shop") != "Čakovec").replay(log).empty


def test_a_column_without_any_value_meets_no_condition():
    log = BASE.assign(shop=None, x=np.nan)
    assert did("visit", shop="a").replay(log).empty
    assert did("visit", x=True).replay(log).empty
    assert len((total("visit", "x") == 0).replay(log)) == 1


def test_traits_are_constants_and_missing_ones_meet_nothing():
    log = pd.concat([log_of(("2025-01-01", "visit"), customer=c) for c in (1, 2, 3, 4)])
    traits = pd.DataFrame({"customer_id": [1, 2, 3], "city": ["Split", "Zadar", None], "age": [30.0, None, 50.0]})
    who = {
        trait("city") == "Split": [1],
        trait("city") != "Split": [2],
        ~(trait("city") == "Split"): [2, 3, 4],
        trait("city").isin(["Split", "Zadar"]) & (trait("age") >= 30): [1],
    }
    for rule, customers in who.items():
        assert rule.replay(log, traits=traits)["customer_id"].tolist() == customers
        assert rule.replay(log, traits=traits.set_index("customer_id"))["customer_id"].tolist() == customers


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


def test_an_empty_log_and_an_end_before_the_log_have_no_intervals():
    rule = ~did("purchase") & (total("purchase", "x") <= 0)
    empty = BASE.assign(x=1).iloc[:0]
    assert rule.replay(empty).empty
    assert rule.replay(empty).dtypes.to_dict() == rule.replay(BASE.assign(x=1)).dtypes.to_dict()
    assert rule.replay(BASE.assign(x=1), until="2024-12-31").empty


@pytest.mark.parametrize(
    ("log", "why"),
    [
        ([1, 2], "allowed : a pandas DataFrame"),
        (BASE.drop(columns="seq"), 'number them: log.groupby(["customer_id", "ts"]).cumcount()'),
        (BASE.rename(columns={"type": "typ"}), "no column 'type'. Did you mean 'typ'?"),
        (pd.concat([BASE, BASE[["type"]]], axis=1), "two columns are called 'type'"),
        (BASE.assign(ts=BASE["ts"].dt.tz_localize(None)), "log.ts: the times have no zone"),
        (BASE.assign(ts=BASE["ts"].astype("str")), "pd.to_datetime"),
        (BASE.assign(ts=BASE["ts"].dt.as_unit("ns") + pd.Timedelta(1, "ns")), "parts of a microsecond"),
        (BASE.assign(ts=[pd.NaT, BASE["ts"][1]]), "log.ts: 1 values are missing"),
        (BASE.assign(ts=BASE["ts"] + pd.Timedelta(days=90_000)), "before 1700 or after 2249"),
        (BASE.assign(customer_id=[1.5, 2.0]), "ids are of kind float64"),
        (BASE.assign(customer_id=pd.Series([1, "a"], dtype="object")), "ids are of kind object"),
        (BASE.assign(customer_id=pd.array([1, None], dtype="Int64")), "log.customer_id: 1 values are missing"),
        (BASE.assign(seq=[0.5, 1]), "log.seq: the numbers are of kind float64"),
        (BASE.assign(type=[1, 2]), "some event types are no text"),
        (BASE.assign(type=["visit", None]), "log.type: 1 values are missing"),
    ],
)
def test_a_log_that_breaks_its_promise_is_refused_with_the_reason(log, why):
    assert why in refused(lambda: did("visit").replay(log))


def test_all_faults_of_a_log_are_told_at_once():
    log = BASE.assign(ts=BASE["ts"].dt.tz_localize(None), seq=[0.5, 1], type=["visit", None])
    message = refused(lambda: did("visit").replay(log))
    assert all(f"log.{name}:" in message for name in ("ts", "seq", "type"))


@pytest.mark.parametrize(
    ("rule", "values", "why"),
    [
        (total("visit", "x") >= 1, [1.0, 1.5], "found 1.5, which is not a whole number"),
        (total("visit", "x") >= 1, [1.0, np.inf], "found inf"),
        (total("visit", "x") >= 1, ["a", "b"], "it holds text, but the rule takes it for whole numbers"),
        (did("visit", x="a"), [1, 2], "it holds whole numbers, but the rule takes it for text"),
        (did("visit", x=True), [1, 2], "it holds whole numbers, but the rule takes it for yes and no"),
        (did("visit", x=1), [True, False], "it holds yes and no, but the rule takes it for whole numbers"),
        (did("visit", x=1), pd.to_datetime(["2025-01-01"] * 2), "but the rule takes it for whole numbers"),
        (total("visit", "x") >= 1, [2**61, 2**62], "too large to be added up exactly"),
    ],
)
def test_a_property_of_another_kind_is_refused(rule, values, why):
    log = log_of(("2025-01-01", "visit"), ("2025-01-02", "visit")).assign(x=values)
    assert why in refused(lambda: rule.replay(log))


def test_a_property_that_is_not_there_is_named():
    message = refused(lambda: (total("visit", "amount") >= 1).replay(BASE.assign(amount_cents=1)))
    assert "no column 'amount'. Did you mean 'amount_cents'?" in message


@pytest.mark.parametrize(
    ("traits", "why"),
    [
        (None, "the rule asks for traits"),
        ({"city": "Split"}, "found a dict"),
        (pd.DataFrame({"customer_id": [1], "town": ["Split"]}), "no column 'city'"),
        (pd.DataFrame({"customer_id": [1, 1], "city": ["Split", "Zadar"]}), "1 customers have more than one row"),
        (pd.DataFrame({"customer_id": ["1"], "city": ["Split"]}), "numbers in the log and text in the traits"),
        (pd.DataFrame({"customer_id": [1], "city": [5]}), "it holds whole numbers, but the rule takes it for text"),
    ],
)
def test_traits_that_do_not_fit_are_refused(traits, why):
    assert why in refused(lambda: (trait("city") == "Split").replay(BASE, traits=traits))


@pytest.mark.parametrize("until", ["soon", 5, "2300-01-01", "1600-01-01"])
def test_an_end_that_is_no_time_is_refused(until):
    assert refused(lambda: did("visit").replay(BASE, until=until)).startswith("until: found")


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
