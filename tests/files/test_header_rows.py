"""Titles above a header are skipped and said to be; wordings and ids below it are no respondents."""

from __future__ import annotations

import pytest
import survey_files

from trustkit.drafting.draft import draft_codebook
from trustkit.errors import DataError
from trustkit.files.header_rows import second_rows, titles_above
from trustkit.files.read import read

HEAD = ["id", "sex", "trust"]
ROWS = [[str(number), "mf"[number % 2], ["Yes", "No", "Maybe"][number % 3]] for number in range(1, 9)]
WORDED = ["Number of the interview", "What is your sex?", "How much do you trust your bank?"]


def table(path, rows, delimiter=","):
    """Write rows as a delimited file or, by the suffix, as a workbook."""
    if path.suffix == ".xlsx":
        width = max(map(len, rows))
        cells = [[int(cell) if cell.isdigit() else cell for cell in row] for row in rows]
        return survey_files.workbook(path, [[*row, *[""] * (width - len(row))] for row in cells])
    path.write_text("\n".join(delimiter.join(row) for row in rows) + "\n")
    return path


@pytest.mark.parametrize("above", [[["Survey of 2025"]], [["Survey", "", ""], ["", "", ""], ["May", "", ""]]])
@pytest.mark.parametrize(("name", "delimiter"), [("a.csv", ","), ("a.csv", ";"), ("a.xlsx", "")])
def test_rows_above_the_header_are_skipped_and_counted_in_the_log(tmp_path, above, name, delimiter):
    found = read(table(tmp_path / name, [*above, HEAD, *ROWS], delimiter))
    assert list(found.data) == HEAD
    assert len(found.data) == len(ROWS)
    assert found.data["id"].tolist() == list(range(1, 9))
    count = "1 row above the header was" if len(above) == 1 else "3 rows above the header were"
    assert f"{count} skipped" in found.log.steps[0].reason


def test_a_row_that_does_not_fit_is_named_by_its_line_below_a_title(tmp_path):
    path = table(tmp_path / "a.csv", [["Survey of 2025"], HEAD, *ROWS * 3, ["1", "m"]])
    with pytest.raises(DataError, match="does not fit") as refused:
        read(path)
    assert refused.value.where.endswith(":27")


@pytest.mark.parametrize("first", [["Survey", "", ""], ["", "", ""]])
def test_a_header_with_one_name_beside_blanks_is_refused(tmp_path, first):
    with pytest.raises(DataError, match="names one column or none"):
        read(table(tmp_path / "a.csv", [first, *ROWS]))


@pytest.mark.parametrize(
    "rows",
    [
        [["", "trust"], ["0", "Yes"], ["1", "No"]],
        [["id", "", "trust"], ["a", "b", "c"], ["d", "e", "f"]],
        [["colours"], ["red"], ["blue"]],
        [["id", "words"], ["a", "fine"], ["b", "good"], ["c", "bad"]],
    ],
)
def test_ordinary_tables_have_no_title(rows):
    assert titles_above(rows) == 0
    assert second_rows(rows) == 0


def test_answers_joined_in_one_column_stay_in_it(tmp_path):
    path = table(tmp_path / "a.csv", [["brands"], ["a; b; c"], ["b; c; a"], ["a; c; b"], ["c; a; b"]])
    assert read(path).data.shape == (4, 1)


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
@pytest.mark.parametrize("ids", [[], [["QID1", "QID2", "QID3"]]])
def test_a_row_of_wordings_becomes_labels_for_review(tmp_path, name, ids):
    found = read(table(tmp_path / name, [HEAD, WORDED, *ids, *ROWS]))
    assert len(found.data) == len(ROWS)
    assert [variable.label for variable in found.codebook.variables.values()] == WORDED
    assert all("second row" in variable.review for variable in draft_codebook(found).variables.values())
    assert f"{2 + len(ids)} header rows" in found.log.steps[0].reason


def test_a_first_answer_in_long_words_is_no_wording():
    rows = [
        ["id", "why", "also"],
        ["1", "It costs too much", "I never liked it"],
        *[[str(at), "no", "ok"] for at in range(2, 9)],
    ]
    assert second_rows(rows) == 0


PARTS = [["ask first", "keep data safe"], ["Fragen vorher", "Schützen Daten"], ["2024 wave", "2025 wave"]]


@pytest.mark.parametrize("parts", PARTS)
@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_parts_below_a_merged_header_cell_are_wordings_and_no_respondent(parts, suffix, tmp_path):
    head = [["id", "consent", "I trust brands to", None], [None, None, *parts]]
    answers = [[f"p{k}", "Yes" if k % 3 else "No", ["Agree", "Disagree"][k % 2], "Agree"] for k in range(12)]
    rows = [[cell or "" for cell in row] for row in [*head, *answers]]
    path = table(tmp_path / f"export{suffix}", rows)
    survey = read(path)
    assert len(survey.data) == len(answers)
    labels = [variable.label for variable in survey.codebook.variables.values()]
    assert labels[2:] == [f"I trust brands to - {part}" for part in parts]


def test_a_first_respondent_with_an_answer_below_a_blank_name_is_a_respondent(tmp_path):
    rows = [
        ["id", "city", ""],
        ["1", "Graz", "north"],
        ["2", "Linz", ""],
        ["3", "Wien", "north"],
        ["4", "Graz", ""],
    ]
    assert len(read(table(tmp_path / "export.csv", rows)).data) == 4
