"""Likelihoods against thirty-digit arithmetic and finite differences, on customers nobody would expect."""

import mpmath as mp
import numpy as np
import pytest

from crmlab import value
from crmlab.tables.rows import Plain, distinct

EXTREME = [  # x, t_x, T
    (0, 0.0, 1000.0),
    (0, 0.0, 1e-3),
    (1, 0.01, 1000.0),
    (1, 1.0, 1.001),
    (3, 10.0, 40.0),
    (50, 1.0, 39.0),
    (200, 0.5, 800.0),
    (1000, 1.0, 1000.0),
    (1000, 999.0, 1000.0),
    (1000, 1000.0, 1000.0),
]
BG = [(0.243, 4.414, 0.793, 2.426), (5, 0.1, 0.05, 300), (0.05, 300, 5, 0.1), (20, 200, 3, 1), (0.9, 1, 1, 1)]
PARETO = [(0.553, 10.578, 0.606, 11.669), (5, 0.1, 0.05, 300), (0.05, 300, 5, 0.1), (20, 200, 3, 1), (0.3, 5, 30, 5000)]


def rows_of(x, tx, end):
    return distinct({"x": np.array([float(x)]), "tx": np.array([float(tx)]), "T": np.array([float(end)])})


def nbd_part(x, r, alpha):
    return mp.loggamma(r + x) - mp.loggamma(r) + r * mp.log(alpha)


def bg_by_hand(x, tx, end, r, alpha, a, b, at_once):
    stays = mp.beta(a, b + x + at_once) / mp.beta(a, b) * (alpha + end) ** -(r + x)
    left = 0
    if x > 0 or at_once:
        left = mp.beta(a + 1, b + x - 1 + at_once) / mp.beta(a, b) * (alpha + tx) ** -(r + x)
    return nbd_part(x, r, alpha) + mp.log(stays + left)


def pareto_by_hand(x, tx, end, r, alpha, s, beta):
    near = min(alpha, beta)
    low, high = mp.log(near + tx), mp.log(near + end)
    falls = (r + x) * (near + tx) / (alpha + tx) + (s + 1) * (near + tx) / (beta + tx) - 1
    high = min(high, low + 200 / (abs(falls) + mp.mpf("1e-9")))

    def leaves(u):
        t = mp.e**u - near
        return mp.e**u * (alpha + t) ** -(r + x) * (beta + t) ** -(s + 1)

    left = s * mp.quad(leaves, mp.linspace(low, high, 24)) if end > tx else 0
    stays = (alpha + end) ** -(r + x) * (beta + end) ** -s
    return nbd_part(x, r, alpha) + s * mp.log(beta) + mp.log(stays + left)


@pytest.mark.parametrize("parameters", BG)
@pytest.mark.parametrize("model", [value.BGNBD, value.MBGNBD])
def test_bgnbd_agrees_with_thirty_digits(model, parameters):
    with mp.workdps(30):
        for customer in EXTREME:
            exact = bg_by_hand(*map(mp.mpf, (*customer, *parameters)), int(model is value.MBGNBD))
            got, slopes = model()._terms(rows_of(*customer), *parameters)
            assert float(np.sum(got)) == pytest.approx(float(exact), rel=1e-9, abs=1e-9), customer
            assert np.isfinite(slopes).all(), customer


@pytest.mark.parametrize("parameters", PARETO)
def test_paretonbd_agrees_with_thirty_digits(parameters):
    with mp.workdps(30):
        for customer in EXTREME:
            exact = pareto_by_hand(*map(mp.mpf, (*customer, *parameters)))
            got, slopes = value.ParetoNBD()._terms(rows_of(*customer), *parameters)
            assert float(np.sum(got)) == pytest.approx(float(exact), rel=1e-9, abs=1e-9), customer
            assert np.isfinite(slopes).all(), customer


@pytest.mark.parametrize("parameters", BG)
def test_the_purchases_of_those_who_stay_agree_with_twenty_digits(parameters):
    """∫ E[λ e^(−λ p s)] ds over the beta distribution of p, by quadrature in p."""
    r, alpha, a, b = map(mp.mpf, parameters)
    with mp.workdps(20):
        for x, tx, end in EXTREME[::3]:
            if a < mp.mpf("0.5") or b + x < mp.mpf("0.5"):
                continue  # the quadrature by hand is not exact at an endless peak
            part = mp.mpf(39) / (alpha + mp.mpf(end))
            ways = mp.beta(a, b + x)

            def bought(p, x=x, part=part, ways=ways):
                return p ** (a - 2) * (1 - p) ** (b + x - 1) / ways * (1 - (1 + p * part) ** -(r + x))

            exact = mp.quad(bought, [0, 0.001, 0.01, 0.1, 0.5, 1])
            plain = Plain({"x": np.array([float(x)]), "tx": np.array([tx]), "T": np.array([end])})
            got = value.BGNBD()._integral(plain, parameters, np.array([39.0]), 0.0)[0]
            assert got == pytest.approx(float(exact), rel=1e-6), (x, tx, end)


def steepness_by_differences(model, place, rows, by=1e-5):
    steps = by * np.eye(len(place))
    rise = [
        model._log_likelihood(place + step, rows)[0] - model._log_likelihood(place - step, rows)[0] for step in steps
    ]
    return np.array(rise) / (2 * by)


def with_groups(cdnow):
    """CDNOW's customers with two columns of their own, one of them of whole numbers."""
    return cdnow.assign(web=np.arange(len(cdnow)) % 2, size=np.sin(np.arange(len(cdnow))))


FITS = {
    "BGNBD, covariates": lambda cdnow: value.BGNBD(covariates=("web", "size")).fit(with_groups(cdnow)),
    "ParetoNBD, covariates": lambda cdnow: value.ParetoNBD(covariates=("web", "size")).fit(with_groups(cdnow)),
    "BGNBD": lambda cdnow: value.BGNBD().fit(cdnow),
    "MBGNBD": lambda cdnow: value.MBGNBD().fit(cdnow),
    "ParetoNBD": lambda cdnow: value.ParetoNBD().fit(cdnow),
    "GammaGamma": lambda cdnow: value.GammaGamma().fit(cdnow),
    "BGBB": lambda cdnow: value.BGBB().fit(
        value.BGBB.with_params(unit="Y", alpha=1.2, beta=0.8, gamma=0.7, delta=2.8).sample(300, seed=1, age=6)
    ),
    "ShiftedBetaGeometric": lambda cdnow: value.ShiftedBetaGeometric().fit([1000, 631, 468, 382, 326]),
    "BetaDiscreteWeibull": lambda cdnow: value.BetaDiscreteWeibull().fit([1000, 631, 468, 382, 326]),
}


@pytest.mark.parametrize("away", [0.1, -0.7, 1.5])
@pytest.mark.parametrize("name", FITS)
def test_slopes_are_those_of_finite_differences(name, away, cdnow):
    model = FITS[name](cdnow)
    place = model._place_ + away * np.cos(np.arange(len(model._place_)))
    exact = steepness_by_differences(model, place, model.rows_)
    np.testing.assert_allclose(model._log_likelihood(place, model.rows_)[1], exact, rtol=2e-5, atol=2e-4)
