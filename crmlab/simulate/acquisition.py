"""Acquisition: when and where each customer joined."""

from dataclasses import dataclass

import numpy as np

from crmlab.simulate.clock import TICKS, time_of_day
from crmlab.simulate.columns import CHANNELS, DAY
from crmlab.simulate.dice import lookup

__all__ = ["Acquisition", "acquisition", "channel_table"]


@dataclass(frozen=True)
class Acquisition:
    """One entry per customer, in order."""

    day: np.ndarray  # days since 1970
    tick: np.ndarray  # part of that day's activity
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
    tick = block.draw("acquisition", "time").integers(0, TICKS, n)
    second = day * DAY + time_of_day(tick, block.spec["hours"]["customers"])
    channels = channel_table(block.spec["acquisition"]["channels"])
    return Acquisition(day, tick, second, block.pick(channels, n, "acquisition", "channel"))


def channel_table(weights):
    """Make a lookup of channels from their weights by name."""
    return lookup([weights.get(channel, 0) for channel in CHANNELS])
