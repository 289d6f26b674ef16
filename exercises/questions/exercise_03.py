"""Built by tools/build_notebooks.py from exercises/source/exercise_03.py: change it there."""

from crmlab import lesson, quality


def questions(base):
    """Make the questions of this exercise from the learner's own data."""
    card = quality.scorecard(base.customers, as_of=base.as_of)
    people = base.customers.set_index("record_id")
    n = len(people)


    def other(expected, *slips):
        """Keep what is wrong on this learner's data, each answer once."""
        kept = {}
        for value, text in slips:
            near = abs(value - expected) < 0.002 if isinstance(value, float) else value == expected
            if not near and str(value) not in kept:
                kept[str(value)] = (value, text)
        return list(kept.values())

    q1 = lesson.Question(
        "3.1",
        expected="completeness",
        praise="completeness: the cell is filled, but empty. Nothing else gives it away.",
        slips={
            "validity": "it is a perfectly valid date. What does it tell you about the customer?",
            "consistency": "it contradicts nothing on the record. What does it tell you about the customer?",
            "timeliness": "it may have been typed this morning. What does it tell you about the customer?",
            "uniqueness": "many records share it, but that is no customer there twice. What does the cell tell you?",
        },
        hints=[
            "The lesson had a name for such cells: filled but …",
            "What is filled but empty counts as empty. Which dimension asks whether something is there?",
        ],
        reveal='What is filled but empty counts as empty:\n    dimension = "completeness"',
    )

    birth = card.columns.loc["birth_date"]
    q2 = lesson.Question(
        "3.2",
        expected=float(birth["completeness"]),
        praise=f"{birth['completeness']:.1%}. Another {birth['says_nothing']:.1%} are filled, and say nothing.",
        slips=other(
            float(birth["completeness"]),
            (float(birth["filled"]), "that is how many are *filled*. Some of those say nothing."),
            (float(1 - birth["completeness"]), "that is the share that is missing. Turn it round."),
            (
                float(birth["says_nothing"]),
                "that is the share that is filled but empty. You want those that say something.",
            ),
            (float(card.dimensions.loc["completeness", "score"]), "that is all columns together. One column is asked."),
        ),
        hints=[
            "The table has one line for each column, and a score in each dimension.",
            "The line is `birth_date`, the dimension `completeness`: it leaves out what is filled but empty.",
        ],
        reveal="Read the line birth_date, under completeness. As a call:\n"
        '    card.columns.loc["birth_date", "completeness"]',
        within=0.0005,
    )

    towns, of_postcode = card.faults(rule="fits_town"), card.faults(column="postcode")
    all_of_it = [(of_postcode, "those are all faults of the postcode. Name the rule in the brackets.")]
    all_of_it = all_of_it if len(of_postcode) > len(towns) else []
    q3 = lesson.Question(
        "3.3",
        expected=towns,
        praise=f"{len(towns)} records of {n:,}. A letter to them may well come back.",
        slips=[
            (len(towns), "that is how many. The list itself is asked: the whole call, without quotes around it."),
            (card.faults(rule="postcode_form"), "those postcodes have the wrong *form*. Asked are those that do not fit."),
            *all_of_it,
        ],
        hints=[
            "`card.faults(...)` lists the cells that break a rule; name the rule in the brackets, in quotes.",
            'The rule stands in the question: `rule="..."`.',
        ],
        reveal='Name the rule in the brackets:\n    wrong_towns = card.faults(rule="fits_town")',
    )

    table = card.by("clerk", rule="capitals")
    surest = int(table.index[0])
    most, least = int(table["faults"].idxmax()), int(table.index[-1])
    in_all = int(card.by("clerk").index[0])
    q4 = lesson.Question(
        "3.4",
        expected=str(surest),  # a name, of which no number is too large
        praise=f"clerk {surest}: {table.loc[surest, 'faults_per_100']:.0f} faults on 100 records, where "
        f"{table.loc[surest, 'usual_per_100']:.0f} are usual. Ask about the keyboard before you ask about the person.",
        slips=other(
            surest,
            (in_all, "that clerk comes first in *all* faults. Name the rule in the brackets."),
            (int(card.by("clerk", rule="spelling").index[0]), "that clerk comes first in another rule. Name this one."),
            (most, "that clerk has most faults in number. Who opens many records has more of everything."),
            (least, "that is the other end of the list."),
        ),
        hints=[
            'The call is `card.by("clerk", rule=...)`, with `"capitals"` for the rule.',
            "The clerks' numbers stand at the left end of the lines. The first line is the surest.",
        ],
        reveal='The number at the left of the first line of:\n    card.by("clerk", rule="capitals")',
    )

    again = int(card.dimensions.loc["uniqueness", "faults"])
    q5 = lesson.Question(
        "3.5",
        expected=2.40 * again,
        praise=f"{again:,} second catalogues, {2.40 * again:,.2f} euros a time. And each of these customers thinks: "
        "they do not know me.",
        slips=other(
            2.40 * again,
            (again, "that is how many catalogues. What do they cost?"),
            (2.40 * n, "that is what all catalogues cost. Only the second ones are asked."),
            (2.40 * (n - again), "that is what the *first* catalogues cost. The second ones are asked."),
            (240 * again, "that is cents. Euros are asked."),
        ),
        hints=[
            "Which dimension asks whether each customer is there once only?",
            "In the line `uniqueness`, under `faults`, stand the records that are there again: multiply by the price.",
        ],
        reveal='Read the faults of uniqueness, then multiply:\n    2.40 * card.dimensions.loc["uniqueness", "faults"]',
        within=0.01,
    )

    typed = {"first_name": "MARKO", "last_name": "Babić", "street": "Vukovarska ulica", "house_number": "7"}
    typed |= {"city": "split", "phone": "+385 21 123 456"}
    wanted = set(quality.EntryStandard.load("hr").check(typed).findings["column"])
    q6 = lesson.Question(
        "3.6",
        expected=wanted,
        praise="one for shouting, one for whispering. The standard offers what to write instead.",
        slips=other(
            wanted,
            (set(typed) - wanted, "those are written as the standard wants them. You want the others."),
            ({"first name", "city"}, "the right ones; write them as the table does, with `_` in place of the blank."),
            ({"first_name"}, "one is missing: look at small letters too."),
            ({"city"}, "one is missing: look at the capitals too."),
            (len(wanted), "that is how many. Their names are asked."),
        ),
        hints=[
            'Go on as the card begins: after `"Babić"` a comma, then `"street": "Vukovarska ulica"`, and so on.',
            'Each line of the answer names a field. Write those names as `["...", "..."]`.',
        ],
        reveal="Let the standard look at the whole card, and write down the fields it names:\n"
        '    standard.check({"first_name": "MARKO", "last_name": "Babić", "street": "Vukovarska ulica",\n'
        '                    "house_number": "7", "city": "split", "phone": "+385 21 123 456"})',
    )

    row = table.loc[surest]
    q7 = lesson.Decision(
        "3.7",
        choices=["publish the list", "talk and look at the form", "check the first ten records together"],
        figures={
            "faults on 100 records": float(row["faults_per_100"]),
            "usual on 100 records": float(row["usual_per_100"]),
            "faults in capitals": int(row["faults"]),
            "records of this clerk": int(row["records"]),
            "clerks who stand out": int(table["stands_out"].sum()),
            "faults in capitals of all clerks": int(table["faults"].sum()),
        },
        praise="you can defend that. How will you see in a month whether it helped?",
        slips={
            "publish the list": f"it stands on {int(row['records'])} records of one person. Shame makes people hide "
            "faults; what you need is that they tell you about the form.",
        },
        hints=[
            "The table of 3.4 has the records, the faults and what is usual, in the first line.",
            "Write the figure out, and say what the clerk gets from it, and what the customer.",
        ],
        reveal=f'One answer that can be defended: "talk and look at the form". {row["faults_per_100"]:.0f} faults on 100 '
        f"records, where {row['usual_per_100']:.0f} are usual, is a habit or a stuck key, and only the one who types can "
        "say which.",
        rubric="2 marks: the figure is held against what is usual, and the reason says how the clerk is helped or the form "
        "is mended. 1 mark: one of the two. Both remaining choices can earn full marks.",
    )

    missing = 1 - float(birth["completeness"])
    empty = len(card.faults(column="birth_date", rule="says_something"))
    q8 = lesson.Decision(
        "3.8",
        choices=["make it compulsory", "ask for it when it gives the customer something", "stop asking for it"],
        figures={
            "share of records with a day of birth": float(birth["completeness"]),
            "share of records without one": missing,
            "records filled but empty": empty,
            "share filled but empty": float(birth["says_nothing"]),
            "records without a day of birth": int(n - round(n * float(birth["filled"]))),
        },
        praise="you can defend that. Say it in one sentence to a customer at the till: does it hold?",
        slips={
            "make it compulsory": f"{empty} records show already what people type when they must. A compulsory field gets "
            "an answer, not the truth.",
        },
        hints=[
            "Your answer to 3.2 says how many gave it; the same line says how many are filled but empty.",
            "What does the shop do with it? What could the customer have from it?",
        ],
        reveal=f'One answer that can be defended: "ask for it when it gives the customer something". {missing:.0%} of '
        "records do without; for a birthday gift people tell it gladly, and then it is true.",
        rubric="2 marks: a figure that fits the choice, and the customer's side (effort, privacy, what they get). 1 mark: "
        "one of the two. Both remaining choices can earn full marks.",
    )

    return q1, q2, q3, q4, q5, q6, q7, q8
