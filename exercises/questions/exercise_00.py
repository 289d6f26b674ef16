"""Built by tools/build_notebooks.py from exercises/source/exercise_00.py: change it there."""

from crmlab import lesson


def questions(base):
    """Make the questions of this exercise from the learner's own data."""
    purchases, people = base.transactions, base.customers

    q1 = lesson.Question(
        "0.1",
        expected=len(purchases),
        praise=f"{len(purchases):,} purchases, one row each.",
        slips=[
            (len(people), "that counts the customers. The purchases are in `base.transactions`."),
            (len(base.touchpoints), "that counts contacts of every kind. A visit is no purchase yet."),
            (purchases.shape[1], "that counts the columns. One row is one purchase."),
        ],
        hints=["Which table holds one row per purchase?", "`len(...)` counts the rows of the table you put inside."],
        reveal="One row is one purchase, so count the rows:\n    purchases = len(base.transactions)",
    )

    last = purchases["ts"].max().normalize()
    q2 = lesson.Question(
        "0.2",
        expected=last,
        praise=f"{last:%Y-%m-%d}: as far as the log reaches. Always know this before you say that somebody is silent.",
        slips=[
            (purchases["ts"].min().normalize(), "that is the first purchase. The last one is the latest moment."),
            (
                purchases["ts"].iloc[-1].normalize(),
                "that is the last row, and rows are not in order of time. Take the latest.",
            ),
            (base.as_of, "that is the day the data describe. The last purchase came before it."),
        ],
        hints=["The moment of a purchase is in the column `ts`.", "`.min()` gives the earliest. What gives the latest?"],
        reveal='Take the latest moment of the purchases:\n    last_day = base.transactions["ts"].max()',
    )

    towns = people["city"].value_counts()
    q3 = lesson.Question(
        "0.3",
        expected=str(towns.idxmax()),
        praise=f"{towns.idxmax()}, with {towns.max():,} of {len(people):,} records.",
        slips=[
            (
                str(people["city"].astype("str").max()),
                "that is the last name in the alphabet. Count the customers of each.",
            ),
            (str(towns[towns > 0].idxmin()), "that is where the fewest live."),
            (int(towns.max()), "that is how many live there. The name of the town is asked."),
        ],
        hints=[
            "The lesson asked which source most records came from. The same call works for the column `city`.",
            "`.value_counts()` counts each town, `.idxmax()` names the one with most.",
        ],
        reveal='Count each town and name the one with most:\n    town = base.customers["city"].value_counts().idxmax()',
    )

    known = people["birth_date"].notna().mean()
    q4 = lesson.Question(
        "0.4",
        expected=known,
        praise=f"the birth date of {known:.0%} is known. Somebody did not ask the others, or they did not answer.",
        slips=[
            (1 - known, "that is the share of those whose birth date is *not* known."),
            (100 * known, "give a share between 0 and 1, not a percentage."),
            (int(people["birth_date"].notna().sum()), "that is how many. Divide by the number of all customers."),
            (people["phone"].notna().mean(), "that is the share of known telephone numbers. The column is `birth_date`."),
        ],
        hints=[
            "The lesson asked the same of the column `phone`.",
            "`.notna()` says True where something is known; `.mean()` of that is the share.",
        ],
        reveal='The mean of True and False is a share:\n    share_known = base.customers["birth_date"].notna().mean()',
    )

    q5 = lesson.Decision(
        "0.5",
        choices=["make it a must", "say what it is good for", "stop asking"],
        figures={"share of birth dates known": known, "share not known": 1 - known},
        praise="you can defend that. Ask a colleague at the counter what really happens when the field is empty.",
        slips={
            "make it a must": "people who must answer write 01.01.1900, and the field is full of nothing. "
            "What would the customer have from answering?",
        },
        hints=[
            "Think of the person at the counter: what do they get for their answer?",
            "Name the share you worked out in 0.4, and say what would change it, or why it need not change.",
        ],
        reveal='One answer that can be defended: "say what it is good for", because '
        f"{known:.0%} answered without any reason given; a birthday present is one, and those who want none may leave it.",
        rubric="2 marks: the figure is used for the argument, and the customer's side is named. "
        "1 mark: one of the two. 0: the figure is only quoted. 'stop asking' earns both marks when the reason says that "
        "nothing is done with the field today.",
    )

    agreed = people["consent_phone"].mean()
    q6 = lesson.Decision(
        "0.6",
        choices=["call them too", "leave them in peace", "ask at their next visit"],
        figures={"share that agreed": agreed, "share that did not": 1 - agreed, "how many agreed": agreed * len(people)},
        praise="you can defend that. Respect is remembered longer than an offer.",
        slips={
            "call them too": "they did not agree. A call all the same costs more than a sale, and may break the law.",
        },
        hints=[
            'The mean of a column of True and False is a share: `base.customers["consent_phone"].mean()`.',
            "Name that share, and say what a customer who did not agree would think of your choice.",
        ],
        reveal=f'One answer that can be defended: "ask at their next visit", because only {agreed:.0%} agreed so far; '
        "at the counter one can say what the calls are good for, and a no is a no.",
        rubric="2 marks: the share is used, and the reason speaks of what the customer wants or expects. "
        "1 mark: one of the two. 'leave them in peace' is as good as 'ask' when the reason is.",
    )

    return q1, q2, q3, q4, q5, q6
