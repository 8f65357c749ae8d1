"""Results show themselves rounded, the same every time, and keep their numbers unrounded."""

from __future__ import annotations

import math
from dataclasses import FrozenInstanceError, dataclass, replace

import numpy as np
import pandas as pd
import pytest

from trustkit.caveats import Caveats
from trustkit.display import Shown, html_table, show_number, show_p, show_share, text_table
from trustkit.errors import DataError
from trustkit.estimation.results import Estimate
from trustkit.estimation.significance import TestResult

NAN = float("nan")


def estimate(**changes):
    whole = {
        "keys": pd.DataFrame({"sex": ["m", "f"], "variable": ["trust"] * 2, "level": ["No"] * 2}),
        "estimate": np.array([0.4, 1 / 3]),
        "se": np.array([0.02, 0.015]),
        "ci_low": np.array([0.36, 0.30]),
        "ci_high": np.array([0.44, 0.36]),
        "df": np.array([99.0, 99.0]),
        "n": np.array([1200, 800]),
        "n_eff": np.array([600.0, NAN]),
        "vcov": np.diag([0.0004, 0.000225]),
        "statistic": "proportion",
        "base": "substantive answers",
        "ci": "logit",
        "conf": 0.95,
        "units": ("share", "share"),
        "caveats": Caveats(synthetic=True),
        "labels": {"trust": "Do you trust them?"},
    }
    return Estimate(**{**whole, **changes})


def test_an_estimate_shows_its_wording_base_n_and_notes():
    assert repr(estimate()).splitlines() == [
        "Proportion: Do you trust them?",
        "sex  answer  proportion  standard error    95% interval      n",
        "m    No           40.0%            2.0%  36.0% to 44.0%  1,200",
        "f    No           33.3%            1.5%  30.0% to 36.0%    800",
        "Base: substantive answers.",
        "Synthetic data.",
    ]


def test_a_mean_is_shown_in_its_unit_without_a_level():
    keys = pd.DataFrame({"variable": ["age"], "level": [""]})
    one = {
        name: np.array([value])
        for name, value in {"estimate": 41.23456, "se": 1.5, "ci_low": 38.0, "ci_high": 44.0}.items()
    }
    text = repr(
        estimate(
            keys=keys,
            **one,
            df=np.array([49.0]),
            n=np.array([50]),
            n_eff=np.array([40.0]),
            vcov=np.array([[2.25]]),
            statistic="mean",
            units=("number",),
            labels={},
            caveats=Caveats(),
        )
    )
    assert text.splitlines() == [
        "Mean: age",
        "question  mean  standard error  95% interval   n",
        "age       41.2             1.5  38.0 to 44.0  50",
        "Base: substantive answers.",
    ]


def test_several_variables_are_shown_by_their_wording():
    keys = pd.DataFrame({"variable": ["trust", "other"], "level": ["No", "No"]})
    text = repr(estimate(keys=keys))
    assert text.startswith("Proportion\n")
    assert "Do you trust them?  No" in text
    assert "other               No" in text


def test_the_coverage_is_named_in_the_heading():
    assert "90% interval" in repr(estimate(conf=0.9))


def test_the_frame_is_not_rounded():
    frame = estimate().to_frame()
    assert frame["estimate"].tolist() == [0.4, 1 / 3]
    assert list(frame.columns) == [
        "sex", "variable", "level", "estimate", "se", "ci_low", "ci_high", "df", "n", "n_eff",
        "reason",
    ]  # fmt: skip


def test_the_coefficient_of_variation_is_relative_to_the_size_of_the_estimate():
    assert estimate(estimate=np.array([0.4, -0.5])).cv.tolist() == pytest.approx([0.05, 0.03])


def test_the_design_effect_compares_with_sampling_with_replacement():
    found = estimate().deff
    assert found[0] == pytest.approx(1199 / 600)
    assert math.isnan(found[1])


def test_an_estimate_can_not_be_changed_in_place():
    with pytest.raises(FrozenInstanceError):
        estimate().df = 3


def test_what_is_shown_is_the_same_every_time():
    assert repr(estimate()) == repr(estimate())
    assert estimate()._repr_html_() == estimate()._repr_html_()
    assert "0x" not in repr(estimate())


def test_html_is_a_captioned_table_with_header_cells_and_escaped_words():
    html = estimate(labels={"trust": "Trust <them> & us?"}, notes=("a < b",))._repr_html_()
    assert ">Proportion: Trust &lt;them&gt; &amp; us?</caption>" in html
    assert html.count('scope="col"') == 6
    assert ">a &lt; b</p>" in html
    assert html.count('<td class="tk-number" style="text-align:right;') == 8
    assert '<td class="tk-text" style="text-align:left;vertical-align:top" align="left">m</td>' in html


def test_markdown_is_a_table_whose_words_are_no_markup():
    lines = estimate(labels={"trust": "Trust *them* | us?"}, notes=("<b>",))._repr_markdown_().splitlines()
    assert lines[0] == r"**Proportion\: Trust \*them\* \| us?**"
    assert lines[2:5] == [
        "| sex | answer | proportion | standard error | 95% interval | n |",
        "| :-- | :-- | --: | --: | --: | --: |",
        "| m | No | 40.0% | 2.0% | 36.0% to 44.0% | 1,200 |",
    ]
    assert lines[-1] == "&#60;b&#62;"


def test_a_group_that_is_called_like_a_number_keeps_its_own_column():
    lines = repr(estimate(labels={"sex": "n", "trust": "Trust"})).splitlines()
    assert lines[1].split("  ")[0] == "n, group"
    assert lines[2].startswith("m ")
    assert lines[2].endswith("1,200")


def test_the_words_that_all_questions_share_stand_once_above_the_table():
    keys = pd.DataFrame({"variable": ["trust", "other"], "level": ["No", "No"]})
    labels = {"trust": "How far do you trust banks?", "other": "How far do you trust shops?"}
    lines = repr(estimate(keys=keys, labels=labels)).splitlines()
    assert lines[0] == "Proportion: How far do you trust ...?"
    assert [line.split()[0] for line in lines[2:4]] == ["banks", "shops"]


# Test results


TEST = TestResult("Rao-Scott F", "no association", 5.19337, "F", (1.4946, 20.925), 0.0217, 183, "schools")


def test_a_test_shows_its_null_its_degrees_of_freedom_and_its_base():
    assert repr(TEST).splitlines() == [
        "Rao-Scott F",
        "    F               df      p    n",
        "5.193  1.495 and 20.93  0.022  183",
        "Null hypothesis: no association.",
        "Base: schools.",
    ]


def test_a_test_of_one_number_shows_it_with_its_interval_and_effect():
    number = {"estimate": 2.5, "se": 1.0, "ci_low": 0.5, "ci_high": 4.5, "unit": "number"}
    found = replace(TEST, **number, effect=0.31, effect_name="d")
    assert "estimate  95% interval     d" in repr(found)
    assert "0.5 to 4.5" in repr(found)


def test_a_tested_number_without_a_unit_is_refused():
    with pytest.raises(DataError, match="'unit' is missing"):
        replace(TEST, estimate=0.2)


def test_an_estimate_without_the_unit_of_each_row_is_refused():
    with pytest.raises(DataError, match="'units' can't be used"):
        estimate(units=("share",))


def test_an_impossible_test_says_why_instead_of_a_number():
    found = replace(
        TEST, statistic=NAN, p_value=NAN, df=(), reason="one group is empty", caveats=Caveats(synthetic=True)
    )
    lines = repr(found).splitlines()
    assert lines[2].split() == ["-", "-", "-", "183"]
    assert lines[4] == "Not possible: one group is empty."
    assert lines[-1] == "Synthetic data."


def test_a_test_is_a_frame_of_one_row():
    frame = TEST.to_frame()
    assert frame.shape[0] == 1
    assert frame.loc[0, ["statistic", "p_value", "null", "df"]].tolist() == [
        5.19337, 0.0217, "no association", "1.4946, 20.925",
    ]  # fmt: skip


# Numbers and tables


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.4, "40.0%"),
        (0.39951, "40.0%"),
        (0, "0.0%"),
        (1, "100.0%"),
        (NAN, "-"),
        (0.0004, "0.0%"),
        (-0.026662, "-2.7%"),
    ],
)
def test_a_share_is_shown_in_percent_with_one_decimal(value, text):
    assert show_share(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (644.1694, "644.2"),
        (0.0312345, "0.03123"),
        (1000, "1,000"),
        (-1234567.8, "-1,234,568"),
        (0, "0"),
        (NAN, "-"),
    ],
)
def test_a_number_is_shown_with_four_digits_and_whole_above_a_thousand(value, text):
    assert show_number(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.0217, "0.022"), (0.001, "0.001"), (0.00099, "< 0.001"), (0, "< 0.001"), (NAN, "-")]
)
def test_a_small_p_value_is_shown_as_small(value, text):
    assert show_p(value) == text


def test_words_stand_left_and_numbers_right():
    table = pd.DataFrame(
        {"what": ["a", "bcd"], "n": ["1,000", "7"], "ci": ["1 to 2", "-"], "mixed": ["1", "x"]}
    )
    assert text_table(table).splitlines() == [
        "what      n      ci  mixed",
        "a     1,000  1 to 2  1",
        "bcd       7       -  x",
    ]


def test_a_table_without_rows_shows_its_heads():
    assert text_table(pd.DataFrame({"a": [], "b": []})) == "a  b"
    assert "<tbody></tbody>" in html_table(pd.DataFrame({"a": []}), caption="none")


def test_what_has_no_parts_has_nothing_to_show():
    @dataclass(repr=False)
    class Thing(Shown):
        pass

    with pytest.raises(TypeError, match="Thing has nothing to show"):
        repr(Thing())
