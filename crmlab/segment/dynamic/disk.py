"""What the disk refuses, in the words of crmlab."""

from contextlib import contextmanager

from crmlab.errors import CrmlabError, message

__all__ = ["Unwritten", "told"]


class Unwritten(CrmlabError, OSError):
    """Say that the disk refused. It is an OSError too: who passes malformed events over is not to pass over this."""


@contextmanager
def told(where, found, step):
    """Say in the words of crmlab what the system says of a disk.

    Parameters
    ----------
    where, found, step : str
        As in `message`; what the system says is put behind `found`.

    Raises
    ------
    Unwritten
        When the system refuses something inside.

    Examples
    --------
    >>> with told("folder", "nothing can be written there", "give another folder."):
    ...     raise OSError(28, "No space left on device")
    Traceback (most recent call last):
        ...
    crmlab.segment.dynamic.disk.Unwritten: folder: nothing can be written there (No space left on device).
      next    : give another folder.
    """
    try:
        yield
    except OSError as error:
        raise Unwritten(message(where, f"{found} ({error.strerror or error}).", next=step)) from error
