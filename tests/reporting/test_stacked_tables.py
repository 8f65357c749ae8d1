"""Tables too wide for a phone become cards on a narrow screen, and all others stay tables."""

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


def test_tables_of_numbers_and_of_many_columns_and_of_short_texts_stay_tables():
    numbers = pd.DataFrame({"question": [WORDS], "share": ["40.0%"], "n": ["1,000"]})
    many = pd.DataFrame({f"column {k}": [WORDS] for k in range(11)})
    short = pd.DataFrame({"design": ["respondents", "weights"], "value": ["5,240", "raking"]})
    for frame in (numbers, numbers.drop(columns="n"), many, short, LONG.assign(answers="Yes", wording="Sex")):
        assert "tk-stacked" not in stacked(html_table(frame, caption="Shares"))


def test_questions_and_their_long_answers_in_two_columns_become_cards():
    assert "tk-stacked" in stacked(html_table(LONG[["wording", "answers"]], caption="Items"))


def test_a_heading_that_holds_marks_is_named_in_each_cell_without_breaking_it():
    table = stacked(html_table(LONG.rename(columns={"answers": 'say "<yes>"'}), caption="Questions"))
    assert table.count('data-name="say &quot;&lt;yes&gt;&quot;"') == len(LONG)


def test_a_heading_cannot_end_the_attribute_that_names_it():
    plain = html_table(LONG, caption="Questions").replace(">answers</th>", '>a" onclick="b</th>')
    assert 'onclick="b"' not in stacked(plain)
    assert stacked(plain).count('data-name="a&quot; onclick=&quot;b"') == len(LONG)


INTERVALS = pd.DataFrame(
    {
        "reason": ["don't know", "refused"], "item nonresponse": ["5.9%", "1.2%"],
        "standard error": ["0.4%", "0.2%"], "95% interval": ["5.1% to 6.8%", "0.9% to 1.7%"],
        "respondents": ["306", "61"], "n asked": ["5,240", "5,240"],
    }
)  # fmt: skip


def test_numbers_that_do_not_fit_beside_each_other_become_cards():
    assert "tk-stacked" in stacked(html_table(INTERVALS, caption="Item nonresponse"))
    fewer = INTERVALS[["reason", "item nonresponse", "95% interval", "n asked"]]
    assert "tk-stacked" not in stacked(html_table(fewer, caption="Item nonresponse"))


def test_a_table_that_compares_across_its_rows_stays_a_table():
    shares = pd.DataFrame({"answer": ["Yes", "No"], **{f"Group {k}": ["40.0%", "60.0%"] for k in range(7)}})
    shares["n"] = ["1,000", "1,000"]
    banner = pd.DataFrame({"answer": ["Yes"], **{f"Group ({letter})": ["40.0% B"] for letter in "ABCDEF"}})
    for frame in (shares, banner):
        assert "tk-stacked" not in stacked(html_table(frame, caption="Shares by group"))


def test_short_texts_of_a_card_stand_beside_its_numbers_and_long_ones_do_not():
    short = LONG.assign(answers=["not published", "1,000"])
    wide = short.assign(asked=WORDS)
    table = stacked(html_table(wide, caption="Questions"))
    assert table.count("tk-brief") == len(LONG)
    assert 'class="tk-text tk-brief" role="cell" data-name="answers"' in table


def test_a_table_with_a_dollar_in_it_becomes_cards_too():
    table = stacked(html_table(LONG.replace("Sex", "$5 and $6"), caption="Questions"))
    assert 'class="tk-table tk-stacked mathjax_ignore"' in table


def written(heads, *rows, numbers=()):
    """Return a table as Sphinx writes it of Markdown: nothing is marked but numbers to the right."""

    def row(tag, cells):
        sides = [' class="text-right"' if place in numbers else "" for place in range(len(cells))]
        return "".join(f"<{tag}{side}><p>{cell}</p></{tag}>" for side, cell in zip(sides, cells, strict=True))

    body = "".join(f"<tr>{row('td', cells)}</tr>" for cells in rows)
    return f'<table class="table"><thead><tr>{row("th", heads)}</tr></thead><tbody>{body}</tbody></table>'


def test_a_table_written_in_markdown_becomes_cards_by_the_same_rule():
    table = stacked(written(("kind", "file", "checked"), ("<code>own</code>", WORDS, WORDS), ("tcf", "", "")))
    assert table.startswith('<table role="table" class="table tk-stacked">')
    assert table.count('role="columnheader"') == table.count('data-name="checked"') + 1 == 3
    assert table.count('class="tk-brief" role="cell" data-name="kind"') == 2
    assert '<td role="cell" data-name="checked"></td>' in table
    assert "tk-stacked" not in stacked(written(("term", "meaning"), ("base", WORDS)))
    assert "tk-stacked" not in stacked(written(("p", "n", "mean"), ("0.05", "1000", "94.0"), numbers=(1, 2)))


def test_a_formula_or_a_name_in_a_written_table_is_not_broken_to_make_it_fit():
    short = [("a", "b c d", "e f"), ("g", "h i j", "k l")]
    assert "tk-stacked" not in stacked(written(("method", "weights", "equals"), *short))
    long = [("a", "<math>" + "x" * 40 + "</math>", "e f"), *short]
    assert "tk-stacked" in stacked(written(("method", "weights", "equals"), *long))


def test_a_card_marks_the_cells_without_a_number_so_that_it_can_leave_them_out():
    table = stacked(html_table(LONG.assign(asked=["-", "\N{EN DASH}"]), caption="Questions"))
    assert table.count('class="tk-none tk-') == len(LONG)
