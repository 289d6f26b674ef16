"""Rules on Spark: the SQL of a table at rest, and the live engine on a stream, give the intervals of replay."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from crmlab import engine
from crmlab.errors import CrmlabError
from crmlab.segment.dynamic import Segments, did, intervals_on_spark, live_on_spark, total, trait
from tests.scale.streaming import (
    FILES_OF_SPARK,
    TRAITS,
    as_they_come,
    end_of,
    found,
    on_spark,
    some_log,
    worked_off,
    write_parts,
)
from tests.segment.dynamic.engines import by_replay, moment, rows, traits_frame
from tests.segment.dynamic.oracle import as_frame
from tests.segment.dynamic.random_rules import ends, logs, rules, sets_of_rules, traits

PATIENCE_S = 600
ROOT = Path(__file__).resolve().parents[2]
KILL = getattr(signal, "SIGKILL", signal.SIGTERM)  # Windows has but one, and it is as hard


def random_draws(n):
    """Settings for tests that cost a second each: the same draws every time, and no shrinking."""
    return settings(
        max_examples=n,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
        derandomize=True,
        phases=[Phase.generate],
    )


@pytest.fixture(scope="module")
def spark():
    with engine.spark_session() as spark:
        # Each query runs once over a few rows: compiling it would take longer than working it.
        spark.conf.set("spark.sql.codegen.wholeStage", "false")
        spark.conf.set("spark.sql.codegen.factoryMode", "NO_CODEGEN")
        spark.conf.set("spark.sql.adaptive.enabled", "false")
        spark.conf.set("spark.sql.shuffle.partitions", "1")
        yield spark


def test_the_sql_run_by_spark_gives_the_intervals_of_replay(spark):
    n_rules = n_intervals = 0

    @settings(random_draws(10), derandomize=False)
    @given(segments=sets_of_rules(), log=logs, known=traits, until=ends)
    def check(segments, log, known, until):
        nonlocal n_rules, n_intervals
        frame = as_frame(log)
        on_spark(spark, frame.assign(ts=frame["ts"].dt.as_unit("us"))).createOrReplaceTempView("log")
        on_spark(spark, traits_frame(known)).createOrReplaceTempView("traits")
        text = segments.sql("spark", traits="traits", until=moment(until))
        meant = by_replay(segments, log, known, until)
        assert rows(spark.sql(text).toArrow().to_pandas()) == meant
        n_rules, n_intervals = n_rules + len(segments), n_intervals + len(meant)

    for number in range(6):  # until enough has been seen: they would agree on nothing, too
        seed(number)(check)()
        if n_rules >= 40 and n_intervals >= 100:
            break
    assert n_rules >= 40 and n_intervals >= 100, (n_rules, n_intervals)


@FILES_OF_SPARK
def test_a_stream_gives_the_intervals_of_replay_though_it_was_killed_on_the_way(spark, tmp_path):
    drawn = []

    @random_draws(30)
    @given(rules)
    def draw(rule):
        drawn.append(rule)

    draw()
    segments = Segments({f"rule {place:02}": rule for place, rule in enumerate(drawn)})
    segments.save(tmp_path / "rules.json")
    log = some_log(seed=1)
    parts = as_they_come(log, files=5, seed=2)
    too_late = log.iloc[:3].assign(seq=99)
    write_parts(tmp_path / "in", [*parts, too_late, end_of(log)])
    n_done = begin_and_kill(tmp_path)
    assert 2 <= n_done < len(parts)
    query = worked_off(spark, segments, tmp_path, traits=on_spark(spark, traits_frame(TRAITS)), availableNow=True)
    meant = segments.replay(log, traits=traits_frame(TRAITS))
    assert len(meant) > 300
    assert rows(found(spark, tmp_path, log)) == rows(meant)
    dropped = sum(work["numRowsDroppedByWatermark"] for told in query.recentProgress for work in told["stateOperators"])
    assert dropped == len(too_late)


def begin_and_kill(folder):
    """Run the stream in a process of its own, kill it and its Java after the second batch; how many were done."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.scale.killed_stream", str(folder)]
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    child = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": path})
    commits, until = folder / "checkpoint" / "commits", time.monotonic() + PATIENCE_S
    while not (commits / "1").is_file() and child.poll() is None and time.monotonic() < until:
        time.sleep(0.02)
    child.kill()
    os.kill(int((folder / "java.txt").read_text(encoding="utf-8")), KILL)
    child.wait()
    return len(list(commits.glob("[0-9]*")))


AT_REST = r"log: found a table at rest\.\n  allowed : a stream: spark\.readStream\n  next    : run the rule there"
EVENTS = "7 AS customer_id, timestamp AS ts, value AS seq, 'complaint' AS type, 'web' AS channel, 5 AS amount_cents"


@pytest.mark.parametrize(
    ("columns", "rule", "words"),
    [
        (EVENTS, did("complaint", chanel="web"), r"log: no column 'chanel'\. Did you mean 'channel'\?"),
        (
            EVENTS.replace(" AS seq", " AS n"),
            did("complaint"),
            r"log: no column 'seq'\.\n  needs   : seq: whole",
        ),
        (EVENTS, did("complaint", channel=5), r"log\.channel: it holds string\.\n  allowed : whole numbers"),
        (EVENTS.replace("5 AS", "5.5 AS"), total("complaint", "amount_cents") > 5, r"it holds decimal\(2,1\)\."),
        (EVENTS.replace("timestamp AS", "current_date() AS"), did("complaint"), r"log\.ts: it holds date\."),
        (EVENTS, trait("city") == "Split", r"traits: there are none\.\n  why     : the rule reads city"),
    ],
)
def test_what_cannot_run_on_the_stream_is_told(spark, columns, rule, words):
    log = spark.readStream.format("rate").load().selectExpr(*columns.split(", "))
    with pytest.raises(CrmlabError, match=words):
        live_on_spark(rule, log, lateness="10min")


def test_traits_that_are_no_good_are_told(spark):
    log = spark.readStream.format("rate").load().selectExpr(*EVENTS.split(", "))
    rule = trait("city") == "Split"
    twice = spark.sql("SELECT 7 AS customer_id, 'Split' AS city UNION ALL SELECT 7, 'Zadar'")
    with pytest.raises(CrmlabError, match=r"traits\.customer_id: 7: more than one row\."):
        live_on_spark(rule, log, lateness="10min", traits=twice)
    text = spark.sql("SELECT '7' AS customer_id, 'Split' AS city")
    with pytest.raises(CrmlabError, match=r"traits\.customer_id: the ids are text in one of the two"):
        live_on_spark(rule, log, lateness="10min", traits=text)


def test_what_is_no_stream_or_one_is_told(spark):
    rest, flow = spark.range(1), spark.readStream.format("rate").load()
    with pytest.raises(CrmlabError, match=AT_REST):
        live_on_spark(did("complaint"), rest, lateness="10min")
    with pytest.raises(CrmlabError, match=r"changes: found a stream\."):
        intervals_on_spark(flow)
    with pytest.raises(CrmlabError, match=r"changes: no column 'customer_id'"):
        intervals_on_spark(rest)


def test_a_session_that_keeps_streams_elsewhere_is_told_what_to_set(spark):
    flow, name = spark.readStream.format("rate").load(), "spark.sql.streaming.stateStore.providerClass"
    ours = spark.conf.get(name)
    spark.conf.set(name, ours.replace("RocksDB", "HDFSBacked"))
    with pytest.raises(CrmlabError, match=rf'next    : spark\.conf\.set\("{name}", "{ours}"\)'):
        live_on_spark(did("complaint"), flow, lateness="10min")
    spark.conf.set(name, ours)
