"""pyproject.toml says what is allowed, two locks what is installed, environment.yml what conda brings instead."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def _declared(*extras):
    texts = PROJECT["dependencies"] + [text for extra in extras for text in PROJECT["optional-dependencies"][extra]]
    return [Requirement(text) for text in texts]


DECLARED = _declared("lab", "test")
FOR_SPARK = _declared("scale")
CONDA_NAMES = {
    "duckdb": "python-duckdb",
    "matplotlib": "matplotlib-base",
    "typst": "typst-py",
    "docstring-parser": "docstring_parser",
}
IMPORTED_AS = {
    **{"scikit-learn": "sklearn", "python-stdnum": "stdnum", "import-linter": "importlinter"},
    "pillow": "PIL",
}
NOT_IMPORTED = {
    "jupyterlab": "the learner works in it",
    "pytest-xdist": "pytest runs on every core with it",
    "nbval": "pytest reads notebooks with it",
    "ruff": "run as a program by a house rule",
    "uv": "run as a program by start.py and tools/build_pins.py",
    "flit-core": "builds crmlab itself, as pyproject.toml says",
    "protobuf": "Spark speaks through it with the Python that works on its streams",
}


def _locked(lock):
    """Read every pin: name, version, marker and hashes."""
    text = re.sub(r"^\s*#.*\n", "", (ROOT / lock).read_text(encoding="utf-8"), flags=re.M)
    for entry in re.split(r"\n(?=\S)", text.strip()):
        first, *rest = entry.split(" \\\n")
        name, version = re.match(r"([\w.-]+)==([\w.]+)", first).groups()
        yield name, version, Requirement(first).marker, [part.strip() for part in rest]


LOCKED = list(_locked("requirements.lock"))
SCALE_LOCKED = list(_locked("requirements-scale.lock"))
LOCKS = pytest.mark.parametrize("locked", [LOCKED, SCALE_LOCKED], ids=["lab", "spark"])
WITH_LOCK = [pytest.param(asked, LOCKED, id=asked.name) for asked in DECLARED]
WITH_LOCK += [pytest.param(asked, SCALE_LOCKED, id=f"spark-{asked.name}") for asked in FOR_SPARK]


def _environment():
    """Read every conda package: name, range, reason."""
    lines = (ROOT / "environment.yml").read_text(encoding="utf-8").partition("dependencies:\n")[2].splitlines()
    for line in (line for line in lines if line.lstrip().startswith("- ")):
        name, allowed, reason = re.fullmatch(r"  - ([\w-]+) (\S+)(?:  # (.+))?", line).groups()
        yield name, allowed, reason


CONDA = {name: (allowed, reason) for name, allowed, reason in _environment()}


@pytest.mark.parametrize(("asked", "locked"), WITH_LOCK)
def test_every_declared_package_is_pinned_within_its_range(asked, locked):
    versions = [version for name, version, _, _ in locked if name == canonicalize_name(asked.name)]
    assert versions and all(version in asked.specifier for version in versions)


@LOCKS
def test_every_pin_has_hashes_and_nothing_else(locked):
    faults = [name for name, _, _, rest in locked if not rest]
    faults += [
        name for name, _, _, rest in locked for part in rest if not re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", part)
    ]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13", "3.14"])
@pytest.mark.parametrize(
    "system", [("linux", "posix"), ("darwin", "posix"), ("win32", "nt")], ids=lambda system: system[0]
)
@LOCKS
def test_each_python_on_each_system_gets_one_version_of_each_package(locked, python, system):
    here = {"python_version": python, "python_full_version": f"{python}.9", "implementation_name": "cpython"}
    here |= {"sys_platform": system[0], "os_name": system[1]}
    chosen = [name for name, _, marker, _ in locked if marker is None or marker.evaluate(here)]
    assert len(chosen) == len(set(chosen))
    declared = DECLARED if locked is LOCKED else FOR_SPARK
    assert {canonicalize_name(asked.name) for asked in declared} <= set(chosen)


def test_the_tests_on_spark_run_with_the_same_versions_of_what_both_need():
    of_lab = {(name, version) for name, version, _, _ in LOCKED}
    both = {name for name, _ in of_lab} & {name for name, _, _, _ in SCALE_LOCKED}
    assert {"pandas", "splink", "pytest"} <= both
    assert not {(name, version) for name, version, _, _ in SCALE_LOCKED if name in both} - of_lab


def test_the_conda_environment_has_the_same_packages_in_the_same_ranges():
    wanted = {CONDA_NAMES.get(asked.name, asked.name.replace("_", "-")): asked.specifier for asked in DECLARED}
    assert CONDA.keys() - {"python"} == wanted.keys()
    differing = {
        name: CONDA[name][0] for name in wanted if set(CONDA[name][0].split(",")) != set(str(wanted[name]).split(","))
    }
    assert not differing
    assert set(CONDA["python"][0].split(",")) == set(PROJECT["requires-python"].split(","))


def test_the_conda_environment_says_why_each_package_is_there():
    assert not [name for name, (_, reason) in CONDA.items() if not reason and name != "python"]


@pytest.mark.parametrize(
    "asked", {asked.name: asked for asked in DECLARED + FOR_SPARK}.values(), ids=lambda asked: asked.name
)
def test_every_declared_package_is_imported_or_has_its_reason(asked):
    name = canonicalize_name(asked.name)
    module = IMPORTED_AS.get(name, name.replace("-", "_"))
    places = [
        ROOT / "conftest.py",
        *(path for room in ("crmlab", "tests", "tools") for path in (ROOT / room).rglob("*.py")),
    ]
    pattern = re.compile(rf"^\s*(?:import|from) {module}\b", re.M)
    is_imported = any(pattern.search(path.read_text(encoding="utf-8")) for path in places)
    assert is_imported != (name in NOT_IMPORTED)


def test_what_builds_the_package_is_pinned_too():
    build = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["build-system"]["requires"]
    needed = {Requirement(text).name.replace("_", "-") for text in build}
    assert needed <= {name for name, _, _, _ in LOCKED}
    assert needed | {"setuptools", "uv", "pytest"} <= {name for name, _, _, _ in SCALE_LOCKED}
