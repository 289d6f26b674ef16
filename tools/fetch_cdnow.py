"""Write data/cdnow/cdnow.csv from the wheel of lifetimes 0.11.3, and hold it to the published totals.

Run: python tools/fetch_cdnow.py path/to/Lifetimes-0.11.3-py3-none-any.whl
"""

import argparse
import sys
import zipfile
from pathlib import Path

HOME = Path(__file__).resolve().parents[1] / "data" / "cdnow"
MEMBER = "lifetimes/datasets/CDNOW_sample.txt"
LICENCE = "Lifetimes-0.11.3.dist-info/LICENSE.txt"
HEADER = "customer_id,sample_id,date,cds,dollars"
ROWS, CUSTOMERS, FIRST, LAST, CENTS = 6_919, 2_357, "19970101", "19980630", 24_409_194


def lines_of(wheel):
    """Take the log out of the wheel, one list of five values per purchase, each as it is written there."""
    with zipfile.ZipFile(wheel) as archive:
        text = archive.read(MEMBER).decode("ascii")
    return [line.split() for line in text.splitlines() if line.strip()]


def faults_of(rows):
    """Name every way in which the log differs from the published one."""
    dates = [row[2] for row in rows]
    cents = sum(int(row[4].replace(".", "")) for row in rows if row[4][-3] == ".")
    found = (len(rows), len({row[0] for row in rows}), min(dates), max(dates), cents)
    wanted = (ROWS, CUSTOMERS, FIRST, LAST, CENTS)
    names = ("rows", "customers", "first day", "last day", "cents")
    return [f"{name}: {a}, not {b}" for name, a, b in zip(names, found, wanted, strict=True) if a != b]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("wheel", type=Path, help="path of the wheel of lifetimes 0.11.3")
    wheel = parser.parse_args().wheel
    rows = lines_of(wheel)
    faults = faults_of(rows)
    if faults:
        sys.exit("This is not the published CDNOW log: " + "; ".join(faults))
    HOME.mkdir(parents=True, exist_ok=True)
    text = "\n".join([HEADER, *(",".join(row) for row in rows)]) + "\n"
    (HOME / "cdnow.csv").write_bytes(text.encode("ascii"))
    with zipfile.ZipFile(wheel) as archive:
        (HOME / "LICENSE").write_bytes(archive.read(LICENCE).replace(b"\r\n", b"\n"))
    print(f"wrote {HOME / 'cdnow.csv'}: {len(rows):,} rows")


if __name__ == "__main__":
    main()
