"""Write a base part by part, so that a large one never needs to be in memory and an interrupted one goes on."""

import contextlib
import hashlib
import io
import json
import re
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from crmlab.errors import CrmlabError, few, message
from crmlab.tables.checksum import checksum_of_parts
from crmlab.tables.files import FORMAT, MANIFEST, read_manifest, ready, swap, unwritten, write_file

__all__ = ["finish", "finished", "join_parts", "part_folder", "start", "write_part"]

_DONE = "done"
_TRUTH = "truth"
_NAMED = re.compile(r"-part-(\d+)-of-(\d+)$")


def start(folder, about):
    """Find the hidden folder a base grows in, and keep of it only what belongs to this base.

    Parameters
    ----------
    folder : str or path
        Where the base will stand in the end.
    about : dict
        What its bytes depend on. Parts that were made for anything else are thrown away.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    CrmlabError
        When the folder holds something that is no base, or the disk refuses.

    Examples
    --------
    >>> start(tmp / "telco", {"seed": 7}).name
    '.telco.partial'
    """
    folder = ready(folder)
    growing = folder.with_name(f".{folder.name}.partial")
    key = json.dumps(about, indent=2, ensure_ascii=False, sort_keys=True).encode("utf-8")
    try:
        if growing.exists() and not _says(growing / "about.json", key):
            shutil.rmtree(growing)
        (growing / _DONE).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritten(folder, error) from error
    write_file(growing / "about.json", key)
    return growing


def write_part(growing, number, tables, truth):
    """Write one part of every table.

    Parameters
    ----------
    growing : path
        The folder :func:`start` found.
    number : int
        Which part, from 0.
    tables, truth : dict of str to pandas.DataFrame
        The part's tables and their truth.

    Raises
    ------
    CrmlabError
        When the disk refuses.

    Examples
    --------
    >>> growing = start(tmp / "shop", {"seed": 7})
    >>> write_part(growing, 0, {"customers": pd.DataFrame({"record_id": [1, 2]})}, {})
    >>> finished(growing)
    {0}
    """
    growing, receipt = Path(growing), {}
    for group, frames in (("", tables), (_TRUTH, truth)):
        for name, frame in frames.items():
            path, file = growing / group / name / f"{number:05}.parquet", io.BytesIO()
            pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), file, compression="zstd")
            write_file(path, file.getbuffer())
            receipt[path.relative_to(growing).as_posix()] = hashlib.sha256(file.getbuffer()).hexdigest()
    write_file(growing / _DONE / f"{number:05}.json", json.dumps(receipt).encode("utf-8"))


def finished(growing):
    """Say which parts are there, whole.

    Parameters
    ----------
    growing : path
        The folder :func:`start` found.

    Returns
    -------
    set of int
    """
    there = set()
    for path in (Path(growing) / _DONE).glob("[0-9]*.json"):
        with contextlib.suppress(OSError, ValueError):
            receipt = json.loads(path.read_text(encoding="utf-8"))
            if all(_sum_of(Path(growing) / name) == kept for name, kept in receipt.items()):
                there.add(int(path.stem))
    return there


def finish(growing, folder, about):
    """Put the manifest beside the parts and move the base into place.

    Parameters
    ----------
    growing, folder : path
        Where it grew, and where it goes.
    about : dict
        What the manifest says of the base.

    Returns
    -------
    pathlib.Path
        The folder.

    Raises
    ------
    CrmlabError
        When the disk refuses; an old base stays then.

    Examples
    --------
    >>> from crmlab.tables import CustomerBase
    >>> growing = start(tmp / "shop", {"seed": 7})
    >>> for number in (0, 1):
    ...     write_part(growing, number, {"customers": pd.DataFrame({"record_id": [number]})}, {})
    >>> len(CustomerBase.load(finish(growing, tmp / "shop", {"name": "shop"})).customers)
    2
    """
    growing, folder = Path(growing), ready(folder)
    tables, truth = _named(growing)
    manifest = {"format": FORMAT, **about, "tables": _entries(growing, tables)}
    if truth:
        manifest[_TRUTH] = _entries(growing / _TRUTH, truth)
    text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
    write_file(growing / MANIFEST, text.encode("utf-8"))
    try:
        shutil.rmtree(growing / _DONE)
        (growing / "about.json").unlink()
        for left in growing.rglob(".*.partial"):
            left.unlink()
        swap(growing, folder)
    except OSError as error:
        raise unwritten(folder, error) from error
    return folder


def part_folder(folder, part, parts):
    """Name the folder of one part of a base: beside the base's own.

    Parameters
    ----------
    folder : str or path
        Where the whole base will stand.
    part, parts : int
        Which part, from 1, of how many.

    Returns
    -------
    pathlib.Path

    Examples
    --------
    >>> part_folder("bases/telco", 3, 16).name
    'telco-part-03-of-16'
    """
    folder = Path(folder)
    width = len(str(parts))
    return folder.with_name(f"{folder.name}-part-{part:0{width}}-of-{parts}")


def join_parts(folder):
    """Make one base of parts that were made apart; the parts stay.

    Parameters
    ----------
    folder : str or path
        Where the base goes; its parts stand beside it (see :func:`part_folder`).

    Returns
    -------
    pathlib.Path
        The folder.

    Raises
    ------
    CrmlabError
        When parts are missing, damaged, or of different bases.
    """
    folder = ready(folder)
    found = _found(folder)
    manifests = {path: read_manifest(path) for path in found}
    told = [_without_tables(manifest) for manifest in manifests.values()]
    if any(one != told[0] for one in told):
        strange = [path.name for path, one in zip(found, told, strict=True) if one != told[0]]
        next_step = "make these parts again with the same call."
        raise CrmlabError(message(folder, f"{few(strange)}: part of another base.", next=next_step))
    growing = start(folder, told[0])
    try:
        for number, (path, manifest) in enumerate(manifests.items()):
            _bring_in(number, path, manifest, growing)
        return finish(growing, folder, told[0])
    except OSError as error:
        raise unwritten(folder, error) from error


def _found(folder):
    """The folders of all parts, in order, or a refusal."""
    named = {}
    for path in folder.parent.glob(f"{folder.name}-part-*-of-*"):
        match = _NAMED.search(path.name)
        if match and (path / MANIFEST).is_file():
            named.setdefault(int(match[2]), {})[int(match[1])] = path
    if not named:
        found = f"there are no parts beside it (such as {part_folder(folder, 1, 16).name})."
        next_step = "make them with --part 1/16, --part 2/16 … and put their folders here."
        raise CrmlabError(message(folder, found, next=next_step))
    parts, there = max(named.items(), key=lambda entry: len(entry[1]) / entry[0])
    missing = [f"{number}/{parts}" for number in range(1, parts + 1) if number not in there]
    if missing:
        next_step = f"make them with --part {missing[0]} …, or put their folders here."
        raise CrmlabError(
            message(folder, f"{len(missing)} of {parts} parts are missing.", parts=few(missing), next=next_step)
        )
    return [there[number] for number in sorted(there)]


def _bring_in(number, path, manifest, growing):
    """Copy one part's files, once they have been held to its manifest."""
    receipt = {}
    for group, entries in (("", manifest["tables"]), (_TRUTH, manifest.get(_TRUTH, {}))):
        for name, entry in entries.items():
            home = path / group / name
            if _checksum([home / file for file in entry["parts"]])[2] != entry["checksum"]:
                found = "its content is not what its manifest says; a file was changed or damaged."
                raise CrmlabError(message(home, found, next="copy or make this part again."))
            (growing / group / name).mkdir(parents=True, exist_ok=True)
            for file in entry["parts"]:
                shutil.copyfile(home / file, growing / group / name / file)
            receipt[(Path(group) / name / "all").as_posix()] = entry["checksum"]
    write_file(growing / _DONE / f"{number:05}.json", json.dumps(receipt).encode("utf-8"))


def _without_tables(manifest):
    return {key: value for key, value in manifest.items() if key not in ("format", "part", "tables", _TRUTH)}


def _named(growing):
    """Name the tables and the truth tables, in the order they were made."""
    names = {}
    for path in sorted((growing / _DONE).glob("[0-9]*.json")):
        names |= dict.fromkeys(name.rpartition("/")[0] for name in json.loads(path.read_text(encoding="utf-8")))
    tables = [name for name in names if "/" not in name]
    return tables, [name.removeprefix(f"{_TRUTH}/") for name in names if "/" in name]


def _entries(home, names):
    """What the manifest says of each table: as many rows, these columns, this checksum, in these parts."""
    entries = {}
    for name in names:
        paths = sorted((home / name).glob("[0-9]*.parquet"))
        rows, columns, total = _checksum(paths)
        entries[name] = {"rows": rows, "columns": columns, "checksum": total, "parts": [path.name for path in paths]}
    return entries


def _checksum(paths):
    """Rows, columns and checksum of a table in parts."""
    rows = sum(pq.read_metadata(path).num_rows for path in paths)
    columns = pq.read_schema(paths[0]).names

    def read(name):
        return (pq.read_table(path, columns=[name]).to_pandas()[name] for path in paths)

    return rows, columns, checksum_of_parts(columns, rows, read)


def _sum_of(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _says(path, content):
    with contextlib.suppress(OSError):
        return path.read_bytes() == content
    return False
