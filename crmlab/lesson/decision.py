"""A question open to judgement: a choice and a reason, checked by what can be checked."""

import re

from crmlab.errors import did_you_mean
from crmlab.lesson.question import Asked, is_unanswered
from crmlab.lesson.reading import a_what, text_of

__all__ = ["Decision", "figures_named"]

_ROUNDED = 0.02


class Decision(Asked):
    """Check a decision that has no single right answer: its form, and that its reason stands on a figure.

    Parameters
    ----------
    number : str
        Such as ``"7.6"``.
    choices : sequence of str
        What may be chosen.
    figures : dict of str to float
        Figures worked out from the learner's data; the reason must name at least one.
        A share is given from 0 to 1 and may be written as a percentage.
    praise : str
        What to think of next.
    slips : dict of str to str
        Choices that cannot be defended, each with the objection.
    hints : sequence of str
        From a first push to nearly the way.
    reveal : str
        One answer that can be defended, with its reason.
    rubric : str
        For the lecturer: what earns which mark.
    least_words : int, default=12
        Different words the reason needs.

    Examples
    --------
    >>> q6 = Decision(
    ...     "7.6", choices=["call tier 0", "call everybody"], figures={"value of tier 0": 0.5}, praise="A clear case.",
    ...     slips={"call everybody": "the budget is for 400 calls."}, least_words=5, rubric="2: figure and risk named",
    ... )
    >>> q6.check("call everybody", "because all 2,000 customers matter to us")
    7.6  look again: the budget is for 400 calls.
    >>> q6.check("call tier 0", "because they matter most to our firm")
    7.6  look again: a reason needs a figure. Name one you worked out: value of tier 0.
    >>> q6.check("call tier 0", "because they bring 50% of all the value")
    7.6  correct: A clear case.
    """

    def __init__(self, number, *, choices, figures, praise, slips=None, hints=(), reveal="", rubric="", least_words=12):
        super().__init__(number, hints=hints, reveal=reveal)
        self.choices = tuple(choices)
        self.figures = dict(figures)
        self.praise = praise
        self.slips = dict(slips or {})
        self.rubric = rubric
        self.least_words = least_words

    def check(self, choice=..., because=...):
        """Check the choice and the reason given for it.

        Parameters
        ----------
        choice : str
            One of the choices.
        because : str
            The reason, a sentence with at least one figure.

        Returns
        -------
        Note
            "not yet", "look again" (with what is missing), or "correct".

        Examples
        --------
        >>> Decision("0.5", choices=["yes"], figures={}, praise="").check("yes", ...)
        0.5  not yet: choose, then say why in place of the three dots.
        """
        if is_unanswered(choice) or is_unanswered(because):
            return self._judged("not yet", "choose, then say why in place of the three dots.")
        fault = self._fault_of_choice(choice) or self._fault_of_reason(because)
        return self._judged("look again", fault) if fault else self._judged("correct", self.praise)

    def _fault_of_choice(self, choice):
        allowed = ", ".join(f'"{each}"' for each in self.choices)
        if not isinstance(choice, str):
            return f"the choice is {a_what(choice)}. Choose one of: {allowed}."
        known = {text_of(each): each for each in self.choices}
        if text_of(choice) not in known:
            near = did_you_mean(text_of(choice), known)
            return f'"{choice[:40]}" is not among the choices.{near} Choose one of: {allowed}.'
        return self.slips.get(known[text_of(choice)], "")

    def _fault_of_reason(self, because):
        if not isinstance(because, str):
            return f"a reason is a sentence in quotes. This is {a_what(because)}."
        words = len({word for word in re.findall(r"[^\W\d_]{2,}", because.casefold())})
        if words < self.least_words:
            return f"say a little more: a reason needs about {self.least_words} different words, yours has {words}."
        if self.figures and not figures_named(because, self.figures):
            names = ", ".join(self.figures)
            if not re.search(r"\d", because):
                return f"a reason needs a figure. Name one you worked out: {names}."
            return f"none of the numbers in your reason is one of your figures. Name one as you worked it out: {names}."
        return ""


def figures_named(text, figures):
    """Find which figures a text names, allowing for how people write and round numbers.

    Parameters
    ----------
    text : str
        A reason in words.
    figures : dict of str to float
        The figures by name.

    Returns
    -------
    list of str
        Names of the figures found. A number counts when it lies within 2% of a figure,
        or is the figure rounded to the digits written; a share rounded to 0 or 1 names nothing.

    Examples
    --------
    >>> figures_named("They bring 61,8 % of all", {"share": 0.6183, "customers": 131})
    ['share']
    """
    read = [
        reading
        for number in re.finditer(r"(\d[\d.,\u00a0\u202f]*)(\s?%)?", text)
        for reading in _readings(*number.groups())
    ]
    return [
        name
        for name, figure in figures.items()
        if any(
            abs(number - abs(figure)) <= max(unit / 2 * 1.0001, _ROUNDED * abs(figure))
            for number, unit in read
            if unit < 1 or not 0 < abs(figure) < 1
        )
    ]


def _readings(digits, percent):
    """What a written number may mean, each with the unit of its last digit."""
    digits = digits.rstrip(".,\u00a0\u202f")
    texts = {re.sub(r"[.,\u00a0\u202f](?=\d{3}(\D|$))", "", digits).replace(",", "."), digits.replace(",", ".")}
    for text in texts:
        if re.fullmatch(r"\d+(\.\d+)?", text):
            unit = 10.0 ** -len(text.partition(".")[2])
            scale = 100 if percent else 1
            yield float(text) / scale, unit / scale
