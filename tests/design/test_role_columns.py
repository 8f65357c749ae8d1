"""A design's roles are filled by columns, crossings or values; anything else is refused in words."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import trustkit as tk
from trustkit.errors import DesignError, TrustkitError
from trustkit.survey.codebook import Roles

ROWS = 48


def made_rows():
    """Return rows whose columns could give every role, and hand-made crossings beside them."""
    random = np.random.default_rng(11)
    frame = pd.DataFrame(
        {
            "y": random.normal(size=ROWS),
            "region": np.repeat(["north", "south"], ROWS // 2),
            "urban": np.tile(np.repeat([0, 1], ROWS // 4), 2),
            "street": np.tile(np.repeat([1, 2, 3], ROWS // 12), 4),
            "block": np.tile([1, 2], ROWS // 2),
            "w": random.uniform(1, 3, size=ROWS),
            "size": np.repeat([30, 40], ROWS // 2),
        },
        index=random.permutation(ROWS) + 500,
    )
    return frame.assign(
        stratum=frame["region"] + frame["urban"].astype(str),
        place=frame["street"].astype(str) + "/" + frame["block"].astype(str),
    )


@pytest.fixture(scope="module")
def rows():
    return made_rows()


def numbers(rows, **roles):
    found = tk.mean(tk.Design(rows, **roles), "y")
    return found.estimate[0], found.se[0], found.df[0]


def refusal(rows, **roles):
    with pytest.raises(DesignError) as caught:
        tk.Design(rows, **roles)
    return str(caught.value)


BY_COLUMN = {"weights": "w", "strata": "stratum", "psu": "place", "fpc": "size"}


@pytest.mark.parametrize("role", list(BY_COLUMN))
@pytest.mark.parametrize(
    "as_values",
    [
        lambda column: column,
        lambda column: column.to_numpy(),
        lambda column: column.array,
        pd.Index,
        lambda column: column.sample(frac=1, random_state=1),
        lambda column: column.rename("other"),
    ],
    ids=["Series", "array", "extension array", "Index", "Series in another order", "Series of another name"],
)
def test_values_give_what_the_column_that_holds_them_gives(rows, role, as_values):
    by_value = {**BY_COLUMN, role: as_values(rows[BY_COLUMN[role]])}
    assert numbers(rows, **by_value) == numbers(rows, **BY_COLUMN)


@pytest.mark.parametrize("role", ["weights", "fpc"])
def test_a_list_of_numbers_is_one_number_per_row(rows, role):
    by_value = {**BY_COLUMN, role: rows[BY_COLUMN[role]].tolist()}
    assert numbers(rows, **by_value) == numbers(rows, **BY_COLUMN)


def test_several_columns_are_the_crossing_that_one_would_write_by_hand(rows):
    crossed = numbers(rows, weights="w", strata=["region", "urban"], psu=["street", "block"], fpc="size")
    np.testing.assert_allclose(crossed, numbers(rows, **BY_COLUMN), rtol=1e-13)


def test_crossing_more_columns_makes_more_strata(rows):
    assert [
        len(tk.Design(rows, strata=columns).first_stage.sizes)
        for columns in ("region", ["region"], ["region", "urban"], ["region", "urban", "street"])
    ] == [2, 2, 4, 12]


def test_labels_that_read_alike_stay_apart_in_a_crossing():
    frame = pd.DataFrame({"a": ["p x q", "p x q", "p", "p"], "b": ["r", "r", "q x r", "q x r"]})
    assert tk.Design(frame, strata=["a", "b"]).first_stage.sizes.tolist() == [2.0, 2.0]


def test_only_combinations_that_occur_are_strata():
    frame = pd.DataFrame({"a": ["p", "p", "q", "q"], "b": [1, 1, 2, 2]})
    assert len(tk.Design(frame, strata=["a", "b"]).first_stage.sizes) == 2


def test_a_lonely_crossing_is_refused_by_all_its_labels():
    frame = pd.DataFrame({"a": ["p", "p", "q"], "b": [1, 1, 2]})
    message = refusal(frame, strata=["a", "b"])
    assert "a x b" in message
    assert "q x 2" in message


def test_a_missing_part_of_a_crossing_is_refused_with_its_column_and_row(rows):
    frame = rows.assign(urban=rows["urban"].where(rows.index != rows.index[3]))
    message = refusal(frame, strata=["region", "urban"])
    assert "urban" in message
    assert str(rows.index[3]) in message


def test_columns_and_values_are_told_apart_in_what_the_design_says_of_itself(rows):
    design = tk.Design(rows, weights=rows["w"] * 2, strata=["region", "urban"], psu=rows["place"])
    assert design.roles == {"weights": "given weights", "strata": "region x urban", "psu": "place"}
    assert design.sampling_columns == {"region", "urban", "place"}


def test_duplicated_row_labels_are_fine_where_the_order_is_the_same(rows):
    frame = rows.set_axis([7] * ROWS)
    other = frame["w"].rename("other")
    assert numbers(frame, weights=other) == numbers(rows, weights="w")


@pytest.mark.parametrize("role", list(BY_COLUMN))
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda column: column.iloc[:-1], f"{ROWS - 1} values"),
        (lambda column: column.to_numpy()[1:], f"{ROWS - 1} values"),
        (lambda column: column.set_axis(range(ROWS)), "the index of"),
        (lambda column: column.set_axis([5] * ROWS), "the index of"),
        (lambda column: column.to_frame().to_numpy(), "2 dimensions"),
        (lambda _: 3.5, "one value for each row"),
        (lambda _: [], "empty list"),
        (lambda _: ["nothing of this name"], "no column"),
    ],
    ids=["short", "short array", "foreign index", "repeated index", "table", "a number", "empty", "no such"],
)
def test_what_is_not_one_value_per_row_is_refused_with_the_role(rows, role, change, words):
    message = refusal(rows, **{role: change(rows[BY_COLUMN[role]])})
    assert words in message
    assert role in message


@pytest.mark.parametrize("role", ["weights", "fpc"])
def test_numbers_are_not_crossed(rows, role):
    assert f"{role} takes one column" in refusal(rows, **{role: ["w", "size"]})


def test_given_weights_that_can_not_be_weights_are_refused_as_those_of_a_column(rows):
    assert "1 weights are negative" in refusal(rows, weights=np.where(np.arange(ROWS) == 2, -1.0, 1.0))


@pytest.mark.parametrize(
    "roles", [{"weights": [1.0, 2.0]}, {"strata": ["a", "b"]}], ids=["values", "crossing"]
)
def test_rows_in_an_engine_refuse_values_and_crossings(roles):
    lazy = pytest.importorskip("polars").LazyFrame({"a": [1, 1], "b": [2, 2]})
    with pytest.raises(DesignError, match="rows in an engine take one column"):
        tk.Design(lazy, **roles)


# Codebooks

BOOK = """
design: {weights: w, strata: [region, urban]}
variables:
  w: {label: Weight, kind: weight}
  region: {label: Region, kind: single, codes: {1: north, 2: south}}
  urban: {label: Urban, kind: single, codes: {0: rural, 1: urban}}
"""


def test_a_codebook_may_name_several_columns_and_is_written_as_it_was_read(tmp_path):
    path = tmp_path / "book.yaml"
    path.write_text(BOOK, encoding="utf-8")
    book = tk.read_codebook(path)
    assert book.design == Roles("w", ("region", "urban"))
    again = tmp_path / "again.yaml"
    tk.write_codebook(book, again)
    assert tk.read_codebook(again).design == book.design


def test_a_codebook_s_several_columns_are_crossed(tmp_path, rows):
    path = tmp_path / "book.yaml"
    path.write_text(BOOK, encoding="utf-8")
    frame = rows.assign(region=rows["region"].map({"north": 1, "south": 2}))[["w", "region", "urban"]]
    design = tk.Design(frame, codebook=tk.read_codebook(path))
    assert len(design.first_stage.sizes) == 4


@pytest.mark.parametrize("bad", ["strata: [region, nowhere]", "weights: [w, region]"])
def test_a_codebook_with_columns_that_do_not_exist_or_can_not_be_crossed_is_refused(tmp_path, bad):
    path = tmp_path / "book.yaml"
    path.write_text(BOOK.replace("weights: w, strata: [region, urban]", bad), encoding="utf-8")
    with pytest.raises(TrustkitError, match=bad.split(":", maxsplit=1)[0]):
        tk.read_codebook(path)
