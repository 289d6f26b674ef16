"""The odds that two records are one customer: learnt from the pairs themselves, without labels."""

import numpy as np

from crmlab.dedupe.comparisons import Comparison, Level

__all__ = ["TELLS_ALONE", "Model", "learnt", "patterns_of"]

# What answers look like before any are seen, by their rank (differs, near, the same): of one customer, of two.
_OF_SAME, _OF_OTHERS = (0.05, 0.15, 0.8), (0.989, 0.01, 0.001)
_SEEN_OF_SAME, _SEEN_OF_OTHERS, _SEEN_OF_HOME = 20.0, 50.0, 5.0  # how many pairs that is worth
_START = {  # first guess of a weight, by rank; what is not named tells little
    "name": (-4.0, 1.0, 4.0),
    "birth": (-4.0, 1.0, 4.0),
    "address": (-2.5, 1.0, 3.0),
    "place": (-1.5, 0.5, 1.0),
    "phone": (-1.5, 2.0, 4.0),
    "email": (-1.0, 2.0, 5.0),
    "company": (-2.0, 1.0, 3.0),
    "oib": (-5.0, 3.0, 8.0),
    "iban": (-1.0, 3.0, 6.0),
}
_START_AT = -4.0
# Fields that by themselves say who somebody is, and how often two records of one value, by rank, are one customer.
TELLS_ALONE = ("phone", "email", "oib", "iban")
_ALONE = (0.0, 0.1, 0.9)
# Pairs of two people that look like one customer: what they share more often than strangers do.
_SHARED = {
    "home": ("name", "birth", "address", "place", "postcode", "region", "phone", "email", "company", "iban"),
    "house": ("address", "place", "postcode", "region", "company"),
    "namesake": ("name", "email"),
    "mixed": ("birth", "phone", "email", "oib", "iban"),
}
_SAID = {
    "home": "people of one home would look like this too",
    "house": "neighbours would look like this too",
    "namesake": "two people of one name would look like this too",
    "mixed": "a record with another person's details would look like this too",
}
_TWINS = 0.02  # share of pairs of one home who are born on one day: at most
_ALIKE_ANYHOW, _ALIKE_TIMES = 0.01, 1.2  # people of one home are called alike hardly more often than strangers
_HOME = 1
_ROUNDS, _STILL = 300, 1e-5
_BITS = np.arange(-2, 62, 2)  # the correction for homes, in steps of two bits
_IN_A_BIT = 64
_EDGES = (_BITS - 1) * _IN_A_BIT
_TAKEN_BACK = 1 + 2.0 ** _BITS[::-1]


class Model:
    """What was learnt: chances of each answer for one customer, for two strangers and for two people who share things.

    Attributes
    ----------
    comparisons : tuple of Comparison
        The questions; the last one, "others", takes back what the others say too much of two people who share things.
    parameters : dict of str to (m, u)
        Of each comparison, the chances of its answers among pairs of one customer and among others.
    prior : float
        The chance that two records taken blindly are one customer.
    """

    def __init__(self, asked, m, u, shared, masses, total):
        self.asked, self.m, self.u, self.shared, self.masses, self.total = asked, m, u, shared, masses, total
        self.prior = float(masses[0] / (masses[0] + total))
        self._kinds = {
            kind: (
                int(np.rint(_IN_A_BIT * np.log2(mass / total))),
                [np.rint(_IN_A_BIT * np.log2(chances[one.name] / u[one.name])).astype(np.int64) for one in asked],
            )
            for (kind, chances), mass in zip(shared.items(), masses[1:], strict=True)
            if mass > 0
        }
        self.parameters = {one.name: (m[one.name], u[one.name]) for one in asked}
        self.comparisons = asked
        if self._kinds:
            self.comparisons = (*asked, self._others())
            self.parameters["others"] = (0.5 / _TAKEN_BACK, np.full(len(_TAKEN_BACK), 0.5))

    def weights(self, patterns):
        """Weigh patterns of answers: bits for (above 0) or against (below) one customer.

        Returns
        -------
        ndarray of shape (n_patterns, 1 + n_comparisons)
            The prior, then each comparison; the sum decides.
        """
        out = np.zeros((len(patterns), 1 + len(self.comparisons)))
        out[:, 0] = np.log2(self.prior / (1 - self.prior))
        for place, one in enumerate(self.asked):
            known = patterns[:, place] >= 0
            answer = patterns[known, place]
            out[known, 1 + place] = np.log2(self.m[one.name][answer] / self.u[one.name][answer])
        if self._kinds:
            level = len(_EDGES) - np.searchsorted(_EDGES, self._points(patterns).max(axis=0), side="right")
            out[:, -1] = -np.log2(np.append(_TAKEN_BACK, 1.0))[level]
        return out

    def chances(self, patterns):
        """Chance of each pattern that it is one customer."""
        return 1 / (1 + 2.0 ** -np.clip(self.weights(patterns).sum(axis=1), -1000, 1000))

    def shares(self, patterns):
        """Share of each kind of pair, strangers left out, in each pattern."""
        kinds = [[of_kind[one.name] for one in self.asked] for of_kind in (self.m, *self.shared.values(), self.u)]
        return _shares(patterns, kinds, [*self.masses, self.total])[:-1]

    def likest(self, pattern):
        """Say what else than one customer a pattern is most likely to be, in words."""
        kinds = list(self._kinds)
        return _SAID[kinds[int(self._points(pattern[None, :])[:, 0].argmax())]]

    def _points(self, patterns):
        """How much likelier each kind of two people is than two strangers, in parts of a bit."""
        out = np.zeros((len(self._kinds), len(patterns)), np.int64)
        for points, (start, of_kind) in zip(out, self._kinds.values(), strict=True):
            points += start
            for place, of_answer in enumerate(of_kind):
                points += np.where(patterns[:, place] < 0, 0, of_answer[patterns[:, place]])
        return out

    def _others(self):
        """Write what is taken back as a comparison that Splink can ask."""
        kinds = []
        for start, of_kind in self._kinds.values():
            parts = [f"{start}"]
            for one, of_answer in zip(self.asked, of_kind, strict=True):
                said = " ".join(
                    f"WHEN {level.sql} THEN {points}" if level.sql != "ELSE" else f"ELSE {points}"
                    for level, points in zip(one.levels, of_answer.tolist(), strict=True)
                )
                if of_answer.any():
                    parts.append(f"CASE WHEN {one.unknown} THEN 0 {said} END")
            kinds.append(" + ".join(parts))
        points = f"GREATEST({', '.join(kinds)})" if len(kinds) > 1 else f"({kinds[0]})"
        edges = _EDGES[::-1].tolist()
        levels = tuple(
            Level(0, "two people who share things look like this too", f"{points} >= {edge}") for edge in edges
        )
        return Comparison("others", (), f"{points} < {edges[-1]}", levels)


def patterns_of(answers):
    """Find the different patterns among answers.

    Returns
    -------
    patterns : ndarray of int8, shape (n_patterns, n_comparisons)
    place : ndarray of int, shape (n_pairs,)
        The pattern of each pair.
    counts : ndarray of int
    """
    code = np.zeros(len(answers), np.int64)
    radix = answers.max(axis=0, initial=0).astype(np.int64) + 2
    for column, base in zip(answers.T, radix, strict=True):
        code = code * base + column + 1
    _, first, place, counts = np.unique(code, return_index=True, return_inverse=True, return_counts=True)
    return answers[first], place, counts


def learnt(asked, patterns, counts, outside, total, *, begin=None, rounds=_ROUNDS):
    """Learn the chances of each answer from how often each pattern is seen.

    Six kinds of pairs make up the candidates: two records of one customer; two of people
    of one home, of neighbours, of namesakes, and two of which one holds details of the
    other's; and two of strangers. Strangers' chances are counted over all pairs, not only
    those that blocking brought, so no blocking key bends them; people of one home share
    an address and perhaps a surname, but neither first name nor day of birth more often
    than chance. The chances of one customer come from expectation and maximisation.
    From one field alone nothing can be learnt; a phone number, an e-mail address or an
    identity number that two records share is then taken as one customer's.

    Parameters
    ----------
    asked : tuple of Comparison
    patterns : ndarray of int8, shape (n_patterns, n_comparisons)
    counts : ndarray of int, shape (n_patterns,)
        How many candidate pairs show each pattern.
    outside : ndarray of int8, shape (n_sample, n_comparisons)
        Answers of pairs drawn blindly among those that are no candidates.
    total : float
        Pairs there are in all.
    begin : Model, optional
        Where to begin; without it, from a guess.
    rounds : int
        After so many rounds at most it is taken as learnt.

    Returns
    -------
    Model
    """
    patterns = patterns.astype(np.int64)
    if len(asked) == 1:
        return _by_one_field(asked[0], patterns[:, 0], counts, outside[:, 0], total)
    seen = (_first_guess(asked, patterns) if begin is None else begin.shares(patterns)) * counts
    strangers = _strangers(asked, outside, max(total - counts.sum(), 0))
    before = None
    for _ in range(rounds):
        seen[1:] *= seen[1:].sum(axis=1, keepdims=True) >= 1
        masses = seen.sum(axis=1)
        chances = _chances(asked, patterns, counts - seen.sum(axis=0), seen, strangers)
        seen = _shares(patterns, chances, [*masses, total])[:-1] * counts
        if before is not None and np.abs(masses - before).max() < _STILL * max(masses[0], 1):
            break
        before = masses
    names = [one.name for one in asked]
    m, *shared, u = (dict(zip(names, of_kind, strict=True)) for of_kind in chances)
    masses = np.append(max(masses[0], 1e-6), masses[1:])
    return Model(asked, m, u, dict(zip(_SHARED, shared, strict=True)), masses, total)


def _by_one_field(one, answers, counts, outside, total):
    """Say what each answer of the only field is worth: nothing is learnt, and what is not known is left out."""
    ranks, size = _ranks(one), len(one.levels)
    known, told = answers >= 0, outside[outside >= 0]
    seen = np.bincount(answers[known], weights=counts[known], minlength=size)
    others = np.bincount(told, minlength=size) * (max(total - counts.sum(), 0) / max(len(outside), 1))
    same = np.array(_ALONE)[ranks] * seen
    rest = seen - same + others
    usual = 1e-3 * np.array([_OF_SAME, _OF_OTHERS])[:, ranks]
    m, u = _parts(same + usual[0]), _parts(rest + usual[1])
    return Model((one,), {one.name: m}, {one.name: u}, {}, np.array([max(same.sum(), 1e-6)]), max(rest.sum(), 1.0))


def _first_guess(asked, patterns):
    score = np.full(len(patterns), _START_AT)
    for place, one in enumerate(asked):
        weight = np.array([_START.get(one.name, (0, 0, 0))[level.rank] for level in one.levels])
        answer = patterns[:, place]
        score += np.where(answer < 0, 0, weight[answer])
    same = 1 / (1 + np.exp(-np.clip(score, -30, 30)))
    answers = {one.name: patterns[:, place] for place, one in enumerate(asked)}
    nothing = np.full(len(patterns), -1)
    name, address, phone, email = (answers.get(one, nothing) for one in ("name", "address", "phone", "email"))
    is_near = (address >= 0) & (address <= 8)  # also where the house number is missing or another
    is_same = (name >= 0) & (name <= 3)
    shares = [
        (name >= 12) & (name < 16) & is_near,
        (name == 16) & is_near,
        is_same & (email == 1) & (phone == 3) & ~is_near,
        (name == 16) & ((phone == 0) | (email == 0)) & ~is_near,
    ]
    return np.vstack([np.where(np.any(shares, axis=0), 0.5 * same, same), 0.5 * np.array(shares)])


def _ranks(comparison):
    return np.array([level.rank for level in comparison.levels])


def _strangers(asked, outside, others):
    """How many of the pairs outside the candidates give each answer, as far as a sample tells."""
    out = []
    for place, one in enumerate(asked):
        said = np.bincount(outside[:, place].astype(np.int64) + 1, minlength=len(one.levels) + 1)[1:]
        ranks = _ranks(one)
        usual = np.array(_OF_OTHERS)[ranks] / np.bincount(ranks, minlength=3)[ranks]
        out.append(said * (others / max(len(outside), 1)) + _SEEN_OF_OTHERS * usual / usual.sum())
    return out


def _chances(asked, patterns, rest, seen, strangers):
    """Chances of each answer: of one customer, of people who share things, of strangers."""
    out = [[] for _ in range(len(seen) + 1)]
    for place, one in enumerate(asked):
        known = patterns[:, place] >= 0
        answer, size = patterns[known, place], len(one.levels)
        ranks = _ranks(one)
        usual = np.array(_OF_SAME)[ranks] / np.bincount(ranks, minlength=3)[ranks]
        u = _parts(np.bincount(answer, weights=rest[known], minlength=size) + strangers[place])
        before = [_SEEN_OF_SAME * _parts(usual)] + [_SEEN_OF_HOME * u] * len(_SHARED)
        found = [np.bincount(answer, weights=of[known], minlength=size) for of in seen]
        m, *shared = (_parts(more + usually) for more, usually in zip(found, before, strict=True))
        for kind, (sharing, chances) in enumerate(zip(_SHARED.values(), shared, strict=True), start=1):
            chances = chances if one.name in sharing else u
            if one.name == "name" and kind == _HOME:
                alike = (ranks > 0) & ~np.isin(np.arange(size), (8, 9))  # a missing first name says nothing
                chances = _at_most(chances, alike, _ALIKE_ANYHOW + _ALIKE_TIMES * u[12:14].sum())
            elif one.name == "birth" and kind == _HOME:
                chances = _at_most(chances, ranks > 0, _TWINS)
            out[kind].append(chances)
        out[0].append(m)
        out[-1].append(u)
    return out


def _parts(counts):
    return counts / counts.sum()


def _at_most(chances, some, most):
    """Keep some answers rare: else one customer's own records would be taken for a home."""
    much = chances[some].sum()
    return chances if much <= most else chances * np.where(some, most / much, (1 - most) / (1 - much))


def _shares(patterns, chances, masses):
    """Of each pattern, the share that each kind of pair makes up."""
    out = np.zeros((len(masses), len(patterns)))
    for kind, (mass, of_kind) in enumerate(zip(masses, chances, strict=True)):
        out[kind] = np.log(mass) if mass > 0 else -np.inf
        for place, one in enumerate(of_kind):
            answer = patterns[:, place]
            out[kind] += np.where(answer < 0, 0.0, np.log(one)[answer])
    out = np.exp(out - out.max(axis=0))
    return out / out.sum(axis=0)
