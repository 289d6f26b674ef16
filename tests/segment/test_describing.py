"""Profiles, descriptions, mosaics and targets against hand-worked tables and people made for the purpose."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgba
from scipy.stats import chi2_contingency

from crmlab import segment
from crmlab.chart import ACCENT, SHADES
from crmlab.errors import CrmlabError
from crmlab.segment.described import _crossed
from crmlab.segment.descriptors import in_words

X = pd.DataFrame(
    {"price": [1, 1, 0, 0], "service": [1, 1, 1, 0], "rating": [7.0, 6.0, 4.0, np.nan]}, index=list("abcd")
)
LABELS = pd.Series([0, 0, 1, 1], index=list("abcd"))


def test_a_profile_is_right_on_a_hand_worked_table():
    told = segment.profile(X, LABELS)
    assert told.table.loc["price"].tolist() == [0.5, 1.0, 0.0]
    assert told.table.loc["service"].tolist() == [0.75, 1.0, 0.5]
    assert told.table.loc["rating"].round(4).tolist() == [5.6667, 6.5, 4.0]
    # rating: standard deviation 1.2472; 6.5 is 0.67 of it away, 4 is 1.34
    assert told.marks.to_numpy().tolist() == [[True, True], [True, True], [True, True]]


def test_marks_follow_the_published_rule_for_yes_no_items():
    # everybody .1: .04 away is no mark, .05 is half of .1; everybody .5: .25 is one
    people = pd.DataFrame({"rare": [1] * 10 + [0] * 90, "half": [1] * 50 + [0] * 50})
    rng = np.random.default_rng(1)
    labels = pd.Series(rng.permutation([0] * 50 + [1] * 50))
    told = segment.profile(people, labels)
    gap = told.table.sub(told.table["everybody"], axis=0).drop(columns="everybody").abs()
    wanted = (gap >= 0.25) | gap.ge(0.5 * told.table["everybody"], axis=0)
    np.testing.assert_array_equal(told.marks, wanted)


def test_weights_are_repeated_people_in_a_profile():
    weights = np.array([1, 2, 3, 1])
    again = X.loc[X.index.repeat(weights)].reset_index(drop=True)
    twice = segment.profile(again, LABELS.loc[LABELS.index.repeat(weights)].reset_index(drop=True))
    pd.testing.assert_frame_equal(segment.profile(X, LABELS, weights=weights).table, twice.table)
    named = pd.Series(weights, index=X.index)[::-1]
    pd.testing.assert_frame_equal(segment.profile(X, LABELS, weights=named).table, twice.table)


def test_people_without_a_segment_play_no_part():
    fifth = pd.concat([X, X.iloc[:1].set_axis(["e"])])
    labels = pd.concat([LABELS, pd.Series([None], index=["e"], dtype="object")])
    pd.testing.assert_frame_equal(segment.profile(fifth, labels).table, segment.profile(X, LABELS).table)


def test_labels_are_matched_by_their_index():
    pd.testing.assert_frame_equal(segment.profile(X, LABELS[::-1]).table, segment.profile(X, LABELS).table)
    for labels, told in (
        (LABELS.drop("a"), "(?s)labels: 1 people have none: a"),
        (LABELS.to_numpy()[:3], "labels: there are 3 for 4 people"),
        (LABELS * 0, "labels: there is 1 segment"),
    ):
        with pytest.raises(CrmlabError, match=told):
            segment.profile(X, labels)


def test_profile_figures_say_what_marks_a_segment():
    told = segment.profile(X, LABELS)
    assert told.figure(0).finding == "Segment 0 stands out by wanting price, rating and service more."
    assert told.figure(1).finding == "Segment 1 wants no item clearly more than everybody does."
    assert told.snake().finding == "Segments differ most in rating: segment 0 wants it most, segment 1 least."
    assert told.figure(0)._repr_png_()[:4] == told.snake()._repr_png_()[:4] == b"\x89PNG"


def test_items_above_and_below_everybody_have_their_own_colours():
    answers = pd.DataFrame({"wanted": [1] * 9 + [0] * 11, "spared": [0] * 9 + [1] * 11, "as all": [1, 0] * 10})
    chart = segment.profile(answers, pd.Series([0] * 10 + [1] * 10)).figure(0)
    colour = {round(bar.get_y() + bar.get_height() / 2): bar.get_facecolor() for bar in chart.axes[0].patches}
    names = {text.get_text(): place for place, text in enumerate(chart.axes[0].get_yticklabels())}
    assert colour[names["wanted"]] == to_rgba(ACCENT)
    assert colour[names["spared"]] == to_rgba(SHADES[0])
    assert colour[names["as all"]] == to_rgba(SHADES[3])
    assert "orange where it is above" in chart.words


def test_cramers_v_has_chance_taken_off():
    # 60, 40 | 40, 60: chi-squared 8, of 200: 0.04; chance 1/199; 2 rows become 2 - 1/199
    labels = pd.Series([0] * 100 + [1] * 100)
    sex = pd.DataFrame({"sex": (["f"] * 60 + ["m"] * 40) + (["f"] * 40 + ["m"] * 60)})
    by_hand = np.sqrt((0.04 - 1 / 199) / (1 - 1 / 199))
    assert segment.described(labels, sex, seed=1).table.loc["sex", "cramers_v"] == pytest.approx(by_hand)
    rng = np.random.default_rng(1)
    found = []
    for _ in range(20):
        towns = pd.Series([f"town {one:02}" for one in rng.integers(0, 20, 300)])
        found.append(_crossed(pd.Series(rng.integers(0, 4, 300)), towns)["cramers_v"])
    assert np.mean(found) < 0.08  # without the correction 0.25


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        (range(18, 78), ["18 to 29", "30 to 41", "42 to 53", "54 to 65", "66 to 77"]),
        (np.repeat([1, 2, 3, 4, 5, 6], 20), ["1 to 2", "3", "4", "5", "6"]),
        (
            np.arange(1_000) * 50,
            ["0 to 9,950", "10,000 to 19,950", "20,000 to 29,950", "30,000 to 39,950", "40,000 to 49,950"],
        ),
        (np.arange(100) / 100, ["0.0 to 0.2", "0.2 to 0.4", "0.4 to 0.6", "0.6 to 0.8", "0.8 to 1.0"]),
    ],
)
def test_bands_of_numbers_are_told_in_clean_numbers(numbers, words):
    assert in_words(pd.Series(numbers)).unique().tolist() == words


def people(tie, seed, n=600):
    """Age, sex and town, of which only sex is tied to the segment."""
    rng = np.random.default_rng(seed)
    labels = pd.Series(rng.integers(0, 3, n), name="segment")
    sex = np.where(rng.random(n) < tie, labels == 0, rng.random(n) < 0.5)
    known = {"sex": np.where(sex, "f", "m"), "age": rng.integers(18, 80, n), "town": rng.choice(list("abcd"), n)}
    return labels, pd.DataFrame(known)


def test_descriptors_that_tell_nothing_are_told_to_tell_nothing():
    labels, known = people(0.0, seed=1)
    told = segment.described(labels, known, seed=1)
    assert "nothing is gained" in told.finding
    assert abs(told.accuracy - told.largest) < 0.06
    assert told.table["cramers_v"].max() < 0.15


def test_a_descriptor_that_tells_the_segment_is_found():
    labels, known = people(0.9, seed=1)
    told = segment.described(labels, known, seed=1)
    assert told.table.index[0] == "sex"
    assert told.table.loc["sex", "p_value"] < 1e-6
    assert told.accuracy > told.largest + 0.15
    assert told.by_segment[0] > 0.9
    assert "nothing is gained" not in told.finding
    assert told.figure()._repr_png_()[:4] == b"\x89PNG"


def test_accuracy_is_of_people_not_seen():
    rng = np.random.default_rng(1)
    labels = pd.Series(rng.integers(0, 2, 300))
    own = pd.DataFrame({"name": [f"person {one}" for one in range(300)]})  # tells everybody, but nothing of others
    assert abs(segment.described(labels, own, seed=1).accuracy - 0.5) < 0.1


def test_gaps_days_and_odd_columns_are_taken():
    labels, known = people(0.9, seed=2)
    known["sex"] = known["sex"].mask(known.index < 30)
    known["age"] = known["age"].astype("float64").mask(known.index > 570)
    known["joined"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(known.index, unit="D")
    known["born"] = known["joined"].dt.tz_localize("UTC").mask(known.index < 5)
    known["agreed"] = known.index % 2 == 0
    known["always"] = "x"
    known["never"] = np.nan
    told = segment.described(labels, known, seed=1)
    assert told.table.index[0] == "sex"
    assert told.table.loc[["always", "never"], "cramers_v"].tolist() == [0, 0]


def test_a_small_segment_cannot_be_described():
    labels, known = people(0.0, seed=1, n=100)
    with pytest.raises(CrmlabError, match=r"(?s)segment 9 has 3 people.*10 or more"):
        segment.described(labels.mask(labels.index < 3, 9), known, seed=1)
    with pytest.raises(CrmlabError, match="people: there are no columns"):
        segment.described(labels, known[[]], seed=1)


def test_a_mosaic_is_the_chi_squared_of_the_table():
    labels, known = people(0.6, seed=3)
    told = segment.mosaic(labels, known["sex"])
    tested = chi2_contingency(told.counts, correction=False)
    assert (told.residuals**2).to_numpy().sum() == pytest.approx(tested.statistic)
    assert told.p_value == pytest.approx(tested.pvalue)
    assert told.counts.to_numpy().sum() == 600
    assert told.figure().finding.startswith("Segment 0 holds ")
    none = segment.mosaic(labels, known["town"]).figure()
    assert none.finding.startswith("No segment differs from the others by town more than by chance (p = 0.")
    assert none._repr_png_()[:4] == b"\x89PNG"
    with pytest.raises(CrmlabError, match="sex: everybody is alike"):
        segment.mosaic(labels, pd.Series("f", index=labels.index, name="sex"))


def test_one_coloured_field_among_many_is_no_finding():
    towns = pd.Series(np.repeat([f"town {number:02}" for number in range(20)], 20), name="town")
    labels = pd.Series(np.arange(400) % 2)
    labels[:16] = 0  # of the first town, 18 of 20
    told = segment.mosaic(labels, towns)
    assert told.residuals.to_numpy().max() > 2
    assert told.figure().finding == "No segment differs from the others by town more than by chance (p = 0.88)."


SCORES = pd.DataFrame(
    {"people": [900, 700, 40], "growth": [3, 8, 9], "fit": [9, 6, 9], "image": [7, 8, 9]}, index=list("abc")
)


def test_targets_are_right_on_a_hand_worked_table():
    told = segment.targets(
        SCORES, attractive={"growth": 3, "fit": 1}, competitive={"image": 2}, knock_out={"people": 100}
    )
    # a: (9 + 9) / 4 = 4.5; b: (24 + 6) / 4 = 7.5
    assert told.table["attractiveness"].to_dict() == {"b": 7.5, "a": 4.5, "c": 9.0}
    assert told.table["rank"].tolist()[:2] == [1, 2]
    assert pd.isna(told.table.loc["c", "rank"])
    assert told.table.loc["c", "out_because"] == "people 40, under 100"
    assert told.figure().finding == "Segment b is the target: both most attractive and won most easily."


def test_only_the_proportions_of_weights_matter():
    one = segment.targets(SCORES, attractive={"growth": 3, "fit": 1}, competitive={"image": 1})
    ten = segment.targets(SCORES, attractive={"growth": 30, "fit": 10}, competitive={"image": 5})
    pd.testing.assert_frame_equal(one.table, ten.table)


def test_without_a_segment_left_there_is_no_target():
    told = segment.targets(
        SCORES, attractive={"growth": 1}, competitive={"image": 1}, knock_out={"people": 10_000, "fit": 10}
    )
    assert told.table["rank"].isna().all()
    assert told.table.loc["a", "out_because"] == "people 900, under 10,000; fit 9, under 10"
    assert told.figure().finding == "Every segment misses a knock-out: there is no target."


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"attractive": {"grwth": 1}}, "(?s)there is no score 'grwth'. Did you mean 'growth'"),
        ({"attractive": {}}, "attractive: no criterion is given"),
        ({"attractive": {"growth": 0}}, "attractive: growth weighs 0"),
        ({"knock_out": {"size": 1}}, "knock_out: there is no score 'size'"),
        ({"competitive": {"word": 1}}, "word: segment a has no score"),
        ({"competitive": {"below": 1}}, "(?s)below: segment b has -2.*0 or more"),
        ({"competitive": {"endless": 1}}, "endless: segment a has no score"),
        ({"attractive": {"growth": np.inf}}, "attractive: growth weighs inf"),
        ({"attractive": {"growth": "much"}}, "attractive: growth weighs 'much'"),
        ({"attractive": {"growth": float("nan")}}, "attractive: growth weighs nan"),
        ({"knock_out": {"people": "many"}}, r"(?s)knock_out: people has 'many'.*\(None, 10\)"),
        ({"knock_out": {"people": (None, None)}}, r"knock_out: people has \(None, None\)"),
        ({"sizes": [1, 2]}, "(?s)sizes: found 1, 2.*one number per segment"),
        ({"sizes": pd.Series([1, 2, 3])}, "sizes: found"),
    ],
)
def test_wrong_criteria_get_their_message(options, told):
    call = {"attractive": {"growth": 1}, "competitive": {"image": 1}} | options
    with pytest.raises(CrmlabError, match=told):
        segment.targets(SCORES.assign(word="good", below=[1, -2, 3], endless=[np.inf, 1, 2]), **call)


def test_what_is_no_table_of_scores_gets_its_message():
    for scores in (None, {"growth": [1]}, SCORES.iloc[:0]):
        with pytest.raises(CrmlabError, match=r"^scores: "):
            segment.targets(scores, attractive={"growth": 1}, competitive={"image": 1})


def test_what_is_no_table_or_no_column_gets_its_message():
    labels, known = people(0.0, seed=1, n=100)
    for call, told in (
        (lambda: segment.described(labels, None, seed=1), "people: found NoneType, which is no table"),
        (lambda: segment.described(labels, known, seed=-1), "seed: found -1"),
        (lambda: segment.mosaic(labels, known), "descriptor: found DataFrame"),
        (lambda: segment.profile(X, LABELS).figure(7), r"(?s)segment: there is no segment 7.*0, 1"),
        (
            lambda: segment.targets(SCORES, attractive=["growth"], competitive={"fit": 1}),
            r"attractive: found \['growth'",
        ),
    ):
        with pytest.raises(CrmlabError, match=told):
            call()


def test_scores_in_words_are_their_numbers():
    plan = {"attractive": {"growth": 3, "fit": 1}, "competitive": {"image": 2}, "knock_out": {"people": 100}}
    words = segment.targets(SCORES.astype(str), **plan)
    pd.testing.assert_frame_equal(words.table, segment.targets(SCORES, **plan).table)


def test_a_knock_out_may_have_a_most_as_well():
    told = segment.targets(
        SCORES, attractive={"growth": 1}, competitive={"image": 1}, knock_out={"people": (100, 800), "fit": (None, 8)}
    )
    assert told.table["out_because"].to_dict() == {
        "b": "",
        "a": "people 900, over 800; fit 9, over 8",
        "c": "people 40, under 100; fit 9, over 8",
    }


def test_segments_that_come_first_together_are_told_as_such():
    scores = pd.DataFrame({"growth": [8, 4, 2], "image": [2, 4, 1]}, index=list("abc"))
    told = segment.targets(scores, attractive={"growth": 1}, competitive={"image": 1}, sizes=[5, 6, 7])
    assert told.table["rank"].to_dict() == {"a": 1, "b": 1, "c": 3}
    assert told.figure().finding == "Segments a and b come first together: the plan does not choose."
