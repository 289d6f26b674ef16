"""Acquisition: when and where each customer joined, and the habits kept since."""

from dataclasses import dataclass

import numpy as np

from crmlab.simulate.columns import CHANNELS, DAY
from crmlab.simulate.dice import lookup

__all__ = ["Acquisition", "acquisition", "channel_table", "clock"]


@dataclass(frozen=True)
class Acquisition:
    """One entry per customer, in order."""

    day: np.ndarray  # days since 1970
    second: np.ndarray  # seconds since 1970
    channel: np.ndarray  # place in CHANNELS


def acquisition(block):
    """Let the customers of a block join, any day of the history.

    Parameters
    ----------
    block : Block

    Returns
    -------
    Acquisition
    """
    plan, n = block.plan, block.size
    day = block.draw("acquisition", "day").integers(plan.first_day, plan.last_day, n)
    second = day * DAY + clock(block, n, "customers", "acquisition")
    return Acquisition(
        day, second, block.pick(channel_table(block.spec["acquisition"]["channels"]), n, "acquisition", "channel")
    )


def clock(block, n, who, table, *further):
    """Draw n times of the day, in seconds, by the weight of each hour.

    Parameters
    ----------
    block : Block
    n : int
        How many.
    who : str
        Which of the spec's hour profiles.
    table : str
        What the times are for.
    *further : str or int
        More words for the dice.

    Returns
    -------
    ndarray of int64
    """
    hour = block.pick(lookup(block.spec["hours"][who]), n, table, "hour", *further)
    return hour * np.int64(3600) + block.draw(table, "second", *further).integers(0, 3600, n)


def channel_table(weights):
    """Make a lookup of channels from their weights by name."""
    return lookup([weights.get(channel, 0) for channel in CHANNELS])
