"""Sums among the rows of a table and notes below it are no respondents; the drafted cleaning drops them."""

from __future__ import annotations

import pandas as pd
import pytest

import trustkit as tk
from trustkit.cleaning.clean import clean
from trustkit.drafting.draft import draft_codebook
from trustkit.files.read import read

NORTH, SOUTH = [[k % 4, "mf"[k % 2]] for k in range(12)], [[k % 3 + 1, "mf"[k % 2]] for k in range(10)]
TOTALS = sum(count for count, _ in NORTH), sum(count for count, _ in SOUTH)


def exported(rows, head, folder):
    pd.DataFrame(rows, columns=head).to_csv(folder / "export.csv", index=False)
    survey = read(folder / "export.csv")
    return survey, draft_codebook(survey)


def blocks(first, second, last=None):
    """Return rows of two regions with the sum of each below it, and of both at the end."""
    rows = [*(["North", *row] for row in NORTH), [first, TOTALS[0], None]]
    rows += [*(["South", *row] for row in SOUTH), [second, TOTALS[1], None]]
    return [*rows, [last, sum(TOTALS), None]] if last else rows


@pytest.mark.parametrize(
    "words",
    [
        ("Total North", "Total South", "Grand Total"), ("North total", "South total", "Total"),
        ("Subtotal", "Subtotal", None), ("Summe Nord", "Summe Süd", "Gesamt"),
        ("Total Norte", "Total Sur", "Total general"), ("Итого: север", "Итого: юг", "Итого"),
    ],
)  # fmt: skip
def test_sums_below_blocks_of_rows_are_found_and_dropped(words, tmp_path):
    survey, book = exported(blocks(*words), ["region", "visits", "sex"], tmp_path)
    dropped = 3 if words[2] else 2
    assert f"{dropped} rows hold totals" in book["region"].review
    assert book["region"].unsure
    assert book["region"].labels == ("North", "South")
    cleaned = clean(tk.read(survey.data, codebook=book))
    assert len(cleaned.data) == len(NORTH) + len(SOUTH)
    shares = tk.proportion(tk.Design(cleaned), "region")
    assert shares.estimate == pytest.approx([len(NORTH) / 22, len(SOUTH) / 22])


def test_sums_are_found_by_a_word_in_the_second_column(tmp_path):
    rows = [[f"p{k}", *row] for k, row in enumerate(blocks("Total North", "Total South", "Total"))]
    _, book = exported(rows, ["who", "region", "visits", "sex"], tmp_path)
    assert [step["where"] for step in book.cleaning] == [
        {"region": [f"{words} (no respondent)" for words in ("Total", "Total North", "Total South")]}
    ]


def test_an_answer_that_holds_the_word_total_is_a_respondent_if_its_numbers_sum_up_nothing(tmp_path):
    rows = blocks("Total North", "Total South")
    rows[12][1], rows[23][1] = 3, 2
    _, book = exported(rows, ["region", "visits", "sex"], tmp_path)
    assert book.cleaning == ()
    assert "Total North" in book["region"].labels


NOTES = [["Source: our own survey, 2025", None, None], ["* Weighted by age and sex", None, None]]


@pytest.mark.parametrize("first", ["id", "region"])
@pytest.mark.parametrize("blank", [True, False])
def test_notes_below_a_table_are_no_respondents(first, blank, tmp_path):
    cells = [str(k + 1) if first == "id" else ["North", "South"][k % 2] for k in range(30)]
    rows = [[cell, "Yes" if k % 3 else "No", 20 + k] for k, cell in enumerate(cells)]
    survey, book = exported(
        [*rows, *([[None, None, None]] if blank else []), *NOTES], [first, "q1", "age"], tmp_path
    )
    assert "2 rows hold notes below the table" in book[first].review
    kept = clean(tk.read(survey.data, codebook=book)).data
    assert kept["q1"].notna().sum() == len(rows)
    assert not kept[first].astype(str).str.contains("Weighted").any()


def test_a_respondent_who_answered_one_open_question_is_no_note(tmp_path):
    rows = [[f"it was a good day {k}", "Yes" if k % 3 else "No", 20 + k] for k in range(30)]
    _, book = exported([*rows, ["I liked the shop", None, None]], ["why", "q1", "age"], tmp_path)
    assert book.cleaning == ()


def test_a_last_respondent_who_only_has_an_id_is_no_note(tmp_path):
    rows = [[f"person {k}", "Yes" if k % 3 else "No", 20 + k] for k in range(30)]
    _, book = exported([*rows, ["person 31", None, None]], ["who", "q1", "age"], tmp_path)
    assert book.cleaning == ()
