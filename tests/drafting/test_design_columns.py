"""Design columns are proposed from names and labels in every format; `check` finds their holes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import pytest
from sas_file import sas_file
from survey_files import workbook

from trustkit.drafting.column_guesses import sketch
from trustkit.drafting.column_sketch import NO_MORE_THAN_A_LABEL
from trustkit.drafting.draft import draft_codebook
from trustkit.files.read import read
from trustkit.survey.codebook import Codebook
from trustkit.survey.survey import Survey
from trustkit.survey.variable import Variable

FOLDER = Path(__file__).parents[1] / "reference" / "r_design"
LABELS = {
    "a1": "Final survey weight",
    "a2": "Stratum of the sample",
    "a3": "Primary sampling unit",
    "y": "I trust companies",
    **{f"z{k}": f"Replicate weight {k}" for k in range(1, 5)},
}
HOLES = {"a2": [6, 7], "a3": [3], "z2": [9]}


def answers(*, lacking=False):
    """Return the cells of the file of R, whose names tell nothing."""
    i = np.arange(72)
    frame = pd.DataFrame(
        {"a1": 0.6 + 0.1 * (i % 9), "a2": i // 9 + 1, "a3": 101 + i // 3, "y": 1 + 7 * i % 5}
    )
    for k in range(1, 5):
        frame[f"z{k}"] = frame["a1"] * 2 * ((i // 3 + i * k) % 2)
    frame = frame.astype(float).round(6)
    for name, rows in HOLES.items() if lacking else ():
        frame.loc[rows, name] = np.nan
    return frame


def rows_of(frame):
    return frame.astype(object).where(frame.notna(), "").to_numpy().tolist()


def label_row(path, frame):
    pd.DataFrame([list(frame), list(LABELS.values()), *rows_of(frame)]).to_csv(
        path, header=False, index=False
    )


def label_sheet(path, frame):
    workbook(path, [list(frame), *rows_of(frame)], [["variable", "label"], *map(list, LABELS.items())])


def sas(path, frame):
    cells = {name: [None if np.isnan(cell) else cell for cell in frame[name]] for name in frame}
    sas_file(path, cells, labels=LABELS)


def parquet(path, frame):
    table = pa.Table.from_pandas(frame, preserve_index=False)
    fields = [field.with_metadata({"label": LABELS[field.name]}) for field in table.schema]
    pq.write_table(table.cast(pa.schema(fields)), path)


WRITERS = {
    "csv": label_row,
    "xlsx": label_sheet,
    "sav": lambda path, frame: pyreadstat.write_sav(frame, path, column_labels=list(LABELS.values())),
    "dta": lambda path, frame: pyreadstat.write_dta(frame, path, column_labels=list(LABELS.values())),
    "xpt": lambda path, frame: pyreadstat.write_xport(frame, path, column_labels=list(LABELS.values())),
    "sas7bdat": sas,
    "parquet": parquet,
}


def file_of(suffix, folder, *, lacking=False):
    if suffix == "rds":
        return FOLDER / ("lacking.rds" if lacking else "design.rds")
    path = folder / f"export.{suffix}"
    WRITERS[suffix](path, answers(lacking=lacking))
    return path


@pytest.mark.parametrize("suffix", [*WRITERS, "rds"])
def test_design_columns_are_proposed_from_their_labels_and_not_sure(tmp_path, suffix):
    survey = read(file_of(suffix, tmp_path))
    book = draft_codebook(survey)
    assert (book.design.weights, book.design.strata, book.design.psu) == ("a1", "a2", "a3")
    assert all(book[name].unsure for name in ("a1", "a2", "a3", "z1"))
    assert "z1 to z4 look like replicate weights" in book["z1"].review
    assert [book[name].label for name in LABELS] == list(LABELS.values())
    assert Survey(survey.data, book).check().empty


@pytest.mark.parametrize("suffix", [*WRITERS, "rds"])
def test_check_finds_the_rows_in_which_design_columns_have_no_value(tmp_path, suffix):
    survey = read(file_of(suffix, tmp_path, lacking=True))
    book = draft_codebook(survey)
    found = Survey(survey.data, book).check()
    assert dict(zip(found["variable"], found["count"], strict=True)) == {"a2": 2, "a3": 1, "z2": 1}
    assert "rows lack a value in z2, so they are not used" in book["z1"].review


def test_a_weight_without_a_value_in_a_row_is_not_used_and_the_rows_are_counted(tmp_path):
    frame = answers()
    frame.loc[5, "a1"] = np.nan
    WRITERS["sav"](tmp_path / "a.sav", frame)
    book = draft_codebook(read(tmp_path / "a.sav"))
    assert book.design.weights is None
    assert book["a1"].unsure
    assert book["a1"].review.count("in 1 of 72 rows it has no value") == 1


def test_the_cells_are_those_that_r_wrote():
    sums = json.loads((FOLDER / "output.json").read_text(encoding="utf-8"))
    assert answers().sum().to_dict() == pytest.approx(sums)


def test_a_parquet_file_without_labels_is_left_as_it_is(tmp_path):
    answers().to_parquet(tmp_path / "a.parquet")
    assert read(tmp_path / "a.parquet").codebook.variables == {}


def summing_to(total):
    """Return positive numbers that are not whole and sum to a total, but for rounding."""
    numbers = 0.4 + (np.arange(120) * 37 % 120) / 100
    return (numbers * total / numbers.sum()).round(3)


@pytest.mark.parametrize(
    "name",
    [
        "coef", "COEF_1", "coefficient", "Koeffizient", "coeficiente", "coëfficiënt", "współczynnik", "raked",
        "коэффициент", "Hochrechnungsfaktor", "factor", "fattore", "extrapolation", "调整系数", "拡大係数",
        "katsay\u0131",
    ],
)  # fmt: skip
@pytest.mark.parametrize("total", [120, 126.4, 83_517])
def test_numbers_with_a_name_that_weights_share_are_reviewed_as_what_may_weigh(name, total):
    drafted = draft_codebook(Survey(pd.DataFrame({name: summing_to(total)}), Codebook({})))[name]
    assert drafted.unsure
    assert "it may be a weight, and nothing is weighted by it" in drafted.review


def test_numbers_that_sum_to_thousands_may_be_a_weight_whatever_their_name():
    for total, doubted in ((250_000, True), (250_311.7, False)):
        drafted = draft_codebook(Survey(pd.DataFrame({"x": summing_to(total)}), Codebook({})))["x"]
        assert (drafted.unsure, drafted.kind) == (doubted, "numeric")


def test_factor_scores_with_negative_values_are_no_weights():
    frame = pd.DataFrame({"factor": summing_to(120) - 1})
    assert not draft_codebook(Survey(frame, Codebook({})))["factor"].unsure


def many_decimals(mean):
    """Return positive numbers with four decimals and a mean, as weights without a telling name have."""
    numbers = np.random.default_rng(8).lognormal(0, 0.5, 120)
    return (numbers * mean / numbers.mean()).round(4)


@pytest.mark.parametrize("mean", [0.6, 1.3, 412.7])
@pytest.mark.parametrize("name", ["x7", "v_99", "kolumn 3"])
def test_positive_numbers_with_many_decimals_may_be_a_weight_whatever_name_and_mean(name, mean):
    drafted = draft_codebook(Survey(pd.DataFrame({name: many_decimals(mean)}), Codebook({})))[name]
    assert (drafted.unsure, drafted.kind) == (True, "numeric")
    assert "it may be a weight, and nothing is weighted by it" in drafted.review


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("mean of three", (np.arange(120) % 13 / 3).round(4) + 1), ("trust_score", many_decimals(3.2)),
        ("x7", many_decimals(1.3).round(2)), ("x7", many_decimals(1.3) - 0.9),
        ("x7", [*many_decimals(1.3)[1:], None]), ("page_time", many_decimals(3.2)),
        ("x7", (np.arange(120) % 17 / 4 + 1).round(4)),
    ],
)  # fmt: skip
def test_scores_times_and_numbers_with_holes_are_not_doubted_as_weights(name, numbers):
    assert not draft_codebook(Survey(pd.DataFrame({name: numbers}), Codebook({})))[name].unsure


@pytest.mark.parametrize(
    "label",
    ["WEIGHT RESULT FROM TARGET", "Full sample post-election weight", "Gewichtung Ost", "Poids final"],
)
def test_a_weight_is_known_by_a_label_that_begins_or_ends_so(label):
    told = Variable("v_10b", label, "text", review=NO_MORE_THAN_A_LABEL)
    found = sketch(pd.Series(summing_to(120), name="v_10b"), told)
    assert found.kind == "weight"


@pytest.mark.parametrize("label", ["How much weight do you give to price?", "Weight in kg", "Body weight"])
def test_a_question_about_weight_is_no_weight(label):
    told = Variable("v_10b", label, "text", review=NO_MORE_THAN_A_LABEL)
    found = sketch(pd.Series(summing_to(8517), name="v_10b"), told)
    assert (found.kind, found.doubts) == ("numeric", [])


@pytest.mark.parametrize("name", ["PERWT", "asecwt", "basewt"])
def test_short_names_of_weights_are_weights_or_doubted(name):
    for total, kind in ((120, "weight"), (8517, "numeric")):
        drafted = draft_codebook(Survey(pd.DataFrame({name: summing_to(total)}), Codebook({})))[name]
        assert drafted.kind == kind
        assert drafted.kind == "weight" or drafted.unsure
