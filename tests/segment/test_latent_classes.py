"""Latent classes: planted classes found again, StepMix's optimum, the likelihood by hand, patterns as rows, laws."""

import json
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import adjusted_rand_score

from crmlab import segment
from crmlab.segment.answers import answers_of
from crmlab.segment.class_limits import identified
from crmlab.segment.latent_em import climb, design_of, posterior, random_starts

STEPMIX = json.loads(Path(__file__).with_name("stepmix.json").read_text(encoding="utf-8"))
TABLES = [name for name, kept in STEPMIX.items() if isinstance(kept, dict)]
SHARES = np.array([0.5, 0.3, 0.2])


def planted(people, levels, seed, sure=0.8, items=10, left_out=0.0, shares=SHARES):
    """Answers 0 to levels − 1: in each class one answer of each item is likelier than the others."""
    rng = np.random.default_rng(seed)
    kind = rng.choice(len(shares), people, p=shares)
    usual = rng.integers(0, levels, (len(shares), items))
    usual[:, 0] = np.arange(len(shares)) % levels
    probability = np.full((len(shares), items, levels), (1 - sure) / (levels - 1))
    np.put_along_axis(probability, usual[..., None], sure, axis=2)
    running = probability.cumsum(axis=2)[kind]
    answers = (rng.random((people, items))[..., None] > running[..., :-1]).sum(axis=2).astype("float64")
    answers[rng.random(answers.shape) < left_out] = np.nan
    return pd.DataFrame(answers, columns=[f"item_{one}" for one in range(items)]), kind, probability


def best_possible(X, shares, probability):
    """The class of each person where everything about the classes is known."""
    joint = np.tile(np.log(shares), (len(X), 1))
    for item, column in enumerate(X.to_numpy(dtype=int).T):
        joint += np.log(probability[:, item, column]).T
    return joint.argmax(axis=1)


@pytest.mark.parametrize(
    ("people", "levels", "sure"), [(500, 2, 0.9), (4_003, 2, 0.8), (3_000, 4, 0.7), (3_000, 7, 0.5)]
)
def test_planted_classes_are_recovered_as_well_as_can_be(people, levels, sure):
    X, kind, probability = planted(people, levels, seed=people + levels, sure=sure)
    model = segment.LatentClasses(3, seed=1, starts=8).fit(X)
    got = adjusted_rand_score(kind, model.predict(X))
    best = adjusted_rand_score(kind, best_possible(X, SHARES, probability))
    assert best > 0.5
    assert got > best - 0.03
    assert model.class_shares_.tolist() == pytest.approx(SHARES.tolist(), abs=0.05)


def test_planted_answer_probabilities_are_recovered_with_a_fifth_of_the_answers_missing():
    X, _, probability = planted(8_000, 3, seed=5, left_out=0.2)
    model = segment.LatentClasses(3, seed=1, starts=5).fit(X)
    table = model.answer_probabilities_
    assert table.columns.tolist() == ["class", "item", "answer", "probability"]
    assert np.abs(table["probability"].to_numpy().reshape(3, 10, 3) - probability).max() < 0.06
    assert np.allclose(table.groupby(["class", "item"])["probability"].sum(), 1)


@pytest.mark.parametrize(("levels", "left_out", "k"), [(2, 0.0, 3), (2, 0.3, 2), (7, 0.1, 4)])
def test_no_step_ever_lowers_the_likelihood(levels, left_out, k):
    answers = answers_of(planted(400, levels, seed=2, sure=0.6, left_out=left_out)[0], categories=True)
    design = design_of(answers)
    climbed = climb(design, random_starts(design, k, [[7, start] for start in range(6)]))
    path = np.array(climbed.path)
    assert climbed.converged[climbed.best]
    for line, last in zip(path.T, climbed.log_likelihood, strict=True):
        steps = np.diff(line[~np.isnan(line)])
        assert len(steps) > 10
        assert steps.min() >= -1e-11 * abs(last)
        assert last == np.nanmax(line)


def naive(X, k, share, probability, steps):
    """Expectation and maximisation one person and one answer at a time, plainly; answers are 0, 1, …"""
    rows = X.to_numpy()
    for _ in range(steps):
        value, sizes, counts = 0.0, np.zeros(k), np.zeros_like(probability)
        for row in rows:
            joint = share.copy()
            for item, answer in enumerate(row):
                if not np.isnan(answer):
                    joint *= probability[:, item, int(answer)]
            value += np.log(joint.sum())
            belongs = joint / joint.sum()
            sizes += belongs
            for item, answer in enumerate(row):
                if not np.isnan(answer):
                    counts[:, item, int(answer)] += belongs
        share, probability = sizes / len(rows), counts / counts.sum(axis=2, keepdims=True)
    return value


@pytest.mark.parametrize("left_out", [0.0, 0.25])
def test_patterns_are_rows_a_slow_climb_over_people_comes_to_the_same_place(left_out):
    X, _, _ = planted(80, 3, seed=4, items=5, left_out=left_out, sure=0.85)
    answers = answers_of(X, categories=True)
    design = design_of(answers)
    start = random_starts(design, 2, [[3, 0]])
    plain = climb(design, start, steps=1)
    assert plain.log_likelihood[0] == pytest.approx(
        naive(X, 2, start[0, :, 0], start[0, :, 1:].reshape(2, 5, 3), 1), rel=1e-12
    )
    rested = climb(design, start)
    assert rested.converged[0]
    slow = naive(X, 2, start[0, :, 0], start[0, :, 1:].reshape(2, 5, 3), 400)
    assert rested.log_likelihood[0] == pytest.approx(slow, abs=1e-6)


def test_the_likelihood_is_the_product_formula():
    X, _, _ = planted(300, 3, seed=6, left_out=0.1)
    model = segment.LatentClasses(3, seed=1, starts=3).fit(X)
    probability = model.answer_probabilities_["probability"].to_numpy().reshape(3, 10, 3)
    value = 0.0
    for row in X.to_numpy():
        product = model.class_shares_.to_numpy().copy()
        for item, answer in enumerate(row):
            product = product * (1 if np.isnan(answer) else probability[:, item, int(answer)])
        value += np.log(product.sum())
    assert model.log_likelihood_ == pytest.approx(value, rel=1e-12)


def test_posterior_shares_are_bayes_rule_and_a_missing_item_drops_out():
    X, _, _ = planted(500, 2, seed=8, items=4)
    model = segment.LatentClasses(2, seed=1, starts=3).fit(X)
    table = model.answer_probabilities_.set_index(["class", "item", "answer"])["probability"]
    joint = [model.class_shares_[one] * table[one, "item_0", 1.0] * table[one, "item_2", 0.0] for one in (0, 1)]
    new = pd.DataFrame({"item_0": [1, None], "item_1": [None] * 2, "item_2": [0, None], "item_3": [None] * 2})
    shares = model.predict_proba(new)
    assert shares.loc[0].tolist() == pytest.approx([one / sum(joint) for one in joint], rel=1e-12)
    assert shares.loc[1].tolist() == pytest.approx(model.class_shares_.tolist(), rel=1e-12)
    assert model.predict(new).isna().tolist() == [False, True]
    assert model.predict(X).dtype == "int64"


def test_criteria_by_hand():
    X = pd.DataFrame({"a": [1, 1, 1, 0], "b": [1, 0, 1, 0]})
    model = segment.LatentClasses(1, seed=1).fit(X)
    value = 3 * np.log(0.75) + np.log(0.25) + 4 * np.log(0.5)
    assert model.log_likelihood_ == pytest.approx(value)
    assert (model.n_parameters_, model.n_people_, model.entropy_) == (2, 4.0, 1.0)
    assert model.aic_ == pytest.approx(-2 * value + 4)
    assert model.bic_ == pytest.approx(-2 * value + 2 * np.log(4))
    assert model.adjusted_bic_ == pytest.approx(-2 * value + 2 * np.log(6 / 24))
    assert model.caic_ == pytest.approx(-2 * value + 2 * (np.log(4) + 1))
    assert model.icl_ == pytest.approx(model.bic_)


def test_icl_and_entropy_count_how_unsure_the_classes_are():
    X, _, _ = planted(600, 2, seed=9, sure=0.75)
    model = segment.LatentClasses(3, seed=1, starts=5).fit(X)
    shares = model.predict_proba(X).to_numpy()
    doubt = -(shares * np.log(shares)).sum()
    assert model.icl_ == pytest.approx(model.bic_ + 2 * doubt)
    assert model.entropy_ == pytest.approx(1 - doubt / (600 * np.log(3)))
    assert 0.1 < model.entropy_ < 0.9


def test_a_weight_is_the_person_asked_as_often():
    X, _, _ = planted(150, 3, seed=10, left_out=0.1)
    times = np.random.default_rng(1).integers(0, 4, len(X))
    weighted = segment.LatentClasses(2, seed=1, starts=4).fit(X, weights=times)
    repeated = segment.LatentClasses(2, seed=1, starts=4).fit(X.loc[X.index.repeat(times)])
    for name in ("log_likelihood_", "n_parameters_", "n_people_", "bic_", "icl_", "entropy_"):
        assert getattr(weighted, name) == pytest.approx(getattr(repeated, name), rel=1e-10)
    assert np.allclose(weighted.predict_proba(X), repeated.predict_proba(X), atol=1e-6)
    tests = [model.bootstrap_test(samples=2, seed=1) for model in (weighted, repeated)]
    assert tests[0].samples.tolist() == pytest.approx(tests[1].samples.tolist(), abs=1e-3)


def test_an_answer_of_people_who_do_not_count_is_no_answer_to_be_found():
    X, _, _ = planted(400, 3, seed=15)
    counts = X["item_1"] != 2
    weighted = segment.LatentClasses(2, seed=1, starts=4).fit(X, weights=counts)
    without = segment.LatentClasses(2, seed=1, starts=4).fit(X[counts])
    assert weighted.n_parameters_ == without.n_parameters_
    assert weighted.log_likelihood_ == pytest.approx(without.log_likelihood_, abs=1e-6)


def test_neither_the_order_of_rows_nor_the_names_of_items_and_answers_play_a_part():
    X, _, _ = planted(300, 3, seed=11, left_out=0.05)
    straight = segment.LatentClasses(3, seed=1, starts=4).fit(X)
    turned = segment.LatentClasses(3, seed=1, starts=4).fit(X.sample(frac=1, random_state=1))
    words = X.replace({0.0: "agree", 1.0: "both", 2.0: "disagree"}).rename(columns=lambda name: f"Question {name}?")
    named = segment.LatentClasses(3, seed=1, starts=4).fit(words)
    pd.testing.assert_frame_equal(straight.local_optima_, turned.local_optima_)
    pd.testing.assert_frame_equal(straight.local_optima_, named.local_optima_)
    pd.testing.assert_series_equal(straight.predict(X), turned.predict(X))
    pd.testing.assert_series_equal(straight.predict(X), named.predict(words))


def test_classes_are_ordered_by_size_so_that_another_seed_gives_them_the_same_numbers():
    X, _, _ = planted(1_000, 2, seed=12, sure=0.85)
    models = [segment.LatentClasses(3, seed=seed, starts=6).fit(X) for seed in (1, 2, 3)]
    assert models[0].class_shares_.is_monotonic_decreasing
    for other in models[1:]:
        assert np.allclose(models[0].predict_proba(X), other.predict_proba(X), atol=1e-4)
        pd.testing.assert_series_equal(models[0].predict(X), other.predict(X))


def test_every_start_is_told_of_and_more_starts_never_end_lower():
    X, _, _ = planted(600, 2, seed=3)
    few, many = (segment.LatentClasses(5, seed=4, starts=starts).fit(X) for starts in (3, 24))
    optima = many.local_optima_
    assert len(optima) > 1
    assert optima["starts"].sum() == 24
    assert optima["share_of_starts"].sum() == pytest.approx(1)
    assert optima["log_likelihood"].is_monotonic_decreasing
    assert many.log_likelihood_ >= few.log_likelihood_ - 1e-9
    assert many.log_likelihood_ == pytest.approx(optima["log_likelihood"][0], abs=1e-4)
    assert many.convergence_.endswith(f"{optima['starts'][0]} of 24 starts reached it")


def test_a_start_that_crawls_far_below_the_highest_is_given_up_and_not_called_converged():
    rng = np.random.default_rng(11)
    usual = np.where(rng.random((4, 20)) < 0.5, 0.92, 0.08)
    X = pd.DataFrame((rng.random((3_000, 20)) < usual[rng.integers(0, 4, 3_000)]).astype(int)).rename(columns=str)
    model = segment.LatentClasses(4, seed=1, starts=12).fit(X)
    optima = model.local_optima_
    assert model.converged_
    assert optima["converged"].iloc[0] == optima["starts"].iloc[0]
    assert optima["converged"].iloc[1:].sum() < optima["starts"].iloc[1:].sum()
    assert (-optima["log_likelihood"].diff().iloc[1:] > 0.1).all()


def test_a_climb_cut_short_is_not_called_converged(monkeypatch):
    monkeypatch.setitem(climb.__kwdefaults__, "steps", 3)
    X, _, _ = planted(200, 2, seed=14)
    with pytest.warns(ConvergenceWarning, match="still climbing"):
        model = segment.LatentClasses(3, seed=1, starts=2).fit(X)
    assert not model.converged_
    assert model.local_optima_["converged"].sum() == 0


def test_seven_points_need_not_rise_or_fall_together():
    rng = np.random.default_rng(1)
    middle = rng.random(1_200) < 0.5  # one half answers in the middle, the other at both ends
    ends = np.where(rng.random((1_200, 6)) < 0.5, 1, 7)
    X = pd.DataFrame(np.where(middle[:, None], rng.integers(3, 6, (1_200, 6)), ends)).rename(columns=str)
    got = segment.LatentClasses(2, seed=1, starts=4).fit(X).predict(X)
    assert adjusted_rand_score(middle, got) == 1


def test_a_thousand_people_who_answered_alike_are_fitted_without_a_warning():
    X = pd.DataFrame(np.repeat([[0, 0, 0, 0], [1, 1, 1, 1]], 500, axis=0)).rename(columns=str)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = segment.LatentClasses(2, seed=1, starts=5).fit(X)
    assert model.entropy_ == pytest.approx(1)
    assert model.log_likelihood_ == pytest.approx(1_000 * np.log(0.5))


@pytest.mark.parametrize("name", TABLES)
def test_the_likelihood_is_stepmixs_at_its_optimum(name):
    """Figures of StepMix 3.0.0, kept by ``python benchmarks/stepmix_figures.py``."""
    kept = STEPMIX[name]
    X = pd.DataFrame(kept["patterns"]).astype("float64").rename(columns="item_{}".format)
    model = segment.LatentClasses(kept["k"], seed=1, starts=20).fit(X, weights=kept["people"])
    assert model.n_people_ == 500
    assert model.log_likelihood_ == pytest.approx(kept["log_likelihood"], abs=1e-4)
    answers, shares = np.array(kept["answers"]), np.array(kept["shares"])
    if name.startswith("yes/no"):
        answers = np.stack([1 - answers, answers], axis=2).reshape(kept["k"], -1)
    theirs = np.column_stack([shares, answers])
    value = posterior(design_of(model.answers_), theirs)[1] @ model.answers_.weight
    assert value == pytest.approx(kept["log_likelihood"], abs=1e-6)
    order = np.argsort(-shares)
    assert model.class_shares_.tolist() == pytest.approx(shares[order].tolist(), abs=0.005)
    ours = model.answer_probabilities_["probability"].to_numpy().reshape(answers.shape)
    assert np.abs(ours - answers[order]).max() < 0.01


@pytest.mark.parametrize(("k", "fixed"), [(2, True), (3, False)])
def test_three_classes_of_four_yes_no_items_are_not_fixed_though_they_can_be_counted(k, fixed):
    """Goodman 1974: 14 numbers for 15 free shares of patterns, and yet only 13 directions."""
    patterns = np.array([[place >> item & 1 for item in range(4)] for place in range(16)])
    X = pd.DataFrame(patterns).rename(columns=str)
    answers = answers_of(X, weights=np.random.default_rng(1).integers(5, 50, 16), categories=True)
    theta = np.random.default_rng(2).uniform(0.2, 0.8, (k, 9))
    theta[:, 0] /= theta[:, 0].sum()
    theta[:, 1::2] = 1 - theta[:, 2::2]
    assert identified(design_of(answers), theta) == fixed


def test_a_class_that_is_there_twice_is_told_not_to_be_fixed():
    X, _, _ = planted(400, 2, seed=16, left_out=0.1)
    model = segment.LatentClasses(2, seed=1, starts=4).fit(X)
    assert model.identified_
    theta = np.append(model._theta_, model._theta_[:1], axis=0)
    theta[[0, 2], 0] /= 2
    assert not identified(design_of(model.answers_), theta)
    model.identified_ = False
    assert "not locally identified" in model._warned()[0]
    assert segment.class_solutions(X, k=[1, 2], starts=4, seed=1).said == model.answers_.said()


def test_seven_point_items_with_answers_that_a_class_never_gives_are_fixed():
    X, _, _ = planted(600, 7, seed=17, sure=0.9, items=6)
    X.loc[X["item_1"] == 3, "item_1"] = 4
    assert segment.LatentClasses(2, seed=1, starts=4).fit(X).identified_


def test_a_class_that_holds_nobody_is_told():
    X, _, _ = planted(400, 2, seed=18)
    model = segment.LatentClasses(2, seed=1, starts=4).fit(X)
    assert model.said_ == ""
    model.class_shares_ = pd.Series([1.0, 1e-9])
    assert model._warned() == ["With k = 2 one class holds nobody: 1 fit as well, ask for fewer."]
