"""Rules on Spark: the SQL of a table at rest, and the live engine on a stream, give the intervals of replay."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from crmlab import engine
from crmlab.segment.dynamic import Segments
from tests.scale.streaming import (
    FILES_OF_SPARK,
    RULES,
    TRAITS,
    as_they_come,
    end_of,
    found,
    some_log,
    started,
    write_parts,
)
from tests.segment.dynamic.engines import by_replay, moment, rows, traits_frame
from tests.segment.dynamic.oracle import as_frame
from tests.segment.dynamic.random_rules import ends, logs, rules, sets_of_rules, traits

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


def on_spark(spark, frame):
    return spark.createDataFrame(pa.Table.from_pandas(frame, preserve_index=False))


def test_the_sql_run_by_spark_gives_the_intervals_of_replay(spark):
    n_rules = n_intervals = 0

    @random_draws(15)
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

    check()
    assert n_rules >= 35 and n_intervals >= 100, (n_rules, n_intervals)


@FILES_OF_SPARK
def test_a_stream_gives_the_intervals_of_replay(spark, tmp_path):
    drawn = []

    @random_draws(30)
    @given(rules)
    def draw(rule):
        drawn.append(rule)

    draw()
    segments = Segments({f"rule {place:02}": rule for place, rule in enumerate(drawn)})
    log = some_log(seed=1)
    parts = as_they_come(log, files=4, seed=2)
    too_late = log.iloc[:3].assign(seq=99)
    write_parts(tmp_path / "in", [*parts, too_late, end_of(log)])
    query = started(spark, segments, tmp_path, traits=on_spark(spark, traits_frame(TRAITS)), availableNow=True)
    query.awaitTermination()
    meant = segments.replay(log, traits=traits_frame(TRAITS))
    assert len(meant) > 300
    assert rows(found(spark, tmp_path, log)) == rows(meant)
    dropped = sum(work["numRowsDroppedByWatermark"] for told in query.recentProgress for work in told["stateOperators"])
    assert dropped == len(too_late)


@FILES_OF_SPARK
def test_a_stream_that_was_killed_goes_on_where_it_was(spark, tmp_path):
    log = some_log(seed=3).assign(customer_id=lambda log: "č" + log["customer_id"].astype("str"))
    parts = as_they_come(log, files=6, seed=4)
    write_parts(tmp_path / "in", [*parts, end_of(log).assign(customer_id="nobody")])
    command = [sys.executable, "-W", "ignore", "-m", "tests.scale.killed_stream", str(tmp_path)]
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    child = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": path})
    commits = tmp_path / "checkpoint" / "commits"
    until = time.monotonic() + 180
    while not (commits / "1").is_file() and child.poll() is None and time.monotonic() < until:
        time.sleep(0.02)
    java = int((tmp_path / "java.txt").read_text(encoding="utf-8"))
    child.kill()
    os.kill(java, KILL)
    child.wait()
    n_done = len(list(commits.glob("[0-9]*")))
    assert 2 <= n_done < len(parts)
    started(spark, RULES, tmp_path, availableNow=True).awaitTermination()
    assert rows(found(spark, tmp_path, log)) == rows(RULES.replay(log))
