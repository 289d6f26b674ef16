"""Tell which currency amounts are in, and refuse to add up two."""

import re

from crmlab.errors import CrmlabError, message
from crmlab.tables.own_data.words import fold, plain_name

__all__ = ["CURRENCY_WORDS", "SIGNS", "currency_in_name", "currency_of", "one_currency"]

_SIGNS = {
    "EUR": "€ eur euro eura euri",
    "USD": "$ us$ usd dollar dollars dolar dolara",
    "GBP": "£ gbp",
    "CHF": "chf sfr fr franken",
    "HRK": "kn hrk kuna kune",
    "BAM": "km bam",
    "RSD": "rsd din dinar dinara",
    "CZK": "czk kč",
    "PLN": "pln zł",
    "HUF": "huf ft",
    "RON": "ron lei",
    "BGN": "bgn лв",
    "MKD": "mkd ден",
    "SEK": "sek",
    "NOK": "nok",
    "DKK": "dkk",
    "ISK": "isk",
    "TRY": "try tl ₺",
    "UAH": "uah ₴",
    "RUB": "rub ₽",
    "JPY": "jpy ¥",
    "CNY": "cny rmb",
    "INR": "inr ₹ rs",
    "CAD": "cad c$ ca$",
    "AUD": "aud a$ au$",
    "DEM": "dem dm",
    "kr": "kr",
}
SIGNS = {word: code for code, words in _SIGNS.items() for word in words.split()}
CURRENCY_WORDS = frozenset(fold(word) for word in SIGNS if "$" not in word)
_IN_NAME = {
    fold(word).strip("."): code for word, code in SIGNS.items() if word not in ("fr", "fr.", "try", "ft", "rs.")
}


def currency_in_name(name):
    """Find the currency that the name of a column states.

    Parameters
    ----------
    name : str
        Name of the column, as in the file.

    Returns
    -------
    str or None
        Three letters.

    Examples
    --------
    >>> currency_in_name("Iznos (kn)"), currency_in_name("Total £"), currency_in_name("Amount")
    ('HRK', 'GBP', None)
    """
    words = [*plain_name(name).split(), *(letter for letter in name if not letter.isalnum())]
    return next((_IN_NAME[word] for word in words if word in _IN_NAME), None)


def currency_of(word):
    """Find the currency that one word of a currency column means.

    Parameters
    ----------
    word : str
        A cell of the column.

    Returns
    -------
    str or None
        Three letters.

    Examples
    --------
    >>> currency_of("kn"), currency_of("xof"), currency_of("978")
    ('HRK', 'XOF', None)
    """
    return SIGNS.get(word.lower()) or (word.upper() if re.fullmatch("[A-Za-z]{3}", word) else None)


def one_currency(met, told):
    """Name the one currency of a base; two are refused, for their sum means nothing.

    Parameters
    ----------
    met : dict of str to str
        Each currency met, with where it was met first.
    told : str or None
        As told by the reader.

    Returns
    -------
    str or None
        Three letters; None when nothing says it.

    Raises
    ------
    CrmlabError
        When there is more than one, or another than told.

    Examples
    --------
    >>> one_currency({"EUR": "12,50 € (line 2)"}, None)
    'EUR'
    """
    if told and set(met) - {told}:
        found = f"you said {told}, but the file says {' and '.join(sorted(set(met) - {told}))}."
        step = f"leave currency= out, or turn the amounts into {told} first."
    elif len(met) > 1:
        found = f"amounts are in {len(met)} currencies, {' and '.join(sorted(met))}; their sum means nothing."
        step = "turn them into one currency first, or load each currency as a base of its own."
    else:
        code = told or next(iter(met), None)
        return code if code and len(code) == 3 else None
    met_in = "; ".join(f"{code} in {at}" for code, at in met.items())
    raise CrmlabError(message("currency", found, met_in=met_in, next=step))
