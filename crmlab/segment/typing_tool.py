"""A short questionnaire that tells the class nearly as well as the whole one."""

import html

import numpy as np
import pandas as pd

from crmlab.errors import CrmlabError, message
from crmlab.segment.asked import is_whole
from crmlab.segment.class_scoring import known_answers
from crmlab.segment.latent_em import design_of, posterior

__all__ = ["TypingTool", "typing_tool"]

_PARTS = 5
_POINTS = 10  # for one unit of the natural logarithm
_NEVER = 0.01  # what nobody of a class answered counts as so likely: one odd answer rules no class out


class TypingTool:
    """Place people in classes by a few questions; printed it is the questionnaire with its points.

    Parameters
    ----------
    questions : list of str
        In the order in which they were chosen, the most telling first.
    levels : list of ndarray
        The answers to each.
    theta : ndarray of shape (k, 1 + n_answers)
        Shares of the classes, and how likely each of these answers is in them, 0.01 at least.
    steps : pandas.DataFrame

    Attributes
    ----------
    agreement : float
        Share of people who get the class that all items give them, counted on people not used to
        choose these questions (see `steps`). The classes themselves were found with everybody.
    steps : pandas.DataFrame
        For one question, two and so on: the question added, agreement among all people, and
        agreement_held_out: answer patterns are dealt into five parts, the questions are chosen on
        four and counted on the fifth, each in turn.
    points : pandas.DataFrame
        Points of each answer (question, answer) for each class. Who adds up their points, with
        those of the row "to start with", is in the class with the most.

    Examples
    --------
    >>> from crmlab.segment.latent_classes import LatentClasses
    >>> rng = np.random.default_rng(1)
    >>> kind = rng.random(400) < 0.4
    >>> X = pd.DataFrame({item: (rng.random(400) < np.where(kind, 0.9, 0.2)).astype(int) for item in "abcdef"})
    >>> tool = LatentClasses(2, seed=1, starts=5).fit(X).typing_tool(2)
    >>> len(tool.questions)
    2
    """

    def __init__(self, questions, levels, theta, steps):
        self.questions, self.steps = questions, steps
        self.agreement = float(steps["agreement_held_out"].iloc[-1])
        self._levels, self._theta = levels, theta
        self.points = _points(questions, levels, theta)

    def predict_proba(self, X):
        """Tell how likely each class is for each person, by these questions alone.

        Parameters
        ----------
        X : pandas.DataFrame of shape (n_people, …)
            With these questions; an answer may be missing.

        Returns
        -------
        pandas.DataFrame of shape (n_people, k)

        Raises
        ------
        CrmlabError
            When a question is not there, or an answer is one that nobody gave before.
        """
        new = known_answers(X, self.questions, self._levels)
        shares = posterior(design_of(new), self._theta)[0]
        return pd.DataFrame(shares[new.kind], index=new.index, columns=self.points.columns)

    def predict(self, X):
        """Tell the likeliest class of each person, by these questions alone.

        Parameters
        ----------
        X : pandas.DataFrame of shape (n_people, …)
            With these questions; an answer may be missing.

        Returns
        -------
        pandas.Series of shape (n_people,)
            Named "class"; missing for people who answered none of them.

        Raises
        ------
        CrmlabError
            When a question is not there, or an answer is one that nobody gave before.
        """
        new = known_answers(X, self.questions, self._levels)
        shares = posterior(design_of(new), self._theta)[0]
        column = pd.Series(shares.argmax(axis=1)[new.kind], index=new.index, name="class", dtype="int64")
        silent = np.isnan(new.patterns).all(axis=1)[new.kind]
        return column.astype("Int64").mask(silent) if silent.any() else column

    def __repr__(self):
        return f"{self._headline()}\n{self._how()}\n\n{self.points.to_string()}"

    def _repr_html_(self):
        head = f"<p><b>{html.escape(self._headline())}</b></p><p>{html.escape(self._how())}</p>"
        return head + self.points.to_html(border=0, justify="left")

    def _headline(self):
        some = f"{len(self.questions)} question{'s' if len(self.questions) > 1 else ''}"
        told = f"{some}: {self.agreement:.0%} of people get the class that all items give them"
        return f"{told}, counted on people not used to choose these."

    def _how(self):
        return (
            'Add up the points of each answer given, column by column, beginning with those "to start with".\n'
            "The column with the most is the class."
        )


def typing_tool(answers, theta, questions):
    """Choose questions one by one, each time the one that raises agreement most.

    Parameters
    ----------
    answers : Answers
    theta : ndarray of shape (k, 1 + n_answers)
        The fitted model.
    questions : int

    Returns
    -------
    TypingTool

    Raises
    ------
    CrmlabError
        When there is one class only, or not that many questions.
    """
    items, faults = answers.items, []
    if len(theta) == 1:
        faults.append(message("k", "the model has one class: everybody is in it.", next="fit 2 classes or more."))
    if not is_whole(questions, 1) or questions > len(items):
        allowed = f"whole numbers from 1 to {len(items)}"
        faults.append(message("questions", f"found {questions!r}.", allowed=allowed, next="5 is a usual choice."))
    if faults:
        raise CrmlabError(*faults)
    design = design_of(answers)
    careful = np.maximum(theta, _NEVER)
    agreement = _Agreement(answers, design, theta, careful)
    everybody = np.arange(_PARTS)
    path = agreement.path(questions, everybody)
    held = np.zeros(questions)
    for part in everybody:
        chosen = agreement.path(questions, everybody[everybody != part])
        held += [agreement.of(chosen[: step + 1])[part] for step in range(questions)]
    steps = pd.DataFrame(
        {
            "question": [items[item] for item in path],
            "agreement": [agreement.of(path[: step + 1]).sum() / design.total for step in range(questions)],
            "agreement_held_out": held / design.total,
        },
        index=pd.RangeIndex(1, questions + 1, name="questions"),
    )
    kept = [0, *(1 + place for item in path for place in np.flatnonzero(design.item == item))]
    return TypingTool([items[item] for item in path], [answers.levels[item] for item in path], careful[:, kept], steps)


class _Agreement:
    """How many people a set of questions places as all items do, in each of five parts."""

    def __init__(self, answers, design, theta, careful):
        self.full = posterior(design, theta)[0].argmax(axis=1)
        self.weight, self.part = answers.weight, np.arange(len(answers.weight)) % _PARTS
        self.adds, self.share, logs = [], np.log(careful[:, :1]), np.log(careful[:, 1:])
        for item, column in enumerate(answers.patterns.T):
            told = np.append(logs[:, design.item == item], np.zeros((len(logs), 1)), axis=1)
            place = np.where(np.isnan(column), told.shape[1] - 1, column).astype(int)
            self.adds.append((told, place))
        self._known = {}

    def of(self, chosen):
        """Weight of the people placed alike, in each part."""
        key = frozenset(chosen)
        if key not in self._known:
            joint = np.repeat(self.share, len(self.full), axis=1)
            for item in sorted(key):
                told, place = self.adds[item]
                joint += told[:, place]
            alike = joint.argmax(axis=0) == self.full
            self._known[key] = np.bincount(self.part, weights=self.weight * alike, minlength=_PARTS)
        return self._known[key]

    def path(self, questions, parts):
        """The questions in the order chosen on some of the parts; of equally good ones the first."""
        chosen = []
        for _ in range(questions):
            left = [item for item in range(len(self.adds)) if item not in chosen]
            worth = [self.of([*chosen, item])[parts].sum() for item in left]
            chosen.append(left[int(np.argmax(worth))])
        return chosen


def _points(questions, levels, theta):
    """Log-probabilities as whole points; the least likely class of an answer gets 0."""
    logs = np.log(theta)
    index, rows = [("to start with", "")], [logs[:, 0]]
    place = 1
    for question, known in zip(questions, levels, strict=True):
        for answer in known.tolist():
            index.append((question, str(answer)))
            rows.append(logs[:, place])
            place += 1
    table = np.array(rows)
    begin = np.append([0, 1], 1 + np.cumsum([len(known) for known in levels])[:-1])
    for first, last in zip(begin, [*begin[1:], len(table)], strict=True):
        table[first:last] -= table[first:last].min()
    columns = pd.RangeIndex(theta.shape[0], name="class")
    names = pd.MultiIndex.from_tuples(index, names=["question", "answer"])
    return pd.DataFrame(np.rint(_POINTS * table).astype(int), index=names, columns=columns)
