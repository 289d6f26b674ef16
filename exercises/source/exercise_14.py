# %% [markdown]
# # Exercise 14 · Benefit segments II
#
# 40 minutes · a telephone company of your own number
#
# The calls are those of the lesson, the customers are not. Twelve benefits were asked: 1 price, 2 offers, 3 no hidden
# cost, 4 quality, 5 reliability, 6 choice, 7 speed, 8 coverage, 9 ease, 10 friendliness, 11 advice, 12 being known.
# Put your answer where the three dots are, run the cell, then run the check below it. Stuck? Take the `#` away from a
# line with a hint and run the cell again. The way is there too; try once before you look.
#
# Where a call asks for a `seed`, write `seed=1`: the check does too. Run the first cell to open the company.

# %% tags=["setup"]
import pandas as pd

from crmlab import lesson, segment, simulate

me = lesson.begin("14")
base = simulate.company("telco", customers=2_000, seed=me.seed, locale="hr")
q1, q2, q3, q4, q5, q6, q7, q8 = me.questions(base)
me

# %% tags=["question"]
every = base.survey.sort_values("ts")
last = every.drop_duplicates("record_id", keep="last").set_index("record_id")
first = every.drop_duplicates("record_id", keep="first").set_index("record_id")
rated = last.filter(like="benefit")


def stands_out(answers, least=1):
    return (segment.ipsatise(answers, scale=(1, 7)) >= least).astype("int64")


yes = stands_out(rated)

# %% [markdown]
# **14.1** From memory: of 100 customers, 40 are in the largest of four segments. You know nothing of them and guess
# the same segment for everybody. What share can you get right, at best? The next cell takes a number from 0 to 1.

# %% tags=["question"]
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

# %% tags=["answer"]
# A share from 0 to 1.
lazy = 0.4

# %%
q1.check(lazy)

# %% [markdown]
# **14.2** Make the table of what each customer *seeks*: from their last answer sheet, 1 where a benefit is rated at
# least one point above their own average, 0 elsewhere. The next cell takes the table: one row per customer, labelled
# by `record_id`, with the columns `benefit_01` to `benefit_12`.

# %% tags=["question"]
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

# %% tags=["answer"]
# A table of 0 and 1; three lines will do.
sheets = base.survey.sort_values("ts").drop_duplicates("record_id", keep="last").set_index("record_id")
ratings = sheets.filter(like="benefit")
sought = (segment.ipsatise(ratings, scale=(1, 7)) >= 1).astype("int64")

# %%
q2.check(sought)

# %% [markdown]
# **14.3** How many classes would BIC take, of one to five, with 10 starts for each? The next cell takes a number.

# %% tags=["question"]
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

# %% tags=["answer"]
# A number of classes.
found = segment.class_solutions(sought, k=range(1, 6), starts=10, seed=1)
k = found.table["bic"].idxmin()

# %%
q3.check(k)

# %% [markdown]
# **14.4** Put each customer into the likeliest of these classes. How near is that to the truth? `base.truth` knows what
# each customer really seeks, and `segment.recovered` says which share of the best possible your classes reach
# (`share_of_best`). The next cell takes a number from 0 to 1.

# %% tags=["question"]
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

# %% tags=["answer"]
# A share from 0 to 1.
classes = found.model(k).predict(sought)
person = base.truth["links"].set_index("record_id")["person_id"].loc[classes.index]
truth = base.truth["benefits"].set_index("person_id").loc[person].set_axis(classes.index)
share = segment.recovered(classes, truth["benefit_class"], truth.filter(like="p_class_"))["share_of_best"]

# %%
q4.check(share)

# %% [markdown]
# **14.5** Real firms have no `base.truth`. Do birth date, town and channel (`birth_date`, `city`, `source`) foretell
# the class? By how much do they beat the guess of 14.1, on people not seen before: share foretold less share of the
# largest class? The next cell takes a number from -1 to 1.

# %% tags=["question"]
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

# %% tags=["answer"]
# A number from -1 to 1.
known = base.customers.set_index("record_id").loc[classes.index, ["birth_date", "city", "source"]]
told = segment.described(classes, known, seed=1)
gain = told.accuracy - told.largest

# %%
q5.check(gain)

# %% [markdown]
# **14.6** Two questions have no single right answer; they ask for a reason that stands on one of your figures. This is
# the first.
#
# Most customers never answered. How shall the company know their segment: `"by age and town"`,
# `"five questions at the next contact"` or `"all twelve questions by e-mail"`? Work out first how often the best five
# questions (`typing_tool`) give the class that all twelve give. The next cell takes your choice and why.

# %% tags=["question"]
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

# %% tags=["answer"]
# Your choice in quotes, and your reason with at least one figure.
tool = found.model(k).typing_tool(5)
way = "five questions at the next contact"
because = f"Five questions place {tool.agreement:.0%} as all twelve do; age and town place {told.accuracy:.0%} right."
because += " A customer loses one minute, and gets letters about what they want."

# %%
q6.check(way, because)

# %% [markdown]
# **14.7** Before anybody had seen a segment, the company graded what it is good at, from 1 to 10, `benefit_01` first:
# 2, 3, 4, 6, 6, 7, 6, 7, 7, 9, 8, 8. How well does each class fit: the mean grade, each benefit counted by the share
# of the class that seeks it? The next cell takes one number per class, labelled by the class.

# %% tags=["question"]
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

# %% tags=["answer"]
# One number per class. The grades, to copy: [2, 3, 4, 6, 6, 7, 6, 7, 7, 9, 8, 8]
wants = segment.profile(sought, classes).table.drop(columns="everybody")
fit = wants.mul([2, 3, 4, 6, 6, 7, 6, 7, 7, 9, 8, 8], axis=0).sum() / wants.sum()

# %%
q7.check(fit)

# %% [markdown]
# **14.8** The plan, written with the grades: a target has at least 400 of the 2,000 customers (knock-out); attractive
# is how many they are, competitive is the fit, each with weight 1. Count sheets by their `weight`. Which class do you
# take: `"class 0"`, `"class 1"` … or `"all of them"`? You may leave the plan if you say why. The next cell takes your
# choice and why.

# %% tags=["question"]
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

# %% tags=["answer"]
# Your choice in quotes, and your reason with at least one figure.
customers = 2_000 * sheets["weight"].groupby(classes).sum() / sheets["weight"].sum()
plan = {"attractive": {"customers": 1}, "competitive": {"fit": 1}, "knock_out": {"customers": 400}}
chosen = segment.targets(pd.DataFrame({"customers": customers, "fit": fit}), **plan)
target = chosen.table.index[0]
choice = f"class {target}"
reason = f"The plan was set before we looked; with {customers[target]:.0f} customers and a fit of {fit[target]:.1f}"
reason += " this class comes first, and it gets an offer made of what it seeks."

# %%
q8.check(choice, reason)

# %% [markdown]
# ## What you can now do
#
# Find classes behind answers, say how near they come to the truth and how little age and town tell, ask five questions
# instead, and choose a target by a plan that is older than the segments. Do it once on
# [your own survey](../notebooks/14_benefit_segments_two.ipynb) this week; the
# [cheat-sheet](../notebooks/cheatsheets/14.pdf) has every call. The last cell says when to come back.

# %% tags=["nbval-ignore-output"]
# The date depends on the day you run it.
me.finish()
