"""A study discloses what AAPOR asks for, from codebook and design, and names what is missing."""

from __future__ import annotations

import html
import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import trustkit as tk
from trustkit.errors import CodebookError
from trustkit.reporting.transparency import (
    CODE,
    DISCLOSURE_MIME,
    ITEMS,
    disclosure,
)
from trustkit.survey.codebook import Codebook
from trustkit.survey.survey import ExclusionLog, Step, Survey
from trustkit.survey.variable import Variable

TRUST = Variable(
    "trust", "Do you trust <brands>?", "single", codes={1: "Yes", 2: "No"}, missing={8: "don't know"},
    asked={"sex": ("m",)},
)  # fmt: skip
SEX = Variable("sex", "Are you a man or a woman?", "single", codes={1: "m", 2: "f"})
BOOK = Codebook(
    {
        "id": Variable("id", "Number", "id"),
        "trust": TRUST,
        "sex": SEX,
        "w": Variable("w", "Weight", "weight"),
    },
    title="Toy",
    population="Adults in Toyland",
    fieldwork="May 2024",
)
WRITTEN = [item.name for item in ITEMS if item.field == "disclosure" and item.name != "sample_size"]
TARGETS = {"sex": {"m": 0.3, "f": 0.7}}


def study(*, log=(), **book):
    frame = pd.DataFrame({"id": range(100), "trust": [1, 2] * 50, "sex": [1] * 50 + [2] * 50, "w": 1.0})
    frame["w"] += np.arange(100) / 100
    return Survey(frame, replace(BOOK, **book), ExclusionLog(tuple(log)))


def disclosed(survey=None):
    return disclosure(tk.Design(study() if survey is None else survey))


def answers(found):
    return found.to_frame().set_index("item")["answer"].to_dict()


def sources(found):
    return found.to_frame().set_index("item")["source"].to_dict()


# Where answers come from


def test_every_item_stands_once_in_the_order_of_aapors_list():
    found = disclosed().to_frame()
    assert list(found) == ["item", "what", "answer", "source"]
    assert found["item"].tolist() == [item.name for item in ITEMS]
    assert found["item"].is_unique
    numbers = [int(what.split(".")[0]) for what in found["what"][:-1]]
    assert numbers == sorted(numbers)
    assert set(numbers) == set(range(1, 12))
    assert "not on AAPOR's list" in found["what"].iloc[-1]


def test_what_the_fields_of_the_codebook_hold_comes_from_there():
    found = disclosed()
    assert answers(found)["population"] == "Adults in Toyland"
    assert answers(found)["dates"] == "May 2024"
    assert answers(found)["selection"] == "A probability sample."
    assert {sources(found)[name] for name in ("population", "dates", "selection", "wording")} == {"codebook"}


def test_what_stands_under_disclosure_is_the_answer():
    found = disclosed(study(disclosure={"sponsor": "The Toy Board", "mode": "Web"}))
    assert (answers(found)["sponsor"], sources(found)["sponsor"]) == ("The Toy Board", "codebook")
    assert "sponsor" not in found.missing


def test_what_is_missing_is_named_with_where_to_write_it():
    found = disclosed(study(population="", fieldwork="", disclosure={"sponsor": "  "}))
    assert answers(found)["sponsor"] == "Missing. Write it in the codebook, disclosure: sponsor"
    assert answers(found)["population"] == "Missing. Write it in the codebook, population"
    assert answers(found)["dates"] == "Missing. Write it in the codebook, fieldwork"
    assert {"sponsor", "population", "dates", "quality", "limitations"} <= set(found.missing)
    assert f"Missing: {', '.join(found.missing)}." in repr(found)


def test_a_study_that_writes_all_misses_none():
    found = disclosed(study(disclosure=dict.fromkeys(WRITTEN, "Written.")))
    assert found.missing == ()
    assert "No item is missing." in repr(found)


# The wording


def test_the_wording_of_every_question_is_listed_with_answers_and_who_was_asked():
    questions = disclosed().questions
    assert questions.to_dict("records") == [
        {
            "variable": "trust", "wording": "Do you trust <brands>?", "answers": "Yes; No; Don't know",
            "asked": '"Are you a man or a woman?" is m',
        },
        {"variable": "sex", "wording": "Are you a man or a woman?", "answers": "m; f", "asked": ""},
    ]  # fmt: skip


def test_a_question_whose_label_is_its_name_lacks_its_wording():
    variables = {**BOOK.variables, "sex": replace(SEX, label="sex")}
    assert "Without a wording: sex." in answers(disclosed(study(variables=variables)))["wording"]
    bare = {name: replace(variable, label=name) for name, variable in BOOK.variables.items()}
    assert "wording" in disclosed(study(variables=bare)).missing


def test_a_codebook_without_questions_misses_the_wording():
    found = disclosed(study(variables={}))
    assert "wording" in found.missing
    assert "<details>" not in found._repr_html_()


# What the design tells


def test_the_sample_size_is_counted_and_exclusions_come_from_the_log():
    steps = [
        Step("read", "a.csv", "the raw export", 130, 130),
        Step("drop_speeders", "below 60", "too fast", 130, 100),
        Step("set_missing", "by reason", "no answer", 100, 100),
    ]
    found = disclosed(study(log=steps))
    assert answers(found)["sample_size"].startswith("100 respondents of 130 rows.")
    assert answers(found)["quality"] == 'Left out: 30 for "too fast" (below 60).'
    assert sources(found)["quality"] == "design"
    added = disclosed(study(log=steps, disclosure={"quality": "Nothing is imputed."}))
    assert answers(added)["quality"].endswith("(below 60). Nothing is imputed.")
    assert sources(added)["quality"] == "codebook and design"
    assert sources(disclosed(study(disclosure={"quality": "No checks."})))["quality"] == "codebook"


def test_a_probability_sample_discloses_its_margin_of_error():
    found = answers(disclosed())["precision"]
    assert found.startswith("The margin of error of a share of 50% is plus or minus 9.9 percentage points")
    assert found.endswith("standard errors by Taylor linearization.")


def test_clusters_and_replicates_are_told_with_the_precision():
    survey = study()
    clustered = tk.Design(survey.data.assign(psu=survey.data["id"] // 10), codebook=BOOK, psu="psu")
    assert "PSUs make margins wider" in answers(disclosure(clustered))["precision"]
    made = tk.replicate(clustered, "JK1")
    assert answers(disclosure(made))["precision"].endswith("standard errors by replicate weights.")
    told = answers(disclosure(tk.rake(made, TARGETS)))["precision"]
    assert told.endswith("standard errors by replicate weights, each weighted to the margins.")


def test_an_opt_in_sample_discloses_its_model_and_no_margin_of_error():
    survey = study(sample="opt-in")
    found = answers(disclosure(tk.rake(tk.Design(survey), TARGETS)))
    assert found["selection"] == "Not a probability sample: respondents opted in."
    assert found["precision"].startswith("No margin of error: nobody was drawn at random.")
    assert (
        'as if among people alike in "Are you a man or a woman?" respondents answered like'
        in found["precision"]
    )
    assert "residuals from the weighting margins" in found["precision"]
    assert "percentage points" not in found["precision"]


def test_the_weighting_tells_columns_steps_margins_and_cost():
    survey = study()
    assert answers(disclosed(survey))["weighting"] == "Not weighted."
    given = tk.Design(survey, weights="w")
    cost = f"Kish design effect {100 / given.n_eff:.2f}, effective n {given.n_eff:,.0f}."
    assert answers(disclosure(given))["weighting"] == f"Weights in the column w. {cost}"
    raked = answers(disclosure(tk.rake(given, TARGETS)))["weighting"]
    assert raked.startswith(f'Weights in the column w. Raking to the margins of "{SEX.label}". Kish design ')


def test_targets_without_a_source_are_told_until_the_codebook_says_where_they_come_from():
    raked = tk.rake(tk.Design(study()), TARGETS)
    told = "Where the weighting targets come from is missing: codebook, disclosure: weighting."
    assert told in disclosure(raked).notes
    written = study(disclosure={"weighting": "Targets: census of 2021."})
    raked = tk.rake(tk.Design(written), TARGETS)
    assert told not in disclosure(raked).notes
    assert answers(disclosure(raked))["weighting"].endswith("Targets: census of 2021.")


def test_a_step_that_records_the_source_of_its_targets_discloses_it():
    raked = tk.rake(tk.Design(study()), TARGETS)
    for name, value in {"source": "Census", "date": "2021"}.items():
        object.__setattr__(raked.history[-1], name, value)
    found = disclosure(raked)
    assert f'margins of "{SEX.label}" (targets: Census, 2021).' in answers(found)["weighting"]
    assert found.notes == ()


# Mistakes


def test_unknown_items_are_refused_all_at_once_with_the_nearest_or_where_they_stand():
    wrong = {
        "sponsr": "X",
        "population": "X",
        "dates": "X",
        "fieldwork": "X",
        "sample_size": "X",
        "mode": "Web",
    }
    with pytest.raises(CodebookError, match="5 errors in the items to disclose") as caught:
        disclosed(study(disclosure=wrong))
    text = str(caught.value)
    assert "sponsr: no such item; did you mean 'sponsor'?" in text
    assert "population: no such item; it stands in the codebook's population" in text
    assert "dates: no such item; it stands in the codebook's fieldwork" in text
    assert "fieldwork: no such item; it stands in the codebook's fieldwork" in text
    assert "sample_size: no such item; it is counted in the data" in text
    assert "mode:" not in text


def test_one_unknown_item_is_not_called_keys():
    with pytest.raises(CodebookError, match=r"^1 error in the items to disclose of Toy\n  - sponsr: "):
        disclosed(study(disclosure={"sponsr": "X"}))


# Showing


def test_it_shows_as_text_with_an_item_a_paragraph():
    survey = study(data="synthetic", disclosure={"sponsor": "The Toy Board " * 12})
    lines = repr(disclosed(survey)).splitlines()
    assert lines[0] == "Disclosure: Toy"
    assert "2. Who conducted it [missing]" in lines
    assert max(map(len, lines)) <= 140
    assert f"Items of the {CODE}." in lines
    assert lines[-1] == "Synthetic data."


def test_it_shows_as_a_table_with_the_wording_folded_below():
    text = disclosed()._repr_html_()
    assert text.startswith('<table class="tk-table"')
    assert ">Disclosure: Toy</caption>" in text
    assert "<summary>Wording of 2 questions and columns</summary>" in text
    assert "Do you trust &lt;brands&gt;?" in text
    assert html.escape(CODE) in text


def test_it_is_marked_for_the_site_in_plain_json():
    found = disclosed()
    bundle = found._repr_mimebundle_()
    assert json.loads(json.dumps(bundle[DISCLOSURE_MIME])) == {"study": "Toy", "missing": list(found.missing)}
    assert (bundle["text/plain"], bundle["text/html"]) == (repr(found), found._repr_html_())


def test_the_public_name_is_the_function_whoever_imported_the_module():
    assert tk.disclosure is disclosure
