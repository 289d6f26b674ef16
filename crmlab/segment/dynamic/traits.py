"""Words for the customer: a trait that does not change, and membership in another segment."""

from crmlab.segment.dynamic import values
from crmlab.segment.dynamic.rules import Rule, needs_brackets
from crmlab.segment.dynamic.tree import Member, Trait

__all__ = ["member", "trait"]


class trait:
    """Name a trait of the customer, to be compared: ``trait("city") == "Split"``.

    Parameters
    ----------
    name : str
        A column of the frame given as ``traits=`` when the rule is run. A missing trait, like a
        customer who is not in the frame, meets no comparison.

    Examples
    --------
    >>> print(trait("city") == "Split")
    segment: city is "Split"
    """

    __hash__ = None

    def __init__(self, name):
        self._where = f"trait({name!r})"
        self._name = values.name(name, "trait()")

    def __repr__(self):
        return self._where

    def _compared(self, op, value):
        return Rule(Trait(values.condition(self._name, op, value, self._where)))

    def __eq__(self, value):
        return self._compared("==", value)

    def __ne__(self, value):
        return self._compared("!=", value)

    def __lt__(self, value):
        return self._compared("<", value)

    def __le__(self, value):
        return self._compared("<=", value)

    def __gt__(self, value):
        return self._compared(">", value)

    def __ge__(self, value):
        return self._compared(">=", value)

    def _alone(self, other=None):
        raise needs_brackets(self._where)

    __and__ = __rand__ = __or__ = __ror__ = __invert__ = __bool__ = _alone

    def isin(self, values):
        """Say that it is one of several values.

        Parameters
        ----------
        values : list of int or of str

        Returns
        -------
        Rule

        Raises
        ------
        CrmlabError
            When the values are of several kinds.

        Examples
        --------
        >>> trait("city").isin(["Split", "Zadar"])
        trait("city").isin(["Split", "Zadar"])
        """
        return self._compared("in", values)


def member(segment):
    """Say that the customer is in another segment of the same set of segments.

    Parameters
    ----------
    segment : str
        Its name in ``Segments({...})``.

    Returns
    -------
    Rule

    Raises
    ------
    CrmlabError
        When it is no name.

    Examples
    --------
    >>> print(~member("vip"))
    segment: is not in "vip"
    """
    return Rule(Member(values.name(segment, "member()")))
