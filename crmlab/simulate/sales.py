"""Sales: what purchases and contracts both lead to, and how the firm writes them down."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmlab.simulate.columns import CHANNELS, times, whole, words

__all__ = [
    "SALE_BITS",
    "Answers",
    "Sales",
    "among",
    "by_record",
    "cents",
    "from_the_end",
    "rank_within",
    "rounded",
    "totals",
    "transactions",
]

SALE_BITS = 28


@dataclass(frozen=True)
class Sales:
    """Sales of a block in customer order, each customer's in order of time; those of the holdout too."""

    owner: np.ndarray  # customer within the block
    second: np.ndarray  # since 1970
    amount: np.ndarray  # cents
    margin: np.ndarray  # cents
    group: np.ndarray  # place in groups
    groups: tuple  # names of the kinds of goods
    channel: np.ndarray  # place in CHANNELS


@dataclass(frozen=True)
class Answers:
    """What customers bought while a campaign was watched, beyond what they buy anyway; ordered as sales are."""

    sales: Sales
    campaign: np.ndarray  # number of the campaign it answers; 0 for those it left alone by lot


def transactions(block, sales, records, answers=None):
    """Write down the sales of the observed history.

    Parameters
    ----------
    block : Block
    sales : Sales
    records : Records
        Which record each sale is booked on.
    answers : Answers, optional
        What campaigns brought.

    Returns
    -------
    table : pandas.DataFrame
    misbooked : pandas.DataFrame
        The truth: see :meth:`Records.misbooked`.
    """
    number = np.flatnonzero(sales.second < block.end_second)
    names = ("owner", "second", "amount", "margin", "group", "channel")
    column = {name: getattr(sales, name)[number] for name in names}
    campaign = np.zeros(len(number), np.int64)
    if answers is not None:
        extra = answers.sales
        order = among(column["owner"], column["second"], extra.owner, extra.second)
        column = {name: np.concatenate([column[name], getattr(extra, name)])[order] for name in names}
        campaign = np.concatenate([campaign, answers.campaign])[order]
        number = np.concatenate([number, from_the_end(len(extra.owner), SALE_BITS)])[order]
    record_id = records.of(column["owner"], column["second"], column["channel"])
    row = records.in_order(record_id, column["second"])
    columns = {
        "transaction_id": block.identities(number[row], SALE_BITS, "transactions"),
        "record_id": record_id[row],
        "ts": times(column["second"][row]),
        "amount_cents": column["amount"][row],
        "margin_cents": column["margin"][row],
        "product_group": words(column["group"][row], sales.groups),
        "channel": words(column["channel"][row], CHANNELS),
        "campaign_id": whole(campaign[row], campaign[row] == 0),
    }
    ids, record_id = columns["transaction_id"], columns["record_id"]
    misbooked = records.misbooked("transactions", ids, record_id, column["owner"], row)
    return pd.DataFrame(columns, copy=False), misbooked


def among(owner, second, more_owner, more_second):
    """Say where to take rows from, to bring further rows among those in order of customer and time.

    Parameters
    ----------
    owner, second : ndarray of int64
        The rows that are there, in order.
    more_owner, more_second : ndarray of int64
        Those to come, in order; they count on from the others.

    Returns
    -------
    ndarray of int64

    Examples
    --------
    >>> among(np.array([0, 0, 2]), np.array([5, 9, 3]), np.array([0, 1]), np.array([7, 1])).tolist()
    [0, 3, 1, 4, 2]
    """
    n = len(owner)
    least = min(second.min(initial=0), more_second.min(initial=0))
    bits = int(max(second.max(initial=0), more_second.max(initial=0)) - least).bit_length()
    at = np.searchsorted((owner << bits) + (second - least), (more_owner << bits) + (more_second - least), side="right")
    return np.insert(np.arange(n), at, np.arange(n, n + len(at)))


def from_the_end(n, bits):
    """Number n rows from the last number down, so that they stay what they are when others join the block."""
    return (1 << bits) - 1 - np.arange(n)


def by_record(record_id, *further):
    """Say where to take rows from, to bring rows in customer order into record order.

    Parameters
    ----------
    record_id : ndarray of int64
        Record of each row, or whatever else they go by.
    *further : ndarray of int64
        What rows of one record go by, such as their time; without it they stay in their order.

    Returns
    -------
    ndarray of int64

    Notes
    -----
    As ``numpy.lexsort``, but numbers that hold key and row are sorted, which is much
    quicker than to sort the rows of numbers. A key spans 2**40 at most: one block has at
    most 2**22 rows.

    Examples
    --------
    >>> by_record(np.array([30, 30, 10, 20])).tolist()
    [2, 3, 0, 1]
    >>> by_record(np.array([30, 30, 10, 20]), np.array([9, 8, 7, 6])).tolist()
    [2, 3, 1, 0]
    """
    n = len(record_id)
    bits = max(n - 1, 1).bit_length()
    row = None
    for key in (*further[::-1], record_id):
        numbers = key - key.min(initial=np.iinfo(np.int64).max)
        numbers = (numbers if row is None else numbers[row]) << bits
        numbers += np.arange(n)
        numbers.sort()
        numbers &= (1 << bits) - 1
        row = numbers if row is None else row[numbers]
    return row


def rank_within(counts):
    """Count each customer's events: 0, 1, 2 …

    Parameters
    ----------
    counts : ndarray of int64
        How many events each customer has.

    Returns
    -------
    ndarray of int64
        One entry per event, in customer order.

    Examples
    --------
    >>> rank_within(np.array([2, 0, 3])).tolist()
    [0, 1, 0, 1, 2]
    """
    return np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)


def totals(values, owner, n):
    """Sum whole numbers by customer.

    Parameters
    ----------
    values : ndarray of int or bool
    owner : ndarray of int64
        Customer of each value, rising.
    n : int
        How many customers there are.

    Returns
    -------
    ndarray of int64

    Examples
    --------
    >>> totals(np.array([5, 7, 1]), np.array([0, 0, 2]), 3).tolist()
    [12, 0, 1]
    """
    running = np.concatenate([[0], np.cumsum(values, dtype=np.int64)])
    ends = np.cumsum(np.bincount(owner, minlength=n))
    return np.diff(running[ends], prepend=0)


def rounded(values):
    """Keep nine decimals, so that nothing is decided by the last bits of a drawn number."""
    return np.rint(values * 1e9) / 1e9


def cents(values):
    """Turn amounts into whole cents, one at least."""
    return np.maximum(np.rint(np.asarray(values) * 100), 1).astype(np.int64)
