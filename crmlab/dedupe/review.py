"""Pairs to look at blind, and what the answers say about precision and recall."""

import html

import numpy as np
import pandas as pd

from crmlab.dedupe.given import checked_pairs, checked_share, column_faults, numbered
from crmlab.dedupe.sampling import STRATA, drawn, lots_of, stratum_of, weighted_quality
from crmlab.errors import CrmlabError, did_you_mean, few, message
from crmlab.tables import CustomerBase

__all__ = ["Review"]

ANSWERS = ("same", "different", "unsure")
_SHOWN = (
    *("first_name", "last_name", "company_name", "birth_date", "phone", "email"),
    *("street", "house_number", "postcode", "city", "oib", "iban"),
)


class Review:
    """Look at a small blind sample of pairs, and know how good the matching is.

    The sample is drawn from pairs of every probability, more where the matching itself is in doubt, and mixed; no score
    is shown, so that nobody is led by it. Answer with :meth:`answer`, read the result with :meth:`quality`.

    Parameters
    ----------
    customers : pandas.DataFrame
        The records, named by record_id, else customer_id, else the index.
    pairs : pandas.DataFrame
        Every scored pair, those under the threshold too: record_id_a, record_id_b, probability.
    n : int
        How many pairs to look at.
    threshold : float
        The threshold in use: from where on a pair counts as found.
    seed : int, optional
        For another sample. Without it the names of the records decide: the same pairs give the same sample.
    columns : list of str, optional
        What is shown of each record; without it, names, address and the like.

    Attributes
    ----------
    sample : pandas.DataFrame
        One row per pair to look at, numbered from 1: record_id_a, record_id_b. No score.

    Raises
    ------
    CrmlabError
        When the records, the pairs or a number break their form.

    Examples
    --------
    >>> customers = pd.DataFrame({"record_id": [1, 2, 3], "last_name": ["Novak", "Nowak", "Babić"]})
    >>> pairs = pd.DataFrame({"record_id_a": [1, 1], "record_id_b": [2, 3], "probability": [0.8, 0.1]})
    >>> review = Review(customers, pairs, n=2, threshold=0.5)
    >>> review.answer({1: "same", 2: "different"})
    2 pairs to look at, 2 answered.
    """

    def __init__(self, customers, pairs, *, n, threshold, seed=None, columns=None):
        customers = numbered(customers)
        records = pd.Index(customers["record_id"])
        left, right, probability = checked_pairs(pairs, records)
        self.threshold = checked_share(threshold, "threshold", "take the one that is in use, for instance 0.5.")
        _check_whole(n, "n", 1, "100 pairs take about half an hour.")
        if seed is not None:
            _check_whole(seed, "seed", 0, "leave it out, or choose another.")
        if not len(left):
            raise CrmlabError(message("pairs", "there is no pair to look at.", next="look at the blocking first."))
        self._columns = _checked_columns(customers, columns)
        stratum = stratum_of(probability, self.threshold)
        chosen = drawn(probability, stratum, n, lots_of(records[left], records[right], seed))
        self._strata = pd.DataFrame(
            {
                "pairs": np.bincount(stratum, minlength=STRATA),
                "expected": np.bincount(stratum, weights=probability, minlength=STRATA),
            }
        )
        self._stratum = stratum[chosen]
        self._shown = customers.iloc[np.concatenate([left[chosen], right[chosen]])].set_index("record_id")
        self._shown = self._shown.loc[~self._shown.index.duplicated(), self._columns]
        self.sample = pd.DataFrame(
            {"record_id_a": records[left[chosen]], "record_id_b": records[right[chosen]]},
            index=pd.RangeIndex(1, len(chosen) + 1, name="number"),
        )
        self._answers = {}

    def show(self, number=None):
        """See one pair side by side: the next that has no answer, or the one asked for.

        Parameters
        ----------
        number : int, optional
            Which pair of the sample.

        Returns
        -------
        pandas.DataFrame
            One row per field, one column per record; ``same`` marks fields that are alike to the letter.

        Raises
        ------
        CrmlabError
            When there is no such pair, or all are answered.

        Examples
        --------
        >>> customers = pd.DataFrame({"record_id": [1, 2], "last_name": ["Novak", "Nowak"], "city": ["Split", "Split"]})
        >>> pairs = pd.DataFrame({"record_id_a": [1], "record_id_b": [2], "probability": [0.8]})
        >>> Review(customers, pairs, n=1, threshold=0.5).show()
        pair 1 record 1 record 2 same
        last_name  Novak    Nowak
        city       Split    Split    =
        """
        if number is None:
            left = [number for number in self.sample.index if number not in self._answers]
            if not left:
                raise CrmlabError(
                    message("review", "every pair has its answer.", next="read the result: review.quality().")
                )
            number = left[0]
        self._known([number])
        one, other = self.sample.loc[number]
        a, b = (self._shown.loc[record].map(_readable) for record in (one, other))
        side = pd.DataFrame(
            {
                f"record {one}": a,
                f"record {other}": b,
                "same": ["=" if x == y and x else "" for x, y in zip(a, b, strict=True)],
            }
        )
        return side[(a != "") | (b != "")].rename_axis(columns=f"pair {number}")

    def sheet(self):
        """See all pairs that have no answer yet in one table, two rows to a pair, to be answered in a list.

        Returns
        -------
        pandas.DataFrame
            Indexed by number and record_id.

        Examples
        --------
        >>> customers = pd.DataFrame({"record_id": [1, 2], "last_name": ["Novak", "Nowak"]})
        >>> pairs = pd.DataFrame({"record_id_a": [1], "record_id_b": [2], "probability": [0.8]})
        >>> Review(customers, pairs, n=1, threshold=0.5).sheet()["last_name"].tolist()
        ['Novak', 'Nowak']
        """
        left = self.sample[~self.sample.index.isin(list(self._answers))]
        long = left.melt(ignore_index=False, value_name="record_id")["record_id"]
        long = long.reset_index().sort_values("number", kind="stable")
        table = self._shown.loc[long["record_id"]].map(_readable)
        table.index = pd.MultiIndex.from_frame(long)
        return table.loc[:, (table != "").any()]

    def answer(self, answers):
        """Say of one or more pairs whether they are the same customer.

        Parameters
        ----------
        answers : str, dict or list
            ``"same"``, ``"different"`` or ``"unsure"`` for the pair :meth:`show` shows next; a dict of number and
            answer; or a list of answers for the next pairs in order. An answer can be changed.

        Returns
        -------
        Review
            The same, saying how far you are.

        Raises
        ------
        CrmlabError
            When there is no such pair or answer; all faults together, and nothing is taken.

        Examples
        --------
        >>> customers = pd.DataFrame({"record_id": [1, 2], "last_name": ["Novak", "Nowak"]})
        >>> pairs = pd.DataFrame({"record_id_a": [1], "record_id_b": [2], "probability": [0.8]})
        >>> Review(customers, pairs, n=1, threshold=0.5).answer("same").labels["answer"].tolist()
        ['same']
        """
        if not isinstance(answers, dict):
            answers = [answers] if isinstance(answers, str) else list(answers)
            left = [number for number in self.sample.index if number not in self._answers]
            if len(answers) > len(left):
                found = f"{len(answers)} answers for {len(left)} pairs without one."
                raise CrmlabError(message("answers", found, next="to change an answer, say which: {3: 'same'}."))
            answers = dict(zip(left, answers, strict=False))
        self._known(answers)
        faults = [
            message(
                f"answer to pair {number}",
                f"found {given!r}.{did_you_mean(given, ANSWERS)}",
                allowed=", ".join(ANSWERS),
                next="write one of these.",
            )
            for number, given in answers.items()
            if given not in ANSWERS
        ]
        if faults:
            raise CrmlabError(*faults)
        self._answers.update(answers)
        return self

    def _known(self, numbers):
        strangers = [number for number in numbers if number not in self.sample.index]
        if strangers:
            found = f"no pair {few(strangers)}."
            raise CrmlabError(message("review", found, it_has=f"1 to {len(self.sample)}", next="name one of these."))

    @property
    def labels(self):
        """The answers so far, by number: record_id_a, record_id_b, answer."""
        answered = self.sample.loc[sorted(self._answers)]
        return answered.assign(answer=pd.Series(self._answers, dtype="str").reindex(answered.index))

    def quality(self, *, level=0.95):
        """Read precision and recall from the answers, with intervals.

        Each stratum of the sample counts for all pairs it was drawn from. Where answers are few, the probabilities of
        the matching fill in. A few answers may be slips; the intervals allow for that. "unsure" counts as no answer.
        Recall is that of the pairs that were compared; ``found.quality(review)`` counts what blocking lost, too.

        Parameters
        ----------
        level : float, default=0.95
            How often the intervals hold the truth.

        Returns
        -------
        pandas.DataFrame
            Indexed by measure (precision, recall): estimate, low, high, and without_answers, what the probabilities
            alone say.

        Raises
        ------
        CrmlabError
            When nothing is answered yet, or the level is no share.

        Examples
        --------
        >>> customers = pd.DataFrame({"record_id": range(80)})
        >>> pairs = pd.DataFrame({"record_id_a": range(0, 80, 2), "record_id_b": range(1, 80, 2), "probability": 0.9})
        >>> review = Review(customers, pairs, n=20, threshold=0.5).answer(["same"] * 15 + ["different"] * 5)
        >>> review.quality()["estimate"].round(2).to_dict()
        {'precision': 0.78, 'recall': 1.0}
        """
        level = checked_share(level, "level", "0.95 is the usual choice.")
        return weighted_quality(self.strata, level)

    @property
    def strata(self):
        """What the sample was drawn from, by rising probability: pairs, expected (right ones), asked, yes (answers)."""
        clear = {number: answer == "same" for number, answer in sorted(self._answers.items()) if answer != "unsure"}
        if not clear:
            raise CrmlabError(message("review", "nothing is answered yet.", next='answer some: review.answer("same").'))
        stratum = self._stratum[np.array(list(clear)) - 1]
        same = np.array(list(clear.values()), dtype="int64")
        asked = np.bincount(stratum, minlength=STRATA)
        yes = np.bincount(stratum, weights=same, minlength=STRATA)
        return self._strata.assign(asked=asked, yes=yes)

    def save(self, folder):
        """Keep the sample and the answers, to go on another day.

        Parameters
        ----------
        folder : str or path
            Where they go. What a review kept there before is replaced.

        Returns
        -------
        pathlib.Path
            The folder.

        Examples
        --------
        >>> customers = pd.DataFrame({"record_id": [1, 2], "last_name": ["Novak", "Nowak"]})
        >>> pairs = pd.DataFrame({"record_id_a": [1], "record_id_b": [2], "probability": [0.8]})
        >>> Review(customers, pairs, n=1, threshold=0.5).save(tmp / "review").name
        'review'
        """
        answers = pd.Series(self._answers, dtype="str").reindex(self.sample.index)
        sample = self.sample.assign(stratum=self._stratum, answer=answers).reset_index()
        tables = {"shown": self._shown.reset_index(), "sample": sample, "strata": self._strata}
        return CustomerBase(tables, name="review", about={"review": {"threshold": self.threshold}}).save(folder)

    @classmethod
    def load(cls, folder):
        """Go on with a review that was kept.

        Parameters
        ----------
        folder : str or path
            The folder.

        Returns
        -------
        Review

        Raises
        ------
        CrmlabError
            When there is none, or it is damaged.

        Examples
        --------
        >>> customers = pd.DataFrame({"record_id": [1, 2], "last_name": ["Novak", "Nowak"]})
        >>> pairs = pd.DataFrame({"record_id_a": [1], "record_id_b": [2], "probability": [0.8]})
        >>> review = Review(customers, pairs, n=1, threshold=0.5).answer("same")
        >>> Review.load(review.save(tmp / "kept"))
        1 pair to look at, 1 answered.
        """
        base = CustomerBase.load(folder)
        if "review" not in base.about or "sample" not in base:
            raise CrmlabError(message(str(folder), "this is no review.", next="load what review.save wrote."))
        review = cls.__new__(cls)
        sample = base["sample"].set_index("number").sort_index()
        review.threshold = base.about["review"]["threshold"]
        review._strata = base["strata"]
        review._shown = base["shown"].set_index("record_id")
        review._columns = list(review._shown)
        review._stratum = sample["stratum"].to_numpy()
        review.sample = sample[["record_id_a", "record_id_b"]]
        review._answers = sample["answer"].dropna().to_dict()
        return review

    def __repr__(self):
        n = len(self.sample)
        return f"{n} pair{'s' if n > 1 else ''} to look at, {len(self._answers)} answered."

    def _repr_html_(self):
        words = html.escape(repr(self))
        if len(self._answers) == len(self.sample):
            return f"<p>{words} Read the result: <code>review.quality()</code></p>"
        return f'<p>{words}</p>{self.show().to_html(border=0)}<p><code>review.answer("same")</code></p>'


def _readable(value):
    if pd.isna(value):
        return ""
    return f"{value:%Y-%m-%d}" if hasattr(value, "strftime") else str(value)


def _checked_columns(customers, columns):
    if columns is None:
        shown = [column for column in _SHOWN if column in customers]
        return shown or [column for column in customers if column != "record_id"]
    if faults := column_faults("customers", customers, list(columns), "name columns there are."):
        raise CrmlabError(*faults)
    return list(columns)


def _check_whole(value, where, least, next_step):
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        allowed = f"a whole number, {least} or more"
        raise CrmlabError(message(where, f"found {value!r}.", allowed=allowed, next=next_step))
