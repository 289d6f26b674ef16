"""Encounters: the touch points of a block in customer order, ready to be lived through."""

from dataclasses import dataclass

import numpy as np

from crmlab.simulate.touchpoints import TYPES

__all__ = ["Encounters", "encounters", "last_before", "seconds_of"]


@dataclass(frozen=True)
class Encounters:
    """Touch points in customer order, each customer's in order of time."""

    owner: np.ndarray  # customer within the block
    second: np.ndarray  # since 1970
    touchpoint: np.ndarray  # touchpoint_id
    record: np.ndarray  # record_id it is booked on
    type: np.ndarray  # place in TYPES
    is_of_failure: np.ndarray  # whether it goes with service that failed
    resolved: np.ndarray  # 1 settled, 0 not, -1 nothing to settle

    def __len__(self):
        return len(self.owner)

    def of_type(self, *names):
        """Say which rows are of one of these types."""
        return np.isin(self.type, [TYPES.index(name) for name in names])


def encounters(log, types):
    """Read the log of touch points as the customers lived it.

    Parameters
    ----------
    log : Log
    types : sequence of str
        Types of contact that are lived through.

    Returns
    -------
    Encounters
        A customer's contacts stand together, whatever record they are booked on.
    """
    row = log.of_kinds(lambda kind: kind["type"] in types)
    kind = log.kind[row]
    type_of = np.array([TYPES.index(one["type"]) for one in log.kinds], np.int8)
    of_failure = np.array([one.get("with") == "outage" for one in log.kinds])
    return Encounters(
        log.owner[row],
        log.second[row],
        log.ids(row),
        log.record[row],
        type_of[kind],
        of_failure[kind],
        log.resolved[row],
    )


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
