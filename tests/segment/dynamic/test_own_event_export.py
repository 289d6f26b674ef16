"""An own export as it comes: whatever stands in it, the doors answer, or say in words what is wrong."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from crmlab.errors import CrmlabError
from crmlab.segment.dynamic import (
    Reaction,
    Segments,
    count,
    did,
    event_log,
    load,
    membership,
    restore,
    timeline,
    total,
    trait,
    watch,
)

LOG = pd.DataFrame(
    {
        "customer_id": [1, 1, 2],
        "ts": pd.to_datetime(["2025-01-01", "2025-01-03", "2025-01-02"], utc=True),
        "seq": 0,
        "type": ["complaint", "reply", "complaint"],
        "amount_cents": [1, 2, 3],
        "city": ["Split", "Pula", None],
    }
)
RULE = did("complaint").then("reply", within="5d", same="city") | (total("complaint", "amount_cents") >= 2)
PEOPLE = pd.DataFrame({"customer_id": [1, 2], "city": ["Split", "Pula"]})
DOORS = {
    "replay": lambda log: RULE.replay(log),
    "verify": lambda log: RULE.verify(log),
    "DuckDB": lambda log: RULE.on_duckdb(log),
    "explain": lambda log: RULE.explain(1, at="2025-01-02", log=log),
    "explain a text": lambda log: RULE.explain("1", at="2025-01-02", log=log),
    "watch": lambda log: watch(RULE, log, since="2024-12-31", speed=1e13),
    "a reaction": lambda log: Reaction(repr, holdout=0.5, seed=1).play(RULE, log),
    "timeline": lambda log: timeline(RULE.replay(LOG), log).figure(),
    "event_log, sales": lambda log: event_log({"transactions": log}),
    "event_log, contacts": lambda log: event_log({"touchpoints": log}),
    "traits, replay": lambda log: (did("complaint") & (trait("city") == "Split")).replay(LOG, traits=log),
    "traits, DuckDB": lambda log: (did("complaint") & (trait("city") == "Split")).on_duckdb(LOG, traits=log),
}
NAIVE = LOG["ts"].dt.tz_localize(None)
EXPORTS = {
    "other names": LOG.rename(columns={"customer_id": "Kunde", "ts": "Datum", "type": "Ereignis"}),
    "dates as text": LOG.assign(ts=["01.02.2025", "02.02.2025", "soon"]),
    "dates without time": LOG.assign(ts=LOG["ts"].dt.date),
    "times without a zone": LOG.assign(ts=NAIVE),
    "seconds since 1970": LOG.assign(ts=LOG["ts"].astype("int64")),
    "days": LOG.assign(ts=NAIVE.dt.to_period("D")),
    "no time at all": LOG.assign(ts=pd.to_datetime([None] * 3, utc=True)),
    "each row twice": pd.concat([LOG, LOG]),
    "rows that differ": pd.concat([LOG, LOG.assign(city="Zadar")]),
    "no events": LOG[:0],
    "no events, no kinds": pd.DataFrame(columns=list(LOG)),
    "nothing": pd.DataFrame(),
    "one event": LOG[:1],
    "ids as text": LOG.assign(customer_id=["1", "2", "A"]),
    "ids mixed": LOG.assign(customer_id=[1, "1", 2]),
    "ids with gaps": LOG.assign(customer_id=[1, None, 2]),
    "ids that are pairs": LOG.assign(customer_id=[(1, 2)] * 3),
    "types as numbers": LOG.assign(type=[1, 2, 3]),
    "types as lists": LOG.assign(type=[["a"], ["b"], ["c"]]),
    "types with gaps": LOG.assign(type=["complaint", None, "reply"]),
    "seq as text": LOG.assign(seq="first"),
    "amounts as text": LOG.assign(amount_cents=["1,50", "2", "3"]),
    "amounts of no kind": LOG.assign(amount_cents=[{}, [], None]),
    "no amount at all": LOG.assign(amount_cents=pd.NaT),
    "amounts as a sparse column": LOG.assign(amount_cents=pd.arrays.SparseArray([1, 2, 3])),
    "cities mixed": LOG.assign(city=["Split", 1, None]),
    "a column called 0": LOG.rename(columns={"city": 0}),
    "a column without a name": LOG.rename(columns={"city": None}),
    "a column twice": LOG.set_axis(["customer_id", "ts", "seq", "type", "city", "city"], axis=1),
    "an index of two": LOG.set_index(["customer_id", "ts"]),
    "columns of two levels": LOG.set_axis(pd.MultiIndex.from_product([["export"], LOG.columns]), axis=1),
    "kinds of Arrow": LOG.convert_dtypes(dtype_backend="pyarrow"),
    "seq beyond": LOG.assign(seq=np.array([2**63 + 1, 1, 2], dtype="uint64")),
    "a list": [1, 2],
    "a dict": LOG.to_dict("list"),
    "rows": LOG.to_dict("records"),
    "one column": LOG["ts"],
    "a path": Path("no-such-log.parquet"),
    "none": None,
}


@pytest.mark.parametrize("export", EXPORTS)
def test_whatever_the_export_is_every_door_answers_or_says_what_to_do(export):
    told = 0
    for name, door in DOORS.items():
        try:
            door(EXPORTS[export])
        except CrmlabError as error:
            assert "\n  next    : " in str(error), name
            told += 1
    assert told < len(DOORS) or export not in ("each row twice", "no events", "one event")


def test_a_column_of_another_table_is_a_property_in_a_log_like_any_other():
    contacts = LOG.assign(seq=[0, 1, 2], amount_cents=[1.5, None, 2.5])
    assert event_log({"touchpoints": contacts})["amount_cents"].isna().sum() == 1
    sales = LOG.assign(seq=[5, 1, 3])
    assert event_log({"transactions": sales})["seq"].tolist() == [0, 0, 0]
    at_once = sales.assign(customer_id=1, ts=LOG["ts"].iloc[0])
    assert event_log({"transactions": at_once})["amount_cents"].tolist() == [2, 3, 1]  # in the order they say
    as_they_stand = event_log({"transactions": at_once.assign(seq="x")})
    assert as_they_stand["amount_cents"].tolist() == [1, 2, 3]


def test_files_that_are_none_of_parquet_or_hold_nothing_are_told(tmp_path):
    (tmp_path / "log.parquet").write_text("customer_id,ts\n1,2025-01-01\n", encoding="utf-8")
    with pytest.raises(CrmlabError, match="DuckDB cannot read it"):
        RULE.on_duckdb(tmp_path)
    pd.DataFrame().to_parquet(tmp_path / "log.parquet")
    with pytest.raises(CrmlabError, match="DuckDB cannot read it"):
        RULE.on_duckdb(tmp_path / "log.parquet")


def test_an_amount_that_is_never_there_is_no_amount():
    for nothing in (pd.NaT, None, np.nan):
        log = LOG.assign(amount_cents=nothing)
        rule = total("complaint", "amount_cents") >= 1
        assert rule.verify(log)
        assert rule.replay(log).empty


NOT_MEANT = {
    "a count that is not compared": (lambda: count("complaint").replay(LOG), "not compared with anything yet"),
    "a sum that is explained": (lambda: total("complaint", "x").explain(1, at="2025-01-02", log=LOG), "compare it"),
    "watch without a rule": (lambda: watch("waiting", LOG, since="2025-01-02"), "found 'waiting', which is no rule"),
    "watch a count": (lambda: watch(count("reply"), LOG, since="2025-01-02"), "which is no rule"),
    "react with what was called": (lambda: watch(RULE, LOG, since="2025-01-02", react="call"), "which is no function"),
    "a reaction to no rule": (lambda: Reaction(repr, holdout=0.5, seed=1).play("x", LOG), "which is no rule"),
    "a lot without a seed": (lambda: Reaction(repr, holdout=0.5, seed=None), "seed: found None"),
    "a number as a cap": (lambda: Reaction(repr, holdout=0.5, seed=1, cap=3), "allowed : a ContactCap"),
    "a list of customers": (lambda: RULE.explain([1, 2], at="2025-01-02", log=LOG), "found a list"),
    "one customer as all": (lambda: membership(RULE.replay(LOG), at="2025-01-02", customers=1), "found a int"),
    "memory without end": (lambda: RULE.on_duckdb(LOG, memory_gb=float("inf")), "memory_gb: found inf"),
    "a list of dialects": (lambda: RULE.sql(["duckdb"]), "no dialect"),
    "a rule from a number": (lambda: load(7), "found a int"),
    "an engine from nothing": (lambda: restore(None), "found a NoneType"),
    "a frame in a condition": (lambda: did("complaint", city=LOG), "a text"),
    "segments from a frame": (lambda: Segments(LOG), "found DataFrame"),
}


@pytest.mark.parametrize("slip", NOT_MEANT)
def test_a_slip_in_a_call_is_told_and_not_a_fault_of_python(slip):
    call, words = NOT_MEANT[slip]
    with pytest.raises(CrmlabError) as refused:
        call()
    assert words in str(refused.value)
    assert "\n  next    : " in str(refused.value)
