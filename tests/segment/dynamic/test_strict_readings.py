"""What can mean two things, or does not fit, is refused alike by every engine, with what to do."""

import datetime as dt
import json
from itertools import pairwise

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crmlab.errors import CrmlabError
from crmlab.segment.dynamic import (
    ContactCap,
    Segments,
    alerts,
    average,
    did,
    from_json,
    member,
    prop,
    regularly,
    restore,
    total,
    trait,
)
from crmlab.segment.dynamic.streamed import streamed
from crmlab.tables.instant import instant

T = 1_740_787_200_000_000  # 2025-03-01 in UTC
ENGINES = {
    "replay": lambda rule, log, **more: rule.replay(log, **more),
    "live": lambda rule, log, **more: streamed(rule.plans(), log, **more),
    "DuckDB": lambda rule, log, **more: rule.on_duckdb(log, **more),
}
every_engine = pytest.mark.parametrize("run", ENGINES.values(), ids=ENGINES)


def log_of(customers=(1, 2), **columns):
    ts = pd.to_datetime(["2025-03-01"] * len(customers), utc=True)
    return pd.DataFrame({"customer_id": list(customers), "ts": ts, "seq": 0, "type": "a", **columns})


def event(customer=1, ts=T, **more):
    return {"customer_id": customer, "ts": ts, "seq": 0, "type": "a", **more}


def who(intervals):
    return intervals["customer_id"].tolist()


# Dates


@pytest.mark.parametrize(
    "text",
    ["01.02.2025", "13.02.2025 10:00", "02/01/2025", "1 Feb 2025", "20250201", "2025-02", "today", "now", "2025-2-1"],
)
def test_only_year_month_day_is_a_date_in_every_place(text):
    engine = did("a").live()
    for read in (
        lambda: instant(text),
        lambda: did("a").during(text, "2026-03-01"),
        lambda: did("a").replay(log_of(), until=text),
        lambda: did("a").on_duckdb(log_of(), until=text),
        lambda: did("a").explain(1, at=text, log=log_of()),
        lambda: engine.push(event(ts=text)),
        lambda: engine.advance(text),
    ):
        with pytest.raises(CrmlabError, match="year-month-day"):
            read()
    assert engine.counts["malformed"] == 1


@pytest.mark.parametrize(
    "written",
    [
        "2025-03-01T01:00+01:00",
        "2025-03-01 00:00:00.000Z",
        "2025-03-01 00:00 UTC",
        "2025-03-01",
        dt.date(2025, 3, 1),
        dt.datetime(2025, 3, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=1))),
        pd.Timestamp("2025-03-01"),
        np.datetime64("2025-03-01"),
    ],
)
def test_a_date_that_means_one_moment_is_taken_as_before(written):
    assert instant(written) == pd.Timestamp("2025-03-01", tz="UTC")
    assert did("a").during(written, "2025-04-01") == did("a").during("2025-03-01", "2025-04-01")
    assert did("a").live().push(event(ts=written))[0].ts == T


@pytest.mark.parametrize("zone", ["localtime", "LocalTime", "posixrules", "right/Europe/Zagreb", "posix/UTC"])
def test_a_clock_that_is_another_on_the_next_computer_is_no_time_zone(zone):
    with pytest.raises(CrmlabError, match="there is no time zone"):
        did("a").during("2025-01-01", "2025-02-01", tz=zone)


@pytest.mark.parametrize("far", ["9999-12-31", "0001-01-01", dt.datetime(9999, 12, 31), dt.date(1, 1, 1)])
def test_a_year_that_no_log_reaches_is_told_in_every_place_and_counted(far, tmp_path):
    engine = did("a").live(folder=tmp_path / "engine")
    for read in (
        lambda: did("a").during("1999-01-01", far),
        lambda: did("a").replay(log_of(), until=far),
        lambda: did("a").on_duckdb(log_of(), until=far),
        lambda: did("a").sql("duckdb", until=far),
        lambda: streamed(did("a").plans(), log_of(), until=far),
        lambda: did("a").explain(1, at=far, log=log_of()),
        lambda: engine.push(event(ts=far)),
        lambda: engine.advance(far),
    ):
        with pytest.raises(CrmlabError, match="from 1700 to 2249"):
            read()
    engine.close()
    assert engine.counts["malformed"] == restore(tmp_path / "engine").counts["malformed"] == 1


def test_a_rule_that_looks_a_hundred_years_ahead_is_explained_as_far_as_times_reach():
    rule = did("a").without("b", within="36525d").between("36525d", "36524d")
    assert "not in" in str(rule.explain(1, at="2200-03-02", log=log_of()))


@pytest.mark.parametrize(
    ("number", "unit"),
    [(T // 1_000, "milliseconds"), (np.int64(T // 1_000), "milliseconds"), (T // 1_000_000, "seconds")],
)
def test_milliseconds_and_seconds_are_not_taken_for_microseconds(number, unit):
    engine = did("a").live()
    for read in (
        lambda: engine.push(event(ts=number)),
        lambda: engine.advance(number),
        lambda: did("a").replay(log_of(), until=number),
        lambda: did("a").on_duckdb(log_of(), until=number),
    ):
        with pytest.raises(CrmlabError, match=f"looks like {unit}"):
            read()
    engine.push(event())  # an engine that knows its ids refuses them as well
    with pytest.raises(CrmlabError, match=rf"(?s){unit}.*multiply it by 1,000"):
        engine.push(event(ts=number))
    assert engine.counts["malformed"] == 2


def test_an_event_near_1970_that_was_given_as_a_timestamp_comes_back_from_the_folder(tmp_path):
    engine = did("a").within("2d").live(folder=tmp_path / "engine")
    engine.push(event(ts="1970-01-05"))
    engine.advance("1970-01-06")
    engine.close()
    again = restore(tmp_path / "engine")
    assert (again.counts, again.clock) == (engine.counts, engine.clock)


@every_engine
def test_whole_microseconds_say_until_when_in_every_engine(run):
    assert run(did("a").within("1d"), log_of(), until=T + 86_400_000_000)["left_at"].notna().all()


# Numbers


@every_engine
@pytest.mark.parametrize(
    "numbers",
    [np.array([2**63 + 5, 1], "uint64"), np.array([-(2**63), 1]), pd.array([2**62, None], dtype="Int64")],
    ids=["uint64", "the least", "beyond what can be subtracted"],
)
def test_a_number_that_does_not_fit_is_refused_and_not_turned_into_another(run, numbers):
    for rule in (did("a", prop("x") < 0), average("a", "x") > 5, trait("x") < 0):
        frame = log_of(x=numbers)
        with pytest.raises(CrmlabError, match="18 digits"):
            run(
                rule,
                frame[["customer_id", "ts", "seq", "type"]] if rule.plan().traits else frame,
                **traits_of(rule, frame),
            )


def traits_of(rule, frame):
    return {"traits": frame[["customer_id", "x"]]} if rule.plan().traits else {}


@pytest.mark.parametrize("number", [2**63, -(2**63), 2**62])
def test_an_event_with_such_a_number_is_malformed(number):
    engine = did("a", prop("x") < 0).live()
    for _ in range(2):
        with pytest.raises(CrmlabError, match="18 digits"):
            engine.push(event(x=number))
    assert engine.counts["malformed"] == 2


@every_engine
def test_unsigned_numbers_that_fit_are_numbers(run):
    assert who(run(did("a", prop("x") > 4), log_of(x=np.array([5, 4], "uint64")))) == [1]


def parquet(path, x, ids=(1, 2, 3), ts=T):
    times = pa.array([ts] * 3, pa.timestamp("us", "UTC"))
    pq.write_table(pa.table({"customer_id": ids, "ts": times, "seq": [0] * 3, "type": ["a"] * 3, "x": x}), path)
    return path


@pytest.mark.parametrize("kind", [pa.float64(), pa.float32()])
def test_what_is_no_number_in_a_parquet_file_is_missing(tmp_path, kind):
    file = parquet(tmp_path / "log.parquet", pa.array([float("nan"), 1.0, -2.0], kind))
    for rule in (did("a", prop("x") > 0), total("a", "x") >= 1, did("a", prop("x") != -2)):
        assert who(rule.on_duckdb(file)) == who(rule.replay(pd.read_parquet(file))) == [2]


@pytest.mark.parametrize("odd", [float("inf"), float("-inf"), 2.0**53, 1.5])
def test_the_infinite_and_the_far_too_large_are_refused_in_a_parquet_file_too(tmp_path, odd):
    file = parquet(tmp_path / "log.parquet", [odd, 1.0, float("nan")])
    with pytest.raises(CrmlabError, match=r"log\.x: 1 numbers are not whole, or too large"):
        (total("a", "x") >= 1).on_duckdb(file)


def test_whole_numbers_ids_and_times_of_a_parquet_file_are_held_to_the_same_limits(tmp_path):
    file = tmp_path / "log.parquet"
    with pytest.raises(CrmlabError, match=r"log\.x: 1 numbers are too large"):
        did("a", prop("x") < 0).on_duckdb(parquet(file, [2**62, 1, 2]))
    with pytest.raises(CrmlabError, match=r"log\.customer_id: 3 numbers are too large"):
        did("a").on_duckdb(parquet(file, [1] * 3, pa.array([2**63] * 3, pa.uint64())))
    with pytest.raises(CrmlabError, match="3 times are before 1700 or after 2249"):
        did("a").on_duckdb(parquet(file, [1] * 3, ts=63 * 10**15))


# Ids and names


@every_engine
@pytest.mark.parametrize("file", [False, True], ids=["frame", "Parquet"])
def test_traits_by_text_and_a_log_by_numbers_do_not_meet_without_a_word(run, file, tmp_path):
    log, people = log_of(), pd.DataFrame({"customer_id": ["1", "2"], "city": "Split"})
    if file and run is ENGINES["DuckDB"]:
        log.to_parquet(tmp_path / "log.parquet")
        log = tmp_path / "log.parquet"
    with pytest.raises(CrmlabError, match="customers are whole numbers in the log and text here"):
        run(trait("city") == "Split", log, traits=people)


@every_engine
@pytest.mark.parametrize("kind", ["object", "float64", "category", "Int64", "uint64"])
def test_whole_numbers_are_whole_numbers_in_whatever_column_of_the_traits_they_stand(run, kind):
    people = pd.DataFrame({"customer_id": [1, 3], "city": "Split"}).astype({"customer_id": kind})
    assert who(run(trait("city") == "Split", log_of(), traits=people)) == [1]


@every_engine
@pytest.mark.parametrize("ids", [[1, "2"], [1.5, 2.0], [True, False], [1.0, None]])
def test_ids_of_traits_that_are_no_ids_are_refused(run, ids):
    with pytest.raises(CrmlabError, match="traits: "):
        run(trait("city") == "Split", log_of(), traits=pd.DataFrame({"customer_id": ids, "city": "Split"}))


def test_an_engine_with_traits_by_text_refuses_events_by_numbers():
    engine = (trait("city") == "Split").live(traits=pd.DataFrame({"customer_id": ["1"], "city": "Split"}))
    with pytest.raises(CrmlabError, match="the ids so far are text"):
        engine.push(event(1))
    assert engine.push(event("1"))[0].is_in


def test_consent_by_text_and_entries_by_numbers_do_not_meet_without_a_word():
    agreed = pd.Series([True, True], index=["1", "2"])
    with pytest.raises(CrmlabError, match="may_contact: customers are whole numbers in the log and text here"):
        alerts(did("a").replay(log_of()), at_most=1, within="1d", may_contact=agreed)


@pytest.mark.parametrize("ts", [None, pd.NaT, True, 1.5, "20.03.2025", T // 1_000])
def test_a_contact_has_a_moment(ts):
    cap = ContactCap(at_most=1, within="7d", may_contact=pd.Series({1: True}))
    with pytest.raises(CrmlabError, match="ts: found"):
        cap.decide(1, ts)
    assert sum(cap.counts.values()) == 0


def test_a_contact_at_microseconds_of_numpy_is_where_pythons_are():
    cap = ContactCap(at_most=1, within="7d", may_contact=pd.Series({1: True}))
    week = 7 * 86_400_000_000
    moments = (T, np.int64(T + 1), pd.Timestamp(T + week - 1, unit="us"), np.int64(T + week))
    assert [cap.decide(1, ts) for ts in moments] == ["contact", "capped", "capped", "contact"]


@pytest.mark.parametrize("text", ["\ud800", "Šibenik\udfff"])
@pytest.mark.parametrize("name", ["customer_id", "type", "city"])
def test_half_a_letter_is_malformed_and_the_rest_can_still_be_written_down(tmp_path, text, name):
    rule = did("a", city="Šibenik") | did("b")
    engine = rule.live(lateness="1h", folder=tmp_path / "engine")
    for pushed in ("Ana", "Đurđa"):
        engine.push(event(pushed, city="Šibenik"))
        with pytest.raises(CrmlabError, match="whole letters"):
            engine.push(json.loads(json.dumps(event("Ana", ts=T + 1, city="Pula") | {name: text})))
    engine.snapshot()
    engine.close()
    assert restore(tmp_path / "engine").counts == engine.counts
    assert (engine.counts["waiting"], engine.counts["malformed"]) == (2, 2)


@pytest.mark.parametrize("name", ["Seq", "TS", "Type", "CUSTOMER_ID"])
def test_a_property_is_not_called_as_what_every_event_has_in_capitals_either(name):
    for make in (lambda: prop(name), lambda: did("a", **{name: 1}), lambda: total("a", name)):
        with pytest.raises(CrmlabError, match="is what every event has"):
            make()


@pytest.mark.parametrize(
    "rule",
    [
        did("a", x=1) & did("b", X=1),
        (trait("Age") > 1) & (trait("age") > 1),
        trait("Customer_ID") == 1,
        Segments({"p": did("a", straße=1), "q": did("b", STRASSE=1)}),
    ],
)
def test_names_that_databases_take_for_one_are_refused_by_every_engine(rule):
    for run in (
        rule.plans,
        lambda: rule.replay(log_of()),
        rule.live,
        lambda: rule.sql("duckdb"),
        lambda: rule.on_duckdb(log_of()),
    ):
        with pytest.raises(CrmlabError, match="differ in capital letters only"):
            run()


def test_a_column_that_the_rule_does_not_read_may_differ_in_capitals_only():
    for run in ENGINES.values():
        assert who(run(did("a", x=1), log_of(x=[1, 2], X=[2, 1]))) == [1]


# Texts of strangers


def test_spark_finds_nothing_to_replace_in_its_text():
    text = did("${env:HOME}", w="a$b", v=["$", "€"]).named("${x}").sql("spark")
    assert "$" not in text
    for rule in (did("a", **{"${env:HOME}": 1}), trait("${x}") == 1):
        with pytest.raises(CrmlabError, match="which Spark would replace"):
            rule.sql("spark", traits="people")
    with pytest.raises(CrmlabError, match="which Spark would replace"):
        did("a").sql("spark", log="${x}")
    assert "'a$b'" in did("a", w="a$b").sql("duckdb")


def saved(rules):
    return json.dumps({"crmlab": "segments", "version": 1, "rules": rules})


@pytest.mark.parametrize("step", [1, -1])
def test_segments_in_a_long_chain_are_told_to_be_too_large_in_either_order(step):
    chain = {"r0": {"did": {"event": "a"}}} | {f"r{i}": {"member": f"r{i - 1}"} for i in range(1, 999)}
    with pytest.raises(CrmlabError, match="the rule is too large"):
        from_json(saved(dict(list(chain.items())[::step])))


def test_segments_that_ask_for_one_another_within_the_limit_are_run():
    names = [f"r{i}" for i in range(60)]
    chain = {"r0": did("a")} | {name: member(before) for before, name in pairwise(names)}
    assert len(Segments(chain).replay(log_of())) == 120


def test_the_stretches_of_a_rhythm_count_as_parts():
    many = [{"regularly": {"event": f"a{i}", "n": 1, "of": 100, "every": "1d"}} for i in range(51)]
    rule = json.dumps({"crmlab": "rule", "version": 1, "segment": "x", "rule": {"any": many}})
    with pytest.raises(CrmlabError, match="the rule is too large: 5,101 parts"):
        from_json(rule).plan()
    with pytest.raises(CrmlabError, match="too large"):
        from_json(saved({"x": {"any": many}, "y": {"member": "x"}}))
    assert len(regularly("a", 1, of=100, every="1d").plan().quantities) == 100


def test_all_segments_together_have_a_limit():
    big = {"all": [{"did": {"event": "a"}}] * 4_900}
    with pytest.raises(CrmlabError, match="parts in all"):
        from_json(saved({"big": big} | {f"r{i}": {"member": "big"} for i in range(11)}))


def test_a_message_does_not_repeat_two_hundred_thousand_letters():
    long = "9" * 200_000
    for make in (
        lambda: did("a").within(long),
        lambda: did("a").during(long, "2025-01-01"),
        lambda: did("a").during("2025-01-01", "2025-02-01", tz=long),
        lambda: did("a").live().push(event(ts=long)),
    ):
        with pytest.raises(CrmlabError) as told:
            make()
        assert len(str(told.value)) < 400
