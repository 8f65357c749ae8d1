"""The notebooks keep the rules that make them readable, honest and repeatable."""

from __future__ import annotations

import ast
import base64
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from trustkit.claims.claims_file import read_claims
from trustkit.claims.registry_file import published_figures
from trustkit.claims.verdicts import VERDICTS_MIME
from trustkit.ledger import COUNTS_MIME, RESULT_MIME
from trustkit.reporting.notebooks import FAILED, heading, read_notebook
from trustkit.reporting.transparency import DISCLOSURE_MIME
from trustkit.survey.codebook_yaml import read_codebook

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbformat import NotebookNode

ROOT = Path(__file__).parent.parent
PATHS = sorted(path for path in (ROOT / "notebooks").glob("*.ipynb") if not path.name.endswith(FAILED))
CLAIMS = [claim for path in sorted(ROOT.glob("data/raw/*/claims*.yaml")) for claim in read_claims(path)]
FIGURES = published_figures().figures

MOST_LINES = 6
FORBIDDEN = (
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda),
    *(ast.For, ast.AsyncFor, ast.While, ast.If, ast.Try, ast.With),
    *(ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
)
BOOKS = [read_codebook(path) for path in sorted(ROOT.glob("data/raw/*/codebook*.yaml"))]
FIELDWORK = re.compile("|".join(re.escape(book.fieldwork) for book in BOOKS if book.fieldwork))
"""Dates that a study discloses."""
NAMES = ("iOS 14.5",)
"""Numbers in prose that are part of a name."""
PUBLISHED_ELSEWHERE = "not computed here"
"""What the table of published rates, which are not synthetic, says beside synthetic data."""


@pytest.fixture(params=PATHS, ids=[path.stem for path in PATHS])
def path(request: pytest.FixtureRequest) -> Path:
    return request.param


@pytest.fixture
def notebook(path: Path) -> NotebookNode:
    return read_notebook(path)


def code(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def tagged(notebook: NotebookNode) -> NotebookNode:
    found = [cell for cell in code(notebook) if "parameters" in cell.metadata.get("tags", [])]
    assert len(found) == 1, "exactly one cell is tagged parameters"
    return found[0]


def texts(cell: NotebookNode) -> Iterator[str]:
    """Every text that a cell shows."""
    for output in cell.get("outputs", []):
        for kind, value in output.get("data", {}).items():
            if kind.startswith("text/"):
                yield value


def is_import(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Import | ast.ImportFrom)


def prose(notebook: NotebookNode) -> str:
    """The markdown without code spans."""
    text = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    return re.sub(r"`[^`]*`", "", text)


def test_there_are_notebooks() -> None:
    assert PATHS


def test_it_begins_with_a_title_a_question_and_its_answer_in_two_sentences(
    notebook: NotebookNode, path: Path
) -> None:
    _, question = heading(notebook, path.as_posix())
    assert question.endswith("?")
    paragraphs = notebook.cells[0].source.split("\n\n")
    assert len(paragraphs) == 2
    plain = " ".join(paragraphs[1].replace("*", "").split())
    assert len(re.findall(r"[.?!](?= [A-Z0-9]|$)", plain)) == 2


def test_it_has_one_import_cell_before_all_other_code(notebook: NotebookNode) -> None:
    first, *others = code(notebook)
    assert all(is_import(statement) for statement in ast.parse(first.source).body)
    for cell in others:
        assert not any(is_import(node) for node in ast.walk(ast.parse(cell.source))), cell.id


def test_its_parameters_are_literals(notebook: NotebookNode) -> None:
    assert code(notebook)[1] is tagged(notebook)
    for statement in ast.parse(tagged(notebook).source).body:
        assert isinstance(statement, ast.Assign)
        assert isinstance(statement.targets[0], ast.Name)
        ast.literal_eval(statement.value)


def test_its_cells_are_short_and_hold_no_logic(notebook: NotebookNode) -> None:
    for cell in code(notebook):
        assert len([line for line in cell.source.splitlines() if line.strip()]) <= MOST_LINES, cell.id
        assert not cell.source.rstrip().endswith(";"), cell.id
        assert not cell.source.lstrip().startswith(("%", "!")), cell.id
        for node in ast.walk(ast.parse(cell.source)):
            assert not isinstance(node, FORBIDDEN), f"{cell.id}: {type(node).__name__}"
            assert cell is tagged(notebook) or not isinstance(node, ast.Dict), f"{cell.id}: a mapping"


def test_every_section_is_prose_and_then_one_cell_with_one_table_or_figure(notebook: NotebookNode) -> None:
    for before, cell in zip(notebook.cells, notebook.cells[1:], strict=False):
        if cell.cell_type == "code" and cell not in code(notebook)[:2]:
            assert before.cell_type == "markdown", cell.id
            assert before.source.startswith("## "), cell.id
            assert len(before.source.split("\n\n")) > 1, f"{cell.id} has a heading and no prose"
            kinds = [set(output.get("data", {})) for output in cell.outputs]
            figure = len(kinds) == 2 and "image/png" in kinds[0] and "text/html" in kinds[1]
            table = len(kinds) == 1 and {"text/html", "text/plain"} <= kinds[0]
            assert figure or table, f"{cell.id} shows {kinds}"


def test_it_ends_with_its_limits(notebook: NotebookNode) -> None:
    assert notebook.cells[-1].source.startswith("## Limits\n")


def test_its_cells_have_readable_names_and_no_counts_that_a_run_would_change(notebook: NotebookNode) -> None:
    assert notebook.metadata.kernelspec.name == "python3"
    names = [cell.id for cell in notebook.cells]
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", name) for name in names), names
    assert {"title", "import", "parameters", "limits"} <= set(names)
    counts = [cell.execution_count for cell in code(notebook)]
    assert counts == list(range(1, len(counts) + 1)), "run the notebook from top to bottom"


def test_it_shows_no_path_time_respondent_warning_or_progress_bar(notebook: NotebookNode) -> None:
    for cell in notebook.cells:
        assert "execution" not in cell.metadata, cell.id
        for output in cell.get("outputs", []):
            assert output.output_type in {"display_data", "execute_result"}, cell.id
            kinds = {kind for kind in output.data if not kind.startswith("text/")}
            assert kinds <= {"image/png", VERDICTS_MIME, DISCLOSURE_MIME, COUNTS_MIME, RESULT_MIME}, cell.id
            picture = base64.b64decode(output.data.get("image/png", ""))
            assert b"tIME" not in picture
            assert b"Creation Time" not in picture
        for text in (cell.source, *texts(cell)):
            assert not re.search(r"(?<![\w<.])/(?:home|Users|tmp|root|work|usr|var|mnt)\b|[A-Z]:\\", text), (
                cell.id
            )
            undated = FIELDWORK.sub("", text)
            assert not re.search(r"\d{1,2}:\d{2}:\d{2}|\d{4}-\d{2}-\d{2}|\b0x[0-9a-f]{6,}", undated), cell.id
            assert not re.search(r"\bP\d{5}\b", text), f"{cell.id} shows a respondent"


def test_every_picture_has_an_alternative_text_with_its_n(notebook: NotebookNode) -> None:
    for cell in code(notebook):
        for output in cell.outputs:
            if "image/png" in output.data:
                assert re.search(r"n = [\d,]+|[\d,]+ respondents", output.metadata["image/png"]["alt"]), (
                    cell.id
                )


def test_its_prose_repeats_no_number_but_published_ones(notebook: NotebookNode) -> None:
    text = prose(notebook)
    for name in NAMES:
        text = text.replace(name, "")
    text = re.sub(r"\]\([^)]*\)", "]", text)  # where a link leads is not read
    published = {f"{figure.published:.{figure.decimals}f}" for figure in (*CLAIMS, *FIGURES)}
    published |= {f"{figure.margin:.{figure.margin_decimals}f}" for figure in FIGURES if figure.margin}
    for number in re.findall(r"\d(?:[\d,]*\d)?(?:\.\d+)?", text):
        year = re.fullmatch(r"(?:19|20)\d\d", number)
        assert year or number in published, f"{number!r} is no registered published figure"


def test_the_page_of_every_published_figure_is_linked_for_readers() -> None:
    linked = {
        address
        for path in PATHS
        for address in re.findall(r"\]\((https?://[^)]*)\)", prose(read_notebook(path)))
    }
    assert {figure.url for figure in FIGURES if figure.url} <= linked


def said_real(notebook: NotebookNode, cell: NotebookNode) -> bool:
    """Whether the section of a cell says in bold that its data are real."""
    place = notebook.cells.index(cell)
    return "**real**" in next(
        part.source for part in reversed(notebook.cells[:place]) if part.cell_type == "markdown"
    )


def test_outputs_say_synthetic_if_and_only_if_the_data_are(notebook: NotebookNode, path: Path) -> None:
    """A notebook with data of both kinds says in each section on real data that they are real."""
    parameters = {
        statement.targets[0].id: ast.literal_eval(statement.value)
        for statement in ast.parse(tagged(notebook).source).body
    }
    if "folder" not in parameters:
        assert "**no data**" in prose(notebook)
        assert not any("tk.read" in cell.source or "Design(" in cell.source for cell in code(notebook))
        return
    folder = (path.parent / parameters["folder"]).resolve()
    assert not Path(parameters["folder"]).is_absolute()
    both = "real_codebook" in parameters
    if both:
        assert read_codebook(path.parent / parameters["real_codebook"]).data == "real"
    books = [
        read_codebook(file)
        for file in sorted(folder.glob("*.yaml"))
        if "\nvariables:" in file.read_text("utf-8")
    ]
    (data,) = {book.data for book in books}
    synthetic = data == "synthetic"
    assert ("synthetic" in prose(notebook).lower()) == synthetic
    assert (not synthetic or both) == ("**real**" in prose(notebook))
    for cell in code(notebook):
        shown = "\n".join(texts(cell))
        if shown and PUBLISHED_ELSEWHERE not in shown:
            expected = synthetic and not (both and said_real(notebook, cell))
            assert ("synthetic" in shown.lower()) == expected, cell.id


def test_every_registered_claim_has_its_verdict_in_exactly_one_notebook() -> None:
    carried = [
        verdict["claim"]
        for path in PATHS
        for cell in code(read_notebook(path))
        for output in cell.outputs
        for verdict in output.get("data", {}).get(VERDICTS_MIME, [])
    ]
    assert sorted(carried) == sorted(claim.name for claim in CLAIMS)
