"""Pseudonyms: the same person is the same stranger in every table, for whoever does not hold the key."""

import hashlib
import hmac

import numpy as np
import pandas as pd
from pandas.api import types

from crmlab.errors import CrmlabError, message
from crmlab.quality.uniques import parts

__all__ = ["pseudonyms"]

_LEAST_BYTES = 16
_LEAST_DIFFERENT = 6
_SIGNS = 20  # 80 bits: among a thousand million people two alike are less likely than 1 in a million


def pseudonyms(values, *, key):
    """Replace what names a person by a pseudonym that only the holder of the key can make.

    The same value and key give the same pseudonym, in every table and every year, so
    tables can still be joined. Another key gives others. The key is in no output and no
    message. Pseudonyms are still personal data: whoever has the key, or enough of the
    other columns, finds the person again (see :func:`crmlab.quality.k_anonymity`).

    Parameters
    ----------
    values : pandas.Series or list
        Ids, e-mail addresses … as text or whole numbers: 17 and "17" are the same.
    key : str or bytes
        A secret of at least 16 bytes. Make one with ``secrets.token_hex(16)``, and keep
        it where the data are not.

    Returns
    -------
    pandas.Series of str
        The caller's index and name are kept; NA stays NA.

    Raises
    ------
    CrmlabError
        When the key is too short or too simple, or the values are no ids.

    References
    ----------
    HMAC-SHA-256 (RFC 2104, FIPS 198-1), cut to 80 bits; "pseudonymisation" as in the
    General Data Protection Regulation, article 4 (5).

    Examples
    --------
    >>> ids = pd.Series([17, 18, 17], index=["a", "b", "c"])
    >>> hidden = pseudonyms(ids, key="not this one, please: 4711")
    >>> hidden["a"] == hidden["c"], hidden["a"] == hidden["b"], len(hidden["a"])
    (True, False, 20)
    >>> pseudonyms(ids, key="1234")
    Traceback (most recent call last):
        ...
    crmlab.errors.CrmlabError: key: it is too short to keep a secret: 4 bytes.
      allowed : 16 bytes or more
      next    : make one with secrets.token_hex(16), and keep it where the data are not.
    """
    secret = _checked_key(key)
    column = values.copy(deep=False) if isinstance(values, pd.Series) else pd.Series(values)
    column = _as_ids(column)
    codes, found = parts(column)
    made = [hmac.digest(secret, text.encode("utf-8"), hashlib.sha256).hex()[:_SIGNS] for text in found]
    hidden = pd.array([*made, pd.NA], dtype="str")
    return pd.Series(hidden.take(codes), index=column.index, name=column.name)


def _checked_key(key):
    """The key as bytes; messages never show it."""
    step = "make one with secrets.token_hex(16), and keep it where the data are not."
    if not isinstance(key, str | bytes):
        found = f"found a {type(key).__name__}."
        raise CrmlabError(message("key", found, allowed="a text or bytes", next=step))
    secret = key.encode("utf-8") if isinstance(key, str) else key
    if len(secret) < _LEAST_BYTES:
        found = f"it is too short to keep a secret: {len(secret)} byte{'s' * (len(secret) != 1)}."
        raise CrmlabError(message("key", found, allowed=f"{_LEAST_BYTES} bytes or more", next=step))
    if len(set(secret)) < _LEAST_DIFFERENT:
        found = f"it is too simple to keep a secret: {len(set(secret))} different sign{'s' * (len(set(secret)) != 1)}."
        raise CrmlabError(message("key", found, allowed=f"{_LEAST_DIFFERENT} different signs or more", next=step))
    return secret


def _as_ids(column):
    """Whole numbers and texts alike as text, however pandas holds them."""
    if types.is_float_dtype(column.dtype):
        whole = column.dropna()
        if not (np.isfinite(whole) & (whole == whole.round())).all():
            found = "numbers with a fraction, which are no ids."
            step = "pass a column of ids, e-mail addresses or other texts."
            raise CrmlabError(message("values", found, allowed="texts or whole numbers", next=step))
        return column.astype("Int64")
    return column
