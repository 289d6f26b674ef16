"""Splink at work on DuckDB, silent, and leaving the session as it was."""

import contextlib
import logging
import warnings

import numpy as np
import pandas as pd

__all__ = ["compared", "frame_of", "settings_of", "silent"]


_AT_ONCE = 2_000_000  # pairs that Splink compares at a time, so that memory stays small


@contextlib.contextmanager
def silent():
    """Hold back what Splink tells of its work."""
    import splink.internals.linker_components.inference  # noqa: F401  (its loggers must exist to be silenced)

    known = logging.root.manager.loggerDict
    loggers = [one for name, one in known.items() if f"{name}.".startswith("splink.") and hasattr(one, "disabled")]
    before = [one.disabled for one in loggers]
    for one in loggers:
        one.disabled = True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for one, was in zip(loggers, before, strict=True):
            one.disabled = was


def frame_of(fields, codes):
    """What Splink compares: the fields, their joint forms, and how many records share a value."""
    names = codes["names"]
    address = pd.MultiIndex.from_arrays([codes["street"], codes["house"], codes["city"]])
    known = (codes["street"] >= 0) & (codes["house"] >= 0)
    address = np.where(known, pd.factorize(address)[0], -1)
    frame = fields.assign(
        unique_id=np.arange(len(fields)),
        number=fields["house"].str.extract(r"(\d+)", expand=False),
        digits=fields["mailbox"].str.replace(r"\D", "", regex=True),
        spot=_known(codes["spot"]),
        word=_known(codes["word"]),
        other_word=_known(codes["other_word"]),
        names=_known(names),
        address=_known(address),
    )
    expected = len(fields) * _share(codes["first"]) * _share(codes["last"])
    frame["names_n"] = np.searchsorted([0.02, 0.2, 2.0], expected)
    for name, code in (("address", address), ("phone", codes["phone"]), ("email", codes["email"])):
        frame[f"{name}_n"] = _shared(code)
    return frame


def _known(code):
    return pd.Series(code).where(code >= 0).astype("Int64").array


def _share(code):
    return np.bincount(code + 1)[code + 1] / max((code >= 0).sum(), 1)


def _shared(code):
    place = pd.factorize(code)[0]
    return np.minimum(np.bincount(place)[place], 1000)


def settings_of(comparisons, parameters, prior, engine="duckdb"):
    """Write a model in Splink's form."""
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "unique_id",
        "probability_two_random_records_match": prior,
        "comparisons": [one.settings(*parameters[one.name], engine) for one in comparisons],
        "blocking_rules_to_generate_predictions": [],
        "retain_matching_columns": False,
        "retain_intermediate_calculation_columns": True,
    }


def _places(comparison):
    """Chances by which the weight of an answer is its place, counted from 1; Splink hands out weights, not answers."""
    place = np.arange(len(comparison.levels))
    return 2.0 ** -(place + 2), np.full(len(place), 0.5)


def compared(frame, comparisons, left, right):
    """Let Splink compare pairs: the answer of each comparison, -1 where nothing is known.

    Returns
    -------
    ndarray of int8, shape (n_pairs, n_comparisons)
        In order of the pairs.
    """
    with silent():
        import duckdb
        from splink import DuckDBAPI, Linker

        con = duckdb.connect()
        try:
            api = DuckDBAPI(con)
            told = {one.name: _places(one) for one in comparisons}
            linker = Linker(api.register(frame), settings_of(comparisons, told, 0.5), validate_settings=False)
            answers = np.empty((len(left), len(comparisons)), np.int8)
            for start in range(0, len(left), _AT_ONCE):
                part = slice(start, start + _AT_ONCE)
                pairs = pd.DataFrame({"join_key_l": left[part], "join_key_r": right[part]})
                pairs["match_key"] = np.arange(len(pairs))
                linker.table_management.register_blocked_pairs_for_predict(api.register(pairs))
                found = linker.inference.predict(warning_mode="never")
                columns = ", ".join(f"(-mw_{one.name} - 1)::TINYINT AS {one.name}" for one in comparisons)
                got = con.sql(f"SELECT match_key AS at, {columns} FROM {found.physical_name}").fetchnumpy()
                for place, one in enumerate(comparisons):
                    answers[start + got["at"], place] = got[one.name]
                found.drop_table_from_database_and_remove_from_cache()
        finally:
            con.close()
    return answers
