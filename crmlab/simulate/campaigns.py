"""Campaigns: who was left alone by lot, who answered, and what would have been otherwise."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmlab.simulate.clock import active_later, clock
from crmlab.simulate.columns import CHANNELS, DAY, times, words
from crmlab.simulate.purchases import goods
from crmlab.simulate.sales import Answers, Sales, by_record, rounded
from crmlab.simulate.touchpoints import Contacts

__all__ = ["ARMS", "Sent", "campaigns", "sent"]

ARMS = ("treated", "holdout")
_PARTS = 10_000


@dataclass(frozen=True)
class Sent:
    """Whom each campaign was meant for, in order of customer and campaign."""

    owner: np.ndarray  # customer within the block
    number: np.ndarray  # place of the campaign in the spec
    second: np.ndarray  # when it went out
    is_held: np.ndarray  # left alone by lot
    answer: np.ndarray  # the second at which the customer buys, if so

    def contacts(self, channels):
        """The contacts of each campaign, through these places in CHANNELS: none with those left alone."""
        reached = [(self.number == number) & ~self.is_held for number in range(len(channels))]
        return [
            Contacts(self.owner[some], self.second[some], np.full(some.sum(), channel))
            for some, channel in zip(reached, channels, strict=True)
        ]


def sent(block, joined, left, agreed):
    """Choose by lot whom campaigns reach, among those who may be written to.

    Parameters
    ----------
    block : Block
    joined : Acquisition
    left : ndarray of int64
        The second the firm knows each customer to have left, or the end of the history.
    agreed : dict of str to ndarray

    Returns
    -------
    Sent
    """
    spec = block.spec["campaigns"]
    owner, number, second = _meant_for(block, joined, left, agreed)
    n = len(owner)
    is_held = block.draw("campaigns", "arm").random(n) < spec["holdout"]
    wait = block.draw("campaigns", "wait").integers(0, spec["days"] * DAY, n)
    return Sent(owner, number, second, is_held, active_later(second, wait, block.spec["hours"]["customers"]))


def campaigns(block, records, joined, out, sought, cycle, sales):
    """Let customers answer campaigns, and know both outcomes of each.

    Parameters
    ----------
    block : Block
    records : Records
    joined : Acquisition
        Where each customer joined: there they buy.
    out : Sent
    sought : Benefits
    cycle : LifeCycle
    sales : Sales
        What they buy anyway.

    Returns
    -------
    tables : dict
        campaigns: one row per customer who may be written to, in either arm.
    truth : dict
        uplift: the chance of buying, and what comes of it, both ways.
    answers : Answers
        What was bought, beyond what customers buy anyway.

    Notes
    -----
    Potential outcomes (Rubin 1974): both outcomes of a customer hang on the same draw, so
    that nobody is moved both ways. Who would buy anyway, who only if written to, who
    never, and who buys only if left alone: Radcliffe & Surry 1999. The uplift is that of
    the customer's state, plus that of the benefit class. What is bought comes beside the
    purchases of the customer's own process and leaves that process as it is: it is a
    transaction that carries the campaign's number, and one without a number where the
    customer was left alone. It is not lived through (see :mod:`crmlab.simulate.moments`).
    """
    spec = block.spec["campaigns"]
    n, owner = len(out.owner), out.owner
    if_not, if_treated = _chances(block, out, sought, cycle)
    height = block.draw("campaigns", "answers").random(n)
    worth = block.draw("campaigns", "revenue").standard_gamma(spec["revenue_shape"], n)
    worth = np.maximum(np.rint(worth * (100 * spec["revenue"] / spec["revenue_shape"])), 1).astype(np.int64)
    buys = height < np.where(out.is_held, if_not, if_treated)
    channel = np.array([CHANNELS.index(one["channel"]) for one in spec["sent"]], np.int8)[out.number]
    record = records.of(owner, out.second, channel)
    row = by_record(record)
    table = {
        "campaign_id": out.number[row] + 1,
        "record_id": record[row],
        "ts": times(out.second[row]),
        "channel": words(channel[row], CHANNELS),
        "arm": words(out.is_held[row].astype(np.int8), ARMS),
        "responded": buys[row],
        "revenue_cents": np.where(buys, worth, 0)[row],
    }
    truth = {
        "campaign_id": out.number + 1,
        "person_id": block.person[owner] + 1,
        "chance_if_treated": if_treated,
        "chance_if_not": if_not,
        "outcome_if_treated": height < if_treated,
        "outcome_if_not": height < if_not,
    }
    answers = _answers(block, joined, out, np.flatnonzero(buys), worth, sales)
    return {"campaigns": pd.DataFrame(table, copy=False)}, {"uplift": pd.DataFrame(truth, copy=False)}, answers


def _answers(block, joined, out, row, worth, sales):
    """What the customers of some rows bought, in order of customer and time."""
    row = row[np.lexsort((out.answer[row], out.owner[row]))]
    owner, amount = out.owner[row], worth[row]
    if "margins" in block.spec:  # more of what the contract is about
        group = sales.group[np.searchsorted(sales.owner, owner)]
        margin = amount * np.array(list(block.spec["margins"].values()))[group] // _PARTS
    else:
        margin, group, _ = goods(block, amount, "campaigns")
    bought = Sales(owner, out.answer[row], amount, margin, group, sales.groups, joined.channel[owner])
    return Answers(bought, np.where(out.is_held, 0, out.number + 1)[row])


def _meant_for(block, joined, left, agreed):
    """Whom the firm may write to in which campaign and when, in order of customer and time."""
    plan, spec = block.plan, block.spec["campaigns"]["sent"]
    day = np.array([plan.last_day - one["days_before"] for one in spec])
    may = np.column_stack([agreed[one["needs"]] for one in spec])
    second = day * DAY + clock(block, may.size, "firm", "campaigns").reshape(may.shape)
    is_there = (joined.second[:, None] <= second) & (left[:, None] > second) & (day >= plan.first_day)
    owner, number = np.nonzero(may & is_there)
    order = np.lexsort((day[number], owner))
    owner, number = owner[order], number[order]
    return owner, number, second[owner, number]


def _chances(block, out, sought, cycle):
    """Each customer's chance of buying without and with the campaign; who has left by then buys nothing."""
    spec, owner = block.spec["campaigns"], out.owner
    state = cycle.at(owner, out.second)
    is_there = out.answer < np.minimum(cycle.gone[owner], block.end_second)
    usual = np.array([one["usual"] for one in spec["states"].values()])[state]
    uplift = np.array([one["uplift"] for one in spec["states"].values()])[state]
    uplift = uplift + np.array([spec["uplift_by_class"].get(name, 0.0) for name in sought.names])[sought.place[owner]]
    return rounded(usual * is_there), rounded(np.clip(usual + uplift, 0, 1) * is_there)
