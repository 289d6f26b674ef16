"""Do segments hold: would other samples of the same people give them again, and is there anything to find at all?"""

import sys

import numpy as np
import pandas as pd
from tqdm import tqdm

from crmlab.errors import CrmlabError, message
from crmlab.segment.agreement import adjusted_rand, best_jaccard, origins
from crmlab.segment.answers import answers_of
from crmlab.segment.asked import asked_numbers, not_whole
from crmlab.segment.gaps import least_gap
from crmlab.segment.lloyd import Patterns, best_of_starts, nearest
from crmlab.segment.one_cloud import OneCloud
from crmlab.segment.solutions import Solutions
from crmlab.segment.stability_figures import MODERATE, StabilityFigures
from crmlab.tables.rows import distinct

__all__ = ["Stability", "stability"]

REAL, CONSTRUCTED, NONE = "real structure", "stable but constructed", "none"
_GAP = 0.2  # a plain cut in two shows up to about as much by chance
_CLOUDS = 19  # more than each of 19 by chance: 1 in 20
_THOROUGH, _TENTH = 10, 10
_PEOPLE = 10_000  # as many tell how well one cloud splits
_MOST = 100_000_000  # numbers to hold for the samples


def stability(X, k=range(2, 9), pairs=100, starts=10, *, seed, weights=None, scale=None):
    """Find out whether segments hold: in other samples of the same people, and against people without segments.

    For each k, `pairs` pairs of bootstrap samples are segmented by k-means and both solutions are
    laid over all people: the adjusted Rand index says how far they agree (S. Dolnicar and F. Leisch,
    *Evaluation of structure and reproducibility of cluster solutions using the bootstrap*,
    Marketing Letters 21, 2010). The best split found is also held against those of 19 tables drawn
    from one cloud: the same items with the same answers and correlations, but no segments. And it
    is seen whether there are fewer people between segments than in them. **Real structure** needs
    all three; where samples agree but the rest does not hold (a ring, points to be shared out), the
    segments are stable but constructed.

    Parameters
    ----------
    X : pandas.DataFrame of shape (n_people, n_items)
        Yes/no as 1 and 0, ratings, or amounts; missing answers as in :func:`solutions`.
    k : int or iterable of int, default=range(2, 9)
        Numbers of segments, each 2 or more.
    pairs : int, default=100
        Pairs of bootstrap samples.
    starts : int, default=10
        Starts of k-means in each sample; every tenth begins with people far apart (k-means++).
    seed : int
        The same seed gives the same answer, whatever the order of the rows.
    weights : array-like of shape (n_people,), optional
        How much each person counts.
    scale : tuple of (float, float), optional
        Lowest and highest answer there is.

    Returns
    -------
    Stability

    Raises
    ------
    CrmlabError
        For answers that cannot be segmented, a k below 2, pairs or starts below 1, a seed below 0.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> kind = rng.integers(0, 3, 300)
    >>> X = pd.DataFrame(np.eye(3)[kind] * 4 + rng.normal(size=(300, 3)), columns=["price", "service", "speed"])
    >>> held = stability(X, k=[2, 3, 4], pairs=20, seed=1)
    >>> held.verdict[:59]
    'real structure at k = 3: samples agree (adjusted Rand 1.00)'
    >>> held.table["verdict"].tolist()
    ['none', 'real structure', 'stable but constructed']
    """
    answers = answers_of(X, weights=weights, scale=scale)
    numbers = asked_numbers(k, answers, least=2)
    if wrong := [*not_whole(1, pairs=(pairs, 100), starts=(starts, 10)), *not_whole(0, seed=(seed, 1))]:
        raise CrmlabError(*wrong)
    if 2 * pairs * len(answers.weight) > _MOST:
        raise CrmlabError(
            message(
                "answers",
                f"{len(answers.weight):,} different answer patterns are too many for {pairs} pairs of samples.",
                next="take people at random first, for instance X.sample(20_000, random_state=1).",
            )
        )
    return Stability(answers, numbers, pairs, starts, seed)


class Stability(StabilityFigures):
    """Whether segments hold, for each number of segments; made by :func:`stability`.

    Segments are numbered as in :func:`solutions`, from the largest, 0.

    Parameters
    ----------
    answers : Answers
    numbers : list of int
    pairs : int
    starts : int
    seed : int

    Attributes
    ----------
    table : pandas.DataFrame
        Indexed by k: adjusted_rand (median over the pairs), adjusted_rand_low and
        adjusted_rand_high (quartiles), explained (share of the differences the best split explains),
        one_cloud (the same, mean over tables without segments), p_value (how often a table without
        segments is split as well; the least possible is 0.05), gap (how far the crowd thins out
        between the two neighbours that are least apart: 1 nobody stands between, 0 a crowd; 0.2 or
        more counts), verdict.
    adjusted_rand : pandas.DataFrame of shape (pairs, n_k)
        One column per k.
    solutions : Solutions
        The segments of all people that were held against the samples.
    verdict : str
        What to make of it, in words. Where several k are real structure it names the one that explains
        most beyond one cloud; where they are constructed, the one on which samples agree most surely.

    Examples
    --------
    >>> X = pd.DataFrame({"price": [1, 2, 1, 7, 6, 7], "service": [7, 6, 7, 1, 1, 2]})
    >>> stability(X, k=2, pairs=5, starts=3, seed=1).adjusted_rand.shape
    (5, 1)
    """

    def __init__(self, answers, numbers, pairs, starts, seed):
        self.answers = answers
        rng = np.random.default_rng(seed)
        self.solutions = Solutions(answers, numbers, starts * _THOROUGH, rng)
        self._rand, self._within, split, gap = {}, {}, {}, {}
        samples = rng.multinomial(round(answers.people), answers.weight / answers.people, size=2 * pairs)
        clouds = _clouds(answers, rng)
        with tqdm(total=len(numbers) * 2, desc="stability", delay=2, leave=False, file=sys.stdout) as bar:
            for k in numbers:
                self._rand[k], self._within[k] = self._compared(k, samples.astype("float64"), starts, rng)
                bar.update()
                split[k] = _explained([(self.solutions.patterns, answers.weight), *clouds], k, starts, rng)
                gap[k] = least_gap(self.solutions.patterns, self.solutions.at(k), answers.weight, rng)
                bar.update()
        self.adjusted_rand = pd.DataFrame(self._rand).rename_axis("pair").rename_axis("k", axis=1)
        beyond = _beyond_chance(np.stack(list(split.values())))
        rows = {k: self._judged(k, split[k], gap[k], beyond) for k in numbers}
        self.table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("k")
        self.verdict = _in_words(self.table)

    def within(self, k):
        """See how often samples give each segment again (segment level stability within a solution, SLSW).

        For each bootstrap sample, the largest Jaccard overlap of the segment with any segment of
        the sample's solution (S. Dolnicar and F. Leisch, Marketing Letters 28, 2017).

        Parameters
        ----------
        k : int

        Returns
        -------
        pandas.DataFrame of shape (2 * pairs, k)
            One row per sample, one column per segment; 1 means found again exactly.

        Raises
        ------
        CrmlabError
            When k was not asked for.

        Examples
        --------
        >>> X = pd.DataFrame({"price": [1, 2, 1, 7, 6, 7], "service": [7, 6, 7, 1, 1, 2]})
        >>> held = stability(X, k=[2, 3], pairs=5, starts=3, seed=1)
        >>> held.within(2).shape
        (10, 2)
        """
        self.solutions.at(k)
        return self._within[k].copy()

    def across(self):
        """See which segments stay whole when the number of segments changes (SLSA).

        Returns
        -------
        pandas.DataFrame
            Indexed by k and segment, from the second k on: from_segment (the segment of the solution
            before that most of its people come from), share (of its people), stability (1 when all
            come from one segment, 0 when from all alike).

        Examples
        --------
        >>> X = pd.DataFrame({"price": [1, 2, 1, 7, 6, 7], "service": [7, 6, 7, 1, 1, 2]})
        >>> held = stability(X, k=[2, 3], pairs=5, starts=3, seed=1)
        >>> held.across()["from_segment"].tolist()
        [1, 0, 0]
        """
        rows = []
        for before, k in zip(self._numbers[:-1], self._numbers[1:], strict=True):
            table = self._crossed(self._segments(k)[None], k, self._segments(before)[None], before)[0]
            share = table / np.maximum(table.sum(axis=1)[:, None], 1e-300)
            for segment, held in enumerate(origins(table)):
                rows.append((k, segment, int(share[segment].argmax()), share[segment].max(), held))
        names = ["k", "segment", "from_segment", "share", "stability"]
        return pd.DataFrame(rows, columns=names).set_index(["k", "segment"])

    @property
    def _numbers(self):
        return list(self._within)

    def _segments(self, k):
        return nearest(self.solutions.patterns, self.solutions.at(k)[None])[0]

    def _compared(self, k, samples, starts, rng):
        """Adjusted Rand of each pair of samples, and the best Jaccard of each segment in each sample."""
        patterns = self.solutions.patterns
        spread = starts // _TENTH
        centres, _ = best_of_starts(patterns, samples, k, starts - spread, rng, spread=spread, only_best=True)
        found = nearest(patterns, centres)
        pairs = self._crossed(found[::2], k, found[1::2], k)
        own = self._crossed(np.broadcast_to(self._segments(k), found.shape), k, found, k)
        within = (
            pd.DataFrame([best_jaccard(table) for table in own]).rename_axis("sample").rename_axis("segment", axis=1)
        )
        return [adjusted_rand(table) for table in pairs], within

    def _crossed(self, one, groups, other, other_groups):
        """People in each pair of groups, for many pairs of groupings."""
        cells = (np.arange(len(one))[:, None] * groups + one) * other_groups + other
        weight = np.broadcast_to(self.answers.weight, cells.shape)
        counts = np.bincount(cells.ravel(), weights=weight.ravel(), minlength=len(one) * groups * other_groups)
        return counts.reshape(len(one), groups, other_groups)

    def _judged(self, k, split, gap, beyond):
        """What to make of k segments; `split` is the share explained for the people, then for each cloud."""
        low, middle, high = np.quantile(self._rand[k], [0.25, 0.5, 0.75])
        explained, clouds = split[0], split[1:]
        p_value = (1 + (clouds >= explained).sum()) / (1 + len(clouds))
        real = beyond and p_value <= 0.05 and gap >= _GAP
        verdict = NONE if middle < MODERATE else REAL if real else CONSTRUCTED
        return {
            "adjusted_rand": middle,
            "adjusted_rand_low": low,
            "adjusted_rand_high": high,
            "explained": explained,
            "one_cloud": clouds.mean(),
            "p_value": p_value,
            "gap": gap,
            "verdict": verdict,
        }

    def __repr__(self):
        return "\n".join(filter(None, [self.verdict, self.table.round(2).to_string(), self.solutions.said]))


def _clouds(answers, rng):
    """Patterns of tables without segments, with gaps where the people left gaps."""
    cloud, people = OneCloud(answers.patterns, answers.weight, rng), min(round(answers.people), _PEOPLE)
    drawn = []
    for _ in range(_CLOUDS):
        table = cloud.draw(people, rng)
        gaps = rng.choice(len(answers.weight), people, p=answers.weight / answers.people)
        table[np.isnan(answers.patterns[gaps])] = np.nan
        rows = distinct({str(item): np.where(np.isnan(column), -np.inf, column) for item, column in enumerate(table.T)})
        values = np.stack(list(rows.columns.values()), axis=1)
        drawn.append((Patterns(np.where(np.isinf(values), np.nan, values), rows.weight), rows.weight))
    return drawn


def _explained(clouds, k, starts, rng):
    """The share of the differences that the best split of each table explains."""
    shares = []
    for patterns, weight in clouds:
        spread = starts // _TENTH
        k = min(k, len(patterns))
        found = best_of_starts(patterns, weight[None], k, starts - spread, rng, spread=spread, only_best=True)
        shares.append(1 - found[1].min() / (weight @ patterns.length))
    return np.array(shares)


def _beyond_chance(split):
    """Whether the people are split better than every cloud, over all k at once: one test, however many k are asked."""
    spread = split.std(axis=1, keepdims=True)
    gain = (split - split.mean(axis=1, keepdims=True)) / np.where(spread > 0, spread, 1)
    best = gain.max(axis=0)
    return bool((best[1:] < best[0]).all())


def _in_words(table):
    real, drawn = (table[table["verdict"] == word] for word in (REAL, CONSTRUCTED))
    if len(real):  # samples often agree most on two halves of what there is: take what is gained
        k = (real["explained"] - real["one_cloud"]).idxmax()
        return f"{REAL} at k = {k}: {_agree(real, k)}, and fewer people stand between the segments than in them."
    if len(drawn):
        k = drawn["adjusted_rand_low"].idxmax()
        why = "people without segments would split as well"
        if drawn.loc[k, "p_value"] <= 0.05 and drawn.loc[k, "gap"] < _GAP:
            why = "there are hardly fewer people at the borders than in the segments"
        return f"{CONSTRUCTED} at k = {k}: {_agree(drawn, k)}, but {why}: the segments are drawn, not found."
    best, agree = table["adjusted_rand"].idxmax(), table["adjusted_rand"].max()
    told = f"{NONE}: samples do not agree, not even at k = {best} (adjusted Rand {agree:.2f}), "
    if (table["p_value"] <= 0.05).any():
        return told + "though these people are more than one cloud: ask more people, or other items."
    return told + "and people without segments would split as well: any segments are your own drawing."


def _agree(table, k):
    return f"samples agree (adjusted Rand {table.loc[k, 'adjusted_rand']:.2f})"
