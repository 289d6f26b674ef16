"""Records: what the firm wrote down about its customers, some of them more than once."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from crmlab.simulate.acquisition import channel_table
from crmlab.simulate.columns import CHANNELS, words
from crmlab.simulate.plan import SLOTS
from crmlab.simulate.sales import by_record

__all__ = ["CONSENTS", "MERGED", "Records", "clerks", "consents", "open_records"]

MERGED = ("transactions", "touchpoints", "contracts", "contact_persons")  # where it is told whose an event is
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
    is_merged : ndarray of bool, shape (n_persons,)
        Whose first record was wrongly merged into that of the next person: it is gone,
        and what would be booked on it is booked on the other.

    Attributes
    ----------
    frame : pandas.DataFrame
        One row per record, by person and then by time: record_id, owner (person within
        the block), slot (0 for the first record), second, channel.
    """

    block: object
    second: np.ndarray
    channel: np.ndarray
    is_merged: np.ndarray

    @cached_property
    def numbers(self):
        """The number of each record of each person; of a merged one, that of the other."""
        gone = np.flatnonzero(self.is_merged)
        if not len(gone):
            return self.block.record_ids
        numbers = self.block.record_ids.copy()
        numbers[gone, 0] = self.block.number_of_record(SLOTS * (gone + 1))
        return numbers

    @cached_property
    def frame(self):
        """The records (see the class); one that swallowed an older one is as old as that."""
        is_there, second, channel = self.second < _NEVER, self.second.copy(), self.channel.copy()
        is_there[self.is_merged, 0] = False
        into = self.swallowing
        into = into[second[into - 1, 0] < second[into, 0]]
        second[into, 0], channel[into, 0] = second[into - 1, 0], channel[into - 1, 0]
        owner, slot = np.nonzero(is_there)
        columns = {
            "record_id": self.block.record_ids[owner, slot],
            "owner": owner,
            "slot": slot,
            "second": second[owner, slot],
            "channel": channel[owner, slot],
        }
        return pd.DataFrame(columns, copy=False)

    @cached_property
    def order(self):
        """The rows of the frame in order of the record's number."""
        return np.argsort(self.frame["record_id"].to_numpy())

    @cached_property
    def swallowing(self):
        """The persons whose first record swallowed that of the person before."""
        into = np.flatnonzero(self.is_merged) + 1
        return into[into < self.block.size]

    @property
    def lost(self):
        """The number that the last person's record went to, where that is of a person beyond the base; else None."""
        return self.numbers[-1, 0] if self.is_merged[-1] else None

    @property
    def links(self):
        """The truth: whose record each one is."""
        rows = self.frame.take(self.order)
        person = self.block.person[rows["owner"]] + 1
        return pd.DataFrame({"record_id": rows["record_id"].to_numpy(), "person_id": person})

    @property
    def merges(self):
        """The truth: who else stands on a record, since theirs was wrongly merged into it."""
        gone = np.flatnonzero(self.is_merged)
        gone = gone[np.argsort(self.numbers[gone, 0])]
        return pd.DataFrame({"record_id": self.numbers[gone, 0], "person_id": self.block.person[gone] + 1})

    def misbooked(self, table, ids, record_id, owner, row):
        """Tell the events on merged records that are of those whose own record is gone.

        Parameters
        ----------
        table : str
            One of MERGED.
        ids, record_id : ndarray of int64
            Number and record of each event, in order of record.
        owner, row : ndarray of int64
            Persons in any order, and where that of each event is among them.

        Returns
        -------
        pandas.DataFrame
            The truth: table, event_id, person_id.
        """
        rows = np.concatenate([*self._swallowed(record_id), np.zeros(0, np.int64)])
        rows = rows[self.is_merged[owner[row[rows]]]]
        columns = {
            "table": words(np.full(len(rows), MERGED.index(table)), MERGED),
            "event_id": ids[rows],
            "person_id": self.block.person[owner[row[rows]]] + 1,
        }
        return pd.DataFrame(columns, copy=False)

    def without_lost(self, tables):
        """Take out of all tables what is booked on a record beyond the base (see ``lost``).

        Parameters
        ----------
        tables : dict of str to pandas.DataFrame

        Returns
        -------
        dict of str to pandas.DataFrame
            Without rows of that record; events that may be without one stay, without it.
        """
        if self.lost is None:
            return tables
        out = dict(tables)
        for name, frame in tables.items():
            if "record_id" in frame:
                is_lost = (frame["record_id"] == self.lost).fillna(False).astype(bool)
                may_lack = frame["record_id"].dtype == "Int64"
                out[name] = (
                    frame.assign(record_id=frame["record_id"].mask(is_lost))
                    if may_lack
                    else frame[~is_lost].reset_index(drop=True)
                )
        return out

    def in_order(self, record_id, second):
        """Say where to take rows from, to bring rows in customer order into order of record and time.

        Parameters
        ----------
        record_id : ndarray of int64
            As :meth:`of` tells; those of one person on one record are in order of time.
        second : ndarray of int64
            When each happened.

        Returns
        -------
        ndarray of int64
        """
        row = by_record(record_id)
        for rows in self._swallowed(record_id, row):  # two persons' rows, one after the other
            row[rows] = row[rows][np.argsort(second[row[rows]], kind="stable")]
        return row

    def _swallowed(self, record_id, row=None):
        """Where the rows of each merged record are, among rows in order of record."""
        number = self.block.record_ids[self.swallowing, 0]
        first, end = (np.searchsorted(record_id, number, side, sorter=row) for side in ("left", "right"))
        return [np.arange(*ends) for ends in zip(first, end, strict=True)]

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
        owner, is_more = self._places
        numbers = make(self.block.draw("customers", column, *further), self.block.size)[owner]
        if is_more.any():
            numbers[is_more] = make(self.block.draw("customers", column, *further, "again"), is_more.sum())
        return numbers

    @cached_property
    def _places(self):
        """Whose each row of the frame is, and whether it is a further record."""
        return self.frame["owner"].to_numpy(), self.frame["slot"].to_numpy() > 0

    @cached_property
    def _first_id(self):
        return np.ascontiguousarray(self.numbers[:, 0])

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
            record_id[several] = self.numbers[who, self._slot(who, when, where)]
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
        ``duplicates`` in the ``[mess]`` of its spec; nobody has more than four. Of every
        second person the share ``wrong_merge`` has the first record merged with that of
        the next person; that is settled before the next is known, so that the first
        customers stay what they are when the base grows.
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
    is_merged = block.draw("mess", "wrong_merge").random(n) < block.spec["mess"]["wrong_merge"]
    is_merged[1::2] = False
    return Records(block, np.take_along_axis(second, order, 1), np.take_along_axis(channel, order, 1), is_merged)


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


def clerks(block, channel, height, counter=None):
    """Say who served at each contact.

    Parameters
    ----------
    block : Block
    channel : ndarray of int
        Where each was, as a place in CHANNELS.
    height : ndarray of int
        A number from 0 to 65,535 for each.
    counter : Counter, optional
        The contacts at branches: who serves there is of that branch.

    Returns
    -------
    clerk : ndarray of int64
        One of the channel's staff.
    has_none : ndarray of bool
        Where a channel has no staff.
    """
    size = np.array([block.spec["channels"].get(name, {}).get("clerks", 0) for name in CHANNELS])
    place = height * size[channel] >> 16
    if counter is not None:
        place[counter.rows] = counter.branches.clerk(counter.at, height[counter.rows])
    return _CLERKS_PER_CHANNEL * (channel.astype(np.int64) + 1) + place + 1, size[channel] == 0
