"""A study in which every text that a person or a file can give is a payload, and what its pages must show."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from itertools import cycle, islice
from typing import TYPE_CHECKING

import nbformat
import pandas as pd
from nbformat.v4 import new_code_cell
from payloads import NAMES, PAYLOADS, SECRET

import trustkit as tk
from trustkit.reporting.notebooks import run_notebook
from trustkit.reporting.render import render_site
from trustkit.reporting.study import new_study

if TYPE_CHECKING:
    from pathlib import Path

ROWS = 240
SINGLE = [text for text in PAYLOADS if len(text) < 1000]
"""Payloads that a chart's title has room for."""

ITEMS = (
    *("strategy", "sponsor", "conducted_by", "instructions", "frame", "incentives", "mode", "languages"),
    *("precision", "quality", "limitations", "contact"),
)
"""Items of disclosure that a codebook holds in words."""

CELLS = """
import json
texts = json.load(open("../texts.json"))
names, battery = texts["columns"], texts["battery"]
answer = survey.codebook[names[0]].labels[0]
===
survey.codebook
===
survey.codebook[names[0]]
===
tk.data_table(survey.data[names[:4]].head(9), title=texts["table title"], note=texts["table note"])
===
survey.data[names[:4]].head(9)
===
print(texts["printed"], repr(survey.codebook[names[1]]))
===
tk.exclusion_flow(cleaned.log)
===
tk.exclusion_losses(tk.clean(survey, by=names[1]).log, title=texts["losses title"])
===
tk.tracked_path(cleaned.log, title=texts["path title"])
===
targets = tk.read_targets("../targets.yaml")
raked = tk.rake(design, targets)
targets
===
raked
===
summary = tk.weight_summary(raked)
summary
===
tk.weight_shift(summary, title=texts["shift title"])
===
shares = tk.proportion(raked, names[0], by=names[1])
shares
===
dots = tk.dot_interval(shares, title=texts["dots title"])
dots.captioned(subtitle=texts["subtitle"], source=texts["credit"])
===
tk.likert_bars(tk.proportion(raked, battery), title=texts["bars title"])
===
tk.heat_table(tk.proportion(raked, names[0], by=names[1:3], level=answer), title=texts["heat title"])
===
tk.chisq_test(design, names[2], names[3])
===
stages = tk.consent_funnel(design, {texts["stage"]: {names[0]: answer}})
tk.funnel(stages, title=texts["funnel title"])
===
verdicts = tk.verify(tk.read_claims(folder + "claims.yaml"), raked)
verdicts
===
tk.verdict_dots(verdicts, title=texts["verdicts title"])
===
tk.read_claims(folder + "claims.yaml")[0]
===
chosen = {texts["new answer"]: {names[0]: answer}}
new = tk.derive(cleaned, into=texts["new name"], answers=chosen, rest=texts["rest"], label=texts["new label"])
new.codebook[texts["new name"]]
===
tk.disclosure(raked)
"""


@dataclass
class Texts:
    """Deals payloads out to places, so many for each, and remembers which place got which."""

    turn: int
    each: int
    used: dict[str, str] = field(default_factory=dict)

    def __call__(self, place: str, *, name: bool = False, line: bool = False) -> str:
        """Return the text of a place; a name and a line have one payload."""
        source = NAMES if name else SINGLE if line else PAYLOADS
        start = len(self.used) + self.turn * self.each
        count = 1 if name or line else self.each
        self.used[place] = "\n\n".join(islice(cycle(source), start, start + count))
        return self.used[place]


@dataclass
class Hostile:
    """The study's folder, its site, its codebook, and the payload of each place."""

    study: Path
    site: Path
    book: tk.Codebook
    texts: dict[str, str]

    @property
    def notebook(self) -> nbformat.NotebookNode:
        """The notebook as it was run."""
        (path,) = self.study.glob("notebooks/*.ipynb")
        return nbformat.read(path, as_version=4)


def hostile_codebook(texts: Texts) -> tk.Codebook:
    """Return a codebook whose names, labels, codes and every other text are payloads."""
    shifted = [PAYLOADS[number:] + PAYLOADS[:number] for number in range(8)]
    variables = {}
    for number, parts in enumerate(zip(*shifted, strict=True)):
        name, label, answer, word, purpose, consent, retention, review = parts
        codes = {1: answer, 2: "No"} if number % 2 else {answer: answer, "No": "No"}
        missing = 9 if number % 2 else word
        variables[name] = tk.Variable(
            name, label, "single",
            codes=codes, missing={missing: "refused"}, missing_words={missing: f"({word})"},
            purpose=purpose, consent=consent, retention=retention, review=review,
            short=word if number % 3 == 0 else "",
        )  # fmt: skip
    battery = texts("set", line=True)
    scale = dict(enumerate(dict.fromkeys(texts(f"step {number}", line=True) for number in range(4)), 1))
    for number in (1, 2):
        variables[f"{battery}{number}"] = tk.Variable(
            f"{battery}{number}", texts(f"item {number}", line=True), "ordinal", codes=scale, set=battery
        )
    weights, strata, open_text = (texts(f"{kind} column", line=True) + kind for kind in "wso")
    variables[weights] = tk.Variable(weights, texts("weights label"), "weight")
    variables[strata] = tk.Variable(
        strata, texts("strata label"), "single", codes={1: texts("stratum"), 2: "S"}
    )
    variables[open_text] = tk.Variable(open_text, texts("open label"), "text")
    first = variables[PAYLOADS[0]]
    return tk.Codebook(
        variables,
        title=texts("study title"),
        population=texts("population"),
        source=texts("source"),
        fieldwork=texts("fieldwork"),
        sample="opt-in",
        design=tk.survey.codebook.Roles(weights=weights, strata=strata),
        cleaning=(
            {
                "step": "drop_where",
                "where": {strata: variables[strata].labels[0], PAYLOADS[1]: "No"},
                "reason": texts("reason"),
            },
        ),
        track={first.name: first.labels[0]},
        sets={battery: texts("battery wording", line=True)},
        disclosure={item: texts(f"disclosed {item}") for item in ITEMS},
    )


def hostile_frame(book: tk.Codebook) -> pd.DataFrame:
    """Return answers to the codebook as an export holds them: codes, and payloads as open text."""
    columns = {}
    for number, variable in enumerate(book.variables.values()):
        codes = list(variable.codes)
        if codes:
            values = [codes[(row // (number % 3 + 1)) % len(codes)] for row in range(ROWS)]
        elif variable.kind == "weight":
            values = [1 + row % 3 for row in range(ROWS)]
        else:
            values = list(islice(cycle(PAYLOADS), ROWS))
        columns[variable.name] = values
    return pd.DataFrame(columns).astype(str)


def hostile_claims(book: tk.Codebook, texts: Texts) -> dict[str, object]:
    """Return claims of every kind whose names, sentences, sources and notes are payloads."""
    first, second = list(book.variables.values())[:2]
    words = ("title", "source", "population", "n", "note")
    computed = {
        "published": 50, "variable": first.name, "level": first.labels[0],
        "where": {second.name: second.labels[0]},
        "alternatives": [{"base": "asked", "because": texts("because")}],
    }  # fmt: skip
    claims = {
        "computed" + texts("claim name", line=True): computed | {w: texts(f"claim {w}") for w in words},
        "unchecked": {"published": 4, "unchecked": texts("unchecked")}
        | {w: texts(f"lost {w}") for w in words},
    }
    for number, payload in enumerate(SINGLE):  # a key of JSON in YAML has a most length
        claims[f"claim {number} {payload}"] = {"title": payload, "published": 4, "unchecked": payload}
    return {"title": texts("claims title"), "claims": claims}


def make_hostile_study(folder: Path, *, turn: int = 0, each: int = 1) -> Hostile:
    """Make, run and render the study.

    Parameters
    ----------
    folder
        An empty folder.
    turn, each
        Each place has `each` payloads; another `turn` deals out others.
    """
    texts = Texts(turn, each)
    home = folder / texts("folder", name=True)
    home.mkdir()
    for place in (folder, home):
        (place / "secret.txt").write_text(SECRET, encoding="utf-8")
    book = hostile_codebook(texts)
    codebook = tk.write_codebook(book, home / "book.yaml")
    export = home / f"{texts('file', name=True)}.parquet"
    hostile_frame(book).to_parquet(export)
    study = new_study(home / texts("study folder", name=True), export, codebook).folder
    (raw,) = study.glob("data/raw/*")
    claims = hostile_claims(book, texts)
    (raw / "claims.yaml").write_text(json.dumps(claims), encoding="utf-8")
    first, second = list(book.variables.values())[:2]
    margins = {
        variable.name: dict(zip(variable.labels, (0.4, 0.6), strict=True)) for variable in (first, second)
    }
    targets = {name: texts(f"targets {name}") for name in ("title", "source", "date")} | {"margins": margins}
    (study / "targets.yaml").write_text(json.dumps(targets), encoding="utf-8")
    charts = ("losses", "path", "shift", "dots", "bars", "heat", "funnel", "verdicts")
    given = {f"{chart} title": texts(f"{chart} title", line=True) for chart in charts}
    words = ("table title", "table note", "printed", "subtitle", "credit", "stage")
    words += ("new name", "new answer", "rest", "new label")
    given |= {word: texts(word, line=True) for word in words}
    given["new name"] += " (new)"
    names = {"columns": list(book.variables), "battery": next(iter(book.sets))}
    (study / "texts.json").write_text(json.dumps(given | names), encoding="utf-8")
    (notebook,) = study.glob("notebooks/*.ipynb")
    written = nbformat.read(notebook, as_version=4)
    sources = CELLS.strip().split("\n===\n")
    written.cells += [new_code_cell(source, id=f"cell-{number}") for number, source in enumerate(sources)]
    nbformat.write(written, notebook)
    run_notebook(notebook, notebook)
    site = render_site(study, title=texts("site title"))
    return Hostile(study, site, book, texts.used)
