"""The customers table: what the firm wrote down, with its gaps and errors."""

import numpy as np
import pandas as pd

from crmlab.simulate.columns import CHANNELS, calendar, emptied, empty, times, whole, words
from crmlab.simulate.mess import Habits, mess
from crmlab.simulate.records import CONSENTS, clerks

__all__ = ["customers"]

_COLUMNS = (
    *("record_id", "source", "clerk_id", "created_at", "updated_at", "first_name", "last_name", "company_name"),
    *("street", "house_number", "postcode", "city", "country", "email", "phone", "birth_date", "oib", "iban"),
    *("segment_note", *CONSENTS),
)
_DAYS_PER_YEAR = 365.25


def customers(block, persons, records, agreed, branches=None):
    """Write down each person once or more, with gaps and errors.

    Parameters
    ----------
    block : Block
    persons : pandas.DataFrame
        The clean values.
    records : Records
    agreed : dict of str to ndarray
        The consents of each person.
    branches : Branches, optional
        Where a record is opened at a branch, one of its clerks does it.

    Returns
    -------
    table : pandas.DataFrame
        In order of record.
    edits : pandas.DataFrame
        The truth of every error (see :func:`crmlab.simulate.mess.mess`).
    """
    opened = records.frame
    owner, second, channel = (opened[name].to_numpy() for name in ("owner", "second", "channel"))
    is_changed = records.drawn(_share, "is_changed") < block.spec["records"]["updated"]
    later = records.drawn(lambda dice, n: dice.integers(0, 1 << 20, n), "updated_at")
    height = records.drawn(lambda dice, n: dice.integers(0, 1 << 16, n), "clerk_id")
    counter = branches and branches.counter(owner, second, channel, _lots(records))
    clerk, has_none = clerks(block, channel, height, counter)
    written = persons if np.array_equal(owner, np.arange(len(persons))) else persons.take(owner)
    columns = {
        "record_id": opened["record_id"].to_numpy(),
        "source": words(channel, CHANNELS),
        "clerk_id": whole(clerk, has_none),
        "created_at": times(second),
        "updated_at": times(second + np.where(is_changed, later * (block.end_second - second) >> 20, 0)),
        **{name: written[name].array for name in written if name in _COLUMNS},
        "segment_note": empty(len(opened)),
        **{name: agreement[owner] for name, agreement in agreed.items()},
    }
    table = pd.DataFrame(columns, columns=_COLUMNS, copy=False)
    habits = Habits(block, channel, (clerk - 1) % 1_000, second, branches)
    band = _age_band(block, persons)[owner]
    for field, share in block.spec["records"]["known"].items():
        missing = habits.gaps(field, 1 - share, band, block.spec["people"]["ages"])
        table[field] = emptied(table[field], records.drawn(_thirty_two_bits, field) < missing)
    return mess(block, persons, records, habits, table)


def _age_band(block, persons):
    """Place of each person in the bands of ages of the spec."""
    born = calendar(persons["birth_date"]).astype(np.int64)
    youngest = np.array([_DAYS_PER_YEAR * years for years, *_ in block.spec["people"]["ages"]])
    return np.maximum(np.searchsorted(youngest, block.plan.first_day - born, side="right") - 1, 0)


def _lots(records):
    """By lot to the branch that opens each record."""
    return lambda rows: records.drawn(_thirty_two_bits, "branch")[rows]


def _share(dice, n):
    return dice.random(n)


def _thirty_two_bits(dice, n):
    return dice.integers(0, 1 << 32, n)
