"""BG/BB: against sums by hand and planted parameters; its laws."""

import itertools

import mpmath as mp
import numpy as np
import pandas as pd
import pytest

from crmlab import value
from crmlab.errors import CrmlabError
from crmlab.tables.rows import distinct
from crmlab.value.bgbb import _likelihood

PLANTED = value.BGBB.with_params(unit="Y", alpha=1.2, beta=0.8, gamma=0.7, delta=2.8)
PARAMETERS = [(1.204, 0.750, 0.657, 2.783), (0.02, 40.0, 30.0, 0.05), (200.0, 0.1, 0.01, 500.0), (1.0, 1.0, 1.0, 1.0)]
EXTREME = [(0, 0, 1), (0, 0, 1000), (1, 1, 40), (1000, 1000, 1000), (3, 900, 1000), (500, 999, 1000), (2, 5, 6)]


def years(x, tx, n):
    return pd.DataFrame({"frequency": x, "recency_years": tx, "age_years": n})


def by_hand(x, tx, n, alpha, beta, gamma, delta):
    """The last of the n periods lived through may be any from the last purchase on."""

    def chance(lived, left):
        bought = mp.beta(alpha + x, beta + lived - x) / mp.beta(alpha, beta)
        return bought * mp.beta(gamma + left, delta + lived) / mp.beta(gamma, delta)

    return mp.log(chance(n, 0) + sum(chance(lived, 1) for lived in range(tx, n)))


@pytest.mark.parametrize("parameters", PARAMETERS)
def test_the_likelihood_agrees_with_thirty_digits(parameters):
    with mp.workdps(30):
        for x, tx, n in EXTREME:
            rows = distinct(
                {name: np.array([float(at)]) for name, at in zip(("x", "tx", "n"), (x, tx, n), strict=True)}
            )
            got, slopes = _likelihood(rows, *parameters)
            exact = by_hand(x, tx, n, *map(mp.mpf, parameters))
            assert got[0] == pytest.approx(float(exact), rel=1e-8, abs=1e-9), (x, tx, n)
            assert np.isfinite(slopes).all(), (x, tx, n)


def test_the_chances_of_all_histories_make_one_and_answer_every_question():
    """Each of 2^6 histories of six periods, with its chance: pmf, P(alive) and what is expected are sums over them."""
    histories = np.array(list(itertools.product([0, 1], repeat=6)))
    x, last = histories.sum(axis=1), (histories * np.arange(1, 7)).max(axis=1)
    rows = distinct({"x": x.astype(float), "tx": last.astype(float), "n": np.full(64, 6.0)})
    chance = dict(zip(zip(rows.x, rows.tx, strict=True), np.exp(_likelihood(rows, *PLANTED.params_)[0]), strict=True))
    each = np.array([chance[key] for key in zip(x, last, strict=True)])
    assert each.sum() == pytest.approx(1, abs=1e-12)
    table = years(x, last, 6)
    assert np.bincount(x, weights=each) == pytest.approx(PLANTED.pmf(range(7), 6), rel=1e-10)
    assert each @ x == pytest.approx(PLANTED.expected_by(6), rel=1e-10)
    alive = np.prod([(2.8 + period) / (3.5 + period) for period in range(7)])  # still one in the seventh
    assert each @ PLANTED.p_alive(table) == pytest.approx(alive, rel=1e-10)
    later = PLANTED.expected_by(11) - PLANTED.expected_by(6)
    assert each @ PLANTED.expected_purchases(table, 5) == pytest.approx(later, rel=1e-10)


@pytest.mark.parametrize("size", [2_000, 40_000])
def test_planted_parameters_come_back(size):
    """Likelihood ratio of the planted parameters: chi-square with four degrees of freedom for each seed."""
    ratios = []
    for seed in (1, 2, 3):
        fitted = value.BGBB().fit(PLANTED.sample(size, seed=seed, age=8))
        ratios.append(2 * (fitted.log_likelihood_ - fitted._log_likelihood(PLANTED._place_, fitted.rows_)[0]))
        assert fitted.converged_
    assert min(ratios) >= -1e-6
    assert sum(ratios) < 40  # twelve degrees of freedom: beyond, a chance of 1 in 15,000


def test_the_error_shrinks_with_the_root_of_the_size():
    def error(size):
        fits = [value.BGBB().fit(PLANTED.sample(size, seed=seed, age=8)).params_ for seed in range(6)]
        return np.sqrt(np.mean([np.log(fit / PLANTED.params_) ** 2 for fit in fits]))

    small, large = error(2_000), error(100_000)
    assert 3 < small / large < 17  # about seven times


def test_rows_given_twice_are_rows_of_weight_two():
    once = PLANTED.sample(1_000, seed=4, age=np.repeat([4, 7], 500))
    weighted = value.BGBB().fit(once, sample_weight=np.full(len(once), 2))
    np.testing.assert_allclose(weighted.params_, value.BGBB().fit(pd.concat([once, once])).params_, rtol=1e-9)


def test_the_chance_to_be_alive_falls_in_silence_and_lies_in_0_to_1():
    silent = years(2, 3, np.array([3, 4, 6, 20, 1000]))
    alive = PLANTED.p_alive(silent)
    assert alive.between(0, 1).all()
    assert (alive.diff().dropna() < 0).all()


def test_without_interest_discounting_changes_nothing_and_for_ever_is_a_far_horizon():
    table = PLANTED.sample(300, seed=2, age=6)
    plain = PLANTED.discounted_purchases(table, rate=0, rate_period="Y", horizon=9)
    np.testing.assert_allclose(plain, PLANTED.expected_purchases(table, 9), rtol=1e-12)
    ever = PLANTED.discounted_purchases(table, rate=0.1, rate_period="Y")
    far = PLANTED.discounted_purchases(table, rate=0.1, rate_period="Y", horizon=400)
    np.testing.assert_allclose(ever, far, rtol=1e-6)


def test_a_new_customer_is_one_of_whom_nothing_was_seen_yet():
    assert PLANTED.expected_purchases(years([0], [0], [0]), 7)[0] == pytest.approx(PLANTED.expected_by(7), rel=1e-12)
    assert PLANTED.expected_by(0) == 0


def test_samples_bought_as_often_as_expected_and_never_after_the_end():
    drawn = PLANTED.sample(60_000, seed=9, age=6)
    share = np.bincount(drawn["frequency"], minlength=7) / len(drawn)
    assert np.abs(share - PLANTED.pmf(range(7), 6)).max() < 4 * np.sqrt(0.25 / len(drawn))
    assert (drawn["recency_years"] <= drawn["age_years"]).all()
    assert ((drawn["frequency"] == 0) == (drawn["recency_years"] == 0)).all()


@pytest.mark.parametrize("t", [1.5, -1, "two", True])
def test_periods_are_whole_numbers(t):
    with pytest.raises(CrmlabError, match="a whole number of periods, 0 or more"):
        PLANTED.expected_by(t)
