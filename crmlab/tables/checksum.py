"""A checksum of what a table says, whatever file or engine it came from."""

import hashlib

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["checksum", "checksum_of_parts"]


def checksum(frame):
    """Tell whether two tables say the same: names, kinds, order and values of all columns.

    The index, the file format, the way text is stored (``category`` or ``str``) and
    the version of pandas or pyarrow do not matter.

    Parameters
    ----------
    frame : pandas.DataFrame
        The table.

    Returns
    -------
    str
        64 hexadecimal digits (SHA-256).

    Examples
    --------
    >>> a = pd.DataFrame({"city": ["Split", None], "n": [1, 2]})
    >>> b = a.astype({"city": "category"})
    >>> checksum(a) == checksum(b), checksum(a) == checksum(a[::-1])
    (True, False)
    """
    digest = hashlib.sha256(f"rows {len(frame)}".encode())
    for name in frame.columns:
        column = [_canonical(frame[name])]
        _take_in(digest, name, lambda column=column: column)
    return digest.hexdigest()


def checksum_of_parts(columns, rows, read):
    """Work out the checksum of a table that lies in parts, a column of a part at a time.

    Parameters
    ----------
    columns : list of str
        Names of the columns.
    rows : int
        Rows of all parts.
    read : callable
        Gives for the name of a column its parts, one after the other, as Series.

    Returns
    -------
    str
        As :func:`checksum` gives it for the parts put one under the other.

    Examples
    --------
    >>> frame = pd.DataFrame({"city": ["Split", None, "Zadar"], "n": [1, 2, 3]})
    >>> parts = [frame[:1], frame[1:]]
    >>> checksum_of_parts(["city", "n"], 3, lambda name: (part[name] for part in parts)) == checksum(frame)
    True
    """
    digest = hashlib.sha256(f"rows {rows}".encode())
    for name in columns:
        _take_in(digest, name, lambda name=name: map(_canonical, read(name)))
    return digest.hexdigest()


def _take_in(digest, name, parts):
    """Take a column in: its kind, the gaps of all parts, then the bytes of all parts, kind of bytes by kind."""
    kinds, gaps = zip(*((kind, missing) for kind, missing, _ in parts()), strict=True)
    digest.update(f"\ncolumn {name!r} {kinds[0]}\n".encode())
    digest.update(np.packbits(np.concatenate(gaps), bitorder="little").tobytes())
    for place in range(2 if kinds[0] == "text" else 1):
        for _, _, payload in parts():
            digest.update(payload[place])


def _canonical(values):
    """Split a column into its kind, its gaps, and the bytes of its values."""
    array = pa.Array.from_pandas(values)
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if pa.types.is_null(array.type):
        array = array.cast(pa.large_string())
    missing = np.asarray(array.is_null())
    kind = array.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        array = pc.fill_null(array.cast(pa.large_string()), "")
        _, starts, letters = array.buffers()
        starts = np.frombuffer(starts or b"\0" * 8, dtype="<i8")[array.offset : array.offset + len(array) + 1]
        return "text", missing, (np.diff(starts), memoryview(letters or b"")[starts[0] : starts[-1]])
    if pa.types.is_timestamp(kind):
        array = array.cast(pa.timestamp("us", tz=kind.tz)).cast(pa.int64())
        return f"time {kind.tz}", missing, (_numbers(array, "<i8"),)
    if pa.types.is_boolean(kind):
        return "yes/no", missing, (_numbers(array.cast(pa.int8()), "<i1"),)
    if pa.types.is_integer(kind):
        return "whole", missing, (_numbers(array.cast(pa.int64()), "<i8"),)
    return "number", missing, (_numbers(array.cast(pa.float64()), "<f8"),)


def _numbers(array, dtype):
    return np.ascontiguousarray(np.asarray(pc.fill_null(array, 0)), dtype=dtype)
