"""Data that cannot tell: each model says what they lack, or that it did not find the top. It never answers as if."""

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import ConvergenceWarning, NotFittedError

from crmlab import value
from crmlab.errors import CrmlabError

BUYING = (value.BGNBD, value.MBGNBD, value.ParetoNBD)
UNSEEN = (*BUYING, value.BGBB)
CONTRACTS = (value.ShiftedBetaGeometric, value.BetaDiscreteWeibull)
PARAMS = {
    "BGNBD": {"r": 0.5, "alpha": 5.0, "a": 0.8, "b": 2.5},
    "MBGNBD": {"r": 0.5, "alpha": 5.0, "a": 0.8, "b": 2.5},
    "ParetoNBD": {"r": 0.5, "alpha": 10.0, "s": 0.6, "beta": 12.0},
    "BGBB": {"alpha": 1.2, "beta": 0.8, "gamma": 0.7, "delta": 2.8},
}


def seen(x, tx, age, unit="weeks"):
    return pd.DataFrame({"frequency": x, f"recency_{unit}": tx, f"age_{unit}": age})


LACKING = {
    "nobody came back": (seen([0] * 9, 0, 6), "nobody bought a second time"),
    "everybody came back equally often": (seen([2] * 9, 4, 6), "everybody bought again exactly 2 times"),
    "everybody came back once": (seen([1] * 9, 4, 6), "everybody bought again exactly 1 time:"),
    "one customer": (seen([2], 4, 6), "there is one customer"),
    "no customers": (seen([], 0, 0), "there are no customers"),
    "nobody was watched": (seen([0] * 9, 0, 0), "every value is 0: nobody was watched for any time"),
    "a gap": (seen([0, None, 2], [0, 3, 4], 6), 'frequency: 1 value breaks the rule "a whole number, 0 or more"'),
    "half a purchase": (seen([0, 1.5, 2], [0, 3, 4], 6), 'frequency: 1 value breaks the rule "a whole number'),
    "words": (seen(["a", "b", "c"], 1, 6), "frequency: found values of type str"),
    "no frequency": (seen([0, 1, 2], 1, 6).drop(columns="frequency"), "no column 'frequency'"),
    "two units": (seen([0, 1, 2], 1, 6).assign(age_days=3), "two units of time in one table"),
    "two columns of one name": (seen([0, 1, 2], 1, 6).iloc[:, [0, 0, 1, 2]], "have the same name: frequency"),
    "no unit": (pd.DataFrame({"frequency": [1], "recency": [1], "T": [2]}), "no column says how long"),
    "no table": ([1, 2], "no column says how long"),
}


@pytest.mark.parametrize("model", UNSEEN)
@pytest.mark.parametrize("name", LACKING)
def test_a_model_says_what_the_data_lack(model, name):
    table, words = LACKING[name]
    with pytest.raises(CrmlabError, match=words) as caught:
        model().fit(table)
    assert "  next    : " in str(caught.value)


@pytest.mark.parametrize("model", UNSEEN)
def test_times_in_another_unit_than_the_log_are_seen(model):
    weeks = model.with_params(unit="W", **PARAMS[model.__name__]).sample(2_000, seed=1, age=39)
    weeks.attrs = {"start": "2025-01-01", "end": "2025-10-01"}
    assert model().fit(weeks).unit_ == "W"
    mistaken = weeks.rename(columns=lambda name: name.replace("weeks", "months"))
    mistaken.attrs = weeks.attrs
    with pytest.raises(CrmlabError, match="watched for up to 39 months, but the log has 10"):
        model().fit(mistaken)


@pytest.mark.parametrize("ask", ["p_alive", "expected_purchases", "discounted_purchases"])
@pytest.mark.parametrize("model", UNSEEN)
def test_a_model_refuses_a_table_in_another_unit(model, ask):
    fitted = model.with_params(unit="W", **PARAMS[model.__name__])
    days = seen([1, 0], [3, 0], 9, unit="days")
    more = {"expected_purchases": {"t": 5}, "discounted_purchases": {"rate": 0.1, "rate_period": "Y"}}.get(ask, {})
    with pytest.raises(CrmlabError, match="this table counts in days, the model was fitted in weeks"):
        getattr(fitted, ask)(days, **more)
    with pytest.raises(NotFittedError, match=r"call fit\(summary\) first"):
        getattr(model(), ask)(days, **more)


@pytest.mark.parametrize("model", UNSEEN)
def test_a_column_renamed_to_another_unit_is_seen_by_what_the_table_was_made_in(model):
    fitted = model.with_params(unit="W", **PARAMS[model.__name__])
    renamed = seen([1, 0], [3, 0], 9)
    renamed.attrs = {"unit": "D"}
    for ask in (fitted.p_alive, model().fit, lambda table: fitted.expected_purchases(table, 5)):
        with pytest.raises(CrmlabError, match="the table was made in days, its column says weeks"):
            ask(renamed)
    renamed.attrs = {"unit": "W"}
    assert fitted.p_alive(renamed).between(0, 1).all()


@pytest.mark.parametrize("model", BUYING)
def test_times_that_cannot_be_are_named_all_together(model):
    table = seen([0, 2, 1, 3], [1.0, 0.0, 9.0, 4.0], 6.0)
    with pytest.raises(CrmlabError) as caught:
        model().fit(table)
    for words in (
        "not after the time watched (age_weeks)",
        "0 where frequency is 0",
        "above 0 where frequency is above",
    ):
        assert words in str(caught.value)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (seen([1, 0], [1.5, 0], 6, "years"), 'recency_years: 1 value breaks the rule "a whole number, 0 or more"'),
        (seen([3, 0], [2, 0], 6, "years"), "1 row cannot be: at most one purchase per period"),
        (seen([1, 0], [7, 0], 6, "years"), "none after the last"),
    ],
)
def test_bgbb_says_how_to_make_a_table_of_whole_periods(table, words):
    with pytest.raises(CrmlabError, match=words) as caught:
        value.BGBB().fit(table)
    assert 'value.purchase_summary(transactions, unit="Y", collapse="Y")' in str(caught.value)


NOT_FOUND = {  # answers are given, but with a warning: some parameters run off, or cannot be told apart
    "one of fifty came back": (value.BGNBD, seen([1] + [0] * 49, [3] + [0] * 49, np.linspace(20, 40, 50))),
    "the same, at any time": (value.ParetoNBD, seen([1] + [0] * 49, [3] + [0] * 49, np.linspace(20, 40, 50))),
    "one chance to buy": (value.BGBB, seen([1, 0] * 25, [1, 0] * 25, 1, "years")),
    "all renew equally": (value.ShiftedBetaGeometric, [1000, 800, 640, 512]),
    "two renewals for three parameters": (value.BetaDiscreteWeibull, [1000, 600, 500]),
    "spend of two kinds": (
        value.GammaGamma,
        pd.DataFrame({"frequency": 1, "mean_value_cents": [500.0] * 10 + [600.0] * 10}),
    ),
}


@pytest.mark.parametrize("name", NOT_FOUND)
def test_a_search_that_found_no_top_says_so_in_words_and_warns(name):
    model, data = NOT_FOUND[name]
    with pytest.warns(ConvergenceWarning, match=f"{model.__name__} did not converge: .+; .+") as warned:
        fitted = model().fit(data)
    assert len(warned) == 1
    assert not fitted.converged_
    assert fitted.convergence_ in str(warned[0].message)
    assert np.isfinite(fitted.params_).all()


def test_what_ran_off_is_named():
    with pytest.warns(ConvergenceWarning, match="alpha and beta ran off towards 0 or infinity"):
        value.ShiftedBetaGeometric().fit([1000, 800, 640, 512])


@pytest.mark.parametrize("model", CONTRACTS)
@pytest.mark.parametrize(
    ("survivors", "words"),
    [
        ([], "there are no customers"),
        ([0, 0, 0], "there are no customers"),
        ([1, 1, 0], "there is one customer"),
        ([7], "fewer than two renewals were seen"),
        ([1000, 600], "fewer than two renewals were seen"),
        ([1000, 1000, 1000], "nobody left"),
        ([1000, 0, 0], "everybody left at the first renewal"),
        ([10, 12, 8], "the number left rises: 10, 12, 8"),
        ([1, 0.6, 0.4], "whole numbers of customers"),
        ([5, -1, -2], "whole numbers of customers"),
        ([10, 5, np.inf], "whole numbers of customers"),
        ([10, None, 5], "a number is missing in the middle"),
        (["a", "b"], "numbers of customers"),
    ],
)
def test_contracts_that_cannot_tell_are_refused_with_the_reason(model, survivors, words):
    with pytest.raises(CrmlabError, match=words):
        model().fit(survivors)


def test_a_model_of_contracts_needs_a_period_that_is_one():
    with pytest.raises(CrmlabError, match="period: found 'year'"):
        value.ShiftedBetaGeometric(period="year").fit([10, 8, 7])


WRONG_QUESTIONS = {
    "a time below 0": (
        lambda model, table: model.expected_purchases(table, -1),
        "a (whole )?number of (weeks|periods), 0 or more",
    ),
    "a time in words": (
        lambda model, table: model.expected_by("soon"),
        "a (whole )?number of (weeks|periods), 0 or more",
    ),
    "no end": (
        lambda model, table: model.expected_purchases(table, np.inf),
        "a (whole )?number of (weeks|periods), 0 or more",
    ),
    "a rate below 0": (
        lambda model, table: model.discounted_purchases(table, rate=-0.1, rate_period="Y"),
        "rate: found -0.1",
    ),
    "a percentage for a rate": (
        lambda model, table: model.discounted_purchases(table, rate=10, rate_period="Y"),
        "rate: found 10, which is 1000% in one period",
    ),
    "no rate for ever": (
        lambda model, table: model.discounted_purchases(table, rate=0, rate_period="Y"),
        "0 for ever has no end",
    ),
    "a rate for no period": (
        lambda model, table: model.discounted_purchases(table, rate=0.1, rate_period="year"),
        "rate_period: found 'year'",
    ),
    "half a purchase": (lambda model, table: model.pmf(1.5, 5), 'breaks the rule "a whole number, 0 or more"'),
    "nobody": (lambda model, table: model.sample(0, seed=1, age=5), "n: found 0"),
    "ages of others": (lambda model, table: model.sample(3, seed=1, age=[5, 6]), "2 ages for 3 customers"),
    "no ages": (lambda model, table: model.sample(3, seed=1), "its parameters were given, not learned"),
    "no customers to draw": (lambda model, table: model.standard_errors(seed=1), "its parameters were given"),
}


@pytest.mark.parametrize("name", WRONG_QUESTIONS)
@pytest.mark.parametrize("model", UNSEEN)
def test_a_question_that_means_nothing_is_refused(model, name):
    ask, words = WRONG_QUESTIONS[name]
    with pytest.raises(CrmlabError, match=words):
        ask(model.with_params(unit="W", **PARAMS[model.__name__]), seen([1, 0], [3, 0], 9))


def test_errors_are_refused_where_nothing_tells_them():
    table = value.BGNBD.with_params(unit="W", **PARAMS["BGNBD"]).sample(300, seed=1, age=39)
    fitted = value.BGNBD().fit(table)
    for call, words in (
        (lambda: fitted.standard_errors(seed=1, method="delta"), "method: found 'delta'"),
        (lambda: fitted.standard_errors(seed=1, n=1), "n: found 1"),
        (lambda: fitted.bootstrap(seed=1, n=2.5), "n: found 2.5"),
    ):
        with pytest.raises(CrmlabError, match=words):
            call()
    with pytest.warns(ConvergenceWarning):
        flat = value.BGBB().fit(seen([1, 0] * 25, [1, 0] * 25, 1, "years"))
    with pytest.raises(CrmlabError, match="no curvature to read errors off: the likelihood is flat"):
        flat.standard_errors(seed=1, method="hessian")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"unit": "W", "r": 1, "alpha": 1, "a": 1}, "r, alpha, a, b, each a number above 0"),
        ({"unit": "W", "r": 1, "alpha": 1, "a": 1, "b": -1}, "each a number above 0"),
        ({"r": 1, "alpha": 1, "a": 1, "b": 1}, "unit: found None"),
    ],
)
def test_parameters_that_are_not_all_there_are_refused(given, words):
    with pytest.raises(CrmlabError, match=words):
        value.BGNBD.with_params(**given)


@pytest.mark.parametrize("weight", [[1, 2], [1, 0, 1], "abc", [[1, 1, 1]], [1, np.nan, 1]])
@pytest.mark.parametrize("model", UNSEEN)
def test_weights_are_numbers_above_0_one_for_each_row(model, weight):
    with pytest.raises(CrmlabError, match="sample_weight: "):
        model().fit(seen([0, 1, 2], [0, 3, 4], 6), sample_weight=weight)


@pytest.mark.parametrize("model", BUYING)
def test_covariates_are_asked_for_by_name(model):
    table = model.with_params(unit="W", **PARAMS[model.__name__]).sample(200, seed=1, age=39)
    with pytest.raises(CrmlabError, match="no column 'web'"):
        model(covariates=("web",)).fit(table)
    for names in (["frequency"], ["age_weeks"], ["web", "web"]):
        with pytest.raises(CrmlabError, match=f"covariates: found {names[0]}, which the model learns from already"):
            model(covariates=names).fit(table.assign(web=np.arange(200) % 2))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # two hundred customers may be too few for six parameters
        fitted = model(covariates=("web",)).fit(table.assign(web=np.arange(200) % 2))
    for ask in (lambda **who: fitted.expected_by(5, **who), lambda **who: fitted.pmf(0, 5, **who)):
        for customer in (None, {}, {"shop": 1}, "web"):
            with pytest.raises(CrmlabError, match=r"customer: found (.|\n)*a value for each of web"):
                ask(customer=customer)
        for web in ("yes", [1, 2], None):
            with pytest.raises(CrmlabError, match=r"customer\.web"):
                ask(customer={"web": web})
        assert ask(customer={"web": 1}) != ask(customer={"web": 0})
    with pytest.raises(CrmlabError, match="this model has no covariates"):
        model().fit(table).pmf(0, 5, customer={"web": 1})


@pytest.mark.parametrize("seed", [None, -1, 1.5, "a", True])
def test_chance_needs_a_seed_that_is_one(seed):
    spend = value.GammaGamma.with_params(p=6.0, q=4.0, gamma=1500.0)
    makes = [lambda: spend.sample([1, 2], seed=seed)]
    for model in UNSEEN:
        known = model.with_params(unit="W", **PARAMS[model.__name__])
        makes.append(lambda known=known: known.sample(3, seed=seed, age=5))
    for make in makes:
        with pytest.raises(CrmlabError, match=r"seed: found .*\n  allowed : a whole number, 0 or more"):
            make()


@pytest.mark.parametrize("wrong", ["web", 5, None])
def test_covariates_are_a_list_of_columns(wrong):
    table = value.BGNBD.with_params(unit="W", r=0.3, alpha=4, a=0.8, b=2.5).sample(50, seed=1, age=40)
    with pytest.raises(CrmlabError, match=r'covariates: found .*(\n.*)*write for instance covariates=\["web"\]'):
        value.BGNBD(covariates=wrong).fit(table)


@pytest.mark.parametrize("seed", [None, -1, 1.5, "a", True])
def test_errors_are_drawn_from_a_seed_that_can_be_named_again(seed):
    model = value.BGNBD.with_params(unit="W", r=0.3, alpha=4, a=0.8, b=2.5)
    fitted = value.BGNBD().fit(model.sample(300, seed=1, age=40))
    for ask in (fitted.standard_errors, fitted.bootstrap):
        with pytest.raises(CrmlabError, match="seed: found"):
            ask(seed=seed, n=2)


def test_a_period_that_is_no_text_is_asked_for_in_words():
    model = value.BGNBD.with_params(unit="W", r=0.3, alpha=4, a=0.8, b=2.5)
    with pytest.raises(CrmlabError, match="rate_period: found"):
        model.discounted_purchases(model.sample(5, seed=1, age=40), rate=0.1, rate_period=["Y"])
