"""What each table promises: its columns with unit and meaning, as pandera models."""

from crmlab.tables.columns import amount, date, flag, identity, measure, moment, table, text, word

__all__ = ["MODELS"]

CUSTOMERS = table(
    "customers",
    "one customer record (one person may have several)",
    record_id=identity("number of the record", needed=True, unique=True),
    source=word("system or channel that opened the record"),
    clerk_id=identity("who typed it in", missing=True),
    created_at=moment("when the record was opened", missing=True),
    updated_at=moment("when it was last changed", missing=True),
    first_name=word("first name"),
    last_name=word("last name"),
    company_name=text("name of the firm, for business customers"),
    street=word("street without number"),
    house_number=text("house number"),
    postcode=word("postal code, as text"),
    city=word("town"),
    country=word("country, two letters"),
    email=text("e-mail address"),
    phone=text("phone number, as written"),
    birth_date=date("day of birth"),
    oib=text("identity number (Croatia), as text"),
    iban=text("bank account, as text"),
    segment_note=text("what a clerk wrote about the customer"),
    consent_email=flag("may be written to by e-mail"),
    consent_phone=flag("may be called"),
    consent_profiling=flag("may be profiled"),
)

CONTRACTS = table(
    "contracts",
    "one contract",
    contract_id=identity("number of the contract", unique=True),
    record_id=identity("customer record that signed it", needed=True),
    product=word("what was agreed"),
    start=moment("first day", needed=True),
    end=moment("day it ended; empty while it runs", missing=True),
    price_cents=amount("price of one month", least=0),
    prepaid=flag("paid in advance"),
    renewal_day=measure("day of the month it renews on", "day", least=1, most=31),
    end_reason=word("why it ended; empty while it runs"),
    balance_cents=amount("what lies on the account, or is owed; banks only", missing=True),
)

TRANSACTIONS = table(
    "transactions",
    "one purchase, payment or return",
    transaction_id=identity("number of the transaction", unique=True),
    record_id=identity("customer record that bought", needed=True),
    ts=moment("when it was booked", needed=True),
    amount_cents=amount("amount paid; a return is negative", needed=True),
    margin_cents=amount("what is left after cost of goods", missing=True),
    product_group=word("kind of goods or service"),
    channel=word("where it was bought"),
    campaign_id=identity("campaign it answers", missing=True),
)

TOUCHPOINTS = table(
    "touchpoints",
    "one contact between customer and firm",
    touchpoint_id=identity("number of the contact", unique=True),
    record_id=identity("customer record concerned", needed=True),
    ts=moment("when it began", needed=True),
    seq=measure("order of contacts at the same instant", "count", least=0, missing=False),
    channel=word("branch, call_centre, web, app, email, sms, social, qr, partner or field"),
    type=word("inquiry, purchase, complaint, reply, visit, service, offer, payment, delivery or referral"),
    direction=word("in: the customer began; out: the firm began"),
    clerk_id=identity("who served", missing=True),
    branch_id=identity("branch it was at; empty elsewhere", missing=True),
    campaign_id=identity("campaign it belongs to; empty where it belongs to none", missing=True),
    duration_s=measure("how long it took", "seconds", least=0),
    cost_cents=amount("what it cost the firm", least=0, missing=True),
    resolved=flag("settled at this contact; empty where there was nothing to settle"),
)

SURVEY = table(
    "survey",
    "one answer sheet",
    record_id=identity("customer record that answered", needed=True),
    wave=measure("number of the wave, from 1", "count", least=1, missing=False),
    ts=moment("when it was answered", needed=True),
    **{f"benefit_{n:02}": measure(f"how much benefit {n} matters", "1 to 7", least=1, most=7) for n in range(1, 13)},
    nps=measure("would recommend", "0 to 10", least=0, most=10),
    csat=measure("satisfaction", "1 to 5", least=1, most=5),
    ces=measure("the firm made it easy", "1 to 7", least=1, most=7),
    weight=measure("how many customers the sheet speaks for, one on average", "count", least=0),
)

MOMENTS = table(
    "moments",
    "one rated touch point",
    touchpoint_id=identity("number of the contact", unique=True),
    record_id=identity("customer record concerned", needed=True),
    ts=moment("when the contact began", needed=True),
    expected_desired=measure("service wished for", "1 to 9", least=1, most=9),
    expected_adequate=measure("service still put up with", "1 to 9", least=1, most=9),
    perceived=measure("service as it was felt", "1 to 9", least=1, most=9),
    valence=measure("how good it felt", "-4 to 4", least=-4, most=4),
    arousal=measure("how strongly it was felt", "1 to 9", least=1, most=9),
    complained=flag("a complaint followed"),
    recovered=flag("the complaint was settled; empty where nobody complained"),
)

MENTIONS = table(
    "mentions",
    "one public post",
    mention_id=identity("number of the post", unique=True),
    handle=text("name the author goes by"),
    ts=moment("when it was posted", needed=True),
    platform=word("kind of place"),
    text=text("what was written"),
    language=word("language, two letters"),
    topic=word("what it is about, as the listening tool reads it"),
    sentiment=word("negative, neutral or positive, as the listening tool reads it"),
    reach=measure("people who saw it", "count", least=0),
    reply_to=identity("post it answers", missing=True),
    record_id=identity("customer record of the author; empty unless linked by consent", missing=True),
)

PRODUCT_EVENTS = table(
    "product_events",
    "one event in the product, or one scan of a code",
    event_id=identity("number of the event", unique=True),
    device_id=identity("device it came from"),
    record_id=identity("customer record; empty before log-in", missing=True),
    ts=moment("when it happened", needed=True),
    seq=measure("place in the session, from 0", "count", least=0, missing=False),
    screen=word("what was looked at"),
    qr_id=identity("code that was scanned", missing=True),
)

CAMPAIGNS = table(
    "campaigns",
    "one customer in one campaign",
    campaign_id=identity("number of the campaign", needed=True),
    record_id=identity("customer record concerned", needed=True),
    ts=moment("when the campaign went out", needed=True),
    channel=word("how it went out"),
    arm=word("treated, or holdout: left alone by lot"),
    responded=flag("bought within the time watched"),
    revenue_cents=amount("what was bought within the time watched", least=0),
)

REFERRALS = table(
    "referrals",
    'one "brought by"',
    record_id=identity("customer record that was brought", needed=True),
    referred_by=identity("customer record that brought it", needed=True),
    ts=moment("when the new customer joined", needed=True),
)

CONTACT_PERSONS = table(
    "contact_persons",
    "one person who acts for a business customer",
    contact_id=identity("number of the contact person", unique=True),
    record_id=identity("customer record of the firm", needed=True),
    first_name=word("first name"),
    last_name=word("last name"),
    role=word("what the person does there"),
    email=text("e-mail address"),
    is_main=flag("named first on the record"),
)

INVOICES = table(
    "invoices",
    "one invoice",
    transaction_id=identity("the sale it asks payment for", unique=True),
    record_id=identity("customer record that owes it", needed=True),
    ts=moment("when it was sent", needed=True),
    due=date("day it is due"),
    paid_at=moment("when it was paid; empty while open", missing=True),
    amount_cents=amount("amount asked", needed=True),
)

OUTAGES = table(
    "outages",
    "one time service failed in a town",
    outage_id=identity("number of the outage", unique=True),
    ts=moment("when it began", needed=True),
    duration_s=measure("how long it took", "seconds", least=0),
    city=word("town that was without service"),
)

BRANCHES = table(
    "branches",
    "one branch of the firm",
    branch_id=identity("number of the branch", needed=True, unique=True),
    city=word("town it is in"),
    postcode=word("postal code, as text"),
    opened_at=date("day it opened"),
    closed_at=date("day it closed; empty while open"),
)

_ALL = (
    *(CUSTOMERS, CONTRACTS, TRANSACTIONS, TOUCHPOINTS),
    *(SURVEY, MOMENTS, MENTIONS, PRODUCT_EVENTS, CAMPAIGNS, REFERRALS),
    *(CONTACT_PERSONS, INVOICES, OUTAGES, BRANCHES),
)
MODELS = {model.name: model for model in _ALL}
