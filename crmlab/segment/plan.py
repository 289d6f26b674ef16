"""A plan for choosing targets, taken as numbers, or what is wrong with it."""

import numpy as np
import pandas as pd

from crmlab.errors import CrmlabError, did_you_mean, few, message
from crmlab.segment.asked import checked_table

__all__ = ["checked_plan"]


def checked_plan(scores, attractive, competitive, knock_out, sizes):
    """Take the scores and limits of a plan as numbers, or say everything that is wrong with it.

    Parameters
    ----------
    scores : pandas.DataFrame of shape (n_segments, n_criteria)
    attractive, competitive : dict of str to float
    knock_out : dict of str to float or to tuple of (float or None, float or None)
    sizes : pandas.Series or array-like of shape (n_segments,), or None

    Returns
    -------
    tuple of (pandas.DataFrame, pandas.Series or None, dict of str to tuple of (float, float))
        Scores and sizes as numbers; least and most of each knock-out.

    Raises
    ------
    CrmlabError
        As :func:`crmlab.segment.targets` says.

    Examples
    --------
    >>> scores = pd.DataFrame({"growth": ["3", "8"], "people": [90, 40]})
    >>> scores, _, limits = checked_plan(scores, {"growth": 1}, {"growth": 1}, {"people": 50}, None)
    >>> scores["growth"].tolist(), limits
    ([3.0, 8.0], {'people': (50.0, inf)})
    """
    if not len(checked_table("scores", scores, "segment")):
        raise CrmlabError(message("scores", "the table has no rows.", next="give one row per segment."))
    given = {"attractive": attractive, "competitive": competitive, "knock_out": knock_out}
    faults, limits = [], {}
    for where, criteria in given.items():
        if not isinstance(criteria, dict):
            allowed = "criteria with a number each, such as {'growth': 3, 'fit': 1}"
            faults.append(message(where, f"found {criteria!r}.", allowed=allowed, next="name each with its number."))
    if faults:
        raise CrmlabError(*faults)
    for where, criteria in given.items():
        unknown = [name for name in criteria if name not in scores.columns]
        for name in unknown:
            found = f"there is no score {name!r}.{did_you_mean(name, scores.columns)}"
            step = "score every segment on it, or leave it out."
            faults.append(message(where, found, it_has=few(scores.columns, 12), next=step))
    for where, criteria in (("attractive", attractive), ("competitive", competitive)):
        faults += _weights(where, criteria)
    for name, limit in knock_out.items():
        limits[name] = _limits(limit)
        if limits[name] is None:
            allowed = "the least value, or least and most, such as (None, 10)"
            step = "say what a segment must reach to stay in."
            faults.append(message("knock_out", f"{name} has {limit!r}.", allowed=allowed, next=step))
    scores = scores.copy()
    for name in {**attractive, **competitive, **knock_out}:
        if name in scores.columns:
            scores[name] = numbers = pd.to_numeric(scores[name], errors="coerce").astype("float64")
            faults += _scores(name, numbers, least=0 if name in attractive or name in competitive else -np.inf)
    sizes, fault = _sizes(sizes, scores.index)
    faults += fault
    if faults:
        raise CrmlabError(*faults)
    return scores, sizes, limits


def _weights(where, criteria):
    if not criteria:
        step = "say how much each criterion counts."
        return [message(where, "no criterion is given.", allowed="weights above 0", next=step)]
    faults = []
    for name, weight in criteria.items():
        if not _is_number(weight) or not 0 < weight < np.inf:
            step = "say how much the criterion counts, or leave it out."
            faults.append(message(where, f"{name} weighs {weight!r}.", allowed="weights above 0", next=step))
    return faults


def _limits(limit):
    pair = limit if isinstance(limit, tuple | list) and len(limit) == 2 else (limit, None)
    if all(one is None for one in pair) or not all(one is None or _is_number(one) for one in pair):
        return None
    least, most = pair
    return (-np.inf if least is None else float(least), np.inf if most is None else float(most))


def _scores(name, numbers, least):
    none = ~np.isfinite(numbers)
    if none.any():
        step = "score it; a guess that is written down is better than none."
        found = f"segment {numbers.index[none][0]} has no score."
        return [message(str(name), found, allowed="numbers", next=step)]
    if (numbers < least).any():
        worst = numbers.idxmin()
        found, step = f"segment {worst} has {numbers.min():g}.", "score from 0 or 1 up: two negatives would look good."
        return [message(str(name), found, allowed="0 or more", next=step)]
    return []


def _sizes(sizes, index):
    if sizes is None:
        return None, []
    try:
        sizes = sizes if isinstance(sizes, pd.Series) else pd.Series(list(sizes), index=index)
        numbers = pd.to_numeric(sizes.reindex(index), errors="coerce").astype("float64")
    except (TypeError, ValueError):  # no list, or one of another length
        numbers = pd.Series(np.nan, index=index)
    if np.isfinite(numbers).all() and (numbers >= 0).all() and numbers.max() > 0:
        return numbers, []
    step = "give one per segment, with the index of scores; or leave it out."
    return None, [message("sizes", f"found {few(np.ravel(sizes), 4)}.", allowed="one number per segment", next=step)]


def _is_number(one):
    return isinstance(one, int | float | np.number) and not isinstance(one, bool) and not np.isnan(one)
