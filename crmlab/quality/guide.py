"""The quick reference guide: an entry standard on one page, for the people who enter data."""

import html
import tomllib
from functools import lru_cache
from pathlib import Path

import jinja2

from crmlab.quality.standard_forms import wanted

__all__ = ["Guide", "guide_words"]

_FOLDER = Path(__file__).parent / "guide_words"
_PAGES = jinja2.Environment(
    loader=jinja2.PackageLoader("crmlab.quality", "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
# What each card says: lines by the standard's choice, and lines that always hold.
_CARDS = {
    "names": ("names.capitals", "names.marks", "names.own", "names.order", "names.titles"),
    "address": ("address.capitals", "address.street_word", "address.house", "address.postcode"),
    "phone": ("phone.form", "phone.own"),
    "email": ("email.small", "email.role_addresses"),
    "company": ("company.form",),
    "numbers": ("numbers.check_digits", "numbers.day"),
}
_HEIGHT = 760  # pixels of the page's window in a notebook


class Guide:
    """An entry standard on one page (A4), to lie beside the keyboard.

    Parameters
    ----------
    rules : dict
        What the standard says.
    language : str
        ``"hr"``, ``"en"`` or ``"de"``.

    Attributes
    ----------
    html : str
        The page; it needs no network and prints on one sheet.
    path : pathlib.Path or None
        Where the page was written.

    Examples
    --------
    >>> from crmlab.quality import EntryStandard
    >>> guide = EntryStandard.load("en").guide()
    >>> guide, "High Street" in guide.html
    (<Guide: How we enter a customer>, True)
    """

    def __init__(self, rules, language):
        self.title, self.path = rules["title"], None
        words = guide_words(language)
        self.html = _PAGES.get_template("guide.html.j2").render(
            title=self.title,
            language=language,
            words=words["words"],
            steps=words["steps"].values(),
            fields=words["fields"],
            cards={name: _card(name, rules, words) for name in _CARDS},
            needed=list(_needed(rules["required"], words)),
        )

    def __repr__(self):
        return f"<Guide: {self.title}>" + (f" {self.path}" if self.path else "")

    def _repr_html_(self):
        style = f"width:100%;max-width:820px;height:{_HEIGHT}px;border:1px solid #dde2e8"
        return f'<iframe title="{html.escape(self.title)}" style="{style}" srcdoc="{html.escape(self.html)}"></iframe>'


def _card(name, rules, words):
    examples = []
    for column, typed in words["examples"][name]:
        offered, kinds = wanted(column, typed, rules)
        if kinds:
            examples.append({"field": words["fields"][column], "wrong": typed, "right": offered})
    return {
        "title": words["cards"][name],
        "lines": [_line(key, rules, words) for key in _CARDS[name]],
        "pairs": examples,
    }


def _line(key, rules, words):
    part, name = key.split(".")
    if name == "form" and part == "phone":
        return words["lines"][part][rules[part][name]]
    choice, line = rules.get(part, {}).get(name), words["lines"][part][name]
    return line if isinstance(line, str) else line[str(choice).lower()]


def _needed(required, words):
    """Each purpose with the fields it needs, in words."""
    either = f" {words['words']['or']} "
    for purpose, entries in required.items():
        if entries:
            fields = [either.join(words["fields"][name] for name in entry.split(" or ")) for entry in entries]
            yield words["words"]["always"] if purpose == "always" else purpose, ", ".join(fields)


@lru_cache
def guide_words(language):
    """Read the words of the guide in a language.

    Parameters
    ----------
    language : str

    Returns
    -------
    dict

    Examples
    --------
    >>> guide_words("hr")["fields"]["last_name"]
    'prezime'
    """
    return tomllib.loads((_FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
