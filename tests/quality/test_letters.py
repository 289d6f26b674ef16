"""Folds and keys: what does not change the name does not change the fold, whatever a keyboard or a machine did."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmlab.errors import CrmlabError
from crmlab.quality import first_name_key, fold, name_key
from crmlab.quality.letters import LOCALES, folded, key_of
from crmlab.quality.mojibake import repaired
from crmlab.quality.words import words_of
from crmlab.simulate.mess.letters import confused_c, confused_ije, lost_marks, upper_case, utf8_twice, wrong_code_page
from crmlab.simulate.mess.words import mess_words
from crmlab.simulate.vocabulary import vocabulary

LIKE_NAMES = st.text(st.sampled_from("abdeijkouAÄDđĐšŠčćžßüöäéèæðłøñ '-.ǆﬁ™İЂђЉ日1"), max_size=14) | st.text(
    max_size=14
)


def _names(locale):
    lists = vocabulary(locale)
    return [*lists.women.words, *lists.men.words, *lists.last_names.words, *lists.streets.words]


@pytest.mark.parametrize("locale", LOCALES)
@given(text=LIKE_NAMES)
@settings(max_examples=400, deadline=None)
def test_what_is_folded_stays_as_it_is_and_so_does_a_key(locale, text):
    once, key = folded(text, locale), key_of(text, locale)
    assert folded(once, locale) == once
    assert key_of(key, locale) == key


@given(one=LIKE_NAMES, other=LIKE_NAMES)
@settings(max_examples=400, deadline=None)
def test_a_key_is_coarser_than_the_fold(one, other):
    for locale in LOCALES:
        if folded(one, locale) == folded(other, locale):
            assert key_of(one, locale) == key_of(other, locale)
        assert key_of(folded(one, locale), locale) == key_of(one, locale)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("change", [upper_case, utf8_twice])
def test_capitals_and_letters_read_twice_change_no_fold(locale, change):
    words = mess_words(locale)
    for name in _names(locale):
        assert folded(change(name, 0, words), locale) == folded(name, locale), name


@pytest.mark.parametrize("change", [wrong_code_page, confused_c])
def test_the_wrong_code_page_and_a_confused_letter_change_no_fold_of_a_croatian_name(change):
    words = mess_words("hr")
    for name in _names("hr"):
        for die in (0, 1):
            assert folded(change(name, die, words), "hr") == folded(name, "hr"), name


@pytest.mark.parametrize("locale", LOCALES)
def test_lost_marks_change_no_key(locale):
    for name in _names(locale):
        for die in (0, 1):
            assert key_of(lost_marks(name, die, None), locale) == key_of(name, locale), name


def test_ije_and_je_change_no_key():
    words = mess_words("hr")
    changed = [(name, confused_ije(name, 0, words)) for name in _names("hr")]
    changed = [(name, other) for name, other in changed if name != other]
    assert len(changed) > 20
    assert all(key_of(name, "hr") == key_of(other, "hr") for name, other in changed)


def test_one_error_upon_another_is_undone_too():
    words = mess_words("hr")
    spoilt = utf8_twice(wrong_code_page(upper_case("Đurđević", 0, words), 0, words), 0, words)
    assert spoilt != "ĐURĐEVIĆ"
    assert folded(utf8_twice(spoilt, 0, words), "hr") == "djurdjevic"


def test_the_ways_to_write_one_surname_have_one_key():
    ways = ["Đurđević", "Djurdjević", "Durdevic", "ĐURĐEVIĆ", "đurđević ", "Ðurðeviæ", "ÐURÐEVIÆ", "Ä\x90urÄ‘eviÄ‡"]
    ways += ["ÄurÄ‘eviÄ‡", "\\ur|evi}", "Ђурђевић", "D\u030curđevic\u0301".replace("D\u030c", "Đ"), "Gjurđević"[1:]]
    ways = [way for way in ways if way != "jurđević"]
    assert name_key(ways).unique().tolist() == ["durdevic"]


def _read_as(text, page):
    """The UTF-8 of a text in a code page; codes the page leaves open are kept, as browsers do."""
    return "".join(bytes([code]).decode(page, errors="ignore") or chr(code) for code in text.encode("utf-8"))


@pytest.mark.parametrize("locale", LOCALES)
def test_one_surname_has_one_key_in_every_language_whatever_a_machine_did_to_it(locale):
    ways = ["Đurđević", "Djurdjević", "DJURDJEVIĆ", "Durdevic", "ĐURĐEVIĆ", "Đurđevic", "Ђурђевић"]
    ways += ["Ä\x90urÄ\x91eviÄ\x87", "Ðurðeviæ", "ÐURÐEVIÆ", "ÄurÄ‘eviÄ‡", "ÄURÄEVIÄ†", "DjurÄ‘eviÄ‡"]
    for page in ("latin-1", "cp1252", "cp1250"):
        ways += [_read_as(name, page) for name in ("Đurđević", "ĐURĐEVIĆ")]
        ways += [_read_as(_read_as(name, page), page) for name in ("Đurđević", "ĐURĐEVIĆ")]
    assert {way: key_of(way, locale) for way in ways} == dict.fromkeys(ways, "durdevic")


@pytest.mark.parametrize("locale", ["en", "de"])
@pytest.mark.parametrize("name", ["Guðmundsson", "Ægir Sæmundsson", "Ärzte Ä", "KÄSEMÄNN", "Bjærgsø", "Hélène", "Þórð"])
def test_names_of_the_north_and_umlauts_are_no_spoilt_croatian_letters(locale, name):
    assert repaired(name, locale) == name


def test_keys_still_tell_customers_apart():
    for locale in LOCALES:
        names = pd.Series(sorted(set(vocabulary(locale).last_names.words)))
        kept = name_key(names, locale).nunique() / len(names)
        assert kept > 0.97, locale


def test_foreign_names_keep_their_letters():
    assert folded("Adèle", "hr") == "adele"
    assert folded("Hélène", "hr") == "helene"
    assert folded("Jäger", "hr") == "jager"
    assert folded("ÄNGSTRÖM", "hr") == "angstrom"
    assert folded("山田太郎", "hr") == "山田太郎"
    assert folded("김민준", "hr") == "김민준"
    assert folded("Παπαδόπουλος", "en") == "παπαδοπουλοσ"


def test_what_holds_no_letter_folds_to_nothing():
    assert fold(["😀", "---", "", "  ", None, "Ana 😀"]).isna().tolist() == [True] * 5 + [False]


@pytest.mark.parametrize("dtype", ["str", "category", "object"])
def test_a_column_keeps_its_index_and_name_and_the_input_stays(dtype):
    given_names = pd.Series(["Šimić", None, "SIMIC", "Šimić"], index=[7, 7, 2, 0], name="last_name", dtype=dtype)
    before = given_names.copy()
    found = fold(given_names)
    assert found.index.tolist() == [7, 7, 2, 0]
    assert found.name == "last_name"
    assert found.dropna().tolist() == ["simic"] * 3
    pd.testing.assert_series_equal(given_names, before)


def test_an_empty_column_is_an_empty_column():
    assert fold(pd.Series([], dtype="str")).empty
    assert name_key(pd.Series([], dtype=object)).empty


def test_numbers_read_as_texts_fold_to_their_digits():
    assert fold(pd.Series([10000.0, None, 21000.0])).dropna().tolist() == ["10000", "21000"]


@pytest.mark.parametrize("locale", LOCALES)
def test_a_short_name_belongs_to_one_family(locale):
    words = words_of(locale)
    shorts = [key_of(short, locale) for ways in words.short_names.values() for short in ways]
    formal = [key_of(name, locale) for name in words.short_names]
    twice = sorted({short for short in shorts if shorts.count(short) > 1})
    assert not twice
    assert sorted(set(shorts) & set(formal)) == []


def test_first_names_and_their_short_names_have_one_key():
    assert first_name_key(["Josip", "Joso", "JOŽA", "joško", "Jozo"]).unique().tolist() == ["josip"]
    assert first_name_key(["Elizabeth", "Liz", "Beth"], "en").unique().tolist() == ["elizabeth"]
    assert first_name_key(["Jürgen", "Juergen"], "de").unique().tolist() == ["jurgen"]


@pytest.mark.parametrize("call", [fold, name_key, first_name_key])
def test_one_text_instead_of_a_column_is_refused_with_an_example(call):
    with pytest.raises(CrmlabError, match=r"text: found 'Novak'\.\n.*a column of texts\n.*next .*: give a column"):
        call("Novak")


def test_a_whole_table_instead_of_a_column_is_refused_by_naming_a_column():
    with pytest.raises(CrmlabError, match=r"found a whole table[\s\S]*table\['last_name'\]"):
        fold(pd.DataFrame({"last_name": ["Novak"]}))


@pytest.mark.parametrize("locale", ["HR", "croatian", "", None])
def test_an_unknown_locale_is_refused(locale):
    with pytest.raises(CrmlabError, match=r"locale: found .*\n.*hr, en, de"):
        fold(["Novak"], locale)
