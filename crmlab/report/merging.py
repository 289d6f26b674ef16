"""What duplicates hide: customers who were several records, before and after they became one."""

import numpy as np
from matplotlib.ticker import FuncFormatter

from crmlab.chart import ACCENT, INK, MUTED, Chart
from crmlab.errors import CrmlabError, message
from crmlab.report.figures import need

__all__ = ["merging_figure"]


def merging_figure(before, after, customer_id):
    """Show what customers with several records are worth, beside what their best record showed.

    Parameters
    ----------
    before : pandas.DataFrame
        Indexed by record_id: monetary_cents, as ``value.rfm`` gives it.
    after : pandas.DataFrame
        Indexed by customer_id: the same, of the merged base.
    customer_id : pandas.Series
        Indexed by record_id: ``merged.customer_id``.

    Returns
    -------
    Chart
        Shows itself in a notebook; ``.words`` says how to read it.

    Raises
    ------
    CrmlabError
        When a column is missing, or no customer bought under several records.

    Examples
    --------
    >>> before = pd.DataFrame({"monetary_cents": [100_00, 50_00, 70_00]}, index=[1, 2, 3])
    >>> after = pd.DataFrame({"monetary_cents": [150_00, 70_00]}, index=[1, 2])
    >>> merging_figure(before, after, pd.Series({1: 1, 2: 1, 3: 2}))
    <Chart: 1 customer bought under several records; together they brought 50% more than their best records show.>
    """
    need(before, ["monetary_cents"], "before", "value.rfm(base.transactions)")
    need(after, ["monetary_cents"], "after", "value.rfm(merged.apply(base).transactions)")
    of = customer_id.reindex(before.index)
    records = of.value_counts()
    several = records.index[records > 1]
    if not len(several):
        next_step = "there is nothing to show; take an earlier period, or look at the clusters."
        raise CrmlabError(message("before", "no customer bought under several records.", next=next_step))
    best = before["monetary_cents"].groupby(of).max().loc[several] / 100
    whole = after["monetary_cents"].loc[several] / 100
    more = whole.sum() / best.sum() - 1

    def draw(axes):
        ends = [max(min(best.min(), whole.min()), 1), max(best.max(), whole.max())]
        axes.plot(ends, ends, color=MUTED, linewidth=1, linestyle="--", label="nothing hidden")
        axes.scatter(best, whole, s=18, color=ACCENT, edgecolor=INK, linewidth=0.4)
        axes.legend(loc="lower right")  # hardly anybody lies below the line
        for axis, scale in ((axes.xaxis, axes.set_xscale), (axes.yaxis, axes.set_yscale)):
            scale("log")
            axis.set_major_formatter(FuncFormatter(lambda euros, _: f"{euros:,.0f}"))
        axes.set_xlabel("euros of the best record")
        axes.set_ylabel("euros of the customer")

    n = len(several)
    return Chart(
        f"{n} customer{'s' if n > 1 else ''} bought under several records; together they brought {more:.0%} more than "
        "their best records show.",
        "One point per customer with purchases under more than one record, on scales in powers of ten. On the dashed "
        f"line the best record shows all. The median customer lies {np.median(whole / best) - 1:.0%} above it.",
        draw,
    )
