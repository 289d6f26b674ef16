"""Go on where a live engine stopped, even where it was killed."""

import os
from pathlib import Path

from crmlab.errors import CrmlabError, message
from crmlab.segment.dynamic.durations import shown
from crmlab.segment.dynamic.folder_lock import hold
from crmlab.segment.dynamic.incoming import taken_before
from crmlab.segment.dynamic.journal import Journal, latest, load, read_journal, read_snapshot
from crmlab.segment.dynamic.live import Live
from crmlab.segment.dynamic.loading import from_json

__all__ = ["restore"]


def restore(path):
    """Go on with a live engine from a snapshot, or from the folder it wrote every event to.

    Nothing that was answered is lost: of a folder, the last snapshot is read and every event after
    it is worked in again. A last line that was not written to its end is left out: its event was
    never answered, so push it again.

    Parameters
    ----------
    path : str or Path
        The file that was given to ``snapshot(path)``, or the folder that was given to
        ``live(folder=...)``.

    Returns
    -------
    Live
        Its ``recovered`` has the changes since the snapshot once more, with the numbers they had:
        those above the last number you have seen are new to you. With a folder, it writes there on.

    Raises
    ------
    CrmlabError
        When there is no snapshot, it is of another version, it or a line of the journal is damaged,
        or another engine writes to the folder.

    Examples
    --------
    >>> from crmlab.segment.dynamic import did
    >>> engine = did("complaint").live(folder=tmp / "engine")
    >>> _ = engine.push({"customer_id": 7, "ts": "2025-03-01", "seq": 0, "type": "complaint"})
    >>> del engine  # the process may be killed as well
    >>> again = restore(tmp / "engine")
    >>> again.sizes, [change.number for change in again.recovered]
    ({'segment': 1}, [1])
    """
    if not isinstance(path, str | Path):
        step = "give the file of a snapshot, or the folder that was given to live(folder=...)."
        raise CrmlabError(message("path", f"found a {type(path).__name__}.", allowed="a text or a Path", next=step))
    path = Path(path)
    if not path.exists():
        step = "give the file of a snapshot, or the folder that was given to live(folder=...)."
        raise CrmlabError(message(path.name, "there is no such file or folder.", next=step))
    if not path.is_dir():
        return _of_snapshot(path)
    latest(path)  # before anything is written there: is it such a folder?
    held = hold(path)
    try:
        return _of_folder(path, held)
    except BaseException:
        os.close(held)
        raise


def _of_folder(path, held):
    number = latest(path)
    live = _of_snapshot(path / f"snapshot-{number:06d}.jsonl")
    file = path / f"journal-{number:06d}.jsonl"
    recovered = []
    for place, record in enumerate(read_journal(file), start=1):
        try:
            recovered += _again(live, record)
        except (CrmlabError, ValueError, TypeError):
            step = "restore from an earlier copy of the folder, or replay the log."
            raise CrmlabError(message(file.name, f"line {place} is no event.", next=step)) from None
    live.resume(Journal(path, number, held), recovered)
    return live


def _again(live, record):
    """Work in a line of the journal: an event, a moment, or nothing for an event that was malformed."""
    if len(record) == 5:
        customer, ts, seq, type_, properties = record
        return live.push({**properties, "customer_id": customer, "ts": taken_before(ts), "seq": seq, "type": type_})
    if len(record) == 1:
        return live.advance(taken_before(*record))
    if record != []:
        raise CrmlabError(message("journal", f"found {shown(record)}.", next="write it anew."))
    live._malformed += 1
    return ()


def _of_snapshot(path):
    records = read_snapshot(path)
    try:
        return _of_records(records)
    except CrmlabError:
        raise
    # All that another text can lead to: a part is missing, or of another kind.
    except (ValueError, TypeError, LookupError, AttributeError, OverflowError):
        found, step = "a part of the snapshot is missing, or not as it was written.", "restore an earlier one."
        raise CrmlabError(message(str(path), found, next=step)) from None


def _of_records(records):
    about, traits = records[0][2], {name: {} for name in records[0][2]["traits"]}
    for kind, *record in records:
        if kind == "trait":
            name, customer, value = record
            traits[name][customer] = value
    rules = from_json(about["rules"])
    live = Live(rules.plans(), rules=rules, traits=traits, lateness=about["lateness"])
    load(live, records)
    return live
