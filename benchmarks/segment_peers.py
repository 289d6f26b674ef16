"""Fit latent classes with StepMix; say how long it took, how likely the answers are, and the classes.

Run by segment.py in the peer's own environment: ``python segment_peers.py answers.npy binary 4 25 1 classes.npz``
(answers, kind of items, classes, most iterations, starts, where the classes go). With 25 iterations it takes all of
them; with 1,000 it stops when it has come to rest.
"""

import json
import sys
import time

import numpy as np
import stepmix
from stepmix.stepmix import StepMix

if __name__ == "__main__":
    answers, kind, k, iterations, starts, place = sys.argv[1:]
    X = np.load(answers)
    rest = {"abs_tol": 0.0} if int(iterations) < 1_000 else {}
    model = StepMix(int(k), measurement=kind, n_init=int(starts), max_iter=int(iterations), random_state=1, **rest)
    model.set_params(progress_bar=0)
    begun = time.perf_counter()
    model.fit(X)
    seconds = time.perf_counter() - begun
    found = model.get_parameters()
    np.savez(place, shares=found["weights"], answers=found["measurement"]["pis"])
    said = {"seconds": seconds, "log_likelihood": model.score(X) * len(X), "iterations": int(model.n_iter_)}
    print(json.dumps(said | {"version": stepmix.__version__}))
