"""How many classes, the short typing tool, and what is said of bad input."""

import numpy as np
import pandas as pd
import pytest

from crmlab import segment
from crmlab.errors import CrmlabError
from crmlab.segment.answers import answers_of
from crmlab.segment.class_test import _People
from crmlab.segment.latent_em import climb, design_of, random_starts, split_start


def asked(people=400, seed=1, says=((0.9, 0.1), (0.2, 0.8), (0.8, 0.3), (0.5, 0.5), (0.6, 0.4), (0.1, 0.7))):
    """Yes/no answers of two classes; how often each class says yes to each item."""
    rng = np.random.default_rng(seed)
    kind = (rng.random(people) < 0.4).astype(int)
    yes = rng.random((people, len(says))) < np.array(says).T[kind]
    return pd.DataFrame(yes.astype(int), columns=[f"q{one}" for one in range(len(says))])


X = asked()
MODEL = segment.LatentClasses(2, seed=1, starts=5).fit(X)


def test_the_bootstrap_test_needs_the_classes_that_are_there_and_no_more():
    three = segment.LatentClasses(3, seed=1, starts=5).fit(X)
    needed, more = MODEL.bootstrap_test(samples=19, seed=1), three.bootstrap_test(samples=19, seed=1)
    assert needed.p_value == 1 / 20
    assert str(needed).endswith("p = 0.05. 2 classes are needed.")
    assert more.p_value > 0.1
    assert str(more).endswith("Nothing shows that more than 2 are needed.")
    assert more.statistic == pytest.approx(2 * (three.log_likelihood_ - MODEL.log_likelihood_), abs=1e-5)
    assert more.p_value == (1 + (more.samples >= more.statistic).sum()) / 20
    assert (more.samples >= 0).all()


def test_the_bootstrap_test_is_seldom_wrong():
    """People of one kind, tested for a second with nine samples: p is 0.1 about once in ten."""
    wrong = 0
    for seed in range(20):
        table = asked(80, seed=100 + seed, says=((0.7, 0.7), (0.4, 0.4), (0.5, 0.5), (0.3, 0.3)))
        model = segment.LatentClasses(2, seed=seed, starts=2).fit(table)
        wrong += model.bootstrap_test(samples=9, seed=seed).p_value <= 0.1
    assert wrong <= 6  # at the level of 0.1 more than 6 of 20 are 1 in 400


def test_the_same_seed_draws_the_same_samples_and_more_of_them_begin_alike():
    few, many = (MODEL.bootstrap_test(samples=samples, seed=5).samples for samples in (3, 5))
    assert few.tolist() == many.tolist()[:3]
    assert MODEL.bootstrap_test(samples=3, seed=6).samples.tolist() != few.tolist()


def test_people_drawn_for_the_test_are_as_many_leave_the_same_out_and_answer_as_the_model_says():
    holes = asked(5_000).astype("float64")
    holes.loc[:999, "q2"] = np.nan
    answers = answers_of(holes, categories=True)
    design = design_of(answers)
    fitted = climb(design, random_starts(design, 2, [[1, 0]]))
    drawn = _People(answers, design, fitted.theta[0])(np.random.default_rng(1))
    assert drawn.total == 5_000
    expected = fitted.theta[0, :, 0] @ fitted.theta[0, :, 1:]
    answered = np.where(design.item == 2, 4_000, 5_000)
    got = drawn.counted(np.array([drawn.total]), drawn.weight[None] @ drawn.rows.T)[0]
    assert np.abs(got / answered - expected).max() < 4 * np.sqrt(0.25 / 4_000)
    assert got[design.item == 2].sum() == 4_000


def test_weights_with_fractions_draw_as_many_people_as_they_add_up_to():
    answers = answers_of(X, weights=np.where(X["q0"] == 1, 1.3, 0.7), categories=True)
    design = design_of(answers)
    theta = random_starts(design, 2, [[1, 0]])[0]
    assert _People(answers, design, theta)(np.random.default_rng(1)).total == round(answers.people)


def test_splitting_a_class_keeps_the_likelihood_and_leads_up():
    design = design_of(answers_of(X, categories=True))
    two = climb(design, random_starts(design, 2, [[1, 0]]))
    three = climb(design, split_start(two.theta[0], design))
    assert three.path[0][0] == pytest.approx(two.log_likelihood[0], abs=0.5)
    assert three.log_likelihood[0] > two.log_likelihood[0]


def test_several_numbers_of_classes_side_by_side_are_the_single_fits():
    found = segment.class_solutions(X, k=[3, 1, 2], starts=5, seed=1)
    assert found.table.index.tolist() == [1, 2, 3]
    assert found.table.loc[2, "bic"] == MODEL.bic_
    assert found.table.loc[2, "starts_at_best"] == MODEL.local_optima_["share_of_starts"].iloc[0]
    assert found.table["log_likelihood"].is_monotonic_increasing
    pd.testing.assert_series_equal(found.model(2).predict(X), MODEL.predict(X))
    assert found.figure().finding.startswith("BIC would take 2 classes")
    assert repr(found).startswith("latent classes: 400 people, 6 items, 5 random starts for each k")
    with pytest.raises(CrmlabError, match="there is no solution with 7 classes"):
        found.model(7)


def placed_by_hand(questions, table):
    """The likeliest class by some questions, one person and one answer at a time; 0.01 is the least."""
    probability = MODEL.answer_probabilities_.set_index(["class", "item", "answer"])["probability"]
    got = []
    for person in table[questions].to_dict("records"):
        joint = [
            MODEL.class_shares_[one]
            * np.prod([max(probability[one, item, said], 0.01) for item, said in person.items()])
            for one in (0, 1)
        ]
        got.append(int(np.argmax(joint)))
    return np.array(got)


def test_the_typing_tool_begins_with_the_question_that_tells_most():
    tool = MODEL.typing_tool(3)
    whole = MODEL.predict(X).to_numpy()
    alone = {item: (placed_by_hand([item], X) == whole).mean() for item in X}
    assert tool.questions[0] == max(alone, key=alone.get)
    assert tool.steps["agreement"].iloc[0] == pytest.approx(max(alone.values()))
    second = {
        item: (placed_by_hand([tool.questions[0], item], X) == whole).mean() for item in X if item != tool.questions[0]
    }
    assert tool.steps["agreement"].iloc[1] == pytest.approx(max(second.values()))
    assert "q3" not in tool.questions  # both classes answer it alike


def test_the_agreement_said_is_the_share_of_people_placed_alike():
    tool = MODEL.typing_tool(4)
    assert tool.predict(X).tolist() == placed_by_hand(tool.questions, X).tolist()
    assert tool.steps["agreement"].iloc[-1] == pytest.approx((tool.predict(X) == MODEL.predict(X)).mean())
    assert tool.agreement == tool.steps["agreement_held_out"].iloc[-1]
    assert "of people get the class that all items give them, counted on people not used to choose these." in repr(tool)
    assert (tool.steps["agreement_held_out"] <= 1).all()
    assert MODEL.typing_tool(6).agreement > 0.99


def test_agreement_held_out_is_counted_on_patterns_that_did_not_choose():
    answers = answers_of(X, categories=True)
    part, whole = np.arange(len(answers.weight)) % 5, MODEL.predict(pd.DataFrame(answers.patterns, columns=X.columns))
    patterns = pd.DataFrame(answers.patterns, columns=X.columns)
    hits = 0.0
    for held in range(5):
        worth = {
            item: answers.weight[part != held] @ (placed_by_hand([item], patterns) == whole)[part != held] for item in X
        }
        chosen = max(worth, key=worth.get)
        hits += answers.weight[part == held] @ (placed_by_hand([chosen], patterns) == whole)[part == held]
    assert MODEL.typing_tool(1).agreement == pytest.approx(hits / 400)


def test_people_add_up_their_points_and_come_to_the_same_class():
    tool = MODEL.typing_tool(5)
    total = np.tile(tool.points.iloc[0].to_numpy(), (len(X), 1))
    for item in tool.questions:
        total = total + tool.points.loc[item].loc[X[item].astype("str")].to_numpy()
    assert (total.argmax(axis=1) == tool.predict(X)).mean() > 0.99
    assert (tool.points.to_numpy() >= 0).all()


def test_the_typing_tool_takes_new_people_with_gaps():
    tool = MODEL.typing_tool(2)
    first, second = tool.questions
    new = pd.DataFrame({second: [1, None], first: [None, None], "name": ["Ana", "Iva"]}, index=["a", "b"])
    assert tool.predict(new).isna().tolist() == [False, True]
    assert np.allclose(tool.predict_proba(new).sum(axis=1), 1)
    assert np.allclose(tool.predict_proba(new).loc["b"], MODEL.class_shares_)
    with pytest.raises(CrmlabError, match=f"{second}: the new answers have no such item"):
        tool.predict(new[[first]])


def test_new_people_may_come_in_other_order_with_other_columns_and_other_types():
    one, other = MODEL.predict_proba(X), MODEL.predict_proba(X[X.columns[::-1]].astype(bool).assign(name="Ana"))
    pd.testing.assert_frame_equal(one, other)
    assert np.array_equal(MODEL.predict_proba(X.to_numpy()), one)
    assert MODEL.predict_proba(X.iloc[:0]).shape == (0, 2)
    assert MODEL.predict(X.iloc[:0]).tolist() == []


def test_an_answer_or_item_the_model_does_not_know_is_named_with_all_others():
    new = X.rename(columns={"q1": "q1_"}).assign(q0=[7, 8, *X["q0"].iloc[2:]])
    with pytest.raises(CrmlabError) as said:
        MODEL.predict(new)
    assert str(said.value) == (
        "q0: the model does not know the answers 7, 8.\n"
        "  allowed : 0, 1, or missing\n"
        "  next    : mend the answer or set it to missing; or fit the model to people who gave it.\n"
        "q1: the new answers have no such item. Did you mean 'q1_'?\n"
        "  it has  : q0, q1_, q2, q3, q4 … and 1 more\n"
        "  next    : give every item the classes were made from; an empty column is allowed."
    )
    with pytest.raises(CrmlabError, match=r"found an array of shape \(400, 2\)"):
        MODEL.predict(X.to_numpy()[:, :2])


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"k": 0}, "k: found 0.\n  allowed : whole numbers from 1 to 9"),
        ({"k": 2.5}, "k: found 2.5."),
        ({"k": True}, "k: found True."),
        ({"k": range(2, 4)}, "give one, for instance k=4; class_solutions(X, k=range(1, 7), seed=1) compares several."),
        (
            {"k": 10},
            "k: found 10; k classes have 7 k − 1 numbers to find, and 64 ways to answer 6 items tell 63 at most.",
        ),
        ({"k": 2, "starts": 0}, "starts: found 0."),
        ({"k": 2, "seed": -1}, "seed: found -1."),
        ({"k": 2, "seed": None}, "seed: found None."),
    ],
)
def test_settings_that_cannot_be_are_named(settings, words):
    with pytest.raises(CrmlabError) as said:
        segment.LatentClasses(**{"seed": 1, **settings}).fit(X)
    assert words in str(said.value)


def test_all_wrong_settings_are_named_at_once():
    with pytest.raises(CrmlabError) as said:
        segment.LatentClasses(99, seed=-1, starts=0).fit(X)
    assert len(said.value.messages) == 3


@pytest.mark.parametrize(
    ("table", "k", "words"),
    [
        (X.iloc[:12], 2, "12 people tell 11 at most"),
        (X[["q0", "q1"]], 2, "4 ways to answer 2 items tell 3 at most"),
        (
            pd.DataFrame(np.tile(np.eye(4), (90, 2))),
            5,
            "there are 4 different answer patterns",
        ),
        (X.assign(q0=1), 2, "q0: everybody gave the same answer, 1."),
        (X.assign(q0=None), 2, "q0: nobody answered it."),
        (X.assign(q0=range(400)), 2, "q0: there are 400 different answers."),
        (X.iloc[:0], 2, "answers: the table has 0 rows"),
    ],
)
def test_answers_that_do_not_carry_the_classes_are_refused(table, k, words):
    with pytest.raises(CrmlabError) as said:
        segment.LatentClasses(k, seed=1).fit(table)
    assert words in str(said.value)


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda one, two: one.bootstrap_test(seed=1), "the model has one class: there is none less."),
        (
            lambda one, two: segment.LatentClasses(2, seed=1).fit(X, weights=np.full(400, 0.01)),
            "weights: they add up to 4 for 400 people",
        ),
        (lambda one, two: two.bootstrap_test(samples=0, seed=1), "samples: found 0."),
        (lambda one, two: two.bootstrap_test(samples=9, seed=None), "seed: found None."),
        (lambda one, two: one.typing_tool(2), "the model has one class: everybody is in it."),
        (lambda one, two: two.typing_tool(7), "questions: found 7.\n  allowed : whole numbers from 1 to 6"),
        (lambda one, two: segment.class_solutions(X, k=[], seed=1), "k: no number is given."),
        (lambda one, two: segment.class_solutions(X, k=range(1, 12), seed=1), "k: found 10"),
    ],
)
def test_what_cannot_be_asked_is_answered_with_what_can(ask, words):
    with pytest.raises(CrmlabError) as said:
        ask(segment.LatentClasses(1, seed=1).fit(X), MODEL)
    assert words in str(said.value)
