"""Linear models of rows in an engine, from their moments: the same as from rows in memory."""

from __future__ import annotations

import duckdb
import numpy as np
import pytest
from lazy_cases import DESIGNS as PLANS
from lazy_cases import make_rows

import trustkit as tk
from trustkit.errors import DesignError, FitError
from trustkit.models.moments import Clouds


def rows():
    """Return respondents with numbers of many sizes, of which some are missing."""
    draw = np.random.default_rng(6)
    own = make_rows()
    own["loss"] = draw.normal(size=len(own)) * 3 + own["size"]
    own.loc[::19, "loss"] = np.nan
    own["year"] = 2_000_000 + 2 * own["size"] + own["stratum"] % 2
    own["twice"] = 2 * own["size"] + 1
    # in one country everybody has the same number
    own["children"] = np.where(own["country"] == "Peru", 2.0, own["size"] % 3)
    return own


ROWS = rows()
FORMULAS = [
    "income ~ size",
    "income ~ 0 + size",
    "income ~ loss + size + sex",
    "income ~ size * sex + country:loss",
    "income ~ children + country",
    "loss ~ 0 + size:sex + offset(children)",
    "income ~ year * country",
    "year ~ loss + size",
]


@pytest.fixture(scope="module")
def engine():
    with duckdb.connect() as connection:
        yield connection.from_df(ROWS)


def designs(engine, plan):
    """Return a design of the rows in an engine, and one of the same rows in memory."""
    return [tk.Design(source, weights="w", **PLANS[plan]) for source in (engine, ROWS)]


def assert_same_fit(one, other, outcome, rtol=1e-9):
    scale = np.sqrt(np.diag(other.vcov))
    digits = 1e-15 * ROWS[outcome].abs().max()  # residuals have no more digits than the outcome
    assert (np.abs(one.estimate - other.estimate) <= rtol * scale + digits).all()
    np.testing.assert_allclose(
        one.vcov / np.outer(scale, scale), other.vcov / np.outer(scale, scale), atol=rtol
    )
    assert one.dispersion == pytest.approx(other.dispersion, rel=rtol)
    assert one.df.tolist() == other.df.tolist()
    assert (one.n, one.names, one.notes, one.base) == (other.n, other.names, other.notes, other.base)


@pytest.mark.parametrize("where", [None, {"answer": ["a", "b"]}])
@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("formula", FORMULAS)
def test_moments_of_an_engine_give_the_fit_of_the_rows(formula, plan, where, engine):
    lazy, memory = designs(engine, plan)
    fits = (tk.glm(own, formula, where=where) for own in (lazy, memory))
    assert_same_fit(*fits, outcome=formula.split()[0])


@pytest.mark.parametrize("plan", ["simple", "finite"])
def test_predictions_and_tests_of_a_model_on_moments_are_those_of_the_rows(plan, engine):
    lazy, memory = (tk.glm(own, "income ~ loss * sex + size") for own in designs(engine, plan))
    calls = [
        lambda fit: tk.predict(fit, {"loss": [1.0, 2.0], "sex": "Male", "size": 3.0}),
        lambda fit: tk.predicted_means(fit, "sex"),
        lambda fit: tk.average_effect(fit, "loss", change=2),
    ]
    for call in calls:
        here, there = call(memory), call(lazy)
        np.testing.assert_allclose(there.estimate, here.estimate, rtol=1e-9)
        np.testing.assert_allclose(there.vcov, here.vcov, rtol=1e-8)
    for statistic in ("F", "lrt"):
        here, there = (tk.term_test(fit, "sex", statistic=statistic) for fit in (memory, lazy))
        assert there.statistic == pytest.approx(here.statistic, rel=1e-9)
        assert there.p_value == pytest.approx(here.p_value, rel=1e-7)
    with pytest.raises(DesignError, match="rows in memory"):
        tk.predicted_means(lazy, "sex", where={"answer": "a"})


def test_the_points_of_a_cell_have_its_moments():
    draw = np.random.default_rng(5)
    values = draw.normal(size=(40, 3)) * [1.0, 10.0, 100.0]
    values[:, 2] = values[:, 0] - values[:, 1]  # two of three directions vary
    weights = draw.gamma(2, size=40)
    low, high = [0, 0, 0, 1, 1, 2], [0, 1, 2, 1, 2, 2]
    basis = np.column_stack([np.ones(40), values, values[:, low] * values[:, high]])
    clouds = Clouds.of(weights[None] @ basis, np.array([0.0, 5.0, 0.0]))
    points = (clouds.numbers - clouds.centres[:, None]).T
    again = np.column_stack([np.ones(4), points, points[:, low] * points[:, high]])
    np.testing.assert_allclose(clouds.weights @ again, weights @ basis, rtol=1e-12)
    line = np.array([[2.0], [1.0], [3.0]])
    ((level, *slopes),) = clouds.lines(points @ line + 7.0)
    np.testing.assert_allclose(level + values @ np.array(slopes), values @ line + 7.0, rtol=1e-12)


def test_a_number_that_follows_from_another_is_named(engine):
    for own in designs(engine, "clustered"):
        with pytest.raises(FitError, match="follow from others") as caught:
            tk.glm(own, "income ~ size + sex + twice")
        assert caught.value.got == "twice follows from size, (Intercept)"


@pytest.mark.parametrize(
    ("formula", "got"),
    [
        ("income ~ log(size) + sex", "log(size)"),
        ("income ~ size:loss", "size:loss"),
        ("income ~ size + poly(loss, 2)", "poly(loss, 2)"),
        ("log(income) ~ size", "log(income)"),
        ("income ~ sex + offset(log(size))", "the offset"),
    ],
)
def test_functions_and_products_of_numbers_in_an_engine_are_refused(formula, got, engine):
    lazy, _ = designs(engine, "clustered")
    with pytest.raises(FitError, match="not with functions or products") as caught:
        tk.glm(lazy, formula)
    assert caught.value.got == got
    assert "columns in the engine" in caught.value.do


def test_a_model_with_too_many_products_is_refused(engine, monkeypatch):
    monkeypatch.setattr("trustkit.models.moments.MOST_PRODUCTS", 5)
    with pytest.raises(FitError, match="too many cells or numbers"):
        tk.glm(designs(engine, "clustered")[0], "income ~ size + loss")
