"""What exports call each column: read from ``synonyms.toml``, where names are added."""

import tomllib
from functools import cache
from importlib.resources import files

__all__ = ["other_words", "synonyms"]


@cache
def synonyms(table, ours):
    """The names exports give a column: the sure ones, then the possible ones.

    Parameters
    ----------
    table : str
        The table.
    ours : str
        Name of the column in crmlab.

    Returns
    -------
    tuple of frozenset of str
        Two ranks, written as :func:`crmlab.tables.own_data.words.plain_name` does.

    Examples
    --------
    >>> sure, possible = synonyms("transactions", "ts")
    >>> "datum" in sure, "dan" in possible
    (True, True)
    """
    parts = [_all().get(part, {}).get(ours, {}) for part in (table, "every")]
    return tuple(frozenset(name for part in parts for name in part.get(rank, ())) for rank in ("sure", "possible"))


@cache
def other_words(meaning):
    """The names of columns that are not taken over but tell something.

    Parameters
    ----------
    meaning : {"price", "quantity", "currency"}
        What they tell.

    Returns
    -------
    frozenset of str

    Examples
    --------
    >>> "kolicina" in other_words("quantity")
    True
    """
    return frozenset(_all()["words"][meaning])


@cache
def _all():
    return tomllib.loads((files(__package__) / "synonyms.toml").read_text(encoding="utf-8"))
