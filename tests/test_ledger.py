"""The ledger: what it holds, that it reads back, and what is refused."""

from __future__ import annotations

import json

import numpy as np
import pytest

from trustkit.counted import Counted, ShownCount
from trustkit.errors import ReportError
from trustkit.ledger import counted_from_json, counted_to_json

TABLE = Counted(
    "trust",
    ("no", "yes"),
    ("sex",),
    (("m",), ("f",)),
    (("country", ("Germany", "France")),),
    np.array([[3, 12], [20, -1]]),
    (ShownCount(0, "yes", ("yes",), (), ((0, 1), (0, 2)), ((0, 3),), "A"),),
    np.array([15, -1]),
)


def test_a_ledger_reads_back_as_it_was_written() -> None:
    """Through the text of a file, unknown counts and all."""
    (again,) = counted_from_json(json.loads(json.dumps(counted_to_json([TABLE]))))
    assert (again.variable, again.answers, again.by, again.groups, again.where, again.shown) == (
        TABLE.variable, TABLE.answers, TABLE.by, TABLE.groups, TABLE.where, TABLE.shown,
    )  # fmt: skip
    assert again.counts.tolist() == TABLE.counts.tolist()
    assert again.bases.tolist() == [15, -1]


def test_unknown_counts_are_null_in_the_ledger() -> None:
    """Nobody can take them for a number."""
    (record,) = counted_to_json([TABLE])["tables"]
    assert record["counts"] == [[3, 12], [20, None]]
    assert record["n"] == [15, None]


@pytest.mark.parametrize(
    "ledger", [None, [], {}, {"version": 99, "tables": []}, {"version": 1, "tables": [{"variable": "x"}]}]
)
def test_another_form_is_refused_with_what_to_do(ledger: object) -> None:
    """The message says how to get a ledger that can be read."""
    with pytest.raises(ReportError, match="run the notebook again"):
        counted_from_json(ledger)
