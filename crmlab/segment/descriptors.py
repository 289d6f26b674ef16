"""What is known of people, as few different words."""

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
    """
    if types.is_datetime64_any_dtype(column) or (types.is_numeric_dtype(column) and column.nunique() > _BANDS):
        bands = pd.qcut(column, _BANDS, duplicates="drop")
        column = bands.cat.rename_categories(_band).astype("str").where(column.notna())
    words = column.astype("object").where(column.notna(), "not known").astype(str)
    rare = words.map(words.value_counts()) < max(len(words) / 100, 5)
    return words.mask(rare, "other") if len(words[~rare].unique()) > 1 else words


def _band(band):
    low, high = band.left, band.right
    if isinstance(low, pd.Timestamp):
        return f"{low:%Y-%m-%d} to {high:%Y-%m-%d}"
    return f"{low:,.0f} to {high:,.0f}" if abs(high) >= 100 else f"{low:.3g} to {high:.3g}"
