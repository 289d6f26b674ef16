"""Built by tools/build_notebooks.py from exercises/source/exercise_13.py: change it there."""

from crmlab import lesson, segment


def questions(base):
    """Make the questions of this exercise from the learner's own data."""
    sheets = base.survey.sort_values("ts")
    last = sheets.drop_duplicates("record_id", keep="last").set_index("record_id")
    ratings = last.filter(like="benefit")
    wanted = segment.ipsatise(ratings)

    q1 = lesson.Question(
        "13.1",
        expected="stable but constructed",
        praise="useful perhaps, like sizes S, M and L; but drawn, not found. Say so when you show them.",
        slips={
            "real structure": "for that, people without segments would have to split *less well* than yours, "
            "and there would have to be a gap.",
            "none": "that word is for segments on which not even samples agree. Here they do.",
        },
        hints=[
            "There are two questions: do samples agree, and is there anything to find? Which one is answered no?",
            "The samples say yes, the cloud says no. The words name both halves.",
        ],
        reveal='Samples agree, so it is not "none"; one cloud splits as well, so it is no real structure: '
        '"stable but constructed".',
    )

    first = sheets.drop_duplicates("record_id").set_index("record_id").filter(like="benefit")
    everything = last.filter(regex="benefit|nps|csat|ces")
    q2 = lesson.Question(
        "13.2",
        expected=wanted,
        praise=f"{len(wanted)} customers answered, some more than once. Every row now has the mean 0: what is left is "
        "what they want, not how they cross.",
        slips=[
            (ratings, "those are the answers as they were given. Take each customer's own level out."),
            (ratings - ratings.mean(), "that takes out each *question*'s mean. Asked is each *customer*'s own level."),
            (segment.ipsatise(first), "those are the *first* sheets of customers who answered twice. Keep the last."),
            (
                segment.ipsatise(everything)[list(wanted)],
                "a customer's level is the mean of the twelve benefits alone: leave `nps`, `csat` and `ces` out.",
            ),
            (segment.ipsatise(ratings, spread=True), "that divides by their spread too. Take only the level out."),
        ],
        hints=[
            'Sort `base.survey` by `"ts"`, drop duplicates of `"record_id"` with `keep="last"`, make it the labels.',
            '`.filter(like="benefit")` keeps the twelve columns; one call of `segment` then takes the level out.',
        ],
        reveal="Last sheet, twelve columns, own level out:\n"
        '    sheets = base.survey.sort_values("ts").drop_duplicates("record_id", keep="last").set_index("record_id")\n'
        '    sought = segment.ipsatise(sheets.filter(like="benefit"))',
    )

    found = segment.solutions(wanted, k=range(2, 7), starts=100, seed=1)
    four = found.table.loc[4]
    q3 = lesson.Question(
        "13.3",
        expected=four["starts_at_best"],
        praise=f"{four['starts_at_best']:.0%} of the starts. Whoever starts once misses the best split "
        f"{1 - four['starts_at_best']:.0%} of the time, and is not told.",
        slips=[
            (100 * four["starts_at_best"], "that is how many of a hundred. A share from 0 to 1 is asked."),
            (1 - four["starts_at_best"], "those are the starts that did *not* reach it."),
            (four["explained"], "that is the share of the differences explained. Look one column on."),
            (int(four["optima"]), "that is how many different splits the starts ended in."),
        ],
        hints=[
            "`segment.solutions` takes your table from 13.2 and `k=range(2, 7)`: the last number is left out.",
            'The result has a `table` with a row per k and a column `"starts_at_best"`; `.loc[row, column]` picks one.',
        ],
        reveal="All k in one call, then one number of its table:\n"
        "    found = segment.solutions(sought, k=range(2, 7), starts=100, seed=1)\n"
        '    reached = found.table.loc[4, "starts_at_best"]',
    )

    clicks = [segment.solutions(wanted, k=4, starts=1, seed=number) for number in range(100)]
    shares = [click.table.loc[4, "explained"] for click in clicks]
    poorest = min(shares)
    q4 = lesson.Question(
        "13.4",
        expected=poorest,
        praise=f"{poorest:.1%}, where the best of a hundred starts explains {four['explained']:.1%}. "
        "The colleague who got it sees four tidy segments and no warning.",
        slips=[
            (max(shares), "that is the best of them. Asked is the poorest."),
            (four["explained"] - poorest, "that is what is lost against the best. Asked is what the poorest explains."),
            (sum(shares) / 100, "that is the mean over the hundred. Asked is the poorest."),
            (1 - poorest, "that is what the poorest leaves unexplained."),
        ],
        hints=[
            "The lesson let a hundred colleagues click in one cell, with `for number in range(100)`.",
            'Each click has a `table`; of `.table.loc[4, "explained"]` over all clicks you want the smallest.',
        ],
        reveal="One start each, then the smallest share:\n"
        "    clicks = [segment.solutions(sought, k=4, starts=1, seed=number) for number in range(100)]\n"
        '    poorest = min(click.table.loc[4, "explained"] for click in clicks)',
    )

    held = segment.stability(wanted, k=range(2, 7), pairs=20, seed=1)
    gain = held.table["explained"] - held.table["one_cloud"]
    k = int(gain.idxmax())
    apart = {
        int(held.table["explained"].idxmax()): "more segments always explain more. Take off what one cloud explains.",
        int(gain.idxmin()): "there the gain is *smallest*.",
    }
    agree = int(held.table["adjusted_rand"].idxmax())
    apart.setdefault(agree, "there samples agree most, which is another question. Take explained less one cloud.")
    apart.setdefault(len(gain), "that is how many k were tried. Asked is the k of the largest gain.")
    q5 = lesson.Question(
        "13.5",
        expected=k,
        praise=f"with {k} segments you explain {gain[k]:.0%} of the differences more than cutting one cloud would, and "
        f"samples agree to {held.table.at[k, 'adjusted_rand']:.2f}. {held.table.at[k, 'verdict'].capitalize()}.",
        slips=[(number, text) for number, text in apart.items() if number != k],
        hints=[
            "`segment.stability(...)` has a `table` too. The gain is its column `explained` less `one_cloud`.",
            "Of a column, `.idxmax()` gives the label of the largest value; here the labels are the k.",
        ],
        reveal="Subtract, and ask for the k of the largest difference:\n"
        "    held = segment.stability(sought, k=range(2, 7), pairs=20, seed=1)\n"
        '    best_k = (held.table["explained"] - held.table["one_cloud"]).idxmax()',
    )

    person = base.truth["links"].set_index("record_id")["person_id"].loc[wanted.index]
    truth = base.truth["benefits"].set_index("person_id").loc[person].set_axis(wanted.index)
    chances = truth.filter(like="p_class_")
    score = segment.recovered(found.labels(4), truth["benefit_class"], chances)
    as_answered = segment.solutions(ratings, k=4, starts=100, seed=1).labels(4)
    unlucky = clicks[shares.index(poorest)].labels(4)
    of_raw, of_click = (segment.recovered(one, truth["benefit_class"], chances) for one in (as_answered, unlucky))
    q6 = lesson.Question(
        "13.6",
        expected=score["share_of_best"],
        praise=f"your segments recover {score['share_of_best']:.0%} of what can be recovered; the poorest "
        f"click of 13.4 recovers {of_click['share_of_best']:.0%}, ratings as answered {of_raw['share_of_best']:.0%}.",
        slips=[
            (score["adjusted_rand"], "that is the agreement with the truth. The best reader errs too: divide by hers."),
            (score["best_possible"], "that is what the best possible reader reaches. Asked is your share of it."),
            (of_click["share_of_best"], "those are the segments of the poorest click. Take the best of 13.3."),
            (of_raw["share_of_best"], "those are segments of the ratings as answered. Take those of 13.3."),
        ],
        within=0.0005,
        hints=[
            "Section 6 of the lesson has the way: the person behind each record, what is true of them, how near.",
            '`recovered` takes `found.labels(4)`, then `"benefit_class"` and the columns `p_class_…` of the truth, '
            "all labelled by `record_id`; its `share_of_best` is asked.",
        ],
        reveal="Find the persons, give their truth the customers' labels, compare:\n"
        '    person = base.truth["links"].set_index("record_id")["person_id"].loc[sought.index]\n'
        '    truth = base.truth["benefits"].set_index("person_id").loc[person].set_axis(sought.index)\n'
        '    score = segment.recovered(found.labels(4), truth["benefit_class"], truth.filter(like="p_class_"))\n'
        '    share = score["share_of_best"]',
    )

    six = held.table.loc[6]
    q7 = lesson.Decision(
        "13.7",
        choices=["the six types", "the k with the largest gain", "fewer, as long as they hold"],
        figures={
            "gain at the k you chose in 13.5": gain[k],
            "gain at six": gain[6],
            "agreement of samples at that k": held.table.at[k, "adjusted_rand"],
            "agreement of samples at six": six["adjusted_rand"],
            **{f"agreement of samples at k = {few}": held.table.at[few, "adjusted_rand"] for few in (2, 3)},
            **{f"share explained at k = {number}": share for number, share in held.table["explained"].items()},
            "share of starts that reached the best four": four["starts_at_best"],
        },
        praise="you can defend that. Can you also serve so many in different ways, every week?",
        slips={
            "the six types": f"more segments always explain more. Samples agree to {six['adjusted_rand']:.2f} at six, "
            f"to {held.table.at[k, 'adjusted_rand']:.2f} at the k of 13.5, and the gain over one cloud is smaller too.",
        },
        hints=[
            "`held.table` has a row for each k: what does it say of six, and what of your k?",
            "Write out the figure, and say what it means for those who will work with the segments.",
        ],
        reveal=f'One answer that can be defended: "the k with the largest gain", because {k} segments explain '
        f"{gain[k]:.0%} more than cutting one cloud would and samples agree to "
        f"{held.table.at[k, 'adjusted_rand']:.2f}, against {six['adjusted_rand']:.2f} at six.",
        rubric="2 marks: agreement or gain carries the argument, not the share explained alone, and the use of the "
        "segments is named (how many can we serve?). 1 mark: one of the two. Both other choices can earn full marks.",
    )

    people = base.customers.set_index("record_id")
    agreed = int(people.loc[wanted.index, "consent_profiling"].sum())
    q8 = lesson.Decision(
        "13.8",
        choices=[
            "all who answered",
            "those who answered and agreed to profiling",
            "nobody yet, ask more customers first",
        ],
        figures={
            "customers who answered": len(wanted),
            "of these agreed to profiling": agreed,
            "share of these who agreed": agreed / len(wanted),
            "records in the base": len(people),
            "share of the base that answered": len(wanted) / len(people),
            "records that never answered": len(people) - len(wanted),
        },
        praise="you can defend that. What will those who did not answer or agree go on getting? Good service.",
        slips={
            "all who answered": f"only {agreed} of the {len(wanted)} who answered agreed to profiling. An answer to a "
            "survey is no consent to be sorted and written to.",
        },
        hints=[
            'Make `record_id` the labels of `base.customers`; `.loc[sought.index, "consent_profiling"].sum()` counts.',
            "A short list is no fault. Say how many you write to, and what the customer gets that others do not.",
        ],
        reveal='One answer that can be defended: "those who answered and agreed to profiling". '
        f"{agreed} of {len(wanted)} agreed: few, but they told us what they want and may be served by it. The rest "
        "are asked at their next contact, and lose nothing.",
        rubric="3 marks: consent first, a figure that fits the list chosen, and what the customer gets from it (or who "
        "the silent are: answering is no lot). One mark each.",
    )

    return q1, q2, q3, q4, q5, q6, q7, q8
