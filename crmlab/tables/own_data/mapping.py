"""Find which column of an export is which: told, named the same, or guessed and shown."""

import re
from dataclasses import dataclass

from crmlab.errors import CrmlabError, few, message
from crmlab.tables.models import MODELS
from crmlab.tables.own_data.currency import CURRENCY_WORDS
from crmlab.tables.own_data.heading import can_be_header
from crmlab.tables.own_data.synonyms import other_words, synonyms
from crmlab.tables.own_data.words import PLAIN_COLUMN, plain_name

__all__ = ["Match", "is_known_header", "map_columns"]

_UNITS = frozenset(["cent", "cents", "centi", "centa", "lipa", "lipe", "lipama", "in", "u"])
_TAX = r"(?:pdvom|pdv(?: om)?|porezom|vat|tax|mwst|ust)"
_WITH_TAX = re.compile(rf"\b(?:s|sa|with|incl|including|inkl|mit|uklj\w*) {_TAX}\b")
_WHO = re.compile(
    r"\b(?:customers?|client|member|kupac|kupca|klijenta?|korisnika?|partnera?|subjekta?|komitenta?|pretplatnika?|clana"
    r"|kunden?)\b"
)
_ID = re.compile(r"\b(?:id|no|nr|number|code|key|sifra|broj|br|oznaka|kod|nummer)\b")
_WHEN = re.compile(r"\b\w*dat(?:e|um)\b|\bvrijeme\b|\btimestamp\b")
_NOT_WHEN = re.compile(
    r"birth|roden|geburt|due|dospije|valut|fallig|deliver|isporu|liefer|ship|slanj|updat|modif|izmjen|expir|istek|end|kraj"
)
_HOW_MUCH = re.compile(r"\b(?:amount|total|iznos|ukupno|ukupan|ukupni|revenue|promet|turnover|\w*betrag|\w*umsatz)\b")
_NOT_HOW_MUCH = re.compile(
    r"tax|vat|pdv|porez|mwst|ust\b|discount|popust|rabat|ship|dostav|versand|percent|items|stavki|artik|quantity|kolicin"
    r"|points|bodov|bez|excl|exkl|cost|trosak|count|number|broj"
)


@dataclass
class Match:
    """One column of a table and where it comes from.

    Parameters
    ----------
    ours : str
        Name in crmlab.
    theirs : str
        Name in the source.
    how : {"told", "named", "guessed"}
        How it was decided.

    Examples
    --------
    >>> Match("amount_cents", "Iznos", "guessed")
    Match(ours='amount_cents', theirs='Iznos', how='guessed')
    """

    ours: str
    theirs: str
    how: str


def is_known_header(cells, tables, told):
    """Tell whether a row is the line of names for certain.

    Parameters
    ----------
    cells : list of str
        The row.
    tables : iterable of str
        The tables it may belong to.
    told : set of str
        Names the reader gave.

    Returns
    -------
    bool

    Examples
    --------
    >>> is_known_header(["Kupac", "Datum", "Opis"], ["transactions"], set())
    True
    >>> is_known_header(["Izvještaj", "", ""], ["transactions"], set())
    False
    """
    cells = [" ".join(cell.split()) for cell in cells]
    both = told.intersection(cells)
    if both and (both == told or len(both) > 1):
        return True
    forms = [_forms(cell) for cell in cells if cell]
    last = max((at for at, cell in enumerate(cells, 1) if cell), default=0)
    enough = 2 if can_be_header(cells[:last]) else 3
    return any(sum(not _known(table).isdisjoint(form) for form in forms) >= enough for table in tables)


def map_columns(table, grid, told):
    """Decide for each promised column which one of the export it is.

    What the reader told comes first; then a column named as crmlab names it; then the
    well-known names, the sure before the possible ones. Where two columns fit equally
    well, a needed column is a question to the reader and any other stays unmapped.

    Parameters
    ----------
    table : str
        The table.
    grid : Grid
        The source.
    told : dict of str to str or None
        What the reader told: ``{their name: crmlab's name}``.

    Returns
    -------
    matches : list of Match
        In the order of the table's promise.
    cautions : list of str
        Columns left unmapped because two fitted.

    Raises
    ------
    CrmlabError
        When a needed column is not there, or two columns fit.

    Examples
    --------
    >>> from crmlab.tables.own_data.source import from_frame
    >>> grid = from_frame("orders", pd.DataFrame({"Kupac": [1], "Datum": ["1.1.2025"], "Iznos (EUR)": [2.5]}))
    >>> [(match.ours, match.theirs, match.how) for match in map_columns("transactions", grid, {})[0]]
    [('record_id', 'Kupac', 'guessed'), ('ts', 'Datum', 'guessed'), ('amount_cents', 'Iznos (EUR)', 'guessed')]
    """
    promised = MODELS[table].columns
    matches = {ours: Match(ours, theirs, "told") for theirs, ours in told.items() if ours}
    free = [name for name in grid.names if name not in told]
    for ours in promised:
        same = [name for name in free if plain_name(name) in _own_names(ours)]
        if same and ours not in matches:
            matches[ours] = Match(ours, same[0], "named")
    faults, cautions = [], []
    for ours in sorted(promised, key=lambda name: not promised[name].required):
        if ours in matches:
            continue
        taken = {match.theirs for match in matches.values()}
        found = _candidates(table, ours, [name for name in free if name not in taken])
        found = found[:1] if len(found) > 1 and _same_content(grid, found) else found
        if len(found) == 1:
            matches[ours] = Match(ours, found[0], "guessed")
        elif promised[ours].required:
            faults.append((_undecided if found else _not_there)(table, ours, grid, found))
        elif found:
            cautions.append(f"{' and '.join(map(repr, found))} could both be {ours}; columns= says which.")
    if faults:
        raise CrmlabError(*faults)
    return [matches[ours] for ours in promised if ours in matches], cautions


def _own_names(ours):
    return {plain_name(ours), "customer id"} if ours == "record_id" else {plain_name(ours)}


def _known(table):
    return frozenset().union(*(_own_names(ours).union(*synonyms(table, ours)) for ours in MODELS[table].columns))


def _forms(name):
    """The ways to look a name up: as it is, and without currency, unit and "with tax"."""
    plain = plain_name(re.sub(r" \(\d+\)$", "", name))
    bare = [word for word in _WITH_TAX.sub("", plain).split() if word not in CURRENCY_WORDS and word not in _UNITS]
    return {plain, " ".join(bare)} - {""}


def _candidates(table, ours, names):
    """The columns that fit best, all of the same rank."""
    counted = any(not other_words("quantity").isdisjoint(_forms(name)) for name in names)
    for known in synonyms(table, ours):
        if ours == "amount_cents" and counted:
            known = known - other_words("price")
        found = [name for name in names if not known.isdisjoint(_forms(name))]
        if found:
            return found
    if ours not in PLAIN_COLUMN:
        return []
    return [name for name in names if _by_word(ours, name)]


def _by_word(ours, name):
    """A last look at single words, for the columns an analysis cannot do without."""
    forms = _forms(name)
    if ours == "amount_cents":
        words = set(plain_name(name).split())
        if words and words <= CURRENCY_WORDS:
            return True
        return any(_HOW_MUCH.search(form) and not _NOT_HOW_MUCH.search(form) for form in forms)
    if ours in ("ts", "start"):
        return any(_WHEN.search(form) and not _NOT_WHEN.search(form) for form in forms)
    return ours == "record_id" and any(_WHO.search(form) and _ID.search(form) for form in forms)


def _same_content(grid, names):
    return all(grid.column(name).equals(grid.column(names[0])) for name in names[1:])


def _undecided(table, ours, grid, found):
    said = f"{len(found)} columns could be the {PLAIN_COLUMN[ours]} ({ours}): {few(map(repr, found))}."
    return message(grid.where, said, next=f'say which one it is: columns={{"{found[0]}": "{ours}"}}.')


def _not_there(table, ours, grid, _):
    found = f"no column for the {PLAIN_COLUMN[ours]} ({ours}) of {table} was recognised."
    step = f'say which one it is: columns={{"their name": "{ours}"}}.'
    prices = [name for name in grid.names if not other_words("price").isdisjoint(_forms(name))]
    counts = [name for name in grid.names if not other_words("quantity").isdisjoint(_forms(name))]
    if ours == "amount_cents" and prices and counts:
        step = f"it is '{prices[0]}' times '{counts[0]}': add that column in Excel or pandas, then load again."
    return message(grid.where, found, it_has=few(grid.names, 12), next=step)
