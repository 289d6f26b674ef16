"""The planted process comes back: BG/NBD, gamma-gamma and the holdout."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import betaln, gammaln
from scipy.stats import chi2

from crmlab.simulate.asked import asked, spec

PLANTED = spec("retail")
WEEK = np.timedelta64(7, "D")


@pytest.fixture(scope="module")
def retail(base):
    """A retailer without campaigns, whose customers have one record each: both are tested elsewhere."""
    return base("retail", customers=20_000, seed=11, mess="none", campaigns=False)


@pytest.fixture(scope="module")
def summary(retail):
    """x, t_x and T in weeks, and the mean of the repeat purchases, as the papers define them."""
    log = retail.transactions
    rows = log.groupby("record_id").agg(
        x=("ts", "size"), first=("ts", "min"), last=("ts", "max"), mean=("amount_cents", "mean")
    )
    rows["x"] -= 1
    rows["t_x"] = (rows["last"] - rows["first"]) / WEEK
    rows["T"] = (retail.as_of - rows["first"]) / WEEK
    return rows


def bgnbd(parameters, x, t_x, T):
    """Log-likelihood of Fader, Hardie & Lee 2005, equation 6, in their gamma-function form."""
    r, alpha, a, b = np.exp(parameters)
    both = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
    alive = betaln(a, b + x) - betaln(a, b) - (r + x) * np.log(alpha + T)
    left = betaln(a + 1, b + np.maximum(x, 1) - 1) - betaln(a, b) - (r + x) * np.log(alpha + t_x)
    return (both + np.logaddexp(alive, np.where(x > 0, left, -np.inf))).sum()


def gamma_gamma(parameters, x, mean):
    """Log-likelihood of Fader & Hardie 2013, equation 1a."""
    p, q, gamma = np.exp(parameters)
    px = p * x
    terms = gammaln(px + q) - gammaln(px) - gammaln(q) + q * np.log(gamma)
    return (terms + (px - 1) * np.log(mean) + px * np.log(x) - (px + q) * np.log(gamma + mean * x)).sum()


def fitted(log_likelihood, planted, *data):
    """Fit from a neutral start; say what came out and how much likelier it is than what was planted."""
    best = minimize(
        lambda v: -log_likelihood(v, *data), np.zeros(len(planted)), method="L-BFGS-B", bounds=[(-4, 5)] * len(planted)
    )
    return np.exp(best.x), 2 * (-best.fun - log_likelihood(np.log(planted), *data))


def test_a_bgnbd_fit_finds_the_planted_parameters(summary):
    planted = [PLANTED["purchases"][name] for name in ("r", "alpha", "a", "b")]
    found, gain = fitted(bgnbd, planted, *(summary[name].to_numpy() for name in ("x", "t_x", "T")))
    assert found == pytest.approx(planted, rel=0.12)
    assert 0 <= gain < chi2.ppf(0.999, df=4)  # no farther than chance takes the estimate of four parameters


def test_a_gamma_gamma_fit_finds_the_planted_parameters(summary):
    planted = [PLANTED["spend"][name] for name in ("p", "q", "gamma")]
    found, gain = fitted(gamma_gamma, planted, (summary["x"] + 1).to_numpy(), summary["mean"].to_numpy() / 100)
    assert found == pytest.approx(planted, rel=0.15)
    assert 0 <= gain < chi2.ppf(0.999, df=3)


def test_the_latent_rates_have_the_planted_means(retail):
    value, planted = retail.truth.value, PLANTED["purchases"]
    mean, error = planted["r"] / planted["alpha"], np.sqrt(planted["r"]) / planted["alpha"] / np.sqrt(len(value))
    assert abs(value["purchase_rate"].mean() - mean) < 4 * error
    a, b = planted["a"], planted["b"]
    error = np.sqrt(a * b / (a + b) ** 2 / (a + b + 1) / len(value))
    assert abs(value["dropout"].mean() - a / (a + b)) < 4 * error


def test_the_holdout_brings_what_the_latent_rates_promise(retail):
    value, weeks = retail.truth.value, retail.about["holdout_weeks"]
    rate, p = value["purchase_rate"], value["dropout"]
    expected = np.where(
        value["alive_at_end"], -np.expm1(-rate * p * weeks) / p, 0
    )  # purchases until time or death ends them
    gap = value["future_purchases"] - expected
    assert abs(gap.sum()) < 4 * np.sqrt((gap**2).sum())
    spent = value["future_value_cents"] - value["future_purchases"] * value["mean_spend_cents"]
    assert abs(spent.sum()) < 4 * np.sqrt((spent.astype(float) ** 2).sum())
    assert (value.loc[~value["alive_at_end"], ["future_purchases", "future_value_cents"]] == 0).all(axis=None)


def test_customers_leave_only_with_a_repeat_purchase_and_buy_nothing_after(retail):
    last = retail.transactions.groupby("record_id")["ts"].agg(["min", "max"])
    truth = (
        retail.truth.links.set_index("record_id")
        .join(last)
        .join(retail.truth.value.set_index("person_id"), on="person_id")
    )
    left = truth[~truth["alive_at_end"]]
    assert len(left) > 1_000
    assert (left["alive_until"] == left["max"]).all()
    assert (left["max"] > left["min"]).all()
    later = truth.loc[truth["alive_at_end"], "alive_until"].dropna()
    assert (later >= retail.as_of).all()
    assert (later < retail.as_of + retail.about["holdout_weeks"] * WEEK).all()


def test_a_repeat_purchase_is_the_last_as_often_as_dropout_says(retail):
    value = retail.truth.value
    seen = retail.transactions["record_id"].map(retail.truth.links.set_index("record_id")["person_id"])
    x = (seen.value_counts().reindex(value["person_id"]) - 1).to_numpy()
    expected = x * value["dropout"].to_numpy()  # each of x repeat purchases is a chance to leave
    gap = (~value["alive_at_end"]).sum() - expected.sum()
    assert abs(gap) < 4 * np.sqrt((expected * (1 - value["dropout"].to_numpy())).sum())


def test_purchases_fall_on_all_days_and_in_shop_hours(retail):
    ts = retail.transactions["ts"]
    share = ts.dt.hour.value_counts(normalize=True).reindex(range(24), fill_value=0)
    weights = np.array(PLANTED["hours"]["customers"])
    assert np.abs(share.to_numpy() - weights / weights.sum()).max() < 4 * np.sqrt(0.25 / len(ts))
    weekdays = ts.dt.day_of_week.value_counts(normalize=True)
    assert np.abs(weekdays - 1 / 7).max() < 0.01


def test_goods_and_margins_are_as_asked(retail):
    log, asked_for = retail.transactions, PLANTED["product_groups"]
    total = sum(weight for weight, _ in asked_for.values())
    for group, (weight, margin) in asked_for.items():
        rows = log[log["product_group"] == group]
        assert abs(len(rows) / len(log) - weight / total) < 4 * np.sqrt(0.25 / len(log))
        share = rows["margin_cents"] / rows["amount_cents"]
        assert share.between((margin - 400) / 10_000 - 0.01, (margin + 400) / 10_000).all()
    assert (log["amount_cents"] > 0).all()


def test_the_first_purchase_opens_the_record_and_its_channel_is_mostly_kept(retail):
    log = retail.transactions.merge(retail.customers[["record_id", "created_at", "source"]], on="record_id")
    is_first = ~log["record_id"].duplicated()
    same = log["channel"].astype(str) == log["source"].astype(str)
    assert (log.loc[is_first, "ts"] == log.loc[is_first, "created_at"]).all()
    assert same[is_first].all()
    weights = np.array(list(PLANTED["acquisition"]["channels"].values())) / 100
    keeps = PLANTED["habits"]["same_channel"]
    expected = keeps + (1 - keeps) * (weights**2).sum()
    assert abs(same[~is_first].mean() - expected) < 0.01


def test_more_months_reach_farther_back():
    assert asked("retail", customers=1, seed=1, months=60).first_day < asked("retail", customers=1, seed=1).first_day
