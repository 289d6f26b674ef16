"""Voices: what authors in public go by, and the words they write."""

import tomllib
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa

from crmlab.simulate.columns import joined

__all__ = ["HANDLE_BITS", "SENTIMENTS", "handles", "language_of", "written"]

_FOLDER = Path(__file__).parent / "voices"
SENTIMENTS = ("negative", "neutral", "positive")
_LANGUAGES = ("en", "hr", "de")
_WORD_BITS, _SYLLABLES = 6, 4
HANDLE_BITS = _WORD_BITS * (2 + _SYLLABLES)


def handles(numbers):
    """Make up a name for each author, of a kind that exists nowhere (RFC 2606).

    Parameters
    ----------
    numbers : ndarray of int64
        From 0 to ``2**HANDLE_BITS - 1``: each has a name of its own.

    Returns
    -------
    pyarrow.Array

    Examples
    --------
    >>> handles(np.array([0, 70])).to_pylist()
    ['quietanchorbabababa.example', 'cleverapplebabababa.example']
    """
    rest, parts = np.asarray(numbers, np.int64), []
    for words in _handle_words():
        parts.append(words.take(pa.array(rest & ((1 << _WORD_BITS) - 1))))
        rest = rest >> _WORD_BITS
    return joined(*parts, ".example")


def language_of(locale):
    """Say which language people of a locale mostly write: theirs where there are texts in it, else English.

    Parameters
    ----------
    locale : str

    Returns
    -------
    str

    Examples
    --------
    >>> language_of("hr"), language_of("de_AT"), language_of("fi")
    ('hr', 'de', 'en')
    """
    language = locale[:2].lower()
    return language if language in _LANGUAGES else "en"


def written(language, is_reply, sentiment, topic, topics, height):
    """Write a short text for each post.

    Parameters
    ----------
    language : str
    is_reply : ndarray of bool
    sentiment : ndarray of int
        Place in SENTIMENTS.
    topic : ndarray of int
        Place in topics.
    topics : tuple of str
        Topics the company is talked about.
    height : ndarray of int
        16 bits of chance for each post.

    Returns
    -------
    pyarrow.Array
    """
    texts, first, count = _catalogue(language, tuple(topics))
    kind = (np.asarray(is_reply, np.int64) * len(SENTIMENTS) + sentiment) * len(topics) + topic
    return texts.take(pa.array(first[kind] + (height.astype(np.int64) * count[kind] >> 16)))


@lru_cache
def _handle_words():
    words = tomllib.loads((_FOLDER / "handles.toml").read_text(encoding="utf-8"))
    syllables = [consonant + vowel for consonant in words["consonants"].split() for vowel in words["vowels"].split()]
    lists = [words["adjectives"].split(), words["nouns"].split(), *[syllables] * _SYLLABLES]
    return [pa.array(some, pa.large_string()) for some in lists]


@lru_cache
def _catalogue(language, topics):
    """All texts there are, and where those of each kind of post begin and how many they are."""
    voice = tomllib.loads((_FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    texts, counts = [], []
    for patterns in ([voice[one]["texts"] for one in SENTIMENTS], [voice["replies"][one] for one in SENTIMENTS]):
        for some in patterns:
            for topic in topics:
                filled = [text.replace("{topic}", word) for text in some for word in voice["topics"][topic]]
                texts += [text[0].upper() + text[1:] for text in filled]
                counts.append(len(filled))
    counts = np.array(counts)
    return pa.array(texts, pa.large_string()), np.cumsum(counts) - counts, counts
