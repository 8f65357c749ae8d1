"""The designs and records of tests/reference/models: the same names as in its reference.R."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import pandas as pd

import trustkit as tk

FOLDER = Path(__file__).parents[0] / "reference"


def read_case(path):
    """Return a data file with every text, and some codes, as categories in the order of R."""
    frame = pd.read_csv(FOLDER / path)
    for name in ("race", "RIAGENDR"):
        if name in frame:
            frame[name] = frame[name].astype(str)
    for name in frame:
        if frame[name].dtype.kind not in "if":
            frame[name] = pd.Categorical(frame[name], sorted(frame[name].dropna().unique()))
    return frame


STYPES = {"E": 4421, "H": 755, "M": 1018}


def clusters():
    return tk.Design(read_case("apiclus1/data.csv"), weights="pw", psu="dnum", fpc="fpc")


DESIGNS = {
    "clus1": clusters,
    "strat": lambda: tk.Design(read_case("apistrat/data.csv"), weights="pw", strata="stype", fpc="fpc"),
    "clus2": lambda: tk.Design(
        read_case("stages/apiclus2.csv"), psu=[tk.Stage("dnum", fpc="fpc1"), tk.Stage("snum", fpc="fpc2")]
    ),
    "people": lambda: tk.Design(
        read_case("nhanes/data.csv"), weights="WTMEC2YR", strata="SDMVSTRA", psu="SDMVPSU"
    ),
    "counties": lambda: tk.Design(read_case("domains/data.csv"), weights="pw", strata="stratum", psu="psu"),
    "jk1": lambda: tk.replicate(clusters(), "JK1"),
    "raked": lambda: tk.rake(clusters(), {"stype": STYPES, "awards": {"No": 1994, "Yes": 4200}}),
    "poststratified": lambda: tk.rake(clusters(), {"stype": STYPES}),
}


@cache
def design_of(name, lonely="fail"):
    """Return a design by its name in the records."""
    if name == "regions":
        frame = read_case("lonely/data.csv")
        return tk.Design(frame, weights="pw", strata="region", psu="dnum", fpc="districts", lonely_psu=lonely)
    return DESIGNS[name]()


@cache
def records():
    """Return the records of reference.R."""
    return json.loads((FOLDER / "models" / "output.json").read_text(encoding="utf-8"))["records"]


def where_of(record):
    """Return the domain of a record, as arguments take it."""
    return {name: list(levels) for name, levels in record["where"].items()} if record["where"] else None


def name_in_r(name):
    """Return the name that R gives a coefficient: ``stype[H]`` is ``stypeH`` there."""
    return re.sub(r"\[([^\]]*)\]", r"\1", name).replace("**", "^").replace(" ", "").replace("df=", "df=")
