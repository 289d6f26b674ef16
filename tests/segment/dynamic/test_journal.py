"""What a live engine has on disk: nothing that was answered is lost, and nothing that is read is run."""

import json
import random
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from crmlab.errors import CrmlabError
from crmlab.segment import dynamic
from crmlab.segment.dynamic import did, total, trait
from tests.segment.dynamic.pushing import HOUR, T, events, rules

ROOT = Path(__file__).resolve().parents[3]


def counted(engine):
    """How many events there were, whatever became of them."""
    return sum(engine.counts[name] for name in ("accepted", "late", "duplicates", "waiting"))


@pytest.fixture(scope="module")
def never_killed():
    """The changes of every push, of an engine that runs to its end."""
    engine = rules().live(lateness="90min")
    return engine, [engine.push(event) for event in events()]


def test_whatever_the_moment_of_the_kill_nothing_that_was_answered_is_lost(tmp_path, never_killed):
    uncut, changes = never_killed
    folder, dice, acknowledged = tmp_path / "engine", random.Random(11), 0
    for _ in range(4):
        command = [sys.executable, "-m", "tests.segment.dynamic.pushing", str(folder)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, encoding="utf-8") as process:
            began = int(process.stdout.readline().removeprefix("at "))
            said = [process.stdout.readline() for _ in range(dice.randrange(300, 900))]
            process.kill()
            said += process.stdout.readlines()  # what it said before it died
        assert process.returncode != 0
        assert began == acknowledged
        acknowledged = int([line for line in said if line.endswith("\n")][-1].split()[1]) + 1
        again = dynamic.restore(folder)
        assert acknowledged <= counted(again) <= acknowledged + 1
        so_far = [change for some in changes[: counted(again)] for change in some]
        assert again.recovered == tuple(so_far[len(so_far) - len(again.recovered) :])
        acknowledged = counted(again)
        del again
    assert 0 < acknowledged < len(events())
    again = dynamic.restore(folder)
    rest = [again.push(event) for event in events()[counted(again) :]]
    assert rest == changes[len(changes) - len(rest) :]
    assert again.counts == uncut.counts
    pd.testing.assert_frame_equal(again.members(), uncut.members())
    assert again.advance("2027-01-01") == uncut.advance("2027-01-01")


def test_the_stream_that_is_killed_has_changes_of_every_kind(never_killed):
    engine, changes = never_killed
    flat = [change for some in changes for change in some]
    assert {(c.segment, c.is_in, c.by) for c in flat} >= {
        ("waits", True, "clock"),
        ("waits", False, "clock"),
        ("spends", True, "event"),
        ("spends", False, "clock"),
        ("comes often", True, "clock"),
    }
    assert [c.number for c in flat] == list(range(1, len(flat) + 1))
    assert engine.counts["duplicates"] > 50


def test_a_snapshot_in_between_changes_nothing(tmp_path, never_killed):
    _, changes = never_killed
    engine = rules().live(lateness="90min")
    for place, event in enumerate(events()):
        if place in (1, 500, 1_700, 3_000):
            engine.snapshot(tmp_path / "engine.jsonl")
            engine = dynamic.restore(tmp_path / "engine.jsonl")
        assert engine.push(event) == changes[place]


def test_a_line_that_was_not_written_to_its_end_is_left_out_and_the_next_one_is_whole(tmp_path):
    engine = did("x").live(folder=tmp_path / "engine")
    for customer in (1, 2):
        engine.push({"customer_id": customer, "ts": T, "seq": 0, "type": "x"})
    engine.close()
    (file,) = (tmp_path / "engine").glob("journal-*")
    file.write_bytes(file.read_bytes()[:-3])
    again = dynamic.restore(tmp_path / "engine")
    assert again.members()["customer_id"].tolist() == [1]
    again.push({"customer_id": 3, "ts": T, "seq": 0, "type": "x"})
    again.close()
    assert dynamic.restore(tmp_path / "engine").members()["customer_id"].tolist() == [1, 3]


def test_what_was_written_down_does_not_grow_for_ever(tmp_path):
    engine = did("x").within("1h").live(folder=tmp_path / "engine")
    for hour in range(50):
        engine.push({"customer_id": hour % 3, "ts": T + hour * HOUR, "seq": 0, "type": "x"})
    engine.snapshot()
    engine.close()
    names = sorted(path.name for path in (tmp_path / "engine").glob("*.jsonl"))
    assert names == ["journal-000001.jsonl", "snapshot-000001.jsonl"]
    assert (tmp_path / "engine" / names[0]).stat().st_size == 0
    again = dynamic.restore(tmp_path / "engine")
    assert again.counts == engine.counts
    assert again.recovered == ()


def test_a_snapshot_without_the_journal_behind_it_is_enough(tmp_path):
    engine = did("x").live(folder=tmp_path / "engine")
    engine.push({"customer_id": 1, "ts": T, "seq": 0, "type": "x"})
    engine.snapshot()
    engine.close()
    (tmp_path / "engine" / "journal-000001.jsonl").unlink()  # killed in between
    assert dynamic.restore(tmp_path / "engine").sizes == {"segment": 1}


def test_traits_counts_and_malformed_events_come_back(tmp_path):
    people = pd.DataFrame({"customer_id": ["a", "b"], "city": ["Šibenik", "Pula"], "age": [30, None]})
    rule = did("x") & (trait("city") == "Šibenik") & (trait("age") >= 30)
    engine = rule.live(traits=people, folder=tmp_path / "engine")
    with pytest.raises(CrmlabError):
        engine.push({"customer_id": "a"})
    engine.advance("2025-03-01")
    engine.close()
    again = dynamic.restore(tmp_path / "engine")
    assert again.counts == engine.counts
    assert again.clock == engine.clock
    for customer in ("a", "b"):
        again.push({"customer_id": customer, "ts": T + 1, "seq": 0, "type": "x"})
    again.snapshot()
    again.close()
    assert dynamic.restore(tmp_path / "engine").members()["customer_id"].tolist() == ["a"]


def test_a_folder_in_which_something_lies_is_not_written_to(tmp_path):
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(CrmlabError, match="is not empty"):
        did("x").live(folder=tmp_path)


def test_an_engine_without_a_folder_asks_where_to_write():
    with pytest.raises(CrmlabError, match="say where"):
        did("x").live().snapshot()


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[: len(text) // 2],
        lambda text: text.replace('"customer",0,7', '"customer",0,8'),
        lambda text: "",
        lambda text: "[]\n",
        lambda text: '{"a": 1}\n',
        lambda text: "[" * 5_000,
        lambda text: text.replace("live segments, 3", "live segments, 4"),
    ],
    ids=["cut", "another customer", "empty", "no record", "no list", "too deep", "another version"],
)
def test_a_damaged_snapshot_is_told_and_not_read(tmp_path, damage):
    engine = did("x").live()
    engine.push({"customer_id": 7, "ts": T, "seq": 0, "type": "x"})
    path = tmp_path / "engine.jsonl"
    engine.snapshot(path)
    path.write_text(damage(path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(CrmlabError, match="no whole snapshot"):
        dynamic.restore(path)


@pytest.mark.parametrize("line", ["nonsense", "7", '["a"]', "[1,2,3]", '{"x":1}', '[1,"soon",0,"x",{}]', "null"])
def test_a_damaged_line_of_the_journal_is_told_with_its_number(tmp_path, line):
    engine = did("x").live(folder=tmp_path / "engine")
    engine.push({"customer_id": 7, "ts": T, "seq": 0, "type": "x"})
    engine.close()
    (file,) = (tmp_path / "engine").glob("journal-*")
    file.write_text(file.read_text(encoding="utf-8") + line + "\n", encoding="utf-8", newline="\n")
    with pytest.raises(CrmlabError, match="line 2"):
        dynamic.restore(tmp_path / "engine")


def test_a_place_where_nothing_was_saved_is_told(tmp_path):
    with pytest.raises(CrmlabError, match="no such file or folder"):
        dynamic.restore(tmp_path / "none")
    with pytest.raises(CrmlabError, match="no snapshot in"):
        dynamic.restore(tmp_path)


def test_what_is_on_disk_is_text_that_a_reader_can_check(tmp_path):
    rule = total("x", "amount_cents").within("1d") >= 500
    engine = rule.live()
    engine.push({"customer_id": "Đurđa", "ts": T, "seq": 0, "type": "x", "amount_cents": 700})
    engine.snapshot(tmp_path / "engine.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "engine.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line[0] for line in lines] == ["about", "customer", "end"]
    assert dynamic.from_json(lines[0][2]["rules"]) == rule
    assert lines[1][2] == "Đurđa"
