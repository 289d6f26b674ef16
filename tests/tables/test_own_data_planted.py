"""Whatever stands between the rows, the planted rows come back exactly and every other line is accounted for."""

import datetime as dt
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from crmlab.tables import from_export

ROW = st.tuples(
    st.sampled_from(["0017", "A-1", "Čop d.o.o.", "9" * 20]),
    st.dates(dt.date(2000, 1, 1), dt.date(2049, 12, 31)),
    st.integers(-(10**8), 10**8),
    st.sampled_from(["", "žuti čaj", 'navodnik " usred', "redak\ndva", "točka; zarez"]),
)
JUNK = {
    "blank line": ["", ";;;", "  ;  ;;"],
    "total row": ["Ukupno;;1.234,50;", ";;Ukupno:;", "Total 12;;5,00;"],
    "names repeated": ["Šifra kupca;Datum;Iznos;Opis"],
    "no date": ["Poslovnica: Split;;;", "0017;;12,50;x"],
    "no customer": [";31.12.2025;12,50;x"],
    "no customer and no date": [";;1.234,50;", ";;;potpis"],
    "date not readable": ["0017;31.2.2025;1,00;", "0017;jučer;1,00;"],
    "amount not readable": ["0017;31.12.2025;12 kom;"],
    "no amount": ["0017;31.12.2025;;", "0017;31.12.2025;n/a;"],
    "more values than names": ["0017;31.12.2025;1,00;x;y"],
}
LINES = st.sampled_from([(reason, line) for reason, lines in JUNK.items() for line in lines])


def written(row):
    who, day, cents, note = row
    amount = f"{abs(cents) / 100:,.2f}".translate(str.maketrans(",.", ".,")) + ("-" if cents < 0 else "")
    note = '"' + note.replace('"', '""') + '"' if note else ""
    return f"{who};{day:%d.%m.%Y}.;{amount};{note}"


@settings(deadline=None, max_examples=25)
@given(
    planted=st.lists(ROW, min_size=1, max_size=12),
    junk=st.lists(LINES, max_size=8),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "cp1250", "utf-16"]),
    end=st.sampled_from(["\n", "\r\n"]),
    data=st.data(),
)
def test_planted_rows_come_back_and_junk_is_listed_line_by_line(planted, junk, encoding, end, data):
    certain = [("A-1", dt.date(2025, 12, 31), 150, "")] * (len(junk) + 1)  # junk is never the larger part
    good = [(None, written(row), row) for row in [*planted, *certain]]
    parts = data.draw(st.permutations([*good, *((reason, line, None) for reason, line in junk)]))
    text = end.join(["Prodaja 2025;;;", "Šifra kupca;Datum;Iznos;Opis", *(line for _, line, _ in parts)]) + end
    with TemporaryDirectory() as folder:
        path = Path(folder) / "orders.csv"
        path.write_bytes(text.encode(encoding))
        base = from_export(transactions=path)
    log = base.transactions
    kept = [row for reason, _, row in parts if reason is None]
    assert log["record_id"].tolist() == [who for who, *_ in kept]
    assert log["ts"].dt.date.tolist() == [day for _, day, _, _ in kept]
    assert log["amount_cents"].tolist() == [cents for _, _, cents, _ in kept]
    assert log["Opis"].fillna("").tolist() == [note for *_, note in kept]
    line, expected = 3, [(1, "above the names")]
    for reason, part, _ in parts:
        expected += [(line, reason)] if reason else []
        line += part.count("\n") + 1
    assert list(base.import_report.dropped[["line", "reason"]].itertuples(index=False, name=None)) == expected
