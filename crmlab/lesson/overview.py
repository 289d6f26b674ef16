"""What is done and what comes next: progress by lesson, and the lessons of a role."""

import html
from datetime import date, timedelta

import pandas as pd

from crmlab.lesson import keep
from crmlab.lesson.course import LESSONS, REFRESHER_WEEKS, track_of
from crmlab.lesson.session import spoken, today

__all__ = ["Overview", "progress", "track"]


class Overview:
    """A small table with a line above it, shown well in a notebook and in plain text.

    Parameters
    ----------
    title : str
        The line above.
    table : pandas.DataFrame
        What is shown.

    Examples
    --------
    >>> Overview("Nothing yet.", pd.DataFrame())
    Nothing yet.
    """

    def __init__(self, title, table):
        self.title = title
        self.table = table

    def _rows(self):
        """Heads and rows as text; no rows at all for an empty table."""
        rows = [[str(value) for value in row] for row in self.table.itertuples(index=False)]
        return [list(self.table.columns), *rows] if rows else []

    def __repr__(self):
        rows = self._rows()
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
        return "\n".join([self.title, *lines])

    def _repr_html_(self):
        left = 'style="text-align: left;"'
        lines = ["".join(f"<td {left}>{html.escape(cell)}</td>" for cell in row) for row in self._rows()]
        lines[:1] = [line.replace("td", "th") for line in lines[:1]]
        table = f"<table><tr>{'</tr><tr>'.join(lines)}</tr></table>" if lines else ""
        return f"<p>{html.escape(self.title)}</p>{table}"


def progress():
    """See what you have done, lesson by lesson, and when a refresher is due.

    Returns
    -------
    Overview
        Per lesson: questions correct, tried and asked, hints used, ways shown, and the
        day of the next refresher (1, 2, 4 and 6 weeks after the lesson).

    Examples
    --------
    >>> progress()
    Nothing answered yet. Open an exercise, and your answers are remembered here.
    """
    kept, said = keep.read()
    rows = [_row(plan, kept["lessons"][plan.number]) for plan in LESSONS if plan.number in kept["lessons"]]
    title = "Your progress" if rows else "Nothing answered yet. Open an exercise, and your answers are remembered here."
    return Overview(" ".join(filter(None, [title, said])), pd.DataFrame(rows))


def _row(plan, entry):
    done = entry["questions"].values()
    correct = sum(bool(each.get("correct")) for each in done)
    return {
        "lesson": f"{plan.number} {plan.title}",
        "correct": f"{correct} of {len(entry['asked'])}" if entry["asked"] else "exercise not opened",
        "tried": sum(each["tries"] > 0 for each in done),
        "hints": sum(each["hints"] for each in done),
        "ways shown": sum(bool(each.get("revealed")) for each in done),
        "refresher": _refresher(entry["finished"]),
    }


def _refresher(finished):
    """The first refresher that is not past; empty before the lesson is done and after the last one."""
    if finished is None:
        return ""
    days = [date.fromisoformat(finished) + timedelta(weeks=weeks) for weeks in REFRESHER_WEEKS]
    return next((spoken(day) for day in days if day >= today()), "")


def track(role):
    """Find the lessons for your role, and which of them are ready.

    Parameters
    ----------
    role : str
        "management", "call centre", "marketing", "data quality", "analyst", "lecturer",
        or "more segmentation" (the seminar's homework).

    Returns
    -------
    Overview

    Raises
    ------
    CrmlabError
        When there is no such role.

    Examples
    --------
    >>> track("more segmentation").table.loc[0, "lesson"]
    '07 Who carries the base?'
    """
    plans = track_of(role)
    rows = [
        {
            "lesson": f"{plan.number} {plan.title}",
            "minutes": str(plan.minutes) if plan.is_written else "",
            "open": plan.notebook if plan.is_written else "being written",
        }
        for plan in plans
    ]
    ready = sum(plan.is_written for plan in plans)
    return Overview(f"Your track: {len(plans)} lessons, {ready} ready.", pd.DataFrame(rows))
