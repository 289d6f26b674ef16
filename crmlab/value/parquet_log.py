"""A purchase log that lies in Parquet files, read by DuckDB: held to its promise without loading the whole."""

import re
from pathlib import Path

from crmlab.errors import CrmlabError, did_you_mean, few, message

__all__ = ["is_path", "parquet_log", "summed"]

_GLOB = re.compile(r"[*?\[]")
_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER")
_NAMES = (*_WHOLE, "UBIGINT", "HUGEINT", "VARCHAR", "ENUM", "UUID")
_KINDS = {
    "record_id": (_NAMES, "a whole number or a text, never empty"),
    "customer_id": (_NAMES, "a whole number or a text, never empty"),
    "ts": ("TIMESTAMP", "a point in time in UTC"),
    "amount_cents": (_WHOLE, "a whole number of cents"),
}


def is_path(transactions):
    """Whether transactions are named by where they lie.

    Parameters
    ----------
    transactions : object
        What the caller gave.

    Returns
    -------
    bool

    Examples
    --------
    >>> is_path("log.parquet"), is_path(pd.DataFrame())
    (True, False)
    """
    return isinstance(transactions, str | Path)


def parquet_log(engine, path):
    """Say in SQL where a log in Parquet lies, after holding it to its promise.

    Parameters
    ----------
    engine : duckdb.DuckDBPyConnection
        Who will read it.
    path : str or Path
        A Parquet file, or a folder that holds some, in folders inside it too.

    Returns
    -------
    tuple of str
        (SQL that gives who, us (microseconds since 1970, UTC) and cents, what the column of customers is called).

    Raises
    ------
    CrmlabError
        When there are no Parquet files, they are not of one table, a column is missing or of
        another kind in any of them, times are not in UTC, or a value is missing.

    Examples
    --------
    >>> import duckdb
    >>> day = pd.Timestamp("1970-01-02", tz="UTC")
    >>> pd.DataFrame({"record_id": [1], "ts": [day], "amount_cents": [500]}).to_parquet(tmp / "log.parquet")
    >>> sql, who = parquet_log(duckdb.connect(), tmp / "log.parquet")
    >>> who
    'record_id'
    """
    import duckdb
    from pyarrow import ArrowInvalid

    path = Path(path)
    if not path.exists() or (path.is_dir() and not any(path.rglob("*.parquet"))):
        next_step = "pass a Parquet file, a folder that holds some, or a table."
        raise CrmlabError(message(str(path), "there are no Parquet files.", next=next_step))
    plain = _GLOB.sub(r"[\g<0>]", str(path)).replace("'", "''")  # a folder may be called "Export [2025]"
    named = f"'{plain}/**/*.parquet'" if path.is_dir() else f"'{plain}'"
    try:
        read = _read(named)
        columns = dict(engine.sql(f"SELECT column_name, column_type FROM (DESCRIBE FROM {read})").fetchall())
        who = "customer_id" if "customer_id" in columns else "record_id"
        _columns_as_promised(path, columns, who)
        if not _alike(path, who):
            read = _read(named, unite=True)
            columns = engine.sql(f"SELECT column_name, column_type FROM (DESCRIBE FROM {read})").fetchall()
            _columns_as_promised(path, dict(columns), who)
        gaps = _gaps(engine, named, read, [who, "ts", "amount_cents"])
    except (duckdb.Error, ArrowInvalid) as error:
        found = f"the files cannot be read as one table: {str(error).splitlines()[0][:120]}"
        step = "pass the folder of the transactions alone, or save them again as Parquet."
        raise CrmlabError(message(str(path), found, next=step)) from None
    if gaps:
        found = f"in {gaps:,} place{'s' if gaps > 1 else ''} the customer, the time or the amount is missing."
        raise CrmlabError(message(str(path), found, next="fill or leave out these rows."))
    return f"SELECT {who} AS who, epoch_us(ts) AS us, amount_cents AS cents FROM {read}", who


def summed(engine, sql, where):
    """Run a query that adds up cents; say so where a sum is too large.

    Parameters
    ----------
    engine : duckdb.DuckDBPyConnection
    sql : str
    where : str
        What the log is called in a message.

    Returns
    -------
    pandas.DataFrame

    Raises
    ------
    CrmlabError
        When the amounts of a customer cannot be summed exactly.

    Examples
    --------
    >>> import duckdb
    >>> summed(duckdb.connect(), "SELECT sum(500)::BIGINT AS cents", "log")["cents"].tolist()
    [500]
    """
    import duckdb

    try:
        return engine.sql(sql).df()
    except duckdb.ConversionException:
        found = "the amounts of a customer together are more than can be summed exactly."
        step = "see that they are amounts in cents, and not customer numbers."
        raise CrmlabError(message(where, found, next=step)) from None


def _read(named, *, unite=False):
    united = ", union_by_name = true" if unite else ""
    return f"read_parquet({named}, hive_partitioning = false{united})"


def _alike(path, who):
    """Whether all files have the same types; refuse those of other kinds, which would be turned without a word."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    files, first, are_same = sorted(path.rglob("*.parquet")) if path.is_dir() else [path], None, True
    for file in files:
        schema = pq.read_schema(file)
        types = {name: schema.field(name).type for name in (who, "ts", "amount_cents") if name in schema.names}
        kinds = {name: _kind(kind) for name, kind in types.items()} | {"customer_id in": "customer_id" in schema.names}
        first = first or (types, kinds, file)
        if kinds != first[1]:
            raise CrmlabError(_other_columns(file, kinds, first[2], first[1], [who, "ts", "amount_cents"]))
        are_same = are_same and types == first[0]
        kind = types.get("ts")
        if kind is not None and pa.types.is_timestamp(kind) and kind.tz not in ("UTC", "+00:00"):
            found = f"the times in ts have {f'the zone {kind.tz}' if kind.tz else 'no zone'}, and UTC is needed."
            step = (
                'say whose clock it is, .dt.tz_localize("Europe/Zagreb") if it has no zone; then .dt.tz_convert("UTC")'
            )
            raise CrmlabError(message(str(file), found, next=f"{step}, and save it again."))

    return are_same


def _kind(kind):
    import pyarrow as pa

    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    if pa.types.is_integer(kind):
        return "whole numbers"
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return "texts"
    return "times" if pa.types.is_timestamp(kind) else str(kind)


def _other_columns(file, kinds, first, promised, names):
    odd = [name for name in names if kinds.get(name) != promised.get(name)]
    if odd:
        here, there = (of.get(odd[0], "nothing") for of in (kinds, promised))
        found = f"{odd[0]} holds {here} here, and {there} in {first.name}."
    else:
        found = f"customer_id is {'here' if kinds['customer_id in'] else 'not here'}, unlike in {first.name}."
    return message(str(file), found, next="save all files with the same columns and types.")


def _columns_as_promised(path, columns, who):
    faults = []
    for name in (who, "ts", "amount_cents"):
        kind, rule = _KINDS[name]
        if name not in columns:
            found = f"no column '{name}'.{did_you_mean(name, columns)}"
            step = 'rename the column; crmlab.tables.describe("transactions") says what is promised.'
            faults.append(message(str(path), found, it_has=few(columns, 12), next=step))
        elif not columns[name].startswith(kind) or columns[name].endswith("]"):
            found = f'{name} of type {columns[name]} breaks the rule "{rule}".'
            step = 'save it in another type; crmlab.tables.describe("transactions") says what is promised.'
            faults.append(message(str(path), found, next=step))
    if faults:
        raise CrmlabError(*faults)


def _gaps(engine, named, read, columns):
    """Count missing values: by what the files say of themselves; where they do not, by reading the columns."""
    names = ", ".join(f"'{name}'" for name in columns)
    told = f"SELECT sum(stats_null_count), bool_and(stats_null_count IS NOT NULL) FROM parquet_metadata({named})"
    count, is_known = engine.sql(f"{told} WHERE path_in_schema IN ({names})").fetchall()[0]
    if is_known:
        return int(count)
    each = " + ".join(f"count(*) - count({name})" for name in columns)
    return engine.sql(f"SELECT {each} FROM {read}").fetchall()[0][0]
