"""Write requirements.lock anew: every package the lab and the tests need, in one version each, with its hashes.

    python tools/build_pins.py              keep the versions pinned now, as far as pyproject.toml allows
    python tools/build_pins.py --upgrade    take the newest versions allowed

One file serves Python 3.11 to 3.14 on Linux, macOS and Windows. It names no package index, so pip and uv
take the packages from wherever the reader's own settings point, and the hashes say that they are the same.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
HEADER = """\
# Every package of crmlab's lab and tests, pinned with its hashes, for Python 3.11 to 3.14 on every system.
# Made by tools/build_pins.py from pyproject.toml; do not edit by hand.
"""
COMPILE = [
    *(sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml"),
    *("--extra", "lab", "--extra", "test"),
    *("--universal", "--python-version", "3.11", "--generate-hashes"),
    *("--no-header", "--no-emit-index-url", "--no-emit-find-links"),
    *("--quiet", "--output-file", str(LOCK)),
]


def main(words):
    if words not in ([], ["--upgrade"]):
        raise SystemExit(__doc__)
    subprocess.run([*COMPILE, *words], cwd=ROOT, check=True)
    LOCK.write_text(HEADER + LOCK.read_text(encoding="utf-8"), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
