"""The trained model works in Splink's hands as it does in find's."""

import numpy as np
import pytest
from splink import DuckDBAPI

from crmlab import dedupe, simulate
from crmlab.errors import CrmlabError


@pytest.fixture(scope="module")
def found():
    return dedupe.find(simulate.company("telco", customers=600, seed=8, locale="hr", mess="usual").customers)


def test_splink_gives_every_pair_the_same_probability(found):
    backend = DuckDBAPI()
    made = found.to_splink(backend).inference.predict(warning_mode="never")
    there = backend.duckdb_con.table(made.physical_name).df()
    there = there.set_index(["unique_id_l", "unique_id_r"])["match_probability"]
    here = found.pairs.set_index(["record_id_a", "record_id_b"])["probability"]
    assert there.index.is_unique and set(there.index) == set(here.index)
    np.testing.assert_allclose(there[here.index], here, rtol=0, atol=1e-9)


def test_without_a_backend_splink_works_on_a_duckdb_of_its_own(found):
    made = found.to_splink().inference.predict(threshold_match_probability=0.5, warning_mode="never")
    assert len(made.as_pandas_dataframe()) == (found.pairs["probability"] >= 0.5).sum() > 0


def test_the_handed_over_records_are_known_by_their_own_numbers(found):
    pairs = found.to_splink().inference.predict(warning_mode="never").as_pandas_dataframe()
    assert set(pairs["unique_id_l"]) | set(pairs["unique_id_r"]) <= set(found.customers["record_id"])


def test_what_is_no_backend_is_refused_with_the_ones_there_are(found):
    with pytest.raises(CrmlabError, match=r"found a str\.\n  allowed : a splink\.DuckDBAPI or a splink\.SparkAPI"):
        found.to_splink("spark")
