"""What errors in one locale's records are made of: its keyboard, short names, words for street and firm."""

import tomllib
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from crmlab.simulate.vocabulary import Vocabulary, vocabulary

__all__ = ["Words", "mess_words"]

_FOLDER = Path(__file__).parent / "words"
_OTHER = {
    "keyboard": ("qwertyuiop", "asdfghjkl", "zxcvbnm"),
    "has_ije": False,
    "number_word": "No.",
    "without_number": "",
    "roles": ("info", "office", "contact", "none"),
    "street_forms": {},
    "company_forms": {},
    "short_names": {},
}


@dataclass(frozen=True)
class Words:
    """The words of one locale that errors need."""

    lists: Vocabulary
    keyboard: tuple
    has_ije: bool  # je and ije are taken for each other
    number_word: str
    without_number: str  # sign for a house without number; empty where there is none
    roles: tuple
    street_forms: dict
    company_forms: dict
    short_names: dict

    @cached_property
    def neighbours(self):
        """The keys beside each key: left, right, above and below."""
        places = {key: (row, place) for row, keys in enumerate(self.keyboard) for place, key in enumerate(keys)}
        steps = ((0, -1), (0, 1), (-1, 0), (-1, 1), (1, 0), (1, -1))  # each row begins half a key further right
        at = {place: key for key, place in places.items()}
        return {
            key: "".join(at.get((row + r, place + p), "") for r, p in steps) for key, (row, place) in places.items()
        }

    @cached_property
    def near_postcodes(self):
        """The postcodes before and after each postcode."""
        codes = sorted({code for code, _ in self.lists.places.words})
        return {code: tuple(codes[max(n - 1, 0) : n] + codes[n + 1 : n + 2]) for n, code in enumerate(codes)}

    def surname(self, die):
        """A surname by weight, from 16 bits of a number."""
        return self.lists.last_names.words[self.lists.last_names.table[die & 0xFFFF]]

    def street(self, die):
        """A street by weight, from 16 bits of a number."""
        return self.lists.streets.words[self.lists.streets.table[die & 0xFFFF]]

    def place(self, die):
        """A postcode and its town by weight, from 16 bits of a number."""
        return self.lists.places.words[self.lists.places.table[die & 0xFFFF]]


@lru_cache
def mess_words(locale):
    """Read what errors in a locale's records are made of.

    Parameters
    ----------
    locale : str
        A locale of :func:`crmlab.simulate.company`. Where nothing is known of its
        errors, the keyboard is the English one, and nothing is shortened.

    Returns
    -------
    Words

    Examples
    --------
    >>> mess_words("hr").neighbours["z"], mess_words("en").neighbours["z"]
    ('tuhg', 'xas')
    """
    path = _FOLDER / f"{locale}.toml"
    known = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else _OTHER
    return Words(vocabulary(locale), **known)
