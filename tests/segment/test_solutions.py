"""k-means solutions: the same criterion as scikit-learn, planted segments, laws."""

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from crmlab import segment
from crmlab.engine.threads import one_thread
from crmlab.errors import CrmlabError
from crmlab.segment.agreement import adjusted_rand
from crmlab.segment.lloyd import Patterns, best_of_starts

CLASSES = np.array([[6, 5, 2, 2, 3, 4], [2, 3, 6, 6, 3, 4], [3, 3, 3, 2, 6, 6]])


def planted(people, noise, seed, classes=CLASSES):
    rng = np.random.default_rng(seed)
    kind = rng.choice(len(classes), people, p=[0.5, 0.3, 0.2])
    answers = np.clip(np.rint(classes[kind] + noise * rng.standard_normal((people, classes.shape[1]))), 1, 7)
    return pd.DataFrame(answers, columns=[f"item_{one}" for one in range(classes.shape[1])]), kind


@pytest.mark.parametrize("kind", ["yes/no", "ratings", "amounts"])
def test_the_criterion_is_scikit_learns(kind):
    rng = np.random.default_rng(1)
    X = {
        "yes/no": pd.DataFrame((rng.random((600, 5)) < 0.4).astype(int)),
        "ratings": planted(600, 1.0, 2)[0],
        "amounts": pd.DataFrame(rng.lognormal(6, 1, (600, 3))),
    }[kind].rename(columns=str)
    found = segment.solutions(X, k=[2, 3, 5], starts=100, seed=1)
    for k in (2, 3, 5):  # started where ours came to rest, theirs stays there
        theirs = KMeans(k, n_init=1, init=found.centres(k).to_numpy(), tol=0).fit(X)
        assert found.table["criterion"][k] == pytest.approx(theirs.inertia_, rel=1e-9)
        assert adjusted_rand_score(found.labels(k), theirs.labels_) == 1
        own = sum(((part - part.mean()) ** 2).to_numpy().sum() for _, part in X.groupby(found.labels(k)))
        assert found.table["criterion"][k] == pytest.approx(own, rel=1e-9)
    far = KMeans(3, n_init=30, random_state=1).fit(X)  # and from elsewhere it finds nothing better
    assert found.table["criterion"][3] <= far.inertia_ * (1 + 1e-9)


def far_out(seed):
    rng = np.random.default_rng(seed)
    crowd = rng.normal(size=(300, 2)) + np.repeat([[0, 0], [8, 0], [0, 8]], 100, axis=0)
    return pd.DataFrame(np.append(crowd, [[1e5, 0], [0, -3e5]], axis=0), columns=["price_cents", "spend_cents"])


@pytest.mark.parametrize(("k", "seed"), [(3, 1), (5, 1), (5, 2), (7, 2)])
def test_people_far_out_are_met_and_the_criterion_is_scikit_learns(k, seed):
    X = far_out(seed)
    found = segment.solutions(X, k=k, starts=100, seed=seed)
    with one_thread():
        theirs = KMeans(k, n_init=20, tol=0, random_state=1).fit(X).inertia_
    assert found.table["criterion"][k] <= theirs * (1 + 1e-9)
    if k == 5:
        assert found.table["criterion"][k] == pytest.approx(theirs, rel=1e-9)
        assert found.labels(k).value_counts().tolist() == [100, 100, 100, 1, 1]


def test_no_random_start_at_the_best_split_is_told():
    crowd, few = np.random.default_rng(1).normal(size=(4_000, 2)), np.repeat([[40, 0], [0, 40]], 3, axis=0)
    found = segment.solutions(pd.DataFrame(np.append(crowd, few, axis=0), columns=list("ab")), k=3, starts=10, seed=1)
    assert found.table["starts_at_best"][3] == 0
    assert found.table["smallest"][3] == 3
    assert "At k = 3 no random start reached the best split found" in found.said
    assert found.figure().finding == "None of 10 random starts reaches the best split found at k = 3."


def test_one_start_is_a_single_click_and_is_told_to_say_nothing_of_better_ones():
    X, _ = planted(150, 1.0, seed=3)
    clicks = [segment.solutions(X, k=5, starts=1, seed=seed) for seed in range(20)]
    best = segment.solutions(X, k=5, starts=100, seed=1).table["criterion"][5]
    assert np.mean([click.table["criterion"][5] > best * (1 + 1e-9) for click in clicks]) > 0.3
    assert "One start alone tells nothing of better splits" in repr(clicks[0])
    assert "1 random start for each k" in repr(clicks[0])


def test_spread_starts_draw_different_people_each_as_likely_as_it_is_far():
    patterns = Patterns(np.array([[0.0], [1.0], [10.0]]), np.ones(3))
    _, criteria = best_of_starts(patterns, np.ones((1, 3)), 3, 1, np.random.default_rng(1), spread=50)
    assert criteria.shape == (1, 51)
    assert criteria.max() == pytest.approx(0, abs=1e-9)  # three different ones, each time
    weights = np.tile([1.0, 1.0, 0.0], (200, 1))
    centres, _ = best_of_starts(patterns, weights, 2, 1, np.random.default_rng(1), spread=1)
    assert (centres + patterns.middle).max() == pytest.approx(1)  # nobody of weight 0


@pytest.mark.parametrize("k", [2, 5])
def test_where_only_the_best_run_goes_on_it_comes_as_far_as_if_all_had(k):
    X, _ = planted(400, 1.0, seed=9)
    patterns = Patterns(X.to_numpy(dtype="float64"), np.ones(len(X)))
    weights = np.random.default_rng(2).multinomial(len(X), np.full(len(X), 1 / len(X)), size=12).astype("float64")
    some, all_ = (
        best_of_starts(patterns, weights, k, 10, np.random.default_rng(1), only_best=only) for only in (True, False)
    )
    assert (some[1].min(axis=1) <= all_[1].min(axis=1) * 1.002).all()
    assert (some[1] >= all_[1] * (1 - 1e-9)).all()  # nobody goes further than to rest
    for weight, centres, criterion in zip(weights, some[0], some[1].min(axis=1), strict=True):
        far = ((patterns.filled[:, None] - centres) ** 2).sum(axis=2)
        mine = far.argmin(axis=1)  # at rest: each centre is the mean of those nearest to it
        assert weight @ far.min(axis=1) == pytest.approx(criterion)
        for one in range(k):
            mean = np.average(patterns.filled[mine == one], axis=0, weights=weight[mine == one])
            assert centres[one] == pytest.approx(mean, abs=1e-5)


@pytest.mark.parametrize(("people", "noise", "least"), [(150, 0.7, 0.95), (1_500, 0.7, 0.98), (1_500, 1.4, 0.7)])
def test_planted_segments_are_recovered(people, noise, least):
    X, kind = planted(people, noise, seed=5)
    found = segment.solutions(X, k=3, starts=20, seed=1)
    truth = pd.Series(kind)
    assert segment.recovered(found.labels(3), truth)["adjusted_rand"] > least
    assert (found.labels(3).value_counts().sort_index().diff().dropna() <= 0).all()  # the largest is 0


def test_the_share_of_starts_that_reached_the_best_is_counted():
    X, _ = planted(150, 1.0, seed=3)
    found = segment.solutions(X, k=[2, 5], starts=400, seed=1)
    for k in (2, 5):
        alone = [KMeans(k, n_init=1, init="random", tol=0, random_state=one).fit(X).inertia_ for one in range(80)]
        reached = np.mean(np.array(alone) <= found.table["criterion"][k] * (1 + 1e-9))
        share = found.table["starts_at_best"][k]
        assert abs(share - reached) < 4 * np.sqrt(max(share * (1 - share), 0.01) * (1 / 400 + 1 / 80))
    assert found.table["optima"][5] > found.table["optima"][2]


def test_weights_are_repeated_rows_and_the_order_of_rows_plays_no_part():
    X, _ = planted(200, 1.0, seed=4)
    weights = np.random.default_rng(1).integers(0, 4, 200)
    weighted = segment.solutions(X, k=[2, 4], starts=10, seed=1, weights=weights)
    repeated = segment.solutions(X.loc[X.index.repeat(weights)], k=[2, 4], starts=10, seed=1)
    pd.testing.assert_frame_equal(weighted.centres(4), repeated.centres(4))
    shuffled = segment.solutions(X.sample(frac=1, random_state=1), k=4, starts=10, seed=1)
    pd.testing.assert_series_equal(
        shuffled.labels(4).sort_index(), segment.solutions(X, k=4, starts=10, seed=1).labels(4)
    )


def test_rows_and_patterns_give_the_same_whatever_the_scale_of_the_answers():
    X, _ = planted(300, 1.0, seed=6)
    one = segment.solutions(X, k=3, starts=10, seed=1)
    other = segment.solutions(X * 100 + 1_000_000, k=3, starts=10, seed=1)
    pd.testing.assert_series_equal(one.labels(3), other.labels(3))
    assert other.table["criterion"][3] == pytest.approx(10_000 * one.table["criterion"][3])


def test_missing_answers_place_people_by_what_they_answered():
    X, kind = planted(600, 0.7, seed=7)
    holes = X.mask(np.random.default_rng(1).random(X.shape) < 0.2)
    holes.iloc[10] = np.nan
    found = segment.solutions(holes, k=3, starts=20, seed=1)
    label = found.labels(3)
    assert label.isna().to_numpy().nonzero()[0].tolist() == [10]
    assert adjusted_rand_score(label.dropna().astype(int), np.delete(kind, 10)) > 0.8
    assert "answered nothing" in found.said
    assert "1 answered nothing" in repr(found)


def test_new_people_go_where_the_same_answers_went():
    X, _ = planted(300, 1.0, seed=8)
    found = segment.solutions(X, k=3, starts=10, seed=1)
    pd.testing.assert_series_equal(found.place(X[X.columns[::-1]], k=3), found.labels(3))
    pd.testing.assert_series_equal(found.place(X.to_numpy(), k=3), found.labels(3))
    assert found.place(X.iloc[:0], k=3).tolist() == []
    with pytest.raises(CrmlabError, match=r"(?s)item_0: the new answers have no such item.*it has"):
        found.place(X.drop(columns="item_0"), k=3)
    with pytest.raises(CrmlabError, match="item_1: answers are words, such as 'high'"):
        found.place(X.assign(item_1="high"), k=3)
    with pytest.raises(CrmlabError, match="answers: found an array of shape"):
        found.place(X.to_numpy()[:, :2], k=3)
    with pytest.raises(CrmlabError, match="answers: found None"):
        found.place(None, k=3)


def test_new_people_are_held_to_the_scale_that_was_given():
    X, _ = planted(300, 1.0, seed=8)
    scaled = segment.solutions(X, k=3, starts=10, seed=1, scale=(1, 7))
    new = X.iloc[:5].astype("float64")
    new.iloc[2, 1] = 99
    with pytest.raises(CrmlabError, match=r"(?s)item_1: 1 answer lies off the scale, such as 99.*1 to 7"):
        scaled.place(new, k=3)
    with pytest.raises(CrmlabError, match="item_1: 1 answer is 99, the others lie between"):
        segment.solutions(X, k=3, starts=10, seed=1).place(new, k=3)


def test_an_item_that_rules_the_rest_is_told():
    X, _ = planted(100, 1.0, seed=9)
    assert (
        "'spend_cents' alone makes 100%"
        in segment.solutions(X.assign(spend_cents=np.arange(100) * 1e4), k=2, starts=2, seed=1).said
    )
    assert segment.solutions(X, k=2, starts=2, seed=1).said == ""


@pytest.mark.parametrize(
    ("k", "starts", "told"),
    [
        (0, 5, "(?s)k: found 0; there are 4 different.*from 1 to 4"),
        (5, 5, "k: found 5; there are 4 different answer patterns"),
        ([2, 9], 5, "k: found 9"),
        (2.5, 5, "k: found 2.5, which is no whole number"),
        (3.0, 5, "(?s)k: found 3.0, which is no whole number.*for instance k=4"),
        (True, 5, "k: found True, which is no whole number"),
        ([2, None], 5, "k: found None, which is no whole number"),
        ("two", 5, "k: found 'two'"),
        ([], 5, "k: no number is given"),
        (2, 0, "starts: found 0"),
        (2, "many", "starts: found 'many'"),
    ],
)
def test_wrong_numbers_get_their_message(k, starts, told):
    X = pd.DataFrame({"price": [1, 2, 1, 7, 6], "service": [7, 6, 7, 1, 1]})
    with pytest.raises(CrmlabError, match=told):
        segment.solutions(X, k=k, starts=starts, seed=1)


@pytest.mark.parametrize("seed", [-1, "a", None, 1.0])
def test_a_seed_that_cannot_be_gets_its_message(seed):
    with pytest.raises(CrmlabError, match=f"(?s)seed: found {seed!r}.*a whole number, 0 or more"):
        segment.solutions(pd.DataFrame({"price": [1, 2, 7]}), k=2, starts=2, seed=seed)


def test_weighted_people_are_shown_in_whole_numbers():
    X, _ = planted(200, 1.0, seed=4)
    told = repr(segment.solutions(X, k=2, starts=2, seed=1, weights=np.linspace(0.5, 1.7, 200)))
    assert told.splitlines()[3].split()[-1].isdigit()


def test_a_k_that_was_not_asked_gets_its_message():
    found = segment.solutions(pd.DataFrame({"price": [1, 2, 7]}), k=[2, 3], starts=2, seed=1)
    for call in (found.labels, found.centres, lambda k: found.place(pd.DataFrame({"price": [1]}), k)):
        with pytest.raises(CrmlabError, match=r"(?s)k: there is no solution with 4 segments.*2, 3"):
            call(4)
        with pytest.raises(CrmlabError, match=r"k: there is no solution with \[2\] segments"):
            call([2])


def test_as_many_segments_as_patterns_leave_nothing_within():
    X = pd.DataFrame({"price": [1, 2, 1, 7, 6], "service": [7, 6, 7, 1, 1]})
    found = segment.solutions(X, k=4, starts=50, seed=1)
    assert found.table["criterion"][4] == pytest.approx(0, abs=1e-12)
    assert found.table["smallest"][4] == 1


def test_a_hand_worked_split():
    # 1, 2 and 9, 11: means 1.5 and 10, squares .25 + .25 + 1 + 1
    found = segment.solutions(pd.DataFrame({"a": [1, 2, 9, 11]}), k=2, starts=10, seed=1)
    assert found.table["criterion"][2] == pytest.approx(2.5)
    total = ((np.array([1, 2, 9, 11]) - 5.75) ** 2).sum()
    assert found.table["explained"][2] == pytest.approx(1 - 2.5 / total)


def test_ipsatised_ratings_forget_the_level_but_not_the_order():
    X, _ = planted(50, 1.0, seed=1)
    own = segment.ipsatise(X)
    assert own.mean(axis=1).abs().max() < 1e-12
    pd.testing.assert_frame_equal(segment.ipsatise(X + 3), own)
    spread = segment.ipsatise(X, spread=True)
    assert np.allclose(spread.std(axis=1, ddof=0), 1)
    assert segment.ipsatise(X.assign(item_0=X["item_0"].mask(X.index == 3))).isna().sum().sum() == 1
    assert segment.ipsatise(X.set_axis(range(6), axis=1)).columns.tolist() == list(range(6))
    with pytest.raises(CrmlabError, match=r"(?s)there are 2 items.*three or more"):
        segment.ipsatise(X[["item_0", "item_1"]])


def test_ipsatising_helps_where_people_have_a_style():
    X, kind = planted(1_000, 0.7, seed=11)
    styled = (X + np.random.default_rng(1).normal(0, 1.5, 1_000)[:, None]).clip(1, 7).round()
    near = {
        name: adjusted_rand_score(segment.solutions(table, k=3, starts=20, seed=1).labels(3), kind)
        for name, table in (("raw", styled), ("own", segment.ipsatise(styled)))
    }
    assert near["own"] > near["raw"] + 0.1


def test_recovered_compares_with_the_best_possible():
    truth = pd.Series(list("aaabbbccc"), index=range(10, 19))
    labels = pd.Series([2, 2, 2, 0, 0, 0, 1, 1, 1], index=truth.index)
    assert segment.recovered(labels, truth)["adjusted_rand"] == 1
    chances = pd.get_dummies(truth).astype(float).sample(frac=1, random_state=1)
    worse = labels.replace({1: 0})
    found = segment.recovered(worse, truth, chances)
    assert found["best_possible"] == 1
    assert found["share_of_best"] == found["adjusted_rand"] == pytest.approx(adjusted_rand_score(worse, truth))
    gone = segment.recovered(labels.astype("Int64").mask(labels.index == 10), truth)
    assert gone["without_segment"] == 1
    assert gone["people"] == 8
    with pytest.raises(CrmlabError, match="the true classes: 9 people are not in it"):
        segment.recovered(labels.set_axis(range(9)), truth)
    with pytest.raises(CrmlabError, match="a person stands there more than once"):
        segment.recovered(labels.set_axis([10] * 9), truth)


@pytest.mark.parametrize("seed", range(5))
def test_the_adjusted_rand_index_is_scikit_learns(seed):
    rng = np.random.default_rng(seed)
    one, other = rng.integers(0, 4, 60), rng.integers(0, 3, 60)
    assert adjusted_rand(pd.crosstab(one, other).to_numpy()) == pytest.approx(adjusted_rand_score(one, other))
