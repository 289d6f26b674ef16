"""What is asked of each kind of error is what comes out, in early rows as in late ones."""

from functools import lru_cache, partial
from itertools import pairwise

import numpy as np
import pytest

from crmlab.simulate.mess import KINDS, doses

RATES = [0.0, 0.02, 0.2, 1.0]


def place(kind):
    """Where a kind of error can be met: firms have their own."""
    return {"company": "b2b"} if kind == "company_form" else {"company": "retail"}


@pytest.fixture(scope="module")
def errors(made):
    """Records with the error, by group of columns, in the order of persons."""
    return lru_cache(maxsize=None)(partial(_errors, made))


def _errors(made, kind, rate):
    done = made(**place(kind), **{kind: rate}, habits=1.0)
    assert set(done.edits["operation"]) <= {kind}
    frame = done.records.frame
    row = dict(zip(frame["record_id"], frame["owner"], strict=True))  # everybody has one record, or none
    group = {column: n for n, group in enumerate(KINDS[kind].groups) for column in group}
    cells = done.edits[["column", "record_id"]].itertuples(index=False)
    return {(group[column], row[number]) for column, number in cells}


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("kind", KINDS)
def test_the_asked_rate_is_the_rate_that_comes_out(errors, kind, rate):
    """The rate is asked of the cells in which the error can occur: those that have it at a rate of one."""
    got, can = errors(kind, rate), errors(kind, 1.0)
    assert got <= can
    possible = np.array(list(can))
    hit = np.array([cell in got for cell in can])
    assert len(possible) > 200
    late = possible[:, 1] >= 6_000
    for hits in (hit, hit[late], hit[~late]):
        assert abs(hits.sum() - len(hits) * rate) <= 4.5 * np.sqrt(len(hits) * rate * (1 - rate)) + 1e-9


@pytest.mark.parametrize("rate", RATES)
def test_so_many_records_are_followed_by_another_of_their_person(made, rate):
    done = made(duplicates=rate)
    slots = done.records.frame.groupby("owner")["slot"].max().to_numpy()
    for half in (slots[:6_000], slots[6_000:]):
        could, did = (half + 1).clip(max=3).sum(), half.sum()
        assert abs(did - could * rate) <= 4.5 * np.sqrt(could * rate * (1 - rate)) + 1e-9
    assert len(done.table) == len(done.records.frame) == (slots + 1).sum()


@pytest.mark.parametrize(("preset", "share"), [("clean", 0.02), ("usual", 0.08), ("dirty", 0.2), ("none", 0.0)])
def test_a_preset_has_its_share_of_duplicates(made, preset, share):
    slot = made(preset=preset).records.frame["slot"]
    assert abs((slot > 0).mean() - share) <= 4.5 * np.sqrt(0.2 * share / len(slot)) + 0.001
    assert set(doses(preset)) == {"habits", "duplicates", *KINDS}


def test_presets_rise_from_none_to_dirty():
    rising = [doses(preset) for preset in ("none", "clean", "usual", "dirty")]
    for less, more in pairwise(rising):
        assert all(less[kind] < more[kind] for kind in KINDS)


def test_no_error_means_no_edit_and_no_difference(made):
    done = made()
    assert done.edits.empty
    clean = done.persons.set_index("person_id").loc[done.block.person[done.records.frame["owner"]] + 1]
    clean = clean.take(done.records.order)
    for column in clean.columns.intersection(done.table.columns):
        assert done.table[column].astype(str).tolist() == clean[column].astype(str).tolist(), column
