"""Contracts month by month (sBG), and the payments they bring."""

import numpy as np
import pandas as pd

from crmlab.simulate.acquisition import channel_table
from crmlab.simulate.clock import clock
from crmlab.simulate.columns import DAY, days, months_on, times, words
from crmlab.simulate.dice import lookup
from crmlab.simulate.sales import Sales, cents, rank_within, rounded, totals

__all__ = ["contracts", "contracts_table", "payments"]

_PARTS = 10_000
_ID_BITS = 20


def contracts(block, joined):
    """Let the customers of a block sign contracts, and end them.

    Parameters
    ----------
    block : Block
    joined : Acquisition
        When each customer signed.

    Returns
    -------
    terms : pandas.DataFrame
        One row per customer, in order: day it starts, months it lasts, day it ends, plan, price.
    churn : ndarray of float
        The truth: each customer's chance of leaving after a month.

    Notes
    -----
    Fader & Hardie 2007: the chance of leaving is the same after each month of a customer
    and differs between customers as theta ~ beta(alpha, beta).
    """
    spec, n = block.spec["contracts"], block.size
    churn = np.maximum(rounded(block.draw("contracts", "churn").beta(spec["alpha"], spec["beta"], n)), 1e-9)
    most = 12 * (2 + (block.plan.end_day - block.plan.first_day) // 365)  # months, beyond the horizon
    months = np.minimum(block.draw("contracts", "months").geometric(churn), most)
    plans = block.spec["plans"]
    plan = block.pick(lookup([plan["weight"] for plan in plans]), n, "contracts", "plan")
    price = cents(np.array([plan["price"] for plan in plans]))[plan]
    terms = pd.DataFrame(
        {"start": joined.day, "months": months, "end": months_on(joined.day, months), "plan": plan, "price": price}
    )
    return terms, churn


def contracts_table(block, terms):
    """Write the contracts as the firm sees them at the end of the history."""
    spec, n = block.spec, block.size
    runs = (terms["end"] >= block.plan.last_day).to_numpy()
    reasons = tuple(spec["end_reasons"])
    reason = block.pick(lookup(spec["end_reasons"].values()), n, "contracts", "end_reason")
    start = terms["start"].to_numpy().astype("M8[D]")
    is_prepaid = block.draw("contracts", "prepaid").random(n) < spec["contracts"]["prepaid"]
    table = pd.DataFrame(
        {
            "contract_id": block.identities(np.arange(n), _ID_BITS, "contracts"),
            "record_id": block.record_id,
            "product": words(terms["plan"], [plan["product"] for plan in spec["plans"]]),
            "start": days(terms["start"]),
            "end": days(terms["end"], runs),
            "price_cents": terms["price"],
            "prepaid": is_prepaid,
            "renewal_day": (start - start.astype("M8[M]")).astype(np.int64) + 1,
            "end_reason": words(reason, reasons, runs),
        }
    )
    return table.take(block.order).reset_index(drop=True)


def payments(block, joined, terms, churn):
    """Collect a payment for each month a contract runs: its price and what was used beyond it.

    Parameters
    ----------
    block : Block
    joined : Acquisition
    terms : pandas.DataFrame
    churn : ndarray of float
        As :func:`contracts` gives them.

    Returns
    -------
    sales : Sales
    value : pandas.DataFrame
        The truth, one row per person.
    """
    plan, n = block.plan, block.size
    months_to_go = np.int64(plan.end_day).astype("M8[D]").astype("M8[M]") - joined.day.astype("M8[D]").astype("M8[M]")
    wanted = np.minimum(terms["months"].to_numpy(), months_to_go.astype(np.int64) + 1)
    owner = np.repeat(np.arange(n), wanted)
    day = months_on(joined.day[owner], rank_within(wanted))
    second = day * DAY + clock(block, len(owner), "payments", "payments")
    used, used_on_average = _usage(block, owner)
    amount = terms["price"].to_numpy()[owner] + used
    group, groups, margin = _goods(block, terms["plan"].to_numpy()[owner], amount)
    channel = _channels(block, owner)
    is_within = day < plan.end_day
    sales = Sales(*(column[is_within] for column in (owner, second, amount, margin, group)), groups, channel[is_within])
    is_future = is_within & (day >= plan.last_day)
    end = terms["end"].to_numpy()
    value = pd.DataFrame(
        {
            "person_id": block.person + 1,
            "churn_probability": churn,
            "alive_until": times(end * DAY, end >= plan.end_day),
            "alive_at_end": end >= plan.last_day,
            "mean_spend_cents": terms["price"].to_numpy() + used_on_average,
            "future_purchases": totals(is_future, owner, n),
            "future_value_cents": totals(np.where(is_future, amount, 0), owner, n),
        }
    )
    return sales, value


def _usage(block, owner):
    """Cents used beyond the plan: each month's, and each customer's mean."""
    spec = block.spec["usage"]
    shape, months = spec["shape_customers"], spec["shape_months"]
    mean = rounded(block.draw("payments", "usage_mean").standard_gamma(shape, block.size) * (spec["mean"] / shape))
    used = block.draw("payments", "usage").standard_gamma(months, len(owner)) * (mean[owner] / months)
    return np.rint(used * 100).astype(np.int64), np.rint(mean * 100).astype(np.int64)


def _goods(block, plan, amount):
    """Kind of service, the names of the kinds, and margin."""
    margins = block.spec["margins"]
    groups = tuple(margins)
    group = np.array([groups.index(one["group"]) for one in block.spec["plans"]], dtype=np.uint8)[plan]
    return group, groups, amount * np.array(list(margins.values()))[group] // _PARTS


def _channels(block, owner):
    """The channel each payment comes through: mostly the customer's usual one."""
    table = channel_table(block.spec["payments"]["channels"])
    anywhere = block.pick(table, len(owner), "payments", "channel")
    usual = block.pick(table, block.size, "payments", "usual_channel")
    keeps = block.draw("payments", "keeps_channel").random(len(owner)) < block.spec["habits"]["same_channel"]
    return np.where(keeps, usual[owner], anywhere)
