"""Built by tools/build_notebooks.py from exercises/source/exercise_11.py: change it there."""

from crmlab import lesson, value


def questions(base):
    """Make the questions of this exercise from the learner's own data."""
    people = base.customers.set_index("record_id")
    lined = base.survey.sort_values("ts")
    latest = lined.drop_duplicates("record_id", keep="last").set_index("record_id")["nps"]
    autumn = base.survey[base.survey["wave"] == 3]

    q1 = lesson.Question(
        "11.1",
        expected=30,
        praise="five promoters less two detractors, of ten. With ten answers its interval is wider than the figure: try "
        "`value.nps([10, 9, 9, 8, 7, 10, 6, 3, 8, 9])`.",
        slips={
            50: "those are the promoters alone. Take the detractors off.",
            60: "you counted 7 and 8 as promoters. They count neither way.",
            0: "you counted 7 and 8 as detractors. They count neither way.",
            3: "that is how many more there are. Of how many customers? The NPS is in points, from −100 to 100.",
            0.3: "that is a share. The NPS is given in points, from −100 to 100.",
            7.9: "that is the mean answer. The NPS counts promoters and detractors.",
        },
        hints=[
            "Promoters say 9 or 10, detractors 0 to 6. How many are there of each?",
            "Promoters less detractors, divided by all ten, times 100.",
        ],
        reveal="Five say 9 or 10, two say 6 or less, of ten: 100 * (5 - 2) / 10. Or let it be counted:\n"
        "    points = value.nps([10, 9, 9, 8, 7, 10, 6, 3, 8, 9]).value",
    )

    score = value.nps(latest)
    first = lined.drop_duplicates("record_id", keep="first")["nps"]
    q2 = lesson.Question(
        "11.2",
        expected=score.low,
        within=0.06,
        praise=f"the NPS is {score.value:.1f} points, and anything from {score.low:.1f} to {score.high:.1f} fits the "
        f"answers of {score.n_answers:,} customers. Never give the one without the other.",
        slips=[
            (value.nps(lined["nps"]).low, "that takes all sheets: who answered three times counts three times."),
            (value.nps(first).low, "that takes the *first* sheet of each. The last one says how they feel now."),
            (score.value, "that is the score itself. Its interval has a lower end."),
            (score.high, "that is the upper end. How low may it be?"),
            (score.standard_error, "that is the standard error. The interval reaches about two of them to either side."),
        ],
        hints=[
            "The lesson's first code line keeps the last sheet of each customer.",
            "A score carries its figures: `value.nps(...).value`, `.standard_error`, `.low`, `.high`.",
        ],
        reveal="Sort by time, keep the last sheet of each customer, ask for the lower end:\n"
        '    last = base.survey.sort_values("ts").drop_duplicates("record_id", keep="last").set_index("record_id")\n'
        '    low = value.nps(last["nps"]).low',
    )

    before, after = value.nps(base.survey.loc[base.survey["wave"] == 2, "nps"]), value.nps(autumn["nps"])
    squares = before.standard_error**2 + after.standard_error**2
    change, error = after.value - before.value, squares**0.5
    is_real = abs(change) > 1.96 * error
    q3 = lesson.Question(
        "11.3",
        expected=error,
        praise=f"the change is {change:+.1f} points, and from {change - 1.96 * error:+.1f} to {change + 1.96 * error:+.1f} "
        f"fits: {'more than chance explains' if is_real else 'it may well be chance'}. Two bare figures say nothing of it.",
        slips=[
            (before.standard_error + after.standard_error, "you added the errors. Their squares add up, then the root."),
            (after.standard_error, "that is the error of November alone. The figure of May wavers too."),
            (squares, "those are the squares, added up. The root is missing: `** 0.5`."),
            (change, "that is the change itself. How sure is it?"),
        ],
        hints=[
            "Each wave's score carries its `.standard_error`.",
            "Errors add up as squares do: the root of one squared plus the other squared.",
        ],
        reveal="The score of each wave, then the root of the squares added up:\n"
        '    may = value.nps(base.survey.loc[base.survey["wave"] == 2, "nps"])\n'
        '    november = value.nps(base.survey.loc[base.survey["wave"] == 3, "nps"])\n'
        "    error = (may.standard_error**2 + november.standard_error**2) ** 0.5",
    )

    contracts = base.contracts.loc[base.contracts["end"].isna(), "record_id"]
    runs = people.index[people.index.isin(contracts)]
    heard = runs.isin(autumn["record_id"])
    could = people.loc[runs, "consent_email"].to_numpy()
    who = base.truth["links"].set_index("record_id")["person_id"]
    states = base.truth["states"]
    near = states[states["month"] == "2025-11-01"].set_index("person_id")["state"]
    felt = near.reindex(who.loc[autumn["record_id"]]).set_axis(autumn.index)
    as_all = felt.map(near.value_counts(normalize=True) / felt.value_counts(normalize=True)).astype("float64").fillna(0)
    if_all = value.nps(autumn["nps"], weight=as_all).value
    q4 = lesson.Question(
        "11.4",
        expected=heard.mean(),
        praise=f"of every 100 customers {100 * heard.mean():.0f} were heard. Here the truth is known, as in no bank: had "
        "customers near and distant answered alike, November's NPS would be "
        f"{if_all:.0f} in place of {after.value:.0f} points.",
        slips=[
            (int(heard.sum()), "that is how many. Divide by all whose contract runs."),
            (1 - heard.mean(), "those are the ones *not* heard. Turn it round."),
            (runs.isin(lined["record_id"]).mean(), "that is who answered in any wave. Keep `wave` 3."),
            (
                heard[could].mean(),
                "that is of those who agreed to e-mails. The others keep silent too: they were not asked.",
            ),
            (autumn["record_id"].nunique() / len(people), "that divides by all who ever were customers. Some have left."),
        ],
        hints=[
            'Whose contract runs? `base.contracts.loc[base.contracts["end"].isna(), "record_id"].drop_duplicates()`.',
            "Who answered? The `record_id` of the sheets of wave 3. `runs.isin(answered)` says True or False of each, and "
            "the mean of these is the share.",
        ],
        reveal="Each customer with a running contract once, and the share of them among the sheets of November:\n"
        '    runs = base.contracts.loc[base.contracts["end"].isna(), "record_id"].drop_duplicates()\n'
        '    heard = runs.isin(base.survey.loc[base.survey["wave"] == 3, "record_id"]).mean()',
    )

    rated = base.moments.merge(base.touchpoints[["touchpoint_id", "channel"]])
    rated = rated.astype({"channel": "str"})
    by_channel = rated.groupby("channel")
    mean = by_channel[["perceived", "expected_desired", "expected_adequate"]].mean()
    gap = (mean["perceived"] - mean["expected_desired"]).rename("gap_points")
    n_rated = by_channel.size()
    lost = (gap * n_rated).idxmin()
    q5 = lesson.Question(
        "11.5",
        expected=gap,
        praise=f"widest at {gap.idxmin()}, {gap.min():.2f} points ({n_rated[gap.idxmin()]:,} rated contacts); most is lost "
        f"at {lost}, {gap[lost]:.2f} points ({n_rated[lost]:,} rated). Where it is worst need not be where most is lost.",
        slips=[
            (-gap, "the sign is turned round. A gap is perception *less* expectation: below 0 they got less."),
            (
                mean["perceived"] - mean["expected_adequate"],
                "that is the gap to the service just put up with. Asked is the "
                "one to the service wished for, `expected_desired`.",
            ),
            (mean["perceived"], "that is the service as it was felt. Take off what was wished for."),
            (
                float((rated["perceived"] - rated["expected_desired"]).mean()),
                "that is all channels together. Asked is one number for each.",
            ),
        ],
        hints=[
            'Bring the channel in: `rated = base.moments.merge(base.touchpoints[["touchpoint_id", "channel"]])`.',
            "Take `expected_desired` off `perceived`, then the mean by channel: "
            '`.groupby(rated["channel"], observed=True).mean()`.',
        ],
        reveal="Bring the channel in, take the difference, then its mean by channel:\n"
        '    rated = base.moments.merge(base.touchpoints[["touchpoint_id", "channel"]])\n'
        '    gap = rated["perceived"] - rated["expected_desired"]\n'
        '    gap = gap.groupby(rated["channel"], observed=True).mean()',
    )

    profit = value.customer_profit(base.transactions, base.touchpoints, start="2025-01-01")
    matrix = value.value_matrix(profit["profit_cents"], latest, value_to_edge=9)


    def _of(corner, sorted_so=matrix):
        return set(sorted_so.corner.index[sorted_so.corner == corner])


    by_revenue = value.value_matrix(profit["revenue_cents"], latest, value_to_edge=9)
    by_median = value.value_matrix(profit["profit_cents"], latest)
    ever = value.customer_profit(base.transactions, base.touchpoints)
    of_ever = value.value_matrix(ever["profit_cents"], latest, value_to_edge=9)
    risk = matrix.table.loc["at risk"]
    q6 = lesson.Question(
        "11.6",
        expected=_of("at risk"),
        praise=f"{risk['customers']:,} customers with {risk['share_of_value']:.0%} of the value of those who answered. "
        f"Of {matrix.n_left_out:,} more you know one side only: the corner is larger than you see.",
        slips=[
            (_of("untapped"), "those like the bank and bring little. You want those who bring much and get little."),
            (_of("strangers"), "those bring little and get little. You want those who bring much."),
            (_of("at risk", by_median), "there the edge is the middle answer. Say `value_to_edge=9`."),
            (_of("at risk", by_revenue), "you took what they paid. Take what is left of it: `profit_cents`."),
            (_of("at risk", of_ever), "that is the profit of all the years. Keep 2025 with `start=`."),
            (int(risk["customers"]), "that is how many. Their numbers are asked: take the labels of the rows."),
        ],
        hints=[
            "Two calls, as in the lesson: `value.customer_profit(...)`, then `value.value_matrix(...)`.",
            'The matrix has `.corner`, one word for each customer: keep those equal to `"at risk"` and take `.index`.',
        ],
        reveal="The profit of the year, both sides side by side, and the labels of one corner:\n"
        '    profit = value.customer_profit(base.transactions, base.touchpoints, start="2025-01-01")\n'
        '    matrix = value.value_matrix(profit["profit_cents"], last["nps"], value_to_edge=9)\n'
        '    at_risk = matrix.corner[matrix.corner == "at risk"].index',
    )

    branches = len(base.branches)
    half = (after.high - after.low) / 2
    q7 = lesson.Decision(
        "11.7",
        choices=["each branch by its own NPS", "all by the one NPS of the bank", "by the gap at contacts in branches"],
        figures={
            "answers in November": len(autumn),
            "branches": branches,
            "answers for each branch": len(autumn) / branches,
            "half the width of November's interval in points": half,
            "standard error of the change": error,
            "gap in branches in points": gap["branch"],
            "rated contacts in branches": int(n_rated["branch"]),
        },
        praise="you can defend that. What would a manager do on Monday to earn it, and is that good for the customer?",
        slips={
            "each branch by its own NPS": f"{len(autumn):,} answers for {branches} branches are "
            f"{len(autumn) / branches:.1f} each: you would pay for chance. And whoever fears a score learns to ask the "
            "content only.",
        },
        hints=[
            "How many answers of November are there for each branch? `len(base.branches)` counts these.",
            "What can a manager change: the whole bank, or what happens in the branch? How sure is each figure?",
        ],
        reveal=f'One answer that can be defended: "by the gap at contacts in branches", {gap["branch"]:.2f} points out of '
        f"{n_rated['branch']:,} rated contacts, all branches together until there are enough for each: it is about what "
        "the branch does, and it closes only when customers are served better, or promised what is kept.",
        rubric="2 marks: a figure about how sure the measure is (answers per branch, width, rated contacts), and what it "
        "makes managers do for customers. 1 mark: one of the two. Both remaining choices can earn full marks.",
    )

    asked = people.loc[sorted(_of("at risk")), ["consent_phone", "consent_profiling"]]
    q8 = lesson.Decision(
        "11.8",
        choices=["call all of them this week", "call those who agreed", "mend the touch point where most is lost"],
        figures={
            "customers at risk": int(risk["customers"]),
            "of these agreed to calls": int(asked["consent_phone"].sum()),
            "of these agreed to both": int(asked.all(axis=1).sum()),
            "of these agreed to profiling": int(asked["consent_profiling"].sum()),
            "share of value at risk": float(risk["share_of_value"]),
            "share of customers at risk": float(risk["share_of_customers"]),
            "gap where most is lost in points": float(gap[lost]),
            "rated contacts there": int(n_rated[lost]),
            "widest gap in points": float(gap.min()),
            "customers in no corner": int(matrix.n_left_out),
        },
        praise="you can defend that. What will you say has changed when you ask these customers again?",
        slips={
            "call all of them this week": f"{int(asked['consent_phone'].sum())} of {len(asked)} agreed to calls, and to "
            "put an answer beside a profit is profiling. Who has not agreed is helped in another way.",
        },
        hints=[
            '`base.customers.set_index("record_id").loc[at_risk, "consent_phone"].sum()` counts who agreed to calls.',
            "A call helps those you may call. What helps those you may not, and those who never answered?",
        ],
        reveal=f'One answer that can be defended: "mend the touch point where most is lost". At {lost} customers get '
        f"{-gap[lost]:.1f} points less than they wish for; mending it needs nobody's consent and also reaches the "
        f"{matrix.n_left_out:,} who stand in no corner. The {int(asked.all(axis=1).sum())} who agreed to both can be "
        "called as well, to ask what failed.",
        rubric="3 marks: consent is respected, a figure that fits the choice, and what the customer gets. One mark each. "
        "An answer that does both, one after the other, is welcome.",
    )

    return q1, q2, q3, q4, q5, q6, q7, q8
