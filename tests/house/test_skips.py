"""No test is left out in silence; what a system cannot do at all does not fail its run."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("reason", "code"),
    [("no time today", pytest.ExitCode.TESTS_FAILED), ("this system has no fork", pytest.ExitCode.OK)],
)
def test_a_skipped_test_fails_the_run_unless_this_system_cannot_do_it(tmp_path, reason, code):
    shutil.copy(ROOT / "conftest.py", tmp_path)
    test = f"import pytest\n\ndef test_one():\n    pytest.skip({reason!r})\n\ndef test_two():\n    pass\n"
    (tmp_path / "test_some.py").write_text(test, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_some.py"]
    without = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
    run = subprocess.run(command, cwd=tmp_path, env=without, capture_output=True, text=True, encoding="utf-8")
    assert run.returncode == code, run.stdout + run.stderr
    assert "1 passed, 1 skipped" in run.stdout
