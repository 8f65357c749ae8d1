"""Charts of models: coefficients and predicted means carry their numbers."""

from __future__ import annotations

import pytest
from lazy_cases import make_rows

import trustkit as tk
from trustkit.errors import DataError

DESIGN = tk.Design(make_rows(), weights="w")


def test_coefficients_are_drawn_without_the_intercept():
    fit = tk.glm(DESIGN, "level(answer, 'b') ~ country + size", family="binomial")
    chart = tk.difference_dots(fit, title="What goes with b")
    assert list(chart.table["question"]) == ["country: Peru", "size"]
    assert "coefficient" in chart.table
    assert chart.data["estimate"].tolist() == fit.estimate[1:].tolist()


def test_coefficients_of_groups_are_drawn_without_the_intercepts():
    groups = tk.fit_by_group(tk.glm(DESIGN, "income ~ size + sex"), "country")
    chart = tk.difference_dots(groups, title="What goes with income")
    assert list(chart.table["country"]) == ["Chile", "Chile", "Peru", "Peru"]
    assert chart.data["estimate"].tolist() == groups.coefficients.estimate[[1, 2, 4, 5]].tolist()


def test_a_model_without_terms_has_nothing_to_draw():
    with pytest.raises(DataError, match="no coefficients of terms"):
        tk.difference_dots(tk.glm(DESIGN, "income ~ 1"), title="Nothing")


def test_predicted_shares_are_drawn_in_percent():
    fit = tk.glm(DESIGN, "level(answer, 'b') ~ country + size", family="binomial")
    chart = tk.dot_interval(tk.predicted_means(fit, "country"), title="Share of b")
    assert all("%" in cell for cell in chart.table.iloc[:, 1])
