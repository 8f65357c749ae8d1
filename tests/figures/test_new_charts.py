"""Trends, heat tables, distributions and differences show the estimates that they are given."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.text import Text

import trustkit as tk
from trustkit.errors import DataError
from trustkit.figures.house_style import HouseStyle, contrast_of
from trustkit.figures.paper import PHONE, WIDTH
from trustkit.survey.exclusion_log import ExclusionLog, Step

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from trustkit.figures.data_figure import DataFigure

YEARS = ("2004", "2008", "2010", "2020")
ITEMS = ("banks", "shops", "apps")


@pytest.fixture(scope="module")
def design() -> tk.Design:
    random = np.random.default_rng(3)
    n = 600
    about = [
        tk.Variable("year", "Year of the survey", "single", codes={int(y): y for y in YEARS}, short="year"),
        tk.Variable("sex", "Sex", "single", codes={1: "Women", 2: "Men"}),
        tk.Variable("area", "Area", "single", codes=dict(enumerate("ABCDEF", 1))),
        tk.Variable("score", "Trust, 0 to 10", "numeric", low=0, high=10),
        *(
            tk.Variable(item, f"Do you trust {item}?", "single", codes={1: "Yes", 0: "No"}, set="trust")
            for item in ITEMS
        ),
    ]
    frame = pd.DataFrame({item: random.integers(0, 2, n) for item in ITEMS})
    frame["year"] = random.choice([int(year) for year in YEARS], n)
    frame["sex"], frame["score"] = random.integers(1, 3, n), random.integers(0, 11, n)
    frame["area"] = random.choice(range(1, 7), n, p=[0.01, 0.19, 0.2, 0.2, 0.2, 0.2])
    book = tk.Codebook({item.name: item for item in about}, data="synthetic")
    return tk.Design(tk.Survey(frame, book))


def axes_of(chart: DataFigure, width: float = 7.6) -> Axes:
    picture = chart.figure(width)
    picture.draw_without_rendering()
    return picture.axes[0]


def drawn(chart: DataFigure, width: float = 7.6) -> list[str]:
    return [text.get_text() for text in axes_of(chart, width).figure.findobj(Text)]


def lines_of(axes: Axes) -> list[list[float]]:
    """The years of every line that is drawn with dots."""
    return [
        list(line.get_xdata()) for line in axes.lines if len(line.get_xdata()) and line.get_linestyle() == "-"
    ]


def test_years_stand_at_their_distance_and_the_line_holds_the_estimates(design: tk.Design) -> None:
    estimate = tk.mean(design, "score", by="year")
    axes = axes_of(tk.trend(estimate, title="T"))
    (line,) = (line for line in axes.lines if len(line.get_xdata()) == 4)
    assert list(line.get_xdata()) == [2004, 2008, 2010, 2020]
    assert line.get_ydata() == pytest.approx(estimate.estimate)
    (band,) = axes.collections
    heights = band.get_paths()[0].vertices[:, 1]
    assert heights.min() == pytest.approx(estimate.ci_low.min())
    assert heights.max() == pytest.approx(estimate.ci_high.max())


def test_a_break_parts_the_line_and_the_note_says_what_changed(design: tk.Design) -> None:
    chart = tk.trend(tk.mean(design, "score", by="year"), title="T", breaks={"2010": "asked on the web"})
    parts = [part for part in lines_of(axes_of(chart)) if part[0] >= 2004]
    assert [2004, 2008] in parts
    assert [2010, 2020] in parts
    assert [2008, 2010] not in parts
    assert "Breaks in the series: (a) from 2010, asked on the web." in chart.note
    assert "a" in drawn(chart)


def test_months_and_days_are_placed_within_their_year() -> None:
    frame = pd.DataFrame({"month": ["2023-07", "2024-01", "2024-01-31"] * 2, "x": range(6)})
    axes = axes_of(tk.trend(tk.mean(tk.Design(frame), "x", by="month"), title="T"))
    (line,) = (line for line in axes.lines if len(line.get_xdata()) == 3)
    assert line.get_xdata() == pytest.approx([2023 + 181 / 365, 2024, 2024 + 30 / 366])


def test_lines_carry_their_names_and_last_numbers_in_colours_that_can_be_read(design: tk.Design) -> None:
    chart = tk.trend(tk.proportion(design, "banks", level="Yes", by=["year", "sex"]), title="T")
    labels = [text for text in axes_of(chart).texts if text.get_text().startswith(("Women", "Men"))]
    assert {text.get_text().split(" ")[0] for text in labels} == {"Women", "Men"}
    assert all(contrast_of(to_hex(text.get_color()), "white") >= 4.5 for text in labels)
    assert {"year", "Sex", "proportion", "n"} <= set(chart.table)


def test_shares_have_the_whole_axis_and_a_cut_one_says_so(design: tk.Design) -> None:
    estimate = tk.proportion(design, "banks", level="Yes", by="year")
    assert axes_of(tk.trend(estimate, title="T")).get_ylim() == (0, 100)
    assert axes_of(tk.dot_interval(estimate, title="T")).get_xlim()[0] == 0
    assert axes_of(tk.dot_interval(estimate, title="T")).get_xlim()[1] >= 100
    for chart in (
        tk.trend(estimate, title="T", axis="data"),
        tk.dot_interval(estimate, title="T", axis="data"),
    ):
        assert any("the axis does not start at 0" in text for text in drawn(chart))


def test_published_figures_are_drawn_at_their_time(design: tk.Design) -> None:
    claims = [
        tk.Claim(year, f"Trust in {year}", 5, 0, tk.Reading("score", statistic="mean", where={"year": year}))
        for year in YEARS[:2]
    ]
    estimate = tk.mean(design, "score", by="year")
    chart = tk.trend(estimate, title="T", published=tk.verify(claims, design))
    (marks,) = (
        line for line in axes_of(chart).lines if line.get_marker() == "D" and len(line.get_xdata()) == 2
    )
    assert (list(marks.get_xdata()), list(marks.get_ydata())) == ([2004, 2008], [5, 5])
    assert chart.table["published"].tolist() == ["5", "5", "-", "-"]
    joined = [line for line in axes_of(chart).lines if line.get_color() == HouseStyle().contrast]
    assert [list(line.get_xdata()) for line in joined] == [[2004, 2008]]
    broken = tk.trend(estimate, title="T", published=tk.verify(claims, design), breaks={"2008": "on the web"})
    joined = [line for line in axes_of(broken).lines if line.get_color() == HouseStyle().contrast]
    assert [list(line.get_xdata()) for line in joined] == [[2004], [2008]]
    with pytest.raises(DataError, match="beside one line only"):
        tk.trend(tk.mean(design, "score", by=["year", "sex"]), title="T", published=tk.verify(claims, design))
    other = [tk.Claim("all", "Trust", 5, 0, tk.Reading("score", statistic="mean"))]
    with pytest.raises(DataError, match="of no time that is drawn"):
        tk.trend(estimate, title="T", published=tk.verify(other, design))


def test_a_trend_refuses_what_has_no_time_or_too_many_lines(design: tk.Design) -> None:
    with pytest.raises(DataError, match="none of the variables holds times"):
        tk.trend(tk.mean(design, "score", by="sex"), title="T")
    with pytest.raises(DataError, match="these answers are not times"):
        tk.trend(tk.mean(design, "score", by=["year", "sex"]), title="T", time="sex")
    with pytest.raises(DataError, match="too many lines"):
        tk.trend(tk.mean(design, "score", by=["year", "area"]), title="T")
    with pytest.raises(DataError, match="no break before '2004'"):
        tk.trend(tk.mean(design, "score", by="year"), title="T", breaks={"2004": "new"})


def test_a_heat_table_shows_each_cell_with_text_that_can_be_read(design: tk.Design) -> None:
    estimate = tk.proportion(design, "trust", level="Yes", by="area")
    chart = tk.heat_table(estimate, title="T", unstable_below=0)
    assert list(chart.table) == ["question", *"ABCDEF"]
    assert chart.table["question"].tolist() == list(ITEMS)
    shown = estimate.to_frame().set_index(["variable", "area"])["estimate"]
    cells = chart.table.set_index("question")
    assert [float(cells.loc[key]) for key in shown.index] == [round(100 * value) for value in shown]
    for width in (7.6, 3.33):
        axes = axes_of(chart, width)
        (mesh,) = (part for part in axes.collections if hasattr(part, "get_coordinates"))
        numbers = [text for text in axes.texts if text.get_text().isdigit()]
        assert len(numbers) == 18
        for text in numbers:
            column, row = (int(place) for place in text.get_position())
            fill = to_hex(mesh.get_facecolors()[6 * row + column])
            assert contrast_of(to_hex(text.get_color()), fill) >= 4.5


def test_cells_of_few_respondents_are_marked_and_hidden_ones_are_nowhere(design: tk.Design) -> None:
    estimate = tk.proportion(design, "trust", level="Yes", by="area")
    few = int(estimate.n.min())
    marked = tk.heat_table(estimate, title="T")
    assert all(cell.endswith("*") for cell in marked.table["A"])
    assert "* Fewer than 30 respondents." in marked.note
    hidden = tk.heat_table(estimate, title="T", hidden_below=few + 1)
    assert hidden.table["A"].tolist() == ["-", "-", "-"]
    assert hidden.data.loc[hidden.data["area"] == "A", ["estimate", "se", "n"]].isna().all(axis=None)
    assert f"n = {few}" not in hidden.note
    assert f"Hatched: fewer than {few + 1} respondents, not shown." in hidden.note


def test_a_heat_table_needs_two_things_that_vary(design: tk.Design) -> None:
    with pytest.raises(DataError, match="differ by two things"):
        tk.heat_table(tk.mean(design, "score", by="area"), title="T")
    estimate = tk.mean(design, "score", by=["area", "sex"])
    assert list(tk.heat_table(estimate, title="T", columns="sex").table) == ["Area", "Women", "Men"]
    with pytest.raises(DataError, match="don't differ by 'sexx'"):
        tk.heat_table(estimate, title="T", columns="sexx")


def test_a_distribution_has_a_bar_for_each_answer_and_the_mean_of_the_data(design: tk.Design) -> None:
    chart = tk.distribution(design, "score", title="T", bands="trust")
    scores = design.data["score"]
    table = chart.table.set_index("answer")["share"]
    assert [float(table[f"{k}"].rstrip("%")) for k in range(11)] == pytest.approx(
        [100 * (scores == k).mean() for k in range(11)], abs=0.05001
    )
    assert float(table["Neutral"].rstrip("%")) == pytest.approx(100 * (scores == 5).mean(), abs=0.05001)
    assert float(table["mean"]) == pytest.approx(scores.mean(), abs=0.005)
    bars = [bar.get_height() for bar in axes_of(chart).patches[:11]]
    assert bars == pytest.approx([100 * (scores == k).mean() for k in range(11)])


def test_the_net_score_is_promoters_less_detractors_with_the_interval_of_the_same_mean(
    design: tk.Design,
) -> None:
    chart = tk.distribution(design, "score", title="T", bands="nps")
    scores = design.data["score"]
    net = 100 * ((scores >= 9).astype(float) - (scores <= 6))
    mean = tk.mean(tk.Design(pd.DataFrame({"net": net})), "net")
    said = f"{mean.estimate[0]:.1f} points ({mean.ci_low[0]:.1f} to {mean.ci_high[0]:.1f})"
    assert said.replace("-", "\N{MINUS SIGN}") in chart.note


def test_bands_need_an_item_from_0_to_10(design: tk.Design) -> None:
    with pytest.raises(DataError, match="from 0 to 10"):
        tk.distribution(design, "banks", title="T", bands="nps")
    with pytest.raises(DataError, match="did you mean 'trust'"):
        tk.distribution(design, "score", title="T", bands="trsut")


def test_differences_stand_beside_a_line_at_zero_filled_where_the_interval_leaves_it_out() -> None:
    frame = pd.DataFrame({"x": [0.0, 1.0, 5.0, 6.0, 0.0, 6.0] * 5, "area": list("aabbcc") * 5})
    found = tk.difference_from_rest(tk.Design(frame), "x", by="area")
    chart = tk.difference_dots(found, title="T", order="estimate")
    assert chart.table["area"].tolist() == ["b", "c", "a"]
    assert [cell[0] for cell in chart.table["difference"]] == ["+", "0", "-"]
    axes = axes_of(chart)
    filled = next(line for line in axes.lines if to_hex(line.get_markerfacecolor()) == HouseStyle.accent)
    assert len(filled.get_xdata()) == 2
    with pytest.raises(DataError, match="not of differences"):
        tk.difference_dots(tk.mean(tk.Design(frame), "x", by="area"), title="T")


def test_more_than_four_groups_are_panels_on_one_axis(design: tk.Design) -> None:
    chart = tk.dot_interval(tk.mean(design, "score", by=["sex", "area"]), title="T", order="estimate")
    texts = drawn(chart)
    assert all(texts.count(panel) == 1 for panel in "ABCDEF")
    assert {"Women", "Men"} <= set(texts)
    assert chart.table["Area"].tolist() == [panel for panel in "ABCDEF" for _ in range(2)]
    for _, rows in chart.data.groupby("area", observed=True):
        assert rows["estimate"].is_monotonic_decreasing


def test_the_answers_of_a_group_stand_below_its_name_which_stands_once(design: tk.Design) -> None:
    chart = tk.dot_interval(tk.proportion(design, ITEMS[0], by="sex"), title="T", order="estimate")
    texts = drawn(chart)
    assert [texts.count(group) for group in ("Women", "Men")] == [1, 1]
    assert {"Yes", "No"} <= set(texts)
    assert [text for text in texts if ", " in text] == []
    for _, rows in chart.data.groupby("sex", observed=True):
        assert rows["estimate"].is_monotonic_decreasing


@pytest.mark.parametrize("width", [PHONE, WIDTH])
def test_an_axis_of_shares_ends_at_100_percent_with_the_labels_to_its_right(width) -> None:
    frame = pd.DataFrame({"a": pd.Categorical(["yes"] * 50, ["yes", "no"]), "g": ["x", "y"] * 25})
    axes = axes_of(tk.dot_interval(tk.proportion(tk.Design(frame), "a", by="g"), title="T"), width)
    assert axes.get_xlim() == (0.0, 100.0)
    labels = [text.get_window_extent() for text in axes.texts if text.get_text() == "100.0%"]
    assert [box.x0 > axes.get_window_extent().x1 for box in labels] == [True, True]
    assert all(box.x1 < axes.figure.bbox.x1 for box in labels)


def test_a_dot_at_the_start_of_the_axis_does_not_touch_its_label() -> None:
    frame = pd.DataFrame({"a": pd.Categorical(["yes"] * 50, ["yes", "no"]), "g": ["x", "y"] * 25})
    axes = axes_of(tk.dot_interval(tk.proportion(tk.Design(frame), "a", by="g"), title="T"))
    radius = 6.5 / 2 / 72 * axes.figure.dpi
    names = [label.get_window_extent().x1 for label in axes.get_yticklabels()]
    assert max(names) + 0.03 * axes.figure.dpi < axes.get_window_extent().x0 - radius


def test_labels_have_the_separators_and_the_minus_sign_of_their_axis() -> None:
    frame = pd.DataFrame(
        {"x": [-2e6, -2.5e6, -3e6, -2.2e6] * 9, "g": list("aabb") * 9, "h": list("abab") * 9}
    )
    design = tk.Design(frame)
    dots = tk.dot_interval(tk.mean(design, "x", by="g"), title="T")
    heat = tk.heat_table(tk.mean(design, "x", by=["g", "h"]), title="T")
    assert {"\N{MINUS SIGN}2,250,000", "\N{MINUS SIGN}2,600,000"} <= set(drawn(dots))
    assert "\N{MINUS SIGN}2,200,000.0*" in drawn(heat)
    assert dots.table["mean"].tolist() == ["-2,250,000", "-2,600,000"]
    assert heat.table["a"].tolist()[0] == "-2,000,000.0*"


@pytest.mark.parametrize("width", [PHONE, WIDTH])
def test_names_of_rows_of_a_heat_table_do_not_meet(width) -> None:
    long = "How far do you trust those who process your data on behalf of others, from 0 to 10, all in all"
    names = [f"{long} ({number})" for number in range(3)] + ["No"]
    frame = pd.DataFrame({"q": pd.Categorical(names * 9, names), "g": list("ab") * 18})
    axes = axes_of(tk.heat_table(tk.proportion(tk.Design(frame), "q", by="g"), title="T"), width)
    boxes = [
        text.get_window_extent() for text in axes.texts if text.get_text().split("\n")[0][:3] in ("How", "No")
    ]
    tops = sorted(boxes, key=lambda box: -box.y1)
    assert len(tops) == 4
    assert all(upper.y0 > lower.y1 for upper, lower in itertools.pairwise(tops))
    assert all(box.y0 > 0 and box.y1 < axes.figure.bbox.y1 for box in boxes)


def test_an_estimate_without_an_interval_has_a_dash_and_no_nan() -> None:
    frame = pd.DataFrame({"x": [1.0, 2.0, 4.0], "area": list("aab")})
    chart = tk.dot_interval(tk.mean(tk.Design(frame), "x", by="area"), title="T")
    assert chart.table["95% interval"].tolist()[1] == "-"
    assert "nan" not in repr(chart)


def test_a_strip_plot_names_the_ends_of_each_group_and_orders_groups_by_their_largest_number() -> None:
    rates = pd.DataFrame({"who": ["a", "b", "b", "b", "c"], "rate": [46.0, 13.0, 5.5, None, None]})
    chart = tk.strip_plot(rates, "rate", by="who", title="Rates", note="Published.")
    shown = [text.get_text() for text in chart.figure().findobj(Text) if text.get_text()]
    assert [text for text in shown if text in ("46%", "5.5 to 13%")] == ["46%", "5.5 to 13%"]
    assert [label.get_text() for label in chart.figure().axes[0].get_yticklabels()] == ["a", "b"]
    assert len(chart.table) == 5
    assert chart.caption == "Rates. Published. n = 3 numbers."


def test_the_columns_of_a_strip_plots_table_are_named_in_words() -> None:
    rates = pd.DataFrame({"said_by": ["a", "b"], "rate_percent": [46.0, 13.0]})
    assert list(tk.strip_plot(rates, "rate_percent", title="T").table) == ["said by", "rate percent"]


def test_numbers_of_a_strip_plot_that_would_cover_each_other_are_stacked() -> None:
    rates = pd.DataFrame({"rate": [10.0, 10.0, 10.1, 50.0]})
    (line,) = (
        line
        for line in tk.strip_plot(rates, "rate", title="T").figure().axes[0].lines
        if len(line.get_xdata()) == 4
    )
    assert len(set(line.get_ydata()[:3])) == 3
    assert line.get_ydata()[3] == max(line.get_ydata())


@pytest.mark.parametrize(
    ("column", "message"), [("rat", "no column 'rat'"), ("who", "none of the values is a number")]
)
def test_a_strip_plot_refuses_a_column_without_numbers(column, message) -> None:
    with pytest.raises(DataError, match=message):
        tk.strip_plot(pd.DataFrame({"who": ["a"], "rate": [1.0]}), column, title="T")


def test_a_funnel_says_which_share_of_each_stage_reaches_the_next() -> None:
    frame = pd.DataFrame({"asked": ["yes"] * 8 + ["no"] * 2, "agreed": ["yes"] * 2 + ["no"] * 8})
    stages = {"Was asked": {"asked": "yes"}, "Agreed": {"agreed": "yes"}}
    chart = tk.funnel(tk.consent_funnel(tk.Design(frame), stages), title="Consent")
    assert chart.table["of the stage before"].tolist() == ["-", "25.0%"]
    labels = [label.get_text() for label in chart.figure().axes[0].get_yticklabels()]
    assert labels == ["Was asked", "Agreed\n25.0% of the stage before"]


def test_a_path_has_a_line_only_where_no_name_stands_between_its_rows() -> None:
    steps = [Step("read", "a", "b", 9, 9, figures={"Trust = No": share}) for share in (0.4, 0.5)]
    chart = tk.tracked_path(ExclusionLog(tuple(steps)), title="T")
    drawn = [chart.figure(width).axes[0].lines[0].get_linewidth() for width in (WIDTH, PHONE)]
    assert drawn[0] > 0
    assert drawn[1] == 0


def test_a_path_names_the_base_of_its_shares_and_how_many_respondents_were_left() -> None:
    steps = [Step("read", "a", "b", 9, left, figures={"Trust = No": 0.4}) for left in (9, 7)]
    chart = tk.tracked_path(ExclusionLog(tuple(steps)), title="T")
    assert chart.note == "Base: substantive answers of 9 respondents at the first step and 7 at the last."
    assert "respondents" in chart.table
    assert "share of substantive answers" in [text.get_text() for text in chart.figure().findobj(Text)]


def test_a_score_that_the_axis_names_is_no_wording_of_a_question() -> None:
    label = "Concern, from 1 to 5"
    book = tk.Codebook({"score": tk.Variable("score", label, "numeric")})
    design = tk.Design(tk.read(pd.DataFrame({"score": [1.0, 2.0, 4.0]}), codebook=book))
    assert tk.dot_interval(tk.mean(design, "score"), title="T").note.startswith("Base: ")


def test_what_does_not_end_as_a_sentence_does_gets_a_full_stop_and_is_no_wording() -> None:
    answers = tk.Variable("state", "State of the device", "single", codes={1: "On", 2: "Off"})
    design = tk.Design(tk.read(pd.DataFrame({"state": [1, 2, 2]}), codebook=tk.Codebook({"state": answers})))
    note = tk.dot_interval(tk.proportion(design, "state"), title="T").note
    assert note.startswith('Variable: "State of the device". Base: ')


def test_published_figures_stand_beside_the_tracked_figure_of_the_same_answer() -> None:
    log = ExclusionLog((Step("read", "a", "b", 9, 9, figures={"Trust = No": 0.5, "Recall = Yes": 0.2}),))
    claims = [
        tk.Claim("a", "A", 40, 1, tk.Reading("trust", "No")),
        tk.Claim("b", "B", 30, 0, tk.Reading("trust", "No", where={"sex": "f"})),
    ]
    frame = pd.DataFrame({"trust": ["No", "Yes"], "sex": ["f", "m"]})
    chart = tk.tracked_path(log, title="T", published=tk.verify(claims, tk.Design(frame)))
    assert chart.table.iloc[-1].tolist() == ["published", "40.0%", "-", "-"]
    assert "Trust: No (dashed: published 40.0%)" in [text.get_text() for text in chart.figure().findobj(Text)]
    with pytest.raises(DataError, match="none of the published figures belongs"):
        tk.tracked_path(log, title="T", published=tk.verify(claims[1:], tk.Design(frame)))


def test_the_numbers_of_a_path_stand_away_from_the_line_of_the_published_figure() -> None:
    shares = (0.1, 0.3, 0.4, 0.5)
    steps = [Step("read", "a", "b", 9, 9, figures={"Trust = No": share}) for share in shares]
    claims = [tk.Claim("a", "A", 40, 1, tk.Reading("trust", "No"))]
    frame = pd.DataFrame({"trust": ["No", "Yes"]})
    chart = tk.tracked_path(
        ExclusionLog(tuple(steps)), title="T", published=tk.verify(claims, tk.Design(frame))
    )
    sides = {text.get_text(): text.get_ha() for text in chart.figure().findobj(Text)}
    printed = [f"{share:.1%}" for share in shares]
    assert [sides[number] for number in printed] == ["left", "right", "left", "left"]  # 10% is at the edge


def test_an_axis_of_shares_has_percent_at_its_numbers_and_no_title(design: tk.Design) -> None:
    chart = tk.dot_interval(tk.proportion(design, "sex", level="Men", by="area"), title="T")
    axes = chart.figure().axes[0]
    chart.figure().canvas.draw()
    assert axes.get_xlabel() == ""
    assert all(label.endswith("%") for label in (axes.xaxis.get_major_formatter()(20), "0%"))


def test_the_measure_stands_at_an_axis_unless_the_subtitle_says_it(design: tk.Design) -> None:
    chart = tk.dot_interval(tk.mean(design, "score", by="sex"), title="T")
    told = chart.captioned(subtitle="Mean score of adults, from 0 to 10")
    assert any(text.startswith("mean") for text in drawn(chart))
    assert not any(text.startswith("mean") for text in drawn(told))


def test_differences_of_shares_are_named_percentage_points_whatever_the_subtitle(design: tk.Design) -> None:
    rest = tk.difference_from_rest(design, "sex", by="area", level="Men")
    chart = tk.difference_dots(rest, title="T").captioned(subtitle="Men, each area less all others")
    assert "percentage points" in drawn(chart)


def test_a_long_measure_is_wrapped_and_not_cut() -> None:
    wording = "How far do you trust shops with your data, from 0 to 10 points"
    label = tk.Variable("x", wording[:60], "numeric")
    survey = tk.Survey(pd.DataFrame({"x": [1.0, 2.0, 4.0]}), tk.Codebook({"x": label}))
    figure = tk.dot_interval(tk.mean(tk.Design(survey), "x"), title="T").figure(3.33)
    assert " ".join(figure.axes[0].get_xlabel().split()).startswith(f"mean: {wording[:60]}")
