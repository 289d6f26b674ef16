"""NPS, CSAT, CES, SERVQUAL gaps and the value matrix: by hand, covered as often as said, and their laws."""

import numpy as np
import pandas as pd
import pytest

from crmlab import value
from crmlab.errors import CrmlabError

ANSWERS = pd.Series([10, 9, 9, 8, 7, 6, 3, 10, 10, 2])  # 5 promoters, 2 passives, 3 detractors
SCORES = [(value.nps, 0, 10), (value.csat, 1, 5), (value.ces, 1, 7)]


def test_nps_and_its_adjusted_interval_are_right_by_hand():
    got = value.nps(ANSWERS)
    assert got.value == pytest.approx(20)
    assert got.standard_error == pytest.approx(100 * np.sqrt((0.8 - 0.2**2) / 10))
    up, down = 5.75 / 13, 3.75 / 13  # three answers more: 3/4, 3/2, 3/4
    half = 1.959964 * np.sqrt((up + down - (up - down) ** 2) / 13)
    assert (got.low, got.high) == pytest.approx((100 * (up - down - half), 100 * (up - down + half)), abs=1e-4)


def test_csat_counts_the_top_two_and_its_interval_is_wilsons():
    got = value.csat([5, 5, 4, 4, 4, 3, 2, 5, 4, 1])
    assert got.value == pytest.approx(70)
    # Wilson's ends solve (p - end)² = z² end (1 - end) / n
    for end in (got.low / 100, got.high / 100):
        assert (0.7 - end) ** 2 == pytest.approx(1.959964**2 * end * (1 - end) / 10, abs=1e-7)


def test_ces_is_the_mean_with_students_interval():
    got = value.ces([7, 6, 6, 5, 3, 7, 4, 6])
    assert (got.value, got.standard_error) == pytest.approx((5.5, 0.5))
    assert (got.low, got.high) == pytest.approx((5.5 - 2.364624 * 0.5, 5.5 + 2.364624 * 0.5), abs=1e-5)


@pytest.mark.parametrize("seed", [3, 4])
def test_intervals_hold_the_truth_as_often_as_they_say(seed):
    dice = np.random.default_rng(seed)
    chances = np.array([0.05, 0.02, 0.02, 0.03, 0.04, 0.06, 0.06, 0.12, 0.2, 0.2, 0.2])
    nets = 100 * (chances[9:].sum() - chances[:7].sum())
    drawn = dice.choice(11, p=chances, size=(400, 60))
    nps = [value.nps(answers, level=0.9) for answers in drawn]
    csat = [value.csat(answers % 5 + 1, level=0.9) for answers in drawn]
    ces = [value.ces(answers % 7 + 1, level=0.9) for answers in drawn]
    top = 100 * chances[np.arange(11) % 5 >= 3].sum()
    mean = chances @ (np.arange(11) % 7 + 1)
    for scores, true in ((nps, nets), (csat, top), (ces, mean)):
        held = np.mean([score.low <= true <= score.high for score in scores])
        assert abs(held - 0.9) < 4 * np.sqrt(0.09 / 400) + 0.01


@pytest.mark.parametrize(("score", "least", "most"), SCORES)
def test_missing_answers_are_left_out_counted_and_said(score, least, most):
    whole = score([least, most, most])
    gaps = score([least, None, most, np.nan, most])
    assert (gaps.value, gaps.low, gaps.high, gaps.n_answers) == (whole.value, whole.low, whole.high, 3)
    assert (whole.n_missing, gaps.n_missing) == (0, 2)
    assert "3 answers, 2 missing" in repr(gaps)


@pytest.mark.parametrize(("score", "least", "most"), SCORES)
def test_equal_weights_change_nothing_and_unequal_ones_cost_certainty(score, least, most):
    answers = pd.Series([least, most, most - 1, most, least + 1] * 8)
    plain, equal = score(answers), score(answers, weight=np.full(40, 2.5))
    assert equal.value == pytest.approx(plain.value)
    assert (equal.low, equal.high) == pytest.approx((plain.low, plain.high))
    weight = np.tile([1, 1, 1, 1, 1, 3, 3, 3, 3, 3], 4)  # the same answers, some worth three
    heavy = score(answers, weight=weight)
    assert heavy.value == pytest.approx(plain.value)
    assert heavy.n_effective == pytest.approx(80**2 / (20 * 1 + 20 * 9))  # Kish: 32 in place of 40
    assert heavy.high - heavy.low > plain.high - plain.low
    assert "(worth 32.0 of equal weight)" in repr(heavy)


@pytest.mark.parametrize(("score", "least", "most"), SCORES)
def test_a_sheet_of_weight_nothing_is_no_sheet_and_order_plays_no_part(score, least, most):
    answers = pd.Series([most, most - 1, least, least + 1, most])
    weight = np.array([1.0, 2.0, 0.0, 1.0, 4.0])
    got, without = score(answers, weight=weight), score(answers[weight > 0], weight=weight[weight > 0])
    turned = score(answers[::-1], weight=weight[::-1])
    for other in (without, turned):
        assert (got.value, got.low, got.high) == pytest.approx((other.value, other.low, other.high))


@pytest.mark.parametrize(("score", "least", "most"), SCORES)
def test_everybody_alike_keeps_the_ends_on_the_scale(score, least, most):
    ends = {"nps": (-100, 100), "csat": (0, 100), "ces": (1, 7)}[score.__name__]
    for answer in (least, most):
        got = score([answer] * 4)
        assert ends[0] <= got.low <= got.value <= got.high <= ends[1]
        assert got.high - got.low > 0.1 * (ends[1] - ends[0])  # four alike do not prove it of all


@pytest.mark.parametrize("n", range(1, 30))
def test_a_score_lies_within_its_interval_and_on_its_scale_however_few_answer(n):
    for promoters in range(n + 1):
        got = value.nps([10] * promoters + [0] * (n - promoters))
        assert -100 <= got.low <= got.value <= got.high <= 100
    for weight in (None, np.linspace(0.1, 7.3, n)):
        assert value.nps([10] * n, weight=weight).value == 100
        assert value.nps([0] * n, weight=weight).value == -100


def test_effort_answered_alike_has_the_interval_of_those_who_may_feel_otherwise():
    got = value.ces([7] * 5)
    others = 1 - 0.025 ** (1 / 5)  # of five who all say 7, so many of all customers may well say something else
    assert (got.value, got.standard_error, got.high) == (7, 0, 7)
    assert got.low == pytest.approx(7 - 6 * others)
    assert value.ces([4] * 5).low == pytest.approx(4 - 3 * others)
    assert value.ces([4] * 5).high == pytest.approx(4 + 3 * others)
    assert value.ces([7] * 5 + [1], weight=[1] * 5 + [0]).low == pytest.approx(got.low)


@pytest.mark.parametrize(("score", "least", "most"), SCORES)
def test_weights_with_labels_are_matched_by_label(score, least, most):
    answers = pd.Series([most, least, least], index=[1, 2, 3])
    weight = pd.Series([1, 1, 98], index=[3, 2, 1])
    by_label = score(answers, weight=weight)
    assert by_label.value == pytest.approx(score(answers, weight=[98, 1, 1]).value)
    assert by_label.value == pytest.approx(score(answers.tolist(), weight=weight[::-1]).value)  # no labels: in order
    with pytest.raises(CrmlabError, match="its labels are not those of the answers"):
        score(answers, weight=weight.reset_index(drop=True))


@pytest.mark.parametrize(("score", "least", "most"), SCORES)
@pytest.mark.parametrize(
    ("answers", "options", "words"),
    [
        (lambda most: [most, most + 1], {}, "a whole number from"),
        (lambda most: [most, most - 0.5], {}, "a whole number from"),
        (lambda most: [None, None], {}, "nobody answered"),
        (lambda most: [], {}, "nobody answered"),
        (lambda most: ["ten", "nine"], {}, "found values of type"),
        (lambda most: [True, False], {}, "found values of type bool"),
        (lambda most: "nine", {}, "found a str"),
        (lambda most: [[most, most]], {}, "found a list"),
        (lambda most: pd.DataFrame({"a": [most, most]}), {}, "found a DataFrame"),
        (lambda most: pd.Series([most, True], dtype="object"), {}, "found values of type object"),
        (lambda most: [most, most], {"weight": pd.DataFrame({"a": [1, 1]})}, "one number per sheet"),
        (lambda most: [most, most], {"weight": 2}, "one number per sheet"),
        (lambda most: [most, most], {"weight": [1, -1]}, "0 or more, and not all 0"),
        (lambda most: [most, most], {"weight": [1]}, "one number per sheet"),
        (lambda most: [most, most], {"weight": [1, None]}, "some weights are missing"),
        (lambda most: [most, most], {"level": 95}, "write 0.95 for 95 %"),
    ],
)
def test_what_is_no_answer_gets_its_message(score, least, most, answers, options, words):
    with pytest.raises(CrmlabError, match=words):
        score(answers(most), **options)


@pytest.mark.parametrize(("score", "least", "most"), SCORES)
def test_only_the_ratios_of_weights_count_however_small_or_large(score, least, most):
    answers = [most, most - 1, least]
    plain = score(answers, weight=[1.0, 2.0, 1.0])
    for times in (1e-300, 5e307):
        got = score(answers, weight=times * np.array([1.0, 2.0, 1.0]))
        assert got.value == pytest.approx(plain.value)
        assert (got.low, got.high) == pytest.approx((plain.low, plain.high))


def test_numbers_in_a_column_of_mixed_type_are_numbers():
    column = pd.Series([np.int64(9), 10, 3.0, None, pd.NA], dtype="object")
    assert value.nps(column).value == pytest.approx(100 / 3)
    assert value.nps(column).n_missing == 2


def test_all_faults_of_the_answers_are_said_at_once():
    with pytest.raises(CrmlabError) as refused:
        value.nps([11, 5], weight=[1, -1], level=2)
    assert len(refused.value.messages) == 3


def test_one_answer_has_a_share_but_no_spread():
    with pytest.raises(CrmlabError, match="one has no spread"):
        value.ces([5])
    assert value.csat([5]).n_answers == 1


FELT = pd.DataFrame({"reliable": [5, 6, 4, None], "friendly": [7, 6, 7, 7]}, index=list("abcd"))
WISHED = pd.DataFrame({"friendly": [6, 5, 6, 6], "reliable": [7, 7, 6, 7]}, index=list("abcd"))


def test_gaps_are_perception_less_expectation_answer_by_answer():
    gaps = value.servqual(FELT, WISHED, importance={"reliable": 70, "friendly": 30})
    assert gaps.loc["reliable", "gap_points"] == pytest.approx((-2 - 1 - 2) / 3)
    assert gaps.loc["friendly", "gap_points"] == pytest.approx(1)
    assert gaps["n_missing"].to_dict() == {"friendly": 0, "reliable": 1}
    assert gaps["importance"].to_dict() == {"friendly": 0.3, "reliable": 0.7}
    assert gaps["weighted_gap_points"].sum() == pytest.approx(0.7 * -5 / 3 + 0.3)
    error = np.std([-2, -1, -2], ddof=1) / np.sqrt(3)
    assert gaps.loc["reliable", "standard_error_points"] == pytest.approx(error)
    pd.testing.assert_frame_equal(value.servqual(FELT[::-1], WISHED)[["gap_points"]], gaps[["gap_points"]])


def test_gaps_all_alike_prove_nothing_of_those_not_asked():
    gaps = value.servqual(FELT, WISHED)
    row, others = gaps.loc["friendly"], 1 - 0.025 ** (1 / gaps.loc["friendly", "n_answers"])
    assert row["standard_error_points"] == 0
    assert row["low_points"] == pytest.approx(1 - 7 * others)
    assert row["high_points"] == pytest.approx(1 + 5 * others)
    assert gaps["low_points"].ge(-6).all()
    assert gaps["high_points"].le(6).all()


def test_without_importance_the_weighted_score_is_the_plain_one():
    gaps = value.servqual(FELT, WISHED)
    assert gaps["weighted_gap_points"].sum() == pytest.approx(gaps["gap_points"].mean())


def test_rated_moments_are_held_against_the_service_wished_for_and_put_up_with():
    moments = pd.DataFrame({"expected_desired": [9, 9, 8], "expected_adequate": [6, 4, 5], "perceived": [7, 5, 6]})
    gaps = value.servqual(moments["perceived"], moments[["expected_desired", "expected_adequate"]], scale=(1, 9))
    assert gaps["gap_points"].to_dict() == pytest.approx({"expected_desired": -8 / 3, "expected_adequate": 1})


@pytest.mark.parametrize(
    ("felt", "options", "words"),
    [
        (FELT.rename(columns={"friendly": "kind"}), {}, "their items differ: friendly, kind"),
        (FELT.iloc[:2], {}, "their rows differ: 2 and 4 rows"),
        (FELT.assign(friendly=9), {}, "a whole number from 1 to 7"),
        (FELT.assign(reliable=[5, None, None, None]), {}, "one has no spread"),
        (FELT, {"importance": {"reliable": 1}}, "0 or more, for each of friendly, reliable"),
        (FELT, {"importance": {"reliable": -1, "friendly": 2}}, "give each item its points"),
        ([1, 2], {}, "found list"),
        (FELT, {"scale": 7}, "scale: found 7"),
        (FELT, {"scale": (7, 1)}, "two numbers that rise"),
        (FELT, {"scale": (1, 4, 7)}, "two numbers that rise"),
        (FELT, {"scale": "17"}, "two numbers that rise"),
        (FELT, {"importance": pd.Series([1, 1, 1], ["reliable", "reliable", "friendly"])}, "give each item its points"),
        (FELT.iloc[::-1], {"weight": [1, 2, 3, 4]}, "stand in two orders, and the weights have no labels"),
        (FELT.iloc[:, [0, 0, 1]], {}, "their items differ: some stand twice"),
    ],
)
def test_tables_that_do_not_fit_get_their_message(felt, options, words):
    with pytest.raises(CrmlabError, match=words):
        value.servqual(felt, WISHED, **options)


def test_items_stand_once_and_there_are_some():
    for felt, wished in ((FELT, WISHED.iloc[:, [0, 1, 1]]), (FELT["friendly"], WISHED.iloc[:, [0, 0]])):
        with pytest.raises(CrmlabError, match="their items differ: some stand twice"):
            value.servqual(felt, wished)
    with pytest.raises(CrmlabError, match="there are no items"):
        value.servqual(FELT[[]], WISHED[[]])


def test_labelled_weights_find_their_rows_in_whatever_order():
    weight = pd.Series([1, 2, 3, 4], index=list("abcd"))
    given = value.servqual(FELT, WISHED, weight=weight)
    pd.testing.assert_frame_equal(value.servqual(FELT.iloc[::-1], WISHED, weight=weight.iloc[::-1]), given)


WORTH = pd.Series({"Ana": 900_00, "Ivo": 700_00, "Mia": 40_00, "Jan": 20_00, "Eva": 500_00})
LIKES = pd.Series({"Jan": 5, "Mia": 9, "Ivo": 3, "Ana": 10, "Eva": None})


def test_every_customer_with_both_values_stands_in_one_corner():
    matrix = value.value_matrix(WORTH, LIKES, value_to_edge=9)
    assert matrix.corner.to_dict() == {"Ana": "partners", "Ivo": "at risk", "Mia": "untapped", "Jan": "strangers"}
    assert matrix.n_left_out == 1
    assert matrix.table["customers"].sum() == 4
    assert matrix.table["value_cents"].sum() == 1660_00
    assert matrix.table["share_of_value"].sum() == pytest.approx(1)
    assert matrix.table["what_to_do"].is_unique


def test_an_edge_belongs_to_the_high_side():
    matrix = value.value_matrix(WORTH, LIKES, value_of_edge=700_00, value_to_edge=3)
    assert matrix.corner["Ivo"] == "partners"
    assert value.value_matrix(WORTH, LIKES, value_of_edge=700_01, value_to_edge=3).corner["Ivo"] == "untapped"


def test_the_figure_says_what_the_corner_at_risk_brings():
    figure = value.value_matrix(WORTH, LIKES, value_to_edge=9).figure()
    assert figure.finding == "At risk: 25% of customers bring 42% of the value and get little for it."
    assert figure.words.endswith("Not shown for lack of one of the two values: 1.")
    assert value.value_matrix(-WORTH, LIKES).figure().finding.startswith("At risk: ")  # no shares of a loss


@pytest.mark.parametrize(
    ("worth", "likes", "words"),
    [
        (pd.concat([WORTH, WORTH]), LIKES, "5 customers stand in it more than once"),
        (WORTH.tolist(), LIKES, "one row per customer"),
        (WORTH, LIKES.rename(lambda name: name + "?"), "no customer has both"),
        (WORTH + 0.5, LIKES, "round to whole cents"),
        (WORTH, LIKES.astype("str"), "found values of type str"),
    ],
)
def test_values_that_do_not_meet_get_their_message(worth, likes, words):
    with pytest.raises(CrmlabError, match=words):
        value.value_matrix(worth, likes)
