"""Campaigns: who was left alone by lot, who answered, and what would have been otherwise."""

import numpy as np
import pandas as pd

from crmlab.simulate.clock import clock
from crmlab.simulate.columns import CHANNELS, DAY, times, words
from crmlab.simulate.sales import by_record, rounded

__all__ = ["ARMS", "campaigns"]

ARMS = ("treated", "holdout")


def campaigns(block, records, joined, left, agreed, sought, cycle):
    """Send campaigns to customers by lot, and know both outcomes of each.

    Parameters
    ----------
    block : Block
    records : Records
    joined : Acquisition
    left : ndarray of int64
        The second the firm knows each customer to have left, or the end of the history.
    agreed : dict of str to ndarray
    sought : Benefits
    cycle : LifeCycle

    Returns
    -------
    tables : dict
        campaigns: one row per customer who may be written to, in either arm.
    truth : dict
        uplift: the chance of buying, and what comes of it, both ways.

    Notes
    -----
    Potential outcomes (Rubin 1974): both outcomes of a customer hang on the same draw, so
    that nobody is moved both ways. Who would buy anyway, who only if written to, who
    never, and who buys only if left alone: Radcliffe & Surry 1999. The uplift is that of
    the customer's state, plus that of the benefit class.
    """
    spec = block.spec["campaigns"]
    owner, number, second = _written_to(block, joined, left, agreed)
    n = len(owner)
    is_held = block.draw("campaigns", "arm").random(n) < spec["holdout"]
    if_not, if_treated = _chances(spec, owner, second, sought, cycle)
    height = block.draw("campaigns", "answers").random(n)
    worth = block.draw("campaigns", "revenue").standard_gamma(spec["revenue_shape"], n)
    worth = np.maximum(np.rint(worth * (100 * spec["revenue"] / spec["revenue_shape"])), 1).astype(np.int64)
    answers = height < np.where(is_held, if_not, if_treated)
    channel = np.array([CHANNELS.index(one["channel"]) for one in spec["sent"]], np.int8)[number]
    record = records.of(owner, second)
    row = by_record(record)
    table = {
        "campaign_id": number[row] + 1,
        "record_id": record[row],
        "ts": times(second[row]),
        "channel": words(channel[row], CHANNELS),
        "arm": words(is_held[row].astype(np.int8), ARMS),
        "responded": answers[row],
        "revenue_cents": np.where(answers, worth, 0)[row],
    }
    truth = {
        "campaign_id": number + 1,
        "person_id": block.person[owner] + 1,
        "chance_if_treated": if_treated,
        "chance_if_not": if_not,
        "outcome_if_treated": height < if_treated,
        "outcome_if_not": height < if_not,
    }
    return {"campaigns": pd.DataFrame(table, copy=False)}, {"uplift": pd.DataFrame(truth, copy=False)}


def _written_to(block, joined, left, agreed):
    """Whom the firm may write to in which campaign and when, in customer order."""
    plan, sent = block.plan, block.spec["campaigns"]["sent"]
    day = np.array([plan.last_day - one["days_before"] for one in sent])
    may = np.column_stack([agreed[one["needs"]] for one in sent])
    second = day * DAY + clock(block, may.size, "firm", "campaigns").reshape(may.shape)
    is_there = (joined.second[:, None] <= second) & (left[:, None] > second) & (day >= plan.first_day)
    owner, number = np.nonzero(may & is_there)
    order = np.lexsort((day[number], owner))
    owner, number = owner[order], number[order]
    return owner, number, second[owner, number]


def _chances(spec, owner, second, sought, cycle):
    """Each customer's chance of buying without and with the campaign."""
    state, is_gone = cycle.at(owner, second), cycle.gone[owner] <= second
    usual = np.array([one["usual"] for one in spec["states"].values()])[state]
    uplift = np.array([one["uplift"] for one in spec["states"].values()])[state]
    uplift = uplift + np.array([spec["uplift_by_class"].get(name, 0.0) for name in sought.names])[sought.place[owner]]
    if_not = rounded(np.where(is_gone, spec["usual_once_gone"], usual))
    return if_not, rounded(np.clip(if_not + np.where(is_gone, 0, uplift), 0, 1))
