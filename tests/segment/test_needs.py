"""Best-worst counts and conjoint against hand-worked tables and planted worths."""

import itertools

import numpy as np
import pandas as pd
import pytest

from crmlab import segment
from crmlab.errors import CrmlabError

ITEMS = ["price", "speed", "care", "choice", "image"]
PROFILES = pd.DataFrame(
    list(itertools.product(["low", "middle", "high"], ["slow", "fast"], ["shop", "online"])),
    columns=["price", "speed", "place"],
)


def answered(worth, people, seed):
    """Best and worst of four of five benefits, by worth and chance."""
    rng = np.random.default_rng(seed)
    rows = []
    for person in range(people):
        for out in range(5):
            shown = [item for number, item in enumerate(ITEMS) if number != out]
            felt = np.array([worth[item] for item in shown]) + rng.gumbel(size=4)
            rows.append([person, *shown, shown[felt.argmax()], shown[felt.argmin()]])
    return pd.DataFrame(rows, columns=["person", "a", "b", "c", "d", "best", "worst"])


def test_best_worst_counts_are_right_and_in_the_planted_order():
    worth = dict(zip(ITEMS, [2.0, 1.0, 0.0, -1.0, -2.0], strict=True))
    tasks = answered(worth, 60, seed=1)
    told = segment.best_worst(tasks.drop(columns="person"))
    assert told.index.tolist() == ITEMS
    assert told["shown"].tolist() == [240] * 5
    assert told["best"].to_dict() == tasks["best"].value_counts().to_dict()
    assert told["best"].sum() == told["worst"].sum() == 300
    assert told["score"].sum() == pytest.approx(0)
    own = segment.best_worst(tasks, by="person")
    assert own.shape == (60, 5)
    pd.testing.assert_series_equal(own.mean()[ITEMS], told["score"], check_names=False)


def test_choices_that_cannot_be_get_their_message():
    tasks = answered(dict.fromkeys(ITEMS, 0.0), 3, seed=1).drop(columns="person")
    for wrong, told in (
        (tasks.drop(columns="best"), "best: there is no such column"),
        (tasks.assign(best="shoes"), "best: row 0: 'shoes' was not shown"),
        (tasks.assign(worst=tasks["best"]), "row 0: best and worst are the same"),
    ):
        with pytest.raises(CrmlabError, match=told):
            segment.best_worst(wrong)


def rated(people, noise, seed):
    worth = {"low": 2.0, "middle": 0.5, "high": -2.5, "slow": -1.0, "fast": 1.0, "shop": 0.2, "online": -0.2}
    rng = np.random.default_rng(seed)
    total = PROFILES.apply(lambda column: column.map(worth)).sum(axis=1).to_numpy()
    return worth, pd.DataFrame(5 + total + noise * rng.standard_normal((people, len(PROFILES))), columns=PROFILES.index)


def test_planted_part_worths_are_recovered():
    worth, exact = rated(2, 0.0, seed=1)
    told = segment.conjoint(PROFILES, exact).part_worths["worth"]
    assert told.droplevel(0).to_dict() == pytest.approx(worth)
    _, ratings = rated(300, 2.0, seed=1)
    found = segment.conjoint(PROFILES, ratings)
    gap = (found.part_worths["worth"].droplevel(0) - pd.Series(worth)).abs()
    assert gap.le(4 * found.part_worths["standard_error"].droplevel(0)).all()
    assert found.by_person.shape == (300, 7)
    for attribute in PROFILES:
        assert found.by_person[attribute].sum(axis=1).abs().max() < 1e-9


def test_importance_is_the_share_of_the_ranges():
    told = segment.conjoint(PROFILES, rated(2, 0.0, seed=1)[1])
    # ranges 4.5, 2 and 0.4 of 6.9
    assert told.importance.round(4).to_dict() == {"price": 0.6522, "speed": 0.2899, "place": 0.058}
    assert told.figure().finding == "Price matters most (65%); low is wanted."


def test_shares_add_up_and_prefer_what_is_worth_more():
    told = segment.conjoint(PROFILES, rated(200, 1.0, seed=2)[1])
    offers = pd.DataFrame(
        {"price": ["low", "high", "middle"], "speed": ["slow", "fast", "fast"], "place": ["shop", "shop", "online"]},
        index=["plain", "dear", "fair"],
    )
    for rule in ("first", "logit"):
        share = told.shares(offers, rule=rule)
        assert share.sum() == pytest.approx(1)
        assert share.idxmin() == "dear"
    assert told.shares(offers.iloc[[0, 0]]).tolist() == [0.5, 0.5]


def test_numbers_as_levels_are_taken():
    profiles = pd.DataFrame({"price": [10, 10, 20, 20], "speed": ["a", "b", "a", "b"]})
    told = segment.conjoint(profiles, pd.DataFrame([[6, 8, 2, 4], [5, 9, 3, 7]]))
    assert told.shares(pd.DataFrame({"price": [10, 20], "speed": ["a", "a"]})).tolist() == [1.0, 0.0]


def test_wrong_profiles_get_their_message():
    _, ratings = rated(5, 1.0, seed=1)
    bundled = PROFILES.assign(speed=PROFILES["price"])
    for call, told in (
        (lambda: segment.conjoint(PROFILES, ratings.drop(columns=3)), "no column for profile 3"),
        (lambda: segment.conjoint(bundled, ratings), "12 profiles cannot tell 5 part-worths apart"),
        (lambda: segment.conjoint(PROFILES, ratings.iloc[:1]), "fewer than two people"),
        (
            lambda: segment.conjoint(PROFILES, ratings).shares(PROFILES.replace("low", "free")),
            "price: 'free' was not shown",
        ),
        (lambda: segment.conjoint(PROFILES, ratings).shares(PROFILES[["price"]]), "speed: 'nothing' was not shown"),
        (lambda: segment.conjoint(PROFILES, ratings).shares(PROFILES, rule="best"), "rule: found 'best'"),
    ):
        with pytest.raises(CrmlabError, match=told):
            call()
