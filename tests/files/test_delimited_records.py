"""Rows of delimited text as they are written: which bytes are one respondent's."""

from __future__ import annotations

import pytest

from trustkit.errors import DataError
from trustkit.files.delimited_records import WrittenRows, split_records


def test_a_row_with_line_ends_in_quotes_is_one_record():
    text = 'id,words\n1,"two\nlines, ""quoted"""\n\n2,none'
    assert split_records(text, ",") == ["id,words\n", '1,"two\nlines, ""quoted"""\n', "\n", "2,none"]


def test_a_quote_inside_a_cell_that_does_not_begin_with_one_opens_nothing():
    assert split_records('id,words\n1,5" wide\n2,6" wide\n', ",") == [
        "id,words\n", '1,5" wide\n', '2,6" wide\n'
    ]  # fmt: skip


def test_a_quote_that_never_closes_swallows_no_other_row():
    assert len(split_records('a,b\n1,"open\n2,x\n', ",")) == 3


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_records_joined_are_the_text(delimiter, end):
    rows = ["id", f"1{delimiter}a", f'2{delimiter}"x{end}{delimiter}y"', "", f"3{delimiter}"]
    text = end.join(rows)
    records = split_records(text, delimiter)
    assert "".join(records) == text
    assert [record.strip("\r\n") for record in records] == rows


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [("utf-8", b"\xef\xbb\xbf"), ("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff"), ("cp1252", b"")],
)
def test_the_bytes_of_other_rows_stay_in_each_encoding(tmp_path, encoding, mark):
    rows = [row.encode(encoding) for row in ("id,words\r\n", '1,"é\r\nè"\r\n', "2,ü\r\n", "3,\r\n")]
    path = tmp_path / "answers.csv"
    path.write_bytes(mark + b"".join(rows))
    written = WrittenRows(path)
    assert written.without([written.answers(3)[1]]) == mark + rows[0] + rows[1] + rows[3]


def test_a_named_encoding_is_used(tmp_path):
    path = tmp_path / "answers.csv"
    path.write_bytes("id,words\n1,привет\n2,да\n".encode("koi8-r"))
    written = WrittenRows(path, "koi8-r")
    assert written.without([1]) == "id,words\n2,да\n".encode("koi8-r")


def test_text_that_other_bytes_would_write_is_refused(tmp_path):
    path = tmp_path / "answers.csv"
    path.write_bytes(b'id,words\n1,\x1b$B$"\x1b(B\n2,\x1b$B\x1b(B\n')  # an escape that writes nothing
    with pytest.raises(DataError, match="can't be taken apart"):
        WrittenRows(path, "iso2022_jp")
