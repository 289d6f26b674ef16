"""How fast models of repeat buying are fitted and RFM is scored, beside peers, and whether the answers are the same.

Run on demand::

    .venv/bin/python benchmarks/value.py                 all but the last: half an hour and 4 GB of memory
    .venv/bin/python benchmarks/value.py cdnow rfm       some of it
    .venv/bin/python benchmarks/value.py ten_million     10 million customers: 4 GB of memory

Fits run in processes of their own, those of crmlab and of a peer in turn, so that a busy machine slows both; a ratio is
that of the medians. Beside the seconds on the clock stand those the processor was at work. The peers get environments
of their own under benchmarks/.peers, made at first use. The log-likelihood of what a peer found is worked out by
crmlab, so that all are judged by one. The figures go into benchmarks/RESULTS.md.
"""

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from crmlab import tables, value
from crmlab.tables.rows import distinct

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "RESULTS.md"
PEERS = HERE / ".peers"
TITLE = "## value.py"
PACKAGES = {  # lifetimes asks for pkg_resources, and for pandas and NumPy of its time
    "lifetimes": ["lifetimes==0.11.3", "pandas<2", "numpy<1.25", "scipy<1.12", "setuptools<80"],
    "pymc-marketing": ["pymc-marketing"],
    "clvkit": ["clvkit"],
}
HOME = {"pymc": "pymc-marketing", "pymc_flat": "pymc-marketing"}
SAID = {"pymc": "pymc-marketing MAP", "pymc_flat": "pymc-marketing MAP, flat priors", "bootstrap": "crmlab, 200 refits"}
CDNOW = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}


def peer_python(peer):
    """A peer's own Python."""
    if peer in ("crmlab", "bootstrap"):
        return sys.executable
    peer = HOME.get(peer, peer)
    python = PEERS / peer / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        uv = [sys.executable, "-m", "uv"]
        subprocess.run([*uv, "venv", "-q", PEERS / peer], check=True)
        subprocess.run([*uv, "pip", "install", "-q", "--python", python, *PACKAGES[peer]], check=True)
    return python


def run(peer, model, path, runs):
    """One fit of a peer, in a process of its own."""
    command = [peer_python(peer), HERE / "value_peers.py", peer, model, path, str(runs)]
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode:
        return {"failed": (done.stderr.strip().splitlines() or ["stopped"])[-1][:120]}
    return json.loads(done.stdout.strip().splitlines()[-1])


def saved(summary, folder):
    path = Path(folder) / "customers.npz"
    columns = {"x": "frequency", "tx": "recency_weeks", "T": "age_weeks"}
    np.savez(path, **{short: summary[long].to_numpy("float64") for short, long in columns.items()})
    return path


def cdnow_summary():
    """The 2,357 customers of the papers, 39 weeks."""
    log = tables.from_export(transactions=HERE.parent / "data" / "cdnow" / "cdnow.csv").transactions
    return value.purchase_summary(log, unit="W", collapse="D", split="1997-09-30")


def like_cdnow(n, seed=1):
    """Customers who buy as CDNOW's do, won over twelve weeks, days counted whole as a log does."""
    age = np.random.default_rng(seed).integers(27 * 7, 39 * 7, n) / 7
    drawn = value.BGNBD.with_params(unit="W", **CDNOW).sample(n, seed=seed, age=age)
    last = np.minimum(np.ceil(drawn["recency_weeks"] * 7), age * 7).round() / 7
    return drawn.assign(frequency=np.minimum(drawn["frequency"], (last * 7).round()), recency_weeks=last)


def judged(model, summary, params):
    """Log-likelihood of parameters found by whomever, worked out by crmlab."""
    kind = getattr(value, model)
    known = kind.with_params(unit="W", **params)
    columns = known._read(summary, fitting=True)
    return known._log_likelihood(known._place_, distinct(columns))[0]


def beside(part, data, summary, model, peers, rounds, runs, wanted):
    """Rows of one fit: crmlab first, then each peer with how many times as long it takes."""
    with tempfile.TemporaryDirectory() as folder:
        path = saved(summary, folder)
        got = {peer: [] for peer in ("crmlab", *peers)}
        for _ in range(rounds):
            for peer, found in got.items():
                if not found or not (peer in HOME or "failed" in found[-1]):  # HOME: a minute of compiling each time
                    found.append(run(peer, model, path, runs[peer]))
    ours = {figure: statistics.median(one[figure] for one in got["crmlab"]) for figure in ("seconds", "busy")}
    for peer, found in got.items():
        row = {"part": part, "work": f"{model}, {data}", "who": SAID.get(peer, peer)}
        if "failed" in found[-1]:
            yield row | {"wanted": f"failed: {found[-1]['failed']}"}
            continue
        row |= {figure: statistics.median(one[figure] for one in found) for figure in ("seconds", "busy")}
        row["peak_gib"] = found[0]["peak_gib"]
        params = found[0]["params"]
        row["found"] = " ".join(f"{name} {number:.4f}" for name, number in params.items())
        if peer != "bootstrap":
            row["log_likelihood"] = f"{judged(model, summary, params):.3f}"
        if peer != "crmlab":
            row |= {f"{figure}_ratio": row[figure] / ours[figure] for figure in ("seconds", "busy")}
            row["wanted"] = wanted.get(peer, "")
        yield row


def cdnow():
    """Both models on the log of the papers."""
    summary = cdnow_summary()
    runs = {"crmlab": 151, "lifetimes": 5, "clvkit": 5, "pymc": 1, "pymc_flat": 1}  # all look at about a second
    for model in ("BGNBD", "ParetoNBD"):
        peers = ["lifetimes", "pymc", "pymc_flat"] + (["clvkit"] if model == "BGNBD" else [])
        wanted = {"lifetimes": "at least 20"} if model == "BGNBD" else {}
        yield from beside("cdnow", "CDNOW", summary, model, peers, 11, runs, wanted)


def bootstrap():
    """200 refits on CDNOW, beside one fit of a Pareto/NBD by lifetimes."""
    summary = cdnow_summary()
    with tempfile.TemporaryDirectory() as folder:
        path = saved(summary, folder)
        rounds = [(run("bootstrap", "BGNBD", path, 1), run("lifetimes", "ParetoNBD", path, 1)) for _ in range(5)]
    ours, theirs = (
        {figure: statistics.median(pair[place][figure] for pair in rounds) for figure in ("seconds", "busy")}
        for place in (0, 1)
    )
    yield {"part": "bootstrap", "work": "BGNBD, CDNOW: 200 bootstrap refits", "who": "crmlab"} | ours
    ratios = {f"{figure}_ratio": theirs[figure] / ours[figure] for figure in ours}
    row = {"part": "bootstrap", "work": "ParetoNBD, CDNOW: one fit", "who": "lifetimes", "wanted": "above 1"}
    yield row | theirs | ratios


def million():
    """A million customers, compressed and fitted. clvkit is left out: it was stopped after six minutes at work."""
    runs = {"crmlab": 5, "lifetimes": 0, "pymc_flat": 1}
    wanted = {"lifetimes": "at least 60", "pymc_flat": "at least 30"}
    peers = ["lifetimes", "pymc_flat"]
    yield from beside("million", "1,000,000 customers", like_cdnow(1_000_000), "BGNBD", peers, 1, runs, wanted)


def pareto():
    """100 thousand customers under the model that is hardest to fit."""
    summary = like_cdnow(100_000)
    runs = {"crmlab": 5, "lifetimes": 0}
    wanted = {"lifetimes": "at least 150"}
    yield from beside("pareto", "100,000 customers", summary, "ParetoNBD", ["lifetimes"], 1, runs, wanted)


def timed(call, runs):
    times = []
    for _ in range(runs):
        begun, busy = time.perf_counter(), time.process_time()
        call()
        times.append((time.perf_counter() - begun, time.process_time() - busy))
    return dict(zip(("seconds", "busy"), map(float, np.median(times, axis=0)), strict=True))


def ten_million(n=10_000_000):
    """10 million customers, against putting their (x, t_x, T) in order."""
    summary = like_cdnow(n)
    ours = timed(lambda: value.BGNBD().fit(summary), 3)
    columns = [summary[name].to_numpy("float64") for name in ("age_weeks", "recency_weeks", "frequency")]
    key = ((columns[2] * 1024 + columns[1] * 7).round() * 1024 + columns[0] * 7).round().astype("int64")
    work = f"BGNBD, {n:,} customers"
    yield {"part": "ten_million", "work": work, "who": "crmlab"} | ours
    for who, call, runs, wanted in (
        ("NumPy: order of x, t_x, T (lexsort)", lambda: np.lexsort(columns), 1, "crmlab under 3 times"),
        ("NumPy: order of one whole number made of the three (argsort)", lambda: np.argsort(key), 3, ""),
        ("NumPy: that number alone, vectorised (sort)", lambda: np.sort(key), 3, ""),
    ):
        theirs = timed(call, runs)
        ratios = {f"{figure}_ratio": theirs[figure] / ours[figure] for figure in ours}
        yield {"part": "ten_million", "work": work, "who": who, "wanted": wanted} | theirs | ratios


def log_in_files(folder, rows, customers, parts=4):
    """Purchases of two years; most customers buy seldom, a few often, and some send things back."""
    dice = np.random.default_rng(1)
    pace = np.cumsum(dice.gamma(0.8, size=customers))
    start = pd.Timestamp("2024-01-01", tz="UTC").value // 1000
    for part in range(parts):
        n = rows // parts
        who = np.searchsorted(pace / pace[-1], dice.random(n)).clip(0, customers - 1) + 1
        us = start + dice.integers(0, 730 * 86_400, n) * 1_000_000
        cents = np.rint(np.exp(dice.normal(7.5, 0.8, n)) / 50).astype("int64") * 50
        cents *= np.where(dice.random(n) < 0.03, -1, 1)
        columns = {"record_id": who, "ts": pa.array(us, pa.timestamp("us", tz="UTC")), "amount_cents": cents}
        pq.write_table(pa.table(columns), Path(folder) / f"{part}.parquet", compression="zstd")


SUMS = """
    SELECT record_id, ({as_of} - max(epoch_us(ts)) FILTER (amount_cents > 0)) // 86400000000 AS recency_days,
           count(*) FILTER (amount_cents > 0) AS frequency, sum(amount_cents)::BIGINT AS monetary_cents
    FROM read_parquet('{files}') GROUP BY record_id
"""
FAIR = """
WITH sums AS ({sums})
SELECT *, (2 * rank() OVER (ORDER BY recency_days DESC NULLS FIRST)
           + count(*) OVER (PARTITION BY recency_days) - 2) * 5 // (2 * count(*) OVER ()) + 1 AS r,
       (2 * rank() OVER (ORDER BY frequency)
           + count(*) OVER (PARTITION BY frequency) - 2) * 5 // (2 * count(*) OVER ()) + 1 AS f,
       (2 * rank() OVER (ORDER BY monetary_cents)
           + count(*) OVER (PARTITION BY monetary_cents) - 2) * 5 // (2 * count(*) OVER ()) + 1 AS m
FROM sums ORDER BY record_id
"""
NTILE = """
WITH sums AS ({sums})
SELECT *, ntile(5) OVER (ORDER BY recency_days DESC NULLS FIRST) AS r, ntile(5) OVER (ORDER BY frequency) AS f,
       ntile(5) OVER (ORDER BY monetary_cents) AS m
FROM sums ORDER BY record_id
"""
AS_OF = pd.Timestamp("2025-12-31", tz="UTC")


def by_sql(folder, sql):
    import duckdb

    sums = SUMS.format(as_of=AS_OF.value // 1000, files=Path(folder) / "*.parquet")
    with duckdb.connect() as engine:
        return engine.sql(sql.format(sums=sums)).df().set_index("record_id")


def by_pandas(folder):
    """Plain: read, group, rank."""
    log = pd.read_parquet(folder)
    bought = log[log["amount_cents"] > 0].groupby("record_id")["ts"]
    table = log.groupby("record_id").agg(monetary_cents=("amount_cents", "sum"))
    table["recency_days"] = (AS_OF - bought.max()).dt.days
    table["frequency"] = bought.size()
    table["frequency"] = table["frequency"].fillna(0)
    for letter, numbers in (
        ("r", -table["recency_days"].fillna(np.inf)),
        ("f", table["frequency"]),
        ("m", table["monetary_cents"]),
    ):
        table[letter] = ((2 * numbers.rank() - 1) * 5 // (2 * len(table)) + 1).astype("int64")
    return table


def rfm(rows=20_000_000, customers=1_000_000, rounds=3):
    """RFM with scores from Parquet, beside DuckDB's own SQL and plain pandas: the same scores."""
    with tempfile.TemporaryDirectory() as folder:
        log_in_files(folder, rows, customers)
        calls = {
            "crmlab": lambda: value.rfm(folder, as_of=AS_OF),
            "DuckDB's own SQL, ties shared": lambda: by_sql(folder, FAIR),
            "DuckDB's own SQL, ntile (ties by chance)": lambda: by_sql(folder, NTILE),
            "plain pandas": lambda: by_pandas(folder),
        }
        wanted = {"DuckDB's own SQL, ties shared": "at least 0.77", "plain pandas": "at least 3"}
        times, got = {who: [] for who in calls}, {}
        for _ in range(rounds):
            for who, call in calls.items():
                begun, busy = time.perf_counter(), time.process_time()
                got[who] = call()[["r", "f", "m"]].astype("int64")
                times[who].append((time.perf_counter() - begun, time.process_time() - busy))
    ours = np.median(times["crmlab"], axis=0)
    for who, taken in times.items():
        seconds, busy = map(float, np.median(taken, axis=0))
        row = {"part": "rfm", "work": f"RFM with scores, {rows:,} transactions from Parquet", "who": who}
        row |= {"seconds": seconds, "busy": busy}
        alike = float((got[who].to_numpy() == got["crmlab"].to_numpy()).all(axis=1).mean())
        row["found"] = f"{len(got[who]):,} customers; {alike:.2%} with the same three scores"
        if who != "crmlab":
            row |= {"seconds_ratio": seconds / ours[0], "busy_ratio": busy / ours[1], "wanted": wanted.get(who, "")}
        yield row


PARTS = {part.__name__: part for part in (cdnow, bootstrap, million, pareto, rfm, ten_million)}
COLUMNS = (
    *("part", "work", "who", "seconds", "busy", "seconds_ratio", "busy_ratio", "wanted", "peak_gib"),
    *("log_likelihood", "found"),
)


def written(names, rows):
    """Put the figures into RESULTS.md, in the place of those of the same parts."""
    text = RESULTS.read_text(encoding="utf-8")
    before, _, rest = text.partition(f"{TITLE}\n")
    old, mark, after = rest.partition("\n## ")
    fresh = {*names, "part"}
    kept = [line for line in old.splitlines() if line.startswith("| ") and line.split(" | ")[0][2:] not in fresh]
    order = list(PARTS)
    fresh_lines = [f"| {' | '.join(_cell(row.get(column)) for column in COLUMNS)} |" for row in rows]
    lines = sorted([*kept, *fresh_lines], key=lambda line: order.index(line.split(" | ")[0][2:]))
    told = [
        f"{platform.system()}, {os.cpu_count()} cores, Python {platform.python_version()}, {date.today().isoformat()};",
        "`python benchmarks/value.py` and `… ten_million`. A ratio is the peer's time over crmlab's, on the clock and",
        "(busy) by what the processor was at work: where the machine had other work beside, the second is the one to",
        "read. The log-likelihood of what each found is worked out by crmlab.",
    ]
    table = [f"| {' | '.join(COLUMNS)} |", "|---" * len(COLUMNS) + "|", *lines]
    body = "\n".join([*told, "", *table])
    RESULTS.write_text(f"{before.rstrip()}\n\n{TITLE}\n\n{body}\n{mark}{after}", encoding="utf-8", newline="\n")


def _cell(number):
    if number is None:
        return ""
    if isinstance(number, float):
        return f"{number:.4f}" if number < 0.1 else f"{number:.2f}" if number < 10 else f"{number:.1f}"
    return str(number)


if __name__ == "__main__":
    for name in sys.argv[1:] or [name for name in PARTS if name != "ten_million"]:
        found = []
        for row in PARTS[name]():
            found.append(row)
            print(json.dumps(row), flush=True)
        written([name], found)
