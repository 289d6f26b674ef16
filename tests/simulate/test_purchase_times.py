"""Each process of purchases gives its planted parameters back, and the dial of spend breaks what it says it breaks."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from scipy.special import betaln, gammaln, hyp2f1
from scipy.stats import chi2

from crmlab import simulate

WEEK, DAY = pd.Timedelta(weeks=1), pd.Timedelta(days=1)
QUIET = {name: False for name in ("moments", "lifecycle", "survey", "mentions", "product", "campaigns", "referrals")}
QUIET |= {"mess": "none", "contacts": {kind: False for kind in ("complaint", "answer", "newsletter", "text offer")}}
PARETO = {"process": "pareto_nbd", "r": 1.2, "alpha": 10.0, "s": 0.9, "beta": 30.0}
BGBB = {"process": "bg_bb", "alpha": 1.2, "beta": 1.8, "gamma": 0.7, "delta": 6.0, "every_days": 21}
REGULAR = {"process": "regular", "r": 20.0, "alpha": 20.0, "s": 0.5, "beta": 4_000.0, "regularity": 3}


def made(purchases, customers=6_000, **more):
    return simulate.company(
        "retail", customers=customers, seed=5, purchases=purchases, **{"months": 36, **QUIET, **more}
    )


def log_of(base):
    return base.transactions.merge(base.truth.links, on="record_id")


@pytest.fixture(scope="module")
def pareto():
    return made(PARETO)


@pytest.fixture(scope="module")
def bgbb():
    return made(BGBB)


@pytest.fixture(scope="module")
def regular():
    return made(REGULAR, customers=600)


def pareto_nbd(parameters, x, t_x, T):
    """Log-likelihood of Schmittlein, Morrison & Colombo 1987 as Fader & Hardie 2005 write it down."""
    r, alpha, s, beta = np.exp(parameters)
    most, gap, second = max(alpha, beta), abs(alpha - beta), (s + 1 if alpha >= beta else r + x)
    power = r + s + x

    def part(t):
        return hyp2f1(power, second, power + 1, gap / (most + t)) * np.exp(-power * np.log(most + t))

    alive = np.exp(-(r + x) * np.log(alpha + T) - s * np.log(beta + T))
    left = s / power * (part(t_x) - part(T))
    return (gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta) + np.log(alive + left)).sum()


def bg_bb(parameters, x, t_x, n, weight):
    """Log-likelihood of Fader, Hardie & Shang 2010, equation 6."""
    alpha, beta, gamma, delta = np.exp(parameters)
    terms = [betaln(alpha + x, beta + n - x) + betaln(gamma, delta + n)]
    for i in range(int(n.max())):
        term = betaln(alpha + x, beta + t_x - x + i) + betaln(gamma + 1, delta + t_x + i)
        terms.append(np.where(i < n - t_x, term, -np.inf))
    whole = np.logaddexp.reduce(terms) - betaln(alpha, beta) - betaln(gamma, delta)
    return (weight * whole).sum()


def fitted(log_likelihood, planted, *data):
    """Fit from half the planted values; say what came out and how much likelier it is than what was planted."""
    planted = np.log(planted)
    best = minimize(lambda v: -log_likelihood(v, *data), planted - np.log(2), method="L-BFGS-B")
    return np.exp(best.x), 2 * (-best.fun - log_likelihood(planted, *data))


def test_a_pareto_nbd_fit_finds_the_planted_parameters(pareto):
    rows = log_of(pareto).groupby("person_id")["ts"].agg(["size", "min", "max"])
    x, t_x = (rows["size"] - 1).to_numpy(), ((rows["max"] - rows["min"]) / WEEK).to_numpy()
    planted = [PARETO[name] for name in ("r", "alpha", "s", "beta")]
    found, gain = fitted(pareto_nbd, planted, x, t_x, ((pareto.as_of - rows["min"]) / WEEK).to_numpy())
    assert found == pytest.approx(planted, rel=0.25)
    assert 0 <= gain < chi2.ppf(0.999, df=4)


def test_a_bg_bb_fit_finds_the_planted_parameters(bgbb):
    rows = log_of(bgbb).groupby("person_id")["ts"].agg(["size", "min", "max"])
    first = rows["min"].dt.normalize()
    rows["t_x"] = (rows["max"].dt.normalize() - first) / DAY / BGBB["every_days"]
    rows["n"] = ((bgbb.as_of - first) / DAY - 1) // BGBB["every_days"]
    assert (rows["t_x"] % 1 == 0).all()
    assert (rows["t_x"] <= rows["n"]).all()
    counts = rows.groupby(["size", "t_x", "n"]).size().reset_index(name="weight").to_numpy(dtype=float).T
    planted = [BGBB[name] for name in ("alpha", "beta", "gamma", "delta")]
    found, gain = fitted(bg_bb, planted, counts[0] - 1, *counts[1:])
    assert found == pytest.approx(planted, rel=0.25)
    assert 0 <= gain < chi2.ppf(0.999, df=4)


@pytest.mark.parametrize("order", [1, 3])
def test_the_time_between_regular_purchases_is_erlang_of_the_asked_order(regular, order):
    base = regular if order == 3 else made({**REGULAR, "regularity": 1}, customers=600)
    log = log_of(base).merge(base.truth.value, on="person_id").sort_values(["person_id", "ts"])
    gaps = log.groupby("person_id")["ts"].diff() / WEEK * log["purchase_rate"]
    assert len(gaps.dropna()) > 20_000
    assert gaps.mean() == pytest.approx(1, abs=0.03)
    assert gaps.var() == pytest.approx(1 / order, rel=0.06)
    assert (gaps**3).mean() == pytest.approx(
        (order + 1) * (order + 2) / order**2, rel=0.12
    )  # third moment of an Erlang


@pytest.mark.parametrize("name", ["pareto", "regular"])
def test_lifetimes_end_at_the_latent_rate_and_nothing_is_bought_after(name, request):
    base = request.getfixturevalue(name)
    value = base.truth.value.set_index("person_id")
    log = log_of(base)
    left = value[value["alive_until"].notna()]
    last = log.groupby("person_id")["ts"].max()
    assert (last.reindex(left.index) <= left["alive_until"]).all()
    assert (value["alive_at_end"] == ~(value["alive_until"] < base.as_of)).all()
    weeks = (
        value["alive_until"].fillna(base.as_of).clip(upper=base.as_of) - log.groupby("person_id")["ts"].min()
    ) / WEEK
    expected = (weeks * value["dropout_rate"]).sum()  # as many deaths as hazard lived through
    assert abs((~value["alive_at_end"]).sum() - expected) < 4 * np.sqrt(expected)


def test_the_holdout_of_each_process_brings_what_its_latent_rates_promise(pareto, bgbb):
    weeks = pareto.about["holdout_weeks"]
    value = pareto.truth.value
    mu, alive = value["dropout_rate"], value["alive_at_end"]
    gap = value["future_purchases"] - np.where(alive, value["purchase_rate"] / mu * -np.expm1(-mu * weeks), 0)
    assert abs(gap.sum()) < 4 * np.sqrt((gap**2).sum())
    value = bgbb.truth.value
    first = log_of(bgbb).groupby("person_id")["ts"].min().dt.normalize().reindex(value["person_id"])
    seen, end = ((day - first) / DAY - 1 for day in (bgbb.as_of, bgbb.as_of + weeks * WEEK))
    more = (end // BGBB["every_days"] - seen // BGBB["every_days"]).to_numpy()
    stay = 1 - value["dropout"]
    still = np.where(value["alive_at_end"], value["purchase_chance"] * stay * (1 - stay**more) / (1 - stay), 0)
    gap = value["future_purchases"] - still
    assert abs(gap.sum()) < 4 * np.sqrt((gap**2).sum())
    assert (value.loc[~value["alive_at_end"], "future_purchases"] == 0).all()


@pytest.mark.parametrize("dial", [0, 0.5, -0.4])
def test_the_dial_makes_spend_follow_the_rate_as_asked(dial):
    value = made(PARETO, customers=4_000, months=3, spend__with_rate=dial).truth.value
    rate, spend = np.log(value["purchase_rate"]), np.log(value["mean_spend_cents"])
    kept = value["purchase_rate"] > 1e-4
    (slope, _), covariance = np.polyfit(rate[kept], spend[kept], 1, cov=True)
    assert abs(slope - dial) < 4 * np.sqrt(covariance[0, 0])


def test_other_processes_leave_everything_else_as_it_was():
    one, other = made(PARETO, customers=300), made(BGBB, customers=300)
    assert one.truth.persons.equals(other.truth.persons)
    assert one.truth.links.equals(other.truth.links)
