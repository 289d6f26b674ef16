"""What the tests on Spark find ready; start.py runs them in the environment .venv-scale."""

import os

# A test's Java lives for seconds: compile quickly rather than well, and keep one thread for tidying up.
os.environ["JAVA_TOOL_OPTIONS"] = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"


def pytest_configure(config):
    config.addinivalue_line("filterwarnings", "ignore:PySpark does not yet fully support pandas:FutureWarning")
