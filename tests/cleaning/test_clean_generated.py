"""Generated cleaning lists: either every fault is named, or the cleaned survey agrees with its codebook."""

from __future__ import annotations

import inspect
from typing import get_args

import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trustkit.cleaning.clean import STEPS, clean, rehearse
from trustkit.cleaning.consent import UnknownConsent
from trustkit.cleaning.scores import AskedMethod
from trustkit.errors import TrustkitError
from trustkit.survey.codebook import Codebook, Roles
from trustkit.survey.survey import Survey
from trustkit.survey.variable import MissingRange, Variable

SCALE = {1: "low", 2: "mid", 3: "high"}
VARIABLES = (
    Variable("id", "Id", "id"),
    Variable("w", "Weight", "weight"),
    Variable("age", "Age", "numeric", low=0, high=100, missing={999: "refused"}),
    Variable("q1", "Q1", "ordinal", codes=SCALE, missing={8: "don't know", 9: "refused"}, set="battery"),
    Variable(
        "q2", "Q2", "ordinal", codes=SCALE, scores={"low": 0, "mid": 5, "high": 9}, set="battery",
        missing_ranges=(MissingRange(90, 99, "skipped"),),
    ),
    Variable(
        "m", "M", "multiple", codes={0: "No", 1: "Yes"}, missing={99: "not asked"},
        asked={"q1": ("low", "mid", "high")},
    ),
    Variable("words", "Words", "text"),
)  # fmt: skip

NAMES = st.sampled_from(["q1", "q2", "m", "age", "extra", "made", "id", "w", "words", "nope", ""])
LABELS = st.sampled_from(
    [*SCALE.values(), "Yes", "No", "Refused", "Don't know", "Skipped", "Not asked", "new", "7", ""]
)
NUMBERS = st.one_of(st.integers(-3, 120), st.floats(), st.booleans())
RANGES = st.fixed_dictionaries({}, optional={"low": NUMBERS, "high": NUMBERS})
CONDITIONS = st.one_of(
    st.fixed_dictionaries(
        {"q1": st.lists(st.sampled_from(["low", "mid", "Refused"]), min_size=1, max_size=2)}
    ),
    st.fixed_dictionaries({"age": st.sampled_from([{"low": 18}, {"high": 40}, 100]), "m": st.just("Yes")}),
    st.dictionaries(NAMES, st.one_of(LABELS, NUMBERS, st.lists(LABELS, max_size=2), RANGES), max_size=2),
)
ARGUMENTS = {
    "str": st.one_of(NAMES, LABELS),
    "int": st.integers(-1, 3),
    "float": NUMBERS,
    "str | Sequence[str]": st.one_of(st.just("battery"), NAMES, st.lists(NAMES, max_size=3)),
    "str | Sequence[str] | Mapping[int, str]": st.one_of(
        st.just("battery"), st.lists(NAMES, max_size=3), st.dictionaries(st.integers(1, 4), NAMES, max_size=3)
    ),
    "UnknownConsent": st.sampled_from(get_args(UnknownConsent)),
    "AskedMethod": st.sampled_from(get_args(AskedMethod)),
    "DerivedKind": st.sampled_from(["single", "ordinal"]),
    "Mapping[str, str]": st.dictionaries(LABELS, LABELS, max_size=3),
    "Mapping[str, str | Sequence[str]]": st.dictionaries(
        LABELS, st.one_of(LABELS, st.lists(LABELS, max_size=3)), max_size=3
    ),
    "Mapping[str, object]": CONDITIONS,
    "Mapping[str, Mapping[str, object]]": st.dictionaries(LABELS, CONDITIONS, max_size=3),
}
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c", None]), st.floats(0, 10), st.sampled_from([0, 18, 40, 999, None]),
        st.sampled_from([1, 2, 3, 8, 9, None]), st.sampled_from([1, 2, 3, 95, None]),
        st.sampled_from([0, 1, None]), st.sampled_from(["t", None]), st.sampled_from([1, 2, None]),
    ),
    max_size=8,
)  # fmt: skip


@st.composite
def entries(draw: st.DrawFn) -> dict[str, object]:
    """Draw a step, the arguments it needs and some of its options, mostly of the right kind."""
    name = draw(st.sampled_from(list(STEPS)))
    found: dict[str, object] = {"step": name}
    for item, about in inspect.signature(STEPS[name]).parameters.items():
        if item == "survey" or (about.default is not inspect.Parameter.empty and draw(st.booleans())):
            continue
        named = item in ("variable", "key", "duration", "into")
        found[item] = draw(NAMES if named else ARGUMENTS[about.annotation])
    return found


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(entries(), min_size=1, max_size=2), ROWS, st.sampled_from(["", "q1"]))
def test_a_list_is_refused_by_name_or_leaves_a_survey_that_can_be_estimated_from(steps, rows, by):
    book = Codebook(
        {variable.name: variable for variable in VARIABLES}, cleaning=tuple(steps),
        design=Roles(weights="w"), track={"q1": "low"},
    )  # fmt: skip
    frame = pd.DataFrame(rows, columns=[*(variable.name for variable in VARIABLES), "extra"])
    frame.loc[~frame["q1"].isin(list(SCALE)), "m"] = 99
    found = Survey(frame, book)
    faults, _ = rehearse(found)
    try:
        cleaned = clean(found, by=by)
    except TrustkitError:
        return
    assert len(faults) == 0
    cleaned.refuse_faults()
    assert [step.step for step in cleaned.log.steps] == [entry["step"] for entry in steps]
    assert repr(cleaned.log).startswith("Exclusion log")
