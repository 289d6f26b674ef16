"""Contracts month by month (sBG, moved by service that fails), cards beside them, and the payments they bring."""

import numpy as np
import pandas as pd

from crmlab.simulate.acquisition import channel_table
from crmlab.simulate.clock import clock
from crmlab.simulate.columns import DAY, days, months_on, times, words
from crmlab.simulate.dice import lookup
from crmlab.simulate.outages import leave_earlier, month_of
from crmlab.simulate.plan import BLOCK
from crmlab.simulate.sales import Sales, by_record, cents, rank_within, rounded, totals

__all__ = ["contracts", "contracts_table", "payments"]

_PARTS = 10_000
_ID_BITS = 20
_MONTHS_SHAPE = 4.0  # of the gamma by which a balance differs from month to month


def contracts(block, joined, felt=None):
    """Let the customers of a block sign contracts, and end them.

    Parameters
    ----------
    block : Block
    joined : Acquisition
        When each customer signed.
    felt : Failures, optional
        Outages that customers felt.

    Returns
    -------
    terms : pandas.DataFrame
        One row per customer, in order: day it starts, months it lasts, day it ends, plan,
        price, and whether a failure is why it ended when it did.
    churn : ndarray of float
        The truth: each customer's chance of leaving after a month without failures.

    Notes
    -----
    Fader & Hardie 2007: the chance of leaving is the same after each month of a customer
    and differs between customers as theta ~ beta(alpha, beta). A failure in a month
    counts as k further months: the chance is then 1 - (1 - theta) ** (1 + k), that is,
    hazards are proportional (Bolton 1998, Marketing Science 17, finds that what went
    wrong shortens the relationship; Keaveney 1995, Journal of Marketing 59, that it is
    the first reason to switch).
    """
    spec, n = block.spec["contracts"], block.size
    churn = np.maximum(rounded(block.draw("contracts", "churn").beta(spec["alpha"], spec["beta"], n)), 1e-9)
    most = 12 * (2 + (block.plan.end_day - block.plan.first_day) // 365)  # months, beyond the horizon
    months = block.draw("contracts", "months").geometric(churn)
    is_failure = np.zeros(n, bool)
    if felt is not None:
        month = month_of(joined.day[felt.owner], felt.second // DAY)
        months, is_failure = leave_earlier(months, block.spec["outages"]["felt_as_months"], felt.owner, month)
    months = np.minimum(months, most)
    plans = block.spec["plans"]
    plan = block.pick(lookup([plan["weight"] for plan in plans]), n, "contracts", "plan")
    columns = {
        "start": joined.day,
        "months": months,
        "end": months_on(joined.day, months),
        "plan": plan,
        "price": cents(np.array([plan["price"] for plan in plans]))[plan],
        "is_failure": is_failure,
    }
    return pd.DataFrame(columns), churn


def _agreements(block, terms):
    """All contracts, in customer order: each customer's own and the cards that go with it.

    A card is taken some months on and ends with the contract it goes with.
    """
    own = terms.assign(owner=np.arange(block.size), number=np.arange(block.size))
    parts = [own]
    for place, card in enumerate(block.spec.get("cards", ())):
        takes = block.draw("cards", "taken", card["product"]).random(block.size) < card["share"]
        later = block.draw("cards", "month", card["product"]).geometric(1 / (1 + card["months"]), block.size) - 1
        takes &= later < terms["months"].to_numpy()
        taken = own[takes].assign(plan=len(block.spec["plans"]) + place, price=cents(card["price"]).item())
        taken["start"], taken["months"] = months_on(taken["start"], later[takes]), taken["months"] - later[takes]
        parts.append(taken.assign(number=taken["number"] + (1 + place) * BLOCK))
    return pd.concat(parts).sort_values("owner", kind="stable", ignore_index=True) if len(parts) > 1 else own


def _kinds(block):
    """Plans, then cards."""
    return [*block.spec["plans"], *block.spec.get("cards", ())]


def contracts_table(block, terms, records):
    """Write down the contracts as the firm sees them at the end of the history.

    Parameters
    ----------
    block : Block
    terms : pandas.DataFrame
        As :func:`contracts` gives them.
    records : Records
        A contract stands on one of those that its customer had on its last day, a card on
        one of those that were there when it was taken.

    Returns
    -------
    table : pandas.DataFrame
        In order of record.
    misbooked : pandas.DataFrame
        The truth: see :meth:`Records.misbooked`.
    """
    spec, all_terms = block.spec, _agreements(block, terms)
    all_terms = all_terms[all_terms["start"] < block.plan.last_day]
    owner, n = all_terms["owner"].to_numpy(), block.size
    runs = (all_terms["end"] >= block.plan.last_day).to_numpy()
    reasons = tuple(spec["end_reasons"])
    reason = block.pick(lookup(spec["end_reasons"].values()), n, "contracts", "end_reason")
    if "service" in reasons:
        reason = np.where(terms["is_failure"], reasons.index("service"), reason)
    start = all_terms["start"].to_numpy().astype("M8[D]")
    is_prepaid = block.draw("contracts", "prepaid").random(n) < spec["contracts"]["prepaid"]
    end_day = np.minimum(all_terms["end"], block.plan.last_day).to_numpy()
    is_own = (all_terms["number"] < BLOCK).to_numpy()
    booked = np.where(is_own, end_day * DAY - 1, all_terms["start"].to_numpy() * DAY)
    table = {
        "contract_id": block.identities(all_terms["number"].to_numpy(), _ID_BITS, "contracts"),
        "record_id": records.of(owner, booked),
        "product": words(all_terms["plan"], [kind["product"] for kind in _kinds(block)]),
        "start": days(all_terms["start"]),
        "end": days(all_terms["end"], runs),
        "price_cents": all_terms["price"].to_numpy(),
        "prepaid": is_prepaid[owner],
        "renewal_day": (start - start.astype("M8[M]")).astype(np.int64) + 1,
        "end_reason": words(reason[owner], reasons, runs),
    }
    if "balances" in spec:
        holds = runs & is_own
        table["balance_cents"] = np.where(holds, _balances(block, np.arange(n), "now")[owner], 0)
    table = pd.DataFrame(table)
    row = by_record(table["record_id"].to_numpy())
    table = table.take(row).reset_index(drop=True)
    ids, record_id = (table[name].to_numpy() for name in ("contract_id", "record_id"))
    return table, records.misbooked("contracts", ids, record_id, owner, row)


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
    sales, used_on_average = _monthly(block, _agreements(block, terms))
    is_future = sales.second >= block.end_second
    end, n = terms["end"].to_numpy(), block.size
    value = {
        "person_id": block.person + 1,
        "churn_probability": churn,
        "alive_until": times(end * DAY, end >= block.plan.end_day),
        "alive_at_end": end >= block.plan.last_day,
        "mean_spend_cents": terms["price"].to_numpy() + used_on_average,
        "future_purchases": totals(is_future, sales.owner, n),
        "future_value_cents": totals(np.where(is_future, sales.amount, 0), sales.owner, n),
    }
    if "outages" in block.spec:
        value["left_by_failure"] = terms["is_failure"].to_numpy() & (end < block.plan.end_day)
    if "balances" in block.spec:
        value["mean_balance_cents"] = _mean_balances(block)
    return sales, pd.DataFrame(value)


def _monthly(block, all_terms):
    """One payment a month for each contract, in order of customer and time, and what each customer uses on average."""
    plan, start = block.plan, all_terms["start"].to_numpy()
    to_go = np.int64(plan.end_day).astype("M8[D]").astype("M8[M]") - start.astype("M8[D]").astype("M8[M]")
    wanted = np.clip(all_terms["months"].to_numpy(), 0, np.maximum(to_go.astype(np.int64) + 1, 0))
    row = np.repeat(np.arange(len(all_terms)), wanted)
    owner = all_terms["owner"].to_numpy()[row]
    day = months_on(start[row], rank_within(wanted))
    second = day * DAY + clock(block, len(owner), "payments", "payments")
    is_own = all_terms["number"].to_numpy()[row] < BLOCK
    used, used_on_average = _usage(block, owner)
    amount = all_terms["price"].to_numpy()[row] + used * is_own
    group, groups, margin = _goods(block, all_terms["plan"].to_numpy()[row], amount)
    if "balances" in block.spec:
        margin = margin + is_own * _interest(block, owner)
    columns = (owner, second, amount, margin, group, _channels(block, owner))
    kept = np.flatnonzero(day < plan.end_day)
    if "cards" in block.spec:
        kept = kept[np.lexsort((second[kept], owner[kept]))]
    owner, second, amount, margin, group, channel = (column[kept] for column in columns)
    return Sales(owner, second, amount, margin, group, groups, channel), used_on_average


def _mean_balances(block):
    """What each customer holds on average, in cents."""
    spec = block.spec["balances"]
    drawn = rounded(block.draw("payments", "balance_mean").standard_gamma(spec["shape"], block.size))
    return np.rint(drawn * (100 * spec["mean"] / spec["shape"])).astype(np.int64)


def _balances(block, owner, what):
    """What the customers hold at some moments, about their mean, in cents."""
    drawn = rounded(block.draw("payments", "balance", what).standard_gamma(_MONTHS_SHAPE, len(owner)) / _MONTHS_SHAPE)
    return np.rint(_mean_balances(block)[owner] * drawn).astype(np.int64)


def _interest(block, owner):
    """What the firm earns on a balance in a month, in cents."""
    yearly = round(block.spec["balances"]["interest"] * _PARTS)
    return _balances(block, owner, "monthly") * yearly // (12 * _PARTS)


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
    group = np.array([groups.index(one["group"]) for one in _kinds(block)], dtype=np.uint8)[plan]
    return group, groups, amount * np.array(list(margins.values()))[group] // _PARTS


def _channels(block, owner):
    """The channel each payment comes through: mostly the customer's usual one."""
    table = channel_table(block.spec["payments"]["channels"])
    anywhere = block.pick(table, len(owner), "payments", "channel")
    usual = block.pick(table, block.size, "payments", "usual_channel")
    keeps = block.draw("payments", "keeps_channel").random(len(owner)) < block.spec["habits"]["same_channel"]
    return np.where(keeps, usual[owner], anywhere)
