"""A small blind sample of pairs says how good the matching is."""

import numpy as np
import pandas as pd
import pytest

from crmlab.dedupe.review import Review
from crmlab.dedupe.sampling import STRATA, drawn, lots_of, stratum_of, weighted_quality
from crmlab.errors import CrmlabError

CUSTOMERS = pd.DataFrame(
    {
        "record_id": [1, 2, 3, 4],
        "last_name": ["Novak", "Nowak", "Babić", None],
        "city": ["Split", "Split", None, None],
        "birth_date": pd.to_datetime(["1970-05-03", None, None, None], utc=True),
    }
)
PAIRS = pd.DataFrame({"record_id_a": [1, 1, 3], "record_id_b": [2, 3, 4], "probability": [0.8, 0.1, 0.6]})


def _review(**options):
    return Review(CUSTOMERS, PAIRS, **({"n": 3, "threshold": 0.5} | options))


def _lots(n, seed):
    return lots_of(np.arange(n), np.arange(n) + n, seed)


def _strata(probability, stratum, chosen, same):
    return pd.DataFrame(
        {
            "pairs": np.bincount(stratum, minlength=STRATA),
            "expected": np.bincount(stratum, weights=probability, minlength=STRATA),
            "asked": np.bincount(stratum[chosen], minlength=STRATA),
            "yes": np.bincount(stratum[chosen], weights=same[chosen], minlength=STRATA),
        }
    )


@pytest.mark.parametrize("slips", [0.0, 0.02], ids=["clear answers", "one in fifty wrong"])
@pytest.mark.parametrize("shift", [-1.5, 0.0, 2.0], ids=["boasts", "honest", "modest"])
def test_intervals_hold_the_planted_truth_as_often_as_they_say_even_when_matching_boasts_and_answers_slip(shift, slips):
    dice = np.random.default_rng(7)
    held, errors, without = [], [], []
    for seed in range(30):
        p = np.concatenate([dice.beta(0.08, 4, 6_000), dice.beta(8, 0.15, 2_000), dice.uniform(0, 1, 600)])
        p = p.clip(1e-9, 1 - 1e-9)
        same = dice.random(len(p)) < 1 / (1 + np.exp(-np.log(p / (1 - p)) - shift))
        stratum = stratum_of(p, 0.5)
        answers = same ^ (dice.random(len(p)) < slips)
        table = weighted_quality(_strata(p, stratum, drawn(p, stratum, 100, _lots(len(p), seed)), answers), 0.9)
        truth = pd.Series({"precision": same[p >= 0.5].mean(), "recall": same[p >= 0.5].sum() / same.sum()})
        held.append((table["low"] <= truth) & (truth <= table["high"]))
        errors.append((table["estimate"] - truth).abs().sum())
        without.append((table["without_answers"] - truth).abs().sum())
    assert np.mean(held) > 0.82
    if shift:
        assert np.mean(errors) < 0.6 * np.mean(without)  # answers improve what the matching says of itself


def test_when_every_pair_is_answered_only_slips_are_left_in_doubt():
    p, same = np.repeat([0.9, 0.2], [80, 40]), np.repeat([1, 0, 1, 0], [60, 20, 10, 30])
    stratum = stratum_of(p, 0.5)
    table = weighted_quality(_strata(p, stratum, np.arange(120), same), 0.95)
    assert table.loc["precision", "estimate"] == pytest.approx(60 / 80, abs=0.02)
    assert table.loc["recall", "estimate"] == pytest.approx(60 / 70, abs=0.02)
    assert (table["high"] - table["low"]).max() < 0.08


def test_one_slip_among_very_many_pairs_that_surely_differ_is_no_flood_of_missed_pairs_but_many_do_count():
    strata = pd.DataFrame({"pairs": [50_000, 900, 90, 40, 60, 90, 200, 700]})
    strata["expected"] = strata["pairs"] * [1e-6, 0.003, 0.05, 0.2, 0.7, 0.95, 0.99, 0.9999]
    strata["asked"], strata["yes"] = [20, 10, 10, 10, 10, 10, 10, 20], [0, 0, 0, 2, 7, 10, 10, 20]
    clear = weighted_quality(strata, 0.95).loc["recall"]
    slip = weighted_quality(strata.assign(yes=strata["yes"].where(strata.index > 0, 1)), 0.95).loc["recall"]
    many = weighted_quality(strata.assign(yes=strata["yes"].where(strata.index > 0, 8)), 0.95).loc["recall"]
    assert slip["low"] < clear["estimate"] < slip["high"] and slip["low"] > 0.8
    assert many["high"] < 0.3


def test_answers_that_show_the_matching_boasts_leave_its_surest_links_in_doubt_though_forty_of_them_were_right():
    strata = pd.DataFrame({"pairs": [67_440, 180, 43, 1, 4, 4, 12, 306]})
    strata["expected"] = [0.2, 0.5, 1.1, 0.1, 3.1, 3.9, 11.95, 305.996]
    strata["asked"], strata["yes"] = [27, 7, 10, 1, 4, 4, 7, 40], [0, 0, 0, 0, 2, 0, 1, 40]
    told = pd.DataFrame({"estimate": [0.997, 0.994], "low": [0.81, 0.98], "high": [1.0, 1.0]}, ["precision", "recall"])
    boasts = weighted_quality(strata, 0.95, told).loc["precision"]
    assert 0.8 < boasts["low"] < 0.93 < boasts["estimate"]  # forty of forty leave up to 7 in 100 open
    all_right = strata.assign(yes=[0, 0, 0, 0, 3, 4, 7, 40])
    assert weighted_quality(all_right, 0.95, told).loc["precision", "low"] > 0.96


def test_no_stratum_is_left_out_and_none_gives_more_pairs_than_it_has():
    p = np.concatenate([np.full(10_000, 0.001), np.full(2, 0.3), np.full(40, 0.7), np.full(5_000, 0.999)])
    stratum = stratum_of(p, 0.5)
    counts = np.bincount(stratum[drawn(p, stratum, 60, _lots(len(p), 4))], minlength=STRATA)
    assert counts.sum() == 60 and counts[3] == 2 and counts[1] >= 3 and counts[4] >= 3 and counts[7] >= 3


def _hundred_pairs(names):
    pairs = pd.DataFrame({"record_id_a": names[::2], "record_id_b": names[1::2], "probability": np.arange(100) / 100})
    return pd.DataFrame({"record_id": names, "name": "x"}), pairs


@pytest.mark.parametrize(
    "names", [np.arange(200), [f"K{number:03}" for number in range(200)]], ids=["numbers", "texts"]
)
def test_the_sample_is_blind_mixed_and_the_same_for_the_same_records_or_another_by_a_seed(names):
    customers, pairs = _hundred_pairs(names)
    one, same, other = (Review(customers, pairs, n=40, threshold=0.5, seed=seed) for seed in (None, None, 2))
    pd.testing.assert_frame_equal(one.sample, same.sample)
    assert not one.sample.equals(other.sample)
    assert list(one.sample) == ["record_id_a", "record_id_b"] and "probability" not in one.show().index
    place = pairs.set_index("record_id_a").index.get_indexer(one.sample["record_id_a"])
    assert abs(np.corrcoef(np.arange(40), place)[0, 1]) < 0.5


def test_the_order_of_records_and_pairs_plays_no_part_in_which_are_drawn():
    customers, pairs = _hundred_pairs(np.arange(200))
    one = Review(customers, pairs, n=40, threshold=0.5)
    turned = Review(customers[::-1], pairs.sample(frac=1, random_state=1), n=40, threshold=0.5)
    assert list(map(set, turned.sample.to_numpy())) == list(map(set, one.sample.to_numpy()))


def test_lots_are_as_good_as_drawn_blindly():
    """Within a stratum every pair has the same chance, and what is shown first says nothing of the probability."""
    p = np.concatenate([np.full(3_000, 0.01), np.full(40, 0.7), np.full(1_000, 0.999)])
    stratum, times, first = stratum_of(p, 0.5), np.zeros(len(p)), []
    for seed in range(200):
        chosen = drawn(p, stratum, 100, _lots(len(p), seed))
        times[chosen] += 1
        first.append((p[chosen[:50]] > 0.5).sum() - (p[chosen[50:]] > 0.5).sum())
    for here in (p == 0.01, p == 0.999):
        expected = times[here].mean()
        assert (times[here] - expected).var() == pytest.approx(expected, rel=0.15)  # as of a Poisson number
    assert abs(np.mean(first)) < 4 * np.std(first) / np.sqrt(200)
    left, right = np.divmod(np.arange(40_000), 200)
    bits = (lots_of(left, right)[:, None] >> np.arange(64, dtype="uint64")) & np.uint64(1)
    assert np.abs(bits.mean(axis=0) - 0.5).max() < 4.5 * 0.5 / 200


def test_a_pair_is_shown_side_by_side_without_empty_fields():
    review = _review()
    number = review.sample.index[(review.sample["record_id_b"] == 2)][0]
    shown = review.show(number)
    assert shown.loc["city"].tolist() == ["Split", "Split", "="]
    assert shown.loc["birth_date"].tolist() == ["1970-05-03", "", ""]
    empty = review.show(review.sample.index[(review.sample["record_id_b"] == 4)][0])
    assert list(empty.index) == ["last_name"]


def test_answers_come_one_by_one_by_number_or_in_a_list_and_can_be_changed():
    review = _review()
    assert review.show().columns.name == "pair 1"
    review.answer("same").answer({3: "different"})
    assert review.show().columns.name == "pair 2"
    assert repr(review.answer(["unsure"])) == "3 pairs to look at, 3 answered."
    assert review.answer({1: "different"}).labels["answer"].tolist() == ["different", "unsure", "different"]
    assert review.sheet().empty and "review.quality()" in review._repr_html_()


def test_a_sheet_has_two_rows_to_a_pair():
    sheet = _review().answer("same").sheet()
    assert sheet.index.get_level_values("number").tolist() == [2, 2, 3, 3]
    assert "next" not in sheet and 'review.answer("same")' in _review()._repr_html_().replace("&quot;", '"')


def test_unsure_counts_as_no_answer():
    review = _review().answer({1: "same", 2: "same", 3: "unsure"})
    again = _review().answer({1: "same", 2: "same"})
    pd.testing.assert_frame_equal(review.quality(), again.quality())


def test_a_review_is_kept_and_gone_on_with(tmp_path):
    review = _review().answer("same")
    back = Review.load(review.save(tmp_path / "review"))
    pd.testing.assert_frame_equal(back.labels, review.labels)
    pd.testing.assert_frame_equal(back.show(), review.show())
    pd.testing.assert_frame_equal(back.answer(["different"] * 2).quality(), review.answer(["different"] * 2).quality())


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: _review(n=0), "n: found 0."),
        (lambda: _review(seed=-1), "seed: found -1."),
        (lambda: _review(threshold="0.5"), "threshold: found '0.5'."),
        (lambda: _review(columns=["lastname"]), "no column 'lastname'. Did you mean 'last_name'?"),
        (lambda: Review(CUSTOMERS, PAIRS[:0], n=3, threshold=0.5), "pairs: there is no pair to look at."),
        (lambda: Review([1], PAIRS, n=3, threshold=0.5), "customers: found a list."),
        (lambda: _review().answer("yes"), "answer to pair 1: found 'yes'."),
        (lambda: _review().answer({9: "same"}), "review: no pair 9."),
        (lambda: _review().answer(["same"] * 4), "answers: 4 answers for 3 pairs without one."),
        (lambda: _review().show(0), "review: no pair 0."),
        (lambda: _review().answer(["same"] * 3).show(), "every pair has its answer."),
        (lambda: _review().quality(), "nothing is answered yet."),
        (lambda: _review().answer("same").quality(level=95), "level: found 95."),
    ],
)
def test_a_wrong_call_is_told_what_to_do(call, says):
    with pytest.raises(CrmlabError) as fault:
        call()
    assert says in str(fault.value) and "next" in str(fault.value)
