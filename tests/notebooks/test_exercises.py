"""Every exercise: blank it says "not yet", solved it is correct, and each known slip gets its own message."""

import ast
import re
from functools import cache
from types import SimpleNamespace

import pytest

from crmlab import simulate
from crmlab.lesson import Decision, Question
from tests.notebooks.course import EXERCISES, questions_of, read, run, shown
from tools.build_notebooks import cells_of, tags_of

NUMBERS = [path.stem[-2:] for path in EXERCISES]
SEEDS = (7, 8, 4711, 2**32 - 1)
MADE = {}


def bases_of(number, seed):
    """The data an exercise makes in its setup cell, by name, for a learner's seed."""
    setup = next(cell.source for cell in cells_of(EXERCISES[NUMBERS.index(number)]) if "setup" in tags_of(cell))
    bases = {}
    for line in ast.parse(setup).body:
        call = ast.unparse(line.value) if isinstance(line, ast.Assign) else ""
        if call.startswith("simulate.company("):
            if (call, seed) not in MADE:
                MADE[call, seed] = eval(call, {"simulate": simulate, "me": SimpleNamespace(seed=seed)})
            bases[line.targets[0].id] = MADE[call, seed]
    return bases


@cache
def asked(number, seed):
    """The questions of an exercise, made once for a learner's seed."""
    return questions_of(number)(*bases_of(number, seed).values())


def checks(notebook):
    """The cells that check an answer."""
    return [cell for cell in notebook.cells if re.match(r"q\d+\.check\(", cell.source)]


@pytest.mark.parametrize("number", NUMBERS)
def test_a_blank_exercise_says_not_yet_at_every_question(number):
    notebook = run(read(f"exercises/exercise_{number}.ipynb"), "exercises")
    asked = checks(notebook)
    assert len(asked) >= 5
    assert [cell.source for cell in asked if "  not yet: " not in shown(cell)] == []
    assert f"{len(asked)} of {len(asked)} are still open" in shown(notebook.cells[-1])


@pytest.mark.parametrize("number", NUMBERS)
def test_a_solved_exercise_is_correct_at_every_question(number):
    asked = checks(read(f"exercises/solved/exercise_{number}.ipynb"))
    assert [cell.source for cell in asked if "  correct: " not in shown(cell)] == []


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("number", NUMBERS)
def test_the_solution_is_correct_for_every_learners_data(number, seed, monkeypatch):
    """The solved notebook's own cells, run here with another seed: what nbval sees with the course's seed."""
    names = {**bases_of(number, seed), **{f"q{n}": question for n, question in enumerate(asked(number, seed), start=1)}}
    verdicts = []
    for cell in cells_of(EXERCISES[NUMBERS.index(number)]):
        tags = tags_of(cell)
        if "setup" in tags:
            imports = [node for node in ast.parse(cell.source).body if isinstance(node, ast.Import | ast.ImportFrom)]
            exec(compile(ast.Module(imports, []), "imports", "exec"), names)
        elif re.match(r"q\d+\.check\(", cell.source):
            verdicts.append(eval(cell.source, names))
        elif cell.cell_type == "code" and not {"question", "nbval-ignore-output"} & set(tags):
            exec(cell.source, names)  # what the exercise gives, and the answer
    assert [repr(note) for note in verdicts if note.verdict != "correct"] == []
    assert len(verdicts) == len(asked(number, seed))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("number", NUMBERS)
def test_each_known_slip_gets_its_own_message(number, seed):
    for question in asked(number, seed):
        if isinstance(question, Question):
            for value, text in question.slips:
                note = question.check(value)
                assert (note.verdict, note.text) == ("look again", text), f"{question.number} answers {value!r:.60}"


@pytest.mark.parametrize("number", NUMBERS)
def test_a_choice_that_cannot_be_defended_meets_its_objection_and_every_other_can_pass(number):
    for question in asked(number, 7):
        if isinstance(question, Decision):
            figure = next(iter(question.figures.values()))
            reason = f"we counted it and found {figure:.4f} which speaks for what the customers of this base will want"
            for choice in question.choices:
                note = question.check(choice, reason)
                assert note.text == question.slips.get(choice, question.praise)
            assert "a reason needs a figure" in question.check(choice, reason.replace(f"{figure:.4f}", "much")).text
            assert "none of the numbers" in question.check(choice, reason.replace(f"{figure:.4f}", "98765")).text
            assert "say a little more" in question.check(choice, f"because {figure:.4f}").text


@pytest.mark.parametrize("number", NUMBERS)
def test_every_question_is_whole(number):
    questions = asked(number, 7)
    assert 5 <= len(questions) <= 8
    assert [question.number for question in questions] == [f"{int(number)}.{n}" for n in range(1, len(questions) + 1)]
    assert sum(isinstance(question, Decision) for question in questions) >= 2
    for question in questions:
        assert len(question.hints) == 2
        assert len(question.reveal().text) > 40
        assert question.praise
        if isinstance(question, Decision):
            assert question.slips
            assert question.figures
            assert "mark" in question.rubric
        else:
            assert len(question.slips) >= 2
            assert len({text for _, text in question.slips}) == len(question.slips)


@pytest.mark.parametrize("number", NUMBERS)
def test_neither_a_message_nor_a_hint_gives_the_answer_away(number):
    for question in asked(number, 7):
        if isinstance(question, Question) and isinstance(question.expected, int | float) and question.expected:
            said = [*question.hints, *(text for _, text in question.slips)]
            forms = {f"{question.expected:,}", f"{question.expected:.2f}", f"{question.expected:.0%}"}
            assert [text for text in said if any(form in text for form in forms)] == []


@pytest.mark.parametrize("number", NUMBERS)
def test_nothing_of_an_answer_is_left_in_the_blank(number):
    blank = "\n".join(
        cell.source for cell in read(f"exercises/exercise_{number}.ipynb").cells if cell.cell_type == "code"
    )
    for cell in cells_of(EXERCISES[NUMBERS.index(number)]):
        if "answer" in tags_of(cell):
            code = [line for line in cell.source.splitlines() if line.strip() and not line.startswith("#")]
            assert code
            assert [line for line in code if line in blank] == []
        if "question" in tags_of(cell):
            assert cell.source not in blank
    assert "Question(" not in blank
    assert "Decision(" not in blank


@pytest.mark.parametrize("number", NUMBERS)
def test_a_blank_exercise_shows_no_output(number):
    cells = read(f"exercises/exercise_{number}.ipynb").cells
    assert [cell.source for cell in cells if cell.cell_type == "code" and (cell.outputs or cell.execution_count)] == []


@pytest.mark.parametrize("number", NUMBERS)
def test_help_is_one_sign_away_from_every_question(number):
    for cell in checks(read(f"exercises/exercise_{number}.ipynb")):
        name = cell.source.split(".")[0]
        lines = cell.source.splitlines()[1:]
        assert lines == [f"#{name}.hint(1)", f"#{name}.hint(2)", f"#{name}.reveal()"]
        ast.parse(cell.source.replace("#", ""))
