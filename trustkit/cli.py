"""The command line: parse, call one function, print, and leave with a documented exit code."""

from __future__ import annotations

import datetime as dt
import json
import sys
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer
from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text

from trustkit.display import visible
from trustkit.errors import DataError, TrustkitError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

    from trustkit.reporting.reports import Progress
    from trustkit.reporting.study import Checked

MOST_LEAKS = 40
"""How many findings `publish` shows; all are in its JSON."""

SCREEN_LINES, LEAST_LINES = 23, 3
"""How many lines `check` prints unless asked for all: those of a small screen, less one to type on; how many
lines each of its tables has at least."""

LINE = 80
"""How many characters a line of a finding has at most."""

FOUND, MISTAKE = 1, 2
"""Exit codes: 1, the command ran and something needs attention; 2, it could not do what was asked."""

HELP = """From a raw survey export to a published report whose figures are checked.

Exit codes: 0, done; 1, done, and something needs attention (the data disagree with their codebook, an \
unsure guess is open, a claim is contradicted, an audit finds a gap, or a site must not be published); 2, \
not done (the message says what is wrong, where, and what to do); 130, interrupted.
"""

app = typer.Typer(help=HELP, no_args_is_help=True, pretty_exceptions_enable=False)
screen = Console()
errors = Console(stderr=True)

DataFile = Annotated[
    Path, typer.Argument(help="The raw export: .csv, .sav, .xlsx, .zip ...", show_default=False)
]
CodebookFile = Annotated[Path, typer.Option("--codebook", "-c", help="The codebook, a YAML file.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Ids = Annotated[bool, typer.Option("--ids", help="Show the claims' ids, too.")]

VERDICT_STYLES = {
    "reproduced": "green",
    "consistent": "blue",
    "contradicted": "bold red",
    "not checkable": "dim",
}
"""How a verdict looks on a terminal that has colours."""


def _print_version(wanted: bool) -> None:  # noqa: FBT001 (typer gives the option's value)
    if wanted:
        from trustkit import __version__  # noqa: PLC0415

        _say(f"trustkit {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[  # noqa: FBT002 (a flag of the command line)
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and end."),
    ] = False,
) -> None:
    """Hold the options that belong to no command."""


@app.command(epilog="Example: trustkit new my_study --from answers.sav")
def new(
    study: Annotated[Path, typer.Argument(help="The folder to make.", show_default=False)],
    export: Annotated[
        Path,
        typer.Option("--from", help="The export, as .csv, .sav, .dta, .xlsx, .zip ..."),
    ],
    codebook: Annotated[
        Path | None,
        typer.Option("--codebook", "-c", help="Its codebook. If none is given, one is drafted."),
    ] = None,
    sheet: Annotated[str | None, typer.Option(help="The sheet of a workbook that has several.")] = None,
    encoding: Annotated[str | None, typer.Option(help="The encoding of its text, such as big5.")] = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Make a study from an export: draft its codebook, and add a claims file and a first notebook."""
    from trustkit.reporting.study import new_study  # noqa: PLC0415

    with _steps(2 if codebook else 3) as tell:
        study_made = new_study(study, export, codebook, sheet=sheet, encoding=encoding, tell=tell)
    if as_json:
        about = {"rows": study_made.rows, "columns": study_made.columns, "guesses": study_made.guesses}
        _print_json({"study": study.as_posix(), "codebook": study_made.codebook.as_posix(), **about})
        return
    summary = f"{study_made.rows:,} respondents, {study_made.columns} columns"
    if codebook is None:
        summary += f", {study_made.guesses} of them with guesses to look at"
    _say(f"{study.as_posix()} is made: {summary}")
    _say(f"Look at  {study_made.codebook.as_posix()}")
    _say(f"Then     trustkit check {study.as_posix()}")
    _say(f"And      trustkit report {study.as_posix()}")


@app.command(epilog="Example: trustkit report .")
def report(
    root: Annotated[Path, typer.Argument(help="The project: the folder that holds notebooks/.")] = Path(),
    out: Annotated[
        Path | None, typer.Option(help="Where the site goes; site/ in the project if not given.")
    ] = None,
    *,
    jobs: Annotated[
        int | None,
        typer.Option(
            "--jobs", "-j", min=1, help="Notebooks that run at a time; the number of processors if not given."
        ),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Run and render all, changed or not.")] = False,
    pdf: Annotated[bool, typer.Option("--pdf", help="Also make one PDF of the whole report.")] = False,
    ids: Ids = False,
    as_json: AsJson = False,
) -> None:
    """Check the raw data, run the notebooks that changed, render the site, and print the claims' verdicts.

    A notebook is run if its code, a file that it read, trustkit or a library has
    changed, or its outputs were edited. A change of prose is rendered only.
    """
    from trustkit.reporting.reports import make_report  # noqa: PLC0415

    with _steps(1) as tell:
        report_made = make_report(root, out, jobs=jobs, every=every, pdf=pdf, tell=tell)
    site, verdicts = report_made.site, report_made.verdicts
    if as_json:
        ran = {"notebooks": report_made.notebooks, "ran": list(report_made.ran)}
        files = {"site": (site / "index.html").as_posix()}
        files |= {"pdf": (site / "report.pdf").as_posix()} if pdf else {}
        _print_json({**files, **ran, "verdicts": _records(verdicts)})
        return
    if verdicts.empty:
        _say("No published figure was checked: no claim is registered.")
    else:
        _print_verdicts(verdicts, ids=ids)
    if len(report_made.ran) < report_made.notebooks:
        kept = report_made.notebooks - len(report_made.ran)
        _say(f"{kept} of {report_made.notebooks} notebooks had not changed and were not run (--all runs all)")
    _say(f"The site is at {(site / 'index.html').as_posix()}")
    if pdf:
        _say(f"The PDF is at {(site / 'report.pdf').as_posix()}")
    for verdict in verdicts[verdicts["verdict"] == "contradicted"].to_dict("records"):
        _say(f"contradicted: {verdict['title']}: {verdict['reason']}")


@app.command(
    epilog="Example: trustkit verify responses.csv -c codebook.yaml --claims claims.yaml -t targets.yaml"
)
def verify(
    data: DataFile,
    codebook: CodebookFile,
    claims: Annotated[Path, typer.Option(help="The published figures, a YAML file.")],
    targets: Annotated[
        Path | None, typer.Option("--targets", "-t", help="Margins to rake to, a YAML file.")
    ] = None,
    ids: Ids = False,  # noqa: FBT002
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Recompute published figures from a raw export: clean, weight, estimate, judge."""
    import trustkit as tk  # noqa: PLC0415

    with _steps(4 if targets else 3) as tell:
        tell(f"reading {data.name}")
        survey = tk.read(data, codebook)
        tell("checking and cleaning")
        design = tk.Design(tk.clean(survey))
        if targets:
            tell(f"raking to {targets.name}")
            design = tk.rake(design, targets)
        tell("judging the claims")
        verdicts = tk.verify(tk.read_claims(claims), design).to_frame()
    if as_json:
        _print_json(_records(verdicts))
    else:
        _print_verdicts(verdicts, ids=ids)
    if (verdicts["verdict"] == "contradicted").any():
        raise typer.Exit(FOUND)


@app.command(epilog="Example: trustkit check my_study, or: trustkit check answers.csv -c book.yaml")
def check(
    source: Annotated[Path, typer.Argument(help="A study's folder, or a raw export.", show_default=False)],
    codebook: Annotated[
        Path | None, typer.Option("--codebook", "-c", help="The codebook of a raw export, a YAML file.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="List every guess.")] = False,  # noqa: FBT002
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Compare exports with their codebooks: list where they disagree, and the guesses to look at.

    Ends with exit code 1 if the data disagree with the codebook, or if an unsure guess is open.
    """
    from trustkit.reporting.study import check_export, study_exports  # noqa: PLC0415

    if source.is_dir() and codebook is not None:
        raise DataError(
            "a study's folder has its own codebook", got=f"--codebook {codebook}", do="leave it out"
        )
    if not source.is_dir() and codebook is None:
        missing = not source.exists()
        raise DataError(
            "no such file or folder" if missing else "an export needs its codebook",
            where=str(source),
            do="check the path" if missing else "name it: --codebook FILE",
        )
    exports = [(source, codebook)] if codebook is not None else study_exports(source)
    with _steps(2 * len(exports)) as tell:
        study = None if codebook is not None else source
        on = _today()
        results = [check_export(export, book, study=study, on=on, tell=tell) for export, book in exports]
    if as_json:
        _print_json([_as_record(item) for item in results])
    else:
        for item in results:
            _print_checked(item, every=every)
    if any(len(item.faults) or item.review["unsure"].any() for item in results):
        raise typer.Exit(FOUND)


class Part(NamedTuple):
    """A part of what `check` prints: sentences, or a table and the sentences below it, its count first.

    ``rank`` says which tables are cut last where a screen can't hold all.
    """

    words: Sequence[str]
    title: str = ""
    rows: pd.DataFrame | None = None
    rank: int = 0


def _print_checked(item: Checked, *, every: bool) -> None:
    """Print what is not written, guessed and in disagreement, on one screen unless all is asked."""
    parts = _parts_of(item, every=every)
    shown = {} if every else _fitting(parts)
    for part in parts:
        words = list(part.words)
        if part.rows is not None:
            rows = part.rows.head(shown.get(part.title, len(part.rows)))
            screen.print(_table(part.title, rows, framed=every))
            more = len(part.rows) - len(rows)
            words[0] += f"; {more:,} more row{'s' if more > 1 else ''} with --all." if more else "."
        for text in words:
            _say(text)


def _parts_of(item: Checked, *, every: bool) -> list[Part]:
    from trustkit.reporting.review import grouped_doubts, grouped_guesses  # noqa: PLC0415

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
        words = [_counted(len(sure), "variable"), "If these guesses are right: trustkit accept STUDY --sure"]
        rows = sure if every else grouped_guesses(sure)
        parts.append(Part(words, f"Guessed in {item.codebook}, changing no figure", rows, 2))
    if len(unsure):
        words = [
            _counted(len(unsure), "variable") + named,
            "If a guess is wrong, correct the codebook.",
            "If it is right: trustkit accept STUDY VARIABLE",
        ]
        parts.append(Part(words, f"Unsure in {item.codebook}: each could change a figure", doubts, 1))
    if item.gaps:
        gaps = f"{_counted(item.gaps, 'gap')} in what {item.codebook} says of why columns are held"
        parts.append(Part([gaps, "See them: trustkit audit STUDY"]))
    if item.faults.empty:
        return [*parts, Part([f"{item.export}: {item.rows:,} rows agree with {item.codebook}"])]
    words = [_counted(len(item.faults), "disagreement")]
    return [*parts, Part(words, f"{item.export} disagrees with {item.codebook}", item.faults)]


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _fitting(parts: Sequence[Part]) -> dict[str, int]:
    """Return how many rows of each table fit on a screen: title -> rows, at least one of each."""
    left = SCREEN_LINES - sum(len(screen.render_lines(_plain(text))) for part in parts for text in part.words)
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


def _as_record(item: Checked) -> dict[str, object]:
    """Return what was checked as plain values."""
    frames = {"faults": item.faults, "review": item.review, "unwritten": item.unwritten}
    about = {"export": item.export, "codebook": item.codebook, "rows": item.rows, "gaps": item.gaps}
    about |= {"unsearched": item.unsearched} if item.unsearched else {}
    return about | {name: _records(frame) for name, frame in frames.items()}


@app.command(epilog="Example: trustkit audit my_study")
def audit(
    study: Annotated[Path, typer.Argument(help="A study's folder.", show_default=False)],
    on: Annotated[
        str | None,
        typer.Option("--on", help="The day to compare terms with, as 2026-03-31; today if not given."),
    ] = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """List what a study holds without a stated purpose, basis, permission or term, or without any use.

    Ends with exit code 1 if there is such a gap.
    """
    from trustkit.reporting.audit import audit_study  # noqa: PLC0415

    with _steps(1) as tell:
        tell("comparing the codebooks with the data and the notebooks")
        audited = audit_study(study, on=on or _today())
    if as_json:
        _print_json(
            [
                {
                    "export": item.export,
                    "codebook": item.codebook,
                    "held": _records(item.inventory.to_frame()),
                    "gaps": _records(item.inventory.gaps),
                }
                for item in audited
            ]
        )
    for item in () if as_json else audited:
        gaps, columns = item.inventory.gaps, len(item.inventory.codebook.variables)
        if len(gaps):
            _print_table(f"Gaps in {item.codebook}", gaps)
            _say(f"{item.export}: {columns:,} columns, {len(gaps):,} gaps")
        else:
            _say(f"{item.export}: {columns:,} columns, and nothing that must be stated is missing")
    if any(len(item.inventory.gaps) for item in audited):
        raise typer.Exit(FOUND)


@app.command(epilog="Example: trustkit accept my_study --sure, or: trustkit accept my_study age trust")
def accept(
    source: Annotated[Path, typer.Argument(help="A study's folder, or a codebook.", show_default=False)],
    variables: Annotated[
        list[str] | None, typer.Argument(help="The variables whose guesses are right.", show_default=False)
    ] = None,
    sure: Annotated[bool, typer.Option("--sure", help="All guesses that can't change a figure.")] = False,  # noqa: FBT002
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Accept guesses of a drafted codebook: remove their marks from the file."""
    from trustkit.reporting.review import accept_guesses  # noqa: PLC0415
    from trustkit.reporting.study import study_exports  # noqa: PLC0415

    if bool(variables) == sure:
        raise DataError(
            "accept needs either variables or --sure", do="name variables, or give --sure, and not both"
        )
    books = [source] if source.is_file() else list(dict.fromkeys(book for _, book in study_exports(source)))
    if variables and len(books) > 1:
        raise DataError("the study has several codebooks", do="name one of them instead of the folder")
    accepted = {book: list(accept_guesses(book, variables or None)) for book in books}
    if as_json:
        _print_json([{"codebook": book.as_posix(), "accepted": names} for book, names in accepted.items()])
        return
    for book, names in accepted.items():
        _say(f"{book.name}: the guesses of {len(names)} variables are accepted")


@app.command(name="first-look", epilog="Example: trustkit first-look my_study")
def first_look(
    study: Annotated[Path, typer.Argument(help="A study's folder.", show_default=False)],
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Write the first notebook again from the current codebook, and keep a copy of the old one."""
    from trustkit.reporting.study import redraw_first_look  # noqa: PLC0415

    notebook_path = redraw_first_look(study)
    if as_json:
        _print_json({"notebook": notebook_path.as_posix()})
        return
    _say(f"{notebook_path.as_posix()} is written")
    _say(f"Then     trustkit report {study.as_posix()}")


@app.command(epilog='Example: trustkit erase my_study R-102 --reason "request of 3 May"')
def erase(
    study: Annotated[Path, typer.Argument(help="A study's folder.", show_default=False)],
    respondent: Annotated[
        str,
        typer.Argument(metavar="ID", help="The respondent's id as in the export; - reads it from the input."),
    ] = "",
    *,
    reason: Annotated[str, typer.Option(help="Why, without telling who; it is kept.")] = "",
    on: Annotated[str, typer.Option(help="The day, such as 2026-05-03; today if not given.")] = "",
    column: Annotated[str | None, typer.Option(help="The column of ids, if several hold this id.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")
    ] = False,
    no_report: Annotated[
        bool, typer.Option("--no-report", help="Leave notebooks and site as they are.")
    ] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Finish an erasure that was interrupted.")] = False,
    as_json: AsJson = False,
) -> None:
    """Erase one respondent from a study's raw and processed data, notebooks and site, and keep a tombstone.

    Ends with exit code 1 if a file of the study still holds the respondent afterwards.
    """
    from trustkit.reporting import erasure as erasing  # noqa: PLC0415
    from trustkit.reporting.erasure_journal import finish  # noqa: PLC0415

    if resume:
        _say("the erasure is finished" if finish(study) else "there is no erasure to finish")
        return
    if respondent == "-":
        respondent = sys.stdin.readline().strip()
    if dry_run:
        files = erasing.rehearse_erasure(study, respondent, column)
        _print_json(_records(files)) if as_json else _print_table("Would be rewritten or deleted", files)
        return
    before = erasing.claims_of(study)
    day = on or _today()
    with _steps(1) as tell:
        tell("erasing")
        erased = erasing.remove_respondent(study, respondent, reason=reason, on=day, column=column)
        if not no_report:
            erased = erasing.with_report(erased, study, before, tell)
        rest = erasing.verify_erasure(study, erased)
    if as_json:
        frames = {"claims": erased.claims, "found": rest, "out_of_reach": erased.out_of_reach}
        told = {"on": erased.on, "deleted": list(erased.deleted), "notes": list(erased.notes)}
        _print_json(
            {
                **told,
                "files": _records(erased.files),
                **{name: _records(frame) for name, frame in frames.items()},
            }
        )
    else:
        _print_table(f"Erased on {erased.on}", erased.files)
        if len(rest):
            _print_table("Still there", rest)
        nothing = ["No file of the study holds the respondent any more."] if rest.empty else []
        for line in (*erasing.in_words(erased), *nothing):
            _say(line)
    if len(rest):
        raise typer.Exit(FOUND)


@app.command(epilog="Example: trustkit expire my_study --on 2026-04-01")
def expire(
    study: Annotated[Path, typer.Argument(help="A study's folder.", show_default=False)],
    on: Annotated[str, typer.Option(help="The day to compare terms with, such as 2026-04-01.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, and stop.")] = False,  # noqa: FBT002
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Remove the columns whose time is over (keep_until) from a study's raw and processed data."""
    from trustkit.reporting import expiry  # noqa: PLC0415

    expired = expiry.rehearse_expiry(study, on=on) if dry_run else expiry.expire(study, on=on)
    if as_json:
        told = {"on": expired.on, "deleted": list(expired.deleted), "notes": list(expired.notes)}
        _print_json({**told, "columns": _records(expired.columns)})
        return
    if expired.columns.empty:
        _say(f"No column's time was over on {expired.on}.")
    else:
        _print_table("Would be removed" if dry_run else "Removed", expired.columns)
    for line in (*(f"deleted: {name}" for name in expired.deleted), *expired.notes):
        _say(line)


@app.command(epilog="Example: trustkit publish my_study --to public")
def publish(
    study: Annotated[
        Path, typer.Argument(help="The study's folder, with its site in site/.", show_default=False)
    ],
    against: Annotated[
        Path | None,
        typer.Option(help="The site published before; new differences of 1 to 9 respondents are found."),
    ] = None,
    to: Annotated[
        Path | None, typer.Option(help="The folder to copy the site to if nothing is found.")
    ] = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Search a site for what must not be published, and copy it to a folder if nothing is found.

    Every file is searched: pages, notebooks, tables, Office files, PDFs,
    metadata of pictures, and what is packed or encoded. It looks for the
    data's identifiers, open and rare answers, rows of one respondent, e-mail
    addresses, telephone, account and official numbers, keys, paths of a
    computer, and counts of 1 to 9 respondents.

    Ends with exit code 1 if anything is found; then nothing is copied.
    """
    from trustkit.reporting.release_check import publish_study  # noqa: PLC0415

    with _steps(3 if to else 2) as tell:
        release = publish_study(study, against=against, to=to, tell=tell)
    leaks = release.leaks
    if as_json:
        about = {"site": release.site.as_posix(), "files": release.files, "bytes": release.size}
        copied = {"published": release.published.as_posix() if release.published else None}
        unsearched = {"not_searched": list(release.not_searched)}
        _print_json({**about, **copied, **unsearched, "found": _records(leaks)})
    else:
        _print_leaks(leaks)
        for words in release.not_searched:
            _say(words)
        size = f"{release.files:,} files ({release.size / 1e6:,.1f} MB)"
        searched = f"{size} of {release.site.as_posix()} were searched"
        if len(leaks):
            verb = "thing was" if len(leaks) == 1 else "things were"
            _say(f"{searched}: {len(leaks):,} {verb} found that must not be published")
            _say("Correct the notebook or the codebook, then: " + f"trustkit report {study.as_posix()}")
        else:
            _say(f"{searched}: nothing was found that must not be published")
        if release.published:
            _say(f"The site is copied to {release.published.as_posix()}")
        elif to:
            _say(f"Nothing was copied to {to.as_posix()}")
    if len(leaks):
        raise typer.Exit(FOUND)


def _print_leaks(leaks: pd.DataFrame) -> None:
    """Print findings in lines of 80 characters: file and place, then what it is."""
    for row in leaks.head(MOST_LEAKS).to_dict("records"):
        place = f"{row['file']}: {row['place']}" if row["place"] else row["file"]
        for line in wrap(place, LINE, subsequent_indent="  "):
            _say(line)
        words = f"{row['what']}: {row['excerpt']}" if row["excerpt"] else row["what"]
        for line in wrap(words, LINE, initial_indent="    ", subsequent_indent="    "):
            _say(line)
    if len(leaks) > MOST_LEAKS:
        _say(f"and {len(leaks) - MOST_LEAKS:,} more, which --json lists")


def main() -> None:
    """Run the command line; a user's mistake, or a disk that says no, prints without a traceback."""
    try:
        app()
    except TrustkitError as mistake:
        _say_error(str(mistake))
        sys.exit(MISTAKE)
    except OSError as fault:
        where = f": {fault.filename}" if fault.filename else ""
        _say_error(f"{fault.strerror or fault}{where}")
        sys.exit(MISTAKE)


def _today() -> dt.date:
    """Return the day where the command runs; only commands read the clock, and no page does."""
    return dt.datetime.now().astimezone().date()


def _plain(text: object, *, style: str = "") -> Text:
    """Make any text safe to print: control characters are written out, and nothing in it is a style.

    Everything that this module prints goes through here, because names, labels and answers come from files.
    """
    return Text(visible(text), style=style)


def _say(text: str) -> None:
    """Print a line."""
    screen.print(_plain(_in_lines(text, screen)), soft_wrap=True)


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


def _say_error(text: str) -> None:
    """Print a message of what went wrong."""
    head = "error:"
    shown = _plain(_in_lines(f"{head} {text}", errors))
    shown.stylize("bold", 0, len(head))
    errors.print(shown, soft_wrap=True)


@contextmanager
def _steps(total: int) -> Iterator[Progress]:
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


def _print_json(value: object) -> None:
    """Print a result for other programs."""
    screen.out(json.dumps(value), highlight=False)


def _records(frame: pd.DataFrame) -> list[dict[str, object]]:
    """Return a frame's rows as plain values; a missing number is null."""
    records: list[dict[str, object]] = json.loads(frame.to_json(orient="records"))
    return records


def _print_verdicts(verdicts: pd.DataFrame, *, ids: bool) -> None:
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
        cells = [
            row["title"], published, estimate, "-" if low == "-" else f"{low} to {high}",
            f"{row['n']:,}" if row["n"] else "-",
        ]  # fmt: skip
        judged = _plain(words, style=VERDICT_STYLES.get(verdict, ""))
        table.add_row(*map(_plain, [*([row["claim"]] if ids else []), *cells]), judged)
    screen.print(table)


def _print_table(title: str, frame: pd.DataFrame) -> None:
    screen.print(_table(title, frame, framed=True))


def _table(title: str, frame: pd.DataFrame, *, framed: bool) -> Table:
    """Return a table with the names of its columns in a frame, or its rows alone."""
    table = Table(title=_plain(title), title_justify="left")
    if not framed:
        table.box, table.show_header, table.pad_edge = None, False, False
    for name in frame.columns:
        table.add_column(_plain(name), overflow="fold")
    rows: Sequence[tuple[object, ...]] = list(frame.itertuples(index=False, name=None))
    for row in rows:
        table.add_row(*map(_plain, row))
    return table


if __name__ == "__main__":
    main()
