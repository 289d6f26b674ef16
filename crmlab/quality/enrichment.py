"""Each contact is a chance to improve a record: which were used, and which were missed."""

import html

import numpy as np
import pandas as pd

from crmlab.chart import ACCENT, SHADES, Chart
from crmlab.errors import CrmlabError, did_you_mean, few, message
from crmlab.quality.letters import checked_locale
from crmlab.quality.view import View
from crmlab.tables import check

__all__ = ["Enrichment", "enrichment"]

_WANTED = ("first_name", "last_name", "street", "house_number", "postcode", "city", "email", "phone", "birth_date")
_OF_PERSONS = ("first_name", "last_name", "birth_date")
_OUTCOMES = ("used", "missed", "nothing missing", "no chance")
_MOST = 14


class Enrichment:
    """Which contacts added to a record, and which chances were missed.

    Made by :func:`enrichment`.

    Parameters
    ----------
    contacts, columns : pandas.DataFrame
    within_hours : int

    Attributes
    ----------
    contacts : pandas.DataFrame
        One row per contact, labelled as in the log: record_id, ts, channel and clerk_id
        where the log has them, outcome ("used", "missed", "nothing missing" or "no
        chance") and missing (how many wanted columns the record lacks today).
    columns : pandas.DataFrame
        By wanted column: records that lack it today, and missed_chances to ask for it.

    Examples
    --------
    >>> log = pd.DataFrame({"record_id": [1], "ts": pd.to_datetime(["2025-03-01 10:00"], utc=True)})
    >>> people = pd.DataFrame({"record_id": [1], "email": [None]})
    >>> enrichment(log, people).contacts["outcome"].tolist()
    ['missed']
    """

    def __init__(self, contacts, columns, within_hours):
        self.contacts, self.columns, self.within_hours = contacts, columns, within_hours

    def by(self, group):
        """Count used and missed chances by channel or clerk.

        Parameters
        ----------
        group : {"channel", "clerk"}

        Returns
        -------
        pandas.DataFrame
            Indexed by group, most missed first: contacts, chances (used and missed), used,
            missed, share_used (of the chances).

        Raises
        ------
        CrmlabError
            When the log does not say it.

        Examples
        --------
        >>> log = pd.DataFrame({"record_id": [1, 1], "channel": ["web", "web"]})
        >>> log["ts"] = pd.to_datetime(["2025-03-01 10:00", "2025-03-02 10:00"], utc=True)
        >>> people = pd.DataFrame({"record_id": [1], "email": [None]})
        >>> enrichment(log, people).by("channel")[["contacts", "chances", "missed"]]
                 contacts  chances  missed
        channel
        web             2        2       2
        """
        column = {"channel": "channel", "clerk": "clerk_id"}.get(group)
        if column not in self.contacts:
            found = f"found {group!r}." if column is None else f"the log has no column {column!r}."
            able = [name for name, column in (("channel", "channel"), ("clerk", "clerk_id")) if column in self.contacts]
            step = f"choose {' or '.join(able)}." if able else "name the column that says it channel or clerk_id."
            raise CrmlabError(message("group", found, allowed="channel, clerk", next=step))
        outcome = pd.get_dummies(self.contacts["outcome"]).reindex(columns=_OUTCOMES, fill_value=False)
        sums = outcome.groupby(self.contacts[column], observed=True).sum()
        out = pd.DataFrame({"contacts": sums.sum(axis=1), "chances": sums["used"] + sums["missed"]})
        out = out.assign(used=sums["used"], missed=sums["missed"])
        out["share_used"] = out["used"] / out["chances"].where(out["chances"] > 0)
        return out.rename_axis(group).sort_values("missed", ascending=False, kind="stable")

    def figure(self, group="channel"):
        """Draw used and missed chances by channel or clerk.

        Parameters
        ----------
        group : {"channel", "clerk"}, default="channel"

        Returns
        -------
        Chart

        Raises
        ------
        CrmlabError
            When the log does not say it.

        Examples
        --------
        >>> log = pd.DataFrame({"record_id": [1, 1], "channel": ["web", "web"]})
        >>> log["ts"] = pd.to_datetime(["2025-03-01 10:00", "2025-03-02 10:00"], utc=True)
        >>> enrichment(log, pd.DataFrame({"record_id": [1], "email": [None]})).figure()
        <Chart: Missed: all 2 chances to complete a record, most of all in web.>
        """
        table = self.by(group).query("chances > 0").head(_MOST)
        used, missed = self._count("used"), self._count("missed")
        if missed:
            told = "all" if used == 0 else f"{min(missed / (used + missed), 0.99):.0%} of"
            most = f"most of all {'by clerk' if group == 'clerk' else 'in'} {str(table.index[0]).replace('_', ' ')}"
            finding = f"Missed: {told} {used + missed:,} chances to complete a record, {most}."
        else:
            finding = "No chance to complete a record was missed."

        def draw(axes):
            places = range(len(table))
            axes.barh(places, table["missed"], color=ACCENT, label="missed")
            axes.barh(places, table["used"], left=table["missed"], color=SHADES[1], label="used")
            axes.set_yticks(places, [str(name).replace("_", " ") for name in table.index])
            axes.invert_yaxis()
            axes.grid(visible=False, axis="y")
            axes.set_xlabel("chances (contacts)")
            axes.set_ylabel(group)
            axes.legend(loc="lower right")

        words = (
            "Each bar counts the contacts in which somebody could have asked for what the record lacks: orange where "
            f"it still lacks it, blue where the record was changed within {self.within_hours} hours. A record tells "
            "only its last change, so earlier uses do not show."
        )
        return Chart(finding, words, draw, size=(7.0, 1.6 + 0.36 * len(table)))

    def _count(self, outcome):
        return int((self.contacts["outcome"] == outcome).sum())

    def __repr__(self):
        counts = ", ".join(f"{self._count(outcome):,} {outcome}" for outcome in _OUTCOMES)
        return f"{len(self.contacts):,} contacts: {counts}."

    def _repr_html_(self):
        table = self.columns[self.columns["records"] > 0].to_html(border=0, justify="left")
        return f"<p><b>{html.escape(repr(self))}</b></p><p>What records lack, and how often nobody asked:</p>{table}"


def enrichment(touchpoints, customers, *, columns=None, within_hours=24, locale="hr"):
    """See which contacts added to a record, and which chances to do so were missed.

    A contact is a **chance** when the record already stood, somebody could ask (the
    customer began it, or a clerk served), and there was something to ask for. It is

    - **used** when the record was changed within `within_hours` after it, and no later
      chance lay between,
    - **missed** when the record was not changed then and lacks a wanted column to this
      day: what is empty now was empty then.

    Where nothing is missing today it is not known what was missing then: "nothing
    missing", counted as neither. Advertising by mail, and what came before the record was
    opened, is "no chance". A record holds its *last* change only, so earlier uses do not
    show: the share used is a lower bound.

    Parameters
    ----------
    touchpoints : pandas.DataFrame of shape (n_contacts, …)
        With record_id and ts; direction, channel and clerk_id where it has them. Without
        direction and clerk_id every contact is taken as one in which somebody could ask.
    customers : pandas.DataFrame of shape (n_records, …)
        With record_id; created_at and updated_at where it has them.
    columns : list of str, optional
        Wanted columns; without it, those needed to know and reach a customer.
    within_hours : int, default=24
        How long after a contact a change still counts as its fruit.
    locale : str, default="hr"
        ``"hr"``, ``"en"`` or ``"de"``.

    Returns
    -------
    Enrichment
        With ``.contacts``, ``.columns``, ``.by("channel")``, ``.by("clerk")`` and
        ``.figure()``.

    Raises
    ------
    CrmlabError
        When a column is missing or breaks its promise, or a setting its rule.

    Examples
    --------
    >>> log = pd.DataFrame({
    ...     "record_id": [1, 1, 2], "direction": ["in", "out", "in"], "channel": ["branch", "email", "web"],
    ...     "ts": pd.to_datetime(["2025-03-01 10:00", "2025-03-02 10:00", "2025-03-03 10:00"], utc=True),
    ... })
    >>> people = pd.DataFrame({"record_id": [1, 2], "email": [None, "ana@posta.example"], "phone": [None, "xxx"]})
    >>> people["created_at"] = pd.to_datetime("2025-01-01", utc=True)
    >>> people["updated_at"] = pd.to_datetime(["2025-01-01 00:00", "2025-03-03 11:00"], utc=True)
    >>> enrichment(log, people)
    3 contacts: 1 used, 1 missed, 0 nothing missing, 1 no chance.
    """
    check("touchpoints", touchpoints, columns=["record_id", "ts"])
    check("customers", customers, columns=["record_id"])
    wanted = _checked_columns(customers, columns)
    if not isinstance(within_hours, int | np.integer) or isinstance(within_hours, bool) or within_hours < 1:
        found = f"found {within_hours!r}."
        raise CrmlabError(message("within_hours", found, allowed="a whole number from 1", next="24 is a day."))
    view = View(customers, checked_locale(locale), None)
    lacks = {name: ~(view.is_good(name) | (view.is_firm if name in _OF_PERSONS else False)) for name in wanted}
    row = pd.Index(customers["record_id"]).get_indexer(touchpoints["record_id"])
    missing = np.append(np.sum(list(lacks.values()), axis=0), 0)[row]
    chance = _could_ask(touchpoints) & (row >= 0) & _stood(touchpoints, view, row)
    used = chance & _changed_after(touchpoints, view, row, chance, within_hours)
    missed = chance & ~used & (missing > 0)
    outcome = np.select([~chance, used, missed], [3, 0, 1], default=2)
    kept = [name for name in ("record_id", "ts", "channel", "clerk_id") if name in touchpoints]
    contacts = touchpoints[kept].assign(
        outcome=pd.Categorical.from_codes(outcome, list(_OUTCOMES)), missing=np.where(row >= 0, missing, 0)
    )
    counted = {
        name: [int(lack.sum()), int((np.append(lack, False)[row] & missed).sum())] for name, lack in lacks.items()
    }
    told = pd.DataFrame.from_dict(counted, orient="index", columns=["records", "missed_chances"]).rename_axis("column")
    return Enrichment(contacts, told, int(within_hours))


def _checked_columns(customers, columns):
    if columns is None:
        columns = [name for name in _WANTED if name in customers]
        found = "none of the columns that say who a customer is."
    else:
        odd = [columns] if isinstance(columns, str) else [name for name in columns if name not in customers]
        found = (
            f"no column {odd[0]!r} in a list.{did_you_mean(odd[0], map(str, customers))}" if odd else "none is named."
        )
        columns = [] if odd else list(columns)
    if not columns:
        step = 'name the columns you want filled, such as ["email", "phone"].'
        raise CrmlabError(message("columns", found, it_has=few(customers.columns, 12), next=step))
    return columns


def _could_ask(touchpoints):
    """Contacts the customer began, or in which a clerk served; all, where the log says neither."""
    could = np.zeros(len(touchpoints), dtype=bool)
    if "direction" in touchpoints:
        could |= touchpoints["direction"].astype("str").eq("in").fillna(False).to_numpy(dtype=bool)
    if "clerk_id" in touchpoints:
        could |= touchpoints["clerk_id"].notna().to_numpy()
    return could if {"direction", "clerk_id"} & set(touchpoints.columns) else ~could


def _stood(touchpoints, view, row):
    """Contacts after the record was opened; all, where it is not known when."""
    if not view.has("created_at"):
        return np.ones(len(touchpoints), dtype=bool)
    opened = np.append(view.dates("created_at"), np.datetime64("NaT", "us"))[row]
    return ~(_moments(touchpoints) <= opened)


def _changed_after(touchpoints, view, row, chance, within_hours):
    """The last chance before a record's last change, if the change came soon after."""
    used = np.zeros(len(touchpoints), dtype=bool)
    if not view.has("updated_at"):
        return used
    ts = _moments(touchpoints)
    changed = np.append(view.dates("updated_at"), np.datetime64("NaT", "us"))[row]
    soon = chance & (changed >= ts) & (changed - ts <= np.timedelta64(int(within_hours), "h"))
    if view.has("created_at"):
        soon &= ~(changed <= np.append(view.dates("created_at"), np.datetime64("NaT", "us"))[row])
    at = np.flatnonzero(soon)
    at = at[np.lexsort((at, ts[at], row[at]))]
    last = np.append(row[at][1:] != row[at][:-1], True) if len(at) else np.zeros(0, dtype=bool)
    used[at[last]] = True
    return used


def _moments(touchpoints):
    return touchpoints["ts"].dt.tz_localize(None).astype("datetime64[us]").to_numpy()
