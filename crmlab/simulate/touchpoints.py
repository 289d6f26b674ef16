"""Touch points: every contact between customer and firm, over all channels."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmlab.simulate.acquisition import channel_table
from crmlab.simulate.branching import branched, causes
from crmlab.simulate.clock import active_later, clock
from crmlab.simulate.columns import CHANNELS, DAY, flags, times, whole, words
from crmlab.simulate.records import clerks
from crmlab.simulate.sales import among, from_the_end

__all__ = ["TYPES", "Contacts", "Log", "touchpoints", "touchpoints_table"]

TYPES = ("inquiry", "purchase", "complaint", "reply", "visit", "service", "offer", "payment", "delivery", "referral")
DIRECTIONS = ("in", "out")
_WHO = {"in": "customers", "out": "firm"}  # whose hours
_HOUR, _MINUTE, _DAYS_PER_YEAR = 3600, 60, 365.25
_ID_BITS, _CHANNEL_BITS = 28, 4


@dataclass(frozen=True)
class Contacts:
    """Contacts of a block, as far as they are known before they are put in order."""

    owner: np.ndarray  # customer within the block
    second: np.ndarray
    channel: np.ndarray  # place in CHANNELS


@dataclass(frozen=True)
class Log:
    """Contacts of a block in customer order, each customer's in order of time."""

    block: object
    kinds: list  # what the spec says of each kind; campaigns come after its contacts
    owner: np.ndarray  # customer within the block
    second: np.ndarray
    kind: np.ndarray  # place in kinds
    channel: np.ndarray  # place in CHANNELS
    record: np.ndarray  # record_id it is booked on
    resolved: np.ndarray  # 1 settled, 0 not, -1 nothing to settle

    def ids(self, rows):
        """Touchpoint_id of some of the rows."""
        return self.block.identities(rows, _ID_BITS, "touchpoints")

    def of_kinds(self, is_wanted):
        """Rows of the kinds of which something holds, asked of what the spec says of each."""
        return np.flatnonzero(np.array([bool(is_wanted(kind)) for kind in self.kinds])[self.kind])


def touchpoints(block, sales, joined, left, agreed, records, felt=None, sent=()):
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
    sent : sequence of Contacts
        The contacts that each campaign brings.

    Returns
    -------
    log : Log
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
            contacts, _ = _going_with(block, kind, happened[kind["with"]], joined)
        happened[kind["name"]] = _seen(block, contacts)
        if kind.get("branching"):
            happened[kind["name"]], parents[kind["name"]] = _bringing_others(block, kind, happened[kind["name"]], left)
    parts = [happened[kind["name"]] for kind in block.spec["contacts"]]
    log = _log(block, [*parts, *sent], records)
    return log, _causes(block, parts, parents, log.kind)


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


def _going_with(block, kind, parent, joined, table="touchpoints"):
    """Contacts that go with a purchase or an earlier contact, before or after it; and the row of each one's."""
    name = kind["name"]
    chosen = block.draw(table, "chance", name).random(len(parent.owner)) < kind["chance"]
    if "only" in kind:
        chosen &= np.isin(parent.channel, [CHANNELS.index(channel) for channel in kind["only"]])
    chosen = np.flatnonzero(chosen)
    owner, second = parent.owner[chosen], parent.second[chosen]
    soonest, latest = (_HOUR * hours for hours in kind["hours"])
    if latest > soonest:
        delay = block.draw(table, "delay", name).integers(soonest, latest, len(owner))
        second = active_later(second, delay, block.spec["hours"][_WHO[kind["direction"]]])
    if kind["channels"] == "same":
        return Contacts(owner, second, parent.channel[chosen]), chosen
    known = second >= joined.second[owner]  # before the first record nobody could know who it was
    channel = _some_channel(block, kind, len(owner), table)
    return Contacts(owner[known], second[known], channel[known]), chosen[known]


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


def _some_channel(block, kind, n, table="touchpoints"):
    return block.pick(channel_table(kind["channels"]), n, table, "channel", kind["name"])


def _log(block, parts, records):
    """Put all kinds of contact into one log."""
    campaigns = block.spec.get("campaigns", {"sent": ()})["sent"]
    kinds = [*block.spec["contacts"], *({"type": "offer", "direction": "out"} | one for one in campaigns)]
    owner, second, kind, channel = _in_order(block, parts)
    settled = np.array([one.get("resolved", -1) for one in kinds], np.float32)[kind]
    is_settled = block.draw("touchpoints", "resolved").random(len(owner), dtype=np.float32) < settled
    resolved = np.where(settled < 0, np.int8(-1), is_settled)
    return Log(block, kinds, owner, second, kind, channel, records.of(owner, second, channel), resolved)


def touchpoints_table(log, records, joined, answers=None, branches=None):
    """Write the log down, in order of record and time.

    Parameters
    ----------
    log : Log
    records : Records
    joined : Acquisition
    answers : Answers, optional
        What campaigns brought, with the contacts that every purchase brings.
    branches : Branches, optional
        Contacts at a branch say at which.

    Returns
    -------
    table : pandas.DataFrame
    misbooked : pandas.DataFrame
        The truth: see :meth:`Records.misbooked`.
    """
    block, kinds = log.block, log.kinds
    first_campaign = len(block.spec["contacts"])
    column = {name: getattr(log, name) for name in ("second", "kind", "channel", "record", "resolved")}
    column["number"] = np.arange(len(log.owner))
    column["campaign"] = np.maximum(np.arange(len(kinds)) - first_campaign + 1, 0)[log.kind]
    column |= _served(block, log.owner, log.second, log.channel, "touchpoints", branches)
    column["spent"] = _durations(block, len(log.owner))
    whose, order = log.owner, None
    if answers is not None and any(kind.get("with") == "transaction" and kind["chance"] == 1 for kind in kinds):
        owner, more = _of_answers(log, records, joined, answers, branches)
        order = among(log.owner, log.second, owner, more["second"])
        whose = np.concatenate([whose, owner])
        column = {name: np.concatenate([one, more[name].astype(one.dtype)]) for name, one in column.items()}
    if order is None:
        row = records.in_order(column["record"], column["second"])
    else:
        row = order[records.in_order(column["record"][order], column["second"][order])]
    column = {name: one[row] for name, one in column.items()}
    kind, channel, mean = (
        column["kind"],
        column["channel"],
        np.array([one.get("minutes", 0) * _MINUTE for one in kinds]),
    )
    duration = np.rint(column["spent"] * mean[kind]).astype(np.int64)
    table = {
        "touchpoint_id": log.ids(column["number"]),
        "record_id": column["record"],
        "ts": times(column["second"]),
        "seq": _same_instant(column["record"], column["second"]),
        "channel": words(channel, CHANNELS),
        "type": words(np.array([TYPES.index(one["type"]) for one in kinds], np.int8)[kind], TYPES),
        "direction": words(np.array([DIRECTIONS.index(one["direction"]) for one in kinds], np.int8)[kind], DIRECTIONS),
        "clerk_id": whole(column["clerk"], column["nobody"]),
        **({"branch_id": whole(column["branch"], column["branch"] == 0)} if branches else {}),
        "campaign_id": whole(column["campaign"], column["campaign"] == 0),
        "duration_s": whole(duration, (mean == 0)[kind]),
        "cost_cents": _costs(block, channel, duration),
        "resolved": flags(column["resolved"] == 1, column["resolved"] < 0),
    }
    misbooked = records.misbooked("touchpoints", table["touchpoint_id"], table["record_id"], whose, row)
    return pd.DataFrame(table, copy=False), misbooked


def _served(block, owner, second, channel, table, branches):
    """Who served at each contact, and at which branch."""
    n = len(channel)
    height = block.draw(table, "clerk_id").integers(0, 1 << 16, n)
    if branches is None:
        return dict(zip(("clerk", "nobody"), clerks(block, channel, height), strict=True))
    dice = block.draw(table, "branch")
    counter = branches.counter(owner, second, channel, lambda rows: dice.integers(0, 1 << 32, len(rows)))
    clerk, nobody = clerks(block, channel, height, counter)
    return {"clerk": clerk, "nobody": nobody, "branch": counter.column(n)}


def _of_answers(log, records, joined, answers, branches):
    """The contacts that always go with a purchase, for what campaigns brought: owners, and columns."""
    block, sales = log.block, answers.sales
    bought = Contacts(sales.owner, sales.second, sales.channel)
    parts = []
    for place, kind in enumerate(block.spec["contacts"]):
        if kind.get("with") == "transaction" and kind["chance"] == 1:
            contacts, of = _going_with(block, kind, bought, joined, "answers")
            seen = contacts.second < block.end_second
            columns = (contacts.owner, contacts.second, contacts.channel, np.full(len(of), place), answers.campaign[of])
            parts.append([column[seen] for column in columns])
    owner, second, channel, kind, campaign = (np.concatenate(some) for some in zip(*parts, strict=True))
    order = np.lexsort((kind, second, owner))
    owner, second, channel, kind = owner[order], second[order], channel[order], kind[order]
    settled = np.array([one.get("resolved", -1) for one in log.kinds])[kind]
    return owner, {
        "second": second,
        "kind": kind,
        "channel": channel,
        "record": records.of(owner, second, channel),
        "resolved": np.where(settled < 0, -1, block.draw("answers", "resolved").random(len(owner)) < settled),
        "number": from_the_end(len(owner), _ID_BITS),
        "campaign": campaign[order],
        **_served(block, owner, second, channel, "answers", branches),
        "spent": _durations(block, len(owner), "answers"),
    }


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
    bits = int(block.end_second - since).bit_length()  # with 16 of the customer and 4 of the channel 51 at most
    kind_bits = len(parts).bit_length()
    keys = []
    for kind, part in enumerate(parts):
        keys.append((part.owner.astype(np.int64) << bits) + (part.second - since))
        keys[-1] = (keys[-1] << kind_bits + _CHANNEL_BITS) + (kind << _CHANNEL_BITS) + part.channel
    key = np.concatenate(keys)
    key.sort()
    channel = (key & ((1 << _CHANNEL_BITS) - 1)).astype(np.uint8)
    kind = ((key >> _CHANNEL_BITS) & ((1 << kind_bits) - 1)).astype(np.min_scalar_type(len(parts)))
    key >>= kind_bits + _CHANNEL_BITS
    return key >> bits, (key & ((1 << bits) - 1)) + since, kind, channel


def _durations(block, n, table="touchpoints"):
    """How long contacts take against the mean of their kind: gamma of shape 2, the sum of two exponentials."""
    first, second = block.draw(table, "duration_s").standard_exponential((n, 2), dtype=np.float32).T
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
