# %% [markdown]
# # 4  Is this the same person?
#
# 45 minutes · call centre, data quality, administration · builds on 03
#
# "Đurđević, I was with you before", says a caller. The agent types `djurdjevic`, finds nobody, and opens a new record.
# Now the caller is there twice. How could the computer have known her?
#
# **You will be able to**
# - bring names, streets, phones and e-mails to one form before you compare them,
# - measure how far two names are apart: slips of the keyboard, nicknames,
# - add up what agrees, and draw a line between the same person and two.
#
# ## 1 · One name, six ways (core)
#
# Run the two cells below with **Shift + Enter**. The first makes a telephone company from your own number, the second
# asks of six ways to write one name whether they are equal. You need no programming in this lesson: to ask something
# else, change what stands in the brackets.

# %% tags=["setup"]
import pandas as pd
from rapidfuzz.distance import OSA, JaroWinkler

from crmlab import lesson, quality, simulate, tables

me = lesson.begin("04")
base = simulate.company("telco", customers=3_000, seed=me.seed, locale="hr", mess="dirty")
me

# %%
ways = pd.Series(["Đurđević", "ĐURĐEVIĆ", "Djurdjević", "Durdevic", "Ðurðeviæ", "Đurđeviić"])
small = ways.str.lower()
bare = small.str.normalize("NFD").str.replace("[\u0300-\u036f]", "", regex=True)
pd.DataFrame({"typed": ways, "equal": ways == ways[0], "small": small == small[0], "no marks": bare == bare[0]})

# %% [markdown]
# We see one name, the computer sees six. Small letters bring back the one with the Caps Lock key. Taking off the
# marks does little: *ć* becomes *c*, but *đ* is a letter of its own, without a mark that could come off. And
# *Ðurðeviæ* was never typed: a machine read Croatian letters as Western ones.
#
# Two calls know all this. `fold` makes texts small, repairs what machines spoilt, and writes *đ* as *dj*. `name_key`
# goes one step further and no longer tells *d* from *dj*, nor one letter from two. The next cell asks both; add your
# own name to the list above.

# %%
pd.DataFrame({"typed": ways, "fold": quality.fold(ways), "name_key": quality.name_key(ways)})

# %% [markdown]
# One key for all six. How much does it matter? The next cell counts the different last names of the base: as typed,
# in small letters, folded, and by key.

# %%
last = base.customers["last_name"]
forms = {"as typed": last, "small": last.str.lower(), "fold": quality.fold(last), "name_key": quality.name_key(last)}
pd.Series({name: form.nunique() for name, form in forms.items()}, name="different last names").to_frame()

# %% [markdown]
# With every line fewer names are left: Caps Lock, missing marks and machines had made many of one. But a **key** is
# for finding, not for deciding: it may also bring two families together, as *Pavić* and *Pavič*. Never write it back
# into the record.
#
# ## 2 · The whole record in one form (core)
#
# Streets, phones and firms have their own disorder: *Ul.*, *ul*, *Ulica*; *091/…* and *+385 91 …*; *d.o.o.* and
# *d. o. o.*. One call brings a whole table to normal forms, and says of every cell what it did; the raw table stays.
# The next cell does it, and lists what was changed most.

# %%
done = quality.normalise(base.customers, locale="hr")
done.summary().head(8)

# %% [markdown]
# Does it help to find people? This base is simulated, so we know who is who. The next cell puts every two records of
# one person side by side (`quality.pairs`), and asks in what share of these pairs the phone number agrees, the e-mail
# address, the street: as typed, and in normal form.

# %%
who = base.customers["record_id"].map(base.truth["links"].set_index("record_id")["person_id"])
tidy = done.table.assign(person=who, street=quality.street_key(done.table["street"]))
fields, agree = ["phone", "email", "street"], {}
for name, table in {"as typed": base.customers.assign(person=who), "normal form": tidy}.items():
    of_one = quality.pairs(table, same="person")
    agree[name] = [quality.points(of_one, {field: 1}).mean() for field in fields]
pd.DataFrame(agree, index=fields).round(2)

# %% [markdown]
# Compare the two columns: what a line gains, it gains by form alone, and no cleverness was needed. What still differs
# is for the most part no matter of form: a field left empty, a slip, a second number, a customer who moved.
#
# ## 3 · Slips of the keyboard (core)
#
# *Kovaicc* is no form of *Kovacic*: two keys traded places. A computer can count such **slips**: a letter too many,
# one too few, a wrong one, or two traded. The count is called the OSA distance. Beside it stands a **likeness** from 0
# to 1 (Jaro-Winkler), which forgives most at the end of a word. Change the pairs in the next cell as you like.

# %%
words = [("Kovačić", "KOVAICC"), ("Horvat", "Hrovat"), ("Horvat", "Horak"), ("Marić", "Matić"), ("Josip", "Joža")]
rows = []
for one, other in words:
    a, b = quality.fold([one, other])
    rows.append((one, other, OSA.distance(a, b), round(JaroWinkler.similarity(a, b), 2)))
pd.DataFrame(rows, columns=["one", "other", "slips", "likeness"])

# %% [markdown]
# One slip makes *Hrovat* of *Horvat*, and one makes *Matić* of *Marić*: but Marić and Matić are two families. No
# number can tell a slip from another name. So where do we draw the line?
#
# The next cell takes all pairs of records **born on the same day**: some are one person twice, others are strangers.
# It measures how alike their last names are, and draws a line at 0.9. Move the line: change `at`.

# %%
people = tidy.dropna(subset=["last_name"])
pairs = quality.pairs(people, same="birth_date")
names = zip(quality.fold(pairs["last_name_a"]), quality.fold(pairs["last_name_b"]), strict=True)
alike = [JaroWinkler.similarity(*two) for two in names]
quality.separation_figure(alike, pairs["person_a"] == pairs["person_b"], at=0.9)

# %% [markdown]
# Further left, you keep more of the same and let in more strangers; further right, the other way round. The line is a
# choice: what does a missed pair cost, and what a wrong one? And some pairs of one person lie far left: no slip, but
# another name. Women who married are there, and whoever stands in the wrong field.
#
# ## 4 · Nicknames (core)
#
# *Josip* and *Joža* have two letters in common; *Josip* and *Josipa* all but one. Likeness gets both wrong: it takes a
# list of short names. The next cell asks it; try names you hear on the telephone.

# %%
heard = pd.Series(["Josip", "Joža", "Joso", "JOZO", "Josipa", "Ivan", "Ivica", "Ivana", "Štef", "Stjepan"])
pd.DataFrame({"heard": heard, "first_name_key": quality.first_name_key(heard)}).T

# %% [markdown]
# The list has its limits: *Toni* may be Antun or Antonio, and here both are one family; *Ivica* is a name in its own
# right. Again: a key finds candidates, a human being decides, or more fields do.
#
# ## 5 · One agreeing field proves nothing (core)
#
# "Same phone, same person"? The next cell puts every two records side by side that share a phone number in normal
# form, and counts those that are one person. Put `"street"` or `"email"` in place of `"phone"`.

# %%
field = "phone"
shared = quality.pairs(tidy, same=field)
of_one = quality.points(shared, {"person": 1}).sum()
print(f"{len(shared)} pairs of records share one {field}: {of_one} are one person, {len(shared) - of_one} are two.")

# %% [markdown]
# A telephone at home belongs to a family. So does a street, and a family has one last name: all three can agree, and
# it is still husband and wife. Joining them would show one the other's bills: a wrong merge is worse than a missed one.
#
# ## 6 · Adding up what agrees (deeper)
#
# No field proves it; several together nearly do. We give **points**: an agreeing first name or street counts 1, a
# birthday, phone or e-mail 2. The next cell adds them up for all pairs with one key of the last name, and draws the
# line at 3 points. The numbers are yours: try `"phone": 1`, or `at=4`.

# %%
weights = {"first": 1, "street": 1, "birth_date": 2, "phone": 2, "email": 2}
keys = {"first": quality.first_name_key(tidy["first_name"]), "last": quality.name_key(tidy["last_name"])}
two = quality.pairs(tidy.assign(**keys), same="last")
points = quality.points(two, weights)
same = two["person_a"] == two["person_b"]
quality.separation_figure(points, same, at=3)

# %% [markdown]
# Who are the strangers that are let in? The next cell lists the first of them, one pair a line. Above the list it
# says what the figure hides: only pairs with **one key** of the last name were looked at, and some pairs of one person
# never had a chance.

# %%
all_pairs = quality.pairs(tidy, same="person")
print(f"{len(all_pairs) - same.sum()} of {len(all_pairs)} pairs of one person have two different keys.")
let_in = two[(points >= 3) & ~same]
let_in[["last_a", "first_a", "first_b", "street_a", "street_b", "phone_a", "phone_b"]].head(6)

# %% [markdown]
# Look at what agrees, and at what speaks against it. A family shares name, street and telephone, but its first names
# differ: what if two *different* first names cost a point? Which points are right? Lesson 05 lets the data say it.
#
# ## On your own data
#
# Export your customers as CSV or Excel and put the file beside this notebook; write its name in place of
# `your_customers.csv`, a small stand-in. The next cell reads it and brings it to normal forms.

# %%
own = tables.from_export(customers="your_customers.csv")
own_done = quality.normalise(own.customers, locale="hr")
own_done.summary().head(6)

# %% [markdown]
# The next cell lists pairs of your own records with one key of the first *and* the last name: candidates to look at,
# not to join. Ask of each pair what else agrees, and what speaks against it.

# %%
own_tidy = own_done.table
key = quality.first_name_key(own_tidy["first_name"]) + " " + quality.name_key(own_tidy["last_name"])
own_pairs = quality.pairs(own_tidy.assign(key=key), same="key")
own_pairs[["key_a", "phone_a", "phone_b", "birth_date_a", "birth_date_b"]].head(6)

# %% [markdown]
# ## Decide
#
# Write it down here (double-click, then type), and read it to a colleague who answers calls.
#
# - Before we open a new record we search by: ___ and ___, typed in this form: ___
# - We call two records the same person when ___ and ___ agree, and never when ___ differs.
# - What the *customer* is spared by that: ___
# - The figure it stands on: ___
#
# ## What you can now do
#
# - bring a table to normal forms, see what was changed, and keep the raw values,
# - compare names by fold, key, slips and likeness, and know what a nickname needs,
# - add up what agrees, draw a line, and say what it keeps and what it lets in.
#
# **To keep**: the [cheat-sheet](cheatsheets/04.pdf), one page.
# **To do**: [exercise 04](../exercises/exercise_04.ipynb), at a bank.
#
# | term | hrvatski | meaning |
# |---|---|---|
# | normal form | normalni oblik | the one way in which a value is written |
# | diacritic, mark | dijakritički znak | the sign on č, ć, š, ž; *đ* is a letter without one |
# | key | ključ | what different ways to write a name have in common; for finding |
# | slip, edit distance | omaška, udaljenost uređivanja | letters to change to get from one word to the other |
# | likeness, similarity | sličnost | how alike two texts are, from 0 to 1 |
# | nickname | nadimak, hipokoristik | the name somebody goes by: Joža for Josip |
# | duplicate | duplikat | a second record of one person |
#
# The last cell notes that you are through, and says when to come back.

# %% tags=["nbval-ignore-output"]
# The date depends on the day you run it.
me.finish()
