"""Write the two lock files anew: every package in one version each, with its hashes.

    python tools/build_pins.py              keep the versions pinned now, as far as pyproject.toml allows
    python tools/build_pins.py --upgrade    take the newest versions allowed

requirements.lock holds what the lab and the tests need, requirements-scale.lock what the tests on Spark need, with
the same versions of what both need. Each serves Python 3.11 to 3.14 on Linux, macOS and Windows. They name no package
index, so pip and uv take the packages from wherever the reader's own settings point, and the hashes say that they
are the same.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
SCALE_LOCK = ROOT / "requirements-scale.lock"
HEADER = """\
# Every package of crmlab's {0}, pinned with its hashes, for Python 3.11 to 3.14 on every system.
# Made by tools/build_pins.py from pyproject.toml; do not edit by hand.
"""
COMPILE = [
    *(sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml"),
    *("--universal", "--python-version", "3.11", "--generate-hashes"),
    *("--no-header", "--no-emit-index-url", "--no-emit-find-links", "--quiet"),
]
# What start.py installs with (Spark comes as source), and what the tests run with.
TOOLS = "flit_core\nhypothesis\npixeltable-pgserver\npytest\nsetuptools\nuv\n"


def pin(lock, what, words, more=""):
    """Write one lock file: what pyproject.toml asks for, and a few packages more."""
    command = [*COMPILE, *words, "--output-file", str(lock)]
    subprocess.run(command, cwd=ROOT, check=True, input=more, encoding="utf-8")
    lock.write_text(HEADER.format(what) + lock.read_text(encoding="utf-8"), encoding="utf-8", newline="\n")


def main(words):
    if words not in ([], ["--upgrade"]):
        raise SystemExit(__doc__)
    pin(LOCK, "lab and tests", ["--extra", "lab", "--extra", "test", *words])
    pin(SCALE_LOCK, "tests on Spark", ["-", "--extra", "scale", "--constraint", str(LOCK), *words], TOOLS)


if __name__ == "__main__":
    main(sys.argv[1:])
