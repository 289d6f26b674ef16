"""People: who they are, where they live, how they can be reached."""

import numpy as np
import pandas as pd
import pyarrow as pa

from crmlab.simulate.columns import days, empty, joined, texts, words
from crmlab.simulate.dice import lookup
from crmlab.simulate.identity import ibans, oibs, phones
from crmlab.simulate.vocabulary import plain

__all__ = ["people"]

_DAYS_PER_YEAR = 365.25
_WITHOUT_NUMBER, _HIGHEST_NUMBER = 1_350, 10_000  # one address in eight has none
_SEPARATORS = {".": 60, "": 22, "_": 12, "-": 6}


def people(block):
    """Make the persons of a block, each consistent in itself.

    Names fit the gender, postcodes the town, e-mails the name.

    Parameters
    ----------
    block : Block

    Returns
    -------
    pandas.DataFrame
        One row per person, in order: person_id, gender, and the clean value of every
        column of the customers table that belongs to a person.
    """
    lists, n = block.vocabulary, block.size
    is_woman = block.draw("people", "gender").random(n) < block.spec["people"]["women"]
    sign = block.draw("people", "first_name").integers(0, 1 << 16, n, dtype=np.uint16)
    first = np.where(is_woman, lists.women.table[sign], lists.men.table[sign])
    last = lists.last_names.pick(block.draw("people", "last_name"), n)
    place = lists.places.pick(block.draw("people", "place"), n)
    codes, towns = zip(*lists.places.words, strict=True)
    town_names = tuple(dict.fromkeys(towns))
    town = np.array([town_names.index(name) for name in towns], dtype=np.uint8)
    return pd.DataFrame(
        {
            "person_id": block.person + 1,
            "gender": words(is_woman.astype(np.int8), ("male", "female")),
            "first_name": words(first, lists.women.words),
            "last_name": words(last, lists.last_names.words),
            "company_name": empty(n),
            "street": words(lists.streets.pick(block.draw("people", "street"), n), lists.streets.words),
            "house_number": texts(_houses(block)),
            "postcode": words(place, codes),
            "city": words(town[place], town_names),
            "country": words(np.zeros(n, np.int8), (lists.country,)),
            "email": texts(_emails(block, first, last)),
            "phone": texts(phones(block, lists.phone)),
            "birth_date": days(_birth_days(block)),
            "oib": texts(oibs(block, lists.oib)) if lists.oib else empty(n),
            "iban": texts(ibans(block, lists.iban, lists.country)),
        },
        copy=False,
    )


def _houses(block):
    """House numbers: low ones more often, some with a letter."""
    numbers = len(block.vocabulary.houses) // 5
    height = block.draw("people", "house_number").integers(0, 1 << 16, block.size)
    letter = np.maximum(block.draw("people", "house_letter").integers(-30, 5, block.size), 0)
    low = (height + (height * height >> 16)) * numbers >> 17
    return pa.array(block.vocabulary.houses, pa.large_string()).take(pa.array(low * 5 + letter))


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
    whole_first = [plain(name) for name in lists.women.words]
    forms = pa.array(whole_first + [name[0] for name in whole_first], pa.large_string())
    lasts = pa.array([plain(name) for name in lists.last_names.words], pa.large_string())
    tails = pa.array(["", *map(str, range(1, _HIGHEST_NUMBER))], pa.large_string())
    with_initial = block.draw("people", "email_form").random(n) < 0.25
    separator = block.pick(lookup(_SEPARATORS.values()), n, "people", "email_separator")
    tail = np.maximum(block.draw("people", "email_number").integers(-_WITHOUT_NUMBER, _HIGHEST_NUMBER, n), 0)
    domain = lists.email_domains.pick(block.draw("people", "email_domain"), n)
    return joined(
        forms.take(pa.array(first + with_initial * len(whole_first))),
        pa.array(list(_SEPARATORS), pa.large_string()).take(pa.array(separator)),
        lasts.take(pa.array(last)),
        tails.take(pa.array(tail)),
        "@",
        lists.email_domains.arrow.take(pa.array(domain)),
    )
