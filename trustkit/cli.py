"""The command line: parse, call one function, print, and leave with a documented exit code."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trustkit.command_options import FOUND, MISTAKE, AsJson, Commands, Study, today
from trustkit.command_output import (
    print_checked,
    print_json,
    print_verdicts,
    records,
    say,
    say_error,
    steps,
)
from trustkit.errors import DataError, TrustkitError
from trustkit.personal_data_commands import audit, erase, expire, publish

if TYPE_CHECKING:
    from trustkit.reporting.study import Checked

HELP = """From a raw survey export to a published report whose figures are checked.

Exit codes: 0, done; 1, done, and something needs attention (the data disagree with their codebook, an \
unsure guess is open, a claim is contradicted, an audit finds a gap, a site must not be published, or an \
erased respondent is still found in a file); 2, not done (the message says what is wrong, where, and what \
to do); 130, interrupted.
"""


REPORTING, PERSONAL = "From an export to a report", "People's data: why it is held, published, deleted"
"""The groups of the commands in the help."""

app = typer.Typer(cls=Commands, help=HELP, no_args_is_help=True, pretty_exceptions_enable=False)

DataFile = Annotated[
    Path, typer.Argument(help="The raw export: .csv, .sav, .xlsx, .zip ...", show_default=False)
]
CodebookFile = Annotated[Path, typer.Option("--codebook", "-c", help="The codebook, a YAML file.")]
Ids = Annotated[bool, typer.Option("--ids", help="Show the claims' ids, too.")]


def _print_version(wanted: bool) -> None:  # noqa: FBT001 (typer gives the option's value)
    if wanted:
        from trustkit import __version__  # noqa: PLC0415

        say(f"trustkit {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[  # noqa: FBT002 (a flag of the command line)
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and end."),
    ] = False,
) -> None:
    """Hold the options that belong to no command."""


@app.command(epilog="Example: trustkit new my_study --from answers.sav", rich_help_panel=REPORTING)
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

    with steps(2 if codebook else 3) as tell:
        study_made = new_study(study, export, codebook, sheet=sheet, encoding=encoding, tell=tell)
    if as_json:
        about = {"rows": study_made.rows, "columns": study_made.columns, "guesses": study_made.guesses}
        print_json({"study": study.as_posix(), "codebook": study_made.codebook.as_posix(), **about})
        return
    summary = f"{study_made.rows:,} respondents, {study_made.columns} columns"
    if codebook is None:
        summary += f", {study_made.guesses} of them with guesses to look at"
    say(f"{study.as_posix()} is made: {summary}")
    say(f"Look at  {study_made.codebook.as_posix()}")
    say(f"Then     trustkit check {study.as_posix()}")
    say(f"And      trustkit report {study.as_posix()}")


@app.command(
    epilog="Example: trustkit check my_study, or: trustkit check answers.csv -c book.yaml",
    rich_help_panel=REPORTING,
)
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
    with steps(2 * len(exports)) as tell:
        study = None if codebook is not None else source
        on = today()
        results = [check_export(export, book, study=study, on=on, tell=tell) for export, book in exports]
    if as_json:
        print_json([_as_record(item) for item in results])
    else:
        for item in results:
            print_checked(item, codebook or source, every=every)
    if any(len(item.faults) or item.review["unsure"].any() for item in results):
        raise typer.Exit(FOUND)


def _as_record(item: Checked) -> dict[str, object]:
    """Return what was checked as plain values."""
    frames = {"faults": item.faults, "review": item.review, "unwritten": item.unwritten}
    about = {"export": item.export, "codebook": item.codebook, "rows": item.rows, "gaps": item.gaps}
    about |= {"unsearched": item.unsearched} if item.unsearched else {}
    return about | {name: records(frame) for name, frame in frames.items()}


@app.command(
    epilog="Example: trustkit accept my_study --sure, or: trustkit accept my_study age trust",
    rich_help_panel=REPORTING,
)
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
        print_json([{"codebook": book.as_posix(), "accepted": names} for book, names in accepted.items()])
        return
    for book, names in accepted.items():
        say(f"{book.name}: the guesses of {len(names)} variable{'' if len(names) == 1 else 's'} are accepted")


@app.command(name="first-look", epilog="Example: trustkit first-look my_study", rich_help_panel=REPORTING)
def first_look(
    study: Study,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Write the first notebook again from the current codebook, and keep a copy of the old one."""
    from trustkit.reporting.study import redraw_first_look  # noqa: PLC0415

    notebook_path = redraw_first_look(study)
    if as_json:
        print_json({"notebook": notebook_path.as_posix()})
        return
    say(f"{notebook_path.as_posix()} is written")
    say(f"Then     trustkit report {study.as_posix()}")


@app.command(epilog="Example: trustkit report .", rich_help_panel=REPORTING)
def report(
    root: Annotated[Path, typer.Argument(help="The project: the folder that holds notebooks/.")] = Path(),
    out: Annotated[
        Path | None, typer.Option(help="Where the site goes; site/ in the project if not given.")
    ] = None,
    *,
    jobs: Annotated[
        int | None,
        typer.Option(
            "--jobs",
            "-j",
            min=1,
            metavar="<int>",
            help="Notebooks that run at a time; the number of processors if not given.",
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

    with steps(1) as tell:
        report_made = make_report(root, out, jobs=jobs, every=every, pdf=pdf, tell=tell)
    site, verdicts = report_made.site, report_made.verdicts
    if as_json:
        ran = {"notebooks": report_made.notebooks, "ran": list(report_made.ran)}
        files = {"site": (site / "index.html").as_posix()}
        files |= {"pdf": (site / "report.pdf").as_posix()} if pdf else {}
        print_json({**files, **ran, "verdicts": records(verdicts)})
        return
    if verdicts.empty:
        say("No published figure was checked: no claim is registered.")
    else:
        print_verdicts(verdicts, ids=ids)
    if len(report_made.ran) < report_made.notebooks:
        kept = report_made.notebooks - len(report_made.ran)
        say(f"{kept} of {report_made.notebooks} notebooks had not changed and were not run (--all runs all)")
    say(f"The site is at {(site / 'index.html').as_posix()}")
    if pdf:
        say(f"The PDF is at {(site / 'report.pdf').as_posix()}")
    for verdict in verdicts[verdicts["verdict"] == "contradicted"].to_dict("records"):
        say(f"contradicted: {verdict['title']}: {verdict['reason']}")


@app.command(
    epilog="Example: trustkit verify responses.csv -c codebook.yaml --claims claims.yaml -t targets.yaml",
    rich_help_panel=REPORTING,
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

    with steps(4 if targets else 3) as tell:
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
        print_json(records(verdicts))
    else:
        print_verdicts(verdicts, ids=ids)
    if (verdicts["verdict"] == "contradicted").any():
        raise typer.Exit(FOUND)


for example, command in (
    ("trustkit audit my_study", audit),
    ("trustkit publish my_study --to public", publish),
    ('trustkit erase my_study R-102 --reason "request of 3 May"', erase),
    ("trustkit expire my_study --on 2026-04-01", expire),
):
    app.command(epilog=f"Example: {example}", rich_help_panel=PERSONAL)(command)


def main() -> None:
    """Run the command line; a user's mistake, or a disk that says no, prints without a traceback."""
    try:
        app()
    except TrustkitError as mistake:
        say_error(str(mistake))
        sys.exit(MISTAKE)
    except OSError as fault:
        where = f": {fault.filename}" if fault.filename else ""
        say_error(f"{fault.strerror or fault}{where}")
        sys.exit(MISTAKE)


if __name__ == "__main__":
    main()
