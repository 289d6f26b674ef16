import numpy as np
import pytest

from crmlab.simulate.dice import Dice, lookup, scramble

DRAWS = {
    "random": lambda dice, n: dice.random(n),
    "integers": lambda dice, n: dice.integers(0, 3_600, n),
    "integers of thirty bits": lambda dice, n: dice.integers(0, 1 << 30, n),
    "integers beyond 32 bits": lambda dice, n: dice.integers(0, 10**10, n),
    "integers below zero": lambda dice, n: dice.integers(-1_350, 10_000, n),
    "integers below bounds of their own": lambda dice, n: dice.integers(0, np.tile([1, 10**6, 10**14, 7], n // 4)),
    "16-bit integers": lambda dice, n: dice.integers(0, 1 << 16, n, dtype=np.uint16),
    "gamma of a small shape": lambda dice, n: dice.standard_gamma(0.243, n),
    "gamma of a large shape": lambda dice, n: dice.standard_gamma(6.25, n),
    "beta of small shapes": lambda dice, n: dice.beta(0.7, 0.9, n),
    "beta of large shapes": lambda dice, n: dice.beta(0.9, 29.0, n),
    "poisson": lambda dice, n: dice.poisson(np.tile([0.0, 0.3, 4.0, 40.0], n // 4)),
    "geometric": lambda dice, n: dice.geometric(np.tile([0.9, 0.2, 0.01, 1e-9], n // 4)),
}


@pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS)
def test_a_smaller_draw_is_the_beginning_of_a_larger_one(draw):
    few, many = draw(Dice(1)("table", "column"), 1_000), draw(Dice(1)("table", "column"), 5_000)
    assert np.array_equal(few, many[:1_000])
    assert len(set(many.tolist())) > 10


def test_every_word_of_the_key_changes_the_draw():
    words = [("a", 1, "b", "c", 0), ("x", 1, "b", "c", 0), ("a", 2, "b", "c", 0), ("a", 1, "x", "c", 0)]
    words += [("a", 1, "b", "x", 0), ("a", 1, "b", "c", 1), ("a", 1, "b", "c", 0, "x"), ("a", 1, "bc", "", 0)]
    draws = [Dice(*key[:2])(*key[2:]).random(3).tolist() for key in words]
    assert len({tuple(draw) for draw in draws}) == len(words)
    assert Dice("a", 1)("b", "c", 0).random(3).tolist() == draws[0]


@pytest.mark.parametrize("bits", [1, 2, 3, 10, 17])
def test_scrambling_gives_every_number_of_the_range_once(bits):
    swapped = Dice(3).scramble(np.arange(1 << bits), bits, "table", "id")
    assert np.array_equal(np.sort(swapped), np.arange(1 << bits))


def test_scrambling_a_few_is_scrambling_the_first_of_many():
    few, many = (Dice(3).scramble(np.arange(n), 40, "table", "id") for n in (100, 1_000))
    assert np.array_equal(few, many[:100])
    assert len(np.unique(many)) == 1_000


def test_scrambled_numbers_keep_neither_order_nor_nearness():
    n, bits = 65_536, 28
    swapped = Dice(3).scramble(np.arange(n), bits, "table", "id") / (1 << bits)
    assert abs(np.corrcoef(np.arange(n), swapped)[0, 1]) < 4 / np.sqrt(n)
    for lag in (1, 2, 4, 256, 4_096):
        gap = np.abs(swapped[lag:] - swapped[:-lag])
        assert abs(gap.mean() - 1 / 3) < 4 * np.sqrt(1 / 18 / len(gap)), lag  # as of two numbers at random
        assert abs((gap < 0.001).mean() - 0.002) < 0.0008, lag


def test_another_key_scrambles_in_another_way():
    numbers = np.arange(1_000)
    one, other = (scramble(numbers, 20, key=bytes([fill]) * 64) for fill in (1, 2))
    assert (one == other).mean() < 0.01


def test_a_lookup_holds_each_choice_as_often_as_its_weight_asks():
    weights = [5, 0, 1, 94, 900]
    share = np.bincount(lookup(weights), minlength=5) / 65_536
    assert np.abs(share - np.array(weights) / 1_000).max() <= 1 / 65_536
    assert share[1] == 0
