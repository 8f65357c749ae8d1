"""Answers without an order are not averaged, and numbers are no domains."""

from __future__ import annotations

import pandas as pd
import pytest

import trustkit as tk
from trustkit.survey.variable import Variable


@pytest.fixture
def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {"answer": ["yes", "no"] * 20, "group": ["a"] * 20 + ["b"] * 20, "w": 1.0, "age": 30.0}
    )


@pytest.mark.parametrize("estimator", [tk.proportion, tk.mean])
def test_numbers_as_domains_are_refused_with_what_to_do(frame, estimator):
    with pytest.raises(tk.TrustkitError, match="age has no labelled answers") as caught:
        estimator(tk.Design(frame), "w" if estimator is tk.mean else "answer", by="age")
    assert "pd.cut" in str(caught.value)


REGION = {1: "north", 2: "south"}


def nominal(kind: str, **more: object) -> tk.Design:
    about = Variable("region", "Where do you live?", kind, codes=REGION, **more)
    rows = pd.DataFrame({"region": pd.Categorical(["north", "south"] * 3, list(REGION.values()))})
    return tk.Design(tk.Survey(rows, tk.Codebook({"region": about}, title="Regions")))


@pytest.mark.parametrize(
    "estimate",
    [
        lambda design: tk.mean(design, "region"),
        lambda design: tk.total(design, "region"),
        lambda design: tk.quantile(design, "region"),
        lambda design: tk.variance(design, "region"),
        lambda design: tk.ttest(design, "region"),
    ],
)
def test_answers_without_an_order_are_not_averaged_and_the_error_says_what_to_do(estimate):
    with pytest.raises(tk.TrustkitError, match="region has no mean, total or quantile") as caught:
        estimate(nominal("single"))
    for way in ("proportion", "ordinal", "scores"):
        assert way in str(caught.value)


def test_answers_with_an_order_or_with_scores_are_averaged():
    assert tk.mean(nominal("ordinal"), "region").estimate.tolist() == [1.5]
    assert tk.mean(nominal("single", scores={"north": 0.0, "south": 10.0}), "region").estimate.tolist() == [
        5.0
    ]
