"""One engine at a time on a folder: the system keeps the others out until the first is closed, or dies."""

import os
import sys

from crmlab.errors import CrmlabError, message

__all__ = ["LOCK", "hold"]

LOCK = "in-use.lock"

if sys.platform == "win32":
    import msvcrt

    def _claim(file):
        os.lseek(file, 1 << 20, os.SEEK_SET)  # behind the number, which others are to read
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        os.lseek(file, 0, os.SEEK_SET)
else:
    import fcntl

    def _claim(file):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def hold(folder):
    """Take a folder for this engine alone.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    int
        Descriptor of the file that stands for it; the folder is free again when it is closed, which
        the system does when the process ends, whatever ends it.

    Raises
    ------
    CrmlabError
        When another engine has it.

    Examples
    --------
    >>> import os
    >>> held = hold(tmp)
    >>> os.close(held)
    """
    file = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666)
    try:
        _claim(file)
        os.ftruncate(file, 0)
        os.write(file, b"%d\n" % os.getpid())
    except (BlockingIOError, PermissionError):  # what the systems say when another one has it
        number = os.read(file, 20).decode("ascii", "replace").strip()
        os.close(file)
        own = number == str(os.getpid())
        who = "another engine of this process" if own else f"process {number or 'unknown'}"
        step = "close that one first: engine.close()." if own else "stop that process first; then restore the folder."
        raise CrmlabError(message("folder", f"{folder} is in use by {who}.", next=step)) from None
    except OSError:  # no room for the number, or no locks on this disk
        os.close(file)
        raise
    return file
