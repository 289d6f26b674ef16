"""Join linked records into customers, except where one weak link alone would hold two groups together."""

import numpy as np

from crmlab.dedupe.graph import bridges, parts

__all__ = ["AGAINST_BITS", "joined"]

# What one pair of records that is not linked says against the two being one customer, in bits (log2 of the odds).
AGAINST_BITS = 1.0


def joined(n, left, right, bits, apart=()):
    """Give every record the number of its group, and list the links that were cut.

    Links that lie on a circle of links hold. A link that alone joins two groups of a and b records is a **bridge**: of
    the a · b pairs between the groups it is the only one that is linked. It is weak, and cut, when its bits are fewer
    than the bits against it, `AGAINST_BITS` for each of the a · b − 1 others. The strongest bridges are weighed first.

    Parameters
    ----------
    n : int
        Number of records, numbered in the order of their ids.
    left, right : ndarray of int64
        The two records of each link.
    bits : ndarray of float64
        log2 of the odds that a link is right.
    apart : sequence of (int, int)
        Records that somebody has said are not the same customer: no group holds both.

    Returns
    -------
    group : ndarray of shape (n,), dtype int64
        Numbered from 0 in the order of their first records.
    cut : ndarray of int64
        The links that were cut, strongest first.
    sizes : ndarray of shape (n_cut, 2)
        The records on the left and right side of each cut link, when it was weighed.
    is_told : ndarray of bool
        Whether a link was cut because of `apart`.

    References
    ----------
    Weighing links against the pairs that are not linked is correlation clustering: N. Bansal, A. Blum & S. Chawla,
    *Machine Learning* 56, 2004. The best answer is hard to find; taking the strongest link first is the usual way.
    """
    component = parts(n, left, right)
    told = _told(component, left, apart)
    alone = np.bincount(component, minlength=1)[component[left]] > 2
    nodes, ends = np.unique([left[alone], right[alone]], return_inverse=True)
    alone[alone] = bridges(len(nodes), *ends.reshape(2, -1))
    core = parts(n, left[~alone & ~told], right[~alone & ~told])
    groups = _Groups(core, apart)
    cut, sizes, because = [], [], []
    todo = np.flatnonzero(alone | told)
    todo = todo[np.lexsort((right[todo], left[todo], -bits[todo]))]
    for link in todo.tolist():
        one, other = groups.find(int(core[left[link]])), groups.find(int(core[right[link]]))
        if one == other:
            continue
        a, b = groups.size[one], groups.size[other]
        is_foe = groups.are_foes(one, other)
        if is_foe or (alone[link] and bits[link] < AGAINST_BITS * (a * b - 1)):
            cut.append(link)
            sizes.append((a, b))
            because.append(is_foe)
        else:
            groups.join(one, other)
    final = groups.roots()[core]
    first = np.unique(final, return_index=True)
    rank = np.empty(groups.n, dtype="int64")
    rank[first[0][np.argsort(first[1])]] = np.arange(len(first[0]))
    sizes = np.array(sizes, dtype="int64").reshape(-1, 2)
    return rank[final], np.array(cut, dtype="int64"), sizes, np.array(because, dtype=bool)


def _told(component, left, apart):
    """Find the links of parts in which somebody has said that two records are not the same."""
    torn = {component[one] for one, other in apart if component[one] == component[other]}
    return np.isin(component[left], list(torn)) if torn else np.zeros(len(left), dtype=bool)


class _Groups:
    """Groups that grow: which group a record is in, how many it holds, and which it must not join."""

    def __init__(self, core, apart):
        self.size = np.bincount(core).tolist()
        self.n = len(self.size)
        self.above = list(range(self.n))
        self.foes = {}
        for one, other in apart:
            self.foes.setdefault(int(core[one]), set()).add(int(core[other]))
            self.foes.setdefault(int(core[other]), set()).add(int(core[one]))

    def find(self, number):
        while self.above[number] != number:
            self.above[number] = self.above[self.above[number]]
            number = self.above[number]
        return number

    def roots(self):
        above = np.array(self.above, dtype="int64")
        while (above != above[above]).any():
            above = above[above]
        return above

    def are_foes(self, one, other):
        return any(self.find(foe) == other for foe in self.foes.get(one, ()))

    def join(self, one, other):
        if self.size[one] < self.size[other]:
            one, other = other, one
        self.above[other] = one
        self.size[one] += self.size[other]
        if other in self.foes:
            self.foes.setdefault(one, set()).update(self.foes.pop(other))
