"""Run as a program: a stream that goes on until it is killed; where its Java runs stands in a file."""

import sys
from pathlib import Path

from crmlab import engine
from tests.scale.streaming import RULES, started

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    with engine.spark_session() as spark:
        spark.conf.set("spark.sql.shuffle.partitions", "1")
        query = started(spark, RULES, folder, processingTime="0 seconds")
        java = spark.sparkContext._jvm.java.lang.ProcessHandle.current().pid()
        (folder / "java.tmp").write_text(str(java), encoding="utf-8")
        (folder / "java.tmp").replace(folder / "java.txt")
        query.awaitTermination()
