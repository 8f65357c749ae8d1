"""Invented questionnaires with known answers, written as exports of many platforms; nobody was interviewed.

Each question knows the right table. `wrong_and_silent` compares what a draft alone gives with it.
"""

from __future__ import annotations

import csv
import json
import re
import warnings
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

import trustkit as tk
from trustkit.survey.codebook_yaml import read_codebook

LANGUAGES = {
    language: {key: tuple(word) if isinstance(word, list) else word for key, word in words.items()}
    for language, words in yaml.safe_load(
        Path(__file__).with_name("questionnaires.yaml").read_text(encoding="utf-8")
    ).items()
}
"""Words of some languages; the last one is a language that trustkit's lists do not know."""


@dataclass
class Question:
    """One question: its name, wording, what kind it is, its answers, and the right table.

    ``shares`` is answer -> share of those who gave a substantive answer; ``mean`` is for numbers; ``ticks``
    is how its language says yes and no.
    """

    name: str
    wording: str
    kind: str
    cells: list
    shares: dict = field(default_factory=dict)
    mean: float = float("nan")
    codes: dict = field(default_factory=dict)
    options: tuple = ()
    ticks: tuple = ("Yes", "No")


def single(random, name, words, n, *, key, missing=(), coded=False):
    """Return a question with one answer, which some did not give."""
    answers = list(words[key]) if isinstance(words[key], tuple) else [words["yes"], words["no"]]
    weights = random.dirichlet(np.full(len(answers), 3.0))
    given = [answers[k] for k in random.choice(len(answers), n, p=weights)]
    lost = [words[item] for item in missing]
    for place in np.flatnonzero(random.random(n) < 0.15 * bool(lost)):
        given[place] = lost[random.integers(len(lost))]
    valid = pd.Series([answer for answer in given if answer in answers])
    shares = valid.value_counts(normalize=True).to_dict()
    question = Question(name, f"{name}: ?", "single", given, shares)
    if coded:
        codes = dict(enumerate(answers, 1))
        far = [[8, 9], [98, 99], [-1, -9], [998, 999]][random.integers(4)]
        codes |= dict(zip(far, lost, strict=False))
        back = {label: code for code, label in codes.items()}
        question.cells, question.codes = [back[answer] for answer in given], codes
    return question


def number(random, name, n, *, missing=None, labels=None):
    """Return a question for a number, with missing codes that may be labelled."""
    values = random.integers(18, 90, n).astype(float)
    lost = random.random(n) < 0.1 * (missing is not None)
    mean = float(values[~lost].mean())
    if missing is not None:
        values[lost] = random.choice(missing, int(lost.sum()))
    return Question(
        name, f"{name}: how many?", "number", [int(value) for value in values], {}, mean, labels or {}
    )


def scale(random, name, n, *, low, high, missing=()):
    """Return a question answered by a number of a scale, with missing codes that nothing labels."""
    missing = [code for code in missing if not low <= code <= high]
    values = random.integers(low, high + 1, n)
    lost = random.random(n) < 0.1 * bool(missing)
    shares = {
        str(code): float(share)
        for code, share in pd.Series(values[~lost]).value_counts(normalize=True).items()
    }
    mean = float(values[~lost].mean())
    if missing:
        values[lost] = random.choice(missing, int(lost.sum()))
    return Question(name, f"{name}: from {low} to {high}", "scale", values.tolist(), shares, mean)


def several(random, name, words, n, *, joint=";", none=True):
    """Return a question with several answers in one cell; whoever ticked nothing left the cell empty."""
    options = words["ways"]
    ticked = random.random((n, len(options))) < random.uniform(0.2, 0.6, len(options))
    cells = [joint.join(option for option, on in zip(options, row, strict=True) if on) for row in ticked]
    if none:
        cells = [cell or words["none"] for cell in cells]
    answered = np.array([bool(cell) for cell in cells])
    shares = {option: float(ticked[answered, k].mean()) for k, option in enumerate(options)}
    if none:
        shares[words["none"]] = float(np.mean([cell == words["none"] for cell in cells]))
    question = Question(name, f"{name}: which?", "several", cells, {o: s for o, s in shares.items() if s > 0})
    question.options = (*options, words["none"]) if none else options
    question.ticks = (words["yes"], words["no"])
    return question


def questionnaire(seed, n=120, *, language="", coded=False):
    """Return a questionnaire of seven questions in one language; the same for the same seed.

    ``coded`` gives codes with labels, as statistics programs keep them, instead of texts.
    """
    random = np.random.default_rng(seed)
    words = LANGUAGES[language or list(LANGUAGES)[random.integers(len(LANGUAGES))]]
    lost = [("dk",), ("ref",), ("dk", "ref"), ("dk", "na"), ()][random.integers(5)]
    joint = [";", ",", ", ", "\n", "|"][random.integers(5)]
    end = [(), (98, 99), (88,), (99,), (8, 9), (-1,)][random.integers(6)]
    if coded:
        far = [(998, 999), (-1, -9), (97, 99)][random.integers(3)]
        labels = {far[0]: words["dk"], far[1]: words["ref"]}
        return [
            single(random, "trusts", words, n, key="yes", missing=lost, coded=True),
            single(random, "view", words, n, key="agree", missing=lost, coded=True),
            single(random, "permission", words, n, key="consent", coded=True),
            number(random, "age", n, missing=far, labels=labels),
            scale(random, "rating", n, low=0, high=10, missing=end),
        ]
    return [
        single(random, "trusts", words, n, key="yes", missing=lost),
        single(random, "view", words, n, key="agree", missing=lost),
        single(random, "permission", words, n, key="consent"),
        several(random, "ways", words, n, joint=joint, none=bool(random.integers(2))),
        scale(
            random, "rating", n, low=int(random.integers(2)), high=[5, 7, 10][random.integers(3)], missing=end
        ),
        number(random, "age", n, missing=[None, [999], [998, 999], [-1]][random.integers(4)]),
        single(random, "region", {**words, "key": ("North", "South", "East", "West")}, n, key="key"),
    ]


# Platforms


def plain(path, questions):
    """Write a plain CSV file."""
    pd.DataFrame({item.name: item.cells for item in questions}).to_csv(path, index=False)
    return path


def qualtrics(path, questions):
    """Write Qualtrics' three header rows."""
    head = [item.name for item in questions]
    ids = [json.dumps({"ImportId": f"QID{k}"}) for k, _ in enumerate(questions, 1)]
    rows = zip(*(item.cells for item in questions), strict=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([head, [item.wording for item in questions], ids, *rows])
    return path


def google_forms(path, questions):
    """Write the responses of Google Forms: a time stamp, then questions headed by their wording."""
    head = ["Timestamp", *(item.wording for item in questions)]
    rows = (
        [f"2025/03/01 10:{k % 60:02d}:00", *row]
        for k, row in enumerate(zip(*(q.cells for q in questions), strict=True))
    )
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([head, *rows])
    return path


def boxes(path, questions, *, marks, part="_{}"):
    """Write a plain CSV file in which questions with several answers are columns of boxes."""
    columns = {}
    for item in questions:
        if item.kind != "several":
            columns[item.name] = item.cells
            continue
        joint = joint_of(item)
        for k, option in enumerate(item.options, 1):
            on, off = {"label": (option, ""), "words": item.ticks}.get(marks, marks)
            ticked = [option in cell.split(joint) for cell in item.cells]
            columns[f"{item.name}{part.format(k)}"] = [
                on if tick else (off if cell or off == "" else "")
                for tick, cell in zip(ticked, item.cells, strict=True)
            ]
    pd.DataFrame(columns).to_csv(path, index=False)
    return path


def spss(path, questions):
    """Write an SPSS file without declared missing codes or levels: labels alone tell."""
    import pyreadstat

    frame = pd.DataFrame({item.name: item.cells for item in questions})
    labels = {item.name: {float(k): v for k, v in item.codes.items()} for item in questions if item.codes}
    measures = {
        item.name: "nominal" if item.kind == "single" else "scale" for item in questions if item.codes
    }
    pyreadstat.write_sav(frame, str(path), variable_value_labels=labels, variable_measure=measures)
    return path


def stata(path, questions):
    """Write a Stata file: value labels, and no levels of measurement."""
    frame = pd.DataFrame({item.name: item.cells for item in questions})
    labels = {item.name: item.codes for item in questions if item.codes}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        frame.to_stata(path, write_index=False, value_labels=labels, version=118)
    return path


def sas(path, questions):
    """Write a SAS transport file, which has no labels of values: numbers and texts."""
    import pyreadstat

    path = path.with_suffix(".xpt")
    frame = pd.DataFrame({item.name: item.cells for item in questions})
    pyreadstat.write_xport(frame, str(path))
    return path


def semicolons(path, questions):
    """Write a file as spreadsheets of much of Europe do."""
    pd.DataFrame({item.name: item.cells for item in questions}).to_csv(path, index=False, sep=";")
    return path


def parquet(path, questions):
    """Write a Parquet file."""
    path = path.with_suffix(".parquet")
    pd.DataFrame({item.name: item.cells for item in questions}).to_parquet(path, index=False)
    return path


def surveymonkey(path, questions, *, first="Respondent ID", over="Response", other=""):
    """Write SurveyMonkey's two header rows; several answers stand in a column each.

    ``first`` and ``over`` are what heads the ids and the answers; ``other`` heads answers that were typed.
    """
    heads, seconds, columns = (
        [first],
        [""],
        [[str(1000 + k) for k in range(len(questions[0].cells))]],
    )
    for item in questions:
        if item.kind != "several":
            heads, seconds, columns = [*heads, item.wording], [*seconds, over], [*columns, item.cells]
            continue
        joint = joint_of(item)
        for k, option in enumerate(item.options):
            heads, seconds = [*heads, item.wording if not k else ""], [*seconds, option]
            columns.append([option if option in cell.split(joint) else "" for cell in item.cells])
        if other:
            typed = [k for k, cell in enumerate(item.cells) if cell][::40]
            heads, seconds = [*heads, ""], [*seconds, other]
            columns.append(["Fax" if k in typed else "" for k in range(len(item.cells))])
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([heads, seconds, *zip(*columns, strict=True)])
    return path


def kobo(path, questions):
    """Write KoboToolbox's columns: joined codes, and a box beside them for each option."""
    columns = {}
    for item in questions:
        if item.kind != "several":
            columns[item.name] = item.cells
            continue
        joint = joint_of(item)
        picked = [
            [f"o{k}" for k, option in enumerate(item.options) if option in cell.split(joint)]
            for cell in item.cells
        ]
        columns[item.name] = [" ".join(codes) for codes in picked]
        for k, _ in enumerate(item.options):
            columns[f"{item.name}/o{k + 1}"] = [
                ("1" if f"o{k}" in codes else "0") if codes else "" for codes in picked
            ]
    pd.DataFrame(columns).to_csv(path, index=False, sep=";")
    return path


def joint_of(question):
    """Return the sign that joins a question's answers."""
    return next(
        (sign for sign in (";", ", ", ",", "\n", "|") if any(sign in cell for cell in question.cells)), ";"
    )


PLATFORMS = {
    "plain": plain, "semicolons": semicolons, "qualtrics": qualtrics, "google": google_forms,
    "parquet": parquet,
    "surveymonkey": surveymonkey,
    "surveymonkey in French": partial(surveymonkey, first="Numéro", over="Réponse", other="Autre (précisez)"),
    "kobo": kobo, "boxes 1 and 0": partial(boxes, marks=(1, 0)),
    "boxes x": partial(boxes, marks=("x", "")), "boxes labels": partial(boxes, marks="label"),
    "boxes checked": partial(boxes, marks=("Checked", "Unchecked")),
    "boxes yes and no": partial(boxes, marks="words", part="[SQ00{}]"), "sas": sas,
    "spss": spss, "stata": stata,
}  # fmt: skip
"""How exports are written."""

CODED = ("spss", "stata")
"""Those that keep codes with labels."""


# Comparing


def drafted(path):
    """Return the design that a draft alone gives, by way of the file that it is written to, and the draft."""
    book = tk.draft_codebook(tk.read(path))
    file = path.with_suffix(".yaml")
    tk.write_codebook(book, file)
    return tk.Design(tk.read(path, file)), read_codebook(file)


def is_right(design, question, names):
    """Return whether the draft's table is the right one; None if there is no figure at all."""
    try:
        about = design.codebook.variables.get(names[0])
        if question.kind == "number" or (about is not None and about.kind == "numeric"):
            return bool(np.isclose(tk.mean(design, names[0]).estimate[0], question.mean))
        found = {}
        for name in names:
            members = design.codebook.members(name) or (name,)
            for member in members:
                if question.kind == "several" and len(names) > 1 and design.codebook[member].kind == "text":
                    continue  # typed beside the boxes
                frame = tk.proportion(design, member).to_frame()
                if question.kind == "several":
                    label = design.codebook[member].label
                    place = re.split(r"_|/o|\[SQ0*", member)[-1].rstrip("]")
                    plain_name = question.options[int(place) - 1] if place.isdigit() else label
                    option = max((o for o in question.options if o in label), key=len, default=plain_name)
                    chosen = frame["level"].isin(["Selected", question.ticks[0]])
                    found[option] = float(frame.loc[chosen, "estimate"].iloc[0])
                else:
                    found |= dict(zip(frame["level"], frame["estimate"], strict=True))
    except tk.TrustkitError:
        return None
    found = {level: value for level, value in found.items() if value > 0}
    return found.keys() == question.shares.keys() and all(
        np.isclose(found[level], share) for level, share in question.shares.items()
    )


def wrong_and_silent(path, questions):
    """Return question -> "right", "unsure", "no figure" or "wrong and silent", as a draft alone has it."""
    design, book = drafted(path)
    verdicts = {}
    for item in questions:
        starts = (f"{item.name}_", f"{item.name}/", f"{item.name}[")
        boxed = [name for name in book.variables if name.startswith(starts)]
        named = boxed or [name for name in book.variables if name == item.name]
        named = named or [
            name for name, about in book.variables.items() if about.label.startswith(item.wording)
        ]
        right = is_right(design, item, named)
        if right:
            verdicts[item.name] = "right"
        elif any(book[name].unsure for name in named):
            verdicts[item.name] = "unsure"
        else:
            verdicts[item.name] = "no figure" if right is None else "wrong and silent"
    return verdicts
