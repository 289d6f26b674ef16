"""Build every notebook, exercise and cheat-sheet from its one source.

    python tools/build_notebooks.py            build all
    python tools/build_notebooks.py 07         build what belongs to lesson 07
    python tools/build_notebooks.py --check    say which built files are out of step

| one source | what is built from it |
|---|---|
| notebooks/source/NN_name.py | notebooks/NN_name.ipynb, executed |
| exercises/source/exercise_NN.py | exercises/exercise_NN.ipynb, blank |
| | exercises/solved/exercise_NN.ipynb, executed |
| | exercises/questions/exercise_NN.py, the checks |
| notebooks/cheatsheets/NN.typ | notebooks/cheatsheets/NN.pdf, one page |

A source is a py:percent file: ``# %% [markdown]`` begins a text, ``# %%`` a code cell. Tags say what
a code cell is:

``# %% tags=["setup"]``
    The opening cell; its code is folded away.
``# %% tags=["question"]``
    Makes ``q1``, ``q2`` … (``lesson.Question``, ``Selection`` or ``Decision``) from what the setup cell
    passes to ``me.questions(...)``, with the setup cell's imports. It goes to the questions module
    and never into a notebook. No text over several lines in it. Give every Question two slips, two
    hints and a reveal, every Decision a rubric.
``# %% tags=["answer"]``
    The solution. The blank exercise keeps its opening comment lines and the names that later cells
    use, each as ``name = ...``.
``q1.check(answer)``
    Alone in a cell: the builder puts the hints and the reveal below it, each behind a ``#``.
``# %% tags=["nbval-ignore-output"]``
    The output holds a date of today: it is neither stored nor compared. Say why in a comment.

Building twice gives the same bytes: cell ids come from place and text, and nothing of this machine
is kept.
"""

import argparse
import ast
import hashlib
import os
import re
import sys
import tempfile
import textwrap
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).absolute().parents[1]
sys.path.insert(0, str(ROOT))

from tools.cheat_sheets import build_sheet, sheet_is_in_step  # noqa: E402 (the course folder must be found first)

KERNEL = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
UNSTORED = "nbval-ignore-output"
SECONDS_PER_CELL = 60
os.environ["TQDM_DISABLE"] = "1"  # whether a bar is shown depends on how fast the machine is


def cells_of(path):
    """Read a source into cells."""
    return jupytext.reads(path.read_text(encoding="utf-8"), fmt="py:percent").cells


def tags_of(cell):
    """The tags of a cell."""
    return cell.metadata.get("tags", [])


def notebook(cells):
    """Put cells into a notebook whose bytes depend on their texts alone."""
    built = nbformat.v4.new_notebook(metadata=KERNEL)
    for place, cell in enumerate(cells):
        source = cell.source.strip("\n")
        tags = [tag for tag in tags_of(cell) if tag in ("setup", UNSTORED)]
        metadata = {"tags": tags} if tags else {}
        if "setup" in tags:
            metadata["jupyter"] = {"source_hidden": True}
        new = nbformat.v4.new_code_cell if cell.cell_type == "code" else nbformat.v4.new_markdown_cell
        name = hashlib.sha256(f"{place} {cell.cell_type} {source}".encode()).hexdigest()[:8]
        built.cells.append(new(source, metadata=metadata, id=name))
    return built


def solved(path):
    """The exercise with its answers, without what makes the questions."""
    return notebook(_cells_shown(path))


def _cells_shown(path):
    """An exercise's cells without its questions, with help below every check."""
    cells = [cell for cell in cells_of(path) if "question" not in tags_of(cell)]
    for cell in cells:
        check = re.fullmatch(r"(q\d+)\.check\(.*\)", cell.source)
        if check:
            # No space after the sign: taking it away must leave a line that runs.
            cell.source += "".join(f"\n#{check[1]}.{call}" for call in ("hint(1)", "hint(2)", "reveal()"))
    return cells


def blank(path):
    """The exercise with three dots where the answers go."""
    cells = _cells_shown(path)
    for place, cell in enumerate(cells):
        if "answer" in tags_of(cell):
            later = [other.source for other in cells[place + 1 :] if other.cell_type == "code"]
            cell.source = _dots(cell.source, used={name for code in later for name in _names(code)})
    return notebook(cells)


def _dots(code, used):
    """Keep an answer's opening comment lines, and the names that are used later."""
    lines = code.strip().splitlines()
    comments = lines[: next(n for n, line in enumerate(lines) if not line.startswith("#"))]
    kept = [name for name in _stored(code) if name in used]
    return "\n".join([*comments, *(f"{name} = ..." for name in kept)])


def _stored(code):
    """The names a piece of code gives, in order."""
    nodes = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)]
    return list(dict.fromkeys(node.id for node in nodes if isinstance(node.ctx, ast.Store)))


def _names(code):
    return [node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)]


def questions_module(path):
    """The module that makes an exercise's questions from the learner's own data."""
    cells = cells_of(path)
    body = "\n\n".join(cell.source.strip("\n") for cell in cells if "question" in tags_of(cell))
    setup = ast.parse(next(cell.source for cell in cells if "setup" in tags_of(cell)))
    calls = [node for node in ast.walk(setup) if isinstance(node, ast.Call)]
    given = next(call.args for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr == "questions")
    asked = [name for name in _stored(body) if re.fullmatch(r"q\d+", name)]
    parts = [
        f'"""Built by tools/build_notebooks.py from exercises/source/{path.name}: change it there."""',
        _imports_used(setup, body),
        f"\ndef questions({', '.join(argument.id for argument in given)}):\n"
        '    """Make the questions of this exercise from the learner\'s own data."""\n' + textwrap.indent(body, "    "),
        f"    return {', '.join(asked)}\n",
    ]
    return "\n\n".join(parts)


def _imports_used(setup, body):
    """The setup cell's imports, as far as the body needs them."""
    used = set(_names(body))
    lines = []
    for node in setup.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            node.names = [alias for alias in node.names if (alias.asname or alias.name) in used]
            lines += [ast.unparse(node)] if node.names else []
    return "\n".join(lines)


def executed(built, folder):
    """Run a notebook in its folder, with a progress of its own, and keep what it shows."""
    before = os.environ.get("CRMLAB_HOME")
    with tempfile.TemporaryDirectory() as home:
        os.environ["CRMLAB_HOME"] = home
        try:
            resources = {"metadata": {"path": str(folder)}}
            NotebookClient(built, timeout=SECONDS_PER_CELL, record_timing=False, resources=resources).execute()
        finally:
            os.environ.pop("CRMLAB_HOME")
            os.environ.update({"CRMLAB_HOME": before} if before is not None else {})
    for cell in built.cells:
        if UNSTORED in tags_of(cell):
            cell.outputs = []
    built.metadata = nbformat.from_dict(KERNEL)
    return built


def plan(only=""):
    """What is built from what: (target, made, is_executed) for every built notebook and module."""
    for path in sorted((ROOT / "notebooks/source").glob(f"{only or '[0-9][0-9]'}_*.py")):
        yield ROOT / f"notebooks/{path.stem}.ipynb", notebook(cells_of(path)), True
    for path in sorted((ROOT / "exercises/source").glob(f"exercise_{only or '[0-9][0-9]'}.py")):
        yield ROOT / f"exercises/questions/{path.name}", questions_module(path), False
        yield ROOT / f"exercises/{path.stem}.ipynb", blank(path), False
        yield ROOT / f"exercises/solved/{path.stem}.ipynb", solved(path), True


def sheets(only=""):
    """The sources of the cheat-sheets."""
    return sorted((ROOT / "notebooks/cheatsheets").glob(f"{only or '[0-9][0-9]'}.typ"))


def build(only=""):
    """Build everything, or what belongs to one lesson.

    Parameters
    ----------
    only : str
        Number of a lesson, or nothing for all.
    """
    for target, made, is_executed in plan(only):
        print(target.relative_to(ROOT), flush=True)
        target.parent.mkdir(exist_ok=True)
        if is_executed:
            made = executed(made, target.parent)
        _write(target, _text(made))
    for sheet in sheets(only):
        print(sheet.with_suffix(".pdf").relative_to(ROOT), flush=True)
        build_sheet(sheet)


def out_of_step(only=""):
    """Find the built files that do not say what their source says; what cells show is left to nbval.

    Parameters
    ----------
    only : str
        Number of a lesson, or nothing for all.

    Returns
    -------
    list of str
        Their paths inside the course folder.
    """
    late = []
    for target, made, is_executed in plan(only):
        if not target.is_file():
            late.append(target)
        elif is_executed:
            stored = nbformat.read(target, as_version=4)
            for cell in stored.cells:
                if cell.cell_type == "code":
                    cell.outputs, cell.execution_count = [], None
            late += [target] if _text(stored) != _text(made) else []
        elif target.read_text(encoding="utf-8") != _text(made):
            late.append(target)
    late += [sheet.with_suffix(".pdf") for sheet in sheets(only) if not sheet_is_in_step(sheet)]
    return [path.relative_to(ROOT).as_posix() for path in late]


def _text(made):
    return made if isinstance(made, str) else nbformat.writes(made, version=nbformat.NO_CONVERT).rstrip("\n") + "\n"


def _write(target, text):
    with open(target, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)


def main():
    """The command line."""
    parser = argparse.ArgumentParser(description="Build notebooks, exercises and cheat-sheets from their sources.")
    parser.add_argument("only", nargs="?", default="", help="number of a lesson, such as 07")
    parser.add_argument("--check", action="store_true", help="build nothing; name the files that are out of step")
    asked = parser.parse_args()
    if not asked.check:
        return build(asked.only)
    late = out_of_step(asked.only)
    if late:
        sys.exit("\n".join(["out of step with their sources:", *late, "next: python tools/build_notebooks.py"]))


if __name__ == "__main__":
    main()
