"""The words of a rule: what they say, what they refuse and why, and how they are kept."""

import json
from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings

from crmlab import errors
from crmlab.segment import dynamic
from crmlab.segment.dynamic import (
    Segments,
    average,
    count,
    did,
    first,
    from_json,
    highest,
    load,
    lowest,
    member,
    prop,
    regularly,
    resumed,
    stopped,
    total,
    trait,
)
from tests.segment.dynamic.random_rules import rules, sets_of_rules

TO_BE_CALLED = (
    did("complaint").within("7d")
    & ~did("reply").after("complaint")
    & (total("purchase", "amount_cents").within("90d") >= 500_00)
)
DAY = 86_400_000_000
SECOND = {"event": "b", "within": "1d"}


def refused(make):
    """The message with which it is refused."""
    with pytest.raises(errors.CrmlabError) as caught:
        make()
    return str(caught.value)


def test_a_rule_reads_like_a_sentence():
    assert str(TO_BE_CALLED) == (
        'segment: had "complaint" in the last 7 days, and not (the latest "reply" came after the latest "complaint"), '
        'and the total amount_cents of "purchase" in the last 90 days is at least 50,000'
    )


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        (~did("reply"), 'had no "reply"'),
        (did("visit", shop=[2, 1]), 'had "visit" (shop is one of 2, 1)'),
        (did("visit", prop("items") >= 1_000, is_new=True), 'had "visit" (items is at least 1,000 and is_new is yes)'),
        (did("visit").between("30d", "7d"), 'had "visit" between 30 days and 7 days ago'),
        (first("visit").before("1h"), 'had the first "visit" ever 1 hour ago or earlier'),
        (count("visit") == 0, 'the number of "visit" is 0'),
        (average("survey", "nps").within("26w") < 7, 'the average nps of "survey" in the last 182 days is below 7'),
        (lowest("survey", "nps") != 0, 'the lowest nps of "survey" is not 0'),
        (regularly("visit", 1, of=1, every="30d"), 'had "visit" in at least 1 of the last stretch of 30 days'),
        (resumed("visit", after="90d"), 'had "visit" again after 90 days or more without'),
        (stopped("visit", after="90d"), 'had "visit" before, but not in the last 90 days'),
        (
            did("a").then("b", within="36h").within("7d"),
            'had "a" and then "b" within 36 hours, and that in the last 7 days',
        ),
        (
            did("reply").after("complaint").within("7d"),
            'the latest "reply" came after the latest "complaint", with "reply" in the last 7 days',
        ),
        ((did("a") | did("b")) & ~(did("c") & did("d")), '(had "a", or had "b"), and not (had "c", and had "d")'),
        (~member("vip") & (trait("city") == "Split"), 'is not in "vip", and city is "Split"'),
        (did("a").during("2025-01-01", "2025-01-01 12:00"), 'had "a" from 2025-01-01 up to 2025-01-01T12:00:00'),
    ],
)
def test_each_word_has_its_sentence(rule, sentence):
    assert str(rule.named("x")) == f"x: {sentence}"


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), database=None, derandomize=True)
@given(rule=rules)
def test_the_python_text_and_the_json_of_a_rule_make_it_again(rule):
    assert eval(repr(rule), vars(dynamic).copy()) == rule
    assert from_json(rule.to_json()) == rule
    assert from_json(rule.to_json()).plan() == rule.plan()


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck), database=None, derandomize=True)
@given(segments=sets_of_rules())
def test_segments_are_the_same_after_json(segments):
    again = from_json(segments.to_json())
    assert repr(again) == repr(segments)
    assert again.plans() == segments.plans()


def test_a_rule_is_saved_and_loaded_with_its_name_and_letters(tmp_path):
    rule = did("žalba", prop("grad") == "Čakovec").named("nezadovoljni")
    path = rule.save(tmp_path / "new" / "pravilo.json")
    assert load(path) == rule
    assert load(path).segment == "nezadovoljni"
    assert "Čakovec" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("length", "microseconds"),
    [("90s", 90_000_000), ("30min", 1_800_000_000), ("12h", DAY // 2), ("2w", 14 * DAY), (" 7 d ", 7 * DAY)],
)
def test_a_length_is_so_many_microseconds(length, microseconds):
    assert did("a").within(length).plan().quantities[0].leaves == microseconds
    assert did("a").within(timedelta(microseconds=microseconds)) == did("a").within(length)


@pytest.mark.parametrize("length", ["1month", "3mo", "1y", "2years", "1m", "1q"])
def test_a_length_that_differs_from_month_to_month_is_refused_with_the_reason(length):
    message = refused(lambda: did("a").within(length))
    assert "is not one length: months and years differ" in message
    assert "'30d'" in message


@pytest.mark.parametrize(
    ("length", "why"),
    [
        ("0d", "not above zero"),
        ("-7d", "not above zero"),
        ("7", "found '7'"),
        ("seven days", "found 'seven days'"),
        ("1.5d", "found '1.5d'"),
        (7, "found 7"),
        ("7parsecs", "unit in '7parsecs' is not known"),
        ("101000w", "longer than 100 years"),
        (pd.Timedelta(1, "ns"), "parts of a microsecond"),
    ],
)
def test_what_is_no_length_is_refused(length, why):
    assert why in refused(lambda: did("a").within(length))


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda: count("a") >= 3 & did("b"), "Python reads & and | before >= and =="),
        (lambda: did("b") & count("a") >= 3, "Python reads & and | before >= and =="),
        (lambda: ~count("a"), "not compared with anything yet"),
        (lambda: trait("city") & did("a"), "not compared with anything yet"),
        (lambda: did("a") and did("b"), "write & for and, | for or, ~ for not"),
        (lambda: not did("a"), "write & for and, | for or, ~ for not"),
        (lambda: 1 <= count("a") <= 5, "chains such as 1 <= x <= 5"),
        (lambda: did("a", 1 <= prop("x") <= 5), "lose one of the conditions"),
        (lambda: did("a", (prop("x") >= 1) & (prop("x") <= 5)), "side by side with a comma"),
        (lambda: did("a") & True, "True: it is not a rule"),
        (lambda: did("a", prop("x")), "prop('x') among the conditions"),
        (lambda: did("a", "x > 1"), "'x > 1' among the conditions"),
        (lambda: did("a") if prop("x") else None, "it is not compared with anything"),
    ],
)
def test_what_python_would_join_wrongly_is_refused(make, why):
    assert why in refused(make)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda: total("a", "amount") >= 99.5, "sums of others differ from engine to engine"),
        (lambda: did("a", amount=0.5), "sums of others differ from engine to engine"),
        (lambda: count("a") >= True, "found True, which is not a whole number"),
        (lambda: count("a") >= 10**16, "up to 1,000,000,000,000,000"),
        (lambda: did("a", prop("x") >= (lambda event: 3)), "run no Python functions"),
        (lambda: did("a", prop("city") > "M"), "'M' is no number, so > cannot compare it"),
        (lambda: did("a", city=None), "what is missing is never met"),
        (lambda: did("a", city=pd.NA), "what is missing is never met"),
        (lambda: did("a", city=[]), "1 to 10,000"),
        (lambda: did("a", city=["Split", 1]), "of several kinds"),
        (lambda: did("a", flag=[True, False]), "compare yes and no by =="),
        (lambda: prop("city").isin("Split"), 'write ["web", "app"]'),
        (lambda: did("a", ts=5), "'ts' is what every event has"),
        (lambda: did("complaint").then("reply", within="2d", same="customer_id"), "is what every event has"),
        (lambda: did(7), "write it in quotes"),
        (lambda: did(" "), "empty text"),
        (lambda: did("a\0"), "a sign that is no letter"),
        (lambda: did("\ud800"), "a sign that is no letter"),
        (lambda: did("a" * 1_001), "1,001 letters"),
        (lambda: member("vip").within("7d"), "a window is of events, not of a whole rule"),
        (lambda: (did("a") & did("b")).during("2025-01-01", "2025-02-01"), "a window is of events"),
        (lambda: did("a").within("7d").within("8d"), "a window is already set"),
        (lambda: did("a").within("7d").then("b", within="1d"), "write the window last"),
        (lambda: did("a").then("b", within="1d").then("c", within="1d"), "write each pair by itself"),
        (lambda: first("a").without("b", within="1d"), "write each pair by itself"),
        (lambda: total("a", "x").then("b", within="1d"), "has no one value"),
        (lambda: did("a").between("7d", "30d"), "no time lies between"),
        (lambda: regularly("a", 5, of=4, every="30d"), "1 ≤ n ≤ of ≤ 100"),
        (lambda: regularly("a", 1, of=1_000_000_000, every="1s"), "1 ≤ n ≤ of ≤ 100"),
        (lambda: regularly("a", 1, of=100, every="1000d"), "over 100 years"),
        (lambda: did("a").during("2025-02-01", "2025-01-01"), "is not later than"),
        (lambda: did("a").during("soon", "2025-01-01"), "during: found 'soon'"),
        (lambda: did("a").during("1600-01-01", "2025-01-01"), "a date from 1700 to 2249"),
        (lambda: did("a").during(2025, "2026-01-01"), "during: found 2025"),
        (lambda: did("a").during("2025-01-01", "2025-02-01", tz="Mars/Olympus"), "no time zone 'Mars/Olympus'"),
        (lambda: did("a").during("2025-03-30 02:30", "2025-04-01", tz="Europe/Zagreb"), "skips 2025-03-30T02:30"),
        (lambda: did("a").during("2025-01-01", "2025-10-26 02:30", tz="Europe/Zagreb"), "or shows it twice"),
    ],
)
def test_what_cannot_run_all_three_ways_is_refused_with_the_reason(make, why):
    assert why in refused(make)


def test_a_date_may_be_written_in_several_ways():
    as_text = did("a").during("2025-01-01", "2025-02-01", tz="Europe/Zagreb")
    assert did("a").during(date(2025, 1, 1), pd.Timestamp("2025-02-01"), tz="Europe/Zagreb") == as_text
    with_zone = pd.Timestamp("2024-12-31 23:00", tz="UTC")
    assert did("a").during(with_zone, "2025-02-01", tz="Europe/Zagreb") == as_text


def test_the_same_condition_is_the_same_quantity_and_true_is_not_one():
    rule = did("a", x=1) & (count("a", x=1) >= 2) & did("a", x=True)
    assert len(rule.plan().quantities) == 2
    assert did("a", x=1) != did("a", x=True)


def test_a_name_is_of_the_whole_rule_only():
    rule = did("a").named("one") & did("b").named("two")
    assert rule.segment == "segment"
    assert repr(rule.named("both")) == '(did("a") & did("b")).named("both")'


def test_segments_take_their_names_from_the_dictionary():
    segments = Segments({"vip": (count("purchase") >= 3).named("something else"), "not yet": ~member("vip")})
    assert [plan.segment for plan in segments.plans()] == ["vip", "not yet"]
    assert list(segments) == ["vip", "not yet"]
    assert eval(repr(segments), vars(dynamic).copy()).plans() == segments.plans()


def test_a_circle_of_segments_is_shown():
    rules = {"a": member("b") & did("x"), "b": ~member("c"), "c": did("y") | member("a"), "d": did("z")}
    assert "a → b → c → a" in refused(lambda: Segments(rules))
    assert "a → a" in refused(lambda: Segments({"a": ~member("a")}))


def test_segments_refuse_what_is_not_there():
    assert "no segment 'vpi'. Did you mean 'vip'?" in refused(
        lambda: Segments({"vip": did("a"), "at risk": member("vpi")})
    )
    assert "which is no rule" in refused(lambda: Segments({"vip": count("a")}))
    assert "there is no rule" in refused(lambda: Segments({}))
    assert "put the rules into one Segments" in refused(lambda: member("vip").plan())


def test_segments_that_double_again_and_again_are_refused_before_they_fill_the_memory():
    doubling = {"0": did("a")} | {str(i): member(str(i - 1)) & ~member(str(i - 1)) for i in range(1, 40)}
    assert "5,000 parts" in refused(lambda: Segments(doubling))
    broad = from_json(saved(any=[{"member": "0"}] * 4_000))
    assert "5,000 parts" in refused(lambda: Segments({"0": did("a") | did("b"), "1": broad}))
    chain = {str(i): member(str(i + 1)) for i in range(900)} | {"900": did("a")}
    assert "60 inside one another" in refused(lambda: Segments(chain))


def test_a_rule_of_too_many_parts_is_refused():
    deep = did("a")
    for _ in range(100):
        deep = ~deep
    assert "60 inside one another" in refused(deep.plan)


def saved(**inside):
    return json.dumps({"crmlab": "rule", "version": 1, "segment": "x", "rule": inside})


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it cannot be read"),
        ("[]", "no saved rule"),
        ("{}", "no saved rule"),
        ('{"crmlab": "rule", "crmlab": "rule"}', "'crmlab' is written twice"),
        ('{"crmlab": ["rule"], "version": 1}', "no saved rule"),
        ('{"crmlab": "rule", "version": 2, "segment": "x", "rule": {}}', "this crmlab reads version 1"),
        ('{"crmlab": "rule", "version": true, "segment": "x", "rule": {}}', "this crmlab reads version 1"),
        ('{"crmlab": "rule", "version": 1, "segment": "x", "rule": {}, "run": "rm -r /"}', "no saved rule"),
        ('{"crmlab": "rule", "version": 1, "segment": 5, "rule": {"member": "a"}}', "write it in quotes"),
        ("[" * 100_000, "the brackets lie too deep"),
        ('{"x": ' + "9" * 5_000 + "}", "it cannot be read"),
        (" " * 1_000_001, "1,000,001 letters"),
        (saved(exec="import os"), "rule: 'exec' is no word of a rule"),
        (saved(did="complaint"), "rule.did: found 'complaint'"),
        (saved(did={}), "rule.did: 'event' is missing"),
        (saved(did={"event": "a", "evnt": 1}), "rule.did: 'evnt' is not known here. Did you mean 'event'?"),
        (saved(did={"event": ["a"]}), "rule.did.event: found ['a']"),
        (saved(did={"event": "a", "within": 7}), "rule.did.within: found 7"),
        (saved(did={"event": "a", "within": "7d", "before": "7d"}), "one of within, between, before"),
        (saved(did={"event": "a", "between": ["7d"]}), "two lengths"),
        (saved(did={"event": "a", "between": [7, 8]}), "two lengths"),
        (saved(did={"event": "a", "during": {"start": "2025-01-01", "end": "2025-02-01"}}), "'tz' is missing"),
        (
            saved(did={"event": "a", "during": {"start": "2025-01-01", "end": "2025-02-01", "tz": "../../etc/passwd"}}),
            "rule.did: during: there is no time zone",
        ),
        (saved(did={"event": "a", "where": {"name": "x"}}), "a list of conditions"),
        (saved(did={"event": "a", "where": [{"name": "x", "is": "~", "value": 1}]}), "rule.did.where[0].is: found '~'"),
        (saved(did={"event": "a", "where": [{"name": "x", "is": "in", "value": 1}]}), 'a list with "in"'),
        (saved(did={"event": "a", "where": [{"name": "x", "is": "==", "value": {}}]}), "is not a whole number"),
        (saved(did={"event": "a", "where": [{"name": "x", "is": "present", "value": None}]}), "found 'present'"),
        (saved(did={"event": "a", "where": [{"name": "ts", "is": "==", "value": 1}]}), "is what every event has"),
        (saved(count={"event": "a", "is": ">=", "value": 1.5}), "1.5 is not a whole number"),
        (saved(count={"event": "a", "is": ">=", "value": "3"}), "rule.count.value: found '3'"),
        (saved(count={"event": "a", "is": ">=", "value": True}), "rule.count.value: found True"),
        (saved(total={"event": "a", "is": ">=", "value": 3}), "rule.total: 'property' is missing"),
        (saved(all=[{"did": {"event": "a"}}]), "a list of two or more"),
        (saved(all=[{"did": {"event": "a"}}, {"not": {"member": ""}}]), "rule.all[1].not.member: found an empty text"),
        (saved(any={"did": {"event": "a"}}), "rule.any: found"),
        (saved(regularly={"event": "a", "n": 1, "of": 10**9, "every": "1s"}), "1 ≤ n ≤ of ≤ 100"),
        (saved(did={"event": "a", "then": {"event": "b"}}), "rule.did.then: 'within' is missing"),
        (
            saved(did={"event": "a", "then": SECOND, "without": SECOND}),
            "one of then, without",
        ),
        (
            saved(did={"event": "a", "after": {"event": "b"}, "then": SECOND}),
            "'then' is not known",
        ),
        (saved(trait={"name": "city", "is": "<", "value": "M"}), "is no number"),
        ('{"crmlab": "segments", "version": 1, "rules": {"a": {"member": "a"}}}', "a → a"),
        ('{"crmlab": "segments", "version": 1, "rules": []}', "no group of named rules"),
    ],
)
def test_json_from_a_stranger_is_refused_with_the_place(text, why):
    assert why in refused(lambda: from_json(text))


def test_json_that_nests_deeper_than_a_rule_may_is_refused():
    inside = '{"not": ' * 70 + '{"member": "a"}' + "}" * 70
    text = f'{{"crmlab": "rule", "version": 1, "segment": "x", "rule": {inside}}}'
    assert "60 inside one another" in refused(lambda: from_json(text))


def test_nothing_in_a_saved_rule_is_run(tmp_path):
    trap = tmp_path / "trap"
    evil = f"__import__('pathlib').Path({str(trap)!r}).touch()"
    rule = from_json(saved(did={"event": evil, "where": [{"name": evil, "is": "==", "value": evil}]}))
    assert evil in str(rule)
    assert rule.plan().types == (evil,)
    assert not trap.exists()


def test_a_file_that_is_no_rule_is_refused(tmp_path):
    (tmp_path / "picture.json").write_bytes(b"\xff\xfe\x00")
    assert "it cannot be read" in refused(lambda: load(tmp_path / "picture.json"))
    (tmp_path / "large.json").write_bytes(b" " * 4_000_001)
    assert "too large for a rule" in refused(lambda: load(tmp_path / "large.json"))
    assert "found bytes" in refused(lambda: from_json(b"{}"))


def test_highest_and_average_become_whole_numbers():
    plan = (highest("a", "x") >= 5).plan()
    assert [quantity.value for quantity in plan.quantities] == [None]
    plan = (average("a", "x") >= 5).plan()
    assert {(quantity.value, quantity.less) for quantity in plan.quantities} == {("x", 5), (None, 0)}


@pytest.mark.parametrize("name", ["ﬁx", "ﬀ", "__debug__", "class", "a b", "šifra"])
def test_a_property_that_python_would_read_as_another_word_comes_back_from_its_text(name):
    rule = did("a", prop(name) == 1)
    again = eval(repr(rule), vars(dynamic).copy())
    assert again.plan().properties == (name,)
