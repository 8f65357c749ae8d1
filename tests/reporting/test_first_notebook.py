"""Which questions a first notebook shows, and how."""

from __future__ import annotations

import numpy as np
import pandas as pd

import trustkit as tk
from trustkit.reporting.first_notebook import find_questions, first_look
from trustkit.survey.codebook import Codebook, Roles
from trustkit.survey.survey import Survey
from trustkit.survey.variable import Variable


def questions(frame, *variables, **study):
    book = Codebook({variable.name: variable for variable in variables}, **study)
    return find_questions(Survey(pd.DataFrame(frame), book))


YES = {1: "Yes", 2: "No"}


def test_questions_that_read_like_questions_come_first_and_persons_are_not_shown():
    frame = {name: [1, 2] * 10 for name in ("plain", "sex", "asks", "rare", "Status", "only")}
    frame["rare"] = [1, *[None] * 19]
    found = questions(
        frame,
        Variable("plain", "plain", "single", codes=YES),
        Variable("sex", "Your sex?", "single", codes=YES, identifier="quasi"),
        Variable("asks", "Do you trust them?", "single", codes=YES),
        Variable("rare", "Why?", "single", codes=YES),
        Variable("Status", "Response type?", "single", codes=YES),
        Variable("only", "Only?", "single", codes={1: "Yes"}),
        Variable("absent", "Absent?", "single", codes=YES),
    )
    assert [item.name for item in found] == ["asks", "plain"]


def test_strata_and_sampling_points_are_no_questions():
    frame = {name: [1, 2] * 10 for name in ("trust", "region", "town")}
    variables = [Variable(name, f"{name}?", "single", codes=YES) for name in frame]
    found = questions(frame, *variables, design=Roles(strata=("region",), psu="town"))
    assert [item.name for item in found] == ["trust"]


def test_a_battery_with_unlike_answers_is_not_drawn_as_one():
    found = questions(
        {"a": [1, 2] * 10, "b": [1, 2] * 10},
        Variable("a", "A?", "single", codes=YES, set="s"),
        Variable("b", "B?", "single", codes={1: "Yes", 2: "Never"}, set="s"),
    )
    assert found == []


def test_without_a_question_a_mean_is_shown_and_answers_without_weight_count_for_nothing():
    age = Variable("age", "Age", "numeric")
    found = questions({"age": np.arange(20.0)}, age)
    assert [item.code.splitlines()[0] for item in found] == ["found = tk.mean(design, 'age')"]
    weight = Variable("w", "W", "weight")
    assert questions({"age": np.arange(20.0), "w": [0.0] * 20}, age, weight, design=Roles(weights="w")) == []


def test_a_long_wording_is_shortened_to_whole_words():
    (found,) = questions({"a": [1, 2] * 10}, Variable("a", "Do you trust " * 20 + "?", "single", codes=YES))
    assert (
        found.wording
        == "Do you trust Do you trust Do you trust Do you trust Do you trust Do you trust Do you ..."
    )
    assert len(found.wording) <= 94


def test_boxes_are_shown_by_the_share_that_chose_them_and_batteries_as_bars():
    boxes = [Variable(f"b{k}", f"Way {k}", "multiple", codes=YES, set="ways") for k in (1, 2)]
    items = [Variable(f"i{k}", f"Item {k}", "ordinal", codes=YES, set="items") for k in (1, 2)]
    frame = {variable.name: [1, 2] * 10 for variable in (*boxes, *items)}
    found = {
        item.name: item.code for item in questions(frame, *boxes, *items, sets={"ways": "In which ways?"})
    }
    assert found == {
        "ways": (
            "found = tk.proportion(design, 'ways', level='Yes')\n"
            "tk.dot_interval(found, title='In which ways?')"
        ),
        "items": "found = tk.proportion(design, 'items')\ntk.likert_bars(found, title='items')",
    }


def notebook_of(targets=None, **study):
    book = Codebook({"q": Variable("q", "Q?", "single", codes=YES)}, **study)
    survey = Survey(pd.DataFrame({"q": [1, 2] * 10, "w": [1.0] * 20}), book)
    cells = first_look(survey, title="T", folder="f/", export="e.csv", targets=targets)
    return "\n\n".join(cell.text for cell in cells)


def test_the_notebook_says_whether_the_figures_are_weighted_and_the_data_real():
    assert "without weights" in notebook_of()
    assert "There are no weights" in notebook_of()
    assert "weighted by `w`" in notebook_of(design=Roles(weights="w"))
    assert "The data are treated as **real**: the codebook" in notebook_of()
    synthetic = notebook_of(data="synthetic")
    assert "The data are **synthetic**" in synthetic
    assert "note='Synthetic data.'" in synthetic


def test_the_notebook_weights_to_the_targets_of_the_study_and_says_so(tmp_path):
    file = tmp_path / "targets.yaml"
    file.write_text("title: T\nsource: S\nmargins:\n  q: {Yes: 0.4, No: 0.6}\n", encoding="utf-8")
    margins = notebook_of(targets=tk.read_targets(file))
    assert 'design = tk.rake(tk.Design(cleaned), folder + "targets.yaml")' in margins
    assert "weighted to the targets of the population" in " ".join(margins.split())
    assert "The weights correct what the targets name" in margins
    assert "without weights" not in margins.casefold()
    file.write_text(f"{file.read_text()}  w: {{mean: 1.5}}\n", encoding="utf-8")
    assert "tk.calibrate(tk.Design(cleaned)," in notebook_of(targets=tk.read_targets(file))


def test_the_notebook_shows_what_is_disclosed_so_that_the_site_does():
    assert "tk.disclosure(design)" in notebook_of().split("\n\n")


def test_the_notebook_says_that_a_sample_is_opt_in_only_if_it_is():
    assert "The codebook calls the sample opt-in" in notebook_of(sample="opt-in")
    assert "opt-in" not in notebook_of(sample="probability")
