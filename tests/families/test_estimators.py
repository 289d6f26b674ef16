"""One family of checks that every estimator of every room passes."""

import inspect
from importlib import import_module

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, clone
from sklearn.exceptions import NotFittedError

import crmlab

ESTIMATORS = sorted(
    {
        thing
        for room in crmlab.ROOMS
        for thing in vars(import_module(f"crmlab.{room}")).values()
        if inspect.isclass(thing) and issubclass(thing, BaseEstimator)
    },
    key=lambda thing: thing.__name__,
)
VALUES = pd.Series([900, 500, 500, 300, 200, 100, 0], index=list("gfedcba"), name="value_cents")

pytestmark = pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda thing: thing.__name__)


def test_there_are_estimators_to_check(estimator):
    assert issubclass(estimator, BaseEstimator)


def test_init_only_stores_and_clone_copies(estimator):
    odd = {name: object() for name in inspect.signature(estimator).parameters}
    assert estimator(**odd).get_params() == odd
    assert repr(clone(estimator())) == repr(estimator())


def test_fit_returns_self_and_learned_names_end_in_an_underscore(estimator):
    model = estimator()
    before = set(vars(model))
    assert model.fit(VALUES) is model
    learned = set(vars(model)) - before
    assert learned
    assert all(name.endswith("_") for name in learned)
    assert set(vars(estimator()).keys()) == before


def test_before_fit_the_message_says_to_fit(estimator):
    with pytest.raises(NotFittedError, match=r"(?s)call fit\(.*\) first"):
        estimator().predict(VALUES)


def test_the_order_of_rows_plays_no_part(estimator):
    shuffled = VALUES.sample(frac=1, random_state=1)
    straight, turned = estimator().fit(VALUES), estimator().fit(shuffled)
    pd.testing.assert_series_equal(straight.predict(VALUES), turned.predict(shuffled).reindex(VALUES.index))


def test_the_index_is_kept_and_the_input_left_as_it_was(estimator):
    given = VALUES.copy()
    got = estimator().fit(given).predict(given)
    pd.testing.assert_index_equal(got.index, VALUES.index)
    pd.testing.assert_series_equal(given, VALUES)


def test_lists_arrays_and_series_give_the_same(estimator):
    for kind in (list, np.asarray, lambda values: values.astype("Int64"), lambda values: values.astype("float64")):
        assert estimator().fit(kind(VALUES)).predict(kind(VALUES)).tolist() == (
            estimator().fit(VALUES).predict(VALUES).tolist()
        )


def test_fitting_again_forgets_the_first_fit(estimator):
    model = estimator().fit(VALUES * 100)
    assert model.fit(VALUES).predict(VALUES).tolist() == estimator().fit(VALUES).predict(VALUES).tolist()
