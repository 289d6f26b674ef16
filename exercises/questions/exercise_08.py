"""Built by tools/build_notebooks.py from exercises/source/exercise_08.py: change it there."""

from crmlab import lesson, value


def questions(bank, shop):
    """Make the questions of this exercise from the learner's own data."""
    agreed = bank.contracts
    kept = agreed[agreed["product"].str.endswith("account")]
    new_year = bank.as_of.replace(year=2022)

    q1 = lesson.Question(
        "8.1",
        expected="empty",
        praise="it is not seen yet. An empty cell is honest, and every average must leave it out.",
        slips={
            "nothing": 'that is meant, but "nothing" may be read as zero. The lesson calls such a cell "empty".',
            "zero": "that would say that all of them have left. Do you know that?",
            "the share of month four": "that would say that nobody leaves in months five and six. Do you know that?",
        },
        hints=[
            "When will month six of this cohort be over?",
            "What has not happened yet can be neither counted as lost nor as kept.",
        ],
        reveal='Month six lies in the future, so the cell stays empty:\n    cell = "empty"',
    )

    q2 = lesson.Question(
        "8.2",
        expected=set(kept["contract_id"]),
        praise=f"{len(kept):,} accounts. The other {len(agreed) - len(kept):,} contracts are cards: who closes an account "
        "loses them with it, and would be counted twice.",
        slips=[
            (set(agreed["contract_id"]), "those are all contracts, cards too. Keep the accounts."),
            (set(agreed["contract_id"]) - set(kept["contract_id"]), "those are the cards. You want the others."),
            (
                set(kept.loc[kept["end"].isna(), "contract_id"]),
                "those are the accounts that still run. Keep the ended too.",
            ),
            (len(kept), "that is how many. Their rows are asked, for the questions to come."),
        ],
        hints=[
            "`product` says what each contract is; `bank.contracts` in square brackets keeps the rows you want.",
            'Of a column of texts, `.str.endswith("account")` says True or False for each row.',
        ],
        reveal="Keep the rows whose product ends with the word:\n"
        '    accounts = bank.contracts[bank.contracts["product"].str.endswith("account")]',
    )

    curve = value.kaplan_meier(kept, as_of=bank.as_of)
    there = float(curve.at(24)["survival"].iloc[0])
    gone = kept[kept["end"].notna()]
    lasted = (gone["end"] - gone["start"]).dt.days / 30.44
    q3 = lesson.Question(
        "8.3",
        expected=there,
        praise=f"{there:.1%} are still there after two years. Of the accounts that ended, only {(lasted > 24).mean():.0%} "
        "lasted that long: who looks at them alone sees the wrong bank.",
        slips=[
            (1 - there, "that is the share that has left by then. You want those still there."),
            (
                kept["end"].isna().mean(),
                "that is the share that runs today, old accounts and new ones mixed. Ask the curve.",
            ),
            ((lasted > 24).mean(), "that is of the ended accounts only. Count also those that still run."),
            (100 * there, "give a share between 0 and 1, not a percentage."),
        ],
        hints=[
            "The lesson drew a survival curve; it can be asked for the share at any time.",
            "`value.kaplan_meier(accounts, as_of=bank.as_of).at(24)` has a column `survival`.",
        ],
        reveal="Make the curve and read it off at 24 months:\n"
        "    curve = value.kaplan_meier(accounts, as_of=bank.as_of)\n"
        '    still_there = curve.at(24)["survival"].item()',
    )

    by_then = kept[kept["start"] < new_year]
    on = by_then[~(by_then["end"] < new_year)]
    months = ((new_year - on["start"]).dt.days // 30.44).astype("int64").to_numpy()
    learnt = value.ShiftedBetaGeometric(period="M").fit(value.contract_cohorts(by_then, as_of=new_year).survivors())
    sbg = float((learnt.survival(months + 48) / learnt.survival(months)).sum())
    churn = value.churn_by(by_then, "product", as_of=new_year).overall
    constant = len(on) * (1 - churn) ** 48
    came = int(on["end"].isna().sum())
    people = bank.truth["links"].set_index("record_id")["person_id"]
    own_chance = on["record_id"].map(people).map(bank.truth["value"].set_index("person_id")["churn_probability"])
    knew_all = float(((1 - own_chance) ** 48).sum())
    q4 = lesson.Question(
        "8.4",
        expected=sbg,
        praise=f"sBG foretold {sbg:,.0f} of {len(on):,}, and {came:,} came. A constant rate says {constant:,.0f}. "
        f"The best that could be said, by one who knew each customer's own chance: {knew_all:,.0f}.",
        slips=[
            (constant, "that is one rate for all. Those who are left are the loyal ones: ask sBG, account by account."),
            (len(on) * (1 - 48 * churn), "that takes the same *number* away each month, though ever fewer are left."),
            (len(on), "those are the accounts on the first day. How many will be left?"),
        ],
        hints=[
            "As in section 4 of the lesson: keep what was known, fit the model, then ask it of each running account, which "
            "has got through some months already.",
            "For one account that has run for `m` months the chance is `model.survival(m + 48) / model.survival(m)`. "
            "Add them up.",
        ],
        reveal="Keep what was known, fit, and add up the chances of the running accounts:\n"
        "    then = bank.as_of.replace(year=2022)\n"
        '    known = accounts[accounts["start"] < then]\n'
        "    cohorts = value.contract_cohorts(known, as_of=then)\n"
        '    model = value.ShiftedBetaGeometric(period="M").fit(cohorts.survivors())\n'
        '    running = known[~(known["end"] < then)]\n'
        '    renewed = (then - running["start"]).dt.days // 30.44\n'
        "    foretold = (model.survival(renewed + 48) / model.survival(renewed)).sum()",
    )

    habits = value.purchase_summary(shop.transactions, end="2025-12-31")
    bgnbd = value.BGNBD().fit(habits)
    chance = bgnbd.p_alive(habits)
    silence = habits["age_weeks"] - habits["recency_weeks"]
    q5 = lesson.Question(
        "8.5",
        expected=chance,
        within=0.01,
        praise=f"added up, the chances make {chance.sum():,.0f} customers still there, of {len(chance):,} who ever bought.",
        slips=[
            (1 - chance, "that is the chance of having left. Turn it round."),
            (bgnbd.expected_purchases(habits, 13), "those are purchases to expect. Asked is the chance of being there."),
            ((silence <= 13).astype("float64"), "that is the rule of 13 weeks. Each customer has a rhythm of their own."),
            (
                value.MBGNBD().fit(habits).p_alive(habits),
                "that is MBG/NBD, which doubts also who bought once. Take `BGNBD`.",
            ),
        ],
        hints=[
            "Three calls of section 6: a summary of the purchases, a fit, a question to the model.",
            '`value.purchase_summary(shop.transactions, end="2025-12-31")` makes the table that `value.BGNBD().fit(...)` '
            "and then `.p_alive(...)` take.",
        ],
        reveal="Sum up the purchases, fit, ask:\n"
        '    summary = value.purchase_summary(shop.transactions, end="2025-12-31")\n'
        "    p_alive = value.BGNBD().fit(summary).p_alive(summary)",
    )

    who = shop.truth["links"].set_index("record_id")["person_id"]
    truly = shop.truth["value"].set_index("person_id").loc[who.loc[chance.index]].set_axis(chance.index)
    has_left = ~truly["alive_at_end"]
    few = chance.nsmallest(400).index
    odds = truly["dropout"] / (1 - truly["dropout"]) * 2.718281828 ** (truly["purchase_rate"] * silence)
    best = has_left[odds[habits["frequency"] > 0].nlargest(400).index].mean()
    hit, lots, quiet = has_left[few].mean(), has_left.mean(), has_left[silence.nlargest(400).index].mean()
    q6 = lesson.Question(
        "8.6",
        expected=hit,
        praise=f"{hit:.0%} of your 400 have left. By lot it would be {lots:.0%}, by longest silence {quiet:.0%}. Who knew "
        f"each customer's own rhythm would reach {best:.0%}: your list has {(hit - lots) / (best - lots):.0%} of what can "
        "be had beyond the lot.",
        slips=[
            (1 - hit, "that is the share still there. You want those who have left."),
            (quiet, "that is the list of the longest silent. Take the lowest chances."),
            (lots, "that is the share of *all* customers. Take the 400 with the lowest chance."),
            (has_left[chance.nlargest(400).index].mean(), "those are the 400 with the *highest* chance."),
            (int(has_left[few].sum()), "that is how many. Divide by 400."),
        ],
        hints=[
            "`p_alive.nsmallest(400).index` are the records. Which persons are they, and are these still customers?",
            "`.map` leads from a record to its person, and from the person to True or False; the mean of these is a share.",
        ],
        reveal="From record to person, from person to the truth:\n"
        '    person = shop.truth["links"].set_index("record_id")["person_id"]\n'
        '    alive = person.map(shop.truth["value"].set_index("person_id")["alive_at_end"])\n'
        "    hits = 1 - alive.loc[p_alive.nsmallest(400).index].mean()",
    )

    opened = bank.customers.set_index("record_id")["source"].astype("str")
    rates = value.churn_by(kept.assign(channel=kept["record_id"].map(opened)), "channel", as_of=bank.as_of)
    by_channel, pairs = rates.table, rates.differences()
    worst, least = by_channel.iloc[0], by_channel.iloc[-1]
    pair, (fast, slow) = pairs.iloc[0], pairs.index[0]
    by_chance = "chance may do that" if pair["p_value"] >= 0.05 else "more than chance does, but it says nothing of why"
    q7 = lesson.Decision(
        "8.7",
        choices=["close the worst channel", "leave all channels as they are", "ask those who left why"],
        figures={
            f"churn per month, {worst.name}": worst["churn_per_month"],
            f"churn per month, {least.name}": least["churn_per_month"],
            f"times as fast, {fast} and {slow}": pair["times_as_fast"],
            "low end of its interval": pair["low"],
            "high end of its interval": pair["high"],
            **({"p-value of this pair": pair["p_value"]} if pair["p_value"] < 0.995 else {}),
            f"accounts that ended, {worst.name}": int(worst["ended"]),
            "share still there after 24 months": there,
        },
        praise="you can defend that. What will you know in half a year that you do not know today?",
        slips={
            "close the worst channel": f"{len(by_channel)} channels make {len(pairs)} pairs, so one that stands apart may "
            "well be chance; and its customers would lose the way they chose. Ask about the difference, not the rate.",
        },
        hints=[
            '`opened = bank.customers.set_index("record_id")["source"]`; then as in section 3 of the lesson, with '
            "`accounts` in place of the contracts.",
            "`.differences()` tests each pair, the surest first. Does 1 lie between `low` and `high`? Say what follows.",
        ],
        reveal=f'One answer that can be defended: "ask those who left why". The surest pair: {fast} loses '
        f"{pair['times_as_fast']:.2f} times as fast as {slow}, from {pair['low']:.2f} to {pair['high']:.2f} times: "
        f"{by_chance}. Only those who left know their reason.",
        rubric="3 marks: a difference with its interval or p-value (or the rates with the accounts that ended), that "
        "chance or the number of pairs is named, and what customers get from the choice. One mark each. Both remaining "
        "choices can earn full marks; in this bank the channel has no part in leaving.",
    )

    struck = silence > 13
    doubted = chance < 0.5
    q8 = lesson.Decision(
        "8.8",
        choices=["keep the rule", "write to those the model doubts", "let customers say how often"],
        figures={
            "customers the rule strikes off": int(struck.sum()),
            "share of these who are still there": float(1 - has_left[struck].mean()),
            "of these in truth still there": int((~has_left[struck]).sum()),
            "customers with a chance below one half": int(doubted.sum()),
            "share of your 400 who have left": hit,
            "share of the 400 longest silent who have left": quiet,
        },
        praise="you can defend that. Read the letter aloud as if you had never left: is it kind?",
        slips={
            "keep the rule": f"{1 - has_left[struck].mean():.0%} of those it strikes off are customers still. They would "
            "hear from you no more, for buying in their own rhythm.",
        },
        hints=[
            '`summary["age_weeks"] - summary["recency_weeks"]` is the silence in weeks; `alive` of 8.6 holds the truth.',
            "A figure on the rule, or on the list of 8.6; then say what the customer gets from your way.",
        ],
        reveal=f'One answer that can be defended: "write to those the model doubts". The rule strikes off '
        f"{int(struck.sum()):,} customers, and {1 - has_left[struck].mean():.0%} of them are still there; the model knows "
        "each one's rhythm. The letter asks what went wrong, and anybody may answer: nothing, I come twice a year.",
        rubric="3 marks: a figure that fits (the share of those struck off who are still there, or the hits of the list), "
        "that a chance is not a certainty, and what the customer gets. One mark each. Both remaining choices can earn full "
        "marks.",
    )

    return q1, q2, q3, q4, q5, q6, q7, q8
