"""Find duplicates in a saved table, with crmlab or a peer; print seconds, peak memory and the figures as JSON.

Run by dedupe.py, each peer in an environment of its own: ``python dedupe_peers.py splink records.parquet links.parquet
en``. Records have no identity number; links say who is who and are read only after the work is done.
"""

import importlib
import itertools
import json
import sys
import time
from pathlib import Path

import pandas as pd

STANDS_ON = {"splink": ("duckdb", "splink"), "crmlab": ("duckdb", "splink", "crmlab.dedupe")}


def by_crmlab(records, locale):
    from crmlab import dedupe

    found = dedupe.find(records, locale)
    links = found.pairs.loc[found.pairs["probability"] >= 0.5, ["record_id_a", "record_id_b"]]
    return links, {"compared": found.pairs[["record_id_a", "record_id_b"]], "quality": found.quality}


def by_splink(records, locale):
    """FEBRL: the comparisons of Splink's own example on these data, for nine columns. Own base: plain rules."""
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    is_febrl = locale == "en"
    born = "%Y%m%d" if is_febrl else "%Y-%m-%d"
    records = records.assign(birth_date=records["birth_date"].astype("str").str[: 8 if is_febrl else 10])
    comparisons = [
        cl.NameComparison("first_name"),
        cl.NameComparison("last_name"),
        cl.DateOfBirthComparison("birth_date", input_is_string=True, datetime_format=born),
        cl.DamerauLevenshteinAtThresholds("postcode", [1, 2]).configure(term_frequency_adjustments=True),
        cl.ExactMatch("house_number").configure(term_frequency_adjustments=True),
        cl.JaroWinklerAtThresholds("street", [0.9, 0.7]),
        cl.LevenshteinAtThresholds("city", 2).configure(term_frequency_adjustments=True),
    ]
    if is_febrl:
        comparisons += [cl.JaroWinklerAtThresholds("address_2", [0.9, 0.7]), cl.ExactMatch("country")]
        rules = [
            *(block_on("first_name", "last_name"), block_on("birth_date"), block_on("last_name", "postcode")),
            *(block_on("first_name", "postcode"), block_on("street", "house_number"), block_on("postcode", "city")),
            *(block_on("street"), block_on("address_2"), block_on("house_number", "postcode")),
            *(block_on("first_name", "city"), block_on("last_name", "city"), block_on("house_number", "city")),
        ]
    else:
        comparisons += [cl.EmailComparison("email"), cl.LevenshteinAtThresholds("phone", 1)]
        rules = [
            *(block_on("phone"), block_on("email"), block_on("first_name", "last_name", "city")),
            *(block_on("first_name", "birth_date"), block_on("last_name", "birth_date")),
            block_on("last_name", "street", "house_number"),
        ]
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="record_id",
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=rules,
        retain_matching_columns=False,
    )
    linker = Linker(DuckDBAPI().register(records), settings)
    sure = [
        block_on("first_name", "last_name", "birth_date"),
        block_on("first_name", "last_name", "street", "house_number"),
    ]
    linker.training.estimate_probability_two_random_records_match(sure, recall=0.7)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for rule in (block_on("first_name", "last_name"), block_on("birth_date")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule, max_pairs=1e6)
    found = linker.inference.predict(threshold_match_probability=0.0001).as_pandas_dataframe()
    pairs = found.rename(columns={"record_id_l": "record_id_a", "record_id_r": "record_id_b"})
    ids = ["record_id_a", "record_id_b"]
    return pairs.loc[pairs["match_probability"] >= 0.5, ids], {"compared": pairs[ids]}


def by_recordlinkage(records, locale):
    """The documented example: block on the first name, sum the agreements, a match from four on."""
    import recordlinkage as rl

    table = records.set_index("record_id")
    table = table.assign(birth_date=table["birth_date"].astype("str"))
    index = rl.Index()
    index.block("first_name")
    pairs = index.index(table)
    compare = rl.Compare()
    compare.exact("first_name", "first_name")
    compare.string("last_name", "last_name", method="jarowinkler", threshold=0.85)
    for column in ("birth_date", "city", "country"):
        compare.exact(column, column)
    compare.string("street", "street", threshold=0.85)
    scores = compare.compute(pairs, table)
    found = scores[scores.sum(axis=1) > 3].index.to_frame(index=False, name=["record_id_a", "record_id_b"])
    return found, {"compared": pairs.to_frame(index=False, name=["record_id_a", "record_id_b"])}


def by_goldenmatch(records, locale):
    """As its documentation begins: a table in, clusters out, nothing set."""
    import goldenmatch as gm
    import polars as pl

    table = pl.from_pandas(records.assign(birth_date=records["birth_date"].astype("str")))
    result = gm.dedupe_df(table)
    rows = [list(one["members"]) for one in result.clusters.values() if len(one["members"]) > 1]
    ids = records["record_id"].tolist()
    pairs = [(ids[a], ids[b]) for members in rows for a, b in itertools.combinations(sorted(members), 2)]
    return pd.DataFrame(pairs, columns=["record_id_a", "record_id_b"]), {}


def figures(links, more, truth):
    """Against all pairs of records of one person."""
    person = truth.set_index("record_id")["person_id"]
    sizes = person.value_counts()
    every = int((sizes * (sizes - 1) // 2).sum())

    def right(pairs):
        same = person.reindex(pairs["record_id_a"]).to_numpy() == person.reindex(pairs["record_id_b"]).to_numpy()
        return int(same.sum())

    hit = right(links)
    out = {"precision": hit / max(len(links), 1), "recall": hit / every, "f1": 2 * hit / (len(links) + every)}
    if "compared" in more:
        out |= {"pairs": len(more["compared"]), "blocking": right(more["compared"]) / every}
    if "quality" in more:
        estimate = more["quality"]()["estimate"]
        out |= {"precision_told": estimate["precision"], "recall_told": estimate["recall"]}
    return out


def peak_gib():
    """Most memory this process has held; what its parent held before it began is not counted."""
    status = Path("/proc/self/status")
    if status.exists():
        held = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(held.split()[1]) / (1 << 20)
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)


if __name__ == "__main__":
    peer, records, links, locale = sys.argv[1:]
    records, truth = pd.read_parquet(records), pd.read_parquet(links)
    for needed in STANDS_ON.get(peer, ()):  # loaded before the clock starts
        importlib.import_module(needed)
    begun, busy = time.perf_counter(), time.process_time()
    links, more = globals()[f"by_{peer}"](records, locale)
    out = {"seconds": time.perf_counter() - begun, "busy": time.process_time() - busy, "peak_gib": peak_gib()}
    print(json.dumps(out | figures(links, more, truth)))
