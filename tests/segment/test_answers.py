"""Answers are counted once for each pattern, and bad ones get their message."""

import numpy as np
import pandas as pd
import pytest

from crmlab import segment
from crmlab.errors import CrmlabError
from crmlab.segment.answer_faults import in_categories
from crmlab.segment.answers import answers_of

X = pd.DataFrame({"price": [1, 2, 1, 7, 6, 7], "service": [7, 6, 7, 1, 1, 2]})


def test_patterns_and_their_weights_are_the_people():
    rng = np.random.default_rng(1)
    table = pd.DataFrame(rng.integers(0, 2, (5_000, 6))).rename(columns=str).astype("float64")
    table = table.mask(rng.random(table.shape) < 0.1)
    answers = answers_of(table)
    assert answers.patterns.shape[0] < 729  # 3 ** 6
    assert answers.people == (~table.isna().all(axis=1)).sum()
    inside = answers.kind >= 0
    np.testing.assert_array_equal(answers.patterns[answers.kind[inside]], table.to_numpy()[inside])
    assert len(np.unique(np.nan_to_num(answers.patterns, nan=-1), axis=0)) == len(answers.patterns)


def test_the_order_of_people_does_not_touch_the_patterns():
    again = answers_of(X.iloc[::-1])
    np.testing.assert_array_equal(again.patterns, answers_of(X).patterns)
    np.testing.assert_array_equal(again.weight, answers_of(X).weight)


def test_a_weight_of_two_is_the_person_twice():
    weights = [1, 2, 0, 1, 3, 1]
    twice = answers_of(X.loc[X.index.repeat(weights)])
    once = answers_of(X, weights=weights)
    np.testing.assert_array_equal(once.weight[once.weight > 0], twice.weight)


def test_categories_are_taken_as_places_among_their_levels():
    answers = answers_of(pd.DataFrame({"plan": ["b", "a", None], "yes": [True, False, True]}), categories=True)
    assert [level.tolist() for level in answers.levels] == [["a", "b"], [False, True]]
    assert np.nan_to_num(answers.patterns[answers.kind], nan=-1).tolist() == [[1, 1], [0, 0], [-1, 1]]


def test_missing_answers_are_told():
    table = X.astype("float64")
    table.iloc[0, 0] = np.nan
    table.iloc[5] = np.nan
    told = answers_of(table).said()
    assert told.startswith("1 of 6 people left items out and are placed by what they answered. 1 answered nothing")
    assert answers_of(X).said() == ""


WRONG = {
    "no rows": (X.iloc[:0], {}, "0 rows"),
    "no items": (X[[]], {}, "0 items"),
    "a constant item": (X.assign(taste=4), {}, r"(?s)taste: everybody gave the same answer, 4.*leave the item out"),
    "all missing": (X.assign(taste=np.nan), {}, "taste: nobody answered it"),
    "everything missing": (X.astype("float64") * np.nan, {}, r"(?s)price: nobody.*service: nobody"),
    "text": (X.assign(taste=["good"] * 3 + ["bad"] * 3), {}, r"(?s)taste: answers are words, such as 'good', 'bad'"),
    "off the scale": (X.replace(7, 9), {"scale": (1, 7)}, r"(?s)price: 2 answers lie off the scale, such as 9.*1 to 7"),
    "an endless answer": (X.assign(taste=[1, 2, 3, 4, 5, np.inf]), {}, "taste: an answer is infinite"),
    "two of one name": (pd.concat([X, X], axis=1), {}, "two columns have the same name: price, service"),
    "too few weights": (X, {"weights": [1, 2]}, "(?s)weights.*6 numbers"),
    "a negative weight": (X, {"weights": [1, 1, 1, 1, 1, -1]}, "weights: found 1, 1, 1"),
    "no weight at all": (X, {"weights": [0] * 6}, "not all 0"),
    "weights in words": (X, {"weights": ["a"] * 6}, "weights: found a"),
    "no table": (None, {}, "(?s)answers: found NoneType?|answers: found None"),
    "a word": ("X", {}, "answers: found str, which is no table"),
    "one column": (X["price"], {}, r"answers: found an array of shape \(6,\)"),
    "rows of different lengths": ([[1, 2], [3]], {}, "answers: found list, which is no table"),
    "an array of words": (np.array([["a", "b"], ["c", "d"]]), {}, "answers: found an array of shape"),
    "one person": (X.iloc[:1], {}, "(?s)^answers: there is one person.*two people or more[^\n]*\n[^\n]*$"),
    "a scale that is one number": (X, {"scale": 7}, r"(?s)scale: found 7.*\(1, 7\)"),
    "a scale the wrong way round": (X, {"scale": (7, 1)}, r"(?s)scale: found \(7, 1\).*write scale=\(1, 7\)"),
    "a scale in words": (X, {"scale": ("low", "high")}, "scale: found"),
    "codes for no answer": (
        X.replace(7, 99),
        {},
        "(?s)price: 2 answers are 99, the others lie between 1 and 6.*missing",
    ),
    "a code below": (X.replace(7, -9), {}, "(?s)price: 2 answers are -9"),
    "a code with a scale": (X.replace(7, 99), {"scale": (1, 7)}, "price: 2 answers lie off the scale, such as 99"),
}


@pytest.mark.parametrize("table, options, told", WRONG.values(), ids=WRONG)
def test_answers_that_cannot_be_segmented_get_their_message(table, options, told):
    for call in (
        lambda: segment.solutions(table, k=2, starts=2, seed=1, **options),
        lambda: segment.stability(table, k=2, pairs=2, starts=2, seed=1, **options),
    ):
        with pytest.raises(CrmlabError, match=told):
            call()


def test_codes_for_no_answer_are_found_among_categories_too():
    with pytest.raises(CrmlabError, match=r"(?s)price: 2 answers are 99.*words"):
        segment.LatentClasses(1, seed=1).fit(X.replace(7, 99))
    segment.LatentClasses(1, seed=1).fit(X.replace(7, 99).astype(str))  # written as words they are answers


@pytest.mark.parametrize(
    "column",
    [
        [20, 35, 99, 41, 60, 77],
        [0.5, 99, 3, 2, 1, 4],
        [-2, -1, 0, 1, 2, -2],
        [9, 8, 7, 10, 0, 9],
        [99, 98, 99, 98, 99, 99],
    ],
    ids=["ages", "parts of one", "about nought", "nine of ten", "codes alone"],
)
def test_what_is_no_code_is_taken_as_an_answer(column):
    assert answers_of(X.assign(taste=column)).people == 6


def test_a_code_is_an_answer_where_the_scale_says_so():
    assert answers_of(X.replace(7, 99), scale=(1, 99)).patterns.max() == 99


def test_rows_of_numbers_are_a_table():
    assert answers_of([[1, 7], [2, 6], [7, 1]]).items == ["item_1", "item_2"]


def test_several_faults_are_told_together():
    with pytest.raises(CrmlabError, match=r"(?s)taste: everybody.*colour: answers are words"):
        answers_of(X.assign(taste=4, colour="red"))


def test_weights_with_an_index_are_matched_by_it():
    weights = pd.Series([1, 2, 3, 1, 2, 3], index=X.index)
    np.testing.assert_array_equal(answers_of(X, weights=weights[::-1]).weight, answers_of(X, weights=weights).weight)
    with pytest.raises(CrmlabError, match="weights"):
        answers_of(X, weights=weights.set_axis(range(6, 12)))


def test_weights_that_add_up_to_one_are_refused():
    with pytest.raises(CrmlabError, match=r"(?s)weights: they add up to 1 for 6 people.*multiply them"):
        answers_of(X, weights=np.full(6, 1 / 6))


@pytest.mark.parametrize(
    "column",
    [
        pd.Series([0, 5, 2, 5, 0]),
        pd.Series([1, 2, 3, 1]),
        pd.Series([29, 0, 29]),
        pd.Series([30, 1, 30]),
        pd.Series([-1, 3, -1]),
        pd.Series([7, 1, 2], dtype="uint8"),
        pd.Series([7, None, 2, 7], dtype="Int64"),
        pd.Series([7.0, np.nan, 2.0]),
        pd.Series([True, False, True]),
        pd.Series(["no", None, "yes", "no"]),
    ],
    ids=lambda column: f"{column.dtype} {column.tolist()}",
)
def test_answers_are_places_among_those_that_were_given(column):
    place, levels, fault = in_categories(column)
    assert fault is None
    assert levels.tolist() == sorted(column.dropna().unique().tolist())
    assert (place < 0).tolist() == column.isna().tolist()
    assert levels[place[place >= 0]].tolist() == column.dropna().tolist()
    assert place.max() < len(levels) <= 30
