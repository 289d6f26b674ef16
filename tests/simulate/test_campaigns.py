"""Campaigns: the lot is fair, both outcomes are known, and the uplift found is the one planted."""

import numpy as np
import pytest

from crmlab.simulate.asked import spec


@pytest.fixture(scope="module", params=["retail", "telco", "bank", "b2b"])
def known(request, large):
    """A base, its spec, and its campaigns with both outcomes, class and person."""
    base = large(request.param)
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
            assert abs(found - some["uplift"].mean()) <= 4 * error, name


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


def test_each_campaign_leaves_its_contacts_with_those_treated_and_with_nobody_else(known):
    base, asked, rows = known
    log = base.touchpoints[base.touchpoints["campaign_id"].notna() & (base.touchpoints["type"] == "offer")]
    keys = ["campaign_id", "record_id", "ts", "channel"]
    contacts, treated = (
        frame[keys].astype({"campaign_id": "int64", "channel": str}).sort_values(keys, ignore_index=True)
        for frame in (log, rows[rows["treated"]])
    )
    assert contacts.equals(treated)
    assert (log["direction"] == "out").all()
    costs = spec(base.name)["channels"]
    fixed = log["channel"].astype(str).map(lambda name: round(100 * costs[name]["cost"]))
    assert (log["cost_cents"] >= fixed).all()
    for number, one in enumerate(asked["sent"], start=1):
        some = log[log["campaign_id"] == number]
        if "minutes" in one:
            error = 4 * 60 * one["minutes"] / np.sqrt(2 * len(some))
            assert abs(some["duration_s"].mean() - 60 * one["minutes"]) < error
            assert some["cost_cents"].mean() > fixed[some.index].mean()
        else:
            assert some["duration_s"].isna().all()


def test_what_answers_a_campaign_is_a_transaction_that_carries_its_number(known):
    base, asked, rows = known
    sold = base.transactions[base.transactions["campaign_id"].notna()].merge(base.truth.links, on="record_id")
    answers = rows[rows["treated"] & rows["responded"]]
    both = sold.merge(answers, on=["campaign_id", "person_id"], suffixes=("", "_sent"))
    assert len(both) == len(sold) == len(answers)
    assert (both["amount_cents"] == both["revenue_cents"]).all()
    waited = both["ts"] - both["ts_sent"]
    assert waited.min() >= np.timedelta64(0)
    assert waited.max() <= np.timedelta64(asked["days"] + 2, "D")
    assert (both["ts"] < both.merge(base.truth.value, on="person_id")["alive_until"].fillna(base.as_of)).all()


def test_who_was_left_alone_and_bought_anyway_has_a_transaction_without_a_number(known):
    base, _, rows = known
    sold = base.transactions[base.transactions["campaign_id"].isna()].merge(base.truth.links, on="record_id")
    held = rows[~rows["treated"] & rows["responded"]]
    both = held.merge(sold, left_on=["person_id", "revenue_cents"], right_on=["person_id", "amount_cents"])
    assert len(held) > 50
    assert set(held["person_id"]) == set(both.loc[both["ts_y"] >= both["ts_x"], "person_id"])


def test_what_campaigns_bring_comes_beside_other_sales_and_changes_nothing_of_them(base):
    with_them, without = (
        base("retail", customers=2_000, seed=7),
        base("retail", customers=2_000, seed=7, campaigns=False),
    )
    some, others = with_them.transactions, without.transactions
    rest = some[some["transaction_id"].isin(others["transaction_id"])]
    assert rest.reset_index(drop=True).equals(others)
    extra = len(with_them.transactions) - len(without.transactions)
    assert extra == with_them.campaigns["responded"].sum()
    assert with_them.truth.value.equals(without.truth.value)


def test_an_answer_is_a_contact_where_purchases_are(known):
    base, _, rows = known
    bought = base.touchpoints[(base.touchpoints["type"] == "purchase") & base.touchpoints["campaign_id"].notna()]
    has_purchases = "purchases" in spec(base.name)
    assert len(bought) == has_purchases * (rows["treated"] & rows["responded"]).sum()
