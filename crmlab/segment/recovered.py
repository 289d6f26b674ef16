"""How near segments come to the true ones, and to the nearest that anybody could come."""

import numpy as np
import pandas as pd

from crmlab.errors import CrmlabError, few, message
from crmlab.segment.agreement import adjusted_rand

__all__ = ["recovered"]


def recovered(labels, truth, chances=None):
    """Hold segments against the true classes, and against the best that the answers allow.

    Parameters
    ----------
    labels : pandas.Series of shape (n_people,)
        Segments found; their names do not matter. People without a segment are left out and counted.
    truth : pandas.Series
        True class of each person, with the same index; further people play no part.
    chances : pandas.DataFrame, optional
        For each person (same index) the probability of each class for somebody who knows how the
        answers came about: the best possible segmenter puts each person in the likeliest class.

    Returns
    -------
    pandas.Series
        people, without_segment, adjusted_rand (1: the true classes; about 0: chance); with `chances`
        also best_possible (adjusted Rand of the best possible segmenter on the same people) and
        share_of_best.

    Raises
    ------
    CrmlabError
        When the index of one does not fit the others.

    Examples
    --------
    >>> truth = pd.Series(["price", "price", "care", "care"])
    >>> chances = pd.DataFrame({"care": [0.1, 0.6, 0.9, 0.8], "price": [0.9, 0.4, 0.1, 0.2]})
    >>> recovered(pd.Series([1, 1, 0, 0]), truth).to_dict()
    {'people': 4.0, 'without_segment': 0.0, 'adjusted_rand': 1.0}
    >>> recovered(pd.Series([1, 1, 0, 1]), truth, chances).round(2).to_dict()
    {'people': 4.0, 'without_segment': 0.0, 'adjusted_rand': 0.0, 'best_possible': 0.0, 'share_of_best': nan}
    """
    labels = labels if isinstance(labels, pd.Series) else pd.Series(labels)
    for name, other in (("the true classes", truth), ("chances", chances)):
        if other is not None:
            _fits(name, other, labels.index)
    inside = labels.notna()
    found = labels[inside]
    known = truth.loc[found.index]
    told = {
        "people": len(found),
        "without_segment": int((~inside).sum()),
        "adjusted_rand": adjusted_rand(pd.crosstab(found.to_numpy(), known.to_numpy()).to_numpy()),
    }
    if chances is not None:
        likeliest = chances.loc[found.index].to_numpy().argmax(axis=1)
        best = adjusted_rand(pd.crosstab(likeliest, known.to_numpy()).to_numpy())
        told["best_possible"] = best
        told["share_of_best"] = told["adjusted_rand"] / best if best > 0 else np.nan
    return pd.Series(told, dtype="float64")


def _fits(name, other, index):
    twice = index.has_duplicates or other.index.has_duplicates
    missing = index.difference(other.index)
    if not twice and not len(missing):
        return
    raise CrmlabError(
        message(
            name,
            "a person stands there more than once."
            if twice
            else f"{len(missing):,} people are not in it: {few(missing)}.",
            next="give labels and truth one row per person, both with the person's number as index.",
        )
    )
