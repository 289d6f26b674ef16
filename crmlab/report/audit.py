"""The audit page: what is in a base, who bought, who carries it, on one page that opens anywhere."""

from pathlib import Path

import jinja2

from crmlab.errors import CrmlabError, message
from crmlab.report.figures import lorenz_figure, rfm_figure, tiers_figure, whale_figure
from crmlab.segment import ValueTiers
from crmlab.tables.files import write_file
from crmlab.tables.instant import instant
from crmlab.tables.models import MODELS
from crmlab.value import gini, rfm, top_share

__all__ = ["Audit", "audit"]

_PAGES = jinja2.Environment(
    loader=jinja2.PackageLoader("crmlab.report", "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_PAGES.filters["percent"] = "{:.0%}".format


def audit(base, folder=None, *, as_of=None):
    """Work through a base once: check it, score it, see who carries it; write it down as one page.

    The value of a customer is what they paid until `as_of`, returns deducted; whoever
    returned more than they bought counts as 0. Profit is known only where the log has
    margins: margin less what the customer's touch points cost.

    Parameters
    ----------
    base : crmlab.tables.CustomerBase
        A base with transactions; other tables are used where they are there.
    folder : str or path, optional
        Where ``audit.html`` goes. Without it nothing is written.
    as_of : str or timestamp, optional
        The moment to look back from; without it, the base's own.

    Returns
    -------
    Audit
        The result; ``.path`` is the page.

    Raises
    ------
    CrmlabError
        When the base breaks its promise or has no transactions, or the page cannot be written.

    Examples
    --------
    >>> from crmlab.tables import CustomerBase
    >>> log = pd.DataFrame({"record_id": [1, 2, 2], "amount_cents": [20_00, 30_00, 50_00]})
    >>> log["ts"] = pd.to_datetime(["2025-03-01", "2025-03-09", "2025-03-08"], utc=True)
    >>> audit(CustomerBase({"transactions": log}, name="corner shop"), tmp / "out")
    corner shop: 2 customers, 3 transactions, 100.00 in all, as of 2025-03-10.
      The best 20% of customers bring 32% of the value (Gini 0.30).
      Tier 0 brings the first 50% of the value: 1 customer (50% of all), from 80.00 upwards.
      Page: ...audit.html
    """
    result = Audit(base, as_of=as_of)
    if folder is not None:
        result.write(folder)
    return result


class Audit:
    """What the audit of one base found; shows itself in a few sentences.

    Parameters
    ----------
    base : crmlab.tables.CustomerBase
        The base.
    as_of : str or timestamp, optional
        The moment to look back from; without it, the base's own.

    Attributes
    ----------
    rfm : pandas.DataFrame
        Recency, frequency, monetary value and scores per customer.
    value_cents : pandas.Series, cents
        Value of each customer, 0 or more.
    profit_cents : pandas.Series or None, cents
        Profit of each customer, where margins are known.
    tiers : pandas.DataFrame
        What each value tier holds and brings.
    path : pathlib.Path or None
        The page, once written.

    Raises
    ------
    CrmlabError
        When the base breaks its promise or has no transactions.

    Examples
    --------
    >>> from crmlab.tables import CustomerBase
    >>> Audit(CustomerBase({"customers": pd.DataFrame({"record_id": [1]})}, name="shop"))
    Traceback (most recent call last):
        ...
    crmlab.errors.CrmlabError: shop: there are no transactions.
      next    : load a table of purchases or payments; value cannot be seen without one.
    """

    def __init__(self, base, *, as_of=None):
        if "transactions" not in base or base["transactions"].empty:
            step = "load a table of purchases or payments; value cannot be seen without one."
            raise CrmlabError(message(base.name, "there are no transactions.", next=step))
        base.check()
        self.base = base
        self.as_of = base.as_of if as_of is None else instant(as_of)
        self.rfm = rfm(base["transactions"], as_of=self.as_of)
        self.value_cents = self.rfm["monetary_cents"].clip(lower=0).rename("value_cents")
        self.profit_cents = _profit(base, self.as_of)
        self._model = ValueTiers().fit(self.value_cents)
        self.tiers = self._model.summary(self.value_cents)
        self.path = None

    def sentences(self):
        """Say the result so that a manager understands it.

        Returns
        -------
        list of str
            The first names the base, the others what was found.

        Examples
        --------
        >>> from crmlab.tables import CustomerBase
        >>> log = pd.DataFrame({"record_id": [1, 2], "amount_cents": [1_00, 3_00]})
        >>> log["ts"] = pd.to_datetime("2025-03-01", utc=True)
        >>> Audit(CustomerBase({"transactions": log}, name="shop")).sentences()[1]
        'The best 20% of customers bring 30% of the value (Gini 0.25).'
        """
        value, best = self.value_cents, self.tiers.iloc[0]
        n, log = len(value), self.base["transactions"]
        half, holders = f"{self._model.shares[0]:.0%}", int(best["customers"])
        return [
            f"{self.base.name}: {n:,} customers, {len(log):,} transactions, {self.money(value.sum())} in all, "
            f"as of {self.as_of:%Y-%m-%d}.",
            f"The best 20% of customers bring {top_share(value):.0%} of the value (Gini {gini(value):.2f}).",
            f"Tier 0 brings the first {half} of the value: {holders:,} customer{'s' if holders != 1 else ''} "
            f"({holders / n:.0%} of all), from {self.money(best['floor_cents'])} upwards.",
        ]

    def money(self, cents):
        """Write an amount with its currency.

        Parameters
        ----------
        cents : int
            The amount in cents.

        Returns
        -------
        str

        Examples
        --------
        >>> from crmlab.tables import CustomerBase
        >>> log = pd.DataFrame({"record_id": [1], "amount_cents": [100]})
        >>> log["ts"] = pd.to_datetime("2025-03-01", utc=True)
        >>> Audit(CustomerBase({"transactions": log}, name="shop", about={"currency": "EUR"})).money(123456)
        'EUR 1,234.56'
        """
        return f"{self.base.currency} {int(cents) / 100:,.2f}".strip()

    def figures(self):
        """Draw what the page shows, in order.

        Returns
        -------
        list of crmlab.chart.Chart

        Examples
        --------
        >>> from crmlab.tables import CustomerBase
        >>> log = pd.DataFrame({"record_id": [1, 2], "amount_cents": [1_00, 3_00]})
        >>> log["ts"] = pd.to_datetime("2025-03-01", utc=True)
        >>> Audit(CustomerBase({"transactions": log}, name="shop")).figures()[1]
        <Chart: The best 20% of customers bring 30% of the value.>
        """
        figures = [rfm_figure(self.rfm), lorenz_figure(self.value_cents)]
        if self.profit_cents is not None and self.profit_cents.sum() > 0:
            figures.append(whale_figure(self.profit_cents))
        return [*figures, tiers_figure(self.tiers)]

    def write(self, folder):
        """Write the page ``audit.html``; it holds its figures and opens without a network.

        Parameters
        ----------
        folder : str or path
            Where the page goes; made when it is not there.

        Returns
        -------
        pathlib.Path
            The page.

        Raises
        ------
        CrmlabError
            When the page cannot be written; a page already there stays as it was.

        Examples
        --------
        >>> from crmlab.tables import CustomerBase
        >>> log = pd.DataFrame({"record_id": [1], "amount_cents": [100]})
        >>> log["ts"] = pd.to_datetime("2025-03-01", utc=True)
        >>> Audit(CustomerBase({"transactions": log}, name="shop")).write(tmp).name
        'audit.html'
        """
        page = _PAGES.get_template("audit.html.j2").render(
            audit=self,
            base=self.base,
            sentences=self.sentences(),
            figures=self.figures(),
            promises={name: model.description for name, model in MODELS.items()},
            tables=self.base.overview(),
            shares=[0, *self._model.shares, 1],
            returned=int((self.rfm["monetary_cents"] < 0).sum()),
            quiet=int((self.rfm["frequency"] == 0).sum()),
        )
        self.path = write_file(Path(folder) / "audit.html", page.encode("utf-8"))
        return self.path

    def __repr__(self):
        first, *rest = self.sentences()
        page = [f"Page: {self.path}"] if self.path else []
        return "\n".join([first, *(f"  {line}" for line in [*rest, *page])])


def _profit(base, as_of):
    """Margin less cost to serve per customer, where margins are known throughout."""
    log = base["transactions"]
    log = log[log["ts"] < as_of]
    if "margin_cents" not in log or log["margin_cents"].isna().any():
        return None
    profit = log.groupby("record_id", observed=True)["margin_cents"].sum().astype("int64")
    contacts = base.get("touchpoints")
    if contacts is not None and "cost_cents" in contacts:
        contacts = contacts[contacts["ts"] < as_of]
        cost = contacts.groupby("record_id", observed=True)["cost_cents"].sum().astype("int64")
        profit = profit.sub(cost, fill_value=0).astype("int64")
    return profit.rename("profit_cents")
