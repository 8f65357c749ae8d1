"""Replicate weights are proposed from names and labels, and used only if their kind is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyreadstat
import pytest

import trustkit as tk

N = 60
WEIGHT = np.random.default_rng(1).uniform(0.5, 1.5, N)
WEIGHT /= WEIGHT.mean()


def export(path, stem, *, zeros=True, numbers=range(1, 9), label="", weight="weight"):
    """Write a question, a weight and its replicates in a format."""
    random = np.random.default_rng(2)
    columns = {"trust": ["Yes", "No", "Often"] * (N // 3), weight: WEIGHT}
    for number in numbers:
        factors = random.integers(0, 2, N) * 2.0 if zeros else random.uniform(0.8, 1.2, N)
        columns[f"{stem}{number}"] = WEIGHT * factors
    frame = pd.DataFrame(columns)
    labels = dict.fromkeys(frame.columns[2:], label) if label else None
    if path.suffix == ".sav":
        pyreadstat.write_sav(frame, str(path), column_labels=labels)
    elif path.suffix == ".xpt":
        pyreadstat.write_xport(frame, str(path), column_labels=labels)
    elif path.suffix == ".dta":
        frame.to_stata(path, write_index=False, version=118, variable_labels=labels)
    else:
        frame.to_csv(path, index=False)
    return path


def drafted(path):
    survey = tk.read(path)
    return survey, tk.draft_codebook(survey)


@pytest.mark.parametrize("ending", ["csv", "sav", "dta", "xpt"])
@pytest.mark.parametrize(
    ("stem", "weight", "kind"),
    [("brr_", "weight", "BRR"), ("bsw", "weight", "bootstrap"), ("pwgtp", "pwgtp", "SDR")],
)
def test_replicates_of_a_known_kind_are_proposed_in_every_format(tmp_path, ending, stem, weight, kind):
    survey, book = drafted(export(tmp_path / f"e.{ending}", stem, weight=weight))
    found = book.design
    assert found.weights.casefold() == weight
    assert (found.replicates.kind, len(found.replicates.columns)) == (kind, 8)
    assert all(book[name].kind == "weight" and book[name].unsure for name in found.replicates.columns)
    assert book[found.weights].unsure
    frame = survey.data
    columns = list(found.replicates.columns)
    given = tk.Design(frame, weights=found.weights, replicates=tk.Replicates(columns, kind))
    taken = tk.Design(tk.Survey(frame, book))
    assert taken.replicates is not None
    assert tk.mean(taken, columns[0]).se == pytest.approx(tk.mean(given, columns[0]).se)
    assert tk.Design(tk.Survey(frame, book), psu=np.arange(N)).replicates is None
    assert tk.Design(tk.Survey(frame, book), weights=columns[0]).replicates is None


@pytest.mark.parametrize("ending", ["sav", "dta", "xpt"])
@pytest.mark.parametrize(
    "label", ["Replicate weight", "Replikatgewicht", "Poids de réplicat", "Peso de réplica"]
)
def test_labels_alone_say_that_columns_are_replicates(tmp_path, ending, label):
    _, book = drafted(export(tmp_path / f"e.{ending}", "v", label=label))
    assert book["v1"].kind == "weight"
    assert "not used" in book["v1"].review
    assert book.design.weights == "weight"
    assert book.design.replicates is None


def test_brr_weights_without_zeros_may_be_fays_and_are_not_used(tmp_path):
    _, book = drafted(export(tmp_path / "e.csv", "brr", zeros=False))
    assert book.design.replicates is None
    assert book["weight"].unsure


def test_numbered_questions_and_gaps_are_no_replicates(tmp_path):
    random = np.random.default_rng(3)
    frame = pd.DataFrame({f"rep{k}": random.integers(1, 6, N) for k in range(1, 7)})
    book = tk.draft_codebook(tk.Survey(frame, tk.Codebook({})))
    assert {variable.kind for variable in book.variables.values()} == {"ordinal"}
    _, book = drafted(export(tmp_path / "e.csv", "repwgt", numbers=[1, 2, 9]))
    assert "replicate" not in book["repwgt1"].review
