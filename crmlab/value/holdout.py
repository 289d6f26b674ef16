"""Is it true? What a model foretold, held against what customers did in the time it had not seen."""

import numpy as np
import pandas as pd

from crmlab.chart import ACCENT, INK, MUTED, SHADES, Chart
from crmlab.errors import CrmlabError, few, message
from crmlab.tables.rows import Plain
from crmlab.value.checks import kind_of, numbers
from crmlab.value.repeat_buying import RepeatBuying
from crmlab.value.summary import UNITS, purchase_summary, unit_of

__all__ = ["HoldoutReport", "holdout_report"]

_TOP = 0.1
_POINTS = 13
_GRID = 80


def holdout_report(summary, model, *, transactions=None, most=7):
    """See how near a model came to purchases it had not seen: all together, by group, and in ranking.

    Parameters
    ----------
    summary : pandas.DataFrame of shape (n_customers, …)
        Made by :func:`purchase_summary` with a `split`.
    model : BGNBD, MBGNBD, ParetoNBD or BGBB
        Fitted on that summary.
    transactions : pandas.DataFrame, str or Path, optional
        The log that the summary was made from. With it, purchases are followed through both
        times; without it there is no tracking. BGBB, in whole periods, has none.
    most : int, default=7
        Customers with so many repeat purchases or more are one group.

    Returns
    -------
    HoldoutReport
        ``numbers``, ``by_frequency``, ``tracking``, and a figure for each of the two tables.

    Raises
    ------
    CrmlabError
        When the model is none, the summary has no holdout or one of no time or of several lengths,
        nobody bought in it, `most` is no whole number above 0, or the log is not the one the summary
        was made from.
    sklearn.exceptions.NotFittedError
        When the model was not fitted.

    References
    ----------
    By-frequency table and tracking: P. S. Fader, B. G. S. Hardie and K. L. Lee, "Counting your
    customers" the easy way, *Marketing Science* 24(2), 2005, figures 2 to 4.

    Examples
    --------
    >>> from crmlab.value import BGNBD
    >>> model = BGNBD.with_params(unit="W", r=0.243, alpha=4.414, a=0.793, b=2.426)
    >>> summary = pd.DataFrame({
    ...     "frequency": [0, 1, 4], "recency_weeks": [0.0, 9.0, 38.0], "age_weeks": [39.0, 39.0, 39.0],
    ...     "holdout_purchases": [0, 1, 3], "holdout_weeks": 39.0,
    ... })
    >>> holdout_report(summary, model).numbers.round(2)
    customers              3.00
    actual_purchases       4.00
    predicted_purchases    3.26
    total_ratio            0.81
    mean_absolute_error    0.38
    top_decile_lift        2.25
    gini                   1.00
    Name: holdout, dtype: float64
    """
    if isinstance(most, bool) or not isinstance(most, int | np.integer) or most < 1:
        allowed = "a whole number, 1 or more"
        raise CrmlabError(message("most", f"found {most!r}.", allowed=allowed, next="7 is the usual choice."))
    if isinstance(model, type) or not hasattr(model, "expected_purchases"):
        allowed = "BGNBD, MBGNBD, ParetoNBD or BGBB"
        raise CrmlabError(message("model", f"found {kind_of(model)}.", allowed=allowed, next="fit one to the summary."))
    name = UNITS[unit_of(summary)][0]
    if "holdout_purchases" not in summary or f"holdout_{name}" not in summary:
        step = 'make it with value.purchase_summary(transactions, split="…"): the last day the model may learn from.'
        raise CrmlabError(message("summary", "nothing was held out.", it_has=few(summary.columns, 12), next=step))
    held = numbers(summary, "summary", ["frequency", "holdout_purchases", f"holdout_{name}"], whole=("frequency",))
    length, actual = held[f"holdout_{name}"], held["holdout_purchases"]
    if not actual.any():
        found = "nobody bought in the time held out: there is nothing to compare with."
        raise CrmlabError(message("summary.holdout_purchases", found, next="choose an earlier split."))
    far = _one_length(length, name)
    predicted = model.expected_purchases(summary, far).to_numpy()
    group = np.minimum(held["frequency"], most).astype("int64")
    table = pd.DataFrame({"frequency": group, "actual": actual, "predicted": predicted})
    table = table.groupby("frequency").agg(
        customers=("actual", "size"), actual_mean=("actual", "mean"), predicted_mean=("predicted", "mean")
    )
    ranked = _ranked(actual, by=predicted)
    found = pd.Series(
        {
            "customers": len(actual),
            "actual_purchases": actual.sum(),
            "predicted_purchases": predicted.sum(),
            "total_ratio": predicted.sum() / actual.sum(),
            "mean_absolute_error": np.abs(predicted - actual).mean(),
            "top_decile_lift": _caught(ranked, _TOP) / _TOP,
            "gini": np.nan if np.ptp(actual) == 0 else _gini(ranked) / _gini(_ranked(actual, by=actual)),
        },
        name="holdout",
    )
    tracking = None if transactions is None else _tracking(summary, model, transactions, name)
    return HoldoutReport(found, table, tracking, name, most)


class HoldoutReport:
    """What a model foretold beside what came.

    Parameters
    ----------
    numbers : pandas.Series of shape (7,)
        customers; actual_purchases and predicted_purchases in the time held out; total_ratio
        (predicted / actual: 1 is right, below 1 too few foretold); mean_absolute_error (purchases
        per customer); top_decile_lift (how many times their share the best tenth by prediction
        bought: 1 is chance); gini (how well customers are put in order: 1 perfect, 0 chance, empty
        where all bought equally often).
    by_frequency : pandas.DataFrame of shape (n_groups, 3)
        Indexed by repeat purchases seen: customers, actual_mean and predicted_mean in the time held out.
    tracking : pandas.DataFrame of shape (n_times, 3) or None
        Indexed by time since the log began: actual and predicted repeat purchases up to then, and
        is_holdout.
    name : str
        What time is counted in, such as "weeks".
    most : int
        The last group holds so many repeat purchases or more.

    Examples
    --------
    Made by :func:`holdout_report`, with ``report.by_frequency_figure()`` and ``report.tracking_figure()``:

    >>> HoldoutReport.__name__
    'HoldoutReport'
    """

    def __init__(self, numbers, by_frequency, tracking, name, most):
        self.numbers, self.by_frequency, self.tracking = numbers, by_frequency, tracking
        self._name, self._most = name, most

    def __repr__(self):
        got = self.numbers
        return (
            f"{self._finding()} {got['predicted_purchases']:,.0f} purchases foretold, {got['actual_purchases']:,.0f} "
            f"made; off by {got['mean_absolute_error']:.2f} per customer. The best tenth bought "
            f"{got['top_decile_lift']:.1f} times their share; {self._order()}."
        )

    def _order(self):
        gini = self.numbers["gini"]
        return "all bought equally often" if np.isnan(gini) else f"order of customers (Gini) {gini:.2f}"

    def by_frequency_figure(self):
        """Draw what was foretold and what came, for customers who had bought equally often.

        Returns
        -------
        Chart
            Shows itself in a notebook; ``.words`` says how to read it.

        Examples
        --------
        >>> from crmlab.value import BGNBD
        >>> model = BGNBD.with_params(unit="W", r=0.243, alpha=4.414, a=0.793, b=2.426)
        >>> summary = pd.DataFrame({
        ...     "frequency": [0, 1, 4], "recency_weeks": [0.0, 9.0, 38.0], "age_weeks": [39.0, 39.0, 39.0],
        ...     "holdout_purchases": [0, 1, 3], "holdout_weeks": 39.0,
        ... })
        >>> holdout_report(summary, model).by_frequency_figure()
        <Chart: The model foretold too few purchases in 2 of 3 groups.>
        """
        table = self.by_frequency

        def draw(axes):
            axes.plot(table.index, table["actual_mean"], "-o", color=SHADES[0], linewidth=2, label="bought")
            look = {"color": ACCENT, "linewidth": 2, "linestyle": "--", "marker": "o", "markeredgecolor": INK}
            axes.plot(table.index, table["predicted_mean"], label="foretold", **look)
            labels = [f"{n}+" if n == self._most else f"{n}" for n in table.index]
            counts = [f"\n{n:,}" for n in table["customers"]]
            axes.set_xticks(table.index, [label + count for label, count in zip(labels, counts, strict=True)])
            axes.set_ylim(bottom=0)
            axes.set_xlabel("repeat purchases seen; below, number of customers (count)")
            axes.set_ylabel("purchases per customer held out (count)")
            axes.legend(loc="upper left")

        words = (
            "Customers are grouped by how often they had bought again. Dark: what they bought on average in the time "
            "the model had not seen; orange: what it foretold. Lines close together mean that it may be trusted for "
            "groups. Groups to the right are small, so their points jump."
        )
        low, n = int((table["predicted_mean"] < table["actual_mean"]).sum()), len(table)
        side, groups = ("few", low) if 2 * low >= n else ("many", n - low)
        return Chart(f"The model foretold too {side} purchases in {groups} of {n} groups.", words, draw)

    def tracking_figure(self):
        """Draw all repeat purchases up to each time, before the split and after it.

        Returns
        -------
        Chart
            Shows itself in a notebook; ``.words`` says how to read it.

        Raises
        ------
        CrmlabError
            When the report was made without the log.

        Examples
        --------
        >>> from crmlab.value import BGNBD, purchase_summary
        >>> model = BGNBD.with_params(unit="W", r=0.243, alpha=4.414, a=0.793, b=2.426)
        >>> log = pd.DataFrame({
        ...     "record_id": [1, 1, 2, 1],
        ...     "ts": pd.to_datetime(["2025-01-06", "2025-03-13", "2025-03-20", "2025-06-30"], utc=True),
        ...     "amount_cents": [10_00, 20_00, 30_00, 40_00],
        ... })
        >>> summary = purchase_summary(log, split="2025-04-01")
        >>> holdout_report(summary, model, transactions=log).tracking_figure()
        <Chart: The model foretold the number of purchases.>
        """
        if self.tracking is None:
            step = "call value.holdout_report(summary, model, transactions=…) with the log."
            raise CrmlabError(message("tracking_figure()", "the report was made without the log.", next=step))
        table = self.tracking

        def draw(axes):
            axes.plot(table.index, table["actual"], color=SHADES[0], linewidth=2, label="bought")
            axes.plot(table.index, table["predicted"], color=ACCENT, linewidth=2, linestyle="--", label="foretold")
            split = table.index[~table["is_holdout"]].max()
            axes.axvline(split, color=MUTED, linewidth=1)
            axes.text(split, axes.get_ylim()[1], " held out from here", va="top", fontsize=9)
            axes.set_xlim(left=0)
            axes.set_ylim(bottom=0)
            axes.yaxis.set_major_formatter(lambda count, _: f"{count:,.0f}")
            axes.set_xlabel(f"time since the log began ({self._name})")
            axes.set_ylabel("repeat purchases so far (count)")
            axes.legend(loc="lower right")

        words = (
            "Dark: all repeat purchases up to each time; orange: what the model expects of customers won when these "
            "were. Left of the line it had seen them, right of it not. A gap that opens on the right means that "
            "customers changed, or that the model does not suit them."
        )
        return Chart(self._finding(), words, draw)

    def _finding(self):
        off = self.numbers["total_ratio"] - 1
        if abs(off) < 0.005:
            return "The model foretold the number of purchases."
        return f"The model foretold {abs(off):.0%} too {'many' if off > 0 else 'few'} purchases."


def _one_length(length, name):
    """How long was held out: the same for all, and some time."""
    far = float(length[0])
    step = "make it with value.purchase_summary(…, split=…)"
    if (length != far).any():
        found = f"customers were held out for {length.min():g} to {length.max():g} {name}."
        raise CrmlabError(
            message(f"summary.holdout_{name}", found, allowed="the same for all", next=f"{step} at once.")
        )
    if not far:
        found = "no whole period lies between the split and the end: no time was held out."
        step = f"{step}, with the split at least one period before the end."
        raise CrmlabError(message(f"summary.holdout_{name}", found, next=step))
    return int(far) if far == round(far) else far  # some models count whole periods


def _ranked(actual, *, by):
    """Customers and purchases from the highest down; those alike are one group, who share equally."""
    return pd.Series(actual).groupby(by).agg(["size", "sum"])[::-1]


def _caught(ranked, share):
    """Share of the purchases made by the first so many customers; the last group counts in part."""
    people, bought = (np.append(0.0, ranked[column].cumsum() / ranked[column].sum()) for column in ("size", "sum"))
    return float(np.interp(share, people, bought))


def _gini(ranked):
    """Twice the area between the curve of purchases caught and the diagonal."""
    people, bought = (np.append(0.0, ranked[column].cumsum() / ranked[column].sum()) for column in ("size", "sum"))
    return float((np.diff(people) * (bought[1:] + bought[:-1])).sum() - 1)


def _tracking(summary, model, transactions, name):
    """Actual and expected repeat purchases of all customers, up to each of some days."""
    if not isinstance(model, RepeatBuying):
        found = f"a {type(model).__name__} counts whole periods: it cannot be followed from day to day."
        raise CrmlabError(message("transactions", found, next="leave them out; all other figures are given."))
    known = {key: summary.attrs.get(key) for key in ("unit", "collapse", "start", "split", "end")}
    if not all(known.values()):
        found = "it no longer knows its unit and dates (attrs)."
        raise CrmlabError(message("summary", found, next="make it anew with value.purchase_summary(…, split=…)."))
    start, split, end = (pd.Timestamp(known[key]) for key in ("start", "split", "end"))
    days, width = (end - start).days, UNITS[known["unit"]][1]
    marks = np.unique([*np.linspace(0, days, _POINTS).round().astype(int)[1:], (split - start).days])
    seen = (split - start).days / width
    expected = _expected(model, summary, seen - summary[f"age_{name}"].to_numpy("float64"), days / width)
    rows = [(0.0, 0, 0.0, False)]
    for mark in marks:
        day = start + pd.Timedelta(days=int(mark))
        given = {"unit": known["unit"], "collapse": known["collapse"], "end": day}
        so_far = purchase_summary(transactions, **given).reindex(summary.index)["frequency"]
        rows.append((mark / width, so_far.fillna(0).sum(), expected(mark / width), day > split))
    table = pd.DataFrame(rows, columns=[name, "actual", "predicted", "is_holdout"]).set_index(name)
    table["actual"] = table["actual"].astype("int64")
    _same_log(table, summary)
    return table


def _expected(model, summary, born, longest):
    """Repeat purchases by a time, as the model expects them of customers won when these were."""
    if model.covariates:  # no two customers need be alike
        known, parameters = model._rows(summary, "holdout_report(summary, model)")
        new = Plain(
            {name: np.zeros(len(born)) for name in ("x", "tx", "T")} | {c: known.columns[c] for c in model.covariates}
        )
        stays = model._alive(new, *parameters)
        return lambda time: (stays * model._integral(new, parameters, np.maximum(time - born, 0.0), 0.0)).sum()
    born, customers = np.unique(born, return_counts=True)
    grid = np.linspace(0.0, np.sqrt(longest), _GRID) ** 2  # close together where the curve bends
    by_then = model.expected_by(grid)
    return lambda time: customers @ np.interp(np.maximum(time - born, 0.0), grid, by_then)


def _same_log(tracking, summary):
    counted = tracking.loc[~tracking["is_holdout"], "actual"].iloc[-1]
    if counted != summary["frequency"].sum():
        found = (
            f"up to the split it has {counted:,} repeat purchases, the summary has {int(summary['frequency'].sum()):,}."
        )
        raise CrmlabError(message("transactions", found, next="pass the log that the summary was made from."))
