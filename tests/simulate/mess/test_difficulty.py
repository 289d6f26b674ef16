"""How hard the duplicates are to find, by hand and on planted bases."""

import pickle

import numpy as np
import pandas as pd
import pytest

from crmlab.errors import CrmlabError
from crmlab.simulate import company
from crmlab.tables import CustomerBase


def base_of(records, person):
    frame = pd.DataFrame(records).assign(record_id=range(1, len(person) + 1))
    links = pd.DataFrame({"record_id": frame["record_id"], "person_id": person})
    return CustomerBase({"customers": frame}, name="shop", truth={"links": links})


def test_two_records_that_share_a_phone_are_found():
    found = base_of({"phone": ["+385 93 111 2222", "093/111-2222", "+385 93 333 4444"]}, [1, 1, 2]).truth.difficulty()
    assert found.to_dict() == {
        "duplicate_pairs": 1,
        "out_of_reach": 0.0,
        "precision": 1.0,
        "recall": 1.0,
        "f1": 1.0,
        "rivals": 0,
    }


def test_what_shares_nothing_is_out_of_reach():
    found = base_of({"phone": ["111 2222", "333 4444", "555 6666", "555 6666"]}, [1, 1, 2, 2]).truth.difficulty()
    assert (found["duplicate_pairs"], found["out_of_reach"], found["recall"]) == (2, 0.5, 0.5)
    assert found["f1"] == pytest.approx(2 / 3)


def test_pairs_that_look_alike_are_taken_or_left_together():
    """Three pairs share a phone and nothing else; two of them are one person: F1 = 2 * 2 / (3 + 2)."""
    phones = ["1111111", "1111111", "2222222", "2222222", "3333333", "3333333"]
    found = base_of({"phone": phones}, [1, 1, 2, 2, 3, 4]).truth.difficulty()
    assert (found["precision"], found["recall"], found["rivals"]) == (pytest.approx(2 / 3), 1.0, 1)
    assert found["f1"] == pytest.approx(0.8)


def test_a_base_without_duplicates_has_no_figures():
    found = base_of({"phone": ["1111111", "2222222"]}, [1, 2]).truth.difficulty()
    assert found["duplicate_pairs"] == 0
    assert np.isnan(found["f1"])


def test_more_mess_is_harder_and_papers_make_it_easier():
    f1 = {
        (name, mess): company(name, customers=6_000, seed=4, mess=mess).truth.difficulty()["f1"]
        for name, mess in [("retail", "usual"), ("retail", "dirty"), ("telco", "dirty")]
    }
    assert f1["retail", "dirty"] < f1["retail", "usual"] < 1
    assert f1["telco", "dirty"] > f1["retail", "dirty"]


def test_hard_negatives_make_it_harder():
    easy = {"family": 0.0, "father_and_son": 0.0, "twins": 0.0, "namesakes": 0.0}
    hard = {**easy, "father_and_son": 0.1, "namesakes": 0.2}
    found = [
        company("retail", customers=6_000, seed=4, households={**easy, **doses}).truth.difficulty()
        for doses in (easy, hard)
    ]
    assert found[1]["f1"] < found[0]["f1"] - 0.005
    assert found[1]["rivals"] > found[0]["rivals"]


def test_it_says_the_same_after_a_journey_to_disk_and_to_another_process(tmp_path):
    base = company("retail", customers=400, seed=4)
    found = base.truth.difficulty()
    assert CustomerBase.load(base.save(tmp_path / "shop")).truth.difficulty().equals(found)
    assert pickle.loads(pickle.dumps(base.truth)).difficulty().equals(found)


def test_the_order_of_rows_does_not_matter():
    base = company("retail", customers=400, seed=4)
    shuffled = base.customers.sample(frac=1, random_state=1)
    again = CustomerBase({"customers": shuffled}, name="shop", truth=dict(base.truth))
    assert again.truth.difficulty().equals(base.truth.difficulty())


def test_a_truth_without_records_says_what_it_needs():
    with pytest.raises(CrmlabError, match="there are no records to compare"):
        CustomerBase({}, name="shop", truth={"value": pd.DataFrame({"person_id": [1]})}).truth.difficulty()
