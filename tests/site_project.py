"""A tiny project to render: one notebook with a table and pictures, a codebook, digests, verdicts, method."""

from __future__ import annotations

import base64
import hashlib
import io
import json
from copy import deepcopy
from typing import TYPE_CHECKING

import nbformat
import pandas as pd
from matplotlib.figure import Figure
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from trustkit.claims.verdicts import VERDICTS_MIME
from trustkit.display import html_table
from trustkit.ledger import RESULT_MIME

if TYPE_CHECKING:
    from pathlib import Path

    from nbformat import NotebookNode

AWKWARD = 'Share of "A & B" < 50%'
"""A caption with everything that HTML must escape."""

VERDICTS = [
    {
        "claim": "half", "title": f"{AWKWARD}, says <a paper>", "published": 40.0, "estimate": 40.2,
        "ci_low": 38.1, "ci_high": 42.3, "n": 1200, "verdict": "reproduced", "reason": "rounds to it",
        "data": "synthetic", "assumption": "respondents were a simple random sample of <A & B>",
    },
    {
        "claim": "mean", "title": "A mean of 6 points", "published": 6.0, "estimate": 6.42,
        "ci_low": 6.1, "ci_high": 6.7, "n": 1701, "verdict": "contradicted",
        "reason": "the published number is outside the interval",
        "data": "real", "assumption": "",
    },
    {
        "claim": "lost", "title": "Data never published", "published": 82.0, "estimate": None,
        "ci_low": None, "ci_high": None, "n": 0, "verdict": "not checkable", "reason": "no microdata",
        "data": "real", "assumption": "",
    },
]  # fmt: skip

MATHS = r"""# Method

Shares are ratios, $\hat p = \sum w y / \sum w$.

## Variance

$$\hat V = \sum_h \frac{n_h}{n_h - 1} \sum_j (z_{hj} - \bar z_h)^2$$ (variance)

\begin{align}
a &= b + c \\
d &= e
\end{align}

As {eq}`variance` shows; see the [terms](terms.md) and the [notebook](../notebooks/trust.ipynb).

| statistic | value |
|---|---|
| F | 5.19 |
"""


def picture(colour: str) -> str:
    """Return a small picture as a notebook holds it."""
    figure = Figure(figsize=(6, 2), dpi=80, facecolor=colour)
    stream = io.BytesIO()
    figure.savefig(stream, format="png", metadata={"Software": None})
    return base64.b64encode(stream.getvalue()).decode()


def shown(data: dict[str, object], **metadata: object) -> NotebookNode:
    """Return an output of a cell."""
    return new_output("display_data", data=data, metadata=metadata)


def make_notebook() -> NotebookNode:
    """Make a notebook that looks as if it had been run."""
    wide = pd.DataFrame({f"column {number}": ["12.5%", "-"] for number in range(14)})
    table = html_table(wide, caption=AWKWARD) + '<p class="tk-note">Synthetic data.</p>'
    parts = pd.DataFrame({"part": ["weights"], "": ["none"]})
    pictures = [
        shown(
            {"image/png": picture("teal"), "text/plain": "Figure: first"}, **{"image/png": {"alt": AWKWARD}}
        ),
        shown(
            {"image/png": picture("navy"), "text/plain": "Figure: two"}, **{"image/png": {"alt": "Second"}}
        ),
        shown(
            {"text/html": f"<details><summary>Numbers</summary>{table}</details>", "text/plain": "Table"}
            | {RESULT_MIME: {"result": "DataTable"}}
        ),
    ]
    verdicts = {
        "text/html": html_table(parts, caption="Design"),
        "text/plain": "Claims",
        VERDICTS_MIME: deepcopy(VERDICTS),
        RESULT_MIME: {"result": "Verdicts"},
    }
    return new_notebook(
        metadata={
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "trustkit": {"versions": {"python": "3.11.0", "pandas": "3.0.0"}},
        },
        cells=[
            new_markdown_cell("# Trust & consent\n\n**Do people trust brands?** Most do not.", id="title"),
            new_code_cell("secret = 'code is not shown'", id="imports", execution_count=1),
            new_markdown_cell("## Trust\n\nSee the [method](../docs/maths.md).", id="trust"),
            new_code_cell(
                "table",
                id="table",
                execution_count=2,
                outputs=[
                    shown(
                        {"text/html": table, "text/plain": "x", RESULT_MIME: {"result": "DataTable"}},
                    )
                ],
            ),
            new_code_cell("figures", id="figures", execution_count=3, outputs=pictures),
            new_code_cell("claims", id="claims", execution_count=4, outputs=[shown(verdicts)]),
            new_code_cell(
                "print()", id="print", execution_count=5, outputs=[new_output("stream", text="long " * 60)]
            ),
        ],
    )


def make_project(root: Path) -> Path:
    """Write the project and return its folder."""
    raw = root / "data/raw/study"
    for folder in (raw, root / "data/processed", root / "docs", root / "notebooks"):
        folder.mkdir(parents=True)
    (raw / "answers.csv").write_text("id,trust\n1,1\n2,2\n")
    (raw / "codebook.yaml").write_text(
        json.dumps(
            {
                "title": "A study of A & B",
                "data": "synthetic",
                "population": "Adults",
                "variables": {
                    "id": {"label": "Respondent's number", "kind": "id", "identifier": "direct"},
                    "trust": {
                        "label": "Do you trust <brands>?",
                        "kind": "single",
                        "codes": {"1": "Yes", "2": "No"},
                    },
                },
            },
            indent=1,
        )
    )
    (raw / "SHA256SUMS").write_text(
        "".join(
            f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
            for path in sorted(raw.iterdir())
        )
    )
    (root / "docs/maths.md").write_text(MATHS)
    (root / "docs/terms.md").write_text("# Terms\n\nbase\n: Who is counted.\n")
    nbformat.write(make_notebook(), root / "notebooks/trust.ipynb")
    return root
