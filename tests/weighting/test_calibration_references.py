"""Weights, and what is estimated with them, are those of R's survey package (tests/reference/calibration).

Weights agree to 1e-8 relative, estimates and standard errors with ``variance="base"`` to 1e-6, as
issued; R's iterations were driven to 1e-13, its standard errors after raking to ten sweeps (see the
folder's README line). What differs by definition is named in `OTHERWISE`.
"""

from __future__ import annotations

import json
import runpy
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from trustkit import (
    Design,
    calibrate,
    mean,
    poststratify,
    proportion,
    rake,
    replicate,
    total,
    trim,
)
from trustkit.errors import TargetsError

FOLDER = Path(__file__).parents[1] / "reference" / "calibration"
RECORDS = {
    record["id"].removeprefix("calibration/").replace("/weighted", ""): record
    for record in json.loads((FOLDER / "output.json").read_text(encoding="utf-8"))
}
WEIGHTS, NUMBERS = 1e-8, 1e-6

OTHERWISE = {
    "strat/rake": "R sweeps out unweighted level means, though base weights differ; see 'rake by calibrate'",
    "clus1/rake": "R sweeps out level means ten times, 1e-5 from the end; see 'rake by calibrate'",
    "clus1/calibrate then poststratify": "R takes residuals from the first step first; see maths.md",
    "consumer/rake then trim once": "after trimming trustkit takes weights as given, R keeps the residuals",
    "consumer/rake then trim strict": "after trimming trustkit takes weights as given, R keeps the residuals",
}
"""Records whose standard errors are another number on purpose; weights and estimates are compared."""

COMPARED = [name for name, record in RECORDS.items() if record["error"] is None]


@cache
def data_of(case):
    data = pd.read_csv(FOLDER / RECORDS[f"{case}/{FIRST[case]}"]["data"])
    words = {name: data[name] for name in data if data[name].dtype == object or name == "trust_all_brands"}
    return data.assign(**words)


FIRST = {case: next(name for name in RECORDS if name.startswith(case)).split("/")[1]
         for case in ("clus1", "strat", "jk1", "consumer")}  # fmt: skip


@cache
def base_design(case):
    spec = RECORDS[f"{case}/{FIRST[case]}"]["design"]
    roles = {role: spec.get(role) for role in ("weights", "strata", "psu", "fpc")}
    design = Design(data_of(case), **roles)
    return replicate(design, "JK1") if case == "jk1" else design


def targets_of_record(given):
    return {name: levels if isinstance(levels, dict) else float(levels) for name, levels in given.items()}


def apply(design, args, variance="base"):
    """Do what R did."""
    step = args["step"]
    targets = targets_of_record(args.get("targets") or {})
    limits = {name: args.get(name) for name in ("lower", "redistribute")}
    if step == "rake":
        return rake(design, targets, variance=variance)
    if step == "poststratify":
        return poststratify(design, targets, variance=variance)
    if step == "trim":
        return trim(design, args["upper"], relative_to="absolute", **limits)
    if step == "rake then trim":
        return trim(rake(design, targets, variance=variance), args["upper"], relative_to="absolute", **limits)
    bounds = tuple(args.get("bounds") or (None, None))
    done = calibrate(design, targets, method=args["method"], bounds=bounds, variance=variance)
    if step == "calibrate then poststratify":
        return poststratify(done, targets_of_record(args["then"]), variance=variance)
    return done


@cache
def weighted(name, variance="base"):
    return apply(base_design(name.split("/")[0]), RECORDS[name]["args"], variance)


def estimated(design, keys):
    """Return the estimates and standard errors of a record's keys."""
    functions = {"mean": mean, "total": total, "proportion": proportion}
    found = {}
    rows = []
    for key in keys:
        asked = (key["statistic"], key["variable"], bool(key["by"]))
        if asked not in found:
            by = {"by": "sex" if "sex" in design.data else "stype"} if key["by"] else {}
            found[asked] = functions[key["statistic"]](design, key["variable"], **by).to_frame()
        frame = found[asked]
        if key["by"]:
            frame = frame[frame.iloc[:, 0] == key["by"]]
        if key["level"]:
            frame = frame[frame["level"] == key["level"]]
        rows.append(frame[["estimate", "se"]].to_numpy()[0])
    return np.array(rows).T


@pytest.mark.parametrize("name", COMPARED)
def test_weights_are_those_of_r(name):
    extra = RECORDS[name]["extra"]
    weights = weighted(name).weights
    assert weights[:: extra["every"]] == pytest.approx(extra["weights"], rel=WEIGHTS)
    assert weights.sum() == pytest.approx(extra["sum"], rel=WEIGHTS)
    assert (weights**2).sum() == pytest.approx(extra["squares"], rel=WEIGHTS)


@pytest.mark.parametrize("name", COMPARED)
def test_estimates_after_weighting_are_those_of_r(name):
    record = RECORDS[name]
    estimate, _ = estimated(weighted(name), record["keys"])
    assert estimate == pytest.approx(record["estimate"], rel=NUMBERS)


@pytest.mark.parametrize("name", [name for name in COMPARED if name not in OTHERWISE])
def test_standard_errors_after_weighting_are_those_of_r(name):
    record = RECORDS[name]
    _, se = estimated(weighted(name), record["keys"])
    assert se == pytest.approx(record["se"], rel=NUMBERS)


@pytest.mark.parametrize("name", OTHERWISE)
def test_standard_errors_that_differ_from_r_on_purpose_still_do(name):
    record = RECORDS[name]
    _, se = estimated(weighted(name), record["keys"])
    assert se != pytest.approx(record["se"], rel=NUMBERS)
    assert np.median(se / record["se"]) == pytest.approx(1, abs=0.1)


def test_after_two_steps_the_jackknife_sides_with_residuals_from_the_last_step_first():
    name = "clus1/calibrate then poststratify"
    record = RECORDS[name]
    _, se = estimated(weighted(name), record["keys"])
    redone = apply(replicate(base_design("clus1"), "JK1"), record["args"])
    _, jackknife = estimated(redone, record["keys"])
    distance = [np.abs(np.log(found / jackknife)).max() for found in (se, np.array(record["se"]))]
    assert distance[0] < 0.35
    assert distance[1] > 0.5


def test_what_r_can_not_calibrate_is_refused_with_the_level_and_the_bound():
    (name,) = [name for name, record in RECORDS.items() if record["error"]]
    assert RECORDS[name]["error"] == "Calibration failed"
    with pytest.raises(TargetsError, match="beyond the bound") as caught:
        weighted(name)
    assert "age_group: " in str(caught.value)


def test_the_consumer_data_given_to_r_are_what_trustkit_cleans(monkeypatch):
    monkeypatch.chdir(FOLDER.parents[2])
    script = runpy.run_path(str(FOLDER / "export_consumer.py"))
    frame = script["consumer"]().data
    exported = pd.read_csv(FOLDER / "consumer.csv")
    for name in ("age_group", "country", "sex"):
        assert frame[name].astype(str).tolist() == exported[name].tolist()
    assert np.array_equal(frame["trust_score"], exported["trust_score"], equal_nan=True)
