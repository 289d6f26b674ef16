"""What is told of precision and recall is near the truth, or says that too little is known to tell."""

from functools import cache
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from crmlab import dedupe, simulate
from crmlab.dedupe.estimate import _together
from crmlab.errors import CrmlabError

NOT_NEEDED = dict.fromkeys(("moments", "lifecycle", "survey", "campaigns", "mentions", "referrals", "product"), False)
NAME, HOME = ["first_name", "last_name"], ["street", "house_number", "postcode", "city"]


@cache
def _base(company, seed):
    return simulate.company(company, customers=3_000, seed=seed, mess="usual", **NOT_NEEDED)


@cache
def _found(company, seed, columns=()):
    customers = _base(company, seed).customers.drop(columns=["oib", "iban"])
    return dedupe.find(customers[["record_id", *columns]] if columns else customers)


def _truth(company, seed, columns=()):
    return dedupe.evaluate(_found(company, seed, columns), _base(company, seed).truth["links"])


def _held(told, truth):
    return told["low"] - 1e-3 <= truth <= told["high"] + 1e-3


@pytest.mark.parametrize("company", ["telco", "retail"])
def test_precision_is_told_within_a_hundredth_and_recall_within_three(company):
    seeds = (5, 6, 7)
    told = [_found(company, seed).quality() for seed in seeds]
    steps = [_truth(company, seed).steps for seed in seeds]
    links = np.array([step.loc["linked", "right"] + step.loc["linked", "wrong"] for step in steps])
    precision, recall = ([step.loc["linked", name] for step in steps] for name in ("precision", "recall"))
    # A base of 3,000 has some 250 links, of which one or two more or less are wrong by chance: together they tell.
    assert (
        abs(np.average([one.loc["precision", "estimate"] for one in told] - np.array(precision), weights=links)) < 0.01
    )
    for one, right, all_of in zip(told, precision, recall, strict=True):
        assert abs(one.loc["recall", "estimate"] - all_of) < 0.03
        assert _held(one.loc["precision"], right) and _held(one.loc["recall"], all_of)
        assert (one["low"] <= one["estimate"]).all() and (one["estimate"] <= one["high"]).all()
        assert one.loc["recall", "estimate"] <= one.loc[["recall_compared", "recall_blocking"], "estimate"].min()
        assert (one["note"] == "").all()


@pytest.mark.parametrize(
    ("left", "right", "times"),
    [
        ([0, 2, 4], [1, 3, 5], 1.0),  # three pairs, each for itself
        ([0, 0, 1], [1, 2, 2], 3.0),  # three pairs of three records: as one
        ([0, 0, 1, 3], [1, 2, 2, 4], (9 + 1) / 4),
        ([], [], 1.0),
    ],
)
def test_pairs_of_one_home_are_right_or_wrong_together_and_widen_the_interval(left, right, times):
    left, right = np.array(left, dtype=int), np.array(right, dtype=int)
    blocks = SimpleNamespace(left=left, right=right)
    search = SimpleNamespace(probability=np.full(len(left), 0.9), blocks=blocks, records=range(6))
    assert _together(search) == pytest.approx(np.sqrt(times))


@pytest.mark.parametrize("columns", [(*NAME, "city"), (*NAME, "birth_date")], ids=str)
def test_where_too_few_fields_are_compared_nothing_is_told_and_one_sentence_says_so(columns):
    told = _found("telco", 5, columns).quality()
    assert told[["estimate", "low", "high"]].isna().all(axis=None)
    assert told["note"].str.fullmatch(r"links rest on [12]\.\d fields each: label a sample").all()


@pytest.mark.parametrize("columns", [(*NAME, *HOME, "birth_date"), (*NAME, *HOME, "phone")], ids=["birth", "phone"])
def test_with_three_fields_the_interval_reaches_to_the_truth_though_father_and_son_share_two(columns):
    told, truth = _found("telco", 5, columns).quality(), _truth("telco", 5, columns).steps.loc["linked"]
    assert _held(told.loc["precision"], truth["precision"]) and _held(told.loc["recall"], truth["recall"])
    assert told.loc["precision", "low"] < 0.95


def _answered(company, seed, columns, *, n, slips, sample):
    """A review answered from the truth, one in so many wrongly."""
    found = _found(company, seed, columns)
    review = found.review(n, seed=sample)
    person = _base(company, seed).truth["links"].set_index("record_id")["person_id"]
    same = (person[review.sample["record_id_a"]].array == person[review.sample["record_id_b"]].array).copy()
    same ^= np.random.default_rng(sample).random(len(same)) < slips
    return review.answer(["same" if one else "different" for one in same])


@pytest.mark.parametrize("columns", [(), (*NAME, *HOME, "birth_date"), (*NAME, "phone")], ids=["all", "three", "two"])
def test_answers_of_which_one_in_fifty_is_wrong_reach_the_estimate_and_the_truth_stays_within(columns):
    found, truth = _found("telco", 5, columns), _truth("telco", 5, columns).steps
    held = []
    for sample in range(2):
        told = found.quality(_answered("telco", 5, columns, n=120, slips=0.02, sample=sample))
        compared = truth.loc["linked", "right"] / truth.loc["compared", "right"]
        held += [
            _held(told.loc["precision"], truth.loc["linked", "precision"]),
            _held(told.loc["recall_compared"], compared),
        ]
        assert told.loc["precision", "note"] == "with 120 answers"
        assert (told["high"] - told["low"]).loc["precision"] < 0.3
    assert sum(held) >= 3


def test_where_nothing_could_be_told_answers_tell_what_was_compared_but_not_what_blocking_lost():
    columns = (*NAME, "city")
    told = _found("telco", 5, columns).quality(_answered("telco", 5, columns, n=60, slips=0, sample=1))
    assert told.loc[["precision", "recall_compared"], "estimate"].notna().all()
    assert told.loc[["recall", "recall_blocking"], "estimate"].isna().all()


def test_a_review_must_have_answers_and_be_of_these_pairs_and_this_threshold():
    found, review = _found("telco", 5), _answered("telco", 5, (), n=20, slips=0, sample=1)
    cases = [
        (lambda: found.quality("yes"), "review: found a str."),
        (lambda: found.quality(found.review(5)), "nothing is answered yet"),
        (lambda: found.quality(review, threshold=0.8), "drawn for a threshold of 0.5"),
        (lambda: _found("telco", 5, ("email",)).quality(review), "drawn from other pairs"),
    ]
    for call, words in cases:
        with pytest.raises(CrmlabError, match=words):
            call()


@pytest.mark.filterwarnings("error")
def test_without_any_link_there_is_no_precision_and_the_note_says_why():
    rows = {"first_name": [*"ABCDEF"], "last_name": [*"ghijkl"], "phone": [f"09{n}1234567" for n in range(6)]}
    told = dedupe.find(pd.DataFrame(rows)).quality()
    assert told.loc["precision", ["estimate", "low", "high"]].isna().all()
    assert (told["note"] == "no pair is that probable").all()
