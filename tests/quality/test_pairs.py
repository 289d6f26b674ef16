"""Records side by side: every pair once, and points for what agrees."""

import pandas as pd
import pytest

from crmlab.errors import CrmlabError
from crmlab.quality import pairs, points

PEOPLE = pd.DataFrame(
    {
        "record_id": [4, 2, 9, 7],
        "phone": ["091", None, "091", "091"],
        "street": ["Ilica", "Ilica", None, "Ilica"],
        "first": ["Ana", "Ana", "Ana", "Eva"],
    },
    index=[5, 5, 5, 8],
)


def test_every_two_records_of_one_value_stand_side_by_side_once():
    before = PEOPLE.copy()
    found = pairs(PEOPLE, same="phone")
    assert found[["record_id_a", "record_id_b"]].to_numpy().tolist() == [[4, 9], [4, 7], [9, 7]]
    pd.testing.assert_frame_equal(PEOPLE, before)
    assert pairs(PEOPLE, same="record_id").empty


def test_a_column_of_any_kind_can_be_shared():
    assert len(pairs(PEOPLE.astype({"phone": "category"}), same="phone")) == 3
    days = pd.to_datetime(["2000-01-01", None, "2000-01-01", None])
    assert len(pairs(PEOPLE.assign(born=days), same="born")) == 1


def test_points_are_those_of_the_fields_that_agree_and_nothing_agrees_with_an_empty_one():
    assert points(pairs(PEOPLE, same="phone"), {"street": 1, "first": 2.5, "phone": 4}).tolist() == [6.5, 5, 4]
    assert points(pairs(PEOPLE.assign(street=None), same="phone"), {"street": 1}).tolist() == [0, 0, 0]


def test_what_is_not_there_is_named_with_the_nearest():
    with pytest.raises(CrmlabError, match=r"same: there is no column 'fone'\. Did you mean 'phone'\?"):
        pairs(PEOPLE, same="fone")
    with pytest.raises(CrmlabError, match="table: found a list"):
        pairs([1, 2], same="phone")
    with pytest.raises(CrmlabError, match=r"'stret'\. Did you mean 'street'\?[\s\S]*'frst'\. Did you mean 'first'\?"):
        points(pairs(PEOPLE, same="phone"), {"stret": 1, "frst": 1})
