"""What customers are worth because of the customers they bring: referral value and influencer value."""

import numpy as np
import pandas as pd

from crmlab.errors import CrmlabError, few, message
from crmlab.tables import check
from crmlab.tables.cents import cents_of
from crmlab.value.by_customer import with_record_id
from crmlab.value.checks import kind_of

__all__ = ["chance_of", "credits", "influencer_value", "links_of", "referral_value", "whole_cents"]


def referral_value(referrals, value_cents, *, would_have_joined, acquisition_cents):
    """See what each customer's recommendations were worth: customers won, and cost of finding them saved.

    A brought customer who would not have joined otherwise counts with the whole value; one who
    would have joined anyway only saves the cost of finding them. So the value of brought
    customers is in their own value and here as well: do not add the two. For a sum in which
    every cent stands once see :func:`engagement_value`.

    Parameters
    ----------
    referrals : pandas.DataFrame of shape (n_referrals, …)
        With record_id, who was brought, and referred_by; of a merged base, customer_id and
        referred_by_customer.
    value_cents : pandas.Series of shape (n_customers,), cents
        Value of each customer over the time that counts, margin less the cost of serving them;
        indexed by customer. A loss is negative.
    would_have_joined : float, or dict or pandas.Series of brought customer to number
        Chance, 0 to 1, that the brought customer would have joined anyway. Ask new customers.
    acquisition_cents : int, cents
        What finding one customer costs otherwise, less what was paid for the referral; 0 or more.
        Where more was paid than saved, give 0 and take the rest off `value_cents`.

    Returns
    -------
    pandas.DataFrame of shape (n_customers, 4)
        Indexed as `value_cents`: n_brought, won_cents (value of those who would not have
        joined), saved_cents (acquisition saved on all), referral_value_cents.

    Raises
    ------
    CrmlabError
        When a customer was brought twice, by themselves or in a circle, or has no value, or the
        cost is no amount.

    References
    ----------
    V. Kumar, J. A. Petersen and R. P. Leone, How valuable is word of mouth?, *Harvard Business
    Review* 85, 2007.

    Examples
    --------
    >>> brought = pd.DataFrame({"record_id": ["Ivo", "Mia"], "referred_by": ["Ana", "Ana"]})
    >>> worth = pd.Series({"Ana": 100_00, "Ivo": 80_00, "Mia": 50_00})
    >>> referral_value(brought, worth, would_have_joined={"Ivo": 0, "Mia": 1}, acquisition_cents=15_00)
         n_brought  won_cents  saved_cents  referral_value_cents
    Ana          2       8000         3000                 11000
    Ivo          0          0            0                     0
    Mia          0          0            0                     0
    """
    value, parent, _ = links_of(referrals, value_cents)
    saved = whole_cents(acquisition_cents, "acquisition_cents", least=0)
    brought = parent >= 0
    anyway = chance_of(would_have_joined, "would_have_joined", value.index, brought)
    table = pd.DataFrame(0, index=value.index, columns=["n_brought", "won_cents", "saved_cents"], dtype="int64")
    won = np.rint((1 - anyway) * value.to_numpy()).astype("int64")
    for column, each in (("n_brought", 1), ("won_cents", won[brought]), ("saved_cents", saved)):
        sums = np.zeros(len(value), dtype="int64")
        np.add.at(sums, parent[brought], each)
        table[column] = sums
    table["referral_value_cents"] = table["won_cents"] + table["saved_cents"]
    return table


def influencer_value(referrals, value_cents, *, share):
    """See how far each customer's influence reaches, and credit it so that every cent stands once.

    Each brought customer passes `share` of their value on to who brought them; that one passes
    the same share of what arrived on to who brought *them*, and so on. What is passed on is
    taken off, so own value and influence of all customers sum to the value of the base.

    Parameters
    ----------
    referrals : pandas.DataFrame of shape (n_referrals, …)
        With record_id, who was brought, and referred_by; of a merged base, customer_id and
        referred_by_customer.
    value_cents : pandas.Series of shape (n_customers,), cents
        Value of each customer; indexed by customer. A loss is negative.
    share : float
        Share passed on at each step, 0 to 1: a convention, to be said with the result.

    Returns
    -------
    pandas.DataFrame of shape (n_customers, 6)
        Indexed as `value_cents`: n_brought (by the customer), n_downstream (those and whom they
        brought, and so on), downstream_value_cents (all of those; not to be summed over
        customers), own_cents (of the own value, what is not passed on), influencer_value_cents
        (of what arrived, what is not passed on), credited_cents (the two together).

    Raises
    ------
    CrmlabError
        When a customer was brought twice, by themselves or in a circle, or has no value.

    References
    ----------
    V. Kumar et al., Undervalued or overvalued customers: capturing total customer engagement
    value, *Journal of Service Research* 13, 2010, for the idea; the sharing is crmlab's own.

    Examples
    --------
    >>> brought = pd.DataFrame({"record_id": ["Ivo", "Mia"], "referred_by": ["Ana", "Ivo"]})
    >>> worth = pd.Series({"Ana": 100, "Ivo": 80, "Mia": 40})
    >>> influencer_value(brought, worth, share=0.5).T
                            Ana  Ivo  Mia
    n_brought                 1    1    0
    n_downstream              2    1    0
    downstream_value_cents  120   40    0
    own_cents               100   40   20
    influencer_value_cents   50   10    0
    credited_cents          150   50   20
    """
    value, parent, levels = links_of(referrals, value_cents)
    passed = np.where(parent >= 0, chance_of(share, "share", value.index, parent >= 0), 0.0)
    own, direct, further = credits(value.to_numpy(), parent, levels, passed)
    count, below = np.zeros(len(value), dtype="int64"), np.zeros(len(value), dtype="int64")
    for level in levels:
        at = level[parent[level] >= 0]
        np.add.at(count, parent[at], count[at] + 1)
        np.add.at(below, parent[at], below[at] + value.to_numpy()[at])
    return pd.DataFrame(
        {
            "n_brought": np.bincount(parent[parent >= 0], minlength=len(value)),
            "n_downstream": count,
            "downstream_value_cents": below,
            "own_cents": own,
            "influencer_value_cents": direct + further,
            "credited_cents": own + direct + further,
        },
        index=value.index,
    )


def credits(value, parent, levels, passed):
    """Share every customer's value out along the referrals, to the cent.

    Parameters
    ----------
    value : ndarray of shape (n_customers,), int64, cents
        Value of each.
    parent : ndarray of shape (n_customers,), int
        Place of who brought each; −1 for nobody.
    levels : list of ndarray
        Places, every customer after all whom they brought.
    passed : ndarray of shape (n_customers,)
        Share each passes on, 0 to 1; 0 where nobody brought them.

    Returns
    -------
    tuple of three ndarrays of shape (n_customers,), int64, cents
        What stays of the own value, of what those brought pass on of theirs, and of what came
        from further down. All together sum to the values.

    Examples
    --------
    >>> own, direct, further = credits(np.array([10, 40]), np.array([-1, 0]), [np.array([1]), np.array([0])], [0, 0.5])
    >>> own.tolist(), direct.tolist(), further.tolist()
    ([10, 20], [20, 0], [0, 0])
    """
    own, direct, further = value.copy(), np.zeros_like(value), np.zeros_like(value)
    passed = np.asarray(passed, dtype="float64")
    for level in levels:
        at = level[parent[level] >= 0]
        up = [np.rint(passed[at] * part[at]).astype("int64") for part in (own, direct, further)]
        for part, less in zip((own, direct, further), up, strict=True):
            part[at] -= less
        np.add.at(direct, parent[at], up[0])
        np.add.at(further, parent[at], up[1] + up[2])
    return own, direct, further


def links_of(referrals, value_cents):
    """Read who brought whom as places, and refuse what is no chain of referrals.

    Parameters
    ----------
    referrals : pandas.DataFrame
        With record_id and referred_by; or with customer_id and referred_by_customer, as a merged
        base has them; or with customer_id and a referred_by that names customers.
    value_cents : pandas.Series
        Value of each customer.

    Returns
    -------
    tuple of (pandas.Series, ndarray, list of ndarray)
        The values in whole cents, the place of who brought each (−1: nobody), and the places in
        an order in which everybody comes after all whom they brought.

    Raises
    ------
    CrmlabError
        All faults together.

    Examples
    --------
    >>> brought = pd.DataFrame({"record_id": [2], "referred_by": [1]})
    >>> links_of(brought, pd.Series({1: 10, 2: 20}))[1].tolist()
    [-1, 0]
    """
    if not isinstance(value_cents, pd.Series) or not value_cents.index.is_unique:
        kind = "a customer stands in it twice" if isinstance(value_cents, pd.Series) else "it has no customers' names"
        step = "pass for instance customer_profit(…)['profit_cents']."
        raise CrmlabError(
            message("value_cents", f"{kind}.", allowed="a pandas Series, one row per customer", next=step)
        )
    value = cents_of(value_cents, least=None)
    links = _by_customer(referrals)
    check("referrals", links, columns=["record_id", "referred_by"])
    faults = []
    twice = links["record_id"][links["record_id"].duplicated()].unique()
    if len(twice):
        step = "keep one of them, for instance the first by ts."
        faults.append(message("referrals.record_id", f"brought more than once: {few(twice)}.", next=step))
    child, by = (value.index.get_indexer(links[column]) for column in ("record_id", "referred_by"))
    odd = pd.unique(pd.concat([links["record_id"][child < 0], links["referred_by"][by < 0]]))
    if len(odd):
        step = "give each a value (0 where there was nothing), or take their referrals out."
        faults.append(message("value_cents", f"no value for customers {few(odd)}.", next=step))
    if faults:
        raise CrmlabError(*faults)
    parent = np.full(len(value), -1)
    parent[child] = by
    left, levels = np.bincount(by, minlength=len(value)), []
    ready = np.flatnonzero(left == 0)
    while len(ready):
        levels.append(ready)
        above = parent[ready][parent[ready] >= 0]
        np.subtract.at(left, above, 1)
        above = np.unique(above)
        ready = above[left[above] == 0]
    if sum(map(len, levels)) < len(value):
        circle = value.index[left > 0]
        found = f"customers brought themselves, or one another in a circle: {few(circle)}."
        raise CrmlabError(message("referrals", found, next="take one referral of each circle out."))
    return value, parent, levels


def _by_customer(referrals):
    """Name both ends of each referral in one way: by customer where records were merged, else by record."""
    links, who = with_record_id(referrals)
    if who == "record_id":
        return links
    if "referred_by_customer" in links:
        return links.drop(columns="referred_by", errors="ignore").rename(
            columns={"referred_by_customer": "referred_by"}
        )
    if "record_id" in referrals:
        found = "who was brought is known by customer_id and record_id, who brought them by referred_by alone."
        step = "add referred_by_customer, the customer of referred_by, or take customer_id or record_id out."
        raise CrmlabError(message("referrals", found, next=step))
    return links


def chance_of(given, where, customers, brought):
    """Read one share for all, or one for each brought customer.

    Parameters
    ----------
    given : float, dict or pandas.Series
        From 0 to 1.
    where : str
        What a message calls it.
    customers : pandas.Index
        All customers.
    brought : ndarray of bool of shape (n_customers,)
        Who was brought by somebody.

    Returns
    -------
    ndarray of shape (n_customers,)
        1 for those whom nobody brought.

    Raises
    ------
    CrmlabError
        When one is missing, no number, or not from 0 to 1.

    Examples
    --------
    >>> chance_of(0.25, "share", pd.Index(["Ana", "Ivo"]), np.array([False, True])).tolist()
    [1.0, 0.25]
    """
    got, is_named = np.ones(len(customers)), isinstance(given, dict | pd.Series)
    try:
        if is_named:
            given = pd.Series(given).reindex(customers[brought]).to_numpy(dtype="float64", na_value=np.nan)
        elif isinstance(given, bool | str) or np.ndim(given):  # a list has no names: whose is which?
            raise TypeError
        got[brought] = np.asarray(given, dtype="float64")
        good = bool(((got >= 0) & (got <= 1)).all())
    except (TypeError, ValueError):
        good = False
    if not good:
        found, step = f"found {given!r}.", "write 0.3 for 30 %."
        if is_named:
            found = "some brought customers have none, two, or one not from 0 to 1."
        elif np.ndim(given):
            found, step = f"found {kind_of(given)}.", "pass a dict or a Series with the customers' names."
        allowed = "a number from 0 to 1, for all or for each brought customer by name"
        raise CrmlabError(message(where, found, allowed=allowed, next=step))
    return got


def whole_cents(given, where, *, least=None):
    """Take one amount of whole cents, or say what is wrong with it.

    Parameters
    ----------
    given : int
        The amount.
    where : str
        What a message calls it.
    least : int, optional
        Smallest amount allowed.

    Returns
    -------
    int

    Raises
    ------
    CrmlabError
        When it is none.

    Examples
    --------
    >>> whole_cents(15_00, "acquisition_cents")
    1500
    """
    if isinstance(given, bool) or not isinstance(given, int | np.integer) or (least is not None and given < least):
        allowed = "a whole number of cents" + ("" if least is None else f", {least} or more")
        raise CrmlabError(message(where, f"found {given!r}.", allowed=allowed, next="write 15_00 for 15.00."))
    return int(given)
