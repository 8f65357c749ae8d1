"""Files of R without some rows: the parse tree that R itself writes of the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from trustkit.erasure.erased_r_rows import r_without
from trustkit.errors import DataError
from trustkit.files.r_objects import content_of

rdata = pytest.importorskip("rdata")
FOLDER = Path(__file__).parents[1] / "reference" / "r_files"
WRITTEN = ["gzip3.rds", "gzip2.rds", "bzip2.rds", "xz.rds", "plain.rds", "ascii.rds", "one.rda", "ascii.rda"]
GONE = [1, 3]


def tree(path):
    """Return what a file of R holds, without the version of its format."""
    return rdata.parser.parse_data(
        content_of(path), extension=".rds" if path.suffix == ".rds" else None
    ).object


def without(name, folder):
    """Write a file without two rows, and return its path."""
    path = folder / name
    path.write_bytes(r_without(FOLDER / name, GONE, ["id"], ["2"], ("", "")))
    return path


@pytest.mark.parametrize("name", WRITTEN)
def test_a_data_frame_without_rows_is_the_one_that_r_keeps(tmp_path, name):
    left = without(name, tmp_path)
    assert left.read_bytes()[:3] == (FOLDER / name).read_bytes()[:3]
    assert tree(left) == tree(FOLDER / f"others{left.suffix}")


def test_names_of_rows_and_of_cells_go_with_their_rows(tmp_path):
    assert tree(without("named.rds", tmp_path)) == tree(FOLDER / "named_others.rds")


def test_a_further_data_frame_that_holds_the_id_loses_its_rows_too(tmp_path):
    left = tmp_path / "two.rda"
    left.write_bytes(r_without(FOLDER / "two.rda", [0], ["x"], ["1"], ("other", "")))
    answers, rest = tree(left).value
    assert [len(column.value) for column in answers.value] == [5] * 11
    assert rest.value[0].value[0].value.tolist() == [2]


@pytest.mark.parametrize(
    ("name", "got"), [("noted.rds", "the attribute typed_by"), ("beside.rda", "further objects")]
)
def test_a_file_with_a_value_of_each_row_beside_the_columns_is_refused(name, got):
    with pytest.raises(DataError, match="this file of R") as refused:
        r_without(FOLDER / name, GONE, ["id"], ["2"], ("", ""))
    assert got in refused.value.got


def test_a_file_of_which_the_writer_would_lose_a_byte_is_refused(monkeypatch):
    real = rdata.unparser.unparse_data
    monkeypatch.setattr(rdata.unparser, "unparse_data", lambda *given, **named: real(*given, **named)[:-1])
    with pytest.raises(DataError, match="this file of R") as refused:
        r_without(FOLDER / "plain.rds", GONE, ["id"], ["2"], ("", ""))
    assert refused.value.do.startswith("in R, save the data frame alone")
