"""Answers to a survey, counted once for each pattern: thousands of people often give a few hundred different ones."""

import math

import numpy as np
import pandas as pd

from crmlab.errors import CrmlabError, did_you_mean, few, message
from crmlab.segment.answer_faults import checked_scale, constant, in_categories, in_numbers
from crmlab.segment.asked import checked_table
from crmlab.tables.rows import alike, numbered

__all__ = ["Answers", "answers_of", "new_answers"]


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
    scale : tuple of (float, float) or None
        Lowest and highest answer, where they were given.

    Examples
    --------
    >>> answers = answers_of(pd.DataFrame({"price": [1, 0, 1], "taste": [0, 1, 0]}))
    >>> answers.patterns.tolist(), answers.weight.tolist()
    ([[1.0, 0.0], [0.0, 1.0]], [2.0, 1.0])
    """

    def __init__(self, items, index, patterns, weight, kind, levels=None, scale=None):
        self.items, self.index = items, index
        self.patterns, self.weight, self.kind, self.levels, self.scale = patterns, weight, kind, levels, scale

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
        For what is no table, a table without rows or items, one person alone, text where numbers are
        needed, answers off the scale, codes such as 99 for answers not given, items without any
        answer or with one answer only, a scale or weights that are none.

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
    X, scale = _table(X), checked_scale(scale)
    if len(X) == 1:
        found, step = "there is one person.", "give the answers of all people, one row per person."
        raise CrmlabError(message("answers", found, allowed="two people or more", next=step))
    faults, columns, levels = [], [], []
    for item in X.columns:
        column, known, fault = in_categories(X[item]) if categories else in_numbers(X[item], scale)
        fault = fault or constant(column, known)
        columns.append(column)
        levels.append(known)
        if fault:
            faults.append(message(str(item), **fault))
    if faults:
        raise CrmlabError(*faults)
    answers = _counted(X, columns, _weights(weights, X), levels if categories else None)
    answers.scale = scale
    return answers


def new_answers(X, answers):
    """Take new people's answers to the same items as numbers, or say everything that is wrong with them.

    Parameters
    ----------
    X : pandas.DataFrame or array-like of shape (n_people, n_items)
        A table may hold other columns too, in any order; an array has the items in theirs.
    answers : Answers
        Those the segments were made from.

    Returns
    -------
    tuple of (pandas.Index, ndarray of shape (n_people, n_items))

    Raises
    ------
    CrmlabError
        When an item is missing, an answer is no number or off the scale that was given.

    Examples
    --------
    >>> known = answers_of(pd.DataFrame({"price": [1, 7], "taste": [2, 6]}), scale=(1, 7))
    >>> new_answers(pd.DataFrame({"taste": [3], "price": [99]}), known)
    Traceback (most recent call last):
        ...
    crmlab.errors.CrmlabError: price: 1 answer lies off the scale, such as 99.
      allowed : 1 to 7
      next    : mend these answers or set them to missing; or give the scale that was used.
    """
    items, faults, columns = answers.items, [], []
    X = checked_table("answers", _as_table(X, items).rename(columns=str), "person")
    for item in items:
        if item not in X.columns:
            found = f"the new answers have no such item.{did_you_mean(item, X.columns)}"
            step = "give every item the segments were made from; an empty column is allowed."
            faults.append(message(item, found, it_has=few(X.columns, 12), next=step))
            continue
        column, _, fault = in_numbers(X[item], answers.scale)
        columns.append(column)
        if fault:
            faults.append(message(item, **fault))
    if faults:
        raise CrmlabError(*faults)
    return X.index, np.stack(columns, axis=1)


def _counted(X, columns, weights, levels):
    items = [str(item) for item in X.columns]
    if levels:
        missing = [column < 0 for column in columns]
        first, kind = _kinds(columns, missing, levels)
        patterns = np.array([column[first] for column in columns], dtype="float64").T  # an item's answers side by side
        for place, none in enumerate(missing):
            patterns[none[first], place] = np.nan
    else:
        missing = [np.isnan(column) for column in columns]
        first, kind = alike({place: np.where(np.isnan(one), -np.inf, one) for place, one in enumerate(columns)})
        patterns = np.stack([column[first] for column in columns], axis=1)
    given = ~np.logical_and.reduce(missing)
    weight = np.bincount(kind, weights=np.where(given, weights, 0.0), minlength=len(first))
    if given.all():
        return Answers(items, X.index, patterns, weight, kind, levels)
    empty = np.isnan(patterns).all(axis=1)
    place = np.cumsum(~empty) - 1
    return Answers(items, X.index, patterns[~empty], weight[~empty], np.where(given, place[kind], -1), levels)


def _kinds(columns, missing, levels):
    """A person of each pattern, and the pattern of each person; patterns are sorted, a missing answer comes first."""
    some = [int(none.any()) for none in missing]
    sizes = [len(known) + more for known, more in zip(levels, some, strict=True)]
    cells = math.prod(sizes)
    if cells >= 2**62:
        return alike(dict(enumerate(columns)))
    number = np.zeros(len(columns[0]), dtype="int64")  # few enough to write a pattern as one number
    for column, more, size in zip(columns[::-1], some[::-1], sizes[::-1], strict=True):
        number *= size
        number += column
        if more:
            number += 1
    return numbered(number, cells)


def _as_table(X, items=None):
    """A table as it is, rows of numbers with the names of the items."""
    if isinstance(X, pd.DataFrame):
        return X
    try:
        rows = np.asarray(X)
    except ValueError:  # rows of different lengths
        rows = np.array(None)
    if rows.ndim == 2 and rows.dtype.kind in "biufO" and (items is None or rows.shape[1] == len(items)):
        return pd.DataFrame(rows, columns=items or [f"item_{number + 1}" for number in range(rows.shape[1])])
    found = f"found an array of shape {rows.shape}." if rows.ndim else f"found {type(X).__name__}, which is no table."
    step = "give a table, for instance answers[['price', 'service']]."
    raise CrmlabError(message("answers", found, allowed="one row per person and one column per item", next=step))


def _table(X):
    X = _as_table(X)
    if not len(X) or not X.shape[1]:
        raise CrmlabError(
            message(
                "answers",
                f"the table has {len(X)} rows and {X.shape[1]} items.",
                next="give one row per person and one column per item.",
            )
        )
    return checked_table("answers", X, "person")


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
