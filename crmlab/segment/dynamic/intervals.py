"""The answer of every engine: who was in which segment, from when to when, and why."""

import numpy as np
import pandas as pd

__all__ = ["CAUSES", "INTERVALS", "LASTS", "interval_table", "ran_to"]

INTERVALS = ("customer_id", "segment", "entered_at", "left_at", "entered_by", "reason")
CAUSES = ("event", "clock")
LASTS = np.iinfo("int64").min  # as a time this is "missing"


def interval_table(plans, found, customers):
    """Put the intervals of all plans into one table.

    Parameters
    ----------
    plans : list of Plan
    found : list of five arrays
        For each plan: place of the customer, entered when (microseconds since 1970), by the clock or
        not, left when (`LASTS`: not yet), by the clock or not.
    customers : ndarray
        Ids, by place.

    Returns
    -------
    pandas.DataFrame
        With the columns `INTERVALS`.

    Examples
    --------
    >>> from crmlab.segment.dynamic import did
    >>> one = [np.array([0]), np.array([0]), np.array([False]), np.array([LASTS]), np.array([False])]
    >>> interval_table([did("complaint").plan()], [one], np.array([7])).iloc[0]["customer_id"].item()
    7
    """
    names = [plan.segment for plan in plans]
    whose, entered, entered_by, left, left_by = (np.concatenate(column) for column in zip(*found, strict=True))
    segment = np.repeat(np.arange(len(plans)), [len(one[0]) for one in found])
    is_over = left != LASTS
    entered, left = (pd.Series(at.astype("datetime64[us]")).dt.tz_localize("UTC") for at in (entered, left))
    table = {
        "customer_id": customers[whose],
        "segment": pd.Categorical.from_codes(segment, names),
        "entered_at": entered,
        "left_at": left,
        "entered_by": pd.Categorical.from_codes(entered_by.astype("int8"), CAUSES),
        "reason": pd.Categorical.from_codes(np.where(is_over, left_by, -1), CAUSES),
    }
    return pd.DataFrame(table)


def ran_to(table, until):
    """Note up to when the clock ran, so that nobody reads a table of intervals at a later moment.

    Parameters
    ----------
    table : pandas.DataFrame
        Intervals; the note goes into its ``attrs``.
    until : int or None
        Microseconds since 1970; None, when there was no event and no end was given.

    Returns
    -------
    pandas.DataFrame
        The same table.

    Examples
    --------
    >>> ran_to(pd.DataFrame(), 0).attrs
    {'until': '1970-01-01T00:00:00+00:00'}
    """
    if until is not None:  # as text: attrs are written into Parquet as JSON
        table.attrs["until"] = pd.Timestamp(until, unit="us", tz="UTC").isoformat()
    return table
