"""Pairs become customers: weak bridges are cut, ids last, and the order of rows plays no part."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmlab.dedupe.clusters import cluster
from crmlab.dedupe.graph import bridges, parts
from crmlab.errors import CrmlabError

N = 9
QUICK = settings(deadline=None, max_examples=40)


def _pairs(*rows):
    return pd.DataFrame(rows, columns=["record_id_a", "record_id_b", "probability"])


def _together(clusters):
    """Give the customers as sets of records."""
    return {frozenset(records) for records in clusters.customer_id.groupby(clusters.customer_id).groups.values()}


LINKS = st.lists(
    st.tuples(st.integers(0, N - 1), st.integers(0, N - 1), st.floats(0.01, 0.999)).filter(
        lambda link: link[0] != link[1]
    ),
    max_size=20,
    unique_by=lambda link: frozenset(link[:2]),
)


@given(LINKS)
@QUICK
def test_a_link_is_a_bridge_exactly_when_its_loss_breaks_a_part_in_two(links):
    left, right = (np.array([link[side] for link in links], dtype="int64") for side in (0, 1))
    n_parts = parts(N, left, right).max()
    others = [np.arange(len(links)) != number for number in range(len(links))]
    assert bridges(N, left, right).tolist() == [parts(N, left[keep], right[keep]).max() > n_parts for keep in others]


def test_every_link_of_a_long_chain_is_a_bridge_and_none_of_a_ring():
    chain = np.arange(2_000)
    assert bridges(2_001, chain, chain + 1).all()
    assert not bridges(2_000, chain, (chain + 1) % 2_000).any()


def test_a_bridge_holds_as_long_as_its_bits_are_not_fewer_than_the_pairs_that_are_not_linked():
    three_and_three = [(1, 2, 0.99), (1, 3, 0.99), (2, 3, 0.99), (4, 5, 0.99), (4, 6, 0.99), (5, 6, 0.99)]
    just_enough, too_little = 256 / 257, 255 / 257  # eight bits, and a little less; 3 · 3 − 1 = 8 pairs are not linked
    assert len(_together(cluster(range(1, 7), _pairs(*three_and_three, (3, 4, just_enough))))) == 1
    cut = cluster(range(1, 7), _pairs(*three_and_three, (3, 4, too_little)))
    assert _together(cut) == {frozenset({1, 2, 3}), frozenset({4, 5, 6})}
    assert cut.cut[["record_id_a", "record_id_b", "records_a", "records_b", "against_bits"]].to_numpy().tolist() == [
        [3, 4, 3, 3, 8]
    ]


def test_two_links_between_two_groups_hold():
    groups = [(1, 2, 0.9), (3, 4, 0.9), (1, 3, 0.6), (2, 4, 0.6)]
    assert len(_together(cluster([1, 2, 3, 4], _pairs(*groups)))) == 1


def test_the_strongest_links_of_a_star_are_weighed_first():
    # 0.9 is 3.2 bits: the fourth ray meets 1 · 4 − 1 = 3 pairs that are not linked, the fifth 4
    star = _pairs((0, 1, 0.9), (0, 2, 0.9), (0, 3, 0.9), (0, 4, 0.9), (0, 5, 0.89), (0, 6, 0.88))
    assert _together(cluster(range(7), star)) == {frozenset({0, 1, 2, 3, 4}), frozenset({5}), frozenset({6})}


def test_a_pair_under_the_threshold_is_no_link_and_one_on_it_is():
    pairs = _pairs((1, 2, 0.8), (3, 4, 0.79))
    assert _together(cluster([1, 2, 3, 4], pairs, threshold=0.8)) == {frozenset({1, 2}), frozenset({3}), frozenset({4})}


def test_a_pair_named_twice_and_both_ways_round_counts_once_with_its_higher_probability():
    pairs = _pairs((1, 2, 0.2), (2, 1, 0.9), (1, 2, 0.4))
    assert _together(cluster([1, 2], pairs)) == {frozenset({1, 2})}


def test_text_ids_are_welcome():
    assert cluster(["b", "a", "c"], _pairs(("b", "a", 0.9))).customer_id.to_dict() == {"a": 1, "b": 1, "c": 2}


def test_no_records_give_no_customers():
    clusters = cluster([], _pairs())
    assert len(clusters.customer_id) == 0 and "0 records are 0 customers." in repr(clusters)


@given(LINKS, st.randoms(use_true_random=False))
@QUICK
def test_the_order_of_rows_and_of_the_two_records_plays_no_part(links, random):
    again = [(b, a, p) if random.random() < 0.5 else (a, b, p) for a, b, p in random.sample(links, len(links))]
    one, other = cluster(range(N), _pairs(*links)), cluster(random.sample(range(N), N), _pairs(*again))
    pd.testing.assert_series_equal(one.customer_id, other.customer_id)
    pd.testing.assert_frame_equal(one.cut, other.cut)


@given(LINKS)
@QUICK
def test_customers_never_reach_beyond_what_is_linked_and_every_loss_is_reported(links):
    clusters = cluster(range(N), _pairs(*links))
    linked = [link for link in links if link[2] >= 0.5]
    left, right = (np.array([link[side] for link in linked], dtype="int64") for side in (0, 1))
    whole = parts(N, left, right)
    customer = clusters.customer_id.to_numpy()
    cut = {frozenset(pair) for pair in clusters.cut[["record_id_a", "record_id_b"]].itertuples(index=False)}
    assert all(whole[a] == whole[b] for a in range(N) for b in range(N) if customer[a] == customer[b])
    assert {frozenset(link[:2]) for link in linked if customer[link[0]] != customer[link[1]]} == cut


@given(LINKS, LINKS)
@QUICK
def test_what_was_kept_apart_stays_apart_whatever_links_it(links, apart):
    apart = _pairs(*apart)
    customer = cluster(range(N), _pairs(*links), apart=apart).customer_id
    assert (customer[apart["record_id_a"]].to_numpy() != customer[apart["record_id_b"]].to_numpy()).all()


def test_a_link_cut_by_hand_says_so():
    pairs = _pairs((1, 2, 0.99), (2, 3, 0.98), (1, 3, 0.97))
    clusters = cluster([1, 2, 3], pairs, apart=_pairs((1, 3, 1.0)))
    assert _together(clusters) == {frozenset({1, 2}), frozenset({3})}
    assert set(clusters.cut["why"]) == {"somebody said that two of these records are not the same"}


def test_the_most_doubtful_customer_is_the_one_whose_weakest_needed_link_is_weakest():
    # 1 and 3 are linked by .6, but held together without that link; 4 and 5 are held by .7 alone
    pairs = _pairs((1, 2, 0.9), (2, 3, 0.8), (1, 3, 0.6), (4, 5, 0.7))
    doubtful = cluster([1, 2, 3, 4, 5, 6], pairs).doubtful
    assert doubtful.to_numpy().tolist() == [[2, 2, 0.7, 4, 5], [1, 3, 0.8, 2, 3]]
    assert cluster([1, 2], _pairs()).doubtful.empty


BEFORE = cluster([1, 2, 3, 4, 5, 6], _pairs((1, 2, 0.9), (3, 4, 0.9), (4, 5, 0.9)))


def _changes(after):
    return after.changes[["what", "customer_id", "customers_before", "record_ids"]].to_numpy().tolist()


def test_a_new_record_joins_the_customer_it_belongs_to_and_another_opens_a_customer():
    after = cluster([0, 1, 2, 3, 4, 5, 6, 7], _pairs((1, 2, 0.9), (3, 4, 0.9), (4, 5, 0.9), (0, 6, 0.9)), before=BEFORE)
    assert after.customer_id.to_dict() == {0: 3, 1: 1, 2: 1, 3: 2, 4: 2, 5: 2, 6: 3, 7: 4}
    assert _changes(after) == [["joined", 3, (3,), (0,)], ["new", 4, (), (7,)]]
    assert after.changes["words"].tolist() == ["Record 0 joined customer 3.", "Record 7 is new: customer 4."]
    assert repr(after).endswith(
        "Since last time: 1 record joined a known customer, 1 record of new customers, 0 merges, 0 splits."
    )


def test_a_new_record_that_links_two_customers_merges_them_under_the_number_most_records_had():
    pairs = _pairs((1, 2, 0.99), (3, 4, 0.99), (4, 5, 0.99), (2, 7, 0.99), (3, 7, 0.99))
    after = cluster([1, 2, 3, 4, 5, 6, 7], pairs, before=BEFORE)
    assert after.customer_id.to_dict() == {1: 2, 2: 2, 3: 2, 4: 2, 5: 2, 6: 3, 7: 2}
    assert after.retired.to_dict() == {1: 2}
    assert after.changes["words"].tolist() == ["Record 7 joined customer 2.", "Customers 1, 2 are one now: customer 2."]


def test_a_customer_that_splits_keeps_its_number_with_most_of_its_records():
    after = cluster([1, 2, 3, 4, 5, 6], _pairs((1, 2, 0.9), (4, 5, 0.9)), before=BEFORE)
    assert after.customer_id.to_dict() == {1: 1, 2: 1, 3: 4, 4: 2, 5: 2, 6: 3}
    assert after.changes["words"].tolist() == [
        "Customer 2 was split: records 4, 5 stay.",
        "Customer 2 was split: record 3 is now customer 4.",
    ]
    assert repr(after).endswith("0 merges, 1 split.")


def test_a_customer_of_which_a_part_went_to_another_was_split_and_merged():
    pairs = _pairs((1, 2, 0.99), (2, 3, 0.99), (1, 3, 0.99), (4, 5, 0.9))
    after = cluster([1, 2, 3, 4, 5, 6, 7], pairs, before=BEFORE)
    assert after.customer_id.to_dict() == {1: 1, 2: 1, 3: 1, 4: 2, 5: 2, 6: 3, 7: 4}
    assert after.changes["words"].tolist()[1:] == [
        "Customers 1, 2 are one now: customer 1.",
        "Customer 2 was split: record 3 is now customer 1.",
        "Customer 2 was split: records 4, 5 stay.",
    ]


def test_a_number_that_was_retired_is_never_used_again_and_leads_to_where_its_records_are_now():
    merged = cluster(range(1, 7), _pairs((1, 2, 0.9), (1, 6, 0.9), (3, 4, 0.9), (4, 5, 0.9)), before=BEFORE)
    assert merged.retired.to_dict() == {3: 1}
    again = cluster(range(1, 8), _pairs((1, 2, 0.9), (1, 6, 0.9), (3, 4, 0.9), (4, 5, 0.9)), before=merged)
    assert again.customer_id[7] == 4
    one = cluster(range(1, 8), _pairs(*((4, other, 0.99) for other in (1, 2, 3, 5, 6))), before=again)
    assert one.retired.to_dict() == {2: 1, 3: 1}


def test_a_customer_without_records_is_gone_and_its_number_stays_unused():
    after = cluster([1, 2, 3, 4, 5, 9], _pairs((1, 2, 0.9), (3, 4, 0.9), (4, 5, 0.9)), before=BEFORE)
    assert after.changes["words"].tolist() == ["Record 9 is new: customer 4.", "Customer 3 has no record any more."]
    assert after.retired.isna().to_dict() == {3: True}


@given(LINKS, LINKS)
@QUICK
def test_ids_last_and_every_change_of_a_customer_is_told(links, more):
    before = cluster(range(N - 2), _pairs(*(link for link in links if max(link[:2]) < N - 2)))
    after = cluster(range(N), _pairs(*more), before=before)
    told = set().union(*after.changes["record_ids"]) if len(after.changes) else set()
    told |= {
        record
        for olds in after.changes["customers_before"]
        for record in before.customer_id.index[before.customer_id.isin(olds)]
    }
    moved = [r for r in range(N - 2) if after.customer_id[r] != before.customer_id[r]]
    assert set(moved) <= told and {N - 2, N - 1} <= told
    same = {frozenset(group) for group in _together(before)} & {frozenset(group) for group in _together(after)}
    assert all(after.customer_id[r] == before.customer_id[r] for group in same for r in group)
    assert set(before.customer_id) <= set(after.customer_id) | set(after.retired.index)


def test_the_same_records_and_pairs_again_change_nothing():
    again = cluster([1, 2, 3, 4, 5, 6], _pairs((1, 2, 0.9), (3, 4, 0.9), (4, 5, 0.9)), before=BEFORE)
    assert again.changes.empty and again.retired.empty
    pd.testing.assert_series_equal(again.customer_id, BEFORE.customer_id)


def test_clusters_read_back_from_a_file_as_a_column_serve_as_before():
    after = cluster([1, 2, 3, 4, 5, 6, 7], _pairs(), before=pd.Series([8, 8, 9], index=[1, 2, 3]))
    assert after.customer_id.to_dict() == {1: 8, 2: 10, 3: 9, 4: 11, 5: 12, 6: 13, 7: 14}


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: cluster([1, 1], _pairs()), "record_ids: 1 number stands more than once."),
        (lambda: cluster([1, None], _pairs()), "record_ids: 1 are empty."),
        (lambda: cluster([1, "a"], _pairs()), "numbers and texts are mixed"),
        (lambda: cluster([1, 2], _pairs((1, 3, 0.5))), "pairs.record_id_b: 1 names no record there is."),
        (lambda: cluster([1, 2], _pairs((1, 1, 0.5))), "1 pair joins a record with itself."),
        (lambda: cluster([1, 2], _pairs((1, 2, 1.5))), "allowed : a number from 0 to 1"),
        (lambda: cluster([1, 2], _pairs((1, 2, None))), "1 value is no probability."),
        (lambda: cluster([1, 2], [(1, 2, 0.5)]), "pairs: found a list."),
        (lambda: cluster([1, 2], _pairs().rename(columns={"probability": "p"})), "pairs: no column 'probability'."),
        (lambda: cluster([1, 2], _pairs(), threshold=50), "threshold: found 50."),
        (lambda: cluster([1, 2], _pairs(), before=7), "before: found a int."),
        (lambda: cluster([1, 2], _pairs(), apart=[(1, 2)]), "apart: found a list."),
    ],
)
def test_a_wrong_call_is_told_what_to_do(call, says):
    with pytest.raises(CrmlabError) as fault:
        call()
    assert says in str(fault.value) and "next" in str(fault.value)


def test_all_faults_of_a_table_of_pairs_are_told_at_once():
    with pytest.raises(CrmlabError) as fault:
        cluster([1, 2], _pairs((1, 1, 0.5), (1, 9, 0.5), (1, 2, -1)))
    assert len(fault.value.messages) == 3
