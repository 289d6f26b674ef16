"""Customer lifetime value: what each customer will still bring, how sure that is, and how it was worked out."""

import numpy as np
import pandas as pd

from crmlab.errors import CrmlabError, did_you_mean, few, message
from crmlab.value.bgbb import BGBB
from crmlab.value.bgnbd import BGNBD
from crmlab.value.checks import force_of_interest, kind_of, rate_faults
from crmlab.value.futures import value_ends
from crmlab.value.repeat_buying import RepeatBuying
from crmlab.value.spend import GammaGamma
from crmlab.value.summary import UNITS

__all__ = ["LifetimeValue", "lifetime_value"]

_PERIODS = {"D": "day", "W": "week", "M": "month", "Y": "year"}
_COLLAPSED = {"D": "day", "W": "week from Monday", "M": "calendar month", "Y": "calendar year"}


def lifetime_value(summary, *, purchases, spend, margin, rate, rate_period, seed, horizon=None, draws=200, level=0.9):
    """Value each customer by what they will still bring, with an interval for each and for all.

    A value is the **average** over all that may come; an interval holds what may come in **one**
    future, not how sure the average is. Most customers bring nothing more in most futures and a
    lot in a few, so the average often lies above the interval: that is no fault. The interval
    of the total is that of one future of the whole base; there chance mostly evens out.

    Parameters
    ----------
    summary : pandas.DataFrame of shape (n_customers, …)
        Made by :func:`purchase_summary`.
    purchases : BGNBD, MBGNBD or ParetoNBD
        Fitted: how often they will buy. Not BGBB, which counts periods with a purchase and not
        purchases: multiply its `discounted_purchases` by margin and amount yourself.
    spend : GammaGamma
        Fitted: what a purchase of each is worth.
    margin : float
        Share of the amount that is left after the cost of goods and service, 0 to 1.
    rate : float
        Interest for one `rate_period`: 0.1 is 10 %.
    rate_period : {"D", "W", "M", "Y"}
        What the rate is for.
    seed : int
        Chooses the futures drawn for the intervals.
    horizon : float, optional
        How far to look, in the unit of the summary. Without it: for ever.
    draws : int, default=200
        Futures drawn.
    level : float, default=0.9
        Share of the futures that lie inside an interval: as much is left out below as above.

    Returns
    -------
    LifetimeValue
        ``table``: one row per customer, with p_alive, discounted_purchases,
        value_per_purchase_cents, lifetime_value_cents (the average of what may come), p_nothing
        (share of the futures in which nothing more comes), low_cents and high_cents (what one
        future of this customer brings lies between them with chance `level`); ``total_cents``,
        ``total_low_cents``, ``total_high_cents``: customer equity; ``explain(customer)``: every
        assumption and the sum for one customer.

    Raises
    ------
    CrmlabError
        When an argument is out of its range (a rate above 1 is taken for a percentage), customers are
        none or not told apart by the index, a table is in another unit, or the seed is none.
    sklearn.exceptions.NotFittedError
        When a model was not fitted.

    References
    ----------
    P. S. Fader, B. G. S. Hardie and K. L. Lee, RFM and CLV: using iso-value curves for customer base
    analysis, *Journal of Marketing Research* 42, 2005: margin × E[M] × discounted expected
    purchases. Intervals: each future is drawn with parameters of one bootstrap refit, so that
    both what is not known and what chance will do are in them. Refits that did not converge are
    told by a warning (see `bootstrap`).

    Examples
    --------
    >>> from crmlab.value import BGNBD, GammaGamma
    >>> cdnow = BGNBD.with_params(unit="W", r=0.243, alpha=4.414, a=0.793, b=2.426)
    >>> money = GammaGamma.with_params(p=6.25, q=3.74, gamma=1544.0)
    >>> summary = cdnow.sample(3_000, seed=1, age=39)
    >>> summary["mean_value_cents"] = money.sample(summary["frequency"], seed=2)["mean_value_cents"]
    >>> worth = lifetime_value(summary, purchases=BGNBD().fit(summary), spend=GammaGamma().fit(summary),
    ...     margin=0.3, rate=0.1, rate_period="Y", horizon=52, seed=3, draws=20)
    >>> worth.total_low_cents < worth.total_cents < worth.total_high_cents
    True
    """
    _check(purchases, spend, margin, rate, draws, level, horizon, seed)
    _check_customers(summary)
    expected = purchases.discounted_purchases(summary, rate=rate, rate_period=rate_period, horizon=horizon)
    force = force_of_interest(rate, rate_period, purchases.unit_, for_ever=horizon is None)
    each = spend.expected_value(summary)
    table = pd.DataFrame(
        {
            "p_alive": purchases.p_alive(summary),
            "discounted_purchases": expected,
            "value_per_purchase_cents": each,
            "lifetime_value_cents": margin * each * expected,
        }
    )
    totals, table["p_nothing"], (table["low_cents"], table["high_cents"]) = value_ends(
        purchases,
        spend,
        summary,
        margin=margin,
        force=force,
        horizon=np.inf if horizon is None else float(horizon),
        level=level,
        draws=draws,
        seed=seed,
    )
    given = {"margin": margin, "rate": rate, "rate_period": rate_period, "horizon": horizon, "level": level}
    given |= {"draws": draws, "unit": purchases.unit_, "force": force}
    return LifetimeValue(table, totals, purchases, spend, summary.copy(), given)


class LifetimeValue:
    """Lifetime values of a customer base, with what was assumed.

    Parameters
    ----------
    table : pandas.DataFrame of shape (n_customers, 7)
        p_alive, discounted_purchases, value_per_purchase_cents, lifetime_value_cents, p_nothing,
        low_cents, high_cents.
    total_ends : array-like of shape (2,), cents
        Interval of the total.
    purchases, spend : models
        What it was worked out with.
    summary : pandas.DataFrame
        What it was worked out from.
    given : dict
        Margin, rate and the rest.

    Examples
    --------
    Made by :func:`lifetime_value`:

    >>> LifetimeValue.__name__
    'LifetimeValue'
    """

    def __init__(self, table, total_ends, purchases, spend, summary, given):
        self.table = table
        self.total_cents = float(table["lifetime_value_cents"].sum())
        self.total_low_cents, self.total_high_cents = map(float, total_ends)
        self._purchases, self._spend, self._summary, self._given = purchases, spend, summary, given

    def __repr__(self):
        level = f"{self._given['level']:.0%}"
        return (
            f"Customer equity {self.total_cents / 100:,.2f} ({level} of futures: {self.total_low_cents / 100:,.2f} to "
            f"{self.total_high_cents / 100:,.2f}), {len(self.table):,} customers. In .table, a customer's value is the "
            f"average of what may come; low_cents to high_cents holds {level} of their single futures, and the "
            "average may lie outside. explain(customer) says how all was worked out."
        )

    def explain(self, customer=None):
        """Say every assumption, and work the sum out for one customer.

        Parameters
        ----------
        customer : label, optional
            One of the index. Without it: the most valuable customer.

        Returns
        -------
        Explanation
            Text that shows itself.

        Raises
        ------
        CrmlabError
            When there is no such customer.

        Examples
        --------
        >>> from crmlab.value import BGNBD, GammaGamma
        >>> cdnow = BGNBD.with_params(unit="W", r=0.243, alpha=4.414, a=0.793, b=2.426)
        >>> money = GammaGamma.with_params(p=6.25, q=3.74, gamma=1544.0)
        >>> summary = cdnow.sample(3_000, seed=1, age=39)
        >>> summary["mean_value_cents"] = money.sample(summary["frequency"], seed=2)["mean_value_cents"]
        >>> worth = lifetime_value(summary, purchases=BGNBD().fit(summary), spend=GammaGamma().fit(summary),
        ...     margin=0.3, rate=0.1, rate_period="Y", horizon=52, seed=3, draws=20)
        >>> print(worth.explain().splitlines()[0])
        What was assumed
        """
        if customer is None:
            customer = self.table["lifetime_value_cents"].idxmax()
        if not pd.api.types.is_hashable(customer) or customer not in self.table.index:
            found = (
                f"there is no customer {customer!r}.{did_you_mean(str(customer), map(str, self.table.index[:1000]))}"
            )
            raise CrmlabError(message("customer", found, it_has=few(self.table.index), next="choose one of these."))
        return Explanation("\n".join([*self._assumed(), "", *self._worked_out(customer)]))

    def _assumed(self):
        given, name = self._given, UNITS[self._given["unit"]][0]
        far = "for ever" if given["horizon"] is None else f"for {given['horizon']:g} {name}"
        a_year = np.expm1(given["force"] * UNITS["Y"][1] / UNITS[given["unit"]][1])
        period = _PERIODS[given["rate_period"]]
        ties = self._spend.independence_
        tied = ties["rank_correlation"]
        tied = "" if np.isnan(tied) else f"rank correlation {tied:.2f}; "
        model = type(self._purchases).__name__
        a_year = "" if given["rate_period"] == "Y" else f" ({a_year:.2%} a year)"
        collapse, futures_in = self._summary.attrs.get("collapse"), f"{given['level']:.0%} of {given['draws']:,}"
        one = f"all that a customer buys within one {_COLLAPSED[collapse]}" if collapse else "as the summary counts it"
        return [
            "What was assumed",
            f"- One purchase: {one}; days are those of UTC. Returns are taken off the purchase before them.",
            f"- How often customers buy: {model}, fitted on {name}; {_fit_words(self._purchases)}.",
            "- Each buys at a steady pace of their own, and who leaves does so unseen and for good.",
            f"- What a purchase is worth: GammaGamma; {_fit_words(self._spend)}.",
            f"- Looked ahead {far}.",
            f"- Of each amount, {given['margin']:.0%} is left after its costs.",
            f"- Interest of {given['rate']:.2%} a {period}{a_year}: later money counts less, from moment to moment.",
            "- Customers go on as before: no new prices, campaigns or rivals.",
            "- Only purchases to come of these customers count: neither past ones, nor customers yet to be won.",
            f"- A value is the average of all that may come. An interval is of one future: {futures_in} futures lie in "
            "it, each with parameters of a refit. It does not say how sure the average is.",
            "- Many bring nothing in most futures and a lot in a few: then the average lies above the interval.",
            f"- Frequency and spend: {tied}{ties['verdict']}.",
        ]

    def _worked_out(self, customer):
        row, one, name = self.table.loc[customer], self._summary.loc[customer], UNITS[self._given["unit"]][0]
        seen, sure, times = "no purchase since", "", float(one["frequency"])
        if not times and type(self._purchases) is BGNBD:
            sure = " (BGNBD: nobody leaves before a second purchase; MBGNBD allows it)"
        if times:
            seen = (
                f"{times:,.0f} repeat purchase{'s' * (times != 1)}, the last {float(one[f'recency_{name}']):.1f} "
                f"{name} after the first, {float(one['mean_value_cents']) / 100:,.2f} each"
            )
        return [
            f"Customer {customer} (amounts in units of 100 cents)",
            f"- Seen: watched for {float(one[f'age_{name}']):.1f} {name}; {seen}.",
            f"- Still a customer with a chance of {row['p_alive']:.1%}{sure}.",
            f"- Purchases to come, later ones counting less: {row['discounted_purchases']:.3f}.",
            f"- A purchase is worth {row['value_per_purchase_cents'] / 100:,.2f}, pulled towards the average of all.",
            f"- {self._given['margin']:g} × {row['value_per_purchase_cents'] / 100:,.4f} × "
            f"{row['discounted_purchases']:.5f} = {row['lifetime_value_cents'] / 100:,.2f} "
            "on average.",
            f"- In one future, not on average: {row['low_cents'] / 100:,.2f} to {row['high_cents'] / 100:,.2f} with a "
            f"chance of {self._given['level']:.0%}; nothing at all with a chance of {row['p_nothing']:.0%}.",
        ]


class Explanation(str):
    """Text that shows its lines in a notebook.

    Parameters
    ----------
    text : str
        The lines.

    Examples
    --------
    >>> Explanation("What was assumed")
    What was assumed
    """

    __slots__ = ()

    def __repr__(self):
        return str(self)


def _fit_words(model):
    return "the fit converged" if model.converged_ else f"the fit did not converge ({model.convergence_})"


def _check_customers(summary):
    if not isinstance(summary, pd.DataFrame):
        step = "make it with value.purchase_summary(transactions)."
        raise CrmlabError(message("summary", f"found {kind_of(summary)}.", allowed="a pandas DataFrame", next=step))
    found = "there are no customers." if not len(summary) else ""
    if not summary.index.is_unique:
        found = f"{int(summary.index.duplicated().sum()):,} labels of the index stand more than once."
    if found:
        raise CrmlabError(message("summary", found, next="give one row for each customer, labelled by customer."))


def _check(purchases, spend, margin, rate, draws, level, horizon, seed):
    def is_number(value):
        return isinstance(value, int | float | np.number) and not isinstance(value, bool)

    def is_whole(value, least):
        return isinstance(value, int | np.integer) and not isinstance(value, bool) and value >= least

    faults = []
    for where, model, kind, names in (
        ("purchases", purchases, RepeatBuying, "BGNBD, MBGNBD or ParetoNBD"),
        ("spend", spend, GammaGamma, "GammaGamma"),
    ):
        if not isinstance(model, kind):
            found, step = f"found {kind_of(model)}.", "fit one of these to the summary."
            if where == "purchases" and isinstance(model, BGBB):
                found = "found a BGBB, which counts periods with a purchase and draws no futures."
                step = "fit one of these, or multiply its discounted_purchases(…) by margin and amount yourself."
            faults.append(message(where, found, allowed=names, next=step))
    if not is_number(margin) or not 0 < margin <= 1:
        faults.append(message("margin", f"found {margin!r}.", allowed="above 0, up to 1", next="write 0.3 for 30 %."))
    faults += rate_faults(rate)
    if not is_whole(draws, 2):
        faults.append(message("draws", f"found {draws!r}.", allowed="a whole number, 2 or more", next="200 will do."))
    if not is_number(level) or not 0 < level < 1:
        faults.append(message("level", f"found {level!r}.", allowed="between 0 and 1", next="write 0.9 for 90 %."))
    if not is_whole(seed, 0):
        step = "choose any, and keep it: the same seed draws the same futures."
        faults.append(message("seed", f"found {seed!r}.", allowed="a whole number, 0 or more", next=step))
    if horizon is not None and (not is_number(horizon) or not 0 < horizon < np.inf):
        step = "leave it out to look ahead for ever."
        faults.append(message("horizon", f"found {horizon!r}.", allowed="a number above 0", next=step))
    if faults:
        raise CrmlabError(*faults)
