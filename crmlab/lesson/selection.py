"""A question scored by the truth: how near a choice of customers comes to it, and to the best that data allow."""

from crmlab.lesson.compare import names_in
from crmlab.lesson.question import Question
from crmlab.lesson.reading import Differs, counted, key_of

__all__ = ["Selection"]


class Selection(Question):
    """Score a choice of customers by what they will truly bring.

    Whoever knows how the data were made, but sees no more of each customer than the learner
    does, makes the best choice that these data allow. A choice by lot recovers 0% of it, that
    one 100%. Any choice that recovers enough is correct: models may be tried.

    Parameters
    ----------
    number : str
        Such as ``"9.6"``.
    worth : pandas.Series of shape (n_customers,)
        What each customer is truly worth, by the planted truth; labelled by customer.
    best : sequence
        The customers whom one who knows how the data were made would choose from them. As many
        are asked of the learner.
    praise : str
        Said before the score.
    unit : str, default="euros"
        What `worth` is counted in.
    least : float, default=0.95
        Share of what can be recovered that a choice needs to be correct.
    slips : list of (names, str)
        Choices people really make, each with what went wrong; ``{recovered}`` stands for the
        share that this choice recovers.
    hints : sequence of str
        From a first push to nearly the way.
    reveal : str
        The way to the answer, in words and code.

    Examples
    --------
    >>> worth = pd.Series([90, 50, 40, 20, 0], index=list("abcde"))
    >>> q6 = Selection("9.6", worth=worth, best=["a", "c"], praise="Well chosen.",
    ...     slips=[(["d", "e"], "these are the last two: {recovered} recovered.")])
    >>> q6.check(["c", "a"])
    9.6  correct: Well chosen. Your 2 customers will bring 130 euros; 2 drawn by lot bring 80, the best 2 that can...
    >>> q6.check(["d", "e"])
    9.6  look again: these are the last two: -120% recovered.
    """

    def __init__(self, number, *, worth, best, praise, unit="euros", least=0.95, slips=(), hints=(), reveal=""):
        super().__init__(number, expected=set(best), praise=praise, hints=hints, reveal=reveal)
        self.worth = worth.set_axis([key_of(name) for name in worth.index])
        self.unit = unit
        self.least = least
        self.slips = [(set(names), text.format(recovered=f"{self.recovered(names):.0%}")) for names, text in slips]

    def recovered(self, names):
        """Tell which share of what can be recovered a choice recovers.

        Parameters
        ----------
        names : sequence
            The customers chosen.

        Returns
        -------
        float
            0 for a choice by lot, 1 for the best that the data allow; by luck it may be above.

        Examples
        --------
        >>> worth = pd.Series([90, 50, 40, 20, 0], index=list("abcde"))
        >>> Selection("9.6", worth=worth, best=["a", "c"], praise="").recovered(["a", "d"])
        0.6
        """
        lot = self.worth.mean() * len(self.expected)
        return float((self._brings(names) - lot) / (self._brings(self.expected) - lot))

    def _brings(self, names):
        return float(self.worth[[key_of(name) for name in names]].sum())

    def _verdict(self, answer):
        slip = self._slip(answer)
        if slip:
            return "look again", slip
        try:
            names = self._names(answer)
        except Differs as differs:
            return "look again", str(differs)
        score = self.recovered(names)
        if score >= self.least:
            return "correct", f"{self.praise} {self._said(names, score)}"
        return "look again", f"{self._said(names, score)} More can be had: what will each of them bring?"

    def _names(self, answer):
        asked, known = len(self.expected), set(self.worth.index)
        offers = names_in(answer, 10 * len(known) + 100)
        _, names, repeats = max(offers, key=lambda offer: len(offer[1] & known))
        strangers = names - known
        if strangers:
            raise Differs(f"{counted(len(strangers), 'name')} of your list cannot be found among the customers.")
        if repeats:
            n, people = len(names) + repeats, counted(len(names), "customer")
            raise Differs(f"your list holds {n:,} entries, but only {people}: somebody stands in it more than once.")
        if len(names) != asked:
            raise Differs(f"{counted(asked, 'customer')} are asked, yours are {len(names):,}.")
        return names

    def _said(self, names, score):
        n, most = len(names), self.worth.nlargest(len(names)).sum()
        lot, best = self.worth.mean() * n, self._brings(self.expected)
        luck = " Yours is above it by luck: that one is best on average." if score > 1 else ""
        return (
            f"Your {n} customers will bring {self._brings(names):,.0f} {self.unit}; {n} drawn by lot bring {lot:,.0f}, "
            f"the best {n} that can be told from these data {best:,.0f}.{luck} So you recover {score:.0%} of what can "
            f"be recovered. Somebody who knew the truth of each would reach {most:,.0f}: no data tell that."
        )
