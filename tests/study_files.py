"""Exports of one invented survey in several formats, each with weights, large enough to draft from.

Made by the real writers where there is one, else in the layouts that the platforms document.
"""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from survey_files import workbook

from trustkit.files.spss_writer import with_sets

if TYPE_CHECKING:
    from pathlib import Path

N = 120
AGREE = ["Strongly disagree", "Disagree", "Neither agree nor disagree", "Agree", "Strongly agree"]
TRUST = {1: "Not at all", 2: "A little", 3: "Somewhat", 4: "A lot", 5: "Completely"}
WAYS = ["Email", "Text message", "Post"]
BRANDS = ["Banks", "Shops", "Social media"]


def answers() -> pd.DataFrame:
    """Return the respondents, codes as numbers, boxes as 1 and 0; always the same ones."""
    draw = np.random.default_rng(20240301)
    frame = pd.DataFrame(
        {
            "respid": [f"P{number:04d}" for number in range(1, N + 1)],
            "sex": draw.choice([1, 2, 9], N, p=[0.48, 0.48, 0.04]),
            "age": draw.integers(18, 90, N),
            "trust": draw.choice([1, 2, 3, 4, 5, 98, 99], N, p=[0.15, 0.2, 0.25, 0.2, 0.1, 0.06, 0.04]),
            **{f"agree_{place}": draw.integers(1, 6, N) for place in (1, 2, 3)},
            **{f"way_{place}": draw.integers(0, 2, N) for place in (1, 2, 3)},
            "words": [f"What I think of brand {number} is a long story" for number in range(N)],
        }
    )
    weights = draw.lognormal(0, 0.4, N)
    frame["weight"] = (weights / weights.mean()).round(6)
    frame.loc[frame["trust"] == 99, "age"] = 999
    return frame


def spss_export(path: Path) -> Path:
    """Write an SPSS file with user-missing codes and a range, labels and a multiple-response set.

    pyreadstat writes no sets: their record is put into the file by `with_sets`.
    """
    import pyreadstat

    frame = answers().rename(columns=str.upper)
    sex = {1.0: "A woman", 2.0: "A man", 9.0: "Prefer not to say"}
    trust = {**{float(code): text for code, text in TRUST.items()}, 98.0: "Don't know", 99.0: "Refused"}
    agree = {float(code): text for code, text in enumerate(AGREE, 1)}
    boxes = {1.0: "Yes", 0.0: "No"}
    pyreadstat.write_sav(
        frame, str(path), file_label="Trust and consent 2024",
        column_labels={
            "RESPID": "Respondent", "SEX": "Are you ...?", "AGE": "Age in years",
            "TRUST": "How far do you trust brands with your personal data?",
            **{f"AGREE_{place}": f"How far do you agree? I would trust {brand}"
               for place, brand in enumerate(BRANDS, 1)},
            **{f"WAY_{place}": way for place, way in enumerate(WAYS, 1)},
            "WEIGHT": "Design weight",
        },
        variable_value_labels={
            "SEX": sex, "TRUST": trust, "AGE": {999.0: "Refused"},
            **{f"AGREE_{place}": agree for place in (1, 2, 3)},
            **{f"WAY_{place}": boxes for place in (1, 2, 3)},
        },
        missing_ranges={"SEX": [9.0], "TRUST": [{"lo": 98.0, "hi": 99.0}], "AGE": [999.0]},
        variable_measure={
            "SEX": "nominal", "TRUST": "ordinal", "AGE": "scale", "WEIGHT": "scale",
            **{f"AGREE_{place}": "nominal" for place in (1, 2, 3)},
            **{f"WAY_{place}": "nominal" for place in (1, 2, 3)},
        },
    )  # fmt: skip
    ways = ("In which ways did brands write to you?", 1, ["WAY_1", "WAY_2", "WAY_3"])
    path.write_bytes(with_sets(path.read_bytes(), {"ways": ways}))
    return path


def worded() -> pd.DataFrame:
    """Return the respondents as a platform words them: choices as text, an unticked box empty."""
    frame = answers()
    texts = {**TRUST, 98: "Don't know", 99: "Prefer not to say"}
    worded = frame.astype(object)
    worded["sex"] = frame["sex"].map({1: "Woman", 2: "Man", 9: "Prefer not to say"})
    worded["trust"] = frame["trust"].map(texts)
    worded["age"] = frame["age"].map(lambda age: "" if age > N else age)
    for place in (1, 2, 3):
        worded[f"agree_{place}"] = frame[f"agree_{place}"].map(dict(enumerate(AGREE, 1)))
        worded[f"way_{place}"] = frame[f"way_{place}"].map({1: WAYS[place - 1], 0: ""})
    return worded


def qualtrics_export(path: Path) -> Path:
    """Write Qualtrics' CSV: names, wording and import ids, then choice text; a weight as embedded data."""
    frame = worded()
    heads = {
        "StartDate": ("Start Date", "startDate"), "EndDate": ("End Date", "endDate"),
        "Status": ("Response Type", "status"), "IPAddress": ("IP Address", "ipAddress"),
        "Progress": ("Progress", "progress"), "Duration (in seconds)": ("Duration (in seconds)", "duration"),
        "Finished": ("Finished", "finished"), "RecordedDate": ("Recorded Date", "recordedDate"),
        "ResponseId": ("Response ID", "_recordId"),
        "Q1": ("Are you ...?", "QID1"), "Q2": ("How old are you?", "QID2_TEXT"),
        "Q3": ("How far do you trust brands with your personal data?", "QID3"),
        **{f"Q4_{place}": (f"How far do you agree? I would trust - {brand}", f"QID4_{place}")
           for place, brand in enumerate(BRANDS, 1)},
        **{f"Q5_{place}": (f"In which ways did brands write to you? - Selected Choice - {way}", "QID5")
           for place, way in enumerate(WAYS, 1)},
        "Q6": ("What do you think of brands?", "QID6_TEXT"), "weight": ("weight", "weight"),
    }  # fmt: skip
    rows = [list(heads), [wording for wording, _ in heads.values()]]
    rows.append([json.dumps({"ImportId": name}, separators=(",", ":")) for _, name in heads.values()])
    for number, row in enumerate(frame.to_dict("records")):
        when = f"2024-03-{1 + number // 24:02d} {number % 24:02d}:15:00"
        rows.append(
            [
                *(when, when, "IP Address", f"192.0.2.{number}", 100, 60 + number, "True", when),
                *(f"R_{number:06d}", row["sex"], row["age"], row["trust"]),
                *(row[f"agree_{place}"] for place in (1, 2, 3)),
                *(row[f"way_{place}"] for place in (1, 2, 3)),
                *(row["words"], row["weight"]),
            ]
        )
    return as_csv(rows, path)


def surveymonkey_export(path: Path) -> Path:
    """Write SurveyMonkey's CSV with its two header rows; the weight as custom data at the end."""
    frame = worded()
    own = ["Respondent ID", "Collector ID", "Start Date", "End Date", "IP Address", "Email Address"]
    heads = [
        [*own, "Are you ...?", "How old are you?", "How far do you trust brands with your personal data?",
         "How far do you agree? I would trust", "", "", "In which ways did brands write to you?", "", "",
         "What do you think of brands?", "weight"],
        [*[""] * len(own), "Response", "Open-Ended Response", "Response", *BRANDS, *WAYS,
         "Open-Ended Response", "Response"],
    ]  # fmt: skip
    rows: list[list[object]] = [list(head) for head in heads]
    for number, row in enumerate(frame.to_dict("records")):
        when = f"03/{1 + number // 24:02d}/2024 {number % 12 + 1:02d}:15:00 AM"
        rows.append(
            [
                *(1180000000 + number, 400, when, when, f"192.0.2.{number}", f"p{number}@example.org"),
                *(row["sex"], row["age"], row["trust"]),
                *(row[f"agree_{place}"] for place in (1, 2, 3)),
                *(row[f"way_{place}"] for place in (1, 2, 3)),
                *(row["words"], row["weight"]),
            ]
        )
    return as_csv(rows, path)


def limesurvey_export(path: Path) -> Path:
    """Write LimeSurvey's CSV of full answers, headed by codes and wordings; the weight as an equation."""
    frame, texts = answers(), worded()
    columns: dict[str, object] = {
        "id": range(1, N + 1),
        "submitdate": [f"2024-03-{1 + row // 24:02d} {row % 24:02d}:15:00" for row in range(N)],
        "lastpage": 3,
        "startlanguage": "en",
        "sex. Are you ...?": texts["sex"],
        "age. How old are you?": texts["age"],
        "trust. How far do you trust brands with your personal data?": texts["trust"],
    }
    for place, brand in enumerate(BRANDS, 1):
        columns[f"agree[SQ{place:03d}]. How far do you agree? I would trust [{brand}]"] = texts[
            f"agree_{place}"
        ]
    for place, way in enumerate(WAYS, 1):
        boxes = frame[f"way_{place}"].map({1: "Yes", 0: "No"})
        columns[f"way[SQ{place:03d}]. In which ways did brands write to you? [{way}]"] = boxes
    columns |= {"words. What do you think of brands?": texts["words"], "weight. Weight": frame["weight"]}
    pd.DataFrame(columns).to_csv(path, index=False, sep=";", encoding="utf-8-sig", quoting=csv.QUOTE_ALL)
    return path


def code_labels() -> dict[str, dict[int, str]]:
    """Return the labels of the codes of `answers`, as a statistics program keeps them."""
    return {
        "sex": {1: "A woman", 2: "A man", 9: "Prefer not to say"},
        "age": {999: "Refused"},
        "trust": {**TRUST, 98: "Don't know", 99: "Refused"},
        **{f"agree_{place}": dict(enumerate(AGREE, 1)) for place in (1, 2, 3)},
        **{f"way_{place}": {0: "No", 1: "Yes"} for place in (1, 2, 3)},
    }


def stata_export(path: Path) -> Path:
    """Write a Stata file with value labels; the format has no missing codes with words of their own."""
    wordings = {
        "sex": "Are you ...?",
        "trust": "How far do you trust brands with your personal data?",
        **{f"agree_{place}": f"I would trust {brand}" for place, brand in enumerate(BRANDS, 1)},
        **{f"way_{place}": f"Wrote to you: {way}" for place, way in enumerate(WAYS, 1)},
    }
    answers().to_stata(
        path, write_index=False, value_labels=code_labels(), variable_labels=wordings, version=118
    )
    return path


def excel_export(path: Path) -> Path:
    """Write a workbook of codes with a sheet of their labels beside them."""
    frame = answers()
    labels = [[name, code, text] for name, codes in code_labels().items() for code, text in codes.items()]
    rows = [list(frame.columns), *frame.astype(object).to_numpy().tolist()]
    workbook(path, rows, [["variable", "value", "label"], *labels])
    return path


def plain_export(path: Path) -> Path:
    """Write a CSV of bare codes: no wording, no labels."""
    answers().to_csv(path, index=False)
    return path


def as_csv(rows: list[list[object]], path: Path) -> Path:
    """Write rows as a CSV file."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8", newline="")
    return path


EXPORTS = {
    "spss.sav": spss_export,
    "qualtrics.csv": qualtrics_export,
    "surveymonkey.csv": surveymonkey_export,
    "plain.csv": plain_export,
}
"""File name -> what writes it."""
