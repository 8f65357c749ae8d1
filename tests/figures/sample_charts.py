"""One chart of each kind, of data made here, for tests of how charts look.

``python tests/figures/sample_charts.py`` draws the stored pictures again (`baselines`).
"""

from __future__ import annotations

import json
import sys
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.image import imsave

import trustkit as tk

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from trustkit.figures.data_figure import DataFigure

BASELINES = Path(__file__).parent / "baselines"
WIDTHS = {"wide": 7.6, "phone": 3.33}
BRANDS = ("banks", "doctors and hospitals", "social media")
ANSWERS = {1: "Not at all", 2: "A little", 3: "Somewhat", 4: "A lot"}
STAGES = {"Was asked": {"asked": "Yes"}, "Recalls it": {"recalls": "Yes"}, "Agreed": {"agreed": "Yes"}}
RATES = pd.DataFrame({"counted": ["users"] * 6 + ["prompts"] * 3, "rate": [2, 4, 4, 5, 13, 26, 39, 46, 53.5]})
STEPS = (
    {"step": "drop_duplicates", "key": "id"},
    {"step": "drop_where", "where": {"score": {"low": 10}}, "reason": "gave the highest score"},
)


def survey(words: Callable[[str], str] = str) -> tk.Survey:
    """Make answers with differences that a reader of the charts can see; `words` rewrites each label."""
    n = 1200
    row = np.arange(n)
    random = np.random.default_rng(2024)
    ages, years = row % 6, row % 5
    frame = pd.DataFrame({"id": [f"r{k // 2 if k < 80 else k}" for k in row]})
    frame["age"], frame["sex"] = ages + 1, random.integers(1, 3, n)
    frame["year"] = np.array([2008, 2012, 2014, 2020, 2024])[years]
    for place, name in enumerate(("banks", "doctors", "social")):
        frame[name] = np.clip(np.round(random.normal(3.2 - 0.7 * abs(place - 1) - 0.1 * ages, 1)), 1, 4)
    frame["score"] = np.clip(np.round(random.normal(6 - 0.4 * ages + 0.2 * years, 2.2)), 0, 10)
    frame["asked"] = random.random(n) < 0.8
    frame["recalls"] = frame["asked"] & (random.random(n) < 0.5)
    frame["agreed"] = frame["recalls"] & (random.random(n) < 0.6)
    flags = ["asked", "recalls", "agreed"]
    frame[flags] = frame[flags].astype(int)
    bands = map(words, ("18-24", "25-34", "35-44", "45-54", "55-64", "65+"))
    answers = {code: words(label) for code, label in ANSWERS.items()}
    variables = [
        tk.Variable("id", "Pseudonym", "id"),
        tk.Variable("age", words("Age group"), "single", codes=dict(enumerate(bands, 1))),
        tk.Variable("sex", words("Sex"), "single", codes={1: words("Women"), 2: words("Men")}),
        tk.Variable("year", "Year", "single", codes={int(k): str(k) for k in sorted(set(frame["year"]))}),
        tk.Variable("score", words("Trust, from 0 to 10"), "numeric", low=0, high=10),
        *(tk.Variable(name, name, "single", codes={1: "Yes", 0: "No"}) for name in flags),
        *(
            tk.Variable(name, words(f"How far do you trust {brand}?"), "ordinal", codes=answers, set="trust")
            for name, brand in zip(("banks", "doctors", "social"), BRANDS, strict=True)
        ),
    ]
    book = tk.Codebook(
        {about.name: about for about in variables},
        data="synthetic",
        cleaning=STEPS,
        track={"banks": words("A lot")},
    )
    return tk.Survey(frame, book)


def every_chart(words: Callable[[str], str] = str) -> dict[str, DataFigure]:
    """Return one chart of each kind, with each label and title rewritten by `words`."""
    cleaned = tk.clean(survey(words), by="sex")
    design = tk.Design(cleaned)
    raked = tk.rake(
        design,
        {
            "sex": {words("Women"): 0.55, words("Men"): 0.45},
            "age": dict.fromkeys(cleaned.codebook["age"].labels, 1 / 6),
        },
    )
    choices: dict[str, dict[str, dict[str, object]]] = {
        words("Repeated interviews"): {
            words("left out"): {}, words("kept"): {"leave_out": ["drop_duplicates"]},
        },
        words("Who is counted"): {words("everyone"): {}, words("women"): {"where": {"sex": words("Women")}}},
    }  # fmt: skip
    most = words("A lot")
    share = tk.proportion(design, "banks", level=most, by="age")
    claims = [
        tk.Claim(f"c{k}", words(f"A lot of trust in {brand}"), printed, 0, tk.Reading(name, words("A lot")))
        for k, (name, brand, printed) in enumerate(
            zip(("banks", "doctors", "social"), BRANDS, (15, 29, 30), strict=True)
        )
    ]
    printed = [
        tk.Claim(
            year, words(f"Trust in {year}"), 5, 0, tk.Reading("score", statistic="mean", where={"year": year})
        )
        for year in ("2008", "2012")
    ]
    yearly, trust = tk.mean(design, "score", by="year"), tk.proportion(design, "trust")
    rest = tk.difference_from_rest(design, "banks", by="age", level=most)
    stages = {words(stage): flag for stage, flag in STAGES.items()}
    rates = RATES.assign(counted=RATES["counted"].map(words))
    return {
        "dots": tk.dot_interval(share, title=words("Dots on intervals")),
        "dots_cut": tk.dot_interval(share, title=words("An axis that is cut"), axis="data"),
        "pairs": tk.dot_interval(tk.mean(design, "score", by=["age", "sex"]), title=words("Two variables")),
        "panels": tk.dot_interval(tk.mean(design, "score", by=["sex", "age"]), title=words("Panels")),
        "likert": tk.likert_bars(trust, title=words("Bars"), order="total", totals=2),
        "likert_middle": tk.likert_bars(trust, title=words("Centred"), align="middle"),
        "trend": tk.trend(
            yearly, title=words("A trend"), breaks={"2020": words("asked on the web")},
            published=tk.verify(printed, design),
        ),
        "trends": tk.trend(tk.proportion(design, "banks", by="year"), title=words("Four lines")),
        "heat": tk.heat_table(
            tk.proportion(design, "trust", level=most, by="age"), title=words("A heat table")
        ),
        "distribution": tk.distribution(design, "score", title=words("A distribution"), bands="trust"),
        "differences": tk.difference_dots(rest, title=words("Differences")),
        "funnel": tk.funnel(tk.consent_funnel(design, stages), title=words("A funnel")),
        "flow": tk.exclusion_flow(cleaned.log),
        "losses": tk.exclusion_losses(cleaned.log, title=words("Losses")),
        "path": tk.tracked_path(raked.log, title=words("A path"), published=tk.verify(claims[:1], design)),
        "specifications": tk.specification_curve(
            tk.sensitivity(survey(words), claims[1], choices), title=words("Combinations of choices")
        ),
        "strip": tk.strip_plot(rates, "rate", by="counted", title=words("Published rates"), unit="percent"),
        "verdicts": tk.verdict_dots(tk.verify(claims, design), title=words("Verdicts")),
        "shift": tk.weight_shift(tk.weight_summary(raked), title=words("Weights")),
    }  # fmt: skip


def pixels(chart: DataFigure, width: float) -> NDArray[np.uint8]:
    """Draw a chart without its words, small; shape (height, width, 4)."""
    figure = chart.figure(width, words="beside")
    figure.set_dpi(60)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.array(canvas.buffer_rgba(), dtype=np.uint8)


def drawn_with() -> dict[str, str]:
    """Return the versions on which the look of a picture depends."""
    versions = {name: metadata.version(name) for name in ("matplotlib", "seaborn")}
    return {**versions, "freetype": mpl.ft2font.__freetype_version__}


def main() -> None:
    """Draw the stored pictures again."""
    BASELINES.mkdir(exist_ok=True)
    for path in BASELINES.glob("*.png"):
        path.unlink()
    for name, chart in every_chart().items():
        for kind, width in WIDTHS.items():
            imsave(BASELINES / f"{name}_{kind}.png", pixels(chart, width), metadata={"Software": None})
    (BASELINES / "versions.json").write_text(json.dumps(drawn_with(), indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(f"{2 * len(every_chart())} pictures in {BASELINES.name}\n")


if __name__ == "__main__":
    main()
