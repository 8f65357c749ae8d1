"""What commands print: lines, tables, JSON and progress, safe for a terminal whatever a file holds.

Everything that is printed goes through `plain`, because names, labels and answers come from files.
"""

from __future__ import annotations

import json
import shlex
from contextlib import contextmanager
from itertools import count
from textwrap import wrap
from typing import TYPE_CHECKING, NamedTuple

from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text

from trustkit.display import visible
from trustkit.errors import how_many

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import pandas as pd

    from trustkit.reporting.reports import Progress
    from trustkit.reporting.study import Checked

screen = Console()
errors = Console(stderr=True)

MOST_LEAKS = 40
"""How many findings `publish` shows; all are in its JSON."""

SCREEN_LINES, LEAST_LINES = 23, 3
"""How many lines `check` prints unless asked for all: those of a small screen, less one to type on; how many
lines each of its tables has at least."""

LINE = 80
"""How many characters a line of a finding has at most."""

VERDICT_STYLES = {
    "reproduced": "green",
    "consistent": "blue",
    "contradicted": "bold red",
    "not checkable": "dim",
}
"""How a verdict looks on a terminal that has colours."""


def plain(text: object, *, style: str = "") -> Text:
    """Make any text safe to print: control characters are written out, and nothing in it is a style."""
    return Text(visible(text), style=style)


def say(text: str) -> None:
    """Print a line."""
    screen.print(plain(_in_lines(text, screen)), soft_wrap=True)


def _in_lines(text: str, console: Console) -> str:
    """Break a text between words into lines as wide as a terminal, if it is one; a path stays whole."""
    if not console.is_terminal:
        return text
    broken = []
    for line in text.split("\n"):
        indent = len(line) - len(line.lstrip())
        deeper = " " * (indent + 2) if indent else ""
        broken += wrap(
            line, console.width, subsequent_indent=deeper, break_long_words=False, break_on_hyphens=False
        ) or [""]
    return "\n".join(broken)


def say_error(text: str) -> None:
    """Print a message of what went wrong."""
    head = "error:"
    shown = plain(_in_lines(f"{head} {text}", errors))
    shown.stylize("bold", 0, len(head))
    errors.print(shown, soft_wrap=True)


@contextmanager
def steps(total: int) -> Iterator[Progress]:
    """Show a bar over so many steps while they last, on a terminal only; yield what begins the next.

    The bar has the time that the steps took and the time left, once it can be estimated.
    """
    step = TextColumn("{task.description}", markup=False)
    times = TimeElapsedColumn(), TextColumn("left:"), TimeRemainingColumn()
    columns = step, BarColumn(), MofNCompleteColumn(), *times
    bar = Bar(*columns, console=errors, transient=True, disable=not errors.is_terminal)
    done = count()

    def tell(step: str, total: int | None = None) -> None:
        name = visible(step, lines="joined")
        bar.update(task, description=name, total=total, completed=next(done), refresh=True)

    with bar:
        task = bar.add_task("", total=total)
        yield tell


def print_json(value: object) -> None:
    """Print a result for other programs."""
    screen.out(json.dumps(value), highlight=False)


def records(frame: pd.DataFrame) -> list[dict[str, object]]:
    """Return a frame's rows as plain values; a missing number is null."""
    records: list[dict[str, object]] = json.loads(frame.to_json(orient="records"))
    return records


def print_verdicts(verdicts: pd.DataFrame, *, ids: bool) -> None:
    """Print claims with their verdicts: titles wrap at words, verdicts have their colours."""
    table = Table(
        title="Claims and their verdicts",
        title_justify="left",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        collapse_padding=True,
    )
    for name in ("id",) if ids else ():
        table.add_column(name, overflow="fold")
    table.add_column("claim", ratio=1)
    for name in ("published", "estimate", "95% interval", "n"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("verdict")
    for row in verdicts.to_dict("records"):
        published = f"{row['published']:g}"
        decimals = len(published.partition(".")[2]) + 1
        estimate, low, high = (
            "-" if row[name] != row[name] else f"{row[name]:,.{decimals}f}"
            for name in ("estimate", "ci_low", "ci_high")
        )
        verdict = str(row["verdict"])
        words = f"{verdict} (synthetic)" if row["data"] == "synthetic" else verdict
        unit = row["unit"]
        if unit:
            published += unit if unit == "%" else f" {unit}"
        cells = [
            row["title"], published, estimate, "-" if low == "-" else f"{low} to {high}",
            f"{row['n']:,}" if row["n"] else "-",
        ]  # fmt: skip
        judged = plain(words, style=VERDICT_STYLES.get(verdict, ""))
        table.add_row(*map(plain, [*([row["claim"]] if ids else []), *cells]), judged)
    screen.print(table)


def print_table(title: str, frame: pd.DataFrame) -> None:
    """Print a frame as a table."""
    screen.print(_table(title, frame, framed=True))


def print_gaps(title: str, gaps: pd.DataFrame, *, every: bool) -> None:
    """Print the gaps of an inventory: each kind once with its first columns, or a row for each column."""
    from trustkit.reporting.audit import grouped_gaps  # noqa: PLC0415

    screen.print(_table(title, gaps if every else grouped_gaps(gaps), framed=every))


def _table(title: str, frame: pd.DataFrame, *, framed: bool) -> Table:
    """Return a table with the names of its columns in a frame, or its rows alone."""
    table = Table(title=plain(title), title_justify="left")
    if not framed:
        table.box, table.show_header, table.pad_edge = None, False, False
    for name in frame.columns:
        table.add_column(plain(name), overflow="fold")
    rows: Sequence[tuple[object, ...]] = list(frame.itertuples(index=False, name=None))
    for row in rows:
        table.add_row(*map(plain, row))
    return table


def print_leaks(leaks: pd.DataFrame) -> None:
    """Print findings in lines of 80 characters: file and place, then what it is."""
    for row in leaks.head(MOST_LEAKS).to_dict("records"):
        place = f"{row['file']}: {row['place']}" if row["place"] else row["file"]
        for line in wrap(place, LINE, subsequent_indent="  "):
            say(line)
        words = f"{row['what']}: {row['excerpt']}" if row["excerpt"] else row["what"]
        for line in wrap(words, LINE, initial_indent="    ", subsequent_indent="    "):
            say(line)
    if len(leaks) > MOST_LEAKS:
        say(f"and {len(leaks) - MOST_LEAKS:,} more, which --json lists")


class Part(NamedTuple):
    """A part of what `check` prints: sentences, or a table and the sentences below it, its count first.

    ``rank`` says which tables are cut last where a screen can't hold all.
    """

    words: Sequence[str]
    title: str = ""
    rows: pd.DataFrame | None = None
    rank: int = 0


def print_checked(item: Checked, source: Path, *, every: bool) -> None:
    """Print what is not written, guessed and in disagreement, on one screen unless all is asked.

    ``source`` is what the commands to type next are given: the study's folder, or the codebook of an export.
    """
    parts = _parts_of(item, source, every=every)
    shown = {} if every else _fitting(parts)
    for part in parts:
        words = list(part.words)
        if part.rows is not None:
            rows = part.rows.head(shown.get(part.title, len(part.rows)))
            screen.print(_table(part.title, rows, framed=every))
            more = len(part.rows) - len(rows)
            words[0] += f"; {how_many(more, 'more row')} with --all." if more else "."
        for text in words:
            say(text)


def _parts_of(item: Checked, source: Path, *, every: bool) -> list[Part]:
    from trustkit.reporting.review import grouped_doubts, grouped_guesses  # noqa: PLC0415

    typed = shlex.quote(source.as_posix())
    unsure = item.review[item.review["unsure"]][["variable", "guessed"]]
    sure = item.review[~item.review["unsure"]][["variable", "guessed"]]
    doubts = unsure if every else grouped_doubts(unsure)
    named = "; each by its name with --all" if len(doubts) < len(unsure) else ""
    parts = []
    if len(item.unwritten):
        wanting = item.unwritten.groupby("of", sort=False)["what"].agg(", ".join)
        listed = "; ".join(f"{what} of {of}" if of else what for of, what in wanting.items())
        parts.append(Part([f"Not written in {item.codebook}: {listed}"]))
    if item.unsearched:
        parts.append(Part([item.unsearched]))
    if len(sure):
        words = [
            how_many(len(sure), "variable"),
            f"If these guesses are right: trustkit accept {typed} --sure",
        ]
        rows = sure if every else grouped_guesses(sure)
        parts.append(Part(words, f"Guessed in {item.codebook}, changing no figure", rows, 2))
    if len(unsure):
        words = [
            how_many(len(unsure), "variable") + named,
            "If a guess is wrong, correct the codebook.",
            f"If it is right: trustkit accept {typed} VARIABLE",
        ]
        parts.append(Part(words, f"Unsure in {item.codebook}: each could change a figure", doubts, 1))
    if item.gaps:
        gaps = f"{how_many(item.gaps, 'gap')} in what {item.codebook} says of why columns are held"
        see = [f"See them: trustkit audit {typed}"] if source.is_dir() else []  # it takes studies only
        parts.append(Part([gaps, *see]))
    if item.faults.empty:
        return [*parts, Part([f"{item.export}: {item.rows:,} rows agree with {item.codebook}"])]
    words = [how_many(len(item.faults), "disagreement")]
    return [*parts, Part(words, f"{item.export} disagrees with {item.codebook}", item.faults)]


def _fitting(parts: Sequence[Part]) -> dict[str, int]:
    """Return how many rows of each table fit on a screen: title -> rows, at least one of each."""
    left = SCREEN_LINES - sum(len(screen.render_lines(plain(text))) for part in parts for text in part.words)
    tables = [(part.rank, part.title, part.rows) for part in parts if part.rows is not None]
    shown = {}
    for place, (_, title, frame) in enumerate(sorted(tables, key=lambda table: table[0]), 1):
        rows, free = 1, left - LEAST_LINES * (len(tables) - place)
        while rows < len(frame) and _height(title, frame.head(rows + 1)) <= free:
            rows += 1
        shown[title] = rows
        left -= _height(title, frame.head(rows))
    return shown


def _height(title: str, frame: pd.DataFrame) -> int:
    return len(screen.render_lines(_table(title, frame, framed=False)))
