"""The command speaks to terminals and files that lack letters, as Windows has them."""

import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_a_terminal_that_lacks_letters_shows_a_sign_in_their_place(tmp_path, encoding):
    (tmp_path / "orders.csv").write_text("Kupac;Datum;Iznos;Šalter 東\n1;31.12.2025;12,50 €;đ\n", encoding="utf-8")
    said = subprocess.run(
        [sys.executable, "-m", "crmlab", "audit", "orders.csv"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONIOENCODING": encoding},
        capture_output=True,
    )
    assert said.returncode == 0, said.stderr
    assert b"alter ?" in said.stdout
    assert "東" in (tmp_path / "out" / "orders" / "audit.html").read_text(encoding="utf-8")
