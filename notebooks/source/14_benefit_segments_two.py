# %% [markdown]
# # 14  Benefit segments II
#
# 45 minutes · marketing, analyst · builds on 13
#
# A bank can pay for one new offer this year. The head of marketing says: "for the young, of course." For whom should
# it be, and how will the bank know these people when it meets them?
#
# **You will be able to**
# - find classes of customers behind yes/no answers, and say how sure you are of each customer,
# - show what age, town and channel tell of them, and what five questions tell,
# - choose a target by criteria that were written down before anybody saw a segment.
#
# ## 1 · Classes behind the answers (core)
#
# Run the two cells below with **Shift + Enter**. The first makes the bank, the second takes each customer's last answer
# sheet: how much twelve things matter, from 1 to 7. As in lesson 13, the habit of answering high or low is taken out.
# Then each answer is made a plain yes or no: a benefit is **sought** when somebody rates it at least one point above
# their own average. Shown is the share of customers who seek it.

# %% tags=["setup"]
import pandas as pd

from crmlab import lesson, segment, simulate, tables

me = lesson.begin("14")
base = simulate.company("bank", customers=2_000, seed=me.seed, locale="hr", mess="none")
me

# %%
items = ["price", "offers", "no hidden cost", "quality", "reliability", "safety", "speed", "nearness"]
items += ["ease", "friendliness", "advice", "being known"]
sheets = base.survey.sort_values("ts").drop_duplicates("record_id", keep="last").set_index("record_id")
ratings = sheets.filter(like="benefit").set_axis(items, axis=1)
sought = (segment.ipsatise(ratings, scale=(1, 7)) >= 1).astype("int64")
print(f"{len(sought)} customers answered.")
sought.mean().sort_values(ascending=False).rename("share who seek it").to_frame().round(2)

# %% [markdown]
# k-means draws borders between people. **Latent classes** start from another idea: there are a few kinds of customers,
# nobody wears a badge, and each kind says yes to each item with a chance of its own. From the answers the kinds are
# worked out, and for each customer *how likely* each kind is.
#
# How many kinds? More of them always fit better, so a criterion takes something off for each: the lowest point wins.
# **BIC** is the usual one. The next cell tries one to six classes and draws three criteria.

# %%
found = segment.class_solutions(sought, k=range(1, 7), seed=me.seed)
found.figure()

# %% [markdown]
# Where criteria disagree, take BIC's number, unless one of its classes is so small that nobody could do anything for
# it. Lesson 13's other question stays: would another sample say the same?
#
# The next cell takes the classes BIC would take, says how sure they are, and shows the six customers they are least
# sure of: how likely each class is for each. Classes are numbered by size; 0 is the largest.

# %%
model = found.model(int(found.table["bic"].idxmin()))
chances = model.predict_proba(sought)
sure = (chances.max(axis=1) >= 0.9).mean()
print(f"For {sure:.0%} of the customers one class is at least 90 % likely.")
chances.loc[chances.max(axis=1).nsmallest(6).index].round(2)

# %% [markdown]
# That is what k-means does not say: who stands between two kinds. For a letter, take the likeliest class; for anything
# that costs much, ask those who are not sure once more.
#
# ## 2 · First the criteria (core)
#
# Stop here. So far you know how many classes there are, and nothing of what they want. This is the moment to write
# down what a good target is. Whoever writes it after looking finds reasons for the segment they liked at once.
#
# - **Knock-out**: who misses it is out, however lovely. Here: too few customers to pay for an offer.
# - **Attractive to us**: how many they are, what they bring.
# - **Are we attractive to them?** Whether they seek what we are good at, and how content they are with us.
#
# The next cell holds the bank's plan with its weights, and what the bank's own people say they are good at, from 1 to
# 10, benefit by benefit. Put in your own numbers if you like; afterwards they stay.

# %%
plan = {"knock_out": {"customers": 400}}
plan["attractive"] = {"size": 3, "margin": 2}
plan["competitive"] = {"fit": 3, "content": 1}
strength = pd.Series([3, 3, 6, 6, 7, 7, 4, 8, 3, 8, 9, 7], index=items, name="we are good at it")
strength.sort_values(ascending=False).to_frame().T

# %% [markdown]
# ## 3 · What each segment wants (core)
#
# Now look. The next cell names each class by the benefit in which it stands out most from everybody, and draws all of
# them in one picture (a **snake plot**).

# %%
classes = model.predict(sought)
shares = segment.profile(sought, classes).table
names = {number: f"{number} {(shares[number] - shares['everybody']).idxmax()}" for number in model.class_shares_.index}
labels = classes.map(names)
profile = segment.profile(sought, labels)
profile.snake()

# %% [markdown]
# The next cell shows the largest segment alone, beside everybody. Strong colours **mark** it: orange items lie 25
# points or more above everybody, or by half of everybody's share; dark blue ones as far below. Change the 0 to 1, 2 …
# to meet the others, and find a name of your own for each: what they *want*, not who they are.

# %%
profile.figure(names[0])

# %% [markdown]
# ## 4 · Would age, town and channel have told? (core)
#
# "The young want it digital, the old want advice." Everybody knows that; so does the next cell find it? It takes what
# every bank has about its customers and foretells the segment of people it has *not seen*. Beside it stands the
# laziest guess there is: "everybody is in the largest segment".

# %%
people = base.customers.set_index("record_id").loc[labels.index]
age = ((base.as_of - people["birth_date"]).dt.days // 365).rename("age")
known = pd.DataFrame({"age": age, "town": people["city"], "channel": people["source"]})
told = segment.described(labels, known, seed=me.seed)
told.figure()

# %% [markdown]
# Hold the two shares in the title side by side before anybody books a campaign "for the young". (With twenty towns and
# few people in each, chance alone would make a long bar of *town*. What chance makes is taken off; a bar that is still
# there says "a little", not "who".)
#
# The next cell looks at age once more, with all its fields: a **mosaic**. Each column is a segment, each field one
# age; coloured is only what is more or less frequent than chance makes likely.

# %%
words = ["30 or less", "31 to 45", "46 to 60", "61 or more"]
bands = pd.cut(age, [0, 30, 45, 60, 120]).cat.rename_categories(words)
segment.mosaic(labels, bands).figure()

# %% [markdown]
# In every segment there are people of every age. Even where a field is coloured, it only says *a few more than
# expected*; it does not say which customer. Segments by age are quickly made, and they are segments of age.
#
# ## 5 · Then ask: five questions (core)
#
# What tells what people want is what people say they want. Nobody answers twelve questions at the counter, but some
# answers tell more than others. The next cell picks the five that tell most. It prints how often they give the class
# that all twelve give (counted on people who were not used to choose the questions), beside the two ways of section 4;
# then the questionnaire with its points.

# %%
tool = model.typing_tool(5)
ways = {"largest segment for all": told.largest, "age, town, channel": told.accuracy, "five questions": tool.agreement}
print(pd.Series(ways).map("{:.0%}".format).to_string())
tool

# %% [markdown]
# Print it: 1 is yes, 0 is no. Somebody at the counter can add up the points by hand; `tool.predict(...)` does it for a
# whole list. And tell the customer what for: "so that we spare you what you do not want".
#
# ## 6 · Choose (core)
#
# The plan of section 2 asks for four figures of each segment. The next cell works them out: how many customers it
# stands for (a sheet counts by its `weight`, since not all were asked equally often), the margin one brings in a year
# in euros, how content they are (1 to 5), and how good we are at what they seek (`fit`, 1 to 10).

# %%
year = base.transactions[base.transactions["ts"] >= "2025-01-01"]
margin = year.groupby("record_id")["margin_cents"].sum().reindex(labels.index, fill_value=0) / 100
weight = len(base.customers) * sheets["weight"] / sheets["weight"].sum()
each = pd.DataFrame({"customers": weight, "margin": margin, "content": sheets["csat"]}).groupby(labels)
figures = each.agg({"customers": "sum", "margin": "mean", "content": "mean"})
wants = profile.table[figures.index]
figures["fit"] = wants.mul(strength, axis=0).sum() / wants.sum()
figures.round(1)

# %% [markdown]
# To weigh euros against grades, the next cell turns each figure into a score: the best segment gets 10, the others in
# proportion. Then the plan decides: first the knock-out, then both weighted means, then their product.

# %%
scores = (10 * figures / figures.max()).rename(columns={"customers": "size"}).join(figures["customers"].round())
chosen = segment.targets(scores, **plan, sizes=figures["customers"])
print(chosen)
chosen.figure()

# %% [markdown]
# Is it the segment you had in mind while looking at the pictures of section 3? Now change one weight in the plan and
# run both cells again. If the target stays, the choice is firm; if it tips, say so to whoever pays. What you may not
# do is change weights until your favourite wins. And being no target means no less care: everybody gets good service.
#
# Three things no plan knows. Sizes come from a few hundred sheets: a segment just under the knock-out deserves a second
# look, not a lower knock-out. Who never answered is not in the table; those who like to be asked are in it more often,
# and no weight makes that good. And only customers who agreed to e-mail were asked at all.
#
# ## 7 · How near to the truth? (deeper)
#
# This bank was made, so what each customer really seeks is known. The next cell holds three ways against it: the
# classes, the five questions, and the four ages as if they were segments. 1 is the truth, 0 is chance; the last column
# is the share of what the best possible reader of the answers reaches.

# %%
person = base.truth["links"].set_index("record_id")["person_id"].loc[labels.index]
truth = base.truth["benefits"].set_index("person_id").loc[person].set_axis(labels.index)
ways = {"latent classes": labels, "five questions": tool.predict(sought), "age alone": bands}
likely = truth.filter(like="p_class_")
pd.DataFrame({way: segment.recovered(of, truth["benefit_class"], likely) for way, of in ways.items()}).T.round(2)

# %% [markdown]
# In this bank age does tilt a little what people seek; it was built in. A tilt is not a sign on the forehead.
#
# ## On your own data
#
# A survey of yours will do: one row per customer, one column per question, all on one scale. `your_survey.csv` is a
# small stand-in. The next cell reads it, makes yes and no of it (what was left blank stays blank: the classes do
# without), and draws how many kinds of customers there seem to be.

# %%
own = tables.from_export(customers="your_survey.csv")
own_level = segment.ipsatise(own.customers.set_index("record_id"), scale=(1, 7))
own_sought = (own_level >= 1).astype("float64").where(own_level.notna())
own_found = segment.class_solutions(own_sought, k=range(1, 5), seed=1)
own_found.figure()

# %% [markdown]
# ## Decide
#
# Write the first three lines down before you look (double-click, then type), and have somebody else sign them.
#
# - What knocks a segment out: ___ · What makes it attractive, and by which weight: ___
# - What we are good at, benefit by benefit: ___ · Who said so: ___
# - Date: ___
# - Our target: ___ because (its two scores): ___ · The offer its *customers* get that they seek: ___
# - How we will know them when we meet them (which questions, asked where): ___
#
# ## What you can now do
#
# - find classes behind yes/no answers, choose their number, and say who stands between two,
# - show with two shares side by side what age, town and channel tell, and put five questions in their place,
# - choose a target by criteria set before looking, and say how firm the choice is.
#
# **To keep**: the [cheat-sheet](cheatsheets/14.pdf), one page.
# **To do**: [exercise 14](../exercises/exercise_14.ipynb), on a telephone company of your own number.
#
# | term | hrvatski | meaning |
# |---|---|---|
# | latent class | latentna klasa | a kind of customers seen only through their answers |
# | BIC | Bayesov informacijski kriterij | fit less a price for each number the model chose; the lowest wins |
# | profile | profil segmenta | what a segment answers, beside everybody |
# | descriptor | opisna varijabla | what is known of customers without asking: age, town, channel |
# | typing tool | kratki razvrstavajući upitnik | the few questions that give the segment |
# | target segment | ciljni segment | the segment an offer is made for |
# | knock-out criterion | isključujući kriterij | who misses it is out, whatever else speaks for it |
#
# The last cell notes that you are through, and says when to come back.

# %% tags=["nbval-ignore-output"]
# The date depends on the day you run it.
me.finish()
