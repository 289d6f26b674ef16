"""Laws that every model of repeat buying obeys, whatever its parameters."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmlab import value
from crmlab.errors import CrmlabError
from crmlab.value.futures import Futures

MODELS = {
    "BGNBD": value.BGNBD.with_params(unit="W", r=0.4, alpha=6.0, a=0.9, b=2.5),
    "MBGNBD": value.MBGNBD.with_params(unit="W", r=0.6, alpha=6.0, a=0.9, b=1.8),
    "ParetoNBD": value.ParetoNBD.with_params(unit="W", r=0.55, alpha=10.0, s=0.8, beta=12.0),
}
SEEN = {name: model.sample(3_000, seed=7, age=np.repeat([30.0, 52.0, 78.0], 1_000)) for name, model in MODELS.items()}
positive = st.floats(0.02, 50)
every_model = pytest.mark.parametrize("name", MODELS)


def kind(name):
    return type(MODELS[name])


@every_model
def test_rows_given_twice_are_rows_of_weight_two(name):
    once, twice = SEEN[name], pd.concat([SEEN[name]] * 2, ignore_index=True)
    weighted = kind(name)().fit(once, sample_weight=np.full(len(once), 2))
    np.testing.assert_allclose(weighted.params_, kind(name)().fit(twice).params_, rtol=1e-9)
    assert weighted.log_likelihood_ == pytest.approx(kind(name)().fit(twice).log_likelihood_, rel=1e-12)


@every_model
def test_time_counted_in_days_gives_the_same_customers(name):
    weeks = SEEN[name]
    days = pd.DataFrame({"frequency": weeks["frequency"]})
    days["recency_days"], days["age_days"] = weeks["recency_weeks"] * 7, weeks["age_weeks"] * 7
    by_week, by_day = kind(name)().fit(weeks), kind(name)().fit(days)
    np.testing.assert_allclose(by_day.p_alive(days), by_week.p_alive(weeks), rtol=1e-5)
    assert by_day.params_["alpha"] == pytest.approx(7 * by_week.params_["alpha"], rel=1e-5)
    np.testing.assert_allclose(by_day.expected_purchases(days, 70), by_week.expected_purchases(weeks, 10), rtol=1e-5)


@every_model
@settings(max_examples=40, deadline=None)
@given(st.lists(positive, min_size=4, max_size=4), st.integers(0, 300), st.floats(0.1, 200))
def test_the_chance_to_be_alive_lies_in_0_to_1_and_falls_in_silence(name, parameters, x, last):
    names = MODELS[name].params_.index
    model = kind(name).with_params(unit="W", **dict(zip(names, parameters, strict=True)))
    last = last if x else 0.0
    silent = last + np.array([0.0, 1.0, 10.0, 100.0, 1000.0])
    table = pd.DataFrame({"frequency": x, "recency_weeks": last, "age_weeks": silent})
    alive = model.p_alive(table)
    assert alive.between(0, 1).all()
    assert (alive.diff().dropna() <= 1e-12).all()


@every_model
def test_without_interest_discounting_changes_nothing(name):
    model, seen = MODELS[name], SEEN[name]
    plain = model.expected_purchases(seen, 26)
    discounted = model.discounted_purchases(seen, rate=0, rate_period="Y", horizon=26)
    np.testing.assert_allclose(discounted, plain, rtol=1e-12)
    for_ever = model.discounted_purchases(seen, rate=0.1, rate_period="Y")
    far = model.discounted_purchases(seen, rate=0.1, rate_period="Y", horizon=10_000)
    np.testing.assert_allclose(for_ever, far, rtol=1e-6)


@every_model
def test_the_chances_of_all_numbers_of_purchases_make_one_and_their_mean_is_what_is_expected(name):
    model, counts = MODELS[name], np.arange(1_500)
    chances = model.pmf(counts, 39)
    assert chances.sum() == pytest.approx(1, abs=1e-9)
    assert chances @ counts == pytest.approx(model.expected_by(39), rel=1e-6)


@every_model
def test_a_new_customer_is_a_customer_of_whom_nothing_was_seen_yet(name):
    model = MODELS[name]
    new = pd.DataFrame({"frequency": [0], "recency_weeks": [0.0], "age_weeks": [0.0]})
    assert model.expected_purchases(new, 39)[0] == pytest.approx(model.expected_by(39), rel=1e-12)


@every_model
@pytest.mark.parametrize("size", [400, 5_000, 60_000])
def test_planted_parameters_come_back(name, size):
    """Likelihood ratio of the planted parameters: chi-square with four degrees of freedom."""
    planted = MODELS[name]
    ratios = []
    for seed in (1, 2, 3):
        seen = planted.sample(size, seed=seed, age=60)
        fitted = kind(name)().fit(seen)
        at_planted, _ = fitted._log_likelihood(planted._place_, fitted.rows_)
        ratios.append(2 * (fitted.log_likelihood_ - at_planted))
        assert fitted.converged_
    assert min(ratios) >= -1e-6
    assert sum(ratios) < 40  # twelve degrees of freedom: beyond, a chance of 1 in 15,000


@every_model
def test_a_few_hundred_customers_foretell_what_the_planted_parameters_would(name):
    ratios = []
    for seed in range(1, 6):
        seen = MODELS[name].sample(400, seed=seed, age=60)
        foretold = kind(name)().fit(seen).expected_purchases(seen, 30).sum()
        ratios.append(foretold / MODELS[name].expected_purchases(seen, 30).sum())
    assert np.abs(np.log(ratios)).max() < 0.3
    assert abs(np.log(ratios).mean()) < 0.1


@every_model
def test_what_is_expected_is_what_comes(name):
    """Futures of the same customers, drawn and not worked out, bring what was expected."""
    model = MODELS[name]
    both = model.sample(40_000, seed=3, age=30)
    expected = model.expected_purchases(both, 30).sum()
    _, drawn, discounted = Futures(model, both, force=0.0, horizon=30.0).draw(np.random.default_rng(5))
    assert drawn.sum() == pytest.approx(expected, rel=0.03)
    assert discounted.sum() == drawn.sum()
    worth = model.discounted_purchases(both, rate=0.2, rate_period="Y").sum()
    force = np.log(1.2) * 7 / 365.25
    _, _, discounted = Futures(model, both, force=force, horizon=np.inf).draw(np.random.default_rng(5))
    assert discounted.sum() == pytest.approx(worth, rel=0.06)


@pytest.mark.parametrize("model", [value.BGNBD, value.ParetoNBD])
def test_covariates_find_who_buys_faster_and_who_leaves_sooner(model):
    slow = MODELS[model.__name__].sample(20_000, seed=1, age=60).assign(web=0)
    params = MODELS[model.__name__].params_.copy()
    params["alpha"] *= np.exp(-0.5)  # web customers buy faster by e^0.5
    params.iloc[2 if model is value.BGNBD else 3] *= np.exp(0.4 if model is value.BGNBD else -0.4)  # and leave sooner
    fast = model.with_params(unit="W", **params.to_dict()).sample(20_000, seed=2, age=60).assign(web=1)
    fitted = model(covariates=("web",)).fit(pd.concat([slow, fast], ignore_index=True))
    assert fitted.params_["purchase_web"] == pytest.approx(0.5, abs=0.12)
    assert fitted.params_["dropout_web"] == pytest.approx(0.4, abs=0.25)
    plain = model().fit(pd.concat([slow, fast], ignore_index=True))
    assert fitted.aic_ < plain.aic_
    # a new customer is answered like the one of whom nothing was seen yet, and made-up ones are like the learned ones
    new = pd.DataFrame({"frequency": [0, 0], "recency_weeks": 0.0, "age_weeks": 0.0, "web": [0, 1]})
    expected, counts = fitted.expected_purchases(new, 39), np.arange(1_500)
    for web in (0, 1):
        assert fitted.expected_by(39, customer={"web": web}) == pytest.approx(expected[web], rel=1e-9)
        assert fitted.pmf(counts, 39, customer={"web": web}) @ counts == pytest.approx(expected[web], rel=1e-4)
    made_up = fitted.sample(40_000, seed=3)
    assert set(made_up["web"]) == {0, 1}
    assert set(made_up["age_weeks"]) == {60.0}
    for web, learned in enumerate((slow, fast)):
        mean = made_up["frequency"][made_up["web"] == web].mean()
        assert mean == pytest.approx(learned["frequency"].mean(), rel=0.06)


@pytest.mark.parametrize("model", [value.BGNBD, value.ParetoNBD])
def test_covariates_may_be_counted_in_any_unit_and_from_any_zero(model):
    table = MODELS[model.__name__].sample(1_500, seed=1, age=60)
    table["thousands"] = np.random.default_rng(1).normal(0, 1.5, 1_500)
    table["income"] = 50_000 + 1_000 * table["thousands"]
    near, far = (model(covariates=(name,)).fit(table) for name in ("thousands", "income"))
    assert far.converged_
    assert far.log_likelihood_ == pytest.approx(near.log_likelihood_, abs=1e-6)
    effects = far.params_.to_numpy()[4:] * 1_000
    np.testing.assert_allclose(effects, near.params_.to_numpy()[4:], rtol=1e-3, atol=1e-5)
    at_zero = near.params_["alpha"] * np.exp(50 * near.params_["purchase_thousands"])  # a customer with income 0
    assert far.params_["alpha"] == pytest.approx(at_zero, rel=1e-3)
    got, wanted = (fitted.expected_purchases(table, 30) for fitted in (far, near))
    np.testing.assert_allclose(got, wanted, rtol=1e-4)
    errors = [fitted.standard_errors(seed=1, method="hessian").to_numpy() for fitted in (far, near)]
    np.testing.assert_allclose(errors[0][4:] * 1_000, errors[1][4:], rtol=1e-2)
    drawn = [
        Futures(fitted, table, force=0.0, horizon=30.0).draw(np.random.default_rng(5), fitted.params_)[1].sum()
        for fitted in (far, near)
    ]
    assert drawn[0] == pytest.approx(drawn[1], rel=0.01)
    assert drawn[0] == pytest.approx(wanted.sum(), rel=0.1)


def test_a_covariate_that_is_the_same_for_everybody_is_named():
    table = MODELS["BGNBD"].sample(300, seed=1, age=60).assign(income=50_000, web=1, age_group=np.arange(300) % 2)
    with pytest.raises(CrmlabError) as caught:
        value.BGNBD(covariates=("income", "web", "age_group")).fit(table)
    assert "summary.income: every value is 50,000: what is the same for everybody" in str(caught.value)
    assert "summary.web: every value is 1" in str(caught.value)
    assert "age_group" not in str(caught.value)
