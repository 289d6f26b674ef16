"""The trained model in Splink's hands, on DuckDB or on Spark: the same records, pairs and weights on either."""

import pyarrow as pa

from crmlab.dedupe.engine import settings_of, silent
from crmlab.errors import CrmlabError, message

__all__ = ["hand_over"]

_ENGINES = ("duckdb", "spark")


def hand_over(record_ids, frame, comparisons, parameters, prior, left, right, backend=None):
    """Give Splink a model that is trained already, the records in the form they are compared in, and the pairs.

    A model that Splink has saved on one engine does not run on another, since the names of string distances differ;
    so the chances of each answer are carried over and the model is written anew in the engine's words. Texts are
    plain ASCII here, so DuckDB, which counts bytes, and Spark, which counts letters, measure the same distances.

    Parameters
    ----------
    record_ids : pandas.Index of length n_records
        The number of each record, in the order of `frame`.
    frame : pandas.DataFrame of shape (n_records, n_fields)
        What is compared, as ``frame_of`` makes it.
    comparisons : tuple of Comparison
        The questions asked of two records.
    parameters : dict of str to (m, u)
        Of each comparison: the chance of each answer among pairs of the same customer, and among others.
    prior : float
        The chance that two records taken blindly are the same customer.
    left, right : ndarray of int64, shape (n_pairs,)
        The pairs to score, as places in `frame`.
    backend : splink.DuckDBAPI or splink.SparkAPI, optional
        Where Splink works; by default a DuckDB in memory.

    Returns
    -------
    splink.Linker

    Raises
    ------
    CrmlabError
        When the backend is none of the two, or its Spark session lacks Splink's string distances.
    """
    with silent():
        from splink import DuckDBAPI, Linker

        backend = DuckDBAPI() if backend is None else backend
        engine = _engine_of(backend)
        records = frame.assign(unique_id=record_ids.to_numpy())
        linker = Linker(
            backend.register(pa.Table.from_pandas(records, preserve_index=False)),
            settings_of(comparisons, parameters, prior, engine),
        )
        pairs = pa.table(
            {
                "join_key_l": pa.array(record_ids.take(left)),
                "join_key_r": pa.array(record_ids.take(right)),
                "match_key": pa.array(["0"] * len(left), pa.string()),
            }
        )
        linker.table_management.register_blocked_pairs_for_predict(backend.register(pairs))
        return linker


def _engine_of(backend):
    """Tell which engine it is, and see that it has what the model needs."""
    engine = getattr(getattr(backend, "sql_dialect", None), "sql_dialect_str", None)
    if engine not in _ENGINES:
        raise CrmlabError(
            message(
                "to_splink(backend)",
                f"found a {type(backend).__name__}.",
                allowed="a splink.DuckDBAPI or a splink.SparkAPI",
                next="leave it out for DuckDB, or pass splink.SparkAPI(spark_session=spark).",
            )
        )
    if engine == "spark" and not backend.spark.catalog.functionExists("jaro_winkler"):
        raise CrmlabError(
            message(
                "to_splink(backend)",
                "this Spark session has no string distances.",
                next="open it with crmlab.engine.spark_session(), or set spark.jars to what"
                " splink.backends.spark.similarity_jar_location() names before Spark starts.",
            )
        )
    return engine
