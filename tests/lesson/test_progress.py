"""Progress survives: closed notebooks, two at once, damaged files, full disks."""

import json
import multiprocessing
import os
from datetime import date

import pandas as pd
import pytest

from crmlab.lesson import begin, choose_seed, keep, progress, session, track
from crmlab.lesson.course import LESSONS, TRACKS


@pytest.fixture
def exercise(monkeypatch, tmp_path):
    """A course folder with an exercise 07 of two questions, and the notebook's place in it."""
    (tmp_path / "exercises/questions").mkdir(parents=True)
    (tmp_path / "exercises/solved").mkdir()
    (tmp_path / "exercises/questions/exercise_07.py").write_text(
        "from crmlab.lesson import Question\n"
        "def questions(right):\n"
        "    return tuple(Question(n, expected=right, praise='Yes.', hints=['a', 'b'], reveal='c') "
        "for n in ('7.1', '7.2'))\n",
        encoding="utf-8",
    )
    monkeypatch.chdir(tmp_path / "exercises")
    return tmp_path


def row(number="07"):
    table = progress().table
    return table[table["lesson"].str.startswith(number)].iloc[0]


def test_a_closed_notebook_opens_where_it_was_left(exercise):
    q1, _ = begin("07").questions(5)
    q1.check(4)
    q1.hint(2)
    q1.hint(1)
    q1.reveal()
    q1.check(5)
    assert repr(begin("07")).endswith("exercise: 1 of 2 correct, go on at 7.2")
    assert row()[["correct", "tried", "hints", "ways shown"]].tolist() == ["1 of 2", 1, 2, 1]


def test_three_dots_are_no_try(exercise):
    q1, q2 = begin("07").questions(5)
    q1.check(...)
    q2.check(None)
    assert row()["tried"] == 0


def test_an_answer_once_right_stays_right(exercise):
    q1, q2 = begin("07").questions(5)
    for question, answer in [(q1, 5), (q2, 5), (q1, 4)]:
        question.check(answer)
    assert repr(begin("07")).endswith("exercise: all 2 correct")


def test_an_exercise_with_open_questions_is_not_done(exercise):
    me = begin("07")
    q1, q2 = me.questions(5)
    q1.check(5)
    assert repr(me.finish()) == "Lesson 07  so far: 1 of 2 are still open. Go on at 7.2."
    assert row()["refresher"] == ""
    q2.check(5)
    assert me.finish().verdict == "done"


def test_the_solved_copy_changes_nothing(exercise, monkeypatch):
    monkeypatch.chdir(exercise / "exercises/solved")
    me = begin("07")
    q1, _ = me.questions(5)
    assert q1.check(5).verdict == "correct"
    me.finish()
    assert not keep.home().exists()
    assert "your progress stays as it is" in repr(me)


@pytest.mark.parametrize(
    ("today", "due"),
    [("2026-01-05", "12 January 2026"), ("2026-01-13", "19 January 2026"), ("2026-02-01", "2 February 2026"),
     ("2026-02-16", "16 February 2026"), ("2026-02-17", "")],
)  # fmt: skip
def test_a_refresher_is_due_after_1_2_4_and_6_weeks(monkeypatch, today, due):
    monkeypatch.setattr(session, "today", lambda: date(2026, 1, 5))
    assert "come back on 12 January 2026" in begin("07").finish().text
    monkeypatch.setattr("crmlab.lesson.overview.today", lambda: date.fromisoformat(today))
    assert row()["refresher"] == due


def test_two_notebooks_at_once_lose_nothing(exercise):
    first, second = begin("07"), begin("07")
    q1, _ = first.questions(5)
    _, q2 = second.questions(5)
    q1.check(5)
    q2.check(5)
    assert row()["correct"] == "2 of 2"


def _answer(home, number):
    os.environ["CRMLAB_HOME"] = home
    for turn in range(20):
        entry = {f"{number}-{turn}": {"asked": [], "finished": None, "questions": {}}}
        keep.change(lambda kept, entry=entry: kept["lessons"].update(entry))


def test_two_processes_at_once_lose_nothing(tmp_path):
    spawn = multiprocessing.get_context("spawn")
    home = str(keep.home())
    workers = [spawn.Process(target=_answer, args=(home, number)) for number in (1, 2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0]
    assert len(keep.read()[0]["lessons"]) == 40
    assert [path.name for path in keep.home().iterdir() if path.suffix == ".json"] == ["progress.json"]


_HEAD = '{"format": 1, "seed": 7, "lessons": '
_QUESTIONS = '{"07": {"asked": [], "finished": null, "questions": {"7.1": {"tries": "x", "hints": 0}}}}}'


@pytest.mark.parametrize(
    "content",
    [
        *("", "{", "\ufeff", "[]", "null"),
        '{"format": 2, "seed": 7, "lessons": {}}',
        '{"format": 1, "seed": "7", "lessons": {}}',
        _HEAD + '{"07": {}}}',
        _HEAD + '{"07": 3}}',
        _HEAD + '{"07": {"asked": [], "finished": "soon", "questions": {}}}}',
        _HEAD + _QUESTIONS,
        "[" * 100_000,
    ],
)
def test_a_damaged_file_is_set_aside_said_and_not_lost(content):
    for name in ("progress.damaged-1.json", "progress.damaged-2.json"):
        keep.home().mkdir(parents=True, exist_ok=True)
        (keep.home() / "progress.json").write_text(content, encoding="utf-8")
        shown = repr(begin("07"))
        assert f"Your progress file was damaged. It is kept beside the new one as {name}." in shown
        assert "your number: 7" in shown
        assert (keep.home() / name).read_text(encoding="utf-8") == content
    assert keep.change(lambda kept: kept.update(seed=9)) == ""
    assert begin("07").seed == 9


def test_a_place_that_cannot_be_written_is_said_and_stops_nothing(exercise, monkeypatch):
    (exercise / "taken").write_text("", encoding="utf-8")
    monkeypatch.setenv("CRMLAB_HOME", str(exercise / "taken/home"))
    q1, _ = begin("07").questions(5)
    note = q1.check(5)
    assert note.verdict == "correct"
    assert "your answer counts all the same" in note.text
    assert "(" in choose_seed(12).text


def test_a_write_that_fails_is_said_and_leaves_the_old_file(monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    keep.change(lambda kept: kept.update(seed=1))
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", full)
        assert "No space left on device" in keep.change(lambda kept: kept.update(seed=2))
    assert keep.read()[0]["seed"] == 1
    assert sorted(path.name for path in keep.home().iterdir()) == [".progress.lock", "progress.json"]


def test_what_is_kept_is_plain_json(exercise):
    q1, _ = begin("07").questions(5)
    q1.check(5)
    kept = json.loads((keep.home() / "progress.json").read_text(encoding="utf-8"))
    assert kept["lessons"]["07"] == {
        "asked": ["7.1", "7.2"],
        "finished": None,
        "questions": {"7.1": {"tries": 1, "hints": 0, "correct": True}},
    }


def test_a_chosen_number_holds_for_every_lesson_until_another_is_chosen():
    assert begin("00").seed == session.COURSE_SEED
    choose_seed(4711)
    assert [begin(number).seed for number in ("00", "07")] == [4711, 4711]
    assert choose_seed(...).verdict == "4711"
    assert begin("07").seed == 4711
    assert begin("07", seed=12).seed == 12
    assert begin("07").seed == 4711
    choose_seed("0")
    assert begin("07").seed == 0


@pytest.mark.parametrize("seed", [-1, 1.5, True, "abc", 2**32, "", [7], "٣", None.__class__])
def test_a_number_that_cannot_be_used_is_said_in_four_parts(seed):
    with pytest.raises(ValueError, match=r"(?s)^seed: found .*allowed : a whole number.*next    : choose one"):
        begin("07", seed=seed)


@pytest.mark.parametrize("number", ["99", "", "x", 19, -1, None, 7.5])
def test_an_unknown_lesson_is_said_in_four_parts(number):
    with pytest.raises(ValueError, match=r'(?s)^lesson: there is no lesson .*allowed : "00" to "18".*next    :'):
        begin(number)


@pytest.mark.parametrize("number", ["07", "7", 7, " 07 "])
def test_a_lesson_is_found_however_its_number_is_written(number):
    assert begin(number).plan.number == "07"


def test_a_lesson_still_to_be_written_says_so():
    with pytest.raises(ValueError, match='lesson 12, "Moments of truth", is still being written'):
        begin("12")


def test_questions_that_cannot_be_found_say_where_to_open_the_notebook(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(session, "__file__", str(tmp_path / "a/b/c/session.py"))
    with pytest.raises(ValueError, match="inside the course folder"):
        begin("07").questions(1)


@pytest.mark.parametrize("role", TRACKS)
def test_each_track_names_its_lessons_and_marks_those_not_written(role):
    table = track(role).table
    assert table["lesson"].str[:2].tolist() == list(TRACKS[role])
    written = {plan.number for plan in LESSONS if plan.is_written}
    assert [number in written for number in TRACKS[role]] == (table["open"] != "being written").tolist()


def test_a_role_is_found_in_any_spelling_and_an_unknown_one_is_helped():
    pd.testing.assert_frame_equal(track("Data-Quality").table, track("data quality").table)
    with pytest.raises(ValueError, match=r"there is no role 'marketer'\. Did you mean 'marketing'\?"):
        track("marketer")


def test_an_overview_reads_well_in_plain_text(exercise):
    begin("07").questions(5)[0].check(5)
    first, heads, line = repr(progress()).splitlines()
    assert first == "Your progress"
    assert heads.split() == ["lesson", "correct", "tried", "hints", "ways", "shown", "refresher"]
    assert line.split()[:5] == ["07", "Who", "carries", "the", "base?"]


def test_a_number_that_cannot_be_kept_is_said_to_go_into_the_first_cell(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("CRMLAB_HOME", str(tmp_path / "file"))
    note = choose_seed(5)
    assert 'lesson.begin("07", seed=5)' in note.text
    assert "from now on" not in note.text
