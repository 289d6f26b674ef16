"""One trained model, two engines: DuckDB and Spark find the same pairs, each as probable as on the other."""

import numpy as np
import pytest
from splink import DuckDBAPI, SparkAPI

from crmlab import dedupe, engine, simulate
from crmlab.errors import CrmlabError


@pytest.fixture(scope="module")
def found():
    base = simulate.company("telco", customers=2_000, seed=3, locale="hr", mess="dirty")
    return dedupe.find(base.customers.drop(columns=["oib", "iban"]))


def scored(linker, read):
    """Let Splink score the pairs, and read its table: number, number, probability."""
    made = linker.inference.predict(warning_mode="never")
    columns = ["unique_id_l", "unique_id_r", "match_probability"]
    table = read(made.physical_name)[columns].rename(
        columns=dict(zip(columns, ["record_id_a", "record_id_b", "probability"], strict=True))
    )
    return table.sort_values(["record_id_a", "record_id_b"], ignore_index=True)


def test_duckdb_and_spark_find_the_same_pairs_with_the_same_probability(found):
    backend = DuckDBAPI()
    on_duckdb = scored(found.to_splink(backend), lambda name: backend.duckdb_con.table(name).df())
    with engine.spark_session() as spark:
        plain = SparkAPI(spark_session=spark, break_lineage_method="persist")
        on_spark = scored(found.to_splink(plain), lambda name: spark.table(name).toArrow().to_pandas())
        spark.sql("DROP TEMPORARY FUNCTION jaro_winkler")
        with pytest.raises(CrmlabError, match="this Spark session has no string distances"):
            found.to_splink(plain)
    here = found.pairs.sort_values(["record_id_a", "record_id_b"], ignore_index=True)
    assert len(here) > 10_000 and (here["probability"] >= 0.5).sum() > 200
    for there in (on_duckdb, on_spark):
        assert there[["record_id_a", "record_id_b"]].equals(here[["record_id_a", "record_id_b"]])
        np.testing.assert_allclose(there["probability"], here["probability"], rtol=0, atol=1e-6)
