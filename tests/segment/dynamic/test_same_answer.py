"""Random rules over logs full of ties: every engine gives the intervals that the definition gives."""

import pytest
from hypothesis import HealthCheck, given, settings

from tests.segment.dynamic.engines import ENGINES, by_definition
from tests.segment.dynamic.random_rules import ends, logs, rules, traits


@pytest.mark.parametrize("engine", sorted(ENGINES))
@settings(max_examples=600, deadline=None, suppress_health_check=list(HealthCheck), database=None, derandomize=True)
@given(rule=rules, log=logs, known=traits, until=ends)
def test_an_engine_gives_the_intervals_of_the_definition(engine, rule, log, known, until):
    assert ENGINES[engine](rule, log, known, until) == by_definition(rule, log, known, until)
