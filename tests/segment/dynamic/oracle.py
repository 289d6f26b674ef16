"""What a rule means, worked out slowly and plainly from the definition.

At an instant come first one step of the clock, then the events in order of seq, each by itself. A rule is
true or false after each step; windows are (t − w, t]. The rule's own tree is read, not what engines make of it.
"""

from datetime import datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from operator import eq, ge, gt, le, lt, ne
from zoneinfo import ZoneInfo

import pandas as pd

from crmlab.segment.dynamic import tree as said

COMPARED = {"==": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}


def memberships(rule, log, traits=None, until=None, others=None):
    """Every membership interval: (customer, segment, entered, left or None, entered by, reason or None).

    `log` is a list of dicts with whole numbers as ts; `traits` maps customers to dicts; `others` are the
    trees of further segments by name.
    """
    until = max((event["ts"] for event in log), default=0) if until is None else until
    found = []
    for customer in sorted({event["customer_id"] for event in log}):
        events = sorted((e for e in log if e["customer_id"] == customer), key=lambda e: (e["ts"], e["seq"]))
        known = {} if traits is None else traits.get(customer, {})
        inside = None
        for at, by, so_far in steps(events, lengths(rule.tree, others or {}), until):
            holds = true(rule.tree, so_far, at, known, others or {})
            if holds and inside is None:
                inside = (at, by)
            elif not holds and inside is not None:
                found.append((customer, rule.segment, inside[0], at, inside[1], by))
                inside = None
        if inside is not None:
            found.append((customer, rule.segment, inside[0], None, inside[1], None))
    return found


def steps(events, lengths, until):
    """Every step that counts: when, by what, and the events so far. More clock steps than needed do no harm."""
    ticks = {event["ts"] + length for event in events for length in lengths}
    moments = [(tick, -1, "clock") for tick in ticks] + [(e["ts"], i, "event") for i, e in enumerate(events)]
    for at, place, by in sorted(moments):
        if at > until:
            return
        so_far = events[: place + 1] if by == "event" else [event for event in events if event["ts"] < at]
        if so_far:  # before the first event nothing is known
            yield at, by, so_far


def lengths(part, others):
    """Every length of time after an event at which the clock could change anything."""
    if isinstance(part, said.All | said.Any):
        return set().union(*(lengths(inner, others) for inner in part.parts))
    if isinstance(part, said.Not):
        return lengths(part.part, others)
    if isinstance(part, said.Member):
        return lengths(others[part.name], others)
    if isinstance(part, said.Regularly):
        return {part.every * i for i in range(1, part.of + 1)}
    if isinstance(part, said.Stopped):
        return {part.after}
    if isinstance(part, said.Trait):
        return set()
    timed = part if isinstance(part, said.Follows) else part.happening
    ends = {0} if timed.window is None else {0, timed.window.newer, timed.window.older or 0}
    if getattr(timed, "kind", None) == "without":
        ends = {end + timed.gap for end in ends}
    return ends - {0}


def true(part, so_far, now, traits, others):
    """Does this part hold now, after these events?"""
    if isinstance(part, said.All):
        return all([true(inner, so_far, now, traits, others) for inner in part.parts])
    if isinstance(part, said.Any):
        return any([true(inner, so_far, now, traits, others) for inner in part.parts])
    if isinstance(part, said.Not):
        return not true(part.part, so_far, now, traits, others)
    if isinstance(part, said.Member):
        return true(others[part.name], so_far, now, traits, others)
    if isinstance(part, said.Trait):
        return meets(part.condition, traits)
    if isinstance(part, said.Did):
        return len(happened(part.happening, so_far, now)) > 0
    if isinstance(part, said.Number):
        return number(part, so_far, now)
    if isinstance(part, said.Follows):
        return follows(part, so_far, now)
    instants = [event["ts"] for event in so_far if is_meant(part.match, event)]
    if isinstance(part, said.Stopped):
        return len(instants) > 0 and not any(now - part.after < s <= now for s in instants)
    stretches = [(now - part.every * (i + 1), now - part.every * i) for i in range(part.of)]
    return sum(any(start < s <= end for s in instants) for start, end in stretches) >= part.n


def happened(happening, so_far, now):
    """The events (or silences) that count: (instant, event) in window and period."""
    first, second = happening.match, happening.other
    meant = [event for event in so_far if is_meant(first, event)]
    if happening.kind == "each":
        found = [(event["ts"], event) for event in meant]
    elif happening.kind == "first":
        found = [(event["ts"], event) for event in meant[:1]]
    elif happening.kind == "resumed":
        found = [
            (event["ts"], event) for before, event in pairwise(meant) if event["ts"] - before["ts"] >= happening.gap
        ]
    elif happening.kind == "then":
        found = []
        for place, event in enumerate(so_far):
            if is_meant(second, event):
                earlier = [e for e in so_far[:place] if is_meant(first, e) and alike(happening.same, e, event)]
                if earlier and event["ts"] - earlier[-1]["ts"] < happening.gap:
                    found.append((event["ts"], event))
    else:
        found = []
        for place, event in enumerate(so_far):
            over = event["ts"] + happening.gap
            if is_meant(first, event) and over <= now:
                later = [e for e in so_far[place + 1 :] if is_meant(second, e) and alike(happening.same, event, e)]
                if not any(e["ts"] < over for e in later):
                    found.append((over, event))
    return [(at, event) for at, event in found if in_window(happening, at, now)]


def in_window(timed, at, now):
    if timed.window is not None:
        if at > now - timed.window.newer:
            return False
        if timed.window.older is not None and at <= now - timed.window.older:
            return False
    if timed.period is not None:
        zone = ZoneInfo(timed.period.tz)
        start, end = (
            datetime.fromisoformat(text).replace(tzinfo=zone) for text in (timed.period.start, timed.period.end)
        )
        origin = datetime(1970, 1, 1, tzinfo=ZoneInfo("UTC"))
        return start <= origin + timedelta(microseconds=at) < end
    return True


def number(part, so_far, now):
    found = happened(part.happening, so_far, now)
    if part.kind == "count":
        return COMPARED[part.op](len(found), part.value)
    values = [event[part.property] for _, event in found if event.get(part.property) is not None]
    if part.kind == "total":
        return COMPARED[part.op](sum(values), part.value)
    if not values:
        return False
    made = {"lowest": min, "highest": max, "average": lambda all_: Fraction(sum(all_), len(all_))}[part.kind](values)
    return COMPARED[part.op](made, part.value)


def follows(part, so_far, now):
    others = [place for place, event in enumerate(so_far) if is_meant(part.other, event)]
    matches = [place for place, event in enumerate(so_far) if is_meant(part.match, event) and place not in others]
    if not others or not matches or matches[-1] < others[-1]:
        return False
    return any(in_window(part, event["ts"], now) for event in so_far if is_meant(part.match, event))


def is_meant(match, event):
    return event["type"] == match.type and all(meets(condition, event) for condition in match.where)


def meets(condition, values):
    value = values.get(condition.name)
    if value is None:
        return False
    return value in condition.value if condition.op == "in" else COMPARED[condition.op](value, condition.value)


def alike(same, one, other):
    return same is None or (one.get(same) is not None and one.get(same) == other.get(same))


def as_frame(log, *, shuffled=None):
    """The same log as engines take it."""
    names = {"customer_id": "int64", "ts": "int64", "seq": "int64", "type": "str"}
    names |= {"x": "Int64", "word": "str", "flag": "boolean", "case": "Int64"}
    columns = {name: pd.array([event.get(name) for event in log], dtype=kind) for name, kind in names.items()}
    frame = pd.DataFrame(columns)
    frame["ts"] = frame["ts"].astype("datetime64[us]").dt.tz_localize("UTC")
    return frame if shuffled is None else frame.sample(frac=1, random_state=shuffled)
