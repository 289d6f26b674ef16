"""Kaplan-Meier: the arithmetic by hand, the same figures as statsmodels, and what is refused."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.duration.survfunc import SurvfuncRight

from crmlab import value
from crmlab.errors import CrmlabError

AS_OF = pd.Timestamp("2026-01-01", tz="UTC")


def contracts_of(days, has_ended, index=None):
    """Contracts that ended after so many days, or have run so long on the day looked at."""
    days, has_ended = np.asarray(days), np.asarray(has_ended, dtype=bool)
    ended = pd.Timestamp("2025-01-01", tz="UTC")
    start = pd.Series(np.where(has_ended, ended, AS_OF), index=index).astype("datetime64[us, UTC]")
    start = start - pd.Series(pd.to_timedelta(days, unit="D"), index=start.index)
    end = pd.Series(ended, index=start.index).where(pd.Series(has_ended, index=start.index))
    return pd.DataFrame({"start": start, "end": end.astype("datetime64[us, UTC]")})


def drawn(n, seed, longest=60):
    dice = np.random.default_rng(seed)
    life, seen = dice.geometric(0.04, n), dice.integers(1, longest, n)
    return np.minimum(life, seen), life <= seen


def test_the_curve_is_the_one_worked_out_by_hand():
    # 5 contracts: ended after 2, 4 and 4 days, still running after 3 and 6
    table = value.kaplan_meier(contracts_of([2, 3, 4, 4, 6], [1, 0, 1, 1, 0]), as_of=AS_OF, unit="D").table
    assert table.index.tolist() == [0, 2, 4]
    assert table["at_risk"].tolist() == [5, 5, 3]
    assert table["ended"].tolist() == [0, 1, 2]
    assert table["still_running"].tolist() == [0, 1, 1]
    assert table["survival"].tolist() == pytest.approx([1, 4 / 5, 4 / 5 * 1 / 3])
    greenwood = 1 / (5 * 4) + 2 / (3 * 1)
    assert table["standard_error"].iloc[2] == pytest.approx(4 / 15 * np.sqrt(greenwood))
    width = 1.959964 * np.sqrt(greenwood) / abs(np.log(4 / 15))
    assert table[["low", "high"]].iloc[2].tolist() == pytest.approx(
        [(4 / 15) ** np.exp(width), (4 / 15) ** np.exp(-width)], rel=1e-6
    )


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("n", [2, 30, 2_000])
def test_kaplan_meier_equals_statsmodels_with_ties_and_running_contracts(n, seed):
    days, has_ended = drawn(n, seed)
    has_ended[0] = True
    table = value.kaplan_meier(contracts_of(days, has_ended), as_of=AS_OF, unit="D").table.drop(index=0.0)
    peer = SurvfuncRight(days, has_ended)
    assert table.index.tolist() == peer.surv_times.tolist()
    assert table["at_risk"].tolist() == peer.n_risk.tolist()
    assert table["ended"].tolist() == peer.n_events.tolist()
    assert table["survival"].to_numpy() == pytest.approx(peer.surv_prob, abs=1e-12)
    known = table["survival"] > 0
    assert table["standard_error"][known].to_numpy() == pytest.approx(peer.surv_prob_se[known], abs=1e-12)
    assert table[["standard_error", "low", "high"]][~known].isna().all(axis=None)


def test_with_no_running_contract_the_curve_is_the_share_that_lasted_longer():
    days = np.array([3, 1, 4, 1, 5, 9, 2, 6])
    curve = value.kaplan_meier(contracts_of(days, np.ones(8)), as_of=AS_OF, unit="D")
    for t in range(10):
        assert curve.at(t)["survival"].item() == pytest.approx((days > t).mean())
    assert curve.median == 3


def test_the_interval_holds_the_true_share_as_often_as_its_level_says():
    level, true, hits, runs = 0.9, 0.96**20, 0, 150
    for seed in range(runs):
        curve = value.kaplan_meier(contracts_of(*drawn(150, seed)), as_of=AS_OF, unit="D", level=level)
        low, high = curve.at(20)[["low", "high"]].iloc[0]
        hits += low <= true <= high
    assert abs(hits / runs - level) < 4 * np.sqrt(level * (1 - level) / runs)


def test_order_and_repetition_of_contracts_and_the_unit_change_only_what_they_must():
    contracts = contracts_of(*drawn(200, 5))
    before = contracts.copy()
    curve = value.kaplan_meier(contracts, as_of=AS_OF, unit="D").table
    mixed = value.kaplan_meier(contracts.sample(frac=1, random_state=1), as_of=AS_OF, unit="D").table
    pd.testing.assert_frame_equal(curve, mixed)
    twice = value.kaplan_meier(pd.concat([contracts, contracts]), as_of=AS_OF, unit="D").table
    assert twice["survival"].to_numpy() == pytest.approx(curve["survival"].to_numpy())
    assert (twice["at_risk"] == 2 * curve["at_risk"]).all()
    weeks = value.kaplan_meier(contracts, as_of=AS_OF, unit="W").table
    assert weeks.index.to_numpy() == pytest.approx(curve.index.to_numpy() / 7)
    assert weeks["survival"].tolist() == curve["survival"].tolist()
    pd.testing.assert_frame_equal(contracts, before)


def test_an_end_on_or_after_as_of_is_not_known_yet_and_a_later_start_is_passed_over():
    contracts = contracts_of([10, 10, 10], [1, 1, 1])
    contracts["start"] = pd.to_datetime(["2025-01-01", "2025-01-01", "2025-03-01"], utc=True)
    contracts["end"] = pd.to_datetime(["2025-01-11", "2025-02-01", "2025-03-02"], utc=True)
    curve = value.kaplan_meier(contracts, as_of="2025-02-01", unit="D")
    assert curve.table["at_risk"].iloc[0] == 2
    assert curve.table["ended"].sum() == 1
    assert curve.longest == 31


def test_a_contract_that_ends_on_the_day_it_starts_counts_from_the_first_row():
    table = value.kaplan_meier(contracts_of([0, 5, 5, 8], [1, 1, 0, 0]), as_of=AS_OF, unit="D").table
    assert table["survival"].tolist() == pytest.approx([3 / 4, 3 / 4 * 2 / 3])


def test_beyond_the_longest_contract_nothing_is_said_and_a_median_may_be_out_of_sight():
    curve = value.kaplan_meier(contracts_of([2, 9, 9], [1, 0, 0]), as_of=AS_OF, unit="D")
    assert curve.median is None
    assert curve.at([9, 9.5])["survival"].isna().tolist() == [False, True]
    assert repr(curve) == "<SurvivalCurve: After 9.0 days, 67% of the contracts still run.>"
    assert curve.figure().finding == "After 9.0 days, 67% of the contracts still run."


@pytest.mark.parametrize(
    ("days", "has_ended", "words"),
    [
        ([], [], "there are no contracts that started before as_of"),
        ([5], [1], "there is one contract that started before as_of"),
        ([5, 7, 9], [0, 0, 0], "none of 3 contracts had ended: the curve would never fall"),
    ],
    ids=["none", "one", "all running"],
)
def test_where_there_is_no_curve_the_message_says_what_the_contracts_lack(days, has_ended, words):
    with pytest.raises(CrmlabError, match=words):
        value.kaplan_meier(contracts_of(days, has_ended), as_of=AS_OF)


def test_wrong_arguments_and_impossible_contracts_are_named():
    contracts = contracts_of([5, 7], [1, 0], index=["A", "B"])
    with pytest.raises(CrmlabError, match=r"unit: found 'Q'\."):
        value.kaplan_meier(contracts, as_of=AS_OF, unit="Q")
    with pytest.raises(CrmlabError, match=r"level: found 95\."):
        value.kaplan_meier(contracts, as_of=AS_OF, level=95)
    with pytest.raises(CrmlabError, match="as_of: found 'soon'"):
        value.kaplan_meier(contracts, as_of="soon")
    with pytest.raises(CrmlabError, match="no column 'end'"):
        value.kaplan_meier(contracts.drop(columns="end"), as_of=AS_OF)
    with pytest.raises(CrmlabError, match=r"t: found -1\."):
        value.kaplan_meier(contracts, as_of=AS_OF).at(-1)
    contracts.loc["A", "start"] = pd.Timestamp("2025-06-01", tz="UTC")
    with pytest.raises(CrmlabError, match='1 value breaks the rule "not before the start"') as caught:
        value.kaplan_meier(contracts, as_of=AS_OF)
    assert "rows    : A" in str(caught.value)
