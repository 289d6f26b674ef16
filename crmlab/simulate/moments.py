"""Moments of truth: what customers expect, what they perceive, and how it feels."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmlab.simulate.columns import DAY, flags, times
from crmlab.simulate.encounters import encounters, last_before, seconds_of
from crmlab.simulate.outages import month_of
from crmlab.simulate.sales import rounded

__all__ = ["Lived", "lived", "moments", "mood_of"]

_LEAST, _MOST = 1, 9  # the nine-point scale
_DECIDING_DAYS, _DAYS_PER_WEEK = 28, 7
_MINUTE = 60  # a clock that keeps to opening hours may lose so much


@dataclass(frozen=True)
class Lived:
    """What customers lived through at each encounter, in customer order."""

    events: object  # Encounters
    expectation: np.ndarray  # service predicted before the encounter, on the nine-point scale
    desired: np.ndarray  # service wished for
    adequate: np.ndarray  # service still put up with
    perception: np.ndarray  # service as it was felt
    has_complained: np.ndarray
    complaint: np.ndarray  # row of that complaint, or -1
    effect: np.ndarray  # by how much the encounter changed the chance of leaving upon it

    @property
    def gain(self):
        """How far the service rose above what was wished for."""
        return np.maximum(self.perception - self.desired, 0)

    @property
    def loss(self):
        """How far the service fell below what is put up with."""
        return np.maximum(self.adequate - self.perception, 0)


def lived(block, log, joined, value, felt=None):
    """Let customers live through their encounters, one after the other.

    Parameters
    ----------
    block : Block
    log : Log
        All touch points; those of the spec's types are lived through.
    joined : Acquisition
    value : pandas.DataFrame
        The truth of each person: who leaves when, and with which chance.
    felt : Failures, optional
        Outages that customers felt.

    Returns
    -------
    Lived

    Notes
    -----
    What is predicted follows what was perceived: expectation moves by the spec's `learning`
    towards each perception (Boulding, Kalra, Staelin & Zeithaml 1993). Between what is put up
    with and what is wished for lies the zone of tolerance (Zeithaml, Berry & Parasuraman
    1993): the wish stays, what is put up with follows the expectation.

    Some encounters fail: those a complaint follows, and as many more as the spec's
    `failures` asks. Where customers leave by a chance after each purchase (BG/NBD), a
    failed purchase multiplies it by `leaving`, a good one lowers it so that the chance
    stays what it was on average. Where they leave at any moment (Pareto/NBD, regular
    buyers), it is the chance of leaving within the four weeks after a purchase, of those
    not within four weeks of another. Failures are drawn given who left (Bayes), which is
    the same process seen from its end. Where there is a contract, the first contact
    about an outage tells what the outage added to the chance of leaving at the end of
    that month of the contract (see :func:`crmlab.simulate.contracts.contracts`).
    """
    spec = block.spec["moments"]
    events = encounters(log, spec["types"])
    n = len(events)
    culprit = _complained_about(events, spec)
    has_failed, effect = _failures(block, events, culprit >= 0, value)
    if felt is not None and "churn_probability" in value:
        effect = _of_outages(block, events, joined, value, felt)
    spread = rounded(block.draw("moments", "noise").standard_normal(n) * spec["noise"])
    level = rounded(block.draw("moments", "level").standard_normal(block.size) * spec["level_spread"] + spec["level"])
    served = level[events.owner] + spread - spec["failure_depth"] * has_failed
    served += np.where(events.of_type("complaint"), np.array([-1, 1, 0])[events.resolved] * spec["recovery"], 0)
    served = rounded(np.clip(served, _LEAST, _MOST))
    expected = rounded(level + block.draw("moments", "start").standard_normal(block.size) * spec["start_spread"])
    expectation = _learned(events.owner, served, expected, spec["learning"])
    width = block.draw("moments", "zone").standard_gamma(spec["zone_shape"], block.size)
    width = rounded(width * (spec["zone"] / spec["zone_shape"]))
    desired = np.clip(expected + width / 2, _LEAST, _MOST)[events.owner]
    adequate = np.clip(np.minimum(expectation - width[events.owner] / 2, desired), _LEAST, _MOST)
    return Lived(events, expectation, desired, adequate, served, culprit >= 0, culprit, effect)


def moments(block, lives, records):
    """Ask some customers, at some touch points, how it was.

    Parameters
    ----------
    block : Block
    lives : Lived
    records : Records

    Returns
    -------
    tables : dict
        moments.
    truth : dict
        moments: what lies behind each rated one.

    Notes
    -----
    Valence: gains above the wish count once, losses below what is put up with count
    `loss_aversion` times (Tversky & Kahneman 1992 found 2.25, Anderson & Sullivan 1993
    the like for satisfaction); within the zone little is felt. Valence and arousal are the
    two axes of feeling (Russell 1980).
    """
    spec, events = block.spec["moments"], lives.events
    n = len(events)
    row = np.flatnonzero(block.draw("moments", "rated").random(n) < spec["rated"])
    row = row[records.in_order(events.record[row], events.second[row])]
    felt = spec["slope"] * (lives.gain[row] - spec["loss_aversion"] * lives.loss[row])
    felt = rounded(felt + block.draw("moments", "feeling").standard_normal(n)[row] * spec["feeling_noise"])
    stirred = 3 + np.abs(felt) + block.draw("moments", "arousal").standard_normal(n)[row]
    wobble = block.draw("moments", "answer").standard_normal((n, 3))[row] * spec["answer_noise"]
    scales = np.stack([lives.desired[row], lives.adequate[row], lives.perception[row]], axis=1) + wobble
    answers = np.clip(np.rint(scales), _LEAST, _MOST).astype(np.int64)
    answers[:, 1] = np.minimum(answers[:, 1], answers[:, 0])
    settled = events.resolved[lives.complaint[row]] == 1
    complained = lives.has_complained[row]
    table = {
        "touchpoint_id": events.touchpoint[row],
        "record_id": events.record[row],
        "ts": times(events.second[row]),
        "expected_desired": answers[:, 0],
        "expected_adequate": answers[:, 1],
        "perceived": answers[:, 2],
        "valence": np.clip(np.rint(felt), -4, 4).astype(np.int64),
        "arousal": np.clip(np.rint(stirred), _LEAST, _MOST).astype(np.int64),
        "complained": complained,
        "recovered": flags(settled, ~complained),
    }
    truth = {
        "touchpoint_id": events.touchpoint[row],
        "person_id": block.person[events.owner[row]] + 1,
        "latent_expectation": lives.expectation[row],
        "latent_desired": lives.desired[row],
        "latent_adequate": lives.adequate[row],
        "latent_perception": lives.perception[row],
        "effect_on_leaving": lives.effect[row],
    }
    return {"moments": pd.DataFrame(table, copy=False)}, {"moments": pd.DataFrame(truth, copy=False)}


def mood_of(block, lives, owner, second):
    """Say how customers feel about the firm at moments of their life: 0 is as usual, beyond 1 either way is strong.

    Parameters
    ----------
    block : Block
    lives : Lived
    owner, second : ndarray of int64
        Customers, and a moment for each.

    Returns
    -------
    ndarray of float
        From what the customer has come to expect and how the last encounter felt.
    """
    spec, events = block.spec["moments"], lives.events
    row = last_before(events.owner, events.second, owner, second)
    if not len(events):
        return np.zeros(len(owner))
    felt = spec["slope"] * (lives.gain[row] - spec["loss_aversion"] * lives.loss[row])
    return rounded(np.where(row >= 0, 0.5 * (lives.expectation[row] - spec["level"]) + 0.3 * felt, 0))


def _complained_about(events, spec):
    """For each encounter the complaint it led to: the customer's next encounter, if that is a complaint and soon."""
    n = len(events)
    row = np.full(n, -1)
    follows = np.flatnonzero(events.of_type("complaint"))
    follows = follows[follows > 0]
    before = follows - 1
    is_near = events.second[follows] - events.second[before] <= spec["complaint_days"] * DAY
    linked = (events.owner[before] == events.owner[follows]) & is_near
    row[before[linked]] = follows[linked]
    return row


def _failures(block, events, has_complained, value):
    """Which encounters failed, and what each did to the chance of leaving."""
    spec, n = block.spec["moments"], len(events)
    share = np.full(n, float(spec["failures"]))
    height = block.draw("moments", "failed").random(n)
    if "dropout" not in value and "dropout_rate" not in value:
        return has_complained | (height < share), np.zeros(n)
    chance, decides, leaves = _may_leave(events, value)
    decides, leaves = decides & ~has_complained, leaves & ~has_complained
    worse = np.minimum(spec["leaving"], 1 / np.maximum(chance, spec["failures"]))
    better = (1 - share * worse) / (1 - share)
    given_stay = share * (1 - chance * worse) / np.maximum(1 - chance, 1e-9)
    share = rounded(np.where(leaves, share * worse, np.where(decides, given_stay, share)))
    has_failed = has_complained | (height < share)
    return has_failed, np.where(decides, rounded(chance * (np.where(has_failed, worse, better) - 1)), 0)


def _may_leave(events, value):
    """The chance of leaving upon each encounter, which encounters decide of it, and upon which customers left."""
    gone = seconds_of(value["alive_until"])[events.owner]
    bought = events.of_type("purchase")
    if "dropout" in value:  # at a purchase, but not at the first
        decides = bought & (events.second > _first_second(events))
        return value["dropout"].to_numpy()[events.owner], decides, decides & (events.second == gone)
    within = _DECIDING_DAYS * DAY
    row = np.flatnonzero(bought)
    is_apart = np.diff(events.second[row], prepend=0) >= within
    is_apart |= np.diff(events.owner[row], prepend=-1) > 0
    decides = np.zeros(len(events), bool)
    decides[row[is_apart]] = True
    weeks = _DECIDING_DAYS / _DAYS_PER_WEEK
    chance = rounded(-np.expm1(-weeks * value["dropout_rate"].to_numpy()))[events.owner]
    return chance, decides, decides & (gone >= events.second) & (gone < events.second + within)


def _of_outages(block, events, joined, value, felt):
    """What outages added to the chance of leaving at the end of the month, told at the first contact about each."""
    effect = np.zeros(len(events))
    row = np.flatnonzero(events.is_of_failure)
    if not len(row) or not len(felt.owner):
        return effect
    outage = last_before(felt.owner, felt.second, events.owner[row], events.second[row] + _MINUTE)
    is_first = np.diff(outage, prepend=-1) > 0
    row, outage = row[is_first], outage[is_first]
    month = month_of(joined.day[felt.owner], felt.second // DAY)
    _, place, together = np.unique(np.stack([felt.owner, month]), axis=1, return_inverse=True, return_counts=True)
    shared = together[place.ravel()][outage]  # outages of the same month have one chance between them
    stay = 1 - value["churn_probability"].to_numpy()[events.owner[row]]
    felt_as = block.spec["outages"]["felt_as_months"]
    effect[row] = rounded(stay * (1 - stay ** (felt_as * shared)) / shared)
    return effect


def _first_second(events):
    """The second of each customer's first purchase, for each encounter: nobody leaves then."""
    first = np.full(int(events.owner.max(initial=-1)) + 1, np.iinfo(np.int64).max)
    bought = np.flatnonzero(events.of_type("purchase"))
    bought = bought[np.diff(events.owner[bought], prepend=-1) > 0]
    first[events.owner[bought]] = events.second[bought]
    return first[events.owner]


def _learned(owner, perceived, start, weight):
    """What is predicted before each encounter, when each perception moves it a step.

    Customers go through their first encounter together, then through their second, and so on.
    """
    counts = np.bincount(owner, minlength=len(start))
    first = np.cumsum(counts) - counts
    many_first = np.argsort(-counts, kind="stable")
    still = np.searchsorted(-counts[many_first], -np.arange(counts.max(initial=0)), side="left")
    expected, out = start[many_first], np.empty(len(owner))
    for rank, going in enumerate(still):
        row = first[many_first[:going]] + rank
        out[row] = expected[:going]
        expected[:going] = rounded(expected[:going] + weight * (perceived[row] - expected[:going]))
    return out
