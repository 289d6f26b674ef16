"""Profiles, descriptions, mosaics and targets against hand-worked tables and people made for the purpose."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2_contingency

from crmlab import segment
from crmlab.errors import CrmlabError

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
    assert told.table.loc["a", "out_because"] == "people 900, under 10000; fit 9, under 10"
    assert told.figure().finding == "Every segment misses a knock-out: there is no target."


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"attractive": {"grwth": 1}}, "(?s)there is no score 'grwth'. Did you mean 'growth'"),
        ({"attractive": {}}, "attractive: no criterion is given"),
        ({"attractive": {"growth": 0}}, "attractive: growth weighs 0"),
        ({"knock_out": {"size": 1}}, "knock_out: there is no score 'size'"),
        ({"competitive": {"word": 1}}, "word: segment a has no score"),
    ],
)
def test_wrong_criteria_get_their_message(options, told):
    call = {"attractive": {"growth": 1}, "competitive": {"image": 1}} | options
    with pytest.raises(CrmlabError, match=told):
        segment.targets(SCORES.assign(word="good"), **call)
