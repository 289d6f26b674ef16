"""Answers to a survey, counted once for each pattern: thousands of people often give a few hundred different ones."""

import math

import numpy as np
import pandas as pd
from pandas.api import types

from crmlab.errors import CrmlabError, few, message
from crmlab.tables.rows import alike

__all__ = ["Answers", "answers_of"]

_MOST_LEVELS = 30


class Answers:
    """Distinct answer patterns and how many people gave each.

    Parameters
    ----------
    items : list of str
        What was asked.
    index : pandas.Index of shape (n_people,)
    patterns : ndarray of shape (n_patterns, n_items)
        Answers as numbers, sorted; NaN where none was given. With `levels` they are places in it.
    weight : ndarray of shape (n_patterns,)
        How many people (or how much weight) gave each pattern.
    kind : ndarray of shape (n_people,)
        The pattern of each person; -1 for people who answered nothing.
    levels : list of ndarray or None
        The answers of each item, where they are categories.

    Examples
    --------
    >>> answers = answers_of(pd.DataFrame({"price": [1, 0, 1], "taste": [0, 1, 0]}))
    >>> answers.patterns.tolist(), answers.weight.tolist()
    ([[1.0, 0.0], [0.0, 1.0]], [2.0, 1.0])
    """

    def __init__(self, items, index, patterns, weight, kind, levels=None):
        self.items, self.index = items, index
        self.patterns, self.weight, self.kind, self.levels = patterns, weight, kind, levels

    @property
    def people(self):
        """Sum of all weights: the number of people where none was weighted.

        Returns
        -------
        float
        """
        return float(self.weight.sum())

    def to_people(self, values, name):
        """Give each person what their pattern got; people who answered nothing get a missing value.

        Parameters
        ----------
        values : ndarray of shape (n_patterns,), int
        name : str

        Returns
        -------
        pandas.Series of shape (n_people,)
            int64, or Int64 where somebody answered nothing.
        """
        column = pd.Series(np.asarray(values)[self.kind], index=self.index, name=name)
        return column.astype("Int64").mask(self.kind < 0) if (self.kind < 0).any() else column

    def said(self):
        """Tell in words whose answers are missing and what became of them.

        Returns
        -------
        str
            One or two sentences; empty where every answer is there.
        """
        none = int((self.kind < 0).sum())
        some = int(np.isnan(self.patterns).any(axis=1)[self.kind[self.kind >= 0]].sum())
        told = []
        if some:
            told.append(f"{some:,} of {len(self.index):,} people left items out and are placed by what they answered.")
        if none:
            told.append(f"{none:,} answered nothing and stay without a segment.")
        return " ".join(told)


def answers_of(X, *, weights=None, scale=None, categories=False):
    """Take a table of answers, or say everything that is wrong with it at once.

    Parameters
    ----------
    X : pandas.DataFrame of shape (n_people, n_items)
        One row per person, one column per item: yes/no, ratings or amounts. Missing answers are
        allowed.
    weights : array-like of shape (n_people,), optional
        How much each person counts, 0 or more; without it 1.
    scale : tuple of (float, float), optional
        Lowest and highest answer there is, such as (1, 7).
    categories : bool, default=False
        Take answers as categories, words too.

    Returns
    -------
    Answers

    Raises
    ------
    CrmlabError
        For a table without rows or items, text where numbers are needed, answers off the scale,
        items without any answer or with one answer only, weights that are none.

    Examples
    --------
    >>> answers_of(pd.DataFrame({"price": [1, 5, 9], "taste": [4, 4, 4]}), scale=(1, 7))
    Traceback (most recent call last):
        ...
    crmlab.errors.CrmlabError: price: 1 answer lies off the scale, such as 9.
      allowed : 1 to 7
      next    : mend these answers or set them to missing; or give the scale that was used.
    taste: everybody gave the same answer, 4.
      next    : leave the item out: it cannot tell people apart.
    """
    X = _table(X)
    faults, columns, levels = [], [], []
    for item in X.columns:
        column, known, fault = (_category if categories else _number)(X[item])
        if not fault and scale is not None and not categories:
            fault = _off_scale(column, scale)
        if not fault:
            fault = _constant(column, known)
        columns.append(column)
        levels.append(known)
        if fault:
            faults.append(message(str(item), **fault))
    if faults:
        raise CrmlabError(*faults)
    return _counted(X, columns, _weights(weights, X), levels if categories else None)


def _counted(X, columns, weights, levels):
    items = [str(item) for item in X.columns]
    given = ~np.logical_and.reduce([np.isnan(column) for column in columns])
    told = given & (weights > 0)
    first, kind = _kinds(columns, levels)
    patterns = np.stack([column[first] for column in columns], axis=1)
    weight = np.bincount(kind, weights=np.where(told, weights, 0.0), minlength=len(first))
    empty = np.isnan(patterns).all(axis=1)
    place = np.cumsum(~empty) - 1
    return Answers(items, X.index, patterns[~empty], weight[~empty], np.where(given, place[kind], -1), levels)


def _kinds(columns, levels):
    """A person of each pattern, and the pattern of each person; patterns are sorted, a missing answer comes first."""
    sizes = [len(known) + 1 for known in levels or []]
    if not sizes or math.prod(sizes) > 2**62:
        return alike({place: np.where(np.isnan(one), -np.inf, one) for place, one in enumerate(columns)})
    number = np.zeros(len(columns[0]), dtype="int64")  # few enough to write a pattern as one number
    for column, size in zip(columns[::-1], sizes[::-1], strict=True):
        number *= size
        number += np.where(np.isnan(column), 0, column + 1).astype("int64")
    kind, numbers = pd.factorize(number, sort=True)
    first = np.empty(len(numbers), dtype="int64")
    first[kind[::-1]] = np.arange(len(kind) - 1, -1, -1)
    return first, kind


def _table(X):
    if not isinstance(X, pd.DataFrame):
        X = pd.DataFrame(np.asarray(X))
        X.columns = [f"item_{number + 1}" for number in range(X.shape[1])]
    if not len(X) or not X.shape[1]:
        raise CrmlabError(
            message(
                "answers",
                f"the table has {len(X)} rows and {X.shape[1]} items.",
                next="give one row per person and one column per item.",
            )
        )
    twice = X.columns[X.columns.duplicated()].unique()
    if len(twice):
        raise CrmlabError(
            message("answers", f"two columns have the same name: {few(twice)}.", next="rename or drop one of them.")
        )
    return X


def _number(column):
    """The answers as numbers, or why they are none."""
    if types.is_bool_dtype(column) or types.is_numeric_dtype(column):
        numbers = column.to_numpy(dtype="float64", na_value=np.nan)
        if np.isinf(numbers).any():
            return numbers, None, {"found": "an answer is infinite.", "next": "set it to missing."}
        return numbers, None, None
    numbers = pd.to_numeric(column.astype("object"), errors="coerce").astype("float64").to_numpy()
    text = column[np.isnan(numbers) & column.notna().to_numpy()].unique()
    if not len(text):
        return numbers, None, None
    fault = {
        "found": f"answers are words, such as {few([repr(str(one)) for one in text], 3)}.",
        "allowed": "numbers: yes/no as 1 and 0, ratings, amounts",
        "next": "turn them into numbers, leave the column out, or use LatentClasses, which takes words.",
    }
    return numbers, None, fault


def _category(column):
    """The places of the answers among the different answers, and these."""
    codes, levels = pd.factorize(column, sort=False)
    try:
        order = np.argsort(levels)
    except TypeError:
        order = np.argsort([str(level) for level in levels])
    place = np.append(np.argsort(order), -1)[codes].astype("float64")
    place[codes < 0] = np.nan
    levels = np.asarray(levels)[order]
    if len(levels) > _MOST_LEVELS:
        fault = {
            "found": f"there are {len(levels):,} different answers.",
            "allowed": f"at most {_MOST_LEVELS}",
            "next": "leave the column out, or put the answers into bands first.",
        }
        return place, levels, fault
    return place, levels, None


def _off_scale(numbers, scale):
    low, high = scale
    off = numbers[(numbers < low) | (numbers > high)]
    if not len(off):
        return None
    return {
        "found": f"{len(off):,} answer{'s lie' if len(off) > 1 else ' lies'} off the scale, such as {off[0]:g}.",
        "allowed": f"{low:g} to {high:g}",
        "next": "mend these answers or set them to missing; or give the scale that was used.",
    }


def _constant(numbers, levels):
    told = numbers[~np.isnan(numbers)]
    if not len(told):
        return {"found": "nobody answered it.", "next": "leave the item out."}
    if (told == told[0]).all():
        answer = f"{told[0]:g}" if levels is None else levels[0]
        return {
            "found": f"everybody gave the same answer, {answer}.",
            "next": "leave the item out: it cannot tell people apart.",
        }
    return None


def _weights(weights, X):
    if weights is None:
        return np.ones(len(X))
    if isinstance(weights, pd.Series) and not weights.index.equals(X.index):
        same = X.index.is_unique and weights.index.is_unique and not len(X.index.symmetric_difference(weights.index))
        weights = weights.reindex(X.index) if same else []
    try:
        numbers = np.asarray(weights, dtype="float64")
    except (ValueError, TypeError):
        numbers = np.array([np.nan])
    if numbers.shape == (len(X),) and np.isfinite(numbers).all() and (numbers >= 0).all() and numbers.any():
        if numbers.sum() < (numbers > 0).sum() / 2:
            raise CrmlabError(
                message(
                    "weights",
                    f"they add up to {numbers.sum():g} for {(numbers > 0).sum():,} people.",
                    allowed="weights that add up to about the number of people",
                    next="multiply them: weights / weights.mean() gives such weights.",
                )
            )
        return numbers
    raise CrmlabError(
        message(
            "weights",
            f"found {few(np.ravel(np.asarray(weights)), 3)}.",
            allowed=f"{len(X):,} numbers, one per person, 0 or more and not all 0",
            next="give such weights, or leave them out.",
        )
    )
