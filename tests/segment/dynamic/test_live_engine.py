"""The live engine: order, lateness, duplicates, malformed events, and the clock."""

import copy
import pickle
import random
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crmlab.errors import CrmlabError
from crmlab.segment.dynamic import Segments, count, did, regularly, restore, resumed, total, trait
from crmlab.segment.dynamic.cells import NEVER, ORIGIN
from crmlab.segment.dynamic.journal import lines_of
from crmlab.segment.dynamic.machine import DUE, SINCE, Machine
from crmlab.segment.dynamic.streamed import events_of, streamed
from tests.segment.dynamic.engines import by_live, by_replay, rows, traits_frame
from tests.segment.dynamic.oracle import as_frame
from tests.segment.dynamic.random_rules import HOUR, logs, sets_of_rules, traits

DAY = 24 * HOUR
T = 1_740_787_200_000_000  # 2025-03-01 in UTC
SETTINGS = {"deadline": None, "suppress_health_check": list(HealthCheck), "database": None, "derandomize": True}


def event(customer, ts, type_, seq=0, **properties):
    return {"customer_id": customer, "ts": ts, "seq": seq, "type": type_, **properties}


def told(changes):
    return [(change.customer_id, change.is_in, change.ts, change.by) for change in changes]


@settings(max_examples=150, **SETTINGS)
@given(rules=sets_of_rules(), log=logs, known=traits, seed=st.integers(0, 2**32))
def test_events_out_of_order_and_twice_change_nothing_while_they_are_not_later_than_allowed(rules, log, known, seed):
    dice = random.Random(seed)
    arriving = sorted([*log, *dice.sample(log, len(log) // 2)], key=lambda e: e["ts"] + dice.randrange(3 * HOUR))
    engine = rules.live(traits=traits_frame(known), lateness="3h")
    changes = [change for e in arriving for change in engine.push(e)]
    last = max(e["ts"] for e in log)
    changes += engine.advance(last + 3 * HOUR)
    plain = rules.live(traits=traits_frame(known))
    in_order = [change for e in sorted(log, key=lambda e: (e["ts"], e["seq"])) for change in plain.push(e)]
    key = ["ts", "customer_id", "segment", "is_in", "by"]
    assert [[getattr(c, name) for name in key] for c in _ordered(changes)] == [
        [getattr(c, name) for name in key] for c in _ordered(in_order)
    ]
    assert engine.counts["accepted"] == len(log)
    assert engine.counts["duplicates"] + engine.counts["late"] == len(log) // 2


def _ordered(changes):
    """Each customer's changes of a segment in their own order."""
    return sorted(changes, key=lambda change: (change.segment, change.customer_id, change.number))


@settings(max_examples=60, **SETTINGS)
@given(rules=sets_of_rules(), log=logs, known=traits)
def test_a_customer_put_away_as_json_after_every_event_goes_on_as_if_nothing_had_been(rules, log, known):
    found = []
    for plan in rules.plans():
        machine = Machine(plan)
        for customer in sorted({e["customer_id"] for e in log}):
            state = machine.new(known.get(customer))
            for e in sorted((e for e in log if e["customer_id"] == customer), key=lambda e: (e["ts"], e["seq"])):
                found += [(customer, plan.segment, *change) for change in machine.push(state, e)]
                machine.sweep(state, e["ts"] + ORIGIN)
                state = machine.load(machine.dump(state))
            found += [(customer, plan.segment, *change) for change in machine.advance(state, T + 30 * HOUR)]
    intervals = by_replay(rules, log, known, T + 30 * HOUR)
    entered = [(who, name, at, True, by) for who, name, at, _, by, _ in intervals]
    left = [(who, name, at, False, by) for who, name, _, at, _, by in intervals if at is not None]
    assert sorted(found) == sorted(entered + left)


@settings(max_examples=150, **SETTINGS)
@given(rules=sets_of_rules(), log=logs, known=traits)
def test_while_a_gate_is_empty_an_event_changes_nothing_and_the_answer_is_no_for_ever(rules, log, known):
    for plan in rules.plans():
        machine = Machine(plan)
        for customer in {e["customer_id"] for e in log}:
            state = machine.new(known.get(customer))
            for e in sorted((e for e in log if e["customer_id"] == customer), key=lambda e: (e["ts"], e["seq"])):
                machine.advance(state, e["ts"])
                before, is_closed = machine.dump(state), not state[machine.gates.get(e["type"], DUE)]
                for update in machine.updates.get(e["type"], ()):
                    is_as_before = update(state, e["ts"] + ORIGIN, e)
                    assert is_as_before or not is_closed or machine.dump(state) == before
                if not state[machine.gate]:
                    assert machine.look(state, e["ts"] + ORIGIN) == NEVER and not state[SINCE]
                machine.push(state, {**e, "type": "no such type"})


@pytest.mark.parametrize("text", ["7", '["a"]', "[1.5]", "[[1]]", '{"row":[1]}', "[" * 200_000, "[1,"])
def test_what_is_no_customer_as_it_was_put_away_is_told(text):
    with pytest.raises(CrmlabError, match="not a customer of this plan"):
        Machine((did("x").within("1d")).plans()[0]).load(text)


@pytest.mark.parametrize("least", [0, -100])
def test_what_holds_without_any_marks_is_not_shut_out_by_their_lack(least):
    engine = (total("x", "cents").within("1d") >= least).live()
    assert told(engine.push(event(1, T, "y"))) == [(1, True, T, "event")]
    assert engine.push(event(1, T + 1, "x", cents=5)) == engine.advance(T + 2 * DAY) == ()
    assert told(engine.push(event(1, T + 3 * DAY, "x", cents=-101)))[0][1] is False
    assert told(engine.advance(T + 5 * DAY)) == [(1, True, T + 4 * DAY, "clock")]


@pytest.mark.parametrize("gap", [DAY // 4, DAY, 4 * DAY])
@pytest.mark.parametrize("is_asked", [True, False])
def test_what_has_left_a_window_is_at_most_as_much_as_what_counts_and_three_marks(gap, is_asked):
    rule = total("x", "cents").within("10d") >= 1
    machine = Machine((rule if is_asked else did("y").within("1d") & rule).plans()[0])
    state, inside = machine.new(), 10 * DAY // gap
    for place in range(500):
        machine.push(state, event(1, T + place * gap, "x", cents=place))
        marks = next(slot for slot in state if type(slot) is list)
        assert len(marks) <= 4 + 2 * (2 * (inside + 1) + 3)
    machine.push(state, event(1, T + 499 * gap, "y", seq=1))
    assert bool(machine.push(state, event(1, T + 499 * gap, "z", seq=2))) is False and state[SINCE]
    assert machine.advance(state, T + 600 * gap + 11 * DAY)[-1][1] is False


def test_a_deep_copy_goes_its_own_way_and_a_pickle_is_refused_with_what_to_do(tmp_path):
    rules = Segments({"lately": did("x").within("1d"), "ever": count("x") >= 2})
    engine = rules.live(folder=tmp_path / "engine", lateness="1h")
    for place in range(40):
        engine.push(event(place % 7, T + place * HOUR, "xyx"[place % 3]))
    for trial in (copy.deepcopy(engine), copy.copy(engine)):
        before = list(lines_of(engine))
        assert list(lines_of(trial)) == before
        ahead = trial.push(event(3, T + 50 * HOUR, "x"))
        assert trial.push(event(5, T + 60 * HOUR, "x")) and list(lines_of(engine)) == before
    told_once = [(change.number, *told([change])) for change in engine.push(event(3, T + 50 * HOUR, "x"))]
    assert told_once == [(change.number, *told([change])) for change in ahead]
    with pytest.raises(CrmlabError, match="snapshot"):
        pickle.dumps(engine)


def test_a_member_leaves_by_the_clock_at_the_very_microsecond_the_window_ends():
    engine = did("complaint").within("7d").live()
    assert told(engine.push(event(1, T, "complaint"))) == [(1, True, T, "event")]
    assert engine.advance(T + 7 * DAY - 1) == ()
    assert told(engine.advance(T + 7 * DAY)) == [(1, False, T + 7 * DAY, "clock")]


def test_an_event_brings_the_clock_of_all_others_with_it_and_changes_are_numbered_in_order():
    engine = did("complaint").within("1d").live()
    for customer in (1, 2, 3):
        engine.push(event(customer, T + customer, "complaint"))
    changes = engine.push(event(9, T + 5 * DAY, "complaint"))
    assert told(changes) == [
        (1, False, T + DAY + 1, "clock"),
        (2, False, T + DAY + 2, "clock"),
        (3, False, T + DAY + 3, "clock"),
        (9, True, T + 5 * DAY, "event"),
    ]
    assert [change.number for change in changes] == [4, 5, 6, 7]


def test_an_event_at_the_instant_of_an_exit_comes_after_the_exit():
    engine = did("complaint").within("1d").live()
    engine.push(event(1, T, "complaint"))
    assert told(engine.push(event(1, T + DAY, "complaint"))) == [
        (1, False, T + DAY, "clock"),
        (1, True, T + DAY, "event"),
    ]


def test_seven_days_are_168_hours_across_a_change_of_clocks_and_a_leap_day():
    for moment in ("2025-03-27 12:00", "2024-02-26 12:00", "2025-10-24 12:00"):
        begin = pd.Timestamp(moment, tz="Europe/Zagreb")
        engine = did("complaint").within("7d").live()
        engine.push(event(1, begin, "complaint"))
        assert engine.advance(begin + pd.Timedelta("168h") - pd.Timedelta("1us")) == ()
        assert engine.advance(begin + pd.Timedelta("168h"))[0].at == begin + pd.Timedelta("168h")


def test_silence_makes_a_member_without_any_event():
    engine = did("complaint").without("reply", within="2d", same="case").live()
    engine.push(event(1, T, "complaint", case=5))
    engine.push(event(1, T + HOUR, "complaint", seq=1, case=6))
    engine.push(event(1, T + 2 * HOUR, "reply", case=5))
    assert told(engine.advance(T + 9 * DAY)) == [(1, True, T + HOUR + 2 * DAY, "clock")]


def test_what_is_due_at_one_instant_comes_in_order_of_segments_and_customers():
    segments = Segments({"b": did("x").within("1d"), "a": did("x").within("1d")})
    engine = segments.live()
    for customer in (2, 10, 1):
        engine.push(event(customer, T, "x"))
    assert [(c.segment, c.customer_id) for c in engine.advance(T + DAY)] == [
        ("b", 1), ("b", 2), ("b", 10), ("a", 1), ("a", 2), ("a", 10),
    ]  # fmt: skip


def test_late_and_repeated_events_are_counted_and_change_nothing():
    engine = (count("x") >= 3).live()
    for ts, seq in [(T, 0), (T, 3), (T + 5, 0)]:
        engine.push(event(1, ts, "x", seq=seq))
        assert engine.push(event(1, ts, "x", seq=seq)) == ()  # again
        assert engine.push(event(1, ts, "x", seq=seq - 1)) == ()  # after one that comes later
    assert engine.push(event(1, T + 4, "x")) == engine.push(event(1, T, "x")) == ()  # the clock has passed them
    assert engine.counts == {
        "accepted": 3, "late": 5, "duplicates": 3, "malformed": 0, "waiting": 0, "changes": 1,
    }  # fmt: skip
    assert len(engine.members()) == 1


def test_an_event_is_worked_in_as_late_as_allowed_and_no_later():
    engine = (count("x") >= 2).live(lateness="10min")
    engine.push(event(1, T, "x"))
    engine.push(event(2, T + 20 * 60_000_000, "x"))
    assert told(engine.push(event(1, T + 10 * 60_000_000, "x"))) == [(1, True, T + 10 * 60_000_000, "event")]
    assert engine.push(event(2, T + 10 * 60_000_000 - 1, "x")) == ()
    assert engine.counts["late"] == 1
    assert engine.clock == pd.Timestamp(T + 10 * 60_000_000, unit="us", tz="UTC")


@pytest.mark.parametrize("lateness", [np.array([1]), pd.Series(["1h"]), None, 5, "soon", timedelta(-1)])
def test_a_lateness_that_is_no_length_of_time_is_told(lateness):
    with pytest.raises(CrmlabError, match="lateness: found"):
        did("x").live(lateness=lateness)
    assert did("x").live(lateness=timedelta(0)).push(event(1, T, "x"))  # none is the same as by default


MALFORMED = {
    "no dict": (None, "event: found a NoneType."),
    "a list": ([1, 2], "event: found a list."),
    "an array": (np.array([1, 2]), "event: found a ndarray."),
    "a record of an array": (np.zeros(1, dtype=[("a", "i8")])[0], "event: found a void."),
    "no time": ({"customer_id": 1, "seq": 0, "type": "x"}, "event: no 'ts'."),
    "another name": ({"customer": 1, "ts": T, "seq": 0, "type": "x"}, "Did you mean 'customer'?"),
    "no number": (event(1.5, T, "x"), "customer_id: found 1.5."),
    "yes as a number": (event(True, T, "x"), "customer_id: found True."),
    "a list as customer": (event([1], T, "x"), "customer_id: found [1]."),
    "no moment": (event(1, "soon", "x"), "ts: found 'soon'."),
    "nanoseconds": (event(1, T * 1_000, "x"), "divide nanoseconds by 1,000"),
    "no order": (event(1, T, "x", seq="first"), "seq: found 'first'."),
    "no type": (event(1, T, None), "type: found None."),
    "a list as type": (event(1, T, ["x"]), "type: found ['x']."),
    "money as text": (event(1, T, "x", amount_cents="5,00"), "x, amount_cents: found '5,00'."),
    "parts of a cent": (event(1, T, "x", amount_cents=5.5), "x, amount_cents: found 5.5."),
    "endless": (event(1, T, "x", amount_cents=float("inf")), "x, amount_cents: found inf."),
    "too much": (event(1, T, "x", amount_cents=10**30), "at most 18 digits"),
    "a number as channel": (event(1, T, "x", channel=3), "x, channel: found 3."),
}


@pytest.mark.parametrize("name", sorted(MALFORMED))
def test_a_malformed_event_gets_its_message_and_changes_nothing(name):
    rule = (total("x", "amount_cents") >= 100) | did("x", channel="web")
    engine = rule.live(lateness="1h")
    engine.push(event(1, T, "x", amount_cents=50))
    before = list(lines_of(engine))
    given_, words = MALFORMED[name]
    with pytest.raises(CrmlabError) as caught:
        engine.push(given_)
    assert words in str(caught.value)
    assert engine.counts["malformed"] == 1
    about, *rest = lines_of(engine)
    about[2]["malformed"] = 0
    assert [about, *rest] == before


def test_all_faults_of_an_event_are_told_at_once():
    with pytest.raises(CrmlabError) as caught:
        did("x").live().push(event(None, "soon", 3, seq=0.5))
    assert len(caught.value.messages) == 4


def test_an_event_may_come_with_the_values_of_a_table():
    log = pd.DataFrame({"record_id": [1], "ts": ["2025-03-01"], "seq": [0], "type": ["x"], "amount_cents": [500.0]})
    log["ts"] = pd.to_datetime(log["ts"], utc=True)
    engine = (total("x", "amount_cents") >= 500).live()
    (row,) = log.to_dict("records")
    assert len(engine.push(row)) == 1


def test_a_rule_about_traits_alone_takes_in_every_customer_at_the_first_event():
    people = pd.DataFrame({"customer_id": [1, 2], "city": ["Split", "Pula"]})
    engine = (trait("city") == "Split").live(traits=people)
    assert told(engine.push(event(1, T, "visit"))) == [(1, True, T, "event")]
    assert engine.push(event(2, T + 1, "visit")) == engine.push(event(1, T + 2, "visit")) == ()


def test_the_members_are_those_whose_interval_lasts():
    dice = random.Random(3)
    log = [event(dice.randrange(40), T + place * HOUR, dice.choice("xy")) for place in range(400)]
    rule = did("x").within("12h") & ~did("y").after("x")
    engine = rule.live()
    for e in log:
        engine.push(e)
    lasting = streamed(
        rule.plans(), pd.DataFrame(log).assign(ts=lambda f: pd.to_datetime(f["ts"], unit="us", utc=True))
    )
    lasting = lasting[lasting["left_at"].isna()].sort_values("customer_id")
    members = engine.members()
    assert len(members) > 3
    assert members["customer_id"].tolist() == lasting["customer_id"].tolist()
    assert members["entered_at"].tolist() == lasting["entered_at"].tolist()
    assert engine.sizes == {"segment": len(members)}


def test_a_customer_with_very_many_events_is_worked_in_one_go():
    n = 20_000
    rule = (count("x").within("1d") >= 5_000) & regularly("x", 2, of=3, every="5d") | resumed("x", after="2h")
    log = pd.DataFrame({"customer_id": 1, "seq": range(n), "type": "x", "case": range(n)})
    log["ts"] = pd.to_datetime(T + (log["seq"] // 3) * 40_000_000, unit="us", utc=True)
    pd.testing.assert_frame_equal(streamed(rule.plans(), log), rule.replay(log))
    same = did("x").without("x", within="1d", same="case") | did("x").then("y", within="1d", same="case")
    pd.testing.assert_frame_equal(streamed(same.plans(), log), same.replay(log))


def test_a_log_comes_as_a_stream_in_order_of_time_and_as_plain_values():
    log = as_frame(
        [
            {"customer_id": 2, "ts": T + 1, "seq": 0, "type": "x", "x": None, "word": "web", "flag": True, "case": 3},
            {"customer_id": 1, "ts": T + 1, "seq": 1, "type": "x"},
            {"customer_id": 1, "ts": T + 1, "seq": 0, "type": "y", "x": 4},
            {"customer_id": 1, "ts": T, "seq": 0, "type": "x"},
        ]
    )
    assert list(events_of(log)) == [
        event(1, T, "x"),
        event(1, T + 1, "y", x=4),
        event(1, T + 1, "x", seq=1),
        event(2, T + 1, "x", word="web", flag=True, case=3),
    ]


def test_customer_7_is_not_taken_for_another_one_where_7_is_written_as_text(tmp_path):
    engine = did("x").within("1d").live()
    engine.push(event(7, T, "x"))
    with pytest.raises(CrmlabError, match="found '7', but the ids so far are whole numbers"):
        engine.push(event("7", T + 1, "x"))
    engine.snapshot(tmp_path / "engine.jsonl")
    again = restore(tmp_path / "engine.jsonl")
    with pytest.raises(CrmlabError, match="write all ids alike"):
        again.push(event("7", T + 1, "x"))
    assert again.counts["malformed"] == engine.counts["malformed"] + 1 == 2


@pytest.mark.parametrize("by", [by_live, lambda rules, log, known, until: rows(streamed(rules.plans(), as_frame(log)))])
def test_events_before_1970_are_events_like_others(by):
    rules = Segments({"s": did("x").within("10h") | (count("x").between("40h", "30h") >= 1)})
    log = [event(1, hour * HOUR, "x") for hour in (-100, -95, -20)] + [event(1, 30 * HOUR, "y")]
    assert by(rules, log, {}, None) == by_replay(rules, log, {}, None)


@pytest.mark.parametrize("seed", range(5))
def test_sums_beyond_what_64_bits_hold_are_exact(tmp_path, seed):
    most, dice, spent = 2**62 - 1, random.Random(seed), []
    engine = (total("x", "n").within("10d") >= 500).live()
    for day in range(60):
        spent.append(dice.choice([most, most, -most, -most, 3, 700]))
        engine.push(event(1, T + day * DAY, "x", n=spent[-1]))
        assert engine.sizes == {"segment": int(sum(spent[-10:]) >= 500)}, day
        if day % 7 == 3:
            engine.snapshot(tmp_path / "engine.jsonl")
            engine = restore(tmp_path / "engine.jsonl")
    assert max(abs(sum(spent[at : at + 10])) for at in range(50)) > 2**63
