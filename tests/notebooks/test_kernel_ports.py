"""Kernels of tests do not lose their ports to other programs."""

import os
import socket
from contextlib import closing

from jupyter_client.connect import LocalPortCache

PORTS = 3_000


def test_a_kernel_gets_a_free_port_that_no_system_hands_out_by_itself():
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
    found = [LocalPortCache().find_available_port("127.0.0.1") for _ in range(10)]
    assert len(set(found)) == 10
    assert {(port - 20_000) // PORTS for port in found} == {worker}  # systems hand out ports from 32,768 on


def test_a_port_that_is_taken_is_passed_over():
    with closing(socket.create_server(("127.0.0.1", LocalPortCache().find_available_port("127.0.0.1")))) as taken:
        port = taken.getsockname()[1]
        found = {LocalPortCache().find_available_port("127.0.0.1") for _ in range(PORTS + 5)}
    assert port not in found
    assert len(found) > PORTS / 2
