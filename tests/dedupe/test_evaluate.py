"""Every true pair counts, however it was lost."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmlab import dedupe
from crmlab.errors import CrmlabError

TRUTH = pd.DataFrame({"record_id": [1, 2, 3, 4, 5, 6, 7], "person_id": [1, 1, 1, 2, 2, 3, 4]})
PAIRS = pd.DataFrame(
    {
        "record_id_a": [2, 3, 4, 5, 6],
        "record_id_b": [1, 2, 5, 6, 7],
        "probability": [0.9, 0.4, 0.8, 0.7, 0.1],
    }
)


def test_pairs_customers_and_blocking_are_counted_apart():
    # true: 12 13 23 45. compared: 12 23 45. linked: 12 45, and 56 which is wrong, so that 45 + 6 are one customer
    steps = dedupe.evaluate(PAIRS, TRUTH).steps
    assert steps.loc["compared", ["right", "wrong", "missed", "recall"]].tolist() == [3, 2, 1, 0.75]
    assert steps.loc["linked", ["right", "wrong", "missed", "precision", "recall"]].tolist() == [2, 1, 2, 2 / 3, 0.5]
    assert steps.loc["customers", ["right", "wrong", "missed", "precision", "recall"]].tolist() == [2, 2, 2, 0.5, 0.5]
    assert steps["f1"].tolist()[1:] == [pytest.approx(2 * 2 / 3 * 0.5 / (2 / 3 + 0.5)), 0.5]


def test_every_lost_pair_says_where_it_was_lost_and_every_wrong_link_is_listed():
    found = dedupe.evaluate(PAIRS, TRUTH)
    lost = {
        (a, b): why for a, b, why in found.missed[["record_id_a", "record_id_b", "lost_at"]].itertuples(index=False)
    }
    assert lost == {(1, 3): "blocking", (2, 3): "threshold"}
    assert found.wrong[["record_id_a", "record_id_b", "is_one_customer"]].to_numpy().tolist() == [[5, 6, True]]


def test_a_pair_that_clustering_cut_was_lost_there():
    pairs = pd.DataFrame(
        {"record_id_a": [1, 2, 4, 5], "record_id_b": [2, 3, 5, 6], "probability": [0.99, 0.55, 0.9, 0.6]}
    )
    found = dedupe.evaluate(pairs, TRUTH)
    assert found.missed.set_index(["record_id_a", "record_id_b"])["lost_at"].to_dict() == {
        (1, 3): "blocking",
        (2, 3): "clusters",
    }
    assert found.wrong["is_one_customer"].tolist() == [False]


def test_persons_are_exactly_right_or_split_or_mixed():
    # persons 1 (records 1 2 3) is split; 2 is whole but has 6 with it; 3 is in with 2; 4 is right
    persons = dedupe.evaluate(PAIRS, TRUTH).persons
    assert persons["persons"].to_dict() == {
        "exactly right": 1,
        "split": 1,
        "mixed with others": 2,
        "split and mixed": 0,
    }
    assert persons["persons_several"].tolist() == [0, 1, 1, 0]
    both = dedupe.evaluate(pd.Series([1, 2, 2, 2, 2, 3, 4], index=range(1, 8)), TRUTH).persons["persons"]
    assert both.to_dict() == {"exactly right": 2, "split": 0, "mixed with others": 1, "split and mixed": 1}


def test_clusters_alone_are_enough_and_then_only_customers_are_counted():
    found = dedupe.evaluate(dedupe.cluster(TRUTH["record_id"], PAIRS), TRUTH)
    assert list(found.steps.index) == ["customers"]
    assert "exactly right" in repr(found) and "<table" in found._repr_html_()


def test_b_cubed_is_that_of_its_paper():
    # Bagga & Baldwin 1998: truth 12345 | 67 | 89ABC; all but one mixed: 12345 | 67 89ABC: precision .762, recall 1
    truth = pd.DataFrame({"record_id": range(12), "person_id": [1] * 5 + [2] * 2 + [3] * 5})
    b_cubed = dedupe.evaluate(pd.Series([1] * 5 + [2] * 7, index=range(12)), truth).b_cubed
    assert round(b_cubed["precision"], 3) == 0.762 and b_cubed["recall"] == 1
    other = dedupe.evaluate(pd.Series([1] * 5 + [2] * 2 + [1] * 5, index=range(12)), truth).b_cubed
    assert round(other["precision"], 3) == 0.583 and other["recall"] == 1


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(1, 4)), min_size=1, max_size=9))
@settings(deadline=None, max_examples=40)
def test_counts_are_those_of_looking_at_every_pair(rows):
    truth = pd.DataFrame({"record_id": range(len(rows)), "person_id": [person for person, _ in rows]})
    found = dedupe.evaluate(pd.Series([customer for _, customer in rows], index=range(len(rows))), truth)
    pairs = list(itertools.combinations(rows, 2))
    right = sum(a[0] == b[0] and a[1] == b[1] for a, b in pairs)
    wrong = sum(a[0] != b[0] and a[1] == b[1] for a, b in pairs)
    missed = sum(a[0] == b[0] and a[1] != b[1] for a, b in pairs)
    assert found.steps.loc["customers", ["right", "wrong", "missed"]].tolist() == [right, wrong, missed]
    assert len(found.missed) == missed
    assert found.persons["persons"].sum() == truth["person_id"].nunique()
    again = dedupe.evaluate(
        pd.Series([customer for _, customer in rows[::-1]], index=range(len(rows))[::-1]), truth.iloc[::-1]
    )
    pd.testing.assert_frame_equal(found.steps, again.steps)


def test_the_truth_itself_is_found_to_be_right():
    found = dedupe.evaluate(TRUTH.set_index("record_id")["person_id"], TRUTH)
    assert found.steps.loc["customers", ["precision", "recall", "f1"]].tolist() == [1, 1, 1]
    assert found.missed.empty and np.isclose(found.b_cubed, 1).all()


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: dedupe.evaluate(PAIRS, [1]), "truth_links: found a list."),
        (lambda: dedupe.evaluate(PAIRS, TRUTH.rename(columns={"person_id": "person"})), "Did you mean 'person'?"),
        (lambda: dedupe.evaluate(PAIRS, pd.concat([TRUTH, TRUTH])), "stand more than once"),
        (lambda: dedupe.evaluate(PAIRS, TRUTH.assign(person_id=[1, None, 1, 2, 2, 3, 4])), "some are empty"),
        (lambda: dedupe.evaluate(PAIRS, TRUTH[:5]), "names no record there is."),
        (lambda: dedupe.evaluate(pd.Series({1: 1}), TRUTH), "6 records are in no customer."),
        (lambda: dedupe.evaluate("pairs", TRUTH), "found: found a str."),
        (lambda: dedupe.evaluate(PAIRS, TRUTH, threshold=2), "threshold: found 2."),
    ],
)
def test_a_wrong_call_is_told_what_to_do(call, says):
    with pytest.raises(CrmlabError) as fault:
        call()
    assert says in str(fault.value) and "next" in str(fault.value)
