"""What came and what was foretold are drawn as they are."""

import pandas as pd
import pytest

from crmlab import report
from crmlab.errors import CrmlabError

LEFT = pd.DataFrame(
    {"came": [1_000, 900, 850], "one rate": [1_000, 880.0, 774.4], "sBG": [1_000, 905.0, 846.0]},
    index=pd.Index([0, 6, 12], name="months"),
)


def test_the_title_says_what_came_and_what_each_forecast_said():
    chart = report.forecast_figure(LEFT)
    assert chart.finding == "After 12 months 850 are left; one rate foretold 774, sBG 846."


def test_each_line_is_a_column_and_its_name_carries_the_last_number():
    axes = report.forecast_figure(LEFT).axes[0]
    drawn = {line.get_label(): list(line.get_ydata()) for line in axes.lines}
    assert drawn == {
        "came: 850": [1_000, 900, 850],
        "one rate: 774": [1_000, 880.0, 774.4],
        "sBG: 846": [1_000, 905.0, 846.0],
    }
    assert [axes.get_xlabel(), axes.get_ylabel()] == [
        "time since the forecast was made (months)",
        "still there (count)",
    ]
    assert axes.get_ylim()[0] == 0


def test_what_came_may_have_another_name_and_place():
    swapped = LEFT.rename(columns={"came": "stayed"})[["sBG", "stayed"]]
    finding = report.forecast_figure(swapped, came="stayed").finding
    assert finding == "After 12 months 850 are left; sBG foretold 846."


def test_a_table_that_cannot_be_drawn_is_told():
    with pytest.raises(CrmlabError, match=r"left: no column 'came'"):
        report.forecast_figure(LEFT[["sBG"]])
    with pytest.raises(CrmlabError, match="found 0 forecasts beside 'came'"):
        report.forecast_figure(LEFT[["came"]])
    with pytest.raises(CrmlabError, match="column sBG has gaps"):
        report.forecast_figure(LEFT.assign(sBG=[1_000, None, 846]))
    with pytest.raises(CrmlabError, match="there are no rows"):
        report.forecast_figure(LEFT.iloc[:0])
