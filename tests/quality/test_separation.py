"""The figure of a line: it counts what the line keeps and lets in."""

import pandas as pd
import pytest

from crmlab.errors import CrmlabError
from crmlab.quality import separation_figure


def test_the_title_counts_what_a_line_keeps_and_lets_in():
    score = pd.Series([5, 4, 3, 3, 2, 1, 0], index=list("abcdefg"))
    is_same = pd.Series([True, True, True, False, False, True, False], index=list("abcdefg"))
    assert separation_figure(score, is_same, at=3).finding == (
        "From 3 on: 3 of 4 pairs of one person, and 1 of 3 pairs of two."
    )
    assert "4 of 4 pairs of one person, and 3 of 3" in separation_figure(score, is_same, at=0).finding
    assert "0 of 4 pairs of one person, and 0 of 3" in separation_figure(score, is_same, at=9).finding


def test_each_curve_shows_the_share_with_at_least_that_score():
    figure = separation_figure([0.2, 0.6, 0.9, 0.5], [False, True, True, True], at=0.7)
    same, others = figure.axes[0].get_lines()[:2]
    assert dict(zip(same.get_xdata(), same.get_ydata().round(), strict=True)) == {
        0.2: 100,
        0.5: 100,
        0.6: 67,
        0.7: 33,
        0.9: 33,
    }
    assert others.get_ydata().tolist() == [100, 0, 0, 0, 0]
    assert (figure.axes[0].get_xlabel(), figure.axes[0].get_ylabel()) == (
        "score of the pair",
        "pairs with at least this score (%)",
    )


def test_pairs_without_a_score_are_left_out():
    assert "1 of 1 pair" in separation_figure([1, None, 0], [True, True, False], at=1).finding


@pytest.mark.parametrize(
    ("score", "is_same", "said"),
    [
        ([1, 2], [True], "found 2 scores, and 1 of bool for them"),
        ([1, 2], ["yes", "no"], "one True or False, per pair"),
        ([1, 2], [True, True], "all pairs are of one kind"),
        ([], [], "found 0 scores"),
        ([None], [True], "there is no pair with a score"),
    ],
)
def test_what_cannot_be_drawn_is_said(score, is_same, said):
    with pytest.raises(CrmlabError, match=said):
        separation_figure(score, is_same, at=1)
