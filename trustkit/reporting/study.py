"""A study of one's own: a folder made from an export, and what disagrees in it."""

from __future__ import annotations

import re
import shutil
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from trustkit.arguments import PATH, accepts
from trustkit.checksums import CHECKSUMS, digest_line, read_digests, verify_digest
from trustkit.claims.claims_file import read_claims
from trustkit.cleaning.clean import rehearse
from trustkit.display import markdown_text, visible
from trustkit.drafting.draft import draft_codebook
from trustkit.errors import DataError, TrustkitError, writing
from trustkit.files.erased_ids import unsearched
from trustkit.files.read import read, read_as_it_is
from trustkit.files.scratch_folders import scratch_folder
from trustkit.privacy.inventory import inventory
from trustkit.reporting.first_notebook import first_look
from trustkit.reporting.notebook_files import write_new_notebook
from trustkit.reporting.processed_data import processed_columns
from trustkit.reporting.review import open_guesses
from trustkit.reporting.used_columns import used_columns
from trustkit.survey.codebook_yaml import UNWRITTEN, read_codebook, write_codebook
from trustkit.weighting.targets import read_targets
from trustkit.yaml_documents import replace_file, scalar_text

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator

    from trustkit.claims.claims import Claim
    from trustkit.survey.codebook import Codebook

FIRST_NOTEBOOK = "01_first_look.ipynb"
"""The notebook that a new study begins with."""

CODEBOOK, CLAIMS, TARGETS = "codebook.yaml", "claims.yaml", "targets.yaml"

ABOUT_CODEBOOK = """\
Drafted by trustkit from {export}. Nobody has looked at it yet.
- `review` says what was guessed about a column. Correct what is wrong, then delete the review, or accept it:
  `trustkit accept STUDY --sure` accepts all guesses that change no figure, `trustkit accept STUDY VARIABLE`
  those of one column.
- `unsure: true` marks a guess that could change a figure. `trustkit check` ends with exit code 1 until you
  correct or accept it.
- purpose, consent and retention are yours to write: why the column is held, on what basis, how long.
- Write at the top: title, population, source, fieldwork, `sample: probability` if it is one, and
  `data: synthetic` if the answers are made up.
`trustkit check` lists where codebook and data disagree, and open guesses. See docs/own_study.md."""

CLAIMS_FILE = """\
# Figures that were published from these data, to be computed again and judged by `trustkit report`.
# To register one, write in place of the last line, for example:
#
# claims:
#   trust_in_brands:
#     title: Don't trust brands with their data
#     published: 40              # as printed: percent for shares, the variable's unit for means
#     variable: trust_brands     # a column of codebook.yaml
#     level: "No"                # one of its answers
#     alternatives:
#       - {base: asked, because: don't know and refused stay in the base}
#     source: Press release of 4 March
"""

README_FILE = """\
# {title}

A survey study made with trustkit from "{export}".

| where | what |
|---|---|
| `data/raw/{name}/` | the export and its checksum, never changed; `codebook.yaml`, `claims.yaml` to edit |
| `data/processed/` | what can be made again |
| `notebooks/` | the reports |
| `site/` | the rendered report |

```sh
trustkit check .     # what disagrees with the codebook, and what is still marked for review
trustkit report .    # run the notebooks, render the report
```

The export may hold personal data: look at `identifier` in the codebook before you share this folder.
"""

IGNORED = """\
# The export may hold personal data: uncomment the next line to keep it out of version control.
# /data/raw/*/{pattern}
/data/processed/*
!/data/processed/.gitkeep
/.trustkit/
/site/
.ipynb_checkpoints/
*.failed.ipynb
"""


@dataclass(frozen=True)
class Study:
    """A study that was made: its folder, the codebook's file, and how many rows, columns and guesses."""

    folder: Path
    codebook: Path
    rows: int
    columns: int
    guesses: int


@dataclass(frozen=True, eq=False)
class Checked:
    """An export compared with its codebook.

    Attributes
    ----------
    export, codebook
        The files' names.
    rows
        Respondents in the export.
    faults
        What disagrees, as `Survey.check` returns it, cleaning steps that can't be taken, and claims on what
        the codebook does not hold.
    review
        What was guessed and nobody has looked at: ``variable``, ``guessed``, and whether it is ``unsure``:
        whether it could change a figure.
    unwritten
        What is not written yet: ``what``, and how many variables lack it.
    gaps
        How many gaps the inventory of the export has (`trustkit.inventory`).
    unsearched
        Which erased respondents could not be looked for, in words; empty if all were (`erase`).
    """

    export: str
    codebook: str
    rows: int
    faults: pd.DataFrame
    review: pd.DataFrame
    unwritten: pd.DataFrame
    gaps: int
    unsearched: str = ""


def _untold(step: str) -> None:
    """Take a step's name and tell nobody."""


def new_study(
    folder: str | Path,
    export: str | Path,
    codebook: str | Path | None = None,
    *,
    sheet: str | None = None,
    encoding: str | None = None,
    tell: Callable[[str], None] = _untold,
) -> Study:
    r"""Make a study from an export: raw data with its checksum, a codebook, claims and a first notebook.

    The folder is made whole or not at all.

    Parameters
    ----------
    folder
        Where it goes; a folder that is there must be empty.
    export
        A file that `trustkit.read` reads. It is copied and never changed.
    codebook
        Its codebook, copied as it is. Without one a draft is made (`draft_codebook`).
    sheet, encoding
        As in `trustkit.read`; the draft keeps them. A codebook of your own must say them itself.
    tell
        Is called with the name of each step before it begins: reading, drafting unless there is a codebook,
        writing.

    Raises
    ------
    DataError
        If the folder is not empty, or the export can't be read.
    CodebookError
        With every fault of the codebook.

    Examples
    --------
    >>> import tempfile
    >>> place = Path(tempfile.mkdtemp())
    >>> _ = (place / "answers.csv").write_text("sex,age\n" + "1,34\n2,51\n" * 9)
    >>> made = new_study(place / "study", place / "answers.csv")
    >>> made.rows, made.columns, made.guesses
    (18, 2, 2)
    >>> [check_export(*files).faults.empty for files in study_exports(place / "study")]
    [True]
    """
    accepts(folder=(folder, PATH), export=(export, PATH))
    folder, export = Path(folder), Path(export)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise DataError(
            "the folder is not empty, or it is a file",
            where=folder.as_posix(),
            do="name a new or an empty folder",
        )
    above = next(part for part in folder.resolve().parents if part.exists())
    if not above.is_dir():
        raise DataError(
            "a folder can't be made inside a file",
            where=folder.as_posix(), got=f"{above.name} is a file", do="name another folder",
        )  # fmt: skip
    if export.name in (CODEBOOK, CLAIMS, TARGETS, CHECKSUMS):
        raise DataError("the export has the name of a study's own file", got=export.name, do="rename it")
    if codebook is not None and (sheet or encoding):
        raise DataError(
            "a codebook of your own says itself which sheet and encoding are read",
            where=Path(codebook).as_posix(), got=f"sheet {sheet!r}, encoding {encoding!r}",
            do="write sheet: or encoding: at the top of the codebook",
        )  # fmt: skip
    tell(f"reading {export.name}")
    survey = read(export, codebook, sheet=sheet, encoding=encoding)
    home = folder.resolve()
    name = re.sub(r"\W+", "_", home.name).strip("_").lower() or "study"
    title = re.sub(r"[\W_]+", " ", home.name).strip() or "Study"
    with writing(folder), scratch_folder(home.parent, ".study-") as scratch, _named_as(scratch, folder):
        made = scratch / "study"
        raw = made / "data" / "raw" / name
        for part in (raw, made / "data" / "processed", made / "notebooks"):
            part.mkdir(parents=True)
        shutil.copyfile(export, raw / export.name)
        replace_file(raw / CHECKSUMS, digest_line(export.name, survey.digest))
        verify_digest(raw / export.name)
        if codebook is None:
            tell("drafting its codebook")
            about = ABOUT_CODEBOOK.format(export=export.name)
            draft = draft_codebook(survey)
            if draft.title == export.stem:
                draft = replace(draft, title=title)
            write_codebook(draft, raw / CODEBOOK, about=about)
            survey = read(raw / export.name, raw / CODEBOOK)
        else:
            shutil.copyfile(codebook, raw / CODEBOOK)
        tell("writing the first notebook")
        replace_file(
            raw / CLAIMS,
            f"title: {scalar_text(f'Figures published on {title}')}\n{CLAIMS_FILE}claims: {{}}\n",
        )
        title = survey.codebook.title or title
        cells = first_look(survey, title=title, folder=f"../data/raw/{name}/", export=export.name)
        write_new_notebook(cells, made / "notebooks" / FIRST_NOTEBOOK)
        replace_file(
            made / "README.md",
            README_FILE.format(title=markdown_text(title), export=markdown_text(export.name), name=name),
        )
        replace_file(
            made / ".gitignore", IGNORED.format(pattern=f"*{visible(export.suffix, lines='joined')}")
        )
        (made / "data" / "processed" / ".gitkeep").touch()
        if home.exists():  # empty, and perhaps the folder that the user stands in
            for part in made.iterdir():
                part.rename(home / part.name)
        else:
            made.rename(home)
    book = survey.codebook.compact()  # boxes that were read from one column of the export are one column
    return Study(
        folder,
        folder / raw.relative_to(made) / CODEBOOK,
        len(survey.data),
        survey.data.shape[1] - len(survey.codebook.variables) + len(book.variables),
        sum(bool(variable.review) for variable in book.variables.values()),
    )


@contextmanager
def _named_as(scratch: Path, folder: Path) -> Iterator[None]:
    """Name the folder that the user knows in errors of files that are written elsewhere at first."""
    try:
        yield
    except TrustkitError as fault:
        raise fault.moved(str(scratch / "study"), folder.as_posix()) from fault


def redraw_first_look(folder: str | Path) -> Path:
    """Write a study's first notebook again, after what its codebook says now; the old one is kept beside it.

    Parameters
    ----------
    folder
        The study. Its first export is looked at, weighted to ``targets.yaml`` if that file is beside it.

    Returns
    -------
    Path
        The notebook, not run yet. One that was there has the further ending ``.before``, so that it is no
        part of the report.

    Raises
    ------
    DataError
        If there is no export, or it has changed since its checksum was taken.
    CodebookError, TargetsError
        With every error in the codebook or in the targets.
    """
    folder = Path(folder)
    export, codebook = study_exports(folder)[0]
    targets = export.with_name(TARGETS)
    survey = read(export, codebook)
    title = survey.codebook.title or re.sub(r"[\W_]+", " ", folder.resolve().name).strip() or "Study"
    place = f"../{export.parent.relative_to(folder).as_posix()}/"
    cells = first_look(
        survey,
        title=title,
        folder=place,
        export=export.name,
        targets=read_targets(targets) if targets.is_file() else None,
    )
    notebook = folder / "notebooks" / FIRST_NOTEBOOK
    if notebook.exists():
        before = notebook.read_text(encoding="utf-8")
        replace_file(notebook.with_name(f"{FIRST_NOTEBOOK}.before"), before)
    write_new_notebook(cells, notebook)
    return notebook


def study_exports(folder: str | Path) -> list[tuple[Path, Path]]:
    """List a study's exports, each with its codebook.

    An export is a file that a ``SHA256SUMS`` below ``data/raw/`` lists beside a ``codebook.yaml`` (or a
    ``codebook_<export>.yaml`` of its own).

    Raises
    ------
    DataError
        If there is none.
    """
    accepts(folder=(folder, PATH))
    folder = Path(folder)
    exports = list(_exports(folder))
    if not exports:
        raise DataError(
            "there is no export with a codebook",
            where=folder.as_posix(),
            expected=f"data/raw/<study>/ with an export that {CHECKSUMS} lists, and {CODEBOOK}",
            do=f"make a study: trustkit new {folder.as_posix()} --from EXPORT",
        )
    return exports


def _exports(folder: Path) -> Iterator[tuple[Path, Path]]:
    """Iterate over a study's exports and their codebooks."""
    for listing in sorted((folder / "data" / "raw").rglob(CHECKSUMS)):
        names = [name for name in read_digests(listing.parent) if Path(name).suffix not in (".yaml", ".md")]
        for name in names:
            own = listing.with_name(f"codebook_{Path(name).stem}.yaml")
            codebook = own if own.is_file() else listing.with_name(CODEBOOK)
            if codebook.is_file() and (
                len(names) == 1 or own.is_file() or _describes(codebook, listing.with_name(name))
            ):
                yield listing.with_name(name), codebook


def _describes(codebook: Path, export: Path) -> bool:
    """Return whether a codebook is that of one of several exports: it shares a column with it."""
    book = read_codebook(codebook)
    survey = read_as_it_is(export, sheet=book.sheet or None, encoding=book.encoding or None)
    return bool(book.variables.keys() & set(survey.data.columns))


def check_export(
    export: str | Path,
    codebook: str | Path,
    *,
    study: Path | None = None,
    on: dt.date | None = None,
    tell: Callable[[str], None] = _untold,
) -> Checked:
    """Compare an export with its codebook, the cleaning list with both, and so the claims beside it.

    Parameters
    ----------
    export, codebook
        The files.
    study
        The folder of the study, whose notebooks name the columns that are used; None: that is not compared.
    on
        The day on which the terms of columns are compared; None: they are not.
    tell
        Is called with the name of each step before it begins: reading, checking.

    Raises
    ------
    DataError
        If the export can't be read, or has changed since its checksum was taken.
    CodebookError, ClaimError
        With every fault of the codebook or of the claims.
    """
    export, codebook = Path(export), Path(codebook)
    tell(f"reading {export.name}")
    survey = read(export, codebook)
    tell(f"checking {export.name}")
    book = survey.codebook
    claims = export.with_name(CLAIMS)
    unfit, cleaned = rehearse(survey)  # claims are judged after cleaning, and may name what it makes
    wrong = [_fault("", "cleaning step", str(fault)) for fault in unfit]
    wrong += _claims_faults(read_claims(claims), cleaned.codebook) if claims.is_file() else []
    faults = pd.concat([survey.check(), pd.DataFrame(wrong, columns=FAULT)], ignore_index=True)
    written = book.compact().variables.values()  # as in the file: boxes of one column are one variable
    lacked = [
        (name, "") for name in ("title", "population", "source", "fieldwork") if not getattr(book, name)
    ]
    lacking = [(name, sum(not getattr(variable, name) for variable in written)) for name in UNWRITTEN]
    columns = [(name, f"{count} of {len(written)} variables") for name, count in lacking if count]
    used = None if study is None else sorted(used_columns(study, export, book))
    processed = None if study is None else processed_columns(study)
    columns_held = [str(name) for name in survey.data.columns]
    held = inventory(book, columns=columns_held, used=used, on=on, cleaned=processed)
    return Checked(
        export.name,
        codebook.name,
        len(survey.data),
        faults,
        open_guesses(book),
        pd.DataFrame(lacked + columns, columns=["what", "of"]),
        len(held.gaps),
        next(filter(None, map(unsearched, export.absolute().parents)), ""),
    )


FAULT = ["variable", "rule", "value", "count", "rows"]


def _claims_faults(claims: tuple[Claim, ...], book: Codebook) -> list[dict[str, object]]:
    """Find claims on variables and answers that the codebook does not hold."""
    faults = []
    for claim in claims:
        for reading in (claim.reading, *claim.alternatives):
            try:
                variable = book[reading.variable] if reading.variable else None
            except TrustkitError:
                faults.append((reading.variable, "claim on no variable", claim.name))
                continue
            if variable is not None and reading.level and reading.level not in variable.asked_labels:
                faults.append((reading.variable, "claim on no answer", f"{claim.name}: {reading.level}"))
    return [_fault(*fault) for fault in dict.fromkeys(faults)]


def _fault(variable: str, rule: str, value: str) -> dict[str, object]:
    """Return a fault of no respondent, in the columns of `Survey.check`."""
    return {"variable": variable, "rule": rule, "value": value, "count": 0, "rows": ""}
