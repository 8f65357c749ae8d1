"""What the simulations share: their options, their file of results, and their tables in the documentation."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    Simulate = Callable[[int], pd.DataFrame]
    Tables = Mapping[str, Callable[[pd.DataFrame], str]]

PAGE = Path(__file__).resolve().parents[1] / "docs" / "maths.md"


def run(
    script: str, about: str | None, samples: int, simulate: Simulate, tables: Tables | None = None
) -> None:
    """Read the options of a simulation, simulate, and write its file and its tables.

    Parameters
    ----------
    script
        The file of the simulation; its results are in the CSV file beside it.
    about
        Its docstring; the first line describes it in the help.
    samples
        How many samples the committed file rests on.
    simulate
        Makes the rows of the file from so many samples.
    tables
        The name of each table in ``docs/maths.md`` -> what makes it from the file. The page is written only
        with the committed file; otherwise the tables are printed.
    """
    committed = Path(script).resolve().with_suffix(".csv")
    parser = argparse.ArgumentParser(description=(about or "").splitlines()[0])
    parser.add_argument("--samples", type=int, default=samples, help=f"samples per setting; {samples:,}")
    parser.add_argument("--out", type=Path, default=committed, help=f"the file to write; {committed.name}")
    given = parser.parse_args()
    out = given.out.resolve()
    if given.samples != samples and out == committed:
        parser.error(f"{committed.name} is made of {samples:,} samples: name another file with --out")
    simulate(given.samples).to_csv(out, index=False, lineterminator="\n")
    results = pd.read_csv(out)
    for name, table in (tables or {}).items():
        if out == committed:
            put_into_page(PAGE, name, table(results))
        else:
            print(table(results), end="\n\n")


def put_into_page(page: Path, name: str, table: str) -> None:
    """Put a table between its two marks in a page."""
    before, _, after = _around(page, name)
    page.write_text(f"{before}\n{table}\n{after}", encoding="utf-8")


def table_in_page(page: Path, name: str) -> str:
    """Return the table that a page has between its two marks."""
    return _around(page, name)[1].strip("\n")


def _around(page: Path, name: str) -> tuple[str, str, str]:
    """Return the text up to a table with its first mark, the table, and the text from its last mark."""
    start, end = f"<!-- {name} table: start -->", f"<!-- {name} table: end -->"
    before, rest = page.read_text(encoding="utf-8").split(start)
    table, after = rest.split(end)
    return before + start, table, end + after


def markdown(head: Iterable[str], body: Iterable[Iterable[str]], *, texts: int = 1) -> str:
    """Return a Markdown table; its first ``texts`` columns are text, the others are numbers."""
    names = list(head)
    marks = ["---"] * texts + ["--:"] * (len(names) - texts)
    return "\n".join(f"| {' | '.join(line)} |" for line in [names, marks, *body])
