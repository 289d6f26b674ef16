"""What every test and doctest finds ready."""

import pandas as pd
import pytest


@pytest.fixture(autouse=True)
def _doctest_names(doctest_namespace, tmp_path):
    doctest_namespace["pd"] = pd
    doctest_namespace["tmp"] = tmp_path
