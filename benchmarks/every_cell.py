"""Read every text cell of a base of 100,000 customers of each company and locale: nobody may be reached.

The suite does the same with 2,000; this takes half an hour, so it runs on demand:
``.venv/bin/python benchmarks/every_cell.py [customers]``.
"""

import importlib.util
import sys
import time
from pathlib import Path

from crmlab import simulate

ROOT = Path(__file__).resolve().parents[1]


def checks():
    """The suite's own check."""
    found = importlib.util.spec_from_file_location("checks", ROOT / "tests/simulate/test_nothing_real.py")
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def main(customers=100_000):
    read, failed = checks(), 0
    for company in simulate.COMPANIES:
        for locale in simulate.LOCALES:
            begun = time.perf_counter()
            base = simulate.company(company, customers=customers, seed=1, locale=locale, mess="dirty")
            cells = read.found_in(base)
            failed += len(cells)
            taken = time.perf_counter() - begun
            print(
                f"{company} {locale}: {len(cells)} cells could reach somebody ({taken:.0f} s)", *cells[:5], flush=True
            )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
