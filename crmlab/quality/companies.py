"""The normal form of a firm's name, and its key without the legal form."""

from crmlab.quality.letters import checked_locale, folded, key_of
from crmlab.quality.names import tidied, titled
from crmlab.quality.uniques import each_once, settled
from crmlab.quality.words import bare, words_of

__all__ = ["company_form", "company_key", "split_company"]

_MOST_WORDS = 5  # of a legal form


def split_company(text, locale):
    """Split the name of a firm from its legal form.

    Parameters
    ----------
    text : str
    locale : str

    Returns
    -------
    name : str
    form : str
        As the law writes it; empty where there is none.

    Examples
    --------
    >>> [split_company(text, "hr") for text in ("Lipa d. o. o.", "LIPA J.D.O.O.", "Obrt Lipa", "Lipa")]
    [('Lipa', 'd.o.o.'), ('LIPA', 'j.d.o.o.'), ('Lipa', 'obrt'), ('Lipa', '')]
    >>> split_company("Linde GmbH & Co KG", "de"), split_company("Oak Limited", "en")
    (('Linde', 'GmbH & Co. KG'), ('Oak', 'Ltd'))
    """
    forms, parts = words_of(locale).forms, text.split()
    for count in range(min(_MOST_WORDS, len(parts) - 1), 0, -1):
        if form := forms.get(bare("".join(parts[-count:]))):
            return " ".join(parts[:-count]).rstrip(" ,-"), form
    if len(parts) > 1 and (form := forms.get(bare(parts[0]))):
        return " ".join(parts[1:]), form
    return text, ""


@settled
def company_form(text, locale):
    """Bring a firm's name to its normal form, with the legal form last, as the law writes it.

    Parameters
    ----------
    text : str
    locale : str
        ``"hr"``, ``"en"`` or ``"de"``.

    Returns
    -------
    text : str or None
    kinds : tuple of str

    Examples
    --------
    >>> company_form("Lipa D.O.O.", "hr"), company_form("LIPA d. o. o.", "hr")
    (('Lipa d.o.o.', ('form',)), ('LIPA d.o.o.', ('form',)))
    """
    text, kinds = tidied(text, locale)
    if folded(text, locale) in words_of(locale).none_words or not any(sign.isalnum() for sign in text):
        return None, (*kinds, "nothing")
    name, form = split_company(text, locale)
    new = f"{name} {form}".strip()
    if new != text:
        text, kinds = new, (*kinds, "form")
    if name == name.lower() and (new := f"{titled(name, ())} {form}".strip()) != text:
        text, kinds = new, (*kinds, "capitals")
    return text, kinds


def company_key(text, locale="hr"):
    """Give one key to a firm, whatever its legal form and however it is written.

    Parameters
    ----------
    text : pandas.Series or list of str
        Names of firms, one per record.
    locale : str, default="hr"
        ``"hr"``, ``"en"`` or ``"de"``.

    Returns
    -------
    pandas.Series of str
        The caller's index is kept.

    Raises
    ------
    CrmlabError
        When the locale is not known, or the texts are none.

    Examples
    --------
    >>> company_key(["Lipa d.o.o.", "LIPA D. O. O.", "Lipa jdoo", "Lipa", "lipa obrt"]).unique().tolist()
    ['lipa']
    """
    checked_locale(locale)
    return each_once(text, lambda one: key_of(split_company(tidied(one, locale)[0], locale)[0], locale) or None)
