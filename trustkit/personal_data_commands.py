"""The commands about people's data: what is held and why, what may be published, and what is deleted."""

from __future__ import annotations

import sys
from pathlib import Path  # noqa: TC003  # the annotations are read when a command runs
from typing import TYPE_CHECKING, Annotated

import typer

from trustkit.command_options import FOUND, AsJson, Study, today
from trustkit.command_output import (
    print_gaps,
    print_json,
    print_leaks,
    print_table,
    records,
    say,
    steps,
)
from trustkit.errors import how_many

if TYPE_CHECKING:
    from trustkit.erasure.plan import Unwritable


def audit(
    study: Study,
    on: Annotated[
        str | None,
        typer.Option("--on", help="The day to compare terms with, as 2026-03-31; today if not given."),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="List every gap of every column.")] = False,  # noqa: FBT002
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """List what a study holds without a stated purpose, basis, permission or term, or without any use.

    Ends with exit code 1 if there is such a gap.
    """
    from trustkit.reporting.audit import audit_study  # noqa: PLC0415

    with steps(1) as tell:
        tell("comparing the codebooks with the data and the notebooks")
        audited = audit_study(study, on=on or today())
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
            print_gaps(f"Gaps in {item.codebook} of {item.export}", gaps, every=every)
            named = "" if every else "; each by its column with --all"
            gaps_counted = how_many(len(gaps), "gap")
            say(f"{item.export}: {how_many(columns, 'column')}, {gaps_counted}{named}")
        else:
            say(f"{item.export}: {columns:,} columns, and nothing that must be stated is missing")
    if any(len(item.inventory.gaps) for item in audited):
        raise typer.Exit(FOUND)


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
    from trustkit.publishing.release_check import publish_study  # noqa: PLC0415

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


def erase(  # noqa: PLR0913  # a command's options, each of its own
    study: Study,
    respondent: Annotated[
        str,
        typer.Argument(metavar="ID", help="The respondent's id as in the export; - reads it from the input."),
    ] = "",
    *,
    reason: Annotated[str, typer.Option(help="Why, without telling who; it is kept.")] = "",
    on: Annotated[str, typer.Option(help="The day, such as 2026-05-03; today if not given.")] = "",
    column: Annotated[
        list[str] | None,
        typer.Option(metavar="<str>", help="The column of ids, if several hold this id; may be repeated."),
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
    resume: Annotated[
        bool, typer.Option("--resume", help="Finish an erasure or expiry that was interrupted.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Erase one respondent from a study's raw and processed data, notebooks and site, and keep a tombstone.

    Ends with exit code 1 if a file of the study still holds the respondent afterwards.
    """
    from trustkit.erasure import erasure as erasing  # noqa: PLC0415
    from trustkit.erasure.journal import finish  # noqa: PLC0415

    if resume:
        finished = finish(study)
        if as_json:
            print_json({"finished": finished})
        else:
            say("the erasure is finished" if finished else "there is no erasure to finish")
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
    day = on or today()
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


def expire(
    study: Study,
    on: Annotated[str, typer.Option(help="The day to compare terms with, such as 2026-04-01.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, and stop.")] = False,  # noqa: FBT002
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Remove the columns whose time is over (keep_until) from a study's raw and processed data."""
    from trustkit.erasure import expiry  # noqa: PLC0415

    expired = expiry.rehearse_expiry(study, on=on) if dry_run else expiry.expire(study, on=on)
    if as_json:
        told = {"on": expired.on, "deleted": list(expired.deleted), "notes": list(expired.notes)}
        print_json({**told, "columns": records(expired.columns)})
        return
    if expired.columns.empty:
        say(f"No column's time was over on {expired.on}.")
    else:
        print_table("Would be removed" if dry_run else "Removed", expired.columns)
    word = "would be deleted" if dry_run else "deleted"
    for line in (*(f"{word}: {name}" for name in expired.deleted), *expired.notes):
        say(line)
