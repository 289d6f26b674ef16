"""A choice of customers is scored against the planted truth and against the best that the data allow."""

import pandas as pd
import pytest

from crmlab.lesson import Selection

WORTH = pd.Series([90.0, 50.0, 40.0, 20.0, 0.0], index=[11, 12, 13, 14, 15])


@pytest.fixture
def selection():
    return Selection(
        "9.6",
        worth=WORTH,
        best=[11, 13],
        praise="Well chosen.",
        slips=[([14, 15], "the last two recover {recovered}."), ([12, 14], "these recover {recovered}.")],
        hints=["a", "b"],
        reveal="the largest",
    )


def test_the_score_runs_from_a_choice_by_lot_to_the_best_that_the_data_allow(selection):
    assert selection.recovered([11, 13]) == 1.0
    assert selection.recovered([11, 14]) == pytest.approx((110 - 80) / (130 - 80))
    assert selection.recovered([14, 15]) == pytest.approx((20 - 80) / (130 - 80))


@pytest.mark.parametrize(
    "answer",
    [[13, 11], {11, 13}, ["11", "13"], pd.Index([11, 13]), pd.Series([0.3, 0.1], [11, 13]), WORTH[[11, 13]].to_frame()],
)
def test_a_choice_counts_however_it_is_given(selection, answer):
    note = selection.check(answer)
    assert note.verdict == "correct"
    assert note.text == (
        "Well chosen. Your 2 customers will bring 130 euros; 2 drawn by lot bring 80, the best 2 that can be told from "
        "these data 130. So you recover 100% of what can be recovered. Somebody who knew the truth of each would reach "
        "140: no data tell that."
    )


def test_another_choice_that_is_as_good_is_correct_and_luck_is_called_luck(selection):
    note = selection.check([11, 12])
    assert note.verdict == "correct"
    assert "you recover 120%" in note.text
    assert "above it by luck" in note.text


def test_a_choice_that_leaves_much_is_told_how_much(selection):
    note = selection.check([11, 14])
    assert note.verdict == "look again"
    assert "you recover 60% of what can be recovered" in note.text


def test_a_known_slip_is_named_with_what_it_recovers(selection):
    assert selection.check([15, 14]).text == "the last two recover -120%."
    assert selection.check([12, 14]).text == "these recover -20%."


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ([11], "2 customers are asked, yours are 1."),
        ([11, 12, 13], "2 customers are asked, yours are 3."),
        ([11, 99], "1 name of your list cannot be found among the customers."),
        (11, "2 customers are asked, yours are 1."),
        (0.5, "1 name of your list cannot be found among the customers."),
        ([11, 13, 11], "your list holds 3 entries, but only 2 customers: somebody stands in it more than once."),
        (pd.Index([11, 11]), "your list holds 2 entries, but only 1 customer: somebody stands in it more than once."),
    ],
)
def test_what_is_no_choice_is_said_kindly(selection, answer, said):
    note = selection.check(answer)
    assert note.verdict == "look again"
    assert note.text == said


def test_a_choice_still_to_be_made_with_true_and_false_is_told_how(selection):
    note = selection.check(WORTH >= 40)
    assert note.verdict == "look again"
    assert note.text.startswith("these are True and False, one for each row")


def test_three_dots_are_not_yet(selection):
    assert selection.check(...).verdict == "not yet"
