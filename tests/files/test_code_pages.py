"""Code pages are guessed where the words are plausible in one of them, and otherwise not guessed."""

from __future__ import annotations

import struct

import pandas as pd
import pyreadstat
import pytest

from trustkit.drafting.draft import draft_codebook
from trustkit.errors import DataError
from trustkit.files.code_pages import guess_code_page
from trustkit.files.read import read
from trustkit.survey.codebook import Codebook

LABELS = {
    "cp950": ["您信任政府嗎", "同意", "非常滿意", "不同意", "沒有意見"],
    "gbk": ["您信任政府吗", "同意", "非常满意", "不同意", "没有意见"],
    "cp932": ["政府を信頼していますか", "とてもそう思う", "わからない", "どちらでもない"],
    "cp949": ["정부를 신뢰하십니까", "매우 그렇다", "그렇지 않다", "모름"],
    "cp1251": ["Доверяете ли вы правительству?", "Полностью согласен", "Трудно сказать"],
    "koi8-r": ["Доверяете ли вы правительству?", "Полностью согласен", "Трудно сказать"],
    "cp1250": ["Czy ufa Pan/Pani rządowi?", "Zdecydowanie się zgadzam", "Trudno powiedzieć", "Własność"],
    "cp1252": ["Vertrauen Sie der Regierung für ...?", "Très satisfait", "Não sei", "¿Qué opina usted?"],
    "cp1253": ["Εμπιστεύεστε την κυβέρνηση;", "Συμφωνώ απόλυτα", "Δεν ξέρω"],
    "cp1254": ["Hükümete güveniyor musunuz?", "Kesinlikle kat\u0131l\u0131yorum", "Hiç değil", "Şüpheli"],
    "cp1255": ["האם אתה סומך על הממשלה", "מסכים בהחלט", "לא יודע"],
    "cp1256": ["هل تثق بالحكومة", "موافق تماما", "لا أعرف"],
}


@pytest.mark.parametrize("page", LABELS)
def test_the_labels_of_a_questionnaire_tell_their_code_page(page):
    raw = [text.encode(page) for text in LABELS[page]]
    found = guess_code_page(raw)
    assert found
    assert [text.decode(found) for text in raw] == LABELS[page]


def test_bytes_that_are_gibberish_everywhere_are_not_guessed():
    assert not guess_code_page([bytes(range(128, 256)), bytes(range(255, 127, -1))])


def old_stata(path, page, labels=None):
    """Write a Stata file of version 13, whose texts are in a code page."""
    texts = labels or LABELS[page]
    marks = [text.encode(page).decode("latin-1") for text in texts]
    pd.DataFrame({"q1": [1, 2], "plain": [1, 2]}).to_stata(
        path, version=117, write_index=False, variable_labels={"q1": marks[0]},
        value_labels={"q1": {1: marks[1], 2: "no"}},
    )  # fmt: skip
    return path


@pytest.mark.parametrize("page", ["cp950", "cp1251", "cp949"])
def test_an_old_stata_file_is_read_in_a_guessed_code_page_which_its_variables_say(tmp_path, page):
    found = read(old_stata(tmp_path / "a.dta", page)).codebook
    assert found["q1"].label == LABELS[page][0]
    assert found["q1"].labels[0] == LABELS[page][1]
    assert f"code page {page} was guessed" in found["q1"].review
    assert "code page" not in found["plain"].review


def test_the_encoding_that_is_named_is_taken_without_a_guess(tmp_path):
    found = read(old_stata(tmp_path / "a.dta", "cp950"), encoding="big5").codebook
    assert found["q1"].label == LABELS["cp950"][0]
    assert "code page" not in found["q1"].review


def test_labels_that_no_code_page_explains_are_said_to_be_unknown(tmp_path):
    odd = bytes(range(161, 191)).decode("latin-1")
    found = read(old_stata(tmp_path / "a.dta", "latin-1", [odd, odd])).codebook
    assert "unicode translate" in found["q1"].review


def test_an_encoding_is_refused_for_a_file_that_has_its_own(tmp_path):
    pd.DataFrame({"q": [1, 2]}).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(DataError, match="no encoding to choose"):
        read(tmp_path / "a.parquet", encoding="big5")


def test_a_stata_file_in_unicode_is_not_guessed(tmp_path):
    pyreadstat.write_dta(pd.DataFrame({"q": [1, 2]}), str(tmp_path / "a.dta"), column_labels=["同意"])
    found = read(tmp_path / "a.dta").codebook
    assert found["q"].label == "同意"
    assert "code page" not in found["q"].review


def old_spss(path, text):
    """Write an SPSS file with a label in a code page that no record names."""
    pyreadstat.write_sav(pd.DataFrame({"q": [1.0, 2.0]}), str(path), column_labels=["Q" * len(text)])
    raw = path.read_bytes().replace(b"Q" * len(text), text)
    named = struct.pack("<4i", 7, 20, 1, 5) + b"UTF-8"
    assert named in raw
    raw = bytearray(raw.replace(named, b""))
    at = raw.index(struct.pack("<4i", 7, 3, 4, 8)) + 44
    raw[at : at + 4] = struct.pack("<i", 2)
    path.write_bytes(raw)
    return path


def test_an_spss_file_without_an_encoding_is_read_in_a_guessed_code_page(tmp_path):
    path = old_spss(tmp_path / "a.sav", LABELS["cp1251"][1].encode("cp1251"))
    found = read(path).codebook["q"]
    assert found.label == LABELS["cp1251"][1]
    assert "code page cp1251 was guessed" in found.review
    assert read(path, encoding="windows-1251").codebook["q"].label == found.label


def test_an_encoding_that_the_text_is_not_in_is_refused_in_words(tmp_path):
    with pytest.raises(DataError, match="not in the encoding named"):
        read(old_stata(tmp_path / "a.dta", "cp1251"), encoding="utf-8")


def test_a_codebook_that_names_a_sheet_and_an_encoding_describes_a_parquet_file_too(tmp_path):
    pd.DataFrame({"q": [1, 2]}).to_parquet(tmp_path / "a.parquet")
    assert len(read(tmp_path / "a.parquet", Codebook({}, sheet="Data", encoding="big5")).data) == 2


def test_a_codebooks_encoding_is_taken_for_an_old_stata_file(tmp_path):
    path = old_stata(tmp_path / "a.dta", "cp950")
    named = read(path, encoding="big5").codebook
    assert named.encoding == "big5"
    assert read(path, named).data["q1"].tolist() == [LABELS["cp950"][1], "no"]


@pytest.mark.parametrize("suffix", [".sav", ".dta"])
def test_a_codebooks_encoding_does_not_overrule_the_one_that_a_file_names(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    getattr(pyreadstat, f"write_{suffix[1:]}")(pd.DataFrame({"q": ["Gr\u00fcn", "\u62d2\u7b54"]}), str(path))
    found = read(path, Codebook({}, encoding="cp1251"))
    assert found.data["q"].tolist() == ["Gr\u00fcn", "\u62d2\u7b54"]
    assert "as the file says, not in the codebook's cp1251" in found.log.steps[0].reason
    assert "codebook" not in read(path, Codebook({}, encoding="utf8")).log.steps[0].reason


def long_texts(path, page, *, order="little"):
    """Write a Stata 13 file with long texts in a code page; a value label follows them in the file."""
    raw = {"Q": (LABELS[page][0] * 300).encode(page), "X": LABELS[page][1].encode(page)}
    same = {letter: letter * len(text) for letter, text in raw.items()}  # as long, in ASCII
    frame = pd.DataFrame({"q1": [1, 2] * 2, "other": [same["Q"], "plain", same["X"], ""]})
    frame.to_stata(
        path, version=117, write_index=False, convert_strl=["other"], byteorder=order,
        value_labels={"q1": {1: LABELS[page][1].encode(page).decode("latin-1"), 2: "no"}},
    )  # fmt: skip
    content = path.read_bytes()
    for letter, text in raw.items():
        assert content.count(same[letter].encode()) == 1
        content = content.replace(same[letter].encode(), text)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("order", ["little", "big"])
@pytest.mark.parametrize("page", ["cp950", "gbk", "cp932", "koi8-r", "cp1251", "cp1252"])
def test_long_texts_of_stata_13_are_read_in_the_code_page_named_or_guessed(tmp_path, page, order):
    path = long_texts(tmp_path / "a.dta", page, order=order)
    texts = [LABELS[page][0] * 300, "plain", LABELS[page][1], None]
    for encoding in (page, None):
        found = read(path, encoding=encoding)
        assert [cell if isinstance(cell, str) else None for cell in found.data["other"]] == texts
        assert found.codebook["q1"].labels == (LABELS[page][1], "no")
    assert "was guessed" in found.codebook["other"].review


def test_long_texts_in_another_encoding_than_the_one_named_are_refused(tmp_path):
    path = long_texts(tmp_path / "a.dta", "cp950")
    with pytest.raises(DataError, match="not in the encoding named") as refused:
        read(path, encoding="utf-8")
    assert refused.value.do == "name another encoding: read(..., encoding=)"


def test_a_damaged_section_of_long_texts_is_refused(tmp_path):
    path = long_texts(tmp_path / "a.dta", "cp950")
    content = path.read_bytes()
    at = content.index(b"GSO") + 12
    for bad in (b"\xff\xff\xff\x7f", b"\x00\x00\x00\x00"):
        path.write_bytes(content[:at] + bad + content[at + 4 :])
        with pytest.raises(DataError):
            read(path, encoding="cp950")


def test_long_texts_that_are_in_utf_8_stay_so_in_an_old_file(tmp_path):
    frame = pd.DataFrame({"q1": [1, 2], "other": ["f\u00fcr", "\u540c\u610f"]})
    frame.to_stata(tmp_path / "a.dta", version=117, write_index=False, convert_strl=["other"])
    assert read(tmp_path / "a.dta").data["other"].tolist() == ["f\u00fcr", "\u540c\u610f"]


HELD = {
    "cp1255": ["עד כמה אתה סומך על הממשלה", "במידה רבה", "מעט", "כלל לא"],
    "cp1258": [
        "B\xe2n co\u0301 tin chi\u0301nh phu\u0309 không",
        "Râ\u0301t tin",
        "Ti\u0301",
        "Không hê\u0300",
    ],
}
"""Words in code pages in which a byte may change the letter before it: a question and its answers."""


def one_byte_each(text, page):
    return text.encode(page).decode("latin-1")


@pytest.mark.parametrize("page", HELD)
@pytest.mark.parametrize("named", [True, False])
def test_the_last_letter_of_a_text_does_not_slip_into_the_next_one(tmp_path, page, named):
    question, *answers = HELD[page]
    cells = [answers[k % 3] for k in range(30)]
    pd.DataFrame({"q1": [1, 2, 3] * 10, "said": [one_byte_each(cell, page) for cell in cells]}).to_stata(
        tmp_path / "a.dta", version=117, write_index=False,
        variable_labels={"q1": one_byte_each(question, page)},
        value_labels={"q1": {code: one_byte_each(text, page) for code, text in enumerate(answers, 1)}},
    )  # fmt: skip
    found = read(tmp_path / "a.dta", encoding=page if named else None)
    assert found.codebook["q1"].label == question
    assert found.codebook["q1"].labels == tuple(answers)
    assert found.data["said"].tolist() == cells


def test_a_file_that_names_such_a_code_page_keeps_its_letters_too(tmp_path):
    question, *answers = HELD["cp1255"]
    cells = [answers[k % 3] for k in range(6)]
    letters = dict(zip([question, *answers], "QABC", strict=True))
    frame = pd.DataFrame({"q1": [1.0, 2.0, 3.0] * 2, "said": [letters[cell] * len(cell) for cell in cells]})
    pyreadstat.write_sav(
        frame, str(tmp_path / "a.sav"), column_labels=["Q" * len(question), "Said"],
        variable_value_labels={"q1": {float(k): letters[a] * len(a) for k, a in enumerate(answers, 1)}},
    )  # fmt: skip
    raw = (tmp_path / "a.sav").read_bytes()
    for text, letter in letters.items():
        assert letter.encode() * len(text) in raw
        raw = raw.replace(letter.encode() * len(text), text.encode("cp1255"))
    raw = raw.replace(
        struct.pack("<4i", 7, 20, 1, 5) + b"UTF-8", struct.pack("<4i", 7, 20, 1, 12) + b"windows-1255"
    )
    (tmp_path / "a.sav").write_bytes(raw)
    found = read(tmp_path / "a.sav")
    assert found.codebook["q1"].label == question
    assert found.codebook["q1"].labels == tuple(answers)
    assert found.data["said"].tolist() == cells


def test_a_draft_says_that_a_code_page_was_guessed_or_is_unknown_whatever_the_file_tells(tmp_path):
    chinese = [one_byte_each(text, "cp950") for text in LABELS["cp950"]]
    for marks, said, unsure in (
        (chinese, "code page cp950 was guessed", False),
        ([bytes(range(161, 191)).decode("latin-1")] * 4, "unknown code page", True),
    ):
        frame = pd.DataFrame({"said": [marks[1], marks[2], marks[3]] * 12, "n": range(36)})
        frame.to_stata(tmp_path / "a.dta", version=117, write_index=False, variable_labels={"n": marks[0]})
        book = draft_codebook(read(tmp_path / "a.dta"))
        assert all(said in book[name].review for name in frame)
        assert (book["n"].unsure, said in book["n"].review) == (unsure, True)
