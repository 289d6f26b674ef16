# %% [markdown]
# # 16  Dynamic segments II: live
#
# 45 minutes · call-centre agent, analyst · builds on 00
#
# Tuesday, 9:14. A customer rings about her bill. Three days ago she complained, and nobody has answered yet. What does
# the screen in front of you say, and who is to ring the next one before she rings you?
#
# **You will be able to**
# - read a live segment: who came in and who went, by an event or by the clock, and until when somebody stays,
# - use it where customers are: at the counter, on the telephone, in the app, at a code they scan,
# - find out whether your reaction helps, by leaving some alone by lot.
#
# ## 1 · A screen that fills itself (core)
#
# You need not write programs here: run each cell with **Shift + Enter**, and where you are asked, change a word or a
# moment and run it again. The first cell makes a telephone company. The second makes the log of all that happened,
# writes a rule for who is **waiting** (had a complaint in the last seven days that was not settled at once, so that
# `resolved` is false, and no reply after it), and plays the last week of December 250,000 times faster than life. Watch
# the numbers move; `speed=1` would be life itself.

# %% tags=["setup"]
import pandas as pd

from crmlab import lesson, simulate, tables
from crmlab.segment import dynamic

me = lesson.begin("16")
base = simulate.company("telco", customers=6_000, seed=me.seed, mess="none", contacts__complaint__per_year=1.0)
me

# %%
from crmlab.segment.dynamic import did, member, stopped

log = dynamic.event_log({"customers": base.customers, "touchpoints": base.touchpoints})
waiting = did("complaint", resolved=False).within("7d") & ~did("reply").after("complaint", resolved=False)
waiting = waiting.named("waiting")
engine = dynamic.watch(waiting, log, since="2025-12-25", until=base.as_of, speed=250_000)

# %% [markdown]
# Every line below the table is a customer who came in or went. By an **event**: somebody complained, somebody replied.
# Or by the **clock**: the complaint is seven days old, and nothing has happened. The second kind does not ring and does
# not blink; in many systems it does not exist.
#
# ## 2 · One customer, step by step (core)
#
# What the screen does with thousands you can do with one. The next cell starts the rule **live** and tells it two
# things: customer 7 complained on Monday at 9:00, which could not be settled at once, and opened the app on Tuesday.
# Fill in other moments and types (`"reply"`!), or `True` for settled, and run it again.

# %%
engine = waiting.live()
complaint = {"ts": "2026-01-05 09:00", "type": "complaint", "resolved": False}
look = {"ts": "2026-01-06 18:30", "type": "screen"}
for what in [complaint, look]:
    for change in engine.push({"customer_id": 7, "seq": 0, **what}):
        print(change)
print(engine.sizes)

# %% [markdown]
# Opening the app changed nothing: it is no reply. Now nothing more happens. The next cell lets only the clock run, to
# Monday at 8:59, and then to 9:00.

# %%
for moment in ["2026-01-12 08:59", "2026-01-12 09:00"]:
    print(moment, [str(change) for change in engine.advance(moment)], engine.sizes)

# %% [markdown]
# To the minute. Is customer 7 content now? No: only too old for the rule. So a second rule is needed for those whom
# nobody answered, and it is in section 5.
#
# ## 3 · One rule, three engines, one answer (core)
#
# The marketing department looks at last year, you look at now, and the data warehouse has ten years. If each of them
# writes the rule once more, in a language of its own, there will be three different lists, and a meeting about it. Here
# one rule runs three ways: **replayed** over a log, **live** event by event, and as **SQL** in a database. The next
# cell runs all three over three years of log and lays the answers side by side.

# %%
waiting.verify(log)

# %% [markdown]
# Every customer, every entry, every exit, to the microsecond. (If they ever differ, the first difference is shown; that
# would be our fault, not yours.) The next cell shows how the SQL begins, for whoever keeps your warehouse.

# %%
print(*waiting.sql("duckdb").splitlines()[:12], sep="\n")

# %% [markdown]
# ## 4 · At the touch point (core)
#
# Customers do not wait at the telephone. They open the app, they scan a code on a bill or a poster: the product itself
# becomes a touch point. The next cell adds two rules built on the first, for the hour in which somebody who is waiting
# is right there. It takes the log of *all* tables, with looks into the app and scans, and counts a whole year.

# %%
app = member("waiting") & (did("screen").within("1h") | did("scan").within("1h"))
help_page = member("waiting") & did("screen", screen="help").within("1h")
screens = dynamic.Segments({"waiting": waiting, "waiting, in the app": app, "waiting, at the help page": help_page})
everything = dynamic.event_log(base)
stays = screens.replay(everything[everything["ts"] >= "2025-01-01"], until=base.as_of)
stays.groupby("segment", sort=False)["customer_id"].agg(stays="size", customers="nunique")

# %% [markdown]
# What do you show somebody who waits for an answer and opens the help page? Not the offer of the month. "We have your
# complaint; you hear from us by Thursday" costs nothing. And who scans a code without logging in is **nobody** to us:
# the log leaves these out, and we do not guess.
#
# When a customer asks why you ring, you should know. The next cell takes the one who is waiting longest and explains:
# what holds, since when, and when it will lapse.

# %%
inside = waiting.replay(log, until=base.as_of)
longest = inside[inside["left_at"].isna()].sort_values("entered_at")["customer_id"].iloc[0]
waiting.explain(longest, at=base.as_of, log=log)

# %% [markdown]
# ## 5 · Does it help? (core)
#
# The rule for those whom nobody answered: a complaint not settled at once, and *no* reply within two days. No event
# tells you of these, the clock does. What will you do when it strikes? The next cell holds **your reaction**, a call;
# but only for half of the customers, decided by lot. For the others all stays as it is today: they show what would have
# happened anyway.


# %%
def call(change):
    return f"ring customer {change.customer_id} and put it right"


no_answer = did("complaint", resolved=False).without("reply", within="2d").within("7d").named("no answer")
reaction = dynamic.Reaction(call, holdout=0.5, seed=me.seed)
reaction.play(no_answer, log, until=base.as_of)
reaction.contacts.tail(4)

# %% [markdown]
# The company is made up, so the outcome can be played out: who bought something more within two weeks? A complaint put
# right brings a customer nearer, one left alone drives them off; how much so was planted when the company was made. The
# next cell shows what you can see: both shares, and their difference with the range in which it lies, 95 times in 100.

# %%
played = simulate.service_recovery(base, reaction.contacts)
measured = reaction.effect(played.bought)
measured

# %% [markdown]
# If 0 is outside the range, the call helps (or harms) beyond chance. If not, you do not know yet: go on. The next
# cell shows what nobody ever sees in life: the planted effect, in all, and by how near customers were to the firm.

# %%
print(measured.against(played.uplift))
chances = played.truth.groupby("state")[["chance_if_not", "chance_if_treated"]].mean()
chances.assign(cases=played.truth["state"].value_counts()).sort_values("chance_if_not").round(3)

# %% [markdown]
# Who had drifted away before gains least: there is little left to lose. And without the half left alone, everybody who
# bought would have been counted as your success, though many of them would have bought anyway.
#
# ## 6 · Late, twice, and lights out (deeper)
#
# Out there events come late, come twice, and machines fall over. The next cell takes the talks of the last quarter,
# lets them arrive up to 45 minutes late and each of them twice: once without patience, once with an hour of it.

# %%
talks = log[log["type"].isin(["complaint", "reply"]) & (log["ts"] >= "2025-10-01")].sort_values("ts")
delay = pd.to_timedelta(pd.RangeIndex(len(talks)) * 37 % 45, unit="min")
arriving = talks.assign(at=talks["ts"] + delay).sort_values("at", kind="stable").drop(columns="at")
engines = {patience: waiting.live(lateness=patience) for patience in ("0s", "1h")}
for event in arriving.loc[arriving.index.repeat(2)].to_dict("records"):
    for engine in engines.values():
        engine.push(event)
pd.DataFrame({f"patience {patience}": engine.counts for patience, engine in engines.items()})

# %% [markdown]
# What comes twice counts once. What comes too late is counted and told, never hidden; patience loses none, and shows
# everybody an hour later (`waiting` are the events still held back). And `waiting.live(folder="waiting")` writes each
# event down before it answers: if the program dies, `dynamic.restore("waiting")` goes on where it stopped.
#
# ## On your own data
#
# A log of purchases will do. The next cell reads `your_export.csv`, a small stand-in, pushes it event by event into a
# live rule, lets the clock run to the day of the export, and lists who has gone quiet, since when.

# %%
own = tables.from_export(transactions="your_export.csv")
quiet = stopped("purchase", after="60d").named("gone quiet").live()
for event in dynamic.event_log(own)[["customer_id", "ts", "seq", "type"]].sort_values("ts").to_dict("records"):
    quiet.push(event)
quiet.advance(own.as_of)
quiet.members()

# %% [markdown]
# ## Decide
#
# Write it down here (double-click, then type), and hang it where the calls come in.
#
# - When this happens (or does not): ___ we do this, within: ___
# - What the *customer* hears first: ___ · And what they are not offered then: ___
# - We leave ___ % alone by lot, and look again on: ___
# - Who sees who left the list by the clock, without an answer: ___
#
# ## What you can now do
#
# - read a live segment, and say who went because somebody acted and who went because nobody did,
# - say the right thing at a touch point, and why a customer is on your screen, until when,
# - measure a reaction against customers left alone by lot, and say how sure you are.
#
# **To keep**: the [cheat-sheet](cheatsheets/16.pdf), one page.
# **To do**: [exercise 16](../exercises/exercise_16.ipynb), in a bank of your own number.
#
# | term | hrvatski | meaning |
# |---|---|---|
# | live segment | segment uživo | a dynamic segment kept right at every moment, event by event |
# | touch point | dodirna točka | where customer and firm meet, also in the app or at a code |
# | trigger | okidač | what sets a reaction off: an entry, by an event or by the clock |
# | service recovery | ispravljanje propusta | putting right what went wrong |
# | left alone by lot (holdout) | kontrolna skupina (ždrijebom) | not treated, to see what would have come anyway |
# | uplift | prirast zbog postupka | by how much a reaction raises the share who do something |
# | late event | zakašnjeli događaj | an event that arrives after others that happened later |
#
# The last cell notes that you are through, and says when to come back.

# %% tags=["nbval-ignore-output"]
# The date depends on the day you run it.
me.finish()
