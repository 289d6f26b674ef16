"""What every test and doctest finds ready."""

import os
import random
import socket
import tempfile
from contextlib import suppress
from itertools import chain, cycle

import pandas as pd
import pytest

os.environ["TQDM_DISABLE"] = "1"  # whether a bar is shown depends on how fast the machine is

_HOMES = tempfile.TemporaryDirectory(prefix="crmlab-", ignore_cleanup_errors=True)


def pytest_configure(config):
    """Give kernels ports that no system hands out by itself, and each worker ports of its own.

    A port that was handed out may be another program's by the time the kernel takes it: then the kernel dies.
    """
    if config.pluginmanager.hasplugin("nbval"):  # tests on Spark start no kernels
        from jupyter_client.connect import LocalPortCache

        begin = 20_000 + 3_000 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
        first = random.randrange(begin, begin + 3_000)  # another run of the tests may be going on
        ports = cycle(chain(range(first, begin + 3_000), range(begin, first)))
        LocalPortCache.find_available_port = lambda cache, ip: next(port for port in ports if _is_free(ip, port))


def _is_free(ip, port):
    with socket.socket() as tried, suppress(OSError):
        tried.bind((ip, port))
        return True
    return False


@pytest.fixture(autouse=True)
def _doctest_names(doctest_namespace, tmp_path):
    doctest_namespace["pd"] = pd
    doctest_namespace["tmp"] = tmp_path


@pytest.fixture(autouse=True)
def _progress_of_nobody(monkeypatch, tmp_path):
    """Keep the tester's own progress out of the tests, and the tests out of it."""
    monkeypatch.setenv("CRMLAB_HOME", str(tmp_path / "home"))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    """Give each notebook under nbval a progress of its own, before its kernel starts."""
    if item.path.suffix == ".ipynb":
        os.environ["CRMLAB_HOME"] = os.path.join(_HOMES.name, item.path.stem)


def pytest_sessionfinish(session, exitstatus):
    """Let nothing be left out in silence: a skipped test fails the run, unless "this system" cannot do what it asks."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    if exitstatus == pytest.ExitCode.OK and not all("this system" in str(report.longrepr) for report in skipped):
        reporter.ensure_newline()
        reporter.write_line("a test was skipped: nothing may be left out, so the run fails.", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
