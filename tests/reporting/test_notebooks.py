"""Running a notebook: what goes in, what comes out, and what a failure leaves behind."""

from __future__ import annotations

import json
import re
import sys
import time
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from site_project import picture

from trustkit.errors import ReportError
from trustkit.reporting import cell_outputs
from trustkit.reporting import notebooks as notebook_module
from trustkit.reporting.notebook_pages import notebook_page, thumbnail_of
from trustkit.reporting.notebooks import (
    heading,
    read_notebook,
    run_notebook,
)

PIXEL = picture("teal")
DRAWN = '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="9"/>'
HOSTILE = "<svg onload='run()'/>"


def write(path: Path, *sources: str | nbformat.NotebookNode) -> Path:
    cells = [
        new_code_cell(source, id=f"cell-{number}") if isinstance(source, str) else source
        for number, source in enumerate(sources)
    ]
    nbformat.write(new_notebook(cells=cells), path)
    return path


def parameters(source: str) -> nbformat.NotebookNode:
    return new_code_cell(source, id="given", metadata={"tags": ["parameters"]})


def text(path: Path, cell: int) -> str:
    output = read_notebook(path).cells[cell].outputs[0]
    return output.text if output.output_type == "stream" else output.data["text/plain"]


def test_the_same_code_gives_the_same_bytes_and_no_time(tmp_path):
    source = write(tmp_path / "a.ipynb", "import os, sys", "print('one')\nprint('two')", "6 * 7")
    first = run_notebook(source, tmp_path / "out" / "a.ipynb").read_bytes()
    second = run_notebook(tmp_path / "out" / "a.ipynb", tmp_path / "out" / "a.ipynb").read_bytes()
    assert first == second
    assert b"iopub" not in first
    assert text(tmp_path / "out" / "a.ipynb", 2) == "42"
    assert len(read_notebook(tmp_path / "out" / "a.ipynb").cells[1].outputs) == 1
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["a.ipynb"]


def test_the_kernel_is_this_python_in_the_sources_folder_and_its_versions_are_recorded(tmp_path, monkeypatch):
    decoy = tmp_path / "kernels" / "python3"
    decoy.mkdir(parents=True)
    (decoy / "kernel.json").write_text(json.dumps({"argv": ["false"], "display_name": "Decoy"}))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    folder = tmp_path / "notebooks"
    folder.mkdir()
    source = write(folder / "a.ipynb", "import os, sys\nprint(sys.executable, os.getcwd())")
    made = read_notebook(run_notebook(source, tmp_path / "elsewhere.ipynb"))
    assert made.cells[0].outputs[0].text == f"{sys.executable} {folder}\n"
    assert made.metadata.trustkit.versions.python == ".".join(map(str, sys.version_info[:3]))
    assert {"numpy", "pandas", "scipy"} <= set(made.metadata.trustkit.versions)


def test_parameters_are_assigned_after_their_cell_and_replace_an_earlier_run(tmp_path):
    source = write(tmp_path / "a.ipynb", parameters("conf = 0.95\nname: str = 'x'"), "print(conf, name)")
    target = run_notebook(source, tmp_path / "b.ipynb", {"conf": 0.9})
    assert text(target, 2) == "0.9 x\n"
    again = run_notebook(target, target, {"conf": 0.8, "name": "it's"})
    assert text(again, 2) == "0.8 it's\n"
    assert [cell.metadata.get("tags") for cell in read_notebook(again).cells] == [
        ["parameters"],
        ["injected-parameters"],
        None,
    ]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"cnof": 0.9}, r"no parameter 'cnof'\n.*\n.*\n  do: did you mean 'conf'"),
        ({"conf": object}, "the parameter 'conf' is not a literal"),
    ],
)
def test_a_parameter_that_is_unknown_or_no_literal_is_refused_before_anything_runs(tmp_path, given, message):
    source = write(tmp_path / "a.ipynb", parameters("conf = 0.95"), "1 / 0")
    with pytest.raises(ReportError, match=message):
        run_notebook(source, tmp_path / "b.ipynb", given)
    assert [path.name for path in tmp_path.iterdir()] == ["a.ipynb"]


def test_parameters_for_a_notebook_without_a_tagged_cell_are_refused(tmp_path):
    with pytest.raises(ReportError, match="takes no parameters"):
        run_notebook(write(tmp_path / "a.ipynb", "conf = 0.95"), tmp_path / "b.ipynb", {"conf": 0.9})


@pytest.mark.parametrize("tags", [[], ["raises-exception"], ["skip-execution"]])
def test_a_failing_cell_is_named_and_leaves_the_old_target_alone(tmp_path, tags):
    failing = new_code_cell("# first\n{}['a']\n1", id="bad", metadata={"tags": tags})
    source = write(tmp_path / "a.ipynb", new_markdown_cell("# A", id="md"), "2 + 2", failing)
    target = tmp_path / "b.ipynb"
    target.write_text("old")
    with pytest.raises(ReportError) as caught:
        run_notebook(source, target)
    assert caught.value.what == "cell 3 of 3 failed: # first"
    assert caught.value.where == f"{source.as_posix()}, line 2 of the cell"
    assert caught.value.got == "KeyError: 'a'"
    assert "b.failed.ipynb" in str(caught.value)
    assert target.read_text() == "old"
    failed = read_notebook(tmp_path / "b.failed.ipynb")
    assert failed.cells[1].outputs[0].data["text/plain"] == "4"
    assert failed.cells[2].outputs[0].output_type == "error"


BROKEN = "class Broken:\n    def {method}(self):\n        return 1 / 0\nBroken()"


@pytest.mark.parametrize("method", ["_repr_html_", "_ipython_display_", "__repr__"])
def test_an_error_while_a_result_is_displayed_is_named_as_it_is(tmp_path, method):
    source = write(tmp_path / "a.ipynb", "1", BROKEN.format(method=method))
    with pytest.raises(ReportError, match="cell 2 of 2 failed: class Broken:") as caught:
        run_notebook(source, source)
    assert caught.value.got == "ZeroDivisionError: division by zero"
    assert caught.value.where.endswith("a.ipynb, line 3 of the cell")


def test_a_users_mistake_shows_its_message_and_the_line_of_the_cell(tmp_path):
    code = "import trustkit as tk\ntk.read('none.csv')"
    source = write(tmp_path / "a.ipynb", code)
    with pytest.raises(ReportError) as caught:
        run_notebook(source, source)
    assert caught.value.where.endswith("line 2 of the cell")
    (output,) = read_notebook(tmp_path / "a.failed.ipynb").cells[0].outputs
    shown = "\n".join(output.traceback)
    assert shown.startswith("DataError: no such file")
    assert shown.endswith("  line 2 of the cell: tk.read('none.csv')")
    assert "read.py" not in shown
    source = write(tmp_path / "b.ipynb", f"%xmode Verbose\n{code}")
    with pytest.raises(ReportError):
        run_notebook(source, source)
    outputs = read_notebook(tmp_path / "b.failed.ipynb").cells[0].outputs
    assert "read.py" in "\n".join(outputs[-1].traceback)


@pytest.mark.parametrize(
    ("code", "line", "got"),
    [
        ("x = 1\nfor in x:\n    pass", 2, "SyntaxError: invalid syntax"),
        ("x = 1\n\nraise SystemExit", 3, "SystemExit"),
        ("import sys\nsys.exit(3)", 2, "SystemExit: 3"),
        ("x = 1\nexit()\nx", 2, "SystemExit: the cell ends Python"),
        ("x = 1\nprint('a \\ud800 b')", 2, "UnicodeEncodeError: 'utf-8' codec can't encode character"),
        ("x = 1\nraise ValueError('a \\ud800 b')", 2, "ValueError: a \\ud800 b"),
        (
            "class R:\n    def _repr_html_(self):\n        raise ValueError('\\ud800')\n\nR()",
            3,
            "ValueError: \\ud800",
        ),
    ],
    ids=[
        "syntax",
        "SystemExit",
        "sys.exit",
        "exit",
        "text that is not Unicode",
        "an error whose text is not Unicode",
        "a display's error whose text is not Unicode",
    ],
)
def test_a_cell_that_python_cannot_run_to_its_end_is_named_with_its_line(tmp_path, code, line, got):
    source = write(tmp_path / "a.ipynb", "1 + 1", code, "2 + 2")
    with pytest.raises(ReportError, match="cell 2 of 3 failed") as caught:
        run_notebook(source, tmp_path / "b.ipynb")
    assert caught.value.where == f"{source.as_posix()}, line {line} of the cell"
    assert caught.value.got.startswith(got)
    assert not (tmp_path / "b.ipynb").exists()


def test_warnings_as_errors_do_not_reach_the_kernel(tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("PYTHONWARNINGS", "error")
    source = write(tmp_path / "a.ipynb", "1 + 1")
    assert run_notebook(source, source) == source
    assert "Warning" not in capfd.readouterr().err


def test_a_run_that_succeeds_removes_what_a_failed_one_left(tmp_path):
    source = write(tmp_path / "a.ipynb", "1 + 1")
    (tmp_path / "a.failed.ipynb").write_text("left over")
    run_notebook(source, source)
    assert [path.name for path in tmp_path.iterdir()] == ["a.ipynb"]


@pytest.mark.parametrize(
    ("code", "got"),
    [
        ("import time; time.sleep(60)", "no end after 1 seconds"),
        ("import os; os._exit(1)", "the kernel died"),
    ],
)
def test_a_cell_that_hangs_or_kills_the_kernel_is_a_failed_cell(tmp_path, monkeypatch, code, got):
    monkeypatch.setattr(notebook_module, "TIMEOUT", 1)
    source = write(tmp_path / "a.ipynb", code)
    with pytest.raises(ReportError, match="cell 1 of 1 failed") as caught:
        run_notebook(source, source)
    assert caught.value.got == got


PRINTS = {
    "one line": "print('x' * 3_000_000)",
    "a line that has no end": "import sys\nwhile True:\n    sys.stdout.write('x' * 1000)",
    "many lines": "for row in range(10**9):\n    print(row)",
    "a display": (
        "from IPython.display import display\nwhile True:\n    display({'text/plain': 'x' * 9999}, raw=True)"
    ),
}


@pytest.mark.parametrize("code", PRINTS.values(), ids=PRINTS)
def test_a_cell_that_prints_too_much_is_named_and_ends_at_once(tmp_path, monkeypatch, code):
    monkeypatch.setattr(cell_outputs, "MOST_MEGABYTES", 1)
    monkeypatch.setattr(notebook_module, "TIMEOUT", 6)
    source = write(tmp_path / "a.ipynb", "print('before')", code, "print('after')")
    began = time.monotonic()
    with pytest.raises(ReportError, match="cell 2 of 3 failed") as caught:
        run_notebook(source, tmp_path / "b.ipynb")
    assert time.monotonic() - began < 60
    assert caught.value.got == "the cell prints more than 1 MB"
    assert caught.value.where.startswith(source.as_posix())
    assert not (tmp_path / "b.ipynb").exists()
    failed = tmp_path / "b.failed.ipynb"
    shown = read_notebook(failed).cells[1].outputs
    assert sum(len(str(output.get("text", output.get("data")))) for output in shown) < 1_100_000
    assert text(failed, 0) == "before\n"


def test_what_a_cell_prints_below_the_limit_is_kept_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(cell_outputs, "MOST_MEGABYTES", 1)
    source = write(tmp_path / "a.ipynb", *["print('x' * 900_000, 'end')"] * 2)
    run_notebook(source, source)
    assert [len(text(source, cell)) for cell in (0, 1)] == [900_005] * 2


PIECES = st.tuples(st.sampled_from(["stdout", "stderr", "display"]), st.text("ab\r\n", max_size=6))


@given(st.lists(PIECES, max_size=6))
@settings(max_examples=200, derandomize=True, database=None)
def test_printed_pieces_are_joined_into_one_of_each_stream_and_lines_printed_over_hold_the_last(pieces):
    outputs = [
        new_output("display_data", data={"text/plain": piece})
        if name == "display"
        else new_output("stream", name=name, text=piece)
        for name, piece in pieces
    ]
    joined = cell_outputs.join_printed(outputs)
    names = [output.get("name") for output in joined]
    for stream in ("stdout", "stderr"):
        assert names.count(stream) <= 1
        printed = "".join(piece for name, piece in pieces if name == stream)
        shown = "".join(output.text for output in joined if output.get("name") == stream)
        assert shown == re.sub(r".*\r(?=[^\n])", "", printed)
    assert ("stderr", "stdout") not in list(pairwise(names))
    assert names.count(None) == sum(name == "display" for name, _ in pieces)


def test_a_missing_notebook_is_refused_with_the_nearest_name(tmp_path):
    write(tmp_path / "trust.ipynb", "1")
    with pytest.raises(ReportError, match=r"did you mean 'trust\.ipynb'"):
        run_notebook(tmp_path / "trst.ipynb", tmp_path / "out.ipynb")
    with pytest.raises(ReportError, match="check the path"):
        read_notebook(tmp_path / "none" / "a.ipynb")


@pytest.mark.parametrize(
    "content", [b"not json", b'{"cells": 1, "nbformat": 4, "nbformat_minor": 5}', b"\xff\xfe"]
)
def test_a_file_that_is_no_notebook_is_refused(tmp_path, content):
    (tmp_path / "a.ipynb").write_bytes(content)
    with pytest.raises(ReportError, match="not a notebook"):
        read_notebook(tmp_path / "a.ipynb")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("# T\n\nWho trusts? Few do.", ("T", "Who trusts?")),
        ("# T\nOne line. Another 3.5 one.", ("T", "One line.")),
        ("# A *long* title\n\n**Does it\nwrap?** It does.\n\nMore?", ("A long title", "Does it wrap?")),
        ("# T\n\nno end", ("T", "no end")),
    ],
)
def test_the_question_is_the_first_sentence_below_the_title(source, expected):
    assert heading(new_notebook(cells=[new_markdown_cell(source)]), "a.ipynb") == expected


@pytest.mark.parametrize("source", ["Text only", "# Title only", "# Title\n\n## Next", ""])
def test_a_notebook_without_title_or_question_is_refused(source):
    with pytest.raises(ReportError, match="title and a question"):
        heading(new_notebook(cells=[new_markdown_cell(source)]), "a.ipynb")


@pytest.mark.parametrize(
    ("outputs", "message"),
    [
        ([], "has no outputs"),
        ([{"output_type": "error", "ename": "E", "evalue": "v", "traceback": []}], "cell 1 failed"),
        (
            [
                {
                    "output_type": "display_data",
                    "data": {"image/png": "aa"},
                    "metadata": {"image/png": {"alt": ""}},
                }
            ],
            "a picture of cell 1 has no alternative text",
        ),
        (
            [
                {
                    "output_type": "display_data",
                    "data": {"image/png": "aGFsbG8="},
                    "metadata": {"image/png": {"alt": "A picture"}},
                }
            ],
            "a picture of cell 1 is not a PNG",
        ),
        (
            [
                {
                    "output_type": "display_data",
                    "data": {"image/png": PIXEL},
                    "metadata": {
                        "image/png": {"alt": "A picture", "svg": {"wide": DRAWN, "narrow": HOSTILE}}
                    },
                }
            ],
            "a chart of cell 1 is not SVG of the kind that trustkit draws",
        ),
        (
            [
                {
                    "output_type": "display_data",
                    "data": {"image/png": PIXEL},
                    "metadata": {"image/png": {"alt": "A picture", "svg": {"wide": DRAWN}}},
                }
            ],
            "a chart of cell 1 is not SVG of the kind that trustkit draws",
        ),
        (
            [{"output_type": "display_data", "data": {"application/javascript": "run()"}, "metadata": {}}],
            "an output of cell 1 is of a type that a page does not show",
        ),
    ],
)
def test_a_page_needs_outputs_without_errors_and_pictures_with_words(outputs, message, tmp_path):
    cell = new_code_cell("1", outputs=[nbformat.from_dict(output) for output in outputs])
    with pytest.raises(ReportError, match=message):
        notebook_page(new_notebook(cells=[cell]), Path("a.ipynb"), tmp_path)


def test_a_chart_is_written_as_svg_for_wide_and_for_narrow_screens_and_its_thumbnail_is_the_narrow_one(
    tmp_path,
):
    narrow = DRAWN.replace('"90"', '"40"')
    about = {"image/png": {"alt": "A picture", "svg": {"wide": DRAWN, "narrow": narrow}}}
    output = {"output_type": "display_data", "data": {"image/png": PIXEL}, "metadata": about}
    cell = new_code_cell("1", outputs=[nbformat.from_dict(output)])
    blocks = notebook_page(new_notebook(cells=[cell]), Path("a.ipynb"), tmp_path)
    (shown,) = [block for block in blocks if block["kind"] == "picture"]
    written = {f"/pictures/{path.name}": path.read_text() for path in tmp_path.iterdir()}
    assert written == {shown["file"]: DRAWN, shown["narrow"]: narrow}
    assert thumbnail_of(blocks) == shown["narrow"]
    assert thumbnail_of([{"kind": "prose", "text": "No picture."}]) == ""
