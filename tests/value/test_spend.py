"""What a purchase is worth: planted parameters come back, extreme customers, laws, and when the model may be used."""

import mpmath as mp
import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from crmlab import value
from crmlab.errors import CrmlabError
from crmlab.tables.rows import distinct

PLANTED = value.GammaGamma.with_params(p=6.0, q=4.0, gamma=1500.0)
EXTREME = [(1, 1e-2), (1, 1e9), (1000, 1e-2), (1000, 1e9), (3, 2500.0), (250, 99.0)]  # purchases, mean in cents
PARAMETERS = [(6.25, 3.74, 1544.0), (0.05, 0.3, 1e-3), (300.0, 80.0, 1e6), (1.0, 1.0, 1.0)]


def drawn(size, seed, planted=PLANTED):
    return planted.sample(np.random.default_rng(seed).geometric(0.35, size) - 1, seed=seed)


def by_hand(x, mean, p, q, gamma):
    shape, total = p * x, gamma + x * mean
    ways = mp.loggamma(shape + q) - mp.loggamma(shape) - mp.loggamma(q)
    return ways + q * mp.log(gamma) + (shape - 1) * mp.log(mean) + shape * mp.log(x) - (shape + q) * mp.log(total)


@pytest.mark.parametrize("parameters", PARAMETERS)
def test_the_likelihood_agrees_with_thirty_digits(parameters):
    with mp.workdps(30):
        for x, mean in EXTREME:
            rows = distinct({"x": np.array([float(x)]), "mean": np.array([mean])})
            got, slopes = value.GammaGamma()._log_likelihood(np.log(parameters), rows)
            assert got == pytest.approx(float(by_hand(*map(mp.mpf, (x, mean, *parameters)))), rel=1e-9), (x, mean)
            assert np.isfinite(slopes).all(), (x, mean)


@pytest.mark.parametrize("size", [1_000, 10_000, 100_000])
def test_planted_parameters_come_back(size):
    """Likelihood ratio of the planted parameters: chi-square with three degrees of freedom for each seed."""
    ratios = []
    for seed in (1, 2, 3):
        fitted = value.GammaGamma().fit(drawn(size, seed))
        ratios.append(2 * (fitted.log_likelihood_ - fitted._log_likelihood(PLANTED._place_, fitted.rows_)[0]))
        assert fitted.converged_
    assert min(ratios) >= -1e-6
    assert sum(ratios) < 34  # nine degrees of freedom: beyond, a chance of 1 in 10,000


def test_the_error_shrinks_with_the_root_of_the_size():
    def error(size):
        fits = [value.GammaGamma().fit(drawn(size, seed)).params_ for seed in range(6)]
        return np.sqrt(np.mean([np.log(fit / PLANTED.params_) ** 2 for fit in fits]))

    small, large = error(600), error(30_000)
    assert 3 < small / large < 17  # about seven times


def test_rows_given_twice_are_rows_of_weight_two_and_the_unit_of_money_is_free():
    once = drawn(2_000, 5)
    twice = value.GammaGamma().fit(pd.concat([once, once]))
    weighted = value.GammaGamma().fit(once, sample_weight=np.full(len(once), 2))
    np.testing.assert_allclose(weighted.params_, twice.params_, rtol=1e-9)
    euros = value.GammaGamma().fit(once.assign(mean_value_cents=once["mean_value_cents"] / 100))
    np.testing.assert_allclose(euros.params_ * [1, 1, 100], value.GammaGamma().fit(once).params_, rtol=1e-5)


def test_few_purchases_are_pulled_to_the_mean_of_all_and_many_are_trusted():
    p, q, gamma = PLANTED.params_
    customers = pd.DataFrame({"frequency": [0, 1, 10, 10_000], "mean_value_cents": [np.nan, 900.0, 900.0, 900.0]})
    got = PLANTED.expected_value(customers).to_numpy()
    of_all = p * gamma / (q - 1)
    assert got[0] == pytest.approx(of_all)
    assert of_all > got[1] > got[2] > got[3] > 900
    assert got[3] == pytest.approx(900, rel=1e-3)


def test_what_is_expected_is_what_later_purchases_bring():
    """Purchases of the same customers, drawn before and after, from rates of their own."""
    dice = np.random.default_rng(7)
    scale = dice.gamma(4.0, 1 / 1500.0, 60_000)
    x = dice.integers(0, 6, 60_000)
    before = np.where(x > 0, dice.gamma(6.0 * np.maximum(x, 1)) / scale / np.maximum(x, 1), np.nan)
    after = dice.gamma(6.0 * 50, size=60_000) / scale / 50
    expected = PLANTED.expected_value(pd.DataFrame({"frequency": x, "mean_value_cents": before}))
    for times in range(6):
        assert expected[x == times].mean() == pytest.approx(after[x == times].mean(), rel=0.03), times


def test_customers_who_paid_nothing_are_passed_over_and_get_the_mean_of_all():
    table = drawn(2_000, 3)
    free = pd.DataFrame({"frequency": [3], "mean_value_cents": [0.0]})
    np.testing.assert_array_equal(
        value.GammaGamma().fit(pd.concat([table, free])).params_, value.GammaGamma().fit(table).params_
    )
    assert PLANTED.expected_value(free)[0] == pytest.approx(6.0 * 1500 / 3)


def test_independence_is_tested_and_said_in_words():
    alone = value.GammaGamma().fit(drawn(4_000, 1)).independence_
    assert abs(alone["rank_correlation"]) < 0.1
    assert "may be used" in alone["verdict"]
    table = drawn(4_000, 1)
    tied = table.assign(mean_value_cents=table["mean_value_cents"] * table["frequency"] ** 1.5)
    fitted = value.GammaGamma().fit(tied).independence_
    assert fitted["rank_correlation"] > 0.5
    assert fitted["p_value"] < 1e-6
    assert "buy often spend more per purchase" in fitted["verdict"]
    again = table[table["frequency"] > 0]
    bought, alone = again["frequency"].to_numpy(), np.ones(len(again))
    less = value.spend._independence(bought, (1 / tied["mean_value_cents"]).dropna().to_numpy(), alone)
    assert "buy often spend less per purchase" in less["verdict"]
    little = again["mean_value_cents"] * again["frequency"] ** 0.12
    found = value.spend._independence(bought, little.to_numpy(), alone)
    assert 0.1 < found["rank_correlation"] < 0.3
    assert "says a little of how much they spend: the model may be used, with some care" in found["verdict"]
    equal = value.GammaGamma().fit(table[table["frequency"] == 1]).independence_
    assert np.isnan(equal["rank_correlation"])
    assert "cannot be seen" in equal["verdict"]


def test_a_p_value_is_uniform_where_frequency_says_nothing():
    chances = [
        value.spend._independence(dice.geometric(0.4, 60), dice.gamma(5, size=60), np.ones(60))["p_value"]
        for dice in map(np.random.default_rng, range(200))
    ]
    assert abs(np.mean(np.array(chances) < 0.1) - 0.1) < 4 * np.sqrt(0.09 / 200)


def test_independence_is_spearmans_and_rows_given_twice_are_rows_of_weight_two():
    table = drawn(300, 4)
    times = np.random.default_rng(0).integers(1, 4, len(table))
    weighted = value.GammaGamma().fit(table, sample_weight=times).independence_
    rows = table.loc[np.repeat(table.index, times)]
    repeated = value.GammaGamma().fit(rows).independence_
    again = rows[rows["frequency"] > 0]
    whole = spearmanr(again["frequency"], again["mean_value_cents"])
    for found in (weighted, repeated):
        assert found["rank_correlation"] == pytest.approx(whole.statistic, rel=1e-9)
        assert found["p_value"] == pytest.approx(whole.pvalue, rel=1e-9)


LACKING = {
    "few": (pd.DataFrame({"frequency": [1] * 9, "mean_value_cents": 5.0}), "9 customers bought again and paid"),
    "nobody again": (pd.DataFrame({"frequency": [0] * 20, "mean_value_cents": np.nan}), "0 customers bought again"),
    "all free": (pd.DataFrame({"frequency": [1] * 20, "mean_value_cents": 0.0}), "0 customers bought again and paid"),
    "one value": (
        pd.DataFrame({"frequency": [1] * 20, "mean_value_cents": 5.0}),
        "every customer's mean value is the same",
    ),
    "lost": (
        pd.DataFrame({"frequency": [1] * 20, "mean_value_cents": np.nan}),
        "20 customers bought again, but no value",
    ),
    "losses": (
        pd.DataFrame({"frequency": [1] * 20, "mean_value_cents": -5.0}),
        'breaks? the rule "a number, 0 or more"',
    ),
    "no column": (pd.DataFrame({"frequency": [1] * 20}), "no column 'mean_value_cents'"),
    "two columns": (
        pd.DataFrame([[1, 1, 5.0]] * 20, columns=["frequency", "frequency", "mean_value_cents"]),
        "same name",
    ),
}


@pytest.mark.parametrize("name", LACKING)
def test_spend_that_cannot_tell_is_refused_with_the_reason(name):
    table, words = LACKING[name]
    with pytest.raises(CrmlabError, match=words) as caught:
        value.GammaGamma().fit(table)
    assert "  next    : " in str(caught.value)


def test_without_a_mean_over_all_only_repeat_buyers_are_valued():
    wild = value.GammaGamma.with_params(p=6.0, q=0.9, gamma=1500.0)
    assert wild.expected_value(pd.DataFrame({"frequency": [1], "mean_value_cents": [900.0]}))[0] > 0
    with pytest.raises(CrmlabError, match="the mean has no end for 1 customer who bought too seldom"):
        wild.expected_value(pd.DataFrame({"frequency": [0], "mean_value_cents": [np.nan]}))


def test_a_mean_without_end_is_never_given_as_a_loss():
    wilder = value.GammaGamma.with_params(p=0.2, q=0.5, gamma=1000.0)  # p x + q reaches 1 with the third purchase
    customers = pd.DataFrame({"frequency": [1, 2, 3, 5], "mean_value_cents": 1000.0}, index=list("vwxy"))
    with pytest.raises(CrmlabError, match="for 2 customers who bought too seldom") as caught:
        wilder.expected_value(customers)
    assert "rows    : v, w\n" in str(caught.value)
    assert "only those with 3 or more" in str(caught.value)
    assert (wilder.expected_value(customers.loc[["x", "y"]]) > 0).all()


@pytest.mark.parametrize("summary", [None, [1, 2], pd.Series([1, 2])])
def test_what_is_no_table_is_refused(summary):
    for ask in (value.GammaGamma().fit, value.GammaGamma.with_params(p=6.0, q=4.0, gamma=1500.0).expected_value):
        with pytest.raises(CrmlabError, match=r"summary: found .*\n  allowed : a pandas DataFrame"):
            ask(summary)
