"""Service recovery: what comes of a complaint that is put right, and of one that is left alone."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmlab.errors import CrmlabError, few, message
from crmlab.simulate.asked import asked
from crmlab.simulate.campaigns import ARMS
from crmlab.simulate.sales import rounded

__all__ = ["ServiceRecovery", "service_recovery"]

_GONE = "gone"


@dataclass(frozen=True, repr=False)
class ServiceRecovery:
    """What came of contacts, and the truth behind it; made by :func:`service_recovery`.

    Parameters
    ----------
    bought : pandas.Series of shape (n_contacts,), bool
        Whether the customer bought again within `days`: what the firm sees.
    truth : pandas.DataFrame of shape (n_contacts, 6)
        person_id, state (of the life cycle when the contact was due, or "gone"),
        chance_if_treated, chance_if_not, outcome_if_treated, outcome_if_not.
    days : int
        How long was watched.

    Examples
    --------
    >>> chances = pd.DataFrame({"chance_if_treated": [0.15, 0.05], "chance_if_not": [0.08, 0.04]})
    >>> round(ServiceRecovery(pd.Series([True, False]), chances, 14).uplift, 2)
    0.04
    """

    bought: pd.Series
    truth: pd.DataFrame
    days: int

    @property
    def uplift(self):
        """The planted effect: by how much putting it right raises the chance of buying again, on average."""
        return float((self.truth["chance_if_treated"] - self.truth["chance_if_not"]).mean())

    def __repr__(self):
        n, bought = len(self.bought), int(self.bought.sum())
        return f"{bought:,} of {n:,} customers bought again within {self.days} days. See .bought, and .truth for why."


def service_recovery(base, contacts):
    """Play out complaints that are put right by a call, and others that are left alone, with both outcomes known.

    Parameters
    ----------
    base : CustomerBase
        As :func:`company` made it: with its truth.
    contacts : pandas.DataFrame
        One row per unanswered complaint: customer_id (or record_id), ts (UTC, when the call was
        due), arm ("treated": the firm called and put it right; "holdout": it did not).

    Returns
    -------
    ServiceRecovery
        In the order and with the index of `contacts`. The same base, customer, instant and arm
        always give the same outcome, whatever other rows there are.

    Raises
    ------
    CrmlabError
        When the base has no truth or no life cycle, a column is missing, a customer or an arm is not known,
        or a contact lies outside the history.

    Notes
    -----
    Nothing is added to what the company's spec plants. A complaint that is put right moves the
    customer one state nearer with the chance ``lifecycle.moves.recovery``; left alone it is a
    failure, and moves them one state farther with ``lifecycle.moves.failure`` (the hidden Markov
    life cycle of Netzer, Lattin & Srinivasan 2008; that recovery mends what failure broke:
    Smith, Bolton & Wagner 1999, Journal of Marketing Research 36). Whoever is in a state buys within
    ``campaigns.days`` with the chance ``usual`` of that state in ``campaigns.states``. Both
    outcomes of a contact hang on one draw, so nobody is moved both ways (potential outcomes,
    Rubin 1974). What is bought here is not in the base's own tables.

    Examples
    --------
    >>> from crmlab import simulate
    >>> base = simulate.company("telco", customers=200, seed=7)
    >>> complaints = base.touchpoints[base.touchpoints["type"] == "complaint"]
    >>> calls = complaints[["record_id", "ts"]].assign(arm="treated")
    >>> played = service_recovery(base, calls)
    >>> len(played.bought) == len(calls) and played.uplift > 0
    True
    """
    plan, spec = _spec_of(base)
    record, ts, arm = _checked(base, contacts)
    person = base.truth["links"].drop_duplicates("record_id").set_index("record_id")["person_id"].loc[record].to_numpy()
    names = list(spec["lifecycle"]["states"])
    state = _state_at(base, person, ts, names)
    usual = np.array([spec["campaigns"]["states"][name]["usual"] for name in names] + [0.0])
    nearer, farther = np.minimum(state + 1, len(names) - 1), np.maximum(state - 1, 0)
    is_there = state < len(names)
    moves = spec["lifecycle"]["moves"]
    if_treated = _mixed(usual, state, nearer, moves["recovery"]) * is_there
    if_not = _mixed(usual, state, farther, moves["failure"]) * is_there
    micros = ts.dt.as_unit("us").astype("int64")
    height = np.array(
        [plan.dice("recovery", "bought", who, when).random() for who, when in zip(person, micros, strict=True)]
    )
    truth = pd.DataFrame(
        {
            "person_id": person,
            "state": np.array([*names, _GONE])[state],
            "chance_if_treated": rounded(if_treated),
            "chance_if_not": rounded(if_not),
            "outcome_if_treated": height < if_treated,
            "outcome_if_not": height < if_not,
        },
        index=contacts.index,
    )
    bought = truth["outcome_if_treated"].where(arm == ARMS[0], truth["outcome_if_not"]).rename("bought")
    return ServiceRecovery(bought.astype(bool), truth, int(spec["campaigns"]["days"]))


def _spec_of(base):
    """The plan a base was made by, and its spec; refused where it plants nothing to play out."""
    about = base.about
    if not {"company", "seed", "customers"} <= set(about):
        found = "this base was not made by crmlab, so nobody knows what would have come of a call."
        step = 'make one: simulate.company("telco", customers=2_000, seed=7); on your own, call by lot and compare.'
        raise CrmlabError(message("base", found, next=step))
    size = {name: about[name] for name in ("customers", "seed", "locale", "months", "as_of")}
    plan = asked(about.get("spec", about["company"]), **size)
    lacking = [section for section in ("lifecycle", "campaigns") if section not in plan.spec]
    if lacking:
        found = f"its company has no section {few(lacking)}."
        raise CrmlabError(message("base", found, next="make a base without taking that section out."))
    return plan, plan.spec


def _checked(base, contacts):
    """The columns of the contacts, held to what they must be."""
    who = "customer_id" if isinstance(contacts, pd.DataFrame) and "customer_id" in contacts else "record_id"
    missing = [name for name in (who, "ts", "arm") if not isinstance(contacts, pd.DataFrame) or name not in contacts]
    if missing:
        has = few(contacts.columns, 12) if isinstance(contacts, pd.DataFrame) else type(contacts).__name__
        step = "give one row per complaint: customer_id, ts and arm."
        raise CrmlabError(message("contacts", f"no column {few(map(repr, missing))}.", it_has=has, next=step))
    faults = []
    record, ts, arm = contacts[who], contacts["ts"], contacts["arm"].astype("str")
    strange = record[~record.isin(base.truth["links"]["record_id"])]
    if len(strange):
        step = "take the customers from the base itself."
        faults.append(message(f"contacts.{who}", f"{len(strange):,} not in this base.", values=few(strange), next=step))
    odd = arm[~arm.isin(ARMS)].unique()
    if len(odd):
        allowed = '"treated" (called) or "holdout" (left alone)'
        faults.append(message("contacts.arm", f"found {few(odd)}.", allowed=allowed, next="write one of the two."))
    if not isinstance(ts.dtype, pd.DatetimeTZDtype):
        step = 'make times of it: pd.to_datetime(contacts["ts"], utc=True).'
        faults.append(message("contacts.ts", f"found {ts.dtype}.", allowed="points in time in UTC", next=step))
    else:
        months = base.truth["states"]["month"]
        outside = ~(ts.between(months.min(), base.as_of))
        if outside.any():
            allowed = f"from {months.min():%Y-%m-%d} to {base.as_of:%Y-%m-%d}"
            found = f"{int(outside.sum()):,} outside what is known of the customers."
            step = "keep the contacts inside the history."
            faults.append(message("contacts.ts", found, allowed=allowed, values=few(ts[outside]), next=step))
    if faults:
        raise CrmlabError(*faults)
    return record, ts, arm


def _state_at(base, person, ts, names):
    """Place of each customer's state at the end of the month before, or of the month they joined in; gone: beyond."""
    states = base.truth["states"]
    number = states["month"].dt.year * 12 + states["month"].dt.month
    place = states["state"].astype("str").map({name: at for at, name in enumerate([*names, _GONE])})
    known = pd.Series(place.to_numpy(), index=pd.MultiIndex.from_arrays([states["person_id"], number]))
    month = (ts.dt.year * 12 + ts.dt.month).to_numpy()
    before = known.reindex(pd.MultiIndex.from_arrays([person, month - 1])).to_numpy()
    same = known.reindex(pd.MultiIndex.from_arrays([person, month])).to_numpy()
    state = np.where(np.isnan(before), same, before)
    left = base.truth["value"].set_index("person_id")["alive_until"].loc[person]
    is_gone = (left.array <= ts.array) | np.isnan(state)  # who has left has no state any more
    return np.where(is_gone, len(names), np.nan_to_num(state)).astype(np.int64)


def _mixed(usual, state, moved, chance):
    """The chance of buying of those who are moved with some chance, and stay where they are otherwise."""
    return chance * usual[moved] + (1 - chance) * usual[state]
