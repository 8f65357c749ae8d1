"""Reading changes and drops nothing, and refuses a file that is not what it was said to be."""

from __future__ import annotations

import hashlib
import shutil
import subprocess

import numpy as np
import pandas as pd
import pytest

from trustkit.checksums import digest_line, read_digests, verify_digest
from trustkit.drafting.draft import draft_codebook
from trustkit.errors import CodebookError, DataError
from trustkit.files.read import read
from trustkit.survey.codebook import Codebook
from trustkit.survey.variable import Variable

SEX = Variable("sex", "Sex", "single", codes={1: "Men", 2: "Women"}, missing={9: "refused"})
BOOK = Codebook({"id": Variable("id", "Id", "id"), "sex": SEX}, title="Study")


@pytest.fixture
def write(tmp_path):
    def written(text, name="answers.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return path

    return written


def refusal(path, codebook=None):
    with pytest.raises(DataError) as caught:
        read(path, codebook)
    return caught.value


def test_a_csv_file_becomes_a_labelled_survey_with_a_log(write):
    path = write("id,sex\n001,1\n002,9\n003,\n")
    found = read(path, BOOK)
    assert found.data["id"].tolist() == ["001", "002", "003"]
    assert found.data["sex"].tolist()[:2] == ["Men", "Refused"]
    assert found.data["sex"].isna().tolist() == [False, False, True]
    assert found.log.to_frame()[["step", "rule", "n_before", "n_after"]].to_numpy().tolist() == [
        ["read", "answers.csv", 3, 3],
    ]
    assert found.source == path.as_posix()
    assert found.digest == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_path_may_be_text(write):
    assert len(read(str(write("a\n1\n"))).data) == 1


def test_without_a_codebook_columns_are_taken_as_they_come(write):
    found = read(write("sex,age\n1,34\n2,51\n"))
    assert found.data.to_dict("list") == {"sex": [1, 2], "age": [34, 51]}
    assert found.codebook.title == "answers"


def test_only_empty_cells_are_missing(write):
    found = read(write("id,word\n1,NA\n2,None\n3,\n4,nan\n"))
    assert found.data["word"].isna().tolist() == [False, False, True, False]


def test_the_file_is_not_changed_by_reading(write):
    path = write("id,sex\n001,1\n")
    before = path.read_bytes()
    read(path, BOOK)
    assert path.read_bytes() == before


def test_a_codebook_may_be_a_path(write):
    book = write("variables: {sex: {label: Sex, kind: single, codes: {1: Men}}}", "codebook.yaml")
    assert read(write("sex\n1\n"), book).data["sex"].tolist() == ["Men"]
    assert read(write("sex\n1\n"), str(book)).data["sex"].tolist() == ["Men"]


def test_a_fault_in_the_codebook_is_told_before_the_data_are_read(write):
    with pytest.raises(CodebookError, match="is missing"):
        read("nowhere.csv", write("title: x\n", "codebook.yaml"))


def test_a_frame_is_a_survey_too():
    frame = pd.DataFrame({"id": ["a"], "sex": [2]})
    found = read(frame, BOOK)
    assert found.data["sex"].tolist() == ["Women"]
    assert (found.source, found.digest) == ("data frame", "")
    assert read(frame).codebook.title == "data frame"


def test_a_byte_order_mark_is_no_part_of_the_first_name(write):
    assert list(read(write("\ufeffid,sex\n1,2\n")).data) == ["id", "sex"]


def test_quoted_cells_may_hold_commas_and_line_breaks(write):
    found = read(write('id,word\n1,"a, b\nc"\n2,\n'))
    assert found.data["word"].tolist()[0] == "a, b\nc"


def test_blank_lines_are_no_rows(write):
    assert len(read(write("\nid,sex\n1,\n\n2,1\n\n")).data) == 2


# Refusals


def test_a_missing_file_is_refused_with_its_path_and_a_near_miss(write):
    path = write("a\n1\n")
    found = refusal(path.with_name("answer.csv"))
    assert found.what == "no such file"
    assert found.where.endswith("answer.csv")
    assert found.do == "did you mean 'answers.csv'?"


def test_a_missing_folder_is_refused(tmp_path):
    assert "working directory" in refusal(tmp_path / "nowhere" / "a.csv").do


def test_a_missing_file_in_an_empty_folder_is_refused(tmp_path):
    assert "working directory" in refusal(tmp_path / "a.csv").do


def test_a_folder_is_refused(tmp_path):
    assert refusal(tmp_path).what == "this is a folder"


@pytest.mark.parametrize("text", ["", "\n\n"])
def test_an_empty_file_is_refused(write, text):
    found = refusal(write(text))
    assert found.what == "the file is empty"
    assert found.where.endswith("answers.csv")


def test_a_file_with_only_a_header_is_refused(write):
    assert refusal(write("id,sex\n")).what == "the file has a header and no rows"


def test_a_row_longer_than_the_others_is_refused_with_its_line(write):
    found = refusal(write("a,b\n1,2\n4,5,6\n"))
    assert found.what == "a row does not fit the header"
    assert found.where.endswith("answers.csv:3")
    assert (found.got, found.expected) == ("3 cells", "2 cells")


def test_rows_that_are_all_longer_than_the_header_are_refused_not_shifted(write):
    found = refusal(write("a,b\n1,2,3\n4,5,6\n"))
    assert found.what == "a row does not fit the header"
    assert found.where.endswith("answers.csv:2")
    assert (found.got, found.expected) == ("3 cells", "2 cells")


def test_a_row_that_was_cut_is_refused_not_filled_up(write):
    found = refusal(write("a,b,c\n1,2,\n4,5,6\n7,8\n"))
    assert found.what == "a row does not fit the header"
    assert found.where.endswith("answers.csv:4")
    assert (found.got, found.expected) == ("2 cells", "3 cells")


def test_an_open_quote_is_refused(write):
    found = refusal(write('a,b\n1,"x\n2,y\n'))
    assert found.what == "a row's quotes do not close"
    assert found.where.endswith("answers.csv:3")
    assert "quote" in found.do


def test_two_columns_of_one_name_are_numbered_and_named_in_the_log(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("id,sex,sex\n1,2,1\n2,2,2\n")
    found = read(path)
    assert list(found.data.columns) == ["id", "sex", "sex_2"]
    assert "'sex_2'" in found.log.steps[0].reason
    assert "column 2 of the name 'sex' is 'sex_2'" in draft_codebook(found)["sex_2"].review
    assert "of the name" not in draft_codebook(found)["sex"].review


def test_columns_of_the_codebook_that_are_not_there_are_all_named(write):
    found = refusal(write("Id,sx,age\n1,2,3\n"), BOOK)
    assert found.what == "2 columns of the codebook are not in the data"
    assert found.expected == "id, sex"
    assert found.got == "Id, sx, age"
    assert "sex: did you mean 'sx'?" in found.do


def test_a_frame_without_a_column_of_the_codebook_is_refused():
    assert refusal(pd.DataFrame({"id": [1]}), BOOK).where == "data frame"


# Checksums


def listing(path, digest=None, name=None):
    digest = digest or hashlib.sha256(path.read_bytes()).hexdigest()
    path.with_name("SHA256SUMS").write_text(f"{digest}  {name or path.name}\n", encoding="utf-8")


@pytest.mark.parametrize("name", ["answers.csv", "*answers.csv", "./answers.csv"])
def test_a_file_that_agrees_with_its_checksum_is_read(write, name):
    path = write("a\n1\n")
    listing(path, name=name)
    assert read(path).digest in read_digests(path.parent).values()
    assert read_digests(path.parent).keys() == {"answers.csv"}


def test_a_file_that_has_changed_is_refused_with_both_digests(write):
    path = write("a\n1\n")
    listing(path)
    before = verify_digest(path)
    path.write_text("a\n2\n", encoding="utf-8")
    found = refusal(path)
    assert found.what == "the raw file has changed"
    assert found.expected == f"SHA-256 {before}, from SHA256SUMS"
    assert found.got == f"SHA-256 {hashlib.sha256(path.read_bytes()).hexdigest()}"
    assert "never edited" in found.do


def test_a_file_that_is_not_listed_is_read(write):
    path = write("a\n1\n")
    listing(path, name="other.csv")
    assert len(read(path).data) == 1


def test_without_a_listing_there_are_no_digests(tmp_path):
    assert read_digests(tmp_path) == {}


def test_blank_lines_of_a_listing_are_passed_over(tmp_path):
    (tmp_path / "SHA256SUMS").write_text("\nab  a b.csv\n\n", encoding="utf-8")
    assert read_digests(tmp_path) == {"a b.csv": "ab"}


@pytest.mark.parametrize("name", ["a\nb", "a\rb", "a\\b", "a\\nb", "\u2028", "*a", " a ", "\x85a", "\\"])
def test_a_file_of_any_name_is_listed_on_one_line_as_sha256sum_lists_and_checks_it(name, tmp_path):
    path = tmp_path / name
    path.write_text("q\n1\n", encoding="utf-8")
    listing = tmp_path / "SHA256SUMS"
    listing.write_text(digest_line(name, verify_digest(path)), encoding="utf-8")
    assert read_digests(tmp_path) == {name: verify_digest(path)}
    program = shutil.which("sha256sum")
    if program:
        subprocess.run([program, "--check", "--strict", "SHA256SUMS"], cwd=tmp_path, check=True)
    path.write_text("q\n2\n", encoding="utf-8")
    with pytest.raises(DataError, match="the raw file has changed"):
        verify_digest(path)


def test_a_listing_with_a_broken_line_is_refused_with_its_line(write):
    path = write("a\n1\n")
    write("0123  other.csv\nabcdef\n", "SHA256SUMS")
    found = refusal(path)
    assert found.what == "a line names no file"
    assert found.where.endswith("SHA256SUMS:2")


def test_a_tracked_figure_is_in_the_log_from_the_first_step(write):
    book = Codebook({"sex": SEX}, track={"sex": "Men"}, data="synthetic")
    log = read(write("sex\n1\n2\n9\n"), book).log
    assert log.steps[0].figures == {"Sex = Men": 0.5}
    assert log.caveats.synthetic
    assert np.isclose(log.to_frame()["Sex = Men"][0], 0.5)
