"""Built by tools/build_notebooks.py from exercises/source/exercise_05.py: change it there."""

from crmlab import dedupe, lesson, quality


def questions(base):
    """Make the questions of this exercise from the learner's own data."""
    records, links = base.customers, base.truth["links"]
    true = dedupe.pairs_sharing(links, "person_id")


    def share_kept(pairs):
        return len(pairs.intersection(true)) / len(true)

    q1 = lesson.Question(
        "5.1",
        expected=499_500,
        praise="1,000 × 999 ÷ 2. Twice the records, four times the pairs: that is why keys are needed.",
        slips={
            1_000_000: "that counts each record with itself too, and every pair twice.",
            999_000: "that counts every pair twice: A with B, and B with A.",
            500_000: "nearly: nobody meets themselves. Each record meets 999 others.",
            1_000: "that is the number of records. Each meets 999 others.",
        },
        hints=["Each of the 1,000 records meets 999 others.", "Every meeting is then counted twice."],
        reveal="Each meets 999 others, and every meeting was counted twice:\n    1_000 * 999 / 2",
    )

    narrow = dedupe.pairs_sharing(records, "last_name", "city")
    alone = {column: share_kept(dedupe.pairs_sharing(records, column)) for column in ("last_name", "city")}
    kept = share_kept(narrow)
    seen = len(narrow.intersection(true))
    q2 = lesson.Question(
        "5.2",
        expected=kept,
        praise=f"so {1 - kept:.0%} of all duplicates are lost before anything is compared, and no report says so.",
        slips=[
            (1 - kept, "that is the share it loses. Asked is what it keeps."),
            (seen / len(narrow), "that is the share of the pairs *looked at* that are true. Divide by all true pairs."),
            (alone["last_name"], "that is `last_name` alone. Both must be the same."),
            (alone["city"], "that is `city` alone. Both must be the same."),
            (seen, "that is how many. Divide by the number of true pairs."),
        ],
        hints=[
            '`dedupe.pairs_sharing(base.truth["links"], "person_id")` lists the true pairs.',
            "`pairs.intersection(true)` is what two lists of pairs have in common; `len` counts it.",
        ],
        reveal="List the true pairs and those of the key, and count what they have in common:\n"
        '    true = dedupe.pairs_sharing(base.truth["links"], "person_id")\n'
        '    narrow = dedupe.pairs_sharing(base.customers, "last_name", "city")\n'
        "    kept = len(narrow.intersection(true)) / len(true)",
    )

    keyed = records.assign(surname=quality.name_key(records["last_name"]), name=quality.name_key(records["first_name"]))
    by_name, by_email = dedupe.pairs_sharing(keyed, "surname", "name"), dedupe.pairs_sharing(keyed, "email")
    either = share_kept(by_name.union(by_email))
    q3 = lesson.Question(
        "5.3",
        expected=either,
        praise=f"{either:.0%} instead of {kept:.0%}, for {len(by_name.union(by_email)):,} pairs: keys help each other.",
        slips=[
            (
                share_kept(by_name.intersection(by_email)),
                "that asks for both keys at once. Either is enough: `union`.",
            ),
            (share_kept(by_name), "that is the name key alone. Unite it with the pairs of the e-mail address."),
            (share_kept(by_email), "that is the e-mail address alone. Unite it with the pairs of the name key."),
            (
                share_kept(by_name) + share_kept(by_email),
                "many pairs share both, and you count them twice. Unite the two lists first.",
            ),
        ],
        hints=[
            "`quality.name_key` makes a key of a column of names; the lesson puts two such columns beside the others.",
            "`one.union(other)` unites two lists of pairs. Only then keep the true ones.",
        ],
        reveal="Two lists, united, and what they have in common with the true pairs:\n"
        '    surname, name = (quality.name_key(base.customers[column]) for column in ("last_name", "first_name"))\n'
        "    keyed = base.customers.assign(surname=surname, name=name)\n"
        '    by_name = dedupe.pairs_sharing(keyed, "surname", "name")\n'
        '    united = by_name.union(dedupe.pairs_sharing(keyed, "email"))\n'
        "    kept_by_either = len(united.intersection(true)) / len(true)",
    )

    q4 = lesson.Question(
        "5.4",
        expected=-14 + 10 + 14 - 2,
        praise="−14 + 10 + 14 − 2. Odds of 2 to the power of that, 256 to 1: a probability of 99.6 %.",
        slips={
            22: "you begin at 0. The odds before anything is compared come first, and count below 0.",
            10: "the city differs, and that speaks against: (1−m) ÷ (1−u) is below 1, so its bits are below 0.",
            12: "the city differs: its bits are taken away, not added.",
            9: "nearly: a city differs in one eighth of the pairs of one person, and in one half of the others.",
            256: "those are the odds. Asked is the sum before it, in bits: 2 to which power?",
            0.996: "that is the probability. Asked is the sum before it, in bits.",
        },
        hints=[
            "Four parts: the start, two fields that agree (m ÷ u), one that differs ((1−m) ÷ (1−u)).",
            "Each part is a power of 2: how often must 1 be doubled, or halved, to make it? Then add the four.",
        ],
        reveal="Start −14. Surname: (7/8) ÷ (7/8,192) = 1,024, 10 bits. Birth date: (3/4) ÷ (3/65,536) = 16,384, 14 bits.\n"
        "City: (1/8) ÷ (1/2) = 1/4, −2 bits. Together:\n    -14 + 10 + 14 - 2",
    )

    found = dedupe.find(records.drop(columns=["oib", "iban", "birth_date"]), locale="hr")
    probability = found.pairs["probability"]
    merged = int((probability >= 0.99).sum())


    def n_customers(threshold):
        return int(dedupe.cluster(records["record_id"], found.pairs, threshold=threshold).customer_id.nunique())


    right = n_customers(0.99)
    usual = [
        (n_customers(0.5), "that is from 0.5 on, as if both mistakes cost the same."),
        (n_customers(0.01), "that is from 0.01 on: the costs are the wrong way round."),
        (merged, "that is how many pairs are merged. How many customers are left then?"),
        (len(records), "those are the records. Join them first."),
        (0.99, "that is the threshold. Use it: join the records with it, and count the customers."),
    ]
    q5 = lesson.Question(
        "5.5",
        expected=right,
        praise=f"{right:,} customers, joined from 990 ÷ (990 + 10) = 0.99 on. Were both mistakes as dear, it would be 0.5.",
        slips=[(value, text) for value, text in usual if value != right],
        hints=[
            'First `found = dedupe.find(base.customers.drop(columns=["oib", "iban", "birth_date"]), locale="hr")`. Then '
            "`found.threshold(cost_false_merge=..., cost_missed=...).value` is the probability from which merging pays.",
            '`dedupe.cluster(base.customers["record_id"], found.pairs, threshold=...)` joins; its first sentence counts.',
        ],
        reveal="Find, ask for the threshold, then join with it and read how many customers there are:\n"
        '    found = dedupe.find(base.customers.drop(columns=["oib", "iban", "birth_date"]), locale="hr")\n'
        "    threshold = found.threshold(cost_false_merge=990, cost_missed=10).value\n"
        '    dedupe.cluster(base.customers["record_id"], found.pairs, threshold=threshold)',
    )

    steps = dedupe.evaluate(found, links).steps
    linked, compared = steps.loc["linked"], steps.loc["compared"]
    missed = int(linked["missed"])
    q6 = lesson.Question(
        "5.6",
        expected=missed,
        praise=f"{missed} of {len(true)} true pairs: {int(compared['missed'])} never compared, the rest below 0.5.",
        slips={  # where nothing is missed, what was found is all there is: one message for both
            int(linked["right"]): "that is how many it *found*. Asked is how many it missed.",
            float(linked["recall"]): "that is the share it found. Asked is the number of pairs it missed.",
            len(true): "that is all true pairs. How many of them have no link?",
        },
        hints=[
            "`dedupe.evaluate` counts each step against the truth; the lesson ends with it.",
            'Its `.steps` is a table: row `"linked"`, column `"missed"`.',
        ],
        reveal="Evaluate against the truth, and read the line of the links:\n"
        '    steps = dedupe.evaluate(found, base.truth["links"]).steps\n'
        '    missed = steps.loc["linked", "missed"]',
    )

    sure, doubtful = merged, int(((probability >= 0.5) & (probability < 0.99)).sum())
    q7 = lesson.Decision(
        "5.7",
        choices=["merge from 0.5 on", "merge the sure ones, people look at the rest", "merge nothing"],
        figures={
            "pairs from 0.99 on": sure,
            "pairs between 0.5 and 0.99": doubtful,
            "pairs from 0.5 on": sure + doubtful,
            "true pairs missed": missed,
        },
        praise="you can defend that. What does the customer see, and whom do they tell when it was wrong?",
        slips={
            "merge from 0.5 on": "at 0.5 a merge is a coin toss, and the mistake shows a customer a stranger's bill. "
            "Here a false merge costs far more than a missed one.",
        },
        hints=[
            '`found.pairs["probability"].between(0.5, 0.99).sum()` counts the doubtful pairs.',
            "How long does a person need for one pair? Minutes; times how many?",
        ],
        reveal='One answer that can be defended: "merge the sure ones, people look at the rest": '
        f"{sure} pairs are as good as sure, and {doubtful} between 0.5 and 0.99 are little work for somebody who "
        "knows the customers.",
        rubric="3 marks: the cost of a false merge is named, a figure sizes the work or the risk, and the customer's way "
        "to object is thought of. One mark each. Merging nothing can be defended when the reason says what it costs.",
    )

    by_number = share_kept(dedupe.pairs_sharing(records, "oib"))
    recall = float(steps.loc["linked", "recall"])
    q8 = lesson.Decision(
        "5.8",
        choices=["use it for everything", "ask the data-protection officer first", "do without it"],
        figures={
            "share of true pairs with the same oib": by_number,
            "share of true pairs found without it": recall,
            "true pairs missed without it": missed,
            "true pairs": len(true),
        },
        praise="you can defend that. Customers gave each piece of data for a purpose; know it before you use it.",
        slips={
            "use it for everything": "it was given for contracts. Whoever uses it for something else needs a reason the "
            "customer would accept, and a law that allows it.",
        },
        hints=[
            '`dedupe.pairs_sharing(base.customers, "oib").intersection(true)` are the true pairs the number would find.',
            "Hold that share against what `dedupe.find` reached without it: what would be gained?",
        ],
        reveal=f'One answer that can be defended: "do without it". The number alone finds {by_number:.0%} of the true '
        f"pairs, without it {recall:.0%} are found; what is gained does not outweigh a use that nobody agreed to.",
        rubric="2 marks: the gain is stated as a figure, and the purpose the number was given for is weighed against it. "
        "1 mark: one of the two. Both remaining choices can earn full marks.",
    )

    return q1, q2, q3, q4, q5, q6, q7, q8
