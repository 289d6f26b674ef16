"""How long it takes to find out whether segments hold, beside loops of scikit-learn, and latent classes beside StepMix.

Run on demand::

    .venv/bin/python benchmarks/segment.py               all
    .venv/bin/python benchmarks/segment.py stability     some of it

What is compared runs in turn, in one run. StepMix gets an environment of its own under benchmarks/.peers, made at first
use. The figures go into benchmarks/RESULTS.md.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from crmlab import segment
from crmlab.segment.answers import answers_of
from crmlab.segment.latent_em import climb, design_of, posterior, random_starts

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "RESULTS.md"
PEER = HERE / ".peers" / "stepmix"
TITLE = "## segment.py"


def yes_no(people=1_453, items=11, seed=11, sure=0.92):
    """Answers like those of the fast-food survey of the field's textbook: few patterns, one factor and a few kinds."""
    rng = np.random.default_rng(seed)
    wanted = rng.random((4, items)) < 0.5
    likely = np.where(wanted, sure, 1 - sure)
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


def peer_python():
    """StepMix's own Python."""
    python = PEER / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        uv = [sys.executable, "-m", "uv"]
        subprocess.run([*uv, "venv", "-q", PEER], check=True)
        subprocess.run([*uv, "pip", "install", "-q", "--python", python, "stepmix"], check=True)
    return python


def stepmix(X, kind, k, iterations, starts):
    """Fit with StepMix: what it says, and how likely the answers are with its classes by our formula."""
    with tempfile.TemporaryDirectory() as folder:
        answers, place = Path(folder) / "answers.npy", Path(folder) / "classes.npz"
        np.save(answers, X.to_numpy(dtype="float64"))
        words = [answers, kind, k, iterations, starts, place]
        run = [peer_python(), HERE / "segment_peers.py", *map(str, words)]
        said = json.loads(subprocess.run(run, check=True, capture_output=True, text=True).stdout)
        found = dict(np.load(place))
    if kind == "binary":
        found["answers"] = np.stack([1 - found["answers"], found["answers"]], axis=2).reshape(k, -1)
    theta = np.concatenate([found["shares"].reshape(k, 1), found["answers"]], axis=1)
    patterns = answers_of(X, categories=True)
    ours = posterior(design_of(patterns), theta)[1] @ patterns.weight
    return said["seconds"], said["log_likelihood"], ours, said["iterations"]


def seven_points(people=5_000, items=8, seed=1):
    """Ratings 0 to 6 of three classes, a tenth left out."""
    rng = np.random.default_rng(seed)
    answers = np.clip(np.rint(rng.normal(rng.uniform(0, 6, (3, items))[rng.integers(0, 3, people)], 1.2)), 0, 6)
    return pd.DataFrame(np.where(rng.random(answers.shape) < 0.1, np.nan, answers)).rename(columns=str)


def steps(X, k, number):
    """That many steps of one start, from the table of people on."""
    answers = answers_of(X, categories=True)
    design = design_of(answers)
    return climb(design, random_starts(design, k, [[1, 0]]), steps=number, flat=-np.inf).log_likelihood[0]


def classes():
    """Latent classes beside StepMix, from the table of people to the classes."""
    for name, X, kind, iterations, starts, wanted in (
        ("1,000,000 x 20 yes/no, 25 iterations", yes_no(1_000_000, 20), "binary", 25, 1, "at least 15"),
        (
            *("1,000,000 x 20 yes/no, 25 iterations, weak classes", yes_no(1_000_000, 20, sure=0.75)),
            *("binary", 25, 1, "at least 15"),
        ),
        ("10,000 x 20 yes/no, five starts", yes_no(10_000, 20), "binary", 1_000, 5, "at least 3"),
        ("5,000 x 8, seven points, a tenth missing, five starts", seven_points(), "categorical_nan", 1_000, 5, ""),
    ):
        k = 4 if kind == "binary" else 3

        def fit(X=X, k=k, iterations=iterations, starts=starts):
            if iterations < 1_000:
                return steps(X, k, iterations)
            return segment.LatentClasses(k, seed=1, starts=starts).fit(X).log_likelihood_

        ours, value = seconds(fit)
        theirs, said, checked, _ = stepmix(X, kind, k, iterations, starts)
        patterns = len(X.drop_duplicates())
        yield (
            f"latent classes, {name} ({patterns:,} patterns), k = {k}",
            ours,
            "StepMix",
            theirs,
            f"{theirs / ours:.1f} times as fast; log-likelihood {value:,.2f} against {said:,.2f}; "
            f"with its classes ours is {abs(checked - said):.1e} from its own",
            wanted,
        )


PARTS = {"stability": stability, "classes": classes}


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
