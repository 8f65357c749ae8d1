"""How values show themselves: text from data stays text, whatever it holds."""

from __future__ import annotations

import pandas as pd
import pytest
from bs4 import BeautifulSoup

from trustkit.display import html_table, text_table, visible

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
