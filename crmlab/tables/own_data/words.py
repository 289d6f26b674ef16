"""The words exports use, in English, Croatian and German: nothing, yes and no, months, totals."""

import re
import unicodedata

__all__ = ["MONTHS", "NO", "NOTHING", "PLAIN_COLUMN", "TOTAL", "YES", "counted", "fold", "plain_name", "short"]

_NOTHING = r"- -- --- — . ? null (null) none nan nat n/a #n/a na n.a. <na> \n (blank) (prazno) nil"
_BROKEN = "#null! #value! #ref! #div/0! #name? #num! 0000-00-00 00.00.0000 00.00.0000."
_YES = "yes y true t 1 x da d istina ja j wahr on ✓"
_NO = "no n false f 0 ne nein falsch laž laz off"
NOTHING = frozenset([*_NOTHING.split(), *_BROKEN.split(), "0000-00-00 00:00:00"])
YES = frozenset(_YES.split())
NO = frozenset(_NO.split())

PLAIN_COLUMN = {
    "record_id": "customer",
    "ts": "date",
    "amount_cents": "amount",
    "start": "start date",
    "price_cents": "price",
}
TOTAL = re.compile(
    r"^(?:sve)?ukupn[oi]?\b|^(?:sub|grand\s?)?-?totals?\b|^me(?:đ|dj?)uzbroj|^zbroj\b|^sum[ae]?\b|^summe\b"
    r"|^gesamt\w*|^zwischensumme|^endsumme|^Σ",
    re.IGNORECASE,
)

_MONTH_WORDS = (
    "jan january januar jänner jaenner sij siječanj siječnja sijecanj sijecnja januara",
    "feb february februar vel velj veljača veljače veljaca veljace februara",
    "mar march märz maerz mär mrz ožu ožujak ožujka ozu ozujak ozujka mart marta",
    "apr april tra trav travanj travnja aprila",
    "may mai maj svi svib svibanj svibnja maja",
    "jun june juni lip lipanj lipnja juna",
    "jul july juli srp srpanj srpnja jula",
    "aug august kol kolovoz kolovoza augusta",
    "sep sept september ruj rujan rujna septembra",
    "oct october okt oktober lis list listopad listopada oktobra",
    "nov november stu stud studeni studenog studenoga novembra",
    "dec december dez dezember pro pros prosinac prosinca decembra",
)
MONTHS = {word: month for month, words in enumerate(_MONTH_WORDS, 1) for word in words.split()}


def fold(text):
    """Write a text in small letters without marks, so that Šifra and sifra are the same.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str

    Examples
    --------
    >>> fold("Šifra Đure, Währung")
    'sifra dure, wahrung'
    """
    text = unicodedata.normalize("NFKD", text.lower().replace("đ", "d").replace("ß", "ss"))
    return "".join(letter for letter in text if not unicodedata.combining(letter))


def plain_name(name):
    """Write the name of a column as plain words, whichever way a system spells it.

    Parameters
    ----------
    name : str
        Name of a column, as in the file.

    Returns
    -------
    str

    Examples
    --------
    >>> [plain_name(name) for name in ("CustomerID", "KUPAC_ID", "Šifra  kupca:", "marža (%)")]
    ['customer id', 'kupac id', 'sifra kupca', 'marza percent']
    """
    name = re.sub(r"(?<=[a-zčćšžđäöü])(?=[A-ZČĆŠŽĐÄÖÜ])|(?<=[A-ZČĆŠŽĐ])(?=[A-ZČĆŠŽĐ][a-zčćšžđ])", " ", name)
    name = fold(name.replace("%", " percent ").replace("€", " eur ").replace("$", " usd "))
    return " ".join(re.findall(r"[^\W_]+", name))


def counted(n, noun):
    """Say how many there are of something.

    Parameters
    ----------
    n : int
        How many.
    noun : str
        What, in the singular.

    Returns
    -------
    str

    Examples
    --------
    >>> counted(1, "row"), counted(6_919, "row")
    ('1 row', '6,919 rows')
    """
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def short(text, most=40):
    """Show a text in one line of limited length.

    Parameters
    ----------
    text : str
        Any text.
    most : int, default=40
        Letters shown.

    Returns
    -------
    str

    Examples
    --------
    >>> short("a very long note about a customer", most=12)
    'a very long…'
    """
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1] + "…"
