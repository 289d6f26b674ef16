"""Chance comes from a seed that the caller names, so that it can come again."""

import numpy as np

from crmlab.errors import CrmlabError, message

__all__ = ["dice_of"]


def dice_of(seed):
    """Take a seed as the source of chance, or say what is wrong with it.

    Parameters
    ----------
    seed : int
        0 or more.

    Returns
    -------
    numpy.random.Generator

    Raises
    ------
    CrmlabError
        When it is no whole number, or negative.

    Examples
    --------
    >>> int(dice_of(1).integers(100))
    47
    """
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        step = "choose any, and keep it: the same seed draws the same customers."
        raise CrmlabError(message("seed", f"found {seed!r}.", allowed="a whole number, 0 or more", next=step))
    return np.random.default_rng(seed)
