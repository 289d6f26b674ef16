"""Rooms import only what they may, and no analysis can see the truth."""

import ast
from pathlib import Path

from importlinter.cli import lint_imports

ROOT = Path(__file__).resolve().parents[2]
ANALYSES = ("quality", "dedupe", "value", "segment", "report")


def test_rooms_keep_the_import_contracts_written_in_pyproject(capsys):
    broken = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True, no_logo=True)
    assert not broken, capsys.readouterr().out


def test_no_analysis_touches_the_truth():
    faults = []
    for path in (path for room in ANALYSES for path in (ROOT / "crmlab" / room).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            by_dot = isinstance(node, ast.Attribute) and node.attr == "truth"
            by_name = isinstance(node, ast.Constant) and node.value in ("truth", "truth/")
            if by_dot or by_name:
                faults.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert not faults, "\n".join(faults)
