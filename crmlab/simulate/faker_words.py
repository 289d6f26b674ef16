"""Any other locale: its words asked of Faker once, then kept in the user's cache."""

import contextlib
import json
import os
import random
import warnings
from pathlib import Path

import platformdirs

from crmlab.errors import CrmlabError, did_you_mean, message
from crmlab.tables.files import write_file

__all__ = ["faker_locales", "words_of"]

_FORMAT = 1
_DRAWS, _MOST_PLACES, _LEAST_NAMES, _MOST_NAMES = 600, 200, 5, 2_000
_EMAIL_DOMAINS = {"mail.example": 40, "example.com": 30, "example.net": 15, "example.org": 15}
_PHONE = {"country": "+999", "prefixes": ["93", "94", "96"], "groups": [3, 4]}  # a country code that is nobody's
_BANKS = ["90000001", "92000002", "93000003"]
_CURRENCY = "EUR"  # the specs are priced in it
_FIRMS = {"forms": {"Ltd": 100}, "trades": ["Trading", "Logistics", "Software", "Foods", "Furniture", "Printing"]}


def faker_locales():
    """Name the locales Faker knows, or none where Faker is not installed.

    Returns
    -------
    tuple of str

    Examples
    --------
    >>> "fr_FR" in faker_locales()
    True
    """
    try:
        from faker.config import AVAILABLE_LOCALES
    except ModuleNotFoundError:
        return ()
    return tuple(sorted(AVAILABLE_LOCALES))


def words_of(locale):
    """Read the words of a locale from the cache, or ask Faker for them and keep them there.

    Parameters
    ----------
    locale : str
        One of :func:`faker_locales`.

    Returns
    -------
    dict
        As the frozen vocabularies have it; ``source`` names Faker's version.

    Raises
    ------
    CrmlabError
        When Faker is not installed, or does not know the locale.

    Examples
    --------
    >>> words_of("fr_FR")["country"]
    'FR'
    """
    known = faker_locales()
    if not known:
        found = f"the words of {locale!r} come from Faker, which is not installed."
        next_step = "install it (pip install faker), or choose one of the built-in ones: hr, en, de."
        raise CrmlabError(message("locale", found, next=next_step))
    if locale not in known:
        home = f"{locale}_{locale.upper()}"  # of a language alone: the country it has its name from
        spelled = {name.lower(): name for name in ([home] if home in known else known)}
        near = did_you_mean(locale, spelled)
        near = next((near.replace(small, name) for small, name in spelled.items() if f"'{small}'" in near), near)
        found = f"Faker knows no locale {locale!r}.{near}"
        raise CrmlabError(message("locale", found, next="choose hr, en, de, or a locale of Faker such as 'fr_FR'."))
    import faker

    path = _folder() / f"{locale}-faker-{faker.VERSION}-{_FORMAT}.json"
    with contextlib.suppress(OSError, ValueError):
        return json.loads(path.read_text(encoding="utf-8"))
    words = _asked(faker, locale)
    with contextlib.suppress(CrmlabError):  # a cache that cannot be written costs a second, no more
        write_file(path, json.dumps(words, ensure_ascii=False, indent=1).encode("utf-8"))
    return words


def _folder():
    named = os.environ.get("CRMLAB_HOME")
    return (Path(named) if named else platformdirs.user_cache_path("crmlab", appauthor=False)) / "vocabulary"


def _asked(faker, locale):
    """Ask Faker: lists where it has them, else what comes of many draws with a fixed seed."""
    with warnings.catch_warnings(action="ignore"):  # some of its locales have had other names
        fake = faker.Faker(locale)
    fake.seed_instance(0)
    person = next((provider for provider in fake.get_providers() if hasattr(provider, "last_names")), None)
    female, male = (_weighted(fake, person, kind) for kind in ("first_names_female", "first_names_male"))
    country = fake.locales[0].partition("_")[2][:2].upper()
    return {
        "locale": locale,
        "source": f"Faker {faker.VERSION} ({locale})",
        "country": country if country.isalpha() and len(country) == 2 else "XX",
        "currency": _CURRENCY,
        "first_names_female": female,
        "first_names_male": male,
        "last_names": _weighted(fake, person, "last_names"),
        "streets": _drawn(fake.street_name),
        "places": _places(fake),
        "email_domains": _EMAIL_DOMAINS,
        "phone": _PHONE,
        "iban": {"banks": _BANKS, "digits": 10},
        "firms": _FIRMS,
    }


def _weighted(fake, person, kind):
    """A list of names with whole weights."""
    one = {"last_names": "last_name", "first_names_male": "first_name_male", "first_names_female": "first_name_female"}
    names = getattr(person, kind, None)
    if not names or len(names) < _LEAST_NAMES:
        return _drawn(getattr(fake, one[kind]))
    if isinstance(names, dict):
        heaviest = max(names.values())
        names = {name: max(1, round(10_000 * weight / heaviest)) for name, weight in names.items() if weight > 0}
        return dict(sorted(names.items(), key=lambda item: -item[1])[:_MOST_NAMES])
    names = list(dict.fromkeys(names))
    if len(names) > _MOST_NAMES:
        names = sorted(random.Random(0).sample(names, _MOST_NAMES))
    return {name: 100 for name in names}


def _drawn(one):
    """What comes of many draws, each word once, without digits."""
    words = dict.fromkeys(one() for _ in range(_DRAWS))
    return {word: 100 for word in words if not any(letter.isdigit() for letter in word)}


def _places(fake):
    """Towns with a postcode each; the first ones are larger."""
    towns = list(_drawn(fake.city))[:_MOST_PLACES]
    codes = dict.fromkeys(fake.postcode() for _ in range(4 * _DRAWS))
    return [
        {"postcode": code, "town": town, "weight": round(10_000 / (rank + 10))}
        for rank, (town, code) in enumerate(zip(towns, codes, strict=False))
    ]
