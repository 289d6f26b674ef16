"""The course's sources, and a place to run notebooks in."""

import importlib.util
from pathlib import Path

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).parents[2]
EXERCISES = sorted((ROOT / "exercises/source").glob("exercise_*.py"))
LESSONS = sorted((ROOT / "notebooks/source").glob("[0-9][0-9]_*.py"))


def read(path):
    """A notebook of the course folder."""
    return nbformat.read(ROOT / path, as_version=4)


def shown(cell):
    """What a cell shows, as plain text."""
    texts = [output.get("text") or output.get("data", {}).get("text/plain", "") for output in cell.outputs]
    return "\n".join(texts)


def run(notebook, folder):
    """Run a notebook in a folder of the course; the kernel keeps the progress of this test only."""
    NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(ROOT / folder)}}).execute()
    return notebook


def questions_of(number):
    """The built questions module of an exercise."""
    path = ROOT / f"exercises/questions/exercise_{number}.py"
    spec = importlib.util.spec_from_file_location(f"questions_{number}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.questions
