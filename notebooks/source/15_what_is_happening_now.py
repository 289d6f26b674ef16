# %% [markdown]
# # 15  What is happening now? Dynamic segments I
#
# 45 minutes · marketing, analyst · builds on 07
#
# It is the first of January. The head of service of a telephone company asks the plainest of questions: which of our
# customers are waiting for an answer, now?
#
# **You will be able to**
# - write a rule over events as a sentence: what happened, in which window, in which order, and what did *not* happen,
# - say who is in a segment *as of now*, and why a list without a clock is wrong,
# - cross such segments with value, keep the groups large enough, and turn entries into contacts nobody minds.
#
# ## 1 · Everything that happened, in one log (core)
#
# Tiers (lesson 07) say what customers bring, benefits (lesson 13) what they want. Both change slowly. A **dynamic
# segment** says what is happening to a customer now, so it has to be read off events. Run the two cells below with
# **Shift + Enter**: the first makes the company, the second puts its tables into one log, a row for each event:
# who, when (`ts`), in which order at the same moment (`seq`), what (`type`), and whatever else is known of it.

# %% tags=["setup"]
import pandas as pd

from crmlab import lesson, segment, simulate, tables
from crmlab.segment import dynamic

me = lesson.begin("15")
base = simulate.company("telco", customers=6_000, seed=me.seed, locale="hr", mess="none")
me

# %%
log = dynamic.event_log(base)
print(f"{len(log):,} events of {log['customer_id'].nunique():,} customers, the last on {log['ts'].max():%d %B %Y}.")
log["type"].value_counts().rename("events").to_frame().T

# %% [markdown]
# *joined* is the day a record was opened: so even customers who never did a thing are known. A complaint comes from the
# customer, a reply from the firm. *screen* is a look into the app, *scan* a code held before the camera.
#
# ## 2 · A rule that reads like a sentence (core)
#
# Who is waiting? Somebody who complained in the last seven days and has had no reply after it. But not every complaint
# waits: more than half are settled at once, while the customer is still on the line. Those left open have `resolved`
# false. The next cell writes this as a rule: `&` is *and*, `~` is *not* (and `|` would be *or*). It fetches the words
# of rules, prints the rule as a sentence, then lets it run over three years of log and shows the last few **stays**.

# %%
from crmlab.segment.dynamic import count, did, stopped, total

waiting = did("complaint", resolved=False).within("7d") & ~did("reply").after("complaint", resolved=False)
waiting = waiting.named("waiting")
print(waiting)
stays = waiting.replay(log, until=base.as_of)
stays.tail(5)

# %% [markdown]
# A dynamic segment is not a list of customers. It is a list of stays: who came in when, by what, and who went when, and
# why. By an **event**: there was a reply. Or by the **clock**: seven days had passed, and *nothing had happened*. A
# missing `left_at` means: still in.
#
# ## 3 · As of now (core)
#
# Many systems look at a customer only when an event of that customer arrives. Then nobody notices that time passes:
# whom the clock would have taken out *after* their last event stays on the list, and no event will ever take them off.
# The next cell counts who is on such a list, and who is really waiting.

# %%
last_event = stays["customer_id"].map(log.groupby("customer_id")["ts"].max())
listed = stays[~(stays["left_at"] <= last_event)]
really = listed["left_at"].isna()
print(f"On a list kept by events alone: {len(listed)}. Really waiting: {really.sum()}.")
print(f"So {1 - really.mean():.0%} of the list is wrong.")

# %% [markdown]
# An agent with that list rings up people whose complaint is months old, and who may have left. Whenever somebody shows
# you "members now", ask two things: as of which moment, and who runs the clock? Here `until=base.as_of` does: the clock
# runs for everybody up to that moment, also for those of whom nothing more was heard.
#
# The next cell asks the same rule with other windows (an open complaint is given a name first, to write less). How long
# is a week, a month, a quarter? A window is always so many days back from *each* moment, and a day is 24 hours:
# `"12h"`, `"7d"`, `"2w"`.

# %%
windows = ["2d", "7d", "30d", "90d"]
unsettled, answered = did("complaint", resolved=False), did("reply").after("complaint", resolved=False)
unanswered = {window: unsettled.within(window) & ~answered for window in windows}
runs = {window: rule.replay(log, until=base.as_of) for window, rule in unanswered.items()}
now = {window: run["left_at"].isna().sum() for window, run in runs.items()}
pd.DataFrame({"waiting now": now, "stays in three years": {window: len(run) for window, run in runs.items()}})

# %% [markdown]
# The longer the window, the more are waiting, and the longer ago it was. Which one is right is not for the computer to
# say: it is the promise the firm makes. "We answer within ... days": that is the window.
#
# ## 4 · Counting, order, silence (core)
#
# Rules count and add up too, and the best ones are about what did *not* happen. Here are three:
#
# - **looking at plans**: opened the page with the plans at least twice in 14 days, and pays 60 euros or more a quarter
#   (money is cents: `60_00`). Put each comparison in brackets; Python needs them.
# - **no answer**: a complaint left open, and then *no* reply within two days, for a week from then on.
# - **gone quiet**: used the app before, but not in the last 30 days, and the contract has not ended.
#
# The next cell writes them down, prints them as sentences, and counts by what customers came in and went.

# %%
plans = (count("screen", screen="plans").within("14d") >= 2) & (total("payment", "amount_cents").within("90d") >= 60_00)
no_answer = did("complaint", resolved=False).without("reply", within="2d").within("7d")
quiet = stopped("screen", after="30d") & ~did("ended")
mine = dynamic.Segments({"looking at plans": plans, "no answer": no_answer, "gone quiet": quiet})
print(mine)
stays = mine.replay(log, until=base.as_of)
ended = stays["reason"].astype("object").fillna("still in")
pd.crosstab(stays["segment"], [stays["entered_by"].rename("entered by"), ended.rename("ended by")])

# %% [markdown]
# Read the table by its columns: *no answer* and *gone quiet* are entered **by the clock**. No event of the customer
# tells you; a system that waits for events never learns of them. These are the customers who are easiest to lose.
#
# Customers ask "why me?", and so does your colleague. The next cell takes a customer who is in *gone quiet* now and
# explains: which part of the rule holds, since when, and when it will lapse if nothing happens.

# %%
inside = stays[stays["left_at"].isna() & (stays["segment"] == "gone quiet")]
mine["gone quiet"].explain(inside["customer_id"].iloc[-1], at=base.as_of, log=log)

# %% [markdown]
# ## 5 · Micro segments, and how small they may be (core)
#
# What is happening now, crossed with what a customer is worth, makes **micro segments**: *gone quiet, and in the best
# tier*. Very quickly they get so small that nothing can be planned or measured for them, and that one knows who is
# meant. So there is a smallest allowed size. The next cell makes tiers of last year's payments (0 is the best), crosses
# them with the three rules, and says what had to be gathered.

# %%
paid = base.transactions[base.transactions["ts"] >= "2025-01-01"].groupby("record_id")["amount_cents"].sum()
tier = segment.ValueTiers(shares=(0.5, 0.8)).fit(paid).predict(paid)
everybody = log["customer_id"].unique()
now = dynamic.micro_segments(stays, at=base.as_of, customers=everybody, tiers=tier, smallest=50)
print(now)
now.table

# %% [markdown]
# "Gathered" is about planning and measuring, never about serving: who waits for an answer gets one, also when they are
# only three. `now.gathered` lists what was put together; `now.labels` gives each customer's group.
#
# Segments overlap, and two that hold the same people are one too many. Somebody proposes three for customers who sleep.
# The next cell shows how far they overlap: along each row, how many of these customers are in the other segments too.
# A number under the smallest size (50, if you say nothing) is not told, nor is it in the figures below.

# %%
sleepers = {"no app for 30 days": quiet, "no app for 60 days": stopped("screen", after="60d") & ~did("ended")}
sleepers["no visit for 180 days"] = stopped("visit", after="180d") & ~did("ended")
asleep = dynamic.Segments(sleepers).replay(log, until=base.as_of)
dynamic.micro_segments(asleep, at=base.as_of, customers=everybody).overlap_figure()

# %% [markdown]
# Who has not opened the app for 60 days has not for 30 days either: of two such segments one is enough, unless you do
# something else for each. The third holds mostly other people.
#
# ## 6 · What changed this week? (core)
#
# A list of members hides the news. On Monday you want to know who came in and who went. The next cell shows it for the
# last week; `week.customers` has them by name, with when and why.

# %%
week = dynamic.changes(stays, since=base.as_of - pd.Timedelta(days=7), until=base.as_of)
week.figure()

# %% [markdown]
# Where did they go? The next cell lays two moments side by side, four weeks apart, and draws the **movement** between
# the groups (without tiers, so that few bands are seen).

# %%
before = dynamic.micro_segments(stays, at=base.as_of - pd.Timedelta(days=28), customers=everybody)
after = dynamic.micro_segments(stays, at=base.as_of, customers=everybody)
moves = dynamic.movement(before, after)
moves.flow_figure()

# %% [markdown]
# The same as a **transition matrix** is `moves.shares`: of those in a row, the share found in each column four weeks
# later. How many of the quiet come back by themselves? Nobody should claim these as the success of a campaign.
#
# ## 7 · From entry to contact (core)
#
# An alert for each entry would ring some customers every few days. So two things stand before every contact: has the
# customer **agreed**, and have we been in touch lately? The next cell takes the entries of the last quarter into
# *looking at plans* and *gone quiet*, allows one call in 30 days to each customer, and counts what was held back.

# %%
entries = stays[(stays["entered_at"] >= "2025-10-01") & (stays["segment"] != "no answer")]
agreed = base.customers.set_index("record_id")["consent_phone"]
calls = dynamic.alerts(entries, at_most=1, within="30d", may_contact=agreed)
print(calls)
calls.table

# %% [markdown]
# *No answer* is not in it on purpose. Answering a complaint is owed, and needs neither consent to calls nor a cap. A
# customer who looks at plans does not wait for you to ring: what do *they* get from the call?
#
# ## On your own data
#
# A log of purchases will do: one row each, with customer, date and amount. Put your file beside this notebook and write
# its name in place of `your_export.csv`, a small stand-in. The next cell reads it, makes the log, and says who went
# quiet and who came back in the last eight weeks. Contacts may stand in a second file: `touchpoints="contacts.csv"`.

# %%
own = tables.from_export(transactions="your_export.csv")
own_log = dynamic.event_log(own)
gone = stopped("purchase", after="60d").named("gone quiet")
own_stays = gone.replay(own_log, until=own.as_of)
dynamic.changes(own_stays, since=own.as_of - pd.Timedelta(days=56), until=own.as_of)

# %% [markdown]
# ## Decide
#
# Write it down here (double-click, then type), and read it to somebody who answers the telephone.
#
# - Our rule in one sentence: ___ · Its window is this promise of ours: ___
# - What takes a customer out of it, an event or the clock: ___ · Who runs the clock in our system: ___
# - What the *customer* gets when they enter: ___ · And what we spare them: ___
# - The smallest group we plan for: ___ · At most ___ contacts in ___ days
#
# ## What you can now do
#
# - write a rule of windows, counts, order and silence, read it aloud, and explain it for one customer,
# - say who is in a segment as of now, and show what a list without a clock gets wrong,
# - make micro segments that are large enough, say what changed, and contact only who agreed, and not too often.
#
# **To keep**: the [cheat-sheet](cheatsheets/15.pdf), one page.
# **To do**: [exercise 15](../exercises/exercise_15.ipynb), on a shop of your own number.
#
# | term | hrvatski | meaning |
# |---|---|---|
# | dynamic segment | dinamički segment | customers to whom something is happening now, by a rule over events |
# | event log | dnevnik događaja | one row for each thing that happened: who, when, what |
# | window | vremenski prozor | how far back from each moment a rule looks |
# | stay (interval) | boravak u segmentu | from entering a segment to leaving it |
# | exit by the clock | izlazak istekom vremena | left because time passed and nothing happened |
# | micro segment | mikrosegment | a rule crossed with a tier; small, but not too small |
# | contact cap | ograničenje broja kontakata | most contacts one customer gets in a stated time |
#
# The last cell notes that you are through, and says when to come back.

# %% tags=["nbval-ignore-output"]
# The date depends on the day you run it.
me.finish()
