"""What is asked for, checked once, and the blocks it falls into."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from crmlab.simulate.columns import DAY
from crmlab.simulate.dice import Dice
from crmlab.simulate.vocabulary import vocabulary

__all__ = ["BLOCK", "SLOTS", "Block", "Plan"]

BLOCK = 65_536  # customers made together
SLOTS = 4  # record numbers kept for each person
_SLOT_BITS = (BLOCK * SLOTS - 1).bit_length()
_EPOCH = pd.Timestamp("1970-01-01", tz="UTC")


@dataclass(frozen=True)
class Plan:
    """A customer base that is still to be made: everything its bytes depend on."""

    company: str
    spec: dict
    locale: str
    customers: int
    seed: int
    months: int
    as_of: pd.Timestamp
    name: str = ""  # what the base is called; the company lends its dice
    changed: dict = field(default_factory=dict)  # what is not as in the company's own spec
    per_block: int = field(default_factory=lambda: BLOCK)  # goes along to every process that helps

    @cached_property
    def dice(self):
        """The dice of this company and seed."""
        return Dice(self.company, self.seed)

    @cached_property
    def last_day(self):
        """The day after the observed history, in days since 1970."""
        return (self.as_of - _EPOCH).days

    @cached_property
    def first_day(self):
        """The first day of the history."""
        return (self.as_of - pd.DateOffset(months=self.months) - _EPOCH).days

    @cached_property
    def end_day(self):
        """The day after the holdout."""
        return self.last_day + 7 * self.spec["holdout_weeks"]

    @property
    def vocabulary(self):
        """The locale's words."""
        return vocabulary(self.locale)

    @property
    def blocks(self):
        """How many blocks there are."""
        return -(-self.customers // self.per_block)

    @cached_property
    def _worked_out(self):
        return {}

    def once(self, what, work_out):
        """What is the same in every block: worked out for the first and kept for the others."""
        if what not in self._worked_out:
            self._worked_out[what] = work_out()
        return self._worked_out[what]

    def block(self, number):
        """One block of this plan."""
        return Block(self, number, min(self.per_block, self.customers - number * self.per_block))


@dataclass(frozen=True)
class Block:
    """Up to 65,536 customers, made without looking at any other."""

    plan: Plan
    number: int
    size: int

    @property
    def spec(self):
        """The company's spec."""
        return self.plan.spec

    @property
    def dice(self):
        """The dice of the plan, for what must not repeat from block to block."""
        return self.plan.dice

    @property
    def vocabulary(self):
        """The locale's words."""
        return self.plan.vocabulary

    @cached_property
    def person(self):
        """Number of each person in the whole base, from 0."""
        return self.number * self.plan.per_block + np.arange(self.size)

    @cached_property
    def record_ids(self):
        """Numbers of each person's records, four to a person: they tell neither who it is nor when it came."""
        return self.number_of_record(np.arange(SLOTS * self.size)).reshape(self.size, SLOTS)

    def number_of_record(self, place):
        """Number of the record at a place: four to a person, also where there are no such persons yet."""
        return self.identities(place, _SLOT_BITS, "customers")

    @property
    def end_second(self):
        """The moment the observed history ends, in seconds since 1970."""
        return self.plan.last_day * DAY

    def draw(self, table, column, *further):
        """Make the generator of one column of this block."""
        return self.plan.dice(table, column, self.number, *further)

    def pick(self, weights_table, n, table, column, *further):
        """Draw n choices by a table of :func:`crmlab.simulate.dice.lookup`."""
        return weights_table[self.draw(table, column, *further).integers(0, 1 << 16, n, dtype=np.uint16)]

    def identities(self, numbers, bits, table):
        """Trade the numbers of rows for ids that tell nothing and appear in no other block."""
        return (self.number << bits) + self.dice.scramble(numbers, bits, table, "id", self.number) + 1
