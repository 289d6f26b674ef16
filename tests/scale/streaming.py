"""A log as files that come one after the other, and what a stream over them gives."""

import os
import random

import pandas as pd
import pyarrow as pa
import pytest
from pyspark.errors import StreamingQueryException
from pyspark.sql import functions as f

from crmlab.segment.dynamic import Segments, count, did, intervals_on_spark, live_on_spark, member, total
from tests.segment.dynamic.oracle import as_frame
from tests.segment.dynamic.random_rules import MOST, event, numbered

# None of them holds of customers of whom nothing is known, so Spark may leave out events they do not read.
RULES = Segments(
    {
        "angry": did("complaint").within("2h") & ~did("reply").after("complaint"),
        "good": (total("purchase", "x").within("5h") >= 3) | (count("purchase").between("6h", "2h") >= 2),
        "lost": member("good") & member("angry"),
        "unanswered": did("complaint").without("reply", within="3h", same="case").within("2h"),
    }
)
FILES_OF_SPARK = pytest.mark.skipif(
    os.name == "nt" and "HADOOP_HOME" not in os.environ,
    reason="this system cannot keep what a stream remembers: Spark writes files through Hadoop's winutils here",
)
LATENESS = pd.Timedelta("2h")
TRAITS = {customer: {"city": ("Split", "Zadar", None)[customer % 3], "age": 28 + customer} for customer in range(8)}


def some_log(seed, *, n=240, customers=12):
    """Events full of ties, some a few microseconds apart, so that no clock in milliseconds could tell them."""
    dice = random.Random(seed)
    events = [event(dice.randrange(MOST)) | {"customer_id": dice.randrange(customers)} for _ in range(n)]
    for one in events:
        one["ts"] += dice.choice([0, 0, 0, 1, 999, 1_000])
    frame = as_frame(numbered(events))
    frame["ts"] = frame["ts"].dt.as_unit("us")
    return frame.sort_values(["ts", "customer_id", "seq"], ignore_index=True)


def as_they_come(log, *, files, seed):
    """Parts of a log in the order in which events reach us: late by less than LATENESS, some of them twice."""
    dice = random.Random(seed)
    late = pd.to_timedelta([dice.randrange(LATENESS.value // 1_000) for _ in range(len(log))], unit="us")
    order = (log["ts"] + late).sort_values(kind="stable").index
    size = -(-len(log) // files)
    parts = [log.loc[order[start : start + size]] for start in range(0, len(log), size)]
    again = [log.iloc[:0], *(part.nlargest(5, "ts") for part in parts[:-1])]
    return [pd.concat([part, twice]) for part, twice in zip(parts, again, strict=True)]


def write_parts(folder, parts):
    """One file for each part; a stream reads them in order of their time."""
    folder.mkdir()
    for place, part in enumerate(parts):
        path = folder / f"{place}.parquet"
        part.to_parquet(path, index=False)
        os.utime(path, (1_000_000_000 + place, 1_000_000_000 + place))


def on_spark(spark, frame):
    """A frame as a table in Spark."""
    return spark.createDataFrame(pa.Table.from_pandas(frame, preserve_index=False))


def end_of(log):
    """One event of nobody, long after: it takes the clock past all that is still to come."""
    return log.iloc[[0]].assign(customer_id=-1, ts=log["ts"].max() + pd.Timedelta("60D"), type="visit")


def started(spark, rules, folder, *, traits=None, **trigger):
    """Begin the stream, or go on with it: from folder/in to folder/out."""
    files = str(folder / "in")
    log = spark.readStream.schema(spark.read.parquet(files).schema).option("maxFilesPerTrigger", 1).parquet(files)
    changes = live_on_spark(rules, log, lateness=LATENESS, traits=traits)
    writing = changes.writeStream.option("checkpointLocation", str(folder / "checkpoint")).trigger(**trigger)
    return writing.start(str(folder / "out"))


def worked_off(spark, rules, folder, *, traits=None, **trigger):
    """Run the stream to its end; where Spark finds its Python too slow to start, on a busy computer, once more."""
    for tries in range(3):
        query = started(spark, rules, folder, traits=traits, **trigger)
        try:
            query.awaitTermination()
            return query
        except StreamingQueryException as fault:
            if tries == 2 or "failed to connect back" not in str(fault):
                raise


def found(spark, folder, log):
    """The intervals of what the stream has written, up to the log's end."""
    changes = spark.read.parquet(str(folder / "out")).where(f.col("ts") <= f.lit(log["ts"].max()))
    return intervals_on_spark(changes).toArrow().to_pandas()
