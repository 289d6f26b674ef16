"""Why two records are, or are not, taken for one customer: a figure and a sentence per field."""

import html

import numpy as np
import pandas as pd

from crmlab.chart import ACCENT, INK, MUTED, SHADES, Chart

__all__ = ["Explanation", "explained"]

_SOURCES = {
    "name": ("first_name", "last_name"),
    "birth": ("birth_date",),
    "address": ("street", "house_number", "city"),
    "place": ("postcode", "city"),
    "postcode": ("postcode",),
    "region": ("country",),
    "phone": ("phone",),
    "email": ("email",),
    "company": ("company_name",),
    "oib": ("oib",),
    "iban": ("iban",),
}
_CALLED = {
    "prior": "before looking",
    "birth": "day of birth",
    "place": "place",
    "region": "country or region",
    "email": "e-mail",
    "oib": "identity number",
    "iban": "account",
    "others": "who else it could be",
}
_MOST = 1e9
_WORTH_A_BAR = 0.05


class Explanation:
    """Why two records are, or are not, taken for one customer.

    Made by :meth:`Found.explain`; shows itself as sentences and a figure.

    Attributes
    ----------
    probability : float
        That the two are one customer.
    table : pandas.DataFrame
        One row per field: field, bits (above 0 for one customer, below 0 against; each bit doubles or halves the odds)
        and the sentence.
    chart : Chart
        The waterfall: from the odds before looking, field by field, to the end.
    """

    def __init__(self, records, probability, table):
        self.records, self.probability, self.table = records, probability, table

    @property
    def sentences(self):
        """One sentence per field."""
        return self.table["sentence"].tolist()

    @property
    def chart(self):
        """The waterfall, as a figure."""
        table = self.table[(self.table["bits"].abs() >= _WORTH_A_BAR) | (self.table["field"] == _CALLED["prior"])]
        end = table["bits"].cumsum().to_numpy()
        begin = end - table["bits"].to_numpy()
        places = np.arange(len(table))

        def draw(axes):
            shades = np.where(table["bits"] >= 0, SHADES[1], ACCENT)
            shades[0] = MUTED
            axes.barh(places, table["bits"], left=begin, color=shades, height=0.62)
            for place, bits, to in zip(places, table["bits"], end, strict=True):
                side = 1 if bits >= 0 else -1
                axes.annotate(
                    f"{bits:+.1f}", (to, place), textcoords="offset points", xytext=(5 * side, 0), va="center",
                    ha="left" if side > 0 else "right", fontsize=9,
                )  # fmt: skip
            for place in places[:-1]:
                axes.plot([end[place]] * 2, [place, place + 1], color=MUTED, linewidth=0.8)
            axes.axvline(0, color=INK, linewidth=1.2)
            axes.set_yticks(places, table["field"])
            axes.invert_yaxis()
            least, most = min(end.min(), 0), max(end.max(), 0)
            axes.set_xlim(least - 0.13 * (most - least), most + 0.13 * (most - least))
            axes.set_xlabel("bits for one customer (0: as likely as not; each bit doubles the odds)")

        return Chart(self._finding(), "\n".join(self.sentences), draw, size=(7.0, 1.6 + 0.42 * len(table)))

    def _finding(self):
        one, other = self.records
        said = "one customer" if self.probability >= 0.5 else "two customers"
        sure = self.probability if self.probability >= 0.5 else 1 - self.probability
        return f"Records {one} and {other}: {said} ({_percent(sure)})"

    def __repr__(self):
        return "\n".join([f"{self._finding()}.", *self.sentences])

    def _repr_html_(self):
        lines = "".join(f"<li>{html.escape(sentence)}</li>" for sentence in self.sentences)
        return f"{self.chart.svg()}<ul>{lines}</ul>"


def explained(search, customers, left, right, pattern):
    """Take the weight of a pair apart.

    Parameters
    ----------
    search : Search
    customers : pandas.DataFrame
        The records as they were given.
    left, right : int
        Places of the two in the search.
    pattern : ndarray of int8
        The answer to each question.

    Returns
    -------
    Explanation
    """
    model, records = search.model, search.records
    weights = model.weights(pattern[None, :])[0]
    rows = [customers.iloc[search.order[place]] for place in (left, right)]
    prior = f"Of all pairs of records, about one in {_round(2.0 ** -weights[0])} is one customer."
    table = [("prior", weights[0], prior)]
    known = {one.name for one, answer in zip(model.asked, pattern, strict=True) if answer >= 0}
    for one, answer, bits in zip(model.asked, pattern, weights[1:], strict=False):
        if answer < 0 and one.name == "postcode":  # the same, or of two places: told with these
            continue
        if answer < 0:
            told = one.name in ("place", "region") and "address" in known
            words = "told with the address" if told else "not known of both records, so it says nothing"
            table.append((one.name, 0.0, f"{_title(one.name)}: {words}."))
        else:
            words = one.levels[answer].words
            table.append((one.name, bits, f"{_title(one.name)}: {words}{_shown(one.name, rows)}; {_odds(bits)}."))
    if len(weights) > 1 + len(model.asked):
        bits = weights[-1]
        words = model.likest(pattern) if bits < -_WORTH_A_BAR else "nobody worth a word"
        table.append(("others", bits, f"{_title('others')}: {words}; {_odds(bits)}."))
    frame = pd.DataFrame(table, columns=["field", "bits", "sentence"])
    frame["field"] = [_CALLED.get(name, name) for name in frame["field"]]
    probability = float(model.chances(pattern[None, :])[0])
    return Explanation((records[left], records[right]), probability, frame)


def _title(name):
    called = _CALLED.get(name, name)
    return called[0].upper() + called[1:]


def _shown(name, rows):
    """The values as they stand in the records."""
    sources = [column for column in _SOURCES[name] if column in rows[0].index]
    texts = [" ".join(_text(row[column]) for column in sources if not pd.isna(row[column])) for row in rows]
    return f" (“{texts[0]}”)" if texts[0] == texts[1] else f" (“{texts[0]}”, “{texts[1]}”)"


def _text(value):
    return f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else str(value)


def _odds(bits):
    times = 2.0 ** abs(bits)
    if times < 1.05:
        return "that changes next to nothing"
    return f"that makes one customer {_round(times)} times {'likelier' if bits > 0 else 'less likely'}"


def _round(times):
    if times > _MOST:
        return "more than a billion"
    return f"{times:.1f}" if times < 10 else f"{float(f'{times:.2g}'):,.0f}"


def _percent(share):
    return "over 99.9 %" if share > 0.999 else f"{100 * share:.1f} %"
