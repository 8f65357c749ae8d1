"""The tasks of the page on other programs: trustkit's call is run, and stands beside R's stored numbers."""  # noqa: INP001

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

import trustkit as tk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).parents[2]
CODE = re.compile(r"^```python\n(.*?)^```\n", re.MULTILINE | re.DOTALL)
PLACE = "<!-- tasks -->"
DIGITS = 7
"""How many digits the page shows; the tests compare all."""


def with_tasks(text: str) -> str:
    """Return the page with a section for each task."""
    sections = []
    for task, call, ours, theirs in tasks(text):
        calls = {
            "trustkit": task["trustkit"],
            "R&nbsp;survey": call,
            "srvyr": task["srvyr"],
            "SPSS": task["spss"],
        }
        rows = "".join(f"| {program} | {code_of(written)} |\n" for program, written in calls.items())
        numbers = "".join(
            f"| {name} | {value:.{DIGITS}g} | {theirs[name]:.{DIGITS}g} |\n" for name, value in ours.items()
        )
        sections.append(
            f"## {task['title']}\n\n| program | call |\n|---|---|\n{rows}\n"
            f"| number | trustkit | R survey |\n|:--|--:|--:|\n{numbers}\n"
        )
    return text.replace(PLACE, "\n".join(sections))


def code_of(call: str) -> str:
    """Return a call as code in a cell of a table; one that is in words, as words."""
    if not call:
        return "not in the Complex Samples module"
    if call.startswith("survey's"):
        return call
    return "`" + call.replace("|", "\\|") + "`"


def tasks(text: str) -> Iterator[tuple[dict[str, str], str, dict[str, float], dict[str, float]]]:
    """Iterate over each task, R's call, and the numbers of trustkit and of R under the same names."""
    names: dict[str, Any] = {}
    prelude = "\n".join(CODE.findall(text)).replace("tests/reference", str(ROOT / "tests" / "reference"))
    exec(compile(prelude, "coming_from.md", "exec"), names)  # noqa: S102  # the project's own page
    for task in yaml.safe_load((ROOT / "docs" / "coming_from.yaml").read_text(encoding="utf-8")):
        record = record_of(task["record"])
        found = eval(compile(task["trustkit"], "coming_from.yaml", "eval"), names)  # noqa: S307
        yield task, record["call"], *numbers_of(found, record, task.get("numbers", "se"))


def record_of(name: str) -> dict[str, Any]:
    """Return R's stored record."""
    file = ROOT / "tests" / "reference" / name.partition("/")[0] / "output.json"
    records = json.loads(file.read_text(encoding="utf-8"))
    return next(record for record in records if record["id"] == name)


def numbers_of(
    found: object, record: Mapping[str, Any], shown: str
) -> tuple[dict[str, float], dict[str, float]]:
    """Return the numbers of a result and of R's record under the same names."""
    if isinstance(found, tk.TestResult):
        return {"statistic": found.statistic, "p": found.p_value}, {
            "statistic": record["value"], "p": record["p_value"],
        }  # fmt: skip
    if not isinstance(found, tk.Estimate):
        raise TypeError(f"{record['id']}: neither an Estimate nor a TestResult")
    columns = {"estimate": "estimate", "se": "SE"}
    if shown == "interval":
        columns = {"estimate": "estimate", "ci_low": "lower limit", "ci_high": "upper limit"}
    ours: dict[str, float] = {}
    theirs: dict[str, float] = {}
    names = [
        named(key) if isinstance(key, dict) else str(key) for key in record["keys"]
    ]  # or a quantile's place
    rows = [named(key) for key in found.keys.to_dict("records")]
    for place, name in enumerate(names):
        row = rows.index(name) if len(names) > 1 else 0
        for column, word in columns.items():
            label = f"{name}, {word}" if len(names) > 1 else word
            ours[label] = float(getattr(found, column)[row])
            theirs[label] = float(record[column][place])
    return ours, theirs


def named(key: Mapping[Any, object]) -> str:
    """Return what sets a row apart: its answer, its group or its place in the distribution."""
    return ", ".join(str(value) for name, value in key.items() if name != "variable" and value != "")
