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
    campaign_id=identity("campaign it belongs to", missing=True),
    duration_s=measure("how long it took", "seconds", least=0),
    cost_cents=amount("what it cost the firm", least=0, missing=True),
    resolved=flag("settled at this contact; empty where there was nothing to settle"),
)

MODELS = {model.name: model for model in (CUSTOMERS, CONTRACTS, TRANSACTIONS, TOUCHPOINTS)}
