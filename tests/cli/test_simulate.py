"""The command makes the base the call makes, says what it wrote, and goes on after an interruption."""

import re
import sys

import pytest
from typer.testing import CliRunner

from crmlab import cli, simulate
from crmlab.tables import CustomerBase, checksum

SMALL = ["--customers", "60", "--seed", "7", "--months", "2"]


def run(*words):
    return CliRunner().invoke(cli.app, ["simulate", *map(str, words)])


def refused(monkeypatch, capsys, *words):
    monkeypatch.setattr(sys, "argv", ["crmlab", "simulate", *map(str, words)])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    assert stop.value.code == 1
    return capsys.readouterr().err


def sums(base):
    return {name: checksum(frame) for name, frame in base.items()}


def test_the_command_makes_what_the_call_makes_and_says_so_in_one_line(tmp_path):
    out = tmp_path / "bases" / "telco"
    done = run("telco", *SMALL, "--locale", "de", "--as-of", "2025-06-30", "--out", out)
    assert done.exit_code == 0, done.output
    base = simulate.company("telco", customers=60, seed=7, months=2, locale="de", as_of="2025-06-30")
    assert sums(CustomerBase.load(out)) == sums(base)
    (line,) = done.output.strip().splitlines()
    assert line.startswith(f"telco: {len(base.customers)} customers, {len(base.contracts)} contracts, ")
    assert re.search(r"; \d\.\d MB in ", line)
    assert line.endswith(str(out))


def test_fields_are_overruled_from_the_command_line(tmp_path):
    fields = ["purchases.alpha=4.5", "survey=false", "campaigns=false", "title=kiosk"]
    words = [word for field in fields for word in ("--set", field)]
    assert run("retail", *SMALL, *words, "--out", tmp_path / "shop").exit_code == 0
    asked = {"purchases__alpha": 4.5, "survey": False, "campaigns": False, "title": "kiosk"}
    base = simulate.company("retail", customers=60, seed=7, months=2, **asked)
    loaded = CustomerBase.load(tmp_path / "shop")
    assert sums(loaded) == sums(base)
    assert loaded.about == base.about


def test_an_own_file_is_a_company(tmp_path):
    (tmp_path / "mine.toml").write_text('base = "b2b"\n', encoding="utf-8")
    done = run(tmp_path / "mine.toml", *SMALL, "--out", tmp_path / "mine")
    assert done.output.startswith("mine: ")


def test_parts_are_made_alone_and_joined(tmp_path):
    for part in ("1/2", "2/2"):
        done = run("retail", *SMALL, "--part", part, "--out", tmp_path / "shop")
        assert done.exit_code == 0, done.output
        assert f"retail part {part}: " in done.output
    assert run("--join", "--out", tmp_path / "shop").exit_code == 0
    base = simulate.company("retail", customers=60, seed=7, months=2)
    assert sums(CustomerBase.load(tmp_path / "shop")) == sums(base)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["retial", "--seed", "7", "--out", "x"], "company: there is no company 'retial'. Did you mean 'retail'?"),
        (["retail", "--out", "x"], "--seed: no seed is given."),
        (["retail", "--seed", "7"], "--out: no folder is named."),
        (["--join"], "--out: no folder is named."),
        (["retail", "--seed", "7", "--out", "x", "--set", "alpha"], "--set: found 'alpha'."),
        (["retail", "--seed", "7", "--out", "x", "--set", "spend.p=-1"], "spend.p: found -1."),
        (["retail", "--seed", "7", "--out", "x", "--part", "4/3"], "part: found '4/3'."),
        (["retail", "--seed", "7", "--out", "x", "--customers", "0"], "customers: found 0."),
    ],
)
def test_a_fault_is_one_message(words, said, monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    told = refused(monkeypatch, capsys, *words)
    assert told.startswith(said)
    assert "\n  next    : " in told
    assert "Traceback" not in told
    assert not list(tmp_path.iterdir())


def test_an_interruption_says_how_to_go_on(monkeypatch, capsys, tmp_path):
    def stopped(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("crmlab.simulate.writing.finish", stopped)
        told = refused(patched, capsys, "retail", *SMALL, "--out", tmp_path / "shop")
    assert "stopped when 1 of 1 blocks had been made; a base that stood here before is as it was." in told
    assert "give the same command again: it goes on where it stopped." in told
    assert not (tmp_path / "shop").exists()
    made = []
    monkeypatch.setattr("crmlab.simulate.writing.made", lambda *words: made.append(words))
    assert run("retail", *SMALL, "--out", tmp_path / "shop").exit_code == 0
    assert not made
    assert len(CustomerBase.load(tmp_path / "shop").customers) >= 60
