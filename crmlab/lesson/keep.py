"""Where a learner's progress is kept: one small file that survives closing the notebook."""

import json
import os
import time
import uuid
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import platformdirs

__all__ = ["change", "home", "read"]

_FORMAT = 1
_FILE = "progress.json"


def home():
    """Find the folder a learner's progress is kept in.

    Returns
    -------
    pathlib.Path
        The folder named by the environment variable ``CRMLAB_HOME``, else the user's
        data folder. It is made when something is first kept.

    Examples
    --------
    >>> home().name
    'home'
    """
    named = os.environ.get("CRMLAB_HOME")
    return Path(named) if named else platformdirs.user_data_path("crmlab", appauthor=False)


def read():
    """Read what is kept.

    Returns
    -------
    tuple of dict and str
        The progress, and what the learner should know about the file (mostly nothing).

    Examples
    --------
    >>> read()
    ({'format': 1, 'seed': None, 'lessons': {}}, '')
    """
    if not (home() / _FILE).exists():
        return _nothing(), ""
    try:
        with _alone():
            return _read()
    except OSError as error:
        return _nothing(), f"Your progress could not be read ({error.strerror or error})."


def change(update):
    """Read, change and write the progress while nobody else does.

    Two notebooks may be open at once: each change is made to what the file holds at
    that moment, so neither loses the other's.

    Parameters
    ----------
    update : callable
        Called with the progress as a dict; changes it in place.

    Returns
    -------
    str
        What the learner should know about the file (mostly nothing). A full or
        locked disk is said here and never stops an exercise.

    Examples
    --------
    >>> change(lambda kept: kept.update(seed=4711))
    ''
    >>> read()[0]["seed"]
    4711
    """
    try:
        home().mkdir(parents=True, exist_ok=True)
        with _alone():
            kept, said = _read()
            update(kept)
            _write(kept)
            return said
    except OSError as error:
        return f"Your progress could not be kept ({error.strerror or error}); your answer counts all the same."


def _nothing():
    return {"format": _FORMAT, "seed": None, "lessons": {}}


def _read():
    path = home() / _FILE
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return _nothing(), ""
    except (ValueError, RecursionError):
        kept = None
    if _is_sound(kept):
        return kept, ""
    aside = next(name for n in range(1, 10_000) if not (name := path.with_name(f"progress.damaged-{n}.json")).exists())
    os.replace(path, aside)
    return _nothing(), f"Your progress file was damaged. It is kept beside the new one as {aside.name}."


def _is_sound(kept):
    """Whether the file is one this version wrote: a hand may have been in it."""
    try:
        for entry in kept["lessons"].values():
            date.fromisoformat(entry["finished"] or "2000-01-01")
            counts = [done[count] for done in entry["questions"].values() for count in ("tries", "hints")]
            if not isinstance(entry["asked"], list) or any(type(count) is not int for count in counts):
                return False
        return kept["format"] == _FORMAT and (kept["seed"] is None or type(kept["seed"]) is int)
    except (TypeError, KeyError, AttributeError, ValueError):
        return False


def _write(kept):
    path = home() / _FILE
    partial = path.with_name(f".{_FILE}.{uuid.uuid4().hex[:8]}")
    try:
        with open(partial, "w", encoding="utf-8", newline="\n") as file:
            json.dump(kept, file, indent=1, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def _alone():
    """Hold the lock; the system lets go of it even when a kernel is killed."""
    with open(home() / ".progress.lock", "a+b") as file:
        if os.name == "nt":
            import msvcrt

            for last in [False] * 100 + [True]:
                try:
                    file.seek(0)
                    msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
                    break
                except OSError:
                    if last:
                        raise
                    time.sleep(0.05)
            try:
                yield
            finally:
                file.seek(0)
                msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
            yield
