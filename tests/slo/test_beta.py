"""The incomplete beta function, held against whole-number arithmetic and closed forms."""

import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facemon.slo.beta import beta_cdf, beta_quantile, log_beta, log_beta_cdf

SHAPES = st.floats(0.5, 2000)


def binomial_tail(hits: int, trials: int, share: Fraction) -> float:
    """P(X >= hits), summed in whole numbers: the beta distribution function at whole shapes (DLMF 8.17.5)."""
    top, bottom = share.numerator, share.denominator
    total = sum(
        math.comb(trials, k) * top**k * (bottom - top) ** (trials - k) for k in range(hits, trials + 1)
    )
    return float(Fraction(total, bottom**trials))


@pytest.mark.parametrize("trials", [1, 2, 10, 59, 300, 1000])
@pytest.mark.parametrize("percent", [1, 30, 50, 95, 99])
def test_whole_shapes_are_binomial_tails(trials, percent):
    """I_x(k, n - k + 1) is the chance of k hits or more in n, to eleven digits."""
    share = Fraction(percent, 100)
    for hits in {1, max(1, trials * percent // 100), max(1, trials - 3), trials}:
        exact = binomial_tail(hits, trials, share)
        assert beta_cdf(percent / 100, hits, trials - hits + 1) == pytest.approx(exact, rel=1e-11, abs=1e-300)


@pytest.mark.parametrize("x", [1e-9, 0.01, 0.3, 0.5, 0.99])
@pytest.mark.parametrize("shape", [0.5, 1.0, 7.0, 400.0])
def test_one_shape_of_one_has_a_closed_form(x, shape):
    """I_x(a, 1) is x^a, and I_x(1, b) is 1 - (1 - x)^b."""
    assert beta_cdf(x, shape, 1) == pytest.approx(x**shape, rel=1e-11)
    assert beta_cdf(x, 1, shape) == pytest.approx(-math.expm1(shape * math.log1p(-x)), rel=1e-11)


def test_the_arcsine_distribution():
    """I_x(1/2, 1/2) is 2/pi arcsin sqrt x: shapes need not be whole."""
    for x in (0.001, 0.2, 0.5, 0.9):
        assert beta_cdf(x, 0.5, 0.5) == pytest.approx(2 / math.pi * math.asin(math.sqrt(x)), rel=1e-12)


@pytest.mark.parametrize("half", [5_000, 50_000, 500_000])
def test_large_equal_shapes_are_even(half):
    """By symmetry I_1/2(a, a) is a half; at a million samples to nine digits."""
    assert beta_cdf(0.5, half, half) == pytest.approx(0.5, rel=1e-9)


@settings(deadline=None, max_examples=100)
@given(st.floats(0.001, 0.999), SHAPES, SHAPES)
def test_the_mirror_image_adds_up_to_one(x, a, b):
    """I_x(a, b) + I_(1-x)(b, a) = 1 (DLMF 8.17.4), and both lie between 0 and 1."""
    one, other = beta_cdf(x, a, b), beta_cdf(1 - x, b, a)
    assert one + other == pytest.approx(1, abs=1e-9) and 0 <= one <= 1 + 1e-12


@settings(deadline=None, max_examples=60)
@given(st.floats(0.001, 0.999), st.floats(1, 500), st.floats(1, 500))
def test_the_quantile_is_its_inverse(p, a, b):
    """The distribution function reaches p at the quantile of p."""
    assert beta_cdf(beta_quantile(p, a, b), a, b) == pytest.approx(p, abs=1e-9)


def test_beyond_the_ends():
    """Nothing lies below 0, all below 1."""
    assert beta_cdf(-0.1, 2, 3) == beta_cdf(0, 2, 3) == 0
    assert beta_cdf(1, 2, 3) == beta_cdf(1.1, 2, 3) == 1


def test_log_beta_of_whole_numbers():
    """B(a, b) = (a-1)! (b-1)! / (a+b-1)!"""
    assert math.exp(log_beta(3, 4)) == pytest.approx(
        math.factorial(2) * math.factorial(3) / math.factorial(6)
    )


def test_the_logarithm_goes_on_where_the_probability_ends():
    """0.05^1000 is 0 to a double; its logarithm is not."""
    assert beta_cdf(0.05, 1000, 1) == 0
    assert log_beta_cdf(0.05, 1000, 1) == pytest.approx(1000 * math.log(0.05), rel=1e-12)
    assert log_beta_cdf(0.5, 3, 3) == pytest.approx(math.log(0.5), rel=1e-12)
    assert (log_beta_cdf(0, 2, 3), log_beta_cdf(1, 2, 3)) == (-math.inf, 0)
