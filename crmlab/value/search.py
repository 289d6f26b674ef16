"""The search for the most likely parameters, which says whether it found them."""

import numpy as np
from scipy.optimize import fmin_l_bfgs_b

from crmlab.engine.threads import one_thread

__all__ = ["curvature", "maximise", "refit"]

_FEW_ROWS = 4_000
_GRADIENT_TOLERANCE = 1e-7  # of the mean log-likelihood, per unit of a logarithm
_NEARLY_FLAT = -1e-4  # where it bends less, its curvature is taken exactly
_FAR = 12.0  # a logarithm this far from where it began has run away
_FAR_FOR_A_REFIT = 6.0  # four hundred times more, or less, than the fit: other customers do not do that


def maximise(log_likelihood, start, rows, names):
    """Find the parameters that make the rows most likely, and say honestly whether they were found.

    A sample of the rows gives the neighbourhood and the curvature; steps on all rows end it.

    Parameters
    ----------
    log_likelihood : callable
        Called with (logarithms of the parameters, rows); gives the sum over the rows and its
        gradient.
    start : ndarray of shape (n_parameters,)
        Where to begin.
    rows : Rows
    names : sequence of str
        What the parameters are called, for the words.

    Returns
    -------
    tuple
        (place, log-likelihood, Hessian of the mean log-likelihood, what is wrong or "").

    Examples
    --------
    >>> def normal(place, rows):
    ...     gap = rows.x - place[0]
    ...     return float(-(rows.weight * gap**2).sum() / 2), np.array([(rows.weight * gap).sum()])
    >>> from crmlab.tables.rows import distinct
    >>> rows = distinct({"x": np.array([1.0, 3.0])})
    >>> place, _, _, wrong = maximise(normal, np.zeros(1), rows, ["middle"])
    >>> round(float(place[0]), 6), wrong
    (2.0, '')
    """
    start, log_likelihood = np.asarray(start, dtype="float64"), _remembered(log_likelihood)
    with one_thread():
        small = rows.sample(_FEW_ROWS) if len(rows) > 2 * _FEW_ROWS else rows
        place = _climb(log_likelihood, start, small)
        hessian = curvature(log_likelihood, place, small, exactly=False)
        if not np.isfinite(hessian).all() or np.linalg.eigvalsh(hessian).max() > _NEARLY_FLAT:
            hessian = curvature(log_likelihood, place, small)
        place, value, gradient = _step(log_likelihood, place, rows, hessian)
        if not np.abs(gradient).max() < _GRADIENT_TOLERANCE:
            place = _climb(log_likelihood, place, rows, exactly=True)
            hessian = curvature(log_likelihood, place, rows)
            place, value, gradient = _step(log_likelihood, place, rows, hessian)
    return place, value, hessian, _wrong(names, place - start, gradient, hessian)


def refit(log_likelihood, place, rows, hessian):
    """Find the maximum again for other weights of the same rows, starting beside it.

    Parameters
    ----------
    log_likelihood : callable
        As for :func:`maximise`.
    place : ndarray of shape (n_parameters,)
        Maximum of the first fit.
    rows : Rows
        With other weights.
    hessian : ndarray of shape (n_parameters, n_parameters)
        Of the first fit.

    Returns
    -------
    tuple
        (place, which parameters ran off, whether the search ended where it is flat).

    Examples
    --------
    >>> def normal(place, rows):
    ...     gap = rows.x - place[0]
    ...     return float(-(rows.weight * gap**2).sum() / 2), np.array([(rows.weight * gap).sum()])
    >>> from crmlab.tables.rows import distinct
    >>> rows = distinct({"x": np.array([1.0, 3.0])}).with_weight(np.array([3.0, 1.0]))
    >>> place, ran_off, is_flat = refit(normal, np.array([2.0]), rows, np.array([[-1.0]]))
    >>> place.round(6).tolist(), ran_off.tolist(), is_flat
    ([1.5], [False], True)
    """
    begin, flat, log_likelihood = place, 100 * _GRADIENT_TOLERANCE, _remembered(log_likelihood)
    place, _, gradient = _step(log_likelihood, place, rows, hessian, tolerance=1e-6)
    if not np.abs(gradient).max() < flat:
        place = _climb(log_likelihood, place, rows, exactly=True)
        gradient = log_likelihood(place, rows)[1] / rows.total
    return place, np.abs(place - begin) > _FAR_FOR_A_REFIT, bool(np.abs(gradient).max() < flat)


def _remembered(log_likelihood):
    """Where one part of the search ends the next begins: what was asked before is not worked out again."""
    answers = {}

    def ask(place, rows):
        asked = id(rows), place.tobytes()
        if asked not in answers:
            answers[asked] = log_likelihood(place, rows)
        return answers[asked]

    return ask


def _climb(remembered, start, rows, *, exactly=False):
    def depth(place):
        return -remembered(place, rows)[0] / rows.total

    def slope(place):
        return -remembered(place, rows)[1] / rows.total

    bounds = [(at - _FAR, at + _FAR) for at in start]
    stop = {"factr": (1e-14 if exactly else 1e-10) / np.finfo(float).eps, "pgtol": 1e-8 if exactly else 1e-4}
    return fmin_l_bfgs_b(depth, start, slope, bounds=bounds, maxiter=500, maxls=50, **stop)[0]


def curvature(log_likelihood, place, rows, *, exactly=True):
    """Tell how sharply the mean log-likelihood bends at a place: its Hessian, by differences of the gradient.

    Parameters
    ----------
    log_likelihood : callable
        As for :func:`maximise`.
    place : ndarray of shape (n_parameters,)
    rows : Rows
    exactly : bool, default=True
        Step to both sides; else to one, which is half the work and good to about five digits.

    Returns
    -------
    ndarray of shape (n_parameters, n_parameters)

    Examples
    --------
    >>> def normal(place, rows):
    ...     gap = rows.x - place[0]
    ...     return float(-(rows.weight * gap**2).sum() / 2), np.array([(rows.weight * gap).sum()])
    >>> from crmlab.tables.rows import distinct
    >>> curvature(normal, np.zeros(1), distinct({"x": np.array([1.0, 3.0])})).round(6).tolist()
    [[-1.0]]
    """
    by = 1e-4 if exactly else 1e-5
    steps = by * np.eye(len(place))
    ahead = np.array([log_likelihood(place + step, rows)[1] for step in steps])
    if exactly:
        behind, apart = np.array([log_likelihood(place - step, rows)[1] for step in steps]), 2 * by
    else:
        behind, apart = log_likelihood(place, rows)[1], by
    hessian = (ahead - behind) / (apart * rows.total)
    return (hessian + hessian.T) / 2


def _step(log_likelihood, place, rows, hessian, tolerance=1e-9):
    """Walk along the curvature, learning it better at each step, as long as it gets flatter.

    Gives place, value and mean gradient. The curvature is learned by the symmetric rank-one
    rule (J. Nocedal and S. Wright, *Numerical Optimization*, 2006, section 6.2).
    """
    is_hill = np.isfinite(hessian).all() and np.linalg.eigvalsh(hessian).max() < -1e-12
    best, steepness, moved = None, np.inf, None
    for _ in range(30 if is_hill else 1):
        value, gradient = log_likelihood(place, rows)
        gradient = gradient / rows.total
        if best is not None:
            missed = gradient - best[2] - hessian @ moved
            if abs(missed @ moved) > 1e-8 * np.linalg.norm(missed) * np.linalg.norm(moved):
                hessian = hessian + np.outer(missed, missed) / (missed @ moved)
            if not np.abs(gradient).max() < steepness:
                break
        best, steepness = (place, value, gradient), np.abs(gradient).max()
        if steepness < tolerance or not is_hill:
            break
        moved = -np.clip(np.linalg.solve(hessian, gradient), -1, 1)
        place = place + moved
    return best


def _wrong(names, moved, gradient, hessian):
    if not np.isfinite(gradient).all() or np.abs(gradient).max() > 100 * _GRADIENT_TOLERANCE:
        return f"the search stopped where it was still climbing (steepness {np.abs(gradient).max():.1e})"
    if np.abs(moved).max() > _FAR - 0.5:
        away = [name for name, by in zip(names, moved, strict=True) if abs(by) > _FAR - 0.5]
        return f"{' and '.join(away)} ran off towards 0 or infinity"
    if np.linalg.eigvalsh(hessian).max() > -1e-9:
        return "the likelihood is flat: some parameters cannot be told apart"
    return ""
