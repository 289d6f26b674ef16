"""What a check says: three verdicts, each in words that help."""

import datetime
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from crmlab.lesson import Question
from crmlab.segment import ValueTiers

MONEY = pd.Series(range(10, 60), index=pd.Index(range(101, 151), name="record_id"), name="value_cents")
TIERS = pd.DataFrame({"customers": [3, 4], "share": [0.1, 0.9]}, index=pd.Index([0, 1], name="tier"))
WORDS = pd.Series(["web", "app", "sms"], dtype="category")
DAY = pd.Timestamp("2025-12-31", tz="UTC")


def verdict(expected, answer, **more):
    return Question("7.1", expected=expected, praise="Well done.", **more).check(answer)


@pytest.mark.parametrize(
    "answer", [..., None, "", "...", " … ", (0.5, ...), [...], {"a": ...}], ids=lambda answer: repr(answer)
)
def test_an_answer_still_to_be_given_is_not_yet(answer):
    note = verdict(0.5, answer)
    assert note.verdict == "not yet"
    assert "three dots" in note.text or "empty (None)" in note.text


def test_a_check_without_an_answer_is_not_yet():
    assert Question("7.1", expected=1, praise="").check().verdict == "not yet"


@pytest.mark.parametrize(
    ("expected", "answer"),
    [
        (0.6183, 0.6183),
        (0.6183, 0.62),
        (0.6183, np.float32(0.618)),
        (0.6183, np.array(0.618)),
        (0.6183, [0.618]),
        (0.6183, pd.DataFrame([[0.618]])),
        (0.6183, pd.Series([0.618], dtype="Float64")),
        (0.6183, Decimal("0.618")),
        (0.5, Fraction(1, 2)),
        (131, 131.0),
        (131, np.int64(131)),
        (0, 0.0),
        (True, np.bool_(True)),
        (True, "da"),
        (False, "no"),
        ("Zagreb", " zagreb "),
        ("555", 555),
        (DAY, "2025-12-31"),
        (DAY, "31. 12. 2025."),
        (DAY, datetime.date(2025, 12, 31)),
        (DAY, np.datetime64("2025-12-31")),
        (DAY, pd.Timestamp("2025-12-31 21:14")),
        (DAY, pd.Timestamp("2025-12-31 23:30", tz="Europe/Zagreb")),
        (MONEY, MONEY.sample(frac=1, random_state=1)),
        (MONEY, MONEY.tolist()),
        (MONEY, tuple(MONEY)),
        (MONEY, MONEY.to_numpy()),
        (MONEY, MONEY.to_numpy().reshape(-1, 1)),
        (MONEY, MONEY.reset_index(drop=True)),
        (MONEY, MONEY.reset_index()),
        (MONEY, MONEY.reset_index().sample(frac=1, random_state=1)),
        (MONEY, MONEY.to_frame()),
        (MONEY, MONEY.to_frame().assign(city="Split")),
        (MONEY, MONEY.to_dict()),
        (MONEY, MONEY.astype("Int64")),
        (MONEY, MONEY.astype("float64")),
        (MONEY, MONEY.rename(index=str)),
        (MONEY, MONEY.astype("str")),
        (WORDS, ["web", "app", "sms"]),
        (WORDS, WORDS.astype("str")),
        (WORDS, pd.Series(["web", "app", "sms"], index=[9, 8, 7])),
        (pd.Series([True, False]), pd.Series([True, False], dtype="boolean")),
        (pd.Series([DAY]), pd.Series(["2025-12-31"])),
        (pd.Series([1.0, None]), pd.Series([1, None], dtype="Int64")),
        ({"a": 1, "b": 2}, pd.Series({"b": 2, "a": 1})),
        ([3, 1], np.array([3.0, 1.0])),
        ({101, 102}, [102, 101]),
        ({101, 102}, np.array([101, 102])),
        ({101, 102}, MONEY.index[:2]),
        ({101, 102}, MONEY[:2]),
        ({101, 102}, MONEY[:2].reset_index()),
        ({101, 102}, ["101", "102"]),
        ({101, 102}, pd.Series([101.0, 102.0])),
        ({"017"}, "017"),
        (TIERS, TIERS.iloc[::-1]),
        (TIERS, TIERS.reset_index()),
        (TIERS, TIERS[["share", "customers"]].assign(more=1)),
    ],
    ids=lambda given: str(given)[:30] if isinstance(given, str | int | float) else type(given).__name__,
)
def test_a_right_answer_is_taken_in_every_form_people_give_it(expected, answer):
    assert verdict(expected, answer).verdict == "correct"


@pytest.mark.parametrize(
    ("text", "number"),
    [("0,62", 0.62), ("0.62", 0.62), ("62 %", 0.62), ("62%", 0.62), ("1.234,50", 1234.5), ("1,234.50 EUR", 1234.5),
     ("−3", -3), ("1.234.567", 1_234_567), ("1e3", 1000)],
)  # fmt: skip
def test_a_number_written_as_text_is_read_and_said_so(text, number):
    note = verdict(number, text)
    assert note.verdict == "correct"
    assert f'I read your text "{text}" as the number {number:g}' in note.text


@pytest.mark.parametrize("text", ["1.234", "1,234", "12.500"])
def test_a_text_that_means_two_numbers_is_not_guessed(text):
    note = verdict(1234, text)
    assert note.verdict == "look again"
    assert "two ways" in note.text


@pytest.mark.parametrize(
    ("expected", "answer", "words"),
    [
        (0.62, (0, 62), "`0,62` is two numbers here. Write a point: `0.62`."),
        (0.62, 62, "100 times too large"),
        (62.0, 0.62, "100 times too small"),
        (0.62, -0.62, "right but for the sign"),
        (0.62, 0.6, "near, but not right to half a percent"),
        (0.62, 0.3, "0.3 is too small"),
        (0.62, 0.9, "0.9 is too large"),
        (131, 131.4, "a whole number is asked"),
        (1310, 1311, "not right to the last digit"),
        (0.62, True, "This is True or False"),
        (0.62, "a lot", "This is a text"),
        (30, "30 points", '"30 points" holds more than a number. Write the number alone'),
        (0.3, "-.3 or so", "holds more than a number"),
        (1.0, 0.9, "0.9 is too small"),
        (0.62, [1, 2, 3], "This is a list of 3 values"),
        (0.62, [], "an empty list"),
        (0.62, MONEY, "This is a column of 50 values"),
        (0.62, TIERS, "This is a table of 2 rows and 2 columns"),
        (0.62, float("nan"), "your number is nan"),
        (0.62, float("inf"), "divided by 0"),
        (0.62, pd.NA, "a missing value"),
        (0.62, len, "did you forget the brackets"),
        (0.62, Question, "did you forget the brackets"),
        (0.62, pd, "the library pandas itself"),
        (0.62, MONEY.groupby(MONEY), "a grouping that is not finished"),
        (0.62, (n for n in [1]), "put `list(...)` around it"),
        (0.62, ValueTiers().fit(MONEY), "did you forget `.predict(...)`"),
        (3, pd.Timedelta("3D"), "take its number of days"),
        (True, False, "the other one"),
        (True, 5, "True or False is asked"),
        ("Zagreb", "Split", 'it is not "Split"'),
        ("Zagreb", 5.5, "a text is asked"),
        ("Zagreb", ["Split", "Zagreb"], "one text is asked"),
        (DAY, "2025-12-30", "1 day too early"),
        (DAY, "2026-01-05", "5 days too late"),
        (DAY, "12/31/2025", "year-month-day"),
        (DAY, "2025-13-45", "no such date"),
        (DAY, pd.NaT, "your date is missing"),
        (DAY + pd.Timedelta("9h"), DAY, "the day is right, the time of day is not"),
        (MONEY, MONEY.iloc[:-2], "2 labels missing, the first is 149"),
        (MONEY, MONEY.tolist()[:-2], "50 values are asked, yours are 48"),
        (MONEY, pd.concat([MONEY, MONEY[:1]]), "the label 101 stands 2 times"),
        (MONEY, MONEY + 1, "1 too large throughout"),
        (MONEY, MONEY - 1, "1 too small throughout"),
        (MONEY, MONEY * 100, "100 times too large"),
        (MONEY, -MONEY, "right but for the sign"),
        (MONEY, MONEY.tolist()[::-1], "stand in another order"),
        (MONEY, MONEY.mask(MONEY > 40), "19 values missing (NaN); the first at 132"),
        (MONEY, MONEY.replace(13, 15), "49 of 50 agree. The first that differs is 104: yours 15, expected 13"),
        (MONEY, set(MONEY), "a set has no order"),
        (MONEY, 5, "a column of 50 values is asked. This is a number"),
        (MONEY, MONEY.to_frame("a").assign(b=1), 'Pick one: `table["a"]`'),
        (MONEY, pd.DataFrame(index=MONEY.index), "no column"),
        (MONEY, MONEY.to_numpy().reshape(-1, 2), "50 values are asked, yours are 25"),
        (MONEY, MONEY > 20, "This is True or False"),
        (WORDS, ["web", "app", 3], "2 of 3 agree. The first that differs is 2: yours 3."),
        (WORDS, ["web", "app", None], "1 value missing (NaN); the first at 2"),
        ({101, 102, 103}, [101, 102], "1 of 3 missing"),
        ({101, 102, 103}, [101, 102, 103, 109], "all are there, and 1 does not belong: 109"),
        ({101, 102, 103}, MONEY, "47 do not belong"),
        ({101, 102, 103}, [[101]], "further lists"),
        ({101, 102, 103}, range(10**7), "far too many"),
        ({17}, "017", "1 of 1 missing"),
        (set(MONEY[MONEY > 20].index), MONEY > 20, "they only say who is meant. Select with them first"),
        (set(MONEY[MONEY > 20].index), (MONEY > 20).to_frame(), "Select with them first"),
        (set(MONEY[MONEY > 20].index), (MONEY > 20).to_numpy(), "Select with them first"),
        (set(MONEY[MONEY > 20].index), (MONEY > 20).tolist(), "Select with them first"),
        (TIERS, 5, "a table with the columns customers, share is asked"),
        (TIERS, TIERS.drop(columns="share"), "the column share is missing"),
        (TIERS, TIERS.assign(share=TIERS["share"] * 100), "column share: your numbers are 100 times too large"),
    ],
    ids=lambda given: str(given)[:30] if isinstance(given, str | int | float) else type(given).__name__,
)
def test_a_wrong_answer_is_told_exactly_what_differs(expected, answer, words):
    note = verdict(expected, answer)
    assert note.verdict == "look again"
    assert words in note.text


def test_labels_of_rows_selected_with_a_mask_are_names():
    mask = MONEY > 20
    assert verdict(set(MONEY[mask].index), mask[mask]).verdict == "correct"
    slips = [(set(MONEY.index), "those are all. Keep those above 20.")]
    note = verdict(set(MONEY[mask].index), mask, slips=slips)
    assert "Select with them first" in note.text  # not the slip: the mask bears the labels of all


def test_few_values_are_not_given_away():
    note = verdict([1.5, 2.5, 3.5], [1.5, 2.5, 9.5])
    assert "yours 9.5" in note.text
    assert "3.5" not in note.text


class _Spiteful:
    def __getattr__(self, name):
        raise RuntimeError("no")

    def __len__(self):
        raise RuntimeError("no")

    def __eq__(self, other):
        raise RuntimeError("no")

    __hash__ = None

    def __repr__(self):
        raise RuntimeError("no")


@pytest.mark.parametrize(
    "expected", [0.5, 3, "a", True, DAY, {1, 2}, MONEY, WORDS, TIERS], ids=lambda e: type(e).__name__
)
@pytest.mark.parametrize(
    "garbage",
    [_Spiteful(), [_Spiteful()], 10**400, range(10**30), np.zeros(10**6), "x" * 10**6, 1 + 2j, b"a", object(), {1: [2]},
     [[1], [2, 3]], np.zeros((0, 5)),
     pd.DataFrame(), pd.Series(dtype="object"), lambda: 1, {}, set(), frozenset({None}),
     [None, None], pd.MultiIndex.from_tuples([(1, 2)]), np.array([[1, 2], [3, 4]]), pd.Series([object(), object()])],
    ids=lambda g: type(g).__name__,
)  # fmt: skip
def test_garbage_is_answered_kindly_and_never_raises(expected, garbage):
    note = verdict(expected, garbage)
    assert note.verdict == "look again"
    assert 10 < len(note.text) < 300
    assert "Traceback" not in note.text


def test_a_known_slip_is_named_before_anything_else():
    slips = {0.39: "that is the share of the others.", 62: "a share, please."}
    assert verdict(0.61, 0.39, slips=slips).text == "that is the share of the others."
    assert verdict(0.61, 62.0, slips=slips).text == "a share, please."


def test_a_slip_may_be_a_column_or_a_table():
    slips = [(MONEY + 1, "count from 0."), (TIERS, "that is the summary.")]
    assert verdict(MONEY, (MONEY + 1).tolist(), slips=slips).text == "count from 0."
    assert verdict(MONEY, TIERS, slips=slips).text == "that is the summary."


def test_a_right_answer_is_right_even_where_a_slip_happens_to_be_equal():
    assert verdict(0.5, 0.5, slips={0.5: "that is the other half."}).verdict == "correct"


def test_the_distance_that_still_counts_can_be_stated():
    assert verdict(1000, 1004, within=5).verdict == "correct"
    assert verdict(1000, 1006, within=5).verdict == "look again"


def test_an_answer_is_left_as_it_was():
    answer = MONEY.reset_index().sample(frac=1, random_state=3)
    before = answer.copy()
    verdict(MONEY, answer)
    pd.testing.assert_frame_equal(answer, before)


def test_hints_come_one_by_one_and_the_way_at_the_end():
    question = Question("7.1", expected=1, praise="", hints=["a push", "nearly all"], reveal="Do `this`:\n    x = 1")
    assert repr(question.hint(1)) == "7.1  hint 1 of 2: a push"
    assert repr(question.hint(2)) == "7.1  hint 2 of 2: nearly all"
    assert "there are 2 hints" in question.hint(3).text
    assert "there are 2 hints" in question.hint("two").text
    assert "<code>x = 1</code>" in question.reveal()._repr_html_()


def test_a_hint_below_a_check_repeats_the_verdict_a_notebook_would_not_show():
    question = Question("7.1", expected=1, praise="well counted.", slips={2: "one less."}, hints=["Count."], reveal="1")
    question.check(2)
    assert question.hint(1).text == "Count.\nYour answer, look again: one less."
    question.check(1)
    assert question.hint(1).text == "Count.\nYour answer, correct: well counted."
    assert question.reveal().text == "1\nYour answer, correct: well counted."


def test_a_note_shows_markup_as_text():
    shown = verdict("<b>", "<script>")._repr_html_()
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown
