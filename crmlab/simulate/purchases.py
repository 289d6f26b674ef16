"""Purchases without a contract, and what each is worth (gamma-gamma)."""

import numpy as np
import pandas as pd

from crmlab.simulate.accounts import account_sizes, size_factors
from crmlab.simulate.acquisition import channel_table
from crmlab.simulate.columns import times, words
from crmlab.simulate.dice import lookup
from crmlab.simulate.purchase_times import NEVER, PROCESSES
from crmlab.simulate.sales import Sales, cents, rank_within, rounded, totals

__all__ = ["goods", "purchases"]

_PARTS = 10_000
_LEAST_NU = 1e-6


def purchases(block, joined):
    """Let the customers of a block buy, and some of them leave unseen.

    Parameters
    ----------
    block : Block
        Its spec's ``[purchases]`` names the process (see
        :mod:`crmlab.simulate.purchase_times`) and its parameters.
    joined : Acquisition
        When and where each customer joined; the first purchase is then and there.

    Returns
    -------
    sales : Sales
    value : pandas.DataFrame
        The truth, one row per person: the latent rates of the process (such as
        purchase_rate, a week, and dropout, the chance of leaving after each repeat
        purchase), alive_until (empty if beyond the holdout), alive_at_end (of the
        history), mean_spend_cents, and what the holdout brought: future_purchases,
        future_value_cents.
    """
    asked = dict(block.spec["purchases"])
    bought = PROCESSES[asked.pop("process", "bg_nbd")](block, joined, **asked)
    owner, second = _with_first(bought, joined)
    amount, mean_spend = _spend(block, owner, bought.truth, **block.spec["spend"])
    sales = Sales(owner, second, amount, *goods(block, amount), _channels(block, owner, joined))
    is_future = second >= block.end_second
    value = pd.DataFrame(
        {
            "person_id": block.person + 1,
            **bought.truth,
            "alive_until": times(bought.gone, bought.gone == NEVER),
            "alive_at_end": bought.gone >= block.end_second,
            "mean_spend_cents": mean_spend,
            "future_purchases": totals(is_future, owner, block.size),
            "future_value_cents": totals(np.where(is_future, amount, 0), owner, block.size),
        }
    )
    if "accounts" in block.spec:
        sizes = [size["name"] for size in block.spec["accounts"]]
        value.insert(1, "account_size", words(account_sizes(block), sizes))
    return sales, value


def _with_first(bought, joined):
    """Put each customer's first purchase before the repeated ones."""
    owner = np.repeat(np.arange(len(bought.counts)), bought.counts)
    is_first = rank_within(bought.counts) == 0
    second = np.empty(len(owner), np.int64)
    second[is_first], second[~is_first] = joined.second, bought.repeats
    return owner, second


def _spend(block, owner, truth, *, p, q, gamma, with_rate=0):
    """What each purchase is worth, and what a customer's purchases are worth on average, in cents.

    Fader & Hardie 2013: a purchase ~ gamma(p, nu), nu ~ gamma(q, gamma), whatever the
    rate of purchases. ``with_rate`` breaks this independence: a customer who buys twice
    as often as the mean spends ``2 ** with_rate`` times as much each time.
    """
    nu = np.maximum(rounded(block.draw("spend", "nu").standard_gamma(q, block.size) / gamma), _LEAST_NU)
    if with_rate:
        rate = np.maximum(truth["purchase_rate" if "purchase_rate" in truth else "purchase_chance"], _LEAST_NU)
        mean = _mean_rate(block.spec["purchases"])
        nu = np.maximum(rounded(nu * (rate / mean) ** -with_rate), _LEAST_NU)
    nu /= size_factors(block)
    worth = block.draw("spend", "amount").standard_gamma(p, len(owner))
    return cents(worth / nu[owner]), cents(p / nu)


def _mean_rate(asked):
    """The mean rate (or chance) of purchases, the same in every block."""
    if asked.get("process") == "bg_bb":
        return asked["alpha"] / (asked["alpha"] + asked["beta"])
    return asked["r"] / asked["alpha"]


def goods(block, amount, table="purchases"):
    """Say what was bought for each amount.

    Parameters
    ----------
    block : Block
    amount : ndarray of int64
        Cents.
    table : str
        What the dice are for.

    Returns
    -------
    margin : ndarray of int64
        Cents.
    group : ndarray of int
        Place in the names.
    names : tuple
        Kinds of goods.
    """
    groups = block.spec["product_groups"]
    weights, margins = np.array(list(groups.values())).T
    group = block.pick(lookup(weights), len(amount), table, "product_group")
    parts = margins[group] + block.draw(table, "margin").integers(-400, 401, len(amount))
    return amount * parts // _PARTS, group, tuple(groups)


def _channels(block, owner, joined):
    """The channel of the first purchase, mostly kept to."""
    table = channel_table(block.spec["acquisition"]["channels"])
    anywhere = block.pick(table, len(owner), "purchases", "channel")
    is_first = np.diff(owner, prepend=-1) > 0
    keeps = block.draw("purchases", "keeps_channel").random(len(owner)) < block.spec["habits"]["same_channel"]
    return np.where(is_first | keeps, joined.channel[owner], anywhere)
