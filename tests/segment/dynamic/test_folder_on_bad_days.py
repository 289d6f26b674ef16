"""A full disk, a second engine, a snapshot without room: what was answered stays, and nobody else's file is touched."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from crmlab.errors import CrmlabError
from crmlab.segment import dynamic
from crmlab.segment.dynamic import did, journal
from tests.segment.dynamic.pushing import HOUR, T

ROOT = Path(__file__).resolve().parents[3]


def event(customer):
    return {"customer_id": customer, "ts": T + customer * HOUR, "seq": 0, "type": "x"}


def sizes_and_counts(engine):
    return engine.sizes["segment"], engine.counts["accepted"], engine.counts["malformed"]


@pytest.fixture
def engine(tmp_path):
    engine = did("x").live(folder=tmp_path / "engine")
    engine.push(event(1))
    return engine


def full_disk(monkeypatch, room, *, cuts=True):
    """A disk with so many bytes of room left."""
    left, write, truncate = [room], os.write, os.ftruncate

    def writes(file, content):
        if not left[0]:
            raise OSError(28, "no space left")
        done = write(file, content[: left[0]])
        left[0] -= done
        return done

    def truncates(file, length):
        if not cuts:
            raise OSError(5, "input/output error")
        truncate(file, length)

    monkeypatch.setattr(journal.os, "write", writes)
    monkeypatch.setattr(journal.os, "ftruncate", truncates)


@pytest.mark.parametrize("pushed", [event(2), {"customer_id": 2}], ids=["an event", "a malformed event"])
@pytest.mark.parametrize("room", [0, 1])
def test_a_line_for_which_there_was_no_room_is_cut_off_and_what_comes_later_is_kept(
    tmp_path, engine, monkeypatch, room, pushed
):
    with monkeypatch.context() as broken:
        full_disk(broken, room)
        with pytest.raises(OSError, match="no space left"):
            engine.push(pushed)
    for customer in (3, 4):
        engine.push(event(customer))
    engine.close()
    assert sizes_and_counts(dynamic.restore(tmp_path / "engine")) == sizes_and_counts(engine) == (3, 3, 0)


def test_an_engine_whose_half_line_cannot_be_cut_off_takes_no_events_until_it_can(tmp_path, engine, monkeypatch):
    with monkeypatch.context() as broken:
        full_disk(broken, 5, cuts=False)
        for error in ("no space left", "input/output error"):
            with pytest.raises(OSError, match=error):
                engine.push(event(2))
    engine.push(event(3))
    engine.close()
    assert dynamic.restore(tmp_path / "engine").members()["customer_id"].tolist() == [1, 3]


@pytest.mark.parametrize("kind", ["journal", "snapshot"])
def test_a_snapshot_for_which_there_is_no_room_leaves_the_engine_writing_where_it_wrote(
    tmp_path, engine, monkeypatch, kind
):
    opened = os.open

    def opens(path, *rest):
        if f"{kind}-000001" in str(path):
            raise OSError(28, "no space left")
        return opened(path, *rest)

    with monkeypatch.context() as broken:
        broken.setattr(journal.os, "open", opens)
        if kind == "snapshot":
            broken.setattr(journal.os, "fsync", lambda file: opens("snapshot-000001"))
        with pytest.raises(OSError, match="no space left"):
            engine.snapshot()
    names = {path.name for path in (tmp_path / "engine").iterdir()}
    assert names == {"in-use.lock", "journal-000000.jsonl", "snapshot-000000.jsonl"}
    victim = os.open(tmp_path / "another.txt", os.O_RDWR | os.O_CREAT)  # takes the first number that is free
    engine.push(event(2))
    os.close(victim)
    assert (tmp_path / "another.txt").read_bytes() == b""
    engine.snapshot()
    engine.push(event(3))
    engine.close()
    assert sizes_and_counts(dynamic.restore(tmp_path / "engine")) == (3, 3, 0)


def test_a_second_engine_on_the_folder_is_refused_until_the_first_is_closed(tmp_path, engine):
    with pytest.raises(CrmlabError, match="in use by another engine of this process") as refused:
        dynamic.restore(tmp_path / "engine")
    assert "engine.close()" in str(refused.value)
    engine.snapshot()
    with pytest.raises(CrmlabError, match="in use"):
        dynamic.restore(tmp_path / "engine")
    engine.close()
    again = dynamic.restore(tmp_path / "engine")
    for work in (lambda: engine.push(event(2)), lambda: engine.advance(T + 9 * HOUR), engine.snapshot):
        with pytest.raises(CrmlabError, match="the engine is closed"):
            work()
    again.push(event(3))
    del again  # what nobody can reach any more keeps nobody out
    assert dynamic.restore(tmp_path / "engine").members()["customer_id"].tolist() == [1, 3]


def test_another_process_is_named_and_its_death_frees_the_folder(tmp_path):
    folder = tmp_path / "engine"
    command = [sys.executable, "-m", "tests.segment.dynamic.pushing", str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        while not process.stdout.readline().startswith(b"done 3"):
            pass
        with pytest.raises(CrmlabError, match=r"in use by process [0-9]+"):
            dynamic.restore(folder)
        process.kill()
    assert dynamic.restore(folder).counts["waiting"] > 0


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(CrmlabError, match="is a file"):
        did("x").live(folder=tmp_path / "mine.txt")


def test_a_folder_that_is_no_folder_of_an_engine_is_not_written_to_when_it_is_read(tmp_path):
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(CrmlabError, match="no snapshot in"):
        dynamic.restore(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
