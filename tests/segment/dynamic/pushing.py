"""A process that pushes events into a live engine and says what it did; it is killed while it does so."""

import os
import random
import sys

from crmlab.segment import dynamic
from crmlab.segment.dynamic import count, did, total

T, HOUR = 1_740_787_200_000_000, 3_600_000_000
N_EVENTS = 4_000


def rules():
    """Windows, sums and silence at once."""
    spent = total("purchase", "amount_cents").within("9h") >= 500
    return dynamic.Segments(
        {
            "waits": did("complaint").without("reply", within="3h", same="case").within("6h"),
            "spends": spent & ~did("reply").after("complaint"),
            "comes often": count("purchase").between("20h", "2h") >= 3,
        }
    )


def events():
    """Always the same ones: in order of time but for a few, some of them twice."""
    dice = random.Random(5)
    found = []
    for place in range(N_EVENTS):
        found.append(
            {
                "customer_id": dice.randrange(30),
                "ts": T + place * HOUR // 20 - dice.randrange(HOUR),
                "seq": place % 3,
                "type": dice.choice(["complaint", "reply", "purchase", "visit"]),
                "amount_cents": dice.randrange(-100, 300),
                "case": dice.randrange(5),
            }
        )
        if dice.random() < 0.05:
            found.append(dice.choice(found[-20:]))
    return found


def main(folder):
    """Go on where the last process was, and say after every push which changes it made."""
    again = os.path.isdir(folder)
    engine = dynamic.restore(folder) if again else rules().live(folder=folder, lateness="90min")
    done = sum(engine.counts[name] for name in ("accepted", "late", "duplicates", "waiting"))
    os.write(1, f"at {done}\n".encode())
    for place, event in enumerate(events()[done:], start=done):
        changes = engine.push(event)
        numbers = " ".join(str(change.number) for change in changes)
        os.write(1, f"done {place} {numbers}\n".encode())
        if place % 700 == 699:
            engine.snapshot()


if __name__ == "__main__":
    main(sys.argv[1])
