"""How names and addresses are written in one locale: words for street, forms of firms, short names, titles."""

import re
import tomllib
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from crmlab.quality.letters import key_of

__all__ = ["Words", "said", "words_of"]

_FOLDER = Path(__file__).parent / "words"


@dataclass(frozen=True)
class Words:
    """The words of one locale that normal forms need."""

    region: str  # as phone numbers know it: HR, GB, DE
    language: str
    postcode: str
    postcode_country: str
    house_words: list
    no_number: list
    none_words: list
    roles: list
    titles: list
    small_words: list
    street_first: dict
    street_last: dict
    street_end: dict
    street_short: dict
    company: dict
    short_names: dict

    @cached_property
    def first_street_words(self):
        """Each way to begin a street's name with the word for street, and that word in full."""
        return {way: full for full, ways in self.street_first.items() for way in ways}

    @cached_property
    def last_street_words(self):
        """Each way to end a street's name with the word for street, and that word in full."""
        return {way: full for full, ways in self.street_last.items() for way in ways}

    @cached_property
    def forms(self):
        """Each way to write the form of a firm, with letters only, and the form in full."""
        ways = {form: {bare(form), *map(bare, known)} for form, known in self.company.items()}
        return {way: form for form, known in ways.items() for way in known}

    @cached_property
    def families(self):
        """The key of each short name, and the key of the formal name it is short for."""
        return {
            key_of(short, self.language): key_of(formal, self.language)
            for formal, shorts in self.short_names.items()
            for short in shorts
        }

    @cached_property
    def a_postcode(self):
        """The pattern of a postcode."""
        return re.compile(self.postcode)


def bare(text):
    """Leave only letters and digits of a form.

    Examples
    --------
    >>> bare("d. o. o."), bare("GmbH & Co. KG")
    ('doo', 'gmbhcokg')
    """
    return "".join(sign for sign in text.casefold() if sign.isalnum())


@lru_cache
def words_of(locale):
    """Read how names and addresses are written in a locale.

    Parameters
    ----------
    locale : str
        ``"hr"``, ``"en"`` or ``"de"``.

    Returns
    -------
    Words

    Examples
    --------
    >>> words_of("hr").forms["doo"], words_of("hr").families["joso"]
    ('d.o.o.', 'josip')
    """
    return Words(**tomllib.loads((_FOLDER / f"{locale}.toml").read_text(encoding="utf-8")))


def said(kinds, language="en"):
    """Say in words what was changed.

    Parameters
    ----------
    kinds : iterable of str
        Kinds of change, as they were done.
    language : str, default="en"
        ``"en"``, ``"hr"`` or ``"de"``.

    Returns
    -------
    str

    Examples
    --------
    >>> said(["blanks", "capitals"])
    'blanks put in order; a capital only where a name begins'
    """
    return "; ".join(_said()[kind][language] for kind in kinds)


@lru_cache
def _said():
    return tomllib.loads((_FOLDER / "said.toml").read_text(encoding="utf-8"))
