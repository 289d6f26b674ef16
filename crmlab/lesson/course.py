"""The course: which lessons there are, for whom, and what is written so far."""

from dataclasses import dataclass

from crmlab.errors import CrmlabError, did_you_mean, message

__all__ = ["LESSONS", "REFRESHER_WEEKS", "TRACKS", "Plan", "plan_of", "track_of"]

REFRESHER_WEEKS = (1, 2, 4, 6)
_NOTEBOOK = "notebooks/{0.number}_{0.slug}.ipynb"


@dataclass(frozen=True)
class Plan:
    """Say what one lesson is: number, title, and, once it is written, its minutes and name on disk.

    Parameters
    ----------
    number : str
        Two digits.
    title : str
        As the learner reads it.
    minutes : int, optional
        How long it takes, 45 at most; None while the lesson is being written.
    slug : str, optional
        Its name on disk.

    Examples
    --------
    >>> Plan("07", "Who carries the base?", 40, "who_carries_the_base").notebook
    'notebooks/07_who_carries_the_base.ipynb'
    """

    number: str
    title: str
    minutes: int | None = None
    slug: str = ""

    @property
    def is_written(self):
        """Whether the lesson can be opened today."""
        return self.minutes is not None

    @property
    def notebook(self):
        """Path of the lesson's notebook inside the course folder."""
        return _NOTEBOOK.format(self)

    @property
    def exercise(self):
        """Path of the lesson's exercise inside the course folder."""
        return f"exercises/exercise_{self.number}.ipynb"


LESSONS = (
    Plan("00", "Start here", 20, "start_here"),
    Plan("01", "Why CRM: value both ways"),
    Plan("02", "Meet the base", 40, "meet_the_base"),
    Plan("03", "What bad data costs", 45, "what_bad_data_costs"),
    Plan("04", "Is this the same person?", 45, "is_this_the_same_person"),
    Plan("05", "Finding duplicates in a whole base", 45, "finding_duplicates"),
    Plan("06", "One customer, one record", 45, "one_customer_one_record"),
    Plan("07", "Who carries the base?", 40, "who_carries_the_base"),
    Plan("08", "Who is still a customer?", 45, "who_is_still_a_customer"),
    Plan("09", "What will they be worth?", 45, "what_will_they_be_worth"),
    Plan("10", "Where value moves", 45, "where_value_moves"),
    Plan("11", "What are we worth to them?", 45, "what_are_we_worth_to_them"),
    Plan("12", "Moments of truth"),
    Plan("13", "What does it mean to them? Benefit segments I", 45, "what_does_it_mean_to_them"),
    Plan("14", "Benefit segments II", 45, "benefit_segments_two"),
    Plan("15", "What is happening now? Dynamic segments I", 45, "what_is_happening_now"),
    Plan("16", "Dynamic segments II: live", 45, "dynamic_segments_live"),
    Plan("17", "Voices"),
    Plan("18", "Capstone: your own base"),
)
_ALL = tuple(plan.number for plan in LESSONS)

TRACKS = {
    "management": ("00", "01", "02", "07", "11", "12"),
    "call centre": ("00", "01", "03", "04", "06", "12", "16"),
    "marketing": ("00", "01", "02", "07", "11", "13", "14", "15", "17", "18"),
    "data quality": ("00", "01", "02", "03", "04", "05", "06"),
    "analyst": _ALL,
    "lecturer": _ALL,
    "more segmentation": ("07", "10", "13", "14", "15", "16"),
}


def plan_of(number):
    """Find a lesson by its number, however it is written: ``"07"``, ``"7"`` or ``7``.

    Parameters
    ----------
    number : str or int
        The lesson's number.

    Returns
    -------
    Plan

    Raises
    ------
    CrmlabError
        When there is no such lesson.

    Examples
    --------
    >>> plan_of(7).title
    'Who carries the base?'
    """
    digits = str(number).strip()
    wanted = digits.zfill(2) if digits.isdecimal() else digits
    for plan in LESSONS:
        if plan.number == wanted:
            return plan
    raise CrmlabError(
        message(
            "lesson",
            f"there is no lesson {number!r}.",
            allowed=f'"{_ALL[0]}" to "{_ALL[-1]}"',
            next='write the number in quotes, for instance lesson.begin("07").',
        )
    )


def track_of(role):
    """Find the lessons of a role.

    Parameters
    ----------
    role : str
        One of :data:`TRACKS`.

    Returns
    -------
    tuple of Plan

    Raises
    ------
    CrmlabError
        When there is no such role.

    Examples
    --------
    >>> [plan.number for plan in track_of("more segmentation")]
    ['07', '10', '13', '14', '15', '16']
    """
    wanted = " ".join(str(role).lower().replace("-", " ").replace("_", " ").split())
    if wanted not in TRACKS:
        raise CrmlabError(
            message(
                "track",
                f"there is no role {role!r}.{did_you_mean(wanted, TRACKS)}",
                allowed=", ".join(f'"{name}"' for name in TRACKS),
                next='choose the one nearest to your work, for instance lesson.track("marketing").',
            )
        )
    return tuple(plan_of(number) for number in TRACKS[wanted])
