"""Built by tools/build_notebooks.py from exercises/source/exercise_16.py: change it there."""

from crmlab import lesson, segment, simulate
from crmlab.segment.dynamic import did, member


def questions(base):
    """Make the questions of this exercise from the learner's own data."""
    import pandas as pd

    week, dynamic = pd.Timedelta("7D"), segment.dynamic
    log = dynamic.event_log({name: base[name] for name in ("customers", "touchpoints", "product_events")})
    waiting = did("complaint", resolved=False).within("7d") & ~did("reply").after("complaint", resolved=False)
    waiting = waiting.named("waiting")
    talks = log[log["type"].isin(["complaint", "reply"]) & (log["ts"] >= "2025-07-01")].sort_values("ts")
    stream = talks[["customer_id", "ts", "seq", "type", "resolved"]]


    def run(events, lateness="0s"):
        live = waiting.live(lateness=lateness)
        for event in events.to_dict("records"):
            live.push(event)
        return live


    live = run(stream)
    at_last_event = live.sizes["waiting"]

    day = pd.Timestamp("2026-01-05", tz="UTC")
    q1 = lesson.Question(
        "16.1",
        expected=day + pd.Timedelta("11h40min"),
        praise="an hour after the *last* scan, and by the clock: nobody does anything at 11:40.",
        slips=[
            (day + pd.Timedelta("11h"), "at 11:00 the second scan is only twenty minutes old: the customer stays in."),
            (day + pd.Timedelta("12h"), "that is two hours after the first scan. Windows do not add up; each looks back."),
        ],
        hints=[
            "At each moment ask: was there a scan in the hour before it?",
            "The last scan was at 10:40. When is it an hour old?",
        ],
        reveal='The second scan, at 10:40, is within the window until it is an hour old: "2026-01-05 11:40".',
    )

    gone = len(live.advance("2026-01-03 12:00"))
    left = live.sizes["waiting"]
    slips = {
        at_last_event: "that is how many are in after the last event. Let the clock run first.",
        gone: "that is how many the clock took out. How many are still in?",
    }
    q2 = lesson.Question(
        "16.2",
        expected=left,
        praise=f"of {at_last_event} the clock took {gone} out. They did not get an answer: they got too old for the rule. "
        "Whoever looks at the screen alone could think it went well.",
        slips=[(n, text) for n, text in slips.items() if n != left],
        hints=[
            'Write the moment in quotes, as year-month-day: `engine.advance("2026-01-03 12:00")`.',
            'Then `engine.sizes["waiting"]` is the number. Running it twice does no harm.',
        ],
        reveal='Let the clock run, then read:\n    engine.advance("2026-01-03 12:00")\n'
        '    still_in = engine.sizes["waiting"]',
    )

    inside = live.members().sort_values(["entered_at", "customer_id"])
    longest = int(inside["customer_id"].iloc[0])
    first_in_list = int(live.members()["customer_id"].iloc[0])
    q3 = lesson.Question(
        "16.3",
        expected=longest,
        praise=f"customer {longest}, since {inside['entered_at'].iloc[0]:%d %B, %H:%M}. Ring this one first.",
        slips=[
            (int(inside["customer_id"].iloc[-1]), "that one came in last. Who has the *earliest* `entered_at`?"),
            *[(first_in_list, "that is the first of the list, which goes by customer number. Sort by `entered_at`.")]
            * (first_in_list not in (longest, int(inside["customer_id"].iloc[-1]))),
        ],
        hints=[
            'Sort the list: `engine.members().sort_values("entered_at")`.',
            "The first row has waited longest; its `customer_id` is the number.",
        ],
        reveal='Sort, and read the first row:\n    engine.members().sort_values("entered_at").head(1)',
    )

    of_customer = stream[(stream["customer_id"] == longest) & (stream["type"] == "complaint")]
    mine = of_customer[of_customer["resolved"].eq(False)]
    lapses, settled_too = mine["ts"].max() + week, of_customer["ts"].max() + week
    since = inside["entered_at"].iloc[0]
    q4 = lesson.Question(
        "16.4",
        expected=lapses,
        praise="seven days after the last open complaint. Your promise to answer within a week ends there, and so does the "
        "chance to keep it.",
        slips=[
            (mine["ts"].max(), "that is the complaint. When is it seven days old?"),
            *[(since + week, "there was another complaint after that. The window begins at the last one.")]
            * (since + week != lapses),
            *[(settled_too, "that complaint was settled at once. Take the last one with `resolved` false.")]
            * (settled_too != lapses),
            (pd.Timestamp("2026-01-10 12:00", tz="UTC"), "the seven days count from the complaint, not from now."),
        ],
        hints=[
            "Run the explanation and read when the part with the complaint will lapse.",
            "Or: the customer's last complaint with `resolved` false is in `talks`; add seven days of 24 hours.",
        ],
        reveal="The explanation says it; or work it out:\n"
        '    mine = talks[(talks["customer_id"] == first_to_call) & talks["resolved"].eq(False)]\n'
        '    mine["ts"].max() + pd.Timedelta(days=7)',
    )

    delay = pd.to_timedelta(pd.RangeIndex(len(stream)) * 37 % 45, unit="min")
    delayed = stream.assign(at=stream["ts"] + delay).sort_values("at", kind="stable").drop(columns="at")
    late = {wait: run(delayed, wait).counts["late"] for wait in ("10min", "30min", "1h")}
    enough = next(wait for wait, n in late.items() if n == 0)
    q5 = lesson.Question(
        "16.5",
        expected=enough,
        praise=f"with a wait of {enough} none of the {len(delayed):,} events is late, against {late['10min']:,} with ten "
        "minutes. The price: everybody is seen that much later. So first ask why the calls are handed over so late.",
        slips=[(wait, f"then {n:,} events come too late to count. Wait longer.") for wait, n in late.items() if n],
        hints=[
            "Put each of the three words after `lateness=` and read `late` in what the cell shows.",
            "Events are up to 45 minutes late. Which of the three is longer than that?",
        ],
        reveal=f'Late with each: {late}. The shortest wait with none is "{enough}".',
    )

    unanswered = did("complaint", resolved=False).without("reply", within="2d").within("7d").named("no answer")
    reaction = dynamic.Reaction(lambda change: "call", holdout=0.5, seed=1)
    reaction.play(unanswered, log[log["type"].isin(["complaint", "reply"])], until=base.as_of)
    played = simulate.service_recovery(base, reaction.contacts)
    found = reaction.effect(played.bought)
    effect = found.effect
    q6 = lesson.Question(
        "16.6",
        expected=effect,
        within=0.0005,
        praise=f"{found.treated:.1%} of those called bought, {found.holdout:.1%} of those left alone. With so many cases "
        f"the effect lies between {100 * found.low:+.1f} and {100 * found.high:+.1f} points. Planted, and never seen in "
        f"life: {100 * played.uplift:+.1f}.",
        slips=[
            (-effect, "the wrong way round: called less left alone."),
            (found.treated, "that is the share among those called. Some of them would have bought anyway."),
            (found.holdout, "that is the share among those left alone. Take it off the share of those called."),
            (float(played.bought.mean()), "that is everybody together. Take the two arms apart."),
            (found.treated / found.holdout - 1, "that is by what part it is higher. Asked is a difference."),
            (100 * effect, "give a share, not percent: 7 points are 0.07."),
        ],
        hints=[
            "`reaction.effect(bought)` says it, in points; 100 points are 1.",
            "Take the share of those left alone off the share of those called: 7 points are 0.07.",
        ],
        reveal="The measurement has the number, and the range in which it lies:\n"
        "    effect = reaction.effect(bought).effect",
    )

    q7 = lesson.Decision(
        "16.7",
        choices=["call all, no more lot", "call most, leave some alone by lot", "go on with halves for a while"],
        figures={
            "effect": abs(effect),
            "share of those called who bought": found.treated,
            "share of those left alone who bought": found.holdout,
            "cases": len(played.bought),
        },
        praise="you can defend that. And what do those left alone get? Their answer, as everybody: the lot decides of the "
        "call on top.",
        slips={
            "call all, no more lot": f"an effect of {effect:.1%} was measured once, with {len(played.bought):,} cases. "
            "Without anybody left alone you will never know whether it still helps next year, or in which branch.",
        },
        hints=[
            "Your effect of 16.6 carries the argument; how sure is it, with so many cases?",
            "Write the figure out, and say what those get who are not called.",
        ],
        reveal='One answer that can be defended: "call most, leave some alone by lot". '
        f"The effect is {effect:.1%} with {len(played.bought):,} cases, so it is worth calling; a tenth left alone by lot "
        "goes on telling whether it helps. Everybody gets the answer that is owed, only the call on top is by lot.",
        rubric="2 marks: the effect (or its uncertainty) as a figure, and what the customers get who are left alone. "
        "1 mark: one of the two. Calling all can be defended only if the reason says how the effect will be watched.",
    )

    app = (did("screen").within("1h") | did("scan").within("1h")) & member("waiting")
    both = dynamic.Segments({"waiting": waiting, "waiting, and in the app": app}).replay(log, until=base.as_of)
    in_app = both[both["segment"] == "waiting, and in the app"]
    stays = int((both["segment"] == "waiting").sum())
    sorry = "we have your complaint, and you hear from us by ..."
    consent = base.customers.set_index("record_id")["consent_profiling"].fillna(False).astype(bool)
    profiled = int(consent.reindex(in_app["customer_id"]).sum())
    q8 = lesson.Decision(
        "16.8",
        choices=["the offer of the month", sorry, "nothing, we do not want to seem to watch"],
        figures={
            "stays in waiting": stays,
            "stays of waiting customers in the app": len(in_app),
            "of the stays in the app by customers who agreed to profiling": profiled,
        },
        praise="you can defend that. Whoever opens the app while waiting is looking for something: which screen was it?",
        slips={
            "the offer of the month": f"{len(in_app)} times a customer with an open complaint was in the app. Who is "
            "waiting for an answer and gets an offer has been told what they are worth to you.",
        },
        hints=[
            "How many such moments were there? The cell above counts them.",
            "Say what the customer expects at that moment, and what the bank may know: these have logged in.",
        ],
        reveal=f'One answer that can be defended: "{sorry}" {len(in_app)} times a customer with an open complaint was in '
        "the app: they see that somebody has it, and by when. That is service on their own complaint and no profile; no "
        "lot and no offer there.",
        rubric="3 marks: a figure of how often it happens, what the customer expects at that touch point, and what the "
        "bank may use (logged in, own complaint, consent). One mark each. Showing nothing can earn full marks.",
    )

    return q1, q2, q3, q4, q5, q6, q7, q8
