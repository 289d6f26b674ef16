"""Of two records in one town, a slip in the postcode speaks for one customer and quite another postcode against it."""

import numpy as np
import pandas as pd
import pytest

from crmlab import dedupe
from crmlab.errors import CrmlabError

SYLLABLES = ["ka", "ro", "mi", "ta", "ne", "lu", "so", "vi", "da", "pe"]


def _words(dice, n, kinds):
    words = ["".join(dice.choice(SYLLABLES, 3)) for _ in range(kinds)]
    return dice.choice(words, n)


@pytest.fixture(scope="module")
def records():
    """People of large towns with many postcodes; of a quarter there is a copy with a slip in the postcode."""
    dice, n = np.random.default_rng(4), 1_200
    born = pd.Timestamp("1950-01-01") + pd.to_timedelta(dice.integers(0, 18_000, n), unit="D")
    people = pd.DataFrame(
        {
            "record_id": np.arange(n),
            "first_name": _words(dice, n, 80),
            "last_name": _words(dice, n, 200),
            "birth_date": born.strftime("%Y-%m-%d"),
            "street": _words(dice, n, 300),
            "house_number": dice.integers(1, 90, n).astype(str),
            "city": _words(dice, n, 15),
            "postcode": dice.integers(10_000, 99_999, n).astype(str),
        }
    )
    copies = people.iloc[:300].assign(record_id=np.arange(300) + 10_000)
    copies["postcode"] = [f"{code[:3]}{(int(code[3]) + 5) % 10}{code[4]}" for code in copies["postcode"]]
    return pd.concat([people, copies], ignore_index=True)


@pytest.fixture(scope="module")
def found(records):
    return dedupe.find(records, locale="en")


def _said(found, one, other):
    table = found.explain(one, other).table.set_index("field")
    return table.loc["postcode", "bits"], table.loc["postcode", "sentence"]


def test_a_slip_speaks_for_one_customer_and_quite_another_postcode_against_it(records, found):
    assert found.clusters.customer_id.nunique() == 1_200
    bits, sentence = _said(found, 0, 10_000)
    assert bits > 3
    assert sentence.startswith("Postcode: in one place, one figure of the postcode differs (“")
    mine = records["postcode"][0]
    town = records[records["city"] == records["city"][0]].query("0 < record_id < 10_000")
    far = town.index[[all(a != b for a, b in zip(code, mine, strict=True)) for code in town["postcode"]]]
    bits, sentence = _said(found, 0, far[0])
    assert bits < -2
    assert "in one place, quite another postcode" in sentence


def test_of_two_places_or_of_one_postcode_nothing_more_is_said(records, found):
    elsewhere = records.index[records["city"].str[:2] != records["city"][0][:2]][0]
    assert "postcode" not in found.explain(0, elsewhere).table["field"].tolist()


def test_town_and_postcode_alone_are_one_field(records):
    with pytest.raises(CrmlabError, match="only the place can be compared"):
        dedupe.find(records[["record_id", "city", "postcode"]])
