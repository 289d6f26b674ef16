"""Tier migration and Markov value: by hand, against simulated lives, and their laws."""

import itertools

import numpy as np
import pandas as pd
import pytest

from crmlab import value
from crmlab.errors import CrmlabError

SPRING = pd.Series({"Ana": 0, "Ivo": 0, "Mia": 1, "Jan": 1, "Lea": 2})
AUTUMN = pd.Series({"Eva": 2, "Ana": 0, "Mia": 0, "Ivo": 2, "Lea": 2})


def test_every_customer_of_either_date_stands_in_one_cell():
    moved = value.tier_migration(SPRING, AUTUMN)
    assert moved.counts.to_numpy().tolist() == [[1, 0, 1, 0], [1, 0, 0, 1], [0, 0, 1, 0], [0, 0, 1, 0]]
    assert moved.moves.to_dict() == {"stayed": 2, "rose": 1, "fell": 1, "appeared": 1, "left": 1}
    assert moved.counts.columns.tolist() == [0, 1, 2, "left"]
    assert moved.counts.index.tolist() == [0, 1, 2, "appeared"]
    assert moved.shares.loc[1].tolist() == [0.5, 0, 0, 0.5]


def test_the_margins_are_the_tiers_of_each_date_whatever_the_order_of_rows():
    dice = np.random.default_rng(8)
    before = pd.Series(dice.integers(0, 4, 500), dice.permutation(800)[:500])
    after = pd.Series(dice.integers(0, 4, 600), dice.permutation(800)[:600])
    moved = value.tier_migration(before, after)
    assert moved.counts.loc[range(4)].sum(axis=1).tolist() == before.value_counts().sort_index().tolist()
    assert moved.counts[[*range(4)]].sum().tolist() == after.value_counts().sort_index().tolist()
    assert moved.moves.sum() == len(before.index.union(after.index))
    turned = value.tier_migration(before.sample(frac=1, random_state=1), after.sort_index())
    pd.testing.assert_frame_equal(turned.counts, moved.counts)
    back = value.tier_migration(after, before)  # time turned round
    assert (
        back.moves[["rose", "fell", "appeared", "left"]].tolist()
        == moved.moves[["fell", "rose", "left", "appeared"]].tolist()
    )


def test_the_order_of_categories_is_the_order_of_tiers():
    kind = pd.CategoricalDtype(["gold", "silver", "bronze"], ordered=True)
    before = pd.Series(["bronze", "gold"], dtype=kind)
    moved = value.tier_migration(before, pd.Series(["silver", "gold"], dtype=kind))
    assert moved.tiers == ["gold", "silver", "bronze"]
    assert moved.moves["rose"] == 1


def test_categories_that_one_date_lacks_keep_the_order_of_the_other():
    before = pd.Series(["gold", "bronze"], dtype=pd.CategoricalDtype(["gold", "silver", "bronze"]))
    after = pd.Series(["silver", "gold"], dtype=pd.CategoricalDtype(["gold", "silver"]))
    for moved in (value.tier_migration(before, after), value.tier_migration(before, after.astype("str"))):
        assert moved.tiers == ["gold", "silver", "bronze"]
        assert moved.moves[["rose", "fell"]].tolist() == [1, 1]


def test_a_tier_is_the_same_as_whole_number_and_as_decimal():
    assert value.tier_migration(SPRING, AUTUMN.astype("float64")).counts.equals(
        value.tier_migration(SPRING, AUTUMN).counts
    )


@pytest.mark.parametrize("kind", ["figure", "flow_figure"])
def test_the_figure_says_all_five_moves(kind):
    figure = getattr(value.tier_migration(SPRING, AUTUMN), kind)()
    assert figure._repr_png_()[:4] == b"\x89PNG"
    assert figure.finding == "Of 5 customers 2 stayed in their tier, 1 rose, 1 fell and 1 left; 1 appeared."


def test_transitions_run_on_and_the_left_stay_away():
    shares = value.tier_migration(SPRING, AUTUMN).transitions()
    assert shares.sum(axis=1).tolist() == [1, 1, 1, 1]
    assert shares.loc["left"].tolist() == [0, 0, 0, 1]
    worth = value.MarkovValue(shares, {0: 900, 1: 100, 2: 10, "left": 0}, rate=0.1).value_cents()
    assert worth["left"] == 0
    assert worth[0] == pytest.approx(900 + (0.5 * worth[0] + 0.5 * worth[2]) / 1.1)


def _ranked(letters):
    return pd.Series([letters[0], letters[1]], dtype=pd.CategoricalDtype(list(letters)))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: value.tier_migration(SPRING.tolist(), AUTUMN), "found a list"),
        (lambda: value.tier_migration(pd.concat([SPRING, SPRING]), AUTUMN), "a customer stands twice"),
        (lambda: value.tier_migration(SPRING.replace(2, np.nan), AUTUMN), "has no tier"),
        (lambda: value.tier_migration(SPRING, AUTUMN, tiers=[0, 1]), "there is also 2"),
        (lambda: value.tier_migration(SPRING, AUTUMN, tiers=[0, 1, 2, 2]), "each tier once"),
        (lambda: value.tier_migration(SPRING, AUTUMN, tiers=["0", "1", "2"]), r"'2', but there is also 0"),
        (lambda: value.tier_migration(SPRING, AUTUMN, tiers=3), "found no list of tiers"),
        (lambda: value.tier_migration(SPRING, AUTUMN, tiers=[[0], [1]]), "found no list of tiers"),
        (lambda: value.tier_migration(_ranked("AB"), _ranked("BA")), "do not tell one order: 'A', 'B'; 'B', 'A'"),
        (lambda: value.tier_migration(_ranked("AB"), _ranked("BC")), "do not tell one order"),
        (lambda: value.tier_migration(SPRING, AUTUMN.rename(str.upper)), "no customer is on both dates"),
        (lambda: value.tier_migration(SPRING, AUTUMN.replace(2, "C")), "tiers of different kinds"),
        (lambda: value.tier_migration(SPRING, AUTUMN, tiers=[0, 1, 2, 3]).transitions(), "nobody was in 3 before"),
    ],
)
def test_tiers_that_cannot_be_compared_get_their_message(call, words):
    with pytest.raises(CrmlabError, match=words) as refused:
        call()
    assert "  next    : " in str(refused.value)


SHOP = value.MarkovValue.of_recency([0.3, 0.2, 0.15, 0.05], contribution_cents=4000, contact_cents=400, rate=0.2)


def test_a_long_horizon_comes_to_the_worth_for_ever_and_none_to_the_reward():
    for_ever = SHOP.value_cents()
    np.testing.assert_allclose(SHOP.value_cents(periods=200), for_ever, atol=1e-9)
    assert SHOP.value_cents(periods=0).tolist() == [3600, -400, -400, -400, 0]
    one = SHOP.value_cents(periods=1)
    assert one[1] == pytest.approx(3600 + (0.3 * 3600 + 0.7 * -400) / 1.2)


def test_the_worth_is_the_mean_of_simulated_lives():
    dice = np.random.default_rng(5)
    moves = SHOP.transitions.to_numpy().cumsum(axis=1)
    reward = (SHOP.reward_cents - SHOP.contact_cents).to_numpy()
    state, worth = np.zeros(20_000, dtype=int), np.zeros(20_000)
    for period in range(60):
        worth += reward[state] / 1.2**period
        state = np.minimum((dice.random(len(state))[:, None] > moves[state]).sum(axis=1), 4)
    assert abs(worth.mean() - SHOP.value_cents()[1]) < 4 * worth.std() / np.sqrt(len(worth))


def test_no_other_choice_of_states_to_contact_is_worth_more_than_the_best():
    best = SHOP.best_contacts()
    step, reward, cost = SHOP.transitions.to_numpy() / 1.2, SHOP.reward_cents.to_numpy(), SHOP.contact_cents.to_numpy()
    for choice in itertools.product([0, 1], repeat=4):
        on = np.array([*choice, 0])
        worth = np.linalg.solve(np.eye(5) - on[:, None] * step, reward - on * cost)
        assert (worth <= best["value_cents"] + 1e-9).all()
    assert best["is_contacted"].tolist() == [True, True, True, False, False]
    assert (best["value_cents"] >= best["always_cents"] - 1e-9).all()


def test_the_unit_of_money_and_the_order_of_states_play_no_part():
    turned = SHOP.transitions.iloc[::-1, ::-1]
    same = value.MarkovValue(turned, SHOP.reward_cents * 10, contact_cents=SHOP.contact_cents * 10, rate=0.2)
    np.testing.assert_allclose(same.value_cents()[SHOP.transitions.index], SHOP.value_cents() * 10, atol=1e-6)
    assert same.best_contacts()["is_contacted"][::-1].tolist() == SHOP.best_contacts()["is_contacted"].tolist()


def test_a_contact_that_costs_nothing_is_always_worth_it_and_one_that_costs_all_never():
    free = value.MarkovValue.of_recency([0.3, 0.1], contribution_cents=4000, contact_cents=0, rate=0.2)
    dear = value.MarkovValue.of_recency([0.3, 0.1], contribution_cents=4000, contact_cents=4000, rate=0.2)
    assert free.best_contacts()["is_contacted"].tolist() == [True, True, False]
    assert not dear.best_contacts()["is_contacted"].any()


HALF = pd.DataFrame([[0.5, 0.5], [0.0, 1.0]], ["in", "out"], ["in", "out"])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: value.MarkovValue(HALF * 0.9, {"in": 1, "out": 0}, rate=0.1), "the rows of in, out are no shares"),
        (lambda: value.MarkovValue(HALF.T, {"in": 1, "out": 0}, rate=0.1), "are no shares that sum to 1"),
        (lambda: value.MarkovValue(HALF.set_axis(["a", "b"]), {"in": 1, "out": 0}, rate=0.1), "the same states"),
        (lambda: value.MarkovValue(HALF, {"in": 1, "out": 0}, rate=20), "rate: found 20, which is 2000% in one period"),
        (lambda: value.MarkovValue([[1]], {"in": 1}, rate=0.1), "found a list"),
        (lambda: value.MarkovValue(HALF, {"in": 1}, rate=0.1), "no number for out"),
        (lambda: value.MarkovValue(HALF, {"in": "much", "out": 0}, rate=0.1), "one number of cents per state"),
        (lambda: value.MarkovValue(HALF, {"in": 1, "out": 0}, contact_cents=-1, rate=0.1), "0 or more"),
        (lambda: value.MarkovValue(HALF, {"in": 1, "out": 0}, rate="high"), "write 0.1 for 10 %"),
        (lambda: value.MarkovValue(HALF, {"in": 1, "out": 0}, rate=0).value_cents(), "0 for ever has no end"),
        (lambda: value.MarkovValue(HALF, {"in": 1, "out": 0}, rate=0).value_cents(periods=1.5), "a whole number"),
        (
            lambda: value.MarkovValue.of_recency([1.2], contribution_cents=1, contact_cents=1, rate=0.1),
            "one or more numbers from 0 to 1",
        ),
    ],
)
def test_chains_that_cannot_run_get_their_message(call, words):
    with pytest.raises(CrmlabError, match=words) as refused:
        call()
    assert "  next    : " in str(refused.value)
