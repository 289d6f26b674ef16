"""Say when a rule asks for events of a type that the log has not: a slip of the pen looks like an empty segment."""

import inspect
import warnings
from contextlib import contextmanager
from itertools import islice

import pandas as pd

from crmlab.errors import CrmlabWarning, did_you_mean, few, message

__all__ = ["told_once", "types_of", "warn_of_unseen"]

_MOST_LOOKED_AT = 10_000  # to look for a name near to another takes its time


def warn_of_unseen(plans, seen):
    """Warn of event types that a rule reads and a log has not; the rule runs all the same.

    Parameters
    ----------
    plans : list of Plan
    seen : sequence of str
        The event types of the log; a log without events is no reason to warn.

    Examples
    --------
    >>> from crmlab.segment.dynamic import did
    >>> with warnings.catch_warnings(record=True) as told:
    ...     warnings.simplefilter("always")
    ...     warn_of_unseen([did("complant").plan()], ["complaint", "reply"])
    >>> print(told[0].message)
    log: no event of type 'complant'. Did you mean 'complaint'?
      it has  : complaint, reply
      next    : correct the name in the rule; if such events are still to come, leave it as it is.
    """
    known = set(seen)
    unseen = [name for name in dict.fromkeys(name for plan in plans for name in plan.types) if name not in known]
    if not unseen or not known:
        return
    names = sorted(islice(seen, _MOST_LOOKED_AT))
    found = " ".join(f"no event of type {name!r}.{did_you_mean(name, names)}" for name in unseen[:5])
    step = "correct the name in the rule; if such events are still to come, leave it as it is."
    text = message("log", found, it_has=few(names, most=12), next=step)
    warnings.warn(text, CrmlabWarning, stacklevel=_steps_out())


def types_of(log):
    """List the event types of a log.

    Parameters
    ----------
    log : pandas.DataFrame

    Returns
    -------
    list

    Examples
    --------
    >>> types_of(pd.DataFrame({"type": ["visit", "reply", "visit"]}))
    ['visit', 'reply']
    """
    names = log["type"]
    return list(names.cat.categories if isinstance(names.dtype, pd.CategoricalDtype) else names.dropna().unique())


@contextmanager
def told_once():
    """Keep still, where another engine or another part of the rule has said it.

    Examples
    --------
    >>> from crmlab.segment.dynamic import did
    >>> with told_once():
    ...     warn_of_unseen([did("complant").plan()], ["complaint"])
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CrmlabWarning)
        yield


def _steps_out():
    """How far up the line stands that the reader wrote: the first that is not of crmlab."""
    frame, steps = inspect.currentframe().f_back, 1
    while frame.f_back is not None and frame.f_globals.get("__name__", "").split(".")[0] == "crmlab":
        frame, steps = frame.f_back, steps + 1
    return steps
