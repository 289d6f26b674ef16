"""The figures of value: who carries the base, who costs, which tiers, who bought lately."""

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.ticker import PercentFormatter

from crmlab.chart import ACCENT, INK, MUTED, SHADES, Chart
from crmlab.errors import CrmlabError, did_you_mean, few, message
from crmlab.value import gini, lorenz, top_share, whale_curve

__all__ = ["lorenz_figure", "need", "rfm_figure", "tiers_figure", "whale_figure"]

_POINTS = 250
_DARK = 0.6


def lorenz_figure(value_cents, *, share=0.2):
    """Show how unevenly customers bring value: the Lorenz curve.

    Parameters
    ----------
    value_cents : array-like of shape (n_customers,), cents
        Value of each customer, 0 or more.
    share : float, default=0.2
        Share of customers the title speaks of, 0 to 1.

    Returns
    -------
    Chart
        Shows itself in a notebook; ``.words`` says how to read it.

    Raises
    ------
    CrmlabError
        When the values are not as :func:`crmlab.value.lorenz` needs them.

    Examples
    --------
    >>> lorenz_figure([600, 100, 100, 100, 100])
    <Chart: The best 20% of customers bring 60% of the value.>
    """
    curve = lorenz(value_cents)
    best = top_share(value_cents, share)
    rest = 1 - best

    def draw(axes):
        x, y = _thinned(curve["share_of_customers"], curve["share_of_value"])
        axes.plot([0, 1], [0, 1], color=MUTED, linewidth=1, linestyle="--")
        axes.text(0.42, 0.47, "all equal", color=INK, rotation=30, rotation_mode="anchor", fontsize=9)
        axes.fill_between(x, x, y, color=SHADES[3], linewidth=0)
        axes.plot(x, y, color=SHADES[0], linewidth=2)
        axes.plot([1 - share], [rest], "o", color=ACCENT, markersize=8, markeredgecolor=INK)
        axes.annotate(
            f"the other {1 - share:.0%}\nbring {rest:.0%}",
            (1 - share, rest),
            xytext=(8, -8),
            textcoords="offset points",
            va="top",
            fontsize=9,
        )
        _in_percent(axes, "customers, from the smallest to the largest (%)", "value brought so far (%)")

    words = (
        f"Customers stand in line from the smallest to the largest. If all brought the same, the curve would be the "
        f"dashed line; the further it sags, the more the base rests on a few. The Gini coefficient puts this into one "
        f"number: {gini(value_cents):.2f} (0: all bring the same, 1: one brings everything)."
    )
    return Chart(f"The best {share:.0%} of customers bring {best:.0%} of the value.", words, draw)


def whale_figure(profit_cents):
    """Show how profit builds up, and what the customers who lose money cost: the whale curve.

    Parameters
    ----------
    profit_cents : array-like of shape (n_customers,), cents
        Profit of each customer; a loss is negative.

    Returns
    -------
    Chart
        Shows itself in a notebook; ``.words`` says how to read it.

    Raises
    ------
    CrmlabError
        When the profits are not as :func:`crmlab.value.whale_curve` needs them.

    Examples
    --------
    >>> whale_figure([700, 500, -200])
    <Chart: 33% of customers cost money: profit would be 20.0% higher without them.>
    """
    curve = whale_curve(profit_cents)
    x, y = curve["share_of_customers"], curve["share_of_profit"]
    peak = int(y.to_numpy().argmax())
    losing = float((np.asarray(profit_cents) < 0).mean())
    if losing:
        finding = f"{losing:.0%} of customers cost money: profit would be {y[peak] - 1:.1%} higher without them."
    else:
        finding = "No customer costs money: the curve never falls."

    def draw(axes):
        axes.axhline(1, color=MUTED, linewidth=1, linestyle="--")
        axes.fill_between(*_thinned(x, y), color=SHADES[3], linewidth=0)
        axes.plot(*_thinned(x, y), color=SHADES[0], linewidth=2)
        if losing:
            axes.plot([x[peak]], [y[peak]], "o", color=ACCENT, markersize=8, markeredgecolor=INK)
            axes.annotate(
                f"peak: {y[peak]:.1%}",
                (x[peak], y[peak]),
                xytext=(0, 10),
                textcoords="offset points",
                ha="right" if x[peak] > 0.5 else "left",
            )
        _in_percent(axes, "customers, from the most profitable down (%)", "profit so far (% of the total)")
        axes.set_ylim(top=max(1.1, float(y[peak]) * 1.12))

    words = (
        "Customers stand in line from the most profitable to the least. The curve climbs while customers earn money, "
        "is flat where they earn nothing, and falls where they cost more than they bring. Ask why before parting with "
        "anyone: a cost to serve is often the firm's own doing."
    )
    return Chart(finding, words, draw)


def tiers_figure(summary):
    """Show what each tier holds and what it brings, side by side.

    Parameters
    ----------
    summary : pandas.DataFrame of shape (n_tiers, …)
        What ``segment.ValueTiers.summary`` returns.

    Returns
    -------
    Chart
        Shows itself in a notebook; ``.words`` says how to read it.

    Raises
    ------
    CrmlabError
        When a column is missing.

    Examples
    --------
    >>> from crmlab.segment import ValueTiers
    >>> value_cents = [900, 500, 300, 200, 100]
    >>> tiers_figure(ValueTiers().fit(value_cents).summary(value_cents))
    <Chart: Tier 0 is 40% of customers and brings 70% of the value.>
    """
    need(summary, ["share_of_customers", "share_of_value"], "summary", "ValueTiers(...).summary(value_cents)")
    customers, value = summary["share_of_customers"], summary["share_of_value"]

    def draw(axes):
        places = np.arange(len(summary))
        for shift, shares, colour, label in [
            (-0.2, customers, SHADES[2], "customers"),
            (0.2, value, SHADES[0], "value"),
        ]:
            bars = axes.barh(places + shift, shares, height=0.38, color=colour, label=f"share of {label}")
            axes.bar_label(bars, labels=[f"{share:.0%}" for share in shares], padding=4)
        axes.set_yticks(places, [f"tier {tier}" for tier in summary.index])
        axes.invert_yaxis()
        axes.grid(visible=False, axis="y")
        axes.set_xlim(0, max(customers.max(), value.max()) * 1.15)
        axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        axes.set_xlabel("share of the base (%)")
        axes.legend(loc="best")

    words = (
        "Each pair of bars is one tier: light, how many of the customers it holds; dark, how much of the value they "
        "bring. A tier whose dark bar is much longer than its light one carries the base; one where it is shorter "
        "is carried."
    )
    finding = (
        f"Tier {summary.index[0]} is {customers.iloc[0]:.0%} of customers and brings {value.iloc[0]:.0%} of the value."
    )
    return Chart(finding, words, draw, size=(7.0, 1.4 + 0.75 * len(summary)))


def rfm_figure(rfm):
    """Show how many customers bought how lately and how often: a table of the R and F scores.

    Parameters
    ----------
    rfm : pandas.DataFrame of shape (n_customers, …)
        What ``value.rfm`` returns.

    Returns
    -------
    Chart
        Shows itself in a notebook; ``.words`` says how to read it.

    Raises
    ------
    CrmlabError
        When a column is missing.

    Examples
    --------
    >>> rfm_figure(pd.DataFrame({"r": [3, 1, 2], "f": [3, 1, 1], "m": [3, 2, 1]}))
    <Chart: 33% of customers score at the top both in how lately and how often they bought.>
    """
    need(rfm, ["r", "f", "m"], "rfm", "value.rfm(transactions)")
    top = int(rfm[["r", "f", "m"]].to_numpy().max())
    scores = range(1, top + 1)
    share = np.array([[((rfm["f"] == f) & (rfm["r"] == r)).mean() for r in scores] for f in scores])
    best = float(((rfm["r"] >= top - (top > 3)) & (rfm["f"] >= top - (top > 3))).mean())

    def draw(axes):
        darkest = max(share.max(), 1e-9)
        cells = {"cmap": _blues(), "vmin": 0, "vmax": darkest, "edgecolors": "white", "linewidth": 1.5}
        axes.pcolormesh(range(top), range(top), share, shading="nearest", **cells)
        for (f, r), cell in np.ndenumerate(share):
            colour = "white" if cell > _DARK * darkest else INK
            axes.text(
                r, f, f"{cell:.0%}" if cell >= 0.005 or cell == 0 else "<1%", ha="center", va="center", color=colour
            )
        labels = [*map(str, scores)]
        axes.set_xticks(range(top), labels)
        axes.set_yticks(range(top), labels)
        axes.grid(visible=False)
        axes.spines[:].set_visible(False)
        axes.tick_params(length=0)
        axes.set_xlabel(f"recency score R (1: long ago, {top}: lately)")
        axes.set_ylabel(f"frequency score F (1: seldom, {top}: often)")

    words = (
        "Each field is a group of customers, with its share of the base; darker means more. Top right: they buy "
        "often and bought lately. Bottom left: seldom and long ago. Top left deserves a call first: they used to "
        "buy often and have gone quiet."
    )
    finding = f"{best:.0%} of customers score at the top both in how lately and how often they bought."
    return Chart(finding, words, draw, size=(7.0, 4.4))


def need(frame, columns, where, call):
    """Refuse a table without the columns a figure draws.

    Parameters
    ----------
    frame : object
        What was given for the table.
    columns : list of str
        What it must have.
    where : str
        What the message calls it.
    call : str
        What gives such a table.

    Raises
    ------
    CrmlabError
        Naming the first missing column.

    Examples
    --------
    >>> need(pd.DataFrame({"r": [1]}), ["r"], "rfm", "value.rfm(transactions)")
    """
    have = getattr(frame, "columns", [])
    missing = [column for column in columns if column not in have]
    if missing:
        found = f"no column '{missing[0]}'.{did_you_mean(missing[0], have)}"
        raise CrmlabError(
            message(where, found, it_has=few(have, 12) or "no columns", next=f"pass what {call} returns.")
        )


def _thinned(x, y):
    """A curve of a million customers in a few hundred points."""
    x, y = np.asarray(x), np.asarray(y)
    if len(x) <= _POINTS:
        return x, y
    at = np.unique(np.append(np.linspace(0, len(x) - 1, _POINTS).astype(int), y.argmax()))
    return x[at], y[at]


def _in_percent(axes, x_label, y_label):
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.set_xlim(0, 1)
    axes.set_ylim(bottom=0)
    axes.set_xlabel(x_label)
    axes.set_ylabel(y_label)


def _blues():
    return LinearSegmentedColormap.from_list("crmlab", ["#ffffff", *SHADES[::-1]])
