"""A base written block by block is the base, however often it was interrupted and wherever its parts were made."""

import json
import shutil

import pytest

from crmlab import simulate
from crmlab.errors import CrmlabError
from crmlab.simulate import writing as room
from crmlab.tables import CustomerBase, checksum

QUICK = {name: False for name in ("moments", "lifecycle", "survey", "mentions", "product", "campaigns", "referrals")}
SIZE = {"customers": 250, "seed": 3, "months": 6}


def files(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def sums(frames):
    return {name: checksum(frame) for name, frame in frames.items()}


@pytest.fixture(scope="module", autouse=True)
def small_blocks():
    """Let a hundred customers fill a block, so that three are made quickly."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("crmlab.simulate.plan.BLOCK", 100)
        yield


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return simulate.write("retail", tmp_path_factory.mktemp("whole") / "retail", **SIZE)


def test_what_is_written_is_what_is_made(whole):
    made, read = simulate.company("retail", **SIZE), CustomerBase.load(whole)
    assert sums(read) == sums(made)
    assert sums(read.truth) == sums(made.truth)
    assert (read.about, read.name, list(read), list(read.truth)) == (
        made.about,
        made.name,
        list(made),
        list(made.truth),
    )
    for name, frame in made.items():
        assert read[name].dtypes.astype(str).equals(frame.dtypes.astype(str)), name
        for column in frame.columns[frame.dtypes == "category"]:
            assert list(read[name][column].cat.categories) == list(frame[column].cat.categories), (name, column)


def test_the_manifest_names_rows_and_parts_of_each_table(whole):
    manifest = json.loads((whole / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["tables"]["customers"]["parts"] == ["00000.parquet", "00001.parquet", "00002.parquet"]
    assert manifest["tables"]["transactions"]["rows"] == len(CustomerBase.load(whole).transactions)
    assert sorted(path.name for path in whole.iterdir()) == sorted([*manifest["tables"], "manifest.json", "truth"])


def test_two_processes_write_the_same_bytes(whole, tmp_path):
    assert files(simulate.write("retail", tmp_path / "retail", workers=2, **SIZE)) == files(whole)


def test_parts_made_apart_are_together_the_whole_byte_for_byte(whole, tmp_path):
    for part in (3, 1, 2):
        folder = simulate.write("retail", tmp_path / "retail", part=f"{part}/3", **SIZE)
        assert folder.name == f"retail-part-{part}-of-3"
    assert CustomerBase.load(tmp_path / "retail-part-3-of-3").about["part"] == "3/3"
    assert files(simulate.join(tmp_path / "retail")) == files(whole)
    assert not list(tmp_path.glob(".*"))


def test_a_missing_a_strange_and_a_damaged_part_are_refused(tmp_path):
    small = {"customers": 40, "months": 2, **QUICK}
    simulate.write("retail", tmp_path / "shop", part=(1, 2), seed=1, **small)
    with pytest.raises(CrmlabError, match=r"1 of 2 parts are missing\.\n  parts   : 2/2\n"):
        simulate.join(tmp_path / "shop")
    simulate.write("retail", tmp_path / "shop", part=(2, 2), seed=2, **small)
    with pytest.raises(CrmlabError, match="shop-part-2-of-2: part of another base"):
        simulate.join(tmp_path / "shop")
    simulate.write("retail", tmp_path / "shop", part=(2, 2), seed=1, **small)
    owner = next(part for part in tmp_path.glob("shop-part-*") if (part / "customers").exists())
    path = owner / "customers" / "00000.parquet"
    shutil.copy(owner / "transactions" / "00000.parquet", path)
    with pytest.raises(CrmlabError, match="its content is not what its manifest says"):
        simulate.join(tmp_path / "shop")
    assert not (tmp_path / "shop").exists()
    with pytest.raises(CrmlabError, match="there are no parts beside it"):
        simulate.join(tmp_path / "other")


def test_an_interrupted_base_leaves_the_old_one_and_goes_on_where_it_stopped(whole, tmp_path, monkeypatch):
    folder = simulate.write("retail", tmp_path / "retail", customers=30, seed=1, months=1, **QUICK)
    old, made, real = files(folder), [], room.made

    def interrupted(plan, number):
        made.append(number)
        if len(made) == 2:
            raise KeyboardInterrupt
        return real(plan, number)

    monkeypatch.setattr(room, "made", interrupted)
    with pytest.raises(KeyboardInterrupt):
        simulate.write("retail", folder, **SIZE)
    assert files(folder) == old
    seen = []
    simulate.write("retail", folder, progress=lambda done, of: seen.append((done, of)), **SIZE)
    assert made == [0, 1, 1, 2]
    assert seen == [(1, 3), (2, 3), (3, 3)]
    assert files(folder) == files(whole)


def test_parts_left_by_another_call_or_damaged_since_are_made_again(tmp_path, monkeypatch):
    small = {"customers": 30, "months": 1, **QUICK}

    def stopped(*_):
        raise KeyboardInterrupt

    for change in ("another seed", "damaged"):
        with monkeypatch.context() as patched:
            patched.setattr(room, "finish", stopped)
            with pytest.raises(KeyboardInterrupt):
                simulate.write("retail", tmp_path / "shop", seed=1 if change == "another seed" else 2, **small)
        left = tmp_path / ".shop.partial" / "customers" / "00000.parquet"
        if change == "damaged":
            left.write_bytes(b"damaged")
        base = CustomerBase.load(simulate.write("retail", tmp_path / "shop", seed=2, **small))
        assert sums(base) == sums(simulate.company("retail", seed=2, **small))


def test_more_parts_than_blocks_leave_some_empty_and_join_all_the_same(tmp_path):
    small = {"customers": 30, "seed": 1, "months": 1, **QUICK}
    empty = [simulate.write("retail", tmp_path / "shop", part=(n, 16), **small) for n in range(1, 17)]
    assert sum(not (folder / "customers").exists() for folder in empty) == 15
    joined = CustomerBase.load(simulate.join(tmp_path / "shop"))
    assert sums(joined) == sums(simulate.company("retail", **small))


@pytest.mark.parametrize("part", ["0/16", "17/16", "3", "3/16/2", 3, (1,), ("1", "2"), (1.0, 2)])
def test_a_part_is_one_of_so_many(tmp_path, part):
    with pytest.raises(CrmlabError) as error:
        simulate.write("retail", tmp_path / "shop", customers=10, seed=1, part=part)
    assert error.value.messages == (
        f"part: found {part!r}.\n"
        "  allowed : which part of how many, such as 3/16\n"
        "  next    : number the parts from 1, for instance 1/16 to 16/16.",
    )


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(CrmlabError, match="there is something here that is no customer base"):
        simulate.write("retail", tmp_path, customers=10, seed=1)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_part_missing_from_the_folder_is_named_when_the_base_is_read(whole, tmp_path):
    folder = shutil.copytree(whole, tmp_path / "retail")
    (folder / "touchpoints" / "00001.parquet").unlink()
    with pytest.raises(CrmlabError, match=r"touchpoints.00001\.parquet: the file is missing"):
        CustomerBase.load(folder)
