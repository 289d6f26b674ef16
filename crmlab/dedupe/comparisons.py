"""How two records are compared: the answers there can be for each field, in Splink's form."""

from dataclasses import dataclass

__all__ = ["COMPARISONS", "Comparison", "Level", "asked"]

_JARO_WINKLER = {"duckdb": "jaro_winkler_similarity", "spark": "jaro_winkler"}


@dataclass(frozen=True)
class Level:
    """One answer of a comparison: its rank (0 differs, 1 near, 2 the same), its words and when it holds."""

    rank: int
    words: str
    sql: str


@dataclass(frozen=True)
class Comparison:
    """One field, or fields that depend on each other, as one question about two records."""

    name: str
    needs: tuple  # columns of which there must be at least one
    unknown: str  # when nothing can be said
    levels: tuple

    def settings(self, m, u, engine="duckdb"):
        """Write the comparison in Splink's form."""
        near = _JARO_WINKLER[engine]
        levels = [
            {
                "sql_condition": self.unknown.replace("near(", f"{near}("),
                "label_for_charts": "not known",
                "is_null_level": True,
            }
        ]
        for level, of_same, of_other in zip(self.levels, m, u, strict=True):
            condition = level.sql.replace("near(", f"{near}(")
            levels.append(
                {
                    "sql_condition": condition,
                    "label_for_charts": level.words,
                    "m_probability": float(of_same),
                    "u_probability": float(of_other),
                }
            )
        return {"output_column_name": self.name, "comparison_levels": levels}


def _same(column):
    return f"{column}_l = {column}_r"


def _near(column, least):
    return f"near({column}_l, {column}_r) >= {least}"


def _none(*columns):
    return " OR ".join(f"{column}_l IS NULL OR {column}_r IS NULL" for column in columns)


_FIRST = f"({_near('first', 0.88)} OR substr(first_l, 1, 3) = substr(first_r, 1, 3))"
_LAST = (
    f"({_near('last', 0.9)} OR contains(last_l, ' ') AND contains(last_l, last_r)"
    " OR contains(last_r, ' ') AND contains(last_r, last_l))"
)
_STREET = f"({_near('street', 0.86)} OR contains(street_l, street_r) OR contains(street_r, street_l))"

_A_WORD = "(word_l IN (word_r, other_word_r) OR other_word_l IN (word_r, other_word_r))"
_NO_STREET = _none("street")
_NO_PLACE = "(postcode_l IS NULL OR postcode_r IS NULL) AND (city_l IS NULL OR city_r IS NULL)"


_IN_PLACE = f"{_same('city')} AND {_same('postcode')}"
_ABOUT = f"({_same('postcode')} OR {_near('city', 0.85)} OR spot_l = spot_r)"

COMPARISONS = (
    Comparison(
        "name",
        ("first", "last"),
        "(first_l IS NULL OR first_r IS NULL) AND (last_l IS NULL OR last_r IS NULL)",
        (
            Level(2, "the same name, a very rare one", f"{_same('names')} AND names_n_l = 0"),
            Level(2, "the same name, a rare one", f"{_same('names')} AND names_n_l = 1"),
            Level(2, "the same name, one of a few here", f"{_same('names')} AND names_n_l = 2"),
            Level(2, "the same name, a common one", _same("names")),
            Level(
                1,
                "first name and surname the other way round, and spelt a little differently",
                "near(first_l, last_r) >= 0.9 AND near(last_l, first_r) >= 0.9",
            ),
            Level(1, "the same surname, a similar first name", f"{_same('last')} AND {_FIRST}"),
            Level(1, "the same first name, a similar surname", f"{_same('first')} AND {_LAST}"),
            Level(1, "a similar first name and a similar surname", f"{_FIRST} AND {_LAST}"),
            Level(1, "the same surname, a first name is missing", f"{_same('last')} AND ({_none('first')})"),
            Level(1, "a similar surname, a first name is missing", f"{_LAST} AND ({_none('first')})"),
            Level(1, "the same first name, a surname is missing", f"{_same('first')} AND ({_none('last')})"),
            Level(1, "a similar first name, a surname is missing", f"{_FIRST} AND ({_none('last')})"),
            Level(0, "the same first name, another surname", f"{_same('first')}"),
            Level(0, "a similar first name, another surname", _FIRST),
            Level(0, "the same surname, another first name", f"{_same('last')}"),
            Level(0, "a similar surname, another first name", _LAST),
            Level(0, "another name", "ELSE"),
        ),
    ),
    Comparison(
        "birth",
        ("birth",),
        _none("birth"),
        (
            Level(2, "the same day of birth", _same("birth")),
            Level(
                1,
                "day and month of birth the other way round",
                "substr(birth_l, 1, 4) = substr(birth_r, 1, 4) AND substr(birth_l, 5, 2) = substr(birth_r, 7, 2)"
                " AND substr(birth_l, 7, 2) = substr(birth_r, 5, 2)",
            ),
            Level(1, "one figure of the day of birth differs", "levenshtein(birth_l, birth_r) <= 1"),
            Level(1, "two figures of the day of birth differ", "levenshtein(birth_l, birth_r) <= 2"),
            Level(0, "another day of birth", "ELSE"),
        ),
    ),
    Comparison(
        "address",
        ("street", "house"),
        f"({_NO_STREET}) AND (house_l IS NULL OR house_r IS NULL)",
        (
            Level(2, "the same address, where hardly anybody else lives", f"{_same('address')} AND address_n_l <= 2"),
            Level(2, "the same address, where few others live", f"{_same('address')} AND address_n_l <= 6"),
            Level(2, "the same address, where many live", _same("address")),
            Level(2, "the same street and number", f"{_same('street')} AND {_same('house')}"),
            Level(1, "a similar street, the same number", f"{_STREET} AND {_same('house')}"),
            Level(1, "the same street, a number is missing", f"{_same('street')} AND ({_none('house')})"),
            Level(1, "a similar street, a number is missing", f"{_STREET} AND ({_none('house')})"),
            Level(1, "the same street, a similar number", f"{_same('street')} AND number_l = number_r"),
            Level(1, "the same street, another number", _same("street")),
            Level(1, "a similar street, another number", _STREET),
            Level(1, "streets with a word in common, the same number", f"{_A_WORD} AND {_same('house')}"),
            Level(0, "streets with a word in common, no or another number", _A_WORD),
            Level(1, "the same number, a street is missing", f"({_NO_STREET}) AND {_same('house')}"),
            Level(0, "another number, a street is missing", _NO_STREET),
            Level(0, "another street, the same number, in the same place", f"{_same('house')} AND {_IN_PLACE}"),
            Level(0, "another street, the same number, in about the same place", f"{_same('house')} AND {_ABOUT}"),
            Level(0, "another address in the same place", _IN_PLACE),
            Level(0, "another address in about the same place", _ABOUT),
            Level(0, "another address in another place", "ELSE"),
        ),
    ),
    Comparison(
        "place",
        ("postcode", "city"),
        # Of the same address the place is a part; for those who moved, it was asked together with the street.
        f"({_NO_PLACE}) OR {_same('address')} OR NOT ({_NO_STREET}) AND NOT ({_STREET} OR COALESCE({_A_WORD}, FALSE))",
        (
            Level(2, "the same place and postcode", _IN_PLACE),
            Level(2, "the same place, another postcode", _same("city")),
            Level(1, "a similar place, the same postcode", f"{_near('city', 0.85)} AND {_same('postcode')}"),
            Level(1, "a similar place, another postcode", f"{_near('city', 0.85)}"),
            Level(1, "the same postcode", _same("postcode")),
            Level(1, "a similar postcode", "spot_l = spot_r"),
            Level(0, "another place", "ELSE"),
        ),
    ),
    Comparison(
        "postcode",
        ("postcode",),
        # A slip of the keyboard, or another part of the town? Asked of all in one town, whatever their streets.
        f"{_none('postcode', 'city')} OR {_same('postcode')} OR NOT {_near('city', 0.85)}",
        (
            Level(1, "in one place, one figure of the postcode differs", "levenshtein(postcode_l, postcode_r) <= 1"),
            Level(1, "in one place, two figures of the postcode differ", "levenshtein(postcode_l, postcode_r) <= 2"),
            Level(0, "in one place, quite another postcode", "ELSE"),
        ),
    ),
    Comparison(
        "region",
        ("region",),
        f"{_none('region')} OR postcode_l = postcode_r",
        (Level(2, "the same country or region", _same("region")), Level(0, "another country or region", "ELSE")),
    ),
    Comparison(
        "phone",
        ("phone",),
        _none("phone"),
        (
            Level(2, "the same phone number", f"{_same('phone')} AND phone_n_l <= 2"),
            Level(2, "the same phone number, which others give too", _same("phone")),
            Level(1, "one figure of the phone number differs", "levenshtein(phone_l, phone_r) <= 1"),
            Level(0, "another phone number", "ELSE"),
        ),
    ),
    Comparison(
        "email",
        ("email",),
        f"{_none('email')} OR mailbox_l = mailbox_r AND email_l != email_r AND digits_l = ''",
        (
            Level(2, "the same e-mail address", f"{_same('email')} AND email_n_l <= 6 AND digits_l != ''"),
            Level(2, "the same e-mail address, which holds but a name or which others give too", _same("email")),
            Level(1, "the same e-mail name at another provider", _same("mailbox")),
            Level(
                1,
                "an e-mail name with a letter more or less",
                "digits_l = digits_r AND digits_l != '' AND levenshtein(mailbox_l, mailbox_r) <= 1",
            ),
            Level(0, "another e-mail address", "ELSE"),
        ),
    ),
    Comparison(
        "company",
        ("company",),
        _none("company"),
        (
            Level(2, "the same company", _same("company")),
            Level(1, "a similar company", _near("company", 0.9)),
            Level(0, "another company", "ELSE"),
        ),
    ),
    Comparison(
        "oib",
        ("oib",),
        _none("oib"),
        (
            Level(2, "the same identity number", _same("oib")),
            Level(1, "one figure of the identity number differs", "levenshtein(oib_l, oib_r) <= 1"),
            Level(0, "another identity number", "ELSE"),
        ),
    ),
    Comparison(
        "iban",
        ("iban",),
        _none("iban"),
        (
            Level(2, "the same account", _same("iban")),
            Level(1, "one figure of the account differs", "levenshtein(iban_l, iban_r) <= 1"),
            Level(0, "another account", "ELSE"),
        ),
    ),
)


def asked(fields):
    """Choose the comparisons that can tell records apart: those with a field that is known and not the same for all."""
    known = fields.notna()
    varied = {name for name in fields if fields[name].nunique() > 1 or 2 <= known[name].sum() < 0.9 * len(fields)}
    there = [comparison for comparison in COMPARISONS if varied & set(comparison.needs)]
    return tuple(comparison for comparison in there if comparison.name != "postcode" or "city" in varied)
