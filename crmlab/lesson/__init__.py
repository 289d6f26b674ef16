"""For notebooks only: begin a lesson, check an answer, see progress, find your track."""

from crmlab.lesson.decision import Decision
from crmlab.lesson.overview import progress, track
from crmlab.lesson.question import Question
from crmlab.lesson.selection import Selection
from crmlab.lesson.session import begin, choose_seed

__all__ = ["Decision", "Question", "Selection", "begin", "choose_seed", "progress", "track"]
