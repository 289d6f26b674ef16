"""Built by tools/build_notebooks.py from exercises/source/exercise_04.py: change it there."""

from rapidfuzz.distance import OSA
from crmlab import lesson, quality


def questions(base):
    """Make the questions of this exercise from the learner's own data."""
    people = base.customers
    normal = quality.normalise(people, locale="hr").table
    person = people["record_id"].map(base.truth["links"].set_index("record_id")["person_id"])
    first_key, last_key = quality.first_name_key(normal["first_name"]), quality.name_key(normal["last_name"])
    known = normal.assign(first=first_key, last=last_key, person=person).dropna(subset=["first", "last", "birth_date"])

    q1 = lesson.Question(
        "4.1",
        expected=4,
        praise="another ending is another name, or a slip: no form. For slips, count the distance.",
        slips={
            1: "that is the Caps Lock key. A fold writes everything small.",
            2: "those are the same letters without their marks. A fold takes the marks off.",
            3: "a machine read the letters in the wrong code page. A fold puts them back.",
        },
        hints=[
            "A fold undoes capitals, marks and what machines spoil. It does not undo what somebody meant or mistyped.",
            'Ask it: `quality.fold(["Kovačić", "KOVAČIĆ"])`, and so on for the others.',
        ],
        reveal='Ask the fold:\n    quality.fold(["Kovačić", "KOVAČIĆ", "Kovacic", "Kovaèiæ", "Kovacec"])',
    )

    last = people["last_name"].astype("str")
    folded = int(quality.fold(last).nunique())
    q2 = lesson.Question(
        "4.2",
        expected=folded,
        praise=f"{folded:,}, where {last.nunique():,} were typed. The rest was the keyboard, not the family.",
        slips=[
            (int(last.nunique()), "those are the names as typed. Bring them to one form first."),
            (int(last.str.lower().nunique()), "that undoes capitals only. Marks and machines are still there."),
            (int(quality.name_key(last).nunique()), "that is the key, which no longer tells d from dj. Asked is the fold."),
        ],
        hints=[
            "Two calls were in the lesson, one a step coarser than the other. Which of them keeps d and dj apart?",
            '`quality.fold(base.customers["last_name"])` gives one text per record; `.nunique()` counts them.',
        ],
        reveal='Fold, then count the different ones:\n    quality.fold(base.customers["last_name"]).nunique()',
    )

    q3 = lesson.Question(
        "4.3",
        expected=1,
        praise="one: two letters traded places. Fold first, then count.",
        slips={
            2: "traded letters are one slip, not two: the fingers came in the wrong order.",
            OSA.distance("Horvatić", "HROVATIC"): "that counts capitals and marks as slips. Fold both before you count.",
            0: "they are not equal after folding. Compare them letter by letter.",
        },
        hints=[
            "First bring both to one form, then count.",
            '`OSA.distance(a, b)` counts; `a, b = quality.fold(["Horvatić", "HROVATIC"])` brings both to one form.',
        ],
        reveal='Fold both, then count:\n    a, b = quality.fold(["Horvatić", "HROVATIC"])\n    slips = OSA.distance(a, b)',
    )

    often = normal["phone"].value_counts()
    typed_often = people["phone"].value_counts()
    q4 = lesson.Question(
        "4.4",
        expected=int((often > 1).sum()),
        praise=f"{(often > 1).sum():,} numbers; as typed, only {(typed_often > 1).sum():,} would have shown. Same person, "
        "or one family? The number alone cannot say.",
        slips=[
            (int((typed_often > 1).sum()), "that compares the numbers as typed. Bring the table to normal forms first."),
            (int(often[often > 1].sum()), "those are the *records* with such a number. Count each number once."),
            (len(often), "those are all different numbers. Keep those that stand on more than one record."),
        ],
        hints=[
            '`quality.normalise(base.customers, locale="hr").table` is the table in normal forms.',
            'On its column `"phone"`, `.value_counts()` counts the records of each number; keep those above one.',
        ],
        reveal="Normal forms, count by number, keep what is above 1:\n"
        '    table = quality.normalise(base.customers, locale="hr").table\n'
        '    numbers = (table["phone"].value_counts() > 1).sum()',
    )

    first = people["first_name"].astype("str")
    ivan = int((quality.first_name_key(first) == "ivan").sum())
    q5 = lesson.Question(
        "4.5",
        expected=ivan,
        praise=f"{ivan}: Ivan, Ivo, Ivica, Ive, with and without Caps Lock. A search for Ivan only misses the rest.",
        slips=[
            (int((first == "Ivan").sum()), "that is Ivan exactly as typed. His short names are asked too."),
            (
                int(first.str.startswith("Iv").sum()),
                "that takes everybody with Iv, Ivana too. Ask for the family of the name.",
            ),
        ],
        hints=[
            "Letters do not help: Ivana begins like Ivan. The lesson had a call that knows short names.",
            'Compare `quality.first_name_key(base.customers["first_name"])` with `"ivan"`, and add up.',
        ],
        reveal="Ask for the family of each first name, then count:\n"
        '    (quality.first_name_key(base.customers["first_name"]) == "ivan").sum()',
    )

    three = ["first", "last", "birth_date"]
    twice = known.duplicated(three, keep=False)
    groups = known[twice].groupby(three)["person"].nunique()
    raw = people.dropna(subset=["first_name", "last_name", "birth_date"])
    as_typed = raw.astype({"first_name": "str", "last_name": "str"})
    q6 = lesson.Question(
        "4.6",
        expected=int(twice.sum()),
        praise=f"{int(twice.sum()):,} records in {len(groups):,} groups; the bank rang them all, and "
        f"{(groups == 1).mean():.0%} of the groups are one person. Three weak fields together are strong.",
        slips=[
            (
                int(as_typed.duplicated(["first_name", "last_name", "birth_date"], keep=False).sum()),
                "that compares what was typed. Use the keys of the names, and the birthday in normal form.",
            ),
            (int(known.duplicated(["first", "last"], keep=False).sum()), "that leaves the birthday out."),
            (int(known.duplicated(three).sum()), "that counts the second ones only. `keep=False` counts all that agree."),
        ],
        hints=[
            "Take the table in normal forms of question four, and give it two more columns: the keys of both names.",
            "Then `.dropna(subset=[...])` and `.duplicated([...], keep=False).sum()`, each with the three columns.",
        ],
        reveal="Two keys as columns, drop the empty, count what is there more than once:\n"
        '    table["first"] = quality.first_name_key(table["first_name"])\n'
        '    table["last"] = quality.name_key(table["last_name"])\n'
        '    three = ["first", "last", "birth_date"]\n'
        "    agreeing = table.dropna(subset=three).duplicated(three, keep=False).sum()",
    )

    every = normal.assign(first=first_key).groupby("phone")["first"].nunique()
    families = int((every > 1).sum())
    q7 = lesson.Decision(
        "4.7",
        choices=["refuse it", "show the other record and ask", "say nothing"],
        figures={
            "numbers on more than one record": int((often > 1).sum()),
            "numbers with more than one first name": families,
            "records agreeing in name and birthday": int(twice.sum()),
            "share of such records": float(twice.mean()),
        },
        praise="you can defend that. What does the caller hear while the agent reads?",
        slips={
            "refuse it": f"{families} numbers stand with more than one first name: families. Whom would you turn away, "
            "and what would the agent type to get on?",
        },
        hints=[
            "Your answer to question four says how often it would happen.",
            "Refusing makes people type 000000; saying nothing makes duplicates. Which figure speaks for you?",
        ],
        reveal=f'One answer that can be defended: "show the other record and ask", because {int((often > 1).sum())} '
        "numbers stand on more than one record already: the agent sees the record in time, and a family gets its second.",
        rubric="2 marks: the figure says how often it happens, and both faults are weighed (a duplicate, a family turned "
        "away). 1 mark: one of the two. Both remaining choices can earn full marks when the reason fits.",
    )

    q8 = lesson.Decision(
        "4.8",
        choices=["join them", "link them as one household", "ask at the next contact"],
        figures={
            "numbers with more than one first name": int((every > 1).sum()),
            "numbers in all": len(often),
            "share of numbers with more than one first name": float((every > 1).mean()),
            "numbers on more than one record": int((often > 1).sum()),
        },
        praise="you can defend that. A wrong join shows one customer the other's account: it is the dearer mistake.",
        slips={
            "join them": "two first names are two people, until one of them says otherwise. After a wrong join, Ana reads "
            "Ivan's statements.",
        },
        hints=[
            'With the keys as columns of the table, `table.groupby("phone")["first"].nunique()` counts by number.',
            "Fields that agree speak for it, a field that differs speaks against it. Which weighs more here?",
        ],
        reveal=f'One answer that can be defended: "link them as one household", because {int((every > 1).sum())} numbers '
        "already stand with more than one first name: the family is served as one, and each keeps an own record.",
        rubric="3 marks: the figure, that a differing first name outweighs what a family shares, and what the customer is "
        "spared. One mark each. Asking first is as good as linking when the reason says who asks, and when.",
    )

    return q1, q2, q3, q4, q5, q6, q7, q8
