"""Sales: what purchases and contracts both lead to, and how the firm writes them down."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmlab.simulate.columns import CHANNELS, times, whole, words

__all__ = ["Sales", "by_record", "cents", "rank_within", "rounded", "totals", "transactions"]

_ID_BITS = 28


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


def transactions(block, sales):
    """Write down the sales of the observed history.

    Parameters
    ----------
    block : Block
    sales : Sales

    Returns
    -------
    pandas.DataFrame
    """
    ids = block.identities(np.arange(len(sales.owner)), _ID_BITS, "transactions")
    seen = np.flatnonzero(sales.second < block.end_second)
    row = seen[by_record(sales.owner[seen], block.order)]
    columns = {
        "transaction_id": ids[row],
        "record_id": block.record_id[sales.owner[row]],
        "ts": times(sales.second[row]),
        "amount_cents": sales.amount[row],
        "margin_cents": sales.margin[row],
        "product_group": words(sales.group[row], sales.groups),
        "channel": words(sales.channel[row], CHANNELS),
        "campaign_id": whole(np.zeros(len(row), np.int64), np.ones(len(row), bool)),
    }
    return pd.DataFrame(columns, copy=False)


def by_record(owner, order):
    """Say where to take rows from, to bring rows in customer order into record order.

    Parameters
    ----------
    owner : ndarray of int64
        Customer of each row, rising.
    order : ndarray of int64
        The customers in order of their record.

    Returns
    -------
    ndarray of int64
        Each customer's rows stay together and in their order.

    Examples
    --------
    >>> by_record(np.array([0, 0, 1, 2]), np.array([2, 0, 1])).tolist()
    [3, 0, 1, 2]
    """
    counts = np.bincount(owner, minlength=len(order))
    starts = np.cumsum(counts) - counts
    moved = counts[order]
    shift = starts[order] - (np.cumsum(moved) - moved)
    return np.arange(len(owner)) + np.repeat(shift, moved)


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
