"""Published notebooks: small cells are hidden in tables, charts, downloads and copies, over all pages."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

import trustkit as tk
from trustkit.counted import UNPROTECTED
from trustkit.errors import ReportError
from trustkit.ledger import COUNTS_MIME
from trustkit.reporting.protected_pages import protected_pages
from trustkit.reporting.shown_tables import shown_tables
from trustkit.tables.marks import WITHHELD

TABLE = np.array([[82, 53, 38, 6], [120, 90, 70, 45]])


def design(table=TABLE):
    """A survey with a cell of six respondents."""
    codes = np.repeat(np.argwhere(table + 1), table.ravel(), axis=0)
    frame = pd.DataFrame({"trust": np.array(["no", "yes"])[codes[:, 0]]})
    return tk.Design(frame.assign(group=np.array(list("abcd"))[codes[:, 1]]))


def as_output(result):
    """What Jupyter stores of a result."""
    data = {"text/plain": repr(result), "text/html": result._repr_html_(), **result._repr_mimebundle_()}
    return new_output("display_data", data=json.loads(json.dumps(data)))


def as_outputs(chart, monkeypatch):
    """What Jupyter stores of a chart."""
    shown = []
    monkeypatch.setattr(
        "IPython.display.display",
        lambda data, *, raw, metadata=None: shown.append(
            new_output("display_data", data=json.loads(json.dumps(data)), metadata=metadata or {})
        ),
    )
    chart._ipython_display_()
    return shown


def notebook(*outputs):
    """A notebook of one cell."""
    return new_notebook(cells=[new_code_cell("show", outputs=list(outputs))])


def test_a_cell_that_follows_from_another_page_is_hidden_with_others():
    one_way, two_way = tk.proportion(design(), "trust"), tk.proportion(design(), "trust", by="group")
    found = protected_pages([("a", notebook(as_output(one_way))), ("b", notebook(as_output(two_way)))])
    data = found.notebooks[1].cells[0].outputs[0].data
    (table,) = shown_tables(data["text/html"])
    place = table.header.index("proportion")
    hidden = [row for row in table.rows if row[place] == "[c]"]
    assert len(hidden) >= 4
    assert ["d", "no"] in [list(row[:2]) for row in hidden]
    assert all(row[place + 1 : place + 3] == ("[c]", "[c]") for row in hidden)
    expected = tk.protect([one_way, two_way]).tables[1]
    assert [list(row) for row in table.rows] == expected.table.astype(str).to_numpy().tolist()


def test_neither_text_nor_ledger_of_a_published_notebook_has_a_hidden_number():
    two_way = tk.proportion(design(), "trust", by="group")
    (share,) = [f"{100 * 6 / 51:.1f}%"]
    assert share in repr(two_way)
    found = protected_pages([("a", notebook(as_output(two_way)))])
    stored = json.dumps(found.notebooks[0])
    assert share not in stored
    assert COUNTS_MIME not in stored
    assert "[c] confidential" in stored
    assert not found.notebooks[0].cells[0].outputs[0].data.keys() - {"text/html", "text/plain"}


def test_the_ledger_of_a_site_has_only_counts_that_are_published():
    two_way = tk.proportion(design(), "trust", by="group")
    counts = protected_pages([("a", notebook(as_output(two_way)))]).counts
    (table,) = counts["pages"]["a"]
    assert table["groups"] == [["a"], ["b"], ["c"], ["d"]]
    place = table["answers"].index("no")
    assert table["counts"][3][place] is None
    known = [count for row in table["counts"] for count in row if count is not None]
    assert known
    assert min(known) >= 10


def test_the_notebook_that_is_given_stays_as_it_is():
    given = notebook(as_output(tk.proportion(design(), "trust", by="group")))
    before = json.dumps(given)
    protected_pages([("a", given)])
    assert json.dumps(given) == before


def test_a_chart_with_a_hidden_number_is_withheld_and_its_table_is_kept(monkeypatch):
    chart = tk.dot_interval(
        tk.proportion(design(), "trust", by="group", level="no"), title="Trust", order="estimate"
    )
    outputs = as_outputs(chart, monkeypatch)
    found = protected_pages([("a", notebook(*outputs))])
    picture, below = found.notebooks[0].cells[0].outputs
    assert picture.data["text/plain"] == WITHHELD
    above = picture.data["text/html"]
    assert 0 <= above.index("Trust</strong>") < above.index(WITHHELD)
    assert "tk-headline" not in below.data["text/html"]
    assert set(picture.data) == {"text/html", "text/plain"}
    assert not picture.metadata
    (table,) = shown_tables(below.data["text/html"])
    assert ("d", "[c]", "[c]") in [row[:3] for row in table.rows]
    assert len(table.rows) == 4


def test_bars_with_a_hidden_answer_are_withheld_with_their_totals(monkeypatch):
    chart = tk.likert_bars(tk.proportion(design(), "trust", by="group"), title="Trust", totals=1)
    found = protected_pages([("a", notebook(*as_outputs(chart, monkeypatch)))])
    picture, below = found.notebooks[0].cells[0].outputs
    assert picture.data["text/plain"] == WITHHELD
    (table,) = shown_tables(below.data["text/html"])
    assert table.rows[3][1:5] == ("[c]",) * 4


def test_a_chart_without_a_hidden_number_is_shown(monkeypatch):
    chart = tk.dot_interval(tk.proportion(design(TABLE * 10), "trust", by="group"), title="Trust")
    outputs = as_outputs(chart, monkeypatch)
    found = protected_pages([("a", notebook(*outputs))])
    picture, below = found.notebooks[0].cells[0].outputs
    assert "image/png" in picture.data
    assert COUNTS_MIME in outputs[1].data
    assert COUNTS_MIME not in below.data


def test_results_at_the_desk_say_that_they_are_unprotected_only_where_a_cell_is_small():
    small = tk.proportion(design(), "trust", by="group")
    large = tk.proportion(design(TABLE * 10), "trust", by="group")
    for result in (small, tk.crosstab(design(), "trust", "group"), tk.banner(design(), ["trust"], ["group"])):
        assert UNPROTECTED in repr(result)
    assert UNPROTECTED not in repr(large)
    found = protected_pages([("a", notebook(as_output(small)))])
    assert UNPROTECTED not in json.dumps(found.notebooks[0])


def small_groups():
    """A survey with a group of three respondents and a group of one."""
    groups = ["Man"] * 60 + ["Woman"] * 50 + ["Other"] * 3 + ["Alone"]
    return tk.Design(pd.DataFrame({"age": np.arange(114.0) % 40 + 20, "group": groups}))


def published(result):
    """What a published notebook has of a result: its table, and all that is stored."""
    found = protected_pages([("a", notebook(as_output(result)))])
    output = found.notebooks[0].cells[0].outputs[0]
    (table,) = shown_tables(output.data["text/html"])
    return table, json.dumps(output)


def test_no_note_names_a_group_of_one_respondent():
    means = tk.mean(small_groups(), "age", by="group")
    table, stored = published(means)
    assert "Alone: it has only one respondent" in repr(means)
    assert "one respondent" not in stored
    assert ("Alone", "[c]", "[c]", "[c]", "[c]") in table.rows
    assert not [note for note in tk.protect([means]).tables[0].notes if "one respondent" in note]


def test_a_difference_from_a_hidden_number_is_hidden():
    means = tk.mean(small_groups(), "age", by="group")
    table, stored = published(tk.pairwise(means))
    shown = [row[:2] for row in table.rows if "[c]" not in row]
    assert shown == [("Man", "Woman")]
    assert all(row[2:] == ("[c]",) * 5 for row in table.rows if row[:2] not in shown)
    assert "one respondent" not in stored
    contrasts = [{"Man": 1, "Other": -1}, {"Man": 1, "Woman": -1}]
    rows = [published(tk.contrast(means, weights))[0].rows[0] for weights in contrasts]
    assert [row[1:].count("[c]") for row in rows] == [4, 0]
    assert "degrees of freedom" not in published(tk.contrast(means, contrasts[0]))[1]


def test_differences_of_small_groups_from_the_rest_are_hidden():
    shares = published(tk.difference_from_rest(design(), "trust", by="group", level="no"))[0].rows
    assert {row[0]: row[2:4] for row in shares}["d"] == ("[c]", "[c]")
    means = published(tk.difference_from_rest(small_groups(), "age", by="group"))[0].rows
    assert [row[0] for row in means if row[1:4] == ("[c]",) * 3] == ["Alone", "Other"]


def test_quantiles_and_indices_of_few_respondents_are_hidden():
    survey = small_groups()
    middle = published(tk.quantile(survey, "age", by="group"))[0].rows
    assert [row[0] for row in middle if row[2:] == ("[c]",) * 4] == ["Alone", "Other"]
    labels = ["Never", "Always"]
    answers = survey.data.assign(q=np.where(survey.data["age"] > 40, *labels))
    book = tk.Codebook(
        {
            "q": tk.Variable(
                "q",
                "Trust",
                "ordinal",
                codes={one: one for one in labels},
                scores={"Never": 0.0, "Always": 1.0},
            ),
            "group": tk.Variable(
                "group", "Group", "single", codes={one: one for one in ("Man", "Woman", "Other", "Alone")}
            ),
        }
    )
    index = published(tk.trust_index(tk.Design(answers, codebook=book), ["q"], of="respondents", by="group"))
    assert [row[0] for row in index[0].rows if row[1:] == ("[c]",) * 4] == ["Other", "Alone"]


def test_the_bars_of_a_distribution_with_few_respondents_are_withheld(monkeypatch):
    about = tk.Variable("q", "Trust, 0 to 10", "numeric", low=0, high=10)
    answers = pd.DataFrame({"q": np.repeat(np.arange(11.0), [3, *[20] * 10])})
    chart = tk.distribution(
        tk.Design(tk.Survey(answers, tk.Codebook({"q": about}))), "q", title="Trust", bands="trust"
    )
    found = protected_pages([("a", notebook(*as_outputs(chart, monkeypatch)))])
    picture, below = found.notebooks[0].cells[0].outputs
    assert picture.data["text/plain"] == WITHHELD
    (table,) = shown_tables(below.data["text/html"])
    hidden = [row[0] for row in table.rows if row[1:3] == ("[c]", "[c]")]
    assert hidden[0] == "0"
    assert len(hidden) > 1
    assert [row[0] for row in table.rows][-4:] == [*("Low or no trust", "Neutral"), table.rows[-2][0], "mean"]


def test_the_differences_of_a_chart_from_few_respondents_are_withheld(monkeypatch):
    means = tk.mean(small_groups(), "age", by="group")
    chart = tk.difference_dots(tk.contrast(means, {"Man": 1, "Other": -1}), title="Ages")
    found = protected_pages([("a", notebook(*as_outputs(chart, monkeypatch)))])
    picture, below = found.notebooks[0].cells[0].outputs
    assert picture.data["text/plain"] == WITHHELD
    assert shown_tables(below.data["text/html"])[0].rows[0][1:] == ("[c]",) * 3


def test_each_table_of_a_banner_that_is_shown_as_a_whole_is_protected():
    table = np.hstack([TABLE, TABLE])
    one = design(TABLE).data.assign(other=lambda data: data["trust"].replace({"no": "n", "yes": "y"}))
    book = tk.banner(tk.Design(one), ["trust", "other"], ["group"])
    found = protected_pages([("a", notebook(as_output(book)))])
    tables = shown_tables(found.notebooks[0].cells[0].outputs[0].data["text/html"])
    expected = tk.protect([book]).tables
    assert [[list(row) for row in shown.rows] for shown in tables] == [
        one.table.astype(str).to_numpy().tolist() for one in expected
    ]
    assert all("[c]" in str(shown.rows) for shown in tables)
    assert table.size


def test_the_respondents_of_all_groups_are_hidden_beside_the_rest_of_a_group_whose_base_is_hidden():
    rows = published(tk.difference_from_rest(small_groups(), "age", by="group"))[0].rows
    assert {row[-1] for row in rows} == {"[c]"}
    large = published(tk.difference_from_rest(design(), "trust", by="group", level="yes"))[0].rows
    assert {row[-1] for row in large} == {"504"}


def test_a_verdict_on_fewer_than_ten_respondents_is_refused():
    claim = tk.Claim("other", "Age of the others", 40, 0, tk.Reading("age", statistic="mean"))
    for group, refused in (("Other", True), ("Woman", False)):
        own = replace(claim, reading=replace(claim.reading, where={"group": group}))
        page = [("a", notebook(as_output(tk.verify([own], small_groups()))))]
        if refused:
            with pytest.raises(ReportError, match="fewer than 10 respondents"):
                protected_pages(page)
        else:
            assert protected_pages(page).notebooks


def sorted_rows(chart, monkeypatch):
    """The rows of the table below a published chart."""
    found = protected_pages([("a", notebook(*as_outputs(chart, monkeypatch)))])
    (table,) = shown_tables(found.notebooks[0].cells[0].outputs[-1].data["text/html"])
    return table.rows


def test_the_place_of_a_hidden_row_does_not_tell_between_which_others_its_number_is(monkeypatch):
    shares = tk.proportion(design(), "trust", by="group", level="yes")
    rows = sorted_rows(tk.dot_interval(shares, title="Trust", order="estimate"), monkeypatch)
    hidden = [row[0] for row in rows if "[c]" in row]
    assert hidden
    assert [row[0] for row in rows][-len(hidden) :] == sorted(hidden)
    assert shares.to_frame().sort_values("estimate", ascending=False)["group"].tolist()[0] in hidden
    same = sorted_rows(tk.dot_interval(shares, title="Trust"), monkeypatch)
    assert [row[0] for row in same] == list("abcd")


def test_respondents_are_rounded_in_tables_notes_pictures_and_ledger_if_the_rule_says_so(monkeypatch):
    shares = tk.proportion(design(TABLE * 10), "trust", by="group", level="yes")
    chart = tk.dot_interval(shares, title="Trust")
    page = notebook(as_output(shares), *as_outputs(chart, monkeypatch))
    rounded = tk.Protection(rounding=100)
    found = protected_pages([("a", page)], rounded)
    stored = json.dumps(found.notebooks[0])
    exact = [f"{count:,}" for count in (TABLE * 10).sum(axis=0)]
    assert exact == ["2,020", "1,430", "1,080", "510"]
    assert not [count for count in exact if count in stored]
    (table,) = shown_tables(found.notebooks[0].cells[0].outputs[0].data["text/html"])
    assert [row[-1] for row in table.rows] == ["2,000", "1,400", "1,100", "500"]
    assert {count % 100 for group in found.counts["pages"]["a"] for count in group["n"]} == {0}
    assert all(count in json.dumps(protected_pages([("a", page)]).notebooks[0]) for count in exact)


def test_the_rule_of_the_study_hides_more(monkeypatch):
    two_way = tk.proportion(design(TABLE * 2), "trust", by="group")
    page = [("a", notebook(as_output(two_way)))]
    assert "[c]" not in json.dumps(protected_pages(page).notebooks[0])
    assert "[c]" in json.dumps(protected_pages(page, tk.Protection(threshold=15)).notebooks[0])


def cleaned():
    """A survey from which one step removed three respondents, and another forty."""
    rows = pd.DataFrame({"seen": ["yes"] * 100 + ["no"] * 3 + ["never"] * 40, "age": np.arange(143.0) % 40})
    seen = tk.Variable("seen", "Seen?", "single", codes={1: "yes", 2: "no", 3: "never"})
    survey = tk.Survey(rows, tk.Codebook({"seen": seen, "age": tk.Variable("age", "Age", "numeric")}))
    survey = tk.keep_where(survey, where={"seen": ["yes", "no"]}, reason="never saw it")
    return tk.drop_where(survey, where={"seen": "no"}, reason="did not see it")


def test_the_trail_of_a_verdict_does_not_tell_that_a_step_removed_three_respondents():
    claim = tk.Claim("age", "Age", 20, 0, tk.Reading("age", statistic="mean"))
    output = as_output(tk.verify([claim], tk.Design(cleaned())))
    (given,) = output.data["application/vnd.trustkit.verdicts+json"]
    assert [step["removed"] for step in given["trail"]][:2] == [40, 3]
    left = protected_pages([("a", notebook(output))]).notebooks[0].cells[0].outputs[0]
    (told,) = left.data["application/vnd.trustkit.verdicts+json"]
    assert next((step["n"], step["removed"]) for step in told["trail"]) == (100, 0)
    assert 3 not in [step["removed"] for step in told["trail"]]
    assert 103 not in [step["n"] for step in told["trail"]]


def test_a_rule_that_counts_few_answers_by_their_reason_is_published_without_the_number():
    log = cleaned().log
    step = replace(
        log.steps[-1], rule="answers by reason: refused 4, skipped 327", n_before=100, reason="set"
    )
    output = as_output(replace(log, steps=(*log.steps[:-1], replace(step, n_after=100))))
    (table,) = shown_tables(
        protected_pages([("a", notebook(output))]).notebooks[0].cells[0].outputs[0].data["text/html"]
    )
    assert "answers by reason: refused [c], skipped 327" in [row[1] for row in table.rows]
