"""Touch points: every contact between customer and firm, over all channels."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmlab.simulate.acquisition import channel_table
from crmlab.simulate.branching import branched, causes
from crmlab.simulate.clock import active_later, clock
from crmlab.simulate.columns import CHANNELS, DAY, flags, times, whole, words
from crmlab.simulate.records import clerks
from crmlab.simulate.sales import by_record

__all__ = ["TYPES", "touchpoints"]

TYPES = ("inquiry", "purchase", "complaint", "reply", "visit", "service", "offer", "payment", "delivery", "referral")
DIRECTIONS = ("in", "out")
_WHO = {"in": "customers", "out": "firm"}  # whose hours
_HOUR, _MINUTE, _DAYS_PER_YEAR = 3600, 60, 365.25
_ID_BITS, _KIND_BITS, _CHANNEL_BITS = 28, 6, 4


@dataclass(frozen=True)
class Contacts:
    """Contacts of a block, as far as they are known before they are put in order."""

    owner: np.ndarray  # customer within the block
    second: np.ndarray
    channel: np.ndarray  # place in CHANNELS


def touchpoints(block, sales, joined, left, agreed, records, felt=None):
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
    records : Records
        Which record each contact is booked on.
    felt : Failures, optional
        Outages that customers felt; some contacts go with them.

    Returns
    -------
    table : pandas.DataFrame
    truth : dict
        causes: of the kinds of contact that bring others, which brought which.
    """
    parents = {}
    happened = {"transaction": _seen(block, Contacts(sales.owner, sales.second, sales.channel))}
    happened["outage"] = _seen(block, _felt(felt))
    for kind in block.spec["contacts"]:
        if "per_year" in kind:
            contacts = _at_a_rate(block, kind, joined, left, agreed)
        else:
            contacts = _going_with(block, kind, happened[kind["with"]], joined)
        happened[kind["name"]] = _seen(block, contacts)
        if kind.get("branching"):
            happened[kind["name"]], parents[kind["name"]] = _bringing_others(block, kind, happened[kind["name"]], left)
    return _table(block, [happened[kind["name"]] for kind in block.spec["contacts"]], records, parents)


def _felt(felt):
    """Outages as what contacts go with; none where service never fails."""
    if felt is None:
        nothing = np.zeros(0, np.int64)
        return Contacts(nothing, nothing, nothing)
    return Contacts(felt.owner, felt.second, np.zeros(len(felt.owner), np.uint8))


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


def _bringing_others(block, kind, contacts, left):
    """Let contacts bring others of their kind, as complaints do; also say which brought which."""
    first = np.lexsort((contacts.second, contacts.owner))
    owner, second, parent = branched(
        block,
        contacts.owner[first],
        contacts.second[first],
        branching=kind["branching"],
        hours=kind["branching_hours"],
        table="touchpoints",
        name=kind["name"],
        until=left,
        later=lambda from_second, wait: active_later(from_second, wait, block.spec["hours"][_WHO[kind["direction"]]]),
    )
    channel = block.pick(channel_table(kind["channels"]), len(owner), "touchpoints", "channel", kind["name"], "again")
    channel[parent < 0] = contacts.channel[first]
    return Contacts(owner, second, channel), parent


def _some_channel(block, kind, n):
    return block.pick(channel_table(kind["channels"]), n, "touchpoints", "channel", kind["name"])


def _table(block, parts, records, parents):
    """Put all kinds of contact into one log, in order of record and time; also say which contact brought which."""
    kinds = block.spec["contacts"]
    owner, second, kind, channel = _in_order(block, parts)
    n = len(owner)
    truth = _causes(block, parts, parents, kind)
    record_id = records.of(owner, second, channel)
    clerk, has_none = clerks(block, channel, "touchpoints")
    spent = _durations(block, n)
    settled = np.array([one.get("resolved", np.nan) for one in kinds])
    is_settled = block.draw("touchpoints", "resolved").random(n, dtype=np.float32) < settled.astype(np.float32)[kind]
    row = by_record(record_id)
    record_id, second, kind, channel = record_id[row], second[row], kind[row], channel[row]
    mean = np.array([one.get("minutes", 0) * _MINUTE for one in kinds])
    duration = np.rint(spent[row] * mean[kind]).astype(np.int64)
    table = {
        "touchpoint_id": block.identities(row, _ID_BITS, "touchpoints"),
        "record_id": record_id,
        "ts": times(second),
        "seq": _same_instant(record_id, second),
        "channel": words(channel, CHANNELS),
        "type": words(np.array([TYPES.index(one["type"]) for one in kinds], np.int8)[kind], TYPES),
        "direction": words(np.array([DIRECTIONS.index(one["direction"]) for one in kinds], np.int8)[kind], DIRECTIONS),
        "clerk_id": whole(clerk[row], has_none[row]),
        "campaign_id": whole(np.zeros(n, np.int64), np.ones(n, bool)),
        "duration_s": whole(duration, (mean == 0)[kind]),
        "cost_cents": _costs(block, channel, duration),
        "resolved": flags(is_settled[row], np.isnan(settled)[kind]),
    }
    return pd.DataFrame(table, copy=False), truth


def _causes(block, parts, parents, kind):
    """Say which contact brought which; ``kind`` is that of each contact in order of customer and time."""
    found = []
    for place, one in enumerate(block.spec["contacts"]):
        if one["name"] in parents:
            part, parent = parts[place], parents[one["name"]]
            ids = np.empty(len(parent), np.int64)
            order = np.lexsort((part.channel, part.second, part.owner))  # as they stand in the log
            ids[order] = block.identities(np.flatnonzero(kind == place), _ID_BITS, "touchpoints")
            found.append(causes("touchpoints", ids, parent, block.person[part.owner] + 1))
    return {"causes": pd.concat(found, ignore_index=True)} if found else {}


def _in_order(block, parts):
    """Put contacts in order of customer and time, by sorting numbers made of all there is to know of each."""
    since = block.plan.first_day * DAY
    bits = int(block.end_second - since).bit_length()  # with 16 of the customer and 10 of kind and channel 58 at most
    keys = []
    for kind, part in enumerate(parts):
        keys.append((part.owner.astype(np.int64) << bits) + (part.second - since))
        keys[-1] = (keys[-1] << _KIND_BITS + _CHANNEL_BITS) + (kind << _CHANNEL_BITS) + part.channel
    key = np.concatenate(keys)
    key.sort()
    channel = (key & ((1 << _CHANNEL_BITS) - 1)).astype(np.uint8)
    kind = ((key >> _CHANNEL_BITS) & ((1 << _KIND_BITS) - 1)).astype(np.uint8)
    key >>= _KIND_BITS + _CHANNEL_BITS
    return key >> bits, (key & ((1 << bits) - 1)) + since, kind, channel


def _durations(block, n):
    """How long contacts take against the mean of their kind: gamma of shape 2, the sum of two exponentials."""
    first, second = block.draw("touchpoints", "duration_s").standard_exponential((n, 2), dtype=np.float32).T
    return (first + second) / 2


def _costs(block, channel, duration):
    """Cents: fixed for the channel, and by the minute."""
    spec = [block.spec["channels"].get(name, {}) for name in CHANNELS]
    fixed = np.rint([100 * one.get("cost", 0) for one in spec]).astype(np.int64)
    minute = np.rint([100 * one.get("cost_per_minute", 0) for one in spec]).astype(np.int64)
    return fixed[channel] + minute[channel] * duration // _MINUTE


def _same_instant(record_id, second):
    """Count contacts of one record in the same second: 0, 1, …"""
    n = len(record_id)
    is_new = np.ones(n, bool)
    is_new[1:] = (record_id[1:] != record_id[:-1]) | (second[1:] != second[:-1])
    return np.arange(n) - np.maximum.accumulate(np.where(is_new, np.arange(n), 0))
