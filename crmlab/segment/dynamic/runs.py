"""What can be done with a rule, or with several segments at once: run them three ways, compare, explain, save."""

import json

from crmlab.tables.files import write_file

__all__ = ["VERSION", "Runs"]

VERSION = 1


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
            answer: ``dynamic.restore(folder)`` goes on from there after a crash.

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
