"""What is set against the likelihood when a number of classes is chosen, and how often it was reached."""

import numpy as np
import pandas as pd

__all__ = ["criteria", "optima"]

_SAME = 1e-6  # of log-likelihood for each person: starts that end nearer than this found one optimum
_FAR = 1e-5  # of the distance to the highest: as near together are starts that were given up on one lower optimum


def criteria(log_likelihood, n_parameters, people, shares, weight):
    """Weigh fit against size: the lowest of a criterion is the number of classes it would choose.

    Parameters
    ----------
    log_likelihood : float
    n_parameters : int
    people : float
        Sum of weights (n).
    shares : ndarray of shape (n_patterns, k)
        How likely each class is for each pattern.
    weight : ndarray of shape (n_patterns,)

    Returns
    -------
    dict of str to float
        aic, bic, adjusted_bic, caic, icl; and entropy: 1 where everybody's class is certain, 0
        where nobody's is.

    References
    ----------
    H. Akaike 1974 (AIC = 2p − 2L); G. Schwarz 1978 (BIC = p ln n − 2L); S. L. Sclove 1987 (adjusted:
    n becomes (n + 2) / 24); H. Bozdogan 1987 (CAIC = p (ln n + 1) − 2L); C. Biernacki, G. Celeux & G.
    Govaert, *Assessing a mixture model for clustering with the integrated completed likelihood*, IEEE
    PAMI 22, 2000 (ICL = BIC + 2E with E = −Σ share ln share); V. Ramaswamy et al., *An empirical
    pooling approach*, Marketing Science 12, 1993 (relative entropy 1 − E / (n ln k)).

    Examples
    --------
    >>> got = criteria(-100.0, 5, 98.0, np.full((1, 2), 0.5), np.array([98.0]))
    >>> {name: round(value, 2) for name, value in got.items()}
    {'aic': 210.0, 'bic': 222.92, 'adjusted_bic': 207.14, 'caic': 227.92, 'icl': 358.78, 'entropy': 0.0}
    """
    logs = np.log(shares, out=np.zeros_like(shares), where=shares > 0)
    doubt = float(weight @ -(shares * logs).sum(axis=1))
    lost, k = -2 * log_likelihood, shares.shape[1]
    bic = lost + n_parameters * float(np.log(people))
    return {
        "aic": lost + 2.0 * n_parameters,
        "bic": bic,
        "adjusted_bic": lost + n_parameters * float(np.log((people + 2) / 24)),
        "caic": bic + n_parameters,
        "icl": bic + 2 * doubt,
        "entropy": 1 - doubt / (people * float(np.log(k))) if k > 1 else 1.0,
    }


def optima(climbed, people):
    """Count the different peaks that starts ended on.

    Parameters
    ----------
    climbed : Climbed
    people : float

    Returns
    -------
    pandas.DataFrame
        log_likelihood, starts, share_of_starts, converged; the highest first.
    """
    falling = np.argsort(-climbed.log_likelihood, kind="stable")
    value, rest = climbed.log_likelihood[falling], climbed.converged[falling]
    optimum, highest = np.zeros(len(value), dtype=int), value[0]
    for place in range(1, len(value)):
        apart = highest - value[place] > max(_SAME * people, _FAR * (value[0] - value[place]))
        optimum[place] = optimum[place - 1] + apart
        highest = value[place] if apart else highest
    starts = np.bincount(optimum)
    return pd.DataFrame(
        {
            "log_likelihood": value[np.searchsorted(optimum, np.arange(len(starts)))],
            "starts": starts,
            "share_of_starts": starts / len(value),
            "converged": np.bincount(optimum, weights=rest).astype(int),
        }
    ).rename_axis("optimum")
