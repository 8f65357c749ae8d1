"""Raw data is never overwritten, and a file to publish never lies among the data of a study."""

from __future__ import annotations

import pandas as pd
import pytest

import trustkit as tk
from trustkit.errors import DataError
from trustkit.files.file_places import refuse_place, refuse_study_data

SURVEY = tk.Survey(
    pd.DataFrame({"sex": [1, 2] * 4}),
    tk.Codebook(
        {"sex": tk.Variable("sex", "Sex", "single", codes={1: "Men", 2: "Women"}, identifier="quasi")}
    ),
)


@pytest.fixture
def study(tmp_path):
    for name in ("raw", "processed"):
        (tmp_path / "study" / "data" / name).mkdir(parents=True)
    return tmp_path / "study"


def refusal(check, *arguments, **options):
    with pytest.raises(DataError) as caught:
        check(*arguments, **options)
    return caught.value


WRITERS = {
    "write": lambda path: tk.write(SURVEY, path),
    "write_tables": lambda path: tk.write_tables(tk.proportion(tk.Design(SURVEY), "sex"), path),
    "release": lambda path: tk.release(SURVEY, path, k=2),
}


@pytest.mark.parametrize("name", WRITERS)
def test_nothing_that_writes_a_file_replaces_raw_data_or_a_folder(tmp_path, name):
    raw, folder, nowhere = (tmp_path / place for place in ("raw.parquet", "f.parquet", "none/a.parquet"))
    raw.write_bytes(b"answers")
    folder.mkdir()
    (tmp_path / "SHA256SUMS").write_text(f"{'0' * 64}  raw.parquet\n")
    found = [refusal(WRITERS[name], path).what for path in (raw, folder, nowhere)]
    assert found == ["this would overwrite raw data", "only a file can be replaced", "no such folder"]
    assert raw.read_bytes() == b"answers"


def test_the_reason_says_whether_the_file_is_listed_or_the_source(tmp_path):
    path = tmp_path / "raw.csv"
    path.write_text("id")
    assert refusal(refuse_place, path, source=str(path)).got == "the file that the survey was read from"
    (tmp_path / "SHA256SUMS").write_text(f"{'0' * 64}  raw.csv\n")
    assert refusal(refuse_place, path, source=str(path)).got == "a file that SHA256SUMS lists"


def test_the_file_that_the_rows_came_from_is_not_replaced_by_a_public_use_file(tmp_path):
    tk.write(SURVEY, tmp_path / "raw.parquet")
    before = (tmp_path / "raw.parquet").read_bytes()
    found = refusal(tk.release, tk.read(tmp_path / "raw.parquet"), tmp_path / "raw.parquet", k=2)
    assert found.what == "this would overwrite raw data"
    assert (tmp_path / "raw.parquet").read_bytes() == before


@pytest.mark.parametrize("place", ["data/raw", "data/processed", "data", "data/raw/wave_1"])
def test_a_public_use_file_in_the_data_of_a_study_is_refused_and_not_written(study, place):
    folder = study / place
    folder.mkdir(exist_ok=True)
    found = refusal(tk.release, SURVEY, folder / "public.parquet", k=2)
    assert found.what == "a file to publish would lie among the data of a study"
    assert list(folder.glob("*.parquet")) == []


def test_a_public_use_file_beside_the_data_of_a_study_is_written(study):
    tk.release(SURVEY, study / "public.parquet", k=2)
    assert tk.read(study / "public.parquet").data["sex"].tolist() == ["Men"] * 4 + ["Women"] * 4


def test_a_folder_called_data_that_belongs_to_no_study_is_a_place_like_any_other(tmp_path):
    (tmp_path / "data").mkdir()
    refuse_study_data(tmp_path / "data" / "public.parquet")


def test_a_relative_path_and_a_link_into_the_data_of_a_study_are_refused(study, tmp_path, monkeypatch):
    (tmp_path / "shared").symlink_to(study / "data" / "raw")
    monkeypatch.chdir(study / "data")
    for path in (tmp_path / "shared" / "public.parquet", type(tmp_path)("raw", "..", "public.parquet")):
        assert refusal(refuse_study_data, path).what.startswith("a file to publish")
    assert list((study / "data" / "raw").iterdir()) == []
