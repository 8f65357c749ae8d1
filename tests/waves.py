"""Stacked waves of schools, as tests/reference/waves makes them: a row's number is the person."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

FOLDER = Path(__file__).parent / "reference"
REFERENCE = json.loads((FOLDER / "waves" / "waves.json").read_text("utf-8"))


def schools(case="apistrat"):
    frame = pd.read_csv(FOLDER / case / "data.csv", keep_default_na=False, na_values="")
    return frame.assign(id=range(1, len(frame) + 1))


def stacked(frame, waves):
    """Return one row per person and wave; waves: name -> (first row, last row, scores)."""
    parts = [
        frame.assign(wave=name, score=score).iloc[first - 1 : last]
        for name, (first, last, score) in waves.items()
    ]
    long = pd.concat(parts, ignore_index=True)
    return long.assign(high=(long["score"] > 650).map({True: "yes", False: "no"}))


def two_waves():
    frame = schools()
    return stacked(frame, {"1999": (1, 150, frame["api99"]), "2000": (51, 200, frame["api00"])})


def three_waves():
    frame = schools()
    middle = (frame["api99"] + frame["api00"]) / 2
    return stacked(
        frame,
        {"1998": (1, 120, frame["api99"]), "2000": (41, 160, middle), "2003": (81, 200, frame["api00"])},
    )


def panel_with_losses():
    frame = schools()
    kept = ~((frame["id"] % 4 == 0) & (frame["api99"] < 650)) & (frame["id"] % 7 != 0)
    waves = [
        frame.assign(wave="1999", score=frame["api99"]),
        frame[kept].assign(wave="2000", score=frame["api00"]),
    ]
    return pd.concat(waves, ignore_index=True)
