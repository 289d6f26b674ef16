"""Any field of a spec can be overruled, and a wrong one is named with the nearest right one."""

from pathlib import Path

import numpy as np
import pytest

from crmlab import simulate
from crmlab.errors import CrmlabError
from crmlab.simulate.asked import asked, spec
from crmlab.simulate.spec_check import spec_faults
from crmlab.simulate.specs import COMPANIES, Source
from crmlab.tables import CustomerBase, checksum

SIZE = {"customers": 60, "seed": 1}


def said(*company, **fields):
    with pytest.raises(CrmlabError) as error:
        simulate.company(*(company or ("retail",)), **SIZE, **fields)
    return error.value.messages


def own(tmp_path, text, name="mine.toml"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def sums(base):
    return {name: checksum(frame) for name, frame in base.items()}


@pytest.mark.parametrize("company", COMPANIES)
def test_the_companies_own_specs_are_right(company):
    assert spec_faults(Source(company, company, {}, spec(company))) == []


def test_a_keyword_reaches_a_field_however_it_is_written():
    ways = [{"purchases__alpha": 4.5}, {"purchases": {"alpha": 4.5}}, {"purchases__alpha": np.float64(4.5)}]
    bases = [simulate.company("retail", **SIZE, **way) for way in ways]
    assert sums(bases[0]) == sums(bases[1]) == sums(bases[2])
    assert bases[0].about == bases[2].about
    assert (
        (bases[0].truth.value["purchase_rate"] / simulate.company("retail", **SIZE).truth.value["purchase_rate"])
        .round(3)
        .eq(2)
        .all()
    )


def test_entries_of_a_list_go_by_their_name():
    plan = asked("telco", **SIZE, contacts__offer_by_phone__per_year=0.0, plans={"mobile S": {"price": 8.0}})
    kinds = {kind["name"]: kind for kind in plan.spec["contacts"]}
    assert kinds["offer by phone"]["per_year"] == 0
    assert kinds["offer by text"] == {kind["name"]: kind for kind in spec("telco")["contacts"]}["offer by text"]
    assert [one["price"] for one in plan.spec["plans"]][:2] == [8.0, 15.99]


def test_false_takes_a_section_out_and_with_it_its_tables():
    base = simulate.company(
        "telco",
        **SIZE,
        survey=False,
        campaigns=False,
        outages=False,
        contacts__answer=False,
        contacts__technician=False,
    )
    assert not {"survey", "outages"} & set(base)
    assert not {"benefits", "failures"} & set(base.truth)
    assert not (base.touchpoints["type"] == "reply").any()


def test_an_own_file_says_only_what_differs(tmp_path):
    path = own(
        tmp_path,
        'base = "telco"\nmonths = 6\n[contracts]\nalpha = 2.5\n[[contacts]]\nname = "self-care"\nper_year = 0\n',
    )
    base = simulate.company(path, **SIZE)
    assert (base.name, base.about["company"], base.about["months"]) == ("mine", "telco", 6)
    assert not (base.touchpoints["type"] == "visit").any()
    again = simulate.company(str(path), **SIZE, contracts__alpha=0.9, contacts__self_care__per_year=4.5, months=36)
    plain = simulate.company("telco", **SIZE)
    assert sums(again) == sums(plain)


def test_a_whole_file_of_ones_own_needs_no_base(tmp_path):
    text = (Path(simulate.__file__).parent / "companies" / "retail.toml").read_text(encoding="utf-8")
    base = simulate.company(own(tmp_path, text, "kiosk.toml"), **SIZE)
    assert base.about["company"] == base.name == "kiosk"
    assert set(base) == set(simulate.company("retail", **SIZE))
    assert sums(base) != sums(simulate.company("retail", **SIZE))  # it throws dice of its own


def test_what_is_known_of_a_changed_base_makes_it_again(tmp_path):
    path = own(tmp_path, 'base = "bank"\n[outages]\nper_year = 9\n')
    base = CustomerBase.load(simulate.company(path, **SIZE, people__women=1).save(tmp_path / "bank"))
    again = simulate.company(base.about["spec"], **SIZE)
    assert sums(again) == sums(base)
    assert again.about == base.about


def test_the_fingerprint_tells_changed_specs_apart():
    prints = [simulate.company("retail", **SIZE, **more).about["algorithm"] for more in ({}, {"spend__p": 7.0})]
    assert prints[0] != prints[1]


def test_a_wrong_name_is_answered_with_the_nearest():
    assert said(purchases__alhpa=4.5) == (
        "purchases.alhpa: there is no such field. Did you mean 'purchases.alpha'?\n"
        "  it has  : process, r, alpha, a, b\n"
        "  next    : rename it, or leave it out.",
    )
    assert "Did you mean 'contacts'?" in said(contcts__complaint__chance=0.1)[0]
    assert "Did you mean 'months'?" in said(mnths=3)[0]
    assert "Did you mean 'purchases.alpha'?" in said(alpha=3)[0]
    assert "Did you mean 'outages'?" in said("bank", outags=False)[0]
    assert "Did you mean 'acquisition.channels.branch'?" in said(acquisition__channels__brunch=3)[0]


@pytest.mark.parametrize(
    ("fields", "where", "allowed"),
    [
        ({"people__women": 1.2}, "people.women", "a number from 0 to 1"),
        ({"people__women": "half"}, "people.women", "a number from 0 to 1"),
        ({"people__women": True}, "people.women", "a number from 0 to 1"),
        ({"people__women": float("nan")}, "people.women", "a number from 0 to 1"),
        ({"purchases__r": 0}, "purchases.r", "a number above 0"),
        ({"purchases__process": "poisson"}, "purchases.process", "one of bg_nbd, pareto_nbd, bg_bb, regular"),
        ({"holdout_weeks": 0}, "holdout_weeks", "a whole number from 1 to 520"),
        ({"hours__firm": [1] * 23}, "hours.firm", "24 whole weights, one for each hour of the day, not all 0"),
        ({"people__ages": [[30, 20, 5]]}, "people.ages", "bands of age: [from, to, whole weight], in years"),
        ({"product_groups__food": [1, 2, 3]}, "product_groups.food", "[whole weight, margin in parts of ten thousand]"),
        ({"contacts__complaint__chance": 2}, "contacts.complaint.chance", "a number from 0 to 1"),
        ({"contacts__complaint__hours": [5, 1]}, "contacts.complaint.hours", "two numbers of hours, the earlier first"),
        (
            {"contacts__complaint__channels": {"shop": 1}},
            "contacts.complaint.channels",
            'whole weights by channel, or "same"',
        ),
        ({"acquisition__channels__web": 2.5}, "acquisition.channels.web", "a whole number from 0 to 60,000"),
        ({"spend": 5}, "spend", "a section with p, q, gamma, with_rate"),
    ],
)
def test_each_field_has_its_kind_and_range(fields, where, allowed):
    (fault,) = said(**fields)
    assert fault.startswith(f"{where}: found ")
    assert f"\n  allowed : {allowed}\n" in fault
    assert "\n  next    : " in fault


def test_all_faults_are_said_at_once_those_of_the_call_too():
    faults = said(people__women=7, records__updated=-1, hours__customers="day", locale="atlantis", months=0)
    named = ["people.women", "records.updated", "hours.customers", "locale", "months"]
    assert sorted(fault.split(":")[0] for fault in faults) == sorted(named)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"purchases": {"process": "pareto_nbd"}}, "purchases.r: it is missing."),
        ({"survey": False}, "campaigns: it stands on survey, which is not there."),
        ({"moments": False}, "lifecycle: it stands on moments, which is not there."),
        ({"product__sessions_by_state": [1, 2]}, "product.sessions_by_state: found [1, 2]."),
        ({"lifecycle__states__distant": False}, "allowed : one entry for each of occasional, close, in this order"),
        ({"mentions__branching": 1.5}, "allowed : a number from 0 to 0.9"),
        ({"contacts__purchase__branching": 0.1}, "contacts.purchase: branching and branching_hours go together."),
        ({"spend": False}, "spec: it lacks spend."),
        ({"contracts": {"alpha": 1.0, "beta": 2.0, "prepaid": 0.0}}, "spec: there are both purchases and contracts."),
        ({"contacts": [{"name": "new", "type": "visit"}]}, "contacts.new.direction: it is missing."),
        (
            {"contacts__complaint__with": "nothing"},
            "contacts.complaint.with: it goes with 'nothing', which is not there",
        ),
        ({"contacts__complaint__per_year": 1}, "contacts.complaint: it goes with something and also has a rate."),
        (
            {"acquisition": {"channels": dict.fromkeys(spec("retail")["acquisition"]["channels"], 0)}},
            "every weight is 0",
        ),
        ({"contacts__delivery__channels": "same", "contacts__delivery__with": "purchase"}, "found 'same'."),
    ],
)
def test_what_does_not_fit_together_is_named(fields, words):
    assert any(words in fault for fault in said(**fields))


def test_a_plan_needs_the_margin_of_its_group():
    (fault,) = said("telco", plans__mobile_S__group="fax")
    assert fault.startswith("margins: 'fax' of 'mobile S' has no margin.")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("months = = 3", "this is no TOML (Invalid value (at line 1, column 10))"),
        ('base = "telko"', "there is no company 'telko'. Did you mean 'telco'?"),
        ("months = 3", "spec: it lacks as_of, holdout_weeks"),
        ('base = "telco"\nmonths = 0', "months: found 0."),
        ('base = "telco"\n[[plans]]\nprice = 3', "plans"),
    ],
)
def test_a_bad_file_is_refused_kindly(tmp_path, text, words):
    faults = said(own(tmp_path, text))
    assert any(words in fault for fault in faults)
    assert all("\n  next    : " in fault for fault in faults)


def test_a_file_that_is_not_there_or_no_utf8_is_refused(tmp_path):
    assert "there is no such file." in said("nowhere.toml")[0]
    (tmp_path / "mine.toml").write_bytes('base = "telco" # č'.encode("cp1250"))
    assert "it is not written in UTF-8" in said(tmp_path / "mine.toml")[0]


@pytest.mark.parametrize("company", ["", None, 3, "retail.tml"])
def test_what_is_no_company_is_refused(company):
    assert said(company)[0].startswith(f"company: there is no company {company!r}.")
