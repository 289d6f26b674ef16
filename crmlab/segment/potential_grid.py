"""Value beside potential: who already gives much, who could give more, and where that lies."""

import numpy as np
import pandas as pd
from sklearn.base import clone

from crmlab.chart import INK, SHADES, Chart
from crmlab.errors import CrmlabError, message
from crmlab.segment.tiers import ValueTiers
from crmlab.tables.cents import cents_of

__all__ = ["PotentialGrid", "potential_grid"]


def potential_grid(value_cents, potential_cents, *, value_tiers=None, potential_tiers=None):
    """Cross what customers bring with what they could bring.

    Two customers of equal value deserve different care when one gives all they have and the other a
    tenth of it (share of wallet). Potential is the caller's: from a survey, from turnover, or from
    what the best customers of the same kind bring.

    Parameters
    ----------
    value_cents : pandas.Series of shape (n_customers,), cents
        What each customer brings in a time, 0 or more.
    potential_cents : pandas.Series of shape (n_customers,), cents
        What each could bring in the same time, from all suppliers, at least what they bring; the same
        index.
    value_tiers, potential_tiers : ValueTiers, optional
        How each is cut; without them the best fifth, the next to the half, and the rest. Tiers that
        are fitted already are taken as they are.

    Returns
    -------
    PotentialGrid

    Raises
    ------
    CrmlabError
        When the index differs, an amount breaks its rule, or somebody brings more than they could.

    Examples
    --------
    >>> value_cents = pd.Series([900, 800, 100, 50])
    >>> potential_cents = pd.Series([1000, 4000, 5000, 60])
    >>> halves = ValueTiers(quantiles=(0.5,))
    >>> potential_grid(value_cents, potential_cents, value_tiers=halves, potential_tiers=halves).table
                                customers  value_cents  open_cents  share_of_wallet
    value_tier potential_tier
    0          0                        1          800        3200         0.200000
               1                        1          900         100         0.900000
    1          0                        1          100        4900         0.020000
               1                        1           50          10         0.833333
    """
    value, potential = cents_of(value_cents), cents_of(potential_cents, where="potential_cents")
    if not value.index.equals(potential.index):
        raise CrmlabError(
            message("potential_cents", "its index is not that of value_cents.", next="give both one row per customer.")
        )
    more = value > potential
    if more.any():
        raise CrmlabError(
            message(
                "potential_cents",
                f"{more.sum():,} customers bring more than they could, such as row {more.idxmax()}.",
                next="potential is what they spend with all suppliers: at least what they spend with you.",
            )
        )
    tier = {}
    for name, amounts, given in (("value_tier", value, value_tiers), ("potential_tier", potential, potential_tiers)):
        tiers = given or ValueTiers(quantiles=(0.2, 0.5))
        tier[name] = (tiers if hasattr(tiers, "floors_") else clone(tiers).fit(amounts)).predict(amounts)
    table = pd.DataFrame({"customers": 1, "value_cents": value, "open_cents": potential - value})
    table = table.groupby(
        [tier["value_tier"].rename("value_tier"), tier["potential_tier"].rename("potential_tier")]
    ).sum()
    whole = table["value_cents"] + table["open_cents"]
    table["share_of_wallet"] = table["value_cents"] / whole.where(whole > 0)
    return PotentialGrid(table)


class PotentialGrid:
    """Customers by value and potential; made by :func:`potential_grid`.

    Parameters
    ----------
    table : pandas.DataFrame

    Attributes
    ----------
    table : pandas.DataFrame
        Indexed by value_tier and potential_tier, 0 the best: customers, value_cents, open_cents
        (potential not yet won), share_of_wallet.

    Examples
    --------
    >>> grid = potential_grid(pd.Series([900, 100]), pd.Series([1000, 5000]))
    >>> grid.table["open_cents"].tolist()
    [100, 4900]
    """

    def __init__(self, table):
        self.table = table

    def figure(self):
        """See where the potential that is still open lies.

        Returns
        -------
        Chart

        Examples
        --------
        >>> potential_grid(pd.Series([900, 100]), pd.Series([1000, 5000])).figure()
        <Chart: 98% of the open potential lies with 50% of customers: value tier 2, potential tier 0.>
        """
        table = self.table
        total = max(int(table["open_cents"].sum()), 1)
        value, potential = table["open_cents"].idxmax()
        share = table["open_cents"].max() / total
        held = table.loc[(value, potential), "customers"] / table["customers"].sum()
        crossed = {"index": "value_tier", "columns": "potential_tier", "aggfunc": "sum", "fill_value": 0}
        open_share = table.pivot_table(values="open_cents", **crossed) / total
        people = table.pivot_table(values="customers", **crossed)

        def draw(axes):
            for row in open_share.index:
                for column in open_share.columns:
                    part = open_share.loc[row, column]
                    shade = SHADES[int(np.clip(3 - 8 * part, 0, 3))]
                    axes.add_patch(_field(column, row, shade))
                    dark = shade in SHADES[:2]
                    told = f"{people.loc[row, column]:,}\n{part:.0%} of open"
                    axes.text(column, row, told, ha="center", va="center", color="white" if dark else INK)
            axes.set(
                xlim=(-0.5, max(open_share.columns) + 0.5),
                ylim=(max(open_share.index) + 0.5, -0.5),
                xticks=open_share.columns,
                yticks=open_share.index,
                xlabel="tier by potential (0: could bring most)",
                ylabel="tier by value (0: brings most)",
            )
            axes.grid(visible=False)

        finding = (
            f"{share:.0%} of the open potential lies with {held:.0%} of customers: value tier {value}, "
            f"potential tier {potential}."
        )
        words = (
            "Each field holds the customers of one pair of tiers, and their share of the potential not yet won. "
            "Dark fields are where growth is; the top right field gives nearly all it has: keep it, do not push it."
        )
        return Chart(finding, words, draw)

    def __repr__(self):
        return self.table.to_string()


def _field(column, row, shade):
    from matplotlib.patches import Rectangle

    return Rectangle((column - 0.5, row - 0.5), 1, 1, facecolor=shade, edgecolor="white")
