"""What a live engine knows, on disk: a snapshot, and behind it every event since."""

import hashlib
import json
import os
import re
import weakref

from crmlab.errors import CrmlabError, message
from crmlab.segment.dynamic.cells import ALWAYS
from crmlab.segment.dynamic.machine import DUE

__all__ = ["Journal", "latest", "lines_of", "load", "read_journal", "read_snapshot", "write_snapshot"]

_FORMAT = "crmlab live segments, 1"
_NUMBERS = ("clock", "accepted", "late", "duplicates", "changed", "first", "first_seq")
_NAME = re.compile(r"(snapshot|journal)-(\d{6})\.jsonl")


def _written(record):
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


class Journal:
    """A folder that holds a snapshot and one line for every event that came after it.

    Each line goes to the system before `push` answers: what was answered is not lost when the
    process is killed. When the power fails, the last moments may be.

    Parameters
    ----------
    folder : Path
    number : int
        Of the snapshot the lines come after.
    """

    def __init__(self, folder, number):
        self._folder, self._number = folder, number
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
        self._file = os.open(self._path("journal"), flags, 0o666)
        self.close = weakref.finalize(self, os.close, self._file)

    def _path(self, kind):
        return self._folder / f"{kind}-{self._number:06d}.jsonl"

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
            When something lies there.
        """
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            step = "go on from there with dynamic.restore(folder), or give another folder."
            raise CrmlabError(message("folder", f"{folder} is not empty.", next=step))
        write_snapshot(folder / "snapshot-000000.jsonl", live)
        return cls(folder, 0)

    def write(self, record):
        """Add one line, and come back when the system has it.

        Parameters
        ----------
        record : list
        """
        line = _written(record)
        done = os.write(self._file, line)
        while done < len(line):
            done += os.write(self._file, line[done:])

    def begin_anew(self, live):
        """Write a snapshot, and begin a new journal behind it; then the old ones are not needed.

        Parameters
        ----------
        live : Live
        """
        write_snapshot(self._folder / f"snapshot-{self._number + 1:06d}.jsonl", live)
        self.close()
        self.__init__(self._folder, self._number + 1)
        for path in self._folder.iterdir():
            if (found := _NAME.fullmatch(path.name)) and int(found[2]) < self._number:
                path.unlink()


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
    """
    unfinished = path.with_name(path.name + ".part")
    digest = hashlib.sha256()
    with unfinished.open("wb") as file:
        for record in lines_of(live):
            line = _written(record)
            digest.update(line)
            file.write(line)
        file.write(_written(["end", digest.hexdigest()]))
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


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
    tied = engine.tied and [[customer, last, sorted(seen)] for customer, (last, seen) in engine.tied.items()]
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
            **{name: getattr(engine, name) for name in _NUMBERS},
            "tied": tied,
        },
    ]
    for name, column in live._traits.items():
        yield from (["trait", name, customer, value] for customer, value in column.items())
    for place, running in enumerate(engine.running):
        for customer, state in running.customers.items():
            yield ["customer", place, customer, running.machine.dump(state), running.members.get(customer)]
    yield from (["waiting", *event] for event in live._waiting)


def load(live, records):
    """Give a new live engine all that another one knew.

    Parameters
    ----------
    live : Live
        Made with the same plans, traits and lateness.
    records : list of list
    """
    engine, about = live._engine, records[0][2]
    live._newest, live._come, live._malformed = about["newest"], about["come"], about["malformed"]
    for name in _NUMBERS:
        setattr(engine, name, about[name])
    if about["tied"] is not None:
        engine.tied = {customer: (last, set(seen)) for customer, last, seen in about["tied"]}
    for kind, *record in records:
        if kind == "customer":
            place, customer, text, entered = record
            running = engine.running[place]
            state = running.customers[customer] = running.machine.load(text)
            if entered is not None:
                running.members[customer] = tuple(entered)
            if state[DUE] < ALWAYS:
                engine.arm(running, customer, state[DUE])
            engine.to_sweep(running, customer, state)
        elif kind == "waiting":
            live._waiting.append(tuple(record))
            live._waiting_keys.add((record[3], record[0], record[1]))


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
