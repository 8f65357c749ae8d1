"""A study in three commands: made whole or not at all, checked, and reported."""

from __future__ import annotations

import ast
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from study_files import EXPORTS, N, plain_export, spss_export
from survey_files import workbook

from trustkit.claims.claims_file import read_claims
from trustkit.errors import ClaimError, DataError, ReportError
from trustkit.files.read import read
from trustkit.reporting.notebooks import heading, read_notebook, run_notebook
from trustkit.reporting.render import render_site
from trustkit.reporting.study import check_export, new_study, study_exports
from trustkit.reporting.verdict_outputs import verdict_frame
from trustkit.survey.codebook import Codebook
from trustkit.survey.codebook_yaml import read_codebook, write_codebook
from trustkit.survey.variable import Variable

ROOT = Path(__file__).parents[2]


@pytest.fixture
def export(tmp_path):
    return spss_export(tmp_path / "answers.sav")


def checked(folder):
    return [check_export(*files) for files in study_exports(folder)]


@pytest.fixture
def study(tmp_path, export):
    return new_study(tmp_path / "My study 2024", export).folder


@pytest.fixture(scope="module")
def reported(tmp_path_factory):
    """Return what makes a study of an export and runs its notebook, once for each export."""
    done = {}

    def make(name):
        if name not in done:
            folder = tmp_path_factory.mktemp("reported")
            done[name] = new_study(folder / "study", EXPORTS[name](folder / name)).folder
            run_notebook(notebook(done[name]), notebook(done[name]))
        return done[name]

    return make


def run_here(study, monkeypatch):
    """Run a study's notebook in this process, each cell's last expression shown as text and HTML."""
    monkeypatch.chdir(study / "notebooks")
    names = {}
    for cell in read_notebook(notebook(study)).cells:
        if cell.cell_type == "code":
            *statements, last = ast.parse(cell.source).body
            exec(compile(ast.Module(statements, []), cell.id, "exec"), names)  # noqa: S102
            if isinstance(last, ast.Expr):
                shown = eval(compile(ast.Expression(last.value), cell.id, "eval"), names)  # noqa: S307
                assert repr(shown)
            else:
                exec(compile(ast.Module([last], []), cell.id, "exec"), names)  # noqa: S102


def raw(study):
    return next((study / "data" / "raw").iterdir())


def notebook(study):
    return study / "notebooks" / "01_first_look.ipynb"


def left(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_a_study_holds_the_export_its_checksum_and_what_a_person_edits(tmp_path, export):
    made = new_study(tmp_path / "My study 2024", export)
    assert left(made.folder) == [
        ".gitignore", "README.md", "data/processed/.gitkeep", "data/raw/my_study_2024/SHA256SUMS",
        "data/raw/my_study_2024/answers.sav", "data/raw/my_study_2024/claims.yaml",
        "data/raw/my_study_2024/codebook.yaml", "notebooks/01_first_look.ipynb",
    ]  # fmt: skip
    copy = raw(made.folder) / "answers.sav"
    assert copy.read_bytes() == export.read_bytes()
    digest = hashlib.sha256(export.read_bytes()).hexdigest()
    assert (raw(made.folder) / "SHA256SUMS").read_text() == f"{digest}  answers.sav\n"
    assert (made.rows, made.columns, made.codebook) == (N, 12, raw(made.folder) / "codebook.yaml")
    book = read_codebook(made.codebook)
    assert made.guesses == sum(bool(variable.review) for variable in book.variables.values())
    assert read_claims(raw(made.folder) / "claims.yaml") == ()
    assert "Nobody has looked at it yet" in made.codebook.read_text()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["My study 2024", "answers.sav"]


def test_a_folder_that_holds_something_is_left_alone(tmp_path, export):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    (tmp_path / "file").write_text("a file")
    for name in ("mine", "file"):
        with pytest.raises(DataError, match="the folder is not empty"):
            new_study(tmp_path / name, export)
    assert left(tmp_path) == ["answers.sav", "file", "mine/thesis.txt"]
    (tmp_path / "empty").mkdir()
    assert new_study(tmp_path / "empty", export).folder.is_dir()


def test_a_study_can_be_made_in_the_empty_folder_one_stands_in(tmp_path, export, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    made = new_study(".", export)
    assert made.codebook == Path("data/raw/here/codebook.yaml")
    assert read_codebook(made.codebook).title == "Trust and consent 2024"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["answers.sav", "here"]


def test_a_study_that_can_not_be_made_leaves_nothing(tmp_path, export, monkeypatch):
    (tmp_path / "broken.csv").write_text("")
    with pytest.raises(DataError):
        new_study(tmp_path / "study", tmp_path / "broken.csv")
    with pytest.raises(DataError, match="no such file"):
        new_study(tmp_path / "study", tmp_path / "answer.sav")

    def full(*_):
        raise OSError("no space left")

    monkeypatch.setattr("trustkit.reporting.study.write_new_notebook", full)
    with pytest.raises(DataError, match="no space"):
        new_study(tmp_path / "study", export)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["answers.sav", "broken.csv"]


def test_an_export_with_the_name_of_a_studys_own_file_is_refused(tmp_path):
    (tmp_path / "codebook.yaml").write_text("a,b\n1,2\n")
    with pytest.raises(DataError, match="a study's own file"):
        new_study(tmp_path / "study", tmp_path / "codebook.yaml")


def test_a_codebook_that_is_there_is_taken_as_it_is(tmp_path):
    export = plain_export(tmp_path / "plain.csv")
    book = tmp_path / "book.yaml"
    book.write_text("# mine\ntitle: Mine\nvariables: {trust: {label: Trust, kind: numeric}}\n")
    made = new_study(tmp_path / "study", export, book)
    assert made.codebook.read_text() == book.read_text()
    assert made.guesses == 0


@pytest.mark.parametrize("name", EXPORTS)
def test_the_first_notebook_of_every_export_runs_and_shows_questions(name, reported):
    run = read_notebook(notebook(reported(name)))
    assert heading(run, name)[1] == "What did the respondents answer?"
    names = [cell.id for cell in run.cells if cell.cell_type == "code"]
    findings = [name for name in names if name.startswith("finding-")]
    assert 3 <= len(findings) <= 5
    outputs = {cell.id: cell.outputs for cell in run.cells if cell.cell_type == "code"}
    for finding in findings:
        assert "image/png" in outputs[finding][0].data
        assert "n = " in outputs[finding][0].metadata["image/png"]["alt"]
    assert "weight" in outputs["design"][0].data["text/plain"].casefold()
    assert "No rows." in outputs["check"][0].data["text/plain"]
    assert "No figure is registered" in outputs["claims"][0].data["text/plain"]
    shown = "\n".join(str(output.data) for found in outputs.values() for output in found)
    assert "What I think of brand" not in shown
    assert "P0001" not in shown


def test_the_first_notebook_passes_the_strict_gate(reported, tmp_path):
    study = shutil.copytree(reported("spss.sav"), tmp_path / "study")
    shutil.copyfile(ROOT / "notebooks" / "conftest.py", study / "notebooks" / "conftest.py")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", "--nbval", "--nbval-current-env",
         "-c", "/dev/null", "-W", "error", "--rootdir", ".", "."],
        cwd=study / "notebooks", capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "passed" in done.stdout


def test_a_study_without_claims_is_reported_and_says_that_nothing_was_checked(reported):
    study = reported("spss.sav")
    assert verdict_frame(study).empty
    index = (render_site(study) / "index.html").read_text()
    assert "No published figure was checked" in index
    assert "<title>Trust and consent 2024" in index
    page = (study / "site" / "notebooks" / "01_first_look.html").read_text()
    assert "How far do you trust brands with your personal data?" in page
    assert (study / "site" / "docs" / "maths.html").is_file()
    assert "kind: the name says weight" in (study / "site" / "data.html").read_text()


def test_a_claim_that_is_registered_is_judged_in_the_report(reported, tmp_path):
    study = shutil.copytree(reported("spss.sav"), tmp_path / "study")
    claims = raw(study) / "claims.yaml"
    text = claims.read_text()
    example = [line.removeprefix("# ") for line in text.splitlines() if line.startswith(("# claims", "#   "))]
    registered = "\n".join(example).replace("trust_brands ", "TRUST ").replace('"No" ', '"Not at all" ')
    claims.write_text(text.replace("claims: {}\n", "") + registered + "\n")
    with pytest.raises(ReportError, match="no notebook shows a verdict"):
        verdict_frame(study)
    run_notebook(notebook(study), notebook(study))
    assert list(verdict_frame(study)["claim"]) == ["trust_in_brands"]
    assert "1 published figure" in (render_site(study) / "index.html").read_text()


def test_checking_a_study_tells_what_agrees_what_is_guessed_and_what_is_not_written(study):
    (found,) = checked(study)
    assert (found.export, found.codebook, found.rows) == ("answers.sav", "codebook.yaml", N)
    assert found.faults.empty
    assert "WEIGHT" in list(found.review["variable"])
    assert dict(found.unwritten.itertuples(index=False, name=None)) == {
        "population": "", "source": "", "fieldwork": "", "purpose": "12 of 12 variables",
        "consent": "12 of 12 variables", "retention": "12 of 12 variables",
    }  # fmt: skip


def test_checking_a_study_tells_what_disagrees(study):
    book = raw(study) / "codebook.yaml"
    book.write_text(book.read_text().replace(', 4: "A lot"', "", 1))
    (raw(study) / "claims.yaml").write_text(
        "claims:\n  a: {title: A, published: 4, variable: TRUTS, level: x}\n"
        "  b: {title: B, published: 4, variable: TRUST, level: A bit}\n"
        "  c: {title: C, published: 4, unchecked: never published}\n"
    )
    (found,) = checked(study)
    assert [tuple(row)[:3] for row in found.faults.itertuples(index=False)] == [
        ("TRUST", "unknown code", "4"),
        ("TRUTS", "claim on no variable", "a"),
        ("TRUST", "claim on no answer", "b: A bit"),
    ]


def test_checking_knows_the_variables_and_answers_that_cleaning_makes(study):
    book = raw(study) / "codebook.yaml"
    step = "{step: collapse, variable: TRUST, into: TOP, labels: {Top: [A lot, Completely]}, rest: Other}"
    book.write_text(book.read_text().replace("\nvariables:", f"\ncleaning: [{step}]\nvariables:", 1))
    (raw(study) / "claims.yaml").write_text(
        "claims:\n  a: {title: A, published: 4, variable: TOP, level: Top}\n"
        "  b: {title: B, published: 4, variable: TOP, level: Bottom}\n"
    )
    (found,) = checked(study)
    assert [tuple(row)[:3] for row in found.faults.itertuples(index=False)] == [
        ("TOP", "claim on no answer", "b: Bottom")
    ]


def test_checking_refuses_an_export_that_changed_and_claims_that_can_not_be_read(study):
    (raw(study) / "claims.yaml").write_text("claims: {a: {published: 4}}\n")
    with pytest.raises(ClaimError, match="title"):
        checked(study)
    with (raw(study) / "answers.sav").open("ab") as file:
        file.write(b"more")
    with pytest.raises(DataError, match="the raw file has changed"):
        checked(study)


def test_checking_needs_an_export_with_a_codebook(tmp_path):
    with pytest.raises(DataError, match="no export with a codebook") as caught:
        checked(tmp_path)
    assert "trustkit new" in caught.value.do


def test_a_project_of_several_files_is_checked_where_a_codebook_describes_them(tmp_path):
    folder = tmp_path / "data" / "raw" / "many"
    folder.mkdir(parents=True)
    lines = []
    for name, text in {"a.csv": "x\n1\n", "b.csv": "y\n2\n", "c.csv": "z\n3\n"}.items():
        (folder / name).write_text(text)
        lines.append(f"{hashlib.sha256(text.encode()).hexdigest()}  {name}\n")
    (folder / "SHA256SUMS").write_text("".join(lines))
    for name, column in {"codebook.yaml": "x", "codebook_c.yaml": "z"}.items():
        book = Codebook({column: Variable(column, column, "numeric", high=2)}, title=name)
        write_codebook(book, folder / name)
    found = {item.export: (item.codebook, len(item.faults)) for item in checked(tmp_path)}
    assert found == {"a.csv": ("codebook.yaml", 0), "c.csv": ("codebook_c.yaml", 1)}


AWKWARD = 'Do you *like* "A & B" <b>$5</b> `code` [link](x.md) {role} ~x~ # | _y_ \\ ^z^ 50%?\nReally?'


def test_a_wording_with_every_sign_of_markdown_is_shown_as_it_is(tmp_path):
    frame = pd.DataFrame({AWKWARD: ["Yes", "No"] * 20, "w'\"x": ["a`b", "c"] * 20})
    frame.to_csv(tmp_path / "odd.csv", index=False)
    made = new_study(tmp_path / "A *bold* $study$ [1](x)", tmp_path / "odd.csv")
    run_notebook(notebook(made.folder), notebook(made.folder))
    page = (render_site(made.folder) / "notebooks" / "01_first_look.html").read_text()
    assert "[link](x.md)" in page
    assert "<b>$5" not in page


@pytest.mark.parametrize(
    "frame",
    [
        {"x": ["only text that nobody would code", "another long story about nothing"]},
        {"x": [1.5, 2.5]},
        {"weight": [0.5, 1.5] * 6},
        {"x": [None, None], "y": ["a", "a"]},
    ],
)
def test_a_study_of_hardly_anything_still_runs(frame, tmp_path, monkeypatch):
    pd.DataFrame(frame).to_csv(tmp_path / "few.csv", index=False)
    study = new_study(tmp_path / "study", tmp_path / "few.csv").folder
    run_here(study, monkeypatch)
    assert "No question is shown" in read_notebook(notebook(study)).cells[-1].source


def test_the_sheet_that_a_study_is_made_from_is_read_by_its_check_and_notebook_too(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [["a"], [1], [2]], [["b"], [1], [2], [2]])
    made = new_study(tmp_path / "study", path, sheet="Sheet2")
    assert "sheet: Sheet2" in made.codebook.read_text(encoding="utf-8")
    export, codebook = study_exports(tmp_path / "study")[0]
    assert read(export, codebook).data["b"].notna().sum() == 3
    assert check_export(export, codebook).faults.empty


def test_the_encoding_that_a_study_is_made_with_is_kept(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"q\n" + "同意\n不同意\n".encode("big5") * 6)
    new_study(tmp_path / "study", tmp_path / "a.csv", encoding="big5")
    export, codebook = study_exports(tmp_path / "study")[0]
    assert "同意" in set(read(export, codebook).data["q"])


def test_a_sheet_beside_a_codebook_is_refused_which_says_it_itself(tmp_path):
    (tmp_path / "book.yaml").write_text("variables: {}\n")
    with pytest.raises(DataError, match="says itself which sheet"):
        new_study(tmp_path / "study", tmp_path / "a.csv", tmp_path / "book.yaml", sheet="Sheet2")


def test_a_workbook_with_a_sheet_of_labels_makes_a_study(tmp_path):
    path = workbook(
        tmp_path / "a.xlsx",
        [["q1"], *[[1], [2]] * 4],
        [["variable", "value", "label"], ["q1", 1, "No"], ["", 2, "Yes"]],
    )
    new_study(tmp_path / "study", path)
    export, codebook = study_exports(tmp_path / "study")[0]
    assert set(read(export, codebook).data["q1"]) == {"No", "Yes"}
    assert check_export(export, codebook).faults.empty
