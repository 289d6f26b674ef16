"""The few words in which DuckDB, PostgreSQL and Spark differ, and how they write names and values."""

import re
from dataclasses import dataclass

from crmlab.errors import CrmlabError, message

__all__ = ["DIALECTS", "Dialect"]

_PLAIN = re.compile(r"[^\x00-\x1f'\\\x7f]*")


@dataclass(frozen=True)
class Dialect:
    """How one engine says it.

    Parameters
    ----------
    quote : str
        What stands around a name.
    odd_text : str
        How a text is written that holds a quote, a backslash or a control character (where `replaces`, also a $),
        as bytes in hexadecimal.
    to_us, from_us : str
        A timestamp as whole microseconds since 1970, and back.
    replaces : bool, default=False
        Whether ``${...}`` is replaced by a setting or a variable of the computer before the text is read,
        even inside quotes, as Spark does (``spark.sql.variable.substitute``).

    Examples
    --------
    >>> print(DIALECTS["spark"].table("shop.log"), DIALECTS["duckdb"].table("shop.log"))
    `shop`.`log` "shop"."log"
    """

    quote: str
    odd_text: str
    to_us: str
    from_us: str
    replaces: bool = False

    def column(self, name):
        """Write the name of a column.

        Parameters
        ----------
        name : str

        Returns
        -------
        str

        Raises
        ------
        CrmlabError
            When the engine would replace a part of it.

        Examples
        --------
        >>> DIALECTS["spark"].column("a `b`")
        '`a ``b```'
        """
        if self.replaces and "${" in name:
            found = f"the name {name!r} holds ${{, which Spark would replace."
            raise CrmlabError(message("rule.sql()", found, next="rename the column or table."))
        return f"{self.quote}{name.replace(self.quote, 2 * self.quote)}{self.quote}"

    def table(self, name):
        """Write the name of a table or view; a dot parts schema and table.

        Parameters
        ----------
        name : str

        Returns
        -------
        str

        Raises
        ------
        CrmlabError
            When the engine would replace a part of it.

        Examples
        --------
        >>> DIALECTS["duckdb"].table("log")
        '"log"'
        """
        return ".".join(self.column(part) for part in name.split("."))

    def literal(self, value):
        """Write a value.

        Parameters
        ----------
        value : int, str or bool

        Returns
        -------
        str

        Examples
        --------
        >>> [DIALECTS["duckdb"].literal(value) for value in (True, 5, "web")]
        ['TRUE', '5', "'web'"]
        >>> DIALECTS["spark"].literal("it's")
        "CAST(X'69742773' AS STRING)"
        """
        if isinstance(value, bool):
            return str(value).upper()
        if not isinstance(value, str):
            return str(int(value))
        if _PLAIN.fullmatch(value) and not (self.replaces and "$" in value):
            return f"'{value}'"
        return self.odd_text.format(value.encode().hex())


DIALECTS = {
    "duckdb": Dialect(
        '"',
        "decode(from_hex('{}'))",
        "epoch_us({})",
        "make_timestamptz({})",
    ),
    "postgres": Dialect(
        '"',
        "convert_from(decode('{}', 'hex'), 'UTF8')",
        "CAST(EXTRACT(EPOCH FROM {}) * 1000000 AS BIGINT)",  # a whole decimal number since PostgreSQL 14
        "(to_timestamp({0} / 1000000) + ({0} % 1000000) * INTERVAL '1 microsecond')",
    ),
    "spark": Dialect(
        "`",
        "CAST(X'{}' AS STRING)",
        "unix_micros(CAST({} AS TIMESTAMP))",
        "timestamp_micros({})",
        replaces=True,
    ),
}
