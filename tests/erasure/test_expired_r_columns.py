"""Files of R without some columns: the parse tree that R itself writes of the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from trustkit.erasure.expired_r_columns import r_without_columns
from trustkit.errors import DataError
from trustkit.files.r_objects import content_of

rdata = pytest.importorskip("rdata")
FOLDER = Path(__file__).parents[1] / "reference" / "r_files"
WRITTEN = ["gzip3.rds", "gzip2.rds", "bzip2.rds", "xz.rds", "plain.rds", "ascii.rds", "one.rda", "ascii.rda"]
BRAND, MOMENT, WORDS = 1, 4, 8


def tree(path):
    """Return what a file of R holds, without the version of its format."""
    return rdata.parser.parse_data(
        content_of(path), extension=".rds" if path.suffix == ".rds" else None
    ).object


@pytest.mark.parametrize("name", WRITTEN)
def test_a_data_frame_without_columns_is_the_one_that_r_keeps(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(r_without_columns(FOLDER / name, [BRAND, MOMENT, WORDS], [], ["id"], ("", "")))
    assert path.read_bytes()[:3] == (FOLDER / name).read_bytes()[:3]
    assert tree(path) == tree(FOLDER / f"fewer{path.suffix}")


@pytest.mark.parametrize(("ids", "left"), [(["x"], []), (["id"], ["x"])])
def test_a_further_data_frame_loses_the_column_if_it_holds_ids(tmp_path, ids, left):
    path = tmp_path / "two.rda"
    path.write_bytes(r_without_columns(FOLDER / "two.rda", [BRAND], ["x"], ids, ("answers", "")))
    answers, rest = tree(path).value
    assert len(answers.value) == 10
    (names,) = [rest.value[0].attributes.value[0]]
    assert [text.value.decode() for text in names.value] == left


@pytest.mark.parametrize(("name", "got"), [("beside.rda", "further objects")])
def test_a_file_with_a_value_of_each_row_beside_the_columns_is_refused(name, got):
    with pytest.raises(DataError, match="a column can't be removed from this file of R") as refused:
        r_without_columns(FOLDER / name, [BRAND], [], ["id"], ("", ""))
    assert got in refused.value.got
