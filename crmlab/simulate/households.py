"""Households: who lives with whom, and the persons who are easily taken for each other."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

__all__ = ["RELATIONS", "Households", "households"]

RELATIONS = ("alone", "family", "father_and_son", "twin", "namesake")
_ALONE, _FAMILY, _FATHER_AND_SON, _TWIN, _NAMESAKE = range(5)
_AROUND = 1_000  # a namesake is one of so many persons before
_LEAST_GAP, _MOST_GAP = 7_305, 11_688  # days: a father of 20 to 32 years


@dataclass(frozen=True)
class Households:
    """How each person of a block goes with an earlier one.

    Each of the arrays says from which person a person has something; who has it from
    nobody is named there with their own number.
    """

    relation: np.ndarray  # place in RELATIONS
    home: np.ndarray  # whose household it is
    surname: np.ndarray
    name: np.ndarray  # gender, and with it first name
    gender: np.ndarray
    town: np.ndarray
    gap: np.ndarray  # days between father and son

    @cached_property
    def is_twin(self):
        """Who has the gender, but not the first name, of the person before."""
        return self.relation == _TWIN

    def born(self, day, youngest_day):
        """Let twins be born on one day, and father and son a generation apart.

        Parameters
        ----------
        day : ndarray of int64
            Day of birth of each person if nobody were related.
        youngest_day : int
            Day of birth of those who have just come of age.

        Returns
        -------
        ndarray of int64
        """
        before = np.arange(len(day)) - 1
        twin = _root(np.where(self.is_twin, before, before + 1))
        other = _root(np.where(self.is_twin | (self.relation == _FATHER_AND_SON), before, before + 1))
        first = day[other]
        generation = np.where(first + self.gap <= youngest_day, first + self.gap, first - self.gap)
        return np.where(self.relation == _FATHER_AND_SON, generation, first)[twin]


def households(block):
    """Let persons live together, share names and look alike.

    Parameters
    ----------
    block : Block
        The spec's ``[households]`` says which share of persons lives with the person
        before (``family``), is the son or father of the same name (``father_and_son``),
        the twin (``twins``), or has the name of somebody in the same town
        (``namesakes``); and in how many families the surname is one (``same_surname``).

    Returns
    -------
    Households

    Examples
    --------
    >>> from crmlab.simulate.asked import asked
    >>> together = households(asked("retail", customers=1_000, seed=7).block(0))
    >>> len(set(together.home.tolist())) < 1_000
    True
    """
    spec, n = block.spec.get("households", {}), block.size
    shares = [spec.get(share, 0.0) for share in ("family", "father_and_son", "twins", "namesakes")]
    ends = np.rint(np.cumsum(shares) * (1 << 32)).astype(np.int64)
    height = block.draw("households", "relation").integers(0, 1 << 32, n)
    relation = (np.searchsorted(ends, height, side="right") + 1) % len(RELATIONS)
    relation[0] = _ALONE
    me = np.arange(n)
    back = 1 + block.draw("households", "namesake").integers(0, _AROUND, n)
    lives_with = np.isin(relation, (_FAMILY, _FATHER_AND_SON, _TWIN))
    is_called_like = (relation == _FAMILY) & (
        block.draw("households", "same_surname").random(n) < spec.get("same_surname", 0.0)
    )
    is_namesake, like = relation == _NAMESAKE, np.maximum(me - back, 0)
    before = np.where(lives_with, me - 1, me)
    name = np.where(relation == _FATHER_AND_SON, me - 1, np.where(is_namesake, like, me))
    gap = block.draw("households", "generation").integers(_LEAST_GAP, _MOST_GAP + 1, n)
    return Households(
        relation,
        home=_root(before),
        surname=_root(np.where(is_called_like | (relation == _TWIN), me - 1, name)),
        name=_root(name),
        gender=_root(np.where(relation == _TWIN, me - 1, name)),
        town=_root(np.where(is_namesake, like, before)),
        gap=gap,
    )


def _root(pointer):
    """Follow each pointer to its end."""
    while not np.array_equal(further := pointer[pointer], pointer):
        pointer = further
    return pointer
