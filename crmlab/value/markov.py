"""What a customer is worth who moves between states: Markov value, and when to stop contacting."""

import numpy as np
import pandas as pd

from crmlab.errors import CrmlabError, few, message
from crmlab.value.checks import rate_faults

__all__ = ["MarkovValue"]

_GONE = "gone"


class MarkovValue:
    """Value customers by the state they are in, and learn in which states a contact no longer pays.

    A customer in a state brings its reward and costs its contact; next period they are in
    another state, by the transition shares. The worth of a state is what all that is worth today.

    Parameters
    ----------
    transitions : pandas.DataFrame of shape (n_states, n_states)
        P: share of the customers of each state (rows) who are in each state (columns) one
        period later, when contacted; rows sum to 1. For tiers: ``tier_migration(…).transitions()``.
    reward_cents : pandas.Series or dict of shape (n_states,), cents
        What a customer in the state brings in a period, before the contact.
    rate : float
        d: interest for one period, 0 or more.
    contact_cents : number, pandas.Series or dict, default=0, cents
        What it costs to contact a customer of the state in a period. A single number: the same
        in every state that can still be left or that brings something; in the others (gone) 0.
    References
    ----------
    P. E. Pfeifer and R. L. Carraway, Modeling customer relationships as Markov chains, *Journal
    of Interactive Marketing* 14, 2000: V = (I − P/(1 + d))⁻¹ R, here R = reward − contact.
    R. A. Howard, *Dynamic Programming and Markov Processes*, 1960: the best cut-off.

    Examples
    --------
    >>> shop = MarkovValue.of_recency([0.3, 0.2, 0.15, 0.05], contribution_cents=4000, contact_cents=400, rate=0.2)
    >>> shop.value_cents().round(1).to_dict()
    {1: 5232.0, 2: 555.4, 3: 125.1, 4: -182.0, 'gone': 0.0}
    >>> shop.best_contacts()["is_contacted"].to_dict()
    {1: True, 2: True, 3: True, 4: False, 'gone': False}
    """

    def __init__(self, transitions, reward_cents, *, rate, contact_cents=0):
        self.transitions, self.rate = _checked(transitions, rate), float(rate)
        states = self.transitions.index
        self.reward_cents = _per_state(reward_cents, states, "reward_cents")
        if isinstance(contact_cents, int | float | np.number) and not isinstance(contact_cents, bool):
            stays = np.diag(self.transitions) == 1
            ended = stays & (self.reward_cents == 0).to_numpy()
            contact_cents = pd.Series(np.where(ended, 0.0, float(contact_cents)), states)
        self.contact_cents = _per_state(contact_cents, states, "contact_cents", least=0)

    @classmethod
    def of_recency(cls, purchase_shares, *, contribution_cents, contact_cents, rate):
        """Make the chain of a mail-order customer: who buys is at recency 1, who does not grows older by one.

        Parameters
        ----------
        purchase_shares : list of float
            p: share of the customers of recency 1, 2, … who buy in the next period when
            contacted. Who does not buy at the last recency is gone.
        contribution_cents : int
            What a purchase brings, before the contact.
        contact_cents : int
            What a contact costs in a period.
        rate : float
            d: interest for one period.

        Returns
        -------
        MarkovValue
            With states 1, 2, … and "gone".

        Raises
        ------
        CrmlabError
            When a share is not from 0 to 1.

        Examples
        --------
        >>> MarkovValue.of_recency([0.3, 0.1], contribution_cents=40, contact_cents=4, rate=0.2).transitions
                1    2  gone
        1     0.3  0.7   0.0
        2     0.1  0.0   0.9
        gone  0.0  0.0   1.0
        """
        try:
            shares = np.asarray(purchase_shares, dtype="float64")
        except (TypeError, ValueError):
            shares = np.empty(0)
        if shares.ndim != 1 or not len(shares) or not ((shares >= 0) & (shares <= 1)).all():
            step = "write for instance [0.3, 0.2, 0.15, 0.05]."
            found = f"found {purchase_shares!r}."
            raise CrmlabError(message("purchase_shares", found, allowed="one or more numbers from 0 to 1", next=step))
        n = len(shares)
        states = [*range(1, n + 1), _GONE]
        moves = np.zeros((n + 1, n + 1))
        moves[:n, 0] = shares
        moves[np.arange(n), np.arange(n) + 1] = 1 - shares
        moves[n, n] = 1
        reward = pd.Series([contribution_cents, *[0] * n], states)
        return cls(pd.DataFrame(moves, states, states), reward, contact_cents=contact_cents, rate=rate)

    def __repr__(self):
        return f"MarkovValue of {len(self.transitions)} states at {self.rate:.4g} a period. See value_cents()."

    def value_cents(self, *, periods=None):
        """Tell what a customer of each state is worth today when always contacted.

        Parameters
        ----------
        periods : int, optional
            How many later periods count beside the present one, 0 or more. Without it: for ever.

        Returns
        -------
        pandas.Series of shape (n_states,), cents
            Σ (P/(1 + d))ᵗ R over t = 0 … periods, or its limit.

        Raises
        ------
        CrmlabError
            When `periods` is no whole number, or the rate is 0 and there is no end.

        Examples
        --------
        >>> shop = MarkovValue.of_recency([0.5], contribution_cents=100, contact_cents=10, rate=0)
        >>> shop.value_cents(periods=2).tolist()
        [157.5, 0.0]
        """
        step, reward = self._step(), (self.reward_cents - self.contact_cents).to_numpy()
        if periods is None:
            self._needs_rate()
            worth = np.linalg.solve(np.eye(len(step)) - step, reward)
        else:
            if isinstance(periods, bool) or not isinstance(periods, int | np.integer) or periods < 0:
                found, allowed = f"found {periods!r}.", "a whole number, 0 or more"
                raise CrmlabError(message("periods", found, allowed=allowed, next="leave it out to look for ever."))
            worth = np.zeros(len(step))
            for _ in range(periods + 1):
                worth = reward + step @ worth
        return pd.Series(worth, self.transitions.index, name="value_cents")

    def best_contacts(self):
        """Find the states in which a contact still pays, and what each state is worth then.

        In each state the firm either contacts (pays the contact, and the customer moves by the
        transition shares) or stops for good: takes the state's reward once more and no more
        after. A contact pays when what it leads to is worth more today than it costs.

        Returns
        -------
        pandas.DataFrame of shape (n_states, 3)
            is_contacted, value_cents under the best choice, and always_cents, the value when
            every state is contacted; never more than the first.

        Raises
        ------
        CrmlabError
            When the rate is 0: nothing makes later periods count less.

        Examples
        --------
        >>> shop = MarkovValue.of_recency([0.3, 0.05], contribution_cents=4000, contact_cents=400, rate=0.2)
        >>> shop.best_contacts().round(1)
              is_contacted  value_cents  always_cents
        1             True       4800.0        4639.2
        2            False          0.0        -206.7
        gone         False          0.0           0.0
        """
        always = self.value_cents()
        step, reward, cost = self._step(), self.reward_cents.to_numpy(), self.contact_cents.to_numpy()
        contacted = np.ones(len(step), dtype=bool)
        for _ in range(len(step) * 2 + 10):  # each turn is a better choice, and there are few
            worth = np.linalg.solve(
                np.eye(len(step)) - contacted[:, None] * step, reward - np.where(contacted, cost, 0.0)
            )
            better = step @ worth > cost + 1e-9 * (1 + np.abs(worth).max())
            if (better == contacted).all():
                break
            contacted = better
        table = {"is_contacted": contacted, "value_cents": worth, "always_cents": always.to_numpy()}
        return pd.DataFrame(table, self.transitions.index)

    def _step(self):
        return self.transitions.to_numpy() / (1 + self.rate)

    def _needs_rate(self):
        if self.rate == 0:
            found = "0 for ever has no end: nothing makes later periods count less."
            raise CrmlabError(message("rate", found, next="give a rate, or periods=…."))


def _checked(transitions, rate):
    faults = rate_faults(rate)
    step = "pass tier_migration(before, after).transitions(), or a table of shares."
    if not isinstance(transitions, pd.DataFrame) or not len(transitions):
        found = (
            f"found a {type(transitions).__name__}." if not isinstance(transitions, pd.DataFrame) else "it is empty."
        )
        faults.append(message("transitions", found, allowed="a square pandas DataFrame", next=step))
    elif not transitions.index.is_unique or transitions.index.tolist() != transitions.columns.tolist():
        found = f"rows are {few(transitions.index)}; columns are {few(transitions.columns)}."
        faults.append(
            message("transitions", found, allowed="the same states in rows and columns, once each", next=step)
        )
    else:
        try:
            moves = transitions.astype("float64")
            bad = ~((moves >= 0) & (moves <= 1)).all(axis=1) | ~(np.abs(moves.sum(axis=1) - 1) < 1e-6)
        except (TypeError, ValueError):
            bad = pd.Series(True, transitions.index)
        if bad.any():
            found = f"the rows of {few(transitions.index[bad])} are no shares that sum to 1."
            faults.append(
                message("transitions", found, allowed="numbers from 0 to 1, each row summing to 1", next=step)
            )
    if faults:
        raise CrmlabError(*faults)
    return moves.div(moves.sum(axis=1), axis=0)


def _per_state(given, states, where, least=None):
    """One number per state, in the order of the states."""
    try:
        series = given if isinstance(given, pd.Series) else pd.Series(given, dtype="object")
        missing = states.difference(series.index, sort=False)
        numbers = series.reindex(states).astype("float64")
        good = len(series) == len(states) and np.isfinite(numbers).all() and (least is None or (numbers >= least).all())
    except (TypeError, ValueError):
        missing, good = [], False
    if not good:
        found = f"no number for {few(missing)}." if len(missing) else "a value is missing, no number or out of range."
        allowed = "one number of cents per state" + ("" if least is None else f", {least} or more")
        raise CrmlabError(message(where, found, allowed=allowed, next=f"give each of {few(states, 8)} its cents."))
    return numbers.rename(where)
