"""When customers without a contract buy, and when they leave: four published processes."""

from dataclasses import dataclass

import numpy as np

from crmlab.simulate.clock import TICKS, clock, time_of_day
from crmlab.simulate.columns import DAY
from crmlab.simulate.sales import rank_within, rounded

__all__ = ["NEVER", "PROCESSES", "PurchaseTimes"]

NEVER = np.iinfo(np.int64).max // 2_000_000  # a second beyond every horizon
_WEEK = 7 * TICKS
_LEAST = 1e-9
_DAYS_PER_WEEK = 7


@dataclass(frozen=True)
class PurchaseTimes:
    """The purchases of a block after each customer's first, in customer order and in order of time."""

    counts: np.ndarray  # purchases of each customer, the first among them
    repeats: np.ndarray  # seconds of all but the first
    gone: np.ndarray  # the second each customer leaves, or NEVER
    truth: dict  # latent rates by name of the column


def bg_nbd(block, joined, *, r, alpha, a, b):
    """Buy at random while a customer; leave, perhaps, after a repeat purchase.

    Notes
    -----
    Fader, Hardie & Lee 2005, Marketing Science 24: purchases after the first come at a
    rate lambda ~ gamma(r, alpha) a week; after each of them the customer leaves with a
    chance p ~ beta(a, b).
    """
    n = block.size
    rate = _rate(block, r, alpha)
    dropout = np.maximum(rounded(block.draw("purchases", "dropout").beta(a, b, n)), _LEAST)
    wanted, second = _at_random(block, joined, rate)
    last = block.draw("purchases", "last").geometric(dropout)  # the repeat purchase after which they leave
    owner, rank = np.repeat(np.arange(n), wanted), rank_within(wanted) + 1
    is_last = rank == last[owner]
    gone = np.full(n, NEVER)
    gone[owner[is_last]] = second[is_last]
    truth = {"purchase_rate": rate, "dropout": dropout}
    return PurchaseTimes(np.minimum(wanted, last) + 1, second[rank <= last[owner]], gone, truth)


def pareto_nbd(block, joined, *, r, alpha, s, beta):
    """Buy at random while a customer; leave at any moment, unseen.

    Notes
    -----
    Schmittlein, Morrison & Colombo 1987, Management Science 33: purchases after the
    first come at a rate lambda ~ gamma(r, alpha) a week, for a lifetime that ends at a
    rate mu ~ gamma(s, beta) a week.
    """
    return regular(block, joined, r=r, alpha=alpha, s=s, beta=beta, regularity=1)


def regular(block, joined, *, r, alpha, s, beta, regularity):
    """Buy more evenly than at random while a customer; leave at any moment, unseen.

    Notes
    -----
    Chatfield & Goodhardt 1973, Journal of Marketing Research 10: the time between two
    purchases is Erlang of order ``regularity``, that is, only every so-manieth event of
    a faster random process is a purchase (their condensed Poisson has order 2). The rate
    of purchases is lambda ~ gamma(r, alpha) a week; lifetimes are as in the Pareto/NBD,
    as Platzer & Reutterer 2016, Marketing Science 35, join the two.
    """
    n = block.size
    rate = _rate(block, r, alpha)
    mu = np.maximum(rounded(block.draw("purchases", "dropout").standard_gamma(s, n) / beta), _LEAST)
    wanted, second = _at_random(block, joined, rate * regularity)
    weeks = np.minimum(block.draw("purchases", "lifetime").standard_exponential(n) / mu, 10 * _horizon_weeks(block))
    gone = joined.second + np.rint(weeks * _DAYS_PER_WEEK * DAY).astype(np.int64)
    owner, rank = np.repeat(np.arange(n), wanted), rank_within(wanted) + 1
    kept = (rank % regularity == 0) & (second < gone[owner])
    counts = np.bincount(owner[kept], minlength=n) + 1
    gone = np.where(gone < block.plan.end_day * DAY, gone, NEVER)
    return PurchaseTimes(counts, second[kept], gone, {"purchase_rate": rate, "dropout_rate": mu})


def bg_bb(block, joined, *, alpha, beta, gamma, delta, every_days):
    """Buy or not at each of a row of occasions, while a customer.

    Notes
    -----
    Fader, Hardie & Shang 2010, Marketing Science 29: occasions come every so many days;
    a customer who has left at the beginning of an occasion, with a chance theta ~
    beta(gamma, delta), is gone for good; one who has not buys with a chance p ~
    beta(alpha, beta).
    """
    n, end = block.size, block.plan.end_day
    chance = rounded(block.draw("purchases", "rate").beta(alpha, beta, n))
    theta = np.maximum(rounded(block.draw("purchases", "dropout").beta(gamma, delta, n)), _LEAST)
    occasions = (end - 1 - joined.day) // every_days
    last = block.draw("purchases", "last").geometric(theta) - 1  # the occasion after which they leave
    owner, rank = np.repeat(np.arange(n), occasions), rank_within(occasions) + 1
    buys = block.draw("purchases", "count").random(len(owner)) < chance[owner]
    kept = buys & (rank <= last[owner])
    day = joined.day[owner] + rank * every_days
    second = day * DAY + clock(block, len(owner), "customers", "purchases")
    leaves = np.minimum(joined.day + (np.minimum(last, occasions) + 1) * every_days, end)
    gone = np.where((last < occasions) & (leaves < end), leaves * DAY, NEVER)
    truth = {"purchase_chance": chance, "dropout": theta}
    return PurchaseTimes(np.bincount(owner[kept], minlength=n) + 1, second[kept], gone, truth)


def _rate(block, r, alpha):
    """Purchases a week, by customer."""
    return rounded(block.draw("purchases", "rate").standard_gamma(r, block.size) / alpha)


def _horizon_weeks(block):
    return -(-(block.plan.end_day - block.plan.first_day) // _DAYS_PER_WEEK)


def _at_random(block, joined, rate):
    """Random events from joining to the end of the holdout: how many by customer, and their seconds in order.

    Given how many random events fall into a span, their times are uniform in it: so their
    number is drawn, then a time for each. Times are drawn in ticks of activity and then
    follow the rhythm of the day (see :func:`crmlab.simulate.clock.time_of_day`).
    """
    end = block.plan.end_day
    span = (end - joined.day) * TICKS - joined.tick
    wanted = block.draw("purchases", "count").poisson(rate * span / _WEEK)
    owner = np.repeat(np.arange(block.size), wanted)
    tick = end * TICKS - 1 - block.draw("purchases", "time").integers(0, span[owner])
    return wanted, _in_order(block, owner, tick)


def _in_order(block, owner, tick):
    """Put each customer's times in order, by sorting numbers made of customer and tick, and write them in seconds."""
    since = block.plan.first_day * TICKS
    bits = ((block.plan.end_day - block.plan.first_day) * TICKS).bit_length()  # with 16 of the customer 52 at most
    day, tick = np.divmod((np.sort((owner << bits) + (tick - since)) & ((1 << bits) - 1)) + since, TICKS)
    return day * DAY + time_of_day(tick, block.spec["hours"]["customers"])


PROCESSES = {process.__name__: process for process in (bg_nbd, pareto_nbd, bg_bb, regular)}
