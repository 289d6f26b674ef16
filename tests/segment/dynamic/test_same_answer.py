"""Random rules over logs full of ties: every engine gives the intervals that the definition gives."""

from collections import Counter

from hypothesis import HealthCheck, given, seed, settings

from tests.segment.dynamic.engines import ENGINES, by_definition
from tests.segment.dynamic.random_rules import ends, logs, sets_of_rules, traits

SEEN = Counter()
# Engines would agree on nothing, too: draws go on until all that can happen has happened many times.
LEAST = {"rules": 500, "intervals": 500, "of no length": 10}
LEAST |= dict.fromkeys(("left by event", "left by clock", "left by None", "entered by event", "entered by clock"), 50)
MOST_ROUNDS = 6


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(segments=sets_of_rules(), log=logs, known=traits, until=ends)
def same_answer(segments, log, known, until):
    meant = by_definition(segments, log, known, until)
    SEEN.update(rules=len(segments), intervals=len(meant))
    SEEN.update(f"left by {reason}" for *_, reason in meant)
    SEEN.update(f"entered by {by}" for *_, by, _ in meant)
    SEEN["of no length"] += sum(entered == left for _, _, entered, left, _, _ in meant)
    for name, engine in ENGINES.items():
        assert engine(segments, log, known, until) == meant, name


def test_every_engine_gives_the_intervals_of_the_definition_for_500_random_rules():
    SEEN.clear()
    for number in range(MOST_ROUNDS):
        seed(number)(same_answer)()
        short = {what: SEEN[what] for what, least in LEAST.items() if SEEN[what] < least}
        if not short:
            break
    assert not short, SEEN
