"""Two tables have the same checksum exactly when they say the same."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmlab.tables import checksum

FRAME = pd.DataFrame(
    {
        "city": ["Split", None, "Čakovec"],
        "n": [1, 2, 3],
        "flag": pd.array([True, None, False], dtype="boolean"),
        "cents": pd.array([1, None, 3], dtype="Int64"),
        "ts": pd.to_datetime(["2025-01-01", None, "2025-01-03"], utc=True),
        "share": [0.1, np.nan, 0.3],
    }
)


@pytest.mark.parametrize(
    "same",
    [
        lambda frame: frame.astype({"city": "category"}),
        lambda frame: frame.astype({"city": object}),
        lambda frame: frame.set_index(pd.Index([7, 8, 9])),
        lambda frame: frame.astype({"n": "Int64"}),
        lambda frame: frame.astype({"n": "int32"}),
        lambda frame: frame.astype({"ts": "datetime64[ns, UTC]"}),
        lambda frame: pa.Table.from_pandas(frame).to_pandas(),
        lambda frame: pd.concat([frame[:1], frame[1:]]),
        lambda frame: pd.concat([frame, frame])[3:],
    ],
)
def test_how_a_table_is_stored_plays_no_part(same):
    assert checksum(same(FRAME)) == checksum(FRAME)


@pytest.mark.parametrize(
    "other",
    [
        lambda frame: frame[::-1],
        lambda frame: frame.iloc[:, ::-1],
        lambda frame: frame[:2],
        lambda frame: frame.rename(columns={"n": "m"}),
        lambda frame: frame.drop(columns="n"),
        lambda frame: frame.assign(n=[1, 2, 4]),
        lambda frame: frame.assign(n=["1", "2", "3"]),
        lambda frame: frame.assign(n=[1.0, 2.0, 3.0]),
        lambda frame: frame.assign(city=["Split", "", "Čakovec"]),
        lambda frame: frame.assign(city=["Spli", "t", "Čakovec"]),
        lambda frame: frame.assign(cents=pd.array([1, 0, 3], dtype="Int64")),
        lambda frame: frame.assign(flag=pd.array([True, False, False], dtype="boolean")),
        lambda frame: frame.assign(ts=frame["ts"] + pd.Timedelta(microseconds=1)),
        lambda frame: frame.assign(ts=frame["ts"].dt.tz_localize(None)),
    ],
)
def test_any_change_of_what_it_says_changes_the_checksum(other):
    assert checksum(other(FRAME)) != checksum(FRAME)


@given(
    st.lists(st.one_of(st.none(), st.text(max_size=3)), max_size=6),
    st.lists(st.one_of(st.none(), st.text(max_size=3)), max_size=6),
)
def test_text_columns_agree_exactly_when_their_texts_do(one, other):
    first, second = (checksum(pd.DataFrame({"x": pd.Series(texts, dtype="str")})) for texts in (one, other))
    assert (first == second) == (one == other)


def test_another_process_finds_the_same(tmp_path):
    FRAME.to_parquet(tmp_path / "frame.parquet")
    code = "import sys, pandas as pd; from crmlab.tables import checksum; print(checksum(pd.read_parquet(sys.argv[1])))"
    done = subprocess.run([sys.executable, "-c", code, tmp_path / "frame.parquet"], capture_output=True, text=True)
    assert done.stdout.strip() == checksum(FRAME), done.stderr


def test_the_checksum_is_the_same_on_every_machine_and_version():
    assert checksum(FRAME) == "6b2a25dcd338c9312db123272a2fc657f81f5ce58ab98cc0577308eaaf2fcf27"
