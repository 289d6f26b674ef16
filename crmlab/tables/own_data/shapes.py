"""The shapes a written date can have, and the numbers each gives."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crmlab.tables.own_data.words import MONTHS

__all__ = ["RUNNING", "Parts", "take_apart"]

_ZONE = r"(?P<z>z|utc|gmt|[+-]\d\d(?::?\d\d)?)?"
_CLOCK = (
    r"(?:(?:\s*,\s*|\s+|t)(?:u |um |at )?(?P<h>\d{1,2})[:.](?P<n>\d\d)(?:[:.](?P<s>\d\d)(?:[.,](?P<f>\d{1,9}))?)?"
    r"\s*(?P<p>[ap]\.?\s?m\.?)?\s*(?:h|sati|uhr)?\s*" + _ZONE + ")?$"
)
_SHAPES = {
    "year first": r"^(?P<y>\d{4})[-/.]\s?(?P<m>\d{1,2})[-/.]\s?(?P<d>\d{1,2})\.?" + _CLOCK,
    "yyyymmdd": r"^(?P<y>(?:19|20)\d\d)(?P<m>\d\d)(?P<d>\d\d)(?:[t ]?(?P<h>\d\d):?(?P<n>\d\d)(?::?(?P<s>\d\d))?)?"
    + _ZONE
    + "$",
    ".": r"^(?P<a>\d{1,2})\.\s*(?P<b>\d{1,2})\.\s*(?P<y>\d{4}|\d\d)\.?" + _CLOCK,
    "/": r"^(?P<a>\d{1,2})\s?/\s?(?P<b>\d{1,2})\s?/\s?(?P<y>\d{4}|\d\d)" + _CLOCK,
    "-": r"^(?P<a>\d{1,2})-(?P<b>\d{1,2})-(?P<y>\d{4}|\d\d)" + _CLOCK,
    "month in words": r"^(?P<d>\d{1,2})[.\s-]*(?P<w>\p{L}{3,12})[.\s,-]*(?P<y>\d{4}|\d\d)\.?" + _CLOCK,
    "month in words, first": r"^(?P<w>\p{L}{3,12})\.?\s+(?P<d>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<y>\d{4})" + _CLOCK,
    "Excel day numbers": r"^(?P<e>[2-7]\d{4})(?:[.,](?P<f>\d+))?$",
    "seconds since 1970": r"^(?P<e>\d{10})$",
    "milliseconds since 1970": r"^(?P<e>\d{13})$",
}
_DAY = 86_400_000_000
_UNIT = {"Excel day numbers": _DAY, "seconds since 1970": 1_000_000, "milliseconds since 1970": 1_000}
RUNNING = frozenset(_UNIT)
_EXCEL_ZERO = 25_569  # days from Excel's zero, 1899-12-30, to 1970
_READ = "ymdabhns"
_SAMPLE = 200


@dataclass
class Parts:
    """The numbers in written dates; each field has one entry per text.

    Parameters
    ----------
    shape : ndarray of object
        Name of the shape, or an empty text where none fits.
    y, m, d, a, b : ndarray of int
        Year, month and day; ``a`` and ``b`` where the order of day and month is open.
    clock : ndarray of int
        Microseconds since midnight, -1 where there is no such time of day.
    zone : ndarray of int
        Microseconds ahead of UTC.
    has_zone, short_year : ndarray of bool
        Whether a zone is written, and whether the year has two digits.
    instant : ndarray of int
        Microseconds since 1970, for dates written as one running number.
    """

    shape: np.ndarray
    y: np.ndarray
    m: np.ndarray
    d: np.ndarray
    a: np.ndarray
    b: np.ndarray
    clock: np.ndarray
    zone: np.ndarray
    has_zone: np.ndarray
    short_year: np.ndarray
    instant: np.ndarray


def take_apart(texts, shapes=tuple(_SHAPES)):
    """Find the shape of each written date and take out its numbers.

    Parameters
    ----------
    texts : pyarrow.Array of large_string
        Written dates.
    shapes : iterable of str
        The shapes to look for.

    Returns
    -------
    Parts

    Examples
    --------
    >>> parts = take_apart(pa.array(["31. 12. 2025. 14:05", "2025-12-31T14:05:00Z", "soon"]))
    >>> parts.shape.tolist(), parts.a.tolist(), parts.d.tolist(), parts.has_zone.tolist()
    (['.', 'year first', ''], [31, 0, 0], [0, 31, 0], [False, True, False])
    """
    size = len(texts)
    numbers = {name: np.zeros(size, np.int64) for name in (*"ymdab", "clock", "zone", "instant")}
    parts = Parts(np.full(size, "", object), **numbers, has_zone=np.zeros(size, bool), short_year=np.zeros(size, bool))
    texts = pc.utf8_lower(texts)
    left, sample = np.arange(size), texts.slice(0, _SAMPLE)
    # no text has two shapes, so the order is free: the usual one first saves passes over a long column
    for shape in sorted(shapes, key=lambda shape: pc.extract_regex(sample, _SHAPES[shape]).null_count):
        found = pc.extract_regex(texts.take(pa.array(left)), _SHAPES[shape])
        hit = np.asarray(found.is_valid())
        if hit.any():
            _fill(parts, shape, left[hit], found.filter(pa.array(hit)))
            left = left[~hit]
        if not len(left):
            break
    return parts


def _fill(parts, shape, at, found):
    names = {field.name for field in found.type}
    field = {name: found.field(name) for name in names}
    number = {name: _whole(field[name]) if name in names else np.zeros(len(at), np.int64) for name in _READ}
    parts.shape[at] = shape
    if shape in _UNIT:
        parts.instant[at] = _running(shape, field)
        parts.has_zone[at] = "since 1970" in shape
        return
    if "w" in names:
        number["m"] = np.array([MONTHS.get(word, 0) for word in field["w"].to_pylist()])
    for name in "ymdab":
        getattr(parts, name)[at] = number[name]
    parts.short_year[at] = np.asarray(pc.equal(pc.utf8_length(field["y"]), 2))
    hour = number["h"]
    if "p" in names:
        half = np.asarray(pc.utf8_slice_codeunits(field["p"], 0, 1).to_pylist(), object)
        wrong = (half != "") & ((hour < 1) | (hour > 12))
        hour = np.where(half == "", hour, hour % 12 + 12 * (half == "p"))
        hour[wrong] = 99
    fraction = _whole(pc.utf8_rpad(field["f"], 9, "0")) // 1_000 if "f" in names else 0
    seconds = (hour * 60 + number["n"]) * 60 + number["s"]
    legal = (hour < 24) & (number["n"] < 60) & (number["s"] < 60)
    parts.clock[at] = np.where(legal, seconds * 1_000_000 + fraction, -1)
    parts.has_zone[at] = np.asarray(pc.not_equal(field["z"], ""))
    signed = pc.extract_regex(field["z"], r"^(?P<sign>[+-])(?P<h>\d\d):?(?P<n>\d\d)?$")
    minutes = _whole(signed.field("h")) * 60 + _whole(signed.field("n"))
    minus = np.asarray(pc.equal(signed.field("sign"), "-"))
    parts.zone[at] = np.where(minus, -minutes, minutes) * 60_000_000


def _running(shape, field):
    """Excel keeps times as parts of a day, a little off: whole seconds are meant."""
    whole = _whole(field["e"])
    if shape != "Excel day numbers":
        return whole * _UNIT[shape]
    share = np.array([float(f"0.{digits}") if digits else 0.0 for digits in field["f"].to_pylist()])
    return (whole - _EXCEL_ZERO) * _DAY + np.round(share * 86_400).astype(np.int64) * 1_000_000


def _whole(texts):
    """Whole numbers from digits; nothing counts as 0."""
    return np.asarray(pc.if_else(pc.equal(pc.fill_null(texts, ""), ""), "0", texts).cast(pa.int64()))
