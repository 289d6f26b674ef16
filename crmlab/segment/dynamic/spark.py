"""Rules on a stream in Spark, for more events than one computer can take in; for a table at rest there is ``sql``."""

from importlib.util import find_spec

from crmlab.errors import CrmlabError, did_you_mean, few, message
from crmlab.segment.dynamic.durations import microseconds
from crmlab.segment.dynamic.kinds import kinds_read
from crmlab.segment.dynamic.runs import Runs

__all__ = ["intervals_on_spark", "live_on_spark"]

_WHOLE = ("tinyint", "smallint", "int", "bigint")
_TEXT = ("string",)
_KINDS = {
    "customer_id": ((*_WHOLE, *_TEXT), "whole numbers or text"),
    "ts": (("timestamp",), "timestamps with a zone"),
    "seq": (_WHOLE, "whole numbers"),
    "type": (_TEXT, "text"),
}
_PROPERTIES = {
    "number": (_WHOLE, "whole numbers"),
    "text": (_TEXT, "text"),
    "flag": (("boolean",), "yes and no"),
}
_CHANGES = {name: _KINDS[name] for name in ("customer_id", "ts", "seq")}
_CHANGES |= {"segment": _PROPERTIES["text"], "is_in": _PROPERTIES["flag"], "by": _PROPERTIES["text"]}
_PROVIDER = "spark.sql.streaming.stateStore.providerClass"
_ROCKS = "org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider"


def live_on_spark(rule, log, *, lateness, traits=None):
    """Keep segments right on a stream in Spark: who enters and who leaves, as events come and as time passes.

    Needs the packages of the extra ``scale`` on every computer that works along, and crmlab itself.

    Parameters
    ----------
    rule : Rule or Segments
    log : pyspark.sql.DataFrame
        A stream of events: customer_id (whole number or text), ts (timestamp), seq (order at one
        instant), type, and a column for each property.
    lateness : str or timedelta
        How late an event may come. So long events wait, then they are worked in, in order of (ts, seq).
    traits : pyspark.sql.DataFrame, optional
        A table at rest with one row per customer: customer_id, and the traits the rule reads. They
        are read when a customer's events come, and kept while anything is kept of the customer.

    Returns
    -------
    pyspark.sql.DataFrame
        A stream with one row per change: customer_id, ts, seq (order at one instant of one
        customer), segment, is_in (entered) and by ("event" or "clock"). Write it down with a
        checkpoint: started again after a crash, it goes on where it was.

    Raises
    ------
    CrmlabError
        When the log is no stream, lacks what the rule reads, or holds something else, and when Spark
        is not set up for this.

    Notes
    -----
    **Clock.** It is Spark's watermark: the latest instant of all events, less `lateness`, taken anew
    after each batch. An older event is left out, and counted by Spark (``numRowsDroppedByWatermark``
    in ``query.lastProgress``). The same (customer_id, ts, seq) once more changes nothing. What happens
    after the watermark is told when the watermark has passed it. An event far in the future takes the
    clock there: look at timestamps before.

    **Files.** Spark keeps what it remembers of customers in the checkpoint. On Windows it writes files
    only with Hadoop's winutils (``HADOOP_HOME``). Another rule needs a checkpoint of its own.

    **Source.** Apache Spark, Structured Streaming Programming Guide: ``transformWithState``.

    Examples
    --------
    >>> from crmlab.segment.dynamic import did
    >>> live_on_spark(did("complaint").within("7d"), pd.DataFrame(), lateness="10min")
    Traceback (most recent call last):
        ...
    crmlab.errors.CrmlabError: log: found a DataFrame that is not Spark's.
      allowed : a stream in Spark, such as spark.readStream.schema(...).parquet(folder)
      next    : for a log in pandas use rule.replay(log), or rule.live().
    """
    _check_stream(log)
    if not isinstance(rule, Runs):
        step = 'give a rule, such as did("complaint").within("7d"), or Segments({...}).'
        raise CrmlabError(message("rule", f"found {rule!r}.", allowed="a rule, or several as Segments", next=step))
    plans = rule.plans()
    late = 0 if lateness == "0s" else microseconds(lateness, "lateness")
    properties, known = kinds_read(plans)
    _check_columns("log", log, _KINDS | {name: _allowed(kinds) for name, kinds in properties.items()})
    if known:
        _check_traits(log, traits, known)
    return _changes(log, plans, late, list(properties), list(known), traits)


def _changes(log, plans, late, properties, known, traits):
    from pyspark.sql import functions as f

    from crmlab.segment.dynamic.spark_customers import Customers

    # One millisecond more than asked, for Spark's clock has no parts of one, and lets nothing through that is as old.
    events = log.withWatermark("ts", f"{late // 1_000 + 1} milliseconds")
    if not any(plan.may_hold_at_zero for plan in plans):
        types = sorted({type_ for plan in plans for type_ in plan.types})
        # The moment is named so that Spark leaves this behind the watermark: every event moves the clock.
        events = events.where(f.col("type").isin(types) | f.col("type").isNull() | f.col("ts").isNull())
    columns = ["customer_id", "ts", f.unix_micros("ts").alias("us"), "seq", "type"]
    columns += [f.col(_quoted(name)).alias(f"property_{place}") for place, name in enumerate(properties)]
    events = events.select(*columns)
    if known:
        of = [f.col(_quoted(name)).alias(f"trait_{place}") for place, name in enumerate(known)]
        events = events.join(traits.select("customer_id", *of), "customer_id", "left")
    kind = dict(log.dtypes)["customer_id"]
    found = events.groupBy("customer_id").transformWithState(
        Customers(plans, properties, known),
        f"customer_id {kind}, us bigint, seq int, segment string, is_in boolean, by string",
        "Append",
        "EventTime",
    )
    return found.select("customer_id", f.timestamp_micros("us").alias("ts"), "seq", "segment", "is_in", "by")


def intervals_on_spark(changes):
    """Pair the changes of a stream, once written down: who was in which segment, from when to when.

    Parameters
    ----------
    changes : pyspark.sql.DataFrame
        A table at rest with what `live_on_spark` gave.

    Returns
    -------
    pyspark.sql.DataFrame
        The intervals, as ``rule.replay`` gives them.

    Raises
    ------
    CrmlabError
        When it is a stream, or lacks a column of the changes.

    Examples
    --------
    >>> intervals_on_spark(pd.DataFrame())
    Traceback (most recent call last):
        ...
    crmlab.errors.CrmlabError: changes: found a DataFrame that is not Spark's.
      allowed : a table in Spark
      next    : write the stream into a folder, and read that: spark.read.parquet(folder).
    """
    step = "write the stream into a folder, and read that: spark.read.parquet(folder)."
    if not hasattr(changes, "isStreaming") or changes.isStreaming:
        found = "found a stream." if hasattr(changes, "isStreaming") else _not_spark(changes)
        raise CrmlabError(message("changes", found, allowed="a table in Spark", next=step))
    _check_columns("changes", changes, _CHANGES)
    from pyspark.sql import Window
    from pyspark.sql import functions as f

    in_order = Window.partitionBy("customer_id", "segment").orderBy("ts", "seq")
    ends = {"left_at": f.lead("ts").over(in_order), "reason": f.lead("by").over(in_order)}
    columns = ["customer_id", "segment", f.col("ts").alias("entered_at"), "left_at", f.col("by").alias("entered_by")]
    paired = changes.withColumns(ends).where("is_in")
    return paired.orderBy("segment", "customer_id", "ts", "seq").select(*columns, "reason")


def _allowed(kinds):
    asked = [_PROPERTIES[kind] for kind in sorted(kinds) or _PROPERTIES]
    return tuple(kind for allowed, _ in asked for kind in allowed), " or ".join(told for _, told in asked)


def _check_stream(log):
    """Is it a stream, in a Spark that can keep customers?"""
    if not hasattr(log, "isStreaming"):
        step = "for a log in pandas use rule.replay(log), or rule.live()."
        allowed = "a stream in Spark, such as spark.readStream.schema(...).parquet(folder)"
        raise CrmlabError(message("log", _not_spark(log), allowed=allowed, next=step))
    if not log.isStreaming:
        step = 'run the rule there in one go: spark.sql(rule.sql("spark", log="name of the table")).'
        raise CrmlabError(message("log", "found a table at rest.", allowed="a stream: spark.readStream", next=step))
    if not find_spec("google") or not find_spec("google.protobuf"):
        step = 'type "python3 start.py test": it makes .venv-scale; then use the Python in there.'
        why = "Spark's streams speak with Python through it"
        raise CrmlabError(message("live_on_spark()", "this Python has no protobuf.", why=why, next=step))
    if "RocksDB" not in log.sparkSession.conf.get(_PROVIDER):
        found = "this session does not keep what a stream remembers in RocksDB."
        step = f'spark.conf.set("{_PROVIDER}", "{_ROCKS}"), then try again.'
        raise CrmlabError(message("live_on_spark()", found, next=step))


def _check_traits(log, traits, known):
    """Is there a table at rest, of the same customers, with each customer once?"""
    if traits is None or not hasattr(traits, "isStreaming") or traits.isStreaming:
        found = "there are none." if traits is None else "found no table at rest in Spark."
        step = 'give a DataFrame of Spark: live_on_spark(rule, log, traits=spark.table("customers"), ...).'
        raise CrmlabError(message("traits", found, why=f"the rule reads {', '.join(known)}", next=step))
    kinds = {"customer_id": _KINDS["customer_id"]} | {name: _allowed(kinds) for name, kinds in known.items()}
    _check_columns("traits", traits, kinds)
    if (dict(log.dtypes)["customer_id"] in _TEXT) != (dict(traits.dtypes)["customer_id"] in _TEXT):
        found = "the ids are text in one of the two, log and traits, and whole numbers in the other."
        raise CrmlabError(message("traits.customer_id", found, next="turn one into the other: .cast(...)."))
    twice = traits.groupBy("customer_id").count().where("count > 1").limit(5).collect()
    if twice:
        found = f"{few(row[0] for row in twice)}: more than one row."
        raise CrmlabError(
            message("traits.customer_id", found, allowed="one row per customer", next="keep one of them.")
        )


def _check_columns(where, frame, asked):
    """Is each column there, and of a kind that is the same in all engines?"""
    held, faults = dict(frame.dtypes), []
    for name, (allowed, told) in asked.items():
        if name not in held:
            it_has = few(held, most=12)
            found = f"no column {name!r}.{did_you_mean(name, held)}"
            faults.append(message(where, found, needs=f"{name}: {told}", it_has=it_has, next="rename the column."))
        elif held[name] not in allowed:
            step = "say which clock they were read from: to_utc_timestamp(ts, 'Europe/Zagreb')."
            step = step if held[name] == "timestamp_ntz" else "turn the column into that; count money in cents."
            faults.append(message(f"{where}.{name}", f"it holds {held[name]}.", allowed=told, next=step))
    if faults:
        raise CrmlabError(*faults)


def _not_spark(found):
    return f"found a {type(found).__name__} that is not Spark's."


def _quoted(name):
    """A column's name, whatever letters are in it."""
    return f"`{name.replace('`', '``')}`"
