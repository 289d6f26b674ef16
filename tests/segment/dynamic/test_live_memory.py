"""What the live engine keeps in memory, and that to forget the rest changes no answer."""

import random

import pytest

from crmlab.segment.dynamic import Segments, count, did, restore, total
from tests.segment.dynamic.engines import by_live, by_replay
from tests.segment.dynamic.random_rules import HOUR

DAY = 24 * HOUR
T = 1_740_787_200_000_000  # 2025-03-01 in UTC


def event(customer, ts, type_, seq=0, **properties):
    return {"customer_id": customer, "ts": ts, "seq": seq, "type": type_, **properties}


def _kept(engine):
    """How much an engine keeps: customers, what waits, and the numbers in their lists."""
    running = engine._engine.running
    inside = sum(
        len(slot) for one in running for state in one.customers.values() for slot in state if hasattr(slot, "__len__")
    )
    return sum(len(one.customers) for one in running), inside, len(engine._engine.moments)


def test_memory_follows_what_the_windows_hold_and_not_the_log():
    rule = (
        did("x").within("1d") & (total("x", "amount_cents").within("3d") >= 500)
        | did("x").without("y", within="6h", same="case").within("1d")
        | (did("x").then("y", within="6h", same="case").within("2d") & (count("y").between("3d", "1d") >= 2))
    )
    engine, dice, kept = rule.live(), random.Random(1), []
    for place in range(12_000):
        # New customers come all the time, and stay for about two days.
        customer = place // 20 + dice.randrange(60)
        engine.push(event(customer, T + place * HOUR // 10, dice.choice("xy"), amount_cents=300, case=place % 7))
        if place % 2_000 == 1_999:
            kept.append(_kept(engine))
    first, last = kept[1], kept[-1]
    assert all(late <= 1.2 * early for early, late in zip(first, last, strict=True)), kept
    engine.advance(T + 12_000 * HOUR // 10 + 4 * DAY)  # all has left, and a customer who came once is gone already
    assert _kept(engine)[0] < last[0]
    engine.advance(T + 12_000 * HOUR // 10 + 8 * DAY)  # who came again is, after three times the longest window
    assert _kept(engine)[:2] == (0, 0)


def test_a_rule_without_windows_keeps_one_number_for_each_customer_who_did_it():
    engine = (count("x") >= 3).live()
    for place in range(500):
        engine.push(event(place % 10, T + place, "x"))
        engine.push(event(1_000 + place, T + place, "y"))
    assert _kept(engine) == (10, 0, 0)


@pytest.mark.parametrize("seed", range(8))
def test_answers_stay_right_while_customers_are_forgotten_and_come_again(seed):
    dice = random.Random(seed)
    rules = Segments(
        {
            "spent": did("z").within("1d") & (total("y", "x").within("2d") >= 5),
            "then": did("z").within("6h") & did("x").then("y", within="12h").within("1d"),
            "same": did("x").then("z", within="1d", same="case").within("1d") & ~did("y").within("3h"),
            "quiet": did("x").without("y", within="8h").within("1d"),
        }
    )
    log, ts = [], T
    for _ in range(2_500):
        ts += dice.choice([1, HOUR // 7, HOUR, 20 * HOUR] if dice.random() < 0.1 else [HOUR // 7, 2 * HOUR])
        customer = dice.choice([dice.randrange(6), dice.randrange(300), 10**12 + dice.randrange(60)])
        some = {"x": dice.choice([None, 1, 9]), "case": dice.choice([None, 1, 2])}
        log.append(event(customer, ts, dice.choice("xyz"), word=None, flag=None, **some))
    until = ts + 9 * DAY
    assert by_live(rules, log, {}, until) == by_replay(rules, log, {}, until)


@pytest.mark.parametrize("ids", [(7, 8, 9), ("a", "b", "c")])
def test_who_is_looked_after_during_an_event_of_their_own_is_not_lost(tmp_path, ids):
    """The event lacks its amount, so it leaves nothing, and nothing was left before."""
    one, two, three = ids
    engine = (did("x").within("1d") & (total("y", "n").within("2d") >= 5)).live(folder=tmp_path / "engine")
    engine.push(event(one, T, "y", n=1))
    engine.push(event(two, T + 4 * DAY, "y", n=1))
    engine.push(event(one, T + 4 * DAY + 1, "y"))
    again = T + 4 * DAY + 2
    changes = [*engine.push(event(one, again, "x")), *engine.push(event(one, again + 1, "y", n=9))]
    for hour in range(1, 200):
        changes += engine.push(event(one, again + hour * HOUR, "xy"[hour % 2], n=9))
        changes += engine.push(event(three, again + hour * HOUR, "y", n=1))
    assert [(change.customer_id, change.is_in, change.ts) for change in changes] == [(one, True, again + 1)]
    engine.close()
    assert restore(tmp_path / "engine").sizes == {"segment": 1}


@pytest.mark.parametrize("rules", [1, 5])
def test_of_customers_who_come_once_only_those_of_the_last_windows_are_kept(rules):
    segments = Segments({f"s{place}": did("x").within(f"{place + 1}h") for place in range(rules)})
    engine, kept = segments.live()._engine, []
    for place in range(8_000):
        engine.take(place, T + place * 60_000_000, 0, "x", {})
        if place % 2_000 == 1_999:
            kept.append((sum(len(one.customers) for one in engine.running), len(engine.dust)))
    come = sum(60 * (place + 1) for place in range(rules))  # in the longest window of each
    assert all(customers <= 2.2 * come and spans <= 2 * rules for customers, spans in kept), kept


@pytest.mark.parametrize("start", range(4))
def test_who_keeps_coming_does_not_keep_what_has_left_another_window(start):
    rule = did("y").within("1h") & (total("x", "n").within("16h") >= 5) & (count("z").within("2h") >= 9)
    engine, begin = rule.live(), T + start * HOUR
    for place in range(1_000):
        engine.push(event(1, begin + place, "x", n=1))
    assert _kept(engine)[1] > 2_000
    for place in range(16 * 60 * 5):
        engine.push(event(1, begin + HOUR + place * HOUR // 5, "z"))
    assert _kept(engine)[1] < 60


@pytest.mark.parametrize("window", ["1us", "15us", "17us", "2ms"])
def test_a_very_short_window_is_forgotten_too(window):
    engine = did("x").within(window).live()
    for place in range(100):
        engine.push(event(place, T + place * 1_000, "x"))
    engine.advance(T + DAY)
    assert _kept(engine) == (0, 0, 0)


def test_a_window_of_centuries_is_forgotten_and_restored_in_its_first_years_too(tmp_path):
    def year(number):
        return f"{number}-01-01"

    engine = did("x").within("36000d").live()
    engine.push(event("a", year(1700), "x"))
    engine.snapshot(tmp_path / "early.jsonl")
    for one in (engine, restore(tmp_path / "early.jsonl")):
        for number in range(1710, 2249):
            one.push(event("a" if number < 1720 else "b", year(number), "x"))
        assert list(one._engine.running[0].customers) == ["b"]


@pytest.mark.parametrize("customers", [1, 3])
def test_a_customer_waits_for_one_moment_only(customers):
    engine = (did("x").within("365d") & (count("y").within("1h") < 1)).live()
    for place in range(500):
        for customer in range(customers):  # at the same instants
            engine.push(event(customer, T + 2 * place * HOUR, "x"))
        for customer in range(customers):
            engine.push(event(customer, T + 2 * place * HOUR + 1, "y"))
    assert len(engine._engine.due_at) <= customers and len(engine._engine.moments) <= 2 * customers + 20
    assert len(engine.advance(T + 2_000 * HOUR)) == customers
    assert engine.advance(T + 410 * DAY)[-1].is_in is False


def test_a_member_of_whom_nothing_else_is_left_is_not_looked_after_twice_when_restored(tmp_path):
    engine = (did("x") | did("y").within("36000d")).live()
    engine.push(event(1, "1700-01-02", "x"))
    for year in range(1701, 1790):
        engine.advance(f"{year}-01-01")
        engine.snapshot(tmp_path / "engine.jsonl")
        engine = restore(tmp_path / "engine.jsonl")
    engine.push(event(1, "1790-01-03", "y"))
    assert sum(len(states) for states in engine._engine.running[0].buckets.values()) == 1
