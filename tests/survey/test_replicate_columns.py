"""Replicate weights of a codebook: read, checked and written."""

from __future__ import annotations

import pytest

import trustkit as tk
from trustkit.errors import CodebookError
from trustkit.survey.codebook_json import from_record, to_record
from trustkit.survey.replicate_columns import ReplicateColumns

VARIABLES = (
    "variables: {w: {label: w, kind: weight}, r1: {label: r, kind: weight}, r2: {label: r, kind: weight}}\n"
)


def written(path, replicates):
    path.write_text(f"design: {{weights: w, replicates: {replicates}}}\n{VARIABLES}", encoding="utf-8")
    return path


def test_a_codebook_with_replicates_is_written_and_read_as_the_same(tmp_path):
    path = written(
        tmp_path / "a.yaml", "{columns: [r1, r2], kind: JKn, rscales: [0.5, 1], df: 7, centre: estimate}"
    )
    book = tk.read_codebook(path)
    assert book.design.replicates == ReplicateColumns(
        ("r1", "r2"), "JKn", rscales=(0.5, 1.0), df=7.0, centre="estimate"
    )
    assert tk.read_codebook(tk.write_codebook(book, tmp_path / "b.yaml")) == book
    assert from_record(to_record(book)) == book


@pytest.mark.parametrize(
    ("replicates", "fault"),
    [
        ("{columns: [r1, r2]}", "kind"),
        ("{columns: [r1], kind: BRR}", "two or more"),
        ("{columns: [r1, r3], kind: BRR}", "no variable 'r3'"),
        ("{columns: [r1, r2], kind: brr}", "BRR"),
        ("{columns: [r1, r2], kind: Fay, rho: 1}", "rho is 1"),
        ("{columns: [r1, r2], kind: JKn}", "rscales"),
        ("{columns: [r1, r2], kind: JKn, rscales: [1]}", "1 numbers for 2 columns"),
        ("{columns: [r1, r2], kind: other}", "scale"),
        ("{columns: [r1, r2], kind: BRR, df: 0}", "df is 0"),
        ("{columns: [r1, r2], kind: BRR, rows: 3}", "rows"),
    ],
)
def test_replicates_that_can_not_be_used_are_refused_by_name(tmp_path, replicates, fault):
    with pytest.raises(CodebookError, match=fault):
        tk.read_codebook(written(tmp_path / "a.yaml", replicates))
