"""Records: what the firm wrote down about its customers, some of them more than once."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from crmlab.simulate.acquisition import channel_table
from crmlab.simulate.columns import CHANNELS
from crmlab.simulate.plan import SLOTS

__all__ = ["CONSENTS", "Records", "clerks", "consents", "open_records", "staff"]

CONSENTS = ("consent_email", "consent_phone", "consent_profiling")
_CLERKS_PER_CHANNEL = 1000
_NEVER = np.iinfo(np.int64).max // 2_000_000
_MIX = (0xBF58476D1CE4E5B9, 0x94D049BB133111EB)  # Steele, Lea & Flood 2014, SplitMix64: spreads bits evenly


@dataclass(frozen=True)
class Records:
    """The records of a block, and the rule by which events find theirs.

    Parameters
    ----------
    block : Block
    second : ndarray of int64, shape (n_persons, SLOTS)
        When each record of each person was opened, in seconds since 1970 and rising by
        person; far in the future where there is no such record.
    channel : ndarray of int, shape (n_persons, SLOTS)
        Where it was opened, as a place in CHANNELS.

    Attributes
    ----------
    frame : pandas.DataFrame
        One row per record, by person and then by time: record_id, owner (person within
        the block), slot (0 for the first record), second, channel.
    """

    block: object
    second: np.ndarray
    channel: np.ndarray

    @cached_property
    def count(self):
        """How many records each person has."""
        return (self.second < _NEVER).sum(axis=1)

    @cached_property
    def frame(self):
        """The records (see the class)."""
        owner, slot = np.nonzero(self.second < _NEVER)
        columns = {
            "record_id": self.block.record_ids[owner, slot],
            "owner": owner,
            "slot": slot,
            "second": self.second[owner, slot],
            "channel": self.channel[owner, slot],
        }
        return pd.DataFrame(columns, copy=False)

    @cached_property
    def order(self):
        """The rows of the frame in order of the record's number."""
        return np.argsort(self.frame["record_id"].to_numpy())

    @property
    def links(self):
        """The truth: whose record each one is."""
        rows = self.frame.take(self.order)
        person = self.block.person[rows["owner"]] + 1
        return pd.DataFrame({"record_id": rows["record_id"].to_numpy(), "person_id": person})

    def drawn(self, make, column, *further):
        """Draw a number for each record; further records change none of the first ones'.

        Parameters
        ----------
        make : callable
            From a generator and a count, so many numbers.
        column : str
            What is drawn.
        *further : str or int
            More words for the dice.

        Returns
        -------
        ndarray
            In the order of the frame.
        """
        first, more = self._places
        numbers = make(self.block.draw("customers", column, *further), len(first))
        if not len(more):
            return numbers
        out = np.empty(len(first) + len(more), numbers.dtype)
        out[first] = numbers
        out[more] = make(self.block.draw("customers", column, *further, "again"), len(more))
        return out

    @cached_property
    def _places(self):
        """Rows of the frame that are first records, and the others."""
        slot = self.frame["slot"].to_numpy()
        return np.flatnonzero(slot == 0), np.flatnonzero(slot)

    @cached_property
    def _first_id(self):
        return np.ascontiguousarray(self.block.record_id)

    @cached_property
    def _has_several(self):
        return self.second[:, 1] < _NEVER

    def of(self, owner, second, channel=None):
        """Say on which record each event is booked.

        One that was open by then: the one opened at that very moment, else one opened
        through the same channel, else any. What happens at the same moment is booked on
        the same record where the channel is the same.

        Parameters
        ----------
        owner : ndarray of int
            Person within the block, one per event, in any order.
        second : ndarray of int64
            When it happened, in seconds since 1970.
        channel : ndarray of int, optional
            Where it happened, as a place in CHANNELS.

        Returns
        -------
        ndarray of int64
            The record's number, one per event.
        """
        record_id = self._first_id[owner]
        several = np.flatnonzero(self._has_several[owner])
        if len(several):
            who, when = owner[several], np.asarray(second)[several]
            where = None if channel is None else np.asarray(channel)[several]
            record_id[several] = self.block.record_ids[who, self._slot(who, when, where)]
        return record_id

    def _slot(self, owner, second, channel):
        opened = np.take(self.second.T, owner, axis=1)  # one row for each slot
        fits = opened <= second
        fits[0] = True  # what comes before the first record is found out later
        for wish in (None if channel is None else np.take(self.channel.T, owner, axis=1) == channel, opened == second):
            if wish is not None:
                wish &= fits
                fits = np.where(wish.any(axis=0), wish, fits)
        rank = self._dice(owner, second) % fits.sum(axis=0).astype(np.uint64)
        return (fits.cumsum(axis=0) > rank.astype(np.int64)).argmax(axis=0)

    def _dice(self, owner, second):
        """A number for each person and moment, always the same one."""
        key = self.block.dice("customers", "booked").integers(0, 1 << 63, dtype=np.uint64)
        word = (self.block.person[owner] << 36 ^ np.asarray(second)).astype(np.uint64) ^ key
        for factor in _MIX:
            word = (word ^ (word >> np.uint64(30))) * np.uint64(factor)
        return word >> np.uint64(32)


def open_records(block, joined, sales=None):
    """Open each person's records: one when they join, and by mistake more of them later.

    Parameters
    ----------
    block : Block
        The share of records that are followed by another of the same person is
        ``duplicates`` in the ``[mess]`` of its spec; nobody has more than four.
    joined : Acquisition
        When and where each person joined.
    sales : Sales, optional
        What they bought: another record is then opened at one of these purchases and
        where it was made. Without them, or where there was none after the first: any
        time after joining, at any of the channels that open records.

    Returns
    -------
    Records
    """
    n, more = block.size, SLOTS - 1
    dose = block.spec["mess"]["duplicates"]
    is_followed = block.draw("customers", "duplicates").random((n, more)) < dose
    extra = np.logical_and.accumulate(is_followed, axis=1)
    height = block.draw("customers", "opened").integers(0, 1 << 20, (n, more))
    channel = np.empty((n, SLOTS), np.uint8)
    channel[:, 0] = joined.channel
    table = channel_table(block.spec["acquisition"]["channels"])
    channel[:, 1:] = block.pick(table, n * more, "customers", "opened_through").reshape(n, more)
    second = np.full((n, SLOTS), _NEVER)
    second[:, 0] = joined.second
    left = (block.end_second - joined.second)[:, None]
    late = joined.second[:, None] + (height * left >> 20)
    second[:, 1:] = np.where(extra, late, _NEVER)
    if sales is not None:
        _at_purchases(block, sales, extra, height, second, channel)
    order = np.argsort(second, axis=1, kind="stable")
    return Records(block, np.take_along_axis(second, order, 1), np.take_along_axis(channel, order, 1))


def _at_purchases(block, sales, extra, height, second, channel):
    """Move the opening of further records to purchases after the first, each to one of its own."""
    seen = sales.second < block.end_second
    counts = np.bincount(sales.owner[seen], minlength=block.size)
    start = np.searchsorted(sales.owner, np.arange(block.size))
    used = np.zeros((block.size, 0), np.int64)
    for slot in range(extra.shape[1]):
        row = start + 1 + (height[:, slot] * np.maximum(counts - 1, 0) >> 20)
        moved = np.flatnonzero(extra[:, slot] & (counts > 1))
        moved = moved[(used[moved] != row[moved, None]).all(axis=1)]
        second[moved, slot + 1], channel[moved, slot + 1] = sales.second[row[moved]], sales.channel[row[moved]]
        used = np.column_stack([used, row])


def consents(block):
    """Who agreed to what, by name of the column."""
    shares = block.spec["records"]["consents"]
    return {name: block.draw("customers", name).random(block.size) < shares[name] for name in CONSENTS}


def clerks(block, channel, table):
    """Who served at each contact: one of the channel's staff, or nobody."""
    return staff(block, channel, block.draw(table, "clerk_id").integers(0, 1 << 16, len(channel)))


def staff(block, channel, height):
    """Who of a channel's staff it is, by a number from 0 to 65,535; and whether there is nobody."""
    size = np.array([block.spec["channels"].get(name, {}).get("clerks", 0) for name in CHANNELS])
    clerk = _CLERKS_PER_CHANNEL * (channel.astype(np.int64) + 1) + (height * size[channel] >> 16) + 1
    return clerk, size[channel] == 0
