"""Contracts that end at a renewal: planted parameters come back, thirty digits, laws of survival and of lifetime."""

import mpmath as mp
import numpy as np
import pandas as pd
import pytest

from crmlab import value
from crmlab.errors import CrmlabError
from crmlab.tables.rows import distinct

PLANTED = {
    "ShiftedBetaGeometric": value.ShiftedBetaGeometric.with_params(alpha=0.7, beta=1.2),
    "BetaDiscreteWeibull": value.BetaDiscreteWeibull.with_params(alpha=0.6, beta=2.0, c=1.4),
}
MODELS = {name: type(model) for name, model in PLANTED.items()}
every_model = pytest.mark.parametrize("name", PLANTED)


def cohort(model, size, seed, renewals=8):
    """So many customers, each lost at a renewal drawn from the chances of the model."""
    lost = -np.diff(model.survival(np.arange(renewals + 1)))
    drawn = np.random.default_rng(seed).multinomial(size, [*lost, 1 - lost.sum()])
    return size - np.append(0, drawn[:-1].cumsum())


@every_model
@pytest.mark.parametrize("size", [2_000, 200_000])
def test_planted_parameters_come_back(name, size):
    """Likelihood ratio of the planted parameters: chi-square with one degree of freedom for each of them."""
    ratios = []
    for seed in range(5):
        fitted = MODELS[name]().fit(cohort(PLANTED[name], size, seed))
        ratios.append(2 * (fitted.log_likelihood_ - fitted._log_likelihood(PLANTED[name]._place_, fitted.rows_)[0]))
        assert fitted.converged_
    assert min(ratios) >= -1e-6
    assert sum(ratios) < 45  # ten or fifteen degrees of freedom: beyond, a chance below 1 in 10,000


def test_the_error_shrinks_with_the_root_of_the_size():
    planted = PLANTED["ShiftedBetaGeometric"]

    def error(size):
        fits = [value.ShiftedBetaGeometric().fit(cohort(planted, size, seed)).params_ for seed in range(20)]
        return np.sqrt(np.mean([np.log(fit / planted.params_) ** 2 for fit in fits]))

    assert 5 < error(1_000) / error(100_000) < 20  # ten times


@pytest.mark.parametrize("parameters", [(0.7, 1.2, 1.0), (0.01, 300.0, 2.5), (80.0, 0.05, 0.3), (1.0, 1.0, 1.0)])
def test_the_likelihood_agrees_with_thirty_digits(parameters):
    alpha, beta, c = map(mp.mpf, parameters)
    with mp.workdps(30):
        for renewal in (1, 2, 40, 1000):
            before, after = (
                mp.beta(alpha, beta + mp.mpf(t) ** c) / mp.beta(alpha, beta) for t in (renewal - 1, renewal)
            )
            for has_left, exact in ((1.0, mp.log(before - after)), (0.0, mp.log(after))):
                rows = distinct({"t": np.array([float(renewal)]), "has_left": np.array([has_left])})
                got, slopes = value.BetaDiscreteWeibull()._log_likelihood(np.log(parameters), rows)
                assert got == pytest.approx(float(exact), rel=1e-7, abs=1e-9), (renewal, has_left)
                assert np.isfinite(slopes).all()


@every_model
def test_survival_begins_at_one_and_falls_and_is_the_product_of_retention(name):
    model, t = PLANTED[name], np.arange(0, 200)
    left = model.survival(t)
    assert left[0] == 1
    assert (np.diff(left) < 0).all()
    np.testing.assert_allclose(np.cumprod(model.retention(t[1:])), left[1:], rtol=1e-12)
    assert model.survival(3) == left[3]


def test_with_a_c_of_one_both_models_are_the_same():
    plain = PLANTED["ShiftedBetaGeometric"]
    same = value.BetaDiscreteWeibull.with_params(alpha=0.7, beta=1.2, c=1.0)
    np.testing.assert_allclose(same.survival(range(50)), plain.survival(range(50)), rtol=1e-12)


def test_retention_rises_though_nobody_changes():
    assert (np.diff(PLANTED["ShiftedBetaGeometric"].retention(np.arange(1, 50))) > 0).all()


@every_model
def test_the_lifetime_is_the_discounted_sum_of_those_who_are_left(name):
    model = PLANTED[name]
    worth = 1.2 ** -np.arange(400.0)
    new = model.discounted_lifetime(rate=0.2, rate_period="Y")
    assert new == pytest.approx((model.survival(np.arange(400)) * worth).sum(), rel=1e-8)
    # after two renewals, just before the third: those who decided twice and have the third before them
    stayed = model.survival(np.arange(2, 402)) / model.survival(1)
    assert model.discounted_lifetime(rate=0.2, rate_period="Y", renewals=2) == pytest.approx(
        (stayed * worth).sum(), rel=1e-8
    )


@every_model
@pytest.mark.parametrize("renewals", [0, 700])
def test_a_low_rate_over_many_short_periods_leaves_nothing_out(name, renewals):
    daily = PLANTED[name].with_params(**PLANTED[name].params_).set_params(period="D")
    force = np.log(1.02) / 365.25
    days = np.arange(np.ceil(np.log(1e10) / force))
    ratio = daily._log_survival(daily._place_, days + renewals) - np.log(daily.survival(max(renewals - 1, 0)))
    worth = daily.discounted_lifetime(rate=0.02, rate_period="Y", renewals=renewals)
    assert worth == pytest.approx(np.exp(ratio - force * days).sum(), rel=1e-7)


def test_retention_is_a_share_where_nobody_is_left():
    fleeting = value.BetaDiscreteWeibull.with_params(alpha=50.0, beta=0.1, c=8.0)  # survival is 0 to the last digit
    kept = fleeting.retention([1, 2, 10, 10**6])
    assert ((kept >= 0) & (kept <= 1)).all()
    assert fleeting.retention(10**6) == kept[-1]


def test_the_lifetime_is_asked_for_one_number_of_renewals():
    for renewals in ([1, 2], 1.5, -1):
        with pytest.raises(CrmlabError, match="renewals: found"):
            PLANTED["ShiftedBetaGeometric"].discounted_lifetime(rate=0.1, rate_period="Y", renewals=renewals)


def test_a_yearly_rate_is_a_twelfth_of_its_logarithm_for_monthly_contracts():
    monthly = value.ShiftedBetaGeometric(period="M").fit([1000, 631, 468, 382])
    a_year = monthly.discounted_lifetime(rate=0.1, rate_period="Y")
    assert a_year == pytest.approx(monthly.discounted_lifetime(rate=1.1 ** (1 / 12) - 1, rate_period="M"), rel=1e-9)
    assert a_year > value.ShiftedBetaGeometric().fit([1000, 631, 468, 382]).discounted_lifetime(
        rate=0.1, rate_period="Y"
    )


@every_model
def test_cohorts_that_renew_by_month_are_refused_by_a_model_of_years(name):
    planted = cohort(PLANTED["ShiftedBetaGeometric"], 400, 1, renewals=5)
    lost_in = np.repeat([2, 3, 4, 5, 6, 12], [*-np.diff(planted), planted[-1]])
    end = pd.to_datetime([f"2025-{month:02}-10" for month in lost_in], utc=True)
    contracts = pd.DataFrame({"start": pd.Timestamp("2025-01-10", tz="UTC"), "end": end})
    left = value.contract_cohorts(contracts, as_of="2025-07-01").survivors()
    assert left["2025-01"].tolist() == planted.tolist()
    assert MODELS[name](period="M").fit(left).n_customers_ == 400
    with pytest.raises(CrmlabError, match="counted in months, the model renews in years") as caught:
        MODELS[name]().fit(left)
    assert f'value.{name}(period="M")' in str(caught.value)


@every_model
def test_cohorts_are_pooled_and_what_is_not_yet_seen_counts_for_nothing(name):
    one, other = cohort(PLANTED[name], 5_000, 1), cohort(PLANTED[name], 3_000, 2)
    both = MODELS[name]().fit(one + other)
    table = pd.DataFrame({"2023": one, "2024": other})
    np.testing.assert_allclose(MODELS[name]().fit(table).params_, both.params_, rtol=1e-5)
    young = table.astype("float64")
    young.loc[5:, "2024"] = np.nan
    fitted = MODELS[name]().fit(young)
    assert fitted.n_customers_ == 8_000
    assert fitted.params_["alpha"] == pytest.approx(both.params_["alpha"], rel=0.25)


@pytest.mark.parametrize("t", [-1, 1.5, "two", [1, np.nan]])
def test_renewals_are_whole_numbers(t):
    with pytest.raises(CrmlabError, match="whole numbers of renewals, 0 or more"):
        PLANTED["ShiftedBetaGeometric"].survival(t)
