"""Fit StepMix to a few small tables and keep what it finds, for a test to hold crmlab's latent classes against.

Run on demand::

    .venv/bin/python benchmarks/stepmix_figures.py

StepMix gets an environment of its own under benchmarks/.peers, made at first use. What it finds goes into
tests/segment/stepmix.json, with the answers: distinct patterns, how many people gave each, and null where an item was
left out.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from segment import HERE, peer_python

PLACE = HERE.parent / "tests" / "segment" / "stepmix.json"
STARTS, ITERATIONS = 30, 20_000


def tables():
    """Name, answers, StepMix's kind of items, number of classes."""
    rng = np.random.default_rng(11)
    kind = rng.choice(3, 500, p=[0.5, 0.3, 0.2])
    often = np.array([[0.9, 0.2, 0.2], [0.1, 0.9, 0.3], [0.2, 0.3, 0.9]])[kind]
    mean = np.array([[1, 4, 2], [4, 1, 2], [2, 2, 5]])[kind]
    yes = rng.random((500, 7)) < often[:, np.arange(7) % 3]
    points = np.clip(np.rint(rng.normal(mean[:, np.arange(6) % 3], 1)), 0, 5)
    holes = np.where(rng.random(yes.shape) < 0.2, np.nan, yes.astype("float64"))
    yield "yes/no", yes.astype("float64"), "binary", 3
    yield "yes/no, a fifth left out", holes, "binary_nan", 2
    yield "six points", points, "categorical", 3
    yield "six points, a tenth left out", np.where(rng.random(points.shape) < 0.1, np.nan, points), "categorical_nan", 2


def fitted(answers, kind, k):
    with tempfile.TemporaryDirectory() as folder:
        given, place = Path(folder) / "answers.npy", Path(folder) / "classes.npz"
        np.save(given, answers)
        words = [peer_python(), HERE / "segment_peers.py", given, kind, k, ITERATIONS, STARTS, place]
        said = json.loads(subprocess.run(list(map(str, words)), check=True, capture_output=True, text=True).stdout)
        return said, {name: table.tolist() for name, table in np.load(place).items()}


def main():
    kept = {"made_by": "python benchmarks/stepmix_figures.py"}
    for name, answers, kind, k in tables():
        counts = pd.DataFrame(answers).groupby(list(range(answers.shape[1])), dropna=False).size()
        patterns = [[None if np.isnan(one) else int(one) for one in pattern] for pattern in counts.index]
        said, found = fitted(answers, kind, k)
        kept["version"] = said["version"]
        kept[name] = {"k": k, "patterns": patterns, "people": counts.tolist(), **found}
        kept[name]["log_likelihood"] = said["log_likelihood"]
        print(f"{name}: {said['log_likelihood']:.6f}", flush=True)
    PLACE.write_text(json.dumps(kept, separators=(",", ":")) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    sys.exit(main())
