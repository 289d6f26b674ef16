"""Every file of the project reads the same on every machine, and nothing in it belongs to one machine."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BINARY = {".parquet", ".pdf", ".png", ".xlsx", ".woff2"}
OTHER_BYTES_ON_PURPOSE = ROOT / "tests" / "tables"  # exports as people have them: Windows-1250, CRLF, BOM
LONGEST_MODULE = 400


def _ours():
    """Find the files that belong to the project, not what someone keeps beside them."""
    if shutil.which("git"):
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True)
        if listed.returncode == 0:
            return [path for name in listed.stdout.decode("utf-8").split("\0") if (path := ROOT / name).is_file()]
    made = {line.rstrip("/") for line in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()}
    return [path for path in ROOT.rglob("*") if path.is_file() and not made & set(path.relative_to(ROOT).parts)]


OURS = _ours()
TEXTS = [path for path in OURS if path.suffix not in BINARY and OTHER_BYTES_ON_PURPOSE not in path.parents]
MODULES = [path for path in TEXTS if path.suffix == ".py"]


def _name(path):
    return path.relative_to(ROOT).as_posix()


def test_all_parts_of_the_project_are_looked_at():
    assert {"start.py", "crmlab/errors.py", "README.md", "requirements.lock"} <= {_name(path) for path in TEXTS}


def test_every_text_is_utf_8_with_plain_line_ends():
    faults = []
    for path in TEXTS:
        content = path.read_bytes()
        try:
            content.decode("utf-8")
        except UnicodeDecodeError:
            faults.append(f"{_name(path)} is not UTF-8")
        if b"\r" in content or content.startswith(b"\xef\xbb\xbf") or (content and not content.endswith(b"\n")):
            faults.append(f"{_name(path)} has a carriage return, a byte order mark or no line end at its end")
    assert not faults, "\n".join(faults)


def test_no_text_names_a_place_on_one_machine_or_a_package_index():
    home = r"/(?:home|Users|root|work|tmp|mnt)/[\w.]|[A-Z]:\\\\?Users"
    index = "|".join(
        ["py" + r"pi\.(?:org|python)", "python" + "hosted", "ana" + r"conda\.(?:org|com)", r"simple/ ?--hash"]
    )
    settings = "|".join(["--index" + "-url", "--extra-index" + "-url", "--find" + "-links"])
    allowed = {"tests/house/test_text.py"}
    faults = []
    for path in TEXTS:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            found = re.search(f"{home}|{index}|{settings}", line)
            if found and _name(path) not in allowed:
                faults.append(f"{_name(path)}:{number} names {found.group()}")
    assert not faults, "\n".join(faults)


def test_no_module_is_longer_than_a_reader_can_hold():
    faults = [_name(path) for path in MODULES if len(path.read_text(encoding="utf-8").splitlines()) > LONGEST_MODULE]
    assert not faults, "\n".join(faults)


def test_no_notebook_keeps_an_error():
    faults = []
    for path in (path for path in TEXTS if path.suffix == ".ipynb"):
        for number, cell in enumerate(json.loads(path.read_text(encoding="utf-8"))["cells"]):
            if any(output["output_type"] == "error" for output in cell.get("outputs", [])):
                faults.append(f"{_name(path)}, cell {number}")
    assert not faults, "\n".join(faults)


def test_every_link_to_a_file_leads_somewhere():
    faults = []
    for path in (path for path in TEXTS if path.suffix == ".md"):
        for link in re.findall(r"\]\((?!https?:|#)([^)#]+)", path.read_text(encoding="utf-8")):
            if not (path.parent / link).exists():
                faults.append(f"{_name(path)} links to {link}")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("words", [["check"], ["format", "--check"]], ids=["lint", "format"])
def test_ruff_has_nothing_to_say(words):
    said = subprocess.run(
        [sys.executable, "-m", "ruff", *words, "--no-cache", "--force-exclude", "--output-format", "concise", *MODULES],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert said.returncode == 0, said.stdout + said.stderr
