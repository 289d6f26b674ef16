"""An export of one's own: whatever names its records, whichever columns it has, it goes all the way and back."""

import pandas as pd
import pytest

from crmlab import dedupe
from crmlab.errors import CrmlabError

PEOPLE = pd.DataFrame(
    {
        "first_name": ["Ana", "ANA", "Ivo", "Mara", "Jan", "Eva"],
        "last_name": ["Đurđević", "Djurdjevic", "Kos", "Novak", "Babić", "Lipa"],
        "phone": ["091 234 5678", "+385 91 234 5678", "098 111 2222", "01 234 5555", "095 888 7777", None],
        "birth_date": ["1970-05-03", "3.5.1970.", "1981-01-02", "1990-10-10", "1955-07-08", "1966-06-06"],
    }
)


def _all_the_way(table):
    """Find, merge and undo; give the customers, and the number of the first record."""
    found = dedupe.find(table)
    merged = dedupe.merge(table, found.clusters)
    first = merged.customers["customer_id"].iloc[0]
    undone = merged.undo(first)
    assert (len(merged.customers), len(undone.customers)) == (5, 6)
    later = found.update(table.iloc[:0], apart=undone.apart)
    assert later.clusters.customer_id.nunique() == 6
    return merged.customers["record_id"].tolist()


@pytest.mark.parametrize(
    ("named_by", "numbers"),
    [
        ("record_id", [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]),
        ("customer_id", list(range(10, 16))),
        ("customer_id", ["K7", "K9", "a", "b", "c", "d"]),
        ("the index", ["K7", "K9", "a", "b", "c", "d"]),
    ],
)
def test_records_are_named_by_record_id_or_customer_id_or_the_index_from_finding_to_undoing(named_by, numbers):
    table = PEOPLE.set_index(pd.Index(numbers)) if named_by == "the index" else PEOPLE.assign(**{named_by: numbers})
    before = table.copy()
    assert _all_the_way(table) == [numbers[0], *numbers[2:]]
    pd.testing.assert_frame_equal(table, before)


def test_customers_named_by_texts_are_merged_and_the_merge_undone_under_names_that_nobody_had():
    table = PEOPLE.assign(record_id=range(6))
    customers = pd.Series({0: "K7", 1: "K7", 2: "K7-2", 3: "B", 4: "C", 5: "D"})
    merged = dedupe.merge(table, customers)
    undone = merged.undo("K7")
    assert undone.customer_id.tolist() == ["K7", "K7-3", "K7-2", "B", "C", "D"]
    assert undone.undone["words"].item() == "Customer K7 keeps record 0; 1 became customer K7-3."
    assert merged.provenance("K7")["record_id"].notna().any()
    with pytest.raises(CrmlabError, match="no customer 7"):
        merged.provenance(7)


@pytest.mark.parametrize("call", [dedupe.find, lambda table: dedupe.merge(table, pd.Series(dtype="int64"))])
@pytest.mark.parametrize(
    ("table", "words"),
    [
        (pd.concat([PEOPLE, PEOPLE[["phone"]]], axis=1), "several columns named 'phone'"),
        (PEOPLE.assign(record_id=[[1], [2], [3], [4], [5], [6]]), r"customers.record_id: found \[1\]"),
        (PEOPLE.set_index(["first_name", "last_name"]), r"the index of customers: found \('Ana', 'Đurđević'\)"),
        (PEOPLE.assign(customer_id=[1, 2, "K3", 4, 5, 6]), "numbers and texts are mixed"),
        (PEOPLE.assign(customer_id=[1, 2, 2, 4, 5, None]), "customers.customer_id: 1 are empty"),
    ],
)
def test_records_that_have_no_name_of_their_own_get_one_clear_message(call, table, words):
    with pytest.raises(CrmlabError, match=words) as caught:
        call(table)
    assert "next" in str(caught.value)


def test_last_times_customers_must_be_numbers_so_that_new_ones_can_be_counted_on():
    pairs = pd.DataFrame({"record_id_a": [1], "record_id_b": [2], "probability": [0.9]})
    with pytest.raises(CrmlabError, match="before: customer_id"):
        dedupe.cluster([1, 2, 3], pairs, before=pd.Series({1: "a", 2: "a"}))


def test_customers_that_are_halves_or_a_mix_are_refused():
    for customers in (
        pd.Series({0: 1.5, 1: 2, 2: 3, 3: 4, 4: 5, 5: 6}),
        pd.Series(dict(enumerate([1, "2", 3, 4, 5, 6]))),
    ):
        with pytest.raises(CrmlabError, match="neither all whole numbers nor all texts"):
            dedupe.merge(PEOPLE, customers)


LISTS = [["x"], ["y"], [], [], ["x", "y"], []]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "more",
    [
        {
            "house_number": [1.5, 2, 3, 4, float("inf"), None],
            "street": "Ilica",
            "postcode": [10000.0, 1e4, 2e4, None, 1, 2],
        },
        {"segment": LISTS, "street": ["😀", None, "王 1", "Ђ", "a\x00b", " "], "city": "Zagreb"},
    ],
    ids=["numbers that are no whole ones", "lists that are not compared, and odd texts"],
)
def test_odd_cells_go_all_the_way(more):
    table = PEOPLE.assign(record_id=range(6), **more)
    assert _all_the_way(table) == [0, 2, 3, 4, 5]
    merged = dedupe.merge(table, dedupe.find(table).clusters, "most complete")
    assert len(merged.provenance(merged.customers["customer_id"].iloc[0])) == len(table.columns) - 1
    assert merged.origin.shape == (5, len(table.columns) - 1)


def test_lists_in_a_column_that_is_compared_get_one_clear_message():
    with pytest.raises(CrmlabError, match=r"phone: found \['x'\]"):
        dedupe.find(PEOPLE.assign(phone=LISTS))


def test_lists_survive_a_merge_by_frequency():
    table = pd.DataFrame({"record_id": [1, 2, 3], "segment": [["a"], ["b"], ["b"]]})
    merged = dedupe.merge(table, pd.Series({1: 1, 2: 1, 3: 1}), {"segment": "most frequent"})
    assert merged.customers["segment"].item() == ["b"]
    assert merged.provenance(1)["other_values"].item() == "['a']"


def test_pairs_that_share_a_value_are_named_as_records_are():
    assert dedupe.pairs_sharing(PEOPLE.assign(customer_id=list("abcdef"), city="Split")[:3], "city").tolist() == [
        ("a", "b"),
        ("a", "c"),
        ("b", "c"),
    ]
