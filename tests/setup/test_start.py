"""start.py says in words what is missing, keeps what is not its own, and does nothing twice."""

import ast
import errno
import importlib.util
import os
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = (ROOT / "start.py").read_text(encoding="ascii")
WHOLE, VERSION = "find_spec", "version_info[1]"  # parts of the two questions asked of the Python in .venv


@pytest.fixture
def start(tmp_path, monkeypatch):
    """start.py in a folder of its own, with commands that are noted instead of run."""
    spec = importlib.util.spec_from_file_location("start", ROOT / "start.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.ROOT = str(tmp_path / "moj tečaj")
    for place in (module.LAB, module.SCALE):
        place.venv = os.path.join(module.ROOT, place.name)
        place.stamp = os.path.join(place.venv, "crmlab-setup.txt")
        place.python = os.path.join(place.venv, "bin", "python")
    module.asked, module.answers = [], {WHOLE: (0, ""), VERSION: (13, "")}

    def run(command, hide="", patient=False):
        line = " ".join(command)
        module.asked.append(line)
        return next((answer for part, answer in module.answers.items() if part in line), (0, ""))

    module.run = run
    module.wanted = lambda place: "these pins"
    monkeypatch.setattr(os, "environ", dict(os.environ))
    os.mkdir(module.ROOT)
    return module


def set_up(start, place):
    folder = Path(place.venv)
    folder.mkdir()
    (folder / "pyvenv.cfg").write_text("home = somewhere\n", encoding="utf-8")
    start.stamp(place, "these pins")
    return folder


@pytest.fixture
def venv(start):
    """A .venv set up from these pins."""
    return set_up(start, start.LAB)


@pytest.fixture
def made(start, monkeypatch):
    """How often a .venv was made."""
    times = []
    monkeypatch.setattr(start, "make_venv", lambda place: (times.append(1), os.mkdir(place.venv)))
    return times


def installed(start):
    return [line for line in start.asked if " install " in line]


@pytest.mark.parametrize("version", [(2, 7, 18), (3, 6, 15), (3, 8, 18), (3, 10, 13), (3, 15, 0)])
def test_a_python_that_does_not_fit_is_named_with_what_to_do(start, version):
    start.answers = {"-c": (127, "")}
    named = (
        rf"needs Python 3\.11 to 3\.14 \(64 bit\); this is {version[0]}\.{version[1]}\.\n  next : install Python 3\.13"
    )
    with pytest.raises(start.Stop, match=named):
        start.check_python(version, True)


def test_a_python_of_32_bits_is_told_apart(start):
    with pytest.raises(start.Stop, match=r"this is 3\.12 \(32 bit\)"):
        start.check_python((3, 12, 1), False)


def test_a_fitting_python_on_the_same_computer_is_named(start):
    start.answers = {"3.12": (0, ""), "-c": (127, "")}
    with pytest.raises(start.Stop, match=r'type "(?:py -|python)3\.12 start\.py"'):
        start.check_python((3, 8, 18), True)


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 14, 9)])
def test_a_python_that_fits_passes_without_a_word(start, version):
    start.check_python(version, True)
    assert not start.asked


def test_even_an_old_python_can_read_the_file():
    too_new = {
        *("JoinedStr", "NamedExpr", "AnnAssign", "AsyncFunctionDef", "Match", "Nonlocal", "YieldFrom", "TryStar"),
        *("kwonlyargs", "posonlyargs", "cause"),
    }
    found = set()
    for node in ast.walk(ast.parse(SOURCE)):
        found.add(type(node).__name__)
        found.update(name for name, value in ast.iter_fields(node) if value and name in too_new)
        if isinstance(node, ast.List | ast.Tuple | ast.Set | ast.Dict):
            assert not any(isinstance(part, ast.Starred) or part is None for part in ast.iter_child_nodes(node)), (
                node.lineno
            )
    assert not found & too_new


def test_it_needs_nothing_but_the_standard_library():
    nodes = ast.walk(ast.parse(SOURCE))
    imported = {alias.name.partition(".")[0] for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    assert imported and imported <= set(sys.stdlib_module_names)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("WARNING: Retrying after connection broken by 'NewConnectionError(...)': /uv/", "could not be fetched"),
        ("ERROR: Could not find a version that satisfies uv==1 (from versions: none)", "could not be fetched"),
        ("SSLError: certificate verify failed", "could not be fetched"),
        ("ERROR: Could not install packages: [Errno 28] No space left on device", "the disk is full"),
        (str(PermissionError(errno.EACCES, "Permission denied", ".venv")), "cannot be written"),
        (str(OSError(errno.EROFS, "Read-only file system", ".venv")), "cannot be written"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES", "DO NOT MATCH THE HASHES"),
    ],
)
def test_what_an_installer_says_becomes_what_to_do(start, said, found):
    told = str(start.explain(said))
    assert found in told
    assert re.fullmatch(r"start\.py: .+\n  next : .+\.", told, re.S)


def test_nothing_is_done_when_all_is_there(start, venv, made):
    start.prepare(start.LAB)
    assert not installed(start) and not made


def test_changed_pins_are_installed_into_the_venv_that_is_there(start, venv, made):
    start.stamp(start.LAB, "older pins")
    start.prepare(start.LAB)
    assert installed(start) and not made
    assert start.stamp(start.LAB) == "these pins"


def test_a_venv_made_by_hand_is_used_as_it_is(start, venv, made):
    os.remove(start.LAB.stamp)
    start.prepare(start.LAB)
    assert installed(start) and not made


@pytest.mark.parametrize(
    ("stamp", "question", "answer", "reason"),
    [
        ("unfinished", VERSION, 13, "its set-up was interrupted"),
        ("older pins", VERSION, 127, "its Python does not start or is not 3.11 to 3.14"),
        ("older pins", VERSION, 9, "its Python does not start or is not 3.11 to 3.14"),
        ("these pins", WHOLE, 1, "packages are missing in it"),
    ],
)
def test_a_broken_venv_is_made_anew_with_one_line_saying_why(
    start, venv, made, capsys, stamp, question, answer, reason
):
    start.stamp(start.LAB, stamp)
    start.answers[question] = (answer, "")
    start.prepare(start.LAB)
    assert made and not (venv / "pyvenv.cfg").exists()
    assert capsys.readouterr().out.splitlines()[0] == f"making .venv anew: {reason}."
    assert start.stamp(start.LAB) == "these pins"


def test_a_venv_whose_making_was_cut_short_is_made_anew(start, made, capsys):
    os.makedirs(os.path.join(start.LAB.venv, "lib"))
    start.prepare(start.LAB)
    assert made and "it is empty" in capsys.readouterr().out


def test_a_folder_that_is_no_venv_is_left_alone(start, made):
    os.mkdir(start.LAB.venv)
    notes = Path(start.LAB.venv, "notes.txt")
    notes.write_text("mine", encoding="utf-8")
    with pytest.raises(start.Stop, match=r"left alone\.\n  next : rename it"):
        start.prepare(start.LAB)
    assert notes.read_text(encoding="utf-8") == "mine" and not made


def test_an_installation_that_fails_leaves_the_venv_marked_unfinished(start, venv):
    start.stamp(start.LAB, "older pins")
    start.answers = {"pip install": (1, "[Errno 28] No space left on device"), **start.answers}
    with pytest.raises(start.Stop, match="disk is full"):
        start.prepare(start.LAB)
    assert start.stamp(start.LAB) == "unfinished"


def test_without_network_nothing_is_tried_a_second_time(start, venv):
    start.stamp(start.LAB, "older pins")
    start.answers = {"pip install": (1, "connection broken by NewConnectionError"), **start.answers}
    with pytest.raises(start.Stop, match="could not be fetched"):
        start.prepare(start.LAB)
    assert len(installed(start)) == 1


def test_where_uv_fails_pip_installs_everything_afresh(start, venv):
    start.stamp(start.LAB, "older pins")
    start.answers = {"uv pip install": (2, ""), **start.answers}
    start.prepare(start.LAB)
    assert "--force-reinstall" in installed(start)[2] and "--require-hashes" in installed(start)[2]


def test_every_package_is_installed_with_its_hashes(start, venv):
    start.stamp(start.LAB, "older pins")
    start.prepare(start.LAB)
    *packages, crmlab_itself = installed(start)
    assert all("--require-hashes" in line for line in packages)
    assert crmlab_itself.endswith("--no-deps --no-build-isolation -e .")
    pin = (venv / "first.lock.txt").read_text(encoding="utf-8")
    assert re.findall(r"^[\w-]+==", pin, re.M) == ["uv=="] and "--hash=sha256:" in pin


def test_the_index_pip_is_set_to_is_used_by_uv_as_well(start, venv):
    start.stamp(start.LAB, "older pins")
    os.environ.pop("UV_DEFAULT_INDEX", None)
    os.environ.pop("UV_INDEX_URL", None)
    start.answers["config list"] = (0, "global.index-url='https://packages.firm.example/simple'\nglobal.timeout='60'")
    start.prepare(start.LAB)
    assert os.environ["UV_DEFAULT_INDEX"] == "https://packages.firm.example/simple"


def test_the_link_to_crmlab_is_written_in_plain_letters(start, venv):
    site = venv / "lib" / "python3.13" / "site-packages"
    site.mkdir(parents=True)
    (site / "crmlab.pth").write_text(start.ROOT, encoding="utf-8")
    start.stamp(start.LAB, "older pins")
    start.prepare(start.LAB)
    link = (site / "crmlab.pth").read_bytes().decode("ascii").strip()
    assert (site / link).resolve() == Path(start.ROOT).resolve()


def test_a_disk_too_small_is_told_before_anything_is_fetched(start, monkeypatch):
    monkeypatch.setattr(start.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 4e8}))
    with pytest.raises(start.Stop, match=r"0\.4 GB left, 1\.5 are needed\.\n  next : free some"):
        start.prepare(start.LAB)
    with pytest.raises(start.Stop, match=r"0\.4 GB left, 2 are needed\.\n  next : free some"):
        start.prepare(start.SCALE)
    assert not os.path.exists(start.LAB.venv) and not os.path.exists(start.SCALE.venv)


def test_a_python_without_venv_is_told_which_package_brings_it(start, monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "ensurepip" else find(name))
    with pytest.raises(start.Stop, match=rf'type "sudo apt install python3\.{sys.version_info[1]}-venv"'):
        start.prepare(start.LAB)


@pytest.mark.parametrize("words", [["tests"], ["--lab", "test"], ["-h"]])
def test_other_words_show_how_it_is_used(start, capsys, words):
    assert start.main(words) == (0 if words == ["-h"] else 2)
    assert "python3 start.py test" in capsys.readouterr().out


@pytest.fixture
def ready(start, venv, capsys):
    """start.py where all is set up."""
    return start


@pytest.fixture
def ready_for_spark(ready):
    """start.py where the environment for Spark is set up too."""
    set_up(ready, ready.SCALE)
    return ready


def test_all_tests_are_run_those_on_spark_in_their_own_environment(ready_for_spark):
    assert ready_for_spark.main(["test"]) == 0
    of_lab, of_spark = [line for line in ready_for_spark.asked if " -m pytest" in line]
    assert of_lab.startswith(ready_for_spark.LAB.python)
    assert of_spark.startswith(ready_for_spark.SCALE.python) and "tests/scale" in of_spark


@pytest.mark.parametrize("failing", ["-n auto", "tests/scale"])
def test_the_exit_code_of_tests_that_fail_is_given_on(ready_for_spark, failing):
    ready_for_spark.answers = {failing: (3, ""), **ready_for_spark.answers}
    assert ready_for_spark.main(["test"]) == 3
    assert len([line for line in ready_for_spark.asked if " -m pytest" in line]) == 2


def test_what_builds_spark_from_its_source_is_pinned_and_there_first(ready, made):
    assert ready.main(["test"]) == 0
    pin = Path(ready.SCALE.venv, "first.lock.txt").read_text(encoding="utf-8")
    assert re.findall(r"^([\w-]+)==", pin, re.M) == ["setuptools", "uv"]
    first, then, _ = [line for line in ready.asked if " install " in line]
    assert "first.lock.txt" in first and "--no-build-isolation --require-hashes" in then
    assert ready.stamp(ready.SCALE) == "these pins"


def test_the_learner_gets_no_spark(ready, made):
    assert ready.main(["--no-lab"]) == 0
    assert not os.path.exists(ready.SCALE.venv)


def test_the_main_job_comes_first_then_the_lab(ready):
    assert ready.main(["--lab"]) == 0
    assert ready.asked[-2].endswith("-m crmlab tour")
    assert "-m jupyterlab" in ready.asked[-1] and "00_start_here.ipynb" in ready.asked[-1]


def test_the_lab_stays_closed_when_the_main_job_fails_or_nobody_is_there(ready):
    os.environ["CI"] = "1"
    assert ready.main([]) == 0
    assert ready.main(["--no-lab"]) == 0
    ready.answers["crmlab tour"] = (1, "")
    assert ready.main(["--lab"]) == 1
    assert not [line for line in ready.asked if "jupyterlab" in line and "find_spec" not in line]


def test_ctrl_c_ends_without_a_trace(ready, monkeypatch, capsys):
    def interrupted(place):
        raise KeyboardInterrupt

    monkeypatch.setattr(ready, "prepare", interrupted)
    assert ready.main(["test"]) == 130
    assert "Run this again to go on" in capsys.readouterr().out


def test_a_folder_that_cannot_be_written_ends_without_a_trace(ready, monkeypatch, capsys):
    def refused(place):
        raise PermissionError(errno.EACCES, "Permission denied", ".venv")

    monkeypatch.setattr(ready, "prepare", refused)
    assert ready.main(["test"]) == 1
    assert "cannot be written" in capsys.readouterr().out
