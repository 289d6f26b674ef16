"""Hold a number against the expected one, and name the usual ways of missing it."""

import numpy as np

from crmlab.lesson.reading import Differs, a_what, is_many, number_of

__all__ = ["compare_number", "reach_of", "usual_miss"]

_SHARE = 0.005
_NEAR = 0.05
_HUNDRED = (
    "100 times too large. Is it a percentage where a share is asked, or cents where euros are?",
    "100 times too small. Is it a share where a percentage is asked, or euros where cents are?",
)


def reach_of(expected, within=None):
    """Say how far an answer may lie from the expected number: 0.5% of it, nothing for whole numbers.

    Examples
    --------
    >>> float(reach_of(0.6)), float(reach_of(131)), float(reach_of(131, within=5))
    (0.003, 0.0, 5.0)
    """
    expected = np.asarray(expected)
    if within is not None:
        return np.full(expected.shape, float(within))
    if expected.dtype.kind in "iu":
        return np.zeros(expected.shape)
    return np.maximum(_SHARE * np.abs(expected.astype("float64")), 1e-9)


def compare_number(answer, expected, within, asides):
    """Hold one number against the expected one; raises `Differs` when they are not the same."""
    if is_many(answer) and not isinstance(answer, tuple):
        raise Differs(f"one number is asked. This is {a_what(answer)}.")
    got, want = number_of(answer, asides), number_of(expected, [])
    reach = float(reach_of(want, within))
    if abs(got - want) <= reach:
        return
    miss = usual_miss(np.array([float(got)]), np.array([float(want)]), np.array([reach]))
    if miss:
        raise Differs(f"your number is {miss}")
    if isinstance(want, int) and got != int(got):
        raise Differs(f"a whole number is asked, and {got:g} is none.")
    if want and abs(got - want) <= _NEAR * abs(want):
        how_near = f"within {within:g}" if within is not None else "to half a percent" if reach else "to the last digit"
        raise Differs(f"{got:,.10g} is near, but not right {how_near}. Was it rounded, or is somebody left out?")
    raise Differs(f"{got:,.10g} is too {'large' if got > want else 'small'}.")


def usual_miss(got, want, reach):
    """Name what turns every number into the right one at once: the sign, a factor of 100, a step of 1.

    Returns
    -------
    str
        Ends the sentence "your number is …"; empty when it is none of these.

    Examples
    --------
    >>> usual_miss(np.array([-3.0]), np.array([3.0]), np.array([0.0]))
    'right but for the sign.'
    """
    if not want.any():
        return ""
    ways = [(-got, "right but for the sign."), (got / 100, _HUNDRED[0]), (got * 100, _HUNDRED[1])]
    if len(want) > 1:
        ways += [(got - 1, "1 too large throughout."), (got + 1, "1 too small throughout.")]
    for mended, words in ways:
        if (np.abs(mended - want) <= np.maximum(reach, 1e-9)).all():
            return words
    return ""
