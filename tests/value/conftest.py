"""The purchase log that the papers used, boiled down once."""

from pathlib import Path

import pytest

from crmlab import tables, value

LOG = Path(__file__).parents[2] / "data" / "cdnow" / "cdnow.csv"


@pytest.fixture(scope="session")
def cdnow_log():
    return tables.from_export(transactions=LOG).transactions


@pytest.fixture(scope="session")
def cdnow(cdnow_log):
    """39 weeks to learn from, 39 weeks held out."""
    return value.purchase_summary(cdnow_log, unit="W", collapse="D", split="1997-09-30")
