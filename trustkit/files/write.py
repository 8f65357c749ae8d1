"""Surveys written for other programs: SPSS files and Parquet, with what the codebook says.

A file is written under a temporary name, read again to see what it kept, and renamed when it is whole.
Raw data is never overwritten.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from trustkit.arguments import PATH, SURVEY, accepts
from trustkit.errors import DataError, how_many, writing
from trustkit.files.file_places import refuse_place
from trustkit.files.parquet import write_parquet
from trustkit.files.read import read
from trustkit.files.scratch_folders import scratch_folder
from trustkit.files.spss_writer import about, write_spss
from trustkit.survey.codebook import Codebook
from trustkit.survey.codebook_json import to_record
from trustkit.survey.quoted_cells import quoted_cell
from trustkit.survey.variable import Variable, code_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from trustkit.survey.survey import Survey

SCRATCH = ".trustkit-write-"
"""How the folder that a file is written in begins; the next run removes what a killed one left."""

ROOM = 1 << 20
"""How many bytes there must be room for on a disk that is not full."""

UNTOLD = ("name", "review")
"""The fields of a variable that are not compared after writing."""


SPSS_LACKS = (
    "scores", "reverse", "low", "high", "asked", "purpose", "consent", "identifier", "retention",
    "short", "basis", "special", "permission", "keep_until", "nets", "statistic",
    "last",
)  # fmt: skip
"""What SPSS files have no place for."""

THE_STUDY = "the study"
"""What stands in place of a variable where the file lacks something that the codebook says of all rows."""

NO_PLACE = "no place for it"

NOT_OF_ROWS = ("variables", "sets", "joined", "sheet", "encoding")
"""Fields of a codebook that are not compared as a whole: variables and their sets are compared one by one,
and the others tell how the raw file was read."""


def write(survey: Survey, path: str | Path) -> pd.DataFrame:
    """Write a survey for another program, with its labels, missing codes and sets as far as that takes them.

    Parameters
    ----------
    survey
        The survey, raw or cleaned. Answers are written as the codes of its codebook.
    path
        Where to: ``.sav`` (SPSS) or ``.parquet``, which also keeps the whole codebook. A file that is
        there is replaced, unless it is raw data.

    Returns
    -------
    DataFrame
        What the file could not keep, told by reading it again: ``variable``, ``what``, ``survey``,
        ``file``. Empty if all was kept. Where ``variable`` is "the study", the file lacks what the codebook
        says of all rows, such as the purpose that they may be used for (``used_for``).

    Raises
    ------
    DataError
        If the format is unknown, the place is a raw file's, the folder is missing or the disk is full.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> sex = tk.Variable("sex", "Sex", "single", codes={1: "Men", 2: "Women"}, missing={9: "refused"})
    >>> book = tk.Codebook({"sex": sex}, title="Example study")
    >>> answers = tk.Survey(pd.DataFrame({"sex": [1, 2, 9]}), book)
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "answers.sav"
    >>> tk.write(answers, file).empty
    True
    >>> tk.read(file).data["sex"].tolist()
    ['Men', 'Women', 'Refused']
    """
    accepts(survey=(survey, SURVEY), path=(path, PATH))
    path = Path(path)
    writer = WRITERS.get(path.suffix.casefold())
    if writer is None:
        raise DataError(
            "no such format to write", where=path.as_posix(), got=path.suffix or "no suffix",
            expected=" or ".join(WRITERS), do="name the file so",
        )  # fmt: skip
    refuse_place(path, source=survey.source)
    with writing(path), scratch_folder(path.parent, SCRATCH) as folder:
        part = folder / "temporary" / path.name
        part.parent.mkdir()
        try:
            names = writer(survey, part)
            losses = _losses(survey, read(part), names)
        except UnicodeEncodeError as fault:
            raise DataError(
                "a text holds half of a character, which no file can hold",
                where=path.as_posix(), got=f"U+{ord(fault.object[fault.start]):04X}",
                expected="text that is valid Unicode", do="read the data again with the encoding they are in",
            ) from None  # fmt: skip
        except DataError:  # some writers say nothing of a full disk, and what they wrote can't be read
            (part.parent / "room").write_bytes(bytes(ROOM))
            raise
        part.replace(path)
    return losses


WRITERS: dict[str, Callable[[Survey, Path], dict[str, str]]] = {
    ".sav": write_spss,
    ".parquet": write_parquet,
}
"""Suffix -> what writes such a file, and returns the survey's names -> the file's."""


def _losses(survey: Survey, again: Survey, names: Mapping[str, str]) -> pd.DataFrame:
    """List what a file did not keep; what its format has no place for once, not variable by variable."""
    rows: list[tuple[str, str, str, str]] = []
    homeless: dict[str, int] = {}
    for old, new in names.items():
        if old != new:
            rows.append((old, "name", old, new))
        differ = _differ(survey.data[old], again.data[new])
        if differ.any():
            first = int(differ.argmax())
            cells = survey.data[old].iloc[first], again.data[new].iloc[first]
            ours, theirs = (quoted_cell(cell, survey.codebook.variables.get(old)) for cell in cells)
            rows.append((old, f"data of {int(differ.sum()):,} rows, first {first}", ours, theirs))
        pair = survey.codebook.variables.get(old), about(again, new)
        for item in (item.name for item in fields(Variable) if pair[0] and item.name not in UNTOLD):
            written, reread = (_plain(getattr(variable, item)) for variable in pair)
            if written != reread and item in SPSS_LACKS:
                homeless[item] = homeless.get(item, 0) + 1
            elif written != reread:
                rows.append((old, item, str(written), str(reread)))
    for item, count in homeless.items():
        rows.append((how_many(count, "variable"), item, "described", NO_PLACE))
    rows += _study_losses(survey.codebook, again.codebook)
    return pd.DataFrame(rows, columns=["variable", "what", "survey", "file"])


def _study_losses(ours: Codebook, theirs: Codebook) -> Iterator[tuple[str, str, str, str]]:
    """List what a file did not keep of the study as a whole."""
    for name in (item.name for item in fields(Codebook) if item.name not in NOT_OF_ROWS):
        written, reread = getattr(ours, name), getattr(theirs, name)
        if written and to_record(written) != to_record(reread):
            shown = [_words(value) for value in (written, reread)]
            yield THE_STUDY, name, shown[0] or "described", shown[1] or NO_PLACE


def _words(value: object) -> str:
    """Return a field that is text, or a list of texts, in words; "" for another."""
    if isinstance(value, tuple) and all(isinstance(part, str) for part in value):
        return ", ".join(value)
    return value if isinstance(value, str) else ""


def _differ(ours: pd.Series, theirs: pd.Series) -> pd.Series:
    """Return in which rows two columns differ; empty cells are equal."""
    one, two = ours.reset_index(drop=True), theirs.reset_index(drop=True)
    if one.dtype != two.dtype:
        one, two = (column.map(code_text, na_action="ignore").astype("str") for column in (one, two))
    same = (one == two) | (one.isna() & two.isna())
    return ~same.astype(bool)


def _plain(value: object) -> object:
    """Write codes alike, whether they are numbers or text; one whose label is itself has none."""
    if not isinstance(value, Mapping):
        return value
    return {code_text(key): part for key, part in value.items() if part != code_text(key)}
