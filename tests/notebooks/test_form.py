"""The form of a lesson and of its stored notebook."""

import itertools
import re

import pytest

from crmlab.lesson import choose_seed
from crmlab.lesson.course import LESSONS as PLANS
from tests.notebooks.course import EXERCISES, LESSONS, ROOT, read, shown
from tools.build_notebooks import cells_of

NAMES = [f"notebooks/{path.stem}.ipynb" for path in LESSONS]
SOLVED = [f"exercises/solved/{path.stem}.ipynb" for path in EXERCISES]
BLANK = [f"exercises/{path.stem}.ipynb" for path in EXERCISES]


def tags(cell):
    return cell.metadata.get("tags", [])


def words_of(notebook):
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def test_every_lesson_said_to_be_written_is_there_with_exercise_and_cheat_sheet():
    written = [plan for plan in PLANS if plan.is_written]
    assert sorted(plan.notebook for plan in written) == NAMES
    assert sorted(plan.exercise for plan in written) == BLANK
    assert all((ROOT / f"notebooks/cheatsheets/{plan.number}.pdf").is_file() for plan in written)


@pytest.mark.parametrize("name", NAMES)
def test_a_lesson_opens_with_title_minutes_roles_question_and_aims(name):
    plan = next(plan for plan in PLANS if plan.notebook == name)
    opening = read(name).cells[0].source
    title, line, question, *_ = [part for part in opening.split("\n\n") if part]
    assert title == f"# {int(plan.number)}  {plan.title}"
    assert re.fullmatch(rf"{plan.minutes} minutes · .+ · builds on .+", line)
    assert plan.minutes <= 45
    assert question.endswith("?")
    aims = re.search(r"\*\*You will be able to\*\*\n((?:- .+\n)+)", opening)[1].strip().splitlines()
    assert len(aims) == 3


@pytest.mark.parametrize("name", NAMES)
def test_a_first_result_comes_within_three_cells(name):
    first, setup, result = read(name).cells[:3]
    assert first.cell_type == "markdown"
    assert "setup" in tags(setup)
    assert shown(result)


@pytest.mark.parametrize("name", [*NAMES, *BLANK])
def test_the_setup_cell_is_one_and_folded_away(name):
    setup = [cell for cell in read(name).cells if "setup" in tags(cell)]
    assert len(setup) == 1
    assert setup[0].metadata["jupyter"] == {"source_hidden": True}
    assert "lesson.begin(" in setup[0].source


@pytest.mark.parametrize("name", NAMES)
def test_a_lesson_has_at_most_30_cells(name):
    assert len(read(name).cells) <= 30


@pytest.mark.parametrize("name", [*NAMES, *SOLVED, *BLANK])
def test_code_cells_have_at_most_8_short_lines(name):
    for cell in read(name).cells:
        if cell.cell_type == "code":
            assert len(cell.source.splitlines()) <= 8, cell.source
            assert max(map(len, cell.source.splitlines())) <= 120, cell.source


@pytest.mark.parametrize("name", NAMES)
def test_a_sentence_about_the_next_cell_stands_before_every_code_cell(name):
    """The folded setup cell shares the sentence before it with the first result."""
    cells = [cell for cell in read(name).cells if "setup" not in tags(cell)]
    for before, cell in itertools.pairwise(cells):
        if cell.cell_type == "code":
            assert before.cell_type == "markdown", cell.source
            paragraph = before.source.split("\n\n")[-1]
            assert re.search(r"cell|looks", paragraph), paragraph


@pytest.mark.parametrize("name", NAMES)
def test_core_and_deeper_parts_are_marked(name):
    sections = re.findall(r"^## \d · (.+)$", words_of(read(name)), flags=re.MULTILINE)
    assert sections
    assert [section for section in sections if not section.endswith(("(core)", "(deeper)"))] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_lesson_closes_whole(name):
    notebook = read(name)
    words = words_of(notebook)
    places = [words.index(f"\n## {part}") for part in ("On your own data", "Decide", "What you can now do")]
    assert places == sorted(places)
    assert f"(cheatsheets/{name[10:12]}.pdf)" in words
    assert f"(../exercises/exercise_{name[10:12]}.ipynb)" in words
    assert "| term | hrvatski | meaning |" in words
    assert notebook.cells[-1].source.splitlines()[-1] == "me.finish()"
    assert "from_export(" in "".join(cell.source for cell in notebook.cells if cell.cell_type == "code")


@pytest.mark.parametrize("name", [*NAMES, *BLANK])
def test_every_link_leads_somewhere(name):
    for link in re.findall(r"\]\(([^)#]+)\)", words_of(read(name))):
        assert (ROOT / name).parent.joinpath(link).is_file(), link


@pytest.mark.parametrize("name", [*NAMES, *SOLVED])
def test_every_cell_was_run_in_order_so_that_nbval_compares_it(name):
    counts = [cell.execution_count for cell in read(name).cells if cell.cell_type == "code"]
    assert counts == [*range(1, len(counts) + 1)]


@pytest.mark.parametrize("name", [*NAMES, *SOLVED])
def test_stored_outputs_hold_no_warning_no_path_and_no_empty_figure_text(name):
    for cell in read(name).cells:
        for output in cell.get("outputs", []):
            assert output.output_type != "error"
            assert output.get("name") != "stderr"
            assert not re.search(r"Warning|<Figure size|/home/|/tmp/|[A-Z]:\\|site-packages", str(output)), cell.source


@pytest.mark.parametrize("name", NAMES)
def test_every_figure_says_its_finding(name):
    for cell in read(name).cells:
        for output in cell.get("outputs", []):
            if "image/png" in output.get("data", {}):
                assert re.fullmatch(r"<Chart: .+\d.+\.>", output.data["text/plain"])


@pytest.mark.parametrize("name", [*NAMES, *SOLVED])
def test_what_depends_on_the_day_is_neither_stored_nor_compared_and_says_why(name):
    for cell in read(name).cells:
        if "nbval-ignore-output" in tags(cell):
            assert cell.outputs == []
            assert cell.source.startswith("# The date depends on the day")
        elif cell.cell_type == "code":
            assert "finish()" not in cell.source


@pytest.mark.parametrize("name", [*NAMES, *BLANK, *SOLVED])
def test_nothing_of_the_machine_is_kept_in_a_notebook(name):
    notebook = read(name)
    assert notebook.metadata == {
        "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    assert {key for cell in notebook.cells for key in cell.metadata} <= {"tags", "jupyter"}


@pytest.mark.parametrize("seed", [8, 2**32 - 1])
@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_runs_on_the_data_of_every_learner(path, seed, monkeypatch, capsys):
    monkeypatch.chdir(ROOT / "notebooks")
    choose_seed(seed)
    names = {}
    for cell in cells_of(path):
        if cell.cell_type == "code":
            exec(cell.source, names)
    assert names["me"].seed == seed
    assert "nan" not in capsys.readouterr().out
