"""A full disk, a second engine, a snapshot without room: what was answered stays, and nobody else's file is touched."""

import hashlib
import json
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


def assert_is_told(refused, *words):
    """In the words of crmlab, and as an error of the system too: who passes malformed events over stops at it."""
    assert isinstance(refused.value, CrmlabError)
    assert isinstance(refused.value, OSError)
    assert all(word in str(refused.value) for word in words)
    assert refused.value._render_traceback_() == [str(refused.value)]


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
        with pytest.raises(OSError, match="could not be written down") as refused:
            engine.push(pushed)
    assert_is_told(refused, "no space left", "free some disk, and give it again")
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
        with pytest.raises(OSError, match="the snapshot could not be written") as refused:
            engine.snapshot()
    assert_is_told(refused, "no space left", "free some disk; the engine goes on as before")
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


def test_a_disk_without_room_for_the_first_snapshot_is_told_and_another_begin_finds_the_folder_empty(
    tmp_path, monkeypatch
):
    def full(file):
        raise OSError(28, "no space left")

    with monkeypatch.context() as broken:
        broken.setattr(journal.os, "fsync", full)
        with pytest.raises(CrmlabError, match="nothing can be written") as refused:
            did("x").live(folder=tmp_path / "engine")
    assert_is_told(refused, "no space left", "or give another folder")
    did("x").live(folder=tmp_path / "engine").push(event(1))


def test_a_place_for_a_snapshot_that_is_none_is_told(tmp_path):
    engine = did("x").live()
    (tmp_path / "a file").write_text("mine", encoding="utf-8")
    for place in (tmp_path, tmp_path / "none" / "engine.jsonl", tmp_path / "a file" / "engine.jsonl"):
        with pytest.raises(CrmlabError, match=r"is a folder|could not be written") as refused:
            engine.snapshot(place)
        assert_is_told(refused, "next")
    assert [path.name for path in tmp_path.iterdir()] == ["a file"]


def test_a_snapshot_that_cannot_be_written_leaves_the_one_that_was_there(tmp_path, monkeypatch):
    engine = did("x").live()
    engine.push(event(1))
    engine.snapshot(tmp_path / "engine.jsonl")

    def full(file):
        raise OSError(28, "no space left")

    with monkeypatch.context() as broken:
        broken.setattr(journal.os, "fsync", full)
        with pytest.raises(CrmlabError, match="no space left"):
            engine.snapshot(tmp_path / "engine.jsonl")
    assert [path.name for path in tmp_path.iterdir()] == ["engine.jsonl"]
    assert dynamic.restore(tmp_path / "engine.jsonl").sizes == {"segment": 1}


ABOUT = ("rules", "lateness", "traits", "newest", "come", "malformed", "ids", "clock", "accepted", "first", "tied")


def changed(records, what):
    """The records of a snapshot in which one thing is missing or of another kind."""
    about = records[0][2]
    if what in ABOUT:
        del about[what]
    else:
        {
            "no about": lambda: records[0].pop(),
            "the version before": lambda: records[0].__setitem__(1, "crmlab live segments, 2"),
            "about a list": lambda: records[0].__setitem__(2, [1]),
            "clock is text": lambda: about.__setitem__("clock", "soon"),
            "lateness is text": lambda: about.__setitem__("lateness", "1h"),
            "no such rule": lambda: records[1].__setitem__(1, 3),
            "a rule before the first": lambda: records[1].__setitem__(1, -1),
            "a customer twice": lambda: records.append(records[1]),
            "customer cut off": lambda: records[1].__delitem__(slice(2, None)),
            "state is a number": lambda: records[1].__setitem__(3, 7),
            "state is no JSON": lambda: records[1].__setitem__(3, "[1,"),
            "state of another order": lambda: records[1].__setitem__(3, records[1][3].replace("null", "7", 1)),
            "member since a row": lambda: records[1].__setitem__(3, '[{"row":[1]},' + records[1][3].partition(",")[2]),
            "waiting cut off": lambda: records.append(["waiting", 1]),
            "trait cut off": lambda: records.append(["trait", "city"]),
            "trait nobody has": lambda: records.append(["trait", "city", 7, "Split"]),
            "a word": lambda: records.append("customer"),
            "nothing": lambda: records.append([]),
        }[what]()
    return records


@pytest.mark.parametrize(
    "what",
    [
        *ABOUT,
        "no about",
        "the version before",
        "about a list",
        "clock is text",
        "lateness is text",
        "no such rule",
        "a rule before the first",
        "a customer twice",
        "customer cut off",
        "state is a number",
        "state is no JSON",
        "state of another order",
        "member since a row",
        "waiting cut off",
        "trait cut off",
        "trait nobody has",
        "a word",
        "nothing",
    ],
)
def test_a_snapshot_that_somebody_changed_and_signed_anew_is_told_and_not_read(tmp_path, engine, what):
    path = tmp_path / "engine.jsonl"
    engine.snapshot(path)
    *records, _ = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    text = "".join(json.dumps(record) + "\n" for record in changed(records, what))
    end = json.dumps(["end", hashlib.sha256(text.encode()).hexdigest()])
    path.write_text(f"{text}{end}\n", encoding="utf-8", newline="\n")
    with pytest.raises(CrmlabError, match="next"):
        dynamic.restore(path)
