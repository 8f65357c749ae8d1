"""Agreement of two answers of the same respondents, held to R's svykappa and to paired tests."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import trustkit as tk
from trustkit.errors import DataError

FOLDER = Path(__file__).parents[1] / "reference"
REFERENCE = json.loads((FOLDER / "trust_measures" / "kappa.json").read_text(encoding="utf-8"))
SCHOOLS = pd.read_csv(FOLDER / "apistrat" / "data.csv")
BANDS = ["low", "middle", "high"]


def schools():
    bands = {
        name: pd.cut(SCHOOLS[column], [-np.inf, 600, 700, np.inf], labels=BANDS)
        for name, column in (("now", "api00"), ("before", "api99"))
    }
    return tk.Design(SCHOOLS.assign(**bands), weights="pw", strata="stype", fpc="fpc")


def row(found, measure):
    place = found.keys["measure"].tolist().index(measure)
    return found.estimate[place], found.se[place]


@pytest.mark.parametrize(("where", "case"), [(None, "all"), ({"stype": "H"}, "high")])
def test_kappa_is_that_of_svykappa(where, case):
    found = tk.agreement(schools(), "now", "before", where=where)
    assert row(found, "kappa") == pytest.approx(
        (REFERENCE[case]["estimate"], REFERENCE[case]["se"]), rel=1e-9
    )


def test_differences_are_the_paired_ones():
    found = tk.agreement(schools(), "now", "before")
    for answer in BANDS:
        paired = tk.paired_proportions(schools(), "now", "before", answer)
        assert row(found, f"difference: {answer} minus {answer}") == pytest.approx(
            (paired.estimate, paired.se)
        )


def test_agreement_is_the_share_of_equal_answers():
    design = schools()
    same = np.where(design.data["now"].astype(str) == design.data["before"].astype(str), "same", "other")
    made = tk.Design(design.data.assign(same=same), weights="pw", strata="stype", fpc="fpc")
    share = tk.proportion(made, "same", level="same")
    assert row(tk.agreement(design, "now", "before"), "agreement") == pytest.approx(
        (share.estimate[0], share.se[0])
    )


def said(frame):
    return tk.Design(frame.astype("category"))


STATED = pd.DataFrame({"says": list("yyyynnnn"), "does": ["did", "did", "did not", None, *["did not"] * 4]})
PAIRS = {"y": "did", "n": "did not"}


def test_answers_of_other_words_are_paired():
    found = tk.agreement(said(STATED), "says", "does", pairs=PAIRS)
    assert row(found, "agreement")[0] == pytest.approx(6 / 7)
    assert row(found, "difference: y minus did")[0] == pytest.approx(3 / 7 - 2 / 7)
    assert found.n[0] == 7


def test_independent_answers_have_a_kappa_of_zero_and_equal_ones_of_one():
    independent = pd.DataFrame({"a": list("yynn") * 5, "b": list("ynyn") * 5})
    assert row(tk.agreement(said(independent), "a", "b"), "kappa")[0] == pytest.approx(0)
    alike = independent.assign(b=independent["a"])
    assert row(tk.agreement(said(alike), "a", "b"), "kappa") == pytest.approx((1, 0))


def test_replicates_and_linearisation_agree_on_kappa():
    random = np.random.default_rng(2)
    first = random.integers(0, 2, 300)
    second = np.where(random.random(300) < 0.7, first, 1 - first)
    design = said(pd.DataFrame({"a": first, "b": second}).astype(str))
    plain, repeated = (
        row(tk.agreement(made, "a", "b"), "kappa") for made in (design, tk.replicate(design, "JK1"))
    )
    assert repeated[0] == plain[0]
    assert repeated[1] == pytest.approx(plain[1], rel=0.01)


def test_one_answer_of_everybody_has_no_kappa_and_says_why():
    found = tk.agreement(said(pd.DataFrame({"a": list("yyy"), "b": list("yyy")})), "a", "b")
    assert np.isnan(row(found, "kappa")[0])
    assert "everybody gave the same answer to both" in repr(found)


@pytest.mark.parametrize(
    ("pairs", "words"),
    [
        (None, "each answer needs one"),
        ({"y": "did"}, "each answer needs one"),
        ({"y": "did", "n": "did"}, "each answer needs one"),
        ({"y": "did", "n": "didnt not"}, "did you mean 'did not'"),
        ({"y": "did", "m": "did not"}, "says has no answer 'm'"),
    ],
)
def test_answers_that_are_not_paired_are_refused(pairs, words):
    with pytest.raises(DataError, match=words):
        tk.agreement(said(STATED), "says", "does", pairs=pairs)


def test_a_variable_has_no_agreement_with_itself_and_somebody_must_answer_both():
    with pytest.raises(DataError, match="needs two variables"):
        tk.agreement(said(STATED), "says", "says")
    apart = pd.DataFrame({"a": ["y", "n", None, None], "b": [None, None, "y", "n"]})
    with pytest.raises(DataError, match="nobody answered both"):
        tk.agreement(said(apart), "a", "b")
