"""A full disk: an error in words, what was there before as it was, and nothing half-written beside it."""

from __future__ import annotations

from contextlib import contextmanager

import pandas as pd
import pytest

import trustkit as tk
from trustkit.errors import DataError, TrustkitError
from trustkit.files import write as write_module
from trustkit.reporting.notebooks import run_notebook
from trustkit.reporting.study import new_study, redraw_first_look

resource = pytest.importorskip("resource", reason="this system can't limit the size of files")

LONG = "a question with a long wording " * 200


@contextmanager
def room_for(size):
    """Let the system refuse to write files beyond a number of bytes, as it does on a full disk."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def contents(folder):
    return {path.relative_to(folder): path.is_file() and path.read_bytes() for path in folder.rglob("*")}


def refused(folder, size, call):
    """Return the error of a call for which there is no room, after which the folder is as it was."""
    before = contents(folder)
    with room_for(size), pytest.raises(TrustkitError) as caught:
        call()
    assert contents(folder) == before
    return caught.value


def says_so(error, path):
    assert error.what == "the file can't be written"
    assert error.where.startswith(path.as_posix())
    assert error.got == "File too large"
    assert error.do == "free some space, or choose a folder on another disk"
    return True


@pytest.fixture
def export(tmp_path_factory):
    path = tmp_path_factory.mktemp("export") / "answers.csv"
    path.write_text("id,trust,age\n" + "".join(f"{n},{n % 3},{20 + n % 50}\n" for n in range(200)))
    return path


@pytest.mark.parametrize("suffix", [".sav", ".parquet"])
@pytest.mark.parametrize("size", [0, 2_000])
def test_a_survey_that_there_is_no_room_for_leaves_the_last_file(tmp_path, suffix, size):
    path = tmp_path / f"answers{suffix}"
    survey = tk.Survey(pd.DataFrame({"a": [0.1 * n for n in range(3_000)]}), tk.Codebook({}, title="Big"))
    tk.write(tk.Survey(pd.DataFrame({"a": [1.0, 2.0]}), tk.Codebook({})), path)
    assert says_so(refused(tmp_path, size, lambda: tk.write(survey, path)), path)


def test_a_survey_that_a_format_does_not_take_is_not_blamed_on_the_disk(tmp_path, monkeypatch):
    def fail(*_):
        raise DataError("SPSS does not take these data")

    monkeypatch.setitem(write_module.WRITERS, ".sav", fail)
    with pytest.raises(DataError, match="does not take"):
        tk.write(tk.Survey(pd.DataFrame({"a": [1.0]}), tk.Codebook({})), tmp_path / "a.sav")


@pytest.mark.parametrize("size", [0, 90, 500, 1_500, 4_000])
def test_a_study_that_there_is_no_room_for_is_not_made(tmp_path, export, size):
    study = tmp_path / "study"
    assert says_so(refused(tmp_path, size, lambda: new_study(study, export)), study)
    assert not study.exists()


def test_a_codebook_that_there_is_no_room_for_leaves_the_last_one(tmp_path):
    path = tmp_path / "codebook.yaml"
    tk.write_codebook(tk.Codebook({}, title="First"), path)
    book = tk.Codebook({"a": tk.Variable("a", LONG, "text")})
    assert says_so(refused(tmp_path, 2_000, lambda: tk.write_codebook(book, path)), path)


def test_a_first_notebook_that_there_is_no_room_for_leaves_the_last_one(tmp_path, export):
    study = new_study(tmp_path / "study", export).folder
    (notebook,) = study.glob("notebooks/*.ipynb")
    assert notebook.stat().st_size > 2_000
    assert says_so(refused(tmp_path, 2_000, lambda: redraw_first_look(study)), notebook)


def test_a_run_that_there_is_no_room_for_leaves_the_last_outputs(tmp_path, export, monkeypatch):
    study = new_study(tmp_path / "study", export).folder
    (notebook,) = study.glob("notebooks/*.ipynb")
    limit = room_for(2_000)
    written = run_notebook.__globals__["write_notebook"]

    def in_no_room(*arguments):
        with limit:
            written(*arguments)

    monkeypatch.setitem(run_notebook.__globals__, "write_notebook", in_no_room)
    before = contents(tmp_path)
    with pytest.raises(DataError) as caught:
        run_notebook(notebook, notebook)
    assert says_so(caught.value, notebook)
    assert contents(tmp_path) == before
