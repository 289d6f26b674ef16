"""The planted process comes back: sBG, payments and the holdout."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from scipy.special import betaln
from scipy.stats import chi2

from crmlab.simulate.asked import spec
from crmlab.simulate.columns import months_on

PLANTED = spec("telco")


@pytest.fixture(scope="module")
def telco(base):
    """A telco whose service never fails, without campaigns, whose customers have one record each."""
    return base("telco", customers=20_000, seed=11, outages=False, campaigns=False, mess="none")


@pytest.fixture(scope="module")
def lives(telco):
    """Months each contract ran, whether it ended, and how many renewals it has survived otherwise."""
    contracts = telco.contracts
    start, end = (contracts[name].dt.tz_localize(None) for name in ("start", "end"))
    ended = end.notna().to_numpy()
    until = end.fillna(telco.as_of.tz_localize(None))
    months = (until.dt.year - start.dt.year) * 12 + until.dt.month - start.dt.month
    day = np.minimum(contracts["renewal_day"], until.dt.days_in_month)
    completed = months - ((until.dt.day <= day) & ~ended)  # on the day itself a running contract is not yet renewed
    return pd.DataFrame({"months": completed, "ended": ended})


def sbg(parameters, months, ended):
    """Log-likelihood of Fader & Hardie 2007: S(t) = B(alpha, beta + t) / B(alpha, beta)."""
    alpha, beta = np.exp(parameters)
    survived = betaln(alpha, beta + months) - betaln(alpha, beta)
    left = betaln(alpha + 1, beta + np.maximum(months, 1) - 1) - betaln(alpha, beta)
    return np.where(ended, left, survived).sum()


def test_an_sbg_fit_finds_the_planted_parameters(lives):
    planted = [PLANTED["contracts"][name] for name in ("alpha", "beta")]
    data = lives["months"].to_numpy(), lives["ended"].to_numpy()
    best = minimize(lambda v: -sbg(v, *data), np.zeros(2), method="L-BFGS-B", bounds=[(-3, 6)] * 2)
    assert np.exp(best.x) == pytest.approx(planted, rel=0.12)
    gain = 2 * (-best.fun - sbg(np.log(planted), *data))
    assert 0 <= gain < chi2.ppf(0.999, df=2)


def test_a_contract_pays_once_a_month_until_it_ends(telco, lives):
    paid = telco.transactions.groupby("record_id").size().reindex(telco.contracts["record_id"]).to_numpy()
    assert (paid == lives["months"] + ~lives["ended"]).all()
    log = telco.transactions.merge(telco.contracts, on="record_id")
    day = log["ts"].dt.normalize()
    assert (day >= log["start"]).all()
    assert (day < log["end"].fillna(telco.as_of)).all()
    assert (day.dt.day == np.minimum(log["renewal_day"], day.dt.days_in_month)).all()
    assert not pd.DataFrame({"record": log["record_id"], "month": day.dt.strftime("%Y-%m")}).duplicated().any()


def test_a_payment_is_the_price_and_what_was_used(telco):
    log = telco.transactions.merge(telco.contracts[["record_id", "price_cents"]], on="record_id")
    used = log["amount_cents"] - log["price_cents"]
    assert (used >= 0).all()
    by_customer = used.groupby(log["record_id"]).mean()
    error = by_customer.std() / np.sqrt(len(by_customer))
    assert abs(by_customer.mean() - 100 * PLANTED["usage"]["mean"]) < 4 * error
    prices = {plan["product"]: round(100 * plan["price"]) for plan in PLANTED["plans"]}
    assert (telco.contracts["product"].astype(str).map(prices) == telco.contracts["price_cents"]).all()


def test_customers_mostly_pay_the_way_they_always_do(telco):
    log = telco.transactions
    channel = log["channel"].astype(str)
    again = log["record_id"] == log["record_id"].shift()
    weights = np.array(list(PLANTED["payments"]["channels"].values())) / 100
    keeps = PLANTED["habits"]["same_channel"]
    expected = keeps**2 + (1 - keeps**2) * (weights**2).sum()  # both as usual, or one of them anywhere
    assert abs((channel == channel.shift())[again].mean() - expected) < 0.01


def test_plans_and_reasons_come_as_often_as_asked(telco):
    contracts = telco.contracts
    total = sum(plan["weight"] for plan in PLANTED["plans"])
    for plan in PLANTED["plans"]:
        assert abs((contracts["product"] == plan["product"]).mean() - plan["weight"] / total) < 4 * np.sqrt(
            0.25 / len(contracts)
        )
    assert abs(contracts["prepaid"].mean() - PLANTED["contracts"]["prepaid"]) < 4 * np.sqrt(0.25 / len(contracts))
    ended = contracts[contracts["end"].notna()]
    for reason, weight in PLANTED["end_reasons"].items():
        share = weight / sum(PLANTED["end_reasons"].values())
        assert abs((ended["end_reason"] == reason).mean() - share) < 4 * np.sqrt(0.25 / len(ended))
    assert contracts["end_reason"].isna().equals(contracts["end"].isna())


def test_the_holdout_brings_what_the_chance_of_leaving_promises(telco):
    value = telco.truth.value
    start = telco.contracts.set_index("record_id").loc[telco.truth.links["record_id"], "start"]
    start = pd.Series(start.to_numpy(), index=telco.truth.links["person_id"]).sort_index()
    first = (start.dt.tz_localize("UTC") if start.dt.tz is None else start).dt.tz_localize(None).to_numpy()
    days = first.astype("M8[D]").astype(np.int64)
    as_of = (telco.as_of - pd.Timestamp("1970-01-01", tz="UTC")).days
    end = as_of + 7 * telco.about["holdout_weeks"]
    falls_due = np.array([months_on(days, np.full(len(days), month)) for month in range(60)])
    before = (falls_due < as_of).sum(axis=0)
    due = (falls_due < end).sum(axis=0) - before  # payments of the holdout if nobody left
    stay = 1 - value["churn_probability"].to_numpy()
    expected = np.where(value["alive_at_end"], stay * (1 - stay**due) / (1 - stay), 0)
    on_the_day = (falls_due == as_of).any(
        axis=0
    )  # whoever could have left on the very day is known to have paid for it
    gap = (value["future_purchases"] - expected)[~on_the_day]
    assert abs(gap.sum()) < 4 * np.sqrt((gap**2).sum())
    assert (value.loc[~value["alive_at_end"], ["future_purchases", "future_value_cents"]] == 0).all(axis=None)


def test_the_truth_agrees_with_the_contracts(telco):
    truth = telco.truth.links.merge(telco.truth.value, on="person_id").merge(telco.contracts, on="record_id")
    assert (truth["alive_at_end"] == truth["end"].isna()).all()
    ended = truth[truth["end"].notna()]
    assert (ended["end"] == ended["alive_until"]).all()
    assert (truth.loc[truth["end"].isna(), "alive_until"].dropna() >= telco.as_of).all()
    alpha, beta = (PLANTED["contracts"][name] for name in ("alpha", "beta"))
    error = truth["churn_probability"].std() / np.sqrt(len(truth))
    assert abs(truth["churn_probability"].mean() - alpha / (alpha + beta)) < 4 * error


def test_months_go_on_by_the_calendar():
    days = np.array(
        ["2024-01-31", "2024-01-31", "2023-01-31", "2024-02-29", "2024-12-15", "1969-12-31"], "M8[D]"
    ).astype(int)
    later = months_on(days, np.array([0, 1, 1, 12, 1, 2])).astype("M8[D]").astype(str)
    assert later.tolist() == ["2024-01-31", "2024-02-29", "2023-02-28", "2025-02-28", "2025-01-15", "1970-02-28"]
