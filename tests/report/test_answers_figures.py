"""Scores and gaps are drawn as they are, and a change within chance is called one."""

import numpy as np
import pandas as pd
import pytest

from crmlab import report, value
from crmlab.errors import CrmlabError

MAY, NOVEMBER = value.nps([10, 9, 8, 6, 3] * 20), value.nps([10, 9, 9, 8, 6] * 20)  # 0 and +40 points
FELT = pd.DataFrame({"reliable": [5, 6, 4], "friendly": [7, 6, 7]})
WISHED = pd.DataFrame({"reliable": [7, 7, 6], "friendly": [6, 5, 6]})


def test_the_title_holds_the_change_with_its_interval_by_hand():
    # variances (0.8 − 0²) / 100 and (0.8 − 0.4²) / 100: the error of the change is 12.0 points
    error = 100 * np.sqrt((0.8 + 0.64) / 100)
    low, high = 40 - 1.959964 * error, 40 + 1.959964 * error
    chart = report.scores_figure({"May": MAY, "November": NOVEMBER})
    assert chart.finding == (f"NPS, May to November: +40.0 points (95 %: {low:+.1f} to {high:+.1f}), more than chance.")


def test_only_the_last_two_are_held_against_each_other_and_no_change_may_well_be_chance():
    chart = report.scores_figure({"before": NOVEMBER, "May": MAY, "June": MAY})
    assert chart.finding.startswith("NPS, May to June: +0.0 points")
    assert chart.finding.endswith("may well be chance.")
    dots = [line.get_ydata()[0] for line in chart.axes[0].lines if line.get_marker() == "o"]
    assert dots == pytest.approx([40, 0, 0])


def test_two_intervals_may_overlap_and_the_change_still_be_more_than_chance():
    less = value.nps([10] * 40 + [8] * 20 + [3] * 40)
    more = value.nps([10] * 55 + [8] * 20 + [3] * 25)
    assert less.high > more.low
    assert report.scores_figure({"a": less, "b": more}).finding.endswith("more than chance.")


def test_effort_is_shown_with_two_digits_and_its_unit():
    effort = {"May": value.ces([7, 6, 6, 5, 3]), "June": value.ces([7, 6, 6, 5, 4])}
    chart = report.scores_figure(effort)
    assert "CES, May to June: +0.20 points of 7 (95 %: " in chart.finding
    assert chart.axes[0].get_ylabel() == "CES (points of 7)"


@pytest.mark.parametrize(
    ("scores", "words"),
    [
        ({"May": MAY}, "found 1 score by name"),
        ([MAY, NOVEMBER], "found 0 scores by name"),
        ({"May": 12, "June": 14}, "two or more, each with its name"),
        ({"May": MAY, "June": value.csat([4, 5, 3])}, "CSAT at 95 %, NPS at 95 %"),
        ({"May": MAY, "June": value.nps([9, 3], level=0.9)}, "NPS at 90 %, NPS at 95 %"),
    ],
)
def test_scores_that_cannot_be_compared_are_refused_in_words(scores, words):
    with pytest.raises(CrmlabError, match=words):
        report.scores_figure(scores)


def test_the_widest_gap_is_named_with_its_interval_and_stands_at_the_top():
    gaps = value.servqual(FELT, WISHED)
    chart = report.gaps_figure(gaps)
    low, high = gaps.loc["reliable", ["low_points", "high_points"]]
    assert chart.finding == f"Widest gap: reliable, −1.67 points (from −{-low:.2f} to −{-high:.2f})."
    assert [label.get_text() for label in chart.axes[0].get_yticklabels()] == ["friendly (3)", "reliable (3)"]
    assert "points" in chart.axes[0].get_xlabel()


def test_a_table_without_gaps_is_refused():
    with pytest.raises(CrmlabError, match="gaps: no column 'gap_points'"):
        report.gaps_figure(value.servqual(FELT, WISHED).drop(columns="gap_points"))
