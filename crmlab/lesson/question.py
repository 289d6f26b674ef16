"""One question of an exercise: its check, its hints, and the way to the answer."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from crmlab.lesson.compare import compare
from crmlab.lesson.note import Note
from crmlab.lesson.reading import Differs, a_what

__all__ = ["Asked", "Question", "is_unanswered"]


class Asked:
    """What every kind of question has: a number, hints, a reveal, and a note of what happened.

    Parameters
    ----------
    number : str
        Such as ``"7.1"``.
    hints : sequence of str
        From a first push to nearly the way; asked for by number.
    reveal : str
        The way to the answer, in words and code.

    Examples
    --------
    >>> Asked("7.1", hints=["Sort first."], reveal="Sort, then sum.").hint(1)
    7.1  hint 1 of 1: Sort first.
    """

    def __init__(self, number, *, hints, reveal):
        self.number = number
        self.hints = tuple(hints)
        self._reveal = reveal
        self._last = None
        self.keep = None

    def __repr__(self):
        return f"Question {self.number}: check(...), hint(1) to hint({len(self.hints)}), reveal()"

    def hint(self, which=1):
        """Ask for a hint; each says a little more than the one before.

        Parameters
        ----------
        which : int, default=1
            Number of the hint, from 1.

        Returns
        -------
        Note

        Examples
        --------
        >>> Asked("7.1", hints=["Sort first."], reveal="").hint(2)
        7.1  hint: there is 1 hint for this question: hint(1).
        """
        if isinstance(which, int) and 1 <= which <= len(self.hints):
            note = Note(self.number, f"hint {which} of {len(self.hints)}", self.hints[which - 1] + self._judged_last())
            return self._kept(note, hint=which)
        ways = ", ".join(f"hint({n})" for n in range(1, len(self.hints) + 1))
        are = "are" if len(self.hints) > 1 else "is"
        plural = "s" if len(self.hints) > 1 else ""
        return Note(self.number, "hint", f"there {are} {len(self.hints)} hint{plural} for this question: {ways}.")

    def reveal(self):
        """Show the way to the answer. Try once before: what was sought is remembered longer.

        Returns
        -------
        Note

        Examples
        --------
        >>> Asked("7.1", hints=[], reveal="Sort, then sum.").reveal()
        7.1  the way: Sort, then sum.
        """
        return self._kept(Note(self.number, "the way", self._reveal + self._judged_last()), revealed=True)

    def _judged_last(self):
        """Repeat the last verdict: of a cell that checks and then asks for a hint, a notebook shows the hint only."""
        return f"\nYour answer, {self._last.verdict}: {self._last.text}" if self._last else ""

    def _kept(self, note, **what):
        """Write down what happened; a fault of the file is said, never raised."""
        said = self.keep(self.number, **what) if self.keep else ""
        return Note(note.number, note.verdict, f"{note.text}\n{said}") if said else note

    def _judged(self, verdict, text):
        note = self._last = Note(self.number, verdict, text)
        return note if verdict == "not yet" else self._kept(note, correct=verdict == "correct")


class Question(Asked):
    """Check an answer against one worked out from the learner's own data.

    Parameters
    ----------
    number : str
        Such as ``"7.1"``.
    expected : bool, number, str, timestamp, set, list, dict, Series or DataFrame
        The right answer (see :func:`crmlab.lesson.compare.compare` for what counts as the same).
    praise : str
        What the right answer means.
    slips : dict, or list of (value, str)
        Wrong answers people really give, each with what went wrong.
    hints : sequence of str
        From a first push to nearly the way.
    reveal : str
        The way to the answer, in words and code.
    within : float, optional
        Distance at which two numbers still count as equal, in their own unit. Without
        it: 0.5% of the expected number, and none for whole numbers.

    Examples
    --------
    >>> q1 = Question(
    ...     "7.1", expected=0.61, praise="A fifth of your customers brings 61% of the value.",
    ...     slips={0.39: "that is the share of the other four fifths. Sort from the largest down."},
    ...     hints=["Who comes first in the line?"], reveal="`value.top_share(value_cents)`",
    ... )
    >>> q1.check(...)
    7.1  not yet: put your answer in place of the three dots.
    >>> q1.check(0.39)
    7.1  look again: that is the share of the other four fifths. Sort from the largest down.
    >>> q1.check(61)
    7.1  look again: your number is 100 times too large. Is it a percentage where a share is asked...
    >>> q1.check(0.61)
    7.1  correct: A fifth of your customers brings 61% of the value.
    """

    def __init__(self, number, *, expected, praise, slips=(), hints=(), reveal="", within=None):
        super().__init__(number, hints=hints, reveal=reveal)
        self.expected = expected
        self.praise = praise
        self.slips = list(slips.items()) if isinstance(slips, Mapping) else list(slips)
        self.within = within

    def check(self, answer=...):
        """Hold an answer against the right one.

        Parameters
        ----------
        answer : object
            Whatever the learner worked out.

        Returns
        -------
        Note
            "not yet", "look again" (with what differs), or "correct".

        Examples
        --------
        >>> Question("0.1", expected=2_000, praise="Well counted.").check([2_000])
        0.1  correct: Well counted.
        """
        if is_unanswered(answer):
            return self._judged("not yet", _how_to_start(answer))
        try:
            return self._judged(*self._verdict(answer))
        except Exception:
            # An answer may be any object, and its own methods may fail in any way: that is no reason
            # to show a beginner a trace.
            asked = a_what(self.expected)
            return self._judged("look again", f"I cannot read this answer ({type(answer).__name__}). Asked is {asked}.")

    def _verdict(self, answer):
        try:
            asides = compare(answer, self.expected, self.within)
            return "correct", "\n".join([self.praise, *asides])
        except Differs as differs:
            return "look again", self._slip(answer) or str(differs)

    def _slip(self, answer):
        for value, text in self.slips:
            try:
                compare(answer, value, self.within)
            except Differs:
                continue
            return text
        return ""


def is_unanswered(answer):
    """Tell whether the three dots still stand where the answer goes.

    Parameters
    ----------
    answer : object
        What was given.

    Returns
    -------
    bool

    Examples
    --------
    >>> is_unanswered(...), is_unanswered([1, ...]), is_unanswered(0)
    (True, True, False)
    """
    if answer is ... or answer is None or (isinstance(answer, str) and answer.strip(" .…") == ""):
        return True
    if isinstance(answer, pd.Series | pd.DataFrame | np.ndarray) or not isinstance(answer, list | tuple | set | dict):
        return False
    parts = answer.values() if isinstance(answer, dict) else answer
    return any(part is ... for part in parts)


def _how_to_start(answer):
    if answer is None:
        return "your answer is empty (None). Did its last line give a value back? Calls such as `print(...)` do not."
    return "put your answer in place of the three dots."
