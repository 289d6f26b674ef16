"""Who leaves, how often, and what those who stay will still pay for."""

import numpy as np
import pandas as pd
from scipy.special import betainc, betaincinv, gammaincinv

from crmlab.chart import ACCENT, INK, MUTED, SHADES, Chart
from crmlab.errors import CrmlabError, did_you_mean, few, message
from crmlab.tables import check
from crmlab.tables.instant import instant
from crmlab.value.checks import kind_of
from crmlab.value.cohorts import renewals_until
from crmlab.value.renewal import ShiftedBetaGeometric
from crmlab.value.summary import UNITS
from crmlab.value.survival import check_level, lifespans

__all__ = ["ChurnRates", "churn_by", "contract_value"]

_UNKNOWN = "not known"
_MOST_SHOWN = 20


def churn_by(contracts, by, *, as_of, level=0.95):
    """See which plan, channel or other group loses contracts fastest, and how sure that is.

    The rate is ends per month of contract, so that a group of young contracts and a group of old
    ones are compared by the time each was really seen. It is an average over contracts of every
    age: where young ones end more often, a group of newcomers has a higher rate for that alone;
    compare :func:`kaplan_meier` of each group then.

    Parameters
    ----------
    contracts : pandas.DataFrame of shape (n_contracts, …)
        With start, end and the column to group by.
    by : str
        Column: "product", or one joined on, such as the channel that opened the record:
        ``contracts.assign(channel=contracts["record_id"].map(customers.set_index("record_id")["source"]))``.
    as_of : str or timestamp
        The moment up to which ends are known.
    level : float, default=0.95
        How often an interval holds the true rate, and all intervals of differences together hold
        the true ones.

    Returns
    -------
    ChurnRates
        ``table``: one row per group, the fastest first; ``differences()``: which of them differ by
        more than chance; ``figure()``.

    Raises
    ------
    CrmlabError
        When a column is missing or breaks its promise, a contract ends before it starts, a group has
        none that lasted any time, or none started before `as_of`.

    References
    ----------
    Interval of a rate of rare events: F. Garwood, Fiducial limits for the Poisson distribution,
    *Biometrika* 28, 1936; exact, so it holds for few ends too.

    Examples
    --------
    >>> contracts = pd.DataFrame({
    ...     "product": ["S", "S", "L"],
    ...     "start": pd.to_datetime(["2024-01-01"] * 3, utc=True),
    ...     "end": pd.to_datetime(["2024-07-01", None, None], utc=True),
    ... })
    >>> churn_by(contracts, "product", as_of="2025-01-01").table.round(3)
             contracts  ended  exposure_months  churn_per_month    low   high
    product
    S                2      1           18.004            0.056  0.001  0.309
    L                1      0           12.025            0.000  0.000  0.307
    """
    check_level(level)
    seen = lifespans(contracts, as_of)
    if not pd.api.types.is_hashable(by) or by not in contracts.columns:
        found = f"no column '{by}'.{did_you_mean(by, map(str, contracts.columns))}"
        step = "name a column, or join one on by record_id first."
        raise CrmlabError(message("contracts", found, it_has=few(contracts.columns, 12), next=step))
    if seen.empty:
        found = "there are no contracts that started before as_of."
        raise CrmlabError(message("contracts", found, next="load more contracts, or choose a later as_of."))
    group = contracts.loc[contracts["start"] < instant(as_of), by].astype("object")
    group = group.where(group.notna(), _UNKNOWN).to_numpy()
    table = seen.groupby(group, sort=False).agg(
        contracts=("has_ended", "size"), ended=("has_ended", "sum"), days=("days", "sum")
    )
    table.insert(2, "exposure_months", table.pop("days") / UNITS["M"][1])
    never = table.index[table["exposure_months"] == 0]
    if len(never):
        found = f"every contract of {few(never)} ended the moment it started: there is no time to lose them in."
        step = "mend the ends, or leave these contracts out."
        raise CrmlabError(message("contracts.end", found, next=step))
    table["churn_per_month"] = table["ended"] / table["exposure_months"]
    ended, side = table["ended"].to_numpy(), (1 - level) / 2
    low = np.where(ended > 0, gammaincinv(np.maximum(ended, 1), side), 0.0)
    table["low"] = low / table["exposure_months"]
    table["high"] = gammaincinv(ended + 1, 1 - side) / table["exposure_months"]
    order = np.lexsort([table.index.astype("str"), -table["churn_per_month"]])
    return ChurnRates(table.iloc[order].rename_axis(by), level)


class ChurnRates:
    """Ends per month of contract, by group.

    Parameters
    ----------
    table : pandas.DataFrame of shape (n_groups, 6)
        contracts, ended, exposure_months (all months that contracts of the group were seen to
        run), churn_per_month (ends per month of contract), low and high.
    level : float
        Of the intervals, and of all differences together.

    Attributes
    ----------
    overall : float
        Ends per month over all groups.

    Examples
    --------
    Made by :func:`churn_by`, with ``rates.figure()``:

    >>> ChurnRates.__name__
    'ChurnRates'
    """

    def __init__(self, table, level):
        self.table, self.level = table, level
        self.overall = float(table["ended"].sum() / table["exposure_months"].sum())

    def __repr__(self):
        return f"<ChurnRates by {self.table.index.name}: {self._finding()}>"

    def differences(self):
        """Tell which groups differ by more than chance: pair by pair, however many pairs there are.

        Two bars may overlap and the groups still differ; so the pair itself is tested. Of many
        pairs some stand apart by chance alone; so each is held to the stricter rule that keeps
        all of them together at the level (Bonferroni).

        Returns
        -------
        pandas.DataFrame of shape (n_pairs, 4)
            Indexed by the faster and the slower group, the surest first: times_as_fast (rate of the
            faster over that of the slower), low and high (its interval: where 1 lies within, chance
            may do it) and p_value (how often chance alone would set some pair so far apart). Of
            more than 20 groups, the pairs of the 20 most surely fast and the 20 most surely slow.

        References
        ----------
        J. Przyborowski and H. Wilenski, Homogeneity of results in testing samples from Poisson
        series, *Biometrika* 31, 1940: given the ends of both, those of one are binomial. The
        interval is the one that this exact test makes (C. J. Clopper and E. S. Pearson, *Biometrika*
        26, 1934), so the two never disagree.

        Examples
        --------
        >>> ends = {"ended": [250, 200], "exposure_months": 5000.0, "churn_per_month": [0.05, 0.04]}
        >>> bars = {"low": [0.044, 0.035], "high": [0.057, 0.046]}
        >>> rates = ChurnRates(pd.DataFrame({**ends, **bars}, index=pd.Index(["S", "L"], name="product")), 0.95)
        >>> rates.differences().reset_index().round(3)
          faster slower  times_as_fast    low   high  p_value
        0      S      L           1.25  1.034  1.513    0.021
        """
        table = self.table
        surest = [np.argsort(-table["low"].to_numpy()), np.argsort(table["high"].to_numpy())]
        places = np.unique(np.concatenate([order[:_MOST_SHOWN] for order in surest]))
        first, second = (places[side] for side in np.triu_indices(len(places), 1))
        ended, months = table["ended"].to_numpy("float64"), table["exposure_months"].to_numpy()
        x, y, ratio = ended[first], ended[second], months[second] / months[first]
        n_pairs, share = max(len(table) * (len(table) - 1) // 2, 1), 1 / (1 + ratio)
        as_many = np.where(x > 0, betainc(np.maximum(x, 1), y + 1, share), 1.0)
        as_few = np.where(y > 0, betainc(np.maximum(y, 1), x + 1, 1 - share), 1.0)
        side = (1 - self.level) / 2 / n_pairs
        low = np.where(x > 0, betaincinv(np.maximum(x, 1), y + 1, side), 0.0)
        high = np.where(y > 0, betaincinv(x + 1, np.maximum(y, 1), 1 - side), 1.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            columns = {
                "times_as_fast": x / y * ratio,
                "low": low / (1 - low) * ratio,
                "high": high / (1 - high) * ratio,
                "p_value": 2 * n_pairs * np.minimum(as_many, as_few),
            }
        names = [table.index.take(side) for side in (first, second)]
        pairs = pd.DataFrame(columns, index=pd.MultiIndex.from_arrays(names, names=["faster", "slower"]))
        pairs = pairs.sort_values("p_value", kind="stable")
        return pairs.assign(p_value=pairs["p_value"].clip(upper=1.0))

    def figure(self):
        """Draw each group's rate with its interval, beside the rate of all.

        Returns
        -------
        Chart
            Shows itself in a notebook; ``.words`` says how to read it.

        Examples
        --------
        >>> contracts = pd.DataFrame({
        ...     "product": ["S", "S", "L"],
        ...     "start": pd.to_datetime(["2024-01-01"] * 3, utc=True),
        ...     "end": pd.to_datetime(["2024-07-01", None, None], utc=True),
        ... })
        >>> churn_by(contracts, "product", as_of="2025-01-01").figure()
        <Chart: By product, no two groups differ by more than chance may do; together they lose 3.3% a month.>
        """
        shown = self.table.head(_MOST_SHOWN)
        places = np.arange(len(shown))

        def draw(axes):
            axes.axvline(self.overall, color=MUTED, linewidth=1, linestyle="--")
            axes.text(self.overall, -0.5, " all together", fontsize=9, va="center")
            axes.hlines(places, shown["low"], shown["high"], color=SHADES[2], linewidth=5)
            axes.plot(shown["churn_per_month"], places, "o", color=ACCENT, markersize=8, markeredgecolor=INK)
            axes.set_yticks(places, [str(name) for name in shown.index])
            axes.set_ylim(len(shown) - 0.4, -0.8)
            axes.set_xlim(left=0)
            axes.grid(visible=False, axis="y")
            axes.xaxis.set_major_formatter(lambda rate, _: f"{rate:.1%}")
            axes.set_xlabel("contracts that end in a month (%)")

        left_out = f" The {len(shown)} fastest are shown." if len(self.table) > len(shown) else ""
        words = (
            f"Each point is the share of a group's contracts that end in a month, each bar what the true share may "
            f"well be ({self.level:.0%}). Do not judge by whether two bars overlap: the title tests each pair of "
            f"groups, and minds how many pairs there are. The dashed line is all contracts together.{left_out}"
        )
        return Chart(self._finding(), words, draw, size=(7.0, 1.8 + 0.4 * len(shown)))

    def _finding(self):
        table, by = self.table, self.table.index.name
        first, last = table.iloc[0], table.iloc[-1]
        if len(table) == 1:
            return f"{first['churn_per_month']:.1%} of contracts end in a month."
        pairs = self.differences()
        sure = pairs.index[pairs["p_value"] < 1 - self.level]
        if not len(sure):
            together = f"together they lose {self.overall:.1%} a month"
            return f"By {by}, no two groups differ by more than chance may do; {together}."
        if (first.name, last.name) not in sure:
            first, last = (table.loc[name] for name in sure[0])
        return (
            f"By {by}, {first.name} loses {first['churn_per_month']:.1%} of its contracts a month, "
            f"{last.name} {last['churn_per_month']:.1%}."
        )


def contract_value(contracts, model, *, as_of, margin, rate, rate_period):
    """Value each running contract by what it will still bring, seen just before its next renewal.

    Who has renewed often is likely to renew again: the same plan is worth more in an old
    contract than in a young one. The renewal itself is uncertain and counted so; the month
    already running is not counted.

    Parameters
    ----------
    contracts : pandas.DataFrame of shape (n_contracts, …)
        With start, end and price_cents (of a month).
    model : ShiftedBetaGeometric or BetaDiscreteWeibull
        Fitted on monthly renewals, with ``period="M"``.
    as_of : str or timestamp
        The moment up to which ends are known.
    margin : float
        Share of the price that is left after the cost of service, above 0, up to 1.
    rate : float
        Interest for one `rate_period`: 0.1 is 10 %.
    rate_period : {"D", "W", "M", "Y"}
        What the rate is for.

    Returns
    -------
    pandas.DataFrame of shape (n_running, 3)
        months_begun (with the one now running), discounted_months (still to be paid, later ones
        counting less) and lifetime_value_cents: margin × price × discounted months. Only
        contracts that run at `as_of`; the caller's index is kept.

    Raises
    ------
    CrmlabError
        When a column is missing or breaks its promise, an argument is out of its range, or the
        model is none of monthly renewals.
    sklearn.exceptions.NotFittedError
        When the model was not fitted.

    References
    ----------
    P. S. Fader and B. G. S. Hardie, Customer-base valuation in a contractual setting: the perils of
    ignoring heterogeneity, *Marketing Science* 29(1), 2010: discounted expected residual lifetime.

    Examples
    --------
    >>> model = ShiftedBetaGeometric.with_params(alpha=0.9, beta=29.0).set_params(period="M")
    >>> contracts = pd.DataFrame({
    ...     "start": pd.to_datetime(["2025-01-10", "2025-03-10", "2025-01-10"], utc=True),
    ...     "end": pd.to_datetime([None, None, "2025-02-10"], utc=True),
    ...     "price_cents": [10_00, 10_00, 10_00],
    ... })
    >>> contract_value(contracts, model, as_of="2025-04-01", margin=0.5, rate=0.1, rate_period="Y").round(1)
       months_begun  discounted_months  lifetime_value_cents
    0             3               45.6               22815.1
    1             1               44.2               22097.3
    """
    faults = []
    if isinstance(margin, bool) or not isinstance(margin, int | float | np.number) or not 0 < margin <= 1:
        faults.append(message("margin", f"found {margin!r}.", allowed="above 0, up to 1", next="write 0.3 for 30 %."))
    if not isinstance(model, ShiftedBetaGeometric) or model.period != "M":
        given = f"period={model.period!r}" if isinstance(model, ShiftedBetaGeometric) else kind_of(model)
        step = 'fit value.ShiftedBetaGeometric(period="M") on contract_cohorts(…).survivors().'
        faults.append(message("model", f"found {given}.", allowed="a model of monthly renewals", next=step))
    if faults:
        raise CrmlabError(*faults)
    check("contracts", contracts, columns=["start", "end", "price_cents"])
    runs = ~lifespans(contracts, as_of)["has_ended"].to_numpy()
    started = contracts[contracts["start"] < instant(as_of)]
    running = started[runs]
    begun = renewals_until(running["start"], pd.Series(instant(as_of), index=running.index))
    ages, age = np.unique(begun, return_inverse=True)
    given = {"rate": rate, "rate_period": rate_period}
    months = np.array([model.discounted_lifetime(renewals=int(one), **given) for one in ages])[age]
    return pd.DataFrame(
        {
            "months_begun": begun,
            "discounted_months": months,
            "lifetime_value_cents": margin * running["price_cents"].to_numpy("float64") * months,
        },
        index=running.index,
    )
