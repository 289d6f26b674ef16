"""Keep tables in a folder beside a manifest, one Parquet file or folder of parts each, whole or not at all."""

import contextlib
import json
import os
import re
import shutil
import uuid
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from crmlab.errors import CrmlabError, message
from crmlab.tables.checksum import checksum
from crmlab.tables.names import check_names, is_entry, plain_fact
from crmlab.tables.stack import stacked

__all__ = [
    "FORMAT",
    "MANIFEST",
    "read_manifest",
    "read_tables",
    "ready",
    "swap",
    "unwritten",
    "write_file",
    "write_folder",
]

FORMAT = 1
MANIFEST = "manifest.json"
_ORDER = ("record_id", "ts", "seq")


def write_folder(folder, tables, about, truth=None):
    """Write tables into a folder that appears whole or not at all.

    Everything is written beside the folder under a temporary name and moved into
    place at the end. A base already there is set aside for the moment of the move:
    whoever reads after an interruption finds the old base or the new one.

    Parameters
    ----------
    folder : str or path
        Where the base goes. A base already there is replaced; any other folder
        with something in it is refused.
    tables : dict of str to pandas.DataFrame
        The tables by name. Rows are written in (record_id, ts, seq) order;
        those of a table in which records are missing, such as public posts, as they come.
    about : dict
        What the manifest says of the base, such as company, locale and seed.
    truth : dict of str to pandas.DataFrame, optional
        The truth tables, written to a folder ``truth`` of their own.

    Returns
    -------
    pathlib.Path
        The folder.

    Raises
    ------
    CrmlabError
        When the folder holds something that is no base, a table's name or content cannot
        be kept, or the disk refuses.

    Examples
    --------
    >>> folder = write_folder(tmp / "shop", {"customers": pd.DataFrame({"record_id": [1, 2]})}, {"company": "shop"})
    >>> sorted(path.name for path in folder.iterdir())
    ['customers.parquet', 'manifest.json']
    """
    check_names(about, tables, truth or {})
    folder = ready(folder)
    partial = _partial(folder)
    try:
        partial.mkdir(parents=True)
        _tidy(folder, partial)
        manifest = {"format": FORMAT, **about, "tables": _write_tables(partial, tables)}
        if truth:
            manifest["truth"] = _write_tables(partial / "truth", truth)
        text = json.dumps(manifest, indent=2, ensure_ascii=False, default=plain_fact) + "\n"
        write_file(partial / MANIFEST, text.encode("utf-8"))
        swap(partial, folder)
    except OSError as error:
        raise unwritten(folder, error) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return folder


def ready(folder):
    """Make sure that a base may go into a folder: that there is one already, or nothing.

    Parameters
    ----------
    folder : str or path

    Returns
    -------
    pathlib.Path
        The folder in full.

    Raises
    ------
    CrmlabError
        When the folder holds something that is no base.

    Examples
    --------
    >>> ready(tmp / "new") == tmp / "new"
    True
    """
    folder = Path(folder).resolve()
    _bring_back(folder)
    if folder.exists() and not (folder / MANIFEST).is_file() and (folder.is_file() or any(folder.iterdir())):
        found = "there is something here that is no customer base."
        raise CrmlabError(message(folder, found, next="nothing was written; choose a new folder."))
    return folder


def unwritten(folder, error):
    """Say that the disk refused.

    Parameters
    ----------
    folder : path
    error : OSError

    Returns
    -------
    CrmlabError
        Ready to be raised.

    Examples
    --------
    >>> print(unwritten("base", OSError("disk full")))
    base: the base could not be written (disk full).
      next    : free some disk, close what uses the folder, or choose another; nothing was changed.
    """
    found = f"the base could not be written ({error.strerror or error})."
    next_step = "free some disk, close what uses the folder, or choose another; nothing was changed."
    return CrmlabError(message(folder, found, next=next_step))


def write_file(path, content):
    """Write one file whole or not at all: an interruption leaves the old one or none.

    Parameters
    ----------
    path : str or path
        Where the file goes; folders on the way are made.
    content : bytes
        What it holds.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    CrmlabError
        When the disk refuses; a file already there stays as it was.

    Examples
    --------
    >>> write_file(tmp / "new" / "page.html", b"<p>hello</p>").read_text()
    '<p>hello</p>'
    """
    path = Path(path).absolute()
    partial = _partial(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(content)
        _to_disk(partial)
        os.replace(partial, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            partial.unlink()
        found = f"the file could not be written ({error.strerror or error})."
        step = "free some disk, close the file elsewhere, or choose another folder."
        in_the_way = next((part for part in path.parents if part.is_file()), None)
        if in_the_way:
            found = f"the file could not be written: '{in_the_way.name}' is a file, and must be a folder."
            step = "rename it, or choose another folder."
        raise CrmlabError(message(path, found, next=step)) from error
    return path


def read_manifest(folder):
    """Read what a base says of itself.

    Parameters
    ----------
    folder : str or path
        A folder that :func:`write_folder` wrote.

    Returns
    -------
    dict

    Raises
    ------
    CrmlabError
        When there is no base, its manifest is damaged, or it is of a later format.

    Examples
    --------
    >>> read_manifest(tmp / "nothing")
    Traceback (most recent call last):
        ...
    crmlab.errors.CrmlabError: ...nothing: there is no customer base here (no manifest.json).
      next    : check the path; a base is a folder that CustomerBase.save wrote.
    """
    folder = Path(folder).resolve()
    try:
        _bring_back(folder)
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        parts = [manifest["tables"], manifest.get("truth", {})]
        sums = [entry["checksum"] for part in parts for table, entry in part.items() if is_entry(table, entry)]
        if len(sums) != sum(map(len, parts)) or not all(isinstance(one, str) for one in sums):
            raise TypeError
    except (FileNotFoundError, NotADirectoryError):
        found = f"there is no customer base here (no {MANIFEST})."
        raise CrmlabError(
            message(folder, found, next="check the path; a base is a folder that CustomerBase.save wrote.")
        ) from None
    except OSError as error:
        found = f"the base cannot be read ({error.strerror or error})."
        raise CrmlabError(
            message(folder, found, next="close it elsewhere, or copy it to a folder of your own.")
        ) from None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        found = f"{MANIFEST} is damaged."
        raise CrmlabError(message(folder, found, next="make or copy the base again.")) from None
    if manifest.get("format") != FORMAT:
        found = f"the base is of format {manifest.get('format')}."
        raise CrmlabError(message(folder, found, allowed=f"format {FORMAT}", next="update crmlab, then load again."))
    return manifest


def read_tables(folder, promised):
    """Read the tables a manifest promises, and refuse any that is missing or damaged.

    Parameters
    ----------
    folder : str or path
        Folder of the Parquet files.
    promised : dict of str to dict
        The manifest's entry: per table its rows, columns and checksum.

    Returns
    -------
    dict of str to pandas.DataFrame

    Raises
    ------
    CrmlabError
        Naming every file that is missing or does not hold what the manifest says.

    Examples
    --------
    >>> read_tables(tmp, {"orders": {"rows": 1, "columns": [], "checksum": ""}})
    Traceback (most recent call last):
        ...
    crmlab.errors.CrmlabError: ...orders.parquet: the file is missing.
      next    : copy or make the base again; a part of it alone is not loaded.
    """
    tables, faults = {}, []
    for name, entry in promised.items():
        path = Path(folder) / f"{name}.parquet"
        paths = [Path(folder) / name / part for part in entry["parts"]] if "parts" in entry else [path]
        path = next((one for one in paths if not one.is_file()), paths[0])
        fault = None
        if not path.is_file():
            fault = "the file is missing."
        else:
            try:
                tables[name] = _read(paths) if "parts" in entry else pq.read_table(path).to_pandas()
            except (pa.ArrowException, OSError, ValueError) as error:
                fault = f"the file cannot be read ({str(error).splitlines()[0][:80]})."
            else:
                if checksum(tables[name]) != entry["checksum"]:
                    fault = "its content is not what the manifest says; the file was changed or damaged."
        if fault:
            faults.append(message(path, fault, next="copy or make the base again; a part of it alone is not loaded."))
    if faults:
        raise CrmlabError(*faults)
    return tables


def _read(paths):
    return stacked([pq.read_table(path).to_pandas() for path in paths])


def _write_tables(folder, tables):
    folder.mkdir(exist_ok=True)
    entries = {}
    for name, frame in tables.items():
        path = folder / f"{name}.parquet"
        try:
            frame = _in_order(frame)
            pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), path, compression="zstd")
            entries[name] = {"rows": len(frame), "columns": list(frame.columns), "checksum": checksum(frame)}
        except (pa.ArrowException, TypeError, ValueError) as error:
            found = f"this table cannot be saved ({str(error).splitlines()[0][:80]})."
            step = "give its columns plain types: numbers, texts, times up to a microsecond; nothing was changed."
            raise CrmlabError(message(name, found, next=step)) from None
        _to_disk(path)
    return entries


def _in_order(frame):
    if "record_id" not in frame or frame["record_id"].isna().any():
        return frame  # what nobody is known to have done has an order of its own, and so has the truth
    keys = [column for column in _ORDER if column in frame]
    return frame.sort_values(keys, kind="stable", ignore_index=True) if keys else frame


def swap(partial, folder):
    """Move the new base into place, setting an old one aside until it stands.

    Parameters
    ----------
    partial, folder : path
        Where it is, whole, and where it goes.

    Examples
    --------
    >>> (tmp / "made").mkdir()
    >>> swap(tmp / "made", tmp / "base")
    >>> (tmp / "base").is_dir()
    True
    """
    aside = _aside(folder)
    if folder.exists():
        os.replace(folder, aside)
    try:
        os.replace(partial, folder)
    except OSError:
        _bring_back(folder)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def _bring_back(folder):
    """Mend what an interruption between the two moves of a swap left behind."""
    aside = _aside(folder)
    if aside.exists():
        if folder.exists():
            shutil.rmtree(aside, ignore_errors=True)
        else:
            os.replace(aside, folder)


def _tidy(folder, partial):
    """Take away what killed saves left. Each is renamed first, so that a save still at work fails whole."""
    for left in folder.parent.iterdir():
        if left != partial and re.fullmatch(rf"\.{re.escape(folder.name)}\.[0-9a-f]{{8}}\.partial", left.name):
            with contextlib.suppress(OSError):
                shutil.rmtree(left.rename(_partial(folder)), ignore_errors=True)


def _partial(path):
    return path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.partial")


def _aside(folder):
    return folder.with_name(f".{folder.name}.aside")


def _to_disk(path):
    with open(path, "rb+") as file:
        os.fsync(file.fileno())
