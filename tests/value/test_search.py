"""The search and the rows it works on: nothing lost in counting alike customers once, one thread, honest words."""

import re

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from crmlab import value
from crmlab.tables.rows import alike, distinct
from crmlab.value.search import maximise


def few_levels(dice):
    return {"x": dice.integers(0, 5, 3_000), "tx": dice.integers(0, 9, 3_000) / 7, "T": dice.integers(3, 8, 3_000) / 7}


def negative_and_large(dice):
    return {"x": dice.integers(-3, 3, 500) * 1e300, "tx": dice.integers(0, 2, 500) * -0.0, "T": dice.normal(size=500)}


def all_different(dice):
    return {"x": dice.integers(0, 2_000, 9_000), "tx": dice.random(9_000), "T": dice.random(9_000).round(3)}


def more_kinds_than_a_number_can_tell(dice):
    columns = {name: dice.permutation(70_000) / 3 for name in "abc"}
    return {**columns, "d": np.repeat(dice.permutation(35_000) / 3, 2), "e": np.arange(70_000) // 2 % 3}


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("make", [few_levels, negative_and_large, all_different, more_kinds_than_a_number_can_tell])
def test_equal_rows_and_only_they_are_counted_together_and_sorted_by_the_columns(make, seed):
    columns = make(np.random.default_rng(seed))
    table = np.stack([np.asarray(column, dtype="float64") for column in columns.values()])
    kinds, counts = np.unique(table[::-1], axis=1, return_counts=True)  # the last column sorts first
    rows = distinct(columns)
    assert np.array_equal(np.stack([rows.columns[name] for name in columns])[::-1], kinds)
    assert rows.weight.tolist() == counts.tolist()
    first, kind = alike(columns)
    assert np.array_equal(table[:, first[kind]], table)
    assert (first[kind] <= np.arange(len(kind))).all()  # the first of its kind


def test_weights_are_added_up():
    rows = distinct({"x": np.array([2, 0, 2])}, np.array([0.5, 3.0, 4.0]))
    assert rows.weight.tolist() == [3.0, 4.5]


def test_no_rows_are_no_kinds():
    assert len(distinct({"x": np.empty(0), "T": np.empty(0)})) == 0


def test_one_thread_does_the_arithmetic_inside_a_fit_and_afterwards_as_many_as_before():
    def threads():
        return [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]

    before, seen = threads(), []

    def hill(place, rows):
        seen.append(threads())
        gap = rows.x - place[0]
        return float(-(gap**2).sum() / 2), np.array([gap.sum()])

    assert before
    maximise(hill, np.zeros(1), distinct({"x": np.array([1.0, 3.0])}), ["middle"])
    assert all(set(now) == {1} for now in seen)
    assert threads() == before


WRONG = {
    "still climbing": (lambda at: (at[0], [1.0]), "still climbing|up ran off"),
    "flat": (lambda at: (0.0, [0.0]), "some parameters cannot be told apart"),
    "not finite": (lambda at: (np.nan, [np.nan]), "still climbing"),
    "a valley": (lambda at: (at[0] ** 2, [2 * at[0]]), "up ran off|still climbing|told apart"),
}


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # a likelihood that is not finite is the point
@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_top_is_never_called_one(name):
    shape, words = WRONG[name]

    def likelihood(place, rows):
        value, slope = shape(place)
        return float(value), np.array(slope)

    *_, wrong = maximise(likelihood, np.zeros(1), distinct({"x": np.array([1.0, 3.0])}), ["up"])
    assert re.search(words, wrong), wrong


def test_errors_by_the_curvature_are_those_of_all_rows_where_the_search_looked_at_some():
    planted = value.BGNBD.with_params(unit="W", r=0.5, alpha=5.0, a=0.8, b=2.5)
    fitted = value.BGNBD().fit(planted.sample(20_000, seed=1, age=39))
    assert len(fitted.rows_) > 8_000
    by_curve, by_refits = fitted.standard_errors(seed=1, method="hessian"), fitted.standard_errors(seed=1, n=60)
    assert (np.abs(np.log(by_curve / by_refits)) < 4 / np.sqrt(2 * 60)).all()  # the error of an error
