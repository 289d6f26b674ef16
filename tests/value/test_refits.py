"""Errors and intervals come of refits that converged; those that did not are counted and told."""

import warnings

import mpmath as mp
import numpy as np
import pandas as pd
import pytest
from scipy.special import hyp2f1
from sklearn.exceptions import ConvergenceWarning

from crmlab import value
from crmlab.errors import CrmlabError
from crmlab.value.bgnbd import _chance_to_stay

PLANTED = value.BGNBD.with_params(unit="W", r=0.243, alpha=4.414, a=0.793, b=2.426)


@pytest.fixture(scope="module")
def few():
    """Sixty customers: the fit converges, one in six of its refits runs off."""
    return value.BGNBD().fit(PLANTED.sample(60, seed=3, age=30))


def test_few_refits_that_run_off_are_left_out_and_counted():
    fitted = value.BGNBD().fit(PLANTED.sample(500, seed=3, age=39))
    with pytest.warns(ConvergenceWarning, match=r"2 of 60 refits of BGNBD did not converge \(a and b ran off") as told:
        refits = fitted.bootstrap(seed=1, n=60)
    assert str(told[0].message).endswith("and are left out.")
    assert told[0].filename == __file__
    assert refits.index.tolist() == list(range(58))
    assert (np.abs(np.log(refits / fitted.params_)) <= 6).all(axis=None)
    with pytest.warns(ConvergenceWarning, match="2 of 60 refits") as told:
        errors = fitted.standard_errors(seed=1, n=60)
    assert told[0].filename == __file__
    pd.testing.assert_series_equal(errors, refits.std(ddof=1), check_names=False)


def test_where_many_refits_run_off_there_are_no_errors_and_the_draws_say_that_the_data_do_not_tell(few):
    assert few.converged_
    with pytest.raises(CrmlabError, match=r"6 of 40 refits of BGNBD did not converge \(a and b ran off.*do not tell"):
        few.standard_errors(seed=1, n=40)
    with pytest.warns(ConvergenceWarning, match="6 of 40 refits .* the data do not tell; customers may be too few"):
        assert few.bootstrap(seed=1, n=40).shape == (40, 4)


def test_a_fit_that_did_not_converge_has_no_errors():
    with pytest.warns(ConvergenceWarning):
        fitted = value.BGNBD().fit(PLANTED.sample(60, seed=1, age=30))
    with pytest.raises(CrmlabError, match=r"the fit did not converge .* the data do not tell its errors"):
        fitted.standard_errors(seed=1)


@pytest.mark.parametrize("n", [1, 0, True, 2.5])
def test_fewer_than_two_refits_are_refused(few, n):
    with pytest.raises(CrmlabError, match=f"n: found {n!r}"):
        few.standard_errors(seed=1, n=n)


def test_whole_weights_are_repeated_rows_in_the_errors_too():
    once = PLANTED.sample(400, seed=2, age=39)
    times = np.random.default_rng(1).integers(1, 4, 400)
    weighted = value.BGNBD().fit(once, sample_weight=times)
    repeated = value.BGNBD().fit(once.loc[np.repeat(once.index, times)])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        for method in ("bootstrap", "hessian"):
            one, other = (model.standard_errors(seed=1, n=20, method=method) for model in (weighted, repeated))
            np.testing.assert_allclose(one, other, rtol=1e-4)


@pytest.mark.parametrize("method", ["bootstrap", "hessian"])
def test_parts_of_customers_are_weights_for_a_fit_but_not_for_its_errors(method):
    table = PLANTED.sample(500, seed=3, age=39)
    part = value.BGNBD().fit(table, sample_weight=np.full(500, 0.001))
    np.testing.assert_allclose(part.params_, value.BGNBD().fit(table).params_, rtol=1e-5)
    with pytest.raises(CrmlabError, match="sample_weight: the weights of the fit are no whole numbers"):
        part.standard_errors(seed=1, n=20, method=method)
    with pytest.raises(CrmlabError, match="the weights of the fit are no whole numbers"):
        part.bootstrap(seed=1, n=20)


HUGE = [(1e4, 1e4, 2, 0.5), (1e6, 1.0, 2, 5.0), (1e6, 1e7, 0.3, 0.1), (2e-6, 8.0, 2e6, 1e-3), (0.8, 2.5, 3, 2.0)]


@pytest.mark.parametrize(("a", "b", "many", "part"), HUGE)
def test_the_chance_to_stay_holds_where_the_hypergeometric_function_fails(a, b, many, part):
    with mp.workdps(30):  # Pfaff's form again, with digits enough
        whole = float(mp.hyp2f1(many, a, a + b, -mp.mpf(part))) if max(a, b, many) < 1e4 else None
    if whole is None:
        dice = np.random.default_rng(1)
        whole = np.mean((1 + dice.beta(a, b, 200_000) * part) ** -float(many))
    assert _chance_to_stay(*(np.array([float(of)]) for of in (many, a, b, part)))[0] == pytest.approx(whole, rel=1e-3)


def test_a_fit_that_ran_off_still_foretells_finite_numbers():
    assert not np.isfinite(hyp2f1(1e6, 1e6, 2e6, 0.3))  # what was handed on before
    ran_off = value.BGNBD.with_params(unit="W", r=1.98e6, alpha=3.24e7, a=2.3e-6, b=8.2)
    both = value.BGNBD.with_params(unit="W", r=0.3, alpha=5.0, a=1e6, b=4e6)
    customers = pd.DataFrame({"frequency": [4, 0], "recency_weeks": [24.1, 0], "age_weeks": [24.1, 17.3]})
    assert ran_off.expected_purchases(customers, 39).tolist() == pytest.approx([39 * 1.98 / 32.4] * 2, rel=1e-4)
    near = value.BGNBD.with_params(unit="W", r=0.3, alpha=5.0, a=300.0, b=1200.0)  # the same share leaves
    got = both.discounted_purchases(customers, rate=0.1, rate_period="Y")
    assert got.tolist() == pytest.approx(
        near.discounted_purchases(customers, rate=0.1, rate_period="Y").tolist(), rel=0.01
    )
