"""How long it takes to find out whether segments hold, beside loops of scikit-learn, and latent classes beside StepMix.

Run on demand::

    .venv/bin/python benchmarks/segment.py               all
    .venv/bin/python benchmarks/segment.py stability     some of it

What is compared runs in turn, in one run. The figures go into benchmarks/RESULTS.md.
"""

import os
import platform
import sys
import time
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from crmlab import segment

RESULTS = Path(__file__).resolve().parent / "RESULTS.md"
TITLE = "## segment.py"


def yes_no(people=1_453, items=11, seed=11):
    """Answers like those of the fast-food survey of the field's textbook: few patterns, one factor and a few kinds."""
    rng = np.random.default_rng(seed)
    wanted = rng.random((4, items)) < 0.5
    likely = np.where(wanted, 0.92, 0.08)
    return pd.DataFrame((rng.random((people, items)) < likely[rng.integers(0, 4, people)]).astype(int)).rename(
        columns=str
    )


def amounts(people=10_000, items=20, seed=1):
    """Answers of which no two are alike."""
    rng = np.random.default_rng(seed)
    kinds = rng.normal(size=(4, items))
    return pd.DataFrame(kinds[rng.integers(0, 4, people)] + rng.normal(size=(people, items))).rename(columns=str)


def loop(X, numbers, pairs, starts):
    """What a reader of scikit-learn's documentation would write: adjusted Rand of pairs of bootstrap samples."""
    rng, values, rows = np.random.default_rng(1), X.to_numpy(dtype="float64"), {}
    for k in numbers:
        rand = []
        for pair in range(pairs):
            labels = [
                KMeans(k, n_init=starts, init="random", random_state=pair)
                .fit(values[rng.integers(0, len(values), len(values))])
                .predict(values)
                for _ in range(2)
            ]
            rand.append(adjusted_rand_score(*labels))
        rows[k] = np.median(rand)
    return rows


def seconds(call):
    begun = time.perf_counter()
    found = call()
    return time.perf_counter() - begun, found


def stability():
    """All of segment.stability (with the comparison against one cloud) beside the bare loop over pairs."""
    for name, X, pairs, part, wanted in (
        ("1,453 x 11 yes/no", yes_no(), 100, 100, "at least 10"),
        ("10,000 x 20 amounts", amounts(), 100, 4, "at least 1"),
    ):
        patterns = len(X.drop_duplicates())
        ours, held = seconds(lambda X=X, pairs=pairs: segment.stability(X, pairs=pairs, starts=10, seed=1))
        theirs, rand = seconds(lambda X=X, part=part: loop(X, range(2, 9), part, 10))
        theirs *= pairs / part
        gap = max(abs(held.table.loc[k, "adjusted_rand"] - one) for k, one in rand.items())
        yield (
            f"stability of {name} ({patterns:,} patterns), k 2 to 8, {pairs} pairs, 10 starts",
            ours,
            "scikit-learn loop" + ("" if part == pairs else f" ({part} pairs, times {pairs // part})"),
            theirs,
            f"{theirs / ours:.1f} times as fast; median adjusted Rand at most {gap:.2f} apart",
            wanted,
        )


PARTS = {"stability": stability}


def main(names):
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        raise SystemExit(f"unknown: {unknown[0]}; known: {', '.join(PARTS)}")
    lines = []
    for name in names or PARTS:
        for work, ours, beside, theirs, ratio, wanted in PARTS[name]():
            lines.append(f"| {name} | {work} | {ours:.2f} | {beside} | {theirs:.2f} | {ratio} | {wanted} |")
            print(lines[-1], flush=True)
    keep(names or list(PARTS), lines)


def keep(names, lines):
    """Put the lines of these parts in place of their old ones."""
    text = RESULTS.read_text(encoding="utf-8")
    head, _, rest = text.partition(TITLE)
    section, mark, after = rest.partition("\n## ")
    old = [line for line in section.splitlines() if line.startswith("| ") and line.split("|")[1].strip() in PARTS]
    kept = [line for line in old if line.split("|")[1].strip() not in names]
    told = (
        f"{TITLE}\n\n`python benchmarks/segment.py` on {date.today()}, {os.cpu_count()} cores,\n"
        f"Python {platform.python_version()}; seconds.\n\n"
        "| part | work | crmlab | beside it | its time | ratio | wanted |\n|---|---|---|---|---|---|---|\n"
    )
    body = told + "\n".join(kept + lines) + "\n"
    RESULTS.write_text(head.rstrip("\n") + "\n\n" + body + mark + after, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
