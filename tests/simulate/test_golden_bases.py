"""The bytes themselves. When they are meant to change: ``python tests/simulate/test_golden_bases.py``, and say why."""

import json
from pathlib import Path

import pytest

from crmlab import simulate
from crmlab.tables import checksum

GOLDEN = Path(__file__).with_name("golden.json")
BASES = [f"{company}-{locale}" for company in simulate.COMPANIES for locale in simulate.LOCALES]


def made(name):
    """Checksum of each table of a small base, and the fingerprint of the algorithm."""
    company, locale = name.split("-")
    base = simulate.company(company, customers=300, seed=2024, locale=locale)
    tables = dict(base) | {f"truth/{table}": frame for table, frame in base.truth.items()}
    return {"algorithm": base.about["algorithm"], **{table: checksum(frame) for table, frame in tables.items()}}


@pytest.mark.parametrize("name", BASES)
def test_every_table_has_its_golden_checksum(name):
    assert made(name) == json.loads(GOLDEN.read_text(encoding="utf-8"))[name]


def test_the_fingerprint_tells_company_locale_and_algorithm_apart(monkeypatch):
    from crmlab.simulate import base

    before = {base._fingerprint(*name.split("-")) for name in BASES}
    assert len(before) == len(BASES)
    monkeypatch.setattr("crmlab.simulate.purchases._PARTS", 9_999)
    base._fingerprint.cache_clear()
    try:
        assert base._fingerprint("retail", "hr") not in before
    finally:
        base._fingerprint.cache_clear()


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps({name: made(name) for name in BASES}, indent=1) + "\n", encoding="utf-8", newline="\n")
