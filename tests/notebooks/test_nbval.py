"""nbval compares what cells show, and does not only look for exceptions."""

import shutil
import subprocess
import sys

import pytest

from tests.notebooks.course import ROOT


def nbval(folder):
    command = [sys.executable, "-m", "pytest", "--nbval", "--nbval-cell-timeout=60", "-q", "-p", "no:cacheprovider"]
    return subprocess.run(
        [*command, "-c", str(ROOT / "pyproject.toml"), "--rootdir", str(folder), str(folder)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


@pytest.fixture
def copy(tmp_path):
    """A solved exercise in a course folder of its own."""
    shutil.copytree(ROOT / "exercises/questions", tmp_path / "exercises/questions")
    (tmp_path / "exercises/solved").mkdir()
    shutil.copy(ROOT / "exercises/solved/exercise_00.ipynb", tmp_path / "exercises/solved")
    shutil.copy(ROOT / "conftest.py", tmp_path)
    return tmp_path


def test_nbval_fails_on_one_changed_output_and_on_nothing_else(copy):
    path = copy / "exercises/solved/exercise_00.ipynb"
    text = path.read_text(encoding="utf-8")
    assert "0.3  correct: " in text
    path.write_text(text.replace("0.3  correct: ", "0.3  correct:  "), encoding="utf-8")
    result = nbval(copy / "exercises")
    assert result.returncode == 1, result.stdout + result.stderr
    assert "Cell outputs differ" in result.stdout
    cells = text.count('"cell_type": "code"')
    assert f"1 failed, {cells - 1} passed" in result.stdout
