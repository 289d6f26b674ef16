"""The frozen words of a locale, ready to be picked by weight."""

import json
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa

from crmlab.simulate.dice import lookup

__all__ = ["LOCALES", "Vocabulary", "WordList", "plain", "vocabulary"]

_FOLDER = Path(__file__).parent / "vocabulary"
LOCALES = tuple(sorted((path.stem for path in _FOLDER.glob("*.json")), key=lambda name: (name != "hr", name)))
_HIGHEST_HOUSE = 160
_HOUSE_ENDINGS = ("", "a", "b", "c", "d")


@dataclass(frozen=True)
class WordList:
    """Words in a fixed order, and a table that a 16-bit draw picks from."""

    words: tuple
    table: np.ndarray

    def pick(self, generator, n):
        """Draw the places of n words in the list, by weight."""
        return self.table[generator.integers(0, len(self.table), n, dtype=np.uint16)]

    @property
    def arrow(self):
        """The words as an Arrow array."""
        return pa.array(self.words, pa.large_string())


@dataclass(frozen=True)
class Vocabulary:
    """Everything a locale knows: its names, streets, towns and reserved ranges."""

    source: str
    country: str
    currency: str
    women: WordList  # of the same words as men, picked by other weights
    men: WordList
    last_names: WordList
    streets: WordList
    places: WordList  # (postcode, town)
    email_domains: WordList
    houses: tuple
    phone: dict
    iban: dict
    oib: dict | None


@lru_cache
def vocabulary(locale):
    """Read the frozen words of a locale.

    Parameters
    ----------
    locale : str
        ``"hr"`` or ``"en"``.

    Returns
    -------
    Vocabulary

    Examples
    --------
    >>> vocabulary("hr").last_names.words[:3]
    ('Horvat', 'Kovačević', 'Babić')
    """
    frozen = json.loads((_FOLDER / f"{locale}.json").read_text(encoding="utf-8"))
    women, men = frozen["first_names_female"], frozen["first_names_male"]
    everybody = dict.fromkeys([*women, *men], 0)
    places = {(place["postcode"], place["town"]): place["weight"] for place in frozen["places"]}
    return Vocabulary(
        source=frozen["source"],
        country=frozen["country"],
        currency=frozen["currency"],
        women=_listed(everybody | women),
        men=_listed(everybody | men),
        last_names=_listed(frozen["last_names"]),
        streets=_listed(frozen["streets"]),
        places=_listed(places),
        email_domains=_listed(frozen["email_domains"]),
        houses=tuple(f"{n}{ending}" for n in range(1, _HIGHEST_HOUSE + 1) for ending in _HOUSE_ENDINGS),
        phone=frozen["phone"],
        iban=frozen["iban"],
        oib=frozen.get("oib"),
    )


def plain(word):
    """Write a word with the letters an e-mail address may have.

    Parameters
    ----------
    word : str

    Returns
    -------
    str

    Examples
    --------
    >>> plain("Đurđević"), plain("O'Connor")
    ('djurdjevic', 'oconnor')
    """
    spelled = word.lower().replace("đ", "dj")
    return "".join(letter for letter in unicodedata.normalize("NFD", spelled) if "a" <= letter <= "z")


def _listed(weights):
    return WordList(tuple(weights), lookup(weights.values()))
