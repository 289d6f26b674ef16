"""People: who they are, where they live, how they can be reached."""

from functools import lru_cache

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crmlab.simulate.accounts import firm_names
from crmlab.simulate.columns import days, empty, joined, texts, words
from crmlab.simulate.dice import lookup
from crmlab.simulate.households import RELATIONS, households
from crmlab.simulate.identity import ibans, oibs, phones
from crmlab.simulate.vocabulary import plain

__all__ = ["people"]

_DAYS_PER_YEAR, _OF_AGE = 365.25, 6_575  # days
_WITHOUT_NUMBER, _HIGHEST_NUMBER = 1_350, 10_000  # one address in eight has none
_HALFWAY = np.uint16(1 << 15)
_SEPARATORS = {".": 60, "": 22, "_": 12, "-": 6}


def people(block):
    """Make the persons of a block, each consistent in itself.

    Names fit gender and decade of birth, postcodes the town, e-mails the name; who lives together shares
    an address, and some share a landline.

    Parameters
    ----------
    block : Block

    Returns
    -------
    pandas.DataFrame
        One row per person, in order: person_id, household_id, relation (to an earlier
        person), gender, and the clean value of every column of the customers table that
        belongs to a person.
    """
    lists, n = block.vocabulary, block.size
    together = households(block)
    home = together.home
    is_woman = (block.draw("people", "gender").random(n) < block.spec["people"]["women"])[together.gender]
    born = together.born(_birth_days(block), block.plan.first_day - _OF_AGE)
    first = _first_names(block, together, is_woman, born)
    last = lists.last_names.pick(block.draw("people", "last_name"), n)[together.surname]
    place = lists.places.pick(block.draw("people", "place"), n)[together.town]
    codes, towns = zip(*lists.places.words, strict=True)
    town = np.array([lists.towns.index(name) for name in towns], dtype=np.uint8)
    return pd.DataFrame(
        {
            "person_id": block.person + 1,
            "household_id": block.person[home] + 1,
            "relation": words(together.relation, RELATIONS),
            "gender": words(is_woman.astype(np.int8), ("male", "female")),
            "first_name": words(first, lists.women.words),
            "last_name": words(last, lists.last_names.words),
            "company_name": texts(firm_names(block)) if "accounts" in block.spec else empty(n),
            "street": words(lists.streets.pick(block.draw("people", "street"), n)[home], lists.streets.words),
            "house_number": texts(_houses(block, home)),
            "postcode": words(place, codes),
            "city": words(town[place], lists.towns),
            "country": words(np.zeros(n, np.int8), (lists.country,)),
            "email": texts(_emails(block, first, last)),
            "phone": texts(_phones(block, home)),
            "birth_date": days(born),
            "oib": texts(oibs(block, lists.oib)) if lists.oib else empty(n),
            "iban": texts(ibans(block, lists.iban, lists.country)),
        },
        copy=False,
    )


def _first_names(block, together, is_woman, born):
    """First names as people of that age are named; twins have two."""
    sign = block.draw("people", "first_name").integers(0, 1 << 16, block.size, dtype=np.uint16)
    twin = np.flatnonzero(together.is_twin)
    sign[twin] = sign[together.name[twin - 1]] + _HALFWAY
    return block.vocabulary.first_names(sign, is_woman, born)[together.name]


def _phones(block, home):
    """Mobile numbers, and for some the landline of their household."""
    lists = block.vocabulary
    mobile = phones(block, lists.phone)
    dose = block.spec.get("households", {}).get("landline", 0.0)
    at_home = block.draw("households", "landline").random(block.size) < dose
    return pc.if_else(pa.array(at_home), phones(block, lists.landline, "landline", block.person[home]), mobile)


def _houses(block, home):
    """House numbers: low ones more often, some with a letter."""
    numbers = len(block.vocabulary.houses) // 5
    height = block.draw("people", "house_number").integers(0, 1 << 16, block.size)
    letter = np.maximum(block.draw("people", "house_letter").integers(-30, 5, block.size), 0)
    low = (height + (height * height >> 16)) * numbers >> 17
    return pa.array(block.vocabulary.houses, pa.large_string()).take(pa.array((low * 5 + letter)[home]))


def _birth_days(block):
    """Days of birth, by the weight of each band of ages when the base begins."""
    bands = block.spec["people"]["ages"]
    youngest, oldest, weights = np.array(bands).T
    band = block.pick(lookup(weights), block.size, "people", "age_band")
    share = block.draw("people", "age").integers(0, 1 << 16, block.size)
    least, most = (np.rint(_DAYS_PER_YEAR * years).astype(np.int64) for years in (youngest, oldest))
    return block.plan.first_day - least[band] - (share * (most - least)[band] >> 16) - 1


def _emails(block, first, last):
    """Addresses made of the name, at domains that cannot exist."""
    lists, n = block.vocabulary, block.size
    heads, middles, tails = _email_parts(lists.women.words, lists.last_names.words, lists.email_domains.words)
    with_initial = block.draw("people", "email_form").random(n) < 0.25
    separator = block.pick(lookup(_SEPARATORS.values()), n, "people", "email_separator").astype(np.int32)
    tail = np.maximum(block.draw("people", "email_number").integers(-_WITHOUT_NUMBER, _HIGHEST_NUMBER, n), 0)
    domain = lists.email_domains.pick(block.draw("people", "email_domain"), n).astype(np.int32)
    return joined(
        heads.take(pa.array(first + with_initial * len(lists.women.words))),
        middles.take(pa.array(separator * len(lists.last_names.words) + last)),
        tails.take(pa.array(domain * _HIGHEST_NUMBER + tail)),
    )


@lru_cache
def _email_parts(first_names, last_names, domains):
    """What addresses are made of: first name or initial, separator and last name, number and domain."""
    names, lasts = [plain(name) for name in first_names], [plain(name) for name in last_names]
    parts = (
        names + [name[0] for name in names],
        [separator + name for separator in _SEPARATORS for name in lasts],
        [f"{number or ''}@{domain}" for domain in domains for number in range(_HIGHEST_NUMBER)],
    )
    return [pa.array(part, pa.large_string()) for part in parts]
