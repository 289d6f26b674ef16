"""The holdout report: each number by hand, the figures of CDNOW, and a planted base foretold without bias."""

import numpy as np
import pandas as pd
import pytest

from crmlab import value
from crmlab.errors import CrmlabError
from crmlab.value.futures import Futures


class Foretold:
    """A model that says what it is told to say."""

    def __init__(self, predicted):
        self.predicted = predicted

    def expected_purchases(self, summary, t):
        assert t == 26
        return pd.Series(self.predicted, index=summary.index, dtype="float64")


def held_out(actual, frequency=None):
    n = len(actual)
    frequency = np.zeros(n, dtype=int) if frequency is None else frequency
    times = {"recency_weeks": np.where(np.array(frequency) > 0, 10.0, 0.0), "age_weeks": 30.0, "holdout_weeks": 26.0}
    return pd.DataFrame({"frequency": frequency, "holdout_purchases": actual, **times})


def test_every_number_is_the_one_worked_out_by_hand():
    actual = [4, 3, 2, 1, 0, 0, 0, 0, 0, 0]
    predicted = [2, 3, 1, 1, 1, 0, 0, 0, 0, 0]
    report = value.holdout_report(held_out(actual, [9, 7, 1, 1, 0, 0, 0, 0, 0, 0]), Foretold(predicted))
    got = report.numbers
    assert got["customers"] == 10
    assert [got["actual_purchases"], got["predicted_purchases"], got["total_ratio"]] == [10, 8, 0.8]
    assert got["mean_absolute_error"] == pytest.approx((2 + 0 + 1 + 0 + 1) / 10)
    assert got["top_decile_lift"] == pytest.approx((3 / 10) / 0.1)  # the best tenth is the one foretold 3
    # caught after 1, 2, 5 and 10 of 10 customers: 3, 7, 10 and 10 of 10 purchases; at best 4, 7, 9, 10 after 1 to 4
    caught = 0.1 * 0.3 + 0.1 * (0.3 + 0.7) + 0.3 * (0.7 + 1) + 0.5 * 2 - 1
    best = 0.1 * (0.4 + (0.4 + 0.7) + (0.7 + 0.9) + (0.9 + 1)) + 0.6 * 2 - 1
    assert got["gini"] == pytest.approx(caught / best)
    assert report.by_frequency.index.tolist() == [0, 1, 7]
    assert report.by_frequency["customers"].tolist() == [6, 2, 2]
    assert report.by_frequency["actual_mean"].tolist() == [0, 1.5, 3.5]
    assert report.by_frequency["predicted_mean"].tolist() == pytest.approx([1 / 6, 1, 2.5])
    assert report.tracking is None


def test_a_perfect_order_has_gini_1_and_no_order_has_0_and_lift_1():
    actual = np.arange(20)
    perfect = value.holdout_report(held_out(actual), Foretold(actual * 0.5)).numbers
    assert perfect["gini"] == pytest.approx(1)
    blind = value.holdout_report(held_out(actual), Foretold(np.full(20, 9.5))).numbers
    assert blind["gini"] == pytest.approx(0)
    assert blind["top_decile_lift"] == pytest.approx(1)
    assert value.holdout_report(held_out(actual), Foretold(-actual)).numbers["gini"] == pytest.approx(-1)


def test_order_of_rows_changes_nothing_and_the_summary_is_left_as_it_was():
    dice = np.random.default_rng(1)
    summary = held_out(dice.poisson(1.0, 300), dice.poisson(1.0, 300))
    before, predicted = summary.copy(), pd.Series(dice.integers(0, 4, 300))
    order = dice.permutation(300)
    first = value.holdout_report(summary, Foretold(predicted))
    second = value.holdout_report(summary.iloc[order], Foretold(predicted.iloc[order].to_numpy()))
    pd.testing.assert_series_equal(first.numbers, second.numbers)
    pd.testing.assert_frame_equal(first.by_frequency, second.by_frequency)
    pd.testing.assert_frame_equal(summary, before)


def test_cdnow_is_followed_through_both_times(cdnow, cdnow_log):
    report = value.holdout_report(cdnow, value.BGNBD().fit(cdnow), transactions=cdnow_log)
    assert report.numbers["actual_purchases"] == 1_882
    assert round(report.numbers["predicted_purchases"]) == 1_653
    assert report.by_frequency["customers"].tolist() == [1411, 439, 214, 100, 62, 38, 29, 64]
    tracking = report.tracking
    at_split = tracking[~tracking["is_holdout"]].iloc[-1]
    assert at_split["actual"] == cdnow["frequency"].sum()
    assert abs(at_split["predicted"] / at_split["actual"] - 1) < 0.03
    assert tracking["actual"].iloc[-1] == 1_882 + cdnow["frequency"].sum()
    assert tracking["actual"].is_monotonic_increasing
    assert tracking["predicted"].is_monotonic_increasing
    assert report.tracking_figure().finding == "The model foretold 12% too few purchases."
    assert str(report.tracking.index.name) == "weeks"
    with pytest.raises(CrmlabError, match="transactions: up to the split it has"):
        value.holdout_report(cdnow, value.BGNBD().fit(cdnow), transactions=cdnow_log.iloc[::2])


def test_expected_purchases_are_tracked_as_the_model_expects_them_of_new_customers(cdnow, cdnow_log):
    model = value.BGNBD.with_params(unit="W", r=0.243, alpha=4.414, a=0.793, b=2.426)
    tracking = value.holdout_report(cdnow, model, transactions=cdnow_log).tracking
    last = tracking.index[-1]
    seen = (pd.Timestamp("1997-09-30") - pd.Timestamp("1997-01-01")).days / 7
    ages = last - (seen - cdnow["age_weeks"])
    each = {age: model.expected_by(age) for age in ages.unique()}
    assert tracking["predicted"].iloc[-1] == pytest.approx(ages.map(each).sum(), rel=1e-4)


def test_a_base_that_behaves_as_the_model_says_is_foretold_without_bias():
    model = value.BGNBD.with_params(unit="W", r=0.6, alpha=4.0, a=0.8, b=2.5)
    dice = np.random.default_rng(4)
    whole = model.sample(4_000, seed=3, age=30.0)
    who, purchases, _ = Futures(model, whole, force=0.0, horizon=26.0).draw(dice)
    ahead = np.zeros(len(whole), dtype="int64")
    ahead[who] = purchases
    report = value.holdout_report(whole.assign(holdout_purchases=ahead, holdout_weeks=26.0), model)
    error = np.std(ahead) / np.sqrt(len(ahead)) / np.mean(ahead)
    assert abs(report.numbers["total_ratio"] - 1) < 4 * error
    table = report.by_frequency
    spread = pd.Series(ahead).groupby(whole["frequency"].clip(upper=7).astype(int)).sem()
    assert (((table["actual_mean"] - table["predicted_mean"]) / spread).abs() < 4.5).all()
    assert report.numbers["top_decile_lift"] > 2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"drop": "holdout_weeks"}, r"summary: nothing was held out\."),
        ({"drop": "frequency"}, "no column 'frequency'"),
        ({"zero": True}, "nobody bought in the time held out"),
        ({"most": 0}, r"most: found 0\."),
        ({"lengths": 0.0}, "no time was held out"),
        ({"lengths": [26.0, 26.0, 39.0]}, "customers were held out for 26 to 39 weeks"),
        ({"log": True}, r"it no longer knows its unit and dates \(attrs\)"),
    ],
    ids=["no holdout", "no frequency", "nobody bought", "most", "no time", "two lengths", "no dates"],
)
def test_what_cannot_be_compared_is_refused_with_the_reason(change, words):
    summary = held_out([0, 0, 0] if change.get("zero") else [1, 0, 2])
    summary = summary.drop(columns=change.get("drop", []))
    summary = summary.assign(holdout_weeks=change["lengths"]) if "lengths" in change else summary
    model = value.BGNBD.with_params(unit="W", r=0.6, alpha=4.0, a=0.8, b=2.5)
    log = pd.DataFrame() if change.get("log") else None
    with pytest.raises(CrmlabError, match=words):
        value.holdout_report(summary, model, transactions=log, most=change.get("most", 7))


@pytest.mark.parametrize("model", [[1, 1, 1], value.BGNBD])
def test_what_is_no_model_is_refused(model):
    with pytest.raises(CrmlabError, match=r"model: found a (list|type)"):
        value.holdout_report(held_out([1, 0, 2]), model)


def test_where_all_bought_equally_often_there_is_no_order_to_find():
    for actual, predicted in (([2, 2, 2], [1, 2, 3]), ([4], [3])):
        report = value.holdout_report(held_out(actual), Foretold(predicted))
        assert np.isnan(report.numbers["gini"])
        assert report.numbers["top_decile_lift"] == pytest.approx(1)
        assert "all bought equally often" in repr(report)


@pytest.mark.parametrize("kind", [value.BGNBD, value.ParetoNBD])
def test_a_model_with_covariates_is_followed_and_one_that_says_nothing_changes_nothing(kind, cdnow_log):
    summary = value.purchase_summary(cdnow_log, split="1997-09-30").iloc[::40]
    log = cdnow_log[cdnow_log["record_id"].isin(summary.index)]
    summary["web"] = np.arange(len(summary)) % 2
    plain, told = kind().fit(summary), kind(covariates=["web"]).fit(summary)
    tracking = value.holdout_report(summary, told, transactions=log).tracking
    assert (np.diff(tracking["predicted"]) > 0).all()
    told._place_ = np.append(plain._place_, [0.0, 0.0])  # as plain, with a covariate without effect
    tracking = value.holdout_report(summary, told, transactions=log).tracking
    without = value.holdout_report(summary, plain, transactions=log).tracking
    np.testing.assert_allclose(tracking["predicted"], without["predicted"], rtol=2e-3)


def test_without_the_log_there_is_no_tracking_and_bgbb_has_none(cdnow_log):
    report = value.holdout_report(held_out([1, 0, 2]), Foretold([1, 1, 1]))
    with pytest.raises(CrmlabError, match=r"the report was made without the log\."):
        report.tracking_figure()
    monthly = value.BGBB.with_params(unit="M", alpha=1.2, beta=0.75, gamma=0.66, delta=2.78)
    summary = value.purchase_summary(cdnow_log, unit="M", collapse="M", split="1997-09-30")
    assert value.holdout_report(summary, monthly).numbers["actual_purchases"] > 0
    with pytest.raises(CrmlabError, match="a BGBB counts whole periods"):
        value.holdout_report(summary, monthly, transactions=cdnow_log)
