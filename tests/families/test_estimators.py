"""One family of checks that every estimator of every room passes."""

import inspect
from importlib import import_module

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, clone
from sklearn.exceptions import NotFittedError

import crmlab
from crmlab import value

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
WEEKS = value.BGNBD.with_params(unit="W", r=0.5, alpha=5.0, a=0.8, b=2.5).sample(400, seed=1, age=50)
YEARS = value.BGBB.with_params(unit="Y", alpha=1.2, beta=0.8, gamma=0.7, delta=2.8).sample(400, seed=1, age=6)
MONEY = value.GammaGamma.with_params(p=6.0, q=3.5, gamma=1500.0).sample(np.arange(400) % 6, seed=1)
ALIKE = np.arange(200) < 80  # of two hundred people; the rest answers the other way round
SAID = pd.DataFrame({f"item_{step}": (np.arange(200) * step % 7 < 3) ^ ALIKE for step in (1, 2, 3, 5, 6)}).astype(
    "int64"
)
LEFT = pd.Series([1000, 631, 468, 382, 326, 289, 262, 241])

# what each learns from, and one question that every one of its kind answers
KINDS = {
    "LatentClasses": (SAID.set_axis(SAID.index[::-1]), lambda model, data: model.predict_proba(data)[1]),
    "ValueTiers": (VALUES, lambda model, data: model.predict(data)),
    "BGBB": (YEARS.set_axis(YEARS.index[::-1]), lambda model, data: model.expected_purchases(data, 5)),
    "GammaGamma": (MONEY.set_axis(MONEY.index[::-1]), lambda model, data: model.expected_value(data)),
    "BetaDiscreteWeibull": (LEFT, lambda model, data: pd.Series(model.survival(data.index), data.index)),
    "ShiftedBetaGeometric": (LEFT, lambda model, data: pd.Series(model.survival(data.index), data.index)),
} | dict.fromkeys(
    ("BGNBD", "MBGNBD", "ParetoNBD"),
    (WEEKS.set_axis(WEEKS.index[::-1]), lambda model, data: model.expected_purchases(data, 10)),
)
SETTINGS = {"LatentClasses": {"k": 2, "seed": 1, "starts": 3}}  # of estimators that cannot do without
IN_ORDER = {"BetaDiscreteWeibull", "ShiftedBetaGeometric"}  # the order of rows is the order of renewals

pytestmark = pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda thing: thing.__name__)


def kind_of(estimator):
    return KINDS[estimator.__name__]


def new(estimator):
    return estimator(**SETTINGS.get(estimator.__name__, {}))


def fitted(estimator, data):
    return new(estimator).fit(data)


def test_init_only_stores_and_clone_copies(estimator):
    odd = {name: object() for name in inspect.signature(estimator).parameters}
    assert estimator(**odd).get_params() == odd
    assert repr(clone(new(estimator))) == repr(new(estimator))


def test_fit_returns_self_and_learned_names_end_in_an_underscore(estimator):
    data, _ = kind_of(estimator)
    model = new(estimator)
    before = set(vars(model))
    assert model.fit(data) is model
    learned = set(vars(model)) - before
    assert learned
    assert all(name.endswith("_") for name in learned)
    assert set(vars(new(estimator)).keys()) == before


def test_before_fit_the_message_says_to_fit(estimator):
    data, ask = kind_of(estimator)
    with pytest.raises(NotFittedError, match=r"(?s)call fit\(.*\) first"):
        ask(new(estimator), data)


def test_the_order_of_rows_plays_no_part(estimator):
    data, ask = kind_of(estimator)
    if estimator.__name__ in IN_ORDER:  # there the rows are renewals; the order of cohorts plays no part
        cohorts = pd.DataFrame({"spring": data, "autumn": data // 2 + 7})
        one, other = fitted(estimator, cohorts), fitted(estimator, cohorts[["autumn", "spring"]])
        pd.testing.assert_series_equal(ask(one, data), ask(other, data), rtol=1e-12)
        return
    shuffled = data.sample(frac=1, random_state=1)
    straight, turned = fitted(estimator, data), fitted(estimator, shuffled)
    pd.testing.assert_series_equal(ask(straight, data), ask(turned, shuffled).reindex(data.index), rtol=1e-12)


def test_the_index_is_kept_and_the_input_left_as_it_was(estimator):
    data, ask = kind_of(estimator)
    given = data.copy()
    got = ask(fitted(estimator, given), given)
    pd.testing.assert_index_equal(got.index, data.index)
    (pd.testing.assert_series_equal if data.ndim == 1 else pd.testing.assert_frame_equal)(given, data)


def test_the_same_numbers_held_in_other_types_give_the_same(estimator):
    data, ask = kind_of(estimator)
    kinds = [lambda data: data.convert_dtypes(), lambda data: data.astype("float64")]
    if data.ndim == 1:
        kinds += [list, np.asarray]
    for kind in kinds:
        model = fitted(estimator, kind(data))
        np.testing.assert_allclose(ask(model, data), ask(fitted(estimator, data), data), rtol=1e-12)


def test_fitting_again_forgets_the_first_fit(estimator):
    data, ask = kind_of(estimator)
    model = new(estimator).fit(data.iloc[: len(data) * 3 // 4])
    assert ask(model.fit(data), data).tolist() == ask(fitted(estimator, data), data).tolist()
