"""Branches: where the firm has its counters, which of them serves whom, and who works there."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from crmlab.simulate.columns import CHANNELS, DAY, days, words
from crmlab.simulate.dice import lookup
from crmlab.simulate.sales import rank_within

__all__ = ["Branches", "Counter", "branches_table"]

_AT_COUNTER = CHANNELS.index("branch")
_OLDEST, _YOUNGEST = 14_600, 200  # days before the history that a branch may have opened
_ONE = 1 << 32


@dataclass(frozen=True)
class Counter:
    """Contacts at branches."""

    branches: object
    rows: np.ndarray  # which contacts these are
    at: np.ndarray  # the branch of each, from 0

    def column(self, n):
        """The branch_id of all n contacts; 0 where there is no branch."""
        out = np.zeros(n, np.int64)
        out[self.rows] = self.at + 1
        return out


class Branches:
    """The branches of a company, the same for every block, in the order of their postcodes.

    Towns get branches by their size, one each as far as they go round (Adams' method:
    Balinski & Young 1982, Fair Representation). Some open, others close during the
    history; what would be done there while one is shut is done at the nearest that is
    open all along. Clerks are shared out by the same method, by what there is to do.

    Parameters
    ----------
    block : Block
        Its spec's ``[branches]`` says how many there are and how faithful customers are,
        and its ``[channels]`` how many clerks work in all of them.
    persons : pandas.DataFrame
        The clean values: where everybody lives.

    Attributes
    ----------
    town, place : ndarray of int
        Where each is, among the locale's towns and places.
    opened, closed : ndarray of int64
        Days since 1970; closed is far in the future where it is still open.
    load : ndarray of float
        Share of all business that each can expect.
    clerks, first_clerk : ndarray of int64
        How many work at each, and the number of the first of them, from 0.
    own : ndarray of int64
        The branch of each person of the block, from 0.
    """

    def __init__(self, block, persons):
        plan, spec = block.plan, block.spec["branches"]
        self.plan, self.home_share, number = plan, spec["home"], spec["number"]
        codes, towns = zip(*plan.vocabulary.places.words, strict=True)
        town_of = np.array([plan.vocabulary.towns.index(name) for name in towns])
        picked = np.bincount(town_of[plan.vocabulary.places.table], minlength=len(plan.vocabulary.towns))
        by_code = np.argsort(np.array(codes), kind="stable")
        first_seen = np.unique(town_of[by_code], return_index=True)[1]
        self._rank = np.argsort(np.argsort(first_seen))  # of each town, by its first postcode
        count = _shared_out(picked, number)
        self.town = np.repeat(np.argsort(self._rank), count[np.argsort(self._rank)])
        in_town = rank_within(count[np.argsort(self._rank)])
        places = [by_code[town_of[by_code] == town] for town in range(len(count))]
        self.place = np.array(
            [places[town][nth % len(places[town])] for town, nth in zip(self.town, in_town, strict=True)]
        )
        self._count, self._first = self._nearest(count)
        self._set_days(spec, number)
        self._share_work(picked)
        self.own = self._own(block, persons)

    def _nearest(self, count):
        """For each town how many branches serve it, and the first of them: its own, or those of the nearest town."""
        start = np.searchsorted(self._rank[self.town], self._rank)
        having = np.flatnonzero(count)
        gap = np.abs(self._rank[:, None] - self._rank[having])
        served_by = having[gap.argmin(axis=1)]
        return count[served_by], start[served_by]

    def _set_days(self, spec, number):
        plan, span = self.plan, self.plan.last_day - self.plan.first_day
        order = plan.dice("branches", "order").permutation(number)
        late = order[: round(number * spec["opened"])]
        shut = order[len(late) : len(late) + round(number * spec["closed"])]
        self.opened = plan.first_day - plan.dice("branches", "opened").integers(_YOUNGEST, _OLDEST, number)
        self.opened[late] = plan.first_day + plan.dice("branches", "opened_late").integers(0, span, len(late))
        self.closed = np.full(number, np.iinfo(np.int64).max)
        self.closed[shut] = plan.first_day + plan.dice("branches", "closed").integers(1, span, len(shut))
        steady = np.setdiff1d(order, [*late, *shut])
        me = np.arange(number)
        gap = np.abs(me[:, None] - steady) + number * (self.town[:, None] != self.town[steady])
        self.heir = steady[gap.argmin(axis=1)]

    def _share_work(self, picked):
        """What each branch can expect to do, and who does it."""
        share = np.bincount(self._first, picked / self._count, len(self.town) + 1)
        last = np.bincount(self._first + self._count, picked / self._count, len(self.town) + 1)
        at_home = np.cumsum(share - last)[:-1] / picked.sum()
        self._anywhere = lookup(np.rint(at_home * 10_000_000).astype(np.int64))
        first, end = self.plan.first_day, self.plan.last_day
        is_open = (np.clip(self.closed, first, end) - np.clip(self.opened, first, end)) / (end - first)
        self.load = at_home * is_open + np.bincount(self.heir, at_home * (1 - is_open), len(at_home))
        self.clerks = _shared_out(self.load, self.plan.spec["channels"]["branch"]["clerks"])
        self.first_clerk = np.cumsum(self.clerks) - self.clerks

    @cached_property
    def clerk_weights(self):
        """Share of all business that each clerk can expect."""
        return np.repeat(self.load / np.maximum(self.clerks, 1), self.clerks)

    def _own(self, block, persons):
        """One of those that serve a person's town."""
        towns = pd.Index(block.vocabulary.towns)
        town = towns.get_indexer(persons["city"].cat.categories)[persons["city"].cat.codes]
        lot = block.draw("branches", "own").integers(0, 1 << 16, block.size)
        return self._first[town] + (lot * self._count[town] >> 16)

    def counter(self, owner, second, channel, lots):
        """Say at which branch each contact at a branch is.

        Mostly at the customer's own; now and then at any, by its size; elsewhere while it is shut.

        Parameters
        ----------
        owner : ndarray of int64
            Person within the block, one per contact.
        second : ndarray of int64
            When it is, in seconds since 1970.
        channel : ndarray of int
            Where it is, as a place in CHANNELS.
        lots : callable
            From the rows of contacts at branches, a number from 0 to 2**32 - 1 for each.

        Returns
        -------
        Counter
        """
        rows = np.flatnonzero(channel == _AT_COUNTER)
        lot, away = lots(rows), round(self.home_share * _ONE)
        anywhere = self._anywhere[((lot - away) << 16) // max(_ONE - away, 1) & 0xFFFF]
        at, day = np.where(lot < away, self.own[owner[rows]], anywhere), second[rows] // DAY
        return Counter(self, rows, np.where((self.opened[at] <= day) & (day < self.closed[at]), at, self.heir[at]))

    def clerk(self, at, height):
        """Say which of a branch's clerks it is, from 0 in the whole channel, by a number from 0 to 65,535."""
        return self.first_clerk[at] + (height * self.clerks[at] >> 16)


def branches_table(block, branches):
    """Write down the branches, once in the whole base.

    Parameters
    ----------
    block : Block
    branches : Branches

    Returns
    -------
    pandas.DataFrame
        Without rows in every block but the first.
    """
    row = np.arange(len(branches.town) if block.number == 0 else 0)
    lists = block.vocabulary
    closed = branches.closed[row]
    columns = {
        "branch_id": row + 1,
        "city": words(branches.town[row], lists.towns),
        "postcode": words(branches.place[row], [code for code, _ in lists.places.words]),
        "opened_at": days(branches.opened[row]),
        "closed_at": days(np.minimum(closed, block.plan.last_day), closed >= block.plan.last_day),
    }
    return pd.DataFrame(columns, copy=False)


def _shared_out(weights, number):
    """Share so many things out by weight, one each as far as they go round (Adams)."""
    weights = np.asarray(weights, float)
    nth = np.arange(number)
    claim = np.where(nth == 0, weights[:, None] + weights.max() * number, weights[:, None] / np.maximum(nth, 1))
    claim[weights == 0] = 0
    most = np.argsort(-claim.ravel(), kind="stable")[:number]
    return np.bincount(most // number, minlength=len(weights))
