"""data/ holds what its tool would write."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def tool():
    found = importlib.util.spec_from_file_location("build_data", ROOT / "tools" / "build_data.py")
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def test_the_ready_made_data_are_in_step(tool):
    assert tool.out_of_step(ROOT / "data") == []


def test_every_file_has_its_checksum_and_all_are_small(tool):
    folder = ROOT / "data"
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    listed = [line.split("  ")[1] for line in (folder / "CHECKSUMS").read_text(encoding="utf-8").splitlines()]
    assert listed == sorted(set(files) - {"CHECKSUMS"})
    assert sum(path.stat().st_size for path in files.values()) < 7_000_000  # with the rest, a clone of less than 20 MB


def test_the_readme_names_every_table(tool):
    text = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    for path in (ROOT / "data").rglob("*.parquet"):
        assert path.relative_to(ROOT / "data").as_posix() in text


def test_a_changed_file_and_a_missing_base_are_named(tool, tmp_path):
    bases = [f"data/{company}{locale}" for company in ("telco", "bank", "retail", "b2b") for locale in ("", "-en")]
    (tmp_path / "cdnow").mkdir()
    (tmp_path / "cdnow" / "cdnow.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    assert tool.out_of_step(tmp_path) == [*bases, "data/README.md", "data/CHECKSUMS"]
    assert tool.build(tmp_path) == [*bases, "data/README.md", "data/CHECKSUMS"]
    assert tool.out_of_step(tmp_path) == []
    (tmp_path / "cdnow" / "cdnow.csv").write_text("a,b\n1,3\n", encoding="utf-8")
    assert tool.out_of_step(tmp_path) == ["data/CHECKSUMS"]
