"""What is known of people, as few different words."""

from itertools import pairwise

import numpy as np
import pandas as pd
from pandas.api import types

__all__ = ["in_words"]

_BANDS = 5


def in_words(column):
    """Take what is known of people as few different words.

    Parameters
    ----------
    column : pandas.Series of shape (n_people,)
        Numbers and days are put into five bands of equal size; gaps become "not known", rare words
        "other".

    Returns
    -------
    pandas.Series of shape (n_people,), str

    Examples
    --------
    >>> in_words(pd.Series(["f", None, "m"] * 10)).tolist()[:3]
    ['f', 'not known', 'm']
    >>> in_words(pd.Series(range(18, 78))).unique().tolist()
    ['18 to 29', '30 to 41', '42 to 53', '54 to 65', '66 to 77']
    """
    if types.is_datetime64_any_dtype(column) or (types.is_numeric_dtype(column) and column.nunique() > _BANDS):
        bands = pd.qcut(column, _BANDS, duplicates="drop")
        column = bands.cat.rename_categories(_names(column, bands.cat.categories)).astype("str").where(column.notna())
    words = column.astype("object").where(column.notna(), "not known").astype(str)
    rare = words.map(words.value_counts()) < max(len(words) / 100, 5)
    return words.mask(rare, "other") if len(words[~rare].unique()) > 1 else words


def _names(column, bands):
    """What each band holds, first to last: whole numbers where all are whole, else no more places than needed."""
    if types.is_datetime64_any_dtype(column):
        return [f"{band.left:%Y-%m-%d} to {band.right:%Y-%m-%d}" for band in bands]
    told = column.dropna().astype("float64")
    if (told % 1 == 0).all():
        ends = [(told[(told > band.left) & (told <= band.right)].agg(["min", "max"])) for band in bands]
        return [f"{low:,.0f} to {high:,.0f}" if low < high else f"{low:,.0f}" for low, high in ends]
    edges = [max(bands[0].left, told.min()), *(band.right for band in bands)]
    for places in range(12):
        words = [f"{edge:,.{places}f}" for edge in edges]
        if len(set(words)) == len(words) and (places or np.diff(edges).min() > 20):
            break
    return [f"{low} to {high}" for low, high in pairwise(words)]
