"""Find which records are the same customer, without labels and without settings."""

import numpy as np
import pandas as pd

from crmlab.dedupe.clusters import cluster
from crmlab.dedupe.engine import compared
from crmlab.dedupe.estimate import estimated
from crmlab.dedupe.explain import explained
from crmlab.dedupe.finding import searched
from crmlab.dedupe.given import checked_share, numbered, positions
from crmlab.dedupe.review import Review
from crmlab.dedupe.sampling import STRATA, stratum_of
from crmlab.dedupe.threshold import weighed_up
from crmlab.errors import CrmlabError, few, message

__all__ = ["Found", "find"]


def find(customers, locale="hr"):
    """Find which records are the same customer.

    No labels and no settings: columns are brought to one form, several blocking keys
    choose the pairs that are looked at, Splink compares them, and the odds are learnt
    from the pairs themselves.

    Parameters
    ----------
    customers : pandas.DataFrame
        One row per record, any of the columns of the customers table; what is missing
        is left out. Records are named by ``record_id``, else ``customer_id``, else the
        index.
    locale : str, default="hr"
        The language most records are written in: ``"hr"``, ``"en"`` or ``"de"``.

    Returns
    -------
    Found

    Raises
    ------
    CrmlabError
        When there are fewer than two records, nothing to compare, or a record number
        stands twice.

    References
    ----------
    I. P. Fellegi & A. B. Sunter, A theory for record linkage, *Journal of the American
    Statistical Association* 64, 1969. Splink: R. Linacre and others, *International
    Journal of Population Data Science* 7(3), 2022.

    Examples
    --------
    >>> customers = pd.DataFrame({
    ...     "record_id": [1, 2, 3, 4],
    ...     "first_name": ["Ana", "ANA", "Ivo", "Mara"],
    ...     "last_name": ["Đurđević", "Djurdjevic", "Kos", "Novak"],
    ...     "phone": ["091 234 5678", "+385 91 234 5678", "098 111 2222", "01 234 5555"],
    ... })
    >>> found = find(customers)
    >>> found.clusters.customer_id.tolist()
    [1, 1, 2, 3]
    """
    customers = numbered(customers)
    return Found(customers, searched(customers, locale), locale=locale)


class Found:
    """Which records are the same customer, how it was found, and how sure it is.

    Made by :func:`find`.

    Parameters
    ----------
    customers : pandas.DataFrame
        The records as they were given.
    search : Search
        What was compared and learnt.
    locale : str
        The language most records are written in.
    before : Clusters, optional
        The clusters of last time, whose ids are kept.
    apart : pandas.DataFrame, optional
        Pairs that must not come together, as in ``Merged.apart``.

    Attributes
    ----------
    blocking : pandas.DataFrame
        One row per blocking key: pairs (it made), largest_block (records looked at
        together), too_large (blocks that were taken apart by further fields), adds
        (pairs that no key before it made).
    pairs : pandas.DataFrame
        Every pair that was compared: record_id_a, record_id_b, probability.
    clusters : Clusters
        Which customer each record belongs to, from pairs at least .5 probable.

    Examples
    --------
    >>> customers = pd.DataFrame({
    ...     "record_id": [1, 2, 3, 4],
    ...     "first_name": ["Ana", "ANA", "Ivo", "Mara"],
    ...     "last_name": ["Đurđević", "Djurdjevic", "Kos", "Novak"],
    ...     "phone": ["091 234 5678", "+385 91 234 5678", "098 111 2222", "01 234 5555"],
    ... })
    >>> found = find(customers)
    >>> found.explain(1, 2).sentences[1].partition(";")[0]
    'Name: the same name, one of a few here (“Ana Đurđević”, “ANA Djurdjevic”)'
    >>> found.threshold(cost_false_merge=90, cost_missed=10).value
    0.9
    >>> found.quality().index.tolist()
    ['precision', 'recall', 'recall_compared', 'recall_blocking']
    >>> found.review(1)
    1 pair to look at, 0 answered.
    >>> found.update(customers.iloc[[2]].assign(record_id=5)).clusters.changes["words"].tolist()
    ['Record 5 joined customer 2.']
    >>> len(found.to_splink().inference.predict(threshold_match_probability=0.5).as_pandas_dataframe())
    1
    """

    def __init__(self, customers, search, *, locale, before=None, apart=None):
        self.customers, self._search, self._locale, self._apart = customers, search, locale, apart
        self.blocking = search.blocks.report
        records, blocks = search.records, search.blocks
        self.pairs = pd.DataFrame(
            {
                "record_id_a": records.take(blocks.left),
                "record_id_b": records.take(blocks.right),
                "probability": search.probability,
            }
        )
        self.clusters = cluster(records, self.pairs, before=before, apart=apart)

    def __repr__(self):
        linked = int((self.pairs["probability"] >= 0.5).sum())
        return f"{len(self.pairs):,} pairs compared, {linked:,} linked. {self.clusters!r}"

    def explain(self, a, b):
        """See why two records are, or are not, taken for one customer.

        Parameters
        ----------
        a, b : record_id
            Two records; they need not have been compared before.

        Returns
        -------
        Explanation
            ``.sentences`` (one per field), ``.chart`` (a waterfall), ``.probability``, ``.table``.

        Raises
        ------
        CrmlabError
            When a record is not there, or both are the same.
        """
        search = self._search
        if a == b:
            raise CrmlabError(message("explain(a, b)", f"found {a!r} twice.", next="name two records."))
        left, right = sorted(positions(search.records, [a, b]).tolist())
        if left < 0:
            gone = few(one for one in (a, b) if one not in search.records)
            raise CrmlabError(
                message("explain(a, b)", f"there is no record {gone}.", next="name records by their record_id.")
            )
        code = search.blocks.left * len(search.records) + search.blocks.right
        at = int(np.searchsorted(code, left * len(search.records) + right))
        if at < len(code) and code[at] == left * len(search.records) + right:
            pattern = search.patterns[search.place[at]]
        else:
            pattern = compared(search.frame, search.model.asked, np.array([left]), np.array([right]))[0]
        return explained(search, self.customers, left, right, pattern)

    def threshold(self, *, cost_false_merge, cost_missed):
        """Find the probability from which merging costs least.

        Parameters
        ----------
        cost_false_merge : float
            What it costs to take two customers for one.
        cost_missed : float
            What it costs to leave one customer twice, in the same unit.

        Returns
        -------
        Threshold
            ``.value``, ``.table`` (cost at every threshold), ``.chart``.

        Raises
        ------
        CrmlabError
            When a cost is no number above 0.
        """
        return weighed_up(self._search.chance, self._search.counts, cost_false_merge, cost_missed)

    def quality(self, review=None, *, threshold=0.5):
        """Estimate precision and recall: without labels, or better with the answers of a review.

        Without labels the odds must be learnt from several fields that agree with each other. Where links rest on fewer
        than 2.5 fields each on average, nothing is told and ``note`` says so; up to 3.25, the interval is wide.

        Parameters
        ----------
        review : Review, optional
            A sample that :meth:`review` drew, with answers.
        threshold : float, default=0.5
            Pairs at least this probable are links.

        Returns
        -------
        pandas.DataFrame
            Rows precision, recall, and what recall is made of: recall_compared (of pairs that were compared) and
            recall_blocking (pairs of one customer that a key brought together, by capture and recapture); columns
            estimate, low, high (95 %), note.

        Raises
        ------
        CrmlabError
            When the review has no answers, or was drawn from other pairs or for another threshold.
        """
        threshold = checked_share(threshold, "threshold", "take the one the links were made with.")
        if review is not None:
            self._check_review(review, threshold)
        return estimated(self._search, threshold, review)

    def _check_review(self, review, threshold):
        next_step = "draw one with found.review(100, threshold=…) and answer it."
        if not isinstance(review, Review):
            raise CrmlabError(
                message("review", f"found a {type(review).__name__}.", allowed="a Review", next=next_step)
            )
        if review.threshold != threshold:
            found, same = f"it was drawn for a threshold of {review.threshold:g}.", f"threshold={review.threshold:g}"
            raise CrmlabError(message("review", found, allowed=f"{threshold:g}", next=f"pass {same} here too."))
        pairs = np.bincount(stratum_of(self._search.probability, threshold), minlength=STRATA)
        if pairs.tolist() != review.strata["pairs"].tolist():
            raise CrmlabError(message("review", "it was drawn from other pairs.", next=next_step))

    def review(self, n, *, seed=None, threshold=0.5):
        """Draw a blind sample of pairs to look at; the answers tell how good the matching is.

        Parameters
        ----------
        n : int
            How many pairs.
        seed : int, optional
            For another sample, such as that of a second reader. Without it the names of the records decide which pairs
            are drawn: whoever asks again gets the same ones.
        threshold : float, default=0.5
            Pairs at least this probable are links.

        Returns
        -------
        Review
        """
        return Review(self.customers, self.pairs, n=n, threshold=threshold, seed=seed)

    def update(self, new, *, apart=None):
        """Add new records, and see what joined, what merged and what split.

        Parameters
        ----------
        new : pandas.DataFrame
            Further records, with numbers of their own; it may be empty.
        apart : pandas.DataFrame, optional
            ``merged.apart``: pairs that an undone merge has shown to be different customers.
            They stay apart, in later updates too.

        Returns
        -------
        Found
            Of all records; its ``clusters`` keep the ids and tell the ``changes``.

        Raises
        ------
        CrmlabError
            When `new` is no table, or its records are already there.
        """
        new = numbered(new, "new")
        kept = [pairs for pairs in (self._apart, apart) if pairs is not None]
        apart = pd.concat(kept, ignore_index=True) if kept else None
        customers = pd.concat([self.customers, new])
        search = searched(customers, self._locale)
        return Found(customers, search, locale=self._locale, before=self.clusters, apart=apart)

    def to_splink(self, backend=None):
        """Hand the trained model to Splink.

        Parameters
        ----------
        backend : splink.DuckDBAPI or splink.SparkAPI, optional
            Where Splink shall work; by default a new DuckDB in memory.

        Returns
        -------
        splink.Linker
            ``linker.inference.predict()`` gives the same pairs with the same probability.
        """
        from crmlab.dedupe.handover import hand_over

        search = self._search
        model, blocks = search.model, search.blocks
        how = model.comparisons, model.parameters, model.prior
        return hand_over(search.records, search.frame, *how, blocks.left, blocks.right, backend)
