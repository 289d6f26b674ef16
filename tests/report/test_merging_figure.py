"""What duplicates hide is drawn as it is."""

import pandas as pd
import pytest

from crmlab import report
from crmlab.errors import CrmlabError


def _money(**cents):
    return pd.DataFrame({"monetary_cents": cents}).rename(index=lambda name: int(name[1:]))


BEFORE = _money(r1=100_00, r2=40_00, r3=20_00, r4=50_00, r5=10_00)
WHO = pd.Series({1: 1, 2: 1, 3: 2, 4: 2, 5: 3, 6: 3})
AFTER = _money(r1=140_00, r2=70_00, r3=10_00)


def test_the_title_counts_customers_with_several_buying_records_and_what_their_best_ones_do_not_show():
    # best records 100 + 50, together 140 + 70: 40 % more; record 6 never bought, so customer 3 bought under one
    chart = report.merging_figure(BEFORE, AFTER, WHO)
    assert chart.finding.startswith("2 customers bought under several records; together they brought 40% more")
    assert "The median customer lies 40% above it." in chart.words
    points = chart.axes[0].collections[0].get_offsets()
    assert sorted(points.tolist()) == [[50, 70], [100, 140]]


def test_the_axes_say_euros():
    axes = report.merging_figure(BEFORE, AFTER, WHO).axes[0]
    assert [axes.get_xlabel(), axes.get_ylabel()] == ["euros of the best record", "euros of the customer"]


def test_nothing_to_show_and_a_wrong_table_are_told():
    with pytest.raises(CrmlabError, match="no customer bought under several records"):
        report.merging_figure(BEFORE, AFTER, pd.Series(range(6), index=range(1, 7)))
    with pytest.raises(CrmlabError, match=r"before: no column 'monetary_cents'"):
        report.merging_figure(BEFORE.rename(columns={"monetary_cents": "money"}), AFTER, WHO)
