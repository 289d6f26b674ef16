"""A rule as SQL: quoted safely, parsed by every dialect, and right beyond what one number can hold or memory."""

import duckdb
import numpy as np
import pandas as pd
import pytest
import sqlglot

from crmlab.errors import CrmlabError
from crmlab.segment.dynamic import Segments, count, did, first, member, prop, regularly, resumed, stopped, total, trait

DAY = 86_400_000_000
EVERY_WORD = (
    did("complaint").within("7d")
    & ~did("reply").after("complaint")
    & (total("purchase", "amount_cents").between("90d", "1d") >= 500_00)
    & regularly("purchase", 3, of=4, every="30d")
    & (trait("city") == "Split")
) | (
    first("visit").before("10d")
    & stopped("purchase", after="90d")
    & resumed("visit", after="30d").during("2025-01-01", "2025-06-01", tz="Europe/Zagreb")
    & did("complaint").then("reply", within="2d", same="case_id")
    & (count("complaint").without("reply", within="2d", same="case_id").within("30d") >= 2)
    & did("visit", prop("channel").isin(["web", "app"]), is_new=True)
)


def events(*rows, **more):
    """Rows of (customer, microseconds, seq, type) as a log."""
    log = pd.DataFrame(rows, columns=["customer_id", "ts", "seq", "type"]).assign(**more)
    return log.assign(ts=pd.to_datetime(log["ts"], unit="us", utc=True).dt.as_unit("us"))


@pytest.mark.parametrize("dialect", ["duckdb", "postgres", "spark"])
def test_a_text_with_every_word_is_one_statement_of_its_dialect(dialect):
    for rules in (EVERY_WORD, Segments({"a": EVERY_WORD, "b": ~member("a")})):
        text = rules.sql(dialect, log="crm.events", traits="crm.customers")
        (statement,) = sqlglot.parse(text, dialect=dialect)
        assert statement.named_selects == ["customer_id", "segment", "entered_at", "left_at", "entered_by", "reason"]


EVIL = ["o'r", "a\\", "\\'; DROP TABLE log; --", '"', "`", "$$", "{0} %s :x ?", "š\n\t𝄞", "-- x", "/*"]


@pytest.mark.parametrize("dialect", ["duckdb", "postgres", "spark"])
@pytest.mark.parametrize("evil", EVIL)
def test_no_text_of_a_rule_leaves_its_place_in_the_sql(evil, dialect):
    rule = (did(evil, prop(evil) == evil) & (trait(evil) != evil)).named(evil)
    (statement,) = sqlglot.parse(rule.sql(dialect, log=evil, traits=f"s.{evil}"), dialect=dialect)
    assert isinstance(statement, sqlglot.exp.Select)
    names = {column.name for column in statement.find_all(sqlglot.exp.Column)}
    assert evil in names


@pytest.mark.parametrize("evil", EVIL)
def test_duckdb_reads_such_texts_as_what_they_are(evil):
    log = events((1, 0, 0, evil), (2, 0, 0, evil), (3, 0, 0, "x"), **{evil: [evil, "x", evil]})
    people = pd.DataFrame({"customer_id": [1, 2, 3], evil: [evil, evil, evil]})
    rule = (did(evil, prop(evil) == evil) & (trait(evil) == evil)).named(evil)
    found = rule.on_duckdb(log, traits=people)
    assert found["customer_id"].tolist() == [1]
    assert found["segment"].tolist() == [evil]
    assert rule.verify(log, traits=people)


def test_the_text_runs_on_tables_of_ones_own_with_times_that_have_no_zone():
    connection = duckdb.connect()
    connection.execute("CREATE SCHEMA crm")
    connection.execute("CREATE TABLE crm.events (customer_id INT, ts TIMESTAMP, seq INT, type TEXT)")
    connection.execute("INSERT INTO crm.events VALUES (7, '2025-03-01 10:00:00.000001', 0, 'complaint')")
    text = did("complaint").within("7d").sql("duckdb", log="crm.events", until="2025-12-31")
    found = connection.sql(f"SELECT customer_id, epoch_us(entered_at), epoch_us(left_at), reason FROM ({text})")
    at = pd.Timestamp("2025-03-01 10:00:00.000001").value // 1_000
    assert found.fetchall() == [(7, at, at + 7 * DAY, "clock")]


def test_what_has_no_table_or_dialect_is_told():
    with pytest.raises(CrmlabError, match=r"no dialect 'oracle'\.\n  allowed : duckdb, postgres, spark"):
        did("x").sql("oracle")
    with pytest.raises(CrmlabError, match=r"the rule reads city of the customer\.\n  next    : name the table"):
        (trait("city") == "Split").sql("spark")
    with pytest.raises(CrmlabError, match="log: found an empty text"):
        did("x").sql("spark", log="")


def wide_log(n, seed):
    """Ids far apart over five centuries: customer times microsecond does not fit into 64 bits, and times are tied."""
    dice = np.random.default_rng(seed)
    ids = np.r_[-(2**62), -1, 0, dice.integers(1, 2**62, 60), 2**62 - 1]
    begin, end = (pd.Timestamp(year).value // 1_000 for year in ("1701-01-01", "2249-12-01"))
    centuries = dice.integers(begin, end, n)
    tied = begin + dice.integers(0, 12, n) * DAY
    log = pd.DataFrame({"customer_id": dice.choice(ids, n), "ts": np.where(dice.random(n) < 0.5, centuries, tied)})
    log = log.assign(
        type=dice.choice(["complaint", "reply", "purchase", "visit"], n), amount_cents=dice.integers(0, 90_000, n)
    )
    log["seq"] = log.groupby(["customer_id", "ts"]).cumcount() - 2**40
    return log.assign(ts=pd.to_datetime(log["ts"], unit="us", utc=True).dt.as_unit("us"))


def test_answers_are_equal_where_customer_times_microsecond_overflows():
    log = wide_log(6_000, seed=1)
    spent = total("purchase", "amount_cents").within("90d") >= 500_00
    rule = did("complaint").within("7d") & ~did("reply").after("complaint") & spent
    found = (rule | stopped("visit", after="36500d")).verify(log)
    assert found, str(found)
    intervals = found.intervals["replay"]
    assert len(intervals) > 300
    assert (intervals["left_at"].max() - intervals["entered_at"].min()) > pd.Timedelta(days=365 * 400)


def test_a_window_that_turns_over_with_every_event_agrees():
    n = 20_000
    often = events(*((5, i * DAY // 50, i % 3, "visit") for i in range(n)))
    rule = count("visit").within("1d") >= 50
    assert len(rule.replay(often)) == n - 49  # out by the clock when the oldest is a day old, in by the next
    assert rule.verify(often)


def test_one_customer_with_a_million_events_and_a_million_customers_with_one():
    n = 1_000_000
    day = pd.Timestamp("2025-01-01", tz="UTC").as_unit("us")
    steady = day + pd.to_timedelta(np.arange(n) * (DAY // 50), unit="us").as_unit("us")
    rule = (count("visit").within("1d") >= 50) | did("visit", is_vip=True).within("1d")
    log = pd.DataFrame({"seq": 0, "type": pd.Categorical(["visit"] * n), "is_vip": np.arange(n) % 100_000 == 0})
    found = (count("visit").within("1d") >= 20).verify(log.assign(customer_id=5, ts=steady))
    assert str(found) == "replay, live and DuckDB agree on 1 interval of 1 customer."
    found = rule.verify(log.assign(customer_id=np.arange(n), ts=day), until=day + pd.Timedelta(days=1))
    assert str(found) == "replay, live and DuckDB agree on 10 intervals of 10 customers."


def test_parquet_files_give_what_the_frame_gives_with_little_memory(tmp_path):
    log = wide_log(20_000, seed=2)
    for place, part in enumerate(np.array_split(np.arange(len(log)), 3)):
        log.iloc[part].astype({"type": "category"}).to_parquet(tmp_path / f"{place}.parquet")
    rule = did("complaint").within("70d") & (total("purchase", "amount_cents") >= 500_00)
    expected = rule.replay(log)
    assert len(expected) > 300
    pd.testing.assert_frame_equal(rule.on_duckdb(tmp_path, memory_gb=0.1), expected)
    pd.testing.assert_frame_equal(rule.on_duckdb(log), expected)


def test_text_ids_records_and_gaps_in_a_log_are_read_as_replay_reads_them():
    log = events(("b", 5, 0, "x"), ("a", 5, 0, "x"), ("Š", 5, 0, "x"), ("b", 6, 0, "x"), ("a", 5, 0, "x"))
    log = log.rename(columns={"customer_id": "record_id"}).assign(
        n=[2.0, None, 1.0, 1.0, None], w=[None, "x", None, "y", "x"]
    )
    for rule in (
        total("x", "n") >= 3,
        did("x", prop("w") != "y"),
        ~did("x", n=1),
        did("x", n=1).then("x", within="1d", same="n"),
    ):
        found = rule.verify(log)
        assert found, str(found)
    pd.testing.assert_frame_equal((total("x", "n") >= 3).on_duckdb(log), (total("x", "n") >= 3).replay(log))


def test_a_parquet_log_that_breaks_its_promise_is_told(tmp_path):
    rule = did("x", n=1) & did("y", word="w")
    with pytest.raises(CrmlabError, match="there are no Parquet files in it"):
        rule.on_duckdb(tmp_path)
    with pytest.raises(CrmlabError, match="there is no such file or folder"):
        rule.on_duckdb(tmp_path / "log.parquet")
    log = events((1, 0, 0, "x"), (1, 1, 0, "y")).assign(n=[1.5, None], word=[1, 2])
    log.drop(columns="seq").to_parquet(tmp_path / "log.parquet")
    with pytest.raises(CrmlabError) as told:
        rule.on_duckdb(tmp_path)
    assert [one.splitlines()[0] for one in told.value.messages] == [
        "log: no column 'seq'.",
        "log.word: it holds BIGINT.",
    ]
    log.assign(word=["a", None], type=["x", None]).to_parquet(tmp_path / "log.parquet")
    with pytest.raises(CrmlabError) as told:
        rule.on_duckdb(tmp_path)
    assert [one.splitlines()[0] for one in told.value.messages] == [
        "log.type: 1 values are missing.",
        "log.n: 1 numbers are not whole, or too large.",
    ]
    with pytest.raises(CrmlabError, match=r"memory_gb: found 0\."):
        rule.on_duckdb(log, memory_gb=0)
