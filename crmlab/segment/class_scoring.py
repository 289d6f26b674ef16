"""New people's answers, told in the places that a fitted latent class model knows."""

import numpy as np
import pandas as pd

from crmlab.errors import CrmlabError, did_you_mean, few, message
from crmlab.segment.answers import Answers
from crmlab.tables.rows import alike

__all__ = ["known_answers"]


def known_answers(X, items, levels):
    """Read answers to known items, or say which answers and items the model does not know.

    Parameters
    ----------
    X : pandas.DataFrame or array-like of shape (n_people, n_items)
        A table may hold other columns too, in any order; an array has the items in theirs.
    items : list of str
    levels : list of ndarray
        The answers each item had when the model was fitted.

    Returns
    -------
    Answers
        The pattern of people who answered nothing is one like any other.

    Raises
    ------
    CrmlabError
        For an item that is not there, and for answers nobody gave when the model was fitted.

    Examples
    --------
    >>> known_answers(pd.DataFrame({"price": [3]}), ["price"], [np.array([1, 2])])
    Traceback (most recent call last):
        ...
    crmlab.errors.CrmlabError: price: the model does not know the answer 3.
      allowed : 1, 2, or missing
      next    : mend the answer or set it to missing; or fit the model to people who gave it.
    """
    X = _table(X, items)
    columns, faults = {}, []
    for item, known in zip(items, levels, strict=True):
        if item not in X.columns:
            found = f"the new answers have no such item.{did_you_mean(item, X.columns)}"
            what = "give every item the classes were made from; an empty column is allowed."
            faults.append(message(item, found, it_has=few(X.columns), next=what))
            continue
        codes, given = pd.factorize(X[item])
        place = {answer: number for number, answer in enumerate(known.tolist())}
        unknown = [answer for answer in given.tolist() if answer not in place]
        if unknown:
            faults.append(_unknown(item, unknown, known))
            continue
        columns[item] = np.array([*(place[answer] for answer in given.tolist()), -1.0])[codes]
    if faults:
        raise CrmlabError(*faults)
    if not len(X):
        return Answers(items, X.index, np.empty((0, len(items))), np.empty(0), np.empty(0, dtype="int64"), levels)
    first, kind = alike(columns)
    patterns = np.stack([column[first] for column in columns.values()], axis=1)
    patterns[patterns < 0] = np.nan
    return Answers(items, X.index, patterns, np.bincount(kind).astype("float64"), kind, levels)


def _table(X, items):
    if isinstance(X, pd.DataFrame):
        return X.set_axis(X.columns.map(str), axis=1)
    X = np.asarray(X)
    if X.ndim == 2 and X.shape[1] == len(items):
        return pd.DataFrame(X, columns=items)
    raise CrmlabError(
        message(
            "answers",
            f"found an array of shape {X.shape}.",
            allowed=f"one row per person and {len(items)} columns: {few(items)}",
            next="give a table with these columns.",
        )
    )


def _unknown(item, unknown, known):
    many = "s" if len(unknown) > 1 else ""
    return message(
        item,
        f"the model does not know the answer{many} {few(unknown, 3)}.",
        allowed=f"{few(known.tolist(), 10)}, or missing",
        next="mend the answer or set it to missing; or fit the model to people who gave it.",
    )
