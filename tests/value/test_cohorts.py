"""Cohort tables: counted by hand, empty where nothing is seen yet, and good to fit models of renewal to."""

import numpy as np
import pandas as pd
import pytest

from crmlab import simulate, value
from crmlab.errors import CrmlabError


def times(*written):
    return pd.to_datetime(list(written), utc=True, format="ISO8601")


@pytest.fixture(scope="module")
def telco():
    """Contracts of which each month's chance to leave is beta(0.9, 29), and nothing else."""
    return simulate.company("telco", customers=3_000, seed=11, outages=False)


def test_contracts_are_counted_at_each_renewal_as_by_hand():
    contracts = pd.DataFrame(
        {
            "start": times("2025-01-01", "2025-01-31", "2025-01-15", "2025-01-15", "2025-03-20"),
            #               runs  on its renewal  between the 2nd and the 3rd  in the first month  runs
            "end": pd.to_datetime([None, "2025-02-28", "2025-03-20", "2025-01-20", None], utc=True),
        }
    )
    before = contracts.copy()
    cohorts = value.contract_cohorts(contracts, as_of="2025-05-10")
    assert [str(month) for month in cohorts.counts.index] == ["2025-01", "2025-02", "2025-03", "2025-04"]
    assert cohorts.counts.iloc[0].tolist() == [4, 2, 2, 1]
    assert cohorts.counts.iloc[2, :2].tolist() == [1, 1]
    assert cohorts.retention.iloc[0].tolist() == [1.0, 0.5, 0.5, 0.25]
    assert cohorts.overall.tolist() == pytest.approx([1, 3 / 5, 2 / 4, 1 / 4])
    pd.testing.assert_frame_equal(contracts, before)


def test_a_cell_that_is_not_seen_yet_is_empty_and_one_where_all_are_gone_is_zero():
    contracts = pd.DataFrame({"start": times("2025-01-10", "2025-02-10"), "end": times("2025-02-10", "2025-03-10")})
    counts = value.contract_cohorts(contracts, as_of="2025-04-01").counts
    assert counts.iloc[0].tolist() == [1, 0, 0]
    assert counts.iloc[1, :2].tolist() == [1, 0]
    assert counts.isna().to_numpy().tolist() == [[False] * 3, [False, False, True], [False, True, True]]


def test_a_month_counts_only_when_it_is_over():
    contracts = pd.DataFrame({"start": times("2025-01-31"), "end": pd.to_datetime([None], utc=True)})
    assert value.contract_cohorts(contracts, as_of="2025-02-28").counts.shape == (1, 1)
    assert value.contract_cohorts(contracts, as_of="2025-03-01").counts.iloc[0].tolist() == [1, 1]
    with pytest.raises(CrmlabError, match=r"as_of: no month in which contracts started was over\."):
        value.contract_cohorts(contracts, as_of="2025-01-31 12:00")


def test_purchases_are_counted_once_a_month_and_returns_are_none():
    log = pd.DataFrame(
        {
            "customer_id": ["a", "a", "a", "b", "b", "c", "d"],
            "ts": times(
                *("2025-01-03", "2025-01-30", "2025-03-01", "2025-01-05", "2025-02-07", "2025-02-01", "2025-04-02")
            ),
            "amount_cents": [100, 100, 100, 100, -100, 0, 500],
        }
    )
    cohorts = value.purchase_cohorts(log, as_of="2025-04-01")
    assert cohorts.counts.iloc[0].tolist() == [2, 0, 1]
    assert cohorts.counts.iloc[1, :2].tolist() == [1, 0]
    assert cohorts.counts.iloc[2].isna().tolist() == [False, True, True]
    assert cohorts.retention.iloc[2].isna().all()
    assert cohorts.overall.tolist() == pytest.approx([1, 0, 0.5])


def test_with_no_as_of_the_last_day_of_the_log_counts_whole():
    log = pd.DataFrame({"record_id": [1, 1], "ts": times("2025-01-03", "2025-02-28 09:00"), "amount_cents": [1, 1]})
    assert value.purchase_cohorts(log).counts.iloc[0].tolist() == [1, 1]
    with pytest.raises(CrmlabError, match=r"as_of: no month in which something was bought was over\."):
        value.purchase_cohorts(log.head(1))
    with pytest.raises(CrmlabError, match=r"as_of: no month in which something was bought was over\."):
        value.purchase_cohorts(log.head(0))


def test_the_order_of_rows_changes_nothing(telco):
    for make, table in ((value.contract_cohorts, telco.contracts), (value.purchase_cohorts, telco.transactions)):
        mixed = table.sample(frac=1, random_state=3)
        given = {"as_of": telco.as_of}
        pd.testing.assert_frame_equal(make(table, **given).counts, make(mixed, **given).counts)


def test_survivors_fit_a_model_of_renewal_and_give_back_what_was_planted(telco):
    cohorts = value.contract_cohorts(telco.contracts, as_of=telco.as_of)
    survivors = cohorts.survivors()
    assert survivors.iloc[0].sum() == len(telco.contracts)
    model = value.ShiftedBetaGeometric(period="M").fit(survivors)
    planted = value.ShiftedBetaGeometric.with_params(alpha=0.9, beta=29.0)
    off = np.log(model.params_ / planted.params_)
    errors = np.log1p(model.standard_errors(seed=1, n=40) / model.params_)
    assert (off.abs() < 4 * errors).all()
    for t in (1, 12, 24):
        n = survivors.loc[0, survivors.loc[t].notna()].sum()
        true = planted.survival(t)
        assert abs(cohorts.overall[t] - true) < 4 * np.sqrt(true * (1 - true) / n)
        assert abs(model.survival(t) - true) < 4 * np.sqrt(true * (1 - true) / n)


def test_the_cohorts_and_kaplan_meier_tell_the_same_story(telco):
    cohorts = value.contract_cohorts(telco.contracts, as_of=telco.as_of)
    curve = value.kaplan_meier(telco.contracts, as_of=telco.as_of, unit="D")
    for t in (6, 12):
        n = cohorts.counts[0][cohorts.counts[t].notna()].sum()
        assert abs(cohorts.overall[t] - curve.at(t * 365.25 / 12 + 3)["survival"].item()) < 2 / np.sqrt(n)


def test_purchases_have_no_survivors_and_the_message_says_why(telco):
    with pytest.raises(CrmlabError, match="who did not buy in a month may come back"):
        value.purchase_cohorts(telco.transactions).survivors()


def test_the_title_of_a_figure_is_its_finding():
    contracts = pd.DataFrame(
        {"start": times(*["2024-01-10"] * 4), "end": pd.to_datetime([None, None, None, "2024-03-01"], utc=True)}
    )
    cohorts = value.contract_cohorts(contracts, as_of="2025-06-01")
    assert cohorts.figure().finding == "After 12 months 75% of contracts are still there."
    assert (
        repr(cohorts) == "<Cohorts: 17 months of start, 4 contracts; After 12 months 75% of contracts are still there.>"
    )
    log = pd.DataFrame(
        {"record_id": [1, 1, 2], "ts": times("2025-01-03", "2025-02-03", "2025-01-04"), "amount_cents": 1}
    )
    figure = value.purchase_cohorts(log, as_of="2025-03-01").figure()
    assert figure.finding == "In the month 1 after the first purchase 50% of customers buy."
    written = [text.get_text() for text in figure.axes[0].texts]
    assert written == ["100%", "50%", "", ""]
