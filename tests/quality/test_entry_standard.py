"""The entry standard: what it refuses, what it offers, and that the page it prints says what it checks."""

import html
import re

import pandas as pd
import pandera.errors
import pytest

import crmlab.simulate as simulate
from crmlab.errors import CrmlabError
from crmlab.quality import EntryStandard, normalise
from crmlab.quality.guide import guide_words
from crmlab.quality.letters import LOCALES
from crmlab.quality.standard_fields import COLUMNS, faults_of


def _changed(locale="hr", **parts):
    """A standard with some words of its text replaced."""
    standard = EntryStandard.load(locale)
    text = standard._text
    for old, new in parts.values():
        assert old in text
        text = text.replace(old, new)
    return EntryStandard(text)


@pytest.fixture(scope="module")
def customers():
    return simulate.company("b2b", customers=600, seed=3, mess="dirty", locale="hr").customers


@pytest.mark.parametrize("locale", LOCALES)
def test_what_is_offered_holds_and_what_cannot_be_offered_stays(locale):
    table = simulate.company("telco", customers=300, seed=8, mess="dirty", locale=locale).customers
    standard = EntryStandard.load(locale)
    first = standard.check(table)
    again = standard.check(first.corrected)
    assert first.findings["offered"].notna().sum() > 100
    assert again.findings["offered"].isna().all()
    kept = first.findings[first.findings["offered"].isna()]
    assert len(again.findings) == len(kept)
    for finding in kept.dropna(subset=["found"]).itertuples():
        assert str(first.corrected.loc[finding.row, finding.column]).startswith(finding.found)


def test_a_record_gets_what_a_table_of_that_record_gets(customers):
    standard = EntryStandard.load("hr")
    for row in range(15):
        one = customers[list(COLUMNS)].iloc[[row]].astype(object)
        record = {column: None if pd.isna(value) else value for column, value in one.iloc[0].items()}
        record["birth_date"] = None if record["birth_date"] is None else f"{record['birth_date']:%Y-%m-%d}"
        of_table = standard.check(one.assign(birth_date=record["birth_date"])).findings
        of_record = standard.check(record).findings
        assert of_record.fillna("").to_numpy().tolist() == of_table.drop(columns="row").fillna("").to_numpy().tolist()


def test_the_table_stays_and_its_index_is_named(customers):
    table = customers.set_axis([f"r{n}" for n in range(len(customers))])
    kept = table.copy()
    check = EntryStandard.load("hr").check(table)
    pd.testing.assert_frame_equal(table, kept)
    assert check.corrected.index.equals(table.index)
    assert set(check.findings["row"]) <= set(table.index)
    assert (
        check.findings["row"]
        .map(dict(zip(table.index, table["record_id"], strict=True)))
        .equals(check.findings["record_id"])
    )


def test_each_choice_of_the_standard_changes_what_is_offered():
    entry = {
        "last_name": "kovač",
        "street": "Ul. bana Jelačića",
        "phone": "091/234-5678",
        "email": "info@posta.example",
    }

    def offered(**parts):
        return _changed(**parts).check(entry | {"first_name": "Dr. Ana"}).corrected

    usual = offered()
    assert usual == {
        "last_name": "Kovač",
        "street": "Ulica bana Jelačića",
        "phone": "+385 91 234 5678",
        "email": "info@posta.example",
        "first_name": "Ana",
    }
    assert offered(a=('capitals = "first letter"', 'capitals = "all"'))["last_name"] == "KOVAČ"
    assert offered(a=('capitals = "first letter"', 'capitals = "all"'))["street"] == "ULICA BANA JELAČIĆA"
    assert offered(a=('capitals = "first letter"', 'capitals = "as typed"'))["last_name"] == "kovač"
    assert offered(a=('street_word = "in full"', 'street_word = "short"'))["street"] == "Ul. bana Jelačića"
    assert offered(a=('street_word = "in full"', 'street_word = "as typed"'))["street"] == "Ul. bana Jelačića"
    assert offered(a=('form = "international"', 'form = "national"'))["phone"] == "091 234 5678"
    assert offered(a=('form = "international"', 'form = "e164"'))["phone"] == "+385912345678"
    assert offered(a=("titles = false", "titles = true"))["first_name"] == "Dr. Ana"
    assert "email" in set(EntryStandard.load("hr").check(entry).findings["column"])
    assert "email" not in set(
        _changed(a=("role_addresses = false", "role_addresses = true")).check(entry).findings["column"]
    )


@pytest.mark.parametrize(
    ("order", "typed", "whole"),
    [
        ("first name first", "Ana Kovač", ("Ana", "Kovač")),
        ("last name first", "Kovač Ana", ("Ana", "Kovač")),
        ("first name first", "Kovač, Ana", ("Ana", "Kovač")),
        ("last name first", "Kovač, Ana", ("Ana", "Kovač")),
    ],
)
def test_a_whole_name_in_one_field_is_split_in_the_order_of_the_standard(order, typed, whole):
    standard = _changed(a=('order = "first name first"', f'order = "{order}"'))
    record = standard.check({"first_name": typed}).corrected
    assert (record["first_name"], record["last_name"]) == whole
    table = standard.check(pd.DataFrame({"first_name": [typed, "Eva"], "last_name": [None, "Novak"]})).corrected
    assert table.iloc[0].tolist() == list(whole)


def test_needed_fields_are_asked_for_by_purpose_and_one_of_two_is_enough():
    standard = EntryStandard.load("hr")
    person = {"first_name": "Ana", "last_name": "Kovač", "email": "ana@posta.example"}
    assert standard.check(person).is_fine
    assert repr(standard.check(person)) == "Sve je u redu."
    assert standard.check({"company_name": "Lipa d.o.o.", "phone": "+385 1 234 5678"}).is_fine
    missing = standard.check(person, "dostava").findings["column"].tolist()
    assert missing == ["street", "house_number", "postcode", "city", "phone"]
    assert standard.check({"last_name": "Kovač"}).findings["column"].tolist() == [
        "first_name or company_name",
        "phone or email",
    ]


def test_a_table_without_some_columns_is_checked_in_those_it_has():
    standard = EntryStandard.load("hr")
    assert standard.check(pd.DataFrame({"city": ["Split"]})).is_fine
    assert standard.check(pd.DataFrame({"city": ["Split"]}), "poziv").findings["column"].tolist() == ["phone"]
    assert standard.check(pd.DataFrame({"last_name": pd.Series([], dtype="str")})).is_fine


@pytest.mark.parametrize("language", LOCALES)
def test_a_standard_speaks_its_language(language):
    standard = _changed(a=('language = "hr"', f'language = "{language}"'))
    said = repr(standard.check({"last_name": "KOVAČ", "first_name": "Ana", "phone": "+385 1 234 5678"}))
    assert said.splitlines()[0] == guide_words(language)["words"]["todo_one"]
    assert guide_words(language)["fields"]["last_name"] in said


def test_a_table_is_summed_up_and_shown(customers):
    check = EntryStandard.load("hr").check(customers)
    assert check.summary()["cells"].sum() == len(check.findings)
    assert f"{len(customers):,} zapisa" in repr(check)
    assert "<table" in check._repr_html_()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("form = ", "from = ", r"phone.from: there is no such field. Did you mean 'phone.form'\?"),
        ("[phone]", "[phones]", r"phones: there is no such field. Did you mean 'phone'\?"),
        ("capitals = ", "capital = ", r"names.capital: there is no such field. Did you mean 'names.capitals'\?"),
        ("titles = false", 'titles = "no"', r"names.titles: found 'no'.\n +allowed : true or false"),
        ('"international"  ', '"internacional"  ', r"Did you mean 'international'\?"),
        ('locale = "hr"', 'locale = "fr"', r"locale: found 'fr'"),
        ('poziv = ["phone"]', 'poziv = ["phon"]', r"required.poziv: there is no field 'phon'. Did you mean 'phone'\?"),
        ('poziv = ["phone"]', 'poziv = "phone"', "for each purpose a list of fields"),
        ("always = ", "allways = ", "required.always: it is missing"),
        ('title = "Kako upisujemo kupca"', "title = 7", r"title: found 7.\n +allowed : a text"),
        ('title = "Kako', "title = Kako", "this is no TOML"),
    ],
)
def test_a_wrong_standard_is_refused_with_the_nearest_right_field(old, new, said):
    text = EntryStandard.load("hr")._text
    assert old in text
    with pytest.raises(CrmlabError, match=said):
        EntryStandard(text.replace(old, new))


def test_all_faults_of_a_standard_are_gathered():
    with pytest.raises(CrmlabError) as caught:
        EntryStandard("title = 1\n[phone]\nform = 'x'\n")
    assert len(caught.value.messages) == len(faults_of({"title": 1, "phone": {"form": "x"}})) > 5


def test_what_cannot_be_loaded_or_checked_is_said(tmp_path):
    with pytest.raises(CrmlabError, match=r"de_AT: there is no such file. Did you mean 'de'\?"):
        EntryStandard.load("de_AT")
    (tmp_path / "old.toml").write_bytes("title = 'šđč'".encode("cp1250"))
    with pytest.raises(CrmlabError, match="letters are not UTF-8"):
        EntryStandard.load(tmp_path / "old.toml")
    with pytest.raises(CrmlabError, match="entries: found a list"):
        EntryStandard.load("hr").check(["Novak"])
    with pytest.raises(CrmlabError, match=r"lastname: there is no such field. Did you mean 'last_name'\?"):
        EntryStandard.load("hr").check({"lastname": "Novak"})
    with pytest.raises(CrmlabError, match=r"purpose: found 'pozivi'. Did you mean 'poziv'\?"):
        EntryStandard.load("hr").check({"last_name": "Novak"}, "pozivi")
    with pytest.raises(CrmlabError, match="record: it has none of the standard's fields"):
        EntryStandard.load("hr").check({})
    with pytest.raises(CrmlabError, match="language: found 'fr'"):
        EntryStandard.load("hr").guide(language="fr")


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize("locale", LOCALES)
def test_the_guide_is_one_whole_page_in_each_language(locale, language, tmp_path):
    standard = EntryStandard.load(locale)
    guide = standard.guide(tmp_path / "out" / "guide.html", language=language)
    page = guide.path.read_text(encoding="utf-8")
    words = guide_words(language)
    assert page == guide.html
    assert all(title in page for title in words["cards"].values())
    assert standard.rules["title"] in page
    assert not re.findall(r"https?://|<script|<link|@import|url\(", page)
    assert "{" not in re.sub(r"<style>.*?</style>", "", page, flags=re.S)


@pytest.mark.parametrize("locale", LOCALES)
def test_every_wrong_example_of_the_guide_is_wrong_by_the_standard_and_every_right_one_right(locale):
    standard = EntryStandard.load(locale)
    page = html.unescape(standard.guide().html)
    examples = [one for card in guide_words(locale)["examples"].values() for one in card]
    check = standard.check(pd.DataFrame([{column: typed} for column, typed in examples]))
    found = check.findings.groupby(["row", "column"])["found"].agg(set)
    offered = standard.check(check.corrected).findings.groupby(["row", "column"])["offered"].count()
    for row, (column, typed) in enumerate(examples):
        assert typed in found.get((row, column), ()), (column, typed)
        assert typed in page
        assert offered.get((row, column), 0) == 0


def test_the_languages_of_the_guide_say_the_same_things():
    def keys(part):
        return {name: keys(inner) for name, inner in part.items()} if isinstance(part, dict) else None

    hr, en, de = ({name: keys(part) for name, part in guide_words(language).items()} for language in LOCALES)
    for words in (hr, en, de):
        words.pop("examples")
    assert hr == en == de


def test_a_standard_can_be_saved_changed_and_loaded(tmp_path):
    path = EntryStandard.load("en").save(tmp_path / "house.toml")
    path.write_text(path.read_text(encoding="utf-8").replace('"international" ', '"national" ', 1), encoding="utf-8")
    house = EntryStandard.load(path)
    assert house.check({"phone": "+44 20 7946 0018"}).corrected["phone"] == "020 7946 0018"


def test_pandera_holds_a_table_to_the_standard():
    standard = EntryStandard.load("hr")
    schema = standard.to_pandera()
    good = pd.DataFrame({"last_name": ["Kovač", None], "phone": ["+385 1 234 5678", None]})
    good["birth_date"] = pd.to_datetime(["1986-04-03", None], utc=True)
    schema.validate(good)
    with pytest.raises(pandera.errors.SchemaErrors) as caught:
        schema.validate(good.assign(last_name=["KOVAČ", "Novak"]), lazy=True)
    assert caught.value.failure_cases["failure_case"].tolist() == ["KOVAČ"]
    assert caught.value.failure_cases["check"].tolist() == ["last_name as the standard wants it"]


def test_pandera_and_the_check_find_the_same_cells(customers):
    standard = EntryStandard.load("hr")
    table = customers[["street", "house_number", "phone", "company_name", "oib"]]
    with pytest.raises(pandera.errors.SchemaErrors) as caught:
        standard.to_pandera().validate(table, lazy=True)
    by_pandera = set(caught.value.failure_cases[["column", "index"]].itertuples(index=False, name=None))
    findings = standard.check(table).findings.dropna(subset=["found"])
    assert by_pandera == set(findings[["column", "row"]].itertuples(index=False, name=None))


@pytest.mark.parametrize("locale", LOCALES)
def test_what_was_changed_is_saved_and_the_remarks_stay(locale, tmp_path):
    standard = EntryStandard.load(locale)
    before = standard.save(tmp_path / "before.toml").read_text(encoding="utf-8")
    assert before == standard._text
    standard.rules["phone"]["form"] = "national"
    standard.rules["names"]["titles"] = True
    standard.rules["title"] = 'Unsere "neue" Art'
    standard.rules["required"]["povrat robe"] = ["phone or email", "iban"]
    del standard.rules["required"][list(standard.rules["required"])[2]]
    after = standard.save(tmp_path / "after.toml").read_text(encoding="utf-8")
    assert EntryStandard.load(tmp_path / "after.toml").rules == standard.rules
    kept = [line for line in after.splitlines() if line in before.splitlines()]
    assert len(kept) == len(before.splitlines()) - 4
    assert [line.partition("#")[2] for line in after.splitlines() if "#" in line] == [
        line.partition("#")[2] for line in before.splitlines() if "#" in line
    ]


@pytest.mark.parametrize(
    "changes",
    [
        [("= [", "= [  # these\n  ")],
        [('"Kako upisujemo kupca"', '"""Kako # upisujemo\nkupca"""')],
        [("\n", "\r\n")],
        [("[numbers]\ncheck_digits = true ", ""), ("[names]", "numbers.check_digits = true\n[names]")],
        [("[phone]\nform = ", "#"), ("[names]", 'phone = {form = "national"}  # so\n[names]')],
    ],
)
def test_a_standard_written_in_another_way_says_the_same_after_a_change(changes, tmp_path):
    text = EntryStandard.load("hr")._text
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    standard = EntryStandard(text)
    standard.rules["phone"]["form"] = "e164"
    standard.rules["numbers"]["check_digits"] = False
    standard.rules["required"]["poziv"] = ["phone", "last_name"]
    standard.rules["required"]["always"].append("city")
    standard.rules["title"] = "Upis #2\t\x7f"
    assert EntryStandard.load(standard.save(tmp_path / "ours.toml")).rules == standard.rules


@pytest.mark.parametrize(
    "use",
    [
        lambda standard, path: standard.check({"phone": "091 234 5678"}),
        lambda standard, path: standard.guide(),
        lambda standard, path: standard.save(path),
        lambda standard, path: standard.to_pandera(),
    ],
)
def test_a_rule_set_wrong_is_named_with_the_nearest_right_one_before_each_use(use, tmp_path):
    standard = EntryStandard.load("hr")
    standard.rules["phone"]["form"] = "natonal"
    standard.rules["required"]["poziv"] = ["telefon", "phne"]
    with pytest.raises(CrmlabError) as caught:
        use(standard, tmp_path / "ours.toml")
    assert "phone.form: found 'natonal'. Did you mean 'national'?" in str(caught.value)
    assert "there is no field 'phne'. Did you mean 'phone'?" in str(caught.value)
    assert not (tmp_path / "ours.toml").exists()


def test_a_schema_that_was_handed_over_does_not_change_with_the_rules():
    standard = EntryStandard.load("hr")
    schema = standard.to_pandera()
    standard.rules["names"]["capitals"] = "all"
    assert schema.columns["last_name"].checks[0](pd.Series(["Kovač"])).check_output.tolist() == [True]


def test_rows_of_one_label_are_checked_as_rows_of_their_own(customers):
    standard, double = EntryStandard.load("hr"), customers.set_axis([7] * len(customers))
    expected, check = standard.check(customers, "dostava"), standard.check(double, "dostava")
    pd.testing.assert_frame_equal(check.findings.drop(columns="row"), expected.findings.drop(columns="row"))
    assert set(check.findings["row"]) == {7}
    pd.testing.assert_frame_equal(check.corrected.set_axis(customers.index), expected.corrected)


@pytest.mark.parametrize("column", COLUMNS)
def test_a_list_in_a_cell_is_refused_by_naming_the_column(column):
    table = pd.DataFrame({"first_name": ["Ana", "Eva"], "phone": ["091 234 5678", None]})
    table[column] = [["091", "098"], "Split"]
    said = rf"{column}: found \['091', '098'\]\.\n.*one text in each cell\n.*1 such\n.*table\['{column}'\]"
    for refuse in (EntryStandard.load("hr").check, normalise):
        with pytest.raises(CrmlabError, match=said):
            refuse(table)
    with pytest.raises(CrmlabError, match=said):
        EntryStandard.load("hr").check({column: ["091", "098"]})
