"""Habits: whoever writes records down has errors and gaps of their own."""

from functools import cached_property

import numpy as np

from crmlab.simulate.columns import CHANNELS
from crmlab.simulate.sales import rounded

__all__ = ["Habits"]

_BATCHES = 12  # a channel without clerks comes in by one batch for each month of the year
_ONE = 1 << 32
_LAZY = "gaps"
_HALVINGS = 80

# How much likelier than elsewhere a field stays empty in a channel. Chosen: forms on the web insist on an e-mail
# address, a caller's number is seen, and who comes to the counter shows papers.
_GAPS = {
    "email": {"web": 0.2, "app": 0.2, "email": 0.1, "branch": 1.5},
    "phone": {"call_centre": 0.2, "sms": 0.1, "web": 1.3},
    "birth_date": {"call_centre": 1.6, "web": 1.3, "field": 0.8},
    "oib": {"web": 1.4, "app": 1.4, "branch": 0.8},
    "iban": {"call_centre": 1.4, "partner": 1.2},
}
_YOUNG, _OLD = 0.5, 1.7  # the youngest and the oldest band of ages, for e-mail addresses


class Habits:
    """Share the doses of a block's errors out among those who make them.

    Each clerk has a factor of their own for each kind of error, and so has each monthly
    batch of a channel without clerks; within a channel the factors have a mean of one.
    So the asked rate is the realised rate, but errors come in clusters.

    Parameters
    ----------
    block : Block
    channel : ndarray of int
        Where each record was opened, as a place in CHANNELS.
    clerk : ndarray of int64
        Who opened it, from 0 within the channel; 0 where nobody did.
    second : ndarray of int64
        When it was opened, in seconds since 1970.
    branches : Branches, optional
        Their clerks do not all have as much to do.
    """

    def __init__(self, block, channel, clerk, second, branches=None):
        self.block, self.channel = block, np.asarray(channel)
        staff = [block.spec["channels"].get(name, {}).get("clerks", 0) for name in CHANNELS]
        self._sizes = np.array([number or _BATCHES for number in staff])
        self._starts = np.concatenate([[0], np.cumsum(self._sizes)])
        month = np.asarray(second).astype("M8[s]").astype("M8[M]").astype(np.int64) % _BATCHES
        self._staffed = np.array(staff) > 0
        self._work = [np.full(size, 1 / size) for size in self._sizes]  # share of the channel's that each unit does
        if branches is not None:
            self._work[CHANNELS.index("branch")] = branches.clerk_weights
        self.unit = self._starts[self.channel] + np.where(self._staffed[self.channel], clerk, month)

    @cached_property
    def names(self):
        """Who or what each unit is, as the truth names the source of an edit."""
        return [
            f"{name} clerk {n + 1}" if staffed else f"{name} batch {n + 1}"
            for name, size, staffed in zip(CHANNELS, self._sizes, self._staffed, strict=True)
            for n in range(size)
        ]

    def rates(self, kind, dose):
        """How likely each record is to get an error of one kind.

        Parameters
        ----------
        kind : str
        dose : float
            From 0 to 1.

        Returns
        -------
        ndarray of int64
            In parts of 2**32.
        """
        return self.block.plan.once(("rates", kind, dose), lambda: self._shares(dose, self._factors(kind)))[self.unit]

    def gaps(self, field, missing, age_band, bands):
        """How likely each record is to lack a field.

        Parameters
        ----------
        field : str
        missing : float
            Share of records that lack it, over all.
        age_band : ndarray of int
            Place of each record's person in the bands of ages.
        bands : sequence
            Youngest, oldest, weight of each band.

        Returns
        -------
        ndarray of int64
            In parts of 2**32.
        """
        chance = self.block.plan.once(("gaps", field, missing), lambda: self._gap_chances(field, missing, bands))
        return chance[self.unit, age_band]

    def _gap_chances(self, field, missing, bands):
        """How likely a field is missing, by unit and band of ages."""
        weights = np.array([weight for *_, weight in bands])
        ages = np.linspace(_YOUNG, _OLD, len(bands)) if field == "email" else np.ones(len(bands))
        factor = self._factors(_LAZY) * np.repeat(self._channel_gaps(field), self._sizes)
        strength = self.block.spec["mess"]["habits"]
        chance = _saturated(missing, 1 + strength * (np.outer(factor, ages) - 1), np.outer(self._weights(), weights))
        return np.rint(chance * _ONE).astype(np.int64)

    def _weights(self):
        """How many records each unit opens, on average."""
        shares = self.block.spec["acquisition"]["channels"]
        return np.concatenate([shares.get(name, 0) * work for name, work in zip(CHANNELS, self._work, strict=True)])

    def _shares(self, dose, factor):
        """Factors times the dose, drawn in towards one as far as no share may pass one."""
        strength, most = self.block.spec["mess"]["habits"], factor.max()
        if most > 1 and dose > 0:
            strength = min(strength, (1 / dose - 1) / (most - 1))
        return np.rint(dose * (1 + strength * (factor - 1)) * _ONE).astype(np.int64)

    def _factors(self, kind):
        """The factor of each unit: the quantiles of an exponential, dealt out by lot in each channel."""
        out = np.empty(self._starts[-1])
        for channel, (start, end) in enumerate(zip(self._starts, self._starts[1:], strict=False)):
            rank = self.block.dice("mess", kind, CHANNELS[channel]).permutation(end - start)
            factor = -np.log1p(-(rank + 0.5) / (end - start))
            out[start:end] = rounded(factor / (factor @ self._work[channel]))
        return out

    def _channel_gaps(self, field):
        return np.array([_GAPS.get(field, {}).get(name, 1.0) for name in CHANNELS])


def _saturated(mean, factor, weight):
    """Chances ``1 - exp(-c * factor)``, with the c that gives them this weighted mean."""
    if not 0 < mean < 1:
        return np.full(factor.shape, float(mean))
    low, high = 0.0, 1e6
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if (weight * -np.expm1(-middle * factor)).sum() < mean * weight.sum():
            low = middle
        else:
            high = middle
    return rounded(-np.expm1(-high * factor))
