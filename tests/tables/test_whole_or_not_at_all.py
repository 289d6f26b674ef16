"""A base on disk is whole or not there: killed saves, damaged, half and foreign folders."""

import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from crmlab.errors import CrmlabError
from crmlab.tables import CustomerBase, checksum

HELPER = Path(__file__).with_name("kill_in_save.py")
ROOT = HELPER.parents[2]

SAVING_FOR_EVER = """
import sys
import pandas as pd
from crmlab.tables import CustomerBase
bases = [CustomerBase({"customers": pd.DataFrame({"record_id": range(n)})}, name="shop") for n in (200_000, 300_000)]
bases[0].save(sys.argv[1])
print("saved", flush=True)
while True:
    for base in bases:
        base.save(sys.argv[1])
"""


def shop(n=3, **about):
    customers = pd.DataFrame({"record_id": range(1, n + 1), "city": ["Zadar"] * n})
    times = pd.to_datetime(["2025-05-01"] * n, utc=True)
    log = pd.DataFrame({"record_id": range(n, 0, -1), "ts": times, "amount_cents": range(n)})
    truth = {"persons": pd.DataFrame({"person_id": range(n)})}
    return CustomerBase({"customers": customers, "transactions": log}, name="shop", about=about, truth=truth)


@pytest.fixture(scope="module")
def tries(tmp_path_factory):
    if not hasattr(os, "fork"):
        pytest.skip("a process of this system cannot be forked and killed at a chosen moment")
    home = tmp_path_factory.mktemp("killed")
    done = subprocess.run([sys.executable, HELPER, home], cwd=ROOT, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_first_save_killed_at_any_moment_leaves_the_whole_base_or_none(tries):
    found = [found for _, found, _ in tries["new"]]
    assert len(found) > 20
    assert {3} < {text if text == 3 else "there is no customer base here" in text for text in found} == {True, 3}


def test_a_save_over_a_base_killed_at_any_moment_leaves_the_old_or_the_new(tries):
    found = [found for _, found, _ in tries["over"]]
    assert len(found) > 60
    assert set(found) == {2, 3}
    assert found == sorted(found)


def test_the_next_save_tidies_up_what_a_killed_one_left(tries):
    left = [tuple(left) for case in tries.values() for _, _, left in case if left is not None]
    assert len(left) > 15
    assert set(left) == {("base",)}


def test_a_process_killed_while_it_saves_leaves_a_base_that_loads(tmp_path):
    for seed in range(3):
        saving = subprocess.Popen(
            [sys.executable, "-c", SAVING_FOR_EVER, str(tmp_path / "base")], cwd=ROOT, stdout=subprocess.PIPE
        )
        saving.stdout.readline()
        with pytest.raises(subprocess.TimeoutExpired):
            saving.wait(random.Random(seed).uniform(0, 0.25))
        saving.kill()
        saving.wait()
        saving.stdout.close()
        assert len(CustomerBase.load(tmp_path / "base").customers) in (200_000, 300_000)


def test_what_is_saved_comes_back(tmp_path):
    base = shop(seed=7, currency="EUR", as_of="2026-01-01T00:00:00+00:00")
    again = CustomerBase.load(base.save(tmp_path / "shop"))
    assert (again.name, again.about, again.as_of) == (base.name, base.about, base.as_of)
    assert checksum(again.customers) == checksum(base.customers)
    assert again.transactions["record_id"].tolist() == [1, 2, 3]
    assert checksum(again.truth.persons) == checksum(base.truth.persons)
    assert again.transactions.dtypes.astype(str).to_dict()["ts"] == "datetime64[us, UTC]"


def test_a_loaded_base_is_saved_with_its_truth(tmp_path):
    first = CustomerBase.load(shop().save(tmp_path / "first"))
    second = CustomerBase.load(first.save(tmp_path / "second"))
    assert len(second.truth.persons) == 3


def test_a_base_saved_over_its_own_folder_is_the_same(tmp_path):
    folder = shop().save(tmp_path / "shop")
    before = (folder / "manifest.json").read_bytes()
    CustomerBase.load(folder).save(folder)
    assert (folder / "manifest.json").read_bytes() == before


def test_saving_leaves_the_base_as_it_was(tmp_path):
    base = shop()
    before = base.transactions.copy()
    base.save(tmp_path / "shop")
    pd.testing.assert_frame_equal(base.transactions, before)


def test_the_manifest_tells_what_is_in_the_folder(tmp_path):
    folder = shop(seed=7).save(tmp_path / "shop")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["format"], manifest["name"], manifest["seed"]) == (1, "shop", 7)
    entry = manifest["tables"]["transactions"]
    assert (entry["rows"], entry["columns"]) == (3, ["record_id", "ts", "amount_cents"])
    assert entry["checksum"] == checksum(CustomerBase.load(folder).transactions)


def _flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda folder: (folder / "transactions.parquet").unlink(), "transactions.parquet: the file is missing."),
        (lambda folder: (folder / "transactions.parquet").write_bytes(b""), "the file cannot be read"),
        (lambda folder: _flip(folder / "customers.parquet"), "customers.parquet: "),
        (
            lambda folder: shutil.copy(folder / "customers.parquet", folder / "transactions.parquet"),
            "its content is not what the manifest says",
        ),
        (lambda folder: (folder / "manifest.json").unlink(), "there is no customer base here (no manifest.json)."),
        (lambda folder: (folder / "manifest.json").write_bytes(b'{"format": 1, "tab'), "manifest.json is damaged."),
        (lambda folder: (folder / "manifest.json").write_bytes(b"[1]"), "manifest.json is damaged."),
        (lambda folder: (folder / "manifest.json").write_bytes(b"\xff\xfe\x00"), "manifest.json is damaged."),
        (
            lambda folder: (folder / "manifest.json").write_text('{"format": 2, "tables": {}}', encoding="utf-8"),
            "the base is of format 2.",
        ),
    ],
)
def test_a_damaged_or_half_folder_is_refused_in_plain_words(tmp_path, damage, words):
    folder = shop().save(tmp_path / "shop")
    damage(folder)
    with pytest.raises(CrmlabError) as refused:
        CustomerBase.load(folder)
    assert words in str(refused.value)
    assert "  next    : " in str(refused.value)


def test_every_damaged_file_is_named_at_once(tmp_path):
    folder = shop().save(tmp_path / "shop")
    (folder / "customers.parquet").unlink()
    (folder / "transactions.parquet").write_bytes(b"x")
    with pytest.raises(CrmlabError) as refused:
        CustomerBase.load(folder)
    assert len(refused.value.messages) == 2


def test_a_lost_truth_is_refused_when_it_is_asked_for(tmp_path):
    folder = shop().save(tmp_path / "shop")
    shutil.rmtree(folder / "truth")
    base = CustomerBase.load(folder)
    with pytest.raises(CrmlabError, match=r"persons\.parquet: the file is missing"):
        base.truth  # noqa: B018 asking alone must refuse


@pytest.mark.parametrize("place", ["", "thesis.docx", "notes/thesis.docx"])
def test_a_folder_or_file_that_is_no_base_is_never_written_over(tmp_path, place):
    target = tmp_path / "mine"
    (target / place).parent.mkdir(parents=True, exist_ok=True)
    (target / place).write_bytes(b"a year of work")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(CrmlabError, match=r"something here that is no customer base(.|\n)*nothing was written"):
        shop().save(target)
    assert sorted(tmp_path.rglob("*")) == before
    assert (target / place).read_bytes() == b"a year of work"


def test_an_empty_folder_is_taken(tmp_path):
    (tmp_path / "new").mkdir()
    assert len(CustomerBase.load(shop().save(tmp_path / "new")).customers) == 3


def test_a_place_that_cannot_be_written_is_named_and_nothing_changes(tmp_path):
    (tmp_path / "file").write_bytes(b"x")
    with pytest.raises(CrmlabError, match=r"the base could not be written(.|\n)*nothing was changed"):
        shop().save(tmp_path / "file" / "base")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_table_that_cannot_be_written_leaves_the_old_base(tmp_path):
    folder = shop().save(tmp_path / "shop")
    broken = CustomerBase({"customers": pd.DataFrame({"record_id": [1], "what": [object()]})}, name="shop")
    with pytest.raises(CrmlabError, match=r"customers: this table cannot be saved"):
        broken.save(folder)
    assert len(CustomerBase.load(folder).customers) == 3
    assert [path.name for path in tmp_path.iterdir()] == ["shop"]


ONE = pd.DataFrame({"record_id": [1]})


@pytest.mark.parametrize(
    ("tables", "words"),
    [
        ({"../../elsewhere": ONE}, "../../elsewhere: no file can have this name."),
        ({"a/b": ONE}, "a/b: no file can have this name."),
        ({"": ONE}, ": no file can have this name."),
        ({"Orders": ONE, "orders": ONE}, "orders: 'Orders' is another table"),
        ({"customers": ONE.rename(columns={"record_id": 0})}, "customers: names of columns that are no text: 0."),
        ({"customers": ONE.set_axis([("a", 1)], axis=1)}, "customers: names of columns that are no text: ('a', 1)."),
        ({"customers": pd.concat([ONE, ONE], axis=1)}, "customers: this table cannot be saved"),
        ({"customers": ONE.assign(n=[[1]])}, "customers: this table cannot be saved"),
        ({"customers": ONE.assign(n=[2**64 - 1])}, "customers: this table cannot be saved"),
        ({"customers": ONE.assign(n=pd.to_timedelta([1], unit="s"))}, "customers: this table cannot be saved"),
        ({"customers": ONE.assign(ts=[pd.Timestamp(1_000_001)])}, "customers: this table cannot be saved"),
    ],
)
def test_what_could_not_be_loaded_again_is_not_saved_and_the_old_base_stays(tmp_path, tables, words):
    folder = shop().save(tmp_path / "deep" / "shop")
    with pytest.raises(CrmlabError) as refused:
        CustomerBase(tables, name="shop").save(folder)
    assert words in str(refused.value)
    assert "nothing was changed" in str(refused.value)
    assert len(CustomerBase.load(folder).customers) == 3
    assert [path.name for path in tmp_path.rglob("*") if path.parent != folder and path.parent.parent != folder] == [
        "deep",
        "shop",
    ]


@pytest.mark.parametrize(
    "text",
    [
        '{"format": 1, "tables": []}',
        '{"format": 1, "tables": ""}',
        '{"format": 1, "tables": {}, "truth": []}',
        '{"format": 1, "tables": {"../secret": {"checksum": "0"}}}',
        '{"format": 1, "tables": {"/etc/secret": {"checksum": "0"}}}',
        '{"format": 1, "tables": {}, "truth": {"..\\\\secret": {"checksum": "0"}}}',
        '{"format": 1, "tables": {"customers": {"checksum": 0}}}',
        "[" * 100_000,
    ],
)
def test_a_manifest_from_a_stranger_reads_nothing_outside_its_folder_and_nothing_odd(tmp_path, text):
    (tmp_path / "manifest.json").write_text(text, encoding="utf-8")
    with pytest.raises(CrmlabError, match=r"manifest\.json is damaged"):
        CustomerBase.load(tmp_path)


def test_facts_are_kept_as_plain_numbers_and_texts(tmp_path):
    facts = {"as_of": pd.Timestamp("2026-01-01", tz="UTC"), "seed": np.int64(7), "opened": np.datetime64("2025-01-01")}
    again = CustomerBase.load(shop(**facts).save(tmp_path / "shop"))
    assert again.about == {"as_of": "2026-01-01T00:00:00+00:00", "seed": 7, "opened": "2025-01-01"}
    assert again.as_of == facts["as_of"]


@pytest.mark.parametrize("facts", [{"format": "csv"}, {"truth": "x"}, {"owner": object()}, {"parts": {(1, 2): 3}}])
def test_facts_that_a_manifest_cannot_hold_are_refused(tmp_path, facts):
    with pytest.raises(CrmlabError, match=r"about: .*\n  next    : "):
        shop(**facts).save(tmp_path / "shop")
    assert not list(tmp_path.iterdir())


def test_a_base_behind_a_link_is_replaced_where_it_lies(tmp_path):
    shop().save(tmp_path / "disk" / "shop")
    try:
        (tmp_path / "shop").symlink_to(tmp_path / "disk" / "shop", target_is_directory=True)
    except OSError:
        pytest.skip("this system makes no links for ordinary users")
    for n in (4, 5):
        shop(n).save(tmp_path / "shop")
        assert len(CustomerBase.load(tmp_path / "disk" / "shop").customers) == n
    assert (tmp_path / "shop").is_symlink()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["disk", "shop"]


def test_a_move_that_fails_brings_the_old_base_back_at_once(tmp_path, monkeypatch):
    folder, move = shop().save(tmp_path / "shop"), os.replace

    def held(source, target):
        if str(source).endswith(".partial") and Path(source).is_dir():
            raise PermissionError(13, "held by another program")
        move(source, target)

    monkeypatch.setattr(os, "replace", held)
    with pytest.raises(CrmlabError, match=r"held by another program(.|\n)*nothing was changed"):
        shop(4).save(folder)
    assert [path.name for path in tmp_path.iterdir()] == ["shop"]
    assert len(CustomerBase.load(folder).customers) == 3


def test_a_save_leaves_alone_what_belongs_to_a_base_of_a_longer_name(tmp_path):
    other = tmp_path / ".shop.two.0123abcd.partial"
    other.mkdir()
    shop().save(tmp_path / "shop")
    assert other.is_dir()
