"""Best-worst counts and conjoint against hand-worked tables and planted worths."""

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy.stats import f

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


def test_numbers_of_people_and_sheets_are_no_benefits():
    tasks = answered(dict.fromkeys(ITEMS, 0.0), 20, seed=1)
    with pytest.raises(CrmlabError, match=r"(?s)person: nobody ever chose anything of it, such as 0.*by='person'"):
        segment.best_worst(tasks)
    words = tasks.assign(person="P" + tasks["person"].astype(str))
    with pytest.raises(CrmlabError, match="person: nobody ever chose anything of it, such as P0"):
        segment.best_worst(words)
    assert segment.best_worst(words, by="person").shape == (20, 5)
    with pytest.raises(CrmlabError, match="task: nobody ever chose"):
        segment.best_worst(words.assign(task=range(len(words))), by="person")


def test_a_benefit_that_nobody_ever_chose_is_a_benefit_all_the_same():
    tasks = pd.DataFrame({"a": ["price"] * 3, "b": ["care"] * 3, "c": ["image"] * 3, "best": "price", "worst": "care"})
    assert segment.best_worst(tasks).loc["image", ["shown", "best", "worst"]].tolist() == [3, 0, 0]


def test_categories_and_rows_of_one_name_are_taken():
    tasks = answered(dict(zip(ITEMS, [2.0, 1.0, 0.0, -1.0, -2.0], strict=True)), 10, seed=1)
    plain = segment.best_worst(tasks, by="person")
    pd.testing.assert_frame_equal(
        segment.best_worst(tasks.astype("category"), by="person"), plain, check_index_type=False, check_names=False
    )
    names = tasks.drop(columns="person").set_axis([7] * len(tasks))
    pd.testing.assert_frame_equal(segment.best_worst(names), segment.best_worst(tasks.drop(columns="person")))
    with pytest.raises(CrmlabError, match="best: row 7: 'shoes' was not shown"):
        segment.best_worst(names.assign(best="shoes"))
    with pytest.raises(CrmlabError, match="worst: row 7: nothing was chosen"):
        segment.best_worst(names.assign(worst=None))


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
    for price in ([10.0, 20.0], ["10", "20"], pd.Categorical([10.0, 20.0])):
        assert told.shares(pd.DataFrame({"price": price, "speed": ["a", "a"]})).tolist() == [1.0, 0.0]


def test_ratings_by_lot_seldom_have_a_winner():
    """One test over all attributes: wrong about once in twenty."""
    named = 0
    for seed in range(40):
        ratings = pd.DataFrame(np.random.default_rng(seed).normal(5, 2, (50, 12)), columns=PROFILES.index)
        finding = segment.conjoint(PROFILES, ratings).figure().finding
        named += finding != "No part of the offer moves these ratings more than chance would."
    assert named <= 6
    four = pd.DataFrame({"price": ["low", "low", "high", "high"], "speed": ["slow", "fast", "fast", "slow"]})
    ratings = pd.DataFrame(np.random.default_rng(1).normal(5, 2, (50, 4)))  # one profile more than part-worths
    assert "No part of the offer" in segment.conjoint(four, ratings).figure().finding
    three = pd.DataFrame({"price": ["low", "low", "high"], "speed": ["slow", "fast", "fast"]})
    assert "No part of the offer" in segment.conjoint(three, ratings[[0, 1, 2]]).figure().finding


def test_what_an_attribute_explains_is_tested_over_people():
    _, ratings = rated(30, 1.0, seed=4)
    told = segment.conjoint(PROFILES, ratings)
    # by hand for speed: squares of the mean by speed less those of all, 12 profiles, 5 numbers each
    values = ratings.to_numpy()
    fast = (PROFILES["speed"] == "fast").to_numpy()
    moved = 12 * ((values[:, fast].mean(axis=1) - values.mean(axis=1)) ** 2).sum()
    worth = told.by_person.droplevel("attribute", axis=1)
    fitted = values.mean(axis=1)[:, None] + sum(worth[PROFILES[name]].to_numpy() for name in PROFILES)
    left = ((values - fitted) ** 2).sum()
    assert told.p_values["speed"] == pytest.approx(f.sf(moved / 30 / (left / (30 * 7)), 30, 30 * 7), rel=1e-6)


def test_only_what_stands_out_is_named():
    _, ratings = rated(200, 1.0, seed=3)
    assert "Price matters most" in segment.conjoint(PROFILES, ratings).figure().finding
    level = PROFILES["price"].map({"low": 1, "middle": 0, "high": -1}).to_numpy()
    speed = PROFILES["speed"].map({"slow": -1, "fast": 1}).to_numpy()
    noise = np.random.default_rng(1).normal(size=(200, 12))
    alike = segment.conjoint(PROFILES, pd.DataFrame(5 + level + speed + noise)).figure().finding
    assert alike.endswith("matter most, neither more than the other beyond chance.")
    other_way = np.where(np.arange(200) % 2, 1, -1)[:, None] * level * 3 + 0.5 * speed
    assert (
        segment.conjoint(PROFILES, pd.DataFrame(5 + other_way + noise))
        .figure()
        .finding.endswith("they do not agree on which level.")
    )


def test_who_was_left_out_is_told():
    _, ratings = rated(50, 1.0, seed=3)
    told = segment.conjoint(PROFILES, ratings.mask(np.arange(50)[:, None] * np.ones(12) < 3))
    assert told.said == "3 of 50 people did not rate every profile and are left out."
    assert repr(told).endswith(told.said)
    assert segment.conjoint(PROFILES, ratings).said == ""
    with pytest.raises(CrmlabError, match="ratings: profile 0 is rated 'good'"):
        segment.conjoint(PROFILES, ratings.astype("object").replace(ratings.iloc[0, 0], "good"))


def test_wrong_profiles_get_their_message():
    _, ratings = rated(5, 1.0, seed=1)
    bundled = PROFILES.assign(speed=PROFILES["price"])
    for call, told in (
        (lambda: segment.conjoint(PROFILES, ratings.drop(columns=3)), "no column for profile 3"),
        (lambda: segment.conjoint(None, ratings), "profiles: found NoneType, which is no table"),
        (lambda: segment.conjoint(PROFILES, [1, 2]), "ratings: found list, which is no table"),
        (lambda: segment.best_worst(None), "tasks: found NoneType, which is no table"),
        (lambda: segment.best_worst(PROFILES.iloc[:, [0, 0]]), "tasks: two columns have the same name: price"),
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
