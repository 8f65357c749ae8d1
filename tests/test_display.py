"""How values show themselves: text from data stays text, whatever it holds."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from markdown_it import MarkdownIt

import trustkit as tk
from trustkit.display import (
    for_notebook,
    html_table,
    markdown_table,
    show_number,
    show_numbers,
    show_share,
    text_table,
    visible,
)

MANY_SCRIPTS = "na\u00efve \u05e9\u200f \u0e44 \U0001f468\u200d\U0001f469"


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\x00b\x07\x9b", "a\\x00b\\x07\\x9b"),
        ("\u202etxt.exe", "\\u202etxt.exe"),
        ("\udcff", "\\udcff"),
        ("\u2028", "\\u2028"),
        ("two\r\nlines\tand a tab", "two\nlines\tand a tab"),
        (MANY_SCRIPTS, MANY_SCRIPTS),
    ],
)  # fmt: skip
def test_control_characters_are_written_out_and_all_writing_systems_are_left_alone(typed, shown):
    assert visible(typed) == shown


def test_a_cell_with_line_breaks_stays_in_its_row_of_a_text_table():
    table = pd.DataFrame({"a\nname": ["x\r\ny", "z\x1b[2J"], "n": ["1", "2"]})
    assert text_table(table).splitlines() == ["a name    n", "x y       1", "z\\x1b[2J  2"]


def test_markup_in_a_table_is_text_in_its_html():
    hostile = "<img src=x onerror=alert(1)>\x1b</table><script>"
    found = BeautifulSoup(html_table(pd.DataFrame({hostile: [hostile]}), caption=hostile), "html.parser")
    shown = hostile.replace("\x1b", "\\x1b")
    assert [tag.get_text() for tag in found.find_all(["caption", "th", "td"])] == [shown] * 3
    assert {tag.name for tag in found.find_all()} == {"table", "caption", "thead", "tr", "th", "tbody", "td"}


def test_only_a_table_with_dollars_or_backslashes_is_kept_from_the_typesetting_of_formulas():
    assert "mathjax_ignore" in html_table(pd.DataFrame({"a": ["$5 or $6"]}), caption="")
    assert "mathjax_ignore" not in html_table(pd.DataFrame({"a": ["5 or 6"]}), caption="")


@pytest.mark.parametrize(
    "typed", ["<script>run()</script>", "a | b", "*x* _y_ `z`", "$x$ {{ y }}", "1. one", "- two"]
)
def test_markup_in_a_table_is_text_in_its_markdown(typed):
    text = markdown_table(pd.DataFrame({typed: [typed]}))
    found = BeautifulSoup(MarkdownIt("commonmark").enable("table").render(text), "html.parser")
    assert [tag.get_text() for tag in found.find_all(["th", "td"])] == [typed] * 2
    assert {tag.name for tag in found.find_all()} == {"table", "thead", "tr", "th", "tbody", "td"}


def test_looks_are_written_only_into_tags_of_our_own():
    typed = 'class="tk-number"'
    shown = for_notebook(html_table(pd.DataFrame({"a": [typed]}), caption=typed))
    found = BeautifulSoup(shown, "html.parser")
    assert [tag.get_text() for tag in found.find_all(["caption", "td"])] == [typed] * 2
    assert all(tag.get("style") for tag in found.find_all(["table", "caption", "th", "td"]))


def test_a_long_heading_above_numbers_breaks_into_lines_and_the_numbers_do_not():
    shown = for_notebook(html_table(pd.DataFrame({"trust in all brands = No": ["31.1%"]}), caption=""))
    found = BeautifulSoup(shown, "html.parser")
    assert "white-space:normal" in found.th["style"]
    assert "white-space:nowrap" in found.td["style"]


def test_a_verdict_is_a_badge_and_any_other_word_in_its_column_is_text():
    table = html_table(
        pd.DataFrame({"verdict": ["reproduced", "<b>"], "reason": ["reproduced", ""]}), caption=""
    )
    found = BeautifulSoup(table, "html.parser")
    assert [tag.get_text() for tag in found.select("span.tk-verdict-reproduced")] == ["reproduced"]


def test_what_the_first_column_repeats_stands_once_above_its_rows_in_html_and_in_each_row_as_text():
    ages = pd.DataFrame({"variable": ["age"] * 2 + ["sex"] * 2, "level": list("abcd"), "n": list("1234")})
    page = BeautifulSoup(html_table(ages, caption="Sample"), "html.parser")
    heads = [(head.text, head["scope"], head["colspan"]) for head in page.select("tbody th")]
    assert heads == [("age", "rowgroup", "2"), ("sex", "rowgroup", "2")]
    assert [len(body.select("td")) for body in page.select("tbody")] == [4, 4]
    assert page.select_one("thead th").get_text("|") == "variable|level"
    assert text_table(ages).count("age") == 2


@pytest.mark.parametrize(
    "rows",
    [
        {"variable": ["age", "sex", "age", "sex"], "level": list("abcd"), "n": list("1234")},
        {"variable": ["age", "age", "", ""], "level": list("abcd"), "n": list("1234")},
        {"variable": ["age"] * 4, "n": list("1234"), "level": list("abcd")},
        {"variable": list("wxyz"), "level": list("abcd"), "n": list("1234")},
        {"variable": ["age"] * 2 + ["sex"], "level": list("abc"), "n": list("123")},
    ],
)
def test_a_first_column_that_does_not_only_divide_the_rows_stays_a_column(rows):
    assert "rowgroup" not in html_table(pd.DataFrame(rows), caption="Sample")


def test_numbers_of_a_column_have_the_same_decimals():
    shown = show_numbers([12.25, -3.0, float("nan"), 1234.0])
    assert shown == ["12.2", "-3.0", "-", "1,234.0"]
    assert show_numbers([4.601, 4.16, 3.86]) == ["4.601", "4.160", "3.860"]
    assert show_numbers([]) == []


@pytest.mark.parametrize(
    ("numbers", "shown"),
    [
        ([0.5, 1234.5], ["0.5", "1,234.5"]),
        ([0.0312, 82], ["0.031", "82.000"]),
        ([-0.0, 0.0, 1200], ["0", "0", "1,200"]),
        ([-0.001, 3.25], ["-0.001", "3.250"]),
        ([2e-9, -1e-17, 5.25], ["2e-09", "-1e-17", "5.25"]),
    ],
)
def test_the_smallest_number_of_a_column_is_never_shown_as_zero(numbers, shown):
    assert show_numbers(numbers) == shown


def test_a_number_that_is_rounded_to_zero_has_no_minus_sign():
    assert show_numbers([-0.004, 3.0], decimals=1) == ["0.0", "3.0"]
    assert (show_share(-0.0001), show_number(-0.0)) == ("0.0%", "0")


def test_a_number_in_powers_of_ten_stands_to_the_right_as_others_do():
    table = html_table(pd.DataFrame({"a": ["1e-17", "5.25"]}), caption="")
    assert table.count('<td class="tk-number">') == 2


def test_a_column_of_numbers_stays_one_where_some_of_its_cells_are_empty():
    table = html_table(pd.DataFrame({"p": ["0.04", ""], "note": ["", ""]}), caption="")
    assert table.count('<td class="tk-number">') == 2
    assert table.count('<td class="tk-text">') == 2


def displayed():
    """Return one of each value that people look at in a notebook."""
    folder = tk.example_folder("consumer_trust")
    survey = tk.read(folder / "responses.csv", codebook=folder / "codebook.yaml")
    claims = tk.read_claims(folder / "claims.yaml")
    design = tk.rake(tk.Design(tk.clean(survey)), folder / "targets.yaml")
    verdicts = tk.verify(claims, design)
    return {
        "codebook": survey.codebook,
        "variable": survey.codebook["trust_all_brands"],
        "claim": claims[0],
        "verdict": verdicts.verdicts[0],
        "survey": survey,
        "design": design,
        "log": design.log,
        "targets": tk.read_targets(folder / "targets.yaml"),
        "estimate": tk.proportion(design, "trust_all_brands"),
    }


def test_everything_that_people_look_at_shows_itself_in_lab_in_a_terminal_and_in_quarto():
    for name, value in displayed().items():
        html, text, markdown = value._repr_html_(), repr(value), value._repr_markdown_()
        cells = BeautifulSoup(html, "html.parser").find_all(["caption", "th", "td"])
        assert cells, name
        assert all("text-align" in cell["style"] for cell in cells), name
        assert len(text) < 4000, name
        assert "(name=" not in text, name
        assert markdown.startswith("**"), name


def test_a_codebook_shows_its_first_variables_and_folds_the_rest():
    book = displayed()["codebook"]
    found = BeautifulSoup(book._repr_html_(), "html.parser")
    assert len(found.select("table tr")) == len(book.variables) + 2
    assert found.details.summary.get_text() == f"The other {len(book.variables) - 10} variables"
    assert f"{len(book.variables)} variables: " in repr(book)


def test_a_table_s_title_has_a_class_of_its_own_as_captions_of_pictures_are_hidden_on_wide_pages():
    table = BeautifulSoup(html_table(pd.DataFrame({"a": ["1"]}), caption="Title"), "html.parser")
    assert table.caption["class"] == ["tk-title"]


def test_a_banners_columns_are_aligned_alike_and_units_elsewhere_change_nothing():
    banner = pd.DataFrame(
        {"answer": ["Yes"], "Total": ["60.0%"], "Men (A)": ["61.2% B"], "Women (B)": ["58.1%"]}
    )
    assert "--:" not in markdown_table(banner)
    html = html_table(banner, caption="Trust")
    assert (html.count('<td class="tk-text">'), html.count('<td class="tk-number">')) == (1, 3)
    assert 'class="tk-letters" style="display:block;' in for_notebook(html)  # below the number
    other = pd.DataFrame({"dose": ["10 kg"], "n": ["5"]})
    assert markdown_table(other).splitlines()[1] == "| :-- | --: |"


def test_the_letters_of_a_banner_stay_together_and_no_other_text_is_taken_for_them():
    html = html_table(pd.DataFrame({"answer": ["3 A"], "Men (B)": ["71.2% A C"]}), caption="Trust")
    assert '71.2% <span class="tk-letters">A C</span>' in html
    assert ">3 A<" in html


def test_what_arithmetic_says_of_a_published_figure_is_in_colour():
    html = for_notebook(html_table(pd.DataFrame({"verdict": ["cannot be checked"]}), caption="Checks"))
    assert 'class="tk-verdict-cannot-be-checked" style="white-space:nowrap' in html


def test_numbers_stand_at_the_right_also_where_styles_are_taken_out():
    html = for_notebook(html_table(pd.DataFrame({"answer": ["yes"], "n": ["12"]}), caption="Trust"))
    bare = re.sub(r' (?:style|class)="[^"]*"', "", html)
    assert '<td align="left">yes</td><td align="right">12</td>' in bare
    assert '<caption align="left">' in bare


def test_a_title_is_as_wide_as_it_needs_however_narrow_its_table_is():
    html = for_notebook(html_table(pd.DataFrame({"n": ["12"]}), caption="39.5% of 43 respondents"))
    style = BeautifulSoup(html, "html.parser").caption["style"]
    widths = dict(part.split(":") for part in style.split(";"))
    assert widths["margin-right"] == f"-{widths['max-width']}"


@pytest.mark.parametrize(
    ("cells", "right"),
    [
        (["-", "-"], False),
        (["", "-"], False),
        (["", "0.749"], True),
        (["[c]", "31.1%"], True),
        (["[low]", "[x]"], True),
        (["[note]", "3"], False),
    ],
)
def test_a_column_is_one_of_numbers_if_it_has_any_and_a_mark_stands_for_one(cells, right):
    table = html_table(pd.DataFrame({"p": cells}), caption="")
    assert ('<td class="tk-number">' in table) is right
    assert ('<td class="tk-text">' in table) is not right


def test_the_steps_of_weights_and_a_consent_string_show_themselves_as_tables():
    design = displayed()["design"]
    assert repr(design.history).splitlines()[0] == "Weighting steps"
    assert len(BeautifulSoup(design.history._repr_html_(), "html.parser").select("tbody tr")) == 1
    assert design.history[0].step == "rake"
    text = tk.decode_tcf("CPBFOSAPEu6zIr5KkyEN4ECAAAAAAH_gAACYAAALzgBgACAAQAvMAAAA")
    assert "vendors with legitimate interest       2, 8, 755" in repr(text)
