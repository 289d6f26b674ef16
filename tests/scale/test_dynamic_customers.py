"""One customer at a time as Spark calls it, without Spark: any batches, any order within the lateness."""

from collections import namedtuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crmlab.errors import CrmlabError
from crmlab.segment.dynamic import Segments, count, did
from crmlab.segment.dynamic.kinds import kinds_read
from crmlab.segment.dynamic.spark_customers import Customers
from tests.segment.dynamic.engines import by_replay
from tests.segment.dynamic.random_rules import HOUR, START, logs, sets_of_rules, traits

LATENESS = 3 * HOUR
Clock = namedtuple("Clock", "ms")
Clock.getCurrentWatermarkInMs = Clock.getExpiryTimeInMs = lambda clock: clock.ms


class Spark:
    """What Spark does around the customers: it keeps their text and timers, and drops what is too late."""

    def __init__(self, segments, known):
        plans = segments.plans()
        self.properties, self.traits = map(list, kinds_read(plans))
        self.customers, self.known = Customers(plans, self.properties, self.traits), known
        self.kept, self.timers, self.watermark, self.newest, self.changes = {}, {}, 0, 0, []
        self.customers.init(self)

    def getValueState(self, name, schema):
        return self

    def get(self):
        return self.kept.get(self.key)

    def update(self, value):
        self.kept[self.key] = value

    def clear(self):
        self.kept.pop(self.key, None)

    def registerTimer(self, ms):
        assert ms > self.watermark
        self.timers.setdefault(self.key, set()).add(ms)

    def deleteTimer(self, ms):
        self.timers[self.key].remove(ms)

    def batch(self, events):
        """A batch with the watermark of the batches before it; what is late by the one before that is dropped."""
        before, self.watermark = self.watermark, max(self.watermark, (self.newest - LATENESS) // 1_000 - 1)
        by_customer = {}
        for event in events:
            self.newest = max(self.newest, event["ts"])
            if event["ts"] > before * 1_000:
                by_customer.setdefault(event["customer_id"], []).append(event)
        clock = Clock(self.watermark)
        for customer, found in by_customer.items():
            self.key = (customer,)
            rows = [self.row(event) for event in found]
            self.changes += self.customers.handleInputRows(self.key, iter(rows), clock)
        for key, timers in self.timers.items():
            self.key = key
            for timer in sorted(timer for timer in timers if timer <= self.watermark):
                if timer in timers:
                    self.changes += self.customers.handleExpiredTimer(self.key, clock, Clock(timer))
                    timers.remove(timer)

    def row(self, event):
        values = [event.get(name) for name in self.properties]
        of = self.known.get(event["customer_id"], {})
        mandatory = [event[name] for name in ("customer_id", "ts", "ts", "seq", "type")]
        return (*mandatory, *values, *(of.get(name) for name in self.traits))

    def run(self, events, sizes):
        events = list(events)
        for size in sizes:
            self.batch(events[:size])
            del events[:size]
        self.batch(events)
        self.batch([{"customer_id": 0, "ts": START + 10**13, "seq": 0, "type": "visit"}])
        self.batch([])
        self.batch([])

    def intervals(self, segments, until):
        """The changes paired, in replay's order."""
        found, place = [], {name: number for number, name in enumerate(segments)}
        told = [change.asDict() for change in self.changes if change.us <= until]
        told.sort(key=lambda change: (place[change["segment"]], change["customer_id"], change["us"], change["seq"]))
        for change in told:
            if change["is_in"]:
                found.append((change["customer_id"], change["segment"], change["us"], None, change["by"], None))
            else:
                found[-1] = (*found[-1][:3], change["us"], found[-1][4], change["by"])
        return found


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck), database=None, derandomize=True)
@given(
    segments=sets_of_rules(),
    log=logs,
    known=traits,
    late=st.lists(st.integers(0, LATENESS - 1), min_size=40, max_size=40),
    sizes=st.lists(st.integers(0, 12), max_size=5),
    twice=st.integers(0, 5),
)
def test_any_batches_give_the_intervals_of_replay(segments, log, known, late, sizes, twice):
    spark = Spark(segments, known)
    delayed = sorted(zip(log, late, strict=False), key=lambda pair: pair[0]["ts"] + pair[1])
    events = [event for event, _ in delayed]
    spark.run(events[:twice] + events, sizes)
    until = max(event["ts"] for event in log)
    assert spark.intervals(segments, until) == by_replay(segments, log, known, None)


def test_of_a_customer_of_whom_nothing_counts_any_more_nothing_is_kept():
    lately = {"complained": did("complaint").within("2h"), "keen": count("purchase").within("5h") >= 2}
    spark = Spark(Segments(lately), {})
    kinds = ("complaint", "purchase", "purchase")
    events = [{"customer_id": 7, "ts": START + place, "seq": 0, "type": kind} for place, kind in enumerate(kinds)]
    spark.batch(events)
    spark.batch([])
    assert (7,) in spark.kept
    spark.run([], [])
    assert [(change.segment, change.is_in, change.by) for change in spark.changes] == [
        ("complained", True, "event"),
        ("keen", True, "event"),
        ("complained", False, "clock"),
        ("keen", False, "clock"),
    ]
    assert (7,) not in spark.kept and not spark.timers[7,]


def test_customers_kept_by_another_rule_are_not_taken_for_ones_of_this():
    before, after = (Spark(Segments({"complained": did("complaint").within(hours)}), {}) for hours in ("2h", "3h"))
    event = {"customer_id": 7, "ts": START, "seq": 0, "type": "complaint"}
    before.batch([event])
    after.kept = before.kept
    with pytest.raises(CrmlabError, match=r"checkpoint: what it holds of customers was begun with another rule"):
        after.batch([event | {"seq": 1}])


def test_an_event_that_lacks_something_is_told_not_lost():
    spark = Spark(Segments({"complained": did("complaint")}), {})
    words = r"event: no customer_id, seq\.\n  it has  : ts 5, type complaint\n  next    : leave such events out before"
    with pytest.raises(CrmlabError, match=words):
        spark.batch([{"customer_id": None, "ts": 5, "seq": None, "type": "complaint"}])
