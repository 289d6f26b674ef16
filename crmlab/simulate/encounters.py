"""Encounters: the touch points of a block in customer order, ready to be lived through."""

from dataclasses import dataclass

import numpy as np

from crmlab.simulate.columns import CHANNELS
from crmlab.simulate.touchpoints import TYPES

__all__ = ["Encounters", "encounters", "last_before", "seconds_of"]

_SEQ_BITS, _SEQ_MOST = 6, 63


@dataclass(frozen=True)
class Encounters:
    """Touch points in customer order, each customer's in order of time."""

    owner: np.ndarray  # customer within the block
    second: np.ndarray  # since 1970
    touchpoint: np.ndarray  # touchpoint_id
    record: np.ndarray  # record_id it is booked on
    type: np.ndarray  # place in TYPES
    channel: np.ndarray  # place in CHANNELS
    is_in: np.ndarray  # the customer began it
    resolved: np.ndarray  # 1 settled, 0 not, -1 nothing to settle

    def __len__(self):
        return len(self.owner)

    def take(self, rows):
        """Keep some of the rows, in their order."""
        return Encounters(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))

    def of_type(self, *names):
        """Say which rows are of one of these types."""
        return np.array([name in names for name in TYPES])[self.type]


def encounters(touchpoints, records):
    """Read the log of touch points as the customers lived it.

    Parameters
    ----------
    touchpoints : pandas.DataFrame
        The observed log, in record order.
    records : Records
        Whose record is whose.

    Returns
    -------
    Encounters
        A customer's contacts stand together, whatever record they are booked on.
    """
    known = records.frame.sort_values("record_id")
    row = np.searchsorted(known["record_id"].to_numpy(), touchpoints["record_id"].to_numpy())
    owner = known["owner"].to_numpy()[row]
    second = seconds_of(touchpoints["ts"])
    least = second.min(initial=0)
    bits = int(second.max(initial=0) - least).bit_length() + _SEQ_BITS  # with 16 of the customer 55 at most
    within = ((second - least) << _SEQ_BITS) + np.minimum(touchpoints["seq"].to_numpy(), _SEQ_MOST)
    order = np.argsort((owner << bits) + within, kind="stable")
    settled = touchpoints["resolved"].astype("Int8").fillna(-1).to_numpy(np.int8)
    read = Encounters(
        owner,
        second,
        touchpoints["touchpoint_id"].to_numpy(),
        touchpoints["record_id"].to_numpy(),
        _places(touchpoints["type"], TYPES),
        _places(touchpoints["channel"], CHANNELS),
        (touchpoints["direction"] == "in").to_numpy(),
        settled,
    )
    return read.take(order)


def seconds_of(moments):
    """Seconds since 1970 of points in time; far in the past where empty.

    Parameters
    ----------
    moments : pandas.Series

    Returns
    -------
    ndarray of int64

    Examples
    --------
    >>> seconds_of(pd.Series(pd.to_datetime(["1970-01-02"], utc=True))).tolist()
    [86400]
    """
    return moments.dt.tz_localize(None).to_numpy().astype("M8[s]").astype(np.int64)


def last_before(owner, second, at_owner, at_second):
    """Find each customer's last event before a moment.

    Parameters
    ----------
    owner, second : ndarray of int64
        The events, in customer order and each customer's in order of time.
    at_owner, at_second : ndarray of int64
        Customers, and a moment for each.

    Returns
    -------
    ndarray of int64
        Row of the event, or -1 where there was none.

    Examples
    --------
    >>> last_before(np.array([0, 0, 2]), np.array([5, 9, 3]), np.array([0, 0, 1]), np.array([9, 10, 10])).tolist()
    [0, 1, -1]
    """
    least = min(second.min(initial=0), at_second.min(initial=0))
    bits = int(max(second.max(initial=0), at_second.max(initial=0)) - least).bit_length() + 1
    key, at = (owner << bits) + second - least, (at_owner << bits) + at_second - least
    row = np.searchsorted(key, at) - 1
    if not len(owner):
        return row
    return np.where((row >= 0) & (owner[row] == at_owner), row, -1)


def _places(column, choices):
    """Place of each word in the choices, whatever order the column keeps them in."""
    place = np.array([choices.index(word) for word in column.cat.categories], np.int8)
    return place[column.cat.codes.to_numpy()]
