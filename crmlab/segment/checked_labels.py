"""Segments of people, taken as every description takes them."""

import numpy as np
import pandas as pd

from crmlab.errors import CrmlabError, few, message

__all__ = ["checked_labels"]


def checked_labels(labels, index):
    """Take the segment of each person, in the order of the people, or say what is wrong.

    Parameters
    ----------
    labels : pandas.Series or array-like of shape (n_people,)
        A series is matched by its index, an array by its order.
    index : pandas.Index of shape (n_people,)

    Returns
    -------
    pandas.Series of shape (n_people,)

    Raises
    ------
    CrmlabError
        When people have no label, stand there twice, or there are fewer than two segments.

    Examples
    --------
    >>> checked_labels(pd.Series([1, 0], index=["b", "a"]), pd.Index(["a", "b"])).tolist()
    [0, 1]
    """
    if not isinstance(labels, pd.Series):
        labels = np.asarray(labels)
        if labels.shape != (len(index),):
            raise CrmlabError(
                message("labels", f"there are {len(labels):,} for {len(index):,} people.", next="give one per person.")
            )
        labels = pd.Series(labels, index=index)
    if not labels.index.equals(index):
        missing = index.difference(labels.index)
        if len(missing) or labels.index.has_duplicates or index.has_duplicates:
            found = f"{len(missing):,} people have none: {few(missing)}." if len(missing) else "a person has two."
            raise CrmlabError(message("labels", found, next="give one per person, with the same index as the answers."))
        labels = labels.reindex(index)
    segments = labels.dropna().unique()
    if len(segments) < 2:
        raise CrmlabError(
            message("labels", f"there is {len(segments)} segment.", allowed="two or more", next="ask for a larger k.")
        )
    return labels
