"""The words of a locale, ready to be picked by weight: three are frozen, Faker brings any other."""

import hashlib
import json
import unicodedata
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa

from crmlab.simulate.dice import lookup
from crmlab.simulate.faker_words import words_of

__all__ = ["LOCALES", "Vocabulary", "WordList", "plain", "vocabulary"]

_FOLDER = Path(__file__).parent / "vocabulary"
LOCALES = ("hr", "en", "de")
_SPELLED = str.maketrans({"đ": "dj", "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "o", "ł": "l", "æ": "ae"})
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
    landline: dict
    iban: dict
    oib: dict | None
    decades: tuple  # (first year, names of women, names of men), of the same words as women and men
    firms: dict  # forms by weight, trades

    @cached_property
    def towns(self):
        """The towns, each once."""
        return tuple(dict.fromkeys(town for _, town in self.places.words))

    def first_names(self, faces, is_woman, birth_days):
        """Name people as people of their sex and decade of birth are named.

        Parameters
        ----------
        faces : ndarray of int
            16-bit draws, one per person.
        is_woman : ndarray of bool
        birth_days : ndarray of int64
            Days since 1970.

        Returns
        -------
        ndarray of uint16
            Places in the words of ``women``, which are those of ``men``.
        """
        if not self.decades:
            return np.where(is_woman, self.women.table[faces], self.men.table[faces])
        years = np.asarray(birth_days).astype("M8[D]").astype("M8[Y]").astype(np.int64) + 1970
        decade = np.clip((years - self.decades[0][0]) // 10, 0, len(self.decades) - 1)
        tables = np.stack([names.table for _, *both in self.decades for names in both])
        return tables[2 * decade + ~is_woman, faces]


@lru_cache
def vocabulary(locale):
    """Read the frozen words of a locale.

    Parameters
    ----------
    locale : str
        ``"hr"``, ``"en"``, ``"de"``, or a locale of Faker such as ``"fr_FR"``.

    Returns
    -------
    Vocabulary

    Examples
    --------
    >>> vocabulary("hr").last_names.words[:3]
    ('Horvat', 'Kovačević', 'Babić')
    """
    if locale in LOCALES:
        frozen = json.loads((_FOLDER / f"{locale}.json").read_text(encoding="utf-8"))
    else:
        frozen = words_of(locale)
    women, men = frozen["first_names_female"], frozen["first_names_male"]
    ages = [(one["from"], one["female"], one["male"]) for one in frozen.get("decades", ())]
    everybody = dict.fromkeys([*women, *men, *(name for _, *both in ages for names in both for name in names)], 0)
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
        landline=frozen.get("landline", frozen["phone"]),
        iban=frozen["iban"],
        oib=frozen.get("oib"),
        decades=tuple((year, _listed(everybody | female), _listed(everybody | male)) for year, female, male in ages),
        firms=frozen["firms"],
    )


def plain(word):
    """Write a word with the letters an e-mail address may have; of a word without any, make some.

    Parameters
    ----------
    word : str

    Returns
    -------
    str

    Examples
    --------
    >>> plain("Đurđević"), plain("O'Connor"), plain("Groß")
    ('djurdjevic', 'oconnor', 'gross')
    """
    letters = "".join(
        one for one in unicodedata.normalize("NFD", word.lower().translate(_SPELLED)) if "a" <= one <= "z"
    )
    return letters or "".join(chr(97 + byte % 26) for byte in hashlib.sha256(word.encode("utf-8")).digest()[:8])


def _listed(weights):
    return WordList(tuple(weights), lookup(weights.values()))
