"""A rule over an event type that the log has not: told at every door, with the name that was meant, and run."""

import warnings

import pandas as pd
import pytest

from crmlab.errors import CrmlabWarning
from crmlab.segment.dynamic import Reaction, Segments, did, watch

LOG = pd.DataFrame(
    {
        "customer_id": [7, 8, 9],
        "ts": pd.to_datetime(["2025-03-01", "2025-03-02", "2025-03-03"], utc=True),
        "seq": 0,
        "type": ["complaint", "reply", "visit"],
    }
)
WRONG = did("complant").within("7d") & ~did("reply").after("complant")
DOORS = {
    "replay": lambda rule, log, folder: rule.replay(log),
    "verify": lambda rule, log, folder: rule.verify(log),
    "explain": lambda rule, log, folder: rule.explain(7, at="2025-03-02", log=log),
    "DuckDB, a frame": lambda rule, log, folder: rule.on_duckdb(log),
    "DuckDB, files": lambda rule, log, folder: rule.on_duckdb(_saved(log, folder)),
    "a reaction": lambda rule, log, folder: Reaction(print, holdout=0.5, seed=1).play(rule, log),
    "watch": lambda rule, log, folder: watch(rule, log, since="2025-03-02", speed=1e12),
}


def _saved(log, folder):
    log.to_parquet(folder / "log.parquet")
    return folder


@pytest.fixture(params=DOORS)
def told(request, tmp_path):
    def run(rule, log):
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            found = DOORS[request.param](rule, log, tmp_path)
        return found, [one for one in seen if one.category is CrmlabWarning]

    return run


def test_every_door_tells_once_and_names_what_was_meant_and_points_at_the_line_of_the_reader(told):
    _, (warning,) = told(WRONG, LOG)
    assert str(warning.message) == (
        "log: no event of type 'complant'. Did you mean 'complaint'?\n"
        "  it has  : complaint, reply, visit\n"
        "  next    : correct the name in the rule; if such events are still to come, leave it as it is."
    )
    assert warning.filename == __file__


def test_a_rule_whose_types_are_there_or_are_known_categories_is_not_told(told):
    words = pd.CategoricalDtype(["complaint", "reply", "visit"])
    for log in (LOG, LOG.astype({"type": words}), LOG.astype({"type": "object"})):
        assert told(did("complaint").within("7d") & ~did("reply").after("complaint"), log)[1] == []


def test_a_category_that_never_came_is_no_slip():
    words = pd.CategoricalDtype(["complaint", "complant", "reply", "visit"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(WRONG.replay(LOG.astype({"type": words}))) == 0
        WRONG.explain(7, at="2025-03-02", log=LOG.astype({"type": words}))


def test_it_runs_all_the_same_and_so_does_a_log_without_events():
    with pytest.warns(CrmlabWarning, match="no event of type 'never'"):
        found = (did("complaint") & ~did("never")).replay(LOG)
    assert found["customer_id"].tolist() == [7]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(WRONG.replay(LOG[:0])) == 0


def test_several_slips_in_several_segments_are_told_together():
    with pytest.warns(CrmlabWarning) as seen:
        Segments({"a": did("replay"), "b": did("Visits") & did("complaint"), "c": did("quiche")}).replay(LOG)
    assert len(seen) == 1
    said = str(seen[0].message)
    for words in ("'replay'. Did you mean 'reply'?", "'Visits'. Did you mean 'visit'?", "'quiche'.\n"):
        assert words in said


def test_a_slip_made_in_a_notebook_cell_is_shown_with_the_cell():
    cell = compile("WRONG.replay(LOG)", "<cell>", "exec")
    with pytest.warns(CrmlabWarning) as seen:
        exec(cell, {"WRONG": WRONG, "LOG": LOG, "__name__": "__main__"})
    assert (seen[0].filename, seen[0].lineno) == ("<cell>", 1)
