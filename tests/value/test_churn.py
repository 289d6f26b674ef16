"""Churn by group: exposure counted, intervals that hold, groups told apart when they differ; value of a contract."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest, chi2

from crmlab import value
from crmlab.errors import CrmlabError

AS_OF = pd.Timestamp("2026-01-01", tz="UTC")
MONTH = pd.Timedelta(days=365.25 / 12)


def drawn(rates, n, seed):
    """Contracts that end at a steady rate a month, watched for up to two years."""
    dice = np.random.default_rng(seed)
    group = np.repeat(list(rates), n)
    start = AS_OF - pd.to_timedelta(dice.uniform(1, 24, len(group)) * MONTH.total_seconds(), unit="s")
    life = dice.exponential(1 / np.repeat(list(rates.values()), n)) * MONTH.total_seconds()
    end = start + pd.to_timedelta(life, unit="s")
    table = pd.DataFrame({"product": pd.Categorical(group), "start": start, "end": pd.Series(end).where(end < AS_OF)})
    return table.astype({"start": "datetime64[us, UTC]", "end": "datetime64[us, UTC]"})


def test_rate_is_ends_per_month_of_contract_and_its_interval_is_garwoods():
    start = pd.to_datetime(["2025-01-01"] * 3, utc=True)
    end = start[0] + pd.to_timedelta([100, 200, None], unit="D")
    contracts = pd.DataFrame({"product": ["S", "S", "L"], "start": start, "end": end})
    table = value.churn_by(contracts, "product", as_of="2025-12-27").table
    assert table.index.tolist() == ["S", "L"]
    assert table["contracts"].tolist() == [2, 1]
    assert table["ended"].tolist() == [2, 0]
    months = np.array([300, 360]) / (365.25 / 12)
    assert table["exposure_months"].tolist() == pytest.approx(months)
    assert table["churn_per_month"].tolist() == pytest.approx([2 / months[0], 0])
    assert table["low"].tolist() == pytest.approx([chi2.ppf(0.025, 4) / 2 / months[0], 0])
    assert table["high"].tolist() == pytest.approx(
        [chi2.ppf(0.975, 6) / 2 / months[0], chi2.ppf(0.975, 2) / 2 / months[1]]
    )


def test_the_interval_holds_the_planted_rate_at_least_as_often_as_its_level_says():
    hits, runs, level = 0, 60, 0.8
    for seed in range(runs):
        table = value.churn_by(drawn({"S": 0.03, "L": 0.01}, 80, seed), "product", as_of=AS_OF, level=level).table
        hits += sum(
            table.loc[name, "low"] <= rate <= table.loc[name, "high"] for name, rate in (("S", 0.03), ("L", 0.01))
        )
    share, error = hits / (2 * runs), np.sqrt(level * (1 - level) / (2 * runs))
    assert level - 4 * error < share < 1 - 0.02  # exact intervals are a little wide, not boundless


def test_groups_that_differ_are_told_apart_and_groups_that_do_not_are_not():
    rates = value.churn_by(drawn({"prepaid": 0.06, "family": 0.01, "solo": 0.01}, 300, 1), "product", as_of=AS_OF)
    assert rates.table.index[0] == "prepaid"
    assert rates.figure().finding.startswith("By product, prepaid loses ")
    alike = value.churn_by(drawn({"S": 0.03, "M": 0.03}, 300, 4), "product", as_of=AS_OF)
    finding = (
        f"By product, no two groups differ by more than chance may do; together they lose {alike.overall:.1%} a month."
    )
    assert alike.figure().finding == finding
    assert repr(alike) == f"<ChurnRates by product: {finding}>"


def steady(counts, exposure):
    """Contracts that run a month each; of each group so many end."""
    group = np.repeat(list(counts), exposure)
    start = pd.Series(pd.DatetimeIndex([AS_OF - MONTH] * len(group)))
    ends = np.concatenate([np.arange(exposure) < n for n in counts.values()])
    return pd.DataFrame({"product": group, "start": start, "end": (start + MONTH - pd.Timedelta("1s")).where(ends)})


def test_two_groups_whose_bars_overlap_are_still_told_apart_where_a_test_tells_them_apart():
    rates = value.churn_by(steady({"S": 250, "L": 200}, 5_000), "product", as_of=AS_OF)
    assert rates.table.loc["S", "low"] < rates.table.loc["L", "high"]  # the bars overlap
    assert rates.figure().finding == "By product, S loses 5.0% of its contracts a month, L 4.0%."
    one = rates.differences().loc[("S", "L")]
    exact = binomtest(250, 450, 0.5)
    assert one["p_value"] == pytest.approx(exact.pvalue, rel=1e-5)
    low, high = exact.proportion_ci(0.95, "exact")
    assert (one["low"], one["high"]) == pytest.approx((low / (1 - low), high / (1 - high)), rel=1e-5)
    assert one["times_as_fast"] == pytest.approx(1.25, rel=1e-5)


def test_the_same_two_among_many_groups_are_not_for_chance_has_more_pairs_to_play_with():
    counts = {"S": 250, "L": 200, "a": 224, "b": 225, "c": 226}
    rates = value.churn_by(steady(counts, 5_000), "product", as_of=AS_OF)
    pairs = rates.differences()
    assert len(pairs) == 10
    assert pairs["p_value"].iloc[0] == pytest.approx(10 * binomtest(250, 450, 0.5).pvalue, rel=1e-4)
    assert ((pairs["low"] > 1) == (pairs["p_value"] < 0.05)).all()  # the interval and the test never disagree
    assert "no two groups differ by more than chance may do" in rates.figure().finding


def test_alike_groups_are_told_apart_no_more_often_than_the_level_allows():
    told = [
        "loses" in repr(value.churn_by(drawn(dict.fromkeys("abcd", 0.02), 60, seed), "product", as_of=AS_OF, level=0.8))
        for seed in range(60)
    ]
    assert np.mean(told) < 0.2 + 3 * np.sqrt(0.2 * 0.8 / 60)


def test_a_group_without_an_end_is_endlessly_slower_and_a_thousand_groups_cost_no_time():
    pairs = value.churn_by(steady({"S": 30, "L": 0, "M": 0}, 100), "product", as_of=AS_OF).differences()
    assert pairs.loc[("S", "L"), ["times_as_fast", "high"]].tolist() == [np.inf, np.inf]
    assert pairs.loc[("S", "L"), "low"] > 1
    assert pairs.loc[("L", "M"), "p_value"] == 1
    hardly = value.churn_by(steady({"S": 32, "M": 31, "L": 30}, 100), "product", as_of=AS_OF).differences()
    assert hardly["p_value"].tolist() == [1, 1, 1]
    assert hardly.index[0] == ("S", "L")  # the surest first, even where none is sure
    many = drawn({"S": 0.05}, 1_000, 1)
    rates = value.churn_by(many.assign(product=many.index), "product", as_of=AS_OF)
    assert len(rates.differences()) <= 40 * 39 / 2
    assert "no two groups differ" in repr(rates)


def test_all_groups_together_are_the_overall_rate_and_a_gap_is_a_group_of_its_own():
    contracts = drawn({"S": 0.03, "L": 0.01}, 100, 2)
    contracts.loc[:9, "product"] = None
    before = contracts.copy()
    rates = value.churn_by(contracts, "product", as_of=AS_OF)
    assert rates.table.loc["not known", "contracts"] == 10
    assert rates.table["contracts"].sum() == 200
    alone = value.churn_by(contracts.assign(one="all"), "one", as_of=AS_OF)
    assert alone.table["churn_per_month"].item() == pytest.approx(rates.overall)
    assert alone.figure().finding == f"{rates.overall:.1%} of contracts end in a month."
    mixed = value.churn_by(contracts.sample(frac=1, random_state=1), "product", as_of=AS_OF)
    pd.testing.assert_frame_equal(mixed.table, rates.table)
    pd.testing.assert_frame_equal(contracts, before)


@pytest.mark.parametrize("name", ["days", "ended", "contracts", "exposure_months", "churn_per_month", "low", "name"])
def test_a_column_to_group_by_may_be_called_as_it_likes(name):
    contracts = drawn({"S": 0.03, "L": 0.1}, 5, 1)
    got = value.churn_by(contracts.rename(columns={"product": name}), name, as_of=AS_OF)
    assert got.table.index.name == name
    expected = value.churn_by(contracts, "product", as_of=AS_OF).table
    pd.testing.assert_frame_equal(got.table, expected, check_names=False)


def test_a_group_whose_contracts_lasted_no_time_is_named():
    contracts = drawn({"S": 0.03, "L": 0.1}, 5, 1)
    contracts["end"] = contracts["end"].mask(contracts["product"] == "L", contracts["start"])
    with pytest.raises(CrmlabError, match="every contract of L ended the moment it started"):
        value.churn_by(contracts, "product", as_of=AS_OF)


def test_a_column_that_is_not_there_and_contracts_that_are_not_are_named():
    contracts = drawn({"S": 0.03}, 5, 1)
    with pytest.raises(CrmlabError, match=r"contracts: no column 'produkt'\. Did you mean 'product'\?"):
        value.churn_by(contracts, "produkt", as_of=AS_OF)
    with pytest.raises(CrmlabError, match=r"contracts: no column '\['product'\]'"):
        value.churn_by(contracts, ["product"], as_of=AS_OF)
    with pytest.raises(CrmlabError, match=r"there are no contracts that started before as_of\."):
        value.churn_by(contracts, "product", as_of="2020-01-01")


def test_a_contract_is_worth_margin_times_price_times_the_months_still_to_be_paid():
    model = value.ShiftedBetaGeometric.with_params(alpha=0.9, beta=29.0).set_params(period="M")
    contracts = pd.DataFrame(
        {
            "start": pd.to_datetime(["2025-10-15", "2025-12-31", "2025-01-01", "2026-02-01"], utc=True),
            "end": pd.to_datetime([None, "2026-03-31", "2025-06-01", None], utc=True),
            "price_cents": [20_00, 10_00, 10_00, 10_00],
        },
        index=list("abcd"),
    )
    before = contracts.copy()
    given = {"rate": 0.12, "rate_period": "Y"}
    got = value.contract_value(contracts, model, as_of=AS_OF, margin=0.4, **given)
    assert got.index.tolist() == ["a", "b"]  # c has ended, d has not begun; b ends later than is known
    assert got["months_begun"].tolist() == [3, 1]
    # by hand: the sum over k of S(n + k) / S(n - 1), each month counting less
    t = np.arange(0, 4_000)
    for begun, months, worth, price in zip(*got.to_numpy().T, [20_00, 10_00], strict=True):
        by_hand = (model.survival(t + int(begun)) / model.survival(int(begun) - 1) * 1.12 ** (-t / 12)).sum()
        assert months == pytest.approx(by_hand, rel=1e-6)
        assert worth == pytest.approx(0.4 * price * by_hand, rel=1e-6)
    pd.testing.assert_frame_equal(contracts, before)


def test_who_has_stayed_longer_is_worth_more_and_a_higher_rate_makes_all_worth_less():
    model = value.ShiftedBetaGeometric.with_params(alpha=0.9, beta=29.0).set_params(period="M")
    start = pd.date_range("2023-01-05", periods=30, freq="MS", tz="UTC")
    contracts = pd.DataFrame(
        {"start": start, "end": pd.Series([pd.NaT] * 30, dtype="datetime64[us, UTC]"), "price_cents": 10_00}
    )
    low, high = (
        value.contract_value(contracts, model, as_of=AS_OF, margin=0.4, rate=rate, rate_period="Y")
        for rate in (0.05, 0.2)
    )
    assert (low["lifetime_value_cents"].diff().dropna() < 0).all()
    assert (high["lifetime_value_cents"] < low["lifetime_value_cents"]).all()


def test_a_model_of_years_and_a_margin_beyond_the_price_are_refused_together():
    contracts = drawn({"S": 0.03}, 5, 1).assign(price_cents=10_00)
    yearly = value.ShiftedBetaGeometric.with_params(alpha=0.9, beta=29.0)
    with pytest.raises(CrmlabError) as caught:
        value.contract_value(contracts, yearly, as_of=AS_OF, margin=40, rate=0.1, rate_period="Y")
    assert "margin: found 40." in str(caught.value)
    assert "model: found period='Y'." in str(caught.value)
    with pytest.raises(CrmlabError, match=r"model: found None\."):
        value.contract_value(contracts, None, as_of=AS_OF, margin=0.4, rate=0.1, rate_period="Y")
