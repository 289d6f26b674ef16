"""Purchases without a contract (BG/NBD), and what each is worth (gamma-gamma)."""

import numpy as np
import pandas as pd

from crmlab.simulate.acquisition import channel_table
from crmlab.simulate.clock import TICKS, time_of_day
from crmlab.simulate.columns import DAY, times
from crmlab.simulate.dice import lookup
from crmlab.simulate.sales import Sales, cents, rank_within, rounded, totals

__all__ = ["purchases"]

_TICKS_PER_WEEK = 7 * TICKS
_PARTS = 10_000
_NEVER = np.iinfo(np.int64).max // 2_000_000
_LEAST_DROPOUT, _LEAST_NU = 1e-9, 1e-6


def purchases(block, joined):
    """Let the customers of a block buy, and some of them leave unseen.

    Parameters
    ----------
    block : Block
    joined : Acquisition
        When and where each customer joined; the first purchase is then and there.

    Returns
    -------
    sales : Sales
    value : pandas.DataFrame
        The truth, one row per person: purchase_rate (a week), dropout (chance after each
        repeat purchase), alive_until (empty if beyond the holdout), alive_at_end (of the
        history), mean_spend_cents, and what the holdout brought: future_purchases,
        future_value_cents.

    Notes
    -----
    Fader, Hardie & Lee 2005: purchases after the first come at random at a rate lambda
    ~ gamma(r, alpha) a week; after each of them the customer leaves with a chance
    p ~ beta(a, b).
    """
    rate, dropout, owner, second, gone = _times(block, joined, **block.spec["purchases"])
    amount, mean_spend = _spend(block, owner, **block.spec["spend"])
    sales = Sales(owner, second, amount, *_goods(block, amount), _channels(block, owner, joined))
    is_future = second >= block.end_second
    value = pd.DataFrame(
        {
            "person_id": block.person + 1,
            "purchase_rate": rate,
            "dropout": dropout,
            "alive_until": times(gone, gone == _NEVER),
            "alive_at_end": gone >= block.end_second,
            "mean_spend_cents": mean_spend,
            "future_purchases": totals(is_future, owner, block.size),
            "future_value_cents": totals(np.where(is_future, amount, 0), owner, block.size),
        }
    )
    return sales, value


def _times(block, joined, *, r, alpha, a, b):
    """When each customer buys and after which purchase they leave.

    Given how many random purchases fall into a span, their times are uniform in it: so
    their number is drawn, then a time for each. Times are drawn in ticks of activity and
    then follow the rhythm of the day (see :func:`crmlab.simulate.clock.time_of_day`).
    """
    n, plan = block.size, block.plan
    span = (plan.end_day - joined.day) * TICKS - joined.tick
    rate = rounded(block.draw("purchases", "rate").standard_gamma(r, n) / alpha)
    dropout = np.maximum(rounded(block.draw("purchases", "dropout").beta(a, b, n)), _LEAST_DROPOUT)
    wanted = block.draw("purchases", "count").poisson(rate * span / _TICKS_PER_WEEK)
    last = block.draw("purchases", "last").geometric(dropout)  # the repeat purchase after which they leave
    owner = np.repeat(np.arange(n), wanted)
    tick = plan.end_day * TICKS - 1 - block.draw("purchases", "time").integers(0, span[owner])
    second = _in_order(block, owner, tick)
    rank = rank_within(wanted) + 1
    is_last = rank == last[owner]
    gone = np.full(n, _NEVER)
    gone[owner[is_last]] = second[is_last]
    repeats = second[rank <= last[owner]]
    counts = np.minimum(wanted, last) + 1
    owner = np.repeat(np.arange(n), counts)
    is_first = rank_within(counts) == 0
    every = np.empty(len(owner), np.int64)
    every[is_first], every[~is_first] = joined.second, repeats
    return rate, dropout, owner, every, gone


def _in_order(block, owner, tick):
    """Put each customer's times in order, by sorting numbers made of customer and tick, and write them in seconds."""
    since = block.plan.first_day * TICKS
    bits = ((block.plan.end_day - block.plan.first_day) * TICKS).bit_length()  # with 16 of the customer 52 at most
    day, tick = np.divmod((np.sort((owner << bits) + (tick - since)) & ((1 << bits) - 1)) + since, TICKS)
    return day * DAY + time_of_day(tick, block.spec["hours"]["customers"])


def _spend(block, owner, *, p, q, gamma):
    """What each purchase is worth, and what a customer's purchases are worth on average, in cents.

    Fader & Hardie 2013: a purchase ~ gamma(p, nu), nu ~ gamma(q, gamma).
    """
    nu = np.maximum(rounded(block.draw("spend", "nu").standard_gamma(q, block.size) / gamma), _LEAST_NU)
    worth = block.draw("spend", "amount").standard_gamma(p, len(owner))
    return cents(worth / nu[owner]), cents(p / nu)


def _goods(block, amount):
    """Margin, kind of goods and the names of the kinds."""
    groups = block.spec["product_groups"]
    weights, margins = np.array(list(groups.values())).T
    group = block.pick(lookup(weights), len(amount), "purchases", "product_group")
    parts = margins[group] + block.draw("purchases", "margin").integers(-400, 401, len(amount))
    return amount * parts // _PARTS, group, tuple(groups)


def _channels(block, owner, joined):
    """The channel of the first purchase, mostly kept to."""
    table = channel_table(block.spec["acquisition"]["channels"])
    anywhere = block.pick(table, len(owner), "purchases", "channel")
    is_first = np.diff(owner, prepend=-1) > 0
    keeps = block.draw("purchases", "keeps_channel").random(len(owner)) < block.spec["habits"]["same_channel"]
    return np.where(is_first | keeps, joined.channel[owner], anywhere)
