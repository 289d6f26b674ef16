"""Freeze the word lists that simulated people draw from.

Faker is asked once per locale for names and streets; towns, postcodes and the reserved ranges come from
``tools/vocabulary/<locale>.toml``. The result is ``crmlab/simulate/vocabulary/<locale>.json``, which names
Faker's version. Run it when a list changes; the bytes of simulated bases change with it::

    python tools/build_vocabulary.py
"""

import json
import tomllib
from pathlib import Path

import faker

HERE = Path(__file__).parent
OUT = HERE.parent / "crmlab" / "simulate" / "vocabulary"
BRITISH_ENDINGS = ("Avenue", "Court", "Drive", "Gardens", "Grove", "Hill", "Lane", "Mews", "Park", "Place", "Road")
BRITISH_ENDINGS += ("Row", "Square", "Street", "Terrace", "View", "Walk", "Way")
INWARD = "ABDEFGHJLNPQRSTUWXYZ"
POSTCODES_PER_DISTRICT = 6
OWN_DECADE, OTHER_DECADES = 100_000, 15  # weight of a decade's own names; the part of its weight another name keeps


def main():
    """Write one JSON file per locale."""
    OUT.mkdir(exist_ok=True)
    for path in sorted((HERE / "vocabulary").glob("*.toml")):
        facts = tomllib.loads(path.read_text(encoding="utf-8"))
        words = vocabulary(path.stem, facts)
        text = json.dumps(words, ensure_ascii=False, indent=1) + "\n"
        (OUT / f"{path.stem}.json").write_text(text, encoding="utf-8", newline="\n")
        print(f"{path.stem}: " + ", ".join(f"{len(words[key])} {key}" for key in words if key in LISTS))


LISTS = ("first_names_female", "first_names_male", "last_names", "streets", "places")


def vocabulary(locale, facts):
    """Merge Faker's lists of one locale with the facts kept by hand."""
    asked = faker.Faker(facts["faker"])
    person = next(provider for provider in asked.get_providers() if hasattr(provider, "last_names"))
    rest = facts.get("rest_weight")
    female = by_rank(facts["common_female"], person.first_names_female, rest)
    male = by_rank(facts["common_male"], person.first_names_male, rest)
    return {
        "locale": locale,
        "source": f"Faker {faker.VERSION} ({facts['faker']})",
        "country": facts["country"],
        "currency": facts["currency"],
        "first_names_female": female,
        "first_names_male": male,
        "last_names": by_rank(facts["common_last"], person.last_names, rest),
        "streets": by_rank(facts["common_streets"], streets(asked, person.last_names), rest),
        "places": [place for town in facts["towns"] for place in postcodes(town, facts["country"])],
        **{key: facts[key] for key in ("email_domains", "phone", "landline", "iban", "oib", "firms") if key in facts},
        "decades": [
            {"from": one["from"], "female": of_decade(one["female"], female), "male": of_decade(one["male"], male)}
            for one in facts.get("decades", ())
        ],
    }


def of_decade(common, names):
    """Weigh the names of those born in one decade: its own by rank, every other one with little of its weight."""
    others = {name: max(1, weight // OTHER_DECADES) for name, weight in names.items()}
    return others | {name: round(OWN_DECADE / (rank + 8)) for rank, name in enumerate(common)}


def by_rank(common, words, rest=None):
    """Give each word a whole weight: Faker's own, or one that falls with the rank in the list of common words.

    Where neither is known, the order of Faker's list counts if it is one of frequency (a tuple), else all the
    rest weigh alike (a list, or a weight given for them).
    """
    if rest:
        first = {word: round(100_000 / (rank + 15)) for rank, word in enumerate(common)}
        return first | {word: rest for word in words if word not in first}
    if isinstance(words, dict):
        return {word: max(1, round(10_000 * weight)) for word, weight in words.items()}
    ranked = [*common, *(word for word in words if word not in common)]
    level = len(ranked) if isinstance(words, tuple) else len(common)
    return {word: round(100_000 / (min(rank, level) + 15)) for rank, word in enumerate(dict.fromkeys(ranked))}


def streets(asked, last_names):
    """Faker's own street names, or surnames with the endings that Britain has."""
    address = next(provider for provider in asked.get_providers() if hasattr(provider, "street_name_formats"))
    if hasattr(address, "streets"):
        return [
            street for street in dict.fromkeys(address.streets) if not street.endswith(("ske", "ove", "ine", "čke"))
        ]
    if hasattr(address, "street_suffixes_long"):
        return [f"{name}-Straße" if " " in name else f"{name}straße" for name in last_names]
    endings = [ending for ending in BRITISH_ENDINGS if ending in address.street_suffixes]
    return [f"{name} {endings[i % len(endings)]}" for i, name in enumerate(last_names) if not name.endswith("s")]


def postcodes(town, country):
    """Share a town's people among its postcodes."""
    codes = town["postcodes"]
    if country == "GB":
        letters = [
            (i * 3 % 9 + 1, INWARD[i * 7 % 20], INWARD[(i * 11 + 3) % 20]) for i in range(POSTCODES_PER_DISTRICT)
        ]
        codes = [f"{district} {digit}{one}{two}" for district in codes for digit, one, two in letters]
    share = 100 * town["people"] // len(codes)
    return [{"postcode": code, "town": town["town"], "weight": share} for code in codes]


if __name__ == "__main__":
    main()
