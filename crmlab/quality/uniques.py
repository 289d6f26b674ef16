"""Do the same to every text of a column, at the cost of the different ones."""

from functools import wraps

import numpy as np
import pandas as pd

from crmlab.errors import CrmlabError, message

__all__ = ["each_once", "parts", "settled"]


def each_once(text, change):
    """Change every text of a column, working each different one out once.

    Parameters
    ----------
    text : pandas.Series or list of str
    change : callable
        Takes one text, gives another, or NA.

    Returns
    -------
    pandas.Series of str
        The caller's index and name are kept; NA stays NA.

    Raises
    ------
    CrmlabError
        When `text` is one text, or no column of texts.

    Examples
    --------
    >>> each_once(["Split", None, "Split"], str.upper).tolist()
    ['SPLIT', nan, 'SPLIT']
    """
    column = _as_column(text)
    codes, found = parts(column)
    new = pd.array([change(one) for one in found] + [pd.NA], dtype="str")
    return pd.Series(new.take(codes), index=column.index, name=column.name)


def parts(column):
    """Take a column apart into its different texts and the place of each row's among them.

    Parameters
    ----------
    column : pandas.Series
        Texts, or what can be read as texts.

    Returns
    -------
    codes : ndarray of int64
        -1 where there is nothing.
    found : list of str

    Raises
    ------
    CrmlabError
        When a cell holds a list or the like.

    Examples
    --------
    >>> codes, found = parts(pd.Series(["Split", None, "Split"]))
    >>> codes.tolist(), found
    ([0, -1, 0], ['Split'])
    """
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes, found = column.cat.codes.to_numpy().astype(np.int64), column.cat.categories
    else:
        try:
            codes, found = pd.factorize(column)
        except (TypeError, NotImplementedError):  # cells that are lists: plain ones and those of pyarrow
            raise CrmlabError(_no_text(column)) from None
    found = found.to_numpy(dtype=object).tolist() if hasattr(found, "to_numpy") else found.tolist()
    return codes, found if all(type(one) is str for one in found) else [_as_text(one) for one in found]


def settled(form):
    """Make a normal form come to rest: what was done to a text is done again until nothing more is to do.

    Parameters
    ----------
    form : callable
        Takes a text and a locale, gives the new text and what was changed.

    Returns
    -------
    callable
        The same, with a text that the form would leave as it is.

    Examples
    --------
    >>> halve = settled(lambda text, locale: (text[: len(text) // 2], ("halved",)) if len(text) > 3 else (text, ()))
    >>> halve("a" * 24, "hr")
    ('aaa', ('halved',))
    """

    @wraps(form)
    def at_rest(text, locale, **options):
        new, kinds = form(text, locale, **options)
        more = kinds
        while more and new is not None:
            new, more = form(new, locale, **options)
            kinds += tuple(kind for kind in more if kind not in kinds)
        return new, () if new == text else kinds

    return at_rest


def _as_text(one):
    """A whole number that a gap made a float stays whole."""
    return str(int(one)) if isinstance(one, float) and one.is_integer() else str(one)


def _no_text(column):
    rows = np.flatnonzero([pd.api.types.is_list_like(one) for one in column])
    first = f"found {column.iloc[rows[0]]!r}." if len(rows) else f"found cells of {column.dtype}."
    where = "text" if column.name is None else str(column.name)
    next_step = f"take one text of each, for instance table[{where!r}].str[0], or join them: .str.join(' ')."
    return message(where, first, allowed="one text in each cell", rows=f"{len(rows):,} such", next=next_step)


def _as_column(text):
    if isinstance(text, str) or not pd.api.types.is_list_like(text):
        next_step = 'give a column or a list, for instance customers["last_name"] or ["Novak", "NOVAK"].'
        raise CrmlabError(message("text", f"found {text!r}.", allowed="a column of texts", next=next_step))
    if isinstance(text, pd.DataFrame):
        next_step = (
            f"name one column, for instance table[{text.columns[0]!r}]." if len(text.columns) else "give a column."
        )
        raise CrmlabError(message("text", "found a whole table.", allowed="a column of texts", next=next_step))
    return text if isinstance(text, pd.Series) else pd.Series(list(text), dtype=object)
