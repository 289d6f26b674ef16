"""Built by tools/build_notebooks.py from exercises/source/exercise_09.py: change it there."""

from crmlab import lesson, simulate, value


def questions(base):
    """Make the questions of this exercise from the learner's own data."""
    from numpy import expm1

    log = base.transactions
    own = log[log["campaign_id"].isna()]
    past = value.purchase_summary(own, end="2025-12-31", split="2025-06-30")
    now = value.purchase_summary(own, end="2025-12-31")
    learned, model, spend = value.BGNBD().fit(past), value.BGNBD().fit(now), value.GammaGamma().fit(now)

    # The envelope: what each customer brings on average in 26 weeks, from their own rate, chance of leaving and spend.
    weeks = base.about["holdout_weeks"]
    truth = base.truth["links"].merge(base.truth["value"], on="person_id").set_index("record_id").loc[now.index]
    buys = truth["alive_at_end"] * -expm1(-truth["purchase_rate"] * truth["dropout"] * weeks) / truth["dropout"]
    brings = buys * truth["mean_spend_cents"] / 100

    # The best that this log allows: the same models, told the figures that the dice were thrown with.
    dice = simulate.specs.spec("retail")
    told = value.BGNBD.with_params(unit="W", **dice["purchases"]).expected_purchases(now, weeks)
    cents = {**dice["spend"], "gamma": 100 * dice["spend"]["gamma"]}
    told_value = told * value.GammaGamma.with_params(**cents).expected_value(now)

    q1 = lesson.Question(
        "9.1",
        expected=1.0,
        praise="in this model customers leave only after a repeat purchase, and this one made none. So read the chance "
        "together with the purchases to come: they are few.",
        slips={
            0: "that is what common sense says. The model lets customers leave after a repeat purchase only.",
            0.5: "it is no guess. After which purchase does this model let customers leave?",
            100: "give a share, not a percentage.",
        },
        hints=[
            "In BG/NBD a coin is tossed after each repeat purchase: leave, or stay.",
            "This customer never made a repeat purchase. How often was the coin tossed?",
        ],
        reveal="The coin was never tossed, so the chance is 1. MBG/NBD tosses it after the first purchase too:\n"
        "    value.MBGNBD().fit(summary).p_alive(summary)",
    )

    q2 = lesson.Question(
        "9.2",
        expected=past,
        praise=f"{len(past):,} customers had bought by June; {(past['frequency'] == 0).mean():.0%} of them only once. "
        "Who came later is not in the table: a model can be tested only on customers it has met.",
        slips=[
            (
                value.purchase_summary(log, end="2025-12-31", split="2025-06-30"),
                "the purchases that answer a campaign are still in it. Keep the rows whose `campaign_id` is empty.",
            ),
            (now, "nothing is held out: the model would be tested on what it learned from. Give `split` too."),
            (
                value.purchase_summary(own, unit="D", end="2025-12-31", split="2025-06-30"),
                'that counts in days. Weeks are asked: `unit="W"`, or leave the unit out.',
            ),
        ],
        hints=[
            'Rows without a campaign: `log[log["campaign_id"].isna()]`, where `log` is `base.transactions`.',
            "`value.purchase_summary` takes the rows, then `end=` and `split=`.",
        ],
        reveal="Keep what customers do of themselves, then boil it down:\n"
        "    log = base.transactions\n"
        '    own = log[log["campaign_id"].isna()]\n'
        '    past = value.purchase_summary(own, end="2025-12-31", split="2025-06-30")',
    )

    report = value.holdout_report(past, learned).numbers
    ratio = report["total_ratio"]
    q3 = lesson.Question(
        "9.3",
        expected=ratio,
        praise=f"it foretold {abs(ratio - 1):.1%} too {'many' if ratio > 1 else 'few'}. Customers of this shop go on as "
        "before, so chance alone is to blame, and that there are not more of them. In a real shop things change as well.",
        slips=[
            (1 / ratio, "that is the other way round. Foretold divided by made."),
            (ratio - 1, "that is by how much it was off. The ratio itself is asked."),
            (report["predicted_purchases"], "that is how many it foretold. Divide by how many were made."),
            (report["actual_purchases"], "that is how many were made. The ratio of foretold to made is asked."),
            (report["mean_absolute_error"], "that is how far off it was per customer. The ratio of the totals is asked."),
            (report["top_decile_lift"], "that is what the best tenth bought. The ratio of the totals is asked."),
        ],
        hints=[
            "Two calls: `value.BGNBD().fit(past)`, and `value.holdout_report` of the table and the model.",
            "The report has `numbers`; one of them is called `total_ratio`.",
        ],
        reveal="Fit, then compare with what was held out:\n"
        "    report = value.holdout_report(past, value.BGNBD().fit(past))\n"
        '    ratio = report.numbers["total_ratio"]',
    )

    foretold = model.expected_purchases(now, weeks).sum()
    old = learned.expected_purchases(past, weeks).sum()
    rule = (now["frequency"] / now["age_weeks"].clip(lower=1 / 7)).sum() * weeks
    q4 = lesson.Question(
        "9.4",
        expected=float(foretold),
        praise=f"the envelope says {buys.sum():,.0f}, so you are {abs(foretold / buys.sum() - 1):.1%} off. Somebody told "
        f"the very figures the dice were thrown with would say {told.sum():,.0f} from this log. In the end chance made it "
        f"{truth['future_purchases'].sum():,}.",
        slips=[
            (rule, "that lets everybody go on as before. Some have left, and who bought twice at once will slow down."),
            (old, "that is from the table of June. Make one up to the end of the year, and fit again."),
            (model.p_alive(now).sum(), "that is how many are still customers. How often will they buy?"),
            (
                model.expected_purchases(now, 7 * weeks).sum(),
                "that is for 182 weeks. The model counts in weeks, not in days.",
            ),
            (model.expected_purchases(now, weeks).mean(), "that is for one customer on average. Add all of them up."),
            (model.expected_by(weeks) * len(now), "that is for as many new customers. Ask for the ones you have."),
        ],
        hints=[
            "As in 9.2 but without `split`; then `fit` as in 9.3.",
            "`expected_purchases` of the model takes the table and the number of weeks; `.sum()` adds all customers up.",
        ],
        reveal="A new table, a new fit, and the question:\n"
        '    summary = value.purchase_summary(own, end="2025-12-31")\n'
        "    model = value.BGNBD().fit(summary)\n"
        "    foretold = model.expected_purchases(summary, 26).sum()",
    )

    given = {"purchases": model, "spend": spend, "margin": 0.3, "rate": 0.1, "rate_period": "Y"}
    worth = value.lifetime_value(now, **given, horizon=weeks, draws=100, seed=1)
    equity = worth.total_cents / 100
    low, high = worth.total_low_cents / 100, worth.total_high_cents / 100
    each = spend.expected_value(now)
    for_ever = (model.discounted_purchases(now, rate=0.1, rate_period="Y") * each).sum() * 0.3 / 100
    a_week = (model.discounted_purchases(now, rate=0.1, rate_period="W", horizon=weeks) * each).sum() * 0.3 / 100
    came = 0.3 * truth["future_value_cents"].sum() / 100
    q5 = lesson.Question(
        "9.5",
        expected=equity,
        praise=f"90% of the futures lie between {low:,.0f} and {high:,.0f} euros. In the end it was {came:,.0f}, without "
        f"interest: {'inside' if low <= came <= high else 'outside, as happens to one shop in ten'}.",
        slips=[
            (equity / 0.3, "that is turnover. 30 % of it is left: `margin=0.3`."),
            (for_ever, "that looks ahead for ever. 26 weeks are asked: `horizon=26`."),
            (a_week, 'money costs 10 % a year here, not a week: `rate_period="Y"`.'),
            (low, "that is the lower end of the interval. The estimate itself is asked."),
            (high, "that is the upper end of the interval. The estimate itself is asked."),
            (equity / len(now), "that is one customer on average. All together are asked."),
        ],
        hints=[
            "Fit `value.GammaGamma()` to the table of 9.4; `value.lifetime_value` then takes the table and both models.",
            "It also takes `margin=`, `rate=`, `rate_period=`, `horizon=`, `draws=` and `seed=`; then `total_cents / 100`.",
        ],
        reveal="Both models together, with each assumption by its name:\n"
        "    worth = value.lifetime_value(\n"
        "        summary, purchases=model, spend=value.GammaGamma().fit(summary),\n"
        '        margin=0.3, rate=0.1, rate_period="Y", horizon=26, draws=100, seed=1,\n'
        "    )\n"
        "    equity_euros = worth.total_cents / 100",
    )

    values = worth.table["lifetime_value_cents"]
    spent = own.groupby("record_id")["amount_cents"].sum()
    lately = own[own["ts"] >= "2025-07-01"].groupby("record_id")["amount_cents"].sum()
    q6 = lesson.Selection(
        "9.6",
        worth=brings,
        best=told_value.nlargest(200).index,
        praise="The envelope is open.",
        slips=[
            (
                spent.nlargest(200).index,
                "those are the 200 who brought most so far; they recover {recovered} of what can be recovered. "
                "Some have left: take your values of 9.5.",
            ),
            (
                lately.nlargest(200).index,
                "those brought most in the last half year: {recovered} of what can be recovered. A good rule for a list, "
                "but it cannot say how much they will bring. What do your values of 9.5 say?",
            ),
            (
                now["frequency"].nlargest(200).index,
                "those bought most often: {recovered} recovered. How much they spend, and whether they left, counts too.",
            ),
            (
                model.p_alive(now).nlargest(200).index,
                "those are the surest to be customers still: {recovered} recovered. Many of them hardly buy.",
            ),
            (values.nsmallest(200).index, "those are the 200 at the lower end: {recovered} recovered. Turn it round."),
        ],
        hints=[
            "`worth.table` has a row for each customer; one column is `lifetime_value_cents`.",
            "`nlargest(200)` of that column keeps the largest; their `.index` are the numbers of the customers.",
        ],
        reveal="The largest lifetime values, and whose they are:\n"
        '    best = worth.table["lifetime_value_cents"].nlargest(200).index',
    )

    before = 0.3 * lately.sum() / 100
    alive = model.p_alive(now).sum()
    q7 = lesson.Decision(
        "9.7",
        choices=["what they left in the last one", "the estimate with its interval", "the lower end of the interval"],
        figures={
            "the estimate": equity,
            "lower end": low,
            "upper end": high,
            "foretold for each purchase made, in the test": ratio,
            "what they left in the last half year": before,
            "customers who are still one": alive,
        },
        praise="you can defend that. Which change in the shop would make your figure wrong, interval and all?",
        slips={
            "what they left in the last one": f"of these {len(now):,} customers about {len(now) - alive:,.0f} have gone "
            "since they came, and the first purchases of the newest are in that figure. Customers are not the same twice.",
        },
        hints=[
            "`worth.total_low_cents` and `worth.total_high_cents` are the ends of the interval.",
            "What does finance lose if the figure is too high, and what if it is too low? Say it beside the figure.",
        ],
        reveal=f'One answer that can be defended: "the estimate with its interval", {equity:,.0f} euros ({low:,.0f} to '
        f"{high:,.0f}), because the test on the past was off by {abs(ratio - 1):.0%} only; and the condition goes with it: "
        "if nothing changes for customers.",
        rubric="3 marks: a figure with its unit and time, what it assumes (customers go on as before, no campaigns, no new "
        "customers), and what being wrong would cost. One mark each. Both remaining choices can earn full marks.",
    )

    mine = values.nlargest(200).index
    first = worth.table.loc[mine[0]] / 100
    q8 = lesson.Decision(
        "9.8",
        choices=[
            "a gift worth what each will bring",
            "a small gift to half of them, by lot",
            "no gift, but ask what they miss",
        ],
        figures={
            "share of the equity these 200 carry": values[mine].sum() / values.sum(),
            "value of the first of them": first["lifetime_value_cents"],
            "lower end for the first": first["low_cents"],
            "upper end for the first": first["high_cents"],
            "mean value of the 200": values[mine].mean() / 100,
            "mean value of all": values.mean() / 100,
            "chance that the 200 are still customers": worth.table.loc[mine, "p_alive"].mean(),
        },
        praise="you can defend that. What will the other customers get? Good service is for everybody.",
        slips={
            "a gift worth what each will bring": "they bring it without a gift as well. Lifetime value says what comes "
            "if all stays as it is, not what a gift adds; and nothing would be left.",
        },
        hints=[
            '`worth.table.loc[best, "lifetime_value_cents"].sum()` divided by the sum of the whole column is the share.',
            "How would you find out what a gift adds? Somebody has to go without it, by lot.",
        ],
        reveal=f'One answer that can be defended: "a small gift to half of them, by lot". These 200 carry '
        f"{values[mine].sum() / values.sum():.0%} of the equity, so a little more from each is worth a trial; only against "
        "a half that got nothing will the shop see what the gift added.",
        rubric="3 marks: the figure carries the argument; value is told from what a gift adds; what the customer has from "
        "it is named. One mark each. Both remaining choices can earn full marks.",
    )

    return q1, q2, q3, q4, q5, q6, q7, q8
