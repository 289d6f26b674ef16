"""Make a one-page PDF of a cheat-sheet; it carries the checksum of the texts it was made from."""

import hashlib

import typst

STYLE = "style.typ"


def source_mark(sheet):
    """The checksum of a cheat-sheet's texts: its own and the common style.

    Parameters
    ----------
    sheet : pathlib.Path
        The ``.typ`` file.

    Returns
    -------
    str
    """
    texts = [path.read_text(encoding="utf-8") for path in (sheet, sheet.with_name(STYLE))]
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


def drawn(sheet, kind="pdf"):
    """Draw a cheat-sheet with the fonts typst brings, so that every machine draws the same.

    Parameters
    ----------
    sheet : pathlib.Path
        The ``.typ`` file.
    kind : str, default="pdf"
        Or ``"png"``, to look at it.

    Returns
    -------
    bytes
        A list of them when a PNG has several pages.
    """
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)
    inputs = {"source": source_mark(sheet)}
    return typst.compile(str(sheet), root=str(sheet.parent), font_paths=fonts, format=kind, ppi=110, sys_inputs=inputs)


def build_sheet(sheet):
    """Write the PDF beside its source."""
    sheet.with_suffix(".pdf").write_bytes(drawn(sheet))


def sheet_is_in_step(sheet):
    """Whether the PDF was made from the texts as they stand."""
    pdf = sheet.with_suffix(".pdf")
    return pdf.is_file() and source_mark(sheet).encode() in pdf.read_bytes()
