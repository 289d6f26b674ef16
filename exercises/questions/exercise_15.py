"""Built by tools/build_notebooks.py from exercises/source/exercise_15.py: change it there."""

from crmlab import lesson, segment
from crmlab.segment.dynamic import count, did, stopped, total


def questions(base):
    """Make the questions of this exercise from the learner's own data."""
    import pandas as pd

    dynamic = segment.dynamic
    log = dynamic.event_log(base)
    last_event = log.groupby("customer_id")["ts"].max()


    def run(rule):
        return rule.replay(log, until=base.as_of)


    def now_in(rule):
        stays = run(rule)
        return set(stays.loc[stays["left_at"].isna(), "customer_id"])


    def on_the_list(stays):
        return stays[~(stays["left_at"] <= stays["customer_id"].map(last_event))]

    q1 = lesson.Question(
        "15.1",
        expected=pd.Timestamp("2025-03-08 12:00", tz="UTC"),
        praise="seven days of 24 hours, to the minute; and it is the clock that ends the stay. No event tells you.",
        slips=[
            (pd.Timestamp("2025-03-07 12:00", tz="UTC"), "that is after six days. Count again from the first of March."),
            (pd.Timestamp("2025-03-08", tz="UTC"), "a window counts from the moment, not from midnight. When was noon?"),
        ],
        hints=[
            "A window looks so far back from each moment. At which moment is noon of 1 March no longer within it?",
            "Seven days, each of 24 hours, after noon of 1 March.",
        ],
        reveal='1 March at 12:00 and seven times 24 hours: "2025-03-08 12:00". At that moment the complaint is no longer '
        "within the window, and the clock takes the customer out.",
    )

    regular_rule = count("purchase").within("90d") >= 3
    regular = now_in(regular_rule)
    listed = on_the_list(run(regular_rule))
    q2 = lesson.Question(
        "15.2",
        expected=regular,
        praise=f"{len(regular)} customers bought at least three times in the 90 days up to now.",
        slips=[
            (set(listed["customer_id"]), "those are in after their *last event*: nobody let the clock run. `until=` does."),
            (now_in(count("purchase") >= 3), "those bought three times *ever*. Give the count its window of 90 days."),
            (
                now_in(count("purchase").within("90d") >= 4),
                "those bought *more* than three times. At least 3 is `>= 3`.",
            ),
            (set(run(regular_rule)["customer_id"]), "those are all who were *ever* in. Keep those with no `left_at`."),
            (len(regular), "that is how many. Their numbers are asked: the column `customer_id`."),
        ],
        hints=[
            'The rule is `count("purchase").within("90d") >= 3`; put it in brackets before `.replay(...)`.',
            'Of the stays, keep `stays["left_at"].isna()`: these last still. Then take `customer_id`.',
        ],
        reveal="Rule, stays, and those that last still:\n"
        '    stays = (count("purchase").within("90d") >= 3).replay(log, until=base.as_of)\n'
        '    regulars = stays.loc[stays["left_at"].isna(), "customer_id"]',
    )

    wrong = int(listed["left_at"].notna().sum())
    known = {
        len(listed): "that is the whole list. How many of these have left by now?",
        len(regular): "that is how many really are regulars. Asked are those who stand on the list and are none.",
        int((run(regular_rule)["reason"] == "clock").sum()): "those are all exits by the clock. Asked is now.",
    }
    q3 = lesson.Question(
        "15.3",
        expected=wrong,
        praise=f"{wrong} of {len(listed)} on the list are no regulars any more: {wrong / len(listed):.0%} of it is wrong. "
        "They stopped buying, and that is no event.",
        slips=[*known.items(), (wrong / len(listed), "that is the share of the list. Asked is how many customers.")],
        hints=[
            "Section 3 of the lesson does it: when was each customer's last event, and who had not left by then?",
            'On the list is `stays[~(stays["left_at"] <= last_event)]`. Of these, who has a `left_at`?',
        ],
        reveal="The last event of each customer, those not out by then, and of these, those who are out now:\n"
        '    last_event = stays["customer_id"].map(log.groupby("customer_id")["ts"].max())\n'
        '    listed = stays[~(stays["left_at"] <= last_event)]\n'
        '    wrong = listed["left_at"].notna().sum()',
    )

    quiet = stopped("purchase", after="120d")
    spent = total("purchase", "amount_cents")
    lost = now_in(quiet & (spent >= 200_00))
    q4 = lesson.Question(
        "15.4",
        expected=lost,
        praise=f"{len(lost)} good customers have gone quiet. No event of theirs says so: they came in by the clock.",
        slips=[
            (now_in(quiet), "those are all who went quiet. Keep those with 200 euros or more, in cents: `>= 200_00`."),
            (now_in(~quiet & (spent >= 200_00)), "those are still buying. You want the others."),
            (now_in(quiet & (spent.within("120d") >= 200_00)), "nobody can be quiet and spend within the same 120 days."),
            (now_in(did("purchase").before("120d") & (spent >= 200_00)), "some bought again since. `stopped` asks."),
        ],
        hints=[
            'Two parts joined by `&`: `stopped("purchase", after=...)`, and `total("purchase", "amount_cents")` compared.',
            "Put the comparison in brackets, and write 200 euros as `200_00`. Then as in 15.2.",
        ],
        reveal="Both parts, then the stays that last still:\n"
        '    rule = stopped("purchase", after="120d") & (total("purchase", "amount_cents") >= 200_00)\n'
        "    gone = rule.replay(log, until=base.as_of)\n"
        '    lost = gone.loc[gone["left_at"].isna(), "customer_id"]',
    )

    unsettled = did("complaint", resolved=False)
    let_down = len(set(run(unsettled.without("reply", within="3d"))["customer_id"]))
    rules = [
        (did("complaint"), "those are all who ever complained."),
        (unsettled, "those had one not settled at once. Who of them got no reply?"),
        (unsettled.then("reply", within="3d"), "those *got* a reply within three days. Use `.without`, not `.then`."),
        (unsettled & ~did("reply"), "those had no reply ever before; some got one in three days. Use `.without`."),
        (unsettled.without("reply", within="3h"), 'that is three hours. "3d".'),
        (did("complaint").without("reply", within="3d"), "some were settled at once: narrow it with `resolved=False`."),
    ]
    others = {len(set(run(rule)["customer_id"])): text for rule, text in rules}
    q5 = lesson.Question(
        "15.5",
        expected=let_down,
        praise=f"{let_down} customers were left without a word for three days. All of them came "
        "in by the clock: the third day ran out, and nothing had happened.",
        slips=[(n, text) for n, text in others.items() if n != let_down],
        hints=[
            '`did("complaint", resolved=False).without("reply", within=...)` marks the moment at which the time ran out.',
            "Let it run over the log; without a window everybody stays in, so each customer has one row.",
        ],
        reveal="The rule without a window, and its customers:\n"
        '    open_for_days = did("complaint", resolved=False).without("reply", within="3d")\n'
        "    let_down = open_for_days.replay(log, until=base.as_of)\n"
        '    let_down["customer_id"].nunique()',
    )

    year = base.transactions[base.transactions["ts"] >= "2025-01-01"]
    paid = year.groupby("record_id")["amount_cents"].sum()
    tier = segment.ValueTiers(shares=(0.5, 0.8)).fit(paid).predict(paid)
    silent = unsettled.without("reply", within="3d").within("30d")
    both = dynamic.Segments({"regular": regular_rule, "let down": silent}).replay(log, until=base.as_of)
    cross = {"at": base.as_of, "customers": log["customer_id"].unique(), "tiers": tier}
    micro = dynamic.micro_segments(both, **cross, smallest=50)
    gathered = int((micro.labels == "small ones together").sum())
    finer = dynamic.micro_segments(both, **cross, smallest=5)
    near = {
        len(micro.gathered): "that is how many micro segments were gathered. Asked are the customers in them.",
        len(micro.table): "that is how many groups there are in the end. Asked are the customers who were gathered.",
        int((finer.labels == "small ones together").sum()): "that is with 5 as the smallest.",
        int(micro.table["customers"].min()): 'that is the smallest group. Look at the row "small ones together".',
    }
    q6 = lesson.Question(
        "15.6",
        expected=gathered,
        praise=f"{gathered} customers in {len(micro.gathered)} micro segments were too few to plan for each. "
        "They get what everybody gets, and whoever was let down gets an answer today.",
        slips=[(n, text) for n, text in near.items() if n != gathered],
        hints=[
            'Three steps: tiers of `amount_cents` of 2025, `dynamic.Segments({"regular": ..., "let down": ...})` replayed, '
            "then `dynamic.micro_segments(..., at=..., customers=..., tiers=..., smallest=50)`.",
            'The result has `.table`. Its last row, "small ones together", holds all who were gathered.',
        ],
        reveal="Tiers, stays in both segments, and the product of the two:\n"
        '    both = dynamic.Segments({"regular": regular, "let down": silent}).replay(log, until=base.as_of)\n'
        '    everybody = log["customer_id"].unique()\n'
        "    micro = dynamic.micro_segments(both, at=base.as_of, customers=everybody, tiers=tier, smallest=50)\n"
        '    gathered = (micro.labels == "small ones together").sum()\n'
        'or off `micro.table`; `regular` is the rule of 15.2, `silent` that of 15.5 `.within("30d")`.',
    )

    share_wrong = wrong / len(listed)
    q7 = lesson.Decision(
        "15.7",
        choices=["the list by events is enough", "the clock once a night", "the clock at every moment"],
        figures={
            "regulars on the list by events": len(listed),
            "of these no regulars any more": wrong,
            "share of the list that is wrong": share_wrong,
            "regulars": len(regular),
            "customers left without a word for three days": let_down,
            "good customers gone quiet": len(lost),
        },
        praise="you can defend that. For which rule of yours would the other clock be needed?",
        slips={
            "the list by events is enough": f"{wrong} of the {len(listed)} on it are no regulars any more, and who goes "
            "quiet or is let down never enters it at all: nothing happens then, and nothing is what such a list waits for.",
        },
        hints=[
            "Your figure of 15.3 says what a list without a clock costs. Who never gets on it?",
            "Write the figure out, and say how soon somebody would act on an entry.",
        ],
        reveal=f'One answer that can be defended: "the clock once a night". {share_wrong:.0%} of the list by events are no '
        "regulars any more; the shop writes to them once a day at most, so a list that is right each morning is enough. "
        "For complaints that have to be answered within hours it would not be.",
        rubric="2 marks: a figure of what the list by events gets wrong (or who never enters it), and the speed at which "
        "the shop can act on it. 1 mark: one of the two. Both remaining choices can earn full marks.",
    )

    people = base.customers.set_index("record_id")
    agreed = people["consent_phone"].fillna(False).astype(bool)
    stays_quiet = run(quiet & (spent >= 200_00))
    fresh = stays_quiet[stays_quiet["entered_at"] >= "2025-12-01"]
    calls = dynamic.alerts(fresh, at_most=1, within="30d", may_contact=agreed)
    q8 = lesson.Decision(
        "15.8",
        choices=[
            "all who are in now",
            "who came in this month, if they agreed",
            "nobody before we know how many come back by themselves",
        ],
        figures={
            "good customers gone quiet": len(lost),
            "of these agreed to calls": int(agreed.reindex(sorted(lost), fill_value=False).sum()),
            "came in since 1 December": len(fresh),
            "of these agreed": len(calls.contacts),
            "stays in two years": len(stays_quiet),
            "stays that ended with a purchase": int(stays_quiet["left_at"].notna().sum()),
            "share of stays that ended with a purchase": float(stays_quiet["left_at"].notna().mean()),
        },
        praise="you can defend that. What does the customer have from the call, and how will you know it helped?",
        slips={
            "all who are in now": f"of the {len(lost)} only {int(agreed.reindex(sorted(lost), fill_value=False).sum())} "
            "agreed to be called, and some have been away for a year or more. Who just came in is easiest to win back.",
        },
        hints=[
            "`dynamic.alerts(entries, at_most=1, within=..., may_contact=...)` says who may be called and counts the rest.",
            "A stay with a `left_at` ended with a purchase: the customer came back without any call.",
        ],
        reveal='One answer that can be defended: "who came in this month, if they agreed". '
        f"{len(fresh)} came in since 1 December and {len(calls.contacts)} of them agreed: few calls, to ask what they "
        f"miss. But {stays_quiet['left_at'].notna().mean():.0%} of all stays ended with a purchase and no call, so some "
        "are left alone by lot, to compare.",
        rubric="3 marks: consent first, a figure that fits the list chosen, and what the customer gets from the call or "
        "how the effect will be told from those who come back by themselves. One mark each.",
    )

    return q1, q2, q3, q4, q5, q6, q7, q8
