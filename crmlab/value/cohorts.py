"""Customers who came in the same month, followed month by month: how many are still there."""

import numpy as np
import pandas as pd
from matplotlib.colors import LinearSegmentedColormap

from crmlab.chart import INK, SHADES, Chart
from crmlab.errors import CrmlabError, message
from crmlab.tables import check
from crmlab.tables.instant import instant
from crmlab.value.by_customer import with_record_id
from crmlab.value.survival import lifespans

__all__ = ["Cohorts", "contract_cohorts", "purchase_cohorts", "renewals_until"]

_MOST_WRITTEN = 14  # rows and columns of a figure up to which each cell's share is written
_DARK = 0.6


def contract_cohorts(contracts, *, as_of):
    """Follow the contracts of each month of start: how many were still there after each renewal.

    A contract is renewed on its day of each month. One that ends at its third renewal was there
    after two; one that ends between two renewals counts as lost at the later one. A cell is
    filled when the whole cohort could be watched that long; what is not seen yet is empty, not
    zero. Cohorts whose first month was not over at `as_of` are left out.

    Parameters
    ----------
    contracts : pandas.DataFrame of shape (n_contracts, …)
        With start and end (UTC; end is empty while it runs).
    as_of : str or timestamp
        The moment up to which ends are known.

    Returns
    -------
    Cohorts
        ``counts``, ``retention``, ``survivors()`` for :class:`ShiftedBetaGeometric`, ``figure()``.

    Raises
    ------
    CrmlabError
        When a column is missing or breaks its promise, a contract ends before it starts, or no
        month of start was over at `as_of`.

    Examples
    --------
    >>> contracts = pd.DataFrame({
    ...     "start": pd.to_datetime(["2025-01-10", "2025-01-31", "2025-02-05"], utc=True),
    ...     "end": pd.to_datetime(["2025-02-10", None, None], utc=True),
    ... })
    >>> contract_cohorts(contracts, as_of="2025-04-01").counts
    months_since  0     1     2
    cohort
    2025-01       2     1     1
    2025-02       1     1  <NA>
    2025-03       0  <NA>  <NA>
    """
    seen = lifespans(contracts, as_of)
    last = _months(pd.Series([instant(as_of)]))[0] - 1
    cohort = _months(seen["start"])
    renewal = renewals_until(seen["start"], seen["end"].fillna(seen["start"]))
    lost_at = np.where(seen["has_ended"], renewal, np.inf)
    use = cohort <= last
    if not use.any():
        found = "no month in which contracts started was over."
        raise CrmlabError(message("as_of", found, next="choose a later as_of, or load older contracts."))
    cohort, lost_at = cohort[use], lost_at[use]
    first, width = cohort.min(), last - cohort.min() + 1
    lost = np.zeros((width, width + 1), dtype="int64")
    np.add.at(lost, (cohort - first, np.minimum(lost_at, width).astype("int64")), 1)
    there = lost[:, ::-1].cumsum(axis=1)[:, ::-1][:, 1:]  # lost after renewal k, or not yet
    return Cohorts(_cells(there, first), "contracts")


def purchase_cohorts(transactions, *, as_of=None):
    """Follow the customers of each month of first purchase: how many bought in each month after.

    Without a contract nobody says good-bye: who did not buy this month may come back. So a row may
    rise again, and a share is the share *active*, not the share left. A return (an amount below 0)
    is no purchase. Where the log does not reach back to the beginning, the customers of its first
    months are old ones: leave these cohorts out.

    Parameters
    ----------
    transactions : pandas.DataFrame of shape (n_transactions, …)
        With record_id (or customer_id), ts (UTC) and amount_cents.
    as_of : str or timestamp, optional
        Purchases before this moment count. Without it: midnight after the last transaction. Only
        months that are over are filled; the others are empty, not zero.

    Returns
    -------
    Cohorts
        ``counts``, ``retention``, ``figure()``.

    Raises
    ------
    CrmlabError
        When a column is missing or breaks its promise, or no month with purchases was over at `as_of`.

    Examples
    --------
    >>> log = pd.DataFrame({
    ...     "record_id": [1, 1, 2, 3],
    ...     "ts": pd.to_datetime(["2025-01-10", "2025-03-31", "2025-01-20", "2025-02-05"], utc=True),
    ...     "amount_cents": [10_00, 20_00, 30_00, 40_00],
    ... })
    >>> purchase_cohorts(log).counts
    months_since  0  1     2
    cohort
    2025-01       2  0     1
    2025-02       1  0  <NA>
    2025-03       0  <NA>  <NA>
    """
    transactions, _ = with_record_id(transactions)
    check("transactions", transactions, columns=["record_id", "ts", "amount_cents"])
    log = transactions.loc[transactions["amount_cents"] >= 0, ["record_id", "ts"]]
    if as_of is None and len(log):
        as_of = transactions["ts"].max().normalize() + pd.Timedelta(days=1)
    last = _months(pd.Series([instant(as_of)]))[0] - 1 if len(log) else 0
    log = log.assign(month=_months(log["ts"]))[["record_id", "month"]].drop_duplicates()
    log = log[log["month"] <= last]
    if log.empty:
        found = "no month in which something was bought was over."
        raise CrmlabError(message("as_of", found, next="choose a later as_of, or load a longer log."))
    month = log["month"].to_numpy()
    cohort = log.groupby("record_id", observed=True)["month"].transform("min").to_numpy()
    first, width = cohort.min(), last - cohort.min() + 1
    there = np.zeros((width, width), dtype="int64")
    np.add.at(there, (cohort - first, month - cohort), 1)
    return Cohorts(_cells(there, first), "purchases")


class Cohorts:
    """Cohorts by month, followed month by month.

    Parameters
    ----------
    counts : pandas.DataFrame of shape (n_cohorts, n_months), Int64
        Contracts still there, or customers who bought; one row per month of start, one column per
        month since. Empty where not yet seen.
    kind : {"contracts", "purchases"}
        What was followed.

    Attributes
    ----------
    retention : pandas.DataFrame of shape (n_cohorts, n_months), Float64
        The same as shares of the cohort, 0 to 1.
    overall : pandas.Series of shape (n_months,)
        Share over all cohorts seen that long, 0 to 1; larger cohorts count for more.

    Examples
    --------
    Made by :func:`contract_cohorts` and :func:`purchase_cohorts`, with ``cohorts.figure()``:

    >>> Cohorts.__name__
    'Cohorts'
    """

    def __init__(self, counts, kind):
        self.counts, self.kind = counts, kind
        size = counts[0].where(counts[0] > 0)
        self.retention = counts.astype("Float64").div(size, axis=0)
        seen = counts.notna()
        started = seen.mul(counts[0], axis=0).sum()
        self.overall = (counts.sum() / started).astype("float64").rename("retention")

    def __repr__(self):
        n = int(self.counts[0].sum())
        return f"<Cohorts: {len(self.counts)} months of start, {n:,} {self._who()}; {self._finding()}>"

    def survivors(self):
        """Give the numbers left in the form that models of renewal learn from.

        Returns
        -------
        pandas.DataFrame of shape (n_months, n_cohorts), Int64
            One column for each cohort that has contracts; row k holds those left after renewal k.
            It knows in ``attrs`` that renewals are monthly.

        Raises
        ------
        CrmlabError
            For purchases: who did not buy in a month is not lost.

        Examples
        --------
        >>> contracts = pd.DataFrame({
        ...     "start": pd.to_datetime(["2025-01-10"] * 3, utc=True),
        ...     "end": pd.to_datetime(["2025-02-10", "2025-03-10", None], utc=True),
        ... })
        >>> contract_cohorts(contracts, as_of="2025-05-01").survivors()["2025-01"].tolist()
        [3, 2, 1, 1]
        """
        if self.kind != "contracts":
            found = "these are purchases: who did not buy in a month may come back, so no number left is known."
            step = "use a model without contract, such as value.BGNBD, or cohorts of contracts."
            raise CrmlabError(message("survivors()", found, next=step))
        left = self.counts[self.counts[0] > 0].T
        left.attrs = {"unit": "M"}
        return left

    def figure(self):
        """Draw the table as shares, darker where more are still there.

        Returns
        -------
        Chart
            Shows itself in a notebook; ``.words`` says how to read it.

        Examples
        --------
        >>> contracts = pd.DataFrame({
        ...     "start": pd.to_datetime(["2025-01-10"] * 4, utc=True),
        ...     "end": pd.to_datetime(["2025-02-10", None, None, None], utc=True),
        ... })
        >>> contract_cohorts(contracts, as_of="2025-03-01").figure()
        <Chart: After 1 month 75% of contracts are still there.>
        """
        share = self.retention.to_numpy(dtype="float64", na_value=np.nan)
        rows, columns = share.shape
        is_written = max(rows, columns) <= _MOST_WRITTEN

        def draw(axes):
            cells = {"cmap": LinearSegmentedColormap.from_list("crmlab", ["#ffffff", *SHADES[::-1]]), "vmin": 0}
            # month 0 is always all of them: it would drown what comes after
            darkest = float(np.nanmax(share[:, 1:], initial=0.01)) if columns > 1 else 1.0
            grid = np.ma.masked_invalid(np.minimum(share, darkest))
            mesh = axes.pcolormesh(range(columns), range(rows), grid, shading="nearest", vmax=darkest, **cells)
            for (row, column), cell in np.ndenumerate(share) if is_written else ():
                colour = "white" if cell > _DARK * darkest else INK
                text = "" if np.isnan(cell) else f"{cell:.0%}"
                axes.text(column, row, text, ha="center", va="center", color=colour, fontsize=8)
            if not is_written:
                bar = axes.figure.colorbar(mesh, ax=axes, format=lambda level, _: f"{level:.0%}")
                bar.set_label(f"{self._share()} (%)")
                bar.outline.set_visible(False)
            every = 1 if rows <= _MOST_WRITTEN else 3
            axes.set_yticks(range(0, rows, every), [str(month) for month in self.counts.index[::every]])
            axes.set_xticks(range(0, columns, every))
            axes.invert_yaxis()
            axes.grid(visible=False)
            axes.spines[:].set_visible(False)
            axes.tick_params(length=0)
            axes.set_xlabel("months since")
            axes.set_ylabel("month of start" if self.kind == "contracts" else "month of first purchase")

        words = (
            f"Each row is the {self._who()} of one month, each column a month later; a field is the share of the row "
            f"{self._share()}. Down a column: do younger cohorts keep better? White on the right is the future, "
            "not a loss."
        )
        return Chart(self._finding(), words, draw, size=(7.0, min(2.0 + 0.3 * rows, 7.0)))

    def _who(self):
        return "contracts" if self.kind == "contracts" else "customers"

    def _share(self):
        return "still there" if self.kind == "contracts" else "who bought"

    def _finding(self):
        after = min(12, int(self.overall.last_valid_index()))
        share = self.overall[after]
        if self.kind == "contracts":
            return f"After {after} month{'s' * (after != 1)} {share:.0%} of contracts are still there."
        return f"In the month {after} after the first purchase {share:.0%} of customers buy."


def renewals_until(start, end):
    """Count which monthly renewal comes at an end, or first after it.

    Parameters
    ----------
    start : pandas.Series of shape (n,)
        First days.
    end : pandas.Series of shape (n,)
        Ends, none before its start.

    Returns
    -------
    ndarray of shape (n,), int64
        1 or more. A contract of the 31st is renewed on the last day of a shorter month.

    Examples
    --------
    >>> start = pd.Series(pd.to_datetime(["2025-01-31"] * 3))
    >>> renewals_until(start, pd.Series(pd.to_datetime(["2025-02-28", "2025-03-01", "2025-01-31"]))).tolist()
    [1, 2, 1]
    """
    months = _months(end) - _months(start)
    renewal_day = np.minimum(start.dt.day.to_numpy(), end.dt.days_in_month.to_numpy())
    return np.maximum(months + (end.dt.day.to_numpy() > renewal_day), 1)


def _months(times):
    """Calendar months since the year 0."""
    return (times.dt.year * 12 + times.dt.month - 1).to_numpy("int64")


def _cells(there, first):
    """A square table, its later half empty: what a cohort will do in months that are not over."""
    width = len(there)
    row, column = np.indices(there.shape)
    index = pd.PeriodIndex.from_ordinals(first - 1970 * 12 + np.arange(width), freq="M", name="cohort")
    table = pd.DataFrame(there, index=index, columns=pd.RangeIndex(width, name="months_since")).astype("Int64")
    return table.mask(row + column >= width)
