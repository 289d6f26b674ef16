"""Built by tools/build_notebooks.py from exercises/source/exercise_06.py: change it there."""

from crmlab import dedupe, lesson, quality, value


def questions(base):
    """Make the questions of this exercise from the learner's own data."""
    people = base.truth["links"].set_index("record_id")["person_id"]
    golden = dedupe.merge(base.customers, people)
    n_records, n_customers = len(base.customers), len(golden.customers)
    each = golden.customer_id.value_counts()
    n_several = int((each > 1).sum())
    largest = int(each.index[each == each.max()].min())

    q1 = lesson.Question(
        "6.1",
        expected=1,
        praise="linked through B they are one: what is connected is one customer. That is why one wrong link can do harm.",
        slips={
            2: "links carry on: if A is B and B is C, can C be somebody else?",
            3: "records are not customers. A and B are linked, so these two at least are one.",
        },
        hints=[
            "Draw three dots and a line for each link.",
            "Records that hang together, directly or through others, are a cluster.",
        ],
        reveal="A and B are the same person, B and C are the same person; so all three are. To see it, give two links to\n"
        "    dedupe.cluster(['A', 'B', 'C'], pairs)",
    )

    q2 = lesson.Question(
        "6.2",
        expected=n_customers,
        praise=f"{n_records:,} records were {n_customers:,} customers; {n_several} of them had more than one.",
        slips=[
            (n_records, "those are the records. Customers are what they became."),
            (n_records - n_customers, "those are the records kept behind. How many customers remain?"),
            (n_several, "those are the customers with *several* records. All customers are asked."),
        ],
        hints=[
            "The first sentence under the cell has three numbers: what each of them counts stands behind it.",
            "Records *became* customers: the number after that word.",
        ],
        reveal="The second number of the first sentence. As a call:\n    len(merged.customers)",
    )

    whose = golden.provenance(largest).set_index("column")["record_id"]
    last, first = (int(whose[column]) for column in ("updated_at", "created_at"))
    opened = [(first, "that is the record opened first. Look at the line `updated_at`.")] if first != last else []
    q3 = lesson.Question(
        "6.3",
        expected=last,
        praise="every field has its record. Whoever can say that is believed.",
        slips=[
            (largest, "that is the customer. Asked is the *record* the field came from."),
            (int(each.max()), "that is how many records the customer has. Asked is the number of one of them."),
            *opened,
        ],
        hints=[
            "The table has one line for each field. Go down to the one that is asked.",
            "In the line `updated_at`, the column `record_id` says which record the value came from.",
        ],
        reveal="Read the line updated_at, under record_id:\n    merged.provenance(largest)",
    )

    n_undone = len(golden.undo(largest).customers)
    q4 = lesson.Question(
        "6.4",
        expected=n_undone,
        praise=f"its {each.max()} records stand alone again, and no other customer was touched.",
        slips=[
            (n_customers, "that is as before. Read the sentence that `merged.undo(...)` gives."),
            (n_customers - 1, "undoing makes customers, it does not take them away."),
            (n_records, "that undoes *every* merge. Asked is this one."),
        ],
        hints=[
            "`merged.undo(...)` takes the number of the customer; 6.3 has called it `largest`.",
            "Run `merged.undo(largest)`, and read the first sentence.",
        ],
        reveal="Undo, and read the first sentence:\n    merged.undo(largest)",
    )

    one = golden.apply(base)
    by_record = value.rfm(base.transactions, as_of=base.as_of)
    by_customer = value.rfm(one.transactions, as_of=base.as_of)
    means = by_record["frequency"].mean(), by_customer["frequency"].mean()
    q5 = lesson.Question(
        "6.5",
        expected=means[1],
        within=0.006,
        praise=f"by record it was {means[0]:.2f}. Nobody bought more; it was written in several places.",
        slips=[
            (means[0], "that is by *record*, the shop as it was. Describe `after` in place of `before`."),
            (len(by_customer), "that is how many customers bought. Asked is the mean of their purchases."),
            (by_customer["monetary_cents"].mean(), "that is the mean of the money, in cents. Take `frequency`."),
        ],
        hints=[
            "The last line of the cell describes the records: put `after` in place of `before`.",
            "The line `mean`, under `frequency`.",
        ],
        reveal='Describe the customers, and read the mean of frequency:\n    after[["frequency"]].describe()',
    )

    whose = golden.customer_id.loc[by_record.index]
    split = whose.value_counts().loc[lambda n: n > 1].index
    whole = int(by_customer.loc[split, "monetary_cents"].sum())
    best = int(by_record["monetary_cents"].groupby(whose).max().loc[split].sum())
    q6 = lesson.Question(
        "6.6",
        expected=1 - best / whole,
        within=0.006,
        praise=f"{1 - best / whole:.0%} of what they bring was hidden: {(whole - best) / 100:,.0f} euros.",
        slips=[
            (whole / best - 1, "that is held against the best records. Asked is the share of the *whole*, which is more."),
            (best / whole, "that is the share the best records *show*. Asked is what is missed."),
            (100 * (1 - best / whole), "that is a percentage. Write a share from 0 to 1."),
        ],
        hints=[
            "Say the best records show 100 euros. How many euros do the customers bring, by the title?",
            "What lies above the 100 euros is missed: divide it by all the euros they bring.",
        ],
        reveal="If the best records show 100 euros and the customers bring 100 + x, then x / (100 + x) is missed.\n"
        "The title says x: so many percent more.",
    )

    said = base.customers.set_index("record_id")["consent_email"].groupby(people)
    n_may = len(quality.select(golden.customers, purpose="email").customers)
    n_yes, n_torn = int(golden.customers["consent_email"].sum()), int((said.min() != said.max()).sum())
    q7 = lesson.Decision(
        "6.7",
        choices=[
            "write, one record says yes",
            "do not write, ask at the next contact",
            "take the newest answer, and say so to the customer",
        ],
        figures={
            "customers who may be written to": n_may,
            "customers who said yes in all their records": n_yes,
            "share of customers who said yes": n_yes / n_customers,
            "customers": n_customers,
            "customers with several records": n_several,
            "customers whose records do not agree": n_torn,
            "records": n_records,
        },
        praise="you can defend that. Write it down as the rule of the house, so that everybody does the same.",
        slips={
            "write, one record says yes": f"and another says no. {n_yes:,} customers said yes without an if: is a letter "
            "more worth the trust of one who said no?",
        },
        hints=[
            "Think of the customer who said no at the counter last month.",
            "Write the figure out, and say what the customer gets from your rule.",
        ],
        reveal=f'One answer that can be defended: "do not write, ask at the next contact", because {n_yes:,} customers may '
        "be written to without doubt; losing a few letters costs little, a broken promise costs the customer.",
        rubric="2 marks: the choice protects the customer who said no, and a figure shows what it costs (few are torn, "
        "many said yes). 1 mark: one of the two. The newest answer earns full marks when the date of the answer is known.",
    )

    q8 = lesson.Decision(
        "6.8",
        choices=[
            "open a new record, merging is for later",
            "always take the first one named",
            "ask one more thing, then add to the record there is",
        ],
        figures={
            "records kept behind": n_records - n_customers,
            "customers with several records": n_several,
            "share of customers with several records": n_several / n_customers,
            "records": n_records,
            "customers": n_customers,
            "share of their value that was hidden": 1 - best / whole,
            "purchases by customer": means[1],
            "purchases by record": means[0],
        },
        praise="you can defend that. Which one thing would you ask, and what does the caller have from it?",
        slips={
            "open a new record, merging is for later": f"that is how {n_records - n_customers} records too many came to be "
            "in this shop. Later costs a search, a merge, and sometimes an undo.",
            "always take the first one named": "then two people with one name end up in one record, and one hears of the "
            "other's purchases. One question tells them apart.",
        },
        hints=[
            "A missed duplicate and a wrong merge do not cost the same.",
            "6.2 says how many records too many there are; 6.6 what they hid.",
        ],
        reveal='The answer that can be defended: "ask one more thing, then add to the record there is": '
        f"{n_records - n_customers} records too many hid a good part of what customers bring; one question at the desk "
        "costs seconds, and the caller need not tell everything again.",
        rubric="2 marks: names what each mistake costs (a missed duplicate, a wrong merge) and a figure that fits. 1 mark: "
        "one of the two.",
    )

    return q1, q2, q3, q4, q5, q6, q7, q8
