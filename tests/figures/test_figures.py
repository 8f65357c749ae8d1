"""Figures carry their numbers, base, n and notes, and draw the same bytes every time."""

from __future__ import annotations

import base64
import html
import io
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from matplotlib.image import imread
from matplotlib.text import Text

import trustkit as tk
from trustkit.caveats import Caveats
from trustkit.claims.claims import Claim, Reading
from trustkit.claims.verify import verify
from trustkit.errors import DataError
from trustkit.estimation.consent_rates import consent_funnel, opt_in_rates
from trustkit.figures.house_style import HouseStyle, ink_on
from trustkit.headings import shortened
from trustkit.survey.codebook import Codebook
from trustkit.survey.exclusion_log import ExclusionLog, Step
from trustkit.survey.survey import Survey
from trustkit.survey.variable import Variable

if TYPE_CHECKING:
    from pathlib import Path

    from trustkit.figures import data_figure

ANSWERS = {1: "Not at all", 2: "A little", 3: "A lot"}
BRANDS = ("banks", "shops", "social media")


@pytest.fixture(scope="module")
def design() -> tk.Design:
    random = np.random.default_rng(5)
    n = 240
    frame = pd.DataFrame({f"trust_{k}": random.integers(1, 4, n) for k in range(3)})
    frame["age"] = np.repeat([1, 2], n // 2)
    frame["score"] = random.normal(5, 2, n)
    variables = {
        f"trust_{k}": Variable(
            f"trust_{k}",
            f"How far do you trust {brand} with your data?",
            "ordinal",
            codes=ANSWERS,
            set="trust",
        )
        for k, brand in enumerate(BRANDS)
    }
    variables["age"] = Variable("age", "Age", "single", codes={1: "younger", 2: "older"})
    variables["score"] = Variable("score", "Trust, 0 to 10", "numeric")
    return tk.Design(Survey(frame, Codebook(variables, title="Toy", data="synthetic", sample="opt-in")))


def drawn(figure: data_figure.DataFigure) -> list[str]:
    """Every text in the picture."""
    picture = figure.figure()
    picture.draw_without_rendering()
    return [text.get_text() for text in picture.findobj(Text)]


def every_figure(design: tk.Design) -> dict[str, data_figure.DataFigure]:
    log = ExclusionLog(
        (
            Step("read", "a.csv", "raw", 300, 300, {"a = yes": 0.3}),
            Step("drop_it", "b", "out", 300, 260, {"a = yes": 0.4}, 0.125, {"f": (240, 210), "m": (60, 50)}),
            Step("drop_more", "c", "odd", 260, 240, {"a = yes": 0.4}, 0.1, {"f": (210, 195), "m": (50, 45)}),
        ),
        caveats=Caveats(synthetic=True),
        by="sex",
    )
    claim = Claim("c", "A lot of trust in banks", 33, 0, Reading("trust_0", "A lot"))
    stages = {"Some": {"trust_0": ["A little", "A lot"]}, "A lot": {"trust_0": "A lot"}}
    return {
        "dots": tk.dot_interval(tk.proportion(design, "trust_0"), title="Trust"),
        "bars": tk.likert_bars(tk.proportion(design, "trust"), title="Trust"),
        "funnel": tk.funnel(consent_funnel(design, stages), title="Trust"),
        "flow": tk.exclusion_flow(log),
        "losses": tk.exclusion_losses(log, title="Trust"),
        "path": tk.tracked_path(log, title="Trust"),
        "verdicts": tk.verdict_dots(verify([claim], design), title="Trust"),
    }


@pytest.mark.parametrize("name", ["dots", "bars", "funnel", "flow", "losses", "path", "verdicts"])
def test_a_picture_says_what_it_shows_on_how_many_and_that_data_are_synthetic(
    design: tk.Design, name: str
) -> None:
    figure = every_figure(design)[name]
    inside = " ".join(drawn(figure)).replace("\n", " ")
    assert figure.title in inside
    assert "Synthetic data." in inside
    assert "240" in inside
    assert "Synthetic data." in figure.caption
    assert "240" in repr(figure)


@pytest.mark.parametrize("name", ["dots", "bars", "funnel", "flow", "losses", "path", "verdicts"])
def test_a_picture_is_the_same_bytes_every_time_and_holds_no_date(design: tk.Design, name: str) -> None:
    first, again = (every_figure(design)[name].png() for _ in range(2))
    assert first == again
    assert first.startswith(b"\x89PNG")
    assert b"tIME" not in first
    assert b"Software" not in first


def test_what_a_notebook_gets_is_a_picture_with_alternative_text_and_a_folded_table(
    design: tk.Design, monkeypatch: pytest.MonkeyPatch
) -> None:
    import IPython.display

    shown: list[tuple[dict[str, str], dict[str, object]]] = []
    monkeypatch.setattr(
        IPython.display, "display", lambda data, *, raw, metadata=None: shown.append((data, metadata or {}))
    )
    figure = every_figure(design)["dots"]
    figure._ipython_display_()
    (picture, about), (table, _) = shown
    assert picture["text/plain"] == repr(figure)
    assert about["image/png"]["alt"] == figure.caption
    headline = f'<p class="tk-headline"><strong>{figure.title}</strong></p>'
    assert table["text/html"].startswith(headline)
    assert f">{html.escape(figure.note)}</p><details><summary>" in table["text/html"]
    assert '<th scope="col"' in table["text/html"]
    assert 'class="tk-text"></th>' not in table["text/html"]


def test_the_picture_of_a_notebook_is_a_sheet_with_a_frame_and_clear_corners(
    design: tk.Design, monkeypatch: pytest.MonkeyPatch
) -> None:
    import IPython.display

    shown: list[dict[str, str]] = []
    monkeypatch.setattr(IPython.display, "display", lambda data, **_: shown.append(data))
    every_figure(design)["dots"]._ipython_display_()
    picture = imread(io.BytesIO(base64.b64decode(shown[0]["image/png"])), format="png")
    middle = picture.shape[0] // 2
    corner, frame, sheet = picture[0, 0], picture[middle, :3], picture[4, 20]
    assert corner[3] == 0
    assert tuple(sheet[:3]) == (1.0, 1.0, 1.0)
    assert 0.9 < sheet[3] < 1  # a dark page shows through a little, so the sheet does not glare
    assert frame[:, :3].min() < 0.9  # darker than the sheet


def test_the_words_that_all_labels_share_stand_once_below_the_picture(design: tk.Design) -> None:
    figure = tk.likert_bars(tk.proportion(design, "trust"), title="Trust")
    assert figure.table["question"].tolist() == list(BRANDS)
    assert 'Wording: "How far do you trust ... with your data?"' in figure.note


@pytest.mark.parametrize(
    ("labels", "short"),
    [
        (["Trust in banks", "Distrust of shops"], ["Trust in banks", "Distrust of shops"]),
        (["How far? Banks", "How far? Banks and more"], ["Banks", "Banks and more"]),
        (["Trust in banks", "Trust in banks and shops"], ["Trust in banks", "Trust in banks and shops"]),
        (["Index, here, 1978", "Index, here, 1980"], ["1978", "1980"]),
        (["alone"], ["alone"]),
    ],
)
def test_labels_are_shortened_only_where_each_keeps_words_of_its_own(
    labels: list[str], short: list[str]
) -> None:
    assert shortened(labels)[0] == short


def test_rows_come_as_in_the_codebook_or_from_the_largest(design: tk.Design) -> None:
    estimate = tk.proportion(design, "trust_0")
    by_codebook = tk.dot_interval(estimate, title="Trust")
    by_size = tk.dot_interval(estimate, title="Trust", order="estimate")
    assert by_codebook.table["answer"].tolist() == list(ANSWERS.values())
    assert by_size.data["estimate"].is_monotonic_decreasing
    assert sorted(by_size.table["answer"]) == sorted(ANSWERS.values())
    assert list(by_size.data) == list(estimate.to_frame())


def test_means_are_shown_with_the_decimals_that_their_precision_allows(design: tk.Design) -> None:
    estimate = tk.mean(design, "score", by="age")
    figure = tk.dot_interval(estimate, title="Score")
    assert figure.table["mean"].tolist() == [f"{value:.1f}" for value in estimate.estimate]
    assert "mean: Trust, 0 to 10; the axis does not start at 0" in drawn(figure)


def test_a_base_that_differs_by_question_is_told_in_one_phrase() -> None:
    got = Variable("got", "Got", "single", codes={1: "yes", 0: "no"})
    others = {
        name: Variable(name, name, "single", codes={1: "yes", 0: "no"}, asked={of: ("yes",)})
        for name, of in (("a", "got"), ("b", "a"))
    }
    frame = pd.DataFrame({"got": [1, 1, 0, 1], "a": [1, 1, None, 0], "b": [1, 0, None, None]})
    survey = Survey(frame, Codebook({"got": got, **others}))
    figure = tk.dot_interval(tk.proportion(tk.Design(survey), ["a", "b"], level="yes"), title="T")
    assert "Base: substantive answers of those who were asked each; n = 2 to 3." in figure.note


def test_a_definition_stands_below_the_name_of_its_rate() -> None:
    frame = pd.DataFrame({"state": list("AABBCE"), "app": ["x", "y"] * 3, "prompts": 1})
    figure = tk.dot_interval(opt_in_rates(tk.Design(frame)), title="Rates")
    assert {"definition", "counted"} <= set(figure.table)
    assert any(text.startswith("Branch, all\nallowed /") for text in drawn(figure))


def test_many_answers_get_colours_of_their_own() -> None:
    assert len(set(HouseStyle().shades(7))) == 7
    assert len(HouseStyle().shades(1)) == 1
    assert ink_on("#ffffff") != ink_on("#000000")


def test_answers_without_an_order_are_not_drawn_as_a_scale(design: tk.Design) -> None:
    estimate = tk.proportion(design, "trust_0", by="age")
    kinds = tk.likert_bars(estimate, title="T", colours="kinds").figure()
    scale = tk.likert_bars(estimate, title="T").figure()
    first, second = ([bar.get_facecolor() for bar in picture.axes[0].patches] for picture in (kinds, scale))
    assert first != second


def test_a_data_table_rounds_and_says_when_it_is_empty() -> None:
    table = tk.data_table(
        pd.DataFrame({"who": ["a", None], "share": [0.123456, np.nan], "n": [1200, 30]}), title="T", note="N."
    )
    assert repr(table) == "T\nwho   share      n\na    0.1235  1,200\n          -     30\nN."
    assert ">T</caption>" in table._repr_html_()
    assert "No rows." in repr(tk.data_table(pd.DataFrame({"a": []}), title="T"))


def test_a_data_table_shows_shares_in_percent_and_names_columns_in_words() -> None:
    frame = pd.DataFrame({"estimate": [0.39971, 0.6], "se": [0.008944, 0.0091], "n_eff": [2999.0, 3070.0]})
    lines = repr(tk.data_table(frame, title="T", shares=["estimate", "se"])).splitlines()
    assert [line.split() for line in lines[1:]] == [
        ["estimate", "standard", "error", "effective", "n"],
        ["40.0%", "0.894%", "2,999"],
        ["60.0%", "0.910%", "3,070"],
    ]
    assert "40.0%" in repr(tk.data_table(frame, title="T", shares="estimate"))
    with pytest.raises(DataError, match="is not a column of numbers"):
        tk.data_table(frame, title="T", shares=["estimat"])


def test_a_figure_can_be_saved_in_another_format(design: tk.Design) -> None:
    stream = io.BytesIO()
    every_figure(design)["dots"].figure().savefig(stream, format="svg", metadata={"Date": None})
    assert b"<svg" in stream.getvalue()


def test_figures_refuse_what_they_cannot_draw(design: tk.Design) -> None:
    with pytest.raises(DataError, match="one list of answers"):
        tk.likert_bars(tk.proportion(design, ["trust_0", "age"]), title="T")
    with pytest.raises(DataError, match="needs stages"):
        tk.funnel(tk.proportion(design, "age"), title="T")
    with pytest.raises(DataError, match="log is empty"):
        tk.exclusion_flow(ExclusionLog())
    with pytest.raises(DataError, match="follows no group"):
        tk.exclusion_losses(ExclusionLog((Step("drop", "a", "b", 2, 1),)), title="T")
    with pytest.raises(DataError, match="tracks no figure"):
        tk.tracked_path(ExclusionLog((Step("read", "a", "b", 1, 1),)), title="T")
    unchecked = Claim("c", "C", 40, 0, Reading(), unchecked="never published")
    with pytest.raises(DataError, match="none of the claims"):
        tk.verdict_dots(verify([unchecked], design), title="T")


def test_a_note_calls_only_what_was_asked_a_wording(design: tk.Design) -> None:
    score = tk.dot_interval(tk.mean(design, "score", by="age"), title="T").note
    asked = tk.dot_interval(tk.proportion(design, "trust_0"), title="T").note
    assert score.startswith("Base: ")  # its axis names it
    assert asked.startswith('Wording: "How far do you trust banks with your data?" Base: ')


def test_published_numbers_are_drawn_on_their_scale(design: tk.Design) -> None:
    claims = [Claim(name, name, 5, 0, Reading("score", statistic="mean"), scale="of 10") for name in "ab"]
    shown = [
        text.get_text() for text in tk.verdict_dots(verify(claims, design), title="T").figure().findobj(Text)
    ]
    assert any(text.startswith("of 10") for text in shown)


def test_losses_are_shares_of_each_group_before_the_first_rule(design: tk.Design) -> None:
    table = every_figure(design)["losses"].table
    assert table.to_dict("records") == [
        {"sex": "f", "out": "12.5%", "odd": "6.2%", "all": "18.8%", "n": "240"},
        {"sex": "m", "out": "16.7%", "odd": "8.3%", "all": "25.0%", "n": "60"},
    ]


def test_a_rule_that_stands_twice_is_drawn_twice() -> None:
    steps = [Step("drop_where", "a", "b", n + 1, n, groups={"f": (n + 1, n)}) for n in (9, 8)]
    table = tk.exclusion_losses(ExclusionLog(tuple(steps), by="sex"), title="T").table
    assert list(table) == ["sex", "b (1)", "b (2)", "all", "n"]


def test_the_flow_says_what_share_of_the_weight_was_lost_where_there_are_weights(design: tk.Design) -> None:
    assert every_figure(design)["flow"].table["weight lost"].tolist() == ["-", "12.5%", "10.0%"]
    log = ExclusionLog((Step("read", "a", "b", 1, 1),))
    assert "weight lost" not in tk.exclusion_flow(log).table


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_a_saved_chart_is_the_same_bytes_every_time(design: tk.Design, tmp_path: Path, kind: str) -> None:
    chart = every_figure(design)["bars"]
    for name in ("a", "b"):
        chart.save(tmp_path / f"{name}.{kind}")
    first = (tmp_path / f"a.{kind}").read_bytes()
    assert first == (tmp_path / f"b.{kind}").read_bytes()
    assert b"CreationDate" not in first
    assert b"dc:date" not in first


def test_the_text_of_an_svg_is_text(design: tk.Design) -> None:
    assert b">A little</text>" in every_figure(design)["bars"].svg()


def test_the_numbers_are_saved_unrounded_as_csv(design: tk.Design, tmp_path: Path) -> None:
    chart = every_figure(design)["dots"]
    chart.to_csv(tmp_path / "a.csv")
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "a.csv")[["estimate"]], chart.data[["estimate"]])


def test_two_by_variables_share_rows_in_two_colours(design: tk.Design) -> None:
    chart = tk.dot_interval(tk.mean(design, "score", by=["trust_0", "age"]), title="T")
    texts = drawn(chart)
    assert {"younger", "older", "A little"} <= set(texts)
    assert not any("A little, " in text for text in texts)
    assert len(chart.table) == 6


def test_bars_are_sorted_by_the_total_at_the_upper_end(design: tk.Design) -> None:
    chart = tk.likert_bars(tk.proportion(design, "trust"), title="T", order="total", totals=1)
    totals = [float(cell.rstrip("%")) for cell in chart.table["A lot (total)"]]
    assert totals == sorted(totals, reverse=True)
    assert chart.table["A lot (total)"].tolist() == chart.table["A lot"].tolist()
    with pytest.raises(DataError, match="not enough answers"):
        tk.likert_bars(tk.proportion(design, "trust"), title="T", totals=2)


def test_an_axis_that_leaves_zero_out_says_so(design: tk.Design) -> None:
    words, said = "the axis does not start at 0", []
    for estimate in (tk.mean(design, "score"), tk.proportion(design, "trust_0", level="A lot")):
        chart = tk.dot_interval(estimate, title="T")
        starts_above_zero = chart.figure().axes[0].get_xlim()[0] > 0
        said.append(any(words in text for text in drawn(chart)))
        assert said[-1] == starts_above_zero
    assert said[0]


def test_a_house_style_changes_the_picture_and_not_the_numbers(design: tk.Design, tmp_path: Path) -> None:
    chart = every_figure(design)["bars"]
    chart.save(tmp_path / "logo.png")
    style = tk.house_style(
        accent="navy", scale=["black", "white"], ground="#eee", font="STIXGeneral", logo=tmp_path / "logo.png"
    )
    assert chart.styled(style).png() != chart.png()
    assert repr(chart.styled(style)) == repr(chart)


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ({"accent": "teeal"}, "not a colour"),
        ({"kinds": ["red"]}, "list of two or more colours"),
        ({"font": "Deja Vu Sans"}, "did you mean 'DejaVu Sans'"),
        ({"font": "zzzz"}, "install it"),
        ({"logo": "nowhere.png"}, "cannot be read"),
    ],
)
def test_a_style_that_cannot_be_is_refused(argument: dict[str, object], message: str) -> None:
    with pytest.raises(DataError, match=message):
        tk.house_style(**argument)


def test_a_chart_with_too_many_rows_is_refused() -> None:
    frame = pd.DataFrame({"q": [f"answer {k}" for k in range(700)]})
    with pytest.raises(DataError, match="too many rows"):
        tk.dot_interval(tk.proportion(tk.Design(frame), "q"), title="T").figure()


def test_a_table_may_have_columns_that_are_named_by_numbers() -> None:
    table = tk.data_table(pd.DataFrame({5: [0.25], 50: [0.4]}), title="T", shares=())._parts()[1]
    assert table.iloc[0].to_dict() == {"5": "0.25", "50": "0.4"}


def test_differences_of_shares_in_a_table_are_in_points_with_one_decimal() -> None:
    frame = pd.DataFrame({"group": ["a", "b"], "share": [0.4, 0.29591], "change": [0.0, -0.104084]})
    table = tk.data_table(frame, title="T", shares="share", points="change")._parts()[1]
    assert table["change, points"].tolist() == ["0.0", "-10.4"]
    with pytest.raises(DataError, match="'group' is not a column of numbers"):
        tk.data_table(frame, title="T", points="group")
