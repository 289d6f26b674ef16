"""Lifetime value: the sum by hand, intervals that hold what comes, and words that say how it was worked out."""

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import ConvergenceWarning, NotFittedError

from crmlab import value
from crmlab.errors import CrmlabError

BUYING = value.BGNBD.with_params(unit="W", r=0.6, alpha=4.0, a=0.8, b=2.5)
SPENDING = value.GammaGamma.with_params(p=6.0, q=4.0, gamma=1500.0)
GIVEN = {"margin": 0.3, "rate": 0.1, "rate_period": "Y", "seed": 5, "draws": 30}


@pytest.fixture(scope="module")
def summary():
    table = BUYING.sample(400, seed=1, age=30.0)
    return table.assign(mean_value_cents=SPENDING.sample(table["frequency"], seed=2)["mean_value_cents"])


@pytest.fixture(scope="module")
def models(summary):
    return {"purchases": value.BGNBD().fit(summary), "spend": value.GammaGamma().fit(summary)}


@pytest.fixture(scope="module")
def worth(summary, models):
    return value.lifetime_value(summary, **models, **GIVEN, horizon=52)


def planted(seed, n=300, seen=30.0, ahead=26.0, margin=0.3, yearly=0.1):
    """Customers lived one by one, purchase by purchase: what was seen of them, and what then came."""
    dice = np.random.default_rng(seed)
    rate, leaving = dice.gamma(0.6, 1 / 4.0, n), dice.beta(0.8, 2.5, n)
    nu = dice.gamma(4.0, 1 / 1500.0, n)
    rows, came = [], np.zeros(n)
    for one in range(n):
        clock, times, amounts = 0.0, [], []
        while True:
            clock += dice.exponential(1 / rate[one])
            if clock > seen + ahead:
                break
            times.append(clock)
            amounts.append(dice.gamma(6.0) / nu[one])
            if dice.random() < leaving[one]:
                break
        times, amounts = np.array(times), np.array(amounts)
        before = times <= seen
        later = (1 + yearly) ** (-(times[~before] - seen) * 7 / 365.25)
        came[one] = margin * (amounts[~before] * later).sum()
        last, mean = (times[before][-1], amounts[before].mean()) if before.any() else (0.0, np.nan)
        rows.append((before.sum(), last, seen, mean))
    return pd.DataFrame(rows, columns=["frequency", "recency_weeks", "age_weeks", "mean_value_cents"]), came


def test_the_value_is_margin_times_worth_of_a_purchase_times_discounted_purchases(summary, models, worth):
    table = worth.table
    counted = models["purchases"].discounted_purchases(summary, rate=0.1, rate_period="Y", horizon=52)
    p, q, gamma = models["spend"].params_
    x, mean = summary["frequency"], summary["mean_value_cents"].fillna(0)
    each = p * (gamma + x * mean) / (p * x + q - 1)
    assert table["lifetime_value_cents"].to_numpy() == pytest.approx((0.3 * each * counted).to_numpy())
    assert worth.total_cents == pytest.approx(table["lifetime_value_cents"].sum())
    assert table.index.equals(summary.index)
    # in small steps: what is expected in each half week, worth less by the day it comes
    one = summary.nlargest(1, "frequency")
    steps = np.arange(0, 52.1, 0.5)
    by_then = [models["purchases"].expected_purchases(one, float(t)).item() for t in steps]
    by_hand = (np.diff(by_then) * 1.1 ** (-(steps[1:] + steps[:-1]) / 2 * 7 / 365.25)).sum()
    assert table.loc[one.index[0], "discounted_purchases"] == pytest.approx(by_hand, rel=1e-4)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")  # of three hundred, a refit may run off
def test_intervals_hold_what_comes_about_as_often_as_their_level_says():
    level, bases, inside, off, above, below = 0.8, 24, 0, [], [], []
    for seed in range(bases):
        summary, came = planted(seed)
        models = {"purchases": value.BGNBD().fit(summary), "spend": value.GammaGamma().fit(summary)}
        given = {"margin": 0.3, "rate": 0.1, "rate_period": "Y", "horizon": 26.0}
        got = value.lifetime_value(summary, **models, **given, seed=seed, draws=60, level=level)
        inside += got.total_low_cents <= came.sum() <= got.total_high_cents
        half = (got.total_high_cents - got.total_low_cents) / 2 / 1.2816  # a tenth of a normal lies beyond
        off.append((came.sum() - got.total_cents) / half)
        low, high = got.table["low_cents"].to_numpy(), got.table["high_cents"].to_numpy()
        above.append((came > high)[high > 0])
        below.append((came < low)[low > 0])
    # of all: nobody can be below 0, so there only the upper end is passed, by a tenth; below, where an end is above 0
    above, below = np.concatenate(above), np.concatenate(below)
    assert abs(above.mean() - 0.1) < 0.03
    assert abs(below.mean() - 0.1) < 4 * np.sqrt(0.09 / len(below)) + 0.03
    assert 13 <= inside <= 23  # 19 are expected; each end has a chance of 1 in 300
    assert 8 < np.square(off).sum() < 56  # chi-square with 24 degrees of freedom: each end 1 in 1,000 or rarer
    assert abs(np.mean(off)) < 3.3 / np.sqrt(bases)


def test_for_ever_is_more_than_a_horizon_and_a_higher_rate_is_less(summary, models, worth):
    ever = value.lifetime_value(summary, **models, **GIVEN)
    assert (ever.table["lifetime_value_cents"] > worth.table["lifetime_value_cents"]).all()
    dear = value.lifetime_value(summary, **models, **(GIVEN | {"rate": 0.5}), horizon=52)
    assert (dear.table["lifetime_value_cents"] < worth.table["lifetime_value_cents"]).all()
    free = value.lifetime_value(summary, **models, **(GIVEN | {"rate": 0}), horizon=52)
    plain = models["purchases"].expected_purchases(summary, 52)
    assert free.table["discounted_purchases"].to_numpy() == pytest.approx(plain.to_numpy())


def test_the_seed_chooses_the_intervals_only_and_the_summary_is_left_as_it_was(summary, models, worth):
    before = summary.copy()
    again = value.lifetime_value(summary, **models, **GIVEN, horizon=52)
    pd.testing.assert_frame_equal(again.table, worth.table)
    other = value.lifetime_value(summary, **models, **(GIVEN | {"seed": 6}), horizon=52)
    assert other.total_cents == worth.total_cents
    assert other.total_low_cents != worth.total_low_cents
    pd.testing.assert_frame_equal(summary, before)


def test_a_share_of_the_margin_is_that_share_of_every_value(summary, models, worth):
    half = value.lifetime_value(summary, **models, **(GIVEN | {"margin": 0.15}), horizon=52)
    for column in ("lifetime_value_cents", "low_cents", "high_cents"):
        assert half.table[column].to_numpy() == pytest.approx(worth.table[column].to_numpy() / 2, rel=1e-5)


def test_explain_says_every_assumption_and_works_one_customer_out(summary, worth):
    customer = worth.table["lifetime_value_cents"].idxmax()
    row, seen = worth.table.loc[customer], summary.loc[customer]
    said = str(worth.explain())
    assert said == str(worth.explain(customer))
    for words in (
        "BGNBD, fitted on weeks; the fit converged",
        "GammaGamma; the fit converged",
        "Looked ahead for 52 weeks",
        "30% is left after its costs",
        "Interest of 10.00% a year: later money counts less",
        "no new prices, campaigns or rivals",
        "90% of 30 futures lie in it",
        "One purchase: as the summary counts it; days are those of UTC. Returns are taken off the purchase before",
        "later money counts less, from moment to moment",
        "A value is the average of all that may come. An interval is of one future",
        "It does not say how sure the average is",
        f"In one future, not on average: {row['low_cents'] / 100:,.2f} to {row['high_cents'] / 100:,.2f}",
        f"nothing at all with a chance of {row['p_nothing']:.0%}",
        "Frequency and spend: rank correlation",
        f"Customer {customer}",
        f"{seen['frequency']:.0f} repeat purchases, the last {seen['recency_weeks']:.1f} weeks after the first",
        f"a chance of {row['p_alive']:.1%}",
        "Each buys at a steady pace of their own, and who leaves does so unseen and for good",
        "neither past ones, nor customers yet to be won",
        f"0.3 × {row['value_per_purchase_cents'] / 100:,.4f} × {row['discounted_purchases']:.5f} = "
        f"{row['lifetime_value_cents'] / 100:,.2f}",
    ):
        assert words in said
    silent = summary.index[summary["frequency"] == 0][0]
    assert "watched for 30.0 weeks; no purchase since" in worth.explain(silent)
    assert "a chance of 100.0% (BGNBD: nobody leaves before a second purchase" in worth.explain(silent)
    assert repr(worth.explain()) == said
    assert repr(worth).startswith(f"Customer equity {worth.total_cents / 100:,.2f} (90% of futures: ")


def test_a_monthly_rate_is_told_by_the_year_too_and_for_ever_in_words(summary, models):
    said = value.lifetime_value(summary, **models, **(GIVEN | {"rate": 0.01, "rate_period": "M"})).explain()
    assert "Interest of 1.00% a month (12.68% a year)" in said
    assert "Looked ahead for ever" in said


def test_what_is_one_purchase_is_told_where_the_summary_knows_it(summary, models):
    known = summary.copy()
    known.attrs = {"unit": "W", "collapse": "M"}
    said = value.lifetime_value(known, **models, **GIVEN, horizon=52).explain()
    assert "One purchase: all that a customer buys within one calendar month; days are those of UTC" in said


def test_a_value_is_an_average_and_an_interval_one_future_and_both_say_so(worth):
    table = worth.table
    assert (table["lifetime_value_cents"] > table["high_cents"]).any()  # no fault, but to be told
    nobody = table["high_cents"] == 0
    assert (table.loc[nobody, "p_nothing"] >= 0.9).all()
    assert (table.loc[table["low_cents"] > 0, "p_nothing"] <= 0.05 + 1 / 30).all()
    assert table["p_nothing"].corr(table["discounted_purchases"], method="spearman") < -0.7
    assert "average of what may come; low_cents to high_cents holds 90% of their single futures, and the" in repr(worth)


def test_a_rate_above_one_is_taken_for_a_slip(summary, models):
    with pytest.raises(CrmlabError, match="rate: found 10, which is 1000% in one period") as caught:
        value.lifetime_value(summary, **models, **(GIVEN | {"rate": 10}))
    assert "write 0.1 for 10 %" in str(caught.value)


def test_no_customers_or_customers_not_told_apart_are_refused(summary, models):
    for table, words in (
        (summary.iloc[:0], "summary: there are no customers"),
        (summary.set_axis([1] * len(summary)), "summary: 399 labels of the index stand more than once"),
    ):
        with pytest.raises(CrmlabError, match=words):
            value.lifetime_value(table, **models, **GIVEN)
    for nothing in (None, [1, 2], summary["frequency"]):
        with pytest.raises(CrmlabError, match=r"summary: found .*\n  allowed : a pandas DataFrame"):
            value.lifetime_value(nothing, **models, **GIVEN)


def test_numbers_written_as_texts_are_worth_the_same(summary, models):
    asked = models | GIVEN | {"draws": 3}
    plain = value.lifetime_value(summary, **asked)
    texts = value.lifetime_value(summary.astype("object").astype("str"), **asked)
    pd.testing.assert_frame_equal(texts.table, plain.table)
    assert texts.explain().splitlines()[-6:] == plain.explain().splitlines()[-6:]


def test_refits_that_did_not_converge_are_told_and_the_intervals_are_finite(models):
    cdnow = value.BGNBD.with_params(unit="W", r=0.243, alpha=4.414, a=0.793, b=2.426)
    table = cdnow.sample(60, seed=3, age=30)
    table["mean_value_cents"] = SPENDING.sample(table["frequency"], seed=2)["mean_value_cents"]
    given = models | {"purchases": value.BGNBD().fit(table)} | GIVEN
    with pytest.warns(ConvergenceWarning, match=r"of 30 refits of BGNBD did not converge .*do not tell"):
        got = value.lifetime_value(table, **given, horizon=52)
    assert np.isfinite(got.table).all(axis=None)


def test_a_customer_who_is_not_there_is_named(worth):
    with pytest.raises(CrmlabError, match=r"customer: there is no customer \[1, 2\]"):
        worth.explain([1, 2])
    with pytest.raises(CrmlabError, match="customer: there is no customer 'Ana'"):
        worth.explain("Ana")


def test_all_arguments_out_of_range_are_named_together(summary, models):
    wrong = GIVEN | {"margin": 30, "draws": 1, "seed": None}
    with pytest.raises(CrmlabError) as caught:
        value.lifetime_value(summary, **models, **wrong, level=90, horizon=0)
    for words in ("seed: found None.", "margin: found 30.", "draws: found 1.", "level: found 90.", "horizon: found 0."):
        assert words in str(caught.value)


def test_models_that_cannot_give_an_interval_are_refused_with_the_reason(summary, models):
    gifts = value.BGBB.with_params(unit="Y", alpha=1.2, beta=0.75, gamma=0.66, delta=2.78)
    with pytest.raises(CrmlabError) as caught:
        value.lifetime_value(summary, purchases=gifts, spend=gifts, **GIVEN)
    assert "purchases: found a BGBB, which counts periods with a purchase and draws no futures." in str(caught.value)
    assert "multiply its discounted_purchases(…) by margin and amount yourself" in str(caught.value)
    assert "spend: found a BGBB." in str(caught.value)
    with pytest.raises(CrmlabError, match="its parameters were given, not learned"):
        value.lifetime_value(summary, purchases=BUYING, spend=models["spend"], **GIVEN)
    with pytest.raises(NotFittedError):
        value.lifetime_value(summary, purchases=value.BGNBD(), spend=models["spend"], **GIVEN)
    with pytest.raises(CrmlabError, match="rate: 0 for ever has no end"):
        value.lifetime_value(summary, **models, **(GIVEN | {"rate": 0}))
    days = summary.rename(columns=lambda name: name.replace("weeks", "days"))
    with pytest.raises(CrmlabError, match="this table counts in days, the model was fitted in weeks"):
        value.lifetime_value(days, **models, **GIVEN)
