"""Any frame with any codebook: a named error or a right answer, and no value changed on the way.

Hypothesis draws frames of any type of column and codebooks that need not fit them, `EXAMPLES` in all, and
the same ones every time. A traceback from pandas fails here, and a value that passes for another.
"""

from __future__ import annotations

import datetime as dt
import math
import os
import random

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import trustkit as tk
from trustkit.errors import CodebookError, TrustkitError
from trustkit.survey.codebook import Roles
from trustkit.survey.columns import answered
from trustkit.survey.variable import CODED, MissingRange, code_text
from trustkit.survey.written_numbers import written_numbers

EXAMPLES = {"survey": 8_000, "clean": 4_000, "estimate": 5_000, "document": 4_000}
"""How many are drawn with ``TRUSTKIT_FUZZ=large``, as `make nightly` does; the gate a sixteenth."""

SHARE = 1 if os.environ.get("TRUSTKIT_FUZZ") == "large" else 16


def examples(part):
    return settings(
        derandomize=True, deadline=None, database=None, max_examples=EXAMPLES[part] // SHARE,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip


NAMES = ["a", "b", "id", "w", "A", "wt ", "é", "__s0", "estimate", "n", "level", "variable"]
TEXTS = [
    "1",
    "01",
    "1.0",
    "2",
    "",
    " ",
    "yes",
    "No",
    "no",
    "é",
    "nan",
    "None",
    "98",
    "-1",
    "=1+1",
    "a\nb",
    "1e3",
]
NUMBERS = [0, 1, 2, 3, 7, 98, 99, -1, 0.5, 1.0, 2.0, 1e308, -0.0, 2**53 + 1, math.nan, math.inf, -math.inf]
WHOLE = [0, 1, 2, 3, 98, -1]
CODES = [1, 2, 3, 98, -1, 0.5, "a", "yes", "No", "é"]
LABELS = ["Yes", "No", "yes", "1", "2", "ref", "e", "é"]
OTHERS = [None, True, False, pd.NA, pd.NaT, dt.date(2024, 1, 2), (1, 2), 10**30, b"1", 1 + 2j]
KINDS = ["single", "multiple", "ordinal", "numeric", "text", "id", "weight", "date"]
REASONS = ["don't know", "refused", "not asked", "skipped"]


COLUMNS = {
    "int64": (WHOLE, "int64"),
    "float64": ([float(value) for value in NUMBERS], "float64"),
    "text": (TEXTS, "str"),
    "text with gaps": ([*TEXTS, None], "str"),
    "Int64": ([*WHOLE, pd.NA], "Int64"),
    "bool": ([True, False], "bool"),
    "categories": (TEXTS, "category"),
    "numbered categories": (WHOLE, "category"),
    "times": ([pd.Timestamp("2024-01-02"), pd.NaT], "datetime64[ns]"),
    "mixed": ([*TEXTS, *NUMBERS, *OTHERS], "object"),
}
"""Columns of one type each, or of several at once: values and type."""


class Chance(random.Random):
    """A seed drawn by Hypothesis, and what follows from it: one draw an example, so that many fit."""

    def some(self, values, most):
        return self.sample(values, k=self.randint(0, min(most, len(values))))

    def column(self, size, kind=None):
        values, dtype = COLUMNS[kind or self.choice(list(COLUMNS))]
        return pd.Series(self.choices(values, k=size), dtype=dtype)

    def frame(self):
        size = self.randint(0, 5)
        names = self.some([*NAMES, 0, ("a", 1)], 4)
        frame = pd.DataFrame({name: self.column(size) for name in names}, index=pd.RangeIndex(size))
        frame.columns = pd.Index(names, tupleize_cols=False)
        index = {"range": frame.index, "text": [f"row {n}" for n in range(size)], "repeated": [0] * size}
        frame.index = pd.Index(index[self.choice(list(index))])
        return pd.concat([frame, frame.iloc[:, [0]]], axis=1) if names and self.random() < 0.05 else frame

    def variable(self, name):
        kind = self.choice(KINDS)
        missing = self.some(CODES, 2)
        coded = self.some([code for code in CODES if code not in missing], 3) if kind in CODED else []
        labels = self.sample(LABELS, k=len(coded))
        return tk.Variable(
            name,
            self.choice(["", "What?", "<b>"]),
            kind,
            codes=dict(zip(coded, labels, strict=True)),
            missing={code: self.choice(REASONS) for code in missing},
            missing_ranges=self.choice([(), (MissingRange(90, 99, self.choice(REASONS)),)]),
            reverse=self.random() < 0.5,
            low=self.choice([None, 0.0, 5.0]),
            high=self.choice([None, 3.0]),
            asked={self.choice(NAMES): ("Yes",)} if self.random() < 0.2 else {},
            set=self.choice(["", "battery"]),
        )

    def study(self):
        """A frame, and a codebook that describes some of its columns and some that it doesn't have."""
        frame = self.frame()
        names = [name for name in frame.columns if isinstance(name, str)]
        names = self.some(list(dict.fromkeys(names)), 4)
        names += self.some(NAMES, 1) if self.random() < 0.1 else []
        roles = Roles(
            weights="w" if self.random() < 0.2 else None, strata="a" if self.random() < 0.2 else None
        )
        return frame, self.book({name: self.variable(name) for name in names}, roles)

    def fitting_study(self):
        """A frame made from its codebook: every cell is an answer, a missing code or empty."""
        size = self.randint(2, 8)
        names = ["id", *self.some(["a", "b", "n", "level", "é"], 4)]
        variables, columns = {}, {}
        for name in names:
            kind = "id" if name == "id" else self.choice(["single", "ordinal", "numeric"])
            codes = dict(zip([1, 2, 3], ["Yes", "No", "1"], strict=True)) if kind in CODED else {}
            missing = self.choice([{}, {98: "don't know"}, {98: "don't know", 97: "refused"}])
            values = [*(codes or [0, 1, 2, 0.5]), *missing, None] if name != "id" else ["x", "y", "z"]
            variables[name] = tk.Variable(name, "What?", kind, codes=codes, missing=missing, set="battery")
            columns[name] = pd.Series(self.choices(values, k=size), dtype=self.choice(["object", None]))
        if self.random() < 0.5:
            variables["w"] = tk.Variable("w", "Weight", "weight")
            columns["w"] = self.choices([0.0, 0.5, 1.0, 3.0], k=size)
        roles = Roles(weights="w" if "w" in variables else None)
        return pd.DataFrame(columns), self.book(variables, roles)

    def book(self, variables, roles):
        return tk.Codebook(
            variables,
            title="Fuzz",
            data=self.choice(["real", "synthetic"]),
            sample=self.choice(["probability", "opt-in"]),
            design=roles,
            cleaning=tuple(self.some(STEPS, 2)),
        )


STEPS = [
    {"step": "drop_duplicates", "key": "id"},
    {"step": "drop_failed_attention", "variable": "a", "passed": "Yes"},
    {"step": "drop_speeders", "duration": "n"},
    {"step": "drop_speeders", "duration": "n", "share_of_median": 7},
    {"step": "drop_straightliners", "items": "battery"},
    {"step": "set_missing"},
    {"step": "unknown"},
    {},
]


def draw_study(seed):
    chance = Chance(seed)
    return chance.study() if chance.random() < 0.5 else chance.fitting_study()


def last_of(book):
    """Two variables to estimate, weights apart; if there are none, one that isn't there."""
    return ["nowhere", "nowhere", *(name for name in book.variables if name != "w")][-2:]


studies = st.integers(0, 2**64).map(draw_study)


def same_cells(one, other):
    """Whether two columns hold the same values of the same types, missing ones included."""
    pairs = zip(one.tolist(), other.tolist(), strict=True)
    return all(a is b or (type(a) is type(b) and (a == b or (a != a and b != b))) for a, b in pairs)  # noqa: PLR0124


def is_empty(value):
    return (
        value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value))
    )


def check_labelling(raw, found, variable):
    """Every raw value is its label, or stays what it was: none passes for another, none is lost."""
    names = {code_text(code): label for code, label in variable.codes.items()}
    missing = {code_text(code): name for code, name in variable.missing_names.items()}
    words = {*variable.labels, *variable.missing_labels}
    for before, after in zip(raw.tolist(), found.tolist(), strict=True):
        if variable.kind in CODED:
            if is_empty(before):
                assert is_empty(after)
                continue
            alike = [before, int(before)] if isinstance(before, bool) else [before]  # Python: True == 1
            texts = {code_text(value) for value in alike} | {str(before)}
            allowed = {name for text in texts for name in (names.get(text), missing.get(text)) if name}
            allowed |= {str(before)} & words
            allowed |= {span.reason.capitalize() for span in variable.missing_ranges if span.holds(before)}
            assert after in (allowed | texts if isinstance(before, bool) else allowed or texts)
        elif variable.kind in ("numeric", "weight") and found.dtype == float and raw.dtype != float:
            assert is_empty(before) == is_empty(after)
            assert is_empty(before) or float(before) == after
            assert is_empty(before) or isinstance(before, float | str) or int(after) == int(before)
        elif isinstance(before, str) and isinstance(after, float) and variable.kind in ("numeric", "weight"):
            assert written_numbers([before]).numbers == {before: after}  # beside missing codes that are text
        else:
            assert (is_empty(before) and is_empty(after)) or before == after


@given(studies)
@examples("survey")
def test_a_survey_keeps_every_value_or_refuses_by_name(study):
    frame, book = study
    before = frame.copy(deep=True)
    try:
        survey = tk.read(frame, book)
    except TrustkitError:
        survey = None
    assert len(before.columns) == len(frame.columns)
    for place in range(len(frame.columns)):
        assert same_cells(before.iloc[:, place], frame.iloc[:, place])
    if survey is None:
        return
    assert len(survey.data) == len(frame)
    assert list(survey.data.columns) == list(frame.columns)
    for name, variable in book.variables.items():
        check_labelling(frame[name], survey.data[name], variable)
    faults = survey.check()
    assert list(faults.columns) == ["variable", "rule", "value", "count", "rows"]
    assert set(faults["variable"]) <= set(book.variables)
    for name, variable in book.variables.items():
        valid = answered(survey.data[name], variable)
        assert valid.dtype == bool
        assert not valid[survey.data[name].isna()].any()
    assert "Fuzz" in repr(survey)
    assert "Fuzz" in book.to_html()


@given(studies)
@examples("clean")
def test_cleaning_accounts_for_every_respondent_or_refuses_by_name(study):
    frame, book = study
    try:
        survey = tk.read(frame, book)
        cleaned = tk.clean(survey)
    except TrustkitError:
        return
    log = cleaned.log.to_frame()
    assert log["n_after"].iloc[-1] == len(cleaned.data)
    assert (log["n_before"].iloc[1:].to_numpy() == log["n_after"].iloc[:-1].to_numpy()).all()
    assert log["n_before"].iloc[0] == len(frame)
    assert len(log) == 1 + len(book.cleaning)


@given(studies, st.sampled_from(["proportion", "mean", "total", "quantile", "rake", "chisq", "by"]))
@examples("estimate")
def test_an_estimate_is_that_of_the_raw_values_or_refused_by_name(study, what):
    frame, book = study
    other, name = last_of(book)
    try:
        design = tk.Design(tk.read(frame, book))
        found = {
            "proportion": lambda: tk.proportion(design, name),
            "mean": lambda: tk.mean(design, name),
            "total": lambda: tk.total(design, name),
            "quantile": lambda: tk.quantile(design, name),
            "rake": lambda: tk.rake(design, {name: {"Yes": 0.5, "No": 0.5}}),
            "chisq": lambda: tk.chisq_test(design, name, other),
            "by": lambda: tk.proportion(design, name, by=other, base="asked"),
        }[what]()
    except TrustkitError:
        return
    assert repr(found)
    variable = design.variable(name)
    column, weights = design.data[name], design.weights
    if what == "proportion":
        valid = column.isin(variable.labels).to_numpy()
        assert (found.n == int((valid & (weights > 0)).sum())).all()
        for level, share in zip(found.keys["level"], found.estimate, strict=True):
            chosen = (column == level).to_numpy()
            assert share == pytest.approx(weights[chosen].sum() / weights[valid].sum(), nan_ok=True)
        assert found.estimate.sum() == pytest.approx(1, nan_ok=True)
    elif what == "mean" and variable.kind not in CODED:
        valid = answered(column, variable).to_numpy()
        with np.errstate(over="ignore", invalid="ignore"):
            expected = np.average(column[valid].astype(float), weights=weights[valid])
        assert found.estimate[0] == pytest.approx(expected, nan_ok=True, rel=1e-9)


plain = st.one_of(
    st.sampled_from(
        ["single", "numeric", "Yes", "No", "a", "b", "refused", "probability", "w", "set_missing"]
    ),
    st.sampled_from([1, 2, 98, 0.5, True, False, None]),
)
keys = st.sampled_from(
    [
        *(
            "title",
            "data",
            "population",
            "sample",
            "source",
            "fieldwork",
            "sheet",
            "encoding",
            "design",
            "cleaning",
            "track",
        ),
        *("sets", "disclosure", "variables", "weights", "strata", "psu", "fpc", "step", "a", "b", "label"),
        *("kind", "codes", "missing", "missing_ranges", "scores", "reverse", "low", "high", "asked", "set"),
        *("purpose", "consent", "identifier", "retention", "review", "reason", "claims", "margins"),
        *(
            "published",
            "decimals",
            "variable",
            "level",
            "where",
            "alternatives",
            "because",
            1,
            98,
            None,
            True,
        ),
    ]
)
documents = st.recursive(
    plain,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(keys, inner, max_size=4)),
    max_leaves=12,
)
described = st.fixed_dictionaries(
    {"label": plain, "kind": st.sampled_from([*KINDS, "singel"])},
    optional={
        "codes": st.dictionaries(st.sampled_from([1, 2, "a", "01", None, True]), plain, max_size=2)
        | documents,
        "missing": st.dictionaries(st.sampled_from([98, "x"]), plain | documents, max_size=2),
        "missing_ranges": documents,
        "asked": documents,
        "low": plain,
        "scores": documents,
        "reverse": plain,
        "identifier": plain,
    },
)
books = st.fixed_dictionaries(
    {"variables": st.dictionaries(st.sampled_from(["a", "b", 1, None]), described | documents, max_size=2)},
    optional={"design": documents, "cleaning": documents, "track": documents, "sets": documents, "x": plain},
)


@given(books | documents, st.sampled_from(["codebook", "claims", "targets"]))
@examples("document")
def test_a_document_is_read_or_its_faults_are_told(tmp_path_factory, document, kind):
    path = tmp_path_factory.getbasetemp() / "document.yaml"
    path.write_text(yaml.safe_dump(document, allow_unicode=True, sort_keys=False), encoding="utf-8")
    reader = {"codebook": tk.read_codebook, "claims": tk.read_claims, "targets": tk.read_targets}[kind]
    try:
        found = reader(path)
    except TrustkitError as fault:
        told = str(fault)
    else:
        told = path.name
    assert path.name in told
    if told != path.name:
        return
    if kind == "codebook":
        assert isinstance(found.to_frame(), pd.DataFrame)
        empty = pd.DataFrame({name: pd.Series([], dtype="str") for name in found.variables})
        assert tk.Survey(empty, found).check()["count"].sum() == 0


def test_as_many_examples_are_drawn_as_there_should_be():
    assert sum(EXAMPLES.values()) >= 20_000


def test_the_strategies_reach_what_they_should():
    """Right answers are among the examples, not only refusals."""
    reached = {"estimates": 0, "faults": 0}

    @given(studies)
    @settings(
        derandomize=True,
        deadline=None,
        database=None,
        max_examples=600,
        suppress_health_check=list(HealthCheck),
    )
    def count(study):
        frame, book = study
        try:
            design = tk.Design(tk.read(frame, book))
            tk.proportion(design, last_of(book)[-1])
        except TrustkitError as fault:
            reached["faults"] += not isinstance(fault, CodebookError)
        else:
            reached["estimates"] += 1

    count()
    assert min(reached.values()) >= 10
