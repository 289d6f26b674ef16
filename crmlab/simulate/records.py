"""Records: what the firm wrote down about its customers."""

import numpy as np
import pandas as pd

from crmlab.simulate.columns import CHANNELS, empty, times, whole, words

__all__ = ["CONSENTS", "clerks", "consents", "customers"]

CONSENTS = ("consent_email", "consent_phone", "consent_profiling")
_COLUMNS = (
    *("record_id", "source", "clerk_id", "created_at", "updated_at", "first_name", "last_name", "company_name"),
    *("street", "house_number", "postcode", "city", "country", "email", "phone", "birth_date", "oib", "iban"),
    *("segment_note", *CONSENTS),
)
_CLERKS_PER_CHANNEL = 1000


def consents(block):
    """Who agreed to what, by name of the column."""
    shares = block.spec["records"]["consents"]
    return {name: block.draw("customers", name).random(block.size) < shares[name] for name in CONSENTS}


def customers(block, persons, joined, agreed):
    """Write down each person once, with the gaps a record has.

    Parameters
    ----------
    block : Block
    persons : pandas.DataFrame
        The clean values.
    joined : Acquisition
    agreed : dict of str to ndarray
        The consents.

    Returns
    -------
    pandas.DataFrame
    """
    n, since = block.size, block.end_second - joined.second
    is_changed = block.draw("customers", "is_changed").random(n) < block.spec["records"]["updated"]
    later = block.draw("customers", "updated_at").integers(0, 1 << 20, n)
    clerk, has_none = clerks(block, joined.channel, "customers")
    columns = {
        "record_id": block.record_id,
        "source": words(joined.channel, CHANNELS),
        "clerk_id": whole(clerk, has_none),
        "created_at": times(joined.second),
        "updated_at": times(joined.second + np.where(is_changed, later * since >> 20, 0)),
        **{name: persons[name] for name in persons if name in _COLUMNS},
        "segment_note": empty(n),
        **agreed,
    }
    table = pd.DataFrame(columns, columns=_COLUMNS, copy=False)
    for field, share in block.spec["records"]["known"].items():
        table[field] = table[field].mask(block.draw("customers", field).random(n) >= share)
    return table.take(block.order).reset_index(drop=True)


def clerks(block, channel, table):
    """Who served at each contact: one of the channel's staff, or nobody."""
    staff = np.array([block.spec["channels"].get(name, {}).get("clerks", 0) for name in CHANNELS])
    height = block.draw(table, "clerk_id").integers(0, 1 << 16, len(channel))
    clerk = _CLERKS_PER_CHANNEL * (channel.astype(np.int64) + 1) + (height * staff[channel] >> 16) + 1
    return clerk, staff[channel] == 0
