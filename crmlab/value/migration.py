"""Where customers move: from tier to tier between two dates, with those who appeared and those who left."""

import numpy as np
import pandas as pd

from crmlab.errors import CrmlabError, few, message

__all__ = ["TierMigration", "tier_migration"]

_APPEARED, _LEFT = "appeared", "left"


def tier_migration(before, after, *, tiers=None):
    """See how many customers moved from which tier to which between two dates.

    Parameters
    ----------
    before, after : pandas.Series of shape (n_customers,)
        Each customer's tier at the first and at the second date, indexed by customer, for
        instance from ``segment.ValueTiers.predict``. A customer only in `after` appeared, one
        only in `before` left. For tiers to mean the same on both dates, cut both at the same
        floors: fit at the first date, predict at both.
    tiers : list, optional
        The tiers from the best to the least. Without it: the order of the categories, of both
        dates together, or rising (tier 0 is the best).

    Returns
    -------
    TierMigration
        ``counts``, ``shares``, ``moves``, ``transitions()``, ``figure()``.

    Raises
    ------
    CrmlabError
        When a customer stands twice, a tier is missing or unknown, the categories of the two dates
        do not tell one order, or no customer is on both dates.

    Examples
    --------
    >>> spring = pd.Series({"Ana": "A", "Ivo": "A", "Mia": "B", "Jan": "B"})
    >>> autumn = pd.Series({"Ana": "A", "Ivo": "B", "Mia": "B", "Eva": "B"})
    >>> tier_migration(spring, autumn).counts
              A  B  left
    before
    A         1  1     0
    B         0  1     1
    appeared  0  1     0
    """
    for name, series in (("before", before), ("after", after)):
        if not isinstance(series, pd.Series) or not series.index.is_unique or series.isna().any() or not len(series):
            found = "a customer stands twice or has no tier, or there is no customer."
            found = found if isinstance(series, pd.Series) else f"found a {type(series).__name__}."
            allowed = "a pandas Series of tiers with one row per customer"
            step = "index it by customer and leave out who has no tier."
            raise CrmlabError(message(name, found, allowed=allowed, next=step))
    tiers = _order(before, after) if tiers is None else _listed(tiers)
    odd = [tier for tier in pd.unique(pd.concat([_plain(before), _plain(after)])) if tier not in tiers]
    if odd or len(set(tiers)) < len(tiers) or {_APPEARED, _LEFT} & set(map(str, tiers)):
        found = (
            f"found {_written(tiers)}." if not odd else f"found {_written(tiers)}, but there is also {_written(odd)}."
        )
        allowed = f"each tier once, none called '{_APPEARED}' or '{_LEFT}'"
        step = "list every tier, the best first, written as in the data: 1 is not '1'."
        raise CrmlabError(message("tiers", found, allowed=allowed, next=step))
    everybody = before.index.union(after.index)
    if len(everybody) == len(before) + len(after):
        step = "index both by the same customer numbers."
        raise CrmlabError(message("before and after", "no customer is on both dates.", next=step))
    k = len(tiers)
    place = {tier: at for at, tier in enumerate(tiers)}
    come = _plain(before).map(place).reindex(everybody).fillna(k).astype("int64")
    go = _plain(after).map(place).reindex(everybody).fillna(k).astype("int64")
    return TierMigration(come, go, tiers)


class TierMigration:
    """Moves between tiers from one date to another.

    Parameters
    ----------
    come, go : pandas.Series of shape (n_customers,), int
        Place of each customer's tier among `tiers` before and after; as many as there are tiers: not there.
    tiers : list
        From the best to the least.

    Attributes
    ----------
    counts : pandas.DataFrame of shape (n_tiers + 1, n_tiers + 1)
        Customers by tier before (rows, then "appeared") and after (columns, then "left").
    shares : pandas.DataFrame of the same shape
        Each row of the counts as shares of its sum; missing where the row is empty.
    moves : pandas.Series
        Customers who stayed, rose, fell, appeared and left.

    Examples
    --------
    Made by :func:`tier_migration`:

    >>> TierMigration.__name__
    'TierMigration'
    """

    def __init__(self, come, go, tiers):
        self.tiers, k = tiers, len(tiers)
        cells = np.bincount(come * (k + 1) + go, minlength=(k + 1) ** 2).reshape(k + 1, k + 1)
        rows, columns = pd.Index([*tiers, _APPEARED], name="before"), pd.Index([*tiers, _LEFT])
        self.counts = pd.DataFrame(cells, rows, columns)
        whole = cells.sum(axis=1, keepdims=True)
        self.shares = pd.DataFrame(np.where(whole, cells / np.maximum(whole, 1), np.nan), rows, columns)
        inside = cells[:k, :k]
        self.moves = pd.Series(
            {
                "stayed": int(np.trace(inside)),
                "rose": int(np.tril(inside, -1).sum()),
                "fell": int(np.triu(inside, 1).sum()),
                _APPEARED: int(cells[k].sum()),
                _LEFT: int(cells[:, k].sum()),
            },
            name="customers",
        )

    def __repr__(self):
        return ", ".join(f"{n:,} {move}" for move, n in self.moves.items()) + ". See .counts, .shares and .figure()."

    def transitions(self):
        """Give the shares as a square matrix a Markov chain can run on.

        Who has left stays away: the row of "left" is 0 but for itself. Appearing is no move of
        a customer and is not in it.

        Returns
        -------
        pandas.DataFrame of shape (n_tiers + 1, n_tiers + 1)
            Rows and columns are the tiers and "left"; each row sums to 1.

        Raises
        ------
        CrmlabError
            When nobody was in one of the tiers before, so that its moves are not known.

        Examples
        --------
        >>> spring, autumn = pd.Series(["A", "A", "B", "B"]), pd.Series(["A", "B", "B"])
        >>> tier_migration(spring, autumn).transitions()
                A    B  left
        A     0.5  0.5   0.0
        B     0.0  0.5   0.5
        left  0.0  0.0   1.0
        """
        shares = self.shares.loc[self.tiers]
        empty = [tier for tier in self.tiers if shares.loc[tier].isna().all()]
        if empty:
            found = f"nobody was in {few(empty)} before; where they move from there is not known."
            step = "choose dates or tiers in which every tier has customers."
            raise CrmlabError(message("transitions", found, next=step))
        away = pd.DataFrame(0.0, index=[_LEFT], columns=shares.columns)
        away.loc[_LEFT, _LEFT] = 1.0
        return pd.concat([shares, away])

    def figure(self):
        """Show where the customers of each tier went.

        Returns
        -------
        crmlab.chart.Chart
            Shows itself in a notebook; ``.words`` says how to read it.

        Examples
        --------
        >>> spring, autumn = pd.Series(["A", "A", "B", "B"]), pd.Series(["A", "B", "B"])
        >>> tier_migration(spring, autumn).figure()
        <Chart: Of 4 customers 2 stayed in their tier, 0 rose, 1 fell and 1 left; 0 appeared.>
        """
        from matplotlib.colors import LinearSegmentedColormap

        from crmlab.chart import INK, SHADES, Chart

        counts, share = self.counts.to_numpy(), self.shares.to_numpy()

        def draw(axes):
            blues = LinearSegmentedColormap.from_list("crmlab", ["#ffffff", *SHADES[::-1]])
            k = len(share)
            cells = {"cmap": blues, "vmin": 0, "vmax": 1, "edgecolors": "white", "linewidth": 1.5, "shading": "nearest"}
            axes.pcolormesh(range(k), range(k), np.nan_to_num(share), **cells)
            for (row, column), cell in np.ndenumerate(share):
                if not np.isnan(cell) and (row, column) != (k - 1, k - 1):
                    said = f"{counts[row, column]:,}\n{cell:.0%}"
                    colour = "white" if cell > 0.5 else INK
                    axes.text(column, row, said, ha="center", va="center", color=colour, fontsize=9)
            axes.set_xticks(range(k), self.counts.columns.astype("str"))
            axes.set_yticks(range(k), self.counts.index.astype("str"))
            axes.invert_yaxis()
            axes.axhline(k - 1.5, color=INK, linewidth=1)
            axes.axvline(k - 1.5, color=INK, linewidth=1)
            axes.grid(visible=False)
            axes.spines[:].set_visible(False)
            axes.tick_params(length=0)
            axes.set_xlabel("tier at the second date (customers, and % of the row)")
            axes.set_ylabel("tier at the first date")

        words = (
            "Each row is a tier at the first date, the best on top; along the row stands where its customers are at "
            "the second date. On the diagonal they stayed; left of it they rose, right of it they fell or, in the last "
            "column, left. The last row holds the customers who appeared in between."
        )
        return Chart(self._finding(), words, draw, size=(7.0, 1.6 + 0.62 * len(share)))

    def flow_figure(self):
        """Show the same as bands that flow from tier to tier.

        Returns
        -------
        crmlab.chart.Chart

        Examples
        --------
        >>> spring, autumn = pd.Series(["A", "A", "B", "B"]), pd.Series(["A", "B", "B"])
        >>> tier_migration(spring, autumn).flow_figure()
        <Chart: Of 4 customers 2 stayed in their tier, 0 rose, 1 fell and 1 left; 0 appeared.>
        """
        from crmlab.value.migration_flow import flow_figure

        return flow_figure(self.counts, self._finding())

    def _finding(self):
        moves = self.moves
        n = int(moves.drop(_APPEARED).sum())
        return (
            f"Of {n:,} customers {moves['stayed']:,} stayed in their tier, {moves['rose']:,} rose, "
            f"{moves['fell']:,} fell and {moves[_LEFT]:,} left; {moves[_APPEARED]:,} appeared."
        )


def _order(before, after):
    """Categories in their order, else the tiers rising."""
    ranks = [list(tiers.cat.categories) for tiers in (before, after) if isinstance(tiers.dtype, pd.CategoricalDtype)]
    if ranks:
        return _merged(ranks, {*before.unique(), *after.unique()})
    try:
        return sorted({*before.unique().tolist(), *after.unique().tolist()})
    except TypeError:
        kinds = few(sorted({*map(str, before), *map(str, after)}))
        raise CrmlabError(
            message("tiers", f"tiers of different kinds: {kinds}.", next="name their order with tiers=[…].")
        ) from None


def _merged(ranks, there):
    """One order out of the categories of both dates, where they tell it."""
    longest = max(ranks, key=len)
    if all([tier for tier in longest if tier in rank] == rank for rank in ranks) and there <= {*longest}:
        return longest
    told = "; ".join(_written(rank) for rank in ranks)
    found = f"the categories of the two dates do not tell one order: {told}."
    raise CrmlabError(message("tiers", found, next="name it with tiers=[…], the best first."))


def _listed(tiers):
    try:
        tiers = [] if isinstance(tiers, str) else list(tiers)
        set(tiers)
    except TypeError:  # no list, or one of lists
        tiers = []
    if not tiers:
        allowed = "a list of tiers, the best first"
        raise CrmlabError(
            message("tiers", "found no list of tiers.", allowed=allowed, next='write for instance ["A", "B"].')
        )
    return tiers


def _plain(tiers):
    return tiers.astype("object")


def _written(tiers):
    """Tiers as they would be typed: 1, '1' and 1.0 look different."""
    return few([repr(tier.item() if isinstance(tier, np.generic) else tier) for tier in tiers])
