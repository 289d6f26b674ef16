"""A log in Parquet files, held to its promise by DuckDB without being loaded."""

from pathlib import Path

from crmlab.errors import CrmlabError, did_you_mean, few, message
from crmlab.segment.dynamic.dialects import DIALECTS
from crmlab.segment.dynamic.kinds import kinds_read
from crmlab.segment.dynamic.unseen import warn_of_unseen

__all__ = ["parquet_view"]

_NEEDED = ("ts", "seq", "type")
_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER")
_FLOATS = ("DOUBLE", "FLOAT")
_KINDS = {
    "customer_id": ((*_WHOLE, "UBIGINT", "VARCHAR"), "whole numbers or text"),
    "record_id": ((*_WHOLE, "UBIGINT", "VARCHAR"), "whole numbers or text"),
    "ts": (("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ_NS"), "times with a zone"),
    "seq": (_WHOLE, "whole numbers"),
    "type": (("VARCHAR", "ENUM"), "text"),
}
_PROPERTIES = {
    "number": ((*_WHOLE, *_FLOATS), "whole numbers"),
    "text": (("VARCHAR", "ENUM"), "text"),
    "flag": (("BOOLEAN",), "yes and no"),
}
_quoted = DIALECTS["duckdb"].column


def parquet_view(connection, plans, path):
    """Make the view ``log`` of Parquet files, with the columns the plans read.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
    plans : list of Plan
    path : str or Path
        A Parquet file, or a folder with such files.

    Raises
    ------
    CrmlabError
        When there are no such files, a column is missing or of the wrong kind, or a value breaks
        its promise.

    Examples
    --------
    >>> import duckdb
    >>> from crmlab.segment.dynamic import did
    >>> log = pd.DataFrame({"customer_id": [1], "ts": [pd.Timestamp("2025-01-01")], "seq": [0], "type": ["visit"]})
    >>> log.to_parquet(tmp / "log.parquet")
    >>> parquet_view(duckdb.connect(), [did("visit").plan()], tmp)
    Traceback (most recent call last):
        ...
    crmlab.errors.CrmlabError: log.ts: it holds TIMESTAMP.
      allowed : times with a zone
      next    : write the column so, and save the files again.
    """
    import duckdb

    files = _files(path)
    try:
        connection.read_parquet([str(file) for file in files], union_by_name=True).create_view("log_files")
    except duckdb.Error as error:
        found = f"DuckDB cannot read it: {str(error).splitlines()[0]}."
        raise CrmlabError(
            message(str(path), found, next="look whether all of it are Parquet files, and whole.")
        ) from None
    kinds = {name: kind for name, kind, *_ in connection.sql("DESCRIBE log_files").fetchall()}
    properties, _ = kinds_read(plans)
    id_name = "record_id" if "record_id" in kinds and "customer_id" not in kinds else "customer_id"
    _check_kinds(kinds, id_name, properties)
    asked = sorted({name for plan in plans for name in plan.types})
    there = _check_values(connection, kinds, id_name, properties, asked)
    if len(there) < len(asked):
        names = connection.sql("SELECT DISTINCT type FROM log_files LIMIT 10000").fetchall()
        warn_of_unseen(plans, list(dict.fromkeys([*there, *(name for (name,) in names)])))
    columns = [f"{_quoted(id_name)} AS customer_id", "CAST(ts AS TIMESTAMPTZ) AS ts", "seq", "type"]
    columns += [f"{_read(name, kinds)} AS {_quoted(name)}" for name in properties]
    connection.execute(f"CREATE VIEW log AS SELECT {', '.join(columns)} FROM log_files")


def _read(name, kinds):
    """A column as the engines read it: of numbers with a point, that which is no number is missing."""
    if kinds[name] not in _FLOATS:
        return _quoted(name)
    return f"TRY_CAST({_quoted(name)} AS BIGINT)"  # all others are whole and small: _check_values has seen them


def _files(path):
    if not isinstance(path, str | Path):
        found, step = (
            f"found a {type(path).__name__}.",
            "give a frame, or save it: log.to_parquet(folder / 'log.parquet').",
        )
        allowed = "a pandas DataFrame, or the path of a Parquet file or of a folder of them"
        raise CrmlabError(message("log", found, allowed=allowed, next=step))
    path = Path(path)
    files = sorted(path.rglob("*.parquet")) if path.is_dir() else [path] * path.is_file()
    if not files:
        found = "there are no Parquet files in it." if path.is_dir() else "there is no such file or folder."
        raise CrmlabError(
            message(
                str(path), found, next="save the log there: log.to_parquet(folder / 'log.parquet'), or look for it."
            )
        )
    return files


def _check_kinds(kinds, id_name, properties):
    faults = []
    for name in [id_name, *_NEEDED, *properties]:
        if name not in kinds:
            near = did_you_mean(name, kinds)
            if f"{name}_1" in kinds:  # so DuckDB calls the second of two that it cannot tell apart
                near = " Two names differ in capital letters only."
            faults.append(
                message("log", f"no column {name!r}.{near}", it_has=few(kinds, most=12), next="rename the column.")
            )
            continue
        asked = [_KINDS[name]] if name in _KINDS else [_PROPERTIES[kind] for kind in properties[name] or _PROPERTIES]
        allowed = {kind for kinds_allowed, _ in asked for kind in kinds_allowed}
        if kinds[name].split("(")[0] not in allowed:
            told = " or ".join(told for _, told in asked)
            step = "write the column so, and save the files again."
            faults.append(message(f"log.{name}", f"it holds {kinds[name]}.", allowed=told, next=step))
    if faults:
        raise CrmlabError(*faults)


def _check_values(connection, kinds, id_name, properties, asked):
    """Look at all values in one reading; which of the event types that are asked for are there?"""
    checks = {(name, "values are missing"): f"{_quoted(name)} IS NULL" for name in (id_name, *_NEEDED)}
    first, end = (f"TIMESTAMPTZ '{year}-01-01 00:00:00+00'" for year in (1700, 2250))
    checks["ts", "times are before 1700 or after 2249"] = f"ts < {first} OR ts >= {end}"
    if kinds[id_name] == "UBIGINT":
        checks[id_name, "numbers are too large, write them as text"] = f"{_quoted(id_name)} >= {2**63}"
    if kinds["ts"] == "TIMESTAMPTZ_NS":
        checks["ts", "times have parts of a microsecond"] = "CAST(ts AS TIMESTAMPTZ) <> ts"
    for name in properties:
        column = _quoted(name)
        if kinds[name] in _FLOATS:
            is_odd = f"{column} <> floor({column}) OR abs({column}) >= {2**53}"  # the second finds the infinite
            checks[name, "numbers are not whole, or too large"] = f"NOT isnan({column}) AND ({is_odd})"
        elif kinds[name] == "BIGINT":
            checks[name, "numbers are too large"] = f"{column} <= {-(2**62)} OR {column} >= {2**62}"
    is_there = [f"CAST(type AS VARCHAR) = {DIALECTS['duckdb'].literal(name)}" for name in asked]
    counted = ", ".join(f"count(*) FILTER ({check})" for check in (*checks.values(), *is_there))
    found = connection.sql(f"SELECT {counted} FROM log_files").fetchall()[0]
    faults = [
        message(
            f"log.{name}", f"{n:,} {fault}.", next="correct them, or leave these rows out, and save the files again."
        )
        for (name, fault), n in zip(checks, found, strict=False)  # behind them, the event types
        if n
    ]
    if faults:
        raise CrmlabError(*faults)
    return [name for name, n in zip(asked, found[len(checks) :], strict=True) if n]
