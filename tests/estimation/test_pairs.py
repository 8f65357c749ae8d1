"""A pair is a contrast of two estimates."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import trustkit as tk
from trustkit.errors import DataError


@pytest.fixture(scope="module")
def means() -> tk.Estimate:
    rng = np.random.default_rng(4)
    columns = {"area": rng.choice(["a", "b", "c"], 300), "trust": rng.normal(5, 2, 300)}
    frame = pd.DataFrame({**columns, "w": rng.gamma(2, 1, 300), "psu": rng.integers(0, 30, 300)})
    return tk.mean(tk.Design(frame, weights="w", psu="psu"), "trust", by="area")


def test_pairs_are_contrasts_of_two(means):
    pairs = tk.pairwise(means, adjust="none").to_frame()
    one = tk.contrast(means, {"a": 1, "c": -1})
    row = pairs[(pairs["first"] == "a") & (pairs["second"] == "c")].iloc[0]
    assert (row["difference"], row["se"]) == pytest.approx((one.estimate[0], one.se[0]))
    assert (pairs["p_adjusted"] == pairs["p_value"]).all()
    note = "A difference is the first less the second. Null hypotheses: the two of a pair are equal."
    assert note in repr(tk.pairwise(means))


def test_the_title_says_of_which_question_and_answer_the_pairs_are(means):
    frame = pd.DataFrame(
        {"trust": list("ynynyy") * 20, "use": list("yyynnn") * 20, "sex": list("mmmfff") * 20}
    )
    label = "Do you trust brands?"
    book = tk.Codebook({"trust": tk.Variable("trust", label, "single", codes={"y": "Yes", "n": "No"})})
    design = tk.Design(tk.Survey(frame.replace({"trust": {"y": "Yes", "n": "No"}}), book))
    title = f"Pairwise comparisons (Holm): {label} Yes\n"
    assert repr(tk.pairwise(tk.proportion(design, "trust", level="Yes", by="sex"))).startswith(title)
    assert repr(tk.pairwise(means)).startswith("Pairwise comparisons (Holm): trust\n")
    several = tk.pairwise(tk.proportion(tk.Design(frame), ["trust", "use"], level="y"))
    assert repr(several).startswith("Pairwise comparisons (Holm)\n")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda m: tk.pairwise(m, adjust="tukey"), "argument 'adjust' can't be used"),
        (lambda m: tk.pairwise(tk.contrast(m, {"a": 1})), "at least two estimates"),
    ],
)
def test_pairs_that_cannot_be_made_are_refused_by_name(means, call, message):
    with pytest.raises(DataError, match=message):
        call(means)
