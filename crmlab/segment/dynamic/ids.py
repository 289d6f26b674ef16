"""Ids of customers outside the log, brought to what they are in a log: whole numbers or text, never both."""

import numpy as np
import pandas as pd
from pandas.api import types

from crmlab.errors import CrmlabError, few, message

__all__ = ["are_text", "check_alike", "plain_ids"]

_MOST_FLOAT = 2**53


def plain_ids(ids, where):
    """Bring ids to whole numbers or text, whatever kind of column they came in.

    Parameters
    ----------
    ids : pandas.Index
    where : str
        What they are called in a message.

    Returns
    -------
    pandas.Index
        Of int64, or of Python's text.

    Raises
    ------
    CrmlabError
        When some are missing, or they are neither.

    Examples
    --------
    >>> plain_ids(pd.Index([7.0, 8.0]), "traits").tolist()
    [7, 8]
    >>> plain_ids(pd.Index([7, "7"]), "traits")
    Traceback (most recent call last):
        ...
    crmlab.errors.CrmlabError: traits: the ids are of kind mixed-integer.
      allowed : whole numbers or text, one kind for all
      next    : write them as text: .astype("str").
    """
    if isinstance(ids.dtype, pd.CategoricalDtype):
        ids = ids.astype(ids.categories.dtype)
    missing = ids.isna() if not isinstance(ids, pd.MultiIndex) else np.zeros(len(ids), dtype=bool)
    if missing.any():
        found = f"{int(missing.sum()):,} of the ids {'is' if missing.sum() == 1 else 'are'} missing."
        raise CrmlabError(message(where, found, next="leave these rows out."))
    kind = "integer" if types.is_integer_dtype(ids.dtype) else types.infer_dtype(ids)
    if kind in ("string", "empty"):
        return pd.Index(np.asarray(ids, dtype="object"), dtype="object")
    if kind == "floating" and all(abs(one) < _MOST_FLOAT and one == int(one) for one in ids):
        return pd.Index(np.array([int(one) for one in ids], dtype="int64"))
    if kind == "integer" and (not len(ids) or -(2**63) <= int(ids.min()) <= int(ids.max()) < 2**63):
        return pd.Index(np.array(ids.tolist(), dtype="int64"))
    allowed, step = "whole numbers or text, one kind for all", 'write them as text: .astype("str").'
    raise CrmlabError(message(where, f"the ids are of kind {kind}.", allowed=allowed, next=step))


def are_text(ids):
    """Tell text from whole numbers, of ids as `plain_ids` gives them; None where there are none.

    Parameters
    ----------
    ids : pandas.Index

    Returns
    -------
    bool or None

    Examples
    --------
    >>> are_text(pd.Index([7])), are_text(pd.Index(["a"])), are_text(pd.Index([]))
    (False, True, None)
    """
    return not types.is_integer_dtype(ids.dtype) if len(ids) else None


def check_alike(ids, text_in_log, where):
    """Refuse ids that are text where those of the log are numbers, or the other way round: nobody would be found.

    Parameters
    ----------
    ids : pandas.Index
        As `plain_ids` gives them.
    text_in_log : bool
    where : str
        What they are called in a message.

    Raises
    ------
    CrmlabError
        When they are of another kind.

    Examples
    --------
    >>> check_alike(pd.Index(["7"]), False, "traits")
    Traceback (most recent call last):
        ...
    crmlab.errors.CrmlabError: traits: customers are whole numbers in the log and text here.
      here    : 7
      next    : write them alike: .astype("str") in both.
    """
    text_here = are_text(ids)
    if text_here not in (None, text_in_log):
        said = ("whole numbers", "text")
        found = f"customers are {said[text_in_log]} in the log and {said[text_here]} here."
        raise CrmlabError(message(where, found, here=few(ids), next='write them alike: .astype("str") in both.'))
