"""Run a rule's SQL on DuckDB: over a frame, or over Parquet files that are larger than memory."""

import tempfile
from contextlib import contextmanager

import numpy as np
import pandas as pd

from crmlab.errors import CrmlabError, message
from crmlab.segment.dynamic.ids import check_alike
from crmlab.segment.dynamic.incoming import microseconds_of
from crmlab.segment.dynamic.intervals import CAUSES, INTERVALS, ran_to
from crmlab.segment.dynamic.kinds import kinds_read
from crmlab.segment.dynamic.log import read_log
from crmlab.segment.dynamic.parquet_log import parquet_view
from crmlab.segment.dynamic.properties import Property, by_customer, readers
from crmlab.segment.dynamic.sql import sql_text
from crmlab.segment.dynamic.unseen import warn_of_unseen

__all__ = ["on_duckdb"]


def on_duckdb(plans, log, *, traits=None, until=None, memory_gb=None):
    """Find the membership intervals of every plan by SQL, with a set amount of memory.

    Parameters
    ----------
    plans : list of Plan
    log : pandas.DataFrame, or path of a Parquet file or of a folder of them
        Events with customer_id (or record_id), ts (UTC), seq, type and properties. In Parquet each
        event stands once: what stands twice counts twice.
    traits : pandas.DataFrame, optional
        Constants of the customers, by customer_id (index or column).
    until : str or timestamp, optional
        The last instant that counts; without it that of the last event.
    memory_gb : float, optional
        What DuckDB may hold in memory; the rest of its work goes into a temporary folder. Without
        it DuckDB takes what it finds. The intervals themselves come on top.

    Returns
    -------
    pandas.DataFrame
        The intervals, as ``replay`` gives them.

    Raises
    ------
    CrmlabError
        When the log or the traits break their promise, or lack what a plan reads.

    Examples
    --------
    >>> from crmlab.segment.dynamic import did
    >>> log = pd.DataFrame({
    ...     "customer_id": [1, 2], "ts": pd.to_datetime(["2025-01-01", "2025-01-09"], utc=True),
    ...     "seq": [0, 0], "type": ["complaint", "visit"],
    ... })
    >>> log.to_parquet(tmp / "log.parquet")
    >>> on_duckdb([did("complaint").within("7d").plan()], tmp)[["customer_id", "left_at", "reason"]]
       customer_id                   left_at reason
    0            1 2025-01-08 00:00:00+00:00  clock
    """
    last = None if until is None else microseconds_of(until, where="until")
    with _connection(memory_gb) as connection:
        if isinstance(log, pd.DataFrame):
            connection.register("log", _log_table(plans, log))
        else:
            parquet_view(connection, plans, log)
        if any(plan.traits for plan in plans):
            known = _traits_table(plans, traits)
            for (first,) in connection.sql("SELECT customer_id FROM log LIMIT 1").fetchall():
                check_alike(pd.Index(known["customer_id"]), isinstance(first, str), "traits")
            connection.register("traits", known)
        text = sql_text(plans, "duckdb", traits="traits", until=last)
        found = connection.sql(text).to_arrow_table().to_pandas()
        if last is None:
            ((last,),) = connection.sql("SELECT max(epoch_us(ts)) FROM log").fetchall()
    return ran_to(_intervals(found, [plan.segment for plan in plans]), last)


@contextmanager
def _connection(memory_gb):
    """A DuckDB of its own, which leaves nothing behind."""
    import duckdb

    with tempfile.TemporaryDirectory(prefix="crmlab-", ignore_cleanup_errors=True) as folder:
        settings = {"temp_directory": folder, "preserve_insertion_order": False}
        if memory_gb is not None:
            if isinstance(memory_gb, bool) or not isinstance(memory_gb, int | float) or not 0 < memory_gb < 1e6:
                raise CrmlabError(
                    message("memory_gb", f"found {memory_gb!r}.", allowed="a number above 0", next="for instance 4.")
                )
            settings["memory_limit"] = f"{round(memory_gb * 1_000)}MB"
        with duckdb.connect(config=settings) as connection:
            yield connection


def _log_table(plans, log):
    """What is read of a log, as replay reads it: a row that stands twice stands once."""
    kinds, _ = kinds_read(plans)
    read = read_log(log, kinds)
    warn_of_unseen(plans, read.type_names)
    rows = np.arange(len(log)) if read.order is None else read.order
    id_name = "customer_id" if "customer_id" in log else "record_id"
    table = log[[id_name, "ts", "seq", "type"]].rename(columns={id_name: "customer_id"}).take(rows)
    table["ts"] = table["ts"].dt.as_unit("us")
    for name, kind in kinds.items():
        table[name] = _column(log[name], f"log.{name}", kind, rows)
    return table


def _traits_table(plans, traits):
    """What is read of the customers."""
    _, kinds = kinds_read(plans)
    frame = by_customer(traits)
    rows = np.arange(len(frame))
    readers(kinds, frame, "traits")  # it says which columns are missing
    columns = {name: _column(frame[name], f"traits.{name}", kind, rows) for name, kind in kinds.items()}
    return pd.DataFrame({"customer_id": frame.index, **columns})


def _column(column, where, kinds, rows):
    """A column as it is where DuckDB reads it alike, else as whole numbers, text, or yes and no."""
    reader = Property(column, where, kinds)
    if isinstance(column.dtype, pd.CategoricalDtype) or column.dtype.kind in "iu":
        return column.array.take(rows)
    values, present = reader.read(rows)
    missing = np.zeros(len(rows), dtype=bool) if present is None else ~present
    kind = {"number": "Int64", "flag": "boolean"}.get(reader.kind, "str")
    return pd.Series(values).mask(missing).astype(kind).array


def _intervals(found, segments):
    """The intervals in replay's own types."""
    causes = {column: pd.Categorical(found[column], CAUSES) for column in ("entered_by", "reason")}
    times = {column: found[column].astype("datetime64[us, UTC]") for column in ("entered_at", "left_at")}
    return found.assign(segment=pd.Categorical(found["segment"], segments), **times, **causes)[list(INTERVALS)]
