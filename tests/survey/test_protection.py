"""The thresholds of protection in a codebook: read with all faults, written so that they read back."""

from __future__ import annotations

import pytest

import trustkit as tk
from trustkit.errors import CodebookError, DataError
from trustkit.survey.codebook_json import from_record, to_record
from trustkit.survey.protection import PROTECTION, SOURCES, Protection, strictest

VARIABLES = "variables:\n  age: {label: Age, kind: numeric}\n"
STATED = "{threshold: 15, zeros: protect, rounding: 10, dominance: [1, 0.5], p_percent: 0.2}"


def read(tmp_path, stated):
    path = tmp_path / "codebook.yaml"
    path.write_text(f"protection: {stated}\n{VARIABLES}", encoding="utf-8")
    return tk.read_codebook(path)


def test_overrides_are_read_by_name_and_all_else_stays_at_the_default(tmp_path):
    rule = read(tmp_path, STATED).protection
    assert rule == Protection(threshold=15, zeros="protect", rounding=10, dominance=(1, 0.5), p_percent=0.2)
    assert rule.base == PROTECTION.base
    assert read(tmp_path, "{dominance: null, p_percent: null}").protection == Protection(
        dominance=None, p_percent=None
    )


def test_a_written_rule_reads_back_as_the_same(tmp_path):
    book = read(tmp_path, STATED)
    again = tk.read_codebook(tk.write_codebook(book, tmp_path / "again.yaml"))
    assert again == book
    assert from_record(to_record(book)) == book


FAULTS = {
    "{threshold: 1}": "hides nothing",
    "{threshold: 9.5}": "whole number",
    "{treshold: 9}": "treshold",
    "{zeros: hide}": "hide",
    "{dominance: [2]}": "got 1 numbers",
    "{dominance: [3, 0.9]}": "dominance",
    "{p_percent: 10}": "between 0 and 1",
}


@pytest.mark.parametrize(("stated", "told"), FAULTS.items())
def test_a_rule_that_protects_nobody_or_is_not_known_is_a_fault(tmp_path, stated, told):
    with pytest.raises(CodebookError, match="protection") as found:
        read(tmp_path, stated)
    assert told in str(found.value)


def test_the_strictest_of_several_rules_hides_what_each_of_them_hides():
    rules = [Protection(threshold=5, rounding=5), Protection(base=20, zeros="protect"), None]
    found = strictest(rules)
    assert (found.threshold, found.base, found.zeros, found.rounding) == (10, 20, "protect", 5)
    assert strictest([]) == PROTECTION
    assert strictest([Protection(threshold=5)]).threshold == 5


def test_every_threshold_has_a_source_and_nonsense_is_refused():
    assert set(SOURCES) == {*Protection.__dataclass_fields__} - {"unanswered"}
    for wrong in ({"rounding": 1}, {"dominance": (2, 1.5)}, {"p_percent": 0.0}):
        with pytest.raises(DataError):
            Protection(**wrong)
