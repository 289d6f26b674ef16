"""The figures of a base itself: where customer and firm meet, and which columns are filled."""

import pandas as pd
from matplotlib.patches import Patch
from matplotlib.ticker import PercentFormatter

from crmlab.chart import ACCENT, SHADES, Chart
from crmlab.errors import CrmlabError, few, message
from crmlab.report.figures import need

__all__ = ["filled_figure", "touchpoints_figure"]

_WELL_FILLED = 0.9


def touchpoints_figure(touchpoints, owners):
    """Show where customer and firm meet, and which meeting places nobody answers for.

    Parameters
    ----------
    touchpoints : pandas.DataFrame of shape (n_contacts, …)
        A log of contacts with a column ``channel``.
    owners : dict of str to str
        Who answers for each channel. A channel without an owner is nobody's.

    Returns
    -------
    Chart
        Shows itself in a notebook; ``.words`` says how to read it.

    Raises
    ------
    CrmlabError
        When there is no column ``channel``, no contact, or an owner of a channel that
        is not in the log.

    Examples
    --------
    >>> log = pd.DataFrame({"channel": ["web", "web", "web", "branch"]})
    >>> touchpoints_figure(log, {"branch": "sales"})
    <Chart: Nobody answers for 75% of the 4 touch points, most of all for web.>
    """
    need(touchpoints, ["channel"], "touchpoints", "base.touchpoints")
    counts = touchpoints["channel"].dropna().astype("str").value_counts()
    _not_met(owners, counts)
    share = counts / counts.sum()
    owner = pd.Series({channel: owners.get(channel, "nobody") for channel in share.index})
    lost = share[owner == "nobody"]
    if len(lost):
        finding = f"Nobody answers for {lost.sum():.0%} of the {counts.sum():,} touch points, most of all for "
        finding += f"{lost.index[0]}."
    else:
        most = share.groupby(owner).sum().sort_values(ascending=False, kind="stable")
        finding = f"Of {counts.sum():,} touch points most are with {most.index[0]}: {most.iloc[0]:.0%}."

    def draw(axes):
        colours = [ACCENT if name == "nobody" else SHADES[1] for name in owner]
        bars = axes.barh(range(len(share)), share, color=colours)
        axes.bar_label(
            bars, labels=[f"{part:.0%} · {name}" for part, name in zip(share, owner, strict=True)], padding=4
        )
        _line_up(axes, [name.replace("_", " ") for name in share.index], share.max(), "share of all touch points (%)")
        axes.set_ylabel("channel")

    words = (
        "Each bar is a channel, with its share of all contacts and who answers for it; orange bars are nobody's. "
        "A channel without an owner is run by habit: nobody sees its complaints, nobody improves it."
    )
    return Chart(finding, words, draw, size=(7.0, 1.2 + 0.4 * len(share)))


def filled_figure(customers, came_from):
    """Show how well columns are filled, by the process each of them comes from.

    Parameters
    ----------
    customers : pandas.DataFrame of shape (n_records, …)
        Any table.
    came_from : dict of str to list of str
        The columns each process fills in.

    Returns
    -------
    Chart
        Shows itself in a notebook; ``.words`` says how to read it.

    Raises
    ------
    CrmlabError
        When a column is missing, or none is named.

    Examples
    --------
    >>> records = pd.DataFrame({"name": ["Ana", "Ivo"], "phone": ["1", None]})
    >>> filled_figure(records, {"sign-up": ["name"], "the call centre": ["phone"]})
    <Chart: 1 of 2 columns is filled in fewer than 90% of records, phone least: 50%.>
    """
    columns = [column for group in came_from.values() for column in group]
    need(customers, columns, "customers", "base.customers")
    if not columns or not len(customers):
        found = "no column is named." if not columns else "there is no record."
        raise CrmlabError(
            message("came_from", found, next='name columns, such as {"sign-up": ["first_name", "email"]}.')
        )
    filled = customers[columns].notna().mean()
    poor = int((filled < _WELL_FILLED).sum())
    if poor:
        finding = f"{poor} of {len(columns)} columns {'is' if poor == 1 else 'are'} filled in fewer than "
        finding += f"{_WELL_FILLED:.0%} of records, {filled.idxmin()} least: {filled.min():.0%}."
    else:
        finding = f"Every column is filled in {_WELL_FILLED:.0%} of records or more."

    def draw(axes):
        bars = axes.barh(
            range(len(filled)), filled, color=[ACCENT if part < _WELL_FILLED else SHADES[1] for part in filled]
        )
        names = [process for process, group in came_from.items() for _ in group]
        axes.bar_label(
            bars, labels=[f"{part:.0%} · {name}" for part, name in zip(filled, names, strict=True)], padding=4
        )
        _line_up(axes, columns, 1, "share of records with a value (%)")
        axes.set_ylabel("column")
        shown = [Patch(color=SHADES[1], label="well filled"), Patch(color=ACCENT, label=f"below {_WELL_FILLED:.0%}")]
        axes.legend(handles=shown, loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=2)

    words = (
        "Each bar is a column, with the share of records in which it holds a value and the process that fills it in; "
        "orange bars are below 90%. A gap is the mark of a process that never asked, or asked in vain. A filled "
        "column is not yet a right one."
    )
    return Chart(finding, words, draw, size=(7.0, 1.6 + 0.34 * len(columns)))


def _line_up(axes, names, longest, label):
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.grid(visible=False, axis="y")
    axes.set_xlim(0, longest * 1.45)
    axes.set_xticks([tick for tick in axes.get_xticks() if tick <= min(1, longest * 1.1)])
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.set_xlabel(label)


def _not_met(owners, counts):
    if counts.empty:
        raise CrmlabError(
            message("touchpoints", "there is no contact in it.", next="pass a log with at least one row.")
        )
    strange = [channel for channel in owners if channel not in counts.index]
    if strange:
        found = f"an owner of {strange[0]!r}, where no contact happened."
        raise CrmlabError(
            message("owners", found, it_has=few(list(counts.index), 12), next="leave it out, or mend the name.")
        )
