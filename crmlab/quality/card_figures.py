"""The figures of a scorecard: scores by column, faults by channel, clerk and month."""

import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from crmlab.chart import ACCENT, INK, MUTED, SHADES, Chart

__all__ = ["by_figure", "columns_figure"]

_AMISS = {
    "completeness": "are empty or say nothing",
    "validity": "break a rule of form",
    "consistency": "do not agree with the rest",
    "uniqueness": "stand there a second time",
    "timeliness": "have not been touched lately",
}
_MOST_COLUMNS, _MOST_GROUPS = 24, 14
_DARK = 0.55


def columns_figure(columns):
    """Draw the score of each column in each dimension.

    Parameters
    ----------
    columns : pandas.DataFrame
        ``Scorecard.columns``.

    Returns
    -------
    Chart

    Examples
    --------
    >>> from crmlab.quality import scorecard
    >>> columns_figure(scorecard(pd.DataFrame({"city": ["Split", "Zadar"]})).columns)
    <Chart: No fault was found in 1 column.>
    """
    scores = columns[[name for name in _AMISS if name in columns]].dropna(how="all").dropna(how="all", axis=1)
    shown = scores.loc[scores.min(axis=1).nsmallest(_MOST_COLUMNS, keep="first").index]
    shown = scores.loc[[name for name in scores.index if name in shown.index]]
    fault = 1 - shown.to_numpy(dtype="float64")
    worst = np.nanmax(fault, initial=0)
    if worst > 0:
        row, place = np.unravel_index(np.nanargmax(fault), fault.shape)
        finding = f"{shown.index[row]} is the weakest column: {worst:.0%} of its cells {_AMISS[shown.columns[place]]}."
    else:
        finding = f"No fault was found in {len(scores)} column{'s' * (len(scores) != 1)}."

    def draw(axes):
        colours = LinearSegmentedColormap.from_list("faults", ["#f3f6f9", "#f6d9ae", ACCENT])
        edges = {"edgecolors": "white", "linewidth": 1.5, "vmin": 0, "vmax": max(worst, 0.01)}
        axes.pcolormesh(
            range(fault.shape[1]),
            range(len(fault)),
            np.ma.masked_invalid(fault),
            cmap=colours,
            shading="nearest",
            **edges,
        )
        for (row, place), share in np.ndenumerate(fault):
            if not np.isnan(share):
                axes.text(place, row, _percent(1 - share), ha="center", va="center", color=INK, fontsize=9)
        axes.set_xticks(range(fault.shape[1]), shown.columns)
        axes.set_yticks(range(len(fault)), shown.index)
        axes.invert_yaxis()
        axes.xaxis.tick_top()
        axes.xaxis.set_label_position("top")
        axes.grid(visible=False)
        axes.spines[:].set_visible(False)
        axes.tick_params(length=0)
        axes.set_xlabel("share of cells without fault (%)")
        axes.set_ylabel("column")

    words = (
        "Each field is a column seen in one dimension, with the share of its cells that keep the rules; the deeper "
        "the colour, the more faults. A blank field: no rule looks there. Cells that say nothing count as empty."
    )
    return Chart(finding, words, draw, size=(7.0, 1.8 + 0.3 * len(shown)))


def by_figure(table, group, what):
    """Draw the faults of each channel, clerk or month, against what is usual.

    Parameters
    ----------
    table : pandas.DataFrame
        What ``Scorecard.by`` returns.
    group : {"channel", "clerk", "month"}
    what : str
        What was counted, as words for the axis; empty for all faults.

    Returns
    -------
    Chart

    Examples
    --------
    >>> from crmlab.quality import scorecard
    >>> cities = ["Split"] * 50 + ["xxx", "Zadar"] * 25
    >>> people = pd.DataFrame({"source": ["web"] * 50 + ["branch"] * 50, "city": cities})
    >>> by_figure(scorecard(people).by("channel", column="city"), "channel", "city")
    <Chart: branch stands out: 50 faults on 100 records, where 25 are usual.>
    """
    out = table[table["stands_out"]]
    out = out.iloc[np.argsort(out["usual_per_100"] - out["low_per_100"], kind="stable")]
    name = f"clerk {out.index[0]}" if len(out) and group == "clerk" else str(out.index[0]) if len(out) else ""
    label = f"faults{f' ({what})' if what else ''} on 100 records"
    if len(out):
        first = out.iloc[0]
        finding = f"{name} stands out: {first['faults_per_100']:,.0f} faults on 100 records, where "
        finding += f"{first['usual_per_100']:,.0f} are usual."
        if len(out) > 1:
            finding = finding[:-1] + f"; {len(out) - 1} more stand{'s' * (len(out) == 2)} out."
    else:
        finding = f"None of {len(table):,} {group}s stands out: differences are as chance makes them."
    drawn = _months if group == "month" else _bars

    among = "among clerks of the same channel" if group == "clerk" else "over all"
    reach = "band" if group == "month" else "thin line"
    words = (
        f"Faults on 100 records of each {group}. The {reach} shows how far chance alone can move the figure (three "
        f"standard errors), the mark what is usual {among}. Orange lies surely above it. Look at the form and at the "
        "time people are given before you look at the people."
    )
    height = 4.0 if group == "month" else 1.8 + 0.32 * min(len(table), _MOST_GROUPS)
    return Chart(finding, words, lambda axes: drawn(axes, table, group, label), size=(7.0, height))


def _bars(axes, table, group, label):
    table = table.head(_MOST_GROUPS)
    places = np.arange(len(table))
    colours = [ACCENT if out else SHADES[2] for out in table["stands_out"]]
    reach = [table["faults_per_100"] - table["low_per_100"], table["high_per_100"] - table["faults_per_100"]]
    axes.barh(places, table["faults_per_100"], color=colours, height=0.62)
    axes.errorbar(table["faults_per_100"], places, xerr=reach, fmt="none", ecolor=INK, elinewidth=0.9)
    axes.plot(table["usual_per_100"], places, "|", color=SHADES[0], markersize=15, markeredgewidth=2.2, label="usual")
    axes.set_yticks(
        places, [f"{name} ({records:,})" for name, records in zip(table.index, table["records"], strict=True)]
    )
    axes.invert_yaxis()
    axes.grid(visible=False, axis="y")
    axes.set_xlim(left=0)
    axes.set_xlabel(label)
    axes.set_ylabel(f"{group} (records)")
    axes.legend(loc="lower right")


def _months(axes, table, group, label):
    months = np.arange(len(table))
    axes.fill_between(months, table["low_per_100"], table["high_per_100"], color=SHADES[3], linewidth=0)
    axes.plot(months, table["faults_per_100"], color=SHADES[0], linewidth=2)
    high = table["stands_out"].to_numpy()
    axes.plot(months[high], table["faults_per_100"][high], "o", color=ACCENT, markersize=8, markeredgecolor=INK)
    axes.plot(months, table["usual_per_100"], color=MUTED, linewidth=1, linestyle="--", label="usual")
    step = max(1, -(-len(months) // 12))
    axes.set_xticks(months[::step], list(table.index[::step]), rotation=45, ha="right")
    axes.set_ylim(bottom=0)
    axes.set_xlabel("month the record was opened")
    axes.set_ylabel(label)
    axes.legend(loc="best")


def _percent(share):
    return "100" if share == 1 else f"{min(100 * share, 99.9):.1f}" if share >= 0.995 else f"{100 * share:.0f}"
