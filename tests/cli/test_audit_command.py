"""What the command says to somebody who types no Python: its advice can be typed as it stands."""

import shlex

import openpyxl
import pytest

from crmlab import cli

ORDERS = "Kupac;Datum;Iznos\n001;3/4/2025;1.500\n002;5/6/2025;2.500\n"


@pytest.fixture
def typed(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    def run(line):
        monkeypatch.setattr("sys.argv", ["crmlab", *shlex.split(line)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        return end.value.code, "".join(capsys.readouterr())

    return run


def test_dates_and_amounts_that_can_be_read_two_ways_are_settled_by_what_the_message_says(typed, tmp_path):
    (tmp_path / "orders.csv").write_text(ORDERS, encoding="utf-8")
    code, said = typed("audit orders.csv")
    assert code == 1
    assert "say --day-first if 3/4/2025 is 3 April 2025, or --month-first if it is" in said
    assert 'say --decimal "." if' in said or 'or --decimal "." if' in said
    assert "day_first=" not in said
    assert "decimal=" not in said
    code, said = typed('audit orders.csv --month-first --decimal ","')
    assert code == 0
    assert "2 transactions" in said


def test_a_column_is_named_as_the_message_says(typed, tmp_path):
    (tmp_path / "orders.csv").write_text(ORDERS.replace("Kupac", "Tko"), encoding="utf-8")
    code, said = typed("audit orders.csv --month-first --decimal ,")
    assert code == 1
    assert '--column "their name=record_id"' in said
    code, said = typed('audit orders.csv --month-first --decimal , --column "Tko=record_id"')
    assert code == 0
    assert 'Say --column "their name=crmlab\'s name".' in said


def test_rows_left_out_are_named_by_line_and_nothing_points_into_python(typed, tmp_path):
    (tmp_path / "orders.csv").write_text("Kupac;Datum;Iznos\n1;13.1.2025;1,50\nUkupno;;1,50\n", encoding="utf-8")
    code, said = typed("audit orders.csv")
    assert code == 0
    assert "total row, 1 row (line 3)" in said
    assert "import_report" not in said


def test_a_sheet_that_is_not_there_is_chosen_with_a_word_that_can_be_typed(typed, tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "Prodaja"
    for row in (["Kupac", "Datum", "Iznos"], ["A1", "2025-01-13", 12.5]):
        book.active.append(row)
    book.save(tmp_path / "orders.xlsx")
    code, said = typed("audit orders.xlsx --sheet Kupci")
    assert code == 1
    assert "choose one of these with --sheet." in said
    assert typed("audit orders.xlsx --sheet Prodaja")[0] == 0


def test_a_folder_of_exports_is_answered_with_the_files_in_it(typed, tmp_path):
    (tmp_path / "izvoz").mkdir()
    (tmp_path / "izvoz/orders.csv").write_text(ORDERS, encoding="utf-8")
    code, said = typed("audit izvoz")
    assert code == 1
    assert "this is a folder." in said
    assert "orders.csv" in said


def test_a_file_where_the_pages_should_go_is_named_and_kept(typed, tmp_path):
    (tmp_path / "orders.csv").write_text(ORDERS, encoding="utf-8")
    (tmp_path / "out").write_text("mine", encoding="utf-8")
    code, said = typed("audit orders.csv --month-first --decimal ,")
    assert code == 1
    assert "'out' is a file, and must be a folder." in said
    assert (tmp_path / "out").read_text(encoding="utf-8") == "mine"
