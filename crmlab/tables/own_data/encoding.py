"""From bytes to text: UTF-8, UTF-16 or Windows-1250, each told from the bytes themselves."""

import re

from crmlab.errors import CrmlabError, message
from crmlab.tables.own_data.words import counted

__all__ = ["decode"]

_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_NAMES = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 with a mark (BOM)",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "cp1250": "Windows-1250",
}
_NOT_TEXT = re.compile(r"[\x00-\x08\x0e-\x1f]")


def decode(content, encoding, where):
    """Turn the bytes of a file into text, and say in which encoding they were.

    Parameters
    ----------
    content : bytes
        The file.
    encoding : str or None
        The encoding as told, or None to tell it from the bytes: a mark at the
        beginning, else UTF-8, else Windows-1250.
    where : str
        Name of the file, for messages.

    Returns
    -------
    text : str
    name : str
        The encoding in plain words.
    caution : str or None
        What the reader should look at, if anything.

    Raises
    ------
    CrmlabError
        When the bytes are no text, or not of the encoding told.

    Examples
    --------
    >>> decode("Šimić".encode("cp1250"), None, "customers.csv")[:2]
    ('Šimić', 'Windows-1250')
    """
    if encoding is not None:
        try:
            return content.decode(encoding).removeprefix("\ufeff"), encoding, None
        except UnicodeError:
            found = f"the file is not in the encoding told, {encoding}."
            raise CrmlabError(
                message(where, found, next="leave encoding= out, or try utf-8, cp1250, cp1252 or cp852.")
            ) from None
    name = next((name for mark, name in _BOMS if content.startswith(mark)), None) or _without_mark(content)
    caution = None
    try:
        text = content.decode(name)
    except UnicodeDecodeError:
        text, caution = _mended(content, name)
        if text is None:
            name = "cp1250"
            text = content.decode(name, errors="replace")
            caution = "The file is not UTF-8; it was read as Windows-1250. If letters look wrong, say encoding=."
    text = text.removeprefix("\ufeff")
    if len(_NOT_TEXT.findall(text[:100_000])) > len(text[:100_000]) / 200:
        found = "this is no table of text; it holds bytes no text has."
        raise CrmlabError(message(where, found, next="give a CSV file, an Excel workbook, or a pandas DataFrame."))
    return text, _NAMES[name], caution


def _without_mark(content):
    """UTF-16 betrays itself by a zero at every other byte of plain letters."""
    head = content[:2_000]
    half = len(head) // 2
    if half and head[1::2].count(0) > half * 0.6:
        return "utf-16-le"
    if half and head[0::2].count(0) > half * 0.6:
        return "utf-16-be"
    return "utf-8"


def _mended(content, name):
    """Keep a file that is UTF-8 but for a few bytes, and name the lines of those."""
    text = content.decode(name, errors="replace")
    bad = text.count("\ufffd")
    good = len(text) - len(text.encode("ascii", "ignore")) - bad
    if bad * 10 > good:
        return None, None
    lines = [str(at) for at, line in enumerate(text.splitlines(), 1) if "\ufffd" in line]
    shown = ", ".join(lines[:5]) + (" …" if len(lines) > 5 else "")
    return text, f"{counted(bad, 'letter')} not in UTF-8, shown as \ufffd (line {shown})."
