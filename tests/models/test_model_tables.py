"""Several models side by side."""

from __future__ import annotations

import pandas as pd
import pytest

import trustkit as tk
from trustkit.errors import DataError

FRAME = pd.DataFrame(
    {
        "trust": [1.0, 2.0, 4.0, 3.0, 6.0, 7.0, 5.0, 3.0],
        "age": [20, 30, 40, 50, 60, 70, None, 25],
        "area": list("aabbccab"),
    }
)
DESIGN = tk.Design(FRAME)
AREA, BOTH = tk.glm(DESIGN, "trust ~ area"), tk.glm(DESIGN, "trust ~ area + age")
TABLE = tk.model_table({"area": AREA, "area and age": BOTH})


def test_the_frame_holds_the_coefficients_of_all_models_unrounded():
    frame = TABLE.to_frame()
    for name, fit in TABLE.fits.items():
        own = frame[frame["model"] == name].drop(columns="model").reset_index(drop=True)
        pd.testing.assert_frame_equal(own, fit.to_frame())


def test_a_term_that_a_model_lacks_has_an_empty_cell_and_n_stands_below():
    _, table, _ = TABLE._parts()
    rows = table.set_index("term")
    assert rows.loc["age", "area"] == ""
    assert rows.loc["age", "area and age"].startswith(f"{BOTH.estimate[-1]:.3f} (")
    assert rows.loc["n"].tolist() == ["8", "7"]


def test_what_is_said_of_one_model_has_its_name():
    shown = str(TABLE)
    assert "area and age: Left out: 1 of 8 respondents" in shown
    assert "\nCompared with: area: a." in shown


def test_models_without_names_are_numbered_and_models_of_other_coverage_refused():
    with pytest.raises(DataError, match="different coverages"):
        tk.model_table({"a": AREA, "b": tk.glm(DESIGN, "trust ~ area", conf=0.9)})
    assert list(tk.model_table([AREA, BOTH]).fits) == ["(1)", "(2)"]
    with pytest.raises(DataError, match="'fits' can't be used"):
        tk.model_table({"a": AREA, 2: BOTH})


def test_the_title_names_the_model_that_all_columns_share_and_no_note_repeats_it():
    title, _, notes = TABLE._parts()
    assert title == "Linear regression: trust"
    assert not any(note.startswith("Model:") for note in notes)
    logs = tk.glm(DESIGN, "trust ~ area", link="log")
    title, _, notes = tk.model_table([AREA, logs])._parts()
    assert title == "Models side by side"
    assert "(2): Model: Gaussian regression (log link): trust" in notes


def test_respondents_left_out_of_a_model_without_weights_are_not_counted_by_weight():
    assert "Left out: 1 of 8 respondents (12.5%), who have no answer to at least one variable." in BOTH.notes
