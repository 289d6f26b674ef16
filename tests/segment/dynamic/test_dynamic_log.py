"""What a log and traits may be, and the reason with which others are refused."""

from functools import partial

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from crmlab import errors
from crmlab.segment.dynamic import Reaction, count, did, prop, total, trait, watch
from tests.segment.dynamic.test_replay import BASE, log_of, stays


def refused(make):
    """The message with which it is refused."""
    with pytest.raises(errors.CrmlabError) as caught:
        make()
    return str(caught.value)


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
        (total("visit", "x") >= 1, [2**61, 2**61 + 1], "too large to be added up exactly"),
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
        (pd.DataFrame({"customer_id": [1, 1], "city": ["Split", "Zadar"]}), "more than one row"),
        (pd.DataFrame({"customer_id": ["1"], "city": ["Split"]}), "write them alike"),
        (pd.DataFrame({"customer_id": [1], "city": [5]}), "it holds whole numbers, but the rule takes it for text"),
    ],
)
def test_traits_that_do_not_fit_are_refused(traits, why):
    assert why in refused(lambda: (trait("city") == "Split").replay(BASE, traits=traits))


@pytest.mark.parametrize("until", ["soon", 5, "2300-01-01", "1600-01-01"])
def test_an_end_that_is_no_time_is_refused(until):
    assert refused(lambda: did("visit").replay(BASE, until=until)).startswith("until: found")


def test_times_of_arrow_are_told_with_the_step_that_helps():
    ts = BASE["ts"].astype(pd.ArrowDtype(pa.timestamp("us", "UTC")))
    said = refused(lambda: did("visit").replay(BASE.assign(ts=ts)))
    assert "the times are of kind timestamp[us, tz=UTC][pyarrow]" in said
    log = BASE.assign(ts=ts)
    log["ts"] = pd.to_datetime(log["ts"].astype("object"), utc=True)  # as the message says
    assert 'log["ts"] = pd.to_datetime(log["ts"].astype("object"), utc=True)' in said
    pd.testing.assert_frame_equal(did("visit").replay(log), did("visit").replay(BASE))


DOORS = {
    "replay": lambda rule, log: rule.replay(log),
    "verify": lambda rule, log: rule.verify(log),
    "DuckDB": lambda rule, log: rule.on_duckdb(log),
    "watch": lambda rule, log: watch(rule, log, since="2024-12-01", speed=1e12),
    "a reaction": lambda rule, log: Reaction(print, holdout=0.5, seed=1).play(rule, log),
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("kind", ["float64", "object"])
def test_every_door_refuses_a_number_that_is_not_whole_even_of_an_event_that_the_rule_does_not_read(door, kind):
    log = log_of(("2025-01-01", "visit", {"x": 1}), ("2025-01-02", "reply", {"x": 2.5})).astype({"x": kind})
    run = DOORS[door]
    assert "log.x: found 2.5, which is not a whole number" in refused(lambda: run(did("visit", prop("x") > 0), log))
    run(did("visit"), log)  # a column that no part of the rule reads may hold anything


@pytest.mark.parametrize("door", DOORS)
def test_every_door_tells_a_property_that_is_no_column(door):
    log = log_of(("2025-01-01", "visit", {"amount_cents": 1}))
    said = refused(lambda: DOORS[door](did("visit", prop("amount_cent") > 0), log))
    assert "no column 'amount_cent'. Did you mean 'amount_cents'?" in said


def test_a_trait_that_is_no_whole_number_is_refused_even_of_somebody_whom_the_log_does_not_know():
    people = pd.DataFrame({"customer_id": [1, 9], "age": [30, 1.5]})
    rule, log = did("visit") & (trait("age") > 3), log_of(("2025-01-01", "visit"))
    for run in (rule.replay, rule.verify, rule.on_duckdb):
        assert "traits.age: found 1.5" in refused(partial(run, log, traits=people))
