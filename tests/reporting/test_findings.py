"""What a study found: read from what its notebooks show below their charts."""

from __future__ import annotations

import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from trustkit.display import html_table
from trustkit.reporting.findings import Finding, findings_of

TABLE = pd.DataFrame(
    {
        "answer": ["No", "Yes & more"],
        "proportion": ["9.1%", "40.0%"],
        "95% interval": ["8% to 10%", "38% to 42%"],
        "n": ["1,200", "1,200"],
    }
)


def notebook(*tables, headline="Do you trust <brands>?"):
    head = f'<p class="tk-headline"><strong>{headline.replace("<", "&lt;")}</strong></p>' if headline else ""
    shown = [f"{head}<details>{html_table(table, caption='Numbers')}</details>" for table in tables]
    outputs = [new_output("display_data", data={"text/html": html}) for html in shown]
    return new_notebook(cells=[new_code_cell("chart", outputs=outputs)])


def test_the_largest_estimate_of_a_chart_is_its_finding():
    assert findings_of(notebook(TABLE)) == [
        Finding("Do you trust <brands>?", "Yes & more", "40.0%", "38% to 42%", "95% interval", "1,200")
    ]


def test_a_chart_of_one_estimate_is_told_by_its_headline():
    (found,) = findings_of(notebook(TABLE.tail(1)))
    assert (found.what, found.number) == ("", "40.0%")


def test_charts_are_told_in_their_order():
    other = TABLE.assign(proportion=["1,300.5", "20.1"])
    assert [found.number for found in findings_of(notebook(TABLE, other))] == ["40.0%", "1,300.5"]


def test_an_answer_that_is_a_number_is_not_taken_for_the_estimate():
    (found,) = findings_of(notebook(TABLE.assign(answer=["10", "9"])))
    assert (found.what, found.number) == ("9", "40.0%")
    with_error = TABLE.assign(answer=["10", "9"]).assign(error="0.7%")[
        [*TABLE.columns[:2], "error", *TABLE.columns[2:]]
    ]
    (found,) = findings_of(notebook(with_error.rename(columns={"error": "standard error"})))
    assert (found.what, found.number) == ("9", "40.0%")


@pytest.mark.parametrize(
    "table",
    [
        TABLE.drop(columns="95% interval"),
        TABLE.drop(columns="n"),
        TABLE.assign(proportion="-"),
        TABLE.head(0),
    ],
)
def test_what_shows_no_estimate_has_no_finding(table):
    assert findings_of(notebook(table)) == []


def test_a_table_without_a_headline_is_no_chart():
    assert findings_of(notebook(TABLE, headline="")) == []


def test_a_heading_above_rows_is_part_of_what_an_estimate_is_of():
    rows = pd.DataFrame(
        {
            "country": ["UK", "UK", "US", "US"],
            "sex": ["Female", "Male"] * 2,
            "proportion": ["9.1%", "40.0%", "3.0%", "2.0%"],
            "95% interval": ["8% to 10%", "38% to 42%", "1% to 4%", "1% to 3%"],
            "n": ["1,200"] * 4,
        }
    )
    (found,) = findings_of(notebook(rows))
    assert (found.what, found.number) == ("UK, Male", "40.0%")
