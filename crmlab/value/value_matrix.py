"""Value both ways: what customers bring beside what they get, and what to do in each corner."""

import numpy as np
import pandas as pd

from crmlab.errors import CrmlabError, message
from crmlab.tables.cents import cents_of

__all__ = ["ValueMatrix", "value_matrix"]

_CORNERS = {
    "partners": ("high", "high", "Keep what works, thank them, build the next offer with them."),
    "at risk": ("high", "low", "Repair first: find which moment failed, and let a person call."),
    "untapped": ("low", "high", "They like it: offer more of it, ask for a recommendation."),
    "strangers": ("low", "low", "Keep the basic service good and cheap to give; ask what they need."),
}


def value_matrix(value_of_cents, value_to, *, value_of_edge=None, value_to_edge=None):
    """Sort customers by what they are worth to you and what you are worth to them, and say what to do.

    Parameters
    ----------
    value_of_cents : pandas.Series of shape (n_customers,), cents
        Value of each customer to the firm, a loss negative; indexed by customer.
    value_to : pandas.Series of shape (n_customers,), points
        Value of the firm to each customer, more is better: an answer to NPS, CSAT or CES, or a
        gap; indexed by customer, one row each. Customers who stand in one of the two only, or
        gave no answer, are left out and counted.
    value_of_edge : int, optional
        Least value, in cents, that is high. Without it: the median of those counted, and more.
    value_to_edge : float, optional
        Least points that are high. Without it: above the middle of the points given, i.e. the
        median and more.

    Returns
    -------
    ValueMatrix
        ``table``: the four corners; ``corner``: each customer's; ``figure()``.

    Raises
    ------
    CrmlabError
        When a customer stands twice, the values are no numbers, or no customer has both.

    References
    ----------
    V. Kumar and W. Reinartz, Creating enduring customer value, *Journal of Marketing* 80, 2016:
    value to and value of customers belong together.

    Examples
    --------
    >>> worth = pd.Series({"Ana": 900_00, "Ivo": 700_00, "Mia": 40_00, "Jan": 20_00})
    >>> likes = pd.Series({"Ana": 10, "Ivo": 3, "Mia": 9, "Jan": 5})
    >>> matrix = value_matrix(worth, likes, value_to_edge=9)
    >>> matrix.corner.to_dict()
    {'Ana': 'partners', 'Ivo': 'at risk', 'Mia': 'untapped', 'Jan': 'strangers'}
    >>> matrix.table.loc["at risk", "what_to_do"]
    'Repair first: find which moment failed, and let a person call.'
    """
    for name, series in (("value_of_cents", value_of_cents), ("value_to", value_to)):
        if not isinstance(series, pd.Series):
            found = f"found a {type(series).__name__}."
            step = "index it by customer, for instance with groupby('record_id')."
            raise CrmlabError(message(name, found, allowed="a pandas Series with one row per customer", next=step))
        if not series.index.is_unique:
            n = int(series.index.duplicated().sum())
            found = f"{n:,} customer{'s stand' if n > 1 else ' stands'} in it more than once."
            step = "take each one's last answer or mean first, with groupby('record_id')."
            raise CrmlabError(message(name, found, allowed="one row per customer", next=step))
        if not pd.api.types.is_any_real_numeric_dtype(series.dtype):
            found = f"found values of type {series.dtype}."
            raise CrmlabError(message(name, found, allowed="numbers", next="pass one number per customer."))
    everybody = value_of_cents.index.union(value_to.index)
    both = value_of_cents.index[value_of_cents.index.isin(value_to.dropna().index)]
    if not len(both):
        found = "no customer has both a value of and a value to."
        raise CrmlabError(message("value_matrix", found, next="index both by the same customer numbers."))
    of = cents_of(value_of_cents.loc[both], where="value_of_cents", least=None)
    to = value_to.loc[both].astype("float64")
    edges = [of.median() if value_of_edge is None else value_of_edge, to.median()]
    edges[1] = edges[1] if value_to_edge is None else value_to_edge
    for name, edge in zip(("value_of_edge", "value_to_edge"), edges, strict=True):
        if isinstance(edge, bool) or not isinstance(edge, int | float | np.number) or not np.isfinite(edge):
            step = "give the least value that is high."
            raise CrmlabError(message(name, f"found {edge!r}.", allowed="one number", next=step))
    high_of, high_to = (of >= edges[0]).to_numpy(), (to >= edges[1]).to_numpy()
    names = [*_CORNERS]
    corner = pd.Series(
        pd.Categorical.from_codes(np.where(high_to, np.where(high_of, 0, 2), np.where(high_of, 1, 3)), names),
        index=both,
        name="corner",
    )
    return ValueMatrix(corner, of, to, [float(edge) for edge in edges], len(everybody) - len(both))


class ValueMatrix:
    """Four corners of value, with who stands where.

    Parameters
    ----------
    corner : pandas.Series of shape (n_customers,)
        Each customer's corner.
    value_of_cents, value_to : pandas.Series of shape (n_customers,)
        What they were sorted by.
    edges : list of float
        Least value of (cents) and value to (points) that are high.
    n_left_out : int
        Customers with one of the two only.

    Attributes
    ----------
    table : pandas.DataFrame of shape (4, 8)
        Indexed by corner: value_of and value_to ("high", "low"), customers, share_of_customers,
        value_cents, share_of_value (of the total; missing when that is not above 0), mean_value_to, what_to_do.

    Examples
    --------
    Made by :func:`value_matrix`:

    >>> ValueMatrix.__name__
    'ValueMatrix'
    """

    def __init__(self, corner, value_of_cents, value_to, edges, n_left_out):
        self.corner, self.edges, self.n_left_out = corner, edges, n_left_out
        value, total = value_of_cents.groupby(corner, observed=False).sum(), value_of_cents.sum()
        customers = corner.value_counts(sort=False)
        self.table = pd.DataFrame(
            {
                "value_of": [of for of, _, _ in _CORNERS.values()],
                "value_to": [to for _, to, _ in _CORNERS.values()],
                "customers": customers.to_numpy(),
                "share_of_customers": customers.to_numpy() / len(corner),
                "value_cents": value.to_numpy(),
                "share_of_value": value.to_numpy() / total if total > 0 else np.nan,
                "mean_value_to": value_to.groupby(corner, observed=False).mean().to_numpy(),
                "what_to_do": [step for _, _, step in _CORNERS.values()],
            },
            index=pd.Index(list(_CORNERS), name="corner"),
        )

    def __repr__(self):
        parts = ", ".join(f"{name} {n:,}" for name, n in self.table["customers"].items())
        return f"{len(self.corner):,} customers: {parts}; {self.n_left_out:,} left out. See .table and .figure()."

    def figure(self):
        """Show the four corners with who stands there, what they bring, and what to do.

        Returns
        -------
        crmlab.chart.Chart
            Shows itself in a notebook; ``.words`` says how to read it.

        Examples
        --------
        >>> worth, likes = pd.Series([900_00, 700_00, 40_00, 20_00]), pd.Series([10, 3, 9, 5])
        >>> value_matrix(worth, likes, value_to_edge=9).figure()
        <Chart: At risk: 25% of customers bring 42% of the value and get little for it.>
        """
        import textwrap

        from crmlab.chart import ACCENT, INK, MUTED, SHADES, Chart

        risk = self.table.loc["at risk"]
        brings = "" if np.isnan(risk["share_of_value"]) else f" bring {risk['share_of_value']:.0%} of the value and"
        finding = f"At risk: {risk['share_of_customers']:.0%} of customers{brings} get little for it."

        def draw(axes):
            for name, row in self.table.iterrows():
                x, y = int(row["value_to"] == "high"), int(row["value_of"] == "high")
                colour = ACCENT if name == "at risk" else SHADES[3]
                axes.fill_between([x + 0.02, x + 0.98], y + 0.02, y + 0.98, color=colour, alpha=0.55, linewidth=0)
                value = "" if np.isnan(row["share_of_value"]) else f"\n{row['share_of_value']:.0%} of the value"
                axes.text(x + 0.06, y + 0.88, name, fontsize=12, fontweight="bold", color=INK, va="top")
                said = f"{row['share_of_customers']:.0%} of customers{value}"
                axes.text(x + 0.06, y + 0.72, said, color=INK, va="top", fontsize=10)
                axes.text(x + 0.06, y + 0.36, textwrap.fill(row["what_to_do"], 40), color=INK, va="top", fontsize=8.5)
            axes.set(xlim=(0, 2), ylim=(0, 2), xlabel=f"value to the customer (high: {self.edges[1]:g} points or more)")
            axes.set_ylabel(f"value of the customer\n(high: {self.edges[0] / 100:,.2f} or more)")
            axes.set_xticks([0.5, 1.5], ["low", "high"])
            axes.set_yticks([0.5, 1.5], ["low", "high"])
            axes.tick_params(length=0, colors=MUTED, labelcolor=INK)
            axes.spines[:].set_visible(False)
            axes.grid(visible=False)

        words = (
            "Upwards: what customers are worth to the firm. To the right: what the firm is worth to them. Top left is "
            "the corner to look at first: good customers who get little stay only until somebody offers better. "
            f"Not shown for lack of one of the two values: {self.n_left_out:,}."
        )
        return Chart(finding, words, draw, size=(7.0, 4.8))
