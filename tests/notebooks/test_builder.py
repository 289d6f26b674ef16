"""The builder: same source, same bytes; what is out of step is named."""

import shutil

import pytest

from tests.notebooks.course import EXERCISES, LESSONS, ROOT
from tools import build_notebooks, cheat_sheets

SOURCE = """# %% [markdown]
# # Title

# %% tags=["setup"]
from crmlab import lesson, simulate, value

me = lesson.begin("00")
base = simulate.company("retail", customers=50, seed=me.seed)
q1, q2 = me.questions(base)

# %% tags=["question"]
n = len(base.customers)
q1 = lesson.Question("0.1", expected=n, praise="Yes.")

# %% tags=["answer"]
# A number.
# Count first.
rows = base.customers
# the answer follows
count, unused = len(rows), 1

# %%
q1.check(count)

# %% tags=["question"]
q2 = lesson.Question("0.2", expected=2 * n, praise="Yes.")

# %% tags=["answer"]
# Twice.
twice = 2 * count

# %%
q2.check(twice)

# %% tags=["nbval-ignore-output"]
me.finish()
"""


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "exercise_00.py"
    path.write_text(SOURCE, encoding="utf-8")
    return path


def code_of(notebook):
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def test_built_files_are_in_step_with_their_sources():
    assert build_notebooks.out_of_step() == []


def test_a_blank_keeps_the_opening_comments_and_the_names_used_later(source):
    answers = [code for code in code_of(build_notebooks.blank(source)) if "= ..." in code]
    assert answers == ["# A number.\n# Count first.\ncount = ...", "# Twice.\ntwice = ..."]


def test_the_solved_exercise_has_the_answers_and_not_the_questions(source):
    code = "\n".join(code_of(build_notebooks.solved(source)))
    assert "count, unused = len(rows), 1" in code
    assert "lesson.Question(" not in code


def test_the_questions_module_takes_what_the_setup_cell_passes_and_imports_what_it_needs(source):
    code = build_notebooks.questions_module(source)
    assert "from crmlab import lesson\n" in code
    assert "def questions(base):" in code
    assert code.endswith("    return q1, q2\n")
    names = {}
    exec(code, names)
    assert [question.number for question in names["questions"](type("Base", (), {"customers": [1, 2]}))] == [
        "0.1",
        "0.2",
    ]


def test_cell_ids_come_from_place_and_text_alone(source):
    ids = [cell.id for cell in build_notebooks.blank(source).cells]
    assert len(set(ids)) == len(ids)
    source.write_text(SOURCE.replace("# Twice.", "# Double."), encoding="utf-8")
    again = [cell.id for cell in build_notebooks.blank(source).cells]
    assert [old == new for old, new in zip(ids, again, strict=True)].count(False) == 1


def test_building_twice_gives_the_same_bytes(tmp_path, monkeypatch):
    """One exercise, whole: questions, blank, solved and run, cheat-sheet."""
    monkeypatch.setattr(build_notebooks, "ROOT", tmp_path)
    for folder in ("exercises/source", "notebooks/cheatsheets"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    (tmp_path / "notebooks/source").mkdir()
    built = []
    for _ in range(2):
        build_notebooks.build("00")
        files = [path for path in sorted(tmp_path.rglob("*")) if path.is_file() and path.suffix != ".pyc"]
        built.append({path.relative_to(tmp_path).as_posix(): path.read_bytes() for path in files})
    assert built[0] == built[1]
    for name in ("exercises/exercise_00.ipynb", "exercises/solved/exercise_00.ipynb", "notebooks/cheatsheets/00.pdf"):
        assert name in built[0]
    assert build_notebooks.out_of_step("00") == []


@pytest.mark.parametrize(
    ("changed", "old", "new", "late"),
    [
        ("notebooks/source/00_start_here.py", "Run a cell", "Run one cell", ["notebooks/00_start_here.ipynb"]),
        ("exercises/source/exercise_07.py", "**7.1**", "**7.0**",
         ["exercises/exercise_07.ipynb", "exercises/solved/exercise_07.ipynb"]),
        ("exercises/source/exercise_07.py", "it is no middle value", "no", ["exercises/questions/exercise_07.py"]),
        ("exercises/source/exercise_07.py", "gini_of_equals = 0", "gini_of_equals = 0.0",
         ["exercises/solved/exercise_07.ipynb"]),
        ("exercises/exercise_00.ipynb", "purchases = ...", "purchases = 8538", ["exercises/exercise_00.ipynb"]),
        ("notebooks/cheatsheets/07.typ", "Traps", "Pitfalls", ["notebooks/cheatsheets/07.pdf"]),
    ],
)  # fmt: skip
def test_what_is_out_of_step_is_named(tmp_path, monkeypatch, changed, old, new, late):
    for folder in ("notebooks", "exercises"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    monkeypatch.setattr(build_notebooks, "ROOT", tmp_path)
    text = (tmp_path / changed).read_text(encoding="utf-8")
    assert old in text
    (tmp_path / changed).write_text(text.replace(old, new), encoding="utf-8", newline="\n")
    assert build_notebooks.out_of_step() == late


def test_every_source_is_built_and_everything_built_has_a_source():
    assert {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")} == {path.stem for path in LESSONS}
    for folder, ending in [("exercises", "ipynb"), ("exercises/solved", "ipynb"), ("exercises/questions", "py")]:
        assert {path.stem for path in (ROOT / folder).glob(f"*.{ending}")} == {path.stem for path in EXERCISES}
    sheets = ROOT / "notebooks/cheatsheets"
    assert {path.stem for path in sheets.glob("*.pdf")} | {"style"} == {path.stem for path in sheets.glob("*.typ")}


@pytest.mark.parametrize(
    "sheet", sorted((ROOT / "notebooks/cheatsheets").glob("[0-9]*.typ")), ids=lambda path: path.stem
)
def test_a_cheat_sheet_is_one_page_and_drawn_the_same_each_time(sheet):
    assert isinstance(cheat_sheets.drawn(sheet, "png"), bytes)
    assert cheat_sheets.drawn(sheet) == cheat_sheets.drawn(sheet)
