"""Begin a lesson: the learner's own number, where they stopped, the questions, the end."""

import html
import importlib.util
from datetime import date, timedelta
from pathlib import Path

from crmlab.errors import CrmlabError, message
from crmlab.lesson import keep
from crmlab.lesson.course import REFRESHER_WEEKS, plan_of
from crmlab.lesson.note import Note
from crmlab.lesson.question import is_unanswered

__all__ = ["COURSE_SEED", "Session", "begin", "choose_seed", "spoken", "today"]

COURSE_SEED = 7
_MOST = 2**32 - 1


def begin(lesson, *, seed=None):
    """Open a lesson: it knows your number, and where you stopped.

    Parameters
    ----------
    lesson : str or int
        The lesson's number.
    seed : int, optional
        Only for hand-outs: a number that stands above the learner's own.

    Returns
    -------
    Session

    Raises
    ------
    CrmlabError
        When there is no such lesson, it is not written yet, or the seed is none.

    Examples
    --------
    >>> begin("07")
    Lesson 07 · Who carries the base? · 40 minutes · your number: 7
    >>> begin("99")
    Traceback (most recent call last):
        ...
    crmlab.errors.CrmlabError: lesson: there is no lesson '99'.
      allowed : "00" to "18"
      next    : write the number in quotes, for instance lesson.begin("07").
    """
    plan = plan_of(lesson)
    if not plan.is_written:
        raise CrmlabError(
            message(
                "lesson",
                f'lesson {plan.number}, "{plan.title}", is still being written.',
                next='choose another; lesson.track("analyst") shows which are ready.',
            )
        )
    kept, said = keep.read()
    own = _whole(seed) if seed is not None else COURSE_SEED if kept["seed"] is None else kept["seed"]
    return Session(plan, own, kept["lessons"].get(plan.number), said)


def choose_seed(seed=...):
    """Choose the number your practice data are made from; every lesson keeps to it.

    Parameters
    ----------
    seed : int
        A whole number you like. With the three dots, nothing changes.

    Returns
    -------
    Note

    Raises
    ------
    CrmlabError
        When it is no whole number from 0 up.

    Examples
    --------
    >>> choose_seed(4711)
    your number  4711: your practice data are your own from now on. Run a lesson from its top to use it.
    >>> begin("07").seed
    4711
    """
    if is_unanswered(seed):
        kept, said = keep.read()
        own = COURSE_SEED if kept["seed"] is None else kept["seed"]
        text = "put a number you like in place of the three dots to have practice data of your own."
        return Note("your number", str(own), f"{text}\n{said}" if said else text)
    chosen = _whole(seed)
    said = keep.change(lambda kept: kept.update(seed=chosen))
    text = "your practice data are your own from now on. Run a lesson from its top to use it."
    if keep.read()[0]["seed"] != chosen:
        text = f'it is not remembered. Give it in each first cell instead: `lesson.begin("07", seed={chosen})`.'
    return Note("your number", str(chosen), f"{text}\n{said}" if said else text)


class Session:
    """One lesson as one learner has it open.

    Parameters
    ----------
    plan : Plan
        The lesson.
    seed : int
        The learner's own number.
    entry : dict, optional
        What was kept of this lesson before.
    said : str, optional
        What the learner should know about the progress file.

    Attributes
    ----------
    seed : int
        Put it where a lesson makes data: the data are then the learner's own.

    Examples
    --------
    >>> me = begin("07", seed=12)
    >>> me.seed
    12
    """

    def __init__(self, plan, seed, entry=None, said=""):
        self.plan = plan
        self.seed = seed
        self._entry = entry or _no_entry()
        self._said = said
        self._asked = []
        # A look at the solved copy is no answer of the learner's own.
        self._is_solved_copy = Path.cwd().name == "solved"

    def __repr__(self):
        facts = [
            f"Lesson {self.plan.number}",
            self.plan.title,
            f"{self.plan.minutes} minutes",
            f"your number: {self.seed}",
        ]
        return " · ".join([*facts, *self._stopped()]) + (f"\n{self._said}" if self._said else "")

    def _repr_html_(self):
        first, *rest = html.escape(repr(self)).replace("\n", "<br>").split(" · ")
        return (
            f'<div style="border-bottom: 1px solid #8a94a3; padding: 2px 0;"><b>{first}</b> · {" · ".join(rest)}</div>'
        )

    def _stopped(self):
        if self._is_solved_copy:
            return ["solved copy: your progress stays as it is"]
        asked, done = self._entry["asked"], self._entry["questions"]
        correct = [number for number in asked if done.get(number, {}).get("correct")]
        if len(correct) < len(asked) and done:
            stopped = next(number for number in asked if number not in correct)
            return [f"exercise: {len(correct)} of {len(asked)} correct, go on at {stopped}"]
        return [f"exercise: all {len(asked)} correct"] if asked and len(correct) == len(asked) else []

    def questions(self, *data):
        """Get the exercise's questions, with answers worked out from the data given.

        Parameters
        ----------
        *data : object
            What the exercise asks about, mostly the customer base.

        Returns
        -------
        tuple of Question

        Raises
        ------
        CrmlabError
            When the exercise's folder cannot be found.

        Examples
        --------
        >>> from crmlab import simulate
        >>> q1, *more = begin("00").questions(simulate.company("retail", customers=200, seed=7))
        >>> q1.check(...)
        0.1  not yet: put your answer in place of the three dots.
        """
        asked = _module_of(self.plan.number).questions(*data)
        if self._is_solved_copy:
            return asked
        self._asked = [question.number for question in asked]
        if self._entry["asked"] != self._asked:
            self._said = keep.change(lambda kept: self._entry_in(kept).update(asked=self._asked))
        for question in asked:
            question.keep = self._keep
        return asked

    def _keep(self, number, *, correct=None, hint=0, revealed=False):
        """Write down what happened at one question."""

        def update(kept):
            done = self._entry_in(kept)["questions"].setdefault(number, {"tries": 0, "hints": 0})
            done["tries"] += correct is not None
            done["hints"] = max(done["hints"], hint)
            if correct:
                done["correct"] = True
            if revealed:
                done["revealed"] = True

        return keep.change(update)

    def _entry_in(self, kept):
        return kept["lessons"].setdefault(self.plan.number, _no_entry())

    def _open_ones(self):
        """The questions of this exercise that are not answered right yet."""
        entry = keep.read()[0]["lessons"].get(self.plan.number, _no_entry())
        return [number for number in self._asked if not entry["questions"].get(number, {}).get("correct")]

    def finish(self):
        """Close the lesson: what is done, and when to come back; or what is still open in an exercise.

        Returns
        -------
        Note

        Examples
        --------
        >>> begin("07").finish()
        Lesson 07  done: come back on ... to keep it: do exercise 07 with fresh data...
        """
        said, open_ones = "", self._open_ones()
        if open_ones:
            text = f"{len(open_ones)} of {len(self._asked)} are still open. Go on at {open_ones[0]}."
            return Note(f"Lesson {self.plan.number}", "so far", text)
        if not self._is_solved_copy:
            said = keep.change(lambda kept: self._entry_in(kept).update(finished=today().isoformat()))
        back = spoken(today() + timedelta(weeks=REFRESHER_WEEKS[0]))
        text = (
            f"come back on {back} to keep it: do exercise {self.plan.number} with fresh data. "
            f'In its first cell, write `lesson.begin("{self.plan.number}", seed={self.seed + 1})`.'
        )
        return Note(f"Lesson {self.plan.number}", "done", f"{text}\n{said}" if said else text)


def today():
    """The learner's calendar day."""
    return date.today()


def spoken(day):
    """Write a day as people say it.

    Examples
    --------
    >>> spoken(date(2026, 12, 5))
    '5 December 2026'
    """
    return f"{day.day} {day:%B %Y}"


def _whole(seed):
    text = str(seed).strip()
    if isinstance(seed, bool) or not (text.isdecimal() and text.isascii()) or int(text) > _MOST:
        raise CrmlabError(
            message(
                "seed",
                f"found {str(seed)[:40]!r}.",
                allowed=f"a whole number from 0 to {_MOST:,}",
                next="choose one you like, for instance 4711.",
            )
        )
    return int(text)


def _no_entry():
    return {"asked": [], "finished": None, "questions": {}}


def _module_of(number):
    """Load the questions of an exercise from the course folder: around the notebook, else beside the package."""
    here = Path.cwd()
    inside = f"exercises/questions/exercise_{number}.py"
    for folder in (here, *here.parents, Path(__file__).absolute().parents[2]):
        if (folder / inside).is_file():
            spec = importlib.util.spec_from_file_location(f"exercise_{number}_questions", folder / inside)
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            return module
    raise CrmlabError(
        message(
            f"exercise {number}",
            f"its questions ({inside}) were not found.",
            next="open the notebook inside the course folder, where it came from.",
        )
    )
