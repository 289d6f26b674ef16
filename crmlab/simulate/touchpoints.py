"""Touch points: every contact between customer and firm, over all channels."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmlab.simulate.acquisition import channel_table
from crmlab.simulate.clock import active_later, clock
from crmlab.simulate.columns import CHANNELS, DAY, flags, times, whole, words
from crmlab.simulate.records import clerks
from crmlab.simulate.sales import by_record

__all__ = ["TYPES", "touchpoints"]

TYPES = ("inquiry", "purchase", "complaint", "reply", "visit", "service", "offer", "payment", "delivery", "referral")
DIRECTIONS = ("in", "out")
_WHO = {"in": "customers", "out": "firm"}  # whose hours
_HOUR, _MINUTE, _DAYS_PER_YEAR = 3600, 60, 365.25
_ID_BITS = 28


@dataclass(frozen=True)
class Contacts:
    """Contacts of a block, as far as they are known before they are put in order."""

    owner: np.ndarray  # customer within the block
    second: np.ndarray
    channel: np.ndarray  # place in CHANNELS


def touchpoints(block, sales, joined, left, agreed):
    """Log the contacts of a block.

    Parameters
    ----------
    block : Block
    sales : Sales
        Purchases or payments; some contacts go with them.
    joined : Acquisition
    left : ndarray of int64
        The second the firm knows each customer to have left, or the end of the history.
    agreed : dict of str to ndarray
        The consents: some contacts need one.

    Returns
    -------
    pandas.DataFrame
    """
    happened = {"transaction": _seen(block, Contacts(sales.owner, sales.second, sales.channel))}
    for kind in block.spec["contacts"]:
        if "per_year" in kind:
            contacts = _at_a_rate(block, kind, joined, left, agreed)
        else:
            contacts = _going_with(block, kind, happened[kind["with"]], joined)
        happened[kind["name"]] = _seen(block, contacts)
    return _table(block, [happened[kind["name"]] for kind in block.spec["contacts"]])


def _seen(block, contacts):
    """Leave out what has not happened yet."""
    seen = contacts.second < block.end_second
    return Contacts(contacts.owner[seen], contacts.second[seen], contacts.channel[seen])


def _at_a_rate(block, kind, joined, left, agreed):
    """Contacts at a yearly rate while the firm knows the customer."""
    name, n = kind["name"], block.size
    first = joined.day + 1
    span = np.maximum(left // DAY - first, 0)
    rate = np.full(n, kind["per_year"] / _DAYS_PER_YEAR)
    if kind["direction"] == "in":
        shape = block.spec["habits"]["contact_habit"]
        rate = rate * (block.draw("touchpoints", "habit").standard_gamma(shape, n) / shape)
    if "needs" in kind:
        rate = rate * agreed[kind["needs"]]
    owner = np.repeat(np.arange(n), block.draw("touchpoints", "count", name).poisson(rate * span))
    height = block.draw("touchpoints", "day", name).integers(0, 1 << 30, len(owner))
    who = _WHO[kind["direction"]]
    second = (first[owner] + (height * span[owner] >> 30)) * DAY + clock(block, len(owner), who, "touchpoints", name)
    return Contacts(owner, second, _some_channel(block, kind, len(owner)))


def _going_with(block, kind, parent, joined):
    """Contacts that go with a purchase or an earlier contact, before or after it."""
    name = kind["name"]
    chosen = block.draw("touchpoints", "chance", name).random(len(parent.owner)) < kind["chance"]
    if "only" in kind:
        chosen &= np.isin(parent.channel, [CHANNELS.index(channel) for channel in kind["only"]])
    owner, second = parent.owner[chosen], parent.second[chosen]
    soonest, latest = (_HOUR * hours for hours in kind["hours"])
    if latest > soonest:
        delay = block.draw("touchpoints", "delay", name).integers(soonest, latest, len(owner))
        second = active_later(second, delay, block.spec["hours"][_WHO[kind["direction"]]])
    if kind["channels"] == "same":
        return Contacts(owner, second, parent.channel[chosen])
    known = second >= joined.second[owner]  # before the first record nobody could know who it was
    channel = _some_channel(block, kind, len(owner))
    return Contacts(owner[known], second[known], channel[known])


def _some_channel(block, kind, n):
    return block.pick(channel_table(kind["channels"]), n, "touchpoints", "channel", kind["name"])


def _table(block, parts):
    """Put all kinds of contact into one log, in order of record and time."""
    kinds = block.spec["contacts"]
    kind = np.repeat(np.arange(len(kinds), dtype=np.uint8), [len(part.owner) for part in parts])
    owner, second, channel = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("owner", "second", "channel")
    )
    bits = int(block.end_second - block.plan.first_day * DAY).bit_length()
    sort = np.argsort((owner << bits) + (second - block.plan.first_day * DAY), kind="stable")
    kind, owner, second, channel = kind[sort], owner[sort], second[sort], channel[sort]
    duration, is_timed = _durations(block, kind)
    clerk, has_none = clerks(block, channel, "touchpoints")
    settled = np.array([one.get("resolved", np.nan) for one in kinds])
    is_settled = block.draw("touchpoints", "resolved").random(len(kind)) < settled[kind]
    row = by_record(owner, block.order)
    table = {
        "touchpoint_id": block.identities(np.arange(len(kind)), _ID_BITS, "touchpoints")[row],
        "record_id": block.record_id[owner[row]],
        "ts": times(second[row]),
        "seq": _same_instant(owner, second)[row],
        "channel": words(channel[row], CHANNELS),
        "type": words(np.array([TYPES.index(one["type"]) for one in kinds])[kind][row], TYPES),
        "direction": words(np.array([DIRECTIONS.index(one["direction"]) for one in kinds])[kind][row], DIRECTIONS),
        "clerk_id": whole(clerk[row], has_none[row]),
        "campaign_id": whole(np.zeros(len(kind), np.int64), np.ones(len(kind), bool)),
        "duration_s": whole(duration[row], ~is_timed[row]),
        "cost_cents": _costs(block, channel, duration)[row],
        "resolved": flags(is_settled[row], np.isnan(settled)[kind][row]),
    }
    return pd.DataFrame(table, copy=False)


def _durations(block, kind):
    """Seconds each contact took, and whether anybody took the time."""
    mean = np.array([one.get("minutes", 0) * _MINUTE for one in block.spec["contacts"]])
    shape = 2.0
    drawn = block.draw("touchpoints", "duration_s").standard_gamma(shape, len(kind)) * (mean[kind] / shape)
    return np.rint(drawn).astype(np.int64), (mean > 0)[kind]


def _costs(block, channel, duration):
    """Cents: fixed for the channel, and by the minute."""
    spec = [block.spec["channels"].get(name, {}) for name in CHANNELS]
    fixed = np.rint([100 * one.get("cost", 0) for one in spec]).astype(np.int64)
    minute = np.rint([100 * one.get("cost_per_minute", 0) for one in spec]).astype(np.int64)
    return fixed[channel] + minute[channel] * duration // _MINUTE


def _same_instant(owner, second):
    """Count contacts of one customer in the same second: 0, 1, …"""
    n = len(owner)
    is_new = np.ones(n, bool)
    is_new[1:] = (owner[1:] != owner[:-1]) | (second[1:] != second[:-1])
    return np.arange(n) - np.maximum.accumulate(np.where(is_new, np.arange(n), 0))
