"""Tables of long texts become cards on a narrow screen, and all others stay tables."""

import pandas as pd

from trustkit.display import html_table
from trustkit.reporting.stacked_tables import stacked

WORDS = "a text that is longer than the forty letters of a cell"
LONG = pd.DataFrame({"wording": [WORDS, "Sex"], "answers": ["Yes; No", WORDS], "asked": ["", "all"]})


def test_a_table_of_long_texts_names_the_column_in_each_cell():
    table = stacked(html_table(LONG, caption="Questions"))
    assert 'class="tk-table tk-stacked"' in table
    assert table.count('data-name="answers"') == len(LONG)


def test_a_table_keeps_its_roles_where_its_parts_become_blocks():
    table = stacked(html_table(LONG, caption="Questions"))
    assert [table.count(f'role="{role}"') for role in ("table", "row", "cell", "columnheader")] == [
        1,
        3,
        6,
        3,
    ]


def test_tables_of_numbers_of_two_columns_and_of_many_columns_stay_tables():
    numbers = pd.DataFrame({"question": [WORDS], "share": ["40.0%"], "n": ["1,000"]})
    many = pd.DataFrame({f"column {k}": [WORDS] for k in range(9)})
    two = LONG[["wording", "answers"]].assign(wording="Sex")
    for frame in (numbers, two, many, LONG.assign(answers="Yes", wording="Sex")):
        assert "tk-stacked" not in stacked(html_table(frame, caption="Shares"))


def test_a_heading_that_holds_marks_is_named_in_each_cell_without_breaking_it():
    table = stacked(html_table(LONG.rename(columns={"answers": 'say "<yes>"'}), caption="Questions"))
    assert table.count('data-name="say &quot;&lt;yes&gt;&quot;"') == len(LONG)


def test_a_heading_cannot_end_the_attribute_that_names_it():
    plain = html_table(LONG, caption="Questions").replace(">answers</th>", '>a" onclick="b</th>')
    assert 'onclick="b"' not in stacked(plain)
    assert stacked(plain).count('data-name="a&quot; onclick=&quot;b"') == len(LONG)


def test_two_columns_become_cards_where_the_first_holds_long_texts():
    assert "tk-stacked" in stacked(html_table(LONG[["wording", "answers"]], caption="Items"))


def test_a_card_marks_the_cells_without_a_number_so_that_it_can_leave_them_out():
    table = stacked(html_table(LONG.assign(asked=["-", "\N{EN DASH}"]), caption="Questions"))
    assert table.count('class="tk-none tk-') == len(LONG)
