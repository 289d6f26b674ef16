"""Purchases without a contract (BG/NBD), and what each is worth (gamma-gamma)."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmlab.simulate.acquisition import channel_table, clock
from crmlab.simulate.columns import DAY, times
from crmlab.simulate.dice import lookup

__all__ = ["Sales", "purchases", "rounded"]

_WEEK = 7
_PARTS = 10_000


@dataclass(frozen=True)
class Sales:
    """Sales of a block, in customer order, each customer's in order of time; those of the holdout too."""

    owner: np.ndarray  # customer within the block
    second: np.ndarray
    amount: np.ndarray  # cents
    margin: np.ndarray  # cents
    group: np.ndarray  # place in groups
    groups: tuple
    channel: np.ndarray  # place in CHANNELS


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
        The truth, one row per person.

    Notes
    -----
    Fader, Hardie & Lee 2005: purchases after the first come at random at a rate lambda
    ~ gamma(r, alpha) a week; after each of them the customer leaves with a chance
    p ~ beta(a, b). Given their number, the times of random purchases are uniform, so
    they are drawn as days at random from the day after the first.
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


_NEVER = np.iinfo(np.int64).max // 2_000_000


def _times(block, joined, *, r, alpha, a, b):
    """When each customer buys and after which purchase they leave."""
    n, span = block.size, block.plan.end_day - joined.day - 1
    rate = rounded(block.draw("purchases", "rate").standard_gamma(r, n) / alpha)
    dropout = np.maximum(rounded(block.draw("purchases", "dropout").beta(a, b, n)), 1e-9)
    wanted = block.draw("purchases", "count").poisson(rate * span / _WEEK)
    leaves_after = block.draw("purchases", "leaves_after").geometric(dropout)
    owner = np.repeat(np.arange(n), wanted)
    height = block.draw("purchases", "day").integers(0, 1 << 30, len(owner))
    day = joined.day[owner] + 1 + (height * span[owner] >> 30)
    second = day * DAY + clock(block, len(owner), "customers", "purchases")
    second = _in_order(owner, second, block.plan)
    rank = np.arange(len(owner)) - np.repeat(np.cumsum(wanted) - wanted, wanted) + 1
    happens = rank <= leaves_after[owner]
    gone = np.full(n, _NEVER)
    is_last = rank == leaves_after[owner]
    gone[owner[is_last]] = second[is_last]
    counts = np.minimum(wanted, leaves_after) + 1
    starts = np.cumsum(counts) - counts
    all_seconds = np.empty(counts.sum(), np.int64)
    is_repeat = np.ones(len(all_seconds), bool)
    is_repeat[starts] = False
    all_seconds[starts] = joined.second
    all_seconds[is_repeat] = second[happens]
    return rate, dropout, np.repeat(np.arange(n), counts), all_seconds, gone


def _in_order(owner, second, plan):
    """Put each customer's times in order, by sorting whole numbers of customer and time."""
    since = plan.first_day * DAY
    bits = int((plan.end_day - plan.first_day) * DAY).bit_length()  # 16 + 31 bits at most: no overflow
    return (np.sort((owner << bits) + (second - since)) & ((1 << bits) - 1)) + since


def _spend(block, owner, *, p, q, gamma):
    """What each purchase is worth, and what a customer's purchases are worth on average, in cents.

    Fader & Hardie 2013: a purchase ~ gamma(p, nu), nu ~ gamma(q, gamma).
    """
    nu = np.maximum(rounded(block.draw("spend", "nu").standard_gamma(q, block.size) / gamma), 1e-6)
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


def rounded(values):
    """Keep nine decimals, so that what is decided by a drawn number is the same on every machine."""
    return np.rint(values * 1e9) / 1e9


def cents(values):
    """Whole cents, one at least."""
    return np.maximum(np.rint(values * 100), 1).astype(np.int64)


def totals(values, owner, n):
    """Sum whole numbers by customer."""
    running = np.concatenate([[0], np.cumsum(values, dtype=np.int64)])
    ends = np.searchsorted(owner, np.arange(n), side="right")
    starts = np.concatenate([[0], ends[:-1]])
    return running[ends] - running[starts]
