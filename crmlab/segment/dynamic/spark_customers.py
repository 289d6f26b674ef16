"""One customer at a time inside Spark's stream: what is kept of a customer, and when to look again."""

import json
from hashlib import sha256

from crmlab.errors import CrmlabError, message
from crmlab.segment.dynamic.cells import ORIGIN
from crmlab.segment.dynamic.machine import Machine

__all__ = ["Customers"]

_STATE = "rule STRING, timer LONG, waiting STRING, segments STRING"
_MS = 1_000


class Customers:
    """What Spark calls for each customer: when events come, and when it is time.

    Spark keeps a customer as text: the events that still wait for the clock, and the state of each
    segment's `Machine`. The clock is Spark's watermark. Spark counts it in milliseconds, but it only
    says how far to work; each change has its own instant, in microseconds.

    Parameters
    ----------
    plans : list of Plan
    properties : list of str
        Names of the event properties, in the order in which they stand in a row.
    traits : list of str
        Names of the traits, which stand behind them.

    Notes
    -----
    The methods have the names that Spark's ``transformWithState`` calls. All events that are not
    later than the watermark are worked in at once, in order of (ts, seq): from then on Spark lets no
    event through that is older.
    """

    def __init__(self, plans, properties, traits):
        self._plans, self._properties, self._traits = plans, properties, traits
        self._rule = sha256(repr(plans).encode()).hexdigest()[:16]

    def init(self, handle):
        """Begin, on the computer where the customers are.

        Parameters
        ----------
        handle : pyspark.sql.streaming.StatefulProcessorHandle
        """
        self._machines = [Machine(plan) for plan in self._plans]
        self._handle, self._kept = handle, handle.getValueState("customer", _STATE)

    def handleInputRows(self, key, rows, timerValues):
        """Take in a customer's events of one batch.

        Parameters
        ----------
        key : tuple of (int or str,)
            The customer.
        rows : iterator of Row
            Moment (not read), microseconds, seq, type, properties, traits.
        timerValues : pyspark.sql.streaming.stateful_processor.TimerValues

        Returns
        -------
        iterator of Row
        """
        timer, waiting, states = self._load()
        for row in rows:
            customer, _, ts, seq, type_, *values = row
            _check(customer, ts, seq, type_)
            properties, traits = values[: len(self._properties)], values[len(self._properties) :]
            if states is None:
                known = dict(zip(self._traits, traits, strict=True))
                states = [machine.new(known) for machine in self._machines]
            found = {n: value for n, value in zip(self._properties, properties, strict=True) if value is not None}
            waiting.setdefault((ts, seq), {**found, "ts": ts, "type": type_})
        return self._work(key, timer, waiting, states, timerValues)

    def handleExpiredTimer(self, key, timerValues, expiredTimerInfo):
        """Look at a customer because it is time.

        Parameters
        ----------
        key : tuple of (int or str,)
        timerValues : pyspark.sql.streaming.stateful_processor.TimerValues
        expiredTimerInfo : pyspark.sql.streaming.stateful_processor.ExpiredTimerInfo

        Returns
        -------
        iterator of Row
        """
        timer, waiting, states = self._load()
        if timer == expiredTimerInfo.getExpiryTimeInMs():
            timer = None  # Spark removes it itself
        return iter(()) if states is None else self._work(key, timer, waiting, states, timerValues)

    def close(self):
        """End: nothing is held open."""

    def _load(self):
        kept = self._kept.get()
        if kept is None:
            return None, {}, None
        rule, timer, waiting, segments = kept
        if rule != self._rule:
            found = "what it holds of customers was begun with another rule."
            step = "begin with a checkpoint folder of its own, or go on with the rule it was begun with."
            raise CrmlabError(message("checkpoint", found, next=step))
        states = [machine.load(text) for machine, text in zip(self._machines, segments.split("\n"), strict=True)]
        return timer, {(ts, seq): event for ts, seq, event in json.loads(waiting)}, states

    def _work(self, key, timer, waiting, states, clock):
        """Work in what the clock has passed, keep the rest, and tell what changed."""
        now = clock.getCurrentWatermarkInMs() * _MS
        passed = sorted(at for at in waiting if at[0] <= now)
        events = [waiting.pop(at) for at in passed]
        changes = []
        for machine, state in zip(self._machines, states, strict=True):
            for event in events:
                changes += [(*change, machine.plan.segment) for change in machine.push(state, event)]
            changes += [(*change, machine.plan.segment) for change in machine.advance(state, now)]
        self._keep(timer, waiting, states, now)
        return iter(_rows(key[0], changes))

    def _keep(self, timer, waiting, states, now):
        moments = [ts for ts, _ in waiting]
        for machine, state in zip(self._machines, states, strict=True):
            forgotten, due = machine.sweep(state, now + ORIGIN), machine.due(state)
            if due is not None or forgotten:
                moments.append(due if due is not None else forgotten - ORIGIN)
        # Spark's timers are whole milliseconds: never before the moment itself.
        next_timer = -(-min(moments) // _MS) if moments else None
        if timer is not None and timer != next_timer:
            self._handle.deleteTimer(timer)
        if next_timer is not None and timer != next_timer:
            self._handle.registerTimer(next_timer)
        machines = zip(self._machines, states, strict=True)
        if not waiting and all(machine.is_blank(state) for machine, state in machines):
            self._kept.clear()
            return
        events = [[*at, event] for at, event in waiting.items()]
        texts = [machine.dump(state) for machine, state in zip(self._machines, states, strict=True)]
        self._kept.update((self._rule, next_timer, json.dumps(events, ensure_ascii=False), "\n".join(texts)))


def _check(customer, ts, seq, type_):
    """Stop at an event that lacks what each must have: left out in silence, it would be missed by nobody."""
    told = {"customer_id": customer, "ts": ts, "seq": seq, "type": type_}
    missing = [name for name, value in told.items() if value is None]
    if missing:
        has = ", ".join(f"{name} {value}" for name, value in told.items() if value is not None)
        step = 'leave such events out before: log.dropna(subset=["customer_id", "ts", "seq", "type"]).'
        raise CrmlabError(message("event", f"no {', '.join(missing)}.", it_has=has or "nothing", next=step))


def _rows(customer, changes):
    """Changes in order of time, numbered 0, 1, 2 … at one instant."""
    from pyspark.sql import Row

    rows, before, seq = [], None, 0
    for ts, is_in, by, segment in sorted(changes, key=lambda change: change[0]):
        seq = seq + 1 if ts == before else 0
        before = ts
        rows.append(Row(customer_id=customer, us=ts, seq=seq, segment=segment, is_in=is_in, by=by))
    return rows
