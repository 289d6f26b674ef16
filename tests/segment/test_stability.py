"""Stability: hand-worked indices, verdicts on people with and without segments, laws."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgba
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from crmlab import segment
from crmlab.chart import ACCENT, SHADES
from crmlab.engine.threads import one_thread
from crmlab.errors import CrmlabError
from crmlab.segment.agreement import adjusted_rand, best_jaccard, origins
from crmlab.segment.gaps import least_gap
from crmlab.segment.lloyd import Patterns, best_of_starts
from crmlab.segment.one_cloud import OneCloud
from crmlab.segment.stability_figures import gorge
from tests.segment.test_solutions import planted


def ratings(numbers):
    return pd.DataFrame(np.clip(np.rint(numbers), 1, 7)).rename(columns="item_{}".format)


def test_agreement_is_right_on_hand_worked_tables():
    # six people, groups {1, 2, 3} {4, 5, 6} and {1, 2, 4} {3, 5, 6}
    table = np.array([[2, 1], [1, 2]])
    # pairs together in both: 2; in one: 6; in the other: 6; of 15: (2 - 2.4) / (6 - 2.4)
    assert adjusted_rand(table) == pytest.approx(-1 / 9)
    assert adjusted_rand(table * 1.0) == adjusted_rand(table[::-1])
    # 2 shared of 3 + 3 - 2
    assert best_jaccard(table).tolist() == [0.5, 0.5]
    # shares 2/3 and 1/3: entropy 0.6365, of log 2 = 0.6931
    assert origins(table).round(4).tolist() == [0.0817, 0.0817]
    assert origins(np.array([[3, 0, 0], [1, 1, 1]])).round(12).tolist() == [1.0, 0.0]
    assert adjusted_rand(np.array([[4]])) == 1.0


def test_one_cloud_keeps_answers_and_correlations_and_has_no_segments():
    X, _ = planted(2_000, 1.0, seed=1)
    rng = np.random.default_rng(2)
    drawn = pd.DataFrame(OneCloud(X.to_numpy(), np.ones(len(X)), rng).draw(20_000, rng), columns=X.columns)
    assert (drawn.corr() - X.corr()).abs().to_numpy().max() < 0.05
    assert (
        segment.solutions(drawn, k=3, starts=10, seed=1).table["explained"][3]
        < segment.solutions(X, k=3, starts=10, seed=1).table["explained"][3]
    )


def test_one_cloud_keeps_the_answers_of_items_with_one_hill():
    rng = np.random.default_rng(1)
    X = ratings([3, 4, 5.5] + 1.3 * rng.standard_normal((2_000, 1)) + 0.8 * rng.standard_normal((2_000, 3)))
    drawn = pd.DataFrame(OneCloud(X.to_numpy(), np.ones(len(X)), rng).draw(20_000, rng), columns=X.columns)
    for item in X:
        shares = pd.concat([table[item].value_counts(normalize=True) for table in (X, drawn)], axis=1).fillna(0)
        assert shares.diff(axis=1).iloc[:, 1].abs().max() < 0.02


@pytest.mark.parametrize("rated", [False, True])
def test_an_item_with_two_hills_has_one_in_the_cloud(rated):
    rng = np.random.default_rng(1)
    hills = rng.normal(size=(1_000, 2)) + np.where(rng.random((1_000, 2)) < 0.5, -3, 3)
    hills = np.clip(np.rint(0.7 * hills + 4), 1, 7) if rated else hills
    drawn = OneCloud(hills, np.ones(1_000), rng).draw(20_000, rng)
    counts = [
        np.histogram(table[:, 0], np.linspace(*((0.5, 7.5) if rated else (-7, 7)), 8))[0] for table in (hills, drawn)
    ]
    assert counts[0][3] < 0.3 * min(counts[0][:3].max(), counts[0][4:].max())
    assert counts[1][3] > 0.8 * min(counts[1][:3].max(), counts[1][4:].max())
    whole = OneCloud(rng.lognormal(6, 1, (1_000, 2)), np.ones(1_000), rng)._items[0][0]
    assert len(whole) == 1_000  # one hill, however skewed, is left as it is


def ring(seed, n=500):
    rng = np.random.default_rng(seed)
    round_it = rng.random(n) * 2 * np.pi
    rows = 2.5 * np.c_[np.cos(round_it), np.sin(round_it)] + 0.3 * rng.standard_normal((n, 2))
    return pd.DataFrame(rows, columns=["price", "care"])


def shared_out(seed, items):
    rows = np.random.default_rng(seed).dirichlet(np.ones(items), 500) * 100
    return pd.DataFrame(rows.round()).rename(columns="points_{}".format)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("name", ["a ring", "a ring of ratings", "100 points on 3 items", "100 points on 5 items"])
def test_a_shape_without_gaps_is_no_real_structure_however_stable(name, seed):
    X = {
        "a ring": lambda: ring(seed),
        "a ring of ratings": lambda: ratings(ring(seed) + 4),
        "100 points on 3 items": lambda: shared_out(seed, 3),
        "100 points on 5 items": lambda: shared_out(seed, 5),
    }[name]()
    held = segment.stability(X, k=range(2, 7), pairs=10, starts=5, seed=seed)
    assert "real structure" not in held.table["verdict"].to_list()
    if held.verdict.startswith("stable"):
        assert "at the borders" in held.verdict or "would split as well" in held.verdict
    if name.startswith("100"):  # stable at as many segments as corners, and far from one cloud: yet no gap
        corners = int(name[14])
        assert held.table.loc[corners, ["adjusted_rand", "p_value"]].tolist() == [pytest.approx(0.9, abs=0.1), 0.05]
        assert "hardly fewer people at the borders than in the segments" in held.verdict


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("rated", [False, True])
def test_four_clear_clusters_of_two_independent_items_are_real_structure(rated, seed):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(500, 2)) + np.where(rng.random((500, 2)) < 0.5, -3, 3)
    X = ratings(0.7 * X + 4) if rated else pd.DataFrame(X, columns=["price", "care"])
    held = segment.stability(X, k=range(2, 6), pairs=10, starts=10, seed=seed)
    assert held.verdict.startswith("real structure at k = 4")
    assert held.table.loc[4, "gap"] > 0.7
    assert held.table.loc[5, "gap"] < 0.2  # one of them cut in two


def test_the_gap_is_the_fall_between_two_hills():
    def gap(numbers, cut):
        patterns = Patterns(numbers, np.ones(len(numbers)))
        label = numbers[:, 0] >= cut
        centres = np.stack([patterns.filled[~label].mean(axis=0), patterns.filled[label].mean(axis=0)])
        return least_gap(patterns, centres, np.ones(len(numbers)), np.random.default_rng(1))

    rng = np.random.default_rng(1)
    cloud = rng.normal(size=(500, 3))
    assert gap(cloud, 0) < 0.05
    assert gap(rng.random((500, 2)) * [3, 1], 1.5) < 0.2
    apart = np.repeat([0, 1], 250)[:, None] * np.array([1, 0, 0])
    falls = [gap(cloud + distance * apart, distance / 2) for distance in (2, 4, 6, 9)]
    assert falls == sorted(falls)
    assert falls[0] < 0.2
    assert falls[1] > 0.3
    assert falls[3] > 0.98


def test_a_ring_cut_in_two_is_not_looked_at_from_the_side_where_it_has_two_hills():
    gaps = []
    for seed in range(1, 21):
        rng, weight = np.random.default_rng(seed), np.ones(500)
        patterns = Patterns(ring(seed).to_numpy(), weight)
        centres = best_of_starts(patterns, weight[None], 2, 10, rng)[0][0]
        across = (centres[0] - centres[1]) / np.linalg.norm(centres[0] - centres[1])
        side = Patterns(ring(seed).to_numpy() @ across[:, None], weight)
        along = (centres @ across)[:, None]
        gaps.append([least_gap(patterns, centres, weight, rng), least_gap(side, along, weight, rng)])
    whole, from_the_side = (np.array(gaps) >= 0.2).sum(axis=0)
    assert whole <= 1
    assert from_the_side >= 15


def test_people_on_a_few_answers_far_apart_have_gaps_and_neighbouring_answers_have_none():
    piles = pd.DataFrame(np.repeat([[1, 7], [7, 1], [4, 4]], 30, axis=0), columns=["price", "care"])
    held = segment.stability(piles, k=[2, 3], pairs=5, starts=5, seed=1)
    assert held.table.loc[3, "gap"] > 0.9
    plain = pd.DataFrame([[one, other] for one in range(1, 8) for other in range(1, 8)] * 5, columns=["price", "care"])
    assert segment.stability(plain, k=[2, 4], pairs=5, starts=5, seed=1).table["gap"].max() < 0.2


def test_the_gap_is_of_the_two_segments_least_apart():
    rng = np.random.default_rng(2)
    rows = rng.normal(size=(600, 2)) + np.repeat([[0, 0], [9, 0], [9, 2]], 200, axis=0)
    patterns = Patterns(rows, np.ones(600))
    centres = np.array([[0, 0], [9, 0], [9, 2]]) - patterns.middle
    assert least_gap(patterns, centres[[0, 1]], np.ones(600), rng) > 0.9
    assert least_gap(patterns, centres, np.ones(600), rng) < 0.2


def _without_structure(seed):
    rng = np.random.default_rng(seed)
    return {
        "ratings by lot": ratings(rng.integers(1, 8, (400, 8))),
        "yes/no by lot": pd.DataFrame((rng.random((400, 8)) < rng.random(8) * 0.6 + 0.2).astype(int)).rename(
            columns=str
        ),
    }


@pytest.mark.parametrize("name", ["ratings by lot", "yes/no by lot"])
@pytest.mark.parametrize("seed", [1, 2])
def test_people_without_structure_get_the_verdict_none(name, seed):
    held = segment.stability(_without_structure(seed)[name], k=[2, 3, 4, 5], pairs=30, starts=5, seed=seed)
    assert held.verdict.startswith("none")
    assert (held.table["verdict"] == "none").all()
    assert "your own drawing" in held.verdict


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_one_long_cloud_is_stable_but_constructed(seed):
    rng = np.random.default_rng(seed)
    people = ratings(4 + 1.3 * rng.standard_normal((600, 1)) + 0.8 * rng.standard_normal((600, 8)))
    held = segment.stability(people, k=[2, 3], pairs=30, starts=5, seed=seed)
    assert held.verdict.startswith("stable but constructed")
    assert "drawn, not found" in held.verdict


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_planted_segments_are_real_structure_at_their_number(seed):
    X, _ = planted(500, 1.0, seed=seed)
    held = segment.stability(X, k=range(2, 6), pairs=30, starts=10, seed=seed)
    assert held.verdict.startswith("real structure at k = 3")
    assert held.table.loc[3, "p_value"] == 0.05
    assert held.within(3).median().min() > 0.8


def test_the_verdict_none_is_seldom_wrong():
    found = [
        segment.stability(_without_structure(seed)["ratings by lot"], k=3, pairs=10, starts=3, seed=seed).table
        for seed in range(20)
    ]
    assert (pd.concat(found)["p_value"] <= 0.05).sum() <= 4  # 1 in 20 by chance: more than 4 is 1 in 400


def test_pairs_are_compared_as_a_plain_loop_compares_them():
    X, _ = planted(300, 1.2, seed=9)
    held = segment.stability(X, k=4, pairs=40, starts=5, seed=1)
    rng = np.random.default_rng(7)
    plain = []
    for _ in range(25):
        rows = [X.iloc[rng.integers(0, 300, 300)] for _ in range(2)]
        with one_thread():
            fits = [KMeans(4, n_init=5, init="random", random_state=1).fit(sample) for sample in rows]
            plain.append(adjusted_rand_score(*(fit.predict(X) for fit in fits)))
    both = np.sqrt(held.adjusted_rand[4].var() / 40 + np.var(plain) / 25)
    assert abs(held.adjusted_rand[4].mean() - np.mean(plain)) < 4 * both


def test_the_order_of_rows_names_of_items_and_repeats_play_no_part():
    X, _ = planted(120, 1.0, seed=2)
    weights = np.random.default_rng(1).integers(1, 4, 120)
    held = segment.stability(X, k=[2, 3], pairs=10, starts=3, seed=1, weights=weights)
    same = segment.stability(
        X.loc[X.index.repeat(weights)].sample(frac=1, random_state=1).rename(columns=str.upper),
        **{"k": [2, 3], "pairs": 10, "starts": 3, "seed": 1},
    )
    pd.testing.assert_frame_equal(held.table, same.table)
    pd.testing.assert_frame_equal(held.within(3), same.within(3))


def test_segments_that_stay_whole_come_from_one_segment():
    X, _ = planted(500, 0.5, seed=3)
    across = segment.stability(X, k=[2, 3, 4], pairs=5, starts=5, seed=1).across()
    assert across.loc[3, "stability"].min() > 0.95  # one of the two is split along the planted border
    assert list(across.index.get_level_values("k").unique()) == [3, 4]


def test_gorges_count_everybody_once_for_each_segment():
    X, _ = planted(400, 0.5, seed=3)
    found = segment.solutions(X, k=3, starts=10, seed=1)
    counts = gorge(found.patterns, found.at(3), found.answers.weight)
    assert counts.sum(axis=1).tolist() == [400, 400, 400]
    assert counts[:, 5:15].sum() < 0.1 * counts.sum()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"k": 1}, "(?s)k: found 1.*2 or more"),
        ({"k": 2, "pairs": 0}, "pairs: found 0"),
        ({"k": 2, "starts": 0}, "starts: found 0"),
        ({"k": 2, "seed": -1}, "seed: found -1"),
        ({"k": 2, "seed": "a"}, "seed: found 'a'"),
        ({"k": 3.0}, "k: found 3.0, which is no whole number"),
        ({"k": True}, "k: found True, which is no whole number"),
        ({"k": 200}, "k: found 200"),
        ({"k": 2, "pairs": 10**7}, "too many for 10000000 pairs"),
    ],
)
def test_wrong_numbers_get_their_message(options, told):
    X, _ = planted(100, 1.0, seed=2)
    with pytest.raises(CrmlabError, match=told):
        segment.stability(X, **{"seed": 1, **options})


def test_missing_answers_leave_the_verdict():
    X, _ = planted(500, 0.8, seed=4)
    holes = X.mask(np.random.default_rng(1).random(X.shape) < 0.1)
    held = segment.stability(holes, k=[2, 3, 4], pairs=20, starts=5, seed=1)
    assert held.verdict.startswith("real structure at k = 3")
    assert "left items out" in repr(held)


def test_figures_say_their_finding():
    X, _ = planted(300, 0.8, seed=5)
    held = segment.stability(X, k=[2, 3, 4], pairs=10, starts=5, seed=1)
    assert "k = 3" in held.figure().finding
    assert "found again" in held.within_figure(3).finding
    assert "At k = 4" in held.across_figure().finding
    assert "between segments" in held.gorge_figure(3).finding
    for figure in (held.figure(), held.within_figure(3), held.across_figure(), held.gorge_figure(3)):
        assert figure._repr_png_()[:4] == b"\x89PNG"
    with pytest.raises(CrmlabError, match="no solution with 7 segments"):
        held.within_figure(7)
    with pytest.raises(CrmlabError, match=r"(?s)k: one number of segments was asked, 3.*two or more.*k=range"):
        segment.stability(X, k=3, pairs=2, starts=2, seed=1).across_figure()


def test_a_long_box_is_not_the_one_on_which_samples_agree_surely():
    X, _ = planted(300, 0.8, seed=5)
    held = segment.stability(X, k=[2, 3], pairs=10, starts=5, seed=1)
    held.table["adjusted_rand"] = [0.95, 0.90]
    held.table["adjusted_rand_low"] = [0.3, 0.88]
    assert held.figure().finding == "Samples agree most surely at k = 3: adjusted Rand 0.88 or more in 3 of 4 pairs."
    boxes = [patch.get_facecolor() for patch in held.figure().axes[0].patches]
    assert boxes == [to_rgba(SHADES[2]), to_rgba(ACCENT)]
    held.table["adjusted_rand_low"] = [0.3, 0.4]
    assert held.figure().finding == "Samples agree surely at no k: even at k = 3 1 pair in 4 has less than 0.40."
    assert to_rgba(ACCENT) not in [patch.get_facecolor() for patch in held.figure().axes[0].patches]


@pytest.mark.parametrize("seed", [1, 2])
def test_missing_answers_make_no_structure(seed):
    rng = np.random.default_rng(seed)
    people = ratings(4 + 1.5 * rng.standard_normal((400, 1)) + rng.standard_normal((400, 8)))
    held = segment.stability(people.mask(rng.random(people.shape) < 0.3), k=[2, 3, 4], pairs=10, starts=5, seed=seed)
    assert "real structure" not in held.table["verdict"].to_list()


def test_one_test_over_all_k_is_seldom_wrong():
    held = [
        segment.stability(_without_structure(seed)["ratings by lot"].iloc[:150], pairs=2, starts=2, seed=seed)
        for seed in range(12)
    ]
    several = [(one.table["p_value"] <= 0.05).any() for one in held]
    assert sum("though these people are more than one cloud" in one.verdict for one in held) <= sum(several) <= 8


def test_between_segments_is_judged_by_the_second_nearest():
    X, _ = planted(400, 0.4, seed=3)
    apart = segment.stability(X, k=[3, 6], pairs=2, starts=5, seed=1)
    assert float(apart.gorge_figure(3).finding.split("%")[0]) < 5
    lot = segment.stability(_without_structure(1)["yes/no by lot"], k=6, pairs=2, starts=5, seed=1)
    assert float(lot.gorge_figure(6).finding.split("%")[0]) > 60


def test_equally_stable_segments_are_told_as_such():
    X = pd.DataFrame(np.repeat([[1.0, 7.0], [7.0, 1.0]], 30, axis=0), columns=["price", "care"])
    held = segment.stability(X, k=2, pairs=3, starts=3, seed=1)
    assert held.within_figure(2).finding == "Every segment is found again equally well (1.00)."
