"""Make customers with a peer, ten columns, row by row as its documentation shows; print the seconds it took.

Run by simulate.py in the peers' own environment: ``python simulate_peers.py faker hr 10000``.
"""

import sys
import time


def faker_rows(locale, n):
    from faker import Faker

    fake = Faker({"hr": "hr_HR", "en": "en_GB"}[locale])
    Faker.seed(1)
    return [
        (
            *(fake.first_name(), fake.last_name(), fake.street_name(), fake.building_number(), fake.postcode()),
            *(fake.city(), fake.country_code(), fake.email(), fake.phone_number(), fake.date_of_birth()),
        )
        for _ in range(n)
    ]


def mimesis_rows(locale, n):
    from mimesis import Address, Locale, Person

    where = {"hr": Locale.HR, "en": Locale.EN_GB}[locale]
    person, address = Person(where, seed=1), Address(where, seed=1)
    return [
        (
            *(person.first_name(), person.last_name(), address.street_name(), address.street_number()),
            *(address.postal_code(), address.city(), address.country_code(), person.email()),
            *(person.phone_number(), person.birthdate()),
        )
        for _ in range(n)
    ]


if __name__ == "__main__":
    make = {"faker": faker_rows, "mimesis": mimesis_rows}[sys.argv[1]]
    make(sys.argv[2], 100)
    begun = time.perf_counter()
    make(sys.argv[2], int(sys.argv[3]))
    print(time.perf_counter() - begun)
