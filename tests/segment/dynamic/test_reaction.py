"""React at entry, leave some alone by lot, and find the planted effect."""

import numpy as np
import pandas as pd
import pytest

from crmlab.errors import CrmlabError
from crmlab.segment.dynamic import ContactCap, Reaction, did

START = pd.Timestamp("2025-03-01", tz="UTC")


def complaints(customers, times=1):
    """Each customer complains so often, two days apart."""
    rows = [
        (customer, START + pd.Timedelta(days=2 * time, minutes=customer % 1_000), 0, "complaint")
        for time in range(times)
        for customer in range(customers)
    ]
    return pd.DataFrame(rows, columns=["customer_id", "ts", "seq", "type"])


def played(customers, *, times=1, holdout=0.5, seed=1, call=lambda change: None):
    reaction = Reaction(call, holdout=holdout, seed=seed)
    reaction.play(did("complaint").within("1d"), complaints(customers, times))
    return reaction


def test_the_function_is_called_for_those_treated_and_for_no_other():
    called = []
    reaction = played(100, call=called.append)
    cases = reaction.contacts
    assert [change.customer_id for change in called] == cases.loc[cases["arm"] == "treated", "customer_id"].tolist()
    assert {change.segment for change in called} == {"segment"}
    assert len(cases) == 100


def test_what_the_function_returns_is_kept_and_nothing_for_those_left_alone():
    cases = played(50, call=lambda change: f"rang {change.customer_id} at {change.at:%H:%M}").contacts
    treated = cases["arm"] == "treated"
    assert cases.loc[treated, "answer"].str.startswith("rang").all()
    assert cases.loc[~treated, "answer"].isna().all()


@pytest.mark.parametrize("holdout", [0.1, 0.5, 0.9])
def test_the_share_left_alone_is_the_one_asked_for_early_and_late(holdout):
    arms = (played(4_000, holdout=holdout).contacts["arm"] == "holdout").to_numpy()
    for part in (arms[:2_000], arms[2_000:]):
        assert abs(part.mean() - holdout) <= 4 * np.sqrt(holdout * (1 - holdout) / len(part))


def test_the_lot_falls_once_for_each_customer_and_another_seed_casts_another():
    cases = played(300, times=3).contacts
    assert len(cases) == 900
    assert len(cases.drop_duplicates(["customer_id", "arm"])) == 300
    other = played(300, times=3, seed=2).contacts
    share = (cases["arm"] == other["arm"]).mean()
    assert 0.35 < share < 0.65


def test_a_cap_decides_first_and_alike_in_both_arms():
    log = complaints(200, times=3)
    cap = ContactCap(at_most=1, within="30d", may_contact=pd.Series(True, index=range(100)))
    reaction = Reaction(lambda change: None, holdout=0.5, seed=1, cap=cap)
    reaction.play(did("complaint").within("1d"), log)
    assert sorted(reaction.contacts["customer_id"]) == list(range(100))


def test_only_what_happens_from_a_moment_on_is_reacted_to():
    reaction = Reaction(lambda change: None, holdout=0.5, seed=1)
    reaction.play(did("complaint").within("1d"), complaints(10, times=3), since="2025-03-04", until="2025-03-06")
    assert reaction.contacts["ts"].min() >= pd.Timestamp("2025-03-04", tz="UTC")
    assert len(reaction.contacts) == 10


def test_shares_and_their_range_as_worked_out_by_hand():
    # 56 of 70 against 48 of 80: Newcombe (1998), table II, example (a), method 10: 0.0524 to 0.3339.
    arms = np.array(["treated"] * 70 + ["holdout"] * 80)
    bought = np.r_[np.arange(70) < 56, np.arange(80) < 48]
    effect = _of(arms, np.arange(150), bought)
    assert effect.effect == pytest.approx(0.20)
    assert (effect.low, effect.high) == pytest.approx((0.0524, 0.3339), abs=1e-4)


def test_money_and_its_range_is_that_of_welch():
    from scipy import stats

    rng = np.random.default_rng(3)
    treated, holdout = rng.integers(0, 900, 60), rng.integers(0, 500, 25)
    effect = _of(["treated"] * 60 + ["holdout"] * 25, np.arange(85), np.r_[treated, holdout])
    ours = stats.ttest_ind(treated, holdout, equal_var=False).confidence_interval()
    assert (effect.low, effect.high) == pytest.approx((ours.low, ours.high))
    assert "points" not in repr(effect)


def test_cases_of_the_same_customer_count_as_one_when_they_are_always_alike():
    rng = np.random.default_rng(5)
    arms, bought = np.array(["treated", "holdout"] * 100), rng.random(200) < 0.4
    once = _of(arms, np.arange(200), bought)
    tenfold = _of(np.repeat(arms, 10), np.repeat(np.arange(200), 10), np.repeat(bought, 10))
    assert tenfold.n_treated == 10 * once.n_treated
    assert (tenfold.low, tenfold.high) == pytest.approx((once.low, once.high), abs=1e-9)


def test_an_arm_in_which_nobody_bought_still_has_a_range():
    effect = _of(["treated"] * 20 + ["holdout"] * 20, np.arange(40), np.zeros(40, dtype=bool))
    assert effect.low < -0.1 < 0 < 0.1 < effect.high


def test_the_range_holds_the_planted_effect_in_about_95_of_100_trials():
    rng, inside = np.random.default_rng(8), 0
    for seed in range(150):
        reaction = Reaction(lambda change: None, holdout=0.5, seed=seed)
        customers = np.repeat(np.arange(150), 2)
        arms = np.array([reaction.arm(customer) for customer in customers.tolist()])
        likes = np.repeat(rng.beta(2, 6, 150), 2)  # cases of one customer are alike
        bought = rng.random(300) < likes + 0.12 * (arms == "treated")
        effect = _of(arms, customers, bought)
        inside += effect.low <= 0.12 <= effect.high
    assert 0.90 <= inside / 150 <= 0.99


def _of(arms, customers, outcomes):
    """The effect of made-up cases."""
    reaction = Reaction(lambda change: None, holdout=0.5, seed=1)
    reaction._cases = [[int(who), 0, "s", str(arm), None] for who, arm in zip(customers, arms, strict=True)]
    return reaction.effect(pd.Series(outcomes))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda reaction: Reaction("call me", holdout=0.5, seed=1), "which is no function"),
        (lambda reaction: Reaction(print, holdout=50, seed=1), "a share between 0 and 1"),
        (lambda reaction: Reaction(print, holdout=True, seed=1), "holdout: found True"),
        (lambda reaction: reaction.effect([True] * 10), "no Series with one value for each row"),
        (lambda reaction: reaction.effect(pd.Series([True] * 9)), "no Series with one value for each row"),
        (lambda reaction: reaction.effect(pd.Series([None] * 10)), "no Series with one value for each row"),
        (lambda reaction: played(1).effect(pd.Series([True])), "at least 2 in each"),
    ],
)
def test_what_cannot_be_measured_is_told(change, words):
    with pytest.raises(CrmlabError, match=words):
        change(played(10))
