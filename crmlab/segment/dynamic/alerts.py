"""Entries into a segment become contacts: only with those who agreed, and not too often."""

from collections import deque

import pandas as pd

from crmlab.errors import CrmlabError, message
from crmlab.segment.dynamic.durations import microseconds, spoken
from crmlab.segment.dynamic.ids import are_text, check_alike, plain_ids
from crmlab.segment.dynamic.incoming import microseconds_of
from crmlab.segment.dynamic.membership import checked_intervals

__all__ = ["Alerts", "ContactCap", "alerts"]

_CONTACT, _CAPPED, _NO_CONSENT = "contact", "capped", "no consent"


def alerts(intervals, *, at_most, within, may_contact):
    """Turn entries into contacts, with a cap for each customer, and count those that are held back.

    Parameters
    ----------
    intervals : pandas.DataFrame
        From ``replay``, of one rule or of several: each row is an entry. Where a customer enters
        two segments at one instant, the row that stands first comes first.
    at_most : int
        Contacts one customer may get within that time, whatever the segment.
    within : str or timedelta
        Such as "30d": a contact counts until so long after it.
    may_contact : pandas.Series of bool
        Who agreed, indexed by customer, for instance ``consent_phone`` of the customers. Who is
        missing in it has not agreed.

    Returns
    -------
    Alerts
        ``contacts``, ``entries`` (each with its decision), ``table``.

    Raises
    ------
    CrmlabError
        When the intervals are none, or an argument cannot be used.

    Examples
    --------
    >>> day = pd.to_datetime(["2025-03-01", "2025-03-02", "2025-03-05"], utc=True)
    >>> intervals = pd.DataFrame({"customer_id": [1, 2, 1], "segment": "calls", "entered_at": day,
    ...     "left_at": day, "entered_by": "event", "reason": "event"})
    >>> agreed = pd.Series({1: True, 2: False})
    >>> told = alerts(intervals, at_most=1, within="30d", may_contact=agreed)
    >>> told
    1 contact. Held back: 1 by the cap of 1 in 30 days for each customer, 1 without consent.
    >>> told.entries["decision"].tolist()
    ['contact', 'no consent', 'capped']
    """
    checked_intervals(intervals)
    cap = ContactCap(at_most=at_most, within=within, may_contact=may_contact)
    entries = intervals.sort_values("entered_at", kind="stable", ignore_index=True)
    who, when = entries["customer_id"].tolist(), entries["entered_at"].dt.as_unit("us").astype("int64").tolist()
    decision = [cap.decided(customer, ts) for customer, ts in zip(who, when, strict=True)]
    return Alerts(entries.assign(decision=pd.Series(decision, dtype="str")), cap)


class Alerts:
    """Entries and what became of them; made by :func:`alerts`.

    Parameters
    ----------
    entries : pandas.DataFrame
        One row per entry, in order of time, with its decision.
    cap : ContactCap

    Attributes
    ----------
    entries : pandas.DataFrame
        As given: decision is "contact", "capped" or "no consent".
    contacts : pandas.DataFrame
        Whom to contact, when and why: customer_id, ts, segment.
    table : pandas.DataFrame
        Entries by segment and decision.

    Examples
    --------
    Made by :func:`alerts`:

    >>> Alerts.__name__
    'Alerts'
    """

    def __init__(self, entries, cap):
        self.entries, self._cap = entries, cap
        made = entries.loc[entries["decision"] == _CONTACT, ["customer_id", "entered_at", "segment"]]
        self.contacts = made.rename(columns={"entered_at": "ts"}).reset_index(drop=True)
        table = pd.crosstab(entries["segment"], entries["decision"])
        self.table = table.reindex(columns=[_CONTACT, _CAPPED, _NO_CONSENT], fill_value=0).rename_axis(columns=None)

    def __repr__(self):
        return repr(self._cap)


class ContactCap:
    """Decide at each entry, in order of time, whether the customer may be contacted now.

    Parameters
    ----------
    at_most : int
        Contacts one customer may get within that time.
    within : str or timedelta
        Such as "30d".
    may_contact : pandas.Series of bool
        Who agreed, indexed by customer; who is missing has not agreed.

    Attributes
    ----------
    counts : dict of str to int
        How often each decision was taken.

    Raises
    ------
    CrmlabError
        When an argument cannot be used.

    Examples
    --------
    In a reaction to a live segment, ask it first:

    >>> cap = ContactCap(at_most=1, within="7d", may_contact=pd.Series({1: True}))
    >>> [cap.decide(customer, pd.Timestamp(day, tz="UTC")) for customer, day in
    ...     [(1, "2025-03-01"), (2, "2025-03-02"), (1, "2025-03-07"), (1, "2025-03-08")]]
    ['contact', 'no consent', 'capped', 'contact']
    >>> cap
    2 contacts. Held back: 1 by the cap of 1 in 7 days for each customer, 1 without consent.
    """

    def __init__(self, *, at_most, within, may_contact):
        if not isinstance(at_most, int) or isinstance(at_most, bool) or at_most < 1:
            found = f"found {at_most!r}."
            raise CrmlabError(message("at_most", found, allowed="a whole number from 1", next="1 is a usual choice."))
        is_series = isinstance(may_contact, pd.Series)
        if not is_series or not pd.api.types.is_bool_dtype(may_contact.dtype) or not may_contact.index.is_unique:
            found = f"found {may_contact.dtype} values." if is_series else f"found a {type(may_contact).__name__}."
            found = found if not is_series or may_contact.index.is_unique else "a customer stands twice."
            allowed = "a pandas Series of True and False, indexed by customer"
            step = 'write base.customers.set_index("record_id")["consent_phone"].'
            raise CrmlabError(message("may_contact", found, allowed=allowed, next=step))
        self.at_most, self._within = at_most, microseconds(within, "within")
        ids = plain_ids(may_contact.index, "may_contact")
        self._all, self._text = ids, are_text(ids)
        self._agreed = set(ids[may_contact.fillna(False).astype(bool)].tolist())
        self._last = {}
        self.counts = {_CONTACT: 0, _CAPPED: 0, _NO_CONSENT: 0}

    def decide(self, customer_id, ts):
        """Say what to do with an entry, and remember it.

        Parameters
        ----------
        customer_id : int or str
        ts : pandas.Timestamp, datetime or int
            The moment of the entry; as a number, microseconds since 1970 (before 1973 only a timestamp).

        Returns
        -------
        {"contact", "capped", "no consent"}

        Raises
        ------
        CrmlabError
            When the entry is earlier than a contact already made with this customer, `ts` is no
            moment, or the id is text where those of `may_contact` are numbers, or the other way round.

        Examples
        --------
        >>> ContactCap(at_most=1, within="7d", may_contact=pd.Series({1: True})).decide(2, "2025-03-01")
        'no consent'
        """
        return self.decided(customer_id, microseconds_of(ts))

    def decided(self, customer_id, now):
        """Decide as `decide` does, of a moment that was taken in already.

        Parameters
        ----------
        customer_id : int or str
        now : int, microseconds since 1970

        Returns
        -------
        {"contact", "capped", "no consent"}

        Raises
        ------
        CrmlabError
            As of `decide`.

        Examples
        --------
        >>> ContactCap(at_most=1, within="7d", may_contact=pd.Series({1: True})).decided(1, 0)
        'contact'
        """
        if self._text not in (None, isinstance(customer_id, str)):
            check_alike(self._all, isinstance(customer_id, str), "may_contact")
        decision = self._decided(customer_id, now)
        self.counts[decision] += 1
        return decision

    def _decided(self, customer_id, now):
        if customer_id not in self._agreed:
            return _NO_CONSENT
        made = self._last.setdefault(customer_id, deque())
        if made and now < made[-1]:
            found = f"customer {customer_id} was already contacted at a later moment."
            raise CrmlabError(message("ts", found, next="give entries in order of time."))
        while made and made[0] <= now - self._within:
            made.popleft()
        if len(made) >= self.at_most:
            return _CAPPED
        made.append(now)
        return _CONTACT

    def __repr__(self):
        n, capped, without = self.counts.values()
        rule = f"the cap of {self.at_most:,} in {spoken(self._within)} for each customer"
        return f"{n:,} contact{'s' * (n != 1)}. Held back: {capped:,} by {rule}, {without:,} without consent."
