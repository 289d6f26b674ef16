"""What can be done with a rule, or with several segments at once: run them three ways, compare, explain, save."""

import json
from collections.abc import Mapping

from crmlab.errors import CrmlabError, message
from crmlab.tables.files import write_file

__all__ = ["VERSION", "Runs", "checked_rules"]

VERSION = 1


def checked_rules(rules):
    """Refuse what is no rule.

    Parameters
    ----------
    rules : object
        What was given.

    Returns
    -------
    Rule or Segments

    Raises
    ------
    CrmlabError
        When it is neither.

    Examples
    --------
    >>> checked_rules("waiting")
    Traceback (most recent call last):
        ...
    crmlab.errors.CrmlabError: rules: found 'waiting', which is no rule.
      allowed : a rule, or several in Segments({...})
      next    : give what did(...) makes, or a number that is compared: count("visit") >= 3.
    """
    if isinstance(rules, Runs):
        return rules
    step = 'give what did(...) makes, or a number that is compared: count("visit") >= 3.'
    allowed = "a rule, or several in Segments({...})"
    raise CrmlabError(message("rules", f"found {repr(rules)[:60]}, which is no rule.", allowed=allowed, next=step))


class Runs:
    """A rule or a set of segments that can be run.

    Examples
    --------
    >>> from crmlab.segment.dynamic import did
    >>> isinstance(did("complaint"), Runs)
    True
    """

    def replay(self, log, *, traits=None, until=None):
        """See over a whole log who was a member, from when to when, and why it ended.

        Parameters
        ----------
        log : pandas.DataFrame
            One row per event: customer_id (or record_id), ts (UTC), seq (order at one instant), type,
            and a column for each property. ``event_log`` makes one of a customer base. The same row
            twice counts once.
        traits : pandas.DataFrame, optional
            Constants of the customers, by customer_id (index or column).
        until : str or timestamp, optional
            The last instant that counts; without it that of the log's last event, for all customers:
            the clock runs for the silent too.

        Returns
        -------
        pandas.DataFrame
            One row per interval, in order of customer_id and entered_at: customer_id, segment,
            entered_at, left_at (missing while it lasts), entered_by and reason (both "event" or
            "clock"; reason says what ended it, missing while it lasts).

        Raises
        ------
        CrmlabError
            When the log or the traits break their promise, or lack what the rule reads.

        Examples
        --------
        >>> from crmlab.segment.dynamic import did
        >>> log = pd.DataFrame({
        ...     "customer_id": [1, 2], "ts": pd.to_datetime(["2025-01-01", "2025-01-09"], utc=True),
        ...     "seq": [0, 0], "type": ["complaint", "visit"],
        ... })
        >>> did("complaint").within("7d").replay(log)[["customer_id", "left_at", "reason"]]
           customer_id                   left_at reason
        0            1 2025-01-08 00:00:00+00:00  clock
        """
        from crmlab.segment.dynamic.replay import replay

        return replay(self.plans(), log, traits=traits, until=until)

    def live(self, *, traits=None, lateness="0s", folder=None):
        """Keep the segment right at every moment: push events as they come, and let the clock run.

        Parameters
        ----------
        traits : pandas.DataFrame, optional
            Constants of the customers, by customer_id (index or column).
        lateness : str or timedelta, default="0s"
            How late an event may come. So long events wait, then they are worked in, in order of (ts, seq).
        folder : str or Path, optional
            A new or empty folder, in which every event is written down before ``push`` gives its
            answer: ``dynamic.restore(folder)`` goes on from there after a crash. One engine at
            a time writes to it: ``close()`` leaves it to another.

        Returns
        -------
        Live
            With ``push``, ``advance``, ``members``, ``counts`` and ``snapshot``.

        Raises
        ------
        CrmlabError
            When the traits lack what the rule reads, or the folder is not empty.

        Examples
        --------
        >>> from crmlab.segment.dynamic import did
        >>> engine = did("complaint").within("7d").live()
        >>> print(*engine.push({"customer_id": 7, "ts": "2025-03-01", "seq": 0, "type": "complaint"}))
        2025-03-01 00:00:00 UTC: customer 7 entered "segment" by an event
        """
        from crmlab.segment.dynamic.live import live

        return live(self, self.plans(), traits=traits, lateness=lateness, folder=folder)

    def sql(self, dialect, *, log="log", traits=None, until=None):
        """Write it as SQL, for a log that lives in a warehouse: one SELECT that gives the intervals of ``replay``.

        Parameters
        ----------
        dialect : {"duckdb", "postgres", "spark"}
        log : str, default="log"
            Table or view with a row per event: customer_id, ts (a timestamp; without a time zone it is
            read as UTC, by Spark as of its session's zone), seq (a whole number), type, and a column
            for each property. Each event stands once: what stands twice counts twice. A dot parts
            schema and table.
        traits : str, optional
            Table or view with one row per customer: customer_id and the traits.
        until : str or timestamp, optional
            The last instant that counts; without it that of the log's last event.

        Returns
        -------
        str

        Raises
        ------
        CrmlabError
            When the dialect is unknown, or the rule reads traits and no table of them is named.

        Examples
        --------
        >>> from crmlab.segment.dynamic import did
        >>> print(did("complaint").within("7d").sql("postgres", log="crm.events").splitlines()[-1])
        ORDER BY customer, instant, is_event, seq
        """
        from crmlab.segment.dynamic.incoming import microseconds_of
        from crmlab.segment.dynamic.sql import sql_text

        last = None if until is None else microseconds_of(until, where="until")
        return sql_text(self.plans(), dialect, log=log, traits=traits, until=last)

    def on_duckdb(self, log, *, traits=None, until=None, memory_gb=None):
        """See what ``replay`` shows, by SQL: over a log in files that is larger than memory.

        Parameters
        ----------
        log : str or Path, or pandas.DataFrame
            A Parquet file or a folder of them (or a frame), with the columns ``replay`` reads. In
            files each event stands once: what stands twice counts twice.
        traits : pandas.DataFrame, optional
            Constants of the customers, by customer_id (index or column).
        until : str or timestamp, optional
            The last instant that counts; without it that of the log's last event.
        memory_gb : float, optional
            What DuckDB may hold in memory; what is more goes into a temporary folder. Without it
            DuckDB takes most of what is there. The intervals come on top.

        Returns
        -------
        pandas.DataFrame
            The intervals, as ``replay`` gives them.

        Raises
        ------
        CrmlabError
            When there is no such file, or the log or the traits break their promise.

        Examples
        --------
        >>> from crmlab.segment.dynamic import did
        >>> log = pd.DataFrame({
        ...     "customer_id": [1, 2], "ts": pd.to_datetime(["2025-01-01", "2025-01-09"], utc=True),
        ...     "seq": [0, 0], "type": ["complaint", "visit"],
        ... })
        >>> log.to_parquet(tmp / "log.parquet")
        >>> did("complaint").within("7d").on_duckdb(tmp / "log.parquet")[["customer_id", "left_at", "reason"]]
           customer_id                   left_at reason
        0            1 2025-01-08 00:00:00+00:00  clock
        """
        from crmlab.segment.dynamic.on_duckdb import on_duckdb

        return on_duckdb(self.plans(), log, traits=traits, until=until, memory_gb=memory_gb)

    def verify(self, log, *, traits=None, until=None):
        """Run replay, live and SQL (on DuckDB) over one log, and see the first difference if there is one.

        Parameters
        ----------
        log : pandas.DataFrame
            As for ``replay``.
        traits : pandas.DataFrame, optional
        until : str or timestamp, optional

        Returns
        -------
        Verified
            Printed, it says in words whether the three agree; it is true when they do.

        Raises
        ------
        CrmlabError
            When the log or the traits break their promise, or lack what the rule reads.

        Examples
        --------
        >>> from crmlab.segment.dynamic import did
        >>> log = pd.DataFrame({
        ...     "customer_id": [1], "ts": pd.to_datetime(["2025-01-01"], utc=True), "seq": [0], "type": ["complaint"],
        ... })
        >>> did("complaint").verify(log)
        replay, live and DuckDB agree on 1 interval of 1 customer.
        """
        from crmlab.segment.dynamic.verify import verified

        return verified(self.plans(), log, traits=traits, until=until)

    def explain(self, customer, *, at, log, traits=None):
        """See why a customer is a member or not: each part, since when, and when it lapses if nothing happens.

        Parameters
        ----------
        customer : int or str
            An id of the log.
        at : str or timestamp
            The moment, UTC when no zone is given. What happened later is not looked at.
        log : pandas.DataFrame
            As for ``replay``.
        traits : pandas.DataFrame, optional

        Returns
        -------
        Explanation
            Printed, it says it in words; ``.table`` has a row for each part.

        Raises
        ------
        CrmlabError
            When the log has no event of the customer up to then, or breaks its promise.

        Examples
        --------
        >>> from crmlab.segment.dynamic import did
        >>> log = pd.DataFrame({
        ...     "customer_id": [7], "ts": pd.to_datetime(["2025-03-01"], utc=True), "seq": [0], "type": ["complaint"],
        ... })
        >>> did("complaint").within("7d").explain(7, at="2025-03-02", log=log)
        Customer 7 at 2025-03-02 00:00:00 (UTC):
        in "segment" since 2025-03-01 00:00:00 (event), until 2025-03-08 00:00:00 if nothing happens
        """
        from crmlab.segment.dynamic.explain import explained

        rules = self if isinstance(self, Mapping) else {self.segment: self}
        return explained(rules, customer, at=at, log=log, traits=traits)

    def to_json(self):
        """Write it down as JSON text, which ``from_json`` reads.

        Returns
        -------
        str

        Examples
        --------
        >>> from crmlab.segment.dynamic import did, from_json
        >>> from_json(did("complaint").within("7d").to_json())
        did("complaint").within("7d")
        """
        return json.dumps(self._plain(), ensure_ascii=False, indent=1)

    def save(self, path):
        """Write it to a JSON file, which ``load`` reads.

        Parameters
        ----------
        path : str or Path

        Returns
        -------
        Path
            The file.

        Raises
        ------
        CrmlabError
            When the disk refuses.

        Examples
        --------
        >>> from crmlab.segment.dynamic import did, load
        >>> load(did("complaint").save(tmp / "rule.json"))
        did("complaint")
        """
        return write_file(path, self.to_json().encode())
