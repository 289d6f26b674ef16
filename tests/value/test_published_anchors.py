"""Figures printed in the papers come out, to the digits they were printed with."""

import numpy as np
import pandas as pd
import pytest

from crmlab import value


def test_fader_hardie_lee_2005_bgnbd_on_cdnow(cdnow):
    model = value.BGNBD().fit(cdnow)
    assert model.params_.round(3).to_dict() == {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
    assert round(model.log_likelihood_, 2) == -9582.43
    assert model.converged_


def test_fader_hardie_lee_2005_expected_purchases_of_the_customer_in_their_note(cdnow):
    customer = pd.DataFrame({"frequency": [2], "recency_weeks": [30.43], "age_weeks": [38.86]})
    assert value.BGNBD().fit(cdnow).expected_purchases(customer, 39).round(3).tolist() == [1.226]


def test_fader_hardie_lee_2005_paretonbd_on_cdnow(cdnow):
    model = value.ParetoNBD().fit(cdnow)
    assert model.params_.round(3).to_dict() == {"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669}
    assert round(model.log_likelihood_, 2) == -9594.98


def test_fader_hardie_2013_gamma_gamma_on_cdnow(cdnow):
    model = value.GammaGamma().fit(cdnow)
    assert model.n_customers_ == 946
    assert [round(model.params_["p"], 2), round(model.params_["q"], 2)] == [6.25, 3.74]
    assert round(model.params_["gamma"] / 100, 2) == 15.44  # printed in dollars
    # the density of a mean in cents is a hundredth of that of one in dollars
    assert round(model.log_likelihood_ + 946 * np.log(100), 2) == -4055.92


def test_fader_hardie_shang_2010_bgbb_answers_of_the_fitted_model():
    gifts = value.BGBB.with_params(unit="Y", alpha=1.204, beta=0.750, gamma=0.657, delta=2.783)
    donors = pd.DataFrame({"frequency": [6, 0], "recency_years": [6, 0], "age_years": [6, 6]})
    assert gifts.expected_purchases(donors, 5).round(2).tolist() == [3.75, 0.07]
    assert gifts.p_alive(donors).round(2).tolist() == [0.93, 0.11]


def test_the_holdout_of_cdnow_is_predicted_as_measured(cdnow):
    assert cdnow["holdout_purchases"].sum() == 1_882
    assert round(value.BGNBD().fit(cdnow).expected_purchases(cdnow, 39).sum()) == 1_653


@pytest.mark.parametrize("seed", [1, 2])
def test_bootstrap_errors_of_bgnbd_on_cdnow_are_those_measured_and_larger_than_the_hessians(cdnow, seed):
    model = value.BGNBD().fit(cdnow)
    errors = model.standard_errors(seed=seed)
    measured = pd.Series({"r": 0.015, "alpha": 0.503, "a": 0.210, "b": 0.782})
    assert (np.abs(np.log(errors / measured)) < 4 / np.sqrt(2 * 200)).all()  # the error of an error
    hessian = model.standard_errors(seed=seed, method="hessian")
    assert (hessian < measured).all()
    assert (hessian > 0.7 * measured).all()


def test_fader_hardie_2007_sbg_regular_customers():
    model = value.ShiftedBetaGeometric().fit([1000, 631, 468, 382, 326, 289, 262, 241])
    assert model.params_.round(3).to_dict() == {"alpha": 0.704, "beta": 1.182}


def test_pfeifer_carraway_2000_markov_value_of_a_mail_order_customer():
    shop = value.MarkovValue.of_recency([0.3, 0.2, 0.15, 0.05], contribution_cents=4000, contact_cents=400, rate=0.2)
    assert (shop.value_cents() / 100).round(3).tolist() == [52.320, 5.554, 1.251, -1.820, 0]


def test_lifetimes_documentation_value_of_cdnow_customer_1_over_12_months(cdnow):
    """Their table: recency and age in weeks to 2 decimals, mean value in whole cents, halves up.

    Their months are 30 units of time (here weeks), each discounted at its end by 1 %.
    """
    table = cdnow.assign(
        recency_weeks=cdnow["recency_weeks"].round(2),
        age_weeks=cdnow["age_weeks"].round(2),
        mean_value_cents=np.floor(cdnow["mean_value_cents"] + 0.5),
    )
    purchases, spend, customer = value.BGNBD().fit(table), value.GammaGamma().fit(table), table.iloc[[0]]
    assert customer[["frequency", "recency_weeks", "age_weeks", "mean_value_cents"]].to_numpy().tolist() == [
        [2, 30.43, 38.86, 2235]
    ]
    by_month = [purchases.expected_purchases(customer, 30 * month).item() for month in range(13)]
    discounted = (np.diff(by_month) / 1.01 ** np.arange(1, 13)).sum()
    assert round(spend.expected_value(customer).item() * discounted / 100, 3) == 140.096
