# %% [markdown]
# # Exercise 16 · Dynamic segments II: live
#
# 45 minutes · a bank of your own number
#
# You sit where the bank's customers call. Mostly you fill in a moment or a word, as in the lesson, and read what comes.
# Put your answer where the three dots are, run the cell, then run the check below it. Stuck? Take the `#` away from a
# line with a hint and run the cell again. The way is there too; try once before you look. The first cell opens it.

# %% tags=["setup"]
from crmlab import lesson, segment, simulate
from crmlab.segment.dynamic import did, member

me = lesson.begin("16")
base = simulate.company("bank", customers=4_000, seed=me.seed, mess="none", contacts__complaint__per_year=1.0)
q1, q2, q3, q4, q5, q6, q7, q8 = me.questions(base)
me

# %% tags=["question"]
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

# %% [markdown]
# The next cell makes the log and the rule: a complaint in the last seven days, not settled at once, and no reply since.

# %%
import pandas as pd

dynamic = segment.dynamic
log = dynamic.event_log({name: base[name] for name in ("customers", "touchpoints", "product_events")})
waiting = did("complaint", resolved=False).within("7d") & ~did("reply").after("complaint", resolved=False)
waiting = waiting.named("waiting")
print(waiting)

# %% [markdown]
# The next cell starts the rule **live** and pushes half a year of complaints and replies into it, one after the other.

# %%
talks = log[log["type"].isin(["complaint", "reply"]) & (log["ts"] >= "2025-07-01")].sort_values("ts")
stream = talks[["customer_id", "ts", "seq", "type", "resolved"]]
engine = waiting.live()
for event in stream.to_dict("records"):
    engine.push(event)
print(f"{engine.clock:%d %B %Y, %H:%M}: {engine.sizes['waiting']} customers are waiting.")

# %% [markdown]
# **16.1** From memory: a rule says `did("scan").within("1h")`. A customer scans a code at 10:00 on 5 January 2026, and
# another one at 10:40, and nothing more. When does the customer leave? The next cell takes a moment in quotes, such as
# `"2026-01-05 10:00"`.

# %% tags=["question"]
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

# %% tags=["answer"]
# A moment in quotes.
leaves = "2026-01-05 11:40"

# %%
q1.check(leaves)

# %% [markdown]
# **16.2** It is a holiday and nobody replies. How many customers will be in `waiting` at noon on 3 January 2026, if
# nothing happens until then? Let the engine's clock run to that moment: `engine.advance("...")`, then read
# `engine.sizes`. The next cell takes a number.

# %% tags=["question"]
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

# %% tags=["answer"]
# A number of customers; two lines.
engine.advance("2026-01-03 12:00")
still_in = engine.sizes["waiting"]

# %%
q2.check(still_in)

# %% [markdown]
# **16.3** Who of these has been waiting longest? `engine.members()` lists who is in, and since when. The next cell
# takes one `customer_id`: read it off the list.

# %% tags=["question"]
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

# %% tags=["answer"]
# A customer's number.
first_to_call = engine.members().sort_values("entered_at")["customer_id"].iloc[0]

# %%
q3.check(first_to_call)

# %% [markdown]
# **16.4** "Until when do I have this one on the screen?" If no more events come, when will the customer of 16.3 leave
# by the clock? `waiting.explain(customer, at="2026-01-03 12:00", log=log)` says it. The next cell takes a moment.

# %% tags=["question"]
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

# %% tags=["answer"]
# A moment, as "2026-01-05 09:30:00" or worked out.
mine = talks[(talks["customer_id"] == first_to_call) & talks["resolved"].eq(False)]
until = mine["ts"].max() + pd.Timedelta(days=7)

# %%
q4.check(until)

# %% [markdown]
# **16.5** The telephone system hands its calls over late, up to 45 minutes. The next cell makes such a stream,
# `delayed`, in the order in which events *arrive*.

# %%
delay = pd.to_timedelta(pd.RangeIndex(len(stream)) * 37 % 45, unit="min")
delayed = stream.assign(arrived=stream["ts"] + delay).sort_values("arrived", kind="stable").drop(columns="arrived")
live = waiting.live(lateness="10min")
for event in delayed.to_dict("records"):
    live.push(event)
live.counts

# %% [markdown]
# `late` events came too late to count, and are told, never hidden. Which is the shortest wait, `"10min"`, `"30min"` or
# `"1h"`, with which none is late? Change the word after `lateness=` above and run the cell again. The next cell takes
# the word, in quotes.

# %% tags=["question"]
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

# %% tags=["answer"]
# A word in quotes.
wait = "1h"

# %%
q5.check(wait)

# %% [markdown]
# **16.6** Does a call help? Complaints that were not settled at once and had no reply for two days set off a call, but
# by lot only for half of the customers: the others were left alone. The next cell plays it out: each row is a case,
# `bought` says whether the customer bought something more within 14 days.

# %%
unanswered = did("complaint", resolved=False).without("reply", within="2d").within("7d").named("no answer")
reaction = dynamic.Reaction(lambda change: "call", holdout=0.5, seed=1)
reaction.play(unanswered, log[log["type"].isin(["complaint", "reply"])], until=base.as_of)
bought = simulate.service_recovery(base, reaction.contacts).bought
reaction.contacts.assign(bought=bought).tail(6)

# %% [markdown]
# By how much is the share who bought higher among those called (`"treated"`) than among those left alone (`"holdout"`)?
# `reaction.effect(bought)` lays the two side by side. The next cell takes a number from -1 to 1: a point is 0.01.

# %% tags=["question"]
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

# %% tags=["answer"]
# A number from -1 to 1.
effect = reaction.effect(bought).effect

# %%
q6.check(effect)

# %% [markdown]
# **16.7** The last two questions have no single right answer; they ask for a reason that stands on one of your figures.
#
# "It works, let us call them all", says the head of the call centre. What do you say: `"call all, no more lot"`,
# `"call most, leave some alone by lot"` or `"go on with halves for a while"`? The next cell takes your choice and why.

# %% tags=["question"]
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

# %% tags=["answer"]
# Your choice in quotes, and your reason with at least one figure.
choice = "call most, leave some alone by lot"
measured = reaction.effect(bought)
because = f"of those left alone {measured.holdout:.1%} bought and of those called {measured.treated:.1%}; we call, "
because += "but a tenth decided by lot shows us every month whether it still helps, and they get their written answer."

# %%
q7.check(choice, because)

# %% [markdown]
# **16.8** Some who wait for an answer open the app or scan a code meanwhile. The next cell finds these moments: at such
# a touch point the bank can say something at once.

# %%
app = (did("screen").within("1h") | did("scan").within("1h")) & member("waiting")
both = dynamic.Segments({"waiting": waiting, "waiting, and in the app": app})
moments = both.replay(log, until=base.as_of)
moments["segment"].value_counts().to_frame("stays")

# %% [markdown]
# What should the app show them in that hour: `"the offer of the month"`, `"we have your complaint, and you hear from us
# by ..."` or `"nothing, we do not want to seem to watch"`? The next cell takes your choice and why.

# %% tags=["question"]
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

# %% tags=["answer"]
# Your choice in quotes, and your reason with at least one figure.
show = "we have your complaint, and you hear from us by ..."
times = (moments["segment"] == "waiting, and in the app").sum()
reason = f"{times} times somebody with an open complaint was in the app; they look for their answer, and may see that "
reason += "we have it and by when, which needs no profile and costs nothing."

# %%
q8.check(show, reason)

# %% [markdown]
# ## What you can now do
#
# Let the clock run, see who waits longest and until when, wait for late events no longer than needed, measure a call by
# lot. Do it once on [your own log](../notebooks/16_dynamic_segments_live.ipynb) this week; the
# [cheat-sheet](../notebooks/cheatsheets/16.pdf) has every call. The last cell says when to come back.

# %% tags=["nbval-ignore-output"]
# The date depends on the day you run it.
me.finish()
