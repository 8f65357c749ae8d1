"""The guides are right: what they show is run, and R's stored numbers are compared with all digits."""

from __future__ import annotations

import doctest
import re
import runpy
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from guide import BLOCK, calls_of, run_guide, run_python

import trustkit as tk

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"


def coming_from():
    tasks = runpy.run_path(str(DOCS / "site" / "other_programs.py"))["tasks"]
    return list(tasks((DOCS / "coming_from.md").read_text(encoding="utf-8")))


def test_every_call_beside_those_of_other_programs_gives_rs_stored_numbers():
    found = coming_from()
    assert len(found) > 10
    for task, _, ours, theirs in found:
        assert ours == pytest.approx(theirs, rel=1e-10), task["title"]


def test_the_estimates_of_pandas_are_those_of_a_design_without_weights_and_all_calls_beside_others_run():
    schools = pd.read_csv(ROOT / "tests" / "reference" / "apiclus1" / "data.csv")
    page = (DOCS / "coming_from.md").read_text(encoding="utf-8")
    section = page.partition("## From pandas\n")[2].partition("\n## ")[0]
    pairs = re.findall(r"^\| `((?:schools|pd\.).*)` \| `(tk\..*)` \|$", section, re.MULTILINE)
    assert len(pairs) > 6
    names = {"pd": pd, "tk": tk, "schools": schools, "design": tk.Design(schools)}
    for theirs, ours in pairs:
        counted, found = np.ravel(run_python(theirs, names)), run_python(ours, names)
        estimates = (found.shares if isinstance(found, tk.CrossTable) else found).estimate
        assert [number for number in estimates if not np.isclose(counted, number).any()] == [], ours
    assert set(re.findall(r"`tk\.(\w+)", page)) <= set(tk.__all__)


def test_every_call_of_the_page_on_methods_runs(tmp_path, monkeypatch):
    page = DOCS / "which_method.md"
    monkeypatch.chdir(tmp_path)  # the page writes a file
    names = {}
    for block in BLOCK.finditer(page.read_text(encoding="utf-8")):
        run_python(block["text"], names)
    calls = calls_of(page)
    assert len(calls) > 30
    for call in calls:
        run_python(call, names)


def test_the_page_on_methods_names_every_estimator_and_every_test():
    topics = runpy.run_path(str(DOCS / "site" / "build.py"))["read_topics"](tk.__doc__)
    text = (DOCS / "which_method.md").read_text(encoding="utf-8")
    left_out = {"variance", "with_replicates", "implied_deff", "delta"}  # for those who know what they need
    wanted = ("Estimates", "Comparisons and tests", "Scales", "Trust and consent")
    functions = [name for topic in wanted for name in topics[topic] if name.islower()]
    assert [name for name in functions if f"tk.{name}(" not in text and name not in left_out] == []


def test_the_picture_of_the_readme_is_what_its_code_draws():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    names = {}
    example = re.search(r"```pycon\n(.*?)```", text, re.DOTALL)[1]
    run_python("\n".join(line[4:] for line in example.splitlines() if line.startswith(">>> ")), names)
    (call,) = re.findall(r"`(tk\.dot_interval\([^`]*page_svg\(\))`", text)
    assert (DOCS / "pictures" / "trust_by_age.svg").read_text(encoding="utf-8") == run_python(call, names)


@pytest.mark.parametrize(
    "name",
    [
        "consent_records.md", "designs.md", "models.md", "protection.md", "published_figures.md",
        "scales.md",
    ],
)  # fmt: skip
def test_the_examples_of_a_guide_print_what_it_shows(name):
    text = (DOCS / name).read_text(encoding="utf-8").replace("```", "\n")
    shown = doctest.DocTestParser().get_doctest(text, {}, name, None, 0)
    said = []
    done = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(shown, out=said.append)
    assert done.failed == 0, "".join(said)
    assert done.attempted > 5
    assert {call.split("(")[0].removeprefix("tk.") for call in calls_of(DOCS / name)} <= set(tk.__all__)


@pytest.mark.site
def test_the_tutorial_leads_from_an_export_to_a_site_with_a_verdict(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    printed = run_guide(DOCS / "tutorial.md", {})
    assert "The site is copied to public" in printed[-1]
    assert (tmp_path / "public" / "index.html").is_file()
    page = (tmp_path / "my_study/site/index.html").read_text(encoding="utf-8")
    assert "Share that does not trust brands with personal data" in page
    assert "An invented press release" in page
