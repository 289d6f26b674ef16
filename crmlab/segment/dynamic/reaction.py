"""React to who enters a segment, leave some alone by lot, and measure whether it helped."""

from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
import pandas as pd
from scipy.special import ndtri, stdtrit

from crmlab.errors import CrmlabError, message

__all__ = ["Effect", "Reaction"]

_ARMS = ("treated", "holdout")
_PARTS = 1 << 64


class Reaction:
    """Call a function of your own at every entry, but for those whom the lot leaves alone.

    Parameters
    ----------
    call : function of one Change
        What you do about a customer who enters: it gets the change (``customer_id``, ``segment``,
        ``at``), and what it returns is kept.
    holdout : float
        Share of customers who are left alone, between 0 and 1.
    seed : int
        Of the lot. It falls once for each customer, whatever the order and the segment.
    cap : ContactCap, optional
        Decides first whether the customer may be contacted now; if not, it is no case, in neither arm.

    Examples
    --------
    >>> from crmlab.segment.dynamic import did
    >>> log = pd.DataFrame({"customer_id": range(6), "seq": 0, "type": "complaint",
    ...     "ts": pd.date_range("2025-03-01", periods=6, freq="h", tz="UTC")})
    >>> reaction = Reaction(lambda change: f"call {change.customer_id}", holdout=0.5, seed=1)
    >>> reaction.play(did("complaint"), log)
    >>> reaction
    6 entries: 3 treated, 3 left alone by lot.
    >>> reaction.contacts.head(3)
       customer_id                        ts  segment      arm  answer
    0            0 2025-03-01 00:00:00+00:00  segment  treated  call 0
    1            1 2025-03-01 01:00:00+00:00  segment  holdout    None
    2            2 2025-03-01 02:00:00+00:00  segment  treated  call 2
    """

    def __init__(self, call, *, holdout, seed, cap=None):
        faults = []
        if not callable(call):
            step = "write def call(change): ... and give its name, without brackets."
            faults.append(message("call", f"found {call!r}, which is no function.", next=step))
        if isinstance(holdout, bool) or not isinstance(holdout, int | float) or not 0 < holdout < 1:
            step = "0.5 measures fastest; a tenth is enough to go on watching."
            faults.append(message("holdout", f"found {holdout!r}.", allowed="a share between 0 and 1", next=step))
        if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
            faults.append(
                message("seed", f"found {seed!r}.", allowed="a whole number, 0 or more", next="choose another.")
            )
        if cap is not None and not hasattr(cap, "decide"):
            step = "make one: dynamic.ContactCap(at_most=..., within=..., may_contact=...)."
            faults.append(message("cap", f"found {cap!r}.", allowed="a ContactCap", next=step))
        if faults:
            raise CrmlabError(*faults)
        self._call, self._seed, self._cap = call, seed, cap
        self._below = int(holdout * _PARTS)
        self._cases = []

    def arm(self, customer_id):
        """Tell which arm the lot puts a customer in.

        Parameters
        ----------
        customer_id : int or str

        Returns
        -------
        str
            "treated" or "holdout".

        Examples
        --------
        >>> [Reaction(print, holdout=0.5, seed=1).arm(customer) for customer in (0, 1)]
        ['treated', 'holdout']
        """
        drawn = blake2b(f"{self._seed}|{customer_id}".encode(), digest_size=8).digest()
        return _ARMS[int.from_bytes(drawn, "big") < self._below]

    def __call__(self, change):
        """React to one change: an exit is passed over.

        Parameters
        ----------
        change : Change

        Returns
        -------
        object
            What your function returned; None for who is left alone, and for an exit.

        Examples
        --------
        >>> from crmlab.segment.dynamic import did
        >>> reaction = Reaction(lambda change: f"call {change.customer_id}", holdout=0.5, seed=1)
        >>> engine = did("complaint").live()
        >>> for change in engine.push({"customer_id": 0, "ts": "2025-03-01", "seq": 0, "type": "complaint"}):
        ...     print(reaction(change))
        call 0
        """
        if not change.is_in or (self._cap is not None and self._cap.decide(change.customer_id, change.ts) != "contact"):
            return None
        case = [change.customer_id, change.ts, change.segment, self.arm(change.customer_id), None]
        self._cases.append(case)
        if case[3] == _ARMS[0]:
            case[4] = self._call(change)
        return case[4]

    def play(self, rules, log, *, traits=None, since=None, until=None):
        """Let a log run through a live engine, and react at every entry.

        Parameters
        ----------
        rules : Rule or Segments
        log : pandas.DataFrame
        traits : pandas.DataFrame, optional
        since : str or timestamp, optional
            React only from this moment on; what was before is worked in.
        until : str or timestamp, optional
            The last instant; without it that of the last event.

        Raises
        ------
        CrmlabError
            When the log or the traits break their promise, or lack what a rule reads.

        Examples
        --------
        >>> from crmlab.segment.dynamic import did
        >>> log = pd.DataFrame({"customer_id": [1], "seq": 0, "type": "complaint",
        ...     "ts": pd.to_datetime(["2025-03-01"], utc=True)})
        >>> reaction = Reaction(lambda change: "call", holdout=0.5, seed=1)
        >>> reaction.play(did("complaint").without("reply", within="2d"), log, until="2025-03-05")
        >>> reaction.contacts["ts"].tolist()
        [Timestamp('2025-03-03 00:00:00+0000', tz='UTC')]
        """
        from crmlab.segment.dynamic.incoming import FIRST, microseconds_of
        from crmlab.segment.dynamic.runs import checked_rules
        from crmlab.segment.dynamic.streamed import changes_of

        begin = FIRST if since is None else microseconds_of(since, where="since")
        for change in changes_of(checked_rules(rules).plans(), log, traits=traits, until=until):
            if change.ts >= begin:
                self(change)

    @property
    def contacts(self):
        """One row per case, in order: customer_id, ts, segment, arm ("treated", "holdout"), answer of your function."""
        frame = pd.DataFrame(self._cases, columns=["customer_id", "ts", "segment", "arm", "answer"], dtype="object")
        ts = pd.to_datetime(frame["ts"].astype("int64"), unit="us", utc=True)
        return frame.assign(ts=ts, customer_id=frame["customer_id"].infer_objects()).astype(
            {"segment": "str", "arm": "str"}
        )

    def __repr__(self):
        n = {arm: sum(case[3] == arm for case in self._cases) for arm in _ARMS}
        entries = "1 entry" if len(self._cases) == 1 else f"{len(self._cases):,} entries"
        return f"{entries}: {n['treated']:,} treated, {n['holdout']:,} left alone by lot."

    def effect(self, outcomes):
        """Measure what the reaction changed: those treated against those left alone.

        Parameters
        ----------
        outcomes : pandas.Series of bool or numbers, indexed like `contacts`
            What came of each case: whether the customer bought again, or for how much.

        Returns
        -------
        Effect

        Raises
        ------
        CrmlabError
            When an outcome is missing, or an arm has fewer than two customers.

        Notes
        -----
        A customer may come several times, and such cases are alike: what counts is the number of
        customers. The error of each mean is that of a ratio of sums over customers. The interval of a
        difference of shares is Newcombe's (1998, Statistics in Medicine 17, method 10), with each
        arm's number of cases cut down to what its error is worth; for other numbers it is Welch's.

        Examples
        --------
        >>> from crmlab.segment.dynamic import did
        >>> log = pd.DataFrame({"customer_id": range(400), "seq": 0, "type": "complaint",
        ...     "ts": pd.Timestamp("2025-03-01", tz="UTC")})
        >>> reaction = Reaction(lambda change: "call", holdout=0.5, seed=1)
        >>> reaction.play(did("complaint"), log)
        >>> cases = reaction.contacts
        >>> bought = (cases["customer_id"] % 10 < 2) | ((cases["arm"] == "treated") & (cases["customer_id"] % 10 == 2))
        >>> reaction.effect(bought)
        treated         207 cases   32.9 %
        left alone      193 cases   18.7 %
        effect                     +14.2 points, 95 times in 100 between +5.6 and +22.4
        """
        cases = self.contacts
        if not isinstance(outcomes, pd.Series) or not outcomes.index.equals(cases.index) or outcomes.isna().any():
            found = "it is no Series with one value for each row of contacts."
            step = "make it from reaction.contacts, row by row, and leave its index as it is."
            raise CrmlabError(message("outcomes", found, next=step))
        is_share = pd.api.types.is_bool_dtype(outcomes.dtype)
        arms = {}
        for arm in _ARMS:
            some = cases["arm"] == arm
            by_customer = outcomes[some].astype("float64").groupby(cases.loc[some, "customer_id"]).agg(["sum", "size"])
            if len(by_customer) < 2:
                found = f'the arm "{arm}" has {len(by_customer)} customer{"s" * (len(by_customer) != 1)}.'
                raise CrmlabError(message("contacts", found, allowed="at least 2 in each", next="go on for longer."))
            arms[arm] = _Arm.of(by_customer["sum"].to_numpy(), by_customer["size"].to_numpy())
        treated, holdout = arms["treated"], arms["holdout"]
        low, high = (_newcombe if is_share else _welch)(treated, holdout)
        return Effect(
            treated.mean - holdout.mean, low, high, treated.mean, holdout.mean, treated.n, holdout.n, is_share
        )


@dataclass(frozen=True)
class _Arm:
    mean: float
    n: int
    customers: int
    variance: float  # of the mean

    @classmethod
    def of(cls, sums, sizes):
        n, customers = int(sizes.sum()), len(sums)
        mean = sums.sum() / n
        variance = ((sums - mean * sizes) ** 2).sum() / n**2 * customers / (customers - 1)
        return cls(float(mean), n, customers, float(variance))

    def wilson(self):
        """The range of a share; Wilson 1927, with the number of cases that the error is worth."""
        variance = self.variance * (self.customers - 1) / self.customers
        worth = min(self.mean * (1 - self.mean) / variance, self.n) if variance > 0 else self.customers
        z = ndtri(0.975)
        middle = (self.mean + z**2 / (2 * worth)) / (1 + z**2 / worth)
        half = z * np.sqrt(self.mean * (1 - self.mean) / worth + z**2 / (4 * worth**2)) / (1 + z**2 / worth)
        return middle - half, middle + half


def _newcombe(treated, holdout):
    (low_1, high_1), (low_2, high_2) = treated.wilson(), holdout.wilson()
    effect = treated.mean - holdout.mean
    low = effect - np.hypot(treated.mean - low_1, high_2 - holdout.mean)
    return float(low), float(effect + np.hypot(high_1 - treated.mean, holdout.mean - low_2))


def _welch(treated, holdout):
    effect, total = treated.mean - holdout.mean, treated.variance + holdout.variance
    if total == 0:
        return effect, effect
    parts = sum(arm.variance**2 / (arm.customers - 1) for arm in (treated, holdout))
    half = stdtrit(total**2 / parts, 0.975) * np.sqrt(total)
    return float(effect - half), float(effect + half)


@dataclass(frozen=True, repr=False)
class Effect:
    """What a reaction changed; made by ``Reaction.effect``.

    Parameters
    ----------
    effect : float
        Mean of those treated less mean of those left alone.
    low, high : float
        In 95 of 100 such trials the true effect lies between.
    treated, holdout : float
        The two means.
    n_treated, n_holdout : int
        Cases.
    is_share : bool
        The outcomes were yes and no.

    Examples
    --------
    >>> Effect(0.10, 0.02, 0.18, 0.30, 0.20, 200, 200, True)
    treated         200 cases   30.0 %
    left alone      200 cases   20.0 %
    effect                     +10.0 points, 95 times in 100 between +2.0 and +18.0
    """

    effect: float
    low: float
    high: float
    treated: float
    holdout: float
    n_treated: int
    n_holdout: int
    is_share: bool

    def __repr__(self):
        scale, unit, points = (100, " %", " points") if self.is_share else (1, "", "")
        lines = [
            f"{name:<12}{n:>7,} cases{scale * mean:>7,.1f}{unit}"
            for name, n, mean in (
                ("treated", self.n_treated, self.treated),
                ("left alone", self.n_holdout, self.holdout),
            )
        ]
        effect, low, high = (f"{scale * value:+,.1f}" for value in (self.effect, self.low, self.high))
        return "\n".join([*lines, f"{'effect':<25}{effect:>7}{points}, 95 times in 100 between {low} and {high}"])

    def against(self, planted):
        """Lay the true effect beside it, which only who made the data knows.

        Parameters
        ----------
        planted : float
            On the same scale: 0.05 is 5 points.

        Returns
        -------
        str

        Examples
        --------
        >>> print(Effect(0.10, 0.02, 0.18, 0.30, 0.20, 200, 200, True).against(0.07))
        measured +10.0 points (between +2.0 and +18.0), planted +7.0: inside the range
        """
        scale, points = (100, " points") if self.is_share else (1, "")
        effect, low, high, true = (f"{scale * value:+,.1f}" for value in (self.effect, self.low, self.high, planted))
        where = "inside" if self.low <= planted <= self.high else "outside"
        return f"measured {effect}{points} (between {low} and {high}), planted {true}: {where} the range"
