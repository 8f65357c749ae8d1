"""What is added to PowerPoint's charts by hand stands where the schema has its place."""

from __future__ import annotations

import pandas as pd
import pptx
import pytest

import trustkit as tk

SERIES = (
    "idx", "order", "tx", "spPr", "invertIfNegative", "pictureOptions", "dPt", "dLbls", "trendline",
    "errBars", "cat", "val", "shape", "extLst",
)  # fmt: skip
"""The children of a series of bars, in the order of ECMA-376, part 1, CT_BarSer."""

ERROR_BARS = ("errDir", "errBarType", "errValType", "noEndCap", "plus", "minus", "val", "spPr", "extLst")
"""Those of error bars, CT_ErrBars."""

LITERAL = ("formatCode", "ptCount", "pt", "extLst")
"""Those of numbers that stand in the chart itself, CT_NumData."""


def charts_of(path):
    return [
        shape.chart for slide in pptx.Presentation(path).slides for shape in slide.shapes if shape.has_chart
    ]


def in_order(element, order):
    """Whether the children of an element stand in an order, each at most once but for points."""
    places = [order.index(child.tag.rpartition("}")[2]) for child in element]
    return places == sorted(places)


@pytest.fixture(scope="module")
def design():
    people = pd.DataFrame({"trust": list("yynny") * 40, "sex": ["m", "f", "f", "m"] * 50})
    return tk.Design(people)


def test_intervals_stand_where_the_schema_has_their_place(design, tmp_path):
    tk.write_tables(tk.proportion(design, "trust", by="sex"), tmp_path / "t.pptx")
    (chart,) = charts_of(tmp_path / "t.pptx")
    for series in chart.plots[0].series:
        element = series._element
        assert in_order(element, SERIES)
        (bars,) = element.xpath("c:errBars")
        assert in_order(bars, ERROR_BARS)
        points = len(element.xpath("c:cat//c:pt"))
        for side in ("plus", "minus"):
            literal = bars.find(f"{{*}}{side}/{{*}}numLit")
            assert in_order(literal, LITERAL)
            assert len(literal.findall("{*}pt")) == points


def test_stacked_shares_have_no_intervals_and_fill_the_axis(tmp_path):
    people = pd.DataFrame({"trust": list("abcd") * 90, "group": [f"G{n % 9}" for n in range(360)]})
    figure = tk.likert_bars(
        tk.proportion(tk.Design(people.astype("category")), "trust", by="group"), title="T"
    )
    tk.write_tables(figure, tmp_path / "t.pptx")
    (chart,) = charts_of(tmp_path / "t.pptx")
    assert chart.chart_type == pptx.enum.chart.XL_CHART_TYPE.BAR_STACKED_100
    assert chart._chartSpace.xpath("//c:errBars") == []
    assert (chart.value_axis.minimum_scale, chart.value_axis.maximum_scale) == (0, 1)
    assert len(chart.plots[0].categories) == 9
    assert all(in_order(series._element, SERIES) for series in chart.plots[0].series)
