"""Built by tools/build_notebooks.py from exercises/source/exercise_10.py: change it there."""

from crmlab import lesson, segment, value


def questions(base):
    """Make the questions of this exercise from the learner's own data."""
    log, contacts = base.transactions, base.touchpoints
    opened = base.customers.set_index("record_id")["created_at"]
    by_year = log.assign(year=log["ts"].dt.year)
    margin, revenue = (
        by_year.pivot_table(cents, "record_id", "year", aggfunc="sum") for cents in ("margin_cents", "amount_cents")
    )
    tiers = segment.ValueTiers().fit(margin[2024].dropna())
    before, after = tiers.predict(margin[2024].dropna()), tiers.predict(margin[2025].dropna())
    old = opened.index[opened < "2024-01-01"]
    there = before[before.index.isin(old)]
    fair = value.tier_migration(there, after[after.index.isin(old)])
    every = value.tier_migration(before, after)
    came = value.tier_migration(before.drop(there.index), after[~after.index.isin(old)])

    q1 = lesson.Question(
        "10.1",
        expected=0,
        praise="nobody: cut anew, the floors rise with the customers. To see who rose, keep the floors of the first year.",
        slips={
            100: "all bring more, yes. But the groups are cut anew: who is among the best 25 now?",
            75: "the best 25 cannot rise, you thought of that. But can the next 25 pass them, when these doubled as well?",
            25: "25 places are in each group. Does anybody pass anybody, when all bring twice as much?",
            50: "with the floors of the first year many would rise. Here the groups are cut anew.",
        },
        hints=[
            "Write down four customers with 1, 2, 3 and 4 euros, one in each group. Double them, and sort again.",
            "The order of the customers has not changed, and each group still holds as many.",
        ],
        reveal="The order stays, so everybody stays in their group. That is why tiers are cut once:\n"
        "    tiers = segment.ValueTiers().fit(first_year)\n"
        "    tiers.predict(first_year), tiers.predict(second_year)",
    )

    anew = segment.ValueTiers().fit(margin[2025].dropna()).predict(margin[2025].dropna())
    by_revenue = segment.ValueTiers().fit(revenue[2024].dropna()).predict(revenue[2025].dropna())
    q2 = lesson.Question(
        "10.2",
        expected=after,
        praise=f"tier 0 held {(before == 0).sum():,} customers in 2024 and {(after == 0).sum():,} in 2025, "
        f"behind the same floor of {tiers.floors_[0] / 100:,.0f} euros.",
        slips=[
            (anew, "those are tiers cut anew on 2025. Keep the floors of 2024: `fit` on 2024, `predict` on 2025."),
            (before, "those are the tiers of 2024. Asked are those of 2025, by the same floors."),
            (by_revenue, "those are tiers by revenue. Value is the margin here: `margin_cents`."),
            (after + 1, "the best tier has number 0. Yours begin at 1."),
            (tiers.summary(margin[2025].dropna()), "that is the summary of the tiers. Asked is each customer's tier."),
        ],
        hints=[
            "The second cell of the lesson does it for a bank; only the base is another.",
            "`margin_cents[2025].dropna()` is the margin of 2025; `fit` on that of 2024, `predict` on both.",
        ],
        reveal="Fit on 2024, predict on both years:\n"
        "    log = base.transactions\n"
        '    by_year = log.assign(year=log["ts"].dt.year)\n'
        '    margin_cents = by_year.pivot_table("margin_cents", "record_id", "year", aggfunc="sum")\n'
        "    tiers = segment.ValueTiers().fit(margin_cents[2024].dropna())\n"
        "    tier_2024 = tiers.predict(margin_cents[2024].dropna())\n"
        "    tier_2025 = tiers.predict(margin_cents[2025].dropna())",
    )

    rose, all_rose = (moved.moves["rose"] / moved.moves.drop("appeared").sum() for moved in (fair, every))
    new_rose = came.moves["rose"] / came.moves.drop("appeared").sum()
    stayers = fair.moves[["stayed", "rose", "fell"]].sum()
    q3 = lesson.Question(
        "10.3",
        expected=float(rose),
        praise=f"{rose:.1%} rose. With the newcomers of 2024 it would have looked like {all_rose:.1%}: the calendar "
        f"would have lifted them. {fair.moves['fell']:,} fell and {fair.moves['left']:,} left.",
        slips=[
            (float(all_rose), "the newcomers of 2024 are in it: they had less than a year. Keep records opened before."),
            (float(new_rose), "those are the newcomers of 2024. You want the others: opened before 2024."),
            (int(fair.moves["rose"]), "that is how many. Divide by all who stayed, rose, fell or left."),
            (float(fair.moves["rose"] / stayers), "that leaves out those who left. They were in a tier in 2024 as well."),
            (float(fair.moves["fell"] / fair.moves.drop("appeared").sum()), "that is the share that *fell*."),
        ],
        hints=[
            '`opened < "2024-01-01"` finds the old customers; `.isin(...)` keeps the tiers of these, at both dates.',
            "`value.tier_migration(...)` has `.moves`; divide `rose` by the sum of stayed, rose, fell and left.",
        ],
        reveal="Keep the old customers at both dates, then count:\n"
        '    opened = base.customers.set_index("record_id")["created_at"]\n'
        '    old = opened.index[opened < "2024-01-01"]\n'
        "    there = tier_2024[tier_2024.index.isin(old)]\n"
        "    fair = value.tier_migration(there, tier_2025[tier_2025.index.isin(old)])\n"
        '    rose = fair.moves["rose"] / fair.moves.drop("appeared").sum()',
    )

    reward = margin.loc[there.index, 2024].groupby(there).mean()
    places = value.MarkovValue(fair.transitions(), {**reward, "left": 0}, rate=0.1)
    mixed = value.MarkovValue(every.transitions(), {**margin[2024].groupby(before).mean(), "left": 0}, rate=0.1)
    undiscounted = value.MarkovValue(fair.transitions(), {**reward, "left": 0}, rate=0.0)
    five = places.value_cents(periods=4) / 100
    q4 = lesson.Question(
        "10.4",
        expected=float(five[1]),
        praise=f"{five[1]:,.0f} euros, of which {reward[1] / 100:,.0f} come this year. A rise to tier 0 is worth "
        f"{five[0] - five[1]:,.0f} more, a fall to tier 2 costs {five[1] - five[2]:,.0f}.",
        slips=[
            (float(places.value_cents()[1] / 100), "that is the worth for ever. Say how many later years count."),
            (float(places.value_cents(periods=5)[1] / 100), "that is six years: this one and five later ones."),
            (float(reward[1] / 100), "that is this year alone. Add the four years to come, wherever the customer moves."),
            (float(5 * reward[1] / 100), "that is five times this year: as if nobody moved and later years counted full."),
            (float(mixed.value_cents(periods=4)[1] / 100), "the newcomers of 2024 are in it. Take the moves of 10.3."),
            (float(undiscounted.value_cents(periods=4)[1] / 100), "that counts later years in full. The rate is 0.1."),
            (float(five[0]), "that is a place in tier 0, the best. Asked is tier 1."),
        ],
        hints=[
            "Section 3 of the lesson: `value.MarkovValue(transitions, reward, rate=0.1)`, and `left` brings 0.",
            "`periods` says how many *later* years count beside this one; cents divided by 100 are euros.",
        ],
        reveal="Rewards by tier, then the Markov value:\n"
        "    reward_cents = margin_cents.loc[there.index, 2024].groupby(there).mean()\n"
        '    places = value.MarkovValue(fair.transitions(), {**reward_cents, "left": 0}, rate=0.1)\n'
        "    place_1 = places.value_cents(periods=4)[1] / 100",
    )

    profit = value.customer_profit(log, contacts, start="2025-01-01")
    profit_2024 = value.customer_profit(log, contacts, start="2024-01-01", end="2025-01-01")
    lost, lost_2024 = value.unprofitable(profit), value.unprofitable(profit_2024)
    lost_ever = value.unprofitable(value.customer_profit(log, contacts))
    nothing = lost.index[lost["why"] == "bought nothing"]
    euros_lost = -lost["profit_cents"].sum() / 100
    q5 = lesson.Question(
        "10.5",
        expected=set(lost.index),
        praise=f"{len(lost):,} of {len(profit):,}. Together they cost {euros_lost:,.0f} euros, "
        f"{euros_lost * 100 / profit['profit_cents'].sum():.1%} of the profit; {len(nothing):,} of them bought nothing.",
        slips=[
            (set(lost_ever.index), "those cost money over all the years. Begin with 2025: `start`."),
            (set(lost_2024.index), "those are the customers of 2024's list. Asked is 2025."),
            (set(nothing), "those bought nothing at all in 2025. Some who bought cost money too."),
            (set(profit.index.difference(lost.index)), "those earn money. You want the others."),
            (len(lost), "that is how many. Their numbers are asked: take the labels of the rows."),
        ],
        hints=[
            "Two calls of section 5: `value.customer_profit(...)` with a `start`, and `value.unprofitable(...)`.",
            "The customers' numbers are the labels of the second table's rows: `.index`.",
        ],
        reveal="Profit of the year, then those below 0:\n"
        '    profit = value.customer_profit(base.transactions, base.touchpoints, start="2025-01-01")\n'
        "    lost = value.unprofitable(profit)\n"
        "    cost_money = lost.index",
    )

    listed = lost_2024.index.intersection(profit.index)
    again = float((profit.loc[listed, "profit_cents"] < 0).mean())
    visits = contacts[(contacts["ts"] >= "2025-01-01") & (contacts["channel"] == "field") & (contacts["type"] == "visit")]
    visits_lost = float(visits["record_id"].isin(lost.index).mean())
    q6 = lesson.Question(
        "10.6",
        expected=again,
        praise=f"{again:.0%}: not one bad year, but a habit. Whose? Look at `why` and `dearest_service` in your list.",
        slips=[
            (float(lost.index.isin(lost_2024.index).mean()), "that is turned round: of 2025's list, who was on 2024's."),
            (int((profit.loc[listed, "profit_cents"] < 0).sum()), "that is how many. Divide by those on the list of 2024."),
            (len(lost) / len(profit), "that is the share of *all* customers who cost money in 2025. Keep 2024's list."),
            (1 - again, "those did *not* cost money again. Turn it round."),
        ],
        hints=[
            'Make the list of 2024 as in 10.5, with `start="2024-01-01"` and `end="2025-01-01"`.',
            "`.index.intersection(profit.index)` keeps those who are in both; the mean of `profit_cents < 0` is a share.",
        ],
        reveal="Last year's list, looked up in this year's profit:\n"
        '    year = {"start": "2024-01-01", "end": "2025-01-01"}\n'
        "    profit_2024 = value.customer_profit(base.transactions, base.touchpoints, **year)\n"
        "    listed = value.unprofitable(profit_2024).index.intersection(profit.index)\n"
        '    again = (profit.loc[listed, "profit_cents"] < 0).mean()',
    )

    share_nothing = len(nothing) / len(lost)
    share_visited = float((lost["dearest_service"] == "field: visit").mean())
    q7 = lesson.Decision(
        "10.7",
        choices=["part with them", "raise their prices", "visit only who asks for it", "ask each once, then decide"],
        figures={
            "share who bought nothing": share_nothing,
            "share whose dearest service is a visit": share_visited,
            "share who cost money again": again,
            "share of all visits that went to them": visits_lost,
            "customers who cost money": len(lost),
            "customers who bought nothing": len(nothing),
            "euros they cost": euros_lost,
            "share of the profit they cost": euros_lost * 100 / float(profit["profit_cents"].sum()),
        },
        praise="you can defend that. What will such a customer notice, and how would one who wants to buy again find you?",
        slips={
            "part with them": f"{share_nothing:.0%} of them bought nothing in 2025: they have parted already. What costs "
            "is that the firm keeps driving out. Change that, and leave the door open.",
            "raise their prices": f"{share_nothing:.0%} of them bought nothing in 2025. A higher price on nothing brings "
            "nothing; look at what makes the cost.",
        },
        hints=[
            '`lost["why"].value_counts(normalize=True)` gives the shares; the same with `dearest_service`.',
            "Who begins these contacts, the customer or the firm? Say what follows for both.",
        ],
        reveal=f'One answer that can be defended: "visit only who asks for it". For {share_visited:.0%} of those who cost '
        f"money a visit is the dearest service, {share_nothing:.0%} bought nothing, and {visits_lost:.0%} of all visits "
        "went to them. They keep phone and e-mail; the time goes to customers who are glad of a visit.",
        rubric="3 marks: the cause is named (the firm's own visits to customers who no longer buy), with a figure, and "
        "what the customer keeps or gains. One mark each. Both remaining choices can earn full marks.",
    )

    shares = fair.transitions()
    worse = {tier: 1 - float(shares.loc[tier, :tier].sum()) for tier in (0, 1, 3)}
    q8 = lesson.Decision(
        "10.8",
        choices=[
            "those who cost money",
            "the last tier, to lift it",
            "the second tier, where more fall",
            "the best tier, where most can be lost",
        ],
        figures={
            "share of tier 0 that falls or leaves": worse[0],
            "share of tier 1 that falls or leaves": worse[1],
            "share of tier 0 that leaves": float(shares.loc[0, "left"]),
            "share of tier 1 that leaves": float(shares.loc[1, "left"]),
            "euros of a place in tier 0, five years": float(five[0]),
            "euros of a place in tier 1, five years": float(five[1]),
            "euros from tier 0 to tier 1, five years": float(five[0] - five[1]),
            "euros from tier 1 to tier 2, five years": float(five[1] - five[2]),
            "customers in tier 0 in 2025": int((after == 0).sum()),
            "customers in tier 1 in 2025": int((after == 1).sum()),
        },
        praise="you can defend that. How many customers stand behind your figure? And how will you see in a year that the "
        "person made the difference, and they would not have stayed anyway?",
        slips={
            "the last tier, to lift it": f"a place in tier 3 is worth {five[3]:,.0f} euros in five years, before any "
            "service. Hold 2,000 euros a year against that. They get good service, by phone and e-mail.",
            "those who cost money": f"{share_nothing:.0%} of them bought nothing in 2025, and visits made the cost. A "
            "person of their own is the dearest service there is.",
        },
        hints=[
            "`fair.shares` says how many of a tier fall or leave; `places.value_cents(periods=4)` what that costs.",
            "Multiply: what share falls or leaves, times what a fall costs. Is it more than 2,000 euros a year?",
        ],
        reveal=f'One answer that can be defended: "the best tier, where most can be lost". {worse[0]:.0%} of it fall or '
        f"leave in a year, and already a fall to tier 1 costs {five[0] - five[1]:,.0f} euros over five years: far more "
        "than the person. The customer gets somebody who knows the firm and answers the same day.",
        rubric="3 marks: the share that falls or leaves and the worth of a place are put together and held against 2,000 "
        "euros a year; what the customer gets; how success would be seen (for instance some without such a person, "
        "chosen by lot). One mark each. Tier 0 and tier 1 can both earn full marks.",
    )

    return q1, q2, q3, q4, q5, q6, q7, q8
