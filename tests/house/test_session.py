"""Importing crmlab changes nothing in the reader's session, and costs nothing."""

import json
import subprocess
import sys

import crmlab

# Each library is loaded first, by itself: what it changes in the session is not crmlab's doing.
SESSION = """
import json, logging, os, random, sys, warnings
import matplotlib, matplotlib.figure, numpy, pandas, pyarrow.parquet, sklearn.base, pandera.pandas, jinja2, platformdirs

def session():
    return {
        "warning filters": [str(entry) for entry in warnings.filters],
        "pandas options": {key: str(pandas.get_option(key)) for key in pandas._config.config._registered_options},
        "rcParams": {key: str(value) for key, value in matplotlib.rcParams.items()},
        "random state": [str(numpy.random.get_state()), str(random.getstate())],
        "numpy errors": str(numpy.geterr()) + str(numpy.get_printoptions()),
        "logging": [str(logging.root.handlers), logging.root.level, logging.root.manager.disable],
        "environment": dict(os.environ),
        "folder": os.getcwd(),
        "import path": list(sys.path),
        "hooks": [str(sys.excepthook), str(sys.displayhook), str(warnings.showwarning)],
    }

before, changed = session(), []
for name in ["crmlab", *ROOMS]:
    __import__(name)
    after = session()
    changed += [f"{name} changes: {key}" for key in before if before[key] != after[key]]
    before = after
print(json.dumps(changed))
"""

LIGHT = """
import json, sys, time
known = set(sys.modules)
began = time.perf_counter()
import crmlab
seconds = time.perf_counter() - began
print(json.dumps([seconds, sorted({name.partition(".")[0] for name in set(sys.modules) - known})]))
"""


def _run(code):
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8")
    assert said.returncode == 0, said.stderr
    return json.loads(said.stdout)


def test_importing_crmlab_and_each_room_changes_nothing_in_the_session():
    rooms = [f"crmlab.{room}" for room in crmlab.ROOMS]
    assert _run(SESSION.replace("*ROOMS", f"*{rooms}")) == []


def test_importing_crmlab_loads_no_library_and_takes_under_half_a_second():
    seconds, loaded = _run(LIGHT)
    assert set(loaded) - set(sys.stdlib_module_names) == {"crmlab"}
    assert seconds < 0.5
