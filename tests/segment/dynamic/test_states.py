"""The states of the customers: as a dict holds them, whatever the ids are."""

from hypothesis import given, settings
from hypothesis import strategies as st

from crmlab.segment.dynamic.states import States
from tests.segment.dynamic.test_live_engine import SETTINGS

small, any_id = st.integers(-3, 40), st.integers(-(10**18), 10**18) | st.text(max_size=2) | st.integers(0, 3_000)
doings = st.lists(st.tuples(st.sampled_from(["keep", "keep", "drop", "get"]), small | any_id), max_size=80)


@settings(max_examples=400, **SETTINGS)
@given(doings=doings, many=st.sampled_from([0, 1, 300, 2_000]))
def test_it_is_as_a_dict(doings, many):
    states, plain = States(), {}
    for customer in range(5, many):
        states[customer] = plain[customer] = customer
    near, far = states.near, states.far
    for place, (what, customer) in enumerate(doings):
        if what == "keep":
            states[customer] = plain[customer] = (place,)
        elif what == "drop" and customer in plain:
            del states[customer], plain[customer]
        assert (customer in states) is (customer in plain)
        assert states.get(customer) == plain.get(customer) and states.get(customer, 7) == plain.get(customer, 7)
    assert dict(states.items()) == plain and len(states) == len(plain)
    assert states.near is near and states.far is far and states.end == len(near)  # who holds them may go on


def test_ids_without_gaps_are_near_and_the_row_follows_how_many_there_are_and_not_how_large_they_are():
    states = States()
    for customer in range(10_000):
        states[customer] = customer
    assert not states.far
    begun = States()
    for customer in range(100_000):  # new ones come for ever, and old ones go
        begun[customer] = customer
        if customer >= 100:
            del begun[customer - 100]
    assert len(begun) == 100 and begun.end < 5_000


def test_a_run_of_far_ids_is_moved_near_when_there_are_enough():
    states = States()
    for customer in range(20_000, 60_000):
        states[customer] = customer
    assert not states.far and states[20_000] == 20_000 and len(states) == 40_000
