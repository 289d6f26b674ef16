"""Built by tools/build_notebooks.py from exercises/source/exercise_04.py: change it there."""

from rapidfuzz.distance import OSA
from crmlab import lesson, quality


def questions(base):
    """Make the questions of this exercise from the learner's own data."""
    people = base.customers
    normal = quality.normalise(people, locale="hr").table
    person = people["record_id"].map(base.truth["links"].set_index("record_id")["person_id"])
    first_key, last_key = quality.first_name_key(normal["first_name"]), quality.name_key(normal["last_name"])
    known = normal.assign(first=first_key, last=last_key, person=person)

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
            "Write `quality.fold` in place of `quality.name_key`, run the cell, and read the line `unique`.",
        ],
        reveal='Fold, and read the line unique:\n    quality.fold(base.customers["last_name"]).describe()',
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
            "`quality.fold([...])` brings both to one form, `OSA.distance(...)` counts: put the two names in the brackets.",
        ],
        reveal='Fold both, and count:\n    OSA.distance(*quality.fold(["Horvatić", "HROVATIC"]))',
    )

    by_phone, as_typed = quality.pairs(known, same="phone"), quality.pairs(people, same="phone")
    often = normal["phone"].value_counts()
    q4 = lesson.Question(
        "4.4",
        expected=len(by_phone),
        praise=f"{len(by_phone):,} pairs; as typed, only {len(as_typed):,} would have shown. Same person, "
        "or one family? The number alone cannot say.",
        slips=[
            (len(as_typed), "that compares the numbers as typed. Take the table in normal forms."),
            (int(often[often > 1].sum()), "those are the *records* with such a number. Asked are pairs of records."),
            (int((often > 1).sum()), "those are the *numbers* on more than one record. Asked are pairs of records."),
        ],
        hints=[
            "`quality.pairs(table, same=...)` puts every two records side by side that share a value; `len` counts them.",
            "Write `normal`, the table in normal forms, in place of `base.customers` in the last line.",
        ],
        reveal='Pairs of the table in normal forms, counted:\n    len(quality.pairs(normal, same="phone"))',
    )

    first = people["first_name"].astype("str")
    ivan = int((quality.first_name_key(first) == "ivan").sum())
    q5 = lesson.Question(
        "4.5",
        expected=ivan,
        praise=f"{ivan}: Ivan, Ivo, Ivica, Ive, with and without Caps Lock. A search for Ivan only misses the rest.",
        slips=[
            (int((first == "Ivan").sum()), "that is Ivan exactly as typed. His short names are asked too."),
            (int((quality.first_name_key(first) == "ana").sum()), "that is the family of Ana. Change the name in quotes."),
            (
                int(first.str.startswith("Iv").sum()),
                "that takes everybody with Iv, Ivana too. Ask for the family of the name.",
            ),
        ],
        hints=[
            "Letters do not help: Ivana begins like Ivan. `quality.first_name_key` knows short names.",
            'A key is written small and without marks: put `"ivan"` in place of `"ana"`.',
        ],
        reveal="Ask for the family of each first name, then count:\n"
        '    (quality.first_name_key(base.customers["first_name"]) == "ivan").sum()',
    )

    by_name = quality.pairs(known, same="last")
    both = quality.points(by_name, {"first": 1, "birth_date": 1})
    is_one = by_name["person_a"] == by_name["person_b"]
    agree = int((both == 2).sum())
    q6 = lesson.Question(
        "4.6",
        expected=agree,
        praise=f"{agree:,} pairs; the bank rang them all, and {is_one[both == 2].mean():.0%} of them are one person. "
        "Three weak fields together are strong.",
        slips=[
            (int((quality.points(by_name, {"first": 1}) >= 1).sum()), "that leaves the birthday out. Give it a point too."),
            (int((both >= 1).sum()), "those agree in *one* of the two. Both are asked: draw the line at 2 points."),
            (len(by_name), "those are all pairs with one key of the last name. Two more fields must agree."),
        ],
        hints=[
            'Points stand in curly brackets: `{"first": 1, ...: 1}`, a comma between them.',
            'With `{"first": 1, "birth_date": 1}`, a pair that agrees in both has 2 points: `points >= 2`.',
        ],
        reveal="A point for each, and a line at 2:\n"
        '    points = quality.points(quality.pairs(normal, same="last"), {"first": 1, "birth_date": 1})\n'
        "    (points >= 2).sum()",
    )

    families = int((quality.points(by_phone, {"first": 1}) == 0).sum())
    q7 = lesson.Decision(
        "4.7",
        choices=["refuse it", "show the other record and ask", "say nothing"],
        figures={
            "pairs of records with one phone number": len(by_phone),
            "such pairs as typed": len(as_typed),
            "pairs with one phone number and two first names": families,
            "pairs agreeing in name and birthday": agree,
        },
        praise="you can defend that. What does the caller hear while the agent reads?",
        slips={
            "refuse it": f"{families} pairs of records with one phone number have two first names: families. Whom would "
            "you turn away, and what would the agent type to get on?",
        },
        hints=[
            "Your answer to question four says how often it would happen.",
            "Refusing makes people type 000000; saying nothing makes duplicates. Which figure speaks for you?",
        ],
        reveal=f'One answer that can be defended: "show the other record and ask", because {len(by_phone):,} '
        "pairs of records share a number already: the agent sees the record in time, and a family gets its second.",
        rubric="2 marks: the figure says how often it happens, and both faults are weighed (a duplicate, a family turned "
        "away). 1 mark: one of the two. Both remaining choices can earn full marks when the reason fits.",
    )

    q8 = lesson.Decision(
        "4.8",
        choices=["join them", "link them as one household", "ask at the next contact"],
        figures={
            "pairs with one phone number and two first names": families,
            "pairs of records with one phone number": len(by_phone),
            "share of them with two first names": families / len(by_phone),
            "pairs agreeing in name and birthday": agree,
        },
        praise="you can defend that. A wrong join shows one customer the other's account: it is the dearer mistake.",
        slips={
            "join them": "two first names are two people, until one of them says otherwise. After a wrong join, Ana reads "
            "Ivan's statements.",
        },
        hints=[
            "The cell above says how many pairs with one phone number have two first names: write that figure out.",
            "Fields that agree speak for it, a field that differs speaks against it. Which weighs more here?",
        ],
        reveal=f'One answer that can be defended: "link them as one household", because {families} pairs with one number '
        "have two first names already: the family is served as one, and each keeps an own record.",
        rubric="3 marks: the figure, that a differing first name outweighs what a family shares, and what the customer is "
        "spared. One mark each. Asking first is as good as linking when the reason says who asks, and when.",
    )

    return q1, q2, q3, q4, q5, q6, q7, q8
