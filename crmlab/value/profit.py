"""What each customer earns the firm once they have been served, and why some cost money."""

import numpy as np
import pandas as pd

from crmlab.errors import CrmlabError, did_you_mean, few, message
from crmlab.tables import check
from crmlab.tables.cents import cents_of
from crmlab.tables.instant import instant
from crmlab.value.by_customer import with_record_id

__all__ = ["customer_profit", "unprofitable"]

_COLUMNS = ["n_purchases", "returns_cents", "margin_cents", "cost_to_serve_cents", "profit_cents", "dearest_service"]


def customer_profit(transactions, touchpoints, *, margin=None, start=None, end=None):
    """See what each customer brings, what serving them costs, and what is left.

    Profit is the margin of all transactions less the cost of all contacts. Customers with
    neither are not in the table. Costs that belong to no contact (rent, head office) are not
    in it: it is a margin after service, not the firm's profit.

    Parameters
    ----------
    transactions : pandas.DataFrame of shape (n_transactions, …)
        With record_id (or customer_id), ts, amount_cents, and margin_cents where known.
    touchpoints : pandas.DataFrame of shape (n_contacts, …)
        With record_id (or customer_id), ts and cost_cents; channel and type, where there, name
        the dearest service. A contact without cost counts as free, and is counted.
    margin : float, optional
        Share of the amount left after cost of goods, for transactions without margin_cents;
        rounded to whole cents, one by one.
    start, end : str or timestamp, optional
        Count only what was booked from `start` on and before `end`; UTC when no zone is given.
        Without them: everything, so both tables should cover the same time.

    Returns
    -------
    pandas.DataFrame of shape (n_customers, 9)
        Indexed by customer, rising: revenue_cents, n_purchases, returns_cents (0 or less),
        margin_cents, n_contacts, n_contacts_without_cost, cost_to_serve_cents, profit_cents,
        dearest_service ("call_centre: complaint", missing where nothing was spent).
        ``whale_curve(profit["profit_cents"])`` shows what the losses cost.

    Raises
    ------
    CrmlabError
        When a column is missing or breaks its promise, the two tables name customers in two ways, a
        margin is missing, no contact has a cost, or nothing was booked in the time asked for.

    References
    ----------
    R. Cooper and R. S. Kaplan, Profit priorities from activity-based costing, *Harvard Business
    Review*, 1991.

    Examples
    --------
    >>> when = pd.to_datetime(["2025-03-01", "2025-03-02", "2025-03-03"], utc=True)
    >>> bought = pd.DataFrame({"record_id": [1, 1, 2], "ts": when, "amount_cents": [90_00, 10_00, 20_00]})
    >>> served = pd.DataFrame({"record_id": [1, 2, 2], "ts": when, "cost_cents": [1_00, 4_00, 6_00],
    ...     "channel": ["web", "call_centre", "call_centre"]})
    >>> customer_profit(bought, served, margin=0.4)[["margin_cents", "cost_to_serve_cents", "profit_cents"]]
               margin_cents  cost_to_serve_cents  profit_cents
    record_id
    1                  4000                  100          3900
    2                   800                 1000          -200
    """
    is_number = isinstance(margin, int | float | np.number) and not isinstance(margin, bool)
    if margin is not None and not (is_number and 0 <= margin <= 1):
        step = "write 0.4 for 40 %."
        raise CrmlabError(message("margin", f"found {margin!r}.", allowed="a number from 0 to 1", next=step))
    (bought, who), (served, by) = with_record_id(transactions), with_record_id(touchpoints)
    check("transactions", bought, columns=["record_id", "ts", "amount_cents"])
    check("touchpoints", served, columns=["record_id", "ts", "cost_cents"])
    _of_one_kind(bought["record_id"], served["record_id"], who, by)
    bought, served = (_between(table, start, end) for table in (bought, served))
    if bought.empty:
        step = "choose another start and end, or load more transactions."
        raise CrmlabError(message("transactions", "nothing was booked in the time asked for.", next=step))
    amount = cents_of(bought["amount_cents"], where="transactions.amount_cents", least=None)
    booked = pd.DataFrame(
        {
            "revenue_cents": amount,
            "n_purchases": (amount > 0).astype("int64"),
            "returns_cents": amount.clip(upper=0),
            "margin_cents": _margins(bought, amount, margin),
        }
    )
    cost = served["cost_cents"]
    if len(cost) and cost.isna().all():
        step = "set one by channel: touchpoints.assign(cost_cents=touchpoints['channel'].map({…}).astype('Int64'))."
        raise CrmlabError(message("touchpoints.cost_cents", "no contact has a cost.", next=step))
    spent = cost.fillna(0).astype("int64")
    contacts = pd.DataFrame(
        {"n_contacts": 1, "n_contacts_without_cost": cost.isna().astype("int64"), "cost_to_serve_cents": spent}
    )
    sums = [
        booked.groupby(bought["record_id"], observed=True).sum(),
        contacts.groupby(served["record_id"], observed=True).sum(),
    ]
    table = pd.concat(sums, axis=1).fillna(0).astype("int64").sort_index()
    table["profit_cents"] = table["margin_cents"] - table["cost_to_serve_cents"]
    table["dearest_service"] = _dearest(served, spent).reindex(table.index)
    return table.rename_axis(who)


def unprofitable(profit):
    """List the customers who cost money, the dearest first, with the reason of each.

    Reasons, the first that fits: *bought nothing* (served without a purchase); *returns*
    (would have earned, had nothing been sent back); *sold too low* (no margin even before
    service); *dear to serve* (their service cost more than the average customer's); *small
    margin* (served no dearer than the average, but brings too little for that).

    Parameters
    ----------
    profit : pandas.DataFrame of shape (n_customers, …)
        What :func:`customer_profit` returns.

    Returns
    -------
    pandas.DataFrame of shape (n_unprofitable, 6)
        Indexed by customer: profit_cents, why, margin_cents, returns_cents, cost_to_serve_cents,
        dearest_service. Equal losses keep the order of the table.

    Raises
    ------
    CrmlabError
        When a column is missing.

    Examples
    --------
    >>> profit = pd.DataFrame({"n_purchases": [3, 1, 0], "returns_cents": 0, "margin_cents": [900, 100, 0],
    ...     "cost_to_serve_cents": [50, 400, 20], "profit_cents": [850, -300, -20], "dearest_service": "web"})
    >>> unprofitable(profit)["why"].tolist()
    ['dear to serve', 'bought nothing']
    """
    have = getattr(profit, "columns", [])
    lacks = [column for column in _COLUMNS if column not in have]
    if lacks:
        found = f"no column '{lacks[0]}'.{did_you_mean(lacks[0], have)}"
        step = "pass what customer_profit(transactions, touchpoints) returns."
        raise CrmlabError(message("profit", found, it_has=few(have, 12) or "no columns", next=step))
    lost = profit.loc[profit["profit_cents"] < 0, _COLUMNS]
    kept = lost["margin_cents"] - lost["cost_to_serve_cents"] - lost["returns_cents"]
    reasons = {
        "bought nothing": lost["n_purchases"] == 0,
        "returns": (lost["returns_cents"] < 0) & (kept >= 0),
        "sold too low": lost["margin_cents"] <= 0,
        "dear to serve": lost["cost_to_serve_cents"] > profit["cost_to_serve_cents"].mean(),
    }
    why = np.select(list(reasons.values()), list(reasons), default="small margin")
    lost.insert(0, "why", pd.Categorical(why, [*reasons, "small margin"]))
    order = ["profit_cents", "why", "margin_cents", "returns_cents", "cost_to_serve_cents", "dearest_service"]
    return lost[order].sort_values("profit_cents", kind="stable")


def _of_one_kind(bought, served, who, by):
    """Refuse customers called otherwise in one table than in the other: they would never meet."""
    if not (len(bought) and len(served)):
        return
    found = f"transactions name the customer by {who}, touchpoints by {by}." if who != by else ""
    step = "join customer_id onto the one that lacks it, from customers."
    kinds = ["numbers" if pd.api.types.infer_dtype(ids) == "integer" else "texts" for ids in (bought, served)]
    if not found and kinds[0] != kinds[1]:
        found = f"{who} is made of {kinds[0]} in transactions and of {kinds[1]} in touchpoints."
        step = f"write both as texts: .astype({{'{who}': 'str'}})."
    if found:
        raise CrmlabError(message("transactions and touchpoints", found, next=step))


def _between(table, start, end):
    keep = np.ones(len(table), dtype=bool)
    if start is not None:
        keep &= (table["ts"] >= instant(start, where="start")).to_numpy()
    if end is not None:
        keep &= (table["ts"] < instant(end, where="end")).to_numpy()
    return table[keep]


def _margins(bought, amount, margin):
    known = bought.get("margin_cents")
    if known is None:
        known = pd.Series(pd.NA, bought.index, dtype="Int64")
    gaps = known.isna()
    if not gaps.all():
        cents_of(known[~gaps], where="transactions.margin_cents", least=None)
    if gaps.any():
        if margin is None:
            n = int(gaps.sum())
            found = f"{n:,} transaction{'s have' if n > 1 else ' has'} no margin."
            step = "give the share of the amount that is left after cost of goods, for instance margin=0.4."
            raise CrmlabError(message("transactions.margin_cents", found, next=step))
        known = known.astype("Float64").fillna((amount * margin).round())
    return cents_of(known, where="transactions.margin_cents", least=None)


def _dearest(served, spent):
    """Name for each customer the kind of contact that most was spent on; the first by name where equal."""
    kinds = [column for column in ("channel", "type") if column in served]
    if not kinds:
        return pd.Series(dtype="str")
    parts = [served[kind].astype("object").where(served[kind].notna(), "not known").astype("str") for kind in kinds]
    name = parts[0]
    for part in parts[1:]:
        name = name + ": " + part
    by_kind = spent.groupby([served["record_id"], name.rename("service")], observed=True).sum().rename("spent")
    rows = by_kind[by_kind > 0].reset_index()
    rows = rows.sort_values(["record_id", "spent", "service"], ascending=[True, False, True])
    return rows.drop_duplicates("record_id").set_index("record_id")["service"]
