"""Random rules over random logs that are full of ties, for hypothesis."""

from math import prod

from hypothesis import strategies as st

from crmlab.segment.dynamic import (
    Segments,
    average,
    count,
    did,
    first,
    highest,
    lowest,
    member,
    prop,
    regularly,
    resumed,
    stopped,
    total,
    trait,
)

START = 1_740_787_200_000_000  # 2025-03-01 in UTC
HOUR = 3_600_000_000
TYPES = ("complaint", "reply", "purchase")
WORDS = ("web", "škola", "o'r")
ZONES = ("UTC", "Europe/Zagreb", "America/New_York")

hours = st.integers(1, 6).map("{}h".format)
types_ = st.sampled_from(TYPES)


def compared(thing, value):
    """One of the six comparisons."""
    made = {
        "==": lambda: thing == value,
        "!=": lambda: thing != value,
        "<": lambda: thing < value,
        "<=": lambda: thing <= value,
        ">": lambda: thing > value,
        ">=": lambda: thing >= value,
    }
    return st.sampled_from(sorted(made)).map(lambda op: made[op]())


conditions = st.one_of(
    st.integers(-2, 3).flatmap(lambda value: compared(prop("x"), value)),
    st.sampled_from(WORDS).map(lambda word: prop("word") == word),
    st.sampled_from(WORDS).map(lambda word: prop("word") != word),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=2).map(lambda words: prop("word").isin(words)),
    st.booleans().map(lambda flag: prop("flag") == flag),
)
where = st.lists(conditions, max_size=2)
# Mostly none: what always holds or never does shows no difference.
where_or_none = st.one_of(st.just([]), st.just([]), where)


@st.composite
def windowed(draw, thing):
    """The thing with a moving window, a period, both, or none."""
    kind = draw(st.sampled_from(["within", "within", "between", "before", "ever"]))
    if kind == "within":
        thing = thing.within(draw(hours))
    elif kind == "before":
        thing = thing.before(draw(hours))
    elif kind == "between":
        newer = draw(st.integers(1, 4))
        thing = thing.between(f"{newer + draw(st.integers(1, 4))}h", f"{newer}h")
    if draw(st.integers(0, 5)) == 0:
        start = draw(st.integers(0, 8))
        end = start + draw(st.integers(1, 6))
        thing = thing.during(f"2025-03-01 {start:02}:00", f"2025-03-01 {end:02}:00", tz=draw(st.sampled_from(ZONES)))
    return thing


@st.composite
def sequences(draw, begin):
    """A then B, or A and no B, for did and for count."""
    start = begin(draw(types_), *draw(where_or_none))
    join = start.then if draw(st.booleans()) else start.without
    same = draw(st.sampled_from([None, None, "case", "word"]))
    return join(draw(types_), *draw(where_or_none), within=draw(hours), same=same)


@st.composite
def statements(draw):
    """One statement that stands by itself."""
    # Sequences and sums have the most ways to go wrong.
    kind = draw(st.sampled_from([0, 1, 2, 3, 4, 4, 4, 5, 6, 7, 7, 8, 9, 10, 11, 11, 11]))
    event, narrowed = draw(types_), draw(where_or_none)
    if kind <= 1:
        return draw(windowed(did(event, *narrowed)))
    if kind == 2:
        return draw(windowed(first(event, *narrowed)))
    if kind == 3:
        return draw(windowed(resumed(event, *narrowed, after=draw(hours))))
    if kind == 4:
        return draw(windowed(draw(sequences(did))))
    if kind == 5:
        return draw(windowed(did(event, *narrowed).after(draw(types_), *draw(where_or_none))))
    if kind == 6:
        return draw(compared(draw(windowed(count(event, *narrowed))), draw(st.integers(-1, 3))))
    if kind == 7:
        return draw(compared(draw(windowed(draw(sequences(count)))), draw(st.integers(0, 3))))
    if kind == 8:
        of = draw(st.integers(1, 4))
        return regularly(event, draw(st.integers(1, of)), *narrowed, of=of, every=draw(hours))
    if kind == 9:
        return stopped(event, *narrowed, after=draw(hours))
    if kind == 10:
        if draw(st.booleans()):
            return draw(compared(trait("age"), draw(st.integers(29, 32))))
        return trait("city").isin(draw(st.lists(st.sampled_from(["Split", "Zadar"]), min_size=1, max_size=2)))
    measure = draw(st.sampled_from([total, lowest, highest, average]))
    return draw(compared(draw(windowed(measure(event, "x", *narrowed))), draw(st.integers(-3, 4))))


def joined(parts):
    """Two rules by and or by or, or one turned round."""
    return st.one_of(
        parts.map(lambda rule: ~rule),
        st.tuples(parts, parts).map(lambda two: two[0] & two[1]),
        st.tuples(parts, parts).map(lambda two: two[0] | two[1]),
    )


rules = st.recursive(statements(), joined, max_leaves=4)


@st.composite
def sets_of_rules(draw):
    """A few rules at once; some ask for membership in one before."""
    n = draw(st.integers(1, 5))
    drawn = draw(st.lists(rules, min_size=n, max_size=n))
    named = {}
    for place, rule in enumerate(drawn):
        if named and draw(st.integers(0, 3)) == 0:
            other = member(draw(st.sampled_from(sorted(named))))
            rule = rule & other if draw(st.booleans()) else ~other | rule
        named[f"rule {place}"] = rule
    return Segments(named)


CHOICES = {
    "type": (*TYPES, *TYPES, "visit"),
    "ts": tuple(START + hour * HOUR for hour in (0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 13)),
    "x": (None, 0, 1, 2, 3, -2),
    "case": (1, 2, None),
    "word": (*WORDS, None),
    "flag": (True, False, None),
    "customer_id": (1, 2, 3),
}
MOST = prod(map(len, CHOICES.values()))


def event(number):
    """One number stands for one event: so hypothesis has little to draw, and much to shrink."""
    found = {}
    for name, choices in CHOICES.items():
        number, place = divmod(number, len(choices))
        found[name] = choices[place]
    return found


def numbered(happened):
    """Give the events of one instant their order."""
    seen = {}
    for event in happened:
        key = event["customer_id"], event["ts"]
        event["seq"] = seen[key] = seen.get(key, -1) + 1
    return happened


def _many(n):
    return st.lists(st.integers(0, MOST - 1).map(event), min_size=n, max_size=n)


logs = st.integers(1, 40).flatmap(_many).map(numbered)
traits = st.dictionaries(
    st.integers(1, 4),
    st.fixed_dictionaries(
        {
            "city": st.one_of(st.none(), st.sampled_from(["Split", "Zadar", "Pula"])),
            "age": st.one_of(st.none(), st.integers(29, 32)),
        }
    ),
)
# Mostly the log's own end; else an instant inside the log or after it, so that the clock runs on.
ends = st.one_of(st.none(), st.none(), st.integers(3, 30).map(lambda hour: START + hour * HOUR))
