"""Fit a model of repeat buying with crmlab or a peer; print seconds, peak memory and what was found as JSON.

Run by value.py, each peer in an environment of its own: ``python value_peers.py lifetimes BGNBD customers.npz 3``. The
file holds x, tx and T of each customer in weeks, as plain numbers that every version of NumPy reads; the last number
says how many times the fit is timed after a first one that is not; with 0, the first one is.
"""

import json
import sys
import time
import warnings

import numpy as np

warnings.simplefilter("ignore")  # what the peers say of themselves while they work


def by_crmlab(model, x, tx, T):
    import pandas as pd

    from crmlab import value

    summary = pd.DataFrame({"frequency": x, "recency_weeks": tx, "age_weeks": T})
    return lambda: getattr(value, model)().fit(summary).params_


def by_lifetimes(model, x, tx, T):
    import lifetimes

    fitter = {"BGNBD": lifetimes.BetaGeoFitter, "ParetoNBD": lifetimes.ParetoNBDFitter}[model]
    return lambda: fitter().fit(x, tx, T).params_


def _pymc(model, x, tx, T, priors):
    import logging

    import pandas as pd
    from pymc_extras.prior import Prior
    from pymc_marketing import clv

    logging.disable(logging.CRITICAL)
    data = pd.DataFrame({"customer_id": np.arange(len(x)), "frequency": x, "recency": tx, "T": T})
    names = {"BGNBD": ("r", "alpha", "a", "b"), "ParetoNBD": ("r", "alpha", "s", "beta")}[model]
    config = {name: Prior("HalfFlat") for name in names} if priors == "flat" else None
    make = {"BGNBD": clv.BetaGeoModel, "ParetoNBD": clv.ParetoNBDModel}[model]

    def fit():
        fitted = make(data=data, model_config=config)
        fitted.fit(method="map", progressbar=False)
        found = fitted.fit_result.to_dataframe().iloc[0]
        return {name: float(found[name]) for name in names}

    return fit


def by_pymc(model, x, tx, T):
    """Its own priors, as its documentation shows it."""
    return _pymc(model, x, tx, T, "own")


def by_pymc_flat(model, x, tx, T):
    """Flat priors: then the most likely parameters are what it looks for, too."""
    return _pymc(model, x, tx, T, "flat")


def by_clvkit(model, x, tx, T):
    import clvkit
    import pandas as pd

    end = pd.Timestamp("1997-09-30")  # it asks for one, and for the two lines below; the fit looks at none of them
    base = clvkit.CustomerBase(
        pd.DataFrame({"frequency": x, "recency": tx, "T": T}),
        **{
            "time_unit": "W",
            "collapse": "D",
            "observation_period_end": end,
            "has_monetary": False,
            "on_negative": "net",
        },
    )
    return lambda: getattr(clvkit, model)().fit(base).params_


def by_bootstrap(model, x, tx, T):
    """200 refits by crmlab, the fit before them counted too."""
    import pandas as pd

    from crmlab import value

    summary = pd.DataFrame({"frequency": x, "recency_weeks": tx, "age_weeks": T})
    return lambda: getattr(value, model)().fit(summary).bootstrap(seed=1, n=200).mean()


def peak_gib():
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)


if __name__ == "__main__":
    peer, model, path, runs = sys.argv[1:]
    with np.load(path) as file:
        fit = globals()[f"by_{peer}"](model, file["x"], file["tx"], file["T"])
    times = []
    for _ in range(1 + int(runs)):
        begun, busy = time.perf_counter(), time.process_time()
        found = fit()
        times.append((time.perf_counter() - begun, time.process_time() - busy))
    first = times[0][0]
    times = times[1:] or times
    seconds, busy = map(float, np.median(np.array(times), axis=0))
    params = {name: float(value) for name, value in dict(found).items()}
    out = {"seconds": seconds, "busy": busy, "first": first, "peak_gib": peak_gib(), "params": params}
    print(json.dumps(out))
