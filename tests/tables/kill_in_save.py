"""Kill a save at every moment it has, and report what a reader finds afterwards.

Run as: python kill_in_save.py FOLDER. Each try is a process of its own that saves one base over
another and is killed (SIGKILL, nothing can be tidied) at the n-th moment: each line of the code
that writes and each call it makes to the disk. Prints one JSON line: what was found after each kill.
"""

import json
import os
import signal
import sys
from pathlib import Path

import pandas as pd
import pyarrow as pa

from crmlab.tables import CustomerBase, files


def base_of(n):
    """Make a base that is told from another by its number of records."""
    record_id = range(1, n + 1)
    customers = pd.DataFrame({"record_id": record_id, "city": ["Šibenik"] * n})
    truth = {"persons": pd.DataFrame({"person_id": record_id})}
    return CustomerBase({"customers": customers}, name="shop", about={"seed": n}, truth=truth)


def save_and_die(base, folder, moment):
    """Save in a child process that is killed at a moment; tell whether it lived to the end."""
    child = os.fork()
    if child == 0:
        left = [moment]

        def tick(*_):
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

        def trace(frame, event, arg):
            if frame.f_code.co_filename != files.__file__:
                return None
            tick()
            return trace

        sys.addaudithook(lambda event, _: tick() if event.startswith(("os.", "shutil.", "open")) else None)
        sys.settrace(trace)
        base.save(folder)
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


def found_in(folder):
    """Say which base a reader finds, whole, or why there is none."""
    try:
        base = CustomerBase.load(folder)
        return len(base.check().customers) if len(base.truth.persons) == len(base.customers) else "half"
    except Exception as error:  # whatever it is, the caller is told
        return f"{type(error).__name__}: {error}"


def every_moment(folder_of, old, step=1):
    """Kill at the first moment, the second, … until a save lives; now and then see what the next save leaves."""
    for moment in range(1, 10_000, step):
        folder = folder_of(moment)
        lived = save_and_die(base_of(3), folder, moment)
        found, left = found_in(folder), None
        if found == 3 or moment % 10 == 0:
            base_of(old).save(folder)
            left = sorted(path.name for path in folder.parent.iterdir())
        yield lived, found, left
        if lived:
            return


def main(home):
    pa.set_cpu_count(1)
    over = base_of(2).save(home / "over" / "base")
    tries = {
        "new": list(every_moment(lambda moment: home / f"new{moment}" / "base", 2, step=3)),
        "over": list(every_moment(lambda moment: over, 2)),
    }
    sys.stdout.write(json.dumps(tries))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
