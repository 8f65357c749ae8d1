"""Errors say what, where, got, expected and what to do."""

from __future__ import annotations

import linecache

import pytest

from trustkit import errors
from trustkit.errors import DataError, Faults, TargetsError, TrustkitError, first_few, suggest, without_value
from trustkit.given_functions import called

KINDS = ["DataError", "CodebookError", "DesignError", "TargetsError", "ClaimError", "ReportError"]


def test_a_message_lists_its_parts_in_a_fixed_order():
    error = DataError("too hot", do="cool it", got="40", expected="20", where="kettle.csv:3")
    assert str(error) == "too hot\n  where: kettle.csv:3\n  got: 40\n  expected: 20\n  do: cool it"


def test_a_message_leaves_out_the_parts_that_are_not_given():
    assert str(DataError("too hot", got="", do="cool it")) == "too hot\n  do: cool it"


def test_an_error_carries_its_parts():
    error = DataError("too hot", where="kettle", got="40", expected="20", do="cool it")
    assert (error.what, error.where, error.got, error.expected, error.do) == (
        "too hot", "kettle", "40", "20", "cool it",
    )  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_error_is_a_trustkit_error_with_words_of_its_own(kind):
    found = getattr(errors, kind)
    assert issubclass(found, TrustkitError)
    assert found.__doc__ != TrustkitError.__doc__


def test_a_near_miss_is_suggested():
    assert suggest("cuontry", ["country", "county"]) in {"did you mean 'country'?", "did you mean 'county'?"}
    assert suggest("age_grp", ["age_group", "sex"]) == "did you mean 'age_group'?"


def test_a_near_miss_may_differ_in_capitals_only():
    assert suggest("NO", ["Yes", "No", "no"]) == "did you mean 'No'?"


def test_options_are_listed_where_nothing_is_near():
    assert suggest("q", ["age", "sex"]) == "choose one of: age, sex"


def test_a_long_list_of_options_is_cut_and_says_how_many_are_left():
    text = suggest("zzz", [f"question {number}" for number in range(23)])
    assert text.endswith("question 19 and 3 more")


def test_nothing_is_suggested_where_there_is_nothing_to_choose():
    assert suggest("q", []) == ""


def test_a_suggestion_takes_options_that_are_not_text():
    assert suggest(5, [10, 20]) == "choose one of: 10, 20"


def collected(*faults):
    found = Faults("the targets", TargetsError)
    for what, where, do in faults:
        found.add(what, where=where, do=do)
    return found


def test_all_errors_of_one_subject_are_raised_as_one_of_its_class():
    found = collected(
        ("the shares sum to 0.9", "sex", ""), ("no such variable", "agee", "did you mean 'age'?")
    )
    with pytest.raises(TargetsError) as caught:
        found.refuse(where="targets.yaml", do="correct the file")
    assert str(caught.value).splitlines() == [
        "2 errors in the targets",
        "  - sex: the shares sum to 0.9",
        "  - agee: no such variable; did you mean 'age'?",
        "  where: targets.yaml",
        "  do: correct the file",
    ]


def test_the_errors_are_a_frame_too_and_keep_when_the_place_is_renamed():
    found = collected(("no such variable", "agee", "did you mean 'age'?"), ("no margin is given", "", ""))
    with pytest.raises(TargetsError) as caught:
        found.refuse(where="/folder/a.yaml")
    moved = caught.value.moved("/folder/", "")
    assert moved.where == "a.yaml"
    assert moved.to_frame().to_numpy().tolist() == [
        ["agee", "no such variable", "did you mean 'age'?"],
        ["", "no margin is given", ""],
    ]


def test_an_error_that_stands_alone_is_a_frame_of_one_row():
    frame = DataError("too hot", where="kettle", do="cool it").to_frame()
    assert frame.to_dict("records") == [{"where": "kettle", "what": "too hot", "do": "cool it"}]


def test_nothing_is_raised_without_an_error():
    assert collected().refuse() is None


def test_the_same_error_is_recorded_once_and_one_error_is_singular():
    found = collected(("too hot", "kettle", ""), ("too hot", "kettle", ""))
    with pytest.raises(TargetsError, match=r"^1 error in the targets\n  - kettle: too hot$"):
        found.refuse()


def test_a_raised_error_is_included_with_what_it_got_and_each_of_its_own_errors():
    inner = collected(("a", "x", ""), ("b", "y", "c"))
    found = Faults("the list", DataError)
    found.include(DataError("too hot", got="40", do="cool it"), where="kettle")
    found.include(TargetsError("2 errors", faults=inner), where="entry 1")
    assert [str(fault) for fault in found] == [
        "kettle: too hot, got 40; cool it",
        "entry 1, x: a",
        "entry 1, y: b; c",
    ]


def test_rows_are_named_up_to_five():
    assert first_few(range(7)) == "0, 1, 2, 3, 4"
    assert without_value(["r1"]) == "1 row has no value (first at rows r1)"


def kinds_of(kind):
    return [kind, *(below for child in kind.__subclasses__() for below in kinds_of(child))]


CELL = "<ipython-input-1-contract>"


def rendered(monkeypatch, source, **names):
    """Return what a notebook shows of the error that a cell ends in."""
    lines = source.splitlines(keepends=True)
    monkeypatch.setitem(linecache.cache, CELL, (len(source), None, lines, CELL))
    with pytest.raises(TrustkitError) as caught:
        exec(compile(source, CELL, "exec"), names)  # noqa: S102  # as a notebook runs a cell
    return "\n".join(caught.value._render_traceback_())


@pytest.mark.parametrize("kind", kinds_of(TrustkitError), ids=lambda kind: kind.__name__)
def test_a_notebook_shows_the_message_and_the_line_of_the_cell_for_every_kind(monkeypatch, kind):
    def fail():
        raise kind("too hot", got="40", do="cool it")

    shown = rendered(monkeypatch, "kettle = 1\nfail()\n", fail=fail)
    assert shown == f"{kind.__name__}: too hot\n  got: 40\n  do: cool it\n  line 2 of the cell: fail()"


def test_a_notebook_shows_the_line_of_a_given_function_that_failed(monkeypatch):
    source = "def ratio(values):\n    return values[0] / values[7]\ncalled(ratio, [1], name='f', do='')\n"
    shown = rendered(monkeypatch, source, called=called)
    assert shown.splitlines()[-2:] == [
        "  line 3 of the cell: called(ratio, [1], name='f', do='')",
        "  line 2 of the cell: return values[0] / values[7]",
    ]


def test_a_notebook_shows_the_notes_of_an_error(monkeypatch):
    def fail():
        error = DataError("too hot")
        error.add_note("without the lid")
        raise error

    assert rendered(monkeypatch, "fail()\n", fail=fail).splitlines()[1] == "  without the lid"
