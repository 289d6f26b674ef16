"""Campaigns: the lot is fair, both outcomes are known, and the uplift found is the one planted."""

import numpy as np
import pytest

from crmlab.simulate.asked import spec


@pytest.fixture(scope="module", params=["retail", "telco"])
def known(request):
    """A base, its spec, and its campaigns with both outcomes, class and person."""
    base = request.getfixturevalue(request.param)
    rows = base.campaigns.merge(base.truth.links, on="record_id")
    rows = rows.merge(base.truth.uplift, on=["campaign_id", "person_id"]).merge(base.truth.benefits, on="person_id")
    assert len(rows) == len(base.campaigns) == len(base.truth.uplift)
    rows["treated"] = rows["arm"] == "treated"
    rows["uplift"] = rows["chance_if_treated"] - rows["chance_if_not"]
    return base, spec(request.param)["campaigns"], rows


def measured(rows):
    """Uplift as the firm can measure it, and its standard error."""
    answers = [rows.loc[rows["treated"] == arm, "responded"] for arm in (True, False)]
    return answers[0].mean() - answers[1].mean(), np.sqrt(sum(some.var() / len(some) for some in answers))


@pytest.mark.parametrize("half", [0, 1], ids=["early persons", "late persons"])
def test_the_holdout_is_as_large_as_asked_in_each_campaign(known, half):
    _, asked, rows = known
    some = rows[(rows["person_id"] > 10_000) == half]
    for _, one in some.groupby("campaign_id"):
        error = 4 * np.sqrt(asked["holdout"] * (1 - asked["holdout"]) / len(one))
        assert abs((~one["treated"]).mean() - asked["holdout"]) < error


def test_the_lot_knows_nothing_of_the_customers(known):
    _, _, rows = known
    for column in ("chance_if_not", "uplift", "p_class_1", "person_id"):
        treated, held = rows.loc[rows["treated"], column], rows.loc[~rows["treated"], column]
        error = np.sqrt(treated.var() / len(treated) + held.var() / len(held))
        assert abs(treated.mean() - held.mean()) < 4 * error, column


def test_what_is_seen_is_the_outcome_of_the_arm(known):
    _, _, rows = known
    expected = np.where(rows["treated"], rows["outcome_if_treated"], rows["outcome_if_not"])
    assert (rows["responded"] == expected).all()
    assert ((rows["revenue_cents"] > 0) == rows["responded"]).all()


def test_nobody_is_moved_both_ways(known):
    _, _, rows = known
    gained = rows["outcome_if_treated"] & ~rows["outcome_if_not"]
    lost = rows["outcome_if_not"] & ~rows["outcome_if_treated"]
    assert gained.any() and lost.any()
    assert (rows.loc[gained, "uplift"] > 0).all()
    assert (rows.loc[lost, "uplift"] < 0).all()


def test_uplift_against_the_holdout_is_the_planted_one_in_every_segment(known):
    _, _, rows = known
    for column in ("benefit_class", "chance_if_not"):
        for name, some in rows.groupby(column, observed=True):
            found, error = measured(some)
            assert abs(found - some["uplift"].mean()) < 4 * error, name


def test_some_customers_are_better_left_alone(known):
    _, _, rows = known
    assert 0.1 < (rows["uplift"] < 0).mean() < 0.6
    found, error = measured(rows[rows["uplift"] < 0])
    assert found < -2 * error
    found, error = measured(rows[rows["uplift"] > 0.05])
    assert found > 4 * error


def test_revenue_is_what_was_asked_on_average(known):
    _, asked, rows = known
    worth = rows.loc[rows["responded"], "revenue_cents"] / 100
    assert abs(worth.mean() - asked["revenue"]) < 4 * worth.std() / np.sqrt(len(worth))


def test_only_those_who_agreed_are_written_to(known):
    base, asked, rows = known
    agreed = base.customers.set_index("record_id")
    for number, one in enumerate(asked["sent"], start=1):
        some = rows[rows["campaign_id"] == number]
        assert len(some) > 500
        assert agreed.loc[some["record_id"], one["needs"]].all()
        assert (some["channel"] == one["channel"]).all()
        assert some["ts"].dt.normalize().nunique() == 1
