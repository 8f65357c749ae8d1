"""The command line: parse, call one function, print, and leave with a documented exit code."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup, TyperOption

from trustkit.command_output import (
    print_checked,
    print_json,
    print_leaks,
    print_table,
    print_verdicts,
    records,
    say,
    say_error,
    steps,
)
from trustkit.errors import DataError, TrustkitError

if TYPE_CHECKING:
    from trustkit.reporting.erasure_plan import Unwritable
    from trustkit.reporting.study import Checked

FOUND, MISTAKE = 1, 2
"""Exit codes: 1, the command ran and something needs attention; 2, it could not do what was asked."""

HELP = """From a raw survey export to a published report whose figures are checked.

Exit codes: 0, done; 1, done, and something needs attention (the data disagree with their codebook, an \
unsure guess is open, a claim is contradicted, an audit finds a gap, a site must not be published, or an \
erased respondent is still found in a file); 2, not done (the message says what is wrong, where, and what \
to do); 130, interrupted.
"""


class Commands(TyperGroup):
    """All commands. In their help, an option that is on or off shows no kind of value, as it takes none."""

    def get_params(self, ctx: Any) -> list[Any]:  # noqa: ANN401  # a private class of typer
        """Return the options of the program itself."""
        return _without_values(super().get_params(ctx))

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401  # as above
        """Return a command by its name."""
        command = super().get_command(ctx, cmd_name)
        if command is not None:
            _without_values(command.get_params(ctx))
        return command


def _without_values(options: list[Any]) -> list[Any]:
    """Take the kind of value from the options that are on or off, and return all of them."""
    for option in options:
        if getattr(option, "is_flag", False) and isinstance(option, TyperOption):
            option.metavar = ""
    return options


app = typer.Typer(cls=Commands, help=HELP, no_args_is_help=True, pretty_exceptions_enable=False)

DataFile = Annotated[
    Path, typer.Argument(help="The raw export: .csv, .sav, .xlsx, .zip ...", show_default=False)
]
CodebookFile = Annotated[Path, typer.Option("--codebook", "-c", help="The codebook, a YAML file.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
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
    with steps(2 * len(exports)) as tell:
        study = None if codebook is not None else source
        on = _today()
        results = [check_export(export, book, study=study, on=on, tell=tell) for export, book in exports]
    if as_json:
        print_json([_as_record(item) for item in results])
    else:
        for item in results:
            print_checked(item, every=every)
    if any(len(item.faults) or item.review["unsure"].any() for item in results):
        raise typer.Exit(FOUND)


def _as_record(item: Checked) -> dict[str, object]:
    """Return what was checked as plain values."""
    frames = {"faults": item.faults, "review": item.review, "unwritten": item.unwritten}
    about = {"export": item.export, "codebook": item.codebook, "rows": item.rows, "gaps": item.gaps}
    about |= {"unsearched": item.unsearched} if item.unsearched else {}
    return about | {name: records(frame) for name, frame in frames.items()}


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

    with steps(1) as tell:
        tell("comparing the codebooks with the data and the notebooks")
        audited = audit_study(study, on=on or _today())
    if as_json:
        print_json(
            [
                {
                    "export": item.export,
                    "codebook": item.codebook,
                    "held": records(item.inventory.to_frame()),
                    "gaps": records(item.inventory.gaps),
                }
                for item in audited
            ]
        )
    for item in () if as_json else audited:
        gaps, columns = item.inventory.gaps, len(item.inventory.codebook.variables)
        if len(gaps):
            print_table(f"Gaps in {item.codebook}", gaps)
            say(f"{item.export}: {columns:,} columns, {len(gaps):,} gaps")
        else:
            say(f"{item.export}: {columns:,} columns, and nothing that must be stated is missing")
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
        print_json([{"codebook": book.as_posix(), "accepted": names} for book, names in accepted.items()])
        return
    for book, names in accepted.items():
        say(f"{book.name}: the guesses of {len(names)} variable{'' if len(names) == 1 else 's'} are accepted")


@app.command(name="first-look", epilog="Example: trustkit first-look my_study")
def first_look(
    study: Annotated[Path, typer.Argument(help="A study's folder.", show_default=False)],
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


@app.command(epilog='Example: trustkit erase my_study R-102 --reason "request of 3 May"')
def erase(  # noqa: PLR0913  # a command's options, each of its own
    study: Annotated[Path, typer.Argument(help="A study's folder.", show_default=False)],
    respondent: Annotated[
        str,
        typer.Argument(metavar="ID", help="The respondent's id as in the export; - reads it from the input."),
    ] = "",
    *,
    reason: Annotated[str, typer.Option(help="Why, without telling who; it is kept.")] = "",
    on: Annotated[str, typer.Option(help="The day, such as 2026-05-03; today if not given.")] = "",
    column: Annotated[
        list[str] | None, typer.Option(help="The column of ids, if several hold this id; may be repeated.")
    ] = None,
    key: Annotated[
        Path | None, typer.Option(help="The key file, if files have pseudonyms in place of ids.")
    ] = None,
    convert: Annotated[
        bool,
        typer.Option("--convert", help="Put a Parquet file in the place of one that can't be written."),
    ] = False,
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
        say("the erasure is finished" if finish(study) else "there is no erasure to finish")
        return
    if respondent == "-":
        respondent = sys.stdin.readline().strip()
    columns = column or None
    unwritable: Unwritable = "convert" if convert else "refuse"
    if dry_run:
        files = erasing.rehearse_erasure(study, respondent, columns, key=key, unwritable=unwritable)
        print_json(records(files)) if as_json else print_table("Would be rewritten or deleted", files)
        return
    before = erasing.claims_of(study)
    day = on or _today()
    with steps(1) as tell:
        tell("erasing")
        erased = erasing.remove_respondent(
            study, respondent, reason=reason, on=day, column=columns, key=key, unwritable=unwritable
        )
        if not no_report:
            erased = erasing.with_report(erased, study, before, tell)
        rest = erasing.verify_erasure(study, erased)
    if as_json:
        frames = {"claims": erased.claims, "found": rest, "out_of_reach": erased.out_of_reach}
        told = {"on": erased.on, "deleted": list(erased.deleted), "notes": list(erased.notes)}
        print_json(
            {
                **told,
                "files": records(erased.files),
                **{name: records(frame) for name, frame in frames.items()},
            }
        )
    else:
        print_table(f"Erased on {erased.on}", erased.files)
        if len(rest):
            print_table("Still there", rest)
            if rest["place"].str.startswith("row ").any():
                say("To erase it from a table, name the column that holds it, too: --column")
        searched = (
            "that was searched " if any(note.startswith("Not searched") for note in erased.notes) else ""
        )
        nothing = [f"No file of the study {searched}holds the respondent any more."] if rest.empty else []
        for line in (*erasing.in_words(erased), *nothing):
            say(line)
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
        print_json({**told, "columns": records(expired.columns)})
        return
    if expired.columns.empty:
        say(f"No column's time was over on {expired.on}.")
    else:
        print_table("Would be removed" if dry_run else "Removed", expired.columns)
    for line in (*(f"deleted: {name}" for name in expired.deleted), *expired.notes):
        say(line)


@app.command(epilog="Example: trustkit publish my_study --to public")
def publish(
    study: Annotated[
        Path, typer.Argument(help="The study's folder, with its site in site/.", show_default=False)
    ],
    against: Annotated[
        Path | None,
        typer.Option(help="The site published before; differences of 1 to 9 respondents are found."),
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

    with steps(3 if to else 2) as tell:
        release = publish_study(study, against=against, to=to, tell=tell)
    leaks = release.leaks
    if as_json:
        about = {"site": release.site.as_posix(), "files": release.files, "bytes": release.size}
        copied = {"published": release.published.as_posix() if release.published else None}
        unsearched = {"not_searched": list(release.not_searched), "advice": list(release.advice)}
        print_json({**about, **copied, **unsearched, "found": records(leaks)})
    else:
        print_leaks(leaks)
        for words in release.not_searched:
            say(words)
        size = f"{release.files:,} files ({release.size / 1e6:,.1f} MB)"
        searched = f"{size} of {release.site.as_posix()} were searched"
        if len(leaks):
            verb = "thing was" if len(leaks) == 1 else "things were"
            say(f"{searched}: {len(leaks):,} {verb} found that must not be published")
            if len(leaks) > release.differences:
                say("Correct the notebook or the codebook, then: " + f"trustkit report {study.as_posix()}")
            for words in release.advice:
                say(words)
        else:
            say(f"{searched}: nothing was found that must not be published")
        if release.published:
            say(f"The site is copied to {release.published.as_posix()}")
        elif to:
            say(f"Nothing was copied to {to.as_posix()}")
    if len(leaks):
        raise typer.Exit(FOUND)


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


def _today() -> dt.date:
    """Return the day where the command runs; only commands read the clock, and no page does."""
    return dt.datetime.now().astimezone().date()


if __name__ == "__main__":
    main()
