"""Sales: what purchases and contracts both lead to, and how the firm writes them down."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmlab.simulate.columns import CHANNELS, times, whole, words

__all__ = ["SALE_BITS", "Sales", "by_record", "cents", "rank_within", "rounded", "totals", "transactions"]

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


def transactions(block, sales, records):
    """Write down the sales of the observed history.

    Parameters
    ----------
    block : Block
    sales : Sales
    records : Records
        Which record each sale is booked on.

    Returns
    -------
    pandas.DataFrame
    """
    ids = block.identities(np.arange(len(sales.owner)), SALE_BITS, "transactions")
    seen = np.flatnonzero(sales.second < block.end_second)
    record_id = records.of(sales.owner[seen], sales.second[seen], sales.channel[seen])
    moved = by_record(record_id)
    row = seen[moved]
    columns = {
        "transaction_id": ids[row],
        "record_id": record_id[moved],
        "ts": times(sales.second[row]),
        "amount_cents": sales.amount[row],
        "margin_cents": sales.margin[row],
        "product_group": words(sales.group[row], sales.groups),
        "channel": words(sales.channel[row], CHANNELS),
        "campaign_id": whole(np.zeros(len(row), np.int64), np.ones(len(row), bool)),
    }
    return pd.DataFrame(columns, copy=False)


def by_record(record_id):
    """Say where to take rows from, to bring rows in customer order into record order.

    Parameters
    ----------
    record_id : ndarray of int64
        Record of each row; those of one record are in order of time.

    Returns
    -------
    ndarray of int64
        Rows of one record stay in their order.

    Examples
    --------
    >>> by_record(np.array([30, 30, 10, 20])).tolist()
    [2, 3, 0, 1]
    """
    n = len(record_id)
    bits = max(n - 1, 1).bit_length()
    numbers = record_id - record_id.min(initial=np.iinfo(np.int64).max)  # of one block: 18 bits of records
    return np.sort((numbers << bits) + np.arange(n)) & ((1 << bits) - 1)


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
