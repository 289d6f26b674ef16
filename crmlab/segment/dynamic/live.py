"""Rules on a live stream: each event changes who is in, and so does the clock."""

import json
from datetime import timedelta
from heapq import heappop, heappush
from pathlib import Path

import pandas as pd

from crmlab.errors import CrmlabError, message
from crmlab.segment.dynamic.cells import ORIGIN
from crmlab.segment.dynamic.durations import microseconds
from crmlab.segment.dynamic.engine import Engine
from crmlab.segment.dynamic.incoming import LAST, LEAST, MOST, checked_event, checks_of, is_text, microseconds_of
from crmlab.segment.dynamic.journal import Journal, lines_of, load, write_snapshot

__all__ = ["Live", "live"]

_NO_CHECKS = _NO_CHANGES = ()
_FEWEST, _END = -MOST, LAST + ORIGIN
_MOST_TYPES = 10_000  # to remember: what names its types by numbers must not fill the memory


class Live:
    """Segments that are right at every moment: push events as they come, and let the clock run.

    Made by ``rule.live()``, and by ``live()`` of several segments.

    Parameters
    ----------
    plans : list of Plan
    rules : Rule or Segments
        What the plans are of, to restore it by.
    traits : dict of str to dict
        For each trait that is read: customer to value.
    lateness : int, microseconds
        How late an event may come. So long events wait, then they are worked in, in order of (ts, seq).
    folder : str or Path, optional
        Where every event is written down before `push` gives its answer; a new or empty folder.

    Attributes
    ----------
    recovered : tuple of Change
        After ``dynamic.restore(folder)``: the changes since the last snapshot once more.

    Notes
    -----
    **Order.** The clock is the latest instant seen, less `lateness`. An event is late when the clock
    has passed it, or when a later one (by seq) of the same customer and instant is already worked in:
    it changes nothing and is counted. The same (customer_id, ts, seq) once more is a duplicate, and
    counted as such until the clock has passed it; after that it counts as late.
    An event far in the future takes the clock there: look at timestamps before you push them.

    **Memory.** What has left all windows is forgotten with the events that matter to a rule, a little
    with each, and all of it by `advance`: who has not come for three times the longest window is
    forgotten whole. Where nothing leaves (the first time ever, a count without a window, a rule that
    holds for who did nothing), a few numbers are kept of each customer.

    **Copies.** ``copy.deepcopy`` makes an engine of its own, to try things out: it writes nothing down.

    Examples
    --------
    >>> from crmlab.segment.dynamic import did
    >>> engine = did("complaint").within("7d").named("complained").live()
    >>> changes = engine.push({"customer_id": 7, "ts": "2025-03-01 10:00", "seq": 0, "type": "complaint"})
    >>> print(*changes)
    2025-03-01 10:00:00 UTC: customer 7 entered "complained" by an event
    >>> engine.push({"customer_id": 8, "ts": "2025-03-02", "seq": 0, "type": "visit"})
    ()
    >>> print(*engine.advance("2025-03-09"))
    2025-03-08 10:00:00 UTC: customer 7 left "complained" by the clock
    >>> engine.members()["customer_id"].tolist(), engine.counts["accepted"]
    ([], 2)
    """

    def __init__(self, plans, *, rules, traits, lateness, folder=None):
        self._plans, self._rules, self._traits, self._lateness = list(plans), rules, traits, lateness
        self._engine = Engine(self._plans, self._traits)
        self._checks = checks_of(self._plans)
        self._reads = {type_: (self._checks[type_], work) for type_, work in self._engine.work.items()}
        self._waiting, self._waiting_keys, self._newest, self._come = [], set(), -1, 0
        self._malformed, self._journal = 0, None
        # Of the ids: whole numbers or texts, as in the traits, else as in the first event.
        self._id_class = next((type(customer) for column in traits.values() for customer in column), None)
        self.recovered = ()
        self._is_direct = False
        if folder is not None:
            self._write_to(Journal.begin(Path(folder), self))

    def _write_to(self, journal):
        self._journal, self._is_direct = journal, False

    def __deepcopy__(self, memo):
        copied = Live(self._plans, rules=self._rules, traits=self._traits, lateness=self._lateness)
        load(copied, json.loads(json.dumps(list(lines_of(self)))))
        return copied

    def __copy__(self):
        return self.__deepcopy__({})

    def __reduce__(self):
        step = 'write it down with engine.snapshot("segments.jsonl"), and read that with dynamic.restore.'
        raise CrmlabError(message("live engine", "it cannot be pickled.", next=step))

    def push(self, event):
        """Work one event in, and see who entered or left: by it, or by the clock up to its instant.

        Parameters
        ----------
        event : dict
            With customer_id (or record_id; whole numbers or text, one kind for all), ts (a timestamp,
            or whole microseconds since 1970, UTC; before 1973 only a timestamp), seq (order at one
            instant), type, and properties.

        Returns
        -------
        tuple of Change
            Mostly empty.

        Raises
        ------
        CrmlabError
            When the event is malformed: it changes nothing, and is counted.

        Examples
        --------
        >>> from crmlab.segment.dynamic import did
        >>> did("complaint").live().push({"customer_id": 7, "ts": "yesterday?", "seq": 0, "type": "complaint"})
        Traceback (most recent call last):
            ...
        crmlab.errors.CrmlabError: ts: found 'yesterday?'.
          allowed : a date such as '2026-01-31'
          next    : write it year-month-day.
        """
        # What most events need is done right here: each call more would cost a tenth of the time.
        is_plain = False
        try:
            customer, ts, seq = event["customer_id"], event["ts"], event["seq"]
            checks, work = self._reads[event["type"]]
            if type(ts) is int and type(seq) is int and type(customer) is self._id_class:
                is_plain = self._id_class is int or customer.isascii() or is_text(customer)
                if checks:
                    for name, classes in checks:
                        value = event.get(name)
                        kind = type(value)
                        fits = _FEWEST < value < MOST if kind is int else kind is not str or value.isascii()
                        if kind not in classes or not (fits or (kind is str and is_text(value))):
                            is_plain = False
                            break
        except (LookupError, TypeError, ValueError, AttributeError):  # no dict, one that lacks something, a new type
            is_plain = False
        if is_plain and self._is_direct:
            engine, at = self._engine, ts + ORIGIN
            if engine.clock < at < _END:
                changes = _NO_CHANGES if at < engine.next_due else engine.pass_to(at)
                engine.clock = at
                engine.tied = None
                engine.first = customer
                engine.first_seq = seq
                engine.accepted += 1
                if work is not None:
                    changes = work(customer, at, event, changes)
                if engine.dust and (work is not None or not engine.accepted & 3):
                    engine.sweep()
                return tuple(changes) if changes else _NO_CHANGES
            if LEAST <= ts < LAST:
                return tuple(engine.take(customer, at, seq, event["type"], event))
        return tuple(self._push_slowly(event, is_plain))

    def _push_slowly(self, event, is_plain):
        """Push what is not plain, comes late or twice, waits, or is written down first."""
        if not is_plain or not LEAST <= event["ts"] < LAST:
            event = self._checked(event)
            self._id_class = type(event["customer_id"])
        customer, ts, seq, type_ = event["customer_id"], event["ts"], event["seq"], event["type"]
        if type_ not in self._reads and len(self._reads) < _MOST_TYPES:  # no rule reads it
            self._reads[type_] = _NO_CHECKS, self._engine.other
        if self._journal is not None:
            self._journal.write([customer, ts, seq, type_, self._read_of(type_, event)])
        if self._lateness:
            return self._hold(customer, ts + ORIGIN, seq, type_, event)
        changes = self._engine.take(customer, ts + ORIGIN, seq, type_, event)
        # From here on what is later than the clock is no mistaken unit, and can be worked in at once.
        self._is_direct = self._journal is None and self._engine.clock >= LEAST + ORIGIN
        return changes

    def _checked(self, event):
        try:
            return checked_event(event, self._checks, self._id_class)
        except CrmlabError:
            if self._journal is not None:
                self._journal.write([])
            self._malformed += 1
            raise

    def _read_of(self, type_, event):
        """The properties of an event that are read."""
        return {name: event[name] for name, _ in self._checks.get(type_, _NO_CHECKS) if event.get(name) is not None}

    def resume(self, journal, recovered):
        """Write on where another engine stopped.

        Parameters
        ----------
        journal : Journal
        recovered : list of Change
            What it had changed since its snapshot.

        Examples
        --------
        ``dynamic.restore`` calls it when all that was written is worked in again:

        >>> from crmlab.segment import dynamic
        >>> engine = dynamic.did("complaint").live(folder=tmp / "kept")
        >>> _ = engine.push({"customer_id": 7, "ts": "2025-03-01", "seq": 0, "type": "complaint"})
        >>> engine.close()
        >>> [change.number for change in dynamic.restore(tmp / "kept").recovered]
        [1]
        """
        self.recovered = tuple(recovered)
        self._write_to(journal)

    def close(self):
        """Write to the folder no more, and leave it to another engine, as ``dynamic.restore`` makes one.

        Without a folder there is nothing to close. A closed engine can be read, and takes no events.

        Examples
        --------
        >>> from crmlab.segment import dynamic
        >>> engine = dynamic.did("complaint").live(folder=tmp / "waiting")
        >>> engine.close()
        >>> dynamic.restore(tmp / "waiting").counts["accepted"]
        0
        """
        if self._journal is not None:
            self._journal.close()

    def _hold(self, customer, ts, seq, type_, event):
        """Let an event wait until all that may come before it has come."""
        if ts <= self._engine.clock:
            return self._engine.take(customer, ts, seq, type_, event)
        key = (customer, ts, seq)
        if key in self._waiting_keys:
            self._engine.duplicates += 1
            return _NO_CHANGES
        self._come += 1
        self._waiting_keys.add(key)
        heappush(self._waiting, (ts, seq, self._come, customer, type_, self._read_of(type_, event)))
        return self._pass(ts)

    def _pass(self, ts):
        """Let time pass up to an instant, less the lateness that is allowed."""
        if ts <= self._newest:
            return _NO_CHANGES
        self._newest = ts
        now, changes = ts - self._lateness, []
        while self._waiting and self._waiting[0][0] <= now:
            at, seq, _, customer, type_, event = heappop(self._waiting)
            self._waiting_keys.remove((customer, at, seq))
            changes += self._engine.take(customer, at, seq, type_, event)
        return changes + self._engine.pass_to(now)

    def advance(self, now):
        """Let time pass without an event: who leaves or enters by the clock.

        Parameters
        ----------
        now : str, datetime, timestamp or int
            UTC when no zone is given; a whole number counts microseconds since 1970. With a
            `lateness` the clock goes that much less far. A moment that is past changes nothing.

        Returns
        -------
        tuple of Change

        Raises
        ------
        CrmlabError
            When it is no moment.

        Examples
        --------
        >>> from crmlab.segment.dynamic import did
        >>> did("complaint").live().advance("2025-03-09")
        ()
        """
        now = microseconds_of(now, where="now")
        if self._journal is not None:
            self._journal.write([now])
        changes = self._pass(now + ORIGIN) if self._lateness else self._engine.pass_to(now + ORIGIN)
        self._engine.sweep_all()
        return tuple(changes)

    @property
    def clock(self):
        """Up to when all is worked in, as a timestamp; None before the first event."""
        clock = self._engine.clock
        return None if clock < 0 else pd.Timestamp(clock - ORIGIN, unit="us", tz="UTC")

    @property
    def counts(self):
        """What became of the events: accepted, late, duplicates, malformed, waiting; and the changes so far."""
        engine = self._engine
        return {name: getattr(engine, name) for name in ("accepted", "late", "duplicates")} | {
            "malformed": self._malformed,
            "waiting": len(self._waiting),
            "changes": engine.changed,
        }

    @property
    def sizes(self):
        """How many customers are in each segment now."""
        return {running.segment: running.size for running in self._engine.running}

    def members(self):
        """See who is in each segment now, and since when.

        Returns
        -------
        pandas.DataFrame
            customer_id, segment, entered_at (UTC), entered_by ("event" or "clock"); in order of
            segments and customers.

        Examples
        --------
        >>> from crmlab.segment.dynamic import did
        >>> engine = did("complaint").live()
        >>> _ = engine.push({"customer_id": 7, "ts": "2025-03-01", "seq": 0, "type": "complaint"})
        >>> engine.members()
           customer_id  segment                entered_at entered_by
        0            7  segment 2025-03-01 00:00:00+00:00      event
        """
        rows = [
            (customer, running.segment, ts, by)
            for running in self._engine.running
            for customer, ts, by in running.members()
        ]
        frame = pd.DataFrame(rows, columns=["customer_id", "segment", "entered_at", "entered_by"])
        frame["entered_at"] = pd.to_datetime(frame["entered_at"].astype("int64"), unit="us", utc=True)
        return frame.astype({"segment": "str", "entered_by": "str"})

    def snapshot(self, path=None):
        """Write everything down, so that ``dynamic.restore`` can go on from here.

        Parameters
        ----------
        path : str or Path, optional
            A file, written whole or not at all. Not needed with a `folder`: then what was written
            down event by event is replaced by it, so that it does not grow for ever.

        Raises
        ------
        CrmlabError
            When there is neither a path nor a folder.

        Examples
        --------
        >>> from crmlab.segment import dynamic
        >>> engine = dynamic.did("complaint").live()
        >>> _ = engine.push({"customer_id": 7, "ts": "2025-03-01", "seq": 0, "type": "complaint"})
        >>> engine.snapshot(tmp / "complained.jsonl")
        >>> dynamic.restore(tmp / "complained.jsonl").sizes
        {'segment': 1}
        """
        if path is not None:
            write_snapshot(Path(path), self)
        elif self._journal is not None:
            self._journal.begin_anew(self)
        else:
            raise CrmlabError(
                message("path", "there is none, and no folder.", next='say where: engine.snapshot("segments.jsonl").')
            )


def live(rules, plans, *, traits, lateness, folder):
    """Begin a live engine for a rule, or a set of them.

    Parameters
    ----------
    rules : Rule or Segments
    plans : list of Plan
    traits : pandas.DataFrame or None
    lateness : str or timedelta
    folder : str, Path or None

    Returns
    -------
    Live

    Raises
    ------
    CrmlabError
        When the traits lack what a plan reads, or the folder is not empty.
    """
    from crmlab.segment.dynamic.streamed import traits_by_name

    is_none = isinstance(lateness, str | timedelta) and lateness in ("0s", timedelta(0))
    late = 0 if is_none else microseconds(lateness, "lateness")
    return Live(plans, rules=rules, traits=traits_by_name(plans, traits), lateness=late, folder=folder)
