"""The verdicts on published figures that notebooks hold in their outputs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from trustkit.claims.claims_file import read_claims
from trustkit.claims.verdicts import VERDICTS_MIME
from trustkit.errors import ReportError
from trustkit.reporting.notebook_files import notebook_paths, page_names
from trustkit.reporting.run_records import stored_notebook

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

VERDICT_COLUMNS = (
    *("claim", "title", "published", "estimate", "ci_low", "ci_high"),
    *("n", "verdict", "reason", "data", "assumption"),
)
PUBLICATION_COLUMNS = (
    *("unit", "source", "population", "published_n", "url", "note", "alternatives", "scale", "headline"),
)
"""What a verdict's output may tell of the publication."""

TRAIL = "trail"
"""How a verdict's output tells the way of its estimate."""


def verdict_frame(root: str | Path) -> pd.DataFrame:
    """Return the verdicts on published figures that a project's notebooks hold in their outputs.

    Parameters
    ----------
    root
        The project's folder.

    Returns
    -------
    DataFrame
        The columns of `Verdicts.to_frame`, and ``notebook``: the first that shows the verdict. No row if no
        claim is registered.

    Raises
    ------
    ReportError
        If no notebook shows a verdict on the claims registered, or one does not tell its data.
    """
    root = Path(root)
    paths = notebook_paths(root)
    notebooks = []
    for name, path in zip(page_names(paths), paths, strict=True):
        notebook = stored_notebook(path)
        if notebook is None:
            raise ReportError("the file is not a notebook", where=path.as_posix(), do="run the report again")
        notebooks.append((name, notebook))
    return verdicts_of(notebooks, root)


def verdicts_of(notebooks: Iterable[tuple[str, Mapping[str, Any]]], root: Path) -> pd.DataFrame:
    """Return one row per verdict that notebooks show; one that several show stands once.

    Parameters
    ----------
    notebooks
        The name of each notebook's page, and the notebook.
    root
        The project's folder.

    Raises
    ------
    ReportError
        As `verdict_frame`.
    """
    table = pd.DataFrame(
        [
            {**verdict, "notebook": name}
            for name, notebook in notebooks
            for cell in notebook["cells"]
            for output in cell.get("outputs", [])
            for verdict in output.get("data", {}).get(VERDICTS_MIME, [])
        ],
        columns=[*VERDICT_COLUMNS, *PUBLICATION_COLUMNS, TRAIL, "notebook"],
    )
    published = table[list(PUBLICATION_COLUMNS)].astype(object)
    table = table.assign(**published.where(published.notna(), ""))
    if table.empty and has_claims(root):
        raise ReportError(
            "no notebook shows a verdict on a published figure",
            where=(root / "notebooks").as_posix(),
            do="end a cell with tk.verify(...), run the notebook and render again: make report",
        )
    unsaid = table[~table["data"].isin(["real", "synthetic", "none"]) | table["assumption"].isna()]
    if len(unsaid):
        raise ReportError(
            "a verdict lacks the model of its interval, or whether its data are real or synthetic",
            where=", ".join(unsaid["notebook"].unique()),
            got=", ".join(unsaid["claim"].astype(str)),
            do="run the notebook again",
        )
    numbers = dict.fromkeys(("published", "estimate", "ci_low", "ci_high"), float)
    return table.astype(numbers).drop_duplicates(list(VERDICT_COLUMNS), ignore_index=True)


def has_claims(root: Path) -> bool:
    """Return whether a project has registered claims, or no file to register them in."""
    files = sorted(root.glob("data/raw/*/claims*.yaml"))
    return not files or any(read_claims(path) for path in files)
