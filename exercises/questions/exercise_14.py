"""Built by tools/build_notebooks.py from exercises/source/exercise_14.py: change it there."""

import pandas as pd
from crmlab import lesson, segment


def questions(base):
    """Make the questions of this exercise from the learner's own data."""
    every = base.survey.sort_values("ts")
    last = every.drop_duplicates("record_id", keep="last").set_index("record_id")
    first = every.drop_duplicates("record_id", keep="first").set_index("record_id")
    rated = last.filter(like="benefit")


    def stands_out(answers, least=1):
        return (segment.ipsatise(answers, scale=(1, 7)) >= least).astype("int64")


    yes = stands_out(rated)

    q1 = lesson.Question(
        "14.1",
        expected=0.4,
        praise="whoever sells you a way to foretell segments has to beat that, on people it has not seen.",
        slips={
            0.25: "that is guessing one of four by lot. You can do better: one segment is larger than the others.",
            0.6: "those are the customers who are *not* in the largest segment.",
            0.1: "you may guess the same for everybody. Which segment would you take?",
            40: "that is how many of the 100. Give the share.",
        },
        hints=["Guess the same segment for everybody: which one is the best to guess?", "Then count who really is in it."],
        reveal="Guess the largest segment for everybody. Who is in it was guessed right: 40 / 100",
    )

    q2 = lesson.Question(
        "14.2",
        expected=yes,
        praise=f"{len(yes)} customers; sought most is {yes.mean().idxmax()}, by {yes.mean().max():.0%} of them.",
        slips=[
            (stands_out(every.filter(like="benefit")), "some customers stand there twice. Keep the last sheet of each."),
            (stands_out(first.filter(like="benefit")), "those are the *first* sheets. What do they seek now?"),
            ((rated >= 6).astype("int64"), "that is a high answer, not one above the customer's own average."),
            (stands_out(rated, 0), "that is anything above their own average. Asked is one point or more."),
            (segment.ipsatise(rated, scale=(1, 7)), "nearly: now say of each number whether it is 1 or more."),
            (rated, "those are the answers as given. Take each customer's own level out first."),
            (yes.mean(), "those are the shares. Asked is the table behind them, with one row per customer."),
        ],
        hints=[
            "Three steps, as in the lesson's first cells: last sheets, own level out, one point or more.",
            'Last sheets: `.sort_values("ts").drop_duplicates("record_id", keep="last").set_index("record_id")`.',
        ],
        reveal="Last sheets, own level out, one point or more:\n"
        '    sheets = base.survey.sort_values("ts").drop_duplicates("record_id", keep="last").set_index("record_id")\n'
        '    ratings = sheets.filter(like="benefit")\n'
        '    sought = (segment.ipsatise(ratings, scale=(1, 7)) >= 1).astype("int64")',
    )

    fitted = segment.class_solutions(yes, k=range(1, 6), starts=10, seed=1)
    criteria = fitted.table
    best = int(criteria["bic"].idxmin())
    wrong = [
        (int(criteria["bic"].idxmax()), "there BIC is *highest*. The lowest wins."),
        (int(criteria["log_likelihood"].idxmax()), "there the fit is best; it always is, with the most classes."),
        (int(criteria["entropy"].idxmax()), "there people are told apart best; that is the column `entropy`."),
        (int(criteria["icl"].idxmin()), "that is what ICL would take. Asked is BIC."),
        (int(criteria["aic"].idxmin()), "that is what AIC would take. Asked is BIC."),
    ]
    q3 = lesson.Question(
        "14.3",
        expected=best,
        praise=f"{best} classes. The smallest holds {criteria.loc[best, 'smallest']:.0%} of the customers.",
        slips={number: text for number, text in reversed(wrong) if number != best},
        hints=[
            "`segment.class_solutions` fits them all; its `.table` has one row for each number of classes.",
            'The label of the lowest value of a column is `found.table["bic"].idxmin()`.',
        ],
        reveal="Fit one to five classes and take the lowest BIC:\n"
        "    found = segment.class_solutions(sought, k=range(1, 6), starts=10, seed=1)\n"
        '    k = found.table["bic"].idxmin()',
    )

    model = fitted.model(best)
    placed = model.predict(yes)
    person = base.truth["links"].set_index("record_id")["person_id"].loc[yes.index]
    truth = base.truth["benefits"].set_index("person_id").loc[person].set_axis(yes.index)
    known_chances = truth.filter(like="p_class_")


    def near(classes):
        return segment.recovered(classes, truth["benefit_class"], known_chances)


    reached = near(placed)
    fewer = near(fitted.model(best - 1).predict(yes)) if best > 2 else reached / 2
    q4 = lesson.Question(
        "14.4",
        expected=float(reached["share_of_best"]),
        praise=f"your classes recover {reached['share_of_best']:.0%} of what can be recovered (adjusted Rand "
        f"{reached['adjusted_rand']:.2f}; the best possible reader of these answers reaches "
        f"{reached['best_possible']:.2f}, not 1).",
        slips=[
            (float(reached["adjusted_rand"]), "that is the agreement with the truth, where nobody can reach 1. Read on."),
            (float(reached["best_possible"]), "that is what the best possible reader reaches. And you?"),
            (float(fewer["share_of_best"]), "that is one class fewer. Take the number of 14.3."),
        ],
        hints=[
            "The last section of the lesson does it: person of each record, truth of each person, then `recovered`.",
            '`found.model(k).predict(sought)` gives the classes. `truth.filter(like="p_class_")` are the chances.',
        ],
        reveal="Class of each customer, truth of each customer, and how near they are:\n"
        "    classes = found.model(k).predict(sought)\n"
        '    person = base.truth["links"].set_index("record_id")["person_id"].loc[classes.index]\n'
        '    truth = base.truth["benefits"].set_index("person_id").loc[person].set_axis(classes.index)\n'
        '    near = segment.recovered(classes, truth["benefit_class"], truth.filter(like="p_class_"))\n'
        '    share = near["share_of_best"]',
    )

    around = base.customers.set_index("record_id").loc[placed.index, ["birth_date", "city", "source"]]
    told = segment.described(placed, around, seed=1)
    gain = float(told.accuracy - told.largest)
    q5 = lesson.Question(
        "14.5",
        expected=gain,
        within=0.004,
        praise=f"foretold are {told.accuracy:.0%}, the lazy guess gets {told.largest:.0%}. "
        'Write that beside every campaign for "the young".',
        slips=[
            (float(told.accuracy), "that is the share foretold. Take the share of the largest class off."),
            (float(told.largest), "that is the lazy guess. What do the three columns add to it?"),
            (float(told.accuracy - 1 / best), "that is against guessing by lot. The lazy guess takes the largest class."),
            *(
                [(-gain, "the wrong way round: foretold less largest. Below 0 means worse than guessing.")]
                * (abs(gain) > 0.01)
            ),
        ],
        hints=[
            "`segment.described(classes, people, seed=1)` takes a table with the same labels as the classes.",
            'People: `base.customers.set_index("record_id").loc[classes.index, ["birth_date", "city", "source"]]`.',
        ],
        reveal="Take the three columns of these customers, and hold the two shares against each other:\n"
        '    known = base.customers.set_index("record_id").loc[classes.index, ["birth_date", "city", "source"]]\n'
        "    told = segment.described(classes, known, seed=1)\n"
        "    gain = told.accuracy - told.largest",
    )

    tool = model.typing_tool(5)
    q6 = lesson.Decision(
        "14.6",
        choices=["by age and town", "five questions at the next contact", "all twelve questions by e-mail"],
        figures={
            "share that five questions place as twelve do": tool.agreement,
            "share foretold by birth date, town and channel": float(told.accuracy),
            "share of the largest class": float(told.largest),
            "customers who answered": len(yes),
            "share of records that answered": len(yes) / len(base.customers),
        },
        praise="you can defend that. What do you tell the customer the questions are for?",
        slips={
            "by age and town": f"that foretells {told.accuracy:.0%}, and guessing the largest class {told.largest:.0%}. "
            "Most would get what they did not ask for.",
        },
        hints=[
            "`found.model(k).typing_tool(5).agreement` is the share, held out.",
            "Hold it beside your figure of 14.5. And think of who answers e-mails, and who does not.",
        ],
        reveal=f'One answer that can be defended: "five questions at the next contact". They place {tool.agreement:.0%} as '
        f"all twelve do, against {told.accuracy:.0%} by birth date, town and channel; customers lose a minute and are "
        "spared letters they do not want.",
        rubric="2 marks: a figure that compares two ways, and what the customer has from it (or what it costs them). "
        "1 mark: one of the two. Both remaining choices can earn full marks; twelve by e-mail if the reason names who "
        "would not answer.",
    )

    grades = [2, 3, 4, 6, 6, 7, 6, 7, 7, 9, 8, 8]
    seek = segment.profile(yes, placed).table.drop(columns="everybody")
    suits = seek.mul(grades, axis=0).sum() / seek.sum()
    q7 = lesson.Question(
        "14.7",
        expected=suits,
        praise=f"from {suits.min():.1f} (class {suits.idxmin()}) to {suits.max():.1f} (class {suits.idxmax()}): "
        "some want what the company is good at, others do not.",
        slips=[
            (seek.mul(grades, axis=0).sum(), "that grows with how much a class seeks at all. Divide by the sum of shares."),
            (seek.mul(grades, axis=0).mean(), "that divides by twelve. Divide by the sum of the shares of the class."),
            (seek.sum(), "that is how many benefits a member of the class seeks. Where are the grades?"),
            (float((yes.mean() * grades).sum() / yes.mean().sum()), "that is everybody together. One number per class."),
            (seek.rank(ascending=False).mul(grades, axis=0).sum(), "those are ranks. Count by the shares themselves."),
        ],
        hints=[
            'The shares: `segment.profile(sought, classes).table.drop(columns="everybody")`, a column for each class.',
            "Each share times its grade (`.mul(grades, axis=0)`), added up, divided by the added-up shares.",
        ],
        reveal="Shares of each class, times the grades, divided by the sum of the shares:\n"
        '    wants = segment.profile(sought, classes).table.drop(columns="everybody")\n'
        "    fit = wants.mul([2, 3, 4, 6, 6, 7, 6, 7, 7, 9, 8, 8], axis=0).sum() / wants.sum()",
    )

    many = 2_000 * last["weight"].groupby(placed).sum() / last["weight"].sum()
    rule = {"attractive": {"customers": 1}, "competitive": {"fit": 1}, "knock_out": {"customers": 400}}
    ranked = segment.targets(pd.DataFrame({"customers": many, "fit": suits}), **rule).table
    out = many.index[many < 360]  # just under the knock-out is a matter of judgement: the numbers come from a sample
    top = ranked.index[0]
    rest = [number for number in reversed(ranked.index) if number not in out]
    q8 = lesson.Decision(
        "14.8",
        choices=["all of them", *(f"class {number}" for number in [*out, *rest])],
        figures={
            **{f"customers of class {number}": float(many[number]) for number in many.index},
            **{f"fit of class {number}": float(suits[number]) for number in many.index},
        },
        praise="you can defend that. What will these customers get, and what do all the others keep?",
        slips={
            "all of them": "one offer for everybody is what the company has today. Good service is for all; a target is "
            "whom the *new* offer is made for.",
            **{
                f"class {number}": f"it holds about {many[number]:.0f} customers, and the plan asked for 400 before "
                "anybody looked. Whoever bends the knock-out afterwards did not need one."
                for number in out
            },
        },
        hints=[
            '`sheets["weight"].groupby(classes).sum()` adds up the weights; make them 2,000 in all.',
            "`segment.targets` takes a table with the columns `customers` and `fit`, and the plan as three dictionaries.",
        ],
        reveal=f'What the plan says: "class {top}", with about {many[top]:.0f} customers and a fit of {suits[top]:.1f}. '
        "Another class that passes the knock-out can be defended too, with a figure and a reason why the plan falls short.",
        rubric="3 marks: the two figures that decide (size and fit), the knock-out kept or its change argued, and the "
        "offer named by what the class seeks. One mark each. A choice against the plan can earn full marks; so can a class "
        "just under the knock-out, if the reason says that sizes come from a few hundred sheets.",
    )

    return q1, q2, q3, q4, q5, q6, q7, q8
