"""Three commands lead from an export to the right table, with at most ten edited lines of the codebook."""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell
from study_files import (
    AGREE,
    TRUST,
    answers,
    excel_export,
    limesurvey_export,
    qualtrics_export,
    spss_export,
    stata_export,
)
from typer.testing import CliRunner

import trustkit as tk
from trustkit import cli

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MOST_EDITED = 10
"""How many lines of a drafted codebook may need an edit."""


@dataclass
class Format:
    """How a format is written, what its columns are called, and which lines of its draft need an edit."""

    file: str
    write: Callable[[Path], Path]
    names: tuple[str, str, str, str, str]  # of sex, age, trust, and the starts of agree_1 and way_1
    women: str = "A woman"
    ticked: str = "Yes"
    unticked_is_no_answer: bool = False  # whoever ticked nothing can't be told from who did not answer
    edits: dict[str, str] = field(default_factory=dict)

    def column(self, start: str, place: int) -> str:
        """Return the name of an item of a battery, or of a box."""
        return start.replace("#", str(place))


FORMATS = {
    "qualtrics": Format(
        "answers.csv",
        qualtrics_export,
        ("Q1", "Q2", "Q3", "Q4_#", "Q5_#"),
        "Woman",
        "Selected",
        True,  # noqa: FBT003
    ),
    "limesurvey": Format(
        "answers.csv", limesurvey_export, ("sex", "age", "trust", "agree[SQ00#]", "way[SQ00#]"), "Woman"
    ),
    "spss": Format("answers.sav", spss_export, ("SEX", "AGE", "TRUST", "AGREE_#", "WAY_#")),
    "stata": Format("answers.dta", stata_export, ("sex", "age", "trust", "agree_#", "way_#")),
    "excel": Format("answers.xlsx", excel_export, ("sex", "age", "trust", "agree_#", "way_#")),
}


def run(*arguments):
    return CliRunner().invoke(cli.app, [str(argument) for argument in arguments])


def right_table(form):
    """Return the weighted table of the respondents in the exports."""
    frame = answers()
    weights = frame["weight"]

    def share(hit, base):
        return float(np.average(hit[base], weights=weights[base]))

    table = {"women": share(frame["sex"] == 1, frame["sex"] != 9)}
    aged = frame["age"] <= (120 if form.unticked_is_no_answer or form.file.endswith("csv") else 998)
    table["mean age"] = float(np.average(frame["age"][aged], weights=weights[aged]))
    valid = frame["trust"] < 98
    table |= {f"trust {label}": share(frame["trust"] == code, valid) for code, label in TRUST.items()}
    ways = frame[[f"way_{place}" for place in (1, 2, 3)]]
    base = ways.any(axis=1) if form.unticked_is_no_answer else valid | True
    for place in (1, 2, 3):
        agree = frame[f"agree_{place}"]
        table |= {
            f"agree {place} {label}": share(agree == code, valid | True)
            for code, label in enumerate(AGREE, 1)
        }
        table[f"mean agree {place}"] = float(np.average(agree, weights=weights))
        table[f"way {place}"] = share(ways[f"way_{place}"] == 1, base)
    return table


def table_of(form, survey):
    """Return the same table from the study."""
    design = tk.Design(survey)
    sex, age, trust, agree, way = form.names

    def shares(name):
        frame = tk.proportion(design, name).to_frame()
        return dict(zip(frame["level"], frame["estimate"], strict=True))

    def mean(name):
        return tk.mean(design, name).to_frame()["estimate"].item()

    table = {"women": shares(sex)[form.women], "mean age": mean(age)}
    table |= {f"trust {label}": value for label, value in shares(trust).items()}
    for place in (1, 2, 3):
        name = form.column(agree, place)
        table |= {f"agree {place} {label}": value for label, value in shares(name).items()}
        table[f"mean agree {place}"] = mean(name)
        table[f"way {place}"] = shares(form.column(way, place))[form.ticked]
    return table


def study_of(form, folder):
    """Make a study by `new`, edit its codebook, and accept what the draft was not sure of."""
    made = run("new", folder / "mine", "--from", form.write(folder / form.file))
    assert made.exit_code == 0, made.output
    book = folder / "mine" / "data" / "raw" / "mine" / "codebook.yaml"
    lines = book.read_text(encoding="utf-8").splitlines()
    edited = [form.edits.get(line, line) for line in lines]
    book.write_text("\n".join(edited) + "\n", encoding="utf-8")
    unsure = [name for name, about in tk.read_codebook(book).variables.items() if about.unsure]
    if unsure:
        run("accept", folder / "mine", *unsure)
    run("accept", folder / "mine", "--sure")
    return folder / "mine", sum(old != new for old, new in zip(lines, edited, strict=True))


@pytest.mark.parametrize("name", FORMATS)
def test_new_and_accept_give_the_right_table_with_at_most_ten_edited_lines(name, tmp_path):
    form = FORMATS[name]
    study, edited = study_of(form, tmp_path)
    assert edited == len(form.edits) <= MOST_EDITED
    found = run("check", study)
    assert found.exit_code == 0, found.output
    raw = study / "data" / "raw" / "mine"
    survey = tk.read(raw / form.file, raw / "codebook.yaml")
    table, right = table_of(form, survey), right_table(form)
    assert table.keys() == right.keys()
    assert table == pytest.approx(right)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.site if name == "stata" else pytest.mark.nightly)
        for name in FORMATS
    ],
)
def test_report_shows_the_right_table(name, tmp_path):
    form = FORMATS[name]
    study, _ = study_of(form, tmp_path)
    found = run("report", study)
    assert found.exit_code == 0, found.output
    pages = " ".join(page.read_text(encoding="utf-8") for page in (study / "site").rglob("*.html"))
    shown = set(re.findall(r"\d+\.\d%", pages))
    expected = {f"{share:.1%}" for key, share in right_table(form).items() if key.startswith("trust ")}
    assert expected <= shown


def files(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


@pytest.mark.site
def test_a_report_whose_notebook_fails_leaves_the_last_site_byte_for_byte_and_no_folder_behind(
    tmp_path, monkeypatch
):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    (tmp_path / "answers.csv").write_text("id,trust\n" + "".join(f"{n},{n % 3}\n" for n in range(60)))
    study = tmp_path / "mine"
    assert run("new", study, "--from", tmp_path / "answers.csv").exit_code == 0
    assert run("report", study).exit_code == 0
    before = files(study / "site")
    beside = sorted(path.name for path in study.iterdir())
    assert "index.html" in before
    (path,) = (study / "notebooks").glob("*.ipynb")
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[-1] = new_code_cell("x = 1\nx / 0", id="wrong")
    nbformat.write(notebook, path)
    failed = run("report", study)
    assert failed.exit_code == 1
    said = str(failed.exception)
    assert f"{path.name}, line 2 of the cell" in said
    assert "ZeroDivisionError: division by zero" in said
    assert files(study / "site") == before
    assert sorted(path.name for path in study.iterdir()) == beside
    assert list(temporary.iterdir()) == []


def test_a_table_without_the_weight_of_the_draft_is_not_the_right_one(tmp_path):
    form = FORMATS["limesurvey"]
    study, _ = study_of(form, tmp_path)
    book = study / "data" / "raw" / "mine" / "codebook.yaml"
    text = book.read_text(encoding="utf-8")
    unweighted = text.replace("design: {weights: weight}\n", "")
    assert unweighted != text
    book.write_text(unweighted, encoding="utf-8")
    survey = tk.read(book.with_name(form.file), book)
    assert table_of(form, survey) != pytest.approx(right_table(form))
