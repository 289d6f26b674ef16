"""A real cluster, master and two workers: when one is killed in mid-job, the answer stays the same."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.scale.standalone import cluster, session_on, wait_for_executors
from tests.scale.streaming import FILES_OF_SPARK, RULES, as_they_come, end_of, found, some_log, worked_off, write_parts
from tests.segment.dynamic.engines import rows

pytestmark = FILES_OF_SPARK
PATIENCE_S = 600


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with cluster(tmp_path_factory.mktemp("cluster"), workers=2) as running:
        yield running


@pytest.fixture(scope="module")
def spark(running):
    with session_on(running.url, running.folder) as spark:
        yield spark


@pytest.fixture(autouse=True)
def _two_workers(running, spark):
    running.have_workers(2)
    wait_for_executors(spark, 2)


def test_a_stream_goes_on_when_a_worker_is_killed(running, spark, tmp_path):
    log = some_log(seed=5).assign(customer_id=lambda log: "č" + log["customer_id"].astype("str"))
    parts = as_they_come(log, files=5, seed=6)
    write_parts(tmp_path / "in", [*parts, end_of(log).assign(customer_id="nobody")])
    commits, until = tmp_path / "checkpoint" / "commits", time.monotonic() + PATIENCE_S
    with ThreadPoolExecutor() as pool:
        stream = pool.submit(worked_off, spark, RULES, tmp_path, availableNow=True)
        while not (commits / "1").is_file() and not stream.done() and time.monotonic() < until:
            time.sleep(0.02)
        running.kill_a_worker()
        n_done = len(list(commits.glob("[0-9]*")))
        stream.result()
    wait_for_executors(spark, 1)
    assert 2 <= n_done < len(parts)
    assert rows(found(spark, tmp_path, log)) == rows(RULES.replay(log))


def test_the_sql_gives_the_same_answer_when_a_worker_is_killed_in_mid_job(running, spark, tmp_path):
    log = some_log(seed=7, n=20_000, customers=500)
    write_parts(tmp_path / "in", [log.iloc[place::8] for place in range(8)])
    spark.conf.set("spark.sql.files.minPartitionNum", "8")
    spark.read.parquet(str(tmp_path / "in")).createOrReplaceTempView("log")
    killed = []

    def kill():
        tracker, until = spark.sparkContext.statusTracker(), time.monotonic() + PATIENCE_S
        while not killed and time.monotonic() < until:
            jobs = [(job, tracker.getJobInfo(job)) for job in tracker.getActiveJobsIds()]
            stages = [tracker.getStageInfo(stage) for _, told in jobs if told for stage in told.stageIds]
            if any(stage and stage.numCompletedTasks and stage.numActiveTasks for stage in stages):
                running.kill_a_worker()
                killed.extend(set(tracker.getActiveJobsIds()) & {job for job, _ in jobs})

    killing = threading.Thread(target=kill)
    killing.start()
    answer = spark.sql(RULES.sql("spark")).toArrow().to_pandas()
    killing.join()
    wait_for_executors(spark, 1)
    assert killed
    assert rows(answer) == rows(RULES.replay(log))
