"""The habit of answering high or low whatever is asked, taken out of ratings."""

import numpy as np
import pandas as pd

from crmlab.errors import CrmlabError, message
from crmlab.segment.answers import answers_of

__all__ = ["ipsatise"]


def ipsatise(X, *, spread=False, scale=None):
    """Take each person's own level out of their ratings, so that segments are about what is sought, not about habit.

    Some people rate everything high, others everything low; segments of raw ratings then tell
    friendly people from stern ones. Ipsatised ratings say how much more or less a person values an
    item than their other items (R. Fischer, *Standardization to account for cross-cultural response
    bias*, Journal of Cross-Cultural Psychology 35, 2004). What is lost: whether somebody values
    everything more than others do.

    Parameters
    ----------
    X : pandas.DataFrame of shape (n_people, n_items)
        Ratings on one scale, three items or more; missing ones stay missing.
    spread : bool, default=False
        Divide by the person's own standard deviation too, against the habit of using only the ends
        or only the middle. People who rate everything alike become 0 throughout.
    scale : tuple of (float, float), optional
        Lowest and highest answer there is.

    Returns
    -------
    pandas.DataFrame of shape (n_people, n_items)
        Each row has mean 0; index and columns are kept.

    Raises
    ------
    CrmlabError
        For fewer than three items, words, answers off the scale, items with one answer only.

    Examples
    --------
    >>> ipsatise(pd.DataFrame({"price": [7, 3], "service": [6, 2], "speed": [5, 1]})).values.tolist()
    [[1.0, 0.0, -1.0], [1.0, 0.0, -1.0]]
    """
    answers = answers_of(X, scale=scale)
    if len(answers.items) < 3:
        raise CrmlabError(
            message(
                "answers",
                f"there are {len(answers.items)} items.",
                allowed="three or more: a person's level is the mean of their ratings",
                next="give all rated items, or use the ratings as they are.",
            )
        )
    numbers = pd.DataFrame(answers.patterns)
    level = numbers.sub(numbers.mean(axis=1), axis=0)
    if spread:
        own = numbers.std(axis=1, ddof=0)
        level = level.div(own.where(own > 0, 1.0), axis=0)
    rows = np.vstack([level.to_numpy(), np.full(len(answers.items), np.nan)])[answers.kind]  # -1: answered nothing
    columns = X.columns if isinstance(X, pd.DataFrame) else answers.items
    return pd.DataFrame(rows, index=answers.index, columns=columns)
