"""The log is a frame and a table, and says how each step changed each group."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from trustkit.caveats import Caveats
from trustkit.cleaning.exclusions import keep_where
from trustkit.counted import UNPROTECTED
from trustkit.survey.codebook import Codebook, Roles
from trustkit.survey.columns import group_sizes, total_weight
from trustkit.survey.exclusion_log import ExclusionLog, Step
from trustkit.survey.survey import Survey
from trustkit.survey.variable import Variable


def test_the_log_is_a_frame_with_the_tracked_figures():
    log = (
        ExclusionLog()
        .add(Step("read", "a.csv", "raw", 10, 10))
        .add(Step("drop", "fast", "speed", 10, 8, {"x": 0.25}))
    )
    frame = log.to_frame()
    assert frame[["step", "n_before", "n_after"]].to_numpy().tolist() == [["read", 10, 10], ["drop", 10, 8]]
    assert np.isnan(frame["x"][0])
    assert frame["x"][1] == 0.25


def test_an_empty_log_is_an_empty_frame():
    assert list(ExclusionLog().to_frame().columns) == ["step", "rule", "reason", "n_before", "n_after"]


def test_the_log_shows_who_was_removed_and_says_synthetic():
    step = Step("drop", "fast", "speed", 1200, 1100, {"x": 0.25})
    log = ExclusionLog((step,), caveats=Caveats(synthetic=True))
    assert repr(log).splitlines() == [
        "Exclusion log",
        "step   rule  removed      n      x",
        "speed  fast      100  1,100  25.0%",
        "Synthetic data.",
    ]


def test_the_log_has_a_column_for_the_weight_and_for_each_group_that_a_step_took():
    log = ExclusionLog(
        (
            Step("read", "a", "b", 10, 10, weight_lost=0.0),
            Step("drop", "fast", "speed", 10, 7, weight_lost=0.25, groups={"f": (5, 4), "m": (5, 3)}),
            Step("drop", "odd", "odd", 7, 4, weight_lost=0.1, groups={"f": (4, 4), "m": (3, 0)}),
            Step("drop", "late", "late", 4, 3, weight_lost=0.1, groups={"f": (4, 3), "m": (0, 0)}),
        ),
        by="sex",
    )
    frame = log.to_frame()
    assert list(frame.columns[5:]) == ["weight_lost", "lost of sex = f", "lost of sex = m"]
    assert np.allclose(frame["lost of sex = f"], [np.nan, 0.2, 0, 0.25], equal_nan=True)
    assert np.allclose(frame["lost of sex = m"], [np.nan, 0.4, 1, np.nan], equal_nan=True)


def test_the_table_names_the_group_that_each_step_hit_hardest():
    log = ExclusionLog(
        (
            Step("read", "a", "b", 10, 10, weight_lost=0.0),
            Step("drop", "fast", "speed", 10, 7, weight_lost=0.25, groups={"f": (5, 4), "m": (5, 3)}),
            Step("drop", "late", "late", 7, 7, weight_lost=0.0, groups={"f": (4, 4), "m": (3, 3)}),
        ),
        by="sex",
    )
    assert repr(log).splitlines()[1:] == [
        "step   rule  removed   n  weight lost  hit hardest, sex",
        "b      a           0  10         0.0%  -",
        "speed  fast        3   7        25.0%  m (40.0%)",
        "late   late        0   7         0.0%  -",
        UNPROTECTED,
    ]


def test_the_log_shows_the_digest_of_the_raw_file():
    log = ExclusionLog((Step("drop", "fast", "speed", 2, 1),), digest="ab12", caveats=Caveats(synthetic=True))
    assert repr(log).splitlines()[-2:] == [
        "Raw file: SHA-256 ab12, the same after cleaning.",
        "Synthetic data.",
    ]


SEX = Variable("sex", "Sex", "single", codes={1: "Men", 2: "Women", 3: "Other"}, missing={9: "refused"})
AGE = Variable("age", "Age", "numeric")


def test_a_step_counts_each_group_before_and_after_and_those_without_an_answer():
    frame = pd.DataFrame({"sex": [2, 2, 1, 9, None], "age": [10, 20, 30, 40, 5]})
    found = Survey(frame, Codebook({"sex": SEX, "age": AGE}), ExclusionLog(by="sex"))
    step = keep_where(found, where={"age": {"low": 18}}, reason="adults").log.steps[-1]
    assert step.groups == {"Men": (1, 1), "Women": (2, 1), "Refused": (1, 1), "no answer": (1, 0)}
    assert step.lost_of("Women") == 0.5
    assert np.isnan(step.lost_of("Other"))


@pytest.mark.parametrize("by", ["", "age", "agee"])
def test_without_a_coded_variable_no_group_is_counted(by):
    assert group_sizes(pd.DataFrame({"age": [1.0]}), by) == {}


def test_the_weight_of_a_study_is_the_sum_of_its_weights():
    book = Codebook({"w": Variable("w", "Weight", "weight")}, design=Roles(weights="w"))
    assert total_weight(pd.DataFrame({"w": [1.0, 2.5, None]}), book) == 3.5
    assert np.isnan(total_weight(pd.DataFrame({"x": [1.0]}), book))
    assert np.isnan(total_weight(pd.DataFrame({"w": [1.0]}), Codebook({})))
