"""What a live engine knows, on disk: a snapshot, and behind it every event since."""

import hashlib
import json
import os
import re
import weakref
from contextlib import suppress

from crmlab.errors import CrmlabError, message
from crmlab.segment.dynamic.cells import ALWAYS
from crmlab.segment.dynamic.disk import Unwritten, told
from crmlab.segment.dynamic.folder_lock import LOCK, hold
from crmlab.segment.dynamic.machine import DUE, SEEN, SINCE, WHO

__all__ = ["Journal", "latest", "lines_of", "load", "read_journal", "read_snapshot", "write_snapshot"]

_FORMAT = "crmlab live segments, 3"
_NUMBERS = ("clock", "accepted", "late", "duplicates", "changed", "first", "first_seq")
_OF_LIVE = ("lateness", "newest", "come", "malformed")
_NAME = re.compile(r"(snapshot|journal)-(\d{6})\.jsonl")


def _written(record):
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


class Journal:
    """A folder that holds a snapshot and one line for every event that came after it.

    Each line goes to the system before `push` answers: what was answered is not lost when the
    process is killed. When the power fails, the last moments may be. A line that could not be written,
    such as on a full disk, is cut off again, so that the next one is whole.

    Parameters
    ----------
    folder : Path
    number : int
        Of the snapshot the lines come after.
    held : int
        Descriptor of the file that keeps other engines out, from `hold`.
    """

    def __init__(self, folder, number, held):
        self._folder = folder
        self._free = weakref.finalize(self, os.close, held)
        self._use(number, _opened(_path(folder, "journal", number)))

    def _use(self, number, file):
        self._number, self._file = number, file
        self._length, self._is_torn = os.fstat(file).st_size, False
        self._shut = weakref.finalize(self, os.close, file)

    @classmethod
    def begin(cls, folder, live):
        """Begin in a new folder, or one that is empty.

        Parameters
        ----------
        folder : Path
        live : Live

        Returns
        -------
        Journal

        Raises
        ------
        CrmlabError
            When something lies there, it is a file, or the disk refuses.
        """
        if folder.exists() and not folder.is_dir():
            raise CrmlabError(message("folder", f"{folder} is a file.", next="give a folder, new or empty."))
        with told("folder", f"nothing can be written to {folder}", "free some disk, or give another folder."):
            folder.mkdir(parents=True, exist_ok=True)
            _check_empty(folder)
            held = hold(folder)
            try:
                _check_empty(folder)
                _write_snapshot(_path(folder, "snapshot", 0), live)
                return cls(folder, 0, held)
            except BaseException:
                os.close(held)
                raise

    def write(self, record):
        """Add one line, and come back when the system has it.

        Parameters
        ----------
        record : list

        Raises
        ------
        CrmlabError
            When the journal is closed.
        Unwritten
            When the line could not be written; then it is cut off again, now or before the next one.
        """
        try:
            self._write(_written(record))
        except OSError as error:
            found = f"it could not be written down ({error.strerror or error}), so it is not worked in."
            raise Unwritten(message("folder", found, next="free some disk, and give it again.")) from error

    def _write(self, line):
        if self._is_torn:
            self._cut()
        if self._file is None:
            step = "go on with dynamic.restore(folder)."
            raise CrmlabError(message("folder", "the engine is closed.", next=step))
        try:
            done = os.write(self._file, line)
            while done < len(line):
                done += os.write(self._file, line[done:])
        except BaseException:  # also the stop button: what was not answered is not to stay
            self._is_torn = True
            with suppress(OSError):
                self._cut()
            raise
        self._length += len(line)

    def _cut(self):
        os.ftruncate(self._file, self._length)
        self._is_torn = False

    def close(self):
        """Write no more, and leave the folder to another engine."""
        self._shut()
        self._free()
        self._file, self._is_torn = None, False

    def begin_anew(self, live):
        """Write a snapshot, and begin a new journal behind it; then the old ones are not needed.

        Parameters
        ----------
        live : Live

        Raises
        ------
        CrmlabError
            When the journal is closed.
        Unwritten
            When there is no room for them; then the old ones are written on.
        """
        if self._file is None:
            raise CrmlabError(message("folder", "the engine is closed.", next="give a path, or restore the folder."))
        with told("folder", "the snapshot could not be written", "free some disk; the engine goes on as before."):
            self._begin_anew(live)

    def _begin_anew(self, live):
        number = self._number + 1
        path = _path(self._folder, "journal", number)
        # The journal first: as long as there is no snapshot of its number, nobody reads it.
        file = _opened(path, os.O_TRUNC)
        try:
            _write_snapshot(_path(self._folder, "snapshot", number), live)
        except BaseException:
            os.close(file)
            path.unlink(missing_ok=True)
            raise
        self._shut()
        self._use(number, file)
        for path in self._folder.iterdir():
            if (found := _NAME.fullmatch(path.name)) and int(found[2]) < number:
                with suppress(OSError):  # held open by something else; nobody reads it
                    path.unlink()


def _path(folder, kind, number):
    return folder / f"{kind}-{number:06d}.jsonl"


def _opened(path, more=0):
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0) | more, 0o666)


def _check_empty(folder):
    if any(path.name != LOCK for path in folder.iterdir()):
        step = "go on from there with dynamic.restore(folder), or give another folder."
        raise CrmlabError(message("folder", f"{folder} is not empty.", next=step))


def latest(folder):
    """Find the newest snapshot of a folder.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    int
        Its number.

    Raises
    ------
    CrmlabError
        When there is none.
    """
    names = [_NAME.fullmatch(path.name) for path in folder.iterdir()]
    numbers = [int(found[2]) for found in names if found and found[1] == "snapshot"]
    if not numbers:
        step = "give the folder that was given to live(folder=...), or the file of a snapshot."
        raise CrmlabError(message("path", f"no snapshot in {folder}.", next=step))
    return max(numbers)


def write_snapshot(path, live):
    """Write down all that a live engine knows; the file stands whole or not at all.

    Parameters
    ----------
    path : Path
    live : Live

    Raises
    ------
    Unwritten
        When the disk refuses; a file that was there stays.
    """
    if path.is_dir():
        step = 'give a file in it, such as folder / "segments.jsonl".'
        raise Unwritten(message("path", f"{path} is a folder.", next=step))
    step = "free some disk, or give a file in a folder that is there."
    with told("path", f"{path} could not be written", step):
        _write_snapshot(path, live)


def _write_snapshot(path, live):
    unfinished = path.with_name(path.name + ".part")
    digest = hashlib.sha256()
    try:
        with unfinished.open("wb") as file:
            for record in lines_of(live):
                line = _written(record)
                digest.update(line)
                file.write(line)
            file.write(_written(["end", digest.hexdigest()]))
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except BaseException:
        with suppress(OSError):
            unfinished.unlink()
        raise


def read_snapshot(path):
    """Read a snapshot, and see that it is whole.

    Parameters
    ----------
    path : Path

    Returns
    -------
    list of list
        The records, as `lines_of` gives them.

    Raises
    ------
    CrmlabError
        When it is no snapshot, of another version, or damaged.
    """
    records, digest = [], hashlib.sha256()
    try:
        with path.open("rb") as file:
            for line in file:
                record = json.loads(line)
                if record[0] == "end":
                    if record[1] == digest.hexdigest() and records[0][:2] == ["about", _FORMAT]:
                        return records
                    break
                digest.update(line)
                records.append(record)
    except (ValueError, TypeError, LookupError, RecursionError):  # all that another text can lead to
        pass
    step = "restore an earlier one, or replay the log."
    raise CrmlabError(message(str(path), "it is no whole snapshot of live segments of this version.", next=step))


def lines_of(live):
    """List all that a live engine knows.

    Parameters
    ----------
    live : Live

    Yields
    ------
    list
        First what is about the whole, then each trait, each customer, and each event that waits.
    """
    engine = live._engine
    yield [
        "about",
        _FORMAT,
        {
            "rules": live._rules.to_json(),
            "lateness": live._lateness,
            "traits": list(live._traits),
            "newest": live._newest,
            "come": live._come,
            "malformed": live._malformed,
            "ids": {int: "number", str: "text"}.get(live._id_class),
            **{name: getattr(engine, name) for name in _NUMBERS},
            "tied": engine.tied and list(engine.tied.items()),
        },
    ]
    for name, column in live._traits.items():
        yield from (["trait", name, customer, value] for customer, value in column.items())
    for place, running in enumerate(engine.running):
        for customer, state in running.customers.items():
            yield ["customer", place, customer, running.machine.dump(state)]
    yield from (["waiting", *event] for event in live._waiting)


def load(live, records):
    """Give a new live engine all that another one knew.

    Parameters
    ----------
    live : Live
        Made with the same plans, traits and lateness.
    records : list of list

    Raises
    ------
    ValueError, TypeError, LookupError
        When a part is missing, there twice, or of another kind.
    """
    engine, about = live._engine, records[0][2]
    if not all(isinstance(about[name], int) for name in (*_NUMBERS, *_OF_LIVE) if name != "first"):
        raise TypeError
    places = dict(enumerate(engine.running))
    live._newest, live._come, live._malformed = about["newest"], about["come"], about["malformed"]
    live._id_class = {"number": int, "text": str}.get(about["ids"])
    for name in _NUMBERS:
        setattr(engine, name, about[name])
    if about["tied"] is not None:
        engine.tied = dict(about["tied"])
    for kind, *record in records:
        if kind == "customer":
            place, customer, text = record
            running = places[place]
            if customer in running.customers:
                raise ValueError
            state = running.customers[customer] = running.machine.load(text)
            state[WHO] = customer
            running.size += state[SINCE] > 0
            if state[DUE] < ALWAYS:
                engine.arm(running, state, state[DUE])
            if running.machine.stays and state[SEEN]:
                engine.to_sweep(running, state, running.number(engine.clock))
        elif kind == "waiting":
            live._waiting.append(tuple(record))
            live._waiting_keys.add((record[3], record[0], record[1]))
        elif kind not in ("about", "trait"):
            raise ValueError


def read_journal(path):
    """Read the events of a journal; a last line that was not written to its end is left out, and taken off the file.

    Parameters
    ----------
    path : Path

    Returns
    -------
    list of list

    Raises
    ------
    CrmlabError
        When another line cannot be read.
    """
    if not path.exists():  # killed between a snapshot and the journal behind it
        return []
    content = path.read_bytes()
    whole = content.rfind(b"\n") + 1
    if whole < len(content):
        os.truncate(path, whole)
    records = []
    for number, line in enumerate(content[:whole].splitlines(), start=1):
        try:
            records.append(json.loads(line))
        except (ValueError, RecursionError):  # no JSON, or brackets without end
            step = "restore from an earlier copy of the folder, or replay the log."
            raise CrmlabError(message(str(path), f"line {number} cannot be read.", next=step)) from None
    return records
