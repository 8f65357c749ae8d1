"""Arguments of the public functions: what is not of its kind is refused with what to do."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import trustkit as tk

FRAME = pd.DataFrame({"y": pd.Categorical(["Yes", "No"] * 20), "g": pd.Categorical(["a"] * 20 + ["b"] * 20)})
SURVEY = tk.read(FRAME)
DESIGN = tk.Design(FRAME)


@pytest.mark.parametrize("estimate", [tk.proportion, tk.mean, tk.total, tk.quantile, tk.variance])
def test_a_survey_given_for_a_design_says_how_to_make_one(estimate):
    with pytest.raises(tk.TrustkitError, match="argument 'design'") as refused:
        estimate(SURVEY, "y")
    assert refused.value.got == "a Survey"
    assert "tk.Design(survey)" in refused.value.do


@pytest.mark.parametrize("variable", [3, None, [["y"]], [], {"y": None}, b"y", FRAME, DESIGN])
def test_a_variable_that_is_not_a_name_or_a_list_of_names_is_refused(variable):
    with pytest.raises(tk.TrustkitError, match="argument 'variable'") as refused:
        tk.proportion(DESIGN, variable)
    assert "a list of names" in refused.value.expected


@pytest.mark.parametrize("by", [3, [["g"]], [3], {"g": "a"}])
def test_domains_that_are_not_names_are_refused(by):
    with pytest.raises(tk.TrustkitError, match="argument 'by'"):
        tk.proportion(DESIGN, "y", by=by)


@pytest.mark.parametrize("conf", ["0.95", None, True, [0.95], 1j])
def test_coverage_that_is_not_a_number_is_refused(conf):
    with pytest.raises(tk.TrustkitError, match="argument 'conf'"):
        tk.proportion(DESIGN, "y", conf=conf)


@pytest.mark.parametrize("path", ["", 3, None])
def test_a_source_that_is_no_path_is_refused(path):
    with pytest.raises(tk.TrustkitError, match="argument 'source'"):
        tk.read(path)


@pytest.mark.parametrize("path", ["a\x00b", "x" * 5000])
def test_a_path_that_no_file_can_have_is_refused_as_a_path(path):
    with pytest.raises(tk.TrustkitError):
        tk.read(path)


def test_an_error_never_shows_the_rows_of_a_table_given_for_a_name():
    private = pd.DataFrame({"address": ["a@example.org"]})
    with pytest.raises(tk.TrustkitError) as refused:
        tk.proportion(DESIGN, private)
    assert "example.org" not in str(refused.value)


def test_a_condition_may_hold_numbers_of_numpy():
    design = tk.Design(pd.DataFrame({"k": [1, 2], "y": [3.0, 5.0]}))
    assert tk.mean(design, "y", where={"k": np.int64(1)}).estimate.tolist() == [3.0]


@pytest.mark.parametrize("kind", ["JK1", "bootstrap"])
def test_a_negative_seed_is_refused_whether_or_not_the_method_draws(kind):
    with pytest.raises(tk.TrustkitError, match="argument 'seed'") as refused:
        tk.replicate(DESIGN, kind, count=10, seed=-1)
    assert "at least 0" in refused.value.expected
