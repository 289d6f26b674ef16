"""Run as a program: a stream that goes on until it is killed; where its Java runs stands in a file."""

import sys
from pathlib import Path

from crmlab import engine
from crmlab.segment import dynamic
from tests.scale.streaming import TRAITS, on_spark, worked_off
from tests.segment.dynamic.engines import traits_frame

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    with engine.spark_session() as spark:
        java = spark.sparkContext._jvm.java.lang.ProcessHandle.current().pid()
        (folder / "java.txt").write_text(str(java), encoding="utf-8")
        spark.conf.set("spark.sql.shuffle.partitions", "1")
        traits = on_spark(spark, traits_frame(TRAITS))
        worked_off(spark, dynamic.load(folder / "rules.json"), folder, traits=traits, processingTime="0 seconds")
