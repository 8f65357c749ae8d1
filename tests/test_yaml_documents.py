"""YAML documents are plain data; every fault comes at once, with its line and its path."""

from __future__ import annotations

import os

import pytest

from trustkit import yaml_documents
from trustkit.errors import ClaimError, CodebookError
from trustkit.yaml_documents import Document


@pytest.fixture
def document(tmp_path):
    def write(text, error=CodebookError):
        path = tmp_path / "study.yaml"
        path.write_text(text, encoding="utf-8")
        return Document(path, error)

    return write


def faults(document):
    with pytest.raises(document.faults.error) as caught:
        document.finish()
    return str(caught.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(CodebookError, match="no such file") as caught:
        Document(tmp_path / "nowhere.yaml", CodebookError)
    assert caught.value.where.endswith("nowhere.yaml")
    assert "working directory" in caught.value.do


def test_a_folder_is_not_read(tmp_path):
    with pytest.raises(CodebookError, match="this is a folder"):
        Document(tmp_path, CodebookError)


def test_a_pipe_is_refused_before_it_is_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.yaml")
    with pytest.raises(CodebookError, match="this is a pipe"):
        Document(tmp_path / "pipe.yaml", CodebookError)


def test_a_device_that_never_ends_is_refused_before_it_is_read():
    with pytest.raises(CodebookError, match="this is a device"):
        Document(os.devnull, CodebookError)


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "---\n", "~"])
def test_an_empty_file_is_refused(document, text):
    with pytest.raises(CodebookError, match="the file is empty"):
        document(text)


def test_a_file_that_is_not_utf8_is_refused(tmp_path):
    path = tmp_path / "latin.yaml"
    path.write_bytes("title: Zufriedenheit für alle".encode("latin-1"))
    with pytest.raises(ClaimError, match="not UTF-8") as caught:
        Document(path, ClaimError)
    assert caught.value.do == "save it as UTF-8"


@pytest.mark.parametrize(
    ("text", "line", "got"),
    [
        ("a: 1\nb: &anchor 2\n", 2, "an anchor or alias"),
        ("a: *unknown\n", 1, "an anchor or alias"),
        ("base: &base {a: 1}\nb:\n  <<: *base\n", 1, "an anchor or alias"),
        ("a: !!str 1\n", 1, "the tag tag:yaml.org,2002:str"),
        ("a: 1\nb: !!python/object/apply:os.system ['true']\n", 2, "the tag tag:yaml.org,2002:python"),
        ("a: !local 1\n", 1, "the tag !local"),
        ("a: !!map {b: 1}\n", 1, "the tag tag:yaml.org,2002:map"),
        ("a: !!seq [1]\n", 1, "the tag tag:yaml.org,2002:seq"),
        ("a: 1\n? [b, c]\n: 2\n", 2, "a mapping or list as a key"),
        ("? {b: c}\n: 2\n", 1, "a mapping or list as a key"),
        ("a: [1, 2\n", 2, "expected"),
        ("a: 1\n  b: 2\n", 2, "not allowed here"),
        ("a: 1\n---\nb: 2\n", 2, "another document"),
        ("\ta: 1\n", 1, "cannot start any token"),
    ],
)
def test_what_is_not_plain_yaml_is_refused_with_its_line(document, text, line, got):
    with pytest.raises(CodebookError, match="not plain YAML") as caught:
        document(text)
    assert caught.value.where.endswith(f"study.yaml:{line}")
    assert got in caught.value.got
    assert "anchors" in caught.value.expected


def test_a_merge_key_is_only_a_key_called_so(document):
    assert document("a:\n  <<: 1\n").root.value == {"a": {"<<": 1}}


def test_a_control_character_is_refused(document):
    with pytest.raises(CodebookError, match="not plain YAML"):
        document("a: \x00\n")


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("a: 1\na: 2\n", "a"),
        ("top:\n  x: 1\n  x: 1\n", "top.x"),
        ("codes: {1: Yes, 2: No, 1: Maybe}\n", "codes.1"),
    ],
)
def test_a_key_that_stands_twice_is_a_fault(document, text, path):
    assert f"{path}: the key occurs twice; keep one of them" in faults(document(text))


def test_all_faults_come_at_once_with_line_and_path(document):
    found = document("title: t\nvariables:\n  age:\n    low: young\n  sex: {high: old}\n")
    found.root.child("variables").child("age").child("low").number()
    found.root.child("variables").child("sex").child("high").number()
    text = faults(found)
    assert text.startswith("2 errors in ")
    assert "line 4, variables.age.low: expected a number, got 'young'" in text
    assert "line 5, variables.sex.high: expected a number, got 'old'" in text


def test_one_error_is_not_called_errors(document):
    found = document("a: 1\n")
    found.root.fault("wrong", "correct it")
    assert faults(found).endswith("study.yaml\n  - line 1, (top): wrong; correct it")
    assert faults(found).startswith("1 error in ")


def test_the_same_fault_is_told_once(document):
    found = document("a: text\n")
    for _ in range(3):
        found.root.child("a").mapping()
    assert len(found.faults) == 1


def test_a_fault_below_what_is_written_gets_the_line_above_it(document):
    found = document("a: 1\nb:\n  c: 2\n")
    found.root.child("b").child("missing").fault("is not there")
    assert [str(fault) for fault in found.faults] == ["line 2, b.missing: is not there"]


def test_a_document_without_faults_finishes_silently(document):
    assert document("a: 1\n").finish() is None


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("12", 12), ("-3", -3), ("+3", 3), ("0", 0), ("0.25", 0.25), ("-.5", -0.5), ("1.", 1.0),
        ("1.5e3", 1500.0),
        ("true", True), ("false", False), ("null", None), ("~", None), ("", None),
        ("yes", "yes"), ("No", "No"), ("on", "on"), ("OFF", "OFF"), ("True", "True"), ("y", "y"),
        ("2024-03-04", "2024-03-04"), ("1:30", "1:30"), ("010", "010"), ("08", "08"), ("0x1F", "0x1F"),
        ("1_000", "1_000"), (".inf", ".inf"), (".nan", ".nan"), ("18-24", "18-24"), ("1e3", "1e3"),
        ("'12'", "12"), ('"true"', "true"), ("don't know", "don't know"),
    ],
)  # fmt: skip
def test_words_dates_times_and_padded_codes_stay_what_is_written(document, written, value):
    found = document(f"a: {written}\nb: 1\n").root.child("a").value
    assert found == value
    assert type(found) is type(value)


def test_unknown_keys_are_faults_with_a_suggestion(document):
    found = document("titel: x\n")
    found.root.keys(["title", "data"], needed=["data"])
    assert [str(fault) for fault in found.faults] == [
        "line 1, titel: unknown key; did you mean 'title'?",
        "line 1, (top): the key 'data' is missing",
    ]


def test_a_needed_key_without_a_value_is_missing(document):
    found = document("title:\n")
    found.root.keys(["title"], needed=["title"])
    assert [str(fault) for fault in found.faults] == ["line 1, (top): the key 'title' is missing"]


def test_a_key_without_a_value_is_a_fault_where_values_are_wanted(document):
    found = document("codes:\n  1: Yes\n  2:\n")
    found.root.child("codes").keys_have_values()
    assert [str(fault) for fault in found.faults] == ["line 3, codes.2: the key has no value; write its text"]


@pytest.mark.parametrize(
    ("read", "written", "message"),
    [
        (lambda entry: entry.mapping(), "[1]", "expected a mapping, got [1]"),
        (lambda entry: list(entry.items()), "{b: 1}", "expected a list, got a mapping"),
        (lambda entry: entry.text(), "true", "expected text, got True; quote it"),
        (lambda entry: entry.text(), "[x]", "expected text, got ['x']"),
        (lambda entry: entry.number(), "true", "expected a number, got True"),
        (lambda entry: entry.number(), "many", "expected a number, got 'many'"),
        (lambda entry: entry.number(), "", "expected a number, got None"),
        (lambda entry: entry.flag(default=False), "maybe", "expected true or false, got 'maybe'"),
        (lambda entry: entry.choice(("real", "synthetic"), "real"), "synthtic", "did you mean 'synthetic'?"),
        (lambda entry: entry.texts(), "[true]", "a.1: expected text, got True"),
    ],
)  # fmt: skip
def test_a_value_of_the_wrong_kind_is_a_fault(document, read, written, message):
    found = document(f"a: {written}\nz: 1\n")
    read(found.root.child("a"))
    assert len(found.faults) == 1
    assert message in str(*found.faults)


def test_values_of_the_right_kind_are_returned(document):
    top = document("t: 5\nn: 2\nf: true\nc: real\nl: [a, b]\none: a\nm: {x: 1}\n").root
    assert top.child("t").text() == "5"
    assert top.child("n").number() == 2.0
    assert top.child("f").flag(default=False) is True
    assert top.child("c").choice(("real", "synthetic"), "synthetic") == "real"
    assert top.child("l").texts() == ("a", "b")
    assert top.child("one").texts() == ("a",)
    assert [(key, entry.value) for key, entry in top.child("m").children()] == [("x", 1)]
    assert len(top.document.faults) == 0


def test_what_is_absent_reads_as_its_default(document):
    entry = document("a: 1\n").root.child("absent")
    assert entry.text("x") == "x"
    assert entry.number(2.0) == 2.0
    assert entry.flag(default=True) is True
    assert entry.choice(("a", "b"), "b") == "b"
    assert entry.texts() == ()
    assert dict(entry.mapping()) == {}
    assert len(entry.document.faults) == 0


def test_a_key_is_had_only_with_a_value(document):
    top = document("a: 1\nb:\n").root
    assert top.has("a")
    assert not top.has("b")
    assert not top.child("a").has("b")


def test_a_file_of_answers_given_by_mistake_is_not_printed_in_the_message(document):
    answers = document("".join(f"{row},someone{row}@example.org\n" for row in range(100)))
    answers.root.mapping()
    assert "someone50@example.org" not in faults(answers)
    assert "expected a mapping, got '0,someone0" in faults(answers)


def test_a_document_is_the_same_whether_or_not_yaml_has_its_fast_reader(tmp_path, monkeypatch):
    text = 'a: [1, 1.5, "x: y", yes, no, ~, 010, 1:30, 2024-01-01, .5, 1.0e-07, -3, "\\u00e9"]\n'
    text += "b:\n  c: é\n  ? d\n  : 1\n"
    path = tmp_path / "study.yaml"
    path.write_text(text, encoding="utf-8")
    quick = Document(path, CodebookError).root.value
    own = yaml_documents._plain_loaders()[-1:]
    monkeypatch.setattr(yaml_documents, "_plain_loaders", lambda: own)
    assert Document(path, CodebookError).root.value == quick
    assert quick["a"][3:9] == ["yes", "no", None, "010", "1:30", "2024-01-01"]
