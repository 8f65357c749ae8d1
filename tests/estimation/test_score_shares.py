"""Shares of numbered answers equal the proportions of the same answers as labels."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import trustkit as tk
from trustkit.errors import DataError
from trustkit.estimation.score_shares import score_shares


def design(kind: str, **about: object) -> tk.Design:
    random = np.random.default_rng(4)
    frame = pd.DataFrame(
        {"trust": random.integers(0, 6, 300).astype(float), "psu": random.integers(0, 20, 300)}
    )
    frame.loc[:9, "trust"] = np.nan
    variable = tk.Variable("trust", "Trust, 0 to 5", kind, **about)
    return tk.Design(tk.Survey(frame, tk.Codebook({"trust": variable})), psu="psu")


NUMERIC = {"low": 0, "high": 5}
CODED = {"codes": {k: f"answer {k}" for k in range(6)}}


def test_shares_of_numbers_are_those_of_the_same_answers_with_labels() -> None:
    numbers, scores = score_shares(design("numeric", **NUMERIC), "trust")
    labels, same = score_shares(design("ordinal", **CODED), "trust")
    expected = tk.proportion(design("ordinal", **CODED), "trust")
    assert scores.tolist() == same.tolist() == list(range(6))
    for name in ("estimate", "se", "ci_low", "ci_high", "df", "n", "n_eff"):
        assert getattr(numbers, name) == pytest.approx(getattr(expected, name), rel=1e-9)
        assert getattr(labels, name) == pytest.approx(getattr(expected, name), rel=1e-9)
    assert numbers.vcov == pytest.approx(expected.vcov, abs=1e-12)


@pytest.mark.parametrize(
    ("variable", "message"),
    [
        (design("numeric"), "the range of trust is not known"),
        (design("numeric", low=0, high=100), "too long for a chart"),
        (design("numeric", low=0, high=3), "out of range"),
        (design("single", codes={"a": "A"}), "have no scores"),
    ],
)
def test_answers_without_numbers_or_range_are_refused(variable: tk.Design, message: str) -> None:
    with pytest.raises(DataError, match=message):
        score_shares(variable, "trust")
