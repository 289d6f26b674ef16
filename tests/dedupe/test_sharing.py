"""Blocking by hand counts what a key brings together, and refuses one that explodes."""

import itertools

import pandas as pd
import pytest

from crmlab import dedupe
from crmlab.errors import CrmlabError

RECORDS = pd.DataFrame(
    {
        "record_id": [5, 1, 4, 2, 3],
        "city": pd.Categorical(["Split", "Split", "Zadar", None, "Split"]),
        "postcode": ["21000", "21000", "23000", "21000", None],
    }
)


def test_a_pair_agrees_in_every_column_of_the_key_and_nothing_empty_agrees():
    assert dedupe.pairs_sharing(RECORDS, "city").tolist() == [(1, 3), (1, 5), (3, 5)]
    assert dedupe.pairs_sharing(RECORDS, "city", "postcode").tolist() == [(1, 5)]


def test_the_order_of_rows_does_not_matter():
    for order in itertools.permutations(range(5)):
        assert dedupe.pairs_sharing(RECORDS.iloc[list(order)], "city").tolist() == [(1, 3), (1, 5), (3, 5)]


def test_keys_are_put_together_as_sets_are():
    city, postcode = dedupe.pairs_sharing(RECORDS, "city"), dedupe.pairs_sharing(RECORDS, "postcode")
    assert city.union(postcode).tolist() == [(1, 2), (1, 3), (1, 5), (2, 5), (3, 5)]
    assert city.intersection(postcode).tolist() == [(1, 5)]


def test_a_key_nobody_shares_makes_no_pair():
    assert len(dedupe.pairs_sharing(RECORDS.assign(city=list("abcde")), "city")) == 0


def test_a_key_that_explodes_is_refused_with_its_number_of_pairs():
    many = pd.DataFrame({"record_id": range(7_000), "country": "HR"})
    with pytest.raises(CrmlabError, match=r"country makes 24,496,500 pairs\.\n  allowed : up to 20,000,000"):
        dedupe.pairs_sharing(many, "country")


def test_what_is_missing_is_named_together():
    with pytest.raises(CrmlabError, match=r"no column 'town'[\s\S]*no column 'zip'"):
        dedupe.pairs_sharing(RECORDS, "town", "zip")
    with pytest.raises(CrmlabError, match="no column is named"):
        dedupe.pairs_sharing(RECORDS)
