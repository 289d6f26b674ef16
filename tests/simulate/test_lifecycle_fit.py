"""A fit to what the firm sees finds the hidden life cycle: how often states change, and what each is like."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import gammaln
from scipy.stats import chi2, gamma

from crmlab.simulate.asked import spec

QUIET = dict.fromkeys(("survey", "mentions", "campaigns", "referrals"), False)
ALIKE = {"product__users": 1.0, "product__shape_customers": 1e9}  # all customers use the product alike
BY_TIME = {f"lifecycle__moves__{name}": 0.0 for name in ("delight", "failure", "recovery")}
DAYS = 365.25 / 12


def sessions(base):
    """Sessions by customer and month while the contract ran, and the share of a month each had; -1 outside.

    Whose device is whose is given; how much log-ins tell of it is tested elsewhere.
    """
    record = base.truth.links.set_index("person_id")["record_id"]
    owner = base.truth.devices.set_index("device_id")["person_id"].map(record)
    events = base.product_events
    begun = events[events["seq"] == 0].assign(record_id=events["device_id"].map(owner))
    own = base.contracts.sort_values("start").drop_duplicates("record_id").set_index("record_id")
    since = base.customers.set_index("record_id")["created_at"].reindex(own.index)
    months = pd.date_range(since.min().normalize().replace(day=1), base.as_of, freq="MS")
    counts = pd.crosstab(begun["record_id"], np.searchsorted(months, begun["ts"], side="right") - 1)
    counts = counts.reindex(index=own.index, columns=range(len(months) - 1), fill_value=0)
    months, since, until = months.tz_localize(None), since.dt.tz_localize(None), own["end"].fillna(base.as_of)
    starts, ends = months[:-1].to_numpy(), months[1:].to_numpy()
    late = (since.to_numpy()[:, None] - starts) / np.timedelta64(1, "D")
    length = (ends - starts) / np.timedelta64(1, "D")
    share = np.clip(length - np.clip(late, 0, None), 0, None) / DAYS
    runs = until.dt.tz_localize(None).to_numpy()[:, None] >= ends  # months the contract ran to their end
    seen = runs & (share > 0)
    return np.where(seen, counts.to_numpy(), -1), share


class Hidden:
    """Baum & Welch: states by month, each with its Poisson rate, times one of a list of rates of the customer's own."""

    def __init__(self, counts, share, rates, weights):
        first = (counts >= 0).argmax(axis=1)  # months counted from each customer's first
        column = first[:, None] + np.arange(counts.shape[1])
        inside = column < counts.shape[1]
        column = np.minimum(column, counts.shape[1] - 1)
        self.counts = np.where(inside, np.take_along_axis(counts, column, 1), -1)
        self.share = np.take_along_axis(share, column, 1)
        kept = self.counts[:, 0] >= 0
        self.counts, self.share = self.counts[kept], self.share[kept]
        self.rates, self.weights = np.asarray(rates, float), np.asarray(weights, float)

    def step(self, start, moves, busy):
        """Expected counts given parameters (the E step), and the log-likelihood."""
        n, months = self.counts.shape
        seen = self.counts >= 0
        mean = self.share[:, :, None, None] * self.rates[:, None] * busy
        counts = np.maximum(self.counts, 0)[:, :, None, None]
        bright = np.where(seen[:, :, None, None], mean**counts * np.exp(-mean - gammaln(counts + 1)), 1.0)
        bright = np.maximum(bright, 1e-30)  # nearly impossible, so that what cannot be stays a number
        forward = np.empty((months, n, len(self.rates), len(busy)))
        scale = np.ones((months, n, len(self.rates)))
        now = np.broadcast_to(start, forward.shape[1:])
        for month in range(months):
            now = now @ moves if month else now
            now = now * bright[:, month]
            scale[month] = now.sum(axis=2)
            forward[month] = now = now / scale[month][..., None]
        by_rate = np.log(scale).sum(axis=0) + np.log(self.weights)
        top = by_rate.max(axis=1, keepdims=True)
        chance = np.exp(by_rate - top)
        likelihood = (top[:, 0] + np.log(chance.sum(axis=1))).sum()
        chance /= chance.sum(axis=1, keepdims=True)
        back, switches = np.ones(forward.shape[1:]), np.zeros_like(moves)
        hits, spans = np.zeros(len(busy)), np.zeros(len(busy))
        for month in range(months - 1, -1, -1):
            held = forward[month] * back
            held = (
                held
                / np.maximum(held.sum(axis=2, keepdims=True), 1e-300)
                * chance[..., None]
                * seen[:, month, None, None]
            )
            hits += (held * self.counts[:, month, None, None]).sum(axis=(0, 1))
            spans += (held * (self.share[:, month, None] * self.rates)[..., None]).sum(axis=(0, 1))
            if month == 0:
                return likelihood, held.sum(axis=(0, 1)), switches, hits / spans
            ahead = back * bright[:, month] / scale[month][..., None]
            both = np.einsum("nri,nrj->ij", forward[month - 1] * (chance * seen[:, month, None])[..., None], ahead)
            switches += both * moves
            back = ahead @ moves.T

    def fit(self, states, rounds):
        """Start from knowing nothing but that states differ."""
        start, moves = np.full(states, 1 / states), np.full((states, states), 0.1) + np.eye(states) * (1 - states / 10)
        busy = np.linspace(0.2, 2.0, states) * self.counts[self.counts >= 0].mean() / (self.rates @ self.weights)
        for _ in range(rounds):
            _, begun, switches, busy = self.step(start, moves, busy)
            start, moves = begun / begun.sum(), switches / switches.sum(axis=1, keepdims=True)
        order = np.argsort(busy)
        return start[order], moves[np.ix_(order, order)], busy[order]


def planted(company):
    """Shares of first states, chances of moving by time alone, and sessions a month, as the spec has them."""
    states = list(spec(company)["lifecycle"]["states"].values())
    rise, fall = (np.array([one[way] for one in states]) for way in ("rise", "fall"))
    moves = np.diag(1 - rise - fall) + np.diag(rise[:-1], 1) + np.diag(fall[1:], -1)
    return np.array([one["start"] for one in states]), moves, np.array(spec(company)["product"]["sessions_by_state"])


@pytest.mark.parametrize(("company", "locale"), [("telco", "hr"), ("bank", "en")])
def test_baum_and_welch_find_the_planted_states_from_sessions_alone(company, locale, base):
    """Where all use the product alike and time alone moves them, the model is the very one that was planted."""
    made = base(company, customers=2_000, seed=11, locale=locale, mess="none", **QUIET, **ALIKE, **BY_TIME)
    model = Hidden(*sessions(made), [1.0], [1.0])
    start, moves, busy = model.fit(3, 25)
    asked = planted(company)
    assert busy == pytest.approx(asked[2], rel=0.05)
    assert moves == pytest.approx(asked[1], abs=0.012)
    assert start == pytest.approx(asked[0], abs=0.04)
    gain = 2 * (model.step(start, moves, busy)[0] - model.step(*asked)[0])
    assert 0 <= gain < chi2.ppf(0.999, df=2 + 6 + 3)  # no farther than chance takes the estimate of as many parameters


def test_the_life_cycle_comes_back_where_customers_differ_and_encounters_move_them(base):
    """As the base is made: each customer uses the product at a rate of their own, some not at all."""
    made = base("bank", customers=1_500, seed=11, mess="none", **QUIET)
    product = spec("bank")["product"]
    parts = 6
    rates = gamma.ppf(
        (np.arange(parts) + 0.5) / parts, product["shape_customers"], scale=1 / product["shape_customers"]
    )
    rates = [0.0, *rates / rates.mean()]
    weights = [1 - product["users"], *[product["users"] / parts] * parts]
    _, moves, busy = Hidden(*sessions(made), rates, weights).fit(3, 25)
    assert busy == pytest.approx(product["sessions_by_state"], rel=0.25)
    states = made.truth.states
    place = states["state"].astype(str).map({name: n for n, name in enumerate(spec("bank")["lifecycle"]["states"])})
    before = place.shift().where(states["person_id"].eq(states["person_id"].shift()))
    true = pd.crosstab(before, place, normalize="index").to_numpy()
    assert moves == pytest.approx(true, abs=0.03)
